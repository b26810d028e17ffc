-- Statements about webhooks: how those that come in are verified and kept, and where we send ours.

-- name: source_id_by_name
SELECT source_id FROM source WHERE name = $1;

-- name: hook_by_name
SELECT h.source_id, s.name, s.adapter, s.channel, h.scheme, h.url, h.created_us, h.version
  FROM source s JOIN hook h ON h.source_id = s.source_id WHERE s.name = $1;

-- name: hook_list
SELECT h.source_id, s.name, s.adapter, s.channel, h.scheme, h.url, h.created_us, h.version
  FROM source s JOIN hook h ON h.source_id = s.source_id WHERE h.source_id > $1 ORDER BY h.source_id LIMIT $2;

-- name: hook_scheme
SELECT s.name, s.adapter, s.channel, COALESCE(h.scheme, '') FROM source s LEFT JOIN hook h ON h.source_id = s.source_id
 WHERE s.source_id = $1;

-- name: hook_put
INSERT INTO hook (source_id, scheme, url, created_us) VALUES ($1, $2, $3, $4)
ON CONFLICT (source_id) DO UPDATE SET scheme = excluded.scheme, url = excluded.url, version = hook.version + 1;

-- name: hook_touch
UPDATE hook SET version = version + 1 WHERE source_id = $1;

-- name: hook_drop
DELETE FROM hook WHERE source_id = $1;

-- name: hook_secret_list
SELECT secret_id, secret, created_us FROM hook_secret WHERE source_id = $1 ORDER BY secret_id;

-- name: hook_secret_put
INSERT INTO hook_secret (source_id, secret_id, secret, created_us) VALUES ($1, $2, $3, $4);

-- name: hook_secret_drop
DELETE FROM hook_secret WHERE source_id = $1 AND secret_id = $2;

-- name: hook_secret_drop_all
DELETE FROM hook_secret WHERE source_id = $1;

-- name: raw_put
INSERT INTO raw (raw_id, source_id, at_us, delivery, headers, body, state, tries, reason) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, '');

-- name: raw_known
SELECT raw_id FROM raw WHERE source_id = $1 AND delivery = $2 AND delivery <> '' ORDER BY raw_id LIMIT 1;

-- name: raw_next
-- what waits to be read, in the order in which it came
SELECT r.raw_id, r.source_id, r.at_us, r.delivery, r.headers, r.body, r.state, r.tries, r.reason, s.name
  FROM raw r JOIN source s ON s.source_id = r.source_id WHERE r.state = 0 ORDER BY r.raw_id LIMIT $1;

-- name: raw_waiting
SELECT COUNT(*) FROM raw WHERE state = 0;

-- name: raw_get
SELECT r.raw_id, r.source_id, r.at_us, r.delivery, r.headers, r.body, r.state, r.tries, r.reason, s.name
  FROM raw r JOIN source s ON s.source_id = r.source_id WHERE r.raw_id = $1;

-- name: raw_list
-- newest first; $1: of this source (0: any), $2: in this state (-1: any), $3: before this one, $4: at most
SELECT r.raw_id, r.source_id, r.at_us, r.delivery, '', '', r.state, r.tries, r.reason, s.name, LENGTH(r.body)
  FROM raw r JOIN source s ON s.source_id = r.source_id
 WHERE ($1 = 0 OR r.source_id = $1) AND ($2 < 0 OR r.state = $2) AND r.raw_id < $3 ORDER BY r.raw_id DESC LIMIT $4;

-- name: raw_last
SELECT at_us, state FROM raw WHERE source_id = $1 ORDER BY raw_id DESC LIMIT 1;

-- name: raw_refused
SELECT COUNT(*) FROM raw WHERE source_id = $1 AND state = 2;

-- name: raw_begin
UPDATE raw SET tries = tries + 1 WHERE raw_id = $1;

-- name: raw_end
UPDATE raw SET state = $2, reason = $3 WHERE raw_id = $1;

-- name: raw_again
-- why it was refused stays: what stands in quarantine because of it is known by that
UPDATE raw SET state = 0, tries = 0, reason = CASE WHEN state = 2 THEN reason ELSE '' END WHERE raw_id = $1 AND state > 0;

-- name: raw_again_since
-- $3: in this state alone; -1: any
UPDATE raw SET state = 0, tries = 0, reason = CASE WHEN state = 2 THEN reason ELSE '' END
 WHERE source_id = $1 AND at_us >= $2 AND state > 0 AND ($3 < 0 OR state = $3);

