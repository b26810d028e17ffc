#include "act/gate_settings.h"

#include "base/civil.h"
#include "know/settings.h"
#include "sql/act_gate.h"

// ---- limits ----

static const gate_limit_row limits[] = {
#define LIMIT(name, otherwise, lo, hi, unit, text) {#name, unit, text, otherwise, lo, hi},
#include "act/gate_limits.def"
};

static const gate_limit_row clocks[GATE_KINDS] = {
#define GATE(name, id, consent, states, halves, days, text)                                                            \
    [id] = {"clock_" #name, "days", "days between two: " text, days, 0, GATE_DAYS_MOST},
#include "act/gate_kinds.def"
};

bool gate_limit_row_of(enum gate_limit l, gate_limit_row *out) {
    *out = (gate_limit_row){0};
    if ((size_t)l < COUNT(limits))
        *out = limits[l];
    else if (l < GATE_LIMITS)
        *out = clocks[l - LIMIT_clock_none];
    return out->name != NULL;
}

enum gate_limit gate_limit_named(str name) {
    gate_limit_row known;
    for (int l = 0; l < GATE_LIMITS; l++)
        if (gate_limit_row_of((enum gate_limit)l, &known) && str_eq(name, str_c(known.name))) return (enum gate_limit)l;
    return GATE_LIMITS;
}

// How near a scope comes to somebody: their segment more than their country, that more than everybody.
static int nearness(str scope) {
    return str_starts(scope, S("segment:")) ? 2 : scope.len ? 1 : 0;
}

bool gate_limits_for(store *s, str segment, str country, gate_limits *out, err *e) {
    char of_segment[160] = "", of_country[16] = "";
    int8_t near[GATE_LIMITS];
    gate_limit_row row_of;
    for (int l = 0; l < GATE_LIMITS; l++) {
        near[l] = -1;
        out->of[l] = gate_limit_row_of((enum gate_limit)l, &row_of) ? row_of.otherwise : 0;
    }
    if (segment.len && segment.len < sizeof of_segment - 10)
        snprintf(of_segment, sizeof of_segment, "segment:%.*s", STR_ARG(segment));
    if (country.len == 2) snprintf(of_country, sizeof of_country, "country:%.*s", STR_ARG(country));
    for (row r = store_query(s, Q_gate_limits_for, e, "tt", str_c(of_segment), str_c(of_country)); row_next(&r);) {
        enum gate_limit l = gate_limit_named(row_str(&r, 0));
        int n = nearness(row_str(&r, 1));
        if (l >= GATE_LIMITS || n <= near[l]) continue;
        out->of[l] = row_int(&r, 2), near[l] = (int8_t)n;
    }
    return err_ok(e);
}

static gate_limit_set limit_row(arena *a, const row *r) {
    return (gate_limit_set){.limit = gate_limit_named(row_str(r, 0)),
                            .scope = str_dup(a, row_str(r, 1)),
                            .value = row_int(r, 2),
                            .at_us = row_int(r, 3),
                            .by = str_dup(a, row_str(r, 4)),
                            .version = row_int(r, 5)};
}

enum { MOST_SET = 2000 };

bool gate_limits_list(arena *a, store *s, gate_limit_set **out, size_t *n, err *e) {
    *out = make(a, gate_limit_set, MOST_SET);
    *n = 0;
    for (row r = store_query(s, Q_gate_limit_list, e, ""); row_next(&r);) {
        gate_limit_set x = limit_row(a, &r);
        if (x.limit < GATE_LIMITS && *n < MOST_SET) (*out)[(*n)++] = x;
    }
    return err_ok(e);
}

bool gate_limit_get(arena *a, store *s, enum gate_limit l, str scope, gate_limit_set *out, err *e) {
    gate_limit_row of;
    if (!gate_limit_row_of(l, &of)) return fail(e, ERR_not_found, "there is no such limit");
    *out = (gate_limit_set){.limit = l, .scope = scope, .value = of.otherwise};
    for (row r = store_query(s, Q_gate_limit_get, e, "tt", str_c(of.name), scope); row_next(&r);)
        *out = limit_row(a, &r);
    return err_ok(e);
}

static bool scope_ok(str scope, err *e) {
    str country = str_starts(scope, S("country:")) ? str_sub(scope, 8, scope.len) : S("");
    bool code = country.len == 2;
    for (size_t i = 0; i < country.len; i++) code = code && country.s[i] >= 'A' && country.s[i] <= 'Z';
    if (!scope.len || code || (str_starts(scope, S("segment:")) && scope.len > 8 && scope.len < 140)) return true;
    return fail(e, ERR_invalid, "'%.*s' is no scope; leave it out for everybody, or say segment:NAME or country:DE",
                (int)MIN(scope.len, 60), scope.s);
}

bool gate_limit_put(arena *a, store *s, const gate_limit_set *x, err *e) {
    gate_limit_row of;
    if (!gate_limit_row_of(x->limit, &of)) return fail(e, ERR_not_found, "there is no such limit");
    if (!scope_ok(x->scope, e)) return false;
    if (x->value < of.lo || x->value > of.hi)
        return fail(e, ERR_invalid, "'%s' is from %" PRId64 " to %" PRId64 " %s", of.name, of.lo, of.hi, of.unit);
    gate_limit_set *all;
    size_t n;
    if (!gate_limits_list(a, s, &all, &n, e)) return false;
    if (n >= MOST_SET) return fail(e, ERR_conflict, "%d limits are set; take some back first", MOST_SET);
    return store_run(s, Q_gate_limit_put, NULL, e, "ttiit", str_c(of.name), x->scope, x->value, x->at_us, x->by);
}

bool gate_limit_drop(store *s, enum gate_limit l, str scope, err *e) {
    gate_limit_row of;
    int64_t dropped = 0;
    if (!gate_limit_row_of(l, &of)) return fail(e, ERR_not_found, "there is no such limit");
    if (!store_run(s, Q_gate_limit_drop, &dropped, e, "tt", str_c(of.name), scope)) return false;
    return dropped || fail(e, ERR_not_found, "'%s' is not set there", of.name);
}

// ---- quotas ----

static gate_quota quota_row(arena *a, const row *r) {
    return (gate_quota){.survey = str_dup(a, row_str(r, 0)),
                        .quota = str_dup(a, row_str(r, 1)),
                        .most = row_int(r, 2),
                        .days = row_int(r, 3),
                        .at_us = row_int(r, 4),
                        .by = str_dup(a, row_str(r, 5)),
                        .version = row_int(r, 6)};
}

bool gate_quotas_list(arena *a, store *s, gate_quota **out, size_t *n, err *e) {
    *out = make(a, gate_quota, MOST_SET);
    *n = 0;
    for (row r = store_query(s, Q_gate_quota_list, e, ""); row_next(&r);)
        if (*n < MOST_SET) (*out)[(*n)++] = quota_row(a, &r);
    return err_ok(e);
}

bool gate_quota_get(arena *a, store *s, str survey, str quota, gate_quota *out, err *e) {
    *out = (gate_quota){.survey = survey, .quota = quota};
    for (row r = store_query(s, Q_gate_quota_get, e, "tt", survey, quota); row_next(&r);) *out = quota_row(a, &r);
    return err_ok(e);
}

bool gate_quota_put(store *s, const gate_quota *x, err *e) {
    if (!x->survey.len || x->survey.len > 100 || x->quota.len > 100)
        return fail(e, ERR_invalid, "a quota needs the name of its survey, with at most 100 letters");
    if (x->most < 0 || x->most > 10000000 || x->days < 0 || x->days > GATE_DAYS_MOST)
        return fail(e, ERR_invalid, "a quota is from 0 to 10000000 people, within 0 (at all) to %d days",
                    GATE_DAYS_MOST);
    return store_run(s, Q_gate_quota_put, NULL, e, "ttiiit", x->survey, x->quota, x->most, x->days, x->at_us, x->by);
}

bool gate_quota_drop(store *s, str survey, str quota, err *e) {
    int64_t dropped = 0;
    if (!store_run(s, Q_gate_quota_drop, &dropped, e, "tt", survey, quota)) return false;
    return dropped || fail(e, ERR_not_found, "there is no such quota");
}

// ---- where people live ----

static const struct {
    const char *country, *zones[2];
} places[] = {
#define ZONE(country, first, last) {country, {first, last}},
#include "act/gate_zones.def"
};

gate_place gate_place_of(str country, str store_zone) {
    for (size_t i = 0; i < COUNT(places); i++) {
        if (!str_eq(country, str_c(places[i].country))) continue;
        str first = str_c(places[i].zones[0]), last = str_c(places[i].zones[1]);
        return (gate_place){{first, last}, last.len ? 2 : 1};
    }
    return (gate_place){{store_zone}, 1};
}

// To open a zone takes a hundred times as long as all that the gate reads. So the store remembers how far a zone was,
// is and will be ahead: "from offset from offset … until".
static bool remembered(arena scratch, store *s, const char *key, int64_t now_us, gate_offset *out, err *e) {
    str rest;
    int64_t from, offset, until;
    if (!settings_get(&scratch, s, key, &rest, e) || !rest.len || !str_i64(str_cut(&rest, ' '), &from)) return false;
    while (rest.s && str_i64(str_cut(&rest, ' '), &offset) && rest.s && str_i64(str_cut(&rest, ' '), &until)) {
        *out = (gate_offset){from, until, (int32_t)offset};
        if (now_us >= from && now_us < until) return true;
        from = until;
    }
    return false;
}

// Not for longer ahead: governments change their minds.
static str spans_of(arena *a, const zone *z, int64_t now_us) {
    enum { BACK_DAYS = 500, AHEAD_DAYS = 60 };
    buf b = buf_new(a, 2000);
    int64_t at = now_us - BACK_DAYS * DAY_US, until = now_us + AHEAD_DAYS * DAY_US;
    while (at < until) {
        int64_t next = zone_change_us(z, at);
        if (next > until) next = until;
        buf_fmt(&b, "%" PRId64 " %d ", at, (int)zone_offset_s(z, at));
        at = next;
    }
    buf_i64(&b, until);
    return buf_str(&b);
}

bool gate_offset_at(arena scratch, store *s, str zone_name, int64_t now_us, bool keep, gate_offset *out, err *e) {
    char key[100];
    zone *z;
    snprintf(key, sizeof key, "gate_zone:%.*s", (int)MIN(zone_name.len, 60), zone_name.s);
    if (remembered(scratch, s, key, now_us, out, e)) return true;
    if (!err_ok(e) || !zone_open(&scratch, zone_name, &z, e)) return false;
    *out = (gate_offset){now_us, zone_change_us(z, now_us), zone_offset_s(z, now_us)};
    return !keep || settings_put(s, key, spans_of(&scratch, z, now_us), e);
}
