// Messages for open pages, against a plain list of everything that was told.
#include <pthread.h>
#include <stdatomic.h>

#include "test.h"

#include "base/rng.h"
#include "serve/live.h"
#include "serve/route.h"

enum { ROOM = 64 << 10, ALL = 1 << 20 };

// The numbers of the messages in a piece of a stream, and whether a reset is among them.
typedef struct {
    int64_t ids[5000];
    size_t n;
    bool reset;
} seen;

static void look(str text, seen *s) {
    while (text.len) {
        str line = str_cut(&text, '\n');
        int64_t id = 0;
        if (str_starts(line, S("id: "))) {
            assert_true(str_i64(str_sub(line, 4, line.len), &id));
            assert_true(s->n < COUNT(s->ids));
            s->ids[s->n++] = id;
        }
        s->reset |= str_eq(line, S("event: reset"));
    }
}

static seen read_all(live *l, live_at *at) {
    static char into[ROOM];
    seen s = {.n = 0};
    for (size_t n; (n = live_read(l, at, into, sizeof into));) look((str){into, n}, &s);
    return s;
}

static void a_page_hears_what_is_told_after_it_came(void **state) {
    (void)state;
    live *l = live_open(100);
    char into[ROOM];
    live_tell(l, S("fresh"), S("{}"));
    live_at at = live_join(l, S(""), N(measures_read));
    assert_int_equal(live_read(l, &at, into, sizeof into), 0);
    live_tell(l, S("events"), S("{\"events\":\n3}"));
    size_t n = live_read(l, &at, into, sizeof into);
    assert_str(((str){into, n}), S("id: 101\nevent: events\ndata: {\"events\": 3}\n\n"));
    assert_int_equal(live_read(l, &at, into, sizeof into), 0);
    live_close(l);
}

static void nobody_hears_what_they_may_not_see(void **state) {
    (void)state;
    live *l = live_open(1);
    live_at viewer = live_join(l, S(""), N(measures_read)), nobody = live_join(l, S(""), 0);
    live_tell(l, S("job"), S("{}"));
    live_tell(l, S("fresh"), S("{}"));
    live_tell(l, S("no such topic"), S("{}"));
    seen s = read_all(l, &viewer);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.ids[0], 2);
    assert_int_equal(read_all(l, &nobody).n, 0);
    live_close(l);
}

static void who_comes_back_hears_what_they_missed(void **state) {
    (void)state;
    live *l = live_open(1000);
    for (int i = 0; i < 10; i++) live_tell(l, S("fresh"), S("{}"));
    live_at at = live_join(l, S("1003"), N(measures_read));
    seen s = read_all(l, &at);
    assert_int_equal(s.n, 6);
    assert_int_equal(s.ids[0], 1004);
    assert_false(s.reset);
    at = live_join(l, S("1009"), N(measures_read));
    assert_int_equal(read_all(l, &at).n, 0);
    live_close(l);
}

static void what_is_gone_is_told_as_a_reset(void **state) {
    (void)state;
    live *l = live_open(1000);
    for (int i = 0; i < 10; i++) live_tell(l, S("fresh"), S("{}"));
    // Of the run before; from the future; nonsense.
    static const char *const ids[] = {"7", "5000"};
    for (size_t i = 0; i < COUNT(ids); i++) {
        live_at at = live_join(l, str_c(ids[i]), N(measures_read));
        seen s = read_all(l, &at);
        assert_true(s.reset);
        assert_int_equal(s.n, 1);
        assert_int_equal(s.ids[0], 1009); // from here it can go on
    }
    live_at at = live_join(l, S("nonsense"), N(measures_read));
    assert_int_equal(read_all(l, &at).n, 0);
    live_close(l);
}

