#include "decide/cost.h"

#include "base/civil.h"
#include "base/money.h"
#include "know/lists.h"
#include "sql/decide_redline.h"
#include "sql/know.h"
#include "stats/spread.h"

#include <math.h>

enum { CHANNELS = 64, MOST_SAMPLED = 400 };

// What one contact takes and costs, by channel.
typedef struct {
    int64_t seconds[CHANNELS], cost[CHANNELS];
    int64_t hour_rate;
} rates;

static void rates_of(const economics *x, rates *out) {
    json_t *v = NULL, *one;
    const char *name;
    err quiet = {0};
    out->hour_rate = x->hour_rate;
    for (int i = 0; i < CHANNELS; i++) out->seconds[i] = x->contact_s, out->cost[i] = x->contact_cost;
    if (!x->channels.len || !json_read(x->channels, &v, &quiet)) return;
    json_object_foreach(v, name, one) {
        const json_t *s = json_object_get(one, "seconds"), *c = json_object_get(one, "cost");
        int i = (int)channel_of(str_c(name));
        if (s) out->seconds[i] = json_integer_value(s);
        if (c) out->cost[i] = json_integer_value(c);
    }
    json_decref(v);
}

static int64_t time_cost(int64_t seconds, int64_t hour_rate) {
    return (int64_t)(((__int128)seconds * hour_rate + 1800) / 3600);
}

int64_t cost_of_contact(const economics *x, uint64_t bits) {
    rates r;
    int64_t sum = 0, n = 0;
    rates_of(x, &r);
    // The shop, the survey tool and files are no places where somebody is served.
    bits &= ~(UINT64_C(1) << CHANNEL_shop | UINT64_C(1) << CHANNEL_survey | UINT64_C(1) << CHANNEL_import |
              UINT64_C(1) << CHANNEL_web | UINT64_C(1) << CHANNEL_unknown);
    for (int i = 0; i < CHANNELS; i++)
        if (bits >> i & 1) sum += time_cost(r.seconds[i], r.hour_rate) + r.cost[i], n++;
    return n ? sum / n : time_cost(x->contact_s, x->hour_rate) + x->contact_cost;
}

// ---- of one customer ----

static bool add_contacts(store *s, const rates *r, int64_t profile, int64_t since_us, int64_t until_us, serve_cost *out,
                         err *e) {
    for (int32_t m = event_period(since_us); m <= event_period(until_us); m++)
        for (row q = store_query(s, Q_cost_contacts, e, "iiii", (int64_t)m, profile, since_us, until_us);
             row_next(&q);) {
            int64_t n = row_int(&q, 2);
            size_t channel = (size_t)row_int(&q, 1) % CHANNELS;
            if (row_int(&q, 0) == KIND_return_) {
                out->returns += n;
                continue;
            }
            out->contacts += n, out->seconds += n * r->seconds[channel], out->contact_cost += n * r->cost[channel];
        }
    return err_ok(e);
}

static bool add_given(store *s, int64_t customer, int64_t since_us, int64_t until_us, serve_cost *out, err *e) {
    row r = store_query(s, Q_concession_given_to, e, "iiii", customer, since_us, until_us, (int64_t)out->currency);
    while (row_next(&r)) {
        if (row_int(&r, 0))
            out->rewards += row_int(&r, 1);
        else
            out->concessions += row_int(&r, 1);
    }
    return err_ok(e);
}

static str assumed_of(arena *a, const economics *x, bool known) {
    const currency *c = currency_by_number(x->currency);
    if (!known) return S("nobody has said what a contact takes and costs, so that only what was given is counted");
    buf b = buf_new(a, 1000);
    buf_fmt(&b, "a contact takes %.1f minutes%s, an hour costs ", (double)x->contact_s / 60,
            x->channels.len > 2 ? " where its channel says nothing else" : "");
    buf_money(&b, x->hour_rate, c);
    if (x->contact_cost) buf_add(&b, S(", beside the time a contact costs ")), buf_money(&b, x->contact_cost, c);
    if (x->return_cost)
        buf_add(&b, S(", a return costs ")), buf_money(&b, x->return_cost, c);
    else
        buf_add(&b, S(", handling returns is left out"));
    return buf_str(&b);
}

typedef struct {
    economics eco;
    rates r;
    bool known;
} prices;

static bool read_prices(arena *a, store *s, prices *out, err *e) {
    out->known = economics_for(a, s, S(""), &out->eco, e);
    if (out->known) rates_of(&out->eco, &out->r);
    return err_ok(e);
}

static bool add_customer(store *s, const prices *p, int64_t customer, int64_t since_us, int64_t until_us,
                         serve_cost *out, err *e) {
    static const rates none = {0};
    bool any = false;
    int64_t first = 0, unit = 0;
    for (row r = store_query(s, Q_redline_customer, e, "i", customer); row_next(&r);) {
        any = true, unit = row_int(&r, 1), first = row_int(&r, 8);
        if (!out->currency) out->currency = (int32_t)unit;
        if (unit == out->currency) out->order_value += row_int(&r, 3);
    }
    if (err_ok(e) && !any) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    since_us = MAX(since_us, first);
    for (row q = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&q);)
        if (!add_contacts(s, p->known ? &p->r : &none, row_int(&q, 0), since_us, until_us, out, e))
            return row_end(&q), false;
    out->customers++;
    return err_ok(e) && add_given(s, customer, since_us, until_us, out, e);
}

