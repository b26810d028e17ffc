#include "act/address.h"
#include "sql/act_gate.h"

static address_state row_of(arena *a, const row *r) {
    return (address_state){.address = str_dup(a, row_str(r, 0)),
                           .hard_us = row_int(r, 1),
                           .soft_us = row_int(r, 2),
                           .complaint_us = row_int(r, 3),
                           .softs = row_int(r, 4)};
}

bool address_note(ledger *l, int64_t customer, str address, enum address_news what, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    arena a = arena_open(1 << 16);
    address_state x = {0};
    int64_t now = w->now_us(w), known = 0;
    str mine = str_lower(&a, str_trim(address));
    if (mine.len > 1000) mine.len = 1000;
    for (row r = store_query(s, Q_gate_address_get, e, "it", customer, mine); row_next(&r); known++) x = row_of(&a, &r);
    switch (what) {
    case ADDRESS_works: x.hard_us = x.soft_us = x.softs = 0; break;
    case ADDRESS_hard: x.hard_us = now; break;
    case ADDRESS_soft: x.soft_us = now, x.softs++; break;
    case ADDRESS_complaint: x.complaint_us = now; break;
    }
    const int64_t *hard = x.hard_us ? &x.hard_us : NULL, *soft = x.soft_us ? &x.soft_us : NULL,
                  *complaint = x.complaint_us ? &x.complaint_us : NULL;
    bool change = mine.len && customer > 0 && (known || what != ADDRESS_works);
    bool ok = err_ok(e) && (!change || store_run(s, Q_gate_address_put, NULL, e, "itIIIi", customer, mine, hard, soft,
                                                 complaint, x.softs));
    arena_close(&a);
    return ok;
}

static int badness(const address_state *x) {
    return x->hard_us ? 3 : x->complaint_us ? 2 : x->softs >= ADDRESS_SOFT_MOST ? 1 : 0;
}

bool address_read(arena *a, store *s, const int64_t *profiles, size_t n, str address, int64_t now_us,
                  address_state *out, err *e) {
    str mine = address.len ? str_lower(a, str_trim(address)) : address;
    *out = (address_state){0};
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(s, Q_gate_address_get, e, "it", profiles[i], mine); row_next(&r);) {
            address_state x = row_of(a, &r);
            if (x.hard_us > now_us) x.hard_us = 0;
            if (x.complaint_us > now_us) x.complaint_us = 0;
            if (x.soft_us > now_us) x.softs = 0;
            if (badness(&x) > badness(out)) *out = x;
        }
    return err_ok(e);
}
