// Which messages a person should answer next.
#include <math.h>

#include "text/label_inside.h"

typedef struct {
    uint32_t message, row;
    float margin;
} candidate;

static int by_margin(const void *x, const void *y) {
    const candidate *l = x, *r = y;
    if (l->margin != r->margin) return l->margin < r->margin ? -1 : 1;
    return l->message < r->message ? -1 : l->message > r->message;
}

// How far a decision is from turning: between the two best labels, or, with several, from the nearest threshold.
static float margin_of(const label_learner *l, const float *s) {
    float best = -INFINITY, second = -INFINITY, nearest = INFINITY;
    for (size_t k = 0; k < l->fit_labels; k++) {
        nearest = fminf(nearest, fabsf(s[k]));
        if (s[k] > best)
            second = best, best = s[k];
        else
            second = fmaxf(second, s[k]);
    }
    return l->o.several || l->fit_labels < 2 ? nearest : best - second;
}

static double likeness(const label_learner *l, uint32_t x, uint32_t y) {
    const model_input p = model_row(l->rows, x), q = model_row(l->rows, y);
    size_t same = 0;
    for (size_t i = 0; i < p.g.n; i++)
        for (size_t j = 0; j < q.g.n; j++) same += GRAM_COLUMN(p.g.v[i]) == GRAM_COLUMN(q.g.v[j]);
    return p.g.n && q.g.n ? (double)same / sqrt((double)p.g.n * (double)q.g.n) : 0;
}

enum { LOOK = 40 }; // so many candidates are looked at for each question

size_t label_ask(const label_learner *l, size_t *messages, size_t most) {
    if (!l->fit_labels) return 0;
    const size_t N = l->message.n;
    arena a = arena_open(N * (sizeof(candidate) + 1) + l->stride * sizeof(float) + (1 << 16));
    candidate *c = make(&a, candidate, N + 1);
    bool *answered = make(&a, bool, N + 1);
    float *scores = arena_alloc(&a, sizeof(float), 64, l->stride);
    const uint32_t *row = list_of(&l->message, uint32_t);
    size_t n = 0, out = 0;
    for (size_t i = 0; i < l->records.n; i++) {
        const label_record *r = &list_of(&l->records, label_record)[i];
        answered[r->message] = r->answer != ANSWER_unknown;
    }
    const linear_data *d = model_matrix(l->rows, &l->index, false);
    for (size_t i = 0; i < N; i++) {
        if (answered[i] || model_rows_dropped(l->rows, row[i])) continue;
        linear_scores(d, row[i], l->w, l->stride, scores);
        c[n++] = (candidate){(uint32_t)i, row[i], margin_of(l, scores)};
    }
    if (n) qsort(c, n, sizeof *c, by_margin);
    for (size_t i = 0; i < n && i < most * LOOK && out < most; i++) {
        bool fresh = true;
        for (size_t j = 0; j < out && fresh; j++) fresh = likeness(l, c[i].row, row[messages[j]]) < 0.5;
        if (fresh) messages[out++] = c[i].message;
    }
    arena_close(&a);
    return out;
}
