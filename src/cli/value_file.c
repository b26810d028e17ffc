#include <math.h>

#include "base/csv.h"
#include "cli/cells.h"
#include "cli/say.h"
#include "cli/value_cmd.h"
#include "listen/log_file.h"
#include "stats/purchase.h"

enum { WEEK = 7, MOST_WEEKS = 520, ROUNDS = 200, MOST_DRAWS = 40000000, FEW_ROUNDS = 20 };
enum { MOST_PEOPLE = 20000000 };

// One file on its way to predictions.
typedef struct {
    cli *c;
    const value_opts *o;
    arena *a;
    value_terms terms;
    double horizon; // in units of the file's time
    double unit;    // days; 0: opportunities
    bool is_log;
    log_file log;
    purchase_log rows;
    cells table;
    str *names; // of summaries; NULL: they have none
    value_fit fit;
    value_buyers *b;
    purchase_row *predicted;
    best_customers stable;
    bool stability;
    value_words words;
    char code[4];
} job;

// ---- reading ----

static void seen_so_far(void *ctx, int64_t rows, int64_t done, int64_t total) {
    progress_at(ctx, rows, done, total);
}

static bool read_log(job *j, err *e) {
    const value_opts *o = j->o;
    const char *path = str_z(j->a, j->c->args.v[0]);
    progress bar = progress_begin(&j->c->t, j->c->args.v[0], "rows");
    log_opts how = {.map = o->map, .currency = o->currency, .progress = seen_so_far, .ctx = &bar};
    bool ok = log_read(j->a, path, &how, &j->log, e);
    progress_end(&bar);
    if (!ok) return false;
    const log_file *f = &j->log;
    j->is_log = true, j->unit = WEEK;
    j->rows = (purchase_log){f->n, f->customers, f->who, f->day, f->amount, o->gross};
    if (f->money) memcpy(j->code, f->money->code, sizeof j->code);
    return true;
}

// Is the file a table of summaries? Its header says so.
typedef struct {
    int x, tx, T, count, spend, later, name;
} summary_columns;

static bool is_summary(arena scratch, const cells *t, summary_columns *k) {
    *k = (summary_columns){.x = cells_find(scratch, t, "x frequency repeatpurchases"),
                           .tx = cells_find(scratch, t, "tx recency"),
                           .T = cells_find(scratch, t, "t tcal ncal periods age opportunities"),
                           .count = cells_find(scratch, t, "weights weight custs customers count n"),
                           .spend = cells_find(scratch, t, "monetaryvalue zbar mx meanspend spend"),
                           .later = cells_find(scratch, t, "xstar frequencyholdout later"),
                           .name = cells_find(scratch, t, "id customer customerid cust")};
    return k->x >= 0 && k->tx >= 0 && k->T >= 0;
}

static bool peek_summary(job *j, summary_columns *k, bool *is, err *e) {
    *is = false;
    if (str_eq(j->c->args.v[0], S("-"))) return true; // a stream is read once, as a log
    arena brief = arena_open((size_t)1 << 26);
    FILE *f = fopen(str_z(&brief, j->c->args.v[0]), "rb");
    char *line = make(&brief, char, 4096);
    size_t n = f ? fread(line, 1, 4096, f) : 0;
    if (f) fclose(f);
    str head = {line, n}, first = str_cut(&head, '\n');
    cells t = {.names = make(&brief, str, 64)};
    while (first.s && t.columns < 64) {
        str name = str_trim(str_cut(&first, ','));
        if (name.len > 1 && name.s[0] == '"') name = str_sub(name, 1, name.len - 2);
        t.names[t.columns++] = name;
    }
    *is = is_summary(brief, &t, k);
    arena_close(&brief);
    return !*is || cells_read(j->a, j->c, str_z(j->a, j->c->args.v[0]), &j->table, e);
}

