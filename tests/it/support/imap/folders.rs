//! What a server of mailboxes keeps.

use std::collections::{BTreeMap, BTreeSet};

/// A mail in a folder.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) uid: u32,
    /// When the server got it, epoch milliseconds.
    pub(crate) internal_ms: i64,
    pub(crate) flags: BTreeSet<String>,
    pub(crate) raw: Vec<u8>,
    /// The length that it tells, when it is not the true one.
    pub(crate) told_size: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    pub(crate) mails: Vec<Kept>,
}

impl Default for Folder {
    fn default() -> Self {
        Self {
            uid_validity: 1,
            uid_next: 1,
            mails: Vec::new(),
        }
    }
}

impl Folder {
    pub(crate) fn add(&mut self, raw: &[u8], internal_ms: i64) -> u32 {
        let uid = self.uid_next;
        self.uid_next += 1;
        self.mails.push(Kept {
            uid,
            internal_ms,
            flags: BTreeSet::new(),
            raw: raw.to_vec(),
            told_size: None,
        });
        uid
    }
}

/// What there is, and what was seen.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) folders: BTreeMap<String, Folder>,
    /// Every command without its tag, in the order of all connections; under TLS with `tls ` before it.
    pub(crate) lines: Vec<String>,
    pub(crate) connections: usize,
    pub(crate) open: usize,
    pub(crate) most_open: usize,
    pub(crate) cuts: usize,
}

pub(super) fn ranges(set: &str) -> Vec<(u32, u32)> {
    let number = |text: &str| {
        if text == "*" {
            u32::MAX
        } else {
            text.parse().expect("a UID")
        }
    };
    let ranges = set.split(',').map(|part| match part.split_once(':') {
        Some((first, last)) => (number(first), number(last)),
        None => (number(part), number(part)),
    });
    ranges.collect()
}

pub(super) fn within(ranges: &[(u32, u32)], uid: u32) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&uid))
}

pub(super) fn search(folder: &Folder, criteria: &str) -> Vec<u32> {
    let words: Vec<&str> = criteria.split(' ').collect();
    let set = words
        .iter()
        .position(|word| *word == "UID")
        .map(|at| ranges(words[at + 1]));
    let since = words.iter().position(|word| *word == "SINCE").map(|at| {
        let date = jiff::civil::Date::strptime("%d-%b-%Y", words[at + 1]).expect("a date");
        date.to_zoned(jiff::tz::TimeZone::UTC)
            .expect("a day")
            .timestamp()
            .as_millisecond()
    });
    let last = folder.mails.last().map(|mail| mail.uid);
    let chosen = folder.mails.iter().filter(|mail| {
        let open_end = set.as_ref().is_some_and(|set| set[0].1 == u32::MAX);
        let named =
            set.as_ref().is_none_or(|set| within(set, mail.uid)) || (open_end && last == Some(mail.uid));
        named && since.is_none_or(|since| mail.internal_ms >= since)
    });
    chosen.map(|mail| mail.uid).collect()
}
