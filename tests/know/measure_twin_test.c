// Measures of a random store beside a count straight from its events, for several times and splits.
#include "know/rig.h"

#include <math.h>

#include "base/json.h"
#include "know/measure.h"
#include "sql/know.h"
#include "sql/ledger.h"

enum { N = 2400, PEOPLE = 320, BASE = 20089 };

// ---- a random company: two sources, several channels and segments, people known by numbers and addresses ----

static void random_company(arena *a, uint64_t seed, event *evs) {
    static const enum kind kinds[] = {
        KIND_order,   KIND_order,      KIND_order,  KIND_order,          KIND_return_,      KIND_refund,
        KIND_payment, KIND_answer,     KIND_answer, KIND_answer,         KIND_review,       KIND_complaint,
        KIND_comment, KIND_message_in, KIND_call,   KIND_contract_start, KIND_contract_end, KIND_contract_change,
        KIND_usage,   KIND_identify,   KIND_ask};
    rng r = rng_seed(seed);
    for (int i = 0; i < N; i++) {
        event *ev = &evs[i];
        enum kind k = kinds[rng_range(&r, 0, COUNT(kinds) - 1)];
        *ev = event_of(k, (BASE + rng_range(&r, -500, 120)) * DAY_US + rng_range(&r, 1, DAY_US - 1),
                       str_z(a, str_fmt(a, "e%d", i)));
        ev->channel = (enum channel)rng_range(&r, 1, 4);
        int64_t who = rng_range(&r, 0, PEOPLE - 1);
        if (rng_chance(&r, 0.7)) *ev = from(*ev, IDENT_user_id, str_z(a, str_fmt(a, "u%d", (int)who)));
        if (rng_chance(&r, 0.5)) *ev = from(*ev, IDENT_email, str_z(a, str_fmt(a, "m%d@x.org", (int)who)));
        enum kind_class class = kind_class(k);
        if (class == CLASS_MONEY || class == CLASS_CONTRACT)
            ev->value = rng_range(&r, 1, 90) * 100, ev->has_value = true, ev->unit = rng_chance(&r, 0.9) ? 978 : 840;
        if (class == CLASS_CONTRACT) ev->thread = str_fmt(a, "c%d.%d", (int)who, (int)rng_range(&r, 0, 1));
        if (k == KIND_answer || k == KIND_review || k == KIND_ask) {
            static const enum instrument scales[] = {INSTRUMENT_nps, INSTRUMENT_csat5, INSTRUMENT_csat5,
                                                     INSTRUMENT_stars5, INSTRUMENT_ces7};
            int lo, hi;
            ev->unit = scales[rng_range(&r, 0, COUNT(scales) - 1)];
            (void)instrument_range((enum instrument)ev->unit, &lo, &hi);
            ev->value = rng_range(&r, lo, hi) * 100, ev->has_value = k != KIND_ask && rng_chance(&r, 0.95);
        }
        if (class == CLASS_TALK) ev->thread = str_fmt(a, "t%d", (int)who), ev->text = S("words");
        if (class == CLASS_SAID && rng_chance(&r, 0.5)) ev->text = S("said");
        if (rng_chance(&r, 0.2)) ev->mood = (int)rng_range(&r, -1, 1);
        if (rng_chance(&r, 0.3)) ev->segment = str_fmt(a, "segment %d", (int)rng_range(&r, 0, 3));
    }
}

// ---- what the twin holds ----

typedef struct {
    int64_t at_us, customer, value, thread;
    int32_t day, unit;
    enum kind kind;
    enum channel channel;
    bool has_value, has_text;
    int mood; // said by the source
    str segment, source;
} fact;

typedef struct {
    rig r;
    arena a;
    fact *facts;
    size_t n;
    zone *z;
    int64_t *profiles, *customers; // sorted by profile
    size_t n_profiles;
    str sources[10];
    str segment_of[8000]; // by customer id
    int64_t max_customer;
} twin;

static int64_t customer_of(const twin *t, int64_t profile) {
    for (size_t i = 0; i < t->n_profiles; i++)
        if (t->profiles[i] == profile) return t->customers[i];
    return 0;
}

