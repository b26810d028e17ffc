// Segments: what a rule finds is what a slow evaluation of its JSON finds, customer by customer; in words it means the
// same; the past is what would have been found then.
#include "test.h"

#include "know/rig.h"

#include "base/money.h"
#include "know/feedback.h"
#include "know/lists.h"
#include "know/measure.h"
#include "know/person.h"
#include "know/segment.h"
#include "sql/know.h"

enum { DAY_0 = 20000, NOW_DAY = 20195 };
static const int64_t NOW = NOW_DAY * DAY_US + 12 * HOUR_US;

static segment_rule *rule_of(rig *r, arena *a, const char *text) {
    err e = {0};
    char field[SEGMENT_FIELD_LEN];
    segment_rule *out;
    assert_ok(segment_read_text(a, r->s, str_c(text), 0, &out, field, &e), e);
    return out;
}

// ---- random rules ----

static const char *const ops[] = {"=", "!=", "<", "<=", ">", ">="};

static json_t *test_of(const char *field, const char *is, json_t *value) {
    json_t *v = json_object();
    json_object_set_new(v, "field", json_string(field));
    json_object_set_new(v, "is", json_string(is));
    if (value) json_object_set_new(v, "value", value);
    return v;
}

static json_t *money(int64_t minor, const char *code) {
    json_t *v = json_object();
    json_object_set_new(v, "value", json_integer(minor));
    json_object_set_new(v, "currency", json_string(code));
    return v;
}

static json_t *random_set(rng *g) {
    static const struct {
        const char *field, *values[4];
    } sets[] = {{"channel", {"shop", "email", "chat", "web"}},
                {"country", {"DE", "AT", "at", "FR"}},
                {"segment", {"Segment 0", "Segment 1", "Segment 2", "segment 3"}},
                {"source", {"shop", "desk", "SHOP", "other"}},
                {"identifier", {"email", "phone", "user_id", "card"}},
                {"mood", {"unhappy", "neither", "happy", "happy"}},
                {"currency", {"EUR", "USD", "GBP", "EUR"}},
                {"lang", {"de", "en", "fr", "es"}}};
    size_t i = (size_t)rng_range(g, 0, COUNT(sets) - 1);
    int how = (int)rng_range(g, 0, 4);
    const char *one = sets[i].values[rng_range(g, 0, 3)];
    if (how == 3) return test_of(sets[i].field, rng_chance(g, 0.5) ? "known" : "unknown", NULL);
    if (how > 1) return test_of(sets[i].field, how == 2 ? "!=" : "=", json_string(one));
    json_t *list = json_array();
    for (int k = (int)rng_range(g, 1, 3); k > 0; k--)
        json_array_append_new(list, json_string(sets[i].values[rng_range(g, 0, 3)]));
    return test_of(sets[i].field, "in", list);
}

static json_t *random_test(rng *g) {
    static const char *const numbers[] = {"orders",      "order_days",   "refunds",    "returns", "rhythm_days",
                                          "contacts_in", "contacts_out", "complaints", "feedback"};
    static const char *const monies[] = {"order_value", "refund_value", "monthly_value", "value"};
    static const char *const days[] = {"days_since_seen",     "days_since_first_seen", "days_since_first_order",
                                       "days_since_order",    "days_since_score",      "days_waiting",
                                       "days_under_contract", "days_since_contract"};
    static const char *const times[] = {"last_seen",  "first_seen",    "first_order",    "last_order",
                                        "last_score", "waiting_since", "contract_since", "contract_until"};
    static const char *const windows[] = {"orders", "refunds", "returns", "complaints", "feedback"};
    const char *op = ops[rng_range(g, 0, COUNT(ops) - 1)];
    json_t *v;
    switch (rng_range(g, 0, 9)) {
    case 0: return test_of(numbers[rng_range(g, 0, COUNT(numbers) - 1)], op, json_integer(rng_range(g, 0, 6)));
    case 1:
        return test_of(monies[rng_range(g, 0, 3)], op,
                       money(rng_range(g, 0, 20000), rng_chance(g, 0.8) ? "EUR" : "USD"));
    case 2: return test_of(days[rng_range(g, 0, 7)], op, json_integer(rng_range(g, -5, 200)));
    case 3: {
        arena a = arena_open(4096);
        str day = date_str(&a, (int32_t)rng_range(g, DAY_0, DAY_0 + 200));
        if (rng_chance(g, 0.3)) day = str_fmt(&a, "%.*sT02:00:00Z", STR_ARG(day));
        v = test_of(times[rng_range(g, 0, 7)], op, json_stringn(day.s, day.len));
        arena_close(&a);
        return v;
    }
    case 4: return test_of(rng_chance(g, 0.5) ? "waiting" : "contract", "=", json_boolean(rng_chance(g, 0.5)));
    case 5:
        v = test_of(rng_chance(g, 0.5) ? "score" : "mean_score", op, json_integer(rng_range(g, 0, 10)));
        json_object_set_new(v, "instrument", json_string(rng_chance(g, 0.5) ? "nps" : "stars5"));
        return v;
    case 6:
        v = test_of(windows[rng_range(g, 0, 4)], op, json_integer(rng_range(g, 0, 3)));
        json_object_set_new(v, "in_days", json_integer(rng_range(g, 1, 120)));
        return v;
    case 7:
        v = test_of(rng_chance(g, 0.5) ? "order_value" : "refund_value", op, money(rng_range(g, 0, 9000), "EUR"));
        json_object_set_new(v, "in_days", json_integer(rng_range(g, 1, 120)));
        return v;
    case 8:
        return test_of(rng_chance(g, 0.5) ? times[rng_range(g, 0, 7)] : "rhythm_days",
                       rng_chance(g, 0.5) ? "known" : "unknown", NULL);
    default: return random_set(g);
    }
}

