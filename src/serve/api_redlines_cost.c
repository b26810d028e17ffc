// What things and service cost us, what a role may give by itself, and the sheet that explains it to a customer.
#include "decide/cost.h"
#include "decide/envelope.h"
#include "know/figure.h"
#include "know/fold.h"
#include "serve/api_redlines.h"
#include "serve/page.h"
#include "serve/sheet_page.h"
#include "sql/know.h"

enum { YEAR_DAYS = 365, CHANNELS_BYTES = 10000 };

// ---- what the company says ----

bool economics_page(call *c, err *e) {
    economics *all;
    size_t n;
    if (!economics_list(c->a, c->s, &all, &n, e)) return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++) economics_json(&c->out, NULL, &all[i]);
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

bool economics_set(call *c, err *e) {
    const char *field = NULL;
    err why = {0};
    economics x = {.product = in_str(c, "product"),
                   .cost_bp = in_int(c, "cost_bp", -1),
                   .cost = in_int(c, "cost", -1),
                   .hour_rate = in_int(c, "hour_rate", 0),
                   .contact_s = in_int(c, "contact_s", 0),
                   .contact_cost = in_int(c, "contact_cost", 0),
                   .return_cost = in_int(c, "return_cost", 0),
                   .agents = in_int(c, "agents", 0),
                   .by = who_text(c->a, &c->who)};
    const json_t *channels = json_object_get(c->in, "channels");
    if (channels && !json_is_null(channels)) {
        char *text = json_dumps(channels, JSON_COMPACT | JSON_ENCODE_ANY);
        if (text) x.channels = str_dup(c->a, str_c(text));
        free(text);
        if (x.channels.len > CHANNELS_BYTES) return fail_field(c, e, "channels", "'channels' is too long");
    }
    if (!currency_in(c, "currency", in_str(c, "currency"), &x.currency, e)) return false;
    if (!economics_put(know_ledger(c->d->k), &x, &field, &why)) return fail_about(c, e, field, &why);
    if (!audit(c, "economics.set", S("economics"), S("{}"), e)) return false;
    call_etag(c, x.version);
    economics_json(&c->out, NULL, &x);
    return true;
}

bool envelopes_page(call *c, err *e) {
    envelope *all;
    size_t n;
    if (!envelopes_list(c->a, c->s, &all, &n, e)) return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++) envelope_json(&c->out, NULL, &all[i]);
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

bool envelopes_set(call *c, err *e) {
    const char *field = NULL;
    err why = {0};
    envelope x = {.role = in_str(c, "role"),
                  .most = in_int(c, "most", 0),
                  .discount_bp = in_int(c, "discount_bp", 0),
                  .times = in_int(c, "times", 0),
                  .signer = in_str(c, "signer"),
                  .hours = in_int(c, "hours", 0),
                  .review_bp = in_int(c, "review_bp", 0),
                  .by = who_text(c->a, &c->who)};
    if (in_has(c, "period")) (void)redline_period_of(in_str(c, "period"), &x.period);
    if (!kinds_in(c, "of", json_object_get(c->in, "of"), &x.of, e) ||
        !currency_in(c, "currency", in_str(c, "currency"), &x.currency, e))
        return false;
    if (!envelope_put(know_ledger(c->d->k), &x, &field, &why)) return fail_about(c, e, field, &why);
    if (!audit(c, "envelope.set", str_fmt(c->a, "role:%.*s", STR_ARG(x.role)), S("{}"), e)) return false;
    call_etag(c, x.version);
    envelope_json(&c->out, NULL, &x);
    return true;
}

// ---- what serving costs ----

static bool span_in(call *c, int64_t *since_us, int64_t *until_us, err *e) {
    if (!moment_in(c, "since", in_str(c, "since"), since_us, e) ||
        !moment_in(c, "until", in_str(c, "until"), until_us, e))
        return false;
    if (!*until_us) *until_us = c->now_us;
    if (!*since_us) *since_us = *until_us - YEAR_DAYS * DAY_US;
    return *since_us < *until_us || fail_field(c, e, "until", "'until' is not after 'since'");
}

