// bench/burst: what stats/burst.h costs, and how often it is wrong and right on series that are made up.
//
//   burst [speed|null|watch|power …]
//
// speed: 10,000 series of 200 days, beside a bare loop that only sums mean and variance of the same numbers.
// null:  nothing is going on; shares of p below four limits, which should be no more than the limits.
// watch: the same looked at every day, for the alarms that go out by themselves.
// power: the last days speak more; how often that is found, among 1,000 series of which 20 rise.
#include "stats/burst.h"
#include "base/rng.h"
#include "stats/many.h"

#include <math.h>

enum { DAYS = 200 };

// ---- Series that are made up ----

typedef struct {
    const char *name;
    double level, spread, weekend, growth; // per day, ψ, factor of two days in seven, growth in 28 days
    double wave; // standard deviation of a level that wanders, a day like the one before by 0.8
    double past; // factor of 14 days in the middle, 1: none
} kind;

static const kind KINDS[] = {
    {"Poisson 0.1 a day", 0.1, 0, 1, 0, 0, 1},
    {"Poisson 1 a day", 1, 0, 1, 0, 0, 1},
    {"Poisson 10 a day", 10, 0, 1, 0, 0, 1},
    {"quiet weekends, 0.3 a day", 0.3, 0, 0.2, 0, 0, 1},
    {"quiet weekends, 10 a day, psi 0.1", 10, 0.1, 0.2, 0, 0, 1},
    {"psi 0.2, 3 a day", 3, 0.2, 0.5, 0, 0, 1},
    {"psi 1, 1 a day", 1, 1, 0.5, 0, 0, 1},
    {"psi 1, 10 a day", 10, 1, 0.5, 0, 0, 1},
    {"psi 0.2, 100 a day", 100, 0.2, 0.5, 0, 0, 1},
    {"grows by 10 % in 28 days, 5 a day", 5, 0.1, 0.5, 0.1, 0, 1},
    {"shrinks by 20 % in 28 days, 5 a day", 5, 0.1, 0.5, -0.2, 0, 1},
    {"a burst in the past, 5 a day", 5, 0.1, 0.5, 0, 0, 5},
    {"days hang together, 3 a day", 3, 0.05, 0.5, 0, 0.3, 1},
    {"days hang together, 20 a day", 20, 0.05, 0.5, 0, 0.3, 1},
};

static void fill(const kind *k, rng *r, int64_t *people, size_t n, size_t lift, double factor) {
    double wave = rng_normal(r, 0, 1);
    for (size_t t = 0; t < n; t++) {
        double m = k->level * pow(1 + k->growth, ((double)t - DAYS + 28) / 28);
        m *= t % 7 >= 5 ? k->weekend : (7 - 2 * k->weekend) / 5;
        if (t >= n / 2 - 14 && t < n / 2) m *= k->past;
        if (t >= n - lift) m *= factor;
        if (k->wave > 0) {
            m *= exp(k->wave * wave - k->wave * k->wave / 2);
            wave = 0.8 * wave + 0.6 * rng_normal(r, 0, 1);
        }
        if (k->spread > 0) m *= rng_gamma(r, 1 / k->spread, 1 / k->spread);
        people[t] = rng_poisson(r, m);
    }
}

static double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// ---- Speed ----

