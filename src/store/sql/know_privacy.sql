-- Statements about what people may ask of their data. Those under the same name in know_privacy_pg.sql replace these on
-- PostgreSQL.

-- name: suppressed_list
SELECT hash, mode, since_us FROM suppressed;

-- name: suppressed_put
INSERT INTO suppressed (hash, mode, since_us, request_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (hash) DO UPDATE SET since_us = excluded.since_us, request_id = excluded.request_id,
  mode = CASE WHEN excluded.mode > suppressed.mode THEN excluded.mode ELSE suppressed.mode END;

-- name: suppressed_lift
-- what was erased stays out; what is new may come
UPDATE suppressed SET mode = 1 WHERE hash = $1 AND mode = 2;

-- name: suppressed_count
SELECT COUNT(*) FROM suppressed;

-- name: erased_key_scan
SELECT key FROM erased_key ORDER BY key;

-- name: erased_key_of
-- the keys of a profile's events in a month; what heed noted for itself has none that a source could send again
INSERT INTO erased_key (key) SELECT key FROM event WHERE period = $1 AND profile_id = $2
   AND NOT (kind = 1 AND COALESCE(body, '') LIKE '{"ids":[%') ON CONFLICT (key) DO NOTHING;

-- name: erase_events
DELETE FROM event WHERE period = $1 AND profile_id = $2;

-- name: erase_past
DELETE FROM event_past WHERE profile_id = $1;

-- name: erase_identifiers
DELETE FROM identifier WHERE profile_id = $1;

-- name: erase_profile
DELETE FROM profile WHERE profile_id = $1;

-- name: erase_links
DELETE FROM link WHERE profile_a = $1 OR profile_b = $1;

-- name: erase_consent
DELETE FROM consent WHERE profile_id = $1;

-- name: erase_raw
DELETE FROM raw WHERE raw_id = $1;

-- name: erase_quarantine
DELETE FROM quarantine WHERE quarantine_id = $1;

-- name: erase_delivery
DELETE FROM delivery WHERE delivery_id = $1;

-- name: erase_delivery_try
DELETE FROM delivery_try WHERE delivery_id = $1;

-- name: erase_scan_raw
SELECT raw_id, state, body FROM raw WHERE raw_id > $1 ORDER BY raw_id LIMIT 200;

-- name: erase_scan_quarantine
SELECT quarantine_id, state, raw FROM quarantine WHERE quarantine_id > $1 ORDER BY quarantine_id LIMIT 200;

-- name: erase_scan_delivery
SELECT delivery_id, state, body FROM delivery WHERE delivery_id > $1 ORDER BY delivery_id LIMIT 200;

-- name: demoted_has
SELECT COUNT(*) FROM demoted WHERE hash = $1;

-- name: consent_put
INSERT INTO consent (profile_id, purpose, state, at_us, key) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (profile_id, purpose) DO UPDATE SET state = excluded.state, at_us = excluded.at_us, key = excluded.key
 WHERE excluded.at_us > consent.at_us OR (excluded.at_us = consent.at_us AND excluded.key >= consent.key);

-- name: consent_clear
DELETE FROM consent WHERE profile_id = $1;

-- name: consent_clear_all
DELETE FROM consent;

-- name: consent_of_profile
SELECT purpose, state, at_us, key FROM consent WHERE profile_id = $1 ORDER BY purpose;

-- name: consent_sum
SELECT profile_id, purpose, state, at_us, key FROM consent ORDER BY profile_id, purpose;

-- name: retention_list
SELECT what, days, version FROM retention ORDER BY what;

-- name: retention_get
SELECT days, version FROM retention WHERE what = $1;

-- name: retention_put
INSERT INTO retention (what, days, version) VALUES ($1, $2, 1)
ON CONFLICT (what) DO UPDATE SET days = excluded.days, version = retention.version + 1;

-- name: retention_delete
DELETE FROM retention WHERE what = $1;

-- name: retain_keys
INSERT INTO erased_key (key) SELECT key FROM event WHERE period = $1 AND kind = $2 AND at_us < $3 ON CONFLICT (key) DO NOTHING;

-- name: retain_events
DELETE FROM event WHERE period = $1 AND kind = $2 AND at_us < $3;

-- name: retain_past
DELETE FROM event_past WHERE kind = $1 AND at_us < $2;

-- name: request_last
SELECT MAX(request_id) FROM privacy_request;

-- name: request_put
INSERT INTO privacy_request (request_id, ext, kind, regulation, origin, state, subjects, callbacks, received_us, due_us,
  result, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '{}', $11);

-- name: request_get
SELECT request_id, ext, kind, regulation, origin, state, subjects, callbacks, received_us, due_us, ended_us, result,
  created_by, version FROM privacy_request WHERE request_id = $1;

-- name: request_by_ext
SELECT request_id, ext, kind, regulation, origin, state, subjects, callbacks, received_us, due_us, ended_us, result,
  created_by, version FROM privacy_request WHERE ext = $1 ORDER BY request_id DESC LIMIT 1;

-- name: request_list
-- newest first; state -1: all
SELECT request_id, ext, kind, regulation, origin, state, subjects, callbacks, received_us, due_us, ended_us, result,
  created_by, version FROM privacy_request WHERE request_id < $1 AND ($2 < 0 OR state = $2) ORDER BY request_id DESC LIMIT $3;

-- name: request_open
SELECT request_id FROM privacy_request WHERE state IN (1, 2) ORDER BY request_id;

-- name: request_state
UPDATE privacy_request SET state = $2, ended_us = $3, result = $4, subjects = $5, version = version + 1 WHERE request_id = $1;

-- name: identifier_of_kind
SELECT p.customer_id, i.value FROM identifier i JOIN profile p ON p.profile_id = i.profile_id WHERE i.kind = $1;

-- name: endpoint_urls
-- who gets data
SELECT url FROM endpoint WHERE state = 0 ORDER BY endpoint_id;
