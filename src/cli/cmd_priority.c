// heed priority: what to do first, by figures beside one another; what is rising; and what was decided.
#include "cli/theme_cmd.h"

#include <math.h>

#include "base/unicode.h"
#include "know/figure.h"
#include "know/measure.h"

static const theme_opts defaults = {.limit = 15};

static const opt opts[] = {
    {"limit", 'n', OPT_NUMBER, offsetof(theme_opts, limit), "N", "list: at most so many; 15 unless given, 0: all"},
    {"of", 0, OPT_TEXT, offsetof(theme_opts, of), "all|themes|topics", "list: which; all unless given"},
    {"order", 0, OPT_TEXT, offsetof(theme_opts, order), "size|people|revenue|fair|apart",
     "list: by the product, by a lens, or by how far the lenses disagree; size unless given"},
    {"by", 0, OPT_TEXT, offsetof(theme_opts, decided_by), "NAME", "move: who decided"},
    {"why", 0, OPT_TEXT, offsetof(theme_opts, why), "TEXT", "move: why"},
    {"dissent", 0, OPT_TEXT, offsetof(theme_opts, dissent), "TEXT", "move: who was of another mind, and why"},
    {"all", 'a', OPT_FLAG, offsetof(theme_opts, all), NULL, "rising: those that are over, too"},
};

// ---- list ----

static bool asked(const theme_opts *o, priorities_ask *k, err *e) {
    static const char *const orders[] = {"size", "people", "revenue", "fair", "apart"};
    static const char *const ofs[] = {"all", "themes", "topics"};
    size_t i = 0, m = 0;
    while (o->order.len && i < COUNT(orders) && !str_eq(o->order, str_c(orders[i]))) i++;
    while (o->of.len && m < COUNT(ofs) && !str_eq(o->of, str_c(ofs[m]))) m++;
    if (i == COUNT(orders)) return fail(e, ERR_usage, "--order takes size, people, revenue, fair or apart");
    if (m == COUNT(ofs)) return fail(e, ERR_usage, "--of takes all, themes or topics");
    k->order = (enum priorities_order)i, k->of = (enum priorities_of)m;
    return true;
}

static int32_t unit_of(const priority_row *r) {
    const currency *c = currency_of(json_text(json_object_get(r->figures, "currency")));
    return c ? c->number : 0;
}

static str money_cell(arena *a, const priority_row *r, const char *name) {
    estimate x = priority_figure(r, name);
    return estimate_shown(&x) ? say_money(a, (int64_t)(round(x.value / 100) * 100), unit_of(r)) : S("-");
}

static str lens_cell(arena *a, const priority_row *r) {
    static const char *const paths[] = {"lenses.people.rank", "lenses.revenue.rank", "lenses.fair.rank"};
    buf b = buf_new(a, 64);
    for (size_t i = 0; i < COUNT(paths); i++) {
        const json_t *v = json_find(r->figures, paths[i]);
        if (!v) return S("");
        buf_fmt(&b, "%s%" PRId64, i ? "/" : "", (int64_t)json_integer_value(v));
    }
    return buf_str(&b);
}

static void list_row(care *k, table *t, const priorities *x, const priority_row *r, double most) {
    arena *a = k->at.c->life;
    int64_t weeks[TALKED_DAYS / 7];
    estimate people = priority_figure(r, "people"), bad = priority_figure(r, "severity");
    estimate trend = priority_figure(r, "trend"), lasts = estimate_none("", NULL);
    priority_row p = {.figures = json_object_get(r->figures, "persistence")};
    if (p.figures) lasts = priority_figure(&p, "index");
    size_t n = theme_weeks(r, weeks);
    table_add(t, STYLE_dim, str_fmt(a, "%s:%" PRId64, about_kind_name(r->kind), r->id));
    table_add(t, STYLE_bold, term_clean(a, about_name(&x->names, r->kind, r->id), true));
    table_add(t, STYLE_plain, theme_number(a, &people, ""));
    table_add(t, STYLE_plain, theme_range(a, &people, most, 14));
    table_add(t, STYLE_plain, money_cell(a, r, "at_stake"));
    table_add(t, STYLE_plain, theme_number(a, &bad, "%"));
    table_add(t, STYLE_plain, theme_number(a, &trend, "×"));
    table_add(t, STYLE_plain, estimate_shown(&lasts) ? str_fmt(a, "%.2f", lasts.value) : S("-"));
    table_add(t, STYLE_plain, lens_cell(a, r));
    table_add(t, STYLE_plain, theme_spark(a, weeks, n));
    table_add(t, STYLE_dim,
              str_fmt(a, "%s%s%s", stand_name(r->now.state), r->bursting ? ", more than usual" : "",
                      json_is_true(json_object_get(r->figures, "held")) ? ", held" : ""));
}

