-- What the business cannot bear, what was given away, and who signed.

-- a red line; a change is a new version, and the old one stays with the time in which it stood
CREATE TABLE redline (
    redline_id BIGINT NOT NULL, version BIGINT NOT NULL,
    name TEXT NOT NULL,
    kind SMALLINT NOT NULL,             -- decide/redlines.def
    bound BIGINT NOT NULL,              -- the limit, in the unit of its kind
    currency INTEGER NOT NULL,          -- of money; 0: the store's
    period SMALLINT NOT NULL,           -- of sums: 0 none, 1 day, 2 week, 3 month, 4 quarter, 5 year
    of_kinds BIGINT NOT NULL,           -- bit per kind of concession; 0: all
    segment_id BIGINT NOT NULL,         -- 0: all customers
    product TEXT NOT NULL, channel TEXT NOT NULL, role TEXT NOT NULL, -- empty: all
    measure TEXT NOT NULL, below SMALLINT NOT NULL,
    signer TEXT NOT NULL,               -- whose signature lets it be crossed; empty: nobody's
    why TEXT NOT NULL,
    from_us BIGINT NOT NULL, until_us BIGINT NOT NULL, -- when it holds; until_us 0: for ever
    made_us BIGINT NOT NULL, made_by TEXT NOT NULL,
    ended_us BIGINT,                    -- when the next version took its place; NULL: it stands
    retired SMALLINT NOT NULL,          -- 1: from this version on it holds no more
    sample SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (redline_id, version)
);
CREATE INDEX redline_standing ON redline (redline_id) WHERE ended_us IS NULL;

-- what was committed under a line that sums, and what is reserved, by period; the bounds of a period are those of the
-- calendar when it began. Of what is reserved those whose time is over are taken off when it is read.
CREATE TABLE redline_sum (
    redline_id BIGINT NOT NULL, from_us BIGINT NOT NULL, until_us BIGINT NOT NULL,
    spent BIGINT NOT NULL, times BIGINT NOT NULL, held BIGINT NOT NULL, held_times BIGINT NOT NULL,
    PRIMARY KEY (redline_id, from_us)
);
-- the same for each customer, of lines about one customer
CREATE TABLE redline_person (
    redline_id BIGINT NOT NULL, from_us BIGINT NOT NULL, profile_id BIGINT NOT NULL,
    spent BIGINT NOT NULL, times BIGINT NOT NULL, held BIGINT NOT NULL, held_times BIGINT NOT NULL,
    PRIMARY KEY (redline_id, from_us, profile_id)
);
CREATE INDEX redline_person_profile ON redline_person (profile_id);

-- which concessions count against which lines
CREATE TABLE concession_line (
    redline_id BIGINT NOT NULL, from_us BIGINT NOT NULL, concession_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL, costs BIGINT NOT NULL,
    held SMALLINT NOT NULL,             -- 1: reserved until keep_us, 0: committed, and in the sums
    keep_us BIGINT NOT NULL,
    PRIMARY KEY (redline_id, from_us, concession_id)
);
CREATE INDEX concession_line_held ON concession_line (redline_id, from_us, keep_us) WHERE held = 1;
CREATE INDEX concession_line_of ON concession_line (concession_id);
CREATE INDEX concession_line_profile ON concession_line (profile_id, redline_id, keep_us) WHERE profile_id > 0;

