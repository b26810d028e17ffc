-- What differs on PostgreSQL: lists come as JSON and are read as arrays.

-- name: quarantine_drop
UPDATE quarantine SET state = 2 WHERE state = 0 AND quarantine_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);
