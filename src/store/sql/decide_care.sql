-- Statements about generous policies, steps against abuse, and people in hardship.

-- ---- hardship ----

-- name: hardship_holds
-- what holds for a profile at $2
SELECT kind, until_us FROM hardship WHERE profile_id = $1 AND since_us <= $2 AND ended_us IS NULL
   AND (until_us IS NULL OR until_us > $2);

-- name: hardship_put
INSERT INTO hardship (hardship_id, profile_id, kind, since_us, until_us, ended_us, purpose, consent_us, consent_how, note,
  made_us, made_by, sample) VALUES ($1, $2, $3, $4, $5, NULL, $6, $7, $8, $9, $10, $11, $12);

-- name: hardship_get
SELECT h.hardship_id, h.profile_id, h.kind, h.since_us, h.until_us, h.ended_us, h.purpose, h.consent_us, h.consent_how,
  h.note, h.made_us, h.made_by, h.version, p.customer_id
  FROM hardship h LEFT JOIN profile p ON p.profile_id = h.profile_id WHERE h.hardship_id = $1;

-- name: hardship_of_profile
SELECT h.hardship_id, h.profile_id, h.kind, h.since_us, h.until_us, h.ended_us, h.purpose, h.consent_us, h.consent_how,
  h.note, h.made_us, h.made_by, h.version, h.profile_id FROM hardship h WHERE h.profile_id = $1 ORDER BY h.hardship_id;

-- name: hardship_list
-- newest first, below number $1; $2 1: those that hold at $3 alone; $4 kind (0: any), $5 customer (0: any), $6 at most
SELECT h.hardship_id, h.profile_id, h.kind, h.since_us, h.until_us, h.ended_us, h.purpose, h.consent_us, h.consent_how,
  h.note, h.made_us, h.made_by, h.version, p.customer_id
  FROM hardship h LEFT JOIN profile p ON p.profile_id = h.profile_id
 WHERE h.hardship_id < $1 AND ($2 = 0 OR (h.since_us <= $3 AND h.ended_us IS NULL AND (h.until_us IS NULL OR h.until_us > $3)))
   AND ($4 = 0 OR h.kind = $4)
   AND ($5 = 0 OR h.profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $5))
 ORDER BY h.hardship_id DESC LIMIT $6;

-- name: hardship_change
UPDATE hardship SET until_us = $2, ended_us = $3, purpose = $4, consent_us = $5, consent_how = $6, note = $7,
  version = version + 1 WHERE hardship_id = $1;

-- name: hardship_clear_details
-- what is over keeps its kind and times alone, at most $2 rows at a time
UPDATE hardship SET purpose = '', consent_how = '', note = '', made_by = '', version = version + 1 WHERE hardship_id IN (
    SELECT hardship_id FROM hardship WHERE (until_us < $1 OR ended_us < $1)
       AND (purpose <> '' OR consent_how <> '' OR note <> '' OR made_by <> '') LIMIT $2);

-- name: sweep_hardship
DELETE FROM hardship WHERE hardship_id IN (
    SELECT hardship_id FROM hardship WHERE until_us < $1 OR ended_us < $1 LIMIT $2);

-- name: sweep_hardship_plan
-- plans whose flag is gone
DELETE FROM hardship_plan WHERE plan_id IN (
    SELECT p.plan_id FROM hardship_plan p LEFT JOIN hardship h ON h.hardship_id = p.hardship_id
     WHERE h.hardship_id IS NULL AND p.made_us < $1 LIMIT $2);

-- name: sweep_hardship_part
DELETE FROM hardship_part WHERE plan_id IN (
    SELECT t.plan_id FROM hardship_part t LEFT JOIN hardship_plan p ON p.plan_id = t.plan_id
     WHERE p.plan_id IS NULL AND t.due_us < $1 LIMIT $2);

-- name: hardship_erase
DELETE FROM hardship WHERE profile_id = $1;

