//! The numbers beside the lists.

use super::named;
use crate::conversations::Status;
use crate::conversations::counts::Standing;
use crate::ids::{HelpdeskId, OperatorId};
use db::{Error, Tx};
use uuid::Uuid;

/// One row of numbers.
pub(in crate::conversations) struct Count {
    pub(in crate::conversations) status: Status,
    pub(in crate::conversations) assignee_id: Option<OperatorId>,
    pub(in crate::conversations) conversations: i64,
    pub(in crate::conversations) unread: i64,
}

/// Nobody is the id of zeros: a key holds no NULL.
fn key(assignee_id: Option<OperatorId>) -> Uuid {
    assignee_id.map_or_else(Uuid::nil, |id| id.0)
}

pub(in crate::conversations) async fn add_to_count(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    standing: Standing,
    conversations: i64,
    unread: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO conversation_counts (helpdesk_id, status, assignee_id, conversations, unread)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (helpdesk_id, status, assignee_id) DO UPDATE
         SET conversations = conversation_counts.conversations + $4, unread = conversation_counts.unread + $5",
        &[
            &helpdesk_id,
            &standing.status.name(),
            &key(standing.assignee_id),
            &conversations,
            &unread,
        ],
    )
    .await?;
    Ok(())
}

pub(in crate::conversations) async fn counts(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
) -> Result<Vec<Count>, Error> {
    tx.all(
        "SELECT status, assignee_id, conversations, unread FROM conversation_counts WHERE helpdesk_id = $1",
        &[&helpdesk_id],
        |row| {
            let assignee: Uuid = row.get(1)?;
            Ok(Count {
                status: named(row, 0, Status::from_name)?,
                assignee_id: (!assignee.is_nil()).then_some(OperatorId(assignee)),
                conversations: row.get(2)?,
                unread: row.get(3)?,
            })
        },
    )
    .await
}
