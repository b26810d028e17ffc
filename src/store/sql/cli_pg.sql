-- What differs on PostgreSQL.

-- name: engine_version
SELECT version();
