-- One row for each mail to one recipient about one conversation: to the contact about what operators
-- wrote, to an operator about what the contact wrote. It covers the messages of the other side from
-- `first_position` to `last_position`; a row that ended (its mail was accepted, was read before, was
-- cancelled) has dealt with them, and no later row covers them again.
--
-- state: held, sending, retrying, accepted, failed, uncertain, cancelled, seen, unreachable.
-- `held_until` is when its own hold or back-off ends; `due_at` is when the row is looked at next: then,
-- or later while another of its recipient is under way, or when the lease of its attempt ends; NULL
-- once it has ended.
CREATE TABLE notifications (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    to_operator INTEGER NOT NULL,
    recipient_id BLOB NOT NULL,
    state TEXT NOT NULL,
    first_position INTEGER NOT NULL,
    last_position INTEGER NOT NULL,
    held_until INTEGER NOT NULL,
    due_at INTEGER,
    attempt INTEGER NOT NULL DEFAULT 0,
    fence INTEGER NOT NULL DEFAULT 0,
    first_tried_at INTEGER,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    words TEXT NOT NULL DEFAULT '',
    changed_by TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (helpdesk_id, id),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_by_recipient
    ON notifications (helpdesk_id, conversation_id, to_operator, recipient_id, last_position);
CREATE UNIQUE INDEX notifications_held
    ON notifications (helpdesk_id, conversation_id, to_operator, recipient_id) WHERE state = 'held';
CREATE INDEX notifications_by_state ON notifications (helpdesk_id, state, id);
-- What is due next in the whole installation, as with jobs: so without helpdesk_id in front.
CREATE INDEX notifications_by_due_at ON notifications (due_at) WHERE due_at IS NOT NULL;

-- Up to which event each helpdesk was followed. What was written before this migration is not mailed.
CREATE TABLE notification_cursors (
    helpdesk_id BLOB NOT NULL PRIMARY KEY,
    last_number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO notification_cursors (helpdesk_id, last_number) SELECT helpdesk_id, last_number FROM event_counters;

-- How long mails are held, in seconds; 60 where there is no row.
CREATE TABLE notification_settings (
    helpdesk_id BLOB NOT NULL PRIMARY KEY REFERENCES helpdesks (id),
    contact_hold_seconds INTEGER NOT NULL,
    operator_hold_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Operators who chose whether they get mails from a helpdesk; those without a row do.
CREATE TABLE notification_switches (
    helpdesk_id BLOB NOT NULL,
    operator_id BLOB NOT NULL REFERENCES operators (id),
    is_on INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, operator_id)
) STRICT, WITHOUT ROWID;

-- Contacts to whom nothing is sent: they unsubscribed, or their address does not exist.
CREATE TABLE notification_refusals (
    helpdesk_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    unsubscribed_at INTEGER,
    bad_since INTEGER,
    bad_words TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (helpdesk_id, contact_id),
    FOREIGN KEY (helpdesk_id, contact_id) REFERENCES contacts (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('notifications', 'notifications', '1000000 1000000 1'),
    ('notifications', 'notifications_by_recipient', '1000000 1000000 5 4 2 1'),
    ('notifications', 'notifications_held', '1000 1000 2 2 1'),
    ('notifications', 'notifications_by_state', '1000000 1000000 100000 1'),
    ('notifications', 'notifications_by_due_at', '1000 1'),
    ('notification_switches', 'notification_switches', '100 100 1'),
    ('notification_refusals', 'notification_refusals', '10000 10000 1');
ANALYZE sqlite_schema;
