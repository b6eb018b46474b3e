//! Every stage of the dialogue × everything that can go wrong there, each cell asserted.

use std::time::Duration;

use futures_util::future::join_all;
use helpdesky::config::{Auth, Tls};
use helpdesky::mail_out::Outcome;
use helpdesky::mail_out::relays::{self, Limits};
use helpdesky::mail_out::smtp::Stage;
use mail::ComposedMail;

use super::{a_mail, impatient, login, relay, sender};
use crate::support::smtp::{At, Fault, Script, SmtpServer};

/// What must follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Accepted,
    Refused,
    BadAddress,
    Later,
    Uncertain,
}

const STAGES: &[At] = &[
    At::Banner,
    At::Ehlo,
    At::Auth,
    At::Mail,
    At::Rcpt,
    At::Data,
    At::Body,
    At::End,
    At::Quit,
];
const LATER: Fault = Fault::Says("451 4.3.0 come back");
const NEVER: Fault = Fault::Says("550 5.1.1 never");
const GARBAGE: Fault = Fault::Says("HTTP/1.1 400 Bad Request");
const ENDLESS: Fault = Fault::Says(LONG_LINE);
const LONG_LINE: &str = match std::str::from_utf8(&[b'2'; 5_000]) {
    Ok(line) => line,
    Err(_) => "",
};

/// The whole table.
fn fate(at: At, fault: Fault) -> (Fate, Option<Stage>) {
    let stage = match at {
        At::Connect => Stage::Connect,
        At::Banner => Stage::Banner,
        At::Ehlo => Stage::Ehlo,
        At::Auth => Stage::Auth,
        At::Mail => Stage::Mail,
        At::Rcpt => Stage::Rcpt,
        At::Data => Stage::Data,
        // What it says in the middle of a mail is heard after the end of it.
        At::Body if matches!(fault, Fault::Says(_)) => Stage::End,
        At::Body => Stage::Body,
        At::End => Stage::End,
        // The mail was taken over before.
        At::Quit => return (Fate::Accepted, None),
    };
    let fate = match fault {
        LATER => Fate::Later,
        // We were refused, and no mail was.
        NEVER if stage < Stage::Mail => Fate::Later,
        NEVER if at == At::Rcpt => Fate::BadAddress,
        NEVER => Fate::Refused,
        // The whole mail is there, and nobody can say whether it was taken.
        _ if stage == Stage::End => Fate::Uncertain,
        _ => Fate::Later,
    };
    (fate, Some(stage))
}

fn fate_of(outcome: &Outcome) -> Fate {
    match outcome {
        Outcome::Accepted { .. } => Fate::Accepted,
        Outcome::Refused {
            address_is_bad: true, ..
        } => Fate::BadAddress,
        Outcome::Refused { .. } => Fate::Refused,
        Outcome::Later { .. } | Outcome::NotSetUp { .. } => Fate::Later,
        Outcome::Uncertain { .. } => Fate::Uncertain,
    }
}

/// A mail that does not fit into the buffers between two processes.
fn large_mail() -> ComposedMail {
    let mut mail = a_mail("contact@example.com");
    mail.bytes
        .extend(b"a line of the mail that goes on and on\r\n".repeat(250_000));
    mail
}

async fn cell(at: At, fault: Fault, silence: Duration) {
    let server = SmtpServer::start(Script {
        fault: Some((at, fault)),
        offers: vec!["AUTH PLAIN", "8BITMIME"],
        ..Script::default()
    })
    .await;
    let mut relay = relay(server.port, Tls::Off, login(Auth::Any));
    relay.host = "127.0.0.1".to_owned();
    let sender = sender(None).await;
    impatient(&sender.app, silence);
    let mail = if at == At::Body {
        large_mail()
    } else {
        a_mail("contact@example.com")
    };

    let sent = match at {
        // Connections are kept: only one that is used alone says QUIT.
        At::Quit => {
            let (outcome, dialogue) = helpdesky::mail_out::mailer::try_out(&sender.app, &relay, &mail).await;
            assert!(dialogue.iter().any(|line| line.text == "QUIT"), "{dialogue:?}");
            assert_eq!(fate_of(&outcome), Fate::Accepted, "{at:?} {fault:?}");
            return;
        }
        _ => relays::send(&sender.app, &relay, Limits::default(), &mail).await,
    };
    let failure = sent.expect_err("it failed");
    let (fate, stage) = fate(at, fault);
    // A connection may be cut before we have noticed that there is one.
    let is_early = at == At::Banner && failure.stage == Stage::Connect && fault == Fault::Resets;
    assert!(
        is_early || Some(failure.stage) == stage,
        "{at:?} {fault:?}: {}",
        failure.words
    );
    assert!(!failure.words.contains("findable"), "{}", failure.words);
    assert!(failure.words.chars().count() < 500, "{}", failure.words);
    let outcome = failure.outcome();
    assert_eq!(fate_of(&outcome), fate, "{at:?} {fault:?}: {outcome:?}");
    // What may be tried again was not taken. In the middle of a mail the server is still reading it.
    if at != At::Body {
        let taken = server.mails().len();
        assert_eq!(taken, usize::from(at == At::End), "{at:?} {fault:?}");
    }
}

