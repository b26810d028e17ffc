// What a call becomes: facts, usage, or one of the events that mean more.
#include "listen/track_private.h"

#include "listen/adapter.h"
#include "listen/json_item.h"

// ---- what is kept of a call besides ----

// Members of PostHog's properties that stand elsewhere already, or are the key.
static bool left_out(const void *ctx, const doc *d, doc_id name) {
    const tracking *t = ctx;
    if (!t->item.posthog) return false;
    if (doc_named(d, name, S("$set")) || doc_named(d, name, S("$set_once")) || doc_named(d, name, S("$group_set")))
        return doc_type(d, name + 1) == DOC_OBJECT;
    return doc_named(d, name, S("token")) && doc_type(d, name + 1) == DOC_TEXT && doc_named(d, name + 1, t->key);
}

static void comma(buf *b) {
    if (b->len) buf_addc(b, ',');
}

static void put_name(buf *b, const char *name) {
    comma(b);
    buf_addc(b, '"');
    buf_add(b, str_c(name));
    buf_add(b, S("\":"));
}

static void put_text(buf *b, const char *name, str x) {
    if (!x.len) return;
    put_name(b, name);
    buf_json_str(b, x);
}

static void put_part(buf *b, const tracking *t, const char *name, doc_id i) {
    if (doc_empty(t->d, i)) return;
    put_name(b, name);
    doc_put(b, t->d, i);
}

static void put_properties(buf *b, const tracking *t) {
    doc_id i = t->item.properties;
    if (!t->item.posthog) {
        put_part(b, t, "properties", i);
        return;
    }
    if (doc_empty(t->d, i)) return;
    comma(b);
    buf_add(b, S("\"properties\":{"));
    doc_put_members(b, t->d, i, false, left_out, t);
    buf_addc(b, '}');
}

// Members of the batch that the call says itself.
static bool says_itself(const void *ctx, const doc *d, doc_id name) {
    const doc_id *own = ctx;
    const doc_value *v = &d->v[name];
    return doc_get(d, *own, (str){d->text + v->at, v->len}) != DOC_NONE;
}

static bool is_traits(const void *ctx, const doc *d, doc_id name) {
    (void)ctx;
    return doc_named(d, name, S("traits"));
}

// The batch's members under the call's own.
static void put_merged(buf *b, const tracking *t, const char *name, doc_id own, doc_id batch, bool bare, str ip) {
    if (doc_empty(t->d, batch) && !ip.len && !bare) {
        put_part(b, t, name, own);
        return;
    }
    put_name(b, name);
    buf_addc(b, '{');
    bool more = doc_put_members(b, t->d, own, false, bare ? is_traits : NULL, NULL);
    more = doc_put_members(b, t->d, batch, more, says_itself, &own);
    if (ip.len) {
        if (more) buf_addc(b, ',');
        buf_add(b, S("\"ip\":"));
        buf_json_str(b, ip);
    }
    buf_addc(b, '}');
}

static doc_id of_context(const tracking *t, const char *name) {
    doc_id i = doc_get(t->d, t->item.context, str_c(name));
    return i ? i : doc_get(t->d, t->batch_context, str_c(name));
}

// Whoever says "direct" asks for the address they called from.
static str ip_asked(const tracking *t) {
    bool asked = doc_true(t->d, of_context(t, "direct")) && doc_empty(t->d, of_context(t, "ip"));
    return asked ? t->o->ip : S("");
}

static size_t room_for(const tracking *t) {
    const track_item *x = &t->item;
    const doc_id parts[] = {x->properties,        x->traits, x->once, x->context, x->integrations, t->batch_context,
                            t->batch_integrations};
    size_t n = 256 + 6 * (x->name.len + x->category.len + x->group.len + x->previous.len + t->o->ip.len);
    for (size_t i = 0; i < COUNT(parts); i++) n += parts[i] ? doc_room(t->d, parts[i]) : 0;
    return n;
}

static const char *name_of_name(enum track_call c) {
    return c == TRACK_page ? "page" : c == TRACK_screen ? "screen" : "event";
}

