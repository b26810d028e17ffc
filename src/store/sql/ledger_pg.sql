-- What differs on PostgreSQL: bulk statements take arrays or COPY, lists come as JSON and are read as arrays.

-- name: event_append
-- copy: event(period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body)
COPY event (period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body) FROM STDIN BINARY;

-- name: seen_some
SELECT bucket, keys FROM seen WHERE bucket = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: seen_put
INSERT INTO seen (bucket, keys) SELECT * FROM unnest($1::bigint[], $2::bytea[])
ON CONFLICT (bucket) DO UPDATE SET keys = excluded.keys;

-- name: quarantine_put
INSERT INTO quarantine (quarantine_id, import_id, file, line, field, reason, header, raw, at_us, state)
SELECT *, 0 FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::bigint[]);

-- name: event_by_keys
SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body
  FROM event WHERE key = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);
