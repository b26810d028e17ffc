// What a check has to know: few rows, each found by its key.
#include "decide/abuse.h"
#include "decide/redline_private.h"

#include "know/agreement.h"
#include "know/fold.h"
#include "know/settings.h"
#include "sql/decide_redline.h"

enum { MOST_ASSUMED = 1024, FEW = 16 };

static void assume(checking *k, const char *text) {
    if (k->assumed.len) buf_add(&k->assumed, S("; "));
    buf_add(&k->assumed, str_c(text));
}

bool checking_zone(checking *k, const zone **z, err *e) {
    if (!k->z && !store_zone(k->s, k->a, &k->z, e)) return false;
    *z = k->z;
    return true;
}

// Those of the agreement that everybody has; without one, weekdays that are no holidays in the store's country.
bool checking_hours(checking *k, const calendar **c, err *e) {
    agreements *all;
    if (!k->hours) {
        if (!agreements_read(k->a, k->s, &all, e)) return false;
        k->hours = &agreements_for(all, NULL, 0, S(""), k->now_us)->cal;
    }
    return *c = k->hours, true;
}

// ---- whom it is for ----

static bool read_customer(checking *k, err *e) {
    who_is *w = &k->who;
    int64_t asked = k->ask.customer;
    if (!asked) return true;
    for (row r = store_query(k->s, Q_redline_customer, e, "i", asked); row_next(&r);)
        *w = (who_is){.customer = row_int(&r, 0),
                      .has_summary = !row_null(&r, 2),
                      .currency = (int32_t)row_int(&r, 1),
                      .orders = row_int(&r, 2),
                      .order_value = row_int(&r, 3),
                      .contacts_in = row_int(&r, 4),
                      .contacts_out = row_int(&r, 5),
                      .channels = (uint64_t)row_int(&r, 6),
                      .returns = row_int(&r, 7),
                      .first_us = row_int(&r, 8),
                      .last_us = row_int(&r, 9),
                      .monthly_value = row_int(&r, 10)};
    if (err_ok(e) && !w->customer) return fail(e, ERR_not_found, "there is no customer %" PRId64, asked);
    if (!err_ok(e)) return false;
    k->ask.customer = w->customer; // who was joined to somebody is them
    w->has_value = value_of(k->a, k->s, w->customer, &w->value, e);
    return err_ok(e);
}

static bool read_home(checking *k, err *e) {
    str code;
    if (!settings_get(k->a, k->s, "currency", &code, e)) return false;
    const currency *c = currency_of(code);
    k->home = c ? c->number : 0;
    if (!k->ask.currency) k->ask.currency = k->home ? k->home : k->who.currency;
    return true;
}

// ---- what was not said ----

static bool fill_price(checking *k, err *e) {
    concession_ask *x = &k->ask;
    if (x->units <= 0) x->units = 1;
    if (x->kind == CONCEDE_promise) return x->price = x->discount = x->discount_bp = x->amount = 0, true;
    if (x->price < 0 && k->who.orders > 0 && k->who.currency == x->currency) {
        x->price = k->who.order_value / k->who.orders;
        assume(k, "the price is that of their usual order");
    }
    if (x->discount_bp && x->price < 0)
        return fail(e, ERR_invalid, "a discount in percent needs the price; name it, or ask for an amount");
    if (x->discount_bp) x->discount = share_of(x->price, x->discount_bp), x->discount_bp = 0;
    x->discount = MAX(x->discount, 0), x->amount = MAX(x->amount, 0);
    return true;
}

static void fill_costs(checking *k) {
    concession_ask *x = &k->ask;
    const economics *c = &k->eco;
    bool known = k->has_economics && (!c->currency || c->currency == x->currency);
    if (x->price <= 0) return;
    if (x->cost < 0 && known && c->cost_bp >= 0) {
        x->cost = share_of(x->price, c->cost_bp);
        assume(k, "the cost is the usual share of the price");
    } else if (x->cost < 0 && known && c->cost >= 0) {
        x->cost = c->cost * x->units;
        assume(k, "the cost is that of one unit times their number");
    }
    if (x->service >= 0) return;
    x->service = 0;
    if (!known || (!c->hour_rate && !c->contact_cost))
        assume(k, "serving them is left out, because nobody has said what it costs");
    else if (k->who.orders > 0) {
        x->service = cost_of_contact(c, k->who.channels) * k->who.contacts_in / k->who.orders;
        assume(k, "serving them costs what it has cost for each order so far");
    } else
        assume(k, "serving them is left out, because they have not bought yet");
}

// ---- lines and envelope ----

static bool in_segment(checking *k, const redline *x, bool *in, err *e) {
    segment_row group;
    segment_rule *rule;
    char place[SEGMENT_FIELD_LEN];
    const zone *z;
    *in = false;
    if (!k->ask.customer) return true;
    if (!segment_get_id(k->a, k->s, x->segment, &group, e)) return err_ok(e);
    return segment_read_text(k->a, k->s, group.rule, group.id, &rule, place, e) && checking_zone(k, &z, e) &&
           segment_which_in(*k->a, k->s, rule, k->z, k->now_us, &k->ask.customer, 1, in, e);
}

