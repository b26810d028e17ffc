#include "know/suppress.h"
#include "base/map64.h"
#include "sql/know_privacy.h"
#include "sql/ledger.h"

struct suppressed {
    arena life;
    uint64_t salt;
    map64 at; // hash → index
    int64_t *since_us;
    unsigned char *mode;
    size_t n;
};

static bool salt_read(store *s, uint64_t *salt, err *e) {
    *salt = 0;
    for (row r = store_query(s, Q_meta_value, e, "t", S("suppress_salt")); row_next(&r);)
        if (!str_u64_hex(row_str(&r, 0), salt))
            return row_end(&r), fail(e, ERR_corrupt, "meta 'suppress_salt' is not a number");
    return err_ok(e);
}

static bool salt_made(store *s, const world *w, uint64_t *salt, err *e) {
    char text[24];
    if (!salt_read(s, salt, e) || *salt) return err_ok(e);
    w->random(w, salt, sizeof *salt);
    *salt |= 1; // never zero
    snprintf(text, sizeof text, "%016" PRIx64, *salt);
    return store_run(s, Q_meta_set, NULL, e, "tt", S("suppress_salt"), str_c(text));
}

static int64_t hash_of(uint64_t salt, enum ident_kind kind, str value) {
    return (int64_t)str_hash2(salt ^ (uint64_t)kind * 0x9E3779B97F4A7C15u, value);
}

bool suppressed_load(suppressed **out, store *s, err *e) {
    int64_t n = 0;
    arena life = arena_open((size_t)1 << 32);
    suppressed *x = make(&life, suppressed, 1);
    bool ok = salt_read(s, &x->salt, e) && store_int(s, Q_suppressed_count, &n, 0, e, "");
    x->since_us = make(&life, int64_t, n + 1), x->mode = make(&life, unsigned char, n + 1);
    x->life = life;
    x->at = map64_new(&x->life, (size_t)n * 2 + 16);
    if (ok)
        for (row r = store_query(s, Q_suppressed_list, e, ""); row_next(&r);) {
            if (x->n == (size_t)n) continue;
            map64_put(&x->at, row_int(&r, 0), (int32_t)x->n);
            x->mode[x->n] = (unsigned char)row_int(&r, 1), x->since_us[x->n++] = row_int(&r, 2);
        }
    if (!ok || !err_ok(e)) return suppressed_close(x), false;
    *out = x;
    return true;
}

void suppressed_close(suppressed *x) {
    if (!x) return;
    arena life = x->life;
    arena_close(&life);
}

bool suppressed_any(const suppressed *x) {
    return x && x->n;
}

bool suppressed_event(const suppressed *x, const event *ev) {
    for (int i = 0; i < ev->n_ids; i++) {
        int32_t at = map64_get(&x->at, hash_of(x->salt, ev->ids[i].kind, ev->ids[i].value));
        if (at >= 0 && (x->mode[at] == SUPPRESS_ALL || ev->at_us < x->since_us[at])) return true;
    }
    return false;
}

bool suppress_put(store *s, const world *w, enum ident_kind kind, str value, enum suppress_mode mode, int64_t since_us,
                  int64_t request_id, err *e) {
    uint64_t salt;
    return salt_made(s, w, &salt, e) && store_run(s, Q_suppressed_put, NULL, e, "iiii", hash_of(salt, kind, value),
                                                  (int64_t)mode, since_us, request_id);
}

bool suppress_hash(store *s, enum ident_kind kind, str value, int64_t *hash, err *e) {
    uint64_t salt;
    if (!salt_read(s, &salt, e)) return false;
    *hash = hash_of(salt, kind, value);
    return true;
}

bool suppress_lift(store *s, enum ident_kind kind, str value, int64_t *lifted, err *e) {
    int64_t hash;
    return suppress_hash(s, kind, value, &hash, e) && store_run(s, Q_suppressed_lift, lifted, e, "i", hash);
}
