//! Files in the mail about an answer: all are named, and those that fit go along.

use helpdesky::conversations::by_operator::{self, Mailing};
use helpdesky::conversations::files;
use helpdesky::conversations::text::{Body, Content};
use helpdesky::mail_out::mailer;
use helpdesky::{attachments, error, ids};
use mail::parsed::{self, Limits};
use std::time::Duration;

use crate::support::{TestApp, TestHelpdesk};

both_engines!(an_answer_takes_its_files_along_as_far_as_they_fit);

/// Answers with files of these lengths.
async fn answer(app: &TestApp, helpdesk: &TestHelpdesk, conversation: &str, of: &[(&str, usize)]) {
    let member = app.member(helpdesk).await;
    let id: ids::ConversationId = conversation.parse().expect("an id");
    let uploader = files::box_of(&app.app, &member, id).await.expect("a box");
    let mut ids = Vec::new();
    for (name, length) in of {
        let bytes = bytes::Bytes::from(vec![b'x'; *length]);
        let stream = futures_util::stream::iter([Ok::<_, error::Error>(bytes)]);
        let taken = attachments::upload(&app.app, member.helpdesk_id, uploader, name, stream).await;
        ids.push(taken.expect("a file").id);
    }
    let content = Content {
        body: Body::parse("Here they are").expect("a text"),
        files: ids,
    };
    by_operator::reply(&app.app, &member, id, content, None, Mailing::Held)
        .await
        .expect("an answer");
}

async fn an_answer_takes_its_files_along_as_far_as_they_fit(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = app.helpdesk("Acme").await;
    let conversation = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    let files = [
        ("Übersicht.txt", 2_000_000),
        ("large.bin", 4_000_000),
        ("last.bin", 3_000_000),
    ];
    answer(&app, &helpdesk, &conversation, &files).await;
    helpdesky::notifications::catch_up(&app.app)
        .await
        .expect("rows of mails");
    app.advance(61_000);
    let mut mails = Vec::new();
    for _ in 0..1_000 {
        mails.extend(mailer::take_memory(&app.app));
        if mails.iter().any(|mail| mail.recipient == "user@example.com") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mail = mails
        .iter()
        .find(|mail| mail.recipient == "user@example.com")
        .expect("a mail");
    let read = parsed::parse(&mail.bytes, &Limits::default()).expect("a mail");
    let files = read.attachments.iter();
    let along: Vec<(String, usize)> = files
        .map(|file| (file.name.clone(), file.content.len()))
        .collect();
    assert_eq!(
        along,
        [
            ("Übersicht.txt".to_owned(), 2_000_000),
            ("last.bin".to_owned(), 3_000_000)
        ]
    );
    for words in [read.text, read.html.expect("an HTML part")] {
        for told in [
            "3 files: ",
            "Übersicht.txt (1.9 MB)",
            "large.bin (3.8 MB, not in this email)",
            "last.bin (2.9 MB)",
        ] {
            assert!(words.contains(told), "{told}: {words}");
        }
    }
}
