#include "base/json.h"

#include "act/hardship.h"
#include "sql/decide_care.h"
#include "sql/know.h"

typedef struct {
    const char *name;
    uint32_t state;
    int days, most_days;
} hardship_row;

static const hardship_row kinds[HARDSHIP_KINDS] = {
    [HARDSHIP_none] = {"none", 0, 0, 0},
#define HARDSHIP(name, id, state, days, most, text) [HARDSHIP_##name] = {#name, state, days, most},
#include "act/hardships.def"
};

const char *hardship_kind_name(enum hardship_kind k) {
    return k < HARDSHIP_KINDS ? kinds[k].name : kinds[HARDSHIP_none].name;
}

// Unless said otherwise.
static int hardship_days(enum hardship_kind k) {
    return k < HARDSHIP_KINDS ? kinds[k].days : 0;
}

enum hardship_kind hardship_kind_of(str name) {
    for (enum hardship_kind k = 1; k < HARDSHIP_KINDS; k++)
        if (str_eq(name, str_c(kinds[k].name))) return k;
    return HARDSHIP_none;
}

bool hardship_states(store *s, const int64_t *profiles, size_t n, int64_t now_us, uint32_t *states, int64_t *until_us,
                     err *e) {
    int64_t until = 0;
    bool for_ever = false;
    *states = 0;
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(s, Q_hardship_holds, e, "ii", profiles[i], now_us); row_next(&r);) {
            int64_t kind = row_int(&r, 0);
            if (kind > 0 && kind < HARDSHIP_KINDS) *states |= kinds[kind].state;
            for_ever |= row_null(&r, 1);
            until = MAX(until, row_int(&r, 1));
        }
    if (until_us) *until_us = for_ever ? 0 : until;
    return err_ok(e);
}

bool hardship_holds(const hardship *x, int64_t now_us) {
    return x->since_us <= now_us && !x->ended_us && (!x->until_us || x->until_us > now_us);
}

// ---- reading ----

// What is over is read as the sweep will leave it.
static hardship read_flag(arena *a, const row *r, int64_t now_us) {
    const int64_t kind = row_int(r, 2);
    hardship x = {.id = row_int(r, 0),
                  .profile_id = row_int(r, 1),
                  .kind = kind > 0 && kind < HARDSHIP_KINDS ? (enum hardship_kind)kind : HARDSHIP_none,
                  .since_us = row_int(r, 3),
                  .until_us = row_int(r, 4),
                  .ended_us = row_int(r, 5),
                  .consent = !row_null(r, 7),
                  .consent_us = row_int(r, 7),
                  .made_us = row_int(r, 10),
                  .version = row_int(r, 12),
                  .customer = row_int(r, 13)};
    if (!hardship_holds(&x, now_us)) return x;
    x.purpose = str_dup(a, row_str(r, 6)), x.consent_how = str_dup(a, row_str(r, 8));
    x.note = str_dup(a, row_str(r, 9)), x.by = str_dup(a, row_str(r, 11));
    return x;
}

bool hardship_get(arena *a, store *s, int64_t id, int64_t now_us, hardship *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_hardship_get, e, "i", id); row_next(&r);)
        *out = read_flag(a, &r, now_us), found = true;
    if (found || !err_ok(e)) return err_ok(e);
    return fail(e, ERR_not_found, "there is no hardship %" PRId64, id);
}

bool hardship_list(arena *a, store *s, const hardship_ask *ask, int64_t now_us, hardship **out, size_t *n, err *e) {
    const int64_t most = ask->most > 0 ? ask->most : 100;
    *out = make(a, hardship, most), *n = 0;
    for (row r = store_query(s, Q_hardship_list, e, "iiiiii", ask->below ? ask->below : INT64_MAX, (int64_t)!ask->all,
                             now_us, (int64_t)ask->kind, ask->customer, most);
         row_next(&r);)
        (*out)[(*n)++] = read_flag(a, &r, now_us);
    return err_ok(e);
}

// ---- writing ----

enum { MOST_PURPOSE = 200, MOST_HOW = 100 };

static bool sound(hardship *x, int64_t now_us, err *e) {
    const hardship_row *k = &kinds[x->kind];
    if (!x->kind) return fail(e, ERR_invalid, "'kind' must be cannot_pay, bereaved or peace");
    if (x->note.len > HARDSHIP_NOTE)
        return fail(e, ERR_invalid, "'note' is longer than %d bytes; write down only what is needed", HARDSHIP_NOTE);
    if (x->purpose.len > MOST_PURPOSE || x->consent_how.len > MOST_HOW)
        return fail(e, ERR_invalid, "'purpose' holds %d bytes at most, 'consent_how' %d", MOST_PURPOSE, MOST_HOW);
    if (x->note.len && !x->consent)
        return fail(e, ERR_invalid, "'note' needs the customer's consent; leave it out, or ask them");
    if (x->consent && !x->consent_how.len)
        return fail(e, ERR_invalid, "'consent_how' is empty; say how they consented, such as \"by phone\"");
    if (x->note.len && !x->purpose.len)
        return fail(e, ERR_invalid, "'purpose' is empty; say what the note may be used for");
    if (!x->until_us && k->most_days)
        return fail(e, ERR_invalid, "'until' is needed: %s ends by itself, after %d days at most", k->name,
                    k->most_days);
    if (x->until_us && x->until_us <= MAX(x->since_us, now_us)) return fail(e, ERR_invalid, "'until' must lie ahead");
    if (k->most_days && x->until_us > now_us + k->most_days * DAY_US)
        return fail(e, ERR_invalid, "'until' lies more than %d days ahead; look at it again by then", k->most_days);
    return true;
}

