-- Statements about red lines, concessions, approvals, envelopes and what things cost us.

-- ---- lines ----

-- name: redline_put
INSERT INTO redline (redline_id, version, name, kind, bound, currency, period, of_kinds, segment_id, product, channel, role,
  measure, below, signer, why, from_us, until_us, made_us, made_by, ended_us, retired, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, NULL, $21, $22);

-- name: redline_end
UPDATE redline SET ended_us = $2 WHERE redline_id = $1 AND ended_us IS NULL;

-- name: redline_get
SELECT redline_id, version, name, kind, bound, currency, period, of_kinds, segment_id, product, channel, role, measure,
  below, signer, why, from_us, until_us, made_us, made_by, ended_us, retired, sample
  FROM redline WHERE redline_id = $1 AND ended_us IS NULL;

-- name: redline_named
-- those in force before those that are retired
SELECT redline_id, version, name, kind, bound, currency, period, of_kinds, segment_id, product, channel, role, measure,
  below, signer, why, from_us, until_us, made_us, made_by, ended_us, retired, sample
  FROM redline WHERE name = $1 AND ended_us IS NULL ORDER BY retired, redline_id LIMIT 1;

-- name: redline_list
-- $1 1: retired ones too
SELECT redline_id, version, name, kind, bound, currency, period, of_kinds, segment_id, product, channel, role, measure,
  below, signer, why, from_us, until_us, made_us, made_by, ended_us, retired, sample
  FROM redline WHERE ended_us IS NULL AND (retired = 0 OR $1 = 1) ORDER BY retired, redline_id;

-- name: redline_history
SELECT redline_id, version, name, kind, bound, currency, period, of_kinds, segment_id, product, channel, role, measure,
  below, signer, why, from_us, until_us, made_us, made_by, ended_us, retired, sample
  FROM redline WHERE redline_id = $1 ORDER BY version DESC;

-- name: redline_holding
-- the lines that hold at $1, with what stands in their running period: committed, and reserved beside it
SELECT r.redline_id, r.version, r.name, r.kind, r.bound, r.currency, r.period, r.of_kinds, r.segment_id, r.product,
  r.channel, r.role, r.measure, r.below, r.signer, r.why, r.from_us, r.until_us, r.made_us, r.made_by, r.ended_us,
  r.retired, r.sample, s.from_us, s.until_us, s.spent, s.times,
  s.held - COALESCE((SELECT CAST(SUM(c.costs) AS BIGINT) FROM concession_line c
    WHERE c.redline_id = r.redline_id AND c.from_us = s.from_us AND c.held = 1 AND c.keep_us <= $1), 0),
  s.held_times - (SELECT COUNT(*) FROM concession_line d
    WHERE d.redline_id = r.redline_id AND d.from_us = s.from_us AND d.held = 1 AND d.keep_us <= $1)
  FROM redline r LEFT JOIN redline_sum s ON s.redline_id = r.redline_id AND s.from_us <= $1 AND s.until_us > $1
 WHERE r.ended_us IS NULL AND r.retired = 0 AND r.from_us <= $1 AND (r.until_us = 0 OR r.until_us > $1)
 ORDER BY r.redline_id;

-- name: redline_person_sum
-- of one customer in the period that began at $2: committed, and reserved at $4, profile by profile
SELECT s.spent, s.times,
  s.held - COALESCE((SELECT CAST(SUM(c.costs) AS BIGINT) FROM concession_line c WHERE c.profile_id = s.profile_id
    AND c.profile_id > 0 AND c.redline_id = $1 AND c.from_us = $2 AND c.held = 1 AND c.keep_us <= $4), 0),
  s.held_times - (SELECT COUNT(*) FROM concession_line d WHERE d.profile_id = s.profile_id
    AND d.profile_id > 0 AND d.redline_id = $1 AND d.from_us = $2 AND d.held = 1 AND d.keep_us <= $4)
  FROM redline_person s WHERE s.redline_id = $1 AND s.from_us = $2
   AND s.profile_id IN (SELECT p.profile_id FROM profile p WHERE p.profile_id = $3 AND p.customer_id = $3
     UNION ALL SELECT q.profile_id FROM profile q WHERE q.customer_id = $3 AND q.customer_id <> q.profile_id);

