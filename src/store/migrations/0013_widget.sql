-- Where people may speak to us and are asked: sites with the widget and a page, what is asked there, and who was asked.

-- a website that carries the widget, with a page of ours
CREATE TABLE site (
    site_id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,                 -- as visitors know it
    slug TEXT NOT NULL,                 -- /f/SLUG, and of its source feedback-SLUG; it never changes
    write_key TEXT NOT NULL,            -- stands in web pages, where everybody can read it
    secret TEXT NOT NULL,               -- by which the website signs who somebody is
    origins TEXT NOT NULL,              -- JSON: the websites that may carry the widget
    button SMALLINT NOT NULL,           -- 1: the widget has its button
    page SMALLINT NOT NULL,             -- 1: /f/SLUG is open
    privacy TEXT NOT NULL,              -- address of the privacy notice; empty: none
    lang TEXT NOT NULL,                 -- of its pages; empty: the reader's own
    at_us BIGINT NOT NULL, set_by TEXT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0  -- 1: belongs to the sample company
);
CREATE UNIQUE INDEX site_slug ON site (slug);
CREATE UNIQUE INDEX site_key ON site (write_key);

-- what is asked: by the widget of a site, or by a link in a mail
CREATE TABLE question (
    question_id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    site_id BIGINT NOT NULL,
    name TEXT NOT NULL,                 -- for us; the gate and answers call it so
    way SMALLINT NOT NULL,              -- 1 by the widget, 2 by a link in a mail
    instrument SMALLINT NOT NULL,       -- ledger/tables.def; 0: words alone
    words TEXT NOT NULL,                -- instead of heed's own; empty: those
    lang TEXT NOT NULL,                 -- of these words; empty: not said
    share SMALLINT NOT NULL,            -- of a hundred visitors
    days BIGINT NOT NULL,               -- between two times that one person is asked
    active SMALLINT NOT NULL,           -- 1: it is asked
    at_us BIGINT NOT NULL, set_by TEXT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0
);
CREATE INDEX question_site ON question (site_id, question_id);

-- who was asked by a widget
CREATE TABLE asked (
    asked_id BIGINT NOT NULL PRIMARY KEY,
    question_id BIGINT NOT NULL,
    person BIGINT NOT NULL,             -- keyed hash of the browser, or of the number they signed in by
    profile_id BIGINT NOT NULL,         -- the customer's number at that time; 0: a stranger
    at_us BIGINT NOT NULL,
    state SMALLINT NOT NULL,            -- 0 asked, 1 answered, 2 not now
    until_us BIGINT NOT NULL,           -- not now: peace until then; 9223372036854775807: for ever
    told SMALLINT NOT NULL              -- 1: there is nothing to tell of it as an event, or it is told
);
CREATE INDEX asked_person ON asked (person, at_us);
CREATE INDEX asked_profile ON asked (profile_id) WHERE profile_id > 0;
CREATE INDEX asked_question ON asked (question_id, at_us, state);
CREATE INDEX asked_at ON asked (at_us);
CREATE INDEX asked_untold ON asked (asked_id) WHERE told = 0;
