//! The audit log: who did what that matters for security. Entries are added, never changed.

mod store;

use crate::app::App;
use crate::error::Result;
use crate::ids::EntryId;
use crate::operators::Member;

/// Writes down what an operator did. Never a secret, never a message's text.
///
/// # Errors
/// When the database refuses; then the caller must not go on.
pub async fn note(app: &App, member: &Member, action: &'static str, detail: &str) -> Result<()> {
    let (id, now): (EntryId, i64) = (app.new_id(), app.now_ms());
    let (helpdesk_id, actor, detail) = (
        member.helpdesk_id,
        member.operator.email.clone(),
        detail.to_owned(),
    );
    Ok(app
        .db()
        .write(async move |tx: &mut db::Tx| {
            store::insert(tx, helpdesk_id, id, &actor, action, &detail, now).await
        })
        .await?)
}
