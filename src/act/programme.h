// programme: the rules by which points are given: how many, for what, what a point is worth, how long it lasts, and how
// many a customer can get in a day.
//
// A programme is kept in versions that never change. It rewards that something was done, never what was said: a rule
// that asks for a score, a mood or a complaint, and words that ask for praise, are refused (16 CFR 465.4; F36). A
// programme for reviews names the disclosure that has to stand beside a review that was rewarded (16 CFR 465.7).
#ifndef HEED_PROGRAMME_H
#define HEED_PROGRAMME_H

#include "base/civil.h"
#include "base/money.h"
#include "know/segment.h"

enum earned_by { EARNED_NONE, EARNED_ORDER, EARNED_REVIEW, EARNED_ANSWER, EARNED_REFERRAL, EARNED_BY };
enum rounding { ROUND_DOWN, ROUND_NEAREST, ROUND_UP, ROUNDINGS };
enum earned_by earned_by_of(str name);
bool rounding_of(str name, enum rounding *r);

typedef struct {
    int64_t id, version;
    str name;
    enum earned_by earned_by;
    int32_t currency; // of the money, and of what a point is worth
    int64_t rate;     // thousandths of a point: for one unit of the currency (orders), or for each
    enum rounding rounding;
    int64_t worth;                  // of a point, in thousandths of a minor unit
    int32_t wait_days, expiry_days; // civil days in the store's zone; expiry 0: never
    int64_t day_points;             // most for a customer and day, 0: any
    int32_t day_times;              // how often at most, 0: any
    str condition;                  // a rule over customers; empty: everybody
    str disclosure;
    int64_t from_us, until_us; // of what happened in this time; until 0: open
    bool on, sample;
    str by;
    int64_t made_us; // of this version
} programme;

// Every programme as it stands now, by number.
must_use bool programme_list(arena *a, store *s, programme **out, size_t *n, err *e);
// All versions, the newest first; false with e clear when there is none.
must_use bool programme_versions(arena *a, store *s, int64_t id, programme **out, size_t *n, err *e);
must_use bool programme_get(arena *a, store *s, int64_t id, programme *out, err *e); // ERR_not_found
// In a transaction of the writer. id 0: a new one; else another version of it. Fills id, version and made_us.
// ERR_invalid names the field; ERR_conflict when a red line says no.
must_use bool programme_put(ledger *l, arena *a, programme *x, const char **field, err *e);

// Points for so much money: exact, then rounded as the programme says. Never below zero.
int64_t programme_points(const programme *x, int64_t minor);
// What points are worth, in minor units of its currency, rounded to the nearest.
int64_t programme_worth(const programme *x, int64_t points);
// When points that were earned at a time can be spent, and when they are over (0: never).
void programme_times(const programme *x, const zone *z, int64_t at_us, int64_t *from_us, int64_t *until_us);
void programme_json(json_out *j, const char *key, const programme *x);
str programme_words(arena *a, const programme *x); // "2 points for 1 EUR, 0.01 EUR each, for 365 days"

// Words about a reward must not ask for praise. ERR_invalid.
must_use bool reward_words_fair(const char *field, str words, err *e);

#endif
