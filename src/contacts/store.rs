//! SQL of contacts.

use super::words::{self, Range, Ranges};
use super::{Contact, Known};
use crate::ids::{ContactId, HelpdeskId};
use db::{Error, Row, Tx};

pub(crate) async fn by_email(
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

/// The contact of this address, whose identity was just proved; a new one gets its words here.
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
    let stored = stored.ok_or_else(|| Error::Internal("an upsert returned no row".to_owned()))?;
    if stored.id == new.id {
        add_words(tx, &stored).await?;
    }
    Ok(stored)
}

/// The contact of this address, made when it is new. Nothing was proved, so that one who is known stays
/// as they are.
pub(crate) async fn find_or_insert(tx: &mut Tx, new: &Contact, now_ms: i64) -> Result<Contact, Error> {
    let stored = tx
        .first(
            "INSERT INTO contacts (helpdesk_id, id, email, name, proved_at, created_at)
             VALUES ($1, $2, $3, $4, NULL, $5)
             ON CONFLICT (helpdesk_id, email) DO UPDATE SET email = contacts.email
             RETURNING helpdesk_id, id, email, name, proved_at",
            &[&new.helpdesk_id, &new.id, &new.email, &new.name, &now_ms],
            contact,
        )
        .await?;
    let stored = stored.ok_or_else(|| Error::Internal("an upsert returned no row".to_owned()))?;
    if stored.id == new.id {
        add_words(tx, &stored).await?;
    }
    Ok(stored)
}

/// Notes that somebody who reads the mail of the contact's address confirmed it; the first time counts.
pub(crate) async fn confirm(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ContactId,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE contacts SET confirmed_at = COALESCE(confirmed_at, $3) WHERE helpdesk_id = $1 AND id = $2",
        &[&helpdesk_id, &id, &now_ms],
    )
    .await?;
    Ok(())
}

/// Whether somebody did.
pub(crate) async fn is_confirmed(tx: &mut Tx, helpdesk_id: HelpdeskId, id: ContactId) -> Result<bool, Error> {
    let found: Option<Option<i64>> = tx
        .first(
            "SELECT confirmed_at FROM contacts WHERE helpdesk_id = $1 AND id = $2",
            &[&helpdesk_id, &id],
            |row| row.get(0),
        )
        .await?;
    Ok(found.flatten().is_some())
}

