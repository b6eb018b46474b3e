//! What should happen to the mails of one recipient about one conversation, said once more and
//! without a database: small enough to be read in one go.

use helpdesky::ids::NotificationId;
use helpdesky::notifications::{Claimed, LEASE_MS};
use std::collections::BTreeMap;

/// A message of the other side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) position: i64,
    pub(super) at: i64,
    pub(super) instantly: bool,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    first: i64,
    last: i64,
    due: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    Sending {
        lease: i64,
    },
    /// Due at some time between these: the jitter is not known here.
    Retrying {
        from: i64,
        to: i64,
    },
    Accepted,
    Failed,
    Uncertain,
    Seen,
    Dropped,
}

#[derive(Clone, Debug)]
pub(super) struct Mail {
    first: i64,
    last: i64,
    pub(super) attempt: i64,
    pub(super) is: Is,
}

/// What a claim may and must answer for this recipient.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// The mail (nothing for one that was held) with the messages it carries, and whether it must come.
    pub(super) claim: Option<(Option<NotificationId>, Vec<i64>, bool)>,
}

#[derive(Debug, Default)]
pub(super) struct Thread {
    hold_ms: i64,
    written: Vec<i64>,
    unfollowed: Vec<Written>,
    pub(super) seen: i64,
    covered: i64,
    pending: Option<Pending>,
    pub(super) mails: BTreeMap<NotificationId, Mail>,
    /// Messages that were taken back.
    pub(super) cancelled: Vec<i64>,
}

impl Thread {
    pub(super) fn new(hold_ms: i64) -> Self {
        Self {
            hold_ms,
            ..Self::default()
        }
    }

    pub(super) fn write(&mut self, written: Written) {
        self.written.push(written.position);
        self.unfollowed.push(written);
    }

    pub(super) fn read(&mut self, position: i64) {
        self.seen = self.seen.max(position);
    }

    /// The program takes notice of what was written.
    pub(super) fn follow(&mut self) {
        for new in std::mem::take(&mut self.unfollowed) {
            let hold_ms = if new.instantly { 0 } else { self.hold_ms };
            match &mut self.pending {
                Some(pending) if pending.last >= new.position => continue,
                // The time does not slide.
                Some(pending) if self.seen < pending.last => pending.last = new.position,
                _ if self.covered >= new.position => continue,
                // All was read before: the time begins anew.
                _ => {
                    self.pending = Some(Pending {
                        first: new.position,
                        last: new.position,
                        due: new.at + hold_ms,
                    });
                }
            }
            self.covered = self.covered.max(new.position);
            if new.instantly {
                self.hasten(new.at);
            }
        }
    }

    /// What waits is due now; false when nothing with an unread message does.
    pub(super) fn hasten(&mut self, now: i64) {
        if let Some(pending) = &mut self.pending {
            pending.due = pending.due.min(now);
        }
        for mail in self.mails.values_mut() {
            if let Is::Retrying { from, to } = &mut mail.is {
                *from = now.min(*from);
                *to = now.min(*to);
            }
        }
    }

    /// Whether something is held: yes, no, or nobody can tell because all of it was read.
    pub(super) fn holds(&self) -> Option<bool> {
        match &self.pending {
            None => Some(false),
            Some(pending) if self.seen < pending.last => Some(true),
            Some(_) => None,
        }
    }

    pub(super) fn cancel(&mut self) {
        if let Some(pending) = self.pending.take() {
            let taken = self.between(pending.first, pending.last);
            self.cancelled.extend(taken);
        }
    }

    fn between(&self, first: i64, last: i64) -> Vec<i64> {
        let within = |position: &&i64| (first..=last).contains(*position);
        self.written.iter().filter(within).copied().collect()
    }

    fn unread(&self, first: i64, last: i64) -> Vec<i64> {
        self.between(first.max(self.seen + 1), last)
    }

