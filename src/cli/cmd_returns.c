// heed returns: who sends back far more than others of the same products, the steps that follow, and whether they are
// fair.
#include "cli/care_cmd.h"
#include "decide/abuse.h"
#include "know/figure.h"

typedef struct {
    str customer, until, words, why, by;
    strs frictions;
    int64_t months, window;
    bool all, appeals, granted;
} returns_opts;

static const opt opts[] = {
    {"months", 'm', OPT_NUMBER, offsetof(returns_opts, months), "N", "list: sales of so many months; 24 unless given"},
    {"window", 'w', OPT_NUMBER, offsetof(returns_opts, window), "DAYS",
     "list: days in which something can be sent back; the setting, or 30"},
    {"customer", 'c', OPT_TEXT, offsetof(returns_opts, customer), "C", "list, steps: this customer"},
    {"all", 'a', OPT_FLAG, offsetof(returns_opts, all), NULL, "steps: those that are over too"},
    {"appeals", 0, OPT_FLAG, offsetof(returns_opts, appeals), NULL, "steps: appeals that wait for a decision"},
    {"by", 0, OPT_TEXT, offsetof(returns_opts, by), "segment|country|language", "audit: how customers are grouped"},
    {"friction", 'f', OPT_LIST, offsetof(returns_opts, frictions), "return_fee|no_instant_refund|no_goodwill",
     "add friction: which; return_fee unless given"},
    {"until", 0, OPT_TEXT, offsetof(returns_opts, until), "DAY", "add: until then"},
    {"words", 0, OPT_TEXT, offsetof(returns_opts, words), "TEXT",
     "add: for the customer; appeal: what they say; end: why"},
    {"granted", 0, OPT_FLAG, offsetof(returns_opts, granted), NULL, "decide: the customer is right"},
    {"why", 0, OPT_TEXT, offsetof(returns_opts, why), "TEXT", "decide: the reason, which the customer gets"},
};

// ---- who sends back how much ----

static str share(arena *a, double v) {
    return figure_value(a, UNIT_SHARE, v);
}

static void say_people(const care *k, const abuse_view *v) {
    static const table_col cols[] = {{"customer", false, false}, {"sold", true, false}, {"back", true, false},
                                     {"faults", true, false},    {"rate", true, false}, {"", false, false},
                                     {"expected", true, false},  {"", false, false}};
    arena *a = k->at.c->life;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < v->n_people; i++) {
        const abuse_person *p = &v->people[i];
        table_add(t, STYLE_plain, str_fmt(a, "customer:%" PRId64, p->customer));
        table_add(t, STYLE_plain, term_count(a, p->sold));
        table_add(t, STYLE_plain, term_count(a, p->returned));
        table_add(t, STYLE_plain, term_count(a, p->faulty));
        table_add(t, STYLE_bold, share(a, p->shrunk.value));
        table_add(t, STYLE_plain, figure_range(a, UNIT_SHARE, &p->shrunk));
        table_add(t, STYLE_plain, share(a, p->expected));
        table_add(t, STYLE_bad, p->unusual ? S("surely more than twice what others send back") : S(""));
    }
    if (v->n_people) table_print(t, &k->at.c->t, 2);
}

static bool list(care *k, err *e) {
    const returns_opts *o = k->o;
    cli *c = k->at.c;
    abuse_view v;
    reply r;
    abuse_ask ask = {.now_us = k->at.now_us,
                     .months = (int)MIN(o->months, INT64_C(120)),
                     .window_days = (int)MIN(o->window, INT64_C(730)),
                     .most = 20};
    if (o->customer.len && !customer_in(&k->at, o->customer, &ask.customer, e)) return false;
    if (!abuse_read(c->life, k->at.s, &ask, &v, e)) return false;
    if (c->g.json) {
        reply_open(&r, c);
        abuse_view_json(&r.j, NULL, &v);
        reply_close(&r);
        return true;
    }
    settings_mark(c, &k->at.set);
    term_say(&c->t,
             "%.*s of %.*s units came back within %d months, %.*s more because of faults. "
             "Windows of %d days; what may still come back is not counted.\n",
             STR_ARG(term_count(c->life, v.returned)), STR_ARG(term_count(c->life, v.sold)), v.months,
             STR_ARG(term_count(c->life, v.faulty)), v.window_days);
    for (size_t i = 0; i < v.n_products && v.products[i].at_fault; i++)
        term_say(&c->t, "  everybody sends back %.*s: its returns count against nobody\n",
                 STR_ARG(term_clean(c->life, v.products[i].name, true)));
    if (!v.unusual) term_say(&c->t, "Nobody surely sends back more than twice what others do.\n");
    say_people(k, &v);
    return true;
}