static bool number_at(const job *j, size_t i, int which, double *v, err *e) {
    str x = cells_at(&j->table, i, which);
    if (str_f64(x, v)) return true;
    return fail(e, ERR_invalid, "row %zu: \"%.*s\" is \"%.*s\"; write a number", i + 1, STR_ARG(j->table.names[which]),
                (int)MIN(x.len, 40), x.s);
}

typedef struct {
    int32_t *x, *later;
    double *tx, *T, *spend;
} columns_out;

static bool people_count(const job *j, const summary_columns *k, size_t *n, err *e) {
    *n = 0;
    for (size_t i = 0; i < j->table.n; i++) {
        double times = 1;
        if (k->count >= 0 && !number_at(j, i, k->count, &times, e)) return false;
        if (!(times >= 0 && times == floor(times)) || (double)*n + times > MOST_PEOPLE)
            return fail(e, ERR_invalid, "row %zu: \"%.*s\" counts customers, at most %d in all", i + 1,
                        STR_ARG(j->table.names[k->count]), MOST_PEOPLE);
        *n += (size_t)times;
    }
    return true;
}

static bool read_people(job *j, const summary_columns *k, purchase_people *p, bool *whole, err *e) {
    size_t n, at = 0;
    if (!people_count(j, k, &n, e)) return false;
    columns_out v = {make(j->a, int32_t, n + 1), NULL, make(j->a, double, n + 1), make(j->a, double, n + 1), NULL};
    if (k->spend >= 0) v.spend = make(j->a, double, n + 1);
    if (k->name >= 0 && k->count < 0) j->names = make(j->a, str, n + 1);
    *whole = true;
    for (size_t i = 0; i < j->table.n; i++) {
        double x, tx, T, times = 1, money = NAN;
        if (!number_at(j, i, k->x, &x, e) || !number_at(j, i, k->tx, &tx, e) || !number_at(j, i, k->T, &T, e) ||
            (k->count >= 0 && !number_at(j, i, k->count, &times, e)))
            return false;
        if (k->spend >= 0 && !str_f64(cells_at(&j->table, i, k->spend), &money)) money = NAN;
        if (!(x >= 0 && x < 1e6 && x == floor(x)))
            return fail(e, ERR_invalid, "row %zu: \"%.*s\" is %g; repeat purchases are a whole number", i + 1,
                        STR_ARG(j->table.names[k->x]), x);
        *whole = *whole && T == floor(T) && tx == floor(tx) && T <= 200 && x <= tx;
        for (size_t m = 0; m < (size_t)times; m++, at++) {
            v.x[at] = (int32_t)x, v.tx[at] = tx, v.T[at] = T;
            if (v.spend) v.spend[at] = x > 0 ? money * 100 : (double)NAN;
            if (j->names) j->names[at] = cells_at(&j->table, i, k->name);
        }
    }
    *p = (purchase_people){.n = n, .x = v.x, .tx = v.tx, .T = v.T, .spend = v.spend};
    return true;
}

// ---- fitting ----

static bool fit_log(job *j, err *e) {
    int32_t end = 0;
    if (j->o->until.len) {
        int64_t at_us;
        if (!cli_time(j->c, NULL, "--until", j->o->until, &at_us, e)) return false;
        end = (int32_t)floor_div(at_us, DAY_US);
    }
    if (j->o->hold > 36525) return fail(e, ERR_usage, "--hold takes days, at most 36525");
    j->b->best =
        purchase_choose(j->a, &j->rows, (purchase_ask){.end = end, .hold = (int32_t)j->o->hold, .gross = j->o->gross});
    return true;
}

static bool fit_summary(job *j, const summary_columns *k, err *e) {
    purchase_people p;
    bool whole;
    if (!read_people(j, k, &p, &whole, e)) return false;
    arena scratch = j->c->scratch;
    bool steps = whole && cells_find(scratch, &j->table, "ncal periods opportunities") >= 0;
    j->unit = steps ? 0 : WEEK;
    j->b->best = purchase_choose_of(j->a, &p, steps ? 1u << PURCHASE_BGBB : 0);
    if (!j->b->best.people.n) j->b->best.people = p;
    return true;
}