-- name: redline_sum_begin
INSERT INTO redline_sum (redline_id, from_us, until_us, spent, times, held, held_times) VALUES ($1, $2, $3, 0, 0, 0, 0)
ON CONFLICT (redline_id, from_us) DO NOTHING;

-- name: redline_sum_at
SELECT from_us, until_us, spent, times FROM redline_sum WHERE redline_id = $1 AND from_us <= $2 AND until_us > $2;

-- name: redline_sum_last
-- where the newest period of a line ends
SELECT MAX(until_us) FROM redline_sum WHERE redline_id = $1;

-- name: redline_sum_add
UPDATE redline_sum SET spent = spent + $3, times = times + $4, held = held + $5, held_times = held_times + $6
 WHERE redline_id = $1 AND from_us = $2;

-- name: redline_person_add
INSERT INTO redline_person (redline_id, from_us, profile_id, spent, times, held, held_times)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (redline_id, from_us, profile_id) DO UPDATE SET spent = redline_person.spent + excluded.spent,
  times = redline_person.times + excluded.times, held = redline_person.held + excluded.held,
  held_times = redline_person.held_times + excluded.held_times;

-- name: redline_sum_drop
DELETE FROM redline_sum WHERE redline_id = $1;

-- name: redline_person_drop
DELETE FROM redline_person WHERE redline_id = $1;

-- name: concession_line_drop
DELETE FROM concession_line WHERE redline_id = $1;

-- name: redline_measure_put
INSERT INTO redline_measure (name, at_us, value, lo, hi, n, state) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (name) DO UPDATE SET at_us = excluded.at_us, value = excluded.value, lo = excluded.lo, hi = excluded.hi,
  n = excluded.n, state = excluded.state;

-- name: redline_measure_get
SELECT at_us, value, lo, hi, n, state FROM redline_measure WHERE name = $1;

-- name: redline_measure_wanted
-- is any line about a figure in force?
SELECT COUNT(*) FROM redline WHERE kind = 9 AND ended_us IS NULL AND retired = 0;

-- name: redline_measure_oldest
-- of the figures that lines ask about; none measured yet is the oldest of all
SELECT MIN(COALESCE(m.at_us, 0)) FROM redline r LEFT JOIN redline_measure m ON m.name = r.measure
 WHERE r.kind = 9 AND r.ended_us IS NULL AND r.retired = 0;

-- name: redline_promises_due
-- open commitments of two kinds that fall due at $1 < t <= $2
SELECT COUNT(*) FROM commitment WHERE closed = 0 AND judged_us > $1 AND judged_us <= $2 AND (kind = $3 OR kind = $4);

-- name: redline_customer
-- whose profile $1 is, and what is known of them in figures
SELECT p.customer_id, s.currency, s.orders, s.order_value, s.contacts_in, s.contacts_out, s.channels, s.returns,
  s.first_us, s.last_us, s.monthly_value
  FROM profile p LEFT JOIN summary s ON s.customer_id = p.customer_id WHERE p.profile_id = $1;

-- ---- concessions ----

-- name: concession_put
INSERT INTO concession (concession_id, state, kind, profile_id, product, channel, role, made_by, currency, price, discount,
  cost, service, amount, units, promise, due_us, policy_id, reason, costs, verdict, signer, lines, at_us, keep_us, ended_us,
  ended_by, back_reason, ext_key, print, told, review, review_by, review_us, review_words, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
  NULL, '', '', $26, $27, 0, $28, '', NULL, '', $29);

-- name: concession_get
SELECT c.concession_id, c.state, c.kind, c.profile_id, c.product, c.channel, c.role, c.made_by, c.currency, c.price,
  c.discount, c.cost, c.service, c.amount, c.units, c.promise, c.due_us, c.policy_id, c.reason, c.costs, c.verdict,
  c.signer, c.lines, c.at_us, c.keep_us, c.ended_us, c.ended_by, c.back_reason, c.ext_key, c.print, c.told, c.review,
  c.review_by, c.review_us, c.review_words, c.sample, p.customer_id
  FROM concession c LEFT JOIN profile p ON p.profile_id = c.profile_id WHERE c.concession_id = $1;

