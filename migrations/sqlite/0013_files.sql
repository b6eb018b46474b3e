-- Files, and mails as they came: bytes in pieces, so that no statement is large and others are served in
-- between. `is_kept` is false until something refers to them; what stays so for a day is forgotten.
CREATE TABLE blobs (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    id BLOB NOT NULL,
    size INTEGER NOT NULL,
    is_kept INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_unused ON blobs (helpdesk_id, created_at) WHERE NOT is_kept;

-- With a rowid: long rows make a tree without one deep.
CREATE TABLE blob_pieces (
    helpdesk_id BLOB NOT NULL,
    blob_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (helpdesk_id, blob_id, number),
    FOREIGN KEY (helpdesk_id, blob_id) REFERENCES blobs (helpdesk_id, id) ON DELETE CASCADE
) STRICT;

-- A file of a message or a private note; of none (`entry` is NULL) while it waits to be sent.
CREATE TABLE attachments (
    helpdesk_id BLOB NOT NULL,
    id BLOB NOT NULL,
    blob_id BLOB NOT NULL,
    conversation_id BLOB,
    entry INTEGER,
    is_public INTEGER NOT NULL,
    contact_id BLOB,
    operator_id BLOB REFERENCES operators (id),
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    content_id TEXT NOT NULL,
    size INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, id),
    FOREIGN KEY (helpdesk_id, blob_id) REFERENCES blobs (helpdesk_id, id),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_by_entry ON attachments (helpdesk_id, conversation_id, entry);
CREATE INDEX attachments_waiting ON attachments (helpdesk_id, created_at) WHERE entry IS NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('blobs', 'blobs', '1000000 500000 1'),
    ('blobs', 'blobs_unused', '100 100 1'),
    ('blob_pieces', 'sqlite_autoindex_blob_pieces_1', '2000000 1000000 2 1'),
    ('attachments', 'attachments', '500000 500000 1'),
    ('attachments', 'attachments_by_entry', '500000 500000 2 1'),
    ('attachments', 'attachments_waiting', '100 100 1');
ANALYZE sqlite_schema;
