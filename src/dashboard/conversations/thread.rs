//! An open conversation in the words of the page.

use super::list::channel;
use super::{Place, copies, letters, mails};
use crate::attachments::Attachment;
use crate::conversations::by_operator::{Entry as Stored, Opened};
use crate::conversations::copies::Copies;
use crate::conversations::viewers::Viewer;
use crate::conversations::{self, Author, Channel, Status, events};
use crate::dashboard::access::Reader;
use crate::dashboard::pages::files::File;
use crate::dashboard::pages::inbox::{self, Colleague, Composer, Entry, Event, Message, ViewersPart};
use crate::dashboard::pages::shell::{Avatar, Shell};
use crate::ids::OperatorId;
use crate::mail_in::mails::Listed;
use crate::notifications::Mails;
use crate::operators::Member;
use crate::web::time::Times;

/// What else is known of an open conversation.
pub(super) struct Around {
    /// Who else looks at it.
    pub(super) viewers: Vec<Viewer>,
    /// The mails to its contact, where mail can leave.
    pub(super) mails: Option<Mails>,
    /// The mails that became its entries.
    pub(super) letters: Vec<Listed>,
    /// Whom its mails name, who got copies, and whether those who were named last are chosen by themselves.
    pub(super) copies: (Copies, bool),
}

/// The pane beside the list.
pub(super) fn pane(
    reader: &Reader,
    shell: &Shell,
    place: &Place,
    opened: Opened,
    members: &[Member],
    composer: Composer,
    around: Around,
) -> inbox::Conversation {
    let me = reader.member.operator.id;
    let mut entries = entries(&shell.view.times, &shell.base, &opened, me);
    if let Some(mails) = &around.mails {
        mails::tell(&mut entries, &opened, mails, (me, shell.view.times.now_ms()));
    }
    let acknowledgement = around
        .mails
        .as_ref()
        .and_then(|mails| mails.acknowledgement.as_ref());
    letters::tell(&mut entries, &shell.base, &around.letters, acknowledgement);
    let (of_copies, keeps_copies) = &around.copies;
    copies::tell(&mut entries, &opened, &around.letters, of_copies);
    let mut composer = filled(composer, &shell.base, &opened, me);
    composer.copies = copies::offered(of_copies, composer.chosen.as_deref(), *keeps_copies);
    let Opened {
        conversation,
        contact,
        older,
        seen_entry,
        answers,
        ..
    } = opened;
    let name = conversation.correspondent(&contact).to_owned();
    let (which, is_older_page) = (place.which, place.before.is_some());
    let address = which.conversation(&shell.base, conversation.id);
    inbox::Conversation {
        id: conversation.id.to_string(),
        base: format!("{}/conversations/{}", shell.base, conversation.id),
        back: which.address(&shell.base),
        view: which.to_string(),
        is_open: conversation.status == Status::Open,
        is_spam: conversation.status == Status::Spam,
        is_waiting: conversation.status == Status::Waiting,
        unverified: conversation.unverified,
        is_by_mail: conversation.channel == Channel::Email,
        answers: answers
            .into_iter()
            .map(|answer| (answer.label, answer.value))
            .collect(),
        channel: channel(conversation.channel),
        started_ms: conversation.created_at,
        known_as: contact.name.clone().filter(|known| *known != name),
        contact_href: format!("{}/contacts/{}", shell.base, contact.id),
        contact_avatar: Avatar::of(&name, &contact.email),
        contact_name: name,
        contact_email: contact.email,
        proved_ms: contact.proved_at,
        assignee_id: conversation.assignee_id.map(|id| id.to_string()),
        is_mine: conversation.assignee_id == Some(me),
        colleagues: members
            .iter()
            .map(|member| colleague(member, me, conversation.assignee_id))
            .collect(),
        entries,
        earlier: older.map(|before| format!("{address}&before={before}")),
        latest: is_older_page.then_some(address),
        last_entry: conversation.entry_count,
        unread: !is_older_page && conversation.entry_count > seen_entry,
        composer,
        viewers: company(around.viewers),
        subject: conversation.subject,
    }
}

/// The box with what is known of the conversation: a draft where nothing else stands in it, and who
/// answered since its text was begun.
fn filled(mut composer: Composer, base: &str, opened: &Opened, me: OperatorId) -> Composer {
    composer.files = files(base, &opened.in_box);
    composer.seen = opened.conversation.entry_count;
    if composer.text.is_empty()
        && let Some(draft) = &opened.draft
    {
        (composer.text, composer.is_note) = (draft.body.clone(), draft.is_note);
    }
    if let Some(after) = composer.answered_after {
        for entry in &opened.entries {
            if let Stored::Message(message) = entry
                && message.entry > after
                && message.operator_id.is_some_and(|id| id != me)
                && !composer.answered_by.contains(&message.author_name)
            {
                composer.answered_by.push(message.author_name.clone());
            }
        }
    }
    composer
}

/// The other operators here, in the words of the page.
pub(in crate::dashboard) fn company(viewers: Vec<Viewer>) -> ViewersPart {
    let viewers = viewers.into_iter().map(|viewer| inbox::Viewer {
        avatar: Avatar::of(&viewer.name, &viewer.operator_id.to_string()),
        name: viewer.name,
        is_writing: viewer.is_writing,
    });
    ViewersPart {
        viewers: viewers.collect(),
    }
}

