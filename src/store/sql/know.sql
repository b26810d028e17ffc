-- Statements of identity and of the folds.

-- name: identifier_some
-- everybody who has one of these identifiers
SELECT hash, profile_id, kind, source_id, is_key, import_id, first_day, said_day FROM identifier
 WHERE hash IN (SELECT value FROM json_each($1));

-- name: identifier_of_some
-- every identifier of these profiles
SELECT hash, profile_id, kind, source_id, is_key, import_id, first_day, said_day FROM identifier
 WHERE profile_id IN (SELECT value FROM json_each($1));

-- name: identifier_of_profile
SELECT kind, value, is_key, source_id, hash FROM identifier WHERE profile_id = $1 ORDER BY is_key DESC, kind, value;

-- name: identifier_of_people
-- the identifiers of some profiles, the key of each first
SELECT profile_id, kind, value, is_key, hash FROM identifier WHERE profile_id IN (SELECT value FROM json_each($1))
 ORDER BY profile_id, is_key DESC, kind, value;

-- name: identifier_of_person
-- the same in no order: one person has few
SELECT profile_id, kind, value, is_key, hash FROM identifier WHERE profile_id IN (SELECT value FROM json_each($1));

-- name: identifier_find
SELECT i.profile_id, p.customer_id FROM identifier i JOIN profile p ON p.profile_id = i.profile_id WHERE i.hash = $1;

-- name: identifier_put
INSERT INTO identifier (hash, profile_id, kind, source_id, is_key, import_id, value, first_day, said_day)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (hash, profile_id) DO UPDATE SET import_id = excluded.import_id, first_day = excluded.first_day,
  said_day = excluded.said_day;

-- name: identifier_new
-- rows known to be new
INSERT INTO identifier (hash, profile_id, kind, source_id, is_key, import_id, value, first_day, said_day)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: identifier_days
-- when one identifier was first said of each of its profiles
SELECT first_day FROM identifier WHERE hash = $1 ORDER BY first_day;

-- name: profile_some
SELECT profile_id, customer_id FROM profile WHERE profile_id IN (SELECT value FROM json_each($1));

