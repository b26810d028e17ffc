// Customers: lists, the page of one, its timeline, its links.
#include "serve/api_customers.h"
#include "serve/api_stages.h"

#include "base/money.h"
#include "know/fold.h"
#include "know/settings.h"
#include "know/wire.h"

enum { PAGE_MOMENTS = 20, PAGE_SAID = 5 };

// ---- how they are written ----

void put_money(json_out *j, const char *key, int64_t minor, int32_t unit) {
    const currency *c = currency_by_number(unit);
    if (!unit || !c) return json_put_null(j, key);
    json_open(j, key, '{');
    json_put_int(j, "value", minor);
    json_put_str(j, "currency", str_c(c->code));
    json_close(j, '}');
}

static void put_text(json_out *j, const char *key, str x) {
    if (x.len)
        json_put_str(j, key, x);
    else
        json_put_null(j, key);
}

static void put_channels(json_out *j, uint64_t bits) {
    json_open(j, "channels", '[');
    for (int i = 0; i < 64; i++)
        if (bits >> i & 1) json_put_str(j, NULL, channel_name((enum channel)i));
    json_close(j, ']');
}

static void put_last_score(json_out *j, const summary *s) {
    if (s->last_score_us) {
        json_put_num(j, "last_score", (double)s->last_score / 100);
        json_put_str(j, "last_instrument", instrument_name((enum instrument)s->last_instrument));
        return;
    }
    json_put_null(j, "last_score");
    json_put_null(j, "last_instrument");
}

void put_card(json_out *j, const people_card *p) {
    const summary *s = &p->sum;
    json_open(j, NULL, '{');
    json_put_int(j, "id", p->id);
    json_put_str(j, "name", p->name);
    json_put_bool(j, "named", p->named);
    json_put_str(j, "known_by", p->known_by);
    json_put_str(j, "known_kind", p->known_by.len ? ident_name(p->known_kind) : S(""));
    json_put_time(j, "first_seen", s->first_us);
    json_put_time(j, "last_seen", s->last_us);
    json_put_int(j, "orders", s->orders);
    put_money(j, "order_value", s->order_value, s->currency);
    put_money(j, "monthly_value", s->monthly_value, s->currency);
    json_put_time(j, "waiting_since", s->waiting_us);
    json_put_int(j, "complaints", s->complaints);
    put_last_score(j, s);
    put_channels(j, s->channels);
    json_close(j, '}');
}

void put_figures(json_out *j, const char *key, const summary *s, bool there) {
    if (!there) return json_put_null(j, key);
    json_open(j, key, '{');
    json_put_time(j, "first_seen", s->first_us);
    json_put_time(j, "last_seen", s->last_us);
    json_put_int(j, "orders", s->orders);
    json_put_int(j, "order_days", s->order_days);
    put_money(j, "order_value", s->order_value, s->currency);
    json_put_time(j, "first_order", s->first_order_us);
    json_put_time(j, "last_order", s->last_order_us);
    if (s->gap_days >= 0)
        json_put_int(j, "rhythm_days", s->gap_days);
    else
        json_put_null(j, "rhythm_days");
    json_put_int(j, "refunds", s->refunds);
    put_money(j, "refund_value", s->refund_value, s->currency);
    json_put_int(j, "returns", s->returns);
    json_put_bool(j, "contract", s->contract_since_us && !s->contract_until_us);
    put_money(j, "monthly_value", s->monthly_value, s->currency);
    json_put_time(j, "contract_since", s->contract_since_us);
    json_put_time(j, "contract_until", s->contract_until_us);
    json_put_int(j, "contacts_in", s->contacts_in);
    json_put_int(j, "contacts_out", s->contacts_out);
    json_put_int(j, "complaints", s->complaints);
    json_put_int(j, "feedback", s->feedback);
    put_last_score(j, s);
    json_put_time(j, "last_score_at", s->last_score_us);
    json_put_time(j, "waiting_since", s->waiting_us);
    put_channels(j, s->channels);
    json_close(j, '}');
}

