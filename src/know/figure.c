#include "know/figure.h"

#include <math.h>

str figure_value(arena *a, enum unit u, double v) {
    if (isinf(v)) return v > 0 ? S("no bound") : S("-");
    switch (u) {
    case UNIT_POINTS: return str_fmt(a, "%.0f", v + 0.0 == 0 ? 0.0 : v);
    case UNIT_SHARE: return str_fmt(a, "%.*f %%", fabs(v) < 0.0995 ? 1 : 0, v * 100);
    case UNIT_PER_1000: return str_fmt(a, "%.1f", v);
    case UNIT_MARK: return str_fmt(a, "%.2f", v);
    case UNIT_DURATION:
        if (v < 5400) return v < 90 ? str_fmt(a, "%.0f s", v) : str_fmt(a, "%.0f min", v / 60);
        return v < 48 * 3600 ? str_fmt(a, "%.1f h", v / 3600) : str_fmt(a, "%.0f days", v / 86400);
    }
    return S("");
}

str figure_range(arena *a, enum unit u, const estimate *e) {
    if (e->lo == e->hi) return isinf(e->eff) ? S("all were counted") : S("range not known");
    str lo = figure_value(a, u, e->lo), hi = figure_value(a, u, e->hi);
    return str_fmt(a, "likely %.*s to %.*s", STR_ARG(lo), STR_ARG(hi));
}

static str with_sign(arena *a, enum unit u, double v) {
    str size = figure_value(a, u, fabs(v));
    return str_fmt(a, "%s%.*s", v < 0 ? "-" : "+", STR_ARG(size));
}

str figure_change(arena *a, enum unit u, const change *c) {
    if (!c->method || isnan(c->diff)) return S("");
    str d = with_sign(a, u, c->diff), lo = with_sign(a, u, c->lo), hi = with_sign(a, u, c->hi);
    return str_fmt(a, "%.*s (%.*s to %.*s)", STR_ARG(d), STR_ARG(lo), STR_ARG(hi));
}

str figure_value_in(arena *a, const locale *l, enum unit u, double v) {
    if (isinf(v)) return v > 0 ? word_of(l, WORD_server_figure_unbounded) : S("-");
    switch (u) {
    case UNIT_POINTS: return local_number(a, l, v + 0.0 == 0 ? 0.0 : v, 0);
    case UNIT_SHARE: return local_percent(a, l, v, fabs(v) < 0.0995 ? 1 : 0);
    case UNIT_PER_1000: return local_number(a, l, v, 1);
    case UNIT_MARK: return local_number(a, l, v, 2);
    case UNIT_DURATION: return local_length(a, l, v);
    }
    return S("");
}

str figure_range_in(arena *a, const locale *l, enum unit u, const estimate *e) {
    if (e->lo == e->hi) return word_of(l, isinf(e->eff) ? WORD_server_figure_all : WORD_server_figure_unknown);
    str lo = figure_value_in(a, l, u, e->lo), hi = figure_value_in(a, l, u, e->hi);
    return word_with(a, l, WORD_server_figure_range, PLACES({"lo", lo}, {"hi", hi}));
}

const char *figure_state(enum estimate_state s) {
    static const char *const names[] = {"none", "thin", "ok", "refused"};
    return names[s];
}

const char *figure_verdict(enum verdict v) {
    static const char *const names[] = {"none", "too_few", "no_change", "better", "worse"};
    return names[v];
}

void figure_json(json_out *j, const char *key, const estimate *e) {
    json_open(j, key, '{');
    if (estimate_shown(e)) {
        json_put_num(j, "value", e->value);
        json_put_num(j, "lo", e->lo);
        json_put_num(j, "hi", e->hi);
    } else {
        json_put_null(j, "value");
        json_put_null(j, "lo");
        json_put_null(j, "hi");
    }
    json_put_int(j, "n", e->n);
    json_put_str(j, "method", str_c(e->method ? e->method : ""));
    json_put_str(j, "state", str_c(figure_state(e->state)));
    if (e->why)
        json_put_str(j, "why", str_c(e->why));
    else
        json_put_null(j, "why");
    json_close(j, '}');
}

void figure_change_json(json_out *j, const char *key, const change *c) {
    if (!c->method || isnan(c->diff)) return json_put_null(j, key);
    json_open(j, key, '{');
    json_put_num(j, "diff", c->diff);
    json_put_num(j, "lo", c->lo);
    json_put_num(j, "hi", c->hi);
    json_put_num(j, "p", c->p);
    json_put_str(j, "method", str_c(c->method));
    json_close(j, '}');
}