/// Writes the words of a contact; those that are there stay.
pub(super) async fn add_words(tx: &mut Tx, of: &Contact) -> Result<(), Error> {
    for word in words::of(of) {
        tx.execute(
            "INSERT INTO contact_words (helpdesk_id, contact_id, word) VALUES ($1, $2, $3)
             ON CONFLICT (helpdesk_id, contact_id, word) DO NOTHING",
            &[&of.helpdesk_id, &of.id, &word],
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn rename(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ContactId,
    name: Option<&str>,
) -> Result<Option<Contact>, Error> {
    let renamed = tx
        .first(
            "UPDATE contacts SET name = $3 WHERE helpdesk_id = $1 AND id = $2
             RETURNING helpdesk_id, id, email, name, proved_at",
            &[&helpdesk_id, &id, &name],
            contact,
        )
        .await?;
    if let Some(contact) = &renamed {
        tx.execute(
            "DELETE FROM contact_words WHERE helpdesk_id = $1 AND contact_id = $2",
            &[&helpdesk_id, &id],
        )
        .await?;
        add_words(tx, contact).await?;
    }
    Ok(renamed)
}

pub(super) async fn known(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ContactId,
) -> Result<Option<Known>, Error> {
    tx.first(
        "SELECT helpdesk_id, id, email, name, proved_at, created_at FROM contacts
         WHERE helpdesk_id = $1 AND id = $2",
        &[&helpdesk_id, &id],
        read_known,
    )
    .await
}

/// Ids carry the time at which they were made: their order is the order of first contact.
pub(super) async fn list(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    before: ContactId,
    most: i64,
) -> Result<Vec<Known>, Error> {
    tx.all(
        "SELECT helpdesk_id, id, email, name, proved_at, created_at FROM contacts
         WHERE helpdesk_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        &[&helpdesk_id, &before, &most],
        read_known,
    )
    .await
}

/// How many words begin like this one, counted up to a limit.
pub(super) async fn count_words(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    range: &Range,
    limit: i64,
) -> Result<i64, Error> {
    let count = tx
        .first(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM contact_words
             WHERE helpdesk_id = $1 AND word >= $2 AND word < $3 LIMIT $4) AS counted",
            &[&helpdesk_id, &range.first, &range.end, &limit],
            |row| row.get(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

macro_rules! has_word {
    ($contact:literal, $first:literal, $end:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM contact_words x WHERE x.helpdesk_id = $1 AND x.contact_id = ",
            $contact,
            " AND x.word >= ",
            $first,
            " AND x.word < ",
            $end,
            ")"
        )
    };
}

/// Contacts with the first of these words, which is rare, and all others.
pub(super) async fn with_words(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    ranges: &Ranges,
    before: ContactId,
    most: i64,
) -> Result<Vec<Known>, Error> {
    let [a, b, c, d] = ranges.all();
    tx.all(
        concat!(
            "SELECT p.helpdesk_id, p.id, p.email, p.name, p.proved_at, p.created_at
             FROM (SELECT DISTINCT w.contact_id FROM contact_words w
                   WHERE w.helpdesk_id = $1 AND w.word >= $4 AND w.word < $5) AS found
             JOIN contacts p ON p.helpdesk_id = $1 AND p.id = found.contact_id
             WHERE p.id < $2 AND ",
            has_word!("p.id", "$6", "$7"),
            " AND ",
            has_word!("p.id", "$8", "$9"),
            " AND ",
            has_word!("p.id", "$10", "$11"),
            " ORDER BY p.id DESC LIMIT $3"
        ),
        &[
            &helpdesk_id,
            &before,
            &most,
            &a.first,
            &a.end,
            &b.first,
            &b.end,
            &c.first,
            &c.end,
            &d.first,
            &d.end,
        ],
        read_known,
    )
    .await
}

/// The next so many contacts, each with whether it has all of these words.
pub(super) async fn stretch(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    ranges: &Ranges,
    before: ContactId,
    most: i64,
) -> Result<Vec<(Known, bool)>, Error> {
    let [a, b, c, d] = ranges.all();
    tx.all(
        concat!(
            "SELECT p.helpdesk_id, p.id, p.email, p.name, p.proved_at, p.created_at, ",
            has_word!("p.id", "$4", "$5"),
            " AND ",
            has_word!("p.id", "$6", "$7"),
            " AND ",
            has_word!("p.id", "$8", "$9"),
            " AND ",
            has_word!("p.id", "$10", "$11"),
            " FROM contacts p WHERE p.helpdesk_id = $1 AND p.id < $2 ORDER BY p.id DESC LIMIT $3"
        ),
        &[
            &helpdesk_id,
            &before,
            &most,
            &a.first,
            &a.end,
            &b.first,
            &b.end,
            &c.first,
            &c.end,
            &d.first,
            &d.end,
        ],
        |row| Ok((read_known(row)?, row.get(6)?)),
    )
    .await
}

/// The next contacts of any helpdesk, held until the end of the transaction, so that nobody renames
/// one while its words are written.
pub(super) async fn hold_after(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    after: ContactId,
    most: i64,
) -> Result<Vec<Contact>, Error> {
    let mut held = tx
        .all(
            "UPDATE contacts SET email = email WHERE helpdesk_id = $1 AND id IN
                 (SELECT c.id FROM contacts c WHERE c.helpdesk_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3)
             RETURNING helpdesk_id, id, email, name, proved_at",
            &[&helpdesk_id, &after, &most],
            contact,
        )
        .await?;
    held.sort_by_key(|contact| contact.id);
    Ok(held)
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

fn read_known(row: &Row<'_>) -> Result<Known, Error> {
    Ok(Known {
        contact: contact(row)?,
        first_seen_at: row.get(5)?,
    })
}
