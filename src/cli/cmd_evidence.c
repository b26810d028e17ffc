#include "cli/place.h"
#include "cli/say.h"
#include "decide/evidence.h"

typedef struct {
    int64_t limit;
} evidence_options;

static const opt opts[] = {
    {"limit", 'n', OPT_NUMBER, offsetof(evidence_options, limit), "N", "rows shown (50)"},
};

typedef struct {
    const cli *c;
    const zone *z;
    table *t;
    reply *r;
    arena *a;
} telling;

static bool tell(void *ctx, const evidence_row *x, err *e) {
    telling *k = ctx;
    arena *a = k->a;
    (void)e;
    table_add(k->t, STYLE_plain, say_time(a, k->z, x->at_us));
    table_add(k->t, STYLE_plain, str_dup(a, x->what));
    table_add(k->t, STYLE_bold, str_dup(a, x->figure));
    table_add(k->t, STYLE_plain, term_clean(a, x->words, true));
    table_add(k->t, STYLE_dim, str_dup(a, x->source));
    table_add(k->t, STYLE_dim, x->customer_id ? str_fmt(a, "customer:%" PRId64, x->customer_id) : S(""));
    return true;
}

static bool tell_json(void *ctx, const evidence_row *x, err *e) {
    telling *k = ctx;
    (void)e;
    json_open(&k->r->j, NULL, '{');
    reply_time(k->r, "at", x->at_us);
    json_put_str(&k->r->j, "what", x->what);
    json_put_str(&k->r->j, "figure", x->figure);
    json_put_str(&k->r->j, "words", x->words);
    json_put_str(&k->r->j, "source", x->source);
    if (x->customer_id)
        json_put_int(&k->r->j, "customer", x->customer_id);
    else
        json_put_null(&k->r->j, "customer");
    json_close(&k->r->j, '}');
    reply_some(k->r);
    return true;
}

static bool show(cli *c, store *s, const zone *z, str id, int64_t now_us, int64_t limit, err *e) {
    arena a = arena_open((size_t)1 << 30);
    telling k = {.c = c, .z = z, .a = &a};
    int64_t total;
    k.t = table_new(&a,
                    (table_col[]){{NULL, false, false},
                                  {NULL, false, false},
                                  {NULL, false, false},
                                  {NULL, false, true},
                                  {NULL, false, false},
                                  {NULL, false, false}},
                    6);
    bool ok = evidence_list(s, id, &(evidence_part){.now_us = now_us, .most = limit}, tell, &k, &total, e);
    if (ok) {
        term_say(&c->t, "%.*s: %.*s %s%s\n", STR_ARG(id), STR_ARG(term_count(&a, total)), total == 1 ? "row" : "rows",
                 total > limit ? ", the first of them; more with --limit" : "");
        table_print(k.t, &c->t, 2);
    }
    arena_close(&a);
    return ok;
}

static bool answer(cli *c, store *s, str id, int64_t now_us, int64_t limit, err *e) {
    reply r;
    telling k = {.c = c, .r = &r};
    int64_t total;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "id", id);
    json_open(&r.j, "rows", '[');
    bool ok = evidence_list(s, id, &(evidence_part){.now_us = now_us, .most = limit}, tell_json, &k, &total, e);
    if (!ok) return false;
    json_close(&r.j, ']');
    json_put_int(&r.j, "total", total);
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

static bool run(cli *c, const void *options, err *e) {
    const evidence_options *o = options;
    store *s;
    zone *z;
    settings set;
    int64_t now_us;
    bool historic;
    if (!place_read(c, &s, e)) return false;
    bool ok = store_begin_read(s, e) && settings_read(c->life, s, &set, e) && zone_open(c->life, set.zone, &z, e) &&
              as_of_us(s, c->w->now_us(c->w), &now_us, &historic, e);
    if (ok && c->g.json)
        ok = answer(c, s, c->args.v[0], now_us, o->limit, e);
    else if (ok) {
        settings_mark(c, &set);
        ok = show(c, s, z, c->args.v[0], now_us, o->limit, e);
    }
    store_close(s);
    return ok;
}

static const evidence_options defaults = {.limit = 50};

const cmd cmd_evidence = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(evidence_options),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = 1,
    .run = run,
    .more =
        "Every line of 'heed today' ends with an id. This lists the rows behind it: the answers of a score, the "
        "customers lost, "
        "the conversations of a waiting time, what was said with a word, or all events of one customer.\n\n"
        "An id is a measure (nps: the last 90 days), a measure and a time (nps:2026-08-23..2026-11-20, churn:2026-08, "
        "days inclusive), topic:NAME, "
        "word:WORD (both of the last "
        "four weeks), or customer:NUMBER.",
    .examples = "heed evidence nps:2026-08-23..2026-11-20\nheed evidence customer:17\nheed evidence word:late --json",
    .json = "{\"id\",\"rows\":[{\"at\",\"what\",\"figure\",\"words\",\"source\",\"customer\"}],\"total\"}",
};
