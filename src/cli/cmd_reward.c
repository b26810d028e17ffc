// heed reward: points and vouchers: what customers have, and giving, spending and taking back.
#include "cli/reward_cmd.h"

#include "act/reward_earn.h"
#include "sql/know.h"

static const reward_opts defaults = {
    .points = -1, .wait_days = -1, .expiry_days = -1, .day_points = -1, .day_times = -1, .limit = 20};

static const opt opts[] = {
    {"why", 0, OPT_TEXT, offsetof(reward_opts, why), "TEXT", "what for, as the customer may read it"},
    {"key", 0, OPT_TEXT, offsetof(reward_opts, key), "TEXT", "give, redeem, voucher issue: said twice, done once"},
    {"programme", 'p', OPT_TEXT, offsetof(reward_opts, programme), "ID", "give: whose points; the first that is on"},
    {"disclosure", 0, OPT_TEXT, offsetof(reward_opts, disclosure), "TEXT",
     "give, voucher, programme: what has to stand beside a review that was rewarded"},
    {"customer", 'c', OPT_TEXT, offsetof(reward_opts, customer), "C",
     "list, voucher: a number, or what they are known by"},
    {"what", 0, OPT_TEXT, offsetof(reward_opts, what), "earn|bonus|redeem|reverse|expire", "list: of this kind alone"},
    {"limit", 'n', OPT_NUMBER, offsetof(reward_opts, limit), "N", "list: at most so many; 20 unless given"},
    {"value", 0, OPT_TEXT, offsetof(reward_opts, value), "AMOUNT",
     "voucher: what it takes off, of a percentage the most; hold: what the order comes to"},
    {"percent", 0, OPT_TEXT, offsetof(reward_opts, percent), "10%", "voucher: of the order, instead of a fixed value"},
    {"least", 0, OPT_TEXT, offsetof(reward_opts, least), "AMOUNT", "voucher: the smallest order that it is for"},
    {"points", 0, OPT_NUMBER, offsetof(reward_opts, points), "N", "voucher: paid with so many of their points"},
    {"order", 0, OPT_TEXT, offsetof(reward_opts, order), "NAME", "voucher hold: for which order"},
    {"from", 0, OPT_TEXT, offsetof(reward_opts, from), "DAY", "voucher, programme: from then on"},
    {"until", 0, OPT_TEXT, offsetof(reward_opts, until), "DAY", "voucher, programme: until the end of that day"},
    {"for", 0, OPT_TEXT, offsetof(reward_opts, earned_by), "order|review|answer|referral",
     "programme add: what is rewarded"},
    {"rate", 0, OPT_TEXT, offsetof(reward_opts, rate), "N", "programme: points for 1 of the currency, or for each"},
    {"worth", 0, OPT_TEXT, offsetof(reward_opts, worth), "N",
     "programme: what a point is worth, in cents; 1 unless given"},
    {"currency", 0, OPT_TEXT, offsetof(reward_opts, currency), "CODE",
     "programme, voucher: the company's unless given"},
    {"rounding", 0, OPT_TEXT, offsetof(reward_opts, rounding), "down|nearest|up", "programme: how points are rounded"},
    {"wait-days", 0, OPT_NUMBER, offsetof(reward_opts, wait_days), "N", "programme: before points can be spent"},
    {"expiry-days", 0, OPT_NUMBER, offsetof(reward_opts, expiry_days), "N",
     "programme: how long they last; 0: for ever"},
    {"day-points", 0, OPT_NUMBER, offsetof(reward_opts, day_points), "N", "programme: most for a customer in a day"},
    {"day-times", 0, OPT_NUMBER, offsetof(reward_opts, day_times), "N", "programme: how often at most in a day"},
    {"condition", 0, OPT_TEXT, offsetof(reward_opts, condition), "RULE",
     "programme: for these customers, as 'orders >= 3'"},
    {"name", 0, OPT_TEXT, offsetof(reward_opts, name), "NAME", "programme change: its new name"},
    {"on", 0, OPT_FLAG, offsetof(reward_opts, on), NULL, "programme change: it gives points"},
    {"off", 0, OPT_FLAG, offsetof(reward_opts, off), NULL, "programme add, change: it does not"},
};

str reward_points(arena *a, int64_t n) {
    return say_n(a, n, "point", "points");
}

// ---- giving, spending, taking back ----

