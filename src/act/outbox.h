// outbox: what we send, each message once per person, template and occasion.
//
// A message gets in by outbox_put alone, which passes the gate in the same transaction and keeps the number of its
// record; the table has no row without one. jobs/send.h takes what is due by a lease, asks the gate's states once more,
// and sends. Between the last byte and the server's answer a crash leaves the fate of a message unknown: this is marked
// before the last byte, so such a message is never sent again by itself; it is `unsure` until a bounce, a reply, or a
// person settles it. What never got so far is sent again.
#ifndef HEED_OUTBOX_H
#define HEED_OUTBOX_H

#include "act/gate.h"

enum outbox_state {
    OUTBOX_WAITING, // due at next_us
    OUTBOX_SENDING, // somebody has its lease
    OUTBOX_UNSURE,  // given to the server whole, its answer is not known
    OUTBOX_SENT,
    OUTBOX_FAILED,  // refused for good, or tried for too long
    OUTBOX_BOUNCED, // sent, and came back
    OUTBOX_CANCELLED,
};
const char *outbox_state_name(enum outbox_state s);

typedef struct {
    gate_ask gate; // kind, customer, template, occasion …
    str to_name;
    str from_name; // the person who stands behind it; empty: the company's
    str reply_to;
    str subject, text;                // plain words; lines of any length
    str html;                         // empty: made from the words
    str lang;                         // ISO 639-1
    int64_t not_before_us;            // 0: at once
    str in_reply_to;                  // Message-ID; empty: none
    int64_t playbook_run, survey_ask; // 0: none
} outbox_new;

typedef struct {
    gate_answer gate;
    int64_t id; // of the message; 0 when the gate did not allow it
    bool again; // it was there already: nothing was done
} outbox_put_answer;

// In an open transaction of the writer. No address: ERR_conflict naming the customer. A gate that delays or skips is no
// error.
must_use bool outbox_put(ledger *l, arena *a, const outbox_new *n, outbox_put_answer *out, err *e);
must_use bool outbox_cancel(ledger *l, int64_t id, str by, err *e); // ERR_conflict when it is sent
// What a person found out about an unsure one.
must_use bool outbox_settle(ledger *l, int64_t id, bool arrived, str by, err *e);

#endif
