-- Statements of the outbox.

-- name: mail_setup_get
SELECT host, port, tls, login, password, from_address, from_name, reply_to, bounce_address, postal, per_minute,
       per_domain, resend_min, on_off, changed_us, changed_by, version
  FROM mail_setup WHERE setup_id = 1;

-- name: mail_setup_put
INSERT INTO mail_setup (setup_id, host, port, tls, login, password, from_address, from_name, reply_to, bounce_address,
       postal, per_minute, per_domain, resend_min, on_off, changed_us, changed_by)
VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (setup_id) DO UPDATE SET host = excluded.host, port = excluded.port, tls = excluded.tls, login = excluded.login,
       password = excluded.password, from_address = excluded.from_address, from_name = excluded.from_name,
       reply_to = excluded.reply_to, bounce_address = excluded.bounce_address,
       postal = excluded.postal, per_minute = excluded.per_minute, per_domain = excluded.per_domain,
       resend_min = excluded.resend_min, on_off = excluded.on_off, changed_us = excluded.changed_us,
       changed_by = excluded.changed_by, version = mail_setup.version + 1;

-- name: dkim_key_put
INSERT INTO dkim_key (key_id, domain, selector, algorithm, secret, record, state, created_us, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: dkim_key_list
SELECT key_id, domain, selector, algorithm, secret, record, state, created_us, created_by FROM dkim_key ORDER BY key_id;

-- name: dkim_key_state
UPDATE dkim_key SET state = $2 WHERE key_id = $1;

-- name: outbox_put
INSERT INTO outbox (outbox_id, gate_id, profile_id, kind, template, occasion, state, address, domain, to_name, from_name,
       reply_to, subject, words, html, lang, in_reply_to, token, survey, quota, playbook_run, survey_ask, put_by, tries,
       created_us, next_us, reply, told)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 0, $23, $24,
       '', 0);

-- name: outbox_of_occasion
-- by any profile of the customer, so that nobody gets it twice after two customers became one
SELECT outbox_id, gate_id FROM outbox
 WHERE (profile_id = $1 OR profile_id IN (SELECT profile_id FROM profile WHERE customer_id = $1 AND customer_id <> profile_id))
   AND template = $2 AND occasion = $3 ORDER BY outbox_id LIMIT 1;

-- name: outbox_get
SELECT outbox_id, gate_id, profile_id, kind, template, occasion, state, address, domain, to_name, from_name, reply_to, subject,
       words, html, lang, in_reply_to, token, survey, quota, playbook_run, survey_ask, put_by, tries, created_us, next_us,
       first_us, marked_us, ended_us, reply, told
  FROM outbox WHERE outbox_id = $1;

-- name: outbox_list
-- the newest first; $1 a state or -1, $2 a customer or 0
SELECT outbox_id, gate_id, profile_id, kind, template, occasion, state, address, domain, to_name, from_name, reply_to, subject,
       '', '', lang, in_reply_to, token, survey, quota, playbook_run, survey_ask, put_by, tries, created_us, next_us,
       first_us, marked_us, ended_us, reply, told
  FROM outbox
 WHERE outbox_id < $3 AND ($1 < 0 OR state = $1)
   AND ($2 = 0 OR profile_id IN (SELECT profile_id FROM profile WHERE customer_id = $2))
 ORDER BY outbox_id DESC LIMIT $4;

-- name: outbox_counts
SELECT state, COUNT(*), MIN(created_us) FROM outbox GROUP BY state ORDER BY state;

-- name: outbox_trouble
-- unsure ones, those that failed or bounced since $1, those waiting that were made before $2
SELECT COALESCE(SUM(CASE WHEN state = 2 THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN state = 4 AND ended_us >= $1 THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN state = 5 AND ended_us >= $1 THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN state < 2 AND first_us IS NOT NULL AND created_us < $2 THEN 1 ELSE 0 END), 0)
  FROM outbox WHERE state IN (0, 1, 2, 4, 5);

