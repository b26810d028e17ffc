#include "listen/json_item.h"

typedef struct {
    reading *r;
    const json_t *v;
    str id;
    int64_t at_us, edited_us, total, refunded;
    const currency *money;
    event like;
} order;

// WooCommerce writes every time twice: as the shop's clock, without saying which zone, and in UTC under …_gmt.
static bool woo_time(reading *r, const json_t *o, const char *gmt, const char *local, int64_t *at_us) {
    return json_find(o, gmt) ? item_time_utc(r, o, gmt, at_us) : item_time_if(r, o, local, at_us);
}

static bool created(reading *r, const json_t *o, int64_t *at_us) {
    if (!woo_time(r, o, "date_created_gmt", "date_created", at_us)) return false;
    if (!*at_us) reject(r, "date_created_gmt", "is missing; a time is needed");
    return *at_us != 0;
}

static void identify_billing(reading *r, event *ev, const json_t *billing) {
    const str country = item_text(r, billing, "country");
    add_ident(r, ev, IDENT_email, item_text(r, billing, "email"));
    item_phone(r, ev, item_text(r, billing, "phone"), country);
    if (!ev->name.len)
        ev->name = item_join(r, item_text(r, billing, "first_name"), " ", item_text(r, billing, "last_name"));
    if (country.len) ev->country = country;
    ev->address = event_address(&r->row, item_text(r, billing, "address_1"), item_text(r, billing, "postcode"),
                                item_text(r, billing, "city"));
}

static bool begin_order(order *o, reading *r, const json_t *v) {
    *o = (order){.r = r, .v = v, .like = item_template(r)};
    if (!item_id(r, v, "id", &o->id) || !created(r, v, &o->at_us)) return false;
    o->edited_us = o->at_us;
    if (!woo_time(r, v, "date_modified_gmt", "date_modified", &o->edited_us)) return false;
    o->money = row_currency(r, "currency", item_text(r, v, "currency"));
    if (!o->money || !item_minor(r, v, "total", o->money, &o->total)) return false;
    o->like.thread = key_of(r, "order", o->id);
    o->like.edited_us = o->edited_us;
    add_ident(r, &o->like, IDENT_woo_id, item_text(r, v, "customer_id")); // 0, a guest, is a blocked value
    identify_billing(r, &o->like, json_find(v, "billing"));
    return true;
}

static void say_order(order *o) {
    const json_t *const lines = json_find(o->v, "line_items");
    event *const ev = item_say(o->r, &o->like, KIND_order, o->at_us, o->like.thread);
    item_money(ev, o->total, o->money);
    for (size_t i = 0; i < json_array_size(lines); i++)
        ev->quantity = add_up(ev->quantity, item_int(json_array_get(lines, i), "quantity"));
    ev->text = item_text(o->r, o->v, "customer_note");
    add_extra(o->r, ev, "number", item_text(o->r, o->v, "number"));
    add_extra(o->r, ev, "status", item_text(o->r, o->v, "status"));
    add_extra(o->r, ev, "payment", item_text(o->r, o->v, "payment_method"));
}

// Inside an order a refund has an amount but no time: it is dated by the order's last change. Its version is as old as
// the order, so that a dated version of it is newer.
static bool say_short_refund(order *o, const json_t *v) {
    int64_t minor = 0;
    str id;
    if (!item_id(o->r, v, "id", &id) || !item_minor(o->r, v, "total", o->money, &minor)) return false;
    event *const ev = item_say(o->r, &o->like, KIND_refund, o->edited_us, key_of(o->r, "refund", id));
    item_money(ev, minor < 0 ? -minor : minor, o->money);
    ev->edited_us = o->at_us;
    add_extra(o->r, ev, "reason", item_text(o->r, v, "reason"));
    o->refunded = add_up(o->refunded, ev->value);
    return !o->r->out->rejected;
}

static void say_cancel(order *o) {
    if (!item_is(o->v, "status", "cancelled")) return;
    event *const ev = item_say(o->r, &o->like, KIND_cancel, o->edited_us, key_of(o->r, "cancel", o->id));
    item_money(ev, MAX(add_up(o->total, -o->refunded), 0), o->money);
}

// Why an order is no purchase yet, or never will be; NULL if it is one.
static const char *no_purchase(const json_t *v) {
    if (item_is(v, "status", "pending")) return "the order waits for its payment";
    if (item_is(v, "status", "failed")) return "the payment failed";
    if (item_is(v, "status", "trash")) return "the order was deleted";
    if (item_is(v, "status", "checkout-draft") || item_is(v, "status", "auto-draft")) return "a checkout not finished";
    return NULL;
}

static void order_item(reading *r, const json_t *v) {
    order o;
    const char *const why = no_purchase(v);
    const json_t *const refunds = json_find(v, "refunds");
    if (why) {
        skip_row(r, why);
        return;
    }
    if (!begin_order(&o, r, v)) return;
    say_order(&o);
    for (size_t i = 0; i < json_array_size(refunds); i++)
        if (!say_short_refund(&o, json_array_get(refunds, i))) return;
    say_cancel(&o);
}

// Items given back stand in the refund with negative numbers.
static bool say_returned(reading *r, const event *like, const json_t *v, int64_t at_us, str id) {
    const json_t *const lines = json_find(v, "line_items");
    int64_t n = 0, goods = 0;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *const line = json_array_get(lines, i);
        int64_t part = 0;
        if (item_int(line, "quantity") >= 0 || item_int(line, "quantity") == INT64_MIN) continue;
        if (!item_minor(r, line, "total", r->money, &part)) return false;
        n = add_up(n, -item_int(line, "quantity"));
        goods = add_up(goods, -part);
    }
    if (!n) return true;
    event *const ev = item_say(r, like, KIND_return_, at_us, key_of(r, "return", id));
    item_money(ev, goods, r->money);
    ev->quantity = n;
    return true;
}

