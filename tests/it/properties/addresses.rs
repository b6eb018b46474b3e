//! Addresses as identities: one canonical form, the same in the program and in both databases.

use db::Tx;
use helpdesky::secrets::signature::{self, SigningKey};
use mail::Address;

use super::texts;
use crate::support::random::Random;
use crate::support::{TestApp, count, signing};

both_engines!(the_database_tells_addresses_apart_exactly_as_the_program_does);

#[test]
fn the_canonical_form_is_its_own_canonical_form() {
    let mut random = Random::new(1);
    let mut valid = 0;
    for _ in 0..count(20_000, 1_000_000) {
        let text = texts::address(&mut random);
        let Ok(address) = Address::parse(&text) else {
            continue;
        };
        valid += 1;
        assert_eq!(
            Address::parse(address.as_str()).as_ref(),
            Ok(&address),
            "{text:?}"
        );
        assert!(
            !address.as_str().chars().any(|letter| letter.is_ascii_uppercase()),
            "{text:?}"
        );
        let spaces = [' ', '\t', '\r', '\n', '\u{b}', '\u{c}'];
        assert_eq!(
            address.as_str(),
            text.trim_matches(spaces).to_ascii_lowercase(),
            "nothing but ASCII changes"
        );
    }
    assert!(valid > 1_000, "{valid} of the texts are addresses");
}

#[test]
fn no_unicode_address_ever_equals_an_ascii_one() {
    let mut random = Random::new(2);
    let mut compared = 0;
    for _ in 0..count(20_000, 1_000_000) {
        let text = texts::address(&mut random);
        let Ok(address) = Address::parse(&text) else {
            continue;
        };
        assert_eq!(address.as_str().is_ascii(), text.trim().is_ascii(), "{text:?}");
        compared += usize::from(!address.as_str().is_ascii());
    }
    assert!(compared > 1_000, "{compared} of the addresses are not ASCII");
}

#[test]
fn a_signature_opens_exactly_one_identity() {
    let mut random = Random::new(3);
    let secret = "hdh_secret_for_the_property";
    let (mut opened, mut refused) = (0, 0);
    for _ in 0..count(20_000, 1_000_000) {
        let signed = texts::address(&mut random);
        let sent = texts::variation(&mut random, &signed);
        let signature = signing::sign(secret, &signed);
        let key = SigningKey::new(secret.as_bytes());
        let accepted = signature::verify(std::iter::once(&key), &sent, &signature).is_some();
        let (Ok(signed), Ok(sent)) = (Address::parse(&signed), Address::parse(&sent)) else {
            continue;
        };
        if accepted {
            assert_eq!(signed, sent);
            opened += 1;
        } else {
            refused += 1;
        }
    }
    assert!(
        opened > 500 && refused > 500,
        "{opened} opened, {refused} refused"
    );
}

async fn the_database_tells_addresses_apart_exactly_as_the_program_does(app: TestApp) {
    let mut random = Random::new(4);
    let (mut equal, mut different) = (0, 0);
    while equal + different < count(3_000, 1_000_000) {
        let text = texts::address(&mut random);
        let other = texts::variation(&mut random, &text);
        let (Ok(one), Ok(two)) = (Address::parse(&text), Address::parse(&other)) else {
            continue;
        };
        let (first, second) = (one.as_str().to_owned(), two.as_str().to_owned());
        let read = app.app.db().read(async move |tx: &mut Tx| {
            let sql = "SELECT CAST($1 AS TEXT), CAST($1 AS TEXT) = CAST($2 AS TEXT)";
            tx.first(sql, &[&first, &second], |row| {
                Ok((row.get::<String>(0)?, row.get::<bool>(1)?))
            })
            .await
        });
        let row: Result<Option<(String, bool)>, db::Error> = read.await;
        let (stored, same) = row.unwrap().unwrap();
        assert_eq!(stored, one.as_str(), "kept byte for byte");
        assert_eq!(same, one == two, "{one} and {two}");
        equal += usize::from(same);
        different += usize::from(!same);
    }
    assert!(
        equal > 100 && different > 100,
        "{equal} equal, {different} different"
    );
}
