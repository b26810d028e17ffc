#include "decide/envelope.h"

#include "base/civil.h"
#include "base/money.h"
#include "sql/decide_redline.h"

int role_rank(str role) {
    static const char *const roles[] = {"agent", "manager", "owner"}; // rising
    for (int i = 0; i < (int)COUNT(roles); i++)
        if (str_eq(role, str_c(roles[i]))) return i + 1;
    return 0;
}

static envelope envelope_read(arena *a, const row *r) {
    return (envelope){.role = str_dup(a, row_str(r, 0)),
                      .version = row_int(r, 1),
                      .of = (uint32_t)row_int(r, 2),
                      .most = row_int(r, 3),
                      .currency = (int32_t)row_int(r, 4),
                      .discount_bp = row_int(r, 5),
                      .times = row_int(r, 6),
                      .period = (enum redline_period)row_int(r, 7),
                      .signer = str_dup(a, row_str(r, 8)),
                      .hours = row_int(r, 9),
                      .review_bp = row_int(r, 10),
                      .made_us = row_int(r, 11),
                      .by = str_dup(a, row_str(r, 12)),
                      .retired = row_int(r, 14) != 0,
                      .sample = row_int(r, 15) != 0};
}

bool envelope_get(arena *a, store *s, str role, envelope *out, err *e) {
    bool found = false;
    *out = (envelope){0};
    for (row r = store_query(s, Q_envelope_get, e, "t", role); row_next(&r);) *out = envelope_read(a, &r), found = true;
    return found && err_ok(e);
}

bool envelopes_list(arena *a, store *s, envelope **out, size_t *n, err *e) {
    enum { MOST = 64 };
    *out = make(a, envelope, MOST), *n = 0;
    for (row r = store_query(s, Q_envelope_list, e, ""); row_next(&r);)
        if (*n < MOST) (*out)[(*n)++] = envelope_read(a, &r);
    return err_ok(e);
}

static bool envelope_ok(const envelope *x, const char **field, err *e) {
    *field = "role";
    if (!role_rank(x->role)) return fail(e, ERR_invalid, "'role' must be agent, manager or owner");
    *field = "signer";
    if (x->signer.len && !role_rank(x->signer)) return fail(e, ERR_invalid, "'signer' must be agent, manager or owner");
    *field = "most";
    if (x->most < 0) return fail(e, ERR_invalid, "'most' must not be below 0");
    *field = "discount_bp";
    if (x->discount_bp < 0 || x->discount_bp > 10000)
        return fail(e, ERR_invalid, "'discount_bp' must be from 0 to 10000, hundredths of a percent");
    *field = "times";
    if (x->times < 0) return fail(e, ERR_invalid, "'times' must not be below 0");
    *field = "period";
    if (x->times && x->period == PERIOD_NONE)
        return fail(e, ERR_invalid, "'period' says in what time: day, week, month, quarter or year");
    *field = "hours";
    if (x->hours < 0 || x->hours > 1000) return fail(e, ERR_invalid, "'hours' must be from 0 to 1000");
    *field = "review_bp";
    if (x->review_bp < 0 || x->review_bp > 10000)
        return fail(e, ERR_invalid, "'review_bp' must be from 0 to 10000, hundredths of a percent");
    *field = NULL;
    return true;
}

bool envelope_put(ledger *l, envelope *x, const char **field, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    envelope old;
    arena a = arena_open((size_t)1 << 20);
    bool ok = envelope_ok(x, field, e);
    if (ok) x->version = envelope_get(&a, s, x->role, &old, e) ? old.version + 1 : 1, ok = err_ok(e);
    arena_close(&a);
    if (!ok) return false;
    x->made_us = w->now_us(w);
    return store_run(s, Q_envelope_end, NULL, e, "ti", x->role, x->made_us) &&
           store_run(s, Q_envelope_put, NULL, e, "tiiiiiiitiiitii", x->role, x->version, (int64_t)x->of, x->most,
                     (int64_t)x->currency, x->discount_bp, x->times, (int64_t)x->period, x->signer, x->hours,
                     x->review_bp, x->made_us, x->by, (int64_t)x->retired, (int64_t)x->sample);
}

// Within the last day, week, month: a limit that starts anew at midnight invites to wait for it.
int64_t envelope_since(const envelope *x, int64_t now_us) {
    static const int64_t days[] = {36500, 1, 7, 30, 91, 365};
    return now_us - days[x->period] * DAY_US;
}

void envelope_json(json_out *j, const char *key, const envelope *x) {
    const currency *c = currency_by_number(x->currency);
    json_open(j, key, '{');
    json_put_str(j, "role", x->role);
    json_put_int(j, "version", x->version);
    json_open(j, "of", '[');
    for (int i = 1; i < CONCESSION_KINDS; i++)
        if (x->of >> i & 1) json_put_str(j, NULL, str_c(concession_name((enum concession_kind)i)));
    json_close(j, ']');
    json_put_int(j, "most", x->most);
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    json_put_int(j, "discount_bp", x->discount_bp);
    json_put_int(j, "times", x->times);
    json_put_str(j, "period", str_c(redline_period_name(x->period)));
    json_put_str(j, "signer", x->signer.len ? x->signer : S("manager"));
    json_put_int(j, "hours", x->hours ? x->hours : 4);
    json_put_int(j, "review_bp", x->review_bp);
    json_put_time(j, "made", x->made_us);
    json_put_str(j, "by", x->by);
    json_close(j, '}');
}
