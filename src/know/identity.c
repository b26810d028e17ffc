#include "know/identity.h"

#include "know/rebuild_private.h"
#include "sql/cli.h"
#include "sql/know.h"

// ---- what is ----

static bool name_of(arena *a, store *s, int64_t profile, str *out, err *e) {
    *out = S("");
    for (row r = store_query(s, Q_identity_name, e, "i", profile); row_next(&r);) *out = str_dup(a, row_str(&r, 0));
    return err_ok(e);
}

static bool describe_crowd(arena *a, store *s, identity_crowd *c, err *e) {
    if (!name_of(a, s, c->customer, &c->name, e)) return false;
    for (row r = store_query(s, Q_identity_crowd_idents, e, "i", c->customer); row_next(&r);) {
        if (!c->name.len) c->name = str_dup(a, row_str(&r, 0));
        c->identifiers++, c->shared += row_int(&r, 1) > 1;
    }
    return err_ok(e);
}

static bool look_crowds(arena *a, store *s, int32_t above, size_t most, identity_state *x, err *e) {
    x->crowds = make(a, identity_crowd, most + 1);
    for (row r = store_query(s, Q_identity_crowds, e, "ii", (int64_t)above, (int64_t)most); row_next(&r);)
        x->crowds[x->n_crowds++] = (identity_crowd){.customer = row_int(&r, 0), .profiles = row_int(&r, 1)};
    for (size_t i = 0; i < x->n_crowds; i++)
        if (!describe_crowd(a, s, &x->crowds[i], e)) return false;
    return err_ok(e) && identity_crowds(s, above, &x->all_crowds, e);
}

static bool look_demoted(arena *a, store *s, size_t most, identity_state *x, err *e) {
    x->demoted = make(a, identity_demoted, most + 1);
    for (row r = store_query(s, Q_identity_demoted, e, "i", (int64_t)most); row_next(&r);)
        x->demoted[x->n_demoted++] =
            (identity_demoted){(enum ident_kind)row_int(&r, 0), row_int(&r, 1), str_dup(a, row_str(&r, 2))};
    return err_ok(e) && store_int(s, Q_identity_demoted_count, &x->all_demoted, 0, e, "");
}

static bool look_vetoes(arena *a, store *s, size_t most, identity_state *x, err *e) {
    x->vetoes = make(a, identity_veto, most + 1);
    for (row r = store_query(s, Q_identity_vetoes, e, "i", (int64_t)most); row_next(&r);)
        x->vetoes[x->n_vetoes++] = (identity_veto){.a = row_int(&r, 0),
                                                   .b = row_int(&r, 1),
                                                   .kind = (enum ident_kind)row_int(&r, 2),
                                                   .value = str_dup(a, row_str(&r, 3))};
    for (size_t i = 0; i < x->n_vetoes; i++)
        if (!name_of(a, s, x->vetoes[i].a, &x->vetoes[i].name_a, e) ||
            !name_of(a, s, x->vetoes[i].b, &x->vetoes[i].name_b, e) ||
            !store_int(s, Q_people_by_profile, &x->vetoes[i].customer_a, 0, e, "i", x->vetoes[i].a) ||
            !store_int(s, Q_people_by_profile, &x->vetoes[i].customer_b, 0, e, "i", x->vetoes[i].b))
            return false;
    return err_ok(e);
}

bool identity_look(arena *a, store *s, size_t most, identity_state *out, err *e) {
    identity_rules rules;
    *out = (identity_state){0};
    if (!identity_rules_read(s, &rules, e)) return false;
    for (row r = store_query(s, Q_identity_counts, e, ""); row_next(&r);)
        out->profiles = row_int(&r, 0), out->customers = row_int(&r, 1), out->joined = row_int(&r, 2);
    for (row r = store_query(s, Q_identity_links, e, ""); row_next(&r);)
        if (row_int(&r, 0) >= 0 && row_int(&r, 0) < (int64_t)COUNT(out->by)) out->by[row_int(&r, 0)] = row_int(&r, 1);
    return err_ok(e) && look_crowds(a, s, rules.crowd, most, out, e) && look_demoted(a, s, most, out, e) &&
           look_vetoes(a, s, most, out, e);
}

