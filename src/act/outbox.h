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
    OUTBOX_STATES,
};
const char *outbox_state_name(enum outbox_state s);
enum outbox_state outbox_state_of(str name); // OUTBOX_STATES: there is none

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
// The address that a customer's sources agree on most and that works; empty when there is none.
must_use bool outbox_address_of(arena *a, store *s, int64_t customer, int64_t now_us, str *out, err *e);
must_use bool outbox_cancel(ledger *l, int64_t id, str by, err *e); // ERR_conflict when it is sent
// What a person found out about an unsure one: it arrived, or it did not, and goes again; ERR_conflict within 15
// minutes, while its answer may still be on the way.
must_use bool outbox_settle(ledger *l, int64_t id, bool arrived, str by, err *e);
// A person wants one to go now, or once more, that waits, failed, bounced or was cancelled. It passes the gate anew, as
// if it had never been sent; ERR_conflict with the gate's reason when it may not.
must_use bool outbox_retry(ledger *l, arena *a, int64_t id, str by, err *e);

// ---- reading ----

typedef struct {
    int64_t id, gate_id, profile, tries, created_us, next_us, first_us, marked_us, ended_us, playbook_run, survey_ask;
    enum outbox_state state;
    enum gate_kind kind;
    bool told;
    str template, occasion, address, domain, to_name, from_name, reply_to, subject, text, html, lang, in_reply_to,
        token, survey, quota, by;
    str reply; // the server's last words, or why it ended
} outbox_row;
outbox_row outbox_read(arena *a, const row *r); // columns of outbox_get; outbox_list leaves text and html out
must_use bool outbox_get(arena *a, store *s, int64_t id, outbox_row *out, err *e); // ERR_not_found
must_use bool outbox_customer(store *s, const outbox_row *o, int64_t *customer,
                              err *e); // as customers are now; 0: none

// How many there are of each, and what a person should look at: unsure ones; failed and bounced of the last week; those
// that wait for longer than a day although they were tried.
typedef struct {
    int64_t of[OUTBOX_STATES], oldest_us; // oldest_us: of those that wait; 0: none does
} outbox_counts;
must_use bool outbox_count(store *s, outbox_counts *out, err *e);
typedef struct {
    int64_t unsure, failed, bounced, waiting;
} outbox_troubles;
must_use bool outbox_trouble(store *s, int64_t now_us, outbox_troubles *out, err *e);

// ---- for whoever sends ----

// Asked again before each try: the record of the gate is there and allows exactly this, and nothing has happened since
// that keeps it back (a complaint, hardship, consent withdrawn, an address that is dead). A customer of the sample
// company gets nothing.
enum outbox_may { OUTBOX_GO, OUTBOX_LATER, OUTBOX_STOP };
typedef struct {
    enum outbox_may may;
    int64_t until_us; // OUTBOX_LATER
    str why;
} outbox_leave;
must_use bool outbox_ask(arena *a, store *s, const outbox_row *o, int64_t now_us, outbox_leave *out, err *e);

#endif
