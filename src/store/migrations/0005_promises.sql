-- Service standards, agreements with their calendars, what customers say of fixes, and promises that were noticed.

ALTER TABLE commitment_step ADD COLUMN standard_id BIGINT NOT NULL DEFAULT 0; -- made by this rule; 0: said by an event
ALTER TABLE commitment ADD COLUMN confirmed_us BIGINT;  -- the customer says that it is solved
ALTER TABLE commitment ADD COLUMN sorry_us BIGINT;      -- we said sorry for breaking it
ALTER TABLE commitment ADD COLUMN reopened INTEGER NOT NULL DEFAULT 0; -- how often it was open again
ALTER TABLE commitment ADD COLUMN standard_id BIGINT NOT NULL DEFAULT 0;

-- what we promise everybody by rule; a change is a new version, and the rows of the old ones stay
CREATE TABLE service_standard (
    standard_id BIGINT NOT NULL, version BIGINT NOT NULL,
    name TEXT NOT NULL,
    kind SMALLINT NOT NULL,             -- what is owed; know/commitments.def
    starts SMALLINT NOT NULL,           -- what starts it; know/standard_starts.def
    segment TEXT NOT NULL,              -- of customers of this segment; empty: of all
    channel SMALLINT NOT NULL,          -- 0: by any
    priority TEXT NOT NULL,             -- as the event's body says; empty: any
    minutes BIGINT NOT NULL,            -- by when
    clock SMALLINT NOT NULL,            -- 0 opening hours, 1 every hour
    from_us BIGINT NOT NULL, until_us BIGINT, -- for what happens from <= t < until; NULL: for ever
    created_us BIGINT NOT NULL, created_by TEXT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (standard_id, version)
);

-- the hours in which we work for somebody, and by when we answer; versions as above
CREATE TABLE agreement (
    agreement_id BIGINT NOT NULL, version BIGINT NOT NULL,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,                 -- empty: the store's
    hours TEXT NOT NULL,                -- "mon-fri 09:00-17:00, sat 10:00-14:00"; empty: the company's
    country TEXT NOT NULL,              -- whose public holidays; empty: none
    closed TEXT NOT NULL,               -- further days, "2026-12-24 2026-12-31"
    promises TEXT NOT NULL,             -- hours instead of a standard's, by kind: "reply 4, fix 16"
    from_us BIGINT NOT NULL, until_us BIGINT,
    created_us BIGINT NOT NULL, created_by TEXT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (agreement_id, version)
);

-- who has an agreement: a customer, or all of a segment
CREATE TABLE agreement_of (
    assign_id BIGINT NOT NULL PRIMARY KEY,
    agreement_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,         -- the customer's number when it was assigned; 0: by segment
    segment TEXT NOT NULL,
    from_us BIGINT NOT NULL, until_us BIGINT,
    created_by TEXT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0
);
CREATE INDEX agreement_of_profile ON agreement_of (profile_id, assign_id);

-- what was noticed and nobody has decided yet, or what was decided
CREATE TABLE promise_proposal (
    proposal_id BIGINT NOT NULL PRIMARY KEY, -- of the event and the place in its words: never twice
    key BIGINT NOT NULL,                -- of the event
    profile_id BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    what SMALLINT NOT NULL,             -- 1 a promise in our words, 2 a word of the customer after a fix
    kind SMALLINT NOT NULL,             -- know/commitments.def
    due_us BIGINT,
    thread BIGINT,                      -- the conversation
    words TEXT NOT NULL, due_words TEXT NOT NULL, why TEXT NOT NULL, staff TEXT NOT NULL,
    conditional SMALLINT NOT NULL,
    sure INTEGER NOT NULL,              -- in percent
    commitment_id BIGINT NOT NULL,      -- accepted: what became of it; what = 2: the fix; 0: none
    state SMALLINT NOT NULL,            -- 0 open, 1 accepted, 2 dismissed
    decided_us BIGINT, decided_by TEXT NOT NULL
);
CREATE INDEX promise_proposal_state ON promise_proposal (state, at_us, proposal_id);
CREATE INDEX promise_proposal_profile ON promise_proposal (profile_id);
CREATE INDEX promise_proposal_key ON promise_proposal (key);
CREATE INDEX promise_proposal_commitment ON promise_proposal (commitment_id) WHERE commitment_id > 0;
