//! Contacts to whom nothing is sent, because they said so or because their address does not work.

use super::recording::one_line;
use super::store;
use crate::app::App;
use crate::audit::Entry;
use crate::contacts::{self, Contact};
use crate::error::{Error, Result};
use crate::ids::{ContactId, HelpdeskId};
use crate::operators::members::Changer;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::Tx;
use subtle::ConstantTimeEq;
use uuid::Uuid;

const PURPOSE: &str = "unsubscribe";

/// Why a contact gets no mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// They unsubscribed.
    Unsubscribed {
        /// When, epoch milliseconds.
        since: i64,
    },
    /// Their address was refused for good.
    BadAddress {
        /// When, epoch milliseconds.
        since: i64,
        /// What the relay said.
        words: String,
    },
}

impl Refusal {
    /// Why nothing is sent, for operators.
    pub fn sentence(&self) -> String {
        match self {
            Self::Unsubscribed { .. } => "The contact has unsubscribed".to_owned(),
            Self::BadAddress { words, .. } if words.is_empty() => "The address does not work".to_owned(),
            Self::BadAddress { words, .. } => format!("The address does not work: {words}"),
        }
    }
}

/// Why a contact gets no mails; a bad address before an unsubscription. `None` when they do.
///
/// # Errors
/// When the database cannot be read.
pub async fn refusal(app: &App, helpdesk_id: HelpdeskId, contact_id: ContactId) -> Result<Option<Refusal>> {
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::refusal(tx, helpdesk_id, contact_id).await)
        .await?)
}

/// Marks a contact's address as one that does not work: a mail to it came back for good.
///
/// # Errors
/// When the database refuses.
pub async fn mark_bad(app: &App, helpdesk_id: HelpdeskId, contact_id: ContactId, words: &str) -> Result<()> {
    let (now, words) = (app.now_ms(), one_line(words));
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| store::mark_bad(tx, helpdesk_id, contact_id, &words, now).await)
        .await?)
}

/// Takes the mark of a bad address away, so that mails are tried again from now on. Nothing happens
/// when there is none (false); an unsubscription stays.
///
/// # Errors
/// When the database refuses.
pub async fn forgive(
    app: &App,
    helpdesk_id: HelpdeskId,
    changer: &Changer,
    contact_id: ContactId,
) -> Result<bool> {
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "bad address forgiven");
    app.db()
        .write(async move |tx: &mut Tx| {
            let was_bad = store::unmark_bad(tx, helpdesk_id, contact_id).await?;
            if was_bad {
                entry.write(tx, &contact_id.to_string()).await?;
            }
            Ok::<_, Error>(was_bad)
        })
        .await
}

/// The token of the link by which a contact unsubscribes from a helpdesk. It never ends: mails are
/// old when somebody has had enough.
pub fn unsubscribe_token(app: &App, helpdesk_id: HelpdeskId, contact_id: ContactId) -> String {
    let content = [helpdesk_id.0.into_bytes(), contact_id.0.into_bytes()].concat();
    let mac = app.sealing_key().mac(PURPOSE, &content);
    URL_SAFE_NO_PAD.encode([content.as_slice(), &mac].concat())
}

fn read_token(app: &App, token: &str) -> Option<(HelpdeskId, ContactId)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (content, mac) = bytes.split_first_chunk::<32>()?;
    if !bool::from(app.sealing_key().mac(PURPOSE, content).ct_eq(mac)) {
        return None;
    }
    let (helpdesk_id, contact_id) = content.split_first_chunk::<16>()?;
    let contact_id: &[u8; 16] = contact_id.try_into().ok()?;
    Some((
        HelpdeskId(Uuid::from_bytes(*helpdesk_id)),
        ContactId(Uuid::from_bytes(*contact_id)),
    ))
}

/// The contact whose link this is. Changes nothing, so that a link that a scanner opens does not
/// unsubscribe anybody.
///
/// # Errors
/// When the token was not made here or the contact is gone (`not_found`), or the database cannot be
/// read.
pub async fn recipient_of(app: &App, token: &str) -> Result<Contact> {
    let (helpdesk_id, contact_id) = read_token(app, token).ok_or_else(no_such_link)?;
    contacts::find(app, helpdesk_id, contact_id)
        .await?
        .ok_or_else(no_such_link)
}

/// Unsubscribes the contact whose link this is from the mails of that helpdesk (RFC 8058). Doing it
/// again changes nothing.
///
/// # Errors
/// As [`recipient_of`], and when the database refuses.
pub async fn unsubscribe(app: &App, token: &str) -> Result<Contact> {
    let now = app.now_ms();
    set_unsubscribed(app, token, Some(now)).await
}

/// Takes an unsubscription back, for the same person with the same link.
///
/// # Errors
/// As [`unsubscribe`].
pub async fn subscribe_again(app: &App, token: &str) -> Result<Contact> {
    set_unsubscribed(app, token, None).await
}

async fn set_unsubscribed(app: &App, token: &str, at_ms: Option<i64>) -> Result<Contact> {
    let contact = recipient_of(app, token).await?;
    let (helpdesk_id, contact_id) = (contact.helpdesk_id, contact.id);
    app.db()
        .write(async move |tx: &mut Tx| store::set_unsubscribed(tx, helpdesk_id, contact_id, at_ms).await)
        .await
        .map_err(|error: db::Error| Error::from(error))?;
    Ok(contact)
}

fn no_such_link() -> Error {
    Error::not_found("unknown_link", "This link is not one of ours, or is incomplete")
}
