#include <math.h>

#include "stats/purchase_private.h"

// The rows of a log, customer by customer.
typedef struct {
    int32_t day;
    int64_t amount;
} entry;

typedef struct {
    size_t *from; // [customers + 1]
    entry *rows;
    int32_t first, last, end, cut;
    double unit;
    size_t longest;
} ledger_of_days;

static void bounds(const purchase_log *log, purchase_window w, ledger_of_days *l) {
    l->first = INT32_MAX, l->last = INT32_MIN;
    for (size_t i = 0; i < log->n; i++) l->first = MIN(l->first, log->day[i]), l->last = MAX(l->last, log->day[i]);
    l->end = w.end ? w.end : l->last;
    l->cut = l->end - w.hold;
    l->unit = w.unit > 0 ? w.unit : 7;
}

static ledger_of_days sorted_log(arena *a, const purchase_log *log, purchase_window w) {
    ledger_of_days l = {.from = make(a, size_t, (size_t)log->customers + 2)};
    bounds(log, w, &l);
    size_t *next = l.from + 1; // becomes where each customer ends
    for (size_t i = 0; i < log->n; i++) {
        assert(log->who[i] < log->customers);
        if (log->day[i] <= l.end) next[log->who[i] + 1]++;
    }
    for (uint32_t c = 0; c < log->customers; c++) {
        l.longest = MAX(l.longest, next[c + 1]);
        next[c + 1] += next[c];
    }
    l.rows = make(a, entry, next[log->customers]);
    for (size_t i = 0; i < log->n; i++)
        if (log->day[i] <= l.end) l.rows[next[log->who[i]]++] = (entry){log->day[i], log->amount ? log->amount[i] : 1};
    return l;
}

// By day, purchases before refunds.
static int by_day(const void *x, const void *y) {
    const entry *a = x, *b = y;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    return (a->amount < 0) - (b->amount < 0);
}

// Nearly all customers have few rows, in order already.
static void sort_days(entry *e, size_t n) {
    enum { FEW = 32 };
    if (n > FEW) {
        for (size_t i = 1; i < n; i++)
            if (by_day(&e[i - 1], &e[i]) > 0) {
                qsort(e, n, sizeof *e, by_day);
                return;
            }
        return;
    }
    for (size_t i = 1; i < n; i++) {
        entry x = e[i];
        size_t k = i;
        for (; k > 0 && by_day(&e[k - 1], &x) > 0; k--) e[k] = e[k - 1];
        e[k] = x;
    }
}

// Days with a purchase, of one customer. amount is what is left of it; undone: it was sent back in whole.
typedef struct {
    int32_t day;
    bool undone;
    int64_t amount;
} bought;

static void undo(bought *b, purchase_tally *t) {
    b->amount = 0, b->undone = true;
    t->undone++;
}

// Takes a refund off the latest day with exactly its amount, or else off the latest days.
static void refund(bought *b, size_t n, int64_t amount, purchase_tally *t) {
    t->refunds++;
    for (size_t i = n; i-- > 0;) {
        if (b[i].undone || b[i].amount != amount) continue;
        undo(&b[i], t);
        return;
    }
    for (size_t i = n; i-- > 0 && amount > 0;) {
        int64_t taken = MIN(amount, b[i].amount);
        if (b[i].undone || taken <= 0) continue;
        amount -= taken, b[i].amount -= taken;
        if (b[i].amount == 0) undo(&b[i], t);
    }
    t->unmatched += amount > 0;
}

static void take_row(bought *b, size_t *n, entry e, bool gross, purchase_tally *t) {
    if (e.amount < 0) {
        if (!gross) refund(b, *n, -e.amount, t);
    } else if (*n && b[*n - 1].day == e.day && !b[*n - 1].undone) {
        b[*n - 1].amount += e.amount;
    } else {
        b[(*n)++] = (bought){e.day, false, e.amount};
    }
}

typedef struct {
    purchase_people *p;
    int32_t *x, *later;
    double *tx, *T, *spend, *gaps, *later_spend;
    uint32_t *who;
} columns;

static columns columns_of(arena *a, const purchase_log *log, purchase_window w, purchase_people *p) {
    size_t n = log->customers;
    columns c = {.p = p, .x = make(a, int32_t, n), .tx = make(a, double, n), .T = make(a, double, n)};
    c.gaps = make(a, double, n), c.who = make(a, uint32_t, n);
    if (log->amount) c.spend = make(a, double, n);
    if (w.hold > 0) c.later = make(a, int32_t, n);
    if (w.hold > 0 && log->amount) c.later_spend = make(a, double, n);
    return c;
}

