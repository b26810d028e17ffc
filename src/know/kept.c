#include "know/kept.h"

#include "know/settings.h"
#include "sql/know_kept.h"

bool kept_void(store *s, err *e) {
    return store_run(s, Q_kept_drop_all, NULL, e, "") && store_run(s, Q_kept_next_era, NULL, e, "");
}

bool kept_era(arena *a, store *s, str *era, err *e) {
    return settings_get(a, s, "kept_era", era, e);
}
