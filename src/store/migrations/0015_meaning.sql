-- Understanding: what the words of customers say. All of it can be computed anew from the events.

-- what was understood of one word of a customer; made by a worker beside everything else, so that intake never waits
CREATE TABLE meaning (
    profile_id BIGINT NOT NULL, key BIGINT NOT NULL, -- the event
    at_us BIGINT NOT NULL,
    make SMALLINT NOT NULL,            -- which understanding made it (know/meaning.h); another one makes it anew
    lang TEXT NOT NULL,                -- "en"; empty: it cannot be told
    mood INTEGER,                      -- how good or bad, in thousandths from -1000 to 1000; NULL: not told
    bad INTEGER NOT NULL, good INTEGER NOT NULL, -- chances of each, in thousandths
    feelings TEXT NOT NULL,            -- JSON: {"anger":712}: those that are likely, in thousandths
    same_key BIGINT NOT NULL, same_profile BIGINT NOT NULL, -- the first that says the same; itself when none does
    theme_id BIGINT NOT NULL DEFAULT 0, theme_far INTEGER NOT NULL DEFAULT 0, -- 0: none yet; distance in thousandths
    PRIMARY KEY (profile_id, key)
);
CREATE INDEX meaning_time ON meaning (at_us, profile_id, key);
CREATE INDEX meaning_theme ON meaning (theme_id, at_us);

-- its place among all meanings: 64 bytes to look through, and 512 to be sure
CREATE TABLE meaning_vector (
    profile_id BIGINT NOT NULL, key BIGINT NOT NULL,
    code BYTEA NOT NULL,               -- the signs of its numbers
    vector BYTEA NOT NULL,             -- text/encoder.h
    PRIMARY KEY (profile_id, key)
);

-- what finds its like again without the words: bands of near.h
CREATE TABLE meaning_band (
    band BIGINT NOT NULL, profile_id BIGINT NOT NULL, key BIGINT NOT NULL,
    PRIMARY KEY (band, profile_id, key)
);
CREATE INDEX meaning_band_of ON meaning_band (profile_id, key);
