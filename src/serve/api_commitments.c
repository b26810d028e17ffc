// What we owe: listed, made, moved, kept; rates, dates that can be offered, and what is due or at risk.
#include "act/commitment_note.h"
#include "act/commitment_rates.h"
#include "act/preference.h"
#include "base/civil.h"
#include "know/figure.h"
#include "know/fold.h"
#include "know/people.h"
#include "serve/api_promises.h"
#include "serve/handlers.h"
#include "serve/server.h"
#include "sql/act.h"

enum { RATES_DAYS = 90 };

static void put_text(json_out *j, const char *key, str v) {
    if (v.len)
        json_put_str(j, key, v);
    else
        json_put_null(j, key);
}

static bool put_commitment(call *c, const char *key, const row *r, err *e) {
    json_out *j = &c->out;
    const commitment own = commitment_read(c->a, r), *x = &own;
    people_card to = {.id = row_int(r, 25)};
    if (to.id && !people_fill(c->a, c->s, &to, 1, e)) return false;
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_str(j, "kind", str_c(commitment_kind_row(x->kind)->name));
    json_put_str(j, "what", x->what);
    if (to.id)
        json_put_int(j, "customer", to.id);
    else
        json_put_null(j, "customer");
    put_text(j, "name", to.name);
    json_put_str(j, "owner", x->owner);
    json_put_str(j, "team", x->team);
    json_put_str(j, "status", str_c(commitment_status_name(commitment_status(x, c->now_us))));
    json_put_time(j, "made", x->made_us);
    json_put_time(j, "due", x->due_us);
    json_put_time(j, "first_due", x->first_due_us);
    json_put_time(j, "judged", x->judged_us);
    json_put_int(j, "moves", x->moves);
    json_put_time(j, "kept", x->kept_us);
    put_text(j, "kept_by", !x->kept_us ? S("") : x->kept_us == x->done_us ? S("event") : S("person"));
    if (x->standard_id)
        json_put_int(j, "standard", x->standard_id);
    else
        json_put_null(j, "standard");
    int64_t silence_us;
    if (!commitment_silence(c->s, &silence_us, e)) return false;
    bool fix = x->kind == COMMITMENT_fix;
    put_text(j, "fix", fix ? str_c(fix_word_name(commitment_fix_word(x, silence_us, c->now_us))) : S(""));
    json_put_int(j, "reopened", x->reopened);
    json_put_time(j, "apologised", x->sorry_us);
    json_close(j, '}');
    return true;
}

// ---- reading ----

static bool in_kind(call *c, enum commitment_kind otherwise, enum commitment_kind *k, err *e) {
    *k = otherwise;
    if (!in_str(c, "kind").len) return true;
    *k = commitment_kind_of(in_str(c, "kind"));
    return *k || fail_field(c, e, "kind",
                            "'kind' is no kind of commitment; promise, reply, callback, delivery, fix, "
                            "refund, task and others are");
}

// A day or a time in the store's zone; 0 when it is not given.
static bool in_moment(call *c, const char *name, int64_t *at_us, err *e) {
    zone *z;
    *at_us = 0;
    if (!in_str(c, name).len) return true;
    if (!store_zone(c->s, c->a, &z, e)) return false;
    return time_asked(in_str(c, name), z, c->now_us, at_us) || fail_field(c, e, name, "'%s' is no day or time", name);
}

// A date is kept until its day is over.
static bool in_due(call *c, int64_t *due_us, err *e) {
    zone *z;
    if (!in_moment(c, "due", due_us, e) || !*due_us || in_str(c, "due").len != sizeof "2026-11-06" - 1)
        return err_ok(e);
    if (!store_zone(c->s, c->a, &z, e)) return false;
    *due_us = zone_day_start_us(z, zone_days(z, *due_us) + 1) - SECOND_US;
    return true;
}

bool commitments_list(call *c, err *e) {
    paging p;
    enum commitment_kind kind;
    enum commitment_status status = OWED_open;
    int64_t before, made_us = 0, id = 0, n = 0;
    bool some = in_has(c, "status") && commitment_status_of(in_str(c, "status"), &status);
    if (!in_kind(c, COMMITMENT_none, &kind, e) || !in_moment(c, "due_before", &before, e) || !page_open(c, &p, e))
        return false;
    row r =
        store_query(c->s, Q_commitment_list, e, "iiiiitiiii", p.first ? INT64_MAX : p.after[0],
                    p.first ? INT64_MAX : p.after[1], c->now_us, some ? (int64_t)status : INT64_C(-1), (int64_t)kind,
                    in_str(c, "owner"), in_int(c, "customer", 0), before, p.limit + 1, in_int(c, "standard", 0));
    for (; row_next(&r); n++) {
        if (n >= p.limit) continue;
        id = row_int(&r, 0), made_us = row_int(&r, 7);
        if (!put_commitment(c, NULL, &r, e)) return row_end(&r), false;
    }
    page_close(c, &p, n > p.limit, made_us, id);
    return err_ok(e);
}