static json_t *random_rule(rng *g, int depth) {
    double p = rng_unit(g);
    if (depth == 0 || p < 0.4) return random_test(g);
    json_t *v = json_object();
    if (p < 0.55) return json_object_set_new(v, "not", random_rule(g, depth - 1)), v;
    json_t *list = json_array();
    for (int64_t n = rng_range(g, rng_chance(g, 0.05) ? 0 : 1, 3); n > 0; n--)
        json_array_append_new(list, random_rule(g, depth - 1));
    return json_object_set_new(v, p < 0.8 ? "all" : "any", list), v;
}

// ---- the slow way: every value from the rows that tell it ----

typedef struct {
    rig *r;
    arena *a;
    person p;
    summary sum;
    record *v;
    size_t n, room;
    json_t *rule;
} slow;

static bool keep(void *ctx, const record *x, err *e) {
    slow *k = ctx;
    (void)e;
    if (k->n == k->room) {
        record *more = make(k->a, record, k->room = k->room ? k->room * 2 : 64);
        if (k->n) memcpy(more, k->v, k->n * sizeof *more);
        k->v = more;
    }
    k->v[k->n] = *x;
    k->v[k->n++].body = str_dup(k->a, x->body);
    return true;
}

static bool compare(double x, const char *op, double y) {
    if (!strcmp(op, "=")) return x == y;
    if (!strcmp(op, "!=")) return x != y;
    if (!strcmp(op, "<")) return x < y;
    if (!strcmp(op, "<=")) return x <= y;
    if (!strcmp(op, ">")) return x > y;
    return x >= y;
}

static bool slow_purchase(const slow *k, const record *x) {
    bool orders = false;
    for (size_t i = 0; i < k->n; i++) orders |= k->v[i].kind == KIND_order;
    return x->kind == (orders ? KIND_order : KIND_payment);
}

// What happened in the last days: counts, or money in a currency.
static double slow_window(slow *k, const char *field, int64_t days, int unit) {
    double n = 0, m = 0;
    for (size_t i = 0; i < k->n; i++) {
        const record *x = &k->v[i];
        int64_t day = x->at_us / DAY_US;
        said s;
        arena scratch = *k->a;
        bool says = said_of(&scratch, x, &s);
        bool mine = false;
        if (!strcmp(field, "complaints")) mine = says && s.complaint;
        if (!strcmp(field, "feedback")) mine = says && x->kind != KIND_ask && (s.has_score || s.text.len);
        bool in_words = mine;
        if (!strncmp(field, "order", 5)) mine = slow_purchase(k, x);
        if (!strncmp(field, "refund", 6)) mine = x->kind == KIND_refund || x->kind == KIND_cancel;
        if (!strcmp(field, "returns")) mine = x->kind == KIND_return_;
        if (!mine || day <= NOW_DAY - days || (!in_words && day > NOW_DAY)) continue;
        n++;
        if (x->unit == unit) m += (double)x->value;
    }
    return strstr(field, "_value") ? m : n;
}