bool put_moment(call *c, const sources *all, const record *m, err *e) {
    json_out *j = &c->out;
    enum kind k = (enum kind)m->kind;
    bool scored = kind_class(k) == CLASS_SAID, money = m->has_value && !scored && m->unit;
    json_open(j, NULL, '{');
    json_put_time(j, "at", m->at_us);
    json_put_str(j, "kind", kind_name(k));
    json_put_str(j, "channel", channel_name((enum channel)m->channel));
    json_put_str(j, "source", source_of_import(all, m->import_id)->name);
    json_put_int(j, "profile", m->profile_id);
    put_money(j, "amount", m->value, money ? m->unit : 0);
    if (scored && m->has_value)
        json_put_num(j, "score", (double)m->value / 100);
    else
        json_put_null(j, "score");
    put_text(j, "instrument", scored ? wire_unit(k, m->unit) : S(""));
    json_put_raw(j, "body", m->body.len ? m->body : S("{}"));
    const bool ok = put_heard(c, m, e);
    json_close(j, '}');
    return ok;
}

void put_voice(json_out *j, const char *key, const voice *v) {
    json_open(j, key, '{');
    json_put_int(j, "id", v->id);
    json_put_time(j, "at", v->at_us);
    json_put_str(j, "kind", kind_name(v->kind));
    json_put_str(j, "channel", channel_name(v->channel));
    json_put_str(j, "source", v->from->name);
    if (v->customer)
        json_put_int(j, "customer", v->customer);
    else
        json_put_null(j, "customer");
    put_text(j, "name", v->name);
    put_text(j, "instrument", v->instrument == INSTRUMENT_none ? S("") : instrument_name(v->instrument));
    if (v->has_score)
        json_put_num(j, "score", (double)v->score / 100);
    else
        json_put_null(j, "score");
    put_text(j, "mood", v->has_mood ? str_c(mood_name(v->mood)) : S(""));
    put_text(j, "topic", v->topic);
    put_text(j, "lang", v->lang);
    json_put_str(j, "words", v->words);
    json_close(j, '}');
}

// ---- what is asked ----

static bool in_time(call *c, const zone *z, const char *name, int64_t *at_us, err *e) {
    str x = in_str(c, name);
    *at_us = 0;
    if (!x.len || time_asked(x, z, c->now_us, at_us)) return true;
    return fail_field(c, e, name, "'%s' is a day like 2026-01-31, a time, or 30d, 8w, 6m, 1y for how long ago", name);
}

bool in_times(call *c, int64_t *since_us, int64_t *until_us, err *e) {
    zone *z = NULL;
    *since_us = *until_us = 0;
    if (!in_has(c, "since") && !in_has(c, "until")) return true;
    if (!store_zone(c->s, c->a, &z, e) || !in_time(c, z, "since", since_us, e) || !in_time(c, z, "until", until_us, e))
        return false;
    return !*since_us || !*until_us || *since_us < *until_us ||
           fail_field(c, e, "until", "'until' is not after 'since'");
}

bool in_channel(call *c, const char *name, str x, int64_t *channel, err *e) {
    *channel = -1;
    if (!x.len) return true;
    *channel = channel_of(x);
    return *channel != CHANNEL_unknown || str_eq(x, S("unknown")) ||
           fail_field(c, e, name, "there is no channel '%.*s'; take email, chat, phone, shop, reviews, survey …",
                      STR_ARG(x));
}

// A rule that is part of the filter; the field of a mistake is that of the query.
static bool add_rule(call *c, json_t *all, const char *name, str text, err *e) {
    char field[SEGMENT_FIELD_LEN];
    segment_rule *r;
    json_t *v = NULL;
    err why = {0};
    if (!segment_read_text(c->a, c->s, text, 0, &r, field, &why))
        return why.code == ERR_invalid ? fail_field(c, e, name, "%s", why.msg) : (*e = why, false);
    buf b = buf_new(c->a, (size_t)1 << 24);
    json_out j = json_to(&b);
    segment_json(&j, NULL, r);
    return json_read(buf_str(&b), &v, e) && !json_array_append_new(all, v);
}

