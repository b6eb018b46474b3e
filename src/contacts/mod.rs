//! Contacts: the known persons of a helpdesk, one per canonical address.
//!
//! Whoever makes or renames one writes its words in the same transaction: see [`words`].

pub(crate) mod store;
pub mod words;

use crate::app::App;
use crate::error::{Error, Result};
use crate::ids::{ContactId, HelpdeskId};
use crate::words::Query;
use mail::Address;

/// Contacts on one page.
pub const CONTACTS: usize = 50;
/// A word that more contacts have than this is looked for in the newest contacts, page by page.
const FEW: i64 = 2_000;
/// Contacts looked through at once, and how often for one page.
const STRETCH: i64 = 500;
const STRETCHES: usize = 6;
const NAME_CHARACTERS: usize = 120;

/// How often a repeated proof of identity is written down.
const PROOF_MS: i64 = 24 * 60 * 60 * 1000;

/// A person who wrote, or may write, to a helpdesk.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The helpdesk.
    pub helpdesk_id: HelpdeskId,
    /// The id.
    pub id: ContactId,
    /// The canonical address, which is the identity.
    pub email: String,
    /// A name, when one is known.
    pub name: Option<String>,
    /// When the address was last known to be proved by a signature, to a day.
    pub proved_at: Option<i64>,
}

impl Contact {
    /// The name, or what stands before the `@`.
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| {
            self.email
                .rsplit_once('@')
                .map_or(&self.email, |(local, _)| local)
        })
    }
}

/// A contact whose identity this request has proved, by a signature or a token made from one.
/// Only `embeds` makes these for requests; holding one is the permission to act as the contact.
#[derive(Clone, Debug)]
pub struct VerifiedContact {
    contact: Contact,
}

impl VerifiedContact {
    /// States that the identity of this contact has just been proved.
    pub fn proved(contact: Contact) -> Self {
        Self { contact }
    }

    /// The helpdesk.
    pub fn helpdesk_id(&self) -> HelpdeskId {
        self.contact.helpdesk_id
    }

    /// The contact's id.
    pub fn id(&self) -> ContactId {
        self.contact.id
    }

    /// The contact.
    pub fn contact(&self) -> &Contact {
        &self.contact
    }
}

/// The contact with this address; made when it is new. Records that the address was proved.
///
/// # Errors
/// When the database refuses.
pub async fn find_or_create_proved(app: &App, helpdesk_id: HelpdeskId, email: &Address) -> Result<Contact> {
    let now = app.now_ms();
    let address = email.as_str().to_owned();
    let found: Option<Contact> = app
        .db()
        .read(async move |tx: &mut db::Tx| store::by_email(tx, helpdesk_id, &address).await)
        .await?;
    let recently = |at: i64| (0..PROOF_MS).contains(&(now - at));
    let found = match found {
        Some(contact) if contact.proved_at.is_some_and(recently) => return Ok(contact),
        found => found,
    };
    let new = Contact {
        helpdesk_id,
        id: app.new_id(),
        email: email.as_str().to_owned(),
        name: None,
        proved_at: Some(now),
    };
    let written = app
        .db()
        .write(async move |tx: &mut db::Tx| store::upsert_proved(tx, &new, now).await)
        .await;
    match (written, found) {
        (Ok(contact), _) => Ok(contact),
        // A full disk must not keep a known contact from reading: the proof is noted another day.
        (Err(error), Some(contact)) => {
            tracing::warn!(%error, "a proof of identity could not be noted");
            Ok(contact)
        }
        (Err(error), None) => Err(error.into()),
    }
}

/// The contact of an address.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_address(app: &App, helpdesk_id: HelpdeskId, email: &Address) -> Result<Option<Contact>> {
    let email = email.as_str().to_owned();
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| store::by_email(tx, helpdesk_id, &email).await)
        .await?)
}

/// One contact of a helpdesk.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(app: &App, helpdesk_id: HelpdeskId, id: ContactId) -> Result<Option<Contact>> {
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| store::by_id(tx, helpdesk_id, id).await)
        .await?)
}

/// A contact as a list shows it.
#[derive(Clone, Debug)]
pub struct Known {
    /// The contact.
    pub contact: Contact,
    /// When they were first seen.
    pub first_seen_at: i64,
}

/// One page of contacts, newest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The contacts.
    pub items: Vec<Known>,
    /// Where older ones begin, or `None` at the end.
    pub next: Option<ContactId>,
}

