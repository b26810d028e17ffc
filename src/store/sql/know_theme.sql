-- Statements of themes: what customers speak of without anybody having named it, what rises, and what comes first.

-- name: theme_list
SELECT theme_id, topic_id, name, title, words, reach, figures, state, into_id, pinned, found_us, seen_us, version, lang
  FROM theme ORDER BY theme_id;

-- name: theme_get
SELECT theme_id, topic_id, name, title, words, reach, figures, state, into_id, pinned, found_us, seen_us, version, lang
  FROM theme WHERE theme_id = $1;

-- name: theme_last
-- the largest number that a theme ever had
SELECT MAX(t.n) FROM (SELECT theme_id AS n FROM theme
 UNION ALL SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'theme_last') AS t;

-- name: theme_put
-- what a person said of it stays
INSERT INTO theme (theme_id, topic_id, name, words, reach, figures, state, found_us, seen_us, lang)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (theme_id) DO UPDATE SET topic_id = excluded.topic_id, name = excluded.name, words = excluded.words,
  reach = excluded.reach, figures = excluded.figures, state = excluded.state, seen_us = excluded.seen_us;

-- name: theme_state_set
UPDATE theme SET state = $2, into_id = $3, version = version + 1 WHERE theme_id = $1;

-- name: theme_title_set
UPDATE theme SET title = $2, version = version + 1 WHERE theme_id = $1;

-- name: theme_keep_set
UPDATE theme SET pinned = $2, version = version + 1 WHERE theme_id = $1;

-- name: theme_touch
UPDATE theme SET version = version + 1 WHERE theme_id = $1;

-- name: theme_models
SELECT topic_id, made_us, make, model, lang FROM theme_model ORDER BY topic_id, lang;

-- name: theme_models_made
SELECT MAX(made_us) FROM theme_model;

-- name: theme_models_sum
SELECT SUM(texts), SUM(silent), MAX(made_us), MIN(make) FROM theme_model;

-- name: theme_model_put
INSERT INTO theme_model (topic_id, made_us, make, model, texts, silent, lang) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (topic_id, lang) DO UPDATE SET made_us = excluded.made_us, make = excluded.make, model = excluded.model,
  texts = excluded.texts, silent = excluded.silent;

-- name: theme_models_drop
DELETE FROM theme_model;

-- name: theme_lives
SELECT COUNT(*) FROM theme WHERE state = 1;

-- name: theme_waiting
-- words of a time that have no theme yet
SELECT COUNT(*) FROM meaning WHERE theme_id = 0 AND at_us >= $1;

-- name: theme_new_words
SELECT m.profile_id, m.key, m.at_us, v.vector, m.lang
  FROM meaning m LEFT JOIN meaning_vector v ON v.profile_id = m.profile_id AND v.key = m.key
 WHERE m.theme_id = 0 AND m.at_us >= $1 ORDER BY m.at_us LIMIT $2;

-- name: theme_mark
UPDATE meaning SET theme_id = $3, theme_far = $4 WHERE profile_id = $1 AND key = $2;

-- name: theme_mark_all_of
UPDATE meaning SET theme_id = $2 WHERE theme_id = $1;

-- name: theme_spot
SELECT at_us, theme_id, theme_far FROM meaning WHERE profile_id = $1 AND key = $2;

-- name: theme_topics_of
-- the topics of one word, by what they say of
SELECT topic_id, how, sure FROM meaning_topic WHERE profile_id = $1 AND key = $2 AND how < 4;

-- name: theme_topics
-- which words lie inside of which topic
SELECT profile_id, key, topic_id, how, sure FROM meaning_topic WHERE at_us >= $1 AND how < 4;

-- name: theme_words
SELECT m.profile_id, m.key, m.at_us, p.customer_id, m.theme_far, m.mood, m.bad, m.theme_id FROM meaning m
  LEFT JOIN profile p ON p.profile_id = m.profile_id
 WHERE m.theme_id = $1 AND m.at_us >= $2 ORDER BY m.at_us DESC, m.profile_id, m.key;