-- name: concession_of_key
SELECT concession_id, print FROM concession WHERE ext_key = $1 AND ext_key <> '';

-- name: concession_list
-- newest first, below number $1; $2 state (-1: any), $3 customer (0: any), $4 1: those that wait for a review alone,
-- $5 kind (0: any), $6 at most
SELECT c.concession_id, c.state, c.kind, c.profile_id, c.product, c.channel, c.role, c.made_by, c.currency, c.price,
  c.discount, c.cost, c.service, c.amount, c.units, c.promise, c.due_us, c.policy_id, c.reason, c.costs, c.verdict,
  c.signer, c.lines, c.at_us, c.keep_us, c.ended_us, c.ended_by, c.back_reason, c.ext_key, c.print, c.told, c.review,
  c.review_by, c.review_us, c.review_words, c.sample, p.customer_id
  FROM concession c LEFT JOIN profile p ON p.profile_id = c.profile_id
 WHERE c.concession_id < $1 AND ($2 < 0 OR c.state = $2)
   AND ($3 = 0 OR c.profile_id IN (SELECT q.profile_id FROM profile q WHERE q.customer_id = $3))
   AND ($4 = 0 OR c.review = 1) AND ($5 = 0 OR c.kind = $5)
 ORDER BY c.concession_id DESC LIMIT $6;

-- name: concession_state
-- told: what is to be told from now on; -1: as it was
UPDATE concession SET state = $2, ended_us = $3, ended_by = $4, back_reason = $5,
  told = CASE WHEN $6 < 0 THEN told ELSE $6 END WHERE concession_id = $1;

-- name: concession_granted
UPDATE concession SET state = 1, at_us = $2, keep_us = $3, verdict = $4, lines = $5 WHERE concession_id = $1;

-- name: concession_reviewed
UPDATE concession SET review = $2, review_by = $3, review_us = $4, review_words = $5 WHERE concession_id = $1;

-- name: concession_untold
SELECT concession_id FROM concession WHERE told IN (1, 3) AND concession_id > $1 ORDER BY concession_id LIMIT $2;

-- name: concession_told
-- only what still stands as it was told
UPDATE concession SET told = $3 WHERE concession_id = $1 AND told = $2;

-- name: concession_overdue
-- reserved, and not committed in time
SELECT concession_id FROM concession WHERE state = 1 AND keep_us <= $1 ORDER BY keep_us LIMIT $2;

-- name: concession_times
-- how often somebody conceded since $2, of the kinds whose bits are in $3 (0: all); reserved ones that hold at $4 too
SELECT COUNT(*) FROM concession WHERE made_by = $1 AND at_us >= $2 AND (state = 2 OR (state = 1 AND keep_us > $4))
   AND ($3 = 0 OR ($3 & (CAST(1 AS BIGINT) << CAST(kind AS INTEGER))) <> 0);

-- name: concession_counting
-- those that count against sums, made since $1, by number after $2
SELECT c.concession_id, c.state, c.kind, c.profile_id, c.product, c.channel, c.role, c.made_by, c.currency, c.price,
  c.discount, c.cost, c.service, c.amount, c.units, c.promise, c.due_us, c.policy_id, c.reason, c.costs, c.verdict,
  c.signer, c.lines, c.at_us, c.keep_us, c.ended_us, c.ended_by, c.back_reason, c.ext_key, c.print, c.told, c.review,
  c.review_by, c.review_us, c.review_words, c.sample, p.customer_id
  FROM concession c LEFT JOIN profile p ON p.profile_id = c.profile_id
 WHERE c.at_us >= $1 AND c.state IN (1, 2) AND c.concession_id > $2 ORDER BY c.concession_id LIMIT $3;

-- name: concession_line_put
INSERT INTO concession_line (redline_id, from_us, concession_id, profile_id, costs, held, keep_us)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (redline_id, from_us, concession_id) DO NOTHING;

-- name: concession_lines_of
SELECT l.redline_id, l.from_us, l.profile_id, l.costs, l.held, r.kind FROM concession_line l
  LEFT JOIN redline r ON r.redline_id = l.redline_id AND r.ended_us IS NULL WHERE l.concession_id = $1
 ORDER BY l.redline_id, l.from_us;

