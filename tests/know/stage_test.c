// Stages: that where somebody was is what a slow reading of their events before the moment says, that the order in
// which events came does not matter, and that what is told once is told anew when it has to be.
#include "know/stage.h"

#include "base/civil.h"
#include "know/meaning.h"
#include "know/rig.h"
#include "know/talk.h"
#include "sql/know_meaning.h"
#include "sql/know_stage.h"

// ---- the slow twin: every fact from its sentence, of the events before a moment ----

typedef struct {
    const stage_event *v[400]; // before the moment, in order of time
    size_t n;
    int64_t at_us;
} so_far;

static bool is_buy(const so_far *b, const stage_event *x) {
    for (size_t i = 0; i < b->n; i++)
        if (b->v[i]->kind == KIND_order) return x->kind == KIND_order;
    return x->kind == KIND_payment;
}

static bool acts(const stage_event *x) {
    return x->kind != KIND_message_out && x->kind != KIND_conversation_solved && x->kind != KIND_conversation_opened &&
           x->kind != KIND_delivered && x->kind != KIND_refund && x->kind != KIND_contract_end;
}

// The first or the last that is so; 0: none.
typedef bool (*event_is)(const so_far *b, const stage_event *x);
static int64_t when(const so_far *b, event_is is, bool last, int64_t *count) {
    int64_t at = 0, n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (is(b, b->v[i])) n++, at = at && !last ? at : b->v[i]->at_us;
    if (count) *count = n;
    return at;
}
static bool acts_of(const so_far *b, const stage_event *x) {
    return (void)b, acts(x);
}
static bool is_delivery(const so_far *b, const stage_event *x) {
    return (void)b, x->kind == KIND_delivered;
}
static bool is_use(const so_far *b, const stage_event *x) {
    return (void)b, x->kind == KIND_usage;
}
static bool is_return(const so_far *b, const stage_event *x) {
    return (void)b, x->kind == KIND_return_;
}
static bool is_complaint(const so_far *b, const stage_event *x) {
    return (void)b, x->complaint;
}
static bool is_said(const so_far *b, const stage_event *x) {
    return (void)b, x->said;
}

// Contracts: of each thread its last word; how many run, since when the oldest, when the last of all ended.
static int64_t contracts(const so_far *b, int64_t *oldest, int64_t *ended) {
    int64_t n = 0;
    *oldest = *ended = 0;
    for (size_t i = 0; i < b->n; i++) {
        const stage_event *x = b->v[i];
        if (kind_class(x->kind) != CLASS_CONTRACT) continue;
        bool runs = false, first = true;
        int64_t since = 0;
        for (size_t k = 0; k < b->n; k++) {
            const stage_event *y = b->v[k];
            if (kind_class(y->kind) != CLASS_CONTRACT || y->thread != x->thread) continue;
            if (k < i) first = false;
            if (y->kind == KIND_contract_end) {
                if (runs && y->at_us > *ended) *ended = y->at_us;
                runs = false;
            } else if (!runs)
                runs = true, since = y->at_us;
        }
        if (!first || !runs) continue;
        n++;
        if (!*oldest || since < *oldest) *oldest = since;
    }
    return n;
}

static int64_t waits(const so_far *b, int64_t *oldest) {
    arena a = arena_open(1 << 20);
    int64_t n = 0;
    *oldest = 0;
    for (size_t i = 0; i < b->n; i++) {
        talk t = {0};
        bool first = true;
        if (kind_class(b->v[i]->kind) != CLASS_TALK) continue;
        for (size_t k = 0; k < b->n; k++) {
            if (kind_class(b->v[k]->kind) != CLASS_TALK || b->v[k]->thread != b->v[i]->thread) continue;
            if (k < i) first = false;
            talk_take(&a, &t, b->v[k]->at_us, talk_who_of(b->v[k]->kind), 0);
        }
        const int64_t since = talk_now(&t).waiting_us;
        if (!first || !since) continue;
        n++;
        if (!*oldest || since < *oldest) *oldest = since;
    }
    arena_close(&a);
    return n;
}

