//! What the lists count and filter, and what operators see of each other's work in a conversation.

use std::time::Duration;

use db::Tx;
use helpdesky::conversations::by_operator::{self, Mailing};
use helpdesky::conversations::text::Body;
use helpdesky::conversations::{counts, inbox};
use helpdesky::ids::{ConversationId, HelpdeskId, OperatorId};
use helpdesky::operators::{self, Member, Role};

use super::browser::{Browser, PASSWORD, operator, owner};
use crate::support::random::Random;
use crate::support::{Engine, TestApp, TestHelpdesk, count, on};

both_engines!(
    the_numbers_beside_the_lists_are_those_of_the_conversations,
    many_hands_at_once_leave_the_numbers_right,
    a_filter_shows_what_passes_it,
    a_filter_that_nothing_passes_looks_at_a_part_and_offers_the_rest,
    the_way_back_keeps_the_filter,
    a_draft_is_there_again_until_it_is_sent,
    a_draft_that_arrives_after_its_message_is_nothing,
    who_looks_at_a_conversation_is_seen_by_the_others,
    somebody_elses_answer_stops_a_reply_that_did_not_know_of_it,
    a_box_at_private_note_is_a_note_whatever_the_button,
);

/// A second operator's browser.
async fn colleague<'app>(app: &'app TestApp, helpdesk: &TestHelpdesk, email: &str) -> Browser<'app> {
    operator(app, helpdesk, email, Role::Operator).await;
    let mut browser = Browser::new(app);
    browser.sign_in(email, PASSWORD).await;
    browser
}

async fn members(app: &TestApp, helpdesk: &TestHelpdesk) -> Vec<Member> {
    let id: HelpdeskId = helpdesk.id.parse().expect("an id");
    operators::list(&app.app, id).await.expect("the members")
}