static void list_json(care *k, const priorities *x, size_t n) {
    reply r;
    reply_open(&r, k->at.c), json_open(&r.j, NULL, '{');
    reply_time(&r, "made", x->made_us);
    json_open(&r.j, "items", '[');
    for (size_t i = 0; i < n; i++) {
        priority_json(&r.j, NULL, k->at.c->scratch, x, &x->v[i]);
        reply_some(&r);
    }
    json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
}

static void list(care *k, const priorities *x) {
    static const table_col cols[] = {{"", false, false},         {"about", false, true},    {"people", true, false},
                                     {"", false, false},         {"at stake", true, false}, {"unhappy", true, false},
                                     {"trend", true, false},     {"lasts", true, false},    {"p/r/f", false, false},
                                     {"26 weeks", false, false}, {"board", false, false}};
    cli *c = k->at.c;
    const theme_opts *o = k->o;
    double most = 1;
    size_t n = o->limit ? MIN(x->n, (size_t)o->limit) : x->n;
    if (c->g.json) return list_json(k, x, n);
    if (!x->made_us) return term_say(&c->t, "Nobody has counted yet: heed theme find\n");
    for (size_t i = 0; i < n; i++) {
        double hi = priority_figure(&x->v[i], "people").hi;
        if (hi > most) most = hi;
    }
    table *t = table_new(c->life, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) list_row(k, t, x, &x->v[i], most);
    table_print(t, &c->t, 0);
    if (n < x->n) term_say(&c->t, "and %zu more: -n 0 shows all\n", x->n - n);
    term_say(
        &c->t,
        "\nPeople of 13 weeks, each once. Trend: four weeks beside those before. Lasts: 0 a whim, 1 a lasting need of "
        "many.\np/r/f: the rank when everybody counts alike, by revenue, and by fair shares of the say.\n");
}

static bool list_run(care *k, err *e) {
    priorities x = {0};
    priorities_ask ask = {0};
    bool ok = asked(k->o, &ask, e) && priorities_read(k->at.c->life, k->at.s, &ask, &x, e);
    if (ok) list(k, &x);
    priorities_close(&x);
    return ok;
}

// ---- one ----

static void figure_row(care *k, table *t, const char *label, const estimate *x, const char *unit, double most) {
    arena *a = k->at.c->life;
    bool bounded = estimate_shown(x) && isfinite(x->hi);
    table_add(t, STYLE_plain, str_c(label));
    table_add(t, STYLE_bold, theme_number(a, x, unit));
    table_add(t, STYLE_plain, theme_range(a, x, most > 0 ? most : bounded ? x->hi : 0, 28));
    table_add(t, STYLE_dim, x->why ? str_dup(a, str_c(x->why)) : S(""));
}

static void money_row(care *k, table *t, const priority_row *r, const char *label, const char *name) {
    arena *a = k->at.c->life;
    estimate x = priority_figure(r, name);
    table_add(t, STYLE_plain, str_c(label));
    table_add(t, STYLE_bold, money_cell(a, r, name));
    str hi = estimate_shown(&x) && isfinite(x.hi) ? say_money(a, llround(x.hi), unit_of(r)) : S("no bound");
    table_add(t, STYLE_plain,
              estimate_shown(&x)
                  ? str_fmt(a, "likely %.*s to %.*s", STR_ARG(say_money(a, llround(x.lo), unit_of(r))), STR_ARG(hi))
                  : S(""));
    table_add(t, STYLE_dim, x.why ? str_dup(a, str_c(x.why)) : S(""));
}

