#include "act/whom.h"

bool whom_ident(arena *a, store *s, int64_t customer, ident *out, err *e) {
    enum strength best = STRENGTH_WEAK;
    *out = (ident){0};
    for (row p = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&p);)
        for (row r = store_query(s, Q_identifier_of_profile, e, "i", row_int(&p, 0)); row_next(&r);) {
            ident x = {(enum ident_kind)row_int(&r, 0), row_str(&r, 1)};
            if (ident_strength(x.kind) <= best) continue;
            best = ident_strength(x.kind);
            *out = (ident){x.kind, str_dup(a, x.value)};
        }
    return err_ok(e);
}
