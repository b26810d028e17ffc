// sources: where facts come from, and which import belongs to which source, read at once.
#ifndef HEED_SOURCES_H
#define HEED_SOURCES_H

#include "ledger/event.h"
#include "store/store.h"

// The sources of a store, and which import belongs to which.
typedef struct {
    int64_t id;
    str name, adapter;
    enum channel channel;
    bool sample;
} origin;
typedef struct sources sources;
must_use bool sources_read(arena *a, store *s, sources **out, err *e);
// The same for who asks about few of them: each is looked up when it is asked for, and remembered. s must stay open.
void sources_as_asked(arena *a, store *s, sources **out);
const origin *source_of_import(const sources *all, int64_t import_id); // never NULL: unknown ones are nameless
const origin *source_by_id(const sources *all, int64_t source_id);
const origin *source_by_name(const sources *all, str name); // NULL if there is none
const origin *sources_list(const sources *all, size_t *n);  // not of sources_as_asked

#endif
