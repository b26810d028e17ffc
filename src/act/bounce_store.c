#include "act/address.h"
#include "act/bounce.h"
#include "act/mail.h"
#include "base/civil.h"
#include "sql/act_outbox.h"

enum { LOOK_BACK_DAYS = 14 };

typedef struct {
    ledger *l;
    store *s;
    arena *a;
    const bounce_report *report;
    const bounce_of *of;
    str message;
    int64_t now_us, customer;
    outbox_row o; // id 0: none
    const char *matched;
    str address; // in our form
} returning;

// The token is unguessable, so it is believed. Without one, only a message that went to that address lately is meant;
// who never got one of ours is left alone, whatever a report says.
static bool match(returning *x, err *e) {
    int64_t id = 0;
    x->matched = "";
    if (x->report->token.len && !store_int(x->s, Q_outbox_by_token, &id, 0, e, "t", x->report->token)) return false;
    if (id) x->matched = x->report->by_path ? "token" : "message";
    if (!id && x->address.len) {
        if (!store_int(x->s, Q_outbox_by_address, &id, 0, e, "tii", x->address, x->now_us - LOOK_BACK_DAYS * DAY_US,
                       x->now_us))
            return false;
        if (id) x->matched = "address";
    }
    return !id || (outbox_get(x->a, x->s, id, &x->o, e) && outbox_customer(x->s, &x->o, &x->customer, e));
}

static bool came_back(returning *x, err *e) {
    err none = {0};
    if (x->o.state != OUTBOX_SENT && x->o.state != OUTBOX_UNSURE) return true;
    // What never reached them takes nothing of their patience.
    if (!gate_unsent(x->l, x->o.gate_id, &none) && none.code != ERR_not_found)
        return fail(e, none.code, "%s", none.msg);
    return store_run(x->s, Q_outbox_end, NULL, e, "iiiti", x->o.id, (int64_t)OUTBOX_BOUNCED, x->now_us,
                     x->of->words.len ? x->of->words : x->of->status, x->o.tries);
}

// An unsure one of which somebody else speaks has left the first server.
static bool arrived(returning *x, err *e) {
    return x->o.state != OUTBOX_UNSURE || store_run(x->s, Q_outbox_settled, NULL, e, "iit", x->o.id, x->o.marked_us,
                                                    S("it arrived: a report speaks of it"));
}

static bool follow(returning *x, err *e) {
    switch (x->of->kind) {
    case BOUNCE_HARD: return address_note(x->l, x->customer, x->o.address, ADDRESS_hard, e) && came_back(x, e);
    case BOUNCE_SOFT: return address_note(x->l, x->customer, x->o.address, ADDRESS_soft, e) && came_back(x, e);
    case BOUNCE_DELAYED: return arrived(x, e);
    case BOUNCE_COMPLAINT: return address_note(x->l, x->customer, x->o.address, ADDRESS_complaint, e) && arrived(x, e);
    case BOUNCE_NONE: break;
    }
    return true;
}

// The same report may come twice, by another way; one message of ours bounces once, unless it was sent anew.
static int64_t mark_of(const returning *x) {
    uint64_t h = str_hash2(str_hash(x->address), str_c(bounce_kind_name(x->of->kind)));
    h = str_hash2(h, x->of->status) + (uint64_t)x->o.gate_id;
    return (int64_t)str_hash2(h, x->report->token.len ? x->report->token : x->message);
}

static bool take_one(returning *x, bounce_taken *out, err *e) {
    err none = {0};
    int64_t id, seen = 0, mark;
    if (!x->of->address.len || !mail_address(x->a, x->of->address, &x->address, &none)) x->address = x->of->address;
    if (!match(x, e)) return false;
    mark = mark_of(x);
    if (!store_int(x->s, Q_mail_bounce_seen, &seen, 0, e, "i", mark)) return false;
    if (seen) return out->known++, true;
    if (!ledger_id(x->l, &id, e)) return false;
    if (x->o.id)
        out->matched++;
    else
        out->unmatched++;
    if (x->o.id && !out->outbox_id) out->outbox_id = x->o.id;
    return store_run(x->s, Q_mail_bounce_put, NULL, e, "iiiiittttti", id, mark, x->o.id,
                     x->o.id ? x->o.profile : INT64_C(0), x->now_us, x->address, str_c(bounce_kind_name(x->of->kind)),
                     x->of->status, x->of->words, str_c(x->matched), (int64_t)(x->customer > 0)) &&
           (!x->o.id || !x->customer || follow(x, e));
}

bool bounce_take(ledger *l, arena *a, str message, bounce_taken *out, err *e) {
    const world *w = ledger_world(l);
    bounce_report *report = make(a, bounce_report, 1);
    *out = (bounce_taken){0};
    bounce_read(a, message, report);
    if (report->n) out->kind = report->of[0].kind;
    for (size_t i = 0; i < report->n; i++) {
        returning x = {.l = l,
                       .s = ledger_store(l),
                       .a = a,
                       .report = report,
                       .of = &report->of[i],
                       .message = message,
                       .now_us = w->now_us(w)};
        if (!take_one(&x, out, e)) return false;
    }
    return true;
}
