//! Signatures against vectors; the integration tests have another program verify them.

use super::*;

/// The mail and key of RFC 8463, appendix A.
const MAIL: &[u8] = b"From: Joe SixPack <joe@football.example.com>\r\n\
To: Suzie Q <suzie@shopping.example.net>\r\n\
Subject: Is dinner ready?\r\n\
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\
\r\n\
Hi.\r\n\
\r\n\
We lost the game.  Are you hungry yet?\r\n\
\r\n\
Joe.\r\n";

fn seed() -> [u8; 32] {
    STANDARD
        .decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
        .unwrap()
        .try_into()
        .unwrap()
}

fn key() -> DkimKey {
    DkimKey::new(&SecretKey::ed25519(&seed()), "brisbane", "football.example.com").unwrap()
}

#[test]
fn the_key_and_the_body_hash_of_the_rfc() {
    assert_eq!(
        key().record(),
        Record {
            name: "brisbane._domainkey.football.example.com".to_owned(),
            value: "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".to_owned(),
        }
    );
    let (_, body) = canonical::split(MAIL).unwrap();
    assert_eq!(
        STANDARD.encode(Form::Relaxed.body_hash(body).0),
        "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
    );
}

#[test]
fn headers_that_matter_are_signed_and_cannot_be_added_again() {
    let signed = String::from_utf8(key().sign(MAIL, 1_780_000_000)).unwrap();
    assert!(signed.ends_with(std::str::from_utf8(MAIL).unwrap()));
    let packed: String = signed.split_whitespace().collect();
    let names = packed.split("h=from").nth(1).unwrap().split(';').next().unwrap();
    assert_eq!(
        names,
        ":to:subject:date:message-id:from:to:reply-to:subject:cc:date:message-id:content-type"
    );
    assert!(signed.split("\r\n").all(|line| line.len() <= 100), "{signed}");
}

#[test]
fn selectors_and_keys_are_checked() {
    for bad in ["", "a.b", "-a", "a-", "a b", "ä", "a;d=evil", &"a".repeat(64)] {
        let refused = DkimKey::new(&SecretKey::ed25519(&seed()), bad, "x.example").err();
        assert_eq!(refused, Some(InvalidKey::Selector), "{bad}");
    }
    assert_eq!(SecretKey::from_pem("hello").unwrap_err(), InvalidKey::NotPem);
    let junk = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    assert_eq!(SecretKey::from_pem(junk).unwrap_err(), InvalidKey::Unusable);
    assert!(
        !format!("{:?}", SecretKey::ed25519(&seed())).contains("157"),
        "no byte is printed"
    );
}

#[test]
fn long_records_are_cut_for_zone_files() {
    let record = Record {
        name: "n".to_owned(),
        value: "x".repeat(300),
    };
    assert_eq!(
        record.quoted(),
        format!("\"{}\" \"{}\"", "x".repeat(255), "x".repeat(45))
    );
}