static bool gather(void *ctx, const record *r, err *e) {
    twin *t = ctx;
    json_t *doc = NULL;
    (void)e;
    if (r->body.len && !json_read(r->body, &doc, e)) return false;
    fact *f = &t->facts[t->n++];
    assert_true(t->n < 4 * N);
    json_t *mood = json_object_get(doc, "mood");
    *f = (fact){.at_us = r->at_us,
                .customer = r->profile_id ? customer_of(t, r->profile_id) : 0,
                .value = r->value,
                .thread = r->thread,
                .day = zone_days(t->z, r->at_us),
                .unit = r->unit,
                .kind = (enum kind)r->kind,
                .channel = (enum channel)r->channel,
                .has_value = r->has_value,
                .has_text = json_text(json_object_get(doc, "text")).len > 0,
                .mood = mood ? (int)json_integer_value(mood) : MOOD_UNKNOWN,
                .segment = str_dup(&t->a, json_text(json_object_get(doc, "segment"))),
                .source = t->sources[ledger_import_source(know_ledger(t->r.k), r->import_id)]};
    json_decref(doc);
    return true;
}

static void name_segments(twin *t) {
    int64_t said_us[8000] = {0};
    for (size_t i = 0; i < t->n; i++) {
        const fact *f = &t->facts[i];
        if (!f->customer || !f->segment.len) continue;
        str *s = &t->segment_of[f->customer];
        if (!s->len || f->at_us > said_us[f->customer] ||
            (f->at_us == said_us[f->customer] && str_cmp(f->segment, *s) > 0))
            *s = f->segment, said_us[f->customer] = f->at_us;
    }
}

static twin *twin_open(void **state, uint64_t seed, const char *zone_name) {
    err e = {0};
    twin *t = calloc(1, sizeof *t);
    t->a = arena_open((size_t)1 << 28);
    t->facts = make(&t->a, fact, 4 * N);
    event *evs = make(&t->a, event, N);
    random_company(&t->a, seed, evs);
    rig_open(&t->r, place_of(state));
    assert_ok(store_run(t->r.s, Q_meta_set, NULL, &e, "tt", S("zone"), str_c(zone_name)), e);
    know_close(t->r.k);
    assert_ok(know_open(&t->r.k, t->r.s, &t->r.w, NULL, &e), e);
    assert_ok(zone_open(&t->a, str_c(zone_name), &t->z, &e), e);
    rng g = rng_seed(seed);
    put_batches(&t->r, evs, N / 2, &g, 0);
    rig_source(&t->r, "desk");
    put_batches(&t->r, evs + N / 2, N - N / 2, &g, 0);
    rig_flush(&t->r);
    assert_verified(&t->r);
    t->profiles = make(&t->a, int64_t, 4 * N), t->customers = make(&t->a, int64_t, 4 * N);
    for (row q = store_query(t->r.s, Q_profile_scan, &e, ""); row_next(&q);)
        t->profiles[t->n_profiles] = row_int(&q, 0), t->customers[t->n_profiles++] = row_int(&q, 1),
        t->max_customer = MAX(t->max_customer, row_int(&q, 1));
    assert_true(t->max_customer < 8000);
    for (row q = store_query(t->r.s, Q_source_names, &e, ""); row_next(&q);)
        t->sources[row_int(&q, 0)] = str_dup(&t->a, row_str(&q, 1));
    assert_ok(ledger_all_events(t->r.s, gather, t, &e), e);
    name_segments(t);
    return t;
}

static void twin_close(twin *t) {
    rig_close(&t->r);
    arena_close(&t->a);
    free(t);
}

// ---- counting ----

static str or_none(str x) {
    return x.len ? x : S("(none)");
}

static bool in_group(const twin *t, const fact *f, enum split split, str group) {
    switch (split) {
    case SPLIT_SEGMENT: return str_eq(or_none(t->segment_of[f->customer]), group);
    case SPLIT_CHANNEL: return str_eq(channel_label(f->channel), group);
    case SPLIT_SOURCE: return str_eq(f->source, group);
    case SPLIT_NONE:
    case SPLIT_MONTH: break;
    }
    return true;
}

typedef struct {
    int64_t hits, n;
} share;

// Marks on a scale; hits are the best minus the worst for recommendation, else the best.
static share count_marks(const twin *t, enum instrument scale, int best, int worst, time_span s, enum split split,
                         str g) {
    share x = {0};
    for (size_t i = 0; i < t->n; i++) {
        const fact *f = &t->facts[i];
        if (f->at_us < s.since_us || f->at_us >= s.until_us || !in_group(t, f, split, g)) continue;
        if (kind_class(f->kind) != CLASS_SAID || f->kind == KIND_ask || !f->has_value || f->unit != (int32_t)scale)
            continue;
        x.n++, x.hits += (f->value >= best * 100) - (f->value <= worst * 100);
    }
    return x;
}