bool identity_crowds(store *s, int32_t above, int64_t *n, err *e) {
    return store_int(s, Q_identity_crowd_count, n, 0, e, "i", (int64_t)above);
}

// ---- what would be ----

// A profile with its customer as it is and as it would be.
typedef struct {
    int64_t now, then;
} place;

static int by_now(const void *p, const void *q) {
    const place *x = p, *y = q;
    if (x->now != y->now) return x->now < y->now ? -1 : 1;
    return (x->then > y->then) - (x->then < y->then);
}

static int by_then(const void *p, const void *q) {
    const place *x = p, *y = q;
    if (x->then != y->then) return x->then < y->then ? -1 : 1;
    return (x->now > y->now) - (x->now < y->now);
}

static int by_size(const void *p, const void *q) {
    const identity_change *x = p, *y = q;
    if (x->profiles != y->profiles) return x->profiles > y->profiles ? -1 : 1;
    if (x->torn != y->torn) return x->torn ? -1 : 1;
    return (x->customer > y->customer) - (x->customer < y->customer);
}

typedef struct {
    arena *a;
    identity_effect *out;
    size_t most, room;
    int32_t crowd;
} weighing;

static void keep(weighing *w, identity_change x) {
    identity_effect *out = w->out;
    if (out->n_changes == w->room) { // twice as many as are wanted fit: the smaller half goes
        qsort(out->changes, out->n_changes, sizeof *out->changes, by_size);
        out->n_changes = w->most;
    }
    out->changes[out->n_changes++] = x;
}

// One customer as it is (torn) or as it would be (joined), its parts side by side.
static void weigh_run(weighing *w, const place *v, size_t n, bool torn) {
    size_t parts = 1;
    identity_effect *out = w->out;
    for (size_t i = 1; i < n; i++) parts += torn ? v[i].then != v[i - 1].then : v[i].now != v[i - 1].now;
    int64_t *customers = torn ? &out->now : &out->then, *largest = torn ? &out->largest_now : &out->largest_then;
    ++*customers, *largest = MAX(*largest, (int64_t)n);
    if (!torn) out->crowds_then += n > (size_t)w->crowd;
    if (parts < 2) return;
    *(torn ? &out->torn : &out->joined) += 1;
    keep(w, (identity_change){v[0].now, (int64_t)n, (int64_t)parts, torn, S("")});
}

static void weigh(weighing *w, place *v, size_t n, bool torn) {
    if (n) qsort(v, n, sizeof *v, torn ? by_now : by_then);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && (torn ? v[j].now == v[i].now : v[j].then == v[i].then);) j++;
        weigh_run(w, v + i, j - i, torn);
    }
}

static bool compare(arena *a, mem *m, size_t most, identity_effect *out, err *e) {
    place *v = make(m->a, place, m->n_profiles + 1);
    size_t n = 0;
    for (row r = store_query(m->s, Q_profile_scan, e, ""); row_next(&r);) {
        const mem_profile *p =
            row_int(&r, 0) <= m->max_id && m->index[row_int(&r, 0)] ? mem_at(m, row_int(&r, 0)) : NULL;
        if (!p || n == m->n_profiles) continue; // came meanwhile
        v[n++] = (place){row_int(&r, 1), p->customer};
        out->moved += p->customer != row_int(&r, 1);
    }
    if (!err_ok(e)) return false;
    weighing w = {a, out, most, 2 * most + 2, m->rules->crowd};
    out->changes = make(a, identity_change, w.room);
    out->profiles = (int64_t)n;
    weigh(&w, v, n, true);
    weigh(&w, v, n, false);
    if (out->n_changes) qsort(out->changes, out->n_changes, sizeof *out->changes, by_size);
    out->n_changes = MIN(out->n_changes, most);
    for (size_t i = 0; i < out->n_changes; i++)
        if (!name_of(a, m->s, out->changes[i].customer, &out->changes[i].name, e)) return false;
    out->demoted_then = (int64_t)m->groups.n_demoted;
    return store_int(m->s, Q_identity_demoted_count, &out->demoted_now, 0, e, "");
}

