//! The inbox: the list of a view, and beside it the conversation that is open.

use super::files::File;
use super::shell::{Avatar, Shell};
use crate::web::page::View;
use askama::Template;

mod entries;
mod sample;

pub use entries::{Entry, Event, LetterLine, MailLine, MailState, Message};

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

/// One thing a filter can be set to.
#[derive(Clone, Debug)]
pub struct Choice {
    /// In words.
    pub label: String,
    /// The list with it.
    pub href: String,
    /// Whether it is set.
    pub on: bool,
}

/// A filter that can be set to one of several things.
#[derive(Clone, Debug)]
pub struct Choices {
    /// What it is about.
    pub title: &'static str,
    /// What it is set to, if it is.
    pub set_to: Option<String>,
    /// Everything it can be set to, and the way to no filter first.
    pub choices: Vec<Choice>,
}

/// The filters of a list.
#[derive(Clone, Debug)]
pub struct Filters {
    /// Only what the reader has not seen.
    pub unread: Choice,
    /// By channel, and by assignee where the list leaves that open.
    pub menus: Vec<Choices>,
    /// The whole list, when some of it is hidden.
    pub clear: Option<String>,
}

/// The list of one view.
#[derive(Clone, Debug)]
pub struct List {
    /// The list and its filter, as addresses name them.
    pub place: String,
    /// The view's name.
    pub title: &'static str,
    /// How many conversations it has; not known of a filtered one.
    pub count: Option<i64>,
    /// One page of them.
    pub groups: Vec<Group>,
    /// What of it is shown, and what else could be.
    pub filters: Filters,
    /// The address of the next page.
    pub older: Option<String>,
    /// The address of the first page, on any other.
    pub newest: Option<String>,
    /// What an empty list says.
    pub empty_title: &'static str,
    /// And below it.
    pub empty_hint: &'static str,
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
    /// Files that go with it, and are uploaded already.
    pub files: Vec<File>,
    /// How many bytes a file can have.
    pub most_bytes: u32,
    /// Why it could not be sent.
    pub error: Option<String>,
    /// After which entry somebody else answered, when that is why.
    pub answered_after: Option<i64>,
    /// Who did.
    pub answered_by: Vec<String>,
    /// The last entry on the page: a reply is sent if nobody answered after it.
    pub seen: i64,
    /// Whether replies can be mailed without the hold; the seconds of the hold where they can.
    pub hold_seconds: Option<i64>,
    /// Whether that is switched on.
    pub instantly: bool,
    /// Who can get a copy of a reply, and whether they are chosen.
    pub copies: Vec<(String, bool)>,
    /// Who was chosen in a box that could not be sent.
    pub chosen: Option<Vec<String>>,
}

impl Composer {
    /// The ids of the files, as the form sends them.
    pub fn file_ids(&self) -> String {
        let ids: Vec<&str> = self.files.iter().map(|file| file.id.as_str()).collect();
        ids.join(" ")
    }

    /// True while nothing went wrong with it: then the browser keeps the box it has.
    pub fn is_as_usual(&self) -> bool {
        self.error.is_none() && self.answered_after.is_none()
    }
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
    /// That list and its filter, for the way back after an action.
    pub view: String,
    /// The subject.
    pub subject: String,
    /// Open or closed.
    pub is_open: bool,
    /// Neither: spam.
    pub is_spam: bool,
    /// Nor that: it waits until its sender confirms their address.
    pub is_waiting: bool,
    /// Who opened it proved nothing.
    pub unverified: bool,
    /// Whether it was opened by mail.
    pub is_by_mail: bool,
    /// What they chose in a form's own fields: label and value.
    pub answers: Vec<(String, String)>,
    /// Where it started.
    pub channel: Channel,
    /// When it started.
    pub started_ms: i64,
    /// The name of the other side; a sender who proved nothing has the one they typed.
    pub contact_name: String,
    /// How the contact of the address is called, where that is another name.
    pub known_as: Option<String>,
    /// The contact's address.
    pub contact_email: String,
    /// The contact's page.
    pub contact_href: String,
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
    /// Who else is here.
    pub viewers: ViewersPart,
}

/// Another operator at the conversation.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The name.
    pub name: String,
    /// The mark.
    pub avatar: Avatar,
    /// Whether they are writing.
    pub is_writing: bool,
}

/// The other operators at the conversation; also asked for by itself.
#[derive(Clone, Debug, Template)]
#[template(path = "dashboard/parts/viewers.html")]
pub struct ViewersPart {
    /// Everybody but the reader.
    pub viewers: Vec<Viewer>,
}

/// The first steps, while they are not all done.
#[derive(Clone, Debug, Default)]
pub struct Guide {
    /// Whether a secret was made.
    pub has_secret: bool,
    /// Whether a signature of the host app was accepted.
    pub is_verified: bool,
    /// Whether somebody has written.
    pub has_conversation: bool,
    /// Whether somebody was answered.
    pub has_answer: bool,
    /// The conversation to answer first.
    pub first_href: Option<String>,
    /// Who can do what the reader may not.
    pub administrators: Vec<String>,
}

impl Guide {
    /// How many steps there are.
    pub const STEPS: usize = 5;

    /// How many of them are done; the helpdesk is there.
    pub fn done(&self) -> usize {
        let steps = [
            true,
            self.has_secret,
            self.is_verified,
            self.has_conversation,
            self.has_answer,
        ];
        steps.into_iter().filter(|done| *done).count()
    }

    /// Who can do a step that the reader may not.
    pub fn whom_to_ask(&self) -> String {
        match self.administrators.as_slice() {
            [] => "An owner or admin can do this.".to_owned(),
            [one] => format!("{one} can do this."),
            [first, second] => format!("{first} or {second} can do this."),
            [first, rest @ ..] => format!("{first} or {} other admins can do this.", rest.len()),
        }
    }

    /// Whether nothing is left.
    pub fn is_done(&self) -> bool {
        self.done() == Self::STEPS
    }
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
            list: sample::list(),
            conversation: Some(sample::conversation()),
            guide: None,
        }
    }

    /// The same with a mail in each state.
    pub fn sample_mailed() -> Self {
        let mut page = Self::sample();
        if let Some(open) = &mut page.conversation {
            open.entries.extend(sample::mailed());
            (open.composer.hold_seconds, open.composer.instantly) = (Some(60), true);
            open.composer.files = vec![File::sample("offer.pdf", false), File::sample("screen.png", true)];
        }
        page
    }

    /// The list alone.
    pub fn sample_list() -> Self {
        Self {
            conversation: None,
            ..Self::sample()
        }
    }

    /// With one step left.
    pub fn sample_answering() -> Self {
        let guide = Guide {
            has_secret: true,
            is_verified: true,
            has_conversation: true,
            first_href: Some("/h/1/conversations/a".to_owned()),
            ..Guide::default()
        };
        Self {
            guide: Some(guide),
            ..Self::sample_list()
        }
    }

    /// For somebody who may not do the first steps.
    pub fn sample_plain() -> Self {
        let guide = Guide {
            administrators: vec!["Noor Haddad".to_owned(), "Ines Kowalski".to_owned()],
            ..Guide::default()
        };
        let mut page = Self::sample_empty();
        page.shell.may_administer = false;
        Self {
            guide: Some(guide),
            ..page
        }
    }

    /// Before anybody has written.
    pub fn sample_empty() -> Self {
        let mut page = Self::sample_list();
        page.list.groups.clear();
        page.list.count = Some(0);
        Self {
            guide: Some(Guide::default()),
            ..page
        }
    }
}
