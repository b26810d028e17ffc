// Is it fair? Which groups of customers are under steps more often than the others, and how appeals ended.
#include <math.h>

#include "decide/abuse.h"

#include "know/figure.h"
#include "sql/decide_care.h"
#include "stats/proportion.h"

enum { GROUPS = 200 };

static bool read_groups(arena *a, store *s, enum abuse_split by, abuse_audit *out, err *e) {
    out->groups = make(a, abuse_group, GROUPS);
    for (row r = store_query(s, Q_abuse_groups, e, "i", (int64_t)by); row_next(&r);)
        if (out->n < GROUPS)
            out->groups[out->n++] = (abuse_group){.group = str_dup(a, row_str(&r, 0)), .customers = row_int(&r, 1)};
    return err_ok(e);
}

static bool read_under(store *s, enum abuse_split by, int64_t now_us, abuse_audit *out, err *e) {
    for (row r = store_query(s, Q_abuse_under, e, "ii", (int64_t)by, now_us); row_next(&r);)
        for (size_t i = 0; i < out->n; i++)
            if (str_eq(out->groups[i].group, row_str(&r, 0)))
                out->groups[i].under += MIN(row_int(&r, 1), out->groups[i].customers - out->groups[i].under);
    return err_ok(e);
}

static int by_share(const void *a, const void *b) {
    const abuse_group *x = a, *y = b;
    if (x->share.value != y->share.value) return x->share.value > y->share.value ? -1 : 1;
    return str_cmp(x->group, y->group);
}

static void compare(arena *a, abuse_audit *out) {
    double *p = make(a, double, out->n + 1);
    int64_t customers = 0, under = 0;
    const sampling s = {.of = "customer"};
    for (size_t i = 0; i < out->n; i++) customers += out->groups[i].customers, under += out->groups[i].under;
    for (size_t i = 0; i < out->n; i++) {
        abuse_group *g = &out->groups[i];
        const estimate others = proportion(a, under - g->under, customers - g->customers, s);
        g->share = proportion(a, g->under, g->customers, s);
        g->more = proportion_change(&g->share, &others);
        p[i] = g->share.state == ESTIMATE_OK && others.state == ESTIMATE_OK ? g->more.p : NAN;
    }
    many_adjust(*a, p, p, out->n);
    for (size_t i = 0; i < out->n; i++) {
        out->groups[i].p = p[i];
        out->groups[i].uneven = p[i] < SIGNIFICANT && out->groups[i].more.diff > 0;
    }
    if (out->n) qsort(out->groups, out->n, sizeof *out->groups, by_share);
}

bool abuse_audit_read(arena *a, store *s, enum abuse_split by, int64_t since_us, int64_t now_us, abuse_audit *out,
                      err *e) {
    *out = (abuse_audit){0};
    if (!read_groups(a, s, by, out, e) || !read_under(s, by, now_us, out, e)) return false;
    for (row r = store_query(s, Q_abuse_counts, e, "i", since_us); row_next(&r);) {
        const int64_t k = row_int(&r, 0);
        if (k <= 0 || k >= ABUSE_STEPS) continue;
        out->steps[k].made = row_int(&r, 1), out->steps[k].appealed = row_int(&r, 2);
        out->steps[k].waiting = row_int(&r, 3), out->steps[k].granted = row_int(&r, 4);
        out->steps[k].ended = row_int(&r, 5);
    }
    if (!err_ok(e)) return false;
    compare(a, out);
    return true;
}

void abuse_audit_json(json_out *j, const char *key, const abuse_audit *x) {
    json_open(j, key, '{');
    json_open(j, "groups", '[');
    for (size_t i = 0; i < x->n; i++) {
        const abuse_group *g = &x->groups[i];
        json_open(j, NULL, '{');
        json_put_str(j, "group", g->group);
        json_put_int(j, "customers", g->customers);
        json_put_int(j, "under", g->under);
        figure_json(j, "share", &g->share);
        figure_change_json(j, "more", &g->more);
        json_put_num(j, "p", g->p);
        json_put_bool(j, "uneven", g->uneven);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_open(j, "steps", '[');
    for (enum abuse_step_kind k = 1; k < ABUSE_STEPS; k++) {
        json_open(j, NULL, '{');
        json_put_str(j, "step", str_c(abuse_step_name(k)));
        json_put_int(j, "made", x->steps[k].made);
        json_put_int(j, "appealed", x->steps[k].appealed);
        json_put_int(j, "waiting", x->steps[k].waiting);
        json_put_int(j, "granted", x->steps[k].granted);
        json_put_int(j, "ended", x->steps[k].ended);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}
