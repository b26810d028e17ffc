-- Statements of meaning: what was understood of the words that customers said.

-- name: meaning_mark_get
SELECT make_id, make, feedback_id, place, weak FROM meaning_mark WHERE mark = 1;

-- name: meaning_mark_put
INSERT INTO meaning_mark (mark, make_id, make, feedback_id, place, weak) VALUES (1, $1, $2, $3, $4, $5)
ON CONFLICT (mark) DO UPDATE SET make_id = excluded.make_id, make = excluded.make, feedback_id = excluded.feedback_id,
  place = excluded.place, weak = excluded.weak;

-- name: meaning_waiting
-- words after $1, with what is known of them; what we asked is none of theirs
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.channel, m.make, m.words
  FROM feedback f LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key
 WHERE f.feedback_id > $1 AND f.has_words = 1 AND f.kind <> 30 ORDER BY f.feedback_id LIMIT $2;

-- name: meaning_again
-- words that are to be looked at again: few or none, so they come first (SQLite keeps to the order of a CROSS JOIN)
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.channel, m.make, m.words
  FROM meaning m CROSS JOIN feedback f
 WHERE m.make < 0 AND f.period = m.period AND f.profile_id = m.profile_id AND f.key = m.key LIMIT $1;

-- name: meaning_waiting_count
SELECT (SELECT COUNT(*) FROM feedback f WHERE f.feedback_id > $1 AND f.has_words = 1 AND f.kind <> 30)
     + (SELECT COUNT(*) FROM meaning m WHERE m.make < 0);

-- name: meaning_count
SELECT COUNT(*) FROM meaning;

-- name: meaning_vector_count
SELECT COUNT(*) FROM meaning_vector;

-- name: meaning_band_count
SELECT COUNT(*) FROM meaning_band;

-- name: meaning_there
-- whether words still stand as they were read
SELECT 1 FROM feedback WHERE feedback_id = $1;

-- name: meaning_vector_clear
-- those of another encoder
DELETE FROM meaning_vector;

-- name: meaning_vector_any
SELECT 1 FROM meaning_vector LIMIT 1;

-- name: meaning_vector_upto
-- the place that so many lie before
SELECT place FROM meaning_vector ORDER BY place LIMIT 1 OFFSET $1;

-- name: meaning_vector_drop_upto
DELETE FROM meaning_vector WHERE place <= $1;

-- name: meaning_drop
DELETE FROM meaning WHERE profile_id = $1 AND key = $2;

-- name: meaning_vector_drop
DELETE FROM meaning_vector WHERE profile_id = $1 AND key = $2;

-- name: meaning_forget_topics
DELETE FROM meaning_topic WHERE profile_id = $1 AND key = $2;

-- name: meaning_put
-- its theme and its topics stay while its place does
INSERT INTO meaning (profile_id, key, at_us, period, channel, make, words, lang, mood, bad, good, feelings, exact, same_us,
  same_profile, same_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $3, $1, $2)
ON CONFLICT (profile_id, key) DO UPDATE SET at_us = excluded.at_us, period = excluded.period, channel = excluded.channel,
  make = excluded.make, words = excluded.words, lang = excluded.lang, mood = excluded.mood, bad = excluded.bad,
  good = excluded.good, feelings = excluded.feelings, exact = excluded.exact, labelled = 0, same_us = excluded.same_us,
  same_profile = excluded.same_profile, same_key = excluded.same_key,
  theme_id = CASE WHEN meaning.make IN (-1, excluded.make) THEN meaning.theme_id ELSE 0 END,
  labelled = CASE WHEN meaning.make IN (-1, excluded.make) THEN meaning.labelled ELSE 0 END;

-- name: meaning_vector_put
INSERT INTO meaning_vector (place, profile_id, key, at_us, channel, mood, code, vector) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: meaning_band_put
INSERT INTO meaning_band (band, exact) VALUES ($1, $2) ON CONFLICT (band, exact) DO NOTHING;

-- name: meaning_band_some
SELECT exact FROM meaning_band WHERE band = $1 ORDER BY exact LIMIT $2;

-- name: meaning_band_drop
DELETE FROM meaning_band WHERE band = $1 AND exact = $2;

-- name: meaning_band_all
-- of a text whose words are not known any more
DELETE FROM meaning_band WHERE exact = $1;

-- name: meaning_exact_any
SELECT 1 FROM meaning WHERE exact = $1 LIMIT 1;

-- name: meaning_first
-- the first of all that are equal in letters and digits
SELECT at_us, profile_id, key, period FROM meaning WHERE exact = $1 ORDER BY at_us, key, profile_id LIMIT 1;

