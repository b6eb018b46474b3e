//! SQL of operators, members, sessions and one-time links.

use super::sessions::Session;
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

pub(super) async fn set_password(tx: &mut Tx, email: &str, hash: &str) -> Result<Option<Operator>, Error> {
    tx.first(
        "UPDATE operators SET password_hash = $2 WHERE email = $1 RETURNING id, email, name",
        &[&email, &hash],
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

pub(super) async fn insert_session(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    operator_id: OperatorId,
    now_ms: i64,
    expires_at: i64,
    user_agent: &str,
    address: &str,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO sessions (token_hash, operator_id, created_at, last_seen_at, expires_at, user_agent, address)
         VALUES ($1, $2, $3, $3, $4, $5, $6)",
        &[token_hash, &operator_id, &now_ms, &expires_at, &user_agent, &address],
    )
    .await?;
    Ok(())
}

pub(super) async fn session(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<(Session, i64)>, Error> {
    let hash = *token_hash;
    tx.first(
        "SELECT o.id, o.email, o.name, s.created_at, s.last_seen_at, s.user_agent, s.address, s.expires_at
         FROM sessions s JOIN operators o ON o.id = s.operator_id WHERE s.token_hash = $1",
        &[token_hash],
        |row| {
            let session = Session {
                token_hash: hash,
                operator: read_operator(row)?,
                created_at: row.get(3)?,
                last_seen_at: row.get(4)?,
                user_agent: row.get(5)?,
                address: row.get(6)?,
            };
            Ok((session, row.get(7)?))
        },
    )
    .await
}

pub(super) async fn note_session(tx: &mut Tx, token_hash: &[u8; 32], now_ms: i64) -> Result<(), Error> {
    tx.execute(
        "UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1",
        &[token_hash, &now_ms],
    )
    .await?;
    Ok(())
}

pub(super) async fn end_session(
    tx: &mut Tx,
    operator_id: OperatorId,
    token_hash: &[u8; 32],
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM sessions WHERE token_hash = $1 AND operator_id = $2",
        &[token_hash, &operator_id],
    )
    .await?;
    Ok(())
}

/// Ends all sessions and links of an operator.
pub(super) async fn end_sessions(tx: &mut Tx, operator_id: OperatorId) -> Result<(), Error> {
    tx.execute("DELETE FROM sessions WHERE operator_id = $1", &[&operator_id])
        .await?;
    tx.execute(
        "DELETE FROM one_time_links WHERE operator_id = $1",
        &[&operator_id],
    )
    .await?;
    Ok(())
}

pub(super) async fn delete_links(tx: &mut Tx, purpose: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM one_time_links WHERE purpose = $1", &[&purpose])
        .await?;
    Ok(())
}

pub(super) async fn insert_link(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    purpose: &str,
    operator_id: Option<OperatorId>,
    expires_at: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO one_time_links (token_hash, purpose, operator_id, expires_at) VALUES ($1, $2, $3, $4)",
        &[token_hash, &purpose, &operator_id, &expires_at],
    )
    .await?;
    Ok(())
}

pub(super) async fn link_is_open(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    purpose: &str,
    now_ms: i64,
) -> Result<bool, Error> {
    let found = tx
        .first(
            "SELECT expires_at FROM one_time_links WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3",
            &[token_hash, &purpose, &now_ms],
            |row| row.get::<i64>(0),
        )
        .await?;
    Ok(found.is_some())
}

pub(super) async fn use_link(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    purpose: &str,
    now_ms: i64,
) -> Result<Option<Option<OperatorId>>, Error> {
    tx.first(
        "DELETE FROM one_time_links WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3 RETURNING operator_id",
        &[token_hash, &purpose, &now_ms],
        |row| row.get(0),
    )
    .await
}

pub(super) async fn delete_expired(tx: &mut Tx, now_ms: i64, idle_since: i64) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2",
        &[&now_ms, &idle_since],
    )
    .await?;
    tx.execute("DELETE FROM one_time_links WHERE expires_at <= $1", &[&now_ms])
        .await?;
    Ok(())
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
