//! Machines, loops, storms, forwarding and quarantine, whichever door a mail came through.

use helpdesky::mail_in::rules::{self, Treatment};
use helpdesky::mail_in::{Reason, Sender, State, mails};

use super::letter;
use crate::support::TestApp;

both_engines!(
    machines_are_stored_and_people_who_look_like_them_are_people,
    what_goes_round_in_circles_waits_in_quarantine,
    more_than_anybody_writes_waits_in_quarantine,
    what_an_operator_forwards_is_its_authors,
    what_cannot_be_read_is_kept_and_can_be_delivered_as_new,
    a_providers_code_is_shown,
    files_of_a_mail_are_kept,
    senders_are_blocked_and_allowed,
);

async fn machines_are_stored_and_people_who_look_like_them_are_people(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    for (number, (header, is_automatic)) in [
        ("Auto-Submitted: auto-generated; x=y", true),
        ("Auto-Submitted: no", false),
        ("Precedence: bulk", false),
        ("X-Auto-Response-Suppress: All", false),
        ("List-Id: <l.x.example>", true),
        ("X-Autoreply: yes", true),
        ("Feedback-ID: 4711:summer:mail:shop", true),
        ("Feedback-ID: i1a2b3c4d:Fastmail", false),
    ]
    .into_iter()
    .enumerate()
    {
        let raw = letter(
            &format!("a{number}@x.example"),
            "Hi",
            &format!("{number}@x"),
            "Hi",
        );
        let mail = app.deliver(&helpdesk, format!("{header}\n{raw}")).await;
        assert_eq!(mail.state, State::Filed, "{header}");
        assert_eq!(mail.is_automatic, is_automatic, "{header}");
    }
}

async fn what_goes_round_in_circles_waits_in_quarantine(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let other = app.helpdesk("Other").await;
    let raw = letter("a@x.example", "Hi", "1@x", "Hi");
    for mark in [&helpdesk.id, &other.id] {
        let mail = app
            .deliver(&helpdesk, format!("X-Helpdesky-Loop: {mark}\nX-N: {mark}\n{raw}"))
            .await;
        assert_eq!(
            (mail.state, mail.reason),
            (State::Quarantined, Some(Reason::Loop))
        );
    }
    let hops = "Received: from a by b; today\n".repeat(51);
    let mail = app.deliver(&helpdesk, format!("{hops}{raw}")).await;
    assert_eq!(mail.reason, Some(Reason::Loop));
    // Another installation's mark on a person's mail is that person's mail.
    let mail = app
        .deliver(&helpdesk, format!("X-Helpdesky-Loop: 0198-elsewhere\n{raw}"))
        .await;
    assert_eq!(mail.state, State::Filed);
}

