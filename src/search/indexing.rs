//! Keeps the index in step: follows the events of every helpdesk from where it stopped, in this
//! process or an earlier one. The place and what was indexed up to it are written together, so that
//! a crash repeats nothing and misses nothing, and of several nodes one does the work.

use super::store::{self, Cursor, Document};
use crate::app::App;
use crate::conversations::by_operator::Entry;
use crate::conversations::events::{Event, Kind};
use crate::conversations::{live, written};
use crate::error::Result;
use crate::following;
use crate::ids::{ConversationId, HelpdeskId};
use crate::words;
use db::Tx;
use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::time::Duration;

/// Events come in flocks; a short rest takes them together.
const REST: Duration = Duration::from_millis(150);
/// Documents that are written together.
const BATCH: usize = 100;
/// Entries that are read of one conversation at once.
const ENTRIES: usize = 2_000;
/// Different words of one conversation that are kept.
const MOST_WORDS: usize = 3_000;

/// Works until the application stops.
pub(crate) async fn follow(app: &App) {
    following::follow(app, "the search index", REST, catch_up).await;
}

/// Indexes what has happened in every helpdesk so far.
///
/// # Errors
/// When the database refuses.
pub async fn catch_up(app: &App) -> Result<()> {
    let behind = app
        .db()
        .read(async |tx: &mut Tx| Ok::<_, crate::error::Error>(store::behind(tx).await?))
        .await?;
    for helpdesk_id in behind {
        while step(app, helpdesk_id).await? {}
    }
    Ok(())
}

/// Indexes the next events of a helpdesk. True when there may be more.
async fn step(app: &App, helpdesk_id: HelpdeskId) -> Result<bool> {
    let cursor = begin(app, helpdesk_id).await?;
    let events = live::for_operators_after(app, helpdesk_id, cursor.last_number).await?;
    let (changed, last_number) = changed(&events);
    if changed.is_empty() {
        return Ok(false);
    }
    let noted = app.room(|_| Noted::default());
    let (mut documents, mut fresh) = (Vec::with_capacity(changed.len()), HashSet::new());
    for (id, change) in changed {
        if let Some(made) = document(app, helpdesk_id, &cursor, id, change).await? {
            fresh.extend(
                made.added
                    .into_iter()
                    .filter(|word| !noted.holds(helpdesk_id, word)),
            );
            documents.push((made.old, made.new));
        }
    }
    let fresh: Vec<String> = fresh.into_iter().collect();
    let fresh = app
        .db()
        .write(async move |tx: &mut Tx| {
            // Another node may have done it meanwhile: then this is nothing new.
            if store::advance(tx, helpdesk_id, &cursor, last_number).await? {
                store::add_terms(tx, helpdesk_id, &fresh).await?;
                for (old, new) in &documents {
                    store::put(tx, helpdesk_id, &cursor, *old, new).await?;
                }
                return Ok(fresh.clone());
            }
            Ok::<_, crate::error::Error>(Vec::new())
        })
        .await?;
    noted.add(helpdesk_id, fresh);
    Ok(true)
}

/// Words that are known to be noted, so that common ones are written once.
#[derive(Default)]
struct Noted(Mutex<HashSet<(HelpdeskId, String)>>);

/// Then all are forgotten, which costs a write for each.
const MOST_NOTED: usize = 30_000;

impl Noted {
    fn holds(&self, helpdesk_id: HelpdeskId, word: &str) -> bool {
        let word = (helpdesk_id, word.to_owned());
        self.0.lock().is_ok_and(|noted| noted.contains(&word))
    }

    fn add(&self, helpdesk_id: HelpdeskId, words: Vec<String>) {
        if let Ok(mut noted) = self.0.lock() {
            if noted.len() + words.len() > MOST_NOTED {
                noted.clear();
            }
            noted.extend(words.into_iter().map(|word| (helpdesk_id, word)));
        }
    }
}

/// The place of a helpdesk, made when it has none yet.
async fn begin(app: &App, helpdesk_id: HelpdeskId) -> Result<Cursor> {
    let found: Option<Cursor> = app
        .db()
        .read(async move |tx: &mut Tx| store::cursor(tx, helpdesk_id).await)
        .await?;
    if let Some(cursor) = found {
        return Ok(cursor);
    }
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| store::begin(tx, helpdesk_id).await)
        .await?)
}

