-- Single-key shortcuts can be switched off by each person (WCAG 2.1.4).
ALTER TABLE operators ADD COLUMN single_keys BOOLEAN NOT NULL DEFAULT TRUE;

-- Invitations that are open, one for each address. Only the hash of the link's token is kept; using
-- or revoking an invitation deletes it.
CREATE TABLE invitations (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    id UUID NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    invited_by UUID REFERENCES operators (id),
    invited_by_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, id),
    UNIQUE (helpdesk_id, token_hash),
    UNIQUE (helpdesk_id, email)
);

-- The audit log is read newest first, whole or filtered; ids are in the order of time.
CREATE INDEX audit_entries_by_actor ON audit_entries (helpdesk_id, actor, id);
CREATE INDEX audit_entries_by_action ON audit_entries (helpdesk_id, action, id);
CREATE INDEX audit_entries_by_both ON audit_entries (helpdesk_id, actor, action, id);
