-- Whom the mails of a conversation name besides its contact, by the entry as which each mail stands in it. They
-- have no part in the conversation: an operator may send them a copy of an answer.
CREATE TABLE addressees (
    helpdesk_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    entry BIGINT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, entry, address),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
);

-- Who gets a copy of the mail that carries an answer.
CREATE TABLE message_copies (
    helpdesk_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    position BIGINT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, position, address),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
);

-- Whether those to whom the contact wrote last are chosen for a copy unless an operator takes them out.
ALTER TABLE notification_settings ADD COLUMN keeps_copies BOOLEAN NOT NULL DEFAULT FALSE;