static void track(job *j, const purchase_set *set) {
    value_buyers *b = j->b;
    const purchase_tally *t = &b->best.tally;
    if (j->is_log) {
        b->n_weeks = (size_t)MIN(MAX((t->last - t->first) / WEEK, 1), MOST_WEEKS);
        b->track = make(j->a, double, b->n_weeks), b->actual = make(j->a, double, b->n_weeks);
        arena brief = arena_open(purchase_arena(j->rows.customers, j->rows.n) * 2);
        purchase_track(brief, &b->best.fit, set, 1, b->n_weeks, b->track);
        purchase_track_actual(brief, &j->rows, (purchase_window){0}, 1, b->n_weeks, b->actual);
        arena_close(&brief);
    }
    purchase_histogram(*j->a, &b->best.fit, set, 10, b->seen, b->expected);
}

static bool has_money(const job *j) {
    return j->b->best.people.spend && j->b->best.spend.state != ESTIMATE_REFUSED &&
           j->b->best.spend.state != ESTIMATE_NONE;
}

static double worth(const job *j, size_t i) {
    double v = has_money(j) ? j->predicted[i].value.value : j->predicted[i].buys.value;
    return isfinite(v) ? v : 0;
}

static void spread(job *j) {
    size_t n = j->b->best.people.n;
    int64_t *value = make(j->a, int64_t, n + 1);
    rng dice = rng_seed(1);
    double scale = has_money(j) ? 1 : 1e6;
    for (size_t i = 0; i < n; i++) value[i] = llround(worth(j, i) * scale);
    j->b->spread = concentration_of(j->a, value, n, n > 1000000 ? FEW_ROUNDS : ROUNDS, &dice);
}

// Would the best of today be the best with the luck of another year? Not asked of logs so long that it would take
// minutes.
static void stability(job *j) {
    const purchase_log *l = &j->rows;
    int rounds = l->n ? (int)MIN(ROUNDS, MOST_DRAWS / l->n) : 0;
    if (!j->is_log || rounds < FEW_ROUNDS || !l->amount) return;
    best_order *orders = make(j->a, best_order, l->n + 1);
    for (size_t i = 0; i < l->n; i++) orders[i] = (best_order){l->who[i], l->day[i], l->amount[i]};
    rng dice = rng_seed(1);
    best_data d = {.orders = orders, .n = l->n, .customers = l->customers, .rounds = rounds};
    j->stable = best_stability(j->a, &d, &dice);
    j->stability = true;
}

static void predict(job *j) {
    value_buyers *b = j->b;
    if (b->best.fit.state == ESTIMATE_REFUSED) return;
    purchase_set *set = purchase_group(j->a, &b->best.people);
    double discount = j->unit > 0 ? purchase_discount(j->terms.yearly, j->unit) : log(1 + j->terms.yearly);
    purchase_terms how = {.horizon = j->horizon, .discount = discount, .margin = j->terms.margin};
    j->predicted = make(j->a, purchase_row, b->best.people.n + 1);
    const purchase_spend *money = b->best.spend.state == ESTIMATE_NONE || !b->best.people.spend ? NULL : &b->best.spend;
    b->totals = purchase_predict_all(j->a, &b->best.fit, money, set, how, j->predicted);
    if (!money) b->totals.value = estimate_none("none", "no money is known");
    track(j, set);
    spread(j);
    stability(j);
}

