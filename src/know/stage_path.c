// Where a customer was when: the events in order, and between them the moments at which a rule changes its mind.
#include "base/civil.h"
#include "know/stage.h"
#include "know/talk.h"
#include "sql/know.h"

enum { YEAR_DAYS = 365, TENTH = 100, AHEAD_DAYS = 3 * YEAR_DAYS };

// ---- events ----

bool stage_minds(enum kind k) {
    switch (k) {
    case KIND_delivered:
    case KIND_commitment_confirmed: return true;
    case KIND_note:
    case KIND_message_auto:
    case KIND_ask: return false;
    default: return kind_class(k) != CLASS_FACT && kind_class(k) != CLASS_NONE;
    }
}

typedef struct {
    arena *a, scratch;
    stage_events *out;
} gathering;

static bool take_record(void *ctx, const record *r, err *e) {
    gathering *g = ctx;
    stage_events *v = g->out;
    arena scratch = g->scratch;
    said s = {0};
    (void)e;
    if (!stage_minds((enum kind)r->kind)) return true;
    const bool says = said_of(&scratch, r, &s);
    if (v->n == v->room) {
        stage_event *more = make(g->a, stage_event, v->room = v->room ? v->room * 2 : 32);
        if (v->n) memcpy(more, v->v, v->n * sizeof *more);
        v->v = more;
    }
    v->v[v->n++] = (stage_event){.at_us = r->at_us,
                                 .key = r->key,
                                 .profile = r->profile_id,
                                 .thread = r->has_thread ? talk_wait_key(r->profile_id, r->thread) : 0,
                                 .kind = (enum kind)r->kind,
                                 .complaint = says && s.complaint,
                                 .said = says && (s.has_score || s.text.len)};
    return true;
}

bool stage_events_read(arena *a, store *s, int64_t customer, stage_events *out, err *e) {
    arena scratch = arena_open((size_t)1 << 28);
    int64_t *profiles = NULL;
    size_t n = 0, room = 0;
    *out = (stage_events){0};
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);) {
        if (n == room) {
            int64_t *more = make(a, int64_t, room = room ? room * 2 : 8);
            if (n) memcpy(more, profiles, n * sizeof *more);
            profiles = more;
        }
        profiles[n++] = row_int(&r, 0);
    }
    gathering g = {a, scratch, out};
    for (size_t i = 0; err_ok(e) && i < n; i++)
        if (!ledger_profile_events(s, profiles[i], take_record, &g, e)) break;
    arena_close(&scratch);
    return err_ok(e);
}

// What happens at the same instant has one order, so that the set alone decides.
static int rank_of(enum kind k) {
    if (k == KIND_commitment_confirmed) return 20;
    return kind_class(k) == CLASS_TALK ? 10 + (int)talk_who_of(k) : (int)kind_class(k);
}

static int by_time(const void *x, const void *y) {
    const stage_event *a = x, *b = y;
    if (a->at_us != b->at_us) return a->at_us < b->at_us ? -1 : 1;
    if (rank_of(a->kind) != rank_of(b->kind)) return rank_of(a->kind) - rank_of(b->kind);
    if (a->kind != b->kind) return (int)a->kind - (int)b->kind;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return a->profile < b->profile ? -1 : a->profile > b->profile;
}

// ---- what is known after some of them ----

typedef struct {
    int64_t thread, waiting_us;
    bool running;
} talking;
typedef struct {
    int64_t thread, from_us;
} spell_of; // a contract that runs, a complaint that is open

typedef struct {
    arena *a;
    int64_t count[STAGE_FACTS];  // of FACT_COUNT
    int64_t anchor[STAGE_FACTS]; // of the others, 0: not known
    int64_t payments, gap_us, ended_us, last_day;
    talking *talks;
    spell_of *contracts, *complaints;
    int64_t *gaps; // in days, rising
    size_t n_talks, room_talks, n_contracts, room_contracts, n_complaints, room_complaints, n_gaps, room_gaps;
    map64 at; // thread → place among talks
} known;

