//! TLS to a mailbox: verified, always, and not to be talked out of; and a password that nobody sees.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use helpdesky::audit::By;
use helpdesky::config::{Hidden, Tls};
use helpdesky::mail_in::imap::{self, Kind};

use super::filed::filed;
use super::{
    PASSWORD, START_MS, add, be_impatient, fetching, mailbox, raw, settings, until, until_looked, waits_as,
};
use crate::support::imap::{ImapServer, Script};
use crate::support::smtp::certificate;
use crate::support::{TestApp, TestHelpdesk};

both_engines!(
    mail_comes_encrypted_from_a_server_that_proves_its_name,
    a_server_that_cannot_prove_its_name_is_told_nothing,
    without_starttls_no_password_is_sent,
    what_was_said_before_tls_ends_the_connection,
    every_kind_of_sign_in_is_spoken,
    a_password_is_sealed_and_goes_to_no_other_server,
    a_trial_tells_the_dialogue_without_the_password,
);

fn mode(implicit: bool) -> Tls {
    if implicit { Tls::Implicit } else { Tls::StartTls }
}

fn script(names: &[&str], expired: bool, implicit: bool) -> (String, Script) {
    let (pem, acceptor) = certificate(names, expired);
    let script = Script {
        capabilities: if implicit {
            Script::default().capabilities
        } else {
            "IMAP4rev1 STARTTLS LOGINDISABLED"
        },
        acceptor: Some(acceptor),
        implicit,
        ..Script::default()
    };
    (pem, script)
}

async fn trusting(app: &TestApp, pem: Option<&str>) -> (TestApp, TestHelpdesk) {
    let app = app.fetching(pem).await;
    be_impatient(&app);
    let helpdesk = app.helpdesk("Acme").await;
    (app, helpdesk)
}

async fn mail_comes_encrypted_from_a_server_that_proves_its_name(app: TestApp) {
    for implicit in [true, false] {
        let (pem, script) = script(&["localhost"], false, implicit);
        let server = ImapServer::start(script).await;
        let (app, helpdesk) = trusting(&app, Some(&pem)).await;
        let mut settings = settings(&server);
        settings.tls = mode(implicit);
        let id = add(&app, &helpdesk, &settings, None).await;
        until_looked(&app, &helpdesk, id).await;
        server.inbox(|inbox| inbox.add(&raw(0), START_MS));
        until("it is fetched", async || filed(&app, &helpdesk).await.len() == 1).await;
        let lines = server.lines();
        let clear: Vec<&String> = lines.iter().filter(|line| !line.starts_with("tls ")).collect();
        // What follows a command without its answer (SASL-IR is not offered under TLS) is shown as it came.
        let clear: Vec<&str> = clear
            .iter()
            .map(|line| line.as_str())
            .filter(|line| *line != plain())
            .collect();
        let expected: &[&str] = if implicit {
            &[]
        } else {
            &["CAPABILITY", "STARTTLS"]
        };
        assert_eq!(clear, expected);
        assert_eq!(lines.iter().filter(|line| *line == "tls CAPABILITY").count(), 2);
    }
}

fn plain() -> String {
    STANDARD.encode(format!("\0user@example.com\0{PASSWORD}"))
}

async fn a_server_that_cannot_prove_its_name_is_told_nothing(app: TestApp) {
    let good = ["localhost"];
    for (case, names, expired, trusted) in [
        ("another name", ["other.example"], false, true),
        ("expired", good, true, true),
        ("signed by itself", good, false, false),
    ] {
        for implicit in [true, false] {
            let (pem, script) = script(&names, expired, implicit);
            let server = ImapServer::start(script).await;
            let (app, helpdesk) = trusting(&app, trusted.then_some(pem.as_str())).await;
            let mut settings = settings(&server);
            settings.tls = mode(implicit);
            let id = add(&app, &helpdesk, &settings, None).await;
            until(case, async || {
                waits_as(&mailbox(&app, &helpdesk, id).await.state, Kind::Refused).is_some()
            })
            .await;
            let words = waits_as(&mailbox(&app, &helpdesk, id).await.state, Kind::Refused).expect("a reason");
            assert!(
                words.contains("could not be verified") && words.contains("certificate"),
                "{case}: {words}"
            );
            let told = server.lines();
            assert!(
                told.iter().all(|line| line == "CAPABILITY" || line == "STARTTLS"),
                "{told:?}"
            );
        }
    }
}

