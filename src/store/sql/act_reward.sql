-- Statements about points, vouchers, referrals and stories.

-- name: reward_entry_put
INSERT INTO reward_entry (profile_id, at_us, key, entry_id, source_id, what, unit, points, names, for_key, for_profile,
  for_us, from_us, until_us, programme_id, why, disclosure, counts, lot, taken)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
ON CONFLICT (profile_id, at_us, key) DO UPDATE SET entry_id = excluded.entry_id, source_id = excluded.source_id,
  what = excluded.what, unit = excluded.unit, points = excluded.points, names = excluded.names, for_key = excluded.for_key,
  for_profile = excluded.for_profile, for_us = excluded.for_us, from_us = excluded.from_us, until_us = excluded.until_us,
  programme_id = excluded.programme_id, why = excluded.why, disclosure = excluded.disclosure, counts = excluded.counts,
  lot = excluded.lot, taken = excluded.taken;

-- name: reward_entry_drop
DELETE FROM reward_entry WHERE profile_id = $1 AND at_us = $2 AND key = $3;

-- name: reward_entry_fold
-- what the customer's other entries make of one
UPDATE reward_entry SET counts = $4, lot = $5, taken = $6 WHERE profile_id = $1 AND at_us = $2 AND key = $3;

-- name: reward_entry_of_profile
SELECT profile_id, at_us, key, entry_id, source_id, what, unit, points, names, for_key, for_profile, for_us, from_us,
  until_us, programme_id, why, disclosure, counts, lot, taken
  FROM reward_entry WHERE profile_id = $1 ORDER BY at_us, key;

-- name: reward_entry_get
SELECT profile_id, at_us, key, entry_id, source_id, what, unit, points, names, for_key, for_profile, for_us, from_us,
  until_us, programme_id, why, disclosure, counts, lot, taken
  FROM reward_entry WHERE entry_id = $1 ORDER BY profile_id LIMIT 1;

-- name: reward_entry_for_event
-- those that an event earned, the newest first
SELECT profile_id, at_us, key, entry_id, source_id, what, unit, points, names, for_key, for_profile, for_us, from_us,
  until_us, programme_id, why, disclosure, counts, lot, taken
  FROM reward_entry WHERE for_key = $1 ORDER BY at_us DESC, entry_id;

-- name: reward_entry_scan
SELECT profile_id, at_us, key, entry_id, source_id, what, unit, points, names, for_key, for_profile, for_us, from_us,
  until_us, programme_id, why, disclosure, counts, lot, taken
  FROM reward_entry ORDER BY profile_id, at_us, key;

-- name: reward_entry_people
-- by customer, for folding all of them; without texts
SELECT e.profile_id, e.at_us, e.key, e.entry_id, e.source_id, e.what, e.unit, e.points, e.names, e.for_key, e.for_profile,
  e.for_us, e.from_us, e.until_us, e.programme_id, '', '', e.counts, e.lot, e.taken, p.customer_id
  FROM reward_entry e JOIN profile p ON p.profile_id = e.profile_id ORDER BY p.customer_id, e.at_us, e.key;

-- name: reward_entry_list
-- newest first, after ($1, $2); $3 customer (0: any), $4 what (0: any), $5 at most
SELECT e.profile_id, e.at_us, e.key, e.entry_id, e.source_id, e.what, e.unit, e.points, e.names, e.for_key, e.for_profile,
  e.for_us, e.from_us, e.until_us, e.programme_id, e.why, e.disclosure, e.counts, e.lot, e.taken, p.customer_id
  FROM reward_entry e LEFT JOIN profile p ON p.profile_id = e.profile_id
 WHERE (e.at_us < $1 OR (e.at_us = $1 AND e.entry_id < $2)) AND ($4 = 0 OR e.what = $4)
   AND ($3 = 0 OR e.profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $3))
 ORDER BY e.at_us DESC, e.entry_id DESC LIMIT $5;

-- name: reward_entry_erase
DELETE FROM reward_entry WHERE profile_id = $1;

-- name: reward_entry_clear
DELETE FROM reward_entry;

-- name: reward_any
SELECT MAX(entry_id) FROM reward_entry;

-- name: reward_owners
-- the customers who have points
SELECT DISTINCT p.customer_id FROM reward_entry e JOIN profile p ON p.profile_id = e.profile_id ORDER BY p.customer_id;

