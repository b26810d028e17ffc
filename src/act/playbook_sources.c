// The events and the days of the calendar by which customers enter a playbook.
#include "act/playbook_private.h"
#include "know/lists.h"
#include "sql/act_playbook.h"
#include "sql/know.h"

#include <math.h>

// ---- what happened ----

typedef struct {
    entering *k;
    int64_t from_us, until_us;
    bool all;     // every event is asked for; else of `ids` alone
    int64_t *ids; // profiles
    size_t n_ids, room_ids;
    map64 first; // customer → first_us, where the playbook asks for the first or for another one
    int64_t *first_us;
    size_t n_first, room_first;
    bool has_first;
} event_scan;

// Facts do not count as activity, so nobody's summary leads to them.
static bool leaves_a_trace(enum kind kind) {
    return kind_class(kind) != CLASS_FACT && kind_class(kind) != CLASS_NONE;
}

static void note_first(event_scan *x, int64_t customer, int64_t at_us) {
    bool made;
    int32_t *at = map64_at(&x->first, customer, (int32_t)x->n_first, &made);
    if (made)
        list_push(x->k->a, &x->first_us, &x->n_first, &x->room_first, at_us);
    else
        x->first_us[*at] = MIN(x->first_us[*at], at_us);
}

// Customers with whom something happened lately, and all their profiles.
static bool lately(event_scan *x, err *e) {
    entering *k = x->k;
    enum kind kind = k->d->event;
    map64 wanted = map64_new(k->a, 1024);
    for (row r = store_query(k->s, Q_playbook_lately, e, "i", x->from_us); row_next(&r);) {
        int64_t customer = row_int(&r, 0), first_order = row_int(&r, 1), last_order = row_int(&r, 2);
        if (kind == KIND_order && last_order < x->from_us) continue;
        if (kind == KIND_order && first_order) note_first(x, customer, first_order);
        if (kind == KIND_contract_start && row_int(&r, 3)) note_first(x, customer, row_int(&r, 3));
        map64_put(&wanted, customer, 1);
        list_push(k->a, &x->ids, &x->n_ids, &x->room_ids, customer);
    }
    x->has_first = kind == KIND_order || kind == KIND_contract_start;
    for (size_t i = 0; i < k->profile_of.cap; i++) {
        int32_t at = k->profile_of.vals[i];
        if (at >= 0 && map64_get(&wanted, k->customers[at]) >= 0)
            list_push(k->a, &x->ids, &x->n_ids, &x->room_ids, k->profile_of.keys[i]);
    }
    return err_ok(e);
}

static bool named(const play *d, const json_t *body) {
    static const char *const keys[] = {"topic", "event", "name"};
    for (size_t i = 0; i < d->n_named; i++)
        for (size_t n = 0; n < COUNT(keys); n++)
            if (str_eq_ci(json_text(json_object_get(body, keys[n])), d->named[i])) return true;
    return !d->n_named;
}

static str name_in(const json_t *body) {
    str x = json_at(body, "event");
    if (!x.len) x = json_at(body, "topic");
    return x.len ? x : json_at(body, "name");
}

