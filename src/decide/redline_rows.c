// Red lines that are kept, and what they sum by period.
#include "decide/concession_private.h"
#include "decide/redline_private.h"

#include "know/fold.h"
#include "know/measure.h"
#include "know/settings.h"
#include "sql/decide_redline.h"

enum { MOST_NAME = 100, MOST_TEXT = 1000, PAGE = 500 };

// ---- rows ----

redline redline_read(arena *a, const row *r) {
    return (redline){.id = row_int(r, 0),
                     .version = row_int(r, 1),
                     .name = str_dup(a, row_str(r, 2)),
                     .kind = (enum redline_kind)row_int(r, 3),
                     .limit = row_int(r, 4),
                     .currency = (int32_t)row_int(r, 5),
                     .period = (enum redline_period)row_int(r, 6),
                     .of = (uint32_t)row_int(r, 7),
                     .segment = row_int(r, 8),
                     .product = str_dup(a, row_str(r, 9)),
                     .channel = str_dup(a, row_str(r, 10)),
                     .role = str_dup(a, row_str(r, 11)),
                     .measure = str_dup(a, row_str(r, 12)),
                     .below = row_int(r, 13) != 0,
                     .signer = str_dup(a, row_str(r, 14)),
                     .why = str_dup(a, row_str(r, 15)),
                     .from_us = row_int(r, 16),
                     .until_us = row_int(r, 17),
                     .made_us = row_int(r, 18),
                     .by = str_dup(a, row_str(r, 19)),
                     .ended_us = row_int(r, 20),
                     .retired = row_int(r, 21) != 0,
                     .sample = row_int(r, 22) != 0};
}

static bool one(arena *a, row r, redline *out, err *e) {
    bool found = false;
    for (; row_next(&r); found = true) *out = redline_read(a, &r);
    return found && err_ok(e);
}

bool redline_get_id(arena *a, store *s, int64_t id, redline *out, err *e) {
    return one(a, store_query(s, Q_redline_get, e, "i", id), out, e);
}

bool redline_get(arena *a, store *s, str which, redline *out, err *e) {
    int64_t id;
    if (one(a, store_query(s, Q_redline_named, e, "t", which), out, e)) return true;
    return err_ok(e) && str_i64(which, &id) && redline_get_id(a, s, id, out, e);
}

static bool many(arena *a, row r, redline **out, size_t *n, err *e) {
    *out = make(a, redline, REDLINES_MOST), *n = 0;
    while (row_next(&r))
        if (*n < REDLINES_MOST) (*out)[(*n)++] = redline_read(a, &r);
    return err_ok(e);
}

bool redlines_list(arena *a, store *s, bool retired, redline **out, size_t *n, err *e) {
    return many(a, store_query(s, Q_redline_list, e, "i", (int64_t)retired), out, n, e);
}

bool redline_history(arena *a, store *s, int64_t id, redline **out, size_t *n, err *e) {
    return many(a, store_query(s, Q_redline_history, e, "i", id), out, n, e);
}

// ---- what a line must be ----

static bool limit_ok(const redline *x, err *e) {
    enum measure m;
    bool bp = !strcmp(redline_unit(x->kind), "bp");
    if (bp && (x->limit < -10000 || x->limit > 10000))
        return fail(e, ERR_invalid, "'limit' is in hundredths of a percent: 1500 is 15 %%; at most 10000");
    if (!bp && x->kind != REDLINE_measure && x->limit < 0) return fail(e, ERR_invalid, "'limit' must not be below 0");
    if (x->limit > INT64_MAX / 20000) return fail(e, ERR_invalid, "'limit' is too large");
    if (x->kind == REDLINE_lead && x->limit > 24 * 3660)
        return fail(e, ERR_invalid, "'limit' is in hours, at most ten years");
    return x->kind != REDLINE_measure || measure_of(x->measure, &m) || true;
}

static bool period_ok(const redline *x, err *e) {
    bool must = redline_sums(x->kind) && x->kind != REDLINE_pace;
    if (must && x->period == PERIOD_NONE)
        return fail(e, ERR_invalid, "'period' says in what time it sums: day, week, month, quarter or year");
    if (!redline_sums(x->kind) && x->period != PERIOD_NONE)
        return fail(e, ERR_invalid, "'period' is for lines that sum: service, budget, times and pace");
    return true;
}

static bool measure_ok(const redline *x, err *e) {
    enum measure m;
    if (x->kind == REDLINE_measure)
        return measure_of(x->measure, &m) ||
               fail(e, ERR_invalid, "'measure' names no figure; 'heed measure' lists them");
    if (x->kind == REDLINE_lead)
        return !x->measure.len || commitment_kind_of(x->measure) ||
               fail(e, ERR_invalid, "'measure' of a lead time is a kind of commitment, such as delivery or callback");
    return !x->measure.len || fail(e, ERR_invalid, "'measure' is for lines of the kinds measure and lead");
}

