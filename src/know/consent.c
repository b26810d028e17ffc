#include "base/json.h"

#include "know/consent.h"
#include "sql/know_privacy.h"

enum { MOST_PURPOSES = 200, PURPOSE_LEN = 60 };

str consent_purpose(arena *a, str raw) {
    raw = str_lower(a, str_trim(raw));
    char *out = make(a, char, raw.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.s[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
        if (word)
            out[n++] = c;
        else if (n && out[n - 1] != '_')
            out[n++] = '_';
    }
    while (n && out[n - 1] == '_') n--;
    return n > PURPOSE_LEN ? S("") : (str){out, n};
}

// False when it says nothing of consent.
static bool consent_of(arena *a, const record *r, consent_said *out) {
    json_t *doc = NULL;
    err quiet = {0};
    if (r->kind != KIND_consent || !r->has_value || !json_read(r->body, &doc, &quiet)) return false;
    *out = (consent_said){consent_purpose(a, json_text(json_object_get(doc, "topic"))), r->value > 0};
    json_decref(doc);
    return out->purpose.len > 0;
}

bool consent_take(store *s, const record *r, err *e) {
    arena a = arena_open(1 << 20);
    consent_said x;
    bool ok =
        !r->profile_id || !consent_of(&a, r, &x) ||
        store_run(s, Q_consent_put, NULL, e, "itiii", r->profile_id, x.purpose, (int64_t)x.given, r->at_us, r->key);
    arena_close(&a);
    return ok;
}

static bool take_again(void *ctx, const record *r, err *e) {
    return r->kind != KIND_consent || consent_take(ctx, r, e);
}

bool consent_anew(store *s, int64_t profile_id, err *e) {
    return store_run(s, Q_consent_clear, NULL, e, "i", profile_id) &&
           ledger_profile_events(s, profile_id, take_again, s, e);
}

static void put_newest(consent *list, size_t *n, const consent *x) {
    for (size_t i = 0; i < *n; i++) {
        if (!str_eq(list[i].purpose, x->purpose)) continue;
        // Of two words at the same moment the one that allows less stands.
        if (x->at_us > list[i].at_us || (x->at_us == list[i].at_us && !x->given)) list[i] = *x;
        return;
    }
    if (*n < MOST_PURPOSES) list[(*n)++] = *x;
}

bool consent_read(arena *a, store *s, const int64_t *profiles, size_t n, consent **out, size_t *n_out, err *e) {
    *out = make(a, consent, MOST_PURPOSES);
    *n_out = 0;
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(s, Q_consent_of_profile, e, "i", profiles[i]); row_next(&r);) {
            consent x = {str_dup(a, row_str(&r, 0)), row_int(&r, 1) != 0, row_int(&r, 2), profiles[i]};
            put_newest(*out, n_out, &x);
        }
    return err_ok(e);
}