static double slow_value(slow *k) {
    double v = 0, contract = k->sum.contract_until_us ? 0 : (double)k->sum.monthly_value * 12;
    for (size_t i = 0; i < k->n; i++) {
        const record *x = &k->v[i];
        if (x->at_us / DAY_US <= NOW_DAY - 365 || x->unit != k->sum.currency) continue;
        if (slow_purchase(k, x)) v += (double)x->value;
        if (x->kind == KIND_refund || x->kind == KIND_cancel) v -= (double)x->value;
    }
    v = v > contract ? v : contract;
    return v > 0 ? v : 0;
}

static bool slow_score(slow *k, const json_t *t, const char *op) {
    bool mean = !strcmp(json_string_value(json_object_get(t, "field")), "mean_score"), any = false;
    int unit = (int)instrument_of(json_text(json_object_get(t, "instrument")));
    int64_t last_us = 0, last = 0, sum = 0, n = 0;
    for (size_t i = 0; i < k->n; i++) {
        const record *x = &k->v[i];
        if (kind_class(x->kind) != CLASS_SAID || x->kind == KIND_ask || !x->has_value || x->unit != unit) continue;
        if (!any || x->at_us > last_us || (x->at_us == last_us && x->value > last)) last_us = x->at_us, last = x->value;
        any = true, sum += x->value, n++;
    }
    double v = mean ? (double)(int64_t)((double)sum / (double)(n ? n : 1) + 0.5) : (double)last;
    return any && compare(v, op, json_number_value(json_object_get(t, "value")) * 100);
}

static void add(str *list, size_t *n, str x) {
    if (x.len) list[(*n)++] = x;
}

static bool slow_set(slow *k, const json_t *t, const char *field, const char *op) {
    static const char *const moods[] = {"unhappy", "neither", "happy"};
    str have[1000];
    size_t n = 0;
    const currency *c = currency_by_number(k->sum.currency);
    for (size_t i = 0; i < k->p.n_profiles; i++) {
        const person_profile *p = &k->p.profiles[i];
        if (!strcmp(field, "country")) add(have, &n, p->country);
        if (!strcmp(field, "segment")) add(have, &n, p->segment);
        if (!strcmp(field, "lang")) add(have, &n, p->lang);
        if (!strcmp(field, "source")) add(have, &n, p->from->name);
        for (size_t d = 0; !strcmp(field, "identifier") && d < p->n_ids; d++) add(have, &n, ident_name(p->ids[d].kind));
    }
    if (!strcmp(field, "currency") && c) add(have, &n, str_c(c->code));
    for (int i = 0; !strcmp(field, "channel") && i < 64; i++)
        if (k->sum.channels >> i & 1) add(have, &n, channel_name((enum channel)i));
    if (!strcmp(field, "mood") && k->sum.last_score_us) {
        int m = score_mood((enum instrument)k->sum.last_instrument, k->sum.last_score);
        if (m != MOOD_UNKNOWN) add(have, &n, str_c(moods[m + 1]));
    }
    if (!strcmp(op, "known")) return n > 0;
    if (!strcmp(op, "unknown")) return n == 0;
    const json_t *want = json_object_get(t, "value");
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        if (json_is_string(want)) found |= str_eq_ci(have[i], json_text(want));
        for (size_t w = 0; json_is_array(want) && w < json_array_size(want); w++)
            found |= str_eq_ci(have[i], json_text(json_array_get(want, w)));
    }
    return !strcmp(op, "!=") ? !found : found;
}

static bool slow_time(int64_t at, const char *op, const json_t *v) {
    int64_t t;
    str x = json_text(v);
    if (!strcmp(op, "known")) return at != 0;
    if (!strcmp(op, "unknown")) return at == 0;
    if (!at) return false;
    assert_true(time_parse(x, NULL, 0, &t));
    if (x.len == 10) return compare((double)(at / DAY_US), op, (double)(t / DAY_US));
    return compare((double)at, op, (double)t);
}

