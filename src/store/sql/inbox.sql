-- Statements of the inbox.

-- name: inbox_open
-- who waits longest first, after ($1, $2); not who gave up before $4
SELECT i.inbox_id, i.what, i.profile_id, i.thread, i.key, i.kind, i.channel, i.source_id, i.instrument, i.score, i.mood,
  i.opened_us, i.last_us, i.said_us, i.since_us, i.answered_us, i.solved_us, i.done_us, i.replied_us, i.later_us,
  i.later_at_us, i.assignee
  FROM inbox i WHERE i.since_us <> 0 AND i.done_us = 0 AND i.since_us >= $1 AND (i.since_us > $1 OR i.inbox_id > $2)
   AND (i.since_us >= $4 OR i.later_us >= $4)
 ORDER BY i.since_us, i.inbox_id LIMIT $3;

-- name: inbox_open_back
-- the newest first, before ($1, $2); not who gave up before $4
SELECT i.inbox_id, i.what, i.profile_id, i.thread, i.key, i.kind, i.channel, i.source_id, i.instrument, i.score, i.mood,
  i.opened_us, i.last_us, i.said_us, i.since_us, i.answered_us, i.solved_us, i.done_us, i.replied_us, i.later_us,
  i.later_at_us, i.assignee
  FROM inbox i WHERE i.since_us <> 0 AND i.done_us = 0 AND i.since_us <= $1 AND (i.since_us < $1 OR i.inbox_id < $2)
   AND (i.since_us >= $4 OR i.later_us >= $4)
 ORDER BY i.since_us DESC, i.inbox_id DESC LIMIT $3;

-- name: inbox_waiting
-- silent for the longest first, after ($1, $2)
SELECT i.inbox_id, i.what, i.profile_id, i.thread, i.key, i.kind, i.channel, i.source_id, i.instrument, i.score, i.mood,
  i.opened_us, i.last_us, i.said_us, i.since_us, i.answered_us, i.solved_us, i.done_us, i.replied_us, i.later_us,
  i.later_at_us, i.assignee
  FROM inbox i
 WHERE i.done_us = 0 AND i.solved_us = 0 AND i.said_us > 0 AND (i.since_us = 0 OR i.later_us > 0 OR i.replied_us > 0)
   AND i.last_us >= $1 AND (i.last_us > $1 OR i.inbox_id > $2)
 ORDER BY i.last_us, i.inbox_id LIMIT $3;

-- name: inbox_waiting_back
-- the last word first, before ($1, $2)
SELECT i.inbox_id, i.what, i.profile_id, i.thread, i.key, i.kind, i.channel, i.source_id, i.instrument, i.score, i.mood,
  i.opened_us, i.last_us, i.said_us, i.since_us, i.answered_us, i.solved_us, i.done_us, i.replied_us, i.later_us,
  i.later_at_us, i.assignee
  FROM inbox i
 WHERE i.done_us = 0 AND i.solved_us = 0 AND i.said_us > 0 AND (i.since_us = 0 OR i.later_us > 0 OR i.replied_us > 0)
   AND i.last_us <= $1 AND (i.last_us < $1 OR i.inbox_id < $2)
 ORDER BY i.last_us DESC, i.inbox_id DESC LIMIT $3;

-- name: inbox_last
-- all of them, the last first, before ($1, $2), not before $4
SELECT i.inbox_id, i.what, i.profile_id, i.thread, i.key, i.kind, i.channel, i.source_id, i.instrument, i.score, i.mood,
  i.opened_us, i.last_us, i.said_us, i.since_us, i.answered_us, i.solved_us, i.done_us, i.replied_us, i.later_us,
  i.later_at_us, i.assignee
  FROM inbox i WHERE i.last_us <= $1 AND (i.last_us < $1 OR i.inbox_id < $2) AND i.last_us >= $4
 ORDER BY i.last_us DESC, i.inbox_id DESC LIMIT $3;

-- name: inbox_get
SELECT i.inbox_id, i.what, i.profile_id, i.thread, i.key, i.kind, i.channel, i.source_id, i.instrument, i.score, i.mood,
  i.opened_us, i.last_us, i.said_us, i.since_us, i.answered_us, i.solved_us, i.done_us, i.replied_us, i.later_us,
  i.later_at_us, i.assignee
  FROM inbox i WHERE i.inbox_id = $1;

-- name: inbox_answered
-- when a person of ours answered the customer of this profile last, in any conversation: by their first profile and by
-- the others
SELECT (SELECT MAX(c.answered_us) FROM profile p JOIN inbox c ON c.profile_id = p.customer_id WHERE p.profile_id = $1),
  (SELECT MAX(c.answered_us) FROM profile p JOIN profile q ON q.customer_id = p.customer_id AND q.customer_id <> q.profile_id
    JOIN inbox c ON c.profile_id = q.profile_id WHERE p.profile_id = $1);

