//! One relay in use: connections are kept and counted, mails are paced, what it cannot take is
//! said before it is asked, and no password is shown to whom it is not for.

use futures_util::future::join_all;
use helpdesky::config::{Auth, Tls};
use helpdesky::mail_out::mailer::try_out;
use helpdesky::mail_out::relays::{self, Limits};
use helpdesky::mail_out::smtp::Stage;
use helpdesky::mail_out::{Outcome, smtp::Speaker};

use mail::{Mailbox, OutgoingMail, Writer, compose};

use super::{PASSWORD, a_mail, login, outgoing, relay, sender};
use crate::support::smtp::{Script, SmtpServer};

fn limits(connections: u32, per_minute: Option<u32>) -> Limits {
    Limits {
        connections,
        per_minute,
    }
}

#[tokio::test]
async fn a_connection_serves_many_mails_and_is_opened_again_when_it_is_gone() {
    let server = SmtpServer::start(Script {
        mails_each: Some(3),
        ..Script::default()
    })
    .await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::Off, None);
    for n in 0..7 {
        let mail = a_mail(&format!("c{n}@example.com"));
        relays::send(&sender.app, &relay, Limits::default(), &mail)
            .await
            .expect("it is taken");
    }
    let (mails, connections) = server.seen(|seen| (seen.mails.len(), seen.connections));
    assert_eq!(
        (mails, connections),
        (7, 3),
        "each mail once, over as few connections as it allows"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_connections_are_open_than_the_relay_allows() {
    let server = SmtpServer::start(Script::default()).await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::Off, None);
    let mail = a_mail("contact@example.com");
    let all = (0..50).map(|_| relays::send(&sender.app, &relay, limits(2, None), &mail));
    assert!(join_all(all).await.iter().all(Result::is_ok));
    assert_eq!(server.mails().len(), 50);
    assert!(server.seen(|seen| seen.most_open) <= 2);
}

#[tokio::test]
async fn a_minute_has_no_more_mails_than_the_relay_allows() {
    let server = SmtpServer::start(Script::default()).await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::Off, None);
    let mail = a_mail("contact@example.com");
    let limits = limits(2, Some(30));
    relays::send(&sender.app, &relay, limits, &mail)
        .await
        .expect("the first");
    let mut second = Box::pin(relays::send(&sender.app, &relay, limits, &mail));
    assert!(futures_util::poll!(&mut second).is_pending(), "two seconds apart");
    assert_eq!(server.mails().len(), 1);
    sender.app.clock().advance(2_000);
    second.await.expect("the second");
    assert_eq!(server.mails().len(), 2);
}

