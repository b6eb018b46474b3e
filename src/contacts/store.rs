//! SQL of contacts.

use super::Contact;
use crate::ids::{ContactId, HelpdeskId};
use db::{Error, Row, Tx};

pub(super) async fn by_email(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    email: &str,
) -> Result<Option<Contact>, Error> {
    tx.first(
        "SELECT helpdesk_id, id, email, name, proved_at FROM contacts WHERE helpdesk_id = $1 AND email = $2",
        &[&helpdesk_id, &email],
        contact,
    )
    .await
}

pub(crate) async fn by_id(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ContactId,
) -> Result<Option<Contact>, Error> {
    tx.first(
        "SELECT helpdesk_id, id, email, name, proved_at FROM contacts WHERE helpdesk_id = $1 AND id = $2",
        &[&helpdesk_id, &id],
        contact,
    )
    .await
}

pub(super) async fn upsert_proved(tx: &mut Tx, new: &Contact, now_ms: i64) -> Result<Contact, Error> {
    let stored = tx
        .first(
            "INSERT INTO contacts (helpdesk_id, id, email, name, proved_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $5)
             ON CONFLICT (helpdesk_id, email) DO UPDATE SET proved_at = $5
             RETURNING helpdesk_id, id, email, name, proved_at",
            &[&new.helpdesk_id, &new.id, &new.email, &new.name, &now_ms],
            contact,
        )
        .await?;
    stored.ok_or_else(|| Error::Internal("an upsert returned no row".to_owned()))
}

pub(super) async fn set_name(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ContactId,
    name: &str,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE contacts SET name = $3 WHERE helpdesk_id = $1 AND id = $2",
        &[&helpdesk_id, &id, &name],
    )
    .await?;
    Ok(())
}

fn contact(row: &Row<'_>) -> Result<Contact, Error> {
    Ok(Contact {
        helpdesk_id: row.get(0)?,
        id: row.get(1)?,
        email: row.get(2)?,
        name: row.get(3)?,
        proved_at: row.get(4)?,
    })
}
