// What asking the red lines costs, beside one bare read of the customer's row. Usage: redlines [CHECKS [check|bare]]:
// with a word only that is run, for counting its instructions.
#include <math.h>

#include "base/civil.h"
#include "base/rng.h"
#include "decide/concession.h"
#include "decide/cost.h"
#include "know/rebuild.h"
#include "know/segment.h"
#include "know/stages.h"
#include "sql/know.h"
#include "sql/store.h"

enum { PEOPLE = 2000, LINES = 20, GIVEN = 3000, ROUNDS = 21, EUR = 978 };
#define NOW INT64_C(1793577600000000) // 2026-11-02

typedef struct {
    store *s;
    knowing *k;
    world w;
    int64_t now;
    int64_t people[PEOPLE];
    size_t n_people;
    arena a;
    int groups; // lines for a segment
} shop;

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// ---- a shop with customers, lines, and a month in which much was given ----

static bool orders(shop *b, err *e) {
    int64_t source, import;
    tally t;
    ledger *l = know_ledger(b->k);
    enum { EACH = 10 };
    event *evs = make(&b->a, event, PEOPLE * EACH);
    int32_t *rows = make(&b->a, int32_t, PEOPLE * EACH);
    for (int i = 0; i < PEOPLE * EACH; i++) {
        evs[i] = (event){.kind = i % EACH ? KIND_order : KIND_message_in,
                         .channel = CHANNEL_email,
                         .at_us = NOW - (i * 7919 % 400 + 1) * DAY_US,
                         .ext = str_fmt(&b->a, "e%d", i),
                         .value = 1000 + i % 9000,
                         .has_value = i % EACH != 0,
                         .unit = EUR,
                         .mood = MOOD_UNKNOWN};
        if (!(i % EACH)) evs[i].thread = evs[i].ext, evs[i].text = S("where is it?"), evs[i].unit = 0;
        evs[i].ids[evs[i].n_ids++] = (ident){IDENT_user_id, str_fmt(&b->a, "u%d", i / EACH)};
        rows[i] = i;
    }
    intake in = {.events = evs, .row_of = rows, .n = PEOPLE * EACH, .rows = PEOPLE * EACH};
    if (!ledger_source(l, S("shop"), S("bench"), CHANNEL_shop, false, &source, e) ||
        !ledger_import_begin(l, source, S("bench"), S("{}"), &import, e) || !ledger_write(l, import, &in, &t, e) ||
        !ledger_import_end(l, import, e))
        return false;
    for (row r = store_query(b->s, Q_summary_scan, e, ""); row_next(&r);)
        if (b->n_people < PEOPLE) b->people[b->n_people++] = row_int(&r, 0);
    return err_ok(e);
}

static bool segments(shop *b, err *e) {
    segment_rule *rule;
    char place[SEGMENT_FIELD_LEN];
    const char *field;
    for (int i = 0; i < b->groups; i++) {
        segment_row group = {.name = str_fmt(&b->a, "group %c", 'a' + i), .by = S("bench")};
        if (!segment_read_text(&b->a, b->s, S("orders >= 3 and days_since_order <= 90"), 0, &rule, place, e) ||
            !segment_put(know_ledger(b->k), &group, rule, NOW, e))
            return false;
        redline x = {
            .name = group.name, .kind = REDLINE_discount, .limit = 2500, .segment = group.id, .by = S("bench")};
        if (!redline_put(know_ledger(b->k), b->a, &x, &field, e)) return false;
    }
    return true;
}

static bool lines(shop *b, err *e) {
    static const redline kinds[] = {{.kind = REDLINE_margin, .limit = 1000},
                                    {.kind = REDLINE_discount, .limit = 3000},
                                    {.kind = REDLINE_amount, .limit = 500000},
                                    {.kind = REDLINE_budget, .limit = INT64_C(1000000000), .period = PERIOD_MONTH},
                                    {.kind = REDLINE_times, .limit = 1000, .period = PERIOD_MONTH}};
    const char *field;
    economics eco = {.cost_bp = 6000, .hour_rate = 3600, .contact_s = 300, .currency = EUR, .by = S("bench")};
    if (!economics_put(know_ledger(b->k), &eco, &field, e)) return false;
    for (int i = 0; i < LINES; i++) {
        redline x = kinds[i % (int)COUNT(kinds)];
        x.name = str_fmt(&b->a, "line %c", 'a' + i), x.currency = EUR, x.by = S("bench");
        if (!redline_put(know_ledger(b->k), b->a, &x, &field, e)) return false;
    }
    return b->groups == 0 || segments(b, e);
}

