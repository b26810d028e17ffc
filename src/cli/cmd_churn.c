#include <math.h>

#include "base/csv.h"
#include "cli/cells.h"
#include "cli/picture.h"
#include "cli/say.h"
#include "cli/value_cmd.h"
#include "know/figure.h"
#include "listen/columns.h"
#include "stats/churn.h"

typedef struct {
    str label, id, out, svg;
    int64_t limit;
} churn_opts;

static const churn_opts defaults = {.limit = 10};

static const opt opts[] = {
    {"label", 'l', OPT_TEXT, offsetof(churn_opts, label), "COLUMN", "says who left; guessed unless given"},
    {"id", 0, OPT_TEXT, offsetof(churn_opts, id), "COLUMN", "the customer's number; guessed unless given"},
    {"out", 'o', OPT_TEXT, offsetof(churn_opts, out), "FILE", "write every customer's risk and reasons as CSV"},
    {"svg", 0, OPT_TEXT, offsetof(churn_opts, svg), "FILE.svg", "write the picture of said and seen"},
    {"limit", 'n', OPT_NUMBER, offsetof(churn_opts, limit), "N", "customers shown (10)"},
};

enum { MOST_CLASSES = FEATURE_BINS - 2, REASONS = 3, SAMPLED = 1000, UNKNOWN = 2, MOST_COLUMNS = 2000 };

typedef struct {
    const char *name;
    double points;
} weight;

// One table on its way to risks.
typedef struct {
    cli *c;
    const churn_opts *o;
    arena *a;
    cells t;
    int label, id;
    bool guessed;     // the label, from what stands in the last column
    uint8_t *outcome; // per row: 1 left, 0 stayed, UNKNOWN
    features all;
    churn model;
    int64_t known, left;
    str dropped;
    int n_dropped;
    weight *weights;
    size_t n_weights;
} job;

// ---- who left ----

// 1 left, 0 stayed, −1 neither is said.
static int left_said(str x) {
    static const char *const gone[] = {"churn",  "left", "attrit", "exit",    "lost",
                                       "cancel", "gone", "ended",  "inactive"};
    static const char *const here[] = {"no", "n", "false", "f", "0", "nein", "falsch", "falso", "0.0"};
    if (says_yes(x) || str_eq(x, S("1.0"))) return 1;
    for (size_t i = 0; i < COUNT(here); i++)
        if (str_eq_ci(x, str_c(here[i]))) return 0;
    for (size_t i = 0; i < COUNT(gone); i++)
        if (str_starts_ci(x, str_c(gone[i]))) return 1;
    static const char *const stays[] = {"stay", "exist", "retain", "activ", "current", "kept", "running", "customer"};
    for (size_t i = 0; i < COUNT(stays); i++)
        if (str_starts_ci(x, str_c(stays[i]))) return 0;
    return -1;
}

static bool is_label(const cells *t, int which) {
    bool some[2] = {false, false};
    for (size_t i = 0; i < t->n; i++) {
        str x = cells_at(t, i, which);
        int said = x.len ? left_said(x) : 0;
        if (said < 0) return false;
        if (x.len) some[said] = true;
    }
    return some[0] && some[1];
}

static bool find_label(job *j, err *e) {
    if (j->o->label.len) return cells_asked(j->a, &j->t, "--label", j->o->label, &j->label, e);
    j->label =
        cells_find(j->c->scratch, &j->t,
                   "churn churned ischurn ischurned churnflag churnlabel churnvalue attritionflag attrition exited "
                   "haschurned left gekundigt kundigung baja abandono cancelled canceled");
    if (j->label >= 0) return true;
    if (j->t.columns && is_label(&j->t, j->t.columns - 1)) {
        j->label = j->t.columns - 1, j->guessed = true;
        return true;
    }
    return fail(e, ERR_invalid, "no column says who left (Yes or No); name it: --label COLUMN");
}

static bool read_label(job *j, err *e) {
    j->outcome = make(j->a, uint8_t, j->t.n + 1);
    for (size_t i = 0; i < j->t.n; i++) {
        str x = cells_at(&j->t, i, j->label);
        int said = x.len ? left_said(x) : UNKNOWN;
        if (said < 0)
            return fail(e, ERR_invalid, "row %zu: \"%.*s\" is \"%.*s\"; it must say Yes or No (or 1 or 0)", i + 1,
                        STR_ARG(j->t.names[j->label]), (int)MIN(x.len, 40), x.s);
        j->outcome[i] = (uint8_t)said;
        j->known += said != UNKNOWN, j->left += said == 1;
    }
    return true;
}