-- name: inbox_worth
-- what a customer brought, and how content they were last
SELECT currency, order_value, refund_value, first_order_us, last_order_us, monthly_value, contract_since_us, contract_until_us,
  last_score, last_instrument, last_score_us FROM summary WHERE customer_id = $1;

-- name: inbox_of_profile
-- the newest first
SELECT inbox_id, what, profile_id, thread, key, kind, channel, source_id, instrument, score, mood, opened_us, last_us,
  said_us, since_us, answered_us, solved_us, done_us, replied_us, later_us, later_at_us, assignee
  FROM inbox WHERE profile_id = $1 ORDER BY last_us DESC, inbox_id LIMIT $2;

-- name: inbox_scan
SELECT inbox_id, what, profile_id, thread, key, kind, channel, source_id, instrument, score, mood, opened_us, last_us,
  said_us, since_us, answered_us, solved_us, done_us, replied_us, later_us, later_at_us, assignee
  FROM inbox ORDER BY inbox_id;

-- name: inbox_aside
-- conversations that are put aside after $1, or have an answer on its way
SELECT inbox_id, what, profile_id, thread, key, kind, channel, source_id, instrument, score, mood, opened_us, last_us,
  said_us, since_us, answered_us, solved_us, done_us, replied_us, later_us, later_at_us, assignee FROM inbox
 WHERE done_us = 0 AND solved_us = 0 AND said_us > 0 AND (since_us = 0 OR later_us > 0 OR replied_us > 0)
   AND what = 1 AND since_us > 0 AND (later_us > $1 OR replied_us > 0);

-- name: inbox_sending
-- answers on their way
SELECT inbox_id FROM inbox
 WHERE done_us = 0 AND solved_us = 0 AND said_us > 0 AND (since_us = 0 OR later_us > 0 OR replied_us > 0)
   AND replied_us > answered_us AND replied_us > 0 ORDER BY replied_us, inbox_id LIMIT $1;

-- name: inbox_put
-- what follows from the words themselves; what people of ours did is put by inbox_mark
INSERT INTO inbox (inbox_id, what, profile_id, thread, key, kind, channel, source_id, instrument, score, mood, opened_us,
  last_us, said_us, since_us, answered_us, solved_us, done_us, replied_us, later_us, later_at_us, assignee)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, 0, 0, 0, 0)
ON CONFLICT (inbox_id) DO UPDATE SET kind = excluded.kind, channel = excluded.channel,
  instrument = excluded.instrument, score = excluded.score, mood = excluded.mood, opened_us = excluded.opened_us,
  last_us = excluded.last_us, said_us = excluded.said_us, since_us = excluded.since_us,
  answered_us = excluded.answered_us, solved_us = excluded.solved_us;

-- name: inbox_mark
UPDATE inbox SET done_us = $2, replied_us = $3, later_us = $4, later_at_us = $5, assignee = $6,
  last_us = CASE WHEN what = 2 AND $2 > said_us THEN $2 WHEN what = 2 THEN said_us ELSE last_us END WHERE inbox_id = $1;

-- name: inbox_drop
DELETE FROM inbox WHERE inbox_id = $1;

-- name: inbox_drop_talks
DELETE FROM inbox WHERE profile_id = $1 AND what = 1;

-- name: inbox_erase
DELETE FROM inbox WHERE profile_id = $1;

-- name: inbox_clear
DELETE FROM inbox;

-- name: inbox_tidy
DELETE FROM inbox WHERE last_us < $1 AND later_us < $2;

