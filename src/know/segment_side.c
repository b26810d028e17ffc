// What rules ask beside the summaries: facts of profiles, kinds of identifiers, what was said lately. It is read before
// the pass, into a bit per customer and condition, or a count for those who said something.
#include "know/lists.h"
#include "know/measure.h"
#include "know/segment_private.h"
#include "sql/cli.h"
#include "sql/know.h"
#include "sql/serve_know.h"

static bool is_known(const rule_test *t) {
    return t->op >= OP_KNOWN;
}

static bool listed(const rule_test *t, str x) {
    if (!x.len) return false;
    for (size_t i = 0; i < t->n_list; i++)
        if (str_eq_ci(x, t->list[i])) return true;
    return is_known(t);
}

static void hit(asking *k, const rule_test *t, int64_t id) {
    id_set_add(&k->sides.bits[t->side], id);
}

// ---- identifiers ----

static void take_ident(asking *k, int64_t id, int64_t kind) {
    for (int32_t i = 0; i < k->r->n_tests; i++) {
        const rule_test *t = &k->r->tests[i];
        if (t->field->from == FROM_IDENT && (is_known(t) || t->bits >> kind & 1)) hit(k, t, id);
    }
}

// First the profiles that have one, then the customers they belong to.
static bool read_idents(asking *k, err *e) {
    for (row r = store_query(k->s, Q_identifier_kinds, e, ""); row_next(&r);)
        take_ident(k, row_int(&r, 0), row_int(&r, 1));
    for (row r = store_query(k->s, Q_profile_joined, e, ""); row_next(&r);)
        for (int32_t i = 0; i < k->r->n_tests; i++) {
            const rule_test *t = &k->r->tests[i];
            if (t->field->from == FROM_IDENT && id_set_has(&k->sides.bits[t->side], row_int(&r, 1)))
                hit(k, t, row_int(&r, 0));
        }
    return err_ok(e);
}

// ---- facts ----

typedef struct {
    int64_t id;
    str name;
} named;

typedef struct {
    named *v;
    size_t n;
} names;

static bool read_names(asking *k, names *out, err *e) {
    size_t room = 0;
    for (row r = store_query(k->s, Q_source_names, e, ""); row_next(&r);) {
        if (out->n == room) {
            named *more = make(k->a, named, room = room ? room * 2 : 16);
            if (out->n) memcpy(more, out->v, out->n * sizeof *more);
            out->v = more;
        }
        out->v[out->n++] = (named){row_int(&r, 0), str_dup(k->a, row_str(&r, 1))};
    }
    return err_ok(e);
}

static str name_of(const names *all, int64_t source) {
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].id == source) return all->v[i].name;
    return S("");
}

// Columns: customer, source, country, segment, lang.
static void take_facts(asking *k, const names *all, int64_t customer, const row *r, int at) {
    for (int32_t i = 0; i < k->r->n_tests; i++) {
        const rule_test *t = &k->r->tests[i];
        str x = S("");
        switch (t->field->from) {
        case FROM_ORIGIN: x = name_of(all, row_int(r, at)); break;
        case FROM_COUNTRY: x = row_str(r, at + 1); break;
        case FROM_SEGMENT: x = row_str(r, at + 2); break;
        case FROM_LANG: x = row_str(r, at + 3); break;
        default: continue;
        }
        if (listed(t, x)) hit(k, t, customer);
    }
}

static bool read_facts(asking *k, err *e) {
    names all = {0};
    if (!read_names(k, &all, e)) return false;
    if (k->only) {
        for (row r = store_query(k->s, Q_profile_facts_of, e, "i", k->only); row_next(&r);)
            take_facts(k, &all, k->only, &r, 1);
        return err_ok(e);
    }
    for (row r = store_query(k->s, Q_profile_facts, e, ""); row_next(&r);) take_facts(k, &all, row_int(&r, 0), &r, 1);
    return err_ok(e);
}

// ---- what was said ----

int32_t side_count(const asking *k, int64_t customer, int32_t side) {
    int32_t i = k->sides.n ? map64_get(&k->sides.at, customer) : -1;
    return i < 0 ? 0 : k->sides.counts[(size_t)i * (size_t)k->r->n_sides + (size_t)side];
}

