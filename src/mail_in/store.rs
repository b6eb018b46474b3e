//! SQL of mails that came in, and of the rules about their senders.

use super::doors::{Prepared, Sender};
use super::filing::Settled;
use super::mails::{Listed, Place};
use super::rules::{Rule, Treatment};
use super::{Door, Reason, State};
use crate::ids::{BlobId, ConversationId, HelpdeskId, MailId};
use db::{Error, Row, Tx};
use uuid::Uuid;

/// A mail that this caller, and nobody else, is to read now.
#[derive(Clone, Debug)]
pub(super) struct Claimed {
    pub(super) helpdesk_id: HelpdeskId,
    pub(super) id: MailId,
    pub(super) blob_id: BlobId,
    /// Bytes.
    pub(super) size: i64,
    pub(super) door: Door,
    pub(super) client: String,
    pub(super) sender: Sender,
    pub(super) recipients: String,
    /// 1 for the first claim; tells this claim from others.
    pub(super) attempt: i64,
    /// An operator wants it in a conversation of its own.
    pub(super) as_new: bool,
    /// When it was acknowledged.
    pub(super) received_at: i64,
}

/// What was found out about a mail by reading it.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) author_email: String,
    pub(super) author_name: String,
    pub(super) subject: String,
    pub(super) message_id: String,
    pub(super) verdict: &'static str,
    pub(super) verdict_words: String,
    pub(super) is_automatic: bool,
    pub(super) has_folded: bool,
    pub(super) content_hash: Option<[u8; 32]>,
}

pub(super) async fn insert(tx: &mut Tx, new: &Prepared) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO mails (helpdesk_id, id, blob_id, size, door, client, sender, recipients, state, attempt, due_at,
             as_new, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', 0, $9, $10, $9)",
        &[
            &new.helpdesk_id,
            &new.id,
            &new.blob.id,
            &new.blob.size,
            &new.door.name(),
            &new.client,
            &new.sender.stored(),
            &new.recipients,
            &new.now,
            &false,
        ],
    )
    .await?;
    Ok(())
}

/// Claims mails that wait, those that wait longest first.
pub(super) async fn claim(
    tx: &mut Tx,
    node_id: Option<Uuid>,
    now_ms: i64,
    lease_ms: i64,
    most: i64,
) -> Result<Vec<Claimed>, Error> {
    let mut claimed = tx
        .all(
            "WITH due AS MATERIALIZED (
                 SELECT helpdesk_id AS of_helpdesk, id AS of_id FROM mails
                 WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT $3 /* skip locked */)
             UPDATE mails SET due_at = $2, attempt = attempt + 1, claimed_by = $4
             WHERE (helpdesk_id, id) IN (SELECT of_helpdesk, of_id FROM due)
             RETURNING helpdesk_id, id, blob_id, door, client, sender, recipients, attempt, as_new,
                 received_at, size",
            &[&now_ms, &lease_ms, &most, &node_id],
            |row| {
                Ok(Claimed {
                    helpdesk_id: row.get(0)?,
                    id: row.get(1)?,
                    blob_id: row.get(2)?,
                    door: door(row, 3)?,
                    client: row.get(4)?,
                    sender: Sender::from_stored(row.get(5)?),
                    recipients: row.get(6)?,
                    attempt: row.get(7)?,
                    as_new: row.get(8)?,
                    received_at: row.get(9)?,
                    size: row.get(10)?,
                })
            },
        )
        .await?;
    claimed.sort_by_key(|mail| mail.id);
    Ok(claimed)
}

/// Lets the mails be claimed again that a node had in hand when it stopped; how many those were. One alone
/// may have been what stopped it, and its try counts; of several nobody can tell.
pub(super) async fn give_up(tx: &mut Tx, node_id: Uuid, now_ms: i64) -> Result<i64, Error> {
    let in_hand = tx
        .first(
            "SELECT COUNT(*) FROM mails WHERE due_at IS NOT NULL AND due_at > $2 AND claimed_by = $1",
            &[&node_id, &now_ms],
            |row| row.get::<i64>(0),
        )
        .await?
        .unwrap_or(0);
    let forgiven = i64::from(in_hand > 1);
    tx.execute(
        "UPDATE mails SET due_at = $2, attempt = attempt - $3
         WHERE due_at IS NOT NULL AND due_at > $2 AND claimed_by = $1",
        &[&node_id, &now_ms, &forgiven],
    )
    .await?;
    Ok(in_hand)
}