static bool horizon_of(job *j, err *e) {
    double days;
    str x = j->o->horizon;
    if (!j->unit) { // opportunities are counted, not timed
        j->horizon = 5;
        if (x.len && (!str_f64(x, &j->horizon) || j->horizon < 1 || j->horizon > 1000))
            return fail(e, ERR_usage, "--horizon counts opportunities here: a number from 1 to 1000, not '%.*s'",
                        (int)MIN(x.len, 40), x.s);
        j->words.unit = "opportunity";
        j->words.until = str_fmt(j->a, "the next %g opportunities", j->horizon);
        return true;
    }
    if (!value_days(x.len ? x : S("52w"), "--horizon", 0, &days, e)) return false;
    j->horizon = days / j->unit;
    j->words.unit = "week";
    bool weeks = fabs(j->horizon - round(j->horizon)) < 1e-9;
    j->words.until = str_fmt(j->a, "the next %.0f %s", weeks ? j->horizon : days, weeks ? "weeks" : "days");
    j->terms.horizon_days = (int32_t)lround(days);
    return true;
}

// ---- every customer ----

static str name_of(const job *j, arena *a, size_t i) {
    const purchase_people *p = &j->b->best.people;
    if (j->is_log) return log_name(&j->log, p->who ? p->who[i] : (uint32_t)i);
    return j->names ? j->names[i] : str_fmt(a, "%zu", i + 1);
}

static void put_range(buf *b, purchase_range r, double unit) {
    const double v[] = {r.value, r.lo, r.hi};
    for (int k = 0; k < 3; k++) {
        buf_addc(b, ',');
        if (isfinite(v[k])) buf_fmt(b, "%.6g", v[k] / unit);
    }
}

static double money_unit(const job *j) {
    return j->log.money ? pow(10, j->log.money->exponent) : 100;
}

static bool write_rows(job *j, FILE *f, buf *b, arena scratch) {
    const purchase_people *p = &j->b->best.people;
    double unit = money_unit(j);
    bool ok = true, money = has_money(j);
    buf_add(b,
            S("customer,repeat_purchases,last_purchase,age,alive,alive_lo,alive_hi,buys,buys_lo,buys_hi,quiet,quiet_lo,"
              "quiet_hi,value,value_lo,value_hi\n"));
    for (size_t i = 0; i < p->n && ok; i++) {
        const purchase_row *r = &j->predicted[i];
        arena brief = scratch;
        csv_write_cell(b, name_of(j, &brief, i), ',');
        buf_fmt(b, ",%d,%.6g,%.6g", p->x[i], p->tx[i], p->T[i]);
        put_range(b, r->alive, 1), put_range(b, r->buys, 1), put_range(b, r->quiet, 1);
        put_range(b, money ? r->value : (purchase_range){NAN, NAN, NAN}, unit);
        buf_addc(b, '\n');
        if (b->len < 1 << 20 && i + 1 < p->n) continue;
        ok = fwrite(b->s, 1, b->len, f) == b->len;
        buf_reset(b);
    }
    return ok;
}

static bool write_out(job *j, err *e) {
    arena a = arena_open((size_t)8 << 20), scratch = arena_open((size_t)1 << 20);
    const char *path = str_z(j->a, j->o->out);
    FILE *f = fopen(path, "wb");
    if (!f) fail(e, ERR_denied, "\"%s\" cannot be written; name a file in a folder that is yours", path);
    buf b = buf_new(&a, 4 << 20);
    bool ok = f && write_rows(j, f, &b, scratch);
    if (f && (fclose(f) != 0 || !ok)) fail(e, ERR_full, "\"%s\" could not be written; is its disk full?", path);
    arena_close(&scratch);
    arena_close(&a);
    return err_ok(e);
}

// ---- the best ----

static size_t best_of(const job *j, uint32_t *top, size_t most) {
    size_t n = 0;
    for (size_t i = 0; i < j->b->best.people.n && most; i++) {
        double v = worth(j, i);
        if (n == most && v <= worth(j, top[n - 1])) continue;
        size_t k = n < most ? n++ : n - 1;
        for (; k > 0 && worth(j, top[k - 1]) < v; k--) top[k] = top[k - 1];
        top[k] = (uint32_t)i;
    }
    return n;
}

