// inbox_card: what whoever answers should know of the customer: how they are to be treated, what we owe them, by when
// something can be promised, and what the gate would say.
#ifndef HEED_INBOX_CARD_H
#define HEED_INBOX_CARD_H

#include "act/gate.h"
#include "know/commitment.h"
#include "know/inbox.h"
#include "know/value.h"

typedef struct {
    const char *hint; // "hardship", "silent" …
    str text;
} inbox_hint;
enum { INBOX_HINTS = 8 };
// secrets: hardship and loss are told too. m and v may be NULL.
must_use bool inbox_hints(arena *a, store *s, int64_t customer, const summary *m, const value_row *v, bool secrets,
                          int64_t now_us, inbox_hint out[INBOX_HINTS], size_t *n, err *e);

// What is open of what we owe them, what is due first first.
typedef struct {
    int64_t id, due_us; // due_us 0: no date
    enum commitment_kind kind;
    str what;
    bool here; // made in the conversation `thread`
} inbox_owed;
must_use bool inbox_owes(arena *a, store *s, int64_t customer, int64_t thread, inbox_owed *out, size_t most, size_t *n,
                         err *e);

// By when something can be promised, by the usual hours of its kind.
typedef struct {
    enum commitment_kind kind;
    int64_t due_us;
} inbox_offer;
enum { INBOX_OFFERS = 4 };
must_use bool inbox_offers(arena *a, store *s, int64_t customer, int64_t now_us, inbox_offer out[INBOX_OFFERS],
                           size_t *n, err *e);

// Within so many minutes we answer, by the hours of everybody's agreement.
must_use bool inbox_reply_within(arena *a, store *s, int64_t now_us, int64_t *minutes, bool *open_hours, err *e);

// A dry run of an answer by mail.
must_use bool inbox_may_reply(arena *a, store *s, int64_t customer, str by, int64_t now_us, gate_answer *out, err *e);

#endif
