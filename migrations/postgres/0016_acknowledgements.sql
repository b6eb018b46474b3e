-- Whether whoever opens a conversation by mail is told at once that it has come in, and in which words. An
-- empty text means the usual one. None goes out until `paused_until`, which is set when too many did.
CREATE TABLE acknowledgement_settings (
    helpdesk_id UUID NOT NULL PRIMARY KEY REFERENCES helpdesks (id),
    is_on BOOLEAN NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    paused_until BIGINT NOT NULL DEFAULT 0
);

-- Set in rows that acknowledge a mail and carry no message: the mailbox that is told, as it is counted.
ALTER TABLE notifications ADD COLUMN acknowledged TEXT;
CREATE UNIQUE INDEX notifications_acknowledging
    ON notifications (helpdesk_id, conversation_id) WHERE acknowledged IS NOT NULL;
CREATE INDEX notifications_by_mailbox
    ON notifications (helpdesk_id, acknowledged, created_at) WHERE acknowledged IS NOT NULL;
CREATE INDEX notifications_acknowledged_at
    ON notifications (helpdesk_id, created_at) WHERE acknowledged IS NOT NULL;

-- An answer is held beside an acknowledgement.
DROP INDEX notifications_held;
CREATE UNIQUE INDEX notifications_held ON notifications (helpdesk_id, conversation_id, to_operator, recipient_id)
    WHERE state = 'held' AND acknowledged IS NULL;
