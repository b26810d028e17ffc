-- Statements of topics: what the team calls the things that customers speak of, and which words are about which.

-- name: topic_all
SELECT topic_id, axis, parent_id, name, about, phrases, state, into_id, least, sample, made_us, by, version FROM topic
 ORDER BY axis, parent_id, name, topic_id;

-- name: topic_get
SELECT topic_id, axis, parent_id, name, about, phrases, state, into_id, least, sample, made_us, by, version FROM topic
 WHERE topic_id = $1;

-- name: topic_put
INSERT INTO topic (topic_id, axis, parent_id, name, about, phrases, state, into_id, least, sample, made_us, by, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (topic_id) DO UPDATE SET axis = excluded.axis, parent_id = excluded.parent_id, name = excluded.name,
  about = excluded.about, phrases = excluded.phrases, state = excluded.state, into_id = excluded.into_id,
  least = excluded.least, by = excluded.by, version = excluded.version;

-- name: topic_phrases_all
SELECT topic_id, phrases FROM topic;

-- name: topic_phrases_set
UPDATE topic SET phrases = $2, version = version + 1 WHERE topic_id = $1;

-- name: topic_drop
DELETE FROM topic WHERE topic_id = $1;

-- name: topic_count
SELECT COUNT(*) FROM topic WHERE state = 1;

-- name: topic_what_count
-- of the axes that people judge
SELECT COUNT(*) FROM topic WHERE state = 1 AND axis < 3;

-- name: topic_names
SELECT name, topic_id FROM topic_name ORDER BY topic_id, name;

-- name: topic_name_put
INSERT INTO topic_name (name, topic_id) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET topic_id = excluded.topic_id;

-- name: topic_name_drop
DELETE FROM topic_name WHERE topic_id = $1;

-- name: topic_change_put
INSERT INTO topic_change (change_id, at_us, by, act, detail) VALUES ($1, $2, $3, $4, $5);

-- name: topic_change_get
SELECT change_id, at_us, by, act, detail, undone_id FROM topic_change WHERE change_id = $1;

-- name: topic_change_all
SELECT change_id, detail FROM topic_change;

-- name: topic_change_detail_set
UPDATE topic_change SET detail = $2 WHERE change_id = $1;

-- name: topic_change_list
-- newest first, below a number
SELECT change_id, at_us, by, act, detail, undone_id FROM topic_change WHERE change_id < $1 ORDER BY change_id DESC LIMIT $2;

-- name: topic_change_last
SELECT MAX(at_us) FROM topic_change;

-- name: topic_change_undo
UPDATE topic_change SET undone_id = $2 WHERE change_id = $1;

-- name: meaning_topic_put
INSERT INTO meaning_topic (profile_id, key, topic_id, at_us, how, sure, mood) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (profile_id, key, topic_id) DO UPDATE SET at_us = excluded.at_us, how = excluded.how, sure = excluded.sure,
  mood = excluded.mood;

-- name: meaning_topic_untag
DELETE FROM meaning_topic WHERE profile_id = $1 AND key = $2 AND topic_id = $3;

-- name: meaning_topic_sureness
UPDATE meaning_topic SET sure = $4 WHERE profile_id = $1 AND key = $2 AND topic_id = $3;

-- name: meaning_topic_of
SELECT topic_id, how, sure, mood, at_us FROM meaning_topic WHERE profile_id = $1 AND key = $2 ORDER BY topic_id;

-- name: topic_rows_forget
DELETE FROM meaning_topic WHERE profile_id = $1 AND key = $2;

-- name: topic_rows_erase
DELETE FROM meaning_topic WHERE profile_id = $1;

-- name: meaning_topic_of_topic
DELETE FROM meaning_topic WHERE topic_id = $1;

-- name: meaning_topic_rows
-- what was said about a topic from $2 to before $3, the newest first; whose, and whether somebody had said the same before
SELECT t.profile_id, t.key, t.at_us, t.how, t.sure, t.mood, p.customer_id, m.same_profile, m.same_key, m.channel
  FROM meaning_topic t JOIN profile p ON p.profile_id = t.profile_id
  LEFT JOIN meaning m ON m.profile_id = t.profile_id AND m.key = t.key
 WHERE t.topic_id = $1 AND t.at_us >= $2 AND t.at_us < $3 ORDER BY t.at_us DESC, t.profile_id DESC, t.key DESC LIMIT $4;

-- name: meaning_topic_sure
-- the same, without whose; what a threshold would give or take
SELECT profile_id, key, at_us, how, sure FROM meaning_topic WHERE topic_id = $1;

-- name: meaning_topic_tags
-- of all that was said from $1 to before $2, as filters and facets need it
SELECT profile_id, key, topic_id FROM meaning_topic WHERE at_us >= $1 AND at_us < $2 AND how < 4;

-- name: meaning_topic_of_people
-- what one customer's words are about
SELECT t.profile_id, t.key, t.at_us, t.topic_id, t.how, t.sure, t.mood FROM meaning_topic t
 WHERE (t.profile_id = $1 OR t.profile_id IN (SELECT profile_id FROM profile WHERE customer_id = $1 AND customer_id <> profile_id))
   AND t.how < 4
 ORDER BY t.at_us DESC, t.profile_id, t.key, t.topic_id;

-- name: meaning_topic_of_profile
SELECT key, at_us, topic_id, how, sure, mood FROM meaning_topic WHERE profile_id = $1 AND how <> 4 ORDER BY at_us, key, topic_id;

-- name: meaning_topic_all
-- of all words, which topics and how sure
SELECT profile_id, key, topic_id, how, sure FROM meaning_topic;

-- name: label_of_message
-- what people said of one message, the newest word last
SELECT topic, said, label_us, label_key FROM label WHERE profile_id = $1 AND key = $2 ORDER BY label_us, label_key, topic;

-- name: label_by_message
-- all of it
SELECT profile_id, key, at_us, topic, said FROM label ORDER BY profile_id, key, label_us, label_key, topic;

-- name: label_later
-- messages of which people spoke after a time
SELECT profile_id, key, at_us, MAX(label_us) FROM label WHERE label_us > $1 GROUP BY profile_id, key, at_us
 ORDER BY 4, profile_id, key;

-- name: label_later_count
SELECT COUNT(DISTINCT key) FROM label WHERE label_us > $1;

-- name: topic_answers_waiting
-- what people said since something was learned
SELECT COUNT(*) FROM label WHERE label_us > (SELECT MIN(answered_us) FROM topic_model);

-- name: label_last
SELECT MAX(label_us) FROM label;

-- name: label_called
-- all that people call words
SELECT DISTINCT topic FROM label ORDER BY topic;

-- name: label_look_again
-- words that people call so
UPDATE meaning SET labelled = 0 WHERE (profile_id, key) IN (SELECT profile_id, key FROM label WHERE topic = $1);

-- name: label_count
SELECT COUNT(*) FROM label;

-- name: label_names
-- what people call things, with how many customers and messages
SELECT l.topic, COUNT(DISTINCT p.customer_id), COUNT(DISTINCT l.key) FROM label l JOIN profile p ON p.profile_id = l.profile_id
 WHERE l.said = 1 GROUP BY l.topic ORDER BY 2 DESC, l.topic LIMIT $1;

-- name: topic_source_words
-- a month's words of which the source says what they are about
SELECT profile_id, at_us, key, topic FROM feedback
 WHERE period = $1 AND topic IS NOT NULL AND topic <> '' AND has_words = 1 ORDER BY profile_id, feedback_id;

-- name: topic_source_names
-- what sources call things since a month, with how many customers and messages
SELECT f.topic, COUNT(DISTINCT p.customer_id), COUNT(*) FROM feedback f JOIN profile p ON p.profile_id = f.profile_id
 WHERE f.period >= $1 AND f.topic IS NOT NULL AND f.topic <> '' AND f.has_words = 1
 GROUP BY f.topic ORDER BY 2 DESC, f.topic LIMIT $2;

-- name: topic_month_last
-- the newest month in which anything was said
SELECT MAX(period) FROM feedback;

-- name: topic_keys
-- all that was understood
SELECT profile_id, key FROM meaning;

-- name: topic_todo
-- what was understood and not looked at for topics yet, the newest first
SELECT m.profile_id, m.key, m.at_us, m.period, m.lang, m.mood, v.vector, e.kind, e.body FROM meaning m
  LEFT JOIN meaning_vector v ON v.profile_id = m.profile_id AND v.key = m.key
  LEFT JOIN event e ON e.period = m.period AND e.profile_id = m.profile_id AND e.at_us = m.at_us AND e.key = m.key
 WHERE m.labelled = 0 ORDER BY m.at_us DESC, m.profile_id DESC, m.key DESC LIMIT $1;

-- name: topic_todo_count
SELECT COUNT(*) FROM meaning WHERE labelled = 0;

-- name: topic_words_before
-- all that was understood, the newest first, before ($1, $2, $3)
SELECT m.profile_id, m.key, m.at_us, m.period, m.lang, m.mood, v.vector, e.kind, e.body FROM meaning m
  LEFT JOIN meaning_vector v ON v.profile_id = m.profile_id AND v.key = m.key
  LEFT JOIN event e ON e.period = m.period AND e.profile_id = m.profile_id AND e.at_us = m.at_us AND e.key = m.key
 WHERE m.at_us <= $1 AND (m.at_us < $1 OR m.profile_id < $2 OR (m.profile_id = $2 AND m.key < $3))
 ORDER BY m.at_us DESC, m.profile_id DESC, m.key DESC LIMIT $4;

-- name: topic_word
SELECT m.profile_id, m.key, m.at_us, m.period, m.lang, m.mood, v.vector, e.kind, e.body FROM meaning m
  LEFT JOIN meaning_vector v ON v.profile_id = m.profile_id AND v.key = m.key
  LEFT JOIN event e ON e.period = m.period AND e.profile_id = m.profile_id AND e.at_us = m.at_us AND e.key = m.key
 WHERE m.profile_id = $1 AND m.key = $2;

-- name: topic_places
-- where all that was understood since a time lies, the newest first
SELECT profile_id, key, at_us, same_profile, same_key FROM meaning WHERE at_us >= $1 AND at_us < $2
 ORDER BY at_us DESC, profile_id DESC, key DESC;

-- name: topic_said_by
-- all that was understood of a time, and whose it is
SELECT m.profile_id, m.key, m.at_us, p.customer_id FROM meaning m JOIN profile p ON p.profile_id = m.profile_id
 WHERE m.at_us >= $1 AND m.at_us < $2;

-- name: topic_understood
SELECT COUNT(*) FROM meaning WHERE at_us >= $1;

-- name: topic_understood_some
-- of a time, at most $3 counted
SELECT COUNT(*) FROM (SELECT 1 FROM meaning WHERE at_us >= $1 AND at_us < $2 LIMIT $3) AS counted;

-- name: topic_looked
UPDATE meaning SET labelled = 1 WHERE profile_id = $1 AND key = $2;

-- name: topic_is_looked
SELECT labelled FROM meaning WHERE profile_id = $1 AND key = $2;

-- name: topic_said_count
-- what people said, of words that were looked at
SELECT COUNT(*) FROM meaning_topic t JOIN meaning m ON m.profile_id = t.profile_id AND m.key = t.key
 WHERE t.how IN (3, 5) AND m.labelled = 1;

-- name: topic_of_person
-- what the words of a profile are about
SELECT t.at_us, o.name, t.how, t.sure, t.mood FROM meaning_topic t JOIN topic o ON o.topic_id = t.topic_id
 WHERE t.profile_id = $1 AND t.how < 4 ORDER BY t.at_us, o.name;

-- name: topic_unlook
-- to be looked at again
UPDATE meaning SET labelled = 0 WHERE profile_id = $1 AND key = $2;

-- name: topic_model_newest
-- of an axis
SELECT model_id, made_us, labels, model, quality, answered_us, taught FROM topic_model WHERE axis = $1
 ORDER BY model_id DESC LIMIT 1;

-- name: topic_model_about
-- the same without its bytes
SELECT model_id, made_us, labels, quality, answered_us, taught FROM topic_model WHERE axis = $1 ORDER BY model_id DESC LIMIT 1;

-- name: topic_model_learner
SELECT learner, examples FROM topic_model WHERE model_id = $1;

-- name: topic_model_examples
SELECT model_id, examples FROM topic_model;

-- name: topic_model_put
INSERT INTO topic_model (model_id, axis, made_us, labels, model, quality, learner, examples, answered_us, taught)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: topic_model_correct
UPDATE topic_model SET model = $2, answered_us = $3, taught = $4, examples = $5 WHERE model_id = $1;

-- name: topic_model_only
-- of an axis, all but the newest go
DELETE FROM topic_model WHERE axis = $1 AND model_id < $2;

-- name: topic_model_drop
DELETE FROM topic_model WHERE model_id = $1;

-- name: topic_audit_put
INSERT INTO topic_audit (month, profile_id, key, at_us, given) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (month, profile_id, key) DO NOTHING;

-- name: topic_audit_list
SELECT profile_id, key, at_us, given, judged FROM topic_audit WHERE month = $1 ORDER BY profile_id, key;

-- name: topic_audit_get
SELECT profile_id, key, at_us, given, judged FROM topic_audit WHERE month = $1 AND profile_id = $2 AND key = $3;

-- name: topic_audit_judge
UPDATE topic_audit SET judged = $4 WHERE month = $1 AND profile_id = $2 AND key = $3;

-- name: topic_audit_months
SELECT month, COUNT(*), SUM(CASE WHEN judged <> '' THEN 1 ELSE 0 END) FROM topic_audit GROUP BY month ORDER BY month DESC;

-- name: topic_audit_of_profile
SELECT month, key, at_us, given, judged FROM topic_audit WHERE profile_id = $1 ORDER BY month, key;

-- name: topic_audit_erase
DELETE FROM topic_audit WHERE profile_id = $1;

-- name: topic_sample_above
-- what stands below those of the sample company comes to the top
UPDATE topic SET parent_id = 0, version = version + 1
 WHERE sample = 0 AND parent_id IN (SELECT topic_id FROM topic WHERE sample = 1);

-- name: topic_sample_into
UPDATE topic SET state = 2, into_id = 0, version = version + 1
 WHERE sample = 0 AND state = 3 AND into_id IN (SELECT topic_id FROM topic WHERE sample = 1);

-- name: topic_sample_audit_drop
-- words that are gone
DELETE FROM topic_audit WHERE NOT EXISTS
 (SELECT 1 FROM meaning m WHERE m.profile_id = topic_audit.profile_id AND m.key = topic_audit.key);

-- name: topic_sample_drop
DELETE FROM topic WHERE sample = 1;

-- name: topic_sample_name_drop
DELETE FROM topic_name WHERE topic_id IN (SELECT topic_id FROM topic WHERE sample = 1);

-- name: topic_sample_meaning_drop
DELETE FROM meaning_topic WHERE topic_id IN (SELECT topic_id FROM topic WHERE sample = 1);

-- name: topic_sample_model_drop
DELETE FROM topic_model;

-- name: topic_sample_change_drop
DELETE FROM topic_change WHERE by = 'sample';

-- name: topic_feedback_key
-- whose words a row of feedback is
SELECT profile_id, key FROM feedback WHERE feedback_id = $1;

-- name: topic_doubts
-- what is perhaps about a topic, the newest first
SELECT t.profile_id, t.key, t.sure FROM meaning_topic t WHERE t.topic_id = $1 AND t.how = 4
 ORDER BY t.at_us DESC, t.profile_id, t.key LIMIT $2;

-- name: topic_doubt_count
SELECT COUNT(*) FROM meaning_topic WHERE topic_id = $1 AND how = 4;

-- name: topic_audit_last
SELECT MAX(month) FROM topic_audit;

-- name: topic_audit_waiting
SELECT COUNT(*) FROM topic_audit WHERE month = $1 AND judged = '';
