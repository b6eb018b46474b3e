//! The lines below answers that tell what became of their mail.

use crate::conversations::Author;
use crate::conversations::by_operator::{Entry as Stored, Opened};
use crate::dashboard::pages::inbox::{Entry, MailLine, MailState};
use crate::ids::OperatorId;
use crate::notifications::{Mails, MessageState};
use std::collections::HashMap;

/// Writes a line below the last answer of each mail. What was read has its own word.
pub(super) fn tell(entries: &mut [Entry], opened: &Opened, mails: &Mails, (me, now_ms): (OperatorId, i64)) {
    let mut lines: HashMap<i64, MailLine> = HashMap::new();
    let mut last: Option<i64> = None;
    let answers = opened.entries.iter().filter_map(|stored| match stored {
        Stored::Message(message) if message.author == Author::Operator => Some(message),
        _ => None,
    });
    for message in answers {
        let Some(mut line) = line(mails, message.position, now_ms) else {
            last = None;
            continue;
        };
        let before = last.and_then(|entry| lines.remove_entry(&entry));
        match before {
            Some((_, earlier)) if earlier.id == line.id => line.replies += earlier.replies,
            Some((entry, earlier)) => drop(lines.insert(entry, earlier)),
            None => {}
        }
        lines.insert(message.entry, line);
        last = Some(message.entry);
    }
    // What this operator wrote last, and neither the contact nor a mail server has.
    if let Some(Stored::Message(message)) = opened
        .entries
        .iter()
        .rfind(|entry| matches!(entry, Stored::Message(_)))
        && message.operator_id == Some(me)
        && let Some(line) = lines.get_mut(&message.entry)
        && line.state.is_unsent()
    {
        line.withdraws = Some(message.position);
    }
    for entry in entries {
        if let Entry::Operator(message) = entry {
            message.mail = lines.remove(&message.id);
        }
    }
}

fn line(mails: &Mails, position: i64, now_ms: i64) -> Option<MailLine> {
    let covers =
        |mail: &&crate::notifications::Mail| (mail.first_position..=mail.last_position).contains(&position);
    let mail = mails.mails.iter().find(covers)?;
    Some(MailLine {
        id: mail.id.to_string(),
        replies: 1,
        withdraws: None,
        state: shown(mails.of(position)?, now_ms)?,
    })
}

fn shown(state: MessageState, now_ms: i64) -> Option<MailState> {
    Some(match state {
        MessageState::Seen => return None,
        MessageState::Waiting { due_at } => MailState::Waiting {
            due_ms: due_at,
            left_ms: (due_at - now_ms).max(0),
        },
        MessageState::Sending => MailState::Sending,
        MessageState::Sent { at } => MailState::Sent { at_ms: at },
        MessageState::Retrying { due_at, words } => MailState::Retrying {
            due_ms: due_at,
            words,
        },
        MessageState::Failed { words } => MailState::Failed {
            words,
            has_bounced: false,
        },
        MessageState::Bounced { words } => MailState::Failed {
            words,
            has_bounced: true,
        },
        MessageState::Uncertain { words } => MailState::Uncertain { words },
        MessageState::Cancelled { by } => MailState::Cancelled { by },
        MessageState::Unreachable { words } => MailState::None { words },
    })
}
