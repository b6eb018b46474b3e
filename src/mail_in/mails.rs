//! The mails that came in, as operators see them: what became of each, and what can be done with those that
//! wait for somebody.

use super::doors::Sender;
use super::{Door, Reason, State, TOPIC, store};
use crate::app::App;
use crate::attachments::blobs;
use crate::audit::{By, Entry};
use crate::error::{Error, Kind, Result};
use crate::ids::{BlobId, ConversationId, HelpdeskId, MailId};
use crate::operators::Member;
use db::Tx;
use mail::parsed::{Limits, ParsedMail, parse};

/// Mails on one page.
pub const PAGE: usize = 50;
/// Mails that an answer names.
const MOST_NAMED: i64 = 10;
/// More in quarantine are not counted.
pub const MOST_COUNTED: i64 = 99;

/// A mail that came in.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The id.
    pub id: MailId,
    /// Its bytes.
    pub blob_id: BlobId,
    /// Length in bytes.
    pub size: i64,
    /// How it came.
    pub door: Door,
    /// Who handed it in.
    pub client: String,
    /// The envelope's sender.
    pub sender: Sender,
    /// The envelope's recipients here, if they are known.
    pub recipients: Vec<String>,
    /// What became of it.
    pub state: State,
    /// Why.
    pub reason: Option<Reason>,
    /// More about that, for people; may be empty.
    pub words: String,
    /// The author's address; empty when there is not exactly one.
    pub author_email: String,
    /// The author's name as written; may be empty.
    pub author_name: String,
    /// One line; may be empty.
    pub subject: String,
    /// The Message-ID as written; may be empty.
    pub message_id: String,
    /// `verified`, `failed` or `unknown`; empty before it was read.
    pub verdict: String,
    /// What SPF, DKIM and DMARC say; may be empty.
    pub verdict_words: String,
    /// True when a machine wrote it.
    pub is_automatic: bool,
    /// True when quotes or a signature were left out of the message.
    pub has_folded: bool,
    /// The mail that it repeats or resembles.
    pub related_id: Option<MailId>,
    /// Where it stands.
    pub conversation_id: Option<ConversationId>,
    /// As which entry.
    pub entry: Option<i64>,
    /// The conversation that it answers, reports on, or was copied to.
    pub other_conversation_id: Option<ConversationId>,
    /// When it was acknowledged, epoch milliseconds.
    pub received_at: i64,
    /// When it was settled.
    pub settled_at: Option<i64>,
}

/// Where a mail stands after it was accepted into another conversation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) conversation_id: ConversationId,
    pub(super) entry: i64,
    pub(super) other: ConversationId,
}

/// One page of mails, newest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The mails.
    pub items: Vec<Listed>,
    /// Where older ones begin.
    pub next: Option<MailId>,
}

/// Mails in a state, or all, newest first, from before an id.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    app: &App,
    helpdesk_id: HelpdeskId,
    state: Option<State>,
    before: Option<MailId>,
) -> Result<Page> {
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let before = before.unwrap_or(MailId(uuid::Uuid::max()));
    let mut items = app
        .db()
        .read(async move |tx: &mut Tx| match state {
            Some(state) => store::listed(tx, helpdesk_id, state, before, most).await,
            None => store::all_listed(tx, helpdesk_id, before, most).await,
        })
        .await?;
    let next = (items.len() > PAGE).then(|| {
        items.truncate(PAGE);
        items.last().map(|mail| mail.id)
    });
    Ok(Page {
        items,
        next: next.flatten(),
    })
}

/// How many mails wait in quarantine, up to [`MOST_COUNTED`] and one.
///
/// # Errors
/// When the database cannot be read.
pub async fn count_quarantined(app: &App, helpdesk_id: HelpdeskId) -> Result<i64> {
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| {
            store::count_in(tx, helpdesk_id, State::Quarantined, MOST_COUNTED + 1).await
        })
        .await?)
}

/// One mail of a helpdesk.
///
/// # Errors
/// When there is no such mail, or the database cannot be read.
pub async fn get(app: &App, helpdesk_id: HelpdeskId, id: MailId) -> Result<Listed> {
    app.db()
        .read(async move |tx: &mut Tx| store::find(tx, helpdesk_id, id).await)
        .await?
        .ok_or_else(not_found)
}

/// The mails that became entries of a conversation, from one entry to before another.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_entries(
    app: &App,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    (start, end): (i64, i64),
) -> Result<Vec<Listed>> {
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::of_entries(tx, helpdesk_id, id, start, end).await)
        .await?)
}

