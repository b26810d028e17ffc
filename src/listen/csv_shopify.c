#include "listen/sheet.h"

// Orders

// clang-format off
enum {
    ID, NAME, EMAIL, FINANCIAL, PAID_AT, CURRENCY, TOTAL, DISCOUNT, CREATED, QUANTITY, ITEM, BILLING_NAME,
    BILLING_COUNTRY, BILLING_PHONE, BILLING_STREET, BILLING_ZIP, BILLING_CITY, SHIPPING_COUNTRY, SHIPPING_PHONE, NOTES, CANCELLED, REFUNDED, PHONE, SOURCE, TAGS,
};
static const char *const order_columns[] = {
    [ID] = "Id", [NAME] = "Name", [EMAIL] = "Email", [FINANCIAL] = "Financial Status", [PAID_AT] = "Paid at",
    [CURRENCY] = "Currency", [TOTAL] = "Total", [DISCOUNT] = "Discount Code", [CREATED] = "Created at",
    [QUANTITY] = "Lineitem quantity", [ITEM] = "Lineitem name", [BILLING_NAME] = "Billing Name|Shipping Name",
    [BILLING_COUNTRY] = "Billing Country", [BILLING_PHONE] = "Billing Phone", [SHIPPING_COUNTRY] = "Shipping Country",
    [BILLING_STREET] = "Billing Street|Billing Address1", [BILLING_ZIP] = "Billing Zip", [BILLING_CITY] = "Billing City",
    [SHIPPING_PHONE] = "Shipping Phone", [NOTES] = "Notes", [CANCELLED] = "Cancelled at",
    [REFUNDED] = "Refunded Amount", [PHONE] = "Phone", [SOURCE] = "Source", [TAGS] = "Tags",
};
// clang-format on

static double orders_sure(const glance *g) {
    static const char *const need[] = {"Name", "Email", "Financial Status", "Created at", "Lineitem name", "Total"};
    return all_there(g, need, COUNT(need), 0.97);
}

static bool orders_begin(reading *r, const glance *g, heard_as *as, err *e) {
    (void)g, (void)e;
    sheet_begin(r, order_columns, COUNT(order_columns));
    as->notes =
        S("an order with several items stands in several rows; its amount is in the first, the others add nothing\n");
    return true;
}

// The rows after an order's first repeat its name and hold an item; what belongs to the order is empty.
static bool is_further_line(const reading *r) {
    return !at(r, TOTAL).len && !at(r, FINANCIAL).len && !at(r, CURRENCY).len && at(r, ITEM).len;
}

static str order_id(const reading *r) {
    str id = at(r, ID);
    return id.len ? id : at(r, NAME);
}

static void add_buyer(reading *r, event *ev) {
    str country = at(r, BILLING_COUNTRY).len ? at(r, BILLING_COUNTRY) : at(r, SHIPPING_COUNTRY);
    add_ident(r, ev, IDENT_email, at(r, EMAIL));
    add_phone(r, ev, at(r, PHONE), country);
    add_phone(r, ev, at(r, BILLING_PHONE), country);
    add_phone(r, ev, at(r, SHIPPING_PHONE), at(r, SHIPPING_COUNTRY));
    ev->name = at(r, BILLING_NAME);
    ev->country = country;
    ev->address = event_address(&r->row, at(r, BILLING_STREET), at(r, BILLING_ZIP), at(r, BILLING_CITY));
    if (str_eq_ci(at(r, SOURCE), S("pos"))) ev->channel = CHANNEL_store_;
}

// The file tells how much was given back in all, but not when. It only grows, so the larger amount is the newer
// version.
static bool say_refund(reading *r, const event *order, int64_t back_us, const currency *c, int64_t *refunded) {
    if (!minor_at_if(r, REFUNDED, c, refunded) || *refunded <= 0) return !r->out->rejected;
    event *ev = say(r, order, KIND_refund, back_us, key_of(r, "refund", order_id(r)));
    ev->edited_us = order->at_us + *refunded;
    set_money(ev, *refunded, c);
    return true;
}

