//! To which conversation a mail belongs. A token is a claim; it is believed when it was made by us, for this
//! helpdesk, this conversation and whoever wrote the mail. A subject is never enough.

use crate::contacts::{self, Contact};
use crate::conversations::{Conversation, by_mail};
use crate::error::Result;
use crate::ids::HelpdeskId;
use crate::operators::{self, Member};
use db::Tx;
use mail::token::{Claim, Recipient, Thread, TokenKey};
use mail::tokens::Candidate;

/// What the tokens of a mail come to.
pub(super) enum Found {
    /// Its author was sent the token: the contact, or an operator who was notified.
    Contact(Conversation, Contact),
    /// Its author was let into the conversation, and shows the contact's token.
    Participant(Conversation, Contact),
    /// An operator's token in a mail with the operator's address.
    Operator(Conversation, Member),
    /// A good token of somebody else.
    OtherSender(Conversation),
    /// The conversation is in spam.
    InSpam,
    /// There were tokens, and none was good.
    Forged,
    /// There was none.
    Nothing,
}

/// Looks at the tokens, the best place first. `author` is the one author of the mail.
pub(super) async fn find(
    tx: &mut Tx,
    key: &TokenKey,
    helpdesk_id: HelpdeskId,
    candidates: &[Candidate],
    author: Option<&str>,
) -> Result<Found> {
    let mut found = if candidates.is_empty() {
        Found::Nothing
    } else {
        Found::Forged
    };
    let contact = match author {
        Some(email) => contacts::store::by_email(tx, helpdesk_id, email).await?,
        None => None,
    };
    for candidate in candidates {
        let claim = &candidate.claim;
        if !key.may_be_of(claim, helpdesk_id.0) {
            continue;
        }
        let id = claim.conversation().into();
        let Some(conversation) = by_mail::lock(tx, helpdesk_id, id).await? else {
            continue;
        };
        match of_conversation(tx, key, claim, conversation, (author, contact.as_ref())).await? {
            Found::Forged => {}
            // Another token of the same mail may prove more.
            weak @ (Found::OtherSender(_) | Found::InSpam) => {
                if matches!(found, Found::Forged) {
                    found = weak;
                }
            }
            proved => return Ok(proved),
        }
    }
    Ok(found)
}

async fn of_conversation(
    tx: &mut Tx,
    key: &TokenKey,
    claim: &Claim,
    conversation: Conversation,
    (author, contact): (Option<&str>, Option<&Contact>),
) -> Result<Found> {
    let proves = |recipient: Recipient| {
        let thread = Thread {
            helpdesk: conversation.helpdesk_id.0,
            conversation: conversation.id.0,
            recipient,
        };
        key.proves(claim, &thread)
    };
    let of_contact = proves(Recipient::Contact(conversation.contact_id.0));
    let members = operators::members_of(tx, conversation.helpdesk_id).await?;
    let of_operator = members
        .into_iter()
        .find(|member| proves(Recipient::Operator(member.operator.id.0)));
    if !of_contact && of_operator.is_none() {
        return Ok(Found::Forged);
    }
    if let Some(member) = of_operator {
        return Ok(if author == Some(member.operator.email.as_str()) {
            Found::Operator(conversation, member)
        } else {
            Found::OtherSender(conversation)
        });
    }
    if conversation.status.is_hidden() {
        return Ok(Found::InSpam);
    }
    match contact {
        Some(contact) if contact.id == conversation.contact_id => {
            Ok(Found::Contact(conversation, contact.clone()))
        }
        Some(contact) if by_mail::takes_part(tx, &conversation, contact.id).await? => {
            Ok(Found::Participant(conversation, contact.clone()))
        }
        _ => Ok(Found::OtherSender(conversation)),
    }
}
