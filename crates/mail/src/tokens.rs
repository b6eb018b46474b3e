//! Every token of ours that a mail carries: where it was found, and whether it proves itself.
//!
//! A token in a mail is a claim. It becomes a proof by the key, for a thread and a recipient; and even then
//! the sender has to be that recipient. A token that stands in quoted text was shown to everybody the
//! mail was forwarded to.

use crate::parsed::ParsedMail;
use crate::token::{Claim, LENGTH, Thread, TokenKey};

const MOST: usize = 50;
/// The text is looked through up to here.
const TEXT_BYTES: usize = 512 * 1_024;

/// Where a token was found, from the one that says most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In an address the mail was delivered to.
    Recipient,
    /// In the id it answers.
    InReplyTo,
    /// In the ids of its thread.
    References,
    /// In its text, quoted.
    Text,
}

/// A token and where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The token; not proved.
    pub claim: Claim,
    /// Where it stood first.
    pub place: Place,
}

/// Finds all tokens, each once, the best place first. `envelope` holds the recipients of the envelope; what
/// the headers name counts as well, since servers that forward lose the envelope.
pub fn candidates(mail: &ParsedMail, envelope: &[&str]) -> Vec<Candidate> {
    let mut found = Found::default();
    for address in envelope {
        found.add(Claim::in_address(address), Place::Recipient);
    }
    for name in ["delivered-to", "x-original-to", "envelope-to", "x-forwarded-to"] {
        for header in mail.all(name) {
            found.add(
                Claim::in_address(header.text().trim().trim_matches(['<', '>'])),
                Place::Recipient,
            );
        }
    }
    for recipient in mail.recipients() {
        found.add(Claim::in_address(recipient.address.as_str()), Place::Recipient);
    }
    for id in &mail.in_reply_to {
        found.add(Claim::in_message_id(id), Place::InReplyTo);
    }
    for id in mail.references.iter().rev() {
        found.add(Claim::in_message_id(id), Place::References);
    }
    for claim in in_text(&mail.text) {
        found.add(Some(claim), Place::Text);
    }
    found.candidates
}

/// Finds the tokens of a list of ids, as a report of non-delivery brings them along.
pub fn in_ids<'a>(ids: impl IntoIterator<Item = &'a str>) -> Vec<Candidate> {
    let mut found = Found::default();
    for id in ids {
        found.add(Claim::in_message_id(id), Place::References);
    }
    found.candidates
}

/// The first candidate that we made for this thread.
pub fn proof<'a>(key: &TokenKey, candidates: &'a [Candidate], thread: &Thread) -> Option<&'a Candidate> {
    candidates
        .iter()
        .find(|candidate| key.proves(&candidate.claim, thread))
}

#[derive(Default)]
struct Found {
    candidates: Vec<Candidate>,
}

impl Found {
    fn add(&mut self, claim: Option<Claim>, place: Place) {
        let Some(claim) = claim else {
            return;
        };
        let is_known = self.candidates.iter().any(|candidate| candidate.claim == claim);
        if !is_known && self.candidates.len() < MOST {
            self.candidates.push(Candidate { claim, place });
        }
    }
}

/// Words as long as a token, behind a `+` as in our addresses, or before a dot as in our ids.
fn in_text(text: &str) -> Vec<Claim> {
    let text = text
        .get(..text.floor_char_boundary(TEXT_BYTES))
        .unwrap_or_default();
    let is_word = |c: char| !(c.is_whitespace() || "<>()[]\"',;:".contains(c));
    text.split(|c: char| !is_word(c))
        .filter(|word| word.len() > LENGTH && word.len() <= 320 && word.contains('@'))
        .filter_map(|word| Claim::in_address(word).or_else(|| Claim::in_message_id(word)))
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parsed::{Limits, parse};
    use crate::token::Recipient;
    use uuid::Uuid;

    fn thread(conversation: u128, contact: u128) -> Thread {
        Thread {
            helpdesk: Uuid::from_u128(1),
            conversation: Uuid::from_u128(conversation),
            recipient: Recipient::Contact(Uuid::from_u128(contact)),
        }
    }

    fn key() -> TokenKey {
        TokenKey::new([7; 32])
    }

    fn found(mail: &str, envelope: &[&str]) -> Vec<Candidate> {
        candidates(&parse(mail.as_bytes(), &Limits::default()).unwrap(), envelope)
    }

    #[test]
    fn tokens_are_found_wherever_programs_carry_them() {
        let (thread, key) = (thread(2, 3), key());
        let address = key.reply_address(&thread, "reply", "in.example").unwrap();
        let id = key.message_id(&thread, Uuid::from_u128(9), "in.example").unwrap();
        for (mail, envelope, place) in [
            (
                "Subject: x\n\nx".to_owned(),
                vec![address.as_str()],
                Place::Recipient,
            ),
            (
                format!("To: Support <{}>\n\nx", address.to_uppercase()),
                vec![],
                Place::Recipient,
            ),
            (
                format!("Cc: a@x.example, {address}\n\nx"),
                vec![],
                Place::Recipient,
            ),
            (format!("Delivered-To: {address}\n\nx"), vec![], Place::Recipient),
            (format!("In-Reply-To: {id}\n\nx"), vec![], Place::InReplyTo),
            (
                format!("References: <a@b> {id} <c@d>\n\nx"),
                vec![],
                Place::References,
            ),
            (
                format!("Subject: x\n\nx\n> To: <{address}>\n"),
                vec![],
                Place::Text,
            ),
            (
                format!("Subject: x\n\nx\n> Message-ID: {id}\n"),
                vec![],
                Place::Text,
            ),
            (
                format!("Subject: x\nContent-Type: text/html\n\n<a href='mailto:{address}'>{address}</a>"),
                vec![],
                Place::Text,
            ),
        ] {
            let found = found(&mail, &envelope);
            assert_eq!(found.len(), 1, "{mail}");
            assert_eq!(
                proof(&key, &found, &thread).map(|candidate| candidate.place),
                Some(place),
                "{mail}"
            );
        }
    }

    /// Forged, cut, shifted or other people's tokens are claims at most, and prove nothing.
    #[test]
    fn forged_tokens_prove_nothing() {
        let (thread, key) = (thread(2, 3), key());
        let token = key.token(&thread);
        let others = TokenKey::new([8; 32]).token(&thread);
        let mut forged = vec![
            others,
            token[..49].to_owned(),
            format!("{token}a"),
            "a".repeat(50),
            String::new(),
            "2".to_owned(),
        ];
        forged.extend((0..50).map(|at| {
            let letter = if token.as_bytes()[at] == b'a' { 'b' } else { 'a' };
            format!("{}{letter}{}", &token[..at], &token[at + 1..])
        }));
        for (conversation, contact) in [(2, 4), (3, 3), (0, 0)] {
            forged.push(key.token(&self::thread(conversation, contact)));
        }
        for token in forged {
            let mail = format!(
                "To: reply+{token}@in.example\nIn-Reply-To: <{token}.aaaaaaaaaaaaa@in.example>\nSubject: [{token}]\n\n{token}"
            );
            assert!(proof(&key, &found(&mail, &[]), &thread).is_none(), "{token}");
        }
    }

    #[test]
    fn many_tokens_are_bounded() {
        let key = key();
        let all: String = (0..500)
            .map(|n| format!("a+{}@x.example, ", key.token(&thread(n, 1))))
            .collect();
        assert_eq!(found(&format!("Subject: x\n\n{all}"), &[]).len(), MOST);
        assert_eq!(
            found(&format!("Subject: x\n\n{}", "a+@".repeat(100_000)), &[]),
            []
        );
    }
}
