-- What comes in through the Contact Form proves nothing about who sent it: the conversation says so
-- for good, and keeps the name that was typed apart from the contact's own.
ALTER TABLE conversations ADD COLUMN unverified BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE conversations ADD COLUMN sender_name TEXT NOT NULL DEFAULT '';
-- A contact's list leaves spam out, also when somebody sends much of it in their name.
DROP INDEX conversations_by_contact;
CREATE INDEX conversations_by_contact ON conversations (helpdesk_id, contact_id, last_message_at, id)
    WHERE status <> 'spam';

-- What the sender chose in a form's own fields, in the words of that time.
CREATE TABLE conversation_answers (
    helpdesk_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    position BIGINT NOT NULL,
    label TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, position),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
);

-- Forms that were sent: each token counts once, each text of a sender once a day, and each sender only
-- so often. Hashes, kept for some days.
CREATE TABLE form_submissions (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    token_hash BYTEA NOT NULL,
    text_hash BYTEA NOT NULL,
    sender_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, token_hash)
);
CREATE INDEX form_submissions_by_text ON form_submissions (helpdesk_id, text_hash, created_at);
CREATE INDEX form_submissions_by_sender ON form_submissions (helpdesk_id, sender_hash, created_at);
CREATE INDEX form_submissions_by_time ON form_submissions (helpdesk_id, created_at);

-- What a helpdesk's form asks, says and keeps out, as JSON.
CREATE TABLE contact_forms (
    helpdesk_id UUID NOT NULL PRIMARY KEY REFERENCES helpdesks (id),
    settings TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- The last submissions that were refused or put into spam.
CREATE TABLE form_refusals (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    id UUID NOT NULL,
    reason TEXT NOT NULL,
    email TEXT NOT NULL,
    origin TEXT NOT NULL,
    network TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
);
