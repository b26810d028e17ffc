// heed widget: the websites that carry the widget, the line for their pages, and what is asked there.
#include "act/ask.h"
#include "base/civil.h"
#include "cli/desk.h"
#include "cli/say.h"
#include "know/settings.h"
#include "serve/auth.h"

enum { COUNT_DAYS = 30, SHARE = 10 };

typedef struct {
    str name, privacy, lang, scale, way, words;
    strs origins;
    int64_t share, days;
} widget_opts;

static const widget_opts defaults = {.scale = {"nps", 3}, .way = {"widget", 6}, .share = SHARE, .days = QUESTION_DAYS};

static const opt opts[] = {
    {"name", 0, OPT_TEXT, offsetof(widget_opts, name), "NAME",
     "add: the site as visitors know it; ask: the question, for us"},
    {"origin", 'o', OPT_LIST, offsetof(widget_opts, origins), "URL",
     "add: a website that may carry it, as https://www.example.org; several times for several"},
    {"privacy", 0, OPT_TEXT, offsetof(widget_opts, privacy), "URL", "add: the address of the privacy notice"},
    {"lang", 0, OPT_TEXT, offsetof(widget_opts, lang), "LANG",
     "add: of its pages, the reader's own unless given; ask: of --words"},
    {"scale", 0, OPT_TEXT, offsetof(widget_opts, scale), "nps|csat5|ces7|open",
     "ask: on which scale; nps unless given"},
    {"way", 0, OPT_TEXT, offsetof(widget_opts, way), "widget|mail",
     "ask: by the widget, or by a link in mails; widget unless given"},
    {"words", 0, OPT_TEXT, offsetof(widget_opts, words), "TEXT", "ask: in your words instead of heed's"},
    {"share", 0, OPT_NUMBER, offsetof(widget_opts, share), "N", "ask: of a hundred visitors; 10 unless given"},
    {"days", 0, OPT_NUMBER, offsetof(widget_opts, days), "N",
     "ask: before the same person is asked again; 90 unless given"},
};

typedef struct {
    site x;
    question q;
    str slug;
    const char *field;
} change;

static str user_of(void) {
    const char *user = getenv("USER");
    return str_c(user && *user ? user : "a person");
}

static bool note(desk *d, const char *action, const char *what, int64_t id, err *e) {
    return audit_put(d, user_of(), action, str_fmt(d->a, "%s:%" PRId64, what, id), S(""), S(""), e);
}

static bool find(arena *a, store *s, str slug, site *out, err *e) {
    if (!site_of_slug(a, s, slug, out, e)) return false;
    return out->id || fail(e, ERR_not_found, "there is no site '%.*s'; 'heed widget list' shows them",
                           (int)MIN(slug.len, 60), slug.s);
}

// ---- changing ----

static bool add_piece(void *ctx, desk *d, err *e) {
    change *x = ctx;
    return site_put(know_ledger(d->k), d->a, &x->x, &x->field, e) && note(d, "site.make", "site", x->x.id, e);
}

static bool remove_piece(void *ctx, desk *d, err *e) {
    change *x = ctx;
    return find(d->a, d->s, x->slug, &x->x, e) && site_drop(d->s, x->x.id, e) &&
           note(d, "site.drop", "site", x->x.id, e);
}

static bool ask_piece(void *ctx, desk *d, err *e) {
    change *x = ctx;
    if (!find(d->a, d->s, x->slug, &x->x, e)) return false;
    x->q.site_id = x->x.id;
    return question_put(know_ledger(d->k), d->a, &x->q, &x->field, e) &&
           note(d, "question.make", "question", x->q.id, e);
}

static bool drop_piece(void *ctx, desk *d, err *e) {
    change *x = ctx;
    return question_drop(d->s, x->q.id, e) && note(d, "question.drop", "question", x->q.id, e);
}

static bool run_piece(cli *c, const char *instead, piece_fn fn, change *x, err *e) {
    desk d;
    if (!desk_open(c, instead, &d, e)) return false;
    bool ok = desk_run(&d, fn, x, e);
    x->x.key = str_dup(c->life, x->x.key), x->x.secret = str_dup(c->life, x->x.secret);
    desk_close(&d);
    return ok;
}

// ---- what it says ----

// Where the program does not know its address yet, the line says so to whoever reads it.
static bool address_of(cli *c, str *out, err *e) {
    store *s;
    if (!place_read(c, &s, e)) return false;
    bool ok = settings_get(c->life, s, "origin", out, e);
    store_close(s);
    if (ok && !out->len) *out = S("https://HEED");
    return ok;
}

static void told_site(cli *c, const site *x, str address) {
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "id", x->id);
        json_put_str(&r.j, "site", x->slug);
        json_put_str(&r.j, "key", x->key);
        json_put_str(&r.j, "secret", x->secret);
        json_put_str(&r.j, "snippet", site_snippet(c->life, x, address));
        json_close(&r.j, '}');
        reply_close(&r);
        return;
    }
    term_say(&c->t, "%.*s has its page at /f/%.*s.%s\n", STR_ARG(term_clean(c->life, x->name, true)), STR_ARG(x->slug),
             x->n_origins ? "" : " Its widget stays silent until a website may carry it: --origin");
    term_say(&c->t, "This line goes into every page of the website:\n  %.*s\n",
             STR_ARG(site_snippet(c->life, x, address)));
    term_say(&c->t, "The secret by which it signs who its users are is shown this once:\n  %.*s\n", STR_ARG(x->secret));
}

