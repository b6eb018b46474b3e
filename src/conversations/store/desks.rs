//! What operators have on their desks: drafts, and conversations before their eyes.

use crate::conversations::drafts::Draft;
use crate::conversations::viewers::Viewer;
use crate::ids::{ConversationId, HelpdeskId};
use crate::operators::Member;
use db::{Error, Tx};

pub(in crate::conversations) async fn draft(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
) -> Result<Option<Draft>, Error> {
    tx.first(
        "SELECT is_note, body FROM drafts WHERE helpdesk_id = $1 AND operator_id = $2 AND conversation_id = $3",
        &[&member.helpdesk_id, &member.operator.id, &id],
        |row| {
            Ok(Draft {
                is_note: row.get(0)?,
                body: row.get(1)?,
            })
        },
    )
    .await
}

pub(in crate::conversations) async fn upsert_draft(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
    draft: &Draft,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO drafts (helpdesk_id, operator_id, conversation_id, is_note, body, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (helpdesk_id, operator_id, conversation_id) DO UPDATE
         SET is_note = $4, body = $5, updated_at = $6",
        &[
            &member.helpdesk_id,
            &member.operator.id,
            &id,
            &draft.is_note,
            &draft.body,
            &now_ms,
        ],
    )
    .await?;
    Ok(())
}

pub(in crate::conversations) async fn delete_draft(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM drafts WHERE helpdesk_id = $1 AND operator_id = $2 AND conversation_id = $3",
        &[&member.helpdesk_id, &member.operator.id, &id],
    )
    .await?;
    Ok(())
}

/// Members only: somebody who was removed is nobody's company.
pub(in crate::conversations) async fn viewers(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    since_ms: i64,
) -> Result<Vec<Viewer>, Error> {
    tx.all(
        "SELECT v.operator_id, o.name, v.is_writing, v.seen_at FROM viewers v
         JOIN members m ON m.helpdesk_id = v.helpdesk_id AND m.operator_id = v.operator_id
         JOIN operators o ON o.id = v.operator_id
         WHERE v.helpdesk_id = $1 AND v.conversation_id = $2 AND v.seen_at > $3 ORDER BY o.name, o.id",
        &[&helpdesk_id, &id, &since_ms],
        |row| {
            Ok(Viewer {
                operator_id: row.get(0)?,
                name: row.get(1)?,
                is_writing: row.get(2)?,
                seen_at: row.get(3)?,
            })
        },
    )
    .await
}

pub(in crate::conversations) async fn upsert_viewer(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
    is_writing: bool,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO viewers (helpdesk_id, conversation_id, operator_id, is_writing, seen_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (helpdesk_id, conversation_id, operator_id) DO UPDATE SET is_writing = $4, seen_at = $5",
        &[
            &member.helpdesk_id,
            &id,
            &member.operator.id,
            &is_writing,
            &now_ms,
        ],
    )
    .await?;
    Ok(())
}

pub(in crate::conversations) async fn delete_viewer(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
) -> Result<bool, Error> {
    let deleted = tx
        .execute(
            "DELETE FROM viewers WHERE helpdesk_id = $1 AND conversation_id = $2 AND operator_id = $3",
            &[&member.helpdesk_id, &id, &member.operator.id],
        )
        .await?;
    Ok(deleted > 0)
}

pub(in crate::conversations) async fn delete_viewers_before(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    before_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM viewers WHERE helpdesk_id = $1 AND seen_at < $2",
        &[&helpdesk_id, &before_ms],
    )
    .await?;
    Ok(())
}
