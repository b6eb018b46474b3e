-- When somebody who reads the mail of an address confirmed it, by the link that was sent there.
ALTER TABLE contacts ADD COLUMN confirmed_at BIGINT;

-- What waits until then is no more in a contact's list than spam is.
DROP INDEX conversations_by_contact;
CREATE INDEX conversations_by_contact ON conversations (helpdesk_id, contact_id, last_message_at, id)
    WHERE status <> 'spam' AND status <> 'waiting';
CREATE INDEX conversations_waiting ON conversations (helpdesk_id, contact_id, id) WHERE status = 'waiting';

-- When each mailbox, as it is counted, was last asked to confirm.
CREATE TABLE confirmation_mails (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    mailbox TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, mailbox)
);

-- Set in rows that ask for it: like those that acknowledge, they carry no message.
ALTER TABLE notifications ADD COLUMN confirming BOOLEAN NOT NULL DEFAULT FALSE;
