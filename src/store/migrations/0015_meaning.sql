-- Understanding: what the words of customers say. All of it can be computed anew from the events.

-- what was understood of one word of a customer; made by a worker beside everything else, so that intake never waits
CREATE TABLE meaning (
    profile_id BIGINT NOT NULL, key BIGINT NOT NULL, -- the event
    at_us BIGINT NOT NULL, period INTEGER NOT NULL, channel SMALLINT NOT NULL,
    make SMALLINT NOT NULL,            -- which understanding made it: 0 without the file of words, -1 it is to be looked at again
    words BIGINT NOT NULL,             -- hash of the text that was read
    lang TEXT NOT NULL,                -- "en"; empty: it cannot be told
    mood INTEGER,                      -- how good or bad, in thousandths from -1000 to 1000; NULL: not told
    bad INTEGER NOT NULL, good INTEGER NOT NULL, -- chances of each, in thousandths
    feelings TEXT NOT NULL,            -- JSON: {"anger":712}: those that are likely, in thousandths
    exact BIGINT NOT NULL,             -- hash of its letters and digits: exact copies have the same; 0: it has none
    same_us BIGINT NOT NULL, same_profile BIGINT NOT NULL, same_key BIGINT NOT NULL, -- the first that says the same; itself when none does
    theme_id BIGINT NOT NULL DEFAULT 0, theme_far INTEGER NOT NULL DEFAULT 0, -- 0: none yet; distance in thousandths
    PRIMARY KEY (profile_id, key)
);
CREATE INDEX meaning_time ON meaning (at_us, key, profile_id);
CREATE INDEX meaning_theme ON meaning (theme_id, at_us);
CREATE INDEX meaning_exact ON meaning (exact, at_us, key, profile_id);
CREATE INDEX meaning_same ON meaning (same_profile, same_key) WHERE same_key <> key OR same_profile <> profile_id;
CREATE INDEX meaning_again ON meaning (at_us) WHERE make < 0;

-- its place among all meanings: 64 bytes to look through, and 512 to be sure
-- sqlite:
CREATE TABLE meaning_vector (
    place INTEGER NOT NULL PRIMARY KEY, -- rises; a meaning that is made anew gets another one
    profile_id INTEGER NOT NULL, key INTEGER NOT NULL,
    at_us INTEGER NOT NULL, channel INTEGER NOT NULL,
    mood INTEGER NOT NULL,             -- 1 good, 0 neither, -1 bad, 9 not told
    code BLOB NOT NULL,                -- the signs of its numbers (know/meaning.h)
    vector BLOB NOT NULL               -- text/encoder.h
);
-- postgres:
CREATE TABLE meaning_vector (
    place BIGINT NOT NULL PRIMARY KEY, profile_id BIGINT NOT NULL, key BIGINT NOT NULL,
    at_us BIGINT NOT NULL, channel SMALLINT NOT NULL, mood SMALLINT NOT NULL, code BYTEA NOT NULL, vector BYTEA NOT NULL
);
CREATE UNIQUE INDEX meaning_vector_of ON meaning_vector (profile_id, key);

-- what finds texts of nearly the same words: bands of near.h, once for each text
-- sqlite:
CREATE TABLE meaning_band (
    band INTEGER NOT NULL, exact INTEGER NOT NULL, PRIMARY KEY (band, exact)
) WITHOUT ROWID;
-- postgres:
CREATE TABLE meaning_band (band BIGINT NOT NULL, exact BIGINT NOT NULL, PRIMARY KEY (band, exact));

-- how far understanding is: one row
CREATE TABLE meaning_mark (
    mark SMALLINT NOT NULL PRIMARY KEY, -- 1
    make_id SMALLINT NOT NULL,         -- of meaning.make
    make TEXT NOT NULL,                -- what it is made with, in words
    feedback_id BIGINT NOT NULL,       -- everything up to it is understood
    place BIGINT NOT NULL,             -- the last that was given
    weak SMALLINT NOT NULL             -- 1: some was understood without the file of words
);
