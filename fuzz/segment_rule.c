// A rule of a segment, as words or JSON, reads again from its own words and from its own JSON as the same rule, and is
// asked of customers without harm.
#include "know/segment.h"
#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static store *people(void);

static void close_store(void) {
    store_close(people());
}

static store *people(void) { // one for all inputs
    static store *s;
    err e = {0};
    if (s) return s;
    if (!store_open(&s, S(":memory:"), (store_opts){.create = true}, &e) || atexit(close_store)) abort();
    return s;
}

static bool ask(store *s, const segment_rule *r) {
    err e = {0};
    int64_t found = 0;
    segment_ask how = {.rule = r, .now_us = 1767225600000000, .members = &found};
    return segment_scan(s, &how, &e) && !found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    store *s = people();
    arena a = arena_open((size_t)1 << 28);
    char field[SEGMENT_FIELD_LEN];
    segment_rule *r, *again, *third;
    err e = {0};
    if (!segment_read_text(&a, s, (str){(const char *)data, n}, 0, &r, field, &e)) {
        assert(!err_ok(&e) && strlen(field) < SEGMENT_FIELD_LEN);
        arena_close(&a);
        return 0;
    }
    str words = segment_words(&a, r);
    assert(segment_read_text(&a, s, words, 0, &again, field, &e));
    assert(str_eq(segment_words(&a, again), words));
    buf b = buf_new(&a, (size_t)1 << 24);
    json_out j = json_to(&b);
    segment_json(&j, NULL, r);
    assert(segment_read_text(&a, s, buf_str(&b), 0, &third, field, &e));
    assert(segment_print(third) == segment_print(r));
    assert(ask(s, r));
    arena_close(&a);
    return 0;
}
