// What telling stages costs, and what counting them does: stages STORE. Everybody is told anew in the store itself, so
// take a copy. Seconds of the processor.
#include <time.h>

#include "know/stage_figures.h"
#include "sql/know_stage.h"
#include "store/store.h"

static double cpu_s(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

static bool tell(store *s, int64_t now_us, int64_t *told, err *e) {
    for (size_t n = 1; n; *told += (int64_t)n) {
        arena a = arena_open((size_t)1 << 30);
        stage_batch *b;
        bool ok = stage_read(&a, s, now_us, &b, &n, e) && store_begin(s, e) && (!n || stage_store(s, b, e)) &&
                  store_commit(s, e);
        arena_close(&a);
        if (!ok) return false;
    }
    return true;
}

static bool run(store *s, int64_t now_us, err *e) {
    arena a = arena_open((size_t)1 << 32);
    journey j;
    stages_figures f;
    int64_t told = 0;
    if (!stage_begin(s, now_us, e) || !store_begin(s, e) || !store_run(s, Q_stage_touch_all, NULL, e, "") ||
        !store_commit(s, e))
        return false;
    double from = cpu_s();
    if (!tell(s, now_us, &told, e)) return false;
    printf("told       %8" PRId64 " customers and words in %6.2f s\n", told, cpu_s() - from);
    from = cpu_s();
    if (!journey_read(&a, s, &j, e) ||
        !stage_count(&a, s, &j, now_us - INT64_C(365) * 86400 * 1000000, now_us, now_us, &f, e))
        return false;
    printf("counted    %8" PRId64 " words of a year in  %6.2f s\n", f.words, cpu_s() - from);
    arena_close(&a);
    return true;
}

int main(int argc, char **argv) {
    store *s;
    err e = {0};
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (argc != 2) return fprintf(stderr, "write stages STORE\n"), 2;
    bool ok = store_open(&s, str_c(argv[1]), (store_opts){0}, &e) && store_lock(s, 1000, &e);
    if (ok) ok = run(s, (int64_t)t.tv_sec * 1000000, &e), store_close(s);
    if (!ok) fprintf(stderr, "stages: %s\n", e.msg);
    return !ok;
}
