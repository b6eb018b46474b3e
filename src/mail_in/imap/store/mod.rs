//! SQL of mailboxes: here what admins set and see; how they are worked at in a file of its own.

mod work;

pub(super) use work::{
    Claim, Passed, Release, advance, begin, drop_marks, end_leases, holds, looked, marks, next_due, release,
    renew, take_due, unmark, warn,
};

use super::TOPIC;
use super::cursor::Cursor;
use crate::ids::{HelpdeskId, MailboxId};
use db::{Error, Tx};
use uuid::Uuid;

/// What admins set; the secret is sealed.
#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) name: String,
    pub(super) host: String,
    pub(super) port: i64,
    pub(super) tls: String,
    pub(super) auth: String,
    pub(super) user: String,
    pub(super) secret: Vec<u8>,
    pub(super) folder: String,
    pub(super) afterwards: String,
    pub(super) move_to: String,
}

/// A whole row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) helpdesk_id: HelpdeskId,
    pub(super) id: MailboxId,
    pub(super) set: Set,
    pub(super) cursor: Cursor,
    pub(super) due_at: Option<i64>,
    pub(super) fence: i64,
    pub(super) node_id: Option<Uuid>,
    pub(super) connected_at: Option<i64>,
    pub(super) looked_at: Option<i64>,
    pub(super) last_mail_at: Option<i64>,
    pub(super) fetched: i64,
    pub(super) skipped: i64,
    pub(super) skip_words: String,
    pub(super) problem: String,
    pub(super) problem_kind: String,
    pub(super) failures: i64,
    pub(super) stuck_uid: Option<i64>,
    pub(super) stuck_times: i64,
    pub(super) warning: String,
    pub(super) paused_at: Option<i64>,
    pub(super) paused_by: String,
}

macro_rules! columns {
    () => {
        "helpdesk_id, id, name, host, port, tls, auth, user_name, secret, folder, afterwards, move_to,
         uid_validity, next_uid, last_uid, last_internal_at, scan_since, scan_uid, scan_end, floor_at,
         due_at, fence, node_id, connected_at, looked_at, last_mail_at, fetched, skipped, skip_words,
         problem, problem_kind, failures, stuck_uid, stuck_times, warning, paused_at, paused_by"
    };
}
use columns;

fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        helpdesk_id: row.get(0)?,
        id: row.get(1)?,
        set: Set {
            name: row.get(2)?,
            host: row.get(3)?,
            port: row.get(4)?,
            tls: row.get(5)?,
            auth: row.get(6)?,
            user: row.get(7)?,
            secret: row.get(8)?,
            folder: row.get(9)?,
            afterwards: row.get(10)?,
            move_to: row.get(11)?,
        },
        cursor: Cursor {
            uid_validity: row.get(12)?,
            next_uid: row.get(13)?,
            last_uid: row.get(14)?,
            last_internal_ms: row.get(15)?,
            scan_since: row.get(16)?,
            scan_uid: row.get(17)?,
            scan_end: row.get(18)?,
            floor_ms: row.get(19)?,
        },
        due_at: row.get(20)?,
        fence: row.get(21)?,
        node_id: row.get(22)?,
        connected_at: row.get(23)?,
        looked_at: row.get(24)?,
        last_mail_at: row.get(25)?,
        fetched: row.get(26)?,
        skipped: row.get(27)?,
        skip_words: row.get(28)?,
        problem: row.get(29)?,
        problem_kind: row.get(30)?,
        failures: row.get(31)?,
        stuck_uid: row.get(32)?,
        stuck_times: row.get(33)?,
        warning: row.get(34)?,
        paused_at: row.get(35)?,
        paused_by: row.get(36)?,
    })
}

pub(super) async fn list(tx: &mut Tx, helpdesk_id: HelpdeskId, most: i64) -> Result<Vec<Row>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM mailboxes WHERE helpdesk_id = $1 ORDER BY id LIMIT $2"
        ),
        &[&helpdesk_id, &most],
        read,
    )
    .await
}

pub(super) async fn find(tx: &mut Tx, helpdesk_id: HelpdeskId, id: MailboxId) -> Result<Option<Row>, Error> {
    tx.first(
        concat!(
            "SELECT ",
            columns!(),
            " FROM mailboxes WHERE helpdesk_id = $1 AND id = $2"
        ),
        &[&helpdesk_id, &id],
        read,
    )
    .await
}