-- name: profile_put
-- a new profile, or newer facts about a known one; each fact stands with the time it was said
INSERT INTO profile (profile_id, customer_id, source_id, name, name_us, country, country_us, segment, segment_us, lang, lang_us,
  address, address_us, born, born_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (profile_id) DO UPDATE SET
  name = CASE WHEN excluded.name_us > COALESCE(profile.name_us, -9223372036854775807) OR (excluded.name_us = profile.name_us AND excluded.name > profile.name) THEN excluded.name ELSE profile.name END,
  name_us = CASE WHEN excluded.name_us > COALESCE(profile.name_us, -9223372036854775807) THEN excluded.name_us ELSE profile.name_us END,
  country = CASE WHEN excluded.country_us > COALESCE(profile.country_us, -9223372036854775807) OR (excluded.country_us = profile.country_us AND excluded.country > profile.country) THEN excluded.country ELSE profile.country END,
  country_us = CASE WHEN excluded.country_us > COALESCE(profile.country_us, -9223372036854775807) THEN excluded.country_us ELSE profile.country_us END,
  segment = CASE WHEN excluded.segment_us > COALESCE(profile.segment_us, -9223372036854775807) OR (excluded.segment_us = profile.segment_us AND excluded.segment > profile.segment) THEN excluded.segment ELSE profile.segment END,
  segment_us = CASE WHEN excluded.segment_us > COALESCE(profile.segment_us, -9223372036854775807) THEN excluded.segment_us ELSE profile.segment_us END,
  lang = CASE WHEN excluded.lang_us > COALESCE(profile.lang_us, -9223372036854775807) OR (excluded.lang_us = profile.lang_us AND excluded.lang > profile.lang) THEN excluded.lang ELSE profile.lang END,
  lang_us = CASE WHEN excluded.lang_us > COALESCE(profile.lang_us, -9223372036854775807) THEN excluded.lang_us ELSE profile.lang_us END,
  address = CASE WHEN excluded.address_us > COALESCE(profile.address_us, -9223372036854775807) OR (excluded.address_us = profile.address_us AND excluded.address > profile.address) THEN excluded.address ELSE profile.address END,
  address_us = CASE WHEN excluded.address_us > COALESCE(profile.address_us, -9223372036854775807) THEN excluded.address_us ELSE profile.address_us END,
  born = CASE WHEN excluded.born_us > COALESCE(profile.born_us, -9223372036854775807) OR (excluded.born_us = profile.born_us AND excluded.born > profile.born) THEN excluded.born ELSE profile.born END,
  born_us = CASE WHEN excluded.born_us > COALESCE(profile.born_us, -9223372036854775807) THEN excluded.born_us ELSE profile.born_us END;

-- name: profile_new
INSERT INTO profile (profile_id, customer_id, source_id, name, name_us, country, country_us, segment, segment_us, lang, lang_us,
  address, address_us, born, born_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: profile_move
UPDATE profile SET customer_id = $2 WHERE profile_id = $1;

-- name: customer_sources
-- how many of a customer's profiles are real, and how many made up
SELECT SUM(CASE WHEN s.sample = 0 THEN 1 ELSE 0 END), SUM(CASE WHEN s.sample = 0 THEN 0 ELSE 1 END)
  FROM profile p JOIN source s ON s.source_id = p.source_id WHERE p.customer_id = $1;

-- name: profile_of_customer
SELECT profile_id, source_id, name, country, segment, lang, address, born FROM profile WHERE profile_id = $1 AND customer_id = $1
UNION ALL
SELECT profile_id, source_id, name, country, segment, lang, address, born FROM profile WHERE customer_id = $1 AND customer_id <> profile_id
ORDER BY 1;

-- name: profile_scan
SELECT profile_id, customer_id, source_id, name, name_us, country, country_us, segment, segment_us, lang, lang_us, address, address_us,
  born, born_us FROM profile ORDER BY profile_id;

-- name: profile_count
SELECT COUNT(*) FROM profile;

-- name: demoted_list
SELECT hash, kind, profiles FROM demoted;

-- name: demoted_drop
DELETE FROM demoted WHERE hash = $1;

-- name: demoted_put
INSERT INTO demoted (hash, kind, profiles) VALUES ($1, $2, $3) ON CONFLICT (hash) DO UPDATE SET profiles = excluded.profiles;

-- name: link_put
INSERT INTO link (profile_a, profile_b, hash, kind, state, reason) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (profile_a, profile_b, hash) DO UPDATE SET state = excluded.state, reason = excluded.reason;

-- name: link_clear
-- what identifiers said about these profiles; a person's verdict stays
DELETE FROM link WHERE (state <= 2 OR state = 5) AND profile_a IN (SELECT value FROM json_each($1));

-- name: link_clear_b
DELETE FROM link WHERE (state <= 2 OR state = 5) AND profile_b IN (SELECT value FROM json_each($1));

-- name: link_verdict_count
SELECT COUNT(*) FROM link WHERE state IN (3, 4);

-- name: link_verdicts
SELECT profile_a, profile_b, state FROM link WHERE hash = 0 AND state IN (3, 4)
   AND (profile_a IN (SELECT value FROM json_each($1)) OR profile_b IN (SELECT value FROM json_each($1)));

-- name: link_of_people
-- the links of some profiles, some of them twice, in no order
SELECT profile_a, profile_b, hash, kind, state, reason FROM link WHERE profile_a IN (SELECT value FROM json_each($1))
UNION ALL
SELECT profile_a, profile_b, hash, kind, state, reason FROM link WHERE profile_b IN (SELECT value FROM json_each($1));

-- name: link_scan
SELECT profile_a, profile_b, hash, kind, state FROM link ORDER BY profile_a, profile_b, hash;

-- name: summary_state
SELECT customer_id, state FROM summary WHERE customer_id IN (SELECT value FROM json_each($1)) ORDER BY customer_id;

-- name: summary_range
SELECT customer_id, state FROM summary WHERE customer_id BETWEEN $1 AND $2 ORDER BY customer_id;

-- name: summary_put
INSERT INTO summary (customer_id, first_us, last_us, currency, orders, order_days, order_value, first_order_us,
  last_order_us, gap_days, refunds, refund_value, returns, contacts_in, contacts_out, complaints, feedback, last_score,
  last_instrument, last_score_us, waiting_us, contract_since_us, contract_until_us, monthly_value, channels, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
  $26)
ON CONFLICT (customer_id) DO UPDATE SET first_us = excluded.first_us,
  last_us = excluded.last_us, currency = excluded.currency, orders = excluded.orders, order_days = excluded.order_days,
  order_value = excluded.order_value, first_order_us = excluded.first_order_us, last_order_us = excluded.last_order_us,
  gap_days = excluded.gap_days, refunds = excluded.refunds, refund_value = excluded.refund_value, returns = excluded.returns,
  contacts_in = excluded.contacts_in, contacts_out = excluded.contacts_out, complaints = excluded.complaints,
  feedback = excluded.feedback, last_score = excluded.last_score, last_instrument = excluded.last_instrument,
  last_score_us = excluded.last_score_us, waiting_us = excluded.waiting_us, contract_since_us = excluded.contract_since_us,
  contract_until_us = excluded.contract_until_us, monthly_value = excluded.monthly_value, channels = excluded.channels,
  state = excluded.state;

-- name: summary_new
-- rows known to be new
INSERT INTO summary (customer_id, first_us, last_us, currency, orders, order_days, order_value, first_order_us, last_order_us,
  gap_days, refunds, refund_value, returns, contacts_in, contacts_out, complaints, feedback, last_score, last_instrument,
  last_score_us, waiting_us, contract_since_us, contract_until_us, monthly_value, channels, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
  $26);

-- name: summary_delete
DELETE FROM summary WHERE customer_id = $1;

-- name: summary_scan
-- every customer: the columns of summary_put, in the same order
SELECT customer_id, first_us, last_us, currency, orders, order_days, order_value, first_order_us, last_order_us,
  gap_days, refunds, refund_value, returns, contacts_in, contacts_out, complaints, feedback, last_score, last_instrument,
  last_score_us, waiting_us, contract_since_us, contract_until_us, monthly_value, channels, state
  FROM summary ORDER BY customer_id;

-- name: summary_get
SELECT customer_id, first_us, last_us, currency, orders, order_days, order_value, first_order_us, last_order_us,
  gap_days, refunds, refund_value, returns, contacts_in, contacts_out, complaints, feedback, last_score, last_instrument,
  last_score_us, waiting_us, contract_since_us, contract_until_us, monthly_value, channels, state
  FROM summary WHERE customer_id = $1;

-- name: summary_count
SELECT COUNT(*) FROM summary;

-- name: conversation_state
SELECT state FROM conversation WHERE profile_id = $1 AND thread = $2;

-- name: conversation_put
-- its source stays whose it began with: what heed tells of it has another one
INSERT INTO conversation (profile_id, thread, opened_us, last_us, waiting_us, solved_us, first_reply_us, channel, source_id, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (profile_id, thread) DO UPDATE SET opened_us = excluded.opened_us, last_us = excluded.last_us,
  waiting_us = excluded.waiting_us, solved_us = excluded.solved_us, first_reply_us = excluded.first_reply_us,
  channel = excluded.channel, state = excluded.state;

-- name: conversation_delete_profile
DELETE FROM conversation WHERE profile_id = $1;

-- name: conversation_since
-- conversations that moved since a time, for the clock measures
SELECT profile_id, thread, opened_us, last_us, waiting_us, solved_us, first_reply_us, channel, source_id, state
  FROM conversation WHERE last_us >= $1;

-- name: conversation_scan
SELECT profile_id, thread, opened_us, last_us, waiting_us, solved_us, first_reply_us, channel, source_id, state
  FROM conversation ORDER BY profile_id, thread;

-- name: conversation_of_profile
SELECT profile_id, thread, opened_us, last_us, waiting_us, solved_us, first_reply_us, channel, source_id, state
  FROM conversation WHERE profile_id = $1 ORDER BY opened_us;

-- name: conversation_waiting
-- in which these profiles wait for us
SELECT profile_id, opened_us, waiting_us, channel, source_id FROM conversation
 WHERE profile_id IN (SELECT value FROM json_each($1)) AND waiting_us IS NOT NULL;

-- name: feedback_put
INSERT INTO feedback (period, profile_id, feedback_id, at_us, key, kind, channel, source_id, instrument, score, mood, topic,
  lang, has_words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: feedback_words_put
INSERT INTO feedback_words (rowid, words) VALUES ($1, $2);

-- name: feedback_words_delete
INSERT INTO feedback_words (feedback_words, rowid, words) VALUES ('delete', $1, $2);

-- name: feedback_id_of
SELECT feedback_id, has_words FROM feedback WHERE period = $1 AND profile_id = $2 AND at_us = $3 AND key = $4;

-- name: feedback_delete
DELETE FROM feedback WHERE period = $1 AND profile_id = $2 AND at_us = $3 AND key = $4;

-- name: feedback_of_period
SELECT profile_id, feedback_id, at_us, key, kind, channel, source_id, instrument, score, mood, topic, lang, has_words
  FROM feedback WHERE period = $1 ORDER BY profile_id, at_us, key;

-- name: feedback_period_first
SELECT MIN(period) FROM feedback;

-- name: feedback_period_next
SELECT MIN(period) FROM feedback WHERE period > $1;

-- name: derived_clear_identifier
DELETE FROM identifier;
-- name: derived_clear_profile
DELETE FROM profile;
-- name: derived_clear_link
DELETE FROM link WHERE (state <= 2 OR state = 5);
-- name: derived_clear_demoted
DELETE FROM demoted;
-- name: derived_clear_summary
DELETE FROM summary;
-- name: derived_clear_conversation
DELETE FROM conversation;
-- name: derived_clear_feedback
DELETE FROM feedback;
-- name: derived_clear_words
INSERT INTO feedback_words (feedback_words) VALUES ('delete-all');

-- name: conversation_some
SELECT profile_id, thread, state FROM conversation WHERE profile_id IN (SELECT value FROM json_each($1))
   AND thread IN (SELECT value FROM json_each($2));

-- name: link_verdict_undo
DELETE FROM link WHERE profile_a = $1 AND profile_b = $2 AND hash = 0;

-- name: past_facts
SELECT profile_id, at_us, edited_us, body FROM event_past WHERE why = 1 AND body IS NOT NULL;

-- name: identifier_scan
SELECT hash, profile_id, kind, source_id, is_key, value, first_day FROM identifier;

-- name: feedback_words_count
SELECT COUNT(*) FROM feedback_words;

-- name: import_events
-- about how many events there are: what the imports counted
SELECT CAST(SUM(added) AS BIGINT) FROM import WHERE state <> 2;

-- name: event_period_last
SELECT MAX(period) FROM event;

-- name: event_newest_in
SELECT MAX(at_us) FROM event WHERE period = $1;

-- name: profile_segments
SELECT profile_id, customer_id, segment, segment_us FROM profile;

-- name: source_names
SELECT source_id, name, channel, sample FROM source ORDER BY source_id;

-- name: event_back
-- a profile's events of the month $1 (PostgreSQL: to the month $2), newest first, after the moment ($4, $5) of that
-- order, $6 <= t < $7, of the kinds and channels whose bits are set ($8, $9: 0 for all), of the thread $12 if $11 is set,
-- without heed's own notes
SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, body
  FROM event
 WHERE period = $1 AND profile_id = $3 AND at_us <= $4 AND (at_us < $4 OR key < $5) AND at_us >= $6 AND at_us < $7
   AND ($8 = 0 OR ($8 >> kind) & 1 = 1) AND ($9 = 0 OR ($9 >> channel) & 1 = 1)
   AND ($11 = 0 OR thread = $12) AND NOT (kind = 1 AND substr(COALESCE(body, ''), 1, 8) = '{"ids":[')
 ORDER BY at_us DESC, key DESC LIMIT $10;

-- name: identity_counts
-- profiles, customers, and customers of several profiles
SELECT COUNT(*), SUM(CASE WHEN profile_id = customer_id THEN 1 ELSE 0 END),
  COUNT(DISTINCT CASE WHEN customer_id <> profile_id THEN customer_id END) FROM profile;

-- name: identity_links
SELECT state, COUNT(*) FROM link GROUP BY state;

-- name: identity_crowds
-- customers of more profiles than this, the largest first
SELECT customer_id, COUNT(*) + 1 FROM profile WHERE customer_id <> profile_id GROUP BY customer_id
HAVING COUNT(*) + 1 > $1 ORDER BY 2 DESC, 1 LIMIT $2;

-- name: identity_crowd_count
SELECT COUNT(*) FROM (SELECT customer_id FROM profile WHERE customer_id <> profile_id GROUP BY customer_id
HAVING COUNT(*) + 1 > $1) AS x;

-- name: identity_crowd_idents
-- identifiers of one customer, and by how many of its profiles each is held
SELECT i.value, COUNT(*) FROM identifier i WHERE i.profile_id = $1
    OR i.profile_id IN (SELECT profile_id FROM profile WHERE customer_id = $1 AND customer_id <> profile_id)
 GROUP BY i.kind, i.value ORDER BY 2 DESC, 1;

-- name: identity_demoted
SELECT d.kind, d.profiles, (SELECT MIN(i.value) FROM identifier i WHERE i.hash = d.hash) FROM demoted d
 ORDER BY d.profiles DESC, d.hash LIMIT $1;

-- name: identity_demoted_count
SELECT COUNT(*) FROM demoted;

-- name: identity_vetoes
SELECT l.profile_a, l.profile_b, l.kind, (SELECT MIN(i.value) FROM identifier i WHERE i.hash = l.hash) FROM link l
 WHERE l.state = 2 ORDER BY l.profile_a, l.profile_b LIMIT $1;

-- name: identity_name
-- the newest name of a customer
SELECT name FROM profile WHERE name IS NOT NULL AND (profile_id = $1 OR (customer_id = $1 AND customer_id <> profile_id))
 ORDER BY name_us, profile_id;
