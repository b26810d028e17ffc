-- Everything that customers said, from every channel, in one table for whoever asks questions in SQL (docs/schema.md).
-- The words stand in body, JSON: $.text.
-- sqlite:
CREATE VIEW words AS
SELECT f.feedback_id, f.at_us, f.kind, f.channel, f.source_id, f.profile_id, p.customer_id, f.instrument, f.score,
       COALESCE(m.lang, f.lang, '') AS lang, f.mood AS mood_said, m.mood, m.bad, m.good, m.feelings,
       f.topic AS topic_said,
       (SELECT group_concat(t.name, ', ') FROM meaning_topic x JOIN topic t ON t.topic_id = x.topic_id
         WHERE x.profile_id = f.profile_id AND x.key = f.key AND x.how IN (1, 2, 3)) AS topics,
       m.theme_id, CASE WHEN h.title <> '' THEN h.title ELSE h.name END AS theme, m.same_profile, m.same_key, f.key,
       e.body
  FROM feedback f
  LEFT JOIN profile p ON p.profile_id = f.profile_id
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key
  LEFT JOIN theme h ON h.theme_id = m.theme_id
  LEFT JOIN event e ON e.period = f.period AND e.profile_id = f.profile_id AND e.at_us = f.at_us AND e.key = f.key
 WHERE f.has_words = 1 AND f.kind <> 30;
-- postgres:
CREATE VIEW words AS
SELECT f.feedback_id, f.at_us, f.kind, f.channel, f.source_id, f.profile_id, p.customer_id, f.instrument, f.score,
       COALESCE(m.lang, f.lang, '') AS lang, f.mood AS mood_said, m.mood, m.bad, m.good, m.feelings,
       f.topic AS topic_said,
       (SELECT string_agg(t.name, ', ') FROM meaning_topic x JOIN topic t ON t.topic_id = x.topic_id
         WHERE x.profile_id = f.profile_id AND x.key = f.key AND x.how IN (1, 2, 3)) AS topics,
       m.theme_id, CASE WHEN h.title <> '' THEN h.title ELSE h.name END AS theme, m.same_profile, m.same_key, f.key,
       e.body
  FROM feedback f
  LEFT JOIN profile p ON p.profile_id = f.profile_id
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key
  LEFT JOIN theme h ON h.theme_id = m.theme_id
  LEFT JOIN event e ON e.period = f.period AND e.profile_id = f.profile_id AND e.at_us = f.at_us AND e.key = f.key
 WHERE f.has_words = 1 AND f.kind <> 30;
