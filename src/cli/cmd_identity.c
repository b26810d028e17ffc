// heed identity: how well profiles are joined into customers, and what other rules would change.
#include "know/identity.h"

#include "cli/place.h"
#include "cli/say.h"

typedef struct {
    str limit, window, off, on;
    int64_t crowd, most;
    bool usual;
} identity_opts;

static const identity_opts defaults = {.most = 10};

static const opt opts[] = {
    {"limit", 0, OPT_TEXT, offsetof(identity_opts, limit), "KIND=N,…",
     "try, set: up to so many profiles one value of this kind joins"},
    {"window", 0, OPT_TEXT, offsetof(identity_opts, window), "KIND=W,…",
     "try, set: that came to it within a week, month, year, or ever"},
    {"off", 0, OPT_TEXT, offsetof(identity_opts, off), "KIND,…", "try, set: these kinds join nobody"},
    {"on", 0, OPT_TEXT, offsetof(identity_opts, on), "KIND,…", "try, set: these kinds join again"},
    {"crowd", 0, OPT_NUMBER, offsetof(identity_opts, crowd), "N",
     "try, set: a customer of more profiles than this is worth a look"},
    {"usual", 0, OPT_FLAG, offsetof(identity_opts, usual), NULL, "try, set: begin with the rules of everybody"},
    {"most", 'n', OPT_NUMBER, offsetof(identity_opts, most), "N", "so many of each list; 10 unless given"},
};

// ---- rules from options ----

static bool kind_at(str name, enum ident_kind *k, err *e) {
    *k = ident_of(name);
    return identity_rules_may(*k) ||
           fail(e, ERR_usage, "'%.*s' is no identifier that joins; `heed identity rules` lists them",
                (int)MIN(name.len, (size_t)40), name.s);
}

static bool switch_kinds(identity_rules *r, str list, bool joins, err *e) {
    while (list.len) {
        enum ident_kind k;
        if (!kind_at(str_cut(&list, ','), &k, e)) return false;
        r->joins[k] = joins;
    }
    return true;
}

static bool limit_kinds(identity_rules *r, str list, err *e) {
    while (list.len) {
        str one = str_cut(&list, ',');
        str name = str_cut(&one, '=');
        enum ident_kind k;
        int64_t n;
        if (!kind_at(name, &k, e)) return false;
        if (!str_i64(one, &n) || n < RULE_LEAST || n > RULE_MOST)
            return fail(e, ERR_usage, "--limit takes e.g. %.*s=10, from %d to %d", STR_ARG(name), RULE_LEAST,
                        RULE_MOST);
        r->limit[k] = (int32_t)n;
    }
    return true;
}

static bool window_kinds(identity_rules *r, str list, err *e) {
    while (list.len) {
        str one = str_cut(&list, ',');
        str name = str_cut(&one, '=');
        enum ident_kind k;
        if (!kind_at(name, &k, e)) return false;
        if (!identity_window_of(one, &r->window[k]))
            return fail(e, ERR_usage, "--window takes e.g. %.*s=month: week, month, year or ever", STR_ARG(name));
    }
    return true;
}

static bool rules_asked(store *s, const identity_opts *o, identity_rules *r, err *e) {
    if (!identity_rules_read(s, r, e)) return false;
    const int64_t version = r->version;
    if (o->usual) *r = identity_rules_usual(), r->version = version;
    if (o->crowd && (o->crowd < RULE_LEAST || o->crowd > RULE_MOST))
        return fail(e, ERR_usage, "--crowd takes a number from %d to %d", RULE_LEAST, RULE_MOST);
    if (o->crowd) r->crowd = (int32_t)o->crowd;
    return limit_kinds(r, o->limit, e) && window_kinds(r, o->window, e) && switch_kinds(r, o->off, false, e) &&
           switch_kinds(r, o->on, true, e);
}

// ---- show ----