static void speed(arena a) {
    enum { SERIES = 10000 };
    rng r = rng_seed(1);
    int64_t *people = make(&a, int64_t, (size_t)SERIES * DAYS);
    for (size_t i = 0; i < SERIES; i++) fill(&KINDS[i % COUNT(KINDS)], &r, people + i * DAYS, DAYS, 0, 1);
    double began = cpu_s(), bare = 0;
    for (size_t i = 0; i < SERIES; i++) {
        double sum = 0, square = 0;
        for (size_t t = 0; t < DAYS; t++) {
            double y = (double)people[i * DAYS + t];
            sum += y, square += y * y;
        }
        bare += square - sum * sum / DAYS;
    }
    double loop = cpu_s() - began;
    began = cpu_s();
    burst *b = make(&a, burst, SERIES);
    for (size_t i = 0; i < SERIES; i++)
        b[i] = burst_of(&a, &(burst_series){.people = people + i * DAYS, .n = DAYS, .season = 7});
    double fitted = cpu_s() - began;
    began = cpu_s();
    burst_adjust(a, b, SERIES);
    size_t alarms = burst_alarms(a, b, SERIES, 0);
    double judged = cpu_s() - began;
    began = cpu_s();
    for (size_t i = 0; i < SERIES; i++) {
        arena s = a;
        burst_batches(&s, people + i * DAYS, NULL, b[i].expected, DAYS, (burst_rule){0});
    }
    printf("10,000 series of 200 days: bare loop %.4f s (%.0f), baselines and windows %.2f s, all judged %.3f s (%zu "
           "alarms), automaton %.2f s\n",
           loop, bare, fitted, judged, alarms, cpu_s() - began);
}

// ---- Nothing is going on ----

static void null(arena a) {
    static const double limits[] = {0.05, 0.01, 0.001, 0.0001};
    enum { SERIES = 4000 };
    static const size_t window[] = {1, 3, 7, 28};
    printf("share of p below          0.05    0.01    0.001   0.0001, in windows of 1, 3, 7, 28 days; psi fitted "
           "(middle half); mean e\n");
    for (size_t k = 0; k < COUNT(KINDS); k++) {
        rng r = rng_fork(2, k);
        size_t below[4][4] = {{0}};
        double hang = 0, *psi = make(&a, double, SERIES);
        for (size_t i = 0; i < SERIES; i++) {
            arena s = a;
            int64_t people[DAYS];
            fill(&KINDS[k], &r, people, DAYS, 0, 1);
            burst b = burst_of(&s, &(burst_series){.people = people, .n = DAYS, .season = 7});
            for (size_t w = 0; w < 4; w++) {
                for (size_t l = 0; l < 4; l++) below[w][l] += b.window[w].p <= limits[l];
            }
            psi[i] = b.spread, hang += b.hang;
        }
        double mean = 0;
        for (size_t i = 0; i < SERIES; i++) mean += psi[i] / SERIES;
        printf("%-36s psi fitted %.3f, days hang together %.2f\n", KINDS[k].name, mean, hang / SERIES);
        for (size_t w = 0; w < 4; w++)
            printf("  %2zu days  %.4f  %.4f  %.5f  %.5f\n", window[w], (double)below[w][0] / SERIES,
                   (double)below[w][1] / SERIES, (double)below[w][2] / SERIES, (double)below[w][3] / SERIES);
        fflush(stdout);
    }
}

// ---- Looked at every day ----

// 100 series of one kind, and all kinds together, over 500 days of which each is the newest once: on how many days was
// there any false alarm, by the rule for alarms and by the page's rule looked at daily.
static void watched(arena a, const char *name, size_t kind_from, size_t kinds, double lift_level) {
    enum { SERIES = 100, LOOKS = 300, ALL = DAYS + LOOKS };
    rng r = rng_fork(3, kind_from * 100 + kinds);
    int64_t *people = make(&a, int64_t, (size_t)SERIES * ALL);
    for (size_t i = 0; i < SERIES; i++) {
        kind k = KINDS[kind_from + i % kinds];
        k.past = 1, k.level *= lift_level;
        fill(&k, &r, people + i * ALL, ALL, 0, 1);
    }
    size_t page = 0, soon = 0, year = 0;
    burst b[SERIES];
    for (size_t look = 0; look < LOOKS; look++) {
        arena s = a;
        for (size_t i = 0; i < SERIES; i++)
            b[i] = burst_of(&s, &(burst_series){.people = people + i * ALL + look, .n = DAYS, .season = 7});
        burst_adjust(s, b, SERIES);
        bool any = false;
        for (size_t i = 0; i < SERIES * BURST_WINDOWS; i++)
            any |= burst_rising(&b[i / BURST_WINDOWS].window[i % BURST_WINDOWS]);
        page += any;
        soon += burst_alarms(s, b, SERIES, 20) > 0;
        year += burst_alarms(s, b, SERIES, 0) > 0;
    }
    printf("%-36s %6.3f %6.3f %6.4f\n", name, (double)page / LOOKS, (double)soon / LOOKS, (double)year / LOOKS);
    fflush(stdout);
}