/// What counting all conversations gives, for one operator.
async fn counted(app: &TestApp, member: &Member) -> counts::Counts {
    let (helpdesk, me) = (member.helpdesk_id, member.operator.id);
    let rows: Result<Vec<(String, Option<OperatorId>, bool)>, db::Error> = app
        .app
        .db()
        .read(async move |tx: &mut Tx| {
            tx.all(
                "SELECT c.status, c.assignee_id, c.last_visitor_entry > COALESCE(r.seen_entry, 0) FROM conversations c
                 LEFT JOIN operator_reads r ON r.helpdesk_id = c.helpdesk_id AND r.operator_id = c.assignee_id
                     AND r.conversation_id = c.id
                 WHERE c.helpdesk_id = $1",
                &[&helpdesk],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .await
        })
        .await;
    let mut counts = counts::Counts::default();
    for (status, assignee, unread) in rows.expect("the conversations") {
        if status == "closed" {
            counts.closed += 1;
            continue;
        }
        counts.open += 1;
        counts.unassigned += i64::from(assignee.is_none());
        counts.mine += i64::from(assignee == Some(me));
        counts.mine_unread += i64::from(assignee == Some(me) && unread);
    }
    counts
}

async fn assert_counts(app: &TestApp, members: &[Member], after: &str) {
    for member in members {
        let kept = counts::of(&app.app, member).await.expect("the numbers");
        assert_eq!(kept, counted(app, member).await, "after {after}");
    }
}

fn key(text: &str) -> ConversationId {
    text.parse().expect("an id")
}

fn body(text: &str) -> Body {
    Body::parse(text).expect("a text")
}

async fn the_numbers_beside_the_lists_are_those_of_the_conversations(app: TestApp) {
    let (helpdesk, _) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    operator(&app, &helpdesk, "tomas@acme.example", Role::Operator).await;
    let members = members(&app, &helpdesk).await;
    let contact = app.contact(&helpdesk, "priya@example.com");
    let mut ids = vec![contact.open("The first").await];
    let mut random = Random::new(11);
    for step in 0..count(60, 2_000) {
        let id = ids[random.below(ids.len())].clone();
        let (member, other) = (
            &members[random.below(members.len())],
            &members[random.below(members.len())],
        );
        let doing = random.below(9);
        let (a, m, c) = (&app.app, member, key(&id));
        match doing {
            0 => ids.push(contact.open("One more").await),
            1 => drop(contact.reply(&id, "More").await),
            2 => drop(contact.close(&id).await),
            3 => drop(by_operator::close(a, m, c).await.expect("closed")),
            4 => drop(by_operator::reopen(a, m, c).await.expect("reopened")),
            5 => drop(
                by_operator::assign(a, m, c, Some(other.operator.id))
                    .await
                    .expect("assigned"),
            ),
            6 => drop(by_operator::assign(a, m, c, None).await.expect("unassigned")),
            7 => drop(
                by_operator::reply(a, m, c, body("An answer"), None, Mailing::Held)
                    .await
                    .expect("answered"),
            ),
            _ => {
                let entry = i64::try_from(random.below(12)).expect("a number");
                by_operator::mark_seen(a, m, c, entry).await.expect("seen");
            }
        }
        assert_counts(&app, &members, &format!("step {step}, operation {doing}")).await;
    }
}

async fn many_hands_at_once_leave_the_numbers_right(app: TestApp) {
    let (helpdesk, _) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    operator(&app, &helpdesk, "tomas@acme.example", Role::Operator).await;
    let members = members(&app, &helpdesk).await;
    let contact = app.contact(&helpdesk, "priya@example.com");
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(key(&contact.open(&format!("Number {number}")).await));
    }
    let mut hands = Vec::new();
    for hand in 0..8 {
        let (app, ids, members) = (app.app.clone(), ids.clone(), members.clone());
        hands.push(tokio::spawn(async move {
            let mut random = Random::new(hand);
            for _ in 0..count(25, 500) {
                let id = ids[random.below(ids.len())];
                let member = &members[random.below(members.len())];
                let to = &members[random.below(members.len())];
                let done = match random.below(5) {
                    0 => by_operator::close(&app, member, id).await.map(drop),
                    1 => by_operator::reopen(&app, member, id).await.map(drop),
                    2 => by_operator::assign(&app, member, id, None).await.map(drop),
                    3 => by_operator::mark_seen(&app, member, id, 1).await,
                    _ => by_operator::assign(&app, member, id, Some(to.operator.id))
                        .await
                        .map(drop),
                };
                done.expect("done");
            }
        }));
    }
    for hand in hands {
        hand.await.expect("a hand");
    }
    assert_counts(&app, &members, "all hands").await;
}

async fn a_filter_shows_what_passes_it(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    operator(&app, &helpdesk, "tomas@acme.example", Role::Operator).await;
    let members = members(&app, &helpdesk).await;
    let of = |email: &str| {
        let found = members.iter().find(|member| member.operator.email == email);
        found.expect("the member").clone()
    };
    let (noor, tomas) = (of("noor@acme.example"), of("tomas@acme.example"));
    let contact = app.contact(&helpdesk, "priya@example.com");
    let seen = key(&contact.open("Seen by Noor").await);
    let fresh = key(&contact.open("New to Noor").await);
    by_operator::assign(&app.app, &noor, seen, Some(tomas.operator.id))
        .await
        .expect("assigned");
    by_operator::mark_seen(&app.app, &noor, seen, 99)
        .await
        .expect("seen");
    let base = format!("/h/{}/conversations?view=", helpdesk.id);
    for (view, wanted) in [
        ("open".to_owned(), vec![seen, fresh]),
        ("open.unread".to_owned(), vec![fresh]),
        ("open.ticket_center".to_owned(), vec![seen, fresh]),
        ("open.email".to_owned(), vec![]),
        ("open.nobody".to_owned(), vec![fresh]),
        (format!("open.{}", tomas.operator.id), vec![seen]),
        (format!("open.unread.{}", tomas.operator.id), vec![]),
        (format!("open.ticket_center.{}", noor.operator.id), vec![]),
        ("unassigned.unread".to_owned(), vec![fresh]),
        ("mine.unread".to_owned(), vec![]),
        ("closed.nobody".to_owned(), vec![]),
    ] {
        let page = browser.get(&format!("{base}{view}")).await;
        assert_eq!(page.status, 200, "{view}");
        for id in [seen, fresh] {
            let is_there = page.html.contains(&format!("id=\"row-{id}\""));
            assert_eq!(is_there, wanted.contains(&id), "{view}: {id}");
        }
        if wanted.is_empty() && view.contains('.') {
            assert!(
                page.html.contains("Show the whole list"),
                "{view} offers a way out"
            );
        }
    }
}

