//! What was refused or put into spam, kept for the dashboard: the last hundred different ones of each
//! helpdesk, each with how often it happened.
//!
//! They go through a bounded ring in memory and are written at most once a second, so that a flood costs
//! no writes; what does not fit is dropped.

use super::store;
use crate::app::App;
use crate::error::Result;
use crate::ids::{EntryId, HelpdeskId};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

const RING: usize = 512;
const KEPT: i64 = 100;
const TEXT: usize = 254;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The hidden field was filled in.
    Honeypot,
    /// A listed domain.
    BlockedDomain,
    /// A listed word.
    BlockedWord,
    /// Sent before a person could have written it.
    TooFast,
    /// A form without a good token.
    BadToken,
    /// The proof was wrong.
    BadProof,
    /// The same text again.
    Repeated,
    /// One network sent too much.
    Network,
    /// One network sent too much without a proof.
    Unproved,
    /// One address opened too much.
    Address,
    /// The helpdesk was sent too much.
    Helpdesk,
    /// An address that cannot be answered.
    BadAddress,
    /// Turnstile did not let the sender pass, or was not asked.
    Check,
    /// Turnstile could not be asked.
    CheckUnavailable,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Honeypot,
        Self::BlockedDomain,
        Self::BlockedWord,
        Self::TooFast,
        Self::BadToken,
        Self::BadProof,
        Self::Repeated,
        Self::Network,
        Self::Unproved,
        Self::Address,
        Self::Helpdesk,
        Self::BadAddress,
        Self::Check,
        Self::CheckUnavailable,
    ];

    /// The name under which it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Honeypot => "honeypot",
            Self::BlockedDomain => "blocked_domain",
            Self::BlockedWord => "blocked_word",
            Self::TooFast => "too_fast",
            Self::BadToken => "bad_token",
            Self::BadProof => "bad_proof",
            Self::Repeated => "repeated",
            Self::Network => "network",
            Self::Unproved => "unproved",
            Self::Address => "address",
            Self::Helpdesk => "helpdesk",
            Self::BadAddress => "bad_address",
            Self::Check => "check",
            Self::CheckUnavailable => "check_unavailable",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether the message was kept, in spam.
    pub fn is_spam(self) -> bool {
        matches!(self, Self::Honeypot | Self::BlockedDomain | Self::BlockedWord)
    }

    /// What happened, and what to do about it.
    pub fn explain(self) -> (&'static str, &'static str) {
        match self {
            Self::Honeypot => (
                "Filled in a field that people do not see",
                "Robots do. The message is in spam.",
            ),
            Self::BlockedDomain => (
                "The address is of a blocked domain",
                "The message is in spam. Take the domain off the list to let it pass.",
            ),
            Self::BlockedWord => (
                "Says a blocked word",
                "The message is in spam. Take the word off the list to let it pass.",
            ),
            Self::TooFast => (
                "Sent faster than anybody writes",
                "The form asked to wait and send it again.",
            ),
            Self::BadToken => (
                "Without a form token of this helpdesk, or with an old one",
                "Programs ask for the form first; the embed does so by itself.",
            ),
            Self::BadProof => (
                "The proof of work was missing its goal",
                "The embed works it out by itself. Something else was sending.",
            ),
            Self::Repeated => (
                "The same text from the same address within a day",
                "It stands in the inbox once.",
            ),
            Self::Network => (
                "Too many messages from one network",
                "The limit is a setting below.",
            ),
            Self::Unproved => (
                "Too many messages from one network without a proof of work",
                "Without JavaScript a network can send three, and one more every ten minutes.",
            ),
            Self::Address => (
                "Too many messages from one address within a day",
                "The limit is a setting below.",
            ),
            Self::Helpdesk => (
                "Too many messages at once, from everywhere",
                "Somebody may be flooding the form. The limit is a setting below.",
            ),
            Self::BadAddress => (
                "Not one address that can be answered",
                "The sender was asked to check it.",
            ),
            Self::Check => (
                "Turnstile did not let the sender pass",
                "Robots come without its token, or with an old one. People were asked to do the check again.",
            ),
            Self::CheckUnavailable => (
                "Turnstile could not be asked",
                "Nothing is taken without it. See whether this server reaches Cloudflare, whether the secret key is still good, or switch Turnstile off below.",
            ),
        }
    }
}

