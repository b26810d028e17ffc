// heed theme: what customers speak of without anybody having named it.
#include "cli/theme_cmd.h"

#include <math.h>

#include "jobs/theming.h"
#include "jobs/understand.h"

static const theme_opts defaults = {.limit = 20};

static const opt opts[] = {
    {"limit", 'n', OPT_NUMBER, offsetof(theme_opts, limit), "N",
     "list, said: at most so many; 20 unless given, 0: all"},
    {"state", 0, OPT_TEXT, offsetof(theme_opts, state), "lives|quiet|merged|topic|away|all",
     "list: those of this state; lives unless given"},
    {"topic", 0, OPT_TEXT, offsetof(theme_opts, topic), "ID", "list: those inside of a topic; 0: outside of all"},
    {"anew", 0, OPT_FLAG, offsetof(theme_opts, anew), NULL,
     "find: group all words anew; themes keep their number where they are alike"},
    {"name", 0, OPT_TEXT, offsetof(theme_opts, name), "NAME", "split: how the new theme is called"},
    {"about", 0, OPT_TEXT, offsetof(theme_opts, about), "TEXT", "topic: one sentence on what it is about"},
};

// ---- list ----

static bool state_in(const theme_opts *o, int *out, err *e) {
    enum theme_state s = THEME_lives;
    *out = 0;
    if (str_eq(o->state, S("all"))) return true;
    if (o->state.len && !theme_state_of(o->state, &s))
        return fail(e, ERR_usage, "--state takes lives, quiet, merged, topic, away or all");
    return *out = s, true;
}

static bool topic_in(const theme_opts *o, int64_t *out, err *e) {
    *out = -1;
    return !o->topic.len || (str_i64(o->topic, out) && *out >= 0) || fail(e, ERR_usage, "--topic takes a number");
}

static double most_people(const theme_views *v, const theme_row *const *list, size_t n) {
    double most = 1;
    for (size_t i = 0; i < n; i++) {
        const priority_row *r = theme_view_figures(v, list[i]->id);
        double hi = r ? priority_figure(r, "people").hi : 0;
        if (hi > most) most = hi;
    }
    return most;
}

static void list_row(care *k, table *t, const theme_views *v, const theme_row *x, double most) {
    arena *a = k->at.c->life;
    int64_t weeks[TALKED_DAYS / 7];
    const priority_row *r = theme_view_figures(v, x->id);
    estimate people = r ? priority_figure(r, "people") : estimate_none("", NULL);
    estimate severity = r ? priority_figure(r, "severity") : people;
    size_t n = theme_weeks(r, weeks);
    table_add(t, STYLE_dim, str_fmt(a, "%" PRId64, x->id));
    table_add(t, STYLE_bold, term_clean(a, theme_called(x), true));
    table_add(t, STYLE_plain, theme_number(a, &people, ""));
    table_add(t, STYLE_plain, theme_range(a, &people, most, 20));
    table_add(t, STYLE_plain, theme_number(a, &severity, "%"));
    table_add(t, STYLE_plain, theme_spark(a, weeks, n));
    table_add(t, STYLE_dim,
              str_fmt(a, "%s%s%s", x->state == THEME_lives ? "" : theme_state_name(x->state), x->pinned ? "kept" : "",
                      r && r->bursting ? " more than usual" : ""));
}

static bool list_json(care *k, const theme_views *v, const theme_row *const *list, size_t n, err *e) {
    reply r;
    bool ok = true;
    reply_open(&r, k->at.c), json_open(&r.j, NULL, '{'), json_open(&r.j, "themes", '[');
    for (size_t i = 0; ok && i < n; i++) {
        ok = theme_view_json(&r.j, NULL, k->at.c->scratch, k->at.s, v, list[i], true, e);
        reply_some(&r);
    }
    json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    return ok;
}