-- name: theme_topic_words
SELECT m.profile_id, m.key, m.at_us, p.customer_id, 0, COALESCE(t.mood, m.mood), m.bad, m.theme_id FROM meaning_topic t
  JOIN meaning m ON m.profile_id = t.profile_id AND m.key = t.key
  LEFT JOIN profile p ON p.profile_id = t.profile_id
 WHERE t.topic_id = $1 AND t.at_us >= $2 AND t.how < 4 ORDER BY m.at_us DESC, m.profile_id, m.key;

-- name: theme_vector
SELECT vector FROM meaning_vector WHERE profile_id = $1 AND key = $2;

-- name: theme_voices
-- who said what when
SELECT profile_id, key, at_us, theme_id, theme_far, mood, bad, good, same_profile, same_key FROM meaning
 WHERE at_us >= $1 AND at_us < $2 ORDER BY at_us, profile_id, key;

-- name: theme_topic_voices
SELECT profile_id, key, topic_id, mood FROM meaning_topic WHERE at_us >= $1 AND at_us < $2 AND how < 4
 ORDER BY profile_id, key, topic_id;

-- name: theme_example
-- the newest words of a theme, by their distance below its reach
SELECT profile_id, key, at_us FROM meaning WHERE theme_id = $1 AND theme_far < $2 ORDER BY at_us DESC LIMIT 1;

-- name: theme_values
-- what customers are expected to bring
SELECT customer_id, currency, value FROM value ORDER BY customer_id;

