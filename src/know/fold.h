// fold: keeps summaries and conversations true to the events, in bulk.
//
// What is stored gathers here as small items; a flush sorts them by customer and merges each into its stored timeline,
// because a tree of customers would otherwise rewrite a page per event. Customers whose events changed in a way that
// cannot be added (an edit, a split) are folded anew from their events.
#ifndef HEED_FOLD_H
#define HEED_FOLD_H

#include "base/civil.h"
#include "know/feedback.h"
#include "know/talk.h"
#include "know/timeline.h"
#include "ledger/ledger.h"

typedef struct folder folder;

must_use bool fold_open(folder **out, ledger *l, err *e);
void fold_close(folder *f);
must_use bool fold_record(folder *f, const record *r, int sign, bool replay, err *e);
must_use bool fold_merge(folder *f, int64_t from, int64_t into, err *e); // two customers became one
must_use bool fold_anew(folder *f, int64_t customer, err *e);            // from its events, at the next flush
must_use bool fold_write(folder *f, err *e);                             // feedback rows of the batch
must_use bool fold_flush(folder *f, err *e);
bool fold_due(const folder *f);
void fold_forget(folder *f);

// One event as an item; zone gives the civil day. said may be NULL when the event says nothing.
fold_item fold_item_of(const record *r, const said *s, const zone *z);

// The timeline of some profiles together, from their events and conversations.
must_use bool fold_profiles(arena *a, arena scratch, store *s, const zone *z, const int64_t *profiles, size_t n,
                            timeline *out, err *e);

// Rows of summary on their way into the store.
typedef struct summary_rows summary_rows;
summary_rows *summary_rows_new(arena *life, store *s, enum query how); // Q_summary_put, or Q_summary_new for new ones
void summary_rows_close(summary_rows *w);                              // NULL is fine
must_use bool summary_rows_put(summary_rows *w, int64_t customer, const timeline *t, err *e);
must_use bool summary_rows_send(summary_rows *w, err *e);
void summary_rows_forget(summary_rows *w); // what was put since: its transaction failed

// The same for conversations.
typedef struct talk_rows talk_rows;
talk_rows *talk_rows_new(arena *life, store *s);
void talk_rows_close(talk_rows *w);
must_use bool talk_rows_put(talk_rows *w, int64_t profile, int64_t thread, int64_t source_id, const talk *t, err *e);
must_use bool talk_rows_send(talk_rows *w, err *e);
void talk_rows_forget(talk_rows *w);

// The store's time zone (meta "zone", UTC unless set).
must_use bool store_zone(store *s, arena *a, zone **z, err *e);

#endif
