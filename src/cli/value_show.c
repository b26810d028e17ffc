#include "cli/value_show.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>

#include "base/money.h"
#include "cli/picture.h"
#include "cli/say.h"

// ---- numbers ----

str show_num(arena *a, double v) {
    double size = fabs(v);
    if (isnan(v)) return S("-");
    if (size >= 1e12) return v < 0 ? S("-") : S("no bound");
    if (size >= 1000) return v < 0 ? str_cat(a, S("-"), term_count(a, llround(size))) : term_count(a, llround(v));
    if (size >= 100) return str_fmt(a, "%.0f", v);
    return str_fmt(a, "%.*f", size >= 10 ? 1 : size >= 1 ? 2 : 3, v);
}

str show_money(arena *a, double minor, const char *code) {
    const currency *k = code && *code ? currency_of(str_c(code)) : NULL;
    double unit = pow(10, k ? k->exponent : 2);
    if (!isfinite(minor)) return S("-");
    const char *name = k ? k->code : "";
    if (fabs(minor) < 100 * unit) return money_str(a, llround(minor), k);
    return str_fmt(a, "%s%.*s%s%s", minor < 0 ? "-" : "", STR_ARG(term_count(a, llround(fabs(minor) / unit))),
                   *name ? " " : "", name);
}

static double num(const json_t *o, const char *key) {
    const json_t *v = o ? json_find(o, key) : NULL;
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static const char *text(const json_t *o, const char *key) {
    const char *x = json_string_value(json_object_get(o, key));
    return x ? x : "";
}

static bool state_is(const json_t *o, const char *state) {
    return strcmp(text(o, "state"), state) == 0;
}

static void paragraph(const cli *c, arena a, const char *words) {
    // Sentences of a fit are long; they break between words.
    size_t at = 0, width = c->t.columns > 30 ? (size_t)MIN(c->t.columns - 4, 110) : 110;
    str rest = term_clean(&a, str_c(words), true);
    while (rest.len) {
        str word = str_cut(&rest, ' ');
        if (at && at + 1 + word.len > width) term_say(&c->t, "\n"), at = 0;
        term_say(&c->t, "%s%.*s", at ? " " : "  ", STR_ARG(word));
        at += word.len + 1;
        if (!rest.s) break;
    }
    term_say(&c->t, "\n");
}

static void heading(const cli *c, const char *words) {
    term_say(&c->t, "\n");
    term_head(&c->t, words);
}

// ---- the model ----

static double param(const json_t *model, const char *name) {
    const json_t *list = json_object_get(model, "parameters");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(text(json_array_get(list, i), "name"), name) == 0) return num(json_array_get(list, i), "value");
    return NAN;
}

// What the parameters mean on average.
static void say_meaning(const cli *c, const json_t *model, const char *unit) {
    arena a = c->scratch;
    const char *name = text(model, "name"), *k = strstr(name, "CNBD-");
    double rhythm = k ? strtod(k + 5, NULL) : 1, pace = param(model, "r") / param(model, "alpha") / rhythm;
    double leave = param(model, "a") / (param(model, "a") + param(model, "b"));
    str said = S("");
    if (isfinite(pace) && pace > 0)
        said = str_fmt(&a, "While with us, customers buy %.*s times a %s on average, once in %.*s %ss.",
                       STR_ARG(show_num(&a, pace)), unit, STR_ARG(show_num(&a, 1 / pace)), unit);
    if (strcmp(name, "BG/BB") == 0) {
        double p = param(model, "alpha"), q = param(model, "beta"), g = param(model, "gamma"),
               d = param(model, "delta");
        said = str_fmt(&a, "While with us, customers take %.0f %% of their opportunities; before each, %.0f %% leave.",
                       100 * p / (p + q), 100 * g / (g + d));
    }
    if (isfinite(leave))
        said = str_fmt(&a, "%.*s After %s purchase %.0f %% leave.", STR_ARG(said),
                       strncmp(name, "MBG", 3) == 0 ? "any" : "a repeat", 100 * leave);
    if (rhythm > 1) said = str_cat(&a, said, S(" They buy in a rhythm."));
    const char *words = str_z(&a, said);
    if (said.len) paragraph(c, a, words);
}