-- name: outbox_due
-- what may be sent, or whose lease is over, the longest due first
SELECT outbox_id, next_us, domain FROM outbox WHERE state < 2 AND next_us <= $1 ORDER BY next_us, outbox_id LIMIT $2;

-- name: outbox_next
SELECT MIN(next_us) FROM outbox WHERE state < 2;

-- name: outbox_claim
-- $2: as it was read, so that of two who saw it one gets it
UPDATE outbox SET state = 1, next_us = $3 WHERE outbox_id = $1 AND state < 2 AND next_us = $2;

-- name: outbox_pace
UPDATE outbox SET next_us = $3 WHERE outbox_id = $1 AND state < 2 AND next_us = $2;

-- name: outbox_orphans
-- what somebody who is not there any more was sending
UPDATE outbox SET state = 0, next_us = $1 WHERE state = 1;

-- name: outbox_mark
-- the last moment at which it is known not to have arrived; $3: the lease, which may be somebody else's by now
UPDATE outbox SET state = 2, marked_us = $2, first_us = COALESCE(first_us, $2) WHERE outbox_id = $1 AND state = 1 AND next_us = $3;

-- name: outbox_sent
UPDATE outbox SET state = 3, ended_us = $2, reply = $3, tries = $4, told = 1 WHERE outbox_id = $1 AND state = 2;

-- name: outbox_later
-- it certainly did not arrive; $6: the lease
UPDATE outbox SET state = 0, next_us = $2, reply = $3, tries = $4, first_us = COALESCE(first_us, $5), marked_us = NULL
 WHERE outbox_id = $1 AND (state = 2 OR (state = 1 AND next_us = $6));

-- name: outbox_back
-- not tried after all; $4: the lease
UPDATE outbox SET state = 0, next_us = $2, reply = $3 WHERE outbox_id = $1 AND state = 1 AND next_us = $4;

-- name: outbox_unsure
UPDATE outbox SET reply = $2, tries = $3 WHERE outbox_id = $1 AND state = 2;

-- name: outbox_end
-- $2: failed, bounced or cancelled
UPDATE outbox SET state = $2, ended_us = $3, reply = $4, tries = $5 WHERE outbox_id = $1;

-- name: outbox_end_mine
-- the same by whoever sends it; $6: the lease
UPDATE outbox SET state = $2, ended_us = $3, reply = $4, tries = $5
 WHERE outbox_id = $1 AND (state = 2 OR (state = 1 AND next_us = $6));

-- name: outbox_settled
UPDATE outbox SET state = 3, ended_us = $2, reply = $3, told = 1 WHERE outbox_id = $1 AND state = 2;

-- name: outbox_again
-- a person wants it sent once more
UPDATE outbox SET state = 0, next_us = $2, ended_us = NULL, marked_us = NULL, first_us = NULL, gate_id = $3, told = 0
 WHERE outbox_id = $1 AND state IN (2, 4, 5, 6);

-- name: outbox_resend
-- kinds $2 and $3 that are unsure since before $1
UPDATE outbox SET state = 0, next_us = $4, marked_us = NULL WHERE state = 2 AND marked_us < $1 AND kind IN ($2, $3);

-- name: outbox_untold
SELECT outbox_id, gate_id, profile_id, kind, template, occasion, state, address, domain, to_name, from_name, reply_to, subject,
       words, html, lang, in_reply_to, token, survey, quota, playbook_run, survey_ask, put_by, tries, created_us, next_us,
       first_us, marked_us, ended_us, reply, told
  FROM outbox WHERE told = 1 ORDER BY outbox_id LIMIT $1;

-- name: outbox_told
UPDATE outbox SET told = 2 WHERE outbox_id = $1;

-- name: outbox_real
-- whether anything but the sample company knows this customer
SELECT COUNT(*) FROM profile p JOIN source s ON s.source_id = p.source_id WHERE p.customer_id = $1 AND s.sample = 0;

-- name: outbox_by_token
SELECT outbox_id FROM outbox WHERE token = $1;

-- name: outbox_by_address
-- the last message that went there between $2 and $3
SELECT outbox_id FROM outbox WHERE address = $1 AND COALESCE(ended_us, marked_us) BETWEEN $2 AND $3 AND state IN (2, 3, 5)
 ORDER BY outbox_id DESC LIMIT 1;

