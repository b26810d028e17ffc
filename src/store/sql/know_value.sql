-- Statements about what customers are worth.

-- name: value_model_put
INSERT INTO value_model (model_id, made_us, as_of_us, horizon_days, report) VALUES ($1, $2, $3, $4, $5);

-- name: value_model_last
SELECT MAX(model_id) FROM value_model;

-- name: value_model_newest
SELECT model_id, as_of_us, horizon_days, report FROM value_model ORDER BY model_id DESC LIMIT 1;

-- name: value_put
INSERT INTO value (customer_id, model_id, currency, kind, alive, alive_lo, alive_hi, buys, buys_lo, buys_hi, value, value_lo,
  value_hi, stays, stays_lo, stays_hi, risk, risk_lo, risk_hi, why)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
ON CONFLICT (customer_id) DO UPDATE SET model_id = excluded.model_id, currency = excluded.currency, kind = excluded.kind,
  alive = excluded.alive, alive_lo = excluded.alive_lo, alive_hi = excluded.alive_hi, buys = excluded.buys,
  buys_lo = excluded.buys_lo, buys_hi = excluded.buys_hi, value = excluded.value, value_lo = excluded.value_lo,
  value_hi = excluded.value_hi, stays = excluded.stays, stays_lo = excluded.stays_lo, stays_hi = excluded.stays_hi,
  risk = excluded.risk, risk_lo = excluded.risk_lo, risk_hi = excluded.risk_hi, why = excluded.why;

-- name: value_others_drop
DELETE FROM value WHERE model_id <> $1;

-- name: value_models_drop
-- the newest ten fits stay, so that people see how predictions moved
DELETE FROM value_model WHERE model_id <= $1 - 10;

-- name: value_get
SELECT customer_id, currency, kind, alive, alive_lo, alive_hi, buys, buys_lo, buys_hi, value, value_lo, value_hi, stays,
  stays_lo, stays_hi, risk, risk_lo, risk_hi, why FROM value WHERE customer_id = $1;

-- name: value_best
-- the most valuable first
SELECT customer_id, currency, kind, alive, alive_lo, alive_hi, buys, buys_lo, buys_hi, value, value_lo, value_hi, stays,
  stays_lo, stays_hi, risk, risk_lo, risk_hi, why
  FROM value WHERE value < $1 OR (value = $1 AND customer_id < $2) ORDER BY value DESC, customer_id DESC LIMIT $3;

-- name: value_at_risk
-- the most to lose first: value times risk
SELECT customer_id, currency, kind, alive, alive_lo, alive_hi, buys, buys_lo, buys_hi, value, value_lo, value_hi, stays,
  stays_lo, stays_hi, risk, risk_lo, risk_hi, why
  FROM value WHERE risk IS NOT NULL ORDER BY value * risk DESC, customer_id LIMIT $1;

-- name: value_scan
SELECT customer_id, value, value_lo, value_hi, alive, risk FROM value ORDER BY customer_id;

-- name: erase_value
DELETE FROM value WHERE customer_id = $1;