-- what was asked for, what was answered, and what became of it
CREATE TABLE concession (
    concession_id BIGINT NOT NULL PRIMARY KEY,
    state SMALLINT NOT NULL,            -- decide/concession.h
    kind SMALLINT NOT NULL,             -- decide/concessions.def
    profile_id BIGINT NOT NULL,         -- 0: nobody in particular
    product TEXT NOT NULL, channel TEXT NOT NULL,
    role TEXT NOT NULL, made_by TEXT NOT NULL,
    currency INTEGER NOT NULL,
    price BIGINT NOT NULL, discount BIGINT NOT NULL, cost BIGINT NOT NULL, service BIGINT NOT NULL, -- below 0: not known
    amount BIGINT NOT NULL, units BIGINT NOT NULL,
    promise SMALLINT NOT NULL, due_us BIGINT NOT NULL,
    policy_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    costs BIGINT NOT NULL,              -- what it costs us: counts against amounts and budgets
    verdict SMALLINT NOT NULL,          -- what the lines said: 0 allowed, 1 with a signature, 2 refused
    signer TEXT NOT NULL,
    lines TEXT NOT NULL,                -- JSON: the whole answer, with its arithmetic
    at_us BIGINT NOT NULL,              -- asked for, or granted: the moment that counts for periods
    keep_us BIGINT NOT NULL,            -- until when it is reserved
    ended_us BIGINT, ended_by TEXT NOT NULL, back_reason TEXT NOT NULL,
    ext_key TEXT NOT NULL,              -- the asker's own key: asked twice is asked once
    print BIGINT NOT NULL,              -- hash of what was asked with it
    told SMALLINT NOT NULL,             -- 0 nothing to tell, 1 that it was given, 2 told, 3 that it came back, 4 told
    review SMALLINT NOT NULL,           -- 0 none, 1 waits for it, 2 right, 3 too generous, 4 too strict
    review_by TEXT NOT NULL, review_us BIGINT, review_words TEXT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX concession_key ON concession (ext_key) WHERE ext_key <> '';
CREATE INDEX concession_at ON concession (at_us, concession_id);
CREATE INDEX concession_profile ON concession (profile_id, at_us) WHERE profile_id > 0;
CREATE INDEX concession_by ON concession (made_by, at_us);
CREATE INDEX concession_policy ON concession (policy_id, at_us) WHERE policy_id > 0;
CREATE INDEX concession_held ON concession (keep_us) WHERE state = 1;
CREATE INDEX concession_untold ON concession (concession_id) WHERE told IN (1, 3);
CREATE INDEX concession_review ON concession (concession_id) WHERE review = 1;

-- a concession that waits for a signature
CREATE TABLE approval (
    approval_id BIGINT NOT NULL PRIMARY KEY,
    concession_id BIGINT NOT NULL,
    state SMALLINT NOT NULL,            -- 0 waiting, 1 granted, 2 declined, 3 withdrawn, 4 expired
    signer TEXT NOT NULL,               -- the role that may sign
    asked_by TEXT NOT NULL, asked_us BIGINT NOT NULL, due_us BIGINT NOT NULL,
    decided_by TEXT NOT NULL, decided_us BIGINT, words TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX approval_waiting ON approval (due_us, approval_id) WHERE state = 0;
CREATE INDEX approval_of ON approval (concession_id);

-- how much a role may concede by itself; 0: no bound
CREATE TABLE envelope (
    role TEXT NOT NULL, version BIGINT NOT NULL,
    of_kinds BIGINT NOT NULL,           -- bit per kind of concession that the bounds are for; 0: all
    most BIGINT NOT NULL, currency INTEGER NOT NULL, -- what one may cost
    discount_bp BIGINT NOT NULL,
    times BIGINT NOT NULL, period SMALLINT NOT NULL, -- how often one person may
    signer TEXT NOT NULL,               -- who is asked beyond
    hours BIGINT NOT NULL,              -- office hours in which that is answered
    review_bp BIGINT NOT NULL,          -- share of those given at once that is looked at afterwards
    made_us BIGINT NOT NULL, made_by TEXT NOT NULL, ended_us BIGINT, retired SMALLINT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (role, version)
);

-- what things and service cost us, where nobody says it better
CREATE TABLE economics (
    product TEXT NOT NULL, version BIGINT NOT NULL, -- empty: all products that have no row
    currency INTEGER NOT NULL,
    cost_bp BIGINT NOT NULL,            -- variable cost as a share of the price; below 0: cost is given instead
    cost BIGINT NOT NULL,               -- variable cost of one unit
    hour_rate BIGINT NOT NULL,          -- what an hour of serving costs
    contact_s BIGINT NOT NULL,          -- how long one contact takes, in seconds
    contact_cost BIGINT NOT NULL,       -- what a contact costs beside the time
    return_cost BIGINT NOT NULL,        -- what handling a return costs
    channels TEXT NOT NULL,             -- JSON: by channel {"seconds":360,"cost":5}, where it differs
    agents BIGINT NOT NULL,             -- people at work in an open hour, in hundredths; 0: not known
    made_us BIGINT NOT NULL, made_by TEXT NOT NULL, ended_us BIGINT, retired SMALLINT NOT NULL,
    sample SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (product, version)
);

-- the newest value of each measure that a line asks about, in hundredths of what is shown
CREATE TABLE redline_measure (
    name TEXT NOT NULL PRIMARY KEY, at_us BIGINT NOT NULL,
    value BIGINT NOT NULL, lo BIGINT NOT NULL, hi BIGINT NOT NULL, n BIGINT NOT NULL,
    state SMALLINT NOT NULL             -- stats/estimate.h
);
