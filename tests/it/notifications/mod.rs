//! Notifications: what is held, when it is claimed, what it carries, and what became of it.

mod claims;
mod commands;
mod model;
mod outcomes;
mod recipients;
mod steering;

use helpdesky::conversations::by_operator::{self, Mailing};
use helpdesky::conversations::text::Body;
use helpdesky::ids::{ConversationId, HelpdeskId, OperatorId};
use helpdesky::notifications::{self, Claimed, MessageState, Outcome, Recipient};
use helpdesky::operators::{self, Member, Role};

use crate::support::{TestApp, TestHelpdesk};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;

fn conversation(id: &str) -> ConversationId {
    id.parse().unwrap()
}

fn key(helpdesk: &TestHelpdesk) -> HelpdeskId {
    helpdesk.id.parse().unwrap()
}

/// One more operator of a helpdesk.
async fn operator(app: &TestApp, helpdesk: &TestHelpdesk, name: &str) -> Member {
    let by = helpdesky::audit::By::console();
    let (email, password) = (format!("{name}@{}.example", helpdesk.id), "a password for tests");
    operators::add(
        &app.app,
        key(helpdesk),
        &by,
        &email,
        name,
        password,
        Role::Operator,
    )
    .await
    .unwrap()
}

async fn follow(app: &TestApp) {
    notifications::catch_up(&app.app).await.unwrap();
}

/// What is due now, as it is claimed.
async fn claimed(app: &TestApp) -> Vec<Claimed> {
    follow(app).await;
    notifications::claim_due(&app.app, 100).await.unwrap()
}

/// The mails that go to contacts now; they are accepted.
async fn sent_to_contacts(app: &TestApp) -> Vec<Claimed> {
    let (to_contacts, others): (Vec<_>, Vec<_>) = claimed(app)
        .await
        .into_iter()
        .partition(|mail| !mail.recipient.is_operator());
    for mail in to_contacts.iter().chain(&others) {
        accept(app, mail).await;
    }
    to_contacts
}

/// The mails that go to operators now, as their names and what they read; they are accepted.
async fn sent_to_operators(app: &TestApp) -> Vec<(String, Vec<String>)> {
    let mut sent = Vec::new();
    for mail in claimed(app).await {
        accept(app, &mail).await;
        if mail.recipient.is_operator() {
            sent.push((mail.name.clone(), bodies(&mail)));
        }
    }
    sent.sort();
    sent
}

async fn accept(app: &TestApp, mail: &Claimed) {
    let words = "250 taken".to_owned();
    assert!(record(app, mail, Outcome::Accepted { words }).await);
}

async fn record(app: &TestApp, mail: &Claimed, outcome: Outcome) -> bool {
    notifications::record(&app.app, mail, outcome).await.unwrap()
}

fn later() -> Outcome {
    let words = "451 try again".to_owned();
    Outcome::Later { words }
}

fn bodies(mail: &Claimed) -> Vec<String> {
    mail.messages.iter().map(|message| message.body.clone()).collect()
}

async fn reply_instantly(app: &TestApp, helpdesk: &TestHelpdesk, id: &str, text: &str) {
    let member = app.member(helpdesk).await;
    let body = Body::parse(text).unwrap();
    by_operator::reply(
        &app.app,
        &member,
        conversation(id),
        body,
        None,
        Mailing::Instantly,
    )
    .await
    .unwrap();
}

/// The states of the answers at these positions.
async fn states(
    app: &TestApp,
    helpdesk: &TestHelpdesk,
    id: &str,
    positions: &[i64],
) -> Vec<Option<MessageState>> {
    let member = app.member(helpdesk).await;
    let mails = notifications::states(&app.app, &member, conversation(id))
        .await
        .unwrap();
    positions.iter().map(|position| mails.of(*position)).collect()
}

async fn state(app: &TestApp, helpdesk: &TestHelpdesk, id: &str, position: i64) -> MessageState {
    states(app, helpdesk, id, &[position]).await.remove(0).unwrap()
}

fn operator_of(mail: &Claimed) -> Option<OperatorId> {
    match mail.recipient {
        Recipient::Operator { operator_id } => Some(operator_id),
        Recipient::Contact { .. } => None,
    }
}

/// So many rows that wait until a time, for contacts that need not be there.
async fn fill(app: &TestApp, helpdesk: &TestHelpdesk, id: &str, rows: i64, until: i64) {
    let (helpdesk_id, id) = (key(helpdesk), conversation(id));
    for chunk in 0..rows / 500 {
        let ids: Vec<(uuid::Uuid, uuid::Uuid)> = (0..500)
            .map(|_| (app.app.new_id::<uuid::Uuid>(), app.app.new_id::<uuid::Uuid>()))
            .collect();
        let filled: Result<(), db::Error> = app
            .app
            .db()
            .write(async move |tx: &mut db::Tx| {
                for (row, recipient) in &ids {
                    tx.execute(
                        "INSERT INTO notifications (helpdesk_id, id, conversation_id, to_operator, recipient_id, state,
                             first_position, last_position, held_until, due_at, created_at)
                         VALUES ($1, $2, $3, $4, $5, 'held', 1, 1, $6, $6, 1)",
                        &[&helpdesk_id, row, &id, &true, recipient, &(until + chunk)],
                    )
                    .await?;
                }
                Ok(())
            })
            .await;
        filled.unwrap();
    }
}
