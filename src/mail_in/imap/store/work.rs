//! How mailboxes are worked at: leases, cursors, marks that are still to be set.

use super::{Row, TOPIC, columns, read};
use crate::ids::{HelpdeskId, MailboxId};
use crate::mail_in::imap::cursor::Cursor;
use db::{Error, Tx};
use uuid::Uuid;

/// The right to work at a mailbox, until somebody takes it over or changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mail_in::imap) struct Claim {
    pub(in crate::mail_in::imap) helpdesk_id: HelpdeskId,
    pub(in crate::mail_in::imap) id: MailboxId,
    pub(in crate::mail_in::imap) fence: i64,
}

impl Row {
    pub(in crate::mail_in::imap) fn claim(&self) -> Claim {
        Claim {
            helpdesk_id: self.helpdesk_id,
            id: self.id,
            fence: self.fence,
        }
    }
}

/// When the next mailbox is due.
pub(in crate::mail_in::imap) async fn next_due(tx: &mut Tx) -> Result<Option<i64>, Error> {
    tx.first(
        "SELECT due_at FROM mailboxes WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
        &[],
        |row| row.get(0),
    )
    .await
}

/// Takes one mailbox that is due, until then.
pub(in crate::mail_in::imap) async fn take_due(
    tx: &mut Tx,
    now_ms: i64,
    until_ms: i64,
    node_id: Uuid,
) -> Result<Option<Row>, Error> {
    tx.first(
        concat!(
            "WITH due AS MATERIALIZED (
                 SELECT helpdesk_id AS of_helpdesk, id AS of_id FROM mailboxes
                 WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT 1 /* skip locked */)
             UPDATE mailboxes SET due_at = $2, fence = fence + 1, node_id = $3, connected_at = NULL
             WHERE (helpdesk_id, id) IN (SELECT of_helpdesk, of_id FROM due)
             RETURNING ",
            columns!()
        ),
        &[&now_ms, &until_ms, &node_id],
        read,
    )
    .await
}

/// Gives back what a node had when it stopped.
pub(in crate::mail_in::imap) async fn end_leases(
    tx: &mut Tx,
    node_id: Uuid,
    now_ms: i64,
) -> Result<u64, Error> {
    tx.execute(
        "UPDATE mailboxes SET due_at = $2, fence = fence + 1, node_id = NULL, connected_at = NULL
         WHERE due_at IS NOT NULL AND node_id = $1",
        &[&node_id, &now_ms],
    )
    .await
}

/// Whether a claim still holds.
pub(in crate::mail_in::imap) async fn holds(tx: &mut Tx, claim: Claim) -> Result<bool, Error> {
    let found = tx
        .first(
            "SELECT fence FROM mailboxes WHERE helpdesk_id = $1 AND id = $2",
            &[&claim.helpdesk_id, &claim.id],
            |row| row.get::<i64>(0),
        )
        .await?;
    Ok(found == Some(claim.fence))
}

/// Prolongs a lease; false when it is lost.
pub(in crate::mail_in::imap) async fn renew(tx: &mut Tx, claim: Claim, until_ms: i64) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE mailboxes SET due_at = $4 WHERE helpdesk_id = $1 AND id = $2 AND fence = $3",
            &[&claim.helpdesk_id, &claim.id, &claim.fence, &until_ms],
        )
        .await?;
    Ok(changed == 1)
}

/// Notes that the folder is open, and where it is read from; false when the claim is lost. Marks of a
/// folder whose numbers began anew are void.
pub(in crate::mail_in::imap) async fn begin(
    tx: &mut Tx,
    claim: Claim,
    cursor: &Cursor,
    marks_are_void: bool,
    now_ms: i64,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE mailboxes SET connected_at = $4 WHERE helpdesk_id = $1 AND id = $2 AND fence = $3",
            &[&claim.helpdesk_id, &claim.id, &claim.fence, &now_ms],
        )
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    put_cursor(tx, claim.helpdesk_id, claim.id, cursor).await?;
    if marks_are_void {
        drop_marks(tx, claim.helpdesk_id, claim.id).await?;
    }
    Ok(true)
}

pub(super) async fn put_cursor(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: MailboxId,
    cursor: &Cursor,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE mailboxes SET uid_validity = $3, next_uid = $4, last_uid = $5, last_internal_at = $6,
             scan_since = $7, scan_uid = $8, scan_end = $9, floor_at = $10
         WHERE helpdesk_id = $1 AND id = $2",
        &[
            &helpdesk_id,
            &id,
            &cursor.uid_validity,
            &cursor.next_uid,
            &cursor.last_uid,
            &cursor.last_internal_ms,
            &cursor.scan_since,
            &cursor.scan_uid,
            &cursor.scan_end,
            &cursor.floor_ms,
        ],
    )
    .await?;
    Ok(())
}

/// What became of mails that the cursor passes.
#[derive(Clone, Debug, Default)]
pub(in crate::mail_in::imap) struct Passed {
    /// The one that is committed in this transaction, to be marked afterwards when `is_marked`.
    pub(in crate::mail_in::imap) fetched: Option<u32>,
    pub(in crate::mail_in::imap) is_marked: bool,
    /// Why one is not fetched.
    pub(in crate::mail_in::imap) skipped: Option<String>,
}

