//! HMAC secrets of a helpdesk: made once, shown once, sealed at rest, at most two live at a time.
//!
//! A host app signs each user's address with a secret; [`verify`] checks such a signature. Live
//! secrets are kept in memory, opened: a change is in force for this node's next request, and for
//! other nodes within a second.

pub mod diagnosis;
pub mod failures;
pub mod signature;
mod store;

use crate::app::App;
use crate::audit::{By, Entry};
use crate::error::{Error, Kind, Result};
use crate::ids::{HelpdeskId, SecretId};
use crate::kept::{Kept, Look};
use base64::Engine;
use signature::SigningKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use zeroize::Zeroizing;

const PREFIX: &str = "hdh_secret_";
const MOST_LIVE: usize = 2;
/// How often the use of a secret is written down.
const USE_NOTED_MS: i64 = 60_000;
/// A secret used within this time is still in use, and revoking it deserves a warning.
pub const IN_USE_MS: i64 = 24 * 60 * 60 * 1000;
/// How far ahead a revocation may be planned.
const LATEST_MS: i64 = 366 * 24 * 60 * 60 * 1000;

/// What is known about a secret after it was shown once.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Secret {
    /// The id.
    pub id: SecretId,
    /// The prefix and the last four characters.
    pub fingerprint: String,
    /// When it was made, epoch milliseconds.
    pub created_at: i64,
    /// When a signature made with it was last accepted, to a minute.
    pub last_used_at: Option<i64>,
    /// When it stops, or stopped, to be accepted.
    pub revoke_at: Option<i64>,
}

impl Secret {
    /// True while signatures made with it are accepted.
    pub fn is_live(&self, now_ms: i64) -> bool {
        self.revoke_at.is_none_or(|at| at > now_ms)
    }
}

/// A new secret, in the only moment when its text is known.
pub struct Generated {
    /// What is kept.
    pub secret: Secret,
    /// The text to give to the host app.
    pub text: Zeroizing<String>,
}

/// A proved signature: which secret made it.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    /// The secret.
    pub secret_id: SecretId,
}

struct Opened {
    id: SecretId,
    key: SigningKey,
    revoke_at: Option<i64>,
    use_noted_at: AtomicI64,
}

type Cache = Kept<HelpdeskId, Vec<Opened>>;

/// Makes a new secret. The second live one starts a rotation; a third is refused.
///
/// # Errors
/// When two secrets are live already.
pub async fn generate(app: &App, helpdesk_id: HelpdeskId, by: &By) -> Result<Generated> {
    let random = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(app.random().bytes::<32>());
    let text = Zeroizing::new(format!("{PREFIX}{random}"));
    let secret = Secret {
        id: app.new_id(),
        fingerprint: fingerprint(&text),
        created_at: app.now_ms(),
        last_used_at: None,
        revoke_at: None,
    };
    let sealed = app
        .sealing_key()
        .seal(app.random(), &context(helpdesk_id, secret.id), text.as_bytes())
        .map_err(Error::internal)?;
    let (row, now) = (secret.clone(), app.now_ms());
    let entry = Entry::new(app, helpdesk_id, by, "secret generated");
    app.db()
        .write(async move |tx: &mut db::Tx| {
            store::insert(tx, helpdesk_id, &row, &sealed).await?;
            // Counted after the insert, so that two at once cannot both slip below the limit on
            // SQLite; on PostgreSQL the helpdesk's row, touched first, keeps them apart.
            if store::count_live(tx, helpdesk_id, now).await? > i64::try_from(MOST_LIVE).unwrap_or(i64::MAX) {
                return Err(Error::new(
                    Kind::Conflict,
                    "two_secrets_live",
                    "Two secrets are live already: retire one of them first, then generate the next",
                ));
            }
            entry.write(tx, &row.fingerprint).await?;
            Ok(())
        })
        .await?;
    forget(app, helpdesk_id);
    Ok(Generated { secret, text })
}

/// All secrets, newest first, revoked ones too.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<Secret>> {
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| store::all(tx, helpdesk_id).await)
        .await?)
}

/// Stops accepting a secret, now or at a later time. Tokens made from it stop with it. A time that
/// was chosen before is replaced.
///
/// # Errors
/// When there is no such live secret, or the time is more than a year ahead.
pub async fn revoke(app: &App, helpdesk_id: HelpdeskId, id: SecretId, by: &By, at_ms: i64) -> Result<()> {
    let now = app.now_ms();
    if at_ms > now.saturating_add(LATEST_MS) {
        return Err(Error::unprocessable("too_late", "Choose a time within a year"));
    }
    let planned = at_ms > now;
    let action = if planned {
        "secret revocation planned"
    } else {
        "secret revoked"
    };
    let detail = planned.then(|| format!(" at {}", crate::clock::iso8601(at_ms)));
    let entry = Entry::new(app, helpdesk_id, by, action);
    set_end(app, helpdesk_id, id, Some(at_ms.max(now)), entry, detail).await
}

