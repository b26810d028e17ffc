// heed policy: generous policies, what they cost and what they do.
#include "base/input.h"
#include "cli/care_cmd.h"
#include "decide/policy.h"
#include "know/figure.h"

typedef struct {
    str about, cost, each, after, segment, from, until, holdout, reason, name;
    strs kinds;
    int64_t months, days;
    bool all;
} policy_opts;

static const policy_opts defaults = {.months = 12, .days = POLICY_DAYS};

static const opt opts[] = {
    {"about", 0, OPT_TEXT, offsetof(policy_opts, about), "TEXT", "add, change: what customers get by it"},
    {"cost", 0, OPT_TEXT, offsetof(policy_opts, cost), "concessions|returns|refunds|terms|orders",
     "add: what its cost is read from"},
    {"each", 0, OPT_TEXT, offsetof(policy_opts, each), "AMOUNT",
     "add, change: what it costs each time; terms: interest a year, like 8%"},
    {"kind", 'k', OPT_LIST, offsetof(policy_opts, kinds), "KIND", "add: concessions of these kinds"},
    {"after", 0, OPT_TEXT, offsetof(policy_opts, after), "DAYS",
     "add, change: only what happens later than this after the order"},
    {"segment", 0, OPT_TEXT, offsetof(policy_opts, segment), "NAME", "add, change: for this segment alone"},
    {"from", 0, OPT_TEXT, offsetof(policy_opts, from), "DAY", "add: it holds from then on; now unless given"},
    {"until", 0, OPT_TEXT, offsetof(policy_opts, until), "DAY", "add, change: until then"},
    {"holdout", 0, OPT_TEXT, offsetof(policy_opts, holdout), "10%",
     "add, change: which share of customers does not get it, so that its effect can be seen"},
    {"reason", 0, OPT_TEXT, offsetof(policy_opts, reason), "TEXT", "add, change: why"},
    {"name", 0, OPT_TEXT, offsetof(policy_opts, name), "NAME", "change: its new name"},
    {"months", 'm', OPT_NUMBER, offsetof(policy_opts, months), "N", "show: at most so many months; 12 unless given"},
    {"days", 'd', OPT_NUMBER, offsetof(policy_opts, days), "N",
     "effect: stayed who bought within so many days; 90 unless given"},
    {"all", 'a', OPT_FLAG, offsetof(policy_opts, all), NULL, "list: retired ones too"},
};

// ---- shown ----

static str each_words(arena *a, const policy *p) {
    buf b = buf_new(a, 400);
    if (p->cost == POLICY_COST_terms)
        buf_fmt(&b, "%.1f %% a year", (double)p->unit_cost / 100);
    else if (p->unit_cost)
        buf_add(&b, say_money(a, p->unit_cost, p->currency));
    for (int i = 1; i < CONCESSION_KINDS; i++)
        if (p->of >> i & 1) buf_fmt(&b, "%s%s", b.len ? ", " : "", concession_name((enum concession_kind)i));
    if (p->after_days) buf_fmt(&b, "%safter %d days", b.len ? " " : "", (int)p->after_days);
    return buf_str(&b);
}

static void add_row(const care *k, table *t, const policy *p, bool versions) {
    arena *a = k->at.c->life;
    table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, versions ? p->version : p->id));
    table_add(t, STYLE_bold, term_clean(a, p->name, true));
    table_add(t, STYLE_plain, str_c(policy_cost_name(p->cost)));
    table_add(t, STYLE_plain, each_words(a, p));
    table_add(t, STYLE_plain, p->segment ? str_fmt(a, "segment %" PRId64, p->segment) : S("everybody"));
    table_add(t, STYLE_plain, p->holdout_bp ? str_fmt(a, "%.0f %%", p->holdout_bp / 100.0) : S("none"));
    table_add(t, STYLE_plain, say_day(a, k->at.z, p->from_us));
    table_add(t, STYLE_dim,
              p->retired    ? S("retired")
              : p->until_us ? str_fmt(a, "until %.*s", STR_ARG(say_day(a, k->at.z, p->until_us)))
              : versions    ? term_clean(a, p->reason, true)
                            : S(""));
}

