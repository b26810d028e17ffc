#include <locale.h>
#include <sys/resource.h>

#include "test.h"

#include "base/civil.h"
#include "base/map64.h"
#include "ledger/ident.h"
#include "sample/sample.h"

#define NOW_US (20498 * DAY_US) // 2026-02-14

typedef struct {
    uint64_t hash;
    int64_t events, truth, texts, progress, last_us, kinds[64];
    bool check;         // look at every event closely
    int64_t stop_after; // the sink fails then; 0 never
    map64 keys;
    arena scratch;
    const sample_opts *o;
} tally;

static void add_hash(tally *t, str x) {
    t->hash = str_hash2(t->hash, x);
}

static void hash_event(tally *t, str source, const event *ev) {
    arena a = t->scratch;
    int64_t numbers[] = {ev->kind,  ev->channel,   ev->at_us, ev->edited_us,
                         ev->value, ev->has_value, ev->unit,  ev->quantity};
    add_hash(t, (str){(const char *)numbers, sizeof numbers});
    add_hash(t, source);
    add_hash(t, ev->ext);
    add_hash(t, ev->thread);
    add_hash(t, event_body(&a, ev));
    for (int i = 0; i < ev->n_ids; i++)
        add_hash(t, str_fmt(&a, "%d=%.*s", (int)ev->ids[i].kind, STR_ARG(ev->ids[i].value)));
}

static void check_event(tally *t, str source, const event *ev) {
    arena a = t->scratch;
    assert_true(ev->at_us >= t->last_us && ev->at_us < t->o->now_us);
    assert_true(ev->at_us >= add_months((int32_t)(t->o->now_us / DAY_US), -12 * t->o->years) * DAY_US);
    assert_true(kind_name(ev->kind).len > 0 && kind_class(ev->kind) != CLASS_NONE);
    assert_true(ev->ext.len > 0 && ev->n_ids > 0);
    bool made;
    map64_at(&t->keys, (int64_t)(str_hash2(str_hash(source), ev->ext) >> 1), 1, &made);
    if (!made) fail_msg("%.*s has %.*s twice", STR_ARG(source), STR_ARG(ev->ext));
    for (int i = 0; i < ev->n_ids; i++) {
        const char *why = "";
        assert_str(ident_canonical(&a, ev->ids[i].kind, ev->ids[i].value, S(""), &why), ev->ids[i].value);
        if (i) assert_true(ident_strength(ev->ids[i].kind) <= ident_strength(ev->ids[i - 1].kind)); // strongest first
    }
    assert_true(str_utf8_ok(event_body(&a, ev)));
    assert_int_equal(ev->mood, MOOD_UNKNOWN);
    if (ev->topic.len && kind_class(ev->kind) != CLASS_FACT) assert_str(source, S("helpdesk"));
    if (kind_class(ev->kind) == CLASS_MONEY) {
        assert_true(ev->has_value && ev->value > 0 && ev->unit > 0 && ev->thread.len > 0);
        if (!str_eq(source, S("wholesale"))) assert_true(event_body(&a, ev).len <= 2); // nothing to keep but the row
    }
    if (ev->kind == KIND_answer || ev->kind == KIND_review) {
        int lo, hi;
        assert_true(instrument_range((enum instrument)ev->unit, &lo, &hi));
        assert_in_range(ev->value, lo * 100, hi * 100);
        assert_int_equal(ev->value % 100, 0);
    }
}

static bool take_event(void *ctx, str source, enum channel channel, const event *ev, err *e) {
    tally *t = ctx;
    t->events++;
    t->texts += ev->text.len > 0;
    t->kinds[ev->kind]++;
    assert_true(channel != CHANNEL_unknown);
    if (t->check) check_event(t, source, ev);
    if (t->o->customers <= 2000) hash_event(t, source, ev);
    t->last_us = ev->at_us;
    if (t->stop_after && t->events >= t->stop_after) return fail(e, ERR_full, "no space left for the test");
    return true;
}

static bool take_truth(void *ctx, str line, err *e) {
    (void)e;
    tally *t = ctx;
    t->truth++;
    assert_true(str_starts(line, S("{\"truth\":\"")) && str_ends(line, S("}")) && str_utf8_ok(line));
    add_hash(t, line);
    return true;
}

static void take_progress(void *ctx, int64_t done, int64_t total) {
    tally *t = ctx;
    assert_true(done <= total && done > t->progress);
    t->progress = done;
}

static bool run(tally *t, const sample_opts *o, bool truth, err *e) {
    arena keep = arena_open((size_t)256 << 20), scratch = arena_open(sample_memory(o) + (1 << 20));
    t->o = o;
    t->keys = map64_new(&keep, 100000);
    t->scratch = arena_open(16 << 20);
    sample_sink to = {take_event, truth ? take_truth : NULL, take_progress, t};
    bool ok = sample_run(scratch, o, &to, e);
    arena_close(&t->scratch);
    arena_close(&scratch);
    arena_close(&keep);
    return ok;
}

static uint64_t hash_of(uint64_t seed, int64_t customers) {
    sample_opts o = {.customers = customers, .years = 3, .seed = seed, .now_us = NOW_US};
    tally t = {0};
    err e = {0};
    assert_ok(run(&t, &o, true, &e), e);
    return t.hash;
}

static void same_seed_same_bytes(void **state) {
    (void)state;
    uint64_t first = hash_of(1, 500);
    assert_true(first == hash_of(1, 500));
    assert_true(first != hash_of(2, 500));
    assert_true(hash_of(1, 2000) == hash_of(1, 2000));
    setenv("TZ", "America/St_Johns", 1);
    tzset();
    bool comma = setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "C.UTF-8");
    (void)comma; // machines without the locale still try the zone
    assert_true(first == hash_of(1, 500));
    setlocale(LC_ALL, "C");
    unsetenv("TZ");
}

