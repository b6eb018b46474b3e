//! To which conversation a mail belongs: proved by a token and by who wrote it, never by a subject.

use helpdesky::conversations::by_operator::{self, Entry};
use helpdesky::ids::ConversationId;
use helpdesky::mail_in::{Reason, Sender, State, acceptance};
use helpdesky::notifications;

use super::{header, hold_ends, left, letter};
use crate::support::{TestApp, TestHelpdesk};

both_engines!(
    a_mail_opens_a_conversation_and_answers_stay_in_it,
    an_away_note_stands_in_a_closed_conversation_and_does_not_open_it,
    whoever_else_shows_a_token_is_kept_apart_until_an_operator_accepts,
    a_forged_token_or_a_subject_joins_nothing,
    an_operators_answer_is_theirs_only_when_it_is_proved,
    a_report_that_proves_itself_marks_the_mail_and_the_address,
);

async fn said(app: &TestApp, helpdesk: &TestHelpdesk, id: ConversationId) -> Vec<String> {
    let member = app.member(helpdesk).await;
    let opened = by_operator::show(&app.app, &member, id, None)
        .await
        .expect("a conversation");
    let text = |entry: &Entry| match entry {
        Entry::Message(message) => Some(format!("{}: {}", message.author_name, message.body)),
        Entry::Note(note) => Some(format!("note of {}: {}", note.author_name, note.body)),
        Entry::Event(_) => None,
    };
    opened.entries.iter().filter_map(text).collect()
}

async fn a_mail_opens_a_conversation_and_answers_stay_in_it(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway Support").await;
    let address = app.forwarding_address(&helpdesk).await;
    assert!(
        address.starts_with("fernway-support-") && address.ends_with("@in.desk.example"),
        "{address}"
    );

    let raw = letter(
        "Ann Lee <ann@x.example>",
        "Where is my order?",
        "1@x.example",
        "It is late.\n\n-- \nAnn",
    );
    app.smtp_mail("ann@x.example", &address, &raw).await;
    let [mail] = &app.mails(&helpdesk).await[..] else {
        panic!("one mail")
    };
    assert_eq!((mail.state, mail.reason), (State::Filed, Some(Reason::NoToken)));
    let id = mail.conversation_id.expect("a conversation");
    assert_eq!(said(&app, &helpdesk, id).await, ["Ann Lee: It is late."]);

    // The contact finds it in the Ticket Center, too.
    let ann = app.contact(&helpdesk, "ann@x.example");
    let listed = ann.listed(&id.to_string()).await;
    assert_eq!(listed["channel"], "email");
    assert_eq!(listed["subject"], "Where is my order?");

    app.operator_reply(&helpdesk, &id.to_string(), "It left today.")
        .await;
    hold_ends(&app).await;
    let mails = left(&app, 1).await;
    let answer = mails
        .iter()
        .find(|mail| header(mail, "to").contains("ann@x.example"))
        .expect("a mail to Ann");
    let reply_to = header(answer, "reply-to");
    assert!(
        reply_to.contains("reply+") && reply_to.contains("@in.desk.example"),
        "{reply_to}"
    );
    assert!(answer.contains("## Please write above this line ##"), "{answer}");

    // Ann's program shows it below what she wrote.
    assert_eq!(header(answer, "in-reply-to"), "<1@x.example>");
    assert_eq!(header(answer, "subject"), "Re: Where is my order?");

    // By the address alone, by the thread alone, and from a program that quotes.
    let message_id = header(answer, "message-id");
    let reply_to = reply_to.trim_matches(['<', '>']);
    let by_address = letter(
        "Ann Lee <ann@x.example>",
        "Re: Where is my order?",
        "2@x.example",
        "Thank you!",
    );
    app.smtp_mail("ann@x.example", reply_to, &by_address).await;
    let by_thread = letter(
        "ann@x.example",
        "AW: Where",
        "3@x.example",
        "And one thing more.\n\nOn Thu, 28 May 2026, Fernway wrote:\n> It left today.",
    )
    .replace(
        "Message-ID",
        &format!("In-Reply-To: {message_id}\nReferences: {message_id}\nMessage-ID"),
    );
    app.smtp_mail("ann@x.example", &address, &by_thread).await;
    assert_eq!(
        said(&app, &helpdesk, id).await[2..],
        ["Ann Lee: Thank you!", "Ann Lee: And one thing more."]
    );
    let reasons: Vec<_> = app
        .mails(&helpdesk)
        .await
        .iter()
        .map(|mail| mail.reason)
        .collect();
    assert_eq!(reasons[1..], [Some(Reason::Answer), Some(Reason::Answer)]);
    assert_eq!(ann.conversations().await.len(), 1);
}