/// When the next mail is to be looked at.
pub(super) async fn next_due(tx: &mut Tx) -> Result<Option<i64>, Error> {
    tx.first(
        "SELECT due_at FROM mails WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
        &[],
        |row| row.get(0),
    )
    .await
}

/// Keeps a claimed mail from others until the end of the transaction; false when it is claimed anew.
pub(super) async fn hold(tx: &mut Tx, claimed: &Claimed) -> Result<bool, Error> {
    let held = tx
        .execute(
            "UPDATE mails SET attempt = attempt
             WHERE helpdesk_id = $1 AND id = $2 AND attempt = $3 AND state = 'waiting'",
            &[&claimed.helpdesk_id, &claimed.id, &claimed.attempt],
        )
        .await?;
    Ok(held == 1)
}

/// Lets a claimed mail be tried again at a time.
pub(super) async fn put_back(tx: &mut Tx, claimed: &Claimed, at_ms: i64, attempt: i64) -> Result<(), Error> {
    tx.execute(
        "UPDATE mails SET due_at = $4, attempt = $5
         WHERE helpdesk_id = $1 AND id = $2 AND attempt = $3 AND state = 'waiting'",
        &[
            &claimed.helpdesk_id,
            &claimed.id,
            &claimed.attempt,
            &at_ms,
            &attempt,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn settle(
    tx: &mut Tx,
    claimed: &Claimed,
    settled: &Settled,
    facts: &Facts,
    now_ms: i64,
) -> Result<(), Error> {
    let (conversation_id, entry) = match settled.placed {
        Some(placed) => (Some(placed.conversation_id), Some(placed.entry)),
        None => (None, None),
    };
    let hash = facts.content_hash.as_ref().map(<[u8; 32]>::as_slice);
    tx.execute(
        "UPDATE mails SET state = $3, due_at = NULL, reason = $4, words = $5, author_email = $6, author_name = $7,
             subject = $8, message_id = $9, verdict = $10, verdict_words = $11, is_automatic = $12, has_folded = $13,
             content_hash = $14, related_id = $15, conversation_id = $16, entry = $17, other_conversation_id = $18,
             settled_at = $19
         WHERE helpdesk_id = $1 AND id = $2",
        &[
            &claimed.helpdesk_id,
            &claimed.id,
            &settled.state.name(),
            &settled.reason.name(),
            &settled.words,
            &facts.author_email,
            &facts.author_name,
            &facts.subject,
            &facts.message_id,
            &facts.verdict,
            &facts.verdict_words,
            &facts.is_automatic,
            &facts.has_folded,
            &hash,
            &settled.related_id,
            &conversation_id,
            &entry,
            &settled.other_conversation_id,
            &now_ms,
        ],
    )
    .await?;
    Ok(())
}

/// The mail with this content that is filed or noted.
pub(super) async fn with_content(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    hash: [u8; 32],
) -> Result<Option<MailId>, Error> {
    tx.first(
        "SELECT id FROM mails WHERE helpdesk_id = $1 AND content_hash = $2 AND (state = 'filed' OR state = 'noted')",
        &[&helpdesk_id, &hash],
        |row| row.get(0),
    )
    .await
}

/// A mail with this Message-ID that stands in a conversation.
pub(super) async fn with_message_id(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    message_id: &str,
) -> Result<Option<MailId>, Error> {
    tx.first(
        "SELECT id FROM mails WHERE helpdesk_id = $1 AND message_id = $2 AND message_id <> '' AND state = 'filed'
         LIMIT 1",
        &[&helpdesk_id, &message_id],
        |row| row.get(0),
    )
    .await
}

/// How many mails of an author were settled since, at most so many.
pub(super) async fn count_by_author(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    author: &str,
    since: i64,
    most: i64,
) -> Result<i64, Error> {
    let found = tx
        .all(
            "SELECT settled_at FROM mails WHERE helpdesk_id = $1 AND author_email = $2 AND author_email <> ''
             AND settled_at > $3 ORDER BY settled_at LIMIT $4",
            &[&helpdesk_id, &author, &since, &most],
            |row| row.get::<i64>(0),
        )
        .await?;
    Ok(i64::try_from(found.len()).unwrap_or(i64::MAX))
}

macro_rules! columns {
    () => {
        "id, blob_id, size, door, client, sender, recipients, state, reason, words, author_email, author_name, \
         subject, message_id, verdict, verdict_words, is_automatic, has_folded, related_id, conversation_id, entry, \
         other_conversation_id, received_at, settled_at"
    };
}

/// Mails in this state from before an id, newest first.
pub(super) async fn listed(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    state: State,
    before: MailId,
    most: i64,
) -> Result<Vec<Listed>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM mails WHERE helpdesk_id = $1 AND state = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
        ),
        &[&helpdesk_id, &state.name(), &before, &most],
        read,
    )
    .await
}