static int64_t open_complaints(const so_far *b) {
    int64_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        bool open = b->v[i]->complaint;
        for (size_t k = i; k < b->n && open; k++) {
            const stage_event *s = b->v[k];
            if (s->kind == KIND_commitment_confirmed) open = false;
            if (s->kind == KIND_conversation_solved && (!b->v[i]->thread || s->thread == b->v[i]->thread)) open = false;
        }
        n += open;
    }
    return n;
}

static int by_number(const void *x, const void *y) {
    const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

// Twice the median of the days between days of purchases; 0 with fewer than two gaps.
static int64_t twice_rhythm(const so_far *b) {
    int64_t gaps[400], last = INT64_MIN;
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (!is_buy(b, b->v[i])) continue;
        const int64_t day = floor_div(b->v[i]->at_us, DAY_US);
        if (last != INT64_MIN && day > last) gaps[n++] = day - last;
        last = day;
    }
    if (n < 2) return 0;
    qsort(gaps, n, sizeof *gaps, by_number);
    return n % 2 ? 2 * gaps[n / 2] : gaps[n / 2 - 1] + gaps[n / 2];
}

static int64_t since(const so_far *b, int64_t at, bool *known) {
    *known = at != 0;
    return (b->at_us - at) / DAY_US * 1000;
}

static int64_t fact_of(const so_far *b, enum stage_fact f, bool *known) {
    int64_t n = 0, at, oldest, ended;
    *known = true;
    switch (f) {
    case STAGE_orders: return when(b, is_buy, true, &n), n * 1000;
    case STAGE_undelivered:
        for (size_t i = 0; i < b->n; i++) {
            if (b->v[i]->kind == KIND_order) n++;
            if (b->v[i]->kind == KIND_cancel && n) n--;
            if (b->v[i]->kind == KIND_delivered) n = 0;
        }
        return n * 1000;
    case STAGE_contracts: return contracts(b, &oldest, &ended) * 1000;
    case STAGE_orders_since_contract:
        *known = !contracts(b, &oldest, &ended) && ended;
        for (size_t i = 0; i < b->n; i++) n += is_buy(b, b->v[i]) && b->v[i]->at_us > ended;
        return n * 1000;
    case STAGE_complaints_open: return open_complaints(b) * 1000;
    case STAGE_complaints: return when(b, is_complaint, true, &n), n * 1000;
    case STAGE_returns: return when(b, is_return, true, &n), n * 1000;
    case STAGE_conversations_waiting: return waits(b, &oldest) * 1000;
    case STAGE_feedback: return when(b, is_said, true, &n), n * 1000;
    case STAGE_uses: return when(b, is_use, true, &n), n * 1000;
    case STAGE_days_since_first_seen: return since(b, when(b, acts_of, false, NULL), known);
    case STAGE_days_since_seen: return since(b, when(b, acts_of, true, NULL), known);
    case STAGE_days_since_first_order: return since(b, when(b, is_buy, false, NULL), known);
    case STAGE_days_since_order: return since(b, when(b, is_buy, true, NULL), known);
    case STAGE_days_since_first_delivery: return since(b, when(b, is_delivery, false, NULL), known);
    case STAGE_days_since_delivery: return since(b, when(b, is_delivery, true, NULL), known);
    case STAGE_days_since_use: return since(b, when(b, is_use, true, NULL), known);
    case STAGE_days_under_contract: return contracts(b, &oldest, &ended), since(b, oldest, known);
    case STAGE_days_since_contract: return n = contracts(b, &oldest, &ended), since(b, n ? 0 : ended, known);
    case STAGE_days_since_complaint: return since(b, when(b, is_complaint, true, NULL), known);
    case STAGE_days_since_return: return since(b, when(b, is_return, true, NULL), known);
    case STAGE_days_waiting: return waits(b, &oldest), since(b, oldest, known);
    case STAGE_rhythms_since_order:
        at = when(b, is_buy, true, NULL), n = twice_rhythm(b);
        *known = at && n;
        return n ? (b->at_us - at) / (n * DAY_US / 20) * 100 : 0;
    case STAGE_days_to_anniversary:
        contracts(b, &oldest, &ended);
        *known = oldest != 0;
        return (365 - (b->at_us - oldest) / DAY_US % 365) * 1000;
    case STAGE_FACTS: break;
    }
    return 0;
}