static bool put_one(call *c, const char *key, int64_t id, err *e) {
    bool found = false;
    for (row r = store_query(c->s, Q_commitment_show, e, "i", id); row_next(&r);) {
        if (!put_commitment(c, key, &r, e)) return row_end(&r), false;
        found = true;
    }
    if (err_ok(e) && !found) return fail(e, ERR_not_found, "there is no commitment %" PRId64, id);
    return err_ok(e);
}

// Where there is no address of ours, or no link was made yet, there is none.
static bool put_link(call *c, int64_t id, err *e) {
    commitment x;
    err quiet = {0};
    str url = S("");
    if (!commitment_get(c->a, c->s, id, &x, e)) return false;
    if (x.kind == COMMITMENT_fix && !x.withdrawn_us && !x.void_us && !fix_url(c->a, c->s, id, &url, &quiet))
        url = S("");
    put_text(&c->out, "confirm_url", url);
    return true;
}

bool commitments_show(call *c, err *e) {
    int64_t id;
    commitment_step *steps;
    size_t n;
    if (!param_id(c, 0, &id, e)) return false;
    json_open(&c->out, NULL, '{');
    if (!put_one(c, "commitment", id, e) || !commitment_steps(c->a, c->s, id, &steps, &n, e)) return false;
    json_open(&c->out, "steps", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&c->out, NULL, '{');
        json_put_time(&c->out, "at", steps[i].at_us);
        json_put_str(&c->out, "what", kind_name(steps[i].what));
        json_put_time(&c->out, "due", steps[i].due_us);
        json_put_str(&c->out, "words", steps[i].words);
        json_put_str(&c->out, "staff", steps[i].owner);
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    proposal p;
    bool noticed;
    if (!proposal_of(c->a, c->s, id, &p, &noticed, e)) return false;
    if (!noticed)
        json_put_null(&c->out, "noticed");
    else if (!api_put_proposal(c, "noticed", &p, e))
        return false;
    bool ok = put_link(c, id, e);
    json_close(&c->out, '}');
    return ok;
}

// ---- writing ----

// The event is stored by now; its note follows in a transaction of its own.
static bool note(call *c, const char *action, const commitment_note *n, err *e) {
    str detail = str_fmt(c->a, "{\"kind\":\"%s\"}", commitment_kind_row(n->kind)->name);
    return store_begin(c->s, e) && (n->kind != COMMITMENT_fix || preference_key_make(know_ledger(c->d->k), e)) &&
           audit(c, action, str_fmt(c->a, "commitment:%" PRId64, n->id), detail, e) &&
           ledger_commit(know_ledger(c->d->k), e) && put_one(c, NULL, n->id, e);
}

// What is promised now passes the red lines; what was promised already is noted as it was.
static bool may_promise(call *c, const commitment_note *n, err *e) {
    return in_has(c, "made") || commitment_allowed(c->a, c->s, n, c->who.role, c->now_us, e);
}

bool commitments_make(call *c, err *e) {
    commitment_note n = {.what = KIND_commitment_made,
                         .customer = in_int(c, "customer", 0),
                         .words = str_trim(in_str(c, "what")),
                         .owner = in_str(c, "owner"),
                         .team = in_str(c, "team"),
                         .by = who_text(c->a, &c->who)};
    if (!in_kind(c, COMMITMENT_promise, &n.kind, e) || !in_due(c, &n.due_us, e) || !in_moment(c, "made", &n.at_us, e))
        return false;
    if (!n.words.len) return fail_field(c, e, "what", "'what' needs the words in which it was promised");
    if (!n.at_us) n.at_us = c->now_us;
    if (n.due_us && n.due_us < n.at_us) return fail_field(c, e, "due", "'due' is before it was made");
    if (!n.due_us && !commitment_due_for(c->a, c->s, n.customer, n.kind, n.at_us, &n.due_us, e)) return false;
    if (!may_promise(c, &n, e) || !commitment_write(know_ledger(c->d->k), c->a, &n, e)) return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/commitments/%" PRId64, n.id));
    return note(c, "commitment.make", &n, e);
}

bool commitments_step(call *c, err *e) {
    static const struct {
        const char *what, *action;
        enum kind kind;
    } words[] = {{"kept", "commitment.keep", KIND_commitment_kept},
                 {"moved", "commitment.move", KIND_commitment_moved},
                 {"withdrawn", "commitment.withdraw", KIND_commitment_withdrawn},
                 {"reopened", "commitment.reopen", KIND_commitment_reopened},
                 {"void", "commitment.void", KIND_commitment_void},
                 {"confirmed", "commitment.confirm", KIND_commitment_confirmed},
                 {"apologised", "commitment.apologise", KIND_commitment_apologised}};
    commitment_note n = {.words = in_str(c, "words"), .by = who_text(c->a, &c->who)};
    size_t i = 0;
    while (i + 1 < COUNT(words) && !str_eq(in_str(c, "what"), str_c(words[i].what))) i++;
    n.what = words[i].kind;
    if (!param_id(c, 0, &n.id, e) || !in_due(c, &n.due_us, e) || !in_moment(c, "at", &n.at_us, e)) return false;
    if ((n.what == KIND_commitment_moved) != (n.due_us != 0))
        return fail_field(c, e, "due", n.due_us ? "'due' is for what is moved" : "'due' names the new date");
    return commitment_write(know_ledger(c->d->k), c->a, &n, e) && note(c, words[i].action, &n, e);
}