static int32_t *counts_of(asking *k, int64_t customer) {
    sides *s = &k->sides;
    size_t each = (size_t)k->r->n_sides;
    bool made;
    int32_t i = *map64_at(&s->at, customer, (int32_t)s->n, &made);
    if (made && s->n == s->room) {
        int32_t *more = make(k->a, int32_t, (s->room = s->room ? s->room * 2 : 256) * each);
        if (s->n) memcpy(more, s->counts, s->n * each * sizeof *more);
        s->counts = more;
    }
    if (made) memset(&s->counts[s->n++ * each], 0, each * sizeof *s->counts);
    return &s->counts[(size_t)i * each];
}

// Columns: customer, at, kind, mood, score, has words.
static void take_said(asking *k, const row *r) {
    int64_t at_us = row_int(r, 1);
    enum kind kind = (enum kind)row_int(r, 2);
    bool has_score = !row_null(r, 4), words = row_int(r, 5) != 0;
    bool complaint = is_complaint(kind, row_null(r, 3) ? MOOD_UNKNOWN : (int)row_int(r, 3), has_score);
    if (at_us >= k->until_us || (!has_score && !words && !complaint)) return;
    int32_t *counts = NULL;
    for (int32_t i = 0; i < k->r->n_tests; i++) {
        const rule_test *t = &k->r->tests[i];
        bool mine = t->field->column == COLUMN_complaints ? complaint
                                                          : t->field->column == COLUMN_feedback && (has_score || words);
        if (t->side < 0 || t->field->type == TYPE_SET || !mine || at_us < k->bounds[i].from_us) continue;
        if (!counts) counts = counts_of(k, row_int(r, 0));
        counts[t->side]++;
    }
}

static int64_t earliest(const asking *k) {
    int64_t from = INT64_MAX;
    for (int32_t i = 0; i < k->r->n_tests; i++) {
        const rule_test *t = &k->r->tests[i];
        bool said = t->field->column == COLUMN_complaints || t->field->column == COLUMN_feedback;
        if (said && (t->in_days || k->past)) from = MIN(from, k->bounds[i].from_us);
    }
    return from;
}

static bool read_said(asking *k, err *e) {
    int64_t from = earliest(k), period;
    if (from == INT64_MAX) return true;
    k->sides.at = map64_new(k->a, 256);
    int64_t before = from == INT64_MIN ? INT32_MIN : event_period(from) - 1;
    while (store_int(k->s, Q_feedback_period_next, &period, INT64_MAX, e, "i", before) && period != INT64_MAX) {
        row r = k->only ? store_query(k->s, Q_segment_said_of, e, "iit", period, k->only, k->profiles)
                        : store_query(k->s, Q_segment_said, e, "i", period);
        while (row_next(&r)) take_said(k, &r);
        if (!err_ok(e)) return false;
        before = period;
    }
    return err_ok(e);
}

// ---- all ----

bool sides_read(asking *k, err *e) {
    const segment_rule *r = k->r;
    int64_t last = k->only;
    if (r->facts || r->idents) {
        if (!k->only && !store_int(k->s, Q_profile_last, &last, 0, e, "")) return false;
        k->sides.bits = make(k->a, id_set, r->n_sides);
        for (int32_t i = 0; i < r->n_tests; i++) {
            const rule_test *t = &r->tests[i];
            if (t->side < 0 || t->field->type != TYPE_SET) continue;
            int64_t n = k->only ? 1 : last + 1;
            k->sides.bits[t->side] = (id_set){.bits = make(k->a, uint64_t, n / 64 + 1), .base = k->only, .n = n};
        }
    }
    if (r->idents && !k->only && !read_idents(k, e)) return false;
    if (r->facts && !read_facts(k, e)) return false;
    return read_said(k, e);
}

bool asking_one(asking *k, int64_t customer, err *e) {
    int64_t *ids = NULL;
    size_t n = 0, room = 0;
    k->only = customer;
    for (row r = store_query(k->s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        list_push(k->a, &ids, &n, &room, row_int(&r, 0));
    k->profiles = list_json(k->a, ids, n);
    if (!sides_read(k, e)) return false;
    if (k->r->idents)
        for (row r = store_query(k->s, Q_identifier_of_people, e, "t", k->profiles); row_next(&r);)
            take_ident(k, customer, row_int(&r, 1));
    return err_ok(e);
}