static bool slow_test(const so_far *b, const stage_test *t) {
    bool known;
    const int64_t v = fact_of(b, t->fact, &known);
    const bool is[] = {v == t->value, v != t->value, v<t->value, v <= t->value, v> t->value, v >= t->value};
    return known && is[t->op];
}

// In no other way than it is written: any group of which all hold.
static bool slow_rule(const so_far *b, const stage_rule *r) {
    for (size_t from = 0; from < r->n;) {
        size_t to = from + 1;
        bool all = slow_test(b, &r->v[from]);
        for (; to < r->n && !r->or_before[to]; to++) all = slow_test(b, &r->v[to]) && all;
        if (all) return true;
        from = to;
    }
    return !r->n;
}

static int64_t slow_stage(const journey *j, const stage_events *sorted, int64_t at_us) {
    so_far b = {.at_us = at_us};
    for (size_t i = 0; i < sorted->n; i++)
        if (sorted->v[i].at_us < at_us) b.v[b.n++] = &sorted->v[i];
    if (!b.n && (!sorted->n || sorted->v[0].at_us != at_us)) return 0;
    for (size_t i = j->n; i-- > 0;)
        if (j->v[i].used && slow_rule(&b, &j->v[i].rule)) return j->v[i].id;
    return 0;
}

// ---- random journeys and lives ----

static stage_events some_life(arena *a, rng *r, size_t n) {
    static const enum kind kinds[] = {KIND_order,
                                      KIND_order,
                                      KIND_payment,
                                      KIND_cancel,
                                      KIND_return_,
                                      KIND_refund,
                                      KIND_contract_start,
                                      KIND_contract_change,
                                      KIND_contract_end,
                                      KIND_message_in,
                                      KIND_message_out,
                                      KIND_call,
                                      KIND_answer,
                                      KIND_review,
                                      KIND_complaint,
                                      KIND_conversation_solved,
                                      KIND_conversation_opened,
                                      KIND_usage,
                                      KIND_delivered,
                                      KIND_commitment_confirmed};
    stage_events ev = {.v = make(a, stage_event, n + 1), .n = n};
    for (size_t i = 0; i < n; i++) {
        stage_event *x = &ev.v[i];
        *x = (stage_event){.at_us = (20000 + rng_range(r, 0, 900)) * DAY_US + rng_range(r, 0, 3) * HOUR_US,
                           .key = (int64_t)rng_u64(r),
                           .profile = rng_range(r, 1, 2),
                           .kind = kinds[rng_range(r, 0, COUNT(kinds) - 1)]};
        const bool talks = kind_class(x->kind) == CLASS_TALK || kind_class(x->kind) == CLASS_CONTRACT;
        if (talks || rng_chance(r, 0.3)) x->thread = talk_wait_key(x->profile, rng_range(r, 1, 3));
        x->complaint = x->kind == KIND_complaint || (x->kind == KIND_message_in && rng_chance(r, 0.3));
        x->said = kind_class(x->kind) == CLASS_SAID || x->kind == KIND_message_in;
    }
    return ev;
}

static journey some_journey(arena *a, rng *r) {
    journey j = {.v = make(a, stage_row, 8), .n = (size_t)rng_range(r, 1, 8)};
    for (size_t i = 0; i < j.n; i++) {
        stage_row *x = &j.v[i];
        *x = (stage_row){.id = (int64_t)i + 1, .used = rng_chance(r, 0.9)};
        x->rule.n = (size_t)rng_range(r, i ? 1 : 0, 5);
        for (size_t t = 0; t < x->rule.n; t++) {
            const enum stage_fact f = (enum stage_fact)rng_range(r, 0, STAGE_FACTS - 1);
            const bool count = stage_fact_at(f)->kind == FACT_COUNT;
            x->rule.v[t] = (stage_test){.fact = f,
                                        .op = (enum stage_op)rng_range(r, 0, STAGE_OPS - 1),
                                        .value = count                ? rng_range(r, 0, 4) * 1000
                                                 : rng_chance(r, 0.3) ? rng_range(r, 0, 5000)
                                                                      : rng_range(r, 0, 400) * 1000};
            x->rule.or_before[t] = t && rng_chance(r, 0.4);
        }
    }
    return j;
}

