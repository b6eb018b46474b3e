-- Portable types: ids are UUID here and BLOB(16) in the twin, times are epoch milliseconds.
-- Every tenant table starts its key and every index with helpdesk_id.
CREATE TABLE installation (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    key_check BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE helpdesks (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    messaging BOOLEAN NOT NULL,
    allowed_domains TEXT NOT NULL,
    appearance TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Operators, their sessions and one-time links belong to the installation: one person may answer
-- for several helpdesks.
CREATE TABLE operators (
    id UUID NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE members (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    operator_id UUID NOT NULL REFERENCES operators (id),
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, operator_id)
);
CREATE INDEX members_by_operator ON members (operator_id, helpdesk_id);

CREATE TABLE sessions (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    operator_id UUID NOT NULL REFERENCES operators (id),
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX sessions_by_operator ON sessions (operator_id);

CREATE TABLE one_time_links (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    operator_id UUID REFERENCES operators (id),
    expires_at BIGINT NOT NULL
);

CREATE TABLE secrets (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    id UUID NOT NULL,
    sealed BYTEA NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoke_at BIGINT,
    PRIMARY KEY (helpdesk_id, id)
);

CREATE TABLE verification_failures (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    id UUID NOT NULL,
    cause TEXT NOT NULL,
    email TEXT NOT NULL,
    origin TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
);

CREATE TABLE contacts (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    id UUID NOT NULL,
    email TEXT NOT NULL,
    name TEXT,
    proved_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, id),
    UNIQUE (helpdesk_id, email)
);

-- The row carries all that a list shows, so that no list counts or sorts at read time.
-- message_count numbers messages (what a contact can see); entry_count numbers messages, private
-- notes and shown events together (what an operator sees).
CREATE TABLE conversations (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    id UUID NOT NULL,
    contact_id UUID NOT NULL,
    channel TEXT NOT NULL,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    assignee_id UUID REFERENCES operators (id),
    preview TEXT NOT NULL,
    last_author TEXT NOT NULL,
    last_author_name TEXT NOT NULL,
    last_operator_id UUID REFERENCES operators (id),
    last_message_at BIGINT NOT NULL,
    message_count BIGINT NOT NULL,
    entry_count BIGINT NOT NULL,
    last_visitor_entry BIGINT NOT NULL,
    contact_unread BIGINT NOT NULL,
    contact_seen_position BIGINT NOT NULL,
    contact_seen_at BIGINT,
    created_at BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (helpdesk_id, id),
    FOREIGN KEY (helpdesk_id, contact_id) REFERENCES contacts (helpdesk_id, id)
);
CREATE INDEX conversations_by_contact ON conversations (helpdesk_id, contact_id, last_message_at, id);
CREATE INDEX conversations_by_status ON conversations (helpdesk_id, status, last_message_at, id);
CREATE INDEX conversations_by_assignee ON conversations (helpdesk_id, status, assignee_id, last_message_at, id);
-- `assignee_id IS NULL` is no equality here, so that the index above cannot be read in order of time for
-- it; on SQLite it is one, so that the twin needs no such index.
CREATE INDEX conversations_unassigned ON conversations (helpdesk_id, status, last_message_at, id)
    WHERE assignee_id IS NULL;

CREATE TABLE messages (
    helpdesk_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    position BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    id UUID NOT NULL,
    author TEXT NOT NULL,
    operator_id UUID REFERENCES operators (id),
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, position),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
);
-- An operator's page is a range of entries, between which notes and events may take any number.
CREATE UNIQUE INDEX messages_by_entry ON messages (helpdesk_id, conversation_id, entry);

CREATE TABLE private_notes (
    helpdesk_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    entry BIGINT NOT NULL,
    id UUID NOT NULL,
    operator_id UUID NOT NULL REFERENCES operators (id),
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, entry),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
);

CREATE TABLE event_counters (
    helpdesk_id UUID NOT NULL PRIMARY KEY REFERENCES helpdesks (id),
    last_number BIGINT NOT NULL
);

-- What happened, numbered per helpdesk in commit order: the cursor of every live screen.
-- `entry` is set for events that a conversation shows between its messages.
CREATE TABLE events (
    helpdesk_id UUID NOT NULL,
    number BIGINT NOT NULL,
    conversation_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    kind TEXT NOT NULL,
    is_public BOOLEAN NOT NULL,
    position BIGINT,
    entry BIGINT,
    operator_id UUID,
    actor_name TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, number)
);
CREATE INDEX events_public_by_contact ON events (helpdesk_id, contact_id, number) WHERE is_public;
CREATE INDEX events_shown ON events (helpdesk_id, conversation_id, entry) WHERE entry IS NOT NULL;

CREATE TABLE operator_reads (
    helpdesk_id UUID NOT NULL,
    operator_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    seen_entry BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, operator_id, conversation_id)
);

CREATE TABLE idempotency_keys (
    helpdesk_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    key TEXT NOT NULL,
    body_hash BYTEA NOT NULL,
    conversation_id UUID NOT NULL,
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, contact_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (helpdesk_id, created_at);

CREATE TABLE audit_entries (
    helpdesk_id UUID NOT NULL,
    id UUID NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
);