// ---- what is known of them ----

static bool find_id(job *j, err *e) {
    if (j->o->id.len) return cells_asked(j->a, &j->t, "--id", j->o->id, &j->id, e);
    j->id =
        cells_find(j->c->scratch, &j->t,
                   "customerid customer customernumber custid clientid client clientnum userid user accountid account "
                   "memberid kundennr kundennummer kundeid cliente id");
    if (j->id == j->label) j->id = -1;
    return true;
}

static void drop(job *j, int which, const char *why) {
    str name = j->t.names[which];
    j->dropped = str_fmt(j->a, "%.*s%s%.*s (%s)", STR_ARG(j->dropped), j->n_dropped++ ? ", " : "",
                         (int)MIN(name.len, 40), name.s, why);
}

static bool as_numbers(job *j, int which, feature *f) {
    double *v = make(j->a, double, j->t.n + 1);
    for (size_t i = 0; i < j->t.n; i++)
        if (!str_f64(cells_at(&j->t, i, which), &v[i])) v[i] = NAN;
    f->number = v;
    return true;
}

static bool as_classes(job *j, int which, feature *f) {
    int32_t *v = make(j->a, int32_t, j->t.n + 1);
    const char **names = make(j->a, const char *, MOST_CLASSES + 1);
    str seen[MOST_CLASSES];
    int32_t n = 0;
    for (size_t i = 0; i < j->t.n; i++) {
        str x = cells_at(&j->t, i, which);
        int32_t k = x.len ? 0 : -1;
        while (k >= 0 && k < n && !str_eq(seen[k], x)) k++;
        if (k == n && n == MOST_CLASSES) return false;
        if (k == n) seen[n] = x, names[n++] = str_z(j->a, term_clean(j->a, str_sub(x, 0, 60), true));
        v[i] = k;
    }
    f->class_of = v, f->classes = names, f->n_classes = n;
    return n > 0;
}

static bool read_features(job *j, err *e) {
    arena scratch = j->c->scratch;
    feature *f = make(j->a, feature, (size_t)j->t.columns + 1);
    size_t n = 0;
    if (j->t.columns > MOST_COLUMNS)
        return fail(e, ERR_too_large, "the table has more than %d columns; leave out what tells nothing", MOST_COLUMNS);
    for (int i = 0; i < j->t.columns; i++) {
        arena brief = scratch;
        if (i == j->label || i == j->id) continue;
        str plain = plain_name(&brief, j->t.names[i]);
        bool number = cells_numeric(&j->t, i);
        f[n] = (feature){.name = str_z(j->a, j->t.names[i])};
        if (str_eq(plain, S("rownumber")) || str_eq(plain, S("customerid")) || !plain.len)
            drop(j, i, "a number of the row");
        else if (number && as_numbers(j, i, &f[n]))
            n++;
        else if (as_classes(j, i, &f[n]))
            n++;
        else
            drop(j, i, "empty, or too many different words");
    }
    j->all = (features){f, n, j->t.n};
    return n || fail(e, ERR_invalid, "no column but \"%.*s\" tells anything of the customers",
                     STR_ARG(j->t.names[j->label]));
}

static void learn(job *j) {
    uint32_t *rows = make(j->a, uint32_t, j->t.n + 1);
    bool *left = make(j->a, bool, j->t.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < j->t.n; i++)
        if (j->outcome[i] != UNKNOWN) left[n] = j->outcome[i] == 1, rows[n++] = (uint32_t)i;
    churn_data d = {.table = features_pick(j->a, &j->all, rows, n), .left = left, .seed = 1};
    j->model = churn_fit(j->a, &d);
}

// ---- which columns say most ----

static int by_points(const void *x, const void *y) {
    const weight *a = x, *b = y;
    return (a->points < b->points) - (a->points > b->points);
}

// By how many points each moves the risk of a customer, on average over a thousand of them.
static void weigh(job *j) {
    size_t m = j->all.n_features, every = MAX(j->t.n / SAMPLED, 1), sampled = 0;
    churn_reason *r = make(j->a, churn_reason, m + 1);
    j->weights = make(j->a, weight, m + 1), j->n_weights = m;
    for (size_t k = 0; k < m; k++) j->weights[k].name = j->all.of[k].name;
    for (size_t i = 0; i < j->t.n; i += every, sampled++) {
        size_t n = churn_reasons(*j->a, &j->model, &j->all, i, r, m);
        for (size_t k = 0; k < n; k++) j->weights[r[k].of].points += fabs(r[k].points);
    }
    for (size_t k = 0; k < m; k++) j->weights[k].points /= (double)MAX(sampled, 1);
    qsort(j->weights, m, sizeof *j->weights, by_points);
}