static void as_the_slow_twin(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        arena a = arena_open((size_t)1 << 26);
        rng r = rng_seed(seed);
        stage_events ev = some_life(&a, &r, (size_t)rng_range(&r, 0, 60));
        const journey j = some_journey(&a, &r);
        const int64_t until = (20000 + rng_range(&r, 300, 1500)) * DAY_US;
        const stage_path p = stage_path_of(&a, &j, &ev, until); // sorts them
        for (int i = 0; i < 60; i++) {
            int64_t at = (20000 + rng_range(&r, 0, 1000)) * DAY_US + rng_range(&r, 0, 24) * HOUR_US;
            if (ev.n && rng_chance(&r, 0.4)) at = ev.v[rng_range(&r, 0, (int64_t)ev.n - 1)].at_us;
            if (p.n && rng_chance(&r, 0.4)) at = p.v[rng_range(&r, 0, (int64_t)p.n - 1)].from_us - rng_range(&r, 0, 1);
            if (at > until) continue;
            const int64_t is = stage_path_at(&p, at, NULL), should = slow_stage(&j, &ev, at);
            if (is != should)
                fail_msg("seed %d: at %lld it is %d and should be %d", (int)seed, (long long)at, (int)is, (int)should);
        }
        // Until it is due, nothing changes by itself; and it is due in the future.
        assert_true(p.due_us > until || !ev.n);
        const int64_t now = stage_path_at(&p, until, NULL);
        for (int i = 0; i < 20 && p.n; i++) {
            const int64_t far = MIN(p.due_us - 1, until + 3000 * DAY_US);
            const int64_t at = until + (int64_t)(rng_unit(&r) * (double)(far - until));
            assert_int_equal(slow_stage(&j, &ev, at), now);
        }
        arena_close(&a);
    }
}

static void rules_in_words(void **state) {
    (void)state;
    static const char *const wrong[] = {"orders",         "orders >=",      "orders >= x",        "orders >= 1 and",
                                        "orders => 1",    "color = 3",      "orders >= 1 orders", "orders = -1",
                                        "or orders >= 1", "orders >= 1 or", "orders = 1e9"};
    arena a = arena_open(1 << 24);
    stage_rule r, again;
    err e = {0};
    assert_ok(stage_rule_read(S("  orders>=1 and\n days_since_order <5.5 or returns != 0 "), &r, &e), e);
    assert_int_equal(r.n, 3);
    assert_false(r.or_before[1]);
    assert_true(r.or_before[2]);
    assert_int_equal(r.v[1].value, 5500);
    assert_true(str_eq(stage_rule_words(&a, &r), S("orders >= 1 and days_since_order < 5.5 or returns != 0")));
    assert_ok(stage_rule_read(S(""), &r, &e), e);
    assert_int_equal(r.n, 0);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        err w = {0};
        assert_false(stage_rule_read(str_c(wrong[i]), &r, &w));
        assert_int_equal(w.code, ERR_invalid);
    }
    for (uint64_t seed = 1; seed <= 200; seed++) {
        rng g = rng_seed(seed);
        const journey j = some_journey(&a, &g);
        for (size_t i = 0; i < j.n; i++) {
            const str words = stage_rule_words(&a, &j.v[i].rule);
            assert_ok(stage_rule_read(words, &again, &e), e);
            assert_true(str_eq(stage_rule_words(&a, &again), words));
        }
    }
    arena_close(&a);
}

// ---- in a store ----

static void tell_at(rig *r, int64_t now_us) {
    err e = {0};
    for (size_t n = 1, turns = 0; n; turns++) {
        arena a = arena_open((size_t)1 << 28);
        stage_batch *b;
        assert_true(turns < 1000);
        assert_ok(stage_read(&a, r->s, now_us, &b, &n, &e), e);
        assert_ok(store_begin(r->s, &e), e);
        assert_true(!n || stage_store(r->s, b, &e));
        assert_ok(store_commit(r->s, &e), e);
        arena_close(&a);
    }
}

