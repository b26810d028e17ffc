-- Dissatisfied customers: what people said of whom, and the monthly samples by which it is known how right heed is.

-- what people of ours said of a customer, by events of kind judged
CREATE TABLE judged (
    profile_id BIGINT NOT NULL,        -- the customer's number when it was said
    at_us BIGINT NOT NULL, key BIGINT NOT NULL, -- of the event
    says SMALLINT NOT NULL,            -- decide/dissatisfied.h: 1 yes, 2 no, 3 it cannot be told, 4 dealt with
    month INTEGER NOT NULL,            -- of the sample that it was said in, as 202611; 0: said of somebody on the list
    who TEXT NOT NULL,                 -- of ours
    PRIMARY KEY (profile_id, at_us, key)
);

-- customers drawn by chance to be judged blindly, month by month
CREATE TABLE judged_sample (
    month INTEGER NOT NULL, profile_id BIGINT NOT NULL,
    place BIGINT NOT NULL,             -- by which they are asked, at random; unique within the month
    stratum SMALLINT NOT NULL,         -- 0 listed as dissatisfied when drawn, 1 with signs that were too weak, 2 without any
    signs BIGINT NOT NULL,             -- which: bit by number in decide/signals.def
    chance INTEGER NOT NULL,           -- that heed gave, in thousandths
    PRIMARY KEY (month, profile_id)
);
CREATE INDEX judged_sample_profile ON judged_sample (profile_id);

-- of how many customers each sample was drawn
CREATE TABLE judged_draw (
    month INTEGER NOT NULL PRIMARY KEY,
    drawn_us BIGINT NOT NULL,
    listed BIGINT NOT NULL, signs BIGINT NOT NULL, without BIGINT NOT NULL
);

-- who took back an agreement lately
CREATE INDEX consent_withdrawn ON consent (at_us) WHERE state = 0;
