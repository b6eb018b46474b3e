//! Signatures as a host app makes them, written from the guide and not with the program's code.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Lower-case hex of HMAC-SHA256 of the e-mail, keyed by the whole secret string.
pub(crate) fn sign(secret: &str, email: &str) -> String {
    hex(&mac(secret, email))
}

/// The same as raw bytes.
pub(crate) fn mac(secret: &str, email: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key length");
    mac.update(email.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_published_examples_are_what_host_apps_compute() {
    let examples = [
        (
            "user@example.com",
            "5f7639f62f7bdf390af6f2bfa1107eda2270c98b4027dbb710666b38b83dfb1b",
        ),
        (
            "User@Example.com",
            "612598f6e0f66eec95e7ac9e2cb67eccbb390791c40ccd8b25d865c752757b09",
        ),
        (
            "jane+tag@example.com",
            "38ef39c0511427fa56bdbfe6b3ab32820264ff28658aaba61dd98997d36eb436",
        ),
        (
            "ünï@example.com",
            "507846dbd7b040b0581afd9425d65b7f44c8ad66e429ef23255a1b41a0a683f0",
        ),
    ];
    for (email, signature) in examples {
        assert_eq!(sign("hdh_secret_xxxxxxxxxxxxxxxx", email), signature, "{email}");
    }
}
