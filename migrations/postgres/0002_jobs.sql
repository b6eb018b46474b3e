-- The queue of the whole installation, so without helpdesk_id: payloads carry ids.
-- due_at is when a waiting job may run; while one runs it is when its lease ends.
CREATE TABLE jobs (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedupe_key TEXT,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    fence BIGINT NOT NULL DEFAULT 0,
    last_error TEXT,
    parked_at BIGINT,
    UNIQUE (kind, dedupe_key)
);
CREATE INDEX jobs_by_due_at ON jobs (due_at) WHERE parked_at IS NULL;
CREATE INDEX jobs_by_parked_at ON jobs (parked_at) WHERE parked_at IS NOT NULL;

CREATE TABLE job_schedules (
    name TEXT NOT NULL PRIMARY KEY,
    next_at BIGINT NOT NULL
);
