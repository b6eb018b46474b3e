-- What can be found, one row for each conversation: its words, each with the mark of its helpdesk in
-- front. `number` is the event by which something was last written, `entries` how much of the
-- conversation was read.
CREATE TABLE search_documents (
    helpdesk_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    number BIGINT NOT NULL,
    written_at BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    words TEXT NOT NULL,
    vector TSVECTOR NOT NULL GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED,
    PRIMARY KEY (helpdesk_id, conversation_id)
);
CREATE UNIQUE INDEX search_documents_by_number ON search_documents (helpdesk_id, number);

-- Up to which event each helpdesk was read. The ordinal is the helpdesk's mark.
CREATE TABLE search_cursors (
    helpdesk_id UUID NOT NULL PRIMARY KEY,
    ordinal BIGINT NOT NULL,
    last_number BIGINT NOT NULL
);

-- The index of those words. Each begins with the mark of its helpdesk, as every index does here. What
-- waits to be sorted in would have to be read by every question; the worker that writes can wait.
CREATE INDEX search_index ON search_documents USING GIN (vector) WITH (fastupdate = off);