-- name: concession_lines_commit
UPDATE concession_line SET held = 0 WHERE concession_id = $1;

-- name: concession_lines_drop
DELETE FROM concession_line WHERE concession_id = $1;

-- name: concession_given_to
-- what a customer was given in a time, in one currency: rewards, and everything else
SELECT CASE WHEN c.kind = 3 THEN 1 ELSE 0 END, CAST(SUM(c.costs) AS BIGINT), COUNT(*) FROM concession c
 WHERE c.profile_id IN (SELECT p.profile_id FROM profile p WHERE p.customer_id = $1)
   AND c.state = 2 AND c.at_us >= $2 AND c.at_us < $3 AND c.currency = $4 GROUP BY CASE WHEN c.kind = 3 THEN 1 ELSE 0 END;

-- name: concession_of_profile
SELECT c.concession_id, c.state, c.kind, c.currency, c.costs, c.at_us, c.reason FROM concession c
 WHERE c.profile_id = $1 ORDER BY c.concession_id;

-- name: erase_approvals
UPDATE approval SET words = '' WHERE concession_id IN (SELECT c.concession_id FROM concession c WHERE c.profile_id = $1);

-- name: erase_concessions
-- sums of money stay without the person, so that forgetting somebody does not fill a budget again
UPDATE concession SET profile_id = 0, reason = '', lines = '{}', back_reason = '', ext_key = '', review_words = '',
  told = CASE told WHEN 1 THEN 2 WHEN 3 THEN 4 ELSE told END WHERE profile_id = $1;

-- name: erase_concession_lines
UPDATE concession_line SET profile_id = 0 WHERE profile_id = $1;

-- name: erase_redline_person
DELETE FROM redline_person WHERE profile_id = $1;

-- name: sweep_concession
-- what was refused, released, expired or declined
DELETE FROM concession WHERE concession_id IN (SELECT c.concession_id FROM concession c
 WHERE c.at_us < $1 AND c.state IN (3, 4, 5) ORDER BY c.at_us LIMIT $2);

-- ---- approvals ----

-- name: approval_put
INSERT INTO approval (approval_id, concession_id, state, signer, asked_by, asked_us, due_us, decided_by, decided_us, words,
  version) VALUES ($1, $2, 0, $3, $4, $5, $6, '', NULL, '', 1);

-- name: approval_get
SELECT a.approval_id, a.concession_id, a.state, a.signer, a.asked_by, a.asked_us, a.due_us, a.decided_by, a.decided_us,
  a.words, a.version, c.kind, c.costs, c.currency, c.reason, c.lines, p.customer_id
  FROM approval a JOIN concession c ON c.concession_id = a.concession_id
  LEFT JOIN profile p ON p.profile_id = c.profile_id WHERE a.approval_id = $1;

-- name: approval_of_concession
SELECT MAX(approval_id) FROM approval WHERE concession_id = $1;

-- name: approval_waiting
-- the first due first, due after $1; at most $2
SELECT a.approval_id, a.concession_id, a.state, a.signer, a.asked_by, a.asked_us, a.due_us, a.decided_by, a.decided_us,
  a.words, a.version, c.kind, c.costs, c.currency, c.reason, c.lines, p.customer_id
  FROM approval a JOIN concession c ON c.concession_id = a.concession_id
  LEFT JOIN profile p ON p.profile_id = c.profile_id
 WHERE a.state = 0 AND a.due_us > $1 ORDER BY a.due_us, a.approval_id LIMIT $2;

-- name: approval_list
-- newest first, below number $1; $2 state (-1: any; one that waits is expired when it is due by $3), $4 at most
SELECT a.approval_id, a.concession_id, a.state, a.signer, a.asked_by, a.asked_us, a.due_us, a.decided_by, a.decided_us,
  a.words, a.version, c.kind, c.costs, c.currency, c.reason, c.lines, p.customer_id
  FROM approval a JOIN concession c ON c.concession_id = a.concession_id
  LEFT JOIN profile p ON p.profile_id = c.profile_id
 WHERE a.approval_id < $1 AND ($2 < 0 OR $2 = CASE WHEN a.state = 0 AND a.due_us <= $3 THEN 4 ELSE a.state END)
 ORDER BY a.approval_id DESC LIMIT $4;

