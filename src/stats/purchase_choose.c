#include <math.h>

#include "stats/concordance.h"
#include "stats/purchase_private.h"

// ---- How well each customer was foretold ----

typedef struct {
    double *buys, *score; // of each customer; NAN for those ignored
} foretold;

// Customers by row.
typedef struct {
    size_t *from; // [rows + 1]
    uint32_t *who;
} members;

static members members_of(arena *a, const purchase_set *s) {
    members m = {make(a, size_t, s->rows + 2), make(a, uint32_t, s->people->n)};
    size_t *next = m.from + 1;
    for (size_t i = 0; i < s->people->n; i++)
        if (s->row_of[i] != NO_ROW) next[s->row_of[i] + 1]++;
    for (size_t i = 0; i < s->rows; i++) next[i + 1] += next[i];
    for (size_t i = 0; i < s->people->n; i++)
        if (s->row_of[i] != NO_ROW) m.who[next[s->row_of[i]]++] = (uint32_t)i;
    return m;
}

static size_t most_later(const purchase_set *s, const members *m, size_t from, size_t to) {
    int32_t most = 0;
    for (size_t i = m->from[from]; i < m->from[to]; i++) most = MAX(most, s->people->later[m->who[i]]);
    return (size_t)MAX(most, 0);
}

// ln P(what the customer did) of the rows with one x and T, which share the distribution of those who are with us.
static void score_rows(arena scratch, const purchase_set *s, const view *v, const members *m, size_t from, size_t to,
                       double *score) {
    const stratum *st = v->s;
    size_t most = most_later(s, m, st->first + from, st->first + to), width = most + 1;
    double *pmf = make(&scratch, double, width *(size_t)v->l.k), stage[PURCHASE_RHYTHM];
    for (int j = 0; j < v->l.k; j++)
        purchase_pmf(&v->l, row_x(st, from), row_T(st, from), j, s->people->held, most, pmf + (size_t)j * width);
    for (size_t i = from; i < to; i++) {
        double alive = purchase_alive(v, i, stage);
        for (size_t k = m->from[st->first + i]; k < m->from[st->first + i + 1]; k++) {
            size_t n = (size_t)MAX(s->people->later[m->who[k]], 0);
            double p = n == 0 ? 1 - alive : 0;
            for (int j = 0; j < v->l.k; j++) p += alive * stage[j] * pmf[(size_t)j * width + n];
            score[m->who[k]] = log(fmax(p, 1e-300));
        }
    }
}

static void score_all(arena scratch, const purchase_set *s, const purchase_fit *f, double *score) {
    members m = members_of(&scratch, s);
    for (size_t k = 0; k < s->n_strata; k++) {
        const stratum *st = &s->strata[k];
        arena brief = scratch;
        law l = purchase_law(f->model, f->k, f->theta, f->n_traits, st->traits);
        view v = purchase_view(&brief, st, &l);
        for (size_t i = 0, to; i < st->rows; i = to) {
            for (to = i + 1; to < st->rows && st->row[to].late == st->row[i].late;) to++;
            score_rows(brief, s, &v, &m, i, to, score);
        }
    }
}

// ---- Measures over all customers ----

static double auc(arena scratch, const purchase_people *p, const double *buys) {
    bool *bought = make(&scratch, bool, p->n);
    for (size_t i = 0; i < p->n; i++) bought[i] = p->later[i] > 0;
    estimate e = concordance_auc(scratch, buys, bought, p->n).value;
    return estimate_shown(&e) ? e.value : NAN;
}

static void measure(arena scratch, const purchase_people *p, const foretold *f, purchase_trial *t) {
    double n = 0, sum = 0, actual = 0, absolute = 0, squares = 0, score = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (isnan(f->buys[i])) continue;
        double off = f->buys[i] - p->later[i];
        n++, sum += f->buys[i], actual += p->later[i];
        absolute += fabs(off), squares += off * off, score += f->score[i];
    }
    t->total.value = sum;
    t->bias = actual > 0 ? sum / actual - 1 : NAN;
    t->mae = absolute / n, t->rmse = sqrt(squares / n), t->score = score / n;
    t->auc = auc(scratch, p, f->buys);
}

