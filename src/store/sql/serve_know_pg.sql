-- What differs on PostgreSQL.

-- name: segment_said_of
SELECT CAST($2 AS BIGINT), at_us, kind, mood, score, has_words
  FROM feedback WHERE period = $1 AND profile_id = ANY((SELECT CAST(translate($3, '[]', '{}') AS bigint[]))::bigint[]) AND kind <> 30;

-- name: summary_of_people
SELECT customer_id, first_us, last_us, currency, orders, order_days, order_value, first_order_us, last_order_us,
  gap_days, refunds, refund_value, returns, contacts_in, contacts_out, complaints, feedback, last_score,
  last_instrument, last_score_us, waiting_us, contract_since_us, contract_until_us, monthly_value, channels
  FROM summary WHERE customer_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: profile_of_people
SELECT customer_id, name, profile_id FROM profile
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]) AND customer_id = profile_id
UNION ALL
SELECT customer_id, name, profile_id FROM profile
 WHERE customer_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]) AND customer_id <> profile_id
 ORDER BY 3;

-- name: profile_named
SELECT profile_id, name FROM profile
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]) AND name IS NOT NULL AND name <> ''
 ORDER BY profile_id;

-- name: conversation_counts
SELECT COUNT(*), COUNT(waiting_us) FROM conversation
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: feedback_of_people
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.kind, f.channel, f.source_id, f.instrument, f.score, f.mood,
       f.topic, f.lang, f.has_words, m.lang, m.mood, m.bad, m.good
  FROM feedback f
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key AND f.has_words = 1
 WHERE f.period = ANY((SELECT CAST(translate($1, '[]', '{}') AS int[]))::int[]) AND f.profile_id = ANY((SELECT CAST(translate($2, '[]', '{}') AS bigint[]))::bigint[])
   AND f.kind <> 30;

-- name: feedback_best
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.kind, f.channel, f.source_id, f.instrument, f.score, f.mood,
       f.topic, f.lang, f.has_words, m.lang, m.mood, m.bad, m.good
  FROM feedback_words w JOIN feedback f ON f.feedback_id = w.feedback_id
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key AND f.has_words = 1
 WHERE w.words @@ to_tsquery('simple', $1) AND f.kind <> 30
 ORDER BY ts_rank(w.words, to_tsquery('simple', $1)) DESC, f.at_us DESC, f.feedback_id DESC;

-- name: feedback_match
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.kind, f.channel, f.source_id, f.instrument, f.score, f.mood,
       f.topic, f.lang, f.has_words, m.lang, m.mood, m.bad, m.good
  FROM feedback_words w JOIN feedback f ON f.feedback_id = w.feedback_id
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key AND f.has_words = 1
 WHERE w.words @@ to_tsquery('simple', $1) AND f.kind <> 30 AND f.at_us <= $2
   AND (f.at_us < $2 OR f.feedback_id < $3)
 ORDER BY f.at_us DESC, f.feedback_id DESC;
