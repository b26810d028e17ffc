#include "know/person.h"
#include "base/money.h"
#include "know/lists.h"
#include "ledger/ident.h"
#include "sql/cli.h"
#include "sql/know.h"

summary summary_row(const row *r) {
    return (summary){.customer_id = row_int(r, 0),
                     .first_us = row_int(r, 1),
                     .last_us = row_int(r, 2),
                     .currency = (int32_t)row_int(r, 3),
                     .orders = row_int(r, 4),
                     .order_days = row_int(r, 5),
                     .order_value = row_int(r, 6),
                     .first_order_us = row_int(r, 7),
                     .last_order_us = row_int(r, 8),
                     .gap_days = row_null(r, 9) ? -1 : (int32_t)row_int(r, 9),
                     .refunds = row_int(r, 10),
                     .refund_value = row_int(r, 11),
                     .returns = row_int(r, 12),
                     .contacts_in = row_int(r, 13),
                     .contacts_out = row_int(r, 14),
                     .complaints = row_int(r, 15),
                     .feedback = row_int(r, 16),
                     .last_score = (int32_t)row_int(r, 17),
                     .last_instrument = (int32_t)row_int(r, 18),
                     .last_score_us = row_int(r, 19),
                     .waiting_us = row_int(r, 20),
                     .contract_since_us = row_int(r, 21),
                     .contract_until_us = row_int(r, 22),
                     .monthly_value = row_int(r, 23),
                     .channels = (uint64_t)row_int(r, 24)};
}

static void add_ident(arena *a, person_ident **ids, size_t *n, size_t *room, person_ident x) {
    if (*n == *room) {
        person_ident *more = make(a, person_ident, *room = *room ? *room * 2 : 8);
        if (*n) memcpy(more, *ids, *n * sizeof *more);
        *ids = more;
    }
    (*ids)[(*n)++] = x;
}

bool person_idents(arena *a, store *s, int64_t profile, person_ident **ids, size_t *n, err *e) {
    size_t room = 0;
    *ids = NULL, *n = 0;
    for (row r = store_query(s, Q_identifier_of_profile, e, "i", profile); row_next(&r);)
        add_ident(a, ids, n, &room,
                  (person_ident){.kind = (enum ident_kind)row_int(&r, 0),
                                 .value = str_dup(a, row_str(&r, 1)),
                                 .is_key = row_int(&r, 2) != 0,
                                 .hash = row_int(&r, 4)});
    return err_ok(e);
}

str person_profiles(arena *a, const person *p) {
    int64_t *ids = make(a, int64_t, p->n_profiles + 1);
    for (size_t i = 0; i < p->n_profiles; i++) ids[i] = p->profiles[i].id;
    return list_json(a, ids, p->n_profiles);
}

// The key first.
static int by_strength(const void *x, const void *y) {
    const person_ident *p = x, *q = y;
    if (p->is_key != q->is_key) return q->is_key - p->is_key;
    if (p->kind != q->kind) return p->kind < q->kind ? -1 : 1;
    return str_cmp(p->value, q->value);
}

static bool read_idents(arena *a, store *s, person *p, err *e) {
    size_t *room = make(a, size_t, p->n_profiles);
    for (row r = store_query(s, Q_identifier_of_person, e, "t", person_profiles(a, p)); row_next(&r);) {
        size_t at = 0;
        while (at < p->n_profiles && p->profiles[at].id != row_int(&r, 0)) at++;
        if (at == p->n_profiles) continue;
        add_ident(a, &p->profiles[at].ids, &p->profiles[at].n_ids, &room[at],
                  (person_ident){.kind = (enum ident_kind)row_int(&r, 1),
                                 .value = str_dup(a, row_str(&r, 2)),
                                 .is_key = row_int(&r, 3) != 0,
                                 .hash = row_int(&r, 4)});
    }
    for (size_t i = 0; i < p->n_profiles; i++)
        if (p->profiles[i].n_ids) qsort(p->profiles[i].ids, p->profiles[i].n_ids, sizeof(person_ident), by_strength);
    return err_ok(e);
}

static bool read_profiles(arena *a, store *s, const sources *all, person *p, err *e) {
    size_t room = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", p->id); row_next(&r);) {
        if (p->n_profiles == room) {
            person_profile *more = make(a, person_profile, room = room ? room * 2 : 4);
            if (p->n_profiles) memcpy(more, p->profiles, p->n_profiles * sizeof *more);
            p->profiles = more;
        }
        p->profiles[p->n_profiles++] = (person_profile){.id = row_int(&r, 0),
                                                        .from = source_by_id(all, row_int(&r, 1)),
                                                        .name = str_dup(a, row_str(&r, 2)),
                                                        .country = str_dup(a, row_str(&r, 3)),
                                                        .segment = str_dup(a, row_str(&r, 4)),
                                                        .lang = str_dup(a, row_str(&r, 5)),
                                                        .address = str_dup(a, row_str(&r, 6)),
                                                        .born = str_dup(a, row_str(&r, 7))};
    }
    return err_ok(e) && (!p->n_profiles || read_idents(a, s, p, e));
}

