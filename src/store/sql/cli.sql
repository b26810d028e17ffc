-- Statements of the command line.

-- name: import_interrupted
-- whoever holds the writer's lock knows that nobody else is importing
UPDATE import SET state = 3, ended_us = $1 WHERE state = 0;
