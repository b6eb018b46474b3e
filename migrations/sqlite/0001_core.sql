-- Portable types: ids are BLOB(16) here and UUID in the twin, times are epoch milliseconds,
-- booleans are 0 or 1. Every tenant table starts its key and every index with helpdesk_id.

CREATE TABLE installation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    key_check BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE helpdesks (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    messaging INTEGER NOT NULL,
    allowed_domains TEXT NOT NULL,
    appearance TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Operators, their sessions and one-time links belong to the installation: one person may answer
-- for several helpdesks.
CREATE TABLE operators (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    operator_id BLOB NOT NULL REFERENCES operators (id),
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, operator_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_operator ON members (operator_id, helpdesk_id);

CREATE TABLE sessions (
    token_hash BLOB NOT NULL PRIMARY KEY,
    operator_id BLOB NOT NULL REFERENCES operators (id),
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_operator ON sessions (operator_id);

CREATE TABLE one_time_links (
    token_hash BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    operator_id BLOB REFERENCES operators (id),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE secrets (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    id BLOB NOT NULL,
    sealed BLOB NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoke_at INTEGER,
    PRIMARY KEY (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE verification_failures (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    id BLOB NOT NULL,
    cause TEXT NOT NULL,
    email TEXT NOT NULL,
    origin TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE contacts (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    id BLOB NOT NULL,
    email TEXT NOT NULL,
    name TEXT,
    proved_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, id),
    UNIQUE (helpdesk_id, email)
) STRICT, WITHOUT ROWID;

-- The row carries all that a list shows, so that no list counts or sorts at read time.
-- message_count numbers messages (what a contact can see); entry_count numbers messages, private
-- notes and shown events together (what an operator sees).
CREATE TABLE conversations (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    assignee_id BLOB REFERENCES operators (id),
    preview TEXT NOT NULL,
    last_author TEXT NOT NULL,
    last_author_name TEXT NOT NULL,
    last_operator_id BLOB REFERENCES operators (id),
    last_message_at INTEGER NOT NULL,
    message_count INTEGER NOT NULL,
    entry_count INTEGER NOT NULL,
    last_visitor_entry INTEGER NOT NULL,
    contact_unread INTEGER NOT NULL,
    contact_seen_position INTEGER NOT NULL,
    contact_seen_at INTEGER,
    created_at INTEGER NOT NULL,
    closed_at INTEGER,
    PRIMARY KEY (helpdesk_id, id),
    FOREIGN KEY (helpdesk_id, contact_id) REFERENCES contacts (helpdesk_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversations_by_contact ON conversations (helpdesk_id, contact_id, last_message_at, id);
CREATE INDEX conversations_by_status ON conversations (helpdesk_id, status, last_message_at, id);
CREATE INDEX conversations_by_assignee ON conversations (helpdesk_id, status, assignee_id, last_message_at, id);

CREATE TABLE messages (
    helpdesk_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    id BLOB NOT NULL,
    author TEXT NOT NULL,
    operator_id BLOB REFERENCES operators (id),
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, position),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
) STRICT, WITHOUT ROWID;
-- An operator's page is a range of entries, between which notes and events may take any number.
CREATE UNIQUE INDEX messages_by_entry ON messages (helpdesk_id, conversation_id, entry);

CREATE TABLE private_notes (
    helpdesk_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    entry INTEGER NOT NULL,
    id BLOB NOT NULL,
    operator_id BLOB NOT NULL REFERENCES operators (id),
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, entry),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_counters (
    helpdesk_id BLOB NOT NULL PRIMARY KEY REFERENCES helpdesks (id),
    last_number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What happened, numbered per helpdesk in commit order: the cursor of every live screen.
-- `entry` is set for events that a conversation shows between its messages.
CREATE TABLE events (
    helpdesk_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    conversation_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    is_public INTEGER NOT NULL,
    position INTEGER,
    entry INTEGER,
    operator_id BLOB,
    actor_name TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_public_by_contact ON events (helpdesk_id, contact_id, number) WHERE is_public;
CREATE INDEX events_shown ON events (helpdesk_id, conversation_id, entry) WHERE entry IS NOT NULL;

CREATE TABLE operator_reads (
    helpdesk_id BLOB NOT NULL,
    operator_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    seen_entry INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, operator_id, conversation_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (
    helpdesk_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    key TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, contact_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (helpdesk_id, created_at);

CREATE TABLE audit_entries (
    helpdesk_id BLOB NOT NULL,
    id BLOB NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

-- SQLite chooses among indexes by these numbers, and without any it takes the primary key of a table
-- WITHOUT ROWID for nearly unique from its first column on: it would read a helpdesk's whole log to
-- find one contact's last event. They describe one large helpdesk and are never measured anew, so that
-- plans stay the same for ever: rows, then the rows that share each longer beginning of the key.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('contacts', 'contacts', '200000 200000 1'),
    ('contacts', 'sqlite_autoindex_contacts_2', '200000 200000 1'),
    ('conversations', 'conversations', '1000000 1000000 1'),
    ('conversations', 'conversations_by_contact', '1000000 1000000 5 2 1'),
    ('conversations', 'conversations_by_status', '1000000 1000000 500000 2 1'),
    ('conversations', 'conversations_by_assignee', '1000000 1000000 500000 20000 2 1'),
    ('messages', 'messages', '5000000 5000000 5 1'),
    ('messages', 'messages_by_entry', '5000000 5000000 5 1'),
    ('private_notes', 'private_notes', '1000000 1000000 2 1'),
    ('events', 'events', '10000000 10000000 1'),
    ('events', 'events_public_by_contact', '8000000 8000000 40 1'),
    ('events', 'events_shown', '2000000 2000000 2 1'),
    ('operator_reads', 'operator_reads', '1000000 1000000 50000 1'),
    ('idempotency_keys', 'idempotency_keys', '100000 100000 5 1'),
    ('idempotency_keys', 'idempotency_keys_by_age', '100000 100000 2');
ANALYZE sqlite_schema;
