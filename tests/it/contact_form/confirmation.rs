//! Senders who confirm their address first: what waits meanwhile, who is asked and how rarely, and what the link
//! does and does not do.

use std::collections::BTreeMap;
use std::time::Duration;

use helpdesky::contacts;
use helpdesky::conversations::by_operator::{self, Mailing};
use helpdesky::conversations::inbox::{List, Row};
use helpdesky::conversations::text::Body;
use helpdesky::conversations::{counts, events, spam, waiting};
use helpdesky::ids::ContactId;
use helpdesky::mail_out::mailer;
use helpdesky::notifications::{self, Automatic, Filter, Listed, State};
use mail::{Address, ComposedMail};
use serde_json::json;

use super::received;
use crate::support::smtp::{At, Fault, Script, SmtpServer};
use crate::support::{Answer, TestApp, TestHelpdesk, count, string};

both_engines!(
    switched_off_nothing_waits_and_nobody_is_asked,
    what_waits_is_found_by_operators_alone,
    the_mail_says_nothing_that_was_typed,
    opening_the_link_confirms_nothing_and_the_button_does,
    confirming_gives_no_access_and_proves_no_identity,
    a_mailbox_is_asked_once_a_day,
    a_bomber_gets_one_mail_to_each_victim_and_nothing_of_theirs_in_it,
    very_many_are_not_asked_within_an_hour,
    links_end_and_cannot_be_made_up,
    an_operator_lets_in_by_hand_which_confirms_nothing,
    spam_is_spam_whoever_confirms,
    one_that_was_spam_takes_nobody_elses_mail_away,
    nobody_is_asked_who_wants_no_mail_or_gets_none,
    no_message_is_left_behind_by_a_confirmation_at_the_same_time,
    the_form_says_that_a_link_was_sent,
);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const TYPED: [&str; 3] = ["Yourbank", "Clickhere", "evil.example"];

async fn confirming(app: &TestApp, name: &str) -> TestHelpdesk {
    let helpdesk = app.helpdesk(name).await;
    app.set_form(&helpdesk, |form| form.protection.confirms_address = true)
        .await;
    helpdesk
}

/// All mails of a helpdesk that there were, newest first, whatever became of them.
async fn outbox(app: &TestApp, helpdesk: &TestHelpdesk) -> Vec<Listed> {
    let (id, mut all, mut before) = (helpdesk.id.parse().unwrap(), Vec::new(), None);
    loop {
        let page = notifications::outbox(&app.app, id, Filter::default(), before)
            .await
            .unwrap();
        all.extend(page.items);
        before = page.next;
        if before.is_none() {
            return all;
        }
    }
}

/// Of these, the ones that ask to confirm an address.
async fn asked(app: &TestApp, helpdesk: &TestHelpdesk) -> Vec<Listed> {
    let mut all = outbox(app, helpdesk).await;
    all.retain(|mail| mail.automatic == Some(Automatic::Confirms));
    all
}

/// How many mails to operators were held or sent.
async fn to_operators(app: &TestApp, helpdesk: &TestHelpdesk) -> usize {
    notifications::catch_up(&app.app).await.unwrap();
    let all = outbox(app, helpdesk).await;
    all.iter().filter(|mail| mail.recipient.is_operator()).count()
}

/// The mails that asked and left since the last look, when none is on its way any more.
async fn left(app: &TestApp, helpdesk: &TestHelpdesk) -> Vec<ComposedMail> {
    for _ in 0..3_000 {
        let on_its_way = |mail: &Listed| matches!(mail.state, State::Held | State::Sending);
        if !asked(app, helpdesk).await.iter().any(on_its_way) {
            let mut left = mailer::take_memory(&app.app);
            left.retain(|mail| text(mail).contains("/confirm/"));
            return left;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a mail is on its way for ever");
}

/// The text of a mail, its lines put together again.
fn text(mail: &ComposedMail) -> String {
    let bytes = String::from_utf8(mail.bytes.clone()).expect("a mail in UTF-8");
    bytes.replace("=\r\n", "").replace("=3D", "=")
}

/// The path of the link.
fn link(mail: &ComposedMail) -> String {
    let text = text(mail);
    let token = text.split("/confirm/").nth(1).expect("a link");
    let end = token.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)));
    format!("/confirm/{}", &token[..end.expect("its end")])
}

