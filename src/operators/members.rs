//! The members of a helpdesk: who may make them what, and how they leave.
//!
//! Every change holds the helpdesk's row and asks anew what the one who acts may do, so that two
//! changes at once are made one after the other: of two owners who demote each other, one stays.

use super::{Member, Role, store};
use crate::app::App;
use crate::audit::{By, Entry};
use crate::error::{Error, Result};
use crate::ids::{HelpdeskId, OperatorId};
use db::Tx;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A member as the list of operators shows them.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The member.
    pub member: Member,
    /// When they joined, epoch milliseconds.
    pub joined_at: i64,
    /// The last use of any of their sessions.
    pub last_seen_at: Option<i64>,
}

/// Who changes the members of a helpdesk.
#[derive(Clone, Debug)]
pub enum Changer {
    /// Whoever runs commands on the server; may do what an owner may.
    Console,
    /// A member; what they may do is looked up when they do it.
    Member(Member),
}

impl Changer {
    /// How the audit log names them.
    pub fn by(&self) -> By {
        match self {
            Self::Console => By::console(),
            Self::Member(member) => member.by(),
        }
    }

    pub(super) fn id(&self) -> Option<OperatorId> {
        match self {
            Self::Console => None,
            Self::Member(member) => Some(member.operator.id),
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Console => "the server’s administrator",
            Self::Member(member) => &member.operator.name,
        }
    }

    /// The role they act with, as of this transaction.
    pub(super) async fn role(&self, tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<Role> {
        let role = match self.id() {
            None => Role::Owner,
            Some(id) => store::member(tx, helpdesk_id, id)
                .await?
                .map_or(Role::Operator, |member| member.role),
        };
        if role < Role::Admin {
            return Err(Error::forbidden(
                "not_an_admin",
                "Only owners and admins of this helpdesk can do this",
            ));
        }
        Ok(role)
    }
}

/// Refuses what only owners may do: it concerns an owner, or makes one.
pub(super) fn within(acting: Role, concerned: Role) -> Result<()> {
    if concerned == Role::Owner && acting < Role::Owner {
        return Err(Error::forbidden(
            "owners_only",
            "Only an owner can make somebody an owner, or change an owner",
        ));
    }
    Ok(())
}

/// What is left to do once somebody is no member any more: their open conversations become
/// nobody's. The queue carries it out.
#[derive(Debug, Serialize, Deserialize)]
pub struct Left {
    /// The helpdesk they left.
    pub helpdesk_id: HelpdeskId,
    /// Who left.
    pub operator_id: OperatorId,
    /// Who removed them; nobody when it was done by a command.
    pub removed_by: Option<OperatorId>,
}

/// All members of a helpdesk with their last use of it, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<Listed>> {
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::listed_members(tx, helpdesk_id).await)
        .await?)
}

/// One member of a helpdesk.
///
/// # Errors
/// When there is no such member, or the database cannot be read.
pub async fn get(app: &App, helpdesk_id: HelpdeskId, id: OperatorId) -> Result<Member> {
    app.db()
        .read(async move |tx: &mut Tx| {
            store::member(tx, helpdesk_id, id)
                .await?
                .ok_or_else(no_such_member)
        })
        .await
}

/// Gives a member another role; answers them with it.
///
/// # Errors
/// When there is no such member, the one who acts may not do this, or it is the last owner.
pub async fn set_role(
    app: &App,
    helpdesk_id: HelpdeskId,
    changer: &Changer,
    id: OperatorId,
    role: Role,
) -> Result<Member> {
    let changer = changer.clone();
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "role changed");
    app.db()
        .write(async move |tx: &mut Tx| {
            let (acting, before) = held(tx, helpdesk_id, &changer, id).await?;
            within(acting, before.role.max(role))?;
            if before.role == role {
                return Ok(before);
            }
            if before.role == Role::Owner {
                not_the_last_owner(tx, &before).await?;
            }
            store::set_role(tx, helpdesk_id, id, role).await?;
            if role < before.role {
                store::delete_invitations_by(tx, helpdesk_id, id).await?;
            }
            let detail = format!("{}: {} → {role}", before.operator.email, before.role);
            entry.write(tx, &detail).await?;
            Ok(Member { role, ..before })
        })
        .await
}

/// Takes a member out of a helpdesk: their sessions open nothing there from this commit on, the
/// invitations they made are void, and their open conversations become nobody's soon.
///
/// # Errors
/// When there is no such member, the one who acts may not do this, or it is the last owner.
pub async fn remove(app: &App, helpdesk_id: HelpdeskId, changer: &Changer, id: OperatorId) -> Result<Member> {
    let changer = changer.clone();
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "operator removed");
    let (now, job_id): (i64, Uuid) = (app.now_ms(), app.new_id());
    app.db()
        .write(async move |tx: &mut Tx| {
            let (acting, before) = held(tx, helpdesk_id, &changer, id).await?;
            within(acting, before.role)?;
            if before.role == Role::Owner {
                not_the_last_owner(tx, &before).await?;
            }
            store::delete_member(tx, helpdesk_id, id).await?;
            store::delete_invitations_by(tx, helpdesk_id, id).await?;
            let left = Left {
                helpdesk_id,
                operator_id: id,
                removed_by: changer.id(),
            };
            jobs::enqueue(tx, &left, now, job_id).await?;
            entry.write(tx, &before.operator.email).await?;
            Ok(before)
        })
        .await
}

/// The role of the one who acts and the member concerned, with the helpdesk held until the end of
/// the transaction.
async fn held(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    changer: &Changer,
    id: OperatorId,
) -> Result<(Role, Member)> {
    store::lock_helpdesk(tx, helpdesk_id).await?;
    let acting = changer.role(tx, helpdesk_id).await?;
    let member = store::member(tx, helpdesk_id, id)
        .await?
        .ok_or_else(no_such_member)?;
    Ok((acting, member))
}

async fn not_the_last_owner(tx: &mut Tx, owner: &Member) -> Result<()> {
    if store::count_owners(tx, owner.helpdesk_id).await? > 1 {
        return Ok(());
    }
    Err(Error::unprocessable(
        "last_owner",
        format!(
            "{} is the last owner. Make somebody else an owner first",
            owner.operator.name
        ),
    ))
}

fn no_such_member() -> Error {
    Error::not_found("operator_not_found", "There is no such operator in this helpdesk")
}
