// heed promise: how promises are kept, what can be offered, what is due, how long customers waited.
#include <math.h>

#include "act/clocks.h"
#include "act/commitment_broken.h"
#include "act/commitment_rates.h"
#include "cli/picture.h"
#include "cli/promise.h"
#include "know/figure.h"
#include "know/measure.h"

enum { RATES_DAYS = 90 };

// ---- rates ----

static bool by_asked(str x, enum rates_by *by, err *e) {
    static const char *const names[] = {"all", "kind", "team", "segment", "standard"};
    *by = RATES_BY_KIND;
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(x, str_c(names[i]))) return *by = (enum rates_by)i, true;
    return !x.len || fail(e, ERR_usage, "--by is all, kind, team, segment or standard");
}

static void rates_picture(const promise_task *t, const commitment_rate *x, size_t n) {
    arena a = t->c->scratch;
    double *y = make(&a, double, n), *lo = make(&a, double, n), *hi = make(&a, double, n);
    const char **names = make(&a, const char *, n);
    for (size_t i = 0; i < n; i++) {
        y[i] = x[i].share.value * 100, lo[i] = x[i].share.lo * 100, hi[i] = x[i].share.hi * 100;
        names[i] = str_z(&a, term_clean(&a, x[i].group, true));
    }
    picture p = {.title = "kept, of 100 that fell due",
                 .step = 1,
                 .n = n,
                 .lines = {{.name = "kept", .y = y, .lo = lo, .hi = hi}},
                 .n_lines = 1,
                 .labels = names};
    term_say(&t->c->t, "\n");
    picture_text(a, &t->c->t, &p);
}

static void rates_fixes(const promise_task *t, const commitment_rate *x, size_t n) {
    int64_t confirmed = 0, silent = 0, waiting = 0, reopened = 0;
    for (size_t i = 0; i < n; i++)
        confirmed += x[i].confirmed, silent += x[i].silent, waiting += x[i].waiting, reopened += x[i].reopened;
    if (confirmed + silent + waiting + reopened)
        term_say(&t->c->t,
                 "\nFixes that we call solved: the customer says so too %" PRId64 ", said nothing %" PRId64
                 ", may still object %" PRId64 "; were none when we said so %" PRId64 ".\n",
                 confirmed, silent, waiting, reopened);
}

// Two standards of one name are told apart by their number, which "heed promise standard list" shows.
static str rate_name(arena *a, const commitment_rate *x, size_t n, size_t i) {
    bool twice = false;
    for (size_t k = 0; k < n; k++) twice |= k != i && str_eq(x[k].group, x[i].group);
    if (!x[i].group.len) return S("none named");
    const str name = term_clean(a, x[i].group, true);
    return twice ? str_fmt(a, "%.*s (%" PRId64 ")", STR_ARG(name), x[i].standard) : name;
}

static void rates_table(const promise_task *t, const commitment_rate *x, size_t n) {
    static const table_col cols[] = {{"of", false, true},     {"at least", true, false}, {"kept", true, false},
                                     {"range", false, false}, {"due", true, false},      {"late", true, false},
                                     {"open", true, false},   {"days late", true, false}};
    arena *a = t->c->life;
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        table_add(out, STYLE_plain, rate_name(a, x, n, i));
        table_add(out, STYLE_bold, figure_value(a, UNIT_SHARE, x[i].share.lo));
        table_add(out, STYLE_plain, figure_value(a, UNIT_SHARE, x[i].share.value));
        table_add(out, STYLE_plain, figure_range(a, UNIT_SHARE, &x[i].share));
        table_add(out, STYLE_plain, term_count(a, x[i].due));
        table_add(out, STYLE_plain, term_count(a, x[i].late));
        table_add(out, STYLE_plain, term_count(a, x[i].open));
        table_add(out, STYLE_plain, x[i].late ? str_fmt(a, "%.1f", x[i].late_days) : S(""));
    }
    table_print(out, &t->c->t, 0);
}

