#include "listen/json_item.h"

// An order at hand: what its events share, and how much of its price was given back so far.
typedef struct {
    reading *r;
    const json_t *v;
    str id;
    int64_t at_us, edited_us, total, refunded;
    const currency *money;
    event like;
} order;

static str full_name(reading *r, const json_t *o) {
    return item_join(r, item_text(r, o, "first_name"), " ", item_text(r, o, "last_name"));
}

// Shopify says when an address was not checked; it never says so of the address that an order's mails went to.
static void identify_customer(reading *r, event *ev, const json_t *who) {
    const str country = item_first(r, who, "default_address.country_code addresses.0.country_code");
    add_ident(r, ev, IDENT_user_id, item_text(r, who, "multipass_identifier"));
    add_ident(r, ev, IDENT_shopify_id, item_text(r, who, "id"));
    add_ident(r, ev, item_false(who, "verified_email") ? IDENT_email_unverified : IDENT_email,
              item_text(r, who, "email"));
    item_phone(r, ev, item_text(r, who, "phone"), country);
    ev->name = full_name(r, who);
    ev->country = country;
    ev->address = event_address(&r->row, item_first(r, who, "default_address.address1 addresses.0.address1"),
                                item_first(r, who, "default_address.zip addresses.0.zip"),
                                item_first(r, who, "default_address.city addresses.0.city"));
    str lang = item_text(r, who, "locale");
    ev->lang = str_cut(&lang, '-');
}

static void identify_buyer(order *o) {
    const str country = item_first(o->r, o->v, "billing_address.country_code shipping_address.country_code");
    const bool unverified = item_false(o->v, "customer.verified_email");
    identify_customer(o->r, &o->like, json_find(o->v, "customer"));
    if (!unverified) add_ident(o->r, &o->like, IDENT_email, item_first(o->r, o->v, "email contact_email"));
    item_phone(o->r, &o->like, item_text(o->r, o->v, "phone"), country);
    item_phone(o->r, &o->like, item_text(o->r, o->v, "billing_address.phone"), country);
    if (!o->like.name.len) o->like.name = item_first(o->r, o->v, "billing_address.name shipping_address.name");
    if (country.len) o->like.country = country;
    str address =
        event_address(&o->r->row, item_first(o->r, o->v, "billing_address.address1"),
                      item_first(o->r, o->v, "billing_address.zip"), item_first(o->r, o->v, "billing_address.city"));
    if (address.len) o->like.address = address;
    str lang = item_text(o->r, o->v, "customer_locale");
    if (lang.len) o->like.lang = str_cut(&lang, '-');
}

static int64_t pieces(const json_t *lines) {
    int64_t n = 0;
    for (size_t i = 0; i < json_array_size(lines); i++) n = add_up(n, item_int(json_array_get(lines, i), "quantity"));
    return n;
}

static bool say_order(order *o) {
    event *const ev = item_say(o->r, &o->like, KIND_order, o->at_us, o->like.thread);
    item_money(ev, o->total, o->money);
    ev->quantity = pieces(json_find(o->v, "line_items"));
    add_extra(o->r, ev, "number", item_text(o->r, o->v, "name"));
    add_extra(o->r, ev, "status", item_text(o->r, o->v, "financial_status"));
    add_extra(o->r, ev, "tags", item_text(o->r, o->v, "tags"));
    add_extra(o->r, ev, "note", item_text(o->r, o->v, "note"));
    return true;
}

// Money given back: the transactions that went through, in their own currency.
static bool refund_amount(reading *r, const json_t *refund, const currency **c, int64_t *minor) {
    const json_t *const list = json_find(refund, "transactions");
    *minor = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *const t = json_array_get(list, i);
        const bool failed = json_find(t, "status") && !item_is(t, "status", "success");
        int64_t part = 0;
        if (!item_is(t, "kind", "refund") || failed || item_true(t, "test")) continue;
        if (json_find(t, "currency")) *c = row_currency(r, "transactions.currency", item_text(r, t, "currency"));
        if (!*c || !item_minor(r, t, "amount", *c, &part)) return false;
        *minor = add_up(*minor, part);
    }
    return true;
}

