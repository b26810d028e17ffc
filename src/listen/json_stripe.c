#include <math.h>

#include "listen/json_item.h"

// An object at hand, and the webhook that brought it, if one did.
typedef struct {
    reading *r;
    const json_t *v, *before; // before: what the webhook says changed
    str id;
    int64_t at_us, hook_us; // created; when the webhook was sent, 0 without one
    const currency *money;
    event like;
} object;

// Stripe's "smallest unit" is ISO's, except for these (docs.stripe.com/currencies, special cases): they stay in
// hundredths although ISO has no decimals, or have none although ISO has two.
static int stripe_exponent(const currency *c) {
    static const char *const hundredths[] = {"ISK", "UGX"}, *const whole[] = {"MGA"};
    for (size_t i = 0; i < COUNT(hundredths); i++)
        if (str_eq(str_c(c->code), str_c(hundredths[i]))) return 2;
    for (size_t i = 0; i < COUNT(whole); i++)
        if (str_eq(str_c(c->code), str_c(whole[i]))) return 0;
    return c->exponent;
}

static const int64_t AMOUNT_MAX = 1000000000000000;

static int64_t ours(int64_t amount, const currency *c) {
    int steps = c->exponent - stripe_exponent(c);
    for (; steps > 0; steps--) amount = multiply(amount, 10);
    for (; steps < 0; steps++) amount /= 10;
    return amount;
}

static bool amount_of(object *o, const char *path, int64_t *minor) {
    const json_t *const v = json_find(o->v, path);
    if (!json_is_integer(v) || json_integer_value(v) > AMOUNT_MAX || json_integer_value(v) < -AMOUNT_MAX) {
        reject(o->r, path, "must be a whole number in the currency's smallest unit");
        return false;
    }
    *minor = ours(json_integer_value(v), o->money);
    return true;
}

// A reference is an id, or the object itself when it was expanded.
static str reference(reading *r, const json_t *o, const char *path) {
    const json_t *const v = json_find(o, path);
    return json_is_object(v) ? item_text(r, v, "id") : item_text(r, o, path);
}

static void identify(object *o) {
    const json_t *const v = o->v;
    reading *const r = o->r;
    item_user_id(r, &o->like, json_find(v, "metadata"));
    add_ident(r, &o->like, IDENT_user_id, item_text(r, v, "client_reference_id"));
    add_ident(r, &o->like, IDENT_stripe_id, item_is(v, "object", "customer") ? o->id : reference(r, v, "customer"));
    o->like.name = item_first(r, v, "billing_details.name customer_details.name customer_name name customer.name");
    o->like.country =
        item_first(r, v,
                   "billing_details.address.country customer_details.address.country customer_address.country "
                   "address.country customer.address.country");
#define PART(name)                                                                                                     \
    item_first(r, v,                                                                                                   \
               "billing_details.address." name " customer_details.address." name " customer_address." name             \
               " address." name " customer.address." name)
    o->like.address = event_address(&r->row, PART("line1"), PART("postal_code"), PART("city"));
#undef PART
    add_ident(
        r, &o->like, IDENT_email,
        item_first(r, v,
                   "billing_details.email customer_details.email customer_email receipt_email email customer.email"));
    item_phone(r, &o->like, item_first(r, v, "billing_details.phone customer_details.phone customer_phone phone"),
               o->like.country);
}

static bool begin_object(object *o, reading *r, const json_t *v, const json_t *hook) {
    *o = (object){.r = r, .v = v, .before = json_find(hook, "data.previous_attributes"), .like = item_template(r)};
    if (!item_id(r, v, "id", &o->id) || !item_time(r, v, "created", &o->at_us)) return false;
    if (!item_time_if(r, hook, "created", &o->hook_us)) return false;
    o->money = row_currency(r, "currency", item_text(r, v, "currency"));
    identify(o);
    return o->money != NULL;
}

static void skip_because(reading *r, const char *what, str detail) {
    skip_row(r, str_z(&r->row, str_fmt(&r->row, "%s%.*s", what, STR_ARG(detail))));
}

// One refund. Inside its charge it comes with the customer, so that version is the newer one.
static bool say_refund(object *charge, const json_t *v, bool alone) {
    reading *const r = charge->r;
    const str status = json_at(v, "status");
    int64_t at_us = 0;
    str id;
    if (status.len && !str_eq(status, S("succeeded")) && !str_eq(status, S("pending"))) return true;
    if (!item_id(r, v, "id", &id) || !item_time(r, v, "created", &at_us)) return false;
    object as_refund = *charge;
    as_refund.v = v;
    int64_t minor = 0;
    if (!amount_of(&as_refund, "amount", &minor)) return false;
    event *const ev = item_say(r, &charge->like, KIND_refund, at_us, key_of(r, "refund", id));
    item_money(ev, minor, charge->money);
    ev->edited_us = alone ? 0 : at_us;
    add_extra(r, ev, "reason", item_text(r, v, "reason"));
    return !r->out->rejected;
}