bool customer_cost(call *c, err *e) {
    int64_t id, since, until;
    serve_cost x;
    if (!param_id(c, 0, &id, e) || !span_in(c, &since, &until, e) || !store_begin_read(c->s, e) ||
        !cost_to_serve(c->a, c->s, id, since, until, &x, e))
        return false;
    serve_cost_json(&c->out, NULL, &x);
    return look(c, id, e);
}

bool redlines_cost(call *c, err *e) {
    int64_t since, until, segment = in_int(c, "segment", 0);
    serve_cost x;
    estimate mean;
    segment_row group;
    segment_rule *rule = NULL;
    char place[SEGMENT_FIELD_LEN];
    if (!span_in(c, &since, &until, e) || !store_begin_read(c->s, e)) return false;
    if (segment && !segment_get_id(c->a, c->s, segment, &group, e))
        return err_ok(e) ? fail_field(c, e, "segment", "there is no segment %" PRId64, segment) : false;
    if (segment && !segment_read_text(c->a, c->s, group.rule, group.id, &rule, place, e)) return false;
    if (!cost_of_segment(c->a, c->s, rule, since, until, 0, &x, &mean, e)) return false;
    json_open(&c->out, NULL, '{');
    serve_cost_json(&c->out, "sum", &x);
    figure_json(&c->out, "mean", &mean);
    json_close(&c->out, '}');
    return true;
}

// ---- the sheet ----

// A sheet is for a customer to read: in their language, else in that of their country.
static bool speak_as(call *c, int64_t customer, err *e) {
    locale l;
    str lang = in_str(c, "lang"), country = S("");
    for (row r = store_query(c->s, Q_profile_of_customer, e, "i", customer); row_next(&r);) {
        if (!country.len) country = str_dup(c->a, row_str(&r, 3));
        if (!lang.len) lang = str_dup(c->a, row_str(&r, 5));
    }
    if (!lang.len && locale_of_country(country, &l)) lang = locale_tag(c->a, &l);
    page_speaks(c, lang);
    return err_ok(e);
}

static bool sheet_of(call *c, sheet *x, err *e) {
    concession_ask ask = {.kind = CONCEDE_discount,
                          .product = in_str(c, "product"),
                          .role = c->who.role,
                          .by = who_text(c->a, &c->who),
                          .price = in_int(c, "price", -1),
                          .discount = in_int(c, "discount", 0),
                          .discount_bp = in_int(c, "discount_bp", 0)};
    if (in_int(c, "price", 0) < 0 || ask.discount < 0 || ask.discount_bp < 0 || ask.discount_bp > 10000)
        return fail_field(c, e, ask.discount_bp ? "discount_bp" : "price",
                          "amounts must be from 0 on, a discount at most 10000");
    return param_id(c, 0, &ask.customer, e) && store_begin_read(c->s, e) && speak_as(c, ask.customer, e) &&
           sheet_read(c->a, c->s, &ask, page_locale(c), c->now_us, x, e);
}

bool customer_sheet(call *c, err *e) {
    sheet x;
    if (!sheet_of(c, &x, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "customer", x.customer);
    json_put_str(&c->out, "intro", x.intro);
    json_open(&c->out, "parts", '[');
    for (int i = 0; i < SHEET_PARTS; i++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "title", x.parts[i].title);
        json_open(&c->out, "lines", '[');
        for (size_t k = 0; k < x.parts[i].n; k++) json_put_str(&c->out, NULL, x.parts[i].lines[k]);
        json_close(&c->out, ']');
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    redline_answer_json(&c->out, "answer", &x.says);
    json_close(&c->out, '}');
    return look(c, x.customer, e);
}

bool customer_sheet_page(call *c, err *e) {
    sheet x;
    if (!sheet_of(c, &x, e)) return false;
    buf *b = page_begin(c, x.intro, PAGE_CARD);
    sheet_html(b, &x);
    page_end(c, b, 200);
    return look(c, x.customer, e);
}
