#include "ledger/sources.h"
#include "base/map64.h"

enum { MOST_SOURCES = 4096 };

struct sources {
    origin *list;
    size_t n;
    map64 imports; // import → index into list
};

bool sources_read(arena *a, store *s, sources **out, err *e) {
    sources *all = *out = make(a, sources, 1);
    all->list = make(a, origin, MOST_SOURCES + 1);
    all->imports = map64_new(a, 64);
    for (row r = store_query(s, Q_source_list, e, ""); row_next(&r);) {
        if (all->n == MOST_SOURCES) return row_end(&r), fail(e, ERR_too_large, "more than %d sources", MOST_SOURCES);
        all->list[all->n++] = (origin){.id = row_int(&r, 0),
                                       .name = str_dup(a, row_str(&r, 1)),
                                       .adapter = str_dup(a, row_str(&r, 2)),
                                       .channel = (enum channel)row_int(&r, 3),
                                       .sample = row_int(&r, 4) != 0};
    }
    for (row r = store_query(s, Q_import_sources, e, ""); row_next(&r);)
        for (size_t i = 0; i < all->n; i++)
            if (all->list[i].id == row_int(&r, 1)) map64_put(&all->imports, row_int(&r, 0), (int32_t)i);
    return err_ok(e);
}

const origin *source_of_import(const sources *all, int64_t import_id) {
    int32_t i = map64_get(&all->imports, import_id);
    return &all->list[i < 0 ? MOST_SOURCES : i];
}

const origin *source_by_id(const sources *all, int64_t source_id) {
    for (size_t i = 0; i < all->n; i++)
        if (all->list[i].id == source_id) return &all->list[i];
    return &all->list[MOST_SOURCES];
}

const origin *source_by_name(const sources *all, str name) {
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(all->list[i].name, name)) return &all->list[i];
    return NULL;
}

const origin *sources_list(const sources *all, size_t *n) {
    *n = all->n;
    return all->list;
}