// The inside of an object: the call as it was sent, but for who, when and which.
static str extra_of(tracking *t) {
    const track_item *x = &t->item;
    size_t room = room_for(t);
    if (!track_keep(t, room)) return S(""); // the body is refused as a whole
    buf b = buf_new(t->a, room);
    put_text(&b, "call", track_call_name(x->call));
    if (x->call != TRACK_identify || x->posthog) put_text(&b, name_of_name(x->call), x->name);
    put_text(&b, "category", x->category);
    put_text(&b, "group", x->group);
    put_text(&b, "previous_id", x->previous);
    put_part(&b, t, "traits", x->traits);
    put_part(&b, t, "set_once", x->once);
    put_properties(&b, t);
    put_merged(&b, t, "context", x->context, t->batch_context, x->bare, ip_asked(t));
    put_merged(&b, t, "integrations", x->integrations, t->batch_integrations, false, S(""));
    assert(!b.full);
    return buf_str(&b);
}

// ---- where it happened ----

static bool text_is(const doc *d, doc_id i, const char *is) {
    return doc_type(d, i) == DOC_TEXT && doc_named(d, i, str_c(is));
}

// In a browser or in an app; what a server tells happened in our product, which is an app unless it says otherwise.
static enum channel channel_of_call(const tracking *t) {
    const track_item *x = &t->item;
    const doc *d = t->d;
    if (x->call == TRACK_screen) return CHANNEL_app;
    if (x->call == TRACK_page || text_is(d, x->medium, "web") || text_is(d, x->medium, "browser")) return CHANNEL_web;
    if (text_is(d, x->medium, "mobile")) return CHANNEL_app;
    if (x->posthog) return text_is(d, doc_get(d, x->properties, S("$lib")), "web") ? CHANNEL_web : CHANNEL_app;
    return doc_type(d, of_context(t, "page")) == DOC_OBJECT ? CHANNEL_web : CHANNEL_app;
}

// ---- orders ----

typedef struct {
    tracking *t;
    doc_id in; // properties
    const currency *money;
    bool named; // the currency was said
    str order;  // its number
    int64_t value;
    bool has_value;
} sale;

// False when it is not there; what is no amount is refused.
static bool amount(sale *s, const char *names, int64_t *minor) {
    tracking *t = s->t;
    doc_id i = track_prop_any(t->d, s->in, names);
    str x = str_trim(doc_scalar(t->a, t->d, i));
    double v = 0;
    if (!x.len) return false;
    if (decimal_minor(x, s->money->exponent, minor)) return true;
    bool text = doc_type(t->d, i) == DOC_TEXT;
    if (text && money_parse(x, s->money, minor, NULL)) return true;
    if (!text && str_f64(x, &v) && v > -1e13 && v < 1e13) { // 1e2, or more digits than anybody pays with
        str plain = str_fmt(t->a, "%.6f", v);
        if (decimal_minor(plain, s->money->exponent, minor)) return true;
    }
    str name = {t->d->text + t->d->v[i - 1].at, t->d->v[i - 1].len};
    track_refuse(t, str_z(t->a, str_fmt(t->a, "properties.%.*s", (int)MIN(name.len, 60), name.s)),
                 "\"%.*s\" is no amount; it should look like 1234.50", (int)MIN(x.len, 60), x.s);
    return false;
}

static int64_t amount_or_0(sale *s, const char *names) {
    int64_t minor = 0;
    return amount(s, names, &minor) ? minor : 0;
}

static int64_t how_many(const tracking *t, doc_id product) {
    arena a = *t->a;
    double n = 1;
    str x = str_trim(doc_scalar(&a, t->d, track_prop(t->d, product, "quantity")));
    return x.len && str_f64(x, &n) && n > 0 && n < 1e9 ? (int64_t)(n + 0.5) : 1;
}

static doc_id products(const sale *s) {
    doc_id i = track_prop(s->t->d, s->in, "products");
    return doc_type(s->t->d, i) == DOC_LIST ? i : DOC_NONE;
}

static int64_t pieces(const sale *s) {
    const doc *d = s->t->d;
    doc_id list = products(s);
    int64_t n = 0;
    for (doc_id i = doc_first(list); list && i < doc_after(d, list); i = doc_after(d, i))
        n = add_up(n, how_many(s->t, i));
    return n;
}

static bool sum_of_products(sale *s, int64_t *minor) {
    const doc *d = s->t->d;
    doc_id list = products(s), whole = s->in;
    bool any = false;
    for (doc_id i = doc_first(list); list && i < doc_after(d, list); i = doc_after(d, i)) {
        int64_t price = 0;
        s->in = i;
        if (amount(s, "price", &price)) *minor = add_up(*minor, multiply(price, how_many(s->t, i))), any = true;
    }
    s->in = whole;
    return any;
}

