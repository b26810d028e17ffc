-- Points, vouchers, referrals and stories. reward_entry and referral are folded from events of the kinds reward and
-- referral; programmes, vouchers and stories are kept.

-- an entry of a customer's points: one row per event, and what the customer's other entries make of it
CREATE TABLE reward_entry (
    profile_id BIGINT NOT NULL,         -- 0: nobody known, and it counts for nobody
    at_us BIGINT NOT NULL,
    key BIGINT NOT NULL,                -- of the event
    entry_id BIGINT NOT NULL,           -- its number: 53 bits of the key
    source_id BIGINT NOT NULL,
    what SMALLINT NOT NULL,             -- know/rewards.def
    unit INTEGER NOT NULL,              -- 0: points; else a voucher, and its currency (ISO 4217 number)
    points BIGINT NOT NULL,             -- as told: above 0 gained, below 0 spent
    names BIGINT NOT NULL,              -- reverse: the entry taken back; expire: the lot; 0: none
    for_key BIGINT NOT NULL,            -- the event that it was earned by; 0: none
    for_profile BIGINT NOT NULL,        -- where that stands, as it was when the points were given
    for_us BIGINT NOT NULL,
    from_us BIGINT NOT NULL,            -- a gain: can be spent from here on
    until_us BIGINT NOT NULL,           -- a gain: expires; 0: never
    programme_id BIGINT NOT NULL,       -- 0: by hand, or from another system
    why TEXT NOT NULL,                  -- as the customer may read it
    disclosure TEXT NOT NULL,           -- of a reward for a review: what has to stand beside the review
    counts BIGINT NOT NULL,             -- what it does to the balance; the balance is their sum
    lot BIGINT NOT NULL,                -- a gain: what is left of it
    taken BIGINT NOT NULL,              -- how much of it was taken back by later entries
    PRIMARY KEY (profile_id, at_us, key)
);
CREATE INDEX reward_entry_number ON reward_entry (entry_id);
CREATE INDEX reward_entry_for ON reward_entry (for_key, entry_id);
CREATE INDEX reward_entry_newest ON reward_entry (at_us, entry_id);

-- a rule by which points are given, in one of its versions; never changed, so that what was given can be explained
CREATE TABLE reward_programme (
    programme_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    earned_by SMALLINT NOT NULL,        -- 1 orders, by money; 2 reviews, 3 answers, 4 referrals, each the same
    currency INTEGER NOT NULL,          -- ISO 4217 number: of the money, and of what a point is worth
    rate BIGINT NOT NULL,               -- thousandths of a point for one unit of the currency, or for each
    rounding SMALLINT NOT NULL,         -- 0 down, 1 nearest, halves to even, 2 up
    worth BIGINT NOT NULL,              -- of a point, in thousandths of a minor unit
    wait_days INTEGER NOT NULL,         -- before points can be spent: the time for sending goods back
    expiry_days INTEGER NOT NULL,       -- civil days of the store's zone; 0: never
    day_points BIGINT NOT NULL,         -- most for a customer in a day; 0: any
    day_times INTEGER NOT NULL,         -- how often at most; 0: any
    condition TEXT NOT NULL,            -- a rule over customers, as of segments; empty: everybody
    disclosure TEXT NOT NULL,           -- what has to stand beside a review that was rewarded
    from_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,           -- 0: until it is switched off
    state SMALLINT NOT NULL,            -- 1 on, 0 off
    made_by TEXT NOT NULL,
    made_us BIGINT NOT NULL,
    sample SMALLINT NOT NULL,           -- 1: of the sample company
    PRIMARY KEY (programme_id, version)
);

-- a voucher: a code that takes something off one order
CREATE TABLE voucher (
    voucher_id BIGINT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,                 -- as given to the customer, without dashes
    profile_id BIGINT NOT NULL,         -- whose it is; 0: whoever holds it
    currency INTEGER NOT NULL,
    value BIGINT NOT NULL,              -- minor units; of a share the most that it takes off
    share_bp INTEGER NOT NULL,          -- hundredths of a percent; 0: a fixed value
    least BIGINT NOT NULL,              -- of the order, minor units
    from_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,           -- 0: for ever
    state SMALLINT NOT NULL,            -- 0 open, 1 held, 2 redeemed, 3 cancelled, 4 waiting for a signature, 5 over
    held_us BIGINT NOT NULL,            -- held: until then
    held_for TEXT NOT NULL,             -- held or redeemed: the order
    used BIGINT NOT NULL,               -- held or redeemed: what it takes off
    concession_id BIGINT NOT NULL,      -- what it is to the budgets; 0: paid for by points
    paid BIGINT NOT NULL,               -- points that were spent for it
    paid_entry BIGINT NOT NULL,         -- the entry that spent them; 0: none
    ended_us BIGINT NOT NULL,           -- redeemed or cancelled; 0: neither
    made_by TEXT NOT NULL,
    made_us BIGINT NOT NULL,
    why TEXT NOT NULL,
    disclosure TEXT NOT NULL,
    ask_key TEXT NOT NULL,              -- whoever asks twice with one gets the first
    version BIGINT NOT NULL,
    sample SMALLINT NOT NULL
);
CREATE UNIQUE INDEX voucher_code ON voucher (code);
CREATE INDEX voucher_profile ON voucher (profile_id, voucher_id);
CREATE INDEX voucher_ask ON voucher (ask_key, voucher_id);

-- what is decided and not yet told as an event: told right after, and by a sweep if a crash came between
CREATE TABLE reward_untold (
    untold_id BIGINT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,
    event TEXT NOT NULL                 -- JSON: as act/reward_note.c writes it
);

-- because of whom or what a customer came: one row per event
CREATE TABLE referral (
    profile_id BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    key BIGINT NOT NULL,
    what SMALLINT NOT NULL,             -- know/referrals.def
    referrer BIGINT NOT NULL,           -- the hash of the identifier that names who referred; 0: nobody is named
    words TEXT NOT NULL,                -- what the customer said of it
    PRIMARY KEY (profile_id, at_us, key)
);
CREATE INDEX referral_referrer ON referral (referrer, profile_id);

-- a customer's story of success, which is shown only as far as they approve
CREATE TABLE story (
    story_id BIGINT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    words TEXT NOT NULL,
    wording BIGINT NOT NULL,            -- which wording that is, from 1
    state SMALLINT NOT NULL,            -- 0 draft, 1 asked, 2 approved, 3 declined, 4 withdrawn
    approved BIGINT NOT NULL,           -- which wording was approved; 0: none
    approved_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,           -- shown until then; 0: until withdrawn
    places TEXT NOT NULL,               -- JSON list: where it may be shown
    made_by TEXT NOT NULL,
    made_us BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sample SMALLINT NOT NULL
);
CREATE INDEX story_profile ON story (profile_id, story_id);

-- what was done with a story, and every wording it had
CREATE TABLE story_step (
    story_id BIGINT NOT NULL,
    step INTEGER NOT NULL,
    at_us BIGINT NOT NULL,
    what TEXT NOT NULL,                 -- written, asked, approved, declined, withdrawn
    wording BIGINT NOT NULL,
    words TEXT NOT NULL,                -- the wording, or how the customer said it
    by_whom TEXT NOT NULL,
    PRIMARY KEY (story_id, step)
);
