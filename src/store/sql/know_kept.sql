-- Statements of answers that are kept.

-- name: kept_put
INSERT INTO kept (question, path, query, account_id, needs, made_us, took_us, asked_us, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (question) DO UPDATE SET path = excluded.path, query = excluded.query, account_id = excluded.account_id,
       needs = excluded.needs, made_us = excluded.made_us, took_us = excluded.took_us, asked_us = excluded.asked_us,
       answer = excluded.answer;

-- name: kept_list
-- those asked for last first
SELECT question, path, query, account_id, needs, made_us, took_us, asked_us, answer FROM kept
 ORDER BY asked_us DESC LIMIT $1;

-- name: kept_drop
DELETE FROM kept WHERE question = $1;

-- name: kept_drop_old
DELETE FROM kept WHERE asked_us < $1;

-- name: kept_drop_all
DELETE FROM kept;

-- name: kept_next_era
INSERT INTO meta (name, value) VALUES ('kept_era', '1')
ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT);
