-- The server: who may come in, what came in raw, what goes out, what is to be done, and what the law asks for.

-- what a tail row still owes: 0 summaries and keys, 1 keys alone (summaries are merged)
ALTER TABLE tail ADD COLUMN owes SMALLINT NOT NULL DEFAULT 0;

-- what people call a source (its name is part of what names a profile and stays), and when its rows came last
ALTER TABLE source ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE import ADD COLUMN last_us BIGINT;

-- people of ours who sign in
CREATE TABLE account (
    account_id BIGINT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,               -- in lower case, unique
    name TEXT NOT NULL,
    role TEXT NOT NULL,                -- serve/roles.def
    password TEXT,                     -- Argon2id string; NULL: none set yet
    totp BYTEA,                        -- secret of the second factor; NULL: off
    totp_step BIGINT NOT NULL DEFAULT 0, -- last time step used: a code counts once
    recovery TEXT,                     -- hashes of recovery codes, JSON
    subject TEXT,                      -- who the identity provider says this is; NULL: none
    state SMALLINT NOT NULL,           -- 0 invited, 1 active, 2 disabled
    created_us BIGINT NOT NULL, seen_us BIGINT,
    version BIGINT NOT NULL DEFAULT 1  -- of the row: the ETag
);
CREATE UNIQUE INDEX account_email ON account (email);

-- signed-in browsers; the token itself is never stored
CREATE TABLE session (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    csrf TEXT NOT NULL,
    created_us BIGINT NOT NULL, seen_us BIGINT NOT NULL, expires_us BIGINT NOT NULL,
    agent TEXT NOT NULL, address TEXT NOT NULL
);
CREATE INDEX session_account ON session (account_id);

-- links that work once: first owner, invitation, forgotten password
CREATE TABLE invite (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,             -- "welcome", "reset", "signin"
    expires_us BIGINT NOT NULL, used_us BIGINT
);

