#include <math.h>

#include "link/fit.h"

enum { ROUNDS = 120 };

// What is not known otherwise: how often fields of one person are the same, or wholly different, because they change.
static void usual(enum link_kind k, double *same, double *differ) {
    switch (k) {
    case LINK_email:
    case LINK_phone: *same = 0.6, *differ = 0.35; return;
    case LINK_address:
    case LINK_postcode:
    case LINK_city: *same = 0.65, *differ = 0.25; return;
    case LINK_text:
    case LINK_full: *same = 0.35, *differ = 0.05; return;
    case LINK_word:
    case LINK_amount: *same = 0.55, *differ = 0.25; return;
    default: *same = 0.8, *differ = 0.08; return;
    }
}

// Levels between get the rest, more of it the nearer they are to the same.
static double usual_share(enum link_kind k, int level) {
    double same, differ, sum = 0;
    const int top = link_levels(k) - 1;
    usual(k, &same, &differ);
    if (top == 2) differ = 1 - same;
    if (level == top) return top == 1 ? 1 : same;
    if (level == 1) return top > 2 ? differ : 1 - same;
    for (int l = 2; l < top; l++) sum += l;
    return (1 - same - differ) * level / sum;
}

static void begin_same(link_fit *f, int g) {
    const link_group *q = &f->group[g];
    for (int code = 0; code < q->codes; code++) {
        f->m[g][code] = cells_whole(q, code) ? 1 : 0;
        for (int i = 0; i < q->n; i++)
            if (cells_level(q, code, i)) f->m[g][code] *= usual_share(q->kind[i], cells_level(q, code, i));
    }
    cells_scale(q, f->m[g]);
}

static bool shared_at_home(enum link_kind k) {
    return k == LINK_family || k == LINK_address || k == LINK_locality || k == LINK_city || k == LINK_postcode ||
           k == LINK_state;
}

static bool of_things(enum link_kind k) {
    return k == LINK_word || k == LINK_amount || k == LINK_year || k == LINK_date;
}

// Those who share a home have its fields like one person, and the others like strangers.
static void begin_home(link_fit *f, int g) {
    const double phone = 0.3; // of homes that have one in common, and of things in one house
    const link_group *q = &f->group[g];
    static const double like[] = {0, 0.15, 0.3, 0.25, 0.15, 0.08, 0.04, 0.02, 0.01};
    double m[LINK_GROUP][1 << LINK_BITS], u[LINK_GROUP][1 << LINK_BITS];
    for (int i = 0; i < q->n; i++) cells_margin(q, f->m[g], i, m[i]), cells_margin(q, f->total[g], i, u[i]);
    for (int code = 0; code < q->codes; code++) {
        double p = cells_whole(q, code) ? 1 : 0;
        for (int i = 0; i < q->n && p > 0; i++) {
            const int l = cells_level(q, code, i);
            p *= q->kind[i] == LINK_text      ? like[l]
                 : of_things(q->kind[i])      ? 0.4 * m[i][l] + 0.6 * u[i][l]
                 : shared_at_home(q->kind[i]) ? m[i][l]
                 : q->kind[i] == LINK_phone   ? phone * m[i][l] + (1 - phone) * u[i][l]
                                              : 0.01 * m[i][l] + 0.99 * u[i][l];
        }
        f->h[g][code] = p;
    }
    cells_scale(q, f->h[g]);
}

static bool has(const link_table *t, enum link_kind k) {
    for (int i = 0; i < t->n_fields; i++)
        if (t->field[i].col.kind == k) return true;
    return false;
}

typedef struct {
    double *m, *h; // counts of a round
} round_of;

typedef struct {
    link_fit *f;
    round_of g[LINK_FIELDS];
    double *first[LINK_FIELDS], *first_h[LINK_FIELDS]; // where it began, which pulls while little is counted
    double same, home, loglik;
    double bests, kin_best; // pairs that are each other's most alike; of these, kin
} learner;

static double *table(const link_group *g) {
    size_t had = 0;
    double *p = room_for(NULL, &had, (size_t)g->codes, sizeof *p);
    memset(p, 0, (size_t)g->codes * sizeof *p);
    return p;
}

