//! Rows of the inbox in the words of the page.

use super::Which;
use crate::app::App;
use crate::conversations::{self, Author, Cursor, by_operator};
use crate::dashboard::access::Reader;
use crate::dashboard::pages::inbox::{Assignee, Channel, Group, List, Row};
use crate::dashboard::pages::shell::{Avatar, Shell};
use crate::error::Result;
use crate::ids::ConversationId;
use crate::web::time::Times;

/// One page of a list.
pub(super) async fn read(
    app: &App,
    reader: &Reader,
    shell: &Shell,
    which: Which,
    before: Option<Cursor>,
    current: Option<ConversationId>,
) -> Result<List> {
    let page = by_operator::list(app, &reader.member, which.view, before).await?;
    // A list that fits on its page needs no counting.
    let all = before.is_none() && page.next.is_none();
    let count = all.then(|| i64::try_from(page.items.len()).unwrap_or(i64::MAX));
    let rows = page
        .items
        .into_iter()
        .map(|item| row(reader, shell, which, item, current))
        .collect();
    let (empty_title, empty_hint) = match which.view {
        by_operator::View::Mine => (
            "Nothing is assigned to you",
            "Conversations that you take, or that somebody gives you, stand here.",
        ),
        by_operator::View::Unassigned => (
            "Everything has somebody",
            "New conversations stand here until somebody takes them.",
        ),
        by_operator::View::AllOpen if shell.cursor == 0 => (
            "No conversations yet",
            "Messages from the Ticket Center land here.",
        ),
        by_operator::View::AllOpen => (
            "Nothing is open",
            "New messages from the Ticket Center land here.",
        ),
        by_operator::View::Closed => (
            "Nothing was closed yet",
            "Closed conversations stand here. Writing into one opens it again.",
        ),
    };
    Ok(List {
        title: which.title,
        count,
        groups: grouped(&shell.view.times, rows),
        older: page
            .next
            .map(|next| format!("{}&before={}", which.address(&shell.base), next.encode())),
        newest: before.map(|_| which.address(&shell.base)),
        empty_title,
        empty_hint,
    })
}

fn row(
    reader: &Reader,
    shell: &Shell,
    which: Which,
    item: by_operator::Row,
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
        who: item.contact.display_name().to_owned(),
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
