//! The inbox: the list of a view, and beside it the conversation that is open.

use super::SAMPLE_NOW_MS;
use super::shell::{Avatar, Shell};
use crate::web::page::View;
use askama::Template;

/// Where a conversation came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The icon's name.
    pub icon: &'static str,
    /// In words.
    pub label: &'static str,
}

/// Who a conversation is assigned to.
#[derive(Clone, Debug)]
pub struct Assignee {
    /// The name.
    pub name: String,
    /// The mark.
    pub avatar: Avatar,
}

/// One conversation in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// The contact's name or address.
    pub who: String,
    /// The subject.
    pub subject: String,
    /// The beginning of the latest message.
    pub preview: String,
    /// Who wrote that, when it was not the contact.
    pub preview_by: Option<String>,
    /// The channel.
    pub channel: Channel,
    /// When it was written.
    pub at_ms: i64,
    /// Whether the reader has not seen it.
    pub unread: bool,
    /// Whether it is the one open beside the list.
    pub current: bool,
    /// Who answers.
    pub assignee: Option<Assignee>,
}

/// Rows under one heading.
#[derive(Clone, Debug)]
pub struct Group {
    /// "Today", "Older".
    pub title: &'static str,
    /// The rows.
    pub rows: Vec<Row>,
}

/// The list of one view.
#[derive(Clone, Debug)]
pub struct List {
    /// The view's name.
    pub title: &'static str,
    /// How many conversations it has, where that is counted.
    pub count: Option<i64>,
    /// One page of them.
    pub groups: Vec<Group>,
    /// The address of the next page.
    pub older: Option<String>,
    /// The address of the first page, on any other.
    pub newest: Option<String>,
    /// What an empty list says.
    pub empty_title: &'static str,
    /// And below it.
    pub empty_hint: &'static str,
}

/// A line of a conversation.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A new day begins.
    Day(String),
    /// What follows is new to the reader.
    New,
    /// From the contact.
    Contact(Message),
    /// From an operator.
    Operator(Message),
    /// For operators only.
    Note(Message),
    /// What was done.
    Event(Event),
}

/// A message or note.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its place among the entries.
    pub id: i64,
    /// The writer's name.
    pub author: String,
    /// The writer's mark.
    pub avatar: Avatar,
    /// Plain text.
    pub body: String,
    /// When.
    pub at_ms: i64,
    /// When the contact had read up to here; on the last such message only.
    pub seen_ms: Option<i64>,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place among the entries.
    pub id: i64,
    /// The icon's name.
    pub icon: &'static str,
    /// Who did it.
    pub actor: String,
    /// What.
    pub did: &'static str,
    /// To whom.
    pub object: Option<String>,
    /// When.
    pub at_ms: i64,
}

/// Somebody who can be assigned.
#[derive(Clone, Debug)]
pub struct Colleague {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Whether it is the reader.
    pub is_me: bool,
    /// Whether the conversation is theirs.
    pub selected: bool,
}

/// The box for replies and notes.
#[derive(Clone, Debug, Default)]
pub struct Composer {
    /// Names the message to be sent, so that it is stored once.
    pub key: String,
    /// What was typed and could not be sent.
    pub text: String,
    /// Whether that was a note.
    pub is_note: bool,
    /// Why it could not be sent.
    pub error: Option<String>,
}

/// The open conversation.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Its id.
    pub id: String,
    /// The address below which its actions live.
    pub base: String,
    /// The list it was opened from.
    pub back: String,
    /// That list's name, for the way back after an action.
    pub view: &'static str,
    /// The subject.
    pub subject: String,
    /// Open or closed.
    pub is_open: bool,
    /// Where it started.
    pub channel: Channel,
    /// When it started.
    pub started_ms: i64,
    /// The contact's name or address.
    pub contact_name: String,
    /// The contact's address.
    pub contact_email: String,
    /// The contact's mark.
    pub contact_avatar: Avatar,
    /// When the address was last proved by a signature.
    pub proved_ms: Option<i64>,
    /// Who answers.
    pub assignee_id: Option<String>,
    /// Whether that is the reader.
    pub is_mine: bool,
    /// Who could.
    pub colleagues: Vec<Colleague>,
    /// What was written and done, oldest first.
    pub entries: Vec<Entry>,
    /// The address of what came before.
    pub earlier: Option<String>,
    /// The address of the newest messages, when these are not.
    pub latest: Option<String>,
    /// The number of the last entry.
    pub last_entry: i64,
    /// Whether the reader has not seen all.
    pub unread: bool,
    /// The box.
    pub composer: Composer,
}

/// The first steps, while nobody has written.
#[derive(Clone, Copy, Debug)]
pub struct Guide {
    /// Whether a secret was made.
    pub has_secret: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/inbox.html")]
pub struct InboxPage {
    /// The frame.
    pub shell: Shell,
    /// The list.
    pub list: List,
    /// The open conversation.
    pub conversation: Option<Conversation>,
    /// The first steps.
    pub guide: Option<Guide>,
}

impl InboxPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page: a list with a conversation open.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("open"),
            list: sample_list(),
            conversation: Some(sample_conversation()),
            guide: None,
        }
    }

    /// The list alone.
    pub fn sample_list() -> Self {
        Self {
            conversation: None,
            ..Self::sample()
        }
    }

    /// Before anybody has written.
    pub fn sample_empty() -> Self {
        let mut page = Self::sample_list();
        page.list.groups.clear();
        page.list.count = Some(0);
        Self {
            guide: Some(Guide { has_secret: false }),
            ..page
        }
    }
}