static void say_crowds(const cli *c, const identity_state *x, int32_t crowd) {
    arena a = c->scratch;
    if (!x->n_crowds) return;
    term_say(&c->t, "\n");
    term_head(&c->t, str_z(&a, str_fmt(&a, "Made of more than %d profiles (%" PRId64 ")", crowd, x->all_crowds)));
    table *t = table_new(&a,
                         (table_col[]){{"customer", true, false},
                                       {"profiles", true, false},
                                       {"identifiers", true, false},
                                       {"shared", true, false},
                                       {"", false, true}},
                         5);
    for (size_t i = 0; i < x->n_crowds; i++) {
        const identity_crowd *p = &x->crowds[i];
        table_add(t, STYLE_plain, str_fmt(&a, "%" PRId64, p->customer));
        table_add(t, STYLE_bold, term_count(&a, p->profiles));
        table_add(t, STYLE_plain, term_count(&a, p->identifiers));
        table_add(t, STYLE_plain, term_count(&a, p->shared));
        table_add(t, STYLE_plain, term_clean(&a, p->name, true));
    }
    table_print(t, &c->t, 2);
}

static void say_demoted(const cli *c, const identity_state *x) {
    arena a = c->scratch;
    if (!x->n_demoted) return;
    term_say(&c->t, "\n");
    term_head(&c->t, str_z(&a, str_fmt(&a, "Shared by too many, identify nobody (%" PRId64 ")", x->all_demoted)));
    table *t = table_new(&a, (table_col[]){{"what", false, false}, {"profiles", true, false}, {"", false, true}}, 3);
    for (size_t i = 0; i < x->n_demoted; i++) {
        table_add(t, STYLE_plain, ident_label(x->demoted[i].kind));
        table_add(t, STYLE_plain, term_count(&a, x->demoted[i].profiles));
        table_add(t, STYLE_plain, term_clean(&a, x->demoted[i].value, true));
    }
    table_print(t, &c->t, 2);
}

static void say_vetoes(const cli *c, const identity_state *x) {
    arena a = c->scratch;
    if (!x->n_vetoes) return;
    term_say(&c->t, "\n");
    term_head(&c->t, str_z(&a, str_fmt(&a, "Share something and were kept apart (%" PRId64 ")", x->by[2])));
    table *t = table_new(&a, (table_col[]){{"profiles", false, false}, {"share", false, true}}, 2);
    for (size_t i = 0; i < x->n_vetoes; i++) {
        const identity_veto *v = &x->vetoes[i];
        table_add(t, STYLE_plain, str_fmt(&a, "%" PRId64 " %" PRId64, v->a, v->b));
        table_add(t, STYLE_plain,
                  str_fmt(&a, "%.*s %.*s", STR_ARG(ident_label(v->kind)), STR_ARG(term_clean(&a, v->value, true))));
    }
    table_print(t, &c->t, 2);
}

static void say_counts(const cli *c, const identity_state *x) {
    arena a = c->scratch;
    term_say(&c->t, "%.*s are %.*s; %.*s of several.\n", STR_ARG(say_n(&a, x->profiles, "profile", "profiles")),
             STR_ARG(say_n(&a, x->customers, "customer", "customers")),
             STR_ARG(say_n(&a, x->joined, "of those is", "of those are")));
}

static bool show_run(cli *c, store *s, const identity_opts *o, err *e) {
    identity_state x;
    identity_rules rules;
    if (!identity_look(c->life, s, (size_t)o->most, &x, e) || !identity_rules_read(s, &rules, e)) return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        identity_state_json(&r.j, NULL, &x);
        reply_close(&r);
        return true;
    }
    say_counts(c, &x);
    say_crowds(c, &x, rules.crowd);
    say_demoted(c, &x);
    say_vetoes(c, &x);
    return true;
}

