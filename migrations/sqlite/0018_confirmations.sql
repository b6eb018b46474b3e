-- When somebody who reads the mail of an address confirmed it, by the link that was sent there.
ALTER TABLE contacts ADD COLUMN confirmed_at INTEGER;

-- What waits until then is no more in a contact's list than spam is.
DROP INDEX conversations_by_contact;
CREATE INDEX conversations_by_contact ON conversations (helpdesk_id, contact_id, last_message_at, id)
    WHERE status <> 'spam' AND status <> 'waiting';
CREATE INDEX conversations_waiting ON conversations (helpdesk_id, contact_id, id) WHERE status = 'waiting';

-- When each mailbox, as it is counted, was last asked to confirm.
CREATE TABLE confirmation_mails (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    mailbox TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, mailbox)
) STRICT, WITHOUT ROWID;

-- Set in rows that ask for it: like those that acknowledge, they carry no message.
ALTER TABLE notifications ADD COLUMN confirming INTEGER NOT NULL DEFAULT 0;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('conversations', 'conversations_by_contact', '1000000 1000000 5 2 1'),
    ('conversations', 'conversations_waiting', '10000 10000 2 1'),
    ('confirmation_mails', 'confirmation_mails', '10000 10000 1');
ANALYZE sqlite_schema;
