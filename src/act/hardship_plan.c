// Arrangements: instalments as promises of the customer, and holding still as ours.
#include "act/hardship.h"

#include "act/commitment_note.h"
#include "base/json.h"
#include "base/money.h"
#include "know/fold.h"
#include "know/settings.h"
#include "sql/decide_care.h"
#include "sql/know.h"

enum { MOST_PARTS = 36, MOST_DAYS = 1100, PLANS_AT_ONCE = 100 };

const char *hardship_plan_state_name(enum hardship_plan_state s) {
    static const char *const names[] = {"drafted", "agreed", "kept", "anew", "ended"};
    return names[s];
}

// ---- what is due when ----

bool hardship_parts(arena *a, const zone *z, const hardship_offer *o, hardship_part **out, err *e) {
    const int months = o->every_months || o->every_days ? o->every_months : 1;
    const int64_t sum = o->owed - o->let_off;
    if (o->owed <= 0 || o->let_off < 0 || sum < 0)
        return fail(e, ERR_invalid, "'owed' must be above 0, and 'let_off' no more than that");
    if (o->parts < (sum > 0) || o->parts > MOST_PARTS || (o->parts && sum < o->parts))
        return fail(e, ERR_invalid, "'parts' must be 1 to %d, each of at least one minor unit", MOST_PARTS);
    if (months < 0 || months > 12 || o->every_days < 0 || o->every_days > 366 || (o->every_months && o->every_days))
        return fail(e, ERR_invalid, "'every_months' is 1 to 12, or 'every_days' 1 to 366; not both");
    *out = make(a, hardship_part, o->parts + 1);
    for (int k = 0; k < o->parts; k++) {
        hardship_part *p = &(*out)[k];
        *p = (hardship_part){.part = k + 1, .amount = sum / o->parts + (k < sum % o->parts)};
        p->day = o->every_days ? o->first_day + k * o->every_days : add_months(o->first_day, k * months);
        p->due_us = zone_day_start_us(z, p->day + 1) - SECOND_US;
    }
    if (o->parts && (*out)[o->parts - 1].day - o->first_day > MOST_DAYS)
        return fail(e, ERR_invalid, "the last part lies more than three years ahead; fewer parts, or a smaller sum");
    return true;
}

// ---- reading ----

typedef struct {
    int64_t at_us, value;
} paid;

static int by_time(const void *a, const void *b) {
    const paid *x = a, *y = b;
    return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

// What the customer paid since the plan was made, over all profiles, in its currency.
static bool read_paid(arena *a, store *s, const hardship_plan *p, int64_t now_us, paid **out, size_t *n, err *e) {
    size_t room = 16;
    int64_t customer = p->profile_id;
    *out = make(a, paid, room), *n = 0;
    if (!store_int(s, Q_customer_of_profile, &customer, p->profile_id, e, "i", p->profile_id)) return false;
    for (row q = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&q);)
        for (row r = store_query(s, Q_hardship_paid, e, "iii", row_int(&q, 0), p->made_us,
                                 (int64_t)event_period(p->made_us));
             row_next(&r);) {
            if (row_int(&r, 0) > now_us || (row_int(&r, 2) && row_int(&r, 2) != p->currency)) continue;
            if (*n == room) {
                paid *more = make(a, paid, room * 2);
                memcpy(more, *out, room * sizeof *more);
                *out = more, room *= 2;
            }
            (*out)[(*n)++] = (paid){row_int(&r, 0), row_int(&r, 1)};
        }
    if (*n) qsort(*out, *n, sizeof **out, by_time);
    return err_ok(e);
}

// A part is paid when what was paid in all reaches what was due until then.
static void set_paid(hardship_plan *p, const paid *x, size_t n, int64_t now_us) {
    int64_t due = 0, sum = 0;
    size_t i = 0;
    for (size_t k = 0; k < n; k++) p->paid += x[k].value;
    for (size_t k = 0; k < p->n; k++) {
        hardship_part *t = &p->parts[k];
        for (due += t->amount; i < n && sum < due; i++) sum += x[i].value;
        if (sum >= due) t->paid_us = i ? x[i - 1].at_us : p->made_us;
        t->state = t->paid_us ? PART_PAID : t->due_us < now_us ? PART_MISSED : PART_AHEAD;
    }
}

