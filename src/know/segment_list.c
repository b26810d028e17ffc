// Segments that are kept.
#include "know/segment_private.h"
#include "sql/serve_know.h"

static segment_row row_of(arena *a, const row *r) {
    return (segment_row){.id = row_int(r, 0),
                         .name = str_dup(a, row_str(r, 1)),
                         .about = str_dup(a, row_str(r, 2)),
                         .rule = str_dup(a, row_str(r, 3)),
                         .created_us = row_int(r, 4),
                         .by = str_dup(a, row_str(r, 5)),
                         .updated_us = row_int(r, 6),
                         .version = row_int(r, 7)};
}

bool segment_list(store *s, segment_fn fn, void *ctx, err *e) {
    arena life = arena_open((size_t)1 << 28);
    for (row r = store_query(s, Q_segment_list, e, ""); row_next(&r);) {
        arena a = life;
        segment_row x = row_of(&a, &r);
        if (!fn(ctx, &x, e)) row_end(&r);
    }
    arena_close(&life);
    return err_ok(e);
}

static bool one(arena *a, row r, segment_row *out, err *e) {
    bool found = false;
    while (row_next(&r)) *out = row_of(a, &r), found = true;
    return found && err_ok(e);
}

bool segment_get_id(arena *a, store *s, int64_t id, segment_row *out, err *e) {
    return one(a, store_query(s, Q_segment_get, e, "i", id), out, e);
}

bool segment_get(arena *a, store *s, str which, segment_row *out, err *e) {
    int64_t id;
    if (one(a, store_query(s, Q_segment_named, e, "t", which), out, e)) return true;
    return err_ok(e) && str_i64(which, &id) && segment_get_id(a, s, id, out, e);
}

enum { MOST_NAME = 100, MOST_ABOUT = 2000 };

static bool name_ok(store *s, const segment_row *x, err *e) {
    segment_row other;
    arena a = arena_open((size_t)1 << 26);
    int64_t number;
    str name = str_trim(x->name);
    bool ok = true;
    if (!name.len || name.len > MOST_NAME || name.len != x->name.len || str_i64(name, &number))
        ok = fail(e, ERR_invalid, "'name' must be a text of 1 to %d bytes that is no number", MOST_NAME);
    else if (x->about.len > MOST_ABOUT)
        ok = fail(e, ERR_invalid, "'about' is longer than %d bytes", MOST_ABOUT);
    else if (one(&a, store_query(s, Q_segment_named, e, "t", name), &other, e) && other.id != x->id)
        ok = fail(e, ERR_conflict, "there is a segment '%.*s' already, number %" PRId64, STR_ARG(name), other.id);
    arena_close(&a);
    return ok && err_ok(e);
}

bool segment_put(ledger *l, segment_row *x, const segment_rule *r, int64_t now_us, err *e) {
    store *s = ledger_store(l);
    bool fresh = !x->id;
    if (!name_ok(s, x, e) || (fresh && !ledger_id(l, &x->id, e))) return false;
    arena a = arena_open((size_t)1 << 26);
    buf b = buf_new(&a, (size_t)1 << 24);
    json_out j = json_to(&b);
    segment_json(&j, NULL, r);
    str rule = buf_str(&b);
    x->updated_us = now_us, x->version++;
    bool ok = fresh ? store_run(s, Q_segment_new, NULL, e, "itttit", x->id, x->name, x->about, rule, now_us, x->by)
                    : store_run(s, Q_segment_change, NULL, e, "ittti", x->id, x->name, x->about, rule, now_us);
    arena_close(&a);
    return ok;
}

typedef struct {
    arena a;
    store *s;
    int64_t id;
} search;

static bool names(const segment_rule *r, int64_t id) {
    for (int32_t i = 0; i < r->n_nodes; i++)
        if (r->nodes[i].kind == NODE_SEGMENT && r->nodes[i].segment == id) return true;
    return false;
}

static bool find_use(void *ctx, const segment_row *x, err *e) {
    search *k = ctx;
    arena a = k->a;
    segment_rule *r;
    char field[SEGMENT_FIELD_LEN];
    err quiet = {0};
    if (x->id == k->id || !segment_read_text(&a, k->s, x->rule, x->id, &r, field, &quiet) || !names(r, k->id))
        return true;
    return fail(e, ERR_conflict, "segment '%.*s' is made of it; change that one first", STR_ARG(x->name));
}

bool segment_remove(arena scratch, store *s, int64_t id, err *e) {
    search k = {.a = scratch, .s = s, .id = id};
    return segment_list(s, find_use, &k, e) && store_run(s, Q_segment_delete, NULL, e, "i", id);
}
