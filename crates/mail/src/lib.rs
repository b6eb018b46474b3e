//! Mail without I/O: addresses as identities, so far.
