-- Statements of the command line.

-- name: import_interrupted
-- whoever holds the writer's lock knows that nobody else is importing
UPDATE import SET state = 3, ended_us = $1 WHERE state = 0;

-- name: sample_quarantine_delete
DELETE FROM quarantine
 WHERE import_id IN (SELECT i.import_id FROM import i JOIN source s ON s.source_id = i.source_id WHERE s.sample = 1);

-- name: sample_import_delete
DELETE FROM import WHERE source_id IN (SELECT source_id FROM source WHERE sample = 1);

-- name: sample_source_delete
DELETE FROM source WHERE sample = 1;

-- name: people_by_name
-- $1 is a pattern for LIKE in lower case
SELECT DISTINCT customer_id FROM profile WHERE LOWER(name) LIKE $1 ESCAPE '!' ORDER BY customer_id LIMIT $2;

-- name: people_by_identifier
SELECT DISTINCT p.customer_id FROM identifier i JOIN profile p ON p.profile_id = i.profile_id
 WHERE LOWER(i.value) LIKE $1 ESCAPE '!' ORDER BY p.customer_id LIMIT $2;

-- name: people_by_profile
SELECT customer_id FROM profile WHERE profile_id = $1;

-- name: profile_last
SELECT MAX(profile_id) FROM profile;

-- name: quarantine_ids
-- what waits, source by source
SELECT q.quarantine_id FROM quarantine q JOIN import i ON i.import_id = q.import_id WHERE q.state = 0
 ORDER BY i.source_id, q.quarantine_id;

-- name: quarantine_again
-- older rows of the same source that came again, byte for byte, with the import $1, which is what waits now
UPDATE quarantine SET state = 2 WHERE state = 0 AND import_id <> $1
   AND import_id IN (SELECT import_id FROM import WHERE source_id = (SELECT source_id FROM import WHERE import_id = $1))
   AND raw IN (SELECT raw FROM quarantine WHERE import_id = $1);

-- name: engine_version
SELECT 'SQLite ' || sqlite_version();

-- name: quarantine_settle
-- an import that was taken back leaves nothing to be mended
UPDATE quarantine SET state = 2 WHERE import_id = $1 AND state = 0;
