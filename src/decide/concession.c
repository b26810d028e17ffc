// The two steps. Everything here runs in a transaction of the one writer, so what a check says still holds when the
// reservation is written.
#include "decide/concession_private.h"

#include "know/fold.h"
#include "sql/decide_redline.h"

enum { KEEP_US = 15 * 60 * 1000000, ANSWER_BYTES = 1 << 18 };

// Sums for each customer alone.
static bool line_is_personal(enum redline_kind k) {
    return k == REDLINE_service || k == REDLINE_times;
}

// Sums concessions at all.
static bool line_counts(enum redline_kind k) {
    return line_is_personal(k) || k == REDLINE_budget;
}

// ---- what lines sum ----

// What comes to be given, and what to be reserved; below zero: no more.
typedef struct {
    int64_t given, held;
} moved;

static bool add_sums(store *s, int64_t line, int64_t from_us, int64_t profile, int64_t costs, moved n, err *e) {
    int64_t spent = n.given * costs, held = n.held * costs;
    return store_run(s, Q_redline_sum_add, NULL, e, "iiiiii", line, from_us, spent, n.given, held, n.held) &&
           (!profile || store_run(s, Q_redline_person_add, NULL, e, "iiiiiii", line, from_us, profile, spent, n.given,
                                  held, n.held));
}

bool concession_count(store *s, const redline *x, const period_span *in, const concession *c, err *e) {
    bool held = c->state == CONCESSION_RESERVED, personal = line_is_personal(x->kind);
    if (!line_counts(x->kind) || (personal && !c->profile)) return true;
    int64_t profile = personal ? c->profile : 0;
    return store_run(s, Q_concession_line_put, NULL, e, "iiiiiii", x->id, in->from_us, c->id, profile, c->costs,
                     (int64_t)held, c->keep_us) &&
           add_sums(s, x->id, in->from_us, profile, c->costs, (moved){!held, held}, e);
}

bool concession_count_all(store *s, const checking *k, const concession *c, err *e) {
    for (size_t i = 0; i < k->n; i++) {
        const standing *x = &k->lines[i];
        const redline *line = &x->line;
        period_span in = x->period;
        zone *z;
        arena scratch = *k->a;
        if (!line_counts(line->kind) || (line->currency && line->currency != c->ask.currency)) continue;
        if (!x->begun && (!store_zone(s, &scratch, &z, e) || !redline_period(s, z, line, k->now_us, &in, e)))
            return false;
        if (!concession_count(s, line, &in, c, e)) return false;
    }
    return true;
}

typedef struct {
    int64_t line, from_us, profile, costs;
    bool held;
} counted_line;

static bool read_counted(arena *a, store *s, int64_t id, counted_line **out, size_t *n, err *e) {
    *out = make(a, counted_line, REDLINES_MOST), *n = 0;
    for (row r = store_query(s, Q_concession_lines_of, e, "i", id); row_next(&r);)
        if (*n < REDLINES_MOST)
            (*out)[(*n)++] =
                (counted_line){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2), row_int(&r, 3), row_int(&r, 4) != 0};
    return err_ok(e);
}