async fn open(app: &TestApp, path: &str) -> Answer {
    app.send(app.http.get(format!("{}{path}", app.base))).await
}

async fn press(app: &TestApp, path: &str) -> Answer {
    app.send(app.http.post(format!("{}{path}", app.base))).await
}

async fn waiting_list(app: &TestApp, helpdesk: &TestHelpdesk) -> Vec<Row> {
    app.inbox(helpdesk, List::Waiting).await
}

async fn write(app: &TestApp, helpdesk: &TestHelpdesk, email: &str, message: &str) {
    received(&app.write_by_form(helpdesk, email, message, json!({})).await);
}

async fn contact_id(app: &TestApp, helpdesk: &TestHelpdesk, email: &str) -> ContactId {
    let email = Address::parse(email).unwrap();
    let found = contacts::of_address(&app.app, helpdesk.id.parse().unwrap(), &email).await;
    found.unwrap().expect("a contact").id
}

async fn switched_off_nothing_waits_and_nobody_is_asked(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = app.helpdesk("Acme").await;
    write(&app, &helpdesk, "a@example.com", "Hello").await;
    assert_eq!(app.open_list(&helpdesk).await.len(), 1);
    assert!(asked(&app, &helpdesk).await.is_empty());
    assert!(mailer::take_memory(&app.app).is_empty());
}

async fn what_waits_is_found_by_operators_alone(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = confirming(&app, "Acme").await;
    let member = app.member(&helpdesk).await;
    let contact = app.contact(&helpdesk, "marta@oliveira.example");
    let own = contact.open("Mine").await;
    let before = to_operators(&app, &helpdesk).await;
    write(&app, &helpdesk, "marta@oliveira.example", "Held back").await;
    assert_eq!(app.open_list(&helpdesk).await.len(), 1, "only their own");
    let waits = waiting_list(&app, &helpdesk).await;
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].conversation.preview, "Held back");
    let numbers = counts::of(&app.app, &member).await.unwrap();
    assert_eq!((numbers.open, numbers.waiting, numbers.spam), (1, 1, 0));
    let id = waits[0].conversation.id;
    let listed = contact.conversations().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(string(&listed[0]["id"]), own);
    for path in [
        format!("conversations/{id}/messages"),
        format!("conversations/{id}/close"),
    ] {
        contact
            .call(&path, json!({}))
            .await
            .refused(404, "conversation_not_found");
    }
    assert_eq!(
        to_operators(&app, &helpdesk).await,
        before,
        "nobody is called to it"
    );
    let body = Body::parse("Hello").unwrap();
    let refused = by_operator::reply(&app.app, &member, id, body, None, Mailing::Held).await;
    assert_eq!(refused.unwrap_err().code, "is_waiting");
    for refused in [
        by_operator::close(&app.app, &member, id).await,
        by_operator::reopen(&app.app, &member, id).await,
    ] {
        assert_eq!(refused.unwrap_err().code, "is_waiting");
    }
}

async fn the_mail_says_nothing_that_was_typed(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = confirming(&app, "Fernway Support").await;
    let more = json!({"name": TYPED[0], "subject": TYPED[1]});
    received(
        &app.write_by_form(&helpdesk, "victim@example.com", TYPED[2], more)
            .await,
    );
    let mails = left(&app, &helpdesk).await;
    let [mail] = &mails[..] else {
        panic!("one mail: {}", mails.len());
    };
    let text = text(mail);
    for typed in TYPED {
        assert!(!text.contains(typed), "{typed} in {text}");
    }
    assert!(text.contains("Auto-Submitted: auto-generated"), "{text}");
    assert!(
        text.contains("Subject: Confirm your address for Fernway Support"),
        "{text}"
    );
    assert_eq!(mail.recipient, "victim@example.com");
    let shown = open(&app, &link(mail)).await;
    assert_eq!(shown.status, 200);
    for typed in TYPED {
        assert!(!shown.text().contains(typed), "{typed} on the page");
    }
}

