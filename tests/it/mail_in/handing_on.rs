//! A mail server and the real program, which comes and goes: by SMTP, and by the pipe of the guide.

use std::time::Duration;

use helpdesky::app::App;
use helpdesky::attachments::blobs;
use helpdesky::clock::Clock;
use helpdesky::ids::Random;
use helpdesky::inboxes;
use helpdesky::mail_in::{Door, Sender, State, mails};

use crate::faults::client::Client;
use crate::faults::server::Installation;
use crate::support::postfix::{Postfix, Routes, account, free_port};
use crate::support::smtp::{Script, SmtpServer};
use crate::support::{Engine, TestApp};

both_engines!(
    a_mail_server_keeps_what_cannot_be_taken_now,
    the_pipe_of_the_guide_takes_mail,
    a_mail_server_that_asks_first_takes_no_mail_for_nobody,
);

const DOMAIN: &str = "in.example.com";
const SUPPORT: &str = "support@fernway.example";
const GUIDE: &str = include_str!("../../../docs/guides/email-forwarding.md");

/// The sessions that one address may have at once.
const SESSIONS: usize = 50;

fn engine_of(app: &TestApp) -> db::Engine {
    match app.engine {
        Engine::Sqlite => db::Engine::Sqlite,
        Engine::Postgres => db::Engine::Postgres,
    }
}

fn letter(from: &str, subject: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: {SUPPORT}\r\nSubject: {subject}\r\nDate: Thu, 28 May 2026 20:00:00 +0000\r\n\
         Message-ID: <{from}>\r\n\r\nHello from {from}\r\n"
    )
    .into_bytes()
}

/// Opens the data while no server does.
async fn opened(installation: &Installation) -> App {
    let mut config = installation.config();
    config.mail_in.domain = Some(DOMAIN.to_owned());
    App::open(config, Clock::system(), Random::system())
        .await
        .expect("the data")
}

async fn address_of(app: &App, helpdesk: &str) -> String {
    let id = helpdesk.parse().expect("an id");
    let addresses = inboxes::forwarding_addresses(app, id).await;
    addresses.expect("addresses").remove(0).address
}