static void choose_name(person *p) {
    for (size_t i = 0; i < p->n_profiles && !p->name.len; i++) p->name = p->profiles[i].name;
    p->named = p->name.len > 0;
    for (size_t i = 0; i < p->n_profiles && !p->name.len; i++)
        if (p->profiles[i].n_ids) p->name = p->profiles[i].ids[0].value;
}

bool person_read(arena *a, store *s, const sources *all, int64_t customer, person *out, err *e) {
    *out = (person){.id = customer};
    if (!read_profiles(a, s, all, out, e) || !out->n_profiles) return false;
    choose_name(out);
    for (row r = store_query(s, Q_summary_get, e, "i", customer); row_next(&r);)
        out->sum = summary_row(&r), out->has_summary = true;
    return err_ok(e);
}

// ---- links ----

static str value_of(const person *p, int64_t hash) {
    for (size_t i = 0; i < p->n_profiles; i++)
        for (size_t k = 0; k < p->profiles[i].n_ids; k++)
            if (p->profiles[i].ids[k].hash == hash) return p->profiles[i].ids[k].value;
    return S("");
}

// Of which of the person's profiles a link speaks; the first of two.
static size_t profile_at(const person *p, const person_link *l) {
    size_t i = 0;
    while (i < p->n_profiles && p->profiles[i].id != l->a && p->profiles[i].id != l->b) i++;
    return i;
}

static int by_state(const void *x, const void *y) {
    const person_link *p = x, *q = y;
    if (p->state != q->state) return p->state - q->state;
    if (p->kind != q->kind) return p->kind < q->kind ? -1 : 1;
    if (p->a != q->a) return p->a < q->a ? -1 : 1;
    if (p->b != q->b) return p->b < q->b ? -1 : 1;
    return (p->hash > q->hash) - (p->hash < q->hash);
}

bool person_links(arena *a, store *s, person *p, err *e) {
    size_t room = 0, n = 0;
    person_link *all = NULL;
    for (row r = store_query(s, Q_link_of_people, e, "t", person_profiles(a, p)); row_next(&r);) {
        if (n == room) {
            person_link *more = make(a, person_link, room = room ? room * 2 : 8);
            if (n) memcpy(more, all, n * sizeof *more);
            all = more;
        }
        int64_t hash = row_int(&r, 2);
        all[n++] = (person_link){.a = row_int(&r, 0),
                                 .b = row_int(&r, 1),
                                 .hash = hash,
                                 .kind = (enum ident_kind)row_int(&r, 3),
                                 .state = (int)row_int(&r, 4),
                                 .value = value_of(p, hash),
                                 .reason = str_dup(a, row_str(&r, 5))};
    }
    if (n) qsort(all, n, sizeof *all, by_state);
    p->links = make(a, person_link, n + 1), p->n_links = 0;
    for (size_t i = 0; i < p->n_profiles; i++) // profile by profile, each link once
        for (size_t k = 0; k < n; k++)
            if (profile_at(p, &all[k]) == i && (!k || by_state(&all[k - 1], &all[k]))) p->links[p->n_links++] = all[k];
    return err_ok(e);
}

const char *person_link_state(const person_link *l) {
    static const char *const states[] = {"none", "joined", "vetoed", "split", "told", "alike"};
    return states[l->state > 0 && l->state < (int)COUNT(states) ? l->state : 0];
}

// ---- finding ----

static void found(int64_t *list, size_t *n, size_t max, int64_t customer) {
    for (size_t i = 0; i < *n; i++)
        if (list[i] == customer) return;
    if (*n < max) list[(*n)++] = customer;
}

static bool by_number(store *s, str what, int64_t *list, size_t *n, size_t max, err *e) {
    int64_t id, customer;
    if (!str_i64(what, &id) || id <= 0) return true;
    if (!store_int(s, Q_people_by_profile, &customer, 0, e, "i", id)) return false;
    if (customer) found(list, n, max, customer);
    return true;
}

static bool by_identifier(arena scratch, store *s, str country, str what, int64_t *list, size_t *n, size_t max,
                          err *e) {
    for (int k = 1; k < 64; k++) {
        arena a = scratch;
        if (!ident_name((enum ident_kind)k).len) continue;
        str value = ident_canonical(&a, (enum ident_kind)k, what, country, NULL);
        if (!value.len) continue;
        for (row r = store_query(s, Q_identifier_find, e, "i", (int64_t)ident_hash((enum ident_kind)k, value));
             row_next(&r);)
            found(list, n, max, row_int(&r, 1));
    }
    return err_ok(e);
}

