-- Statements of jobs, and of what comes in by files.

-- name: import_of_job
-- the import that an earlier run of a job began for a source; $1 is a pattern for the end of its mapping
SELECT i.import_id, i.source_id, i.rows_in, i.added, i.changed, i.same, i.skipped, i.rejected
  FROM import i JOIN source s ON s.source_id = i.source_id
 WHERE i.mapping LIKE $1 AND s.name = $2 AND i.state <> 2 ORDER BY i.import_id DESC LIMIT 1;

-- name: import_resume
UPDATE import SET state = 0, ended_us = NULL WHERE import_id = $1;

-- name: import_how
-- how the rows of an import were read
SELECT i.source_id, i.mapping, s.adapter FROM import i JOIN source s ON s.source_id = i.source_id WHERE i.import_id = $1;