// The summary of one customer, as of the cut; false when nothing had been bought by then.
static bool summarise(columns *c, const bought *b, size_t n, uint32_t who, const ledger_of_days *l) {
    size_t i = c->p->n;
    int32_t first = 0, last = 0;
    double money = 0, gaps = 0, x = -1;
    for (size_t k = 0; k < n; k++) {
        if (b[k].undone) continue;
        if (x < 0) first = b[k].day;
        if (x >= 0) gaps += log((b[k].day - last) / l->unit), money += (double)b[k].amount;
        last = b[k].day, x++;
    }
    if (x < 0) return false;
    c->x[i] = (int32_t)x, c->tx[i] = (last - first) / l->unit, c->T[i] = (l->cut - first) / l->unit;
    c->gaps[i] = gaps, c->who[i] = who;
    if (c->spend) c->spend[i] = x > 0 ? money / x : NAN;
    return true;
}

static void count_later(columns *c, const bought *b, size_t n, int32_t cut) {
    for (size_t k = 0; k < n; k++) {
        if (b[k].undone || b[k].day <= cut) continue;
        c->later[c->p->n]++;
        if (c->later_spend) c->later_spend[c->p->n] += (double)b[k].amount;
    }
}

// What is sent back after the cut was not known before, so that the summary is taken first.
static void add_customer(columns *c, entry *e, size_t n, uint32_t who, const ledger_of_days *l, bool gross, bought *b,
                         purchase_tally *t) {
    size_t days = 0, i = 0;
    sort_days(e, n);
    for (; i < n && e[i].day <= l->cut; i++) take_row(b, &days, e[i], gross, t);
    bool known = summarise(c, b, days, who, l);
    for (; i < n; i++) take_row(b, &days, e[i], gross, t);
    if (known && c->later) count_later(c, b, days, l->cut);
    t->later_only += !known && days > 0;
    c->p->n += known;
}

purchase_people purchase_summarise(arena *a, const purchase_log *log, purchase_window w, purchase_tally *tally) {
    purchase_people p = {0};
    purchase_tally t = {0};
    if (tally) *tally = t;
    if (log->n == 0) return p;
    columns c = columns_of(a, log, w, &p);
    arena brief = arena_open(purchase_arena(log->customers, log->n));
    ledger_of_days l = sorted_log(&brief, log, w);
    bought *b = make(&brief, bought, l.longest);
    for (uint32_t i = 0; i < log->customers; i++)
        add_customer(&c, l.rows + l.from[i], l.from[i + 1] - l.from[i], i, &l, log->gross, b, &t);
    t.first = l.first, t.last = l.last;
    p.x = c.x, p.tx = c.tx, p.T = c.T, p.spend = c.spend, p.gaps = c.gaps, p.who = c.who;
    p.later = c.later, p.later_spend = c.later_spend, p.held = w.hold / l.unit;
    if (tally) *tally = t;
    arena_close(&brief);
    return p;
}

void purchase_track_actual(arena scratch, const purchase_log *log, purchase_window w, double step, size_t n,
                           double *cumulative) {
    memset(cumulative, 0, n * sizeof *cumulative);
    if (log->n == 0 || n == 0) return;
    purchase_tally t = {0};
    ledger_of_days l = sorted_log(&scratch, log, w);
    bought *b = make(&scratch, bought, l.longest);
    int32_t origin = INT32_MAX;
    for (uint32_t c = 0; c < log->customers; c++)
        for (size_t i = l.from[c]; i < l.from[c + 1]; i++)
            if (l.rows[i].amount >= 0) origin = MIN(origin, l.rows[i].day);
    for (uint32_t c = 0; c < log->customers; c++) {
        size_t days = 0, first = 0;
        sort_days(l.rows + l.from[c], l.from[c + 1] - l.from[c]);
        for (size_t i = l.from[c]; i < l.from[c + 1]; i++) take_row(b, &days, l.rows[i], log->gross, &t);
        while (first < days && b[first].undone) first++;
        if (first == days || b[first].day > l.cut) continue;
        for (size_t k = first + 1; k < days; k++) {
            size_t at = (size_t)fmax(0, ceil((b[k].day - origin) / l.unit / step) - 1);
            if (!b[k].undone && at < n) cumulative[at]++;
        }
    }
    for (size_t i = 1; i < n; i++) cumulative[i] += cumulative[i - 1];
}