-- name: raw_settled
-- what was refused of a webhook and can be read now
UPDATE quarantine SET state = 1 WHERE file = $1 AND state = 0;

-- name: endpoint_put
INSERT INTO endpoint (endpoint_id, url, about, types, secrets, state, created_us) VALUES ($1, $2, $3, $4, $5, 0, $6);

-- name: endpoint_get
SELECT endpoint_id, url, about, types, secrets, state, failing_us, created_us, version FROM endpoint WHERE endpoint_id = $1;

-- name: endpoint_list
SELECT endpoint_id, url, about, types, secrets, state, failing_us, created_us, version FROM endpoint
 WHERE endpoint_id > $1 ORDER BY endpoint_id LIMIT $2;

-- name: endpoint_count
SELECT COUNT(*) FROM endpoint;

-- name: endpoint_change
UPDATE endpoint SET url = $2, about = $3, types = $4, version = version + 1 WHERE endpoint_id = $1;

-- name: endpoint_secrets
UPDATE endpoint SET secrets = $2, version = version + 1 WHERE endpoint_id = $1;

-- name: endpoint_state
UPDATE endpoint SET state = $2, failing_us = NULL, version = version + 1 WHERE endpoint_id = $1;

-- name: endpoint_failing
-- since when nothing got through
UPDATE endpoint SET failing_us = $2 WHERE endpoint_id = $1 AND failing_us IS NULL;

-- name: endpoint_well
UPDATE endpoint SET failing_us = NULL WHERE endpoint_id = $1 AND failing_us IS NOT NULL;

-- name: endpoint_drop
DELETE FROM endpoint WHERE endpoint_id = $1;

-- name: delivery_put
INSERT INTO delivery (delivery_id, endpoint_id, message, type, profile_id, body, state, tries, next_us, created_us)
VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8);

-- name: delivery_get
SELECT delivery_id, endpoint_id, message, type, body, state, tries, next_us, created_us, ended_us FROM delivery WHERE delivery_id = $1;

-- name: delivery_list
-- newest first; $2: in this state (-1: any), $3: before this one
SELECT delivery_id, endpoint_id, message, type, '', state, tries, next_us, created_us, ended_us FROM delivery
 WHERE endpoint_id = $1 AND ($2 < 0 OR state = $2) AND delivery_id < $3 ORDER BY delivery_id DESC LIMIT $4;

-- name: delivery_due
-- the next one of an endpoint, and when
SELECT delivery_id, next_us FROM delivery WHERE endpoint_id = $1 AND state = 0 ORDER BY next_us, delivery_id LIMIT 1;

-- name: delivery_claim
-- one try, by whoever comes first; the time is that of the next try, should this one never end
UPDATE delivery SET tries = tries + 1, next_us = $3 WHERE delivery_id = $1 AND state = 0 AND next_us = $2;

-- name: delivery_end
UPDATE delivery SET state = $2, ended_us = $3 WHERE delivery_id = $1 AND state = 0;

-- name: delivery_later
UPDATE delivery SET next_us = $2 WHERE delivery_id = $1 AND state = 0;

-- name: delivery_hold
-- nothing of an endpoint goes out before this time
UPDATE delivery SET next_us = $2 WHERE endpoint_id = $1 AND state = 0 AND next_us < $2;

-- name: delivery_release
UPDATE delivery SET next_us = $2 WHERE endpoint_id = $1 AND state = 0 AND next_us > $2;

-- name: delivery_again
UPDATE delivery SET state = 0, next_us = $2, ended_us = NULL WHERE delivery_id = $1 AND state > 0;

-- name: delivery_again_since
-- those given up, and those that wait for another try
UPDATE delivery SET state = 0, next_us = $3, ended_us = NULL
 WHERE endpoint_id = $1 AND created_us >= $2 AND (state = 2 OR (state = 0 AND tries > 0));

-- name: delivery_drop_all
DELETE FROM delivery WHERE endpoint_id = $1;

-- name: try_drop_of
DELETE FROM delivery_try WHERE delivery_id IN (SELECT delivery_id FROM delivery WHERE profile_id = $1);

-- name: delivery_drop_of
-- what was told of a profile
DELETE FROM delivery WHERE profile_id = $1;

-- name: try_put
INSERT INTO delivery_try (delivery_id, try, at_us, status, took_us, reply) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (delivery_id, try) DO UPDATE SET status = excluded.status, took_us = excluded.took_us, reply = excluded.reply;

-- name: try_list
SELECT try, at_us, status, took_us, reply FROM delivery_try WHERE delivery_id = $1 ORDER BY try;
