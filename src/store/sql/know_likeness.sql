-- Statements of likeness: who may be the same person although no identifier says so.

-- name: likeness_join
-- from how many thousandths of a bit two are one without asking; NULL: nothing was learnt
SELECT join_milli FROM likeness_model ORDER BY model_id DESC LIMIT 1;

-- name: likeness_model_newest
SELECT model_id, made_us, model, profiles, join_milli, ask_milli, by FROM likeness_model ORDER BY model_id DESC LIMIT 1;

-- name: likeness_model_put
INSERT INTO likeness_model (model_id, made_us, model, profiles, join_milli, ask_milli, by) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: likeness_model_drop
-- older than the newest
DELETE FROM likeness_model WHERE model_id < $1;

-- name: likeness_todo_put
-- to be compared
INSERT INTO likeness_todo (profile_id, compared) VALUES ($1, 0) ON CONFLICT (profile_id) DO UPDATE SET compared = 0;

-- name: likeness_todo_decide
INSERT INTO likeness_todo (profile_id, compared) VALUES ($1, 1) ON CONFLICT (profile_id) DO NOTHING;

-- name: likeness_todo_later
-- who came after everybody was read
INSERT INTO likeness_todo (profile_id, compared) SELECT profile_id, 0 FROM profile WHERE profile_id > $1
ON CONFLICT (profile_id) DO NOTHING;

-- name: likeness_todo_some
SELECT profile_id, compared FROM likeness_todo ORDER BY profile_id LIMIT $1;

-- name: likeness_todo_drop
DELETE FROM likeness_todo WHERE profile_id = $1;

-- name: likeness_todo_count
SELECT COUNT(*) FROM likeness_todo;

-- name: likeness_profiles
-- what some profiles are compared by
SELECT profile_id, customer_id, name, address, born FROM profile WHERE profile_id IN (SELECT value FROM json_each($1));

-- name: likeness_everybody
-- the same of all, after a profile
SELECT profile_id, customer_id, name, address, born FROM profile WHERE profile_id > $1 ORDER BY profile_id LIMIT $2;

-- name: likeness_reach
-- e-mails and phones of all profiles in a range
SELECT profile_id, kind, value FROM identifier WHERE profile_id > $1 AND profile_id <= $2 ORDER BY profile_id, kind, value;

-- name: likeness_key_put
INSERT INTO likeness_key (key, profile_id) VALUES ($1, $2) ON CONFLICT (key, profile_id) DO NOTHING;

-- name: likeness_key_drop
DELETE FROM likeness_key WHERE profile_id = $1;

-- name: likeness_key_clear
DELETE FROM likeness_key;

-- name: likeness_key_some
SELECT profile_id FROM likeness_key WHERE key = $1 ORDER BY profile_id LIMIT $2;

-- name: likeness_put
-- what a person has said stays
INSERT INTO likeness (profile_a, profile_b, weight, chance, parts, state, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (profile_a, profile_b) DO UPDATE SET weight = excluded.weight, chance = excluded.chance, parts = excluded.parts,
  state = CASE WHEN likeness.state IN (2, 3) THEN likeness.state ELSE excluded.state END,
  at_us = CASE WHEN likeness.state IN (2, 3) THEN likeness.at_us ELSE excluded.at_us END,
  version = likeness.version + 1;

-- name: likeness_drop
-- no longer alike, unless a person has spoken
DELETE FROM likeness WHERE profile_a = $1 AND profile_b = $2 AND state IN (1, 4);

-- name: likeness_clear
DELETE FROM likeness WHERE state IN (1, 4);

-- name: likeness_say
UPDATE likeness SET state = $3, at_us = $4, by = $5, version = version + 1 WHERE profile_a = $1 AND profile_b = $2;

-- name: likeness_get
SELECT profile_a, profile_b, weight, chance, parts, state, at_us, by, version FROM likeness
 WHERE profile_a = $1 AND profile_b = $2;

-- name: likeness_of
-- the pairs of one profile
SELECT profile_a, profile_b, weight, chance, parts, state, at_us, by, version FROM likeness WHERE profile_a = $1
UNION ALL
SELECT profile_a, profile_b, weight, chance, parts, state, at_us, by, version FROM likeness WHERE profile_b = $1
ORDER BY 3 DESC, 1, 2;

-- name: likeness_between
-- of some profiles, for grouping; some of them twice
SELECT profile_a, profile_b, weight FROM likeness WHERE state <> 4 AND profile_a IN (SELECT value FROM json_each($1))
UNION ALL
SELECT profile_a, profile_b, weight FROM likeness WHERE state <> 4 AND profile_b IN (SELECT value FROM json_each($1));

-- name: likeness_scan
SELECT profile_a, profile_b, weight FROM likeness WHERE state <> 4 ORDER BY profile_a, profile_b;

-- name: likeness_count
SELECT COUNT(*) FROM likeness WHERE state <> 4;

-- name: likeness_open
-- pairs that nobody has spoken of and that are two customers still, the likeliest first, after ($1, $2, $3)
SELECT l.profile_a, l.profile_b, l.weight, l.chance, l.parts, l.state, l.at_us, l.by, l.version
  FROM likeness l JOIN profile a ON a.profile_id = l.profile_a JOIN profile b ON b.profile_id = l.profile_b
 WHERE l.state = 1 AND a.customer_id <> b.customer_id
   AND (l.weight < $1 OR (l.weight = $1 AND (l.profile_a > $2 OR (l.profile_a = $2 AND l.profile_b > $3))))
 ORDER BY l.weight DESC, l.profile_a, l.profile_b LIMIT $4;

-- name: likeness_joined
-- pairs that likeness alone made one customer
SELECT l.profile_a, l.profile_b, l.weight, l.chance, l.parts, l.state, l.at_us, l.by, l.version
  FROM likeness l JOIN link k ON k.profile_a = l.profile_a AND k.profile_b = l.profile_b AND k.hash = 1 AND k.state = 5
 WHERE l.state = 1
   AND (l.weight < $1 OR (l.weight = $1 AND (l.profile_a > $2 OR (l.profile_a = $2 AND l.profile_b > $3))))
 ORDER BY l.weight DESC, l.profile_a, l.profile_b LIMIT $4;

-- name: likeness_said
-- pairs of which a person has spoken (state $5) or that share a home (4)
SELECT profile_a, profile_b, weight, chance, parts, state, at_us, by, version FROM likeness
 WHERE state = $5 AND (weight < $1 OR (weight = $1 AND (profile_a > $2 OR (profile_a = $2 AND profile_b > $3))))
 ORDER BY weight DESC, profile_a, profile_b LIMIT $4;

-- name: likeness_open_count
SELECT COUNT(*) FROM likeness l JOIN profile a ON a.profile_id = l.profile_a JOIN profile b ON b.profile_id = l.profile_b
 WHERE l.state = 1 AND a.customer_id <> b.customer_id;

-- name: likeness_linked
SELECT profile_a, profile_b FROM link WHERE hash = 1 AND state = 5;

-- name: likeness_state_count
SELECT COUNT(*) FROM likeness WHERE state = $1;

-- name: likeness_joined_count
SELECT COUNT(*) FROM link WHERE hash = 1 AND state = 5;

-- name: likeness_erase
DELETE FROM likeness WHERE profile_a = $1 OR profile_b = $1;
