#include "ledger/ident.h"
#include "base/phone.h"
#include "base/unicode.h"

// Values that systems and people type where a name should be. Compared without case.
static const str blocked_values[] = {
    {"null", sizeof "null" - 1},
    {"none", sizeof "none" - 1},
    {"nil", sizeof "nil" - 1},
    {"undefined", sizeof "undefined" - 1},
    {"unknown", sizeof "unknown" - 1},
    {"anonymous", sizeof "anonymous" - 1},
    {"anon", sizeof "anon" - 1},
    {"void", sizeof "void" - 1},
    {"n/a", sizeof "n/a" - 1},
    {"na", sizeof "na" - 1},
    {"nan", sizeof "nan" - 1},
    {"test", sizeof "test" - 1},
    {"guest", sizeof "guest" - 1},
    {"-1", sizeof "-1" - 1},
    {"(null)", sizeof "(null)" - 1},
    {"[object object]", sizeof "[object object]" - 1},
    {"true", sizeof "true" - 1},
    {"false", sizeof "false" - 1},
    {"not available", sizeof "not available" - 1},
    {"no email", sizeof "no email" - 1},
    {"noemail", sizeof "noemail" - 1},
    {"admin", sizeof "admin" - 1},
    {"example", sizeof "example" - 1},
};

// Local parts that belong to an office or a machine, or to nobody: never to a person.
static const str blocked_locals[] = {
    {"noreply", sizeof "noreply" - 1},
    {"no-reply", sizeof "no-reply" - 1},
    {"donotreply", sizeof "donotreply" - 1},
    {"mailer-daemon", sizeof "mailer-daemon" - 1},
    {"postmaster", sizeof "postmaster" - 1},
    {"nobody", sizeof "nobody" - 1},
    {"test", sizeof "test" - 1},
    {"null", sizeof "null" - 1},
    {"none", sizeof "none" - 1},
    {"undefined", sizeof "undefined" - 1},
    {"anonymous", sizeof "anonymous" - 1},
    {"unknown", sizeof "unknown" - 1},
    {"noemail", sizeof "noemail" - 1},
    {"no-email", sizeof "no-email" - 1},
};

static bool zeros_and_dashes(str x) { // ^[0-]*$, the pattern that Segment Unify recommends to block
    for (size_t i = 0; i < x.len; i++)
        if (x.s[i] != '0' && x.s[i] != '-') return false;
    return true;
}

static bool plain_text(str x) {
    for (size_t i = 0; i < x.len; i++)
        if ((unsigned char)x.s[i] < ' ' || x.s[i] == 0x7f) return false;
    return str_utf8_ok(x);
}

static bool in_list(str x, const str *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (x.len == list[i].len && str_eq_ci(x, list[i])) return true;
    return false;
}

static str nothing(const char **why, const char *reason) {
    if (why) *why = reason;
    return S("");
}

static str canonical_email(arena *a, str x, const char **why) {
    while (str_starts_ci(x, S("mailto:"))) x = str_sub(x, 7, x.len);
    ptrdiff_t at = -1;
    for (size_t i = 0; i < x.len; i++) {
        if (x.s[i] == '@') at = (ptrdiff_t)i;
        if ((unsigned char)x.s[i] <= ' ' || x.s[i] == ',' || x.s[i] == ';' || x.s[i] == '<')
            return nothing(why, "not an e-mail address");
    }
    if (at <= 0 || (size_t)at + 1 >= x.len) return nothing(why, "not an e-mail address");
    str local = str_sub(x, 0, (size_t)at), host = str_sub(x, (size_t)at + 1, x.len);
    bool plain = true;
    for (size_t i = 0; i < host.len; i++) plain = plain && (unsigned char)host.s[i] < 0x80;
    host = plain ? str_lower(a, host) : idn_host(a, host);
    if (!host.len || str_find(host, '.') <= 0 || str_ends(host, S(".")) || local.len + 1 + host.len > 254)
        return nothing(why, "not an e-mail address");
    if (in_list(local, blocked_locals, COUNT(blocked_locals))) return nothing(why, "an address of no person");
    local = str_lower(a, local);
    char *p = arena_alloc(a, 1, 1, local.len + host.len + 1);
    memcpy(p, local.s, local.len);
    p[local.len] = '@';
    memcpy(p + local.len + 1, host.s, host.len);
    return (str){p, local.len + host.len + 1};
}

str ident_canonical(arena *a, enum ident_kind kind, str raw, str country, const char **why) {
    str x = str_trim(raw);
    while (x.len && x.s[0] == '\'') x = str_trim(str_sub(x, 1, x.len)); // spreadsheets protect digits so
    if (!x.len) return nothing(why, "empty");
    if (x.len > 512) return nothing(why, "longer than 512 bytes");
    if (!plain_text(x)) return nothing(why, "not plain text");
    if (zeros_and_dashes(x) || in_list(x, blocked_values, COUNT(blocked_values)))
        return nothing(why, "a blocked value");
    switch (kind) {
    case IDENT_email:
    case IDENT_email_unverified: return canonical_email(a, x, why);
    case IDENT_phone: {
        str e164 = phone_e164(a, x, country);
        return e164.len ? e164 : nothing(why, "not a phone number");
    }
    default: return str_dup(a, x);
    }
}

bool event_add_ident(arena *a, event *ev, enum ident_kind kind, str raw, str country) {
    if (ev->n_ids == EVENT_IDENTS) return false;
    str value = ident_canonical(a, kind, raw, country, NULL);
    if (!value.len) return false;
    for (int i = 0; i < ev->n_ids; i++)
        if (ev->ids[i].kind == kind && str_eq(ev->ids[i].value, value)) return false;
    ev->ids[ev->n_ids++] = (ident){kind, value};
    return true;
}

uint64_t ident_hash(enum ident_kind kind, str value) {
    return str_hash2((uint64_t)kind, value);
}
