//! Rows enough that PostgreSQL has a reason for each index.

use db::Tx;

use crate::support::TestApp;

/// So much that PostgreSQL has a reason for each index, in many conversations of many contacts.
pub(super) async fn fill(app: &TestApp) {
    const FILL: [&str; 27] = [
        // Rows made here need no check of their references, one by one.
        "SET LOCAL session_replication_role = replica",
        "INSERT INTO contacts (helpdesk_id, id, email, created_at)
         SELECT h.id, gen_random_uuid(), n || '@example.org', 1 FROM helpdesks h, generate_series(1, 300) n",
        "INSERT INTO conversations (helpdesk_id, id, contact_id, channel, subject, status, assignee_id, preview,
             last_author, last_author_name, last_message_at, message_count, entry_count, last_visitor_entry,
             contact_unread, contact_seen_position, created_at)
         SELECT p.helpdesk_id, gen_random_uuid(), p.id, 'ticket_center', 's',
             CASE WHEN n % 2 = 0 THEN 'open' ELSE 'closed' END,
             CASE WHEN n % 10 < 8 THEN m.operator_id END, 'p', 'visitor', 'n',
             CAST(random() * 1000000000 AS BIGINT), 1, 1, 1, 0, 1, 1
         FROM contacts p, members m, generate_series(1, 20) n",
        "INSERT INTO messages (helpdesk_id, conversation_id, position, entry, id, author, author_name, body, created_at)
         SELECT helpdesk_id, id, n, n, gen_random_uuid(), 'visitor', 'n', 'b', 1
         FROM conversations, generate_series(101, 102) n",
        "INSERT INTO private_notes (helpdesk_id, conversation_id, entry, id, operator_id, author_name, body, created_at)
         SELECT c.helpdesk_id, c.id, 500, gen_random_uuid(), m.operator_id, 'n', 'b', 1 FROM conversations c, members m",
        "INSERT INTO events (helpdesk_id, number, conversation_id, contact_id, kind, is_public, entry, actor_name,
             detail, created_at)
         SELECT helpdesk_id, 1000 + row_number() OVER (), id, contact_id, 'closed', n = 1,
             CASE WHEN n = 1 THEN 500 END, 'n', '', 1
         FROM conversations, generate_series(1, 2) n",
        "INSERT INTO idempotency_keys (helpdesk_id, contact_id, key, body_hash, conversation_id, position, created_at)
         SELECT helpdesk_id, contact_id, CAST(id AS TEXT), '', id, 1, 1 FROM conversations",
        "INSERT INTO audit_entries (helpdesk_id, id, actor, action, detail, created_at)
         SELECT h.id, gen_random_uuid(), n % 10 || '@acme.example', n % 20 || ' done', '', 1
         FROM helpdesks h, generate_series(1, 20000) n",
        "INSERT INTO contact_words (helpdesk_id, contact_id, word)
         SELECT helpdesk_id, id, split_part(email, '@', n) FROM contacts, generate_series(1, 2) n
         ON CONFLICT DO NOTHING",
        "INSERT INTO search_documents (helpdesk_id, conversation_id, number, written_at, entries, words)
         SELECT helpdesk_id, id, 2000 + row_number() OVER (), 1, 1, '000001§open 000001w' || row_number() OVER ()
         FROM conversations ON CONFLICT DO NOTHING",
        "INSERT INTO search_cursors (helpdesk_id, ordinal, last_number)
         SELECT gen_random_uuid(), n, 1 FROM generate_series(10, 3000) n",
        "INSERT INTO drafts (helpdesk_id, operator_id, conversation_id, is_note, body, updated_at)
         SELECT c.helpdesk_id, m.operator_id, c.id, FALSE, 'b', 1 FROM conversations c, members m",
        "INSERT INTO notifications (helpdesk_id, id, conversation_id, to_operator, recipient_id, state, first_position,
             last_position, held_until, due_at, created_at)
         SELECT c.helpdesk_id, gen_random_uuid(), c.id, n % 2 = 0, gen_random_uuid(),
             CASE WHEN n = 1 THEN 'held' WHEN n = 2 THEN 'failed' ELSE 'accepted' END, n, n, 1,
             CASE WHEN n = 1 THEN 100 + CAST(random() * 1000000 AS BIGINT) END, 1
         FROM conversations c, generate_series(1, 6) n",
        "INSERT INTO notifications (helpdesk_id, id, conversation_id, to_operator, recipient_id, state, first_position,
             last_position, held_until, created_at, acknowledged)
         SELECT helpdesk_id, gen_random_uuid(), id, FALSE, contact_id, 'accepted', 0, 0, 1,
             row_number() OVER (), row_number() OVER () % 1000 || '@x.example'
         FROM conversations",
        "INSERT INTO addressees (helpdesk_id, conversation_id, entry, address)
         SELECT helpdesk_id, id, n, n || '@x.example' FROM conversations, generate_series(1, 3) n",
        "INSERT INTO message_copies (helpdesk_id, conversation_id, position, address)
         SELECT helpdesk_id, id, n, n || '@x.example' FROM conversations, generate_series(1, 3) n",
        "INSERT INTO form_submissions (helpdesk_id, token_hash, text_hash, sender_hash, created_at)
         SELECT helpdesk_id, decode(md5(CAST(id AS TEXT)), 'hex'), decode(md5(CAST(id AS TEXT)), 'hex'),
             decode(md5(CAST(id AS TEXT)), 'hex'), 100 FROM conversations",
        "INSERT INTO conversation_answers (helpdesk_id, conversation_id, position, label, value)
         SELECT helpdesk_id, id, n, 'Topic', 'Billing' FROM conversations, generate_series(1, 2) n",
        "INSERT INTO notification_cursors (helpdesk_id, last_number)
         SELECT gen_random_uuid(), n FROM generate_series(10, 3000) n",
        "INSERT INTO blobs (helpdesk_id, id, size, is_kept, created_at)
         SELECT helpdesk_id, id, 1, FALSE, CAST(random() * 1000000 AS BIGINT) FROM conversations",
        "INSERT INTO attachments (helpdesk_id, id, blob_id, conversation_id, entry, position, is_public, uploader_id, name,
             content_type, content_id, size, created_at)
         SELECT helpdesk_id, gen_random_uuid(), id, id, n, 0, TRUE, contact_id, 'n', 't', '', 1, 1
         FROM conversations, generate_series(101, 102) n",
        "INSERT INTO attachments (helpdesk_id, id, blob_id, position, is_public, uploader_id, name, content_type,
             content_id, size, created_at)
         SELECT helpdesk_id, gen_random_uuid(), id, 0, FALSE, contact_id, 'n', 't', '', 1, n
         FROM conversations, generate_series(1, 2) n",
        "INSERT INTO mails (helpdesk_id, id, blob_id, size, door, client, recipients, state, attempt, due_at, as_new,
             author_email, message_id, content_hash, conversation_id, entry, received_at, settled_at)
         SELECT helpdesk_id, id, id, 1, CASE WHEN n % 4 = 0 THEN 'api' ELSE 'smtp' END, '', '',
             CASE WHEN n % 50 = 0 THEN 'quarantined' WHEN n % 50 = 1 THEN 'waiting' ELSE 'filed' END, 0,
             CASE WHEN n % 50 = 1 THEN 100 + n END, FALSE, 'a' || n % 1000, CAST(id AS TEXT),
             decode(md5(CAST(id AS TEXT)), 'hex'), id, 101, 1, n
         FROM (SELECT helpdesk_id, id, row_number() OVER () AS n FROM conversations) c",
        "INSERT INTO mailboxes (helpdesk_id, id, name, host, port, tls, auth, user_name, secret, folder, afterwards,
             move_to, scan_uid, floor_at, due_at, fence, fetched, skipped, skip_words, problem, problem_kind, failures,
             stuck_times, warning, paused_by, created_at)
         SELECT h.id, gen_random_uuid(), 'n', 'h', 993, 'tls', 'any', 'u', '', 'INBOX', 'seen', '', 1, 1,
             100 + CAST(random() * 1000000 AS BIGINT), 0, 0, 0, '', '', '', 0, 0, '', '', 1
         FROM helpdesks h, generate_series(1, 3000) n",
        "INSERT INTO mailbox_marks (helpdesk_id, mailbox_id, uid)
         SELECT helpdesk_id, id, n FROM mailboxes, generate_series(1, 5) n",
        "UPDATE event_counters SET last_number = 1000000",
        "ANALYZE",
    ];
    let filled: Result<(), db::Error> = app
        .app
        .db()
        .write(async move |tx: &mut Tx| {
            for sql in FILL {
                tx.execute(sql, &[]).await?;
            }
            Ok(())
        })
        .await;
    filled.unwrap();
}
