#include "stats/drift.h"

#include "stats/dist.h"
#include "stats/many.h"
#include "stats/proportion.h"

#include <math.h>

enum { ROUNDS = 9999, PEOPLE = 30, ROUNDS_PEOPLE = 1999 };

// ---- G ----

typedef struct {
    size_t columns; // themes that were named at all
    double n[2], total, g, least, v;
} table;

// Woolf 1957, Ann. Hum. Genet. 21: 2 Σ o ln(o/e).
static double cell(double seen, double expected) {
    return seen > 0 ? 2 * seen * log(seen / expected) : 0;
}

static table table_of(const int64_t *now, const int64_t *before, size_t themes) {
    table t = {.least = INFINITY};
    for (size_t i = 0; i < themes; i++) {
        t.n[0] += (double)now[i], t.n[1] += (double)before[i];
        t.columns += now[i] + before[i] > 0;
    }
    t.total = t.n[0] + t.n[1];
    double chisq = 0;
    for (size_t i = 0; i < themes && t.total > 0; i++) {
        double both = (double)(now[i] + before[i]), e0 = both * t.n[0] / t.total, e1 = both * t.n[1] / t.total;
        if (!(both > 0)) continue;
        t.g += cell((double)now[i], e0) + cell((double)before[i], e1);
        if (!(e0 > 0) || !(e1 > 0)) continue;
        chisq += ((double)now[i] - e0) * ((double)now[i] - e0) * (1 / e0 + 1 / e1);
        t.least = MIN(t.least, MIN(e0, e1));
    }
    t.g = MAX(t.g, 0);
    t.v = t.total > 0 ? sqrt(chisq / t.total) : 0; // Cramér 1946, of two rows
    return t;
}

// Williams 1976, Biometrika 63; Sokal & Rohlf 1995, Biometry, 17.4: q = 1 + (n Σ 1/row − 1)(n Σ 1/column − 1)/(6 n df).
static double williams(const table *t, const int64_t *now, const int64_t *before, size_t themes) {
    double columns = 0, df = (double)t->columns - 1;
    for (size_t i = 0; i < themes; i++) {
        if (now[i] + before[i]) columns += t->total / (double)(now[i] + before[i]);
    }
    double rows = t->total / t->n[0] + t->total / t->n[1];
    return 1 + (rows - 1) * (columns - 1) / (6 * t->total * df);
}

// ---- Cards dealt anew ----

// A card is what one person named in one window; dealt anew, each stands in one of the windows, as many in each as
// there are. One theme on each card is a table with the same margins (Patefield 1981, Appl. Stat. 30).
typedef struct {
    size_t cards, now;     // the first `now` are of now
    const uint32_t *start; // [cards + 1], or NULL: one theme on each
    const uint32_t *theme;
} deck;

typedef struct {
    double p, mean, variance; // of G
} dealt;

static double g_of(const deck *d, const uint32_t *card, const int64_t *both, int64_t *now, int64_t *before,
                   size_t themes) {
    memset(now, 0, themes * sizeof *now);
    for (size_t i = 0; i < d->now; i++) {
        if (!d->start) {
            now[d->theme[card[i]]]++;
            continue;
        }
        for (uint32_t j = d->start[card[i]]; j < d->start[card[i] + 1]; j++) now[d->theme[j]]++;
    }
    for (size_t i = 0; i < themes; i++) before[i] = both[i] - now[i];
    return table_of(now, before, themes).g;
}

