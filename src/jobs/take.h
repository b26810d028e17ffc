// take: rows from the pump into the ledger: an import for each source, counts, and the reasons why rows stayed out.
#ifndef HEED_TAKE_H
#define HEED_TAKE_H

#include "jobs/pump.h"
#include "jobs/writer.h"
#include "ledger/sources.h"

enum { TAKE_REASONS = 64 };
enum import_state { IMPORT_RUNNING, IMPORT_DONE, IMPORT_UNDONE, IMPORT_STOPPED };
const char *import_state_name(int64_t state); // "interrupted" when it stopped before its end

typedef struct {
    str field, reason; // with "…" for what differs from row to row
    int64_t n;
} take_reason;

// Counts a reason in a list of TAKE_REASONS; what stands in quotes differs from row to row and is left out.
void take_count(arena *life, take_reason *list, size_t *n, str field, str reason, int64_t count);

// What one source has brought.
typedef struct {
    str source;
    int64_t source_id, import_id;
    tally t;
    int64_t ahead; // rows of it that an earlier run has stored
} taken;

typedef struct {
    // what is to be done
    arena *life;
    ledger *l;            // unless w
    writer *w;            // the server's: batches go to it, each with transactions of its own
    int64_t job_id;       // of the server: an earlier run of it that was cut short is gone on with; 0: none
    str name;             // of the import: the file
    str adapter, mapping; // how it is read; needed from the first batch on
    str source;           // of rows that name none
    enum channel channel;
    bool sample, dry;     // dry: only count what would become of it
    const sources *known; // dry: the sources there are
    // what came of it
    taken *parts;
    size_t n_parts, room_parts;
    tally sum;
    take_reason bad[TAKE_REASONS], skipped[TAKE_REASONS]; // the last one stands for all others
    size_t n_bad, n_skipped;
} take;

// A batch that an earlier run of the same job stored is only counted: the same file read in the same way gives the same
// batches.
must_use bool take_batch(take *t, const pump_batch *b, err *e);
// Merges what was gathered and marks the imports done. Rows that came to quarantine once more leave it once.
must_use bool take_end(take *t, err *e);
// After the reader failed: merges what was stored.
must_use bool take_flush(take *t, err *e);
// Marks them interrupted: the first failure is told already, so another one is not.
void take_stop(take *t);

#endif