static hardship_plan read_plan(arena *a, const row *r) {
    return (hardship_plan){.id = row_int(r, 0),
                           .hardship = row_int(r, 1),
                           .profile_id = row_int(r, 2),
                           .state = (enum hardship_plan_state)row_int(r, 3),
                           .currency = (int32_t)row_int(r, 4),
                           .owed = row_int(r, 5),
                           .let_off = row_int(r, 6),
                           .concession = row_int(r, 7),
                           .still = row_int(r, 8),
                           .still_until_us = row_int(r, 9),
                           .after_plan = row_int(r, 10),
                           .made_us = row_int(r, 11),
                           .by = str_dup(a, row_str(r, 12)),
                           .version = row_int(r, 13)};
}

static bool read_parts(arena *a, store *s, hardship_plan *p, int64_t now_us, err *e) {
    paid *x;
    size_t n;
    p->parts = make(a, hardship_part, MOST_PARTS);
    for (row r = store_query(s, Q_hardship_parts_of, e, "i", p->id); row_next(&r);)
        if (p->n < MOST_PARTS)
            p->parts[p->n++] = (hardship_part){.part = (int32_t)row_int(&r, 0),
                                               .day = (int32_t)row_int(&r, 1),
                                               .due_us = row_int(&r, 2),
                                               .amount = row_int(&r, 3),
                                               .commitment = row_int(&r, 4),
                                               .word_us = row_int(&r, 5)};
    if (!read_paid(a, s, p, now_us, &x, &n, e)) return false;
    set_paid(p, x, n, now_us);
    return true;
}

bool hardship_plan_get(arena *a, store *s, int64_t id, int64_t now_us, hardship_plan *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_hardship_plan_get, e, "i", id); row_next(&r);) *out = read_plan(a, &r), found = true;
    if (!err_ok(e)) return false;
    return found ? read_parts(a, s, out, now_us, e) : fail(e, ERR_not_found, "there is no arrangement %" PRId64, id);
}

static bool read_all(arena *a, row r, hardship_plan **out, size_t *n, err *e) {
    *out = make(a, hardship_plan, PLANS_AT_ONCE), *n = 0;
    while (row_next(&r))
        if (*n < PLANS_AT_ONCE) (*out)[(*n)++] = read_plan(a, &r);
    return err_ok(e);
}

bool hardship_plans(arena *a, store *s, int64_t hardship_id, int64_t now_us, hardship_plan **out, size_t *n, err *e) {
    if (!read_all(a, store_query(s, Q_hardship_plans_of, e, "i", hardship_id), out, n, e)) return false;
    for (size_t i = 0; i < *n; i++)
        if (!read_parts(a, s, &(*out)[i], now_us, e)) return false;
    return true;
}

// ---- making ----

static bool put_plan(store *s, const hardship_plan *p, err *e) {
    if (!store_run(s, Q_hardship_plan_put, NULL, e, "iiiiiiiIiIiti", p->id, p->hardship, p->profile_id,
                   (int64_t)p->state, (int64_t)p->currency, p->owed, p->let_off, p->concession ? &p->concession : NULL,
                   p->still_until_us, p->after_plan ? &p->after_plan : NULL, p->made_us, p->by, INT64_C(0)))
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (!store_run(s, Q_hardship_part_put, NULL, e, "iiiii", p->id, (int64_t)p->parts[i].part,
                       (int64_t)p->parts[i].day, p->parts[i].due_us, p->parts[i].amount))
            return false;
    return true;
}

static bool set_state(store *s, hardship_plan *p, enum hardship_plan_state to, err *e) {
    p->state = to;
    return store_run(s, Q_hardship_plan_state, NULL, e, "iiII", p->id, (int64_t)to,
                     p->concession ? &p->concession : NULL, p->still ? &p->still : NULL);
}

typedef struct {
    ledger *l;
    store *s;
    arena *a;
    const hardship_offer *o;
    hardship flag;
    hardship_plan *p;
    redline_answer *answer;
    int64_t now_us;
} arranging;