static bool add(cli *c, const widget_opts *o, err *e) {
    str address;
    change x = {.x = {.name = o->name,
                      .slug = c->args.n == 2 ? c->args.v[1] : S(""),
                      .privacy = o->privacy,
                      .lang = o->lang,
                      .by = user_of(),
                      .button = true,
                      .page = true}};
    if (c->args.n != 2 || !o->name.len) return fail(e, ERR_usage, "heed widget add SITE --name NAME --origin URL");
    x.x.origins = make(c->life, str, o->origins.n + 1), x.x.n_origins = o->origins.n;
    for (size_t i = 0; i < o->origins.n; i++) x.x.origins[i] = o->origins.v[i];
    if (!run_piece(c, "POST /api/sites does the same", add_piece, &x, e) || !address_of(c, &address, e)) return false;
    told_site(c, &x.x, address);
    return true;
}

static bool drop_site(cli *c, err *e) {
    change x = {.slug = c->args.n == 2 ? c->args.v[1] : S("")};
    if (c->args.n != 2) return fail(e, ERR_usage, "heed widget remove SITE");
    if (!run_piece(c, "DELETE /api/sites/ID does the same", remove_piece, &x, e)) return false;
    if (!c->g.quiet) term_say(&c->t, "Its widget is silent and its page closed. What was said stays.\n");
    return true;
}

static bool ask(cli *c, const widget_opts *o, err *e) {
    change x = {.slug = c->args.n == 2 ? c->args.v[1] : S(""),
                .q = {.name = o->name.len ? o->name : o->scale,
                      .words = o->words,
                      .lang = o->words.len ? o->lang : S(""),
                      .way = question_way_of(o->way),
                      .share = (int)MIN(MAX(o->share, 0), 1000),
                      .days = o->days,
                      .active = true,
                      .by = user_of()}};
    if (c->args.n != 2) return fail(e, ERR_usage, "heed widget ask SITE [--scale SCALE] [--share N] [--days N]");
    if (!question_scale_of(o->scale, &x.q.instrument)) return fail(e, ERR_usage, "--scale is nps, csat5, ces7 or open");
    if (!x.q.way) return fail(e, ERR_usage, "--way is widget or mail");
    if (!run_piece(c, "POST /api/questions does the same", ask_piece, &x, e)) return false;
    if (!c->g.quiet && x.q.way == QUESTION_widget)
        term_say(&c->t, "Question %" PRId64 " is asked of %d in a hundred, each at most every %" PRId64 " days.\n",
                 x.q.id, x.q.share, x.q.days);
    else if (!c->g.quiet)
        term_say(&c->t, "Question %" PRId64 " is asked where a mail says {{question}}.\n", x.q.id);
    return true;
}

static bool unask(cli *c, err *e) {
    change x = {0};
    if (c->args.n != 2) return fail(e, ERR_usage, "heed widget unask NUMBER; 'heed widget list' shows the numbers");
    if (!cli_id("a question", c->args.v[1], &x.q.id, e) ||
        !run_piece(c, "DELETE /api/questions/ID does the same", drop_piece, &x, e))
        return false;
    if (!c->g.quiet) term_say(&c->t, "It is asked no more. Its answers stay.\n");
    return true;
}

// ---- showing ----

