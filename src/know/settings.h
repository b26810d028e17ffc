// settings: what a store is told once: its time zone, country, currency, and whether a sample company is in it.
#ifndef HEED_SETTINGS_H
#define HEED_SETTINGS_H

#include "store/store.h"

// What a store is told once with `heed init`; empty when it was not.
typedef struct {
    str zone, country, currency;
    str sample; // what the sample company in it was made from; empty: there is none
} settings;
must_use bool settings_read(arena *a, store *s, settings *out, err *e);
must_use bool settings_get(arena *a, store *s, const char *name, str *out, err *e); // one of them, or any other
must_use bool settings_put(store *s, const char *name, str value, err *e);

#endif
