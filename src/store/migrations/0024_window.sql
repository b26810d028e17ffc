-- When identifiers were first said of profiles: limits may count within a window of time (know/rules.h).

-- days since 1970; 0: a row from before this, which the next rebuild fills
ALTER TABLE identifier ADD COLUMN first_day INTEGER NOT NULL DEFAULT 0;
-- the earliest that the last import said
ALTER TABLE identifier ADD COLUMN said_day INTEGER NOT NULL DEFAULT 0;
