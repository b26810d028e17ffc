-- Statements by which segments, lists of customers and what they said are asked.

-- name: segment_core
-- what most rules ask, customers after $1; the columns of know/segment.c
SELECT customer_id, first_us, last_us, currency, orders, order_value, last_order_us, complaints, waiting_us,
       contract_since_us, contract_until_us, monthly_value, channels
  FROM summary WHERE customer_id > $1 ORDER BY customer_id;

-- name: segment_core_state
SELECT customer_id, first_us, last_us, currency, orders, order_value, last_order_us, complaints, waiting_us,
       contract_since_us, contract_until_us, monthly_value, channels, state
  FROM summary WHERE customer_id > $1 ORDER BY customer_id;

-- name: segment_columns
-- the columns of summary_scan without the state
SELECT customer_id, first_us, last_us, currency, orders, order_days, order_value, first_order_us, last_order_us,
  gap_days, refunds, refund_value, returns, contacts_in, contacts_out, complaints, feedback, last_score,
  last_instrument, last_score_us, waiting_us, contract_since_us, contract_until_us, monthly_value, channels
  FROM summary WHERE customer_id > $1 ORDER BY customer_id;

-- name: segment_state
SELECT customer_id, state FROM summary WHERE customer_id > $1 ORDER BY customer_id;

-- name: segment_one
SELECT customer_id, state FROM summary WHERE customer_id = $1;

-- name: identifier_kinds
SELECT profile_id, kind FROM identifier;

-- name: profile_joined
-- profiles that belong to another one's customer
SELECT customer_id, profile_id FROM profile WHERE customer_id <> profile_id;

-- name: profile_facts
SELECT customer_id, source_id, country, segment, lang FROM profile;

-- name: profile_facts_of
SELECT customer_id, source_id, country, segment, lang FROM profile WHERE profile_id = $1 AND customer_id = $1
UNION ALL
SELECT customer_id, source_id, country, segment, lang FROM profile WHERE customer_id = $1 AND customer_id <> profile_id;

-- name: segment_said
-- what was said in a month, by customer
SELECT p.customer_id, f.at_us, f.kind, f.mood, f.score, f.has_words
  FROM feedback f JOIN profile p ON p.profile_id = f.profile_id WHERE f.period = $1 AND f.kind <> 30;

-- name: segment_said_of
-- the same of one customer $2, by profiles
SELECT CAST($2 AS BIGINT), at_us, kind, mood, score, has_words
  FROM feedback WHERE period = $1 AND profile_id IN (SELECT value FROM json_each($3)) AND kind <> 30;

-- name: segment_list
SELECT segment_id, name, about, rule, created_us, created_by, updated_us, version FROM segment ORDER BY name;

-- name: segment_get
SELECT segment_id, name, about, rule, created_us, created_by, updated_us, version FROM segment WHERE segment_id = $1;

-- name: segment_named
SELECT segment_id, name, about, rule, created_us, created_by, updated_us, version FROM segment WHERE name = $1;

-- name: segment_new
INSERT INTO segment (segment_id, name, about, rule, created_us, created_by, updated_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $5, 1);

-- name: segment_change
UPDATE segment SET name = $2, about = $3, rule = $4, updated_us = $5, version = version + 1 WHERE segment_id = $1;

-- name: segment_delete
DELETE FROM segment WHERE segment_id = $1;

-- name: summary_seen_index
-- not part of the schema: whoever lists customers often makes it, and bulk imports before that need not keep it up
CREATE INDEX IF NOT EXISTS summary_seen ON summary (last_us DESC, customer_id);

-- name: summary_seen
-- seen last first, after ($1, $2) of that order, $3 <= last seen < $4
SELECT customer_id, last_us FROM summary
 WHERE last_us <= $1 AND (last_us < $1 OR customer_id > $2) AND last_us >= $3 AND last_us < $4
 ORDER BY last_us DESC, customer_id LIMIT $5;

-- name: summary_waiting
-- who waits longest first, after ($1, $2) of that order
SELECT customer_id, waiting_us FROM summary
 WHERE waiting_us IS NOT NULL AND waiting_us >= $1 AND (waiting_us > $1 OR customer_id > $2) AND last_us >= $3
   AND last_us < $4
 ORDER BY waiting_us, customer_id LIMIT $5;

-- name: summary_of_people
-- the columns of summary_scan but its state
SELECT customer_id, first_us, last_us, currency, orders, order_days, order_value, first_order_us, last_order_us,
  gap_days, refunds, refund_value, returns, contacts_in, contacts_out, complaints, feedback, last_score,
  last_instrument, last_score_us, waiting_us, contract_since_us, contract_until_us, monthly_value, channels
  FROM summary WHERE customer_id IN (SELECT value FROM json_each($1));

