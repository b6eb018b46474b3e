-- What comes in through the Contact Form proves nothing about who sent it: the conversation says so
-- for good, and keeps the name that was typed apart from the contact's own.
ALTER TABLE conversations ADD COLUMN unverified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN sender_name TEXT NOT NULL DEFAULT '';
-- A contact's list leaves spam out, also when somebody sends much of it in their name.
DROP INDEX conversations_by_contact;
CREATE INDEX conversations_by_contact ON conversations (helpdesk_id, contact_id, last_message_at, id)
    WHERE status <> 'spam';

-- What the sender chose in a form's own fields, in the words of that time.
CREATE TABLE conversation_answers (
    helpdesk_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    label TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, position),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

-- Forms that were sent: each token counts once, each text of a sender once a day, and each sender only
-- so often. Hashes, kept for some days.
CREATE TABLE form_submissions (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    token_hash BLOB NOT NULL,
    text_hash BLOB NOT NULL,
    sender_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX form_submissions_by_text ON form_submissions (helpdesk_id, text_hash, created_at);
CREATE INDEX form_submissions_by_sender ON form_submissions (helpdesk_id, sender_hash, created_at);
CREATE INDEX form_submissions_by_time ON form_submissions (helpdesk_id, created_at);

-- What a helpdesk's form asks, says and keeps out, as JSON.
CREATE TABLE contact_forms (
    helpdesk_id BLOB NOT NULL PRIMARY KEY REFERENCES helpdesks (id),
    settings TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The last submissions that were refused or put into spam.
CREATE TABLE form_refusals (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    id BLOB NOT NULL,
    reason TEXT NOT NULL,
    email TEXT NOT NULL,
    origin TEXT NOT NULL,
    network TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('conversations', 'conversations_by_contact', '1000000 1000000 5 2 1'),
    ('conversation_answers', 'conversation_answers', '100000 100000 2 1'),
    ('form_submissions', 'form_submissions', '100000 50000 1'),
    ('form_submissions', 'form_submissions_by_text', '100000 50000 1 1'),
    ('form_submissions', 'form_submissions_by_sender', '100000 50000 3 1'),
    ('form_submissions', 'form_submissions_by_time', '100000 50000 1'),
    ('form_refusals', 'form_refusals', '1000 100 1');
ANALYZE sqlite_schema;