static bool line_ok(arena scratch, store *s, const redline *x, const char **field, err *e) {
    redline other;
    int64_t number;
    segment_row group;
    *field = "name";
    str name = str_trim(x->name);
    if (!name.len || name.len > MOST_NAME || name.len != x->name.len || str_i64(name, &number))
        return fail(e, ERR_invalid, "'name' must be a text of 1 to %d bytes that is no number", MOST_NAME);
    if (redline_get(&scratch, s, name, &other, e) && other.id != x->id && !other.retired)
        return fail(e, ERR_conflict, "there is a red line '%.*s' already, number %" PRId64, STR_ARG(name), other.id);
    if (!err_ok(e)) return false;
    *field = "kind";
    if (x->kind <= REDLINE_none || x->kind >= REDLINE_KINDS)
        return fail(e, ERR_invalid,
                    "'kind' must be margin, discount, amount, service, budget, times, pace, lead or measure");
    if (*field = "limit", !limit_ok(x, e)) return false;
    if (*field = "period", !period_ok(x, e)) return false;
    if (*field = "measure", !measure_ok(x, e)) return false;
    *field = "signer";
    if (x->signer.len && !role_rank(x->signer)) return fail(e, ERR_invalid, "'signer' must be agent, manager or owner");
    *field = "segment";
    if (x->segment && !segment_get_id(&scratch, s, x->segment, &group, e))
        return err_ok(e) ? fail(e, ERR_invalid, "there is no segment %" PRId64, x->segment) : false;
    *field = "until";
    if (x->until_us && x->until_us <= x->from_us) return fail(e, ERR_invalid, "'until' must be after 'from'");
    *field = "why";
    if (x->why.len > MOST_TEXT) return fail(e, ERR_invalid, "'why' is longer than %d bytes", MOST_TEXT);
    *field = NULL;
    return true;
}

static bool counts_alike(const redline *x, const redline *y) {
    return x->kind == y->kind && x->currency == y->currency && x->period == y->period && x->of == y->of &&
           x->segment == y->segment && str_eq(x->product, y->product) && str_eq(x->channel, y->channel) &&
           str_eq(x->role, y->role) && x->retired == y->retired;
}

static bool write_line(store *s, const redline *x, err *e) {
    return store_run(s, Q_redline_end, NULL, e, "ii", x->id, x->made_us) &&
           store_run(s, Q_redline_put, NULL, e, "iitiiiiiittttittiiitii", x->id, x->version, x->name, (int64_t)x->kind,
                     x->limit, (int64_t)x->currency, (int64_t)x->period, (int64_t)x->of, x->segment, x->product,
                     x->channel, x->role, x->measure, (int64_t)x->below, x->signer, x->why, x->from_us, x->until_us,
                     x->made_us, x->by, (int64_t)x->retired, (int64_t)x->sample);
}

static bool home_currency(arena *a, store *s, int32_t *out, err *e) {
    str code;
    if (!settings_get(a, s, "currency", &code, e)) return false;
    const currency *c = currency_of(code.len ? code : S("EUR")); // as amounts that name none are read
    *out = c ? c->number : 0;
    return true;
}

