#include "cli/say.h"
#include "base/money.h"
#include "cli/term.h"

str say_time(arena *a, const zone *z, int64_t at_us) {
    ymd d;
    int32_t s = zone_second(z, at_us, &d);
    return str_fmt(a, "%04d-%02d-%02d %02d:%02d", d.year, d.month, d.day, s / 3600, s / 60 % 60);
}

str say_day(arena *a, const zone *z, int64_t at_us) {
    return date_str(a, zone_days(z, at_us));
}

str say_ago(arena *a, int64_t at_us, int64_t now_us) {
    static const struct {
        int64_t us;
        const char *one, *many;
    } steps[] = {{365 * DAY_US, "a year", "years"},
                 {30 * DAY_US, "a month", "months"},
                 {DAY_US, "a day", "days"},
                 {HOUR_US, "an hour", "hours"},
                 {60 * SECOND_US, "a minute", "minutes"}};
    int64_t us = now_us > at_us ? now_us - at_us : 0;
    for (size_t i = 0; i < COUNT(steps); i++) {
        int64_t n = us / steps[i].us;
        if (n > 1 || (n == 1 && i > 0 && i < 2))
            return str_fmt(a, "%" PRId64 " %s", n, n > 1 ? steps[i].many : steps[i].one + 2);
        if (n == 1) return str_c(steps[i].one);
    }
    return S("a moment");
}

str say_money(arena *a, int64_t minor, int32_t unit) {
    return money_str(a, minor, currency_by_number(unit));
}

str say_score(arena *a, int64_t score, enum instrument i) {
    int lo, hi;
    if (i == INSTRUMENT_thumbs) return score > 0 ? S("good") : S("bad");
    if (!instrument_range(i, &lo, &hi)) return S("");
    buf b = buf_new(a, 80);
    buf_f64(&b, (double)score / 100);
    buf_fmt(&b, " of %d%s", hi, i == INSTRUMENT_stars5 ? " stars" : "");
    return buf_str(&b);
}

str say_value(arena *a, enum kind kind, bool has_value, int64_t value, int32_t unit) {
    if (!has_value) return S("");
    switch (kind_class(kind)) {
    case CLASS_SAID: return say_score(a, value, (enum instrument)unit);
    case CLASS_MONEY:
    case CLASS_CONTRACT: return say_money(a, value, unit);
    case CLASS_NONE:
    case CLASS_FACT:
    case CLASS_TALK:
    case CLASS_USE: break;
    }
    return unit && currency_by_number(unit) ? say_money(a, value, unit) : str_fmt(a, "%" PRId64, value);
}

str say_kind(arena *a, enum kind kind) {
    if (kind == KIND_identify) return S("facts");
    str name = kind_name(kind);
    char *z = str_z(a, name);
    for (char *c = z; *c; c++)
        if (*c == '_') *c = ' ';
    return (str){z, name.len};
}

str say_n(arena *a, int64_t n, const char *one, const char *many) {
    str count = term_count(a, n);
    return str_fmt(a, "%.*s %s", STR_ARG(count), n == 1 ? one : many);
}
