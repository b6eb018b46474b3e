//! Keys by which programs hand mail in. Only their hashes are kept: a key is shown once.

use super::store;
use crate::app::App;
use crate::audit::{By, Entry};
use crate::error::{Error, Result};
use crate::ids::{EntryId, HelpdeskId};
use db::Tx;
use sha2::{Digest, Sha256};

/// How a key begins, so that people and scanners know it again.
const PREFIX: &str = "hdk_";
const NAME_CHARACTERS: usize = 80;
/// Keys of a helpdesk; more are refused.
const MOST: usize = 50;
/// How often the use of a key is written down.
const USE_MS: i64 = 60 * 60 * 1000;

/// A key, without what opens it.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Which.
    pub id: EntryId,
    /// What it is for.
    pub name: String,
    /// Its last four characters.
    pub ending: String,
    /// When it was made, epoch milliseconds.
    pub created_at: i64,
    /// When it was last used, to an hour.
    pub last_used_at: Option<i64>,
}

/// A key that was made, with the text that opens.
pub struct Made {
    /// The key.
    pub key: ApiKey,
    /// Shown once and kept nowhere.
    pub text: String,
}

/// Makes a key.
///
/// # Errors
/// When it has no name or a long one, there are too many, or the database refuses.
pub async fn make(app: &App, helpdesk_id: HelpdeskId, by: &By, name: &str) -> Result<Made> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS {
        return Err(Error::unprocessable(
            "invalid_name",
            "Say what the key is for, in 1 to 80 characters",
        ));
    }
    let text = format!("{PREFIX}{}", app.random().token());
    let key = ApiKey {
        id: app.new_id(),
        name,
        ending: text.chars().skip(text.len().saturating_sub(4)).collect(),
        created_at: app.now_ms(),
        last_used_at: None,
    };
    let (hash, entry) = (hash(&text), Entry::new(app, helpdesk_id, by, "API key created"));
    let stored = key.clone();
    app.db()
        .write(async move |tx: &mut Tx| {
            if store::keys(tx, helpdesk_id).await?.len() >= MOST {
                return Err(Error::unprocessable(
                    "too_many_keys",
                    "There are 50 keys already; remove one that is not used",
                ));
            }
            store::insert_key(tx, helpdesk_id, &stored, hash).await?;
            Ok(entry
                .write(tx, &format!("{} (…{})", stored.name, stored.ending))
                .await?)
        })
        .await?;
    Ok(Made { key, text })
}

/// The keys of a helpdesk, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<ApiKey>> {
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::keys(tx, helpdesk_id).await)
        .await?)
}

/// Removes a key: whoever holds it is refused from now on. False when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn remove(app: &App, helpdesk_id: HelpdeskId, by: &By, id: EntryId) -> Result<bool> {
    let entry = Entry::new(app, helpdesk_id, by, "API key removed");
    app.db()
        .write(async move |tx: &mut Tx| {
            let Some(name) = store::delete_key(tx, helpdesk_id, id).await? else {
                return Ok::<_, Error>(false);
            };
            entry.write(tx, &name).await?;
            Ok(true)
        })
        .await
}

/// Whose key this is; `None` when it is nobody's.
///
/// # Errors
/// When the database cannot be read.
pub async fn helpdesk_of(app: &App, text: &str) -> Result<Option<HelpdeskId>> {
    if !text.starts_with(PREFIX) {
        return Ok(None);
    }
    let (hash, now) = (hash(text), app.now_ms());
    let found = app
        .db()
        .read(async move |tx: &mut Tx| store::key(tx, hash).await)
        .await?;
    let Some((helpdesk_id, last_used_at)) = found else {
        return Ok(None);
    };
    if last_used_at.is_none_or(|at| now - at >= USE_MS) {
        let noted = app
            .db()
            .write(async move |tx: &mut Tx| store::note_use(tx, hash, now).await)
            .await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the use of an API key could not be noted");
        }
    }
    Ok(Some(helpdesk_id))
}

/// A key has 256 random bits: one round is enough.
fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
