// timeline: bytes that are read as a customer's state are in order, store and read the same, merge and give figures;
// all others are refused as corrupt. The same bytes taken as events give one timeline in either order.
#include "know/timeline.h"

#include <stdint.h>

static str encoded(arena *a, const timeline *t) {
    buf b = buf_new(a, 64 << 20);
    timeline_encode(&b, t);
    assert(!b.full);
    return buf_str(&b);
}

static void stored(arena a, str bytes) {
    timeline t, again, sum = {0};
    err e = {0};
    if (!timeline_decode(&a, bytes, &t, &e)) {
        assert(e.code == ERR_corrupt);
        return;
    }
    str once = encoded(&a, &t);
    assert(timeline_decode(&a, once, &again, &e));
    assert(str_eq(once, encoded(&a, &again)));
    timeline_merge(&a, &sum, &t);
    assert(str_eq(once, encoded(&a, &sum)));
    summary s = timeline_summary(a, &t);
    assert(s.orders >= s.order_days && s.gap_days >= -1);
    purchases p = timeline_purchases(&t, INT32_MIN, INT32_MAX);
    assert(p.x == MAX(s.order_days - 1, 0) && p.t_x >= 0);
}

// Twelve bytes an event.
static fold_item item_of(const uint8_t *p) {
    int32_t day = (int32_t)(p[1] | p[2] << 8) - 100;
    int64_t value = (int64_t)((uint64_t)(p[5] | p[6] << 8) << (p[7] & 63));
    return (fold_item){.kind = p[0] % 41,
                       .day = day,
                       .at_us = (int64_t)day * 86400000000 + p[3] + 1,
                       .channel = p[4],
                       .value = value,
                       .unit = p[8],
                       .thread = p[9] & 3,
                       .has_value = p[10] & 1,
                       .complaint = p[10] & 2,
                       .feedback = p[10] & 4};
}

static void taken(arena a, const uint8_t *data, size_t n) {
    timeline forth = {0}, back = {0}, even = {0}, odd = {0};
    for (size_t i = 0; i < n; i++) {
        fold_item x = item_of(data + 12 * i), y = item_of(data + 12 * (n - 1 - i));
        timeline_take(&a, &forth, &x), timeline_take(&a, &back, &y), timeline_take(&a, i % 2 ? &odd : &even, &x);
    }
    timeline_merge(&a, &odd, &even);
    str want = encoded(&a, &forth);
    assert(str_eq(want, encoded(&a, &back)));
    assert(str_eq(want, encoded(&a, &odd)));
    timeline t;
    assert(timeline_decode(&a, want, &t, &(err){0}));
    (void)timeline_summary(a, &t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static arena memory;
    if (!memory.base) memory = arena_open((size_t)1 << 30);
    if (size > 1 << 16) return 0;
    stored(memory, (str){(const char *)data, size});
    taken(memory, data, size / 12);
    return 0;
}