static bool audit_it(care *k, err *e) {
    static const char *const names[] = {"", "segment", "country", "language"};
    static const table_col cols[] = {{"group", false, true}, {"customers", true, false}, {"under steps", true, false},
                                     {"share", true, false}, {"", false, false},         {"", false, false}};
    const returns_opts *o = k->o;
    cli *c = k->at.c;
    abuse_audit x;
    reply r;
    enum abuse_split by = ABUSE_BY_SEGMENT;
    for (enum abuse_split i = ABUSE_BY_SEGMENT; i <= ABUSE_BY_LANGUAGE; i++)
        if (str_eq(o->by, str_c(names[i]))) by = i;
    if (!abuse_audit_read(c->life, k->at.s, by, k->at.now_us - 365 * DAY_US, k->at.now_us, &x, e)) return false;
    if (c->g.json) {
        reply_open(&r, c);
        abuse_audit_json(&r.j, NULL, &x);
        reply_close(&r);
        return true;
    }
    table *t = table_new(c->life, cols, COUNT(cols));
    for (size_t i = 0; i < x.n; i++) {
        const abuse_group *g = &x.groups[i];
        table_add(t, STYLE_bold, g->group.len ? term_clean(c->life, g->group, true) : S("not known"));
        table_add(t, STYLE_plain, term_count(c->life, g->customers));
        table_add(t, STYLE_plain, term_count(c->life, g->under));
        table_add(t, STYLE_plain, share(c->life, g->share.value));
        table_add(t, STYLE_plain, figure_range(c->life, UNIT_SHARE, &g->share));
        table_add(t, STYLE_bad, g->uneven ? S("surely more often than the others: look why") : S(""));
    }
    table_print(t, &c->t, 0);
    for (enum abuse_step_kind i = 1; i < ABUSE_STEPS; i++)
        if (x.steps[i].made)
            term_say(&c->t,
                     "%s: %" PRId64 " in a year, %" PRId64 " appeals, %" PRId64 " of them right, %" PRId64 " waiting\n",
                     abuse_step_name(i), x.steps[i].made, x.steps[i].appealed, x.steps[i].granted, x.steps[i].waiting);
    return true;
}

// ---- steps ----

static void say_steps(const care *k, const abuse_step *all, size_t n) {
    static const table_col cols[] = {{"step", true, false},   {"customer", false, false}, {"what", false, false},
                                     {"state", false, false}, {"until", false, false},    {"signed by", false, true}};
    arena *a = k->at.c->life;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        const abuse_step *x = &all[i];
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, x->id));
        table_add(t, STYLE_plain, str_fmt(a, "customer:%" PRId64, x->customer ? x->customer : x->profile_id));
        table_add(t, STYLE_bold, str_c(abuse_step_name(x->step)));
        table_add(t, STYLE_plain, str_c(abuse_state_name(abuse_state_of(x, k->at.now_us))));
        table_add(t, STYLE_plain, say_day(a, k->at.z, x->until_us));
        table_add(t, STYLE_plain, term_clean(a, x->signed_by, true));
    }
    table_print(t, &k->at.c->t, 0);
}

static bool steps(care *k, err *e) {
    const returns_opts *o = k->o;
    cli *c = k->at.c;
    abuse_step *all;
    size_t n;
    reply r;
    abuse_list_ask ask = {.now = !o->all, .appeals = o->appeals, .now_us = k->at.now_us, .most = 500};
    if (o->customer.len && !customer_in(&k->at, o->customer, &ask.customer, e)) return false;
    if (!abuse_list(c->life, k->at.s, &ask, &all, &n, e)) return false;
    if (c->g.json) {
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_open(&r.j, "steps", '[');
        for (size_t i = 0; i < n; i++) abuse_step_json(&r.j, NULL, &all[i], k->at.now_us);
        json_close(&r.j, ']');
        json_close(&r.j, '}');
        reply_close(&r);
    } else if (n)
        say_steps(k, all, n);
    else
        term_say(&c->t, "Nobody is under a step.\n");
    return true;
}