static bool slow_test(slow *k, const json_t *t) {
    const char *field = json_string_value(json_object_get(t, "field")),
               *op = json_string_value(json_object_get(t, "is"));
    const json_t *v = json_object_get(t, "value");
    const summary *s = &k->sum;
    int64_t days = json_integer_value(json_object_get(t, "in_days"));
    if (strstr(field, "_value") || !strcmp(field, "value")) {
        int unit = currency_of(json_text(json_object_get(v, "currency")))->number;
        double want = json_number_value(json_object_get(v, "value"));
        if (days) return compare(slow_window(k, field, days, unit), op, want);
        double have = !strcmp(field, "order_value")    ? (double)s->order_value
                      : !strcmp(field, "refund_value") ? (double)s->refund_value
                      : !strcmp(field, "value")        ? slow_value(k)
                                                       : (double)s->monthly_value;
        return unit == s->currency && compare(have, op, want);
    }
    if (days) return compare(slow_window(k, field, days, 0), op, json_number_value(v));
    const struct {
        const char *name;
        int64_t v;
    } numbers[] = {{"orders", s->orders},     {"order_days", s->order_days},   {"refunds", s->refunds},
                   {"returns", s->returns},   {"contacts_in", s->contacts_in}, {"contacts_out", s->contacts_out},
                   {"feedback", s->feedback}, {"complaints", s->complaints}},
      times[] = {{"last_seen", s->last_us},
                 {"first_seen", s->first_us},
                 {"first_order", s->first_order_us},
                 {"last_order", s->last_order_us},
                 {"last_score", s->last_score_us},
                 {"waiting_since", s->waiting_us},
                 {"contract_since", s->contract_since_us},
                 {"contract_until", s->contract_until_us}},
      ages[] = {{"days_since_seen", s->last_us},
                {"days_since_first_seen", s->first_us},
                {"days_since_first_order", s->first_order_us},
                {"days_since_order", s->last_order_us},
                {"days_since_score", s->last_score_us},
                {"days_waiting", s->waiting_us},
                {"days_under_contract", s->contract_since_us},
                {"days_since_contract", s->contract_until_us}};
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (!strcmp(field, numbers[i].name)) return compare((double)numbers[i].v, op, json_number_value(v));
    for (size_t i = 0; i < COUNT(times); i++)
        if (!strcmp(field, times[i].name)) return slow_time(times[i].v, op, v);
    for (size_t i = 0; i < COUNT(ages); i++)
        if (!strcmp(field, ages[i].name))
            return ages[i].v && compare((double)(NOW_DAY - ages[i].v / DAY_US), op, json_number_value(v));
    if (!strcmp(field, "rhythm_days")) {
        if (!strcmp(op, "known") || !strcmp(op, "unknown")) return (s->gap_days >= 0) == !strcmp(op, "known");
        return s->gap_days >= 0 && compare(s->gap_days, op, json_number_value(v));
    }
    if (!strcmp(field, "waiting")) return (s->waiting_us != 0) == json_is_true(v);
    if (!strcmp(field, "contract")) return (s->contract_since_us && !s->contract_until_us) == json_is_true(v);
    if (strstr(field, "score")) return slow_score(k, t, op);
    return slow_set(k, t, field, op);
}

static bool slow_holds(slow *k, const json_t *v) {
    const json_t *all = json_object_get(v, "all"), *any = json_object_get(v, "any"), *no = json_object_get(v, "not");
    if (no) return !slow_holds(k, no);
    if (!all && !any) return slow_test(k, v);
    bool ok = all != NULL;
    const json_t *list = all ? all : any;
    for (size_t i = 0; i < json_array_size(list); i++) {
        bool x = slow_holds(k, json_array_get(list, i));
        ok = all ? ok && x : ok || x;
    }
    return ok;
}

// ---- both ways ----

typedef struct {
    int64_t ids[4096];
    size_t n;
} found;

static bool take(void *ctx, const summary *x, err *e) {
    found *f = ctx;
    (void)e;
    f->ids[f->n++] = x->customer_id;
    return true;
}

static found find(rig *r, const segment_rule *rule, int64_t now, bool past) {
    err e = {0};
    found f = {.n = 0};
    segment_ask ask = {.rule = rule, .now_us = now, .past = past, .take = take, .ctx = &f};
    assert_ok(segment_scan(r->s, &ask, &e), e);
    return f;
}

