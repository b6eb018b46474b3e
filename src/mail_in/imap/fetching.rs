//! Fetching: from an open folder into the pipeline, mail by mail, for as long as the connection lasts.

use super::client::{Body, Described, Failure, Manner, Marked, Session};
use super::cursor::{Cursor, Way};
use super::store::{self, Claim, Passed, Row};
use super::work::Room;
use super::{Afterwards, Kind, settings};
use crate::app::App;
use crate::error::Error;
use crate::mail_in::{self, Door, Received, Sender};
use crate::outbound::{self, Dialogue};
use db::Tx;
use std::sync::Arc;

/// UIDs that are looked at before we ask again what is new.
const AT_ONCE: usize = 200;
/// Mails described, or marked, in one command.
const IN_ONE_COMMAND: usize = 50;
/// How long a server may be silent while it is to tell what is new: it is asked before (RFC 2177 allows 29
/// minutes), because routers forget silent connections sooner.
const IDLE_MS: i64 = 5 * 60 * 1000;
/// The same after mail was fetched: some servers miss what arrives just before they begin to tell.
const SOON_MS: i64 = 15 * 1000;
/// How often a server is asked that tells nothing by itself.
const POLL_MS: i64 = 60 * 1000;
/// How often a mail is asked for that the server does not hand out.
const MOST_REFUSALS: i64 = 5;
const MIB: u64 = 1_024 * 1_024;

/// Why fetching ended.
#[derive(Debug)]
pub(super) enum End {
    /// The server, or the way to it; with the mail that it does not hand out.
    Failed(Failure, Option<u32>),
    /// We could not store something.
    Store(Error),
    /// Somebody else works at the mailbox, or it was changed.
    Lost,
    /// The connection is of no use any more, through no fault: at once again.
    Again,
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure, None)
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<db::Error> for End {
    fn from(error: db::Error) -> Self {
        Self::Store(error.into())
    }
}

struct Fetcher {
    app: App,
    room: Arc<Room>,
    claim: Claim,
    name: String,
    afterwards: Afterwards,
    /// The mail that the server did not hand out before, and how often.
    stuck: Option<(i64, i64)>,
    cursor: Cursor,
    /// Whether the cursor has passed mails that the database does not know of.
    is_ahead: bool,
    /// Whether mail was fetched since this was asked the last time.
    has_fetched: bool,
    session: Session,
}

/// Connects and fetches until it cannot go on. `looked` is called whenever everything there was fetched.
pub(super) async fn fetch(app: &App, room: Arc<Room>, row: Row) -> End {
    match open(app, room, row).await {
        Ok(mut fetcher) => match fetcher.stay().await {
            Ok(()) => End::Again,
            Err(end) => end,
        },
        Err(end) => end,
    }
}

async fn open(app: &App, room: Arc<Room>, row: Row) -> Result<Fetcher, End> {
    let server = settings::server(app, &row)?;
    let tls = outbound::trust(app).map_err(|words| Failure {
        kind: Kind::Refused,
        words,
    })?;
    let manner = Manner {
        patience: room.patience(),
        tls,
        dialogue: Dialogue::default(),
    };
    let mut session = Session::open(&server, &manner).await?;
    let found = session.select(&row.set.folder, false).await?;
    let mut cursor = row.cursor.clone();
    let is_other = is_other(&mut session, &cursor).await?;
    let now = app.now_ms();
    let began_anew = cursor.settle(found, is_other, row.looked_at, now);
    if began_anew {
        tracing::info!(mailbox = %row.id, "the numbers of a folder began anew; recent mail is gone through");
    }
    let (claim, begins) = (row.claim(), cursor.clone());
    let holds = app
        .db()
        .write(async move |tx: &mut Tx| store::begin(tx, claim, &begins, began_anew, now).await)
        .await?;
    if !holds {
        return Err(End::Lost);
    }
    Ok(Fetcher {
        app: app.clone(),
        room,
        claim,
        name: row.set.name.clone(),
        afterwards: settings::afterwards(&row.set),
        stuck: row.stuck_uid.map(|uid| (uid, row.stuck_times)),
        cursor,
        is_ahead: false,
        has_fetched: false,
        session,
    })
}

/// Whether the last mail that was committed is another one now: some servers begin their numbers anew
/// and do not say so.
async fn is_other(session: &mut Session, cursor: &Cursor) -> Result<bool, Failure> {
    let Some((uid, internal_ms)) = cursor.last() else {
        return Ok(false);
    };
    let found = session.describe(&[uid]).await?;
    let date = found.first().and_then(|mail| mail.internal_ms);
    Ok(date.is_some_and(|date| date != internal_ms))
}

