// Themes looked at.
#include "serve/api_themes.h"

#include "know/figure.h"
#include "know/voices.h"
#include "serve/work.h"
#include "stats/proportion.h"

enum { QUOTES = 6 };

bool may_read_words(const call *c) {
    return c->who.needs & N(customers_read);
}

void put_number(json_out *j, const char *key, int64_t id) {
    if (id)
        json_put_int(j, key, id);
    else
        json_put_null(j, key);
}

void put_quotes(json_out *j, const char *key, const quoted *q, size_t n) {
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        put_voice(j, "voice", &q[i].v);
        json_put_int(j, "stands_for", (int64_t)q[i].q.stands_for);
        json_put_int(j, "texts", (int64_t)q[i].q.texts);
        json_put_num(j, "likeness", q[i].q.likeness);
        json_close(j, '}');
    }
    json_close(j, ']');
}

bool put_bursts(call *c, const char *key, const abouts *names, int state, enum about_kind k, int64_t id, err *e) {
    burst_row *v;
    size_t n;
    if (!bursts_list(c->a, c->s, state, k, id, &v, &n, e)) return false;
    json_open(&c->out, key, '[');
    for (size_t i = 0; i < n; i++) {
        arena scratch = arena_open(1 << 22);
        bool ok = burst_json(&c->out, NULL, scratch, c->s, names, &v[i], may_read_words(c), e);
        arena_close(&scratch);
        if (!ok) return false;
    }
    json_close(&c->out, ']');
    return true;
}

// ---- the list ----

static bool put_one(call *c, const char *key, const theme_views *v, const theme_row *t, err *e) {
    arena scratch = arena_open(1 << 24);
    bool ok = theme_view_json(&c->out, key, scratch, c->s, v, t, true, e);
    arena_close(&scratch);
    return ok;
}

// By people who speak of it: the page after says how many went before.
static bool put_page(call *c, const theme_views *v, err *e) {
    paging p;
    enum theme_state state = THEME_lives;
    str asked = in_str(c, "state");
    bool all = str_eq(asked, S("all"));
    if (asked.len && !all) (void)theme_state_of(asked, &state);
    int64_t inside = in_bool(c, "outside") ? 0 : in_has(c, "topic") ? in_int(c, "topic", 0) : -1;
    size_t n, put = 0;
    if (!page_open(c, &p, e)) return false;
    const theme_row **list = theme_views_sorted(c->a, v, all ? 0 : (int)state, inside, &n);
    size_t from = p.first ? 0 : (size_t)p.after[0];
    for (size_t i = from; i < n && put < (size_t)p.limit; i++, put++)
        if (!put_one(c, NULL, v, list[i], e)) return false;
    page_close(c, &p, from + put < n, (int64_t)(from + put), 0);
    return true;
}

bool themes_page(call *c, err *e) {
    theme_views v = {0};
    bool ok = store_begin_read(c->s, e) && theme_views_open(c->a, c->s, &v, e) && put_page(c, &v, e);
    theme_views_close(&v);
    return ok;
}

bool themes_stand(call *c, err *e) {
    themes_standing x;
    int64_t id = 0;
    json_out *j = &c->out;
    if (!themes_stand_now(c->s, &x, e) || !job_underway(c->s, "themes_now", S(""), &id, e)) return false;
    json_open(j, NULL, '{');
    json_put_time(j, "made", x.made_us);
    json_put_bool(j, "weaker", x.weaker);
    json_put_int(j, "words", x.words);
    json_put_int(j, "silent", x.silent);
    json_put_int(j, "waiting", x.waiting);
    json_put_int(j, "lives", x.lives);
    put_number(j, "running", id);
    json_close(j, '}');
    return true;
}

// ---- hints ----

static bool put_examples(call *c, const sources *all, const json_t *places, err *e) {
    json_t *x;
    size_t i;
    json_open(&c->out, "examples", '[');
    json_array_foreach(places, i, x) {
        voice v;
        if (voice_at(c->a, c->s, all, json_integer_value(json_array_get(x, 0)),
                     json_integer_value(json_array_get(x, 1)), json_integer_value(json_array_get(x, 2)), &v, e))
            put_voice(&c->out, NULL, &v);
        else if (!err_ok(e))
            return false;
    }
    json_close(&c->out, ']');
    return true;
}