static size_t load_people(rig *r, arena *a, slow *people) {
    err e = {0};
    size_t n = 0;
    sources *all;
    assert_ok(sources_read(a, r->s, &all, &e), e);
    for (row q = store_query(r->s, Q_summary_scan, &e, ""); row_next(&q);)
        people[n++] = (slow){.r = r, .a = a, .sum = summary_row(&q)};
    for (size_t i = 0; i < n; i++) {
        assert_ok(person_read(a, r->s, all, people[i].sum.customer_id, &people[i].p, &e), e);
        for (size_t k = 0; k < people[i].p.n_profiles; k++)
            assert_ok(ledger_profile_events(r->s, people[i].p.profiles[k].id, keep, &people[i], &e), e);
    }
    assert_ok(err_ok(&e), e);
    return n;
}

static str dumped(arena *a, const json_t *v) {
    char *z = json_dumps(v, JSON_ENCODE_ANY);
    str x = str_dup(a, str_c(z));
    free(z);
    return x;
}

static void check_rule(rig *r, arena a, slow *people, size_t n, json_t *v) {
    err e = {0};
    char field[SEGMENT_FIELD_LEN];
    segment_rule *rule, *again;
    assert_ok(segment_read(&a, r->s, v, 0, &rule, field, &e), e);
    found f = find(r, rule, NOW, false);
    size_t at = 0;
    bool in[4];
    for (size_t i = 0; i < n; i++) {
        bool want = slow_holds(&people[i], v);
        if (want != (at < f.n && f.ids[at] == people[i].sum.customer_id))
            fail_msg("customer %d should %sbe in %.*s", (int)people[i].sum.customer_id, want ? "" : "not ",
                     STR_ARG(dumped(&a, v)));
        at += want;
        if (i % 5) continue;
        bool member;
        buf b = buf_new(&a, 1 << 20);
        json_out j = json_to(&b);
        assert_ok(segment_why(&a, r->s, rule, NOW, people[i].sum.customer_id, &j, &member, &e), e);
        assert_ok(segment_which(&a, r->s, rule, NOW, &people[i].sum.customer_id, 1, in, &e), e);
        if (member != want || in[0] != want)
            fail_msg("alone: %.*s: %.*s", STR_ARG(dumped(&a, v)), STR_ARG(buf_str(&b)));
    }
    assert_int_equal(at, f.n);
    // In words it is the same rule.
    str words = segment_words(&a, rule);
    if (!segment_read_text(&a, r->s, words, 0, &again, field, &e)) fail_msg("%.*s: %s", STR_ARG(words), e.msg);
    assert_str(segment_words(&a, again), words);
    found g = find(r, again, NOW, false);
    if (g.n != f.n || memcmp(g.ids, f.ids, f.n * sizeof *f.ids)) fail_msg("others are found by %.*s", STR_ARG(words));
}

static void a_rule_finds_what_a_slow_evaluation_finds(void **state) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        rig r;
        rig_open(&r, place_of(state));
        arena a = arena_open((size_t)1 << 30);
        event *evs = make(&a, event, 900);
        random_events(&a, seed, evs, 900);
        rng g = rng_seed(seed * 77);
        put_batches(&r, evs, 450, &g, 0.2);
        rig_source(&r, "desk");
        put_batches(&r, evs + 450, 450, &g, 0.2);
        rig_flush(&r);
        arena theirs = arena_open((size_t)1 << 32);
        slow *people = make(&a, slow, 4096);
        size_t n = load_people(&r, &theirs, people);
        assert_true(n > 20);
        for (int i = 0; i < (on_server(state) ? 60 : 400); i++) {
            json_t *v = random_rule(&g, 3);
            check_rule(&r, a, people, n, v);
            json_decref(v);
        }
        arena_close(&theirs);
        arena_close(&a);
        rig_close(&r);
    }
}

// ---- the past ----