static void a_page_that_is_too_slow_starts_anew(void **state) {
    (void)state;
    live *l = live_open(1);
    char *big = malloc(10000);
    memset(big, '7', 10000);
    live_at at = live_join(l, S(""), N(measures_read));
    for (int i = 0; i < 300; i++) live_tell(l, S("fresh"), (str){big, 10000});
    seen s = read_all(l, &at);
    assert_true(s.reset);
    assert_int_equal(s.ids[s.n - 1], 300);
    // Too long to be told: the page reads anew.
    live_at next = live_join(l, S(""), N(measures_read));
    char into[ROOM];
    char *huge = calloc(1, ALL);
    live_tell(l, S("fresh"), (str){huge, ALL});
    size_t n = live_read(l, &next, into, sizeof into);
    assert_str(((str){into, n}), S("id: 301\nevent: fresh\ndata: null\n\n"));
    free(big);
    free(huge);
    live_close(l);
}

// Whatever is told and whoever reads when: numbers rise by one, or there was a reset.
static void property_no_gap_without_a_reset(void **state) {
    (void)state;
    rng r = rng_seed(11);
    char *data = malloc(20000);
    memset(data, 'x', 20000);
    live *l = live_open(1);
    live_at at[8];
    int64_t last[COUNT(at)], told = 0;
    for (size_t i = 0; i < COUNT(at); i++) at[i] = live_join(l, S(""), ~UINT64_C(0)), last[i] = 0;
    for (int step = 0; step < 20000; step++) {
        size_t i = (size_t)rng_range(&r, 0, COUNT(at) - 1);
        if (rng_chance(&r, 0.9)) {
            live_tell(l, S("job"), (str){data, (size_t)rng_range(&r, 0, rng_chance(&r, 0.05) ? 17000 : 300)});
            told++;
            continue;
        }
        if (rng_chance(&r, 0.1)) {
            char id[24];
            snprintf(id, sizeof id, "%" PRId64, MAX(last[i], 1));
            at[i] = live_join(l, str_c(id), ~UINT64_C(0));
        }
        seen s = read_all(l, &at[i]);
        for (size_t k = 0; k < s.n; k++) {
            bool first_is_reset = k == 0 && s.reset;
            if (!first_is_reset) assert_int_equal(s.ids[k], last[i] + 1);
            last[i] = s.ids[k];
        }
        assert_int_equal(last[i], told);
    }
    free(data);
    live_close(l);
}

typedef struct {
    live *l;
    atomic_int woken;
    int tellers;
} crowd;

static void on_wake(void *ctx) {
    ((crowd *)ctx)->woken++;
}

static void *tell(void *ctx) {
    for (int i = 0; i < 2000; i++) live_tell(((crowd *)ctx)->l, S("job"), S("{\"a\":1}"));
    return NULL;
}

static void *hear(void *ctx) {
    crowd *c = ctx;
    live_at at = live_join(c->l, S(""), ~UINT64_C(0));
    char into[ROOM];
    for (int i = 0; i < 3000; i++) live_read(c->l, &at, into, sizeof into);
    return NULL;
}

static void many_threads_tell_and_hear(void **state) {
    (void)state;
    crowd c = {.l = live_open(1)};
    pthread_t t[6];
    live_on_wake(c.l, on_wake, &c);
    for (int i = 0; i < 6; i++) pthread_create(&t[i], NULL, i % 2 ? hear : tell, &c);
    for (int i = 0; i < 6; i++) pthread_join(t[i], NULL);
    live_on_wake(c.l, NULL, NULL);
    assert_int_equal(c.woken, 6000);
    live_tell(c.l, S("job"), S("{}"));
    assert_int_equal(c.woken, 6000);
    live_close(c.l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_hears_what_is_told_after_it_came),
        cmocka_unit_test(nobody_hears_what_they_may_not_see),
        cmocka_unit_test(who_comes_back_hears_what_they_missed),
        cmocka_unit_test(what_is_gone_is_told_as_a_reset),
        cmocka_unit_test(a_page_that_is_too_slow_starts_anew),
        cmocka_unit_test(property_no_gap_without_a_reset),
        cmocka_unit_test(many_threads_tell_and_hear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
