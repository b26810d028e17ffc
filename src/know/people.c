#include "know/people.h"

#include "base/map64.h"
#include "base/unicode.h"
#include "know/lists.h"
#include "sql/cli.h"
#include "sql/know.h"
#include "sql/serve_know.h"

enum { MOST_FOUND = 500 };

static const char *const sort_names[] = {"last_seen",     "first_seen", "name",    "orders", "order_value",
                                         "monthly_value", "complaints", "waiting", "number"};

const char *people_sort_name(enum people_sort s) {
    return sort_names[s];
}

bool people_sort_of(str name, enum people_sort *s) {
    for (int i = 0; i < PEOPLE_SORTS; i++)
        if (str_eq(name, str_c(sort_names[i]))) return *s = (enum people_sort)i, true;
    return false;
}

static int64_t key_of(const summary *x, enum people_sort s) {
    switch (s) {
    case PEOPLE_last_seen: return x->last_us;
    case PEOPLE_first_seen: return x->first_us;
    case PEOPLE_orders: return x->orders;
    case PEOPLE_order_value: return x->order_value;
    case PEOPLE_monthly_value: return x->monthly_value;
    case PEOPLE_complaints: return x->complaints;
    case PEOPLE_waiting: return x->waiting_us;
    case PEOPLE_number: return x->customer_id;
    case PEOPLE_name:
    case PEOPLE_SORTS: break;
    }
    return 0;
}

// ---- the best of a pass: a heap with the last of them on top ----

typedef struct {
    int64_t id, key;
    str text; // by name
} place;

typedef struct {
    const people_ask *ask;
    arena *a;
    place *v;
    size_t n, most;
    place last; // of the page before
    id_set *members;
} picking;

// Equal keys stand by number, whichever way the list runs.
static int order(const picking *k, const place *x, const place *y) {
    int c = k->ask->sort == PEOPLE_name ? str_cmp(x->text, y->text) : (x->key > y->key) - (x->key < y->key);
    if (k->ask->falling) c = -c;
    return c ? c : (x->id > y->id) - (x->id < y->id);
}

static void swap(place *x, place *y) {
    place t = *x;
    *x = *y, *y = t;
}

static void sink(picking *k, size_t i) {
    for (size_t c; (c = 2 * i + 1) < k->n; i = c) {
        if (c + 1 < k->n && order(k, &k->v[c + 1], &k->v[c]) > 0) c++;
        if (order(k, &k->v[c], &k->v[i]) <= 0) return;
        swap(&k->v[c], &k->v[i]);
    }
}

static void offer(picking *k, place x) {
    if (k->ask->next && order(k, &x, &k->last) <= 0) return;
    if (k->n == k->most && order(k, &x, &k->v[0]) >= 0) return;
    if (x.text.len) x.text = str_dup(k->a, x.text); // of a pass few get so far
    if (k->n == k->most) {
        k->v[0] = x;
        sink(k, 0);
        return;
    }
    size_t i = k->n++;
    k->v[i] = x;
    for (; i && order(k, &k->v[i], &k->v[(i - 1) / 2]) > 0; i = (i - 1) / 2) swap(&k->v[i], &k->v[(i - 1) / 2]);
}

// In order, the first of the page first.
static void settle(picking *k) {
    size_t n = k->n;
    while (k->n > 1) {
        swap(&k->v[0], &k->v[--k->n]);
        sink(k, 0);
    }
    k->n = n;
}

// ---- passes ----

static bool within(const people_ask *ask, const summary *x) {
    if (ask->since_us && x->last_us < ask->since_us) return false;
    if (ask->until_us && x->last_us >= ask->until_us) return false;
    return ask->sort != PEOPLE_waiting || x->waiting_us;
}

static bool take(void *ctx, const summary *x, err *e) {
    picking *k = ctx;
    (void)e;
    if (!within(k->ask, x)) return true;
    if (k->members)
        id_set_add(k->members, x->customer_id);
    else
        offer(k, (place){.id = x->customer_id, .key = key_of(x, k->ask->sort)});
    return true;
}

static bool pass(picking *k, store *s, err *e) {
    segment_ask ask = {.rule = k->ask->rule, .now_us = k->ask->now_us, .take = take, .ctx = k};
    if (k->ask->sort == PEOPLE_number && !k->ask->falling && k->ask->next) ask.after = k->ask->id;
    return segment_scan(s, &ask, e);
}

// By the Latin letters, whatever their case and marks: "Ängel" stands beside "Angel".
static str sort_text(arena *a, str name) {
    return str_ascii(name) == name.len ? str_lower(a, name) : text_ascii(a, name);
}

// Whether the first letter alone shows that a name has no place on the page, which it does of nearly all.
static bool out_of_place(const picking *k, str name) {
    char first = (char)(name.s[0] | 32);
    if (first < 'a' || first > 'z') return false;
    int way = k->ask->falling ? -1 : 1;
    if (k->ask->next && k->last.text.len && way * (first - k->last.text.s[0]) < 0) return true;
    return k->n == k->most && k->v[0].text.len && way * (first - k->v[0].text.s[0]) > 0;
}

// Profiles come by number, and the first name that a customer has is theirs.
static bool pass_names(picking *k, store *s, err *e) {
    int64_t last = 0;
    arena scratch = arena_open((size_t)1 << 30);
    if (!store_int(s, Q_profile_last, &last, 0, e, "")) return arena_close(&scratch), false;
    size_t words = (size_t)last / 64 + 1;
    id_set *members = make(&scratch, id_set, 1);
    *members = (id_set){.bits = make(&scratch, uint64_t, words), .n = last + 1};
    id_set named = {.bits = make(&scratch, uint64_t, words), .n = last + 1};
    k->members = members;
    bool ok = pass(k, s, e);
    for (row r = store_query(s, Q_profile_names, e, ""); row_next(&r);) {
        arena a = scratch;
        int64_t id = row_int(&r, 0);
        if (!id_set_has(members, id) || id_set_has(&named, id)) continue;
        id_set_add(&named, id);
        if (out_of_place(k, row_str(&r, 1))) continue;
        offer(k, (place){.id = id, .text = sort_text(&a, row_str(&r, 1))});
    }
    k->members = NULL;
    arena_close(&scratch);
    return ok && err_ok(e);
}

