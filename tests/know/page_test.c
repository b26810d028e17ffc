// One customer's page: its timeline is the plain sort of all events that fit, page by page; identifiers, links and
// waits are those of the profiles.
#include "test.h"

#include "know/rig.h"

#include "know/page.h"
#include "sql/know.h"

enum { MOST = 4096 };

typedef struct {
    record v[MOST];
    size_t n;
} events;

static bool keep(void *ctx, const record *r, err *e) {
    events *k = ctx;
    (void)e;
    if (r->kind == KIND_identify && str_starts(r->body, S("{\"ids\":["))) return true;
    k->v[k->n] = *r;
    k->v[k->n++].body = S("");
    return true;
}

static int newest_first(const void *x, const void *y) {
    const record *p = x, *q = y;
    if (p->at_us != q->at_us) return p->at_us < q->at_us ? 1 : -1;
    return p->key < q->key ? 1 : -1;
}

static bool fits(const moments_ask *k, const record *r) {
    return (!k->since_us || r->at_us >= k->since_us) && (!k->until_us || r->at_us < k->until_us) &&
           (!k->kinds || k->kinds >> r->kind & 1) && (!k->channels || k->channels >> r->channel & 1) &&
           (!k->in_thread || (r->has_thread && r->thread == k->thread));
}

static void check_pages(rig *r, arena a, const person *p, moments_ask ask, const events *all) {
    size_t at = 0;
    bool more = true;
    while (more) {
        err e = {0};
        record *m;
        size_t n;
        assert_ok(page_moments(&a, r->s, p, &ask, &m, &n, &more, &e), e);
        for (size_t i = 0; i < n; i++, at++) {
            while (at < all->n && !fits(&ask, &all->v[at])) at++;
            if (at == all->n || all->v[at].key != m[i].key) fail_msg("another moment stands at %d", (int)at);
        }
        assert_true(!more || (int64_t)n == ask.most);
        if (n) ask.before_us = m[n - 1].at_us, ask.before_key = m[n - 1].key;
    }
    while (at < all->n && !fits(&ask, &all->v[at])) at++;
    assert_int_equal(at, all->n);
}

static moments_ask random_ask(rng *g, const events *all) {
    moments_ask ask = {.most = rng_range(g, 0, 9)};
    if (rng_chance(g, 0.3)) ask.since_us = (20000 + rng_range(g, 0, 200)) * DAY_US;
    if (rng_chance(g, 0.3)) ask.until_us = (20000 + rng_range(g, 0, 200)) * DAY_US;
    if (rng_chance(g, 0.3)) ask.kinds = (uint64_t)1 << KIND_order | (uint64_t)1 << KIND_message_in;
    if (rng_chance(g, 0.3)) ask.channels = (uint64_t)rng_range(g, 2, 60);
    if (all->n && rng_chance(g, 0.2)) {
        const record *r = &all->v[rng_range(g, 0, (int64_t)all->n - 1)];
        ask.in_thread = r->has_thread, ask.thread = r->thread;
    }
    return ask;
}

static void a_timeline_is_a_plain_sort(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    arena a = arena_open((size_t)1 << 30);
    err e = {0};
    event *evs = make(&a, event, 1200);
    random_events(&a, 6, evs, 1200);
    rig_put(&r, evs, 1200);
    rig_flush(&r);
    rng g = rng_seed(2);
    sources *all;
    assert_ok(sources_read(&a, r.s, &all, &e), e);
    int checked = 0;
    for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q); checked++) {
        person p;
        arena b = a;
        events *k = make(&b, events, 1);
        assert_ok(person_read(&b, r.s, all, row_int(&q, 0), &p, &e), e);
        for (size_t i = 0; i < p.n_profiles; i++)
            assert_ok(ledger_profile_events(r.s, p.profiles[i].id, keep, k, &e), e);
        if (k->n) qsort(k->v, k->n, sizeof *k->v, newest_first);
        for (int i = 0; i < 12; i++) check_pages(&r, b, &p, random_ask(&g, k), k);
    }
    assert_ok(err_ok(&e), e);
    assert_true(checked > 20);
    arena_close(&a);
    rig_close(&r);
}

// Of waits, links and identifiers none is lost, none is told twice, and all are of the customer.
static void what_stands_on_the_page_is_of_the_profiles(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    arena a = arena_open((size_t)1 << 30);
    err e = {0};
    event *evs = make(&a, event, 1000);
    random_events(&a, 12, evs, 1000);
    rig_put(&r, evs, 1000);
    rig_flush(&r);
    sources *all, *asked;
    assert_ok(sources_read(&a, r.s, &all, &e), e);
    arena theirs = arena_open(1 << 22);
    sources_as_asked(&theirs, r.s, &asked);
    size_t links = 0, waits = 0, idents = 0;
    for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q);) {
        person p, same;
        page_wait *w;
        size_t n;
        arena b = a;
        assert_ok(person_read(&b, r.s, all, row_int(&q, 0), &p, &e) && person_links(&b, r.s, &p, &e), e);
        assert_ok(page_waits(&b, r.s, all, &p, &w, &n, &e), e);
        assert_ok(person_read(&b, r.s, asked, p.id, &same, &e), e);
        assert_str(same.profiles[0].from->name, p.profiles[0].from->name);
        waits += n;
        assert_true((n > 0) == (p.sum.waiting_us != 0) && (!n || w[0].since_us == p.sum.waiting_us));
        for (size_t i = 0; i < p.n_profiles; i++) {
            idents += p.profiles[i].n_ids;
            assert_true(!p.profiles[i].n_ids || p.profiles[i].ids[0].is_key);
        }
        for (size_t i = 0; i < p.n_links; i++) {
            const person_link *x = &p.links[i];
            links += x->state == 1; // LINK_JOINED: within a customer
            for (size_t k = 0; k < i; k++)
                assert_false(p.links[k].a == x->a && p.links[k].b == x->b && p.links[k].hash == x->hash);
        }
    }
    size_t want_links = 0, want_waits = 0, want_idents = 0;
    for (row q = store_query(r.s, Q_link_scan, &e, ""); row_next(&q);) want_links += row_int(&q, 4) == 1;
    for (row q = store_query(r.s, Q_conversation_scan, &e, ""); row_next(&q);)
        want_waits += row_int(&q, 0) && !row_null(&q, 4);
    for (row q = store_query(r.s, Q_identifier_scan, &e, ""); row_next(&q);) want_idents++;
    assert_ok(err_ok(&e), e);
    assert_int_equal(links, want_links);
    assert_int_equal(waits, want_waits);
    assert_true(idents <= want_idents && idents > want_idents / 2); // who has facts alone has no summary
    arena_close(&theirs);
    arena_close(&a);
    rig_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(a_timeline_is_a_plain_sort),
                                 cmocka_unit_test(what_stands_on_the_page_is_of_the_profiles)};
    return rig_run(tests, COUNT(tests));
}
