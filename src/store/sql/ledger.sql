-- Statements of the ledger. Those under the same name in ledger_pg.sql replace these on PostgreSQL.

-- name: source_list
SELECT source_id, name, adapter, channel, sample FROM source ORDER BY source_id;

-- name: source_of_id
SELECT source_id, name, adapter, channel, sample FROM source WHERE source_id = $1;

-- name: source_of_import
SELECT s.source_id, s.name, s.adapter, s.channel, s.sample
  FROM import i JOIN source s ON s.source_id = i.source_id WHERE i.import_id = $1;

-- name: source_put
INSERT INTO source (source_id, name, adapter, channel, sample, created_us) VALUES ($1, $2, $3, $4, $5, $6);

-- name: import_last
SELECT MAX(import_id) FROM import;

-- name: source_last
SELECT MAX(source_id) FROM source;

-- name: import_put
INSERT INTO import (import_id, source_id, name, mapping, state, started_us) VALUES ($1, $2, $3, $4, 0, $5);

-- name: import_count
UPDATE import SET rows_in = rows_in + $2, added = added + $3, changed = changed + $4, same = same + $5,
       skipped = skipped + $6, rejected = rejected + $7, last_us = $8 WHERE import_id = $1;

-- name: import_end
UPDATE import SET state = $2, ended_us = $3 WHERE import_id = $1;

-- name: import_get
SELECT i.import_id, i.source_id, i.name, i.state, i.started_us, i.ended_us, i.rows_in, i.added, i.changed, i.same,
       i.skipped, i.rejected, s.name, s.sample, i.mapping
  FROM import i JOIN source s ON s.source_id = i.source_id WHERE i.import_id = $1;

-- name: import_list
-- newest first
SELECT i.import_id, i.source_id, i.name, i.state, i.started_us, i.ended_us, i.rows_in, i.added, i.changed, i.same,
       i.skipped, i.rejected, s.name, s.sample, i.mapping
  FROM import i JOIN source s ON s.source_id = i.source_id ORDER BY i.import_id DESC LIMIT $1;

-- name: import_sources
SELECT import_id, source_id FROM import;