async fn row(fault: Fault, silence: Duration) {
    join_all(STAGES.iter().map(|at| cell(*at, fault, silence))).await;
}

const PATIENT: Duration = Duration::from_secs(60);
const IMPATIENT: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_for_now_at_any_stage_is_tried_again() {
    row(LATER, PATIENT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_for_good_is_final_and_blames_the_address_only_at_rcpt() {
    row(NEVER, PATIENT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_is_uncertain_only_after_the_final_dot() {
    row(Fault::Resets, PATIENT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_is_waited_for_a_while_only() {
    row(Fault::Stalls, IMPATIENT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_at_a_byte_a_time_is_no_answer() {
    row(Fault::Crawls, IMPATIENT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_smtp_is_a_broken_connection() {
    row(GARBAGE, PATIENT).await;
    row(ENDLESS, PATIENT).await;
}

/// A relay that refuses us for reasons of its own says nothing about whom we write to.
#[tokio::test]
async fn a_relay_that_wants_us_to_sign_in_does_not_make_an_address_bad() {
    for answer in [
        "530 5.7.0 authentication required",
        "550 5.7.1 relaying denied",
        "554 no",
    ] {
        let server = SmtpServer::start(Script {
            fault: Some((At::Rcpt, Fault::Says(answer))),
            ..Script::default()
        })
        .await;
        let sender = sender(None).await;
        let relay = relay(server.port, Tls::Off, None);
        let sent = relays::send(
            &sender.app,
            &relay,
            Limits::default(),
            &a_mail("contact@example.com"),
        )
        .await;
        let failure = sent.expect_err("it is refused");
        assert_eq!(fate_of(&failure.outcome()), Fate::Refused, "{answer}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_tried_again() {
    let sender = sender(None).await;
    let server = SmtpServer::start(Script {
        fault: Some((At::Connect, Fault::Resets)),
        ..Script::default()
    })
    .await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let nobody = nobody.expect("a port that is free again").port();
    for port in [server.port, nobody] {
        let relay = relay(port, Tls::Off, None);
        let sent = relays::send(
            &sender.app,
            &relay,
            Limits::default(),
            &a_mail("contact@example.com"),
        )
        .await;
        let failure = sent.expect_err("nobody is there");
        assert!(
            matches!(failure.stage, Stage::Connect | Stage::Banner),
            "{}",
            failure.words
        );
        assert_eq!(fate_of(&failure.outcome()), Fate::Later);
    }
}

/// Who takes a mail before it was sent has not taken it.
#[tokio::test]
async fn an_answer_before_the_mail_is_none_to_the_mail() {
    let server = SmtpServer::start(Script {
        fault: Some((At::Data, Fault::Says("354 go on\r\n250 2.0.0 taken"))),
        ..Script::default()
    })
    .await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::Off, None);
    let sent = relays::send(
        &sender.app,
        &relay,
        Limits::default(),
        &a_mail("contact@example.com"),
    )
    .await;
    let failure = sent.expect_err("nothing was sent");
    assert_eq!(failure.stage, Stage::Body, "{}", failure.words);
    assert_eq!(fate_of(&failure.outcome()), Fate::Later);
    assert!(server.mails().is_empty(), "the final dot was not sent");
}

/// Lines without end, and an answer of lines without end.
#[tokio::test]
async fn a_hostile_server_cannot_fill_the_memory() {
    let lines: &'static str = Box::leak("250-more\r\n".repeat(10_000).into_boxed_str());
    let server = SmtpServer::start(Script {
        fault: Some((At::Ehlo, Fault::Says(lines))),
        ..Script::default()
    })
    .await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::Off, None);
    let sent = relays::send(
        &sender.app,
        &relay,
        Limits::default(),
        &a_mail("contact@example.com"),
    )
    .await;
    let failure = sent.expect_err("it does not end");
    assert!(failure.words.contains("does not end"), "{}", failure.words);
}

/// One that is refused, one that fails: the others get theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_recipient_that_is_refused_costs_the_others_nothing() {
    let server = SmtpServer::start(Script {
        unknown: Some("gone"),
        ..Script::default()
    })
    .await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::Off, None);
    let all = (0..200).map(|n| {
        let (app, relay) = (&sender.app, &relay);
        async move {
            let to = if n % 40 == 7 {
                format!("gone{n}@example.com")
            } else {
                format!("c{n}@example.com")
            };
            relays::send(app, relay, Limits::default(), &a_mail(&to))
                .await
                .is_ok()
        }
    });
    let sent = join_all(all).await.into_iter().filter(|sent| *sent).count();
    let mut to: Vec<String> = server.mails().into_iter().map(|mail| mail.to).collect();
    to.sort();
    to.dedup();
    assert_eq!((sent, to.len()), (195, 195));
    assert!(to.iter().all(|to| to.starts_with('c')));
}
