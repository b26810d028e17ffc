// Times how a log of purchases becomes summaries.
//
//   value_log make ROWS   a made-up log as CSV: a row each for customers who come and leave at their own paces
//   value_log read FILE           CSV to summaries: seconds of the processor, and the peak of memory
#include "base/civil.h"
#include "base/rng.h"
#include "listen/log_file.h"
#include "stats/purchase.h"

#include <sys/resource.h>

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// In the order of days, as a shop's log is: who buys on a day is drawn anew for each row.
static int make_log(int64_t rows) {
    rng r = rng_seed(1);
    int32_t first = 18262; // 2020-01-01
    printf("customer_id,date,amount\n");
    for (int64_t i = 0; i < rows; i++) {
        // Few buy often: the number is a power of an even draw.
        double u = rng_unit(&r);
        int64_t who = (int64_t)(u * u * (double)rows / 4);
        ymd d = ymd_of(first + (int32_t)(i * 1461 / rows));
        printf("%08" PRId64 ",%04d-%02d-%02d,%d.%02d\n", who, d.year, d.month, d.day, (int)rng_range(&r, 1, 200),
               (int)rng_range(&r, 0, 99));
    }
    return 0;
}

static int read_log(const char *path) {
    arena a = arena_open((size_t)1 << 36);
    err e = {0};
    log_file f;
    double start = seconds();
    if (!log_read(&a, path, &(log_opts){0}, &f, &e)) return fprintf(stderr, "value_log: %s\n", e.msg), 1;
    double read = seconds();
    purchase_log log = {.n = f.n, .customers = f.customers, .who = f.who, .day = f.day, .amount = f.amount};
    purchase_people p = purchase_summarise(&a, &log, (purchase_window){0}, NULL);
    double end = seconds();
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    printf("{\"what\":\"log to "
           "summaries\",\"rows\":%zu,\"customers\":%zu,\"read_s\":%.3f,\"summarise_s\":%.3f,\"seconds\":%.3f,"
           "\"peak_mb\":%ld}\n",
           f.n, p.n, read - start, end - read, end - start, u.ru_maxrss / 1024);
    log_close(&f);
    return 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 2 ? argv[1] : "";
    if (strcmp(what, "make") == 0) return make_log(strtol(argv[2], NULL, 10));
    if (strcmp(what, "read") == 0) return read_log(argv[2]);
    return fprintf(stderr, "usage: value_log make ROWS | read FILE\n"), 2;
}
