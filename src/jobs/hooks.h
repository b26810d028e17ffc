// hooks: how the webhooks of each source are verified. Secrets can be written and never read.
#ifndef HEED_HOOKS_H
#define HEED_HOOKS_H

#include "jobs/writer.h"
#include "listen/signature.h"

enum { HOOK_SECRETS = 8 }; // that a source may have at a time

typedef struct {
    int64_t source_id;
    str source, adapter;
    enum channel channel;
    const scheme *scheme;
    str url; // the public address, for schemes that sign it; empty: made from the server's own
    int64_t created_us, version;
} hook;
hook hook_read(arena *a, const row *r); // columns of hook_by_name and hook_list

// ERR_not_found when nothing is set up for the source. Texts live in a.
must_use bool hook_get(arena *a, store *s, str source, hook *out, err *e);
must_use bool hook_has(arena *a, store *s, str source, hook *out, bool *has, err *e);

typedef struct {
    int64_t id, created_us;
    str secret; // for verifying; never shown
} hook_secret;
must_use bool hook_secrets(arena *a, store *s, int64_t source_id, hook_secret out[HOOK_SECRETS], size_t *n, err *e);

// The source, made when it is new: with no transaction open. ERR_invalid: its name cannot stand in an address.
must_use bool hook_source(desk *d, str source, const scheme *sc, int64_t *source_id, err *e);
// In a transaction of the writer, from here on. ERR_invalid: the address.
must_use bool hook_put(desk *d, int64_t source_id, const scheme *sc, str url, err *e);
// ERR_full when there are HOOK_SECRETS already: retire one first.
must_use bool hook_secret_add(desk *d, const hook *h, str secret, int64_t *id, err *e);
must_use bool hook_secret_drop(desk *d, const hook *h, int64_t id, err *e); // ERR_not_found
must_use bool hook_drop(desk *d, const hook *h, err *e);                    // what it brought stays

// A new secret for senders that take one from us. Lives in a.
str hook_secret_new(arena *a, const world *w, const scheme *sc);

#endif