// Newer versions of the interface only tell how much of a charge was given back. The webhook says how much that was
// before; a list does not, so there the growing amount makes the newer version.
static bool say_refunded_total(object *o) {
    int64_t total = 0;
    if (!amount_of(o, "amount_refunded", &total) || total <= 0) return !o->r->out->rejected;
    const json_t *const was = json_find(o->before, "amount_refunded");
    str ext = key_of(o->r, "refund", o->id);
    if (was) ext = str_fmt(&o->r->row, "%.*s:%" PRId64, STR_ARG(ext), total);
    event *const ev = item_say(o->r, &o->like, KIND_refund, was ? o->hook_us : o->at_us, ext);
    item_money(ev, was ? add_up(total, -ours(json_integer_value(was), o->money)) : total, o->money);
    ev->edited_us = was ? 0 : add_up(o->at_us, total);
    return true;
}

static bool say_refunds(object *o) {
    const json_t *const list = json_find(o->v, "refunds.data");
    if (!json_array_size(list)) return !json_find(o->v, "amount_refunded") || say_refunded_total(o);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!say_refund(o, json_array_get(list, i), false)) return false;
    return true;
}

static void say_payment(object *o, str key, int64_t at_us, int64_t minor) {
    event *const ev = item_say(o->r, &o->like, KIND_payment, at_us, key);
    item_money(ev, minor, o->money);
    add_extra(o->r, ev, "description", item_text(o->r, o->v, "description"));
    add_extra(o->r, ev, "invoice", reference(o->r, o->v, "invoice"));
    if (item_false(o->v, "livemode")) add_extra(o->r, ev, "mode", S("test"));
}

static void charge(object *o) {
    int64_t minor = 0;
    const bool part = json_find(o->v, "amount_captured");
    if (!item_is(o->v, "status", "succeeded")) {
        skip_because(o->r, "the payment did not succeed: ", item_first(o->r, o->v, "failure_code status"));
        return;
    }
    if (item_false(o->v, "captured")) {
        skip_row(o->r, "authorised, but not taken yet");
        return;
    }
    if (!amount_of(o, part ? "amount_captured" : "amount", &minor)) return;
    o->like.thread = key_of(o->r, "charge", o->id);
    say_payment(o, o->like.thread, o->at_us, minor);
    (void)say_refunds(o); // a failure is the row's rejection
}

// A payment intent and its charge are one payment: both carry the charge's key.
static void payment_intent(object *o) {
    int64_t minor = 0;
    str charge_id = reference(o->r, o->v, "latest_charge");
    if (!charge_id.len) charge_id = item_text(o->r, o->v, "charges.data.0.id");
    if (!item_is(o->v, "status", "succeeded")) {
        skip_because(o->r, "the payment did not succeed: ", item_text(o->r, o->v, "status"));
        return;
    }
    if (!amount_of(o, "amount_received", &minor)) return;
    int64_t at_us = o->at_us;
    if (!item_time_if(o->r, o->v, "charges.data.0.created", &at_us)) return;
    const str key = charge_id.len ? key_of(o->r, "charge", charge_id) : key_of(o->r, "payment_intent", o->id);
    o->like.thread = key;
    say_payment(o, key, at_us, minor);
}

// The money of an invoice comes with its charge; without a charge only what was paid elsewhere is news.
static void invoice(object *o) {
    int64_t minor = 0, at_us = o->at_us;
    const str charge_id = reference(o->r, o->v, "charge");
    if (!item_is(o->v, "status", "paid")) {
        skip_because(o->r, "an invoice not paid: ", item_text(o->r, o->v, "status"));
        return;
    }
    if (!amount_of(o, "amount_paid", &minor) || !item_time_if(o->r, o->v, "status_transitions.paid_at", &at_us)) return;
    if (!charge_id.len && (!item_true(o->v, "paid_out_of_band") || minor <= 0)) {
        skip_row(o->r, minor > 0 ? "its payment comes with the charge; bring in the charges" : "nothing was paid");
        return;
    }
    const str key = charge_id.len ? key_of(o->r, "charge", charge_id) : key_of(o->r, "invoice", o->id);
    o->like.thread = key;
    say_payment(o, key, at_us, minor);
}

