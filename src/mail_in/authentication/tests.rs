//! With a server of the DNS on loopback.

#[path = "../../../tests/it/support/dns.rs"]
mod dns_server;

use super::*;
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Random;
use dns_server::{DnsServer, Zone, serve};
use mail::dkim::{DkimKey, SecretKey};
use mail::parsed::{Limits, parse};
use mail::verdict::{Finding, FoundBy};
use simple_dns::RCODE;

const NOW_MS: i64 = 1_780_000_000_000;
const MAIL: &str = "From: Ann <ann@mail.example.com>\r\nTo: in@ours.example\r\nSubject: Hi\r\n\r\nHello.\r\n";

struct Desk {
    app: App,
    clock: Clock,
    dns: DnsServer,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new(zone: Zone) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dns = serve(zone).await;
        let mut config = Config::for_folder(folder.path());
        config.dns_server = Some(dns.address);
        let clock = Clock::manual(NOW_MS);
        let app = App::open(config, clock.clone(), Random::system()).await.unwrap();
        Self {
            app,
            clock,
            dns,
            _folder: folder,
        }
    }

    async fn found(&self, mail: &[u8], trusted: Option<&str>) -> Authentication {
        let parsed = parse(mail, &Limits::default()).unwrap();
        authenticate(&self.app, mail, &parsed, trusted).await
    }
}

/// The key of a domain; each number is another one.
fn key(domain: &str, number: u8) -> DkimKey {
    DkimKey::new(&SecretKey::ed25519(&[number; 32]), &format!("s{number}"), domain).unwrap()
}

fn zone(keys: &[&DkimKey]) -> Zone {
    let records = keys.iter().map(|key| key.record());
    let named = records.map(|record| (record.name, record.value)).collect();
    Zone {
        named,
        ..Zone::default()
    }
}

fn signed(keys: &[&DkimKey], mail: &str) -> Vec<u8> {
    let unsigned = mail.as_bytes().to_vec();
    keys.iter()
        .fold(unsigned, |mail, key| key.sign(&mail, NOW_MS / 1_000))
}

#[tokio::test]
async fn a_signature_of_the_authors_domain_verifies_a_mail() {
    let (ours, other) = (key("example.com", 1), key("relay.example", 2));
    let desk = Desk::new(zone(&[&ours, &other])).await;
    let mail = signed(&[&ours, &other], MAIL);
    for _ in 0..2 {
        let found = desk.found(&mail, None).await;
        assert_eq!(
            found,
            Authentication {
                verdict: Verdict::Verified,
                found_by: Some(FoundBy::OwnCheck),
                dkim: Finding::Pass,
                dkim_domain: Some("example.com".to_owned()),
                ..Authentication::UNKNOWN
            }
        );
    }
    // Once, and not about the other one, which would prove nothing.
    assert_eq!(desk.dns.asked(), ["s1._domainkey.example.com"]);
    desk.clock.advance(5 * 60 * 1_000);
    assert_eq!(desk.found(&mail, None).await.verdict, Verdict::Verified);
    assert_eq!(desk.dns.asked(), ["s1._domainkey.example.com"]);
    let stored = String::from_utf8(mail).unwrap().replace("\r\n", "\n");
    let forwarded = format!("Received: from list.example\nSender: l@list.example\n{stored}");
    assert_eq!(
        desk.found(forwarded.as_bytes(), None).await.verdict,
        Verdict::Verified
    );
}

