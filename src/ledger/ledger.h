// ledger: the write path. Events come in by batches; a batch is durable, whole, when ledger_write returns.
//
// One writer holds the store's lock for as long as the ledger is open. The way of a batch is a short table of stages
// that higher rooms fill (know/stages.h): stitch gives every event its profile and customer, fold takes what was stored
// into the derived state, flush merges what was gathered. The ledger itself knows keys, versions and counts.
#ifndef HEED_LEDGER_H
#define HEED_LEDGER_H

#include "base/world.h"
#include "ledger/event.h"
#include "store/store.h"

typedef struct ledger ledger;

// An event as it is stored, on its way in, out of the store, or out of the derived state.
typedef struct {
    int32_t period;
    int32_t unit;
    int64_t profile_id, at_us, key;
    int64_t import_id, value, thread, edited_us;
    uint8_t kind, channel;
    bool has_value, has_thread, has_edited;
    str body;
    int64_t customer_id; // as stitch saw it; 0 when read back from the store
} record;

// One batch while it is written. Arrays are n long and belong to the batch's arena.
typedef struct {
    arena *a;
    int64_t import_id, source_id;
    str source; // its name, part of what names a profile
    const event *const *events;
    size_t n;
    bool look;          // only look profiles up: nobody is made, nothing is observed
    int64_t *profiles;  // stitch fills: the profile of every event (0: nobody known)
    int64_t *customers; // and the customer it belongs to
    record *facts;      // stitch may add records of its own (identify), stored with the batch
    size_t n_facts;
} batch;

// How the derived state hears of what is stored. know/stages.h fills the table.
typedef struct {
    void *ctx;
    // Must this event stay out (its person was erased, or asked for it)? refuses: is there any such person at all?
    bool (*refuses)(void *ctx);
    bool (*refuse)(void *ctx, const event *ev);
    // Gives every event of the batch its profile; writes profiles, identifiers and links.
    bool (*stitch)(void *ctx, batch *b, err *e);
    // An event was stored (sign +1), or is current no more (sign -1). replay: it was stored before a crash.
    bool (*fold)(void *ctx, const record *r, int sign, bool replay, err *e);
    // The batch is complete: write what must be durable with it.
    bool (*write)(void *ctx, err *e);
    // A note left with ledger_note comes back after a crash.
    bool (*noted)(void *ctx, int64_t note, err *e);
    // Merges what fold gathered into the store, in the transaction that is open.
    bool (*flush)(void *ctx, err *e);
    bool (*due)(void *ctx);    // so much is gathered that a flush is due
    void (*forget)(void *ctx); // a transaction failed: forget everything gathered; replay follows
} stages;

// What became of the rows of a batch, and of its events.
typedef struct {
    int64_t rows, added, changed, same, skipped, rejected; // rows: rows = the sum of the other five
    int64_t events_added, events_changed, events_same;
} tally;
void tally_add(tally *sum, const tally *t);

// A row of input that could not be understood, as it came.
typedef struct {
    str file, field, reason, header, raw;
    int64_t line;
} bad_row;

// What ledger_write takes. events of one row are neighbours; row_of[i] numbers the row of event i, rising from 0.
typedef struct {
    const event *events;
    const int32_t *row_of;
    size_t n;
    int64_t rows; // rows that gave events
    int64_t skipped;
    const bad_row *bad;
    size_t n_bad;
} intake;

// Opens for writing on a locked store.
must_use bool ledger_open(ledger **out, store *s, const world *w, err *e);
// Sets the stages and replays what a crash left between commit and merge. Call once, before the first write.
must_use bool ledger_start(ledger *l, stages st, int64_t *replayed, err *e);
void ledger_close(ledger *l); // without a flush: what was acknowledged is durable, and replayed on the next open
// For stages: leaves a note with the running batch, handed back by `noted` if the program dies before the next flush.
void ledger_note(ledger *l, int64_t note);
store *ledger_store(ledger *l);
const world *ledger_world(const ledger *l);

// Sources by name; made when new.
must_use bool ledger_source(ledger *l, str name, str adapter, enum channel channel, bool sample, int64_t *id, err *e);
str ledger_source_name(const ledger *l, int64_t source_id);
int64_t ledger_import_source(const ledger *l, int64_t import_id); // 0 if unknown
bool ledger_source_is_sample(const ledger *l, int64_t source_id);

must_use bool ledger_import_begin(ledger *l, int64_t source_id, str name, str mapping, int64_t *id, err *e);
enum { LEDGER_BATCH = 50000 }; // events that one batch may hold
must_use bool ledger_write(ledger *l, int64_t import_id, const intake *in, tally *t, err *e);
// Merges everything gathered and marks the import done.
must_use bool ledger_import_end(ledger *l, int64_t import_id, err *e);
must_use bool ledger_flush(ledger *l, err *e);
// Brings the derived state up to date for readers, at the price of what was gathered since; cheaper than a flush. What
// remains to be merged (keys) is no reader's business.
must_use bool ledger_settle(ledger *l, err *e);

// A dry run: what would become of these events, nothing written.
must_use bool ledger_would(ledger *l, int64_t source_id, const intake *in, tally *t, err *e);

// Small identifiers in rising order, handed out in blocks so that several programs never meet.
must_use bool ledger_id(ledger *l, int64_t *id, err *e);
// Ends a transaction begun outside the ledger, with the identifiers handed out in it.
must_use bool ledger_commit(ledger *l, err *e);

// A stored event by its place; false with e clear when there is none. body lives in a.
must_use bool ledger_get(store *s, arena *a, int32_t period, int64_t profile_id, int64_t at_us, int64_t key,
                         record *out, err *e);
// Calls back for every event of a profile, in order of time; false from the callback stops.
typedef bool (*record_fn)(void *ctx, const record *r, err *e);
must_use bool ledger_profile_events(store *s, int64_t profile_id, record_fn fn, void *ctx, err *e);
// The same from the month of since_us on, so that it costs no more than what came after.
must_use bool ledger_profile_events_since(store *s, int64_t profile_id, int64_t since_us, record_fn fn, void *ctx,
                                          err *e);
// Calls back for every event, by month, profile and time.
must_use bool ledger_all_events(store *s, record_fn fn, void *ctx, err *e);
// Undoes an import: its events move to event_past, versions they had replaced become current again. The derived state
// must be rebuilt after it (know/rebuild.h). Purge removes them for good instead: for sample data only.
must_use bool ledger_import_undo(ledger *l, int64_t import_id, bool purge, int64_t *events, err *e);
// The months that hold events, ascending.
must_use bool ledger_periods(store *s, arena *a, int32_t **periods, size_t *n, err *e);

// Content hash by which versions with the same time are ordered, the same whatever came first.
uint64_t record_tie(const record *r);

#endif
