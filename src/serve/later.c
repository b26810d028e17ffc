#include "serve/later.h"

typedef struct {
    piece_fn fn;
    logger *log;
    max_align_t ctx[];
} posted;

static bool run(void *ctx, desk *d, err *e) {
    posted *p = ctx;
    return p->fn(p->ctx, d, e);
}

static void done(void *ctx, const err *e) {
    posted *p = ctx;
    if (!err_ok(e)) log_line(p->log, LOG_ERROR, "a note was not stored", "error", e->msg, NULL);
    free(p);
}

bool later_post(server *sv, piece_fn fn, const void *ctx, size_t size, err *e) {
    posted *p = malloc(sizeof *p + size);
    if (!p) abort();
    *p = (posted){fn, server_log(sv)};
    memcpy(p->ctx, ctx, size);
    bool ok = writer_post(server_writer(sv), sizeof *p + size, run, done, p, e);
    if (!ok) free(p);
    return ok;
}