/// One refusal as it is kept.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The id, in order of time.
    pub id: EntryId,
    /// Why.
    pub reason: Reason,
    /// The address as sent, cut.
    pub email: String,
    /// The origin of the page; empty for a server.
    pub origin: String,
    /// The client's network.
    pub network: String,
    /// When it last happened, epoch milliseconds.
    pub created_at: i64,
    /// When it first happened.
    pub first_at: i64,
    /// How often.
    pub times: i64,
}

impl Refusal {
    fn is_again(&self, other: &Self) -> bool {
        (self.reason, &self.email, &self.origin, &self.network)
            == (other.reason, &other.email, &other.origin, &other.network)
    }
}

#[derive(Default)]
struct Ring(Mutex<VecDeque<(HelpdeskId, Refusal)>>);

/// Notes a refusal in memory.
pub fn note(app: &App, helpdesk_id: HelpdeskId, reason: Reason, email: &str, origin: &str, network: &str) {
    let now = app.now_ms();
    let refusal = Refusal {
        id: app.new_id(),
        reason,
        email: cut(email),
        origin: cut(origin),
        network: network.to_owned(),
        created_at: now,
        first_at: now,
        times: 1,
    };
    let ring = app.room(|_| Ring::default());
    let mut ring = ring.0.lock().unwrap_or_else(PoisonError::into_inner);
    if ring.len() == RING {
        ring.pop_front();
    }
    ring.push_back((helpdesk_id, refusal));
}

/// Writes down what was noted. Called about once a second and before the end.
///
/// # Errors
/// When the database refuses; what was noted is then lost, which the dashboard can bear.
pub async fn flush(app: &App) -> Result<()> {
    let noted = {
        let ring = app.room(|_| Ring::default());
        let mut ring = ring.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *ring)
    };
    if noted.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<(HelpdeskId, Refusal)> = Vec::new();
    for (helpdesk_id, refusal) in noted {
        let before = rows
            .iter_mut()
            .find(|(id, row)| *id == helpdesk_id && row.is_again(&refusal));
        match before {
            Some((_, before)) => {
                before.times += 1;
                (before.id, before.created_at) = (refusal.id, refusal.created_at);
            }
            None => rows.push((helpdesk_id, refusal)),
        }
    }
    // One order for all nodes.
    rows.sort_by_key(|(helpdesk_id, refusal)| (*helpdesk_id, refusal.id));
    let rows = newest_of_each(&rows);
    let mut helpdesks: Vec<HelpdeskId> = rows.iter().map(|(id, _)| *id).collect();
    helpdesks.dedup();
    app.db()
        .write(async move |tx: &mut db::Tx| {
            for (helpdesk_id, refusal) in &rows {
                store::count_refusal(tx, *helpdesk_id, refusal).await?;
            }
            for helpdesk_id in &helpdesks {
                store::keep_refusals(tx, *helpdesk_id, KEPT).await?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(())
}

/// What is worth writing down: a flood brings more in a second than are ever kept.
fn newest_of_each(sorted: &[(HelpdeskId, Refusal)]) -> Vec<(HelpdeskId, Refusal)> {
    let kept = usize::try_from(KEPT).unwrap_or(usize::MAX);
    let of_each = sorted.chunk_by(|(one, _), (next, _)| one == next);
    let newest = of_each.flat_map(|of_one| {
        of_one
            .get(of_one.len().saturating_sub(kept)..)
            .unwrap_or_default()
    });
    newest.cloned().collect()
}

/// The last refusals, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn recent(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<Refusal>> {
    flush(app).await?;
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| store::refusals(tx, helpdesk_id, KEPT).await)
        .await?)
}

pub(super) fn reason_named(name: &str) -> Reason {
    // What a later version wrote down is shown as the most general one.
    Reason::from_name(name).unwrap_or(Reason::BadToken)
}

fn cut(text: &str) -> String {
    let mut end = text.len().min(TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().replace('\0', "\u{fffd}")
}
