-- Statements of stages: where on the journey customers are and were.

-- name: stage_all
SELECT stage_id, place, name, about, rule, acts, used, sample, made_us, by, version FROM stage ORDER BY place, stage_id;

-- name: stage_any
SELECT COUNT(*) FROM stage;

-- name: stage_put
INSERT INTO stage (stage_id, place, name, about, rule, acts, used, sample, made_us, by, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (stage_id) DO UPDATE SET place = excluded.place, name = excluded.name, about = excluded.about, rule = excluded.rule,
  acts = excluded.acts, used = excluded.used, made_us = excluded.made_us, by = excluded.by, version = excluded.version;

-- name: stage_keep
INSERT INTO stage_past (stage_id, version, place, name, about, rule, acts, used, made_us, by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (stage_id, version) DO NOTHING;

-- name: stage_past_of
-- as it was, the newest first
SELECT stage_id, place, name, about, rule, acts, used, 0, made_us, by, version FROM stage_past
 WHERE stage_id = $1 ORDER BY version DESC LIMIT $2;

-- name: stage_touch
-- something happened to a customer
INSERT INTO stage_touched (customer_id, times) VALUES ($1, 1)
ON CONFLICT (customer_id) DO UPDATE SET times = stage_touched.times + 1;

-- name: stage_touch_all
-- everything was computed anew
INSERT INTO stage_touched (customer_id, times) SELECT customer_id, 1 FROM stage_customer WHERE customer_id > 0
ON CONFLICT (customer_id) DO UPDATE SET times = stage_touched.times + 1;

-- name: stage_touched
SELECT customer_id, times FROM stage_touched ORDER BY customer_id LIMIT $1;

-- name: stage_due
SELECT customer_id, 0 FROM stage_customer WHERE due_us <= $1 ORDER BY due_us LIMIT $2;

-- name: stage_next
-- customers after one, for rules that changed
SELECT customer_id, 0 FROM stage_customer WHERE customer_id > $1 ORDER BY customer_id LIMIT $2;

-- name: stage_some
-- customers spread evenly, for a preview
SELECT customer_id, 0 FROM stage_customer WHERE customer_id % $1 = 0 ORDER BY customer_id LIMIT $2;

-- name: stage_left
-- how many are to be told anew
SELECT (SELECT COUNT(*) FROM stage_touched)
     + (SELECT COUNT(*) FROM meaning WHERE stage_id = -1);

-- name: stage_after
SELECT COUNT(*) FROM stage_customer WHERE customer_id > $1;

-- name: stage_told
INSERT INTO stage_customer (customer_id, stage_id, since_us, due_us) VALUES ($1, $2, $3, $4)
ON CONFLICT (customer_id) DO UPDATE SET stage_id = excluded.stage_id, since_us = excluded.since_us, due_us = excluded.due_us;

-- name: stage_seen
-- unless something has happened since it was read
DELETE FROM stage_touched WHERE customer_id = $1 AND times = $2;

-- name: stage_gone
DELETE FROM stage_customer WHERE customer_id = $1;

-- name: stage_spell_of
SELECT from_us, stage_id FROM stage_spell WHERE customer_id = $1 ORDER BY from_us;

-- name: stage_spell_put
INSERT INTO stage_spell (customer_id, from_us, stage_id) VALUES ($1, $2, $3);

-- name: stage_spell_drop
-- those from a moment on
DELETE FROM stage_spell WHERE customer_id = $1 AND from_us >= $2;

-- name: stage_spell_at
SELECT from_us, stage_id FROM stage_spell WHERE customer_id = $1 AND from_us <= $2 ORDER BY from_us DESC LIMIT 1;

-- name: stage_of_customer
SELECT stage_id, since_us, due_us, (SELECT COUNT(*) FROM stage_touched t WHERE t.customer_id = c.customer_id)
  FROM stage_customer c WHERE c.customer_id = $1;

-- name: stage_words_of
SELECT key, at_us, stage_id FROM meaning WHERE profile_id = $1;

-- name: stage_words_new
SELECT m.profile_id, m.key, m.at_us, p.customer_id FROM meaning m LEFT JOIN profile p ON p.profile_id = m.profile_id
 WHERE m.stage_id = -1 ORDER BY m.at_us, m.key, m.profile_id LIMIT $1;

-- name: stage_all_words
-- for proof
SELECT at_us, key, stage_id FROM meaning ORDER BY at_us, key;

-- name: stage_customers
SELECT COUNT(*) FROM stage_customer;

-- name: stage_words_set
UPDATE meaning SET stage_id = $3 WHERE profile_id = $1 AND key = $2;

-- name: stage_mark_get
SELECT rules, upto FROM stage_mark WHERE mark = 1;

-- name: stage_mark_put
INSERT INTO stage_mark (mark, rules, upto) VALUES (1, $1, $2)
ON CONFLICT (mark) DO UPDATE SET rules = excluded.rules, upto = excluded.upto;

-- name: stage_now_count
SELECT stage_id, COUNT(*) FROM stage_customer GROUP BY stage_id;

-- name: stage_now_in
-- who is in it, the newest first
SELECT customer_id, since_us FROM stage_customer WHERE stage_id = $1 AND (since_us, customer_id) < ($2, $3)
 ORDER BY since_us DESC, customer_id DESC LIMIT $4;

-- name: stage_spells
SELECT customer_id, from_us, stage_id FROM stage_spell ORDER BY customer_id, from_us;

-- name: stage_moods
-- words of a time by stage and person, with the mood that a score says; what is the same by one person counts once
SELECT m.stage_id, COALESCE(p.customer_id, 0), m.at_us, m.mood, m.bad, m.good, m.feelings, f.mood
  FROM meaning m LEFT JOIN profile p ON p.profile_id = m.profile_id
  LEFT JOIN feedback f ON f.period = m.period AND f.profile_id = m.profile_id AND f.key = m.key
 WHERE m.at_us >= $1 AND m.at_us < $2 AND m.stage_id > 0
   AND NOT EXISTS (SELECT 1 FROM profile q WHERE q.profile_id = m.same_profile AND q.customer_id = p.customer_id
                     AND (m.same_profile <> m.profile_id OR m.same_key <> m.key))
 ORDER BY m.stage_id, COALESCE(p.customer_id, 0), m.at_us;

-- name: stage_topics
SELECT m.stage_id, t.topic_id, COALESCE(p.customer_id, 0), t.mood
  FROM meaning_topic t
  JOIN topic o ON o.topic_id = t.topic_id AND o.axis <> 3
  JOIN meaning m ON m.profile_id = t.profile_id AND m.key = t.key
  LEFT JOIN profile p ON p.profile_id = m.profile_id
 WHERE t.at_us >= $1 AND t.at_us < $2 AND t.how IN (1, 2, 3) AND m.stage_id > 0
 ORDER BY m.stage_id, t.topic_id, COALESCE(p.customer_id, 0);

-- name: stage_topic_names
SELECT topic_id, name FROM topic;

-- name: stage_words_count
-- how many words of a time there are, and how many of them no stage is known of
SELECT COUNT(*), COALESCE(SUM(CASE WHEN stage_id <= 0 THEN 1 ELSE 0 END), 0) FROM meaning WHERE at_us >= $1 AND at_us < $2;

-- name: stage_words
-- words of a stage, the newest first
SELECT m.profile_id, m.key, m.at_us, m.lang, m.mood, m.bad, m.good, m.feelings, m.same_profile, m.same_key, m.theme_id,
       m.theme_far, m.channel, m.period
  FROM meaning m WHERE m.stage_id = $1 AND m.at_us >= $2 AND (m.at_us, m.key) < ($3, $4)
 ORDER BY m.at_us DESC, m.key DESC LIMIT $5;

-- name: stage_waiting
-- what is open in the inbox and nobody's, of customers in a stage
SELECT i.inbox_id, c.customer_id
  FROM inbox i JOIN profile p ON p.profile_id = i.profile_id JOIN stage_customer c ON c.customer_id = p.customer_id
 WHERE i.since_us > $2 AND i.since_us <> 0 AND i.done_us = 0 AND i.assignee = 0 AND c.stage_id = $1
   AND NOT EXISTS (SELECT 1 FROM inbox_step t WHERE t.inbox_id = i.inbox_id AND t.what = 1)
 ORDER BY i.since_us, i.inbox_id LIMIT $3;

-- name: stage_accounts
-- who of ours is active, in order of number, with how much is theirs and open
SELECT a.account_id, a.email, a.role,
       (SELECT COUNT(*) FROM inbox i WHERE i.assignee = a.account_id AND i.since_us <> 0 AND i.done_us = 0)
  FROM account a WHERE a.state = 1 ORDER BY a.account_id;
