#include "ledger/ident.h"
#include "base/phone.h"
#include "base/unicode.h"

// Values that systems and people type where a name should be. Compared without case.
static const char *const blocked_values[] = {
    "null", "none",  "nil",           "undefined", "unknown", "anonymous", "anon",    "void",
    "n/a",  "na",    "nan",           "test",      "guest",   "-1",        "(null)",  "[object object]",
    "true", "false", "not available", "no email",  "noemail", "admin",     "example",
};

// Local parts that belong to an office or a machine, never to a person.
static const char *const blocked_locals[] = {"noreply",       "no-reply",   "donotreply",
                                             "mailer-daemon", "postmaster", "nobody"};

static bool zeros_and_dashes(str x) { // ^[0-]*$, the pattern that Segment Unify recommends to block
    for (size_t i = 0; i < x.len; i++)
        if (x.s[i] != '0' && x.s[i] != '-') return false;
    return true;
}

static bool in_list(str x, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_eq_ci(x, str_c(list[i]))) return true;
    return false;
}

static str nothing(const char **why, const char *reason) {
    if (why) *why = reason;
    return S("");
}

static str canonical_email(arena *a, str x, const char **why) {
    if (str_starts_ci(x, S("mailto:"))) x = str_sub(x, 7, x.len);
    ptrdiff_t at = -1;
    for (size_t i = 0; i < x.len; i++) {
        if (x.s[i] == '@') at = (ptrdiff_t)i;
        if ((unsigned char)x.s[i] <= ' ' || x.s[i] == ',' || x.s[i] == ';' || x.s[i] == '<')
            return nothing(why, "not an e-mail address");
    }
    if (at <= 0 || (size_t)at + 1 >= x.len || x.len > 254) return nothing(why, "not an e-mail address");
    str local = str_sub(x, 0, (size_t)at), host = str_sub(x, (size_t)at + 1, x.len);
    bool plain = true;
    for (size_t i = 0; i < host.len; i++) plain = plain && (unsigned char)host.s[i] < 0x80;
    host = plain ? str_lower(a, host) : idn_host(a, host);
    if (!host.len || str_find(host, '.') <= 0 || str_ends(host, S("."))) return nothing(why, "not an e-mail address");
    if (in_list(local, blocked_locals, COUNT(blocked_locals))) return nothing(why, "an address of a machine");
    return str_fmt(a, "%.*s@%.*s", STR_ARG(str_lower(a, local)), STR_ARG(host));
}

str ident_canonical(arena *a, enum ident_kind kind, str raw, str country, const char **why) {
    str x = str_trim(raw);
    if (x.len && x.s[0] == '\'') x = str_trim(str_sub(x, 1, x.len)); // spreadsheets protect digits so
    if (!x.len) return nothing(why, "empty");
    if (x.len > 512) return nothing(why, "longer than 512 bytes");
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
