//! How many conversations stand in each list of operators. Numbers are kept, never counted: each
//! change of where a conversation stands moves them in its own transaction.

use super::{Conversation, Status, store};
use crate::app::App;
use crate::error::Result;
use crate::ids::{HelpdeskId, OperatorId};
use crate::operators::Member;
use db::{Error, Tx};

/// What decides in which lists a conversation is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) status: Status,
    pub(super) assignee_id: Option<OperatorId>,
    pub(super) unread: bool,
}

impl Standing {
    pub(super) fn of(conversation: &Conversation) -> Self {
        Self {
            status: conversation.status,
            assignee_id: conversation.assignee_id,
            unread: conversation.assignee_unread,
        }
    }

    fn is_beside(&self, other: &Self) -> bool {
        self.status == other.status && self.assignee_id == other.assignee_id
    }
}

/// Moves a conversation from where it stood, if it did, to where it stands now. Whoever calls this
/// holds the helpdesk's event counter, or touches one of these rows only and takes no lock after.
pub(super) async fn moved(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    from: Option<Standing>,
    to: Standing,
) -> std::result::Result<(), Error> {
    match from {
        Some(from) if from == to => Ok(()),
        Some(from) if from.is_beside(&to) => {
            let unread = i64::from(to.unread) - i64::from(from.unread);
            store::add_to_count(tx, helpdesk_id, to, 0, unread).await
        }
        from => {
            if let Some(from) = from {
                store::add_to_count(tx, helpdesk_id, from, -1, -i64::from(from.unread)).await?;
            }
            store::add_to_count(tx, helpdesk_id, to, 1, i64::from(to.unread)).await
        }
    }
}

/// How many conversations each list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Open and assigned to this operator.
    pub mine: i64,
    /// Of these, the ones with something new from the contact.
    pub mine_unread: i64,
    /// Open and assigned to nobody.
    pub unassigned: i64,
    /// All open ones.
    pub open: i64,
    /// All closed ones.
    pub closed: i64,
    /// Spam.
    pub spam: i64,
    /// What waits until its sender confirms their address.
    pub waiting: i64,
}

/// The numbers beside the lists: as many rows as operators were ever assigned something.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(app: &App, member: &Member) -> Result<Counts> {
    let helpdesk_id = member.helpdesk_id;
    let rows = app
        .db()
        .read(async move |tx: &mut Tx| store::counts(tx, helpdesk_id).await)
        .await?;
    let mut counts = Counts::default();
    for row in rows {
        match row.status {
            Status::Open => {}
            Status::Closed => {
                counts.closed += row.conversations;
                continue;
            }
            Status::Spam => {
                counts.spam += row.conversations;
                continue;
            }
            Status::Waiting => {
                counts.waiting += row.conversations;
                continue;
            }
        }
        counts.open += row.conversations;
        match row.assignee_id {
            None => counts.unassigned += row.conversations,
            Some(assignee_id) if assignee_id == member.operator.id => {
                counts.mine = row.conversations;
                counts.mine_unread = row.unread;
            }
            Some(_) => {}
        }
    }
    Ok(counts)
}
