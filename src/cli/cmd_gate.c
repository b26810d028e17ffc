// heed gate: may something be sent to somebody, and why not.
#include "cli/desk.h"
#include "cli/gate_cmd.h"

static const gate_opts defaults = {.limit = 50};

static const opt opts[] = {
    {"customer", 'c', OPT_NUMBER, offsetof(gate_opts, customer), "ID", "check: to whom; log: only about them"},
    {"kind", 'k', OPT_TEXT, offsetof(gate_opts, kind), "KIND",
     "check: what; log: only of this kind. 'heed gate kinds' lists them"},
    {"channel", 0, OPT_TEXT, offsetof(gate_opts, channel), "CHANNEL", "check: by which channel; email unless given"},
    {"template", 0, OPT_TEXT, offsetof(gate_opts, template), "NAME", "check: in which words"},
    {"occasion", 0, OPT_TEXT, offsetof(gate_opts, occasion), "NAME", "check: on which occasion, as birthday:2026"},
    {"survey", 0, OPT_TEXT, offsetof(gate_opts, survey), "NAME", "check: which survey"},
    {"quota", 0, OPT_TEXT, offsetof(gate_opts, quota), "GROUP", "check, quotas: for which group of its sample"},
    {"at", 0, OPT_TEXT, offsetof(gate_opts, at), "TIME", "check: as of then; now unless given"},
    {"verdict", 0, OPT_TEXT, offsetof(gate_opts, verdict), "allow|delay|skip", "log: only these answers"},
    {"rule", 0, OPT_TEXT, offsetof(gate_opts, rule), "RULE", "log: only answers of this rule"},
    {"limit", 'n', OPT_NUMBER, offsetof(gate_opts, limit), "N", "log: at most so many; 50 unless given"},
    {"since", 0, OPT_TEXT, offsetof(gate_opts, since), "TIME", "counts: from then on; 30d unless given"},
    {"scope", 0, OPT_TEXT, offsetof(gate_opts, scope), "SCOPE",
     "limits: segment:NAME or country:DE; everybody unless given"},
    {"days", 0, OPT_NUMBER, offsetof(gate_opts, days), "N", "quotas: within so many days; at all unless given"},
};

bool gate_kind_given(const gate_task *t, enum gate_kind *k, err *e) {
    *k = GATE_none;
    if (!t->o->kind.len) return true;
    *k = gate_kind_of(t->o->kind);
    return *k || fail(e, ERR_usage, "'%.*s' is nothing that can be sent; 'heed gate kinds' lists what can",
                      (int)MIN(t->o->kind.len, 40), t->o->kind.s);
}

// ---- limits ----

static void limit_row(gate_task *t, table *list, reply *r, const gate_limit_set *x) {
    gate_limit_row of;
    arena *a = t->c->life;
    gate_limit_row_of(x->limit, &of);
    if (r) {
        json_open(&r->j, NULL, '{');
        json_put_str(&r->j, "name", str_c(of.name));
        json_put_str(&r->j, "scope", x->scope);
        json_put_int(&r->j, "value", x->value);
        json_put_int(&r->j, "otherwise", of.otherwise);
        json_put_str(&r->j, "unit", str_c(of.unit));
        json_put_int(&r->j, "version", x->version);
        json_put_str(&r->j, "by", x->by);
        json_close(&r->j, '}');
        return;
    }
    bool differs = x->version > 0;
    table_add(list, STYLE_bold, str_c(of.name));
    table_add(list, STYLE_plain, x->scope.len ? term_clean(a, x->scope, true) : S("everybody"));
    table_add(list, differs ? STYLE_warn : STYLE_plain, str_fmt(a, "%" PRId64, x->value));
    table_add(list, STYLE_plain, str_c(of.unit));
    table_add(list, STYLE_plain, str_c(of.text));
}

static bool limits_show(gate_task *t, err *e) {
    static const table_col cols[] = {
        {"limit", false, false}, {"for", false, false}, {"", true, false}, {"", false, false}, {"", false, true}};
    gate_limit_set *set;
    size_t n;
    reply r;
    bool json = t->c->g.json;
    if (!gate_limits_list(t->c->life, t->s, &set, &n, e)) return false;
    table *list = table_new(t->c->life, cols, COUNT(cols));
    if (json) reply_open(&r, t->c), json_open(&r.j, NULL, '{'), json_open(&r.j, "limits", '[');
    for (int l = 0; l < GATE_LIMITS; l++) {
        gate_limit_row of;
        gate_limit_set x = {.limit = (enum gate_limit)l};
        if (!gate_limit_row_of(x.limit, &of)) continue;
        x.value = of.otherwise;
        for (size_t i = 0; i < n; i++)
            if (set[i].limit == x.limit && !set[i].scope.len) x = set[i];
        limit_row(t, list, json ? &r : NULL, &x);
        for (size_t i = 0; i < n; i++)
            if (set[i].limit == x.limit && set[i].scope.len) limit_row(t, list, json ? &r : NULL, &set[i]);
    }
    if (json)
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    else
        table_print(list, &t->c->t, 0);
    return true;
}