/// One contact of a helpdesk, with when they were first seen.
///
/// # Errors
/// When the database cannot be read.
pub async fn known(app: &App, helpdesk_id: HelpdeskId, id: ContactId) -> Result<Option<Known>> {
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| store::known(tx, helpdesk_id, id).await)
        .await?)
}

/// All contacts, newest first, from before this one on.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(app: &App, helpdesk_id: HelpdeskId, before: Option<ContactId>) -> Result<Page> {
    let most = i64::try_from(CONTACTS + 1).unwrap_or(i64::MAX);
    let items = app
        .db()
        .read(async move |tx: &mut db::Tx| {
            Ok::<_, Error>(store::list(tx, helpdesk_id, place(before), most).await?)
        })
        .await?;
    Ok(cut(items))
}

/// Contacts in whose names and addresses words begin like all of these, newest first. A page may hold
/// fewer than it could when the words are common but rarely stand together; the next one goes on.
///
/// # Errors
/// When the database cannot be read.
pub async fn search(
    app: &App,
    helpdesk_id: HelpdeskId,
    query: &Query,
    before: Option<ContactId>,
) -> Result<Page> {
    let Some(ranges) = words::ranges(query) else {
        return Ok(Page::default());
    };
    app.db()
        .read(async move |tx: &mut db::Tx| {
            let mut rarest = (0, i64::MAX);
            for (at, range) in ranges.asked().iter().enumerate() {
                let count = store::count_words(tx, helpdesk_id, range, FEW + 1).await?;
                if count < rarest.1 {
                    rarest = (at, count);
                }
            }
            if rarest.1 <= FEW {
                let ranges = ranges.beginning_with(rarest.0);
                let most = i64::try_from(CONTACTS + 1).unwrap_or(i64::MAX);
                let items = store::with_words(tx, helpdesk_id, &ranges, place(before), most).await?;
                return Ok(cut(items));
            }
            walk(tx, helpdesk_id, &ranges, before).await
        })
        .await
}

/// Looks through the newest contacts for words that many have.
async fn walk(
    tx: &mut db::Tx,
    helpdesk_id: HelpdeskId,
    ranges: &words::Ranges,
    before: Option<ContactId>,
) -> Result<Page> {
    let mut page = Page {
        items: Vec::new(),
        next: before,
    };
    for _ in 0..STRETCHES {
        let looked = store::stretch(tx, helpdesk_id, ranges, place(page.next), STRETCH).await?;
        let whole = i64::try_from(looked.len()).unwrap_or(i64::MAX) == STRETCH;
        for (known, is_meant) in looked {
            page.next = Some(known.contact.id);
            if is_meant {
                page.items.push(known);
            }
            if page.items.len() == CONTACTS {
                return Ok(page);
            }
        }
        if !whole {
            page.next = None;
            return Ok(page);
        }
    }
    Ok(page)
}

/// The first page begins after everything.
fn place(before: Option<ContactId>) -> ContactId {
    before.unwrap_or(ContactId(uuid::Uuid::max()))
}

/// Cuts a list that was read one longer than a page, and says where the next page begins.
fn cut(mut items: Vec<Known>) -> Page {
    let next = (items.len() > CONTACTS).then(|| {
        items.truncate(CONTACTS);
        items.last().map(|known| known.contact.id)
    });
    Page {
        items,
        next: next.flatten(),
    }
}

/// A name in one line that runs in its own direction; `None` when nothing is left.
///
/// # Errors
/// When it is longer than 120 characters.
pub fn checked_name(name: &str) -> Result<Option<String>> {
    let turns = |c: &char| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let name: String = name.chars().filter(turns).collect();
    let words = name
        .split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join(" ");
    if name.chars().count() > NAME_CHARACTERS {
        return Err(Error::unprocessable(
            "invalid_name",
            "A name has at most 120 characters",
        ));
    }
    Ok((!name.is_empty()).then_some(name))
}

/// Gives a contact a name, or takes it away.
///
/// # Errors
/// When there is no such contact in the helpdesk, or the name is too long.
pub async fn rename(app: &App, helpdesk_id: HelpdeskId, id: ContactId, name: &str) -> Result<Contact> {
    let name = checked_name(name)?;
    app.db()
        .write(async move |tx: &mut db::Tx| {
            let renamed = store::rename(tx, helpdesk_id, id, name.as_deref()).await?;
            renamed.ok_or_else(not_found)
        })
        .await
}

/// The refusal for a contact that is not there, or is another helpdesk's: the same for both.
pub fn not_found() -> Error {
    Error::not_found("contact_not_found", "Contact not found")
}
