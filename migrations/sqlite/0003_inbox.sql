-- How many conversations stand in each list of operators: one row for each status and assignee, nobody
-- being the id of zeros. Changed only while the helpdesk's event counter is held, so that the rows are
-- always locked in one order; `unread` counts those in which the assignee has something to read.
ALTER TABLE conversations ADD COLUMN assignee_unread INTEGER NOT NULL DEFAULT 0;
CREATE TABLE conversation_counts (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    status TEXT NOT NULL,
    assignee_id BLOB NOT NULL,
    conversations INTEGER NOT NULL,
    unread INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, status, assignee_id)
) STRICT, WITHOUT ROWID;
UPDATE conversations SET assignee_unread = 1
    WHERE assignee_id IS NOT NULL AND last_visitor_entry > COALESCE(
        (SELECT seen_entry FROM operator_reads r WHERE r.helpdesk_id = conversations.helpdesk_id
             AND r.operator_id = conversations.assignee_id AND r.conversation_id = conversations.id), 0);
INSERT INTO conversation_counts (helpdesk_id, status, assignee_id, conversations, unread)
    SELECT helpdesk_id, status, COALESCE(assignee_id, zeroblob(16)), COUNT(*), SUM(assignee_unread)
    FROM conversations GROUP BY helpdesk_id, status, COALESCE(assignee_id, zeroblob(16));

-- What an operator typed and has not sent: one text for each conversation.
CREATE TABLE drafts (
    helpdesk_id BLOB NOT NULL,
    operator_id BLOB NOT NULL REFERENCES operators (id),
    conversation_id BLOB NOT NULL,
    is_note INTEGER NOT NULL,
    body TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, operator_id, conversation_id),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
) STRICT, WITHOUT ROWID;

-- Who has a conversation before their eyes. A row that was not renewed for a while means nothing.
CREATE TABLE viewers (
    helpdesk_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    operator_id BLOB NOT NULL REFERENCES operators (id),
    is_writing INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, operator_id)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('conversation_counts', 'conversation_counts', '200 200 100 1'),
    ('drafts', 'drafts', '10000 10000 100 1'),
    ('viewers', 'viewers', '100 100 2 1');
ANALYZE sqlite_schema;
