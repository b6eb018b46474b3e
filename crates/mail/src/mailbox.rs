//! Whom a mail is from and to: an address that mail can be sent to, and a name.
//!
//! Identity accepts nearly every text with an `@` ([`crate::Address`]); an envelope and a header do
//! not. What is no address of RFC 5321 (or 6531) is refused here, before a byte of it is sent.

use crate::one_line::one_line;
use mail_builder::headers::address::Address as AddressHeader;

const NAME_CHARACTERS: usize = 100;
const LOCAL_BYTES: usize = 64;
const DOMAIN_BYTES: usize = 253;
const LABEL_BYTES: usize = 63;
/// What stands in a local part without quotes besides letters and digits (RFC 5322, `atext`).
const ATOM_MARKS: &[u8] = b"!#$%&'*+-/=?^_`{|}~";

/// A name and an address that mail can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    name: String,
    local: String,
    domain: String,
}

/// Mail cannot be sent to this address. The sentence completes "the address …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmailable {
    /// What stands before the `@` is not allowed there.
    #[error("has something before the @ that mail does not allow")]
    Local,
    /// What stands after the `@` is no name of a host.
    #[error("has no good domain after the @")]
    Domain,
}

impl Mailbox {
    /// Checks an address for sending. The name may be any text: it is made one line. An
    /// international domain becomes ASCII; before the `@` all of UTF-8 is allowed, and then the mail
    /// needs SMTPUTF8.
    ///
    /// # Errors
    /// [`Unmailable`] says what is wrong with the address.
    pub fn new(name: &str, address: &str) -> Result<Self, Unmailable> {
        let (local, domain) = address.rsplit_once('@').ok_or(Unmailable::Domain)?;
        if !is_local_part(local) {
            return Err(Unmailable::Local);
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| Unmailable::Domain)?;
        if !is_domain(&domain) {
            return Err(Unmailable::Domain);
        }
        Ok(Self {
            name: one_line(name, NAME_CHARACTERS),
            local: local.to_owned(),
            domain,
        })
    }

    /// The address as it goes into the envelope.
    pub fn address(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// The name, as one line; may be empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The domain in ASCII.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// True when no server without SMTPUTF8 (RFC 6531) can take mail for it.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }

    pub(crate) fn header(&self) -> AddressHeader<'static> {
        let name = (!self.name.is_empty()).then(|| self.name.clone());
        AddressHeader::new_address(name, self.address())
    }
}

/// A dot-atom or a quoted string. Controls and white space never pass, quoted or not: some servers
/// read past quotes.
fn is_local_part(local: &str) -> bool {
    let is_text = |c: char| {
        c.is_ascii_graphic() || (!c.is_ascii() && !one_line(c.encode_utf8(&mut [0; 4]), 1).is_empty())
    };
    if local.is_empty() || local.len() > LOCAL_BYTES || !local.chars().all(is_text) {
        return false;
    }
    if let Some(inside) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        let mut escaped = false;
        for character in inside.chars() {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return false,
                _ => {}
            }
        }
        return !escaped && !inside.is_empty();
    }
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii() || ATOM_MARKS.contains(&byte))
    };
    local.split('.').all(is_atom)
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL_BYTES
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    domain.len() <= DOMAIN_BYTES && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_mail_allows_are_taken() {
        for (given, address, needs_smtputf8) in [
            ("user@example.com", "user@example.com", false),
            ("jane+tag@example.com", "jane+tag@example.com", false),
            (
                "a!#$%&'*+-/=?^_`{|}~b@example.com",
                "a!#$%&'*+-/=?^_`{|}~b@example.com",
                false,
            ),
            ("\"a@b\"@example.com", "\"a@b\"@example.com", false),
            ("root@localhost", "root@localhost", false),
            ("user@bücher.example", "user@xn--bcher-kva.example", false),
            ("ünï@example.com", "ünï@example.com", true),
            ("用户@例え.テスト", "用户@xn--r8jz45g.xn--zckzah", true),
        ] {
            let mailbox = Mailbox::new("", given).unwrap();
            assert_eq!(mailbox.address(), address);
            assert_eq!(mailbox.needs_smtputf8(), needs_smtputf8, "{given}");
        }
    }

    #[test]
    fn what_identity_accepts_and_mail_does_not_is_refused() {
        use Unmailable::*;
        let long = format!("{}@example.com", "a".repeat(65));
        for (given, why) in [
            ("a>b@example.com", Local),
            ("a,b@example.com", Local),
            ("a..b@example.com", Local),
            (".a@example.com", Local),
            ("a(b)@example.com", Local),
            ("\"a\\\"@example.com", Local),
            ("\"a\"b\"@example.com", Local),
            ("\"\"@example.com", Local),
            ("a b@example.com", Local),
            ("\"a b\"@example.com", Local),
            ("a\r\nRCPT TO:<x@y.example>@example.com", Local),
            ("a\u{85}b@example.com", Local),
            ("a\u{2028}b@example.com", Local),
            ("a\0b@example.com", Local),
            (long.as_str(), Local),
            ("user@", Domain),
            ("user", Domain),
            ("user@example..com", Domain),
            ("user@-example.com", Domain),
            ("user@exa_mple.com", Domain),
            ("user@[127.0.0.1]", Domain),
            ("user@example.com>", Domain),
            ("user@example.com\r\nDATA", Domain),
            ("user@example com", Domain),
        ] {
            assert_eq!(Mailbox::new("", given), Err(why), "{given:?}");
        }
    }
}
