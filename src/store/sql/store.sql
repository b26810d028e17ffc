-- Settings and counters of a store, by name.

-- name: meta_get
SELECT value FROM meta WHERE name = $1;

-- name: meta_put
INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: meta_list
SELECT name, value FROM meta ORDER BY name;

-- name: meta_delete
DELETE FROM meta WHERE name = $1;

-- name: echo
-- gives back what it was given; tells whether a store answers, and how values travel
SELECT $1, $2, $3, $4;