-- name: approval_overdue
SELECT approval_id, concession_id FROM approval WHERE state = 0 AND due_us <= $1 ORDER BY due_us LIMIT $2;

-- name: approval_decide
UPDATE approval SET state = $2, decided_by = $3, decided_us = $4, words = $5, version = version + 1 WHERE approval_id = $1;

-- ---- envelopes and economics ----

-- name: envelope_put
INSERT INTO envelope (role, version, of_kinds, most, currency, discount_bp, times, period, signer, hours, review_bp, made_us,
  made_by, ended_us, retired, sample) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL, $14, $15);

-- name: envelope_end
UPDATE envelope SET ended_us = $2 WHERE role = $1 AND ended_us IS NULL;

-- name: envelope_get
SELECT role, version, of_kinds, most, currency, discount_bp, times, period, signer, hours, review_bp, made_us, made_by,
  ended_us, retired, sample FROM envelope WHERE role = $1 AND ended_us IS NULL;

-- name: envelope_list
SELECT role, version, of_kinds, most, currency, discount_bp, times, period, signer, hours, review_bp, made_us, made_by,
  ended_us, retired, sample FROM envelope WHERE ended_us IS NULL AND retired = 0 ORDER BY role;

-- name: economics_put
INSERT INTO economics (product, version, currency, cost_bp, cost, hour_rate, contact_s, contact_cost, return_cost, channels,
  agents, made_us, made_by, ended_us, retired, sample)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL, $14, $15);

-- name: economics_end
UPDATE economics SET ended_us = $2 WHERE product = $1 AND ended_us IS NULL;

-- name: economics_get
-- the row of a product, retired or not
SELECT product, version, currency, cost_bp, cost, hour_rate, contact_s, contact_cost, return_cost, channels, agents, made_us,
  made_by, ended_us, retired, sample FROM economics WHERE product = $1 AND ended_us IS NULL;

-- name: economics_for
-- the product's own row before that of all
SELECT product, version, currency, cost_bp, cost, hour_rate, contact_s, contact_cost, return_cost, channels, agents, made_us,
  made_by, ended_us, retired, sample FROM economics
 WHERE ended_us IS NULL AND retired = 0 AND product IN ('', $1) ORDER BY product DESC;

-- name: economics_list
SELECT product, version, currency, cost_bp, cost, hour_rate, contact_s, contact_cost, return_cost, channels, agents, made_us,
  made_by, ended_us, retired, sample FROM economics WHERE ended_us IS NULL AND retired = 0 ORDER BY product;

-- name: cost_contacts
-- what took our time in a month: their messages, calls, goods sent back
SELECT kind, channel, COUNT(*) FROM event WHERE period = $1 AND profile_id = $2 AND at_us >= $3 AND at_us < $4
   AND kind IN (5, 20, 26) GROUP BY kind, channel;

-- name: sheet_replies
-- how long first answers took
SELECT first_reply_us - opened_us FROM conversation WHERE profile_id = $1 AND first_reply_us >= opened_us LIMIT $2;

-- ---- the sample company ----

-- name: sample_redline_drop
DELETE FROM redline WHERE sample = 1;

-- name: sample_envelope_drop
DELETE FROM envelope WHERE sample = 1;

-- name: sample_economics_drop
DELETE FROM economics WHERE sample = 1;

-- name: sample_approval_drop
DELETE FROM approval WHERE concession_id IN (SELECT c.concession_id FROM concession c WHERE c.sample = 1);

-- name: sample_concession_line_drop
DELETE FROM concession_line WHERE concession_id IN (SELECT c.concession_id FROM concession c WHERE c.sample = 1);

-- name: sample_concession_drop
DELETE FROM concession WHERE sample = 1;

-- name: sample_redline_sum_drop
-- what was counted under lines that are gone
DELETE FROM redline_sum WHERE redline_id NOT IN (SELECT r.redline_id FROM redline r);

-- name: sample_redline_person_drop
DELETE FROM redline_person WHERE redline_id NOT IN (SELECT r.redline_id FROM redline r);
