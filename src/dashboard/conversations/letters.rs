//! The lines below messages and notes that came by mail.

use crate::dashboard::pages::inbox::{Entry, LetterLine};
use crate::mail_in::Reason;
use crate::mail_in::mails::Listed;
use crate::notifications::{Mail, State};

/// Writes a line below each entry that was a mail. `acknowledgement` is the answer that the first of them
/// was given at once.
pub(super) fn tell(entries: &mut [Entry], base: &str, letters: &[Listed], acknowledgement: Option<&Mail>) {
    for entry in entries {
        let (Entry::Contact(message) | Entry::Operator(message) | Entry::Note(message)) = entry else {
            continue;
        };
        let letter = letters.iter().find(|letter| letter.entry == Some(message.id));
        message.letter = letter.map(|letter| line(base, letter));
        if let Some(line) = message.letter.as_mut().filter(|_| message.id == 1) {
            line.acknowledged = acknowledgement.map(acknowledged);
        }
    }
}

/// What became of an acknowledgement, and when it left.
fn acknowledged(mail: &Mail) -> (String, Option<i64>) {
    match mail.state {
        State::Accepted => ("Acknowledged".to_owned(), mail.ended_at),
        State::Held | State::Sending | State::Retrying => ("Acknowledgement on its way".to_owned(), None),
        State::Failed | State::Bounced | State::Uncertain => {
            (format!("Acknowledgement failed: {}", mail.words), None)
        }
        State::Cancelled if !mail.changed_by.is_empty() => {
            (format!("Acknowledgement dropped by {}", mail.changed_by), None)
        }
        State::Cancelled | State::Seen | State::Unreachable => {
            (format!("Not acknowledged: {}", mail.words), None)
        }
    }
}

fn line(base: &str, letter: &Listed) -> LetterLine {
    let href = format!("{base}/mails/{}", letter.id);
    let is_apart = letter.reason == Some(Reason::OtherSender);
    LetterLine {
        reason: match letter.reason {
            // What is as it should be needs no words.
            None | Some(Reason::Answer | Reason::NoToken | Reason::OperatorAnswer) => "",
            Some(reason) => reason.sentence(),
        },
        is_verified: letter.verdict == "verified",
        is_automatic: letter.is_automatic,
        has_folded: letter.has_folded,
        apart: letter.other_conversation_id.filter(|_| is_apart).map(|other| {
            (
                format!("{base}/conversations/{other}"),
                format!("{href}/acceptance"),
            )
        }),
        href,
        acknowledged: None,
    }
}
