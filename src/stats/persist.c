#include "stats/persist.h"

#include "stats/dist.h"

#include <math.h>

enum { NEED = 10, WEEKS = 2000 };
enum voice_of { OF_ACCOUNT, OF_PERSON, OF_COPY };

typedef struct {
    persist_said said;
    enum voice_of of;
    int64_t voice;
} row;

static int order(int64_t x, int64_t y) {
    return (x > y) - (x < y);
}

static int by_copy(const void *x, const void *y) {
    const row *u = x, *v = y;
    int c = order(u->said.copy, v->said.copy);
    if (!c) c = order(u->of, v->of);
    return c ? c : order(u->voice, v->voice);
}

static int by_voice(const void *x, const void *y) {
    const row *u = x, *v = y;
    int c = order(u->of, v->of);
    if (!c) c = order(u->voice, v->voice);
    if (!c) c = order(u->said.person, v->said.person);
    return c ? c : order(u->said.week, v->said.week);
}

static int by_number(const void *x, const void *y) {
    return order(*(const int64_t *)x, *(const int64_t *)y);
}

// A group of copies that several voices sent becomes a voice; *copies is how many were copies of something.
static void join_copies(row *r, size_t n, int64_t *copies) {
    if (n) qsort(r, n, sizeof *r, by_copy);
    *copies = 0;
    for (size_t i = 0, end; i < n; i = end) {
        bool several = false;
        for (end = i + 1; end < n && r[end].said.copy == r[i].said.copy; end++)
            several |= r[end].of != r[i].of || r[end].voice != r[i].voice;
        if (!r[i].said.copy) continue;
        *copies += (int64_t)(end - i - 1);
        if (!several) continue;
        int64_t copy = r[i].said.copy;
        for (size_t j = i; j < end; j++) r[j].of = OF_COPY, r[j].voice = copy;
    }
}

static row *rows_of(arena *a, const persist_data *d, size_t *n, int64_t *copies) {
    row *r = make(a, row, d->rows);
    *n = 0;
    for (size_t i = 0; i < d->rows; i++) {
        const persist_said *s = &d->said[i];
        if (s->week > d->now || s->week <= d->now - WEEKS) continue;
        assert(s->segment < d->segments);
        r[(*n)++] = (row){*s, s->account ? OF_ACCOUNT : OF_PERSON, s->account ? s->account : s->person};
    }
    join_copies(r, *n, copies);
    if (*n) qsort(r, *n, sizeof *r, by_voice);
    return r;
}

// ---- Voices ----

typedef struct {
    size_t from, to; // rows
    int64_t people;
} voice;

typedef struct {
    const persist_data *d;
    const row *r;
    voice *voice;
    size_t n;
    int64_t *week;   // [WEEKS] voices in each; WEEKS − 1 is now
    double *segment; // weight of voices
    double all;      // exp(H) of all customers
    int64_t people;  // summed over voices
    size_t loudest, next;
} tally;

static size_t week_at(const tally *t, const row *r) {
    return (size_t)(r->said.week - t->d->now + WEEKS - 1);
}

// Every row of a voice that is the first of its person; every week of it once. Adds `sign` to weeks and segments.
static void add_voice(arena scratch, tally *t, const voice *v, int sign) {
    bool *seen = make(&scratch, bool, WEEKS);
    for (size_t i = v->from; i < v->to; i++) {
        size_t week = week_at(t, &t->r[i]);
        if (!seen[week]) t->week[week] += sign;
        seen[week] = true;
        bool first = i == v->from || t->r[i].said.person != t->r[i - 1].said.person;
        if (first) t->segment[t->r[i].said.segment] += sign / (double)v->people;
    }
}

static double effective(const double *x, size_t n) {
    double sum = 0, h = 0;
    for (size_t i = 0; i < n; i++) sum += MAX(x[i], 0);
    for (size_t i = 0; i < n; i++) {
        if (x[i] > 1e-9 * sum) h -= x[i] / sum * log(x[i] / sum);
    }
    return exp(h);
}

static tally tally_of(arena *a, const persist_data *d, const row *r, size_t n) {
    tally t = {.d = d, .r = r, .voice = make(a, voice, n), .week = make(a, int64_t, WEEKS)};
    t.segment = make(a, double, d->segments);
    double *all = make(a, double, d->segments);
    for (size_t i = 0; i < d->segments; i++) all[i] = d->segment ? (double)d->segment[i] : 1;
    t.all = effective(all, d->segments);
    for (size_t i = 0; i < n; i++) {
        bool new = i == 0 || r[i].of != r[i - 1].of || r[i].voice != r[i - 1].voice;
        if (new) t.voice[t.n++] = (voice){.from = i};
        voice *v = &t.voice[t.n - 1];
        v->to = i + 1;
        bool person = new || r[i].said.person != r[i - 1].said.person;
        v->people += person, t.people += person;
    }
    t.loudest = t.next = t.n;
    for (size_t i = 0; i < t.n; i++) {
        add_voice(*a, &t, &t.voice[i], 1);
        if (t.loudest == t.n || t.voice[i].people > t.voice[t.loudest].people)
            t.next = t.loudest, t.loudest = i;
        else if (t.next == t.n || t.voice[i].people > t.voice[t.next].people)
            t.next = i;
    }
    return t;
}