bool redline_put(ledger *l, arena scratch, redline *x, const char **field, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    redline old = {0};
    bool fresh = !x->id, money = !strcmp(redline_unit(x->kind), "money");
    x->made_us = w->now_us(w), x->ended_us = 0;
    if (!x->from_us) x->from_us = x->made_us;
    if (!money) x->currency = 0;
    if (money && !x->currency && !home_currency(&scratch, s, &x->currency, e)) return false;
    if (!line_ok(scratch, s, x, field, e) || (fresh && !ledger_id(l, &x->id, e))) return false;
    if (!fresh && !redline_get_id(&scratch, s, x->id, &old, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no red line %" PRId64, x->id) : false;
    x->version = old.version + 1;
    if (!write_line(s, x, e)) return false;
    bool again = redline_sums(x->kind) && !x->retired && (fresh || !counts_alike(x, &old));
    return !again || redline_recount(s, scratch, x, x->made_us, e);
}

bool redline_retire(ledger *l, arena scratch, int64_t id, str by, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    redline x;
    if (!redline_get_id(&scratch, s, id, &x, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no red line %" PRId64, id) : false;
    if (x.retired) return fail(e, ERR_conflict, "red line %" PRId64 " is retired already", id);
    x.retired = true, x.by = by, x.made_us = w->now_us(w), x.version++;
    return write_line(s, &x, e);
}

// ---- periods ----

static const char *const period_texts[] = {"all together", "today",        "this week",
                                           "this month",   "this quarter", "this year"};

str period_words(enum redline_period p) {
    return str_c(period_texts[p]);
}

period_span period_at(const zone *z, enum redline_period p, int64_t at_us) {
    int32_t day = zone_days(z, at_us), from = day, until = day + 1;
    ymd d = ymd_of(day);
    int32_t month = days_of((ymd){d.year, d.month, 1});
    switch (p) {
    case PERIOD_NONE: return (period_span){0, INT64_MAX};
    case PERIOD_DAY: break;
    case PERIOD_WEEK: from = day - weekday(day), until = from + 7; break;
    case PERIOD_MONTH: from = month, until = add_months(month, 1); break;
    case PERIOD_QUARTER: from = add_months(month, -((d.month - 1) % 3)), until = add_months(from, 3); break;
    case PERIOD_YEAR: from = days_of((ymd){d.year, 1, 1}), until = add_months(from, 12); break;
    }
    return (period_span){zone_day_start_us(z, from), zone_day_start_us(z, until)};
}

static bool running(store *s, int64_t id, int64_t now_us, period_span *out, bool *found, err *e) {
    *found = false;
    for (row r = store_query(s, Q_redline_sum_at, e, "ii", id, now_us); row_next(&r);)
        *out = (period_span){row_int(&r, 0), row_int(&r, 1)}, *found = true;
    return err_ok(e);
}

// Two periods of a line never overlap, whatever the store's zone was when the one before began.
bool redline_period(store *s, const zone *z, const redline *x, int64_t now_us, period_span *out, err *e) {
    bool found;
    int64_t last;
    if (!running(s, x->id, now_us, out, &found, e) || found) return err_ok(e);
    if (!store_int(s, Q_redline_sum_last, &last, 0, e, "i", x->id)) return false;
    *out = period_at(z, x->period, now_us);
    if (last <= now_us && last > out->from_us) out->from_us = last;
    return store_run(s, Q_redline_sum_begin, NULL, e, "iii", x->id, out->from_us, out->until_us);
}

// ---- counting anew ----

typedef struct {
    store *s;
    arena *a;
    const redline *x;
    const segment_rule *rule;
    period_span in;
    int64_t now_us;
} recount;

static bool counts(const recount *k, arena scratch, const concession *c, bool *yes, err *e) {
    *yes = c->at_us < k->in.until_us && redline_speaks(k->x, &c->ask) &&
           (!k->x->currency || k->x->currency == c->ask.currency) &&
           !(c->state == CONCESSION_RESERVED && c->keep_us <= k->now_us);
    if (!*yes || !k->x->segment) return true;
    *yes = false;
    return !c->ask.customer || segment_which(&scratch, k->s, k->rule, k->now_us, &c->ask.customer, 1, yes, e);
}

bool redline_recount(store *s, arena scratch, const redline *x, int64_t now_us, err *e) {
    zone *z;
    segment_row group;
    char place[SEGMENT_FIELD_LEN];
    segment_rule *rule = NULL;
    // Periods that are over are of no use: what was counted in them by another rule must not meet what is counted now.
    if (!store_zone(s, &scratch, &z, e) || !store_run(s, Q_redline_sum_drop, NULL, e, "i", x->id) ||
        !store_run(s, Q_redline_person_drop, NULL, e, "i", x->id) ||
        !store_run(s, Q_concession_line_drop, NULL, e, "i", x->id))
        return false;
    if (x->segment && (!segment_get_id(&scratch, s, x->segment, &group, e) ||
                       !segment_read_text(&scratch, s, group.rule, group.id, &rule, place, e)))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no segment %" PRId64, x->segment) : false;
    recount k = {.s = s, .a = &scratch, .x = x, .rule = rule, .now_us = now_us};
    if (!redline_period(s, z, x, now_us, &k.in, e)) return false;
    int64_t after = 0;
    for (bool more = true; more;) {
        arena page = scratch;
        concession *rows = make(&page, concession, PAGE);
        size_t n = 0;
        for (row r = store_query(s, Q_concession_counting, e, "iii", k.in.from_us, after, (int64_t)PAGE); row_next(&r);)
            rows[n++] = concession_read(&page, &r);
        if (!err_ok(e)) return false;
        for (size_t i = 0; i < n; i++) {
            bool yes;
            after = rows[i].id;
            if (!counts(&k, page, &rows[i], &yes, e)) return false;
            if (yes && !concession_count(s, x, &k.in, &rows[i], e)) return false;
        }
        more = n == PAGE;
    }
    return true;
}