static void say_done(const reward_at *x, const reward_done *d, int64_t customer, const char *done) {
    cli *c = x->at.c;
    reply r;
    if (c->g.json) {
        reply_open(&r, c);
        reward_done_json(&r.j, NULL, d, customer);
        reply_close(&r);
        return;
    }
    if (d->waits) {
        term_say(&c->t,
                 "It waits for a signature, request %" PRId64 ". When it is signed, say it again with --key %.*s\n",
                 d->approval, STR_ARG(d->key));
        return;
    }
    term_say(&c->t, "%s%.*s, entry %" PRId64 ".", d->again ? "Done before: " : done,
             STR_ARG(reward_points(c->life, d->entry.points < 0 ? -d->entry.points : d->entry.points)), d->entry.id);
    term_say(&c->t, " customer:%" PRId64 " has %.*s, %.*s to spend now.\n", customer,
             STR_ARG(reward_points(c->life, d->account.balance)), STR_ARG(term_count(c->life, d->account.usable)));
}

static bool points_in(const reward_at *x, size_t i, int64_t *points, err *e) {
    return (str_i64(x->at.c->args.v[i], points) && *points > 0) ||
           fail(e, ERR_usage, "how many points? a whole number above 0");
}

static bool give_run(reward_at *x, err *e) {
    reward_done d;
    reward_gift g = {.why = x->o->why, .disclosure = x->o->disclosure, .key = x->o->key, .by = redline_me(x->at.c)};
    if (!customer_in(&x->at, x->at.c->args.v[1], &g.customer, e) || !points_in(x, 2, &g.points, e)) return false;
    if (!g.why.len) return fail(e, ERR_usage, "say --why; the customer may read it");
    if (x->o->programme.len && !cli_id("a programme", x->o->programme, &g.programme, e)) return false;
    if (x->o->expiry_days >= 0) g.expiry_days = x->o->expiry_days ? x->o->expiry_days : -1;
    if (!reward_give(x->l, x->at.c->life, &g, &d, e)) return false;
    say_done(x, &d, g.customer, "Given: ");
    return true;
}

static bool redeem_run(reward_at *x, err *e) {
    reward_done d;
    reward_spending s = {.what = x->o->why, .key = x->o->key, .by = redline_me(x->at.c)};
    if (!customer_in(&x->at, x->at.c->args.v[1], &s.customer, e) || !points_in(x, 2, &s.points, e)) return false;
    if (!s.what.len) return fail(e, ERR_usage, "say --why: what they are spent for");
    if (!reward_spend(x->l, x->at.c->life, &s, &d, e)) return false;
    say_done(x, &d, s.customer, "Spent: ");
    return true;
}

static bool reverse_run(reward_at *x, err *e) {
    reward_done d;
    reward_entry was;
    int64_t id, customer = 0;
    char list[32];
    if (!cli_id("an entry", x->at.c->args.v[1], &id, e)) return false;
    if (!x->o->why.len) return fail(e, ERR_usage, "say --why; the customer may read it");
    if (!reward_reverse(x->l, x->at.c->life, id, x->o->why, redline_me(x->at.c), &d, e)) return false;
    was = d.entry;
    snprintf(list, sizeof list, "[%" PRId64 "]", was.profile_id);
    for (row r = store_query(x->at.s, Q_profile_some, e, "t", str_c(list)); row_next(&r);) customer = row_int(&r, 1);
    if (err_ok(e)) say_done(x, &d, customer, "Taken back: ");
    return err_ok(e);
}

