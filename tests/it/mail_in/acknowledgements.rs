//! Acknowledgements: who is told that their mail has come in, in which words, and who never is.

use std::time::Duration;

use helpdesky::audit;
use helpdesky::config::Config;
use helpdesky::ids::HelpdeskId;
use helpdesky::mail_in::rules::{self, Treatment};
use helpdesky::mail_in::{Reason, Sender, State, mails};
use helpdesky::mail_out::mailer;
use helpdesky::notifications::{self, Automatic, Filter, Listed, State as Mailing};
use helpdesky::operators::members::Changer;
use mail::ComposedMail;
use mail::strict;

use super::{header, hold_ends, letter};
use crate::support::smtp::{At, Fault, Script, SmtpServer};
use crate::support::{TestApp, TestHelpdesk};

both_engines!(
    whoever_opens_a_conversation_is_told_once_and_nothing_of_theirs_goes_back,
    machines_lists_and_reports_are_kept_and_never_answered,
    people_who_ask_for_silence_open_a_conversation_in_silence,
    nobody_is_told_who_is_blocked_unsubscribed_or_unreachable,
    what_is_kept_back_or_kept_apart_is_not_acknowledged,
    an_answer_neither_waits_for_an_acknowledgement_nor_comes_twice,
);

pub(super) const MINUTE: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MINUTE;

pub(super) fn key(helpdesk: &TestHelpdesk) -> HelpdeskId {
    helpdesk.id.parse().expect("an id")
}

async fn set(app: &TestApp, helpdesk: &TestHelpdesk, is_on: bool, subject: &str, text: &str) {
    let new = (is_on, subject, text);
    notifications::set_acknowledging(&app.app, key(helpdesk), &Changer::Console, new)
        .await
        .expect("a setting");
}

pub(super) async fn acknowledging(app: &TestApp, name: &str) -> TestHelpdesk {
    let helpdesk = app.helpdesk(name).await;
    set(app, &helpdesk, true, "", "").await;
    helpdesk
}

/// All acknowledgements of a helpdesk that there were, newest first.
pub(super) async fn acknowledgements(app: &TestApp, helpdesk: &TestHelpdesk) -> Vec<Listed> {
    let page = notifications::outbox(&app.app, key(helpdesk), Filter::default(), None).await;
    let mut listed = page.expect("the outbox").items;
    listed.retain(|mail| mail.automatic == Some(Automatic::Acknowledges));
    listed
}

