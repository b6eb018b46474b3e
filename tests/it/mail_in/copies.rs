//! Copies of answers: to whom else a mail was written, who gets a copy of an answer, and what that opens to them:
//! nothing.

use helpdesky::audit;
use helpdesky::conversations::by_operator::{self, Mailing};
use helpdesky::conversations::copies;
use helpdesky::conversations::text::Body;
use helpdesky::ids::{ConversationId, HelpdeskId};
use helpdesky::mail_in::{Reason, acceptance};
use helpdesky::mail_out::mailer;
use helpdesky::notifications;
use mail::ComposedMail;

use super::{header, hold_ends, letter};
use crate::support::{TestApp, TestHelpdesk};

both_engines!(
    the_other_recipients_of_a_mail_are_offered_and_our_own_addresses_are_not,
    a_copy_goes_on_the_mail_and_opens_nothing,
    what_others_are_not_to_get_does_not_travel_with_what_they_are,
    an_answer_that_was_read_is_still_sent_to_those_who_get_a_copy,
    nobody_else_can_be_chosen,
);

fn key(helpdesk: &TestHelpdesk) -> HelpdeskId {
    helpdesk.id.parse().expect("an id")
}

/// A mail of Ann's to us and others.
fn to_all(number: usize, cc: &str) -> String {
    let raw = letter(
        "Ann Lee <ann@x.example>",
        "Our invoice",
        &format!("{number}@x.example"),
        "It is wrong.",
    );
    raw.replace(
        "To: support@fernway.example",
        &format!("To: support@desk.example, carl@x.example\nCc: {cc}"),
    )
}

async fn opened(app: &TestApp, helpdesk: &TestHelpdesk, cc: &str) -> ConversationId {
    let mail = app.deliver(helpdesk, to_all(1, cc)).await;
    mail.conversation_id.expect("a conversation")
}

async fn offered(app: &TestApp, helpdesk: &TestHelpdesk, id: ConversationId) -> Vec<String> {
    let member = app.member(helpdesk).await;
    let found = copies::of_conversation(&app.app, &member, id)
        .await
        .expect("copies");
    found.addressees.into_iter().map(|one| one.address).collect()
}

async fn reply(
    app: &TestApp,
    helpdesk: &TestHelpdesk,
    id: ConversationId,
    text: &str,
    copies: &[&str],
) -> Result<(), &'static str> {
    let member = app.member(helpdesk).await;
    let copies = copies.iter().map(ToString::to_string).collect();
    let answer = (Body::parse(text).expect("a text").into(), Mailing::Held, copies);
    let written = by_operator::reply_unless_answered(&app.app, &member, id, answer, None, i64::MAX).await;
    written.map(drop).map_err(|error| error.code)
}