// What is paid. The specification's own example: revenue 25 (goods before the discount), shipping 3, tax 2, discount
// 2.50, subtotal 22.50 (after it), total 27.50.
static void price_it(sale *s) {
    int64_t v = 0, more = 0;
    s->has_value = amount(s, "total", &v);
    if (!s->has_value && !s->t->refused) {
        more = add_up(amount_or_0(s, "shipping"), amount_or_0(s, "tax"));
        s->has_value = amount(s, "subtotal", &v);
    }
    if (!s->has_value && !s->t->refused) {
        more = add_up(more, -amount_or_0(s, "discount"));
        s->has_value = amount(s, "revenue", &v) || sum_of_products(s, &v);
    }
    if (!s->has_value && !s->t->refused) more = 0, s->has_value = amount(s, "value amount price", &v);
    s->value = add_up(v, more);
}

static bool begin_sale(tracking *t, sale *s) {
    *s = (sale){.t = t, .in = t->item.properties, .money = t->money};
    str code = track_prop_text(t, s->in, "currency currencycode");
    s->order = track_prop_text(t, s->in, "orderid ordernumber transactionid");
    if (code.len) {
        s->money = currency_of(code), s->named = true;
        if (!s->money)
            track_refuse(t, "properties.currency", "\"%.*s\" is no currency; write its ISO 4217 code, such as EUR",
                         (int)MIN(code.len, 30), code.s);
    }
    if (!t->refused) price_it(s);
    return !t->refused;
}

static event *say_money(sale *s, enum kind kind, str ext) {
    event *ev = track_say(s->t, kind, ext);
    if (s->order.len) ev->thread = track_noun(s->t, "order", s->order);
    if (s->has_value) ev->value = s->value, ev->has_value = true, ev->unit = s->money->number;
    ev->quantity = pieces(s);
    return ev;
}

// Versions of one order: what comes first stands, because the page that says thanks may be opened again; one that names
// its currency stands before one that leaves it open. Both below every update, whose version is its time.
static int64_t first_stands(const sale *s, int64_t at_us) {
    static const int64_t unnamed_us = INT64_C(6000000000000000); // 190 years
    return -at_us - (s->named ? 0 : unnamed_us);
}

static void say_order(tracking *t) {
    sale s;
    if (!begin_sale(t, &s)) return;
    event *ev = say_money(&s, KIND_order, s.order.len ? track_noun(t, "order", s.order) : S(""));
    if (s.order.len) ev->edited_us = first_stands(&s, ev->at_us);
}

static void say_update(tracking *t) {
    sale s;
    if (!begin_sale(t, &s)) return;
    if (!s.order.len) {
        track_refuse(t, "properties.order_id", "is missing; say which order was updated");
        return;
    }
    event *ev = say_money(&s, KIND_order, track_noun(t, "order", s.order));
    ev->edited_us = ev->at_us;
}

static void say_refund(tracking *t) {
    sale s;
    if (!begin_sale(t, &s)) return;
    if (s.value < 0) s.value = -s.value;
    say_money(&s, KIND_refund, S(""));
}

static void say_cancel(tracking *t) {
    sale s;
    if (!begin_sale(t, &s)) return;
    if (s.value < 0) s.value = -s.value;
    event *ev = say_money(&s, KIND_cancel, s.order.len ? track_noun(t, "cancel", s.order) : S(""));
    if (s.order.len) ev->edited_us = first_stands(&s, ev->at_us);
}

// ---- words ----

static void set_thread(tracking *t, event *ev) {
    str id = track_prop_text(t, t->item.properties, "conversationid");
    if (id.len) ev->thread = track_noun(t, "conversation", id);
}

static str words(tracking *t) {
    return track_prop_text(t, t->item.properties, "messagebody message text body");
}

static str agent(tracking *t) {
    return track_prop_text(t, t->item.properties, "agentname agentusername agentid");
}

static void say_from_them(tracking *t) {
    event *ev = track_say(t, KIND_message_in, S(""));
    set_thread(t, ev);
    ev->text = words(t);
}

static void say_to_them(tracking *t) {
    str role = track_prop_text(t, t->item.properties, "role agenttype");
    bool machine = str_eq_ci(role, S("bot")) || str_eq_ci(role, S("copilot")) || str_eq_ci(role, S("assistant"));
    event *ev = track_say(t, machine ? KIND_message_auto : KIND_message_out, S(""));
    set_thread(t, ev);
    ev->text = words(t);
    ev->staff = agent(t);
}