// ---- The trials ----

typedef struct {
    arena *a;
    const purchase_people *p;
    const purchase_set *set;
    const purchase_spend *spend;
    purchase_trial *trial;
    foretold *told;
    purchase_row *rows;
    size_t n;
    bool boundary;   // a model with leaving ended where nobody leaves
    const char *why; // of the first refusal
} court;

static foretold new_foretold(arena *a, size_t n) {
    foretold f = {make(a, double, n), make(a, double, n)};
    for (size_t i = 0; i < n; i++) f.buys[i] = f.score[i] = NAN;
    return f;
}

static void try_model(court *c, arena scratch, purchase_fit f, foretold told) {
    c->boundary |= f.boundary;
    if (f.state == ESTIMATE_REFUSED || (f.boundary && f.asked != f.model)) {
        if (!c->why) c->why = f.why;
        return;
    }
    purchase_terms terms = {.horizon = c->p->held};
    purchase_totals sum = purchase_predict_all(c->a, &f, c->spend, c->set, terms, c->rows);
    for (size_t i = 0; i < c->p->n; i++) told.buys[i] = c->rows[i].buys.value;
    score_all(scratch, c->set, &f, told.score);
    purchase_trial *t = &c->trial[c->n];
    *t = (purchase_trial){.name = f.name, .model = true, .fit = f, .total = sum.buys, .money = sum.value};
    measure(scratch, c->p, &told, t);
    c->told[c->n++] = told;
}

static double ln_poisson(double mean, int32_t n) {
    return n * log(fmax(mean, 1e-300)) - mean - rising_ln(1, n);
}

// x/T goes on; for its score with half a purchase more, so that nothing is certain. Or everybody as the mean.
static void try_baseline(court *c, arena scratch, bool alike, foretold told) {
    const purchase_people *p = c->p;
    double x = 0, T = 0;
    for (size_t i = 0; i < p->n; i++)
        if (c->set->row_of[i] != NO_ROW) x += p->x[i], T += p->T[i];
    double mean = T > 0 ? x / T : 0;
    for (size_t i = 0; i < p->n; i++) {
        if (c->set->row_of[i] == NO_ROW) continue;
        double pace = alike || p->T[i] <= 0 ? mean : p->x[i] / p->T[i];
        double sure = alike || p->T[i] <= 0 ? mean : (p->x[i] + 0.5) / p->T[i];
        told.buys[i] = pace * p->held;
        told.score[i] = ln_poisson(sure * p->held, MAX(p->later[i], 0));
    }
    purchase_trial *t = &c->trial[c->n];
    *t = (purchase_trial){.name = alike ? "everybody alike" : "the same pace goes on"};
    t->total = (estimate){.n = c->set->size.customers, .method = "baseline", .state = ESTIMATE_OK};
    t->money = estimate_none("baseline", "baselines are of purchases only");
    measure(scratch, p, &told, t);
    t->total.lo = t->total.hi = t->total.value;
    c->told[c->n++] = told;
}

// Mean and standard error of how much lower each scores than the best.
static void compare(court *c) {
    for (size_t k = 0; k < c->n; k++) {
        double n = 0, mean = 0, squares = 0;
        for (size_t i = 0; i < c->p->n; i++) {
            double d = c->told[0].score[i] - c->told[k].score[i];
            if (isnan(d)) continue;
            n++;
            double from = d - mean;
            mean += from / n, squares += from * (d - mean);
        }
        c->trial[k].behind = mean;
        c->trial[k].error = n > 1 ? sqrt(squares / (n - 1) / n) : NAN;
    }
}

