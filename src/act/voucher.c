#include "base/json.h"

#include "act/voucher.h"
#include "know/told.h"
#include "sql/act_reward.h"
#include "sql/know.h"

enum { HOLD_S = 15 * 60, HOLD_MOST_S = 30 * 24 * 3600, WHY_MOST = 400, ORDER_MOST = 200, SWEEP_MOST = 200 };
#define FOR_EVER_US (3653 * DAY_US) // what is reserved with the budgets for a voucher without an end: ten years

static const char *const states[VOUCHER_STATES] = {"open",    "held",    "redeemed", "cancelled",
                                                   "waiting", "expired", "early"};

const char *voucher_state_name(enum voucher_state s) {
    return s < VOUCHER_STATES ? states[s] : "";
}

// ---- rows ----

voucher voucher_read(arena *a, const row *r) {
    return (voucher){.id = row_int(r, 0),
                     .code = str_dup(a, row_str(r, 1)),
                     .profile_id = row_int(r, 2),
                     .currency = (int32_t)row_int(r, 3),
                     .value = row_int(r, 4),
                     .share_bp = (int32_t)row_int(r, 5),
                     .least = row_int(r, 6),
                     .from_us = row_int(r, 7),
                     .until_us = row_int(r, 8),
                     .state = (enum voucher_state)row_int(r, 9),
                     .held_us = row_int(r, 10),
                     .held_for = str_dup(a, row_str(r, 11)),
                     .used = row_int(r, 12),
                     .concession = row_int(r, 13),
                     .paid = row_int(r, 14),
                     .paid_entry = row_int(r, 15),
                     .ended_us = row_int(r, 16),
                     .by = str_dup(a, row_str(r, 17)),
                     .made_us = row_int(r, 18),
                     .why = str_dup(a, row_str(r, 19)),
                     .disclosure = str_dup(a, row_str(r, 20)),
                     .key = str_dup(a, row_str(r, 21)),
                     .version = row_int(r, 22),
                     .sample = row_int(r, 23) != 0};
}

static bool put(store *s, voucher *v, err *e) {
    v->version++;
    return store_run(s, Q_voucher_put, NULL, e, "itiiiiiiiiitiiiiititttii", v->id, v->code, v->profile_id,
                     (int64_t)v->currency, v->value, (int64_t)v->share_bp, v->least, v->from_us, v->until_us,
                     (int64_t)v->state, v->held_us, v->held_for, v->used, v->concession, v->paid, v->paid_entry,
                     v->ended_us, v->by, v->made_us, v->why, v->disclosure, v->key, v->version, (int64_t)v->sample);
}

bool voucher_get(arena *a, store *s, int64_t id, voucher *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_voucher_get, e, "i", id); row_next(&r);) *out = voucher_read(a, &r), found = true;
    if (err_ok(e) && !found) return fail(e, ERR_not_found, "there is no voucher %" PRId64, id);
    return err_ok(e);
}

bool voucher_find(arena *a, store *s, str typed, voucher *out, err *e) {
    char code[VOUCHER_CODE];
    const char *why;
    bool found = false;
    if (!voucher_code_read(typed, code, &why)) return fail(e, ERR_not_found, "this is no voucher: %s", why);
    for (row r = store_query(s, Q_voucher_of_code, e, "t", (str){code, VOUCHER_CODE}); row_next(&r);)
        *out = voucher_read(a, &r), found = true;
    if (err_ok(e) && !found) return fail(e, ERR_not_found, "there is no voucher with this code");
    return err_ok(e);
}

enum voucher_state voucher_now(const voucher *v, int64_t now_us) {
    if (v->state == VOUCHER_REDEEMED || v->state == VOUCHER_CANCELLED) return v->state;
    if (v->state == VOUCHER_HELD && v->held_us > now_us) return VOUCHER_HELD;
    if (v->until_us && v->until_us <= now_us) return VOUCHER_EXPIRED;
    if (v->state == VOUCHER_WAITING) return VOUCHER_WAITING;
    return v->from_us > now_us ? VOUCHER_EARLY : VOUCHER_OPEN;
}

