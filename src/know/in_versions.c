#include "know/in_versions.h"

#include "know/lists.h"

bool in_versions_next(ledger *l, const in_versions *t, int64_t from_us, int64_t *id, int64_t *version, err *e) {
    store *s = ledger_store(l);
    *version = 1;
    if (!*id) return ledger_id(l, id, e);
    arena a = arena_open(1 << 24);
    int64_t *ends = NULL; // a version, and when it ends
    size_t n = 0, room = 0;
    for (row r = store_query(s, t->all, e, ""); row_next(&r);) {
        if (row_int(&r, 0) != *id) continue;
        *version = row_int(&r, 1) + 1;
        if (!row_null(&r, t->until_col) && row_int(&r, t->until_col) <= from_us) continue;
        list_push(&a, &ends, &n, &room, row_int(&r, 1));
        list_push(&a, &ends, &n, &room, MAX(from_us, row_int(&r, t->from_col)));
    }
    bool ok = err_ok(e);
    for (size_t i = 0; ok && i < n; i += 2) ok = store_run(s, t->until, NULL, e, "iii", *id, ends[i], ends[i + 1]);
    arena_close(&a);
    return ok;
}