async fn a_filter_that_nothing_passes_looks_at_a_part_and_offers_the_rest(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let contact = app.contact(&helpdesk, "priya@example.com");
    let wanted = contact.open("The only mail").await;
    app.advance(1_000);
    let template = contact.open("One of many").await;
    multiply(&app, &template, inbox::LOOKED_AT).await;
    let to_email = "UPDATE conversations SET channel = 'email' WHERE id = $1";
    let id = key(&wanted);
    let changed: Result<u64, db::Error> = app
        .app
        .db()
        .write(async move |tx: &mut Tx| tx.execute(to_email, &[&id]).await)
        .await;
    assert_eq!(changed.expect("changed"), 1);
    let base = format!("/h/{}/conversations?view=open.email", helpdesk.id);
    let page = browser.get(&base).await;
    assert!(!page.html.contains(&wanted), "it stands behind the others");
    assert!(page.html.contains("Nothing among the newest 2,000"));
    let further = page
        .html
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next());
    let further = further.filter(|href| href.contains("&#38;before=")).last();
    let further = further.expect("a way further back").replace("&#38;", "&");
    let page = browser.get(&further).await;
    assert!(page.html.contains(&wanted), "and is found there");
}

/// Makes so many copies of a conversation's row: enough for lists, which read nothing else.
async fn multiply(app: &TestApp, template: &str, times: i64) {
    let id = key(template);
    for _ in 0..times {
        let copy: ConversationId = app.app.new_id();
        let made: Result<u64, db::Error> = app
            .app
            .db()
            .write(async move |tx: &mut Tx| {
                tx.execute(
                    "INSERT INTO conversations (helpdesk_id, id, contact_id, channel, subject, status, preview,
                         last_author, last_author_name, last_message_at, message_count, entry_count,
                         last_visitor_entry, contact_unread, contact_seen_position, created_at)
                     SELECT helpdesk_id, $2, contact_id, channel, subject, status, preview, last_author,
                         last_author_name, last_message_at, message_count, entry_count, last_visitor_entry,
                         contact_unread, contact_seen_position, created_at
                     FROM conversations WHERE id = $1",
                    &[&id, &copy],
                )
                .await
            })
            .await;
        assert_eq!(made.expect("made"), 1);
    }
}

async fn the_way_back_keeps_the_filter(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let id = app.contact(&helpdesk, "priya@example.com").open("Hello").await;
    let address = format!("/h/{}/conversations/{id}", helpdesk.id);
    let page = browser
        .get(&format!("{address}?view=unassigned.unread.ticket_center"))
        .await;
    assert_eq!(page.hidden("view"), "unassigned.unread.ticket_center");
    let sent = browser
        .submit(
            &page,
            &format!("{address}/replies"),
            &[("body", "Hello"), ("view", &page.hidden("view"))],
        )
        .await;
    assert_eq!(
        sent.location(),
        format!("{address}?view=unassigned.unread.ticket_center")
    );
}

