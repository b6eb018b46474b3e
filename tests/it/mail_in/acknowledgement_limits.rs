//! Acknowledgements meet other machines and very many senders: no loop, and no flood.

use helpdesky::audit;
use helpdesky::config::Config;
use helpdesky::mail_in::{Reason, Sender, State};
use helpdesky::mail_out::settings;
use helpdesky::notifications;

use super::acknowledgements::{MINUTE, acknowledgements, acknowledging, key, noted, text, told};
use super::letter;
use crate::support::{TestApp, TestHelpdesk};

both_engines!(
    two_installations_acknowledge_each_other_once_at_most,
    two_helpdesks_acknowledge_each_other_once_at_most,
    a_robot_with_ever_new_subjects_is_told_once,
    a_verified_sender_is_told_once_an_hour_and_four_times_a_day,
    very_many_within_an_hour_pause_themselves_and_are_told_of,
);

/// Takes what left one helpdesk to another as mail servers do, until nothing moves any more; how many mails
/// each of them sent. `on_the_way` is what a bad gateway does with them.
async fn exchange(sides: [(&TestApp, &TestHelpdesk); 2], on_the_way: impl Fn(&str) -> String) -> [usize; 2] {
    let mut sent = [0, 0];
    for _ in 0..20 {
        let mut moved = false;
        for (from, to) in [(0, 1), (1, 0)] {
            let mails = told(sides[from].0, sides[from].1).await;
            sent[from] += mails.len();
            for mail in mails {
                moved = true;
                let sender = match mail.has_null_return_path {
                    true => Sender::Null,
                    false => Sender::Address(mail.sender.clone()),
                };
                let raw = on_the_way(&text(&mail));
                sides[to].0.deliver_from(sides[to].1, sender, raw).await;
            }
        }
        if !moved {
            return sent;
        }
    }
    panic!("a loop: {sent:?}");
}

/// A gateway that takes away what says that a machine wrote.
fn stripped(raw: &str) -> String {
    let tells = |line: &&str| {
        let line = line.to_ascii_lowercase();
        ![
            "auto-submitted:",
            "x-auto-response-suppress:",
            "x-helpdesky-loop:",
            "list-unsubscribe",
        ]
        .iter()
        .any(|name| line.starts_with(name))
    };
    raw.split_inclusive("\r\n").filter(tells).collect()
}

async fn two_installations_acknowledge_each_other_once_at_most(app: TestApp) {
    let one = |name: &'static str| {
        move |config: &mut Config| {
            config.mail_from = Some(format!("support@{name}.example"));
            config.mail_in.domain = Some(format!("in.{name}.example"));
        }
    };
    let honest: fn(&str) -> String = str::to_owned;
    for gateway in [honest, stripped] {
        let (a, b) = (
            app.receiving_with(one("a")).await,
            app.receiving_with(one("b")).await,
        );
        let of_a = acknowledging(&a, "A").await;
        let of_b = acknowledging(&b, "B").await;
        for number in 0..5 {
            // Somebody writes to A in the name of B, as a person would.
            let raw = letter(
                "support@b.example",
                &format!("Hi {number}"),
                &format!("{number}@z"),
                "Hi",
            );
            a.deliver(&of_a, raw).await;
            a.advance(5 * MINUTE);
            b.advance(5 * MINUTE);
        }
        let sent = exchange([(&a, &of_a), (&b, &of_b)], gateway).await;
        assert!(sent[0] == 1 && sent[1] <= 1, "{sent:?}");
    }
}

async fn two_helpdesks_acknowledge_each_other_once_at_most(app: TestApp) {
    let app = app.receiving().await;
    let (one, two) = (acknowledging(&app, "One").await, acknowledging(&app, "Two").await);
    for (helpdesk, address) in [(&one, "support@one.example"), (&two, "support@two.example")] {
        let change = settings::Change {
            from_address: Some(address.to_owned()),
            ..settings::Change::default()
        };
        settings::set(&app.app, key(helpdesk), &audit::By::console(), change)
            .await
            .expect("an address");
    }
    for number in 0..5 {
        let raw = letter(
            "support@two.example",
            &format!("Hi {number}"),
            &format!("{number}@z"),
            "Hi",
        );
        app.deliver(&one, raw).await;
    }
    let first = told(&app, &one).await;
    assert_eq!(first.len(), 1);
    let back = app.deliver_from(&two, Sender::Null, text(&first[0])).await;
    assert_eq!(
        (back.state, back.reason),
        (State::Quarantined, Some(Reason::Loop)),
        "it is our own"
    );
    assert!(told(&app, &two).await.is_empty());
    // Even where a gateway took away what says so.
    app.deliver(&two, stripped(&text(&first[0]))).await;
    let second = told(&app, &two).await;
    assert!(second.len() <= 1);
    for mail in second {
        app.deliver(&one, stripped(&text(&mail))).await;
    }
    assert!(told(&app, &one).await.is_empty() && told(&app, &two).await.is_empty());
    assert_eq!(acknowledgements(&app, &one).await.len(), 1);
}