int64_t voucher_takes(const voucher *v, int64_t order) {
    if (order <= 0 || order < v->least) return 0;
    if (!v->share_bp) return MIN(v->value, order);
    int64_t off = (int64_t)(((__int128)order * v->share_bp + 5000) / 10000); // halves to the customer
    return MIN(MIN(off, v->value), order);
}

static void put_money(json_out *j, const char *key, int64_t minor, int32_t unit) {
    const currency *c = currency_by_number(unit);
    json_open(j, key, '{');
    json_put_int(j, "value", minor);
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    json_close(j, '}');
}

void voucher_json(json_out *j, const char *key, const voucher *v, int64_t now_us) {
    arena a = arena_open(1 << 12);
    json_open(j, key, '{');
    json_put_int(j, "id", v->id);
    json_put_str(j, "code", voucher_code_shown(&a, v->code));
    json_put_str(j, "state", str_c(voucher_state_name(voucher_now(v, now_us))));
    put_money(j, "value", v->value, v->currency);
    json_put_num(j, "percent", (double)v->share_bp / 100);
    put_money(j, "least", v->least, v->currency);
    json_put_time(j, "from", v->from_us);
    json_put_time(j, "until", v->until_us);
    json_put_str(j, "order", v->held_for);
    put_money(j, "used", v->used, v->currency);
    json_put_time(j, "held_until", voucher_now(v, now_us) == VOUCHER_HELD ? v->held_us : 0);
    json_put_int(j, "paid", v->paid);
    json_put_str(j, "why", v->why);
    json_put_str(j, "disclosure", v->disclosure);
    json_put_str(j, "by", v->by);
    json_put_time(j, "made", v->made_us);
    json_put_time(j, "ended", v->ended_us);
    json_put_int(j, "version", v->version);
    json_close(j, '}');
    arena_close(&a);
}

// ---- one transaction, and what it has to tell ----

typedef bool (*voucher_step)(ledger *l, arena *a, void *ctx, voucher *v, err *e);

static bool run(ledger *l, arena *a, voucher_step step, void *ctx, voucher *v, err *e) {
    store *s = ledger_store(l);
    if (!reward_tell_untold(l, a, e) || !store_begin(s, e)) return false;
    bool ok = step(l, a, ctx, v, e) && ledger_commit(l, e);
    if (!ok) store_rollback(s);
    return ok && reward_tell_untold(l, a, e) && concessions_tell(l, NULL, e);
}

static int64_t now_of(ledger *l) {
    const world *w = ledger_world(l);
    return w->now_us(w);
}

static str by_extra(arena *a, str by, int64_t voucher_id) {
    buf b = buf_new(a, 1 << 12);
    buf_add(&b, S("\"by\":")), buf_json_str(&b, by);
    buf_fmt(&b, ",\"voucher\":%" PRId64, voucher_id);
    return buf_str(&b);
}

// What the customer's timeline shows of it; a voucher of whoever holds it is in nobody's.
static bool tell(ledger *l, arena *a, const voucher *v, enum reward_what what, int64_t minor, str why, str by, err *e) {
    if (!v->profile_id || !minor) return true;
    reward_told t = {.customer = v->profile_id,
                     .what = what,
                     .points = minor,
                     .unit = v->currency,
                     .at_us = now_of(l),
                     .ext = str_fmt(a, "voucher:%" PRId64 ":%" PRId64, v->id, v->version),
                     .why = why,
                     .extra = by_extra(a, by, v->id)};
    return reward_tell_later(l, a, &t, e);
}

// ---- issuing ----

