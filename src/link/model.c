#include <math.h>
#include <pthread.h>

#include "base/radix.h"
#include "link/model.h"

// Patterns are counted in a table of their own, open addressing.
typedef struct {
    link_counted *at;
    size_t cap, n;
} tally;

static size_t slot_of(const tally *t, uint64_t pattern, uint32_t open) {
    uint64_t h = (pattern ^ (uint64_t)open * 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
    size_t i = (size_t)(h >> 20) & (t->cap - 1);
    while (t->at[i].n > 0 && (t->at[i].pattern != pattern || t->at[i].open != open)) i = (i + 1) & (t->cap - 1);
    return i;
}

static link_counted *no_counts(size_t n) {
    size_t had = 0;
    link_counted *x = room_for(NULL, &had, n, sizeof *x);
    memset(x, 0, n * sizeof *x);
    return x;
}

static void count(tally *t, uint64_t pattern, uint32_t open, float n) {
    if (t->n * 2 >= t->cap) {
        const tally old = *t;
        t->cap = MAX(old.cap * 2, 1024), t->at = no_counts(t->cap);
        for (size_t i = 0; i < old.cap; i++)
            if (old.at[i].n > 0) t->at[slot_of(t, old.at[i].pattern, old.at[i].open)] = old.at[i];
        free(old.at);
    }
    link_counted *x = &t->at[slot_of(t, pattern, open)];
    t->n += !(x->n > 0);
    *x = (link_counted){pattern, open, x->n + n};
}

static int by_pattern(const void *p, const void *q) {
    const link_counted *x = p, *y = q;
    if (x->pattern != y->pattern) return x->pattern < y->pattern ? -1 : 1;
    return (x->open > y->open) - (x->open < y->open);
}

static void pack(tally *t) {
    size_t n = 0;
    for (size_t i = 0; i < t->cap; i++)
        if (t->at[i].n > 0) t->at[n++] = t->at[i];
    if (n) qsort(t->at, n, sizeof *t->at, by_pattern);
}

// How alike the texts of two records are: the sum of their fields'.
static float alike(const link_table *t, uint32_t a, uint32_t b) {
    double sum = 0;
    for (int i = 0; i < t->n_fields; i++) {
        const uint32_t x = link_row(t, a)[i], y = link_row(t, b)[i];
        if (t->field[i].col.kind == LINK_text && x && y) sum += link_cosine(&t->field[i], x, y);
    }
    return (float)sum;
}

// Which sampled pairs are each other's most alike; NULL where there are no two files of texts.
static bool *bests(const link_table *t, const link_sample *s) {
    bool texts = false;
    for (int i = 0; i < t->n_fields; i++) texts |= t->field[i].col.kind == LINK_text;
    if (!texts || !t->two) return NULL;
    size_t had = 0;
    float *of = room_for(NULL, &had, s->n + 1, sizeof *of),
          *most = room_for(NULL, (had = 0, &had), t->rows, sizeof *most);
    bool *best = room_for(NULL, (had = 0, &had), s->n + 1, sizeof *best);
    for (uint32_t i = 0; i < t->rows; i++) most[i] = 0;
    for (size_t i = 0; i < s->n; i++) {
        const link_sampled *p = &s->pair[i];
        of[i] = alike(t, p->a, p->b);
        most[p->a] = fmaxf(most[p->a], of[i]), most[p->b] = fmaxf(most[p->b], of[i]);
    }
    for (size_t i = 0; i < s->n; i++) best[i] = of[i] > 0 && of[i] >= most[s->pair[i].a] && of[i] >= most[s->pair[i].b];
    free(of);
    free(most);
    return best;
}

static float *patterns_and_chances(link_model *m, const link_sample *s, tally *t) {
    size_t had = 0;
    link_comparer c = link_comparer_open(m->t);
    uint64_t *pattern = room_for(NULL, &had, s->n + 1, sizeof *pattern);
    bool *best = bests(m->t, s);
    for (size_t i = 0; i < s->n; i++) {
        const link_sampled *p = &s->pair[i];
        pattern[i] = link_pattern(&c, link_row(m->t, p->a), link_row(m->t, p->b));
        count(t, pattern[i], link_fit_open(&m->fit, &m->blocks, p->rules) | (best && best[i] ? LINK_BEST : 0),
              p->stands_for);
    }
    link_comparer_close(&c);
    free(best);
    pack(t);
    link_fit_learn(&m->fit, m->t, t->at, t->n);
    had = 0;
    float *chance = room_for(NULL, &had, s->n + 1, sizeof *chance);
    for (size_t i = 0; i < s->n; i++) chance[i] = (float)link_fit_chance(&m->fit, pattern[i]);
    free(pattern);
    return chance;
}

// Of what is believed to be the same, the share that might as well not be; and what that means for whoever asks.
static void doubt(link_fit *f, const link_sample *s, const float *chance) {
    double sum = 0, open = 0;
    for (size_t i = 0; i < s->n; i++) {
        const double p = (double)chance[i], n = (double)s->pair[i].stands_for;
        sum += n * p, open += n * p * (1 - p);
    }
    f->open = sum > 0 ? open / sum : 0;
    if (f->same >= 0.99 * f->most)
        f->doubt = "more records look alike than could be the same; compare columns that tell records apart";
    else if (sum < 3)
        f->doubt = "hardly any records look the same; nothing could be learned from them";
    else if (f->open > 0.25 && !f->bests)
        f->doubt = "many that are the same look like many that are not; compare more columns";
}

static void tell(const link_model *m, const char *what, uint64_t done, uint64_t total) {
    if (m->o.progress) m->o.progress(m->o.ctx, what, done, total);
}

static void *strangers(void *p) {
    link_model *m = p;
    link_fit_strangers(&m->fit, m->t, m->o.seed + 1);
    return NULL;
}

// Pairs drawn for each rule: all of them in a small file; in a large one what is enough to learn from.
static double drawn_for_each(uint32_t rows) {
    return rows < 20000 ? 600000 : fmin(fmax(5e9 / rows, 10000), 100000);
}

bool link_model_learn(link_model *m, const link_table *t, const link_model_opts *o, err *e) {
    *m = (link_model){.t = t, .o = *o};
    if (!m->o.threads) m->o.threads = 2;
    if (m->o.floor == 0) m->o.floor = LINK_FLOOR;
    if (t->rows < 2 || (t->two && (!t->rows_a || t->rows_a == t->rows)))
        return fail(e, ERR_invalid, "there are too few records to compare; give two at least");
    tell(m, "learning", 0, 4);
    pthread_t other;
    const bool beside = m->o.threads > 1 && !pthread_create(&other, NULL, strangers, m);
    link_blocks_open(&m->blocks, t);
    link_sample s;
    const double most = o->budget > 0 ? o->budget : fmax(2.5e6, 6.0 * t->rows);
    link_blocks_sample(&m->blocks, drawn_for_each(t->rows), most, o->seed + 2, &s);
    tell(m, "learning", 2, 4);
    if (beside)
        pthread_join(other, NULL);
    else
        strangers(m);
    tally counts = {0};
    float *chance = patterns_and_chances(m, &s, &counts);
    tell(m, "learning", 3, 4);
    doubt(&m->fit, &s, chance);
    const double budget = o->budget > 0 ? o->budget : fmax(most, 4 * m->fit.same);
    link_blocks_choose(&m->blocks, &s, chance, budget);
    m->sampled = s.n;
    free(chance);
    free(counts.at);
    free(s.pair);
    link_score_open(&m->score, t, &m->fit);
    return true;
}

void link_model_close(link_model *m) {
    if (m->score.t) link_score_close(&m->score);
    link_fit_close(&m->fit);
    link_blocks_close(&m->blocks);
    *m = (link_model){0};
}

void link_pairs_close(link_pairs *p) {
    free(p->p);
    *p = (link_pairs){0};
}

// Pairs wait until there are some of them: what comparing them will read is asked for ahead, since hardly any of it is
// in a cache.
enum { WAITING = 64 };

typedef struct {
    const link_model *m;
    link_comparer c;
    link_pairs out;
    uint32_t a[WAITING], b[WAITING];
    int n;
} scorer;

static void ask_values(const scorer *s, int k, bool texts) {
    const link_table *t = s->m->t;
    const uint32_t *ra = link_row(t, s->a[k]), *rb = link_row(t, s->b[k]);
    for (int i = 0; i < t->n_fields; i++) {
        const link_field *f = &t->field[i];
        if (ra[i] == rb[i] || !ra[i] || !rb[i]) continue;
        if (texts) {
            __builtin_prefetch(f->v.bytes + f->v.at[ra[i]]);
            __builtin_prefetch(f->v.bytes + f->v.at[rb[i]]);
            continue;
        }
        __builtin_prefetch(&f->trait[ra[i]]);
        __builtin_prefetch(&f->trait[rb[i]]);
        __builtin_prefetch(&f->v.at[ra[i]]);
        __builtin_prefetch(&f->v.at[rb[i]]);
    }
}

static void score_one(scorer *s, uint32_t a, uint32_t b) {
    const uint32_t *ra = link_row(s->m->t, a), *rb = link_row(s->m->t, b);
    const float w = link_weight(&s->m->score, link_pattern(&s->c, ra, rb), ra, rb);
    if (w < s->m->o.floor - (s->m->score.bests ? s->m->score.best : 0)) return;
    ROOM_FOR(s->out.p, &s->out.cap, s->out.n + 1);
    s->out.p[s->out.n++] = (link_pair){a, b, w};
}

static void score_waiting(scorer *s) {
    for (int k = 0; k < s->n; k++) ask_values(s, k, false);
    for (int k = 0; k < s->n; k++) ask_values(s, k, true);
    for (int k = 0; k < s->n; k++) score_one(s, s->a[k], s->b[k]);
    s->out.compared += (uint64_t)s->n;
    s->n = 0;
}

static void score_pair(void *ctx, uint32_t a, uint32_t b, uint32_t rules) {
    (void)rules;
    scorer *s = ctx;
    __builtin_prefetch(link_row(s->m->t, a));
    __builtin_prefetch(link_row(s->m->t, b));
    s->a[s->n] = MIN(a, b), s->b[s->n] = MAX(a, b);
    if (++s->n == WAITING) score_waiting(s);
}

float link_model_weight(const link_model *m, uint32_t a, uint32_t b, uint64_t *pattern) {
    link_comparer c = link_comparer_open(m->t);
    const uint32_t *ra = link_row(m->t, a), *rb = link_row(m->t, b);
    const uint64_t p = link_pattern(&c, ra, rb);
    link_comparer_close(&c);
    if (pattern) *pattern = p;
    return link_weight(&m->score, p, ra, rb);
}

static void gather(link_pairs *out, scorer *s, int n) {
    *out = s[0].out;
    for (int i = 1; i < n; i++) {
        ROOM_FOR(out->p, &out->cap, out->n + s[i].out.n);
        if (s[i].out.n) memcpy(out->p + out->n, s[i].out.p, s[i].out.n * sizeof *out->p);
        out->n += s[i].out.n, out->compared += s[i].out.compared;
        free(s[i].out.p);
    }
}

// By their records, whatever thread found them when.
static void order(link_pairs *p) {
    arena a = arena_open(p->n * 2 * sizeof(keyed) + p->n * sizeof *p->p + 65536);
    keyed *k = make(&a, keyed, p->n);
    link_pair *was = make(&a, link_pair, p->n);
    for (size_t i = 0; i < p->n; i++) k[i] = (keyed){(uint64_t)p->p[i].a << 32 | p->p[i].b, (uint32_t)i};
    radix_sort(a, k, p->n);
    if (p->n) memcpy(was, p->p, p->n * sizeof *was);
    for (size_t i = 0; i < p->n; i++) p->p[i] = was[k[i].at];
    arena_close(&a);
}

// Where it counts who is most alike to whom: pairs that are best for both of their records gain, others lose.
static void favour(const link_model *m, link_pairs *p) {
    size_t had = 0, kept = 0;
    float *most = room_for(NULL, &had, m->t->rows, sizeof *most);
    for (uint32_t i = 0; i < m->t->rows; i++) most[i] = -INFINITY;
    for (size_t i = 0; i < p->n; i++) {
        most[p->p[i].a] = fmaxf(most[p->p[i].a], p->p[i].weight);
        most[p->p[i].b] = fmaxf(most[p->p[i].b], p->p[i].weight);
    }
    for (size_t i = 0; i < p->n; i++) {
        link_pair x = p->p[i];
        x.weight += x.weight >= most[x.a] && x.weight >= most[x.b] ? m->score.best : m->score.not_best;
        if (x.weight >= m->o.floor) p->p[kept++] = x;
    }
    p->n = kept;
    free(most);
}

bool link_model_pairs(link_model *m, link_pairs *out, err *e) {
    enum { MOST = 16 };
    scorer s[MOST] = {{0}};
    void *ctx[MOST] = {0};
    const int n = MIN(m->o.threads, MOST);
    for (int i = 0; i < n; i++) s[i] = (scorer){.m = m, .c = link_comparer_open(m->t)}, ctx[i] = &s[i];
    tell(m, "comparing", 0, 1);
    const bool ok = link_blocks_run(&m->blocks, score_pair, ctx, n, e);
    for (int i = 0; i < n; i++) score_waiting(&s[i]), link_comparer_close(&s[i].c);
    gather(out, s, n);
    order(out);
    if (m->score.bests) favour(m, out);
    return ok;
}
