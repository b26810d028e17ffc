// Packing answers for those who understand it.
#include <zlib.h>
#include <zstd.h>

#include "serve/http_private.h"

// The levels are those beyond which JSON hardly shrinks further.
enum { LEVEL_ZSTD = 3, LEVEL_GZIP = 4 };

// What is costly to begin with is kept: the tables of both.
struct packer {
    ZSTD_CCtx *zstd;
    z_stream gzip;
    bool has_gzip;
};

bool pack_worth(str type) {
    static const char *const plain[] = {"text/",
                                        "application/json",
                                        "application/problem+json",
                                        "application/javascript",
                                        "application/openmetrics-text",
                                        "application/x-ndjson",
                                        "image/svg+xml"};
    for (size_t i = 0; i < COUNT(plain); i++)
        if (str_starts(type, str_c(plain[i]))) return true;
    return false;
}

// Is a coding among those of Accept-Encoding, and not with q=0?
static bool accepts(str accept, str coding) {
    for (str rest = accept; rest.s;) {
        str params = str_cut(&rest, ','), name = str_trim(str_cut(&params, ';'));
        if (!str_eq_ci(name, coding)) continue;
        double q = 1;
        params = str_trim(params);
        if (str_starts_ci(params, S("q=")) && !str_f64(str_sub(params, 2, params.len), &q)) q = 0;
        return q > 0;
    }
    return false;
}

static packer *take(packers *p) {
    packer *k = NULL;
    pthread_mutex_lock(&p->lock);
    if (p->n_spare) k = p->spare[--p->n_spare];
    pthread_mutex_unlock(&p->lock);
    if (!k) k = calloc(1, sizeof *k);
    assert(k);
    return k;
}

static void end(packer *k) {
    ZSTD_freeCCtx(k->zstd);
    if (k->has_gzip) deflateEnd(&k->gzip);
    free(k);
}

static void give(packers *p, packer *k) {
    pthread_mutex_lock(&p->lock);
    bool room = p->n_spare < (int)COUNT(p->spare);
    if (room) p->spare[p->n_spare++] = k;
    pthread_mutex_unlock(&p->lock);
    if (!room) end(k);
}

void packers_close(packers *p) {
    for (int i = 0; i < p->n_spare; i++) end(p->spare[i]);
    pthread_mutex_destroy(&p->lock);
}

static size_t by_zstd(packer *k, arena *a, str in, char **out) {
    size_t most = ZSTD_compressBound(in.len);
    if (!k->zstd) k->zstd = ZSTD_createCCtx();
    *out = make(a, char, most);
    size_t n = k->zstd ? ZSTD_compressCCtx(k->zstd, *out, most, in.s, in.len, LEVEL_ZSTD) : 0;
    return ZSTD_isError(n) ? 0 : n;
}

// window 15 + 16: with gzip's head and tail.
static size_t by_gzip(packer *k, arena *a, str in, char **out) {
    if (!k->has_gzip)
        k->has_gzip = deflateInit2(&k->gzip, LEVEL_GZIP, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    if (!k->has_gzip || deflateReset(&k->gzip) != Z_OK) return 0;
    size_t most = deflateBound(&k->gzip, in.len);
    *out = make(a, char, most);
    k->gzip.next_in = (Bytef *)(uintptr_t)in.s, k->gzip.avail_in = (uInt)in.len;
    k->gzip.next_out = (Bytef *)*out, k->gzip.avail_out = (uInt)most;
    return deflate(&k->gzip, Z_FINISH) == Z_STREAM_END ? k->gzip.total_out : 0;
}

const char *pack_body(packers *p, arena *a, str accept, str *body) {
    bool zstd = accepts(accept, S("zstd")), gzip = !zstd && accepts(accept, S("gzip"));
    if (!zstd && !gzip) return NULL;
    char *out = NULL;
    packer *k = take(p);
    size_t n = zstd ? by_zstd(k, a, *body, &out) : by_gzip(k, a, *body, &out);
    give(p, k);
    if (!n || n >= body->len) return NULL;
    *body = (str){out, n};
    return zstd ? "zstd" : "gzip";
}
