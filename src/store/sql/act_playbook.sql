-- Statements of playbooks and templates.

-- name: template_list
-- the newest version of each
SELECT t.name, t.lang, t.version, t.subject, t.words, t.made_us, t.made_by FROM template t
 WHERE t.version = (SELECT MAX(u.version) FROM template u WHERE u.name = t.name AND u.lang = t.lang)
 ORDER BY t.name, t.lang;

-- name: template_get
SELECT name, lang, version, subject, words, made_us, made_by FROM template
 WHERE name = $1 AND lang = $2 ORDER BY version DESC LIMIT 1;

-- name: template_versions
-- newest first
SELECT name, lang, version, subject, words, made_us, made_by FROM template
 WHERE name = $1 AND lang = $2 ORDER BY version DESC;

-- name: template_put
INSERT INTO template (name, lang, version, subject, words, made_us, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: playbook_list
SELECT playbook_id, name, about, definition, state, on_us, looked_us, created_us, updated_us, by_whom, sample, version
  FROM playbook ORDER BY playbook_id;

-- name: playbook_get
SELECT playbook_id, name, about, definition, state, on_us, looked_us, created_us, updated_us, by_whom, sample, version
  FROM playbook WHERE playbook_id = $1;

-- name: playbook_named
SELECT playbook_id, name, about, definition, state, on_us, looked_us, created_us, updated_us, by_whom, sample, version
  FROM playbook WHERE name = $1;

-- name: playbook_last
SELECT MAX(playbook_id) FROM playbook;

-- name: playbook_put
INSERT INTO playbook (playbook_id, name, about, definition, state, on_us, looked_us, inside, created_us, updated_us, by_whom,
  version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)
ON CONFLICT (playbook_id) DO UPDATE SET name = excluded.name, about = excluded.about, definition = excluded.definition,
  state = excluded.state, on_us = excluded.on_us, looked_us = excluded.looked_us, updated_us = excluded.updated_us,
  by_whom = excluded.by_whom, version = excluded.version;

-- name: playbook_inside
SELECT inside FROM playbook WHERE playbook_id = $1;

-- name: playbook_looked
-- unless somebody changed it meanwhile
UPDATE playbook SET looked_us = $3, inside = $4 WHERE playbook_id = $1 AND version = $2;

-- name: playbook_past_put
INSERT INTO playbook_past (playbook_id, version, definition, made_us, made_by) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (playbook_id, version) DO NOTHING;

-- name: playbook_past_get
SELECT definition FROM playbook_past WHERE playbook_id = $1 AND version = $2;

-- name: playbook_run_new
INSERT INTO playbook_run (run_id, playbook_id, version, profile_id, occasion, held, hold, facts, state, step, since_us,
  entered_us, next_us, ended_us, why)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10, $11, $12, '')
ON CONFLICT (playbook_id, profile_id, occasion) DO NOTHING;

-- name: playbook_run_due
SELECT run_id, playbook_id, version, profile_id, occasion, held, hold, facts, state, step, since_us, entered_us, next_us,
  ended_us, why FROM playbook_run WHERE state = 0 AND next_us <= $1 ORDER BY next_us, run_id LIMIT $2;

-- name: playbook_run_get
SELECT run_id, playbook_id, version, profile_id, occasion, held, hold, facts, state, step, since_us, entered_us, next_us,
  ended_us, why FROM playbook_run WHERE run_id = $1;

-- name: playbook_run_list
-- newest first, before the number $1; $2 playbook (0: any), $3 state (-1: any), $4 customer (0: any), $5 at most
SELECT run_id, playbook_id, version, profile_id, occasion, held, hold, facts, state, step, since_us, entered_us, next_us,
  ended_us, why FROM playbook_run
 WHERE run_id < $1 AND ($2 = 0 OR playbook_id = $2) AND ($3 < 0 OR state = $3)
   AND ($4 = 0 OR profile_id = $4
        OR profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $4 AND q.customer_id <> q.profile_id))
 ORDER BY run_id DESC LIMIT $5;

-- name: playbook_run_put
-- only from the step it is known to stand at, so that nothing is done twice
UPDATE playbook_run SET state = $3, step = $4, since_us = $5, next_us = $6, ended_us = $7, why = $8
 WHERE run_id = $1 AND step = $2 AND state = 0;

-- name: playbook_run_stop
UPDATE playbook_run SET state = 2, ended_us = $2, why = $3 WHERE run_id = $1 AND state = 0;

-- name: playbook_run_fail
UPDATE playbook_run SET state = 3, ended_us = $2, why = $3 WHERE run_id = $1 AND state = 0;

-- name: playbook_run_stop_all
UPDATE playbook_run SET state = 2, ended_us = $2, why = $3 WHERE playbook_id = $1 AND state = 0;

