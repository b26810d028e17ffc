#include <math.h>

#include "stats/dist.h"
#include "stats/purchase_future.h"

static const char METHOD[] = "delta method";

double purchase_discount(double yearly, double unit_days) {
    return log1p(yearly) * unit_days / 365.25;
}

static purchase_terms with_defaults(purchase_terms t) {
    if (t.quiet <= 0) t.quiet = t.horizon;
    if (t.margin <= 0) t.margin = 1;
    if (t.discount <= 0) t.discount = 0, t.residual = false;
    return t;
}

// ---- Ranges: on the logit scale for chances, on the log scale for the rest ----

static purchase_range chance(double v, double var) {
    double room = v * (1 - v);
    if (!(room > 1e-15)) return (purchase_range){v, v, v};
    double odds = v / (1 - v), far = exp(fmin(Z95 * sqrt(var) / room, 300));
    return (purchase_range){v, odds / (odds + far), odds * far / (1 + odds * far)};
}

static purchase_range amount(double v, double relative_var) {
    double far = exp(fmin(Z95 * sqrt(relative_var), 300));
    return v >= 0 ? (purchase_range){v, v / far, v * far} : (purchase_range){v, v * far, v / far};
}

static double relative(const future *f, enum future_of k) {
    return f->of[k] > 0 ? f->var[k] / (f->of[k] * f->of[k]) : 0;
}

// ---- The money of a purchase ----

typedef struct {
    double net, var;        // margin × mean − serve; the variance of it from the parameters of spend
    double by[3];           // by the logarithms of p, q, gamma
    double within, squared; // E[(margin Z)²] − E[(margin ζ)²]; E[(margin ζ − serve)²]
} money;

// What is open about a customer's mean ζ = p/ν: ν is Gamma(q + px, γ + mx), so that E ζ² has a closed form where
// q + px > 2; nearer to that, what was seen to differ between customers stands for it.
static money money_of(const purchase_spend *g, int32_t x, double m, double margin, double serve) {
    double total = x > 0 && m > 0 ? x * m : 0, px = total > 0 ? g->p * x : 0, q = px + g->q, c = g->gamma + total;
    double mean = g->p * c / (q - 1), of_inverse = c * c / ((q - 1) * (q - 2));
    double square = g->p * g->p * of_inverse, own = g->p * of_inverse;
    if (q < 2.1) square = mean * mean * (1 + g->spread * g->spread), own = square / g->p;
    money r = {.net = margin * mean - serve, .within = margin * margin * own};
    r.squared = margin * margin * square - 2 * margin * serve * mean + serve * serve;
    r.by[0] = margin * mean * (1 - px / (q - 1));
    r.by[1] = -margin * mean * g->q / (q - 1);
    r.by[2] = margin * mean * g->gamma / c;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) r.var += r.by[i] * g->covariance[3 * i + j] * r.by[j];
    return r;
}

static money no_money(double margin, double serve) {
    double net = margin - serve;
    return (money){.net = net, .squared = net * net};
}

// ---- One row after another, and then one customer after another ----

enum { MONIES = 2 }; // WORTH and RESIDUAL

// What is kept of a row for its customers.
typedef struct {
    purchase_range alive, buys, quiet;
    double of[MONIES], relative[MONIES], by[MONIES][PARAMS];
    double mean, twice; // of the purchases to the horizon
    double net;         // Σ of what a purchase leaves, over the customers of the row
} kept;

typedef struct {
    double sum, own;                  // the total, and its variance from the customers' own chance
    double by[MOST_PARAMS], money[3]; // of the total, by θ and by the parameters of spend
} tally;

typedef struct {
    const stratum *s;
    kept *rows;
    tally *total;
    double by[FUTURES][PARAMS]; // of the totals, by this stratum's parameters
} pass;

static void each_row(void *ctx, size_t row, const future *f) {
    pass *p = ctx;
    double n = p->s->row[row].count, alive = f->of[ALIVE], buys = f->of[BUYS], quiet = f->of[QUIET];
    const double sum[] = {alive, buys, 1 - quiet};
    const double own[] = {alive * (1 - alive), f->twice + buys - buys * buys, quiet * (1 - quiet)};
    for (int k = 0; k < WORTH; k++) {
        p->total[k].sum += n * sum[k];
        p->total[k].own += n * fmax(own[k], 0);
        for (int i = 0; i < PARAMS; i++) p->by[k][i] += n * f->by[k][i];
    }
    kept *r = &p->rows[p->s->first + row];
    *r = (kept){.alive = chance(alive, f->var[ALIVE]),
                .buys = amount(buys, relative(f, BUYS)),
                .quiet = chance(quiet, f->var[QUIET]),
                .mean = buys,
                .twice = f->twice};
    for (int k = 0; k < MONIES; k++) {
        r->of[k] = f->of[WORTH + k], r->relative[k] = relative(f, WORTH + k);
        memcpy(r->by[k], f->by[WORTH + k], sizeof r->by[k]);
    }
}