-- name: outbox_try_put
INSERT INTO outbox_try (outbox_id, try, at_us, stage, status, took_us, reply) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (outbox_id, try) DO UPDATE SET stage = excluded.stage, status = excluded.status, took_us = excluded.took_us,
       reply = excluded.reply;

-- name: outbox_try_list
SELECT try, at_us, stage, status, took_us, reply FROM outbox_try WHERE outbox_id = $1 ORDER BY try;

-- name: mail_bounce_put
INSERT INTO mail_bounce (bounce_id, mark, outbox_id, profile_id, at_us, address, kind, status, words, matched, told)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: mail_bounce_seen
SELECT bounce_id FROM mail_bounce WHERE mark = $1;

-- name: mail_bounce_list
-- the newest first; $1: of one message, or 0
SELECT bounce_id, outbox_id, profile_id, at_us, address, kind, status, words, matched FROM mail_bounce
 WHERE ($1 = 0 OR outbox_id = $1) AND bounce_id < $2 ORDER BY bounce_id DESC LIMIT $3;

-- name: mail_bounce_untold
SELECT bounce_id, outbox_id, profile_id, at_us, address, kind, status, words, mark FROM mail_bounce
 WHERE told = 1 ORDER BY bounce_id LIMIT $1;

-- name: mail_bounce_told
UPDATE mail_bounce SET told = 2 WHERE bounce_id = $1;

-- name: outbox_of_people
-- for who asks what is known of them; $1: a customer
SELECT outbox_id, kind, state, address, subject, words, created_us, ended_us FROM outbox
 WHERE profile_id IN (SELECT profile_id FROM profile WHERE customer_id = $1) ORDER BY outbox_id;

-- name: mail_bounce_of_people
SELECT at_us, address, kind, status, words FROM mail_bounce
 WHERE profile_id IN (SELECT profile_id FROM profile WHERE customer_id = $1) ORDER BY bounce_id;

-- name: outbox_erase_tries
DELETE FROM outbox_try WHERE outbox_id IN (SELECT outbox_id FROM outbox WHERE profile_id = $1);

-- name: outbox_erase_bounces
DELETE FROM mail_bounce WHERE profile_id = $1 OR outbox_id IN (SELECT outbox_id FROM outbox WHERE profile_id = $1);

-- name: outbox_erase
DELETE FROM outbox WHERE profile_id = $1;

-- name: sweep_outbox
DELETE FROM outbox WHERE outbox_id IN (SELECT outbox_id FROM outbox WHERE state > 2 AND told <> 1 AND ended_us < $1 LIMIT $2);

-- name: sweep_outbox_try
-- those whose message is gone
DELETE FROM outbox_try WHERE outbox_id IN (
    SELECT t.outbox_id FROM outbox_try t LEFT JOIN outbox o ON o.outbox_id = t.outbox_id
     WHERE o.outbox_id IS NULL AND t.at_us < $1 LIMIT $2);

-- name: sweep_mail_bounce
DELETE FROM mail_bounce WHERE bounce_id IN (SELECT bounce_id FROM mail_bounce WHERE told <> 1 AND at_us < $1 LIMIT $2);

-- name: outbox_sample_try_drop
-- what was put there for customers of the sample company, while their sources are still known
DELETE FROM outbox_try WHERE outbox_id IN (
    SELECT o.outbox_id FROM outbox o JOIN profile p ON p.profile_id = o.profile_id JOIN source s ON s.source_id = p.source_id
     WHERE s.sample = 1);

-- name: outbox_sample_bounce_drop
DELETE FROM mail_bounce WHERE profile_id IN (
    SELECT p.profile_id FROM profile p JOIN source s ON s.source_id = p.source_id WHERE s.sample = 1);

-- name: outbox_sample_drop
DELETE FROM outbox WHERE profile_id IN (
    SELECT p.profile_id FROM profile p JOIN source s ON s.source_id = p.source_id WHERE s.sample = 1);