static bool check_flag(arranging *k, err *e) {
    if (!hardship_get(k->a, k->s, k->o->hardship, k->now_us, &k->flag, e)) return false;
    if (!hardship_holds(&k->flag, k->now_us))
        return fail(e, ERR_conflict, "hardship %" PRId64 " is over; add a new one first", k->flag.id);
    return k->flag.consent ||
           fail(e, ERR_conflict, "an arrangement needs the customer's consent; note it with the hardship first");
}

static bool draft(arranging *k, err *e) {
    const hardship_offer *o = k->o;
    zone *z;
    settings set;
    hardship_part *parts;
    if (!check_flag(k, e) || !store_zone(k->s, k->a, &z, e) || !settings_read(k->a, k->s, &set, e)) return false;
    if (o->first_day < zone_days(z, k->now_us)) return fail(e, ERR_invalid, "'first' must not lie in the past");
    if (!hardship_parts(k->a, z, o, &parts, e)) return false;
    const currency *c = currency_of(set.currency);
    *k->p = (hardship_plan){.hardship = o->hardship,
                            .profile_id = k->flag.customer ? k->flag.customer : k->flag.profile_id,
                            .currency = o->currency ? o->currency
                                        : c         ? c->number
                                                    : 978,
                            .owed = o->owed,
                            .let_off = o->let_off,
                            .after_plan = o->after_plan,
                            .made_us = k->now_us,
                            .by = o->by,
                            .version = 1,
                            .parts = parts,
                            .n = (size_t)o->parts};
    k->p->still_until_us = o->parts ? parts[o->parts - 1].due_us : k->now_us;
    return true;
}

static bool replace_old(arranging *k, err *e) {
    hardship_plan old;
    if (!k->o->after_plan) return true;
    if (!hardship_plan_get(k->a, k->s, k->o->after_plan, k->now_us, &old, e)) return false;
    if (old.hardship != k->o->hardship || old.state > PLAN_AGREED)
        return fail(e, ERR_conflict, "arrangement %" PRId64 " is %s and cannot be planned anew", old.id,
                    hardship_plan_state_name(old.state));
    return set_state(k->s, &old, PLAN_ANEW, e);
}

// What is let off is a concession; paying later is one of nothing, which still counts how often it is granted.
static bool reserve(arranging *k, concession_made *made, err *e) {
    const concession_new n = {.ask = {.kind = CONCEDE_hardship,
                                      .customer = k->p->profile_id,
                                      .role = k->o->role,
                                      .by = k->o->by,
                                      .currency = k->p->currency,
                                      .price = 0,
                                      .cost = -1,
                                      .service = -1,
                                      .amount = k->p->let_off,
                                      .reason = S("an arrangement with a customer who cannot pay")},
                              .key = str_fmt(k->a, "hardship:%" PRId64, k->p->id)};
    return concession_reserve(k->l, k->a, &n, made, e);
}

static bool lasts_as_long(arranging *k, err *e) {
    if (!k->flag.until_us || k->flag.until_us > k->p->still_until_us) return true;
    k->flag.until_us = k->p->still_until_us + DAY_US;
    return store_run(k->s, Q_hardship_change, NULL, e, "iIntItt", k->flag.id, &k->flag.until_us, k->flag.purpose,
                     &k->flag.consent_us, k->flag.consent_how, k->flag.note);
}

static bool first_half(arranging *k, err *e) {
    concession_made made;
    if (!draft(k, e) || !replace_old(k, e) || !ledger_id(k->l, &k->p->id, e) || !reserve(k, &made, e)) return false;
    *k->answer = made.answer;
    if (made.state == CONCESSION_DECLINED)
        return fail(e, ERR_conflict, "the red lines refuse to let off so much; see what would pass instead");
    k->p->concession = made.id;
    return put_plan(k->s, k->p, e) && lasts_as_long(k, e);
}

static bool tell_plan(ledger *l, arena *a, hardship_plan *p, hardship_settled *out, err *e);