static double stability_of(const job *j, size_t i) {
    const purchase_people *p = &j->b->best.people;
    return j->stability ? j->stable.best[p->who ? p->who[i] : i] : (double)NAN;
}

static void show_best(const job *j) {
    const table_col cols[] = {{"customer", false, true},   {"repeats", true, false},
                              {"still ours", true, false}, {"purchases", true, false},
                              {"", false, false},          {"value", true, false},
                              {"", false, false},          {j->stability ? "a best tenth" : "", true, false}};
    arena a = j->c->scratch;
    uint32_t *top = make(&a, uint32_t, (size_t)j->o->limit + 1);
    size_t n = best_of(j, top, (size_t)MIN(j->o->limit, 10000));
    bool money = has_money(j);
    if (!n || (!j->is_log && !j->names)) return;
    term_say(&j->c->t, "\n");
    term_head(&j->c->t, "The best customers");
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t k = 0; k < n; k++) {
        size_t i = top[k];
        const purchase_row *r = &j->predicted[i];
        table_add(t, STYLE_plain, term_clean(&a, name_of(j, &a, i), true));
        table_add(t, STYLE_plain, str_fmt(&a, "%d", j->b->best.people.x[i]));
        table_add(t, STYLE_plain, str_fmt(&a, "%.0f %%", 100 * r->alive.value));
        table_add(t, STYLE_plain, show_num(&a, r->buys.value));
        table_add(t, STYLE_dim,
                  str_fmt(&a, "(%.*s to %.*s)", STR_ARG(show_num(&a, r->buys.lo)), STR_ARG(show_num(&a, r->buys.hi))));
        table_add(t, STYLE_bold, money ? show_money(&a, r->value.value, j->code) : S(""));
        table_add(t, STYLE_dim,
                  money ? str_fmt(&a, "(%.*s to %.*s)", STR_ARG(show_money(&a, r->value.lo, j->code)),
                                  STR_ARG(show_money(&a, r->value.hi, j->code)))
                        : S(""));
        table_add(t, STYLE_plain, j->stability ? str_fmt(&a, "%.0f %%", 100 * stability_of(j, i)) : S(""));
    }
    table_print(t, &j->c->t, 2);
    if (j->stability)
        term_say(&j->c->t,
                 "  'a best tenth': how often they are among the best tenth by spend when luck is drawn again.\n");
}

// ---- what was read ----

static void show_file(const job *j) {
    const cli *c = j->c;
    const purchase_size *s = &j->b->best.fit.size;
    const purchase_tally *t = &j->b->best.tally;
    arena a = c->scratch;
    str name = term_clean(&a, c->args.v[0], true);
    if (!j->is_log) {
        term_say(&c->t, "%.*s: summaries of %.*s customers\n", STR_ARG(name),
                 STR_ARG(term_count(&a, (int64_t)j->b->best.people.n)));
        if (s->ignored)
            term_say(&c->t, "  %.*s do not make sense and were left out (t.x above T, or purchases at no time)\n",
                     STR_ARG(say_n(&a, s->ignored, "row", "rows")));
        return;
    }
    const log_file *f = &j->log;
    str from = date_str(&a, t->first), to = date_str(&a, t->last);
    term_say(&c->t, "%.*s: %.*s, %.*s customers, %.*s to %.*s\n", STR_ARG(name),
             STR_ARG(say_n(&a, f->rows, "row", "rows")), STR_ARG(term_count(&a, f->customers)), STR_ARG(from),
             STR_ARG(to));
    term_say(&c->t, "  %.*s\n", STR_ARG(term_clean(&a, f->columns, true)));
    int64_t again = 0;
    for (size_t i = 0; i < j->b->best.people.n; i++) again += j->b->best.people.x[i] > 0;
    term_say(&c->t, "  %.*s bought on more than one day (%.0f %%)\n", STR_ARG(term_count(&a, again)),
             100.0 * (double)again / (double)MAX(j->b->best.people.n, 1));
    if (t->refunds)
        term_say(&c->t, "  %.*s took money back; %.*s of purchases were undone in whole\n",
                 STR_ARG(say_n(&a, t->refunds, "row", "rows")), STR_ARG(say_n(&a, t->undone, "day", "days")));
    if (f->others)
        term_say(&c->t, "  %.*s left out: never paid, taken back, no purchase, or another currency\n",
                 STR_ARG(say_n(&a, f->others, "row", "rows")));
    if (f->bad)
        term_say(&c->t, "  %.*s could not be read and were left out:\n", STR_ARG(say_n(&a, f->bad, "row", "rows")));
    for (int i = 0; i < f->n_first; i++)
        term_say(&c->t, "    line %" PRId64 ": %.*s\n", f->first[i].line,
                 STR_ARG(term_clean(&a, str_c(f->first[i].why), true)));
    if (f->notes.len) term_say(&c->t, "  %.*s\n", STR_ARG(f->notes));
}