impl Fetcher {
    /// Looks, waits for more, and looks again.
    async fn stay(&mut self) -> Result<(), End> {
        // What was committed before a crash, and not yet marked.
        self.mark().await?;
        loop {
            self.look().await?;
            let (claim, now) = (self.claim, self.app.now_ms());
            let holds = self
                .app
                .db()
                .write(async move |tx: &mut Tx| store::looked(tx, claim, now).await)
                .await?;
            if !holds {
                return Err(End::Lost);
            }
            self.stuck = None;
            // What came since the last search is told of now, or not again.
            self.session.noop().await?;
            if !self.session.take_news() {
                self.wait(now).await?;
            }
            tokio::time::sleep(self.room.patience().rest).await;
            self.session.noop().await?;
        }
    }

    async fn wait(&mut self, now: i64) -> Result<(), End> {
        let has_fetched = std::mem::take(&mut self.has_fetched);
        let patience = match self.session.can("IDLE") {
            true if has_fetched => SOON_MS,
            true => IDLE_MS,
            false => POLL_MS,
        };
        let app = self.app.clone();
        self.session.wait(app.clock().sleep_until(now + patience)).await?;
        Ok(())
    }

    /// Fetches everything that is there: what is new before what is gone through.
    async fn look(&mut self) -> Result<(), End> {
        loop {
            let from = self.cursor.next();
            self.session.take_news();
            let found = self
                .session
                .search(&format!("UID {from}:*"), from, AT_ONCE)
                .await?;
            if !found.is_empty() {
                self.take(found.into_iter().collect(), Way::Up).await?;
                continue;
            }
            let Some(scan) = self.cursor.scan() else {
                // What came while we searched is not told of again.
                if !self.session.take_news() {
                    return Ok(());
                }
                tokio::time::sleep(self.room.patience().rest).await;
                continue;
            };
            let found = match scan.criteria() {
                Some(criteria) => self.session.search(&criteria, scan.from, AT_ONCE).await?,
                None => std::collections::BTreeSet::new(),
            };
            let uids: Vec<u32> = found.into_iter().filter(|uid| *uid < scan.end).collect();
            if uids.is_empty() {
                self.cursor.end_scan();
                self.advance(Passed::default()).await?;
            } else {
                self.take(uids, Way::Scan).await?;
            }
        }
    }

    async fn take(&mut self, uids: Vec<u32>, way: Way) -> Result<(), End> {
        for some in uids.chunks(IN_ONE_COMMAND) {
            let described = self.session.describe(some).await?;
            for uid in some {
                let of = described.iter().find(|mail| mail.uid == *uid);
                self.take_one(*uid, of.copied(), way).await?;
            }
            if self.is_ahead {
                self.advance(Passed::default()).await?;
            }
            self.mark().await?;
        }
        Ok(())
    }

    async fn take_one(&mut self, uid: u32, of: Option<Described>, way: Way) -> Result<(), End> {
        let internal_ms = of.and_then(|mail| mail.internal_ms);
        let since = self.cursor.scan_since.filter(|_| way == Way::Scan);
        let is_older = since.zip(internal_ms).is_some_and(|(since, at)| at < since);
        if is_older {
            self.cursor.pass(way, uid);
            self.is_ahead = true;
            return Ok(());
        }
        // A server that tells nothing of a mail may have it nevertheless.
        let bytes = of.map_or(0, |mail| mail.bytes);
        let most_bytes = self.app.config().mail_in.most_bytes;
        if bytes > most_bytes {
            let why = too_long(bytes, internal_ms, most_bytes);
            return self.skip(uid, way, why).await;
        }
        let room = Arc::clone(&self.room);
        let _space = room.space(bytes / MIB).await;
        match self.session.body(uid, most_bytes).await {
            Ok(Body::Mail(raw)) if !raw.is_empty() => self.commit(uid, internal_ms, raw, way).await,
            Ok(Body::Mail(_)) => self.refused(uid, way, "the mail is empty").await,
            Ok(Body::Refused(words)) => self.refused(uid, way, &words).await,
            Ok(Body::Gone) => {
                self.cursor.pass(way, uid);
                self.is_ahead = true;
                Ok(())
            }
            Ok(Body::TooLong(bytes)) => {
                let why = too_long(bytes, internal_ms, most_bytes);
                self.skip(uid, way, why).await?;
                Err(End::Again)
            }
            Err(failure) => Err(End::Failed(failure, None)),
        }
    }