/// What happened to a conversation.
#[derive(Clone, Copy, Default)]
struct Change {
    /// The event by which something was last written, and when.
    written: Option<(i64, i64)>,
    /// True when something that was written is gone: then all its words are read anew.
    is_less: bool,
}

/// The first of these events that touch no more conversations than one transaction takes, by
/// conversation, and the last of their numbers.
fn changed(events: &[Event]) -> (BTreeMap<ConversationId, Change>, i64) {
    let (mut changed, mut last) = (BTreeMap::new(), 0);
    for event in events {
        if changed.len() == BATCH && !changed.contains_key(&event.conversation_id) {
            break;
        }
        let change: &mut Change = changed.entry(event.conversation_id).or_default();
        if is_written(event.kind) {
            change.written = Some((event.number, event.created_at));
        }
        change.is_less |= event.kind == Kind::Withdrawn;
        last = event.number;
    }
    (changed, last)
}

fn is_written(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Opened | Kind::VisitorMessage | Kind::OperatorMessage | Kind::Note
    )
}

/// A document as it should be.
struct Made {
    /// The number of the one that stands.
    old: Option<i64>,
    new: Document,
    /// The words it gains, without the mark.
    added: Vec<String>,
}

async fn document(
    app: &App,
    helpdesk_id: HelpdeskId,
    cursor: &Cursor,
    id: ConversationId,
    change: Change,
) -> Result<Option<Made>> {
    let mark = cursor.mark();
    app.db()
        .read(async move |tx: &mut Tx| {
            let old = store::document(tx, helpdesk_id, id).await?;
            let kept = old.as_ref().filter(|_| !change.is_less);
            let seen = kept.map_or(0, |old| old.entries);
            let Some(written) = written::after(tx, helpdesk_id, id, seen, ENTRIES).await? else {
                return Ok(None);
            };
            let place = change
                .written
                .or(old.as_ref().map(|old| (old.number, old.written_at)));
            // Every conversation begins with something written.
            let Some((number, written_at)) = place else {
                return Ok(None);
            };
            let mut kept = Kept::of(&mark, kept);
            kept.add(&written.conversation.subject);
            kept.add(&written.contact.email);
            kept.add(written.contact.name.as_deref().unwrap_or_default());
            let mut entries = seen;
            for entry in &written.entries {
                entries = entry.number();
                match entry {
                    Entry::Message(message) => kept.add(&message.body),
                    Entry::Note(note) => kept.add(&note.body),
                    Entry::Event(_) => {}
                }
            }
            let added = std::mem::take(&mut kept.added);
            let new = Document {
                conversation_id: id,
                number,
                written_at,
                entries,
                words: kept.with_status(written.conversation.status),
            };
            let old = old.map(|old| old.number);
            Ok::<_, crate::error::Error>(Some(Made { old, new, added }))
        })
        .await
}

/// The different words of a conversation, in the order in which they came.
struct Kept<'a> {
    mark: &'a str,
    known: HashSet<String>,
    words: Vec<String>,
    added: Vec<String>,
}

impl<'a> Kept<'a> {
    fn of(mark: &'a str, old: Option<&Document>) -> Self {
        let words: Vec<String> = old
            .map(|old| old.marked_words().map(str::to_owned).collect())
            .unwrap_or_default();
        Self {
            mark,
            known: words.iter().cloned().collect(),
            words,
            added: Vec::new(),
        }
    }

    fn add(&mut self, text: &str) {
        if self.words.len() >= MOST_WORDS {
            return;
        }
        for word in words::of(text) {
            let marked = format!("{}{word}", self.mark);
            if self.words.len() < MOST_WORDS && self.known.insert(marked.clone()) {
                self.words.push(marked);
                self.added.push(word);
            }
        }
    }

    /// The status stands in front, as a word that nobody can write.
    fn with_status(self, status: crate::conversations::Status) -> String {
        let mut text = store::status_word(self.mark, status);
        for word in &self.words {
            text.push(' ');
            text.push_str(word);
        }
        text
    }
}
