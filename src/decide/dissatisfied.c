#include "decide/dissatisfied.h"

#include "base/radix.h"
#include "decide/dissatisfied_private.h"
#include "decide/needs.h"
#include "know/fold.h"
#include "know/lists.h"
#include "sql/know.h"

const signal_row *signal_get(enum signal x) {
    static const signal_row rows[] = {
#define SIGNAL(name, group, strength, days, label, text) {#name, label, text, GROUP_##group, days, strength / 1000.0},
#include "decide/signals.def"
    };
    assert(x < SIGNALS);
    return &rows[x];
}

const char *signal_group_name(enum signal_group g) {
    static const char *const names[] = {"said", "contact", "owed", "money", "away", "person"};
    return names[g];
}

bool signal_of(str name, enum signal *out) {
    for (enum signal x = 0; x < SIGNALS; x++)
        if (str_eq(name, str_c(signal_get(x)->name))) return *out = x, true;
    return false;
}

double dissatisfied_chance(uint32_t signals, const double *strength) {
    double best[SIGNAL_GROUPS] = {0}, none = 1;
    for (enum signal x = 0; x < SIGNALS; x++) {
        const signal_row *of = signal_get(x);
        const double s = strength ? strength[x] : of->strength;
        if (signals >> x & 1) best[of->group] = MAX(best[of->group], s);
    }
    for (int g = 0; g < SIGNAL_GROUPS; g++) none *= 1 - best[g];
    return 1 - none;
}

bool dissatisfied_listed(const dissatisfied_one *x) {
    return x->chance >= DISSATISFIED_FROM / 1000.0;
}

// ---- gathered ----

typedef struct {
    gathering g;
    const dissatisfied_ask *ask;
    dissatisfaction *out;
    map64 has;             // customers with a sign beside silence and money
    dissatisfied_one *all; // with any sign, open or not, by customer
    size_t n_all, room_all, room_everybody;
} finding;

static void keep_one(finding *f, dissatisfied_one x) {
    if (f->n_all == f->room_all) {
        dissatisfied_one *more = make(f->g.a, dissatisfied_one, f->room_all = f->room_all ? f->room_all * 2 : 1024);
        if (f->n_all) memcpy(more, f->all, f->n_all * sizeof *more);
        f->all = more;
    }
    f->all[f->n_all++] = x;
}

static bool one_customer(finding *f, const row *r, err *e) {
    gathering *g = &f->g;
    const int64_t id = row_int(r, 0);
    const bool has = map64_get(&f->has, id) >= 0;
    if (row_int(r, 1) >= g->at_us || row_int(r, 2) < g->at_us - DISSATISFIED_ACTIVE_DAYS * DAY_US) return true;
    f->out->population++;
    if (f->ask->everybody) list_push(g->a, &f->out->everybody, &f->out->n_everybody, &f->room_everybody, id);
    arena a = g->scratch;
    timeline t, *known = NULL;
    if (has || gather_needs_timeline(g, r)) {
        if (!timeline_decode(&a, row_str(r, 25), &t, e)) return false;
        known = &t;
    }
    const size_t before = g->n;
    if (!gather_summary(g, a, r, known, e)) return false;
    if (!has && g->n == before) return true;
    dissatisfied_one x = {.customer = id, .currency = (int32_t)row_int(r, 3)};
    x.value = known ? need_at_stake(known, g->day, x.currency, row_null(r, 22) ? row_int(r, 23) : 0) : need_yearly(r);
    keep_one(f, x);
    return true;
}

static bool gather(finding *f, err *e) {
    gathering *g = &f->g;
    if (!gather_said(g, e) || !gather_talks(g, e) || !gather_owed(g, e) || !gather_judged(g, e)) return false;
    f->has = map64_new(g->a, g->n + 16);
    for (size_t i = 0; i < g->n; i++) map64_put(&f->has, g->v[i].customer, 1);
    for (row r = store_query(g->s, Q_summary_scan, e, ""); row_next(&r);)
        if (!one_customer(f, &r, e)) return row_end(&r), false;
    return err_ok(e);
}

// ---- what is open ----