// A customer who goes to the bank instead of to us is as dissatisfied as can be.
static void dispute(object *o) {
    const str reason = item_text(o->r, o->v, "reason");
    int64_t minor = 0;
    if (!amount_of(o, "amount", &minor)) return;
    add_ident(o->r, &o->like, IDENT_email, item_text(o->r, o->v, "evidence.customer_email_address"));
    o->like.thread = key_of(o->r, "charge", reference(o->r, o->v, "charge"));
    event *const ev = item_say(o->r, &o->like, KIND_complaint, o->at_us, key_of(o->r, "dispute", o->id));
    ev->edited_us = o->hook_us;
    ev->mood = -1;
    ev->topic = reason;
    add_extra(o->r, ev, "amount", money_str(&o->r->row, minor, o->money));
    add_extra(o->r, ev, "status", item_text(o->r, o->v, "status"));
}

// How many times a year a plan is paid; 0 if its interval is unknown.
static double times_a_year(str interval) {
    if (str_eq(interval, S("day"))) return 365;
    if (str_eq(interval, S("week"))) return 365.0 / 7;
    if (str_eq(interval, S("month"))) return 12;
    return str_eq(interval, S("year")) ? 1 : 0;
}

// What one item of a subscription is worth in a month, in Stripe's units. Usage and tiers have no worth in advance.
static bool item_worth(reading *r, const json_t *item, double *worth) {
    const json_t *price = json_find(item, "price");
    if (!price) price = json_find(item, "plan");
    const bool metered = item_is(price, "recurring.usage_type", "metered") || item_is(price, "usage_type", "metered");
    const str each = item_first(r, price, "unit_amount_decimal unit_amount amount_decimal amount");
    const double times = times_a_year(item_first(r, price, "recurring.interval interval"));
    const int64_t every = MAX(item_int(price, "recurring.interval_count") + item_int(price, "interval_count"), 1);
    double amount = 0;
    if (metered || !str_f64(each, &amount) || times == 0) return false;
    const int64_t n = json_find(item, "quantity") ? item_int(item, "quantity") : 1;
    *worth += amount * (double)n * times / (12.0 * (double)every);
    return true;
}

