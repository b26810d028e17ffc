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
