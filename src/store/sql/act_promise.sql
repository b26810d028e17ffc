-- Statements of standards, agreements, and promises that were noticed.

-- name: standard_all
SELECT standard_id, version, name, kind, starts, segment, channel, priority, minutes, clock, from_us, until_us, created_us,
  created_by, sample
  FROM service_standard ORDER BY standard_id, version;

-- name: standard_put
INSERT INTO service_standard (standard_id, version, name, kind, starts, segment, channel, priority, minutes, clock, from_us,
  until_us, created_us, created_by, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: standard_until
UPDATE service_standard SET until_us = $3 WHERE standard_id = $1 AND version = $2;

-- name: standard_first
-- from when on any standard held; NULL: there is none
SELECT MIN(from_us) FROM service_standard;

-- name: standard_open_counts
-- what follows from each and is open, and how much of it is due by $1
SELECT standard_id, COUNT(*), SUM(CASE WHEN judged_us <= $1 THEN 1 ELSE 0 END) FROM commitment
 WHERE closed = 0 AND standard_id <> 0 GROUP BY standard_id;

-- name: standard_customers_since
-- with events at t >= $2 in months from $1 on
SELECT DISTINCT p.customer_id FROM event e JOIN profile p ON p.profile_id = e.profile_id
 WHERE e.period >= $1 AND e.at_us >= $2 ORDER BY p.customer_id;

-- name: standard_customers_made
-- to whom anything is owed by rule
SELECT DISTINCT p.customer_id FROM commitment_step s JOIN profile p ON p.profile_id = s.profile_id
 WHERE s.standard_id <> 0 ORDER BY p.customer_id;

-- name: standard_steps_of_profile
SELECT commitment_id, at_us, key, profile_id, what, due_us, about, topic, words, owner, team, standard_id
  FROM commitment_step WHERE profile_id = $1 AND standard_id <> 0 ORDER BY commitment_id, at_us, key;

-- name: standard_sample_drop
DELETE FROM service_standard WHERE sample = 1;

-- name: agreement_all
SELECT agreement_id, version, name, zone, hours, country, closed, promises, from_us, until_us, created_us, created_by, sample
  FROM agreement ORDER BY agreement_id, version;

-- name: agreement_put
INSERT INTO agreement (agreement_id, version, name, zone, hours, country, closed, promises, from_us, until_us, created_us,
  created_by, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: agreement_until
UPDATE agreement SET until_us = $3 WHERE agreement_id = $1 AND version = $2;

-- name: agreement_sample_drop
DELETE FROM agreement WHERE sample = 1;

-- name: agreement_of_all
SELECT assign_id, agreement_id, profile_id, segment, from_us, until_us, created_by, sample FROM agreement_of ORDER BY assign_id;

-- name: agreement_of_put
INSERT INTO agreement_of (assign_id, agreement_id, profile_id, segment, from_us, until_us, created_by, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: agreement_of_until
UPDATE agreement_of SET until_us = $2 WHERE assign_id = $1;

-- name: agreement_of_erase
DELETE FROM agreement_of WHERE profile_id = $1;

-- name: agreement_of_sample_drop
DELETE FROM agreement_of WHERE sample = 1;

-- name: proposal_put
INSERT INTO promise_proposal (proposal_id, key, profile_id, at_us, what, kind, due_us, thread, words, due_words, why, staff,
  conditional, sure, commitment_id, state, decided_us, decided_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, NULL, '')
ON CONFLICT (proposal_id) DO NOTHING;

-- name: proposal_drop_open
DELETE FROM promise_proposal WHERE key = $1 AND state = 0;

-- name: proposal_list
-- newest first, after ($2, $3); $1 state (-1: any), $4 customer (0: any), $5 kind (0: any), $6 at most
SELECT n.proposal_id, n.key, n.profile_id, n.at_us, n.what, n.kind, n.due_us, n.thread, n.words, n.due_words, n.why, n.staff,
  n.conditional, n.sure, n.commitment_id, n.state, n.decided_us, n.decided_by, p.customer_id
  FROM promise_proposal n LEFT JOIN profile p ON p.profile_id = n.profile_id
 WHERE ($1 < 0 OR n.state = $1) AND (n.at_us < $2 OR (n.at_us = $2 AND n.proposal_id < $3))
   AND ($4 = 0 OR n.profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $4))
   AND ($5 = 0 OR n.kind = $5)
 ORDER BY n.at_us DESC, n.proposal_id DESC LIMIT $6;

-- name: proposal_get
SELECT n.proposal_id, n.key, n.profile_id, n.at_us, n.what, n.kind, n.due_us, n.thread, n.words, n.due_words, n.why, n.staff,
  n.conditional, n.sure, n.commitment_id, n.state, n.decided_us, n.decided_by, p.customer_id
  FROM promise_proposal n LEFT JOIN profile p ON p.profile_id = n.profile_id WHERE n.proposal_id = $1;

-- name: proposal_of_commitment
-- where a commitment was noticed
SELECT n.proposal_id, n.key, n.profile_id, n.at_us, n.what, n.kind, n.due_us, n.thread, n.words, n.due_words, n.why, n.staff,
  n.conditional, n.sure, n.commitment_id, n.state, n.decided_us, n.decided_by, p.customer_id
  FROM promise_proposal n LEFT JOIN profile p ON p.profile_id = n.profile_id
 WHERE n.commitment_id = $1 AND n.what = 1 AND n.state = 1 AND n.commitment_id > 0;

-- name: proposal_decide
UPDATE promise_proposal SET state = $2, commitment_id = $3, decided_us = $4, decided_by = $5 WHERE proposal_id = $1 AND state = 0;

-- name: proposal_counts
-- decided since $1, and all that are open
SELECT what, kind, state, COUNT(*) FROM promise_proposal WHERE state = 0 OR decided_us >= $1 GROUP BY what, kind, state
 ORDER BY what, kind, state;

-- name: proposal_erase
DELETE FROM promise_proposal WHERE profile_id = $1;

-- name: proposal_fix_of
-- of this profile in this conversation: the fix that was called solved last before $3, and of which the customer has not
-- said that it is
SELECT commitment_id, kept_us FROM commitment
 WHERE profile_id = $1 AND about = $2 AND kind = 5 AND kept_us < $3 AND confirmed_us IS NULL AND withdrawn_us IS NULL
   AND void_us IS NULL ORDER BY kept_us DESC, commitment_id LIMIT 1;

-- name: profile_segment
SELECT segment, segment_us FROM profile WHERE profile_id = $1 AND segment IS NOT NULL;

-- name: proposal_places
SELECT proposal_id, profile_id, at_us, key FROM promise_proposal ORDER BY proposal_id;

-- name: proposal_drop
DELETE FROM promise_proposal WHERE proposal_id = $1;