// A person each, so that who is who does not change.
static event lone_event(arena *a, rng *g, int i) {
    static const enum kind kinds[] = {KIND_order,     KIND_order,          KIND_refund,       KIND_return_,
                                      KIND_payment,   KIND_review,         KIND_answer,       KIND_usage,
                                      KIND_complaint, KIND_contract_start, KIND_contract_end, KIND_cancel};
    event ev = event_of(kinds[rng_range(g, 0, COUNT(kinds) - 1)],
                        (DAY_0 + rng_range(g, 0, 200)) * DAY_US + rng_range(g, 0, 23) * HOUR_US,
                        str_z(a, str_fmt(a, "l%d", i)));
    ev = from(ev, IDENT_user_id, str_z(a, str_fmt(a, "u%d", (int)rng_range(g, 0, 60))));
    enum kind_class class = kind_class(ev.kind);
    if (class == CLASS_MONEY || class == CLASS_CONTRACT)
        ev.value = rng_range(g, 100, 9000), ev.has_value = true, ev.unit = 978;
    if (class == CLASS_CONTRACT) ev.thread = str_fmt(a, "c%d", (int)rng_range(g, 0, 90));
    if (ev.kind == KIND_answer) ev.value = rng_range(g, 0, 10) * 100, ev.has_value = true, ev.unit = INSTRUMENT_nps;
    if (ev.kind == KIND_review) ev.value = rng_range(g, 1, 5) * 100, ev.has_value = true, ev.unit = INSTRUMENT_stars5;
    return ev;
}

static uint64_t names_of(rig *r, const found *f) {
    err e = {0};
    uint64_t sum = f->n;
    for (size_t i = 0; i < f->n; i++)
        for (row q = store_query(r->s, Q_identifier_of_profile, &e, "i", f->ids[i]); row_next(&q);)
            sum += str_hash(row_str(&q, 1));
    assert_ok(err_ok(&e), e);
    return sum;
}

static bool past_only(const json_t *v) {
    const json_t *all = json_object_get(v, "all"), *any = json_object_get(v, "any"), *no = json_object_get(v, "not");
    if (no) return past_only(no);
    const json_t *list = all ? all : any;
    bool ok = true;
    for (size_t i = 0; i < json_array_size(list); i++) ok &= past_only(json_array_get(list, i));
    if (list) return ok;
    str name = json_text(json_object_get(v, "field"));
    for (size_t i = 0; segment_field_at(i); i++)
        if (str_eq(name, str_c(segment_field_at(i)->name))) return segment_field_at(i)->past;
    return false;
}

static void the_past_is_what_was_found_then(void **state) {
    arena life = arena_open((size_t)1 << 30);
    rng g = rng_seed(5);
    int64_t day = DAY_0 + 120;
    event *evs = make(&life, event, 1200), *early = make(&life, event, 1200);
    int n_early = 0, checked = 0, refused = 0;
    for (int i = 0; i < 1200; i++) {
        evs[i] = lone_event(&life, &g, i);
        if (evs[i].at_us < (day + 1) * DAY_US) early[n_early++] = evs[i];
    }
    rig now, then;
    rig_open(&now, MEMORY), rig_open(&then, MEMORY);
    (void)state;
    rig_put(&now, evs, 1200), rig_put(&then, early, (size_t)n_early);
    rig_flush(&now), rig_flush(&then);
    for (int i = 0; i < 2000; i++) {
        err e = {0};
        arena a = life;
        char field[SEGMENT_FIELD_LEN];
        segment_rule *rule;
        json_t *v = random_rule(&g, 2);
        assert_ok(segment_read(&a, now.s, v, 0, &rule, field, &e), e);
        if (past_only(v)) {
            found x = find(&now, rule, day * DAY_US + HOUR_US, true),
                  y = find(&then, rule, day * DAY_US + HOUR_US, false);
            if (names_of(&now, &x) != names_of(&then, &y))
                fail_msg("%d then, %d now: %.*s", (int)y.n, (int)x.n, STR_ARG(dumped(&a, v)));
            checked++;
        } else {
            segment_ask ask = {.rule = rule, .now_us = NOW, .past = true, .take = take};
            assert_false(segment_scan(now.s, &ask, &e));
            assert_int_equal(e.code, ERR_invalid);
            refused++;
        }
        json_decref(v);
    }
    assert_true(checked > 100 && refused > 100);
    arena_close(&life);
    rig_close(&now), rig_close(&then);
}

// ---- by hand ----

static void put_people(rig *r) {
    event evs[] = {order("1", 20180, 5000, "a", NULL), order("2", 20190, 6000, "a", NULL),
                   order("3", 20100, 1000, "b", NULL), order("4", 20194, 800, "c", NULL)};
    evs[2].country = S("AT"), evs[0].country = S("DE");
    rig_put(r, evs, COUNT(evs));
    rig_flush(r);
}

