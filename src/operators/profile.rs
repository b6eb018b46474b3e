//! What an operator changes about themselves: name, password, and whether single keys do things.

use super::links::{self, LinkHash, Purpose};
use super::sessions::{Session, Starting};
use super::{Operator, checked_name, entries, password, store};
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::ids::OperatorId;
use db::Tx;

/// Changes the name that contacts see from now on; what was written keeps the old one.
///
/// # Errors
/// When the name is empty or too long.
pub async fn rename(app: &App, operator: &Operator, name: &str) -> Result<String> {
    let (id, before, name) = (operator.id, operator.name.clone(), checked_name(name)?);
    if name == before {
        return Ok(name);
    }
    let entries = entries(app, operator, "name changed").await?;
    let new = name.clone();
    app.db()
        .write(async move |tx: &mut Tx| {
            store::set_name(tx, id, &new).await?;
            entries.write(tx, &format!("{before} → {new}")).await
        })
        .await?;
    Ok(name)
}

/// Switches single keys on or off, everywhere this person is signed in.
///
/// # Errors
/// When the database refuses.
pub async fn set_single_keys(app: &App, id: OperatorId, on: bool) -> Result<()> {
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| store::set_single_keys(tx, id, on).await)
        .await?)
}

/// Changes the password of somebody who knows the present one. All their sessions and one-time
/// links end, also this one: whoever holds a copy of its cookie is out. Returns the token of a new
/// session for the same browser, or `None` when `current` is not the present password.
///
/// # Errors
/// When the new password is not acceptable.
pub async fn change_password(
    app: &App,
    session: &Session,
    current: &str,
    new: &str,
    address: &str,
) -> Result<Option<String>> {
    password::check_new(new)?;
    let email = session.operator.email.clone();
    let found = app
        .db()
        .read(async move |tx: &mut Tx| store::with_password(tx, &email).await)
        .await?;
    let stored = found.map(|(_, hash)| hash);
    if !password::verify(app, current, stored.clone()).await? {
        return Ok(None);
    }
    let (old_hash, new_hash) = (stored.unwrap_or_default(), password::hash(app, new).await?);
    let entries = entries(app, &session.operator, "password changed").await?;
    let (id, starting) = (
        session.operator.id,
        Starting::new(app, &session.user_agent, address),
    );
    let row = starting.clone();
    app.db()
        .write(async move |tx: &mut Tx| {
            if !store::replace_password(tx, id, &old_hash, &new_hash).await? {
                return Err(Error::new(
                    Kind::Conflict,
                    "password_changed_meanwhile",
                    "The password was changed elsewhere at the same time. Sign in with that one",
                ));
            }
            store::end_all(tx, id).await?;
            row.write(tx, id).await?;
            entries.write(tx, "on the profile page").await?;
            Ok(())
        })
        .await?;
    Ok(Some(starting.token()))
}

/// Chooses a new password by a one-time link, which is used up by it. All sessions and links of the
/// person end.
///
/// # Errors
/// When the password is not acceptable (the link stays good), or the link was used or has expired.
pub async fn choose_password(app: &App, token: &str, new: &str) -> Result<Operator> {
    password::check_new(new)?;
    let gone = || Error::not_found("link_closed", "This link was used or has expired");
    let operator = links::owner(app, Purpose::NewPassword, token)
        .await?
        .ok_or_else(gone)?;
    let password_hash = password::hash(app, new).await?;
    let entries = entries(app, &operator, "password changed").await?;
    let (hash, now) = (LinkHash::of(token), app.now_ms());
    app.db()
        .write(async move |tx: &mut Tx| {
            let used = links::use_in(tx, Purpose::NewPassword, hash, now).await?;
            let id = used.and_then(|link| link.operator_id).ok_or_else(gone)?;
            let operator = store::set_password(tx, id, &password_hash)
                .await?
                .ok_or_else(gone)?;
            store::end_all(tx, id).await?;
            entries.write(tx, "by a one-time link").await?;
            Ok(operator)
        })
        .await
}