static bool name_of_last(picking *k, store *s, err *e) {
    people_card x = {.id = k->ask->id};
    k->last = (place){.id = k->ask->id, .key = k->ask->key};
    if (k->ask->sort != PEOPLE_name || !k->ask->next) return true;
    if (!people_fill(k->a, s, &x, 1, e)) return false;
    if (x.named) k->last.text = sort_text(k->a, x.name);
    return true;
}

// ---- by an index ----

static bool by_index(picking *k, store *s, err *e) {
    const people_ask *q = k->ask;
    int64_t key = q->next ? q->key : q->sort == PEOPLE_waiting ? 0 : INT64_MAX, id = q->next ? q->id : 0;
    int64_t since = q->since_us ? q->since_us : INT64_MIN, until = q->until_us ? q->until_us : INT64_MAX;
    row r = q->sort == PEOPLE_waiting
                ? store_query(s, Q_summary_waiting, e, "iiiii", key, id, since, until, (int64_t)k->most)
                : store_query(s, Q_summary_seen, e, "iiiii", key, id, since, until, (int64_t)k->most);
    while (row_next(&r))
        if (k->n < k->most) k->v[k->n++] = (place){.id = row_int(&r, 0), .key = row_int(&r, 1)};
    return err_ok(e);
}

// ---- those that words mean ----

static bool by_words(picking *k, store *s, err *e) {
    int64_t ids[MOST_FOUND];
    bool in[MOST_FOUND];
    size_t n = 0;
    if (!person_find(*k->a, s, k->ask->country, k->ask->words, ids, &n, MOST_FOUND, e)) return false;
    people_card *cards = make(k->a, people_card, n + 1);
    for (size_t i = 0; i < n; i++) cards[i].id = ids[i], in[i] = true;
    if (!people_fill(k->a, s, cards, n, e)) return false;
    if (k->ask->rule && !segment_which(k->a, s, k->ask->rule, k->ask->now_us, ids, n, in, e)) return false;
    for (size_t i = 0; i < n; i++) {
        place x = {.id = ids[i], .key = key_of(&cards[i].sum, k->ask->sort)};
        if (k->ask->sort == PEOPLE_number) x.key = ids[i];
        if (k->ask->sort == PEOPLE_name && cards[i].named) x.text = sort_text(k->a, cards[i].name);
        if (in[i] && within(k->ask, &cards[i].sum)) offer(k, x);
    }
    return true;
}

bool people_list(arena *a, store *s, const people_ask *ask, people_card **out, size_t *n, bool *more, err *e) {
    picking k = {.ask = ask, .a = a, .most = (size_t)ask->limit + 1};
    k.v = make(a, place, k.most);
    bool index = !ask->rule &&
                 ((ask->sort == PEOPLE_last_seen && ask->falling) || (ask->sort == PEOPLE_waiting && !ask->falling));
    if (!name_of_last(&k, s, e)) return false;
    bool ok = ask->words.len             ? by_words(&k, s, e)
              : index                    ? by_index(&k, s, e)
              : ask->sort == PEOPLE_name ? pass_names(&k, s, e)
                                         : pass(&k, s, e);
    if (!ok) return false;
    if (!index || ask->words.len) settle(&k);
    *more = k.n == k.most;
    *n = *more ? k.n - 1 : k.n;
    *out = make(a, people_card, *n + 1);
    for (size_t i = 0; i < *n; i++) (*out)[i].id = k.v[i].id, (*out)[i].key = k.v[i].key;
    return people_fill(a, s, *out, *n, e);
}

// ---- cards ----

static people_card *card_of(const map64 *at, people_card *cards, int64_t id) {
    int32_t i = map64_get(at, id);
    return i < 0 ? NULL : &cards[i];
}

bool people_fill(arena *a, store *s, people_card *cards, size_t n, err *e) {
    if (!n) return true;
    int64_t *ids = make(a, int64_t, n);
    map64 at = map64_new(a, n * 2);
    for (size_t i = 0; i < n; i++) ids[i] = cards[i].id, map64_put(&at, ids[i], (int32_t)i);
    str list = list_json(a, ids, n);
    people_card *c;
    for (row r = store_query(s, Q_summary_of_people, e, "t", list); row_next(&r);)
        if ((c = card_of(&at, cards, row_int(&r, 0)))) c->sum = summary_row(&r), c->has_summary = true;
    for (row r = store_query(s, Q_profile_of_people, e, "t", list); row_next(&r);) {
        str name = row_str(&r, 1);
        if ((c = card_of(&at, cards, row_int(&r, 0))) && !c->named && name.len)
            c->name = str_dup(a, name), c->named = true;
    }
    for (row r = store_query(s, Q_identifier_of_people, e, "t", list); row_next(&r);) {
        if (!(c = card_of(&at, cards, row_int(&r, 0))) || c->known_by.len) continue;
        c->known_kind = (enum ident_kind)row_int(&r, 1);
        c->known_by = str_dup(a, row_str(&r, 2));
        if (!c->named) c->name = c->known_by;
    }
    return err_ok(e);
}

bool people_prepare(store *s, err *e) {
    return store_run(s, Q_summary_seen_index, NULL, e, "");
}
