// A purchase log for benchmarks: order,customer,date,amount in the order of time, over three years; as many customers
// as a tenth of the rows, each drawn alike. The same arguments give the same bytes.
//
//   make_log ROWS > log.csv
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t state = 42;

static uint64_t next(void) { // SplitMix64, Steele, Lea & Flood 2014
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

int main(int argc, char **argv) {
    if (argc != 2) return fprintf(stderr, "usage: make_log ROWS > log.csv\n"), 2;
    int64_t rows = strtoll(argv[1], NULL, 10), customers = rows / 10 > 0 ? rows / 10 : 1;
    const int64_t start = 1672531200, length = 3 * 365 * 86400; // from 2023-01-01
    puts("order_id,customer_id,date,amount");
    for (int64_t i = 0; i < rows; i++) {
        time_t at = (time_t)(start + (int64_t)((double)i / (double)rows * (double)length));
        struct tm t;
        gmtime_r(&at, &t);
        uint64_t cents = 500 + next() % 8500;
        printf("%" PRId64 ",%" PRIu64 ",%04d-%02d-%02d %02d:%02d:%02d,%" PRIu64 ".%02" PRIu64 "\n", i + 1,
               1 + next() % (uint64_t)customers, t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min,
               t.tm_sec, cents / 100, cents % 100);
    }
    return 0;
}