/// A conversation by mail of Ann's that was answered; its id and the mail that went to her.
async fn answered(app: &TestApp, helpdesk: &TestHelpdesk) -> (ConversationId, String) {
    let raw = letter("ann@x.example", "Help", "first@x.example", "Please help.");
    let id = app
        .deliver(helpdesk, raw)
        .await
        .conversation_id
        .expect("a conversation");
    app.operator_reply(helpdesk, &id.to_string(), "A secret answer.")
        .await;
    hold_ends(app).await;
    let mails = left(app, 1).await;
    let to_ann = mails
        .into_iter()
        .find(|mail| header(mail, "to").contains("ann@x.example"));
    (id, to_ann.expect("a mail to Ann"))
}

async fn whoever_else_shows_a_token_is_kept_apart_until_an_operator_accepts(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let (id, answer) = answered(&app, &helpdesk).await;
    let reply_to = header(&answer, "reply-to");
    let foreign = |id: &str, text: &str| {
        letter("Bob <bob@y.example>", "Re: Help", id, text)
            .replace("To: support", &format!("To: {reply_to}, support"))
    };
    let mail = app
        .deliver(&helpdesk, foreign("4@y.example", "I am a colleague."))
        .await;
    assert_eq!(
        (mail.state, mail.reason),
        (State::Filed, Some(Reason::OtherSender))
    );
    let apart = mail.conversation_id.expect("a conversation of its own");
    assert_ne!(apart, id);
    assert_eq!(mail.other_conversation_id, Some(id));
    // He sees his own and nothing of Ann's, before and after.
    let bob = app.contact(&helpdesk, "bob@y.example");
    assert_eq!(bob.conversations().await.len(), 1);

    let member = app.member(&helpdesk).await;
    let went_to = acceptance::accept(&app.app, &member, mail.id)
        .await
        .expect("accepted");
    assert_eq!(went_to, id);
    let again = acceptance::accept(&app.app, &member, mail.id)
        .await
        .expect("done before");
    assert_eq!(again, id);
    assert_eq!(
        said(&app, &helpdesk, id).await.last().map(String::as_str),
        Some("Bob: I am a colleague.")
    );
    let later = app
        .deliver(&helpdesk, foreign("5@y.example", "It is me again."))
        .await;
    assert_eq!(
        (later.reason, later.conversation_id),
        (Some(Reason::AnswerOfParticipant), Some(id))
    );
    let listed = bob.conversations().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], apart.to_string());
    let refused = bob
        .call(&format!("conversations/{id}/messages"), serde_json::json!({}))
        .await;
    assert_eq!(refused.status, 404);
}