-- name: event_append
INSERT INTO event (period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: event_get
SELECT kind, channel, import_id, value, unit, thread, edited_us, body
  FROM event WHERE period = $1 AND profile_id = $2 AND at_us = $3 AND key = $4;

-- name: event_find
-- where an event of one profile stands in one month
SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body
  FROM event WHERE period = $1 AND profile_id = $2 AND key = $3;

-- name: event_delete
DELETE FROM event WHERE period = $1 AND profile_id = $2 AND at_us = $3 AND key = $4;

-- name: event_of_period
-- one month, in the order it is stored: profile, time
SELECT profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body
  FROM event WHERE period = $1 ORDER BY profile_id, at_us, key;

-- name: event_of_profile
SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body
  FROM event WHERE period = $1 AND profile_id = $2 ORDER BY at_us, key;

-- name: event_period_first
SELECT MIN(period) FROM event;

-- name: event_period_next
SELECT MIN(period) FROM event WHERE period > $1;

-- name: event_of_import
SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body
  FROM event WHERE import_id = $1;

-- name: event_count
SELECT COUNT(*) FROM event;

-- name: past_put
INSERT INTO event_past (profile_id, key, edited_us, tie, at_us, kind, channel, import_id, value, unit, thread, body, why)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING;

-- name: past_has
SELECT COUNT(*) FROM event_past WHERE profile_id = $1 AND key = $2 AND edited_us = $3 AND tie = $4;

-- name: past_under_import
-- older versions of the events that an import brought the current version of, the newest of each key first
SELECT p.key, p.profile_id, p.edited_us, p.tie, p.at_us, p.kind, p.channel, p.import_id, p.value, p.unit, p.thread, p.body
  FROM event_past p WHERE p.why = 1 AND p.import_id <> $1 AND p.key IN (SELECT e.key FROM event e WHERE e.import_id = $1)
 ORDER BY p.key, p.edited_us DESC, p.tie DESC;

-- name: past_delete
DELETE FROM event_past WHERE profile_id = $1 AND key = $2 AND edited_us = $3 AND tie = $4;

-- name: seen_scan
SELECT bucket, keys FROM seen WHERE bucket >= $1 AND bucket < $2 ORDER BY bucket;

-- name: seen_get
SELECT keys FROM seen WHERE bucket = $1;

-- name: seen_some
SELECT bucket, keys FROM seen WHERE bucket IN (SELECT value FROM json_each($1));

-- name: seen_put
INSERT INTO seen (bucket, keys) VALUES ($1, $2) ON CONFLICT (bucket) DO UPDATE SET keys = excluded.keys;

-- name: seen_clear
DELETE FROM seen WHERE bucket >= $1 AND bucket < $2;

-- name: tail_put
INSERT INTO tail (seq, entries) VALUES ($1, $2);

-- name: tail_put_keys
INSERT INTO tail (seq, entries, owes) VALUES ($1, $2, 1);

-- name: tail_scan
SELECT seq, entries FROM tail ORDER BY seq;

-- name: tail_next
SELECT seq, entries, owes FROM tail WHERE seq > $1 ORDER BY seq LIMIT 1;

-- name: tail_due
-- the newest row whose events are not in the summaries yet
SELECT MAX(seq) FROM tail WHERE owes = 0;

-- name: tail_keys
SELECT entries FROM tail WHERE owes = 1 ORDER BY seq;

-- name: tail_settled
DELETE FROM tail WHERE owes = $1;

-- name: tail_any
SELECT MAX(seq) FROM tail;

-- name: tail_clear
DELETE FROM tail;

-- name: quarantine_put
INSERT INTO quarantine (quarantine_id, import_id, file, line, field, reason, header, raw, at_us, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0);

-- name: quarantine_list
-- newest first; $1: only this state (-1: any), $2: before this id, $3: at most
SELECT quarantine_id, import_id, file, line, field, reason, header, raw, at_us, state
  FROM quarantine WHERE ($1 < 0 OR state = $1) AND quarantine_id < $2 ORDER BY quarantine_id DESC LIMIT $3;

-- name: quarantine_get
SELECT quarantine_id, import_id, file, line, field, reason, header, raw, at_us, state FROM quarantine WHERE quarantine_id = $1;

-- name: quarantine_state
UPDATE quarantine SET state = $2 WHERE quarantine_id = $1;

-- name: quarantine_count
SELECT COUNT(*) FROM quarantine WHERE state = $1;

-- name: meta_value
SELECT value FROM meta WHERE name = $1;

-- name: meta_set
INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: event_by_keys
-- a whole scan: for the rare event that came back with another time and another profile
SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body
  FROM event WHERE key IN (SELECT value FROM json_each($1));

-- name: import_undo_past
INSERT INTO event_past (profile_id, key, edited_us, tie, at_us, kind, channel, import_id, value, unit, thread, body, why)
SELECT profile_id, key, COALESCE(edited_us, 0), import_id, at_us, kind, channel, import_id, value, unit, thread, body, 2
  FROM event WHERE import_id = $1 ON CONFLICT DO NOTHING;

-- name: import_undo_events
DELETE FROM event WHERE import_id = $1;

-- name: import_purge_past
-- the import's own superseded versions; $2 is 2 to take its undone events too
DELETE FROM event_past WHERE import_id = $1 AND why <= $2;

-- name: event_since_of_profile
-- the same from a month on
SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body
  FROM event WHERE profile_id = $1 AND period >= $2 ORDER BY period, at_us, key;

-- name: event_all_of_profile
-- where the key leads with the profile; elsewhere the ledger asks month by month
SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, edited_us, body
  FROM event WHERE profile_id = $1 ORDER BY period, at_us, key;
