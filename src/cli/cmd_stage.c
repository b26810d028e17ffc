// heed stage: the journey of customers, who is where on it, and what that changes.
#include <math.h>

#include "act/stage_act.h"
#include "cli/desk.h"
#include "cli/place.h"
#include "cli/say.h"
#include "know/figure.h"
#include "know/people.h"
#include "know/stage_figures.h"

typedef struct {
    str name, about, rule, hold, route, guide;
    int64_t days, place, limit;
    bool unhappy, forget, off, on;
} stage_opts;

static const stage_opts defaults = {.days = 90, .limit = 10, .rule = {"\1", 1}};

static const opt opts[] = {
    {"days", 'd', OPT_NUMBER, offsetof(stage_opts, days), "N", "list and show: over so many days; 90 unless given"},
    {"limit", 'n', OPT_NUMBER, offsetof(stage_opts, limit), "N", "show: at most so many words; 10 unless given"},
    {"name", 0, OPT_TEXT, offsetof(stage_opts, name), "NAME", "set: another name"},
    {"about", 0, OPT_TEXT, offsetof(stage_opts, about), "TEXT", "set, add: one sentence"},
    {"rule", 0, OPT_TEXT, offsetof(stage_opts, rule), "RULE", "set, add, try: what has to hold"},
    {"place", 0, OPT_NUMBER, offsetof(stage_opts, place), "N", "set, add, try: its place on the journey, from 1"},
    {"hold", 0, OPT_TEXT, offsetof(stage_opts, hold), "KINDS",
     "set, add, try: kinds of messages that wait, with commas"},
    {"route", 0, OPT_TEXT, offsetof(stage_opts, route), "WHO", "set, add, try: a role or a colleague's address"},
    {"guide", 0, OPT_TEXT, offsetof(stage_opts, guide), "TEXT", "set, add, try: what to bear in mind"},
    {"unhappy", 0, OPT_FLAG, offsetof(stage_opts, unhappy), NULL,
     "what is said by --hold, --route and --guide counts only while their last words sound unhappy"},
    {"forget", 0, OPT_FLAG, offsetof(stage_opts, forget), NULL,
     "set: it changes nothing any more but what is said here"},
    {"off", 0, OPT_FLAG, offsetof(stage_opts, off), NULL, "set: nobody is in it any more"},
    {"on", 0, OPT_FLAG, offsetof(stage_opts, on), NULL, "set: it counts again"},
};

typedef struct {
    cli *c;
    const stage_opts *o;
    store *s;
    journey j;
    int64_t now_us;
} asked;

// ---- list ----

static str share_text(arena *a, const estimate *x) {
    if (!estimate_shown(x)) return S("");
    return str_fmt(a, "%.*s%s", STR_ARG(figure_value(a, UNIT_SHARE, x->value)),
                   x->state == ESTIMATE_THIN ? ", too few" : "");
}

static str days_text(arena *a, const estimate *x) {
    return x->state == ESTIMATE_OK || x->state == ESTIMATE_THIN ? str_fmt(a, "%.3g days", x->value) : S("");
}

static void put_one(json_out *j, const stage_row *x, const stage_figures *f) {
    json_open(j, NULL, '{');
    json_put_int(j, "stage", x->id);
    json_put_int(j, "place", x->place);
    json_put_str(j, "name", x->name);
    json_put_str(j, "about", x->about);
    json_put_str(j, "rule", x->words);
    json_put_raw(j, "acts", x->acts_json);
    json_put_bool(j, "used", x->used);
    json_put_int(j, "version", x->version);
    if (f) {
        json_put_int(j, "now", f->now);
        json_put_int(j, "words", f->words);
        json_put_int(j, "people", f->people);
        figure_json(j, "unhappy", &f->unhappy);
        figure_json(j, "happy", &f->happy);
        figure_json(j, "reached", &f->reached);
        figure_json(j, "days", &f->days);
    }
    json_close(j, '}');
}

static bool count(const asked *k, stages_figures *f, err *e) {
    return stage_count(k->c->life, k->s, &k->j, k->now_us - k->o->days * (int64_t)86400000000, k->now_us + 1, k->now_us,
                       f, e);
}