static void sort_models(court *c) {
    for (size_t i = 1; i < c->n; i++) {
        for (size_t k = i; k > 0 && c->trial[k].score > c->trial[k - 1].score; k--) {
            purchase_trial t = c->trial[k];
            foretold f = c->told[k];
            c->trial[k] = c->trial[k - 1], c->trial[k - 1] = t;
            c->told[k] = c->told[k - 1], c->told[k - 1] = f;
        }
    }
}

static const char NO_SIGN[] = "The data show no sign that anybody has left for good: everybody still counts as a "
                              "customer.";

static const char *verdict(arena *a, const court *c, size_t models) {
    if (models == 0)
        return str_z(a, str_fmt(a, "No model could be fitted: %s.", c->why ? c->why : "none was asked for"));
    const purchase_trial *best = &c->trial[0], *next = &c->trial[1];
    str first = str_fmt(a, "%s foretold the time held out best (log score %.4f a customer", best->name, best->score);
    if (models == 1)
        first = str_cat(a, first, S("; no other model could be fitted)."));
    else if (next->behind > 2 * next->error)
        first = str_cat(a, first, str_fmt(a, "), clearly ahead of %s (%.4f).", next->name, next->score));
    else
        first = str_cat(a, first, str_fmt(a, "), %s about as well (%.4f).", next->name, next->score));
    if (c->boundary && (best->fit.boundary || best->fit.model == PURCHASE_NBD))
        first = str_cat(a, first, str_cat(a, S(" "), str_c(NO_SIGN)));
    return str_z(a, first);
}

static const unsigned ALL_MODELS = 1u << PURCHASE_NBD | 1u << PURCHASE_PARETO | 1u << PURCHASE_BG | 1u << PURCHASE_MBG;

static void try_models(court *c, arena scratch, unsigned models, foretold *told) {
    size_t n = 0;
    for (enum purchase_model m = 0; m < PURCHASE_MODELS; m++)
        if (models & 1u << m) try_model(c, scratch, purchase_fit_model(c->a, c->set, m, (purchase_how){0}), told[n++]);
    if (!c->p->gaps || !(models & 1u << PURCHASE_MBG)) return;
    purchase_fit rhythm = purchase_fit_rhythm(c->a, c->set, PURCHASE_MBG);
    if (rhythm.k > 1) try_model(c, scratch, rhythm, told[n]);
}

purchase_backtest purchase_test(arena *a, const purchase_people *p, unsigned models) {
    enum { MOST = PURCHASE_MODELS + 3 };
    purchase_backtest b = {.held = p->held};
    if (!p->later || !(p->held > 0)) {
        b.said = "Nothing was held out to judge the models by.";
        return b;
    }
    purchase_trial *trial = make(a, purchase_trial, MOST);
    foretold told[MOST], kept[MOST];
    arena brief = arena_open(purchase_arena(2 * p->n, 0));
    purchase_spend spend = purchase_spend_fit(a, p);
    court c = {a, p, purchase_group(&brief, p), p->spend ? &spend : NULL, trial, kept, NULL, 0, false, NULL};
    c.rows = make(&brief, purchase_row, p->n);
    for (int i = 0; i < MOST; i++) told[i] = new_foretold(&brief, p->n);
    try_models(&c, brief, models ? models : ALL_MODELS, told);
    sort_models(&c);
    b.n_models = c.n;
    for (int i = 0; i < 2; i++) try_baseline(&c, brief, i == 1, told[MOST - 1 - i]);
    if (b.n_models) compare(&c);
    for (size_t i = 0; i < p->n; i++) {
        if (c.set->row_of[i] == NO_ROW) continue;
        b.actual += p->later[i];
        if (p->later_spend) b.actual_money += p->later_spend[i];
    }
    b.trial = trial, b.n = c.n, b.said = verdict(a, &c, b.n_models);
    arena_close(&brief);
    return b;
}

// ---- All in one ----

