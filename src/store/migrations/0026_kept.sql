-- Answers of the server that take long to make: they are there at once after a restart, with their age.

CREATE TABLE kept (
    question BIGINT NOT NULL PRIMARY KEY, -- a hash of what was asked
    path TEXT NOT NULL,                -- how to ask again
    query TEXT NOT NULL,
    account_id BIGINT NOT NULL,        -- of who asked last; 0: nobody's
    needs BIGINT NOT NULL,             -- what they may (serve/needs.def), as bits
    made_us BIGINT NOT NULL,           -- when what it says was so
    took_us BIGINT NOT NULL,           -- to make it
    asked_us BIGINT NOT NULL,          -- when somebody asked last
    answer TEXT NOT NULL               -- JSON
);
