//! Mails as programs and providers of all kinds write and forward them, through the doors: what becomes of
//! each is what stands beside it in `tests/fixtures/mail`. How such a mail is read is tested in
//! `crates/mail`, with the same files.

use std::path::{Path, PathBuf};

use helpdesky::audit::By;
use helpdesky::inboxes::keys;
use helpdesky::mail_in::mails::Listed;
use helpdesky::mail_in::{Door, Reason, State};
use helpdesky::operators::{self, Role};
use serde_json::{Value, json};

use crate::support::letters::SmtpClient;
use crate::support::{TestApp, TestHelpdesk, array};

both_engines!(every_mail_of_others_becomes_what_stands_beside_it);

/// Who forwards mail in the fixtures.
const OPERATOR: &str = "op@ours.example";
const FEWEST: usize = 170;
/// So that nobody writes too much within an hour.
const BETWEEN_MS: i64 = 60_000;

struct Fixture {
    name: String,
    raw: Vec<u8>,
    expected: Value,
}

fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mail");
    let entries = std::fs::read_dir(folder).expect("the fixtures");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    paths.sort();
    assert!(paths.len() >= FEWEST, "only {} fixtures", paths.len());
    let read = |path: PathBuf| Fixture {
        name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
        raw: std::fs::read(&path).expect("a mail"),
        expected: serde_json::from_slice(&std::fs::read(path.with_extension("json")).expect("its twin"))
            .expect("JSON"),
    };
    paths.into_iter().map(read).collect()
}

async fn every_mail_of_others_becomes_what_stands_beside_it(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let (id, by) = (helpdesk.id.parse().expect("an id"), By::console());
    operators::add(
        &app.app,
        id,
        &by,
        OPERATOR,
        "Op",
        "a long enough pass phrase",
        Role::Operator,
    )
    .await
    .expect("an operator");
    let address = app.forwarding_address(&helpdesk).await;
    let fixtures = fixtures();

    for fixture in &fixtures {
        // No session lasts as long as it is between two mails here.
        let mut session = SmtpClient::connect(&app).await;
        assert!(session.say("EHLO mx.sender.example").await.starts_with("250"));
        let answer = session.mail("sender@mx.example", &[&address], &fixture.raw).await;
        assert!(answer.starts_with("250 "), "{}: {answer}", fixture.name);
        app.advance(BETWEEN_MS);
    }
    app.settled().await;
    let mails = app.mails(&helpdesk).await;
    assert_eq!(mails.len(), fixtures.len());
    let mut wrong = Vec::new();
    for (mail, fixture) in mails.iter().zip(&fixtures) {
        let found = became(&app, &helpdesk, mail, fixture).await;
        let expected = expected(fixture);
        if found != expected {
            wrong.push(format!("{}: {found}\n  instead of {expected}", fixture.name));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));

    // By another door each is known.
    let key = keys::make(&app.app, id, &by, "a test").await.expect("a key").text;
    for fixture in &fixtures {
        let request = app
            .http
            .post(format!("{}/api/v1/mail", app.base))
            .bearer_auth(&key)
            .body(fixture.raw.clone());
        assert_eq!(app.send(request).await.status, 201, "{}", fixture.name);
        app.advance(BETWEEN_MS);
    }
    app.settled().await;
    let again = app.mails(&helpdesk).await.split_off(fixtures.len());
    assert_eq!(again.len(), fixtures.len());
    for (mail, fixture) in again.iter().zip(&fixtures) {
        assert_eq!(
            (mail.door, mail.state, mail.reason),
            (Door::Api, State::Duplicate, Some(Reason::SameContent)),
            "{}",
            fixture.name
        );
    }
}

/// What is to become of a mail, in the words of [`became`].
fn expected(fixture: &Fixture) -> Value {
    let read = &fixture.expected;
    if read["author"] == "bounce" {
        return json!({"state": "noted", "automatic": true});
    }
    let is_forwarded = read["from_address"] == OPERATOR && !read["forwarded"].is_null();
    let mut expected = json!({
        "state": "filed",
        "automatic": read["author"] != "human",
        "contact": if is_forwarded { &read["forwarded"]["address"] } else { &read["from_address"] },
        "attachments": read["attachments"],
    });
    if is_forwarded {
        expected["name"] = read["forwarded"]["name"].clone();
        return expected;
    }
    expected["subject"] = read["subject"].clone();
    expected["text"] = read["text"].clone();
    if !read["from_name"].is_null() {
        expected["name"] = read["from_name"].clone();
    }
    expected
}

/// What became of a mail, as its author sees it in the Ticket Center.
async fn became(app: &TestApp, helpdesk: &TestHelpdesk, mail: &Listed, fixture: &Fixture) -> Value {
    let expected = expected(fixture);
    let mut found = json!({"state": mail.state.name(), "automatic": mail.is_automatic});
    let Some(conversation) = mail.conversation_id else {
        return found;
    };
    let contact = app.contact(helpdesk, expected["contact"].as_str().unwrap_or_default());
    let path = format!("conversations/{conversation}/messages");
    let answer = contact.call(&path, json!({})).await;
    if answer.status != 200 {
        found["contact"] = format!("somebody else: {}", mail.author_email).into();
        return found;
    }
    let history = answer.ok();
    let [message] = &array(&history["messages"])[..] else {
        panic!("{}: one message: {history}", fixture.name)
    };
    found["contact"] = contact.email.clone().into();
    let names = array(&message["attachments"])
        .into_iter()
        .map(|file| file["name"].clone());
    found["attachments"] = names.collect();
    for (name, value) in [
        ("subject", &history["conversation"]["subject"]),
        ("text", &message["body"]),
        ("name", &message["authorName"]),
    ] {
        if !expected[name].is_null() {
            found[name] = value.clone();
        }
    }
    found
}
