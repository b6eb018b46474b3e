//! The operators' lists: which conversations stand in one, and in what order.

use super::{Channel, Conversation, Cursor, Page, Status, store};
use crate::app::App;
use crate::contacts::Contact;
use crate::error::Result;
use crate::ids::{ContactId, OperatorId};
use crate::operators::Member;
use db::Tx;

/// Conversations on one page.
pub const CONVERSATIONS: i64 = 50;
/// How many conversations of a list are looked at for one filtered page: a filter that hardly
/// anything passes must not read the whole list.
pub const LOOKED_AT: i64 = 2_000;

/// A list of the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Open and assigned to this operator.
    Mine,
    /// Open and assigned to nobody.
    Unassigned,
    /// All open ones.
    AllOpen,
    /// Closed ones.
    Closed,
    /// Spam, which stands in no other list.
    Spam,
    /// What waits until its sender confirms their address, and stands in no other list.
    Waiting,
}

/// To whom a conversation is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// To nobody.
    ToNobody,
    /// To this operator.
    To(OperatorId),
}

/// What of a list is shown; by default all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only what came in this way.
    pub channel: Option<Channel>,
    /// Only what is assigned so. The lists Mine and Unassigned say that themselves.
    pub assigned: Option<Assigned>,
    /// Only where the contact wrote something that this operator has not seen.
    pub unread: bool,
}

/// A conversation as one row of the inbox.
#[derive(Clone, Debug)]
pub struct Row {
    /// The conversation.
    pub conversation: Conversation,
    /// Whose it is.
    pub contact: Contact,
    /// Who looks after it.
    pub assignee_name: Option<String>,
    /// True when the contact wrote something that this operator has not seen.
    pub unread: bool,
}

/// The range of an index that a list reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) status: Status,
    pub(super) assigned: Option<Assigned>,
}

impl Range {
    fn of(list: List, filter: Filter, member: &Member) -> Self {
        let assigned = match list {
            List::Mine => Some(Assigned::To(member.operator.id)),
            List::Unassigned => Some(Assigned::ToNobody),
            List::AllOpen | List::Closed | List::Spam | List::Waiting => filter.assigned,
        };
        let status = match list {
            List::Mine | List::Unassigned | List::AllOpen => Status::Open,
            List::Closed => Status::Closed,
            List::Spam => Status::Spam,
            List::Waiting => Status::Waiting,
        };
        Self { status, assigned }
    }
}

/// One page of a contact's conversations of every channel, open and closed, latest message first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_contact(
    app: &App,
    member: &Member,
    contact_id: ContactId,
    before: Option<Cursor>,
) -> Result<Page<Conversation>> {
    let helpdesk_id = member.helpdesk_id;
    let mut items = app
        .db()
        .read(async move |tx: &mut Tx| {
            store::by_contact(tx, helpdesk_id, contact_id, before, CONVERSATIONS + 1).await
        })
        .await?;
    let next = super::cut_page(&mut items, CONVERSATIONS);
    Ok(Page { items, next })
}

/// One page of a list, latest message first. A filtered page may hold few or none and still have a
/// next one: then [`LOOKED_AT`] conversations were looked at.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    app: &App,
    member: &Member,
    list: List,
    filter: Filter,
    before: Option<Cursor>,
) -> Result<Page<Row>> {
    let (member, range) = (member.clone(), Range::of(list, filter, member));
    let most = CONVERSATIONS + 1;
    let (mut items, end) = app
        .db()
        .read(async move |tx: &mut Tx| {
            if filter.channel.is_none() && !filter.unread {
                let rows = store::inbox(tx, &member, range, before, most).await?;
                return Ok::<_, db::Error>((rows, None));
            }
            let rows = store::inbox_filtered(tx, &member, range, filter, before, most).await?;
            let end = if rows.len() < usize::try_from(most).unwrap_or(usize::MAX) {
                store::place_after(tx, &member, range, before, LOOKED_AT).await?
            } else {
                None
            };
            Ok((rows, end))
        })
        .await?;
    let next = super::cut_page(&mut items, CONVERSATIONS).or(end);
    Ok(Page { items, next })
}
