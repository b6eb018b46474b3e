//! DKIM (RFC 6376, 8463): a signature over a mail that receivers check against a record in the DNS.
