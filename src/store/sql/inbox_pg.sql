-- What PostgreSQL says in other words.

-- name: inbox_put
INSERT INTO inbox (inbox_id, what, profile_id, thread, key, kind, channel, source_id, instrument, score, mood, opened_us,
  last_us, said_us, since_us, answered_us, solved_us, done_us, replied_us, later_us, later_at_us, assignee)
SELECT v.*, 0, 0, 0, 0, 0 FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
  $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
  $15::bigint[], $16::bigint[], $17::bigint[]) AS v
ON CONFLICT (inbox_id) DO UPDATE SET kind = excluded.kind, channel = excluded.channel,
  instrument = excluded.instrument, score = excluded.score, mood = excluded.mood, opened_us = excluded.opened_us,
  last_us = excluded.last_us, said_us = excluded.said_us, since_us = excluded.since_us,
  answered_us = excluded.answered_us, solved_us = excluded.solved_us;

-- name: inbox_step_some
SELECT DISTINCT inbox_id FROM inbox_step WHERE inbox_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]) ORDER BY inbox_id;

-- name: inbox_draft_has
SELECT inbox_id FROM inbox_draft WHERE inbox_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]) ORDER BY inbox_id;

-- name: inbox_promise
SELECT commitment_id, kind, what, due_us, about FROM commitment
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]) AND closed = 0
 ORDER BY COALESCE(due_us, 9223372036854775807), commitment_id;

-- name: inbox_replies
SELECT outbox_id, state, subject, words, created_us, next_us, put_by, reply, occasion, from_name, told FROM outbox
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]) AND template = 'inbox' AND occasion >= $2 AND occasion < $3
 ORDER BY outbox_id;