/// Moves the cursor, in the transaction of the mail that it passes; false when the claim is lost, and then
/// nothing of the transaction may stay.
pub(in crate::mail_in::imap) async fn advance(
    tx: &mut Tx,
    claim: Claim,
    cursor: &Cursor,
    passed: &Passed,
    now_ms: i64,
) -> Result<bool, Error> {
    let (fetched, skipped) = (
        i64::from(passed.fetched.is_some()),
        i64::from(passed.skipped.is_some()),
    );
    let changed = tx
        .execute(
            "UPDATE mailboxes SET next_uid = $4, last_uid = $5, last_internal_at = $6, scan_since = $7, scan_uid = $8,
                 scan_end = $9, fetched = fetched + $10, skipped = skipped + $11, skip_words = COALESCE($12, skip_words),
                 last_mail_at = CASE WHEN $10 > 0 THEN $13 ELSE last_mail_at END
             WHERE helpdesk_id = $1 AND id = $2 AND fence = $3",
            &[
                &claim.helpdesk_id,
                &claim.id,
                &claim.fence,
                &cursor.next_uid,
                &cursor.last_uid,
                &cursor.last_internal_ms,
                &cursor.scan_since,
                &cursor.scan_uid,
                &cursor.scan_end,
                &fetched,
                &skipped,
                &passed.skipped,
                &now_ms,
            ],
        )
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    if let Some(uid) = passed.fetched.filter(|_| passed.is_marked) {
        tx.execute(
            "INSERT INTO mailbox_marks (helpdesk_id, mailbox_id, uid) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            &[&claim.helpdesk_id, &claim.id, &i64::from(uid)],
        )
        .await?;
    }
    Ok(true)
}

/// Notes that everything was fetched that is there.
pub(in crate::mail_in::imap) async fn looked(tx: &mut Tx, claim: Claim, now_ms: i64) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE mailboxes SET looked_at = $4, problem = '', problem_kind = '', failures = 0, stuck_times = 0
             WHERE helpdesk_id = $1 AND id = $2 AND fence = $3",
            &[&claim.helpdesk_id, &claim.id, &claim.fence, &now_ms],
        )
        .await?;
    Ok(changed == 1)
}

/// Notes what does not work although mail is fetched; an empty text when it does.
pub(in crate::mail_in::imap) async fn warn(tx: &mut Tx, claim: Claim, words: &str) -> Result<(), Error> {
    tx.execute(
        "UPDATE mailboxes SET warning = $4 WHERE helpdesk_id = $1 AND id = $2 AND fence = $3 AND warning <> $4",
        &[&claim.helpdesk_id, &claim.id, &claim.fence, &words],
    )
    .await?;
    Ok(())
}

/// Why a mailbox is given back, and when it is to be tried again.
#[derive(Clone, Debug)]
pub(in crate::mail_in::imap) struct Release {
    pub(in crate::mail_in::imap) due_at: i64,
    pub(in crate::mail_in::imap) problem: String,
    pub(in crate::mail_in::imap) kind: &'static str,
    pub(in crate::mail_in::imap) failures: i64,
    /// The mail that a server does not hand out.
    pub(in crate::mail_in::imap) stuck_uid: Option<i64>,
    pub(in crate::mail_in::imap) stuck_times: i64,
}

/// Gives a mailbox back.
pub(in crate::mail_in::imap) async fn release(
    tx: &mut Tx,
    claim: Claim,
    release: &Release,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE mailboxes SET node_id = NULL, connected_at = NULL, due_at = $4, problem = $5, problem_kind = $6,
             failures = $7, stuck_uid = $8, stuck_times = $9
         WHERE helpdesk_id = $1 AND id = $2 AND fence = $3",
        &[
            &claim.helpdesk_id,
            &claim.id,
            &claim.fence,
            &release.due_at,
            &release.problem,
            &release.kind,
            &release.failures,
            &release.stuck_uid,
            &release.stuck_times,
        ],
    )
    .await?;
    tx.hint(TOPIC);
    Ok(())
}

/// Mails that are committed and not yet marked, lowest first.
pub(in crate::mail_in::imap) async fn marks(tx: &mut Tx, claim: Claim, most: i64) -> Result<Vec<i64>, Error> {
    tx.all(
        "SELECT uid FROM mailbox_marks WHERE helpdesk_id = $1 AND mailbox_id = $2 ORDER BY uid LIMIT $3",
        &[&claim.helpdesk_id, &claim.id, &most],
        |row| row.get(0),
    )
    .await
}

/// These are marked.
pub(in crate::mail_in::imap) async fn unmark(tx: &mut Tx, claim: Claim, uids: &[u32]) -> Result<(), Error> {
    for uid in uids {
        tx.execute(
            "DELETE FROM mailbox_marks WHERE helpdesk_id = $1 AND mailbox_id = $2 AND uid = $3",
            &[&claim.helpdesk_id, &claim.id, &i64::from(*uid)],
        )
        .await?;
    }
    Ok(())
}

/// Forgets what was to be marked.
pub(in crate::mail_in::imap) async fn drop_marks(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: MailboxId,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM mailbox_marks WHERE helpdesk_id = $1 AND mailbox_id = $2",
        &[&helpdesk_id, &id],
    )
    .await?;
    Ok(())
}
