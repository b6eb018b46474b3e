//! Invitations: a link that lets one person, known by their address, join one helpdesk with one
//! role. Whoever made it passes it on. Only the hash of its token is kept, its use deletes it, and
//! somebody who has an account already joins by their own password, never by the link alone.

use super::links::LinkHash;
use super::members::{self, Changer};
use super::{Member, Operator, Role, checked_name, password, store};
use crate::app::App;
use crate::audit::{By, Entry};
use crate::error::{Error, Kind, Result};
use crate::ids::{HelpdeskId, InvitationId};
use db::Tx;
use mail::Address;

/// How long a link is good.
pub const LIFE_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// How long one that has expired stays on the list, to be made anew.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// More at once are no invitations.
const MOST: usize = 200;

/// An invitation that was not used yet.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The id.
    pub id: InvitationId,
    /// Who is invited; canonical.
    pub email: String,
    /// As what.
    pub role: Role,
    /// The name of who invited them.
    pub invited_by: String,
    /// When, epoch milliseconds.
    pub created_at: i64,
    /// Until when its link is good.
    pub expires_at: i64,
}

/// An invitation with its link, which is shown once.
pub struct Made {
    /// The invitation.
    pub invitation: Invitation,
    /// The whole address to open.
    pub link: String,
}

/// Invites a person. A former invitation of the same address is void from then on.
///
/// # Errors
/// When the address is not acceptable or belongs to a member, or the one who acts may not do this.
pub async fn invite(
    app: &App,
    helpdesk_id: HelpdeskId,
    changer: &Changer,
    email: &str,
    role: Role,
) -> Result<Made> {
    let email = Address::parse(email)
        .map_err(|reason| Error::unprocessable("invalid_email", format!("The email {reason}")))?;
    let now = app.now_ms();
    let invitation = Invitation {
        id: app.new_id(),
        email: email.as_str().to_owned(),
        role,
        invited_by: changer.name().to_owned(),
        created_at: now,
        expires_at: now + LIFE_MS,
    };
    let token = app.random().token();
    let (row, hash, changer) = (invitation.clone(), LinkHash::of(&token), changer.clone());
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "operator invited");
    app.db()
        .write(async move |tx: &mut Tx| {
            store::lock_helpdesk(tx, helpdesk_id).await?;
            members::within(changer.role(tx, helpdesk_id).await?, row.role)?;
            not_a_member(tx, helpdesk_id, &row.email).await?;
            store::delete_invitation_of(tx, helpdesk_id, &row.email).await?;
            if store::invitations(tx, helpdesk_id).await?.len() >= MOST {
                return Err(Error::unprocessable(
                    "too_many_invitations",
                    "There are 200 open invitations already. Revoke some of them first",
                ));
            }
            store::insert_invitation(tx, helpdesk_id, &row, changer.id(), &hash.0).await?;
            entry.write(tx, &format!("{} as {}", row.email, row.role)).await?;
            Ok(())
        })
        .await?;
    Ok(Made {
        invitation,
        link: link(app, helpdesk_id, &token),
    })
}

/// Makes a new link for an invitation; the old one is dead from then on.
///
/// # Errors
/// When there is no such invitation any more, or the one who acts may not do this.
pub async fn renew(app: &App, helpdesk_id: HelpdeskId, changer: &Changer, id: InvitationId) -> Result<Made> {
    let (token, now) = (app.random().token(), app.now_ms());
    let (hash, changer) = (LinkHash::of(&token), changer.clone());
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "invitation renewed");
    let invitation = app
        .db()
        .write(async move |tx: &mut Tx| {
            store::lock_helpdesk(tx, helpdesk_id).await?;
            let acting = changer.role(tx, helpdesk_id).await?;
            let before = store::invitation(tx, helpdesk_id, id)
                .await?
                .ok_or_else(no_such_invitation)?;
            members::within(acting, before.role)?;
            let renewed = Invitation {
                invited_by: changer.name().to_owned(),
                expires_at: now + LIFE_MS,
                ..before
            };
            store::renew_invitation(tx, helpdesk_id, &renewed, changer.id(), &hash.0).await?;
            entry
                .write(tx, &format!("{} as {}", renewed.email, renewed.role))
                .await?;
            Ok::<_, Error>(renewed)
        })
        .await?;
    Ok(Made {
        invitation,
        link: link(app, helpdesk_id, &token),
    })
}

/// Takes an invitation back; `None` when it was used or revoked already.
///
/// # Errors
/// When the one who acts may not do this.
pub async fn revoke(
    app: &App,
    helpdesk_id: HelpdeskId,
    changer: &Changer,
    id: InvitationId,
) -> Result<Option<Invitation>> {
    let changer = changer.clone();
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "invitation revoked");
    app.db()
        .write(async move |tx: &mut Tx| {
            store::lock_helpdesk(tx, helpdesk_id).await?;
            changer.role(tx, helpdesk_id).await?;
            let Some(found) = store::invitation(tx, helpdesk_id, id).await? else {
                return Ok(None);
            };
            store::delete_invitation(tx, helpdesk_id, id).await?;
            entry.write(tx, &found.email).await?;
            Ok(Some(found))
        })
        .await
}