// Telling the truth must not change what happens.
static void events_do_not_depend_on_the_truth_being_told(void **state) {
    (void)state;
    sample_opts o = {.customers = 300, .years = 2, .seed = 9, .now_us = NOW_US};
    tally without = {0}, with = {0};
    err e = {0};
    assert_ok(run(&without, &o, false, &e), e);
    assert_ok(run(&with, &o, true, &e), e);
    assert_int_equal(without.events, with.events);
    for (int k = 0; k < 64; k++) assert_int_equal(without.kinds[k], with.kinds[k]);
    assert_true(with.truth >= 300 && without.truth == 0);
}

static void every_event_is_well_formed(void **state) {
    (void)state;
    sample_opts o = {.customers = 2000, .years = 3, .seed = 3, .now_us = NOW_US};
    tally t = {.check = true};
    err e = {0};
    assert_ok(run(&t, &o, true, &e), e);
    assert_in_range(t.events, 2000 * 15, 2000 * 25);
    double text = (double)t.texts / (double)t.events;
    assert_true(text > 0.03 && text < 0.13);
    assert_int_equal(t.progress, 1096);
}

static void every_kind_of_life_is_there(void **state) {
    (void)state;
    static const enum kind kinds[] = {
        KIND_identify,
        KIND_order,
        KIND_cancel,
        KIND_refund,
        KIND_return_,
        KIND_payment,
        KIND_contract_start,
        KIND_contract_change,
        KIND_contract_end,
        KIND_message_in,
        KIND_message_out,
        KIND_message_auto,
        KIND_conversation_solved,
        KIND_conversation_opened,
        KIND_call,
        KIND_ask,
        KIND_answer,
        KIND_review,
        KIND_complaint,
        KIND_comment,
        KIND_usage,
    };
    sample_opts o = {.customers = 2000, .years = 3, .seed = 4, .now_us = NOW_US};
    tally t = {0};
    err e = {0};
    assert_ok(run(&t, &o, false, &e), e);
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (t.kinds[kinds[i]] < 5) fail_msg("%.*s: %" PRId64, STR_ARG(kind_name(kinds[i])), t.kinds[kinds[i]]);
    assert_true(t.kinds[KIND_message_out] < t.kinds[KIND_message_in]);
    assert_true(t.kinds[KIND_answer] * 2 < t.kinds[KIND_ask]);
    assert_true(t.kinds[KIND_contract_end] < t.kinds[KIND_contract_start]);
}

// Phones for fiction run out long before customers do; the company must still be valid, and so must tiny ones.
static void any_size_and_age_works(void **state) {
    (void)state;
    static const struct {
        int64_t customers;
        int years;
    } sizes[] = {{1, 1}, {3, 20}, {50, 5}, {9000, 1}};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        sample_opts o = {sizes[i].customers, sizes[i].years, 17, NOW_US, false};
        tally t = {.check = true};
        err e = {0};
        assert_ok(run(&t, &o, true, &e), e);
        assert_true(t.events >= sizes[i].customers);
    }
}

static void bad_options_are_refused(void **state) {
    (void)state;
    static const struct {
        sample_opts o;
        enum err_code code;
    } rows[] = {
        {{0, 3, 1, NOW_US, false}, ERR_invalid},         {{-5, 3, 1, NOW_US, false}, ERR_invalid},
        {{100000001, 3, 1, NOW_US, false}, ERR_invalid}, {{500, 0, 1, NOW_US, false}, ERR_invalid},
        {{500, 21, 1, NOW_US, false}, ERR_invalid},      {{500, 3, 1, 1000 * DAY_US, false}, ERR_invalid},
        {{100000, 3, 1, NOW_US, false}, ERR_too_large},
    };
    arena small = arena_open(8 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        tally t = {.o = &rows[i].o};
        sample_sink to = {take_event, NULL, NULL, &t};
        err e = {0};
        assert_false(sample_run(small, &rows[i].o, &to, &e));
        assert_int_equal(e.code, rows[i].code);
        assert_int_equal(t.events, 0);
    }
    arena_close(&small);
}

static void a_sink_that_fails_stops_it(void **state) {
    (void)state;
    sample_opts o = {.customers = 500, .years = 3, .seed = 1, .now_us = NOW_US};
    tally t = {.stop_after = 777};
    err e = {0};
    assert_false(run(&t, &o, true, &e));
    assert_int_equal(e.code, ERR_full);
    assert_int_equal(t.events, 777);
}

static int64_t peak_kib(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

// 150 bytes a customer is the promise; the rate is far below what a quiet machine shows, so that a busy one passes.
static void a_hundred_thousand_customers_are_cheap(void **state) {
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip();
#endif
    sample_opts o = {.customers = 100000, .years = 3, .seed = 1, .now_us = NOW_US};
    tally t = {0};
    err e = {0};
    int64_t before = peak_kib();
    clock_t start = clock();
    assert_ok(run(&t, &o, false, &e), e);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    int64_t kib = peak_kib() - before;
    print_message("%" PRId64 " events in %.2f CPU seconds (%.0f a second), %" PRId64 " KiB more at the peak\n",
                  t.events, seconds, (double)t.events / seconds, kib);
    assert_true(kib < 100000 * 150 / 1024);
    assert_true((double)t.events / seconds > 150000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_thousand_customers_are_cheap), // first: it looks at the peak of memory
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(events_do_not_depend_on_the_truth_being_told),
        cmocka_unit_test(every_event_is_well_formed),
        cmocka_unit_test(every_kind_of_life_is_there),
        cmocka_unit_test(any_size_and_age_works),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(a_sink_that_fails_stops_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
