//! Operators: the persons who answer, their passwords, memberships, sessions, invitations and
//! one-time links.

mod agent;
pub mod invitations;
pub mod links;
pub mod members;
pub mod password;
pub mod profile;
pub mod sessions;
pub(crate) mod store;

use crate::app::App;
use crate::audit::{By, Entries, Entry};
use crate::error::{Error, Kind, Result};
use crate::ids::{HelpdeskId, OperatorId};
use mail::Address;
use std::fmt;
use std::str::FromStr;

/// What a member may do in a helpdesk. Later roles include the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads and answers conversations.
    Operator,
    /// Also sees and changes settings, secrets and members.
    Admin,
    /// The first operator of a helpdesk.
    Owner,
}

impl Role {
    /// The name under which it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl FromStr for Role {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "operator" => Ok(Self::Operator),
            "admin" => Ok(Self::Admin),
            "owner" => Ok(Self::Owner),
            _ => Err(Error::unprocessable(
                "invalid_role",
                "A role is owner, admin or operator",
            )),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A person who answers.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Operator {
    /// The id.
    pub id: OperatorId,
    /// The canonical address, used to sign in.
    pub email: String,
    /// The name that contacts see.
    pub name: String,
}

/// An operator acting in one helpdesk: the permission that the core asks for.
#[derive(Clone, Debug)]
pub struct Member {
    /// The helpdesk.
    pub helpdesk_id: HelpdeskId,
    /// The operator.
    pub operator: Operator,
    /// Their role there.
    pub role: Role,
}

impl Member {
    /// How the audit log names them.
    pub fn by(&self) -> By {
        By::operator(&self.operator.email)
    }

    /// True for owners and admins.
    pub fn is_admin(&self) -> bool {
        self.role >= Role::Admin
    }
}

/// Adds an operator to a helpdesk; the first one becomes its owner whatever role is asked for.
///
/// When the address already belongs to an operator of another helpdesk, that person joins this
/// one: their name and password stay as they are, and the given password is not looked at.
///
/// # Errors
/// When the address, name or password is not acceptable, or the person is a member already.
pub async fn add(
    app: &App,
    helpdesk_id: HelpdeskId,
    by: &By,
    email: &str,
    name: &str,
    password: &str,
    role: Role,
) -> Result<Member> {
    let email = Address::parse(email)
        .map_err(|reason| Error::unprocessable("invalid_email", format!("The email {reason}")))?;
    let name = checked_name(name)?;
    password::check_new(password)?;
    let password_hash = password::hash(app, password).await?;
    let operator = Operator {
        id: app.new_id(),
        email: email.as_str().to_owned(),
        name,
    };
    let (now, entry) = (app.now_ms(), Entry::new(app, helpdesk_id, by, "operator added"));
    app.db()
        .write(async move |tx: &mut db::Tx| {
            if !store::lock_helpdesk(tx, helpdesk_id).await? {
                return Err(Error::not_found("unknown_helpdesk", "There is no such helpdesk"));
            }
            let operator = store::insert_or_find(tx, &operator, &password_hash, now).await?;
            let first = store::count_members(tx, helpdesk_id).await? == 0;
            let role = if first { Role::Owner } else { role };
            if !store::insert_member(tx, helpdesk_id, operator.id, role, now).await? {
                return Err(Error::new(
                    Kind::Conflict,
                    "already_member",
                    format!("{} is an operator of this helpdesk already", operator.email),
                ));
            }
            entry.write(tx, &format!("{} as {role}", operator.email)).await?;
            Ok(Member {
                helpdesk_id,
                operator,
                role,
            })
        })
        .await
}

/// All members of a helpdesk, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<Member>> {
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| store::members(tx, helpdesk_id).await)
        .await?)
}

/// The same in a transaction.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn members_of(
    tx: &mut db::Tx,
    helpdesk_id: HelpdeskId,
) -> std::result::Result<Vec<Member>, db::Error> {
    store::members(tx, helpdesk_id).await
}

