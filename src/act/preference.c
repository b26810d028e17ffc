#include <sodium.h>

#include "act/preference.h"
#include "act/seal.h"

#include "know/settings.h"
#include "sql/store.h"

// ---- purposes ----

static const purpose_row purposes[PURPOSES] = {
#define PURPOSE(name, id, opt_in) [id] = {#name, opt_in, WORD_server_purpose_##name},
#include "act/purposes.def"
};

const purpose_row *purpose_of(enum purpose p) {
    return p > PURPOSE_none && p < PURPOSES && purposes[p].name ? &purposes[p] : NULL;
}

enum purpose purpose_named(str name) {
    for (int p = PURPOSE_none + 1; p < PURPOSES; p++)
        if (purposes[p].name && str_eq(name, str_c(purposes[p].name))) return (enum purpose)p;
    return PURPOSE_none;
}

static enum purpose marketing_by(enum channel c) {
    switch (c) {
    case CHANNEL_sms: return PURPOSE_marketing_sms;
    case CHANNEL_phone: return PURPOSE_marketing_phone;
    case CHANNEL_whatsapp: return PURPOSE_marketing_whatsapp;
    default: return PURPOSE_marketing_email;
    }
}

enum purpose purpose_of_kind(enum gate_kind k, enum channel c) {
    switch (k) {
    case GATE_survey:
    case GATE_reminder: return PURPOSE_surveys;
    case GATE_thanks:
    case GATE_welcome: return PURPOSE_courtesy;
    case GATE_reward: return PURPOSE_rewards;
    default: break;
    }
    const gate_kind_row *known = gate_kind_row_of(k);
    if (!known || !known->consent[0]) return PURPOSE_none;
    enum purpose p = purpose_named(str_c(known->consent));
    return p == PURPOSE_marketing_email ? marketing_by(c) : p;
}

// ---- the key ----

static const char KEY_NAME[] = "preference_key";

static bool key_of(str hex, unsigned char key[PREFERENCE_KEY]) {
    size_t n = 0;
    return sodium_hex2bin(key, PREFERENCE_KEY, hex.s ? hex.s : "", hex.len, NULL, &n, NULL) == 0 && n == PREFERENCE_KEY;
}

bool preference_key(store *s, unsigned char key[PREFERENCE_KEY], err *e) {
    arena a = arena_open(1 << 16);
    str hex;
    bool ok = settings_get(&a, s, KEY_NAME, &hex, e);
    if (ok && !hex.len)
        ok = fail(e, ERR_not_found, "nobody has a link to their preferences yet; the first message makes the key");
    else if (ok && !key_of(hex, key))
        ok = fail(e, ERR_corrupt, "the setting '%s' is damaged", KEY_NAME);
    arena_close(&a);
    return ok;
}

static bool key_make(ledger *l, err *e) {
    unsigned char key[PREFERENCE_KEY];
    char hex[2 * PREFERENCE_KEY + 1];
    const world *w = ledger_world(l);
    w->random(w, key, sizeof key);
    sodium_bin2hex(hex, sizeof hex, key, sizeof key);
    bool ok = settings_put(ledger_store(l), KEY_NAME, str_c(hex), e);
    sodium_memzero(key, sizeof key);
    sodium_memzero(hex, sizeof hex);
    return ok;
}

bool preference_key_make(ledger *l, err *e) {
    bool known = false;
    for (row r = store_query(ledger_store(l), Q_meta_get, e, "t", str_c(KEY_NAME)); row_next(&r);) known = true;
    return err_ok(e) && (known || key_make(l, e));
}

// ---- the token ----

// The note is version, purpose and profile.
enum { NOTE = 10, VERSION = 1 };

static const char use[] = "heedpref";

static str sealed(arena *a, const unsigned char key[PREFERENCE_KEY], int64_t id, int what) {
    unsigned char note[NOTE] = {VERSION, (unsigned char)what};
    for (int i = 0; i < 8; i++) note[2 + i] = (unsigned char)((uint64_t)id >> (8 * i));
    return seal_text(a, key, use, note, NOTE);
}