static bool list(const asked *k, err *e) {
    static const table_col cols[] = {{NULL, true, false},      {"stage", false, true}, {"now", true, false},
                                     {"reached", true, false}, {"words", true, false}, {"people", true, false},
                                     {"unhappy", true, false}, {"happy", true, false}, {"median stay", true, false}};
    arena *a = k->c->life;
    stages_figures f;
    stage_standing at;
    reply r;
    if (!count(k, &f, e) || !stage_stands(k->s, &at, e)) return false;
    if (k->c->g.json) {
        reply_open(&r, k->c);
        json_open(&r.j, NULL, '{');
        json_open(&r.j, "stages", '[');
        for (size_t i = 0; i < k->j.n; i++) put_one(&r.j, &k->j.v[i], &f.of[i]);
        json_close(&r.j, ']');
        json_put_int(&r.j, "customers", f.customers);
        json_put_int(&r.j, "waiting", at.waiting);
        json_close(&r.j, '}');
        return reply_close(&r), true;
    }
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < k->j.n; i++) {
        const stage_figures *x = &f.of[i];
        table_add(t, STYLE_dim, str_fmt(a, "%" PRId64, k->j.v[i].id));
        table_add(
            t, k->j.v[i].used ? STYLE_bold : STYLE_dim,
            term_clean(a, k->j.v[i].used ? k->j.v[i].name : str_fmt(a, "%.*s (off)", STR_ARG(k->j.v[i].name)), true));
        table_add(t, STYLE_plain, term_count(a, x->now));
        table_add(t, STYLE_plain, share_text(a, &x->reached));
        table_add(t, STYLE_plain, term_count(a, x->words));
        table_add(t, STYLE_plain, term_count(a, x->people));
        table_add(t, STYLE_plain, share_text(a, &x->unhappy));
        table_add(t, STYLE_plain, share_text(a, &x->happy));
        table_add(t, STYLE_plain, days_text(a, &x->days));
    }
    table_print(t, &k->c->t, 0);
    if (at.waiting || at.left)
        cli_note(k->c,
                 "not everybody is told yet: 'heed serve' does it beside everything else, 'heed jobs run meaning' now");
    return true;
}

// ---- show ----

static void say_acts(const asked *k, const stage_row *x) {
    for (size_t i = 0; i < x->n_acts; i++) {
        const stage_act *v = &x->acts[i];
        buf b = buf_new(k->c->life, 4096);
        for (size_t n = 0; n < v->n_kinds; n++) buf_fmt(&b, "%s%.*s", n ? ", " : "", STR_ARG(v->kinds[n]));
        buf_fmt(&b, "%.*s%.*s", STR_ARG(v->to), STR_ARG(v->text));
        term_say(&k->c->t, "  %s%s: %.*s\n", stage_do_name(v->what), v->unhappy ? ", while unhappy" : "",
                 STR_ARG(term_clean(k->c->life, buf_str(&b), true)));
    }
}

static void say_figures(const asked *k, const stage_figures *f) {
    arena *a = k->c->life;
    term_say(&k->c->t, "%.*s now, of all who were in it %.*s\n", STR_ARG(say_n(a, f->now, "customer", "customers")),
             STR_ARG(share_text(a, &f->reached)));
    if (estimate_shown(&f->unhappy))
        term_say(&k->c->t, "Unhappy %.*s, %.*s, n %" PRId64 "\n", STR_ARG(share_text(a, &f->unhappy)),
                 STR_ARG(figure_range(a, UNIT_SHARE, &(estimate){.lo = f->unhappy.lo, .hi = f->unhappy.hi})),
                 f->unhappy.n);
    for (size_t i = 0; i < f->n_topics; i++)
        term_say(&k->c->t, "  %.*s: %.*s\n", STR_ARG(term_clean(a, f->topics[i].name, true)),
                 STR_ARG(say_n(a, f->topics[i].people, "customer", "customers")));
    for (size_t i = 0; i < f->n_next && i < 4; i++) {
        const stage_row *to = journey_by_id(&k->j, f->next[i].stage);
        term_say(&k->c->t, "  then %.*s: %.*s\n", STR_ARG(to ? to->name : S("nowhere")),
                 STR_ARG(share_text(a, &f->next[i].share)));
    }
}

