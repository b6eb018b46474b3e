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
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    to_operator BOOLEAN NOT NULL,
    recipient_id UUID NOT NULL,
    state TEXT NOT NULL,
    first_position BIGINT NOT NULL,
    last_position BIGINT NOT NULL,
    held_until BIGINT NOT NULL,
    due_at BIGINT,
    attempt BIGINT NOT NULL DEFAULT 0,
    fence BIGINT NOT NULL DEFAULT 0,
    first_tried_at BIGINT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    words TEXT NOT NULL DEFAULT '',
    changed_by TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (helpdesk_id, id),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
);
CREATE INDEX notifications_by_recipient
    ON notifications (helpdesk_id, conversation_id, to_operator, recipient_id, last_position);
CREATE UNIQUE INDEX notifications_held
    ON notifications (helpdesk_id, conversation_id, to_operator, recipient_id) WHERE state = 'held';
CREATE INDEX notifications_by_state ON notifications (helpdesk_id, state, id);
-- What is due next in the whole installation, as with jobs: so without helpdesk_id in front.
CREATE INDEX notifications_by_due_at ON notifications (due_at) WHERE due_at IS NOT NULL;

-- Up to which event each helpdesk was followed. What was written before this migration is not mailed.
CREATE TABLE notification_cursors (
    helpdesk_id UUID NOT NULL PRIMARY KEY,
    last_number BIGINT NOT NULL
);
INSERT INTO notification_cursors (helpdesk_id, last_number) SELECT helpdesk_id, last_number FROM event_counters;

-- How long mails are held, in seconds; 60 where there is no row.
CREATE TABLE notification_settings (
    helpdesk_id UUID NOT NULL PRIMARY KEY REFERENCES helpdesks (id),
    contact_hold_seconds BIGINT NOT NULL,
    operator_hold_seconds BIGINT NOT NULL
);

-- Operators who chose whether they get mails from a helpdesk; those without a row do.
CREATE TABLE notification_switches (
    helpdesk_id UUID NOT NULL,
    operator_id UUID NOT NULL REFERENCES operators (id),
    is_on BOOLEAN NOT NULL,
    PRIMARY KEY (helpdesk_id, operator_id)
);

-- Contacts to whom nothing is sent: they unsubscribed, or their address does not exist.
CREATE TABLE notification_refusals (
    helpdesk_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    unsubscribed_at BIGINT,
    bad_since BIGINT,
    bad_words TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (helpdesk_id, contact_id),
    FOREIGN KEY (helpdesk_id, contact_id) REFERENCES contacts (helpdesk_id, id)
);
