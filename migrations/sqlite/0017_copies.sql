-- Whom the mails of a conversation name besides its contact, by the entry as which each mail stands in it. They
-- have no part in the conversation: an operator may send them a copy of an answer.
CREATE TABLE addressees (
    helpdesk_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    entry INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, entry, address),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

-- Who gets a copy of the mail that carries an answer.
CREATE TABLE message_copies (
    helpdesk_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, position, address),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

-- Whether those to whom the contact wrote last are chosen for a copy unless an operator takes them out.
ALTER TABLE notification_settings ADD COLUMN keeps_copies INTEGER NOT NULL DEFAULT 0;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('addressees', 'addressees', '100000 50000 4 2 1'),
    ('message_copies', 'message_copies', '10000 5000 4 2 1');
ANALYZE sqlite_schema;
