-- Statements about dissatisfied customers.

-- name: judged_put
INSERT INTO judged (profile_id, at_us, key, says, month, who) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (profile_id, at_us, key) DO UPDATE SET says = excluded.says, month = excluded.month, who = excluded.who;

-- name: judged_drop
DELETE FROM judged WHERE profile_id = $1 AND at_us = $2 AND key = $3;

-- name: judged_scan
SELECT profile_id, at_us, key, says, month, who FROM judged ORDER BY profile_id, at_us, key;

-- name: judged_clear
DELETE FROM judged;

-- name: judged_erase
DELETE FROM judged WHERE profile_id = $1;

-- name: judged_sample_erase
DELETE FROM judged_sample WHERE profile_id = $1;

-- name: judged_of_profile
SELECT at_us, says, month FROM judged WHERE profile_id = $1 ORDER BY at_us, key;

-- name: judged_sample_of_profile
SELECT month FROM judged_sample WHERE profile_id = $1 ORDER BY month;

-- name: judged_before
-- what was said of customers before a time, the last word of each last
SELECT p.customer_id, j.at_us, j.says, j.profile_id, j.month, j.who, j.key FROM judged j JOIN profile p ON p.profile_id = j.profile_id
 WHERE j.at_us < $1 ORDER BY p.customer_id, j.at_us, j.key;

-- name: judged_later
-- when somebody said something of this customer last
SELECT MAX(j.at_us) FROM judged j WHERE j.profile_id = $1;

-- name: judged_months
SELECT month, drawn_us, listed, signs, without FROM judged_draw ORDER BY month DESC LIMIT $1;

-- name: judged_draw_put
INSERT INTO judged_draw (month, drawn_us, listed, signs, without) VALUES ($1, $2, $3, $4, $5);

-- name: judged_sample_put
INSERT INTO judged_sample (month, profile_id, place, stratum, signs, chance) VALUES ($1, $2, $3, $4, $5, $6);

-- name: judged_sample_list
-- a month's sample in the order of asking, with the customer as it is now and the last blind word about them; 0: none yet
SELECT s.profile_id, s.stratum, s.signs, s.chance, p.customer_id,
  COALESCE((SELECT j.says FROM judged j WHERE j.profile_id = s.profile_id AND j.month = s.month ORDER BY j.at_us DESC, j.key DESC LIMIT 1), 0)
  FROM judged_sample s JOIN profile p ON p.profile_id = s.profile_id WHERE s.month = $1 ORDER BY s.place;

-- name: dissatisfied_said
-- what customers said, $1 <= t < $2, with a score, a mood or as a complaint, of the months $3 to $4
SELECT f.profile_id, f.at_us, f.key, f.kind, f.instrument, f.score, f.mood, p.customer_id
  FROM feedback f JOIN profile p ON p.profile_id = f.profile_id
 WHERE f.period BETWEEN $3 AND $4 AND f.at_us >= $1 AND f.at_us < $2 AND (f.score IS NOT NULL OR f.mood IS NOT NULL OR f.kind = 33);

-- name: dissatisfied_moods
-- words that are clearly unhappy or happy: a chance of at least $3, or $4 thousandths, $1 <= t < $2
SELECT m.profile_id, m.at_us, m.key, m.bad, m.good, p.customer_id FROM meaning m JOIN profile p ON p.profile_id = m.profile_id
 WHERE m.at_us >= $1 AND m.at_us < $2 AND m.mood IS NOT NULL AND (m.bad >= $3 OR m.good >= $4);

-- name: dissatisfied_talks
SELECT c.profile_id, c.thread, c.state, p.customer_id FROM conversation c JOIN profile p ON p.profile_id = c.profile_id
 WHERE c.last_us >= $1;

-- name: dissatisfied_owed
-- what fell due, $1 <= t < $2
SELECT c.profile_id, c.commitment_id, c.kind, c.judged_us, c.kept_us, c.withdrawn_us, c.void_us, c.sorry_us, c.made_us, c.confirmed_us,
  p.customer_id FROM commitment c JOIN profile p ON p.profile_id = c.profile_id
 WHERE c.closed IN (0, 1) AND c.judged_us >= $1 AND c.judged_us < $2;

-- name: dissatisfied_withdrawn
SELECT c.profile_id, c.at_us, c.key, p.customer_id FROM consent c JOIN profile p ON p.profile_id = c.profile_id
 WHERE c.state = 0 AND c.at_us >= $1 AND c.at_us < $2;

-- name: dissatisfied_unwanted
SELECT b.profile_id, b.at_us, b.bounce_id, p.customer_id FROM mail_bounce b JOIN profile p ON p.profile_id = b.profile_id
 WHERE b.kind = 'complaint' AND b.at_us >= $1 AND b.at_us < $2;

-- name: dissatisfied_done
-- single words that somebody has dealt with since $1
SELECT i.profile_id, i.key, i.done_us FROM inbox i WHERE i.what = 2 AND i.done_us >= $1 AND i.last_us >= $1;