static bool unseal(const unsigned char key[PREFERENCE_KEY], str token, int64_t *out, int *what) {
    unsigned char note[NOTE];
    uint64_t id = 0;
    if (!seal_open(key, use, token, note, NOTE) || note[0] != VERSION) return false;
    for (int i = 7; i >= 0; i--) id = id << 8 | note[2 + i];
    *out = (int64_t)id, *what = note[1];
    return *out > 0;
}

str preference_token(arena *a, const unsigned char key[PREFERENCE_KEY], int64_t profile, enum purpose p) {
    return sealed(a, key, profile, (int)p);
}

bool preference_open(const unsigned char key[PREFERENCE_KEY], str token, int64_t *profile, enum purpose *p) {
    int what;
    if (!unseal(key, token, profile, &what)) return false;
    *p = (enum purpose)what;
    return purpose_of(*p);
}

// ---- the link ----

bool preference_url(arena *a, store *s, int64_t profile, str purpose, str *url, err *e) {
    unsigned char key[PREFERENCE_KEY];
    str origin;
    enum purpose p = purpose_named(purpose);
    *url = S("");
    if (!p) return fail(e, ERR_invalid, "'%.*s' is no purpose", (int)MIN(purpose.len, 60), purpose.s);
    if (!settings_get(a, s, "origin", &origin, e)) return false;
    if (!origin.len)
        return fail(e, ERR_conflict,
                    "heed does not know its public address, and what people may refuse needs a link; start it with "
                    "'heed serve --origin https://…'");
    if (!preference_key(s, key, e)) return false;
    *url = str_fmt(a, "%.*s/u/%.*s", STR_ARG(origin), STR_ARG(preference_token(a, key, profile, p)));
    sodium_memzero(key, sizeof key);
    return true;
}

// Beyond all purposes, so that neither link opens the other's page.
enum { LINK_FIX = 200 };

bool fix_url(arena *a, store *s, int64_t commitment, str *url, err *e) {
    unsigned char key[PREFERENCE_KEY];
    str origin;
    *url = S("");
    if (!settings_get(a, s, "origin", &origin, e)) return false;
    if (!origin.len)
        return fail(e, ERR_conflict,
                    "heed does not know its public address; start it with 'heed serve --origin https://…'");
    if (!preference_key(s, key, e)) return false;
    *url = str_fmt(a, "%.*s/fix/%.*s", STR_ARG(origin), STR_ARG(sealed(a, key, commitment, LINK_FIX)));
    sodium_memzero(key, sizeof key);
    return true;
}

bool fix_open(store *s, str token, int64_t *commitment, err *e) {
    unsigned char key[PREFERENCE_KEY];
    int what;
    if (!preference_key(s, key, e)) return false;
    bool ok = unseal(key, token, commitment, &what) && what == LINK_FIX;
    sodium_memzero(key, sizeof key);
    return ok || fail(e, ERR_not_found, "this link is not valid");
}

bool preference_origin(store *s, str origin, err *e) {
    arena a = arena_open(1 << 16);
    str known;
    bool ok = settings_get(&a, s, "origin", &known, e), secure = str_starts(origin, S("https://"));
    if (ok && origin.len && !str_eq(known, origin) && (secure || !str_starts(known, S("https://"))))
        ok = settings_put(s, "origin", origin, e);
    arena_close(&a);
    return ok;
}

bool preference_header(arena *a, store *s, const gate_ask *ask, preference_headers *out, err *e) {
    *out = (preference_headers){0};
    const purpose_row *p = purpose_of(purpose_of_kind(ask->kind, ask->channel));
    if (!p) return true;
    if (!preference_url(a, s, ask->customer, str_c(p->name), &out->url, e)) return false;
    out->list_unsubscribe = str_fmt(a, "<%.*s>", STR_ARG(out->url));
    // RFC 8058 wants HTTPS: without it the link is a link, and no one-click.
    if (str_starts(out->url, S("https://"))) out->list_unsubscribe_post = S("List-Unsubscribe=One-Click");
    return true;
}