static void watch(arena a) {
    printf("share of days with any false alarm among 100 series: page rule daily, patience 20 (0.05), patience 365 "
           "(0.0027)\n");
    for (size_t k = 0; k < COUNT(KINDS); k++) watched(a, KINDS[k].name, k, 1, 1);
    watched(a, "all kinds that do not hang together", 0, 11, 1);
}

// ---- Something is going on ----

static void power(arena a) {
    enum { SERIES = 1000, RISE = 20, ROUNDS = 20 };
    static const struct {
        double level, factor;
        size_t lift;
    } rows[] = {{0.3, 10, 3}, {0.3, 5, 7},   {1, 3, 7},    {1, 2, 28},   {3, 5, 1},
                {3, 3, 3},    {3, 2, 7},     {3, 1.5, 28}, {10, 3, 1},   {10, 2, 3},
                {10, 1.5, 7}, {10, 1.3, 28}, {50, 2, 1},   {50, 1.5, 3}, {50, 1.3, 7}};
    printf("1,000 series, 20 of them rise: found by the page, false among those; found by alarms (patience 100), false "
           "among "
           "those\n");
    for (size_t k = 0; k < COUNT(rows); k++) {
        rng r = rng_fork(4, k);
        kind of = {"", rows[k].level, 0.1, 0.5, 0, 0, 1};
        size_t found = 0, wrong = 0, alarms = 0, false_alarms = 0;
        double share = 0;
        for (size_t round = 0; round < ROUNDS; round++) {
            arena s = a;
            burst *b = make(&s, burst, SERIES);
            size_t f = 0, w = 0;
            for (size_t i = 0; i < SERIES; i++) {
                arena in = s;
                int64_t people[DAYS];
                fill(&of, &r, people, DAYS, i < RISE ? rows[k].lift : 0, rows[k].factor);
                b[i] = burst_of(&in, &(burst_series){.people = people, .n = DAYS, .season = 7});
            }
            burst_adjust(s, b, SERIES);
            burst_alarms(s, b, SERIES, 0);
            for (size_t i = 0; i < SERIES; i++) {
                bool any = false;
                for (size_t j = 0; j < BURST_WINDOWS; j++) any |= burst_rising(&b[i].window[j]);
                *(i < RISE ? &f : &w) += any;
                *(i < RISE ? &alarms : &false_alarms) += b[i].alarm;
            }
            found += f, wrong += w;
            if (f + w) share += (double)w / (double)(f + w) / ROUNDS;
        }
        printf("%5.1f a day x %4.1f for %2zu days   %.2f  %.3f   %.2f  %.3f\n", rows[k].level, rows[k].factor,
               rows[k].lift, (double)found / (RISE * ROUNDS), share, (double)alarms / (RISE * ROUNDS),
               alarms + false_alarms ? (double)false_alarms / (double)(alarms + false_alarms) : 0);
        fflush(stdout);
    }
}

int main(int n, char **v) {
    arena a = arena_open((size_t)2 << 30);
    for (int i = 1; i < n; i++) {
        if (!strcmp(v[i], "speed")) speed(a);
        if (!strcmp(v[i], "null")) null(a);
        if (!strcmp(v[i], "watch")) watch(a);
        if (!strcmp(v[i], "power")) power(a);
    }
    arena_close(&a);
    return 0;
}
