#include <math.h>

#include "stats/purchase_private.h"

// A picture does not need more distinct ages than this.
enum { AGES = 400 };

typedef struct {
    double T, count;
} age;

typedef struct {
    size_t n;
    age at[AGES];
} ages;

static double oldest(const purchase_set *s) {
    double most = 0;
    for (size_t k = 0; k < s->n_strata; k++)
        for (size_t i = 0; i < s->strata[k].n_t; i++) most = fmax(most, s->strata[k].t[i]);
    return most;
}

// How many customers of each age T; many distinct ages go into bins by their mean.
static ages ages_of(arena scratch, const stratum *s, double most) {
    double *count = make(&scratch, double, s->n_t);
    size_t distinct = 0;
    for (size_t i = 0; i < s->n_pairs; i++) {
        distinct += count[s->pairs[i].t] <= 0 && s->pairs[i].late > 0;
        count[s->pairs[i].t] += s->pairs[i].late;
    }
    ages a = {0};
    bool bins = distinct > AGES;
    for (size_t i = 0; i < s->n_t; i++) {
        if (count[i] <= 0) continue;
        age *to = bins ? &a.at[(size_t)fmin(AGES - 1, s->t[i] / (most + 1e-300) * AGES)] : &a.at[a.n++];
        to->T = (to->T * to->count + s->t[i] * count[i]) / (to->count + count[i]);
        to->count += count[i];
    }
    if (bins) a.n = AGES;
    return a;
}

// A customer who is new: P(still with us) right after the first purchase.
static double with_us(const law *l) {
    return l->model == PURCHASE_MBG ? l->p[3] / (l->p[2] + l->p[3]) : 1;
}

static double expected_by(arena scratch, const law *l, double t) {
    purchase_terms terms = {.horizon = t, .quiet = t, .margin = 1};
    return t > 0 ? with_us(l) * purchase_ahead(scratch, l, 0, 0, 0, &terms).buys : 0;
}

void purchase_track(arena scratch, const purchase_fit *f, const purchase_set *s, double step, size_t n,
                    double *cumulative) {
    double most = oldest(s);
    memset(cumulative, 0, n * sizeof *cumulative);
    for (size_t k = 0; k < s->n_strata && f->param; k++) {
        law l = purchase_law(f->model, f->k, f->theta, f->n_traits, s->strata[k].traits);
        ages a = ages_of(scratch, &s->strata[k], most);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < a.n; j++)
                if (a.at[j].count > 0)
                    cumulative[i] +=
                        a.at[j].count * expected_by(scratch, &l, (double)(i + 1) * step - (most - a.at[j].T));
    }
}

static void add_expected(arena scratch, const law *l, const ages *a, size_t most, double *expected) {
    double *pmf = make(&scratch, double, most + 1);
    for (size_t j = 0; j < a->n; j++) {
        if (a->at[j].count <= 0) continue;
        memset(pmf, 0, most * sizeof *pmf);
        if (a->at[j].T > 0)
            purchase_pmf(l, 0, 0, 0, a->at[j].T, most - 1, pmf);
        else
            pmf[0] = 1;
        double rest = 1, stay = with_us(l);
        for (size_t i = 0; i < most; i++) {
            double p = stay * pmf[i] + (i == 0 ? 1 - stay : 0);
            expected[i] += a->at[j].count * p, rest -= p;
        }
        expected[most] += a->at[j].count * fmax(rest, 0);
    }
}

void purchase_histogram(arena scratch, const purchase_fit *f, const purchase_set *s, int most, double *seen,
                        double *expected) {
    assert(most > 0);
    double end = oldest(s);
    memset(seen, 0, ((size_t)most + 1) * sizeof *seen);
    memset(expected, 0, ((size_t)most + 1) * sizeof *expected);
    for (size_t k = 0; k < s->n_strata; k++) {
        const stratum *st = &s->strata[k];
        for (size_t i = 0; i < st->n_x; i++) seen[(size_t)fmin(st->x[i], most)] += st->x_count[i];
        if (!f->param) continue;
        law l = purchase_law(f->model, f->k, f->theta, f->n_traits, st->traits);
        ages a = ages_of(scratch, st, end);
        add_expected(scratch, &l, &a, (size_t)most, expected);
    }
}
