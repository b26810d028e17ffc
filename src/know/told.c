#include "know/told.h"
#include "sql/act.h"
#include "sql/know.h"

bool told_ident(arena *a, store *s, int64_t customer, ident *out, bool *any, err *e) {
    enum strength best = STRENGTH_WEAK;
    *out = (ident){0};
    if (any) *any = false;
    if (!customer) return true;
    for (row p = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&p);) {
        if (any) *any = true;
        for (row r = store_query(s, Q_identifier_of_profile, e, "i", row_int(&p, 0)); row_next(&r);) {
            enum ident_kind kind = (enum ident_kind)row_int(&r, 0);
            if (ident_strength(kind) <= best) continue;
            *out = (ident){kind, str_dup(a, row_str(&r, 1))}, best = ident_strength(kind);
        }
    }
    return err_ok(e);
}

bool told_named(arena *a, store *s, int64_t customer, ident *out, err *e) {
    bool any;
    if (!told_ident(a, s, customer, out, &any, e)) return false;
    if (!any) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    return out->kind ||
           fail(e, ERR_conflict, "customer %" PRId64 " has no identifier by which they could be named", customer);
}

bool told_is_sample(store *s, int64_t customer, bool *sample, err *e) {
    int64_t real = 0, made_up = 0;
    *sample = false;
    if (!customer) return true;
    for (row r = store_query(s, Q_customer_sources, e, "i", customer); row_next(&r);)
        real = row_int(&r, 0), made_up = row_int(&r, 1);
    *sample = made_up && !real;
    return err_ok(e);
}

bool told_place_of(ledger *l, str name, bool sample, int64_t *source, int64_t *import, err *e) {
    str of = sample ? S("sample-heed") : S("heed");
    if (!ledger_source(l, of, S("heed"), CHANNEL_staff, sample, source, e) ||
        !store_int(ledger_store(l), Q_import_of_name, import, 0, e, "it", *source, name))
        return false;
    return *import || ledger_import_begin(l, *source, name, S(""), import, e);
}

bool told_place(ledger *l, str name, int64_t customer, int64_t *source, int64_t *import, err *e) {
    bool sample;
    return told_is_sample(ledger_store(l), customer, &sample, e) && told_place_of(l, name, sample, source, import, e);
}