async fn an_away_note_stands_in_a_closed_conversation_and_does_not_open_it(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let ann = app.contact(&helpdesk, "ann@x.example");
    let id = ann.open("Where is my order?").await;
    app.operator_reply(&helpdesk, &id, "It left today.").await;
    hold_ends(&app).await;
    let message_id = header(&left(&app, 1).await[0], "message-id");
    ann.close(&id).await;
    let answer = |id: &str, more: &str, text: &str| {
        letter("ann@x.example", "Re: Your message", id, text).replace(
            "Message-ID",
            &format!("In-Reply-To: {message_id}\n{more}Message-ID"),
        )
    };
    let away = answer(
        "away@x.example",
        "Auto-Submitted: auto-replied\n",
        "I am away until Monday.",
    );
    let mail = app.deliver(&helpdesk, away).await;
    assert_eq!(mail.conversation_id.map(|id| id.to_string()), Some(id.clone()));
    assert_eq!(ann.listed(&id).await["status"], "closed");
    let key: ConversationId = id.parse().expect("an id");
    let last = said(&app, &helpdesk, key).await.pop();
    assert_eq!(last.as_deref(), Some("ann: I am away until Monday."));

    let back = answer("back@x.example", "", "I am back, and it is not here.");
    app.deliver(&helpdesk, back).await;
    assert_eq!(ann.listed(&id).await["status"], "open");
}

async fn a_forged_token_or_a_subject_joins_nothing(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let other = app.helpdesk("Elsewhere").await;
    let (id, answer) = answered(&app, &helpdesk).await;
    let message_id = header(&answer, "message-id");
    let reply_to = header(&answer, "reply-to").trim_matches(['<', '>']).to_owned();
    let (local, domain) = reply_to.split_once('@').expect("an address");
    let mut forgeries = vec![
        ("no token", "To: support@fernway.example".to_owned()),
        ("cut", format!("To: {}@{domain}", &local[..local.len() - 1])),
        ("empty", format!("To: reply+@{domain}")),
        (
            "an id of the conversation",
            format!("To: reply+{}@{domain}", id.0.simple()),
        ),
        ("reply to itself", format!("In-Reply-To: <{id}@{domain}>")),
    ];
    for at in [7, 20, 40, local.len() - 2] {
        let mut changed: Vec<char> = local.chars().collect();
        changed[at] = if changed[at] == 'o' { 'p' } else { 'o' };
        let changed: String = changed.into_iter().collect();
        if changed != local {
            forgeries.push(("changed", format!("To: {changed}@{domain}")));
        }
    }
    for (number, (what, line)) in forgeries.into_iter().enumerate() {
        let raw = letter(
            "ann@x.example",
            "Re: Help",
            &format!("forged{number}@x.example"),
            what,
        )
        .replace("To: support@fernway.example", &line);
        let mail = app.deliver(&helpdesk, raw).await;
        assert_eq!(mail.state, State::Filed, "{what}");
        assert_ne!(mail.conversation_id, Some(id), "{what}");
        assert!(
            matches!(mail.reason, Some(Reason::NoToken | Reason::ForgedToken)),
            "{what}: {:?}",
            mail.reason
        );
    }
    // Another helpdesk's good token is none here.
    let stolen = letter("ann@x.example", "Re: Help", "stolen@x.example", "hi")
        .replace("Message-ID:", &format!("References: {message_id}\nMessage-ID:"));
    let mail = app.deliver(&other, stolen).await;
    assert_eq!(mail.reason, Some(Reason::ForgedToken));
    assert_eq!(said(&app, &helpdesk, id).await.len(), 2);
}

