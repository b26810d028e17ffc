// What the files of heed reward share: options, and writing with the store held.
#ifndef HEED_REWARD_CMD_H
#define HEED_REWARD_CMD_H

#include "act/reward_show.h"
#include "act/voucher.h"
#include "cli/redline_cmd.h"

typedef struct {
    str why, key, customer, value, percent, least, from, until, order, earned_by, currency, rounding, condition,
        disclosure, programme, name, rate, worth, what;
    int64_t points, wait_days, expiry_days, day_points, day_times, limit; // -1: not said
    bool off, on;
} reward_opts;

typedef struct {
    redline_at at; // c, s, settings, zone, clock
    const reward_opts *o;
    ledger *l; // when it writes
} reward_at;

str reward_points(arena *a, int64_t n); // "1 point", "1,200 points"
// The words after 'heed reward'.
must_use bool reward_list_run(reward_at *x, err *e);
must_use bool reward_show_run(reward_at *x, err *e);
must_use bool reward_liability_run(reward_at *x, err *e);
must_use bool reward_voucher_list(reward_at *x, err *e);
must_use bool reward_voucher_write(reward_at *x, err *e);
must_use bool reward_programme_list(reward_at *x, err *e);
must_use bool reward_programme_write(reward_at *x, err *e);

#endif
