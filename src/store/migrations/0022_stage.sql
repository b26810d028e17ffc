-- Stages: where on the journey with us a customer is. What a stage is, is configuration; where somebody is and was, follows
-- from their events and can be computed anew.

-- a stage of the journey, and what it changes in how we behave
CREATE TABLE stage (
    stage_id BIGINT NOT NULL PRIMARY KEY,
    place INTEGER NOT NULL,            -- order on the journey; of those whose rule holds the last is the customer's
    name TEXT NOT NULL,
    about TEXT NOT NULL,
    rule TEXT NOT NULL,                -- in words (know/stage.h); empty: it always holds
    acts TEXT NOT NULL,                -- JSON list: what is held back, who gets it, what to bear in mind
    used SMALLINT NOT NULL,            -- 0: nobody is in it any more
    sample SMALLINT NOT NULL DEFAULT 0,
    made_us BIGINT NOT NULL, by TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX stage_name ON stage (name);

-- what a stage was before each change, so that it can be taken back
CREATE TABLE stage_past (
    stage_id BIGINT NOT NULL, version BIGINT NOT NULL,
    place INTEGER NOT NULL, name TEXT NOT NULL, about TEXT NOT NULL, rule TEXT NOT NULL, acts TEXT NOT NULL,
    used SMALLINT NOT NULL, made_us BIGINT NOT NULL, by TEXT NOT NULL,
    PRIMARY KEY (stage_id, version)
);

-- in which stage a customer was from when on
-- sqlite:
CREATE TABLE stage_spell (
    customer_id INTEGER NOT NULL, from_us INTEGER NOT NULL, stage_id INTEGER NOT NULL, -- 0: in none
    PRIMARY KEY (customer_id, from_us)
) WITHOUT ROWID;
-- postgres:
CREATE TABLE stage_spell (
    customer_id BIGINT NOT NULL, from_us BIGINT NOT NULL, stage_id BIGINT NOT NULL,
    PRIMARY KEY (customer_id, from_us)
);

-- where a customer is
CREATE TABLE stage_customer (
    customer_id BIGINT NOT NULL PRIMARY KEY,
    stage_id BIGINT NOT NULL, since_us BIGINT NOT NULL, -- 0: in none
    due_us BIGINT NOT NULL             -- when it changes if nothing happens
);
CREATE INDEX stage_customer_due ON stage_customer (due_us);
CREATE INDEX stage_customer_in ON stage_customer (stage_id, since_us);

-- to whom something happened since. Intake writes it for everybody whom a batch is about, so it is as small as can be.
-- sqlite:
CREATE TABLE stage_touched (customer_id INTEGER NOT NULL PRIMARY KEY, times INTEGER NOT NULL);
-- postgres:
CREATE TABLE stage_touched (customer_id BIGINT NOT NULL PRIMARY KEY, times BIGINT NOT NULL);
INSERT INTO stage_touched (customer_id, times) SELECT customer_id, 1 FROM summary;

-- by which rules stages were told: one row
CREATE TABLE stage_mark (
    mark SMALLINT NOT NULL PRIMARY KEY, -- 1
    rules BIGINT NOT NULL,             -- print of the rules
    upto BIGINT NOT NULL               -- customers up to this number are told by them; the greatest number: all
);

-- the stage in which something was said; 0: in none, -1: not told yet
ALTER TABLE meaning ADD COLUMN stage_id BIGINT NOT NULL DEFAULT -1;
CREATE INDEX meaning_stage ON meaning (stage_id, at_us, key, profile_id);

-- what customers said, with the stage in which they said it
DROP VIEW words;
-- sqlite:
CREATE VIEW words AS
SELECT f.feedback_id, f.at_us, f.kind, f.channel, f.source_id, f.profile_id, p.customer_id, f.instrument, f.score,
       COALESCE(m.lang, f.lang, '') AS lang, f.mood AS mood_said, m.mood, m.bad, m.good, m.feelings,
       f.topic AS topic_said,
       (SELECT group_concat(t.name, ', ') FROM meaning_topic x JOIN topic t ON t.topic_id = x.topic_id
         WHERE x.profile_id = f.profile_id AND x.key = f.key AND x.how IN (1, 2, 3)) AS topics,
       m.theme_id, CASE WHEN h.title <> '' THEN h.title ELSE h.name END AS theme, g.name AS stage,
       m.same_profile, m.same_key, f.key, e.body
  FROM feedback f
  LEFT JOIN profile p ON p.profile_id = f.profile_id
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key
  LEFT JOIN theme h ON h.theme_id = m.theme_id
  LEFT JOIN stage g ON g.stage_id = m.stage_id
  LEFT JOIN event e ON e.period = f.period AND e.profile_id = f.profile_id AND e.at_us = f.at_us AND e.key = f.key
 WHERE f.has_words = 1 AND f.kind <> 30;
-- postgres:
CREATE VIEW words AS
SELECT f.feedback_id, f.at_us, f.kind, f.channel, f.source_id, f.profile_id, p.customer_id, f.instrument, f.score,
       COALESCE(m.lang, f.lang, '') AS lang, f.mood AS mood_said, m.mood, m.bad, m.good, m.feelings,
       f.topic AS topic_said,
       (SELECT string_agg(t.name, ', ') FROM meaning_topic x JOIN topic t ON t.topic_id = x.topic_id
         WHERE x.profile_id = f.profile_id AND x.key = f.key AND x.how IN (1, 2, 3)) AS topics,
       m.theme_id, CASE WHEN h.title <> '' THEN h.title ELSE h.name END AS theme, g.name AS stage,
       m.same_profile, m.same_key, f.key, e.body
  FROM feedback f
  LEFT JOIN profile p ON p.profile_id = f.profile_id
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key
  LEFT JOIN theme h ON h.theme_id = m.theme_id
  LEFT JOIN stage g ON g.stage_id = m.stage_id
  LEFT JOIN event e ON e.period = f.period AND e.profile_id = f.profile_id AND e.at_us = f.at_us AND e.key = f.key
 WHERE f.has_words = 1 AND f.kind <> 30;