static int64_t rounded(double x) {
    return (int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

// The monthly worth of the items (or of the one plan of old), and its currency. False: it has none that is known.
static bool monthly(object *o, int64_t *minor) {
    const json_t *const items = json_find(o->v, "items.data");
    const size_t n = json_array_size(items);
    double worth = 0;
    bool known = !n && item_worth(o->r, o->v, &worth);
    for (size_t i = 0; i < n; i++) known |= item_worth(o->r, json_array_get(items, i), &worth);
    const str code =
        item_first(o->r, o->v, "currency items.data.0.price.currency items.data.0.plan.currency plan.currency");
    o->money = row_currency(o->r, "currency", code);
    if (!known || !o->money || fabs(worth) > 1e15) return false;
    *minor = ours(rounded(worth), o->money);
    return true;
}

static void say_contract(object *o, enum kind kind, int64_t at_us, str ext, bool trial) {
    int64_t minor = 0;
    const bool known = monthly(o, &minor);
    event *const ev = item_say(o->r, &o->like, kind, at_us, ext);
    if (kind != KIND_contract_end && (known || trial) && o->money) item_money(ev, trial ? 0 : minor, o->money);
    ev->quantity = item_int(o->v, json_find(o->v, "quantity") ? "quantity" : "items.data.0.quantity");
    add_extra(o->r, ev, "status", item_text(o->r, o->v, "status"));
    add_extra(o->r, ev, "plan", item_first(o->r, o->v, "items.data.0.price.id items.data.0.plan.id plan.id"));
    add_extra(o->r, ev, "reason", item_first(o->r, o->v, "cancellation_details.feedback cancellation_details.reason"));
}

static bool ended(const json_t *v) {
    return item_is(v, "status", "canceled") || item_is(v, "status", "incomplete_expired") ||
           item_is(v, "status", "unpaid");
}

static bool say_end(object *o) {
    int64_t at_us = o->hook_us ? o->hook_us : o->at_us;
    if (!item_time_if(o->r, o->v, json_find(o->v, "ended_at") ? "ended_at" : "canceled_at", &at_us)) return false;
    say_contract(o, KIND_contract_end, at_us, key_of(o->r, "subscription_end", o->id), false);
    return true;
}

// An update changes the worth when plan, number or status did; the webhook lists what was before.
static void updated(object *o, const json_t *hook) {
    const bool worth = item_has(o->before, "items") || item_has(o->before, "plan") || item_has(o->before, "quantity");
    const bool first = item_is(o->before, "status", "incomplete");
    str id;
    if (ended(o->v)) {
        (void)say_end(o); // a failure is the row's rejection
    } else if (first) {
        say_contract(o, KIND_contract_start, o->hook_us, key_of(o->r, "subscription", o->id),
                     item_is(o->v, "status", "trialing"));
    } else if (!worth && !item_has(o->before, "status")) {
        skip_row(o->r, "a change that leaves the contract's worth as it was");
    } else if (item_id(o->r, hook, "id", &id)) {
        const str key = str_fmt(&o->r->row, "subscription_change:%.*s:%.*s", STR_ARG(o->id), STR_ARG(id));
        const bool again = item_is(o->before, "status", "unpaid"); // it had ended
        say_contract(o, again ? KIND_contract_start : KIND_contract_change, o->hook_us, key,
                     item_is(o->v, "status", "trialing"));
    }
}

static void subscription(object *o, const json_t *hook) {
    const str type = json_at(hook, "type");
    int64_t at_us = o->at_us;
    o->like.thread = key_of(o->r, "subscription", o->id);
    if (item_is(o->v, "status", "incomplete") || item_is(o->v, "status", "incomplete_expired")) {
        skip_row(o->r, "the first payment is missing; the contract did not begin");
    } else if (str_ends(type, S(".updated"))) {
        updated(o, hook);
    } else if (str_ends(type, S(".deleted"))) {
        (void)say_end(o); // a failure is the row's rejection
    } else if (hook && !str_ends(type, S(".created"))) {
        skip_because(o->r, "says nothing of the contract's worth: ", type);
    } else if (item_time_if(o->r, o->v, "start_date", &at_us)) {
        const bool trial = item_is(o->v, "status", "trialing");
        say_contract(o, KIND_contract_start, at_us, key_of(o->r, "subscription", o->id), trial);
        if (ended(o->v)) (void)say_end(o); // as above
    }
}

static void customer(object *o) {
    if (item_true(o->v, "deleted")) {
        skip_row(o->r, "the customer was deleted");
        return;
    }
    o->like.edited_us = o->hook_us;
    str lang = item_text(o->r, o->v, "preferred_locales.0");
    o->like.lang = str_cut(&lang, '-');
    event *const ev = item_say(o->r, &o->like, KIND_identify, o->at_us, key_of(o->r, "customer", o->id));
    add_extra(o->r, ev, "description", item_text(o->r, o->v, "description"));
}

// A checkout tells whose customer number ours is; its payment comes as a charge.
static void session(object *o) {
    o->like.edited_us = o->hook_us;
    if (o->like.n_ids)
        item_say(o->r, &o->like, KIND_identify, o->at_us, key_of(o->r, "session", o->id));
    else
        skip_row(o->r, "a checkout that names nobody");
}

static void lone_refund(object *o) {
    const str charge_id = reference(o->r, o->v, "charge");
    if (charge_id.len) o->like.thread = key_of(o->r, "charge", charge_id);
    if (say_refund(o, o->v, true) && !o->r->out->n)
        skip_because(o->r, "the refund did not succeed: ", json_at(o->v, "status"));
}

static void say_object(reading *r, const json_t *v, const json_t *hook) {
    const str kind = json_at(v, "object");
    static const struct {
        const char *name;
        void (*say)(object *o);
    } kinds[] = {
        {"charge", charge},     {"payment_intent", payment_intent}, {"invoice", invoice},   {"dispute", dispute},
        {"customer", customer}, {"checkout.session", session},      {"refund", lone_refund}};
    object o;
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (str_eq(kind, str_c(kinds[i].name))) {
            if (begin_object(&o, r, v, hook)) kinds[i].say(&o);
            return;
        }
    if (str_eq(kind, S("subscription"))) {
        if (begin_object(&o, r, v, hook)) subscription(&o, hook);
        return;
    }
    if (kind.len)
        skip_because(r, "says nothing of a customer: ", kind);
    else
        reject(r, "object", "is missing; this is no object of Stripe");
}

static void stripe_item(reading *r, const json_t *v) {
    if (!item_is(v, "object", "event"))
        say_object(r, v, NULL);
    else if (item_is(v, "type", "customer.deleted"))
        skip_row(r, "the customer was deleted");
    else
        say_object(r, json_find(v, "data.object"), v);
}

static double stripe_sure(const glance *g) {
    static const char *const kinds[] = {"charge",  "payment_intent", "invoice",  "subscription",
                                        "dispute", "refund",         "customer", "checkout.session"};
    const json_t *const v = g->first;
    if (item_is(v, "object", "event") && json_is_object(json_find(v, "data.object"))) return 0.99;
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (item_is(v, "object", kinds[i]) && item_has(v, "id created")) return 0.97;
    return item_has(v, "object id livemode") ? 0.9 : 0;
}

const adapter ADAPTER_stripe_json = {
    .name = "stripe-json",
    .label = "Stripe charges, refunds, invoices, subscriptions, disputes, customers and webhooks (JSON)",
    .source = "stripe",
    .channel = CHANNEL_shop,
    .format = FORMAT_JSON,
    .sure = stripe_sure,
    .item = stripe_item,
};
