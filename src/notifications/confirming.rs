//! Mails that ask whoever reads an address to confirm it, where a helpdesk has the senders of its form do that.
//!
//! Anybody may type anybody's address into a form. So such a mail says nothing that was typed, neither text nor
//! subject nor name; a mailbox gets one a day at most, whatever is added to its address and however often it is
//! named; and when very many were asked for within an hour, no more are until it is over. The link in it opens a
//! page with a button, which confirms the address and opens nothing.

use super::acknowledging::mailbox;
use super::{Automatic, Says, store};
use crate::app::App;
use crate::conversations::{Conversation, Status, waiting};
use crate::error::Result;
use crate::ids::{ContactId, ConversationId, HelpdeskId, NotificationId};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::Tx;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// When so many were asked for within an hour, nobody more is.
pub const MOST_CONFIRMATIONS_IN_AN_HOUR: i64 = 300;
/// How long a link is good for.
pub const LINK_MS: i64 = 7 * DAY_MS;

const PURPOSE: &str = "address confirmation 1";
const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A mailbox that was asked longer ago is asked again.
pub(super) const ASKED_AGAIN_MS: i64 = DAY_MS;

/// What asking needs that a transaction must not make.
#[derive(Clone, Debug)]
pub struct Asking {
    id: NotificationId,
    now: i64,
    /// Nothing leaves this installation: what would leave much later is not even written down.
    is_kept_back: bool,
}

impl Asking {
    /// For one form.
    pub fn new(app: &App) -> Self {
        Self {
            id: app.new_id(),
            now: app.now_ms(),
            is_kept_back: !app.config().mail_delivery,
        }
    }
}

/// Asks the reader of an address to confirm it, unless its mailbox was asked within a day. In the caller's
/// transaction, which opens the conversation that waits for it: both are there, or neither.
///
/// # Errors
/// When the database refuses.
pub async fn ask_to_confirm(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    (conversation_id, contact_id, email): (ConversationId, ContactId, &str),
    asking: &Asking,
) -> std::result::Result<(), db::Error> {
    let now = asking.now;
    if asking.is_kept_back || store::refusal(tx, helpdesk_id, contact_id).await?.is_some() {
        return Ok(());
    }
    let most = MOST_CONFIRMATIONS_IN_AN_HOUR;
    if store::count_confirmations(tx, helpdesk_id, now - HOUR_MS, most).await? >= most {
        return Ok(());
    }
    let mailbox = mailbox(email);
    if !store::may_ask(tx, helpdesk_id, &mailbox, (now, now - ASKED_AGAIN_MS)).await? {
        return Ok(());
    }
    let to = (conversation_id, contact_id);
    let does = Automatic::Confirms;
    store::insert_automatic(tx, helpdesk_id, (asking.id, does), to, &mailbox, now).await
}

/// What a mail that asks for a confirmation and is due says, or why it is not needed any more. It is needed while
/// anything waits for its contact: their mailbox was told once, for all of it.
pub(super) async fn says(
    tx: &mut Tx,
    conversation: &Conversation,
) -> Result<std::result::Result<Says, &'static str>> {
    let waits = conversation.status == Status::Waiting
        || waiting::is_anything_of(tx, conversation.helpdesk_id, conversation.contact_id).await?;
    Ok(if waits {
        Ok(Says::Confirm)
    } else {
        Err("The conversation does not wait any more")
    })
}

/// The token of the link by which an address is confirmed, good for a week from now. It names the contact, and
/// opens nothing of theirs.
pub fn confirmation_token(app: &App, helpdesk_id: HelpdeskId, contact_id: ContactId) -> String {
    let ends_at = app.now_ms() + LINK_MS;
    let content = [
        helpdesk_id.0.as_bytes().as_slice(),
        contact_id.0.as_bytes(),
        &ends_at.to_be_bytes(),
    ]
    .concat();
    let mac = app.sealing_key().mac(PURPOSE, &content);
    URL_SAFE_NO_PAD.encode([content.as_slice(), &mac].concat())
}

/// Whose address a link confirms; nothing when it was not made here, or is not good any more.
pub fn confirms(app: &App, token: &str) -> Option<(HelpdeskId, ContactId)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (content, mac) = bytes.split_first_chunk::<40>()?;
    if !bool::from(app.sealing_key().mac(PURPOSE, content).ct_eq(mac)) {
        return None;
    }
    let (helpdesk_id, rest) = content.split_first_chunk::<16>()?;
    let (contact_id, ends_at) = rest.split_first_chunk::<16>()?;
    let ends_at: &[u8; 8] = ends_at.try_into().ok()?;
    (app.now_ms() < i64::from_be_bytes(*ends_at)).then_some((
        HelpdeskId(Uuid::from_bytes(*helpdesk_id)),
        ContactId(Uuid::from_bytes(*contact_id)),
    ))
}