// The order's number stands only in the link to it: …/wc/v3/orders/723.
static str order_of(reading *r, const json_t *refund) {
    str rest = item_text(r, refund, "_links.up.0.href"), id = item_text(r, refund, "parent_id");
    while (rest.s) {
        const str part = str_cut(&rest, '/');
        if (!rest.s && part.len) id = part;
    }
    return id;
}

// A refund by itself names neither the buyer nor the currency. The version inside the order does, and is newer.
static void refund_item(reading *r, const json_t *v) {
    event like = item_template(r);
    int64_t at_us = 0, minor = 0;
    str id;
    if (!item_id(r, v, "id", &id) || !created(r, v, &at_us) || !item_minor(r, v, "amount", r->money, &minor)) return;
    const str order_id = order_of(r, v);
    if (order_id.len) like.thread = key_of(r, "order", order_id);
    event *const ev = item_say(r, &like, KIND_refund, at_us, key_of(r, "refund", id));
    item_money(ev, minor, r->money);
    add_extra(r, ev, "reason", item_text(r, v, "reason"));
    (void)say_returned(r, &like, v, at_us, id); // a failure is the row's rejection
}

static void customer_item(reading *r, const json_t *v) {
    event like = item_template(r);
    int64_t at_us = 0;
    str id;
    if (!item_id(r, v, "id", &id) || !created(r, v, &at_us)) return;
    if (!woo_time(r, v, "date_modified_gmt", "date_modified", &like.edited_us)) return;
    if (json_find(v, "role") && !item_is(v, "role", "customer") && !item_is(v, "role", "subscriber")) {
        skip_row(r, "a member of the staff, not a customer");
        return;
    }
    add_ident(r, &like, IDENT_woo_id, id);
    add_ident(r, &like, IDENT_email, item_text(r, v, "email"));
    like.name = item_join(r, item_text(r, v, "first_name"), " ", item_text(r, v, "last_name"));
    identify_billing(r, &like, json_find(v, "billing"));
    item_say(r, &like, KIND_identify, at_us, key_of(r, "customer", id));
}

// Anybody can type an address under a review; only of a buyer does the shop know it.
static void review_item(reading *r, const json_t *v) {
    event like = item_template(r);
    int64_t at_us = 0;
    str id;
    if (item_is(v, "status", "spam") || item_is(v, "status", "trash")) {
        skip_row(r, "the review was taken down");
        return;
    }
    if (!item_id(r, v, "id", &id) || !created(r, v, &at_us)) return;
    like.channel = CHANNEL_reviews;
    like.name = item_text(r, v, "reviewer");
    const enum ident_kind email = item_true(v, "verified") ? IDENT_email : IDENT_email_unverified;
    add_ident(r, &like, email, item_text(r, v, "reviewer_email"));
    const bool rated = item_int(v, "rating") > 0;
    event *const ev = item_say(r, &like, rated ? KIND_review : KIND_comment, at_us, key_of(r, "review", id));
    ev->text = item_html(r, v, "review");
    add_extra(r, ev, "product", item_text(r, v, "product_id"));
    if (rated) (void)read_score(r, "rating", item_text(r, v, "rating"), INSTRUMENT_stars5, ev);
}

static bool is_order(const json_t *v) {
    return item_has(v, "billing line_items total date_created");
}
static bool is_review(const json_t *v) {
    return item_has(v, "reviewer review rating product_id");
}
static bool is_refund(const json_t *v) {
    return item_has(v, "amount refunded_by date_created");
}
static bool is_customer(const json_t *v) {
    return item_has(v, "username billing date_created");
}

// Everything that the interface sends links to itself under /wp-json/wc/.
static bool from_woo(const json_t *v) {
    return str_has(json_at(v, "_links.self.0.href"), S("/wp-json/wc/"));
}

static void woo_item(reading *r, const json_t *v) {
    if (is_order(v))
        order_item(r, v);
    else if (is_review(v))
        review_item(r, v);
    else if (is_refund(v))
        refund_item(r, v);
    else if (is_customer(v))
        customer_item(r, v);
    else if (item_gone(v))
        skip_row(r, "it was deleted");
    else if (from_woo(v))
        skip_row(r, "neither an order, a refund, a customer nor a review");
    else
        reject(r, "line_items", "is missing; this is no order, refund, customer or product review of WooCommerce");
}

static double woo_sure(const glance *g) {
    const json_t *const v = g->first;
    if (is_order(v) && item_has(v, "order_key")) return 0.98;
    if (is_refund(v) && item_has(v, "line_items")) return 0.95;
    if (is_customer(v) && item_has(v, "is_paying_customer")) return 0.98;
    if (is_review(v) && item_has(v, "reviewer_email")) return 0.97;
    return from_woo(v) ? 0.9 : 0;
}

const adapter ADAPTER_woocommerce = {
    .name = "woocommerce",
    .label = "WooCommerce orders, refunds, customers and product reviews (API and webhooks, JSON)",
    .source = "woocommerce",
    .channel = CHANNEL_shop,
    .format = FORMAT_JSON,
    .sure = woo_sure,
    .item = woo_item,
};
