-- What differs on PostgreSQL.

-- name: identifier_some
SELECT hash, profile_id, kind, source_id, is_key, import_id, first_day, said_day FROM identifier
 WHERE hash = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: identifier_of_some
SELECT hash, profile_id, kind, source_id, is_key, import_id, first_day, said_day FROM identifier
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: identifier_put
INSERT INTO identifier (hash, profile_id, kind, source_id, is_key, import_id, value, first_day, said_day)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
  $8::bigint[], $9::bigint[])
ON CONFLICT (hash, profile_id) DO UPDATE SET import_id = excluded.import_id, first_day = excluded.first_day,
  said_day = excluded.said_day;

-- name: profile_some
SELECT profile_id, customer_id FROM profile
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: profile_put
INSERT INTO profile (profile_id, customer_id, source_id, name, name_us, country, country_us, segment, segment_us, lang, lang_us,
  address, address_us, born, born_us)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::text[],
  $9::bigint[], $10::text[], $11::bigint[], $12::text[], $13::bigint[], $14::text[], $15::bigint[])
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

-- name: profile_move
UPDATE profile SET customer_id = v.c FROM unnest($1::bigint[], $2::bigint[]) AS v (p, c) WHERE profile_id = v.p;

-- name: demoted_put
INSERT INTO demoted (hash, kind, profiles) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
ON CONFLICT (hash) DO UPDATE SET profiles = excluded.profiles;

-- name: link_put
INSERT INTO link (profile_a, profile_b, hash, kind, state, reason)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
ON CONFLICT (profile_a, profile_b, hash) DO UPDATE SET state = excluded.state, reason = excluded.reason;

-- name: link_clear
DELETE FROM link WHERE (state <= 2 OR state = 5)
   AND profile_a = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: link_clear_b
DELETE FROM link WHERE (state <= 2 OR state = 5)
   AND profile_b = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: link_verdicts
SELECT profile_a, profile_b, state FROM link WHERE hash = 0 AND state IN (3, 4)
   AND (profile_a = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[])
     OR profile_b = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]));

-- name: summary_state
SELECT customer_id, state FROM summary
 WHERE customer_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]) ORDER BY customer_id;

-- name: summary_put
INSERT INTO summary (customer_id, first_us, last_us, currency, orders, order_days, order_value, first_order_us,
  last_order_us, gap_days, refunds, refund_value, returns, contacts_in, contacts_out, complaints, feedback, last_score,
  last_instrument, last_score_us, waiting_us, contract_since_us, contract_until_us, monthly_value, channels, state)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
  $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],
  $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[],
  $24::bigint[], $25::bigint[], $26::bytea[])
ON CONFLICT (customer_id) DO UPDATE SET first_us = excluded.first_us,
  last_us = excluded.last_us, currency = excluded.currency, orders = excluded.orders, order_days = excluded.order_days,
  order_value = excluded.order_value, first_order_us = excluded.first_order_us, last_order_us = excluded.last_order_us,
  gap_days = excluded.gap_days, refunds = excluded.refunds, refund_value = excluded.refund_value, returns = excluded.returns,
  contacts_in = excluded.contacts_in, contacts_out = excluded.contacts_out, complaints = excluded.complaints,
  feedback = excluded.feedback, last_score = excluded.last_score, last_instrument = excluded.last_instrument,
  last_score_us = excluded.last_score_us, waiting_us = excluded.waiting_us, contract_since_us = excluded.contract_since_us,
  contract_until_us = excluded.contract_until_us, monthly_value = excluded.monthly_value, channels = excluded.channels,
  state = excluded.state;

-- name: summary_delete
DELETE FROM summary USING unnest($1::bigint[]) AS v (c) WHERE customer_id = v.c;

-- name: conversation_put
INSERT INTO conversation (profile_id, thread, opened_us, last_us, waiting_us, solved_us, first_reply_us, channel, source_id, state)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
  $8::bigint[], $9::bigint[], $10::bytea[])
ON CONFLICT (profile_id, thread) DO UPDATE SET opened_us = excluded.opened_us, last_us = excluded.last_us,
  waiting_us = excluded.waiting_us, solved_us = excluded.solved_us, first_reply_us = excluded.first_reply_us,
  channel = excluded.channel, state = excluded.state;

-- name: feedback_put
INSERT INTO feedback (period, profile_id, feedback_id, at_us, key, kind, channel, source_id, instrument, score, mood, topic,
  lang, has_words)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
  $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::bigint[]);

-- name: feedback_words_put
-- an index entry holds a megabyte at most, which a hundred thousand characters of any script cannot pass
INSERT INTO feedback_words (feedback_id, words) SELECT i, to_tsvector('simple', left(w, 100000)) FROM unnest($1::bigint[], $2::text[]) AS v (i, w);

-- name: feedback_words_delete
DELETE FROM feedback_words WHERE feedback_id = $1 AND $2::text IS NOT NULL;

-- name: derived_clear_words
DELETE FROM feedback_words;

-- name: conversation_some
SELECT profile_id, thread, state FROM conversation
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[])
   AND thread = ANY((SELECT CAST(translate($2, '[]', '{}') AS bigint[]))::bigint[]);

-- name: identifier_new
-- copy: identifier(hash, profile_id, kind, source_id, is_key, import_id, value, first_day, said_day)

-- name: profile_new
-- copy: profile(profile_id, customer_id, source_id, name, name_us, country, country_us, segment, segment_us, lang, lang_us, address, address_us, born, born_us)

-- name: summary_new
-- copy: summary(customer_id, first_us, last_us, currency, orders, order_days, order_value, first_order_us, last_order_us, gap_days, refunds, refund_value, returns, contacts_in, contacts_out, complaints, feedback, last_score, last_instrument, last_score_us, waiting_us, contract_since_us, contract_until_us, monthly_value, channels, state)

-- name: conversation_waiting
SELECT profile_id, opened_us, waiting_us, channel, source_id FROM conversation
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]) AND waiting_us IS NOT NULL;

-- name: identifier_of_people
SELECT profile_id, kind, value, is_key, hash FROM identifier
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]) ORDER BY profile_id, is_key DESC, kind, value;

-- name: identifier_of_person
SELECT profile_id, kind, value, is_key, hash FROM identifier
 WHERE profile_id = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: link_of_people
SELECT profile_a, profile_b, hash, kind, state, reason FROM link
 WHERE profile_a = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[])
    OR profile_b = ANY((SELECT CAST(translate($1, '[]', '{}') AS bigint[]))::bigint[]);

-- name: event_back
SELECT period, profile_id, at_us, key, kind, channel, import_id, value, unit, thread, body
  FROM event
 WHERE period BETWEEN $1 AND $2 AND profile_id = $3 AND at_us <= $4 AND (at_us < $4 OR key < $5) AND at_us >= $6
   AND at_us < $7 AND ($8 = 0 OR ($8 >> kind) & 1 = 1) AND ($9 = 0 OR ($9 >> channel) & 1 = 1)
   AND ($11 = 0 OR thread = $12) AND NOT (kind = 1 AND substr(COALESCE(body, ''), 1, 8) = '{"ids":[')
 ORDER BY at_us DESC, key DESC LIMIT $10;
