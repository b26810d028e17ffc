#include "listen/sheet.h"

// clang-format off
enum {
    ID, CREATED, AMOUNT, REFUNDED, CURRENCY, CAPTURED, DESCRIPTION, MODE, REFUNDED_AT, STATUS, CUSTOMER, EMAIL, PHONE,
    NAME, COUNTRY, DISPUTED, DISPUTED_AT, REASON, DISPUTE_STATUS, INVOICE, REFERENCE,
    STREET, ZIP, CITY,
};
static const char *const columns[] = {
    [ID] = "id", [CREATED] = "Created date (UTC)|Created (UTC)", [AMOUNT] = "Amount", [REFUNDED] = "Amount Refunded",
    [CURRENCY] = "Currency", [CAPTURED] = "Captured", [DESCRIPTION] = "Description", [MODE] = "Mode",
    [REFUNDED_AT] = "Refunded date (UTC)", [STATUS] = "Status", [CUSTOMER] = "Customer ID",
    [EMAIL] = "Customer Email", [PHONE] = "Customer Phone", [NAME] = "Card Name|Shipping Name",
    [COUNTRY] = "Card Address Country|Shipping Address Country", [DISPUTED] = "Disputed Amount",
    [DISPUTED_AT] = "Dispute Date (UTC)", [REASON] = "Dispute Reason", [DISPUTE_STATUS] = "Dispute Status",
    [STREET] = "Card Address Line1|Shipping Address Line1", [ZIP] = "Card Address Zip|Shipping Address Postal Code",
    [CITY] = "Card Address City|Shipping Address City", [INVOICE] = "Invoice ID", [REFERENCE] = "Client Reference ID",
};
// clang-format on

static double stripe_sure(const glance *g) {
    static const char *const need[] = {"id", "Amount", "Amount Refunded", "Currency", "Status", "Customer ID"};
    bool dated = glance_has(g, "Created date (UTC)") || glance_has(g, "Created (UTC)");
    return dated ? all_there(g, need, COUNT(need), 0.97) : 0;
}

static bool stripe_begin(reading *r, const glance *g, heard_as *as, err *e) {
    (void)g, (void)as, (void)e;
    sheet_begin(r, columns, COUNT(columns));
    return true;
}

// Why no money came in, NULL if it did. "Failed" may carry an amount, even a disputed one.
static const char *not_paid(reading *r) {
    static const char *const paid[] = {"Paid",           "Refunded", "Partially Refunded",
                                       "Partial Refund", "Disputed", "Succeeded"};
    bool is = false;
    for (size_t i = 0; i < COUNT(paid); i++) is = is || str_eq_ci(at(r, STATUS), str_c(paid[i]));
    if (!is) return str_fmt(&r->row, "no money came in: %.*s", STR_ARG(at(r, STATUS))).s;
    return str_eq_ci(at(r, CAPTURED), S("false")) ? "authorised, but not taken yet" : NULL;
}

static bool say_refund(reading *r, const event *like, const currency *c) {
    int64_t back = 0, at_us = like->at_us;
    if (!minor_at_if(r, REFUNDED, c, &back) || !utc_at_if(r, REFUNDED_AT, &at_us)) return false;
    if (back <= 0) return true;
    event *ev = say(r, like, KIND_refund, at_us, key_of(r, "refund", at(r, ID)));
    ev->edited_us = like->at_us + back; // it only grows, so the larger amount is the newer version
    set_money(ev, back, c);
    return true;
}

// A customer who goes to the bank instead of to us is as dissatisfied as can be; a lost dispute takes the money back.
static bool say_dispute(reading *r, const event *like, const currency *c) {
    int64_t minor = 0, at_us = like->at_us;
    if (!at(r, DISPUTED_AT).len && !at(r, DISPUTE_STATUS).len) return true;
    if (!minor_at_if(r, DISPUTED, c, &minor) || !utc_at_if(r, DISPUTED_AT, &at_us)) return false;
    event *ev = say(r, like, KIND_complaint, at_us, key_of(r, "dispute", at(r, ID)));
    ev->mood = -1;
    ev->topic = at(r, REASON);
    add_extra(r, ev, "status", at(r, DISPUTE_STATUS));
    if (!str_eq_ci(at(r, DISPUTE_STATUS), S("lost")) || minor <= 0) return true;
    ev = say(r, like, KIND_refund, at_us, key_part(r, "refund", at(r, ID), "dispute"));
    set_money(ev, minor, c);
    return true;
}

static void add_payer(reading *r, event *ev) {
    add_ident(r, ev, IDENT_user_id, at(r, REFERENCE));
    add_ident(r, ev, IDENT_stripe_id, at(r, CUSTOMER));
    add_ident(r, ev, IDENT_email, at(r, EMAIL));
    add_phone(r, ev, at(r, PHONE), at(r, COUNTRY));
    ev->name = at(r, NAME);
    ev->country = at(r, COUNTRY);
    ev->address = event_address(&r->row, at(r, STREET), at(r, ZIP), at(r, CITY));
}

static void say_payment(reading *r, const event *like, int64_t minor, const currency *c) {
    event *ev = say(r, like, KIND_payment, like->at_us, like->thread);
    set_money(ev, minor, c);
    add_extra(r, ev, "description", at(r, DESCRIPTION));
    add_extra(r, ev, "invoice", at(r, INVOICE));
    if (str_eq_ci(at(r, MODE), S("test"))) add_extra(r, ev, "mode", S("test"));
}

static void stripe_row(reading *r) {
    event like = sheet_template(r);
    int64_t minor = 0;
    const char *why = not_paid(r);
    if (!at(r, ID).len || !at(r, CREATED).len || !at(r, AMOUNT).len) {
        reject(r, "id", "a payment needs an id, an amount and the time it was created");
        return;
    }
    if (why) {
        skip_row(r, why);
        return;
    }
    const currency *c = row_currency(r, "Currency", at(r, CURRENCY));
    if (!c || !utc_at_if(r, CREATED, &like.at_us) || !minor_at_if(r, AMOUNT, c, &minor)) return;
    like.thread = key_of(r, "charge", at(r, ID));
    add_payer(r, &like);
    say_payment(r, &like, minor, c);
    if (say_refund(r, &like, c)) (void)say_dispute(r, &like, c); // a failure is the row's rejection
}

const adapter ADAPTER_stripe_payments = {
    .name = "stripe-payments",
    .label = "Stripe payments export (CSV)",
    .source = "stripe",
    .channel = CHANNEL_shop,
    .format = FORMAT_CSV,
    .sure = stripe_sure,
    .begin = stripe_begin,
    .row = stripe_row,
};
