-- What we owe. Both tables are folded from events of the kinds commitment_…, and from the events that keep a commitment.

-- what was said of a commitment, one row per event
CREATE TABLE commitment_step (
    commitment_id BIGINT NOT NULL,      -- of the source and its name for the commitment; know/commitment.h
    at_us BIGINT NOT NULL,
    key BIGINT NOT NULL,                -- of the event
    profile_id BIGINT NOT NULL,         -- 0: nobody known
    what SMALLINT NOT NULL,             -- the event's kind
    due_us BIGINT,                      -- made and moved: by when
    about BIGINT,                       -- the conversation it was made in, as event.thread has it
    topic TEXT NOT NULL,                -- the kind of commitment, in the source's word
    words TEXT NOT NULL,
    owner TEXT NOT NULL,
    team TEXT NOT NULL,
    PRIMARY KEY (commitment_id, at_us, key)
);
CREATE INDEX commitment_step_profile ON commitment_step (profile_id, commitment_id);

-- a commitment as its steps and the customer's events say it stands; whether it is late depends on the clock
CREATE TABLE commitment (
    commitment_id BIGINT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,         -- to whom; 0: nobody known
    kind SMALLINT NOT NULL,             -- know/commitments.def
    what TEXT NOT NULL,                 -- the words in which it was made
    owner TEXT NOT NULL,                -- who of ours owes it
    team TEXT NOT NULL,
    about BIGINT,                       -- the conversation it was made in
    made_us BIGINT NOT NULL,
    due_us BIGINT,                      -- as it was last agreed; NULL: none was named
    first_due_us BIGINT,                -- as it was made
    judged_us BIGINT,                   -- by which it is judged: moved once and in time, the new date; else the first
    moves INTEGER NOT NULL,
    agreed_before_due SMALLINT NOT NULL, -- 1: no move came after the date that held then
    open_us BIGINT NOT NULL,            -- from when on an event can keep it: made, or opened again
    said_kept_us BIGINT,                -- kept as a person or a source says
    done_us BIGINT, done_key BIGINT,    -- the customer's first event that keeps it
    kept_us BIGINT,                     -- the earlier of the two
    withdrawn_us BIGINT, void_us BIGINT,
    closed SMALLINT NOT NULL            -- 1: kept, withdrawn or void
);
-- what is due and at risk is read from this alone
CREATE INDEX commitment_judged ON commitment (closed, judged_us, commitment_id, kind, made_us);
CREATE INDEX commitment_profile ON commitment (profile_id, commitment_id);
CREATE INDEX commitment_made ON commitment (made_us, commitment_id);
