//! Which list of the inbox somebody looks at, and what of it: one short text that rides along in
//! addresses and forms, so that the way back leads to the same place. `open.unread.email` is the
//! unread mail among all open conversations.

use crate::conversations::Channel;
use crate::conversations::inbox::{Assigned, Filter, List};
use crate::ids::ConversationId;
use serde::Deserialize;
use std::fmt;

/// A list and its filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Which {
    /// The list.
    pub list: List,
    /// What of it is shown.
    pub filter: Filter,
}

const LISTS: [(List, &str, &str); 6] = [
    (List::Mine, "mine", "Mine"),
    (List::Unassigned, "unassigned", "Unassigned"),
    (List::AllOpen, "open", "All open"),
    (List::Closed, "closed", "Closed"),
    (List::Spam, "spam", "Spam"),
    (List::Waiting, "waiting", "Waiting for confirmation"),
];
const UNREAD: &str = "unread";
const TO_NOBODY: &str = "nobody";

/// What a form about a conversation says besides: the list it was opened from.
#[derive(Debug, Deserialize)]
pub struct OpenedFrom {
    view: Option<String>,
}

impl OpenedFrom {
    /// That list.
    pub fn which(&self) -> Which {
        Which::named(self.view.as_deref())
    }

    /// That list, or all open conversations when it is one in which the conversation stands no more.
    pub fn which_after(&self, left: List) -> Which {
        match self.which() {
            which if which.list == left => Which::all_of(List::AllOpen),
            which => which,
        }
    }
}

impl Which {
    /// All of a list.
    pub fn all_of(list: List) -> Self {
        Self {
            list,
            filter: Filter::default(),
        }
    }

    /// What the text says; words it does not know are passed over, and without a list it is all
    /// open conversations.
    pub fn named(text: Option<&str>) -> Self {
        let mut which = Self::all_of(List::AllOpen);
        for word in text.unwrap_or_default().split('.') {
            if let Some((list, ..)) = LISTS.into_iter().find(|(_, name, _)| *name == word) {
                which.list = list;
            } else if word == UNREAD {
                which.filter.unread = true;
            } else if word == TO_NOBODY {
                which.filter.assigned = Some(Assigned::ToNobody);
            } else if let Some(channel) = Channel::from_name(word) {
                which.filter.channel = Some(channel);
            } else if let Ok(operator) = word.parse() {
                which.filter.assigned = Some(Assigned::To(operator));
            }
        }
        which
    }

    /// The list's name in the sidebar.
    pub fn list_name(self) -> &'static str {
        self.described().0
    }

    /// The list's title.
    pub fn title(self) -> &'static str {
        self.described().1
    }

    fn described(self) -> (&'static str, &'static str) {
        LISTS
            .into_iter()
            .find(|(list, ..)| *list == self.list)
            .map_or(("open", "All open"), |(_, name, title)| (name, title))
    }

    /// True when some of the list may be hidden.
    pub fn is_filtered(self) -> bool {
        self.filter != Filter::default()
    }

    /// The same list with another filter.
    pub fn with(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// Its address.
    pub fn address(self, base: &str) -> String {
        format!("{base}/conversations?view={self}")
    }

    /// The hidden field that names it.
    pub fn field(self) -> (String, String) {
        ("view".to_owned(), self.to_string())
    }

    /// The address of a conversation opened from it.
    pub fn conversation(self, base: &str, id: ConversationId) -> String {
        format!("{base}/conversations/{id}?view={self}")
    }
}

impl fmt::Display for Which {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.list_name())?;
        if self.filter.unread {
            write!(formatter, ".{UNREAD}")?;
        }
        if let Some(channel) = self.filter.channel {
            write!(formatter, ".{}", channel.name())?;
        }
        match self.filter.assigned {
            None => Ok(()),
            Some(Assigned::ToNobody) => write!(formatter, ".{TO_NOBODY}"),
            Some(Assigned::To(operator)) => write!(formatter, ".{operator}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let somebody = Assigned::To("0198c9a2-7a4e-7000-8000-000000000001".parse().unwrap());
        for (list, ..) in LISTS {
            for channel in [None, Some(Channel::Email), Some(Channel::TicketCenter)] {
                for assigned in [None, Some(Assigned::ToNobody), Some(somebody)] {
                    for unread in [false, true] {
                        let which = Which::all_of(list).with(Filter {
                            channel,
                            assigned,
                            unread,
                        });
                        assert_eq!(Which::named(Some(&which.to_string())), which);
                    }
                }
            }
        }
    }

    #[test]
    fn what_nobody_knows_is_passed_over() {
        assert_eq!(Which::named(None), Which::all_of(List::AllOpen));
        assert_eq!(
            Which::named(Some("closed.\u{0}.<b>..x")),
            Which::all_of(List::Closed)
        );
    }
}