/// Takes back a revocation whose time has not come.
///
/// # Errors
/// When there is no such live secret.
pub async fn keep(app: &App, helpdesk_id: HelpdeskId, id: SecretId, by: &By) -> Result<()> {
    let entry = Entry::new(app, helpdesk_id, by, "secret kept");
    set_end(app, helpdesk_id, id, None, entry, None).await
}

async fn set_end(
    app: &App,
    helpdesk_id: HelpdeskId,
    id: SecretId,
    at_ms: Option<i64>,
    entry: Entry,
    detail: Option<String>,
) -> Result<()> {
    let now = app.now_ms();
    let set = app
        .db()
        .write(async move |tx: &mut db::Tx| {
            let fingerprint = store::set_end(tx, helpdesk_id, id, at_ms, now).await?;
            if let Some(fingerprint) = &fingerprint {
                let detail = detail.as_deref().unwrap_or_default();
                entry.write(tx, &format!("{fingerprint}{detail}")).await?;
            }
            Ok::<_, db::Error>(fingerprint.is_some())
        })
        .await?;
    forget(app, helpdesk_id);
    if set {
        Ok(())
    } else {
        Err(Error::not_found("unknown_secret", "There is no such live secret"))
    }
}

/// Checks a signature of an e-mail address against every live secret. `None` is a failed
/// verification, whatever the reason; the reason is worked out later, for the dashboard only.
///
/// # Errors
/// When the database cannot be read.
pub async fn verify(
    app: &App,
    helpdesk_id: HelpdeskId,
    email: &str,
    signature: &str,
) -> Result<Option<Proof>> {
    let secrets = live(app, helpdesk_id).await?;
    let now = app.now_ms();
    let keys = secrets
        .iter()
        .filter(|secret| is_live(secret.revoke_at, now))
        .map(|secret| &secret.key);
    let Some(position) = signature::verify(keys, email, signature) else {
        return Ok(None);
    };
    let Some(secret) = secrets
        .iter()
        .filter(|secret| is_live(secret.revoke_at, now))
        .nth(position)
    else {
        return Ok(None);
    };
    note_use(app, helpdesk_id, secret, now);
    Ok(Some(Proof { secret_id: secret.id }))
}

/// True while this secret is live: what tokens made from it depend on.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_secret_live(app: &App, helpdesk_id: HelpdeskId, id: SecretId) -> Result<bool> {
    let (secrets, now) = (live(app, helpdesk_id).await?, app.now_ms());
    Ok(secrets
        .iter()
        .any(|secret| secret.id == id && is_live(secret.revoke_at, now)))
}

fn is_live(revoke_at: Option<i64>, now_ms: i64) -> bool {
    revoke_at.is_none_or(|at| at > now_ms)
}

async fn live(app: &App, helpdesk_id: HelpdeskId) -> Result<Arc<Vec<Opened>>> {
    let cache = app.room(|_| Cache::default());
    let now = app.now_ms();
    let ticket = match cache.look(&helpdesk_id, now) {
        Look::Fresh(secrets) => return Ok(secrets),
        Look::Stale(ticket) => ticket,
    };
    let sealed = app
        .db()
        .read(async move |tx: &mut db::Tx| store::sealed_live(tx, helpdesk_id, now).await)
        .await?;
    let mut opened = Vec::with_capacity(sealed.len());
    for secret in sealed {
        let text = app
            .sealing_key()
            .open(&context(helpdesk_id, secret.secret.id), &secret.sealed)
            .map_err(Error::internal)?;
        opened.push(Opened {
            id: secret.secret.id,
            key: SigningKey::new(&text),
            revoke_at: secret.secret.revoke_at,
            use_noted_at: AtomicI64::new(secret.secret.last_used_at.unwrap_or(0)),
        });
    }
    let secrets = Arc::new(opened);
    cache.keep(ticket, helpdesk_id, &secrets, now);
    Ok(secrets)
}

fn forget(app: &App, helpdesk_id: HelpdeskId) {
    app.room(|_| Cache::default()).forget(&helpdesk_id);
}

/// Writes down that a secret is in use, at most once a minute and beside the request.
fn note_use(app: &App, helpdesk_id: HelpdeskId, secret: &Opened, now: i64) {
    let noted = secret.use_noted_at.load(Relaxed);
    let due = !(0..USE_NOTED_MS).contains(&(now - noted));
    if !due
        || secret
            .use_noted_at
            .compare_exchange(noted, now, Relaxed, Relaxed)
            .is_err()
    {
        return;
    }
    let (app, id) = (app.clone(), secret.id);
    tokio::spawn(async move {
        let noted = app
            .db()
            .write(async move |tx: &mut db::Tx| store::note_use(tx, helpdesk_id, id, now).await)
            .await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the use of a secret could not be noted");
        }
    });
}

fn fingerprint(text: &str) -> String {
    let end = text.len().saturating_sub(4);
    format!("{PREFIX}…{}", text.get(end..).unwrap_or_default())
}

/// Binds a sealed secret to its row: moved elsewhere, it does not open.
fn context(helpdesk_id: HelpdeskId, id: SecretId) -> Vec<u8> {
    [
        b"hmac secret".as_slice(),
        helpdesk_id.0.as_bytes(),
        id.0.as_bytes(),
    ]
    .concat()
}
