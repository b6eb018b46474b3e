//! Mails that came back after a relay had taken them over.

use super::recording::one_line;
use super::{Recipient, State, store};
use crate::ids::{ConversationId, HelpdeskId, NotificationId};
use db::{Error, Tx};

/// Mails of a conversation among which one is looked for.
const MOST: i64 = 1_000;

/// A mail that was sent, or may have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Which; its Message-ID was made from it.
    pub id: NotificationId,
    /// To whom.
    pub recipient: Recipient,
}

/// The mails about a conversation, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn sent_about(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    conversation_id: ConversationId,
) -> Result<Vec<Sent>, Error> {
    store::sent_about(tx, helpdesk_id, conversation_id, MOST).await
}

/// Writes down that a mail came back for good, and that its contact's address does not work. Whoever calls
/// it has a proof that the report is about this mail. A mail in another state than `accepted` or `uncertain`
/// stays as it is.
///
/// # Errors
/// When the database refuses.
pub async fn bounced(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: NotificationId,
    words: &str,
    now_ms: i64,
) -> Result<(), Error> {
    let Some(row) = store::lock(tx, helpdesk_id, id).await? else {
        return Ok(());
    };
    if !matches!(row.state, State::Accepted | State::Uncertain) {
        return Ok(());
    }
    let words = one_line(words);
    store::end(tx, &row, State::Bounced, (&words, ""), now_ms).await?;
    if let Recipient::Contact { contact_id } = row.thread.recipient {
        store::mark_bad(tx, helpdesk_id, contact_id, &words, now_ms).await?;
    }
    Ok(())
}
