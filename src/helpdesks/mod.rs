//! Helpdesks (the tenants) and their settings.
//!
//! Settings are read on every embed call, so each node keeps them in memory: a change is seen by
//! this node's next request, and by other nodes within a second.

pub mod domains;
pub(crate) mod store;

use crate::app::App;
use crate::error::{Error, Result};
use crate::ids::HelpdeskId;
use crate::kept::{Kept, Look};
use std::sync::Arc;

const NAME_CHARACTERS: usize = 120;

/// A helpdesk with its settings.
#[derive(Clone, Debug)]
pub struct Helpdesk {
    /// The Helpdesk ID.
    pub id: HelpdeskId,
    /// Its name, shown to operators and contacts.
    pub name: String,
    /// False while contacts cannot write.
    pub messaging: bool,
    /// Sites that may embed; empty means every site.
    pub allowed_domains: Vec<String>,
    /// How the embeds look.
    pub appearance: Appearance,
    /// When it was created, epoch milliseconds.
    pub created_at: i64,
}

/// How the embeds look unless the script tag says otherwise. Absent fields mean the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Appearance {
    /// left, center or right.
    pub align: Option<String>,
    /// CSS length.
    pub max_width: Option<String>,
    /// CSS colour.
    pub accent: Option<String>,
    /// auto, light or dark.
    pub theme: Option<String>,
    /// `none` hides the outer border.
    pub border: Option<String>,
}

type Cache = Kept<HelpdeskId, Helpdesk>;

/// Creates a helpdesk.
///
/// # Errors
/// When the name is empty or too long.
pub async fn add(app: &App, name: &str) -> Result<Helpdesk> {
    let helpdesk = Helpdesk {
        id: app.new_id(),
        name: checked_name(name)?,
        messaging: true,
        allowed_domains: Vec::new(),
        appearance: Appearance::default(),
        created_at: app.now_ms(),
    };
    let row = helpdesk.clone();
    app.db()
        .write(async move |tx: &mut db::Tx| store::insert(tx, &row).await)
        .await?;
    Ok(helpdesk)
}

/// A name that can be shown anywhere: one line, not empty.
///
/// # Errors
/// When it is empty or longer than 120 characters.
pub fn checked_name(name: &str) -> Result<String> {
    let name = name
        .split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty());
    let name = name.collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS {
        return Err(Error::unprocessable(
            "invalid_name",
            "A name needs 1 to 120 characters",
        ));
    }
    Ok(name)
}

/// All helpdesks, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(app: &App) -> Result<Vec<Helpdesk>> {
    app.db()
        .read(async |tx: &mut db::Tx| Ok(store::all(tx).await?))
        .await
}

/// One helpdesk, from memory when it was read a moment ago.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(app: &App, id: HelpdeskId) -> Result<Option<Arc<Helpdesk>>> {
    let cache = app.room(|_| Cache::default());
    let now = app.now_ms();
    let ticket = match cache.look(&id, now) {
        Look::Fresh(helpdesk) => return Ok(Some(helpdesk)),
        Look::Stale(ticket) => ticket,
    };
    let found: Option<Helpdesk> = app
        .db()
        .read(async move |tx: &mut db::Tx| store::find(tx, id).await)
        .await?;
    let Some(found) = found else { return Ok(None) };
    let helpdesk = Arc::new(found);
    cache.keep(ticket, id, &helpdesk, now);
    Ok(Some(helpdesk))
}

/// As [`find`], but a missing helpdesk is an error.
///
/// # Errors
/// `unknown_helpdesk`, or when the database cannot be read.
pub async fn get(app: &App, id: HelpdeskId) -> Result<Arc<Helpdesk>> {
    find(app, id).await?.ok_or_else(unknown)
}

/// The refusal for an id that no helpdesk has.
pub fn unknown() -> Error {
    Error::not_found(
        "unknown_helpdesk",
        "Unknown helpdesk: check the Helpdesk ID in the embed code",
    )
}

/// Replaces the Allowed Embed Domains; returns them as stored, with warnings to show.
///
/// # Errors
/// When one of the entries is not a domain, naming it.
pub async fn set_domains(app: &App, id: HelpdeskId, entries: &[String]) -> Result<domains::Checked> {
    let checked = domains::check(entries)?;
    let stored = checked.domains.clone();
    change(app, id, async move |tx: &mut db::Tx| {
        store::set_domains(tx, id, &stored).await
    })
    .await?;
    Ok(checked)
}

/// Switches messaging: while it is off, contacts can read but not write.
///
/// # Errors
/// When the helpdesk does not exist.
pub async fn set_messaging(app: &App, id: HelpdeskId, messaging: bool) -> Result<()> {
    change(app, id, async move |tx: &mut db::Tx| {
        store::set_messaging(tx, id, messaging).await
    })
    .await
}

/// Changes how the embeds look.
///
/// # Errors
/// When the helpdesk does not exist.
pub async fn set_appearance(app: &App, id: HelpdeskId, appearance: Appearance) -> Result<()> {
    change(app, id, async move |tx: &mut db::Tx| {
        store::set_appearance(tx, id, &appearance).await
    })
    .await
}

async fn change<F>(app: &App, id: HelpdeskId, body: F) -> Result<()>
where
    F: AsyncFn(&mut db::Tx) -> std::result::Result<bool, db::Error> + Send + 'static,
{
    let changed = app.db().write(body).await?;
    // Forgotten after the commit and before the answer: the next request reads the new settings.
    app.room(|_| Cache::default()).forget(&id);
    if changed { Ok(()) } else { Err(unknown()) }
}