// (1 + as large or larger) ÷ (1 + rounds): never 0, and exact as a test (Phipson & Smyth 2010).
static dealt deal(arena scratch, const deck *d, const int64_t *both, size_t themes, double g, size_t rounds, rng *r) {
    uint32_t *card = make(&scratch, uint32_t, d->cards);
    int64_t *now = make(&scratch, int64_t, themes), *before = make(&scratch, int64_t, themes);
    for (size_t i = 0; i < d->cards; i++) card[i] = (uint32_t)i;
    size_t large = 0;
    double sum = 0, square = 0;
    for (size_t k = 0; k < rounds; k++) {
        for (size_t i = 0; i < d->now; i++) {
            size_t j = (size_t)rng_range(r, (int64_t)i, (int64_t)d->cards - 1);
            uint32_t x = card[i];
            card[i] = card[j], card[j] = x;
        }
        double drawn = g_of(d, card, both, now, before, themes);
        large += drawn >= g * (1 - 1e-9) - 1e-12;
        sum += drawn, square += drawn * drawn;
    }
    double n = (double)rounds, mean = sum / n;
    return (dealt){(1 + (double)large) / (1 + n), mean, square / n - mean * mean};
}

// ---- What drives it ----

static int by_part(const void *x, const void *y) {
    const drift_theme *u = x, *v = y;
    if (u->part != v->part) return u->part > v->part ? -1 : 1;
    return (u->theme > v->theme) - (u->theme < v->theme);
}

// n of the tests is people where they are known (a theme counts once for each), else what was named.
static void drivers(arena *a, drift *d, const table *t, const int64_t *now, const int64_t *before, size_t themes,
                    const int64_t *people) {
    drift_theme *v = make(a, drift_theme, t->columns);
    for (size_t i = 0; i < themes; i++) {
        double both = (double)(now[i] + before[i]);
        if (!(both > 0)) continue;
        drift_theme *k = &v[d->n++];
        estimate e[2];
        *k = (drift_theme){.theme = i, .adjusted = NAN};
        k->test = rise_test((rise_counts){now[i], people[0], before[i], people[1]});
        e[0] = proportion(a, now[i], people[0], (sampling){0});
        e[1] = proportion(a, before[i], people[1], (sampling){0});
        k->share = proportion_change(&e[0], &e[1]);
        double part =
            cell((double)now[i], both * t->n[0] / t->total) + cell((double)before[i], both * t->n[1] / t->total);
        k->part = t->g > 0 ? part / t->g : 0;
    }
    if (d->n) qsort(v, d->n, sizeof *v, by_part);
    d->theme = v;
}

static drift judged(arena *a, const table *t, const int64_t *people) {
    drift d = {.p = NAN, .adjusted = NAN, .df = (double)t->columns - 1, .together = 1, .strength = t->v};
    d.state = ESTIMATE_OK;
    int64_t least = MIN(people[0], people[1]);
    if (!people[0] || !people[1]) {
        d.state = ESTIMATE_NONE;
        d.why = people[0] ? "there is nothing to compare with" : "nothing was said in this window";
    } else if (t->columns < 2) {
        d.state = ESTIMATE_NONE;
        d.why = "only one theme was named";
    } else if (least < PEOPLE) {
        d.state = ESTIMATE_THIN;
        d.why = str_z(a, str_fmt(a, "%d more people are needed in the window with fewer", (int)(PEOPLE - least)));
    }
    d.g = d.state == ESTIMATE_NONE ? NAN : t->g;
    return d;
}

drift drift_of(arena *a, const int64_t *now, const int64_t *before, size_t themes, int rounds, rng *r) {
    table t = table_of(now, before, themes);
    int64_t people[] = {(int64_t)t.n[0], (int64_t)t.n[1]};
    drift d = judged(a, &t, people);
    drivers(a, &d, &t, now, before, themes, people);
    if (d.state == ESTIMATE_NONE) return d;
    if (t.least >= 5) {
        d.method = "G-test, Williams' correction";
        d.g = t.g / williams(&t, now, before, themes);
        d.p = dist_chisq_above(d.g, d.df);
        return d;
    }
    arena scratch = *a;
    int64_t *both = make(&scratch, int64_t, themes);
    uint32_t *theme = make(&scratch, uint32_t, (size_t)t.total);
    size_t n = 0;
    for (size_t i = 0; i < themes; i++) {
        both[i] = now[i] + before[i];
        for (int64_t k = 0; k < both[i]; k++) theme[n++] = (uint32_t)i;
    }
    deck cards = {.cards = n, .now = (size_t)t.n[0], .theme = theme};
    d.method = "G-test, tables drawn with the same margins";
    d.p = deal(scratch, &cards, both, themes, t.g, rounds > 0 ? (size_t)rounds : ROUNDS, r).p;
    return d;
}

