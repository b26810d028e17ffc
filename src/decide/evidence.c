#include "decide/evidence.h"

#include "decide/today.h"

#include "base/json.h"
#include "base/money.h"
#include "base/unicode.h"
#include "know/fold.h"
#include "know/talk.h"

typedef struct {
    store *s;
    zone *z;
    arena scratch;
    int64_t now_us, most, *total;
    evidence_fn fn;
    void *ctx;
    time_span when;
    str term; // topic or word looked for
} search;

static bool give(search *x, const evidence_row *out, err *e) {
    return ++*x->total > x->most || x->fn(x->ctx, out, e);
}

// ---- spans ----

static bool one_day(str x, ymd *d) {
    int64_t y, m = 1, day = 1;
    str rest = x, part = str_cut(&rest, '-');
    if (part.len != 4 || !str_i64(part, &y)) return false;
    if (rest.s && !str_i64(str_cut(&rest, '-'), &m)) return false;
    if (rest.s && !str_i64(rest, &day)) return false;
    if (m < 1 || m > 12) return false;
    *d = (ymd){(int32_t)y, (int8_t)m, (int8_t)day};
    return ymd_ok(*d);
}

// The day after the last of a year, a month or a day.
static int32_t end_of(str x, ymd d) {
    if (x.len == 4) return days_of((ymd){d.year + 1, 1, 1});
    if (x.len == 7) return add_months(days_of(d), 1);
    return days_of(d) + 1;
}

bool span_parse(str x, const zone *z, time_span *out, err *e) {
    ymd from, to;
    str a = x, b = x;
    for (size_t i = 0; i + 1 < x.len; i++)
        if (x.s[i] == '.' && x.s[i + 1] == '.') a = str_sub(x, 0, i), b = str_sub(x, i + 2, x.len);
    if (!one_day(a, &from) || !one_day(b, &to))
        return fail(e, ERR_invalid, "'%.*s' is not a time: write 2026, 2026-08, 2026-08-23 or 2026-08-23..2026-11-20",
                    STR_ARG(x));
    *out = (time_span){zone_day_start_us(z, days_of(from)), zone_day_start_us(z, end_of(b, to))};
    return out->since_us < out->until_us || fail(e, ERR_invalid, "'%.*s' ends before it begins", STR_ARG(x));
}

// ---- what was said ----

static str score_text(arena *a, enum instrument i, int64_t score) {
    int lo, hi;
    if (!instrument_range(i, &lo, &hi)) return S("");
    if (score % 100) return str_fmt(a, "%.1f of %d", (double)score / 100, hi);
    return str_fmt(a, "%d of %d", (int)(score / 100), hi);
}

static str source_of(search *x, arena *a, int64_t source_id, int channel) {
    str name = S("");
    for (row r = store_query(x->s, Q_source_names, &(err){0}, ""); row_next(&r);)
        if (row_int(&r, 0) == source_id) name = str_dup(a, row_str(&r, 1));
    return str_fmt(a, "%.*s, %.*s", STR_ARG(name), STR_ARG(channel_label((enum channel)channel)));
}

static int64_t customer_of(search *x, arena a, int64_t profile, err *e) {
    int64_t customer = 0;
    if (!profile) return 0;
    for (row r = store_query(x->s, Q_profile_some, e, "t", str_fmt(&a, "[%" PRId64 "]", profile)); row_next(&r);)
        customer = row_int(&r, 1);
    return customer;
}

static bool give_feedback(search *x, const row *r, int32_t period, err *e) {
    arena a = x->scratch;
    record rec;
    said s = {0};
    if (row_int(r, 12) && ledger_get(x->s, &a, period, row_int(r, 0), row_int(r, 2), row_int(r, 3), &rec, e))
        (void)said_of(&a, &rec, &s);
    evidence_row out = {.at_us = row_int(r, 2),
                        .customer_id = customer_of(x, a, row_int(r, 0), e),
                        .what = kind_name((enum kind)row_int(r, 4)),
                        .words = s.text,
                        .source = source_of(x, &a, row_int(r, 6), (int)row_int(r, 5))};
    if (!row_null(r, 8)) out.figure = score_text(&a, (enum instrument)row_int(r, 7), row_int(r, 8));
    return err_ok(e) && give(x, &out, e);
}

