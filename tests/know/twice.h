// twice: people that two sources know, some of them by both, without an identifier in common.
#ifndef HEED_TWICE_H
#define HEED_TWICE_H

#include "know/rig.h"

enum { PEOPLE = 500 };

static const char *const given[] = {"Anna",   "Jürgen", "María",  "Peter", "Paul",   "Ada",   "John",  "Elisabeth",
                                    "Tom",    "Sophie", "Miguel", "Lena",  "Karl",   "Ruth",  "Oskar", "Inés",
                                    "Frieda", "Georg",  "Clara",  "Hugo",  "Emilia", "Bruno", "Nora",  "Felix"};

typedef struct {
    arena a;
    event *evs; // identify events, two of some people, from two sources' ways of writing
    int *person;
    size_t n;
} crowd;

static inline str letters(crowd *c, rng *r, int n) {
    char *s = make(&c->a, char, n + 1);
    for (int i = 0; i < n; i++) s[i] = (char)("bdfgklmnprst"[rng_range(r, 0, 11)]);
    for (int i = 1; i < n; i += 2) s[i] = "aeiou"[rng_range(r, 0, 4)];
    s[0] = (char)(s[0] - 'a' + 'A');
    return (str){s, (size_t)n};
}

static inline event person_event(crowd *c, int who, bool again, str name, str born, str address, str email) {
    event ev =
        event_of(KIND_identify, (100 + who) * DAY_US + again, str_z(&c->a, str_fmt(&c->a, "i%d.%d", who, again)));
    ev = from(ev, IDENT_user_id, str_z(&c->a, str_fmt(&c->a, "%d", again ? 100000 + who : who + 1)));
    if (email.len) ev = from(ev, IDENT_email_unverified, str_z(&c->a, email));
    ev.name = name, ev.born = born, ev.address = address;
    return ev;
}

// The second time some write another e-mail, a short name, or have moved. The user ids differ, but the second ones are
// of no kind that is unique.
static inline crowd crowd_of(uint64_t seed) {
    crowd c = {.a = arena_open(64 << 20)};
    rng r = rng_seed(seed);
    c.evs = make(&c.a, event, 2 * PEOPLE), c.person = make(&c.a, int, 2 * PEOPLE);
    for (int i = 0; i < PEOPLE; i++) {
        str first = str_c(given[rng_range(&r, 0, 23)]), last = letters(&c, &r, (int)rng_range(&r, 5, 8));
        str born = str_fmt(&c.a, "%d-%02d-%02d", (int)rng_range(&r, 1940, 2004), (int)rng_range(&r, 1, 12),
                           (int)rng_range(&r, 1, 28));
        str address = str_fmt(&c.a, "%.*s street %d\n%05d\nLeipzig", STR_ARG(letters(&c, &r, 6)),
                              (int)rng_range(&r, 1, 90), (int)rng_range(&r, 10000, 10400));
        str email = str_fmt(&c.a, "%.*s.%.*s@example.org", STR_ARG(str_lower(&c.a, letters(&c, &r, 6))),
                            STR_ARG(str_lower(&c.a, last)));
        c.person[c.n] = i;
        c.evs[c.n++] =
            person_event(&c, i, false, str_fmt(&c.a, "%.*s %.*s", STR_ARG(first), STR_ARG(last)), born, address, email);
        if (!rng_chance(&r, 0.4)) continue;
        if (rng_chance(&r, 0.3)) email = S("");
        if (rng_chance(&r, 0.3)) born = S("");
        if (rng_chance(&r, 0.2))
            address = str_fmt(&c.a, "New road %d\n%05d\nLeipzig", (int)rng_range(&r, 1, 90),
                              (int)rng_range(&r, 10000, 10400));
        c.person[c.n] = i;
        c.evs[c.n] =
            person_event(&c, i, true, str_fmt(&c.a, "%.*s, %.*s", STR_ARG(last), STR_ARG(first)), born, address, email);
        c.evs[c.n].ids[0].kind = IDENT_freshdesk_id;
        c.n++;
    }
    return c;
}

// The same people under other numbers, later.
static inline void come_later(crowd *late) {
    for (size_t i = 0; i < late->n; i++) {
        bool again = late->evs[i].ids[0].kind == IDENT_freshdesk_id;
        late->evs[i].ids[0].value =
            str_fmt(&late->a, "%s%.*s", again ? "9" : "7777", STR_ARG(late->evs[i].ids[0].value));
        late->evs[i].ext = str_fmt(&late->a, "late:%.*s", STR_ARG(late->evs[i].ext));
        late->evs[i].at_us += 1000 * DAY_US;
    }
}

#endif