static bool say_words(const asked *k, const stage_row *x, err *e) {
    const stage_words_ask ask = {.since_us = k->now_us - k->o->days * (int64_t)86400000000,
                                 .before_us = INT64_MAX,
                                 .before_key = INT64_MAX,
                                 .most = (size_t)MIN(MAX(k->o->limit, 0), 500)};
    meaning *v;
    size_t n;
    if (!stage_words(k->c->life, k->s, x->id, &ask, &v, &n, e)) return false;
    for (size_t i = 0; i < n; i++) {
        str text;
        if (!stage_said(k->c->life, k->s, &v[i], &text, e)) return false;
        text = term_clean(k->c->life, text, true);
        term_say(&k->c->t, "  \"%.*s\"\n", (int)MIN(text.len, (size_t)100), text.s);
    }
    return true;
}

static bool show(const asked *k, err *e) {
    const stage_row *x;
    stages_figures f;
    reply r;
    if (!journey_find(&k->j, k->c->args.v[1], &x, e) || !count(k, &f, e)) return false;
    const stage_figures *of = &f.of[x - k->j.v];
    if (k->c->g.json) {
        reply_open(&r, k->c);
        put_one(&r.j, x, of);
        return reply_close(&r), true;
    }
    term_put(&k->c->t, STYLE_bold, term_clean(k->c->life, x->name, true));
    term_say(&k->c->t, "  %.*s\n%.*s\n", STR_ARG(x->words.len ? x->words : S("always")),
             STR_ARG(term_clean(k->c->life, x->about, true)));
    say_acts(k, x);
    say_figures(k, of);
    return say_words(k, x, e);
}

static bool facts(const asked *k, err *e) {
    static const table_col cols[] = {{NULL, false, false}, {NULL, false, true}};
    table *t = table_new(k->c->life, cols, COUNT(cols));
    const stage_fact_row *f;
    reply r;
    (void)e;
    if (k->c->g.json) {
        reply_open(&r, k->c);
        json_open(&r.j, NULL, '{');
        json_open(&r.j, "facts", '[');
    }
    for (size_t i = 0; (f = stage_fact_at(i)); i++) {
        if (k->c->g.json) {
            json_open(&r.j, NULL, '{');
            json_put_str(&r.j, "name", str_c(f->name));
            json_put_str(&r.j, "text", str_c(f->text));
            json_close(&r.j, '}');
            continue;
        }
        table_add(t, STYLE_bold, str_c(f->name));
        table_add(t, STYLE_plain, str_c(f->text));
    }
    if (!k->c->g.json) return table_print(t, &k->c->t, 0), true;
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    return reply_close(&r), true;
}

// ---- one customer ----

static bool of_one(const asked *k, err *e) {
    stage_events ev;
    int64_t id;
    str which = k->c->args.v[1];
    reply r;
    zone *z;
    settings set;
    if (str_starts(which, S("customer:"))) which = str_sub(which, 9, which.len - 9);
    if (!cli_id("a customer", which, &id, e) || !stage_events_read(k->c->life, k->s, id, &ev, e)) return false;
    if (!ev.n) return fail(e, ERR_not_found, "nothing is known of a customer %" PRId64, id);
    if (!settings_read(k->c->life, k->s, &set, e) || !zone_open(k->c->life, set.zone, &z, e)) return false;
    const stage_path p = stage_path_of(k->c->life, &k->j, &ev, k->now_us);
    if (k->c->g.json) {
        reply_open(&r, k->c);
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "customer", id);
        json_open(&r.j, "spells", '[');
    }
    for (size_t i = p.n; i-- > 0;) {
        const stage_row *x = journey_by_id(&k->j, p.v[i].stage);
        const str name = x ? x->name : S("none");
        if (!k->c->g.json) {
            term_say(&k->c->t, "since %.*s  %.*s\n", STR_ARG(say_day(k->c->life, z, p.v[i].from_us)), STR_ARG(name));
            continue;
        }
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "stage", name);
        json_put_time(&r.j, "since", p.v[i].from_us);
        json_close(&r.j, '}');
    }
    if (!k->c->g.json) return true;
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    return reply_close(&r), true;
}

// ---- changing ----