static int by_card(const void *x, const void *y) {
    const drift_said *u = x, *v = y;
    if (u->now != v->now) return u->now ? -1 : 1;
    if (u->person != v->person) return u->person < v->person ? -1 : 1;
    return (u->theme > v->theme) - (u->theme < v->theme);
}

// Cards of now first; a theme once on each.
static deck deck_of(arena *a, const drift_said *rows, size_t n, int64_t *now, int64_t *before) {
    drift_said *s = make(a, drift_said, n);
    uint32_t *start = make(a, uint32_t, n + 1), *theme = make(a, uint32_t, n), kept = 0;
    deck d = {.start = start, .theme = theme};
    if (n) memcpy(s, rows, n * sizeof *s), qsort(s, n, sizeof *s, by_card);
    for (size_t i = 0; i < n; i++) {
        bool same = i && s[i].now == s[i - 1].now && s[i].person == s[i - 1].person;
        if (same && s[i].theme == s[i - 1].theme) continue;
        if (!same) start[d.cards++] = kept, d.now += s[i].now;
        theme[kept++] = s[i].theme;
        (s[i].now ? now : before)[s[i].theme]++;
    }
    start[d.cards] = kept;
    return d;
}

// G of what hangs together is nearly a multiple of χ² with fewer degrees of freedom, both by its mean and variance
// (Satterthwaite 1946; Rao & Scott 1984, Ann. Stat. 12). That is for show; p is the share of deals.
drift drift_of_people(arena *a, const drift_said *rows, size_t n, size_t themes, int rounds, rng *r) {
    int64_t *now = make(a, int64_t, themes), *before = make(a, int64_t, themes), *both = make(a, int64_t, themes);
    deck cards = deck_of(a, rows, n, now, before);
    table t = table_of(now, before, themes);
    int64_t people[] = {(int64_t)cards.now, (int64_t)(cards.cards - cards.now)};
    drift d = judged(a, &t, people);
    drivers(a, &d, &t, now, before, themes, people);
    if (d.state == ESTIMATE_NONE) return d;
    for (size_t i = 0; i < themes; i++) both[i] = now[i] + before[i];
    dealt k = deal(*a, &cards, both, themes, t.g, rounds > 0 ? (size_t)rounds : ROUNDS_PEOPLE, r);
    d.method = "G-test, people dealt anew";
    if (k.mean > 0 && k.variance > 0) {
        d.together = k.variance / (2 * k.mean);
        d.df = k.mean / d.together;
    }
    d.g = t.g / d.together;
    d.p = k.p;
    return d;
}

void drift_adjust(arena scratch, drift *d, size_t n) {
    double *p = make(&scratch, double, n), drifting = 0, tested = 0;
    for (size_t i = 0; i < n; i++) p[i] = d[i].p, tested += !isnan(p[i]);
    many_adjust(scratch, p, p, n);
    for (size_t i = 0; i < n; i++) {
        d[i].adjusted = p[i];
        d[i].drifts = d[i].state == ESTIMATE_OK && p[i] < SIGNIFICANT;
        drifting += d[i].drifts;
    }
    for (size_t i = 0; i < n; i++) {
        drift_theme *v = d[i].theme;
        for (size_t j = 0; j < d[i].n; j++) v[j].adjusted = NAN;
        if (!d[i].drifts) continue;
        arena in = scratch;
        double *q = make(&in, double, d[i].n);
        for (size_t j = 0; j < d[i].n; j++) q[j] = v[j].test.p;
        many_adjust(in, q, q, d[i].n);
        for (size_t j = 0; j < d[i].n; j++) v[j].adjusted = MIN(q[j] * tested / drifting, 1);
    }
}