/// The Message-IDs of the latest mails of the other side in a conversation, oldest first, as their senders
/// wrote them, and when each came.
///
/// # Errors
/// When the database cannot be read.
pub async fn message_ids(
    app: &App,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
) -> Result<Vec<(i64, String)>> {
    let mut ids = app
        .db()
        .read(async move |tx: &mut Tx| store::message_ids(tx, helpdesk_id, id, MOST_NAMED).await)
        .await?;
    ids.reverse();
    Ok(ids)
}

/// When the latest mail of each door came that ever brought one, epoch milliseconds.
///
/// # Errors
/// When the database cannot be read.
pub async fn latest_by_door(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<(Door, MailId, i64)>> {
    app.db()
        .read(async move |tx: &mut Tx| {
            let mut latest = Vec::new();
            for door in Door::ALL {
                if let Some((id, at)) = store::latest(tx, helpdesk_id, door).await? {
                    latest.push((door, id, at));
                }
            }
            Ok(latest)
        })
        .await
}

/// The latest mail by which a provider asks whether mail may be forwarded here: its code and its link.
///
/// # Errors
/// When the database cannot be read.
pub async fn latest_confirmation(
    app: &App,
    helpdesk_id: HelpdeskId,
) -> Result<Option<(Listed, Option<String>, Option<String>)>> {
    let noted = list(app, helpdesk_id, Some(State::Noted), None).await?;
    let is_one = |mail: &Listed| mail.reason == Some(Reason::ForwardingConfirmation);
    let Some(mail) = noted.items.into_iter().find(is_one) else {
        return Ok(None);
    };
    let said = |word: Option<&str>| word.filter(|word| *word != "-").map(str::to_owned);
    let mut words = mail.words.split(' ');
    let (code, link) = (said(words.next()), said(words.next()));
    Ok(Some((mail, code, link)))
}

/// A mail as it came, read again for showing.
///
/// # Errors
/// When there is no such mail, it is too complex, or the database cannot be read.
pub async fn read(app: &App, helpdesk_id: HelpdeskId, id: MailId) -> Result<(Listed, ParsedMail)> {
    let listed = get(app, helpdesk_id, id).await?;
    let raw = blobs::read(app, helpdesk_id, listed.blob_id)
        .await?
        .ok_or_else(not_found)?;
    let parsed = tokio::task::spawn_blocking(move || parse(&raw, &Limits::default())).await;
    let unreadable = || {
        Error::unprocessable(
            "mail_unreadable",
            "This mail cannot be read; download it as it came",
        )
    };
    match parsed {
        Ok(Ok(parsed)) => Ok((listed, parsed)),
        Ok(Err(_)) | Err(_) => Err(unreadable()),
    }
}

/// Reads a mail in quarantine again, as if it had just come; with `as_new` it opens a conversation of its
/// own, whatever it is.
///
/// # Errors
/// When there is no such mail in quarantine, or the database refuses.
pub async fn retry(app: &App, member: &Member, id: MailId, as_new: bool) -> Result<()> {
    let (helpdesk_id, now) = (member.helpdesk_id, app.now_ms());
    let action = if as_new {
        "mail delivered as new"
    } else {
        "mail read again"
    };
    let entry = Entry::new(app, helpdesk_id, &member.by(), action);
    app.db()
        .write(async move |tx: &mut Tx| {
            if !store::again(tx, helpdesk_id, id, as_new, now).await? {
                return Err(not_quarantined());
            }
            entry.write(tx, &id.to_string()).await?;
            tx.hint(TOPIC);
            Ok(())
        })
        .await
}

/// Deletes a mail that stands in no conversation, with its bytes. This cannot be undone.
///
/// # Errors
/// When there is no such mail, it stands in a conversation, or the database refuses.
pub async fn delete(app: &App, helpdesk_id: HelpdeskId, by: &By, id: MailId) -> Result<()> {
    let entry = Entry::new(app, helpdesk_id, by, "mail deleted");
    app.db()
        .write(async move |tx: &mut Tx| {
            let Some(listed) = store::find(tx, helpdesk_id, id).await? else {
                return Err(not_found());
            };
            let Some(blob_id) = store::delete(tx, helpdesk_id, id).await? else {
                return Err(Error::new(
                    Kind::Conflict,
                    "mail_in_use",
                    "This mail stands in a conversation, or is about to; only others can be deleted",
                ));
            };
            blobs::delete(tx, helpdesk_id, blob_id).await?;
            let detail = format!("{} from {:?}, {:?}", id, listed.author_email, listed.subject);
            entry.write(tx, &detail).await?;
            Ok(())
        })
        .await
}

fn not_found() -> Error {
    Error::not_found("mail_not_found", "There is no such mail")
}

fn not_quarantined() -> Error {
    Error::new(
        Kind::Conflict,
        "not_quarantined",
        "This mail is not in quarantine any more",
    )
}
