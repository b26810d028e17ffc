// Evidence: the rows behind a figure are those that it counts, no more and no fewer; and the times people write.
// clang-format off
#include "know/rig.h"
#include <math.h>
// clang-format on

#include "base/json.h"
#include "base/unicode.h"
#include "decide/evidence.h"
#include "decide/today.h"
#include "sql/know.h"
#include "sql/ledger.h"

enum { N = 3000, PEOPLE = 300, BASE = 20089 }; // 2025-01-01

// ---- times ----

static const struct {
    const char *text, *zone, *since, *until; // until is the first instant after; NULL: refused
} times[] = {
    {"2025", "UTC", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
    {"2024-02", "UTC", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"},
    {"2025-12", "UTC", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"},
    {"2024-02-29", "UTC", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
    {"2025-03-30", "Europe/Berlin", "2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z"}, // a day of 23 hours
    {"2025-10-26", "Europe/Berlin", "2025-10-25T22:00:00Z", "2025-10-26T23:00:00Z"}, // and one of 25
    {"2025-08-23..2025-11-20", "UTC", "2025-08-23T00:00:00Z", "2025-11-21T00:00:00Z"},
    {"2025-08..2025-09", "UTC", "2025-08-01T00:00:00Z", "2025-10-01T00:00:00Z"},
    {"2024..2025", "America/New_York", "2024-01-01T05:00:00Z", "2026-01-01T05:00:00Z"},
    {"2024-05..2025", "UTC", "2024-05-01T00:00:00Z", "2026-01-01T00:00:00Z"},
    {"2025-08-23..2025-08-23", "UTC", "2025-08-23T00:00:00Z", "2025-08-24T00:00:00Z"},
    {"0001", "UTC", "0001-01-01T00:00:00Z", "0002-01-01T00:00:00Z"},
    {"", "UTC", NULL, NULL},
    {"..", "UTC", NULL, NULL},
    {"2025..", "UTC", NULL, NULL},
    {"..2025", "UTC", NULL, NULL},
    {"2025-08-23..2025-08-22", "UTC", NULL, NULL},
    {"2025..2024", "UTC", NULL, NULL},
    {"25", "UTC", NULL, NULL},
    {"12025", "UTC", NULL, NULL},
    {"0000", "UTC", NULL, NULL},
    {"+025", "UTC", NULL, NULL},
    {"2025-", "UTC", NULL, NULL},
    {"2025-8", "UTC", NULL, NULL}, // would be a day to one reader and a month to another
    {"2025-00", "UTC", NULL, NULL},
    {"2025-13", "UTC", NULL, NULL},
    {"2025-+8", "UTC", NULL, NULL},
    {"2025-08-", "UTC", NULL, NULL},
    {"2025-08-0", "UTC", NULL, NULL},
    {"2025-08-00", "UTC", NULL, NULL},
    {"2025-08-32", "UTC", NULL, NULL},
    {"2025-08-257", "UTC", NULL, NULL},
    {"2025-02-29", "UTC", NULL, NULL},
    {"2025-08-23-1", "UTC", NULL, NULL},
    {"2025-08-23 ", "UTC", NULL, NULL},
    {" 2025", "UTC", NULL, NULL},
    {"2025-08-23...2025-08-24", "UTC", NULL, NULL},
    {"2025..2026..2027", "UTC", NULL, NULL},
    {"last week", "UTC", NULL, NULL},
};

static void times_as_people_write_them(void **state) {
    if (on_server(state)) return;
    arena a = arena_open(1 << 24);
    for (size_t i = 0; i < COUNT(times); i++) {
        err e = {0};
        zone *z;
        time_span s = {0};
        assert_ok(zone_open(&a, str_c(times[i].zone), &z, &e), e);
        bool ok = span_parse(str_c(times[i].text), z, &s, &e);
        if (ok != (times[i].until != NULL)) fail_msg("\"%s\" is %s", times[i].text, ok ? "read" : e.msg);
        if (!ok) assert_int_equal(e.code, ERR_invalid);
        if (!ok) continue;
        assert_str(iso_str(&a, s.since_us), str_c(times[i].since));
        assert_str(iso_str(&a, s.until_us), str_c(times[i].until));
    }
    arena_close(&a);
}

// ---- rows ----

typedef struct {
    int64_t rows;
    int64_t least_us, most_us;
    int64_t customer; // of the last row
} listed;

static bool count_row(void *ctx, const evidence_row *x, err *e) {
    listed *l = ctx;
    (void)e;
    l->rows++, l->customer = x->customer_id;
    l->least_us = MIN(l->least_us, x->at_us), l->most_us = MAX(l->most_us, x->at_us);
    assert_true(x->what.len > 0);
    return true;
}

static listed list_all(store *s, str id, int64_t now_us) {
    err e = {0};
    listed l = {.least_us = INT64_MAX, .most_us = INT64_MIN}, few = l;
    int64_t total, again;
    if (!evidence_list(s, id, &(evidence_part){.now_us = now_us, .most = INT64_MAX}, count_row, &l, &total, &e))
        fail_msg("%.*s: %s", STR_ARG(id), e.msg);
    assert_int_equal(total, l.rows);
    assert_ok(evidence_list(s, id, &(evidence_part){.now_us = now_us, .most = 3}, count_row, &few, &again, &e),
              e); // counts all, hands out three
    assert_int_equal(again, total);
    assert_int_equal(few.rows, MIN(total, 3));
    listed parts = {.least_us = INT64_MAX, .most_us = INT64_MIN};
    for (int64_t skip = 0; skip < total; skip += 7) {
        evidence_part part = {.now_us = now_us, .skip = skip, .most = 7};
        assert_ok(evidence_list(s, id, &part, count_row, &parts, &again, &e), e);
        if (skip > 700) skip = MAX(skip, total - 20); // of long ones the beginning and the end
    }
    if (total <= 700) assert_int_equal(parts.rows, total); // page by page each once
    return l;
}

// How many rows a figure rests on: what it counts, of rates and shares of what is lost the hits alone.
static int64_t rows_of(enum measure m, const estimate *e) {
    if (!estimate_shown(e)) return 0;
    switch (m) {
    case MEASURE_complaints: return llround(e->value * (double)e->n / 1000);
    case MEASURE_churn:
    case MEASURE_returns: return llround(e->value * (double)e->n);
    default: return e->n;
    }
}

static void random_company(arena *a, uint64_t seed, event *evs) {
    static const enum kind kinds[] = {
        KIND_order,          KIND_order,        KIND_order,           KIND_return_,      KIND_answer,
        KIND_answer,         KIND_ask,          KIND_review,          KIND_complaint,    KIND_comment,
        KIND_message_in,     KIND_message_in,   KIND_message_out,     KIND_message_auto, KIND_conversation_solved,
        KIND_contract_start, KIND_contract_end, KIND_contract_change, KIND_call};
    static const char *const words[] = {"late delivery again", "the delivery was late", "great coffee",
                                        "Coffee, coffee!",     "too expensive",         "thank you"};
    rng r = rng_seed(seed);
    for (int i = 0; i < N; i++) {
        event *ev = &evs[i];
        enum kind k = kinds[rng_range(&r, 0, COUNT(kinds) - 1)];
        *ev = event_of(k, (BASE + rng_range(&r, -300, 110)) * DAY_US + rng_range(&r, 1, DAY_US - 1),
                       str_z(a, str_fmt(a, "e%d", i)));
        ev->channel = (enum channel)rng_range(&r, 1, 4);
        int64_t who = rng_range(&r, 0, PEOPLE - 1);
        if (rng_chance(&r, 0.8)) *ev = from(*ev, IDENT_user_id, str_z(a, str_fmt(a, "u%d", (int)who)));
        if (rng_chance(&r, 0.4)) *ev = from(*ev, IDENT_email, str_z(a, str_fmt(a, "m%d@x.org", (int)who)));
        enum kind_class class = kind_class(k);
        if (class == CLASS_MONEY || class == CLASS_CONTRACT)
            ev->value = rng_range(&r, 0, 90) * 100, ev->has_value = true, ev->unit = rng_chance(&r, 0.9) ? 978 : 840;
        if (class == CLASS_CONTRACT) ev->thread = str_fmt(a, "c%d", (int)who);
        if (k == KIND_answer || k == KIND_review || k == KIND_ask) {
            static const enum instrument scales[] = {INSTRUMENT_nps, INSTRUMENT_csat5, INSTRUMENT_stars5,
                                                     INSTRUMENT_ces7};
            ev->unit = scales[rng_range(&r, 0, COUNT(scales) - 1)];
            ev->value = rng_range(&r, 0, 110) * 10, ev->has_value = k != KIND_ask; // some lie beyond their scale
        }
        if (class == CLASS_TALK) ev->thread = str_fmt(a, "t%d", (int)rng_range(&r, 0, 60));
        if (class == CLASS_TALK || class == CLASS_SAID) ev->text = str_c(words[rng_range(&r, 0, COUNT(words) - 1)]);
        if (class == CLASS_SAID && rng_chance(&r, 0.5)) ev->topic = rng_chance(&r, 0.5) ? S("delivery") : S("price");
        if (rng_chance(&r, 0.1)) ev->mood = (int)rng_range(&r, -1, 1);
    }
}

typedef struct {
    rig r;
    arena a;
} company;

static company *company_open(void **state, uint64_t seed, const char *zone_name) {
    err e = {0};
    company *c = calloc(1, sizeof *c);
    c->a = arena_open((size_t)1 << 30);
    event *evs = make(&c->a, event, N);
    random_company(&c->a, seed, evs);
    rig_open(&c->r, place_of(state));
    assert_ok(store_run(c->r.s, Q_meta_set, NULL, &e, "tt", S("zone"), str_c(zone_name)), e);
    know_close(c->r.k);
    assert_ok(know_open(&c->r.k, c->r.s, &c->r.w, NULL, &e), e);
    for (int i = 0; i < N; i += 500) rig_put(&c->r, evs + i, 500);
    rig_flush(&c->r);
    return c;
}

static void company_close(company *c) {
    rig_close(&c->r);
    arena_close(&c->a);
    free(c);
}

static void compare(company *c, enum measure m, str id, time_span s, int64_t now_us) {
    err e = {0};
    panel *p;
    arena a = c->a;
    panel_ask ask = {.spans = &s, .n_spans = 1, .wanted = (uint32_t)1 << m, .now_us = now_us};
    assert_ok(panel_read(&a, c->r.s, &ask, &p, &e), e);
    estimate x = panel_estimate(&a, p, m, 0, 0);
    listed l = list_all(c->r.s, id, now_us);
    if (x.state == ESTIMATE_REFUSED) return;             // there are rows, but they cannot carry a figure
    bool revenue = m == MEASURE_grr || m == MEASURE_nrr; // those whose contract changed
    if (revenue ? l.rows > x.n || (l.rows == 0 && estimate_shown(&x) && x.value != 1) : l.rows != rows_of(m, &x))
        fail_msg("%.*s lists %d rows, the figure is %g of n %d", STR_ARG(id), (int)l.rows, x.value, (int)x.n);
    if (l.rows) assert_true(l.most_us < now_us);
}

static void rows_are_those_of_the_figure(void **state) {
    static const char *const zones[] = {"UTC", "America/New_York", "Pacific/Auckland"};
    static const char *const spans[] = {"2024",       "2024-12",
                                        "2024-11-07", "2025",
                                        "2025-03",    "2024-10-01..2025-02-10",
                                        "2025-04-05", "2025-04-05..2025-04-09"};
    for (uint64_t seed = 1; seed <= (on_server(state) ? 1 : 3); seed++) {
        company *c = company_open(state, seed, zones[seed - 1]);
        int64_t now = (BASE + 95) * DAY_US + 15 * HOUR_US + 37; // 2025-04-06, in the afternoon
        zone *z;
        err e = {0};
        assert_ok(zone_open(&c->a, str_c(zones[seed - 1]), &z, &e), e);
        for (int m = 0; m < MEASURES; m++) {
            arena keep = c->a;
            str name = str_c(measure_get((enum measure)m)->name);
            compare(c, (enum measure)m, name, (time_span){now - 90 * DAY_US, now}, now);
            compare(c, (enum measure)m, str_fmt(&c->a, "%.*s:30d", STR_ARG(name)), (time_span){now - 30 * DAY_US, now},
                    now);
            for (size_t i = 0; i < COUNT(spans); i++) {
                time_span s;
                assert_ok(span_parse(str_c(spans[i]), z, &s, &e), e);
                compare(c, (enum measure)m, str_fmt(&c->a, "%.*s:%s", STR_ARG(name), spans[i]), s, now);
            }
            c->a = keep;
        }
        company_close(c);
    }
}

// ---- customers, topics and words, counted from the events ----

typedef struct {
    company *c;
    int64_t customer[4000]; // by profile
    int64_t events[4000];   // of each customer
    int64_t topic, word;
    int64_t since_us, now_us;
} tally_by_hand;

typedef struct {
    str want;
    bool found;
} looking;

static void look(void *ctx, str w) {
    looking *k = ctx;
    k->found |= str_eq(w, k->want);
}

static bool tally_event(void *ctx, const record *r, err *e) {
    tally_by_hand *t = ctx;
    json_t *doc = NULL;
    if (str_starts(r->body, S("{\"ids\":["))) return true;
    if (r->profile_id) t->events[t->customer[r->profile_id]]++;
    if (r->at_us < t->since_us || r->at_us >= t->now_us || r->kind == KIND_ask || !r->body.len) return true;
    if (!json_read(r->body, &doc, e)) return false;
    bool says = kind_class(r->kind) == CLASS_SAID || r->kind == KIND_message_in || r->kind == KIND_call;
    looking k = {.want = S("coffee")};
    text_words(t->c->a, json_text(json_object_get(doc, "text")), look, &k);
    t->word += says && k.found;
    t->topic += says && str_eq(json_text(json_object_get(doc, "topic")), S("delivery"));
    json_decref(doc);
    return true;
}

static void everything_of_a_customer_and_a_word(void **state) {
    company *c = company_open(state, 5, "UTC");
    err e = {0};
    tally_by_hand *t = calloc(1, sizeof *t);
    t->c = c, t->now_us = (BASE + 95) * DAY_US + 12345, t->since_us = t->now_us - 28 * DAY_US;
    for (row q = store_query(c->r.s, Q_profile_scan, &e, ""); row_next(&q);) {
        assert_true(row_int(&q, 0) < 4000);
        t->customer[row_int(&q, 0)] = row_int(&q, 1);
    }
    assert_ok(ledger_all_events(c->r.s, tally_event, t, &e), e);
    int customers = 0;
    for (int64_t id = 1; id < 4000; id++) {
        if (t->customer[id] != id || id % 5) continue;
        customers++;
        assert_int_equal(list_all(c->r.s, str_fmt(&c->a, "customer:%d", (int)id), t->now_us).rows, t->events[id]);
    }
    assert_true(customers > 20 && t->topic > 5 && t->word > 5);
    assert_int_equal(list_all(c->r.s, S("topic:delivery"), t->now_us).rows, t->topic);
    assert_int_equal(list_all(c->r.s, S("word:coffee"), t->now_us).rows, t->word);
    assert_int_equal(list_all(c->r.s, S("word:nosuch"), t->now_us).rows, 0);
    free(t);
    company_close(c);
}

static void every_line_of_today_has_its_rows(void **state) {
    for (int days = 0; days <= 45; days += 45) {
        company *c = company_open(state, 6, "Europe/Berlin");
        err e = {0};
        today t;
        today_opts o = {.clock_us = (BASE + 100) * DAY_US + 13 * HOUR_US, .days = days};
        assert_ok(today_read(&c->a, c->r.s, &o, &t, &e), e);
        assert_false(t.historic);
        assert_true(t.n_measures > 8 && t.n_needs > 3);
        for (int i = 0; i < t.n_measures; i++) {
            const today_measure *m = &t.measures[i];
            int64_t rows = list_all(c->r.s, m->evidence, t.now_us).rows;
            if (m->m != MEASURE_grr && m->m != MEASURE_nrr && rows != rows_of(m->m, &m->now))
                fail_msg("%.*s lists %d rows, the line says %g of n %d", STR_ARG(m->evidence), (int)rows, m->now.value,
                         (int)m->now.n);
        }
        for (int i = 0; i < t.n_needs; i++) assert_true(list_all(c->r.s, t.needs[i].evidence, t.now_us).rows > 0);
        for (int i = 0; i < t.n_rising; i++)
            assert_int_equal(list_all(c->r.s, t.rising[i].evidence, t.now_us).rows, t.rising[i].now);
        company_close(c);
    }
}

static void what_is_no_id_is_refused(void **state) {
    static const char *const odd[] = {"",          "nps:",       "nps:x",  "nosuch:2025", "nosuch",
                                      "customer:", "customer:x", "topic:", "word:",       "nps:0d",
                                      "nps:-3d",   "nps:2025..", ":",      "nps::2025",   "customer:1 2"};
    company *c = company_open(state, 7, "UTC");
    for (size_t i = 0; i < COUNT(odd); i++) {
        err e = {0};
        int64_t total;
        listed l = {0};
        if (evidence_list(c->r.s, str_c(odd[i]), &(evidence_part){.now_us = BASE * DAY_US, .most = 10}, count_row, &l,
                          &total, &e))
            fail_msg("\"%s\" is taken for an id", odd[i]);
        assert_int_equal(e.code, ERR_invalid);
    }
    err e = {0};
    int64_t total;
    listed l = {0};
    assert_false(evidence_list(c->r.s, S("customer:987654321"), &(evidence_part){.now_us = BASE * DAY_US, .most = 10},
                               count_row, &l, &total, &e));
    assert_int_equal(e.code, ERR_not_found);
    company_close(c);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(times_as_people_write_them),
        cmocka_unit_test(rows_are_those_of_the_figure),
        cmocka_unit_test(everything_of_a_customer_and_a_word),
        cmocka_unit_test(every_line_of_today_has_its_rows),
        cmocka_unit_test(what_is_no_id_is_refused),
    };
    return rig_run(tests, COUNT(tests));
}
