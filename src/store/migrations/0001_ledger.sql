-- The ledger: what happened, who is who, and what follows from it.
-- Rules that let one schema run on SQLite, PostgreSQL and Citus are in docs/schema.md. A statement under "-- sqlite:" or
-- "-- postgres:" runs on that back end alone; everything else runs on both.

-- settings and counters of this store, by name
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);

-- where facts come from: a shop, a help desk, a survey tool, a mailbox
CREATE TABLE source (
    source_id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,                -- "shopify", unique
    adapter TEXT NOT NULL,             -- how its bytes are read
    channel SMALLINT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0, -- 1: made by us, removable by one command
    created_us BIGINT NOT NULL
);
CREATE UNIQUE INDEX source_name ON source (name);

-- one file taken in, or one live stream; what it brought can be undone
CREATE TABLE import (
    import_id BIGINT NOT NULL PRIMARY KEY,
    source_id BIGINT NOT NULL,
    name TEXT NOT NULL,                -- file name or stream
    mapping TEXT NOT NULL,             -- the columns as they were read, JSON
    state SMALLINT NOT NULL,           -- 0 running, 1 done, 2 undone, 3 interrupted
    started_us BIGINT NOT NULL,
    ended_us BIGINT,
    rows_in BIGINT NOT NULL DEFAULT 0,
    added BIGINT NOT NULL DEFAULT 0,   -- events new to the store
    changed BIGINT NOT NULL DEFAULT 0, -- newer versions of known events
    same BIGINT NOT NULL DEFAULT 0,    -- known already
    skipped BIGINT NOT NULL DEFAULT 0, -- rows that say nothing (unanswered, blank)
    rejected BIGINT NOT NULL DEFAULT 0 -- rows in quarantine
);

-- what happened; clustered by month so that the hot tree stays in cache
-- sqlite:
CREATE TABLE event (
    period INTEGER NOT NULL,           -- months since 1970-01, UTC
    profile_id INTEGER NOT NULL,       -- 0: nobody known
    at_us INTEGER NOT NULL,            -- microseconds since 1970, UTC
    key INTEGER NOT NULL,              -- 64-bit hash of (source, external key)
    kind INTEGER NOT NULL,             -- kinds.def
    channel INTEGER NOT NULL,
    import_id INTEGER NOT NULL,
    value INTEGER,                     -- minor units, or score x 100
    unit INTEGER,                      -- ISO 4217 number, or instrument
    thread INTEGER,                    -- 64-bit hash of (source, conversation, order or contract)
    edited_us INTEGER,                 -- the provider's time of this version
    body TEXT,                         -- JSON: words, names, the rest
    PRIMARY KEY (period, profile_id, at_us, key)
) WITHOUT ROWID;
-- postgres:
CREATE TABLE event (
    period INTEGER NOT NULL, profile_id BIGINT NOT NULL, at_us BIGINT NOT NULL, key BIGINT NOT NULL,
    kind SMALLINT NOT NULL, channel SMALLINT NOT NULL, import_id INTEGER NOT NULL,
    value BIGINT, unit INTEGER, thread BIGINT, edited_us BIGINT, body TEXT,
    PRIMARY KEY (profile_id, period, at_us, key)
) PARTITION BY RANGE (period);

-- versions that a newer one replaced, and events of undone imports: kept, no longer counted
CREATE TABLE event_past (
    profile_id BIGINT NOT NULL, key BIGINT NOT NULL, edited_us BIGINT NOT NULL, tie BIGINT NOT NULL,
    at_us BIGINT NOT NULL, kind SMALLINT NOT NULL, channel SMALLINT NOT NULL, import_id BIGINT NOT NULL,
    value BIGINT, unit INTEGER, thread BIGINT, body TEXT,
    why SMALLINT NOT NULL,             -- 1 replaced by a newer version, 2 its import was undone
    PRIMARY KEY (profile_id, key, edited_us, tie)
);

-- every external key ever taken, as sorted 64-bit numbers in buckets, so that a retry is known for ever
CREATE TABLE seen (bucket BIGINT NOT NULL PRIMARY KEY, keys BYTEA NOT NULL);

-- the events of commits whose summaries and keys are still to be merged in bulk; replayed on open
CREATE TABLE tail (seq BIGINT NOT NULL PRIMARY KEY, entries BYTEA NOT NULL);

-- one person or firm as one source knows it
CREATE TABLE profile (
    profile_id BIGINT NOT NULL PRIMARY KEY,
    customer_id BIGINT NOT NULL,       -- the view: the smallest profile id of those joined
    source_id BIGINT NOT NULL,
    name TEXT, name_us BIGINT,         -- each fact with the time it was said: the newest stands
    country TEXT, country_us BIGINT,
    segment TEXT, segment_us BIGINT,
    lang TEXT, lang_us BIGINT
);
-- most customers are one profile, which its own number finds
CREATE INDEX profile_customer ON profile (customer_id, profile_id) WHERE customer_id <> profile_id;

-- what a profile is recognised by
-- sqlite:
CREATE TABLE identifier (
    hash INTEGER NOT NULL,             -- of kind and value
    profile_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    is_key INTEGER NOT NULL,           -- 1: the profile's own key in its source
    import_id INTEGER NOT NULL,        -- the last import that said so
    value TEXT NOT NULL,
    PRIMARY KEY (hash, profile_id)
) WITHOUT ROWID;
-- postgres:
CREATE TABLE identifier (
    hash BIGINT NOT NULL, profile_id BIGINT NOT NULL, kind SMALLINT NOT NULL, source_id BIGINT NOT NULL,
    is_key SMALLINT NOT NULL, import_id BIGINT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (hash, profile_id)
);
CREATE INDEX identifier_profile ON identifier (profile_id);