static void show_model(const cli *c, const json_t *buyers, const char *unit) {
    static const table_col cols[] = {{NULL, false, false}, {NULL, true, false}, {NULL, false, false}};
    const json_t *model = json_object_get(buyers, "model"), *list = json_object_get(model, "parameters");
    arena a = c->scratch;
    heading(c, "Which model");
    if (*text(buyers, "said")) paragraph(c, a, text(buyers, "said"));
    if (state_is(model, "refused")) return;
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *p = json_array_get(list, i);
        table_add(t, STYLE_plain, str_c(text(p, "name")));
        table_add(t, STYLE_bold, show_num(&a, num(p, "value")));
        table_add(t, STYLE_dim,
                  str_fmt(&a, "likely %.*s to %.*s", STR_ARG(show_num(&a, num(p, "lo"))),
                          STR_ARG(show_num(&a, num(p, "hi")))));
    }
    table_print(t, &c->t, 2);
    term_say(&c->t, "  %s, log-likelihood %.1f\n", text(model, "name"), num(model, "loglik"));
    say_meaning(c, model, unit);
}

// ---- the back-test ----

static str figure_of(arena *a, const json_t *f) {
    return str_fmt(a, "%.*s (%.*s to %.*s)", STR_ARG(show_num(a, num(f, "value"))), STR_ARG(show_num(a, num(f, "lo"))),
                   STR_ARG(show_num(a, num(f, "hi"))));
}

static void show_test(const cli *c, const json_t *buyers) {
    static const table_col cols[] = {{"", false, true},           {"foretold", true, false},  {"off", true, false},
                                     {"a customer", true, false}, {"log score", true, false}, {"ranks", true, false}};
    const json_t *test = json_object_get(buyers, "back_test"), *trials = json_object_get(test, "trials");
    arena a = c->scratch;
    if (!json_array_size(trials)) return;
    heading(c, "Tried on the end of the data, which the models had not seen");
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < json_array_size(trials); i++) {
        const json_t *x = json_array_get(trials, i), *total = json_object_get(x, "total");
        bool model = json_is_true(json_object_get(x, "model"));
        table_add(t, STYLE_plain, str_c(text(x, "name")));
        table_add(t, STYLE_bold, model ? figure_of(&a, total) : show_num(&a, num(total, "value")));
        table_add(t, STYLE_plain, str_fmt(&a, "%+.1f %%", 100 * num(x, "bias")));
        table_add(t, STYLE_plain, str_fmt(&a, "%.3f", num(x, "mae")));
        table_add(t, STYLE_plain, str_fmt(&a, "%.4f", num(x, "score")));
        table_add(t, STYLE_plain, str_fmt(&a, "%.3f", num(x, "auc")));
    }
    table_print(t, &c->t, 2);
    term_say(&c->t,
             "  %.*s purchases were made in those %.0f weeks. 'a customer': mean distance from what each one did.\n"
             "  'ranks': how often a buyer stands above one who did not buy.\n",
             STR_ARG(term_count(&a, (int64_t)num(test, "actual"))), num(test, "held_weeks"));
}

// ---- what is to come ----

static void total_row(table *t, arena *a, const char *what, const json_t *f, const char *code, bool money) {
    if (!isfinite(num(f, "value"))) return;
    double v[] = {num(f, "value"), num(f, "lo"), num(f, "hi")};
    str x[3];
    for (int i = 0; i < 3; i++) x[i] = money ? show_money(a, v[i], code) : term_count(a, llround(v[i]));
    table_add(t, STYLE_plain, str_c(what));
    table_add(t, STYLE_bold, x[0]);
    table_add(t, STYLE_dim, str_fmt(a, "likely %.*s to %.*s", STR_ARG(x[1]), STR_ARG(x[2])));
}

static void show_totals(const cli *c, const json_t *buyers, const value_words *w) {
    static const table_col cols[] = {{NULL, false, false}, {NULL, true, false}, {NULL, false, false}};
    const json_t *totals = json_object_get(buyers, "totals"), *spend = json_object_get(buyers, "spend");
    const char *code = text(buyers, "currency");
    bool money = !state_is(spend, "refused") && !state_is(spend, "none");
    arena a = c->scratch;
    heading(c, str_z(&a, str_fmt(&a, "In %.*s", STR_ARG(w->until))));
    table *t = table_new(&a, cols, COUNT(cols));
    total_row(t, &a, "still customers today", json_object_get(totals, "alive"), code, false);
    total_row(t, &a, "purchases", json_object_get(totals, "buys"), code, false);
    if (money) total_row(t, &a, "value, discounted", json_object_get(totals, "value"), code, true);
    table_print(t, &c->t, 2);
    if (money)
        term_say(&c->t, "  A purchase brings %.*s on average; spend and frequency hardly go together (%.2f).\n",
                 STR_ARG(show_money(&a, num(spend, "mean"), code)), num(spend, "correlation"));
    else
        term_say(&c->t, "  No value in money: %s.\n",
                 *text(spend, "why") ? text(spend, "why") : "the file has no amounts");
}