async fn opening_the_link_confirms_nothing_and_the_button_does(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = confirming(&app, "Acme").await;
    let member = app.member(&helpdesk).await;
    write(&app, &helpdesk, "a@example.com", "First").await;
    write(&app, &helpdesk, "a@example.com", "Second").await;
    write(&app, &helpdesk, "b@example.com", "Of another").await;
    let before = to_operators(&app, &helpdesk).await;
    let mails = left(&app, &helpdesk).await;
    assert_eq!(mails.len(), 2, "one to each");
    let to_a = mails.iter().find(|mail| mail.recipient == "a@example.com");
    let link = link(to_a.unwrap());
    for _ in 0..3 {
        let page = open(&app, &link).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("a@example.com") && page.text().contains("method=\"post\""));
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
    assert_eq!(
        waiting_list(&app, &helpdesk).await.len(),
        3,
        "scanners open links"
    );
    for _ in 0..2 {
        let done = press(&app, &link).await;
        assert_eq!(done.status, 200);
        assert!(done.text().contains("Address confirmed"));
    }
    let open = app.open_list(&helpdesk).await;
    assert_eq!(open.len(), 2);
    assert_eq!(waiting_list(&app, &helpdesk).await.len(), 1);
    let numbers = counts::of(&app.app, &member).await.unwrap();
    assert_eq!((numbers.open, numbers.waiting), (2, 1));
    let told = to_operators(&app, &helpdesk).await;
    assert_eq!(told, before + 2, "operators are told now");
    for row in &open {
        let opened = by_operator::show(&app.app, &member, row.conversation.id, None)
            .await
            .unwrap();
        let confirmed = |entry: &by_operator::Entry| matches!(entry, by_operator::Entry::Event(event) if event.kind == events::Kind::Confirmed);
        assert_eq!(opened.entries.iter().filter(|entry| confirmed(entry)).count(), 1);
    }
    // From now on nothing of that address waits, and nobody is asked again.
    app.advance(2 * DAY_MS);
    write(&app, &helpdesk, "A@example.com", "Third").await;
    assert_eq!(app.open_list(&helpdesk).await.len(), 3);
    assert_eq!(asked(&app, &helpdesk).await.len(), 2);
}

async fn confirming_gives_no_access_and_proves_no_identity(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = confirming(&app, "Acme").await;
    write(&app, &helpdesk, "a@example.com", "Hello").await;
    let path = link(&left(&app, &helpdesk).await[0]);
    let done = press(&app, &path).await;
    let page = done.text();
    assert!(
        !page.contains("Hello") && done.header("set-cookie").is_none(),
        "{page}"
    );
    let row = &app.open_list(&helpdesk).await[0];
    assert!(row.conversation.unverified, "for good");
    assert_eq!(row.contact.proved_at, None, "only a signature proves");
    assert!(!page.contains(&row.conversation.id.to_string()) && !page.contains(&row.contact.id.to_string()));
}

