// Red lines: kept, changed, asked.
#include "serve/api_redlines.h"

#include "know/fold.h"

// ---- reading ----

bool fail_about(call *c, err *e, const char *field, const err *why) {
    if (field && why->code == ERR_invalid) return fail_field(c, e, field, "%s", why->msg);
    return *e = *why, false;
}

bool currency_in(call *c, const char *field, str code, int32_t *out, err *e) {
    const currency *x = code.len == 3 ? currency_of(code) : NULL;
    *out = x ? x->number : 0;
    return !code.len || x || fail_field(c, e, field, "'%s' must be a code of ISO 4217, like EUR", field);
}

bool kinds_in(call *c, const char *field, const json_t *list, uint32_t *out, err *e) {
    *out = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum concession_kind k = concession_of(json_text(json_array_get(list, i)));
        if (!k)
            return fail_field(c, e, field,
                              "'%s' names discount, refund, reward, grant, hardship, service, promise or decision",
                              field);
        *out |= 1u << k;
    }
    return true;
}

bool moment_in(call *c, const char *field, str text, int64_t *at_us, err *e) {
    zone *z;
    *at_us = 0;
    if (!text.len) return true;
    if (!store_zone(c->s, c->a, &z, e)) return false;
    return time_asked(text, z, c->now_us, at_us) || fail_field(c, e, field, "'%s' is no day or time", field);
}

static int64_t figure(const json_t *in, const char *name, int64_t otherwise) {
    const json_t *v = json_object_get(in, name);
    return v && !json_is_null(v) ? json_integer_value(v) : otherwise;
}

static str text_of(const json_t *in, const char *name) {
    return json_text(json_object_get(in, name));
}

// Whoever asks for a discount without a price means what they usually buy; other concessions have none.
static void figures_in(const json_t *in, concession_ask *x) {
    x->discount = figure(in, "discount", 0), x->discount_bp = figure(in, "discount_bp", 0);
    x->price = figure(in, "price", x->kind == CONCEDE_discount ? -1 : 0);
    x->cost = figure(in, "cost", -1), x->service = figure(in, "service", -1);
    x->amount = figure(in, "amount", 0), x->units = (int32_t)MIN(figure(in, "units", 1), 1000000);
}

static bool figures_ok(call *c, const json_t *in, const char *place, err *e) {
    static const char *const names[] = {"price", "discount", "discount_bp", "cost", "service", "amount", "units"};
    char field[64];
    for (size_t i = 0; i < COUNT(names); i++) {
        int64_t v = figure(in, names[i], 0);
        snprintf(field, sizeof field, "%s%s", place, names[i]);
        if (v < 0 || v > INT64_C(1000000000000000))
            return fail_field(c, e, field, "'%s' must be a number from 0 on", names[i]);
    }
    snprintf(field, sizeof field, "%sdiscount_bp", place);
    return figure(in, "discount_bp", 0) <= 10000 ||
           fail_field(c, e, field, "'discount_bp' is in hundredths of a percent, 10000 at most");
}

bool ask_in(call *c, const json_t *in, const char *place, concession_ask *out, err *e) {
    char field[64];
    str kind = text_of(in, "kind"), promise = text_of(in, "promise");
    *out = (concession_ask){.kind = concession_of(kind),
                            .customer = figure(in, "customer", 0),
                            .product = text_of(in, "product"),
                            .channel = text_of(in, "channel"),
                            .role = c->who.role,
                            .by = who_text(c->a, &c->who),
                            .policy = figure(in, "policy", 0),
                            .promise = promise.len ? commitment_kind_of(promise) : COMMITMENT_none,
                            .reason = text_of(in, "reason")};
    snprintf(field, sizeof field, "%skind", place);
    if (!out->kind)
        return fail_field(c, e, field,
                          "'kind' must be discount, refund, reward, grant, hardship, service, promise or decision");
    snprintf(field, sizeof field, "%spromise", place);
    if ((promise.len || out->kind == CONCEDE_promise) && !out->promise)
        return fail_field(c, e, field,
                          "'promise' must be a kind of commitment: promise, reply, callback, delivery, fix …");
    if (!figures_ok(c, in, place, e)) return false;
    figures_in(in, out);
    snprintf(field, sizeof field, "%scurrency", place);
    if (!currency_in(c, field, text_of(in, "currency"), &out->currency, e)) return false;
    snprintf(field, sizeof field, "%sdue", place);
    return moment_in(c, field, text_of(in, "due"), &out->due_us, e);
}

// ---- kept lines ----

static bool line_asked(call *c, redline *x, err *e) {
    int64_t id;
    if (!param_id(c, 0, &id, e)) return false;
    if (redline_get_id(c->a, c->s, id, x, e)) return true;
    return err_ok(e) ? fail(e, ERR_not_found, "there is no red line %" PRId64 "; /api/redlines lists them", id) : false;
}

