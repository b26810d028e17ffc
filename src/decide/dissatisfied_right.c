#include "decide/dissatisfied_right.h"

#include <math.h>

#include "base/civil.h"
#include "base/map64.h"
#include "know/measure.h"
#include "know/topic_audit.h"
#include "sql/decide_dissatisfied.h"
#include "stats/proportion.h"

const char *dissatisfied_part_name(enum dissatisfied_part p) {
    static const char *const names[] = {"listed", "weak", "without"};
    return names[p];
}

// ---- the month's sample ----

bool dissatisfied_months(arena *a, store *s, dissatisfied_month **out, size_t *n, err *e) {
    *out = make(a, dissatisfied_month, SAMPLE_MONTHS + 1), *n = 0;
    for (row r = store_query(s, Q_judged_months, e, "i", (int64_t)SAMPLE_MONTHS); row_next(&r);)
        (*out)[(*n)++] =
            (dissatisfied_month){(int)row_int(&r, 0), row_int(&r, 1), {row_int(&r, 2), row_int(&r, 3), row_int(&r, 4)}};
    return err_ok(e);
}

bool dissatisfied_due(store *s, int64_t now_us, bool *due, err *e) {
    arena a = arena_open(1 << 20);
    dissatisfied_month *v;
    size_t n;
    bool ok = dissatisfied_months(&a, s, &v, &n, e);
    *due = ok && (!n || v[0].month < topic_month(now_us));
    arena_close(&a);
    return ok;
}

typedef struct {
    uint64_t order;
    dissatisfied_sampled x;
} drawn;

static int by_order(const void *p, const void *q) {
    const drawn *x = p, *y = q;
    if (x->order != y->order) return x->order < y->order ? -1 : 1;
    return (x->x.profile > y->x.profile) - (x->x.profile < y->x.profile);
}

// By a hash of month and customer: by chance, and the same whenever it is drawn.
static uint64_t order_of(int month, int64_t customer, int salt) {
    const int64_t x[] = {month, customer, salt};
    return str_hash((str){(const char *)x, sizeof x});
}

static void take(arena *a, drawn *v, size_t n, size_t most, dissatisfied_sample *out) {
    (void)a;
    if (n) qsort(v, n, sizeof *v, by_order);
    for (size_t i = 0; i < MIN(n, most); i++) out->v[out->n++] = v[i].x;
}

static int by_place(const void *p, const void *q) {
    const dissatisfied_sampled *x = p, *y = q;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    return (x->profile > y->profile) - (x->profile < y->profile);
}

// Mixed, so that the place says nothing about the part.
static void mix(dissatisfied_sample *x) {
    for (size_t i = 0; i < x->n; i++) x->v[i].place = (int64_t)(order_of(x->of.month, x->v[i].profile, 1) >> 2);
    if (x->n) qsort(x->v, x->n, sizeof *x->v, by_place);
}

bool dissatisfied_draw(arena *a, store *s, int64_t clock_us, dissatisfied_sample *out, err *e) {
    static const size_t most[] = {SAMPLE_LISTED, SAMPLE_WEAK, SAMPLE_WITHOUT};
    dissatisfaction d;
    dissatisfied_ask ask = {.heard_us = clock_us + SECOND_US, .everybody = true};
    bool historic;
    *out = (dissatisfied_sample){.of = {.month = topic_month(clock_us), .drawn_us = clock_us}};
    if (!as_of_us(s, clock_us, &ask.at_us, &historic, e) || !dissatisfied_learnt(a, s, clock_us, out->strength, e))
        return false;
    ask.strength = out->strength;
    if (!dissatisfied_find(a, s, &ask, &d, e)) return false;
    drawn *part[DISSATISFIED_PARTS];
    size_t n[DISSATISFIED_PARTS] = {0}, k = 0;
    for (int p = 0; p < DISSATISFIED_PARTS; p++) part[p] = make(a, drawn, d.n_everybody + 1);
    for (size_t i = 0; i < d.n_everybody; i++) { // both lists are by customer
        drawn x = {order_of(out->of.month, d.everybody[i], 0), {.profile = d.everybody[i], .part = PART_WITHOUT}};
        while (k < d.n && d.v[k].customer < d.everybody[i]) k++;
        if (k < d.n && d.v[k].customer == d.everybody[i]) {
            x.x.part = dissatisfied_listed(&d.v[k]) ? PART_LISTED : PART_WEAK;
            x.x.signals = d.v[k].signals, x.x.chance = llround(d.v[k].chance * 1000);
        }
        x.x.customer = x.x.profile;
        part[x.x.part][n[x.x.part]++] = x;
    }
    out->v = make(a, dissatisfied_sampled, SAMPLE_LISTED + SAMPLE_WEAK + SAMPLE_WITHOUT + 1);
    for (int p = 0; p < DISSATISFIED_PARTS; p++) {
        out->of.size[p] = (int64_t)n[p];
        take(a, part[p], n[p], most[p], out);
    }
    mix(out);
    return true;
}

