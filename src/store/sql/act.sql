-- Statements about what we owe.

-- name: commitment_step_put
INSERT INTO commitment_step (commitment_id, at_us, key, profile_id, what, due_us, about, topic, words, owner, team, standard_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (commitment_id, at_us, key) DO UPDATE SET profile_id = excluded.profile_id, what = excluded.what,
  due_us = excluded.due_us, about = excluded.about, topic = excluded.topic, words = excluded.words, owner = excluded.owner,
  team = excluded.team, standard_id = excluded.standard_id;

-- name: commitment_step_drop
DELETE FROM commitment_step WHERE commitment_id = $1 AND at_us = $2 AND key = $3;

-- name: commitment_steps_of
SELECT commitment_id, at_us, key, profile_id, what, due_us, about, topic, words, owner, team, standard_id
  FROM commitment_step WHERE commitment_id = $1 ORDER BY at_us, key;

-- name: commitment_step_scan
SELECT commitment_id, at_us, key, profile_id, what, due_us, about, topic, words, owner, team, standard_id
  FROM commitment_step ORDER BY commitment_id, at_us, key;

-- name: commitment_steps_of_profile
SELECT DISTINCT commitment_id FROM commitment_step WHERE profile_id = $1 ORDER BY commitment_id;

-- name: commitment_steps_erase
DELETE FROM commitment_step WHERE profile_id = $1;

-- name: commitment_put
INSERT INTO commitment (commitment_id, profile_id, kind, what, owner, team, about, made_us, due_us, first_due_us, judged_us,
  moves, agreed_before_due, open_us, said_kept_us, done_us, done_key, kept_us, withdrawn_us, void_us, closed,
  confirmed_us, sorry_us, reopened, standard_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
ON CONFLICT (commitment_id) DO UPDATE SET profile_id = excluded.profile_id, kind = excluded.kind, what = excluded.what,
  owner = excluded.owner, team = excluded.team, about = excluded.about, made_us = excluded.made_us,
  due_us = excluded.due_us, first_due_us = excluded.first_due_us, judged_us = excluded.judged_us, moves = excluded.moves,
  agreed_before_due = excluded.agreed_before_due, open_us = excluded.open_us, said_kept_us = excluded.said_kept_us,
  done_us = excluded.done_us, done_key = excluded.done_key, kept_us = excluded.kept_us,
  withdrawn_us = excluded.withdrawn_us, void_us = excluded.void_us, closed = excluded.closed,
  confirmed_us = excluded.confirmed_us, sorry_us = excluded.sorry_us, reopened = excluded.reopened,
  standard_id = excluded.standard_id;

-- name: commitment_drop
DELETE FROM commitment WHERE commitment_id = $1;

-- name: commitment_clear
DELETE FROM commitment;

-- name: commitment_step_clear
DELETE FROM commitment_step;

-- name: commitment_get
SELECT commitment_id, profile_id, kind, what, owner, team, about, made_us, due_us, first_due_us, judged_us, moves,
  agreed_before_due, open_us, said_kept_us, done_us, done_key, kept_us, withdrawn_us, void_us, closed,
  confirmed_us, sorry_us, reopened, standard_id
  FROM commitment WHERE commitment_id = $1;

-- name: commitment_of_profile
SELECT commitment_id, profile_id, kind, what, owner, team, about, made_us, due_us, first_due_us, judged_us, moves,
  agreed_before_due, open_us, said_kept_us, done_us, done_key, kept_us, withdrawn_us, void_us, closed,
  confirmed_us, sorry_us, reopened, standard_id
  FROM commitment WHERE profile_id = $1 ORDER BY commitment_id;

-- name: commitment_scan
SELECT commitment_id, profile_id, kind, what, owner, team, about, made_us, due_us, first_due_us, judged_us, moves,
  agreed_before_due, open_us, said_kept_us, done_us, done_key, kept_us, withdrawn_us, void_us, closed,
  confirmed_us, sorry_us, reopened, standard_id
  FROM commitment ORDER BY commitment_id;

-- name: commitment_any
SELECT MAX(commitment_id) FROM commitment;

-- name: commitment_owed_to
-- the customers to whom anything is or was owed
SELECT DISTINCT p.customer_id FROM commitment c JOIN profile p ON p.profile_id = c.profile_id ORDER BY p.customer_id;

-- name: commitment_sum
SELECT COUNT(*), SUM(commitment_id % 1000003) FROM commitment_step;

-- name: commitment_list
-- newest first, after ($1, $2); $3 now, $4 status (-1: any; the numbers of commitment_status), $5 kind (0: any),
-- $6 owner or empty, $7 customer (0: any), $8 judged before (0: any), $9 at most,
-- $10 that follow from this standard (0: any)
SELECT c.commitment_id, c.profile_id, c.kind, c.what, c.owner, c.team, c.about, c.made_us, c.due_us, c.first_due_us,
  c.judged_us, c.moves, c.agreed_before_due, c.open_us, c.said_kept_us, c.done_us, c.done_key, c.kept_us, c.withdrawn_us,
  c.void_us, c.closed, c.confirmed_us, c.sorry_us, c.reopened, c.standard_id, p.customer_id
  FROM commitment c LEFT JOIN profile p ON p.profile_id = c.profile_id
 WHERE (c.made_us < $1 OR (c.made_us = $1 AND c.commitment_id < $2))
   AND ($4 < 0 OR $4 = CASE WHEN c.void_us IS NOT NULL THEN 6 WHEN c.withdrawn_us IS NOT NULL THEN 5
        WHEN c.kept_us IS NULL THEN CASE WHEN c.judged_us <= $3 THEN 4 ELSE 0 END
        WHEN c.judged_us IS NULL OR (c.kept_us <= c.first_due_us AND c.kept_us <= c.judged_us) THEN 1
        WHEN c.kept_us > c.judged_us THEN 3 ELSE 2 END)
   AND ($5 = 0 OR c.kind = $5) AND ($6 = '' OR c.owner = $6)
   AND ($7 = 0 OR c.profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $7))
   AND ($8 = 0 OR c.judged_us < $8) AND ($10 = 0 OR c.standard_id = $10)
 ORDER BY c.made_us DESC, c.commitment_id DESC LIMIT $9;

-- name: commitment_show
SELECT c.commitment_id, c.profile_id, c.kind, c.what, c.owner, c.team, c.about, c.made_us, c.due_us, c.first_due_us,
  c.judged_us, c.moves, c.agreed_before_due, c.open_us, c.said_kept_us, c.done_us, c.done_key, c.kept_us, c.withdrawn_us,
  c.void_us, c.closed, c.confirmed_us, c.sorry_us, c.reopened, c.standard_id, p.customer_id
  FROM commitment c LEFT JOIN profile p ON p.profile_id = c.profile_id WHERE c.commitment_id = $1;

-- name: commitment_judged_between
-- what fell due, $1 <= t <= $2, for the rates
SELECT c.kind, c.made_us, c.first_due_us, c.judged_us, c.kept_us, c.withdrawn_us, c.void_us, c.owner, c.team, p.segment,
  c.reopened, c.confirmed_us, c.standard_id
  FROM commitment c LEFT JOIN profile p ON p.profile_id = c.profile_id WHERE c.closed IN (0, 1) AND c.judged_us >= $1
   AND c.judged_us <= $2;

-- name: commitment_times
-- how long each took, of the newest $3 that were made, $1 <= t <= $2
SELECT kind, made_us, kept_us, withdrawn_us, judged_us FROM commitment
 WHERE made_us >= $1 AND made_us <= $2 AND void_us IS NULL ORDER BY made_us DESC, commitment_id DESC LIMIT $3;

-- name: commitment_due_count
SELECT COUNT(*) FROM commitment WHERE closed = 0 AND judged_us <= $1;

-- name: commitment_due
-- open and judged at $1 < t <= $2, the first $3 of them
SELECT commitment_id, kind, made_us, judged_us FROM commitment
 WHERE closed = 0 AND judged_us > $1 AND judged_us <= $2 ORDER BY judged_us, commitment_id LIMIT $3;

-- name: commitment_broken_to
-- of these profiles: what fell due at $2 < t <= $3, is not kept, and nobody has said sorry for
SELECT c.profile_id, c.kind FROM json_each($1) j CROSS JOIN commitment c
 WHERE c.profile_id = j.value AND +c.closed = 0 AND c.sorry_us IS NULL AND +c.judged_us > $2 AND +c.judged_us <= $3;

-- name: commitment_broken_list
-- what fell due at $1 < t <= $2, is not kept, and nobody has said sorry for, the oldest $3
SELECT c.commitment_id, c.kind, c.judged_us, p.customer_id, c.profile_id
  FROM commitment c JOIN profile p ON p.profile_id = c.profile_id
 WHERE c.closed = 0 AND c.judged_us > $1 AND c.judged_us <= $2 AND c.sorry_us IS NULL
 ORDER BY c.judged_us, c.commitment_id LIMIT $3;

-- name: import_of_name
SELECT MAX(import_id) FROM import WHERE source_id = $1 AND name = $2 AND state <> 2;
