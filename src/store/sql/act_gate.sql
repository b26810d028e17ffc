-- Statements of the gate.

-- name: gate_put
INSERT INTO gate_record (gate_id, profile_id, at_us, kind, channel, template, occasion, survey, quota, halves, verdict,
  until_us, rule, reason, asked_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: gate_unsent
UPDATE gate_record SET unsent_us = $2 WHERE gate_id = $1 AND verdict = 0 AND unsent_us IS NULL;

-- name: gate_get
SELECT gate_id, profile_id, at_us, kind, channel, template, occasion, survey, quota, halves, verdict, until_us, rule, reason,
  asked_by, unsent_us FROM gate_record WHERE gate_id = $1;

-- name: gate_list
-- newest first, before $1; verdict -1, kind 0 and an empty rule stand for any
SELECT gate_id, profile_id, at_us, kind, channel, template, occasion, survey, quota, halves, verdict, until_us, rule, reason,
  asked_by, unsent_us FROM gate_record
 WHERE gate_id < $1 AND ($2 < 0 OR verdict = $2) AND ($3 = 0 OR kind = $3) AND ($4 = '' OR rule = $4)
 ORDER BY gate_id DESC LIMIT $5;

-- name: gate_list_of
-- the same of one profile
SELECT gate_id, profile_id, at_us, kind, channel, template, occasion, survey, quota, halves, verdict, until_us, rule, reason,
  asked_by, unsent_us FROM gate_record
 WHERE profile_id = $6 AND gate_id < $1 AND ($2 < 0 OR verdict = $2) AND ($3 = 0 OR kind = $3) AND ($4 = '' OR rule = $4)
 ORDER BY gate_id DESC LIMIT $5;

-- name: gate_counts
-- by day ($3: microseconds that the zone is ahead), kind, verdict and rule
SELECT (at_us + $3) / 86400000000, kind, verdict, rule, COUNT(*) FROM gate_record WHERE at_us >= $1 AND at_us < $2
 GROUP BY (at_us + $3) / 86400000000, kind, verdict, rule ORDER BY 1, 2, 3, 4;

-- name: gate_passed
-- what counts of a profile, $2 < t <= $3, before the record $4
SELECT at_us, kind, halves FROM gate_record
 WHERE profile_id = $1 AND at_us > $2 AND at_us <= $3 AND gate_id < $4 AND verdict = 0 AND unsent_us IS NULL AND kind > 2
 ORDER BY at_us;

-- name: gate_once
-- when the same was sent
SELECT MIN(at_us) FROM gate_record WHERE profile_id = $1 AND occasion = $2 AND template = $3 AND at_us <= $4 AND gate_id < $5
   AND verdict = 0 AND unsent_us IS NULL AND occasion <> '';

-- name: gate_flow
-- how many went out, $1 <= t <= $2, before the record $3; $4 at most are counted
SELECT COUNT(*) FROM (SELECT 1 FROM gate_record WHERE at_us >= $1 AND at_us <= $2 AND gate_id < $3 AND verdict = 0
   AND unsent_us IS NULL AND kind > 2 LIMIT $4) AS flow;

-- name: gate_sampled
-- how many of a group a survey has asked, $3 < t <= $4, before the record $5; $6 at most are counted
SELECT COUNT(*) FROM (SELECT 1 FROM gate_record WHERE survey = $1 AND quota = $2 AND at_us > $3 AND at_us <= $4
   AND gate_id < $5 AND verdict = 0 AND unsent_us IS NULL AND survey <> '' LIMIT $6) AS sampled;

-- name: gate_asked
-- a profile's answers of a month, and questions that other tools sent, $3 < t <= $4
SELECT at_us, kind FROM feedback WHERE period = $1 AND profile_id = $2 AND at_us > $3 AND at_us <= $4
   AND (kind = 31 OR (kind = 30 AND source_id NOT IN (SELECT source_id FROM source WHERE name = 'heed')));

-- name: gate_suppressed_any
SELECT COUNT(*) FROM (SELECT 1 FROM suppressed LIMIT 1) AS any_one;

-- name: gate_suppressed
-- everything of this identifier stays out
SELECT COUNT(*) FROM suppressed WHERE hash = $1 AND mode = 2;

-- name: gate_complaints
SELECT complaints, orders, last_order_us, contract_since_us, contract_until_us FROM summary WHERE customer_id = $1;

-- name: gate_limits_for
-- what differs for everybody, and for a customer of a segment and a country
SELECT name, scope, value FROM gate_limit WHERE scope IN ('', $1, $2);

-- name: gate_limit_list
SELECT name, scope, value, at_us, set_by, version FROM gate_limit ORDER BY name, scope;

-- name: gate_limit_get
SELECT name, scope, value, at_us, set_by, version FROM gate_limit WHERE name = $1 AND scope = $2;

-- name: gate_limit_put
INSERT INTO gate_limit (name, scope, value, at_us, set_by, version) VALUES ($1, $2, $3, $4, $5, 1)
ON CONFLICT (name, scope) DO UPDATE SET value = excluded.value, at_us = excluded.at_us, set_by = excluded.set_by, sample = 0,
  version = gate_limit.version + 1;

-- name: gate_limit_drop
DELETE FROM gate_limit WHERE name = $1 AND scope = $2;

-- name: gate_quota_list
SELECT survey, quota, most, days, at_us, set_by, version FROM gate_quota ORDER BY survey, quota;

-- name: gate_quota_get
SELECT survey, quota, most, days, at_us, set_by, version FROM gate_quota WHERE survey = $1 AND quota = $2;

-- name: gate_quota_put
INSERT INTO gate_quota (survey, quota, most, days, at_us, set_by, version) VALUES ($1, $2, $3, $4, $5, $6, 1)
ON CONFLICT (survey, quota) DO UPDATE SET most = excluded.most, days = excluded.days, at_us = excluded.at_us,
  set_by = excluded.set_by, sample = 0, version = gate_quota.version + 1;

-- name: gate_quota_drop
DELETE FROM gate_quota WHERE survey = $1 AND quota = $2;

-- name: gate_pause_get
SELECT until_us, at_us FROM gate_pause WHERE profile_id = $1;

-- name: gate_pause_put
INSERT INTO gate_pause (profile_id, at_us, until_us) VALUES ($1, $2, $3)
ON CONFLICT (profile_id) DO UPDATE SET at_us = excluded.at_us, until_us = excluded.until_us;

-- name: gate_pause_drop
DELETE FROM gate_pause WHERE profile_id = $1;

-- name: gate_address_get
SELECT address, hard_us, soft_us, complaint_us, softs FROM gate_address WHERE profile_id = $1 AND ($2 = '' OR address = $2)
 ORDER BY address;

-- name: gate_address_put
INSERT INTO gate_address (profile_id, address, hard_us, soft_us, complaint_us, softs) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (profile_id, address) DO UPDATE SET hard_us = excluded.hard_us, soft_us = excluded.soft_us,
  complaint_us = excluded.complaint_us, softs = excluded.softs;

-- name: gate_customer_of
SELECT customer_id FROM profile WHERE profile_id = $1;

-- name: gate_erase
DELETE FROM gate_record WHERE profile_id = $1;

-- name: gate_address_erase
DELETE FROM gate_address WHERE profile_id = $1;

-- name: sweep_gate_record
DELETE FROM gate_record WHERE gate_id IN (SELECT gate_id FROM gate_record WHERE at_us < $1 LIMIT $2);

-- name: sweep_gate_pause
-- those that are over
DELETE FROM gate_pause WHERE profile_id IN (SELECT profile_id FROM gate_pause WHERE until_us < $1 LIMIT $2);

-- name: gate_sample_record_drop
-- what was asked about customers of the sample company, while their sources are still known
DELETE FROM gate_record WHERE profile_id IN (
    SELECT p.profile_id FROM profile p JOIN source s ON s.source_id = p.source_id WHERE s.sample = 1);

-- name: gate_sample_address_drop
DELETE FROM gate_address WHERE profile_id IN (
    SELECT p.profile_id FROM profile p JOIN source s ON s.source_id = p.source_id WHERE s.sample = 1);

-- name: gate_sample_pause_drop
DELETE FROM gate_pause WHERE profile_id IN (
    SELECT p.profile_id FROM profile p JOIN source s ON s.source_id = p.source_id WHERE s.sample = 1);

-- name: gate_sample_limit_drop
DELETE FROM gate_limit WHERE sample = 1;

-- name: gate_sample_quota_drop
DELETE FROM gate_quota WHERE sample = 1;