-- name: profile_of_people
-- the names of some customers, profile by profile
SELECT customer_id, name, profile_id FROM profile
 WHERE profile_id IN (SELECT value FROM json_each($1)) AND customer_id = profile_id
UNION ALL
SELECT customer_id, name, profile_id FROM profile
 WHERE customer_id IN (SELECT value FROM json_each($1)) AND customer_id <> profile_id
 ORDER BY 3;

-- name: profile_names
SELECT customer_id, name FROM profile WHERE name IS NOT NULL AND name <> '' ORDER BY profile_id;

-- name: link_verdict_of
SELECT COUNT(*) FROM link WHERE profile_a = $1 AND profile_b = $2 AND hash = 0;

-- name: profile_named
-- the names of some profiles
SELECT profile_id, name FROM profile
 WHERE profile_id IN (SELECT value FROM json_each($1)) AND name IS NOT NULL AND name <> '' ORDER BY profile_id;

-- name: conversation_counts
-- how many conversations some profiles have, and in how many they wait
SELECT COUNT(*), COUNT(waiting_us) FROM conversation WHERE profile_id IN (SELECT value FROM json_each($1));

-- name: feedback_period_last
SELECT MAX(period) FROM feedback;

-- name: feedback_back
-- a month's feedback, newest first, after ($2, $3) of that order; what voice_row reads
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.kind, f.channel, f.source_id, f.instrument, f.score, f.mood,
       f.topic, f.lang, f.has_words, m.lang, m.mood, m.bad, m.good
  FROM feedback f
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key AND f.has_words = 1
 WHERE f.period = $1 AND f.kind <> 30 AND f.at_us <= $2 AND (f.at_us < $2 OR f.feedback_id < $3)
 ORDER BY f.at_us DESC, f.feedback_id DESC LIMIT $4;

-- name: feedback_of_people
-- what some profiles said in some months, in no order
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.kind, f.channel, f.source_id, f.instrument, f.score, f.mood,
       f.topic, f.lang, f.has_words, m.lang, m.mood, m.bad, m.good
  FROM feedback f
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key AND f.has_words = 1
 WHERE f.period IN (SELECT value FROM json_each($1)) AND f.profile_id IN (SELECT value FROM json_each($2)) AND f.kind <> 30;

-- name: feedback_scan
-- a month's feedback in the order it is stored
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.kind, f.channel, f.source_id, f.instrument, f.score, f.mood,
       f.topic, f.lang, f.has_words, m.lang, m.mood, m.bad, m.good
  FROM feedback f
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key AND f.has_words = 1
 WHERE f.period = $1 AND f.kind <> 30;

-- name: feedback_best
-- the best matches of $1, which the caller has made safe
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.kind, f.channel, f.source_id, f.instrument, f.score, f.mood,
       f.topic, f.lang, f.has_words, m.lang, m.mood, m.bad, m.good
  FROM feedback_words w JOIN feedback f ON f.feedback_id = w.rowid
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key AND f.has_words = 1
 WHERE feedback_words MATCH $1 AND f.kind <> 30 ORDER BY w.rank, f.at_us DESC, f.feedback_id DESC;

-- name: feedback_match
-- all matches of $1, newest first, after ($2, $3) of that order
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.kind, f.channel, f.source_id, f.instrument, f.score, f.mood,
       f.topic, f.lang, f.has_words, m.lang, m.mood, m.bad, m.good
  FROM feedback_words w JOIN feedback f ON f.feedback_id = w.rowid
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key AND f.has_words = 1
 WHERE feedback_words MATCH $1 AND f.kind <> 30 AND f.at_us <= $2 AND (f.at_us < $2 OR f.feedback_id < $3)
 ORDER BY f.at_us DESC, f.feedback_id DESC;

-- name: feedback_get
SELECT f.feedback_id, f.period, f.profile_id, f.at_us, f.key, f.kind, f.channel, f.source_id, f.instrument, f.score, f.mood,
       f.topic, f.lang, f.has_words, m.lang, m.mood, m.bad, m.good
  FROM feedback f
  LEFT JOIN meaning m ON m.profile_id = f.profile_id AND m.key = f.key AND f.has_words = 1
 WHERE f.feedback_id = $1;

-- name: conversation_span
SELECT opened_us, last_us FROM conversation WHERE profile_id = $1 AND thread = $2;
