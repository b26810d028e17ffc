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

-- name: store_events
-- every event, in the order it is stored: for copies and comparisons of whole stores
SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body
  FROM event ORDER BY period, profile_id, at_us, key;
