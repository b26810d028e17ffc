-- Every answer of the gate, and what a person asked of us.

-- what was asked of the gate and what it said; an allowed one counts as sent, unless it was taken back
CREATE TABLE gate_record (
    gate_id BIGINT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,         -- whom it was for: the customer's number at that time
    at_us BIGINT NOT NULL,
    kind SMALLINT NOT NULL,             -- act/gate_kinds.def
    channel SMALLINT NOT NULL,
    template TEXT NOT NULL, occasion TEXT NOT NULL, -- both: it is sent once
    survey TEXT NOT NULL, quota TEXT NOT NULL,      -- the survey, and the group of the sample; empty: none
    halves SMALLINT NOT NULL,           -- what it takes of the person's budget
    verdict SMALLINT NOT NULL,          -- 0 allowed, 1 later, 2 not at all
    until_us BIGINT,                    -- later: ask again then
    rule TEXT NOT NULL,                 -- which step said so; empty: none objected
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,             -- "playbook:3", "account:1"
    unsent_us BIGINT                    -- allowed, and taken back then: it does not count
);
CREATE INDEX gate_record_profile ON gate_record (profile_id, gate_id);
CREATE INDEX gate_record_at ON gate_record (at_us, verdict, rule, kind);
-- what counts of a person; answers and service (kinds 1 and 2) take nothing of anybody's patience
CREATE INDEX gate_record_counts ON gate_record (profile_id, at_us, kind, halves, gate_id)
 WHERE verdict = 0 AND unsent_us IS NULL AND kind > 2;
-- how much goes out within a minute
CREATE INDEX gate_record_flow ON gate_record (at_us, gate_id) WHERE verdict = 0 AND unsent_us IS NULL AND kind > 2;
CREATE INDEX gate_record_once ON gate_record (profile_id, occasion, template)
 WHERE verdict = 0 AND unsent_us IS NULL AND occasion <> '';
CREATE INDEX gate_record_survey ON gate_record (survey, quota, at_us, gate_id)
 WHERE verdict = 0 AND unsent_us IS NULL AND survey <> '';

-- limits that differ from act/gate_limits.def
CREATE TABLE gate_limit (
    name TEXT NOT NULL,
    scope TEXT NOT NULL,                -- empty: everybody; "segment:Gold"; "country:DE"
    value BIGINT NOT NULL,
    at_us BIGINT NOT NULL, set_by TEXT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0, -- 1: belongs to the sample company
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (name, scope)
);

-- how many of a group a survey asks
CREATE TABLE gate_quota (
    survey TEXT NOT NULL, quota TEXT NOT NULL,
    most BIGINT NOT NULL,
    days BIGINT NOT NULL,               -- within so many days; 0: at all
    at_us BIGINT NOT NULL, set_by TEXT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (survey, quota)
);

-- people who asked for peace on their page
CREATE TABLE gate_pause (
    profile_id BIGINT NOT NULL PRIMARY KEY,
    at_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL            -- 9223372036854775807: for ever
);

-- addresses that something is held against
CREATE TABLE gate_address (
    profile_id BIGINT NOT NULL,
    address TEXT NOT NULL,
    hard_us BIGINT, soft_us BIGINT, complaint_us BIGINT, -- when last: does not exist, not reached, called unwanted
    softs BIGINT NOT NULL,              -- how often in a row it was not reached
    PRIMARY KEY (profile_id, address)
);
