#include <sodium.h>

#include "jobs/fetch.h"
#include "jobs/hooks.h"
#include "sql/serve_hooks.h"

enum { NAME_MOST = 100, SECRET_BYTES = 32 };

hook hook_read(arena *a, const row *r) {
    return (hook){.source_id = row_int(r, 0),
                  .source = str_dup(a, row_str(r, 1)),
                  .adapter = str_dup(a, row_str(r, 2)),
                  .channel = (enum channel)row_int(r, 3),
                  .scheme = scheme_get(row_str(r, 4)),
                  .url = str_dup(a, row_str(r, 5)),
                  .created_us = row_int(r, 6),
                  .version = row_int(r, 7)};
}

bool hook_has(arena *a, store *s, str source, hook *out, bool *has, err *e) {
    *has = false;
    for (row r = store_query(s, Q_hook_by_name, e, "t", source); row_next(&r);) *out = hook_read(a, &r), *has = true;
    if (*has && !out->scheme)
        return fail(e, ERR_corrupt, "the hook of \"%.*s\" has a scheme that is not known", STR_ARG(source));
    return err_ok(e);
}

bool hook_get(arena *a, store *s, str source, hook *out, err *e) {
    bool has;
    if (!hook_has(a, s, source, out, &has, e)) return false;
    return has || fail(e, ERR_not_found, "no webhook is set up for a source called \"%.*s\"", (int)MIN(source.len, 60),
                       source.s);
}

bool hook_secrets(arena *a, store *s, int64_t source_id, hook_secret out[HOOK_SECRETS], size_t *n, err *e) {
    *n = 0;
    for (row r = store_query(s, Q_hook_secret_list, e, "i", source_id); row_next(&r);)
        if (*n < HOOK_SECRETS)
            out[(*n)++] =
                (hook_secret){.id = row_int(&r, 0), .secret = str_dup(a, row_str(&r, 1)), .created_us = row_int(&r, 2)};
    return err_ok(e);
}

// The name stands in an address that people copy by hand.
static bool check_name(str name, err *e) {
    bool ok = name.len > 0 && name.len <= NAME_MOST;
    for (size_t i = 0; ok && i < name.len; i++) {
        char c = name.s[i];
        ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
             c == '.';
    }
    if (ok) return true;
    return fail(e, ERR_invalid, "the name of the source must be 1 to %d letters, digits, '-', '_' or '.'", NAME_MOST);
}

bool hook_source(desk *d, str source, const scheme *sc, int64_t *source_id, err *e) {
    str adapter = sc->adapter ? str_c(sc->adapter) : S("generic-json");
    return check_name(source, e) && ledger_source(know_ledger(d->k), source, adapter, sc->channel, false, source_id, e);
}

bool hook_put(desk *d, int64_t source_id, const scheme *sc, str url, err *e) {
    if (url.len && !fetch_check(url, true, e)) return false;
    return store_run(d->s, Q_hook_put, NULL, e, "itti", source_id, str_c(sc->name), url, d->w->now_us(d->w));
}

bool hook_secret_add(desk *d, const hook *h, str secret, int64_t *id, err *e) {
    hook_secret known[HOOK_SECRETS];
    size_t n = 0;
    if (!signature_secret_ok(h->scheme, secret, e) || !hook_secrets(d->a, d->s, h->source_id, known, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (str_eq(known[i].secret, secret)) return fail(e, ERR_conflict, "this secret is kept already");
    if (n == HOOK_SECRETS) return fail(e, ERR_full, "there are %d secrets already; retire one first", HOOK_SECRETS);
    return ledger_id(know_ledger(d->k), id, e) &&
           store_run(d->s, Q_hook_secret_put, NULL, e, "iiti", h->source_id, *id, secret, d->w->now_us(d->w)) &&
           store_run(d->s, Q_hook_touch, NULL, e, "i", h->source_id);
}

bool hook_secret_drop(desk *d, const hook *h, int64_t id, err *e) {
    int64_t n = 0;
    if (!store_run(d->s, Q_hook_secret_drop, &n, e, "ii", h->source_id, id)) return false;
    if (!n) return fail(e, ERR_not_found, "\"%.*s\" has no secret with the number %" PRId64, STR_ARG(h->source), id);
    return store_run(d->s, Q_hook_touch, NULL, e, "i", h->source_id);
}

bool hook_drop(desk *d, const hook *h, err *e) {
    return store_run(d->s, Q_hook_secret_drop_all, NULL, e, "i", h->source_id) &&
           store_run(d->s, Q_hook_drop, NULL, e, "i", h->source_id);
}

str hook_secret_new(arena *a, const world *w, const scheme *sc) {
    unsigned char bytes[SECRET_BYTES];
    char text[2 * SECRET_BYTES + 1];
    w->random(w, bytes, sizeof bytes);
    bool whsec = sc->key == KEY_whsec;
    sodium_bin2base64(text, sizeof text, bytes, sizeof bytes,
                      whsec ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_fmt(a, "%s%s", whsec ? "whsec_" : "", text);
}
