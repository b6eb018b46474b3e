//! How far a mailbox is read. UIDs grow, and stay as long as the folder's UIDVALIDITY does (RFC 3501,
//! 2.3.1.1); when that changes, numbers mean nothing any more, and dates have to do.

use super::client::Selected;
use mail::imap::written_date;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How much further back than the last known date is read when numbers begin anew: dates of folders have
/// no zone, and mails do not come in the order of their dates.
const BACK_MS: i64 = 2 * DAY_MS;
/// Clocks of servers may be slow by this much.
const SKEW_MS: i64 = 5 * 60 * 1000;

/// How far a mailbox is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Which numbering is meant; `None` before the first look.
    pub(super) uid_validity: Option<i64>,
    /// What has a lower UID was dealt with, but for what the scan still goes through.
    pub(super) next_uid: Option<i64>,
    /// The mail with the highest UID that was committed, and when the server had got it.
    pub(super) last_uid: Option<i64>,
    pub(super) last_internal_ms: Option<i64>,
    /// Older mail is gone through: from this date on,
    pub(super) scan_since: Option<i64>,
    /// from this UID on,
    pub(super) scan_uid: i64,
    /// and below this one; `None` before the first look.
    pub(super) scan_end: Option<i64>,
    /// Nothing older is fetched unless somebody asks for it.
    pub(super) floor_ms: i64,
}

/// On which way a mail was come upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It is new.
    Up,
    /// It is among those that are gone through.
    Scan,
}

/// What is still to be gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    pub(super) since_ms: i64,
    pub(super) from: u32,
    /// One above the last.
    pub(super) end: u32,
}

impl Cursor {
    /// For a new mailbox: what arrives from now on, and what has arrived since a date.
    pub(super) fn new(now_ms: i64, since_ms: Option<i64>) -> Self {
        Self {
            uid_validity: None,
            next_uid: None,
            last_uid: None,
            last_internal_ms: None,
            scan_since: since_ms,
            scan_uid: 1,
            scan_end: None,
            floor_ms: since_ms.unwrap_or(now_ms - SKEW_MS),
        }
    }

    /// Goes through everything since a date once more.
    pub(super) fn rescan(&mut self, since_ms: i64) {
        self.scan_since = Some(self.scan_since.map_or(since_ms, |since| since.min(since_ms)));
        self.scan_uid = 1;
        self.scan_end = None;
        self.floor_ms = self.floor_ms.min(since_ms);
    }

    /// Fits to the folder as it was found. `is_other` when its last known mail is another one now. True
    /// when its numbers began anew.
    pub(super) fn settle(
        &mut self,
        found: Selected,
        is_other: bool,
        looked_at: Option<i64>,
        now_ms: i64,
    ) -> bool {
        let (validity, next) = (i64::from(found.uid_validity), i64::from(found.uid_next.max(1)));
        let known = self.uid_validity.zip(self.next_uid);
        let began_anew =
            known.is_some_and(|(known, known_next)| known != validity || next < known_next || is_other);
        if began_anew {
            let last = self.last_internal_ms.unwrap_or(now_ms).min(now_ms);
            let since = last.min(looked_at.unwrap_or(self.floor_ms)) - BACK_MS;
            let since = since.max(self.floor_ms);
            self.scan_since = Some(self.scan_since.map_or(since, |scanning| scanning.min(since)));
            self.scan_uid = 1;
            self.scan_end = None;
            (self.last_uid, self.last_internal_ms) = (None, None);
        }
        if began_anew || known.is_none() {
            (self.uid_validity, self.next_uid) = (Some(validity), Some(next));
        }
        if self.scan_since.is_some() && self.scan_end.is_none() {
            self.scan_end = self.next_uid;
        }
        began_anew
    }

    /// The lowest UID that is new.
    pub(super) fn next(&self) -> u32 {
        to_uid(self.next_uid.unwrap_or(1))
    }

    /// The last mail that was committed, with its date, to be told from another of the same number.
    pub(super) fn last(&self) -> Option<(u32, i64)> {
        Some((to_uid(self.last_uid?), self.last_internal_ms?))
    }

    /// What is still to be gone through, if anything.
    pub(super) fn scan(&self) -> Option<Scan> {
        Some(Scan {
            since_ms: self.scan_since?,
            from: to_uid(self.scan_uid),
            end: to_uid(self.scan_end?),
        })
    }

    /// Goes past a mail.
    pub(super) fn pass(&mut self, way: Way, uid: u32) {
        let above = i64::from(uid) + 1;
        match way {
            Way::Up => self.next_uid = Some(above),
            Way::Scan => self.scan_uid = above,
        }
    }

