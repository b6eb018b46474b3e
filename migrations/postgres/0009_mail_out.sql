-- How a helpdesk's mail goes out. An empty text, and a NULL, mean what the installation's settings
-- say. Password and DKIM key are sealed.
CREATE TABLE mail_settings (
    helpdesk_id UUID NOT NULL PRIMARY KEY REFERENCES helpdesks (id),
    from_name TEXT NOT NULL,
    from_address TEXT NOT NULL,
    support_url TEXT NOT NULL,
    relay_host TEXT,
    relay_port BIGINT,
    relay_tls TEXT,
    relay_user TEXT,
    relay_auth TEXT,
    relay_password BYTEA,
    per_minute BIGINT,
    connections BIGINT,
    dkim_selector TEXT,
    dkim_algorithm TEXT,
    dkim_key BYTEA,
    changed_at BIGINT NOT NULL
);