static void put_questions(json_out *j, const question *all, size_t n, int64_t site_id) {
    json_open(j, "questions", '[');
    for (size_t i = 0; i < n; i++) {
        if (all[i].site_id != site_id) continue;
        json_open(j, NULL, '{');
        json_put_int(j, "id", all[i].id);
        json_put_str(j, "name", all[i].name);
        json_put_str(j, "way", str_c(question_way_name(all[i].way)));
        json_put_str(j, "scale", str_c(question_scale_name(all[i].instrument)));
        json_put_int(j, "share", all[i].share);
        json_put_int(j, "days", all[i].days);
        json_put_bool(j, "active", all[i].active);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void list_json(cli *c, const site *all, size_t n, const question *q, size_t n_q) {
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "sites", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "id", all[i].id);
        json_put_str(&r.j, "site", all[i].slug);
        json_put_str(&r.j, "name", all[i].name);
        json_put_str(&r.j, "key", all[i].key);
        json_open(&r.j, "origins", '[');
        for (size_t k = 0; k < all[i].n_origins; k++) json_put_str(&r.j, NULL, all[i].origins[k]);
        json_close(&r.j, ']');
        put_questions(&r.j, q, n_q, all[i].id);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

static bool list_question(cli *c, table *t, store *s, const question *q, err *e) {
    arena *a = c->life;
    int64_t asked, answered;
    if (!ask_counts(s, q->id, c->w->now_us(c->w) - COUNT_DAYS * DAY_US, &asked, &answered, e)) return false;
    table_add(t, STYLE_plain, str_fmt(a, "  %" PRId64, q->id));
    table_add(t, STYLE_plain, term_clean(a, q->name, true));
    table_add(t, STYLE_plain,
              str_fmt(a, "%s by %s%s", question_scale_name(q->instrument), question_way_name(q->way),
                      q->active ? "" : ", paused"));
    table_add(t, STYLE_plain,
              q->way == QUESTION_mail
                  ? S("where a mail says {{question}}")
                  : str_fmt(a,
                            "%d in a hundred, every %" PRId64 " days; %" PRId64 " of %" PRId64 " answered in 30 days",
                            q->share, q->days, answered, asked));
    return true;
}

static bool list(cli *c, err *e) {
    static const table_col cols[] = {
        {"site", false, false}, {"name", false, false}, {"page", false, false}, {"carried by", false, true}};
    store *s;
    site *all;
    question *q;
    size_t n, n_q;
    arena *a = c->life;
    if (!place_read(c, &s, e)) return false;
    bool ok = site_list(a, s, &all, &n, e) && question_list(a, s, 0, &q, &n_q, e);
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; ok && i < n; i++) {
        buf b = buf_new(a, 1 << 14);
        for (size_t k = 0; k < all[i].n_origins; k++) buf_fmt(&b, "%s%.*s", k ? ", " : "", STR_ARG(all[i].origins[k]));
        table_add(t, STYLE_bold, all[i].slug);
        table_add(t, STYLE_plain, term_clean(a, all[i].name, true));
        table_add(t, STYLE_plain, str_fmt(a, "/f/%.*s", STR_ARG(all[i].slug)));
        table_add(t, STYLE_plain, b.len ? buf_str(&b) : S("nobody yet"));
        for (size_t k = 0; ok && k < n_q; k++)
            if (q[k].site_id == all[i].id) ok = list_question(c, t, s, &q[k], e);
    }
    store_close(s);
    if (!ok) return false;
    if (c->g.json)
        list_json(c, all, n, q, n_q);
    else if (n)
        table_print(t, &c->t, 0);
    else
        term_say(&c->t, "No website carries the widget yet: heed widget add SITE --name NAME --origin URL\n");
    return true;
}

static bool snippet(cli *c, err *e) {
    store *s;
    site x;
    str address;
    if (c->args.n != 2) return fail(e, ERR_usage, "heed widget snippet SITE");
    if (!address_of(c, &address, e) || !place_read(c, &s, e)) return false;
    bool ok = find(c->life, s, c->args.v[1], &x, e);
    store_close(s);
    if (!ok) return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "snippet", site_snippet(c->life, &x, address));
        json_put_str(&r.j, "policy", site_policy(c->life, address));
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    term_say(&c->t, "%.*s\n", STR_ARG(site_snippet(c->life, &x, address)));
    term_say(&c->t, "A Content-Security-Policy of these pages has to allow: %.*s\n",
             STR_ARG(site_policy(c->life, address)));
    return true;
}

static bool run(cli *c, const void *options, err *e) {
    const widget_opts *o = options;
    str verb = c->args.n ? c->args.v[0] : S("list");
    if (str_eq(verb, S("list"))) return list(c, e);
    if (str_eq(verb, S("add"))) return add(c, o, e);
    if (str_eq(verb, S("remove"))) return drop_site(c, e);
    if (str_eq(verb, S("snippet"))) return snippet(c, e);
    if (str_eq(verb, S("ask"))) return ask(c, o, e);
    if (str_eq(verb, S("unask"))) return unask(c, e);
    return fail(e, ERR_usage, "'%.*s' is not known; say list, add, remove, snippet, ask or unask",
                (int)MIN(verb.len, 40), verb.s);
}

const cmd cmd_widget = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(widget_opts),
    .defaults = &defaults,
    .min_args = 0,
    .max_args = 2,
    .run = run,
    .more =
        "A website carries the widget by one line in its pages: a quiet button for whoever has something to say, and "
        "now and then a question. Each site has a public page too, at /f/SITE, that needs no script. How often "
        "anybody is asked is decided here: by the share and the days of the question, and over everything that asks "
        "by the gate. docs/widget.md tells more.\n\n"
        "'add' makes a site and prints its line and, this once, the secret by which the website signs who its users "
        "are. 'snippet' prints the line again. 'ask' adds a question, by the widget or by a link in mails; 'unask' "
        "takes it away. 'remove' takes the site away.",
    .examples = "heed widget add shop --name \"Sunrise Coffee\" --origin https://www.sunrise.example\n"
                "heed widget ask shop --scale nps --share 10 --days 90\n"
                "heed widget snippet shop",
    .json = "list: {\"sites\":[{\"id\",\"site\",\"name\",\"key\",\"origins\",\"questions\":[{\"id\",\"name\",\"way\","
            "\"scale\",\"share\",\"days\",\"active\"}]}]}; add: {\"id\",\"site\",\"key\",\"secret\",\"snippet\"}; "
            "snippet: {\"snippet\",\"policy\"}",
};
