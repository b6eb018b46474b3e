//! What an operator typed and has not sent yet, kept until it is: a reload, another machine or a
//! restart of the server costs nobody a word.

use super::{access, not_found, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ids::ConversationId;
use crate::operators::Member;
use db::Tx;

/// Longest draft, in bytes: more than any message that can be sent.
const LONGEST: usize = 64 * 1024;

/// An unsent text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Whether it is to be a private note.
    pub is_note: bool,
    /// The text, unchanged.
    pub body: String,
}

/// Keeps a draft in the place of the one before; nothing but white space forgets it. `key` names the
/// box it was typed into: once that box was sent, a late save of it changes nothing.
///
/// # Errors
/// When there is no such conversation in the helpdesk, the text is too long or holds NUL, or the
/// database refuses.
pub async fn save(
    app: &App,
    member: &Member,
    id: ConversationId,
    draft: Draft,
    key: Option<&str>,
) -> Result<()> {
    if draft.body.len() > LONGEST || draft.body.contains('\0') {
        return Err(Error::unprocessable(
            "draft_not_kept",
            "This draft is too long or holds a NUL character; it was not kept",
        ));
    }
    let (now, member, key) = (app.now_ms(), member.clone(), key.map(str::to_owned));
    app.db()
        .write(async move |tx: &mut Tx| {
            access::for_member(tx, &member, id).await?.ok_or_else(not_found)?;
            if let Some(key) = &key
                && store::key(tx, member.helpdesk_id, member.operator.id.0, key)
                    .await?
                    .is_some()
            {
                return Ok(());
            }
            if draft.body.trim().is_empty() {
                store::delete_draft(tx, &member, id).await?;
            } else {
                store::upsert_draft(tx, &member, id, &draft, now).await?;
            }
            Ok(())
        })
        .await
}
