//! Reports that a mail was not delivered.

use super::{Filing, Settled, WORDS_CHARACTERS};
use crate::error::Result;
use crate::ids::ConversationId;
use crate::mail_in::{Reason, State};
use crate::notifications;
use db::Tx;
use mail::bounce::Outcome;
use mail::token::{Recipient, Thread, mail_of_message_id};
use mail::tokens::in_ids;

impl Filing {
    /// A report changes something only when it names a mail that we sent, by the token in its Message-ID.
    pub(super) async fn bounce(&self, tx: &mut Tx) -> Result<Settled> {
        let helpdesk_id = self.helpdesk_id();
        let Some(report) = &self.read.report else {
            return Ok(Settled::new(State::Noted, Reason::UnknownBounce));
        };
        let failure = report
            .failures
            .iter()
            .find(|failure| failure.outcome == Outcome::Permanent)
            .or_else(|| report.failures.first());
        let words = failure.map_or(String::new(), |failure| {
            let status = failure.status.as_deref().unwrap_or_default();
            let recipient = failure.recipient.as_ref().map_or("", |address| address.as_str());
            let line = [recipient, status, failure.diagnostic.as_str()].join(" ");
            mail::one_line(&line, WORDS_CHARACTERS)
        });
        let is_permanent = failure.is_some_and(|failure| failure.outcome == Outcome::Permanent);
        for id in &report.ids {
            let Some(mail_id) = mail_of_message_id(id) else {
                continue;
            };
            for candidate in in_ids([id.as_str()]) {
                let conversation_id: ConversationId = candidate.claim.conversation().into();
                for sent in notifications::sent_about(tx, helpdesk_id, conversation_id).await? {
                    let recipient = match sent.recipient {
                        notifications::Recipient::Contact { contact_id } => Recipient::Contact(contact_id.0),
                        notifications::Recipient::Operator { operator_id } => {
                            Recipient::Operator(operator_id.0)
                        }
                    };
                    let thread = Thread {
                        helpdesk: helpdesk_id.0,
                        conversation: conversation_id.0,
                        recipient,
                    };
                    let is_it = sent.id.0.as_u64_pair().1.to_be_bytes() == mail_id;
                    if is_it && self.key.proves(&candidate.claim, &thread) {
                        if is_permanent {
                            notifications::bounced(tx, helpdesk_id, sent.id, &words, self.now).await?;
                        }
                        return Ok(Settled {
                            words,
                            other_conversation_id: Some(conversation_id),
                            ..Settled::new(State::Noted, Reason::Bounce)
                        });
                    }
                }
            }
        }
        Ok(Settled {
            words,
            ..Settled::new(State::Noted, Reason::UnknownBounce)
        })
    }
}
