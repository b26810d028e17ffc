#include "serve/accounts.h"

#include "ledger/ident.h"
#include "serve/token.h"
#include "sql/serve_auth.h"

void account_row(arena *a, const row *r, account *out) {
    *out = (account){.id = row_int(r, 0),
                     .email = str_dup(a, row_str(r, 1)),
                     .name = str_dup(a, row_str(r, 2)),
                     .role = str_dup(a, row_str(r, 3)),
                     .password = str_dup(a, row_str(r, 4)),
                     .totp = str_dup(a, row_str(r, 5)),
                     .totp_step = row_int(r, 6),
                     .recovery = str_dup(a, row_str(r, 7)),
                     .subject = str_dup(a, row_str(r, 8)),
                     .state = (enum account_state)row_int(r, 9),
                     .created_us = row_int(r, 10),
                     .seen_us = row_int(r, 11),
                     .version = row_int(r, 12)};
}

const char *account_state_name(enum account_state s) {
    static const char *const names[] = {"invited", "active", "disabled"};
    return names[s];
}

bool account_get(arena *a, store *s, int64_t id, account *out, err *e) {
    *out = (account){0};
    for (row r = store_query(s, Q_account_get, e, "i", id); row_next(&r);) account_row(a, &r, out);
    return err_ok(e) && (out->id || fail(e, ERR_not_found, "there is no account %" PRId64, id));
}

bool account_find(arena *a, store *s, str email, account *out, err *e) {
    *out = (account){0};
    for (row r = store_query(s, Q_account_by_email, e, "t", email); row_next(&r);) account_row(a, &r, out);
    return err_ok(e);
}

bool account_of_subject(arena *a, store *s, str subject, account *out, err *e) {
    *out = (account){0};
    for (row r = store_query(s, Q_account_by_subject, e, "t", subject); row_next(&r);) account_row(a, &r, out);
    return err_ok(e);
}

// The rules of customers' addresses do not fit: they keep out those of nobody in particular (test@…, info@…), which a
// colleague may well have.
str email_of(arena *a, str raw) {
    str x = str_lower(a, str_trim(raw));
    ptrdiff_t at = str_find(x, '@');
    bool plain =
        x.len <= 254 && at > 0 && (size_t)at + 1 < x.len && str_find(str_sub(x, (size_t)at + 1, x.len), '@') < 0;
    for (size_t i = 0; plain && i < x.len; i++) plain = (unsigned char)x.s[i] > ' ' && x.s[i] != 127 && x.s[i] != '<';
    return plain && str_utf8_ok(x) ? x : S("");
}

// ---- making and changing them ----

bool account_make(desk *d, str email, str name, str role, int64_t *account_id, err *e) {
    int64_t added = 0;
    uint64_t needs;
    str known = email.len ? email_of(d->a, email) : email;
    if (email.len && !known.len)
        return fail(e, ERR_invalid, "'%.*s' is no e-mail address", (int)MIN(email.len, 60), email.s);
    if (name.len > 200) return fail(e, ERR_invalid, "a name has at most 200 bytes");
    if (!role_needs(role, &needs))
        return fail(e, ERR_invalid, "there is no role '%.*s'; take owner, manager, agent or viewer",
                    (int)MIN(role.len, 60), role.s);
    if (!ledger_id(know_ledger(d->k), account_id, e) ||
        !store_run(d->s, Q_account_put, &added, e, "ittti", *account_id, known, name, role, d->w->now_us(d->w)))
        return false;
    return added || fail(e, ERR_conflict, "there is an account for '%.*s' already", (int)MIN(known.len, 60), known.s);
}

bool account_set(desk *d, const account *was, str name, str role, enum account_state state, err *e) {
    int64_t others = 0;
    bool owned = was->state == ACCOUNT_ACTIVE && str_eq(was->role, S("owner"));
    bool owns = state == ACCOUNT_ACTIVE && str_eq(role, S("owner"));
    if (owned && !owns) {
        if (!store_int(d->s, Q_account_owners, &others, 0, e, "i", was->id)) return false;
        if (!others)
            return fail(e, ERR_conflict, "'%.*s' is the only owner; make another account owner first",
                        (int)MIN(was->email.len, 60), was->email.s);
    }
    if (state == ACCOUNT_DISABLED && (!store_run(d->s, Q_session_end_all, NULL, e, "ib", was->id, S("")) ||
                                      !store_run(d->s, Q_invite_drop_all, NULL, e, "i", was->id)))
        return false;
    return store_run(d->s, Q_account_change, NULL, e, "itti", was->id, name, role, (int64_t)state);
}

bool account_forget_totp(desk *d, int64_t id, err *e) {
    return store_run(d->s, Q_account_totp_off, NULL, e, "i", id);
}

// ---- links ----

bool invite_make(desk *d, int64_t account_id, const char *purpose, int64_t minutes, str *token, err *e) {
    int64_t now = d->w->now_us(d->w);
    *token = token_new(d->a, d->w, "");
    return store_run(d->s, Q_invite_clear, NULL, e, "i", now) &&
           store_run(d->s, Q_invite_drop, NULL, e, "it", account_id, str_c(purpose)) &&
           store_run(d->s, Q_invite_put, NULL, e, "biti", token_hash(d->a, *token), account_id, str_c(purpose),
                     now + minutes * 60 * 1000000);
}

bool invite_get(arena *a, store *s, str token, int64_t now_us, int64_t *account_id, str *purpose, err *e) {
    *account_id = 0, *purpose = S("");
    for (row r = store_query(s, Q_invite_get, e, "bi", token_hash(a, token), now_us); row_next(&r);)
        *account_id = row_int(&r, 0), *purpose = str_dup(a, row_str(&r, 1));
    return err_ok(e);
}

bool invite_use(desk *d, str token, err *e) {
    int64_t used = 0;
    if (!store_run(d->s, Q_invite_use, &used, e, "bi", token_hash(d->a, token), d->w->now_us(d->w))) return false;
    return used || fail(e, ERR_conflict, "this link was used already");
}

bool owner_link(desk *d, const char *purpose, int64_t minutes, str *token, err *e) {
    int64_t active = 0, owner = 0;
    *token = S("");
    bool first = !strcmp(purpose, "welcome");
    if (!store_int(d->s, Q_account_active, &active, 0, e, "") || !store_int(d->s, Q_account_owner, &owner, 0, e, ""))
        return false;
    if (first && active) return true;
    if (!owner && !account_make(d, S(""), S(""), S("owner"), &owner, e)) return false;
    return invite_make(d, owner, purpose, minutes, token, e);
}
