// What customers said: pages that follow one another give each once, in the order of a plain sort of what fits, and the
// counts are of the same.
#include "test.h"

#include "know/rig.h"

#include "know/voices.h"
#include "sql/cli.h"

enum { MOST = 4096 };

typedef struct {
    voice v[MOST];
    size_t n;
    arena a;
} heard;

static bool keep(void *ctx, const voice *v, err *e) {
    heard *h = ctx;
    (void)e;
    h->v[h->n] = *v;
    h->v[h->n++].topic = str_dup(&h->a, v->topic);
    return true;
}

static int newest_first(const void *x, const void *y) {
    const voice *p = x, *q = y;
    if (p->at_us != q->at_us) return p->at_us < q->at_us ? 1 : -1;
    return p->id < q->id ? 1 : -1;
}

static int64_t customer_of(rig *r, int64_t profile) {
    err e = {0};
    int64_t c = 0;
    assert_ok(store_int(r->s, Q_people_by_profile, &c, 0, &e, "i", profile), e);
    return c;
}

static bool fits(rig *r, const voices_ask *k, const voice *v) {
    bool score = v->has_score && v->score >= k->score_lo && v->score <= k->score_hi;
    return v->at_us >= k->since_us && (!k->until_us || v->at_us < k->until_us) &&
           (k->channel < 0 || v->channel == (enum channel)k->channel) && (!k->kind || v->kind == k->kind) &&
           (!k->instrument || v->instrument == k->instrument) && (!k->scored || score) &&
           (k->mood == MOOD_UNKNOWN || (v->has_mood && v->mood == k->mood)) &&
           (!k->unhappy || v->kind == KIND_complaint || (v->has_mood && v->mood < 0)) &&
           (!k->topic.len || str_eq(v->topic, k->topic)) && (!k->with_words || v->has_words) &&
           (!k->customer || (v->profile && customer_of(r, v->profile) == k->customer));
}

static voices_ask random_ask(rng *g) {
    voices_ask k = {.channel = -1, .mood = MOOD_UNKNOWN, .limit = rng_range(g, 1, 30)};
    if (rng_chance(g, 0.3)) k.since_us = (20000 + rng_range(g, 0, 200)) * DAY_US;
    if (rng_chance(g, 0.3)) k.until_us = (20000 + rng_range(g, 0, 200)) * DAY_US;
    if (rng_chance(g, 0.2)) k.channel = rng_range(g, 1, 5);
    if (rng_chance(g, 0.2)) k.kind = rng_chance(g, 0.5) ? KIND_complaint : KIND_review;
    if (rng_chance(g, 0.2)) k.instrument = INSTRUMENT_nps;
    if (rng_chance(g, 0.2))
        k.scored = true, k.score_lo = rng_range(g, 0, 5) * 100, k.score_hi = rng_range(g, 3, 10) * 100;
    if (rng_chance(g, 0.2)) k.mood = (int)rng_range(g, -1, 1);
    if (rng_chance(g, 0.2)) k.unhappy = true;
    if (rng_chance(g, 0.1)) k.topic = S("topic 3");
    if (rng_chance(g, 0.2)) k.with_words = true;
    return k;
}

static void check(rig *r, const sources *all, voices_ask ask, const heard *everything) {
    err e = {0};
    size_t want = 0, seen = 0;
    heard *page = malloc(sizeof *page);
    do {
        *page = (heard){.a = arena_open(1 << 20)};
        assert_ok(voices_each(r->s, all, &ask, keep, page, &e), e);
        for (size_t i = 0; i < page->n; i++, seen++, want++) {
            while (want < everything->n && !fits(r, &ask, &everything->v[want])) want++;
            if (want == everything->n || everything->v[want].id != page->v[i].id)
                fail_msg("another stands at %d", (int)seen);
        }
        if (page->n) ask.next = true, ask.key = page->v[page->n - 1].at_us, ask.id = page->v[page->n - 1].id;
        arena_close(&page->a);
    } while (page->n == (size_t)ask.limit);
    free(page);
    while (want < everything->n && !fits(r, &ask, &everything->v[want])) want++;
    assert_int_equal(want, everything->n);
    facets f;
    arena a = arena_open(1 << 24);
    assert_ok(voices_facets(&a, r->s, all, &ask, &f, &e), e);
    assert_int_equal(f.total, seen);
    int64_t channels = 0, months = 0;
    for (size_t i = 0; i < f.n[FACET_channel]; i++) channels += f.rows[FACET_channel][i].n;
    for (size_t i = 0; i < f.n[FACET_month]; i++) months += f.rows[FACET_month][i].n;
    assert_int_equal(channels, seen);
    assert_int_equal(months, seen);
    arena_close(&a);
}