async fn a_draft_is_there_again_until_it_is_sent(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let id = app.contact(&helpdesk, "priya@example.com").open("Hello").await;
    let address = format!("/h/{}/conversations/{id}", helpdesk.id);
    let draft = format!("{address}/draft");
    let page = browser.get(&address).await;
    let typed = "Half an ans\r\n\r\nwer 👩‍👩‍👧 שלום";
    let kept = browser
        .submit(
            &page,
            &draft,
            &[("body", typed), ("mode", "note"), ("quietly", "yes")],
        )
        .await;
    assert_eq!(kept.status, 204);

    let mut colleague = colleague(&app, &helpdesk, "tomas@acme.example").await;
    assert!(
        !colleague.get(&address).await.html.contains("Half an ans"),
        "a draft is its writer's own"
    );
    let page = browser.get(&address).await;
    assert!(page.html.contains("Half an ans\n\nwer 👩‍👩‍👧 שלום</textarea>"));
    let at_note = page.html.split("id=\"mode-note\"").nth(1).expect("the choice");
    let at_note = at_note.split('>').next().expect("its tag");
    assert!(at_note.contains("checked"), "it was to be a note: {at_note}");

    // Without scripts a button keeps it, and the page says so.
    let kept = browser.submit(&page, &draft, &[("body", "Another")]).await;
    assert_eq!(kept.status, 303);
    let page = browser.get(&kept.location()).await;
    assert!(page.html.contains("Draft kept") && page.html.contains(">Another</textarea>"));

    for refused in ["a\0b".to_owned(), "x".repeat(70_000)] {
        let answer = browser.submit(&page, &draft, &[("body", &refused)]).await;
        assert!(matches!(answer.status, 413 | 422), "{}", answer.status);
    }
    assert!(browser.get(&address).await.html.contains(">Another</textarea>"));

    browser
        .submit(&page, &format!("{address}/replies"), &[("body", "Another")])
        .await;
    assert!(browser.get(&address).await.html.contains("></textarea>"), "sent");
    browser.submit(&page, &draft, &[("body", "Thrown away")]).await;
    browser.submit(&page, &draft, &[("body", "  ")]).await;
    assert!(
        browser.get(&address).await.html.contains("></textarea>"),
        "emptied"
    );
}

async fn a_draft_that_arrives_after_its_message_is_nothing(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let id = app.contact(&helpdesk, "priya@example.com").open("Hello").await;
    let address = format!("/h/{}/conversations/{id}", helpdesk.id);
    let page = browser.get(&address).await;
    let sent = [("body", "All of it"), ("key", &page.hidden("key"))];
    browser.submit(&page, &format!("{address}/replies"), &sent).await;
    let late = [
        ("body", "All of"),
        ("key", &page.hidden("key")),
        ("quietly", "yes"),
    ];
    let answer = browser.submit(&page, &format!("{address}/draft"), &late).await;
    assert_eq!(answer.status, 204);
    assert!(browser.get(&address).await.html.contains("></textarea>"));
}

async fn who_looks_at_a_conversation_is_seen_by_the_others(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let id = app.contact(&helpdesk, "priya@example.com").open("Hello").await;
    let address = format!("/h/{}/conversations/{id}", helpdesk.id);
    let viewers = format!("{address}/viewers");
    let mut colleague = colleague(&app, &helpdesk, "ines@acme.example").await;
    let theirs = colleague.get(&address).await;
    let mut stream = browser.open(&format!("/h/{}/live", helpdesk.id)).await;
    let alone = browser.get(&viewers).await;
    assert_eq!((alone.status, alone.html.as_str()), (200, ""));

    let answer = colleague.submit(&theirs, &viewers, &[("doing", "reading")]).await;
    assert_eq!(
        (answer.status, answer.html.as_str()),
        (200, ""),
        "nobody sees themselves"
    );
    assert!(super::live::hears(&mut stream, "event: viewers", Duration::from_secs(1)).await);
    assert!(
        browser
            .get(&viewers)
            .await
            .html
            .contains("is looking at this too")
    );
    assert!(
        browser
            .get(&address)
            .await
            .html
            .contains("is looking at this too")
    );

    colleague.submit(&theirs, &viewers, &[("doing", "writing")]).await;
    assert!(super::live::hears(&mut stream, "event: viewers", Duration::from_secs(1)).await);
    assert!(browser.get(&viewers).await.html.contains("is writing"));

    colleague.submit(&theirs, &viewers, &[("doing", "gone")]).await;
    assert!(super::live::hears(&mut stream, "event: viewers", Duration::from_secs(1)).await);
    assert_eq!(browser.get(&viewers).await.html, "");

    colleague.submit(&theirs, &viewers, &[("doing", "reading")]).await;
    app.advance(60_000);
    assert_eq!(
        browser.get(&viewers).await.html,
        "",
        "a screen that was not heard of is gone"
    );
}

