#include "know/lists.h"
#include "sql/know.h"

str list_json(arena *a, const int64_t *ids, size_t n) {
    buf b = buf_new(a, 32 * n + 16);
    buf_addc(&b, '[');
    for (size_t i = 0; i < n; i++) {
        if (i) buf_addc(&b, ',');
        buf_i64(&b, ids[i]);
    }
    buf_addc(&b, ']');
    return buf_str(&b);
}

static int by_number(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

size_t list_unique(int64_t *ids, size_t n) {
    size_t k = 0;
    if (n) qsort(ids, n, sizeof *ids, by_number);
    for (size_t i = 0; i < n; i++)
        if (!k || ids[i] != ids[k - 1]) ids[k++] = ids[i];
    return k;
}

bool list_customers(arena *a, store *s, const int64_t *profiles, size_t n, int64_t **customers, size_t *n_out, err *e) {
    int64_t *ids = make(a, int64_t, n + 1);
    size_t room = 0;
    *customers = NULL, *n_out = 0;
    if (n) memcpy(ids, profiles, n * sizeof *ids);
    n = list_unique(ids, n);
    for (size_t i = 0; i < n && err_ok(e); i += LIST_IDS) {
        arena side = arena_open(1 << 20);
        str list = list_json(&side, ids + i, MIN((size_t)LIST_IDS, n - i));
        for (row r = store_query(s, Q_profile_some, e, "t", list); row_next(&r);)
            list_push(a, customers, n_out, &room, row_int(&r, 1));
        arena_close(&side);
    }
    return err_ok(e);
}

static str reason(enum link_state state) {
    return state == LINK_JOINED ? S("the same") : S("shared, but they differ in a unique number or a person said so");
}

typedef struct {
    int64_t a, b, hash;
    uint8_t kind, state;
} pair;

static int by_pair(const void *p, const void *q) {
    const pair *x = p, *y = q;
    if (x->a != y->a) return x->a < y->a ? -1 : 1;
    if (x->b != y->b) return x->b < y->b ? -1 : 1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

bool links_write(store *s, arena scratch, const int64_t *ids, const group_out *g, err *e) {
    size_t n = g->n_links;
    if (!n) return true;
    pair *ps = make(&scratch, pair, n);
    for (size_t i = 0; i < n; i++)
        ps[i] = (pair){ids[g->links[i].a], ids[g->links[i].b], g->links[i].hash, g->links[i].kind, g->links[i].state};
    qsort(ps, n, sizeof *ps, by_pair);
    int64_t *col[5];
    for (int k = 0; k < 5; k++) col[k] = make(&scratch, int64_t, n);
    str *why = make(&scratch, str, n);
    for (size_t i = 0; i < n; i++) {
        col[0][i] = ps[i].a, col[1][i] = ps[i].b, col[2][i] = ps[i].hash, col[3][i] = ps[i].kind,
        col[4][i] = ps[i].state;
        why[i] = reason(ps[i].state);
    }
    column cols[] = {{'i', col[0], NULL}, {'i', col[1], NULL}, {'i', col[2], NULL},
                     {'i', col[3], NULL}, {'i', col[4], NULL}, {'t', why, NULL}};
    return store_bulk(s, Q_link_put, cols, 6, n, NULL, e);
}

bool link_say(store *s, int64_t a, int64_t b, enum link_state state, str by, err *e) {
    int64_t lo = MIN(a, b), hi = MAX(a, b), hash = 0, kind = 0, st = state;
    column cols[] = {{'i', &lo, NULL},   {'i', &hi, NULL}, {'i', &hash, NULL},
                     {'i', &kind, NULL}, {'i', &st, NULL}, {'t', &by, NULL}};
    return store_bulk(s, Q_link_put, cols, 6, 1, NULL, e);
}