static void say_opened(tracking *t) {
    str said = words(t);
    event *ev = track_say(t, KIND_conversation_opened, S(""));
    set_thread(t, ev);
    if (!said.len) return;
    ev = track_say(t, KIND_message_in, track_part(t, "message"));
    set_thread(t, ev);
    ev->text = said;
}

static void say_solved(tracking *t) {
    event *ev = track_say(t, KIND_conversation_solved, S(""));
    set_thread(t, ev);
    ev->staff = agent(t);
}

static void say_review(tracking *t) {
    doc_id in = t->item.properties;
    str id = track_prop_text(t, in, "reviewid"), rating = track_prop_text(t, in, "rating stars score");
    event *ev = track_say(t, KIND_review, id.len ? track_noun(t, "review", id) : S(""));
    double v = 0;
    ev->text = track_prop_text(t, in, "reviewbody body text comment review");
    ev->topic = item_label(track_prop_text(t, in, "name productname productid"));
    if (id.len) ev->edited_us = ev->at_us;
    if (str_f64(rating, &v) && v >= 1 && v <= 5) {
        ev->value = (int64_t)(v * 100 + 0.5), ev->has_value = true;
        ev->unit = INSTRUMENT_stars5;
    }
}

// ---- the rest ----

// Name, e-mail and phone in what a sign-up says are those of whoever signed up.
static void say_signup(tracking *t) {
    event *ev = track_say(t, KIND_usage, S(""));
    track_traits(t, ev, t->item.properties);
}

static void say_use(tracking *t) {
    track_say(t, t->item.asleep ? KIND_identify : KIND_usage, S(""));
}

static void say_fact(tracking *t) {
    track_say(t, KIND_identify, S(""));
}

// Who refuses mail in another tool refuses ours: purposes as know/consent.h names them.
static void refuse(tracking *t, const char *purpose) {
    event *ev = track_say(t, KIND_consent, S(""));
    ev->topic = str_c(purpose), ev->value = 0, ev->has_value = true;
}

static void say_unsubscribed(tracking *t) {
    refuse(t, "marketing_email");
}

static void say_unwanted(tracking *t) {
    refuse(t, "contact");
}

static void say_survey(tracking *t) {
    track_survey(t, t->item.name);
}

typedef struct {
    const char *name;
    void (*say)(tracking *t);
    enum kind kind;
    enum channel channel;
    const char *text;
} track_kind;

static const track_kind kinds[] = {
#define TRACK(name, how, kind, channel, text) {name, say_##how, KIND_##kind, CHANNEL_##channel, text},
#include "listen/track_kinds.def"
};

const track_kind_info *track_kinds(size_t *n) {
    static const track_kind_info infos[] = {
#define TRACK(name, how, kind, channel, text) {name, KIND_##kind, text},
#include "listen/track_kinds.def"
    };
    *n = COUNT(infos);
    return infos;
}

static char plain(char c) {
    if (c >= 'A' && c <= 'Z') return (char)(c | 32);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80 ? c : 0;
}

// Equal in small letters and digits; most names differ in the first.
static bool same_plainly(str x, const char *y) {
    for (size_t i = 0;; i++, y++) {
        while (i < x.len && !plain(x.s[i])) i++;
        while (*y && !plain(*y)) y++;
        if (i >= x.len || !*y) return i >= x.len && !*y;
        if (plain(x.s[i]) != plain(*y)) return false;
    }
}

static const track_kind *kind_called(str name) {
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (same_plainly(name, kinds[i].name)) return &kinds[i];
    return NULL;
}

static void say_track(tracking *t) {
    const track_kind *k = kind_called(t->item.name);
    if (k && k->channel != CHANNEL_unknown) t->like.channel = k->channel;
    if (k)
        k->say(t);
    else
        say_use(t);
}

void track_become(tracking *t) {
    size_t first = t->out->n;
    t->like.channel = t->place = channel_of_call(t);
    switch (t->item.call) {
    case TRACK_track: say_track(t); break;
    case TRACK_page:
    case TRACK_screen: say_use(t); break;
    case TRACK_identify:
    case TRACK_group:
    case TRACK_alias: say_fact(t); break;
    case TRACK_none: break;
    }
    if (t->item.call == TRACK_group) {
        str plan = track_prop_text(t, t->item.traits, "plan");
        if (plan.len) t->out->events[first].segment = plan;
    }
    if (!t->refused && t->out->n > first) t->out->events[first].extra = extra_of(t);
}