#[tokio::test]
async fn what_others_signed_or_changed_is_not_verified() {
    let (ours, other) = (key("example.com", 1), key("evil.example", 2));
    let desk = Desk::new(zone(&[&ours, &other])).await;
    let by_other = desk.found(&signed(&[&other], MAIL), None).await;
    assert_eq!(
        (by_other.verdict, by_other.dkim),
        (Verdict::Unknown, Finding::Pass)
    );
    assert_eq!(by_other.dkim_domain.as_deref(), Some("evil.example"));
    assert_eq!(desk.found(MAIL.as_bytes(), None).await, Authentication::UNKNOWN);
    let changed = [signed(&[&ours], MAIL).as_slice(), b"PS\r\n"].concat();
    let changed = desk.found(&changed, None).await;
    assert_eq!((changed.verdict, changed.dkim), (Verdict::Failed, Finding::Fail));
    assert_eq!(changed.found_by, Some(FoundBy::OwnCheck));
    let no_key = desk.found(&signed(&[&key("example.com", 3)], MAIL), None).await;
    assert_eq!(no_key.verdict, Verdict::Failed);
    desk.dns.asked();
    for doubtful in [
        "From: a@evil.example\r\n",
        "Subject: Other\r\n",
        "References: <1@ours.example>\r\n",
        "Content-Type: text/html\r\n",
    ] {
        let whole = format!("References: <2@x.example>\r\nContent-Type: text/plain\r\n{MAIL}");
        let mail = [doubtful.as_bytes(), &signed(&[&ours], &whole)].concat();
        assert_eq!(desk.found(&mail, None).await.verdict, Verdict::Unknown);
    }
    let several = MAIL.replace("Ann <ann@mail.example.com>", "a@mail.example.com, b@evil.example");
    assert_eq!(
        desk.found(&signed(&[&ours], &several), None).await.verdict,
        Verdict::Unknown
    );
    assert!(desk.dns.asked().is_empty());
}

#[tokio::test]
async fn a_dns_that_does_not_answer_is_worth_another_try() {
    let ours = key("example.com", 1);
    let broken = Zone {
        code: Some(RCODE::ServerFailure),
        ..Zone::default()
    };
    let desk = Desk::new(broken).await;
    let mail = signed(&[&ours], MAIL);
    let found = desk.found(&mail, None).await;
    assert_eq!((found.verdict, found.is_temporary), (Verdict::Unknown, true));
    desk.dns.set(zone(&[&ours]));
    let found = desk.found(&mail, None).await;
    assert_eq!((found.verdict, found.is_temporary), (Verdict::Verified, false));
}

#[tokio::test]
async fn five_keys_are_asked_for_at_most() {
    let keys: Vec<DkimKey> = (1..=8).map(|number| key("evil.example", number)).collect();
    let desk = Desk::new(Zone::default()).await;
    let mail = signed(&keys.iter().collect::<Vec<_>>(), MAIL);
    assert_eq!(desk.found(&mail, None).await.verdict, Verdict::Unknown);
    assert_eq!(desk.dns.asked().len(), 5);
}

#[tokio::test]
async fn a_server_counts_where_it_is_trusted() {
    let ours = key("example.com", 1);
    let desk = Desk::new(zone(&[&ours])).await;
    let noted = |results: &str, mail: &[u8]| {
        [
            format!("Authentication-Results: mx.ours.example; {results}\r\n").as_bytes(),
            mail,
        ]
        .concat()
    };
    let trusted = Some("mx.ours.example");
    let by_server = Some(FoundBy::Server("mx.ours.example".to_owned()));
    // Below a suffix, only the same organisation counts.
    let passed = noted("dkim=pass header.d=example.com", MAIL.as_bytes());
    let found = desk.found(&passed, trusted).await;
    assert_eq!((found.verdict, &found.found_by), (Verdict::Verified, &by_server));
    assert_eq!(desk.found(&passed, None).await.verdict, Verdict::Unknown);
    assert_eq!(
        desk.found(&passed, Some("mx.other.example")).await.verdict,
        Verdict::Unknown
    );
    assert!(desk.dns.asked().is_empty());
    let failed = |mail: &[u8]| noted("spf=softfail smtp.mailfrom=mail.example.com; dkim=none", mail);
    let found = desk.found(&failed(MAIL.as_bytes()), trusted).await;
    assert_eq!((found.verdict, found.found_by), (Verdict::Failed, by_server));
    // Forwarded, so that SPF fails; the signature holds.
    let found = desk.found(&failed(&signed(&[&ours], MAIL)), trusted).await;
    assert_eq!((found.verdict, found.spf), (Verdict::Verified, Finding::Fail));
    assert_eq!(found.found_by, Some(FoundBy::OwnCheck));
}