// ---- JSON ----

static void put_params(json_out *o, const purchase_fit *f) {
    json_open(o, NULL, '{');
    json_put_str(o, "name", str_c(f->name));
    json_put_num(o, "loglik", f->loglik);
    json_put_num(o, "aic", f->aic);
    json_open(o, "parameters", '[');
    for (int i = 0; i < f->n; i++) {
        json_open(o, NULL, '{');
        json_put_str(o, "name", str_c(f->param[i].name));
        json_put_num(o, "value", f->param[i].value);
        json_put_num(o, "lo", f->param[i].lo);
        json_put_num(o, "hi", f->param[i].hi);
        json_put_num(o, "se", f->param[i].se);
        json_close(o, '}');
    }
    json_close(o, ']');
    json_close(o, '}');
}

static void put_range_json(json_out *o, const char *key, purchase_range r) {
    json_open(o, key, '{');
    json_put_num(o, "value", r.value);
    json_put_num(o, "lo", r.lo);
    json_put_num(o, "hi", r.hi);
    json_close(o, '}');
}

static void put_file(json_out *o, const job *j) {
    const log_file *f = &j->log;
    const purchase_tally *t = &j->b->best.tally;
    int64_t again = 0;
    arena a = j->c->scratch;
    for (size_t i = 0; i < j->b->best.people.n; i++) again += j->b->best.people.x[i] > 0;
    json_put_str(o, "file", j->c->args.v[0]);
    json_put_str(o, "kind", j->is_log ? S("log") : S("summaries"));
    json_put_int(o, "rows", j->is_log ? f->rows : (int64_t)j->table.n);
    json_put_int(o, "bad", j->is_log ? f->bad : j->b->best.fit.size.ignored);
    json_put_int(o, "others", f->others);
    json_open(o, "left_out", '[');
    for (int i = 0; i < f->n_first; i++) {
        json_open(o, NULL, '{');
        json_put_int(o, "line", f->first[i].line);
        json_put_str(o, "why", str_c(f->first[i].why));
        json_close(o, '}');
    }
    json_close(o, ']');
    json_put_str(o, "columns", f->columns);
    json_put_int(o, "customers", (int64_t)j->b->best.people.n);
    json_put_int(o, "repeat_buyers", again);
    if (j->is_log) json_put_str(o, "first", date_str(&a, t->first)), json_put_str(o, "last", date_str(&a, t->last));
    json_put_int(o, "refunds", t->refunds);
    json_put_int(o, "undone", t->undone);
    json_put_int(o, "unmatched", t->unmatched);
}