typedef struct {
    gate_limit_set limit;
    gate_quota quota;
    bool drop;
} change;

static str user_of(void) {
    const char *user = getenv("USER");
    return str_c(user && *user ? user : "a person");
}

static bool change_limit(void *ctx, desk *d, err *e) {
    const change *x = ctx;
    return x->drop ? gate_limit_drop(d->s, x->limit.limit, x->limit.scope, e)
                   : gate_limit_put(d->a, d->s, &x->limit, e);
}

static bool change_quota(void *ctx, desk *d, err *e) {
    const change *x = ctx;
    return x->drop ? gate_quota_drop(d->s, x->quota.survey, x->quota.quota, e) : gate_quota_put(d->s, &x->quota, e);
}

static bool write_change(gate_task *t, piece_fn fn, change *x, const char *address, err *e) {
    desk d;
    if (!desk_open(t->c, address, &d, e)) return false;
    bool ok = desk_run(&d, fn, x, e);
    desk_close(&d);
    return ok;
}

static void said_so(const gate_task *t, str name, bool set) {
    if (t->c->g.quiet || t->c->g.json) return;
    term_say(&t->c->t, "%.*s: %s.\n", STR_ARG(name),
             set ? "it holds from now on" : "back to what holds unless it is set");
}

static bool limits_write(gate_task *t, bool set, err *e) {
    const strs *v = &t->c->args;
    change x = {.limit = {.limit = v->n > 2 ? gate_limit_named(v->v[2]) : GATE_LIMITS,
                          .scope = t->o->scope,
                          .by = user_of(),
                          .at_us = t->c->w->now_us(t->c->w)},
                .drop = !set};
    if (v->n != (set ? 4U : 3U) || (set && !str_i64(v->v[3], &x.limit.value)))
        return fail(e, ERR_usage, set ? "heed gate limits set NAME VALUE" : "heed gate limits reset NAME");
    if (x.limit.limit >= GATE_LIMITS)
        return fail(e, ERR_usage, "there is no limit '%.*s'; 'heed gate limits' lists them", (int)MIN(v->v[2].len, 40),
                    v->v[2].s);
    if (!write_change(t, change_limit, &x, "PUT /api/gate/limits/NAME does the same", e)) return false;
    said_so(t, v->v[2], set);
    return true;
}

// ---- quotas ----

static bool quotas_show(gate_task *t, err *e) {
    static const table_col cols[] = {{"survey", false, false},
                                     {"group", false, false},
                                     {"most", true, false},
                                     {"within", false, false},
                                     {"set by", false, false}};
    gate_quota *list;
    size_t n;
    arena *a = t->c->life;
    if (!gate_quotas_list(a, t->s, &list, &n, e)) return false;
    table *out = table_new(a, cols, COUNT(cols));
    reply r;
    reply_open(&r, t->c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "quotas", '[');
    for (size_t i = 0; i < n; i++) {
        const gate_quota *q = &list[i];
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "survey", q->survey);
        json_put_str(&r.j, "quota", q->quota);
        json_put_int(&r.j, "most", q->most);
        json_put_int(&r.j, "days", q->days);
        json_close(&r.j, '}');
        table_add(out, STYLE_bold, term_clean(a, q->survey, true));
        table_add(out, STYLE_plain, term_clean(a, q->quota, true));
        table_add(out, STYLE_plain, term_count(a, q->most));
        table_add(out, STYLE_plain, q->days ? say_n(a, q->days, "day", "days") : S("at all"));
        table_add(out, STYLE_plain, term_clean(a, q->by, true));
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    if (t->c->g.json) return reply_close(&r), true;
    reply_drop(&r);
    if (n)
        table_print(out, &t->c->t, 0);
    else
        term_say(&t->c->t, "No survey has a quota: each asks as many as there are.\n");
    return true;
}