-- name: hardship_part_erase
DELETE FROM hardship_part WHERE plan_id IN (SELECT plan_id FROM hardship_plan WHERE profile_id = $1);

-- name: hardship_plan_erase
DELETE FROM hardship_plan WHERE profile_id = $1;

-- name: hardship_sample_delete
DELETE FROM hardship WHERE sample = 1;

-- name: hardship_plan_sample_delete
DELETE FROM hardship_plan WHERE sample = 1;

-- name: hardship_plan_put
INSERT INTO hardship_plan (plan_id, hardship_id, profile_id, state, currency, owed, let_off, concession_id, still_id,
  still_until_us, after_plan, made_us, made_by, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9, $10, $11, $12, $13);

-- name: hardship_plan_get
SELECT plan_id, hardship_id, profile_id, state, currency, owed, let_off, concession_id, still_id, still_until_us,
  after_plan, made_us, made_by, version FROM hardship_plan WHERE plan_id = $1;

-- name: hardship_plans_of
SELECT plan_id, hardship_id, profile_id, state, currency, owed, let_off, concession_id, still_id, still_until_us,
  after_plan, made_us, made_by, version FROM hardship_plan WHERE hardship_id = $1 ORDER BY plan_id;

-- name: hardship_plans_in
-- those in a state, after number $2
SELECT plan_id, hardship_id, profile_id, state, currency, owed, let_off, concession_id, still_id, still_until_us,
  after_plan, made_us, made_by, version FROM hardship_plan WHERE state = $1 AND plan_id > $2 ORDER BY plan_id LIMIT $3;

-- name: hardship_plans_end
-- what is not kept yet ends with its flag
UPDATE hardship_plan SET state = 4, version = version + 1 WHERE hardship_id = $1 AND state IN (0, 1);

-- name: hardship_plan_state
UPDATE hardship_plan SET state = $2, concession_id = $3, still_id = $4, version = version + 1 WHERE plan_id = $1;

-- name: hardship_part_put
INSERT INTO hardship_part (plan_id, part, day, due_us, amount, commitment_id, word_us)
VALUES ($1, $2, $3, $4, $5, NULL, NULL);

-- name: hardship_parts_of
SELECT t.part, t.day, t.due_us, t.amount, t.commitment_id, t.word_us, c.kept_us, c.withdrawn_us, c.void_us, c.judged_us
  FROM hardship_part t LEFT JOIN commitment c ON c.commitment_id = t.commitment_id WHERE t.plan_id = $1 ORDER BY t.part;

-- name: hardship_part_told
UPDATE hardship_part SET commitment_id = $3 WHERE plan_id = $1 AND part = $2;

-- name: hardship_part_word
UPDATE hardship_part SET word_us = $3 WHERE plan_id = $1 AND part = $2;

-- name: hardship_of_customer_access
-- for who asks what we know of them: over all profiles of customer $1
SELECT h.kind, h.since_us, h.until_us, h.ended_us, h.purpose, h.note, h.consent_us FROM hardship h
 WHERE h.profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $1) ORDER BY h.hardship_id;

-- name: hardship_parts_access
SELECT t.day, t.amount, p.currency, p.state FROM hardship_part t JOIN hardship_plan p ON p.plan_id = t.plan_id
 WHERE p.profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $1) ORDER BY t.plan_id, t.part;

-- name: customer_of_profile
SELECT customer_id FROM profile WHERE profile_id = $1;

-- name: hardship_paid
-- what the customer of a profile paid after $2, in order: their profiles' payments
SELECT e.at_us, e.value, e.unit FROM event e WHERE e.profile_id = $1 AND e.period >= $3 AND e.kind = 6 AND e.at_us > $2
 ORDER BY e.at_us, e.key;

-- ---- policies ----

-- name: policy_put
INSERT INTO policy (policy_id, version, name, about, cost, unit_cost, of_kinds, after_days, currency, segment_id, from_us, until_us,
  holdout_bp, reason, made_us, made_by, retired, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);

