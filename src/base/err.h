// err: why a call failed, carried on the caller's stack.
//
// A function that can fail returns bool and takes `err *e` last; false means e is filled. The first failure wins:
// filling a filled err does nothing, so a straight line of calls needs one check at its end.
#ifndef HEED_ERR_H
#define HEED_ERR_H

#include <stdbool.h>
#include <stddef.h>

enum err_code {
#define ERR(name, http, exit, text) ERR_##name,
#include "errors.def"
};

typedef struct {
    enum err_code code;
    char msg[256]; // lower case, no full stop, what failed first, the subject in quotes, then the remedy
} err;

#define must_use __attribute__((warn_unused_result))

// Fills e unless it is filled already; always returns false, so that `return fail(e, …)` reads well. e may be NULL.
__attribute__((format(printf, 3, 4))) bool fail(err *e, enum err_code code, const char *fmt, ...);

bool err_ok(const err *e); // true while nothing failed
void err_clear(err *e);
const char *err_name(enum err_code code); // "not_found"
const char *err_text(enum err_code code); // the default text of the row
int err_http(enum err_code code);
int err_exit(enum err_code code);

#endif