static void rates_json(const promise_task *t, const commitment_rate *x, size_t n, int64_t since_us) {
    reply r;
    reply_open(&r, t->c);
    json_open(&r.j, NULL, '{');
    reply_time(&r, "since", since_us);
    reply_time(&r, "until", t->now_us);
    json_open(&r.j, "rates", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "group", x[i].group);
        if (x[i].standard) json_put_int(&r.j, "standard", x[i].standard);
        json_put_int(&r.j, "due", x[i].due);
        json_put_int(&r.j, "kept", x[i].kept);
        json_put_int(&r.j, "renegotiated", x[i].renegotiated);
        json_put_int(&r.j, "late", x[i].late);
        json_put_int(&r.j, "open", x[i].open);
        figure_json(&r.j, "rate", &x[i].share);
        json_put_num(&r.j, "late_days", x[i].late_days);
        json_put_int(&r.j, "confirmed", x[i].confirmed);
        json_put_int(&r.j, "silent", x[i].silent);
        json_put_int(&r.j, "waiting", x[i].waiting);
        json_put_int(&r.j, "reopened", x[i].reopened);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

bool promise_rates(const promise_task *t, err *e) {
    enum rates_by by;
    int64_t since_us;
    commitment_rate *x;
    size_t n;
    if (!by_asked(t->o->by, &by, e) || !promise_time(t, "since", t->o->since, false, &since_us, e)) return false;
    if (!since_us) since_us = t->now_us - RATES_DAYS * DAY_US;
    if (!commitment_rates(t->c->life, t->s, by, since_us, t->now_us, &x, &n, e)) return false;
    if (t->c->g.json) return rates_json(t, x, n, since_us), true;
    settings_mark(t->c, &t->set);
    if (!n) {
        term_say(&t->c->t, by == RATES_BY_TEAM ? "No team with five or more people owed anything that fell due.\n"
                                               : "Nothing fell due in this time.\n");
        return true;
    }
    rates_table(t, x, n);
    if (!t->c->g.quiet) rates_picture(t, x, n);
    rates_fixes(t, x, n);
    return true;
}

// ---- offer ----

bool promise_offer(const promise_task *t, err *e) {
    enum commitment_kind kind;
    commitment_curves curves;
    double chance = 0.9;
    arena *a = t->c->life;
    if (!promise_kind_asked(t->c->args.n > 1 ? t->c->args.v[1] : S(""), COMMITMENT_promise, &kind, e)) return false;
    if (t->o->chance.len && (!str_f64(t->o->chance, &chance) || chance <= 0 || chance >= 1))
        return fail(e, ERR_usage, "--chance is above 0 and below 1, like 0.9");
    if (!commitment_curves_read(a, t->s, t->now_us, &curves, e)) return false;
    commitment_offer x = commitment_offer_of(a, &curves, kind, chance, t->now_us);
    if (t->c->g.json) {
        reply r;
        reply_open(&r, t->c);
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "kind", str_c(commitment_kind_row(kind)->name));
        json_put_num(&r.j, "chance", chance);
        reply_time(&r, "date", x.date_us);
        json_put_num(&r.j, "days", x.days);
        json_put_num(&r.j, "load", x.load);
        json_put_int(&r.j, "n", x.n);
        json_put_bool(&r.j, "manager", x.manager);
        promise_put_text(&r.j, "why", str_c(x.why));
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    settings_mark(t->c, &t->set);
    if (x.date_us)
        term_say(&t->c->t, "A %s promised for %.*s is kept with %.0f %%", commitment_kind_row(kind)->name,
                 STR_ARG(promise_when(t, x.date_us)), chance * 100);
    else
        term_say(&t->c->t, "No date can be offered for a %s: it takes more than %.1f days",
                 commitment_kind_row(kind)->name, x.days);
    term_say(&t->c->t, " (%.*s known, load %.1f).\n", STR_ARG(term_count(a, x.n)), x.load);
    if (x.why) term_say(&t->c->t, "  %s\n", x.why);
    return true;
}

// ---- watch ----

static void watch_rows(const promise_task *t, const char *head, const commitment_watched *x, size_t n) {
    static const table_col cols[] = {
        {NULL, true, false}, {NULL, false, false}, {NULL, false, false}, {NULL, false, true}};
    arena *a = t->c->life;
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        table_add(out, STYLE_plain, str_fmt(a, "%" PRId64, x[i].id));
        table_add(out, STYLE_plain, str_c(commitment_kind_row(x[i].kind)->name));
        table_add(out, STYLE_plain, promise_when(t, x[i].judged_us));
        table_add(out, STYLE_plain, isnan(x[i].late) ? S("") : str_fmt(a, "late with %.0f %%", x[i].late * 100));
    }
    if (!n) return;
    term_head(&t->c->t, head);
    table_print(out, &t->c->t, 2);
}