-- name: policy_get
SELECT policy_id, version, name, about, cost, unit_cost, of_kinds, after_days, currency, segment_id, from_us, until_us, holdout_bp,
  reason, made_us, made_by, retired FROM policy WHERE policy_id = $1 ORDER BY version DESC LIMIT 1;

-- name: policy_history
-- all versions, the newest first
SELECT policy_id, version, name, about, cost, unit_cost, of_kinds, after_days, currency, segment_id, from_us, until_us, holdout_bp,
  reason, made_us, made_by, retired FROM policy WHERE policy_id = $1 ORDER BY version DESC;

-- name: policy_list
-- the standing version of each, after number $1; $2 1: retired ones too
SELECT p.policy_id, p.version, p.name, p.about, p.cost, p.unit_cost, p.of_kinds, p.after_days, p.currency, p.segment_id, p.from_us,
  p.until_us, p.holdout_bp, p.reason, p.made_us, p.made_by, p.retired FROM policy p
 WHERE p.policy_id > $1 AND p.version = (SELECT MAX(q.version) FROM policy q WHERE q.policy_id = p.policy_id)
   AND ($2 = 1 OR p.retired = 0) ORDER BY p.policy_id LIMIT $3;

-- name: policy_of_segment
-- a policy that stands and is for this segment; none: NULL
SELECT MIN(p.policy_id) FROM policy p WHERE p.segment_id = $1 AND p.retired = 0
   AND p.version = (SELECT MAX(q.version) FROM policy q WHERE q.policy_id = p.policy_id);

-- name: policy_concessions
-- what was given away under policy $1, or of the kinds of bits $2 when there are any, by customer
SELECT p.customer_id, c.at_us, c.costs, c.currency FROM concession c LEFT JOIN profile p ON p.profile_id = c.profile_id
 WHERE c.state = 2 AND c.at_us >= $3 AND (c.policy_id = $1 OR ($2 <> 0 AND ($2 >> c.kind) & 1 = 1))
 ORDER BY p.customer_id, c.at_us, c.concession_id;

-- name: policy_sample_delete
DELETE FROM policy WHERE sample = 1;

-- ---- steps against abuse ----

-- name: abuse_sales
-- what was bought, taken back and sent back since month $1
SELECT p.customer_id, e.at_us, e.kind, e.thread, e.key, e.body FROM event e JOIN profile p ON p.profile_id = e.profile_id
 WHERE e.period >= $1 AND e.kind IN (2, 3, 5);

-- name: abuse_sales_of
-- the same of one profile
SELECT e.profile_id, e.at_us, e.kind, e.thread, e.key, e.body FROM event e
 WHERE e.profile_id = $1 AND e.period >= $2 AND e.kind IN (2, 3, 5);

-- name: abuse_step_put
INSERT INTO abuse_step (step_id, profile_id, step, frictions, evidence, words, made_us, made_by, signed_by, from_us, until_us,
  told_us, ended_us, ended_by, ended_why, appeal_us, appeal_words, decided_us, decided_by, decided_why, granted, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, NULL, '', '', NULL, '', NULL, '', '', 0, $12);

-- name: abuse_step_get
SELECT a.step_id, a.profile_id, a.step, a.frictions, a.evidence, a.words, a.made_us, a.made_by, a.signed_by, a.from_us,
  a.until_us, a.told_us, a.ended_us, a.ended_by, a.ended_why, a.appeal_us, a.appeal_words, a.decided_us, a.decided_by,
  a.decided_why, a.granted, a.version, p.customer_id
  FROM abuse_step a LEFT JOIN profile p ON p.profile_id = a.profile_id WHERE a.step_id = $1;

-- name: abuse_steps_of_profile
SELECT a.step_id, a.profile_id, a.step, a.frictions, a.evidence, a.words, a.made_us, a.made_by, a.signed_by, a.from_us,
  a.until_us, a.told_us, a.ended_us, a.ended_by, a.ended_why, a.appeal_us, a.appeal_words, a.decided_us, a.decided_by,
  a.decided_why, a.granted, a.version, a.profile_id FROM abuse_step a WHERE a.profile_id = $1 ORDER BY a.step_id;

