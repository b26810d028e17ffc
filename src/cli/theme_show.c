// heed theme show, hints, said; and figures as pictures in a line.
#include "cli/theme_cmd.h"

#include <math.h>

#include "base/unicode.h"
#include "know/figure.h"
#include "know/measure.h"

// ---- figures in a line ----

str theme_spark(arena *a, const int64_t *v, size_t n) {
    static const char *const marks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    int64_t most = 1;
    buf b = buf_new(a, 4096);
    for (size_t i = 0; i < n; i++) most = MAX(most, v[i]);
    for (size_t i = 0; i < n; i++) buf_add(&b, str_c(marks[v[i] > 0 ? MIN(1 + v[i] * 6 / most, 7) : 0]));
    return buf_str(&b);
}

str theme_range(arena *a, const estimate *x, double most, int width) {
    buf b = buf_new(a, 1024);
    if (!estimate_shown(x) || !(most > 0) || width < 3) return S("");
    double scale = (width - 1) / most;
    int lo = (int)fmax(0, fmin(width - 1, floor(x->lo * scale))), hi = (int)fmin(width - 1, ceil(x->hi * scale));
    int at = (int)fmax(lo, fmin(hi, round(x->value * scale)));
    for (int i = 0; i <= hi; i++) {
        const char *mark = i < lo ? " " : i == lo ? "├" : i == hi ? "┤" : "─";
        buf_add(&b, str_c(i == at ? "●" : mark));
    }
    return buf_str(&b);
}

str theme_number(arena *a, const estimate *x, const char *unit) {
    if (!estimate_shown(x)) return S("-");
    if (!strcmp(unit, "%")) return str_fmt(a, "%.0f %%", x->value * 100);
    if (!strcmp(unit, "×")) return str_fmt(a, "%.1f×", x->value);
    return str_fmt(a, "%.0f", x->value);
}

size_t theme_weeks(const priority_row *r, int64_t weeks[TALKED_DAYS / 7]) {
    const json_t *list = r ? json_object_get(r->figures, "weeks") : NULL;
    size_t n = MIN(json_array_size(list), (size_t)TALKED_DAYS / 7);
    for (size_t i = 0; i < n; i++) weeks[i] = json_integer_value(json_array_get(list, i));
    return n;
}

bool theme_about(const care *k, enum about_kind *kind, int64_t *id, err *e) {
    str x = k->at.c->args.v[1], rest = x, first = str_cut(&rest, ':');
    *kind = ABOUT_theme;
    if (!rest.s) return cli_id("a theme", x, id, e);
    if (!about_kind_of(first, kind)) return fail(e, ERR_usage, "write theme:17 or topic:4, as heed priority list does");
    return cli_id("a theme or topic", rest, id, e);
}

// ---- one theme ----

static void show_quotes(const care *k, const char *head, const quoted *q, size_t n) {
    cli *c = k->at.c;
    arena *a = c->life;
    if (!n) return;
    term_say(&c->t, "\n");
    term_head(&c->t, head);
    for (size_t i = 0; i < n; i++) {
        str words = text_clip(a, term_clean(a, q[i].v.words, true), 160);
        term_say(&c->t, "  \"%.*s\"\n", STR_ARG(words));
        term_put(&c->t, STYLE_dim,
                 str_fmt(a, "    stands for %zu %s; %.*s, customer:%" PRId64 ", said %" PRId64 "\n", q[i].q.stands_for,
                         q[i].q.stands_for == 1 ? "person" : "people", STR_ARG(say_day(a, k->at.z, q[i].v.at_us)),
                         q[i].v.customer, q[i].v.id));
    }
}

static void show_groups(const care *k, const json_t *page) {
    static const table_col cols[] = {
        {"who says it", false, true}, {"people", true, false}, {"of those who spoke", true, false}, {"", false, false}};
    cli *c = k->at.c;
    json_t *x;
    size_t i;
    if (json_array_size(json_object_get(page, "groups")) < 2) return;
    term_say(&c->t, "\n");
    table *t = table_new(c->life, cols, COUNT(cols));
    json_array_foreach(json_object_get(page, "groups"), i, x) {
        priority_row r = {.figures = x};
        estimate share = priority_figure(&r, "share");
        str name = json_text(json_object_get(x, "segment"));
        if (!json_integer_value(json_object_get(x, "people"))) continue;
        table_add(t, STYLE_plain, name.len ? str_dup(c->life, name) : S("(no segment)"));
        table_add(t, STYLE_plain, term_count(c->life, json_integer_value(json_object_get(x, "people"))));
        table_add(t, STYLE_plain, theme_number(c->life, &share, "%"));
        table_add(t, STYLE_plain, theme_range(c->life, &share, 1, 24));
    }
    table_print(t, &c->t, 2);
}