static void show_figures(care *k, const priority_row *r) {
    static const table_col cols[] = {
        {NULL, false, false}, {NULL, true, false}, {NULL, false, false}, {NULL, false, true}};
    cli *c = k->at.c;
    table *t = table_new(c->life, cols, COUNT(cols));
    estimate people = priority_figure(r, "people"), bad = priority_figure(r, "severity");
    estimate trend = priority_figure(r, "trend");
    figure_row(k, t, "people in 13 weeks", &people, "", 0);
    money_row(k, t, r, "what one of them brings", "value");
    money_row(k, t, r, "what all of them bring", "at_stake");
    figure_row(k, t, "of them unhappy about it", &bad, "%", 1);
    figure_row(k, t, "beside the time before", &trend, "×", 4);
    money_row(k, t, r, "all of it together", "size");
    priority_row p = {.figures = json_object_get(r->figures, "persistence")};
    estimate lasts = p.figures ? priority_figure(&p, "index") : estimate_none("", NULL);
    table_add(t, STYLE_plain, S("lasting"));
    table_add(t, STYLE_bold, estimate_shown(&lasts) ? str_fmt(c->life, "%.2f", lasts.value) : S("-"));
    table_add(t, STYLE_plain, theme_range(c->life, &lasts, 1, 28));
    table_add(t, STYLE_dim, S("0 a whim, 1 a lasting need of many"));
    table_print(t, &c->t, 2);
}

static void show_lenses(care *k, const priority_row *r) {
    static const struct {
        const char *name, *text;
    } of[] = {{"people", "everybody counts alike"},
              {"revenue", "by what customers bring"},
              {"fair", "by fair shares of the say"}};
    cli *c = k->at.c;
    if (!json_is_object(json_object_get(r->figures, "lenses"))) return;
    term_say(&c->t, "\n");
    term_head(&c->t, "Rank by three lenses");
    for (size_t i = 0; i < COUNT(of); i++) {
        const json_t *v = json_object_get(json_object_get(r->figures, "lenses"), of[i].name);
        term_say(&c->t, "  %-26s %3" PRId64 "  likely %.0f to %.0f%s\n", of[i].text,
                 (int64_t)json_integer_value(json_object_get(v, "rank")), json_number_value(json_object_get(v, "lo")),
                 json_number_value(json_object_get(v, "hi")),
                 json_is_true(json_object_get(v, "chosen")) ? "  within half of all" : "");
    }
}

static void show_impact(care *k, const priority_row *r) {
    json_t *x;
    size_t i;
    json_array_foreach(json_object_get(r->figures, "impact"), i, x) {
        priority_row p = {.figures = x};
        estimate points = priority_figure(&p, "points");
        if (!estimate_shown(&points)) continue;
        term_say(&k->at.c->t, "%s  %s: %+.1f points, likely %+.1f to %+.1f, of %" PRId64 " answers that speak of it\n",
                 i ? "" : "\n", json_string_value(json_object_get(x, "score")), points.value, points.lo, points.hi,
                 (int64_t)json_integer_value(json_object_get(x, "answers")));
    }
}

static bool show_board(care *k, const priority_row *r, err *e) {
    cli *c = k->at.c;
    stand *v;
    size_t n;
    if (!stand_history(c->life, k->at.s, r->kind, r->id, &v, &n, e)) return false;
    term_say(&c->t, "\n");
    term_head(&c->t, "What was decided");
    if (!n)
        term_say(&c->t, "  heard; nothing yet: heed priority move %s:%" PRId64 " doing --why …\n",
                 about_kind_name(r->kind), r->id);
    for (size_t i = 0; i < n; i++) {
        term_say(&c->t, "  %.*s  %-8s %.*s%s%.*s\n", STR_ARG(say_day(c->life, k->at.z, v[i].at_us)),
                 stand_name(v[i].state),
                 STR_ARG(term_clean(c->life, v[i].decided_by.len ? v[i].decided_by : v[i].by, true)),
                 v[i].why.len ? ": " : "", STR_ARG(term_clean(c->life, v[i].why, true)));
        if (v[i].dissent.len)
            term_say(&c->t, "              against it: %.*s\n", STR_ARG(term_clean(c->life, v[i].dissent, true)));
    }
    return true;
}

