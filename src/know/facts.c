#include "know/facts.h"
#include "sql/know.h"

const char *const fact_names[FACTS] = {"name", "country", "segment", "lang", "postal_address", "born"};

facts_set facts_new(arena *a) {
    return (facts_set){.a = a, .by_profile = map64_new(a, 64)};
}

static profile_facts *at(facts_set *f, int64_t profile) {
    bool made;
    int32_t i = *map64_at(&f->by_profile, profile, (int32_t)f->n, &made);
    if (!made) return &f->rows[i];
    if (f->n == f->room) {
        profile_facts *more = make(f->a, profile_facts, f->room = f->room ? f->room * 2 : 64);
        if (f->n) memcpy(more, f->rows, f->n * sizeof *more);
        f->rows = more;
    }
    f->rows[f->n] = (profile_facts){.profile = profile};
    return &f->rows[f->n++];
}

void facts_made(facts_set *f, int64_t profile, int64_t source_id) {
    at(f, profile)->source_id = source_id;
}

bool facts_is_made(const facts_set *f, int64_t profile) {
    int32_t i = map64_get(&f->by_profile, profile);
    return i >= 0 && f->rows[i].source_id;
}

// The newest stands; of two said at the same time the greater text, so that order cannot matter.
void facts_said(facts_set *f, int64_t profile, int64_t at_us, const str said[FACTS]) {
    profile_facts *p = at(f, profile);
    for (int k = 0; k < FACTS; k++) {
        bool newer =
            !p->said[k].len || at_us > p->at_us[k] || (at_us == p->at_us[k] && str_cmp(said[k], p->said[k]) > 0);
        if (said[k].len && newer) p->said[k] = said[k], p->at_us[k] = at_us;
    }
}

static bool write_some(const facts_set *f, store *s, bool made, err *e) {
    arena a = arena_open((size_t)1 << 30);
    int64_t *id = make(&a, int64_t, f->n), *source = make(&a, int64_t, f->n), *us[FACTS];
    str *text[FACTS];
    unsigned char *none[FACTS];
    size_t n = 0;
    for (int k = 0; k < FACTS; k++)
        us[k] = make(&a, int64_t, f->n), text[k] = make(&a, str, f->n), none[k] = make(&a, unsigned char, f->n);
    for (size_t i = 0; i < f->n; i++) {
        const profile_facts *p = &f->rows[i];
        if ((p->source_id != 0) != made) continue;
        id[n] = p->profile, source[n] = p->source_id;
        for (int k = 0; k < FACTS; k++) text[k][n] = p->said[k], us[k][n] = p->at_us[k], none[k][n] = !p->said[k].len;
        n++;
    }
    column cols[3 + 2 * FACTS] = {{'i', id, NULL}, {'i', id, NULL}, {'i', source, NULL}};
    for (int k = 0; k < FACTS; k++)
        cols[3 + 2 * k] = (column){'t', text[k], none[k]}, cols[4 + 2 * k] = (column){'i', us[k], none[k]};
    bool ok = !n || store_bulk(s, made ? Q_profile_new : Q_profile_put, cols, COUNT(cols), n, NULL, e);
    arena_close(&a);
    return ok;
}

bool facts_write(const facts_set *f, store *s, err *e) {
    return !f->n || (write_some(f, s, true, e) && write_some(f, s, false, e));
}