static void expect(learner *l, const link_counted *c, size_t n) {
    link_fit *f = l->f;
    l->same = l->home = l->loglik = l->kin_best = 0;
    for (int g = 0; g < f->n_groups; g++) {
        memset(l->g[g].m, 0, (size_t)f->group[g].codes * sizeof(double));
        memset(l->g[g].h, 0, (size_t)f->group[g].codes * sizeof(double));
    }
    for (size_t i = 0; i < n; i++) {
        int code[LINK_FIELDS];
        double m = f->same, u = f->pairs, h = f->homes ? f->home : 0;
        for (int g = 0; g < f->n_groups; g++) {
            const int k = code[g] = link_code(&f->group[g], c[i].pattern);
            m *= f->m[g][k], u *= f->u[g][k], h *= f->h[g][k];
        }
        const bool best = c[i].open & LINK_BEST;
        if (l->bests > 0) {
            const double by_chance = fmin(l->bests / f->pairs, 0.5);
            m *= best ? LINK_SAME_BEST : 1 - LINK_SAME_BEST, u *= best ? by_chance : 1 - by_chance,
                h *= best ? f->best : 1 - f->best;
        }
        const double all = m + u + h, k = (double)c[i].n, pm = k * m / all, ph = k * h / all;
        l->same += pm, l->home += ph, l->kin_best += best ? ph : 0, l->loglik += k * log(all);
        for (int g = 0; g < f->n_groups; g++) {
            if (!(c[i].open >> g & 1)) continue;
            l->g[g].m[code[g]] += pm, l->g[g].h[code[g]] += ph;
        }
    }
}

// New chances from counts: what is missing is shared out, independence smooths what is rare, and the beginning counts
// like a few pairs.
static void renew(const link_group *g, double *p, double *counted, const double *first, double pull, double *apart) {
    enum { SMOOTH = 12, PULL = 4 };
    counted[0] = 0;
    cells_spread(g, p, counted);
    cells_apart(g, counted, apart);
    double sum = 0, all = 0;
    for (int k = 0; k < g->codes; k++) sum += counted[k], all += apart[k];
    for (int k = 0; k < g->codes; k++)
        p[k] = cells_whole(g, k) ? counted[k] + (all > 0 ? SMOOTH * apart[k] / all : 0) +
                                       (PULL + pull * sum) * first[k] + 1e-7 * (sum + 1) / g->codes
                                 : 0;
    cells_scale(g, p);
}

static bool any_same(const link_group *g, int code) {
    for (int i = 0; i < g->n; i++)
        if (cells_level(g, code, i) == g->levels[i] - 1) return true;
    return false;
}

// Strangers are what is left of random pairs; at least a share of it, because what is left of little is noise. Where
// nothing is the same, most random pairs are strangers whatever the fit believes.
static void renew_strangers(link_fit *f, int g) {
    const link_group *q = &f->group[g];
    for (int k = 0; k < q->codes; k++) {
        if (!cells_whole(q, k)) continue;
        const bool of_names =
            q->kind[0] == LINK_email && k == LINK_EMAIL_OF_NAMES; // told of those whose names are alike
        const double t = f->total[g][k], among = of_names ? f->pairs * f->alike : f->pairs,
                     known = (f->same * f->m[g][k] + (f->homes ? f->home * f->h[g][k] : 0)) / among;
        f->u[g][k] = fmax(t - known, (!any_same(q, k) ? 0.6 : q->n > 1 ? 0.02 : 0.05) * t);
    }
    cells_scale(q, f->u[g]);
}

// In what is a person's own, those who share a home are strangers, but for twins and fathers and sons of one name. Were
// this learned too, the kinds of pairs could change places.
static bool own(enum link_kind k) {
    return k == LINK_given || k == LINK_birth || k == LINK_middle || k == LINK_full || k == LINK_national ||
           k == LINK_email;
}

static void pin_home(link_fit *f, int g) {
    const link_group *q = &f->group[g];
    double p[LINK_GROUP][1 << LINK_BITS], m[1 << LINK_BITS], u[1 << LINK_BITS];
    bool any = false;
    for (int i = 0; i < q->n; i++) {
        cells_margin(q, f->h[g], i, p[i]);
        if (!own(q->kind[i])) continue;
        any = true;
        cells_margin(q, f->m[g], i, m);
        cells_margin(q, f->u[g], i, u);
        for (int l = 1; l < q->levels[i]; l++) p[i][l] = 0.985 * u[l] + 0.015 * m[l];
    }
    for (int k = 0; any && k < q->codes; k++) {
        f->h[g][k] = cells_whole(q, k) ? 1 : 0;
        for (int i = 0; i < q->n; i++) f->h[g][k] *= p[i][cells_level(q, k, i)];
    }
    if (any) cells_scale(q, f->h[g]);
}

