-- The words by which a contact is found: those of the name and of the address, folded by the program.
-- Compared byte by byte, so that a beginning of a word is a range.
CREATE TABLE contact_words (
    helpdesk_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    word TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (helpdesk_id, contact_id, word),
    FOREIGN KEY (helpdesk_id, contact_id) REFERENCES contacts (helpdesk_id, id)
);
CREATE INDEX contact_words_by_word ON contact_words (helpdesk_id, word, contact_id);

-- SQL cannot tell words apart: contacts that are there already get theirs by a job.
INSERT INTO jobs (id, kind, payload, dedupe_key, due_at)
SELECT CAST('0197a0b0-c0d0-7000-8000-00000000f001' AS UUID), 'contact words', '{}', 'once', 0
WHERE EXISTS (SELECT 1 FROM contacts);

-- The first steps that the inbox shows: true once they are done, or somebody has put them away.
ALTER TABLE helpdesks ADD COLUMN guide_done BOOLEAN NOT NULL DEFAULT FALSE;
