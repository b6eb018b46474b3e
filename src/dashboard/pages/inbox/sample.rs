//! A list and a conversation for the sample pages.

use super::{
    Assignee, Channel, Choice, Choices, Colleague, Composer, Conversation, Entry, Event, Filters, Group,
    List, MailLine, MailState, Message, Row, Viewer, ViewersPart,
};
use crate::dashboard::pages::SAMPLE_NOW_MS;
use crate::dashboard::pages::files::File;
use crate::dashboard::pages::shell::Avatar;

const TICKET_CENTER: Channel = Channel {
    icon: "ticket",
    label: "Ticket Center",
};

pub(super) fn list() -> List {
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
        place: "open".to_owned(),
        filters: filters(),
        older: Some("/h/1/conversations?view=open&before=x".to_owned()),
        newest: None,
        empty_title: "Nothing open",
        empty_hint: "Messages from the Ticket Center land here.",
    }
}

fn filters() -> Filters {
    let choice = |label: &str, on: bool| Choice {
        label: label.to_owned(),
        href: format!("/h/1/conversations?view=open.{label}"),
        on,
    };
    Filters {
        unread: choice("Unread", true),
        menus: vec![
            Choices {
                title: "Channel",
                set_to: None,
                choices: vec![choice("Every channel", true), choice("Email", false)],
            },
            Choices {
                title: "Assignee",
                set_to: Some("Nobody".to_owned()),
                choices: vec![choice("Everybody", false), choice("Nobody", true)],
            },
        ],
        clear: Some("/h/1/conversations?view=open".to_owned()),
    }
}

fn message(id: i64, author: &str, body: &str, at_ms: i64) -> Message {
    Message {
        id,
        author: author.to_owned(),
        avatar: Avatar::of(author, author),
        body: body.to_owned(),
        files: Vec::new(),
        at_ms,
        seen_ms: None,
        by_other: false,
        mail: None,
        letter: None,
        copies: Vec::new(),
    }
}

/// An answer for each state that its mail can be in.
pub(super) fn mailed() -> Vec<Entry> {
    let words = || "550 5.1.1 <priya@lumastudio.example>: no such user".to_owned();
    let states = [
        MailState::Waiting {
            due_ms: SAMPLE_NOW_MS + 42_000,
            left_ms: 42_000,
        },
        MailState::Sending,
        MailState::Sent {
            at_ms: SAMPLE_NOW_MS - 60_000,
        },
        MailState::Retrying {
            due_ms: SAMPLE_NOW_MS + 600_000,
            words: "451 4.7.1 Try again later".to_owned(),
        },
        MailState::Failed {
            words: words(),
            has_bounced: false,
        },
        MailState::Uncertain { words: words() },
        MailState::Cancelled {
            by: "Noor Haddad".to_owned(),
        },
        MailState::None { words: words() },
    ];
    let mut id = 10;
    let answers = states.into_iter().map(|state| {
        id += 1;
        let mut answer = message(id, "Noor Haddad", "It is on its way.", SAMPLE_NOW_MS - 60_000);
        answer.mail = Some(MailLine {
            id: id.to_string(),
            replies: if id == 11 { 2 } else { 1 },
            state,
            withdraws: Some(2),
        });
        Entry::Operator(answer)
    });
    answers.collect()
}

pub(super) fn conversation() -> Conversation {
    let minute = 60_000;
    let mut answer = message(
        3,
        "Noor Haddad",
        "Hi Priya, thank you for the clear report. We can see the same thing here: the line is dropped when a client has a country but no VAT number.\n\nA fix is on its way this morning.",
        SAMPLE_NOW_MS - 102 * minute,
    );
    answer.seen_ms = Some(SAMPLE_NOW_MS - 100 * minute);
    answer.files = vec![
        File::sample("invoice-2031.pdf", false),
        File::sample("export.png", true),
    ];
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
        view: "open".to_owned(),
        subject: "Exported invoices are missing the VAT line".to_owned(),
        is_open: true,
        is_spam: false,
        is_waiting: false,
        unverified: false,
        is_by_mail: false,
        answers: Vec::new(),
        known_as: None,
        channel: TICKET_CENTER,
        started_ms: SAMPLE_NOW_MS - 118 * minute,
        contact_name: "Priya Raman".to_owned(),
        contact_email: "priya@lumastudio.example".to_owned(),
        contact_href: "/h/1/contacts/b".to_owned(),
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
        viewers: ViewersPart {
            viewers: vec![Viewer {
                name: "Ines Kowalski".to_owned(),
                avatar: Avatar::of("Ines Kowalski", "3"),
                is_writing: true,
            }],
        },
    }
}
