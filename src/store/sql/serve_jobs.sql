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

-- name: job_get
SELECT job_id, kind, args, state, every_s, next_us, lease, lease_us, done, total, result, error, created_us, started_us,
       ended_us, created_by, tries, asked, version FROM job WHERE job_id = $1;

-- name: job_list
-- newest first, repeated ones included; empty or -1 stand for any kind, state; $3: before this id
SELECT job_id, kind, args, state, every_s, next_us, lease, lease_us, done, total, result, error, created_us, started_us,
       ended_us, created_by, tries, asked, version
  FROM job WHERE ($1 = '' OR kind = $1) AND ($2 < 0 OR state = $2) AND job_id < $3 ORDER BY job_id DESC LIMIT $4;

-- name: job_due
-- what waits for its time, and what runs by a lease that is over and is not $2's own
SELECT job_id, kind, args, state, every_s, next_us, lease, lease_us, done, total, result, error, created_us, started_us,
       ended_us, created_by, tries, asked, version
  FROM job WHERE (state = 0 AND next_us <= $1) OR (state = 1 AND lease_us < $1 AND lease <> $2)
 ORDER BY next_us, job_id LIMIT $3;

-- name: job_last
SELECT MAX(job_id) FROM job;

-- name: job_last_repeated
SELECT MAX(job_id) FROM job WHERE every_s <> 0;

-- name: job_put
INSERT INTO job (job_id, kind, args, state, every_s, next_us, lease, lease_us, done, total, result, error, created_us, created_by)
VALUES ($1, $2, $3, $4, $5, $6, '', 0, 0, 0, '{}', '', $7, $8);

-- name: job_kinds_repeated
SELECT kind FROM job WHERE every_s <> 0;

-- name: job_underway
SELECT job_id FROM job WHERE kind = $1 AND state < 2 AND ($2 = '' OR args = $2) ORDER BY job_id LIMIT 1;

-- name: job_claim
-- only as it was read: whoever comes second finds it changed
UPDATE job SET state = 1, lease = $2, lease_us = $3, started_us = $4, ended_us = NULL, done = 0, total = 0, error = '',
       tries = tries + 1
 WHERE job_id = $1 AND state = $5 AND lease = $6 AND lease_us = $7 AND next_us = $8;

-- name: job_keep
UPDATE job SET lease_us = $3, done = $4, total = $5 WHERE job_id = $1 AND lease = $2 AND state = 1;

-- name: job_end
UPDATE job SET state = $3, result = $4, error = $5, done = $6, total = $7, next_us = $8, ended_us = $9, tries = $10,
       lease = '', lease_us = 0, asked = 0
 WHERE job_id = $1 AND lease = $2 AND state = 1;

-- name: job_run_now
UPDATE job SET state = 0, next_us = $2, tries = 0, error = '' WHERE job_id = $1 AND state <> 1;

-- name: job_cancel_waiting
UPDATE job SET state = 4, ended_us = $2 WHERE job_id = $1 AND state = 0 AND every_s = 0;

-- name: job_ask
UPDATE job SET asked = 1 WHERE job_id = $1 AND state = 1;

-- name: job_asked
-- those of a runner that somebody asked to stop
SELECT job_id FROM job WHERE state = 1 AND lease = $1 AND asked = 1;

-- name: job_schedule
UPDATE job SET every_s = $2, next_us = $3, state = $4, version = version + 1 WHERE job_id = $1;

-- name: upload_get
SELECT upload_id, name, path, bytes, how, job_id, created_us, created_by, version FROM upload WHERE upload_id = $1;

-- name: upload_list
SELECT upload_id, name, path, bytes, how, job_id, created_us, created_by, version
  FROM upload WHERE upload_id < $1 ORDER BY upload_id DESC LIMIT $2;

-- name: upload_put
INSERT INTO upload (upload_id, name, path, bytes, how, job_id, created_us, created_by) VALUES ($1, $2, $3, $4, $5, 0, $6, $7);

-- name: upload_change
UPDATE upload SET how = $2, version = version + 1 WHERE upload_id = $1;