static bool put_hint(call *c, const sources *all, const abouts *names, const json_t *x, err *e) {
    json_out *j = &c->out;
    int64_t of = json_integer_value(json_object_get(x, "topic")),
            theme = json_integer_value(json_object_get(x, "theme"));
    int64_t people = json_integer_value(json_object_get(x, "people")),
            among = json_integer_value(json_object_get(x, "all"));
    const theme_row *t = themes_at(names->themes, names->n_themes, theme);
    estimate share = proportion(c->a, people, MAX(people, among), (sampling){.of = "voice"});
    json_open(j, NULL, '{');
    json_put_str(j, "kind", json_text(json_object_get(x, "kind")));
    put_number(j, "topic", of);
    if (of)
        json_put_str(j, "topic_name", about_name(names, ABOUT_topic, of));
    else
        json_put_null(j, "topic_name");
    put_number(j, "theme", theme);
    json_put_str(j, "name", t && t->title.len ? t->title : json_text(json_object_get(x, "name")));
    json_put_int(j, "people", people);
    json_put_int(j, "words", json_integer_value(json_object_get(x, "texts")));
    figure_json(j, "share", &share);
    if (!put_examples(c, all, json_object_get(x, "words"), e)) return false;
    json_close(j, '}');
    return true;
}

// What became a topic, or was put away, since the last look is no hint any more.
static bool still_open(const abouts *names, const json_t *x) {
    int64_t theme = json_integer_value(json_object_get(x, "theme"));
    const theme_row *t = themes_at(names->themes, names->n_themes, theme);
    return !theme || (t && (t->state == THEME_lives || t->state == THEME_quiet));
}

bool themes_hints(call *c, err *e) {
    str text;
    int64_t made;
    json_t *root = NULL, *x;
    size_t i;
    sources *all;
    abouts names;
    if (!store_begin_read(c->s, e) || !themes_report(c->a, c->s, "hints", &text, &made, e) ||
        !abouts_read(c->a, c->s, &names, e) || (text.len && !json_read(text, &root, e)))
        return false;
    bool ok = true;
    sources_as_asked(c->a, c->s, &all);
    json_open(&c->out, NULL, '{');
    json_put_time(&c->out, "made", made);
    json_open(&c->out, "hints", '[');
    json_array_foreach(json_object_get(root, "hints"), i, x) {
        if (ok && still_open(&names, x)) ok = put_hint(c, all, &names, x, e);
    }
    json_close(&c->out, ']');
    json_close(&c->out, '}');
    json_decref(root);
    return ok;
}

// ---- one ----

typedef struct {
    call *c;
    int64_t left, last;
    bool more;
} saids;

static bool put_said(void *ctx, const theme_said *x, err *e) {
    saids *k = ctx;
    (void)e;
    if (!k->left) return k->more = true, false;
    theme_said_json(&k->c->out, NULL, x);
    k->left--, k->last = x->id;
    return true;
}

bool themes_said_page(call *c, err *e) {
    paging p;
    if (!page_open(c, &p, e)) return false;
    saids k = {.c = c, .left = p.limit};
    if (!themes_said(c->s, 0, p.first ? INT64_MAX : p.after[0], p.limit + 1, put_said, &k, e)) return false;
    page_close(c, &p, k.more, k.last, 0);
    return true;
}

static bool put_counted(call *c, int64_t id, err *e) {
    static const char *const kept[] = {"days", "groups", NULL};
    str page;
    json_t *v = NULL;
    if (!priority_page_read(c->a, c->s, ABOUT_theme, id, &page, e) || (page.len && !json_read(page, &v, e)))
        return false;
    if (v)
        json_members(&c->out, v, kept);
    else {
        json_put_raw(&c->out, "days",
                     S("{\"since\":\"1970-01-01\",\"people\":[],\"expected\":[],\"lo\":[],\"hi\":[],"
                       "\"why\":\"nobody has counted it yet\"}"));
        json_put_raw(&c->out, "groups", S("[]"));
    }
    json_decref(v);
    return true;
}

