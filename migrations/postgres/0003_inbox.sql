-- How many conversations stand in each list of operators: one row for each status and assignee, nobody
-- being the id of zeros. Changed only while the helpdesk's event counter is held, so that the rows are
-- always locked in one order; `unread` counts those in which the assignee has something to read.
ALTER TABLE conversations ADD COLUMN assignee_unread BOOLEAN NOT NULL DEFAULT FALSE;
CREATE TABLE conversation_counts (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    status TEXT NOT NULL,
    assignee_id UUID NOT NULL,
    conversations BIGINT NOT NULL,
    unread BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, status, assignee_id)
);
UPDATE conversations SET assignee_unread = TRUE
    WHERE assignee_id IS NOT NULL AND last_visitor_entry > COALESCE(
        (SELECT seen_entry FROM operator_reads r WHERE r.helpdesk_id = conversations.helpdesk_id
             AND r.operator_id = conversations.assignee_id AND r.conversation_id = conversations.id), 0);
INSERT INTO conversation_counts (helpdesk_id, status, assignee_id, conversations, unread)
    SELECT helpdesk_id, status, COALESCE(assignee_id, '00000000-0000-0000-0000-000000000000'), COUNT(*),
        COUNT(*) FILTER (WHERE assignee_unread)
    FROM conversations GROUP BY helpdesk_id, status, COALESCE(assignee_id, '00000000-0000-0000-0000-000000000000');

-- What an operator typed and has not sent: one text for each conversation.
CREATE TABLE drafts (
    helpdesk_id UUID NOT NULL,
    operator_id UUID NOT NULL REFERENCES operators (id),
    conversation_id UUID NOT NULL,
    is_note BOOLEAN NOT NULL,
    body TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, operator_id, conversation_id),
    FOREIGN KEY (helpdesk_id, conversation_id) REFERENCES conversations (helpdesk_id, id)
);

-- Who has a conversation before their eyes. A row that was not renewed for a while means nothing.
CREATE TABLE viewers (
    helpdesk_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    operator_id UUID NOT NULL REFERENCES operators (id),
    is_writing BOOLEAN NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id, operator_id)
);
