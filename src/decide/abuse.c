// Who sends back how much, beside what everybody sends back of the same products.
#include <math.h>

#include "decide/abuse.h"

#include "base/civil.h"
#include "base/map64.h"
#include "base/unicode.h"
#include "know/figure.h"
#include "know/members.h"
#include "know/settings.h"
#include "sql/decide_care.h"
#include "stats/returns.h"

enum {
    PEOPLE = 100,
    PRODUCTS = 100,
    MOST_UNITS = 100000, // of one event; more is a mistake in the data
    FAULT_UNITS = 8,
    FAULT_PEOPLE = 5, // so that one customer alone cannot make it the product's fault
    FAULT_TIMES = 2,
};

// ---- what happened ----

typedef struct {
    int64_t customer, at_us, thread, key;
    int32_t product, units;
    uint8_t kind;
    bool has_thread, fault;
} dealing;

typedef struct {
    str name;
    int64_t sold, returned, faulty; // with closed windows; returned: all, faulty: by reason
    int64_t people, most;           // who sent some back; how many units at most by one
    double rate;                    // drawn towards all products
    bool at_fault;
} product;

typedef struct {
    int64_t customer, sold, returned, faulty, open;
    double expected;
} buyer;

typedef struct {
    arena *a, small; // small: for one row or customer, copied by whoever needs it
    const abuse_ask *ask;
    int64_t window_us;
    dealing *all;
    size_t n, room;
    product *products;
    size_t n_products, room_products;
    map64 by_name;
    buyer *buyers;
    size_t n_buyers;
    int64_t unmatched;
    double product_weight, rate; // of all products together
} looking;

static const char *const faults[] = {
#define FAULT(part) part,
#include "decide/return_reasons.def"
};

static bool is_fault(arena scratch, str reason) {
    str low = text_ascii(&scratch, reason);
    for (size_t i = 0; i < COUNT(faults); i++)
        if (str_has(low, str_c(faults[i]))) return true;
    return false;
}

static int32_t product_of(looking *k, str name) {
    bool made;
    int32_t *at = map64_at(&k->by_name, (int64_t)str_hash(name), (int32_t)k->n_products, &made);
    if (!made) return *at;
    const int32_t id = *at;
    if (k->n_products == k->room_products) {
        product *more = make(k->a, product, k->room_products = k->room_products ? k->room_products * 2 : 256);
        if (k->n_products) memcpy(more, k->products, k->n_products * sizeof *more);
        k->products = more;
    }
    k->products[k->n_products++] = (product){.name = str_dup(k->a, name)};
    return id;
}

// The body holds the product's name, how many, and why they came back.
static void read_body(looking *k, dealing *d, str body) {
    arena scratch = k->small;
    str rest = members_of(body), name = S("");
    int64_t units = 1;
    for (member m; member_next(&rest, &m);) {
        if (str_eq(m.name, S("product")))
            name = member_text(&scratch, m.value);
        else if (str_eq(m.name, S("quantity")))
            units = str_i64(m.value, &units) && units > 0 ? units : 1;
        else if (d->kind == KIND_return_ && (str_eq(m.name, S("topic")) || str_eq(m.name, S("text"))))
            d->fault |= is_fault(scratch, member_text(&scratch, m.value));
    }
    d->units = (int32_t)MIN(units, MOST_UNITS);
    d->product = product_of(k, name);
}

static void take_row(looking *k, const row *r) {
    if (k->n == k->room) {
        dealing *more = make(k->a, dealing, k->room = k->room ? k->room * 2 : 4096);
        if (k->n) memcpy(more, k->all, k->n * sizeof *more);
        k->all = more;
    }
    dealing *d = &k->all[k->n++];
    *d = (dealing){.customer = row_int(r, 0),
                   .at_us = row_int(r, 1),
                   .kind = (uint8_t)row_int(r, 2),
                   .thread = row_int(r, 3),
                   .has_thread = !row_null(r, 3),
                   .key = row_int(r, 4)};
    read_body(k, d, row_str(r, 5));
}