-- keys of programs: of the API (scopes), or for sending events of one source (write keys)
CREATE TABLE api_key (
    key_id BIGINT NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL,
    name TEXT NOT NULL,
    hint TEXT NOT NULL,                -- its first characters, to be recognised by
    scopes TEXT NOT NULL,              -- JSON list of serve/needs.def
    source_id BIGINT NOT NULL,         -- write keys: where its events come from; else 0
    per_minute BIGINT NOT NULL,        -- requests a minute; 0: no limit of its own
    created_us BIGINT NOT NULL, created_by TEXT NOT NULL, seen_us BIGINT, revoked_us BIGINT,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX api_key_token ON api_key (token_hash);

-- who did what, and who looked at what is sensitive; never changed
CREATE TABLE audit (
    audit_id BIGINT NOT NULL PRIMARY KEY,
    at_us BIGINT NOT NULL,
    who TEXT NOT NULL,                 -- "account:3", "key:7", "system"
    action TEXT NOT NULL,              -- "customer.split"
    subject TEXT NOT NULL,             -- "customer:17"
    detail TEXT NOT NULL,              -- JSON; never a secret
    address TEXT NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, audit_id);

-- how a source's webhooks are verified
CREATE TABLE hook (
    source_id BIGINT NOT NULL PRIMARY KEY,
    scheme TEXT NOT NULL,              -- listen/schemes.def
    url TEXT NOT NULL,                 -- the public address, for schemes that sign it; else empty
    created_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
-- its secrets: several while they are being changed
CREATE TABLE hook_secret (
    source_id BIGINT NOT NULL, secret_id BIGINT NOT NULL, secret TEXT NOT NULL, created_us BIGINT NOT NULL,
    PRIMARY KEY (source_id, secret_id)
);

-- what webhooks brought, byte for byte; kept to be read again
CREATE TABLE raw (
    raw_id BIGINT NOT NULL PRIMARY KEY,
    source_id BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    delivery TEXT NOT NULL,            -- the sender's own id of the delivery; may be empty
    headers TEXT NOT NULL,             -- JSON, without secrets
    body BYTEA NOT NULL,
    state SMALLINT NOT NULL,           -- 0 waiting, 1 read, 2 not understood
    tries INTEGER NOT NULL, reason TEXT NOT NULL
);
CREATE INDEX raw_waiting ON raw (raw_id) WHERE state = 0;
CREATE INDEX raw_source ON raw (source_id, raw_id);
CREATE INDEX raw_refused ON raw (source_id, raw_id) WHERE state = 2;
CREATE INDEX raw_delivery ON raw (source_id, delivery) WHERE delivery <> '';

-- where we tell others what happened (Standard Webhooks)
CREATE TABLE endpoint (
    endpoint_id BIGINT NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    about TEXT NOT NULL,
    types TEXT NOT NULL,               -- JSON list; empty list: everything
    secrets TEXT NOT NULL,             -- JSON list of {secret, until_us}, the newest first; 0: for ever
    state SMALLINT NOT NULL,           -- 0 on, 1 off by a person, 2 off because it failed too long
    failing_us BIGINT,                 -- since when nothing got through
    created_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
-- one message to one endpoint
CREATE TABLE delivery (
    delivery_id BIGINT NOT NULL PRIMARY KEY,
    endpoint_id BIGINT NOT NULL,
    message TEXT NOT NULL,             -- webhook-id: the same on every try
    type TEXT NOT NULL,
    profile_id BIGINT NOT NULL,        -- whom it tells of; 0: nobody
    body TEXT NOT NULL,
    state SMALLINT NOT NULL,           -- 0 waiting, 1 delivered, 2 given up
    tries INTEGER NOT NULL,
    next_us BIGINT NOT NULL,           -- when it is tried next
    created_us BIGINT NOT NULL, ended_us BIGINT
);
CREATE INDEX delivery_due ON delivery (endpoint_id, next_us, delivery_id) WHERE state = 0;
CREATE INDEX delivery_profile ON delivery (profile_id) WHERE profile_id > 0;
CREATE INDEX delivery_endpoint ON delivery (endpoint_id, delivery_id);
-- how each try of it went
CREATE TABLE delivery_try (
    delivery_id BIGINT NOT NULL, try INTEGER NOT NULL,
    at_us BIGINT NOT NULL, status INTEGER NOT NULL, took_us BIGINT NOT NULL, reply TEXT NOT NULL,
    PRIMARY KEY (delivery_id, try)
);

-- work beside requests: repeated (every_s) or once; a lease keeps two processes from running one twice
CREATE TABLE job (
    job_id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,                -- jobs/jobs.def
    args TEXT NOT NULL,                -- JSON
    state SMALLINT NOT NULL,           -- 0 waiting, 1 running, 2 done, 3 failed, 4 cancelled
    every_s BIGINT NOT NULL,           -- 0: once; negative: it would be repeated so often, and is off
    next_us BIGINT NOT NULL,
    lease TEXT NOT NULL, lease_us BIGINT NOT NULL, -- who runs it, until when
    done BIGINT NOT NULL, total BIGINT NOT NULL,   -- progress
    result TEXT NOT NULL,              -- JSON of the last run
    error TEXT NOT NULL,
    created_us BIGINT NOT NULL, started_us BIGINT, ended_us BIGINT,
    created_by TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,  -- how often this run was begun: after failures, after crashes
    asked SMALLINT NOT NULL DEFAULT 0, -- 1: somebody asked for it to stop
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX job_due ON job (next_us) WHERE state < 2;
CREATE UNIQUE INDEX job_repeated ON job (kind) WHERE every_s <> 0;

-- a file that was sent to be imported, and how it is to be read; gone when it is imported, or after a day
CREATE TABLE upload (
    upload_id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,                -- as its owner called it
    path TEXT NOT NULL,                -- where it lies on this machine
    bytes BIGINT NOT NULL,
    how TEXT NOT NULL,                 -- JSON: source, adapter, columns, zone, country, currency, day_first
    job_id BIGINT NOT NULL,            -- the job that reads it; 0: none yet
    created_us BIGINT NOT NULL, created_by TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);

-- a named rule over customers
CREATE TABLE segment (
    segment_id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    about TEXT NOT NULL,
    rule TEXT NOT NULL,                -- JSON; docs/segments.md
    created_us BIGINT NOT NULL, created_by TEXT NOT NULL, updated_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX segment_name ON segment (name);

-- what a person allowed us, by purpose; folded from consent events, the newest by its own time stands
CREATE TABLE consent (
    profile_id BIGINT NOT NULL, purpose TEXT NOT NULL,
    state SMALLINT NOT NULL,           -- 0 withdrawn, 1 given
    at_us BIGINT NOT NULL, key BIGINT NOT NULL,
    PRIMARY KEY (profile_id, purpose)
);

-- what people ask of their data
CREATE TABLE privacy_request (
    request_id BIGINT NOT NULL PRIMARY KEY,
    ext TEXT NOT NULL,                 -- the sender's own id (OpenDSR subject_request_id), or empty
    kind TEXT NOT NULL,                -- jobs/privacy.h
    regulation TEXT NOT NULL,          -- "gdpr", "ccpa", …
    origin TEXT NOT NULL,              -- "person", "opendsr", "segment"
    state SMALLINT NOT NULL,           -- 0 to be confirmed, 1 pending, 2 in progress, 3 completed, 4 cancelled
    subjects TEXT NOT NULL,            -- JSON list of identities; after an erasure: their hashes alone
    callbacks TEXT NOT NULL,           -- JSON list of addresses
    received_us BIGINT NOT NULL, due_us BIGINT NOT NULL, ended_us BIGINT,
    result TEXT NOT NULL,              -- JSON: counts of what was found, given or erased
    created_by TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX privacy_request_ext ON privacy_request (ext);

-- identifiers that must not come back, as salted hashes: who they were cannot be read from them
CREATE TABLE suppressed (
    hash BIGINT NOT NULL PRIMARY KEY,
    mode SMALLINT NOT NULL,            -- 1: what happened before since_us stays out; 2: everything stays out
    since_us BIGINT NOT NULL, request_id BIGINT NOT NULL
);
-- keys of events that were erased: known for ever, so that a file read again brings nothing back
CREATE TABLE erased_key (key BIGINT NOT NULL PRIMARY KEY);

-- how long each kind of data is kept; no row: for ever
CREATE TABLE retention (what TEXT NOT NULL PRIMARY KEY, days BIGINT NOT NULL, version BIGINT NOT NULL DEFAULT 1);

-- who waits for us, the longest first; few rows of many
CREATE INDEX summary_waiting ON summary (waiting_us, customer_id) WHERE waiting_us IS NOT NULL;
