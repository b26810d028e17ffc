// base: a folder with the small sample store, made once for a test program; each test opens a copy of it.
#ifndef HEED_SERVE_BASE_H
#define HEED_SERVE_BASE_H

#include "rig.h"

#ifndef BASE_CUSTOMERS
#define BASE_CUSTOMERS 60
#define BASE_YEARS     1
#endif

static char base[260];

static int make_base(void **state) {
    (void)state;
    char dir[200];
    rig_dir(dir, sizeof dir);
    snprintf(base, sizeof base, "%s/base", dir);
    rig_fill_with(base, BASE_CUSTOMERS, BASE_YEARS);
    return 0;
}

static int drop_base(void **state) {
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%.*s'", (int)(strrchr(base, '/') - base), base);
    return system(command);
}

#endif
