// heed promise: noting what is promised, what became of it, and what was noticed.
#include "act/commitment_rates.h"
#include "act/proposal.h"
#include "cli/promise.h"
#include "know/figure.h"

enum { SILENCE_MOST = 365 };

static ledger *ledger_of(const promise_task *t) {
    return know_ledger(t->d->k);
}

static bool noted(const promise_task *t, const char *what, int64_t id, int64_t due_us) {
    if (t->c->g.json) {
        reply r;
        reply_open(&r, t->c);
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "commitment", id);
        json_put_str(&r.j, "what", str_c(what));
        if (due_us) reply_time(&r, "due", due_us);
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    term_say(&t->c->t, "Commitment %" PRId64 ": %s", id, what);
    if (due_us) term_say(&t->c->t, ", due %.*s", STR_ARG(promise_when(t, due_us)));
    term_say(&t->c->t, "\n");
    return true;
}

// ---- add ----

// The date that such a promise is kept by, beside the one that is promised.
static void say_offer(const promise_task *t, const commitment_note *n, const commitment_offer *x) {
    if (!x->date_us) {
        term_say(&t->c->t, "  So large a share of this kind was never kept that no date can be offered.\n");
        return;
    }
    term_say(&t->c->t, "  Kept with 90 %%: by %.*s (%.*s known, load %.1f)\n", STR_ARG(promise_when(t, x->date_us)),
             STR_ARG(term_count(t->c->life, x->n)), x->load);
    if (x->why) term_say(&t->c->t, "  %s\n", x->why);
    if (n->due_us >= x->date_us) return;
    term_put(&t->c->t, STYLE_warn, S("  Sooner than is usually kept."));
    term_say(&t->c->t, " To agree on another date: heed promise move %" PRId64 " --due %.*s\n", n->id,
             STR_ARG(say_day(t->c->life, t->z, x->date_us + DAY_US)));
}

static void put_added(const promise_task *t, const commitment_note *n, const commitment_offer *x) {
    reply r;
    reply_open(&r, t->c);
    json_open(&r.j, NULL, '{');
    json_put_int(&r.j, "commitment", n->id);
    json_put_str(&r.j, "kind", str_c(commitment_kind_row(n->kind)->name));
    reply_time(&r, "due", n->due_us);
    reply_time(&r, "kept_with_90", x->date_us);
    json_put_int(&r.j, "n", x->n);
    json_put_bool(&r.j, "manager", x->manager);
    json_put_bool(&r.j, "sooner", x->date_us && n->due_us < x->date_us);
    json_close(&r.j, '}');
    reply_close(&r);
}

bool promise_add(const promise_task *t, err *e) {
    commitment_curves curves;
    commitment_note n = {.what = KIND_commitment_made,
                         .words = str_trim(promise_words_from(t->c, 1)),
                         .owner = t->o->owner,
                         .team = t->o->team,
                         .by = promise_user()};
    if (!promise_kind_asked(t->o->kind, COMMITMENT_promise, &n.kind, e) ||
        !promise_customer_asked(t->o->customer, &n.customer, e) ||
        !promise_time(t, "due", t->o->due, true, &n.due_us, e) || !promise_time(t, "at", t->o->at, false, &n.at_us, e))
        return false;
    if (!n.at_us) n.at_us = t->now_us;
    if (n.due_us && n.due_us < n.at_us) return fail(e, ERR_usage, "--due is before it was made");
    if (!n.due_us && !commitment_due_for(t->c->life, t->s, n.customer, n.kind, n.at_us, &n.due_us, e)) return false;
    if (!t->o->anyway && !commitment_allowed(t->c->life, t->s, &n, S(""), t->now_us, e)) return false;
    if (!commitment_curves_read(t->c->life, t->s, t->now_us, &curves, e)) return false;
    commitment_offer x = commitment_offer_of(t->c->life, &curves, n.kind, 0.9, n.at_us);
    if (!commitment_write(ledger_of(t), t->c->life, &n, e)) return false;
    if (t->c->g.json) return put_added(t, &n, &x), true;
    if (!noted(t, commitment_kind_row(n.kind)->name, n.id, n.due_us)) return false;
    say_offer(t, &n, &x);
    return true;
}

// ---- what became of it ----

