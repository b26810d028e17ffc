#include "decide/bursts.h"

#include <math.h>

#include "know/figure.h"
#include "stats/drift.h"
#include "stats/many.h"

enum { DRIFT_ROUNDS = 999, DRIFT_PARTS = 8, MOST_SERIES = 5000 };

// ---- series ----

static bool in_segment(const talked *t, uint32_t word, const id_set *only) {
    return !only || id_set_has(only, t->words[word].profile);
}

void talked_days(arena scratch, const talked *t, uint32_t item, const id_set *only, int64_t *people) {
    size_t from = item == UINT32_MAX ? 0 : t->item_from[item];
    size_t to = item == UINT32_MAX ? t->n_words : t->item_from[item + 1], n = 0;
    burst_said *said_by = make(&scratch, burst_said, to - from + 1);
    for (size_t i = from; i < to; i++) {
        uint32_t word = item == UINT32_MAX ? (uint32_t)i : t->about[i].word;
        if (in_segment(t, word, only)) said_by[n++] = (burst_said){t->words[word].person, t->words[word].day};
    }
    burst_people(scratch, said_by, n, TALKED_RECENT, people, TALKED_DAYS);
}

double *talked_all(arena *a, const talked *t, const id_set *only) {
    double *all = make(a, double, TALKED_DAYS);
    arena scratch = *a;
    uint32_t *last = make(&scratch, uint32_t, t->n_people + 1);
    for (size_t i = 0; i < t->n_words; i++) { // in order of time
        const talked_word *w = &t->words[i];
        if (w->day < 0 || w->day >= TALKED_DAYS || !in_segment(t, (uint32_t)i, only)) continue;
        if (last[w->person] == (uint32_t)w->day + 1) continue;
        last[w->person] = (uint32_t)w->day + 1, all[w->day]++;
    }
    return all;
}

typedef struct {
    uint32_t item;
    int kept; // of kept segments; -1: everybody
    int64_t people[TALKED_DAYS];
} series;

typedef struct {
    arena *a;
    const talked *t;
    series *v;
    burst *b;
    size_t n, unseen; // unseen: of too few people
} looking;

static const id_set *set_of(const talked *t, int kept) {
    return kept < 0 ? NULL : &t->kept[kept].profiles;
}

static void take_series(looking *x, uint32_t item, int kept) {
    series *s = &x->v[x->n];
    int64_t sum = 0;
    *s = (series){.item = item, .kept = kept};
    talked_days(*x->a, x->t, item, set_of(x->t, kept), s->people);
    for (size_t d = 0; d < TALKED_DAYS; d++) sum += s->people[d];
    x->n += sum >= BURST_PEOPLE, x->unseen += sum < BURST_PEOPLE;
}

static void read_series(looking *x) {
    const talked *t = x->t;
    x->v = make(x->a, series, MIN(t->n_items * (t->n_kept + 1), (size_t)MOST_SERIES) + 1);
    for (int k = -1; k < (int)t->n_kept; k++)
        for (uint32_t i = 0; i < t->n_items && x->n < MOST_SERIES; i++) take_series(x, i, k);
    x->b = make(x->a, burst, x->n + 1);
    double **all = make(x->a, double *, t->n_kept + 1);
    for (int k = -1; k < (int)t->n_kept; k++) all[k + 1] = talked_all(x->a, t, set_of(t, k));
    for (size_t i = 0; i < x->n; i++) {
        burst_series s = {.people = x->v[i].people, .all = all[x->v[i].kept + 1], .n = TALKED_DAYS, .season = 7};
        x->b[i] = burst_of(x->a, &s);
    }
}

// ---- figures of one that rises ----

static void window_json(json_out *j, const burst_window *w) {
    estimate expected = {
        .value = w->expected, .lo = w->lo, .hi = w->hi, .n = w->seen, .state = w->state, .why = w->why};
    expected.method = "negative binomial";
    json_open(j, NULL, '{');
    json_put_int(j, "days", (int64_t)w->periods);
    json_put_int(j, "seen", w->seen);
    figure_json(j, "expected", &expected);
    json_put_num(j, "ratio", w->ratio);
    json_put_num(j, "p", w->adjusted);
    json_put_bool(j, "rising", burst_rising(w));
    json_close(j, '}');
}

