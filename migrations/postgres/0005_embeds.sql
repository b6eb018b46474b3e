-- The same failure again is counted in its row, so that one broken page does not push all others out.
ALTER TABLE verification_failures ADD COLUMN times BIGINT NOT NULL DEFAULT 1;
ALTER TABLE verification_failures ADD COLUMN first_at BIGINT;

-- From where embeds called, and how that went: the newest of each helpdesk. An empty origin is a
-- server, which sends none. `refusal` is the name of the latest refusal since the last good call.
CREATE TABLE embed_origins (
    helpdesk_id UUID NOT NULL REFERENCES helpdesks (id),
    origin TEXT NOT NULL,
    good_at BIGINT,
    refused_at BIGINT,
    refusal TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (helpdesk_id, origin)
);
