// Promises that were noticed, how long customers waited, and how all of it is set.
#include <math.h>

#include "act/clocks.h"
#include "act/commitment_rates.h"
#include "know/figure.h"
#include "know/people.h"
#include "know/settings.h"
#include "serve/api_promises.h"
#include "serve/handlers.h"
#include "serve/page.h"
#include "serve/promise_page.h"
#include "serve/server.h"

enum { CLOCKS = 200 };

// ---- proposals ----

static void put_id(json_out *j, const char *key, int64_t id) {
    if (id)
        json_put_int(j, key, id);
    else
        json_put_null(j, key);
}

bool api_put_proposal(call *c, const char *key, const proposal *p, err *e) {
    json_out *j = &c->out;
    people_card to = {.id = p->customer};
    if (to.id && !people_fill(c->a, c->s, &to, 1, e)) return false;
    json_open(j, key, '{');
    json_put_int(j, "id", p->id);
    json_put_str(j, "what", str_c(proposal_what_name(p->what)));
    json_put_str(j, "kind", str_c(commitment_kind_row(p->kind)->name));
    json_put_time(j, "at", p->at_us);
    put_id(j, "customer", to.id);
    if (to.id)
        json_put_str(j, "name", to.name);
    else
        json_put_null(j, "name");
    json_put_str(j, "words", p->words);
    json_put_time(j, "due", p->due_us);
    json_put_str(j, "due_words", p->due_words);
    json_put_str(j, "why", p->why);
    json_put_str(j, "staff", p->staff);
    json_put_bool(j, "conditional", p->conditional);
    if (p->what == PROPOSAL_promise)
        json_put_num(j, "sure", p->sure / 100.0);
    else
        json_put_null(j, "sure");
    json_put_str(j, "state", str_c(proposal_state_name(p->state)));
    put_id(j, "commitment", p->commitment_id);
    json_close(j, '}');
    return true;
}

bool proposals_list(call *c, err *e) {
    paging p;
    enum proposal_state state = PROPOSAL_OPEN;
    proposal_ask ask = {.customer = in_int(c, "customer", 0), .kind = commitment_kind_of(in_str(c, "kind"))};
    proposal *list;
    size_t n;
    if (in_str(c, "kind").len && !ask.kind) return fail_field(c, e, "kind", "'kind' is no kind of commitment");
    if (in_has(c, "state")) proposal_state_of(in_str(c, "state"), &state);
    if (!page_open(c, &p, e)) return false;
    ask.state = (int)state, ask.most = p.limit + 1;
    if (!p.first) ask.after_us = p.after[0], ask.after_id = p.after[1];
    if (!proposal_list(c->a, c->s, &ask, &list, &n, e)) return false;
    size_t shown = MIN(n, (size_t)p.limit);
    for (size_t i = 0; i < shown; i++)
        if (!api_put_proposal(c, NULL, &list[i], e)) return false;
    page_close(c, &p, n > shown, shown ? list[shown - 1].at_us : 0, shown ? list[shown - 1].id : 0);
    return true;
}

bool proposals_decide(call *c, err *e) {
    ledger *l = know_ledger(c->d->k);
    int64_t id, due_us, made;
    proposal p;
    bool accept = str_eq(in_str(c, "what"), S("accept"));
    str by = who_text(c->a, &c->who);
    if (!param_id(c, 0, &id, e) || !api_in_moment(c, "due", true, &due_us, e)) return false;
    if (due_us && !accept) return fail_field(c, e, "due", "'due' is for what is accepted");
    if (accept ? !proposal_accept(l, c->a, id, due_us, by, &made, e) : !proposal_dismiss(l, c->a, id, by, e))
        return false;
    return store_begin(c->s, e) &&
           audit(c, accept ? "proposal.accept" : "proposal.dismiss", str_fmt(c->a, "proposal:%" PRId64, id), S(""),
                 e) &&
           ledger_commit(l, e) && proposal_get(c->a, c->s, id, &p, e) && api_put_proposal(c, NULL, &p, e);
}

