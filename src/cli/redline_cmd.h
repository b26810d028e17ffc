// What the files of heed redline and heed approval share: options, and figures as people write them.
#ifndef HEED_REDLINE_CMD_H
#define HEED_REDLINE_CMD_H

#include "base/money.h"
#include "cli/desk.h"
#include "cli/say.h"
#include "decide/approval.h"
#include "decide/envelope.h"
#include "know/fold.h"
#include "know/person.h"
#include "know/segment.h"

typedef struct {
    str kind, limit, currency, period, product, channel, role, measure, signer, why, name, from, until, segment;
    strs of;
    bool below, all;
    str customer, price, discount, cost, service, amount, promise, due, reason; // what is asked
    int64_t units;
    str hour_rate, contact_minutes, contact_cost, return_cost, agents, channels; // economics
    str most, review;                                                            // envelopes
    int64_t times, hours;
    str share, since;
    bool html;
} redline_opts;

// A command at hand, with a store to read.
typedef struct {
    cli *c;
    const redline_opts *o;
    store *s;
    settings set;
    zone *z;
    int64_t now_us;
} redline_at;

must_use bool redline_begin(redline_at *x, store *s, err *e); // settings, zone and clock
str redline_me(const cli *c);                                 // who runs the command
// "15%", "15 %" or "1500 bp" in hundredths of a percent.
must_use bool percent_in(const char *option, str x, int64_t *bp, err *e);
must_use bool money_in(const redline_at *x, const char *option, str text, int64_t *minor, int32_t *unit, err *e);
must_use bool customer_in(const redline_at *x, str text, int64_t *id, err *e); // a number, "customer:17", or words
must_use bool segment_in(const redline_at *x, str text, int64_t *id, err *e);

void answer_say(const redline_at *x, const redline_answer *says); // for people
must_use bool redline_check_run(redline_at *x, err *e);
must_use bool redline_near_run(redline_at *x, err *e);
must_use bool redline_sheet_run(redline_at *x, err *e);
must_use bool redline_cost_run(redline_at *x, err *e);
must_use bool redline_economics_run(cli *c, const redline_opts *o, err *e);
must_use bool redline_envelope_run(cli *c, const redline_opts *o, err *e);

#endif
