//! The outbox: every mail of a helpdesk with its state, and what can be done about those that are
//! stuck.

use super::following::catch_up_with;
use super::store;
use super::{Automatic, Recipient, State, name_of};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::{Error, Kind, Result};
use crate::ids::{ContactId, ConversationId, HelpdeskId, NotificationId};
use crate::operators::members::Changer;
use db::Tx;

/// Mails on one page.
pub const PAGE: usize = 50;

/// Which mails to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<State>,
}

/// A mail as the outbox shows it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The id; also the place in the list.
    pub id: NotificationId,
    /// What it is about.
    pub conversation_id: ConversationId,
    /// To whom it goes.
    pub recipient: Recipient,
    /// Their address now.
    pub address: String,
    /// Their name, when one is known.
    pub name: String,
    /// The subject of the conversation.
    pub subject: String,
    /// What it is doing.
    pub state: State,
    /// When it is looked at next; `None` when it has ended.
    pub due_at: Option<i64>,
    /// When the hold, or the back-off, ends or ended.
    pub held_until: i64,
    /// Attempts so far.
    pub attempt: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it ended, if it has.
    pub ended_at: Option<i64>,
    /// What the relay said, or why it ended.
    pub words: String,
    /// Who cancelled it, if somebody did.
    pub changed_by: String,
    /// What it does if a machine wrote it by itself.
    pub automatic: Option<Automatic>,
}

/// One page, newest first.
#[derive(Clone, Debug)]
pub struct Page {
    /// The mails.
    pub items: Vec<Listed>,
    /// Where older ones begin, or `None` at the end.
    pub next: Option<NotificationId>,
}

/// The mails of a helpdesk, newest first, from before one on.
///
/// # Errors
/// When the database cannot be read.
pub async fn outbox(
    app: &App,
    helpdesk_id: HelpdeskId,
    filter: Filter,
    before: Option<NotificationId>,
) -> Result<Page> {
    let before = before.unwrap_or(NotificationId(uuid::Uuid::max()));
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut items = app
        .db()
        .read(async move |tx: &mut Tx| store::listed(tx, helpdesk_id, filter.state, before, most).await)
        .await
        .map_err(|error: db::Error| Error::from(error))?;
    let more = items.len() > PAGE;
    items.truncate(PAGE);
    let next = items.last().filter(|_| more).map(|listed| listed.id);
    Ok(Page { items, next })
}

/// Tries a mail again now that is `failed`, `bounced`, `uncertain`, `unreachable` or `retrying`: it is `retrying`
/// and due, with four days ahead of it again. It carries the same messages, less what was read
/// meanwhile, under the same id. What an earlier attempt reports after this is not heard. A contact's
/// bad address is forgiven.
///
/// # Errors
/// When there is no such mail in the helpdesk, it is in another state, the contact has unsubscribed,
/// or the database refuses.
pub async fn retry(app: &App, helpdesk_id: HelpdeskId, changer: &Changer, id: NotificationId) -> Result<()> {
    const FROM: &[State] = &[
        State::Failed,
        State::Bounced,
        State::Uncertain,
        State::Unreachable,
        State::Retrying,
    ];
    within(changer, helpdesk_id)?;
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "notification retried");
    let now = app.now_ms();
    app.db()
        .write(async move |tx: &mut Tx| {
            let row = store::lock(tx, helpdesk_id, id).await?.ok_or_else(not_found)?;
            in_one_of(row.state, FROM)?;
            let was_refused = matches!(row.state, State::Unreachable | State::Bounced);
            if let (true, Recipient::Contact { contact_id }) = (was_refused, row.thread.recipient) {
                reach_again(tx, helpdesk_id, contact_id).await?;
            }
            store::try_again(tx, &row, now, "", true).await?;
            Ok::<_, Error>(entry.write(tx, &id.to_string()).await?)
        })
        .await
}

/// Whoever retries a mail to an address that was refused means that it may work by now. What a contact
/// decided is theirs.
async fn reach_again(tx: &mut Tx, helpdesk_id: HelpdeskId, contact_id: ContactId) -> Result<()> {
    store::unmark_bad(tx, helpdesk_id, contact_id).await?;
    match store::refusal(tx, helpdesk_id, contact_id).await? {
        None => Ok(()),
        Some(_) => Err(Error::new(
            Kind::Conflict,
            "contact_unsubscribed",
            "The contact has unsubscribed from these emails; only they can undo it",
        )),
    }
}