typedef bool (*wanted_fn)(const search *x, const row *r);

static bool each_feedback(search *x, wanted_fn wanted, err *e) {
    for (int32_t p = event_period(x->when.since_us); p <= event_period(x->when.until_us - 1); p++)
        for (row r = store_query(x->s, Q_feedback_of_period, e, "i", (int64_t)p); row_next(&r);) {
            int64_t at = row_int(&r, 2);
            if (at < x->when.since_us || at >= x->when.until_us || !wanted(x, &r)) continue;
            bool counted_only = *x->total >= x->most;
            if (counted_only)
                ++*x->total;
            else if (!give_feedback(x, &r, p, e))
                row_end(&r);
        }
    return err_ok(e);
}

static bool on_scale(const row *r, enum instrument i) {
    return row_int(r, 7) == i && !row_null(r, 8);
}
static bool is_nps(const search *x, const row *r) {
    return (void)x, on_scale(r, INSTRUMENT_nps);
}
static bool is_csat(const search *x, const row *r) {
    return (void)x, on_scale(r, INSTRUMENT_csat5);
}
static bool is_ces(const search *x, const row *r) {
    return (void)x, on_scale(r, INSTRUMENT_ces7);
}
static bool is_stars(const search *x, const row *r) {
    return (void)x, on_scale(r, INSTRUMENT_stars5);
}
static bool is_survey(const search *x, const row *r) {
    return (void)x, row_int(r, 4) == KIND_ask || row_int(r, 4) == KIND_answer;
}

static bool is_complained(const search *x, const row *r) {
    (void)x;
    return is_complaint((enum kind)row_int(r, 4), row_null(r, 9) ? MOOD_UNKNOWN : (int)row_int(r, 9), !row_null(r, 8));
}

static bool has_topic(const search *x, const row *r) {
    return str_eq(row_str(r, 10), x->term);
}

typedef struct {
    str want;
    bool found;
} word_search;

static void match_word(void *ctx, str w) {
    word_search *k = ctx;
    k->found |= str_eq(w, k->want);
}

static bool has_word(const search *x, const row *r) {
    arena a = x->scratch;
    record rec;
    said s;
    err quiet = {0};
    word_search k = {.want = x->term};
    if (!row_int(r, 12)) return false;
    if (!ledger_get(x->s, &a, event_period(row_int(r, 2)), row_int(r, 0), row_int(r, 2), row_int(r, 3), &rec, &quiet))
        return false;
    if (said_of(&a, &rec, &s)) text_words(a, s.text, match_word, &k);
    return k.found;
}

// ---- customers ----

typedef bool (*person_fn)(search *x, const timeline *t, const row *r, evidence_row *out, arena *a);

static bool each_person(search *x, person_fn fn, err *e) {
    for (row r = store_query(x->s, Q_summary_scan, e, ""); row_next(&r);) {
        arena a = x->scratch;
        timeline t;
        evidence_row out = {.customer_id = row_int(&r, 0)};
        if (!timeline_decode(&a, row_str(&r, 25), &t, e))
            row_end(&r);
        else if (fn(x, &t, &r, &out, &a) && !give(x, &out, e))
            row_end(&r);
    }
    return err_ok(e);
}

static bool lost_contract(search *x, const timeline *t, const row *r, evidence_row *out, arena *a) {
    int64_t start, end;
    if (!contract_at(t, x->when.since_us, &start) || contract_at(t, x->when.until_us, &end)) return false;
    for (int32_t i = 0; i < t->n_contracts; i++)
        if (t->contracts[i].kind == KIND_contract_end && t->contracts[i].at_us < x->when.until_us)
            out->at_us = MAX(out->at_us, t->contracts[i].at_us);
    out->what = S("contract ended");
    out->figure = str_fmt(a, "%.*s a month", STR_ARG(money_str(a, start, currency_by_number((int)row_int(r, 3)))));
    return true;
}

