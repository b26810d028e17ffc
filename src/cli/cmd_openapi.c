#include "cli/cli.h"
#include "serve/shape.h"

typedef struct {
    str origin;
} openapi_opts;

static const opt opts[] = {
    {"origin", 0, OPT_TEXT, offsetof(openapi_opts, origin), "URL", "the address of the server; '/' unless given"},
};

static bool run(cli *c, const void *options, err *e) {
    const openapi_opts *o = options;
    buf b = buf_new(c->life, 16 << 20);
    openapi_write(&b, o->origin);
    if (b.full) return fail(e, ERR_internal, "the description is too long");
    fwrite(b.s, 1, b.len, c->t.out);
    fputc('\n', c->t.out);
    return true;
}

const cmd cmd_openapi = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(openapi_opts),
    .run = run,
    .more =
        "Prints the description of the HTTP API in the form of OpenAPI 3.1, which tools turn into clients, tests and "
        "documentation. It needs no store. A running server gives the same at /api/openapi.json, and as a page at "
        "/docs/api.",
    .examples = "heed openapi > openapi.json",
    .json = "the description, with and without --json",
};
