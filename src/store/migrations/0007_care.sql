-- Generous policies, steps against abuse, and people in hardship.

-- what customers get beyond what they must get, one row per version; rows are never changed, so that what was measured
-- can be explained by what held then
CREATE TABLE policy (
    policy_id BIGINT NOT NULL, version BIGINT NOT NULL, -- the greatest version stands
    name TEXT NOT NULL,
    about TEXT NOT NULL,                -- what customers get by it
    cost SMALLINT NOT NULL,             -- what its cost is read from: decide/policy_costs.def
    unit_cost BIGINT NOT NULL,          -- minor units each time; terms: hundredths of a percent a year
    of_kinds BIGINT NOT NULL,           -- cost of concessions: bit per kind; 0: those that name this policy
    after_days INTEGER NOT NULL,        -- only what happens later than this after the order; 0: all
    currency INTEGER NOT NULL,          -- ISO 4217 number
    segment_id BIGINT NOT NULL,         -- for whom; 0: everybody
    from_us BIGINT NOT NULL, until_us BIGINT, -- when it holds; NULL: for ever
    holdout_bp INTEGER NOT NULL,        -- so many of 10,000 customers do not get it, by a hash of policy and customer
    reason TEXT NOT NULL,               -- why this version was made
    made_us BIGINT NOT NULL, made_by TEXT NOT NULL,
    retired SMALLINT NOT NULL, sample SMALLINT NOT NULL,
    PRIMARY KEY (policy_id, version)
);

-- a step towards a customer who sends back far more than others do
CREATE TABLE abuse_step (
    step_id BIGINT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,         -- the customer's number at that time
    step SMALLINT NOT NULL,             -- decide/abuse_steps.def
    frictions INTEGER NOT NULL,         -- bits of abuse_frictions.def
    evidence TEXT NOT NULL,             -- JSON: what was known, with its ranges
    words TEXT NOT NULL,                -- as it is explained to the customer
    made_us BIGINT NOT NULL, made_by TEXT NOT NULL,
    signed_by TEXT NOT NULL,            -- the person who decided on it; empty: a notice that was made by rule
    from_us BIGINT NOT NULL, until_us BIGINT NOT NULL,
    told_us BIGINT,                     -- when the customer was told
    ended_us BIGINT,                    -- taken back before its time
    ended_by TEXT NOT NULL, ended_why TEXT NOT NULL,
    appeal_us BIGINT, appeal_words TEXT NOT NULL, -- an appeal stops the step until it is decided
    decided_us BIGINT, decided_by TEXT NOT NULL, decided_why TEXT NOT NULL,
    granted SMALLINT NOT NULL,          -- 1: the customer was right
    sample SMALLINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX abuse_step_profile ON abuse_step (profile_id, step_id);

-- a customer who is to be treated gently; nothing beyond kind and time is kept without their consent
CREATE TABLE hardship (
    hardship_id BIGINT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,         -- the customer's number at that time
    kind SMALLINT NOT NULL,             -- act/hardships.def
    since_us BIGINT NOT NULL,
    until_us BIGINT,                    -- when it ends by itself; NULL: never (only for who asked for peace)
    ended_us BIGINT,                    -- ended by a person before that
    purpose TEXT NOT NULL,              -- what the note may be used for
    consent_us BIGINT,                  -- when the customer consented to more than the flag; NULL: did not
    consent_how TEXT NOT NULL,          -- "by phone", "in writing"
    note TEXT NOT NULL,                 -- short; goes with the time of the row
    made_us BIGINT NOT NULL, made_by TEXT NOT NULL,
    sample SMALLINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX hardship_profile ON hardship (profile_id, hardship_id);

-- what was arranged: the customer pays in parts, and we hold still
CREATE TABLE hardship_plan (
    plan_id BIGINT NOT NULL PRIMARY KEY,
    hardship_id BIGINT NOT NULL, profile_id BIGINT NOT NULL,
    state SMALLINT NOT NULL,            -- 0 drafted, 1 agreed, 2 kept, 3 planned anew, 4 ended
    currency INTEGER NOT NULL,
    owed BIGINT NOT NULL,               -- minor units that were due
    let_off BIGINT NOT NULL,            -- of these, what is forgiven; the parts sum to the rest
    concession_id BIGINT,               -- what it costs us; NULL: it asked for none
    still_id BIGINT,                    -- our commitment to hold still; NULL: not told yet
    still_until_us BIGINT NOT NULL,
    after_plan BIGINT,                  -- the plan that this one replaces
    made_us BIGINT NOT NULL, made_by TEXT NOT NULL,
    sample SMALLINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX hardship_plan_of ON hardship_plan (hardship_id, plan_id);
CREATE INDEX hardship_plan_profile ON hardship_plan (profile_id, plan_id);
CREATE TABLE hardship_part (
    plan_id BIGINT NOT NULL, part INTEGER NOT NULL, -- from 1
    day INTEGER NOT NULL,               -- due on this civil day, days since 1970
    due_us BIGINT NOT NULL,             -- its end in the store's zone
    amount BIGINT NOT NULL,
    commitment_id BIGINT,               -- NULL: not told yet
    word_us BIGINT,                     -- when a friendly word was due to go out, because it was missed
    PRIMARY KEY (plan_id, part)
);
