#include <math.h>

#include "base/radix.h"
#include "link/label.h"

// A level may move by about half a bit before the labels must insist; the prior by two.
static const double LEVEL_SD = 0.5, PRIOR_SD = 2;

enum { MOST = 1 + LINK_FIELDS * LINK_LEVELS, STEPS = 40 };

typedef struct {
    double start; // bits, without labels
    bool same;
    int n, at[LINK_FIELDS + 1]; // coefficients that are one
} example;

typedef struct {
    int n; // coefficients; 0 is the prior
    int of[LINK_FIELDS][LINK_LEVELS];
    double x[MOST]; // bits
    const example *e;
    size_t n_e;
} regression;

static void lay_out(regression *r, const link_table *t) {
    r->n = 1;
    for (int f = 0; f < t->n_fields; f++)
        for (int l = 1; l < link_levels(t->field[f].col.kind); l++) r->of[f][l] = r->n++;
}

static example example_of(const regression *r, const link_model *m, const link_said *s) {
    uint64_t pattern;
    const link_said x = s->a < s->b ? *s : (link_said){s->b, s->a, s->same};
    example e = {.start = (double)link_model_weight(m, x.a, x.b, &pattern), .same = s->same, .n = 1};
    for (int f = 0; f < m->t->n_fields; f++) {
        const int level = link_level(pattern, f);
        if (level) e.at[e.n++] = r->of[f][level];
    }
    return e;
}

static double chance_of(const regression *r, const example *e) {
    double bits = e->start;
    for (int i = 0; i < e->n; i++) bits += r->x[e->at[i]];
    return 1 / (1 + exp2(-bits));
}

static double surprise(const regression *r) {
    double sum = 0;
    for (size_t i = 0; i < r->n_e; i++) {
        const double p = chance_of(r, &r->e[i]);
        sum -= log2(fmax(r->e[i].same ? p : 1 - p, 1e-300));
    }
    return r->n_e ? sum / (double)r->n_e : 0;
}

// Solves a symmetric positive definite system in place (Cholesky; Golub and Van Loan 4.2).
static void solve(double *a, double *b, int n) {
    for (int j = 0; j < n; j++) {
        for (int k = 0; k < j; k++)
            for (int i = j; i < n; i++) a[i * n + j] -= a[i * n + k] * a[j * n + k];
        const double d = sqrt(fmax(a[j * n + j], 1e-12));
        for (int i = j; i < n; i++) a[i * n + j] /= d;
    }
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) b[i] -= a[i * n + k] * b[k];
        b[i] /= a[i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++) b[i] -= a[k * n + i] * b[k];
        b[i] /= a[i * n + i];
    }
}

// One step of Newton's method in nats; returns how far it went.
static double step(regression *r, arena scratch) {
    const int n = r->n;
    double *h = make(&scratch, double, n *n), *g = make(&scratch, double, n), most = 0;
    const double nat = M_LN2;
    for (int i = 0; i < n; i++) {
        const double sd = i ? LEVEL_SD : PRIOR_SD;
        h[i * n + i] = 1 / (sd * sd * nat * nat), g[i] = -r->x[i] * nat * h[i * n + i];
    }
    for (size_t k = 0; k < r->n_e; k++) {
        const example *e = &r->e[k];
        const double p = chance_of(r, e), w = fmax(p * (1 - p), 1e-6);
        for (int i = 0; i < e->n; i++) {
            g[e->at[i]] += (double)e->same - p;
            for (int j = 0; j < e->n; j++) h[e->at[i] * n + e->at[j]] += w;
        }
    }
    solve(h, g, n);
    for (int i = 0; i < n; i++) {
        const double by = fmin(fmax(g[i] / nat, -2), 2);
        r->x[i] += by, most = fmax(most, fabs(by));
    }
    return most;
}