bool dissatisfied_keep(store *s, const dissatisfied_sample *x, err *e) {
    bool due;
    if (!dissatisfied_due(s, x->of.drawn_us, &due, e) || !due || !x->n) return err_ok(e);
    if (!store_run(s, Q_judged_draw_put, NULL, e, "iiiii", (int64_t)x->of.month, x->of.drawn_us,
                   x->of.size[PART_LISTED], x->of.size[PART_WEAK], x->of.size[PART_WITHOUT]))
        return false;
    for (size_t i = 0; i < x->n; i++)
        if (!store_run(s, Q_judged_sample_put, NULL, e, "iiiiii", (int64_t)x->of.month, x->v[i].profile, x->v[i].place,
                       (int64_t)x->v[i].part, (int64_t)x->v[i].signals, x->v[i].chance))
            return false;
    return true;
}

bool dissatisfied_sampled_in(arena *a, store *s, int month, dissatisfied_sampled **out, size_t *n, err *e) {
    const size_t room = SAMPLE_LISTED + SAMPLE_WEAK + SAMPLE_WITHOUT;
    *out = make(a, dissatisfied_sampled, room + 1), *n = 0;
    for (row r = store_query(s, Q_judged_sample_list, e, "i", (int64_t)month); row_next(&r);) {
        if (*n == room) continue;
        (*out)[(*n)++] = (dissatisfied_sampled){.profile = row_int(&r, 0),
                                                .part = (enum dissatisfied_part)row_int(&r, 1),
                                                .signals = (uint32_t)row_int(&r, 2),
                                                .chance = row_int(&r, 3),
                                                .customer = row_int(&r, 4),
                                                .said = (enum judged_says)row_int(&r, 5)};
    }
    return err_ok(e);
}

bool dissatisfied_waits(arena *a, store *s, int64_t now_us, int64_t *waiting, err *e) {
    dissatisfied_sampled *v;
    size_t n;
    *waiting = 0;
    if (!dissatisfied_sampled_in(a, s, topic_month(now_us), &v, &n, e)) return false;
    for (size_t i = 0; i < n; i++) *waiting += v[i].said == JUDGED_nothing;
    return true;
}

// ---- what follows ----

typedef struct {
    uint32_t signals;
    enum dissatisfied_part part;
    bool yes;
    double weight;
    int64_t chance;
} answer;

typedef struct {
    answer *v;
    size_t n;
    dissatisfied_report *out;
} answers;

// The answers of a year with a yes or a no. One of a part stands for as many as the part has of each judged, in the
// mean.
static bool read_answers(arena *a, store *s, int64_t now_us, answers *k, err *e) {
    dissatisfied_month *months;
    size_t n_months;
    dissatisfied_report *out = k->out;
    if (!dissatisfied_months(a, s, &months, &n_months, e)) return false;
    k->v = make(a, answer, n_months * (SAMPLE_LISTED + SAMPLE_WEAK + SAMPLE_WITHOUT) + 1);
    for (size_t m = 0; m < n_months; m++) {
        dissatisfied_sampled *v;
        size_t n;
        if (months[m].month <= topic_month(now_us) - 100) continue; // older than a year
        if (!dissatisfied_sampled_in(a, s, months[m].month, &v, &n, e)) return false;
        out->months++;
        for (int p = 0; p < DISSATISFIED_PARTS; p++) out->part[p].size += (double)months[m].size[p];
        for (size_t i = 0; i < n; i++) {
            dissatisfied_part_told *part = &out->part[v[i].part];
            part->drawn++;
            part->yes += v[i].said == JUDGED_yes, part->no += v[i].said == JUDGED_no;
            part->unsure += v[i].said == JUDGED_unsure;
            if (v[i].said == JUDGED_yes || v[i].said == JUDGED_no)
                k->v[k->n++] = (answer){v[i].signals, v[i].part, v[i].said == JUDGED_yes, 0, v[i].chance};
        }
    }
    for (int p = 0; p < DISSATISFIED_PARTS; p++) out->part[p].size /= (double)MAX(out->months, 1);
    for (size_t i = 0; i < k->n; i++) {
        const dissatisfied_part_told *part = &out->part[k->v[i].part];
        k->v[i].weight = part->size / (double)(part->yes + part->no);
    }
    return true;
}