static bool changed_contract(search *x, const timeline *t, const row *r, evidence_row *out, arena *a) {
    int64_t start, end;
    const currency *c = currency_by_number((int)row_int(r, 3));
    if (!contract_at(t, x->when.since_us, &start)) return false;
    (void)contract_at(t, x->when.until_us, &end);
    if (start == end) return false;
    out->at_us = x->when.until_us - 1, out->what = end ? S("contract changed") : S("contract ended");
    out->figure = str_fmt(a, "%.*s to %.*s a month", STR_ARG(money_str(a, start, c)), STR_ARG(money_str(a, end, c)));
    return true;
}

static bool bought(search *x, const timeline *t, const row *r, evidence_row *out, arena *a) {
    int32_t from = zone_days(x->z, x->when.since_us), to = zone_days(x->z, x->when.until_us), first = INT32_MAX,
            last = INT32_MIN;
    (void)r;
    for (int32_t i = 0; i < t->n_purse; i++) {
        if (!timeline_is_purchase(t, &t->purse[i])) continue;
        first = MIN(first, t->purse[i].day);
        if (t->purse[i].day >= from && t->purse[i].day < to) last = MAX(last, t->purse[i].day);
    }
    if (last == INT32_MIN) return false;
    out->at_us = zone_day_start_us(x->z, last),
    out->what = first < last ? S("came back") : S("bought for the first time");
    out->figure = str_fmt(a, "first on %.*s", STR_ARG(date_str(a, first)));
    return true;
}

static bool sent_back(search *x, const timeline *t, const row *r, evidence_row *out, arena *a) {
    int32_t from = zone_days(x->z, x->when.since_us), to = zone_days(x->z, x->when.until_us), n = 0;
    for (int32_t i = 0; i < t->n_purse; i++)
        if (t->purse[i].kind == KIND_return_ && t->purse[i].day >= from && t->purse[i].day < to)
            n += t->purse[i].count, out->at_us = zone_day_start_us(x->z, t->purse[i].day);
    out->what = S("sent back"), out->figure = str_fmt(a, "%d of %d orders in all", n, (int)row_int(r, 4));
    return n > 0;
}

static bool known(search *x, const timeline *t, const row *r, evidence_row *out, arena *a) {
    (void)a;
    if (t->first_us >= x->when.until_us) return false;
    out->at_us = row_int(r, 2), out->what = row_null(r, 22) ? S("still here") : S("contract ended");
    return true;
}

// ---- conversations ----

static bool each_talk(search *x, bool waiting, err *e) {
    for (row r = store_query(x->s, Q_conversation_since, e, "i", x->when.since_us); row_next(&r);) {
        arena a = x->scratch;
        int64_t opened = row_int(&r, 2), waits = row_int(&r, 4), reply = row_int(&r, 6);
        if (waiting ? row_null(&r, 4) || waits < x->when.since_us
                    : opened >= x->when.until_us || row_null(&r, 6) || reply < x->when.since_us)
            continue;
        evidence_row out = {.at_us = waiting ? waits : opened,
                            .customer_id = customer_of(x, a, row_int(&r, 0), e),
                            .what = waiting ? S("waits for us") : S("answered"),
                            .source = source_of(x, &a, row_int(&r, 8), (int)row_int(&r, 7))};
        out.figure = waiting ? str_fmt(&a, "for %.1f h", (double)(x->now_us - waits) / (double)HOUR_US)
                             : str_fmt(&a, "last first answer %.*s", STR_ARG(iso_str(&a, reply)));
        if (!give(x, &out, e)) row_end(&r);
    }
    return err_ok(e);
}

// ---- one customer's events ----