bool promise_step(const promise_task *t, err *e) {
    static const struct {
        const char *verb, *done;
        enum kind what;
    } rows[] = {{"keep", "kept", KIND_commitment_kept},
                {"move", "moved", KIND_commitment_moved},
                {"withdraw", "withdrawn by the customer", KIND_commitment_withdrawn},
                {"reopen", "open again", KIND_commitment_reopened},
                {"void", "noted by mistake", KIND_commitment_void},
                {"confirm", "solved, as the customer says", KIND_commitment_confirmed},
                {"sorry", "apologised for", KIND_commitment_apologised}};
    commitment_note n = {.words = promise_words_from(t->c, 2), .by = promise_user()};
    size_t i = 0;
    while (i + 1 < COUNT(rows) && !str_eq(t->c->args.v[0], str_c(rows[i].verb))) i++;
    n.what = rows[i].what;
    if (!cli_id("a commitment", t->c->args.v[1], &n.id, e) || !promise_time(t, "due", t->o->due, true, &n.due_us, e) ||
        !promise_time(t, "at", t->o->at, false, &n.at_us, e))
        return false;
    if ((n.what == KIND_commitment_moved) != (n.due_us != 0))
        return fail(e, ERR_usage, n.due_us ? "--due is for 'move'" : "name the new date: --due 2026-12-04");
    return commitment_write(ledger_of(t), t->c->life, &n, e) && noted(t, rows[i].done, n.id, n.due_us);
}

// ---- what was noticed ----

static void put_proposal(const promise_task *t, reply *r, const proposal *p) {
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "proposal", p->id);
    json_put_str(&r->j, "what", str_c(proposal_what_name(p->what)));
    json_put_str(&r->j, "kind", str_c(commitment_kind_row(p->kind)->name));
    reply_time(r, "at", p->at_us);
    promise_put_id(&r->j, "customer", p->customer);
    promise_put_text(&r->j, "name", promise_name_of(t, p->customer));
    json_put_str(&r->j, "words", p->words);
    reply_time(r, "due", p->due_us);
    json_put_str(&r->j, "staff", p->staff);
    json_put_bool(&r->j, "conditional", p->conditional);
    json_put_str(&r->j, "state", str_c(proposal_state_name(p->state)));
    promise_put_id(&r->j, "commitment", p->commitment_id);
    json_close(&r->j, '}');
}

static void show_proposals(const promise_task *t, const proposal *p, size_t n) {
    static const table_col cols[] = {{"number", true, false}, {"said", false, false},    {"kind", false, false},
                                     {"due", false, false},   {"customer", false, true}, {"words", false, true}};
    arena *a = t->c->life;
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        table_add(out, STYLE_plain, str_fmt(a, "%" PRId64, p[i].id));
        table_add(out, STYLE_plain, promise_when(t, p[i].at_us));
        table_add(out, STYLE_plain,
                  p[i].what == PROPOSAL_reopen
                      ? str_fmt(a, "open %" PRId64 " again?", p[i].commitment_id)
                      : str_fmt(a, "%s%s", commitment_kind_row(p[i].kind)->name, p[i].conditional ? ", if …" : ""));
        table_add(out, STYLE_plain, promise_when(t, p[i].due_us));
        table_add(out, STYLE_bold, term_clean(a, promise_name_of(t, p[i].customer), true));
        table_add(out, STYLE_plain, term_clean(a, p[i].words, true));
    }
    if (n)
        table_print(out, &t->c->t, 0);
    else
        term_say(&t->c->t, "Nothing was noticed that waits for you.\n");
}

