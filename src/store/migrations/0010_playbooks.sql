-- Playbooks, templates, and who is where in them.

-- words of a message, every version that ever stood; the newest holds. Those that come with heed stand in the program
-- (act/templates.def) as version 1 until somebody changes them.
CREATE TABLE template (
    name TEXT NOT NULL, lang TEXT NOT NULL, version BIGINT NOT NULL,
    subject TEXT NOT NULL,
    words TEXT NOT NULL,
    made_us BIGINT NOT NULL, made_by TEXT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0, -- 1: belongs to the sample company
    PRIMARY KEY (name, lang, version)
);

-- a playbook as it stands; those that come with heed (act/plays.def) have a row from their first change on
CREATE TABLE playbook (
    playbook_id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    about TEXT NOT NULL,
    definition TEXT NOT NULL,          -- JSON; docs/playbooks.md
    state SMALLINT NOT NULL,           -- 0 off, 1 on
    on_us BIGINT NOT NULL,             -- since when it is on: what happened before enters nobody
    looked_us BIGINT NOT NULL,         -- up to when its trigger was looked at
    inside BYTEA NOT NULL,             -- who was in its segment then: rising numbers, as differences
    created_us BIGINT NOT NULL, updated_us BIGINT NOT NULL, by_whom TEXT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX playbook_name ON playbook (name);
-- every definition that somebody was taken through: a run ends by the one it began with
CREATE TABLE playbook_past (
    playbook_id BIGINT NOT NULL, version BIGINT NOT NULL,
    definition TEXT NOT NULL, made_us BIGINT NOT NULL, made_by TEXT NOT NULL,
    PRIMARY KEY (playbook_id, version)
);

-- one customer on the way through a playbook, once for each occasion
CREATE TABLE playbook_run (
    run_id BIGINT NOT NULL PRIMARY KEY,
    playbook_id BIGINT NOT NULL, version BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,        -- the customer's number when it began; 0: about the company, not a person
    occasion TEXT NOT NULL,            -- "birthday:2026", "order:00c0ffee…"
    held SMALLINT NOT NULL,            -- 1: left alone on purpose, to see the difference
    hold INTEGER NOT NULL,             -- of a million so many were held out then
    facts TEXT NOT NULL,               -- JSON: what the occasion knows (a promise, a date)
    state SMALLINT NOT NULL,           -- 0 on the way, 1 ended, 2 stopped, 3 failed
    step INTEGER NOT NULL,             -- the next one to be done
    since_us BIGINT NOT NULL,          -- since when it stands at this step
    entered_us BIGINT NOT NULL, next_us BIGINT NOT NULL, ended_us BIGINT,
    why TEXT NOT NULL                  -- why it was stopped or failed
);
CREATE UNIQUE INDEX playbook_run_once ON playbook_run (playbook_id, profile_id, occasion);
CREATE INDEX playbook_run_due ON playbook_run (next_us, run_id) WHERE state = 0;
CREATE INDEX playbook_run_profile ON playbook_run (profile_id, run_id);
CREATE INDEX playbook_run_list ON playbook_run (playbook_id, run_id);
-- what was done on the way
CREATE TABLE playbook_note (
    run_id BIGINT NOT NULL, step INTEGER NOT NULL,
    at_us BIGINT NOT NULL,
    what TEXT NOT NULL,                -- "message", "kept_back", "delayed", "task", "branch", "failed"
    words TEXT NOT NULL,               -- the template, the task, the reason
    about BIGINT NOT NULL,             -- number of the message or the commitment; 0: none
    PRIMARY KEY (run_id, step)
);
