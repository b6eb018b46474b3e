//! The lines below messages and notes that came by mail.

use crate::dashboard::pages::inbox::{Entry, LetterLine};
use crate::mail_in::Reason;
use crate::mail_in::mails::Listed;

/// Writes a line below each entry that was a mail.
pub(super) fn tell(entries: &mut [Entry], base: &str, letters: &[Listed]) {
    for entry in entries {
        let (Entry::Contact(message) | Entry::Operator(message) | Entry::Note(message)) = entry else {
            continue;
        };
        let letter = letters.iter().find(|letter| letter.entry == Some(message.id));
        message.letter = letter.map(|letter| line(base, letter));
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
    }
}