static void show_table(const care *k, const policy *all, size_t n, bool versions) {
    const table_col cols[] = {{versions ? "version" : "policy", true, false},
                              {"name", false, true},
                              {"cost of", false, false},
                              {"each", false, true},
                              {"for", false, false},
                              {"held out", true, false},
                              {"since", false, false},
                              {"", false, true}};
    table *t = table_new(k->at.c->life, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) add_row(k, t, &all[i], versions);
    table_print(t, &k->at.c->t, 0);
}

static bool list(care *k, err *e) {
    const policy_opts *o = k->o;
    cli *c = k->at.c;
    policy *all;
    size_t n;
    reply r;
    if (!policy_list(c->life, k->at.s, o->all, 0, 1000, &all, &n, e)) return false;
    if (c->g.json) {
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_open(&r.j, "policies", '[');
        for (size_t i = 0; i < n; i++) policy_json(&r.j, NULL, &all[i]);
        json_close(&r.j, ']');
        json_close(&r.j, '}');
        reply_close(&r);
    } else if (n)
        show_table(k, all, n, false);
    else
        term_say(&c->t, "There are no policies yet: heed policy add 'Free returns' --cost returns --each 4.50\n");
    return true;
}

static void say_bill(const care *k, const policy_bill *b) {
    static const table_col cols[] = {{"month", false, false},
                                     {"times", true, false},
                                     {"customers", true, false},
                                     {"cost", true, false},
                                     {"", false, false}};
    arena *a = k->at.c->life;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < b->n; i++) {
        const ymd d = ymd_of(b->months[i].day);
        table_add(t, STYLE_plain, str_fmt(a, "%04d-%02d", (int)d.year, (int)d.month));
        table_add(t, STYLE_plain, term_count(a, b->months[i].times));
        table_add(t, STYLE_plain, term_count(a, b->months[i].customers));
        care_figure(k, t, &b->months[i].cost, b->currency);
    }
    table_add(t, STYLE_bold, S("all"));
    table_add(t, STYLE_plain, term_count(a, b->times));
    table_add(t, STYLE_plain, term_count(a, b->customers));
    care_figure(k, t, &b->total, b->currency);
    table_print(t, &k->at.c->t, 2);
    if (b->other_currency)
        term_say(&k->at.c->t, "  %" PRId64 " times in other money are not counted.\n", b->other_currency);
}

