// playbooks: a store with playbooks in it, time that goes by, and what came of it, for tests.
#ifndef HEED_TEST_PLAYBOOKS_H
#define HEED_TEST_PLAYBOOKS_H

#include "know/rig.h"

#include <math.h>
#include <signal.h>

#include "act/outbox.h"
#include "act/playbook_effect.h"
#include "act/playbook_try.h"
#include "base/map64.h"
#include "know/erase.h"
#include "know/settings.h"
#include "sql/act.h"
#include "sql/act_playbook.h"

static const int64_t T0 = INT64_C(1767225600000000); // 2026-01-01, where the rig's clock stands

typedef struct {
    rig r;
    arena a;
} desk_of;

static inline void open_desk(desk_of *d, void **state) {
    err e = {0};
    rig_open(&d->r, lasting_place(state));
    d->a = arena_open((size_t)1 << 32);
    assert_ok(store_begin(d->r.s, &e) && settings_put(d->r.s, "origin", S("https://heed.example"), &e) &&
                  ledger_commit(know_ledger(d->r.k), &e),
              e);
}

static inline void close_desk(desk_of *d) {
    arena_close(&d->a);
    rig_close(&d->r);
}

static inline int64_t put_play(desk_of *d, const char *name, const char *definition, bool on) {
    err e = {0};
    char field[PLAY_FIELD];
    playbook_row x = {.name = str_c(name), .definition = str_c(definition), .on = on, .by = S("test")};
    assert_ok(store_begin(d->r.s, &e), e);
    if (!playbook_put(know_ledger(d->r.k), &x, field, &e)) fail_msg("%s: %s", field, e.msg);
    assert_ok(ledger_commit(know_ledger(d->r.k), &e), e);
    return x.id;
}

static inline playbook_tally minute(desk_of *d) {
    err e = {0};
    playbook_tally t = {0};
    assert_ok(ledger_settle(know_ledger(d->r.k), &e), e);
    assert_ok(playbook_minute(know_ledger(d->r.k), d->r.now, &t, &e), e);
    return t;
}

static inline void pass(desk_of *d, int64_t us) {
    d->r.now += us;
}

// Lets the time go by as the job would: a look each hour.
static inline void hours(desk_of *d, int n) {
    for (int i = 0; i < n; i++) pass(d, HOUR_US), (void)minute(d);
}

static inline event said_by(desk_of *d, enum kind kind, int64_t at_us, int who) {
    static int number;
    event ev = event_of(kind, at_us, "");
    ev.ext = str_fmt(&d->a, "x%d", ++number);
    ev.ids[0] = (ident){IDENT_user_id, str_fmt(&d->a, "u%d", who)};
    ev.ids[1] = (ident){IDENT_email, str_fmt(&d->a, "u%d@x.org", who)};
    ev.n_ids = 2;
    if (kind_class(kind) == CLASS_MONEY) ev.value = 1000, ev.has_value = true, ev.unit = 978;
    if (kind_class(kind) == CLASS_CONTRACT)
        ev.thread = str_fmt(&d->a, "c%d", who), ev.value = 1000, ev.has_value = true;
    if (kind_class(kind) == CLASS_TALK) ev.thread = str_fmt(&d->a, "t%d", who);
    return ev;
}

static inline void tell(desk_of *d, enum kind kind, int who) {
    event ev = said_by(d, kind, d->r.now, who);
    rig_put(&d->r, &ev, 1);
}

static inline void allow(desk_of *d, int who) {
    event ev = said_by(d, KIND_consent, d->r.now - DAY_US, who);
    ev.topic = S("marketing_email"), ev.value = 1, ev.has_value = true, ev.name = S("Ada Okafor");
    rig_put(&d->r, &ev, 1);
}

static inline size_t runs_of(desk_of *d, int64_t playbook, playbook_run *out, size_t most) {
    err e = {0};
    size_t n = 0;
    for (row q = store_query(d->r.s, Q_playbook_run_list, &e, "iiiii", INT64_MAX, playbook, INT64_C(-1), INT64_C(0),
                             INT64_C(1000000));
         row_next(&q);) {
        if (n < most) out[n] = playbook_run_read(&d->a, &q);
        n++;
    }
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    return n;
}

static inline int64_t messages(desk_of *d) {
    err e = {0};
    outbox_counts c;
    int64_t n = 0;
    assert_ok(outbox_count(d->r.s, &c, &e), e);
    for (int i = 0; i < OUTBOX_STATES; i++) n += c.of[i];
    return n;
}

static inline int64_t tasks(desk_of *d) {
    return count(d->r.s, Q_commitment_scan);
}

static inline str notes_of(desk_of *d, int64_t run) {
    err e = {0};
    buf b = buf_new(&d->a, 4096);
    for (row q = store_query(d->r.s, Q_playbook_notes, &e, "i", run); row_next(&q);) {
        if (b.len) buf_addc(&b, ' ');
        buf_add(&b, row_str(&q, 2));
    }
    return str_dup(&d->a, buf_str(&b));
}

#define FIRST_ORDER                                                                                                    \
    "{\"from\":\"Maria Lopez\",\"hold\":0,\"trigger\":{\"event\":\"order\",\"first\":true},\"steps\":["                \
    "{\"wait\":{\"days\":1}},{\"message\":{\"template\":\"thank_first\",\"kind\":\"thanks\"}},"                        \
    "{\"task\":{\"what\":\"Send a card\",\"hours\":24}}]}"

#endif