-- name: playbook_run_known
-- for which occasions customers were taken in already
SELECT p.customer_id, r.occasion, r.entered_us, r.state FROM playbook_run r
  JOIN profile p ON p.profile_id = r.profile_id WHERE r.playbook_id = $1 AND r.entered_us >= $2;

-- name: playbook_run_arms
-- who was treated and who held out, in the order of entering; $2: of a million so many held out
SELECT p.customer_id, r.held, r.entered_us FROM playbook_run r JOIN profile p ON p.profile_id = r.profile_id
 WHERE r.playbook_id = $1 AND r.hold = $2 AND r.entered_us >= $3 AND r.state <> 3 ORDER BY r.entered_us, r.run_id;

-- name: playbook_run_counts
SELECT playbook_id, held, state, COUNT(*), MAX(entered_us) FROM playbook_run GROUP BY playbook_id, held, state
 ORDER BY playbook_id, held, state;

-- name: playbook_note_put
INSERT INTO playbook_note (run_id, step, at_us, what, words, about) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (run_id, step) DO UPDATE SET at_us = excluded.at_us, what = excluded.what, words = excluded.words,
  about = excluded.about;

-- name: playbook_notes
SELECT step, at_us, what, words, about FROM playbook_note WHERE run_id = $1 ORDER BY step;

-- name: playbook_notes_erase
DELETE FROM playbook_note WHERE run_id IN (SELECT run_id FROM playbook_run WHERE profile_id = $1);

-- name: playbook_runs_erase
DELETE FROM playbook_run WHERE profile_id = $1;

-- name: playbook_runs_of
-- of one profile, with the name of the playbook where it was ever changed
SELECT r.run_id, r.playbook_id, b.name, r.occasion, r.held, r.entered_us, r.state FROM playbook_run r
  LEFT JOIN playbook b ON b.playbook_id = r.playbook_id WHERE r.profile_id = $1 ORDER BY r.run_id;

-- name: playbook_lately
-- customers with whom something happened since $1
SELECT customer_id, first_order_us, last_order_us, contract_since_us FROM summary WHERE last_us >= $1;

-- name: playbook_events_of
-- what happened in the month $1 to the profiles $2, of the kinds whose bits are set, $4 <= t < $5
SELECT e.profile_id, e.at_us, e.key, e.kind, e.channel, e.value, e.unit, e.body FROM event e
 WHERE e.period = $1 AND e.profile_id IN (SELECT value FROM json_each($2)) AND ($3 >> e.kind) & 1 = 1 AND e.at_us >= $4
   AND e.at_us < $5;

-- name: playbook_events_all
-- the same of everybody
SELECT e.profile_id, e.at_us, e.key, e.kind, e.channel, e.value, e.unit, e.body FROM event e
 WHERE e.period = $1 AND ($2 >> e.kind) & 1 = 1 AND e.at_us >= $3 AND e.at_us < $4 AND e.profile_id > 0;

-- name: playbook_told
-- what was told of people in the month $1 that may name a birthday or a time zone
SELECT profile_id, at_us, edited_us, body FROM event
 WHERE period = $1 AND kind = 1 AND (body LIKE '%birth%' OR body LIKE '%timezone%' OR body LIKE '%time_zone%');

-- name: playbook_first_of
-- when each profile first did it in the month $1
SELECT profile_id, MIN(at_us) FROM event WHERE period = $1 AND kind = $2 AND profile_id > 0 GROUP BY profile_id;

-- name: playbook_people
-- whose customer each profile is, and what is known of it
SELECT profile_id, customer_id, country, segment FROM profile ORDER BY profile_id;

-- name: playbook_terms
-- customers and their first days, for dates and for the time to a first value
SELECT customer_id, first_us, first_order_us, contract_since_us, contract_until_us, monthly_value FROM summary
 ORDER BY customer_id;

-- name: playbook_broken
-- promises that fell due unkept, $1 < t <= $2
SELECT c.commitment_id, c.profile_id, c.kind, c.what, c.owner, c.judged_us, p.customer_id FROM commitment c
  JOIN profile p ON p.profile_id = c.profile_id WHERE c.closed = 0 AND c.judged_us > $1 AND c.judged_us <= $2
 ORDER BY c.judged_us, c.commitment_id;

-- name: playbook_broken_then
-- the same as it stood then: unkept when it fell due, whatever came after
SELECT c.commitment_id, c.profile_id, c.kind, c.what, c.owner, c.judged_us, p.customer_id FROM commitment c
  JOIN profile p ON p.profile_id = c.profile_id WHERE c.judged_us > $1 AND c.judged_us <= $2 AND c.void_us IS NULL
   AND (c.withdrawn_us IS NULL OR c.withdrawn_us > c.judged_us) AND (c.kept_us IS NULL OR c.kept_us > c.judged_us)
 ORDER BY c.judged_us, c.commitment_id;
