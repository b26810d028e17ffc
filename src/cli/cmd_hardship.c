// heed hardship: customers who are to be treated gently, and what was arranged with them. Every look is noted.
#include "act/hardship.h"
#include "cli/care_cmd.h"

typedef struct {
    str customer, kind, since, until, consent, purpose, note, owed, let_off, first;
    int64_t parts, every_months, every_days, after;
    bool all, no_consent;
} hardship_opts;

static const opt opts[] = {
    {"customer", 'c', OPT_TEXT, offsetof(hardship_opts, customer), "C", "list: of this customer"},
    {"kind", 'k', OPT_TEXT, offsetof(hardship_opts, kind), "cannot_pay|bereaved|peace", "list, add: of which kind"},
    {"all", 'a', OPT_FLAG, offsetof(hardship_opts, all), NULL, "list: those that are over too"},
    {"since", 0, OPT_TEXT, offsetof(hardship_opts, since), "DAY", "add: since then; now unless given"},
    {"until", 0, OPT_TEXT, offsetof(hardship_opts, until), "DAY|ever",
     "add, change: until then; as long as its kind usually lasts unless given; only peace may be for ever"},
    {"consent", 0, OPT_TEXT, offsetof(hardship_opts, consent), "HOW",
     "add, change: the customer consents to more than kind and time: by phone, in writing"},
    {"no-consent", 0, OPT_FLAG, offsetof(hardship_opts, no_consent), NULL, "change: taken back; the note goes"},
    {"purpose", 0, OPT_TEXT, offsetof(hardship_opts, purpose), "TEXT", "add, change: what the note may be used for"},
    {"note", 0, OPT_TEXT, offsetof(hardship_opts, note), "TEXT", "add, change: only what is needed"},
    {"owed", 0, OPT_TEXT, offsetof(hardship_opts, owed), "AMOUNT", "arrange: what is due"},
    {"let-off", 0, OPT_TEXT, offsetof(hardship_opts, let_off), "AMOUNT", "arrange: what of it is forgiven"},
    {"parts", 'n', OPT_NUMBER, offsetof(hardship_opts, parts), "N", "arrange: how many instalments"},
    {"first", 0, OPT_TEXT, offsetof(hardship_opts, first), "DAY", "arrange: the day of the first one"},
    {"every-months", 0, OPT_NUMBER, offsetof(hardship_opts, every_months), "N",
     "arrange: months between them; 1 unless given"},
    {"every-days", 0, OPT_NUMBER, offsetof(hardship_opts, every_days), "N", "arrange: days between them instead"},
    {"after", 0, OPT_NUMBER, offsetof(hardship_opts, after), "PLAN", "arrange: in place of this one"},
};

// ---- shown; a look writes, because it is noted ----

static void say_flags(const care *k, const hardship *all, size_t n) {
    static const table_col cols[] = {{"hardship", true, false}, {"customer", false, false}, {"what", false, false},
                                     {"since", false, false},   {"until", false, false},    {"consent", false, true},
                                     {"note", false, true}};
    arena *a = k->at.c->life;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        const hardship *x = &all[i];
        const bool holds = hardship_holds(x, k->at.now_us);
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, x->id));
        table_add(t, STYLE_plain, str_fmt(a, "customer:%" PRId64, x->customer ? x->customer : x->profile_id));
        table_add(t, STYLE_bold, str_c(hardship_kind_name(x->kind)));
        table_add(t, STYLE_plain, say_day(a, k->at.z, x->since_us));
        table_add(t, holds ? STYLE_plain : STYLE_dim,
                  !holds        ? S("over")
                  : x->until_us ? say_day(a, k->at.z, x->until_us)
                                : S("for ever"));
        table_add(t, STYLE_plain, x->consent ? term_clean(a, x->consent_how, true) : S("none"));
        table_add(t, STYLE_plain, term_clean(a, x->note, true));
    }
    table_print(t, &k->at.c->t, 0);
}

