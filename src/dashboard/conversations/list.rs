//! Rows of the inbox in the words of the page.

use super::{Which, filters};
use crate::app::App;
use crate::conversations::{self, Author, Cursor, inbox};
use crate::dashboard::access::Reader;
use crate::dashboard::pages::inbox::{Assignee, Channel, Group, List, Row};
use crate::dashboard::pages::shell::{Avatar, Shell};
use crate::error::Result;
use crate::ids::ConversationId;
use crate::operators::Member;
use crate::web::time::Times;

/// One page of a list.
pub(super) async fn read(
    app: &App,
    reader: &Reader,
    shell: &Shell,
    which: Which,
    members: &[Member],
    before: Option<Cursor>,
    current: Option<ConversationId>,
) -> Result<List> {
    let page = inbox::list(app, &reader.member, which.list, which.filter, before).await?;
    let looked_at_some = page.next.is_some();
    let rows = page
        .items
        .into_iter()
        .map(|item| row(reader, shell, which, item, current))
        .collect();
    let (empty_title, empty_hint) = when_empty(which, shell, looked_at_some);
    Ok(List {
        place: which.to_string(),
        title: which.title(),
        count: (!which.is_filtered()).then(|| count(which, shell)),
        groups: grouped(&shell.view.times, rows),
        filters: filters::of(reader, shell, which, members),
        older: page
            .next
            .map(|next| format!("{}&before={}", which.address(&shell.base), next.encode())),
        newest: before.map(|_| which.address(&shell.base)),
        empty_title,
        empty_hint,
    })
}

fn count(which: Which, shell: &Shell) -> i64 {
    match which.list {
        inbox::List::Mine => shell.counts.mine,
        inbox::List::Unassigned => shell.counts.unassigned,
        inbox::List::AllOpen => shell.counts.open,
        inbox::List::Closed => shell.counts.closed,
        inbox::List::Spam => shell.counts.spam,
        inbox::List::Waiting => shell.counts.waiting,
    }
}

fn when_empty(which: Which, shell: &Shell, looked_at_some: bool) -> (&'static str, &'static str) {
    match which.list {
        _ if which.is_filtered() && looked_at_some => (
            "Nothing among the newest 2,000",
            "Older conversations were not looked at yet.",
        ),
        _ if which.is_filtered() => (
            "Nothing passes this filter",
            "Take a part of it away to see more.",
        ),
        inbox::List::Mine => (
            "Nothing is assigned to you",
            "Conversations that you take, or that somebody gives you, stand here.",
        ),
        inbox::List::Unassigned => (
            "Everything has somebody",
            "New conversations stand here until somebody takes them.",
        ),
        inbox::List::AllOpen if shell.cursor == 0 => (
            "No conversations yet",
            "Messages from the Ticket Center land here.",
        ),
        inbox::List::AllOpen => (
            "Nothing is open",
            "Everything is answered and closed. New messages stand here.",
        ),
        inbox::List::Closed => (
            "Nothing is closed",
            "Closed conversations stand here. Writing into one opens it again.",
        ),
        inbox::List::Spam => (
            "No spam",
            "What the Contact Form holds for spam stands here, and nowhere else.",
        ),
        inbox::List::Waiting => (
            "Nothing waits",
            "Messages of the Contact Form stand here until their senders confirm their addresses.",
        ),
    }
}

fn row(
    reader: &Reader,
    shell: &Shell,
    which: Which,
    item: inbox::Row,
    current: Option<ConversationId>,
) -> Row {
    let conversation = item.conversation;
    let preview_by = (conversation.last_author == Author::Operator).then(|| {
        if conversation.last_operator_id == Some(reader.member.operator.id) {
            "You".to_owned()
        } else {
            conversation
                .last_author_name
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_owned()
        }
    });
    let assignee_key = conversation
        .assignee_id
        .map(|id| id.to_string())
        .unwrap_or_default();
    Row {
        id: conversation.id.to_string(),
        href: which.conversation(&shell.base, conversation.id),
        who: conversation.correspondent(&item.contact).to_owned(),
        preview_by,
        channel: channel(conversation.channel),
        at_ms: conversation.last_message_at,
        unread: item.unread,
        current: current == Some(conversation.id),
        assignee: item.assignee_name.map(|name| Assignee {
            avatar: Avatar::of(&name, &assignee_key),
            name,
        }),
        subject: conversation.subject,
        preview: conversation.preview,
    }
}

/// The rows are in order of time already: a heading stands where the stretch changes.
fn grouped(times: &Times, rows: Vec<Row>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for row in rows {
        let title = times.stretch(&row.at_ms);
        match groups.last_mut() {
            Some(group) if group.title == title => group.rows.push(row),
            _ => groups.push(Group {
                title,
                rows: vec![row],
            }),
        }
    }
    groups
}

/// A channel's icon and words.
pub(in crate::dashboard) fn channel(channel: conversations::Channel) -> Channel {
    match channel {
        conversations::Channel::TicketCenter => Channel {
            icon: "ticket",
            label: "Ticket Center",
        },
        conversations::Channel::ContactForm => Channel {
            icon: "form",
            label: "Contact Form",
        },
        conversations::Channel::Email => Channel {
            icon: "mail",
            label: "Email",
        },
        conversations::Channel::Widget => Channel {
            icon: "chat",
            label: "Help widget",
        },
    }
}
