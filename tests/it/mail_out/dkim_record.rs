//! The key that mail is signed with is looked up in the DNS: a server on loopback answers as servers do.

use std::net::SocketAddr;

use helpdesky::admin::{self, Command};
use helpdesky::audit::By;
use helpdesky::config::Mailer;
use helpdesky::helpdesks;
use helpdesky::ids::HelpdeskId;
use helpdesky::mail_out::dkim_record::{self, InDns};
use helpdesky::mail_out::settings::{self, Change, Signing};
use simple_dns::RCODE;

use super::{Sender, sender_with};
use crate::support::dns::{Zone, serve};

/// A helpdesk that signs, and asks this server.
async fn signing(server: SocketAddr, pem: &str) -> (Sender, HelpdeskId) {
    let sender = sender_with(|config| {
        config.dns_server = Some(server);
        config.mailer = Mailer::Smtp;
        config.mail_from = Some("support@example.com".to_owned());
    })
    .await;
    let id = helpdesks::add(&sender.app, &By::console(), "Acme")
        .await
        .expect("a helpdesk")
        .id;
    let selector = "helpdesky".to_owned();
    let dkim = if pem.is_empty() {
        Signing::New { selector }
    } else {
        Signing::Given {
            selector,
            pem: pem.to_owned().into(),
        }
    };
    let change = Change {
        dkim: Some(dkim),
        ..Change::default()
    };
    settings::set(&sender.app, id, &By::console(), change)
        .await
        .expect("it signs");
    (sender, id)
}

async fn record(sender: &Sender, id: HelpdeskId) -> String {
    let settings = settings::of(&sender.app, id).await.expect("settings");
    settings.dkim.expect("a key").record().value
}

#[tokio::test]
async fn what_the_dns_says_is_told() {
    for (zone, expected) in [
        (Zone::default(), InDns::Missing),
        (
            Zone {
                code: Some(RCODE::NameError),
                ..Zone::default()
            },
            InDns::Missing,
        ),
        (
            Zone {
                texts: vec!["v=DKIM1; p=".to_owned()],
                is_spoofed: true,
                ..Zone::default()
            },
            InDns::Other {
                text: "v=DKIM1; p=".to_owned(),
            },
        ),
        (
            Zone {
                texts: vec!["one".to_owned(), "two".to_owned()],
                ..Zone::default()
            },
            InDns::Several,
        ),
    ] {
        let (sender, id) = signing(serve(zone).await.address, "").await;
        let found = dkim_record::look_up(&sender.app, id).await.expect("an answer");
        assert_eq!(found, expected);
    }
    for zone in [
        Zone {
            code: Some(RCODE::ServerFailure),
            ..Zone::default()
        },
        Zone {
            mumbles: true,
            ..Zone::default()
        },
    ] {
        let (sender, id) = signing(serve(zone).await.address, "").await;
        let found = dkim_record::look_up(&sender.app, id).await.expect("an answer");
        assert!(matches!(found, InDns::Unanswered { .. }), "{found:?}");
    }
}

/// The key is known after the helpdesk is there, so the server learns it then; who has just set it up is not
/// told what the DNS said before.
#[tokio::test]
async fn a_key_is_found_also_a_long_one_in_pieces() {
    let rsa = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        .output()
        .expect("openssl");
    let rsa = String::from_utf8(rsa.stdout).expect("a key");
    for (pem, truncates) in [("", false), (rsa.as_str(), false), (rsa.as_str(), true)] {
        let server = serve(Zone::default()).await;
        let (sender, id) = signing(server.address, pem).await;
        let found = dkim_record::look_up(&sender.app, id).await.expect("an answer");
        assert_eq!(found, InDns::Missing);
        server.set(Zone {
            texts: vec![record(&sender, id).await],
            truncates,
            ..Zone::default()
        });
        let found = dkim_record::look_up(&sender.app, id).await.expect("an answer");
        assert_eq!(found, InDns::Good);
        let doctor = admin::run(&sender.app, Command::Doctor).await.expect("findings");
        assert!(doctor.text.contains("its key is in the DNS"), "{}", doctor.text);
        assert_eq!(server.asked(), ["helpdesky._domainkey.example.com"; 3]);
    }
}

#[tokio::test]
async fn who_does_not_sign_is_told_so() {
    let sender = sender_with(|_| {}).await;
    let id = helpdesks::add(&sender.app, &By::console(), "Acme")
        .await
        .expect("a helpdesk")
        .id;
    let refused = dkim_record::look_up(&sender.app, id)
        .await
        .expect_err("nothing to look up");
    assert_eq!(refused.code, "not_signed");
}