// Goods that came back, as opposed to goods that never left: restock_type tells, in older payloads "restock".
static bool returned_goods(reading *r, const json_t *refund, const currency *c, int64_t *minor, int64_t *n) {
    const json_t *const list = json_find(refund, "refund_line_items");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *const line = json_array_get(list, i);
        const bool told = json_find(line, "restock_type");
        int64_t price = 0;
        if (told ? !item_is(line, "restock_type", "return") && !item_is(line, "restock_type", "legacy_restock")
                 : !item_true(refund, "restock"))
            continue;
        const bool whole = json_find(line, "subtotal");
        if (!whole && !json_find(line, "line_item.price")) continue;
        if (!item_minor(r, line, whole ? "subtotal" : "line_item.price", c, &price)) return false;
        *minor = add_up(*minor, whole ? price : multiply(price, item_int(line, "quantity")));
        *n = add_up(*n, item_int(line, "quantity"));
    }
    return true;
}

// c is the order's currency; without the order (NULL) the transactions tell.
static bool say_refund(reading *r, const event *like, const json_t *v, const currency *c, int64_t *refunded) {
    int64_t at_us = 0, back = 0, goods = 0, n = 0;
    str id;
    if (!item_id(r, v, "id", &id)) return false;
    if (!item_time(r, v, json_find(v, "processed_at") ? "processed_at" : "created_at", &at_us)) return false;
    const currency *paid_in = c ? c : r->money;
    if (!refund_amount(r, v, &paid_in, &back) || !returned_goods(r, v, c ? c : paid_in, &goods, &n)) return false;
    if (back > 0) {
        event *const ev = item_say(r, like, KIND_refund, at_us, key_of(r, "refund", id));
        item_money(ev, back, paid_in);
        add_extra(r, ev, "note", item_text(r, v, "note"));
    }
    if (n > 0) {
        event *const ev = item_say(r, like, KIND_return_, at_us, key_of(r, "return", id));
        item_money(ev, goods, c ? c : paid_in);
        ev->quantity = n;
        add_extra(r, ev, "note", item_text(r, v, "note"));
    }
    if (paid_in == c) *refunded = add_up(*refunded, back);
    return !r->out->rejected;
}

// What a cancelled or never paid order takes back is what its refunds did not give back already.
static bool say_cancel(order *o) {
    const bool unpaid = item_is(o->v, "financial_status", "voided") || item_is(o->v, "financial_status", "expired");
    int64_t at_us = o->edited_us;
    if (!json_find(o->v, "cancelled_at") && !unpaid) return true;
    if (!item_time_if(o->r, o->v, "cancelled_at", &at_us)) return false;
    event *const ev = item_say(o->r, &o->like, KIND_cancel, at_us, key_of(o->r, "cancel", o->id));
    item_money(ev, MAX(add_up(o->total, -o->refunded), 0), o->money);
    add_extra(o->r, ev, "reason", item_text(o->r, o->v, "cancel_reason"));
    return true;
}

static bool begin_order(order *o, reading *r, const json_t *v) {
    *o = (order){.r = r, .v = v, .like = item_template(r)};
    if (!item_id(r, v, "id", &o->id)) return false;
    if (!item_time(r, v, json_find(v, "processed_at") ? "processed_at" : "created_at", &o->at_us)) return false;
    o->edited_us = o->at_us;
    if (!item_time_if(r, v, "updated_at", &o->edited_us)) return false;
    o->money = row_currency(r, "currency", item_text(r, v, "currency"));
    if (!o->money || !item_minor(r, v, "total_price", o->money, &o->total)) return false;
    o->like.thread = key_of(r, "order", o->id);
    o->like.edited_us = o->edited_us;
    if (item_is(v, "source_name", "pos")) o->like.channel = CHANNEL_store_;
    identify_buyer(o);
    return true;
}

static void order_item(reading *r, const json_t *v) {
    order o;
    const json_t *const refunds = json_find(v, "refunds");
    if (item_true(v, "test")) {
        skip_row(r, "a test order");
        return;
    }
    if (!begin_order(&o, r, v) || !say_order(&o)) return;
    for (size_t i = 0; i < json_array_size(refunds); i++)
        if (!say_refund(r, &o.like, json_array_get(refunds, i), o.money, &o.refunded)) return;
    (void)say_cancel(&o); // a failure is the row's rejection
}