bool hardship_arrange(ledger *l, arena *a, const hardship_offer *o, hardship_plan *out, redline_answer *answer,
                      err *e) {
    const world *w = ledger_world(l);
    arranging k = {l, ledger_store(l), a, o, {0}, out, answer, w->now_us(w)};
    hardship_settled done = {0};
    err why = {0};
    *answer = (redline_answer){0};
    if (!store_begin(k.s, e)) return false;
    if (!first_half(&k, e) || !ledger_commit(l, e)) return store_rollback(k.s), false;
    if (tell_plan(l, a, out, &done, &why)) return concessions_tell(l, NULL, e);
    // Whoever cannot be told, because nothing identifies them, has no arrangement.
    *e = why;
    err quiet = {0};
    if (store_begin(k.s, &quiet) && concession_release(l, a, out->concession, o->by, &quiet) &&
        set_state(k.s, out, PLAN_ENDED, &quiet) && ledger_commit(l, &quiet))
        return false;
    store_rollback(k.s);
    return false;
}

// ---- telling: promises are events, written in transactions of their own under keys that do not change ----

static bool note_one(ledger *l, arena *a, commitment_note *n, err *e) {
    n->by = S("hardship");
    return commitment_write(l, a, n, e);
}

static bool tell_still(ledger *l, arena *a, hardship_plan *p, err *e) {
    commitment_note n = {.what = KIND_commitment_made,
                         .customer = p->profile_id,
                         .kind = COMMITMENT_promise,
                         .due_us = p->still_until_us,
                         .at_us = p->made_us,
                         .words = str_fmt(a,
                                          "While you pay as arranged we hold still: no reminders, no fees, nobody else "
                                          "is asked to collect (arrangement %" PRId64 ")",
                                          p->id)};
    if (p->still) return true;
    if (!note_one(l, a, &n, e)) return false;
    p->still = n.id;
    return true;
}

static bool tell_part(ledger *l, arena *a, hardship_plan *p, hardship_part *t, int64_t at_us, err *e) {
    str sum = money_str(a, t->amount, currency_by_number(p->currency));
    commitment_note n = {.what = KIND_commitment_made,
                         .customer = p->profile_id,
                         .kind = COMMITMENT_instalment,
                         .due_us = t->due_us,
                         .at_us = at_us,
                         .words = str_fmt(a, "Instalment %d of %zu: %.*s (arrangement %" PRId64 ")", (int)t->part, p->n,
                                          STR_ARG(sum), p->id)};
    return note_one(l, a, &n, e) && store_run(ledger_store(l), Q_hardship_part_told, NULL, e, "iii", p->id,
                                              (int64_t)t->part, t->commitment = n.id);
}

static bool say(ledger *l, arena *a, enum kind what, int64_t commitment_no, int64_t at_us, str words, err *e) {
    commitment_note n = {.what = what, .id = commitment_no, .at_us = at_us, .words = words};
    return !commitment_no || note_one(l, a, &n, e);
}

// The customer's word first: somebody of ours asks how they are, before anything else happens.
static bool ask_for_word(ledger *l, arena *a, hardship_plan *p, hardship_part *t, int64_t now_us, err *e) {
    commitment_note n = {.what = KIND_commitment_made,
                         .customer = p->profile_id,
                         .kind = COMMITMENT_task,
                         .at_us = t->due_us + SECOND_US,
                         .words = str_fmt(a,
                                          "A friendly word first: instalment %d of arrangement %" PRId64
                                          " did not come. Ask how they are, and plan anew if they need it",
                                          (int)t->part, p->id)};
    return commitment_due_by(a, ledger_store(l), COMMITMENT_callback, n.at_us, &n.due_us, e) && note_one(l, a, &n, e) &&
           store_run(ledger_store(l), Q_hardship_part_word, NULL, e, "iii", p->id, (int64_t)t->part,
                     t->word_us = now_us);
}

