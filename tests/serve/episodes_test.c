// The sample company's grinder is out of order for its last 24 days (docs/sample.md): a look for themes raises alarms
// about it, and hardly about anything else; a look before it raises none about it.
#define BASE_CUSTOMERS 16000
#define BASE_YEARS     1
#include "base.h"

#include "decide/bursts.h"
#include "jobs/theming.h"
#include "jobs/understand.h"

typedef struct {
    int about, other;
} alarms;

// Whether most of the words of an alarm speak of how coffee is ground.
static bool about_grind(store *s, const burst_row *b) {
    static const char *const says[] = {"grind", "ground", "coarse", "mahl", "molienda", "molid", "grob", "grues"};
    arena a = arena_open((size_t)1 << 28);
    err e = {0};
    theme_word *w;
    size_t n, hits = 0;
    assert_ok(themes_words(&a, s, b->what_id, &(theme_ask){.since_us = b->from_us, .words = true}, &w, &n, &e), e);
    for (size_t i = 0; i < n; i++) {
        bool hit = false;
        for (size_t k = 0; k < COUNT(says); k++) hit |= str_has_ci(w[i].text, str_c(says[k]));
        hits += hit;
    }
    arena_close(&a);
    return hits * 2 > n;
}

static alarms look_at(store *s, int64_t at_us) {
    arena a = arena_open((size_t)1 << 28);
    err e = {0};
    themed d;
    burst_row *b;
    size_t n;
    alarms out = {0};
    assert_ok(theme_all(&(theming){.s = s, .where = S(""), .clock_us = at_us}, &d, &e), e);
    assert_ok(bursts_list(&a, s, BURST_ANY, ABOUT_theme, 0, &b, &n, &e), e);
    for (size_t i = 0; i < n; i++) {
        if (b[i].found_us != at_us) continue;
        if (about_grind(s, &b[i]))
            out.about++;
        else
            out.other++;
    }
    arena_close(&a);
    return out;
}

static void the_grinder_raises_an_alarm_and_hardly_anything_else_does(void **state) {
    (void)state;
    err e = {0};
    store *s;
    understood read;
    assert_ok(store_open(&s, str_c(base), (store_opts){0}, &e), e);
    assert_ok(store_lock(s, 1000, &e), e);
    assert_ok(understand(&(understanding){.s = s, .where = S("")}, &read, &e), e);
    assert_true(read.words > 5000);
    const alarms before = look_at(s, RIG_NOW - 40 * DAY_US), now = look_at(s, RIG_NOW);
    print_message("before: %d about it, %d about other things; now: %d and %d\n", before.about, before.other, now.about,
                  now.other);
    assert_int_equal(before.about, 0);
    assert_in_range(now.about, 1, 10);
    assert_in_range(before.other + now.other, 0, 2);
    store_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_grinder_raises_an_alarm_and_hardly_anything_else_does)};
    return _cmocka_run_group_tests("episodes", tests, COUNT(tests), make_base, drop_base);
}
