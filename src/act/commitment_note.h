// commitment_note: what people of ours say of a commitment, as events of the source "heed": made, moved, kept,
// withdrawn, opened again, void, confirmed by the customer, apologised for.
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
    str by;          // who notes it
    int64_t about;   // the conversation; 0: none
    int64_t said_in; // the event in whose words it was made; 0: none
    str once;        // what it is told by, which said twice is one; empty: its words and its time
} commitment_note;

// When a commitment of this kind is due unless a date is named: its hours from commitments.def, or those of the
// customer's agreement, by its opening hours or by the clock. customer 0: by everybody's agreement.
must_use bool commitment_due_for(arena *a, store *s, int64_t customer, enum commitment_kind k, int64_t from_us,
                                 int64_t *due_us, err *e);
must_use bool commitment_due_by(arena *a, store *s, enum commitment_kind k, int64_t from_us, int64_t *due_us, err *e);

// May it be promised? ERR_conflict with what the red line says, and what would pass instead. What was said already is
// noted without asking: the ledger tells what happened.
must_use bool commitment_allowed(arena *a, store *s, const commitment_note *n, str role, int64_t now_us, err *e);

// Writes it in transactions of its own, and fills n->id. ERR_not_found, ERR_conflict (nothing to be known by, or the
// commitment has ended already).
must_use bool commitment_write(ledger *l, arena *a, commitment_note *n, err *e);

// What the customer says of a fix, by a link that they were sent, or as somebody heard it: solved, or not.
must_use bool commitment_confirm(ledger *l, arena *a, int64_t id, bool solved, str words, str by, err *e);

#endif
