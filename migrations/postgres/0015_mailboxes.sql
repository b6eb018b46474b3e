-- Mailboxes that mail is fetched from by IMAP. The secret is sealed.
--
-- The cursor: what has a UID below `next_uid` was dealt with, as long as the folder's UIDVALIDITY is
-- `uid_validity`; both are NULL before the first look. Besides, what is older may be gone through once
-- more: UIDs from `scan_uid` and below `scan_end` (NULL: below `next_uid`) that arrived since
-- `scan_since`; NULL when there is nothing to go through. `floor_at` is the time before which nothing
-- is fetched unless somebody asks for it.
--
-- `due_at` is when the mailbox may be taken next: while a node has it (`node_id`), the end of its lease;
-- otherwise the next try; NULL while an operator has paused it. `fence` counts who took or changed it.
CREATE TABLE mailboxes (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    id UUID NOT NULL,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    port BIGINT NOT NULL,
    tls TEXT NOT NULL,
    auth TEXT NOT NULL,
    user_name TEXT NOT NULL,
    secret BYTEA NOT NULL,
    folder TEXT NOT NULL,
    afterwards TEXT NOT NULL,
    move_to TEXT NOT NULL,
    uid_validity BIGINT,
    next_uid BIGINT,
    last_uid BIGINT,
    last_internal_at BIGINT,
    scan_since BIGINT,
    scan_uid BIGINT NOT NULL,
    scan_end BIGINT,
    floor_at BIGINT NOT NULL,
    due_at BIGINT,
    fence BIGINT NOT NULL,
    node_id UUID,
    connected_at BIGINT,
    looked_at BIGINT,
    last_mail_at BIGINT,
    fetched BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    skip_words TEXT NOT NULL,
    problem TEXT NOT NULL,
    problem_kind TEXT NOT NULL,
    failures BIGINT NOT NULL,
    stuck_uid BIGINT,
    stuck_times BIGINT NOT NULL,
    warning TEXT NOT NULL,
    paused_at BIGINT,
    paused_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, id)
);
-- Which is due next in the whole installation, as with jobs: so without helpdesk_id in front.
CREATE INDEX mailboxes_by_due_at ON mailboxes (due_at) WHERE due_at IS NOT NULL;

-- Mails that are committed and not yet marked as seen, or moved, where they came from.
CREATE TABLE mailbox_marks (
    helpdesk_id UUID NOT NULL,
    mailbox_id UUID NOT NULL,
    uid BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, mailbox_id, uid),
    FOREIGN KEY (helpdesk_id, mailbox_id) REFERENCES mailboxes (helpdesk_id, id)
);