static bool list(care *k, const theme_views *v, err *e) {
    static const table_col cols[] = {{"theme", true, false}, {"name", false, true},    {"people", true, false},
                                     {"", false, false},     {"unhappy", true, false}, {"26 weeks", false, false},
                                     {"", false, false}};
    cli *c = k->at.c;
    const theme_opts *o = k->o;
    int state;
    int64_t inside;
    size_t n;
    themes_standing st;
    if (!state_in(o, &state, e) || !topic_in(o, &inside, e) || !themes_stand_now(k->at.s, &st, e)) return false;
    const theme_row **all = theme_views_sorted(c->life, v, state, inside, &n);
    size_t shown = o->limit ? MIN(n, (size_t)o->limit) : n;
    if (c->g.json) return list_json(k, v, all, shown, e);
    if (!st.made_us) return term_say(&c->t, "Nobody has looked for themes yet: heed theme find\n"), true;
    if (!n) return term_say(&c->t, "There are none of that state.\n"), true;
    table *t = table_new(c->life, cols, COUNT(cols));
    double most = most_people(v, all, shown);
    for (size_t i = 0; i < shown; i++) list_row(k, t, v, all[i], most);
    table_print(t, &c->t, 0);
    if (shown < n) term_say(&c->t, "and %zu more: -n 0 shows all\n", n - shown);
    term_say(&c->t, "\nPeople of the last 13 weeks, each once, of %.*s words looked at on %.*s%s.\n",
             STR_ARG(term_count(c->life, st.words)), STR_ARG(say_day(c->life, k->at.z, st.made_us)),
             st.weaker ? ", by words alone: the file of words is missing" : "");
    return true;
}

static bool list_run(care *k, err *e) {
    theme_views v = {0};
    bool ok = theme_views_open(k->at.c->life, k->at.s, &v, e) && list(k, &v, e);
    theme_views_close(&v);
    return ok;
}

// ---- find ----

static bool how_far(void *ctx, int64_t done, int64_t total, err *e) {
    (void)e;
    progress_at(ctx, done, done, total);
    return true;
}

static bool find_run(care *k, err *e) {
    const theme_opts *o = k->o;
    cli *c = k->at.c;
    understood read;
    themed *done = k->kept = make(c->life, themed, 1);
    str where = c->g.store;
    if (!ledger_flush(know_ledger(k->d->k), e)) return false;
    progress bar = progress_begin(&c->t, S("reading"), "words");
    const understanding u = {.s = k->d->s, .where = where, .as_before = true, .goes_on = how_far, .ctx = &bar};
    bool ok = understand(&u, &read, e);
    progress_end(&bar);
    bar = progress_begin(&c->t, S("looking"), "words");
    const theming x = {
        .s = k->d->s, .where = where, .anew = o->anew, .clock_us = k->at.now_us, .goes_on = how_far, .ctx = &bar};
    ok = ok && theme_all(&x, done, e);
    progress_end(&bar);
    return ok;
}

static bool find_say(care *k, err *e) {
    cli *c = k->at.c;
    const themed *d = k->kept;
    arena *a = c->life;
    (void)e;
    if (c->g.json) {
        reply r;
        reply_open(&r, c), json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "words", (int64_t)d->count.texts);
        json_put_int(&r.j, "silent", (int64_t)d->count.silent);
        json_put_int(&r.j, "themes", (int64_t)d->count.themes);
        json_put_int(&r.j, "fresh", (int64_t)d->count.fresh);
        json_put_int(&r.j, "gone", (int64_t)d->count.gone);
        json_put_int(&r.j, "rising", (int64_t)d->rising);
        json_put_int(&r.j, "alarms", (int64_t)d->alarms);
        json_put_bool(&r.j, "weaker", d->count.weaker);
        json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    term_say(&c->t, "%.*s in %.*s of half a year, %zu of them new; %zu are said by more people than usual.\n",
             STR_ARG(say_n(a, (int64_t)d->count.themes, "theme", "themes")),
             STR_ARG(say_n(a, (int64_t)d->count.texts, "word", "words")), d->count.fresh, d->rising);
    if (d->count.weaker)
        term_say(&c->t,
                 "By words alone: the file of words is missing, so that like meanings in other words stand apart.\n");
    term_say(&c->t, "See heed theme, heed priority, and heed today.\n");
    return true;
}

