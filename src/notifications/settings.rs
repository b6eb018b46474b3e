//! How long mails are held in each direction, and which operators want any.

use super::store;
use crate::app::App;
use crate::audit::Entry;
use crate::error::{Error, Result};
use crate::ids::HelpdeskId;
use crate::operators::Member;
use crate::operators::members::Changer;
use db::Tx;

/// The hold where nothing was set.
pub const DEFAULT_HOLD_SECONDS: i64 = 60;
/// The longest hold.
pub const LONGEST_HOLD_SECONDS: i64 = 3600;

/// How long mails are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    /// Mails to contacts, 0 to 3600.
    pub contact_seconds: i64,
    /// Mails to operators, 0 to 3600.
    pub operator_seconds: i64,
}

impl Default for Holds {
    fn default() -> Self {
        Self {
            contact_seconds: DEFAULT_HOLD_SECONDS,
            operator_seconds: DEFAULT_HOLD_SECONDS,
        }
    }
}

/// How long a helpdesk holds mails.
///
/// # Errors
/// When the database cannot be read.
pub async fn holds(app: &App, helpdesk_id: HelpdeskId) -> Result<Holds> {
    let found = app
        .db()
        .read(async move |tx: &mut Tx| store::holds(tx, helpdesk_id).await)
        .await?;
    Ok(found.unwrap_or_default())
}

/// Sets how long a helpdesk holds mails. Those that are held already keep their time.
///
/// # Errors
/// When a hold is below 0 or above 3600 seconds, or the database refuses.
pub async fn set_holds(app: &App, helpdesk_id: HelpdeskId, changer: &Changer, holds: Holds) -> Result<()> {
    let is_fine = |seconds: i64| (0..=LONGEST_HOLD_SECONDS).contains(&seconds);
    if !is_fine(holds.contact_seconds) || !is_fine(holds.operator_seconds) {
        return Err(Error::unprocessable(
            "invalid_hold",
            "A notification is held for 0 to 3600 seconds",
        ));
    }
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "notification hold changed");
    app.db()
        .write(async move |tx: &mut Tx| {
            let before = store::holds(tx, helpdesk_id).await?.unwrap_or_default();
            if before == holds {
                return Ok(());
            }
            store::set_holds(tx, helpdesk_id, holds).await?;
            let detail = format!(
                "contacts: {} → {} s, operators: {} → {} s",
                before.contact_seconds,
                holds.contact_seconds,
                before.operator_seconds,
                holds.operator_seconds
            );
            Ok::<_, Error>(entry.write(tx, &detail).await?)
        })
        .await
}

/// Whether mails of a helpdesk quote what was written before the messages they are about; they do not
/// unless somebody said so.
///
/// # Errors
/// When the database cannot be read.
pub async fn quotes_history(app: &App, helpdesk_id: HelpdeskId) -> Result<bool> {
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::quotes_history(tx, helpdesk_id).await)
        .await?)
}

/// Lets mails of a helpdesk quote what was written before, or not, from the next one on.
///
/// # Errors
/// When the database refuses.
pub async fn set_quotes_history(
    app: &App,
    helpdesk_id: HelpdeskId,
    changer: &Changer,
    quotes: bool,
) -> Result<()> {
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "quoting in mails changed");
    app.db()
        .write(async move |tx: &mut Tx| {
            if store::quotes_history(tx, helpdesk_id).await? == quotes {
                return Ok(());
            }
            store::set_quotes_history(tx, helpdesk_id, quotes, Holds::default()).await?;
            Ok::<_, Error>(entry.write(tx, if quotes { "on" } else { "off" }).await?)
        })
        .await
}

/// Whether those to whom a contact wrote as well are chosen for copies of answers by themselves; they are
/// not unless somebody said so.
///
/// # Errors
/// When the database cannot be read.
pub async fn keeps_copies(app: &App, helpdesk_id: HelpdeskId) -> Result<bool> {
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::keeps_copies(tx, helpdesk_id).await)
        .await?)
}

/// Lets them be chosen by themselves, or not.
///
/// # Errors
/// When the database refuses.
pub async fn set_keeps_copies(
    app: &App,
    helpdesk_id: HelpdeskId,
    changer: &Changer,
    keeps: bool,
) -> Result<()> {
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "keeping of copies changed");
    app.db()
        .write(async move |tx: &mut Tx| {
            if store::keeps_copies(tx, helpdesk_id).await? == keeps {
                return Ok(());
            }
            store::set_keeps_copies(tx, helpdesk_id, keeps, Holds::default()).await?;
            Ok::<_, Error>(entry.write(tx, if keeps { "on" } else { "off" }).await?)
        })
        .await
}

/// Whether a member gets mails from their helpdesk; they do unless they said no.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_switched_on(app: &App, member: &Member) -> Result<bool> {
    let (helpdesk_id, operator_id) = (member.helpdesk_id, member.operator.id);
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::is_switched_on(tx, helpdesk_id, operator_id).await)
        .await?)
}

/// Switches a member's mails from their helpdesk on or off. What is held for them while they are off
/// ends as `cancelled` when it is due.
///
/// # Errors
/// When the database refuses.
pub async fn switch(app: &App, member: &Member, is_on: bool) -> Result<()> {
    let (helpdesk_id, operator_id) = (member.helpdesk_id, member.operator.id);
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| store::set_switch(tx, helpdesk_id, operator_id, is_on).await)
        .await?)
}
