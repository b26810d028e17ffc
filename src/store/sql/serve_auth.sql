-- Statements about who may come in: accounts, sessions, links, keys; and the audit log.

-- name: account_put
INSERT INTO account (account_id, email, name, role, state, created_us) VALUES ($1, $2, $3, $4, 0, $5)
ON CONFLICT (email) DO NOTHING;

-- name: account_get
SELECT account_id, email, name, role, password, totp, totp_step, recovery, subject, state, created_us, seen_us, version
  FROM account WHERE account_id = $1;

-- name: account_by_email
SELECT account_id, email, name, role, password, totp, totp_step, recovery, subject, state, created_us, seen_us, version
  FROM account WHERE email = $1;

-- name: account_by_subject
SELECT account_id, email, name, role, password, totp, totp_step, recovery, subject, state, created_us, seen_us, version
  FROM account WHERE subject = $1;

-- name: account_list
SELECT account_id, email, name, role, password, totp, totp_step, recovery, subject, state, created_us, seen_us, version
  FROM account WHERE account_id > $1 ORDER BY account_id LIMIT $2;

-- name: account_owner
-- the oldest owner who is not disabled
SELECT MIN(account_id) FROM account WHERE role = 'owner' AND state <> 2;

-- name: account_owners
-- how many owners can sign in, or could for the first time, beside this one
SELECT COUNT(*) FROM account WHERE role = 'owner' AND state = 1 AND account_id <> $1;

-- name: account_active
-- how many can come back: by a password, or by the identity provider
SELECT COUNT(*) FROM account WHERE state = 1 AND (password IS NOT NULL OR subject IS NOT NULL);

-- name: account_change
UPDATE account SET name = $2, role = $3, state = $4, version = version + 1 WHERE account_id = $1;

-- name: account_join
-- whoever used a link: their name and e-mail, and the account is open
UPDATE account SET name = $2, email = $3, state = 1, version = version + 1 WHERE account_id = $1;

-- name: account_password
UPDATE account SET password = $2, version = version + 1 WHERE account_id = $1;

-- name: account_totp
-- a step that was used stays used
UPDATE account SET totp = $2, totp_step = CASE WHEN totp_step > $3 THEN totp_step ELSE $3 END, recovery = $4,
       version = version + 1 WHERE account_id = $1;

-- name: account_totp_off
UPDATE account SET totp = NULL, totp_step = 0, recovery = NULL, version = version + 1 WHERE account_id = $1;

-- name: account_step
-- a code counts once, also when it comes twice at the same moment
UPDATE account SET totp_step = $2 WHERE account_id = $1 AND totp_step < $2;

-- name: account_recovery
-- so does a recovery code: $2 is what the list was when it was looked at
UPDATE account SET recovery = $3, version = version + 1 WHERE account_id = $1 AND recovery = $2;

-- name: account_subject
UPDATE account SET subject = $2, version = version + 1 WHERE account_id = $1;

-- name: account_seen
UPDATE account SET seen_us = $2 WHERE account_id = $1;

-- name: session_put
INSERT INTO session (token_hash, account_id, csrf, created_us, seen_us, expires_us, agent, address)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7);

-- name: session_get
SELECT s.account_id, s.csrf, s.created_us, s.seen_us, s.expires_us, a.email, a.role, a.state, a.name
  FROM session s JOIN account a ON a.account_id = s.account_id WHERE s.token_hash = $1;

-- name: session_list
-- the last used first
SELECT token_hash, created_us, seen_us, expires_us, agent, address FROM session
 WHERE account_id = $1 AND expires_us > $2 AND seen_us > $3 ORDER BY seen_us DESC, token_hash;

-- name: session_known
-- has this account been used from this address?
SELECT COUNT(*) FROM session WHERE account_id = $1 AND address = $2;

-- name: session_seen
UPDATE session SET seen_us = $2 WHERE token_hash = $1 AND seen_us < $2;

-- name: session_end
DELETE FROM session WHERE token_hash = $1 AND account_id = $2;

-- name: session_end_all
-- all of an account but one
DELETE FROM session WHERE account_id = $1 AND token_hash <> $2;

-- name: session_clear
-- those that ended by themselves
DELETE FROM session WHERE expires_us <= $1 OR seen_us <= $2;

-- name: invite_put
INSERT INTO invite (token_hash, account_id, purpose, expires_us) VALUES ($1, $2, $3, $4);

-- name: invite_get
SELECT i.account_id, i.purpose FROM invite i WHERE i.token_hash = $1 AND i.used_us IS NULL AND i.expires_us > $2;

-- name: invite_use
UPDATE invite SET used_us = $2 WHERE token_hash = $1 AND used_us IS NULL AND expires_us > $2;

-- name: invite_drop
DELETE FROM invite WHERE account_id = $1 AND purpose = $2;

-- name: invite_drop_all
DELETE FROM invite WHERE account_id = $1;

-- name: invite_clear
DELETE FROM invite WHERE expires_us <= $1;

-- name: key_put
INSERT INTO api_key (key_id, token_hash, name, hint, scopes, source_id, per_minute, created_us, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: key_by_token
SELECT k.key_id, k.name, k.hint, k.scopes, k.source_id, k.per_minute, k.created_us, k.created_by, k.seen_us, k.revoked_us,
       k.version, COALESCE(s.name, '')
  FROM api_key k LEFT JOIN source s ON s.source_id = k.source_id WHERE k.token_hash = $1 AND k.revoked_us IS NULL;

-- name: key_get
SELECT k.key_id, k.name, k.hint, k.scopes, k.source_id, k.per_minute, k.created_us, k.created_by, k.seen_us, k.revoked_us,
       k.version, COALESCE(s.name, '')
  FROM api_key k LEFT JOIN source s ON s.source_id = k.source_id WHERE k.key_id = $1;

-- name: key_list
SELECT k.key_id, k.name, k.hint, k.scopes, k.source_id, k.per_minute, k.created_us, k.created_by, k.seen_us, k.revoked_us,
       k.version, COALESCE(s.name, '')
  FROM api_key k LEFT JOIN source s ON s.source_id = k.source_id WHERE k.key_id > $1 ORDER BY k.key_id LIMIT $2;

-- name: key_change
UPDATE api_key SET name = $2, scopes = $3, per_minute = $4, version = version + 1 WHERE key_id = $1;

-- name: key_revoke
UPDATE api_key SET revoked_us = $2, version = version + 1 WHERE key_id = $1 AND revoked_us IS NULL;

-- name: key_seen
UPDATE api_key SET seen_us = $2 WHERE key_id = $1;

-- name: audit_put
INSERT INTO audit (audit_id, at_us, who, action, subject, detail, address) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: audit_list
-- newest first, before $1; empty words stand for any, and from $5 to before $6
SELECT audit_id, at_us, who, action, subject, detail, address FROM audit
 WHERE audit_id < $1 AND ($2 = '' OR who = $2) AND ($3 = '' OR action = $3) AND ($4 = '' OR subject = $4)
   AND at_us >= $5 AND at_us < $6
 ORDER BY audit_id DESC LIMIT $7;