// By customer; then sales before what takes them back, and each by time.
static int by_customer(const void *a, const void *b) {
    const dealing *x = a, *y = b;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    const int p = x->kind == KIND_order ? 0 : x->kind == KIND_cancel ? 1 : 2;
    const int q = y->kind == KIND_order ? 0 : y->kind == KIND_cancel ? 1 : 2;
    if (p != q) return p - q;
    if (x->at_us != y->at_us) return x->at_us < y->at_us ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

static bool read_dealings(looking *k, store *s, err *e) {
    const int64_t from_us = k->ask->now_us - (int64_t)(k->ask->months ? k->ask->months : ABUSE_MONTHS) * 30 * DAY_US;
    for (row r = store_query(s, Q_abuse_sales, e, "i", (int64_t)event_period(from_us)); row_next(&r);)
        if (row_int(&r, 1) <= k->ask->now_us) take_row(k, &r);
    if (!err_ok(e)) return false;
    if (k->n) qsort(k->all, k->n, sizeof *k->all, by_customer);
    return true;
}

// ---- which sale comes back ----

typedef struct {
    const dealing *of;
    int64_t left, back, faulty; // units still with the customer; sent back; of these because of a fault
} sold;

// The newest sale before a return with units left: of the same order and product, of the order, of the product, or any.
static sold *match(sold *s, size_t n, const dealing *back) {
    for (int how = 0; how < 4; how++)
        for (size_t i = n; i-- > 0;) {
            const dealing *d = s[i].of;
            const bool order = back->has_thread && d->has_thread && back->thread == d->thread;
            const bool same = back->product == d->product;
            if (!s[i].left || d->at_us > back->at_us) continue;
            if ((how == 0 && order && same) || (how == 1 && order) || (how == 2 && same) || how == 3) return &s[i];
        }
    return NULL;
}

static void take_back(looking *k, sold *s, size_t n, const dealing *d) {
    if (d->kind == KIND_cancel) {
        for (size_t i = 0; i < n; i++)
            if (d->has_thread && s[i].of->has_thread && s[i].of->thread == d->thread) s[i].left = 0, s[i].of = NULL;
        return;
    }
    for (int64_t units = d->units; units > 0;) {
        sold *one = match(s, n, d);
        if (!one) {
            k->unmatched += units;
            return;
        }
        const int64_t some = MIN(units, one->left);
        one->left -= some, one->back += some, one->faulty += d->fault ? some : 0, units -= some;
    }
}

// Takes out cancelled sales, so that match never meets one.
static size_t without_cancelled(sold *s, size_t n) {
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (s[i].of) s[m++] = s[i];
    return m;
}

// The sales of one customer with what came back of each.
static size_t settle(looking *k, const dealing *d, size_t n, sold *s) {
    size_t sales = 0, i = 0;
    for (; i < n && d[i].kind == KIND_order; i++) s[sales++] = (sold){&d[i], d[i].units, 0, 0};
    for (; i < n && d[i].kind == KIND_cancel; i++) {
        take_back(k, s, sales, &d[i]);
        sales = without_cancelled(s, sales);
    }
    for (; i < n; i++) take_back(k, s, sales, &d[i]);
    return sales;
}

static bool closed(const looking *k, const sold *s) {
    return s->of->at_us + k->window_us <= k->ask->now_us;
}

typedef void (*customer_fn)(looking *k, const sold *s, size_t n, int64_t customer);

static void each_customer(looking *k, customer_fn fn) {
    for (size_t i = 0, j; i < k->n; i = j) {
        for (j = i; j < k->n && k->all[j].customer == k->all[i].customer; j++) {
        }
        arena scratch = k->small;
        sold *s = make(&scratch, sold, j - i);
        const size_t n = settle(k, &k->all[i], j - i, s);
        if (n) fn(k, s, n, k->all[i].customer);
    }
}

// ---- products ----

static void count_products(looking *k, const sold *s, size_t n, int64_t customer) {
    (void)customer;
    for (size_t i = 0; i < n; i++) {
        product *p = &k->products[s[i].of->product];
        if (!closed(k, &s[i])) continue;
        p->sold += s[i].of->units, p->returned += s[i].back, p->faulty += s[i].faulty;
        p->people += s[i].back > 0, p->most = MAX(p->most, s[i].back);
    }
    k->n_buyers++;
}

// A product that everybody sends back is itself at fault; one customer alone does not make it so.
static void judge_products(looking *k, arena scratch) {
    fraction *x = make(&scratch, fraction, k->n_products + 1), all = {0};
    for (size_t i = 0; i < k->n_products; i++) {
        x[i] = (fraction){k->products[i].returned, k->products[i].sold};
        all.hits += x[i].hits, all.n += x[i].n;
    }
    const beta_prior prior = shrink_prior(x, k->n_products);
    for (size_t i = 0; i < k->n_products; i++) {
        product *p = &k->products[i];
        arena small = scratch;
        const shrunk s = shrink_share(&small, &prior, x[i], (sampling){.of = "unit"});
        const bool many = p->returned >= FAULT_UNITS && p->people >= FAULT_PEOPLE && 2 * p->most <= p->returned;
        p->at_fault = many && s.shrunk.state == ESTIMATE_OK && s.shrunk.lo > FAULT_TIMES * prior.mean;
        if (p->at_fault)
            x[i] = (fraction){0, 0}; // says nothing of what is usual
        else
            x[i] = (fraction){p->returned - p->faulty, p->sold - p->faulty};
    }
    fraction kept = {0};
    for (size_t i = 0; i < k->n_products; i++) kept.hits += x[i].hits, kept.n += x[i].n;
    k->rate = kept.n ? (double)kept.hits / (double)kept.n : 0;
    k->product_weight = shrink_prior(x, k->n_products).weight;
}

// What everybody else sends back of a product, drawn towards all products.
static double rate_without(const looking *k, const product *p, int64_t sold_, int64_t returned) {
    const double n = (double)(p->sold - p->faulty - sold_), hits = (double)(p->returned - p->faulty - returned);
    if (p->at_fault || isinf(k->product_weight) || n <= 0) return k->rate;
    return (MAX(hits, 0.0) + k->product_weight * k->rate) / (n + k->product_weight);
}

// ---- customers ----

static void count_buyer(looking *k, const sold *s, size_t n, int64_t customer) {
    buyer *b = &k->buyers[k->n_buyers];
    double expected = 0;
    *b = (buyer){.customer = customer};
    for (size_t i = 0; i < n; i++) {
        const product *p = &k->products[s[i].of->product];
        if (!closed(k, &s[i])) {
            b->open += s[i].of->units;
            continue;
        }
        const int64_t faulty = p->at_fault ? s[i].back : s[i].faulty, units = s[i].of->units - faulty;
        b->faulty += faulty, b->sold += units, b->returned += s[i].back - faulty;
        expected += (double)units * rate_without(k, p, units, s[i].back - faulty);
    }
    b->expected = b->sold ? expected / (double)b->sold : k->rate;
    k->n_buyers++;
}

static abuse_person person_of(arena *a, const buyer *b, double weight) {
    const customer_returns c = returns_against(a, (fraction){b->returned, b->sold}, b->expected, weight);
    return (abuse_person){.customer = b->customer,
                          .sold = b->sold,
                          .returned = b->returned,
                          .faulty = b->faulty,
                          .open = b->open,
                          .raw = c.raw,
                          .shrunk = c.shrunk,
                          .expected = b->expected,
                          .unusual = c.unusual};
}

// Only those above twice what is expected need an interval: its lower bound lies below the shrunk rate.
static bool may_be_unusual(const buyer *b, double weight) {
    const double w = isinf(weight) || isnan(weight) ? 0 : weight;
    const double shrunk_rate = (b->expected * w + (double)b->returned) / (w + (double)MAX(b->sold, INT64_C(1)));
    return b->sold && shrunk_rate > 2 * b->expected && !isnan(weight);
}

static int by_bound(const void *a, const void *b) {
    const abuse_person *x = a, *y = b;
    if (x->unusual != y->unusual) return x->unusual ? -1 : 1;
    const double p = x->shrunk.lo - 2 * x->expected, q = y->shrunk.lo - 2 * y->expected;
    return p > q ? -1 : p < q ? 1 : (x->customer > y->customer) - (x->customer < y->customer);
}

static void rank_people(looking *k, abuse_view *out) {
    fraction *x = make(k->a, fraction, k->n_buyers + 1);
    double *m = make(k->a, double, k->n_buyers + 1);
    size_t n = 0, most = k->ask->most ? k->ask->most : PEOPLE;
    for (size_t i = 0; i < k->n_buyers; i++) {
        x[i] = (fraction){k->buyers[i].returned, k->buyers[i].sold}, m[i] = k->buyers[i].expected;
        out->sold += x[i].n, out->returned += x[i].hits, out->faulty += k->buyers[i].faulty;
    }
    const double weight = returns_weight(x, m, k->n_buyers);
    for (size_t i = 0; i < k->n_buyers; i++)
        n += may_be_unusual(&k->buyers[i], weight) || k->buyers[i].customer == k->ask->customer;
    out->people = make(k->a, abuse_person, n + 1), n = 0;
    for (size_t i = 0; i < k->n_buyers; i++) {
        const buyer *b = &k->buyers[i];
        if (!may_be_unusual(b, weight) && b->customer != k->ask->customer) continue;
        out->people[n] = person_of(k->a, b, weight);
        out->unusual += out->people[n++].unusual;
    }
    if (n) qsort(out->people, n, sizeof *out->people, by_bound);
    for (size_t i = most; i < n; i++) // the one asked for stays among them
        if (out->people[i].customer == k->ask->customer) out->people[most - 1] = out->people[i];
    out->n_people = MIN(n, most), out->customers = (int64_t)k->n_buyers, out->rate = k->rate;
}

static int by_fault(const void *a, const void *b) {
    const product *x = a, *y = b;
    if (x->at_fault != y->at_fault) return x->at_fault ? -1 : 1;
    if (x->sold != y->sold) return x->sold > y->sold ? -1 : 1;
    return str_cmp(x->name, y->name);
}

// Sorts the products, which their numbers do not survive: the last thing to be done.
static void show_products(looking *k, abuse_view *out) {
    fraction *x = make(k->a, fraction, k->n_products + 1);
    if (k->n_products) qsort(k->products, k->n_products, sizeof *k->products, by_fault);
    for (size_t i = 0; i < k->n_products; i++) x[i] = (fraction){k->products[i].returned, k->products[i].sold};
    const beta_prior prior = shrink_prior(x, k->n_products);
    out->n_products = MIN(k->n_products, (size_t)PRODUCTS);
    out->products = make(k->a, abuse_product, out->n_products + 1);
    for (size_t i = 0; i < out->n_products; i++) {
        const product *p = &k->products[i];
        const shrunk s = shrink_share(k->a, &prior, x[i], (sampling){.of = "unit"});
        out->products[i] = (abuse_product){p->name, p->sold, p->returned, p->faulty, s.shrunk, p->at_fault};
    }
}

static bool read_window(arena *a, store *s, const abuse_ask *ask, int *days, err *e) {
    str set;
    int64_t v;
    *days = ask->window_days > 0 ? ask->window_days : RETURN_WINDOW_DAYS;
    if (ask->window_days > 0) return true;
    if (!settings_get(a, s, "return_window_days", &set, e)) return false;
    if (str_i64(set, &v) && v > 0 && v <= 730) *days = (int)v;
    return true;
}

static void look(looking *k, abuse_view *out) {
    each_customer(k, count_products);
    out->unmatched = k->unmatched;
    judge_products(k, *k->a);
    k->buyers = make(k->a, buyer, k->n_buyers + 1), k->n_buyers = 0;
    each_customer(k, count_buyer);
    rank_people(k, out);
    show_products(k, out);
}

bool abuse_read(arena *a, store *s, const abuse_ask *ask, abuse_view *out, err *e) {
    looking k = {.a = a, .ask = ask, .by_name = map64_new(a, 1024)};
    *out = (abuse_view){.months = ask->months ? ask->months : ABUSE_MONTHS};
    if (!read_window(a, s, ask, &out->window_days, e)) return false;
    k.window_us = out->window_days * DAY_US;
    k.small = arena_open((size_t)1 << 32);
    const bool ok = read_dealings(&k, s, e);
    if (ok) look(&k, out);
    arena_close(&k.small);
    return ok;
}

// ---- as JSON ----

void abuse_person_json(json_out *j, const char *key, const abuse_person *x) {
    json_open(j, key, '{');
    json_put_int(j, "customer", x->customer);
    json_put_int(j, "sold", x->sold);
    json_put_int(j, "returned", x->returned);
    json_put_int(j, "faulty", x->faulty);
    json_put_int(j, "open", x->open);
    figure_json(j, "raw", &x->raw);
    figure_json(j, "rate", &x->shrunk);
    json_put_num(j, "expected", x->expected);
    json_put_bool(j, "unusual", x->unusual);
    json_close(j, '}');
}

static void product_json(json_out *j, const abuse_product *x) {
    json_open(j, NULL, '{');
    json_put_str(j, "product", x->name);
    json_put_int(j, "sold", x->sold);
    json_put_int(j, "returned", x->returned);
    json_put_int(j, "faulty", x->faulty);
    figure_json(j, "rate", &x->shrunk);
    json_put_bool(j, "at_fault", x->at_fault);
    json_close(j, '}');
}

void abuse_view_json(json_out *j, const char *key, const abuse_view *x) {
    json_open(j, key, '{');
    json_put_int(j, "window_days", x->window_days);
    json_put_int(j, "months", x->months);
    json_put_int(j, "customers", x->customers);
    json_put_int(j, "sold", x->sold);
    json_put_int(j, "returned", x->returned);
    json_put_int(j, "faulty", x->faulty);
    json_put_int(j, "unmatched", x->unmatched);
    json_put_num(j, "rate", x->rate);
    json_put_int(j, "unusual", x->unusual);
    json_open(j, "people", '[');
    for (size_t i = 0; i < x->n_people; i++) abuse_person_json(j, NULL, &x->people[i]);
    json_close(j, ']');
    json_open(j, "products", '[');
    for (size_t i = 0; i < x->n_products; i++) product_json(j, &x->products[i]);
    json_close(j, ']');
    json_close(j, '}');
}