/// Adds a mailbox that is due at once.
pub(super) async fn insert(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: MailboxId,
    set: &Set,
    cursor: &Cursor,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO mailboxes (helpdesk_id, id, name, host, port, tls, auth, user_name, secret, folder,
             afterwards, move_to, scan_since, scan_uid, floor_at, due_at, fence, fetched, skipped, skip_words,
             problem, problem_kind, failures, stuck_times, warning, paused_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, 0, 0, '', '', '', 0, 0,
             '', '', $16)",
        &[
            &helpdesk_id,
            &id,
            &set.name,
            &set.host,
            &set.port,
            &set.tls,
            &set.auth,
            &set.user,
            &set.secret,
            &set.folder,
            &set.afterwards,
            &set.move_to,
            &cursor.scan_since,
            &cursor.scan_uid,
            &cursor.floor_ms,
            &now_ms,
        ],
    )
    .await?;
    tx.hint(TOPIC);
    Ok(())
}

/// Changes what is set. Whoever works at the mailbox loses it, and it is due at once unless it is paused.
pub(super) async fn set(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: MailboxId,
    set: &Set,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE mailboxes SET name = $3, host = $4, port = $5, tls = $6, auth = $7, user_name = $8, secret = $9,
             folder = $10, afterwards = $11, move_to = $12, warning = ''
         WHERE helpdesk_id = $1 AND id = $2",
        &[
            &helpdesk_id,
            &id,
            &set.name,
            &set.host,
            &set.port,
            &set.tls,
            &set.auth,
            &set.user,
            &set.secret,
            &set.folder,
            &set.afterwards,
            &set.move_to,
        ],
    )
    .await?;
    start_again(tx, helpdesk_id, id, now_ms).await
}

/// Sets the cursor aside for another one: for admins, between two who work at the mailbox.
pub(super) async fn set_cursor(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: MailboxId,
    cursor: &Cursor,
    now_ms: i64,
) -> Result<(), Error> {
    work::put_cursor(tx, helpdesk_id, id, cursor).await?;
    start_again(tx, helpdesk_id, id, now_ms).await
}

/// Takes a mailbox away from whoever works at it, and keeps it from others until the end of the
/// transaction.
pub(super) async fn take_away(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: MailboxId,
    now_ms: i64,
) -> Result<(), Error> {
    start_again(tx, helpdesk_id, id, now_ms).await
}

/// Takes it away from whoever works at it; due at once unless it is paused.
async fn start_again(tx: &mut Tx, helpdesk_id: HelpdeskId, id: MailboxId, now_ms: i64) -> Result<(), Error> {
    tx.execute(
        "UPDATE mailboxes SET fence = fence + 1, node_id = NULL, connected_at = NULL, failures = 0,
             stuck_times = 0, problem = '', problem_kind = '',
             due_at = CASE WHEN paused_at IS NULL THEN CAST($3 AS BIGINT) ELSE NULL END
         WHERE helpdesk_id = $1 AND id = $2",
        &[&helpdesk_id, &id, &now_ms],
    )
    .await?;
    tx.hint(TOPIC);
    Ok(())
}

pub(super) async fn pause(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: MailboxId,
    by: &str,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE mailboxes SET paused_at = $3, paused_by = $4
         WHERE helpdesk_id = $1 AND id = $2 AND paused_at IS NULL",
        &[&helpdesk_id, &id, &now_ms, &by],
    )
    .await?;
    start_again(tx, helpdesk_id, id, now_ms).await
}

pub(super) async fn resume(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: MailboxId,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE mailboxes SET paused_at = NULL, paused_by = '' WHERE helpdesk_id = $1 AND id = $2",
        &[&helpdesk_id, &id],
    )
    .await?;
    start_again(tx, helpdesk_id, id, now_ms).await
}

pub(super) async fn remove(tx: &mut Tx, helpdesk_id: HelpdeskId, id: MailboxId) -> Result<(), Error> {
    drop_marks(tx, helpdesk_id, id).await?;
    tx.execute(
        "DELETE FROM mailboxes WHERE helpdesk_id = $1 AND id = $2",
        &[&helpdesk_id, &id],
    )
    .await?;
    tx.hint(TOPIC);
    Ok(())
}
