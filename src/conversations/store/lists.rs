//! Lists of conversations: one index range each, in the index's own order.

use super::{CONVERSATION_COLUMNS, conversation_columns, read_conversation};
use crate::contacts::Contact;
use crate::conversations::by_operator::{self, View};
use crate::conversations::{Conversation, Cursor};
use crate::ids::{ContactId, ConversationId, HelpdeskId};
use crate::operators::Member;
use db::{Error, Tx};

pub(in crate::conversations) async fn by_contact(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
    before: Option<Cursor>,
    most: i64,
) -> Result<Vec<Conversation>, Error> {
    match before {
        None => {
            tx.all(
                concat!(
                    "SELECT ",
                    conversation_columns!(),
                    " FROM conversations c WHERE c.helpdesk_id = $1 AND c.contact_id = $2
                      ORDER BY c.last_message_at DESC, c.id DESC LIMIT $3"
                ),
                &[&helpdesk_id, &contact_id, &most],
                read_conversation,
            )
            .await
        }
        Some(cursor) => {
            tx.all(
                concat!(
                    "SELECT ",
                    conversation_columns!(),
                    " FROM conversations c WHERE c.helpdesk_id = $1 AND c.contact_id = $2
                      AND (c.last_message_at, c.id) < ($4, $5)
                      ORDER BY c.last_message_at DESC, c.id DESC LIMIT $3"
                ),
                &[
                    &helpdesk_id,
                    &contact_id,
                    &most,
                    &cursor.last_message_at,
                    &cursor.id,
                ],
                read_conversation,
            )
            .await
        }
    }
}

macro_rules! inbox {
    ($where:literal) => {
        concat!(
            "SELECT ",
            conversation_columns!(),
            ", p.email, p.name, p.proved_at, o.name, COALESCE(r.seen_entry, 0)
             FROM conversations c
             JOIN contacts p ON p.helpdesk_id = c.helpdesk_id AND p.id = c.contact_id
             LEFT JOIN operators o ON o.id = c.assignee_id
             LEFT JOIN operator_reads r
                 ON r.helpdesk_id = c.helpdesk_id AND r.operator_id = $2 AND r.conversation_id = c.id
             WHERE c.helpdesk_id = $1 AND ",
            $where,
            " AND (c.last_message_at, c.id) < ($4, $5)
             ORDER BY c.last_message_at DESC, c.id DESC LIMIT $3"
        )
    };
}

pub(in crate::conversations) async fn inbox(
    tx: &mut Tx,
    member: &Member,
    view: View,
    before: Option<Cursor>,
    most: i64,
) -> Result<Vec<by_operator::Row>, Error> {
    // The first page begins after everything.
    let place = before.unwrap_or(Cursor {
        last_message_at: i64::MAX,
        id: ConversationId(uuid::Uuid::max()),
    });
    let sql = match view {
        View::Mine => inbox!("c.status = 'open' AND c.assignee_id = $2"),
        View::Unassigned => inbox!("c.status = 'open' AND c.assignee_id IS NULL"),
        View::AllOpen => inbox!("c.status = 'open'"),
        View::Closed => inbox!("c.status = 'closed'"),
    };
    tx.all(
        sql,
        &[
            &member.helpdesk_id,
            &member.operator.id,
            &most,
            &place.last_message_at,
            &place.id,
        ],
        |row| {
            let conversation = read_conversation(row)?;
            let contact = Contact {
                helpdesk_id: conversation.helpdesk_id,
                id: conversation.contact_id,
                email: row.get(CONVERSATION_COLUMNS)?,
                name: row.get(CONVERSATION_COLUMNS + 1)?,
                proved_at: row.get(CONVERSATION_COLUMNS + 2)?,
            };
            let seen_entry: i64 = row.get(CONVERSATION_COLUMNS + 4)?;
            Ok(by_operator::Row {
                unread: conversation.last_visitor_entry > seen_entry,
                assignee_name: row.get(CONVERSATION_COLUMNS + 3)?,
                conversation,
                contact,
            })
        },
    )
    .await
}

/// Counts the lists of an operator, each up to a limit.
pub(in crate::conversations) async fn counts(
    tx: &mut Tx,
    member: &Member,
    limit: i64,
) -> Result<by_operator::Counts, Error> {
    let counts = tx
        .first(
            "SELECT
               (SELECT COUNT(*) FROM (SELECT 1 AS one FROM conversations
                    WHERE helpdesk_id = $1 AND status = 'open' AND assignee_id = $2 LIMIT $3) AS mine),
               (SELECT COUNT(*) FROM (SELECT id, last_visitor_entry FROM conversations
                    WHERE helpdesk_id = $1 AND status = 'open' AND assignee_id = $2
                    ORDER BY last_message_at DESC, id DESC LIMIT $3) AS latest
                LEFT JOIN operator_reads r
                    ON r.helpdesk_id = $1 AND r.operator_id = $2 AND r.conversation_id = latest.id
                WHERE latest.last_visitor_entry > COALESCE(r.seen_entry, 0)),
               (SELECT COUNT(*) FROM (SELECT 1 AS one FROM conversations
                    WHERE helpdesk_id = $1 AND status = 'open' AND assignee_id IS NULL LIMIT $3) AS unassigned),
               (SELECT COUNT(*) FROM (SELECT 1 AS one FROM conversations
                    WHERE helpdesk_id = $1 AND status = 'open' LIMIT $3) AS open)",
            &[&member.helpdesk_id, &member.operator.id, &limit],
            |row| {
                Ok(by_operator::Counts {
                    mine: row.get(0)?,
                    mine_unread: row.get(1)?,
                    unassigned: row.get(2)?,
                    open: row.get(3)?,
                })
            },
        )
        .await?;
    Ok(counts.unwrap_or_default())
}