/// How many mails are in this state, at most so many.
pub(super) async fn count_in(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    state: State,
    most: i64,
) -> Result<i64, Error> {
    let count = tx
        .first(
            "SELECT COUNT(*) FROM (SELECT id FROM mails WHERE helpdesk_id = $1 AND state = $2 LIMIT $3) AS counted",
            &[&helpdesk_id, &state.name(), &most],
            |row| row.get(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// All mails from before an id, newest first.
pub(super) async fn all_listed(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    before: MailId,
    most: i64,
) -> Result<Vec<Listed>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM mails WHERE helpdesk_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        ),
        &[&helpdesk_id, &before, &most],
        read,
    )
    .await
}

/// The latest mail of a door.
pub(super) async fn latest(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    door: Door,
) -> Result<Option<(MailId, i64)>, Error> {
    tx.first(
        "SELECT id, received_at FROM mails WHERE helpdesk_id = $1 AND door = $2 ORDER BY id DESC LIMIT 1",
        &[&helpdesk_id, &door.name()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .await
}

pub(super) async fn find(tx: &mut Tx, helpdesk_id: HelpdeskId, id: MailId) -> Result<Option<Listed>, Error> {
    tx.first(
        concat!(
            "SELECT ",
            columns!(),
            " FROM mails WHERE helpdesk_id = $1 AND id = $2"
        ),
        &[&helpdesk_id, &id],
        read,
    )
    .await
}

/// The mails that became entries of a conversation, from one entry to before another.
pub(super) async fn of_entries(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    start: i64,
    end: i64,
) -> Result<Vec<Listed>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM mails WHERE helpdesk_id = $1 AND conversation_id = $2 AND conversation_id IS NOT NULL
             AND entry >= $3 AND entry < $4 ORDER BY entry"
        ),
        &[&helpdesk_id, &id, &start, &end],
        read,
    )
    .await
}

/// The Message-IDs of the latest mails of a conversation and when each came, newest first.
pub(super) async fn message_ids(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    most: i64,
) -> Result<Vec<(i64, String)>, Error> {
    tx.all(
        "SELECT received_at, message_id FROM mails WHERE helpdesk_id = $1 AND conversation_id = $2 AND conversation_id IS NOT NULL
         AND (reason <> 'operator_answer' AND reason <> 'operator_note' AND reason <> 'operator_unproved')
         AND message_id <> '' ORDER BY entry DESC LIMIT $3",
        &[&helpdesk_id, &id, &most],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .await
}

/// Lets a quarantined mail be read again; false when it is in no quarantine.
pub(super) async fn again(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: MailId,
    as_new: bool,
    now_ms: i64,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE mails SET state = 'waiting', attempt = 0, due_at = $4, as_new = $3
             WHERE helpdesk_id = $1 AND id = $2 AND state = 'quarantined'",
            &[&helpdesk_id, &id, &as_new, &now_ms],
        )
        .await?;
    Ok(changed == 1)
}