// ---- The index ----

// The figures from a tally, without voice `out` (which was taken from weeks and segments already), or n for none.
static void figures(const tally *t, size_t out, persist *k) {
    size_t first = 0;
    while (first < WEEKS && t->week[first] <= 0) first++;
    k->weeks = 0, k->weeks_since = (int64_t)(WEEKS - first);
    for (size_t w = first; w < WEEKS; w++) k->weeks += t->week[w] > 0;
    k->persistence = k->weeks_since ? (double)k->weeks / (double)k->weeks_since : 0;
    k->segments_effective = effective(t->segment, t->d->segments);
    k->breadth = MIN(k->segments_effective / t->all, 1);
    size_t loudest = out == t->loudest ? t->next : t->loudest;
    int64_t people = t->people - (out < t->n ? t->voice[out].people : 0);
    k->independence = people > 0 && loudest < t->n ? 1 - (double)t->voice[loudest].people / (double)people : 0;
    k->index.value = cbrt(k->persistence * k->breadth * k->independence);
}

// Tukey 1958; Efron & Tibshirani 1993, ch. 11: (V − 1)/V Σ (θ₋ᵢ − mean)², θ the log odds. NAN when leaving one out
// leaves nothing.
static double jackknife(arena scratch, tally *t) {
    double *odds = make(&scratch, double, t->n), mean = 0, sum = 0, n = (double)t->n;
    for (size_t i = 0; i < t->n; i++) {
        persist k;
        add_voice(scratch, t, &t->voice[i], -1);
        figures(t, i, &k);
        add_voice(scratch, t, &t->voice[i], 1);
        if (!(k.index.value > 0)) return NAN;
        odds[i] = log(k.index.value) - log1p(-k.index.value);
        mean += odds[i] / n;
    }
    for (size_t i = 0; i < t->n; i++) sum += (odds[i] - mean) * (odds[i] - mean);
    return sum * (n - 1) / n;
}

// Weeks are chances too: the variance of ln p of a share of weeks, with two more of each kind (Agresti & Coull 1998), a
// ninth of it for the cube root, on log odds.
static double of_weeks(const persist *k) {
    double n = (double)k->weeks_since + 4, p = ((double)k->weeks + 2) / n, rest = 1 - k->index.value;
    return (1 - p) / (p * n) / 9 / (rest * rest);
}

static void interval(arena scratch, tally *t, persist *k) {
    estimate *e = &k->index;
    e->lo = 0, e->hi = 1;
    if (t->n < 3 || !(e->value > 0)) return;
    double var = jackknife(scratch, t);
    if (isnan(var)) return;
    double half = dist_t_at(0.975, (double)(t->n - 1)) * sqrt(var + of_weeks(k));
    double odds = log(e->value) - log1p(-e->value);
    e->lo = 1 / (1 + exp(half - odds)), e->hi = 1 / (1 + exp(-half - odds));
    double slope = e->value * (1 - e->value);
    e->var = (var + of_weeks(k)) * slope * slope;
}

static void count(arena scratch, const persist_data *d, const row *r, size_t n, const tally *t, persist *k) {
    int64_t *person = make(&scratch, int64_t, n);
    bool *in = make(&scratch, bool, d->segments);
    double squares = 0;
    for (size_t i = 0; i < n; i++) person[i] = r[i].said.person, in[r[i].said.segment] = true;
    if (n) qsort(person, n, sizeof *person, by_number);
    for (size_t i = 0; i < n; i++) k->people += i == 0 || person[i] != person[i - 1];
    for (size_t i = 0; i < d->segments; i++) k->segments += in[i];
    for (size_t i = 0; i < t->n; i++) {
        double share = (double)t->voice[i].people / (double)t->people;
        squares += share * share;
    }
    k->voices = (int64_t)t->n;
    k->voices_effective = squares > 0 ? 1 / squares : 0;
}

persist persist_of(arena *a, const persist_data *d) {
    const char *method = "jackknife of voices";
    persist k = {0};
    arena scratch = *a;
    size_t n;
    int64_t copies;
    const row *r = rows_of(&scratch, d, &n, &copies);
    if (!n) {
        k.index = estimate_none(method, "nobody has said it");
        return k;
    }
    tally t = tally_of(&scratch, d, r, n);
    figures(&t, t.n, &k);
    count(scratch, d, r, n, &t, &k);
    k.copied = (double)copies / (double)n;
    k.index.method = method;
    k.index.point = k.index.value;
    interval(scratch, &t, &k);
    estimate_judge(a, &k.index, (sampling){.need = NEED, .of = "voice"}, k.voices);
    return k;
}

persist_standing persist_stand(persist_claim c) {
    double before = isnan(c.before) ? c.floor : c.before;
    if (!c.burst || c.now <= before) return (persist_standing){.value = c.now};
    if (c.grave)
        return (persist_standing){.value = c.now, .why = "it bursts, and is never held: safety, law or an outage"};
    if (c.days >= PERSIST_HOLD)
        return (persist_standing){.value = c.now, .why = "it bursts, and has lasted for 14 days"};
    return (persist_standing){.value = before, .held = true, .why = "a burst alone does not raise it; 14 days do"};
}
