//! The filters above a list: links, so that they work without scripts and can be kept as bookmarks.

use super::Which;
use super::list::channel;
use crate::conversations::Channel;
use crate::conversations::inbox::{Assigned, Filter, List};
use crate::dashboard::access::Reader;
use crate::dashboard::pages::inbox::{Choice, Choices, Filters};
use crate::dashboard::pages::shell::Shell;
use crate::operators::Member;

const CHANNELS: [Channel; 3] = [Channel::TicketCenter, Channel::ContactForm, Channel::Email];

/// The filters of a list as they are set.
pub(super) fn of(reader: &Reader, shell: &Shell, which: Which, members: &[Member]) -> Filters {
    let filter = which.filter;
    let set = |filter: Filter| which.with(filter).address(&shell.base);
    let mut menus = vec![by_channel(filter, &set)];
    // The other lists say to whom their conversations are assigned.
    if matches!(
        which.list,
        List::AllOpen | List::Closed | List::Spam | List::Waiting
    ) {
        menus.push(by_assignee(reader, filter, members, &set));
    }
    Filters {
        unread: Choice {
            label: "Unread".to_owned(),
            href: set(Filter {
                unread: !filter.unread,
                ..filter
            }),
            on: filter.unread,
        },
        menus,
        clear: which.is_filtered().then(|| set(Filter::default())),
    }
}

fn by_channel(filter: Filter, set: &impl Fn(Filter) -> String) -> Choices {
    let choice = |wanted: Option<Channel>, label: &str| Choice {
        label: label.to_owned(),
        href: set(Filter {
            channel: wanted,
            ..filter
        }),
        on: filter.channel == wanted,
    };
    let mut choices = vec![choice(None, "Every channel")];
    choices.extend(CHANNELS.map(|one| choice(Some(one), channel(one).label)));
    Choices {
        title: "Channel",
        set_to: filter.channel.map(|one| channel(one).label.to_owned()),
        choices,
    }
}

fn by_assignee(
    reader: &Reader,
    filter: Filter,
    members: &[Member],
    set: &impl Fn(Filter) -> String,
) -> Choices {
    let choice = |wanted: Option<Assigned>, label: String| Choice {
        label,
        href: set(Filter {
            assigned: wanted,
            ..filter
        }),
        on: filter.assigned == wanted,
    };
    let mut choices = vec![
        choice(None, "Everybody".to_owned()),
        choice(Some(Assigned::ToNobody), "Nobody".to_owned()),
    ];
    choices.extend(members.iter().map(|member| {
        let is_me = member.operator.id == reader.member.operator.id;
        let name = &member.operator.name;
        let label = if is_me {
            format!("{name} (you)")
        } else {
            name.clone()
        };
        choice(Some(Assigned::To(member.operator.id)), label)
    }));
    let set_to = choices.iter().skip(1).find(|choice| choice.on);
    Choices {
        title: "Assignee",
        // An operator who is gone has no name any more, and the filter is still set.
        set_to: filter
            .assigned
            .map(|_| set_to.map_or_else(|| "Somebody who left".to_owned(), |one| one.label.clone())),
        choices,
    }
}
