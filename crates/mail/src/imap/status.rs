//! Statuses (`OK`, `NO`, `BAD`, `BYE`, `PREAUTH`) with their codes in brackets (RFC 3501, 7.1; RFC 5530).

use super::{word, words_of};

const CAPABILITIES: usize = 300;

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Well.
    Ok,
    /// It was refused, or failed.
    No,
    /// It was not understood.
    Bad,
    /// The server hangs up.
    Bye,
    /// A greeting: we are signed in already, as whoever the server thinks we are.
    Preauth,
}

/// What a server says about a command, or about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// In a word.
    pub condition: Condition,
    /// In brackets, for programs.
    pub code: Option<Code>,
    /// For people, as one line.
    pub text: String,
}

/// A code in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its name, in capitals.
    pub name: String,
    /// What follows the name.
    pub argument: String,
}

impl Status {
    /// The number that a code of this name carries.
    pub fn number(&self, name: &str) -> Option<u32> {
        let code = self.code.as_ref().filter(|code| code.name == name)?;
        code.argument.parse().ok()
    }

    /// Whether it carries a code of this name.
    pub fn has(&self, name: &str) -> bool {
        self.code.as_ref().is_some_and(|code| code.name == name)
    }
}

/// The condition that a text begins with.
pub(super) fn condition(text: &[u8]) -> Option<Condition> {
    let (name, _) = word(text);
    let conditions = [
        ("OK", Condition::Ok),
        ("NO", Condition::No),
        ("BAD", Condition::Bad),
        ("BYE", Condition::Bye),
        ("PREAUTH", Condition::Preauth),
    ];
    let mut found = conditions
        .into_iter()
        .filter(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
    found.next().map(|(_, condition)| condition)
}

pub(super) fn status(text: &[u8]) -> Option<Status> {
    let condition = condition(text)?;
    let (_, rest) = word(text);
    let end = rest.iter().position(|byte| *byte == b']');
    let (code, words) = match (rest.strip_prefix(b"["), end) {
        (Some(inside), Some(end)) => (inside.get(..end - 1), rest.get(end + 1..).unwrap_or_default()),
        _ => (None, rest),
    };
    let code = code.map(|code| {
        let (name, argument) = word(code);
        Code {
            name: words_of(name).to_ascii_uppercase(),
            argument: words_of(argument),
        }
    });
    Some(Status {
        condition,
        code,
        text: words_of(words),
    })
}

pub(super) fn capabilities(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text).to_ascii_uppercase();
    let words = text.split_ascii_whitespace().take(CAPABILITIES);
    words.map(str::to_owned).collect()
}