static bool ended(const sign *x, const about_one *p) {
    const bool good = p->good_us > x->at_us, answered = p->answered_us > x->at_us;
    if (p->cleared_us && p->cleared_us >= x->at_us) return true;
    switch (signal_get(x->signal)->group) {
    case GROUP_SAID:
    case GROUP_MONEY:
    case GROUP_AWAY: return good;
    case GROUP_CONTACT:
    case GROUP_OWED:
    case GROUP_PERSON: return good && answered;
    case SIGNAL_GROUPS: break;
    }
    return false;
}

static int newest_first(const void *p, const void *q) {
    const sign *x = p, *y = q;
    if (x->at_us != y->at_us) return x->at_us > y->at_us ? -1 : 1;
    if (x->signal != y->signal) return x->signal < y->signal ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static void judge(finding *f, dissatisfied_one *x) {
    sign *v = f->out->signs + x->first;
    if (x->n) qsort(v, (size_t)x->n, sizeof *v, newest_first);
    for (int32_t i = 0; i < x->n; i++) x->signals |= UINT32_C(1) << v[i].signal;
    x->since_us = v[x->n - 1].at_us;
    x->chance = dissatisfied_chance(x->signals, f->ask->strength);
    const bool listed = dissatisfied_listed(x);
    f->out->listed += listed, f->out->weak += !listed;
    for (enum signal k = 0; listed && k < SIGNALS; k++) f->out->counts[k] += x->signals >> k & 1;
    f->out->v[f->out->n++] = *x;
}

// Signs by customer, beside the customers, who come in the same order.
static void judge_all(finding *f) {
    gathering *g = &f->g;
    keyed *order = make(g->a, keyed, g->n + 1);
    for (size_t i = 0; i < g->n; i++) order[i] = (keyed){(uint64_t)g->v[i].customer, (uint32_t)i};
    if (g->n) radix_sort(g->scratch, order, g->n);
    f->out->signs = make(g->a, sign, g->n + 1), f->out->v = make(g->a, dissatisfied_one, f->n_all + 1);
    size_t k = 0;
    int32_t n = 0;
    for (size_t i = 0; i < f->n_all; i++) {
        dissatisfied_one x = f->all[i];
        static const about_one nothing;
        const int32_t at = map64_get(&g->who, x.customer);
        const about_one *p = at < 0 ? &nothing : &g->people[at];
        x.answered_us = p->answered_us, x.good_us = p->good_us, x.said_us = p->said_us, x.said = p->said;
        x.first = n;
        while (k < g->n && g->v[order[k].at].customer < x.customer) k++;
        for (; k < g->n && g->v[order[k].at].customer == x.customer; k++)
            if (!ended(&g->v[order[k].at], p)) f->out->signs[n++] = g->v[order[k].at];
        x.n = n - x.first;
        if (x.n) judge(f, &x);
    }
}

bool dissatisfied_find(arena *a, store *s, const dissatisfied_ask *ask, dissatisfaction *out, err *e) {
    finding f = {.ask = ask, .out = out};
    *out = (dissatisfaction){0};
    f.g = (gathering){
        .a = a, .scratch = arena_open((size_t)1 << 32), .s = s, .at_us = ask->at_us, .who = map64_new(a, 1024)};
    f.g.heard_us = MAX(ask->heard_us, ask->at_us);
    bool ok = store_zone(s, a, &f.g.z, e);
    f.g.day = ok ? zone_days(f.g.z, ask->at_us) : 0;
    ok = ok && gather(&f, e);
    if (ok) judge_all(&f);
    arena_close(&f.g.scratch);
    return ok;
}

static int by_value(const void *p, const void *q) {
    const dissatisfied_one *x = p, *y = q;
    if (x->value != y->value) return x->value > y->value ? -1 : 1;
    if (x->chance != y->chance) return x->chance > y->chance ? -1 : 1;
    return (x->customer > y->customer) - (x->customer < y->customer);
}

void dissatisfied_by_value(dissatisfaction *d) {
    if (d->n) qsort(d->v, d->n, sizeof *d->v, by_value);
}