-- name: upload_job
UPDATE upload SET job_id = $2 WHERE upload_id = $1;

-- name: upload_delete
DELETE FROM upload WHERE upload_id = $1;

-- name: upload_old
-- those that nobody reads
SELECT upload_id, name, path, bytes, how, job_id, created_us, created_by, version FROM upload
 WHERE created_us < $1 AND job_id NOT IN (SELECT job_id FROM job WHERE state < 2) ORDER BY upload_id LIMIT 100;

-- name: upload_of_path
SELECT COUNT(*) FROM upload WHERE path = $1;

-- name: sweep_session
DELETE FROM session WHERE token_hash IN (SELECT token_hash FROM session WHERE expires_us < $1 LIMIT $2);

-- name: sweep_invite
DELETE FROM invite WHERE token_hash IN (SELECT token_hash FROM invite WHERE COALESCE(used_us, expires_us) < $1 LIMIT $2);

-- name: sweep_raw
DELETE FROM raw WHERE raw_id IN (SELECT raw_id FROM raw WHERE state <> 0 AND at_us < $1 ORDER BY raw_id LIMIT $2);

-- name: sweep_quarantine
DELETE FROM quarantine WHERE quarantine_id IN (
    SELECT quarantine_id FROM quarantine WHERE state <> 0 AND at_us < $1 ORDER BY quarantine_id LIMIT $2);

-- name: sweep_audit
-- the oldest have the smallest numbers
DELETE FROM audit WHERE at_us < $1 AND audit_id IN (SELECT audit_id FROM audit ORDER BY audit_id LIMIT $2);

-- name: sweep_delivery
DELETE FROM delivery WHERE delivery_id IN (SELECT delivery_id FROM delivery WHERE state <> 0 AND created_us < $1 LIMIT $2);

-- name: sweep_delivery_try
-- those whose delivery is gone
DELETE FROM delivery_try WHERE delivery_id IN (
    SELECT t.delivery_id FROM delivery_try t LEFT JOIN delivery d ON d.delivery_id = t.delivery_id
     WHERE d.delivery_id IS NULL AND t.at_us < $1 LIMIT $2);

-- name: sweep_job
-- never the newest, so that its number is not given again
DELETE FROM job WHERE job_id IN (
    SELECT job_id FROM job WHERE every_s = 0 AND state >= 2 AND ended_us < $1
       AND job_id < (SELECT MAX(job_id) FROM job) LIMIT $2);

-- name: quarantine_fit
-- what waits and fits, source by source; 0 and empty stand for any
SELECT q.quarantine_id FROM quarantine q JOIN import i ON i.import_id = q.import_id
 WHERE q.state = 0 AND ($1 = 0 OR q.import_id = $1) AND ($2 = 0 OR i.source_id = $2) AND ($3 = '' OR q.field = $3)
   AND ($4 = '' OR q.reason LIKE $4 ESCAPE '!') ORDER BY i.source_id, q.quarantine_id;

-- name: source_page
-- with what came of each; live: an import that is a stream and goes on
SELECT s.source_id, s.name, s.label, s.adapter, s.channel, s.sample, s.created_us, s.version,
       COUNT(CASE WHEN i.state <> 2 THEN 1 END), CAST(SUM(CASE WHEN i.state <> 2 THEN i.rows_in ELSE 0 END) AS BIGINT),
       CAST(SUM(CASE WHEN i.state <> 2 THEN i.added ELSE 0 END) AS BIGINT),
       CAST(SUM(CASE WHEN i.state <> 2 THEN i.changed ELSE 0 END) AS BIGINT),
       CAST(SUM(CASE WHEN i.state <> 2 THEN i.rejected ELSE 0 END) AS BIGINT),
       MAX(CASE WHEN i.rows_in > 0 THEN COALESCE(i.last_us, i.ended_us, i.started_us) END)
  FROM source s LEFT JOIN import i ON i.source_id = s.source_id
 WHERE s.source_id > $1 AND ($2 = 0 OR s.source_id = $2)
 GROUP BY s.source_id, s.name, s.label, s.adapter, s.channel, s.sample, s.created_us, s.version
 ORDER BY s.source_id LIMIT $3;

