-- What we send, and how it went.

-- how we send: one row, 1
CREATE TABLE mail_setup (
    setup_id BIGINT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL, port INTEGER NOT NULL,
    tls TEXT NOT NULL,                 -- "starttls", "tls", "none"
    login TEXT NOT NULL, password TEXT NOT NULL, -- of the server; empty: it asks for none
    from_address TEXT NOT NULL, from_name TEXT NOT NULL, reply_to TEXT NOT NULL,
    bounce_address TEXT NOT NULL,      -- where bounces go, "bounce@example.org"; a token is put in with '+'
    postal TEXT NOT NULL,              -- the company's name and address, under every message that is no reply
    per_minute BIGINT NOT NULL,        -- messages a minute, all together; 0: no limit
    per_domain BIGINT NOT NULL,        -- the same for each receiving domain
    resend_min BIGINT NOT NULL,        -- replies and service messages that are unsure go again after so many minutes; 0: never
    on_off SMALLINT NOT NULL,          -- 1: what is due is sent
    changed_us BIGINT NOT NULL, changed_by TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);

-- keys that sign what we send; the public half stands in the DNS
CREATE TABLE dkim_key (
    key_id BIGINT NOT NULL PRIMARY KEY,
    domain TEXT NOT NULL, selector TEXT NOT NULL,
    algorithm TEXT NOT NULL,           -- "rsa-sha256", "ed25519-sha256"
    secret TEXT NOT NULL,              -- PEM, or the seed in base64
    record TEXT NOT NULL,              -- what to publish
    state SMALLINT NOT NULL,           -- 0 made, 1 signs, 2 retired
    created_us BIGINT NOT NULL, created_by TEXT NOT NULL
);
CREATE UNIQUE INDEX dkim_key_name ON dkim_key (domain, selector);

-- one message to one person
CREATE TABLE outbox (
    outbox_id BIGINT NOT NULL PRIMARY KEY,
    gate_id BIGINT NOT NULL,           -- the record that let it pass
    profile_id BIGINT NOT NULL,        -- the customer
    kind SMALLINT NOT NULL,            -- act/gate_kinds.def
    template TEXT NOT NULL, occasion TEXT NOT NULL,
    state SMALLINT NOT NULL,           -- 0 waiting, 1 sending, 2 unsure, 3 sent, 4 failed, 5 bounced, 6 cancelled
    address TEXT NOT NULL, domain TEXT NOT NULL,
    to_name TEXT NOT NULL, from_name TEXT NOT NULL, reply_to TEXT NOT NULL,
    subject TEXT NOT NULL, words TEXT NOT NULL, html TEXT NOT NULL, lang TEXT NOT NULL,
    in_reply_to TEXT NOT NULL,
    token TEXT NOT NULL,               -- names it in its Message-ID and its return path
    survey TEXT NOT NULL, quota TEXT NOT NULL,
    playbook_run BIGINT NOT NULL, survey_ask BIGINT NOT NULL,
    put_by TEXT NOT NULL,
    tries INTEGER NOT NULL,
    created_us BIGINT NOT NULL,
    next_us BIGINT NOT NULL,           -- waiting: when it is due; sending: when its lease ends
    first_us BIGINT,                   -- the first try
    marked_us BIGINT,                  -- given to the server whole, from here on its fate was not known
    ended_us BIGINT,
    reply TEXT NOT NULL,               -- the server's last words, or why it ended
    told SMALLINT NOT NULL             -- 1: what happened is to be told as an event; 2: it is told; 0: nothing to tell
);
CREATE UNIQUE INDEX outbox_once ON outbox (profile_id, template, occasion);
CREATE UNIQUE INDEX outbox_token ON outbox (token);
CREATE INDEX outbox_due ON outbox (next_us, outbox_id) WHERE state < 2;
CREATE INDEX outbox_state ON outbox (state, outbox_id);
CREATE INDEX outbox_untold ON outbox (outbox_id) WHERE told = 1;
CREATE INDEX outbox_address ON outbox (address, outbox_id);
-- how each try of it went
CREATE TABLE outbox_try (
    outbox_id BIGINT NOT NULL, try INTEGER NOT NULL,
    at_us BIGINT NOT NULL, stage TEXT NOT NULL, -- how far it came: "connect", "mail", "rcpt", "data", "end"
    status INTEGER NOT NULL, took_us BIGINT NOT NULL, reply TEXT NOT NULL,
    PRIMARY KEY (outbox_id, try)
);

-- what came back
CREATE TABLE mail_bounce (
    bounce_id BIGINT NOT NULL PRIMARY KEY,
    mark BIGINT NOT NULL,              -- hash of what came and of whom it speaks: the same report counts once
    outbox_id BIGINT NOT NULL,         -- 0: it belongs to no message that we know
    profile_id BIGINT NOT NULL,        -- 0: nobody known
    at_us BIGINT NOT NULL,
    address TEXT NOT NULL,
    kind TEXT NOT NULL,                -- "hard", "soft", "delayed", "complaint"
    status TEXT NOT NULL,              -- "5.1.1"; may be empty
    words TEXT NOT NULL,               -- of the server that refused it
    matched TEXT NOT NULL,             -- "token", "message", "address", ""
    told SMALLINT NOT NULL             -- as in outbox
);
CREATE UNIQUE INDEX mail_bounce_mark ON mail_bounce (mark);
CREATE INDEX mail_bounce_outbox ON mail_bounce (outbox_id);
CREATE INDEX mail_bounce_profile ON mail_bounce (profile_id);
CREATE INDEX mail_bounce_untold ON mail_bounce (bounce_id) WHERE told = 1;
