//! Failed verifications, kept for the dashboard: the last hundred different ones of each helpdesk,
//! each with how often it happened.
//!
//! They go through a bounded ring in memory and are written at most once a second, so that a flood
//! of bad calls costs no writes; what does not fit is dropped.

use super::diagnosis::{Cause, SecretTexts, diagnose};
use super::{context, is_live, store};
use crate::app::App;
use crate::error::Result;
use crate::ids::{EntryId, HelpdeskId};
use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::Mutex;

const RING: usize = 512;
const KEPT: i64 = 100;
/// Of the retired secrets, the newest that a signature is compared with.
const RETIRED: usize = 5;
const TEXT: usize = 254;

/// One failed verification as it is kept.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The id, in order of time.
    pub id: EntryId,
    /// The most likely mistake.
    pub cause: Cause,
    /// The address as sent, cut to 254 bytes.
    pub email: String,
    /// The origin of the calling page; empty for a server.
    pub origin: String,
    /// When it last happened, epoch milliseconds.
    pub created_at: i64,
    /// When it first happened.
    pub first_at: i64,
    /// How often.
    pub times: i64,
}

impl Failure {
    /// Whether the other is the same thing happening again.
    fn is_again(&self, other: &Self) -> bool {
        (self.cause, &self.email, &self.origin) == (other.cause, &other.email, &other.origin)
    }
}

struct Seen {
    helpdesk_id: HelpdeskId,
    email: String,
    signature: String,
    origin: String,
    at: i64,
}

#[derive(Default)]
struct Ring(Mutex<VecDeque<Seen>>);

/// Notes a failed verification in memory.
pub fn note(app: &App, helpdesk_id: HelpdeskId, email: &str, signature: &str, origin: &str) {
    if let Ok(mut ring) = app.room(|_| Ring::default()).0.lock() {
        if ring.len() == RING {
            ring.pop_front();
        }
        ring.push_back(Seen {
            helpdesk_id,
            email: cut(email),
            signature: cut(signature),
            origin: cut(origin),
            at: app.now_ms(),
        });
    }
}

/// Writes down what was noted, with its diagnosis. Called about once a second and before the end.
///
/// # Errors
/// When the database refuses; what was noted is then lost, which the dashboard can bear.
pub async fn flush(app: &App) -> Result<()> {
    let seen = match app.room(|_| Ring::default()).0.lock() {
        Ok(mut ring) => std::mem::take(&mut *ring),
        Err(_) => return Ok(()),
    };
    if seen.is_empty() {
        return Ok(());
    }
    let mut texts = HashMap::new();
    let mut rows: Vec<(HelpdeskId, Failure)> = Vec::with_capacity(seen.len());
    for seen in newest(seen) {
        let id = seen.helpdesk_id;
        let texts = match texts.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(diagnosable(app, id).await),
        };
        let Some(texts) = texts else {
            continue;
        };
        let cause = diagnose(texts, id, &seen.email, &seen.signature);
        let failure = Failure {
            id: app.random().id(seen.at),
            cause,
            email: seen.email,
            origin: seen.origin,
            created_at: seen.at,
            first_at: seen.at,
            times: 1,
        };
        let before = rows
            .iter_mut()
            .find(|(helpdesk_id, row)| *helpdesk_id == id && row.is_again(&failure));
        match before {
            Some((_, before)) => {
                before.times += 1;
                (before.id, before.created_at) = (failure.id, failure.created_at);
            }
            None => rows.push((id, failure)),
        }
    }
    // In order of time: the id of one that happened again is its last time's.
    rows.sort_by_key(|(_, failure)| failure.created_at);
    let helpdesks: Vec<HelpdeskId> = texts.into_keys().collect();
    app.db()
        .write(async move |tx: &mut db::Tx| {
            for (helpdesk_id, failure) in &rows {
                store::count_failure(tx, *helpdesk_id, failure).await?;
            }
            for helpdesk_id in &helpdesks {
                store::keep_failures(tx, *helpdesk_id, KEPT).await?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(())
}

/// As many of each helpdesk as are kept, the newest, in order of time: the rest would be diagnosed and
/// written only to be deleted.
fn newest(seen: VecDeque<Seen>) -> Vec<Seen> {
    let mut counts: HashMap<HelpdeskId, i64> = HashMap::new();
    let mut newest: Vec<Seen> = seen
        .into_iter()
        .rev()
        .filter(|seen| {
            let count = counts.entry(seen.helpdesk_id).or_default();
            *count += 1;
            *count <= KEPT
        })
        .collect();
    newest.reverse();
    newest
}

/// The secrets to diagnose with; nothing when one cannot be opened, which is that helpdesk's trouble
/// and not its neighbours'.
async fn diagnosable(app: &App, helpdesk_id: HelpdeskId) -> Option<SecretTexts> {
    match secret_texts(app, helpdesk_id).await {
        Ok(mut texts) => {
            let old = texts.revoked.len().saturating_sub(RETIRED);
            texts.revoked.drain(..old);
            Some(texts)
        }
        Err(error) => {
            tracing::warn!(helpdesk = %helpdesk_id, %error, "failed verifications cannot be diagnosed");
            None
        }
    }
}

/// The last failed verifications, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn recent(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<Failure>> {
    flush(app).await?;
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| store::failures(tx, helpdesk_id, KEPT).await)
        .await?)
}

/// All secrets of a helpdesk, opened, for a diagnosis or the Verification Tool.
///
/// # Errors
/// When the database cannot be read or a secret was sealed with another key.
pub async fn secret_texts(app: &App, helpdesk_id: HelpdeskId) -> Result<SecretTexts> {
    let now = app.now_ms();
    let sealed = app
        .db()
        .read(async move |tx: &mut db::Tx| store::sealed(tx, helpdesk_id).await)
        .await?;
    let mut texts = SecretTexts {
        live: Vec::new(),
        revoked: Vec::new(),
    };
    for secret in sealed {
        let text = app
            .sealing_key()
            .open(&context(helpdesk_id, secret.secret.id), &secret.sealed)
            .map_err(crate::error::Error::internal)?;
        let list = if is_live(secret.secret.revoke_at, now) {
            &mut texts.live
        } else {
            &mut texts.revoked
        };
        list.push(text);
    }
    Ok(texts)
}

fn cut(text: &str) -> String {
    let mut end = text.len().min(TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().replace('\0', "\u{fffd}")
}
