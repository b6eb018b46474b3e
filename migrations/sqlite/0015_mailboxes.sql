-- Mailboxes that mail is fetched from by IMAP. The secret is sealed.
--
-- The cursor: what has a UID below `next_uid` was dealt with, as long as the folder's UIDVALIDITY is
-- `uid_validity`; both are NULL before the first look. Besides, what is older may be gone through once
-- more: UIDs from `scan_uid` and below `scan_end` (NULL: below `next_uid`) that arrived since
-- `scan_since`; NULL when there is nothing to go through. `floor_at` is the time before which nothing
-- is fetched unless somebody asks for it.
--
-- `due_at` is when the mailbox may be taken next: while a node has it (`node_id`), the end of its lease;
-- otherwise the next try; NULL while an operator has paused it. `fence` counts who took or changed it.
CREATE TABLE mailboxes (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    tls TEXT NOT NULL,
    auth TEXT NOT NULL,
    user_name TEXT NOT NULL,
    secret BLOB NOT NULL,
    folder TEXT NOT NULL,
    afterwards TEXT NOT NULL,
    move_to TEXT NOT NULL,
    uid_validity INTEGER,
    next_uid INTEGER,
    last_uid INTEGER,
    last_internal_at INTEGER,
    scan_since INTEGER,
    scan_uid INTEGER NOT NULL,
    scan_end INTEGER,
    floor_at INTEGER NOT NULL,
    due_at INTEGER,
    fence INTEGER NOT NULL,
    node_id BLOB,
    connected_at INTEGER,
    looked_at INTEGER,
    last_mail_at INTEGER,
    fetched INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    skip_words TEXT NOT NULL,
    problem TEXT NOT NULL,
    problem_kind TEXT NOT NULL,
    failures INTEGER NOT NULL,
    stuck_uid INTEGER,
    stuck_times INTEGER NOT NULL,
    warning TEXT NOT NULL,
    paused_at INTEGER,
    paused_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
) STRICT, WITHOUT ROWID;
-- Which is due next in the whole installation, as with jobs: so without helpdesk_id in front.
CREATE INDEX mailboxes_by_due_at ON mailboxes (due_at) WHERE due_at IS NOT NULL;

-- Mails that are committed and not yet marked as seen, or moved, where they came from.
CREATE TABLE mailbox_marks (
    helpdesk_id BLOB NOT NULL,
    mailbox_id BLOB NOT NULL,
    uid INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, mailbox_id, uid),
    FOREIGN KEY (helpdesk_id, mailbox_id) REFERENCES mailboxes (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('mailboxes', 'mailboxes', '100 2 1'),
    ('mailboxes', 'mailboxes_by_due_at', '100 2'),
    ('mailbox_marks', 'mailbox_marks', '100 100 50 1');
ANALYZE sqlite_schema;