static size_t count_of(rig *r, const char *text) {
    arena a = arena_open((size_t)1 << 24);
    found f = find(r, rule_of(r, &a, text), NOW, false);
    arena_close(&a);
    return f.n;
}

static void words_say_what_is_meant(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    put_people(&r);
    static const struct {
        const char *rule;
        size_t n;
    } cases[] = {{"everybody", 3},
                 {"nobody", 0},
                 {"orders >= 2", 1},
                 {"orders = 1, days_since_order < 30", 1},
                 {"order_value >= 100.00 EUR", 1},
                 {"order_value >= 100.00 USD", 0},
                 {"order_value in 10 days > 7 EUR", 2},
                 {"country = de or country = AT", 2},
                 {"country in (DE, AT, \"Costa Rica\")", 2},
                 {"not country known", 1},
                 {"last_order <= 2025-01-14", 1}, // day 20102
                 {"days_since_order >= 15 and days_since_order <= 95", 1},
                 {"identifier = user_id and not identifier = email", 3},
                 {"waiting or contract", 0}};
    for (size_t i = 0; i < COUNT(cases); i++)
        if (count_of(&r, cases[i].rule) != cases[i].n)
            fail_msg("%s: %d", cases[i].rule, (int)count_of(&r, cases[i].rule));
    rig_close(&r);
}