/// Somebody on the way takes the offer away.
async fn without_starttls_no_password_is_sent(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let server = ImapServer::start(Script::default()).await;
    let mut settings = settings(&server);
    settings.tls = Tls::StartTls;
    let id = add(&app, &helpdesk, &settings, None).await;
    until("it is refused", async || {
        waits_as(&mailbox(&app, &helpdesk, id).await.state, Kind::Refused)
            .is_some_and(|words| words.contains("offers no STARTTLS"))
    })
    .await;
    assert_eq!(server.lines(), ["CAPABILITY"]);
}

/// Somebody on the way speaks for the server.
async fn what_was_said_before_tls_ends_the_connection(app: TestApp) {
    for (greeting, injected, reason, told) in [
        (
            "* OK ready",
            "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na3 OK welcome\r\n",
            "more was said before TLS began",
            vec!["CAPABILITY", "STARTTLS"],
        ),
        (
            "* OK ready",
            "*",
            "more was said before TLS began",
            vec!["CAPABILITY", "STARTTLS"],
        ),
        ("* PREAUTH welcome", "", "signed in before TLS", vec![]),
    ] {
        let (pem, mut script) = script(&["localhost"], false, false);
        (script.greeting, script.injected) = (greeting, injected);
        let server = ImapServer::start(script).await;
        let (app, helpdesk) = trusting(&app, Some(&pem)).await;
        let mut settings = settings(&server);
        settings.tls = Tls::StartTls;
        let id = add(&app, &helpdesk, &settings, None).await;
        until(reason, async || {
            waits_as(&mailbox(&app, &helpdesk, id).await.state, Kind::Hostile)
                .is_some_and(|words| words.contains(reason))
        })
        .await;
        assert_eq!(server.lines(), told);
    }
}

async fn every_kind_of_sign_in_is_spoken(app: TestApp) {
    for (capabilities, is_token, password) in [
        ("IMAP4rev1 AUTH=PLAIN SASL-IR IDLE", false, PASSWORD),
        ("IMAP4rev1 AUTH=PLAIN IDLE", false, PASSWORD),
        ("IMAP4rev1 IDLE", false, "with \"quotes\""),
        ("IMAP4rev1 IDLE", false, PASSWORD),
        ("IMAP4rev1 AUTH=XOAUTH2 SASL-IR IDLE", true, "token"),
        ("IMAP4rev1 AUTH=XOAUTH2 AUTH=PLAIN IDLE", true, "token"),
    ] {
        let (app, helpdesk) = fetching(&app).await;
        let said: &'static str = if password.contains('"') {
            "with \\\"quotes\\\""
        } else {
            password
        };
        let server = ImapServer::start(Script {
            capabilities,
            password: said,
            ..Script::default()
        })
        .await;
        let mut settings = settings(&server);
        settings.is_token = is_token;
        settings.password = Hidden(password.to_owned());
        let id = add(&app, &helpdesk, &settings, None).await;
        until_looked(&app, &helpdesk, id).await;
        settings.password = Hidden("wrong wrong".to_owned());
        let of = helpdesk.id.parse().expect("an id");
        imap::change(&app.app, of, id, &By::console(), &settings)
            .await
            .expect("it is changed");
        until(capabilities, async || {
            waits_as(&mailbox(&app, &helpdesk, id).await.state, Kind::Refused).is_some()
        })
        .await;
        let words = waits_as(&mailbox(&app, &helpdesk, id).await.state, Kind::Refused).expect("a reason");
        assert!(
            words.contains("AUTHENTICATIONFAILED") && !words.contains("wrong wrong"),
            "{words}"
        );
    }
}

