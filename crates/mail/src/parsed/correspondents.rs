//! Lists of addresses in headers (RFC 5322, 3.4), and who a mail is from.
//!
//! Several programs disagree about odd headers, and that is how identities are forged: what can be read
//! in two ways is read in none.

use super::words::decode_words;
use crate::{Address, one_line};

const NAME_CHARACTERS: usize = 100;
/// Names of people in a header; more than any mail needs.
const MOST: usize = 500;
const VALUE_BYTES: usize = 64 * 1_024;

/// A person as a mail names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correspondent {
    /// One line, may be empty.
    pub name: String,
    /// The address.
    pub address: Address,
}

/// Who a mail says it is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// One address, the same for every reader.
    One(Correspondent),
    /// Several addresses or several headers (RFC 5322 allows the first, with a Sender): nobody can be taken
    /// for the author.
    Several(Vec<Correspondent>),
    /// No address that can be read; what was written, as one line.
    Unreadable(String),
    /// No such header.
    #[default]
    Missing,
}

impl From {
    /// The one author.
    pub fn one(&self) -> Option<&Correspondent> {
        match self {
            Self::One(correspondent) => Some(correspondent),
            _ => None,
        }
    }

    /// Reads it from the values of all From headers.
    pub(super) fn of(values: &[&[u8]]) -> Self {
        let written = || one_line(&decode_words(&values.join(&b' ')), 200);
        let lists: Vec<List> = values.iter().map(|value| list(value)).collect();
        let mut all: Vec<Correspondent> = lists.iter().flat_map(|list| list.found.clone()).collect();
        match (values.len(), all.len()) {
            (0, _) => Self::Missing,
            (1, 1) if lists.iter().all(|list| !list.is_odd) => match all.pop() {
                Some(one) => Self::One(one),
                None => Self::Missing,
            },
            (_, 0 | 1) if values.len() == 1 => Self::Unreadable(written()),
            (_, 0) => Self::Unreadable(written()),
            _ => Self::Several(all),
        }
    }
}

/// What a header lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    pub(crate) found: Vec<Correspondent>,
    /// Something in it is no address, or can be read in several ways.
    pub(crate) is_odd: bool,
}

/// Reads a list: commas between mailboxes, groups taken apart, comments skipped. Looks at each byte once.
pub(crate) fn list(value: &[u8]) -> List {
    let mut list = List {
        is_odd: value.len() > VALUE_BYTES || value.contains(&0),
        ..List::default()
    };
    let mut mailbox = Piece::default();
    let (mut comments, mut is_quoted, mut is_escaped) = (0_usize, false, false);
    for byte in value.iter().take(VALUE_BYTES) {
        if is_escaped {
            is_escaped = false;
            mailbox.push(*byte, comments > 0, is_quoted);
            continue;
        }
        match byte {
            b'\\' if is_quoted || comments > 0 => is_escaped = true,
            b'"' if comments == 0 => {
                is_quoted = !is_quoted;
                mailbox.quote();
            }
            b'(' if !is_quoted => comments += 1,
            b')' if !is_quoted && comments > 0 => comments -= 1,
            _ if is_quoted || comments > 0 => mailbox.push(*byte, comments > 0, is_quoted),
            b',' | b';' => std::mem::take(&mut mailbox).end(&mut list),
            // The name of a group.
            b':' if mailbox.angle.is_none() && !mailbox.text.contains(&b'@') => mailbox = Piece::default(),
            b'<' if mailbox.angle.is_none() => mailbox.angle = Some(Vec::new()),
            b'<' => mailbox.is_odd = true,
            b'>' if mailbox.angle.is_some() && !mailbox.is_closed => mailbox.is_closed = true,
            b'>' => mailbox.is_odd = true,
            byte => mailbox.push(*byte, false, false),
        }
        if list.found.len() >= MOST {
            list.is_odd = true;
            return list;
        }
    }
    list.is_odd |= is_quoted || comments > 0;
    mailbox.end(&mut list);
    list
}

/// What was read of a mailbox so far.
#[derive(Default)]
struct Piece {
    /// Outside of angle brackets.
    text: Vec<u8>,
    comment: Vec<u8>,
    angle: Option<Vec<u8>>,
    is_closed: bool,
    is_odd: bool,
}

impl Piece {
    fn push(&mut self, byte: u8, in_comment: bool, is_quoted: bool) {
        match &mut self.angle {
            _ if in_comment => self.comment.push(byte),
            Some(angle) if !self.is_closed => angle.push(byte),
            Some(_) => {
                // Something behind the bracket: some take it for part of the name, some for an address.
                self.is_odd |= !byte.is_ascii_whitespace();
            }
            None => {
                // A quoted `@` must not pass for the address of a mailbox without brackets.
                self.is_odd |= is_quoted && byte == b'@' && self.text.is_empty();
                self.text.push(byte);
            }
        }
    }