static standing *room_for_one(checking *k, size_t *room) {
    if (k->n == *room) {
        standing *more = make(k->a, standing, *room = *room ? *room * 2 : FEW);
        if (k->n) memcpy(more, k->lines, k->n * sizeof *more);
        k->lines = more;
    }
    return &k->lines[k->n];
}

bool checking_lines(checking *k, err *e) {
    size_t room = 0;
    k->lines = NULL, k->n = 0;
    for (row r = store_query(k->s, Q_redline_holding, e, "i", k->now_us); row_next(&r);) {
        if (k->n == REDLINES_MOST) continue;
        standing *x = room_for_one(k, &room);
        *x = (standing){.line = redline_read(k->a, &r),
                        .begun = !row_null(&r, 23),
                        .period = {row_int(&r, 23), row_int(&r, 24)},
                        .all = {row_int(&r, 25), row_int(&r, 26), row_int(&r, 27), row_int(&r, 28)}};
        k->n += !k->ask.kind || redline_speaks(&x->line, &k->ask);
    }
    return err_ok(e);
}

static bool read_lines(checking *k, err *e) {
    if (!checking_lines(k, e)) return false;
    size_t n = k->n;
    k->n = 0;
    for (size_t i = 0; i < n; i++) {
        bool in = true;
        if (k->lines[i].line.segment && !in_segment(k, &k->lines[i].line, &in, e)) return false;
        if (in) k->lines[k->n++] = k->lines[i];
    }
    return true;
}

static bool read_envelope(checking *k, err *e) {
    const envelope *x = &k->env;
    if (!k->ask.role.len) return true;
    k->has_envelope = envelope_get(k->a, k->s, k->ask.role, &k->env, e);
    if (!k->has_envelope) return err_ok(e);
    k->has_envelope = !x->retired && (!x->of || (x->of >> k->ask.kind & 1));
    if (!k->has_envelope || !x->times) return true;
    return store_int(k->s, Q_concession_times, &k->env_times, 0, e, "tiii", k->ask.by, envelope_since(x, k->now_us),
                     (int64_t)x->of, k->now_us);
}

bool checking_open(checking *k, arena *a, store *s, const concession_ask *ask, int64_t now_us, err *e) {
    *k = (checking){.a = a, .s = s, .now_us = now_us, .ask = *ask, .assumed = buf_new(a, MOST_ASSUMED), .words = true};
    k->assumed.s = make(a, char, k->assumed.cap = MOST_ASSUMED); // growing copies, and others allocate meanwhile
    if (ask->kind <= CONCEDE_none || ask->kind >= CONCESSION_KINDS)
        return fail(e, ERR_invalid, "that is no kind of concession");
    enum abuse_step_kind step;
    if (!read_customer(k, e) || !read_home(k, e)) return false;
    if (k->who.customer && !abuse_step_of_customer(s, k->who.customer, now_us, &step, &k->frictions, e)) return false;
    bool money = ask->price > 0 || ask->price < 0 || ask->discount_bp || ask->kind == CONCEDE_promise;
    if (money) k->has_economics = economics_for(a, s, ask->product, &k->eco, e);
    if (!err_ok(e) || !fill_price(k, e)) return false;
    fill_costs(k);
    if (!read_lines(k, e)) return false;
    for (size_t i = 0; i < k->n; i++) // who names no currency, in a store without one, means that of the lines
        if (!k->ask.currency) k->ask.currency = k->lines[i].line.currency;
    return read_envelope(k, e);
}

// ---- one customer's share of a sum ----

static bool person_sums(checking *k, standing *x, err *e) {
    sums *t = &x->person;
    for (row r = store_query(k->s, Q_redline_person_sum, e, "iiii", x->line.id, x->period.from_us, k->who.customer,
                             k->now_us);
         row_next(&r);)
        t->spent += row_int(&r, 0), t->times += row_int(&r, 1), t->held += row_int(&r, 2),
            t->held_times += row_int(&r, 3);
    return err_ok(e);
}

bool checking_person(checking *k, standing *x, err *e) {
    serve_cost so_far;
    const zone *z;
    if (x->person_read || !k->who.customer) return true;
    x->person_read = true;
    if (x->begun && !person_sums(k, x, e)) return false;
    if (x->line.kind != REDLINE_service) return true;
    if (!x->begun) {
        if (!checking_zone(k, &z, e)) return false;
        x->period = period_at(z, x->line.period, k->now_us);
    }
    if (!cost_to_serve(k->a, k->s, k->who.customer, x->period.from_us, k->now_us, &so_far, e)) return false;
    x->served = so_far.time_cost + so_far.contact_cost + so_far.return_cost;
    return true;
}
