//! Helpdesks (the tenants) and their settings.
//!
//! Settings are read on every embed call, so each node keeps them in memory: a change is seen by
//! this node's next request, and by other nodes within a second.

pub mod appearance;
pub mod domains;
pub(crate) mod store;

use crate::app::App;
use crate::audit::{By, Entry};
use crate::error::{Error, Result};
use crate::ids::HelpdeskId;
use crate::kept::{Kept, Look};
pub use appearance::Appearance;
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
    /// True once the first steps are done, or somebody has put them away.
    pub guide_done: bool,
    /// When it was created, epoch milliseconds.
    pub created_at: i64,
}

type Cache = Kept<HelpdeskId, Helpdesk>;

/// Creates a helpdesk.
///
/// # Errors
/// When the name is empty or too long.
pub async fn add(app: &App, by: &By, name: &str) -> Result<Helpdesk> {
    let helpdesk = Helpdesk::new(app, name)?;
    let entry = Entry::new(app, helpdesk.id, by, "helpdesk created");
    let row = helpdesk.clone();
    app.db()
        .write(async move |tx: &mut db::Tx| {
            store::insert(tx, &row).await?;
            entry.write(tx, &row.name).await?;
            Ok::<_, Error>(())
        })
        .await?;
    Ok(helpdesk)
}

impl Helpdesk {
    /// A helpdesk as each one begins, not stored yet.
    ///
    /// # Errors
    /// When the name is empty or too long.
    pub(crate) fn new(app: &App, name: &str) -> Result<Self> {
        Ok(Self {
            id: app.new_id(),
            name: checked_name(name)?,
            messaging: true,
            allowed_domains: Vec::new(),
            appearance: Appearance::default(),
            guide_done: false,
            created_at: app.now_ms(),
        })
    }
}

/// Gives a helpdesk another name.
///
/// # Errors
/// When the name is empty or too long, or the helpdesk does not exist.
pub async fn rename(app: &App, id: HelpdeskId, by: &By, name: &str) -> Result<()> {
    let (name, entry) = (checked_name(name)?, Entry::new(app, id, by, "helpdesk renamed"));
    change(app, id, async move |tx: &mut db::Tx| {
        let before = store::lock(tx, id).await?.ok_or_else(unknown)?.name;
        if before != name {
            store::set_name(tx, id, &name).await?;
            entry.write(tx, &format!("{before} → {name}")).await?;
        }
        Ok(())
    })
    .await
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

/// The helpdesk of an installation that has only one.
///
/// # Errors
/// When the database cannot be read.
pub async fn only(app: &App) -> Result<Option<Helpdesk>> {
    let mut some = app
        .db()
        .read(async |tx: &mut db::Tx| Ok::<_, Error>(store::first(tx, 2).await?))
        .await?;
    Ok(some.pop().filter(|_| some.is_empty()))
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
pub async fn set_domains(app: &App, id: HelpdeskId, by: &By, entries: &[String]) -> Result<domains::Checked> {
    let checked = domains::check(entries)?;
    let (stored, entry) = (checked.domains.clone(), Entry::new(app, id, by, "domains set"));
    change(app, id, async move |tx: &mut db::Tx| {
        store::set_domains(tx, id, &stored).await?;
        entry.write(tx, &stored.join(" ")).await?;
        Ok(())
    })
    .await?;
    Ok(checked)
}

/// Adds to the Allowed Embed Domains, whatever the list holds by now; those that were not on it.
///
/// # Errors
/// When one of them is not a domain, naming it, or the list is full.
pub async fn add_domains(app: &App, id: HelpdeskId, by: &By, entries: &[String]) -> Result<Vec<String>> {
    let given = domains::check(entries)?.domains;
    let entry = Entry::new(app, id, by, "domain allowed");
    change(app, id, async move |tx: &mut db::Tx| {
        let mut listed = store::lock(tx, id).await?.ok_or_else(unknown)?.allowed_domains;
        let is_new = |domain: &&String| !listed.contains(*domain);
        let added: Vec<String> = given.iter().filter(is_new).cloned().collect();
        if added.is_empty() {
            return Ok(added);
        }
        listed.extend_from_slice(&added);
        store::set_domains(tx, id, &domains::check(&listed)?.domains).await?;
        entry.write(tx, &added.join(" ")).await?;
        Ok(added)
    })
    .await
}

/// Takes a domain off the list, whatever else the list holds by now; the list as it is then, or
/// `None` when it was not on it.
///
/// # Errors
/// When the helpdesk does not exist.
pub async fn remove_domain(app: &App, id: HelpdeskId, by: &By, domain: &str) -> Result<Option<Vec<String>>> {
    let (domain, entry) = (domain.to_owned(), Entry::new(app, id, by, "domain removed"));
    change(app, id, async move |tx: &mut db::Tx| {
        let mut listed = store::lock(tx, id).await?.ok_or_else(unknown)?.allowed_domains;
        let Some(at) = listed.iter().position(|listed| *listed == domain) else {
            return Ok(None);
        };
        listed.remove(at);
        store::set_domains(tx, id, &listed).await?;
        entry.write(tx, &domain).await?;
        Ok(Some(listed))
    })
    .await
}

/// Switches messaging: while it is off, contacts can read but not write.
///
/// # Errors
/// When the helpdesk does not exist.
pub async fn set_messaging(app: &App, id: HelpdeskId, by: &By, messaging: bool) -> Result<()> {
    let entry = Entry::new(app, id, by, "messaging switched");
    change(app, id, async move |tx: &mut db::Tx| {
        store::set_messaging(tx, id, messaging).await?;
        entry.write(tx, if messaging { "on" } else { "off" }).await?;
        Ok(())
    })
    .await
}

/// Sets how the embeds look; the looks as they were before.
///
/// # Errors
/// When the helpdesk does not exist.
pub async fn set_appearance(
    app: &App,
    id: HelpdeskId,
    by: &By,
    appearance: &Appearance,
) -> Result<Appearance> {
    let (appearance, entry) = (appearance.clone(), Entry::new(app, id, by, "appearance set"));
    change(app, id, async move |tx: &mut db::Tx| {
        let before = store::lock(tx, id).await?.ok_or_else(unknown)?.appearance;
        if before != appearance {
            let stored = store::set_appearance(tx, id, &appearance).await?;
            entry.write(tx, &stored).await?;
        }
        Ok(before)
    })
    .await
}

/// Puts the first steps away for everybody.
///
/// # Errors
/// When the helpdesk does not exist.
pub async fn hide_guide(app: &App, id: HelpdeskId, by: &By) -> Result<()> {
    let entry = Entry::new(app, id, by, "first steps hidden");
    change(app, id, async move |tx: &mut db::Tx| {
        store::set_guide_done(tx, id).await?;
        entry.write(tx, "").await?;
        Ok(())
    })
    .await
}

/// Notes that all first steps were taken. Nobody decided that, so it is no entry of the audit log.
///
/// # Errors
/// When the helpdesk does not exist.
pub async fn finish_guide(app: &App, id: HelpdeskId) -> Result<()> {
    change(app, id, async move |tx: &mut db::Tx| {
        store::set_guide_done(tx, id).await
    })
    .await
}

async fn change<T, F>(app: &App, id: HelpdeskId, body: F) -> Result<T>
where
    F: AsyncFn(&mut db::Tx) -> Result<T> + Send + 'static,
    T: Send + 'static,
{
    let changed = app.db().write(body).await;
    // Forgotten after the commit and before the answer: the next request reads the new settings.
    app.room(|_| Cache::default()).forget(&id);
    changed
}
