//! A mail that is due becomes bytes: whose it is, what it answers, and what it must not hold.

use helpdesky::audit::By;
use helpdesky::ids::{ContactId, HelpdeskId, OperatorId};
use helpdesky::inboxes;
use helpdesky::mail_out::settings::{self, Change, Signing};
use helpdesky::mail_out::{Carried, Outcome, Outgoing, Recipient, deliver, delivery, mailer};
use mail::strict::{self, StrictMail};
use mail::token::{Claim, Thread};

use crate::support::{TestApp, TestHelpdesk};

both_engines!(
    a_mail_carries_what_is_unread_and_proves_its_thread,
    the_same_notification_is_the_same_mail_on_every_attempt,
    an_address_that_was_not_proved_gets_nothing_that_anybody_wrote,
    what_cannot_be_mailed_is_told_apart_from_what_can_be_later,
    a_helpdesk_that_signs_signs_every_mail,
    foreign_text_makes_no_header_and_no_recipient,
);

/// A mail with one message to a contact.
pub(super) fn due(app: &TestApp, helpdesk: &TestHelpdesk) -> Outgoing {
    Outgoing {
        id: app.app.new_id(),
        helpdesk_id: helpdesk.id.parse::<HelpdeskId>().expect("an id"),
        conversation_id: app.app.new_id(),
        recipient: Recipient::Contact {
            contact_id: app.app.new_id(),
        },
        name: "Priya Raman".to_owned(),
        address: "priya@example.com".to_owned(),
        subject: "The VAT line".to_owned(),
        messages: vec![carried(app, "Noor", "They are sent again.")],
        quoted: Vec::new(),
        earlier: Vec::new(),
        answers: Vec::new(),
        content_free: false,
        unverified: false,
        acknowledgement: None,
        confirm_url: None,
        copies: Vec::new(),
        unsubscribe_url: None,
    }
}

fn carried(app: &TestApp, author: &str, body: &str) -> Carried {
    Carried {
        message_id: app.app.new_id(),
        position: 1,
        author: author.to_owned(),
        body: body.to_owned(),
        files: Vec::new(),
        created_at: app.app.now_ms(),
    }
}

async fn delivered(app: &TestApp, mail: &Outgoing) -> StrictMail {
    let outcome = deliver(&app.app, mail).await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    let mails = mailer::take_memory(&app.app);
    assert_eq!(mails.len(), 1, "one mail");
    assert_eq!(mails[0].recipient, mail.address);
    strict::read(&mails[0].bytes, false).unwrap_or_else(|offence| panic!("{offence}"))
}

async fn a_mail_carries_what_is_unread_and_proves_its_thread(app: TestApp) {
    let helpdesk = app.helpdesk("Fernway").await;
    let mut mail = due(&app, &helpdesk);
    mail.messages.push(carried(&app, "Noor", "And one more thing."));
    mail.earlier = vec![app.app.new_id(), app.app.new_id()];
    mail.unsubscribe_url = Some("https://desk.example/stop/abc".to_owned());
    let read = delivered(&app, &mail).await;

    let (first, second) = (read.text.find("sent again"), read.text.find("one more thing"));
    assert!(first.is_some() && first < second, "{}", read.text);
    assert_eq!(read.header("subject"), Some("Re: The VAT line"));
    assert_eq!(
        read.header("from"),
        Some("\"Noor at Fernway\" <support@desk.example>")
    );
    assert_eq!(
        read.header("list-unsubscribe"),
        Some("<https://desk.example/stop/abc>")
    );
    assert_eq!(read.header("auto-submitted"), None, "a person wrote it");
    assert_eq!(read.header("x-helpdesky-loop"), Some(helpdesk.id.as_str()));

    let id = read.header("message-id").expect("an id");
    let claim = Claim::in_message_id(id).expect("a token");
    let (key, thread) = (inboxes::token_key(&app.app), delivery::thread(&mail));
    assert!(key.proves(&claim, &thread));
    let Recipient::Contact { contact_id } = mail.recipient else {
        panic!("a contact")
    };
    let as_operator = Thread {
        recipient: mail::token::Recipient::Operator(contact_id.0),
        ..thread
    };
    assert!(
        !key.proves(&claim, &as_operator),
        "the same id in the other role is somebody else"
    );

    let references = read.header("references").expect("the thread");
    let before: Vec<Claim> = references.split(' ').filter_map(Claim::in_message_id).collect();
    assert_eq!(before.len(), 2);
    assert!(before.iter().all(|claim| key.proves(claim, &thread)));
    assert_eq!(read.header("in-reply-to"), references.split(' ').next_back());

    let operator = Outgoing {
        recipient: Recipient::Operator {
            operator_id: OperatorId(contact_id.0),
        },
        ..due(&app, &helpdesk)
    };
    let read = delivered(&app, &operator).await;
    assert!(
        read.text
            .contains(&format!("{}/h/{}/conversations/", app.base, helpdesk.id)),
        "{}",
        read.text
    );
}