/// Gives a mail up for good that is `held`, `retrying`, `failed`, `bounced`, `uncertain` or `unreachable`: it is
/// `cancelled`, and no later mail carries its messages.
///
/// # Errors
/// When there is no such mail in the helpdesk, it is in another state, or the database refuses.
pub async fn drop_it(
    app: &App,
    helpdesk_id: HelpdeskId,
    changer: &Changer,
    id: NotificationId,
) -> Result<()> {
    const FROM: &[State] = &[
        State::Held,
        State::Retrying,
        State::Failed,
        State::Bounced,
        State::Uncertain,
        State::Unreachable,
    ];
    within(changer, helpdesk_id)?;
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "notification dropped");
    let (now, by) = (app.now_ms(), name_of(changer));
    app.db()
        .write(async move |tx: &mut Tx| {
            let row = store::lock(tx, helpdesk_id, id).await?.ok_or_else(not_found)?;
            in_one_of(row.state, FROM)?;
            store::end(tx, &row, State::Cancelled, ("", &by), now).await?;
            Ok::<_, Error>(entry.write(tx, &id.to_string()).await?)
        })
        .await
}

/// Mails that are taken back in one transaction.
const AT_ONCE: i64 = 500;

/// Takes back everything that a helpdesk holds (`cancelled`, with these words as the reason); how many
/// mails that were. For the moment at which mail leaves again that was kept back: what has waited since
/// long before must not go out in a flood.
///
/// # Errors
/// When the database refuses; what was taken back until then stays so.
pub async fn cancel_waiting(
    app: &App,
    helpdesk_id: HelpdeskId,
    changer: &Changer,
    words: &'static str,
) -> Result<u64> {
    within(changer, helpdesk_id)?;
    catch_up_with(app, helpdesk_id).await?;
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "waiting notifications cancelled");
    let (now, mut cancelled) = (app.now_ms(), 0);
    loop {
        let by = name_of(changer);
        let some = app
            .db()
            .write(async move |tx: &mut Tx| {
                store::cancel_some(tx, helpdesk_id, (words, &by), now, AT_ONCE).await
            })
            .await
            .map_err(|error: db::Error| Error::from(error))?;
        cancelled += some;
        if some == 0 {
            break;
        }
    }
    if cancelled > 0 {
        audit::note(app, entry, &cancelled.to_string()).await?;
    }
    Ok(cancelled)
}

/// How long mails to operators are remembered after they ended well; nobody asks about them later.
const KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// Forgets mails to operators of a helpdesk that were made 90 days ago and are `accepted`, `seen` or
/// `cancelled`. Mails to contacts stay: conversations show what became of each answer.
///
/// # Errors
/// When the database refuses.
pub async fn forget_old(app: &App, helpdesk_id: HelpdeskId) -> Result<()> {
    let before = u64::try_from(app.now_ms() - KEPT_MS).unwrap_or(0);
    let asked_before = app.now_ms() - super::confirming::ASKED_AGAIN_MS;
    // Ids carry the time at which they were made.
    let before = uuid::Builder::from_unix_timestamp_millis(before, &[0; 10]).into_uuid();
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| {
            for state in [State::Accepted, State::Seen, State::Cancelled] {
                store::delete_ended(tx, helpdesk_id, state, NotificationId(before)).await?;
            }
            store::forget_asked(tx, helpdesk_id, asked_before).await?;
            Ok::<_, db::Error>(())
        })
        .await?)
}

fn within(changer: &Changer, helpdesk_id: HelpdeskId) -> Result<()> {
    match changer {
        Changer::Member(member) if member.helpdesk_id != helpdesk_id => Err(not_found()),
        _ => Ok(()),
    }
}

fn in_one_of(state: State, wanted: &[State]) -> Result<()> {
    if wanted.contains(&state) {
        return Ok(());
    }
    Err(Error::new(
        Kind::Conflict,
        "notification_moved_on",
        format!("This mail is {} by now", state.name()),
    ))
}

fn not_found() -> Error {
    Error::not_found("notification_not_found", "There is no such mail in this helpdesk")
}