static bool sound(const voucher_new *n, int64_t now_us, err *e) {
    if (n->value <= 0)
        return fail(e, ERR_invalid, "'value' must be above 0; of a percentage it is the most that it takes off");
    if (n->share_bp < 0 || n->share_bp > 10000)
        return fail(e, ERR_invalid, "'percent' must be above 0 and at most 100");
    if (n->least < 0) return fail(e, ERR_invalid, "'least' must not be below 0");
    if (!currency_by_number(n->currency)) return fail(e, ERR_invalid, "'currency' is none that is known");
    if (n->until_us && n->until_us <= MAX(n->from_us, now_us)) return fail(e, ERR_invalid, "'until' must be later");
    if (!n->why.len || n->why.len > WHY_MOST)
        return fail(e, ERR_invalid, "'why' says what it is for; the customer may read it");
    if (n->points < 0) return fail(e, ERR_invalid, "'points' must not be below 0");
    if (n->points && !n->customer) return fail(e, ERR_invalid, "'customer' says whose points are spent");
    return reward_words_fair("why", n->why, e) && reward_words_fair("disclosure", n->disclosure, e);
}

static bool there_is(store *s, int64_t customer, err *e) {
    int64_t n = 0;
    if (!customer) return true;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);) n++;
    if (err_ok(e) && !n) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    return err_ok(e);
}

static bool refused(const concession_made *m, err *e) {
    str sum = m->answer.n_asked ? m->answer.asked[0].sum : S("");
    return fail(e, ERR_conflict, "a red line says no: %.*s", (int)MIN(sum.len, 180), sum.s);
}

typedef struct {
    int64_t minor;
    str by, role, why, key;
    bool no_approval;
} cost;

// What it may cost is reserved for as long as it can be used.
static bool reserve(ledger *l, arena *a, voucher *v, const cost *c, err *e) {
    concession_made made = {0};
    concession_new n = {.ask = {.kind = CONCEDE_reward,
                                .customer = v->profile_id,
                                .role = c->role,
                                .by = c->by,
                                .currency = v->currency,
                                .amount = c->minor,
                                .reason = c->why},
                        .key = c->key,
                        .keep_us = v->until_us ? v->until_us - now_of(l) : FOR_EVER_US,
                        .no_approval = c->no_approval};
    if (!concession_reserve(l, a, &n, &made, e)) return false;
    v->concession = made.id;
    if (made.state == CONCESSION_WAITING) return v->state = VOUCHER_WAITING, true;
    return made.state == CONCESSION_RESERVED || refused(&made, e);
}

static bool pay(ledger *l, arena *a, voucher *v, const voucher_new *n, err *e) {
    reward_entry *entries;
    size_t k;
    if (!reward_entries(a, ledger_store(l), n->customer, &entries, &k, e)) return false;
    reward_account x = reward_account_of(entries, k, now_of(l));
    if (x.usable < n->points)
        return fail(e, ERR_conflict, "%" PRId64 " points are wanted and %" PRId64 " can be spent", n->points, x.usable);
    reward_told t = {.customer = n->customer,
                     .what = REWARD_redeem,
                     .points = -n->points,
                     .at_us = now_of(l),
                     .ext = str_fmt(a, "voucher-paid:%" PRId64, v->id),
                     .why = n->why,
                     .extra = by_extra(a, n->by, v->id)};
    t.where = n->where;
    v->paid = n->points, v->paid_entry = reward_id_of_ext(l, t.ext, t.where);
    return reward_tell_later(l, a, &t, e);
}

static bool issue(ledger *l, arena *a, void *ctx, voucher *v, err *e) {
    const voucher_new *n = ctx;
    store *s = ledger_store(l);
    if (!sound(n, now_of(l), e) || !there_is(s, n->customer, e)) return false;
    if (!ledger_id(l, &v->id, e)) return false;
    str key = n->key.len ? n->key : str_fmt(a, "%" PRId64, v->id);
    *v = (voucher){.id = v->id,
                   .code = voucher_code_made(a, ledger_world(l)),
                   .profile_id = n->customer,
                   .currency = n->currency,
                   .share_bp = n->share_bp,
                   .value = n->value,
                   .least = n->least,
                   .from_us = n->from_us ? n->from_us : now_of(l),
                   .until_us = n->until_us,
                   .made_us = now_of(l),
                   .by = n->by,
                   .why = n->why,
                   .disclosure = n->disclosure,
                   .key = n->key};
    cost c = {n->value, n->by, n->role, n->why, str_fmt(a, "voucher:%.*s", STR_ARG(key)), false};
    if (!(n->points ? pay(l, a, v, n, e) : reserve(l, a, v, &c, e))) return false;
    return put(s, v, e) && tell(l, a, v, REWARD_bonus, v->value, v->why, n->by, e);
}