/// Waits until an address has a conversation. All that it has: once means once.
async fn conversations_of(client: &Client, email: &str) -> usize {
    for _ in 0..1_000 {
        if let Some((200, listed)) = client.verify(email).await {
            let found = listed["conversations"].as_array().expect("a list").len();
            if found > 0 {
                return found;
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    0
}

async fn a_mail_server_keeps_what_cannot_be_taken_now(app: TestApp) {
    let mut installation = Installation::new(engine_of(&app)).await;
    let address = address_of(&opened(&installation).await, &installation.helpdesk).await;
    let port = free_port();
    for (name, value) in [
        ("HELPDESKY_SMTP_LISTEN", format!("127.0.0.1:{port}")),
        ("HELPDESKY_MAIL_DOMAIN", DOMAIN.to_owned()),
    ] {
        installation.environment.push((name.to_owned(), value));
    }
    let postfix = Postfix::start(&Routes {
        aliases: vec![(SUPPORT.to_owned(), address)],
        transports: vec![(DOMAIN.to_owned(), Routes::to_port(port))],
        ..Routes::default()
    });
    let give = |from: &str| {
        let given = postfix.swaks(from, SUPPORT, &letter(from, "Hello"));
        assert!(given.status.success(), "{given:?}");
    };

    // It is down.
    give("down@x.example");
    postfix.until_waiting("Connection refused").await;
    let (server, _) = installation.start().await;
    let client = Client::new(&installation);
    postfix.until_empty().await;
    assert_eq!(conversations_of(&client, "down@x.example").await, 1);

    // It has no place, and says to come again.
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        let session = tokio::net::TcpStream::connect(("127.0.0.1", port)).await;
        let session = session.expect("a session");
        session.readable().await.expect("its greeting");
        sessions.push(session);
    }
    give("busy@x.example");
    postfix.until_waiting("421 4.7.0").await;
    drop(sessions);
    postfix.until_empty().await;
    assert_eq!(conversations_of(&client, "busy@x.example").await, 1);

    // It is killed, and mail comes meanwhile.
    server.kill();
    for number in 0..5 {
        give(&format!("killed-{number}@x.example"));
    }
    postfix.until_waiting("Connection refused").await;
    let (_server, _) = installation.start().await;
    postfix.until_empty().await;
    for from in (0..5).map(|number| format!("killed-{number}@x.example")) {
        assert_eq!(conversations_of(&client, &from).await, 1, "{from}");
    }
    let log = postfix.log();
    assert!(!log.contains("status=bounced"), "{log}");
}

/// The text of a block of the guide, by the name of its test.
fn block(name: &str) -> &'static str {
    let (_, rest) = GUIDE
        .split_once(&format!(" test={name}\n"))
        .unwrap_or_else(|| panic!("no block {name} in the guide"));
    rest.split_once("```").expect("the end of the block").0
}

async fn the_pipe_of_the_guide_takes_mail(app: TestApp) {
    let (name, user, group) = account();
    let installation = Installation::new_of(engine_of(&app), Some((user, group))).await;
    installation.write_settings(&format!("mail_domain = \"{DOMAIN}\"\n"));
    let other = installation.ask(&["helpdesk", "add", "--name", "Other"]);
    let other = other["id"].as_str().expect("an id").to_owned();
    let (address, address_of_other) = {
        let app = opened(&installation).await;
        (
            address_of(&app, &installation.helpdesk).await,
            address_of(&app, &other).await,
        )
    };
    installation.give_back();

    let writer = SmtpServer::start(Script::default()).await;
    let postfix = Postfix::start(&Routes {
        aliases: vec![
            (SUPPORT.to_owned(), address.clone()),
            (
                "all@fernway.example".to_owned(),
                format!("{address} {address_of_other}"),
            ),
            ("nobody@fernway.example".to_owned(), format!("nobody@{DOMAIN}")),
        ],
        // All other mail goes to whoever wrote.
        main: format!(
            "{}relayhost = [127.0.0.1]:{}\n",
            block("postfix-main"),
            writer.port
        ),
        master: block("postfix-pipe")
            .replace("user=helpdesky", &format!("user={name}"))
            .replace(
                "/usr/local/bin/helpdesky",
                &installation.program().display().to_string(),
            )
            .replace("/var/lib/helpdesky", &installation.data().display().to_string()),
        ..Routes::default()
    });
    let give = |from: &str, to: &str| {
        let given = postfix.swaks(from, to, &letter(&from.replace("<>", "robot@x.example"), "Hello"));
        assert!(given.status.success(), "{given:?}");
    };

    // No server runs, and none is needed.
    give("alone@x.example", SUPPORT);
    postfix.until_empty().await;
    let (server, _) = installation.start().await;
    let client = Client::new(&installation);
    assert_eq!(
        conversations_of(&client, "alone@x.example").await,
        1,
        "{}",
        postfix.log()
    );

    // One for two helpdesks, a report without a sender, and one to an address that there is not.
    give("both@x.example", "all@fernway.example");
    give("<>", SUPPORT);
    give("lost@x.example", "nobody@fernway.example");
    postfix.until_empty().await;
    assert_eq!(
        conversations_of(&client, "both@x.example").await,
        1,
        "{}",
        postfix.log()
    );
    let returned = writer.mails();
    assert_eq!(returned.len(), 1, "{returned:?}\n{}", postfix.log());
    assert_eq!(
        (returned[0].from.as_str(), returned[0].to.as_str()),
        ("", "lost@x.example")
    );

    // What is broken here for a while is no reason to return mail.
    server.kill();
    let (data, away) = (installation.data(), installation.folder().join("away"));
    std::fs::rename(&data, &away).expect("a folder");
    give("away@x.example", SUPPORT);
    postfix.until_waiting("").await;
    std::fs::rename(&away, &data).expect("a folder");
    std::fs::write(data.join("helpdesky.toml"), "no_setting = 1\n").expect("settings");
    give("wrong@x.example", SUPPORT);
    postfix.until_waiting("no_setting is not a setting").await;
    installation.write_settings(&format!("mail_domain = \"{DOMAIN}\"\n"));
    postfix.until_empty().await;
    let (server, _) = installation.start().await;
    for from in ["away@x.example", "wrong@x.example"] {
        assert_eq!(conversations_of(&client, from).await, 1, "{}", postfix.log());
    }
    assert_eq!(writer.mails().len(), 1, "{:?}", writer.mails());

    server.kill();
    let app = opened(&installation).await;
    let mut found = Vec::new();
    for helpdesk in [&installation.helpdesk, &other] {
        let id = helpdesk.parse().expect("an id");
        let page = mails::list(&app, id, None, None).await.expect("mails");
        for mail in page.items {
            assert_eq!((mail.door, mail.state), (Door::Command, State::Filed));
            let raw = blobs::read(&app, id, mail.blob_id)
                .await
                .expect("a look")
                .expect("its bytes");
            let raw = String::from_utf8_lossy(&raw).into_owned();
            assert!(raw.starts_with("Return-Path: <"), "{raw}");
            found.push((mail.author_email, mail.sender));
        }
    }
    found.sort_by(|one, another| one.0.cmp(&another.0));
    let known = |email: &str| (email.to_owned(), Sender::Address(email.to_owned()));
    let expected = [
        known("alone@x.example"),
        known("away@x.example"),
        known("both@x.example"),
        known("both@x.example"),
        ("robot@x.example".to_owned(), Sender::Null),
        known("wrong@x.example"),
    ];
    assert_eq!(found, expected);
}

async fn a_mail_server_that_asks_first_takes_no_mail_for_nobody(app: TestApp) {
    let app = app
        .receiving_with(|config| config.mail_in.domain = Some(DOMAIN.to_owned()))
        .await;
    let helpdesk = app.helpdesk("Fernway").await;
    let address = app.forwarding_address(&helpdesk).await;
    let port = app.smtp.expect("a listener for mail").port();
    let postfix = Postfix::start(&Routes {
        main: block("postfix-ask").replace("2525", &port.to_string()),
        // A part of every Postfix; this one begins with none.
        master: "verify unix - - n - 1 verify\n".to_owned(),
        ..Routes::default()
    });
    let give = |to: &str| {
        let given = postfix.swaks("ann@x.example", to, &letter("ann@x.example", "Hello"));
        String::from_utf8_lossy(&given.stdout).into_owned()
    };
    let said = give(&format!("nobody@{DOMAIN}"));
    assert!(said.contains(" 550 5.1.1 ") && !said.contains("DATA"), "{said}");
    let said = give(&address);
    assert!(said.contains(" 250 2.0.0 "), "{said}\n{}", postfix.log());
    postfix.until_empty().await;
    app.settled().await;
    assert_eq!(app.mails(&helpdesk).await.len(), 1, "{}", postfix.log());
    assert!(!postfix.log().contains("status=bounced"), "{}", postfix.log());
}