static void add_up(arena *a, const prices *p, serve_cost *out) {
    out->known = p->known;
    out->time_cost = p->known ? time_cost(out->seconds, p->r.hour_rate) : 0;
    out->return_cost = p->known ? out->returns * p->eco.return_cost : 0;
    out->total = out->time_cost + out->contact_cost + out->return_cost + out->concessions + out->rewards;
    if (a) out->assumed = assumed_of(a, &p->eco, p->known);
}

bool cost_to_serve(arena *a, store *s, int64_t customer, int64_t since_us, int64_t until_us, serve_cost *out, err *e) {
    prices p = {0};
    if (!read_prices(a, s, &p, e)) return false;
    *out = (serve_cost){.currency = p.known ? p.eco.currency : 0};
    if (!add_customer(s, &p, customer, since_us, until_us, out, e)) return false;
    add_up(a, &p, out);
    return true;
}

// ---- of many ----

// Every so many of those found, twice as far apart whenever there are too many: they are spread over all.
typedef struct {
    int64_t *ids, seen, every;
    size_t n, most;
} spread_ids;

static bool take_some(void *ctx, const summary *x, err *e) {
    spread_ids *k = ctx;
    (void)e;
    if (k->seen++ % k->every) return true;
    k->ids[k->n++] = x->customer_id;
    if (k->n < 2 * k->most) return true;
    for (size_t i = 0; i < k->most; i++) k->ids[i] = k->ids[2 * i];
    k->n = k->most, k->every *= 2;
    return true;
}

static void scale(serve_cost *x, double by) {
    int64_t *figures[] = {&x->contacts, &x->seconds,     &x->returns,    &x->contact_cost,
                          &x->rewards,  &x->order_value, &x->concessions};
    for (size_t i = 0; i < COUNT(figures); i++) *figures[i] = (int64_t)llround((double)*figures[i] * by);
}

bool cost_of_segment(arena *a, store *s, const segment_rule *rule, int64_t since_us, int64_t until_us, size_t most,
                     serve_cost *sum, estimate *mean, err *e) {
    prices p = {0};
    int64_t members = 0;
    if (!most) most = MOST_SAMPLED;
    spread_ids some = {.ids = make(a, int64_t, 2 * most), .every = 1, .most = most};
    segment_ask ask = {.rule = rule, .now_us = until_us, .take = take_some, .ctx = &some, .members = &members};
    if (!read_prices(a, s, &p, e) || !segment_scan(s, &ask, e)) return false;
    *sum = (serve_cost){.currency = p.known ? p.eco.currency : 0};
    double *costs = make(a, double, some.n + 1);
    for (size_t i = 0; i < some.n; i++) {
        serve_cost one = {.currency = sum->currency};
        if (!add_customer(s, &p, some.ids[i], since_us, until_us, &one, e)) return false;
        if (!sum->currency) sum->currency = one.currency;
        add_up(NULL, &p, &one);
        costs[i] = (double)one.total;
        sum->contacts += one.contacts, sum->seconds += one.seconds, sum->returns += one.returns;
        sum->contact_cost += one.contact_cost, sum->concessions += one.concessions, sum->rewards += one.rewards;
        sum->order_value += one.order_value, sum->customers++;
    }
    if (some.n) scale(sum, (double)members / (double)some.n);
    sum->customers = members;
    add_up(a, &p, sum);
    *mean = spread_mean(a, costs, some.n, (sampling){.base = members, .of = "customer"});
    return true;
}

// ---- JSON ----

void serve_cost_json(json_out *j, const char *key, const serve_cost *x) {
    const currency *c = currency_by_number(x->currency);
    const struct {
        const char *name;
        int64_t minor;
    } parts[] = {{"time_cost", x->time_cost},     {"contact_cost", x->contact_cost}, {"return_cost", x->return_cost},
                 {"concessions", x->concessions}, {"rewards", x->rewards},           {"total", x->total},
                 {"order_value", x->order_value}};
    json_open(j, key, '{');
    json_put_int(j, "customers", x->customers);
    json_put_int(j, "contacts", x->contacts);
    json_put_int(j, "minutes", (x->seconds + 30) / 60);
    json_put_int(j, "returns", x->returns);
    for (size_t i = 0; i < COUNT(parts); i++) {
        json_open(j, parts[i].name, '{');
        json_put_int(j, "value", parts[i].minor);
        json_put_str(j, "currency", str_c(c ? c->code : ""));
        json_close(j, '}');
    }
    json_put_bool(j, "known", x->known);
    json_put_str(j, "assumed", x->assumed);
    json_close(j, '}');
}
