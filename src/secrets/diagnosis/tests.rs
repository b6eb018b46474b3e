use super::super::signature::{self, to_hex};
use super::*;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Its random part is base64url, as that of every secret is.
const LIVE: &str = "hdh_secret_Q3vT8mZc1LrX9pWd5hJy2NaE7bKsU0fG4iRo6tBxk7Q";
const OLD: &str = "hdh_secret_b7Kx2mQ9vTn4sLw8RzYc1HdJ6gPfU3aE5iXo0BqMtNk";
const EMAIL: &str = "jane.doe+tag@example.com";

fn texts() -> SecretTexts {
    SecretTexts {
        live: vec![Zeroizing::new(LIVE.as_bytes().to_vec())],
        revoked: vec![Zeroizing::new(OLD.as_bytes().to_vec())],
    }
}

fn helpdesk() -> HelpdeskId {
    "0197f3c0-0000-7000-8000-000000000001".parse().expect("an id")
}

fn tag(key: &[u8], message: &[u8]) -> Tag {
    SigningKey::new(key).tag(message)
}

fn hex(key: impl AsRef<[u8]>, message: impl AsRef<[u8]>) -> String {
    to_hex(&tag(key.as_ref(), message.as_ref()))
}

fn sha256(text: impl AsRef<[u8]>) -> Tag {
    Sha256::digest(text.as_ref()).into()
}

/// What was sent as the address, what was sent as the signature, and the mistake behind it.
fn mistakes() -> Vec<(&'static str, String, Cause)> {
    let right = hex(LIVE, EMAIL);
    let raw = tag(LIVE.as_bytes(), EMAIL.as_bytes());
    let with_key = |key: String, cause| (EMAIL, hex(key, EMAIL), cause);
    let of_text = |text: &str, cause| (EMAIL, hex(LIVE, text), cause);
    let random = LIVE.strip_prefix("hdh_secret_").expect("the prefix");
    let utf16: Vec<u8> = EMAIL.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        // The signature did not arrive.
        (EMAIL, String::new(), Cause::Missing),
        (EMAIL, "{{ signature }}".to_owned(), Cause::Missing),
        (EMAIL, "<%= signature %>".to_owned(), Cause::Missing),
        (EMAIL, "undefined".to_owned(), Cause::Missing),
        (EMAIL, "[object Promise]".to_owned(), Cause::Missing),
        // Its form.
        (EMAIL, STANDARD.encode(raw), Cause::Base64),
        (
            EMAIL,
            URL_SAFE_NO_PAD.encode(tag(LIVE.as_bytes(), b"a4@b")),
            Cause::NotHex,
        ),
        (EMAIL, STANDARD.encode(right.as_bytes()), Cause::EncodedTwice),
        (EMAIL, signature_hex_of(right.as_bytes()), Cause::EncodedTwice),
        (EMAIL, format!("sha256={right}"), Cause::Wrapped),
        (EMAIL, format!("\"{right}\""), Cause::Wrapped),
        (EMAIL, format!("0x{right}"), Cause::Wrapped),
        (EMAIL, right[..63].to_owned(), Cause::CutOff),
        (EMAIL, right[..32].to_owned(), Cause::CutOff),
        (EMAIL, "hello".to_owned(), Cause::NotHex),
        (EMAIL, "zz".repeat(32), Cause::NotHex),
        (EMAIL, format!("{right}0"), Cause::NotHex),
        // Another secret or none.
        (EMAIL, hex(OLD, EMAIL), Cause::RevokedSecret),
        with_key(format!("{LIVE}\n"), Cause::SecretWithNewline),
        with_key(format!("{LIVE}\r\n"), Cause::SecretWithNewline),
        with_key(format!("{LIVE} "), Cause::SecretWithSpace),
        with_key(format!(" {LIVE}"), Cause::SecretWithSpace),
        with_key(format!("\"{LIVE}\""), Cause::SecretInQuotes),
        with_key(format!("'{LIVE}'"), Cause::SecretInQuotes),
        with_key(format!("HELPDESKY_HMAC_SECRET={LIVE}"), Cause::SecretWithName),
        with_key(random.to_owned(), Cause::SecretWithoutPrefix),
        (
            EMAIL,
            hex(URL_SAFE_NO_PAD.decode(random).expect("base64url"), EMAIL),
            Cause::SecretDecoded,
        ),
        (EMAIL, hex(sha256(LIVE), EMAIL), Cause::SecretDecoded),
        // Node's Buffer.from(secret, "hex") is empty, and so is a variable that is not set.
        with_key(String::new(), Cause::SecretEmpty),
        with_key("undefined".to_owned(), Cause::SecretPlaceholder),
        with_key("hdh_secret_xxxxxxxxxxxxxxxx".to_owned(), Cause::SecretPlaceholder),
        with_key(
            "hdh_secret_of another helpdesk".to_owned(),
            Cause::OtherSecretOrText,
        ),
        // Not an HMAC, or one the wrong way round.
        (EMAIL, hex(EMAIL, LIVE), Cause::Swapped),
        (EMAIL, to_hex(&sha256(EMAIL)), Cause::PlainHash),
        (EMAIL, to_hex(&sha256(format!("{LIVE}{EMAIL}"))), Cause::PlainHash),
        (
            EMAIL,
            to_hex(&sha256(format!("{EMAIL}:{LIVE}"))),
            Cause::PlainHash,
        ),
        // Another text.
        of_text("Jane.Doe+tag@example.com", Cause::OtherCase),
        of_text("JANE.DOE+TAG@EXAMPLE.COM", Cause::OtherCase),
        of_text("jane.doe+tag@example.com\n", Cause::OtherSpace),
        of_text(" jane.doe+tag@example.com", Cause::OtherSpace),
        of_text("\"jane.doe+tag@example.com\"", Cause::QuotedEmail),
        of_text("jane.doe%2Btag%40example.com", Cause::EncodedEmail),
        of_text("mailto:jane.doe+tag@example.com", Cause::EncodedEmail),
        (EMAIL, hex(LIVE, utf16), Cause::OtherEncoding),
        of_text("jane.doe+tag", Cause::OtherField),
        of_text("0197f3c0-0000-7000-8000-000000000001", Cause::OtherField),
        of_text("", Cause::NothingSigned),
        of_text("undefined", Cause::NothingSigned),
        of_text("user-17", Cause::OtherSecretOrText),
        of_text("jane.doe@example.com", Cause::OtherSecretOrText),
        (
            "\u{fc}n\u{ef}@example.com",
            hex(LIVE, b"\xfcn\xef@example.com"),
            Cause::OtherEncoding,
        ),
    ]
}

