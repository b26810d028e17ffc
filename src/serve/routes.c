#include "serve/handlers.h"

static const route ROUTES[] = {
#define ROUTE(method, path, run, need, mode, asks, gives, flags, most_kb, text)                                        \
    {METHOD_##method, path, run, #run, NEED_##need, MODE_##mode, asks, gives, flags, most_kb, text},
#include "serve/routes.def"
    {0},
};

const route *routes_all(size_t *n) {
    *n = sizeof ROUTES / sizeof *ROUTES - 1;
    return ROUTES;
}

str who_text(arena *a, const who *w) {
    switch (w->kind) {
    case WHO_NOBODY: return S("nobody");
    case WHO_ACCOUNT: return str_fmt(a, "account:%" PRId64, w->id);
    case WHO_KEY: return str_fmt(a, "key:%" PRId64, w->id);
    case WHO_SYSTEM: return S("system");
    }
    return S("");
}
