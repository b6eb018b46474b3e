//! Sign-in sessions: a random token in a cookie, its hash in the database, listed and revocable.
//! Their beginning and end stand in the audit log of each helpdesk that the person answers for.

use super::{Operator, agent, store};
use crate::app::App;
use crate::audit::Entries;
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
    /// Whether they want single keys to do things.
    pub single_keys: bool,
    /// When, epoch milliseconds.
    pub created_at: i64,
    /// Last use, to five minutes.
    pub last_seen_at: i64,
    /// The browser's own words.
    pub user_agent: String,
    /// Where the sign-in came from.
    pub address: String,
}

impl Session {
    /// The browser as people call it.
    pub fn browser(&self) -> String {
        agent::in_words(&self.user_agent)
    }
}

/// A session that is about to begin; made before the transaction that stores it.
#[derive(Clone, Debug)]
pub(super) struct Starting {
    token: String,
    token_hash: [u8; 32],
    now: i64,
    user_agent: String,
    address: String,
}

impl Starting {
    pub(super) fn new(app: &App, user_agent: &str, address: &str) -> Self {
        let token = app.random().token();
        Self {
            token_hash: hash(&token),
            token,
            now: app.now_ms(),
            user_agent: user_agent.chars().filter(|c| !c.is_control()).take(200).collect(),
            address: address.to_owned(),
        }
    }

    pub(super) async fn write(
        &self,
        tx: &mut db::Tx,
        operator_id: OperatorId,
    ) -> std::result::Result<(), db::Error> {
        let expires_at = self.now + LONGEST_MS;
        store::insert_session(
            tx,
            &self.token_hash,
            operator_id,
            self.now,
            expires_at,
            &self.user_agent,
            &self.address,
        )
        .await
    }

    pub(super) fn token(self) -> String {
        self.token
    }

    /// From where, for the audit log.
    fn place(&self) -> String {
        format!("{}, {}", agent::in_words(&self.user_agent), self.address)
    }
}

/// Starts a session and returns its token, which is kept nowhere.
///
/// # Errors
/// When the database refuses.
pub async fn start(app: &App, operator_id: OperatorId, user_agent: &str, address: &str) -> Result<String> {
    let starting = Starting::new(app, user_agent, address);
    let memberships = super::memberships(app, operator_id).await?;
    let entries = memberships.first().map(|member| {
        let helpdesks: Vec<_> = memberships.iter().map(|member| member.helpdesk_id).collect();
        Entries::new(app, &helpdesks, &member.by(), "signed in")
    });
    let (row, place) = (starting.clone(), starting.place());
    app.db()
        .write(async move |tx: &mut db::Tx| {
            row.write(tx, operator_id).await?;
            if let Some(entries) = &entries {
                entries.write(tx, &place).await?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(starting.token())
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
    Ok(found
        .filter(|(session, expires_at)| is_alive(session, *expires_at, now))
        .map(|(session, _)| session))
}

fn is_alive(session: &Session, expires_at: i64, now: i64) -> bool {
    now < expires_at && now - session.last_seen_at < IDLE_MS
}

/// The live sessions of an operator, the one used last first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(app: &App, operator_id: OperatorId) -> Result<Vec<Session>> {
    let now = app.now_ms();
    let found = app
        .db()
        .read(async move |tx: &mut db::Tx| store::sessions_of(tx, operator_id).await)
        .await?;
    Ok(found
        .into_iter()
        .filter(|(session, expires_at)| is_alive(session, *expires_at, now))
        .map(|(session, _)| session)
        .collect())
}

/// Ends the session of this browser.
///
/// # Errors
/// When the database refuses.
pub async fn sign_out(app: &App, session: &Session) -> Result<()> {
    end(
        app,
        &session.operator,
        Ends::One(session.token_hash),
        "signed out",
    )
    .await
    .map(drop)
}

/// Ends one session of an operator from the list; false when it had ended already.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(app: &App, operator: &Operator, token_hash: [u8; 32]) -> Result<bool> {
    let ended = end(app, operator, Ends::One(token_hash), "session revoked").await?;
    Ok(ended > 0)
}

/// Ends all sessions of an operator but this one; how many there were.
///
/// # Errors
/// When the database refuses.
pub async fn revoke_others(app: &App, session: &Session) -> Result<usize> {
    let kept = Ends::AllBut(session.token_hash);
    end(app, &session.operator, kept, "session revoked").await
}

#[derive(Clone, Copy)]
enum Ends {
    One([u8; 32]),
    AllBut([u8; 32]),
}

async fn end(app: &App, operator: &Operator, ends: Ends, action: &'static str) -> Result<usize> {
    let entries = super::entries(app, operator, action).await?;
    let id = operator.id;
    Ok(app
        .db()
        .write(async move |tx: &mut db::Tx| {
            let ended = match ends {
                Ends::One(hash) => store::end_session(tx, id, &hash).await?,
                Ends::AllBut(hash) => store::end_other_sessions(tx, id, &hash).await?,
            };
            if !ended.is_empty() {
                let place = |(user_agent, address): &(String, String)| {
                    format!("{}, {address}", agent::in_words(user_agent))
                };
                let places: Vec<String> = ended.iter().map(place).collect();
                entries.write(tx, &places.join("; ")).await?;
            }
            Ok::<_, db::Error>(ended.len())
        })
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
