-- What differs on PostgreSQL.

-- name: meaning_put
INSERT INTO meaning (profile_id, key, at_us, period, channel, make, words, lang, mood, bad, good, feelings, exact, same_us,
  same_profile, same_key)
SELECT p, k, t, e, c, a, w, l, m, b, g, f, x, t, p, k
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[], $5::smallint[], $6::smallint[], $7::bigint[], $8::text[],
              $9::int[], $10::int[], $11::int[], $12::text[], $13::bigint[]) AS v (p, k, t, e, c, a, w, l, m, b, g, f, x)
ON CONFLICT (profile_id, key) DO UPDATE SET at_us = excluded.at_us, period = excluded.period, channel = excluded.channel,
  make = excluded.make, words = excluded.words, lang = excluded.lang, mood = excluded.mood, bad = excluded.bad,
  good = excluded.good, feelings = excluded.feelings, exact = excluded.exact, same_us = excluded.same_us,
  same_profile = excluded.same_profile, same_key = excluded.same_key,
  theme_id = CASE WHEN meaning.make IN (-1, excluded.make) THEN meaning.theme_id ELSE 0 END,
  labelled = CASE WHEN meaning.make IN (-1, excluded.make) THEN meaning.labelled ELSE 0 END;

-- name: meaning_vector_put
INSERT INTO meaning_vector (place, profile_id, key, at_us, channel, mood, code, vector)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::smallint[], $7::bytea[],
                     $8::bytea[]);

-- name: meaning_band_put
INSERT INTO meaning_band (band, exact) SELECT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT (band, exact) DO NOTHING;

-- name: meaning_places
SELECT place, profile_id, key, vector FROM meaning_vector WHERE place = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: meaning_places_of
SELECT place, profile_id, key, vector FROM meaning_vector WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: meaning_match
SELECT f.feedback_id, f.profile_id, f.at_us, f.key, f.channel, f.period
  FROM feedback_words w JOIN feedback f ON f.feedback_id = w.feedback_id
 WHERE w.words @@ to_tsquery('simple', $1) AND f.kind <> 30
 ORDER BY ts_rank(w.words, to_tsquery('simple', $1)) DESC, f.at_us DESC, f.feedback_id DESC LIMIT $2;

-- name: words_all
SELECT feedback_id, at_us, kind, channel, source_id, customer_id, instrument, score, lang, mood_said, mood, bad, good, feelings,
       topic_said, topics, theme, same_profile, same_key, profile_id, key, CAST(body AS json) ->> 'text'
  FROM words ORDER BY at_us, feedback_id;
