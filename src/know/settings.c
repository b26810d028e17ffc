#include "know/settings.h"
#include "sql/store.h"

bool settings_get(arena *a, store *s, const char *name, str *out, err *e) {
    *out = S("");
    for (row r = store_query(s, Q_meta_get, e, "t", str_c(name)); row_next(&r);) *out = str_dup(a, row_str(&r, 0));
    return err_ok(e);
}

bool settings_read(arena *a, store *s, settings *out, err *e) {
    return settings_get(a, s, "zone", &out->zone, e) && settings_get(a, s, "country", &out->country, e) &&
           settings_get(a, s, "currency", &out->currency, e) && settings_get(a, s, "sample", &out->sample, e);
}

bool settings_put(store *s, const char *name, str value, err *e) {
    if (!value.len) return store_run(s, Q_meta_delete, NULL, e, "t", str_c(name));
    return store_run(s, Q_meta_put, NULL, e, "tt", str_c(name), value);
}
