//! Who has a conversation open in a visible tab, and who is writing in it, for the other operators.
//! A screen renews its mark while it is visible; a mark that was not renewed means nothing.

use super::{access, not_found, store};
use crate::app::App;
use crate::error::Result;
use crate::ids::{ConversationId, HelpdeskId, OperatorId};
use crate::operators::Member;
use db::Tx;
use uuid::Uuid;

/// How long a mark counts.
pub const COUNTS_MS: i64 = 40_000;
/// A mark that says the same and is younger than this is not written again.
const FRESH_MS: i64 = 10_000;

/// An operator at a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Who.
    pub operator_id: OperatorId,
    /// Their name.
    pub name: String,
    /// Whether they are writing.
    pub is_writing: bool,
    /// When they last said so, epoch milliseconds.
    pub(super) seen_at: i64,
}

/// Under this topic the database hints that viewers of a helpdesk's conversations came or went.
pub fn topic(helpdesk_id: HelpdeskId) -> Uuid {
    // Ids are version 7: with the version's bits turned round this is nobody's.
    Uuid::from_u128(helpdesk_id.0.as_u128() ^ (0xf << 76))
}

/// The other operators at a conversation.
///
/// # Errors
/// When there is no such conversation in the helpdesk, or the database cannot be read.
pub async fn others(app: &App, member: &Member, id: ConversationId) -> Result<Vec<Viewer>> {
    Ok(all(app, member, id).await?.0)
}

/// Marks the operator as being at a conversation, and answers who else is.
///
/// # Errors
/// When there is no such conversation in the helpdesk, or the database refuses.
pub async fn arrive(app: &App, member: &Member, id: ConversationId, is_writing: bool) -> Result<Vec<Viewer>> {
    let (others, own) = all(app, member, id).await?;
    let now = app.now_ms();
    let is_known = own.as_ref().is_some_and(|own| own.is_writing == is_writing);
    if is_known && own.is_some_and(|own| now - own.seen_at < FRESH_MS) {
        return Ok(others);
    }
    let member = member.clone();
    app.db()
        .write(async move |tx: &mut Tx| {
            store::upsert_viewer(tx, &member, id, is_writing, now).await?;
            if !is_known {
                tx.hint(topic(member.helpdesk_id));
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(others)
}

/// The operator has left.
///
/// # Errors
/// When the database refuses.
pub async fn leave(app: &App, member: &Member, id: ConversationId) -> Result<()> {
    let member = member.clone();
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| {
            if store::delete_viewer(tx, &member, id).await? {
                tx.hint(topic(member.helpdesk_id));
            }
            Ok::<_, db::Error>(())
        })
        .await?)
}

/// Forgets marks that mean nothing any more.
///
/// # Errors
/// When the database refuses.
pub async fn forget_gone(app: &App, helpdesk_id: HelpdeskId) -> Result<()> {
    let before = app.now_ms() - COUNTS_MS;
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| store::delete_viewers_before(tx, helpdesk_id, before).await)
        .await?)
}

/// Everybody else, and the operator's own mark.
async fn all(app: &App, member: &Member, id: ConversationId) -> Result<(Vec<Viewer>, Option<Viewer>)> {
    let (since, member) = (app.now_ms() - COUNTS_MS, member.clone());
    app.db()
        .read(async move |tx: &mut Tx| {
            access::for_member(tx, &member, id).await?.ok_or_else(not_found)?;
            let mut others = store::viewers(tx, member.helpdesk_id, id, since).await?;
            let own = others
                .iter()
                .position(|viewer| viewer.operator_id == member.operator.id);
            let own = own.map(|at| others.remove(at));
            Ok((others, own))
        })
        .await
}