// ---- customers ----

static str name_of(const job *j, arena *a, size_t i) {
    str name = j->id >= 0 ? cells_at(&j->t, i, j->id) : S("");
    return name.len ? term_clean(a, name, true) : str_fmt(a, "row %zu", i + 1);
}

static str reasons_of(const job *j, arena *a, size_t i, const char *between) {
    churn_reason r[REASONS];
    size_t n = churn_reasons(*a, &j->model, &j->all, i, r, REASONS);
    str said = S("");
    for (size_t k = 0; k < n; k++) {
        str words = churn_reason_words(a, &j->all, i, &r[k]);
        said = str_fmt(a, "%.*s%s%.*s", STR_ARG(said), k ? between : "", STR_ARG(words));
    }
    return said;
}

typedef struct {
    double risk;
    uint32_t row;
} ranked;

static int by_risk(const void *x, const void *y) {
    const ranked *a = x, *b = y;
    if (a->risk != b->risk) return a->risk < b->risk ? 1 : -1;
    return (a->row > b->row) - (a->row < b->row);
}

// Those who have not left, the highest risk first.
static size_t at_risk(const job *j, arena *a, ranked **out) {
    ranked *r = make(a, ranked, j->t.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < j->t.n; i++)
        if (j->outcome[i] != 1) r[n++] = (ranked){churn_risk(*a, &j->model, &j->all, i).value, (uint32_t)i};
    qsort(r, n, sizeof *r, by_risk);
    *out = r;
    return MIN(n, (size_t)MIN(j->o->limit, 10000));
}

static bool write_rows(job *j, FILE *f, buf *b, arena scratch) {
    bool ok = true;
    buf_add(b, S("customer,left,risk,risk_lo,risk_hi,why\n"));
    for (size_t i = 0; i < j->t.n && ok; i++) {
        arena brief = scratch;
        estimate risk = churn_risk(scratch, &j->model, &j->all, i);
        csv_write_cell(b, name_of(j, &brief, i), ',');
        buf_fmt(b, ",%s,%.6g,%.6g,%.6g,",
                j->outcome[i] == UNKNOWN ? ""
                : j->outcome[i]          ? "yes"
                                         : "no",
                risk.value, risk.lo, risk.hi);
        csv_write_cell(b, reasons_of(j, &brief, i, "; "), ',');
        buf_addc(b, '\n');
        if (b->len < 1 << 20 && i + 1 < j->t.n) continue;
        ok = fwrite(b->s, 1, b->len, f) == b->len;
        buf_reset(b);
    }
    return ok;
}

static bool write_out(job *j, err *e) {
    const char *path = str_z(j->a, j->o->out);
    if (j->model.state == ESTIMATE_REFUSED) return fail(e, ERR_invalid, "--out: no risk is foretold: %s", j->model.why);
    FILE *f = fopen(path, "wb");
    if (!f) return fail(e, ERR_denied, "\"%s\" cannot be written; name a file in a folder that is yours", path);
    arena a = arena_open((size_t)8 << 20), scratch = arena_open((size_t)64 << 20);
    buf b = buf_new(&a, 4 << 20);
    bool ok = write_rows(j, f, &b, scratch);
    if (fclose(f) != 0 || !ok) fail(e, ERR_full, "\"%s\" could not be written; is its disk full?", path);
    arena_close(&scratch);
    arena_close(&a);
    return err_ok(e);
}

// ---- for people ----

static void said(const cli *c, arena a, const char *words) {
    term_say(&c->t, "  %.*s\n", STR_ARG(term_clean(&a, str_c(words), true)));
}

static void head(const cli *c, const char *words) {
    term_say(&c->t, "\n");
    term_head(&c->t, words);
}

static void score_row(table *t, arena *a, const char *what, const estimate *x, const char *beside) {
    table_add(t, STYLE_plain, str_c(what));
    table_add(t, STYLE_bold, str_fmt(a, "%.3f", x->value));
    table_add(t, STYLE_dim, str_fmt(a, "likely %.3f to %.3f", x->lo, x->hi));
    table_add(t, STYLE_dim, str_c(beside));
}