static bool show_words(care *k, const priority_row *r, err *e) {
    enum { QUOTES = 3 };
    static const struct {
        enum theme_part part;
        const char *head;
    } parts[] = {{THEME_PART_all, "What they say"},
                 {THEME_PART_unhappy, "The unhappy"},
                 {THEME_PART_valuable, "Those who bring most"}};
    cli *c = k->at.c;
    sources *all;
    int64_t now;
    bool historic;
    sources_as_asked(c->life, k->at.s, &all);
    if (!as_of_us(k->at.s, k->at.now_us, &now, &historic, e)) return false;
    for (size_t i = 0; i < COUNT(parts); i++) {
        quoted *q;
        size_t n;
        if (!theme_quoted(c->life, k->at.s, all, r->kind, r->id, parts[i].part, now, QUOTES, &q, &n, e)) return false;
        if (!n) continue;
        term_say(&c->t, "\n");
        term_head(&c->t, parts[i].head);
        for (size_t j = 0; j < n; j++)
            term_say(&c->t, "  \"%.*s\"  customer:%" PRId64 "\n",
                     STR_ARG(text_clip(c->life, term_clean(c->life, q[j].v.words, true), 120)), q[j].v.customer);
    }
    return true;
}

static bool show(care *k, const priorities *x, const priority_row *r, err *e) {
    cli *c = k->at.c;
    arena *a = c->life;
    if (c->g.json) {
        reply out;
        reply_open(&out, c);
        priority_json(&out.j, NULL, c->scratch, x, r);
        reply_close(&out);
        return true;
    }
    const json_t *why = json_object_get(r->figures, "held_why");
    term_put(&c->t, STYLE_bold, term_clean(a, about_name(&x->names, r->kind, r->id), true));
    term_say(&c->t, ", %s:%" PRId64 "%s\n", about_kind_name(r->kind), r->id,
             r->bursting ? ", said by more people than usual now" : "");
    if (json_is_string(why)) term_say(&c->t, "  %s\n", json_string_value(why));
    show_figures(k, r);
    show_lenses(k, r);
    show_impact(k, r);
    return show_words(k, r, e) && show_board(k, r, e);
}

static bool show_run(care *k, err *e) {
    priorities x = {0};
    priorities_ask ask = {0};
    bool ok = theme_about(k, &ask.k, &ask.id, e) && priorities_read(k->at.c->life, k->at.s, &ask, &x, e);
    if (ok && !x.n) ok = fail(e, ERR_not_found, "there are no figures of it yet; heed theme find counts them");
    ok = ok && show(k, &x, &x.v[0], e);
    priorities_close(&x);
    return ok;
}

// ---- the board ----

static bool move_run(care *k, err *e) {
    const theme_opts *o = k->o;
    enum about_kind kind;
    int64_t id;
    stand *to = k->kept = make(k->at.c->life, stand, 1);
    *to = (stand){.at_us = k->d->w->now_us(k->d->w),
                  .by = k->by,
                  .decided_by = o->decided_by,
                  .why = o->why,
                  .dissent = o->dissent};
    if (!theme_about(k, &kind, &id, e)) return false;
    if (!stand_of(k->at.c->args.v[2], &to->state))
        return fail(e, ERR_usage, "move takes heard, deciding, doing or told");
    return stand_move(k->d->s, kind, id, to, -1, e) && stand_read(k->at.c->life, k->d->s, kind, id, to, e);
}

static bool move_say(care *k, err *e) {
    cli *c = k->at.c;
    const stand *x = k->kept;
    (void)e;
    if (c->g.json) {
        reply r;
        reply_open(&r, c), stand_json(&r.j, NULL, x), reply_close(&r);
        return true;
    }
    term_say(&c->t, "%.*s is %s now.\n", STR_ARG(c->args.v[1]), stand_name(x->state));
    return true;
}

// ---- rising ----

static str window_text(arena *a, const json_t *figures) {
    json_t *x;
    size_t i;
    const json_t *best = NULL;
    json_array_foreach(json_object_get(figures, "windows"), i, x) {
        if (json_is_true(json_object_get(x, "rising"))) best = x;
    }
    if (!best) return S("");
    return str_fmt(a, "%" PRId64 " people in %" PRId64 " days, usually %.1f",
                   (int64_t)json_integer_value(json_object_get(best, "seen")),
                   (int64_t)json_integer_value(json_object_get(best, "days")),
                   json_number_value(json_find(best, "expected.value")));
}