static void show_figures(const care *k, const priority_row *r) {
    static const struct {
        const char *name, *label, *unit;
        double most;
    } rows[] = {{"people", "people in 13 weeks", "", 0},
                {"severity", "of them unhappy", "%", 1},
                {"trend", "beside before", "×", 4}};
    static const table_col cols[] = {
        {NULL, false, false}, {NULL, true, false}, {NULL, false, false}, {NULL, false, true}};
    cli *c = k->at.c;
    arena *a = c->life;
    int64_t weeks[TALKED_DAYS / 7];
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; r && i < COUNT(rows); i++) {
        estimate x = priority_figure(r, rows[i].name);
        table_add(t, STYLE_plain, str_c(rows[i].label));
        table_add(t, STYLE_bold, theme_number(a, &x, rows[i].unit));
        table_add(t, STYLE_plain, theme_range(a, &x, rows[i].most > 0 ? rows[i].most : x.hi, 28));
        table_add(t, STYLE_dim, x.why ? str_dup(a, str_c(x.why)) : S(""));
    }
    table_print(t, &c->t, 2);
    size_t n = theme_weeks(r, weeks);
    if (n) term_say(&c->t, "  people by week        %.*s\n", STR_ARG(theme_spark(a, weeks, n)));
}

static void show_head(const care *k, const theme_views *v, const theme_row *t) {
    cli *c = k->at.c;
    arena *a = c->life;
    json_t *words = NULL, *x;
    err odd = {0};
    size_t i;
    term_put(&c->t, STYLE_bold,
             str_fmt(a, "Theme %" PRId64 ": %.*s", t->id, STR_ARG(term_clean(a, theme_called(t), true))));
    if (t->title.len) term_say(&c->t, " (found as \"%.*s\")", STR_ARG(term_clean(a, t->found, true)));
    term_say(&c->t, "\n");
    if (json_read(t->words, &words, &odd)) json_array_foreach(words, i, x) {
            str one = json_text(x);
            term_say(&c->t, "%s%.*s", i ? ", " : "  set apart by: ", STR_ARG(term_clean(a, one, true)));
        }
    if (json_array_size(words)) term_say(&c->t, "\n");
    json_decref(words);
    str inside = t->topic ? about_name(&v->p.names, ABOUT_topic, t->topic) : S("");
    if (inside.len) term_say(&c->t, "  inside of the topic %.*s\n", STR_ARG(term_clean(a, inside, true)));
    if (t->state != THEME_lives)
        term_say(&c->t, "  state: %s%s\n", theme_state_name(t->state),
                 t->into ? str_z(a, str_fmt(a, " (%" PRId64 ")", t->into)) : "");
    if (t->pinned) term_say(&c->t, "  kept on top\n");
}

static bool said_line(void *ctx, const theme_said *x, err *e) {
    const care *k = ctx;
    cli *c = k->at.c;
    (void)e;
    char other[40] = "";
    if (x->other && x->other != x->theme) snprintf(other, sizeof other, " %" PRId64, x->other);
    term_say(&c->t, "  %" PRId64 "  %.*s  %-9s theme %" PRId64 "%s%s  %.*s%s\n", x->id,
             STR_ARG(say_day(c->life, k->at.z, x->at_us)), theme_act_name(x->act), x->theme, other,
             x->words ? str_z(c->life, str_fmt(c->life, " (%" PRId64 " words)", x->words)) : "",
             STR_ARG(term_clean(c->life, x->by, true)), x->undone_us ? "  taken back" : "");
    return true;
}

static bool show_json(care *k, const theme_views *v, const theme_row *t, const quoted *q, size_t n, const json_t *page,
                      err *e) {
    static const char *const kept[] = {"days", "groups", NULL};
    reply r;
    reply_open(&r, k->at.c), json_open(&r.j, NULL, '{');
    bool ok = theme_view_json(&r.j, "theme", k->at.c->scratch, k->at.s, v, t, true, e);
    json_open(&r.j, "quotes", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r.j, NULL, '{');
        json_open(&r.j, "voice", '{');
        json_put_int(&r.j, "id", q[i].v.id);
        json_put_int(&r.j, "customer", q[i].v.customer);
        json_put_time(&r.j, "at", q[i].v.at_us);
        json_put_str(&r.j, "words", q[i].v.words);
        json_close(&r.j, '}');
        json_put_int(&r.j, "stands_for", (int64_t)q[i].q.stands_for);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    if (page) json_members(&r.j, page, kept);
    json_close(&r.j, '}'), reply_close(&r);
    return ok;
}

