//! TLS to a relay: verified, always, and not to be talked out of.

use helpdesky::config::{Auth, Tls};
use helpdesky::mail_out::Outcome;
use helpdesky::mail_out::relays::{self, Limits};
use helpdesky::mail_out::smtp::Stage;

use super::{a_mail, login, relay, sender};
use crate::support::smtp::{Script, SmtpServer, certificate};

fn offers() -> Vec<&'static str> {
    vec!["STARTTLS", "AUTH PLAIN"]
}

fn script(names: &[&str], expired: bool, implicit: bool) -> (String, Script) {
    let (pem, acceptor) = certificate(names, expired);
    let script = Script {
        offers: offers(),
        acceptor: Some(acceptor),
        implicit,
        ..Script::default()
    };
    (pem, script)
}

fn mode(implicit: bool) -> Tls {
    if implicit { Tls::Implicit } else { Tls::StartTls }
}

#[tokio::test]
async fn mail_goes_encrypted_to_a_server_that_proves_its_name() {
    for implicit in [true, false] {
        let (pem, script) = script(&["localhost"], false, implicit);
        let server = SmtpServer::start(script).await;
        let sender = sender(Some(&pem)).await;
        let relay = relay(server.port, mode(implicit), login(Auth::Any));
        let mail = a_mail("contact@example.com");
        relays::send(&sender.app, &relay, Limits::default(), &mail)
            .await
            .expect("it is taken");
        assert_eq!(server.mails()[0].bytes, mail.bytes);
        let in_the_clear = server.seen(|seen| {
            let clear = seen.lines.iter().filter(|line| !line.starts_with("tls "));
            clear.cloned().collect::<Vec<_>>()
        });
        let expected: &[&str] = if implicit {
            &[]
        } else {
            &["EHLO [127.0.0.1]", "STARTTLS"]
        };
        assert_eq!(in_the_clear, expected);
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_is_told_nothing() {
    let good = ["localhost"];
    for (case, names, expired, trusted) in [
        ("another name", ["other.example"], false, true),
        ("expired", good, true, true),
        ("signed by itself", good, false, false),
    ] {
        for implicit in [true, false] {
            let (pem, script) = script(&names, expired, implicit);
            let server = SmtpServer::start(script).await;
            let sender = sender(trusted.then_some(pem.as_str())).await;
            let relay = relay(server.port, mode(implicit), login(Auth::Any));
            let sent = relays::send(
                &sender.app,
                &relay,
                Limits::default(),
                &a_mail("contact@example.com"),
            )
            .await;
            let failure = sent.expect_err(case);
            assert_eq!(failure.stage, Stage::Tls, "{case}: {}", failure.words);
            assert!(failure.words.contains("certificate"), "{case}: {}", failure.words);
            assert!(matches!(failure.outcome(), Outcome::Later { .. }), "{case}");
            let told = server.seen(|seen| seen.lines.clone());
            assert!(
                told.iter()
                    .all(|line| line.starts_with("EHLO") || line == "STARTTLS"),
                "{told:?}"
            );
        }
    }
}

/// Somebody on the way takes the offer away.
#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let server = SmtpServer::start(Script {
        offers: vec!["AUTH PLAIN"],
        ..Script::default()
    })
    .await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::StartTls, login(Auth::Any));
    let sent = relays::send(
        &sender.app,
        &relay,
        Limits::default(),
        &a_mail("contact@example.com"),
    )
    .await;
    let failure = sent.expect_err("it is not encrypted");
    assert_eq!(failure.stage, Stage::StartTls, "{}", failure.words);
    assert!(matches!(failure.outcome(), Outcome::Later { .. }));
    let told = server.seen(|seen| seen.lines.clone());
    assert_eq!(told, ["EHLO [127.0.0.1]"], "no password, no mail");
}

/// Somebody on the way answers what is yet to be asked under TLS.
#[tokio::test]
async fn answers_from_before_tls_do_not_count_after_it() {
    let (pem, mut script) = script(&["localhost"], false, false);
    script.injected = "250-evil\r\n250 AUTH PLAIN\r\n";
    let server = SmtpServer::start(script).await;
    let sender = sender(Some(&pem)).await;
    let relay = relay(server.port, Tls::StartTls, login(Auth::Any));
    let sent = relays::send(
        &sender.app,
        &relay,
        Limits::default(),
        &a_mail("contact@example.com"),
    )
    .await;
    let failure = sent.expect_err("it is tampered with");
    assert_eq!(failure.stage, Stage::Tls, "{}", failure.words);
    assert_eq!(
        server.seen(|seen| seen.lines.clone()),
        ["EHLO [127.0.0.1]", "STARTTLS"]
    );
}

#[tokio::test]
async fn what_is_offered_in_the_clear_is_asked_again_under_tls() {
    let (pem, mut script) = script(&["localhost"], false, false);
    script.offers_in_tls = Some(vec!["SIZE 10000000"]);
    let server = SmtpServer::start(script).await;
    let sender = sender(Some(&pem)).await;
    let relay = relay(server.port, Tls::StartTls, login(Auth::Any));
    let failure = relays::knock(&sender.app, &relay)
        .await
        .expect_err("no sign-in is offered");
    assert_eq!(failure.stage, Stage::Auth);
    let told = server.seen(|seen| seen.lines.clone());
    assert!(!told.iter().any(|line| line.contains("AUTH")), "{told:?}");
}

#[tokio::test]
async fn a_file_of_certificates_that_cannot_be_read_is_named() {
    let sender = sender(Some("nothing of the kind")).await;
    let relay = relay(1, Tls::Implicit, None);
    let failure = relays::knock(&sender.app, &relay)
        .await
        .expect_err("no certificates");
    assert!(
        failure.words.contains("smtp_ca") && failure.words.contains("ca.pem"),
        "{}",
        failure.words
    );
}
