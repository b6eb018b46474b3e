//! SQL of operators and members here; of sessions, one-time links and invitations in files of
//! their own.

mod invitations;
mod sessions;

pub(super) use invitations::{
    delete_expired_invitations, delete_invitation, delete_invitation_of, delete_invitations_by,
    insert_invitation, invitation, invitation_by_token, invitations, renew_invitation,
};
pub(super) use sessions::{
    delete_expired, delete_links, delete_links_of, end_all, end_other_sessions, end_session, insert_link,
    insert_session, link_is_open, note_session, owner_of_link, session, sessions_of, use_link,
};

use super::members::Listed;
use super::{Member, Operator, Role};
use crate::ids::{HelpdeskId, OperatorId};
use db::{Error, Row, Tx};

/// Holds the helpdesk's row until the end of the transaction, so that "the first member" is one.
pub(crate) async fn lock_helpdesk(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<bool, Error> {
    Ok(tx
        .execute(
            "UPDATE helpdesks SET version = version + 1 WHERE id = $1",
            &[&helpdesk_id],
        )
        .await?
        == 1)
}

pub(crate) async fn insert_or_find(
    tx: &mut Tx,
    operator: &Operator,
    password_hash: &str,
    now_ms: i64,
) -> Result<Operator, Error> {
    tx.execute(
        "INSERT INTO operators (id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (email) DO NOTHING",
        &[
            &operator.id,
            &operator.email,
            &operator.name,
            &password_hash,
            &now_ms,
        ],
    )
    .await?;
    let found = tx
        .first(
            "SELECT id, email, name FROM operators WHERE email = $1",
            &[&operator.email],
            read_operator,
        )
        .await?;
    found.ok_or_else(|| Error::Internal("an operator vanished".to_owned()))
}

pub(crate) async fn count_members(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<i64, Error> {
    let count = tx
        .first(
            "SELECT COUNT(*) FROM members WHERE helpdesk_id = $1",
            &[&helpdesk_id],
            |row| row.get(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

pub(crate) async fn insert_member(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    role: Role,
    now_ms: i64,
) -> Result<bool, Error> {
    let inserted = tx
        .execute(
            "INSERT INTO members (helpdesk_id, operator_id, role, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (helpdesk_id, operator_id) DO NOTHING",
            &[&helpdesk_id, &operator_id, &role.name(), &now_ms],
        )
        .await?;
    Ok(inserted == 1)
}

pub(super) async fn members(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<Vec<Member>, Error> {
    tx.all(
        "SELECT m.helpdesk_id, m.role, o.id, o.email, o.name FROM members m JOIN operators o ON o.id = m.operator_id
         WHERE m.helpdesk_id = $1 ORDER BY o.name, o.id",
        &[&helpdesk_id],
        read_member,
    )
    .await
}

pub(super) async fn memberships(tx: &mut Tx, operator_id: OperatorId) -> Result<Vec<Member>, Error> {
    tx.all(
        "SELECT m.helpdesk_id, m.role, o.id, o.email, o.name FROM members m JOIN operators o ON o.id = m.operator_id
         WHERE m.operator_id = $1 ORDER BY m.created_at, m.helpdesk_id",
        &[&operator_id],
        read_member,
    )
    .await
}

pub(crate) async fn any_exists(tx: &mut Tx) -> Result<bool, Error> {
    Ok(tx
        .first("SELECT id FROM operators LIMIT 1", &[], |row| {
            row.get::<OperatorId>(0)
        })
        .await?
        .is_some())
}

/// The members of a helpdesk with the last use of any of their sessions, by name.
pub(super) async fn listed_members(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<Vec<Listed>, Error> {
    tx.all(
        "SELECT m.helpdesk_id, m.role, o.id, o.email, o.name, m.created_at,
             (SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.operator_id = m.operator_id)
         FROM members m JOIN operators o ON o.id = m.operator_id
         WHERE m.helpdesk_id = $1 ORDER BY o.name, o.id",
        &[&helpdesk_id],
        |row| {
            Ok(Listed {
                member: read_member(row)?,
                joined_at: row.get(5)?,
                last_seen_at: row.get(6)?,
            })
        },
    )
    .await
}

pub(super) async fn member(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
) -> Result<Option<Member>, Error> {
    tx.first(
        "SELECT m.helpdesk_id, m.role, o.id, o.email, o.name FROM members m JOIN operators o ON o.id = m.operator_id
         WHERE m.helpdesk_id = $1 AND m.operator_id = $2",
        &[&helpdesk_id, &operator_id],
        read_member,
    )
    .await
}

pub(super) async fn count_owners(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<i64, Error> {
    let count = tx
        .first(
            "SELECT COUNT(*) FROM members WHERE helpdesk_id = $1 AND role = 'owner'",
            &[&helpdesk_id],
            |row| row.get(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

pub(super) async fn set_role(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    role: Role,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE members SET role = $3 WHERE helpdesk_id = $1 AND operator_id = $2",
        &[&helpdesk_id, &operator_id, &role.name()],
    )
    .await?;
    Ok(())
}

pub(super) async fn delete_member(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM members WHERE helpdesk_id = $1 AND operator_id = $2",
        &[&helpdesk_id, &operator_id],
    )
    .await?;
    Ok(())
}

/// True when this person owns any helpdesk.
pub(crate) async fn owns_any(tx: &mut Tx, operator_id: OperatorId) -> Result<bool, Error> {
    let owned = tx
        .first(
            "SELECT helpdesk_id FROM members WHERE operator_id = $1 AND role = 'owner' LIMIT 1",
            &[&operator_id],
            |row| row.get::<HelpdeskId>(0),
        )
        .await?;
    Ok(owned.is_some())
}

/// The operator of this address, among the members of this helpdesk or not.
pub(super) async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<Operator>, Error> {
    tx.first(
        "SELECT id, email, name FROM operators WHERE email = $1",
        &[&email],
        read_operator,
    )
    .await
}

pub(super) async fn set_name(tx: &mut Tx, id: OperatorId, name: &str) -> Result<(), Error> {
    tx.execute("UPDATE operators SET name = $2 WHERE id = $1", &[&id, &name])
        .await?;
    Ok(())
}

pub(super) async fn set_single_keys(tx: &mut Tx, id: OperatorId, on: bool) -> Result<(), Error> {
    tx.execute("UPDATE operators SET single_keys = $2 WHERE id = $1", &[&id, &on])
        .await?;
    Ok(())
}

/// Sets a new password in the place of the one that was checked; false when it changed meanwhile.
pub(super) async fn replace_password(
    tx: &mut Tx,
    id: OperatorId,
    old_hash: &str,
    new_hash: &str,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE operators SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
            &[&id, &old_hash, &new_hash],
        )
        .await?;
    Ok(changed == 1)
}

pub(super) async fn set_password(tx: &mut Tx, id: OperatorId, hash: &str) -> Result<Option<Operator>, Error> {
    tx.first(
        "UPDATE operators SET password_hash = $2 WHERE id = $1 RETURNING id, email, name",
        &[&id, &hash],
        read_operator,
    )
    .await
}

pub(super) async fn with_password(tx: &mut Tx, email: &str) -> Result<Option<(Operator, String)>, Error> {
    tx.first(
        "SELECT id, email, name, password_hash FROM operators WHERE email = $1",
        &[&email],
        |row| Ok((read_operator(row)?, row.get(3)?)),
    )
    .await
}

fn read_operator(row: &Row<'_>) -> Result<Operator, Error> {
    Ok(Operator {
        id: row.get(0)?,
        email: row.get(1)?,
        name: row.get(2)?,
    })
}

fn read_member(row: &Row<'_>) -> Result<Member, Error> {
    let role: String = row.get(1)?;
    Ok(Member {
        helpdesk_id: row.get(0)?,
        role: role
            .parse()
            .map_err(|_| Error::Internal(format!("unknown role {role}")))?,
        operator: Operator {
            id: row.get(2)?,
            email: row.get(3)?,
            name: row.get(4)?,
        },
    })
}
