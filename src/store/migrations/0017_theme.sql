-- Themes: what customers speak of without anybody having named it, and what is rising.

CREATE TABLE theme (
    theme_id BIGINT NOT NULL PRIMARY KEY, -- for ever: a theme never becomes another
    topic_id BIGINT NOT NULL,          -- the topic inside which it lies; 0: outside of all
    name TEXT NOT NULL,                -- found
    title TEXT NOT NULL DEFAULT '',    -- given by a person; empty: none
    words TEXT NOT NULL,               -- JSON list of words that set it apart
    centre BYTEA NOT NULL,             -- where it lies (text/theme.h)
    state SMALLINT NOT NULL,           -- 1 lives, 2 gone quiet, 3 merged into another, 4 became a topic, 5 put away by a person
    into_id BIGINT NOT NULL DEFAULT 0,
    pinned SMALLINT NOT NULL DEFAULT 0,
    found_us BIGINT NOT NULL, seen_us BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);

-- what a person said of themes, for ever: these two are one, this word belongs there, this one does not
CREATE TABLE theme_said (
    said_id BIGINT NOT NULL PRIMARY KEY,
    at_us BIGINT NOT NULL, by TEXT NOT NULL,
    act TEXT NOT NULL,                 -- merge, split, pin, name, away
    theme_id BIGINT NOT NULL, other_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL, key BIGINT NOT NULL, -- of a word; 0: of the theme
    detail TEXT NOT NULL               -- JSON
);
CREATE INDEX theme_said_of ON theme_said (theme_id);
CREATE INDEX theme_said_profile ON theme_said (profile_id);

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