static bool rules_run(cli *c, store *s, const identity_opts *o, err *e) {
    identity_rules r;
    const identity_rules usual = identity_rules_usual();
    arena a = c->scratch;
    if (!rules_asked(s, o, &r, e)) return false;
    if (c->g.json) {
        reply j;
        reply_open(&j, c), json_open(&j.j, NULL, '{');
        identity_rules_json(&j.j, &r);
        json_close(&j.j, '}'), reply_close(&j);
        return true;
    }
    table *t = table_new(&a,
                         (table_col[]){{"identifier", false, false},
                                       {"", false, false},
                                       {"joins up to", true, false},
                                       {"within", false, false},
                                       {"", false, false}},
                         5);
    for (int k = 0; k < RULE_KINDS; k++) {
        if (!identity_rules_may((enum ident_kind)k)) continue;
        const bool same = r.joins[k] && r.limit[k] == usual.limit[k];
        const bool ever = r.window[k] == RULE_EVER;
        table_add(t, STYLE_plain, ident_name((enum ident_kind)k));
        table_add(t, STYLE_dim, ident_label((enum ident_kind)k));
        table_add(t, same ? STYLE_plain : STYLE_bold, r.joins[k] ? str_fmt(&a, "%d", r.limit[k]) : S("nobody"));
        table_add(t, ever ? STYLE_dim : STYLE_bold, r.joins[k] ? identity_window_name(r.window[k]) : S(""));
        table_add(t, STYLE_dim, same ? S("") : str_fmt(&a, "usually %d", usual.limit[k]));
    }
    table_print(t, &c->t, 0);
    term_say(&c->t, "\nA customer of more than %d profiles is worth a look: heed identity\n", r.crowd);
    return true;
}

// ---- try ----

static void count_up(void *ctx, int64_t done, int64_t total) {
    progress_at(ctx, done, done, total);
}

static void say_effect(const cli *c, const identity_effect *x) {
    arena a = c->scratch;
    term_say(&c->t,
             "%.*s would be %.*s: %.*s would fall apart, %.*s would be joined out of several; %.*s would change "
             "the customer.\n",
             STR_ARG(say_n(&a, x->now, "customer", "customers")), STR_ARG(term_count(&a, x->then)),
             STR_ARG(term_count(&a, x->torn)), STR_ARG(term_count(&a, x->joined)),
             STR_ARG(say_n(&a, x->moved, "profile", "profiles")));
    term_say(&c->t, "The largest would be of %.*s instead of %.*s; %.*s would identify nobody instead of %.*s.\n",
             STR_ARG(say_n(&a, x->largest_then, "profile", "profiles")), STR_ARG(term_count(&a, x->largest_now)),
             STR_ARG(say_n(&a, x->demoted_then, "value", "values")), STR_ARG(term_count(&a, x->demoted_now)));
    if (!x->n_changes) return;
    term_say(&c->t, "\n");
    table *t = table_new(
        &a, (table_col[]){{"customer", true, false}, {"profiles", true, false}, {"", false, false}, {"", false, true}},
        4);
    for (size_t i = 0; i < x->n_changes; i++) {
        const identity_change *v = &x->changes[i];
        table_add(t, STYLE_plain, str_fmt(&a, "%" PRId64, v->customer));
        table_add(t, STYLE_plain, term_count(&a, v->profiles));
        table_add(t, v->torn ? STYLE_bad : STYLE_good,
                  str_fmt(&a, v->torn ? "falls into %" PRId64 : "joined out of %" PRId64, v->parts));
        table_add(t, STYLE_plain, term_clean(&a, v->name, true));
    }
    table_print(t, &c->t, 2);
}

static bool try_run(cli *c, store *s, const identity_opts *o, err *e) {
    identity_rules r;
    identity_effect x;
    if (!rules_asked(s, o, &r, e)) return false;
    progress p = progress_begin(&c->t, S("reading events"), "events");
    bool ok = identity_try(c->life, s, &r, (size_t)o->most, count_up, &p, &x, e);
    progress_end(&p);
    if (!ok) return false;
    if (c->g.json) {
        reply j;
        reply_open(&j, c), json_open(&j.j, NULL, '{');
        identity_effect_json(&j.j, &x);
        json_close(&j.j, '}'), reply_close(&j);
    } else
        say_effect(c, &x);
    return true;
}

// ---- set ----

