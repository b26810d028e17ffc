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
} approval;

// Those that wait now, the first due first. signer: those that this role may sign; empty: all.
must_use bool approvals_waiting(arena *a, store *s, str signer, int64_t now_us, approval **out, size_t *n, err *e);

#endif
