// replay: rows of quarantine read again, after a newer heed has learnt to read them, or with a mapping that says better
// what a column holds. What is read then is a new import; what still cannot be read stays.
#ifndef HEED_REPLAY_H
#define HEED_REPLAY_H

#include "jobs/writer.h"
#include "listen/listen.h"

enum quarantine_state { QUARANTINE_WAITING, QUARANTINE_REPLAYED, QUARANTINE_SETTLED };
const char *quarantine_state_name(int64_t state);

// A row as it was kept.
typedef struct {
    int64_t id, import_id, line, at_us, state;
    str file, field, reason, header, raw;
} bad;
bad bad_read(arena *a, const row *r); // columns of quarantine_list and quarantine_get
must_use bool bad_get(arena *a, store *s, int64_t id, bad *out, err *e); // ERR_not_found

// A reason as take_count counts it, as a pattern that finds its rows: "…" stands for what differs.
str reason_pattern(arena *a, str reason);

typedef struct replay replay;
typedef struct {
    ledger *l; // unless w
    writer *w; // the server's
    str map;   // {"field": "column"} beside what is known of the columns; empty: none
    void (*stays)(void *ctx, int64_t id, str field, str reason); // it still cannot be read; may be NULL
    void (*was)(void *ctx, int64_t id, int64_t state);           // it does not wait any more; may be NULL
    void *ctx;
} replay_opts;

typedef struct {
    tally sum;
    int64_t still; // rows that stay
    int64_t imports;
} replayed;

replay *replay_open(replay_opts o);
// Some rows, best those of one source together. All of them are stored, or stay, when it returns.
must_use bool replay_rows(replay *g, const int64_t *ids, size_t n, err *e);
must_use bool replay_end(replay *g, replayed *out, err *e); // marks the imports done
void replay_close(replay *g);

#endif