static void show_spread(const cli *c, const json_t *buyers) {
    const json_t *k = json_object_get(buyers, "concentration"), *top = json_object_get(k, "top_10");
    const json_t *half = json_object_get(k, "half");
    arena a = c->scratch;
    if (!isfinite(num(top, "value")) || !isfinite(num(half, "value"))) return;
    str words = str_fmt(&a,
                        "The best tenth of the customers will bring %.0f %% of it (likely %.0f to %.0f %%), "
                        "and %.1f %% of them half.",
                        100 * num(top, "value"), 100 * num(top, "lo"), 100 * num(top, "hi"), 100 * num(half, "value"));
    const char *z = str_z(&a, words);
    paragraph(c, a, z);
}

void value_show_buyers(const cli *c, const json_t *buyers, const value_words *w) {
    show_model(c, buyers, w->unit);
    if (state_is(json_object_get(buyers, "model"), "refused")) return;
    show_test(c, buyers);
    show_totals(c, buyers, w);
    show_spread(c, buyers);
}

// ---- contracts and risk ----

void value_show_contracts(const cli *c, const json_t *report) {
    const json_t *k = json_object_get(report, "contracts"), *list = json_object_get(k, "survival");
    static const table_col cols[] = {{NULL, true, false}, {NULL, true, false}, {NULL, false, false}};
    arena a = c->scratch;
    if (num(k, "running") <= 0 && !json_array_size(list)) return;
    heading(c, "Contracts");
    if (state_is(k, "refused") || !json_array_size(list)) {
        term_say(&c->t, "  No curve: %s.\n", text(k, "why"));
        return;
    }
    term_say(&c->t, "  %.*s run. Of %.*s that ever ran, %.*s ended. %s, alpha %.*s, beta %.*s.\n",
             STR_ARG(term_count(&a, (int64_t)num(k, "running"))), STR_ARG(term_count(&a, (int64_t)num(k, "n"))),
             STR_ARG(term_count(&a, (int64_t)num(k, "lost"))), text(k, "name"), STR_ARG(show_num(&a, num(k, "alpha"))),
             STR_ARG(show_num(&a, num(k, "beta"))));
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i), *share = json_object_get(x, "share");
        int months = (int)num(x, "months");
        if (months % 6 || !months) continue;
        table_add(t, STYLE_plain, str_fmt(&a, "after %d months", months));
        table_add(t, STYLE_bold, str_fmt(&a, "%.0f %%", 100 * num(share, "value")));
        table_add(t, STYLE_dim, str_fmt(&a, "likely %.0f to %.0f %%", 100 * num(share, "lo"), 100 * num(share, "hi")));
    }
    table_print(t, &c->t, 2);
    const json_t *stay = json_object_get(k, "will_stay");
    if (isfinite(num(stay, "value")))
        term_say(&c->t, "  Of those that run, %.*s (likely %.*s to %.*s) will still run at the horizon.\n",
                 STR_ARG(term_count(&a, llround(num(stay, "value")))),
                 STR_ARG(term_count(&a, llround(num(stay, "lo")))), STR_ARG(term_count(&a, llround(num(stay, "hi")))));
}

void value_show_risk(const cli *c, const json_t *risk) {
    static const table_col cols[] = {{"said", true, false}, {"left", true, false}, {NULL, false, false}};
    arena a = c->scratch;
    heading(c, "Who leaves");
    if (!*text(risk, "told")) {
        str why =
            str_fmt(&a, "No risk is foretold: %s.", *text(risk, "why") ? text(risk, "why") : "there are no contracts");
        const char *words = str_z(&a, why);
        paragraph(c, a, words);
        return;
    }
    paragraph(c, a, text(risk, "told"));
    term_say(
        &c->t,
        "  Within %.0f days; learned from %.*s contracts of which %.*s ended. Log loss %.3f, without a model %.3f.\n",
        num(risk, "days"), STR_ARG(term_count(&a, (int64_t)num(risk, "n"))),
        STR_ARG(term_count(&a, (int64_t)num(risk, "lost"))), num(json_object_get(risk, "log_loss"), "value"),
        num(risk, "log_loss_base"));
    const json_t *bins = json_object_get(risk, "reliability");
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < json_array_size(bins); i++) {
        const json_t *x = json_array_get(bins, i), *seen = json_object_get(x, "seen");
        table_add(t, STYLE_plain, str_fmt(&a, "%.1f %%", 100 * num(x, "said")));
        table_add(t, STYLE_bold, str_fmt(&a, "%.1f %%", 100 * num(seen, "value")));
        table_add(t, STYLE_dim, str_fmt(&a, "likely %.1f to %.1f %%", 100 * num(seen, "lo"), 100 * num(seen, "hi")));
    }
    if (json_array_size(bins)) table_print(t, &c->t, 2);
}