    /// Quotes around a local part belong to the address.
    fn quote(&mut self) {
        if let Some(angle) = &mut self.angle
            && !self.is_closed
        {
            angle.push(b'"');
        }
    }

    fn end(self, list: &mut List) {
        let (name, address) = match &self.angle {
            Some(angle) => (&self.text, angle),
            None => (&self.comment, &self.text),
        };
        if name.trim_ascii().is_empty() && address.trim_ascii().is_empty() {
            list.is_odd |= self.angle.is_some();
            return;
        }
        list.is_odd |= self.is_odd || (self.angle.is_some() && !self.is_closed);
        let address = String::from_utf8_lossy(address);
        match Address::parse(&address) {
            Ok(address) => list.found.push(Correspondent {
                name: one_line(&decode_words(name), NAME_CHARACTERS),
                address,
            }),
            Err(_) => list.is_odd = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_one_author() {
        for (value, name, address) in [
            ("ann@example.com", "", "ann@example.com"),
            ("<ann@example.com>", "", "ann@example.com"),
            ("Ann Bee <Ann@Example.com>", "Ann Bee", "ann@example.com"),
            ("\"Bee, Ann\" <ann@example.com>", "Bee, Ann", "ann@example.com"),
            (
                "\"Ann \\\"A\\\" Bee\" <ann@example.com>",
                "Ann \"A\" Bee",
                "ann@example.com",
            ),
            ("ann@example.com (Ann Bee)", "Ann Bee", "ann@example.com"),
            (
                "=?utf-8?q?Gr=C3=BC=2C_A?= <a@example.com>",
                "Grü, A",
                "a@example.com",
            ),
            ("\"=?utf-8?q?Gr=C3=BC?=\" <a@example.com>", "Grü", "a@example.com"),
            ("Ann (at (work)) <ann@example.com>", "Ann", "ann@example.com"),
            ("<\"a b\"@example.com>", "", ""),
            ("<\"a.b\"@example.com>", "", "\"a.b\"@example.com"),
        ] {
            let found = From::of(&[value.as_bytes()]);
            let one = found.one().map(|one| (one.name.as_str(), one.address.as_str()));
            let expected = (!address.is_empty()).then_some((name, address));
            assert_eq!(one, expected, "{value}: {found:?}");
        }
    }

    #[test]
    fn what_can_be_read_in_several_ways_has_no_author() {
        for value in [
            "a@example.com, b@example.com",
            "<a@example.com><b@example.com>",
            "<a@example.com> b@example.com",
            "<a@example.com>, <b@example.com>",
            "a@example.com <b@example.com",
            "<<a@example.com>>",
            "a@example.com\0 <b@example.com>",
            "<a@example.com\0>",
            "\"a@example.com\"@b@example.com",
            "a@example.com (b@example.com",
            "\"<a@example.com>, b@example.com",
            "=?utf-8?q?a=40example=2Ecom?=",
            "=?utf-8?q?=3Ca=40example=2Ecom=3E?=, <b@example.com>",
            "undisclosed-recipients:;",
            "Ann",
            "",
            "a b@example.com",
            "a@example.com b@example.com",
        ] {
            let found = From::of(&[value.as_bytes()]);
            assert!(found.one().is_none(), "{value}: {found:?}");
        }
        assert!(
            matches!(From::of(&[b"a@example.com", b"a@example.com"]), From::Several(all) if all.len() == 2)
        );
        assert_eq!(From::of(&[]), From::Missing);
        assert_eq!(From::of(&[b"Ann"]), From::Unreadable("Ann".to_owned()));
    }

    #[test]
    fn lists_and_groups_are_taken_apart() {
        let addresses = |value: &str| -> Vec<String> {
            list(value.as_bytes())
                .found
                .into_iter()
                .map(|one| one.address.to_string())
                .collect()
        };
        assert_eq!(
            addresses("a@x.example, \"B, C\" <b@x.example>,, nonsense, c@x.example"),
            ["a@x.example", "b@x.example", "c@x.example"]
        );
        assert_eq!(
            addresses("Team: a@x.example, <b@x.example>; c@x.example"),
            ["a@x.example", "b@x.example", "c@x.example"]
        );
        assert_eq!(addresses(&"a@x.example,".repeat(100_000)).len(), MOST);
        for endless in ["(", "g:", "<", "\"", "(a", ",", "\\", "g:;"] {
            let _ = list(endless.repeat(100_000).as_bytes());
        }
    }
}
