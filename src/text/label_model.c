#include <math.h>

#include "text/label_inside.h"

static const float EMBEDDING_SCALE = 2;

size_t label_model_count(const label_model *m) {
    return m->labels;
}

str label_name(const label_model *m, size_t label) {
    assert(label < m->labels);
    return m->names[label];
}

label_quality label_model_quality(const label_model *m) {
    return m->quality;
}

static const float *scaled(arena *a, const label_model *m, const float *embedding) {
    if (!embedding) return NULL;
    float *x = make(a, float, m->m.dense + 1);
    for (size_t i = 0; i < m->m.dense; i++) x[i] = embedding[i] * EMBEDDING_SCALE;
    return x;
}

static double logistic(double z) {
    return 1 / (1 + exp(-z));
}

static int by_sure(const void *x, const void *y) {
    const label_choice *l = x, *r = y;
    if (l->sure != r->sure) return l->sure > r->sure ? -1 : 1;
    return l->label < r->label ? -1 : l->label > r->label;
}

label_choices label_decide(arena *a, const label_model *m, str text, const float *embedding) {
    label_choices c = {.v = make(a, label_choice, m->labels + 1)};
    arena scratch = *a;
    float *s = make(&scratch, float, m->m.width + 1), *p = make(&scratch, float, m->m.width + 1);
    model_score(&m->m, scratch, (model_input){grams_of(&scratch, text), scaled(&scratch, m, embedding)}, s);
    float best = -INFINITY;
    memcpy(p, s, m->m.width * sizeof *p);
    for (size_t k = 0; k < m->labels; k++) best = fmaxf(best, s[k]);
    if (!m->several) label_softmax(p, m->labels, m->temperature);
    for (size_t k = 0; k < m->labels; k++) {
        const double sure = m->several ? logistic(m->cuts[k].scale * s[k] + m->cuts[k].shift) : p[k];
        c.v[c.n++] = (label_choice){k, s[k], sure, sure >= (m->several ? m->cuts[k].least : m->given)};
    }
    c.known = m->several ? 1 : logistic(m->known_scale * best + m->known_shift);
    if (c.n) qsort(c.v, c.n, sizeof *c.v, by_sure);
    while (c.n > 1 && c.v[c.n - 1].sure < 0.01 && !c.v[c.n - 1].given) c.n--;
    for (size_t i = 0; i < c.n && !m->several; i++) c.v[i].given &= i == 0 && c.known >= 0.5;
    return c;
}

model_reasons label_reasons(arena *a, const label_model *m, size_t label, str text, const float *embedding) {
    return model_explain(a, &m->m, label, text, scaled(a, m, embedding));
}
