//! Mails that open a conversation.

use super::{Filing, Settled};
use crate::contacts::{self, Contact};
use crate::conversations::by_mail::{self, Opening, Placed};
use crate::conversations::text::Body;
use crate::error::Result;
use crate::mail_in::rules::{self, Treatment};
use crate::mail_in::{Reason, State, store};
use crate::operators::{self, Member};
use db::Tx;
use mail::parsed::Correspondent;
use mail::reply;

impl Filing {
    /// A mail that answers none of ours.
    pub(super) async fn open_unthreaded(
        &self,
        tx: &mut Tx,
        author: &Correspondent,
        reason: Reason,
    ) -> Result<Settled> {
        let helpdesk_id = self.helpdesk_id();
        if let Some(original) = &self.read.original {
            let members = operators::members_of(tx, helpdesk_id).await?;
            let email = author.address.as_str();
            let by = members.into_iter().find(|member| member.operator.email == email);
            if let Some(by) = by.filter(|by| original.author.address.as_str() != by.operator.email) {
                return self.open_forwarded(tx, &by).await;
            }
        }
        let twin = store::with_message_id(tx, helpdesk_id, &self.facts.message_id).await?;
        let reason = if twin.is_some() {
            Reason::PossibleDuplicate
        } else {
            reason
        };
        let settled = self.open_for_author(tx, reason).await?;
        Ok(Settled {
            related_id: twin,
            ..settled
        })
    }

    /// A conversation of whoever wrote the mail.
    pub(super) async fn open_for_author(&self, tx: &mut Tx, reason: Reason) -> Result<Settled> {
        let mail = &self.read.mail;
        // An operator who delivers it as new has seen that the author is doubtful.
        let author = mail.from.one().or_else(|| match &mail.from {
            mail::parsed::From::Several(several) => several.first(),
            _ => mail.sender.as_ref().or_else(|| mail.reply_to.first()),
        });
        let Some(author) = author else {
            return Ok(Settled::new(State::Quarantined, Reason::NoAuthor));
        };
        let body = self.body(&self.read.new_text);
        let is_verified = self.is_verified && mail.doubts.is_empty();
        let placed = self.open(tx, author, &mail.subject, body, is_verified).await?;
        self.attach(tx, placed, true).await?;
        self.remember_addressees(tx, placed).await?;
        Ok(Settled::filed(reason, placed))
    }

    /// What an operator passed on is its author's; what the operator wrote above is a note.
    async fn open_forwarded(&self, tx: &mut Tx, by: &Member) -> Result<Settled> {
        let Some(original) = &self.read.original else {
            return self.open_for_author(tx, Reason::NoToken).await;
        };
        let trimmed = reply::trim(&original.text).new_text(&original.text);
        let body = self.body(&trimmed);
        let placed = self
            .open(tx, &original.author, &original.subject, body, false)
            .await?;
        self.attach(tx, placed, true).await?;
        // A comment is an operator's word: only when the mail is known to be theirs.
        if let Some(comment) = Body::of_mail(&original.comment).filter(|_| self.is_verified)
            && let Some(opened) = by_mail::lock(tx, self.helpdesk_id(), placed.conversation_id).await?
        {
            by_mail::note(tx, opened, by, self.note_id, &comment, self.now).await?;
        }
        Ok(Settled {
            words: by.operator.email.clone(),
            ..Settled::filed(Reason::Forwarded, placed)
        })
    }

    async fn open(
        &self,
        tx: &mut Tx,
        author: &Correspondent,
        subject: &str,
        body: Body,
        is_verified: bool,
    ) -> Result<Placed> {
        let helpdesk_id = self.helpdesk_id();
        let name = contacts::checked_name(&author.name).unwrap_or_default();
        let new = Contact {
            helpdesk_id,
            id: self.contact_id,
            email: author.address.as_str().to_owned(),
            // Somebody else's mail must not name a contact.
            name: name.clone().filter(|_| is_verified),
            proved_at: None,
        };
        let contact = contacts::store::find_or_insert(tx, &new, self.now).await?;
        let treatment = rules::treatment(tx, helpdesk_id, &author.address).await?;
        let opening = Opening {
            conversation_id: self.conversation_id,
            message_id: self.message_id,
            subject: subject.to_owned(),
            sender_name: name.unwrap_or_default(),
            body,
            unverified: !is_verified,
            is_spam: treatment == Some(Treatment::Block),
            now: self.now,
        };
        by_mail::open(tx, &contact, &opening).await
    }
}