async fn an_operators_answer_is_theirs_only_when_it_is_proved(app: TestApp) {
    let trusting = |config: &mut helpdesky::config::Config| {
        config.mail_in.authserv_id = Some("mx.fernway.example".to_owned());
    };
    let app = app.receiving_with(trusting).await;
    let helpdesk = app.helpdesk("Fernway").await;
    let member = app.member(&helpdesk).await;
    let ann = app.contact(&helpdesk, "ann@x.example");
    let id: ConversationId = ann.open("Please help.").await.parse().expect("an id");
    hold_ends(&app).await;
    let [mail] = &left(&app, 1).await[..] else {
        panic!("one mail")
    };
    let reply_to = header(mail, "reply-to");
    let domain = member
        .operator
        .email
        .split_once('@')
        .expect("an address")
        .1
        .to_owned();
    let proof = format!("Authentication-Results: mx.fernway.example; dmarc=pass header.from={domain}\n");
    let answer = |id: &str, text: &str, proof: &str| {
        let raw = letter(&member.operator.email, "Re: x", id, text);
        format!(
            "{proof}{}",
            raw.replace("To: support@fernway.example", &format!("To: {reply_to}"))
        )
    };

    let unproved = app.deliver(&helpdesk, answer("1@o", "Forged?", "")).await;
    assert_eq!(unproved.reason, Some(Reason::OperatorUnproved));
    let foreign = "Authentication-Results: evil.example; dmarc=pass header.from=desk.example\n";
    let foreign = app
        .deliver(&helpdesk, answer("2@o", "Forged too?", foreign))
        .await;
    assert_eq!(foreign.reason, Some(Reason::OperatorUnproved));
    let noted = app
        .deliver(&helpdesk, answer("3@o", "Note: she is important", &proof))
        .await;
    assert_eq!(noted.reason, Some(Reason::OperatorNote));
    let away =
        answer("4@o", "I am away", &proof).replace("Subject:", "Auto-Submitted: auto-replied\nSubject:");
    let away = app.deliver(&helpdesk, away).await;
    assert_eq!(
        (away.state, away.reason),
        (State::Noted, Some(Reason::OperatorAway))
    );
    assert_eq!(
        ann.bodies(&id.to_string()).await,
        ["Please help."],
        "nothing of it reached the contact"
    );

    let mine = app
        .deliver(&helpdesk, answer("5@o", "It is on its way.", &proof))
        .await;
    assert_eq!(mine.reason, Some(Reason::OperatorAnswer));
    assert_eq!(
        ann.bodies(&id.to_string()).await,
        ["Please help.", "It is on its way."]
    );
    // The same headers handed in by a stranger are the stranger's words.
    let address = app.forwarding_address(&helpdesk).await;
    app.smtp_mail("x@y.example", &address, &answer("6@o", "Stranger", &proof))
        .await;
    let last = app.mails(&helpdesk).await.pop().expect("a mail");
    assert_eq!(last.reason, Some(Reason::OperatorUnproved));
    let said = said(&app, &helpdesk, id).await;
    assert_eq!(
        said.iter().filter(|text| text.starts_with("note of")).count(),
        4,
        "{said:?}"
    );
}

async fn a_report_that_proves_itself_marks_the_mail_and_the_address(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let (id, answer) = answered(&app, &helpdesk).await;
    let report = |message_id: &str| {
        format!(
            "From: MAILER-DAEMON@mx.x.example\nTo: support@desk.example\nSubject: Undelivered\nMessage-ID: <{}@mx>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nNo.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.x.example\n\nFinal-Recipient: rfc822; ann@x.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id}\nSubject: x\n\n--b--\n",
            message_id.len() * 7 + usize::from(message_id.as_bytes()[2])
        )
    };
    let forged = app
        .deliver_from(&helpdesk, Sender::Null, report("<aaaa.bbbb@desk.example>"))
        .await;
    assert_eq!(
        (forged.state, forged.reason),
        (State::Noted, Some(Reason::UnknownBounce))
    );
    let member = app.member(&helpdesk).await;
    let states = notifications::states(&app.app, &member, id)
        .await
        .expect("states");
    assert!(states.refusal.is_none());

    let real = app
        .deliver_from(&helpdesk, Sender::Null, report(&header(&answer, "message-id")))
        .await;
    assert_eq!((real.state, real.reason), (State::Noted, Some(Reason::Bounce)));
    let states = notifications::states(&app.app, &member, id)
        .await
        .expect("states");
    assert!(
        matches!(states.of(2), Some(notifications::MessageState::Bounced { .. })),
        "{:?}",
        states.of(2)
    );
    assert!(matches!(
        states.refusal,
        Some(notifications::Refusal::BadAddress { .. })
    ));
    assert_eq!(said(&app, &helpdesk, id).await.len(), 2, "a report is no answer");
}