// Anything that holds the text; LIKE's own signs stand for themselves.
static str pattern_of(arena *a, str what) {
    buf b = buf_new(a, what.len * 2 + 3);
    str low = str_lower(a, what);
    buf_addc(&b, '%');
    for (size_t i = 0; i < low.len; i++) {
        if (strchr("%_!", low.s[i])) buf_addc(&b, '!');
        buf_addc(&b, low.s[i]);
    }
    buf_addc(&b, '%');
    return buf_str(&b);
}

static bool by_part(arena scratch, store *s, str what, int64_t *list, size_t *n, size_t max, err *e) {
    static const enum query ways[] = {Q_people_by_name, Q_people_by_identifier};
    arena a = scratch;
    str pattern = pattern_of(&a, what);
    for (size_t i = 0; i < COUNT(ways); i++)
        for (row r = store_query(s, ways[i], e, "ti", pattern, (int64_t)max); row_next(&r);)
            found(list, n, max, row_int(&r, 0));
    return err_ok(e);
}

bool person_find(arena scratch, store *s, str country, str what, int64_t *list, size_t *n, size_t max, err *e) {
    *n = 0;
    what = str_trim(what);
    if (str_starts(what, S("customer:"))) return by_number(s, str_sub(what, 9, what.len), list, n, max, e);
    if (!by_identifier(scratch, s, country, what, list, n, max, e)) return false;
    if (*n) return true;
    return by_number(s, what, list, n, max, e) && (*n || by_part(scratch, s, what, list, n, max, e));
}

// ---- for programs ----

static void put_profiles(json_out *j, const person *p) {
    json_open(j, "profiles", '[');
    for (size_t i = 0; i < p->n_profiles; i++) {
        const person_profile *x = &p->profiles[i];
        json_open(j, NULL, '{');
        json_put_int(j, "profile", x->id);
        json_put_str(j, "source", x->from->name);
        if (x->name.len) json_put_str(j, "name", x->name);
        if (x->country.len) json_put_str(j, "country", x->country);
        if (x->segment.len) json_put_str(j, "segment", x->segment);
        if (x->lang.len) json_put_str(j, "lang", x->lang);
        if (x->address.len) json_put_str(j, "address", x->address);
        if (x->born.len) json_put_str(j, "born", x->born);
        json_open(j, "ids", '[');
        for (size_t k = 0; k < x->n_ids; k++) {
            json_open(j, NULL, '[');
            json_put_str(j, NULL, ident_name(x->ids[k].kind));
            json_put_str(j, NULL, x->ids[k].value);
            json_close(j, ']');
        }
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_money(json_out *j, const summary *s) {
    const currency *money = currency_by_number(s->currency);
    json_put_str(j, "currency", money ? str_c(money->code) : S(""));
    json_put_int(j, "orders", s->orders);
    json_put_int(j, "order_days", s->order_days);
    json_put_int(j, "order_value", s->order_value);
    json_put_time(j, "first_order", s->first_order_us);
    json_put_time(j, "last_order", s->last_order_us);
    if (s->gap_days >= 0)
        json_put_int(j, "gap_days", s->gap_days);
    else
        json_put_null(j, "gap_days");
    json_put_int(j, "refunds", s->refunds);
    json_put_int(j, "refund_value", s->refund_value);
    json_put_int(j, "returns", s->returns);
    json_put_int(j, "monthly_value", s->monthly_value);
    json_put_time(j, "contract_since", s->contract_since_us);
    json_put_time(j, "contract_until", s->contract_until_us);
}

static void put_talk(json_out *j, const summary *s) {
    json_put_int(j, "contacts_in", s->contacts_in);
    json_put_int(j, "contacts_out", s->contacts_out);
    json_put_int(j, "complaints", s->complaints);
    json_put_int(j, "feedback", s->feedback);
    if (s->last_score_us) {
        json_put_int(j, "last_score", s->last_score);
        json_put_str(j, "last_instrument", instrument_name((enum instrument)s->last_instrument));
    }
    json_put_time(j, "last_score_at", s->last_score_us);
    json_put_time(j, "waiting_since", s->waiting_us);
    json_open(j, "channels", '[');
    for (int k = 0; k < 64; k++)
        if (s->channels >> k & 1) json_put_str(j, NULL, channel_name((enum channel)k));
    json_close(j, ']');
}

void person_json(json_out *j, const person *p) {
    json_put_int(j, "customer", p->id);
    json_put_str(j, "name", p->name);
    put_profiles(j, p);
    if (!p->has_summary) return;
    json_put_time(j, "first", p->sum.first_us);
    json_put_time(j, "last", p->sum.last_us);
    put_money(j, &p->sum);
    put_talk(j, &p->sum);
}