static void show_scores(const job *j) {
    static const table_col cols[] = {
        {NULL, false, false}, {NULL, true, false}, {NULL, false, false}, {NULL, false, false}};
    const reliability *k = &j->model.seen;
    arena a = j->c->scratch;
    double share = 100.0 * (double)j->left / (double)MAX(j->known, 1);
    head(j->c, "How good it is, on customers it had not learned from");
    table *t = table_new(&a, cols, COUNT(cols));
    score_row(t, &a, "log loss", &k->loss,
              str_fmt(&a, "%.3f when %.1f %% is said of everybody", k->loss_base, share).s);
    score_row(t, &a, "Brier score", &k->brier, str_fmt(&a, "%.3f when it is", k->brier_base).s);
    score_row(t, &a, "AUC", &k->auc.value, "how often one who left stands above one who stayed");
    table_add(t, STYLE_plain, S("calibration error"));
    table_add(t, STYLE_bold, str_fmt(&a, "%.3f", k->ece));
    table_add(t, STYLE_dim, S(""));
    table_add(t, STYLE_dim, S("mean distance between what was said and what was seen"));
    table_print(t, &j->c->t, 2);
}

static picture said_and_seen(const job *j, arena *a) {
    const reliability *k = &j->model.seen;
    double *told = make(a, double, k->n_bins + 1), *seen = make(a, double, k->n_bins + 1);
    const char **labels = make(a, const char *, k->n_bins + 1);
    for (size_t i = 0; i < k->n_bins; i++) {
        told[i] = 100 * k->bins[i].said, seen[i] = 100 * k->bins[i].seen.value;
        labels[i] = str_z(a, str_fmt(a, "%.0f %%", told[i]));
    }
    picture p = {.title = "Risk said, and share who left",
                 .x_name = "customers by risk",
                 .y_name = "percent",
                 .n = k->n_bins,
                 .n_lines = 2,
                 .labels = labels};
    p.lines[0] = (picture_line){"said", told, NULL, NULL}, p.lines[1] = (picture_line){"left", seen, NULL, NULL};
    return p;
}

static void show_bins(const job *j) {
    static const table_col cols[] = {
        {"risk said", true, false}, {"left", true, false}, {"", false, false}, {"customers", true, false}};
    arena a = j->c->scratch;
    head(j->c, "Said and seen");
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < j->model.seen.n_bins; i++) {
        const reliability_bin *b = &j->model.seen.bins[i];
        table_add(t, STYLE_plain, str_fmt(&a, "%.1f %%", 100 * b->said));
        table_add(t, STYLE_bold, str_fmt(&a, "%.1f %%", 100 * b->seen.value));
        table_add(t, STYLE_dim, str_fmt(&a, "likely %.1f to %.1f %%", 100 * b->seen.lo, 100 * b->seen.hi));
        table_add(t, STYLE_plain, term_count(&a, b->seen.n));
    }
    table_print(t, &j->c->t, 2);
    if (j->c->g.quiet) return;
    picture p = said_and_seen(j, &a);
    term_say(&j->c->t, "\n");
    picture_text(a, &j->c->t, &p);
}

static void show_weights(const job *j) {
    static const table_col cols[] = {{NULL, false, false}, {NULL, true, false}};
    arena a = j->c->scratch;
    head(j->c, "What says most: points of risk by which it moves a customer, on average");
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t k = 0; k < MIN(j->n_weights, 8); k++) {
        if (j->weights[k].points < 0.05) break;
        table_add(t, STYLE_plain, str_c(j->weights[k].name));
        table_add(t, STYLE_bold, str_fmt(&a, "%.1f", j->weights[k].points));
    }
    table_print(t, &j->c->t, 2);
    said(j->c, a, "A risk is a prediction, not a cause: docs/value.md says whom to call.");
}

static void show_at_risk(const job *j) {
    static const table_col cols[] = {
        {"customer", false, false}, {"risk", true, false}, {"", false, false}, {"why", false, true}};
    arena a = arena_open((size_t)1 << 30);
    ranked *r;
    size_t n = at_risk(j, &a, &r);
    if (n) {
        head(j->c, "At the highest risk, of those still here");
        table *t = table_new(&a, cols, COUNT(cols));
        for (size_t k = 0; k < n; k++) {
            estimate x = churn_risk(a, &j->model, &j->all, r[k].row);
            table_add(t, STYLE_plain, name_of(j, &a, r[k].row));
            table_add(t, STYLE_bold, str_fmt(&a, "%.0f %%", 100 * x.value));
            table_add(t, STYLE_dim, str_fmt(&a, "(%.0f to %.0f %%)", 100 * x.lo, 100 * x.hi));
            table_add(t, STYLE_plain, reasons_of(j, &a, r[k].row, "; "));
        }
        table_print(t, &j->c->t, 2);
    }
    arena_close(&a);
}