static void pages_give_each_once(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    arena a = arena_open((size_t)1 << 28);
    err e = {0};
    event *evs = make(&a, event, 2000);
    random_events(&a, 9, evs, 2000);
    rig_put(&r, evs, 2000);
    rig_flush(&r);
    sources *all;
    assert_ok(sources_read(&a, r.s, &all, &e), e);
    heard *everything = make(&a, heard, 1);
    everything->a = arena_open(1 << 24);
    voices_ask ask = {.channel = -1, .mood = MOOD_UNKNOWN};
    assert_ok(voices_each(r.s, all, &ask, keep, everything, &e), e);
    assert_true(everything->n > 200);
    qsort(everything->v, everything->n, sizeof *everything->v, newest_first);
    rng g = rng_seed(4);
    for (int i = 0; i < (on_server(state) ? 20 : 100); i++) {
        ask = random_ask(&g);
        if (rng_chance(&g, 0.2)) ask.customer = customer_of(&r, everything->v[rng_range(&g, 0, 100)].profile);
        check(&r, all, ask, everything);
    }
    arena_close(&everything->a);
    arena_close(&a);
    rig_close(&r);
}

static event said_by(const char *ext, int64_t day, const char *user, const char *text) {
    event ev = event_of(KIND_comment, day * DAY_US, ext);
    ev.text = str_c(text);
    return from(ev, IDENT_user_id, user);
}

static void words_are_found_newest_or_best_first(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    event evs[] = {said_by("1", 20001, "a", "late late late delivery"),
                   said_by("2", 20100, "b", "the delivery was late"), said_by("3", 20050, "c", "a friendly voice"),
                   said_by("4", 20150, "a", "deliveries on time")};
    rig_put(&r, evs, COUNT(evs));
    rig_flush(&r);
    err e = {0};
    arena a = arena_open((size_t)1 << 26);
    sources *all;
    heard *h = make(&a, heard, 1);
    h->a = arena_open(1 << 20);
    assert_ok(sources_read(&a, r.s, &all, &e), e);
    voices_ask ask = {.channel = -1, .mood = MOOD_UNKNOWN, .words = S("late delivery"), .limit = 10};
    assert_ok(voices_each(r.s, all, &ask, keep, h, &e), e);
    assert_int_equal(h->n, 2);
    assert_int_equal(h->v[0].at_us, 20001 * DAY_US);
    ask.newest = true, h->n = 0;
    assert_ok(voices_each(r.s, all, &ask, keep, h, &e), e);
    assert_int_equal(h->v[0].at_us, 20100 * DAY_US);
    ask = (voices_ask){.channel = -1, .mood = MOOD_UNKNOWN, .words = S("deliver*"), .limit = 2}, h->n = 0;
    assert_ok(voices_each(r.s, all, &ask, keep, h, &e), e);
    assert_int_equal(h->n, 2);
    ask.next = true, ask.key = 2, h->n = 0; // the page after two
    assert_ok(voices_each(r.s, all, &ask, keep, h, &e), e);
    assert_int_equal(h->n, 1);
    facets f;
    assert_ok(voices_facets(&a, r.s, all, &ask, &f, &e), e);
    assert_int_equal(f.total, 3);
    voice one;
    assert_ok(voice_get(&a, r.s, all, h->v[0].id, &one, &e), e);
    assert_true(one.words.len > 5 && one.customer);
    assert_false(voice_get(&a, r.s, all, 999999, &one, &e));
    ask.words = S("  ** ");
    assert_false(voices_each(r.s, all, &ask, keep, h, &e));
    assert_int_equal(e.code, ERR_invalid);
    arena_close(&h->a);
    arena_close(&a);
    rig_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(pages_give_each_once),
                                 cmocka_unit_test(words_are_found_newest_or_best_first)};
    return rig_run(tests, COUNT(tests));
}