static void put_best(json_out *o, const job *j) {
    arena a = j->c->scratch;
    uint32_t *top = make(&a, uint32_t, (size_t)MIN(j->o->limit, 10000) + 1);
    size_t n = j->predicted ? best_of(j, top, (size_t)MIN(j->o->limit, 10000)) : 0;
    json_open(o, "best", '[');
    for (size_t k = 0; k < n; k++) {
        const purchase_row *r = &j->predicted[top[k]];
        arena brief = a;
        json_open(o, NULL, '{');
        json_put_str(o, "customer", name_of(j, &brief, top[k]));
        put_range_json(o, "alive", r->alive);
        put_range_json(o, "buys", r->buys);
        put_range_json(o, "value", has_money(j) ? r->value : (purchase_range){NAN, NAN, NAN});
        json_put_num(o, "stability", stability_of(j, top[k]));
        json_close(o, '}');
    }
    json_close(o, ']');
}

static void answer(const job *j, str report) {
    const purchase_best *b = &j->b->best;
    reply r;
    reply_open(&r, j->c);
    json_open(&r.j, NULL, '{');
    put_file(&r.j, j);
    json_open(&r.j, "tried", '[');
    for (size_t i = 0; i < b->test.n; i++)
        if (b->test.trial[i].model) put_params(&r.j, &b->test.trial[i].fit);
    json_close(&r.j, ']');
    json_open(&r.j, "spend", '{');
    json_put_num(&r.j, "p", b->spend.p);
    json_put_num(&r.j, "q", b->spend.q);
    json_put_num(&r.j, "gamma", b->spend.gamma);
    json_put_num(&r.j, "loglik", b->spend.loglik);
    json_close(&r.j, '}');
    put_best(&r.j, j);
    json_put_raw(&r.j, "report", report);
    json_close(&r.j, '}');
    reply_close(&r);
}

static bool finish(job *j, err *e) {
    json_t *report = NULL;
    arena text = arena_open((size_t)1 << 28);
    buf b = buf_new(&text, 64 << 20);
    json_out o = json_to(&b);
    value_report(&o, NULL, j->a, &j->fit);
    bool ok = json_read(buf_str(&b), &report, e);
    const json_t *buyers = json_array_get(json_object_get(report, "buyers"), 0);
    bool fitted = j->predicted != NULL;
    if (ok && j->o->out.len) ok = fitted ? write_out(j, e) : fail(e, ERR_invalid, "--out: %s", j->b->best.fit.why);
    if (ok && j->o->svg.len && fitted) ok = value_write_svg(j->c, buyers, &j->words, j->o->svg, e);
    if (ok && j->c->g.json) {
        answer(j, buf_str(&b));
    } else if (ok) {
        show_file(j);
        value_show_buyers(j->c, buyers, &j->words);
        if (fitted) show_best(j);
        if (fitted && !j->c->g.quiet) value_show_pictures(j->c, buyers, &j->words);
    }
    json_decref(report);
    arena_close(&text);
    return ok;
}

static bool work(job *j, err *e) {
    summary_columns k;
    bool is;
    j->b = j->fit.buyers = make(j->a, value_buyers, 1);
    j->fit.n_buyers = 1;
    if (!peek_summary(j, &k, &is, e)) return false;
    if (is ? !fit_summary(j, &k, e) : !read_log(j, e) || !fit_log(j, e)) return false;
    if (!horizon_of(j, e)) return false;
    predict(j);
    j->b->currency = j->log.money ? j->log.money->number : 0;
    j->fit.terms = j->terms;
    j->fit.terms.now_us = (int64_t)j->b->best.tally.last * DAY_US;
    j->fit.n_rows = j->b->best.people.n;
    j->fit.stay = (contract){.state = ESTIMATE_REFUSED, .why = "a file of purchases holds no contracts"};
    j->fit.risk = (churn){.state = ESTIMATE_REFUSED, .why = "a file of purchases holds no contracts"};
    return finish(j, e);
}

bool value_of_file(cli *c, const value_opts *o, const value_terms *t, err *e) {
    arena a = arena_open((size_t)1 << 37);
    job j = {.c = c, .o = o, .a = &a, .terms = *t};
    bool ok = work(&j, e);
    log_close(&j.log);
    arena_close(&a);
    return ok;
}