static void burst_line(care *k, table *t, const abouts *names, const burst_row *b) {
    arena *a = k->at.c->life;
    json_t *v = NULL;
    err odd = {0};
    segment_row seg = {0};
    if (b->segment && !segment_get_id(a, k->at.s, b->segment, &seg, &odd)) seg.name = S("a segment that is gone");
    bool read = json_read(b->figures, &v, &odd);
    table_add(t, STYLE_bold, term_clean(a, about_name(names, b->kind, b->what_id), true));
    table_add(t, STYLE_plain, read ? window_text(a, v) : S(""));
    table_add(t, STYLE_plain,
              str_fmt(a, "since %.*s%s%.*s", STR_ARG(say_day(a, k->at.z, b->from_us)), b->segment ? ", of " : "",
                      STR_ARG(seg.name)));
    table_add(t, STYLE_plain,
              str_fmt(a, "%s%s", read && json_is_true(json_object_get(v, "alarm")) ? "alarm, " : "",
                      burst_state_name(b->state)));
    table_add(t, STYLE_dim, str_fmt(a, "burst:%" PRId64, b->id));
    json_decref(v);
}

static bool rising_json(care *k, const abouts *names, const burst_row *b, size_t n, const rising_report *r, err *e) {
    reply out;
    bool ok = true;
    reply_open(&out, k->at.c), json_open(&out.j, NULL, '{');
    reply_time(&out, "made", r->made_us);
    json_open(&out.j, "bursts", '[');
    for (size_t i = 0; ok && i < n; i++)
        ok = burst_json(&out.j, NULL, k->at.c->scratch, k->at.s, names, &b[i], true, e);
    json_close(&out.j, ']');
    json_open(&out.j, "emerging", '[');
    for (size_t i = 0; i < r->n_emerging; i++) {
        json_open(&out.j, NULL, '{');
        about_json(&out.j, "about", names, r->emerging[i].kind, r->emerging[i].id);
        json_put_num(&out.j, "share", r->emerging[i].share);
        json_put_num(&out.j, "share_before", r->emerging[i].before);
        json_put_int(&out.j, "people", r->emerging[i].people);
        json_put_num(&out.j, "p", r->emerging[i].p);
        json_close(&out.j, '}');
    }
    json_close(&out.j, ']'), json_close(&out.j, '}'), reply_close(&out);
    return ok;
}

static void emerging_lines(care *k, const abouts *names, const rising_report *r) {
    static const table_col cols[] = {
        {NULL, false, true}, {NULL, true, false}, {NULL, false, false}, {NULL, false, false}};
    cli *c = k->at.c;
    arena *a = c->life;
    table *t = table_new(a, cols, COUNT(cols));
    term_say(&c->t, "\n");
    term_head(&c->t, "A greater share of people than in the 13 weeks before");
    if (!r->n_emerging) term_say(&c->t, "  Nothing clearly, of %" PRId64 " that were tested.\n", r->tested);
    for (size_t i = 0; i < r->n_emerging; i++) {
        const emerging *x = &r->emerging[i];
        table_add(t, STYLE_bold, term_clean(a, about_name(names, x->kind, x->id), true));
        table_add(t, STYLE_plain, str_fmt(a, "%.1f %%", 100 * x->share));
        table_add(t, STYLE_plain, str_fmt(a, "was %.1f %%", 100 * x->before));
        table_add(t, STYLE_dim, about_evidence(a, x->kind, x->id));
    }
    table_print(t, &c->t, 2);
}

static void drift_lines(care *k, const abouts *names, const rising_report *r) {
    cli *c = k->at.c;
    json_t *x, *p;
    size_t i, m;
    bool any = false;
    term_say(&c->t, "\n");
    term_head(&c->t, "Who speaks of other things than before");
    json_array_foreach(r->drift, i, x) {
        int64_t id = json_integer_value(json_object_get(x, "segment"));
        segment_row seg = {.name = S("everybody")};
        err odd = {0};
        if (!json_is_true(json_object_get(x, "drifts"))) continue;
        if (id && !segment_get_id(c->life, k->at.s, id, &seg, &odd)) continue;
        any = true;
        term_say(&c->t, "  %.*s:", STR_ARG(term_clean(c->life, seg.name, true)));
        json_array_foreach(json_object_get(x, "parts"), m, p) {
            str name = about_name(names, (enum about_kind)json_integer_value(json_object_get(p, "kind")),
                                  json_integer_value(json_object_get(p, "id")));
            if (m < 3)
                term_say(&c->t, "%s %.*s %.0f → %.0f %%", m ? "," : "", STR_ARG(term_clean(c->life, name, true)),
                         100 * json_number_value(json_object_get(p, "before")),
                         100 * json_number_value(json_object_get(p, "now")));
        }
        term_say(&c->t, "\n");
    }
    if (!any) term_say(&c->t, "  Nobody clearly.\n");
}