-- name: meaning_same_set
UPDATE meaning SET same_us = $3, same_profile = $4, same_key = $5 WHERE profile_id = $1 AND key = $2;

-- name: meaning_same_later
-- those equal to $1 that came later, and whose first came later too
UPDATE meaning SET same_us = $2, same_profile = $3, same_key = $4
 WHERE exact = $1 AND (at_us, key, profile_id) > ($2, $4, $3) AND (same_us, same_key, same_profile) > ($2, $4, $3);

-- name: meaning_same_lost
-- their first goes: they stand alone until they are looked at again
UPDATE meaning SET make = -1, same_us = at_us, same_profile = profile_id, same_key = key
 WHERE same_profile = $1 AND same_key = $2 AND (same_key <> key OR same_profile <> profile_id);

-- name: meaning_exact_of
SELECT exact FROM meaning WHERE profile_id = $1 AND key = $2;

-- name: meaning_get
SELECT profile_id, key, at_us, lang, mood, bad, good, feelings, same_profile, same_key, theme_id, theme_far, channel, period
  FROM meaning WHERE profile_id = $1 AND key = $2;

-- name: meaning_vector_get
SELECT vector FROM meaning_vector WHERE profile_id = $1 AND key = $2;

-- name: meaning_scan
SELECT m.profile_id, m.key, m.at_us, m.lang, m.mood, m.bad, m.good, m.feelings, m.same_profile, m.same_key, m.theme_id,
       m.theme_far, m.channel, m.period
  FROM meaning m WHERE m.at_us >= $1 AND m.at_us < $2 ORDER BY m.at_us, m.key, m.profile_id;

-- name: meaning_scan_vectors
SELECT m.profile_id, m.key, m.at_us, m.lang, m.mood, m.bad, m.good, m.feelings, m.same_profile, m.same_key, m.theme_id,
       m.theme_far, m.channel, m.period, v.vector
  FROM meaning m LEFT JOIN meaning_vector v ON v.profile_id = m.profile_id AND v.key = m.key
 WHERE m.at_us >= $1 AND m.at_us < $2 ORDER BY m.at_us, m.key, m.profile_id;

-- name: meaning_copies
-- those that say the same as one
SELECT profile_id, key, at_us FROM meaning
 WHERE (same_profile = $1 AND same_key = $2 AND (same_key <> key OR same_profile <> profile_id)) OR (profile_id = $1 AND key = $2)
 ORDER BY at_us, key, profile_id LIMIT $3;

-- name: meaning_last_of
-- how the last words of a customer sounded, of those before $2
SELECT m.at_us, m.mood, m.bad FROM meaning m
 WHERE (m.profile_id = $1 OR m.profile_id IN (SELECT profile_id FROM profile WHERE customer_id = $1 AND customer_id <> profile_id))
   AND m.at_us < $2
 ORDER BY m.at_us DESC, m.key LIMIT 1;

-- name: meaning_of_person
-- for whoever asks what is known of them
SELECT m.at_us, m.lang, m.mood, m.bad, m.good, m.feelings, m.same_profile, m.same_key, m.profile_id, m.key,
       (SELECT MAX(t.name) FROM theme t WHERE t.theme_id = m.theme_id)
  FROM meaning m WHERE m.profile_id = $1 ORDER BY m.at_us, m.key;

-- name: meaning_of_profile
SELECT key FROM meaning WHERE profile_id = $1;

-- name: meaning_erase
DELETE FROM meaning WHERE profile_id = $1;

-- name: meaning_vector_erase
DELETE FROM meaning_vector WHERE profile_id = $1;

-- name: meaning_tidy
-- whose words are gone, after everything was computed anew
DELETE FROM meaning WHERE NOT EXISTS
 (SELECT 1 FROM feedback f WHERE f.period = meaning.period AND f.profile_id = meaning.profile_id AND f.key = meaning.key);

-- name: meaning_lost
-- how many are understood that nobody said, or lie somewhere without being understood
SELECT (SELECT COUNT(*) FROM meaning WHERE NOT EXISTS
         (SELECT 1 FROM feedback f WHERE f.period = meaning.period AND f.profile_id = meaning.profile_id AND f.key = meaning.key))
     + (SELECT COUNT(*) FROM meaning_vector v WHERE NOT EXISTS
         (SELECT 1 FROM meaning m WHERE m.profile_id = v.profile_id AND m.key = v.key));

-- name: meaning_tidy_same
UPDATE meaning SET make = -1, same_us = at_us, same_profile = profile_id, same_key = key
 WHERE (same_key <> key OR same_profile <> profile_id) AND NOT EXISTS
 (SELECT 1 FROM meaning f WHERE f.profile_id = meaning.same_profile AND f.key = meaning.same_key);