/// The invitations of a helpdesk that were not used, newest first; some may have expired.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<Invitation>> {
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::invitations(tx, helpdesk_id).await)
        .await?)
}

/// An invitation as its link opens it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The invitation.
    pub invitation: Invitation,
    /// Whether the invited person has an account already.
    pub is_known: bool,
}

/// The invitation behind a link, while it can be used.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(app: &App, helpdesk_id: HelpdeskId, token: &str) -> Result<Option<Opened>> {
    let (hash, now) = (LinkHash::of(token), app.now_ms());
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| {
            let Some(invitation) = store::invitation_by_token(tx, helpdesk_id, &hash.0, now).await? else {
                return Ok::<_, db::Error>(None);
            };
            let is_known = store::by_email(tx, &invitation.email).await?.is_some();
            Ok(Some(Opened { invitation, is_known }))
        })
        .await?)
}

/// Joins as somebody who has no account yet: makes it.
///
/// # Errors
/// When the link was used, revoked or has expired, the name or password is not acceptable, or the
/// address has an account meanwhile (`has_account`): then they sign in instead.
pub async fn join_as_new(
    app: &App,
    helpdesk_id: HelpdeskId,
    token: &str,
    name: &str,
    password: &str,
) -> Result<Member> {
    let name = checked_name(name)?;
    password::check_new(password)?;
    if find(app, helpdesk_id, token).await?.is_none() {
        return Err(no_such_invitation());
    }
    let password_hash = password::hash(app, password).await?;
    let id = app.new_id();
    join(app, helpdesk_id, token, async move |tx, invitation, now| {
        let wanted = Operator {
            id,
            email: invitation.email.clone(),
            name: name.clone(),
        };
        let operator = store::insert_or_find(tx, &wanted, &password_hash, now).await?;
        if operator.id == id {
            return Ok(operator);
        }
        Err(Error::new(
            Kind::Conflict,
            "has_account",
            "This address has an account already. Join with its password",
        ))
    })
    .await
}

/// Joins as somebody who has just proved by their password who they are.
///
/// # Errors
/// When the link was used, revoked or has expired, or is for another person.
pub async fn join_as_known(
    app: &App,
    helpdesk_id: HelpdeskId,
    token: &str,
    operator: &Operator,
) -> Result<Member> {
    let proved = operator.clone();
    join(app, helpdesk_id, token, async move |_, invitation, _| {
        if invitation.email == proved.email {
            Ok(proved.clone())
        } else {
            Err(no_such_invitation())
        }
    })
    .await
}

/// Uses an invitation: whoever deletes it first joins, as the person that `who` finds or makes.
async fn join(
    app: &App,
    helpdesk_id: HelpdeskId,
    token: &str,
    who: impl AsyncFn(&mut Tx, &Invitation, i64) -> Result<Operator> + Send + Sync + 'static,
) -> Result<Member> {
    let (hash, now) = (LinkHash::of(token), app.now_ms());
    let opened = find(app, helpdesk_id, token)
        .await?
        .ok_or_else(no_such_invitation)?;
    let by = By::operator(&opened.invitation.email);
    let entry = Entry::new(app, helpdesk_id, &by, "operator joined");
    app.db()
        .write(async move |tx: &mut Tx| {
            store::lock_helpdesk(tx, helpdesk_id).await?;
            let invitation = store::invitation_by_token(tx, helpdesk_id, &hash.0, now)
                .await?
                .ok_or_else(no_such_invitation)?;
            let operator = who(tx, &invitation, now).await?;
            store::delete_invitation(tx, helpdesk_id, invitation.id).await?;
            store::insert_member(tx, helpdesk_id, operator.id, invitation.role, now).await?;
            let detail = format!("as {}, invited by {}", invitation.role, invitation.invited_by);
            entry.write(tx, &detail).await?;
            store::member(tx, helpdesk_id, operator.id)
                .await?
                .ok_or_else(no_such_invitation)
        })
        .await
}

/// Forgets invitations that nobody made anew after they had expired.
///
/// # Errors
/// When the database refuses.
pub async fn forget_expired(app: &App, helpdesk_id: HelpdeskId) -> Result<()> {
    let before = app.now_ms() - KEPT_MS;
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| store::delete_expired_invitations(tx, helpdesk_id, before).await)
        .await?)
}

async fn not_a_member(tx: &mut Tx, helpdesk_id: HelpdeskId, email: &str) -> Result<()> {
    let Some(operator) = store::by_email(tx, email).await? else {
        return Ok(());
    };
    if store::member(tx, helpdesk_id, operator.id).await?.is_none() {
        return Ok(());
    }
    Err(Error::new(
        Kind::Conflict,
        "already_member",
        format!("{email} is an operator of this helpdesk already"),
    ))
}

/// Links name the configured address, whatever host a request came in by.
fn link(app: &App, helpdesk_id: HelpdeskId, token: &str) -> String {
    format!("{}/join/{helpdesk_id}/{token}", app.config().base_url)
}

fn no_such_invitation() -> Error {
    Error::not_found(
        "no_such_invitation",
        "This invitation was used, revoked or has expired",
    )
}