static void show(const job *j) {
    const cli *c = j->c;
    arena a = c->scratch;
    str name = term_clean(&a, c->args.v[0], true);
    double share = 100.0 * (double)j->left / (double)MAX(j->known, 1);
    term_say(&c->t, "%.*s: %.*s, of whom %.*s left (%.1f %%), as \"%.*s\" says%s\n", STR_ARG(name),
             STR_ARG(say_n(&a, j->known, "customer", "customers")), STR_ARG(term_count(&a, j->left)), share,
             STR_ARG(j->t.names[j->label]), j->guessed ? " (a guess; --label names another)" : "");
    if (j->id >= 0) term_say(&c->t, "  %.*s is the customer's number\n", STR_ARG(j->t.names[j->id]));
    if (j->known < (int64_t)j->t.n)
        term_say(&c->t, "  %.*s without an outcome: not learned from\n",
                 STR_ARG(say_n(&a, (int64_t)j->t.n - j->known, "row", "rows")));
    if (j->t.odd)
        term_say(&c->t, "  %.*s longer than the header, or unreadable\n",
                 STR_ARG(say_n(&a, j->t.odd, "row is", "rows are")));
    if (j->n_dropped) term_say(&c->t, "  not used: %.*s\n", STR_ARG(j->dropped));
    head(c, "Which model");
    if (j->model.state == ESTIMATE_REFUSED) {
        term_say(&c->t, "  No risk is foretold: %s.\n", j->model.why);
        return;
    }
    const char *chosen = str_z(&a, str_fmt(&a, "Chosen: %s.", j->model.told));
    said(c, a, chosen);
    if (j->model.state == ESTIMATE_THIN && j->model.why) said(c, a, j->model.why);
    if (j->model.suspect >= 0)
        term_say(&c->t,
                 "  \"%s\" alone tells nearly everything. Was it known before they left? If not, leave it out.\n",
                 j->all.of[j->model.suspect].name);
    show_scores(j);
    show_bins(j);
    show_weights(j);
    show_at_risk(j);
}

// ---- for programs ----

static void put_at_risk(reply *r, const job *j) {
    arena a = arena_open((size_t)1 << 30);
    ranked *list;
    size_t n = j->model.state == ESTIMATE_REFUSED ? 0 : at_risk(j, &a, &list);
    json_open(&r->j, "at_risk", '[');
    for (size_t k = 0; k < n; k++) {
        arena brief = a;
        churn_reason why[REASONS];
        estimate x = churn_risk(a, &j->model, &j->all, list[k].row);
        json_open(&r->j, NULL, '{');
        json_put_str(&r->j, "customer", name_of(j, &brief, list[k].row));
        figure_json(&r->j, "risk", &x);
        json_open(&r->j, "why", '[');
        size_t m = churn_reasons(brief, &j->model, &j->all, list[k].row, why, REASONS);
        for (size_t i = 0; i < m; i++)
            json_put_str(&r->j, NULL, churn_reason_words(&brief, &j->all, list[k].row, &why[i]));
        json_close(&r->j, ']');
        json_close(&r->j, '}');
        reply_some(r);
    }
    json_close(&r->j, ']');
    arena_close(&a);
}

static void put_model(json_out *o, const job *j) {
    static const char *const learners[] = {"", "logistic", "together", "boosted"};
    const churn *k = &j->model;
    json_put_str(o, "learner", str_c(learners[k->learner]));
    json_put_str(o, "told", str_c(k->told ? k->told : ""));
    figure_json(o, "log_loss", &k->seen.loss);
    json_put_num(o, "log_loss_base", k->seen.loss_base);
    figure_json(o, "brier", &k->seen.brier);
    json_put_num(o, "brier_base", k->seen.brier_base);
    figure_json(o, "auc", &k->seen.auc.value);
    json_put_num(o, "calibration_error", k->seen.ece);
    json_open(o, "reliability", '[');
    for (size_t i = 0; i < k->seen.n_bins; i++) {
        json_open(o, NULL, '{');
        json_put_num(o, "said", k->seen.bins[i].said);
        figure_json(o, "seen", &k->seen.bins[i].seen);
        json_close(o, '}');
    }
    json_close(o, ']');
    json_open(o, "columns", '[');
    for (size_t i = 0; i < j->n_weights; i++) {
        json_open(o, NULL, '{');
        json_put_str(o, "name", str_c(j->weights[i].name));
        json_put_num(o, "points", j->weights[i].points);
        json_close(o, '}');
    }
    json_close(o, ']');
}

