-- What differs on PostgreSQL.

-- name: feedback_find
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.kind, f.channel, f.source_id, f.instrument, f.score, f.mood,
       f.topic, f.lang, f.has_words
  FROM feedback_words w JOIN feedback f ON f.feedback_id = w.feedback_id
 WHERE w.words @@ to_tsquery('simple', $1) AND f.kind <> 30 AND f.at_us >= $2 AND f.at_us < $3
   AND ($4 < 0 OR f.channel = $4) AND ($5 = 0 OR f.source_id = $5) AND ($6 = 0 OR f.kind = $6)
   AND ($7 = 0 OR f.mood = -1 OR f.kind = 33)
 ORDER BY ts_rank(w.words, to_tsquery('simple', $1)) DESC, f.at_us DESC, f.feedback_id DESC LIMIT $8;

-- name: engine_version
SELECT version();
