//! The post: mails that are due are claimed below, made and carried by the channel, and what became of
//! them is written down below again.

use crate::app::App;
use crate::error::Result;
use crate::mail_in::mails;
use crate::mail_out::post::{self, Queue};
use crate::mail_out::{self, Outgoing};
use crate::notifications::{self, Claimed, Recipient, Says};
use uuid::Uuid;

/// Carries mail until the application stops.
pub(super) async fn run(app: &App) {
    match notifications::give_up_claims(app).await {
        Ok(0) => {}
        Ok(mails) => tracing::warn!(
            mails,
            "this node stopped in the middle of sending; these mails are uncertain"
        ),
        Err(error) => {
            tracing::warn!(%error, "mails of before the start are uncertain only when their lease ends");
        }
    }
    post::run(app, &Notifications).await;
}

struct Notifications;

impl Queue for Notifications {
    type Claimed = Claimed;
    const TOPIC: Uuid = notifications::TOPIC;

    async fn next_due(&self, app: &App) -> Result<Option<i64>> {
        notifications::next_due(app).await
    }

    async fn claim(&self, app: &App, limit: usize) -> Result<Vec<Claimed>> {
        notifications::claim_due(app, limit).await
    }

    async fn outgoing(&self, app: &App, claimed: &Claimed) -> Outgoing {
        let claimed = claimed.clone();
        let (base_url, helpdesk_id) = (&app.config().base_url, claimed.helpdesk_id);
        let (recipient, unsubscribe_url) = match claimed.recipient {
            Recipient::Contact { contact_id } => {
                let token = notifications::unsubscribe_token(app, helpdesk_id, contact_id);
                let url = format!("{base_url}/unsubscribe/{token}");
                (mail_out::Recipient::Contact { contact_id }, url)
            }
            Recipient::Operator { operator_id } => {
                let url = format!("{base_url}/h/{helpdesk_id}/settings/notifications");
                (mail_out::Recipient::Operator { operator_id }, url)
            }
        };
        // Mail programs show it where the contact wrote; without it the mail goes all the same.
        let mut answers = match recipient {
            mail_out::Recipient::Contact { .. } => {
                mails::message_ids(app, helpdesk_id, claimed.conversation_id)
                    .await
                    .unwrap_or_default()
            }
            mail_out::Recipient::Operator { .. } => Vec::new(),
        };
        if matches!(claimed.says, Some(Says::Received(_))) {
            // It answers the mail that opened the conversation, whatever came after it.
            answers.truncate(1);
        }
        let confirm_url = match claimed.recipient {
            Recipient::Contact { contact_id } if claimed.says == Some(Says::Confirm) => {
                let token = notifications::confirmation_token(app, helpdesk_id, contact_id);
                Some(format!("{base_url}/confirm/{token}"))
            }
            _ => None,
        };
        let carried = |messages: Vec<notifications::Carried>| {
            let messages = messages.into_iter().map(|carried| mail_out::Carried {
                message_id: carried.message_id,
                position: carried.position,
                author: carried.author_name,
                body: carried.body,
                files: carried.files,
                created_at: carried.created_at,
            });
            messages.collect()
        };
        Outgoing {
            id: claimed.id.0,
            helpdesk_id,
            conversation_id: claimed.conversation_id,
            recipient,
            name: claimed.name,
            address: claimed.address,
            // Whoever gets a copy must not be able to stop the contact's mails.
            unsubscribe_url: Some(unsubscribe_url).filter(|_| claimed.copies.is_empty()),
            confirm_url,
            copies: claimed.copies,
            subject: claimed.subject,
            messages: carried(claimed.messages),
            quoted: carried(claimed.quoted),
            earlier: claimed.earlier.into_iter().map(|id| id.0).collect(),
            answers,
            content_free: claimed.content_free,
            unverified: claimed.unverified,
            acknowledgement: match claimed.says {
                Some(Says::Received(words)) => Some(mail_out::Acknowledgement {
                    subject: words.subject,
                    text: words.text,
                }),
                Some(Says::Confirm) | None => None,
            },
        }
    }

    async fn record(&self, app: &App, claimed: Claimed, outcome: mail_out::Outcome) -> Result<()> {
        use notifications::Outcome;
        let outcome = match outcome {
            mail_out::Outcome::Accepted { words } => Outcome::Accepted { words },
            mail_out::Outcome::Refused {
                words,
                address_is_bad,
            } => Outcome::Refused {
                words,
                address_is_bad,
            },
            mail_out::Outcome::Later { words } => Outcome::Later { words },
            mail_out::Outcome::NotSetUp { words } => Outcome::NotSetUp { words },
            mail_out::Outcome::Uncertain { words } => Outcome::Uncertain { words },
        };
        if !notifications::record(app, &claimed, outcome).await? {
            tracing::info!(mail = %claimed.id, "somebody else dealt with this mail meanwhile");
        }
        Ok(())
    }
}