static bool show(care *k, err *e) {
    const policy_opts *o = k->o;
    cli *c = k->at.c;
    int64_t id;
    policy *all;
    policy_bill b;
    size_t n;
    reply r;
    if (!care_id(k, "a policy", &id, e) || !policy_history(c->life, k->at.s, id, &all, &n, e) ||
        !policy_bill_read(c->life, k->at.s, &all[0], k->at.now_us, (int)MIN(o->months, INT64_C(60)), &b, e))
        return false;
    if (c->g.json) {
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        policy_json(&r.j, "policy", &all[0]);
        json_open(&r.j, "versions", '[');
        for (size_t i = 0; i < n; i++) policy_json(&r.j, NULL, &all[i]);
        json_close(&r.j, ']');
        policy_bill_json(&r.j, "cost", &b);
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    settings_mark(c, &k->at.set);
    if (all[0].about.len) term_say(&c->t, "%.*s\n", STR_ARG(term_clean(c->life, all[0].about, true)));
    show_table(k, all, n, true);
    term_say(&c->t, "\nWhat it costs\n");
    say_bill(k, &b);
    return true;
}

static bool effect(care *k, err *e) {
    const policy_opts *o = k->o;
    cli *c = k->at.c;
    int64_t id;
    policy p;
    policy_effect x;
    reply r;
    if (!care_id(k, "a policy", &id, e) || !policy_get(c->life, k->at.s, id, &p, e) ||
        !policy_effect_read(c->life, k->at.s, &p, k->at.now_us, (int)MIN(o->days, INT64_C(730)), &x, e))
        return false;
    if (c->g.json) {
        reply_open(&r, c);
        policy_effect_json(&r.j, NULL, &x);
        reply_close(&r);
        return true;
    }
    settings_mark(c, &k->at.set);
    term_put(&c->t, STYLE_bold, term_clean(c->life, p.name, true));
    term_say(&c->t, "\n%.*s\n", STR_ARG(x.words));
    static const char *const beside[] = {"", "customers held out by chance", "customers outside its scope"};
    if (x.by != POLICY_BY_NOTHING)
        term_say(&c->t, "  beside %s; %" PRId64 " with it, %" PRId64 " without, since %.*s\n", beside[x.by], x.with,
                 x.without, STR_ARG(say_day(c->life, k->at.z, x.measured.since_us)));
    if (x.by == POLICY_BY_DIFFERENCES && estimate_shown(&x.trend))
        term_say(&c->t, "  before it began both groups moved apart by %+.2f points in 30 days (%+.2f to %+.2f)\n",
                 x.trend.value * 100, x.trend.lo * 100, x.trend.hi * 100);
    if (x.scope_now) term_say(&c->t, "  its segment is taken as it is today\n");
    return true;
}

// ---- writing ----

static bool kinds_of(const strs *names, uint32_t *of, err *e) {
    for (size_t i = 0; i < names->n; i++) {
        enum concession_kind kind = concession_of(names->v[i]);
        if (!kind)
            return fail(e, ERR_usage,
                        "--kind takes discount, refund, reward, grant, hardship, service, promise or decision");
        *of |= 1u << kind;
    }
    return true;
}

static bool days_of_opt(str x, int32_t *days, err *e) {
    int64_t v;
    if (!str_i64(x, &v) || v < 0 || v > 3650) return fail(e, ERR_usage, "--after takes a number of days");
    *days = (int32_t)v;
    return true;
}

static bool options_in(care *k, policy *p, err *e) {
    const policy_opts *o = k->o;
    int64_t bp = 0;
    if (o->about.len) p->about = o->about;
    if (o->name.len) p->name = o->name;
    p->reason = o->reason, p->by = k->by;
    if (o->each.len && p->cost == POLICY_COST_terms) {
        if (!percent_in("each", o->each, &p->unit_cost, e)) return false;
    } else if (o->each.len && !money_in(&k->at, "each", o->each, &p->unit_cost, &p->currency, e))
        return false;
    if (o->holdout.len && !percent_in("holdout", o->holdout, &bp, e)) return false;
    if (o->holdout.len) p->holdout_bp = (int32_t)bp;
    return kinds_of(&o->kinds, &p->of, e) && (!o->after.len || days_of_opt(o->after, &p->after_days, e)) &&
           (!o->segment.len || segment_in(&k->at, o->segment, &p->segment, e)) &&
           (!o->from.len || care_day(k, "from", o->from, &p->from_us, e)) &&
           (!o->until.len || care_day(k, "until", o->until, &p->until_us, e));
}

static bool say_kept(care *k, err *e) {
    cli *c = k->at.c;
    const policy *p = k->kept;
    reply r;
    (void)e;
    if (c->g.json) {
        reply_open(&r, c);
        policy_json(&r.j, NULL, p);
        reply_close(&r);
    } else
        term_say(&c->t, "Policy %" PRId64 ", %.*s: version %" PRId64 "%s\n", p->id,
                 STR_ARG(term_clean(c->life, p->name, true)), p->version, p->retired ? ", retired" : "");
    return true;
}

static bool put(care *k, const policy *p, err *e) {
    policy *own = make(k->at.c->life, policy, 1);
    *own = *p, k->kept = own;
    return policy_put(know_ledger(k->d->k), k->at.c->life, own, e);
}

static bool add(care *k, err *e) {
    const policy_opts *o = k->o;
    policy p = {.name = k->at.c->args.v[1], .cost = policy_cost_of(o->cost)};
    if (!p.cost) return fail(e, ERR_usage, "--cost takes concessions, returns, refunds, terms or orders");
    return options_in(k, &p, e) && put(k, &p, e);
}

static bool change_it(care *k, err *e) {
    int64_t id;
    policy p;
    return care_id(k, "a policy", &id, e) && policy_get(k->at.c->life, k->at.s, id, &p, e) && options_in(k, &p, e) &&
           put(k, &p, e);
}

static bool retire(care *k, err *e) {
    const policy_opts *o = k->o;
    int64_t id;
    policy p;
    if (!care_id(k, "a policy", &id, e) || !policy_get(k->at.c->life, k->at.s, id, &p, e)) return false;
    if (p.retired) return fail(e, ERR_conflict, "policy %" PRId64 " is retired already", id);
    p.retired = true, p.reason = o->reason.len ? o->reason : S("retired"), p.by = k->by;
    return put(k, &p, e);
}

static const care_verb verbs[] = {
    {.name = "list", .takes = "", .least = 1, .most = 1, .read = list},
    {.name = "show", .takes = " NUMBER", .least = 2, .most = 2, .read = show},
    {.name = "effect", .takes = " NUMBER", .least = 2, .most = 2, .read = effect},
    {.name = "add", .takes = " NAME --cost …", .least = 2, .most = 2, .write = add, .say = say_kept},
    {.name = "change", .takes = " NUMBER …", .least = 2, .most = 2, .write = change_it, .say = say_kept},
    {.name = "retire", .takes = " NUMBER", .least = 2, .most = 2, .write = retire, .say = say_kept}};

static bool run(cli *c, const void *options, err *e) {
    return care_run(c, options, verbs, COUNT(verbs), "change them by its address /api/policies", e);
}

const cmd cmd_policy = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(policy_opts),
    .defaults = &defaults,
    .max_args = 2,
    .run = run,
    .more = "A policy is what customers get beyond what they must get: free returns, goodwill, more time to pay. "
            "'show' says "
            "what it has cost by month, 'effect' what it does: whether more customers stay who get it, what one more "
            "costs, "
            "and what they bring after its cost; or that this cannot be told yet, and what is missing.\n\n"
            "--cost says what its cost is read from: concessions made under it (or --kind of them), returns (--each is "
            "what a "
            "parcel costs), refunds, orders (--each), or terms (--each is interest a year, on what is paid later than "
            "--after "
            "days). --holdout keeps a share of the customers, chosen by chance, from getting it: without one only "
            "customers "
            "outside its --segment can be compared with. A change makes a newer version; docs/policies.md explains all "
            "of it.",
    .examples = "heed policy add 'Free returns' --cost returns --each 4.50 --after 14 --holdout 10%\n"
                "heed policy add Goodwill --cost concessions --kind grant --kind refund\n"
                "heed policy effect 31",
    .json =
        "list: {\"policies\":[{\"id\",\"version\",\"name\",\"about\",\"cost\",\"unit_cost\",\"currency\",\"kinds\","
        "\"after_days\",\"segment\",\"from\",\"until\",\"holdout\",\"reason\",\"made\",\"by\",\"retired\"}]}; add, "
        "change, retire: one of them; show: {\"policy\",\"versions\",\"cost\":{\"currency\",\"scope\",\"customers\","
        "\"times\",\"total\",\"per_customer_month\",\"other_currency\",\"months\":[{\"month\",\"times\",\"customers\","
        "\"cost\"}]}}; effect: {\"by\",\"verdict\",\"words\",\"since\",\"until\",\"days\",\"scope_now\",\"with\","
        "\"without\",\"kept_with\",\"kept_without\",\"kept_more\",\"currency\",\"value_with\",\"value_without\","
        "\"value_more\",\"cost\",\"per_kept\",\"trend\",\"trend_p\",\"tells\",\"need\"}",
};
