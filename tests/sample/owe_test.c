#include "test.h"

#include "base/civil.h"
#include "base/map64.h"
#include "sample/sample.h"
#include "text/promise.h"

#define NOW_US (20498 * DAY_US) // 2026-02-14

// ---- the words of promises, read by the detector ----

static const struct {
    str kind, words[LANGUAGES];
    int days;
} rows[] = {
#define PROMISED(kind, share, days, rhythm, en, de, es)                                                                \
    {S(#kind), {[LANG_en] = S(en), [LANG_de] = S(de), [LANG_es] = S(es)}, days},
#include "sample/promised.def"
};

static void the_detector_finds_what_staff_promise(void **state) {
    arena a = *(arena *)*state;
    zone *z;
    err e = {0};
    assert_ok(zone_open(&a, S("Europe/Berlin"), &z, &e), e);
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int l = LANG_en; l < LANGUAGES; l++) {
            promise_context ctx = {.when = {.said_us = NOW_US, .z = z}, .language = (enum language)l};
            promise found[4];
            size_t n = promise_find(&a, rows[i].words[l], &ctx, found, COUNT(found));
            if (n != 1) fail_msg("%zu promises in \"%.*s\"", n, STR_ARG(rows[i].words[l]));
            assert_str(str_c(promise_kind_name(found[0].kind)), rows[i].kind);
            int32_t due = zone_days(z, found[0].due_us) - zone_days(z, NOW_US);
            if (due < rows[i].days || due > rows[i].days + 3)
                fail_msg("\"%.*s\" is due in %d days", STR_ARG(rows[i].words[l]), due);
        }
}

// ---- the life of promises ----

typedef struct {
    int64_t made_us, due_us, kept_us, ended_us;
    uint64_t whom;
    bool noted, delivery;
} life;

typedef struct {
    map64 at;
    life *all;
    size_t n;
    int64_t consents, refusals, referrals, friends, delivered, stray, open;
} lives;

enum { MOST = 200000 };

static life *life_of(lives *x, str source, str thread) {
    bool made;
    int32_t *at = map64_at(&x->at, (int64_t)(str_hash2(str_hash(source), thread) >> 1), (int32_t)x->n, &made);
    if (made) x->n++;
    assert_true(x->n < MOST);
    return &x->all[*at];
}

// A promise is to one person, whatever is said of it.
static uint64_t whom(const event *ev) {
    assert_true(ev->n_ids > 0);
    return str_hash(ev->ids[0].value);
}

static bool hear(void *ctx, str source, enum channel channel, const event *ev, err *e) {
    lives *x = ctx;
    (void)channel, (void)e;
    x->consents += ev->kind == KIND_consent && ev->value == 1;
    x->refusals += ev->kind == KIND_consent && ev->value == 0;
    x->referrals += ev->kind == KIND_referral;
    x->friends += ev->kind == KIND_referral && ev->extra.len > 0;
    x->delivered += ev->kind == KIND_delivered;
    if (ev->kind == KIND_commitment_made) {
        life *p = life_of(x, source, ev->thread);
        assert_true(ev->has_value && ev->value > ev->at_us && ev->topic.len && ev->text.len);
        *p = (life){.made_us = ev->at_us,
                    .whom = whom(ev),
                    .due_us = ev->value,
                    .noted = true,
                    .delivery = str_eq(ev->topic, S("delivery"))};
    } else if (ev->kind == KIND_commitment_kept || ev->kind == KIND_commitment_moved ||
               ev->kind == KIND_commitment_withdrawn) {
        life *p = life_of(x, source, ev->thread);
        x->stray += !p->noted || ev->at_us < p->made_us || p->whom != whom(ev);
        if (ev->kind == KIND_commitment_kept) p->kept_us = ev->at_us;
        if (ev->kind == KIND_commitment_withdrawn) p->ended_us = ev->at_us;
        if (ev->kind == KIND_commitment_moved) assert_true(ev->value > p->due_us);
    }
    return true;
}

static void promises_are_made_and_mostly_kept(void **state) {
    arena a = *(arena *)*state;
    err e = {0};
    sample_opts o = {.customers = 4000, .years = 3, .seed = 7, .now_us = NOW_US};
    lives x = {.all = make(&a, life, MOST)};
    x.at = map64_new(&a, 1 << 18);
    sample_sink to = {.event = hear, .ctx = &x};
    assert_ok(sample_run(a, &o, &to, &e), e);
    int64_t due = 0, kept = 0, late = 0, open = 0;
    for (size_t i = 0; i < x.n; i++) {
        const life *p = &x.all[i];
        if (p->delivery || p->ended_us) continue;
        open += p->due_us > NOW_US && !p->kept_us;
        if (p->due_us > NOW_US) continue;
        due++;
        kept += p->kept_us && p->kept_us <= p->due_us;
        late += p->kept_us > p->due_us;
    }
    double rate = (double)kept / (double)due, slow = (double)late / (double)due;
    printf("%" PRId64 " promises due, %.3f kept, %.3f late, %" PRId64 " open; %" PRId64 " deliveries\n", due, rate,
           slow, open, x.delivered);
    assert_int_equal(x.stray, 0);
    assert_true(due > 300 && open > 0);
    assert_true(rate > 0.70 && rate < 0.92 && slow > 0.03);
    assert_true(x.delivered > 1000);
    assert_true(x.consents > 1500 && x.refusals > 20 && x.referrals > 1500 && x.friends > 150);
}

static int setup(void **state) {
    static arena a;
    a = arena_open((size_t)4 << 30);
    *state = &a;
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_detector_finds_what_staff_promise),
        cmocka_unit_test(promises_are_made_and_mostly_kept),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
