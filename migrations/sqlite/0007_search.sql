-- What can be found, one row for each conversation: its words, each with the mark of its helpdesk in
-- front. `number` is the event by which something was last written, `entries` how much of the
-- conversation was read.
CREATE TABLE search_documents (
    helpdesk_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (helpdesk_id, conversation_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX search_documents_by_number ON search_documents (helpdesk_id, number);

-- Up to which event each helpdesk was read. The ordinal is the helpdesk's mark.
CREATE TABLE search_cursors (
    helpdesk_id BLOB NOT NULL PRIMARY KEY,
    ordinal INTEGER NOT NULL,
    last_number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The index of those words. It keeps no text; a row's id is made of the helpdesk's ordinal and the
-- document's number, so that each helpdesk has rows and words of its own. Words are cut by the
-- program; here they end at spaces only.
CREATE VIRTUAL TABLE search_index USING fts5(
    words, content='', contentless_delete=1, detail=none, tokenize='ascii'
);

-- Every word of a helpdesk once. The index above gathers all rows of a word's beginning before it gives
-- the first; with the few words that begin so named one by one it stops after a page. (PostgreSQL
-- needs no such help.)
CREATE TABLE search_terms (
    helpdesk_id BLOB NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (helpdesk_id, word)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('search_documents', 'search_documents', '1000000 1000000 1'),
    ('search_documents', 'search_documents_by_number', '1000000 1000000 1'),
    ('search_terms', 'search_terms', '1000000 1000000 1');
ANALYZE sqlite_schema;
