// approval: a concession that waits for somebody's signature, with a clock that runs by office hours.
//
// Nobody signs for themselves, and only who may sign: a role at least as high as the one that is asked. At granting the
// red lines are asked again; what does not pass any more cannot be granted. Concessions inside an envelope are given at
// once, and some of them are looked at afterwards: the review queue.
#ifndef HEED_APPROVAL_H
#define HEED_APPROVAL_H

#include "decide/concession.h"

enum approval_state { APPROVAL_WAITING, APPROVAL_GRANTED, APPROVAL_DECLINED, APPROVAL_WITHDRAWN, APPROVAL_EXPIRED };
const char *approval_state_name(enum approval_state s); // "waiting"
bool approval_state_of(str name, enum approval_state *out);

typedef struct {
    int64_t id, concession, customer; // customer 0: nobody in particular
    enum approval_state state;
    enum concession_kind kind;
    int64_t costs;
    int32_t currency;
    str signer;               // the role that may sign
    str asked_by, reason;     // who asks for it, and why
    int64_t asked_us, due_us; // afterwards it is expired
    str decided_by, words;    // who decided, and in which words
    int64_t decided_us;       // 0: not yet
    int64_t version;
    str lines; // JSON: what the red lines said when it was asked for
    str name;  // what the customer is called now, once approvals_name looked it up
} approval;

// Those that wait now, the first due first. signer: those that this role may sign; empty: all.
must_use bool approvals_waiting(arena *a, store *s, str signer, int64_t now_us, approval **out, size_t *n, err *e);

must_use bool approval_get(arena *a, store *s, int64_t id, int64_t now_us, approval *out, err *e);
// Newest first, with a smaller number than `below` (0: from the newest); state -1: any.
must_use bool approvals_list(arena *a, store *s, int64_t below, int state, int64_t now_us, int64_t most, approval **out,
                             size_t *n, err *e);
must_use bool approvals_name(arena *a, store *s, approval *list, size_t n, err *e);
void approval_json(json_out *j, const char *key, const approval *x);

// In an open transaction of the writer. Whoever grants or declines says why. What is granted is reserved for a day, so
// that who asked for it can give it (concession_commit).
typedef struct {
    str by, role, words;
} approval_word;
must_use bool approval_grant(ledger *l, arena *a, int64_t id, const approval_word *w, err *e);
must_use bool approval_decline(ledger *l, arena *a, int64_t id, const approval_word *w, err *e);
must_use bool approval_withdraw(ledger *l, arena *a, int64_t id, const approval_word *w, err *e); // by who asked

#endif