static void say_step(const care *k, const abuse_step *x) {
    cli *c = k->at.c;
    reply r;
    if (c->g.json) {
        reply_open(&r, c);
        abuse_step_json(&r.j, NULL, x, k->at.now_us);
        reply_close(&r);
        return;
    }
    say_steps(k, x, 1);
    term_say(&c->t, "\n%.*s\n", STR_ARG(term_clean(c->life, x->words, false)));
    if (!x->told_us && abuse_state_of(x, k->at.now_us) == ABUSE_HOLDS)
        term_say(&c->t, "\nTell the customer, then: heed returns tell %" PRId64 "\n", x->id);
    if (x->appeal_us) term_say(&c->t, "\nThey say: %.*s\n", STR_ARG(term_clean(c->life, x->appeal_words, true)));
    if (x->decided_us)
        term_say(&c->t, "%s: %.*s\n", x->granted ? "They are right" : "Turned down",
                 STR_ARG(term_clean(c->life, x->decided_why, true)));
}

static bool show(care *k, err *e) {
    int64_t id;
    abuse_step x;
    if (!care_id(k, "a step", &id, e) || !abuse_get(k->at.c->life, k->at.s, id, &x, e)) return false;
    say_step(k, &x);
    return true;
}

static bool say_kept(care *k, err *e) {
    abuse_step x;
    if (!abuse_get(k->at.c->life, k->at.s, *(int64_t *)k->kept, &x, e)) return false;
    say_step(k, &x);
    return true;
}

static bool kept(care *k, int64_t id) {
    int64_t *own = make(k->at.c->life, int64_t, 1);
    *own = id, k->kept = own;
    return true;
}

static bool noted(care *k, const char *action, int64_t id, err *e) {
    return kept(k, id) && care_note(k, action, str_fmt(k->at.c->life, "return_step:%" PRId64, id), e);
}

// Who sits at the machine is a person, who signs by asking.
static bool add(care *k, err *e) {
    const returns_opts *o = k->o;
    abuse_step x;
    abuse_new n = {.step = abuse_step_kind_of(k->at.c->args.v[1]), .words = o->words, .by = k->by, .person = true};
    if (!n.step) return fail(e, ERR_usage, "write heed returns add notice|friction|restored CUSTOMER");
    for (size_t i = 0; i < o->frictions.n; i++) {
        uint32_t bit = 0;
        if (!abuse_friction_of(o->frictions.v[i], &bit))
            return fail(e, ERR_usage, "--friction takes return_fee, no_instant_refund or no_goodwill");
        n.frictions |= bit;
    }
    return customer_in(&k->at, k->at.c->args.v[2], &n.customer, e) && care_day(k, "until", o->until, &n.until_us, e) &&
           abuse_make(know_ledger(k->d->k), k->at.c->life, &n, &x, e) && noted(k, "return_step.make", x.id, e);
}

static bool sign(care *k, err *e) {
    int64_t id;
    return care_id(k, "a step", &id, e) && abuse_sign(know_ledger(k->d->k), k->at.c->life, id, k->by, e) &&
           noted(k, "return_step.sign", id, e);
}

static bool tell(care *k, err *e) {
    int64_t id;
    return care_id(k, "a step", &id, e) && abuse_tell(know_ledger(k->d->k), k->at.c->life, id, e) &&
           noted(k, "return_step.tell", id, e);
}

static bool end(care *k, err *e) {
    const returns_opts *o = k->o;
    int64_t id;
    return care_id(k, "a step", &id, e) && abuse_end(know_ledger(k->d->k), k->at.c->life, id, k->by, o->words, e) &&
           noted(k, "return_step.end", id, e);
}

static bool appeal(care *k, err *e) {
    const returns_opts *o = k->o;
    int64_t id;
    return care_id(k, "a step", &id, e) && abuse_appeal(know_ledger(k->d->k), k->at.c->life, id, o->words, e) &&
           noted(k, "return_step.appeal", id, e);
}