// ---- figures ----

static void put_rate(json_out *j, const commitment_rate *r) {
    json_open(j, NULL, '{');
    json_put_str(j, "group", r->group);
    if (r->standard)
        json_put_int(j, "standard", r->standard);
    else
        json_put_null(j, "standard");
    json_put_int(j, "due", r->due);
    json_put_int(j, "kept", r->kept);
    json_put_int(j, "renegotiated", r->renegotiated);
    json_put_int(j, "late", r->late);
    json_put_int(j, "open", r->open);
    figure_json(j, "rate", &r->share);
    figure_json(j, "late_rate", &r->late_share);
    json_put_num(j, "late_days", r->late_days);
    json_put_int(j, "confirmed", r->confirmed);
    json_put_int(j, "silent", r->silent);
    json_put_int(j, "waiting", r->waiting);
    json_put_int(j, "reopened", r->reopened);
    json_close(j, '}');
}

static void put_times(call *c, const commitment_curves *curves) {
    json_open(&c->out, "times", '[');
    for (int k = COMMITMENT_none + 1; k < COMMITMENT_KINDS; k++) {
        const commitment_curve *x = &curves->of[k];
        if (!x->fit.n) continue;
        estimate half = survival_quantile(c->a, &x->fit, 0.5), most = survival_quantile(c->a, &x->fit, 0.9);
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "kind", str_c(commitment_kind_row((enum commitment_kind)k)->name));
        json_put_int(&c->out, "open", x->open);
        figure_json(&c->out, "half_days", &half);
        figure_json(&c->out, "most_days", &most);
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
}

bool commitments_rates(call *c, err *e) {
    static const char *const names[] = {"all", "kind", "team", "segment", "standard"};
    commitment_rate *rates;
    commitment_curves curves;
    size_t n, by = 0;
    int64_t since;
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(in_str(c, "by"), str_c(names[i]))) by = i;
    if (!in_moment(c, "since", &since, e)) return false;
    if (!since) since = c->now_us - RATES_DAYS * DAY_US;
    if (!store_begin_read(c->s, e) ||
        !commitment_rates(c->a, c->s, (enum rates_by)by, since, c->now_us, &rates, &n, e) ||
        !commitment_curves_read(c->a, c->s, c->now_us, &curves, e))
        return false;
    json_open(&c->out, NULL, '{');
    json_put_time(&c->out, "since", since);
    json_put_time(&c->out, "until", c->now_us);
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++) put_rate(&c->out, &rates[i]);
    json_close(&c->out, ']');
    put_times(c, &curves);
    json_close(&c->out, '}');
    return true;
}

bool commitments_offer(call *c, err *e) {
    enum commitment_kind kind;
    commitment_curves curves;
    double chance = in_has(c, "chance") ? json_number_value(json_object_get(c->in, "chance")) : 0.9;
    if (!in_kind(c, COMMITMENT_promise, &kind, e)) return false;
    if (chance <= 0 || chance >= 1) return fail_field(c, e, "chance", "'chance' must be above 0 and below 1");
    if (!commitment_curves_read(c->a, c->s, c->now_us, &curves, e)) return false;
    commitment_offer o = commitment_offer_of(c->a, &curves, kind, chance, c->now_us);
    json_open(&c->out, NULL, '{');
    json_put_str(&c->out, "kind", str_c(commitment_kind_row(kind)->name));
    json_put_num(&c->out, "chance", chance);
    json_put_time(&c->out, "date", o.date_us);
    json_put_num(&c->out, "days", o.days);
    json_put_num(&c->out, "load", o.load);
    json_put_int(&c->out, "n", o.n);
    json_put_bool(&c->out, "manager", o.manager);
    put_text(&c->out, "why", str_c(o.why));
    json_close(&c->out, '}');
    return true;
}

static void put_watched(json_out *j, const char *key, const commitment_watched *w, size_t n) {
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_int(j, "id", w[i].id);
        json_put_str(j, "kind", str_c(commitment_kind_row(w[i].kind)->name));
        json_put_time(j, "made", w[i].made_us);
        json_put_time(j, "judged", w[i].judged_us);
        json_put_num(j, "late", w[i].late);
        json_close(j, '}');
    }
    json_close(j, ']');
}

bool commitments_watch(call *c, err *e) {
    commitment_curves curves;
    commitment_watch w;
    if (!store_begin_read(c->s, e) || !commitment_curves_read(c->a, c->s, c->now_us, &curves, e) ||
        !commitment_watch_read(c->a, c->s, &curves, &(commitment_watch_ask){.now_us = c->now_us}, &w, e))
        return false;
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "due", w.due);
    put_watched(&c->out, "oldest", w.oldest, w.n_oldest);
    json_put_int(&c->out, "ahead", w.ahead);
    json_put_int(&c->out, "at_risk", w.risky_count);
    put_watched(&c->out, "risky", w.risky, w.n_risky);
    json_close(&c->out, '}');
    return true;
}
