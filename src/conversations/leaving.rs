//! What becomes of conversations whose operator is no member of the helpdesk any more.

use super::counts::Standing;
use super::events::{self, Actor, Kind, New};
use super::{Conversation, Status, store};
use crate::app::App;
use crate::error::Result;
use crate::ids::{HelpdeskId, OperatorId};
use db::Tx;

/// How many conversations one transaction lets go.
const AT_ONCE: i64 = 50;
/// The name of who did it when no operator did.
const NOBODY: &str = "Helpdesky";

/// Makes some of the open conversations of a former member nobody's; true while there may be more.
/// Doing it again changes nothing, and somebody who is back keeps what is still theirs.
///
/// # Errors
/// When the database refuses.
pub async fn release(
    app: &App,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    removed_by: Option<OperatorId>,
) -> Result<bool> {
    let now = app.now_ms();
    app.db()
        .write(async move |tx: &mut Tx| {
            if store::member_name(tx, helpdesk_id, operator_id).await?.is_some() {
                return Ok(false);
            }
            let ids = store::assigned(tx, helpdesk_id, operator_id, AT_ONCE).await?;
            let mut released = Vec::with_capacity(ids.len());
            // All are held before the first event takes its number: whoever writes in one of them
            // holds it and waits for a number, never the other way round.
            for id in &ids {
                let held = store::lock(tx, helpdesk_id, *id).await?;
                let theirs = |held: &Conversation| {
                    held.status == Status::Open && held.assignee_id == Some(operator_id)
                };
                let Some(before) = held.filter(theirs) else {
                    continue;
                };
                let from = Standing::of(&before);
                let conversation = Conversation {
                    assignee_id: None,
                    assignee_unread: false,
                    entry_count: before.entry_count + 1,
                    ..before
                };
                store::update(tx, &conversation).await?;
                released.push((from, conversation));
            }
            let name = match removed_by {
                Some(id) => store::operator_name(tx, id).await?,
                None => None,
            };
            let actor = Actor::Remover {
                id: removed_by,
                name: name.as_deref().unwrap_or(NOBODY),
            };
            for (from, conversation) in &released {
                let event = New {
                    kind: Kind::Assigned,
                    position: None,
                    entry: Some(conversation.entry_count),
                    detail: "",
                };
                events::append(tx, Some(*from), conversation, actor, now, &[event]).await?;
            }
            Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX) == AT_ONCE)
        })
        .await
}