/// Forgets a mail that stands in no conversation; the id of its bytes when it did.
pub(super) async fn delete(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: MailId,
) -> Result<Option<BlobId>, Error> {
    tx.first(
        "DELETE FROM mails WHERE helpdesk_id = $1 AND id = $2 AND state <> 'filed' AND state <> 'waiting'
         RETURNING blob_id",
        &[&helpdesk_id, &id],
        |row| row.get(0),
    )
    .await
}

/// Says that a mail which was kept apart stands in the other conversation too.
pub(super) async fn place(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: MailId,
    place: Place,
    reason: Reason,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE mails SET conversation_id = $3, entry = $4, reason = $5, other_conversation_id = $6
         WHERE helpdesk_id = $1 AND id = $2",
        &[
            &helpdesk_id,
            &id,
            &place.conversation_id,
            &place.entry,
            &reason.name(),
            &place.other,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn rules(tx: &mut Tx, helpdesk_id: HelpdeskId, most: i64) -> Result<Vec<Rule>, Error> {
    tx.all(
        "SELECT sender, is_blocked, created_at FROM sender_rules WHERE helpdesk_id = $1 ORDER BY sender LIMIT $2",
        &[&helpdesk_id, &most],
        |row| {
            Ok(Rule {
                sender: row.get(0)?,
                treatment: treatment(row.get(1)?),
                created_at: row.get(2)?,
            })
        },
    )
    .await
}

pub(super) async fn rule(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    sender: &str,
) -> Result<Option<Treatment>, Error> {
    tx.first(
        "SELECT is_blocked FROM sender_rules WHERE helpdesk_id = $1 AND sender = $2",
        &[&helpdesk_id, &sender],
        |row| Ok(treatment(row.get(0)?)),
    )
    .await
}

pub(super) async fn upsert_rule(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    sender: &str,
    treatment: Treatment,
    now_ms: i64,
) -> Result<(), Error> {
    let is_blocked = treatment == Treatment::Block;
    tx.execute(
        "INSERT INTO sender_rules (helpdesk_id, sender, is_blocked, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (helpdesk_id, sender) DO UPDATE SET is_blocked = $3",
        &[&helpdesk_id, &sender, &is_blocked, &now_ms],
    )
    .await?;
    Ok(())
}

pub(super) async fn delete_rule(tx: &mut Tx, helpdesk_id: HelpdeskId, sender: &str) -> Result<bool, Error> {
    let deleted = tx
        .execute(
            "DELETE FROM sender_rules WHERE helpdesk_id = $1 AND sender = $2",
            &[&helpdesk_id, &sender],
        )
        .await?;
    Ok(deleted > 0)
}

fn treatment(is_blocked: bool) -> Treatment {
    if is_blocked {
        Treatment::Block
    } else {
        Treatment::Allow
    }
}

fn door(row: &Row<'_>, position: usize) -> Result<Door, Error> {
    let name: String = row.get(position)?;
    Door::from_name(&name).ok_or_else(|| Error::Internal(format!("unknown door {name:?}")))
}

fn read(row: &Row<'_>) -> Result<Listed, Error> {
    let state: String = row.get(7)?;
    let reason: String = row.get(8)?;
    Ok(Listed {
        id: row.get(0)?,
        blob_id: row.get(1)?,
        size: row.get(2)?,
        door: door(row, 3)?,
        client: row.get(4)?,
        sender: Sender::from_stored(row.get(5)?),
        recipients: row.get::<String>(6)?.lines().map(str::to_owned).collect(),
        state: State::from_name(&state).ok_or_else(|| Error::Internal(format!("unknown state {state:?}")))?,
        reason: Reason::from_name(&reason),
        words: row.get(9)?,
        author_email: row.get(10)?,
        author_name: row.get(11)?,
        subject: row.get(12)?,
        message_id: row.get(13)?,
        verdict: row.get(14)?,
        verdict_words: row.get(15)?,
        is_automatic: row.get(16)?,
        has_folded: row.get(17)?,
        related_id: row.get(18)?,
        conversation_id: row.get(19)?,
        entry: row.get(20)?,
        other_conversation_id: row.get(21)?,
        received_at: row.get(22)?,
        settled_at: row.get(23)?,
    })
}
