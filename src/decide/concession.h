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
    bool sample;      // of the sample company: it goes with it, and so do its events
} concession_new;

typedef struct {
    int64_t id;
    enum concession_state state;
    int64_t approval; // the request it waits for; 0: none
    redline_answer answer;
} concession_made;

// A row: what was asked, answered, and became of it.
typedef struct {
    int64_t id;
    enum concession_state state; // a reservation whose time is over reads as expired
    concession_ask ask;          // ask.customer is the customer of today
    int64_t profile;             // as whom it was noted
    int64_t costs, at_us, keep_us, ended_us;
    enum redline_verdict verdict;
    str signer, lines; // lines: JSON of the answer
    str ended_by, back_reason, key;
    int64_t print;
    int told;
    int review; // enum concession_review
    str review_by, review_words;
    int64_t review_us;
    bool sample;
} concession;
enum concession_review { REVIEW_NONE, REVIEW_WAITING, REVIEW_RIGHT, REVIEW_GENEROUS, REVIEW_STRICT };
const char *concession_review_name(enum concession_review r); // "right"
bool concession_state_of(str name, enum concession_state *s);

// False with e clear when there is none.
must_use bool concession_get(arena *a, store *s, int64_t id, int64_t now_us, concession *out, err *e);
typedef struct {
    int64_t below;    // rows with a smaller number; 0: from the newest
    int state;        // enum concession_state, -1: any
    int64_t customer; // 0: any
    bool review;      // those that wait for a review alone
    enum concession_kind kind;
    int64_t most;
} concession_which;
must_use bool concessions_list(arena *a, store *s, const concession_which *q, int64_t now_us, concession **out,
                               size_t *n, err *e);
void concession_json(json_out *j, const char *key, const concession *x);

// In an open transaction of the writer. A refusal is no error: state is CONCESSION_DECLINED, and the answer says why.
must_use bool concession_reserve(ledger *l, arena *a, const concession_new *n, concession_made *out, err *e);
must_use bool concession_commit(ledger *l, arena *a, int64_t id, str by,
                                err *e); // ERR_conflict when it is not reserved
must_use bool concession_release(ledger *l, arena *a, int64_t id, str by, err *e);             // never given
must_use bool concession_reverse(ledger *l, arena *a, int64_t id, str by, str reason, err *e); // given, and taken back
// What somebody says afterwards of one that was given at once; nobody looks at their own.
must_use bool concession_review(ledger *l, arena *a, int64_t id, enum concession_review verdict, str by, str words,
                                err *e);

// Tells what was committed or taken back and is not told yet, as events, in transactions of its own (never inside of
// one). After a commit, and now and then: a crash between the two leaves something to be told. told may be NULL.
must_use bool concessions_tell(ledger *l, int64_t *told, err *e);
// In an open transaction: marks what was not committed in time, and requests that nobody answered. Nothing depends on
// it, because an expired reservation counts nowhere. Returns how many of each call found; 0: all is done.
must_use bool concessions_expire(ledger *l, int64_t *n, err *e);

#endif