// All that is asked of them as one rule; NULL when nothing is.
static bool rule_asked(call *c, segment_rule **out, err *e) {
    char field[SEGMENT_FIELD_LEN];
    json_t *v = json_object(), *all = json_array();
    int64_t channel, segment = in_int(c, "segment", 0);
    json_object_set_new(v, "all", all);
    *out = NULL;
    bool ok = in_channel(c, "channel", in_str(c, "channel"), &channel, e);
    if (ok && segment) ok = add_rule(c, all, "segment", str_fmt(c->a, "segment %" PRId64, segment), e);
    if (ok && in_str(c, "where").len) ok = add_rule(c, all, "where", in_str(c, "where"), e);
    if (ok && channel >= 0)
        ok = add_rule(c, all, "channel", str_fmt(c->a, "channel = %.*s", STR_ARG(channel_name((enum channel)channel))),
                      e);
    if (ok && in_has(c, "waiting"))
        ok = add_rule(c, all, "waiting", in_bool(c, "waiting") ? S("waiting") : S("waiting = false"), e);
    if (ok && json_array_size(all)) ok = segment_read(c->a, c->s, v, 0, out, field, e);
    json_decref(v);
    return ok;
}

static bool sort_asked(call *c, people_ask *ask, err *e) {
    str x = in_str(c, "sort");
    ask->sort = PEOPLE_last_seen, ask->falling = true;
    if (!x.len) return true;
    ask->falling = str_starts(x, S("-"));
    return people_sort_of(str_sub(x, ask->falling, x.len), &ask->sort) ||
           fail_field(c, e, "sort",
                      "'sort' is one of last_seen, first_seen, name, orders, order_value, monthly_value, complaints, "
                      "waiting, number; with a minus before it the other way round");
}

bool customers_page(call *c, err *e) {
    paging p;
    settings set;
    people_card *cards;
    segment_rule *rule;
    size_t n;
    bool more;
    people_ask ask = {.words = in_str(c, "q"), .now_us = c->now_us};
    if (!page_open(c, &p, e) || !sort_asked(c, &ask, e)) return false;
    if (!store_begin_read(c->s, e) || !in_times(c, &ask.since_us, &ask.until_us, e) || !rule_asked(c, &rule, e))
        return false;
    if (ask.words.len && !settings_read(c->a, c->s, &set, e)) return false;
    if (ask.words.len) ask.country = set.country;
    bool by_name = ask.sort == PEOPLE_name;
    ask.rule = rule, ask.limit = p.limit, ask.next = !p.first;
    ask.key = by_name ? 0 : p.after[0], ask.id = by_name ? p.after[0] : p.after[1];
    if (!people_list(c->a, c->s, &ask, &cards, &n, &more, e)) return false;
    for (size_t i = 0; i < n; i++) put_card(&c->out, &cards[i]);
    people_card last = n ? cards[n - 1] : (people_card){0};
    page_close(c, &p, more, by_name ? last.id : last.key, by_name ? 0 : last.id);
    return true;
}

// ---- one ----