async fn somebody_elses_answer_stops_a_reply_that_did_not_know_of_it(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let contact = app.contact(&helpdesk, "priya@example.com");
    let id = contact.open("Hello").await;
    let address = format!("/h/{}/conversations/{id}", helpdesk.id);
    let replies = format!("{address}/replies");
    let mut colleague = colleague(&app, &helpdesk, "ines@acme.example").await;
    let (mine, theirs) = (browser.get(&address).await, colleague.get(&address).await);

    // A note and the contact's own message are no answers.
    colleague
        .submit(&theirs, &format!("{address}/notes"), &[("body", "A note")])
        .await;
    contact.reply(&id, "Anybody there?").await;
    let seen = mine.hidden("seen");
    let sent = browser
        .submit(&mine, &replies, &[("body", "First"), ("seen", &seen)])
        .await;
    assert_eq!(sent.status, 303);
    let seen = browser.get(&address).await.hidden("seen");
    let sent = colleague.submit(&theirs, &replies, &[("body", "Second")]).await;
    assert_eq!(sent.status, 303);

    let late = [
        ("body", "Third\r\nline"),
        ("seen", seen.as_str()),
        ("key", "one-key"),
    ];
    let refused = browser.submit(&mine, &replies, &late).await;
    assert_eq!(refused.status, 409);
    assert!(refused.html.contains("Noor Haddad answered while you wrote"));
    assert!(
        refused.html.contains("Third") && refused.html.contains("line</textarea>"),
        "the text is kept"
    );
    assert!(refused.html.contains("Send anyway"));
    assert_eq!(
        contact.bodies(&id).await,
        ["Hello", "Anybody there?", "First", "Second"]
    );

    let again = [
        ("body", "Third\r\nline"),
        ("seen", &refused.hidden("seen")),
        ("key", &refused.hidden("key")),
    ];
    assert_eq!(browser.submit(&refused, &replies, &again).await.status, 303);
    assert_eq!(
        contact.bodies(&id).await.last().map(String::as_str),
        Some("Third\nline")
    );
}

async fn a_box_at_private_note_is_a_note_whatever_the_button(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let contact = app.contact(&helpdesk, "priya@example.com");
    let id = contact.open("Hello").await;
    let address = format!("/h/{}/conversations/{id}", helpdesk.id);
    let page = browser.get(&address).await;
    for (path, mode) in [("replies", "note"), ("notes", "reply"), ("notes", "note")] {
        let fields = [("body", "canary 7781"), ("mode", mode), ("then", "close")];
        let sent = browser.submit(&page, &format!("{address}/{path}"), &fields).await;
        assert_eq!(sent.status, 303, "{path} at {mode}");
    }
    assert!(!contact.bodies(&id).await.concat().contains("7781"));
    assert_eq!(contact.listed(&id).await["status"], "open");
    assert_eq!(
        browser
            .get(&address)
            .await
            .html
            .matches("Private note by")
            .count(),
        3
    );
}

#[test]
fn another_nodes_screens_hear_of_a_message_and_of_a_viewer() {
    on(Engine::Postgres, async |app: TestApp| {
        let (helpdesk, mut browser) = owner(&app).await;
        let helpdesk = app.with_new_secret(&helpdesk).await;
        let other = app.another_node().await;
        let mut there = Browser::new(&other);
        there.sign_in("noor@acme.example", PASSWORD).await;
        let mut stream = there.open(&format!("/h/{}/live", helpdesk.id)).await;
        assert!(super::live::hears(&mut stream, "event: ready", Duration::from_secs(5)).await);
        let id = app.contact(&helpdesk, "priya@example.com").open("Hello").await;
        assert!(super::live::hears(&mut stream, "event: change", Duration::from_secs(1)).await);
        let address = format!("/h/{}/conversations/{id}", helpdesk.id);
        let page = browser.get(&address).await;
        browser
            .submit(&page, &format!("{address}/viewers"), &[("doing", "reading")])
            .await;
        assert!(super::live::hears(&mut stream, "event: viewers", Duration::from_secs(1)).await);
    });
}
