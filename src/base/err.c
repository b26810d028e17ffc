#include "base/base.h"

#include <stdarg.h>

static const struct {
    const char *name, *text;
    int http, exit;
} rows[] = {
#define ERR(name, http, exit, text) [ERR_##name] = {#name, text, http, exit},
#include "errors.def"
};

bool fail(err *e, enum err_code code, const char *fmt, ...) {
    if (!e || e->code) return false;
    e->code = code;
    va_list args;
    va_start(args, fmt);
    vsnprintf(e->msg, sizeof e->msg, fmt, args);
    va_end(args);
    return false;
}

bool err_ok(const err *e) {
    return !e->code;
}

void err_clear(err *e) {
    e->code = ERR_none;
    e->msg[0] = 0;
}

const char *err_name(enum err_code code) {
    return rows[code].name;
}

const char *err_text(enum err_code code) {
    return rows[code].text;
}

int err_http(enum err_code code) {
    return rows[code].http;
}

int err_exit(enum err_code code) {
    return rows[code].exit;
}