static bool decide(care *k, err *e) {
    const returns_opts *o = k->o;
    int64_t id;
    return care_id(k, "a step", &id, e) &&
           abuse_decide(know_ledger(k->d->k), k->at.c->life, id, o->granted, k->by, o->why, e) &&
           noted(k, "return_step.decide", id, e);
}

static bool window(care *k, err *e) {
    int64_t days;
    if (!cli_id("a number of days", k->at.c->args.v[1], &days, e)) return false;
    if (days > 730) return fail(e, ERR_usage, "a return window has at most 730 days");
    return settings_put(k->at.s, "return_window_days", k->at.c->args.v[1], e);
}

static bool say_window(care *k, err *e) {
    (void)e;
    if (!k->at.c->g.json)
        term_say(&k->at.c->t, "What is sold can be sent back for %.*s days.\n", STR_ARG(k->at.c->args.v[1]));
    else
        term_say(&k->at.c->t, "{\"window_days\":%.*s}\n", STR_ARG(k->at.c->args.v[1]));
    return true;
}

static const care_verb verbs[] = {
    {.name = "list", .takes = "", .least = 1, .most = 1, .read = list},
    {.name = "steps", .takes = "", .least = 1, .most = 1, .read = steps},
    {.name = "show", .takes = " STEP", .least = 2, .most = 2, .read = show},
    {.name = "audit", .takes = " [--by country]", .least = 1, .most = 1, .read = audit_it},
    {.name = "add",
     .takes = " notice|friction|restored CUSTOMER",
     .least = 3,
     .most = 3,
     .write = add,
     .say = say_kept},
    {.name = "sign", .takes = " STEP", .least = 2, .most = 2, .write = sign, .say = say_kept},
    {.name = "tell", .takes = " STEP", .least = 2, .most = 2, .write = tell, .say = say_kept},
    {.name = "end", .takes = " STEP --words TEXT", .least = 2, .most = 2, .write = end, .say = say_kept},
    {.name = "appeal", .takes = " STEP --words TEXT", .least = 2, .most = 2, .write = appeal, .say = say_kept},
    {.name = "decide",
     .takes = " STEP [--granted] --why TEXT",
     .least = 2,
     .most = 2,
     .write = decide,
     .say = say_kept},
    {.name = "window", .takes = " DAYS", .least = 2, .most = 2, .write = window, .say = say_window}};

static bool run(cli *c, const void *options, err *e) {
    return care_run(c, options, verbs, COUNT(verbs), "use its addresses under /api/returns", e);
}

const cmd cmd_returns = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(returns_opts),
    .max_args = 3,
    .run = run,
    .more = "A return counts when the return window of its sale has closed, and not when the product or we were at "
            "fault: by "
            "the reason that is told, or because everybody sends that product back. 'list' shows customers beside what "
            "others "
            "send back of the same products; of the class are those with eight units and four returns or more who "
            "surely send "
            "back more than twice as much.\n\n"
            "Steps go one after the other: a notice, after two weeks a friction, and all as before (restored). Each "
            "has its "
            "evidence, words for the customer and an end. An appeal stops it until somebody else than the one who "
            "signed it "
            "has decided. 'audit' says whether some groups are under steps more often. docs/policies.md explains all "
            "of it.",
    .examples = "heed returns list\n"
                "heed returns add notice customer:17\n"
                "heed returns appeal 31 --words 'the sizes are wrong'\n"
                "heed returns decide 31 --granted --why 'the size chart was wrong indeed'\n"
                "heed returns audit --by country",
    .json = "list: {\"window_days\",\"months\",\"customers\",\"sold\",\"returned\",\"faulty\",\"unmatched\",\"rate\","
            "\"unusual\",\"people\":[{\"customer\",\"sold\",\"returned\",\"faulty\",\"open\",\"raw\",\"rate\","
            "\"expected\",\"unusual\"}],\"products\":[…]}; steps: {\"steps\":[{\"id\",\"customer\",\"step\",\"state\","
            "\"frictions\",\"words\",\"evidence\",\"made\",\"by\",\"signed_by\",\"from\",\"until\",\"told\",\"ended\","
            "\"appeal\",\"decided\",\"granted\",…}]}; show and the words that change one: one of them; audit: "
            "{\"groups\":[…],\"steps\":[…]}; window: {\"window_days\"}",
};
