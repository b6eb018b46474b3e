//! From where embeds called and how that went, so that an administrator can ask about a page.
//!
//! A call changes two numbers in memory and nothing else; what is new is written at most once a
//! second, and a page that goes on as before at most once a minute. Both the memory and the table hold
//! the newest origins of each helpdesk only, and pages that once called well are not pushed out by
//! others: anybody can send any origin.

use super::store;
use crate::app::App;
use crate::error::Result;
use crate::ids::HelpdeskId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

/// So many that called well and so many that never did, of each helpdesk.
pub(super) const KEPT: usize = 100;
/// How often a page that goes on as before is written down.
const WRITTEN_MS: i64 = 60_000;
/// What was not heard of for so long leaves the memory; it is in the table.
const REMEMBERED_MS: i64 = 10 * 60_000;
/// Calls for no helpdesk are in no table.
const UNKNOWN_REMEMBERED_MS: i64 = 24 * 60 * 60_000;

/// Why a call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The Allowed Embed Domains do not cover the page.
    Origin,
    /// The signature was not right.
    Verification,
    /// Somebody wrote while messaging is off.
    MessagingOff,
}

impl Refused {
    /// The name under which it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Origin => "origin_not_allowed",
            Self::Verification => "verification_failed",
            Self::MessagingOff => "messaging_off",
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Origin => 1,
            Self::Verification => 2,
            Self::MessagingOff => 3,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        let all = [Self::Origin, Self::Verification, Self::MessagingOff];
        all.into_iter().find(|refused| refused.number() == number)
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Origin, Self::Verification, Self::MessagingOff];
        all.into_iter().find(|refused| refused.name() == name)
    }
}

/// What is known about one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// As the browser sent it; empty for a server.
    pub origin: String,
    /// The last call that went through, epoch milliseconds.
    pub good_at: Option<i64>,
    /// The last one that did not.
    pub refused_at: Option<i64>,
    /// Why not.
    pub refusal: Option<Refused>,
}

impl Seen {
    /// The last call of any kind.
    pub fn seen_at(&self) -> i64 {
        self.good_at.max(self.refused_at).unwrap_or(0)
    }

    /// Why the last call was refused; nothing when it went through.
    pub fn refused_last(&self) -> Option<Refused> {
        // A call may be accepted and what it asks for be refused, in the same moment.
        self.refusal.filter(|_| self.refused_at >= self.good_at)
    }

    /// The later of two accounts of the same origin.
    fn later(self, other: &Self) -> Self {
        let refusal = if other.refused_at > self.refused_at {
            other.refusal
        } else {
            self.refusal
        };
        Self {
            origin: self.origin,
            good_at: self.good_at.max(other.good_at),
            refused_at: self.refused_at.max(other.refused_at),
            refusal,
        }
    }
}

/// Times are zero before the first call of their kind.
#[derive(Default)]
struct Marks {
    good_at: AtomicI64,
    refused_at: AtomicI64,
    refusal: AtomicU8,
    written_at: AtomicI64,
    is_new: AtomicBool,
}

impl Marks {
    fn seen(&self, origin: &str) -> Seen {
        let time = |at: &AtomicI64| Some(at.load(Relaxed)).filter(|at| *at != 0);
        Seen {
            origin: origin.to_owned(),
            good_at: time(&self.good_at),
            refused_at: time(&self.refused_at),
            refusal: Refused::from_number(self.refusal.load(Relaxed)),
        }
    }

    fn seen_at(&self) -> i64 {
        self.good_at.load(Relaxed).max(self.refused_at.load(Relaxed))
    }

    /// Notes a call; true when that is worth a row.
    fn note(&self, refused: Option<Refused>, now: i64) -> bool {
        let (good_at, refused_at) = (self.good_at.load(Relaxed), self.refused_at.load(Relaxed));
        let as_before = match refused {
            None => {
                self.good_at.store(now, Relaxed);
                good_at > refused_at
            }
            Some(refused) => {
                self.refused_at.store(now, Relaxed);
                let before = self.refusal.swap(refused.number(), Relaxed);
                refused_at >= good_at && before == refused.number()
            }
        };
        if as_before && (0..WRITTEN_MS).contains(&(now - self.written_at.load(Relaxed))) {
            return false;
        }
        self.is_new.store(true, Relaxed);
        true
    }
}

