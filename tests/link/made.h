// made: small files of made-up people who are written down more than once, for tests of linking.
#ifndef HEED_TESTS_MADE_H
#define HEED_TESTS_MADE_H

#include "base/rng.h"
#include "link/model.h"

enum { MADE_COLUMNS = 6 };

typedef struct {
    link_head h;
    uint32_t *who; // [h.n_rows]
    str names[MADE_COLUMNS];
} made;

static inline str made_slip(arena *a, rng *r, str x) {
    if (x.len < 3) return x;
    char *s = str_z(a, x);
    const size_t i = (size_t)rng_range(r, 0, (int64_t)x.len - 2);
    if (rng_chance(r, 0.5)) {
        const char c = s[i];
        s[i] = s[i + 1], s[i + 1] = c;
    } else {
        s[i] = (char)('a' + rng_range(r, 0, 25));
    }
    return (str){s, x.len};
}

static inline str made_word(arena *a, rng *r) {
    static const char *const parts[] = {"ka",  "lo", "mi", "ren", "ta", "sol", "ber", "vin",
                                        "dor", "el", "ga", "hu",  "ni", "pas", "qua", "rio"};
    str x = {0};
    for (int k = 0, n = (int)rng_range(r, 2, 3); k < n; k++)
        x = str_cat(a, x, str_c(parts[rng_range(r, 0, (int64_t)COUNT(parts) - 1)]));
    return x;
}

// n rows of about two thirds as many people. Every second cell of some columns is missing.
static inline made made_people(arena *a, uint64_t seed, size_t n) {
    static const char *const given[] = {"robert", "mary",  "william", "anna",   "james",
                                        "susan",  "peter", "laura",   "thomas", "helen"};
    rng r = rng_seed(seed);
    made m = {.names = {S("given_name"), S("surname"), S("dob"), S("city"), S("email"), S("phone")}};
    const str **rows = make(a, const str *, n);
    m.who = make(a, uint32_t, n);
    str person[MADE_COLUMNS] = {{0}};
    uint32_t people = 0;
    for (size_t i = 0; i < n; i++) {
        if (!people || rng_chance(&r, 0.6)) {
            people++;
            person[0] = rng_chance(&r, 0.6) ? str_c(given[rng_range(&r, 0, 9)]) : made_word(a, &r);
            person[1] = made_word(a, &r);
            person[2] = str_fmt(a, "%d-%02d-%02d", (int)rng_range(&r, 1930, 2005), (int)rng_range(&r, 1, 12),
                                (int)rng_range(&r, 1, 28));
            person[3] = rng_chance(&r, 0.3) ? S("springfield") : made_word(a, &r);
            person[4] = str_fmt(a, "%.*s%d@mail.example", STR_ARG(person[1]), (int)rng_range(&r, 1, 9999));
            person[5] = str_fmt(a, "0%d", (int)rng_range(&r, 201000000, 989999999));
        }
        str *row = make(a, str, MADE_COLUMNS);
        for (int c = 0; c < MADE_COLUMNS; c++) {
            row[c] = rng_chance(&r, 0.12) ? made_slip(a, &r, person[c]) : person[c];
            if (rng_chance(&r, c < 2 ? 0.03 : 0.3)) row[c] = (str){0};
        }
        rows[i] = row, m.who[i] = people;
    }
    m.h = (link_head){.n = MADE_COLUMNS, .row = rows, .n_rows = n};
    return m;
}

static inline link_head made_head(made *m) { // once m stays where it is
    m->h.name = m->names;
    return m->h;
}

#endif