static bool given(shop *b, err *e) {
    for (int i = 0; i < GIVEN; i++) {
        arena a = b->a;
        concession_made m;
        concession_new n = {.ask = {.kind = CONCEDE_grant,
                                    .amount = 100 + i % 900,
                                    .currency = EUR,
                                    .customer = b->people[(size_t)i % b->n_people]}};
        if (!concession_reserve(know_ledger(b->k), &a, &n, &m, e)) return false;
        if (m.state == CONCESSION_RESERVED && i % 10 && !concession_commit(know_ledger(b->k), &a, m.id, S("x"), e))
            return false;
    }
    return true;
}

static bool fill(shop *b, err *e) {
    b->now = NOW, b->w = world_fixed(&b->now), b->a = arena_open((size_t)1 << 32);
    return store_open(&b->s, S(":memory:"), (store_opts){.create = true}, e) && store_lock(b->s, 0, e) &&
           store_run(b->s, Q_meta_put, NULL, e, "tt", S("zone"), S("Europe/Berlin")) &&
           know_open(&b->k, b->s, &b->w, NULL, e) && orders(b, e) && store_begin(b->s, e) && lines(b, e) &&
           given(b, e) && ledger_commit(know_ledger(b->k), e) && store_optimize(b->s, e);
}

// ---- what is measured ----

static bool check(shop *b, int64_t i, err *e) {
    arena a = b->a;
    redline_answer says;
    concession_ask ask = {.kind = CONCEDE_discount,
                          .customer = b->people[(size_t)i % b->n_people],
                          .currency = EUR,
                          .price = -1,
                          .discount_bp = 500 + i % 4 * 400,
                          .cost = -1,
                          .service = -1};
    return redline_check(&a, b->s, &ask, NOW, &says, e) && says.n_asked > 0;
}

// Refused: what would pass is looked for, and put to the lines again.
static bool refused(shop *b, int64_t i, err *e) {
    arena a = b->a;
    redline_answer says;
    concession_ask ask = {.kind = CONCEDE_discount,
                          .customer = b->people[(size_t)i % b->n_people],
                          .currency = EUR,
                          .price = 10000,
                          .discount_bp = 5000,
                          .cost = 6000};
    return redline_check(&a, b->s, &ask, NOW, &says, e) && says.n_instead > 0;
}

static bool bare(shop *b, int64_t i, err *e) {
    int64_t sum = 0;
    for (row r = store_query(b->s, Q_summary_get, e, "i", b->people[(size_t)i % b->n_people]); row_next(&r);)
        sum += row_int(&r, 6);
    return err_ok(e) && sum > 0;
}

static double timed(shop *b, bool (*fn)(shop *, int64_t, err *), int64_t n, err *e) {
    double start = cpu();
    for (int64_t i = 0; i < n && err_ok(e); i++)
        if (!fn(b, i, e)) return NAN;
    return (cpu() - start) / (double)n * 1e6;
}

static int rising(const void *x, const void *y) {
    return (*(const double *)x > *(const double *)y) - (*(const double *)x < *(const double *)y);
}

typedef bool (*piece)(shop *, int64_t, err *);

// In pairs, because others use the machine too.
static bool compare(shop *b, const char *what, piece fn, int64_t n, err *e) {
    double us[2][ROUNDS], ratio[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        us[0][i] = timed(b, fn, n / 10 + 1, e), us[1][i] = timed(b, bare, n / 10 + 1, e);
        ratio[i] = us[0][i] / us[1][i];
    }
    if (!err_ok(e)) return false;
    qsort(us[0], ROUNDS, sizeof(double), rising), qsort(us[1], ROUNDS, sizeof(double), rising);
    qsort(ratio, ROUNDS, sizeof(double), rising);
    printf(
        "%s, %d lines of which %d are for segments: %.0f µs of processor time, a bare read %.1f µs, %.0f times that; "
        "%.0f a second\n",
        what, LINES + b->groups, b->groups, us[0][ROUNDS / 2], us[1][ROUNDS / 2], ratio[ROUNDS / 2],
        1e6 / us[0][ROUNDS / 2]);
    return true;
}

int main(int argc, char **argv) {
    err e = {0};
    int64_t n = 2000;
    if (argc > 1 && !str_i64(str_c(argv[1]), &n)) return 2;
    for (int groups = 0; groups <= (argc > 2 ? 0 : 5); groups += 5) {
        shop b = {.groups = groups};
        bool ok = fill(&b, &e);
        if (ok && argc > 2)
            ok = !isnan(timed(&b, strcmp(argv[2], "bare") ? check : bare, n, &e));
        else
            ok = ok && compare(&b, "allowed", check, n, &e) && compare(&b, "refused", refused, n, &e);
        if (!ok) return fprintf(stderr, "%s\n", e.msg), 1;
        know_close(b.k);
        store_close(b.s);
        arena_close(&b.a);
    }
    return 0;
}