static void watch_list(reply *r, const char *key, const commitment_watched *x, size_t n) {
    json_open(&r->j, key, '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r->j, NULL, '{');
        json_put_int(&r->j, "commitment", x[i].id);
        json_put_str(&r->j, "kind", str_c(commitment_kind_row(x[i].kind)->name));
        reply_time(r, "made", x[i].made_us);
        reply_time(r, "judged", x[i].judged_us);
        json_put_num(&r->j, "late", x[i].late);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
}

bool promise_watch(const promise_task *t, err *e) {
    commitment_curves curves;
    commitment_watch w;
    arena *a = t->c->life;
    commitment_watch_ask ask = {.now_us = t->now_us, .most = t->o->limit ? (size_t)MIN(t->o->limit, 10000) : 10000};
    commitment_broken *sorry;
    size_t n_sorry;
    if (!commitment_curves_read(a, t->s, t->now_us, &curves, e) ||
        !commitment_watch_read(a, t->s, &curves, &ask, &w, e) ||
        !commitment_broken_list(a, t->s, t->now_us, 0, &sorry, &n_sorry, e))
        return false;
    if (t->c->g.json) {
        reply r;
        reply_open(&r, t->c);
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "due", w.due);
        watch_list(&r, "oldest", w.oldest, w.n_oldest);
        json_put_int(&r.j, "ahead", w.ahead);
        json_put_int(&r.j, "at_risk", w.risky_count);
        watch_list(&r, "risky", w.risky, w.n_risky);
        json_put_int(&r.j, "apologies_owed", (int64_t)n_sorry);
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    settings_mark(t->c, &t->set);
    term_say(&t->c->t, "%.*s due and not kept. %.*s due within two days, %.*s of them more likely late than not.\n",
             STR_ARG(say_n(a, w.due, "is", "are")), STR_ARG(say_n(a, w.ahead, "falls", "fall")),
             STR_ARG(term_count(a, w.risky_count)));
    if (n_sorry)
        term_say(&t->c->t, "An apology is owed for %.*s of the last 90 days.\n",
                 STR_ARG(say_n(a, (int64_t)n_sorry, "broken promise", "broken promises")));
    watch_rows(t, "Due, the oldest first", w.oldest, w.n_oldest);
    watch_rows(t, "At risk, the likeliest first", w.risky, w.n_risky);
    return true;
}

// ---- clocks ----

static str minutes_of(arena *a, bool there, int64_t us) {
    return there ? term_span(a, (double)us / (double)SECOND_US) : S("");
}

static void clocks_json(const promise_task *t, const clocked *x, size_t n) {
    reply r;
    reply_open(&r, t->c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "clocks", '[');
    for (size_t i = 0; i < n; i++) {
        int64_t team_us = 0;
        for (int k = 0; k < x[i].n_waits; k++) team_us += x[i].waits[k].team_us;
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "channel", channel_name(x[i].channel));
        json_put_bool(&r.j, "reopened", x[i].reopened);
        json_put_str(&r.j, "agreement", x[i].agreement);
        reply_time(&r, "from", x[i].start_us);
        reply_time(&r, "replied", x[i].reply_us);
        reply_time(&r, "solved", x[i].solved_us);
        json_put_num(&r.j, "reply_s", x[i].reply_us ? (double)(x[i].reply_open_us / SECOND_US) : (double)NAN);
        json_put_num(&r.j, "solved_s", x[i].solved_us ? (double)(x[i].solved_open_us / SECOND_US) : (double)NAN);
        json_put_num(&r.j, "waiting_s", x[i].waiting_us ? (double)(x[i].waiting_open_us / SECOND_US) : (double)NAN);
        json_put_int(&r.j, "team_s", team_us / SECOND_US);
        json_put_int(&r.j, "waits", x[i].n_waits);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

bool promise_clocks(const promise_task *t, err *e) {
    static const table_col cols[] = {
        {"began", false, false},  {"by", false, false},           {"first reply", true, false}, {"solved", true, false},
        {"waiting", true, false}, {"further waits", true, false}, {"agreement", false, true}};
    int64_t customer;
    clocked *x;
    size_t n;
    arena *a = t->c->life;
    if (!promise_customer_asked(t->c->args.v[1], &customer, e) ||
        !clocks_of_customer(a, t->s, customer, t->now_us, &x, &n, e))
        return false;
    size_t most = t->o->limit ? (size_t)t->o->limit : n, first = n > most ? n - most : 0;
    if (t->c->g.json) return clocks_json(t, x + first, n - first), true;
    settings_mark(t->c, &t->set);
    if (!n) return term_say(&t->c->t, "Nobody ever waited in a conversation.\n"), true;
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t i = first; i < n; i++) {
        str began = say_time(a, t->z, x[i].start_us);
        table_add(out, STYLE_plain, x[i].reopened ? str_fmt(a, "%.*s, again", STR_ARG(began)) : began);
        table_add(out, STYLE_plain, channel_label(x[i].channel));
        table_add(out, STYLE_bold, minutes_of(a, x[i].reply_us, x[i].reply_open_us));
        table_add(out, STYLE_plain, minutes_of(a, x[i].solved_us, x[i].solved_open_us));
        table_add(out, STYLE_warn, minutes_of(a, x[i].waiting_us, x[i].waiting_open_us));
        table_add(out, STYLE_plain, term_count(a, MAX(x[i].n_waits - 1, 0)));
        table_add(out, STYLE_plain, x[i].agreement.len ? term_clean(a, x[i].agreement, true) : S("usual hours"));
    }
    table_print(out, &t->c->t, 0);
    return true;
}