static bool commit_counted(store *s, arena scratch, int64_t id, err *e) {
    counted_line *x;
    size_t n;
    if (!read_counted(&scratch, s, id, &x, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (x[i].held && !add_sums(s, x[i].line, x[i].from_us, x[i].profile, x[i].costs, (moved){1, -1}, e))
            return false;
    return store_run(s, Q_concession_lines_commit, NULL, e, "i", id);
}

bool concession_uncount(store *s, arena scratch, int64_t id, err *e) {
    counted_line *x;
    size_t n;
    if (!read_counted(&scratch, s, id, &x, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (!add_sums(s, x[i].line, x[i].from_us, x[i].profile, x[i].costs, x[i].held ? (moved){0, -1} : (moved){-1, 0},
                      e))
            return false;
    return store_run(s, Q_concession_lines_drop, NULL, e, "i", id);
}

// ---- reserve ----

static int64_t print_of(const concession_new *n) {
    const concession_ask *q = &n->ask;
    const int64_t figures[] = {q->kind,   q->customer, q->currency, q->price,  q->discount, q->discount_bp, q->cost,
                               q->amount, q->units,    q->promise,  q->due_us, q->policy,   q->service};
    uint64_t h = str_hash((str){(const char *)figures, sizeof figures});
    const str texts[] = {q->product, q->channel, q->role, q->by};
    for (size_t i = 0; i < COUNT(texts); i++) h = str_hash2(h, texts[i]);
    return (int64_t)h;
}

static int64_t clock_of(ledger *l) {
    const world *w = ledger_world(l);
    return w->now_us(w);
}

// What was answered to the same key before.
static bool made_before(arena *a, ledger *l, const concession_new *n, concession_made *out, bool *found, err *e) {
    store *s = ledger_store(l);
    int64_t print = 0;
    concession c;
    *found = false;
    if (!n->key.len) return true;
    for (row r = store_query(s, Q_concession_of_key, e, "t", n->key); row_next(&r); *found = true)
        out->id = row_int(&r, 0), print = row_int(&r, 1);
    if (!err_ok(e) || !*found) return err_ok(e);
    if (print != print_of(n))
        return fail(e, ERR_conflict, "the key \"%.*s\" was used for something else; take another one",
                    (int)MIN(n->key.len, (size_t)80), n->key.s);
    if (!concession_get(a, s, out->id, clock_of(l), &c, e)) return false;
    out->state = c.state;
    out->answer =
        (redline_answer){.verdict = c.verdict, .signer = c.signer, .costs = c.costs, .currency = c.ask.currency};
    return store_int(s, Q_approval_of_concession, &out->approval, 0, e, "i", out->id);
}

static str answer_text(arena *a, const redline_answer *x) {
    buf b = buf_new(a, ANSWER_BYTES);
    json_out j = json_to(&b);
    redline_answer_json(&j, NULL, x);
    return b.full ? S("{}") : buf_str(&b);
}

static bool write_new(store *s, const concession *c, err *e) {
    const concession_ask *q = &c->ask;
    return store_run(s, Q_concession_put, NULL, e, "iiiittttiiiiiiiiiitiittiitiii", c->id, (int64_t)c->state,
                     (int64_t)q->kind, q->customer, q->product, q->channel, q->role, q->by, (int64_t)q->currency,
                     q->price, q->discount, q->cost, q->service, q->amount, (int64_t)q->units, (int64_t)q->promise,
                     q->due_us, q->policy, q->reason, c->costs, (int64_t)c->verdict, c->signer, c->lines, c->at_us,
                     c->keep_us, c->key, c->print, (int64_t)c->review, (int64_t)c->sample);
}

// Of those given at once a share is looked at afterwards; which ones depends on their number, so nobody can choose.
static int sampled(const checking *k, int64_t id) {
    if (!k->has_envelope || !k->env.review_bp) return REVIEW_NONE;
    uint64_t h = str_hash2((uint64_t)id, S("review"));
    return (int64_t)(h % 10000) < k->env.review_bp ? REVIEW_WAITING : REVIEW_NONE;
}

static enum concession_state state_of(const concession_new *n, const redline_answer *x) {
    if (x->verdict == REDLINE_ALLOWED) return CONCESSION_RESERVED;
    return x->verdict == REDLINE_SIGNATURE && !n->no_approval ? CONCESSION_WAITING : CONCESSION_DECLINED;
}

bool concession_reserve(ledger *l, arena *a, const concession_new *n, concession_made *out, err *e) {
    store *s = ledger_store(l);
    checking k;
    bool found;
    int64_t now = clock_of(l);
    *out = (concession_made){0};
    if (!made_before(a, l, n, out, &found, e) || found) return err_ok(e);
    if (!checking_open(&k, a, s, &n->ask, now, e) || !checking_judge(&k, &k.ask, &out->answer, e)) return false;
    out->answer.assumed = buf_str(&k.assumed);
    if (out->answer.verdict != REDLINE_ALLOWED && !checking_instead(&k, &out->answer, e)) return false;
    if (!ledger_id(l, &out->id, e)) return false;
    out->state = state_of(n, &out->answer);
    concession c = {.id = out->id,
                    .state = out->state,
                    .ask = k.ask,
                    .profile = k.ask.customer,
                    .costs = out->answer.costs,
                    .verdict = out->answer.verdict,
                    .signer = out->answer.signer,
                    .lines = answer_text(a, &out->answer),
                    .at_us = now,
                    .keep_us = now + (n->keep_us ? n->keep_us : (int64_t)KEEP_US),
                    .key = n->key,
                    .sample = n->sample,
                    .print = print_of(n),
                    .review = out->state == CONCESSION_RESERVED ? sampled(&k, out->id) : REVIEW_NONE};
    if (!write_new(s, &c, e)) return false;
    if (c.state == CONCESSION_RESERVED) return concession_count_all(s, &k, &c, e);
    return c.state != CONCESSION_WAITING || approval_make(l, *a, &c, &k, &out->approval, e);
}

// ---- what becomes of it ----

static bool find(ledger *l, arena *a, int64_t id, concession *c, err *e) {
    if (concession_get(a, ledger_store(l), id, clock_of(l), c, e)) return true;
    return err_ok(e) ? fail(e, ERR_not_found, "there is no concession %" PRId64, id) : false;
}

static bool not_so(const concession *c, const char *must, err *e) {
    return fail(e, ERR_conflict, "concession %" PRId64 " is %s and not %s", c->id, concession_state_name(c->state),
                must);
}

static bool ends(ledger *l, const concession *c, enum concession_state how, str by, str reason, int told, err *e) {
    return store_run(ledger_store(l), Q_concession_state, NULL, e, "iiitti", c->id, (int64_t)how, clock_of(l), by,
                     reason, (int64_t)told);
}

bool concession_commit(ledger *l, arena *a, int64_t id, str by, err *e) {
    concession c;
    if (!find(l, a, id, &c, e)) return false;
    if (c.state == CONCESSION_COMMITTED) return true;
    if (c.state != CONCESSION_RESERVED) return not_so(&c, "reserved", e);
    return commit_counted(ledger_store(l), *a, id, e) && ends(l, &c, CONCESSION_COMMITTED, by, S(""), 1, e);
}

bool concession_release(ledger *l, arena *a, int64_t id, str by, err *e) {
    concession c;
    if (!find(l, a, id, &c, e)) return false;
    if (c.state == CONCESSION_RELEASED) return true;
    if (c.state != CONCESSION_RESERVED && c.state != CONCESSION_WAITING && c.state != CONCESSION_EXPIRED)
        return not_so(&c, "reserved", e);
    if (c.state == CONCESSION_EXPIRED) return true; // it counts nowhere any more
    return concession_uncount(ledger_store(l), *a, id, e) && ends(l, &c, CONCESSION_RELEASED, by, S(""), -1, e) &&
           (c.state != CONCESSION_WAITING || approval_close(l, id, APPROVAL_WITHDRAWN, by, S(""), e));
}

bool concession_reverse(ledger *l, arena *a, int64_t id, str by, str reason, err *e) {
    concession c;
    if (!find(l, a, id, &c, e)) return false;
    if (c.state == CONCESSION_REVERSED) return true;
    if (c.state != CONCESSION_COMMITTED) return not_so(&c, "committed", e);
    if (!str_trim(reason).len) return fail(e, ERR_invalid, "'reason' must say why it is taken back");
    // What nobody was told of needs no taking back; what was told is told again.
    return concession_uncount(ledger_store(l), *a, id, e) &&
           ends(l, &c, CONCESSION_REVERSED, by, reason, c.told == 1 ? 0 : 3, e);
}

bool concession_review(ledger *l, arena *a, int64_t id, enum concession_review verdict, str by, str words, err *e) {
    concession c;
    if (!find(l, a, id, &c, e)) return false;
    if (verdict < REVIEW_RIGHT || verdict > REVIEW_STRICT)
        return fail(e, ERR_invalid, "'verdict' must be right, generous or strict");
    if (c.review == REVIEW_NONE) return fail(e, ERR_conflict, "concession %" PRId64 " is not up for review", id);
    if (str_eq(by, c.ask.by)) return fail(e, ERR_denied, "nobody reviews what they gave themselves");
    if (verdict != REVIEW_RIGHT && !str_trim(words).len) return fail(e, ERR_invalid, "'words' must say why");
    return store_run(ledger_store(l), Q_concession_reviewed, NULL, e, "iitit", id, (int64_t)verdict, by, clock_of(l),
                     words);
}