static money money_at(const purchase_spend *g, const purchase_people *p, const purchase_terms *t, size_t i) {
    double margin = t->margins ? t->margins[i] : t->margin, serve = t->serves ? t->serves[i] : t->serve;
    return g ? money_of(g, p->x[i], p->spend ? p->spend[i] : NAN, margin, serve) : no_money(margin, serve);
}

// Value is purchases times what one leaves; its own chance is that of both. How much of the purchases falls late
// scales the chance of their number, which is exact without discount and nearly so with one.
static purchase_range worth_of(const kept *r, int k, const money *m, tally *total) {
    double value = r->of[k] * m->net, scale = r->mean > 0 ? r->of[k] / r->mean : 0;
    total->sum += value;
    double spent = r->mean * m->net;
    total->own += scale * scale * fmax(r->mean * m->within + (r->twice + r->mean) * m->squared - spent * spent, 0);
    for (int i = 0; i < 3; i++) total->money[i] += r->of[k] * m->by[i];
    double open = m->net != 0 ? m->var / (m->net * m->net) : 0;
    return amount(value, r->relative[k] + open);
}

static void each_customer(const purchase_set *s, const purchase_spend *g, const purchase_terms *t, kept *rows,
                          tally *total, purchase_row *out) {
    const purchase_people *p = s->people;
    const purchase_range none = {NAN, NAN, NAN};
    bool same = !t->margins && !t->serves; // then all who have bought once are alike, and they are most
    money once = g ? money_of(g, 0, NAN, t->margin, t->serve) : no_money(t->margin, t->serve);
    for (size_t i = 0; i < p->n; i++) {
        if (s->row_of[i] == NO_ROW) {
            if (out) out[i] = (purchase_row){none, none, none, none, none};
            continue;
        }
        kept *r = &rows[s->row_of[i]];
        purchase_range value[MONIES] = {none, none};
        if (total) {
            money m = same && (!g || p->x[i] == 0) ? once : money_at(g, p, t, i);
            r->net += m.net;
            for (int k = 0; k < (t->residual ? MONIES : 1); k++) value[k] = worth_of(r, k, &m, &total[WORTH + k]);
        }
        if (out) out[i] = (purchase_row){r->alive, r->buys, r->quiet, value[0], value[1]};
    }
}

// What the totals of money owe to the parameters of buying, once it is known what each row's customers leave.
static void by_parameters(const purchase_fit *f, const stratum *s, const kept *rows, const double by[FUTURES][PARAMS],
                          tally *total) {
    double sum[FUTURES][PARAMS];
    memcpy(sum, by, sizeof sum);
    for (size_t i = s->first; i < s->first + s->rows; i++)
        for (int k = 0; k < MONIES; k++)
            for (int j = 0; j < PARAMS; j++) sum[WORTH + k][j] += rows[i].net * rows[i].by[k][j];
    for (int k = 0; k < FUTURES; k++) purchase_chain(f->model, f->n_traits, s->traits, sum[k], total[k].by);
}

static double form(const double *m, const double *x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) sum += x[i] * m[i * n + j] * x[j];
    return sum;
}

static estimate total_of(const purchase_fit *f, const purchase_spend *g, const tally *t) {
    double var = form(f->covariance, t->by, f->n) + t->own;
    if (g && g->covariance) var += form(g->covariance, t->money, 3);
    double far = Z95 * sqrt(var);
    estimate e = {t->sum, t->sum - far, t->sum + far, f->size.customers, METHOD, f->state, f->why, var, t->sum, 0};
    if (t->sum >= 0) e.lo = fmax(e.lo, 0);
    return e;
}

static const char NOT_ASKED[] = "not asked for, or no discount";

static purchase_totals no_totals(enum estimate_state state, const char *why) {
    estimate e = {.method = METHOD, .state = state, .why = why};
    return (purchase_totals){e, e, e, e, e};
}

