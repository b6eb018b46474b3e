-- Files, and mails as they came: bytes in pieces, so that no statement is large and others are served in
-- between. `is_kept` is false until something refers to them; what stays so for a day is forgotten.
CREATE TABLE blobs (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    id UUID NOT NULL,
    size BIGINT NOT NULL,
    is_kept BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
);
CREATE INDEX blobs_unused ON blobs (helpdesk_id, created_at) WHERE NOT is_kept;

CREATE TABLE blob_pieces (
    helpdesk_id UUID NOT NULL,
    blob_id UUID NOT NULL,
    number BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (helpdesk_id, blob_id, number),
    FOREIGN KEY (helpdesk_id, blob_id) REFERENCES blobs (helpdesk_id, id) ON DELETE CASCADE
);
-- Files are packed already.
ALTER TABLE blob_pieces ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- A file of a message or a private note; of none (`entry` is NULL) while it waits to be sent.
CREATE TABLE attachments (
    helpdesk_id UUID NOT NULL,
    id UUID NOT NULL,
    blob_id UUID NOT NULL,
    conversation_id UUID,
    entry BIGINT,
    is_public BOOLEAN NOT NULL,
    contact_id UUID,
    operator_id UUID REFERENCES operators (id),
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    content_id TEXT NOT NULL,
    size BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, id),
    FOREIGN KEY (helpdesk_id, blob_id) REFERENCES blobs (helpdesk_id, id),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
);
CREATE INDEX attachments_by_entry ON attachments (helpdesk_id, conversation_id, entry);
CREATE INDEX attachments_waiting ON attachments (helpdesk_id, created_at) WHERE entry IS NULL;