bool voucher_issue(ledger *l, arena *a, const voucher_new *n, voucher *out, err *e) {
    bool again = false;
    voucher_new own = *n;
    if (n->key.len)
        for (row r = store_query(ledger_store(l), Q_voucher_of_ask, e, "t", n->key); row_next(&r);)
            *out = voucher_read(a, &r), again = true;
    if (!err_ok(e) || again) return err_ok(e);
    if (n->points) { // the place where they are told is made now: inside of the transaction it could not be
        int64_t source, import;
        bool sample;
        if (!told_is_sample(ledger_store(l), n->customer, &sample, e) ||
            !told_place_of(l, S("rewards"), sample, &source, &import, e))
            return false;
        own.where = sample ? TOLD_SAMPLE : TOLD_REAL;
    }
    return run(l, a, issue, &own, out, e);
}

// ---- using ----

// Signed in the meantime? What is granted is not kept for long, so it is given at once.
static bool look_signed(ledger *l, arena *a, voucher *v, err *e) {
    concession c;
    if (v->state != VOUCHER_WAITING) return true;
    if (!concession_get(a, ledger_store(l), v->concession, now_of(l), &c, e)) return err_ok(e);
    if (c.state == CONCESSION_RESERVED && !concession_commit(l, a, v->concession, v->by, e)) return false;
    if (c.state == CONCESSION_RESERVED || c.state == CONCESSION_COMMITTED) v->state = VOUCHER_OPEN;
    return true;
}

static bool may_use(arena *a, const voucher *v, const voucher_use *u, int64_t customer, int64_t now_us, err *e) {
    enum voucher_state st = voucher_now(v, now_us);
    const currency *c = currency_by_number(v->currency);
    if (st == VOUCHER_REDEEMED) return fail(e, ERR_conflict, "this voucher was used already");
    if (st == VOUCHER_CANCELLED) return fail(e, ERR_conflict, "this voucher was cancelled");
    if (st == VOUCHER_EXPIRED) return fail(e, ERR_conflict, "this voucher is over");
    if (st == VOUCHER_EARLY) return fail(e, ERR_conflict, "this voucher cannot be used yet");
    if (st == VOUCHER_WAITING) return fail(e, ERR_conflict, "this voucher waits for a signature");
    if (st == VOUCHER_HELD && !str_eq(v->held_for, u->order))
        return fail(e, ERR_conflict, "this voucher is held for another order");
    if (u->customer && v->profile_id && customer != u->customer)
        return fail(e, ERR_conflict, "this voucher belongs to another customer");
    if (u->currency != v->currency)
        return fail(e, ERR_conflict, "this voucher is in %s", c ? c->code : "another currency");
    if (u->minor < v->least || u->minor <= 0)
        return fail(e, ERR_conflict, "the order is too small for this voucher; it takes %.*s",
                    STR_ARG(money_str(a, v->least, c)));
    return true;
}

static bool customer_of(store *s, int64_t profile, int64_t *customer, err *e) {
    char list[32];
    *customer = 0;
    snprintf(list, sizeof list, "[%" PRId64 "]", profile);
    for (row r = store_query(s, Q_profile_some, e, "t", str_c(list)); row_next(&r);) *customer = row_int(&r, 1);
    return err_ok(e);
}

static bool hold(ledger *l, arena *a, void *ctx, voucher *v, err *e) {
    const voucher_use *u = ctx;
    store *s = ledger_store(l);
    int64_t customer, now = now_of(l);
    if (!u->order.len || u->order.len > ORDER_MOST)
        return fail(e, ERR_invalid, "'order' names the order that it is used for");
    if (u->hold_s < 0 || u->hold_s > HOLD_MOST_S) return fail(e, ERR_invalid, "'hold_s' is at most 30 days");
    if (!voucher_find(a, s, u->code, v, e) || !look_signed(l, a, v, e) || !customer_of(s, v->profile_id, &customer, e))
        return false;
    if (!may_use(a, v, u, customer, now, e)) return false;
    v->state = VOUCHER_HELD, v->held_us = now + (u->hold_s ? u->hold_s : HOLD_S) * SECOND_US;
    v->held_for = u->order, v->used = voucher_takes(v, u->minor);
    return put(s, v, e);
}