/// The mails to contacts that left since the last look, once there are so many.
async fn sent(app: &TestApp, count: usize) -> Vec<ComposedMail> {
    let mut mails = Vec::new();
    for _ in 0..1_000 {
        mails.extend(to_contacts(app));
        if mails.len() >= count {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    mails.extend(to_contacts(app));
    assert_eq!(
        mails.len(),
        count,
        "{:?}",
        mails.iter().map(text).collect::<Vec<_>>()
    );
    mails
}

fn to_contacts(app: &TestApp) -> Vec<ComposedMail> {
    let mut mails = mailer::take_memory(&app.app);
    mails.retain(|mail| mail.recipient.ends_with("@x.example"));
    mails
}

fn text(mail: &ComposedMail) -> String {
    String::from_utf8(mail.bytes.clone()).expect("a mail in UTF-8")
}

async fn the_other_recipients_of_a_mail_are_offered_and_our_own_addresses_are_not(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let own = app.forwarding_address(&helpdesk).await;
    let cc = format!(
        "Bob <bob@x.example>, {own}, \"Evil\" <eve@x.example>, ANN@x.example, bob@X.example, not an address, \u{fc}@x.example"
    );
    let id = opened(&app, &helpdesk, &cc).await;
    assert_eq!(
        offered(&app, &helpdesk, id).await,
        ["bob@x.example", "carl@x.example", "eve@x.example"]
    );

    // What servers note of the way here is ours, too; and the one address that led here.
    let noted = to_all(2, "help@x.example, dora@x.example").replace("ann@", "ben@");
    let noted = app
        .deliver(
            &helpdesk,
            format!("X-Forwarded-For: help@x.example {own}\nDelivered-To: <help@x.example>\n{noted}"),
        )
        .await;
    let noted = noted.conversation_id.expect("a conversation");
    assert_eq!(
        offered(&app, &helpdesk, noted).await,
        ["carl@x.example", "dora@x.example"]
    );
    let alias =
        letter("cid@x.example", "Hi", "3@x", "Hi").replace("\nSubject", "\nCc: dora@x.example\nSubject");
    let alias = app.deliver(&helpdesk, alias).await;
    let alias = alias.conversation_id.expect("a conversation");
    assert_eq!(offered(&app, &helpdesk, alias).await, ["dora@x.example"]);

    // At most so many, whatever a mail names.
    let many: Vec<String> = (0..100).map(|n| format!("n{n}@y.example")).collect();
    let many = to_all(4, &many.join(", ")).replace("ann@", "dan@");
    let many = app.deliver(&helpdesk, many).await;
    let many = many.conversation_id.expect("a conversation");
    assert_eq!(offered(&app, &helpdesk, many).await.len(), copies::MOST);
}

async fn a_copy_goes_on_the_mail_and_opens_nothing(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let id = opened(&app, &helpdesk, "bob@x.example, eve@x.example").await;
    let token = {
        let member = app.member(&helpdesk).await;
        let opened = by_operator::show(&app.app, &member, id, None)
            .await
            .expect("a conversation");
        notifications::unsubscribe_token(&app.app, key(&helpdesk), opened.contact.id)
    };

    reply(&app, &helpdesk, id, "Without a copy", &[])
        .await
        .expect("an answer");
    hold_ends(&app).await;
    let alone = text(&sent(&app, 1).await[0]);
    assert_eq!(header(&alone, "cc"), "");
    assert!(header(&alone, "list-unsubscribe").contains(&token));

    reply(
        &app,
        &helpdesk,
        id,
        "With copies",
        &["bob@x.example", "carl@x.example"],
    )
    .await
    .expect("an answer");
    hold_ends(&app).await;
    let mail = sent(&app, 1).await.remove(0);
    assert_eq!(
        (mail.recipient.as_str(), &mail.copies[..]),
        (
            "ann@x.example",
            &["bob@x.example".to_owned(), "carl@x.example".to_owned()][..]
        )
    );
    let raw = text(&mail);
    assert!(header(&raw, "to").ends_with("<ann@x.example>"));
    assert_eq!(header(&raw, "cc"), "<bob@x.example>, <carl@x.example>");
    assert!(!raw.contains(&token) && !raw.contains("unsubscribe"), "{raw}");
    assert_eq!(header(&raw, "auto-submitted"), "", "a person's answer");

    // Bob answers to all: he is somebody else, until an operator lets him in.
    let reply_to = header(&raw, "reply-to").trim_matches(['<', '>']).to_owned();
    let of_bob = |number: usize| {
        letter(
            "bob@x.example",
            "Re: Our invoice",
            &format!("b{number}@x"),
            &format!("Me too {number}"),
        )
        .replace(
            "To: support@fernway.example",
            &format!("To: {reply_to}, ann@x.example"),
        )
    };
    let apart = app.deliver(&helpdesk, of_bob(1)).await;
    assert_eq!(
        (apart.reason, apart.other_conversation_id),
        (Some(Reason::OtherSender), Some(id))
    );
    let bob = app.contact(&helpdesk, "bob@x.example");
    let of_bob_only = bob.conversations().await;
    assert_eq!(of_bob_only.len(), 1, "his own, and not Ann's");
    assert_ne!(of_bob_only[0]["id"], id.to_string());
    let member = app.member(&helpdesk).await;
    acceptance::accept(&app.app, &member, apart.id)
        .await
        .expect("a mail kept apart");
    let within = app.deliver(&helpdesk, of_bob(2)).await;
    assert_eq!(
        (within.reason, within.conversation_id),
        (Some(Reason::AnswerOfParticipant), Some(id))
    );
    assert_eq!(bob.conversations().await.len(), 1, "he reads nothing by it");
    assert_eq!(
        offered(&app, &helpdesk, id).await[0],
        "bob@x.example",
        "who wrote last stands first"
    );
}

async fn what_others_are_not_to_get_does_not_travel_with_what_they_are(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    notifications::set_quotes_history(
        &app.app,
        key(&helpdesk),
        &helpdesky::operators::members::Changer::Console,
        true,
    )
    .await
    .expect("a setting");
    let id = opened(&app, &helpdesk, "bob@x.example").await;
    for (words, to) in [
        ("Alpha for Ann", &[][..]),
        ("Beta for Ann", &[]),
        ("Gamma for both", &["bob@x.example"]),
        ("Delta for both", &["bob@x.example"]),
        ("Epsilon for Carl", &["carl@x.example"]),
        ("Zeta for Ann", &[]),
    ] {
        reply(&app, &helpdesk, id, words, to).await.expect("an answer");
    }
    hold_ends(&app).await;
    let mails = sent(&app, 4).await;
    let carried: Vec<(Vec<String>, Vec<&str>)> = mails
        .iter()
        .map(|mail| {
            let raw = text(mail);
            // Quoted below: only where nobody else reads it.
            let new = raw.split("\r\n> ").next().expect("a text").to_owned();
            let words = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta"];
            let of = if mail.copies.is_empty() { new } else { raw };
            (
                mail.copies.clone(),
                words.into_iter().filter(|word| of.contains(word)).collect(),
            )
        })
        .collect();
    let all: Vec<_> = carried
        .iter()
        .map(|(to, words)| (to.join(" "), words.join(" ")))
        .collect();
    for wanted in [
        ("", "Alpha Beta"),
        ("bob@x.example", "Gamma Delta"),
        ("carl@x.example", "Epsilon"),
        ("", "Zeta"),
    ] {
        assert!(
            all.iter()
                .any(|(to, words)| (to.as_str(), words.as_str()) == wanted),
            "{wanted:?} in {all:?}"
        );
    }
}

async fn an_answer_that_was_read_is_still_sent_to_those_who_get_a_copy(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let id = opened(&app, &helpdesk, "bob@x.example").await;
    reply(&app, &helpdesk, id, "For both", &["bob@x.example"])
        .await
        .expect("an answer");
    app.contact(&helpdesk, "ann@x.example")
        .bodies(&id.to_string())
        .await;
    hold_ends(&app).await;
    let mail = sent(&app, 1).await.remove(0);
    assert_eq!(mail.copies, ["bob@x.example"]);

    reply(&app, &helpdesk, id, "For Ann", &[])
        .await
        .expect("an answer");
    app.contact(&helpdesk, "ann@x.example")
        .bodies(&id.to_string())
        .await;
    hold_ends(&app).await;
    sent(&app, 0).await;
}

async fn nobody_else_can_be_chosen(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let id = opened(&app, &helpdesk, "bob@x.example").await;
    for bad in [
        "stranger@x.example",
        "bob@x.example\r\nBcc: stranger@x.example",
        "bob@x.example, stranger@x.example",
        "",
    ] {
        let refused = reply(&app, &helpdesk, id, "Hello", &[bad]).await;
        assert_eq!(refused, Err("unknown_copy"), "{bad:?}");
    }
    let many: Vec<String> = (0..=copies::MOST).map(|n| format!("n{n}@x.example")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(
        reply(&app, &helpdesk, id, "Hello", &many).await,
        Err("too_many_copies")
    );
    // Of a conversation that came in another way nobody is known.
    let ann = app.contact(&helpdesk, "ann@x.example");
    let other: ConversationId = ann.open("Hello").await.parse().expect("an id");
    assert_eq!(
        reply(&app, &helpdesk, other, "Hello", &["bob@x.example"]).await,
        Err("unknown_copy")
    );
    assert!(offered(&app, &helpdesk, other).await.is_empty());
    hold_ends(&app).await;
    let none = sent(&app, 0).await;
    assert!(none.is_empty(), "nothing was written");
    let (entries, _) = audit::list(&app.app, key(&helpdesk), audit::Filter::default(), None)
        .await
        .expect("the log");
    assert!(entries.iter().all(|entry| !entry.action.contains("copies")));
}
