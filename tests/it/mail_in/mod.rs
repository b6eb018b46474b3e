//! Mail that comes in: every door, what becomes of each mail, and what strangers try.

mod acknowledgement_limits;
mod acknowledgements;
mod client;
mod copies;
mod doors;
mod fixtures;
mod handing_on;
mod listener;
mod mta;
mod programs;
mod smtp;
mod threads;

use crate::support::{TestApp, TestHelpdesk};
use helpdesky::ids::MailId;
use helpdesky::mail_out::mailer;

/// A plain mail.
pub(crate) fn letter(from: &str, subject: &str, id: &str, text: &str) -> String {
    format!(
        "From: {from}\nTo: support@fernway.example\nSubject: {subject}\nMessage-ID: <{id}>\nDate: Thu, 28 May 2026 20:00:00 +0000\n\n{text}\n"
    )
}

/// What one mail that left says in a header, unfolded.
pub(crate) fn header(mail: &str, name: &str) -> String {
    let unfolded = mail.replace("\r\n ", " ").replace("\r\n\t", " ");
    let prefix = format!("{}:", name.to_ascii_lowercase());
    unfolded
        .lines()
        .take_while(|line| !line.is_empty())
        .find(|line| line.to_ascii_lowercase().starts_with(&prefix))
        .map(|line| line[prefix.len()..].trim().to_owned())
        .unwrap_or_default()
}

/// The mails that left since the last look, once `count` of them have.
pub(crate) async fn left(app: &TestApp, count: usize) -> Vec<String> {
    let mut mails = Vec::new();
    for _ in 0..1_000 {
        let taken = mailer::take_memory(&app.app);
        mails.extend(
            taken
                .iter()
                .map(|mail| String::from_utf8(mail.bytes.clone()).expect("a mail in UTF-8")),
        );
        if mails.len() >= count {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(mails.len(), count, "{mails:?}");
    mails
}

/// Time passes until the mails that are held leave.
pub(crate) async fn hold_ends(app: &TestApp) {
    helpdesky::notifications::catch_up(&app.app)
        .await
        .expect("the rows of notifications");
    app.advance(61_000);
}

/// A mail as an operator downloads it.
async fn raw_of(app: &TestApp, helpdesk: &TestHelpdesk, id: MailId) -> Vec<u8> {
    let member = app.member(helpdesk).await;
    let session = helpdesky::operators::sessions::start(&app.app, member.operator.id, "test", "127.0.0.1")
        .await
        .expect("a session");
    let request = app
        .http
        .get(format!("{}/h/{}/mails/{id}/raw", app.base, helpdesk.id))
        .header("cookie", format!("{}={session}", helpdesky::web::session::COOKIE));
    let answer = app.send(request).await;
    assert_eq!(answer.status, 200);
    answer.body
}