// Share of the words of a time that copy what somebody else said before in that time.
static double copied(const looking *x, const series *s, size_t from_day) {
    arena scratch = *x->a;
    const talked *t = x->t;
    map64 seen = map64_new(&scratch, 64);
    int64_t all = 0, again = 0;
    for (size_t i = t->item_from[s->item]; i < t->item_from[s->item + 1]; i++) {
        const talked_word *w = &t->words[t->about[i].word];
        if (!talked_counts(t, t->about[i].word, from_day) || !in_segment(t, t->about[i].word, set_of(t, s->kept)))
            continue;
        bool made = true;
        if (w->same) (void)map64_at(&seen, w->same, 1, &made);
        all++, again += !made;
    }
    return all ? (double)again / (double)all : 0;
}

// Since when: the newest time of Kleinberg's that reaches into the window, else the window itself.
static size_t since_day(const looking *x, size_t i, double *weight) {
    arena scratch = *x->a;
    const burst *b = &x->b[i];
    size_t days = b->best >= 0 ? b->window[b->best].periods : 1, since = TALKED_DAYS - days;
    *weight = NAN;
    burst_states k = burst_batches(&scratch, x->v[i].people, NULL, b->expected, TALKED_DAYS, (burst_rule){0});
    for (size_t j = 0; j < k.n; j++)
        if (k.interval[j].level == 1 && k.interval[j].to >= since)
            since = k.interval[j].from, *weight = k.interval[j].weight;
    return since;
}

static burst_now describe(looking *x, size_t i) {
    const talked *t = x->t;
    const series *s = &x->v[i];
    const talked_item *item = &t->items[s->item];
    double weight;
    size_t since = since_day(x, i, &weight);
    buf b = buf_new(x->a, 1 << 14);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_bool(&j, "alarm", x->b[i].alarm);
    json_open(&j, "windows", '[');
    for (size_t w = 0; w < BURST_WINDOWS; w++)
        if (x->b[i].window[w].periods) window_json(&j, &x->b[i].window[w]);
    json_close(&j, ']');
    json_put_num(&j, "weight", weight);
    json_put_num(&j, "copied", copied(x, s, since));
    json_close(&j, '}');
    return (burst_now){.kind = item->kind,
                       .id = item->id,
                       .segment = s->kept < 0 ? 0 : t->kept[s->kept].id,
                       .from_us = zone_day_start_us(t->z, t->first_day + (int32_t)since),
                       .until_us = t->until_us,
                       .alarm = x->b[i].alarm,
                       .figures = buf_str(&b)};
}

static bool rises(const burst *b) {
    bool any = b->alarm;
    for (size_t w = 0; w < BURST_WINDOWS; w++) any |= b->window[w].periods && burst_rising(&b->window[w]);
    return any;
}

// What everybody says more is not told again of each segment.
static bool told_of_all(const looking *x, size_t i) {
    for (size_t k = 0; x->v[i].kept >= 0 && k < i; k++)
        if (x->v[k].kept < 0 && x->v[k].item == x->v[i].item) return rises(&x->b[k]);
    return false;
}

// ---- what emerges ----

typedef struct {
    int64_t now, before;
} people_count;

static people_count count_people(arena scratch, const talked *t, uint32_t item) {
    unsigned char *seen = make(&scratch, unsigned char, t->n_people + 1);
    const size_t turn = TALKED_DAYS - TALKED_RECENT, from = turn - TALKED_BEFORE;
    size_t i = item == UINT32_MAX ? 0 : t->item_from[item],
           to = item == UINT32_MAX ? t->n_words : t->item_from[item + 1];
    people_count c = {0};
    for (; i < to; i++) {
        const talked_word *w = &t->words[item == UINT32_MAX ? i : t->about[i].word];
        if (w->day < (int)from || w->day >= TALKED_DAYS) continue;
        unsigned char bit = w->day >= (int)turn ? 2 : 1;
        if (seen[w->person] & bit) continue;
        seen[w->person] |= bit;
        if (bit == 2)
            c.now++;
        else
            c.before++;
    }
    return c;
}

typedef struct {
    uint32_t item;
    rise r;
    double p;
    people_count c;
} risen;

