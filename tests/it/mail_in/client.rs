//! A conversation with somebody who uses a mail library of others, through a mail server of others.

use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use helpdesky::config::{Mailer, Relay, Tls};
use helpdesky::mail_in::{Reason, State};
use serde_json::{Value, json};

use super::hold_ends;
use crate::dashboard::browser::{Browser, owner};
use crate::support::TestApp;
use crate::support::app::MAIL_DOMAIN;
use crate::support::postfix::{Postfix, Routes, free_port};

both_engines!(three_rounds_by_mail_are_one_conversation);

/// Debian's own Python: `.ci/tools.sh` installs aiosmtpd for that one.
const PYTHON: &str = "/usr/bin/python3";
const PROGRAM: &str = include_str!("client.py");
const ADDRESS: &str = "ann@x.example";
const SUPPORT: &str = "support@fernway.example";

struct Client {
    child: Child,
    output: BufReader<ChildStdout>,
    /// The mail server that takes its mail.
    mta: u16,
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Client {
    fn start(port: u16, mta: u16) -> Self {
        let mut child = Command::new(PYTHON)
            .args(["-c", PROGRAM, "Ann Lee", ADDRESS, &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut client = Self { child, output, mta };
        client.hear();
        client
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("its output");
        let missing = "the client ends; install python3-aiosmtpd, as .ci/tools.sh does";
        serde_json::from_str(&line).expect(missing)
    }

    fn ask(&mut self, mut asked: Value) -> Value {
        asked["port"] = self.mta.into();
        let input = self.child.stdin.as_mut().expect("its input");
        writeln!(input, "{asked}").expect("its input");
        self.hear()
    }
}

/// The mails that came and what was said, once `count` mails have come.
async fn arrived(
    app: &TestApp,
    helpdesk: &str,
    count: usize,
    postfix: &Postfix,
) -> Vec<helpdesky::mail_in::mails::Listed> {
    let id = helpdesk.parse().expect("an id");
    for _ in 0..1_000 {
        app.settled().await;
        let page = helpdesky::mail_in::mails::list(&app.app, id, None, None)
            .await
            .expect("mails");
        // One may have come after the look at what waits.
        let are_settled = page.items.iter().all(|mail| mail.state != State::Waiting);
        if page.items.len() >= count && are_settled {
            return page.items;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{count} mails do not come:\n{}", postfix.log());
}

async fn answer_in_the_dashboard(browser: &mut Browser<'_>, address: &str, text: &str) {
    let page = browser.get(address).await;
    let sent = browser
        .submit(&page, &format!("{address}/replies"), &[("body", text)])
        .await;
    assert_eq!(sent.status, 303, "{}", sent.html);
}

async fn three_rounds_by_mail_are_one_conversation(app: TestApp) {
    let (mta, of_client) = (free_port(), free_port());
    let app = app
        .receiving_with(|config| {
            config.mailer = Mailer::Smtp;
            config.smtp = Some(Relay::new("127.0.0.1", mta, Tls::Off, None).expect("a relay"));
        })
        .await;
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let address = app.forwarding_address(&helpdesk).await;
    let postfix = Postfix::start_at(
        mta,
        &Routes {
            aliases: vec![(SUPPORT.to_owned(), address)],
            transports: vec![
                (
                    MAIL_DOMAIN.to_owned(),
                    Routes::to_port(app.smtp.expect("a listener for mail").port()),
                ),
                ("x.example".to_owned(), Routes::to_port(of_client)),
                ("acme.example".to_owned(), "discard:".to_owned()),
            ],
            ..Routes::default()
        },
    );
    let mut client = Client::start(of_client, mta);

    let written =
        client.ask(json!({"write": [SUPPORT, "Wo bleibt es? \u{1f4e6}", "It is late.\n\n-- \nAnn"]}));
    let mut last_id = written["id"].as_str().expect("an id").to_owned();
    let mails = arrived(&app, &helpdesk.id, 1, &postfix).await;
    let id = mails[0].conversation_id.expect("a conversation").to_string();
    let page = format!("/h/{}/conversations/{id}", helpdesk.id);
    let ann = app.contact(&helpdesk, ADDRESS);
    let mut said = vec!["It is late.".to_owned()];
    assert_eq!(ann.bodies(&id).await, said);

    for round in 1..=3 {
        let from_us = format!("Round {round}: it left \u{2026}\n> by post");
        answer_in_the_dashboard(&mut browser, &page, &from_us).await;
        hold_ends(&app).await;
        let letter = client.ask(json!({"receive": true}));
        assert_eq!(letter["defects"], json!([]), "{letter}");
        assert_eq!(letter["more"], 0, "one letter for one answer");
        let headers = &letter["headers"];
        assert_eq!(headers["subject"], "Re: Wo bleibt es? \u{1f4e6}");
        assert_eq!(headers["in-reply-to"], last_id.as_str(), "{headers}");
        let text = letter["text"].as_str().expect("a text").replace("\r\n", "\n");
        assert!(text.contains(&from_us), "{text}");

        let from_ann = format!("Thanks {round}!\n\nOne more question: {round}?");
        let written = client.ask(json!({"answer": from_ann, "rich": round % 2 == 0}));
        last_id = written["id"].as_str().expect("an id").to_owned();
        let mails = arrived(&app, &helpdesk.id, 1 + round, &postfix).await;
        // The newest is the first.
        assert_eq!(
            (mails[0].state, mails[0].reason),
            (State::Filed, Some(Reason::Answer))
        );
        assert!(mails[0].has_folded, "the quote is folded away");
        said.extend([from_us, from_ann]);
        assert_eq!(ann.bodies(&id).await, said);
    }
    assert_eq!(ann.conversations().await.len(), 1);
}