// Columns of playbook_events_of: profile, at, key, kind, channel, value, unit, body.
static str facts_of(arena *a, const row *r, const json_t *body) {
    enum kind kind = (enum kind)row_int(r, 3);
    buf b = buf_new(a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_int(&j, "at_us", row_int(r, 1));
    if (!row_null(r, 5)) json_put_int(&j, "value", row_int(r, 5)), json_put_int(&j, "unit", row_int(r, 6));
    if (kind_class(kind) == CLASS_SAID) json_put_bool(&j, "score", true);
    str name = str_sub(name_in(body), 0, 200);
    if (name.len) json_put_str(&j, kind == KIND_order ? "product" : "name", name);
    json_close(&j, '}');
    return str_dup(a, buf_str(&b));
}

static bool score_fits(const play *d, const row *r) {
    double score = (double)row_int(r, 5) / 100;
    if (d->instrument && row_int(r, 6) != d->instrument) return false;
    bool asked = d->least > -INFINITY || d->most < INFINITY;
    return !asked || (!row_null(r, 5) && score >= d->least && score <= d->most);
}

static void take_event(event_scan *x, const row *r) {
    entering *k = x->k;
    const play *d = k->d;
    json_t *body = NULL;
    err quiet = {0};
    int64_t customer = entering_customer(k, row_int(r, 0)), at_us = row_int(r, 1);
    if (!score_fits(d, r)) return;
    if (row_str(r, 7).len && !json_read(row_str(r, 7), &body, &quiet)) body = NULL;
    int32_t first = map64_get(&x->first, customer);
    bool is_first = first >= 0 && at_us <= x->first_us[first];
    if (named(d, body) && (!d->first || is_first) && (!d->again || !is_first)) {
        str kind = kind_name(d->event);
        str occasion = d->first ? str_fmt(k->a, "first:%.*s", STR_ARG(kind))
                                : str_fmt(k->a, "%.*s:%016" PRIx64, STR_ARG(kind), (uint64_t)row_int(r, 2));
        entering_add(k, (entrant){.customer = customer,
                                  .at_us = at_us,
                                  .next_us = at_us,
                                  .occasion = occasion,
                                  .facts = facts_of(k->a, r, body)});
    }
    json_decref(body);
}

typedef void (*event_fn)(event_scan *x, const row *r);

static bool each_event(event_scan *x, int64_t from_us, event_fn fn, err *e) {
    entering *k = x->k;
    uint64_t mask = UINT64_C(1) << k->d->event;
    for (int32_t m = event_period(from_us); m <= event_period(x->until_us); m++) {
        if (x->all) {
            for (row r = store_query(k->s, Q_playbook_events_all, e, "iiii", (int64_t)m, (int64_t)mask, from_us,
                                     x->until_us + 1);
                 row_next(&r);)
                fn(x, &r);
            continue;
        }
        for (size_t i = 0; err_ok(e) && i < x->n_ids; i += PLAY_CHUNK) {
            str list = list_json(k->a, x->ids + i, MIN(x->n_ids - i, (size_t)PLAY_CHUNK));
            for (row r = store_query(k->s, Q_playbook_events_of, e, "itiii", (int64_t)m, list, (int64_t)mask, from_us,
                                     x->until_us + 1);
                 row_next(&r);)
                fn(x, &r);
        }
    }
    return err_ok(e);
}

static void take_first(event_scan *x, const row *r) {
    note_first(x, entering_customer(x->k, row_int(r, 0)), row_int(r, 1));
}

// The first of its kind, where no summary knows it: all months are looked through for those at hand.
static bool find_first(event_scan *x, err *e) {
    int32_t *months;
    size_t n;
    if (x->has_first || !(x->k->d->first || x->k->d->again)) return true;
    if (!ledger_periods(x->k->s, x->k->a, &months, &n, e)) return false;
    return !n || each_event(x, period_start_us(months[0]), take_first, e);
}

bool enter_events(entering *k, err *e) {
    enum { MANY = 200000 };
    event_scan x = {.k = k, .from_us = k->since_us + 1, .until_us = k->now_us, .first = map64_new(k->a, 1024)};
    if (!entering_joined(k, e)) return false;
    x.all = !leaves_a_trace(k->d->event);
    if (!x.all && !lately(&x, e)) return false;
    if (x.n_ids > MANY && (x.has_first || !(k->d->first || k->d->again))) x.all = true;
    return find_first(&x, e) && each_event(&x, x.from_us, take_event, e);
}

// ---- what happened to some ----

static void take_happened(happened *x, enum kind kind, int64_t at_us) {
    if (at_us <= x->since_us) return;
    x->kinds |= UINT64_C(1) << kind;
    if (!x->first_us[kind] || at_us < x->first_us[kind]) x->first_us[kind] = at_us;
}

static bool happened_chunk(arena scratch, store *s, happened *of, size_t n, uint64_t kinds, int64_t until_us, err *e) {
    map64 at = map64_new(&scratch, n * 2), seen = map64_new(&scratch, n * 2);
    int64_t *ids = NULL, from = INT64_MAX;
    int32_t *next = make(&scratch, int32_t, n + 1); // others that ask of the same customer
    size_t n_ids = 0, room = 0;
    for (size_t i = 0; i < n; i++) {
        bool made;
        int32_t *last = map64_at(&seen, of[i].customer, (int32_t)i, &made);
        from = MIN(from, of[i].since_us), next[i] = -1;
        if (!made) {
            next[*last] = (int32_t)i, *last = (int32_t)i;
            continue;
        }
        for (row r = store_query(s, Q_profile_of_customer, e, "i", of[i].customer); row_next(&r);) {
            map64_put(&at, row_int(&r, 0), (int32_t)i);
            list_push(&scratch, &ids, &n_ids, &room, row_int(&r, 0));
        }
    }
    str list = list_json(&scratch, ids, n_ids);
    for (int32_t m = event_period(from); err_ok(e) && m <= event_period(until_us); m++)
        for (row r =
                 store_query(s, Q_playbook_events_of, e, "itiii", (int64_t)m, list, (int64_t)kinds, from, until_us + 1);
             row_next(&r);)
            for (int32_t i = map64_get(&at, row_int(&r, 0)); i >= 0; i = next[i])
                take_happened(&of[i], (enum kind)row_int(&r, 3), row_int(&r, 1));
    return err_ok(e);
}

bool playbook_happened(arena *a, store *s, happened *of, size_t n, uint64_t kinds, int64_t until_us, err *e) {
    for (size_t i = 0; i < n; i += PLAY_CHUNK)
        if (!happened_chunk(*a, s, of + i, MIN(n - i, (size_t)PLAY_CHUNK), kinds, until_us, e)) return false;
    return true;
}

// ---- days of the calendar ----

// What people told of themselves, the newest word standing.
typedef struct {
    int64_t customer, born_us, zone_us;
    ymd born;
    str zone;
} told;

typedef struct {
    entering *k;
    told *of;
    size_t n, room;
    map64 by_customer;
    zones *zones;
    map64 country; // customer → index of countries
    str countries[300];
    int32_t n_countries;
    int64_t until_us;
} date_scan;

static told *told_of(date_scan *x, int64_t customer) {
    bool made;
    int32_t at = *map64_at(&x->by_customer, customer, (int32_t)x->n, &made);
    if (!made) return &x->of[at];
    if (x->n == x->room) {
        told *more = make(x->k->a, told, x->room = x->room ? x->room * 2 : 256);
        if (x->n) memcpy(more, x->of, x->n * sizeof *more);
        x->of = more;
    }
    x->of[x->n] = (told){.customer = customer};
    return &x->of[x->n++];
}

static str text_of(const json_t *body, const char *const *keys, size_t n) {
    for (size_t i = 0; i < n; i++) {
        str v = json_at(body, keys[i]);
        if (v.len) return v;
    }
    return (str){0};
}

static void take_told(date_scan *x, const row *r) {
    static const char *const births[] = {"traits.birthday",
                                         "traits.birth_date",
                                         "traits.birthdate",
                                         "traits.date_of_birth",
                                         "birthday",
                                         "birth_date",
                                         "birthdate",
                                         "date_of_birth",
                                         "born"};
    static const char *const zone_keys[] = {"traits.timezone", "traits.time_zone", "timezone", "time_zone",
                                            "context.timezone"};
    json_t *body = NULL;
    err quiet = {0};
    ymd born;
    if (!json_read(row_str(r, 3), &body, &quiet)) return;
    told *t = told_of(x, entering_customer(x->k, row_int(r, 0)));
    int64_t said = MAX(row_int(r, 1), row_int(r, 2));
    str day = text_of(body, births, COUNT(births)), z = text_of(body, zone_keys, COUNT(zone_keys));
    if (day.len && said >= t->born_us && birthday_read(day, &born)) t->born = born, t->born_us = said;
    if (z.len && z.len < 60 && said >= t->zone_us) t->zone = str_dup(x->k->a, z), t->zone_us = said;
    json_decref(body);
}

static bool read_told(date_scan *x, err *e) {
    int32_t *months;
    size_t n;
    if (!ledger_periods(x->k->s, x->k->a, &months, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(x->k->s, Q_playbook_told, e, "i", (int64_t)months[i]); row_next(&r);) take_told(x, &r);
    return err_ok(e);
}

static int32_t country_number(date_scan *x, str name) {
    for (int32_t i = 0; i < x->n_countries; i++)
        if (str_eq(x->countries[i], name)) return i;
    if (x->n_countries == (int32_t)COUNT(x->countries)) return 0;
    x->countries[x->n_countries] = str_dup(x->k->a, name);
    return x->n_countries++;
}

static bool read_countries(date_scan *x, err *e) {
    x->n_countries = 1;
    for (row r = store_query(x->k->s, Q_playbook_people, e, ""); row_next(&r);)
        if (row_str(&r, 2).len) map64_put(&x->country, row_int(&r, 1), country_number(x, row_str(&r, 2)));
    return err_ok(e);
}

static str country_of(const date_scan *x, int64_t customer) {
    int32_t at = map64_get(&x->country, customer);
    return at < 0 ? S("") : x->countries[at];
}

static const zone *zone_of(const date_scan *x, int64_t customer) {
    int32_t at = map64_get(&x->by_customer, customer);
    return zones_of(x->zones, at < 0 ? S("") : x->of[at].zone, country_of(x, customer));
}

// Enters one whose day it is, at the hour asked for where they live; each time it comes round between the two instants.
static void on_its_day(date_scan *x, int64_t customer, ymd first, const zone *z) {
    static const char *const names[] = {"birthday", "anniversary", "renewal"};
    entering *k = x->k;
    const play *d = k->d;
    bool on = d->leap ? d->leap == 2 : occasion_moves_on(country_of(x, customer));
    int32_t from = zone_days(z, k->since_us) + d->before_days, end = zone_days(z, x->until_us) + d->before_days,
            years = 0;
    while (from <= end) {
        int32_t day = d->date == DATE_renewal ? term_next(days_of(first), d->term_months, from)
                                              : occasion_next(first, from, on, &years);
        int64_t at = zone_us(z, ymd_of(day - d->before_days), d->at_s);
        if (day > end || at > x->until_us) return;
        from = day + 1;
        if (at <= k->since_us || (d->date == DATE_anniversary && years < 1)) continue;
        str which = d->date == DATE_renewal ? date_str(k->a, day) : str_fmt(k->a, "%d", (int)ymd_of(day).year);
        str occasion = str_fmt(k->a, "%s:%.*s", names[d->date], STR_ARG(which));
        str about = str_fmt(k->a, "{\"date\":\"%s\",\"day\":%d,\"years\":%d}", names[d->date], (int)day, (int)years);
        entering_add(k,
                     (entrant){.customer = customer, .at_us = at, .next_us = at, .occasion = occasion, .facts = about});
    }
}

static bool each_term(date_scan *x, err *e) {
    bool renewal = x->k->d->date == DATE_renewal;
    for (row r = store_query(x->k->s, Q_playbook_terms, e, ""); row_next(&r);) {
        int64_t customer = row_int(&r, 0), first = renewal ? row_int(&r, 3) : row_int(&r, 2);
        if (!first || (renewal && row_int(&r, 4))) continue; // no contract, or it has ended
        const zone *z = zone_of(x, customer);
        on_its_day(x, customer, ymd_of(zone_days(z, first)), z);
    }
    return err_ok(e);
}

bool enter_dates(entering *k, int64_t until_us, err *e) {
    date_scan *x = make(k->a, date_scan, 1);
    *x = (date_scan){
        .k = k, .by_customer = map64_new(k->a, 1024), .country = map64_new(k->a, 1024), .until_us = until_us};
    x->zones = zones_new(k->a, k->z);
    if (!entering_joined(k, e) || !read_told(x, e) || !read_countries(x, e)) return false;
    if (k->d->date != DATE_birthday) return each_term(x, e);
    for (size_t i = 0; i < x->n; i++)
        if (x->of[i].born_us) on_its_day(x, x->of[i].customer, x->of[i].born, zone_of(x, x->of[i].customer));
    return true;
}