const TICKET_CENTER: Channel = Channel {
    icon: "ticket",
    label: "Ticket Center",
};

fn sample_list() -> List {
    let row = |id: &str, who: &str, subject: &str, preview: &str, minutes: i64| Row {
        id: id.to_owned(),
        href: format!("/h/1/conversations/{id}?view=open"),
        who: who.to_owned(),
        subject: subject.to_owned(),
        preview: preview.to_owned(),
        preview_by: None,
        channel: TICKET_CENTER,
        at_ms: SAMPLE_NOW_MS - minutes * 60_000,
        unread: minutes > 10,
        current: minutes == 8,
        assignee: None,
    };
    let noor = Assignee {
        name: "Noor Haddad".to_owned(),
        avatar: Avatar::of("Noor Haddad", "noor@fernway.example"),
    };
    let mut first = row(
        "a",
        "Priya Raman",
        "Exported invoices are missing the VAT line",
        "All three are re-sent. You will find them there",
        8,
    );
    (first.preview_by, first.assignee) = (Some("You".to_owned()), Some(noor));
    List {
        title: "All open",
        count: Some(14),
        groups: vec![
            Group {
                title: "Today",
                rows: vec![
                    first,
                    row(
                        "b",
                        "Jonas Lindqvist",
                        "Calendar sync stopped on Tuesday",
                        "It works again after I reconnected, but the",
                        13,
                    ),
                    row(
                        "c",
                        "Aiko Tanabe",
                        "Can two people share one booking page?",
                        "We are a duo and would like one page with",
                        29,
                    ),
                ],
            },
            Group {
                title: "Earlier this week",
                rows: vec![row(
                    "d",
                    "luca.ferri@example.it",
                    "Fattura di ottobre",
                    "Buongiorno, la fattura di ottobre non",
                    2_900,
                )],
            },
        ],
        older: Some("/h/1/conversations?view=open&before=x".to_owned()),
        newest: None,
        empty_title: "Nothing open",
        empty_hint: "Messages from the Ticket Center land here.",
    }
}

fn sample_conversation() -> Conversation {
    let minute = 60_000;
    let message = |id, author: &str, body: &str, at_ms| Message {
        id,
        author: author.to_owned(),
        avatar: Avatar::of(author, author),
        body: body.to_owned(),
        at_ms,
        seen_ms: None,
    };
    let mut answer = message(
        3,
        "Noor Haddad",
        "Hi Priya, thank you for the clear report. We can see the same thing here: the line is dropped when a client has a country but no VAT number.\n\nA fix is on its way this morning.",
        SAMPLE_NOW_MS - 102 * minute,
    );
    answer.seen_ms = Some(SAMPLE_NOW_MS - 100 * minute);
    let entries = vec![
        Entry::Day("Today".to_owned()),
        Entry::Contact(message(
            1,
            "Priya Raman",
            "Hi, since yesterday’s update the PDF export drops the VAT line for our EU clients. The total is right, but the breakdown is gone.\n\nThree invoices are affected so far: 2031, 2034 and 2036.",
            SAMPLE_NOW_MS - 118 * minute,
        )),
        Entry::Event(Event {
            id: 2,
            icon: "user",
            actor: "Tomás Vieira".to_owned(),
            did: "assigned this to",
            object: Some("Noor Haddad".to_owned()),
            at_ms: SAMPLE_NOW_MS - 115 * minute,
        }),
        Entry::Operator(answer),
        Entry::New,
        Entry::Note(message(
            4,
            "Tomás Vieira",
            "2029 is fine, it was made before the change. The fix is live since 10:38.",
            SAMPLE_NOW_MS - 16 * minute,
        )),
        Entry::Operator(message(
            5,
            "Noor Haddad",
            "All three are re-sent with the VAT line back in place, and 2029 is fine.",
            SAMPLE_NOW_MS - 8 * minute,
        )),
    ];
    let colleague = |id: &str, name: &str, selected| Colleague {
        id: id.to_owned(),
        name: name.to_owned(),
        is_me: selected,
        selected,
    };
    Conversation {
        id: "a".to_owned(),
        base: "/h/1/conversations/a".to_owned(),
        back: "/h/1/conversations?view=open".to_owned(),
        view: "open",
        subject: "Exported invoices are missing the VAT line".to_owned(),
        is_open: true,
        channel: TICKET_CENTER,
        started_ms: SAMPLE_NOW_MS - 118 * minute,
        contact_name: "Priya Raman".to_owned(),
        contact_email: "priya@lumastudio.example".to_owned(),
        contact_avatar: Avatar::of("Priya Raman", "priya@lumastudio.example"),
        proved_ms: Some(SAMPLE_NOW_MS - 21 * minute),
        assignee_id: Some("1".to_owned()),
        is_mine: true,
        colleagues: vec![
            colleague("1", "Noor Haddad", true),
            colleague("2", "Tomás Vieira", false),
        ],
        entries,
        earlier: None,
        latest: None,
        last_entry: 5,
        unread: true,
        composer: Composer {
            key: "k".to_owned(),
            ..Composer::default()
        },
    }
}