static void answer(const job *j) {
    reply r;
    bool refused = j->model.state == ESTIMATE_REFUSED;
    reply_open(&r, j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "file", j->c->args.v[0]);
    json_put_int(&r.j, "customers", j->known);
    json_put_int(&r.j, "left", j->left);
    json_put_str(&r.j, "label", j->t.names[j->label]);
    json_put_str(&r.j, "id", j->id >= 0 ? j->t.names[j->id] : S(""));
    json_put_str(&r.j, "not_used", j->dropped);
    json_put_str(&r.j, "state", str_c(figure_state(j->model.state)));
    json_put_str(&r.j, "why", str_c(j->model.why ? j->model.why : ""));
    json_put_str(&r.j, "suspect", str_c(!refused && j->model.suspect >= 0 ? j->all.of[j->model.suspect].name : ""));
    if (!refused) put_model(&r.j, j);
    put_at_risk(&r, j);
    json_close(&r.j, '}');
    reply_close(&r);
}

static bool draw(job *j, err *e) {
    picture p = said_and_seen(j, j->a);
    buf b = buf_new(j->a, 8 << 20);
    picture_svg(&b, &p);
    return show_write(str_z(j->a, j->o->svg), buf_str(&b), e);
}

static bool of_file(job *j, err *e) {
    if (!cells_read(j->a, j->c, str_z(j->a, j->c->args.v[0]), &j->t, e) || !find_label(j, e) || !read_label(j, e) ||
        !find_id(j, e) || !read_features(j, e))
        return false;
    learn(j);
    bool fitted = j->model.state != ESTIMATE_REFUSED;
    if (fitted) weigh(j);
    if (j->o->out.len && !write_out(j, e)) return false;
    if (j->o->svg.len && fitted && !draw(j, e)) return false;
    if (j->c->g.json)
        answer(j);
    else
        show(j);
    return true;
}

static bool run(cli *c, const void *options, err *e) {
    const churn_opts *o = options;
    if (!c->args.n) {
        if (o->label.len || o->id.len || o->out.len || o->svg.len)
            return fail(e, ERR_usage, "name the file: heed churn FILE; --label, --id, --out and --svg are for files");
        return value_risk_of_store(c, o->limit, e);
    }
    arena a = arena_open((size_t)1 << 36);
    job j = {.c = c, .o = o, .a = &a, .id = -1, .label = -1};
    bool ok = of_file(&j, e);
    arena_close(&a);
    return ok;
}

const cmd cmd_churn = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(churn_opts),
    .defaults = &defaults,
    .max_args = 1,
    .run = run,
    .more = "With a file: a table of customers, one a row, with a column that says who left (Yes or No) and others "
            "that say "
            "what was known of them before. Learns who leaves, by two methods of which the simpler is taken unless the "
            "other is measurably better, and judges itself on customers that it had not learned from. Below a hundred "
            "customers of each kind, or ten for each thing learned, it refuses. Rows without an outcome are told their "
            "risk too.\n\n"
            "Without a file: the store's contracts, as fitted last by 'heed value --fit' or the server.\n\n"
            "docs/value.md explains every figure, and why the highest risk is not whom a call helps most.",
    .examples = "heed churn customers.csv\n"
                "heed churn customers.csv --label Exited --id CustomerId --out risks.csv\n"
                "heed churn",
    .json =
        "file: "
        "{\"file\",\"customers\",\"left\",\"label\",\"id\",\"not_used\",\"state\",\"why\",\"suspect\",\"learner\","
        "\"told\",\"log_loss\",\"log_loss_base\",\"brier\",\"brier_base\",\"auc\",\"calibration_error\","
        "\"reliability\":[{\"said\",\"seen\"}],\"columns\":[{\"name\",\"points\"}],\"at_risk\":[{\"customer\",\"risk\","
        "\"why\"}]}; store: {\"model\",\"as_of\",\"report\",\"at_risk\":[{\"customer\",\"value\",\"risk\",\"why\",…}]}",
};