-- name: inbox_step_put
INSERT INTO inbox_step (inbox_id, at_us, key, profile_id, what, value, who, words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (inbox_id, at_us, key) DO UPDATE SET what = excluded.what, value = excluded.value, who = excluded.who,
  words = excluded.words;

-- name: inbox_step_drop
DELETE FROM inbox_step WHERE inbox_id = $1 AND at_us = $2 AND key = $3;

-- name: inbox_step_of
SELECT inbox_id, at_us, key, profile_id, what, value, who, words FROM inbox_step WHERE inbox_id = $1 ORDER BY at_us, key;

-- name: inbox_step_some
-- which of these have any
SELECT DISTINCT inbox_id FROM inbox_step WHERE inbox_id IN (SELECT value FROM json_each($1)) ORDER BY inbox_id;

-- name: inbox_step_scan
SELECT inbox_id, at_us, key, profile_id, what, value, who, words FROM inbox_step ORDER BY inbox_id, at_us, key;

-- name: inbox_step_erase
DELETE FROM inbox_step WHERE profile_id = $1;

-- name: inbox_step_clear
DELETE FROM inbox_step;

-- name: label_put
INSERT INTO label (profile_id, at_us, key, topic, said, inbox_id, label_us, label_key, who)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (profile_id, key, topic, label_us, label_key) DO UPDATE SET said = excluded.said, inbox_id = excluded.inbox_id,
  at_us = excluded.at_us, who = excluded.who;

-- name: label_drop
-- what this event said
DELETE FROM label WHERE profile_id = $1 AND key = $2 AND label_key = $3;

-- name: label_of_inbox
-- the newest word about each topic of each event comes last
SELECT topic, said, at_us, key, label_us, who FROM label WHERE inbox_id = $1 ORDER BY topic, key, label_us, label_key;

-- name: label_of_topic
SELECT DISTINCT l.inbox_id FROM label l WHERE l.topic = $1 AND l.said = 1 AND NOT EXISTS (SELECT 1 FROM label m
  WHERE m.profile_id = l.profile_id AND m.key = l.key AND m.topic = l.topic AND m.label_us > l.label_us) ORDER BY l.inbox_id;

-- name: label_topics
-- by how many items they were given since $1
SELECT topic, COUNT(DISTINCT inbox_id) FROM label WHERE said = 1 AND label_us >= $1 GROUP BY topic ORDER BY 2 DESC, topic
 LIMIT $2;

-- name: label_scan
SELECT profile_id, at_us, key, topic, said, inbox_id, label_us, label_key, who FROM label
 ORDER BY profile_id, key, topic, label_us, label_key;

-- name: label_of_profile
SELECT topic, said, at_us, label_us FROM label WHERE profile_id = $1 ORDER BY label_us, topic;

-- name: inbox_draft_of_profile
SELECT words, changed_us FROM inbox_draft WHERE profile_id = $1 ORDER BY changed_us;

-- name: label_erase
DELETE FROM label WHERE profile_id = $1;

-- name: label_clear
DELETE FROM label;

-- name: inbox_said
-- what this profile said in this conversation at this moment
SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, COALESCE(thread, 0), edited_us, body FROM event
 WHERE period = $1 AND profile_id = $2 AND at_us = $3 AND COALESCE(thread, 0) = $4 AND kind IN (20, 25, 26)
 ORDER BY kind, key;

-- name: profile_lang
SELECT lang FROM profile WHERE profile_id = $1 AND lang IS NOT NULL;

-- name: inbox_feedback_since
-- what may stand there as a single word, of one month
SELECT profile_id, at_us, key, kind, channel, source_id, instrument, score, mood, has_words FROM feedback
 WHERE period = $1 AND at_us >= $2 AND kind IN (31, 32, 33, 34);

-- name: inbox_drafts
SELECT account_id, subject, words, changed_us, version FROM inbox_draft WHERE inbox_id = $1 ORDER BY changed_us DESC;

-- name: inbox_draft_has
SELECT inbox_id FROM inbox_draft WHERE inbox_id IN (SELECT value FROM json_each($1)) ORDER BY inbox_id;

-- name: inbox_draft_put
INSERT INTO inbox_draft (inbox_id, account_id, profile_id, subject, words, changed_us) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (inbox_id, account_id) DO UPDATE SET subject = excluded.subject, words = excluded.words,
  changed_us = excluded.changed_us, version = inbox_draft.version + 1;

-- name: inbox_draft_drop
DELETE FROM inbox_draft WHERE inbox_id = $1 AND account_id = $2;

-- name: inbox_draft_erase
DELETE FROM inbox_draft WHERE profile_id = $1;

-- name: inbox_draft_tidy
DELETE FROM inbox_draft WHERE changed_us < $1;

-- name: inbox_promise
-- what is open and due first of what we owe these profiles
SELECT commitment_id, kind, what, due_us, about FROM commitment
 WHERE profile_id IN (SELECT value FROM json_each($1)) AND closed = 0 ORDER BY COALESCE(due_us, 9223372036854775807), commitment_id;

-- name: inbox_replies
-- answers that were written here and are on their way: of these profiles, by the beginning of their occasion
SELECT outbox_id, state, subject, words, created_us, next_us, put_by, reply, occasion, from_name, told FROM outbox
 WHERE profile_id IN (SELECT value FROM json_each($1)) AND template = 'inbox' AND occasion >= $2 AND occasion < $3
 ORDER BY outbox_id;

-- name: inbox_people
-- colleagues, and how many that nobody has dealt with are theirs
SELECT a.account_id, a.name, a.email, a.role, COALESCE(o.n, 0) FROM account a
  LEFT JOIN (SELECT assignee, COUNT(*) AS n FROM inbox WHERE since_us <> 0 AND done_us = 0 AND assignee > 0 GROUP BY assignee) o
    ON o.assignee = a.account_id
 WHERE a.state = 1 ORDER BY a.name, a.account_id;

-- name: inbox_person
SELECT name, email FROM account WHERE account_id = $1;