// What the fields' levels moved goes to the combinations of levels, which rise as before.
static void move_group(link_model *m, const regression *r, int g, float *w) {
    const link_group *q = &m->score.group[g];
    size_t had = 0, had_mass = 0;
    double *v = room_for(NULL, &had, (size_t)q->codes, sizeof *v),
           *mass = room_for(NULL, &had_mass, (size_t)q->codes, sizeof *mass);
    for (int k = 0; k < q->codes; k++) {
        v[k] = (double)w[k], mass[k] = m->fit.same * (m->fit.m[g][k] + m->fit.u[g][k]);
        for (int i = 0; i < q->n; i++)
            if (cells_level(q, k, i)) v[k] += r->x[r->of[q->field[i]][cells_level(q, k, i)]];
    }
    cells_rise(q, mass, v);
    for (int k = 0; k < q->codes; k++) w[k] = link_grain(v[k]);
    free(v);
    free(mass);
}

void link_learn_labels(link_model *m, const link_said *said, size_t n, link_learned *out) {
    arena a = arena_open(n * sizeof(example) + ((size_t)8 << 20));
    example *e = make(&a, example, n);
    regression *r = make(&a, regression, 1);
    *out = (link_learned){0};
    lay_out(r, m->t);
    for (size_t i = 0; i < n; i++) {
        if (said[i].a == said[i].b) continue;
        e[r->n_e++] = example_of(r, m, &said[i]);
        *(said[i].same ? &out->same : &out->other) += 1;
    }
    r->e = e;
    out->before = surprise(r);
    for (int k = 0; k < STEPS && r->n_e && step(r, a) > 1e-4; k++) {
    }
    out->after = surprise(r);
    for (int g = 0; g < m->score.n_groups && r->n_e; g++) {
        move_group(m, r, g, m->score.stranger[g]);
        if (m->score.homes) move_group(m, r, g, m->score.housemate[g]);
    }
    m->score.prior = link_grain((double)m->score.prior + r->x[0]);
    m->score.prior_home = link_grain((double)m->score.prior_home + r->x[0]);
    arena_close(&a);
}

static bool is_said(const link_said *said, size_t n, const link_pair *p) {
    for (size_t i = 0; i < n; i++)
        if (MIN(said[i].a, said[i].b) == p->a && MAX(said[i].a, said[i].b) == p->b) return true;
    return false;
}

// Doubt of all pairs of a pattern together is what an answer about one of them can take away.
size_t link_ask(const link_model *m, const link_pairs *p, const link_said *said, size_t n_said, size_t n,
                link_pair *out) {
    arena a = arena_open(p->n * 80 + ((size_t)1 << 20));
    link_comparer c = link_comparer_open(m->t);
    keyed *by = make(&a, keyed, p->n);
    for (size_t i = 0; i < p->n; i++)
        by[i] = (keyed){link_pattern(&c, link_row(m->t, p->p[i].a), link_row(m->t, p->p[i].b)), (uint32_t)i};
    link_comparer_close(&c);
    radix_sort(a, by, p->n);
    keyed *worth = make(&a, keyed, p->n);
    size_t kinds = 0, asked = 0;
    for (size_t i = 0, to; i < p->n; i = to) {
        double doubt = 0, most = -1;
        uint32_t which = by[i].at;
        for (to = i; to < p->n && by[to].key == by[i].key; to++) {
            const double chance = link_chance(&m->score.curve, (double)p->p[by[to].at].weight),
                         own = chance * (1 - chance);
            doubt += own;
            if (own > most && !is_said(said, n_said, &p->p[by[to].at])) most = own, which = by[to].at;
        }
        if (most < 0) continue;
        uint64_t bits;
        const double rank = sqrt(doubt) * most;
        memcpy(&bits, &rank, sizeof bits);
        worth[kinds++] = (keyed){~bits, which};
    }
    radix_sort(a, worth, kinds);
    while (asked < n && asked < kinds) out[asked] = p->p[worth[asked].at], asked++;
    arena_close(&a);
    return asked;
}