static bool show(care *k, const theme_views *v, const theme_row *t, err *e) {
    enum { QUOTES = 5, SAID = 20 };
    quoted *q;
    size_t n;
    sources *all;
    str text;
    int64_t now;
    bool historic;
    json_t *page = NULL;
    cli *c = k->at.c;
    sources_as_asked(c->life, k->at.s, &all);
    if (!as_of_us(k->at.s, k->at.now_us, &now, &historic, e) ||
        !theme_quoted(c->life, k->at.s, all, ABOUT_theme, t->id, THEME_PART_all, now, QUOTES, &q, &n, e) ||
        !priority_page_read(c->life, k->at.s, ABOUT_theme, t->id, &text, e) || (text.len && !json_read(text, &page, e)))
        return false;
    bool ok = true;
    if (c->g.json)
        ok = show_json(k, v, t, q, n, page, e);
    else {
        show_head(k, v, t);
        show_figures(k, theme_view_figures(v, t->id));
        show_groups(k, page);
        show_quotes(k, "What they say", q, n);
        term_say(&c->t, "\n");
        ok = themes_said(k->at.s, t->id, INT64_MAX, SAID, said_line, k, e);
        term_put(&c->t, STYLE_dim, str_fmt(c->life, "All its words: heed evidence theme:%" PRId64 "\n", t->id));
    }
    json_decref(page);
    return ok;
}

bool theme_show_run(care *k, err *e) {
    int64_t id;
    theme_row t;
    theme_views v = {0};
    bool ok = care_id(k, "a theme", &id, e) && themes_get(k->at.c->life, k->at.s, id, &t, e) &&
              theme_views_open(k->at.c->life, k->at.s, &v, e) && show(k, &v, &t, e);
    theme_views_close(&v);
    return ok;
}

// ---- hints and what was said ----

bool theme_hints_run(care *k, err *e) {
    static const table_col cols[] = {{"suggestion", false, false},
                                     {"people", true, false},
                                     {"share", true, false},
                                     {"name", false, true},
                                     {"", false, false}};
    cli *c = k->at.c;
    arena *a = c->life;
    str text;
    int64_t made;
    json_t *root = NULL, *x;
    size_t i;
    abouts names;
    if (!themes_report(a, k->at.s, "hints", &text, &made, e) || !abouts_read(a, k->at.s, &names, e)) return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c), json_put_raw(&r.j, NULL, text.len ? text : S("{\"hints\":[]}")), reply_close(&r);
        return true;
    }
    if (!text.len) return term_say(&c->t, "Nobody has looked yet: heed theme find\n"), true;
    if (!json_read(text, &root, e)) return false;
    table *t = table_new(a, cols, COUNT(cols));
    json_array_foreach(json_object_get(root, "hints"), i, x) {
        bool split = str_eq(json_text(json_object_get(x, "kind")), S("split"));
        int64_t people = json_integer_value(json_object_get(x, "people")),
                of = json_integer_value(json_object_get(x, "all"));
        int64_t theme = json_integer_value(json_object_get(x, "theme"));
        str in = about_name(&names, ABOUT_topic, json_integer_value(json_object_get(x, "topic")));
        table_add(t, STYLE_plain, split ? str_fmt(a, "a part of %.*s", STR_ARG(in)) : S("a new topic"));
        table_add(t, STYLE_plain, term_count(a, people));
        table_add(t, STYLE_plain, of ? str_fmt(a, "%.0f %%", 100.0 * (double)people / (double)of) : S(""));
        table_add(t, STYLE_bold, term_clean(a, str_dup(a, json_text(json_object_get(x, "name"))), true));
        table_add(t, STYLE_dim, theme ? str_fmt(a, "heed theme topic %" PRId64, theme) : S(""));
    }
    json_decref(root);
    if (!table_rows(t)) return term_say(&c->t, "Nothing: what is said has its topics.\n"), true;
    table_print(t, &c->t, 0);
    return true;
}

bool theme_said_run(care *k, err *e) {
    const theme_opts *o = k->o;
    return themes_said(k->at.s, 0, INT64_MAX, MAX(o->limit, 1), said_line, k, e);
}