static void understand(rig *r) {
    arena life = arena_open(64 << 20);
    reader *x;
    err e = {0};
    assert_ok(reader_open(&life, &x, S(""), &e), e);
    for (size_t n = 1; n;) {
        arena a = arena_open((size_t)1 << 30);
        meaning_batch *b;
        assert_ok(meaning_read(&a, r->s, x, &b, &n, &e), e);
        assert_ok(store_begin(r->s, &e), e);
        assert_true(!n || meaning_store(r->s, b, &e));
        assert_ok(store_commit(r->s, &e), e);
        arena_close(&a);
    }
    reader_close(x);
    arena_close(&life);
}

// Everything that is stored of stages, by times and not by numbers that are handed out in order of arrival.
static uint64_t picture(rig *r) {
    err e = {0};
    uint64_t sum = 0, one = 0;
    int64_t last = -1;
    for (row q = store_query(r->s, Q_stage_spells, &e, ""); row_next(&q);) {
        if (row_int(&q, 0) != last) sum += one * one, one = 7, last = row_int(&q, 0);
        one = one * 31 + (uint64_t)row_int(&q, 1) * 17 + (uint64_t)row_int(&q, 2);
    }
    sum += one * one;
    for (row q = store_query(r->s, Q_stage_all_words, &e, ""); row_next(&q);)
        sum += (uint64_t)row_int(&q, 0) * 0x9E3779B97F4A7C15u * (uint64_t)(row_int(&q, 2) + 3) +
               (uint64_t)row_int(&q, 1) * 5;
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    return sum;
}

enum { EVENTS = 120 };

static void shuffle(event *evs, size_t n, uint64_t seed) {
    rng r = rng_seed(seed);
    for (size_t i = n; i > 1; i--) {
        const size_t k = (size_t)rng_range(&r, 0, (int64_t)i - 1);
        const event x = evs[i - 1];
        evs[i - 1] = evs[k], evs[k] = x;
    }
}

static event *lives(arena *a, uint64_t seed) {
    event *evs = make(a, event, EVENTS);
    random_events(a, seed, evs, EVENTS);
    for (int i = 0; i < EVENTS; i++)
        if (i % 9 == 0) evs[i].kind = KIND_delivered;
    return evs;
}

static uint64_t told_in(void **state, uint64_t seed, uint64_t order, size_t piece) {
    arena a = arena_open((size_t)1 << 26);
    event *evs = lives(&a, seed);
    rig r;
    rig_open(&r, place_of(state));
    if (order) shuffle(evs, EVENTS, order);
    for (size_t i = 0; i < EVENTS; i += piece) {
        rig_put(&r, evs + i, MIN(piece, EVENTS - i));
        rig_flush(&r);
        if (order % 2) understand(&r);
        tell_at(&r, r.now - (int64_t)(EVENTS - i) * DAY_US);
    }
    understand(&r);
    tell_at(&r, r.now);
    const uint64_t sum = picture(&r);
    rig_rebuild(&r);
    tell_at(&r, r.now);
    assert_true(picture(&r) == sum);
    rig_close(&r);
    arena_close(&a);
    return sum;
}

static void order_is_no_matter(void **state) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        const uint64_t at_once = told_in(state, seed, 0, EVENTS);
        assert_true(told_in(state, seed, seed + 100, 40) == at_once);
        assert_true(told_in(state, seed, seed + 201, 17) == at_once);
    }
}

static void joined_and_split(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open((size_t)1 << 26);
    rig_open(&r, place_of(state));
    event evs[8];
    size_t n = 0;
    for (int i = 0; i < 4; i++) {
        evs[n++] = order(str_z(&a, str_fmt(&a, "a%d", i)), 20000 + 11 * i, 100, "anna", NULL);
        evs[n] = event_of(KIND_comment, (20003 + 9 * i) * DAY_US, str_z(&a, str_fmt(&a, "b%d", i)));
        evs[n].text = S("The grinder does not fit."), evs[n] = from(evs[n], IDENT_user_id, "berta"), n++;
    }
    rig_put(&r, evs, n);
    rig_flush(&r);
    understand(&r);
    tell_at(&r, r.now);
    const uint64_t apart = picture(&r);
    int64_t who[2] = {0};
    for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q);) who[who[0] ? 1 : 0] = row_int(&q, 0);
    assert_ok(know_join(r.k, who[0], who[1], S("test"), &e), e);
    tell_at(&r, r.now);
    assert_true(picture(&r) != apart);
    assert_int_equal(rig_count(&r, Q_stage_customers), 1);
    assert_ok(know_split(r.k, MIN(who[0], who[1]), MAX(who[0], who[1]), S("test"), &e), e);
    tell_at(&r, r.now);
    assert_true(picture(&r) == apart);
    assert_int_equal(rig_count(&r, Q_stage_customers), 2);
    rig_close(&r);
    arena_close(&a);
}