static bool rising_run(care *k, err *e) {
    static const table_col cols[] = {
        {NULL, false, true}, {NULL, false, false}, {NULL, false, false}, {NULL, false, false}, {NULL, false, false}};
    cli *c = k->at.c;
    const theme_opts *o = k->o;
    abouts names;
    burst_row *b;
    size_t n;
    rising_report r;
    if (!abouts_read(c->life, k->at.s, &names, e) || !rising_report_read(c->life, k->at.s, &r, e) ||
        !bursts_list(c->life, k->at.s, o->all ? BURST_ANY : BURST_STANDING, ABOUT_theme, 0, &b, &n, e))
        return false;
    bool ok = true;
    if (c->g.json)
        ok = rising_json(k, &names, b, n, &r, e);
    else if (!r.made_us)
        term_say(&c->t, "Nobody has looked yet: heed theme find\n");
    else {
        table *t = table_new(c->life, cols, COUNT(cols));
        term_head(&c->t, "More people than usual");
        for (size_t i = 0; i < n; i++) burst_line(k, t, &names, &b[i]);
        table_print(t, &c->t, 2);
        if (!n) term_say(&c->t, "  Nothing, of %" PRId64 " series that are watched.\n", r.watched);
        emerging_lines(k, &names, &r);
        drift_lines(k, &names, &r);
    }
    json_decref(r.root);
    return ok;
}

static const care_verb verbs[] = {
    {"list", "", 1, 1, list_run, NULL, NULL, NULL},
    {"show", " theme:ID|topic:ID", 2, 2, show_run, NULL, NULL, NULL},
    {"move", " theme:ID|topic:ID heard|deciding|doing|told [--why TEXT] [--by NAME] [--dissent TEXT]", 3, 3, NULL,
     move_run, NULL, move_say},
    {"rising", "", 1, 1, rising_run, NULL, NULL, NULL},
};

static bool run(cli *c, const void *options, err *e) {
    return care_run(c, options, verbs, COUNT(verbs), "do it by its address /api/priorities", e);
}

const cmd cmd_priority = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(theme_opts),
    .defaults = &defaults,
    .max_args = 3,
    .run = run,
    .more = "Each topic, and each theme that no topic covers, with its figures beside one another: how many people "
            "speak of it, "
            "what they are expected to bring, how many of them are unhappy about it, whether it grows, whether it "
            "lasts. They "
            "are ordered by people × value × unhappy × trend, and beside it by three lenses: everybody counts alike, "
            "customers count by what they bring, and everybody has a fair share of the say. Where the lenses disagree, "
            "somebody has to decide: 'move' notes who did, why, and who was of another mind.\n\n"
            "A burst alone never raises a priority: what is said by more people than usual keeps its place from before "
            "for two "
            "weeks. 'rising' shows what bursts, what is new, and which segments speak of other things than before. All "
            "of it is "
            "counted once a day by a server, and by 'heed theme find'.",
    .examples =
        "heed priority\n"
        "heed priority --order fair\n"
        "heed priority show topic:4\n"
        "heed priority rising\n"
        "heed priority move theme:3 doing --why 'the carrier is being changed' --by Marta --dissent 'Dieter: too dear'",
    .json =
        "list: {\"made\",\"items\":[{\"about\",\"people\",\"value\",\"at_stake\",\"currency\",\"severity\",\"trend\","
        "\"size\",\"rank\",\"persistence\",\"lenses\",\"apart\",\"impact\",\"weeks\",\"stand\",\"evidence\",…}]}; "
        "show: "
        "one of them; rising: {\"made\",\"bursts\",\"emerging\"}; move: "
        "{\"state\",\"at\",\"by\",\"decided_by\",\"why\","
        "\"dissent\",\"version\"}",
};
