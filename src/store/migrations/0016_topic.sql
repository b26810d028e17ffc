-- Topics: what the team calls the things that customers speak of.

-- a node of the taxonomy: what it is about, or why they speak of it
CREATE TABLE topic (
    topic_id BIGINT NOT NULL PRIMARY KEY,
    axis SMALLINT NOT NULL,            -- 1 what, 2 why, 3 intent
    parent_id BIGINT NOT NULL,         -- 0: none
    name TEXT NOT NULL,
    about TEXT NOT NULL,               -- one sentence, from which it is learned before anybody answered
    phrases TEXT NOT NULL,             -- JSON list of what people say who mean it
    state SMALLINT NOT NULL,           -- 1 in use, 2 archived, 3 merged into another
    into_id BIGINT NOT NULL DEFAULT 0, -- the one that it was merged into
    least INTEGER NOT NULL DEFAULT 0,  -- given from this chance on, in thousandths; 0: as learned
    sample SMALLINT NOT NULL DEFAULT 0,
    made_us BIGINT NOT NULL, by TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);

-- every name that a topic ever had, in every word of people and sources; so a topic that is renamed or merged keeps its answers
CREATE TABLE topic_name (name TEXT NOT NULL PRIMARY KEY, topic_id BIGINT NOT NULL);

-- what was changed in the taxonomy, and what it was before: for the history and for taking it back
CREATE TABLE topic_change (
    change_id BIGINT NOT NULL PRIMARY KEY,
    at_us BIGINT NOT NULL, by TEXT NOT NULL,
    act TEXT NOT NULL,                 -- add, edit, merge, split, archive, restore, undo
    detail TEXT NOT NULL,              -- JSON: rows before and after
    undone_id BIGINT NOT NULL DEFAULT 0 -- the change that took it back
);

-- which words are about which topic
CREATE TABLE meaning_topic (
    profile_id BIGINT NOT NULL, key BIGINT NOT NULL, topic_id BIGINT NOT NULL,
    at_us BIGINT NOT NULL,             -- when it was said
    how SMALLINT NOT NULL,             -- 1 learned, 2 the source says so, 3 a person says so; not given: 4 learned and not sure enough, 5 a person says no
    sure INTEGER NOT NULL,             -- chance, in thousandths
    mood INTEGER,                      -- of what is said about it, in thousandths from -1000 to 1000; NULL: not told
    PRIMARY KEY (profile_id, key, topic_id)
);
CREATE INDEX meaning_topic_time ON meaning_topic (topic_id, at_us, profile_id, key);

-- what was learned of the topics; the newest is in use
CREATE TABLE topic_model (
    model_id BIGINT NOT NULL PRIMARY KEY,
    axis SMALLINT NOT NULL,
    made_us BIGINT NOT NULL,
    labels TEXT NOT NULL,              -- JSON list: the topic of each of its labels
    model BYTEA NOT NULL,              -- text/label.h
    quality TEXT NOT NULL,             -- JSON: how good it is on what was held out, label by label
    learner BYTEA NOT NULL,            -- text/label.h: goes on learning from corrections
    examples BYTEA NOT NULL,           -- the words that it learned from: profile and key, eight bytes each
    answered_us BIGINT NOT NULL,       -- up to which answers of people are learned
    taught BIGINT NOT NULL             -- how many answers of people it holds
);

-- words that people judge blindly, month by month, and what they said
CREATE TABLE topic_audit (
    month INTEGER NOT NULL, profile_id BIGINT NOT NULL, key BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    given TEXT NOT NULL,               -- JSON: what was given when it was drawn
    judged TEXT NOT NULL DEFAULT '',   -- JSON: by whom, and what; empty: not yet
    PRIMARY KEY (month, profile_id, key)
);
CREATE INDEX topic_audit_profile ON topic_audit (profile_id);

-- whether words were looked at for topics since they were understood
ALTER TABLE meaning ADD COLUMN labelled SMALLINT NOT NULL DEFAULT 0;
CREATE INDEX meaning_unlabelled ON meaning (at_us) WHERE labelled = 0;
-- answers of people that came since something was learned
CREATE INDEX label_time ON label (label_us);
