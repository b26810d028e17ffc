// When we are open: the company's calendar, and the public holidays of countries and regions.
#include "know/agreement.h"
#include "know/fold.h"
#include "know/settings.h"
#include "serve/api_promises.h"
#include "serve/handlers.h"
#include "serve/server.h"

enum { HOLIDAYS = 64, FIRST_YEAR = 1990, LAST_YEAR = 2100 };

// ---- hours ----

static void put_clock(json_out *j, const char *key, arena *a, bool open, int32_t seconds) {
    if (open)
        json_put_str(j, key, str_fmt(a, "%02d:%02d", seconds / 3600, seconds / 60 % 60));
    else
        json_put_null(j, key);
}

void api_put_week(call *c, const char *key, const calendar *cal) {
    static const char *const names[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    json_out *j = &c->out;
    json_open(j, key, '[');
    for (int i = 0; i < 7; i++) {
        bool open = cal->week[i].open_s < cal->week[i].close_s;
        json_open(j, NULL, '{');
        json_put_str(j, "day", str_c(names[i]));
        put_clock(j, "open", c->a, open, cal->week[i].open_s);
        put_clock(j, "close", c->a, open, cal->week[i].close_s);
        json_close(j, '}');
    }
    json_close(j, ']');
}

// Open at a time: a second of it counts.
static bool is_open(const calendar *cal, int64_t at_us) {
    return business_us(cal, at_us, at_us + SECOND_US) > 0;
}

bool promises_calendar(call *c, err *e) {
    agreements *all;
    zone *z;
    str country;
    if (!agreements_read(c->a, c->s, &all, e) || !store_zone(c->s, c->a, &z, e) ||
        !settings_get(c->a, c->s, "country", &country, e))
        return false;
    const agreement_terms *t = agreements_for(all, NULL, 0, S(""), c->now_us);
    const agreement *x = t->row;
    bool open = is_open(&t->cal, c->now_us);
    int64_t opens_us = open ? 0 : business_add(&t->cal, c->now_us, SECOND_US);
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    if (x)
        json_put_int(j, "agreement", x->id), json_put_str(j, "name", x->name);
    else
        json_put_null(j, "agreement"), json_put_null(j, "name");
    json_put_str(j, "zone", zone_name(t->cal.z));
    json_put_str(j, "country", x ? x->country : country);
    json_put_str(j, "closed", x ? x->closed : S(""));
    api_put_week(c, "week", &t->cal);
    json_put_bool(j, "open", open);
    json_put_time(j, "opens", opens_us == INT64_MAX ? 0 : MAX(0, opens_us - SECOND_US));
    json_close(j, '}');
    return true;
}

// ---- holidays ----

static void put_holiday(json_out *j, arena *a, const holiday_named *x) {
    json_open(j, NULL, '{');
    json_put_str(j, "day", date_str(a, x->days));
    json_put_str(j, "name", str_c(x->name));
    json_put_bool(j, "regional", x->regional);
    json_put_bool(j, "instead", x->instead);
    json_close(j, '}');
}

bool promises_holidays(call *c, err *e) {
    holiday_named found[HOLIDAYS];
    paging p;
    zone *z;
    if (!store_zone(c->s, c->a, &z, e) || !page_open(c, &p, e)) return false;
    int64_t year = in_int(c, "year", ymd_of(zone_days(z, c->now_us)).year);
    if (year < FIRST_YEAR || year > LAST_YEAR)
        return fail_field(c, e, "year", "'year' must be from %d to %d", FIRST_YEAR, LAST_YEAR);
    int n = holidays_named(in_str(c, "country"), (int32_t)year, found, HOLIDAYS);
    for (int i = 0; i < n; i++) put_holiday(&c->out, c->a, &found[i]);
    page_close(c, &p, false, 0, 0);
    return true;
}

static void put_region(json_out *j, str code, str name) {
    json_open(j, NULL, '{');
    json_put_str(j, "code", code);
    if (name.len)
        json_put_str(j, "name", name);
    else
        json_put_null(j, "name");
    json_close(j, '}');
}

bool promises_regions(call *c, err *e) {
    const char *countries[HOLIDAY_COUNTRIES];
    paging p;
    size_t n;
    const size_t n_countries = holiday_countries(countries, COUNT(countries));
    const holiday_region *regions = holiday_regions(&n);
    if (!page_open(c, &p, e)) return false;
    for (size_t i = 0; i < n_countries; i++) {
        put_region(&c->out, str_c(countries[i]), S(""));
        for (size_t k = 0; k < n; k++)
            if (str_starts(str_c(regions[k].code), str_c(countries[i])))
                put_region(&c->out, str_c(regions[k].code), str_c(regions[k].name));
    }
    page_close(c, &p, false, 0, 0);
    return true;
}
