#include "store/backend.h"

bool postgres_open(store **out, str where, store_opts opts, err *e) {
    (void)out, (void)where, (void)opts;
    return fail(e, ERR_unavailable, "PostgreSQL is not built in yet");
}