-- name: reward_balances
-- per customer: balance, and what is left of what was gained
SELECT p.customer_id, CAST(SUM(e.counts) AS BIGINT), CAST(SUM(e.lot) AS BIGINT)
  FROM (SELECT profile_id, SUM(counts) AS counts, SUM(lot) AS lot FROM reward_entry WHERE unit = 0 GROUP BY profile_id) e
  JOIN profile p ON p.profile_id = e.profile_id GROUP BY p.customer_id ORDER BY p.customer_id;

-- name: reward_bare_sum
-- what a plain table of points would do
SELECT profile_id, CAST(SUM(points) AS BIGINT) FROM reward_entry GROUP BY profile_id;

-- name: reward_totals
-- what is left, by programme
SELECT e.programme_id, COUNT(*), CAST(SUM(e.lot) AS BIGINT) FROM reward_entry e
 WHERE e.lot > 0 AND (e.until_us = 0 OR e.until_us > $1) GROUP BY e.programme_id ORDER BY e.programme_id;

-- name: reward_expired
-- lots whose time is over by $1 and of which something is left, after the entry $2, at most $3
SELECT e.entry_id, e.profile_id, e.lot, e.until_us, p.customer_id FROM reward_entry e
  JOIN profile p ON p.profile_id = e.profile_id
 WHERE e.lot > 0 AND e.until_us > 0 AND e.until_us <= $1 AND e.entry_id > $2 ORDER BY e.entry_id LIMIT $3;

-- name: reward_expiries_of
-- how often a lot has expired already: it may come back by a reversal
SELECT COUNT(*) FROM reward_entry WHERE names = $1 AND what = 5 AND profile_id IN
  (SELECT q.profile_id FROM profile q WHERE q.customer_id = $2);

-- name: reward_back
-- what was cancelled or given back since the month $1, by order
SELECT profile_id, thread, value FROM event WHERE period >= $1 AND kind IN (3, 4) AND thread IS NOT NULL;

-- name: reward_causes
-- events of the kind $1 from the month $2 and the time $3 to $4, with what the programme $5 has given for them so far
SELECT o.profile_id, o.at_us, o.key, o.value, o.unit, o.thread, p.customer_id,
  (SELECT CAST(COALESCE(SUM(r.points - r.taken), 0) AS BIGINT) FROM reward_entry r
    WHERE r.for_key = o.key AND r.points > 0 AND r.programme_id = $5),
  (SELECT COUNT(*) FROM reward_entry r WHERE r.for_key = o.key AND r.programme_id = $5),
  (SELECT COUNT(*) FROM reward_entry r WHERE r.for_key = o.key AND r.programme_id = $5 AND r.points > r.taken
     AND (r.for_us <> o.at_us OR r.for_profile <> o.profile_id))
  FROM event o JOIN profile p ON p.profile_id = o.profile_id
 WHERE o.kind = $1 AND o.period >= $2 AND o.at_us >= $3 AND o.at_us < $4
 ORDER BY o.period, o.profile_id, o.at_us, o.key;

-- name: reward_gone
-- entries whose cause is not there any more
SELECT r.entry_id, r.points - r.taken, r.for_us, r.for_profile, r.for_key FROM reward_entry r
 WHERE r.for_key <> 0 AND r.points > r.taken AND r.entry_id > $1 ORDER BY r.entry_id LIMIT $2;

-- name: reward_day
-- what a customer earned by a programme from $3 to $4
SELECT CAST(COALESCE(SUM(e.points - e.taken), 0) AS BIGINT), COUNT(*) FROM reward_entry e
 WHERE e.programme_id = $2 AND e.points > e.taken AND e.at_us >= $3 AND e.at_us < $4
   AND e.profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $1);

-- name: reward_untold_put
INSERT INTO reward_untold (untold_id, profile_id, event) VALUES ($1, $2, $3);

-- name: reward_untold_list
SELECT untold_id, profile_id, event FROM reward_untold ORDER BY untold_id LIMIT $1;

-- name: reward_untold_drop
DELETE FROM reward_untold WHERE untold_id = $1;

-- name: reward_untold_erase
DELETE FROM reward_untold WHERE profile_id = $1;