bool voucher_hold(ledger *l, arena *a, const voucher_use *u, voucher *out, err *e) {
    voucher_use own = *u;
    return run(l, a, hold, &own, out, e);
}

// What was taken off is less than the most that was reserved, or the reservation is over: reserved anew, then given.
static bool give_cost(ledger *l, arena *a, voucher *v, str by, err *e) {
    concession c;
    if (!v->concession) return true;
    if (!concession_get(a, ledger_store(l), v->concession, now_of(l), &c, e)) return err_ok(e);
    bool there = c.state == CONCESSION_RESERVED;
    if (c.state == CONCESSION_COMMITTED) return true;
    if (!there || v->used != v->value) {
        cost x = {v->used, by, S(""), v->why, str_fmt(a, "voucher:%" PRId64 ":%" PRId64, v->id, v->version), true};
        enum voucher_state st = v->state;
        if (there && !concession_release(l, a, v->concession, by, e)) return false;
        if (!reserve(l, a, v, &x, e)) return false;
        v->state = st;
    }
    return concession_commit(l, a, v->concession, by, e);
}

typedef struct {
    int64_t id;
    str by;
} named;

static bool redeem(ledger *l, arena *a, void *ctx, voucher *v, err *e) {
    const named *n = ctx;
    int64_t now = now_of(l);
    if (!voucher_get(a, ledger_store(l), n->id, v, e)) return false;
    enum voucher_state st = voucher_now(v, now);
    if (st == VOUCHER_REDEEMED) return true; // said twice
    if (st != VOUCHER_HELD)
        return fail(e, ERR_conflict, "voucher %" PRId64 " is %s; hold it for the order first", v->id,
                    voucher_state_name(st));
    if (!give_cost(l, a, v, n->by, e)) return false;
    v->state = VOUCHER_REDEEMED, v->ended_us = now, v->held_us = 0;
    return put(ledger_store(l), v, e) && tell(l, a, v, REWARD_redeem, -v->used, v->held_for, n->by, e);
}

bool voucher_redeem(ledger *l, arena *a, int64_t id, str by, voucher *out, err *e) {
    return run(l, a, redeem, &(named){id, by}, out, e);
}

static bool open_again(ledger *l, arena *a, voucher *v, str by, err *e) {
    str why = S("its order was cancelled");
    int64_t used = v->used;
    if (v->concession) {
        cost c = {v->value, by, S(""), v->why, str_fmt(a, "voucher:%" PRId64 ":%" PRId64, v->id, v->version), true};
        if (!concession_reverse(l, a, v->concession, by, why, e) || !reserve(l, a, v, &c, e)) return false;
    }
    v->state = VOUCHER_OPEN, v->ended_us = v->held_us = v->used = 0, v->held_for = S("");
    return put(ledger_store(l), v, e) && tell(l, a, v, REWARD_reverse, used, why, by, e);
}

static bool release(ledger *l, arena *a, void *ctx, voucher *v, err *e) {
    const named *n = ctx;
    if (!voucher_get(a, ledger_store(l), n->id, v, e)) return false;
    if (v->state == VOUCHER_REDEEMED) return open_again(l, a, v, n->by, e);
    if (v->state != VOUCHER_HELD) return fail(e, ERR_conflict, "voucher %" PRId64 " is held for no order", v->id);
    v->state = VOUCHER_OPEN, v->held_us = v->used = 0, v->held_for = S("");
    return put(ledger_store(l), v, e);
}

bool voucher_release(ledger *l, arena *a, int64_t id, str by, voucher *out, err *e) {
    return run(l, a, release, &(named){id, by}, out, e);
}

// ---- ending ----

