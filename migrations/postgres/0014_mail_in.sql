-- A stand-in until the pipeline of incoming mail is merged.
CREATE TABLE mails (
    helpdesk_id UUID NOT NULL,
    id UUID NOT NULL,
    client TEXT NOT NULL,
    raw BYTEA NOT NULL,
    content_hash BYTEA NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
);
CREATE UNIQUE INDEX mails_by_content ON mails (helpdesk_id, content_hash);
