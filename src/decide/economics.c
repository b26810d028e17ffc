// What the company says things and service cost: versioned rows.
#include "base/money.h"
#include "decide/cost.h"
#include "sql/decide_redline.h"

enum { MOST_ROWS = 500, MOST_FIGURE = 1000000000 }; // so that no product of two and a count overflows

static economics economics_read(arena *a, const row *r) {
    return (economics){.product = str_dup(a, row_str(r, 0)),
                       .version = row_int(r, 1),
                       .currency = (int32_t)row_int(r, 2),
                       .cost_bp = row_int(r, 3),
                       .cost = row_int(r, 4),
                       .hour_rate = row_int(r, 5),
                       .contact_s = row_int(r, 6),
                       .contact_cost = row_int(r, 7),
                       .return_cost = row_int(r, 8),
                       .channels = str_dup(a, row_str(r, 9)),
                       .agents = row_int(r, 10),
                       .made_us = row_int(r, 11),
                       .by = str_dup(a, row_str(r, 12)),
                       .retired = row_int(r, 14) != 0,
                       .sample = row_int(r, 15) != 0};
}

// What a product's own row leaves open is said by the row of all.
static void complete(economics *x, const economics *all) {
    if (x->cost_bp < 0 && x->cost < 0) x->cost_bp = all->cost_bp, x->cost = all->cost;
    if (!x->hour_rate) x->hour_rate = all->hour_rate;
    if (!x->contact_s) x->contact_s = all->contact_s;
    if (!x->contact_cost) x->contact_cost = all->contact_cost;
    if (!x->return_cost) x->return_cost = all->return_cost;
    if (!x->channels.len) x->channels = all->channels;
    if (!x->agents) x->agents = all->agents;
}

bool economics_for(arena *a, store *s, str product, economics *out, err *e) {
    int n = 0;
    *out = (economics){.cost_bp = -1, .cost = -1};
    for (row r = store_query(s, Q_economics_for, e, "t", product); row_next(&r); n++) {
        economics x = economics_read(a, &r);
        if (n)
            complete(out, &x);
        else
            *out = x;
    }
    return n && err_ok(e);
}

bool economics_list(arena *a, store *s, economics **out, size_t *n, err *e) {
    *out = make(a, economics, MOST_ROWS), *n = 0;
    for (row r = store_query(s, Q_economics_list, e, ""); row_next(&r);)
        if (*n < MOST_ROWS) (*out)[(*n)++] = economics_read(a, &r);
    return err_ok(e);
}

static bool channels_ok(str text, err *e) {
    json_t *v, *x;
    const char *name;
    if (!text.len) return true;
    if (!json_read(text, &v, e)) return false;
    bool ok = json_is_object(v);
    if (ok) json_object_foreach(v, name, x) {
            ok = ok && channel_of(str_c(name)) && json_is_object(x);
            int64_t seconds = json_integer_value(json_object_get(x, "seconds")),
                    cost = json_integer_value(json_object_get(x, "cost"));
            ok = ok && seconds >= 0 && seconds <= MOST_FIGURE && cost >= 0 && cost <= MOST_FIGURE;
        }
    json_decref(v);
    return ok ||
           fail(e, ERR_invalid, "'channels' says by channel what is other: {\"phone\":{\"seconds\":420,\"cost\":8}}");
}

static bool economics_ok(const economics *x, const char **field, err *e) {
    const struct {
        const char *name;
        int64_t v;
    } figures[] = {{"hour_rate", x->hour_rate},
                   {"contact_s", x->contact_s},
                   {"contact_cost", x->contact_cost},
                   {"return_cost", x->return_cost},
                   {"agents", x->agents}};
    *field = "product";
    if (x->product.len > 200) return fail(e, ERR_invalid, "'product' is longer than 200 bytes");
    *field = "cost_bp";
    if (x->cost_bp > 100000) return fail(e, ERR_invalid, "'cost_bp' is in hundredths of a percent of the price");
    for (size_t i = 0; i < COUNT(figures); i++) {
        *field = figures[i].name;
        if (figures[i].v < 0 || figures[i].v > MOST_FIGURE)
            return fail(e, ERR_invalid, "'%s' must be a number from 0 to %d", figures[i].name, MOST_FIGURE);
    }
    *field = "cost";
    if (x->cost > INT64_C(1000000000000)) return fail(e, ERR_invalid, "'cost' is too large");
    *field = "channels";
    if (!channels_ok(x->channels, e)) return false;
    *field = NULL;
    return true;
}

bool economics_put(ledger *l, economics *x, const char **field, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    int64_t version = 0;
    if (!economics_ok(x, field, e)) return false;
    for (row r = store_query(s, Q_economics_get, e, "t", x->product); row_next(&r);) version = row_int(&r, 1);
    x->version = version + 1, x->made_us = w->now_us(w);
    return err_ok(e) && store_run(s, Q_economics_end, NULL, e, "ti", x->product, x->made_us) &&
           store_run(s, Q_economics_put, NULL, e, "tiiiiiiiitiitii", x->product, x->version, (int64_t)x->currency,
                     x->cost_bp, x->cost, x->hour_rate, x->contact_s, x->contact_cost, x->return_cost, x->channels,
                     x->agents, x->made_us, x->by, (int64_t)x->retired, (int64_t)x->sample);
}

static void put_known(json_out *j, const char *key, int64_t v) {
    if (v >= 0)
        json_put_int(j, key, v);
    else
        json_put_null(j, key);
}

void economics_json(json_out *j, const char *key, const economics *x) {
    const currency *c = currency_by_number(x->currency);
    json_open(j, key, '{');
    json_put_str(j, "product", x->product);
    json_put_int(j, "version", x->version);
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    put_known(j, "cost_bp", x->cost_bp);
    put_known(j, "cost", x->cost);
    json_put_int(j, "hour_rate", x->hour_rate);
    json_put_int(j, "contact_s", x->contact_s);
    json_put_int(j, "contact_cost", x->contact_cost);
    json_put_int(j, "return_cost", x->return_cost);
    json_put_raw(j, "channels", x->channels.len ? x->channels : S("{}"));
    json_put_int(j, "agents", x->agents);
    json_put_time(j, "made", x->made_us);
    json_put_str(j, "by", x->by);
    json_close(j, '}');
}