typedef struct {
    hardship *all;
    hardship_plan *plans;
    size_t n, n_plans;
    bool one;
} shown;

static bool list(care *k, err *e) {
    const hardship_opts *o = k->o;
    arena *a = k->at.c->life;
    shown *x = make(a, shown, 1);
    hardship_ask ask = {.all = o->all, .most = 1000};
    if (o->kind.len && !(ask.kind = hardship_kind_of(o->kind)))
        return fail(e, ERR_usage, "--kind takes cannot_pay, bereaved or peace");
    if (o->customer.len && !customer_in(&k->at, o->customer, &ask.customer, e)) return false;
    k->kept = x;
    return hardship_list(a, k->at.s, &ask, k->at.now_us, &x->all, &x->n, e) &&
           care_note(k, "hardship.list", S("hardships"), e);
}

static bool read_one(care *k, int64_t id, err *e) {
    arena *a = k->at.c->life;
    shown *x = make(a, shown, 1);
    k->kept = x, x->one = true, x->n = 1, x->all = make(a, hardship, 1);
    return hardship_get(a, k->at.s, id, k->at.now_us, x->all, e) &&
           hardship_plans(a, k->at.s, id, k->at.now_us, &x->plans, &x->n_plans, e);
}

static bool show(care *k, err *e) {
    int64_t id;
    return care_id(k, "a hardship", &id, e) && read_one(k, id, e) &&
           care_note(k, "hardship.look", str_fmt(k->at.c->life, "hardship:%" PRId64, id), e);
}

static void say_plan(const care *k, const hardship_plan *p) {
    static const char *const states[] = {"", "paid", "missed: a friendly word first"};
    static const table_col cols[] = {
        {NULL, true, false}, {NULL, false, false}, {NULL, true, false}, {NULL, false, false}};
    arena *a = k->at.c->life;
    table *t = table_new(a, cols, COUNT(cols));
    term_say(&k->at.c->t, "\nArrangement %" PRId64 ", %s: %.*s owed", p->id, hardship_plan_state_name(p->state),
             STR_ARG(say_money(a, p->owed, p->currency)));
    if (p->let_off) term_say(&k->at.c->t, ", %.*s let off", STR_ARG(say_money(a, p->let_off, p->currency)));
    term_say(&k->at.c->t, ", %.*s paid\n", STR_ARG(say_money(a, p->paid, p->currency)));
    for (size_t i = 0; i < p->n; i++) {
        table_add(t, STYLE_plain, str_fmt(a, "%d", (int)p->parts[i].part));
        table_add(t, STYLE_plain, date_str(a, p->parts[i].day));
        table_add(t, STYLE_bold, say_money(a, p->parts[i].amount, p->currency));
        table_add(t, p->parts[i].state == PART_MISSED ? STYLE_bad : STYLE_good, str_c(states[p->parts[i].state]));
    }
    if (p->n) table_print(t, &k->at.c->t, 2);
}

