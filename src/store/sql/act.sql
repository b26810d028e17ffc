-- Statements about what we owe.

-- name: commitment_step_put
INSERT INTO commitment_step (commitment_id, at_us, key, profile_id, what, due_us, about, topic, words, owner, team)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (commitment_id, at_us, key) DO UPDATE SET profile_id = excluded.profile_id, what = excluded.what,
  due_us = excluded.due_us, about = excluded.about, topic = excluded.topic, words = excluded.words, owner = excluded.owner,
  team = excluded.team;

-- name: commitment_step_drop
DELETE FROM commitment_step WHERE commitment_id = $1 AND at_us = $2 AND key = $3;

-- name: commitment_steps_of
SELECT commitment_id, at_us, key, profile_id, what, due_us, about, topic, words, owner, team
  FROM commitment_step WHERE commitment_id = $1 ORDER BY at_us, key;

-- name: commitment_step_scan
SELECT commitment_id, at_us, key, profile_id, what, due_us, about, topic, words, owner, team
  FROM commitment_step ORDER BY commitment_id, at_us, key;

-- name: commitment_steps_of_profile
SELECT DISTINCT commitment_id FROM commitment_step WHERE profile_id = $1 ORDER BY commitment_id;

-- name: commitment_steps_erase
DELETE FROM commitment_step WHERE profile_id = $1;

-- name: commitment_put
INSERT INTO commitment (commitment_id, profile_id, kind, what, owner, team, about, made_us, due_us, first_due_us, judged_us,
  moves, agreed_before_due, open_us, said_kept_us, done_us, done_key, kept_us, withdrawn_us, void_us, closed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
ON CONFLICT (commitment_id) DO UPDATE SET profile_id = excluded.profile_id, kind = excluded.kind, what = excluded.what,
  owner = excluded.owner, team = excluded.team, about = excluded.about, made_us = excluded.made_us,
  due_us = excluded.due_us, first_due_us = excluded.first_due_us, judged_us = excluded.judged_us, moves = excluded.moves,
  agreed_before_due = excluded.agreed_before_due, open_us = excluded.open_us, said_kept_us = excluded.said_kept_us,
  done_us = excluded.done_us, done_key = excluded.done_key, kept_us = excluded.kept_us,
  withdrawn_us = excluded.withdrawn_us, void_us = excluded.void_us, closed = excluded.closed;

-- name: commitment_drop
DELETE FROM commitment WHERE commitment_id = $1;

-- name: commitment_clear
DELETE FROM commitment;

-- name: commitment_step_clear
DELETE FROM commitment_step;

-- name: commitment_get
SELECT commitment_id, profile_id, kind, what, owner, team, about, made_us, due_us, first_due_us, judged_us, moves,
  agreed_before_due, open_us, said_kept_us, done_us, done_key, kept_us, withdrawn_us, void_us, closed
  FROM commitment WHERE commitment_id = $1;

-- name: commitment_of_profile
SELECT commitment_id, profile_id, kind, what, owner, team, about, made_us, due_us, first_due_us, judged_us, moves,
  agreed_before_due, open_us, said_kept_us, done_us, done_key, kept_us, withdrawn_us, void_us, closed
  FROM commitment WHERE profile_id = $1 ORDER BY commitment_id;

-- name: commitment_scan
SELECT commitment_id, profile_id, kind, what, owner, team, about, made_us, due_us, first_due_us, judged_us, moves,
  agreed_before_due, open_us, said_kept_us, done_us, done_key, kept_us, withdrawn_us, void_us, closed
  FROM commitment ORDER BY commitment_id;

-- name: commitment_any
SELECT MAX(commitment_id) FROM commitment;

-- name: commitment_owed_to
-- the customers to whom anything is or was owed
SELECT DISTINCT p.customer_id FROM commitment c JOIN profile p ON p.profile_id = c.profile_id ORDER BY p.customer_id;

-- name: commitment_sum
SELECT COUNT(*), SUM(commitment_id % 1000003) FROM commitment_step;