-- name: source_waiting
-- rows of quarantine that wait, by source
SELECT i.source_id, COUNT(*) FROM quarantine q JOIN import i ON i.import_id = q.import_id WHERE q.state = 0
 GROUP BY i.source_id;

-- name: source_label
UPDATE source SET label = $2, version = version + 1 WHERE source_id = $1;

-- name: import_page
-- newest first; 0 and -1 stand for any source and state
SELECT i.import_id, i.source_id, i.name, i.state, i.started_us, i.ended_us, i.rows_in, i.added, i.changed, i.same,
       i.skipped, i.rejected, s.name, s.sample, i.mapping, i.last_us
  FROM import i JOIN source s ON s.source_id = i.source_id
 WHERE i.import_id < $1 AND ($2 = 0 OR i.source_id = $2) AND ($3 < 0 OR i.state = $3)
 ORDER BY i.import_id DESC LIMIT $4;

-- name: import_one
SELECT i.import_id, i.source_id, i.name, i.state, i.started_us, i.ended_us, i.rows_in, i.added, i.changed, i.same,
       i.skipped, i.rejected, s.name, s.sample, i.mapping, i.last_us
  FROM import i JOIN source s ON s.source_id = i.source_id WHERE i.import_id = $1;

-- name: quarantine_page
-- newest first, without the row itself; 0, -1 and empty stand for any import, source, state, field and reason (a pattern)
SELECT q.quarantine_id, q.import_id, q.file, q.line, q.field, q.reason, q.at_us, q.state, s.name
  FROM quarantine q JOIN import i ON i.import_id = q.import_id JOIN source s ON s.source_id = i.source_id
 WHERE q.quarantine_id < $1 AND ($2 = 0 OR q.import_id = $2) AND ($3 = 0 OR i.source_id = $3) AND ($4 < 0 OR q.state = $4)
   AND ($5 = '' OR q.field = $5) AND ($6 = '' OR q.reason LIKE $6 ESCAPE '!')
 ORDER BY q.quarantine_id DESC LIMIT $7;

-- name: quarantine_reasons
-- what is wrong, the most frequent first
SELECT q.field, q.reason, COUNT(*), MIN(q.quarantine_id)
  FROM quarantine q JOIN import i ON i.import_id = q.import_id
 WHERE ($1 = 0 OR q.import_id = $1) AND ($2 = 0 OR i.source_id = $2) AND ($3 < 0 OR q.state = $3)
 GROUP BY q.field, q.reason ORDER BY COUNT(*) DESC, q.field, q.reason LIMIT $4;

-- name: quarantine_of_import
-- for the file of what was refused, in the order of the file
SELECT line, field, reason, header, raw FROM quarantine WHERE import_id = $1 AND state = 0 ORDER BY quarantine_id LIMIT $2;

-- name: quarantine_drop
-- those that are named, while they wait
UPDATE quarantine SET state = 2 WHERE state = 0 AND quarantine_id IN (SELECT value FROM json_each($1));

-- name: quarantine_drop_fit
-- what waits and fits; 0 and empty stand for any
UPDATE quarantine SET state = 2 WHERE state = 0 AND ($1 = 0 OR import_id = $1)
   AND ($2 = 0 OR import_id IN (SELECT import_id FROM import WHERE source_id = $2)) AND ($3 = '' OR field = $3)
   AND ($4 = '' OR reason LIKE $4 ESCAPE '!');

-- name: job_repeated
SELECT job_id FROM job WHERE kind = $1 AND every_s <> 0;

-- name: account_sample
-- somebody of the sample company: shut, so that nobody signs in with it
INSERT INTO account (account_id, email, name, role, state, created_us) VALUES ($1, $2, $3, 'agent', 2, $4)
ON CONFLICT (email) DO NOTHING;

-- name: account_sample_of
SELECT account_id FROM account WHERE email = $1;

-- name: account_sample_drop
DELETE FROM account WHERE email LIKE '%@kastanie.invalid' AND state = 2;
