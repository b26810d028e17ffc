// commitment_note: what people of ours say of a commitment, as events of the source "heed": made, moved, kept,
// withdrawn, opened again, void.
#ifndef HEED_COMMITMENT_NOTE_H
#define HEED_COMMITMENT_NOTE_H

#include "base/civil.h"
#include "know/commitment.h"

typedef struct {
    enum kind what;
    int64_t id;       // the commitment; of a new one 0
    int64_t customer; // to whom; 0: nobody outside
    enum commitment_kind kind;
    int64_t due_us, at_us; // at_us: when it was said; 0: now
    str words, owner, team;
    str by;        // who notes it
    int64_t about; // the conversation; 0: none
    str once;      // what it is told by, which said twice is one; empty: its words and its time
} commitment_note;

// When a commitment of this kind is due unless a date is named: its hours from commitments.def, by the office hours of
// weekdays that are no holidays in the store's country, or by the clock.
must_use bool commitment_due_by(arena *a, store *s, enum commitment_kind k, int64_t from_us, int64_t *due_us, err *e);

// Writes it in transactions of its own, and fills n->id. ERR_not_found, ERR_conflict (nothing to be known by, or the
// commitment has ended already).
must_use bool commitment_write(ledger *l, arena *a, commitment_note *n, err *e);

#endif
