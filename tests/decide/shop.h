// shop: a store with customers who buy and send back, for tests of policies and of steps after many returns.
#ifndef HEED_TEST_SHOP_H
#define HEED_TEST_SHOP_H

// clang-format off
#include "know/rig.h"
#include <math.h>
// clang-format on

#include "know/erase.h"

enum { BASE = 20000, EUR = 978 }; // days of events are counted from BASE

typedef struct {
    rig r;
    arena a;
    event *evs; // not stored yet
    int n, room, number;
} shop;

static inline shop *shop_open(enum place place, int room) {
    shop *d = calloc(1, sizeof *d);
    d->a = arena_open((size_t)1 << 34);
    d->evs = make(&d->a, event, room), d->room = room;
    rig_open(&d->r, place);
    d->r.now = (BASE + 400) * DAY_US;
    return d;
}

static inline void shop_close(shop *d) {
    rig_close(&d->r);
    arena_close(&d->a);
    free(d);
}

// Of customer u`who`, a moment after the one before.
static inline event *shop_add(shop *d, enum kind kind, int day, int who, int64_t value) {
    assert_true(d->n < d->room);
    event *ev = &d->evs[d->n++];
    d->number++;
    *ev = event_of(kind, (BASE + day) * DAY_US + d->number, str_z(&d->a, str_fmt(&d->a, "e%d", d->number)));
    *ev = from(*ev, IDENT_user_id, str_z(&d->a, str_fmt(&d->a, "u%d", who)));
    ev->value = value, ev->has_value = true, ev->unit = EUR;
    return ev;
}

static inline void store_all(shop *d) {
    for (int i = 0; i < d->n; i += 5000) rig_put(&d->r, d->evs + i, (size_t)MIN(5000, d->n - i));
    rig_flush(&d->r);
    d->n = 0;
}

static inline int64_t customer_of(shop *d, int who) {
    err e = {0};
    int64_t *ids;
    size_t n;
    arena a = d->a;
    assert_ok(erase_find(&a, d->r.s, IDENT_user_id, str_fmt(&a, "u%d", who), &ids, &n, &e), e);
    assert_int_equal(n, 1);
    return ids[0];
}

#endif