static void order_row(reading *r) {
    int64_t total = 0, refunded = 0, cancelled_us = 0;
    event like = sheet_template(r);
    if (is_further_line(r)) {
        skip_row(r, str_fmt(&r->row, "a further line of order %.*s", STR_ARG(at(r, NAME))).s);
        return;
    }
    if (!order_id(r).len) {
        reject(r, "Name", "empty; an order needs its number");
        return;
    }
    const currency *c = row_currency(r, "Currency", at(r, CURRENCY));
    if (!c || !time_at(r, CREATED, &like.at_us) || !time_at_if(r, CANCELLED, &cancelled_us)) return;
    if (!read_money(r, "Total", at(r, TOTAL), c, &like)) return;
    total = like.value;
    like.thread = key_of(r, "order", order_id(r));
    add_buyer(r, &like);
    event *ev = say(r, &like, KIND_order, like.at_us, like.thread);
    (void)str_i64(at(r, QUANTITY), &ev->quantity);
    add_extra(r, ev, "number", at(r, NAME));
    add_extra(r, ev, "item", at(r, ITEM));
    add_extra(r, ev, "discount", at(r, DISCOUNT));
    add_extra(r, ev, "note", at(r, NOTES));
    if (!say_refund(r, &like, cancelled_us ? cancelled_us : like.at_us, c, &refunded)) return;
    bool unpaid = str_eq_ci(at(r, FINANCIAL), S("voided")) || str_eq_ci(at(r, FINANCIAL), S("expired"));
    if (!cancelled_us && !unpaid) return;
    ev = say(r, &like, KIND_cancel, cancelled_us ? cancelled_us : like.at_us, key_of(r, "cancel", order_id(r)));
    set_money(ev, MAX(total - refunded, 0), c);
}

const adapter ADAPTER_shopify_orders = {
    .name = "shopify-orders",
    .label = "Shopify orders export (CSV)",
    .source = "shopify",
    .channel = CHANNEL_shop,
    .format = FORMAT_CSV,
    .sure = orders_sure,
    .begin = orders_begin,
    .row = order_row,
};

// Customers

// clang-format off
enum {
    C_ID, C_FIRST, C_LAST, C_EMAIL, C_COUNTRY, C_ADDRESS_PHONE, C_PHONE, C_SPENT, C_ORDERS, C_NOTE, C_TAGS, C_CITY,
    C_ZIP, C_STREET,
};
static const char *const customer_columns[] = {
    [C_ID] = "Customer ID", [C_FIRST] = "First Name", [C_LAST] = "Last Name", [C_EMAIL] = "Email",
    [C_COUNTRY] = "Default Address Country Code|Country Code", [C_ADDRESS_PHONE] = "Default Address Phone",
    [C_PHONE] = "Phone", [C_SPENT] = "Total Spent", [C_ORDERS] = "Total Orders", [C_NOTE] = "Note", [C_TAGS] = "Tags",
    [C_CITY] = "Default Address City|City", [C_ZIP] = "Default Address Zip|Zip",
    [C_STREET] = "Default Address Address1|Address1",
};
// clang-format on

static double customers_sure(const glance *g) {
    static const char *const need[] = {"First Name", "Last Name", "Email", "Total Spent", "Total Orders", "Tax Exempt"};
    return all_there(g, need, COUNT(need), 0.97);
}

static bool customers_begin(reading *r, const glance *g, heard_as *as, err *e) {
    (void)g, (void)e;
    sheet_begin(r, customer_columns, COUNT(customer_columns));
    as->notes =
        str_fmt(r->life, "the file has no dates: it is read as of %.*s; say the day it was made with \"as_of\"\n",
                STR_ARG(date_str(r->life, zone_days(r->z, r->as_of_us))));
    return true;
}

static void customer_row(reading *r) {
    event like = sheet_template(r);
    str country = at(r, C_COUNTRY), id = at(r, C_ID);
    add_ident(r, &like, IDENT_shopify_id, id);
    add_ident(r, &like, IDENT_email, at(r, C_EMAIL));
    add_phone(r, &like, at(r, C_PHONE), country);
    add_phone(r, &like, at(r, C_ADDRESS_PHONE), country);
    like.name = two_names(r, at(r, C_FIRST), at(r, C_LAST));
    like.country = country;
    like.address = event_address(&r->row, at(r, C_STREET), at(r, C_ZIP), at(r, C_CITY));
    if (!like.n_ids) {
        skip_row(r, "no id, e-mail or phone says who it is");
        return;
    }
    if (r->as_of_given) like.edited_us = r->as_of_us;
    event *ev = say(r, &like, KIND_identify, r->as_of_us, key_of(r, "customer", id.len ? id : like.ids[0].value));
    add_extra(r, ev, "tags", at(r, C_TAGS));
    add_extra(r, ev, "note", at(r, C_NOTE));
    add_extra(r, ev, "city", at(r, C_CITY));
    add_extra(r, ev, "zip", at(r, C_ZIP));
}

const adapter ADAPTER_shopify_customers = {
    .name = "shopify-customers",
    .label = "Shopify customers export (CSV)",
    .source = "shopify",
    .channel = CHANNEL_shop,
    .format = FORMAT_CSV,
    .sure = customers_sure,
    .begin = customers_begin,
    .row = customer_row,
};