-- name: programme_put
INSERT INTO reward_programme (programme_id, version, name, earned_by, currency, rate, rounding, worth, wait_days,
  expiry_days, day_points, day_times, condition, disclosure, from_us, until_us, state, made_by, made_us, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- name: programme_list
-- all versions, the newest of each first
SELECT programme_id, version, name, earned_by, currency, rate, rounding, worth, wait_days, expiry_days, day_points,
  day_times, condition, disclosure, from_us, until_us, state, made_by, made_us, sample
  FROM reward_programme ORDER BY programme_id, version DESC;

-- name: programme_get
-- all versions of one, the newest first
SELECT programme_id, version, name, earned_by, currency, rate, rounding, worth, wait_days, expiry_days, day_points,
  day_times, condition, disclosure, from_us, until_us, state, made_by, made_us, sample
  FROM reward_programme WHERE programme_id = $1 ORDER BY version DESC;

-- name: programme_drop_sample
DELETE FROM reward_programme WHERE sample = 1;

-- name: voucher_put
INSERT INTO voucher (voucher_id, code, profile_id, currency, value, share_bp, least, from_us, until_us, state, held_us,
  held_for, used, concession_id, paid, paid_entry, ended_us, made_by, made_us, why, disclosure, ask_key, version, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
ON CONFLICT (voucher_id) DO UPDATE SET state = excluded.state, held_us = excluded.held_us, held_for = excluded.held_for,
  used = excluded.used, concession_id = excluded.concession_id, ended_us = excluded.ended_us, version = excluded.version;

-- name: voucher_get
SELECT voucher_id, code, profile_id, currency, value, share_bp, least, from_us, until_us, state, held_us, held_for, used,
  concession_id, paid, paid_entry, ended_us, made_by, made_us, why, disclosure, ask_key, version, sample
  FROM voucher WHERE voucher_id = $1;

-- name: voucher_of_code
SELECT voucher_id, code, profile_id, currency, value, share_bp, least, from_us, until_us, state, held_us, held_for, used,
  concession_id, paid, paid_entry, ended_us, made_by, made_us, why, disclosure, ask_key, version, sample
  FROM voucher WHERE code = $1;

-- name: voucher_of_ask
SELECT voucher_id, code, profile_id, currency, value, share_bp, least, from_us, until_us, state, held_us, held_for, used,
  concession_id, paid, paid_entry, ended_us, made_by, made_us, why, disclosure, ask_key, version, sample
  FROM voucher WHERE ask_key = $1 ORDER BY voucher_id LIMIT 1;

-- name: voucher_list
-- newest first, before $1; $2 customer (0: any), $3 at most
SELECT voucher_id, code, profile_id, currency, value, share_bp, least, from_us, until_us, state, held_us, held_for, used,
  concession_id, paid, paid_entry, ended_us, made_by, made_us, why, disclosure, ask_key, version, sample
  FROM voucher WHERE voucher_id < $1
   AND ($2 = 0 OR profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $2))
 ORDER BY voucher_id DESC LIMIT $3;

-- name: voucher_owed
-- what open vouchers may still take off, by currency
SELECT currency, COUNT(*), CAST(SUM(value) AS BIGINT) FROM voucher
 WHERE state IN (0, 1, 4) AND (until_us = 0 OR until_us > $1) GROUP BY currency ORDER BY currency;

-- name: voucher_ended
-- how many vouchers that are over were used, by currency
SELECT currency, COUNT(*), CAST(SUM(value) AS BIGINT), CAST(SUM(CASE WHEN state = 2 THEN 1 ELSE 0 END) AS BIGINT),
  CAST(SUM(CASE WHEN state = 2 THEN used ELSE 0 END) AS BIGINT)
  FROM voucher WHERE state IN (2, 3) OR (until_us > 0 AND until_us <= $1) GROUP BY currency ORDER BY currency;

-- name: voucher_over
-- vouchers whose time is over, or whose reservation is
SELECT voucher_id FROM voucher WHERE voucher_id > $2 AND (state IN (0, 4) AND until_us > 0 AND until_us <= $1
    OR state = 1 AND held_us <= $1) ORDER BY voucher_id LIMIT $3;

-- name: voucher_waiting
SELECT voucher_id FROM voucher WHERE state = 4 ORDER BY voucher_id LIMIT $1;

-- name: voucher_erase
DELETE FROM voucher WHERE profile_id = $1;

-- name: voucher_drop_sample
DELETE FROM voucher WHERE sample = 1 OR profile_id IN (
    SELECT p.profile_id FROM profile p JOIN source s ON s.source_id = p.source_id WHERE s.sample = 1);

-- name: referral_put
INSERT INTO referral (profile_id, at_us, key, what, referrer, words) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (profile_id, at_us, key) DO UPDATE SET what = excluded.what, referrer = excluded.referrer, words = excluded.words;

-- name: referral_drop
DELETE FROM referral WHERE profile_id = $1 AND at_us = $2 AND key = $3;

-- name: referral_clear
DELETE FROM referral;

-- name: referral_erase
DELETE FROM referral WHERE profile_id = $1;

-- name: referral_scan
SELECT profile_id, at_us, key, what, referrer, words FROM referral ORDER BY profile_id, at_us, key;

-- name: referral_people
-- with the customer who came, and those who bear the identifier of who referred
SELECT r.profile_id, r.at_us, r.key, r.what, r.referrer, r.words, p.customer_id, MIN(q.customer_id), MAX(q.customer_id)
  FROM referral r JOIN profile p ON p.profile_id = r.profile_id
  LEFT JOIN identifier i ON i.hash = r.referrer AND r.referrer <> 0
  LEFT JOIN profile q ON q.profile_id = i.profile_id
 GROUP BY r.profile_id, r.at_us, r.key, r.what, r.referrer, r.words, p.customer_id
 ORDER BY r.at_us, r.key;

-- name: referral_naming
-- events that name somebody as the referrer
SELECT profile_id, at_us, key FROM referral WHERE referrer = $1 ORDER BY profile_id, at_us, key;

-- name: referral_unname
UPDATE referral SET referrer = 0 WHERE profile_id = $1 AND at_us = $2 AND key = $3;

-- name: event_body_put
-- an erasure takes another person's name out of an event
UPDATE event SET body = $5 WHERE period = $1 AND profile_id = $2 AND at_us = $3 AND key = $4;

-- name: reward_shared
-- identifiers of one customer that another customer has too, though they join nobody
SELECT DISTINCT i.kind, q.customer_id FROM identifier i JOIN profile p ON p.profile_id = i.profile_id
  JOIN identifier k ON k.hash = i.hash JOIN profile q ON q.profile_id = k.profile_id
 WHERE p.customer_id = $1 AND q.customer_id <> $1 ORDER BY q.customer_id, i.kind LIMIT 100;

-- name: story_put
INSERT INTO story (story_id, profile_id, title, words, wording, state, approved, approved_us, until_us, places, made_by,
  made_us, version, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (story_id) DO UPDATE SET title = excluded.title, words = excluded.words, wording = excluded.wording,
  state = excluded.state, approved = excluded.approved, approved_us = excluded.approved_us, until_us = excluded.until_us,
  places = excluded.places, version = excluded.version;

-- name: story_get
SELECT s.story_id, s.profile_id, s.title, s.words, s.wording, s.state, s.approved, s.approved_us, s.until_us, s.places,
  s.made_by, s.made_us, s.version, s.sample, p.customer_id
  FROM story s LEFT JOIN profile p ON p.profile_id = s.profile_id WHERE s.story_id = $1;

-- name: story_list
-- newest first, before $1; $2 customer (0: any), $3 state (-1: any), $4 at most
SELECT s.story_id, s.profile_id, s.title, s.words, s.wording, s.state, s.approved, s.approved_us, s.until_us, s.places,
  s.made_by, s.made_us, s.version, s.sample, p.customer_id
  FROM story s LEFT JOIN profile p ON p.profile_id = s.profile_id
 WHERE s.story_id < $1 AND ($2 = 0 OR p.customer_id = $2) AND ($3 < 0 OR s.state = $3) ORDER BY s.story_id DESC LIMIT $4;

-- name: story_step_put
INSERT INTO story_step (story_id, step, at_us, what, wording, words, by_whom) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: story_steps
SELECT step, at_us, what, wording, words, by_whom FROM story_step WHERE story_id = $1 ORDER BY step;

-- name: story_step_last
SELECT MAX(step) FROM story_step WHERE story_id = $1;

-- name: story_step_erase
DELETE FROM story_step WHERE story_id IN (SELECT s.story_id FROM story s WHERE s.profile_id = $1);

-- name: story_erase
DELETE FROM story WHERE profile_id = $1;

-- name: story_step_drop_sample
DELETE FROM story_step WHERE story_id IN (SELECT k.story_id FROM story k WHERE k.sample = 1 OR k.profile_id IN (
    SELECT p.profile_id FROM profile p JOIN source s ON s.source_id = p.source_id WHERE s.sample = 1));

-- name: story_drop_sample
DELETE FROM story WHERE sample = 1 OR profile_id IN (
    SELECT p.profile_id FROM profile p JOIN source s ON s.source_id = p.source_id WHERE s.sample = 1);