static bool note(call *c, const char *action, const redline *x, err *e) {
    buf b = buf_new(c->a, 1 << 14);
    json_out j = json_to(&b);
    redline_json(&j, NULL, x);
    return audit(c, action, str_fmt(c->a, "redline:%" PRId64, x->id), buf_str(&b), e);
}

bool redlines_page(call *c, err *e) {
    redline *all;
    size_t n;
    if (!redlines_list(c->a, c->s, in_bool(c, "retired"), &all, &n, e)) return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++) redline_json(&c->out, NULL, &all[i]);
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

bool redlines_show(call *c, err *e) {
    redline x;
    if (!line_asked(c, &x, e)) return false;
    call_etag(c, x.version);
    redline_json(&c->out, NULL, &x);
    return true;
}

bool redlines_history(call *c, err *e) {
    redline x, *all;
    size_t n;
    if (!line_asked(c, &x, e) || !redline_history(c->a, c->s, x.id, &all, &n, e)) return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++) redline_json(&c->out, NULL, &all[i]);
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

static bool put_line(call *c, redline *x, const char *action, err *e) {
    const char *field = NULL;
    err why = {0};
    x->by = who_text(c->a, &c->who);
    if (!redline_put(know_ledger(c->d->k), *c->a, x, &field, &why)) return fail_about(c, e, field, &why);
    if (!note(c, action, x, e)) return false;
    call_etag(c, x->version);
    redline_json(&c->out, NULL, x);
    return true;
}

static void scope_in(call *c, redline *x) {
    if (in_has(c, "product")) x->product = in_str(c, "product");
    if (in_has(c, "channel")) x->channel = in_str(c, "channel");
    if (in_has(c, "role")) x->role = in_str(c, "role");
    if (in_has(c, "signer")) x->signer = in_str(c, "signer");
    if (in_has(c, "why")) x->why = in_str(c, "why");
    if (in_has(c, "name")) x->name = in_str(c, "name");
    x->limit = in_int(c, "limit", x->limit), x->segment = in_int(c, "segment", x->segment);
    if (in_has(c, "period")) (void)redline_period_of(in_str(c, "period"), &x->period);
}

bool redlines_make(call *c, err *e) {
    redline x = {
        .kind = redline_kind_of(in_str(c, "kind")), .measure = in_str(c, "measure"), .below = in_bool(c, "below")};
    scope_in(c, &x);
    if (!kinds_in(c, "of", json_object_get(c->in, "of"), &x.of, e) ||
        !currency_in(c, "currency", in_str(c, "currency"), &x.currency, e) ||
        !moment_in(c, "from", in_str(c, "from"), &x.from_us, e) ||
        !moment_in(c, "until", in_str(c, "until"), &x.until_us, e))
        return false;
    if (!put_line(c, &x, "redline.make", e)) return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/redlines/%" PRId64, x.id));
    return true;
}

bool redlines_change(call *c, err *e) {
    redline x;
    if (!line_asked(c, &x, e) || !call_if_match(c, x.version, e)) return false;
    if (x.retired) return fail(e, ERR_conflict, "red line %" PRId64 " is retired; draw a new one", x.id);
    scope_in(c, &x);
    if (in_has(c, "of") && !kinds_in(c, "of", json_object_get(c->in, "of"), &x.of, e)) return false;
    if (in_has(c, "until") && !moment_in(c, "until", in_str(c, "until"), &x.until_us, e)) return false;
    return put_line(c, &x, "redline.change", e);
}

bool redlines_retire(call *c, err *e) {
    redline x;
    return line_asked(c, &x, e) && call_if_match(c, x.version, e) &&
           redline_retire(know_ledger(c->d->k), *c->a, x.id, who_text(c->a, &c->who), e) &&
           note(c, "redline.retire", &x, e);
}

// ---- asking ----

bool redlines_check(call *c, err *e) {
    concession_ask ask;
    redline_answer says;
    if (!ask_in(c, c->in, "", &ask, e)) return false;
    if (in_has(c, "role")) ask.role = in_str(c, "role");
    if (!store_begin_read(c->s, e) || !redline_check(c->a, c->s, &ask, c->now_us, &says, e)) return false;
    redline_answer_json(&c->out, NULL, &says);
    return true;
}

bool redlines_nearly(call *c, err *e) {
    redline_used *near;
    size_t n;
    double share = in_has(c, "share") ? json_number_value(json_object_get(c->in, "share")) : 0;
    if (share < 0) return fail_field(c, e, "share", "'share' must not be below 0");
    if (!redlines_near(c->a, c->s, c->now_us, in_has(c, "share") && share == 0 ? 1e-12 : share, &near, &n, e))
        return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&c->out, NULL, '{');
        redline_json(&c->out, "line", &near[i].line);
        json_put_int(&c->out, "used", near[i].used);
        json_put_int(&c->out, "reserved", near[i].reserved);
        json_put_num(&c->out, "share", near[i].share);
        json_put_time(&c->out, "from", near[i].from_us);
        json_put_time(&c->out, "until", near[i].until_us);
        json_put_str(&c->out, "sum", near[i].sum);
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}
