-- Statements of playbooks in PostgreSQL's words.

-- name: playbook_events_of
SELECT e.profile_id, e.at_us, e.key, e.kind, e.channel, e.value, e.unit, e.body FROM event e
 WHERE e.period = $1 AND e.profile_id = ANY((SELECT CAST(translate($2, '[]', '{}') AS bigint[]))::bigint[]) AND (CAST($3 AS BIGINT) >> e.kind) & 1 = 1
   AND e.at_us >= $4 AND e.at_us < $5;

-- name: playbook_events_all
SELECT e.profile_id, e.at_us, e.key, e.kind, e.channel, e.value, e.unit, e.body FROM event e
 WHERE e.period = $1 AND (CAST($2 AS BIGINT) >> e.kind) & 1 = 1 AND e.at_us >= $3 AND e.at_us < $4 AND e.profile_id > 0;
