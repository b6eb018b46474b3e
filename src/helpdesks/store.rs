//! SQL of helpdesks.

use super::{Appearance, Helpdesk, unknown};
use crate::error::Result;
use crate::ids::HelpdeskId;
use db::{Row, Tx};

type Stored<T> = std::result::Result<T, db::Error>;

pub(crate) async fn insert(tx: &mut Tx, helpdesk: &Helpdesk) -> Result<()> {
    tx.execute(
        "INSERT INTO helpdesks (id, name, messaging, allowed_domains, appearance, version, created_at)
         VALUES ($1, $2, $3, $4, $5, 1, $6)",
        &[
            &helpdesk.id,
            &helpdesk.name,
            &helpdesk.messaging,
            &json(&helpdesk.allowed_domains)?,
            &json(&helpdesk.appearance)?,
            &helpdesk.created_at,
        ],
    )
    .await?;
    tx.execute(
        "INSERT INTO event_counters (helpdesk_id, last_number) VALUES ($1, 0)",
        &[&helpdesk.id],
    )
    .await?;
    Ok(())
}

pub(crate) async fn all(tx: &mut Tx) -> Stored<Vec<Helpdesk>> {
    tx.all(
        "SELECT id, name, messaging, allowed_domains, appearance, created_at, guide_done FROM helpdesks ORDER BY created_at, id",
        &[],
        helpdesk,
    )
    .await
}

/// Some helpdesks, but no more than this.
pub(crate) async fn first(tx: &mut Tx, most: i64) -> Stored<Vec<Helpdesk>> {
    tx.all(
        "SELECT id, name, messaging, allowed_domains, appearance, created_at, guide_done FROM helpdesks LIMIT $1",
        &[&most],
        helpdesk,
    )
    .await
}

pub(crate) async fn find(tx: &mut Tx, id: HelpdeskId) -> Result<Option<Helpdesk>> {
    Ok(tx
        .first(
            "SELECT id, name, messaging, allowed_domains, appearance, created_at, guide_done FROM helpdesks WHERE id = $1",
            &[&id],
            helpdesk,
        )
        .await?)
}

/// Holds the helpdesk's row until the end of the transaction, and reads it.
pub(crate) async fn lock(tx: &mut Tx, id: HelpdeskId) -> Result<Option<Helpdesk>> {
    tx.execute("UPDATE helpdesks SET version = version + 1 WHERE id = $1", &[&id])
        .await?;
    find(tx, id).await
}

pub(crate) async fn set_domains(tx: &mut Tx, id: HelpdeskId, domains: &[String]) -> Result<()> {
    let domains = json(domains)?;
    let changed = tx
        .execute(
            "UPDATE helpdesks SET allowed_domains = $2, version = version + 1 WHERE id = $1",
            &[&id, &domains],
        )
        .await?;
    if changed == 1 { Ok(()) } else { Err(unknown()) }
}

pub(crate) async fn set_name(tx: &mut Tx, id: HelpdeskId, name: &str) -> Result<()> {
    tx.execute("UPDATE helpdesks SET name = $2 WHERE id = $1", &[&id, &name])
        .await?;
    Ok(())
}

pub(crate) async fn set_messaging(tx: &mut Tx, id: HelpdeskId, messaging: bool) -> Result<()> {
    let changed = tx
        .execute(
            "UPDATE helpdesks SET messaging = $2, version = version + 1 WHERE id = $1",
            &[&id, &messaging],
        )
        .await?;
    if changed == 1 { Ok(()) } else { Err(unknown()) }
}

/// The looks as they were written down.
pub(crate) async fn set_appearance(tx: &mut Tx, id: HelpdeskId, appearance: &Appearance) -> Stored<String> {
    let appearance = json(appearance)?;
    tx.execute(
        "UPDATE helpdesks SET appearance = $2, version = version + 1 WHERE id = $1",
        &[&id, &appearance],
    )
    .await?;
    Ok(appearance)
}

pub(crate) async fn set_guide_done(tx: &mut Tx, id: HelpdeskId) -> Result<()> {
    let changed = tx
        .execute(
            "UPDATE helpdesks SET guide_done = $2, version = version + 1 WHERE id = $1",
            &[&id, &true],
        )
        .await?;
    if changed == 1 { Ok(()) } else { Err(unknown()) }
}

fn helpdesk(row: &Row<'_>) -> Stored<Helpdesk> {
    Ok(Helpdesk {
        id: row.get(0)?,
        name: row.get(1)?,
        messaging: row.get(2)?,
        allowed_domains: from_json(&row.get::<String>(3)?)?,
        appearance: from_json(&row.get::<String>(4)?)?,
        created_at: row.get(5)?,
        guide_done: row.get(6)?,
    })
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> Stored<String> {
    serde_json::to_string(value).map_err(|error| db::Error::Internal(error.to_string()))
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Stored<T> {
    serde_json::from_str(text).map_err(|error| db::Error::Internal(error.to_string()))
}