static bool quotas_write(gate_task *t, bool set, err *e) {
    const strs *v = &t->c->args;
    change x = {.quota = {.survey = v->n > 2 ? v->v[2] : S(""),
                          .quota = t->o->quota,
                          .days = t->o->days,
                          .by = user_of(),
                          .at_us = t->c->w->now_us(t->c->w)},
                .drop = !set};
    if (v->n != (set ? 4U : 3U) || (set && !str_i64(v->v[3], &x.quota.most)))
        return fail(e, ERR_usage,
                    set ? "heed gate quotas set SURVEY MOST [--quota GROUP] [--days N]"
                        : "heed gate quotas reset SURVEY [--quota GROUP]");
    if (!write_change(t, change_quota, &x, "PUT /api/gate/quotas does the same", e)) return false;
    said_so(t, v->v[2], set);
    return true;
}

// ---- what follows 'heed gate' ----

static bool limits(gate_task *t, err *e) {
    return limits_show(t, e);
}

static bool run_reading(gate_task *t, bool (*fn)(gate_task *t, err *e), err *e) {
    cli *c = t->c;
    if (!place_read(c, &t->s, e)) return false;
    bool ok = settings_read(c->life, t->s, &t->set, e) && zone_open(c->life, t->set.zone, &t->z, e);
    if (ok && !c->g.json) settings_mark(c, &t->set);
    t->now_us = c->w->now_us(c->w);
    ok = ok && fn(t, e);
    store_close(t->s);
    return ok && err_ok(e);
}

static bool run(cli *c, const void *options, err *e) {
    static const struct {
        const char *verb;
        bool (*fn)(gate_task *t, err *e);
    } verbs[] = {{"check", gate_cmd_check}, {"log", gate_cmd_log}, {"why", gate_cmd_why},  {"counts", gate_cmd_counts},
                 {"kinds", gate_cmd_kinds}, {"limits", limits},    {"quotas", quotas_show}};
    gate_task t = {.c = c, .o = options};
    str verb = c->args.v[0], second = c->args.n > 1 ? c->args.v[1] : S("");
    bool set = str_eq(second, S("set")), reset = str_eq(second, S("reset"));
    if (str_eq(verb, S("limits")) && (set || reset)) return limits_write(&t, set, e);
    if (str_eq(verb, S("quotas")) && (set || reset)) return quotas_write(&t, set, e);
    for (size_t i = 0; i < COUNT(verbs); i++)
        if (str_eq(verb, str_c(verbs[i].verb))) return run_reading(&t, verbs[i].fn, e);
    return fail(e, ERR_usage, "'%.*s' is not known; say check, log, why, counts, kinds, limits or quotas",
                (int)MIN(verb.len, 40), verb.s);
}

const cmd cmd_gate = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(gate_opts),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = -1,
    .run = run,
    .more =
        "Everything that heed sends passes one gate: the law, the person's state, their budget of asks, the clocks of "
        "kind and survey, the sample's quota, the night, the crowd. docs/gate.md tells each rule and where it comes "
        "from.\n\n"
        "'check' asks it without sending: the answer, and what every rule says. 'log' lists what was asked and "
        "answered, the newest first; 'why NUMBER' shows one of them with all rules. 'counts' adds them up by rule. "
        "'kinds' lists what can be sent.\n\n"
        "'limits' shows every number of the gate; 'limits set NAME VALUE' changes one for everybody or, with --scope, "
        "for a segment or a country; 'limits reset NAME' takes it back. 'quotas set SURVEY MOST' says how many of a "
        "group a survey asks.",
    .examples = "heed gate check --customer 7 --kind survey\n"
                "heed gate log --verdict skip\n"
                "heed gate limits set budget 1 --scope segment:Wholesale",
    .json =
        "check: {\"verdict\",\"rule\",\"reason\",\"until\",\"steps\":[{\"rule\",\"verdict\",\"until\",\"reason\"}]}; "
        "log: {\"records\":[{\"id\",\"at\",\"customer\",\"kind\",\"channel\",\"template\",\"occasion\",\"survey\","
        "\"verdict\",\"rule\",\"reason\",\"until\",\"unsent\",\"by\"}]}; why: {\"record\":{…},\"steps\":[…]}; counts: "
        "{\"counts\":[{\"kind\",\"verdict\",\"rule\",\"n\"}]}; kinds: "
        "{\"kinds\":[{\"kind\",\"text\",\"asks\",\"days\"}]}; limits: "
        "{\"limits\":[{\"name\",\"scope\",\"value\",\"otherwise\",\"unit\",\"version\",\"by\"}]}; quotas: "
        "{\"quotas\":[{\"survey\",\"quota\",\"most\",\"days\"}]}",
};
