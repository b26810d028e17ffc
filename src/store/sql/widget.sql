-- Statements of sites, of what is asked there, and of who was asked.

-- name: site_list
SELECT site_id, version, name, slug, write_key, secret, origins, button, page, privacy, lang, at_us, set_by, sample FROM site
 ORDER BY site_id;

-- name: site_get
SELECT site_id, version, name, slug, write_key, secret, origins, button, page, privacy, lang, at_us, set_by, sample FROM site
 WHERE site_id = $1;

-- name: site_of_slug
SELECT site_id, version, name, slug, write_key, secret, origins, button, page, privacy, lang, at_us, set_by, sample FROM site
 WHERE slug = $1;

-- name: site_of_key
SELECT site_id, version, name, slug, write_key, secret, origins, button, page, privacy, lang, at_us, set_by, sample FROM site
 WHERE write_key = $1;

-- name: site_put
INSERT INTO site (site_id, version, name, slug, write_key, secret, origins, button, page, privacy, lang, at_us, set_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (site_id) DO UPDATE SET version = excluded.version, name = excluded.name, secret = excluded.secret,
  origins = excluded.origins, button = excluded.button, page = excluded.page, privacy = excluded.privacy,
  lang = excluded.lang, at_us = excluded.at_us, set_by = excluded.set_by, sample = 0;

-- name: site_drop
DELETE FROM site WHERE site_id = $1;

-- name: question_list
-- of a site, 0: of all
SELECT question_id, version, site_id, name, way, instrument, words, lang, share, days, active, at_us, set_by, sample FROM question
 WHERE $1 = 0 OR site_id = $1 ORDER BY site_id, question_id;

-- name: question_get
SELECT question_id, version, site_id, name, way, instrument, words, lang, share, days, active, at_us, set_by, sample FROM question
 WHERE question_id = $1;

-- name: question_put
INSERT INTO question (question_id, version, site_id, name, way, instrument, words, lang, share, days, active, at_us, set_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (question_id) DO UPDATE SET version = excluded.version, name = excluded.name, words = excluded.words,
  lang = excluded.lang, share = excluded.share, days = excluded.days, active = excluded.active, at_us = excluded.at_us,
  set_by = excluded.set_by, sample = 0;

-- name: question_drop
DELETE FROM question WHERE question_id = $1;

-- name: question_drop_of
DELETE FROM question WHERE site_id = $1;

-- name: question_of_mail
-- the one whose link stands in mails: the newest that is on
SELECT question_id FROM question WHERE way = 2 AND active = 1 ORDER BY question_id DESC LIMIT 1;

-- name: asked_put
INSERT INTO asked (asked_id, question_id, person, profile_id, at_us, state, until_us, told)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: asked_get
SELECT question_id, person, profile_id, at_us, state, until_us FROM asked WHERE asked_id = $1;

-- name: asked_of_person
-- from $2 on, and wishes for peace however old
SELECT at_us, question_id, state, until_us FROM asked WHERE person = $1 AND (at_us > $2 OR until_us > $3)
 ORDER BY at_us DESC LIMIT 400;

-- name: asked_end
-- what was answered stays answered
UPDATE asked SET state = $2, until_us = $3 WHERE asked_id = $1 AND state <> 1;

-- name: asked_counts
-- asked and answered since $2
SELECT COUNT(*), COUNT(CASE WHEN state = 1 THEN 1 END) FROM asked WHERE question_id = $1 AND at_us >= $2;

-- name: asked_untold
-- without an instrument: the question was taken away
SELECT a.asked_id, a.profile_id, a.at_us, q.instrument, q.name, q.words FROM asked a
  LEFT JOIN question q ON q.question_id = a.question_id WHERE a.told = 0 ORDER BY a.asked_id LIMIT $1;

-- name: asked_told
UPDATE asked SET told = 1 WHERE asked_id = $1;

-- name: asked_of_profile
SELECT a.at_us, a.state, a.until_us, q.name FROM asked a LEFT JOIN question q ON q.question_id = a.question_id
 WHERE a.profile_id = $1 ORDER BY a.at_us LIMIT 10000;

-- name: asked_erase
DELETE FROM asked WHERE profile_id = $1;

-- name: sweep_asked
-- wishes for peace stay while they hold
DELETE FROM asked WHERE asked_id IN (SELECT asked_id FROM asked WHERE at_us < $1 AND until_us < $1 LIMIT $2);

-- name: asked_sample_drop
-- customers of the sample company, while their sources are still known
DELETE FROM asked WHERE profile_id IN (
    SELECT p.profile_id FROM profile p JOIN source s ON s.source_id = p.source_id WHERE s.sample = 1);

-- name: site_sample_drop
DELETE FROM site WHERE sample = 1;

-- name: question_sample_drop
DELETE FROM question WHERE sample = 1;
