//! The audit log: who did what that matters for security. Entries are added, never changed, and in
//! the transaction that does what they tell of: neither stands without the other.

mod store;

use crate::app::App;
use crate::ids::{EntryId, HelpdeskId};

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

    /// Writes it down in this transaction. Never a secret, never a message's text.
    ///
    /// # Errors
    /// When the database refuses; then nothing of the transaction stays.
    pub async fn write(&self, tx: &mut db::Tx, detail: &str) -> Result<(), db::Error> {
        store::insert(tx, self, detail).await
    }
}

/// Writes down something that changes nothing else.
///
/// # Errors
/// When the database refuses; then the caller must not go on.
pub async fn note(app: &App, entry: Entry, detail: &str) -> crate::error::Result<()> {
    let detail = detail.to_owned();
    Ok(app
        .db()
        .write(async move |tx: &mut db::Tx| entry.write(tx, &detail).await)
        .await?)
}