bool identity_try(arena *a, store *s, const identity_rules *r, size_t most, rebuild_progress p, void *ctx,
                  identity_effect *out, err *e) {
    *out = (identity_effect){0};
    arena life = arena_open((size_t)1 << 36);
    mem m = {.s = s,
             .a = &life,
             .scratch = arena_open((size_t)1 << 30),
             .rules = r,
             .idents_only = true,
             .progress = p,
             .progress_ctx = ctx};
    bool ok = mem_open(&m, e) && mem_read(&m, e) && mem_decide(&m, e) && compare(a, &m, most, out, e);
    ledger_close(m.l);
    arena_close(&m.scratch);
    arena_close(&life);
    return ok;
}

// ---- as JSON ----

static void put_vetoes(json_out *j, const identity_state *x) {
    json_open(j, "vetoes", '[');
    for (size_t i = 0; i < x->n_vetoes; i++) {
        const identity_veto *v = &x->vetoes[i];
        json_open(j, NULL, '{');
        json_put_int(j, "a", v->a);
        json_put_int(j, "b", v->b);
        json_put_int(j, "customer_a", v->customer_a);
        json_put_int(j, "customer_b", v->customer_b);
        json_put_str(j, "name_a", v->name_a);
        json_put_str(j, "name_b", v->name_b);
        json_put_str(j, "kind", ident_name(v->kind));
        json_put_str(j, "value", v->value);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_crowds(json_out *j, const identity_state *x) {
    json_open(j, "crowds", '[');
    for (size_t i = 0; i < x->n_crowds; i++) {
        const identity_crowd *c = &x->crowds[i];
        json_open(j, NULL, '{');
        json_put_int(j, "customer", c->customer);
        json_put_str(j, "name", c->name);
        json_put_int(j, "profiles", c->profiles);
        json_put_int(j, "identifiers", c->identifiers);
        json_put_int(j, "shared", c->shared);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_put_int(j, "crowds_count", x->all_crowds);
}

static void put_demoted(json_out *j, const identity_state *x) {
    json_open(j, "demoted", '[');
    for (size_t i = 0; i < x->n_demoted; i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "kind", ident_name(x->demoted[i].kind));
        json_put_str(j, "value", x->demoted[i].value);
        json_put_int(j, "profiles", x->demoted[i].profiles);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_put_int(j, "demoted_count", x->all_demoted);
}

void identity_state_json(json_out *j, const char *key, const identity_state *x) {
    static const char *const names[] = {NULL, "joined", "vetoed", "split", "told", "alike"};
    json_open(j, key, '{');
    json_put_int(j, "profiles", x->profiles);
    json_put_int(j, "customers", x->customers);
    json_put_int(j, "joined", x->joined);
    json_open(j, "links", '{');
    for (size_t i = 1; i < COUNT(names); i++) json_put_int(j, names[i], x->by[i]);
    json_close(j, '}');
    put_crowds(j, x);
    put_demoted(j, x);
    put_vetoes(j, x);
    json_close(j, '}');
}

void identity_effect_json(json_out *j, const identity_effect *x) {
    json_put_int(j, "profiles", x->profiles);
    json_put_int(j, "now", x->now);
    json_put_int(j, "then", x->then);
    json_put_int(j, "torn", x->torn);
    json_put_int(j, "joined", x->joined);
    json_put_int(j, "moved", x->moved);
    json_put_int(j, "demoted_now", x->demoted_now);
    json_put_int(j, "demoted_then", x->demoted_then);
    json_put_int(j, "largest_now", x->largest_now);
    json_put_int(j, "largest_then", x->largest_then);
    json_put_int(j, "crowds_then", x->crowds_then);
    json_open(j, "changes", '[');
    for (size_t i = 0; i < x->n_changes; i++) {
        const identity_change *v = &x->changes[i];
        json_open(j, NULL, '{');
        json_put_int(j, "customer", v->customer);
        json_put_str(j, "name", v->name);
        json_put_int(j, "profiles", v->profiles);
        json_put_int(j, "parts", v->parts);
        json_put_bool(j, "torn", v->torn);
        json_close(j, '}');
    }
    json_close(j, ']');
}