// ---- pictures ----

enum { PICTURES = 3, BARS = 11 };

typedef struct {
    picture p[PICTURES];
    int n;
    const char *name[PICTURES];
} pictures;

static double *numbers(arena *a, const json_t *list) {
    size_t n = json_array_size(list);
    double *v = make(a, double, n + 1);
    for (size_t i = 0; i < n; i++) v[i] = json_number_value(json_array_get(list, i));
    return v;
}

static double *steps_of(arena *a, const double *v, size_t n) {
    double *d = make(a, double, n + 1);
    for (size_t i = 0; i < n; i++) d[i] = v[i] - (i ? v[i - 1] : 0);
    return d;
}

static pictures pictures_of(arena *a, const json_t *buyers, const char *unit) {
    static const char *const labels[BARS] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10+"};
    const json_t *k = json_object_get(buyers, "picture");
    pictures out = {0};
    size_t n = json_array_size(json_object_get(k, "weeks_expected"));
    const char *time = str_z(a, str_fmt(a, "%ss", unit));
    if (n > 1) {
        const double *seen = numbers(a, json_object_get(k, "weeks_seen"));
        const double *expected = numbers(a, json_object_get(k, "weeks_expected"));
        picture p = {
            .title = "Repeat purchases so far", .x_name = time, .y_name = "purchases", .x0 = 1, .step = 1, .n = n};
        p.n_lines = 2;
        p.lines[0] = (picture_line){"seen", seen, NULL, NULL},
        p.lines[1] = (picture_line){"model", expected, NULL, NULL};
        out.name[out.n] = "cumulative", out.p[out.n++] = p;
        p.title = str_z(a, str_fmt(a, "Repeat purchases by %s", unit));
        p.lines[0].y = steps_of(a, seen, n), p.lines[1].y = steps_of(a, expected, n);
        out.name[out.n] = "weekly", out.p[out.n++] = p;
    }
    if (json_array_size(json_object_get(k, "repeats_seen")) == BARS) {
        picture p = {.title = "Customers by number of repeat purchases",
                     .x_name = "repeat purchases",
                     .y_name = "customers",
                     .n = BARS,
                     .n_lines = 2,
                     .labels = labels};
        p.lines[0] = (picture_line){"seen", numbers(a, json_object_get(k, "repeats_seen")), NULL, NULL};
        p.lines[1] = (picture_line){"model", numbers(a, json_object_get(k, "repeats_expected")), NULL, NULL};
        out.name[out.n] = "repeats", out.p[out.n++] = p;
    }
    return out;
}

void value_show_pictures(const cli *c, const json_t *buyers, const value_words *w) {
    arena a = c->scratch;
    pictures k = pictures_of(&a, buyers, w->unit);
    for (int i = 0; i < k.n; i++) {
        term_say(&c->t, "\n");
        picture_text(a, &c->t, &k.p[i]);
    }
}

bool show_write(const char *path, str words, err *e) {
    FILE *f = fopen(path, "wb");
    if (!f) return fail(e, ERR_denied, "\"%s\" cannot be written: %s", path, strerror(errno));
    bool ok = fwrite(words.s, 1, words.len, f) == words.len;
    if (fclose(f) != 0 || !ok) return fail(e, ERR_full, "\"%s\" could not be written; is its disk full?", path);
    return true;
}

bool value_write_svg(const cli *c, const json_t *buyers, const value_words *w, str where, err *e) {
    arena a = arena_open((size_t)64 << 20);
    pictures k = pictures_of(&a, buyers, w->unit);
    bool file = str_ends(where, S(".svg")), ok = true;
    str stem = file ? str_sub(where, 0, where.len - 4) : where;
    (void)c;
    if (!file && mkdir(str_z(&a, where), 0777) != 0 && errno != EEXIST)
        ok = fail(e, ERR_denied, "the folder \"%.*s\" cannot be made: %s", STR_ARG(where), strerror(errno));
    for (int i = 0; ok && i < k.n; i++) {
        arena brief = a;
        buf b = buf_new(&brief, 8 << 20);
        picture_svg(&b, &k.p[i]);
        str path = !file    ? str_fmt(&brief, "%.*s/%s.svg", STR_ARG(stem), k.name[i])
                   : i == 0 ? where
                            : str_fmt(&brief, "%.*s-%s.svg", STR_ARG(stem), k.name[i]);
        ok = show_write(str_z(&brief, path), buf_str(&b), e);
    }
    arena_close(&a);
    return ok;
}
