-- What differs on PostgreSQL.

-- name: segment_said_of
SELECT CAST($2 AS BIGINT), at_us, kind, mood, score, has_words
  FROM feedback WHERE period = $1 AND profile_id = ANY(CAST(translate($3, '[]', '{}') AS bigint[])) AND kind <> 30;
