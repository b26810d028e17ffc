-- What differs on PostgreSQL.

-- name: theme_mark
UPDATE meaning SET theme_id = v.t, theme_far = v.f
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS v (p, k, t, f)
 WHERE profile_id = v.p AND key = v.k;
