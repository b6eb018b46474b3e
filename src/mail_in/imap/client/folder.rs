//! What is done in a folder: look what is there, fetch, mark, wait for more.

use super::super::Kind;
use super::{Failure, SHORT_BYTES, Session, shown, timed_out, words};
use mail::imap::{Condition, Event, Violation, folder, uid_set};
use std::collections::BTreeSet;
use tokio::time::timeout;

/// What a list of a folder may take; a result of a search takes eight bytes or so.
const LIST_BYTES: u64 = 16 * 1_024 * 1_024;
/// What a server may say while we wait before we look what it means.
const IDLE_BYTES: u64 = 64 * 1_024;

/// A folder that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mail_in::imap) struct Selected {
    pub(in crate::mail_in::imap) uid_validity: u32,
    /// All mails that come from now on have this UID or a higher one.
    pub(in crate::mail_in::imap) uid_next: u32,
    pub(in crate::mail_in::imap) mails: u32,
    pub(in crate::mail_in::imap) is_read_only: bool,
}

/// A mail that was not fetched yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mail_in::imap) struct Described {
    pub(in crate::mail_in::imap) uid: u32,
    pub(in crate::mail_in::imap) bytes: u64,
    pub(in crate::mail_in::imap) internal_ms: Option<i64>,
}

/// What came of asking for a mail.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::mail_in::imap) enum Body {
    Mail(Vec<u8>),
    /// It is not there any more.
    Gone,
    /// It is longer than was said, by so many bytes in all. The connection is of no use any more.
    TooLong(u64),
    /// The server does not hand it out.
    Refused(String),
}

/// What came of marking mails.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::mail_in::imap) enum Marked {
    Done,
    /// The server does not do it.
    Refused(String),
}

impl Session {
    /// Opens a folder, only to look (EXAMINE) or also to mark mails (SELECT).
    pub(in crate::mail_in::imap) async fn select(
        &mut self,
        name: &str,
        to_look: bool,
    ) -> Result<Selected, Failure> {
        let written = self.written(name)?;
        let verb = if to_look { "EXAMINE" } else { "SELECT" };
        let (mut validity, mut next) = (None, None);
        let on = |event| {
            if let Event::Untagged(status) = event {
                validity = status.number("UIDVALIDITY").or(validity);
                next = status.number("UIDNEXT").or(next);
            }
        };
        let limits = (SHORT_BYTES, self.patience.list);
        let line = [shown(&format!("{verb} {written}"))];
        let status = self.command("opening the folder", &line, limits, on).await?;
        let why = format!("does not open the folder {name}");
        let is_read_only = self.expect(&status, Kind::Refused, &why)?.has("READ-ONLY");
        let Some(uid_validity) = validity.filter(|validity| *validity > 0) else {
            let words = "gives mails no UIDs that stay; it cannot be fetched from safely";
            return Err(self.failure(Kind::Refused, words));
        };
        let uid_next = match next {
            Some(next) => next,
            None => self
                .search("ALL", 1, usize::MAX)
                .await?
                .last()
                .map_or(1, |last| last.saturating_add(1)),
        };
        Ok(Selected {
            uid_validity,
            uid_next,
            mails: self.mails,
            is_read_only,
        })
    }

    /// The lowest UIDs that a search finds, from one on; at most so many.
    pub(in crate::mail_in::imap) async fn search(
        &mut self,
        criteria: &str,
        from: u32,
        most: usize,
    ) -> Result<BTreeSet<u32>, Failure> {
        // `7:*` finds the last mail also when its UID is below 7.
        let (mut found, mut highest) = (BTreeSet::new(), None);
        let on = |event| {
            if let Event::Found(uid) = event
                && uid >= from
            {
                if most == usize::MAX {
                    highest = highest.max(Some(uid));
                    return;
                }
                found.insert(uid);
                if found.len() > most {
                    found.pop_last();
                }
            }
        };
        let limits = (LIST_BYTES, self.patience.list);
        let line = [shown(&format!("UID SEARCH {criteria}"))];
        let status = self.command("a search", &line, limits, on).await?;
        self.expect(&status, Kind::Unreachable, "failed at a search")?;
        found.extend(highest);
        Ok(found)
    }

    /// Lengths and dates. Mails that are gone are missing.
    pub(in crate::mail_in::imap) async fn describe(
        &mut self,
        uids: &[u32],
    ) -> Result<Vec<Described>, Failure> {
        let mut found: Vec<Described> = Vec::new();
        let on = |event| {
            if let Event::Fetch(mail) = event
                && let (Some(uid), Some(bytes)) = (mail.uid, mail.size)
                && uids.binary_search(&uid).is_ok()
                && found.iter().all(|known| known.uid != uid)
            {
                found.push(Described {
                    uid,
                    bytes,
                    internal_ms: mail.internal_ms,
                });
            }
        };
        let limits = (SHORT_BYTES, self.patience.list);
        let line = format!("UID FETCH {} (UID RFC822.SIZE INTERNALDATE)", uid_set(uids));
        let status = self
            .command("a list of mails", &[shown(&line)], limits, on)
            .await?;
        self.expect(&status, Kind::Unreachable, "failed at a list of mails")?;
        found.sort_by_key(|mail| mail.uid);
        Ok(found)
    }

