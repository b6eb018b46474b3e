-- A stand-in until the pipeline of incoming mail is merged.
CREATE TABLE mails (
    helpdesk_id BLOB NOT NULL,
    id BLOB NOT NULL,
    client TEXT NOT NULL,
    raw BLOB NOT NULL,
    content_hash BLOB NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX mails_by_content ON mails (helpdesk_id, content_hash);