static bool put_whole(call *c, const theme_views *v, const theme_row *t, int64_t said_id, err *e) {
    enum { SAID_SHOWN = 50 };
    sources *all;
    quoted *q;
    theme_word *near_by;
    size_t n, n_near;
    int64_t now;
    bool historic;
    sources_as_asked(c->a, c->s, &all);
    if (!as_of_us(c->s, c->now_us, &now, &historic, e) ||
        !theme_quoted(c->a, c->s, all, ABOUT_theme, t->id, THEME_PART_all, now, QUOTES, &q, &n, e) ||
        !themes_words(c->a, c->s, t->id, &(theme_ask){.since_us = now - THEMES_WEEKS * 7 * DAY_US, .near_only = true},
                      &near_by, &n_near, e))
        return false;
    call_etag(c, t->version);
    json_open(&c->out, NULL, '{');
    if (!put_one(c, "theme", v, t, e)) return false;
    put_quotes(&c->out, "quotes", q, n);
    if (!put_counted(c, t->id, e)) return false;
    json_put_int(&c->out, "near", (int64_t)n_near);
    json_open(&c->out, "said", '[');
    saids k = {.c = c, .left = SAID_SHOWN};
    if (!themes_said(c->s, t->id, INT64_MAX, SAID_SHOWN, put_said, &k, e)) return false;
    json_close(&c->out, ']');
    if (!put_bursts(c, "bursts", &v->p.names, BURST_ANY, ABOUT_theme, t->id, e)) return false;
    put_number(&c->out, "change", said_id);
    json_close(&c->out, '}');
    return true;
}

bool put_theme_page(call *c, int64_t id, int64_t said_id, err *e) {
    theme_views v = {0};
    theme_row t;
    bool ok =
        themes_get(c->a, c->s, id, &t, e) && theme_views_open(c->a, c->s, &v, e) && put_whole(c, &v, &t, said_id, e);
    theme_views_close(&v);
    return ok;
}

bool themes_show(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && store_begin_read(c->s, e) && put_theme_page(c, id, 0, e) &&
           audit(c, "theme.look", str_fmt(c->a, "theme:%" PRId64, id), S("{}"), e);
}

// ---- its words ----

static int by_far(const void *p, const void *q) {
    const theme_word *x = p, *y = q;
    if (x->far != y->far) return x->far < y->far ? -1 : 1;
    if (x->at_us != y->at_us) return x->at_us > y->at_us ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

static bool put_text(call *c, const sources *all, const theme_row *t, const theme_word *w, err *e) {
    voice v;
    if (!voice_at(c->a, c->s, all, w->profile, w->key, w->at_us, &v, e)) return err_ok(e);
    json_open(&c->out, NULL, '{');
    put_voice(&c->out, "voice", &v);
    json_put_num(&c->out, "distance", w->far / 1000.0);
    json_put_bool(&c->out, "far", w->far >= t->reach);
    json_put_bool(&c->out, "pinned", w->pinned);
    json_close(&c->out, '}');
    return true;
}

bool themes_texts(call *c, err *e) {
    paging p;
    theme_row t;
    theme_word *w;
    sources *all;
    int64_t id;
    size_t n, put = 0;
    str order = in_str(c, "order");
    theme_ask ask = {.since_us = INT64_MIN, .near_only = in_bool(c, "far")};
    sources_as_asked(c->a, c->s, &all);
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e) || !themes_get(c->a, c->s, id, &t, e) ||
        !themes_words(c->a, c->s, id, &ask, &w, &n, e) || !page_open(c, &p, e))
        return false;
    bool farthest = str_eq(order, S("farthest"));
    if (n && (farthest || str_eq(order, S("nearest")))) qsort(w, n, sizeof *w, by_far);
    size_t from = p.first ? 0 : (size_t)p.after[0];
    for (size_t i = from; i < n && put < (size_t)p.limit; i++, put++) {
        if (!put_text(c, all, &t, &w[farthest ? n - 1 - i : i], e)) return false;
    }
    page_close(c, &p, from + put < n, (int64_t)(from + put), 0);
    return audit(c, "theme.words", str_fmt(c->a, "theme:%" PRId64, id), S("{}"), e);
}