    /// Remembers a mail that is committed, if it is the highest.
    pub(super) fn remember(&mut self, uid: u32, internal_ms: Option<i64>) {
        let uid = i64::from(uid);
        if self.last_uid.is_none_or(|last| last <= uid) {
            (self.last_uid, self.last_internal_ms) = (Some(uid), internal_ms);
        }
    }

    /// Everything was gone through.
    pub(super) fn end_scan(&mut self) {
        (self.scan_since, self.scan_uid, self.scan_end) = (None, 1, None);
    }
}

impl Scan {
    /// The search for it; `None` when nothing is left. A day more than is asked for, because servers
    /// search by days of their own zone.
    pub(super) fn criteria(&self) -> Option<String> {
        let last = self.end.checked_sub(1).filter(|last| *last >= self.from)?;
        let since = written_date(self.since_ms.saturating_sub(DAY_MS).max(0));
        Some(format!("UID {}:{last} SINCE {since}", self.from))
    }
}

fn to_uid(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_780_000_000_000;

    fn folder(uid_validity: u32, uid_next: u32) -> Selected {
        Selected {
            uid_validity,
            uid_next,
            mails: 0,
            is_read_only: false,
        }
    }

    #[test]
    fn a_new_mailbox_begins_with_what_arrives_from_now_on() {
        let mut cursor = Cursor::new(NOW, None);
        assert!(!cursor.settle(folder(7, 100), false, None, NOW));
        assert_eq!((cursor.next(), cursor.scan()), (100, None));
        let mut cursor = Cursor::new(NOW, Some(NOW - 9 * DAY_MS));
        cursor.settle(folder(7, 100), false, None, NOW);
        let scan = cursor.scan().unwrap();
        assert_eq!((cursor.next(), scan.from, scan.end), (100, 1, 100));
        assert_eq!(scan.criteria().unwrap(), "UID 1:99 SINCE 18-May-2026");
        for uid in [7, 99] {
            cursor.pass(Way::Scan, uid);
        }
        assert_eq!(cursor.scan().unwrap().criteria(), None);
        let mut empty = Cursor::new(NOW, Some(0));
        empty.settle(folder(7, 0), false, None, NOW);
        assert_eq!(empty.scan().unwrap().criteria(), None);
    }

    #[test]
    fn when_numbers_begin_anew_recent_mail_is_gone_through() {
        let read = || {
            let mut cursor = Cursor::new(NOW - 30 * DAY_MS, None);
            cursor.settle(folder(7, 100), false, None, NOW);
            cursor.pass(Way::Up, 150);
            cursor.remember(150, Some(NOW - DAY_MS));
            cursor
        };
        let looked = Some(NOW - 1000);
        let mut cursor = read();
        assert!(!cursor.settle(folder(7, 151), false, looked, NOW));
        assert_eq!((cursor.next(), cursor.last()), (151, Some((150, NOW - DAY_MS))));
        for (found, is_other) in [
            (folder(8, 151), false),
            (folder(7, 150), false),
            (folder(7, 200), true),
        ] {
            let mut cursor = read();
            assert!(cursor.settle(found, is_other, looked, NOW), "{found:?}");
            let scan = cursor.scan().unwrap();
            assert_eq!(cursor.next(), found.uid_next);
            assert_eq!(
                (scan.from, scan.end, scan.since_ms),
                (1, found.uid_next, NOW - 3 * DAY_MS)
            );
            assert_eq!(cursor.last(), None);
        }
        // Never what was there before the mailbox was added.
        let mut young = Cursor::new(NOW, None);
        young.settle(folder(7, 100), false, None, NOW);
        assert!(young.settle(folder(8, 100), false, Some(NOW), NOW));
        assert_eq!(young.scan().unwrap().since_ms, NOW - SKEW_MS);
        // A date in the future is no reason to leave anything out.
        let mut ahead = read();
        ahead.remember(150, Some(NOW + 900 * DAY_MS));
        ahead.settle(folder(8, 9), false, looked, NOW);
        assert_eq!(ahead.scan().unwrap().since_ms, NOW - 1000 - BACK_MS);
    }

    #[test]
    fn what_is_asked_for_again_is_joined_with_what_is_going_on() {
        let mut cursor = Cursor::new(NOW, Some(NOW - DAY_MS));
        cursor.settle(folder(7, 100), false, None, NOW);
        cursor.pass(Way::Scan, 50);
        cursor.pass(Way::Up, 120);
        cursor.rescan(NOW - 5 * DAY_MS);
        cursor.settle(folder(7, 130), false, None, NOW);
        let scan = cursor.scan().unwrap();
        assert_eq!((scan.from, scan.end, scan.since_ms), (1, 121, NOW - 5 * DAY_MS));
        cursor.rescan(NOW);
        assert_eq!(cursor.scan_since, Some(NOW - 5 * DAY_MS));
        cursor.end_scan();
        assert_eq!(cursor.scan(), None);
    }
}