/// It answers each of our mails as a person would, from the same mailbox, with a subject and no thread.
async fn a_robot_with_ever_new_subjects_is_told_once(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = acknowledging(&app, "Fernway").await;
    let mut sent = 0;
    for number in 0..20 {
        let raw = letter(
            &format!("\"Ticket {number}\" <robot+{}@x.example>", number % 3),
            &format!("[Ticket #{number}] has been created"),
            &format!("{number}@robot"),
            &format!("Your ticket {number}"),
        );
        let mail = app.deliver(&helpdesk, raw).await;
        assert_eq!(mail.state, State::Filed);
        sent += told(&app, &helpdesk).await.len();
        app.advance(2 * MINUTE);
    }
    assert_eq!(sent, 1);
}

async fn a_verified_sender_is_told_once_an_hour_and_four_times_a_day(app: TestApp) {
    let trusting = |config: &mut Config| config.mail_in.authserv_id = Some("mx.fernway.example".to_owned());
    let app = app.receiving_with(trusting).await;
    let helpdesk = acknowledging(&app, "Fernway").await;
    let mut sent = Vec::new();
    for number in 0..40 {
        let raw = letter(
            "ann@x.example",
            &format!("Question {number}"),
            &format!("{number}@x"),
            "Hi",
        );
        let proof = "Authentication-Results: mx.fernway.example; dmarc=pass header.from=x.example\n";
        let mail = app.deliver(&helpdesk, format!("{proof}{raw}")).await;
        assert_eq!((mail.state, mail.verdict.as_str()), (State::Filed, "verified"));
        if !told(&app, &helpdesk).await.is_empty() {
            sent.push(number);
        }
        app.advance(20 * MINUTE);
    }
    assert_eq!(sent, [0, 3, 6, 9]);
}

async fn very_many_within_an_hour_pause_themselves_and_are_told_of(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = acknowledging(&app, "Fernway").await;
    let of = |number: usize| {
        letter(
            &format!("victim{number}@x.example"),
            "Hi",
            &format!("{number}@x"),
            "Hi",
        )
    };
    for number in 0..10 {
        app.deliver(&helpdesk, of(number)).await;
    }
    assert_eq!(told(&app, &helpdesk).await.len(), 10);
    // As if it had gone on like that.
    fill(&app, &helpdesk, notifications::MOST_IN_AN_HOUR - 10).await;
    for number in 10..20 {
        app.deliver(&helpdesk, of(number)).await;
    }
    assert!(told(&app, &helpdesk).await.is_empty());
    assert_eq!(
        noted(&app, &helpdesk, "acknowledgements paused").await,
        1,
        "told once"
    );
    let set_now = notifications::acknowledging(&app.app, key(&helpdesk))
        .await
        .expect("a setting");
    assert!(set_now.is_on && set_now.paused_until > app.app.now_ms());
    app.advance(59 * MINUTE);
    app.deliver(&helpdesk, of(20)).await;
    assert!(told(&app, &helpdesk).await.is_empty());
    app.advance(2 * MINUTE);
    app.deliver(&helpdesk, of(21)).await;
    assert_eq!(told(&app, &helpdesk).await.len(), 1);
}

/// So many acknowledgements that have left just now, for conversations that are there.
async fn fill(app: &TestApp, helpdesk: &TestHelpdesk, count: i64) {
    let (helpdesk_id, now) = (key(helpdesk), app.app.now_ms());
    for number in 0..count {
        let raw = letter(
            &format!("n{number}@y.example"),
            "Hi",
            &format!("n{number}@y"),
            "Hi",
        );
        let marked = format!("X-Loop: quiet\n{raw}");
        let mail = app.deliver(helpdesk, marked).await;
        let conversation_id = mail.conversation_id.expect("a conversation");
        let id: uuid::Uuid = app.app.new_id();
        let filled: Result<(), db::Error> = app
            .app
            .db()
            .write(async move |tx: &mut db::Tx| {
                tx.execute(
                    "INSERT INTO notifications (helpdesk_id, id, conversation_id, to_operator, recipient_id, state,
                         first_position, last_position, held_until, created_at, acknowledged)
                     VALUES ($1, $2, $3, $4, $2, 'accepted', 0, 0, $5, $5, 'n@y.example')",
                    &[&helpdesk_id, &id, &conversation_id, &false, &now],
                )
                .await?;
                Ok(())
            })
            .await;
        filled.expect("a row");
    }
}
