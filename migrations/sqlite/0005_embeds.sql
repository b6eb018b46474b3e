-- The same failure again is counted in its row, so that one broken page does not push all others out.
ALTER TABLE verification_failures ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
ALTER TABLE verification_failures ADD COLUMN first_at INTEGER;

-- From where embeds called, and how that went: the newest of each helpdesk. An empty origin is a
-- server, which sends none. `refusal` is the name of the latest refusal since the last good call.
CREATE TABLE embed_origins (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    origin TEXT NOT NULL,
    good_at INTEGER,
    refused_at INTEGER,
    refusal TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, origin)
) STRICT, WITHOUT ROWID;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('embed_origins', 'embed_origins', '20000 200 1');
ANALYZE sqlite_schema;