fn signature_hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn each_mistake_is_named() {
    let key = SigningKey::new(LIVE.as_bytes());
    for (email, given, cause) in mistakes() {
        assert_eq!(
            signature::verify([&key].into_iter(), email, &given),
            None,
            "{cause:?} is refused"
        );
        assert_eq!(diagnose(&texts(), helpdesk(), email, &given), cause, "{given}");
    }
}

#[test]
fn each_other_algorithm_is_named_in_hex_and_base64() {
    // HMAC over user@example.com with hdh_secret_xxxxxxxxxxxxxxxx, by another implementation.
    for (given, cause) in [
        ("5e1c1829638380c67106f345e487109d", Cause::Md5),
        ("XhwYKWODgMZxBvNF5IcQnQ==", Cause::Md5),
        ("6289b2aacc8ed0a1e2ec20c055cd2b8f5a67e3d5", Cause::Sha1),
        ("YomyqsyO0KHi7CDAVc0rj1pn49U=", Cause::Sha1),
        (
            "88eb026c43a35009bc649b6f0fd3dcca7f2e9a7d05179a4079c3dead",
            Cause::OtherAlgorithm,
        ),
        (
            "9567223698d91a5ea53a8fbb84312bb7738f0b9d8ae5749360e7f8f40dda44b91aa1a39a9e489d1b59be95f461ac4808",
            Cause::Sha384,
        ),
        (
            "lWciNpjZGl6lOo+7hDErt3OPC52K5XSTYOf49A3aRLkaoaOankidG1m+lfRhrEgI",
            Cause::Sha384,
        ),
        (
            "fb0e56607a7e63291c2920f478a6bc72098e255db2387684716a15801ea0c166f74461a83006ad20c82bb3826ee9dabd183926599e5789cb940b3c5d9c124286",
            Cause::Sha512,
        ),
        (
            "+w5WYHp+YykcKSD0eKa8cgmOJV2yOHaEcWoVgB6gwWb3RGGoMAatIMgrs4Ju6dq9GDkmWZ5XicuUCzxdnBJChg==",
            Cause::Sha512,
        ),
    ] {
        assert_eq!(
            diagnose(&texts(), helpdesk(), "user@example.com", given),
            cause,
            "{given}"
        );
    }
}

#[test]
fn base64url_is_told_from_base64() {
    // An address whose tag has a letter that only base64url has.
    let email = (0..100)
        .map(|number| format!("user{number}@example.com"))
        .find(|email| {
            URL_SAFE_NO_PAD
                .encode(tag(LIVE.as_bytes(), email.as_bytes()))
                .contains(['-', '_'])
        })
        .expect("one of a hundred");
    let given = URL_SAFE_NO_PAD.encode(tag(LIVE.as_bytes(), email.as_bytes()));
    assert_eq!(diagnose(&texts(), helpdesk(), &email, &given), Cause::Base64Url);
}

#[test]
fn capital_hex_digits_and_space_around_them_are_no_mistake() {
    let key = SigningKey::new(LIVE.as_bytes());
    let given = format!(" {} \n", hex(LIVE, EMAIL).to_uppercase());
    assert_eq!(signature::verify([&key].into_iter(), EMAIL, &given), Some(0));
}

#[test]
fn without_a_secret_that_is_the_cause() {
    let none = SecretTexts {
        live: Vec::new(),
        revoked: Vec::new(),
    };
    assert_eq!(
        diagnose(&none, helpdesk(), EMAIL, &hex(LIVE, EMAIL)),
        Cause::NoSecret
    );
}

#[test]
fn every_cause_keeps_its_name_and_says_what_to_do() {
    for cause in cause::ALL {
        assert_eq!(Cause::from_name(cause.name()), *cause);
        let (what, remedy) = cause.explain();
        assert!(!what.ends_with('.') && remedy.ends_with('.'), "{what}: {remedy}");
        assert!(!(what.to_owned() + remedy).contains('!'), "{what}");
    }
}