static bool add_act(stage_row *x, stage_act v, err *e) {
    size_t n = 0;
    for (size_t i = 0; i < x->n_acts; i++)
        if (x->acts[i].what != v.what || x->acts[i].unhappy != v.unhappy) x->acts[n++] = x->acts[i];
    if (n == STAGE_ACTS) return fail(e, ERR_invalid, "a stage changes at most %d things", STAGE_ACTS);
    x->acts[n] = v, x->n_acts = n + 1;
    return true;
}

// What the options say, over what is there.
static bool take_opts(const asked *k, stage_row *x, err *e) {
    const stage_opts *o = k->o;
    const char *field;
    if (o->name.len) x->name = o->name;
    if (o->about.len) x->about = o->about;
    if (!str_eq(o->rule, S("\1"))) x->words = o->rule;
    if (o->place) x->place = o->place;
    if (o->off || o->on) x->used = o->on;
    if (o->forget) x->n_acts = 0;
    if (o->hold.len) {
        stage_act v = {.what = STAGE_hold, .unhappy = o->unhappy};
        for (str rest = o->hold; rest.s && v.n_kinds < COUNT(v.kinds);)
            v.kinds[v.n_kinds++] = str_trim(str_cut(&rest, ','));
        if (!add_act(x, v, e)) return false;
    }
    if (o->route.len && !add_act(x, (stage_act){.what = STAGE_route, .unhappy = o->unhappy, .to = o->route}, e))
        return false;
    if (o->guide.len && !add_act(x, (stage_act){.what = STAGE_guide, .unhappy = o->unhappy, .text = o->guide}, e))
        return false;
    x->acts_json = stage_acts_write(k->c->life, x->acts, x->n_acts);
    return stage_check(k->c->life, x, &field, e) && stage_act_check(x, &field, e);
}

static bool tell_changed(const asked *k, const stage_row *x) {
    reply r;
    if (k->c->g.json) {
        reply_open(&r, k->c);
        put_one(&r.j, x, NULL);
        return reply_close(&r), true;
    }
    term_say(&k->c->t, "Stage %" PRId64 ", %.*s, version %" PRId64 ": %.*s\n", x->id,
             STR_ARG(term_clean(k->c->life, x->name, true)), x->version,
             STR_ARG(x->words.len ? x->words : S("always")));
    return true;
}

static bool try_it(const asked *k, err *e) {
    const stage_row *now;
    stage_outlook o;
    reply r;
    if (!journey_find(&k->j, k->c->args.v[1], &now, e)) return false;
    stage_row x = *now;
    if (!take_opts(k, &x, e) || !stage_try(k->c->life, k->s, &x, k->now_us, &o, e)) return false;
    if (k->c->g.json) {
        reply_open(&r, k->c);
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "customers", o.customers);
        json_put_int(&r.j, "looked", o.looked);
        json_put_int(&r.j, "now", o.is);
        json_put_int(&r.j, "then", o.would);
        json_put_int(&r.j, "held", o.held);
        json_put_int(&r.j, "routed", o.routed);
        json_close(&r.j, '}');
        return reply_close(&r), true;
    }
    term_say(&k->c->t,
             "%.*s\nOf %" PRId64 " customers looked at %" PRId64 " are in it, %" PRId64 " would be; from %" PRId64
             " something would be held back now; %.*s would go to somebody\n",
             STR_ARG(x.words.len ? x.words : S("always")), o.looked, o.is, o.would, o.held,
             STR_ARG(say_n(k->c->life, o.routed, "open item", "open items")));
    return true;
}

typedef struct {
    asked *k;
    str verb;
    stage_row x;
} changing_it;

static bool change_it(void *ctx, desk *d, err *e) {
    changing_it *g = ctx;
    asked *k = g->k;
    const char *user = getenv("USER"), *field;
    const str by = str_c(user && *user ? user : "a person");
    const stage_row *now;
    k->s = d->s;
    if (!journey_read(k->c->life, d->s, &k->j, e)) return false;
    if (str_eq(g->verb, S("add"))) {
        g->x = (stage_row){.name = k->c->args.v[1], .used = true, .by = by};
        return take_opts(k, &g->x, e) && stage_put(k->c->life, d->s, &g->x, k->now_us, &field, e);
    }
    if (!journey_find(&k->j, k->c->args.v[1], &now, e)) return false;
    if (str_eq(g->verb, S("undo"))) return stage_undo(k->c->life, d->s, now->id, by, k->now_us, &g->x, e);
    g->x = *now, g->x.by = by;
    return take_opts(k, &g->x, e) && stage_put(k->c->life, d->s, &g->x, k->now_us, &field, e);
}

