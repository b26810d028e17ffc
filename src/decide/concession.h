// concession: something given away, in two steps, so that two people cannot spend the last euro: reserved (it counts
// against every budget), then committed or released; what is neither in its time expires.
//
// A reservation asks the red lines in the transaction of the one writer, and is refused when they refuse. Beyond a
// role's envelope, or where a line asks for a signature, it waits as an approval with a clock. What is committed is
// told as an event (`concession`), and what is taken back as another (`concession_back`), so that timelines show them.
#ifndef HEED_CONCESSION_H
#define HEED_CONCESSION_H

#include "decide/redline.h"

enum concession_state {
    CONCESSION_WAITING,
    CONCESSION_RESERVED,
    CONCESSION_COMMITTED,
    CONCESSION_RELEASED,
    CONCESSION_EXPIRED,
    CONCESSION_DECLINED,
    CONCESSION_REVERSED
};
const char *concession_state_name(enum concession_state s);

typedef struct {
    concession_ask ask;
    str key;          // whoever asks twice with one key gets the first answer; empty: none
    int64_t keep_us;  // how long it is reserved; 0: 15 minutes
    bool no_approval; // refuse instead of waiting for a signature: for machines
} concession_new;

typedef struct {
    int64_t id;
    enum concession_state state;
    int64_t approval; // the request it waits for; 0: none
    redline_answer answer;
} concession_made;

// In an open transaction of the writer. A refusal is no error: state is CONCESSION_DECLINED, and the answer says why.
must_use bool concession_reserve(ledger *l, arena *a, const concession_new *n, concession_made *out, err *e);
must_use bool concession_commit(ledger *l, arena *a, int64_t id, str by,
                                err *e); // ERR_conflict when it is not reserved
must_use bool concession_release(ledger *l, arena *a, int64_t id, str by, err *e);             // never given
must_use bool concession_reverse(ledger *l, arena *a, int64_t id, str by, str reason, err *e); // given, and taken back

#endif