-- identifiers that stopped joining because too many profiles share them
CREATE TABLE demoted (hash BIGINT NOT NULL PRIMARY KEY, kind SMALLINT NOT NULL, profiles BIGINT NOT NULL);

-- why two profiles are, or are not, one customer
CREATE TABLE link (
    profile_a BIGINT NOT NULL,         -- the smaller id
    profile_b BIGINT NOT NULL,
    hash BIGINT NOT NULL,              -- the identifier that says so; 0 for a person's verdict
    kind SMALLINT NOT NULL,
    state SMALLINT NOT NULL,           -- 1 joined, 2 vetoed, 3 split by a person, 4 joined by a person
    reason TEXT NOT NULL,
    PRIMARY KEY (profile_a, profile_b, hash)
);
CREATE INDEX link_b ON link (profile_b, profile_a);

-- the fold of a customer's timeline: one row per customer
CREATE TABLE summary (
    customer_id BIGINT NOT NULL PRIMARY KEY,
    first_us BIGINT NOT NULL, last_us BIGINT NOT NULL,
    currency INTEGER NOT NULL,         -- ISO 4217 number of most of the money; 0 none
    orders INTEGER NOT NULL, order_days INTEGER NOT NULL, order_value BIGINT NOT NULL,
    first_order_us BIGINT, last_order_us BIGINT, gap_days INTEGER, -- median days between order days
    refunds INTEGER NOT NULL, refund_value BIGINT NOT NULL, returns INTEGER NOT NULL,
    contacts_in INTEGER NOT NULL, contacts_out INTEGER NOT NULL, complaints INTEGER NOT NULL,
    feedback INTEGER NOT NULL, last_score INTEGER, last_instrument SMALLINT, last_score_us BIGINT,
    waiting_us BIGINT,                 -- since when the customer waits for us; NULL: nobody waits
    contract_since_us BIGINT, contract_until_us BIGINT, monthly_value BIGINT NOT NULL,
    channels BIGINT NOT NULL,          -- bit per channel
    state BYTEA NOT NULL               -- what the fold needs to go on; know/summary.h describes it
);

-- a conversation's clocks, folded from its messages
CREATE TABLE conversation (
    profile_id BIGINT NOT NULL, thread BIGINT NOT NULL,
    opened_us BIGINT NOT NULL, last_us BIGINT NOT NULL, waiting_us BIGINT, solved_us BIGINT,
    first_reply_us BIGINT,             -- of the newest clock that has one
    channel SMALLINT NOT NULL, source_id BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (profile_id, thread)
);
CREATE INDEX conversation_last ON conversation (last_us, profile_id);

-- what customers said, from every channel: one row per rating or remark; the words stay in the event
-- sqlite:
CREATE TABLE feedback (
    period INTEGER NOT NULL, profile_id INTEGER NOT NULL, feedback_id INTEGER NOT NULL,
    at_us INTEGER NOT NULL, key INTEGER NOT NULL, kind INTEGER NOT NULL, channel INTEGER NOT NULL,
    source_id INTEGER NOT NULL, instrument INTEGER NOT NULL, score INTEGER, -- score x 100
    mood INTEGER, topic TEXT, lang TEXT, has_words INTEGER NOT NULL,
    PRIMARY KEY (period, profile_id, feedback_id)
) WITHOUT ROWID;
-- postgres:
CREATE TABLE feedback (
    period INTEGER NOT NULL, profile_id BIGINT NOT NULL, feedback_id BIGINT NOT NULL,
    at_us BIGINT NOT NULL, key BIGINT NOT NULL, kind SMALLINT NOT NULL, channel SMALLINT NOT NULL,
    source_id BIGINT NOT NULL, instrument SMALLINT NOT NULL, score BIGINT,
    mood SMALLINT, topic TEXT, lang TEXT, has_words SMALLINT NOT NULL,
    PRIMARY KEY (profile_id, period, feedback_id)
);
CREATE INDEX feedback_id ON feedback (feedback_id);
CREATE INDEX feedback_period ON feedback (period, at_us);

-- the search index over the words
-- sqlite:
CREATE VIRTUAL TABLE feedback_words USING fts5(words, content='', tokenize="unicode61 remove_diacritics 2");
-- postgres:
CREATE TABLE feedback_words (
    feedback_id BIGINT NOT NULL, words TSVECTOR NOT NULL, PRIMARY KEY (feedback_id)
);
-- postgres:
CREATE INDEX feedback_words_find ON feedback_words USING gin (words);

-- input that could not be understood, byte for byte, with the reason; replayed after a fix
CREATE TABLE quarantine (
    quarantine_id BIGINT NOT NULL PRIMARY KEY,
    import_id BIGINT NOT NULL, file TEXT NOT NULL, line BIGINT NOT NULL, field TEXT NOT NULL, reason TEXT NOT NULL,
    header TEXT NOT NULL,              -- what is needed to read the row again (the CSV header), or empty
    raw BYTEA NOT NULL, at_us BIGINT NOT NULL,
    state SMALLINT NOT NULL            -- 0 waiting, 1 replayed, 2 given up
);
CREATE INDEX quarantine_import ON quarantine (import_id, quarantine_id);
