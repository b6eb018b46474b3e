//! Sign-in sessions: a random token in a cookie, its hash in the database, listed and revocable.

use super::{Operator, store};
use crate::app::App;
use crate::error::Result;
use crate::ids::OperatorId;
use sha2::{Digest, Sha256};

/// A session ends this long after its last use.
const IDLE_MS: i64 = 14 * 24 * 60 * 60 * 1000;
/// And this long after sign-in at the latest.
const LONGEST_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// How often the last use is written down.
const USE_NOTED_MS: i64 = 5 * 60 * 1000;

/// A live session.
#[derive(Clone, Debug)]
pub struct Session {
    /// SHA-256 of the token: names the session without being able to open it.
    pub token_hash: [u8; 32],
    /// Who signed in.
    pub operator: Operator,
    /// When, epoch milliseconds.
    pub created_at: i64,
    /// Last use, to five minutes.
    pub last_seen_at: i64,
    /// The browser's own words.
    pub user_agent: String,
    /// Where the sign-in came from.
    pub address: String,
}

/// Starts a session and returns its token, which is kept nowhere.
///
/// # Errors
/// When the database refuses.
pub async fn start(app: &App, operator_id: OperatorId, user_agent: &str, address: &str) -> Result<String> {
    let token = app.random().token();
    let token_hash = hash(&token);
    let now = app.now_ms();
    let user_agent: String = user_agent.chars().filter(|c| !c.is_control()).take(200).collect();
    let address = address.to_owned();
    app.db()
        .write(async move |tx: &mut db::Tx| {
            store::insert_session(
                tx,
                &token_hash,
                operator_id,
                now,
                now + LONGEST_MS,
                &user_agent,
                &address,
            )
            .await
        })
        .await?;
    Ok(token)
}

/// The session that a token opens, if it is alive, and that it is in use.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(app: &App, token: &str) -> Result<Option<Session>> {
    let found = look(app, token).await?;
    if let Some(session) = &found {
        let (now, token_hash) = (app.now_ms(), session.token_hash);
        if now - session.last_seen_at >= USE_NOTED_MS {
            let noted = app
                .db()
                .write(async move |tx: &mut db::Tx| store::note_session(tx, &token_hash, now).await)
                .await;
            if let Err(error) = noted {
                // A full disk must not sign anybody out: reading goes on.
                tracing::warn!(%error, "the use of a session could not be noted");
            }
        }
    }
    Ok(found)
}

/// The session that a token opens, if it is alive. Looking is no use of it: a screen left open does
/// not keep its session alive.
///
/// # Errors
/// When the database cannot be read.
pub async fn look(app: &App, token: &str) -> Result<Option<Session>> {
    let token_hash = hash(token);
    let now = app.now_ms();
    let found = app
        .db()
        .read(async move |tx: &mut db::Tx| store::session(tx, &token_hash).await)
        .await?;
    let Some((session, expires_at)) = found else {
        return Ok(None);
    };
    if now >= expires_at || now - session.last_seen_at >= IDLE_MS {
        return Ok(None);
    }
    Ok(Some(session))
}

/// Ends a session (signing out, or revoking it from the list).
///
/// # Errors
/// When the database refuses.
pub async fn end(app: &App, operator_id: OperatorId, token_hash: [u8; 32]) -> Result<()> {
    Ok(app
        .db()
        .write(async move |tx: &mut db::Tx| store::end_session(tx, operator_id, &token_hash).await)
        .await?)
}

/// Deletes sessions and one-time links that have ended by themselves.
///
/// # Errors
/// When the database refuses.
pub async fn forget_expired(app: &App) -> Result<()> {
    let now = app.now_ms();
    Ok(app
        .db()
        .write(async move |tx: &mut db::Tx| store::delete_expired(tx, now, now - IDLE_MS).await)
        .await?)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
