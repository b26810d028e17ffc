// proposal: what was noticed in messages (know/noticed.h), to be accepted in one step or dismissed by a person.
#ifndef HEED_PROPOSAL_H
#define HEED_PROPOSAL_H

#include "act/commitment_note.h"
#include "know/noticed.h"
#include "stats/estimate.h"

typedef struct {
    int64_t id, key, profile_id, customer, at_us; // key: of the event in which it was said
    enum proposal_what what;
    enum commitment_kind kind;
    int64_t due_us; // as the words say; 0: they name no time
    int64_t thread; // the conversation; 0: none
    str words, due_words, why, staff;
    bool conditional;
    int32_t sure;          // in percent; of a word after a fix 0
    int64_t commitment_id; // what became of it; of a word after a fix: the fix
    enum proposal_state state;
    int64_t decided_us;
    str by;
} proposal;
const char *proposal_what_name(enum proposal_what w);   // "promise", "reopen"
const char *proposal_state_name(enum proposal_state s); // "open", "accepted", "dismissed"
bool proposal_state_of(str name, enum proposal_state *out);

typedef struct {
    int state;                  // -1: any
    int64_t customer;           // 0: any
    enum commitment_kind kind;  // COMMITMENT_none: any
    int64_t after_us, after_id; // the last of the page before; 0: from the beginning
    int64_t most;
} proposal_ask;
must_use bool proposal_list(arena *a, store *s, const proposal_ask *ask, proposal **out, size_t *n, err *e);
// ERR_not_found when there is none.
must_use bool proposal_get(arena *a, store *s, int64_t id, proposal *out, err *e);
// The words in which a commitment was noticed; found false: nobody noticed it.
must_use bool proposal_of(arena *a, store *s, int64_t commitment_id, proposal *out, bool *found, err *e);

// With transactions of their own. A promise becomes a commitment that was made when and where it was said; without a
// date in its words, or in due_us, it is due by the usual hours of its kind. A word after a fix opens the fix again.
// Accepting once more after a crash makes nothing twice. ERR_conflict when it is decided already.
must_use bool proposal_accept(ledger *l, arena *a, int64_t id, int64_t due_us, str by, int64_t *commitment_id, err *e);
must_use bool proposal_dismiss(ledger *l, arena *a, int64_t id, str by, err *e);

// How many are open, and of those decided in the last 90 days the share that was accepted.
typedef struct {
    int64_t open, accepted, dismissed;
    estimate share; // Wilson; how often noticing is right, as people see it
} proposal_counts;
must_use bool proposal_count(arena *a, store *s, int64_t now_us, proposal_counts *out, err *e);

#endif