purchase_totals purchase_predict_all(arena *a, const purchase_fit *f, const purchase_spend *g, const purchase_set *s,
                                     purchase_terms t, purchase_row *rows) {
    if (f->state == ESTIMATE_REFUSED || f->state == ESTIMATE_NONE) return no_totals(f->state, f->why);
    assert(f->n_traits == s->people->n_traits);
    t = with_defaults(t);
    bool told = !g || g->state == ESTIMATE_OK || g->state == ESTIMATE_THIN;
    tally total[FUTURES] = {{0}};
    double(*by)[FUTURES][PARAMS];
    arena brief = arena_open(purchase_arena(s->rows, 0));
    kept *k = make(&brief, kept, s->rows);
    by = arena_alloc(&brief, sizeof *by, _Alignof(double), s->n_strata);
    for (size_t i = 0; i < s->n_strata; i++) {
        pass p = {.s = &s->strata[i], .rows = k, .total = total};
        purchase_futures(brief, f, &s->strata[i], &t, each_row, &p);
        memcpy(by[i], p.by, sizeof p.by);
    }
    each_customer(s, g, &t, k, told ? total : NULL, rows);
    for (size_t i = 0; i < s->n_strata; i++) by_parameters(f, &s->strata[i], k, by[i], total);
    arena_close(&brief);
    (void)a;
    purchase_totals sum = {total_of(f, NULL, &total[ALIVE]), total_of(f, NULL, &total[BUYS]),
                           total_of(f, NULL, &total[QUIET]), total_of(f, g, &total[WORTH]),
                           total_of(f, g, &total[RESIDUAL])};
    if (g && told && g->state == ESTIMATE_THIN) sum.value.state = sum.residual.state = ESTIMATE_THIN;
    if (!told) sum.value = sum.residual = (estimate){.method = METHOD, .state = g->state, .why = g->why};
    if (!t.residual) sum.residual = estimate_none(METHOD, NOT_ASKED);
    return sum;
}

// ---- One customer ----

static void keep_future(void *ctx, size_t row, const future *f) {
    (void)row;
    *(future *)ctx = *f;
}

static estimate of_range(const purchase_fit *f, purchase_range r, double var) {
    return (estimate){r.value, r.lo, r.hi, f->size.customers, METHOD, f->state, f->why, var, r.value, 0};
}

// A stratum of one customer.
typedef struct {
    double x[1], one[1], times[2];
    size_t x_row[2], x_pair[2];
    pair pairs[2];
    cell row[1];
    stratum s;
} alone;

static const stratum *alone_of(alone *k, const purchase_one *c) {
    *k = (alone){.x = {c->x}, .one = {1}, .times = {c->tx, c->T}, .x_row = {0, 1}, .x_pair = {0, 2}};
    k->pairs[1] = (pair){0, 1, 1}, k->row[0] = (cell){0, 1, 1};
    k->s = (stratum){1, 0, 1, 2, 1, 2, k->row, k->pairs, k->x, k->one, k->x_row, k->x_pair, k->times, c->traits};
    return &k->s;
}

// The chances of 0, 1, … most purchases to the horizon.
static double *chances_of(arena *a, const purchase_fit *f, const stratum *s, const purchase_terms *t, const future *now,
                          size_t *most) {
    law l = purchase_law(f->model, f->k, f->theta, f->n_traits, s->traits);
    view v = purchase_view(a, s, &l);
    double stage[PURCHASE_RHYTHM], alive = purchase_alive(&v, 0, stage);
    double sd = sqrt(fmax(now->twice + now->of[BUYS], 0)), end = (now->of[BUYS] + 12 * sd + 30) / fmax(alive, 1e-3);
    *most = (size_t)fmin(end, 1e5);
    double *one = make(a, double, *most + 1), *pmf = make(a, double, *most + 1);
    for (int j = 0; j < f->k; j++) {
        purchase_pmf(&l, row_x(s, 0), row_T(s, 0), j, t->horizon, *most, one);
        for (size_t n = 0; n <= *most; n++) pmf[n] += alive * stage[j] * one[n];
    }
    pmf[0] += 1 - alive;
    return pmf;
}

// The 95 % of the distribution of the number of purchases.
static void spread_of(arena scratch, const purchase_fit *f, const stratum *s, const purchase_terms *t,
                      const future *now, purchase_outlook *o) {
    size_t most;
    double below = 0, *pmf = chances_of(&scratch, f, s, t, now, &most);
    o->few = o->many = (int32_t)most;
    for (size_t n = 0; n <= most; n++) {
        if (below < 0.025 && below + pmf[n] >= 0.025) o->few = (int32_t)n;
        if (below < 0.975 && below + pmf[n] >= 0.975) o->many = (int32_t)n;
        below += pmf[n];
    }
}