// A stage gets another rule, and back: everybody is told anew, and is where they were.
static void other_rules(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open((size_t)1 << 26);
    stage_row x;
    const char *field;
    stage_standing at;
    rig_open(&r, place_of(state));
    rig_put(&r, lives(&a, 5), EVENTS);
    rig_flush(&r);
    understand(&r);
    tell_at(&r, r.now);
    const uint64_t before = picture(&r);
    journey j;
    assert_ok(journey_read(&a, r.s, &j, &e), e);
    assert_int_equal(j.n, 8);
    x = j.v[3], x.words = S("orders >= 2"), x.by = S("test");
    assert_ok(store_begin(r.s, &e), e);
    assert_ok(stage_put(&a, r.s, &x, r.now, &field, &e), e);
    assert_ok(store_commit(r.s, &e), e);
    assert_int_equal(x.version, 2);
    assert_ok(stage_stands(r.s, &at, &e), e);
    assert_true(at.left > 0 && at.left == at.again);
    tell_at(&r, r.now);
    assert_true(picture(&r) != before);
    assert_ok(stage_stands(r.s, &at, &e), e);
    assert_int_equal(at.left, 0);
    assert_ok(store_begin(r.s, &e), e);
    assert_ok(stage_undo(&a, r.s, x.id, S("test"), r.now, &x, &e), e);
    assert_ok(store_commit(r.s, &e), e);
    assert_int_equal(x.version, 3);
    tell_at(&r, r.now);
    assert_true(picture(&r) == before);
    rig_close(&r);
    arena_close(&a);
}

// What is asked is the same whether it was told yet or not.
static void told_or_not(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open((size_t)1 << 26);
    journey j;
    rig_open(&r, place_of(state));
    assert_ok(journey_read(&a, r.s, &j, &e), e);
    rig_put(&r, lives(&a, 8), EVENTS);
    rig_flush(&r);
    int64_t ids[64];
    size_t n = 0;
    for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q);)
        if (n < 64) ids[n++] = row_int(&q, 0);
    assert_true(n > 1);
    stage_now was[64], is;
    for (size_t i = 0; i < n; i++) assert_ok(stage_of(&a, r.s, &j, ids[i], r.now, &was[i], &e), e);
    tell_at(&r, r.now);
    for (size_t i = 0; i < n; i++) {
        assert_ok(stage_of(&a, r.s, &j, ids[i], r.now, &is, &e), e);
        assert_true(is.id == was[i].id && is.since_us == was[i].since_us && is.due_us == was[i].due_us);
        const int64_t later = r.now + 700 * DAY_US, sooner = is.since_us - 1;
        stage_now fresh;
        assert_ok(stage_of(&a, r.s, &j, ids[i], later, &fresh, &e), e);
        stage_events ev;
        assert_ok(stage_events_read(&a, r.s, ids[i], &ev, &e), e);
        const stage_path p = stage_path_of(&a, &j, &ev, later);
        assert_int_equal(fresh.id, stage_path_at(&p, later, NULL));
        assert_ok(stage_of(&a, r.s, &j, ids[i], sooner, &fresh, &e), e);
        assert_int_equal(fresh.id, stage_path_at(&p, sooner, NULL));
    }
    rig_close(&r);
    arena_close(&a);
}

int main(void) {
    static struct CMUnitTest tests[] = {cmocka_unit_test(as_the_slow_twin),   cmocka_unit_test(rules_in_words),
                                        cmocka_unit_test(order_is_no_matter), cmocka_unit_test(joined_and_split),
                                        cmocka_unit_test(other_rules),        cmocka_unit_test(told_or_not)};
    return rig_run(tests, COUNT(tests));
}