// Where the ledger says kept, because somebody paid something, and all until here is not paid yet.
static bool settle_part(ledger *l, arena *a, const hardship_part *t, err *e) {
    commitment c;
    if (!t->commitment) return true;
    if (!commitment_get(a, ledger_store(l), t->commitment, &c, e)) return err_ok(e);
    if (t->paid_us && !commitment_closed(&c))
        return say(l, a, KIND_commitment_kept, t->commitment, MAX(t->paid_us, c.made_us + 1), S("paid in full"), e);
    if (t->paid_us || !c.kept_us || c.withdrawn_us || c.void_us) return true;
    return say(l, a, KIND_commitment_reopened, t->commitment, c.kept_us + 1, S("a part of it is still missing"), e);
}

static bool settle_parts(ledger *l, arena *a, hardship_plan *p, int64_t now_us, hardship_settled *out, err *e) {
    int64_t told_us = p->made_us;
    for (size_t i = 0; i < p->n; i++) {
        hardship_part *t = &p->parts[i];
        if (!t->commitment && !tell_part(l, a, p, t, told_us, e)) return false;
        if (!settle_part(l, a, t, e)) return false;
        out->paid += t->state == PART_PAID;
        if (t->state == PART_MISSED && !t->word_us) {
            if (!ask_for_word(l, a, p, t, now_us, e)) return false;
            out->missed++;
        }
        if (t->state == PART_AHEAD) return true; // the next one is told when this one is over
        told_us = MAX(told_us, t->state == PART_PAID ? t->paid_us : t->due_us) + 1;
    }
    return true;
}

// In one transaction: what it costs is given, and both sides have promised.
static bool agree(ledger *l, arena *a, hardship_plan *p, hardship_settled *out, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    concession c;
    if (!store_begin(s, e)) return false;
    bool ok = concession_get(a, s, p->concession, w->now_us(w), &c, e);
    if (ok && c.state == CONCESSION_RESERVED) ok = concession_commit(l, a, p->concession, p->by, e);
    ok = ok && set_state(s, p, PLAN_AGREED, e) && ledger_commit(l, e);
    if (!ok) return store_rollback(s), false;
    out->told++;
    return true;
}

static bool end_plan(ledger *l, hardship_plan *p, enum hardship_plan_state how, err *e) {
    store *s = ledger_store(l);
    if (!store_begin(s, e)) return false;
    if (set_state(s, p, how, e) && ledger_commit(l, e)) return true;
    store_rollback(s);
    return false;
}

// A drafted one: waits for a signature still, is turned down, or is told and agreed.
static bool tell_plan(ledger *l, arena *a, hardship_plan *p, hardship_settled *out, err *e) {
    const world *w = ledger_world(l);
    concession c;
    if (!concession_get(a, ledger_store(l), p->concession, w->now_us(w), &c, e))
        return err_ok(e) ? fail(e, ERR_corrupt, "concession %" PRId64 " is gone", p->concession) : false;
    if (c.state == CONCESSION_WAITING) return true;
    if (c.state != CONCESSION_RESERVED && c.state != CONCESSION_COMMITTED)
        return out->ended++, end_plan(l, p, PLAN_ENDED, e);
    return tell_still(l, a, p, e) &&
           (!p->n || p->parts[0].commitment || tell_part(l, a, p, &p->parts[0], p->made_us, e)) &&
           agree(l, a, p, out, e);
}

static bool settle_agreed(ledger *l, arena *a, hardship_plan *p, int64_t now_us, hardship_settled *out, err *e) {
    if (!settle_parts(l, a, p, now_us, out, e)) return false;
    const bool all = !p->n || p->parts[p->n - 1].paid_us;
    if (!all) return true;
    commitment c;
    if (!commitment_get(a, ledger_store(l), p->still, &c, e) && !err_ok(e)) return false;
    const int64_t at_us = p->n ? MAX(p->parts[p->n - 1].paid_us, p->made_us + 1) : p->made_us + 1;
    if (p->still && !commitment_closed(&c) && !say(l, a, KIND_commitment_kept, p->still, at_us, S("all was paid"), e))
        return false;
    out->kept++;
    return end_plan(l, p, PLAN_KEPT, e);
}

