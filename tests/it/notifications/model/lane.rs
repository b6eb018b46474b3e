//! One conversation of the model: what is done to it, and the reference of its three recipients.

use super::reference::{Is, Thread, Written};
use crate::support::random::Random;
use helpdesky::app::App;
use helpdesky::contacts::VerifiedContact;
use helpdesky::conversations::by_operator::{self, Mailing};
use helpdesky::conversations::text::Body;
use helpdesky::conversations::{Channel, Conversation, by_contact};
use helpdesky::ids::{ConversationId, NotificationId};
use helpdesky::notifications::{self, Recipient};
use helpdesky::operators::Member;
use helpdesky::operators::members::Changer;

pub(super) struct Lane {
    pub(super) contact: VerifiedContact,
    pub(super) operators: [Member; 2],
    id: ConversationId,
    /// As the contact saw it when the embed last looked.
    looked: Conversation,
    count: i64,
    pub(super) to_contact: Thread,
    pub(super) to_operators: [Thread; 2],
}

/// What is done next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    ContactWrites,
    OperatorWrites(usize, Mailing),
    ContactLooks,
    ContactReads,
    OperatorSees(usize, i64),
    SendNow,
    Cancel,
    Retry(NotificationId),
    Drop(NotificationId),
    Nothing,
}

impl Step {
    /// True for what takes notice of all that was written first.
    pub(super) fn follows(self) -> bool {
        matches!(self, Self::SendNow | Self::Cancel)
    }
}

pub(super) const HOLD_MS: i64 = 60_000;

impl Lane {
    pub(super) async fn open(app: &App, contact: VerifiedContact, operators: [Member; 2]) -> Self {
        let body = Body::parse("message 1").unwrap();
        let opened = by_contact::start(app, &contact, Channel::TicketCenter, None, body, None)
            .await
            .unwrap();
        let mut lane = Self {
            contact,
            operators,
            id: opened.conversation.id,
            looked: opened.conversation,
            count: 0,
            to_contact: Thread::new(HOLD_MS),
            to_operators: [Thread::new(HOLD_MS), Thread::new(HOLD_MS)],
        };
        lane.written_by_contact(app.now_ms());
        // Opening is reading what one writes oneself.
        lane.to_contact.read(1);
        lane
    }

    pub(super) fn id(&self) -> ConversationId {
        self.id
    }

    pub(super) fn thread(&mut self, recipient: Recipient) -> &mut Thread {
        match recipient {
            Recipient::Contact { .. } => &mut self.to_contact,
            Recipient::Operator { operator_id } => {
                let which = usize::from(self.operators[1].operator.id == operator_id);
                &mut self.to_operators[which]
            }
        }
    }

    pub(super) fn threads(&mut self) -> [(Recipient, &mut Thread); 3] {
        let contact_id = self.contact.id();
        let [one, two] = &self.operators;
        let [first, second] = &mut self.to_operators;
        let operator = |member: &Member| Recipient::Operator {
            operator_id: member.operator.id,
        };
        [
            (Recipient::Contact { contact_id }, &mut self.to_contact),
            (operator(one), first),
            (operator(two), second),
        ]
    }

    pub(super) fn has_ended_lease(&mut self, now: i64) -> bool {
        self.threads()
            .iter()
            .any(|(_, thread)| thread.has_ended_lease(now))
    }

    fn written_by_contact(&mut self, at: i64) {
        self.count += 1;
        for thread in &mut self.to_operators {
            thread.write(Written {
                position: self.count,
                at,
                instantly: false,
            });
        }
    }

    pub(super) fn next(&self, random: &mut Random) -> Step {
        let which = random.below(2);
        let stuck = [&self.to_contact, &self.to_operators[0], &self.to_operators[1]]
            .into_iter()
            .find_map(Thread::stuck);
        match random.below(21) {
            0..=3 => Step::ContactWrites,
            4..=7 => Step::OperatorWrites(which, Mailing::Held),
            8 => Step::OperatorWrites(which, Mailing::Instantly),
            9 | 10 => Step::ContactLooks,
            11 => Step::ContactReads,
            12..=14 => {
                let most = usize::try_from(self.count).unwrap();
                let back = random.below(most.min(3));
                Step::OperatorSees(which, self.count - i64::try_from(back).unwrap())
            }
            15 => Step::SendNow,
            16 => Step::Cancel,
            17 | 18 => stuck.map_or(Step::Nothing, Step::Retry),
            19 => stuck.map_or(Step::Nothing, Step::Drop),
            _ => Step::Nothing,
        }
    }

    /// Does it, in the program and in the reference.
    pub(super) async fn take(&mut self, app: &App, step: Step) {
        let now = app.now_ms();
        let text = format!("message {}", self.count + 1);
        match step {
            Step::ContactWrites => {
                let body = Body::parse(&text).unwrap();
                by_contact::reply(app, &self.contact, self.id, body, None)
                    .await
                    .unwrap();
                self.written_by_contact(now);
            }
            Step::OperatorWrites(which, mailing) => {
                let body = Body::parse(&text).unwrap();
                by_operator::reply(app, &self.operators[which], self.id, body, None, mailing)
                    .await
                    .unwrap();
                self.count += 1;
                self.to_contact.write(Written {
                    position: self.count,
                    at: now,
                    instantly: mailing == Mailing::Instantly,
                });
                self.to_operators[which].read(self.count);
            }
            Step::ContactLooks => {
                self.looked = by_contact::find(app, &self.contact, self.id).await.unwrap();
            }
            // Of what was looked at, which may be less than there is by now.
            Step::ContactReads => {
                by_contact::mark_read(app, &self.contact, &self.looked)
                    .await
                    .unwrap();
                if self.looked.contact_unread > 0 {
                    self.to_contact.read(self.looked.message_count);
                }
            }
            Step::OperatorSees(which, entry) => {
                by_operator::mark_seen(app, &self.operators[which], self.id, entry)
                    .await
                    .unwrap();
                self.to_operators[which].read(entry);
            }
            Step::SendNow => {
                let sent = notifications::send_now(app, &self.operators[0], self.id)
                    .await
                    .unwrap();
                assert!(sent || self.to_contact.holds() != Some(true), "{self:?}");
                self.to_contact.hasten(now);
            }
            Step::Cancel => {
                let cancelled = notifications::cancel(app, &self.operators[0], self.id)
                    .await
                    .unwrap();
                let holds = self.to_contact.holds().unwrap_or(cancelled);
                assert_eq!(cancelled, holds, "{self:?}");
                self.to_contact.cancel();
            }
            Step::Retry(id) => {
                let by = Changer::Member(self.operators[0].clone());
                notifications::retry(app, self.contact.helpdesk_id(), &by, id)
                    .await
                    .unwrap_or_else(|error| panic!("{error}: {self:?}"));
                self.set(id, Is::Retrying { from: now, to: now });
            }
            Step::Drop(id) => {
                let by = Changer::Member(self.operators[0].clone());
                notifications::drop_it(app, self.contact.helpdesk_id(), &by, id)
                    .await
                    .unwrap_or_else(|error| panic!("{error}: {self:?}"));
                self.set(id, Is::Dropped);
            }
            Step::Nothing => {}
        }
    }

    fn set(&mut self, id: NotificationId, is: Is) {
        for (_, thread) in self.threads() {
            if thread.mails.contains_key(&id) {
                thread.set(id, is);
            }
        }
    }
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(formatter, "conversation {} of {} messages", self.id, self.count)?;
        writeln!(formatter, "to the contact: {:#?}", self.to_contact)?;
        writeln!(formatter, "to operators: {:#?}", self.to_operators)
    }
}