static bool say(care *k, err *e) {
    const shown *x = k->kept;
    cli *c = k->at.c;
    reply r;
    (void)e;
    if (!c->g.json) {
        settings_mark(c, &k->at.set);
        if (x->n)
            say_flags(k, x->all, x->n);
        else
            term_say(&c->t, "Nobody is noted.\n");
        for (size_t i = 0; i < x->n_plans; i++) say_plan(k, &x->plans[i]);
        return true;
    }
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    if (!x->one) json_open(&r.j, "hardships", '[');
    for (size_t i = 0; i < x->n; i++) hardship_json(&r.j, x->one ? "hardship" : NULL, &x->all[i], k->at.now_us);
    if (!x->one) json_close(&r.j, ']');
    if (x->one) {
        json_open(&r.j, "plans", '[');
        for (size_t i = 0; i < x->n_plans; i++) hardship_plan_json(&r.j, NULL, &x->plans[i]);
        json_close(&r.j, ']');
    }
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

// ---- changed ----

static bool until_in(const care *k, int64_t *until_us, err *e) {
    const hardship_opts *o = k->o;
    if (!str_eq(o->until, S("ever"))) return !o->until.len || care_day(k, "until", o->until, until_us, e);
    *until_us = -1;
    return true;
}

static void words_in(const hardship_opts *o, hardship *x) {
    if (o->consent.len) x->consent = true, x->consent_how = o->consent;
    if (o->no_consent) x->consent = false;
    if (o->purpose.len) x->purpose = o->purpose;
    if (o->note.len) x->note = o->note;
}

static bool noted(care *k, const char *action, int64_t id, err *e) {
    return read_one(k, id, e) && care_note(k, action, str_fmt(k->at.c->life, "hardship:%" PRId64, id), e);
}

static bool add(care *k, err *e) {
    const hardship_opts *o = k->o;
    hardship x = {.kind = hardship_kind_of(o->kind), .by = k->by};
    if (!x.kind) return fail(e, ERR_usage, "--kind takes cannot_pay, bereaved or peace");
    words_in(o, &x);
    return customer_in(&k->at, k->at.c->args.v[1], &x.customer, e) && care_day(k, "since", o->since, &x.since_us, e) &&
           until_in(k, &x.until_us, e) && hardship_add(know_ledger(k->d->k), k->at.c->life, &x, e) &&
           noted(k, "hardship.make", x.id, e);
}

static bool change_it(care *k, err *e) {
    int64_t id;
    hardship x;
    if (!care_id(k, "a hardship", &id, e) || !hardship_get(k->at.c->life, k->at.s, id, k->at.now_us, &x, e))
        return false;
    words_in(k->o, &x);
    return until_in(k, &x.until_us, e) && hardship_change(know_ledger(k->d->k), k->at.c->life, &x, e) &&
           noted(k, "hardship.change", id, e);
}

static bool end(care *k, err *e) {
    int64_t id;
    return care_id(k, "a hardship", &id, e) && hardship_end(know_ledger(k->d->k), k->at.c->life, id, e) &&
           noted(k, "hardship.end", id, e);
}

static bool note_plan(void *ctx, desk *d, err *e) {
    care *k = ctx;
    k->d = d;
    return noted(k, "hardship.arrange", *(int64_t *)k->kept, e);
}

static bool offer_in(const care *k, hardship_offer *o, err *e) {
    const hardship_opts *x = k->o;
    int64_t first_us;
    if (!x->owed.len || !x->first.len || !x->parts) return fail(e, ERR_usage, "say --owed, --parts and --first");
    if (!care_id(k, "a hardship", &o->hardship, e) || !money_in(&k->at, "owed", x->owed, &o->owed, &o->currency, e) ||
        (x->let_off.len && !money_in(&k->at, "let-off", x->let_off, &o->let_off, NULL, e)) ||
        !care_day(k, "first", x->first, &first_us, e))
        return false;
    o->first_day = zone_days(k->at.z, first_us), o->parts = (int)MIN(x->parts, INT64_C(1000));
    o->every_months = (int)MIN(x->every_months, INT64_C(1000)), o->every_days = (int)MIN(x->every_days, INT64_C(1000));
    o->after_plan = x->after, o->by = k->by, o->role = S("owner");
    return true;
}

static bool arrange(care *k, err *e) {
    hardship_offer o = {0};
    hardship_plan p = {0};
    redline_answer answer = {0};
    if (!offer_in(k, &o, e)) return false;
    const bool ok = hardship_arrange(know_ledger(k->d->k), k->at.c->life, &o, &p, &answer, e);
    if (!ok && answer.verdict == REDLINE_REFUSED && !k->at.c->g.json) answer_say(&k->at, &answer);
    if (!ok) return false;
    int64_t *id = make(k->at.c->life, int64_t, 1);
    *id = o.hardship, k->kept = id;
    return desk_run(k->d, note_plan, k, e);
}

static bool settle(care *k, err *e) {
    hardship_settled *done = make(k->at.c->life, hardship_settled, 1);
    k->kept = done;
    return hardship_settle(know_ledger(k->d->k), done, e);
}

static bool say_settled(care *k, err *e) {
    const hardship_settled *x = k->kept;
    (void)e;
    if (k->at.c->g.json)
        term_say(&k->at.c->t,
                 "{\"agreed\":%" PRId64 ",\"paid\":%" PRId64 ",\"missed\":%" PRId64 ",\"kept\":%" PRId64
                 ",\"ended\":%" PRId64 "}\n",
                 x->told, x->paid, x->missed, x->kept, x->ended);
    else
        term_say(&k->at.c->t,
                 "%" PRId64 " agreed, %" PRId64 " instalments paid, %" PRId64 " missed anew, %" PRId64 " kept, %" PRId64
                 " ended\n",
                 x->told, x->paid, x->missed, x->kept, x->ended);
    return true;
}

static const care_verb verbs[] = {
    {.name = "list", .takes = "", .least = 1, .most = 1, .write = list, .say = say},
    {.name = "show", .takes = " NUMBER", .least = 2, .most = 2, .write = show, .say = say},
    {.name = "add", .takes = " CUSTOMER --kind KIND", .least = 2, .most = 2, .write = add, .say = say},
    {.name = "change", .takes = " NUMBER …", .least = 2, .most = 2, .write = change_it, .say = say},
    {.name = "end", .takes = " NUMBER", .least = 2, .most = 2, .write = end, .say = say},
    {.name = "arrange",
     .takes = " NUMBER --owed AMOUNT --parts N --first DAY",
     .least = 2,
     .most = 2,
     .alone = arrange,
     .say = say},
    {.name = "settle", .takes = "", .least = 1, .most = 1, .alone = settle, .say = say_settled}};

static bool run(cli *c, const void *options, err *e) {
    return care_run(c, options, verbs, COUNT(verbs), "use its addresses under /api/hardships", e);
}

const cmd cmd_hardship = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(hardship_opts),
    .max_args = 2,
    .run = run,
    .more =
        "Somebody cannot pay, has lost somebody, or asked for peace. While that holds they get no marketing, no "
        "questions "
        "and no reminders of payments, and steps about returns are not taken. Only kind and time are kept, and end by "
        "themselves; a note, or an arrangement, needs --consent and a --purpose, and is deleted when it is over. Every "
        "look is in the audit log.\n\n"
        "'arrange' splits what is owed into instalments that sum exactly, inside the red lines: the customer promises "
        "to "
        "pay, and we promise to hold still. An instalment on the 31st is due on the last day of shorter months. A "
        "missed "
        "one asks somebody for a friendly word first; 'arrange --after' plans anew. 'settle' notes what was paid "
        "since; "
        "a server does it every hour. docs/hardship.md explains all of it.",
    .examples =
        "heed hardship add customer:17 --kind cannot_pay --consent 'by phone' --purpose 'to arrange instalments'\n"
        "heed hardship arrange 31 --owed 240 --parts 6 --first 2026-12-31\n"
        "heed hardship show 31",
    .json =
        "list: {\"hardships\":[{\"id\",\"customer\",\"kind\",\"holds\",\"since\",\"until\",\"ended\",\"consent\","
        "\"consent_at\",\"consent_how\",\"purpose\",\"note\",\"made\",\"by\",\"version\"}]}; show, add, change, end, "
        "arrange: {\"hardship\",\"plans\":[{\"id\",\"hardship\",\"state\",\"owed\",\"let_off\",\"paid\",\"concession\","
        "\"still\",\"after\",\"made\",\"by\",\"parts\":[{\"part\",\"day\",\"amount\",\"state\",\"paid\",\"commitment\","
        "\"word\"}]}]}; settle: {\"agreed\",\"paid\",\"missed\",\"kept\",\"ended\"}",
};