static purchase_fit by_aic(arena *a, const purchase_set *s, unsigned models, const char **said) {
    purchase_fit best = {.state = ESTIMATE_REFUSED, .why = "no model was asked for"};
    bool any = false, boundary = false;
    for (enum purchase_model m = 0; m < PURCHASE_MODELS; m++) {
        if (!(models & 1u << m)) continue;
        purchase_fit f = purchase_fit_model(a, s, m, (purchase_how){0});
        boundary |= f.boundary;
        if (f.state == ESTIMATE_REFUSED ? !any : !any || f.aic < best.aic) best = f;
        any |= f.state != ESTIMATE_REFUSED;
    }
    if (any && s->people->gaps && models & 1u << PURCHASE_MBG) {
        purchase_fit f = purchase_fit_rhythm(a, s, PURCHASE_MBG);
        if (f.state != ESTIMATE_REFUSED && f.aic + 2 < best.aic) best = f;
    }
    if (!any)
        *said = str_z(a, str_fmt(a, "No model could be fitted: %s.", best.why));
    else if (best.boundary || (boundary && best.model == PURCHASE_NBD))
        *said = NO_SIGN;
    else
        *said = str_z(
            a, str_fmt(a, "%s describes what was seen best (AIC); nothing was held out to test it by.", best.name));
    return best;
}

static void tell(arena *a, purchase_best *b, const char *choice) {
    str said = str_c(choice);
    if (b->fit.state == ESTIMATE_THIN) said = str_cat(a, said, str_fmt(a, " It rests on little: %s.", b->fit.why));
    if (b->spend.state == ESTIMATE_REFUSED)
        said = str_cat(a, said, str_fmt(a, " Value in money is not told: %s.", b->spend.why));
    if (b->tally.unmatched > 0)
        said = str_cat(
            a, said,
            str_fmt(a, " %" PRId64 " refunds had no purchase before them and were left out.", b->tally.unmatched));
    b->said = str_z(a, said);
}

static purchase_fit refit(arena *a, const purchase_set *s, const purchase_fit *chosen) {
    return purchase_fit_model(a, s, chosen->model, (purchase_how){.k = chosen->k});
}

purchase_best purchase_choose(arena *a, const purchase_log *log, purchase_ask ask) {
    purchase_best b = {0};
    purchase_window w = {ask.end, ask.hold, ask.unit};
    purchase_log own = *log;
    own.gross = ask.gross || log->gross;
    b.people = purchase_summarise(a, &own, (purchase_window){ask.end, 0, ask.unit}, &b.tally);
    if (w.hold <= 0) w.hold = ((w.end ? w.end : b.tally.last) - b.tally.first + 1) / 3;
    purchase_people *before = make(a, purchase_people, 1);
    if (w.hold > 0) *before = purchase_summarise(a, &own, w, NULL), b.test = purchase_test(a, before, ask.models);
    arena brief = arena_open(purchase_arena(b.people.n, 0));
    const purchase_set *s = purchase_group(&brief, &b.people);
    const char *choice = b.test.said;
    if (b.test.n_models)
        b.fit = refit(a, s, &b.test.trial[0].fit);
    else
        b.fit = by_aic(a, s, ask.models ? ask.models : ALL_MODELS, &choice);
    b.spend = purchase_spend_fit(a, &b.people);
    arena_close(&brief);
    tell(a, &b, choice);
    return b;
}

purchase_best purchase_choose_of(arena *a, const purchase_people *p, unsigned models) {
    purchase_best b = {.people = *p};
    if (p->later && p->held > 0) b.test = purchase_test(a, p, models);
    const char *choice = b.test.said;
    arena brief = arena_open(purchase_arena(p->n, 0));
    const purchase_set *s = purchase_group(&brief, p);
    if (b.test.n_models)
        b.fit = b.test.trial[0].fit;
    else
        b.fit = by_aic(a, s, models ? models : ALL_MODELS, &choice);
    b.spend = purchase_spend_fit(a, p);
    arena_close(&brief);
    tell(a, &b, choice);
    return b;
}
