-- Themes: what customers speak of without anybody having named it, what is rising, and what comes first.

CREATE TABLE theme (
    theme_id BIGINT NOT NULL PRIMARY KEY, -- for ever: a theme never becomes another
    topic_id BIGINT NOT NULL,          -- the topic inside which it lies; 0: outside of all
    lang TEXT NOT NULL,                -- the language of its words; empty: it could not be told
    name TEXT NOT NULL,                -- found
    title TEXT NOT NULL DEFAULT '',    -- given by a person; empty: none
    words TEXT NOT NULL,               -- JSON list of words that set it apart
    reach INTEGER NOT NULL,            -- in thousandths: words from this distance on are near it, but not of it
    figures TEXT NOT NULL,             -- JSON: what the last search said of it (know/themes.h)
    state SMALLINT NOT NULL,           -- 1 lives, 2 gone quiet, 3 merged into another, 4 became a topic, 5 put away by a person
    into_id BIGINT NOT NULL DEFAULT 0, -- the theme that it was merged into, or the topic that it became
    pinned SMALLINT NOT NULL DEFAULT 0, -- a person wants it to stay on top, and alive
    found_us BIGINT NOT NULL, seen_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);

-- what was found inside a topic (0: in all that no topic covers) in a language: assigns new words, and keeps identities
CREATE TABLE theme_model (
    topic_id BIGINT NOT NULL, lang TEXT NOT NULL,
    made_us BIGINT NOT NULL,
    make TEXT NOT NULL,                -- of its vectors (text/encoder.h); empty: by words alone
    model BYTEA NOT NULL,              -- text/theme.h
    texts BIGINT NOT NULL,             -- words that were looked at
    silent BIGINT NOT NULL,            -- of these, those that say nothing
    PRIMARY KEY (topic_id, lang)
);

-- what a person said of themes, for ever, unless it is taken back: these two are one, this word belongs there
CREATE TABLE theme_said (
    said_id BIGINT NOT NULL PRIMARY KEY,
    at_us BIGINT NOT NULL, by TEXT NOT NULL,
    act TEXT NOT NULL,                 -- know/theme_acts.def
    theme_id BIGINT NOT NULL, other_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL, key BIGINT NOT NULL, -- of a word; 0: of the theme
    other_profile BIGINT NOT NULL, other_key BIGINT NOT NULL, -- of the other word
    word BIGINT NOT NULL, other_word BIGINT NOT NULL, -- text/theme.h: theme_key of the words
    whole BIGINT NOT NULL,             -- the act that it is a part of; itself when it is whole
    detail TEXT NOT NULL,              -- JSON: what it was before
    undone_us BIGINT NOT NULL DEFAULT 0, undone_by TEXT NOT NULL DEFAULT '' -- 0: it stands
);
CREATE INDEX theme_said_of ON theme_said (theme_id);
CREATE INDEX theme_said_profile ON theme_said (profile_id);
CREATE INDEX theme_said_other ON theme_said (other_profile);

-- what the last look found that is no row of its own
CREATE TABLE theme_report (
    kind TEXT NOT NULL PRIMARY KEY,    -- hints, rising, lenses
    made_us BIGINT NOT NULL,
    report TEXT NOT NULL               -- JSON
);

-- words that are said by more people than usual: one row for each time it begins
CREATE TABLE burst (
    burst_id BIGINT NOT NULL PRIMARY KEY,
    what SMALLINT NOT NULL,            -- 1 a theme, 2 a topic
    what_id BIGINT NOT NULL,
    segment_id BIGINT NOT NULL,        -- 0: everybody
    from_us BIGINT NOT NULL, until_us BIGINT NOT NULL, -- the days that stand out
    found_us BIGINT NOT NULL,
    figures TEXT NOT NULL,             -- JSON: people, expected, range, chance, weight
    state SMALLINT NOT NULL,           -- 1 open, 2 seen by a person, 3 over
    by TEXT NOT NULL DEFAULT '',
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX burst_state ON burst (state, found_us);
CREATE INDEX burst_of ON burst (what, what_id);

-- how much a theme or topic matters, as the last look found it
CREATE TABLE priority (
    what SMALLINT NOT NULL, what_id BIGINT NOT NULL, -- 1 a theme, 2 a topic
    made_us BIGINT NOT NULL,
    figures TEXT NOT NULL,             -- JSON (decide/priorities.h)
    page TEXT NOT NULL,                -- JSON: people day by day, and by groups of customers
    PRIMARY KEY (what, what_id)
);

-- where we stand with a theme or topic: every word of it is kept, the newest counts
CREATE TABLE stand (
    what SMALLINT NOT NULL, what_id BIGINT NOT NULL, version BIGINT NOT NULL,
    state SMALLINT NOT NULL,           -- 1 heard, 2 deciding, 3 doing, 4 told the customers
    at_us BIGINT NOT NULL, by TEXT NOT NULL,
    decided_by TEXT NOT NULL,          -- who decided, in words
    why TEXT NOT NULL,
    dissent TEXT NOT NULL,             -- who was of another mind, and why
    PRIMARY KEY (what, what_id, version)
);
