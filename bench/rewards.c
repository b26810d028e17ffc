// How long it takes to fold the entries of points of many customers, and to read all balances, beside a bare SQL sum
// over the same rows. Usage: rewards [ENTRIES [STORE]].
#include "base/civil.h"
#include "base/rng.h"
#include "know/reward.h"
#include "sql/act_reward.h"
#include "sql/know.h"

enum { PART = 50000, EACH = 20 };

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// Twenty entries for each customer over two years: thirteen gains, six times something is spent, one reversal.
static bool fill(store *s, int64_t n, int64_t now, err *e) {
    rng g = rng_seed(5);
    for (int64_t i = 0; i < n; i++) {
        if (i % PART == 0 && !store_begin(s, e)) return false;
        int64_t who = i / EACH + 1, k = i % EACH, at = now - (730 - k * 36) * DAY_US - rng_range(&g, 0, DAY_US - 1);
        enum reward_what what = k == EACH - 1 ? REWARD_reverse : k % 3 == 2 ? REWARD_redeem : REWARD_earn;
        int64_t points = what == REWARD_earn ? rng_range(&g, 10, 100) : -rng_range(&g, 10, 120);
        int64_t until = what == REWARD_earn ? at + 365 * DAY_US : 0, none = 0;
        if (k == 0 && !store_run(s, Q_profile_put, NULL, e, "iiititititi", who, who, (int64_t)1, S(""), (int64_t)0,
                                 S(""), (int64_t)0, S(""), (int64_t)0, S(""), (int64_t)0))
            return false;
        if (!store_run(s, Q_reward_entry_put, NULL, e, "iiiiiiiiiiiiiiittiii", who, at, i + 1, i + 1, (int64_t)1,
                       (int64_t)what, none, points, what == REWARD_reverse ? i - 1 : none, none, none, none, at, until,
                       (int64_t)1, S("for an order"), S(""), none, none, none))
            return false;
        if ((i % PART == PART - 1 || i + 1 == n) && !store_commit(s, e)) return false;
    }
    return store_optimize(s, e);
}

static bool read_rows(store *s, enum query q, int64_t *sum, int64_t *rows, err *e) {
    *sum = *rows = 0;
    for (row r = store_query(s, q, e, ""); row_next(&r); ++*rows) *sum += row_int(&r, 1);
    return err_ok(e);
}

static bool run(const char *where, int64_t n, err *e) {
    const int64_t now = INT64_C(1793577600000000);
    store *s = NULL;
    int64_t sum, rows, bare_sum, bare_rows;
    if (!store_open(&s, str_c(where), (store_opts){.create = true, .cache_mb = 512}, e) || !store_lock(s, 0, e) ||
        !fill(s, n, now, e))
        return store_close(s), false;
    double start = seconds();
    bool ok = store_begin(s, e) && reward_all_anew(s, e) && store_commit(s, e);
    double folded = seconds() - start, best = 1e9, bare = 1e9;
    start = seconds();
    ok = ok && store_begin(s, e) && reward_all_anew(s, e) && store_commit(s, e);
    double again = seconds() - start;
    for (int i = 0; ok && i < 5; i++) {
        start = seconds();
        ok = read_rows(s, Q_reward_bare_sum, &bare_sum, &bare_rows, e);
        double middle = seconds();
        ok = ok && read_rows(s, Q_reward_balances, &sum, &rows, e);
        double end = seconds();
        bare = middle - start < bare ? middle - start : bare, best = end - middle < best ? end - middle : best;
    }
    if (ok)
        printf("%" PRId64 " entries of %" PRId64
               " customers: folded in %.2f s (%.0f a second), folded again with nothing to "
               "write in %.2f s; all balances in %.3f s, a bare sum in %.3f s: %.2f\n",
               n, rows, folded, (double)n / folded, again, best, bare, best / bare);
    store_close(s);
    return ok;
}

int main(int argc, char **argv) {
    err e = {0};
    int64_t n = 1000000;
    if (argc > 1 && !str_i64(str_c(argv[1]), &n)) return 2;
    if (run(argc > 2 ? argv[2] : ":memory:", n, &e)) return 0;
    fprintf(stderr, "%s\n", e.msg);
    return 1;
}
