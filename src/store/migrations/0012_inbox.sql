-- The inbox: what customers said and somebody has to answer, and what people of ours did about it.

-- what stands in the inbox: a conversation, or a single word (a review, an answer, a remark); the last year of them.
-- Folded from the conversation or the feedback, and from what people of ours did.
CREATE TABLE inbox (
    inbox_id BIGINT NOT NULL PRIMARY KEY, -- 53 bits of what it is, the same whenever it is computed
    what SMALLINT NOT NULL,            -- 1 a conversation, 2 a single word
    profile_id BIGINT NOT NULL,        -- 0: nobody known
    thread BIGINT NOT NULL,            -- the conversation; of a single word 0
    key BIGINT NOT NULL,               -- the event of a single word; of a conversation 0
    kind SMALLINT NOT NULL, channel SMALLINT NOT NULL, source_id BIGINT NOT NULL,
    instrument SMALLINT NOT NULL, score BIGINT, mood SMALLINT,
    opened_us BIGINT NOT NULL, last_us BIGINT NOT NULL,
    said_us BIGINT NOT NULL,           -- the customer's last word; 0: they said nothing
    since_us BIGINT NOT NULL,          -- their first word that nobody has answered; 0: nobody waits
    answered_us BIGINT NOT NULL,       -- when a person of ours answered or called it solved last; 0: never
    solved_us BIGINT NOT NULL,         -- 0: not
    done_us BIGINT NOT NULL,           -- a single word: a person has dealt with it; 0: not
    replied_us BIGINT NOT NULL,        -- an answer was written here that may still be on its way; 0: none
    later_us BIGINT NOT NULL, later_at_us BIGINT NOT NULL, -- put aside until, and when; 0: not
    assignee BIGINT NOT NULL           -- who of ours; 0: nobody
);
-- It holds the whole row: who counts what is open reads it from end to end, and the rows themselves lie in no order.
-- It says <> 0 where > 0 is meant, so that SQLite bounds its search by the time that is asked for.
CREATE INDEX inbox_open ON inbox (since_us, inbox_id, later_us, what, profile_id, thread, key, kind, channel, source_id, instrument,
 score, mood, opened_us, last_us, said_us, answered_us, solved_us, done_us, replied_us, later_at_us, assignee)
 WHERE since_us <> 0 AND done_us = 0;
CREATE INDEX inbox_waiting ON inbox (last_us, inbox_id)
 WHERE done_us = 0 AND solved_us = 0 AND said_us > 0 AND (since_us = 0 OR later_us > 0 OR replied_us > 0);
CREATE INDEX inbox_last ON inbox (last_us, inbox_id);
CREATE INDEX inbox_profile ON inbox (profile_id, answered_us);

-- what people of ours did, event by event
CREATE TABLE inbox_step (
    inbox_id BIGINT NOT NULL, at_us BIGINT NOT NULL, key BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    what SMALLINT NOT NULL,            -- know/inbox_steps.def
    value BIGINT NOT NULL,             -- until when, who, which message; 0: none
    who TEXT NOT NULL,                 -- of ours
    words TEXT NOT NULL,
    PRIMARY KEY (inbox_id, at_us, key)
);
CREATE INDEX inbox_step_profile ON inbox_step (profile_id);

-- topics that people of ours gave to what was said, and those that they took away from it
CREATE TABLE label (
    profile_id BIGINT NOT NULL, at_us BIGINT NOT NULL, key BIGINT NOT NULL, -- the place of the event that said it
    topic TEXT NOT NULL,
    said SMALLINT NOT NULL,            -- 1 it is about this, 0 it is not
    inbox_id BIGINT NOT NULL,
    label_us BIGINT NOT NULL, label_key BIGINT NOT NULL, -- when that was said, and the event that says so
    who TEXT NOT NULL,
    PRIMARY KEY (profile_id, key, topic, label_us, label_key) -- the newest word about a topic stands
);
CREATE INDEX label_inbox ON label (inbox_id);
CREATE INDEX label_topic ON label (topic, label_us);

-- what somebody is writing and has not sent
CREATE TABLE inbox_draft (
    inbox_id BIGINT NOT NULL, account_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    subject TEXT NOT NULL, words TEXT NOT NULL,
    changed_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (inbox_id, account_id)
);
CREATE INDEX inbox_draft_profile ON inbox_draft (profile_id);