// What was replaced or has ended is owed by nobody any more. still 0 marks that this is done.
static bool settle_ended(ledger *l, arena *a, hardship_plan *p, err *e) {
    store *s = ledger_store(l);
    commitment c;
    for (size_t i = 0; i <= p->n; i++) {
        const int64_t id = i < p->n ? p->parts[i].commitment : p->still;
        if (!id || !commitment_get(a, s, id, &c, e)) continue;
        if (!commitment_closed(&c) && !say(l, a, KIND_commitment_withdrawn, id, 0, S("the arrangement was changed"), e))
            return false;
    }
    const enum hardship_plan_state was = p->state;
    p->still = 0;
    return err_ok(e) && end_plan(l, p, was, e);
}

static bool settle_one(ledger *l, arena *a, hardship_plan *p, int64_t now_us, hardship_settled *out, err *e) {
    if (!read_parts(a, ledger_store(l), p, now_us, e)) return false;
    switch (p->state) {
    case PLAN_DRAFTED: return tell_plan(l, a, p, out, e);
    case PLAN_AGREED: return settle_agreed(l, a, p, now_us, out, e);
    case PLAN_ANEW:
    case PLAN_ENDED: return !p->still || settle_ended(l, a, p, e);
    case PLAN_KEPT: break;
    }
    return true;
}

bool hardship_settle(ledger *l, hardship_settled *out, err *e) {
    static const enum hardship_plan_state open[] = {PLAN_ANEW, PLAN_ENDED, PLAN_DRAFTED, PLAN_AGREED};
    const world *w = ledger_world(l);
    arena life = arena_open((size_t)1 << 28);
    *out = (hardship_settled){0};
    for (size_t k = 0; k < COUNT(open); k++)
        for (int64_t after = 0, n = 1; n && err_ok(e);) {
            arena a = life;
            hardship_plan *list;
            size_t some;
            row r = store_query(ledger_store(l), Q_hardship_plans_in, e, "iii", (int64_t)open[k], after,
                                (int64_t)PLANS_AT_ONCE);
            if (!read_all(&a, r, &list, &some, e)) break;
            for (size_t i = 0; i < some && settle_one(l, &a, &list[i], w->now_us(w), out, e); i++) {
            }
            n = (int64_t)some, after = some ? list[some - 1].id : after;
        }
    arena_close(&life);
    return err_ok(e) && (!out->told || concessions_tell(l, NULL, e));
}

// ---- as JSON ----

static void put_money(json_out *j, const char *key, int64_t minor, int32_t unit) {
    const currency *c = currency_by_number(unit);
    json_open(j, key, '{');
    json_put_int(j, "value", minor);
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    json_close(j, '}');
}

static void put_id(json_out *j, const char *key, int64_t id) {
    if (id)
        json_put_int(j, key, id);
    else
        json_put_null(j, key);
}

static void put_part(json_out *j, const hardship_plan *p, const hardship_part *t) {
    static const char *const states[] = {"ahead", "paid", "missed"};
    char day[16];
    const ymd d = ymd_of(t->day);
    snprintf(day, sizeof day, "%04d-%02d-%02d", (int)d.year, (int)d.month, (int)d.day);
    json_open(j, NULL, '{');
    json_put_int(j, "part", t->part);
    json_put_str(j, "day", str_c(day));
    put_money(j, "amount", t->amount, p->currency);
    json_put_str(j, "state", str_c(states[t->state]));
    json_put_time(j, "paid", t->paid_us);
    put_id(j, "commitment", t->commitment);
    json_put_time(j, "word", t->word_us);
    json_close(j, '}');
}

void hardship_plan_json(json_out *j, const char *key, const hardship_plan *x) {
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_int(j, "hardship", x->hardship);
    json_put_str(j, "state", str_c(hardship_plan_state_name(x->state)));
    put_money(j, "owed", x->owed, x->currency);
    put_money(j, "let_off", x->let_off, x->currency);
    put_money(j, "paid", x->paid, x->currency);
    put_id(j, "concession", x->concession);
    put_id(j, "still", x->still);
    put_id(j, "after", x->after_plan);
    json_put_time(j, "made", x->made_us);
    json_put_str(j, "by", x->by);
    json_open(j, "parts", '[');
    for (size_t i = 0; i < x->n; i++) put_part(j, x, &x->parts[i]);
    json_close(j, ']');
    json_close(j, '}');
}