static bool let_go(ledger *l, arena *a, voucher *v, str by, err *e) {
    concession c;
    if (!v->concession) return true;
    if (!concession_get(a, ledger_store(l), v->concession, now_of(l), &c, e)) return err_ok(e);
    if (c.state == CONCESSION_COMMITTED) return concession_reverse(l, a, v->concession, by, S("it was not used"), e);
    return c.state != CONCESSION_RESERVED || concession_release(l, a, v->concession, by, e);
}

static bool pay_back(ledger *l, arena *a, const voucher *v, str by, err *e) {
    buf b = buf_new(a, 1 << 12);
    if (!v->paid_entry) return true;
    buf_add(&b, by_extra(a, by, v->id));
    buf_fmt(&b, ",\"reverses\":%" PRId64, v->paid_entry);
    reward_told t = {.customer = v->profile_id,
                     .what = REWARD_reverse,
                     .points = v->paid,
                     .at_us = now_of(l) + 1,
                     .ext = str_fmt(a, "reverse:%" PRId64 ":0", v->paid_entry),
                     .why = S("the voucher was cancelled"),
                     .extra = buf_str(&b)};
    return reward_tell_later(l, a, &t, e);
}

static bool cancel(ledger *l, arena *a, void *ctx, voucher *v, err *e) {
    const named *n = ctx;
    int64_t now = now_of(l);
    if (!voucher_get(a, ledger_store(l), n->id, v, e)) return false;
    enum voucher_state st = voucher_now(v, now);
    if (st == VOUCHER_CANCELLED) return true;
    if (st == VOUCHER_REDEEMED || st == VOUCHER_EXPIRED)
        return fail(e, ERR_conflict, "voucher %" PRId64 " is %s", v->id, voucher_state_name(st));
    if (!let_go(l, a, v, n->by, e) || !pay_back(l, a, v, n->by, e)) return false;
    v->state = VOUCHER_CANCELLED, v->ended_us = now, v->held_us = v->used = 0, v->held_for = S("");
    return put(ledger_store(l), v, e) &&
           tell(l, a, v, REWARD_reverse, -v->value, S("the voucher was cancelled"), n->by, e);
}

bool voucher_cancel(ledger *l, arena *a, int64_t id, str by, voucher *out, err *e) {
    return run(l, a, cancel, &(named){id, by}, out, e);
}

static bool end_one(ledger *l, arena a, int64_t id, err *e) {
    voucher v;
    int64_t now = now_of(l);
    if (!voucher_get(&a, ledger_store(l), id, &v, e)) return false;
    if (!look_signed(l, &a, &v, e)) return false;
    if (v.state == VOUCHER_HELD) v.state = VOUCHER_OPEN, v.held_us = v.used = 0, v.held_for = S("");
    if (voucher_now(&v, now) == VOUCHER_EXPIRED) {
        if (!let_go(l, &a, &v, S("system"), e)) return false;
        v.state = VOUCHER_EXPIRED, v.ended_us = v.until_us;
    }
    return put(ledger_store(l), &v, e);
}

static bool sweep(ledger *l, arena *a, void *ctx, voucher *v, err *e) {
    int64_t *n = ctx, after = 0, now = now_of(l), ids[SWEEP_MOST];
    (void)v;
    size_t k = 0;
    for (row r = store_query(ledger_store(l), Q_voucher_over, e, "iii", now, after, (int64_t)SWEEP_MOST); row_next(&r);)
        ids[k++] = row_int(&r, 0);
    for (size_t i = 0; err_ok(e) && i < k; i++)
        if (!end_one(l, *a, ids[i], e)) return false;
    *n = (int64_t)k, k = 0;
    for (row r = store_query(ledger_store(l), Q_voucher_waiting, e, "i", (int64_t)SWEEP_MOST); row_next(&r);)
        ids[k++] = row_int(&r, 0);
    for (size_t i = 0; err_ok(e) && i < k; i++)
        if (!end_one(l, *a, ids[i], e)) return false;
    return err_ok(e);
}

bool voucher_sweep(ledger *l, arena *a, int64_t *n, err *e) {
    voucher none = {0};
    return run(l, a, sweep, n, &none, e);
}