// Most of the time one person has one given name and one birth date, whatever else the data may like to call the same:
// without this, a home is taken for a person where a file says little more than names and places.
static void pin_same(link_fit *f, int g) {
    const double most = 0.25;
    const link_group *q = &f->group[g];
    double margin[1 << LINK_BITS];
    for (int i = 0; i < q->n; i++) {
        if (q->kind[i] != LINK_given && q->kind[i] != LINK_birth && q->kind[i] != LINK_national) continue;
        cells_margin(q, f->m[g], i, margin);
        if (margin[1] <= most) continue;
        const double less = most / margin[1], more = (1 - most) / fmax(1 - margin[1], 1e-9);
        for (int k = 0; k < q->codes; k++) f->m[g][k] *= cells_level(q, k, i) == 1 ? less : more;
        cells_scale(q, f->m[g]);
    }
}

// Those who share a home have a place as one person has it.
static void follow_same(const learner *l, int g) {
    const link_group *q = &l->f->group[g];
    for (int i = 0; i < q->n; i++)
        if (!shared_at_home(q->kind[i])) return;
    memcpy(l->first_h[g], l->f->m[g], (size_t)q->codes * sizeof(double));
}

static void maximise(learner *l, int round) {
    link_fit *f = l->f;
    if (l->home > 0) f->best = fmin(fmax(l->kin_best / l->home, 1e-5), 0.2);
    f->same = fmin(fmax(l->same, 1), f->most), f->home = fmax(l->home, 0.5);
    for (int g = 0; g < f->n_groups; g++) {
        const link_group *q = &f->group[g];
        double *apart = table(q);
        renew(q, f->m[g], l->g[g].m, l->first[g], q->kind[0] == LINK_text ? (l->bests > 0 ? 0.02 : 0.5) : 0, apart);
        pin_same(f, g);
        follow_same(l, g);
        if (f->homes) renew(q, f->h[g], l->g[g].h, l->first_h[g], 1, apart), pin_home(f, g);
        free(apart);
        if (round % 4 == 3) renew_strangers(f, g);
    }
}

uint32_t link_fit_open(const link_fit *f, const link_blocks *b, uint64_t rules) {
    uint32_t open = 0;
    for (int g = 0; g < f->n_groups; g++) {
        uint32_t own = 0;
        for (int i = 0; i < f->group[g].n; i++) own |= 1u << f->group[g].field[i];
        for (uint64_t r = rules; r; r &= r - 1)
            if (!(b->rule[__builtin_ctzll(r)].fields & own)) open |= 1u << g;
    }
    return open;
}

void link_fit_learn(link_fit *f, const link_table *t, const link_counted *c, size_t n) {
    learner l = {.f = f};
    f->homes = has(t, LINK_text) || ((has(t, LINK_given) || has(t, LINK_birth)) &&
                                     (has(t, LINK_address) || (has(t, LINK_family) && has(t, LINK_postcode))));
    f->same = fmin(0.3 * (double)t->rows, f->pairs / 4), f->home = 0.2 * f->same;
    for (int g = 0; g < f->n_groups; g++) {
        begin_same(f, g);
        begin_home(f, g);
        l.g[g] = (round_of){table(&f->group[g]), table(&f->group[g])};
        l.first[g] = table(&f->group[g]), l.first_h[g] = table(&f->group[g]);
        memcpy(l.first[g], f->m[g], (size_t)f->group[g].codes * sizeof(double));
        memcpy(l.first_h[g], f->h[g], (size_t)f->group[g].codes * sizeof(double));
    }
    f->most = t->two ? 1.5 * fmax(t->rows_a, t->rows - t->rows_a) : 30.0 * t->rows;
    for (size_t i = 0; i < n; i++)
        if (c[i].open & LINK_BEST) l.bests += (double)c[i].n;
    f->bests = l.bests > 0;
    f->best = 0.02;
    double before = -INFINITY;
    for (f->rounds = 0; f->rounds < ROUNDS && n; f->rounds++) {
        expect(&l, c, n);
        maximise(&l, f->rounds);
        if (f->rounds > 20 && fabs(l.loglik - before) < 1e-7 * fabs(l.loglik)) break;
        before = l.loglik;
    }
    f->loglik = l.loglik;
    for (int g = 0; g < f->n_groups; g++) {
        free(l.g[g].m);
        free(l.g[g].h);
        free(l.first[g]);
        free(l.first_h[g]);
    }
}

double link_fit_chance(const link_fit *f, uint64_t pattern) {
    double m = f->same, u = f->pairs, h = f->homes ? f->home : 0;
    for (int g = 0; g < f->n_groups; g++) {
        const int k = link_code(&f->group[g], pattern);
        m *= f->m[g][k], u *= f->u[g][k], h *= f->h[g][k];
    }
    return m / (m + u + h);
}