static int64_t count_complaints(const twin *t, time_span s, enum split split, str g) {
    int64_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        const fact *f = &t->facts[i];
        if (f->at_us < s.since_us || f->at_us >= s.until_us || !in_group(t, f, split, g)) continue;
        bool says = kind_class(f->kind) == CLASS_SAID, scored = says && f->has_value && f->unit;
        bool words = (f->kind == KIND_message_in || f->kind == KIND_call || says) && f->has_text;
        bool low = f->kind == KIND_review && scored && f->mood == MOOD_UNKNOWN &&
                   (f->unit == INSTRUMENT_nps    ? f->value < 700
                    : f->unit == INSTRUMENT_ces7 ? f->value < 400
                                                 : f->value <= 200);
        n += f->kind == KIND_complaint || low || (f->kind == KIND_review && scored && f->mood == -1) ||
             (f->kind != KIND_ask && f->mood == -1 && !scored && (says || words));
    }
    return n;
}

// The purchases of a customer: orders, or payments when there never was an order.
static bool has_orders(const twin *t, int64_t c) {
    for (size_t i = 0; i < t->n; i++)
        if (t->facts[i].customer == c && t->facts[i].kind == KIND_order) return true;
    return false;
}

static bool is_purchase(const fact *f, int64_t c, bool orders) {
    return f->customer == c && f->kind == (orders ? KIND_order : KIND_payment);
}

static bool under_contract(const twin *t, int64_t c, int64_t at_us) {
    bool any = false;
    for (size_t i = 0; i < t->n; i++) {
        const fact *f = &t->facts[i];
        if (f->customer != c || kind_class(f->kind) != CLASS_CONTRACT || f->at_us >= at_us) continue;
        bool newest = true;
        for (size_t j = 0; j < t->n; j++) {
            const fact *g = &t->facts[j];
            if (g->customer == c && kind_class(g->kind) == CLASS_CONTRACT && g->thread == f->thread &&
                g->at_us < at_us && g->at_us > f->at_us)
                newest = false;
        }
        any |= newest && f->kind != KIND_contract_end;
    }
    return any;
}

typedef struct {
    share churn, repeat, returns;
    int64_t active;
} people;

static void count_one(const twin *t, int64_t c, time_span s, int64_t now_us, people *x) {
    bool orders = has_orders(t, c), seen = false, active = false;
    int32_t from = zone_days(t->z, s.since_us), to = zone_days(t->z, s.until_us), today = zone_days(t->z, now_us);
    int32_t first = INT32_MAX, last = INT32_MIN;
    for (size_t i = 0; i < t->n; i++) {
        const fact *f = &t->facts[i];
        enum kind_class class = kind_class(f->kind);
        if (f->customer == c && class != CLASS_FACT && f->at_us < s.until_us) seen = true;
        if (!is_purchase(f, c, orders)) continue;
        active |= f->day >= to - 365 && f->day < to;
        first = MIN(first, f->day);
        if (f->day >= from && f->day < to) last = MAX(last, f->day);
    }
    if (!seen) return;
    x->active += active || under_contract(t, c, s.until_us);
    x->repeat.n += last != INT32_MIN, x->repeat.hits += last != INT32_MIN && first < last;
    for (int32_t d = from; orders && d < to && d + 30 <= today; d++) {
        int32_t sold = 0, back = 0, next = INT32_MAX;
        for (size_t i = 0; i < t->n; i++) {
            const fact *f = &t->facts[i];
            if (!is_purchase(f, c, true)) continue;
            sold += f->day == d;
            if (f->day > d) next = MIN(next, f->day);
        }
        for (size_t i = 0; sold && i < t->n; i++) {
            const fact *f = &t->facts[i];
            back += f->customer == c && f->kind == KIND_return_ && f->day >= d && f->day < next && f->day < today;
        }
        x->returns.n += sold, x->returns.hits += MIN(back, sold);
    }
    if (!under_contract(t, c, s.since_us)) return;
    bool kept = under_contract(t, c, s.until_us) || under_contract(t, c, MIN(s.until_us + 30 * DAY_US, now_us));
    x->churn.n++, x->churn.hits += !kept;
}

static people count_people(const twin *t, time_span s, int64_t now_us, enum split split, str g) {
    people x = {0};
    for (int64_t c = 1; c <= t->max_customer; c++) {
        bool exists = false;
        for (size_t i = 0; i < t->n_profiles; i++) exists |= t->customers[i] == c;
        if (!exists || (split == SPLIT_SEGMENT && !str_eq(or_none(t->segment_of[c]), g))) continue;
        count_one(t, c, s, now_us, &x);
    }
    return x;
}