#define PUSH(k, list, value)                                                                                           \
    do {                                                                                                               \
        if ((k)->n_##list == (k)->room_##list) {                                                                       \
            const size_t room = (k)->room_##list ? (k)->room_##list * 2 : 8;                                           \
            void *more = arena_alloc((k)->a, sizeof *(k)->list, 8, room);                                              \
            if ((k)->n_##list) memcpy(more, (k)->list, (k)->n_##list * sizeof *(k)->list);                             \
            (k)->list = more, (k)->room_##list = room;                                                                 \
        }                                                                                                              \
        (k)->list[(k)->n_##list++] = (value);                                                                          \
    } while (0)

static void first_and_last(known *k, enum stage_fact first, enum stage_fact last, int64_t at_us) {
    if (!k->anchor[first]) k->anchor[first] = at_us;
    k->anchor[last] = at_us;
}

static void take_gap(known *k, int64_t days) {
    PUSH(k, gaps, days);
    size_t i = k->n_gaps - 1;
    for (; i && k->gaps[i - 1] > days; i--) k->gaps[i] = k->gaps[i - 1];
    k->gaps[i] = days;
    const size_t half = k->n_gaps / 2;
    const int64_t twice = k->n_gaps % 2 ? 2 * k->gaps[half] : k->gaps[half - 1] + k->gaps[half];
    k->gap_us = k->n_gaps < 2 ? 0 : twice * DAY_US / 2;
}

static void take_purchase(known *k, int64_t at_us) {
    const int64_t day = floor_div(at_us, DAY_US);
    if (k->anchor[STAGE_days_since_order] && day > k->last_day) take_gap(k, day - k->last_day);
    k->last_day = day;
    k->count[STAGE_orders]++, k->count[STAGE_orders_since_contract]++;
    first_and_last(k, STAGE_days_since_first_order, STAGE_days_since_order, at_us);
    k->anchor[STAGE_rhythms_since_order] = at_us;
}

// Payments are purchases until the first order comes: then they were payments of something else.
static void forget_payments(known *k) {
    k->count[STAGE_orders] = k->count[STAGE_orders_since_contract] = 0;
    k->n_gaps = 0, k->gap_us = 0, k->payments = 0;
    k->anchor[STAGE_days_since_first_order] = k->anchor[STAGE_days_since_order] = 0;
    k->anchor[STAGE_rhythms_since_order] = 0;
}

static void take_money(known *k, const stage_event *x) {
    const bool only_payments = k->payments > 0 || !k->count[STAGE_orders];
    if (x->kind == KIND_order) {
        if (k->payments) forget_payments(k);
        take_purchase(k, x->at_us);
        k->count[STAGE_undelivered]++;
    }
    if (x->kind == KIND_payment && only_payments) k->payments++, take_purchase(k, x->at_us);
    if (x->kind == KIND_cancel && k->count[STAGE_undelivered]) k->count[STAGE_undelivered]--;
    if (x->kind == KIND_return_) k->count[STAGE_returns]++, k->anchor[STAGE_days_since_return] = x->at_us;
}

static void take_contract(known *k, const stage_event *x) {
    size_t i = 0;
    while (i < k->n_contracts && k->contracts[i].thread != x->thread) i++;
    const bool there = i < k->n_contracts;
    if (x->kind == KIND_contract_end && there) {
        k->contracts[i] = k->contracts[--k->n_contracts];
        k->ended_us = x->at_us, k->count[STAGE_orders_since_contract] = 0;
    }
    if (x->kind != KIND_contract_end && !there) PUSH(k, contracts, ((spell_of){x->thread, x->at_us}));
    int64_t oldest = 0;
    for (i = 0; i < k->n_contracts; i++)
        if (!oldest || k->contracts[i].from_us < oldest) oldest = k->contracts[i].from_us;
    k->count[STAGE_contracts] = (int64_t)k->n_contracts;
    k->anchor[STAGE_days_under_contract] = k->anchor[STAGE_days_to_anniversary] = oldest;
    k->anchor[STAGE_days_since_contract] = oldest ? 0 : k->ended_us;
}

// As talk_now (know/talk.h) has it, step by step.
static void take_talk(known *k, const stage_event *x) {
    bool made;
    const int32_t at = *map64_at(&k->at, x->thread, (int32_t)k->n_talks, &made);
    if (made) PUSH(k, talks, ((talking){.thread = x->thread}));
    talking *t = &k->talks[at];
    switch (talk_who_of(x->kind)) {
    case TALK_opened:
    case TALK_customer:
        if (!t->waiting_us && (!t->running || x->kind == KIND_message_in)) t->waiting_us = x->at_us;
        t->running = true;
        break;
    case TALK_person: t->waiting_us = 0; break;
    case TALK_solved: t->waiting_us = 0, t->running = false; break;
    case TALK_machine:
    case TALK_note: break;
    }
    int64_t oldest = 0, n = 0;
    for (size_t i = 0; i < k->n_talks; i++) {
        const int64_t since = k->talks[i].waiting_us;
        n += since != 0;
        if (since && (!oldest || since < oldest)) oldest = since;
    }
    k->count[STAGE_conversations_waiting] = n, k->anchor[STAGE_days_waiting] = oldest;
}

// A solution settles what was said in its conversation, and what was said in none; the customer's own word everything:
// as the gate has it (act/gate_states.c).
static void settle_complaints(known *k, const stage_event *x) {
    size_t n = 0;
    for (size_t i = 0; i < k->n_complaints; i++) {
        const spell_of *c = &k->complaints[i];
        const bool fits = x->kind == KIND_commitment_confirmed || !c->thread || c->thread == x->thread;
        if (!fits) k->complaints[n++] = *c;
    }
    k->n_complaints = n;
}

static bool is_theirs(enum kind k) {
    return k != KIND_message_out && k != KIND_conversation_solved && k != KIND_conversation_opened &&
           k != KIND_delivered && k != KIND_refund && k != KIND_contract_end;
}

static void take_event(known *k, const stage_event *x) {
    if (is_theirs(x->kind)) first_and_last(k, STAGE_days_since_first_seen, STAGE_days_since_seen, x->at_us);
    switch (kind_class(x->kind)) {
    case CLASS_MONEY: take_money(k, x); break;
    case CLASS_CONTRACT: take_contract(k, x); break;
    case CLASS_TALK: take_talk(k, x); break;
    case CLASS_USE: k->count[STAGE_uses]++, k->anchor[STAGE_days_since_use] = x->at_us; break;
    default: break;
    }
    if (x->kind == KIND_delivered) {
        first_and_last(k, STAGE_days_since_first_delivery, STAGE_days_since_delivery, x->at_us);
        k->count[STAGE_undelivered] = 0;
    }
    if (x->said) k->count[STAGE_feedback]++;
    if (x->complaint) {
        k->count[STAGE_complaints]++, k->anchor[STAGE_days_since_complaint] = x->at_us;
        PUSH(k, complaints, ((spell_of){x->thread, x->at_us}));
    }
    if (x->kind == KIND_conversation_solved || x->kind == KIND_commitment_confirmed) settle_complaints(k, x);
    k->count[STAGE_complaints_open] = (int64_t)k->n_complaints;
}

// ---- what it comes to at a moment ----

static enum stage_fact_kind counted_by(enum stage_fact f) {
    return stage_fact_at(f)->kind;
}

// How long a step of a fact that counts time is.
static int64_t step_us(const known *k, enum stage_fact f) {
    return counted_by(f) == FACT_RHYTHMS ? k->gap_us / 10 : DAY_US;
}

static bool is_known(const known *k, enum stage_fact f) {
    if (counted_by(f) != FACT_COUNT) return k->anchor[f] && step_us(k, f) > 0;
    return f != STAGE_orders_since_contract || (k->ended_us && !k->n_contracts);
}

static int64_t value_at(const known *k, enum stage_fact f, int64_t at_us) {
    if (counted_by(f) == FACT_COUNT) return k->count[f] * 1000;
    const int64_t steps = floor_div(at_us - k->anchor[f], step_us(k, f));
    switch (counted_by(f)) {
    case FACT_YEARLY: return (YEAR_DAYS - steps % YEAR_DAYS) * 1000;
    case FACT_RHYTHMS: return steps * TENTH;
    case FACT_COUNT:
    case FACT_DAYS: break;
    }
    return steps * 1000;
}

static bool holds(const known *k, const stage_test *t, int64_t at_us) {
    if (!is_known(k, t->fact)) return false;
    const int64_t v = value_at(k, t->fact, at_us);
    switch (t->op) {
    case STAGE_EQ: return v == t->value;
    case STAGE_NE: return v != t->value;
    case STAGE_LT: return v < t->value;
    case STAGE_LE: return v <= t->value;
    case STAGE_GT: return v > t->value;
    case STAGE_GE: return v >= t->value;
    case STAGE_OPS: break;
    }
    return false;
}

static bool rule_holds(const known *k, const stage_rule *r, int64_t at_us) {
    bool all = true;
    for (size_t i = 0; i < r->n; i++) {
        if (i && r->or_before[i]) {
            if (all) return true;
            all = true;
        }
        all = all && holds(k, &r->v[i], at_us);
    }
    return all;
}

static int64_t stage_at(const known *k, const journey *j, int64_t at_us) {
    for (size_t i = j->n; i-- > 0;)
        if (j->v[i].used && rule_holds(k, &j->v[i].rule, at_us)) return j->v[i].id;
    return 0;
}

// The first moment after at_us at which the comparison may change: where the steps reach the bound, and one further.
static int64_t changes_after(const known *k, const stage_test *t, int64_t at_us) {
    const enum stage_fact_kind kind = counted_by(t->fact);
    int64_t next = INT64_MAX;
    if (kind == FACT_COUNT || !is_known(k, t->fact)) return next;
    const int64_t scale = kind == FACT_RHYTHMS ? TENTH : 1000, step = step_us(k, t->fact), from = k->anchor[t->fact];
    const int64_t low = t->value / scale, high = (t->value + scale - 1) / scale;
    int64_t levels[4] = {high, low + 1, high, low + 1}, year = 0;
    if (kind == FACT_YEARLY) {
        const int64_t down[] = {YEAR_DAYS - high, YEAR_DAYS - low, YEAR_DAYS - low + 1, 0};
        for (size_t i = 0; i < 4; i++) levels[i] = MAX(down[i], 0);
        year = floor_div(floor_div(at_us - from, step), YEAR_DAYS);
    }
    for (int64_t y = year; y <= year + (kind == FACT_YEARLY); y++)
        for (size_t i = 0; i < 4; i++) {
            const int64_t steps = y * YEAR_DAYS + levels[i];
            if (steps > (INT64_MAX / 2 - MAX(from, 0)) / step) continue;
            const int64_t at = from + steps * step;
            if (at > at_us && at < next) next = at;
        }
    return next;
}

static int64_t next_change(const known *k, const journey *j, int64_t at_us) {
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < j->n; i++)
        for (size_t t = 0; j->v[i].used && t < j->v[i].rule.n; t++) {
            const int64_t at = changes_after(k, &j->v[i].rule.v[t], at_us);
            next = MIN(next, at);
        }
    return next;
}

// ---- the path ----

typedef struct {
    arena *a;
    stage_path *out;
    size_t room;
} laying;

static void lay(laying *l, int64_t from_us, int64_t stage) {
    stage_path *p = l->out;
    if (p->n && p->v[p->n - 1].stage == stage) return;
    if (p->n == l->room) {
        stage_spell *more = make(l->a, stage_spell, l->room = l->room ? l->room * 2 : 16);
        if (p->n) memcpy(more, p->v, p->n * sizeof *more);
        p->v = more;
    }
    p->v[p->n++] = (stage_spell){from_us, stage};
}

stage_path stage_path_of(arena *a, const journey *j, stage_events *ev, int64_t until_us) {
    stage_path p = {.due_us = INT64_MAX};
    laying l = {a, &p, 0};
    known k = {.a = a, .at = map64_new(a, 16)};
    if (ev->n > 1) qsort(ev->v, ev->n, sizeof *ev->v, by_time);
    size_t i = 0;
    // What is said first is said by somebody of whom nothing is known yet.
    if (ev->n && ev->v[0].at_us <= until_us) lay(&l, ev->v[0].at_us, stage_at(&k, j, ev->v[0].at_us));
    while (i < ev->n && ev->v[i].at_us < until_us) {
        const int64_t at = ev->v[i].at_us;
        for (; i < ev->n && ev->v[i].at_us == at; i++) take_event(&k, &ev->v[i]);
        // From the moment after these until the instant of the next ones, which do not count yet then.
        const int64_t end = i < ev->n ? MIN(ev->v[i].at_us, until_us) : until_us;
        int64_t t = at + 1;
        for (; t <= end; t = next_change(&k, j, t)) lay(&l, t, stage_at(&k, j, t));
        p.due_us = t;
    }
    // A bound that is crossed without leaving the stage is no change. Years repeat, so it is enough to look at some.
    const int64_t now = p.n ? p.v[p.n - 1].stage : 0, far = until_us + AHEAD_DAYS * DAY_US;
    while (p.due_us < far && stage_at(&k, j, p.due_us) == now) p.due_us = next_change(&k, j, p.due_us);
    if (i < ev->n) p.due_us = MIN(p.due_us, ev->v[i].at_us + 1); // somebody's clock is ahead
    return p;
}

int64_t stage_path_at(const stage_path *p, int64_t at_us, int64_t *since_us) {
    size_t lo = 0, hi = p->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (p->v[mid].from_us <= at_us)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (since_us) *since_us = lo ? p->v[lo - 1].from_us : 0;
    return lo ? p->v[lo - 1].stage : 0;
}
