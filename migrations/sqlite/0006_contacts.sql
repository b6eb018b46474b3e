-- The words by which a contact is found: those of the name and of the address, folded by the program.
CREATE TABLE contact_words (
    helpdesk_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (helpdesk_id, contact_id, word),
    FOREIGN KEY (helpdesk_id, contact_id) REFERENCES contacts (helpdesk_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_words_by_word ON contact_words (helpdesk_id, word, contact_id);

-- SQL cannot tell words apart: contacts that are there already get theirs by a job.
INSERT INTO jobs (id, kind, payload, dedupe_key, due_at)
SELECT X'0197a0b0c0d07000800000000000f001', 'contact words', '{}', 'once', 0
WHERE EXISTS (SELECT 1 FROM contacts);

-- The first steps that the inbox shows: true once they are done, or somebody has put them away.
ALTER TABLE helpdesks ADD COLUMN guide_done INTEGER NOT NULL DEFAULT 0;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('contact_words', 'contact_words', '1000000 1000000 5 1'),
    ('contact_words', 'contact_words_by_word', '1000000 1000000 20 1');
ANALYZE sqlite_schema;