static void put_identities(json_out *j, const person *p) {
    json_open(j, "identities", '[');
    for (size_t i = 0; i < p->n_profiles; i++) {
        const person_profile *x = &p->profiles[i];
        json_open(j, NULL, '{');
        json_put_int(j, "profile", x->id);
        json_put_str(j, "source", x->from->name);
        put_text(j, "name", x->name);
        put_text(j, "country", x->country);
        put_text(j, "segment", x->segment);
        put_text(j, "address", x->address);
        put_text(j, "born", x->born);
        put_text(j, "lang", x->lang);
        json_open(j, "identifiers", '[');
        for (size_t k = 0; k < x->n_ids; k++) {
            json_open(j, NULL, '{');
            json_put_str(j, "kind", ident_name(x->ids[k].kind));
            json_put_str(j, "value", x->ids[k].value);
            json_put_bool(j, "key", x->ids[k].is_key);
            json_close(j, '}');
        }
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_links(json_out *j, const person *p) {
    json_open(j, "links", '[');
    for (size_t i = 0; i < p->n_links; i++) {
        const person_link *l = &p->links[i];
        json_open(j, NULL, '{');
        json_put_int(j, "a", l->a);
        json_put_int(j, "b", l->b);
        json_put_str(j, "state", str_c(person_link_state(l)));
        put_text(j, "kind", l->kind ? ident_name(l->kind) : S(""));
        put_text(j, "value", l->value);
        json_put_str(j, "reason", l->reason);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_waits(json_out *j, const customer_view *v) {
    json_open(j, "waiting", '[');
    for (size_t i = 0; i < v->n_waits; i++) {
        const page_wait *w = &v->waits[i];
        json_open(j, NULL, '{');
        json_put_time(j, "since", w->since_us);
        json_put_time(j, "opened", w->opened_us);
        json_put_str(j, "channel", channel_name(w->channel));
        json_put_str(j, "source", w->from->name);
        json_put_int(j, "profile", w->profile);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_consents(json_out *j, const customer_view *v) {
    json_open(j, "consent", '[');
    for (size_t i = 0; i < v->n_consents; i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "purpose", v->consents[i].purpose);
        json_put_str(j, "state", v->consents[i].given ? S("given") : S("withdrawn"));
        json_put_time(j, "since", v->consents[i].at_us);
        json_close(j, '}');
    }
    json_close(j, ']');
}

typedef struct {
    call *c;
    const person *p;
} saying;

static bool say(void *ctx, const voice *found, err *e) {
    saying *k = ctx;
    voice v = *found;
    v.customer = k->p->id, v.name = k->p->name;
    if (!voice_words(k->c->a, k->c->s, &v, e)) return false;
    put_voice(&k->c->out, NULL, &v);
    return true;
}

static bool put_said(call *c, const customer_view *v, err *e) {
    saying k = {c, &v->p};
    voices_ask ask = {.channel = -1, .customer = v->p.id, .mood = MOOD_UNKNOWN, .limit = PAGE_SAID};
    json_open(&c->out, "said", '[');
    bool ok = !v->p.sum.feedback || voices_each(c->s, v->all, &ask, say, &k, e);
    json_close(&c->out, ']');
    return ok;
}

// Of all that the page shows of them: what changes it changes their page.
static int64_t version_of(const customer_view *v) {
    const person *p = &v->p;
    uint64_t h = (uint64_t)p->id;
    for (size_t i = 0; i < p->n_profiles; i++) {
        const person_profile *x = &p->profiles[i];
        h = str_hash2(h + (uint64_t)x->id, x->name);
        h = str_hash2(str_hash2(str_hash2(str_hash2(str_hash2(h, x->country), x->segment), x->lang), x->address),
                      x->born);
        for (size_t k = 0; k < x->n_ids; k++) h = h * 31 + (uint64_t)x->ids[k].hash + x->ids[k].is_key;
    }
    for (size_t i = 0; i < p->n_links; i++) {
        const int64_t parts[] = {p->links[i].a, p->links[i].b, p->links[i].hash, p->links[i].state};
        h = str_hash2(h, (str){(const char *)parts, sizeof parts});
    }
    for (size_t i = 0; i < v->n_consents; i++)
        h = str_hash2(h + (uint64_t)v->consents[i].at_us + v->consents[i].given, v->consents[i].purpose);
    const summary *s = &p->sum;
    const int64_t parts[] = {
        s->last_us,           s->orders,           s->order_value,        s->refund_value,
        s->contacts_in,       s->contacts_out,     s->complaints,         s->feedback,
        s->waiting_us,        s->returns,          s->last_score,         s->monthly_value,
        s->contract_until_us, (int64_t)v->n_waits, (int64_t)v->n_moments, v->n_moments ? v->moments[0].key : 0};
    return (int64_t)(str_hash2(h, (str){(const char *)parts, sizeof parts}) >> 1);
}

static bool read_consents(call *c, customer_view *v, err *e) {
    int64_t *ids = make(c->a, int64_t, v->p.n_profiles + 1);
    for (size_t i = 0; i < v->p.n_profiles; i++) ids[i] = v->p.profiles[i].id;
    return consent_read(c->a, c->s, ids, v->p.n_profiles, &v->consents, &v->n_consents, e);
}

bool customer_view_read(call *c, int64_t id, customer_view *v, err *e) {
    moments_ask ask = {.most = PAGE_MOMENTS};
    *v = (customer_view){0};
    sources_as_asked(c->a, c->s, &v->all);
    if (!person_read(c->a, c->s, v->all, id, &v->p, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no customer %" PRId64, id) : false;
    if (!person_links(c->a, c->s, &v->p, e) || !read_consents(c, v, e)) return false;
    if (!page_waits(c->a, c->s, v->all, &v->p, &v->waits, &v->n_waits, e)) return false;
    if (!page_moments(c->a, c->s, &v->p, &ask, &v->moments, &v->n_moments, &v->more, e)) return false;
    v->version = version_of(v);
    return true;
}

bool customer_show(call *c, err *e) {
    customer_view v;
    int64_t id;
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e) || !customer_view_read(c, id, &v, e) || !look(c, id, e))
        return false;
    call_etag(c, v.version);
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "id", id);
    json_put_str(&c->out, "name", v.p.name);
    json_put_bool(&c->out, "named", v.p.named);
    put_identities(&c->out, &v.p);
    put_links(&c->out, &v.p);
    put_figures(&c->out, "figures", &v.p.sum, v.p.has_summary);
    put_waits(&c->out, &v);
    put_consents(&c->out, &v);
    if (!put_stage_now(c, "stage", id, e)) return false;
    if (!put_said(c, &v, e)) return false;
    json_open(&c->out, "timeline", '[');
    for (size_t i = 0; i < v.n_moments; i++)
        if (!put_moment(c, v.all, &v.moments[i], e)) return false;
    json_close(&c->out, ']');
    json_put_bool(&c->out, "more", v.more);
    json_put_str(&c->out, "evidence", str_fmt(c->a, "customer:%" PRId64, id));
    json_close(&c->out, '}');
    return true;
}

// ---- its timeline and links ----

static bool in_kinds(call *c, uint64_t *bits, err *e) {
    size_t i;
    json_t *v;
    *bits = 0;
    json_array_foreach(json_object_get(c->in, "kind"), i, v) {
        enum kind k = kind_of(json_text(v));
        if (!k)
            return fail_field(c, e, "kind", "there is no kind '%s'; take order, message_in, review …",
                              json_string_value(v));
        *bits |= (uint64_t)1 << k;
    }
    return true;
}

static bool in_channels(call *c, uint64_t *bits, err *e) {
    size_t i;
    json_t *v;
    int64_t channel;
    *bits = 0;
    json_array_foreach(json_object_get(c->in, "channel"), i, v) {
        if (!in_channel(c, "channel", json_text(v), &channel, e)) return false;
        if (channel >= 0) *bits |= (uint64_t)1 << channel;
    }
    return true;
}

static bool person_asked(call *c, person *p, sources **all, err *e) {
    int64_t id;
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e)) return false;
    sources_as_asked(c->a, c->s, all);
    if (!person_read(c->a, c->s, *all, id, p, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no customer %" PRId64, id) : false;
    return look(c, id, e);
}

bool customer_timeline(call *c, err *e) {
    paging p;
    person who_it_is;
    sources *all;
    moments_ask ask = {0};
    record *m;
    size_t n;
    bool more;
    if (!page_open(c, &p, e) || !in_kinds(c, &ask.kinds, e) || !in_channels(c, &ask.channels, e)) return false;
    if (!person_asked(c, &who_it_is, &all, e) || !in_times(c, &ask.since_us, &ask.until_us, e)) return false;
    ask.most = p.limit, ask.before_us = p.after[0], ask.before_key = p.after[1];
    if (!page_moments(c->a, c->s, &who_it_is, &ask, &m, &n, &more, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (!put_moment(c, all, &m[i], e)) return false;
    page_close(c, &p, more, n ? m[n - 1].at_us : 0, n ? m[n - 1].key : 0);
    return true;
}

bool customer_links(call *c, err *e) {
    person p;
    sources *all;
    if (!person_asked(c, &p, &all, e) || !person_links(c->a, c->s, &p, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "id", p.id);
    put_links(&c->out, &p);
    json_close(&c->out, '}');
    return true;
}
