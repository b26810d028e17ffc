// content: what is in a store, in numbers that do not depend on ids, and a file read as the command reads it.
#ifndef HEED_TEST_CONTENT_H
#define HEED_TEST_CONTENT_H

#include "know/rig.h"

#include "jobs/import.h"
#include "sql/ledger.h"
#include "sql/store.h"

typedef struct {
    uint64_t events, customers, quarantine;
    int64_t n, rows, added, changed, same, skipped, rejected, bad;
} content;

static inline void read_imports(store *s, content *c, err *e) {
    for (row r = store_query(s, Q_import_list, e, "i", INT64_C(1000)); row_next(&r);) {
        if (row_int(&r, 3) != 1) continue;
        c->rows += row_int(&r, 6), c->added += row_int(&r, 7), c->changed += row_int(&r, 8);
        c->same += row_int(&r, 9), c->skipped += row_int(&r, 10), c->rejected += row_int(&r, 11);
    }
}

static inline content content_of(const char *where) {
    err e = {0};
    content c = {0};
    rig view = {0};
    assert_ok(store_open(&view.s, str_c(where), (store_opts){.read_only = true}, &e), e);
    store *s = view.s;
    for (row r = store_query(s, Q_store_events, &e, ""); row_next(&r); c.n++) {
        uint64_t h = 0;
        for (int i = 0; i < 11; i++)
            if (i != 1) h = str_hash2(h * 31 + (uint64_t)row_int(&r, i), S("n"));
        c.events += str_hash2(h, row_str(&r, 11));
    }
    for (row r = store_query(s, Q_quarantine_list, &e, "iii", INT64_C(0), INT64_MAX, INT64_C(1000000)); row_next(&r);) {
        uint64_t h = (uint64_t)row_int(&r, 3);
        for (int i = 4; i < 8; i++) h = str_hash2(h, row_str(&r, i));
        c.quarantine += h, c.bad++;
    }
    read_imports(s, &c, &e);
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    c.customers = portrait(&view);
    assert_verified(&view);
    store_close(s);
    return c;
}

static inline void assert_same(const content *got, const content *want) {
    assert_int_equal(got->n, want->n);
    assert_true(got->events == want->events);
    assert_true(got->customers == want->customers);
    assert_int_equal(got->bad, want->bad);
    assert_true(got->quarantine == want->quarantine);
    assert_int_equal(got->rows, want->rows);
    assert_int_equal(got->added, want->added);
    assert_int_equal(got->changed, want->changed);
    assert_int_equal(got->same, want->same);
    assert_int_equal(got->skipped, want->skipped);
    assert_int_equal(got->rejected, want->rejected);
}

// As `heed import` does it: on this thread, with the ledger in its own hands.
static inline void import_directly(const char *where, const char *path, listen_opts how, str name, take_reason *bad,
                                   size_t *n_bad) {
    err e = {0};
    knowing *k = NULL;
    enum pump_side side;
    store *s = NULL;
    arena life = arena_open((size_t)1 << 30);
    assert_ok(store_open(&s, str_c(where), (store_opts){.create = true}, &e), e);
    assert_ok(store_lock(s, 0, &e) && know_open(&k, s, world_real(), NULL, &e), e);
    import_run r = {.path = path, .how = how};
    r.t = (take){.life = &life, .l = know_ledger(k), .name = name};
    assert_ok(import_take(&r, &side, &e), e);
    if (bad) memcpy(bad, r.t.bad, sizeof r.t.bad), *n_bad = r.t.n_bad;
    import_close(&r);
    know_close(k);
    store_close(s);
    arena_close(&life);
}

#endif