-- name: abuse_step_list
-- newest first, below number $1; $2 1: those that are not over at $3 alone; $4 customer (0: any); $5 1: appeals that wait
SELECT a.step_id, a.profile_id, a.step, a.frictions, a.evidence, a.words, a.made_us, a.made_by, a.signed_by, a.from_us,
  a.until_us, a.told_us, a.ended_us, a.ended_by, a.ended_why, a.appeal_us, a.appeal_words, a.decided_us, a.decided_by,
  a.decided_why, a.granted, a.version, p.customer_id
  FROM abuse_step a LEFT JOIN profile p ON p.profile_id = a.profile_id
 WHERE a.step_id < $1 AND ($2 = 0 OR (a.ended_us IS NULL AND a.until_us > $3))
   AND ($4 = 0 OR a.profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $4))
   AND ($5 = 0 OR (a.appeal_us IS NOT NULL AND a.decided_us IS NULL))
 ORDER BY a.step_id DESC LIMIT $6;

-- name: abuse_step_change
UPDATE abuse_step SET frictions = $2, words = $3, signed_by = $4, from_us = $5, until_us = $6, told_us = $7, ended_us = $8,
  ended_by = $9, ended_why = $10, appeal_us = $11, appeal_words = $12, decided_us = $13, decided_by = $14,
  decided_why = $15, granted = $16, version = version + 1 WHERE step_id = $1;

-- name: abuse_counts
-- how steps and appeals went, of those made since $1
SELECT step, COUNT(*), SUM(CASE WHEN appeal_us IS NULL THEN 0 ELSE 1 END),
  SUM(CASE WHEN appeal_us IS NOT NULL AND decided_us IS NULL THEN 1 ELSE 0 END), SUM(granted),
  SUM(CASE WHEN ended_us IS NULL THEN 0 ELSE 1 END)
  FROM abuse_step WHERE made_us >= $1 GROUP BY step ORDER BY step;

-- name: abuse_groups
-- customers who have bought, by what their first profile says: $1 1 segment, 2 country, 3 language
SELECT CASE WHEN $1 = 1 THEN p.segment WHEN $1 = 2 THEN p.country ELSE p.lang END AS part, COUNT(*)
  FROM summary s JOIN profile p ON p.profile_id = s.customer_id WHERE s.orders > 0 GROUP BY 1 ORDER BY 1;

-- name: abuse_under
-- of them, those under a step that is signed and not over at $2 and that no appeal stops
SELECT part, COUNT(*) FROM (
    SELECT DISTINCT p.customer_id AS customer, CASE WHEN $1 = 1 THEN c.segment WHEN $1 = 2 THEN c.country ELSE c.lang END AS part
      FROM abuse_step a JOIN profile p ON p.profile_id = a.profile_id JOIN profile c ON c.profile_id = p.customer_id
     WHERE a.ended_us IS NULL AND a.from_us <= $2 AND a.until_us > $2 AND (a.appeal_us IS NULL OR a.decided_us IS NOT NULL)
       AND (a.step = 1 OR a.signed_by <> '')) AS x GROUP BY part ORDER BY part;

-- name: abuse_erase
DELETE FROM abuse_step WHERE profile_id = $1;

-- name: abuse_access
SELECT a.step, a.words, a.evidence, a.from_us, a.until_us, a.ended_us, a.appeal_us, a.appeal_words, a.decided_us, a.granted
  FROM abuse_step a WHERE a.profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $1) ORDER BY a.step_id;

-- name: abuse_sample_delete
DELETE FROM abuse_step WHERE sample = 1;

-- name: sweep_abuse_step
-- steps that are over
DELETE FROM abuse_step WHERE step_id IN (
    SELECT step_id FROM abuse_step WHERE until_us < $1 OR ended_us < $1 LIMIT $2);
