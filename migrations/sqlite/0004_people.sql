-- Single-key shortcuts can be switched off by each person (WCAG 2.1.4).
ALTER TABLE operators ADD COLUMN single_keys INTEGER NOT NULL DEFAULT 1;

-- Invitations that are open, one for each address. Only the hash of the link's token is kept; using
-- or revoking an invitation deletes it.
CREATE TABLE invitations (
    helpdesk_id BLOB NOT NULL REFERENCES helpdesks (id),
    id BLOB NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    invited_by BLOB REFERENCES operators (id),
    invited_by_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (helpdesk_id, id),
    UNIQUE (helpdesk_id, token_hash),
    UNIQUE (helpdesk_id, email)
) STRICT, WITHOUT ROWID;

-- The audit log is read newest first, whole or filtered; ids are in the order of time.
CREATE INDEX audit_entries_by_actor ON audit_entries (helpdesk_id, actor, id);
CREATE INDEX audit_entries_by_action ON audit_entries (helpdesk_id, action, id);
CREATE INDEX audit_entries_by_both ON audit_entries (helpdesk_id, actor, action, id);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('audit_entries', 'audit_entries', '1000000 1000000 1'),
    ('audit_entries', 'audit_entries_by_actor', '1000000 1000000 20000 1'),
    ('audit_entries', 'audit_entries_by_action', '1000000 1000000 50000 1'),
    ('audit_entries', 'audit_entries_by_both', '1000000 1000000 20000 2000 1'),
    ('invitations', 'invitations', '100 100 1'),
    ('invitations', 'sqlite_autoindex_invitations_2', '100 100 1'),
    ('invitations', 'sqlite_autoindex_invitations_3', '100 100 1');
ANALYZE sqlite_schema;