/// By helpdesk and origin; under the empty id, calls that named a helpdesk which does not exist.
#[derive(Default)]
struct Memory {
    marks: RwLock<HashMap<HelpdeskId, HashMap<String, Marks>>>,
    has_new: AtomicBool,
    swept_at: AtomicI64,
}

/// The page behind one call, to note how the call went.
pub(super) struct Page {
    memory: Arc<Memory>,
    helpdesk_id: HelpdeskId,
    origin: String,
    now: i64,
}

impl Page {
    pub(super) fn new(app: &App, helpdesk_id: HelpdeskId, origin: String) -> Self {
        Self {
            memory: app.room(|_| Memory::default()),
            helpdesk_id,
            origin,
            now: app.now_ms(),
        }
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn good(&self) {
        self.memory.note(self.helpdesk_id, &self.origin, None, self.now);
    }

    pub(super) fn refused(&self, refused: Refused) {
        self.memory
            .note(self.helpdesk_id, &self.origin, Some(refused), self.now);
    }
}

/// Notes a call that named a helpdesk which does not exist.
pub(super) fn note_unknown(app: &App, origin: String) {
    if !origin.is_empty() {
        Page::new(app, nobody(), origin).refused(Refused::Verification);
    }
}

/// When a page of this origin last named a helpdesk that does not exist, on this node.
pub(super) fn unknown_at(app: &App, origin: &str) -> Option<i64> {
    let memory = app.room(|_| Memory::default());
    let marks = memory.marks.read().unwrap_or_else(PoisonError::into_inner);
    marks.get(&nobody())?.get(origin).map(Marks::seen_at)
}

fn nobody() -> HelpdeskId {
    HelpdeskId(Uuid::nil())
}

impl Memory {
    fn note(&self, helpdesk_id: HelpdeskId, origin: &str, refused: Option<Refused>, now: i64) {
        let known = {
            let marks = self.marks.read().unwrap_or_else(PoisonError::into_inner);
            let known = marks.get(&helpdesk_id).and_then(|origins| origins.get(origin));
            known.map(|marks| marks.note(refused, now))
        };
        let is_new = known.unwrap_or_else(|| {
            let mut marks = self.marks.write().unwrap_or_else(PoisonError::into_inner);
            let origins = marks.entry(helpdesk_id).or_default();
            if !origins.contains_key(origin) {
                make_room(origins);
            }
            origins.entry(origin.to_owned()).or_default().note(refused, now)
        });
        if is_new {
            self.has_new.store(true, Relaxed);
        }
    }

    /// What is new since the last time, in one order for all nodes.
    fn take_new(&self, now: i64) -> Vec<(HelpdeskId, Seen)> {
        if !self.has_new.swap(false, Relaxed) {
            return Vec::new();
        }
        let marks = self.marks.read().unwrap_or_else(PoisonError::into_inner);
        let mut new = Vec::new();
        for (helpdesk_id, origins) in marks.iter().filter(|(id, _)| **id != nobody()) {
            for (origin, marks) in origins {
                if marks.is_new.swap(false, Relaxed) {
                    marks.written_at.store(now, Relaxed);
                    new.push((*helpdesk_id, marks.seen(origin)));
                }
            }
        }
        new.sort_by(|(a, one), (b, other)| (a.0, &one.origin).cmp(&(b.0, &other.origin)));
        new
    }

    /// Forgets what has not called for a while.
    fn sweep(&self, now: i64) {
        if (0..WRITTEN_MS).contains(&(now - self.swept_at.swap(now, Relaxed))) {
            return;
        }
        let mut marks = self.marks.write().unwrap_or_else(PoisonError::into_inner);
        for (id, origins) in marks.iter_mut() {
            let for_ms = if *id == nobody() {
                UNKNOWN_REMEMBERED_MS
            } else {
                REMEMBERED_MS
            };
            origins.retain(|_, marks| {
                now - marks.seen_at() < for_ms || (*id != nobody() && marks.is_new.load(Relaxed))
            });
        }
        marks.retain(|_, origins| !origins.is_empty());
    }

