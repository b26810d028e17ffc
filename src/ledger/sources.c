#include "ledger/sources.h"
#include "base/map64.h"
#include "sql/ledger.h"

enum { MOST_SOURCES = 4096 };

// What was looked up one by one: as many as one page shows.
enum { MOST_ASKED = 256 };
typedef struct {
    arena *a;
    store *s;
    int64_t import_id[MOST_ASKED]; // 0: asked for by its own number
    const origin *found[MOST_ASKED];
    size_t n;
} asked;

struct sources {
    origin *list;
    size_t n;
    map64 imports; // import → index into list
    asked *asked;  // NULL: the list holds all
};

static origin origin_row(arena *a, const row *r) {
    return (origin){.id = row_int(r, 0),
                    .name = str_dup(a, row_str(r, 1)),
                    .adapter = str_dup(a, row_str(r, 2)),
                    .channel = (enum channel)row_int(r, 3),
                    .sample = row_int(r, 4) != 0};
}

bool sources_read(arena *a, store *s, sources **out, err *e) {
    sources *all = *out = make(a, sources, 1);
    all->list = make(a, origin, MOST_SOURCES + 1);
    all->imports = map64_new(a, 64);
    for (row r = store_query(s, Q_source_list, e, ""); row_next(&r);) {
        if (all->n == MOST_SOURCES) return row_end(&r), fail(e, ERR_too_large, "more than %d sources", MOST_SOURCES);
        all->list[all->n++] = origin_row(a, &r);
    }
    for (row r = store_query(s, Q_import_sources, e, ""); row_next(&r);)
        for (size_t i = 0; i < all->n; i++)
            if (all->list[i].id == row_int(&r, 1)) map64_put(&all->imports, row_int(&r, 0), (int32_t)i);
    return err_ok(e);
}

void sources_as_asked(arena *a, store *s, sources **out) {
    sources *all = *out = make(a, sources, 1);
    all->asked = make(a, asked, 1);
    all->asked->a = a, all->asked->s = s;
}

// A failure here shows at the next statement of whoever asks; meanwhile the source has no name.
static const origin *look(asked *k, int64_t import_id, int64_t source_id) {
    err quiet = {0};
    for (size_t i = 0; i < k->n; i++)
        if (k->import_id[i] == import_id && (import_id || k->found[i]->id == source_id)) return k->found[i];
    origin *found = make(k->a, origin, 1);
    enum query q = import_id ? Q_source_of_import : Q_source_of_id;
    for (row r = store_query(k->s, q, &quiet, "i", import_id ? import_id : source_id); row_next(&r);)
        *found = origin_row(k->a, &r);
    found->id = found->id ? found->id : source_id;
    if (k->n < MOST_ASKED) k->import_id[k->n] = import_id, k->found[k->n++] = found;
    return found;
}

const origin *source_of_import(const sources *all, int64_t import_id) {
    if (all->asked) return look(all->asked, import_id, 0);
    int32_t i = map64_get(&all->imports, import_id);
    return &all->list[i < 0 ? MOST_SOURCES : i];
}

const origin *source_by_id(const sources *all, int64_t source_id) {
    if (all->asked) return look(all->asked, 0, source_id);
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