// A refund by itself names no buyer. Its version is the oldest there can be, so that the one inside the order wins.
static void refund_item(reading *r, const json_t *v) {
    event like = item_template(r);
    int64_t refunded = 0;
    str order_id;
    if (!item_id(r, v, "order_id", &order_id)) return;
    like.thread = key_of(r, "order", order_id);
    const bool ok = say_refund(r, &like, v, NULL, &refunded);
    if (ok && !r->out->n) skip_row(r, "a refund that moved neither money nor goods");
}

static void customer_item(reading *r, const json_t *v) {
    event like = item_template(r);
    int64_t at_us = 0;
    str id;
    if (!item_id(r, v, "id", &id) || !item_time(r, v, "created_at", &at_us)) return;
    if (!item_time_if(r, v, "updated_at", &like.edited_us)) return;
    identify_customer(r, &like, v);
    event *const ev = item_say(r, &like, KIND_identify, at_us, key_of(r, "customer", id));
    add_extra(r, ev, "tags", item_text(r, v, "tags"));
    add_extra(r, ev, "note", item_text(r, v, "note"));
}

// A single object comes wrapped in its name: {"order": {…}}. strange: it is of Shopify, but of no interest.
static const json_t *unwrapped(const json_t *v, bool *strange) {
    static const char *const wrappers[] = {"order", "customer", "refund"};
    static const char *const strangers[] = {"draft_order", "product",     "variant",
                                            "shop",        "fulfillment", "article",
                                            "price_rule",  "transaction", "fulfillment_event"};
    *strange = false;
    if (json_object_size(v) != 1) return v;
    for (size_t i = 0; i < COUNT(wrappers); i++)
        if (json_is_object(json_find(v, wrappers[i]))) return json_find(v, wrappers[i]);
    for (size_t i = 0; i < COUNT(strangers); i++) *strange |= json_is_object(json_find(v, strangers[i]));
    return v;
}

static bool is_order(const json_t *v) {
    if (item_has(v, "total_price financial_status")) return true;
    return item_has(v, "total_price") && str_starts(json_at(v, "admin_graphql_api_id"), S("gid://shopify/Order/"));
}

// The topics customers/redact, customers/data_request and shop/redact.
static bool is_request(const json_t *v) {
    return item_has(v, "shop_id shop_domain");
}

static bool is_customer(const json_t *v) {
    return item_has(v, "id email verified_email") || item_has(v, "id email orders_count");
}

static bool is_refund(const json_t *v) {
    return item_has(v, "order_id refund_line_items");
}

static bool from_shopify(const json_t *v) {
    return str_starts(json_at(v, "admin_graphql_api_id"), S("gid://shopify/"));
}

static void shopify_item(reading *r, const json_t *v) {
    bool strange = false;
    v = unwrapped(v, &strange);
    if (is_order(v))
        order_item(r, v);
    else if (is_refund(v))
        refund_item(r, v);
    else if (is_customer(v))
        customer_item(r, v);
    else if (is_request(v))
        skip_row(r, "a request about personal data, nothing that a customer did");
    else if (item_gone(v))
        skip_row(r, "it was deleted");
    else if (strange || from_shopify(v))
        skip_row(r, "neither an order, a refund nor a customer");
    else
        reject(r, "total_price", "is missing; this is no order, refund or customer of Shopify");
}

static double shopify_sure(const glance *g) {
    bool strange = false;
    const json_t *const v = unwrapped(g->first, &strange);
    if (is_order(v) && item_has(v, "order_number")) return from_shopify(v) ? 0.99 : 0.97;
    if (is_refund(v) && item_has(v, "transactions")) return 0.97;
    if (is_customer(v) && item_has(v, "orders_count total_spent")) return 0.97;
    if (head_has(g, "gid://shopify/Order/", "\"line_items\"")) return 0.9;
    if (from_shopify(v)) return is_customer(v) ? 0.97 : 0.9;
    if (is_request(v)) return 0.9;
    return strange ? 0.6 : 0;
}

const adapter ADAPTER_shopify_json = {
    .name = "shopify-json",
    .label = "Shopify orders, refunds and customers (API and webhooks, JSON)",
    .source = "shopify",
    .channel = CHANNEL_shop,
    .format = FORMAT_JSON,
    .sure = shopify_sure,
    .item = shopify_item,
};