    fn of(&self, helpdesk_id: HelpdeskId) -> Vec<Seen> {
        let marks = self.marks.read().unwrap_or_else(PoisonError::into_inner);
        let origins = marks.get(&helpdesk_id).into_iter().flatten();
        origins.map(|(origin, marks)| marks.seen(origin)).collect()
    }
}

/// Lets the one go that has not called for longest; among those that never called well, if that side
/// is full.
fn make_room(origins: &mut HashMap<String, Marks>) {
    if origins.len() < 2 * KEPT {
        return;
    }
    let was_good = |marks: &Marks| marks.good_at.load(Relaxed) != 0;
    let bad = origins.values().filter(|marks| !was_good(marks)).count();
    let oldest = origins
        .iter()
        .filter(|(_, marks)| bad < KEPT || !was_good(marks))
        .min_by_key(|(_, marks)| marks.seen_at())
        .map(|(origin, _)| origin.clone());
    if let Some(oldest) = oldest {
        origins.remove(&oldest);
    }
}

/// Writes down what is new. Called about once a second and before the end.
///
/// # Errors
/// When the database refuses; the page's next change is written again.
pub async fn flush(app: &App) -> Result<()> {
    let memory = app.room(|_| Memory::default());
    let now = app.now_ms();
    let new = memory.take_new(now);
    memory.sweep(now);
    if new.is_empty() {
        return Ok(());
    }
    let mut helpdesks: Vec<HelpdeskId> = new.iter().map(|(id, _)| *id).collect();
    helpdesks.dedup();
    app.db()
        .write(async move |tx: &mut db::Tx| {
            for (helpdesk_id, seen) in &new {
                store::put_origin(tx, *helpdesk_id, seen).await?;
            }
            for helpdesk_id in &helpdesks {
                store::keep_newest_origins(tx, *helpdesk_id, i64::try_from(KEPT).unwrap_or(i64::MAX)).await?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(())
}

/// The origins that called, the latest first; what this node heard a moment ago is among them.
///
/// # Errors
/// When the database cannot be read.
pub async fn recent(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<Seen>> {
    let stored: Vec<Seen> = app
        .db()
        .read(async move |tx: &mut db::Tx| store::origins(tx, helpdesk_id).await)
        .await?;
    let mut all: HashMap<String, Seen> = HashMap::new();
    let heard = app.room(|_| Memory::default()).of(helpdesk_id);
    for seen in stored.into_iter().chain(heard) {
        let merged = match all.remove(&seen.origin) {
            Some(before) => before.later(&seen),
            None => seen,
        };
        all.insert(merged.origin.clone(), merged);
    }
    let mut all: Vec<Seen> = all.into_values().collect();
    all.sort_by(|a, b| (b.seen_at(), &a.origin).cmp(&(a.seen_at(), &b.origin)));
    all.truncate(2 * KEPT);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn helpdesk() -> HelpdeskId {
        HelpdeskId(Uuid::from_u128(7))
    }

    #[test]
    fn a_page_that_goes_on_as_before_is_written_once_a_minute() {
        let memory = Memory::default();
        let note = |refused, now| memory.note(helpdesk(), "https://a.example", refused, now);
        let new = |now| memory.take_new(now).len();
        note(None, 1_000);
        assert_eq!(new(1_000), 1);
        note(None, 2_000);
        assert_eq!(new(2_000), 0);
        note(Some(Refused::Verification), 3_000);
        assert_eq!(new(3_000), 1, "something else");
        note(Some(Refused::Verification), 4_000);
        assert_eq!(new(4_000), 0);
        note(Some(Refused::Origin), 5_000);
        assert_eq!(new(5_000), 1, "another refusal");
        note(Some(Refused::Origin), 5_000 + WRITTEN_MS);
        assert_eq!(new(5_000 + WRITTEN_MS), 1);
        assert_eq!(memory.of(helpdesk())[0].seen_at(), 5_000 + WRITTEN_MS);
    }

    #[test]
    fn invented_origins_push_out_each_other_and_no_good_one() {
        let memory = Memory::default();
        memory.note(helpdesk(), "https://good.example", None, 1);
        for number in 0..1_000 {
            let origin = format!("https://{number}.example");
            memory.note(helpdesk(), &origin, Some(Refused::Origin), 10 + number);
        }
        let kept = memory.of(helpdesk());
        assert_eq!(kept.len(), 2 * KEPT);
        for origin in ["https://good.example", "https://999.example"] {
            assert!(kept.iter().any(|seen| seen.origin == origin), "{origin}");
        }
        memory.take_new(2_000);
        memory.sweep(2_000 + REMEMBERED_MS);
        assert!(memory.of(helpdesk()).is_empty());
    }
}