// ---- both ----

static void same(const char *what, str group, int span, const estimate *e, share want, double scale) {
    double v = want.n ? scale * (double)want.hits / (double)want.n : 0;
    bool ok = want.n ? estimate_shown(e) && e->n == want.n && fabs(e->value - v) < 1e-9 : !estimate_shown(e);
    if (!ok)
        fail_msg("%s of \"%.*s\", time %d: %.10g of n %d, from the events %.10g of n %d", what, STR_ARG(group), span,
                 e->value, (int)e->n, v, (int)want.n);
}

static void compare(twin *t, const time_span *spans, int n_spans, int64_t now_us, enum split split) {
    panel *p;
    err e = {0};
    bool whole = split == SPLIT_NONE || split == SPLIT_SEGMENT;
    uint32_t wanted = 1u << MEASURE_nps | 1u << MEASURE_csat | 1u << MEASURE_ces | 1u << MEASURE_stars;
    if (whole) wanted |= 1u << MEASURE_complaints | 1u << MEASURE_churn | 1u << MEASURE_repeat | 1u << MEASURE_returns;
    panel_ask ask = {.spans = spans, .n_spans = n_spans, .split = split, .wanted = wanted, .now_us = now_us};
    arena a = t->a;
    assert_ok(panel_read(&a, t->r.s, &ask, &p, &e), e);
    for (int s = 0; s < n_spans; s++) {
        int64_t answers = 0, all = 0;
        time_span span = {spans[s].since_us, MIN(spans[s].until_us, now_us)};
        for (int g = 0; g < panel_groups(p); g++) {
            str group = panel_group(p, g);
            estimate x = panel_estimate(&a, p, MEASURE_nps, s, g);
            share nps = count_marks(t, INSTRUMENT_nps, 9, 6, span, split, group);
            same("nps", group, s, &x, nps, 100);
            answers += nps.n;
            x = panel_estimate(&a, p, MEASURE_csat, s, g);
            same("csat", group, s, &x, count_marks(t, INSTRUMENT_csat5, 4, -9, span, split, group), 1);
            x = panel_estimate(&a, p, MEASURE_ces, s, g);
            same("ces", group, s, &x, count_marks(t, INSTRUMENT_ces7, 5, -9, span, split, group), 1);
            x = panel_estimate(&a, p, MEASURE_stars, s, g);
            assert_int_equal(x.n, count_marks(t, INSTRUMENT_stars5, 9, -9, span, split, group).n);
            if (!whole) continue;
            people c = count_people(t, span, now_us, split, group);
            x = panel_estimate(&a, p, MEASURE_churn, s, g), same("churn", group, s, &x, c.churn, 1);
            x = panel_estimate(&a, p, MEASURE_repeat, s, g), same("repeat", group, s, &x, c.repeat, 1);
            x = panel_estimate(&a, p, MEASURE_returns, s, g), same("returns", group, s, &x, c.returns, 1);
            x = panel_estimate(&a, p, MEASURE_complaints, s, g);
            assert_int_equal(panel_active(p, s, g), c.active);
            same("complaints", group, s, &x, (share){count_complaints(t, span, split, group), c.active}, 1000);
        }
        all = count_marks(t, INSTRUMENT_nps, 9, 6, span, SPLIT_NONE, S("")).n;
        assert_int_equal(answers, all); // nobody is in two groups or in none
    }
}

static void the_panel_is_the_count_of_the_events(void **state) {
    static const char *const zones[] = {"UTC", "America/New_York", "Pacific/Auckland"};
    for (uint64_t seed = 1; seed <= (on_server(state) ? 1 : 3); seed++) {
        twin *t = twin_open(state, seed, zones[seed - 1]);
        int64_t base = BASE * DAY_US, now = base + 100 * DAY_US + 15 * HOUR_US;
        const time_span spans[] = {{base, base + 60 * DAY_US},
                                   {base - 90 * DAY_US, base},
                                   {base - 400 * DAY_US, base - 100 * DAY_US + 5 * HOUR_US},
                                   {base + 60 * DAY_US, base + 200 * DAY_US}}; // reaches beyond now
        for (int split = SPLIT_NONE; split <= SPLIT_SOURCE; split++)
            if (split != SPLIT_MONTH) compare(t, spans, COUNT(spans), now, (enum split)split);
        compare(t, spans + 1, 1, now, SPLIT_NONE); // alone, as among others
        twin_close(t);
    }
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(the_panel_is_the_count_of_the_events)};
    return rig_run(tests, COUNT(tests));
}
