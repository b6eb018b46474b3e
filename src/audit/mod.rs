//! The audit log: who did what that matters for security. Entries are added, never changed, and in
//! the transaction that does what they tell of: neither stands without the other.

mod store;

use crate::app::App;
use crate::error::Result;
use crate::ids::{EntryId, HelpdeskId};

/// Entries on one page of the log.
pub const PAGE: usize = 50;
/// Names and actions offered as filters; there are few.
const CHOICES: i64 = 200;
/// A detail is one line, and not a long one.
const DETAIL_CHARACTERS: usize = 500;

/// Who did it.
#[derive(Clone, Debug)]
pub struct By(String);

impl By {
    /// A person with this address.
    pub fn operator(email: &str) -> Self {
        Self(email.to_owned())
    }

    /// Whoever runs commands on the server.
    pub fn console() -> Self {
        Self("console".to_owned())
    }
}

/// An entry to be written.
#[derive(Clone, Debug)]
pub struct Entry {
    helpdesk_id: HelpdeskId,
    id: EntryId,
    by: By,
    action: &'static str,
    created_at: i64,
}

impl Entry {
    /// Something that is about to be done.
    pub fn new(app: &App, helpdesk_id: HelpdeskId, by: &By, action: &'static str) -> Self {
        Self {
            helpdesk_id,
            id: app.new_id(),
            by: by.clone(),
            action,
            created_at: app.now_ms(),
        }
    }

    /// Writes it down in this transaction. Never a secret, never a message's text. It stays one
    /// line whatever it tells of: a line break in a value must not look like another entry.
    ///
    /// # Errors
    /// When the database refuses; then nothing of the transaction stays.
    pub async fn write(&self, tx: &mut db::Tx, detail: &str) -> std::result::Result<(), db::Error> {
        store::insert(tx, self, &one_line(detail)).await
    }
}

fn one_line(detail: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    detail
        .chars()
        .map(|c| if breaks(c) { ' ' } else { c })
        .take(DETAIL_CHARACTERS)
        .collect()
}

/// The same entry for several helpdesks: what somebody does to their own account concerns each
/// helpdesk that they answer for.
#[derive(Clone, Debug)]
pub struct Entries(Vec<Entry>);

impl Entries {
    /// Something that is about to be done.
    pub fn new(app: &App, helpdesks: &[HelpdeskId], by: &By, action: &'static str) -> Self {
        Self(
            helpdesks
                .iter()
                .map(|id| Entry::new(app, *id, by, action))
                .collect(),
        )
    }

    /// Writes them down in this transaction, as [`Entry::write`] does.
    ///
    /// # Errors
    /// When the database refuses; then nothing of the transaction stays.
    pub async fn write(&self, tx: &mut db::Tx, detail: &str) -> std::result::Result<(), db::Error> {
        for entry in &self.0 {
            entry.write(tx, detail).await?;
        }
        Ok(())
    }
}

/// Writes down something that changes nothing else.
///
/// # Errors
/// When the database refuses; then the caller must not go on.
pub async fn note(app: &App, entry: Entry, detail: &str) -> Result<()> {
    let detail = detail.to_owned();
    Ok(app
        .db()
        .write(async move |tx: &mut db::Tx| entry.write(tx, &detail).await)
        .await?)
}

/// An entry as it is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The id; also the place in the log.
    pub id: EntryId,
    /// Who did it: an address, or `console`.
    pub actor: String,
    /// What, in words.
    pub action: String,
    /// To what.
    pub detail: String,
    /// When, epoch milliseconds.
    pub created_at: i64,
}

/// Which entries to read.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only what this one did.
    pub actor: Option<String>,
    /// Only this kind of action.
    pub action: Option<String>,
}

/// One page of the log, newest first, and the entry after which the next page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    app: &App,
    helpdesk_id: HelpdeskId,
    filter: Filter,
    before: Option<EntryId>,
) -> Result<(Vec<Recorded>, Option<EntryId>)> {
    let before = before.unwrap_or(EntryId(uuid::Uuid::max()));
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut entries = app
        .db()
        .read(async move |tx: &mut db::Tx| store::entries(tx, helpdesk_id, &filter, before, most).await)
        .await?;
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let next = entries.last().filter(|_| more).map(|entry| entry.id);
    Ok((entries, next))
}

/// Who and what stands in the log of a helpdesk: what it can be filtered by.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Who did something.
    pub actors: Vec<String>,
    /// What was done.
    pub actions: Vec<String>,
}

/// What the log can be filtered by.
///
/// # Errors
/// When the database cannot be read.
pub async fn choices(app: &App, helpdesk_id: HelpdeskId) -> Result<Choices> {
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| {
            Ok::<_, db::Error>(Choices {
                actors: store::actors(tx, helpdesk_id, CHOICES).await?,
                actions: store::actions(tx, helpdesk_id, CHOICES).await?,
            })
        })
        .await?)
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_detail_is_one_line() {
        assert_eq!(
            one_line("a\r\n2026-05-28 owner signed in\u{2028}b\0\u{85}c"),
            "a  2026-05-28 owner signed in b  c"
        );
        assert_eq!(one_line(&"ü".repeat(600)).chars().count(), 500);
    }
}
