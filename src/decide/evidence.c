#include "decide/evidence.h"

#include "decide/bursts.h"
#include "decide/theme_view.h"
#include "decide/today.h"

#include "base/json.h"
#include "base/money.h"
#include "base/unicode.h"
#include "know/fold.h"
#include "know/segment.h"
#include "know/talk.h"
#include "sql/know.h"

typedef struct {
    store *s;
    zone *z;
    arena scratch;
    int64_t now_us, skip, most, *total;
    evidence_fn fn;
    void *ctx;
    time_span when;
    str term; // topic or word looked for
    bool ok;  // while the panel tells
    err *e;
} search;

// Whether the next row is only counted.
static bool counted_only(const search *x) {
    return *x->total < x->skip || *x->total - x->skip >= x->most;
}

static bool give(search *x, const evidence_row *out, err *e) {
    bool only = counted_only(x);
    return ++*x->total, only || x->fn(x->ctx, out, e);
}

// ---- spans ----

static bool digits(str x, size_t n, int *v) {
    *v = 0;
    for (size_t i = 0; i < x.len; i++) {
        if (x.s[i] < '0' || x.s[i] > '9') return false;
        *v = *v * 10 + (x.s[i] - '0');
    }
    return x.len == n;
}

static bool one_day(str x, ymd *d) {
    int y, m = 1, day = 1;
    str rest = x;
    if (!digits(str_cut(&rest, '-'), 4, &y)) return false;
    if (rest.s && !digits(str_cut(&rest, '-'), 2, &m)) return false;
    if (rest.s && !digits(rest, 2, &day)) return false;
    *d = (ymd){y, (int8_t)m, (int8_t)day};
    return y > 0 && m >= 1 && m <= 12 && ymd_ok(*d);
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
            if (counted_only(x))
                ++*x->total;
            else if (!give_feedback(x, &r, p, e))
                row_end(&r);
        }
    return err_ok(e);
}

