// heed approval: concessions that wait for a signature, and those that are looked at afterwards.
#include "cli/redline_cmd.h"

typedef struct {
    str reason;
    bool all;
    int64_t limit;
} approval_opts;

static const approval_opts defaults = {.limit = 50};

static const opt opts[] = {
    {"reason", 'r', OPT_TEXT, offsetof(approval_opts, reason), "TEXT", "grant, decline, withdraw, review: why"},
    {"all", 'a', OPT_FLAG, offsetof(approval_opts, all), NULL, "list: those that are decided, too"},
    {"limit", 'n', OPT_NUMBER, offsetof(approval_opts, limit), "N", "list, review: at most so many; 50 unless given"},
};

// ---- shown ----

static str to_whom(arena *a, int64_t customer) {
    return customer ? str_fmt(a, "customer:%" PRId64, customer) : S("");
}

static void say_list(const redline_at *x, const approval *all, size_t n) {
    static const table_col cols[] = {{"request", true, false}, {"state", false, false}, {"what", false, false},
                                     {"costs", true, false},   {"to", false, false},    {"asked by", false, false},
                                     {"signer", false, false}, {"due", false, false},   {"why", false, true}};
    arena *a = x->c->life;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, all[i].id));
        table_add(t, all[i].state == APPROVAL_WAITING ? STYLE_warn : STYLE_dim,
                  str_c(approval_state_name(all[i].state)));
        table_add(t, STYLE_plain, str_c(concession_name(all[i].kind)));
        table_add(t, STYLE_plain, say_money(a, all[i].costs, all[i].currency));
        table_add(t, STYLE_plain, to_whom(a, all[i].customer));
        table_add(t, STYLE_plain, term_clean(a, all[i].asked_by, true));
        table_add(t, STYLE_plain, all[i].signer);
        table_add(t, STYLE_plain, say_time(a, x->z, all[i].due_us));
        table_add(t, STYLE_plain, term_clean(a, all[i].reason, true));
    }
    if (n)
        table_print(t, &x->c->t, 0);
    else
        term_say(&x->c->t, "Nothing waits for a signature.\n");
}

