//! SQL of sessions and one-time links.

use super::read_operator;
use crate::ids::OperatorId;
use crate::operators::Operator;
use crate::operators::sessions::Session;
use db::{Error, Row, Tx};

macro_rules! session_columns {
    () => {
        "SELECT o.id, o.email, o.name, s.created_at, s.last_seen_at, s.user_agent, s.address, s.expires_at,
             s.token_hash, o.single_keys
         FROM sessions s JOIN operators o ON o.id = s.operator_id WHERE "
    };
}

pub(in crate::operators) async fn insert_session(
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

pub(in crate::operators) async fn session(
    tx: &mut Tx,
    token_hash: &[u8; 32],
) -> Result<Option<(Session, i64)>, Error> {
    tx.first(
        concat!(session_columns!(), "s.token_hash = $1"),
        &[token_hash],
        read_session,
    )
    .await
}

pub(in crate::operators) async fn sessions_of(
    tx: &mut Tx,
    operator_id: OperatorId,
) -> Result<Vec<(Session, i64)>, Error> {
    tx.all(
        concat!(
            session_columns!(),
            "s.operator_id = $1 ORDER BY s.last_seen_at DESC, s.token_hash"
        ),
        &[&operator_id],
        read_session,
    )
    .await
}

fn read_session(row: &Row<'_>) -> Result<(Session, i64), Error> {
    let hash: Vec<u8> = row.get(8)?;
    let session = Session {
        token_hash: hash
            .try_into()
            .map_err(|_| Error::Internal("the hash of a session has another length".to_owned()))?,
        operator: read_operator(row)?,
        created_at: row.get(3)?,
        last_seen_at: row.get(4)?,
        user_agent: row.get(5)?,
        address: row.get(6)?,
        single_keys: row.get(9)?,
    };
    Ok((session, row.get(7)?))
}

pub(in crate::operators) async fn note_session(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1",
        &[token_hash, &now_ms],
    )
    .await?;
    Ok(())
}

/// Ends one session; what it said of itself.
pub(in crate::operators) async fn end_session(
    tx: &mut Tx,
    operator_id: OperatorId,
    token_hash: &[u8; 32],
) -> Result<Vec<(String, String)>, Error> {
    tx.all(
        "DELETE FROM sessions WHERE token_hash = $1 AND operator_id = $2 RETURNING user_agent, address",
        &[token_hash, &operator_id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .await
}

/// Ends all sessions of an operator but one; what they said of themselves.
pub(in crate::operators) async fn end_other_sessions(
    tx: &mut Tx,
    operator_id: OperatorId,
    kept: &[u8; 32],
) -> Result<Vec<(String, String)>, Error> {
    tx.all(
        "DELETE FROM sessions WHERE operator_id = $1 AND token_hash <> $2 RETURNING user_agent, address",
        &[&operator_id, kept],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .await
}

/// Ends all sessions of an operator and voids their links.
pub(in crate::operators) async fn end_all(tx: &mut Tx, operator_id: OperatorId) -> Result<(), Error> {
    tx.execute("DELETE FROM sessions WHERE operator_id = $1", &[&operator_id])
        .await?;
    tx.execute(
        "DELETE FROM one_time_links WHERE operator_id = $1",
        &[&operator_id],
    )
    .await?;
    Ok(())
}

/// Voids the links of one operator for one purpose.
pub(in crate::operators) async fn delete_links_of(
    tx: &mut Tx,
    operator_id: OperatorId,
    purpose: &str,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM one_time_links WHERE operator_id = $1 AND purpose = $2",
        &[&operator_id, &purpose],
    )
    .await?;
    Ok(())
}

/// Whose link this is, while it can be used.
pub(in crate::operators) async fn owner_of_link(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    purpose: &str,
    now_ms: i64,
) -> Result<Option<Operator>, Error> {
    tx.first(
        "SELECT o.id, o.email, o.name FROM one_time_links l JOIN operators o ON o.id = l.operator_id
         WHERE l.token_hash = $1 AND l.purpose = $2 AND l.expires_at > $3",
        &[token_hash, &purpose, &now_ms],
        read_operator,
    )
    .await
}

pub(in crate::operators) async fn delete_links(tx: &mut Tx, purpose: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM one_time_links WHERE purpose = $1", &[&purpose])
        .await?;
    Ok(())
}

pub(in crate::operators) async fn insert_link(
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

pub(in crate::operators) async fn link_is_open(
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

pub(in crate::operators) async fn use_link(
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

pub(in crate::operators) async fn delete_expired(
    tx: &mut Tx,
    now_ms: i64,
    idle_since: i64,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2",
        &[&now_ms, &idle_since],
    )
    .await?;
    tx.execute("DELETE FROM one_time_links WHERE expires_at <= $1", &[&now_ms])
        .await?;
    Ok(())
}