// Of the answers that `of` lets in, those that are `hit`.
typedef bool (*answer_fn)(const answer *x, uint32_t signals);

static bool has_any(const answer *x, uint32_t signals) {
    return (x->signals & signals) != 0;
}
static bool is_yes(const answer *x, uint32_t signals) {
    (void)signals;
    return x->yes;
}
static bool is_alone(const answer *x, uint32_t signals) {
    return x->signals == signals;
}

static estimate share_of(arena *a, const answers *k, uint32_t signals, answer_fn of, answer_fn hit, int64_t *hits) {
    double *w = make(a, double, k->n + 1);
    bool *is = make(a, bool, k->n + 1);
    size_t n = 0;
    *hits = 0;
    for (size_t i = 0; i < k->n; i++) {
        if (!of(&k->v[i], signals)) continue;
        w[n] = k->v[i].weight, is[n] = hit(&k->v[i], signals);
        *hits += is[n++];
    }
    return recall_weighted(a, w, is, n, (sampling){.of = "answer"});
}

static void tell_lines(arena *a, const answers *k) {
    for (enum signal x = 0; x < SIGNALS; x++) {
        dissatisfied_line *l = &k->out->lines[x];
        const uint32_t bit = UINT32_C(1) << x;
        const double d = signal_get(x)->strength;
        int64_t hits;
        l->signal = x;
        l->precision = share_of(a, k, bit, has_any, is_yes, &hits);
        l->judged = l->precision.n;
        l->unique = share_of(a, k, bit, is_yes, is_alone, &l->alone);
        const double n = l->judged ? l->precision.eff : 0;
        l->strength = (LEARNT_AS_IF * d + n * l->precision.value) / (LEARNT_AS_IF + n);
    }
}

static void tell_parts(arena *a, const answers *k) {
    dissatisfied_report *out = k->out;
    stratum v[DISSATISFIED_PARTS];
    double sum = 0;
    int64_t hits;
    for (int p = 0; p < DISSATISFIED_PARTS; p++)
        v[p] = (stratum){out->part[p].size, out->part[p].yes + out->part[p].no, out->part[p].yes};
    for (size_t i = 0; i < k->n; i++)
        if (k->v[i].part == PART_LISTED) sum += (double)k->v[i].chance / 1000;
    out->said = v[PART_LISTED].asked ? sum / (double)v[PART_LISTED].asked : NAN;
    const sampling how = {.of = "answer"};
    out->precision = proportion(a, v[PART_LISTED].yes, v[PART_LISTED].asked, how);
    out->precision_any = share_of(a, k, ~UINT32_C(0), has_any, is_yes, &hits);
    out->recall = recall_found(a, v, DISSATISFIED_PARTS, 1, how);
    out->recall_any = recall_found(a, v, DISSATISFIED_PARTS, 2, how);
    out->prevalence = recall_prevalence(a, v, DISSATISFIED_PARTS, how);
}

bool dissatisfied_tell(arena *a, store *s, int64_t now_us, dissatisfied_report *out, err *e) {
    answers k = {.out = out};
    *out = (dissatisfied_report){0};
    if (!read_answers(a, s, now_us, &k, e)) return false;
    tell_lines(a, &k);
    tell_parts(a, &k);
    return true;
}

bool dissatisfied_learnt(arena *a, store *s, int64_t now_us, double *out, err *e) {
    dissatisfied_report *r = make(a, dissatisfied_report, 1);
    if (!dissatisfied_tell(a, s, now_us, r, e)) return false;
    for (enum signal x = 0; x < SIGNALS; x++) out[x] = r->lines[x].strength;
    return true;
}

bool dissatisfied_read(arena *a, store *s, int64_t clock_us, dissatisfied_now *out, err *e) {
    bool historic;
    *out = (dissatisfied_now){0};
    if (!as_of_us(s, clock_us, &out->now_us, &historic, e) || !dissatisfied_learnt(a, s, clock_us, out->strength, e))
        return false;
    const dissatisfied_ask ask = {.at_us = out->now_us, .heard_us = clock_us + SECOND_US, .strength = out->strength};
    if (!dissatisfied_find(a, s, &ask, &out->d, e)) return false;
    dissatisfied_by_value(&out->d);
    return true;
}
