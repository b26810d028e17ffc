#include "act/hardship.h"

typedef struct {
    const char *name;
    uint32_t state;
    int days, most_days;
} hardship_row;

static const hardship_row kinds[HARDSHIP_KINDS] = {
    [HARDSHIP_none] = {"none", 0, 0, 0},
#define HARDSHIP(name, id, state, days, most, text) [HARDSHIP_##name] = {#name, state, days, most},
#include "act/hardships.def"
};

const char *hardship_kind_name(enum hardship_kind k) {
    return k < HARDSHIP_KINDS ? kinds[k].name : kinds[HARDSHIP_none].name;
}

enum hardship_kind hardship_kind_of(str name) {
    for (enum hardship_kind k = 1; k < HARDSHIP_KINDS; k++)
        if (str_eq(name, str_c(kinds[k].name))) return k;
    return HARDSHIP_none;
}

bool hardship_states(store *s, const int64_t *profiles, size_t n, int64_t now_us, uint32_t *states, int64_t *until_us,
                     err *e) {
    int64_t until = 0;
    bool for_ever = false;
    *states = 0;
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(s, Q_hardship_holds, e, "ii", profiles[i], now_us); row_next(&r);) {
            int64_t kind = row_int(&r, 0);
            if (kind > 0 && kind < HARDSHIP_KINDS) *states |= kinds[kind].state;
            for_ever |= row_null(&r, 1);
            until = MAX(until, row_int(&r, 1));
        }
    if (until_us) *until_us = for_ever ? 0 : until;
    return err_ok(e);
}
