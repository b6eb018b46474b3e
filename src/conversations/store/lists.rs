//! Lists of conversations: one index range each, in the index's own order.

use super::{CONVERSATION_COLUMNS, conversation_columns, read_conversation};
use crate::contacts::Contact;
use crate::conversations::inbox::{self, Assigned, Filter, Range};
use crate::conversations::{Conversation, Cursor};
use crate::ids::{ContactId, ConversationId, HelpdeskId};
use crate::operators::Member;
use db::{Error, Param, Tx};

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
                      AND c.status <> 'spam' AND c.status <> 'waiting'
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
                      AND c.status <> 'spam' AND c.status <> 'waiting' AND (c.last_message_at, c.id) < ($4, $5)
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

/// What a row of the inbox shows beside the conversation, and where it comes from.
macro_rules! inbox_row {
    ($conversations:expr) => {
        concat!(
            "SELECT ",
            conversation_columns!(),
            ", p.email, p.name, p.proved_at, o.name, COALESCE(r.seen_entry, 0)
             FROM ",
            $conversations,
            " JOIN contacts p ON p.helpdesk_id = c.helpdesk_id AND p.id = c.contact_id
             LEFT JOIN operators o ON o.id = c.assignee_id
             LEFT JOIN operator_reads r
                 ON r.helpdesk_id = c.helpdesk_id AND r.operator_id = $2 AND r.conversation_id = c.id"
        )
    };
}

/// The conversations of a range before a place, in the order of its index.
macro_rules! range {
    ($where:literal, $limit:literal) => {
        concat!(
            " WHERE c.helpdesk_id = $1 AND ",
            $where,
            " AND (c.last_message_at, c.id) < ($4, $5) ORDER BY c.last_message_at DESC, c.id DESC LIMIT ",
            $limit
        )
    };
}

macro_rules! inbox {
    ($where:literal) => {
        concat!(inbox_row!("conversations c"), range!($where, "$3"))
    };
}

/// The filters look at so many conversations of the range, and no further.
macro_rules! inbox_filtered {
    ($where:literal) => {
        concat!(
            inbox_row!(concat!(
                "(SELECT * FROM conversations c",
                range!($where, "$7"),
                ") c"
            )),
            " WHERE ($8 OR c.channel = $9) AND (NOT $10 OR c.last_visitor_entry > COALESCE(r.seen_entry, 0))
              ORDER BY c.last_message_at DESC, c.id DESC LIMIT $3"
        )
    };
}

macro_rules! places {
    ($where:literal) => {
        concat!(
            "SELECT c.last_message_at, c.id FROM conversations c",
            range!($where, "$3")
        )
    };
}

/// Without a cursor a page begins after everything.
fn place(before: Option<Cursor>) -> Cursor {
    before.unwrap_or(Cursor {
        last_message_at: i64::MAX,
        id: ConversationId(uuid::Uuid::max()),
    })
}

/// One page of a list.
pub(in crate::conversations) async fn inbox(
    tx: &mut Tx,
    member: &Member,
    range: Range,
    before: Option<Cursor>,
    most: i64,
) -> Result<Vec<inbox::Row>, Error> {
    let (place, status) = (place(before), range.status.name());
    let (helpdesk, me) = (&member.helpdesk_id, &member.operator.id);
    let common: [&dyn Param; 6] = [helpdesk, me, &most, &place.last_message_at, &place.id, &status];
    match range.assigned {
        None => tx.all(inbox!("c.status = $6"), &common, read_row).await,
        Some(Assigned::ToNobody) => {
            tx.all(
                inbox!("c.status = $6 AND c.assignee_id IS NULL"),
                &common,
                read_row,
            )
            .await
        }
        Some(Assigned::To(assignee)) => {
            let [helpdesk, me, most, at, id, status] = common;
            tx.all(
                inbox!("c.status = $6 AND c.assignee_id = $7"),
                &[helpdesk, me, most, at, id, status, &assignee],
                read_row,
            )
            .await
        }
    }
}