/// The member of a helpdesk with this address.
///
/// # Errors
/// When the database cannot be read.
pub async fn member_by_email(app: &App, helpdesk_id: HelpdeskId, email: &str) -> Result<Option<Member>> {
    let Ok(email) = Address::parse(email) else {
        return Ok(None);
    };
    let members = list(app, helpdesk_id).await?;
    Ok(members
        .into_iter()
        .find(|member| member.operator.email == email.as_str()))
}

/// True when somebody answers under this address already, in any helpdesk.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_known(app: &App, email: &str) -> Result<bool> {
    let Ok(address) = Address::parse(email) else {
        return Ok(false);
    };
    let found = app
        .db()
        .read(async move |tx: &mut db::Tx| store::with_password(tx, address.as_str()).await)
        .await?;
    Ok(found.is_some())
}

/// The memberships of an operator, by the age of the helpdesk.
///
/// # Errors
/// When the database cannot be read.
pub async fn memberships(app: &App, operator_id: OperatorId) -> Result<Vec<Member>> {
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| store::memberships(tx, operator_id).await)
        .await?)
}

/// True when the installation has any operator at all.
///
/// # Errors
/// When the database cannot be read.
pub async fn any_exists(app: &App) -> Result<bool> {
    Ok(app
        .db()
        .read(async |tx: &mut db::Tx| store::any_exists(tx).await)
        .await?)
}

/// The operator of an address, whatever their helpdesks.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_email(app: &App, email: &str) -> Result<Option<Operator>> {
    let Ok(address) = Address::parse(email) else {
        return Ok(None);
    };
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| store::by_email(tx, address.as_str()).await)
        .await?)
}

/// Audit entries about an operator's own account, by themselves, for each of their helpdesks. Made
/// before the transaction that writes them.
async fn entries(app: &App, operator: &Operator, action: &'static str) -> Result<Entries> {
    entries_by(app, operator.id, &By::operator(&operator.email), action).await
}

/// The same, done by somebody else.
async fn entries_by(app: &App, id: OperatorId, by: &By, action: &'static str) -> Result<Entries> {
    let memberships = memberships(app, id).await?;
    let helpdesks: Vec<_> = memberships.iter().map(|member| member.helpdesk_id).collect();
    Ok(Entries::new(app, &helpdesks, by, action))
}

/// Gives an operator a new password and ends all their sessions and links.
///
/// # Errors
/// When there is no such operator or the password is not acceptable.
pub async fn reset_password(app: &App, by: &By, email: &str, password: &str) -> Result<Operator> {
    password::check_new(password)?;
    let unknown = || Error::not_found("unknown_operator", "There is no operator with this address");
    let id = by_email(app, email).await?.ok_or_else(unknown)?.id;
    let password_hash = password::hash(app, password).await?;
    let entries = entries_by(app, id, by, "password reset").await?;
    app.db()
        .write(async move |tx: &mut db::Tx| {
            let operator = store::set_password(tx, id, &password_hash)
                .await?
                .ok_or_else(unknown)?;
            store::end_all(tx, id).await?;
            entries.write(tx, &operator.email).await?;
            Ok(operator)
        })
        .await
}

/// Checks an address and a password. An unknown address takes as long as a wrong password.
///
/// # Errors
/// When the database cannot be read.
pub async fn authenticate(app: &App, email: &str, password: &str) -> Result<Option<Operator>> {
    let address = Address::parse(email)
        .ok()
        .map(|address| address.as_str().to_owned());
    let found = match address {
        Some(address) => {
            app.db()
                .read(async move |tx: &mut db::Tx| store::with_password(tx, &address).await)
                .await?
        }
        None => None,
    };
    let (operator, stored) = found.map_or((None, None), |(operator, hash)| (Some(operator), Some(hash)));
    let matches = password::verify(app, password, stored).await?;
    Ok(operator.filter(|_| matches))
}

/// A name that can be shown anywhere: one line, 1 to 120 characters.
///
/// # Errors
/// When it is empty or longer.
pub fn checked_name(name: &str) -> Result<String> {
    let words = name
        .split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > 120 {
        return Err(Error::unprocessable(
            "invalid_name",
            "A name needs 1 to 120 characters",
        ));
    }
    Ok(name)
}