bool proposals_counts(call *c, err *e) {
    proposal_counts n;
    if (!proposal_count(c->a, c->s, c->now_us, &n, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "open", n.open);
    json_put_int(&c->out, "accepted", n.accepted);
    json_put_int(&c->out, "dismissed", n.dismissed);
    figure_json(&c->out, "share", &n.share);
    json_close(&c->out, '}');
    return true;
}

// ---- clocks ----

static double minutes(int64_t us) {
    return (double)(us / SECOND_US) / 60;
}

static void put_minutes(json_out *j, const char *key, bool there, int64_t us) {
    json_put_num(j, key, there ? minutes(us) : (double)NAN);
}

static void put_wait(json_out *j, const clocked_wait *w) {
    static const char *const ends[] = {"waiting", "replied", "closed"};
    json_open(j, NULL, '{');
    json_put_time(j, "from", w->from_us);
    json_put_time(j, "to", w->end == CLOCK_WAITING ? 0 : w->to_us);
    json_put_num(j, "minutes", minutes(w->open_us));
    json_put_num(j, "team_minutes", minutes(w->team_us));
    json_put_str(j, "end", str_c(ends[w->end]));
    json_close(j, '}');
}

static void put_clock(json_out *j, const clocked *x) {
    json_open(j, NULL, '{');
    json_put_str(j, "channel", channel_name(x->channel));
    json_put_bool(j, "reopened", x->reopened);
    json_put_str(j, "agreement", x->agreement);
    json_put_time(j, "from", x->start_us);
    json_put_time(j, "replied", x->reply_us);
    json_put_time(j, "solved", x->solved_us);
    put_minutes(j, "reply_minutes", x->reply_us, x->reply_open_us);
    put_minutes(j, "solved_minutes", x->solved_us, x->solved_open_us);
    put_minutes(j, "waiting_minutes", x->waiting_us, x->waiting_open_us);
    json_open(j, "waits", '[');
    for (int i = 0; i < x->n_waits; i++) put_wait(j, &x->waits[i]);
    json_close(j, ']');
    json_close(j, '}');
}

bool customer_clocks(call *c, err *e) {
    int64_t id;
    clocked *list;
    size_t n;
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e) ||
        !clocks_of_customer(c->a, c->s, id, c->now_us, &list, &n, e))
        return false;
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "customer", id);
    json_open(&c->out, "clocks", '[');
    for (size_t i = n; i > 0 && n - i < CLOCKS; i--) put_clock(&c->out, &list[i - 1]);
    json_close(&c->out, ']');
    json_close(&c->out, '}');
    return true;
}

// ---- settings ----

typedef struct {
    bool noticed, page;
    int64_t silence_days;
} told;

static bool read_told(call *c, told *t, err *e) {
    str noticed, page;
    int64_t silence_us;
    if (!settings_get(c->a, c->s, "promises_noticed", &noticed, e) ||
        !settings_get(c->a, c->s, "promises_page", &page, e) || !commitment_silence(c->s, &silence_us, e))
        return false;
    *t = (told){!str_eq(noticed, S("off")), str_eq(page, S("on")), silence_us / DAY_US};
    return true;
}

// Commands change them too, and keep no version: what they are is their version.
static int64_t version_of(const told *t) {
    return 1 + t->noticed + 2 * t->page + 4 * t->silence_days;
}

bool promises_settings(call *c, err *e) {
    told t;
    if (!read_told(c, &t, e)) return false;
    call_etag(c, version_of(&t));
    json_open(&c->out, NULL, '{');
    json_put_bool(&c->out, "noticed", t.noticed);
    json_put_int(&c->out, "silence_days", t.silence_days);
    json_put_bool(&c->out, "page", t.page);
    json_put_int(&c->out, "version", version_of(&t));
    json_close(&c->out, '}');
    return true;
}

static bool put(call *c, const char *name, const char *key, str value, err *e) {
    return !in_has(c, name) || settings_put(c->s, key, value, e);
}

bool promises_change(call *c, err *e) {
    told t;
    int64_t days = in_int(c, "silence_days", 0);
    if (!read_told(c, &t, e) || !call_if_match(c, version_of(&t), e)) return false;
    if (days < 0 || days > 365) return fail_field(c, e, "silence_days", "'silence_days' must be 0 to 365");
    return put(c, "noticed", "promises_noticed", in_bool(c, "noticed") ? S("on") : S("off"), e) &&
           put(c, "page", "promises_page", in_bool(c, "page") ? S("on") : S("off"), e) &&
           put(c, "silence_days", "fix_silence_days", str_fmt(c->a, "%" PRId64, days), e) &&
           audit(c, "promises.change", S("settings"), S(""), e) && promises_settings(c, e);
}

// ---- for everybody ----

bool promises_page(call *c, err *e) {
    told t;
    if (!read_told(c, &t, e)) return false;
    if (!t.page) return fail(e, ERR_not_found, "there is no such page");
    buf *b = page_begin(c, page_word(c, WORD_server_promises_short), PAGE_WIDE);
    if (!store_begin_read(c->s, e) || !promise_page(b, c->a, c->s, page_locale(c), c->now_us, e)) return false;
    page_end(c, b, 200);
    return true;
}
