// looked: a larger sample store whose words were understood, without the file of words, and in which was looked for
// themes. Golden files that begin with "# Store: looked" run in it. Made when the first one asks.
#ifndef HEED_SERVE_LOOKED_H
#define HEED_SERVE_LOOKED_H

#include "base.h"

#include "jobs/theming.h"
#include "jobs/understand.h"

enum { LOOKED_CUSTOMERS = 900 };

static inline void looked_make(const char *where) {
    err e = {0};
    store *s;
    understood read;
    themed done;
    rig_fill_with(where, LOOKED_CUSTOMERS, 1);
    assert_ok(store_open(&s, str_c(where), (store_opts){0}, &e), e);
    assert_ok(store_lock(s, 1000, &e), e);
    assert_ok(understand(&(understanding){.s = s, .now_us = RIG_NOW, .where = S("")}, &read, &e), e);
    assert_ok(theme_all(&(theming){.s = s, .where = S(""), .clock_us = RIG_NOW}, &done, &e), e);
    store_close(s);
}

// The folder that a golden file's store is a copy of.
static inline const char *looked_base(str text) {
    static char where[300];
    if (!str_starts(text, S("# Store: looked"))) return base;
    if (where[0]) return where;
    snprintf(where, sizeof where, "%.*s/looked", (int)(strrchr(base, '/') - base), base);
    looked_make(where);
    return where;
}

#endif
