// heed dissatisfied: who is dissatisfied, why, since when, what is at stake; and how right that is.
#include "cli/dissatisfied_cmd.h"

#include "know/stages.h"

static const opt opts[] = {
    {"signal", 0, OPT_TEXT, offsetof(dissatisfied_opts, signal), "NAME",
     "list: only customers with this sign; 'figures' names them all"},
    {"all", 0, OPT_FLAG, offsetof(dissatisfied_opts, all), NULL,
     "list: also those whose signs are too weak to be sure"},
    {"limit", 0, OPT_NUMBER, offsetof(dissatisfied_opts, limit), "N", "show so many at most; 10 unless said"},
};

static const dissatisfied_opts defaults = {.limit = 10};

// ---- what a person says ----

typedef struct {
    int64_t customer;
    str undo;
} told;

static bool take_said(care *k, bool blind, err *e) {
    cli *c = k->at.c;
    told *x = k->kept = make(c->life, told, 1);
    const enum judged_says says = judged_of(c->args.v[2]);
    if (!says || (blind && says == JUDGED_settled))
        return fail(e, ERR_usage, blind ? "say yes, no or unsure" : "say yes, no, unsure or settled");
    return customer_in(&k->at, c->args.v[1], &x->customer, e) &&
           dissatisfied_say(know_ledger(k->d->k), c->life, x->customer, says, blind ? topic_month(k->at.now_us) : 0,
                            str_fmt(c->life, "person:%.*s", STR_ARG(k->by)), &x->undo, e) &&
           store_begin(k->d->s, e) &&
           care_note(k, "dissatisfied.say", str_fmt(c->life, "customer:%" PRId64, x->customer), e) &&
           ledger_commit(know_ledger(k->d->k), e);
}

static bool say_run(care *k, err *e) {
    return take_said(k, false, e);
}

static bool judge_run(care *k, err *e) {
    return take_said(k, true, e);
}

static bool undo_run(care *k, err *e) {
    cli *c = k->at.c;
    told *x = k->kept = make(c->life, told, 1);
    return customer_in(&k->at, c->args.v[1], &x->customer, e) &&
           dissatisfied_unsay(know_ledger(k->d->k), c->life, x->customer, c->args.v[2],
                              str_fmt(c->life, "person:%.*s", STR_ARG(k->by)), e) &&
           store_begin(k->d->s, e) &&
           care_note(k, "dissatisfied.undo", str_fmt(c->life, "customer:%" PRId64, x->customer), e) &&
           ledger_commit(know_ledger(k->d->k), e);
}

static bool told_say(care *k, err *e) {
    const told *x = k->kept;
    cli *c = k->at.c;
    (void)e;
    if (c->g.json) {
        reply r;
        reply_open(&r, c), json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "customer", x->customer);
        json_put_str(&r.j, "undo", x->undo);
        json_close(&r.j, '}'), reply_close(&r);
    } else if (x->undo.len)
        term_say(&c->t, "Noted. heed dissatisfied undo %" PRId64 " %.*s takes it back.\n", x->customer,
                 STR_ARG(x->undo));
    else
        term_say(&c->t, "Taken back.\n");
    return true;
}

// ---- the month's sample ----

static bool draw_run(care *k, err *e) {
    dissatisfied_sample *x = k->kept = make(k->at.c->life, dissatisfied_sample, 1);
    bool due;
    if (!dissatisfied_due(k->d->s, k->at.now_us, &due, e)) return false;
    if (!due) return fail(e, ERR_conflict, "this month's sample is drawn already: heed dissatisfied audit");
    return dissatisfied_draw(k->at.c->life, k->d->s, k->at.now_us, x, e) && dissatisfied_keep(k->d->s, x, e);
}

static bool draw_say(care *k, err *e) {
    const dissatisfied_sample *x = k->kept;
    cli *c = k->at.c;
    (void)e;
    if (c->g.json) {
        reply r;
        reply_open(&r, c), json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "month", topic_month_text(c->life, x->of.month));
        json_put_int(&r.j, "drawn", (int64_t)x->n);
        json_close(&r.j, '}'), reply_close(&r);
    } else if (x->n)
        term_say(&c->t, "Drawn: %zu customers, to be judged by heed dissatisfied audit.\n", x->n);
    else
        term_say(&c->t, "There is nobody yet who could be judged.\n");
    return true;
}

static const care_verb verbs[] = {
    {"list", "", 1, 1, dissatisfied_list_run, NULL, NULL, NULL},
    {"figures", "", 1, 1, dissatisfied_figures_run, NULL, NULL, NULL},
    {"audit", "", 1, 1, dissatisfied_audit_run, NULL, NULL, NULL},
    {"judge", " CUSTOMER yes|no|unsure", 3, 3, NULL, NULL, judge_run, told_say},
    {"say", " CUSTOMER yes|no|unsure|settled", 3, 3, NULL, NULL, say_run, told_say},
    {"undo", " CUSTOMER UNDO", 3, 3, NULL, NULL, undo_run, told_say},
    {"draw", "", 1, 1, NULL, draw_run, NULL, draw_say},
};

static bool run(cli *c, const void *options, err *e) {
    return care_run(c, options, verbs, COUNT(verbs), "do it by its address /api/dissatisfied", e);
}

const cmd cmd_dissatisfied = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(dissatisfied_opts),
    .defaults = &defaults,
    .max_args = 3,
    .run = run,
    .more = "Who is likelier dissatisfied than not, by all signs together: bad scores, complaints, unhappy words, "
            "coming again "
            "and again, promises not kept, returns, contracts that end, silence. Each with its signs, since when, what "
            "is at "
            "stake, and what was done since. A customer leaves the list when something good followed, or when somebody "
            "says "
            "'no' or 'settled'.\n\n"
            "'figures' says how right that is: what became of those who were listed, and what people said of a sample "
            "drawn by "
            "chance each month, from which follows how many of the dissatisfied are found. 'audit' shows whom of the "
            "sample "
            "nobody has judged yet, without what heed thinks; 'judge' takes an answer. What is said of somebody on the "
            "list "
            "('say') decides about them alone. docs/dissatisfied.md tells more.",
    .examples = "heed dissatisfied\n"
                "heed dissatisfied list --signal broken_promise\n"
                "heed dissatisfied say 4711 settled\n"
                "heed dissatisfied audit\n"
                "heed dissatisfied judge 4711 yes\n"
                "heed dissatisfied figures",
    .json = "list: {\"now\",\"population\",\"listed\",\"weak\",\"customers\":[{\"customer\",\"name\",\"chance\","
            "\"since\",\"at_stake\",\"currency\",\"signs\":[{\"signal\",\"at\",\"words\"}]}]}; figures: {\"months\","
            "\"precision\",\"recall\",\"signals\":[…],\"later\":[…]}; audit: {\"month\",\"waiting\",\"customers\"}; "
            "judge, say, undo: {\"customer\",\"undo\"}; draw: {\"month\",\"drawn\"}",
};