async fn a_mailbox_is_asked_once_a_day(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = confirming(&app, "Acme").await;
    let same = [
        "v@example.com",
        "V@Example.com",
        "v+1@example.com",
        "v+2@example.com",
    ];
    let same_at_gmail = [
        "vic.tim@gmail.com",
        "victim@googlemail.com",
        "v.ictim+x@gmail.com",
    ];
    for (number, email) in same.into_iter().chain(same_at_gmail).enumerate() {
        write(&app, &helpdesk, email, &format!("No {number}")).await;
    }
    assert_eq!(left(&app, &helpdesk).await.len(), 2);
    assert_eq!(waiting_list(&app, &helpdesk).await.len(), 7);
    // Another helpdesk's form is another's matter.
    let other = confirming(&app, "Other").await;
    write(&app, &other, "v@example.com", "Hello").await;
    assert_eq!(left(&app, &other).await.len(), 1);
    app.advance(DAY_MS - 10 * 60 * 1000);
    write(&app, &helpdesk, "v@example.com", "Soon after").await;
    assert!(left(&app, &helpdesk).await.is_empty());
    app.advance(DAY_MS);
    write(&app, &helpdesk, "v+3@example.com", "The day after").await;
    assert_eq!(left(&app, &helpdesk).await.len(), 1);
}

async fn a_bomber_gets_one_mail_to_each_victim_and_nothing_of_theirs_in_it(app: TestApp) {
    let app = app.sending_behind_a_proxy().await;
    let helpdesk = confirming(&app, "Acme").await;
    let (victims, networks) = (count(10, 100), count(20, 1_000));
    // The bomber's best case: nothing else holds them up.
    app.set_form(&helpdesk, |form| {
        form.protection.per_helpdesk_an_hour = 100_000;
        form.protection.per_address_a_day = 1_000;
        (form.protection.minimum_seconds, form.protection.asks_proof) = (0, false);
    })
    .await;
    for number in 0..count(60, 10_000) {
        let body = json!({
            "helpdeskId": helpdesk.id,
            "token": app.form(&helpdesk).await["token"],
            "email": format!("victim-{}@example.com", number % victims),
            "message": format!("{} {number}", TYPED[2]),
            "name": TYPED[0],
            "subject": TYPED[1],
        });
        let from = format!("10.{}.{}.1", number % networks / 256, number % networks % 256);
        received(&app.send_form_from(&body, &[("x-forwarded-for", &from)]).await);
    }
    let mut to_each: BTreeMap<String, usize> = BTreeMap::new();
    for mail in asked(&app, &helpdesk).await {
        *to_each.entry(mail.address).or_default() += 1;
    }
    assert_eq!(to_each.len(), victims);
    assert!(to_each.values().all(|mails| *mails == 1), "{to_each:?}");
    let mails = left(&app, &helpdesk).await;
    assert_eq!(mails.len(), victims);
    for mail in &mails {
        let text = text(mail);
        assert!(TYPED.iter().all(|typed| !text.contains(typed)), "{text}");
    }
    assert!(app.open_list(&helpdesk).await.is_empty());
}

async fn very_many_are_not_asked_within_an_hour(app: TestApp) {
    let app = app.sending_behind_a_proxy().await;
    let helpdesk = confirming(&app, "Acme").await;
    app.set_form(&helpdesk, |form| {
        form.protection.per_helpdesk_an_hour = 100_000;
        (form.protection.minimum_seconds, form.protection.asks_proof) = (0, false);
    })
    .await;
    let most = notifications::MOST_CONFIRMATIONS_IN_AN_HOUR;
    for number in 0..most + 5 {
        let body = json!({
            "helpdeskId": helpdesk.id,
            "token": app.form(&helpdesk).await["token"],
            "email": format!("victim-{number}@example.com"),
            "message": "Hello",
        });
        let from = format!("10.0.{}.{}", number / 250, number % 250);
        received(&app.send_form_from(&body, &[("x-forwarded-for", &from)]).await);
    }
    let most = usize::try_from(most).unwrap();
    assert_eq!(asked(&app, &helpdesk).await.len(), most);
    app.advance(60 * 60 * 1000 + 1_000);
    write(&app, &helpdesk, "late@example.com", "Hello").await;
    assert_eq!(asked(&app, &helpdesk).await.len(), most + 1);
}