-- name: meaning_tidy_vectors
DELETE FROM meaning_vector WHERE NOT EXISTS
 (SELECT 1 FROM meaning m WHERE m.profile_id = meaning_vector.profile_id AND m.key = meaning_vector.key);

-- name: meaning_tidy_topics
DELETE FROM meaning_topic WHERE NOT EXISTS
 (SELECT 1 FROM meaning m WHERE m.profile_id = meaning_topic.profile_id AND m.key = meaning_topic.key);

-- name: meaning_tidy_bands
DELETE FROM meaning_band WHERE NOT EXISTS (SELECT 1 FROM meaning m WHERE m.exact = meaning_band.exact);

-- name: meaning_codes
-- places after one, for the index in memory
SELECT place, at_us, channel, mood, code FROM meaning_vector WHERE place > $1 ORDER BY place LIMIT $2;

-- name: meaning_place_range
SELECT MIN(place), MAX(place), COUNT(*) FROM meaning_vector;

-- name: meaning_place
SELECT profile_id, key, vector FROM meaning_vector WHERE place = $1;

-- name: meaning_places
-- some places at once
SELECT place, profile_id, key, vector FROM meaning_vector WHERE place IN (SELECT value FROM json_each($1));

-- name: meaning_places_of
-- all of some profiles
SELECT place, profile_id, key, vector FROM meaning_vector WHERE profile_id IN (SELECT value FROM json_each($1));

-- name: meaning_places_topic
SELECT v.place FROM meaning_topic t JOIN meaning_vector v ON v.profile_id = t.profile_id AND v.key = t.key
 WHERE t.topic_id = $1 AND t.how IN (1, 2, 3);

-- name: meaning_has_topic
SELECT COUNT(*) FROM meaning_topic WHERE profile_id = $1 AND key = $2 AND topic_id = $3 AND how IN (1, 2, 3);

-- name: meaning_feedback
-- the row of one word
SELECT f.feedback_id, f.at_us, f.channel, f.kind FROM feedback f
 WHERE f.period = $1 AND f.profile_id = $2 AND f.key = $3 AND f.kind <> 30;

-- name: meaning_match
-- the best matches of $1, which the caller has made safe
SELECT f.feedback_id, f.profile_id, f.at_us, f.key, f.channel, f.period
  FROM feedback_words w JOIN feedback f ON f.feedback_id = w.rowid
 WHERE feedback_words MATCH $1 AND f.kind <> 30 ORDER BY w.rank, f.at_us DESC, f.feedback_id DESC LIMIT $2;

-- name: words_all
-- everything that customers said, with what is known of it, in order of time; what `heed export --what words` writes
SELECT feedback_id, at_us, kind, channel, source_id, customer_id, instrument, score, lang, mood_said, mood, bad, good, feelings,
       topic_said, topics, theme, same_profile, same_key, profile_id, key, json_extract(body, '$.text')
  FROM words ORDER BY at_us, feedback_id;

-- name: mood_scored
-- words of a month that came with a score
SELECT f.profile_id, f.key, f.at_us, f.mood FROM feedback f
 WHERE f.period = $1 AND f.has_words = 1 AND f.score IS NOT NULL AND f.mood IS NOT NULL
 ORDER BY f.at_us DESC, f.key, f.profile_id;

-- name: mood_period_last
SELECT MAX(period) FROM feedback;

-- name: mood_model_put
INSERT INTO mood_model (mood_model_id, made_us, texts, right_ppm, lexicon_ppm, model) VALUES (1, $1, $2, $3, $4, $5)
ON CONFLICT (mood_model_id) DO UPDATE SET made_us = excluded.made_us, texts = excluded.texts, right_ppm = excluded.right_ppm,
  lexicon_ppm = excluded.lexicon_ppm, model = excluded.model;

-- name: mood_model_drop
DELETE FROM mood_model;

-- name: mood_model_get
SELECT model FROM mood_model;

-- name: mood_model_about
SELECT made_us, texts, right_ppm, lexicon_ppm FROM mood_model;

-- name: mood_again_from
-- since when the newest $2 words before $1 were said
SELECT at_us FROM meaning WHERE at_us < $1 ORDER BY at_us DESC, key DESC, profile_id DESC LIMIT 1 OFFSET $2;

-- name: mood_again
-- words without a score are to be looked at again
UPDATE meaning SET make = -1 WHERE at_us >= $1 AND at_us < $2 AND make >= 0 AND NOT EXISTS
 (SELECT 1 FROM feedback f WHERE f.period = meaning.period AND f.profile_id = meaning.profile_id AND f.key = meaning.key
   AND f.score IS NOT NULL);
