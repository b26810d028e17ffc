// cohort: of those who began in the same month, how many are still here, or bought again, 0, 1, 2 … months later. Rows
// are the months in which customers began, columns the months since: a triangle.
#ifndef HEED_COHORT_H
#define HEED_COHORT_H

#include "base/civil.h"
#include "know/measure.h"

enum cohort_of {
    // Still with us after so many twelfths of 365 days: Kaplan-Meier within the cohort, by the same stays as the
    // measure
    // still_here (F16). They began with their first contract, or without one with their first purchase.
    COHORT_STILL_HERE,
    COHORT_BOUGHT, // bought in the calendar month that many after that of their first purchase
    COHORTS,
};
bool cohort_of_name(str name, enum cohort_of *of); // "still_here", "bought"
const char *cohort_name(enum cohort_of of);

enum { COHORT_MONTHS = 24, COHORT_MOST = 60 };
typedef struct {
    enum cohort_of of;
    int months;         // how many of the newest months; 0: COHORT_MONTHS
    const id_set *only; // the profiles of a segment; NULL: everybody
    int64_t clock_us;
} cohort_ask;

typedef struct {
    estimate of;
    bool running; // not all of the cohort could get so far yet, or the month runs
} cohort_cell;

typedef struct {
    time_span month;
    int64_t customers;
    cohort_cell *cells; // by months since, from 0 on
    int n_cells;
} cohort_row;

typedef struct {
    const zone *z;
    int64_t now_us; // see as_of_us
    bool historic;
    int32_t silent_days; // COHORT_STILL_HERE: longer silences mean gone, without a contract
    cohort_row *rows;    // from the first month in which anybody began
    int n_rows;
    cohort_row all; // everybody together, whenever they began
} cohorts;

must_use bool cohorts_read(arena *a, store *s, const cohort_ask *ask, cohorts *out, err *e);

#endif