    /// The server does not hand a mail out: asked for again some times, then passed over, so that it does
    /// not keep the others.
    async fn refused(&mut self, uid: u32, way: Way, words: &str) -> Result<(), End> {
        let before = self.stuck.filter(|(stuck, _)| *stuck == i64::from(uid));
        if before.is_some_and(|(_, times)| times + 1 >= MOST_REFUSALS) {
            let why = format!("The server does not hand out the mail with UID {uid}: {words}");
            return self.skip(uid, way, why).await;
        }
        let failure = Failure {
            kind: Kind::Unreachable,
            words: format!("The server does not hand out the mail with UID {uid}: {words}"),
        };
        Err(End::Failed(failure, Some(uid)))
    }

    async fn skip(&mut self, uid: u32, way: Way, words: String) -> Result<(), End> {
        tracing::warn!(mailbox = %self.claim.id, uid, "a mail was passed over");
        self.cursor.pass(way, uid);
        let passed = Passed {
            skipped: Some(words),
            ..Passed::default()
        };
        self.advance(passed).await
    }

    /// The mail and the cursor that says so, in one transaction.
    async fn commit(
        &mut self,
        uid: u32,
        internal_ms: Option<i64>,
        raw: Vec<u8>,
        way: Way,
    ) -> Result<(), End> {
        let received = Received {
            helpdesk_id: self.claim.helpdesk_id,
            door: Door::Imap,
            sender: Sender::Unknown,
            recipients: Vec::new(),
            client: self.name.clone(),
            raw,
        };
        let prepared = mail_in::prepare(&self.app, received).await?;
        self.has_fetched = true;
        self.cursor.pass(way, uid);
        self.cursor.remember(uid, internal_ms);
        let passed = Passed {
            fetched: Some(uid),
            is_marked: self.afterwards != Afterwards::Leave,
            skipped: None,
        };
        let (claim, cursor, now) = (self.claim, self.cursor.clone(), self.app.now_ms());
        let written = self
            .app
            .db()
            .write(async move |tx: &mut Tx| {
                if !store::advance(tx, claim, &cursor, &passed, now).await? {
                    return Err(Refused::Lost);
                }
                mail_in::file(tx, &prepared).await?;
                Ok(())
            })
            .await;
        self.is_ahead = false;
        Ok(written?)
    }

    async fn advance(&mut self, passed: Passed) -> Result<(), End> {
        let (claim, cursor, now) = (self.claim, self.cursor.clone(), self.app.now_ms());
        let holds = self
            .app
            .db()
            .write(async move |tx: &mut Tx| store::advance(tx, claim, &cursor, &passed, now).await)
            .await?;
        self.is_ahead = false;
        if holds { Ok(()) } else { Err(End::Lost) }
    }

    /// Marks, or moves, what is committed and was not yet.
    async fn mark(&mut self) -> Result<(), End> {
        let (app, claim) = (self.app.clone(), self.claim);
        let most = i64::try_from(IN_ONE_COMMAND).unwrap_or(1);
        loop {
            let marks = app
                .db()
                .read(async move |tx: &mut Tx| store::marks(tx, claim, most).await)
                .await?;
            let uids: Vec<u32> = marks.iter().filter_map(|uid| u32::try_from(*uid).ok()).collect();
            if uids.is_empty() {
                return Ok(());
            }
            let marked = match &self.afterwards {
                Afterwards::Seen => self.session.mark_seen(&uids).await?,
                Afterwards::Move(folder) => self.session.move_to(&uids, folder).await?,
                // It was set otherwise when they were committed.
                Afterwards::Leave => Marked::Done,
            };
            let warning = match marked {
                Marked::Done => String::new(),
                Marked::Refused(words) => {
                    format!("Mail is fetched, but the server does not let it be marked or moved: {words}")
                }
            };
            app.db()
                .write(async move |tx: &mut Tx| {
                    store::warn(tx, claim, &warning).await?;
                    store::unmark(tx, claim, &uids).await
                })
                .await?;
        }
    }
}

/// Why a mail was not committed.
enum Refused {
    Lost,
    Database(db::Error),
}

impl From<db::Error> for Refused {
    fn from(error: db::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Refused> for End {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Lost => Self::Lost,
            Refused::Database(error) => error.into(),
        }
    }
}

fn too_long(bytes: u64, internal_ms: Option<i64>, most_bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) / MIB;
    let came = internal_ms.map(crate::clock::iso8601);
    let came = came.map(|at| format!(", received {at},")).unwrap_or_default();
    format!(
        "A mail of {}.{} MiB{came} is longer than {} MiB",
        tenths / 10,
        tenths % 10,
        most_bytes / MIB
    )
}