static void mistakes_name_their_place(void **state) {
    (void)state;
    rig r;
    rig_open(&r, MEMORY);
    static const struct {
        const char *rule, *place, *says;
    } cases[] = {
        {"{\"all\":[{\"field\":\"ordres\",\"is\":\"=\",\"value\":1}]}", "all.0.field", "no field 'ordres'"},
        {"{\"any\":[{\"field\":\"orders\",\"is\":\"~\",\"value\":1}]}", "any.0.is", "must be one of"},
        {"{\"field\":\"orders\",\"is\":\"=\"}", "value", "is missing"},
        {"{\"field\":\"orders\",\"is\":\"=\",\"value\":1.5}", "value", "whole number"},
        {"{\"field\":\"order_value\",\"is\":\">\",\"value\":100}", "value", "money"},
        {"{\"field\":\"contacts_in\",\"is\":\">\",\"value\":1,\"in_days\":3}", "in_days", "not counted by day"},
        {"{\"field\":\"score\",\"is\":\">\",\"value\":1}", "instrument", "nps"},
        {"{\"field\":\"channel\",\"is\":\"=\",\"value\":\"pigeon\"}", "value", "no channel 'pigeon'"},
        {"{\"field\":\"orders\",\"is\":\"=\",\"value\":1,\"wich\":2}", "", "'wich' is not known"},
        {"{\"all\":[],\"any\":[]}", "", "stands alone"},
        {"{\"segment\":99}", "segment", "no segment 99"},
        {"[1]", "", "there is no field '['"},
        {"orders >", "", "ends where a value"},
        {"orders >= 1 country = DE", "", "'country' stands where"},
        {"order_value > 5", "", "a currency"},
        {"(orders > 1", "", "ends where"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        arena a = arena_open((size_t)1 << 24);
        err e = {0};
        char field[SEGMENT_FIELD_LEN];
        segment_rule *rule;
        if (segment_read_text(&a, r.s, str_c(cases[i].rule), 0, &rule, field, &e))
            fail_msg("%s is no rule", cases[i].rule);
        if (e.code != ERR_invalid || strcmp(field, cases[i].place) || !strstr(e.msg, cases[i].says))
            fail_msg("%s: at '%s': %s", cases[i].rule, field, e.msg);
        arena_close(&a);
    }
    rig_close(&r);
}

static int64_t put_segment(rig *r, int64_t id, const char *name, const char *rule, enum err_code want) {
    err e = {0};
    arena a = arena_open((size_t)1 << 24);
    char field[SEGMENT_FIELD_LEN];
    segment_rule *x;
    segment_row kept = {.id = id, .name = str_c(name), .rule = str_c(rule), .by = S("a test"), .version = 1};
    assert_ok(store_begin(r->s, &e), e);
    bool ok = segment_read_text(&a, r->s, str_c(rule), id, &x, field, &e) &&
              segment_put(know_ledger(r->k), &kept, x, r->now, &e);
    if (ok) ok = ledger_commit(know_ledger(r->k), &e);
    if (!ok) store_rollback(r->s);
    assert_int_equal(e.code, want);
    arena_close(&a);
    return kept.id;
}

static void segments_name_one_another_but_not_in_a_circle(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    put_people(&r);
    err e = {0};
    char rule[64];
    arena a = arena_open((size_t)1 << 24);
    int64_t buyers = put_segment(&r, 0, "Buyers", "orders >= 2", ERR_none);
    snprintf(rule, sizeof rule, "not segment %d", (int)buyers);
    int64_t others = put_segment(&r, 0, "Others", rule, ERR_none);
    assert_int_equal(count_of(&r, rule), 2);
    snprintf(rule, sizeof rule, "segment %d or orders = 1", (int)others);
    put_segment(&r, buyers, "Buyers", rule, ERR_invalid); // it would lead back
    put_segment(&r, 0, "Buyers", "everybody", ERR_conflict);
    put_segment(&r, 0, "12", "everybody", ERR_invalid);
    assert_false(segment_remove(a, r.s, buyers, &e)); // the other one is made of it
    assert_int_equal(e.code, ERR_conflict);
    e = (err){0};
    segment_row x;
    assert_ok(segment_get(&a, r.s, S("Others"), &x, &e), e);
    assert_int_equal(x.id, others);
    assert_ok(segment_remove(a, r.s, others, &e) && segment_remove(a, r.s, buyers, &e), e);
    assert_false(segment_get(&a, r.s, S("Others"), &x, &e));
    assert_int_equal(e.code, ERR_none);
    arena_close(&a);
    rig_close(&r);
}

// By the sources' own segment, a measure of the segment's members is the measure of that group.
static void a_measure_of_a_segment_counts_its_members(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    arena a = arena_open((size_t)1 << 30);
    err e = {0};
    rng g = rng_seed(8);
    event *evs = make(&a, event, 1500);
    for (int i = 0; i < 1500; i++) {
        evs[i] = lone_event(&a, &g, i);
        evs[i].segment = str_hash(evs[i].ids[0].value) % 3 ? S("Gold") : S("Plain");
        if (rng_chance(&g, 0.2)) evs[i].kind = KIND_message_in, evs[i].unit = 0, evs[i].thread = evs[i].ids[0].value;
        if (rng_chance(&g, 0.1)) evs[i].kind = KIND_message_out, evs[i].unit = 0, evs[i].thread = evs[i].ids[0].value;
    }
    rig_put(&r, evs, 1500);
    rig_flush(&r);
    id_set gold;
    assert_ok(segment_profiles(&a, r.s, rule_of(&r, &a, "segment = gold"), NOW, &gold, &e), e);
    time_span span = {(DAY_0 + 60) * DAY_US, (DAY_0 + 150) * DAY_US};
    panel *split, *only;
    panel_ask ask = {
        .spans = &span, .n_spans = 1, .split = SPLIT_SEGMENT, .wanted = (1u << MEASURES) - 1, .now_us = NOW};
    assert_ok(panel_read(&a, r.s, &ask, &split, &e), e);
    ask.split = SPLIT_NONE, ask.only = &gold;
    assert_ok(panel_read(&a, r.s, &ask, &only, &e), e);
    int group = 0, shown = 0;
    while (!str_eq(panel_group(split, group), S("Gold"))) group++;
    for (int m = 0; m < MEASURES; m++) {
        estimate x = panel_estimate(&a, split, (enum measure)m, 0, group),
                 y = panel_estimate(&a, only, (enum measure)m, 0, 0);
        if (x.n != y.n || x.state != y.state || (estimate_shown(&x) && (x.value < y.value || x.value > y.value)))
            fail_msg("%s: %g of %d, %g of %d", measure_get((enum measure)m)->name, x.value, (int)x.n, y.value,
                     (int)y.n);
        shown += estimate_shown(&x);
    }
    assert_true(shown > 6);
    arena_close(&a);
    rig_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(a_rule_finds_what_a_slow_evaluation_finds),
                                 cmocka_unit_test(the_past_is_what_was_found_then),
                                 cmocka_unit_test(words_say_what_is_meant),
                                 cmocka_unit_test(mistakes_name_their_place),
                                 cmocka_unit_test(segments_name_one_another_but_not_in_a_circle),
                                 cmocka_unit_test(a_measure_of_a_segment_counts_its_members)};
    return rig_run(tests, COUNT(tests));
}