-- name: theme_said_put
INSERT INTO theme_said (said_id, at_us, by, act, theme_id, other_id, profile_id, key, other_profile, other_key, word, other_word,
  whole, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: theme_said_scan
SELECT said_id, act, theme_id, other_id, word, other_word, undone_us, whole FROM theme_said ORDER BY said_id;

-- name: theme_said_words
-- the words of one act
SELECT said_id, theme_id, other_id, profile_id, key, detail FROM theme_said WHERE whole = $1 AND profile_id <> 0 ORDER BY said_id;

-- name: theme_pins_of
-- words that a person put into a theme
SELECT profile_id, key FROM theme_said WHERE theme_id = $1 AND act IN ('pin', 'split') AND profile_id <> 0 AND undone_us = 0;

-- name: theme_said_last
SELECT MAX(said_id), MAX(undone_us) FROM theme_said;

-- name: theme_said_page
SELECT s.said_id, s.at_us, s.by, s.act, s.theme_id, s.other_id, s.detail, s.undone_us, s.undone_by,
  (SELECT COUNT(*) FROM theme_said w WHERE w.whole = s.said_id AND w.profile_id <> 0) FROM theme_said s
 WHERE s.said_id = s.whole AND s.said_id < $1 AND ($2 = 0 OR s.theme_id = $2 OR s.other_id = $2) ORDER BY s.said_id DESC LIMIT $3;

-- name: theme_said_one
SELECT s.said_id, s.at_us, s.by, s.act, s.theme_id, s.other_id, s.detail, s.undone_us, s.undone_by,
  (SELECT COUNT(*) FROM theme_said w WHERE w.whole = s.said_id AND w.profile_id <> 0) FROM theme_said s
 WHERE s.said_id = $1 AND s.said_id = s.whole;

-- name: theme_said_later
-- does anything later of this theme rest on it?
SELECT COUNT(*) FROM theme_said WHERE said_id > $1 AND whole <> $2 AND undone_us = 0 AND (theme_id = $3 OR other_id = $3) AND
  (act = $4 OR ($5 = 1 AND act IN ('merge', 'away', 'to_topic', 'split')));

-- name: theme_said_undo
UPDATE theme_said SET undone_us = $2, undone_by = $3 WHERE whole = $1;

-- name: theme_said_erase
DELETE FROM theme_said WHERE profile_id = $1;

-- name: theme_said_erase_other
DELETE FROM theme_said WHERE other_profile = $1;

-- name: theme_said_of_profile
-- what was said of somebody's words
SELECT at_us, act, theme_id FROM theme_said WHERE profile_id = $1 AND undone_us = 0 ORDER BY said_id;

-- name: theme_drop_empty
-- themes of which no word is left; what was merged stays as long as that into which it was
DELETE FROM theme WHERE state <> 3 AND NOT EXISTS (SELECT 1 FROM meaning m WHERE m.theme_id = theme.theme_id);

-- name: theme_drop_merged
DELETE FROM theme WHERE state = 3 AND NOT EXISTS (SELECT 1 FROM theme t WHERE t.theme_id = theme.into_id);

-- name: theme_said_drop_gone
DELETE FROM theme_said WHERE theme_id <> 0 AND NOT EXISTS (SELECT 1 FROM theme t WHERE t.theme_id = theme_said.theme_id);

-- name: theme_bursts_drop_gone
DELETE FROM burst WHERE (what = 1 AND NOT EXISTS (SELECT 1 FROM theme t WHERE t.theme_id = burst.what_id))
  OR (what = 2 AND NOT EXISTS (SELECT 1 FROM topic t WHERE t.topic_id = burst.what_id));

-- name: theme_priorities_drop
DELETE FROM priority;

-- name: theme_stands_drop_gone
DELETE FROM stand WHERE (what = 1 AND NOT EXISTS (SELECT 1 FROM theme t WHERE t.theme_id = stand.what_id))
  OR (what = 2 AND NOT EXISTS (SELECT 1 FROM topic t WHERE t.topic_id = stand.what_id));

-- name: theme_reports_drop
DELETE FROM theme_report;

-- name: theme_report_get
SELECT report, made_us FROM theme_report WHERE kind = $1;

-- name: theme_report_put
INSERT INTO theme_report (kind, made_us, report) VALUES ($1, $2, $3)
ON CONFLICT (kind) DO UPDATE SET made_us = excluded.made_us, report = excluded.report;

-- name: burst_list
SELECT burst_id, what, what_id, segment_id, from_us, until_us, found_us, figures, state, by, version FROM burst
 WHERE ($1 = 0 OR state = $1 OR ($1 = -1 AND state < 3)) AND ($2 = 0 OR (what = $2 AND what_id = $3))
 ORDER BY state, found_us DESC, burst_id DESC LIMIT $4;

-- name: burst_get
SELECT burst_id, what, what_id, segment_id, from_us, until_us, found_us, figures, state, by, version FROM burst WHERE burst_id = $1;

-- name: burst_last
SELECT MAX(burst_id) FROM burst;

-- name: burst_put
INSERT INTO burst (burst_id, what, what_id, segment_id, from_us, until_us, found_us, figures, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1);

-- name: burst_goes_on
UPDATE burst SET until_us = $2, figures = $3, version = version + 1 WHERE burst_id = $1;

-- name: burst_over
UPDATE burst SET state = 3, version = version + 1 WHERE burst_id = $1;

-- name: burst_seen
UPDATE burst SET state = 2, by = $2, version = version + 1 WHERE burst_id = $1 AND state = 1;

-- name: priority_list
SELECT what, what_id, made_us, figures FROM priority ORDER BY what, what_id;

-- name: priority_page
SELECT page FROM priority WHERE what = $1 AND what_id = $2;

-- name: priority_put
INSERT INTO priority (what, what_id, made_us, figures, page) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (what, what_id) DO UPDATE SET made_us = excluded.made_us, figures = excluded.figures, page = excluded.page;

-- name: priority_drop_older
DELETE FROM priority WHERE made_us < $1;

-- name: stand_now
SELECT state, at_us, by, decided_by, why, dissent, version FROM stand WHERE what = $1 AND what_id = $2 ORDER BY version DESC LIMIT 1;

-- name: stand_history
SELECT state, at_us, by, decided_by, why, dissent, version FROM stand WHERE what = $1 AND what_id = $2 ORDER BY version DESC;

-- name: stand_put
INSERT INTO stand (what, what_id, version, state, at_us, by, decided_by, why, dissent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);
