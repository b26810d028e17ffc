// What the files of the ledger share and nobody else sees.
#ifndef HEED_LEDGER_PRIVATE_H
#define HEED_LEDGER_PRIVATE_H

#include "base/map64.h"
#include "ledger/ledger.h"
#include "ledger/seen.h"

enum { DRY_KEYS = 3 << 18 }; // how many keys a dry run remembers
enum { MAX_SOURCES = 4096, SEEN_MERGE = 1 << 20, SETTLED_KEYS = 1 << 17 };

typedef struct {
    int64_t id;
    str name;
    enum channel channel;
    bool sample;
} source_row;

// A version that a dry run has foretold: what stands before the batch at hand, and what stands after it.
typedef struct {
    int64_t edited_us, next_us;
    uint64_t tie, next_tie;
    int64_t batch; // that changed it last
} foretold;

struct ledger {
    store *s;
    const world *w;
    arena life, work; // work: of one batch
    stages st;
    seen *seen;
    source_row *sources;
    size_t n_sources;
    int64_t next_id, saved_id;
    map64 imports; // import → index into sources
    int64_t tail_seq, replayed;
    arena tail_life;
    buf tail;        // entries of the running batch
    int64_t tail_us; // time of the entry before
    arena keys_life;
    buf keys;        // of events stored since keys were merged or settled
    int64_t batches; // written since the summaries were brought up to date
    bool stale;      // memory may be ahead of the store
    bool dry;        // and is, on purpose: a dry run goes on
    arena dry_life;
    map64 dry_at; // key → index into told
    foretold *told;
    size_t n_told;
    int64_t dry_batch;
};

must_use bool ledger_ready(ledger *l, err *e);
must_use bool ledger_finish(ledger *l, bool ok, err *e);
// fresh: its key was not known before.
must_use bool ledger_fold(ledger *l, const record *r, int sign, bool fresh, err *e);

// Appends one record outside a batch.
must_use bool ledger_append_one(ledger *l, arena scratch, const record *r, err *e);

// A record read from the columns of an event statement, the first of which is `at`; body lives in a.
record record_read(arena *a, const row *r, int at);

#endif