async fn links_end_and_cannot_be_made_up(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = confirming(&app, "Acme").await;
    write(&app, &helpdesk, "a@example.com", "Hello").await;
    let path = link(&left(&app, &helpdesk).await[0]);
    let contact = contact_id(&app, &helpdesk, "a@example.com").await;
    let unsubscribe = notifications::unsubscribe_token(&app.app, helpdesk.id.parse().unwrap(), contact);
    let turned = |at: usize| {
        let mut token: Vec<char> = path.chars().collect();
        token[at] = if token[at] == 'A' { 'B' } else { 'A' };
        token.into_iter().collect::<String>()
    };
    let start = "/confirm/".len();
    let mut bad = vec![
        "/confirm/x".to_owned(),
        "/confirm/%ff%fe".to_owned(),
        format!("/confirm/{}", "A".repeat(5_000)),
        format!("/confirm/{unsubscribe}"),
        format!("{path}A"),
        path[..path.len() - 1].to_owned(),
    ];
    // In the helpdesk, the contact, the end, and the MAC.
    bad.extend([start, start + 22, start + 43, start + 60].map(turned));
    for path in &bad {
        for answer in [open(&app, path).await, press(&app, path).await] {
            assert_eq!(answer.status, 404, "{path}");
        }
    }
    app.advance(notifications::LINK_MS + 1);
    assert_eq!(press(&app, &path).await.status, 404, "after a week");
    assert_eq!(waiting_list(&app, &helpdesk).await.len(), 1);
}

async fn an_operator_lets_in_by_hand_which_confirms_nothing(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = confirming(&app, "Acme").await;
    let member = app.member(&helpdesk).await;
    write(&app, &helpdesk, "a@example.com", "First").await;
    let path = link(&left(&app, &helpdesk).await[0]);
    let id = waiting_list(&app, &helpdesk).await[0].conversation.id;
    waiting::admit(&app.app, &member, id).await.unwrap();
    waiting::admit(&app.app, &member, id).await.unwrap();
    assert_eq!(app.open_list(&helpdesk).await.len(), 1);
    let other = app.helpdesk("Other").await;
    let stranger = app.member(&other).await;
    write(&app, &helpdesk, "a@example.com", "Second").await;
    let waits = waiting_list(&app, &helpdesk).await;
    assert_eq!(waits.len(), 1, "the next one waits as well");
    let refused = waiting::admit(&app.app, &stranger, waits[0].conversation.id).await;
    assert_eq!(refused.unwrap_err().code, "conversation_not_found");
    assert_eq!(press(&app, &path).await.status, 200);
    assert_eq!(app.open_list(&helpdesk).await.len(), 2);
}

async fn spam_is_spam_whoever_confirms(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = confirming(&app, "Acme").await;
    let member = app.member(&helpdesk).await;
    let robot = json!({"website": "x"});
    received(&app.write_by_form(&helpdesk, "a@example.com", "BUY", robot).await);
    assert!(asked(&app, &helpdesk).await.is_empty(), "robots cause no mail");
    write(&app, &helpdesk, "a@example.com", "Buy this too").await;
    let path = link(&left(&app, &helpdesk).await[0]);
    let id = waiting_list(&app, &helpdesk).await[0].conversation.id;
    spam::mark(&app.app, &member, id).await.unwrap();
    assert_eq!(press(&app, &path).await.status, 200);
    assert!(app.open_list(&helpdesk).await.is_empty());
    assert_eq!(app.spam_list(&helpdesk).await.len(), 2);
}