/// The acknowledgements that left since the last look, when none is on its way any more.
pub(super) async fn told(app: &TestApp, helpdesk: &TestHelpdesk) -> Vec<ComposedMail> {
    for _ in 0..1_000 {
        let all = acknowledgements(app, helpdesk).await;
        if all
            .iter()
            .all(|mail| !matches!(mail.state, Mailing::Held | Mailing::Sending))
        {
            let mut left = mailer::take_memory(&app.app);
            left.retain(|mail| mail.has_null_return_path);
            return left;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("an acknowledgement is on its way for ever");
}

pub(super) fn text(mail: &ComposedMail) -> String {
    String::from_utf8(mail.bytes.clone()).expect("a mail in UTF-8")
}

/// The mail with this Message-ID.
async fn with_id(app: &TestApp, helpdesk: &TestHelpdesk, id: &str) -> mails::Listed {
    let mut mails = app.mails(helpdesk).await;
    mails.retain(|mail| mail.message_id == id);
    mails.pop().expect("a mail")
}

pub(super) async fn noted(app: &TestApp, helpdesk: &TestHelpdesk, action: &str) -> usize {
    let (entries, _) = audit::list(&app.app, key(helpdesk), audit::Filter::default(), None)
        .await
        .expect("the log");
    entries.iter().filter(|entry| entry.action == action).count()
}

async fn whoever_opens_a_conversation_is_told_once_and_nothing_of_theirs_goes_back(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway Support").await;
    let address = app.forwarding_address(&helpdesk).await;
    let mail = |number: usize| {
        letter(
            "\"Evil Name\" <ann@x.example>",
            "Evil subject",
            &format!("evil-{number}@x.example"),
            &format!("Evil body {number}"),
        )
    };
    app.smtp_mail("ann@x.example", &address, &mail(1)).await;
    assert!(told(&app, &helpdesk).await.is_empty(), "off by default");

    set(&app, &helpdesk, true, "", "").await;
    app.smtp_mail("ann@x.example", &address, &mail(2)).await;
    let told_now = told(&app, &helpdesk).await;
    let [told_now] = &told_now[..] else {
        panic!("one acknowledgement: {told_now:?}")
    };
    assert!(told_now.has_null_return_path);
    assert_eq!(told_now.recipient, "ann@x.example");
    let read = strict::read(&told_now.bytes, false).expect("a mail by the rules");
    let raw = text(told_now);
    for (name, value) in [
        ("auto-submitted", "auto-replied"),
        ("x-auto-response-suppress", "All"),
        ("in-reply-to", "<evil-2@x.example>"),
        ("references", "<evil-2@x.example>"),
        ("subject", "We have received your mail"),
        ("to", "ann@x.example"),
        ("x-helpdesky-loop", helpdesk.id.as_str()),
    ] {
        assert_eq!(
            header(&raw, name).trim_matches(['<', '>']),
            value.trim_matches(['<', '>']),
            "{name}"
        );
    }
    assert!(read.header("list-unsubscribe").is_some());
    let said = format!("{} {} {:?}", read.text, read.html, read.headers);
    for theirs in ["Evil Name", "Evil subject", "Evil body"] {
        assert!(!said.contains(theirs), "{theirs}: {said}");
    }
    assert!(read.text.contains("Your mail has arrived"), "{}", read.text);

    // Whoever answers it writes in the same conversation, and is not told again.
    let opened = with_id(&app, &helpdesk, "evil-2@x.example").await;
    let reply_to = header(&raw, "reply-to").trim_matches(['<', '>']).to_owned();
    let more = letter(
        "ann@x.example",
        "Re: We have",
        "more@x.example",
        "One thing more.",
    );
    app.smtp_mail("ann@x.example", &reply_to, &more).await;
    let more = with_id(&app, &helpdesk, "more@x.example").await;
    assert_eq!(
        (more.reason, more.conversation_id),
        (Some(Reason::Answer), opened.conversation_id)
    );
    assert!(told(&app, &helpdesk).await.is_empty());

    // Nothing proves that the mail was Ann's: once a day is enough, however it is written.
    app.advance(23 * HOUR);
    app.smtp_mail("ann@x.example", &address, &mail(3)).await;
    let tagged = mail(4).replace("<ann@", "<ann+tag@");
    app.smtp_mail("ann@x.example", &address, &tagged).await;
    assert!(told(&app, &helpdesk).await.is_empty());
    app.advance(2 * HOUR);
    set(
        &app,
        &helpdesk,
        true,
        "Danke für Ihre Mail",
        "Wir melden uns.\r\n\r\nIhr <b>Team</b>",
    )
    .await;
    app.smtp_mail("ann@x.example", &address, &mail(5)).await;
    let again = told(&app, &helpdesk).await;
    assert_eq!(again.len(), 1);
    let read = strict::read(&again[0].bytes, false).expect("a mail by the rules");
    assert_eq!(
        strict::decode_words(read.header("subject").expect("a subject")).expect("words"),
        "Danke für Ihre Mail"
    );
    assert!(
        read.text.contains("Wir melden uns.\r\n\r\nIhr <b>Team</b>"),
        "{}",
        read.text
    );
    assert!(read.html.contains("Ihr &#60;b&#62;Team"), "{}", read.html);
    assert_eq!(noted(&app, &helpdesk, "acknowledgements changed").await, 2);

    // What an operator writes is a person's answer.
    let id = opened.conversation_id.expect("a conversation").to_string();
    app.operator_reply(&helpdesk, &id, "Hello Ann").await;
    hold_ends(&app).await;
    let answers = super::left(&app, 1).await;
    assert_eq!(header(&answers[0], "auto-submitted"), "");
    assert_eq!(
        header(&answers[0], "x-auto-response-suppress"),
        "OOF, AutoReply, DR, RN, NRN"
    );
}

/// What machines write, by what is told of them.
const MACHINES: [&str; 24] = [
    "Auto-Submitted: auto-replied",
    "Auto-Submitted: auto-replied; owner-email=\"a@b.example\"",
    "Auto-Submitted: Auto-Replied (away)",
    "Auto-Submitted: auto-generated",
    "Auto-Submitted: auto-generated; x=y",
    "Auto-Submitted: auto-notified; owner-token=af3NN2pK5dDXI0W",
    "Auto-Submitted: something-new",
    "Return-Path: <>",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
    "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
    "Content-Type: multipart/report; report-type=feedback-report; boundary=b",
    "List-Id: <news.x.example>",
    "List-Post: <mailto:news@x.example>",
    "List-Unsubscribe: <https://x.example/stop>",
    "Mailing-List: contact news@x.example",
    "Precedence: auto_reply",
    "X-Autoreply: yes",
    "X-Autorespond: Re: your mail",
    "X-Mail-Autoreply: 1",
    "Subject: Automatic reply: Your order",
    "X-Failed-Recipients: a@b.example",
    "From: MAILER-DAEMON@x.example",
    "From: Mail Delivery System <mailer-daemon@x.example>",
    "From: no-reply@x.example",
];

async fn machines_lists_and_reports_are_kept_and_never_answered(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = acknowledging(&app, "Fernway").await;
    for (number, line) in MACHINES.into_iter().enumerate() {
        let raw = letter(
            &format!("m{number}@x.example"),
            "Hi",
            &format!("{number}@x"),
            "Hi",
        );
        let name = line.split(':').next().expect("a name");
        // In place of the same header, where there is one.
        let mut kept: Vec<&str> = raw
            .lines()
            .filter(|own| !own.starts_with(&format!("{name}:")))
            .collect();
        kept.insert(0, line);
        let mail = app.deliver(&helpdesk, format!("{}\n", kept.join("\n"))).await;
        assert!(
            matches!(mail.state, State::Filed | State::Noted),
            "{line}: kept in sight"
        );
        assert!(mail.is_automatic, "{line}");
    }
    let null = letter("null@x.example", "Hi", "null@x", "Hi");
    let mail = app.deliver_from(&helpdesk, Sender::Null, null).await;
    assert!(mail.is_automatic);
    let looped = letter("loop@x.example", "Hi", "loop@x", "Hi");
    let mail = app
        .deliver(&helpdesk, format!("X-Helpdesky-Loop: {}\n{looped}", helpdesk.id))
        .await;
    assert_eq!(mail.state, State::Quarantined);
    assert_eq!(
        app.mails(&helpdesk).await.len(),
        MACHINES.len() + 2,
        "none is lost"
    );
    assert!(acknowledgements(&app, &helpdesk).await.is_empty());

    let person = letter("ann@x.example", "Hi", "person@x", "Hi");
    app.deliver(&helpdesk, format!("Auto-Submitted: no\n{person}"))
        .await;
    assert_eq!(told(&app, &helpdesk).await.len(), 1, "a person is");
}

async fn people_who_ask_for_silence_open_a_conversation_in_silence(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = acknowledging(&app, "Fernway").await;
    for (number, line) in [
        "X-Auto-Response-Suppress: All",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "X-Auto-Response-Suppress: OOF",
        "Precedence: bulk",
        "Precedence: list",
        "Precedence: junk",
        "X-Loop: support@x.example",
        "Sender: relay@x.example\nPrecedence: Bulk",
    ]
    .into_iter()
    .enumerate()
    {
        let raw = letter(
            &format!("p{number}@x.example"),
            "Hi",
            &format!("{number}@x"),
            "Hi",
        );
        let mail = app.deliver(&helpdesk, format!("{line}\n{raw}")).await;
        assert_eq!(
            (mail.state, mail.reason, mail.is_automatic),
            (State::Filed, Some(Reason::NoToken), false),
            "{line}"
        );
    }
    assert!(acknowledgements(&app, &helpdesk).await.is_empty());
    let raw = letter("ann@x.example", "Hi", "ann@x", "Hi");
    app.deliver(&helpdesk, format!("X-Auto-Response-Suppress: DR, RN, NRN\n{raw}"))
        .await;
    assert_eq!(
        told(&app, &helpdesk).await.len(),
        1,
        "reports alone are suppressed there"
    );
}

async fn nobody_is_told_who_is_blocked_unsubscribed_or_unreachable(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = acknowledging(&app, "Fernway").await;
    let id = key(&helpdesk);
    let by = audit::By::console();
    rules::set(&app.app, id, &by, "@spam.example", Treatment::Block)
        .await
        .expect("a rule");
    let of =
        |local: &str, number: usize| letter(&format!("{local}.example"), "Hi", &format!("{number}@x"), "Hi");
    app.deliver(&helpdesk, of("a@spam", 1)).await;
    assert!(
        acknowledgements(&app, &helpdesk).await.is_empty(),
        "not who is blocked"
    );

    for (number, local) in ["stops@x", "gone@x"].into_iter().enumerate() {
        app.deliver(&helpdesk, of(local, 10 + number)).await;
        assert_eq!(told(&app, &helpdesk).await.len(), 1);
    }
    let contact = async |email: &str| {
        let address = mail::Address::parse(email).expect("an address");
        let found = helpdesky::contacts::of_address(&app.app, id, &address).await;
        found.expect("contacts").expect("a contact").id
    };
    let stops = notifications::unsubscribe_token(&app.app, id, contact("stops@x.example").await);
    notifications::unsubscribe(&app.app, &stops)
        .await
        .expect("a link");
    let gone = contact("gone@x.example").await;
    notifications::mark_bad(&app.app, id, gone, "550 5.1.1")
        .await
        .expect("a mark");
    app.advance(30 * HOUR);
    for (number, local) in ["stops@x", "gone@x"].into_iter().enumerate() {
        app.deliver(&helpdesk, of(local, 20 + number)).await;
    }
    assert_eq!(acknowledgements(&app, &helpdesk).await.len(), 2, "nobody new");

    // A mail in our own name goes round at once.
    app.deliver(&helpdesk, of("support@desk", 30)).await;
    assert!(told(&app, &helpdesk).await.is_empty());
    let own = acknowledgements(&app, &helpdesk).await.remove(0);
    assert_eq!(
        (own.address.as_str(), own.state),
        ("support@desk.example", Mailing::Failed)
    );
}

async fn what_is_kept_back_or_kept_apart_is_not_acknowledged(app: TestApp) {
    // Where outgoing mail is switched off, none piles up.
    let off = app
        .receiving_with(|config: &mut Config| config.mail_delivery = false)
        .await;
    let helpdesk = acknowledging(&off, "Fernway").await;
    off.deliver(&helpdesk, letter("ann@x.example", "Hi", "1@x", "Hi"))
        .await;
    assert!(acknowledgements(&off, &helpdesk).await.is_empty());

    let app = app.receiving().await;
    let helpdesk = acknowledging(&app, "Fernway").await;
    // From quarantine, where an operator delivered it.
    let hops = "Received: from a by b; today\n".repeat(51);
    let looped = letter("ann@x.example", "Hi", "2@x", "Hi");
    let held = app.deliver(&helpdesk, format!("{hops}{looped}")).await;
    assert_eq!(held.state, State::Quarantined);
    let member = app.member(&helpdesk).await;
    mails::retry(&app.app, &member, held.id, true)
        .await
        .expect("a mail in quarantine");
    app.settled().await;
    assert_eq!(app.mail(&helpdesk, held.id).await.reason, Some(Reason::AsNew));
    assert!(acknowledgements(&app, &helpdesk).await.is_empty());

    // Of somebody who answers what went to another.
    app.deliver(&helpdesk, letter("bob@x.example", "Hi", "3@x", "Hi"))
        .await;
    let bobs = told(&app, &helpdesk).await;
    let reply_to = header(&text(&bobs[0]), "reply-to");
    let other = letter("eve@x.example", "Re: Hi", "4@x", "Me too")
        .replace("support@fernway.example", reply_to.trim_matches(['<', '>']));
    let other = app.deliver(&helpdesk, other).await;
    assert_eq!(other.reason, Some(Reason::OtherSender));
    // The same Message-ID once more.
    let twin = app
        .deliver(&helpdesk, letter("carl@x.example", "Hi", "3@x", "Something else"))
        .await;
    assert_eq!(twin.reason, Some(Reason::PossibleDuplicate));
    // Passed on by an operator.
    let forwarded = letter(
        &member.operator.email,
        "Fwd: Hi",
        "5@x",
        "---------- Forwarded message ---------\nFrom: Dora <dora@x.example>\nDate: Thu, 28 May 2026\nSubject: Hi\nTo: <x@fernway.example>\n\nHelp",
    );
    let forwarded = app.deliver(&helpdesk, forwarded).await;
    assert_eq!(forwarded.reason, Some(Reason::Forwarded));
    assert_eq!(
        acknowledgements(&app, &helpdesk).await.len(),
        1,
        "only Bob was told"
    );
}

async fn an_answer_neither_waits_for_an_acknowledgement_nor_comes_twice(app: TestApp) {
    let busy = Script {
        fault: Some((At::Mail, Fault::Says("451 4.3.0 not now"))),
        ..Script::default()
    };
    let server = SmtpServer::start(busy).await;
    let app = app.receiving_by_relay(server.port).await;
    let helpdesk = acknowledging(&app, "Fernway").await;
    let opened = app
        .deliver(&helpdesk, letter("ann@x.example", "Hi", "1@x", "Hi"))
        .await;
    let id = opened.conversation_id.expect("a conversation");
    let state = async || {
        told(&app, &helpdesk).await;
        acknowledgements(&app, &helpdesk).await.remove(0)
    };
    let retrying = state().await;
    assert_eq!(
        (retrying.state, retrying.subject.as_str()),
        (Mailing::Retrying, "Hi")
    );

    app.operator_reply(&helpdesk, &id.to_string(), "Hello").await;
    let member = app.member(&helpdesk).await;
    let mails = notifications::states(&app.app, &member, id)
        .await
        .expect("states");
    let waiting = mails.waiting().expect("the answer waits");
    assert_eq!((waiting.first_position, waiting.last_position), (2, 2));
    assert_eq!(
        mails.mails.len(),
        1,
        "the acknowledgement is not among the answers"
    );
    let acknowledgement = mails.acknowledgement.as_ref().expect("the acknowledgement");
    assert_eq!(acknowledgement.state, Mailing::Retrying);

    // "Send now" is about the answer, and so is taking it back and bringing it back.
    assert!(
        notifications::cancel(&app.app, &member, id)
            .await
            .expect("an answer")
    );
    assert!(
        !notifications::send_now(&app.app, &member, id)
            .await
            .expect("nothing waits")
    );
    assert!(
        notifications::restore(&app.app, &member, id)
            .await
            .expect("an answer")
    );
    assert!(
        notifications::send_now(&app.app, &member, id)
            .await
            .expect("an answer")
    );
    let tried = server.seen(|seen| {
        seen.lines
            .iter()
            .filter(|line| line.starts_with("MAIL FROM:<s"))
            .count()
    });
    for _ in 0..1_000 {
        let now = server.seen(|seen| {
            seen.lines
                .iter()
                .filter(|line| line.starts_with("MAIL FROM:<s"))
                .count()
        });
        if now > tried {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let nulls = server.seen(|seen| {
        seen.lines
            .iter()
            .filter(|line| line.starts_with("MAIL FROM:<>"))
            .count()
    });
    assert_eq!(
        nulls, 1,
        "the answer left before the acknowledgement was tried again"
    );

    app.advance(2 * MINUTE);
    for _ in 0..1_000 {
        if state().await.state != Mailing::Retrying {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let ended = state().await;
    assert_eq!(
        (ended.state, ended.words.as_str()),
        (Mailing::Cancelled, "An operator answered before")
    );
}