static const care_verb verbs[] = {
    {"list", "", 1, 1, list_run, NULL, NULL, NULL},
    {"show", " THEME", 2, 2, theme_show_run, NULL, NULL, NULL},
    {"hints", "", 1, 1, theme_hints_run, NULL, NULL, NULL},
    {"said", "", 1, 1, theme_said_run, NULL, NULL, NULL},
    {"find", " [--anew]", 1, 1, NULL, NULL, find_run, find_say},
    {"name", " THEME [NAME…]", 2, 20, NULL, theme_say_run, NULL, theme_say_say},
    {"merge", " THEME INTO", 3, 3, NULL, theme_say_run, NULL, theme_say_say},
    {"split", " THEME SAID… [--name NAME]", 3, 200, NULL, theme_say_run, NULL, theme_say_say},
    {"pin", " THEME SAID…", 3, 200, NULL, theme_say_run, NULL, theme_say_say},
    {"keep", " THEME", 2, 2, NULL, theme_say_run, NULL, theme_say_say},
    {"unkeep", " THEME", 2, 2, NULL, theme_say_run, NULL, theme_say_say},
    {"away", " THEME", 2, 2, NULL, theme_say_run, NULL, theme_say_say},
    {"back", " THEME", 2, 2, NULL, theme_say_run, NULL, theme_say_say},
    {"apart", " THEME THEME", 3, 3, NULL, theme_say_run, NULL, theme_say_say},
    {"together", " SAID SAID", 3, 3, NULL, theme_say_run, NULL, theme_say_say},
    {"parted", " SAID SAID", 3, 3, NULL, theme_say_run, NULL, theme_say_say},
    {"topic", " THEME [NAME…]", 2, 20, NULL, theme_say_run, NULL, theme_say_say},
    {"undo", " NUMBER", 2, 2, NULL, theme_say_run, NULL, theme_say_say},
};

static bool run(cli *c, const void *options, err *e) {
    return care_run(c, options, verbs, COUNT(verbs), "do it by its address /api/themes", e);
}

const cmd cmd_theme = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(theme_opts),
    .defaults = &defaults,
    .max_args = 200,
    .run = run,
    .more =
        "'find' looks through the words of half a year, those that no topic covers and those of each topic by "
        "themselves, and groups what means the same; a server does it once a day. A theme keeps its number for ever. "
        "Each word is placed as it comes, with its distance.\n\n"
        "What a person says binds every later look: that a theme is a part of another one (merge), that some words are "
        "a "
        "theme of their own (split) or of a theme (pin), that two themes never become one (apart), that two words "
        "belong "
        "together or not. 'said' lists it, and 'undo' takes it back. SAID is the number of what was said, as "
        "'heed theme show' and 'heed feedback' print it. 'topic' makes a topic of a theme; 'hints' says of which.",
    .examples = "heed theme find\n"
                "heed theme\n"
                "heed theme show 3\n"
                "heed theme name 3 late parcels\n"
                "heed theme merge 7 3\n"
                "heed theme undo 21",
    .json =
        "list: {\"themes\":[{\"id\",\"name\",\"words\",\"topic\",\"state\",\"people\",\"trend\",\"severity\","
        "\"weeks\",\"bursting\",\"example\",\"evidence\",\"version\",…}]}; show: {\"theme\",\"quotes\",\"days\","
        "\"groups\"}; hints: "
        "{\"hints\":[{\"kind\",\"topic\",\"theme\",\"name\",\"people\",\"texts\",\"all\",\"words\"}]}; "
        "find: {\"words\",\"silent\",\"themes\",\"fresh\",\"gone\",\"rising\",\"alarms\",\"weaker\"}; what people say: "
        "{\"said\",\"theme\",\"name\",\"state\"}",
};