static bool holds_already(store *s, int64_t customer, enum hardship_kind kind, int64_t now_us, bool *out, err *e) {
    int64_t profiles = 0;
    *out = false;
    for (row p = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&p); profiles++)
        for (row r = store_query(s, Q_hardship_holds, e, "ii", row_int(&p, 0), now_us); row_next(&r);)
            *out |= row_int(&r, 0) == (int64_t)kind;
    if (err_ok(e) && !profiles) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    return err_ok(e);
}

bool hardship_add(ledger *l, arena *a, hardship *x, err *e) {
    const world *w = ledger_world(l);
    store *s = ledger_store(l);
    bool already;
    (void)a;
    x->made_us = w->now_us(w), x->version = 1;
    if (!x->since_us) x->since_us = x->made_us;
    if (x->since_us > x->made_us) return fail(e, ERR_invalid, "'since' must not lie ahead");
    if (x->until_us < 0)
        x->until_us = 0;
    else if (!x->until_us)
        x->until_us = x->made_us + hardship_days(x->kind) * DAY_US;
    if (!sound(x, x->made_us, e) || !holds_already(s, x->customer, x->kind, x->made_us, &already, e)) return false;
    if (already)
        return fail(e, ERR_conflict, "customer %" PRId64 " has one of kind %s already; change that one", x->customer,
                    hardship_kind_name(x->kind));
    x->profile_id = x->customer, x->consent_us = x->consent ? x->made_us : 0;
    return ledger_id(l, &x->id, e) &&
           store_run(s, Q_hardship_put, NULL, e, "iiiiItIttiti", x->id, x->profile_id, (int64_t)x->kind, x->since_us,
                     x->until_us ? &x->until_us : NULL, x->purpose, x->consent ? &x->consent_us : NULL, x->consent_how,
                     x->note, x->made_us, x->by, (int64_t)x->sample);
}

static bool save(store *s, const hardship *x, err *e) {
    return store_run(s, Q_hardship_change, NULL, e, "iIItItt", x->id, x->until_us ? &x->until_us : NULL,
                     x->ended_us ? &x->ended_us : NULL, x->purpose, x->consent ? &x->consent_us : NULL, x->consent_how,
                     x->note);
}

bool hardship_change(ledger *l, arena *a, hardship *x, err *e) {
    const world *w = ledger_world(l);
    const int64_t now = w->now_us(w);
    hardship was;
    if (!hardship_get(a, ledger_store(l), x->id, now, &was, e)) return false;
    if (was.version != x->version)
        return fail(e, ERR_changed, "hardship %" PRId64 " was changed meanwhile; read it again", x->id);
    if (!hardship_holds(&was, now)) return fail(e, ERR_conflict, "hardship %" PRId64 " is over; add a new one", x->id);
    if (!x->consent) x->purpose = x->consent_how = S("");
    if (!x->consent && str_eq(x->note, was.note)) x->note = S(""); // a new one is refused
    if (x->until_us < 0) x->until_us = 0;
    if (x->consent && !was.consent) x->consent_us = now;
    x->kind = was.kind, x->since_us = was.since_us, x->ended_us = 0, x->version++;
    return sound(x, now, e) && save(ledger_store(l), x, e);
}

bool hardship_end(ledger *l, arena *a, int64_t id, err *e) {
    const world *w = ledger_world(l);
    store *s = ledger_store(l);
    hardship x;
    if (!hardship_get(a, s, id, w->now_us(w), &x, e)) return false;
    if (!hardship_holds(&x, w->now_us(w))) return fail(e, ERR_conflict, "hardship %" PRId64 " is over already", id);
    x.ended_us = w->now_us(w), x.purpose = x.consent_how = x.note = S("");
    return save(s, &x, e) && store_run(s, Q_hardship_plans_end, NULL, e, "i", id);
}

void hardship_json(json_out *j, const char *key, const hardship *x, int64_t now_us) {
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_int(j, "customer", x->customer ? x->customer : x->profile_id);
    json_put_str(j, "kind", str_c(hardship_kind_name(x->kind)));
    json_put_bool(j, "holds", hardship_holds(x, now_us));
    json_put_time(j, "since", x->since_us);
    json_put_time(j, "until", x->until_us);
    json_put_time(j, "ended", x->ended_us);
    json_put_bool(j, "consent", x->consent);
    json_put_time(j, "consent_at", x->consent_us);
    json_put_str(j, "consent_how", x->consent_how);
    json_put_str(j, "purpose", x->purpose);
    json_put_str(j, "note", x->note);
    json_put_time(j, "made", x->made_us);
    json_put_str(j, "by", x->by);
    json_put_int(j, "version", x->version);
    json_close(j, '}');
}