async fn a_password_is_sealed_and_goes_to_no_other_server(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (server, other) = (
        ImapServer::start(Script::default()).await,
        ImapServer::start(Script::default()).await,
    );
    let id = add(&app, &helpdesk, &settings(&server), None).await;
    until_looked(&app, &helpdesk, id).await;
    let stored: Result<Vec<Vec<u8>>, db::Error> = app
        .app
        .db()
        .read(async move |tx: &mut db::Tx| {
            tx.all("SELECT secret FROM mailboxes", &[], |row| row.get(0))
                .await
        })
        .await;
    let stored = stored.expect("rows");
    assert!(stored.len() == 1 && stored[0].len() > PASSWORD.len());
    assert!(!stored[0].windows(8).any(|window| window == b"findable"));
    if app.engine == crate::support::Engine::Sqlite {
        for file in std::fs::read_dir(app.folder.path()).expect("a folder") {
            let file = file.expect("a file").path();
            if file.is_file() {
                let bytes = std::fs::read(&file).expect("bytes");
                assert!(
                    !bytes.windows(8).any(|window| window == b"findable"),
                    "{}",
                    file.display()
                );
            }
        }
    }
    let of = helpdesk.id.parse().expect("an id");
    let mut changed = settings(&server);
    changed.password.0.clear();
    changed.name = "Another name".to_owned();
    imap::change(&app.app, of, id, &By::console(), &changed)
        .await
        .expect("the password is kept");
    for elsewhere in ["host", "port", "user"] {
        let mut moved = changed.clone();
        match elsewhere {
            "host" => moved.host = "127.0.0.1".to_owned(),
            "port" => moved.port = other.port,
            _ => moved.user = "somebody@example.com".to_owned(),
        }
        let refused = imap::change(&app.app, of, id, &By::console(), &moved).await;
        assert_eq!(refused.expect_err(elsewhere).code, "invalid_login");
    }
    assert_eq!(other.lines(), Vec::<String>::new());
    assert_eq!(mailbox(&app, &helpdesk, id).await.name, "Another name");
    assert!(!format!("{changed:?} {:?}", settings(&server)).contains("findable"));
    let log = helpdesky::audit::list(&app.app, of, helpdesky::audit::Filter::default(), None).await;
    assert!(!format!("{log:?}").contains("findable"));
}

async fn a_trial_tells_the_dialogue_without_the_password(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let server = ImapServer::start(Script::default()).await;
    server.inbox(|inbox| inbox.add(&raw(0), START_MS));
    let id = add(&app, &helpdesk, &settings(&server), None).await;
    until_looked(&app, &helpdesk, id).await;
    let of = helpdesk.id.parse().expect("an id");
    let trial = imap::try_out(&app.app, of, id).await.expect("a trial");
    assert_eq!((trial.outcome, trial.tells), (Ok(1), true));
    let told: Vec<String> = trial.dialogue.iter().map(ToString::to_string).collect();
    let told = told.join("\n");
    for line in [
        "AUTHENTICATE PLAIN (hidden)",
        "EXAMINE \"INBOX\"",
        "* 1 EXISTS",
        "LOGOUT",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
    let mut wrong = settings(&server);
    wrong.password = Hidden("another one, findable".to_owned());
    imap::change(&app.app, of, id, &By::console(), &wrong)
        .await
        .expect("it is changed");
    let trial = imap::try_out(&app.app, of, id).await.expect("a trial");
    let refused = trial.outcome.expect_err("a wrong password");
    assert!(refused.contains("AUTHENTICATIONFAILED"), "{refused}");
    let dialogue: Vec<String> = trial.dialogue.iter().map(ToString::to_string).collect();
    for secret in [
        "findable",
        &plain(),
        &STANDARD.encode("\0user@example.com\0another one, findable"),
    ] {
        assert!(
            !refused.contains(secret) && !dialogue.join("\n").contains(secret),
            "{dialogue:?}"
        );
    }
}
