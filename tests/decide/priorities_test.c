// Priorities: what is written of the days of a theme is what was counted, however long it gets; and a segment that
// cannot be asked for stops nobody from counting.
#include "know/rig.h"

#include "base/json.h"
#include "decide/priorities.h"
#include "sql/serve_know.h"

enum { BASE = 20089, A_DAY = 3000, PEOPLE = TALKED_DAYS * A_DAY };

// So many words a day: another number each day, by people who speak once.
static int on_day(int day) {
    return A_DAY - 7 * (day % 13) - 40 * (day % 7 == 5);
}

static talked busy(arena *a, const zone *z) {
    talked t = {.z = z, .first_day = BASE, .n_items = 1, .n_segments = 1};
    t.since_us = zone_day_start_us(z, BASE), t.until_us = t.now_us = zone_day_start_us(z, BASE + TALKED_DAYS);
    t.items = make(a, talked_item, 1), t.items[0] = (talked_item){ABOUT_theme, 1, 0, true};
    t.words = make(a, talked_word, PEOPLE), t.about = make(a, talked_about, PEOPLE);
    t.people = make(a, talked_person, PEOPLE), t.item_from = make(a, size_t, 2);
    t.segments = make(a, str, 1), t.segments[0] = S(""), t.segment_customers = make(a, int64_t, 1);
    for (int d = 0; d < TALKED_DAYS; d++)
        for (int i = 0; i < on_day(d); i++) {
            const uint32_t n = (uint32_t)t.n_words++;
            t.words[n] = (talked_word){.profile = n + 1, .key = n + 1, .person = n, .day = (int16_t)d};
            t.about[n] = (talked_about){n, 0, n % 3 == 0};
            t.people[n] = (talked_person){.customer = n + 1, .value = 100};
        }
    t.n_about = t.n_people = t.item_from[1] = t.n_words, t.segment_customers[0] = (int64_t)t.n_words;
    return t;
}

static void days_are_written_as_they_were_counted(void **state) {
    (void)state;
    arena a = arena_open((size_t)1 << 34);
    zone *z;
    err e = {0};
    json_t *page = NULL;
    assert_true(zone_open(&a, S(""), &z, &e));
    const talked t = busy(&a, z);
    const bursts_found none = {0};
    const priorities_found p = priorities_count(&a, &t, &none);
    assert_int_equal(p.n, 1);
    assert_true(json_read(p.v[0].page, &page, &e));
    const json_t *days = json_object_get(page, "days"), *people = json_object_get(days, "people");
    assert_int_equal(json_array_size(people), TALKED_DAYS);
    for (size_t d = 0; d < TALKED_DAYS; d++) {
        double mean = json_number_value(json_array_get(json_object_get(days, "expected"), d));
        double lo = json_number_value(json_array_get(json_object_get(days, "lo"), d));
        double hi = json_number_value(json_array_get(json_object_get(days, "hi"), d));
        assert_int_equal(json_integer_value(json_array_get(people, d)), on_day((int)d));
        assert_true(mean > A_DAY / 2.0 && mean < A_DAY * 1.5);
        assert_true(lo > 0 && lo <= mean && hi >= mean);
    }
    json_decref(page);
    arena_close(&a);
}

static void put_segment(rig *r, int64_t id, const char *rule) {
    err e = {0};
    assert_ok(
        store_run(r->s, Q_segment_new, NULL, &e, "itttit", id, str_c(rule), S(""), str_c(rule), r->now, S("anna")), e);
}

static void a_segment_that_became_impossible_is_passed_over(void **state) {
    (void)state;
    rig r;
    talked t;
    err e = {0};
    arena a = arena_open((size_t)1 << 32);
    rig_open(&r, MEMORY);
    put_segment(&r, 1, "{\"segment\":77}"); // which was removed
    put_segment(&r, 2, "{\"field\":\"orders\",\"is\":\">=\",\"value\":1}");
    put_segment(&r, 3, "nonsense");
    assert_ok(talked_read(&a, r.s, r.now, &t, &e), e);
    assert_int_equal(t.n_kept, 1);
    assert_int_equal(t.kept[0].id, 2);
    arena_close(&a);
    rig_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(days_are_written_as_they_were_counted),
                                       cmocka_unit_test(a_segment_that_became_impossible_is_passed_over)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