/// A mailbox gets one mail a day. It stands for everything that waits for the address, and not only for the
/// conversation that caused it.
async fn one_that_was_spam_takes_nobody_elses_mail_away(app: TestApp) {
    let busy = Script {
        fault: Some((At::Mail, Fault::Says("451 4.3.0 not now"))),
        ..Script::default()
    };
    let server = SmtpServer::start(busy).await;
    let app = app.receiving_by_relay(server.port).await;
    let helpdesk = confirming(&app, "Acme").await;
    let member = app.member(&helpdesk).await;
    write(&app, &helpdesk, "a@example.com", "Buy this").await;
    write(&app, &helpdesk, "a@example.com", "My order has not come").await;
    let tried = async |times: i64| {
        for _ in 0..3_000 {
            let mail = asked(&app, &helpdesk).await.remove(0);
            let is_over = mail.state == State::Retrying && mail.attempt == times;
            if is_over || mail.state == State::Cancelled {
                return mail;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("a mail is on its way for ever");
    };
    let first = tried(1).await;
    spam::mark(&app.app, &member, first.conversation_id)
        .await
        .unwrap();
    app.advance(2 * 60 * 1000);
    let again = tried(2).await;
    assert_eq!((again.state, again.id), (State::Retrying, first.id));
    let waits = waiting_list(&app, &helpdesk).await;
    assert_eq!(waits.len(), 1);
    let id = waits[0].conversation.id;
    spam::mark(&app.app, &member, id).await.unwrap();
    app.advance(4 * 60 * 1000);
    let given_up = tried(3).await;
    assert_eq!(given_up.state, State::Cancelled, "nothing waits any more");
}

async fn nobody_is_asked_who_wants_no_mail_or_gets_none(app: TestApp) {
    // Mail is kept back: what would leave much later is not even written down.
    let quiet = confirming(&app, "Quiet").await;
    write(&app, &quiet, "a@example.com", "Hello").await;
    assert!(asked(&app, &quiet).await.is_empty());
    assert_eq!(waiting_list(&app, &quiet).await.len(), 1);
    let app = app.sending().await;
    let helpdesk = confirming(&app, "Acme").await;
    app.contact(&helpdesk, "a@example.com").verify().await;
    let contact = contact_id(&app, &helpdesk, "a@example.com").await;
    let token = notifications::unsubscribe_token(&app.app, helpdesk.id.parse().unwrap(), contact);
    notifications::unsubscribe(&app.app, &token).await.unwrap();
    write(&app, &helpdesk, "a@example.com", "Hello").await;
    assert!(asked(&app, &helpdesk).await.is_empty());
    assert_eq!(waiting_list(&app, &helpdesk).await.len(), 1);
}

async fn no_message_is_left_behind_by_a_confirmation_at_the_same_time(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = confirming(&app, "Acme").await;
    write(&app, &helpdesk, "a@example.com", "First").await;
    let path = link(&left(&app, &helpdesk).await[0]);
    let mut forms = Vec::new();
    for _ in 0..6 {
        forms.push(app.filled(&helpdesk).await);
    }
    let sending = forms.iter().enumerate().map(async |(number, filled)| {
        let body = filled.with("a@example.com", &format!("Text {number}"), &json!({}));
        received(&app.send_form(&body).await);
    });
    let confirm = async { assert_eq!(press(&app, &path).await.status, 200) };
    futures_util::future::join(confirm, futures_util::future::join_all(sending)).await;
    assert!(waiting_list(&app, &helpdesk).await.is_empty());
    assert_eq!(app.open_list(&helpdesk).await.len(), 7);
}

async fn the_form_says_that_a_link_was_sent(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    assert_eq!(app.form(&helpdesk).await["form"]["success"], "");
    app.set_form(&helpdesk, |form| form.protection.confirms_address = true)
        .await;
    let said = string(&app.form(&helpdesk).await["form"]["success"]);
    assert!(said.contains("we have sent a link"), "{said}");
    app.set_form(&helpdesk, |form| "We answer soon.".clone_into(&mut form.success))
        .await;
    let said = string(&app.form(&helpdesk).await["form"]["success"]);
    assert!(
        said.starts_with("We answer soon. ") && said.contains("we have sent a link"),
        "{said}"
    );
    let body = json!({"helpdeskId": helpdesk.id, "locale": "de"});
    let german = app
        .post_with(&format!("{}/form", super::PREFIX), &body, &[])
        .await;
    assert!(string(&german.ok()["form"]["success"]).contains("einen Link"));
}