bool promise_proposals(const promise_task *t, err *e) {
    enum proposal_state state = PROPOSAL_OPEN;
    proposal_ask ask = {.most = t->o->limit ? t->o->limit : 10000};
    proposal_counts counts;
    proposal *p;
    size_t n;
    if (!promise_kind_asked(t->o->kind, COMMITMENT_none, &ask.kind, e) ||
        !promise_customer_asked(t->o->customer, &ask.customer, e))
        return false;
    if (t->o->status.len && !proposal_state_of(t->o->status, &state))
        return fail(e, ERR_usage, "--status of proposals is open, accepted or dismissed");
    ask.state = (int)state;
    if (!proposal_list(t->c->life, t->s, &ask, &p, &n, e) || !proposal_count(t->c->life, t->s, t->now_us, &counts, e))
        return false;
    if (t->c->g.json) {
        reply r;
        reply_open(&r, t->c);
        json_open(&r.j, NULL, '{');
        json_open(&r.j, "proposals", '[');
        for (size_t i = 0; i < n; i++) put_proposal(t, &r, &p[i]), reply_some(&r);
        json_close(&r.j, ']');
        json_put_int(&r.j, "open", counts.open);
        json_put_int(&r.j, "accepted", counts.accepted);
        json_put_int(&r.j, "dismissed", counts.dismissed);
        figure_json(&r.j, "share", &counts.share);
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    settings_mark(t->c, &t->set);
    show_proposals(t, p, n);
    if (counts.accepted + counts.dismissed)
        term_say(&t->c->t, "Accepted of those decided in the last 90 days: %.*s of %.*s (%.*s).\n",
                 STR_ARG(term_count(t->c->life, counts.accepted)),
                 STR_ARG(term_count(t->c->life, counts.accepted + counts.dismissed)),
                 STR_ARG(figure_range(t->c->life, UNIT_SHARE, &counts.share)));
    if (n) term_say(&t->c->t, "heed promise accept NUMBER …, or heed promise dismiss NUMBER …\n");
    return true;
}

bool promise_accept(const promise_task *t, err *e) {
    bool accept = str_eq(t->c->args.v[0], S("accept"));
    int64_t due_us, id, made = 0;
    if (!promise_time(t, "due", t->o->due, true, &due_us, e)) return false;
    if (due_us && !accept) return fail(e, ERR_usage, "--due is for 'accept'");
    for (size_t i = 1; i < t->c->args.n; i++) {
        if (!cli_id("a proposal", t->c->args.v[i], &id, e)) return false;
        if (!accept && !proposal_dismiss(ledger_of(t), t->c->life, id, promise_user(), e)) return false;
        if (accept && !proposal_accept(ledger_of(t), t->c->life, id, due_us, promise_user(), &made, e)) return false;
        if (accept && !noted(t, "accepted", made, 0)) return false;
        if (!accept && t->c->g.json) term_say(&t->c->t, "{\"dismissed\":%" PRId64 "}\n", id);
        if (!accept && !t->c->g.json) term_say(&t->c->t, "Dismissed: %" PRId64 "\n", id);
    }
    return true;
}

// ---- settings ----

bool promise_settings_show(const promise_task *t, err *e) {
    str noticed, page;
    int64_t silence_us;
    if (!settings_get(t->c->life, t->s, "promises_noticed", &noticed, e) ||
        !settings_get(t->c->life, t->s, "promises_page", &page, e) || !commitment_silence(t->s, &silence_us, e))
        return false;
    bool reads = !str_eq(noticed, S("off")), shown = str_eq(page, S("on"));
    if (t->c->g.json) {
        reply r;
        reply_open(&r, t->c);
        json_open(&r.j, NULL, '{');
        json_put_bool(&r.j, "noticed", reads);
        json_put_bool(&r.j, "page", shown);
        json_put_int(&r.j, "silence_days", silence_us / DAY_US);
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    term_say(&t->c->t, "noticed  %s  what we write is read for promises\n", reads ? "on " : "off");
    term_say(&t->c->t, "page     %s  /promises is there for everybody\n", shown ? "on " : "off");
    term_say(&t->c->t, "silence  %-3" PRId64 "  days that a customer may object to a fix\n", silence_us / DAY_US);
    return true;
}

static bool put_setting(void *ctx, desk *d, err *e) {
    const promise_task *t = ctx;
    str name = t->c->args.v[1], value = t->c->args.v[2];
    int64_t days;
    bool on_off = str_eq(value, S("on")) || str_eq(value, S("off"));
    if (str_eq(name, S("silence")) && str_i64(value, &days) && days >= 0 && days <= SILENCE_MOST)
        return settings_put(d->s, "fix_silence_days", value, e);
    if (str_eq(name, S("page")) && on_off) return settings_put(d->s, "promises_page", value, e);
    if (str_eq(name, S("noticed")) && on_off) return settings_put(d->s, "promises_noticed", value, e);
    return fail(e, ERR_usage, "write heed promise settings page on|off, noticed on|off, or silence DAYS (0 to 365)");
}

bool promise_settings_set(const promise_task *t, err *e) {
    return desk_run(t->d, put_setting, (void *)(uintptr_t)t, e) && promise_settings_show(t, e);
}
