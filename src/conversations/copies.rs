//! Copies of answers: whom the mails of a conversation name besides its contact, and who of them gets a copy.
//!
//! An addressee is only an address that a mail named. They see nothing, their own mails stand apart until an
//! operator lets them take part, and nobody who was not named by a mail of the conversation can be chosen.

use super::{Channel, access, not_found, store};
use crate::app::App;
use crate::contacts;
use crate::error::{Error, Result};
use crate::ids::{ConversationId, HelpdeskId};
use crate::operators::Member;
use db::Tx;
use mail::Address;

/// Copies of one answer, and addresses that are offered.
pub const MOST: usize = 20;
/// Addresses that are remembered of one mail.
const MOST_OF_A_MAIL: usize = 50;

/// An address that a mail of the conversation named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// The address.
    pub address: String,
    /// True when the latest mail did that named anybody.
    pub is_latest: bool,
}

/// What is known of copies in a conversation.
#[derive(Clone, Debug, Default)]
pub struct Copies {
    /// Whom an answer can be copied to, those named latest first.
    pub addressees: Vec<Addressee>,
    /// Whom each mail names: an address, and the entry.
    pub named: Vec<(String, i64)>,
    /// Who got a copy, or is to get one: the position of the answer, and the address.
    pub given: Vec<(i64, String)>,
}

/// What is known of copies in a conversation that came in by mail; nothing in any other.
///
/// # Errors
/// When there is no such conversation in the helpdesk, or the database cannot be read.
pub async fn of_conversation(app: &App, member: &Member, id: ConversationId) -> Result<Copies> {
    let member = member.clone();
    app.db()
        .read(async move |tx: &mut Tx| {
            let conversation = access::for_member(tx, &member, id).await?.ok_or_else(not_found)?;
            if conversation.channel != Channel::Email {
                return Ok(Copies::default());
            }
            let helpdesk_id = member.helpdesk_id;
            let contact = contacts::store::by_id(tx, helpdesk_id, conversation.contact_id).await?;
            let is_contact = |address: &str| contact.as_ref().is_some_and(|contact| contact.email == address);
            let mut named = store::addressees(tx, helpdesk_id, id).await?;
            named.retain(|(address, _)| !is_contact(address));
            Ok(Copies {
                addressees: offered(&named),
                named,
                given: store::copies(tx, helpdesk_id, id, (1, i64::MAX)).await?,
            })
        })
        .await
}

/// Each address once.
fn offered(named: &[(String, i64)]) -> Vec<Addressee> {
    let latest = named.first().map(|(_, entry)| *entry);
    let mut offered: Vec<Addressee> = Vec::new();
    for (address, entry) in named {
        if offered.len() < MOST && offered.iter().all(|one| one.address != *address) {
            offered.push(Addressee {
                address: address.clone(),
                is_latest: Some(*entry) == latest,
            });
        }
    }
    offered
}

/// Remembers whom a mail names that stands in a conversation.
///
/// # Errors
/// When the database refuses.
pub async fn remember(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    (id, entry): (ConversationId, i64),
    addresses: &[Address],
) -> std::result::Result<(), db::Error> {
    for address in addresses.iter().take(MOST_OF_A_MAIL) {
        store::insert_addressee(tx, helpdesk_id, id, address.as_str(), entry).await?;
    }
    Ok(())
}

/// Writes down who gets a copy of the answer at a position.
pub(super) async fn give(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    (id, position): (ConversationId, i64),
    chosen: &[String],
) -> Result<()> {
    if chosen.is_empty() {
        return Ok(());
    }
    if chosen.len() > MOST {
        return Err(Error::unprocessable(
            "too_many_copies",
            format!("An answer has at most {MOST} copies"),
        ));
    }
    let known = store::addressees(tx, helpdesk_id, id).await?;
    for address in chosen {
        if !known.iter().any(|(known, _)| known == address) {
            return Err(Error::unprocessable(
                "unknown_copy",
                "A copy goes only to an address that a mail of this conversation was written to",
            ));
        }
        store::insert_copy(tx, helpdesk_id, id, position, address).await?;
    }
    Ok(())
}