static bool run_run(reward_at *x, err *e) {
    reward_tally t;
    cli *c = x->at.c;
    reply r;
    if (!reward_run(x->l, &t, e)) return false;
    if (!c->g.json) {
        term_say(&c->t,
                 "%.*s looked at: %" PRId64 " times earned, %" PRId64 " times taken back, %" PRId64 " lots expired.\n",
                 STR_ARG(say_n(c->life, t.looked, "cause", "causes")), t.earned, t.taken_back, t.expired);
        if (t.held_back)
            term_say(&c->t, "%.*s beyond what a customer gets in a day.\n",
                     STR_ARG(reward_points(c->life, t.held_back)));
        if (t.suspicious)
            term_say(&c->t, "%" PRId64 " recommendations between what may be one person gave none.\n", t.suspicious);
        return true;
    }
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_put_int(&r.j, "looked", t.looked);
    json_put_int(&r.j, "earned", t.earned);
    json_put_int(&r.j, "taken_back", t.taken_back);
    json_put_int(&r.j, "expired", t.expired);
    json_put_int(&r.j, "held_back", t.held_back);
    json_put_int(&r.j, "suspicious", t.suspicious);
    json_put_int(&r.j, "skipped", t.skipped);
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

// ---- the command ----

static const struct {
    const char *name, *takes;
    size_t least, most;
    bool (*read)(reward_at *x, err *e);
    bool (*write)(reward_at *x, err *e); // with more than one word, when both are there
} verbs[] = {{"list", "", 1, 1, reward_list_run, NULL},
             {"show", " CUSTOMER", 2, 2, reward_show_run, NULL},
             {"give", " CUSTOMER POINTS --why TEXT", 3, 3, NULL, give_run},
             {"redeem", " CUSTOMER POINTS --why TEXT", 3, 3, NULL, redeem_run},
             {"reverse", " ENTRY --why TEXT", 2, 2, NULL, reverse_run},
             {"run", "", 1, 1, NULL, run_run},
             {"voucher", " [issue|show|hold|redeem|release|cancel …]", 1, 3, reward_voucher_list, reward_voucher_write},
             {"programme", " [add NAME|change ID|history ID]", 1, 3, reward_programme_list, reward_programme_write},
             {"liability", "", 1, 1, reward_liability_run, NULL}};

static bool writing(reward_at *x, size_t i, err *e) {
    desk d;
    if (!desk_open(x->at.c, "do it by its address /api/rewards", &d, e)) return false;
    x->l = know_ledger(d.k);
    bool ok = redline_begin(&x->at, d.s, e) && verbs[i].write(x, e);
    desk_close(&d);
    return ok;
}

// These only look, though they have more words.
static bool looks(const cli *c) {
    return c->args.n < 2 || str_eq(c->args.v[1], S("list")) || str_eq(c->args.v[1], S("show")) ||
           str_eq(c->args.v[1], S("history"));
}

static bool run(cli *c, const void *options, err *e) {
    reward_at x = {.at = {.c = c}, .o = options};
    str verb = c->args.n ? c->args.v[0] : S("list");
    store *s;
    size_t i = 0;
    while (i < COUNT(verbs) && !str_eq(verb, str_c(verbs[i].name))) i++;
    if (i == COUNT(verbs))
        return fail(
            e, ERR_usage,
            "'%.*s' is none of its words: list, show, give, redeem, reverse, run, voucher, programme, liability",
            (int)MIN(verb.len, (size_t)40), verb.s);
    if (c->args.n && (c->args.n < verbs[i].least || c->args.n > verbs[i].most))
        return fail(e, ERR_usage, "write heed reward %s%s", verbs[i].name, verbs[i].takes);
    if (!verbs[i].read || (verbs[i].write && !looks(c))) return writing(&x, i, e);
    if (!place_read(c, &s, e)) return false;
    bool ok = store_begin_read(s, e) && redline_begin(&x.at, s, e) && verbs[i].read(&x, e);
    store_close(s);
    return ok;
}

const cmd cmd_reward = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(reward_opts),
    .defaults = &defaults,
    .max_args = 3,
    .run = run,
    .more =
        "Points are an append-only list of entries. A balance is their sum and never below zero; the oldest points are "
        "spent first, and 'reverse' gives back exactly what an entry took. 'show' says where a customer stands and "
        "what expires when; 'run' gives what is due, takes back what was cancelled and ends what is over, as the "
        "daily job does.\n\n"
        "'programme' lists the rules by which points are given, and writes them. None may depend on what somebody "
        "said: "
        "a rule that asks for a score, and words that ask for praise, are refused.\n\n"
        "'voucher issue' makes a code that takes something off one order. What it may cost is reserved with the "
        "budgets; "
        "'voucher hold' and 'voucher redeem' use it in two steps. 'liability' says what all of it will cost, and how "
        "sure "
        "that is. docs/rewards.md explains all of it.",
    .examples =
        "heed reward programme add Beans --for order --rate 1 --wait-days 14 --expiry-days 365\n"
        "heed reward give 17 100 --why 'thank you for your patience'\n"
        "heed reward redeem 17 60 --why 'a bag of beans'\n"
        "heed reward voucher issue --customer 17 --value 5 --least 20 --until 2026-12-24 --why 'sorry for the wait'\n"
        "heed reward voucher hold K7QF-2M9D-X4TB-0HW5 --order 1027 --value 25",
    .json =
        "list: "
        "{\"rewards\":[{\"id\",\"customer\",\"at\",\"what\",\"points\",\"voucher\",\"counts\",\"left\",\"taken_back\","
        "\"of\",\"from\",\"until\",\"programme\",\"why\",\"disclosure\"}]}; show: {\"customer\",\"balance\",\"usable\","
        "\"waiting\",\"next\",\"next_until\",\"given\",\"spent\",\"lapsed\",\"missing\",\"lots\"}; give, redeem, "
        "reverse: "
        "{\"entry\",\"again\",\"approval\",\"key\",\"balance\",\"usable\"}; run: {\"looked\",\"earned\",\"taken_back\","
        "\"expired\",\"held_back\",\"suspicious\",\"skipped\"}; voucher: {\"vouchers\":[…]} or one of them; programme: "
        "{\"programmes\":[…]} or one of them; liability: {\"customers\",\"programmes\",\"vouchers\"}",
};