    pub(super) fn expected(&mut self, now: i64, all: bool) -> Expected {
        let mut open = None;
        for (id, mail) in &mut self.mails {
            match mail.is {
                Is::Sending { lease } if lease <= now => mail.is = Is::Uncertain,
                Is::Sending { .. } | Is::Retrying { .. } => open = Some((*id, mail.clone())),
                _ => {}
            }
        }
        let mut certain = true;
        match open {
            None => {}
            Some((
                _,
                Mail {
                    is: Is::Sending { .. },
                    ..
                },
            )) => return Expected::default(),
            Some((id, mail)) => {
                let Is::Retrying { from, to } = mail.is else {
                    unreachable!("{mail:?}")
                };
                if now < from {
                    return Expected::default();
                }
                let unread = self.unread(mail.first, mail.last);
                if !unread.is_empty() {
                    let claim = Some((Some(id), unread, now >= to));
                    return Expected { claim };
                }
                // Who claims only some may not have come to this one.
                certain = all && now >= to;
                if certain {
                    self.set(id, Is::Seen);
                }
            }
        }
        let Some(pending) = self.pending.filter(|pending| pending.due <= now) else {
            return Expected::default();
        };
        // All was read: the mail has lost its reason, whatever was written a moment ago.
        if self.seen >= pending.last {
            return Expected::default();
        }
        let unread = self.unread(pending.first, i64::MAX);
        Expected {
            claim: Some((None, unread, certain)),
        }
    }

    /// Notes a claim that was expected.
    pub(super) fn claim(&mut self, claimed: &Claimed, now: i64) {
        let lease = now + LEASE_MS;
        if let Some(mail) = self.mails.get_mut(&claimed.id) {
            mail.attempt += 1;
            mail.is = Is::Sending { lease };
            return;
        }
        for mail in self.mails.values_mut() {
            if matches!(mail.is, Is::Retrying { .. }) {
                mail.is = Is::Seen;
            }
        }
        let pending = self.pending.take().unwrap();
        let carried = claimed.messages.last().unwrap().position;
        let last = pending.last.max(carried);
        self.covered = self.covered.max(last);
        self.mails.insert(
            claimed.id,
            Mail {
                first: pending.first,
                last,
                attempt: 1,
                is: Is::Sending { lease },
            },
        );
    }

    /// Mails that may have arrived, in the order of their messages.
    pub(super) fn earlier(&self) -> Vec<NotificationId> {
        let mut arrived: Vec<(i64, NotificationId)> = self
            .mails
            .iter()
            .filter(|(_, mail)| matches!(mail.is, Is::Accepted | Is::Uncertain))
            .map(|(id, mail)| (mail.last, *id))
            .collect();
        arrived.sort_unstable();
        arrived.into_iter().map(|(_, id)| id).collect()
    }

    pub(super) fn has_ended_lease(&self, now: i64) -> bool {
        let ended = |mail: &Mail| matches!(mail.is, Is::Sending { lease } if lease <= now);
        self.mails.values().any(ended)
    }

    pub(super) fn set(&mut self, id: NotificationId, is: Is) {
        self.mails.get_mut(&id).unwrap().is = is;
    }

    /// A mail that an operator may retry or drop, when no other is on its way.
    pub(super) fn stuck(&self) -> Option<NotificationId> {
        let on_its_way = |mail: &Mail| matches!(mail.is, Is::Sending { .. } | Is::Retrying { .. });
        if self.mails.values().any(on_its_way) {
            return None;
        }
        let stuck = |mail: &Mail| matches!(mail.is, Is::Failed | Is::Uncertain);
        self.mails.iter().find(|(_, mail)| stuck(mail)).map(|(id, _)| *id)
    }

    /// What became of each message that was neither read nor taken back; nothing may be left over.
    pub(super) fn left_over(&self) -> Vec<i64> {
        let dealt_with = |position: &i64| {
            *position <= self.seen
                || self.cancelled.contains(position)
                || self
                    .mails
                    .values()
                    .any(|mail| (mail.first..=mail.last).contains(position))
        };
        let left = self.written.iter().filter(|position| !dealt_with(position));
        left.copied().collect()
    }
}
