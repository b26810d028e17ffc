#include "listen/sheet.h"
#include "listen/tally.h"

// The shop has no export of its own for orders; these are the columns of the common ones: the analytics page, the order
// export plug-ins with names in words ("Email (Billing)"), and those with names in code ("billing_email").
// clang-format off
enum {
    ID, NUMBER, DATE, EDITED, STATUS, TOTAL, REFUNDED, CURRENCY, CUSTOMER, EMAIL, PHONE, FIRST, LAST, COUNTRY, NOTE,
    ITEMS, METHOD, COUPON, STREET, ZIP, CITY,
};
static const char *const columns[] = {
    [ID] = "order_id|Order ID|ID", [NUMBER] = "order_number|Order Number|Order #|order_number_formatted",
    [DATE] = "order_date|Order Date|date_created|date|Date", [EDITED] = "date_modified|order_modified|Modified Date",
    [STATUS] = "status|order_status|Order Status", [TOTAL] = "order_total|Order Total Amount|Order Total|N. Revenue",
    [REFUNDED] = "refunded_total|Order Refund Amount|order_refund|Refunded",
    [CURRENCY] = "order_currency|Order Currency|currency|Currency",
    [CUSTOMER] = "customer_id|Customer User ID|Customer ID|customer_user",
    [EMAIL] = "billing_email|Email (Billing)|Billing Email|Billing Email Address|customer_email",
    [PHONE] = "billing_phone|Phone (Billing)|Billing Phone",
    [FIRST] = "billing_first_name|First Name (Billing)|Billing First Name",
    [LAST] = "billing_last_name|Last Name (Billing)|Billing Last Name|Customer",
    [COUNTRY] = "billing_country|Country Code (Billing)|Billing Country", [NOTE] = "customer_note|Customer Note",
    [ITEMS] = "Items sold|Total items|item_count",
    [METHOD] = "payment_method|Payment Method Title|payment_method_title",
    [STREET] = "billing_address_1|Address 1 (Billing)|Address 1&2 (Billing)|Billing Address 1",
    [ZIP] = "billing_postcode|Postcode (Billing)|Billing Postcode",
    [CITY] = "billing_city|City (Billing)|Billing City",
    [COUPON] = "Coupon Code|coupon_code|Coupon(s)",
};
// clang-format on

static double woo_sure(const glance *g) {
    static const char *const code[] = {"order_id", "order_total", "billing_email", "billing_first_name"};
    static const char *const words[] = {"Order Number", "Order Status", "Email (Billing)", "Order Total Amount"};
    static const char *const analytics[] = {"Order #", "N. Revenue", "Customer type", "Status"};
    return MAX(MAX(all_there(g, code, COUNT(code), 0.96), all_there(g, words, COUNT(words), 0.96)),
               all_there(g, analytics, COUNT(analytics), 0.96));
}

static bool woo_begin(reading *r, const glance *g, heard_as *as, err *e) {
    (void)g, (void)e;
    sheet_begin(r, columns, COUNT(columns));
    if (!sheet_has(r, CURRENCY))
        as->notes = str_fmt(r->life, "the file names no currency: read as %s\n", r->money->code);
    return true;
}

static bool is_status(const reading *r, const char *status) {
    str x = at(r, STATUS);
    if (str_starts_ci(x, S("wc-"))) x = str_sub(x, 3, x.len);
    return str_eq_ci(x, str_c(status));
}

static const char *no_purchase(const reading *r) {
    if (is_status(r, "pending") || is_status(r, "pending payment")) return "the order waits for its payment";
    if (is_status(r, "failed")) return "the payment failed";
    if (is_status(r, "trash")) return "the order was deleted";
    if (is_status(r, "checkout-draft") || is_status(r, "auto-draft")) return "a checkout not finished";
    return NULL;
}

static str order_id(const reading *r) {
    str id = at(r, ID);
    return id.len ? id : at(r, NUMBER);
}

static void add_buyer(reading *r, event *ev) {
    add_ident(r, ev, IDENT_woo_id, at(r, CUSTOMER)); // 0, a guest, is a blocked value
    add_ident(r, ev, IDENT_email, at(r, EMAIL));
    add_phone(r, ev, at(r, PHONE), at(r, COUNTRY));
    ev->name = two_names(r, at(r, FIRST), at(r, LAST));
    ev->country = at(r, COUNTRY);
    ev->address = event_address(&r->row, at(r, STREET), at(r, ZIP), at(r, CITY));
}

// Exports with one row per item repeat the order in each of them.
static bool is_further_line(reading *r, str id) {
    if (!r->keys) r->keys = tally_open(r->life);
    return tally_first(r->keys, str_hash(id), 0) != TALLY_NEW;
}

// What was given back in all; neither its time nor its parts are told. It only grows, so more is newer.
static bool say_back(reading *r, const event *order, int64_t total, const currency *c) {
    int64_t back = 0, at_us = MAX(order->edited_us, order->at_us);
    if (!minor_at_if(r, REFUNDED, c, &back)) return false;
    if (back < 0) back = -back;
    if (!back && is_status(r, "refunded")) back = total;
    if (back) {
        event *ev = say(r, order, KIND_refund, at_us, key_of(r, "refund", order_id(r)));
        ev->edited_us = order->at_us + back;
        set_money(ev, back, c);
    }
    if (is_status(r, "cancelled"))
        set_money(say(r, order, KIND_cancel, at_us, key_of(r, "cancel", order_id(r))), MAX(total - back, 0), c);
    return true;
}

static void woo_row(reading *r) {
    event like = sheet_template(r);
    str id = order_id(r);
    const char *why = no_purchase(r);
    if (!id.len && !at(r, TOTAL).len) why = "a further line of the order above";
    if (!id.len && !why) reject(r, "order_id", "empty; an order needs its number");
    if (why) skip_row(r, why);
    if (why || !id.len) return;
    if (is_further_line(r, id)) {
        skip_row(r, str_fmt(&r->row, "a further line of order %.*s", STR_ARG(id)).s);
        return;
    }
    const currency *c = row_currency(r, "order_currency", at(r, CURRENCY));
    if (!c || !time_at(r, DATE, &like.at_us) || !time_at_if(r, EDITED, &like.edited_us)) return;
    like.thread = key_of(r, "order", id);
    add_buyer(r, &like);
    event *ev = say(r, &like, KIND_order, like.at_us, like.thread);
    if (!read_money(r, label(r, TOTAL), at(r, TOTAL), c, ev)) return;
    int64_t total = ev->value;
    (void)str_i64(at(r, ITEMS), &ev->quantity);
    ev->text = at(r, NOTE);
    if (!str_eq(at(r, NUMBER), id)) add_extra(r, ev, "number", at(r, NUMBER));
    add_extra(r, ev, "payment", at(r, METHOD));
    add_extra(r, ev, "coupon", at(r, COUPON));
    (void)say_back(r, &like, total, c); // a failure is the row's rejection
}

const adapter ADAPTER_woocommerce_orders = {
    .name = "woocommerce-orders",
    .label = "WooCommerce orders export (CSV)",
    .source = "woocommerce",
    .channel = CHANNEL_shop,
    .format = FORMAT_CSV,
    .sure = woo_sure,
    .begin = woo_begin,
    .row = woo_row,
};