static bool give_event(void *ctx, const record *r, err *e) {
    search *x = ctx;
    arena a = x->scratch;
    if (r->kind == KIND_identify && str_starts(r->body, S("{\"ids\":["))) return true;
    said s = {0};
    (void)said_of(&a, r, &s);
    evidence_row out = {.at_us = r->at_us,
                        .what = kind_name((enum kind)r->kind),
                        .words = s.text,
                        .source = channel_label((enum channel)r->channel)};
    enum kind_class class = kind_class((enum kind)r->kind);
    if (class == CLASS_SAID && r->has_value) out.figure = score_text(&a, (enum instrument)r->unit, r->value);
    if ((class == CLASS_MONEY || class == CLASS_CONTRACT) && r->has_value)
        out.figure = money_str(&a, r->value, currency_by_number(r->unit));
    return give(x, &out, e);
}

static bool each_event_of(search *x, int64_t customer, err *e) {
    int64_t profiles[256];
    int n = 0;
    for (row r = store_query(x->s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        if (n < (int)COUNT(profiles)) profiles[n++] = row_int(&r, 0);
    if (err_ok(e) && !n) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    for (int i = 0; i < n; i++)
        if (!ledger_profile_events(x->s, profiles[i], give_event, x, e)) return false;
    return err_ok(e);
}

// ---- ids ----

static bool of_measure(search *x, enum measure m, err *e) {
    switch (m) {
    case MEASURE_nps: return each_feedback(x, is_nps, e);
    case MEASURE_csat: return each_feedback(x, is_csat, e);
    case MEASURE_ces: return each_feedback(x, is_ces, e);
    case MEASURE_stars: return each_feedback(x, is_stars, e);
    case MEASURE_response_rate: return each_feedback(x, is_survey, e);
    case MEASURE_complaints: return each_feedback(x, is_complained, e);
    case MEASURE_churn: return each_person(x, lost_contract, e);
    case MEASURE_grr:
    case MEASURE_nrr: return each_person(x, changed_contract, e);
    case MEASURE_still_here: return each_person(x, known, e);
    case MEASURE_repeat: return each_person(x, bought, e);
    case MEASURE_returns: return each_person(x, sent_back, e);
    case MEASURE_first_reply: return each_talk(x, false, e);
    case MEASURE_waiting: return each_talk(x, true, e);
    case MEASURES: break;
    }
    return fail(e, ERR_internal, "no evidence for this measure");
}

static bool dispatch(search *x, str id, err *e) {
    str rest = id, what = str_cut(&rest, ':');
    int64_t n;
    enum measure m;
    x->when = (time_span){x->now_us - 28 * DAY_US, x->now_us};
    x->term = rest;
    if (str_eq(what, S("customer")) && str_i64(rest, &n)) return each_event_of(x, n, e);
    if (str_eq(what, S("topic")) && rest.len) return each_feedback(x, has_topic, e);
    if (str_eq(what, S("word")) && rest.len) return each_feedback(x, has_word, e);
    if (measure_of(id, &m)) {
        x->when = (time_span){x->now_us - TODAY_DAYS * DAY_US, x->now_us};
        return of_measure(x, m, e);
    }
    if (measure_of(what, &m) && rest.len) return span_parse(rest, x->z, &x->when, e) && of_measure(x, m, e);
    return fail(
        e, ERR_invalid,
        "'%.*s' is not an evidence id: take one from heed today, such as nps:2026-08-23..2026-11-20 or customer:17",
        STR_ARG(id));
}

bool evidence_list(store *s, str id, int64_t now_us, int64_t most, evidence_fn fn, void *ctx, int64_t *total, err *e) {
    arena life = arena_open(1 << 24);
    search x = {.s = s,
                .scratch = arena_open((size_t)1 << 30),
                .now_us = now_us,
                .most = most,
                .total = total,
                .fn = fn,
                .ctx = ctx};
    *total = 0;
    bool ok = store_zone(s, &life, &x.z, e) && dispatch(&x, id, e);
    arena_close(&x.scratch);
    arena_close(&life);
    return ok && err_ok(e);
}
