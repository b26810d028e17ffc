-- What differs on PostgreSQL.

-- name: likeness_todo_put
INSERT INTO likeness_todo (profile_id, compared) SELECT p, 0 FROM unnest($1::bigint[]) AS v (p)
ON CONFLICT (profile_id) DO UPDATE SET compared = 0;

-- name: likeness_todo_decide
INSERT INTO likeness_todo (profile_id, compared) SELECT p, 1 FROM unnest($1::bigint[]) AS v (p)
ON CONFLICT (profile_id) DO NOTHING;

-- name: likeness_profiles
SELECT profile_id, customer_id, name, address, born FROM profile
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: likeness_key_put
INSERT INTO likeness_key (key, profile_id) SELECT * FROM unnest($1::bigint[], $2::bigint[])
ON CONFLICT (key, profile_id) DO NOTHING;

-- name: likeness_put
INSERT INTO likeness (profile_a, profile_b, weight, chance, parts, state, at_us)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[])
ON CONFLICT (profile_a, profile_b) DO UPDATE SET weight = excluded.weight, chance = excluded.chance, parts = excluded.parts,
  state = CASE WHEN likeness.state IN (2, 3) THEN likeness.state ELSE excluded.state END,
  at_us = CASE WHEN likeness.state IN (2, 3) THEN likeness.at_us ELSE excluded.at_us END,
  version = likeness.version + 1;

-- name: likeness_between
SELECT profile_a, profile_b, weight FROM likeness
 WHERE state <> 4 AND profile_a = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[])
UNION ALL
SELECT profile_a, profile_b, weight FROM likeness
 WHERE state <> 4 AND profile_b = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);