static bool list_run(redline_at *x, const approval_opts *o, err *e) {
    approval *all;
    size_t n;
    arena *a = x->c->life;
    if (!(o->all ? approvals_list(a, x->s, 0, -1, x->now_us, o->limit, &all, &n, e)
                 : approvals_waiting(a, x->s, S(""), x->now_us, &all, &n, e)))
        return false;
    n = MIN(n, (size_t)o->limit);
    if (!x->c->g.json) return say_list(x, all, n), true;
    if (!approvals_name(a, x->s, all, n, e)) return false;
    reply r;
    reply_open(&r, x->c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "approvals", '[');
    for (size_t i = 0; i < n; i++) approval_json(&r.j, NULL, &all[i]), reply_some(&r);
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

// What the lines said when it was asked for.
static void say_lines(const redline_at *x, str json) {
    json_t *v = NULL, *one;
    err quiet = {0};
    size_t i;
    if (!json_read(json, &v, &quiet)) return;
    json_array_foreach(json_object_get(v, "lines"), i, one) {
        str name = json_at(one, "name"), verdict = json_at(one, "verdict"), sum = json_at(one, "sum");
        term_say(&x->c->t, "  %.*s  %.*s: %.*s\n", STR_ARG(verdict), STR_ARG(term_clean(x->c->life, name, true)),
                 STR_ARG(term_clean(x->c->life, sum, true)));
    }
    json_decref(v);
}

static bool show_run(redline_at *x, int64_t id, err *e) {
    approval a;
    if (!approval_get(x->c->life, x->s, id, x->now_us, &a, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no request %" PRId64, id) : false;
    if (!x->c->g.json) {
        say_list(x, &a, 1), say_lines(x, a.lines);
        if (a.decided_us)
            term_say(&x->c->t, "%s by %.*s: %.*s\n", approval_state_name(a.state),
                     STR_ARG(term_clean(x->c->life, a.decided_by, true)),
                     STR_ARG(term_clean(x->c->life, a.words, true)));
        return true;
    }
    if (!approvals_name(x->c->life, x->s, &a, 1, e)) return false;
    reply r;
    reply_open(&r, x->c);
    approval_json(&r.j, NULL, &a);
    reply_close(&r);
    return true;
}

static bool queue_run(redline_at *x, const approval_opts *o, err *e) {
    static const table_col cols[] = {{"concession", true, false}, {"what", false, false}, {"costs", true, false},
                                     {"to", false, false},        {"by", false, false},   {"why", false, true}};
    concession *all;
    size_t n;
    arena *a = x->c->life;
    concession_which q = {.state = -1, .review = true, .most = o->limit};
    if (!concessions_list(a, x->s, &q, x->now_us, &all, &n, e)) return false;
    if (x->c->g.json) {
        reply r;
        reply_open(&r, x->c);
        json_open(&r.j, NULL, '{');
        json_open(&r.j, "concessions", '[');
        for (size_t i = 0; i < n; i++) concession_json(&r.j, NULL, &all[i]), reply_some(&r);
        json_close(&r.j, ']');
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, all[i].id));
        table_add(t, STYLE_plain, str_c(concession_name(all[i].ask.kind)));
        table_add(t, STYLE_plain, say_money(a, all[i].costs, all[i].ask.currency));
        table_add(t, STYLE_plain, to_whom(a, all[i].ask.customer));
        table_add(t, STYLE_plain, term_clean(a, all[i].ask.by, true));
        table_add(t, STYLE_plain, term_clean(a, all[i].ask.reason, true));
    }
    if (n)
        table_print(t, &x->c->t, 0);
    else
        term_say(&x->c->t, "Nothing waits for a review.\n");
    return true;
}

// ---- decided ----

typedef struct {
    cli *c;
    str verb;
    int64_t id;
    enum concession_review verdict;
    approval_word word;
} deciding;

static bool decide_piece(void *ctx, desk *d, err *e) {
    deciding *x = ctx;
    ledger *l = know_ledger(d->k);
    if (str_eq(x->verb, S("grant"))) return approval_grant(l, x->c->life, x->id, &x->word, e);
    if (str_eq(x->verb, S("decline"))) return approval_decline(l, x->c->life, x->id, &x->word, e);
    if (str_eq(x->verb, S("withdraw"))) return approval_withdraw(l, x->c->life, x->id, &x->word, e);
    return concession_review(l, x->c->life, x->id, x->verdict, x->word.by, x->word.words, e);
}

static bool verdict_in(const cli *c, enum concession_review *out, err *e) {
    static const enum concession_review verdicts[] = {REVIEW_RIGHT, REVIEW_GENEROUS, REVIEW_STRICT};
    for (size_t i = 0; c->args.n == 3 && i < COUNT(verdicts); i++)
        if (str_eq(c->args.v[2], str_c(concession_review_name(verdicts[i])))) return *out = verdicts[i], true;
    return fail(e, ERR_usage, "write heed approval review CONCESSION right|generous|strict");
}

// Whoever holds the store may do everything, and still signs for nothing of their own.
static bool decide(cli *c, const approval_opts *o, str verb, err *e) {
    desk d;
    deciding x = {.c = c, .verb = verb, .word = {redline_me(c), S("owner"), o->reason}};
    bool review = str_eq(verb, S("review"));
    if (c->args.n < 2 || (!review && c->args.n > 2)) return fail(e, ERR_usage, "say which one, by its number");
    if (!cli_id(review ? "a concession" : "a request", c->args.v[1], &x.id, e) ||
        (review && !verdict_in(c, &x.verdict, e)))
        return false;
    if (!desk_open(c, "decide by its address /api/approvals", &d, e)) return false;
    bool ok = desk_run(&d, decide_piece, &x, e);
    if (ok && c->g.json)
        term_say(&c->t, "{\"id\":%" PRId64 ",\"done\":\"%.*s\"}\n", x.id, STR_ARG(verb));
    else if (ok)
        term_say(&c->t, "%s %" PRId64 ": %.*s\n", review ? "Concession" : "Request", x.id,
                 STR_ARG(review ? c->args.v[2] : verb));
    desk_close(&d);
    return ok;
}

static bool run(cli *c, const void *options, err *e) {
    const approval_opts *o = options;
    redline_at x = {.c = c};
    str verb = c->args.n ? c->args.v[0] : S("list");
    int64_t id = 0;
    store *s;
    bool shows = str_eq(verb, S("show")), queue = str_eq(verb, S("review")) && c->args.n == 1;
    bool decides = str_eq(verb, S("grant")) || str_eq(verb, S("decline")) || str_eq(verb, S("withdraw")) ||
                   str_eq(verb, S("review"));
    if (decides && !queue) return decide(c, o, verb, e);
    if (!shows && !queue && !str_eq(verb, S("list")))
        return fail(e, ERR_usage, "'%.*s' is none of its words: list, show, grant, decline, withdraw, review",
                    (int)MIN(verb.len, (size_t)40), verb.s);
    if (shows && (c->args.n != 2 || !cli_id("a request", c->args.v[1], &id, e)))
        return err_ok(e) ? fail(e, ERR_usage, "write heed approval show REQUEST") : false;
    if (!place_read(c, &s, e)) return false;
    bool ok = store_begin_read(s, e) && redline_begin(&x, s, e) &&
              (shows   ? show_run(&x, id, e)
               : queue ? queue_run(&x, o, e)
                       : list_run(&x, o, e));
    store_close(s);
    return ok;
}

const cmd cmd_approval = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(approval_opts),
    .defaults = &defaults,
    .max_args = 3,
    .run = run,
    .more =
        "What is more than a role may concede by itself, or crosses a red line that somebody may sign for, waits here "
        "with a clock that runs in office hours. Granting and declining need a --reason; nobody signs for what they "
        "asked for themselves, and the red lines are asked again at granting. What is granted is reserved for a "
        "day.\n\n"
        "A share of what is given at once is looked at afterwards: 'review' lists it, and 'review CONCESSION "
        "right|generous|strict' says what you think.",
    .examples = "heed approval list\n"
                "heed approval grant 17 --reason 'a good customer, and we were late twice'\n"
                "heed approval review 21 generous --reason 'half would have done'",
    .json = "list: "
            "{\"approvals\":[{\"id\",\"concession\",\"state\",\"kind\",\"customer\",\"costs\",\"signer\",\"asked_by\","
            "\"reason\",\"asked\",\"due\",\"decided_by\",\"decided\",\"words\",\"answer\",\"version\"}]}; show: one of "
            "them; review: {\"concessions\":[…]}; what is decided: {\"id\",\"done\"}",
};
