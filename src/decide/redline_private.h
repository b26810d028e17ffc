// What the files of red lines share: redline.c (names, words, JSON), redline_rows.c (kept lines, what they sum),
// redline_facts.c (what a check has to know), redline_check.c (each kind of line), redline_wins.c, redline_instead.c
// (what would pass) and redline_near.c.
#ifndef HEED_REDLINE_PRIVATE_H
#define HEED_REDLINE_PRIVATE_H

#include "base/civil.h"
#include "base/money.h"
#include "base/words.h"
#include "decide/cost.h"
#include "decide/envelope.h"
#include "decide/redline.h"
#include "know/value.h"

enum { REDLINES_MOST = 1000, MINUTE_US = 60 * 1000000 };

redline redline_read(arena *a, const row *r); // the columns of Q_redline_get
// Does a line speak of such a concession at all, but for its segment?
bool redline_speaks(const redline *x, const concession_ask *ask);

// ---- periods ----

typedef struct {
    int64_t from_us, until_us;
} period_span;
period_span period_at(const zone *z, enum redline_period p, int64_t at_us);
str period_words(enum redline_period p); // "this month"
// The row of the period that is running, begun when there is none yet. In the transaction of the writer.
must_use bool redline_period(store *s, const zone *z, const redline *x, int64_t now_us, period_span *out, err *e);
// Counts what there is in the running period anew: after a change of what a line counts.
must_use bool redline_recount(store *s, arena scratch, const redline *x, int64_t now_us, err *e);

// ---- one check ----

typedef struct {
    int64_t spent, times, held, held_times;
} sums;

typedef struct {
    redline line;
    bool begun; // is there a row of the running period
    period_span period;
    sums all;
    bool person_read;
    sums person;
    int64_t served; // REDLINE_service: what serving them has cost in the period
} standing;

typedef struct {
    int64_t customer;
    bool has_summary;
    int32_t currency;
    int64_t orders, order_value, contacts_in, contacts_out, returns, first_us, last_us, monthly_value;
    uint64_t channels;
    bool has_value;
    value_row value;
} who_is;

typedef struct {
    arena *a;
    store *s;
    int64_t now_us;
    concession_ask ask; // with what was not known filled in
    int32_t home;       // the store's currency
    who_is who;
    uint32_t frictions; // of decide/abuse.h that hold for them
    bool has_economics, has_envelope;
    economics eco;
    envelope env;
    int64_t env_times;
    standing *lines; // that hold, and speak of this concession
    size_t n;
    zone *z;               // once it is needed: opening one costs more than everything else
    const calendar *hours; // office hours, the same
    buf assumed;           // what was taken for granted
    bool words;            // write the arithmetic
    const locale *lang;    // of what is proposed, for a customer to read; NULL: as people of ours read it
    bool next_period;      // as if the running periods were over
    int64_t owed_at, owed; // commitments due by the first
} checking;

must_use bool checking_open(checking *k, arena *a, store *s, const concession_ask *ask, int64_t now_us, err *e);
must_use bool checking_lines(checking *k, err *e); // those that hold, whatever they speak of
must_use bool checking_zone(checking *k, const zone **z, err *e);
must_use bool checking_hours(checking *k, const calendar **c, err *e);
must_use bool checking_person(checking *k, standing *x, err *e); // fills person and served
// What all lines say of an ask that differs from k->ask in its amounts, its units or its date. asked is left empty
// unless k->words.
must_use bool checking_judge(checking *k, const concession_ask *ask, redline_answer *out, err *e);
must_use bool checking_instead(checking *k, redline_answer *out, err *e);
redline_wins checking_wins(checking *k, const concession_ask *ask, const redline_answer *so_far);

str bp_words(arena *a, int64_t bp); // "17.6 %"
str money_words(arena *a, int64_t minor, int32_t currency);
int64_t share_of(int64_t amount, int64_t bp); // rounded half away from zero

#endif