static int by_clear(const void *p, const void *q) {
    const risen *x = p, *y = q;
    if (x->r.g != y->r.g) return x->r.g > y->r.g ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static void put_emerging(looking *x, json_out *j) {
    enum { MIN_PEOPLE = 5 };
    const talked *t = x->t;
    people_count all = count_people(*x->a, t, UINT32_MAX);
    risen *v = make(x->a, risen, t->n_items + 1);
    double *p = make(x->a, double, t->n_items + 1);
    size_t n = 0;
    for (uint32_t i = 0; i < t->n_items; i++) {
        people_count c = count_people(*x->a, t, i);
        if (c.now < MIN_PEOPLE) continue;
        v[n] = (risen){.item = i, .c = c};
        v[n].r = rise_test((rise_counts){c.now, all.now, c.before, all.before});
        p[n] = v[n].r.p, n++;
    }
    many_adjust(*x->a, p, p, n);
    for (size_t i = 0; i < n; i++) v[i].p = p[i];
    if (n) qsort(v, n, sizeof *v, by_clear);
    json_put_int(j, "tested", (int64_t)n);
    json_open(j, "emerging", '[');
    for (size_t i = 0; i < n; i++) {
        if (v[i].r.direction <= 0 || !(v[i].p < SIGNIFICANT) || v[i].r.state != ESTIMATE_OK) continue;
        json_open(j, NULL, '{');
        json_put_int(j, "kind", t->items[v[i].item].kind);
        json_put_int(j, "id", t->items[v[i].item].id);
        json_put_num(j, "share", v[i].r.share);
        json_put_num(j, "share_before", v[i].r.share_before);
        json_put_int(j, "people", v[i].c.now);
        json_put_int(j, "people_before", v[i].c.before);
        json_put_num(j, "p", v[i].p);
        json_close(j, '}');
    }
    json_close(j, ']');
}

// ---- drift ----

static drift drift_of_set(arena *a, const talked *t, const id_set *only) {
    const int turn = TALKED_DAYS - TALKED_RECENT, from = turn - TALKED_BEFORE;
    rng r = rng_seed(20);
    size_t n = 0;
    drift_said *rows = make(a, drift_said, t->n_about + 1);
    for (size_t i = 0; i < t->n_about; i++) {
        const talked_word *w = &t->words[t->about[i].word];
        if (!t->items[t->about[i].item].top || w->day < from || w->day >= TALKED_DAYS) continue;
        if (in_segment(t, t->about[i].word, only))
            rows[n++] = (drift_said){w->person, t->about[i].item, w->day >= turn};
    }
    return drift_of_people(a, rows, n, t->n_items, DRIFT_ROUNDS, &r);
}

static void put_drift(json_out *j, const talked *t, const drift *d, int64_t segment) {
    json_open(j, NULL, '{');
    json_put_int(j, "segment", segment);
    json_put_bool(j, "drifts", d->drifts);
    json_put_num(j, "strength", d->strength);
    json_put_num(j, "p", d->adjusted);
    json_put_str(j, "state", str_c(figure_state(d->state)));
    if (d->why)
        json_put_str(j, "why", str_c(d->why));
    else
        json_put_null(j, "why");
    json_open(j, "parts", '[');
    for (size_t i = 0; i < d->n && i < DRIFT_PARTS && d->drifts; i++) {
        const drift_theme *p = &d->theme[i];
        json_open(j, NULL, '{');
        json_put_int(j, "kind", t->items[p->theme].kind);
        json_put_int(j, "id", t->items[p->theme].id);
        json_put_num(j, "now", p->test.share);
        json_put_num(j, "before", p->test.share_before);
        figure_change_json(j, "change", &p->share);
        json_put_num(j, "part", p->part);
        json_put_num(j, "p", p->adjusted);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

static void put_drifts(looking *x, json_out *j) {
    const talked *t = x->t;
    drift *d = make(x->a, drift, t->n_kept + 1);
    for (int k = -1; k < (int)t->n_kept; k++) d[k + 1] = drift_of_set(x->a, t, set_of(t, k));
    drift_adjust(*x->a, d, t->n_kept + 1);
    json_open(j, "drift", '[');
    for (int pass = 1; pass >= 0; pass--)
        for (int k = -1; k < (int)t->n_kept; k++)
            if (d[k + 1].drifts == pass) put_drift(j, t, &d[k + 1], k < 0 ? 0 : t->kept[k].id);
    json_close(j, ']');
}

bursts_found bursts_look(arena *a, const talked *t) {
    looking x = {.a = a, .t = t};
    bursts_found out = {0};
    read_series(&x);
    burst_alarms(*a, x.b, x.n, x.unseen, BURST_PATIENCE);
    out.v = make(a, burst_now, x.n + 1), out.watched = x.n;
    for (size_t i = 0; i < x.n; i++)
        if (rises(&x.b[i]) && !told_of_all(&x, i)) out.v[out.n++] = describe(&x, i);
    buf b = buf_new(a, 1 << 24);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_int(&j, "now", t->until_us);
    json_put_int(&j, "watched", (int64_t)x.n);
    put_emerging(&x, &j);
    put_drifts(&x, &j);
    json_close(&j, '}');
    out.report = buf_str(&b);
    return out;
}