/// The same of those among the next [`inbox::LOOKED_AT`] that pass the filter.
pub(in crate::conversations) async fn inbox_filtered(
    tx: &mut Tx,
    member: &Member,
    range: Range,
    filter: Filter,
    before: Option<Cursor>,
    most: i64,
) -> Result<Vec<inbox::Row>, Error> {
    let (place, status) = (place(before), range.status.name());
    let (any, channel) = (
        filter.channel.is_none(),
        filter.channel.map_or("", crate::conversations::Channel::name),
    );
    let common: [&dyn Param; 10] = [
        &member.helpdesk_id,
        &member.operator.id,
        &most,
        &place.last_message_at,
        &place.id,
        &status,
        &inbox::LOOKED_AT,
        &any,
        &channel,
        &filter.unread,
    ];
    match range.assigned {
        None => tx.all(inbox_filtered!("c.status = $6"), &common, read_row).await,
        Some(Assigned::ToNobody) => {
            tx.all(
                inbox_filtered!("c.status = $6 AND c.assignee_id IS NULL"),
                &common,
                read_row,
            )
            .await
        }
        Some(Assigned::To(assignee)) => {
            let mut params = common.to_vec();
            params.push(&assignee);
            tx.all(
                inbox_filtered!("c.status = $6 AND c.assignee_id = $11"),
                &params,
                read_row,
            )
            .await
        }
    }
}

/// The place after so many conversations of a range, or `None` when there are not so many.
pub(in crate::conversations) async fn place_after(
    tx: &mut Tx,
    member: &Member,
    range: Range,
    before: Option<Cursor>,
    count: i64,
) -> Result<Option<Cursor>, Error> {
    let (place, status) = (place(before), range.status.name());
    let common: [&dyn Param; 5] = [
        &member.helpdesk_id,
        &status,
        &count,
        &place.last_message_at,
        &place.id,
    ];
    let places = match range.assigned {
        None => tx.all(places!("c.status = $2"), &common, read_place).await?,
        Some(Assigned::ToNobody) => {
            tx.all(
                places!("c.status = $2 AND c.assignee_id IS NULL"),
                &common,
                read_place,
            )
            .await?
        }
        Some(Assigned::To(assignee)) => {
            let [helpdesk, status, count, at, id] = common;
            tx.all(
                places!("c.status = $2 AND c.assignee_id = $6"),
                &[helpdesk, status, count, at, id, &assignee],
                read_place,
            )
            .await?
        }
    };
    let full = i64::try_from(places.len()).is_ok_and(|found| found == count);
    Ok(places.into_iter().next_back().filter(|_| full))
}

/// Conversations that [`with_contacts`] reads at once.
pub(in crate::conversations) const AT_ONCE: usize = 20;

/// Those of at most [`AT_ONCE`] conversations that the helpdesk has, with whose they are, in any order.
pub(in crate::conversations) async fn with_contacts(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    ids: &[ConversationId],
) -> Result<Vec<(Conversation, Contact)>, Error> {
    let Some(first) = ids.first() else {
        return Ok(Vec::new());
    };
    // One text for any number: the places that are left over name the first one again.
    let places = ids.iter().chain(std::iter::repeat(first)).take(AT_ONCE);
    let mut parameters: Vec<&dyn Param> = vec![&helpdesk_id];
    parameters.extend(places.map(|id| id as &dyn Param));
    tx.all(
        concat!(
            "SELECT ",
            conversation_columns!(),
            ", p.email, p.name, p.proved_at FROM conversations c
             JOIN contacts p ON p.helpdesk_id = c.helpdesk_id AND p.id = c.contact_id
             WHERE c.helpdesk_id = $1 AND c.id IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
                 $15, $16, $17, $18, $19, $20, $21)"
        ),
        &parameters,
        |row| {
            let conversation = read_conversation(row)?;
            let contact = read_contact(row, &conversation)?;
            Ok((conversation, contact))
        },
    )
    .await
}

fn read_place(row: &db::Row<'_>) -> Result<Cursor, Error> {
    Ok(Cursor {
        last_message_at: row.get(0)?,
        id: row.get(1)?,
    })
}

fn read_row(row: &db::Row<'_>) -> Result<inbox::Row, Error> {
    let conversation = read_conversation(row)?;
    let contact = read_contact(row, &conversation)?;
    let seen_entry: i64 = row.get(CONVERSATION_COLUMNS + 4)?;
    Ok(inbox::Row {
        unread: conversation.last_visitor_entry > seen_entry,
        assignee_name: row.get(CONVERSATION_COLUMNS + 3)?,
        conversation,
        contact,
    })
}

/// The contact that stands behind the columns of its conversation.
fn read_contact(row: &db::Row<'_>, conversation: &Conversation) -> Result<Contact, Error> {
    Ok(Contact {
        helpdesk_id: conversation.helpdesk_id,
        id: conversation.contact_id,
        email: row.get(CONVERSATION_COLUMNS)?,
        name: row.get(CONVERSATION_COLUMNS + 1)?,
        proved_at: row.get(CONVERSATION_COLUMNS + 2)?,
    })
}