static bool on_scale(const row *r, enum instrument i) {
    int mark;
    return row_int(r, 7) == i && !row_null(r, 8) && mark_of(i, row_int(r, 8), &mark);
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
static bool is_complained(const search *x, const row *r) {
    (void)x;
    return is_complaint((enum kind)row_int(r, 4), row_null(r, 9) ? MOOD_UNKNOWN : (int)row_int(r, 9), !row_null(r, 8));
}

static bool has_topic(const search *x, const row *r) {
    return row_int(r, 4) != KIND_ask && str_eq(row_str(r, 10), x->term);
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
    if (!row_int(r, 12) || row_int(r, 4) == KIND_ask) return false;
    if (!ledger_get(x->s, &a, event_period(row_int(r, 2)), row_int(r, 0), row_int(r, 2), row_int(r, 3), &rec, &quiet))
        return false;
    if (said_of(&a, &rec, &s)) text_words(a, s.text, match_word, &k);
    return k.found;
}

// ---- what is counted one by one: surveys, customers, orders, conversations ----

static str money_of(arena *a, const counted *c, int64_t v) {
    return money_str(a, v, currency_by_number(c->unit));
}

static void describe(search *x, arena *a, enum measure m, const counted *c, evidence_row *out) {
    switch (m) {
    case MEASURE_response_rate:
        out->what = S("survey sent"), out->figure = c->hit ? S("answered") : S("no answer in 14 days");
        break;
    case MEASURE_churn:
        out->what = S("contract ended"), out->figure = str_fmt(a, "%.*s a month", STR_ARG(money_of(a, c, c->start)));
        break;
    case MEASURE_grr:
    case MEASURE_nrr:
        out->what = c->hit ? S("contract ended") : S("contract changed");
        out->figure =
            str_fmt(a, "%.*s to %.*s a month", STR_ARG(money_of(a, c, c->start)), STR_ARG(money_of(a, c, c->end)));
        break;
    case MEASURE_still_here:
        out->what = c->hit ? S("gone") : S("still here"), out->figure = str_fmt(a, "%" PRId64 " days", c->start);
        break;
    case MEASURE_repeat:
        out->what = c->hit ? S("came back") : S("bought for the first time");
        out->figure = str_fmt(a, "first on %.*s", STR_ARG(date_str(a, (int32_t)c->start)));
        break;
    case MEASURE_returns: out->what = S("sent back"), out->figure = S("an order of that day"); break;
    case MEASURE_first_reply:
        out->what = S("answered"),
        out->figure = str_fmt(a, "after %.1f h", (double)(c->end - c->at_us) / (double)HOUR_US);
        break;
    case MEASURE_waiting:
        out->what = S("waits for us");
        out->figure = str_fmt(a, "for %.1f h", (double)(x->when.until_us - c->at_us) / (double)HOUR_US);
        break;
    case MEASURE_nps:
    case MEASURE_csat:
    case MEASURE_ces:
    case MEASURE_stars:
    case MEASURE_complaints:
    case MEASURES: break;
    }
}

static void give_counted(void *ctx, enum measure m, const counted *c) {
    search *x = ctx;
    if (!x->ok) return;
    if (counted_only(x)) {
        ++*x->total;
        return;
    }
    arena a = x->scratch;
    evidence_row out = {.at_us = c->at_us, .customer_id = c->customer_id};
    if (c->profile_id) out.customer_id = customer_of(x, a, c->profile_id, x->e);
    if (c->source_id) out.source = source_of(x, &a, c->source_id, c->channel);
    describe(x, &a, m, c, &out);
    x->ok = err_ok(x->e) && give(x, &out, x->e);
}

// The panel that makes the figure says itself what it counts.
static bool each_counted(search *x, enum measure m, err *e) {
    arena a = arena_open((size_t)1 << 34);
    panel *p;
    panel_ask ask = {.spans = &x->when,
                     .n_spans = 1,
                     .wanted = (uint32_t)1 << m,
                     .now_us = x->now_us,
                     .each = give_counted,
                     .ctx = x};
    x->ok = true, x->e = e;
    bool ok = panel_read(&a, x->s, &ask, &p, e) && x->ok;
    arena_close(&a);
    return ok;
}

// ---- one customer's events ----

static bool give_event(void *ctx, const record *r, err *e) {
    search *x = ctx;
    arena a = x->scratch;
    if (r->kind == KIND_identify && str_starts(r->body, S("{\"ids\":["))) return true;
    if (counted_only(x)) return ++*x->total, true;
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
    bool any = false;
    for (row r = store_query(x->s, Q_profile_of_customer, e, "i", customer); row_next(&r);) {
        any = true;
        if (!ledger_profile_events(x->s, row_int(&r, 0), give_event, x, e)) row_end(&r);
    }
    return err_ok(e) && (any || fail(e, ERR_not_found, "there is no customer %" PRId64, customer));
}

// ---- ids ----

static bool of_measure(search *x, enum measure m, err *e) {
    x->when.until_us = MIN(x->when.until_us, x->now_us); // nothing later has happened
    switch (m) {
    case MEASURE_nps: return each_feedback(x, is_nps, e);
    case MEASURE_csat: return each_feedback(x, is_csat, e);
    case MEASURE_ces: return each_feedback(x, is_ces, e);
    case MEASURE_stars: return each_feedback(x, is_stars, e);
    case MEASURE_complaints: return each_feedback(x, is_complained, e);
    case MEASURE_response_rate:
    case MEASURE_churn:
    case MEASURE_grr:
    case MEASURE_nrr:
    case MEASURE_still_here:
    case MEASURE_repeat:
    case MEASURE_returns:
    case MEASURE_first_reply:
    case MEASURE_waiting: return each_counted(x, m, e);
    case MEASURES: break;
    }
    return fail(e, ERR_internal, "no evidence for this measure");
}

static bool days_of_id(str x, int64_t *days) { // "30d"
    return str_ends(x, S("d")) && str_i64(str_sub(x, 0, x.len - 1), days) && *days > 0 && *days < 100000;
}

// ---- words of themes, of topics of the taxonomy, and of alarms ----

typedef struct {
    enum about_kind kind;
    int64_t id;
    const id_set *only; // NULL: everybody
} words_of;

static bool give_word(search *x, const theme_word *w, const sources *all, err *e) {
    arena a = x->scratch;
    voice v;
    if (!voice_at(&a, x->s, all, w->profile, w->key, w->at_us, &v, e)) return err_ok(e);
    evidence_row out = {.at_us = v.at_us,
                        .customer_id = v.customer,
                        .what = kind_name(v.kind),
                        .words = v.words,
                        .source = str_fmt(&a, "%.*s, %.*s", STR_ARG(v.from->name), STR_ARG(channel_label(v.channel)))};
    if (v.has_score) out.figure = score_text(&a, v.instrument, v.score);
    return give(x, &out, e);
}

static bool each_word(search *x, const words_of *of, err *e) {
    arena a = arena_open((size_t)1 << 32);
    theme_word *w = NULL;
    size_t n = 0;
    sources *all;
    const theme_ask ask = {.since_us = x->when.since_us, .topic = of->kind == ABOUT_topic};
    sources_as_asked(&a, x->s, &all);
    bool ok = themes_words(&a, x->s, of->id, &ask, &w, &n, e);
    for (size_t i = 0; ok && i < n; i++) {
        if (w[i].at_us >= x->when.until_us || (of->only && !id_set_has(of->only, w[i].profile))) continue;
        if (counted_only(x))
            ++*x->total;
        else
            ok = give_word(x, &w[i], all, e);
    }
    arena_close(&a);
    return ok && err_ok(e);
}

// "17", "17:28d", "17:2026-08-23..2026-11-20": the last 13 weeks unless said.
static bool of_about(search *x, enum about_kind kind, str rest, err *e) {
    words_of of = {.kind = kind};
    str number = str_cut(&rest, ':');
    int64_t days = 13 * 7;
    if (!str_i64(number, &of.id)) return fail(e, ERR_invalid, "'%.*s' is no number", STR_ARG(number));
    x->when = (time_span){x->now_us - days * DAY_US, x->now_us};
    if (rest.s && days_of_id(rest, &days))
        x->when.since_us = x->now_us - days * DAY_US;
    else if (rest.s && !span_parse(rest, x->z, &x->when, e))
        return false;
    return each_word(x, &of, e);
}

// What an alarm is made of: the words of its days, of its segment.
static bool of_burst(search *x, int64_t id, err *e) {
    arena a = arena_open((size_t)1 << 30);
    burst_row b;
    segment_row seg;
    segment_rule *rule;
    id_set in;
    char field[SEGMENT_FIELD_LEN];
    bool ok = bursts_get(&a, x->s, id, &b, e);
    words_of of = {b.kind, b.what_id, NULL};
    if (ok && b.segment) {
        ok = segment_get_id(&a, x->s, b.segment, &seg, e) &&
             segment_read_text(&a, x->s, seg.rule, seg.id, &rule, field, e) &&
             segment_profiles(&a, x->s, rule, x->now_us, &in, e);
        of.only = &in;
        if (!ok && err_ok(e)) ok = fail(e, ERR_not_found, "the segment of this alarm is gone");
    }
    if (ok) x->when = (time_span){b.from_us, b.until_us};
    ok = ok && each_word(x, &of, e);
    arena_close(&a);
    return ok;
}

static bool dispatch(search *x, str id, err *e) {
    str rest = id, what = str_cut(&rest, ':');
    int64_t n;
    enum measure m;
    x->when = (time_span){x->now_us - 28 * DAY_US, x->now_us};
    x->term = rest;
    if (str_eq(what, S("customer")) && str_i64(rest, &n)) return each_event_of(x, n, e);
    if (str_eq(what, S("theme")) && rest.len) return of_about(x, ABOUT_theme, rest, e);
    if (str_eq(what, S("burst")) && str_i64(rest, &n)) return of_burst(x, n, e);
    str part = rest, number = str_cut(&part, ':');
    if (str_eq(what, S("topic")) && str_i64(number, &n)) return of_about(x, ABOUT_topic, rest, e);
    if (str_eq(what, S("topic")) && rest.len) return each_feedback(x, has_topic, e);
    if (str_eq(what, S("word")) && rest.len) return each_feedback(x, has_word, e);
    if (measure_of(what, &m) && (!rest.s || days_of_id(rest, &n))) {
        x->when = (time_span){x->now_us - (rest.s ? n : TODAY_DAYS) * DAY_US, x->now_us};
        return of_measure(x, m, e);
    }
    if (measure_of(what, &m) && rest.len) return span_parse(rest, x->z, &x->when, e) && of_measure(x, m, e);
    return fail(
        e, ERR_invalid,
        "'%.*s' is not an evidence id: take one from heed today, such as nps:2026-08-23..2026-11-20 or customer:17",
        STR_ARG(id));
}

bool evidence_list(store *s, str id, const evidence_part *part, evidence_fn fn, void *ctx, int64_t *total, err *e) {
    arena life = arena_open(1 << 24);
    search x = {.s = s,
                .scratch = arena_open((size_t)1 << 30),
                .now_us = part->now_us,
                .skip = part->skip,
                .most = part->most,
                .total = total,
                .fn = fn,
                .ctx = ctx};
    *total = 0;
    bool ok = store_zone(s, &life, &x.z, e) && dispatch(&x, id, e);
    arena_close(&x.scratch);
    arena_close(&life);
    return ok && err_ok(e);
}
