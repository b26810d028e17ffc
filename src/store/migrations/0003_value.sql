-- What customers are worth from now on, as the newest fit of the models says. Computed from the summaries, never kept as
-- truth: a new fit replaces it.

-- a fit: which models, how good they were on what they had not seen, and the totals
CREATE TABLE value_model (
    model_id BIGINT NOT NULL PRIMARY KEY,
    made_us BIGINT NOT NULL,
    as_of_us BIGINT NOT NULL,           -- what "now" was
    horizon_days INTEGER NOT NULL,
    report TEXT NOT NULL                -- JSON: models, parameters, back-test, totals, pictures; docs/value.md
);

-- of each customer, what they are worth from now on
-- sqlite:
CREATE TABLE value (
    customer_id INTEGER NOT NULL PRIMARY KEY,
    model_id INTEGER NOT NULL,
    currency INTEGER NOT NULL,          -- ISO 4217 number
    kind INTEGER NOT NULL,              -- bits: 1 buys without a contract, 2 is under contract
    alive REAL, alive_lo REAL, alive_hi REAL,       -- chance of still being a customer (buyers)
    buys REAL, buys_lo REAL, buys_hi REAL,          -- expected purchases to the horizon
    value REAL NOT NULL, value_lo REAL NOT NULL, value_hi REAL NOT NULL, -- minor units to the horizon, discounted
    stays REAL, stays_lo REAL, stays_hi REAL,       -- chance that the contract still runs at the horizon
    risk REAL, risk_lo REAL, risk_hi REAL,          -- chance of leaving within 90 days, learned; NULL: not told
    why TEXT NOT NULL                   -- JSON list: what raises and lowers the risk, in words
);
-- postgres:
CREATE TABLE value (
    customer_id BIGINT NOT NULL PRIMARY KEY,
    model_id BIGINT NOT NULL, currency INTEGER NOT NULL, kind SMALLINT NOT NULL,
    alive DOUBLE PRECISION, alive_lo DOUBLE PRECISION, alive_hi DOUBLE PRECISION,
    buys DOUBLE PRECISION, buys_lo DOUBLE PRECISION, buys_hi DOUBLE PRECISION,
    value DOUBLE PRECISION NOT NULL, value_lo DOUBLE PRECISION NOT NULL, value_hi DOUBLE PRECISION NOT NULL,
    stays DOUBLE PRECISION, stays_lo DOUBLE PRECISION, stays_hi DOUBLE PRECISION,
    risk DOUBLE PRECISION, risk_lo DOUBLE PRECISION, risk_hi DOUBLE PRECISION,
    why TEXT NOT NULL
);
CREATE INDEX value_best ON value (value, customer_id);
