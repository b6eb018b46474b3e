//! Events and their numbers.

use super::named;
use crate::conversations::events::{Event, Kind};
use crate::ids::{ContactId, HelpdeskId};
use db::{Error, Row, Tx};

macro_rules! event_columns {
    () => {
        "helpdesk_id, number, conversation_id, contact_id, kind, position, entry, operator_id, actor_name, detail, \
         created_at"
    };
}
pub(super) use event_columns;

/// Takes `count` numbers from the helpdesk's counter and returns the last of them.
pub(in crate::conversations) async fn take_numbers(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    count: i64,
) -> Result<i64, Error> {
    let last = tx
        .first(
            "UPDATE event_counters SET last_number = last_number + $2 WHERE helpdesk_id = $1 RETURNING last_number",
            &[&helpdesk_id, &count],
            |row| row.get(0),
        )
        .await?;
    last.ok_or_else(|| Error::Internal("a helpdesk has no event counter".to_owned()))
}

pub(in crate::conversations) async fn insert_event(tx: &mut Tx, new: &Event) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO events (helpdesk_id, number, conversation_id, contact_id, kind, is_public, position, entry,
             operator_id, actor_name, detail, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            &new.helpdesk_id,
            &new.number,
            &new.conversation_id,
            &new.contact_id,
            &new.kind.name(),
            &new.kind.is_public(),
            &new.position,
            &new.entry,
            &new.operator_id,
            &new.actor_name,
            &new.detail,
            &new.created_at,
        ],
    )
    .await?;
    Ok(())
}

pub(in crate::conversations) async fn last_number(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
) -> Result<i64, Error> {
    let last = tx
        .first(
            "SELECT last_number FROM event_counters WHERE helpdesk_id = $1",
            &[&helpdesk_id],
            |row| row.get(0),
        )
        .await?;
    Ok(last.unwrap_or(0))
}

pub(in crate::conversations) async fn last_public_number(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
) -> Result<i64, Error> {
    let last = tx
        .first(
            "SELECT number FROM events WHERE helpdesk_id = $1 AND contact_id = $2 AND is_public
             ORDER BY number DESC LIMIT 1",
            &[&helpdesk_id, &contact_id],
            |row| row.get(0),
        )
        .await?;
    Ok(last.unwrap_or(0))
}

/// Events after a number, oldest first.
pub(in crate::conversations) async fn events_after(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    after: i64,
    most: i64,
) -> Result<Vec<Event>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            event_columns!(),
            " FROM events WHERE helpdesk_id = $1 AND number > $2 ORDER BY number LIMIT $3"
        ),
        &[&helpdesk_id, &after, &most],
        read_event,
    )
    .await
}

/// Whether one of the latest events is an answer.
pub(in crate::conversations) async fn answered_lately(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    most: i64,
) -> Result<bool, Error> {
    let found = tx
        .first(
            "SELECT kind FROM (SELECT kind FROM events WHERE helpdesk_id = $1 ORDER BY number DESC LIMIT $2) AS latest
             WHERE kind = $3 LIMIT 1",
            &[&helpdesk_id, &most, &Kind::OperatorMessage.name()],
            |row| row.get::<String>(0),
        )
        .await?;
    Ok(found.is_some())
}

/// Events of one contact that they may know of, after a number, oldest first.
pub(in crate::conversations) async fn public_events_after(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
    after: i64,
    most: i64,
) -> Result<Vec<Event>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            event_columns!(),
            " FROM events WHERE helpdesk_id = $1 AND contact_id = $2 AND number > $3 AND is_public
              ORDER BY number LIMIT $4"
        ),
        &[&helpdesk_id, &contact_id, &after, &most],
        read_event,
    )
    .await
}

pub(super) fn read_event(row: &Row<'_>) -> Result<Event, Error> {
    Ok(Event {
        helpdesk_id: row.get(0)?,
        number: row.get(1)?,
        conversation_id: row.get(2)?,
        contact_id: row.get(3)?,
        kind: named(row, 4, Kind::from_name)?,
        position: row.get(5)?,
        entry: row.get(6)?,
        operator_id: row.get(7)?,
        actor_name: row.get(8)?,
        detail: row.get(9)?,
        created_at: row.get(10)?,
    })
}
