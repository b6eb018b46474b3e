//! Allowed Embed Domains: a list matches its entries and what is below them, never a look-alike.

use helpdesky::helpdesks::domains::{allows, check, host_of_origin};

use super::texts;
use crate::support::count;
use crate::support::random::Random;

const ENTRIES: &[&str] = &[
    "example.com",
    "shop.example.org",
    "xn--bcher-kva.example",
    "localhost",
    "192.0.2.7",
    "a.b",
];

/// Whether this origin may, said as plainly as can be: by the text before and after "://".
fn expected(entry: &str, origin: &str) -> bool {
    let Some((_, rest)) = origin.split_once("://") else {
        return false;
    };
    let host = rest.split(':').next().unwrap_or_default();
    let exact = entry == "localhost" || entry == "192.0.2.7";
    host == entry || (!exact && host.len() > entry.len() + 1 && host.ends_with(&format!(".{entry}")))
}

/// An ASCII origin near an entry.
fn near(random: &mut Random, entry: &str) -> String {
    let mut host = entry.to_owned();
    for _ in 0..random.below(3) {
        let letter = *random.pick(&['a', 'x', '1', '-', 'e', 'm']);
        let at = random.below(host.len());
        match random.below(9) {
            0 => host.insert(at, letter),
            1 if host.len() > 1 => drop(host.remove(at)),
            2 => host = format!("{letter}{host}"),
            3 => host.push(letter),
            4 => host = format!("sub.{host}"),
            5 => host = format!("{host}.evil.com"),
            6 => host = format!("evil-{host}"),
            7 => host = format!("evil.com.{host}"),
            _ => host = host.replacen('.', "-", 1),
        }
    }
    let port = *random.pick(&["", "", ":8080", ":443"]);
    format!("{}://{host}{port}", random.pick(&["https", "http"]))
}

#[test]
fn a_list_never_matches_a_look_alike() {
    let mut random = Random::new(5);
    let (mut allowed, mut refused) = (0, 0);
    for _ in 0..count(20_000, 1_000_000) {
        let entry = *random.pick(ENTRIES);
        let list = check(&[entry.to_owned()]).unwrap().domains;
        let origin = near(&mut random, entry);
        let may = host_of_origin(&origin).is_some_and(|host| allows(&list, &host));
        if may {
            assert!(expected(entry, &origin), "{origin} is no {entry}");
            allowed += 1;
        } else {
            // A host that no browser would send, such as one with an empty label, may be refused.
            let proper = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
            let host = origin.split("://").nth(1).unwrap().split(':').next().unwrap();
            let well_formed = host.split('.').all(proper) && !host.contains("xn-");
            assert!(
                !well_formed || !expected(entry, &origin),
                "{origin} belongs to {entry}"
            );
            refused += 1;
        }
    }
    assert!(
        allowed > 1_000 && refused > 1_000,
        "{allowed} allowed, {refused} refused"
    );
}

#[test]
fn any_text_as_an_origin_is_refused_or_a_plain_host() {
    let mut random = Random::new(6);
    let list = check(&["example.com".to_owned()]).unwrap().domains;
    for _ in 0..count(20_000, 1_000_000) {
        let (before, after) = (texts::text(&mut random, 4), texts::text(&mut random, 4));
        for origin in [
            format!("https://{before}example.com{after}"),
            format!("{before}://example.com{after}"),
            format!("https://{before}.example.com"),
        ] {
            let Some(host) = host_of_origin(&origin) else {
                continue;
            };
            if allows(&list, &host) {
                let rest = origin.split_once("://").unwrap().1;
                let plain = rest.split(':').next().unwrap();
                let ascii = idna::domain_to_ascii(plain).unwrap();
                assert!(
                    ascii == "example.com" || ascii.ends_with(".example.com"),
                    "{origin:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_stored_is_stored_as_itself() {
    let mut random = Random::new(7);
    let mut stored = 0;
    for _ in 0..count(20_000, 1_000_000) {
        let written = match random.below(3) {
            0 => texts::text(&mut random, 10),
            1 => format!("{}.example.com", texts::text(&mut random, 4)),
            _ => near(&mut random, "example.com"),
        };
        let Ok(checked) = check(std::slice::from_ref(&written)) else {
            continue;
        };
        stored += usize::from(!checked.domains.is_empty());
        assert_eq!(
            check(&checked.domains).unwrap().domains,
            checked.domains,
            "{written:?}"
        );
        for domain in &checked.domains {
            assert!(
                domain.is_ascii() && !domain.contains(['/', '*', '@', ' ']),
                "{written:?} became {domain:?}"
            );
        }
    }
    assert!(stored > 1_000, "{stored}");
}