    /// Fetches one mail of at most so many bytes. It stays unread there.
    pub(in crate::mail_in::imap) async fn body(
        &mut self,
        uid: u32,
        most_bytes: u64,
    ) -> Result<Body, Failure> {
        self.wire.expect_body(most_bytes);
        self.wire.allow(most_bytes.saturating_add(SHORT_BYTES));
        let mut body = None;
        let on = |event| {
            if let Event::Fetch(mail) = event
                && mail.uid == Some(uid)
            {
                body = mail.body.or(body.take());
            }
        };
        let line = [shown(&format!("UID FETCH {uid} (UID BODY.PEEK[])"))];
        let done = timeout(self.patience.mail, self.converse(&line, on)).await;
        self.wire.expect_body(0);
        match done.unwrap_or(Err(timed_out(self.patience.mail))) {
            Ok(status) if status.condition == Condition::Ok => Ok(body.map_or(Body::Gone, Body::Mail)),
            Ok(status) => Ok(Body::Refused(words(&status))),
            // Some servers count lines otherwise than they send them; far beyond that is malice.
            Err(super::Trouble::Violation(Violation::LongLiteral(bytes)))
                if bytes <= most_bytes.saturating_mul(2) =>
            {
                Ok(Body::TooLong(bytes))
            }
            Err(trouble) => Err(self.broken(&format!("the mail with UID {uid}"), &trouble)),
        }
    }

    /// Marks mails as seen.
    pub(in crate::mail_in::imap) async fn mark_seen(&mut self, uids: &[u32]) -> Result<Marked, Failure> {
        self.mark(&format!("UID STORE {} +FLAGS.SILENT (\\Seen)", uid_set(uids)))
            .await
    }

    /// Moves mails to another folder, which is made when it is missing.
    pub(in crate::mail_in::imap) async fn move_to(
        &mut self,
        uids: &[u32],
        name: &str,
    ) -> Result<Marked, Failure> {
        let (set, written) = (uid_set(uids), self.written(name)?);
        let verb = if self.can("MOVE") { "MOVE" } else { "COPY" };
        let line = format!("UID {verb} {set} {written}");
        let mut status = self.short(&line, "moving mails").await?;
        if status.has("TRYCREATE") {
            self.short(&format!("CREATE {written}"), "making a folder")
                .await?;
            status = self.short(&line, "moving mails").await?;
        }
        if status.condition != Condition::Ok {
            return Ok(Marked::Refused(words(&status)));
        }
        if self.can("MOVE") {
            return Ok(Marked::Done);
        }
        let deleted = format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)");
        let marked = self.mark(&deleted).await?;
        // A plain EXPUNGE would also take what others have marked.
        if marked == Marked::Done && self.can("UIDPLUS") {
            return self.mark(&format!("UID EXPUNGE {set}")).await;
        }
        Ok(marked)
    }

    /// Waits for the server to tell of something new; false when the time came first. Where the server
    /// does not know how to (no IDLE), only the time counts.
    pub(in crate::mail_in::imap) async fn wait(
        &mut self,
        until: impl Future<Output = ()>,
    ) -> Result<bool, Failure> {
        if !self.can("IDLE") {
            until.await;
            return Ok(false);
        }
        self.tags = self.tags.wrapping_add(1);
        let (tag, at, patience) = (format!("a{}", self.tags), "IDLE", self.patience.reply);
        let mut news = false;
        let mut on = |event| news |= matches!(event, Event::Exists(_));
        self.wire.allow(SHORT_BYTES);
        let asked = async {
            self.wire
                .say(&format!("{tag} IDLE"), &format!("{tag} IDLE"))
                .await?;
            self.until_asked(&tag, &mut on).await
        };
        let asked = timeout(patience, asked).await.unwrap_or(Err(timed_out(patience)));
        if asked.map_err(|trouble| self.broken(at, &trouble))?.is_some() {
            // It does not want to, whatever it offered.
            self.capabilities.retain(|known| known != "IDLE");
            return Ok(false);
        }
        self.wire.allow(IDLE_BYTES);
        let mut until = std::pin::pin!(until);
        while !news {
            tokio::select! {
                () = &mut until => break,
                event = self.wire.event() => match event {
                    Ok(told @ Event::Exists(_)) => {
                        self.count(&told);
                        news = true;
                    }
                    Ok(told @ Event::Expunge) => self.count(&told),
                    Ok(Event::Untagged(status)) if status.condition == Condition::Bye => {
                        self.farewell = Some(words(&status));
                    }
                    Ok(_) => {}
                    Err(super::Trouble::TooMuch) => news = true,
                    Err(trouble) => return Err(self.broken(at, &trouble)),
                },
            }
        }
        self.wire.allow(SHORT_BYTES);
        let mut on = |event| news |= matches!(event, Event::Exists(_));
        let ended = async {
            self.wire.say("DONE", "DONE").await?;
            self.until_asked(&tag, &mut on).await
        };
        let ended = timeout(patience, ended).await.unwrap_or(Err(timed_out(patience)));
        ended.map_err(|trouble| self.broken(at, &trouble))?;
        Ok(news)
    }

    async fn mark(&mut self, line: &str) -> Result<Marked, Failure> {
        let status = self.short(line, "marking mails").await?;
        Ok(match status.condition {
            Condition::Ok => Marked::Done,
            _ => Marked::Refused(words(&status)),
        })
    }

    fn written(&self, name: &str) -> Result<String, Failure> {
        folder(name).ok_or_else(|| {
            let words = "cannot be asked for a folder of this name";
            self.failure(Kind::Refused, words)
        })
    }
}
