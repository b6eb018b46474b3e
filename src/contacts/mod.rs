//! Contacts: the known persons of a helpdesk, one per canonical address.

pub(crate) mod store;

use crate::app::App;
use crate::error::Result;
use crate::ids::{ContactId, HelpdeskId};
use mail::Address;

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

/// Gives a contact a name.
///
/// # Errors
/// When the database refuses.
pub async fn set_name(app: &App, helpdesk_id: HelpdeskId, id: ContactId, name: &str) -> Result<()> {
    let name = name.to_owned();
    Ok(app
        .db()
        .write(async move |tx: &mut db::Tx| store::set_name(tx, helpdesk_id, id, &name).await)
        .await?)
}