async fn the_same_notification_is_the_same_mail_on_every_attempt(app: TestApp) {
    let helpdesk = app.helpdesk("Fernway").await;
    let mail = due(&app, &helpdesk);
    let id = |read: &StrictMail| read.header("message-id").map(str::to_owned);
    let first = id(&delivered(&app, &mail).await);
    app.advance(60_000);
    assert_eq!(id(&delivered(&app, &mail).await), first);
    let another = due(&app, &helpdesk);
    assert_ne!(id(&delivered(&app, &another).await), first);
}

async fn an_address_that_was_not_proved_gets_nothing_that_anybody_wrote(app: TestApp) {
    let helpdesk = app.helpdesk("Fernway").await;
    let mail = Outgoing {
        name: "Buy now".to_owned(),
        subject: "Buy this".to_owned(),
        messages: vec![carried(&app, "Buy here", "Buy that")],
        content_free: true,
        unverified: false,
        ..due(&app, &helpdesk)
    };
    assert!(matches!(deliver(&app.app, &mail).await, Outcome::Accepted { .. }));
    let sent = mailer::take_memory(&app.app).remove(0).bytes;
    let read = strict::read(&sent, false).expect("a good mail");
    let all = format!("{read:?} {}", String::from_utf8_lossy(&sent));
    assert!(!all.contains("Buy"), "{all}");
}

async fn what_cannot_be_mailed_is_told_apart_from_what_can_be_later(app: TestApp) {
    let helpdesk = app.helpdesk("Fernway").await;
    let mail = Outgoing {
        address: "a>b@example.com".to_owned(),
        ..due(&app, &helpdesk)
    };
    let outcome = deliver(&app.app, &mail).await;
    assert!(
        matches!(
            outcome,
            Outcome::Refused {
                address_is_bad: true,
                ..
            }
        ),
        "{outcome:?}"
    );
    let mail = Outgoing {
        helpdesk_id: app.app.new_id(),
        ..due(&app, &helpdesk)
    };
    let outcome = deliver(&app.app, &mail).await;
    assert!(matches!(outcome, Outcome::Later { .. }), "{outcome:?}");
    assert!(mailer::take_memory(&app.app).is_empty());
}

async fn a_helpdesk_that_signs_signs_every_mail(app: TestApp) {
    let helpdesk = app.helpdesk("Fernway").await;
    let mail = due(&app, &helpdesk);
    assert_eq!(delivered(&app, &mail).await.header("dkim-signature"), None);
    let change = Change {
        dkim: Some(Signing::New {
            selector: "desk1".to_owned(),
        }),
        from_address: Some("help@b\u{fc}cher.example".to_owned()),
        ..Change::default()
    };
    settings::set(&app.app, mail.helpdesk_id, &By::console(), change)
        .await
        .expect("a key");
    let read = delivered(&app, &mail).await;
    let signature = read.header("dkim-signature").expect("a signature");
    assert!(
        signature.contains("d=xn--bcher-kva.example; s=desk1;"),
        "{signature}"
    );
    let set = settings::of(&app.app, mail.helpdesk_id)
        .await
        .expect("the settings");
    let record = set.dkim.expect("a key").record();
    assert_eq!(record.name, "desk1._domainkey.xn--bcher-kva.example");
}

async fn foreign_text_makes_no_header_and_no_recipient(app: TestApp) {
    let evil =
        "x\r\nBcc: evil@example.com\r\n\r\n<b>\u{2028}Bcc: evil@example.com\u{85}=?utf-8?q?=0d=0aBcc:?=";
    let helpdesk = app.helpdesk("Fernway").await;
    let plain = due(&app, &helpdesk);
    let recipients = [
        plain.recipient,
        Recipient::Operator {
            operator_id: app.app.new_id(),
        },
        Recipient::Contact {
            contact_id: ContactId(plain.id),
        },
    ];
    let mut expected = Vec::new();
    for recipient in recipients {
        let mail = Outgoing {
            recipient,
            ..plain.clone()
        };
        expected.push(delivered(&app, &mail).await.names());
    }
    let change = Change {
        from_name: Some(evil.to_owned()),
        ..Change::default()
    };
    settings::set(&app.app, plain.helpdesk_id, &By::console(), change)
        .await
        .expect("a name");
    for (recipient, expected) in recipients.into_iter().zip(expected) {
        let mail = Outgoing {
            recipient,
            name: evil.to_owned(),
            subject: evil.to_owned(),
            messages: vec![carried(&app, evil, evil)],
            ..plain.clone()
        };
        assert_eq!(delivered(&app, &mail).await.names(), expected);
    }
}
