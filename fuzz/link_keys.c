// link_keys: whatever a file of keys holds, it is read whole or refused with its line; what was read has keys of one
// length, each of which writes the digits it was read from, and can be compared.
#include "link/keys.h"

typedef struct {
    str rest;
} feed;

static ptrdiff_t feed_read(void *ctx, char *p, size_t n, err *e) {
    (void)e;
    feed *f = ctx;
    n = MIN(n, f->rest.len);
    if (n) memcpy(p, f->rest.s, n);
    f->rest = str_sub(f->rest, n, f->rest.len);
    return (ptrdiff_t)n;
}

static void check(arena *a, const link_keys_file *f) {
    assert(str_starts(f->how, S("key ")));
    for (uint32_t i = 0; i < f->n; i++) {
        bloom_key back;
        buf b = buf_new(a, 4096);
        bloom_write(&f->key[i], &b);
        assert(bloom_read(buf_str(&b), &back, NULL) && !memcmp(&back, &f->key[i], sizeof back));
        assert(f->key[i].bits == f->key[0].bits && intern_text(&f->v, f->id[i]).len);
    }
    bloom_pairs found;
    assert(bloom_match(a, f->key, f->n, 0, f->block, &found, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n > 1 << 15) return 0;
    arena a = arena_open((size_t)1 << 28);
    feed from = {{(const char *)data, n}};
    link_keys_file f;
    err e = {0};
    csv *in = csv_open(&a, feed_read, &from, (csv_opts){.sep = ',', .max_row = 1 << 14});
    if (!link_keys_read(&a, in, &f, &e)) {
        assert(e.code == ERR_invalid && e.msg[0]);
        arena_close(&a);
        return 0;
    }
    assert(link_keys_alike(&f, &f, NULL));
    check(&a, &f);
    link_keys_close(&f);
    arena_close(&a);
    return 0;
}
