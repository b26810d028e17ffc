-- Who may be the same person although no identifier says so.

-- where somebody lives and when they were born, as a source says; each with the time it was said, like the other facts
ALTER TABLE profile ADD COLUMN address TEXT;
ALTER TABLE profile ADD COLUMN address_us BIGINT;
ALTER TABLE profile ADD COLUMN born TEXT;
ALTER TABLE profile ADD COLUMN born_us BIGINT;

-- what profiles are compared by: hashes of a name with a postcode, of an e-mail's user, and so on (know/likeness.h)
-- sqlite:
CREATE TABLE likeness_key (
    key INTEGER NOT NULL, profile_id INTEGER NOT NULL, PRIMARY KEY (key, profile_id)
) WITHOUT ROWID;
-- postgres:
CREATE TABLE likeness_key (
    key BIGINT NOT NULL, profile_id BIGINT NOT NULL, PRIMARY KEY (key, profile_id)
);
CREATE INDEX likeness_key_profile ON likeness_key (profile_id);

-- profiles that came or changed and were not looked at yet
CREATE TABLE likeness_todo (
    profile_id BIGINT NOT NULL PRIMARY KEY,
    compared SMALLINT NOT NULL         -- 1: its pairs are stored, only its customer is to be decided
);

-- two profiles that are alike; whether that makes them one customer follows from all such pairs (know/group.h)
CREATE TABLE likeness (
    profile_a BIGINT NOT NULL,         -- the smaller id
    profile_b BIGINT NOT NULL,
    weight BIGINT NOT NULL,            -- of the evidence, in thousandths of a bit
    chance BIGINT NOT NULL,            -- that they are one person, in millionths
    parts TEXT NOT NULL,               -- the evidence, JSON: what was compared, how it agreed, its weight
    state SMALLINT NOT NULL,           -- 1 open, 2 a person said yes, 3 a person said no, 4 one household
    at_us BIGINT NOT NULL,             -- when they were compared, or when a person spoke
    by TEXT NOT NULL DEFAULT '',       -- who spoke
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (profile_a, profile_b)
);
CREATE INDEX likeness_b ON likeness (profile_b, profile_a);
CREATE INDEX likeness_state ON likeness (state, weight, profile_a, profile_b);

-- what was learnt of how alike two profiles of one person are; the newest is in use
CREATE TABLE likeness_model (
    model_id BIGINT NOT NULL PRIMARY KEY,
    made_us BIGINT NOT NULL,
    model TEXT NOT NULL,               -- JSON (know/likeness.h)
    profiles BIGINT NOT NULL,          -- it was learnt from so many
    join_milli BIGINT NOT NULL,        -- from so many thousandths of a bit two are one without asking
    ask_milli BIGINT NOT NULL,         -- and from so many it is worth asking
    by TEXT NOT NULL DEFAULT ''
);