static bool set_run(cli *c, const identity_opts *o, err *e) {
    store *s;
    identity_rules r;
    rebuilt_report report;
    identity_state x;
    if (!place_write(c, place_of(c), false, &s, e)) return false;
    bool ok = store_begin(s, e) && rules_asked(s, o, &r, e) && identity_rules_write(s, &r, e) && store_commit(s, e) &&
              place_rebuild(c, s, &report, e) && identity_look(c->life, s, (size_t)o->most, &x, e);
    store_close(s);
    if (ok && !c->g.json) {
        term_say(&c->t, "Written, and everybody was decided anew: ");
        say_counts(c, &x);
    }
    if (ok && c->g.json) {
        reply j;
        reply_open(&j, c), json_open(&j.j, NULL, '{');
        json_put_int(&j.j, "profiles", x.profiles);
        json_put_int(&j.j, "customers", x.customers);
        json_close(&j.j, '}'), reply_close(&j);
    }
    return ok;
}

static const struct {
    const char *name;
    bool (*run)(cli *c, store *s, const identity_opts *o, err *e);
} verbs[] = {{"show", show_run}, {"rules", rules_run}, {"try", try_run}};

static bool run(cli *c, const void *options, err *e) {
    const identity_opts *o = options;
    const str verb = c->args.n ? c->args.v[0] : S("show");
    if (o->most < 1 || o->most > 1000) return fail(e, ERR_usage, "--most takes a number from 1 to 1000");
    if (str_eq(verb, S("set"))) return set_run(c, o, e);
    for (size_t i = 0; i < COUNT(verbs); i++) {
        store *s;
        if (!str_eq(verb, str_c(verbs[i].name))) continue;
        if (!place_read(c, &s, e)) return false;
        bool ok = store_begin_read(s, e) && verbs[i].run(c, s, o, e);
        store_close(s);
        return ok;
    }
    return fail(e, ERR_usage, "'%.*s' is none of its words: show, rules, try, set", (int)MIN(verb.len, (size_t)40),
                verb.s);
}

const cmd cmd_identity = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(identity_opts),
    .defaults = &defaults,
    .max_args = 1,
    .run = run,
    .more = "Profiles that share an identifier are one customer, as long as no more profiles share it than its kind "
            "allows, ever or within a week, a month or a year. 'show' tells which customers are made of suspiciously "
            "many profiles, which values identify nobody "
            "because too many share them, and who was kept apart although they share something. 'try' says what other "
            "rules would make of everything that ever happened, and writes nothing; 'set' writes them and decides "
            "everybody anew. No event is rewritten: with the old rules everything is as it was. docs/identity.md.",
    .examples = "heed identity\n"
                "heed identity rules\n"
                "heed identity try --limit email=5 --off anonymous_id\n"
                "heed identity try --limit phone=2 --window phone=week\n"
                "heed identity set --limit email=5\n"
                "heed identity set --usual",
    .json =
        "show: {\"profiles\",\"customers\",\"joined\",\"links\":{\"joined\",\"vetoed\",\"split\",\"told\",\"alike\"},"
        "\"crowds\":[{\"customer\",\"name\",\"profiles\",\"identifiers\",\"shared\"}],\"crowds_count\","
        "\"demoted\":[{\"kind\",\"value\",\"profiles\"}],\"demoted_count\","
        "\"vetoes\":[{\"a\",\"b\",\"customer_a\",\"customer_b\",\"name_a\",\"name_b\",\"kind\",\"value\"}]}; "
        "rules: {\"crowd\",\"version\",\"kinds\":[{\"kind\",\"label\",\"joins\",\"limit\",\"usual\",\"window\"}]}; "
        "try: {\"profiles\",\"now\",\"then\",\"torn\",\"joined\",\"moved\",\"demoted_now\",\"demoted_then\","
        "\"largest_now\",\"largest_then\",\"crowds_then\",\"changes\":[{\"customer\",\"name\",\"profiles\","
        "\"parts\",\"torn\"}]}; set: {\"profiles\",\"customers\"}",
};