fn colleague(member: &Member, me: OperatorId, assignee_id: Option<OperatorId>) -> Colleague {
    Colleague {
        id: member.operator.id.to_string(),
        name: member.operator.name.clone(),
        is_me: member.operator.id == me,
        selected: assignee_id == Some(member.operator.id),
    }
}

fn files(base: &str, attachments: &[Attachment]) -> Vec<File> {
    attachments.iter().map(|file| File::of(base, file)).collect()
}

fn entries(times: &Times, base: &str, opened: &Opened, me: OperatorId) -> Vec<Entry> {
    let seen_message = last_seen_message(opened);
    let mut shown = Vec::with_capacity(opened.entries.len() + 4);
    let mut day = None;
    let mut marked = opened.seen_entry == 0;
    for stored in &opened.entries {
        let (at_ms, by) = origin(stored);
        let today = times.day(&at_ms);
        if day.as_ref() != Some(&today) {
            shown.push(Entry::Day(today.clone()));
            day = Some(today);
        }
        if !marked && stored.number() > opened.seen_entry && by != Some(me) {
            shown.push(Entry::New);
            marked = true;
        }
        shown.push(entry(base, opened, stored, seen_message, me));
    }
    shown
}

/// When something was written or done, and by which operator.
fn origin(stored: &Stored) -> (i64, Option<OperatorId>) {
    match stored {
        Stored::Message(message) => (message.created_at, message.operator_id),
        Stored::Note(note) => (note.created_at, Some(note.operator_id)),
        Stored::Event(event) => (event.created_at, event.operator_id),
    }
}

/// The last message of an operator that the contact has seen: the place for the word "Seen".
fn last_seen_message(opened: &Opened) -> Option<i64> {
    let seen = |message: &conversations::Message| {
        message.author == Author::Operator && message.position <= opened.conversation.contact_seen_position
    };
    let messages = opened.entries.iter().rev().filter_map(|entry| match entry {
        Stored::Message(message) => Some(message),
        _ => None,
    });
    messages
        .into_iter()
        .find(|message| seen(message))
        .map(|message| message.entry)
}

fn entry(base: &str, opened: &Opened, stored: &Stored, seen_message: Option<i64>, me: OperatorId) -> Entry {
    let (conversation, contact_email) = (&opened.conversation, &opened.contact.email);
    match stored {
        Stored::Message(message) => {
            let key = message
                .operator_id
                .map_or_else(|| contact_email.clone(), |id| id.to_string());
            let shown = Message {
                id: message.entry,
                avatar: Avatar::of(&message.author_name, &key),
                author: message.author_name.clone(),
                body: message.body.clone(),
                files: files(base, &message.attachments),
                at_ms: message.created_at,
                seen_ms: conversation
                    .contact_seen_at
                    .filter(|_| seen_message == Some(message.entry)),
                by_other: message.operator_id.is_some_and(|id| id != me),
                mail: None,
                letter: None,
                copies: Vec::new(),
            };
            match message.author {
                Author::Visitor => Entry::Contact(shown),
                Author::Operator => Entry::Operator(shown),
            }
        }
        Stored::Note(note) => Entry::Note(Message {
            id: note.entry,
            avatar: Avatar::of(&note.author_name, &note.operator_id.to_string()),
            author: note.author_name.clone(),
            body: note.body.clone(),
            files: files(base, &note.attachments),
            at_ms: note.created_at,
            seen_ms: None,
            by_other: note.operator_id != me,
            mail: None,
            letter: None,
            copies: Vec::new(),
        }),
        Stored::Event(event) => Entry::Event(told(event)),
    }
}

/// What was done, as a sentence in parts.
fn told(event: &events::Event) -> Event {
    let (icon, did, object) = match event.kind {
        events::Kind::Assigned if event.detail.is_empty() => ("user-dash", "unassigned this", None),
        events::Kind::Assigned if event.detail == event.actor_name => ("user", "took this", None),
        events::Kind::Assigned => ("user", "assigned this to", Some(event.detail.clone())),
        events::Kind::Closed => ("checkc", "closed this", None),
        events::Kind::Reopened => ("undo", "reopened this", None),
        events::Kind::Opened => ("ticket", "opened this", None),
        events::Kind::VisitorMessage | events::Kind::OperatorMessage => ("chat", "wrote", None),
        events::Kind::Note => ("lock", "wrote a private note", None),
        events::Kind::SeenByContact => ("eye", "read this", None),
        events::Kind::Withdrawn => ("undo", "took an answer back", None),
        events::Kind::Spam => ("ban", "put this into spam", None),
        events::Kind::NotSpam => ("undo", "took this out of spam", None),
        events::Kind::Confirmed => ("checkc", "confirmed the address", None),
        events::Kind::Admitted => ("check", "let this in without a confirmation", None),
    };
    Event {
        id: event.entry.unwrap_or_default(),
        icon,
        actor: event.actor_name.clone(),
        did,
        object,
        at_ms: event.created_at,
    }
}
