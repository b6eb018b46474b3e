//! The first run: one link that creates the owner and the first helpdesk, all or nothing.
//! There are no default credentials; once an operator exists, the link is dead. Owners create
//! further helpdesks later.

use crate::app::App;
use crate::audit::{By, Entry};
use crate::error::{Error, Result};
use crate::helpdesks::{self, Helpdesk};
use crate::installation;
use crate::operators::links::{self, LinkHash, Purpose};
use crate::operators::{self, Member, Operator, Role, password};
use mail::Address;

/// What the owner of a fresh installation types in.
pub struct Setup {
    /// Name of the first helpdesk.
    pub helpdesk_name: String,
    /// The owner's name.
    pub name: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password.
    pub password: String,
}

/// The token of a set-up link when the installation is empty, `None` once it is set up.
///
/// # Errors
/// When the database refuses.
pub async fn link_token(app: &App) -> Result<Option<String>> {
    if operators::any_exists(app).await? {
        return Ok(None);
    }
    links::make(app, Purpose::Setup, None).await.map(Some)
}

/// True while a set-up link can be used.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_open(app: &App, token: &str) -> Result<bool> {
    Ok(links::is_open(app, Purpose::Setup, token).await? && !operators::any_exists(app).await?)
}

/// Uses a set-up link.
///
/// # Errors
/// When the link was used or has expired, or an entry is not acceptable (the link stays good).
pub async fn finish(app: &App, token: &str, setup: Setup) -> Result<Member> {
    let closed = || Error::not_found("setup_closed", "This set-up link was used or has expired");
    let helpdesk = Helpdesk::new(app, &setup.helpdesk_name)?;
    let email = Address::parse(&setup.email)
        .map_err(|reason| Error::unprocessable("invalid_email", format!("The email {reason}")))?;
    let operator = Operator {
        id: app.new_id(),
        email: email.as_str().to_owned(),
        name: operators::checked_name(&setup.name)?,
    };
    password::check_new(&setup.password)?;
    if !is_open(app, token).await? {
        return Err(closed());
    }
    let password_hash = password::hash(app, &setup.password).await?;
    let (hash, now) = (LinkHash::of(token), app.now_ms());
    let by = By::operator(&operator.email);
    let entry = Entry::new(app, helpdesk.id, &by, "helpdesk created");
    app.db()
        .write(async move |tx: &mut db::Tx| {
            // Two nodes may be set up at once: only one of them finds no operator.
            installation::store::lock(tx).await?;
            if links::use_in(tx, Purpose::Setup, hash, now).await?.is_none()
                || operators::store::any_exists(tx).await?
            {
                return Err(closed());
            }
            helpdesks::store::insert(tx, &helpdesk).await?;
            let operator = operators::store::insert_or_find(tx, &operator, &password_hash, now).await?;
            own(tx, &helpdesk, &operator, &entry, now).await
        })
        .await
}

/// Creates a further helpdesk for somebody who owns one already; they own it as well.
///
/// # Errors
/// When the name is not acceptable, or they own no helpdesk.
pub async fn add_helpdesk(app: &App, owner: &Operator, name: &str) -> Result<Member> {
    let helpdesk = Helpdesk::new(app, name)?;
    let (owner, now) = (owner.clone(), app.now_ms());
    let entry = Entry::new(app, helpdesk.id, &By::operator(&owner.email), "helpdesk created");
    app.db()
        .write(async move |tx: &mut db::Tx| {
            if !operators::store::owns_any(tx, owner.id).await? {
                return Err(Error::forbidden(
                    "owners_only",
                    "Only somebody who owns a helpdesk can create another one",
                ));
            }
            helpdesks::store::insert(tx, &helpdesk).await?;
            own(tx, &helpdesk, &owner, &entry, now).await
        })
        .await
}

async fn own(
    tx: &mut db::Tx,
    helpdesk: &Helpdesk,
    owner: &Operator,
    entry: &Entry,
    now: i64,
) -> Result<Member> {
    operators::store::insert_member(tx, helpdesk.id, owner.id, Role::Owner, now).await?;
    entry.write(tx, &helpdesk.name).await?;
    Ok(Member {
        helpdesk_id: helpdesk.id,
        operator: owner.clone(),
        role: Role::Owner,
    })
}
