-- What PostgreSQL says in other words.

-- name: commitment_broken_to
SELECT c.profile_id, c.kind FROM commitment c
 WHERE c.profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]) AND c.closed = 0 AND c.sorry_us IS NULL
   AND c.judged_us > $2 AND c.judged_us <= $3;