static bool write_it(asked *k, str verb, err *e) {
    changing_it g = {.k = k, .verb = verb};
    desk d;
    if (!desk_open(k->c, "change it by its address /api/stages", &d, e)) return false;
    const bool ok = desk_run(&d, change_it, &g, e);
    desk_close(&d);
    return ok && tell_changed(k, &g.x);
}

// ---- the command ----

typedef bool (*reading_fn)(const asked *k, err *e);
static const struct {
    const char *name, *takes;
    reading_fn read; // NULL: it changes something
    size_t args;
} verbs[] = {{"list", "", list, 1},     {"show", " NAME", show, 2},  {"of", " CUSTOMER", of_one, 2},
             {"facts", "", facts, 1},   {"try", " NAME", try_it, 2}, {"set", " NAME", NULL, 2},
             {"add", " NAME", NULL, 2}, {"undo", " NAME", NULL, 2}};

static bool run(cli *c, const void *options, err *e) {
    asked k = {.c = c, .o = options, .now_us = c->w->now_us(c->w)};
    size_t v = 0;
    const char *names[COUNT(verbs)];
    for (size_t i = 0; i < COUNT(verbs); i++) names[i] = verbs[i].name;
    while (c->args.n && v < COUNT(verbs) && !str_eq(c->args.v[0], str_c(names[v]))) v++;
    if (v == COUNT(verbs)) {
        const char *near = cli_nearest(c->args.v[0], names, COUNT(verbs));
        return fail(e, ERR_usage, "'%.*s' is none of its words%s%s: list, show, of, facts, try, set, add, undo",
                    (int)MIN(c->args.v[0].len, 40), c->args.v[0].s, near ? ", did you mean " : "", near ? near : "");
    }
    if (c->args.n && c->args.n != verbs[v].args)
        return fail(e, ERR_usage, "write heed stage %s%s", verbs[v].name, verbs[v].takes);
    if (!verbs[v].read) return write_it(&k, c->args.v[0], e);
    if (!place_read(c, &k.s, e)) return false;
    const bool ok = store_begin_read(k.s, e) && journey_read(c->life, k.s, &k.j, e) && verbs[v].read(&k, e);
    store_close(k.s);
    return ok;
}

const cmd cmd_stage = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(stage_opts),
    .defaults = &defaults,
    .max_args = -1,
    .run = run,
    .more =
        "A stage is where on the journey with you a customer is: looking, waiting for what they ordered, new, in "
        "trouble … Each has a rule over facts that follow from what happened to them; of the stages whose rule "
        "holds, the last on the journey is theirs. Everything they ever said is told the stage in which they said "
        "it.\n\n"
        "A stage may hold back kinds of messages, send what they write to somebody senior, and tell whoever answers "
        "what to bear in mind, always or only while their last words sound unhappy. 'try' says what a change would "
        "come to, 'undo' takes the last one back, 'facts' lists what rules can ask; docs/stages.md explains it.",
    .examples = "heed stage\n"
                "heed stage show 'in trouble' --days 30\n"
                "heed stage of customer:17\n"
                "heed stage try new --rule 'undelivered = 0 and days_since_first_order < 60'\n"
                "heed stage set new --guide 'Ask whether the first bag was to their taste.' --unhappy\n"
                "heed stage set 'gone quiet' --hold survey,marketing\n"
                "heed stage undo 'gone quiet'",
    .json =
        "list: {\"stages\":[{\"stage\",\"name\",\"rule\",\"acts\",\"used\",\"version\",\"now\",\"words\",\"people\","
        "\"unhappy\",\"happy\",\"reached\",\"days\"}],\"customers\",\"waiting\"}; show: one of them; of: "
        "{\"customer\",\"spells\":[{\"stage\",\"since\"}]}; try: {\"customers\",\"looked\",\"now\",\"then\",\"held\","
        "\"routed\"}; facts: {\"facts\":[{\"name\",\"text\"}]}; set, add, undo: the stage",
};
