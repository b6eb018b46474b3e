-- Addresses that mail is forwarded to, by what stands before the @. They are looked up before the helpdesk
-- is known, so without helpdesk_id in front. `ends_at` is set once another has taken their place.
CREATE TABLE forwarding_addresses (
    local TEXT NOT NULL PRIMARY KEY,
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    created_at INTEGER NOT NULL,
    ends_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX forwarding_addresses_current ON forwarding_addresses (helpdesk_id) WHERE ends_at IS NULL;

-- Every mail that was taken, from the moment it is acknowledged; its bytes stand in a blob.
--
-- state: waiting, filed (it stands in a conversation), noted (it changed something else, or nothing),
-- duplicate (the same mail is there already), quarantined (somebody has to look at it).
-- `attempt` counts claims, and tells one claim from another; `due_at` is when it is looked at next, NULL
-- once it is settled. `reason` says why it is where it is, in a word that the program knows; `words` are
-- for people. `as_new` is set when an operator wants it in a conversation of its own, whatever it is.
CREATE TABLE mails (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    id BLOB NOT NULL,
    blob_id BLOB NOT NULL,
    size INTEGER NOT NULL,
    door TEXT NOT NULL,
    client TEXT NOT NULL,
    sender TEXT,
    recipients TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    due_at INTEGER,
    as_new INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    words TEXT NOT NULL DEFAULT '',
    author_email TEXT NOT NULL DEFAULT '',
    author_name TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    message_id TEXT NOT NULL DEFAULT '',
    verdict TEXT NOT NULL DEFAULT '',
    verdict_words TEXT NOT NULL DEFAULT '',
    is_automatic INTEGER NOT NULL DEFAULT 0,
    has_folded INTEGER NOT NULL DEFAULT 0,
    content_hash BLOB,
    related_id BLOB,
    conversation_id BLOB,
    entry INTEGER,
    other_conversation_id BLOB,
    received_at INTEGER NOT NULL,
    settled_at INTEGER,
    PRIMARY KEY (helpdesk_id, id),
    FOREIGN KEY (helpdesk_id, blob_id) REFERENCES blobs (helpdesk_id, id),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mails_by_state ON mails (helpdesk_id, state, id);
CREATE INDEX mails_by_door ON mails (helpdesk_id, door, id);
CREATE INDEX mails_by_entry ON mails (helpdesk_id, conversation_id, entry) WHERE conversation_id IS NOT NULL;
CREATE INDEX mails_by_message_id ON mails (helpdesk_id, message_id) WHERE message_id <> '';
CREATE INDEX mails_by_author ON mails (helpdesk_id, author_email, settled_at) WHERE author_email <> '';
-- The same mail by several doors is one message.
CREATE UNIQUE INDEX mails_by_content ON mails (helpdesk_id, content_hash)
    WHERE content_hash IS NOT NULL AND (state = 'filed' OR state = 'noted');
-- What is due next in the whole installation, as with jobs: so without helpdesk_id in front.
CREATE INDEX mails_by_due_at ON mails (due_at) WHERE due_at IS NOT NULL;

-- Who takes part in a conversation by mail besides its contact, because an operator said so. They read
-- nothing by it.
CREATE TABLE participants (
    helpdesk_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    operator_id BLOB NOT NULL REFERENCES operators (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, contact_id),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id),
    FOREIGN KEY (helpdesk_id, contact_id) REFERENCES contacts (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

-- Senders whose mail goes into spam, or never does: an address, or a domain with an @ before it.
CREATE TABLE sender_rules (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    sender TEXT NOT NULL,
    is_blocked INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, sender)
) STRICT, WITHOUT ROWID;

-- Keys by which programs hand mail in. Looked up before the helpdesk is known; only their hashes are kept.
CREATE TABLE api_keys (
    key_hash BLOB NOT NULL PRIMARY KEY,
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    ending TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX api_keys_by_helpdesk ON api_keys (helpdesk_id, id);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('forwarding_addresses', 'forwarding_addresses', '100 1'),
    ('mails', 'mails', '1000000 500000 1'),
    ('mails', 'mails_by_state', '1000000 500000 100000 1'),
    ('mails', 'mails_by_door', '1000000 500000 200000 1'),
    ('mails', 'mails_by_entry', '900000 450000 2 1'),
    ('mails', 'mails_by_message_id', '1000000 500000 1'),
    ('mails', 'mails_by_author', '1000000 500000 10 1'),
    ('mails', 'mails_by_content', '900000 450000 1'),
    ('mails', 'mails_by_due_at', '100 2'),
    ('participants', 'participants', '1000 500 1 1'),
    ('sender_rules', 'sender_rules', '100 50 1'),
    ('api_keys', 'api_keys', '100 1');
ANALYZE sqlite_schema;