static purchase_outlook no_outlook(enum estimate_state state, const char *why) {
    estimate e = {.method = METHOD, .state = state, .why = why};
    return (purchase_outlook){e, e, e, e, e, 0, 0};
}

static estimate value_of(const purchase_fit *f, const purchase_spend *g, const future *now, enum future_of k,
                         const money *m) {
    if (g && (g->state == ESTIMATE_REFUSED || g->state == ESTIMATE_NONE))
        return (estimate){.method = METHOD, .state = g->state, .why = g->why};
    double value = now->of[k] * m->net, open = m->net != 0 ? m->var / (m->net * m->net) : 0;
    double var = relative(now, k) + open;
    estimate e = of_range(f, amount(value, var), value * value * var);
    if (g && g->state == ESTIMATE_THIN) e.state = g->state, e.why = g->why;
    return e;
}

purchase_outlook purchase_predict(arena *a, const purchase_fit *f, const purchase_spend *g, purchase_one c,
                                  purchase_terms t) {
    if (f->state == ESTIMATE_REFUSED || f->state == ESTIMATE_NONE) return no_outlook(f->state, f->why);
    if (c.x < 0 || !(c.tx >= 0 && c.tx <= c.T && c.T < 1e300) || (c.x == 0 && c.tx > 0))
        return no_outlook(ESTIMATE_REFUSED, "the summary of this customer contradicts itself");
    if (f->n_traits > 0 && !c.traits) return no_outlook(ESTIMATE_REFUSED, "the traits of this customer are not known");
    t = with_defaults(t);
    alone k;
    future now;
    const stratum *s = alone_of(&k, &c);
    purchase_futures(*a, f, s, &t, keep_future, &now);
    bool told = g && (g->state == ESTIMATE_OK || g->state == ESTIMATE_THIN);
    money m = told ? money_of(g, c.x, c.spend, t.margin, t.serve) : no_money(t.margin, t.serve);
    purchase_outlook o = {of_range(f, chance(now.of[ALIVE], now.var[ALIVE]), now.var[ALIVE]),
                          of_range(f, amount(now.of[BUYS], relative(&now, BUYS)), now.var[BUYS]),
                          of_range(f, chance(now.of[QUIET], now.var[QUIET]), now.var[QUIET]),
                          value_of(f, g, &now, WORTH, &m),
                          value_of(f, g, &now, RESIDUAL, &m),
                          0,
                          0};
    if (!t.residual) o.residual = estimate_none(METHOD, NOT_ASKED);
    spread_of(*a, f, s, &t, &now, &o);
    return o;
}

// Chances so small that all of them together move no figure are left out.
static const double NOTHING = 1e-9;

bool purchase_spread_of(arena *a, const purchase_fit *f, const purchase_spend *g, purchase_one c, purchase_terms t,
                        purchase_spread *out) {
    alone k;
    future now;
    purchase_outlook o = purchase_predict(a, f, g, c, t);
    bool told =
        g && estimate_shown(&o.value) && o.buys.value > 0 && (g->state == ESTIMATE_OK || g->state == ESTIMATE_THIN);
    if (!told) return false;
    t = with_defaults(t);
    const stratum *s = alone_of(&k, &c);
    purchase_futures(*a, f, s, &t, keep_future, &now);
    double total = c.x > 0 && c.spend > 0 ? c.x * c.spend : 0, left = 0;
    *out = (purchase_spread){.unit = t.margin * now.of[WORTH] / now.of[BUYS],
                             .p = g->p,
                             .q = g->q + (total > 0 ? g->p * c.x : 0),
                             .c = g->gamma + total};
    out->chance = chances_of(a, f, s, &t, &now, &out->n);
    for (out->n++; out->n > 1 && left + out->chance[out->n - 1] < NOTHING; out->n--) left += out->chance[out->n - 1];
    return true;
}

// P(c B ≤ u) of a beta prime B of (a, b) is the beta distribution of (a, b) below u/(u + c).
double purchase_spread_below(const purchase_spread *s, double v) {
    double sum = 0, at = v / s->unit / (v / s->unit + s->c);
    if (v < 0) return 0;
    for (size_t n = 0; n < s->n; n++)
        sum += s->chance[n] * (n && at < 1 ? dist_beta_below(at, s->p * (double)n, s->q) : 1);
    return fmin(sum, 1);
}
