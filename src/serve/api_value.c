// What customers are worth: the newest fit, and each of them.
#include <math.h>

#include "know/value.h"
#include "serve/handlers.h"
#include "serve/names.h"
#include "serve/server.h"
#include "serve/work.h"
#include "sql/know_value.h"

bool value_show(call *c, err *e) {
    int64_t model, as_of;
    int32_t horizon;
    str report;
    if (!value_newest(c->a, c->s, &model, &as_of, &horizon, &report, e))
        return err_ok(e) ? fail(e, ERR_not_found, "nothing is fitted yet; POST /api/value does it") : false;
    call_etag(c, model);
    buf_add(&c->b, report);
    return true;
}

bool customer_value(call *c, err *e) {
    int64_t id;
    value_row v;
    value_dots dots;
    customer_named of = {0};
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e)) return false;
    if (!value_of(c->a, c->s, id, &v, e))
        return err_ok(e) ? fail(e, ERR_not_found, "customer %" PRId64 " has bought nothing that a model could read", id)
                         : false;
    arena scratch = arena_open((size_t)1 << 30);
    bool ok = value_dots_of(scratch, c->s, &v, &dots, e);
    arena_close(&scratch);
    of.profile = id;
    if (!ok || !names_fill(c, &of, 1, e)) return false;
    value_json(&c->out, NULL, &v, of.name, &dots);
    return true;
}

// The key of a page is the value as its bits, which rise with it for what is not negative.
static int64_t bits_of(double v) {
    int64_t bits;
    v = v < 0 ? 0 : v;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static double of_bits(int64_t bits) {
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

bool value_list(call *c, err *e) {
    paging p;
    size_t n = 0;
    bool risk = str_eq(in_str(c, "sort"), S("risk"));
    if (!page_open(c, &p, e)) return false;
    row r = risk ? store_query(c->s, Q_value_at_risk, e, "i", p.limit)
                 : store_query(c->s, Q_value_best, e, "dii", p.first ? HUGE_VAL : of_bits(p.after[0]),
                               p.first ? INT64_MAX : p.after[1], p.limit + 1);
    value_row *list = make(c->a, value_row, (size_t)p.limit + 1);
    while (row_next(&r)) list[n++] = value_read(c->a, &r);
    size_t shown = MIN(n, (size_t)p.limit);
    customer_named *of = make(c->a, customer_named, shown + 1);
    for (size_t i = 0; i < shown; i++) of[i].profile = list[i].customer;
    if (!err_ok(e) || !names_fill(c, of, shown, e)) return false;
    for (size_t i = 0; i < shown; i++) value_json(&c->out, NULL, &list[i], of[i].name, NULL);
    const value_row *last = shown ? &list[shown - 1] : &(value_row){0};
    page_close(c, &p, n > shown, bits_of(last->value.value), last->customer);
    return true;
}

bool value_fit_now(call *c, err *e) {
    double discount = json_number_value(json_object_get(c->in, "discount"));
    double margin = json_number_value(json_object_get(c->in, "margin"));
    int64_t days = in_int(c, "horizon_days", 0), id;
    if (in_has(c, "horizon_days") && (days < 7 || days > 3650))
        return fail_field(c, e, "horizon_days", "'horizon_days' must be from 7 to 3650");
    if (in_has(c, "discount") && (discount < 0 || discount > 1))
        return fail_field(c, e, "discount", "'discount' must be from 0 to 1");
    if (in_has(c, "margin") && (margin <= 0 || margin > 1))
        return fail_field(c, e, "margin", "'margin' must be above 0 and at most 1");
    str args =
        str_fmt(c->a, "{\"horizon_days\":%" PRId64 ",\"discount\":%.6g,\"margin\":%.6g}", days, discount, margin);
    return job_begin(c, "value", args, &id, e) && audit(c, "value.fit", S("value"), args, e);
}