async fn more_than_anybody_writes_waits_in_quarantine(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let id = helpdesk.id.parse().expect("an id");
    let robot = |number: usize| {
        let raw = letter(
            "robot@x.example",
            &format!("Alert {number}"),
            &format!("{number}@x"),
            "beep",
        );
        let file = "\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbeep\n--b\n\
                    Content-Type: text/plain; name=log.txt\nContent-Disposition: attachment\n\nlog\n--b--";
        let raw = raw.replace("\n\nbeep", file);
        format!("Auto-Submitted: auto-generated\n{raw}")
    };
    for number in 0..70 {
        app.deliver(&helpdesk, robot(number)).await;
    }
    let waiting = mails::count_quarantined(&app.app, id).await.expect("a count");
    assert_eq!(waiting, 10);
    let (audit, _) = helpdesky::audit::list(&app.app, id, helpdesky::audit::Filter::default(), None)
        .await
        .expect("the log");
    let alerts = audit
        .iter()
        .filter(|entry| entry.action == "mail storm stopped")
        .count();
    assert_eq!(alerts, 1, "told once");
    let human = app
        .deliver(&helpdesk, letter("ann@x.example", "Hi", "human@x", "Hi"))
        .await;
    assert_eq!(human.state, State::Filed);
    rules::set(
        &app.app,
        id,
        &helpdesky::audit::By::console(),
        "@x.example",
        Treatment::Allow,
    )
    .await
    .expect("a rule");
    assert_eq!(app.deliver(&helpdesk, robot(71)).await.state, State::Filed);

    // One that waited, and came again meanwhile: delivered as new it has its files all the same.
    let page = mails::list(&app.app, id, Some(State::Quarantined), None)
        .await
        .expect("a list");
    let waiting = page.items.first().expect("a mail").clone();
    let raw = mails::read(&app.app, id, waiting.id).await.expect("the mail").1;
    assert!(raw.attachments.len() == 1, "the robot sends a file");
    let number = raw
        .subject
        .trim_start_matches("Alert ")
        .parse()
        .expect("a number");
    assert_eq!(app.deliver(&helpdesk, robot(number)).await.state, State::Filed);
    let member = app.member(&helpdesk).await;
    mails::retry(&app.app, &member, waiting.id, true)
        .await
        .expect("delivered");
    app.settled().await;
    let filed = app.mail(&helpdesk, waiting.id).await.conversation_id;
    let shown =
        helpdesky::conversations::by_operator::show(&app.app, &member, filed.expect("a conversation"), None)
            .await
            .expect("shown");
    let files: usize = shown
        .entries
        .iter()
        .map(|entry| match entry {
            helpdesky::conversations::by_operator::Entry::Message(message) => message.attachments.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(files, 1);
}

async fn what_an_operator_forwards_is_its_authors(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let member = app.member(&helpdesk).await;
    let text = "Please look.\n\n---------- Forwarded message ---------\nFrom: Ann Lee <ann@x.example>\nDate: Thu, May 28, 2026 at 8:00 PM\nSubject: Broken\nTo: <boss@fernway.example>\n\nIt is broken.";
    let mail = app
        .deliver(
            &helpdesk,
            letter(&member.operator.email, "Fwd: Broken", "f@x", text),
        )
        .await;
    assert_eq!(mail.reason, Some(Reason::Forwarded));
    let ann = app.contact(&helpdesk, "ann@x.example");
    let [listed] = &ann.conversations().await[..] else {
        panic!("one conversation")
    };
    assert_eq!(listed["subject"], "Broken");
    assert_eq!(
        ann.bodies(&mail.conversation_id.expect("a conversation").to_string())
            .await,
        ["It is broken."]
    );
    // Anybody else's is their own.
    let mail = app
        .deliver(&helpdesk, letter("eve@y.example", "Fwd: Broken", "g@x", text))
        .await;
    assert_eq!(mail.reason, Some(Reason::NoToken));
    assert_eq!(ann.conversations().await.len(), 1);
}

async fn what_cannot_be_read_is_kept_and_can_be_delivered_as_new(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let (id, member) = (helpdesk.id.parse().expect("an id"), app.member(&helpdesk).await);
    let mut deep = String::from("From: a@x.example\nContent-Type: multipart/mixed; boundary=b0\n\n");
    for level in 0..200 {
        deep.push_str(&format!(
            "--b{level}\nContent-Type: multipart/mixed; boundary=b{}\n\n",
            level + 1
        ));
    }
    let mail = app.deliver(&helpdesk, &deep).await;
    assert_eq!(
        (mail.state, mail.reason),
        (State::Quarantined, Some(Reason::TooComplex))
    );
    assert!(mail.words.contains("too deep"), "{}", mail.words);

    let nobody = "Subject: from nobody\n\nhello";
    let mail = app.deliver(&helpdesk, nobody).await;
    assert_eq!(
        (mail.state, mail.reason),
        (State::Quarantined, Some(Reason::NoAuthor))
    );
    let two = "From: a@x.example\nFrom: b@y.example\nSubject: two\n\nhello";
    let mail = app.deliver(&helpdesk, two).await;
    assert_eq!(mail.reason, Some(Reason::NoAuthor));
    mails::retry(&app.app, &member, mail.id, true)
        .await
        .expect("delivered");
    app.settled().await;
    let delivered = app.mail(&helpdesk, mail.id).await;
    assert_eq!(
        (delivered.state, delivered.reason),
        (State::Filed, Some(Reason::AsNew))
    );
    assert!(
        mails::retry(&app.app, &member, mail.id, true).await.is_err(),
        "only once"
    );
    assert!(
        mails::delete(&app.app, id, &member.by(), mail.id).await.is_err(),
        "it stands in a conversation"
    );
    let rest = mails::list(&app.app, id, Some(State::Quarantined), None)
        .await
        .expect("a list");
    assert_eq!(rest.items.len(), 2);
    for mail in rest.items {
        mails::delete(&app.app, id, &member.by(), mail.id)
            .await
            .expect("deleted");
    }
    assert_eq!(app.mails(&helpdesk).await.len(), 1);
}

async fn a_providers_code_is_shown(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let raw = letter(
        "Gmail Team <forwarding-noreply@google.com>",
        "(#987654321) Gmail Forwarding Confirmation",
        "c@g",
        "https://mail-settings.google.com/mail/vf-x\n",
    );
    let mail = app.deliver_from(&helpdesk, Sender::Null, raw).await;
    assert_eq!(
        (mail.state, mail.reason),
        (State::Noted, Some(Reason::ForwardingConfirmation))
    );
    let id = helpdesk.id.parse().expect("an id");
    let (_, code, link) = mails::latest_confirmation(&app.app, id)
        .await
        .expect("a look")
        .expect("one");
    assert_eq!(code.as_deref(), Some("987654321"));
    assert_eq!(
        link.as_deref(),
        Some("https://mail-settings.google.com/mail/vf-x")
    );
}

async fn files_of_a_mail_are_kept(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let big = "QUJDRA==\n".repeat(100_000);
    let raw = format!(
        "From: a@x.example\nSubject: files\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee the files.\n--b\nContent-Type: application/pdf; name=\"../../etc/in voice.pdf\"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n{big}\n--b--\n"
    );
    let mail = app.deliver(&helpdesk, raw).await;
    assert_eq!(mail.state, State::Filed);
    let (_, read) = mails::read(&app.app, helpdesk.id.parse().expect("an id"), mail.id)
        .await
        .expect("the mail");
    assert_eq!(read.attachments.len(), 1);
    assert_eq!(read.attachments[0].content.len(), 400_000);
    assert!(
        !read.attachments[0].name.contains('/'),
        "{}",
        read.attachments[0].name
    );
}

async fn senders_are_blocked_and_allowed(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let (id, by) = (
        helpdesk.id.parse().expect("an id"),
        helpdesky::audit::By::console(),
    );
    for (sender, treatment) in [
        ("@spam.example", Treatment::Block),
        ("Good@Spam.example", Treatment::Allow),
    ] {
        rules::set(&app.app, id, &by, sender, treatment)
            .await
            .expect("a rule");
    }
    for bad in ["", "@", "no address", "@x y"] {
        assert!(
            rules::set(&app.app, id, &by, bad, Treatment::Block)
                .await
                .is_err(),
            "{bad}"
        );
    }
    let member = app.member(&helpdesk).await;
    for (number, (from, is_spam)) in [
        ("a@mx.spam.example", true),
        ("good@spam.example", false),
        ("a@notspam.example", false),
    ]
    .into_iter()
    .enumerate()
    {
        let mail = app
            .deliver(&helpdesk, letter(from, "Hi", &format!("{number}@s"), "Hi"))
            .await;
        let id = mail.conversation_id.expect("a conversation");
        let opened = helpdesky::conversations::by_operator::show(&app.app, &member, id, None)
            .await
            .expect("shown");
        assert_eq!(
            opened.conversation.status == helpdesky::conversations::Status::Spam,
            is_spam,
            "{from}"
        );
    }
    rules::remove(&app.app, id, &by, "@spam.example")
        .await
        .expect("removed");
    assert_eq!(rules::list(&app.app, id).await.expect("rules").len(), 1);
}