#[tokio::test]
async fn what_a_relay_cannot_take_is_said_and_not_tried() {
    for (offers, to, why) in [
        (
            vec!["SIZE 100"],
            "contact@example.com",
            "takes mail of at most 100 bytes",
        ),
        (vec![], "\u{fc}ser@example.com", "offers no SMTPUTF8"),
    ] {
        let server = SmtpServer::start(Script {
            offers,
            ..Script::default()
        })
        .await;
        let sender = sender(None).await;
        let relay = relay(server.port, Tls::Off, None);
        let failure = relays::send(&sender.app, &relay, Limits::default(), &a_mail(to))
            .await
            .expect_err("it cannot");
        assert!(failure.words.contains(why), "{}", failure.words);
        assert!(!server.seen(|seen| seen.lines.iter().any(|line| line.starts_with("MAIL"))));
        let outcome = failure.outcome();
        assert!(
            matches!(
                outcome,
                Outcome::Refused {
                    address_is_bad: false,
                    ..
                }
            ),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn an_international_address_goes_where_it_is_offered() {
    let server = SmtpServer::start(Script {
        offers: vec!["SMTPUTF8", "8BITMIME", "SIZE 0"],
        ..Script::default()
    })
    .await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::Off, None);
    let mail = a_mail("\u{fc}ser@b\u{fc}cher.example");
    relays::send(&sender.app, &relay, Limits::default(), &mail)
        .await
        .expect("it is taken");
    let line = server.seen(|seen| seen.lines.iter().find(|line| line.starts_with("MAIL")).cloned());
    let line = line.expect("a sender");
    assert!(line.contains(" SMTPUTF8") && line.contains(" SIZE="), "{line}");
    assert_eq!(server.mails()[0].to, "\u{fc}ser@xn--bcher-kva.example");
    assert!(mail::strict::read(&server.mails()[0].bytes, true).is_ok());
}

/// Every kind of sign-in, right and wrong: the dialogue tells everything but the password.
#[tokio::test]
async fn a_dialogue_is_told_without_its_passwords() {
    use base64::Engine;
    let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let plain = encoded(&format!("\0user@example.com\0{PASSWORD}"));
    let bearer = encoded(&format!(
        "user=user@example.com\x01auth=Bearer {PASSWORD}\x01\x01"
    ));
    for (auth, offer, last) in [
        (Auth::Any, "AUTH PLAIN LOGIN", format!("AUTH PLAIN {plain}")),
        (Auth::Login, "AUTH LOGIN", encoded(PASSWORD)),
        (Auth::XOAuth2, "AUTH XOAUTH2", format!("AUTH XOAUTH2 {bearer}")),
    ] {
        for good in [true, false] {
            let server = SmtpServer::start(Script {
                offers: vec![offer],
                sign_in: Some(if good {
                    last.clone()
                } else {
                    "something else".to_owned()
                }),
                ..Script::default()
            })
            .await;
            let sender = sender(None).await;
            let mut relay = relay(server.port, Tls::Off, login(auth));
            relay.host = "127.0.0.1".to_owned();
            let (outcome, dialogue) = try_out(&sender.app, &relay, &a_mail("contact@example.com")).await;
            assert!(
                server.seen(|seen| seen.lines.contains(&last)),
                "it was signed in with"
            );
            assert_eq!(server.mails().len(), usize::from(good), "{outcome:?}");
            assert_eq!(matches!(outcome, Outcome::Accepted { .. }), good, "{outcome:?}");

            let told: Vec<String> = dialogue.iter().map(ToString::to_string).collect();
            let told = format!("{}\n{outcome:?}", told.join("\n"));
            for secret in ["findable", &encoded(PASSWORD), &plain, &bearer] {
                assert!(!told.contains(secret), "{told}");
            }
            let told_by = |by| dialogue.iter().any(|line| line.by == by);
            assert!(
                told_by(Speaker::We) && told_by(Speaker::They) && told.contains("(hidden)"),
                "{told}"
            );
            assert!(good || told.contains("535 5.7.8 wrong"), "{told}");
        }
    }
}

#[tokio::test]
async fn a_password_is_kept_from_a_server_that_offers_no_way_to_show_it() {
    let server = SmtpServer::start(Script {
        offers: vec!["AUTH CRAM-MD5"],
        ..Script::default()
    })
    .await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::Off, login(Auth::Any));
    let failure = relays::knock(&sender.app, &relay)
        .await
        .expect_err("it cannot sign in");
    assert_eq!(failure.stage, Stage::Auth);
    assert!(failure.words.contains("CRAM-MD5"), "{}", failure.words);
    assert!(
        matches!(failure.outcome(), Outcome::Later { .. }),
        "nothing is lost by a wrong setting"
    );
}

#[tokio::test]
async fn the_doctor_knocks_at_the_mail_server() {
    use helpdesky::admin::{self, Command};
    use helpdesky::{audit::By, helpdesks};
    let server = SmtpServer::start(Script {
        offers: vec!["AUTH PLAIN"],
        ..Script::default()
    })
    .await;
    for (smtp, says) in [
        (None, "no mail server"),
        (Some(login(Auth::Any)), "which lets us in"),
        (Some(login(Auth::XOAuth2)), "no kind of sign-in"),
    ] {
        let sender = super::sender_with(|config| {
            config.mail_from = Some("support@example.com".to_owned());
            config.smtp = smtp.clone().map(|login| relay(server.port, Tls::Off, login));
        })
        .await;
        for name in ["One", "Two"] {
            helpdesks::add(&sender.app, &By::console(), name)
                .await
                .expect("a helpdesk");
        }
        let before = server.seen(|seen| seen.connections);
        let answer = admin::run(&sender.app, Command::Doctor).await.expect("an answer");
        assert!(
            answer
                .text
                .contains(&format!("Two: {}", if smtp.is_some() { "" } else { says })),
            "{}",
            answer.text
        );
        assert!(
            answer.text.contains(says) && !answer.text.contains("findable"),
            "{}",
            answer.text
        );
        let knocks = server.seen(|seen| seen.connections) - before;
        assert_eq!(knocks, usize::from(smtp.is_some()), "one server is asked once");
    }
}

#[tokio::test]
async fn an_acknowledgement_has_no_sender_where_the_relay_takes_that() {
    for (wants_sender, from) in [(false, ""), (true, "support@example.com")] {
        let server = SmtpServer::start(Script {
            wants_sender,
            ..Script::default()
        })
        .await;
        let sender = sender(None).await;
        let relay = relay(server.port, Tls::Off, None);
        let mail = compose(&OutgoingMail {
            writer: Writer::MachineInAnswer,
            ..outgoing(1, "ann@example.com", "We have your mail.")
        });
        relays::send(&sender.app, &relay, Limits::default(), &mail)
            .await
            .expect("it is taken");
        let taken = server.mails();
        assert_eq!(taken.len(), 1);
        assert_eq!(
            (taken[0].from.as_str(), taken[0].to.as_str()),
            (from, "ann@example.com")
        );
    }
}

#[tokio::test]
async fn a_copy_that_is_refused_does_not_keep_the_mail_from_its_recipient() {
    let server = SmtpServer::start(Script {
        unknown: Some("gone"),
        ..Script::default()
    })
    .await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::Off, None);
    let to = |address: &str| Mailbox::new("", address).expect("an address");
    let mail = compose(&OutgoingMail {
        copies: vec![
            to("bob@example.com"),
            to("gone@example.com"),
            to("carl@example.com"),
        ],
        ..outgoing(1, "ann@example.com", "An answer.")
    });
    let words = relays::send(&sender.app, &relay, Limits::default(), &mail)
        .await
        .expect("it is taken");
    let taken = server.mails();
    assert_eq!(taken.len(), 1);
    assert_eq!(
        taken[0].all,
        ["ann@example.com", "bob@example.com", "carl@example.com"]
    );
    assert!(
        words.contains("no copy to gone@example.com") && words.contains("550"),
        "{words}"
    );

    // Whom the mail is for decides about the mail.
    let mail = compose(&OutgoingMail {
        copies: vec![to("bob@example.com")],
        ..outgoing(2, "gone@example.com", "An answer.")
    });
    let refused = relays::send(&sender.app, &relay, Limits::default(), &mail).await;
    assert!(refused.is_err());
    assert_eq!(server.mails().len(), 1);
}
