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
