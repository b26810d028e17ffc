// bench/burst: what stats/burst.h costs, and how often it is wrong and right on series that are made up.
//
//   burst [speed|null|watch|power|others …] [streams DATA]
//
// speed: 10,000 series of 200 days, beside a bare loop that only sums mean and variance of the same numbers.
// null:  nothing is going on; shares of p below four limits, which should be no more than the limits.
// watch: the same looked at every day, for the alarms that go out by themselves.
// power: the last days speak more; how often that is found.
// others: what impact, persistence, drift and lenses cost.
// streams: real mentions with windows that people called odd (Numenta's benchmark), from the folder of the data.
#include "stats/burst.h"
#include <jansson.h>

#include "base/civil.h"
#include "base/rng.h"
#include "stats/drift.h"
#include "stats/impact.h"
#include "stats/persist.h"
#include "stats/priority.h"

#include <math.h>

enum { DAYS = 200 };

// ---- Series that are made up ----

typedef struct {
    const char *name;
    double level, spread, weekend, growth; // per day, ψ, factor of two days in seven, growth in 28 days
    double wave; // standard deviation of a level that wanders, a day like the one before by 0.8
    double past; // factor of 14 days in the middle, 1: none
    double stay; // by which a day is like the one before; 0: 0.8
    double walk; // standard deviation by which the logarithm of the level moves each day
} kind;

static const kind KINDS[] = {
    {"Poisson 0.1 a day", 0.1, 0, 1, 0, 0, 1, 0, 0},
    {"Poisson 1 a day", 1, 0, 1, 0, 0, 1, 0, 0},
    {"Poisson 10 a day", 10, 0, 1, 0, 0, 1, 0, 0},
    {"quiet weekends, 0.3 a day", 0.3, 0, 0.2, 0, 0, 1, 0, 0},
    {"quiet weekends, 10 a day, psi 0.1", 10, 0.1, 0.2, 0, 0, 1, 0, 0},
    {"psi 0.2, 3 a day", 3, 0.2, 0.5, 0, 0, 1, 0, 0},
    {"psi 1, 1 a day", 1, 1, 0.5, 0, 0, 1, 0, 0},
    {"psi 1, 10 a day", 10, 1, 0.5, 0, 0, 1, 0, 0},
    {"psi 0.2, 100 a day", 100, 0.2, 0.5, 0, 0, 1, 0, 0},
    {"grows by 10 % in 28 days, 5 a day", 5, 0.1, 0.5, 0.1, 0, 1, 0, 0},
    {"shrinks by 20 % in 28 days, 5 a day", 5, 0.1, 0.5, -0.2, 0, 1, 0, 0},
    {"a burst in the past, 5 a day", 5, 0.1, 0.5, 0, 0, 5, 0, 0},
    {"days hang together, 3 a day", 3, 0.05, 0.5, 0, 0.3, 1, 0, 0},
    {"days hang together, 20 a day", 20, 0.05, 0.5, 0, 0.3, 1, 0, 0},
    {"wanders for weeks, 3 a day", 3, 0.05, 0.5, 0, 0.3, 1, 0.95, 0},
    {"wanders for weeks, 20 a day", 20, 0.05, 0.5, 0, 0.3, 1, 0.95, 0},
    {"walks by 3 % a day, 3 a day", 3, 0.05, 0.5, 0, 0, 1, 0, 0.03},
    {"walks by 3 % a day, 20 a day", 20, 0.05, 0.5, 0, 0, 1, 0, 0.03},
    {"walks by 6 % a day, 10 a day", 10, 0.05, 0.5, 0, 0, 1, 0, 0.06},
};

static void fill(const kind *k, rng *r, int64_t *people, size_t n, size_t lift, double factor) {
    double wave = rng_normal(r, 0, 1), level = 0;
    const double stay = k->stay > 0 ? k->stay : 0.8;
    for (size_t t = 0; t < n; t++) {
        double m = exp(level) * k->level * pow(1 + k->growth, ((double)t - DAYS + 28) / 28);
        m *= t % 7 >= 5 ? k->weekend : (7 - 2 * k->weekend) / 5;
        if (t >= n / 2 - 14 && t < n / 2) m *= k->past;
        if (t >= n - lift) m *= factor;
        if (k->wave > 0) {
            m *= exp(k->wave * wave - k->wave * k->wave / 2);
            wave = stay * wave + sqrt(1 - stay * stay) * rng_normal(r, 0, 1);
        }
        if (k->walk > 0) level += rng_normal(r, 0, k->walk);
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
    burst_adjust(a, b, SERIES, 0);
    size_t alarms = burst_alarms(a, b, SERIES, 0, 0);
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
    enum { SERIES = 20000 };
    static const size_t window[] = {1, 3, 7, 28};
    printf("share of p below          0.05    0.01    0.001   0.0001\n");
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

// 100 series, of one kind or of all, looked at on 30 days in a row, in 40 worlds: on what share of days was there any
// false alarm, by the rule for alarms and by the page's rule looked at daily.
static void watched(arena a, const char *name, size_t kind_from, size_t kinds) {
    enum { SERIES = 100, LOOKS = 30, WORLDS = 10, ALL = DAYS + LOOKS };
    rng r = rng_fork(3, kind_from * 100 + kinds);
    int64_t *people = make(&a, int64_t, (size_t)SERIES * ALL);
    size_t page = 0, alarms = 0;
    burst b[SERIES];
    for (size_t look = 0; look < LOOKS * WORLDS; look++) {
        arena s = a;
        for (size_t i = 0; i < SERIES && look % LOOKS == 0; i++) {
            kind k = KINDS[kind_from + i % kinds];
            fill(&k, &r, people + i * ALL, ALL, 0, 1);
        }
        for (size_t i = 0; i < SERIES; i++) {
            const int64_t *from = people + i * ALL + look % LOOKS;
            b[i] = burst_of(&s, &(burst_series){.people = from, .n = DAYS, .season = 7});
        }
        alarms += burst_alarms(s, b, SERIES, 0, 0) > 0;
        bool any = false;
        for (size_t i = 0; i < SERIES * BURST_WINDOWS; i++)
            any |= burst_rising(&b[i / BURST_WINDOWS].window[i % BURST_WINDOWS]);
        page += any;
    }
    const double looks = LOOKS * WORLDS;
    printf("%-36s %6.3f %6.3f\n", name, (double)page / looks, (double)alarms / looks);
    fflush(stdout);
}

static void watch(arena a) {
    printf("share of days with any false alarm among 100 series: page (0.05), alarms (0.01)\n");
    const char *from = getenv("KIND");
    for (size_t k = from ? (size_t)(str_c(from).s[0] - 'a') : 0; k < COUNT(KINDS); k++) watched(a, KINDS[k].name, k, 1);
    watched(a, "all kinds whose level does not wander", 0, 12);
}

// ---- Something is going on ----

typedef struct {
    double level, factor;
    size_t lift;
} rise_of;

typedef struct {
    double found, wrong, alarms, false_alarms;
} finding;

static finding powered(arena a, rise_of of, size_t series, size_t rising, size_t rounds, rng *r) {
    kind k = {"", of.level, 0.1, 0.5, 0, 0, 1, 0, 0};
    finding all = {0};
    for (size_t round = 0; round < rounds; round++) {
        arena s = a;
        burst *b = make(&s, burst, series);
        double by_page[2] = {0}, by_alarm[2] = {0};
        for (size_t i = 0; i < series; i++) {
            int64_t *people = make(&s, int64_t, DAYS);
            fill(&k, r, people, DAYS, i < rising ? of.lift : 0, of.factor);
            b[i] = burst_of(&s, &(burst_series){.people = people, .n = DAYS, .season = 7});
        }
        burst_alarms(s, b, series, 0, 0);
        for (size_t i = 0; i < series; i++) {
            bool any = false;
            for (size_t j = 0; j < BURST_WINDOWS; j++) any |= burst_rising(&b[i].window[j]);
            by_page[i >= rising] += any, by_alarm[i >= rising] += b[i].alarm;
        }
        double n = (double)rounds, m = (double)rising;
        all.found += by_page[0] / m / n, all.alarms += by_alarm[0] / m / n;
        if (by_page[1] > 0) all.wrong += by_page[1] / (by_page[0] + by_page[1]) / n;
        if (by_alarm[1] > 0) all.false_alarms += by_alarm[1] / (by_alarm[0] + by_alarm[1]) / n;
    }
    return all;
}

static void power(arena a) {
    static const rise_of rows[] = {{0.3, 10, 3}, {0.3, 5, 28}, {1, 5, 3},  {1, 3, 7},  {1, 3, 28}, {3, 5, 1},
                                   {3, 3, 3},    {3, 3, 7},    {3, 2, 28}, {10, 4, 1}, {10, 3, 3}, {10, 2, 7},
                                   {10, 2, 28},  {50, 3, 1},   {50, 2, 3}, {50, 2, 7}};
    printf("psi 0.1, half as much at weekends      1,000 series, 20 rise              50 series, 1 rises\n"
           "usual, factor, days                    page  false  alarm  false         page  false  alarm  false\n");
    for (size_t k = 0; k < COUNT(rows); k++) {
        rng r = rng_fork(4, k);
        finding many = powered(a, rows[k], 1000, 20, 10, &r), few = powered(a, rows[k], 50, 1, 100, &r);
        printf(
            "%5.1f a day x %4.1f for %2zu days         %.2f   %.3f   %.2f   %.3f         %.2f   %.3f   %.2f   %.3f\n",
            rows[k].level, rows[k].factor, rows[k].lift, many.found, many.wrong, many.alarms, many.false_alarms,
            few.found, few.wrong, few.alarms, few.false_alarms);
        fflush(stdout);
    }
}

// ---- What the others cost ----

static void others(arena a) {
    enum { ROWS = 50000, THEMES = 40, CUSTOMERS = 5000, ITEMS = 40 };
    rng r = rng_seed(5);
    double *value = make(&a, double, ROWS), *revenue = make(&a, double, CUSTOMERS);
    int64_t *customer = make(&a, int64_t, ROWS), *now = make(&a, int64_t, THEMES), *before = make(&a, int64_t, THEMES);
    uint32_t *start = make(&a, uint32_t, ROWS + 1), *theme = make(&a, uint32_t, 3 * ROWS);
    persist_said *said = make(&a, persist_said, ROWS);
    for (uint32_t i = 0; i < ROWS; i++) {
        start[i + 1] = start[i];
        for (int64_t k = rng_range(&r, 0, 3); k > 0; k--)
            theme[start[i + 1]++] = (uint32_t)(THEMES * rng_unit(&r) * rng_unit(&r));
        value[i] = impact_nps((int)rng_range(&r, 0, 10)), customer[i] = rng_range(&r, 1, 20000);
        said[i] =
            (persist_said){.person = customer[i], .week = rng_range(&r, 0, 51), .segment = (uint32_t)(customer[i] % 8)};
    }
    double began = cpu_s();
    impact k = impact_of(&a, &(impact_data){ROWS, THEMES, value, customer, start, theme}, 0, &r);
    printf("impact: 50,000 rows, 40 themes, %zu orders, 400 resamples %.2f s\n", k.orders, cpu_s() - began);
    began = cpu_s();
    persist_of(&a, &(persist_data){said, ROWS, 51, NULL, 8});
    printf("persistence: 50,000 rows of 20,000 people %.2f s\n", cpu_s() - began);
    for (size_t t = 0; t < THEMES; t++) now[t] = rng_poisson(&r, 100), before[t] = rng_poisson(&r, 400);
    began = cpu_s();
    for (int i = 0; i < 1000; i++) {
        arena s = a;
        drift_of(&s, now, before, THEMES, 0, &r);
    }
    printf("drift: 1,000 segments of 40 themes %.2f s\n", cpu_s() - began);
    for (uint32_t i = 0; i < CUSTOMERS; i++) {
        start[i + 1] = start[i];
        revenue[i] = rng_gamma(&r, 0.3, 0.001);
        for (uint32_t c = 0; c < ITEMS; c++) {
            if (rng_chance(&r, 0.1)) theme[start[i + 1]++] = c;
        }
    }
    began = cpu_s();
    lens_data d = {.customers = CUSTOMERS, .items = ITEMS, .revenue = revenue, .start = start, .item = theme};
    lenses_of(&a, &d, -1, &r);
    double once = cpu_s() - began;
    began = cpu_s();
    lenses_of(&a, &d, 0, &r);
    printf("lenses: 5,000 customers, 40 items %.3f s; with 200 resamples %.2f s\n", once, cpu_s() - began);
}

// ---- Real streams ----

// Numenta's anomaly benchmark: mentions of ten companies, per hour, with windows that people called anomalous. Every
// hour is once the newest; baseline is three weeks of hours.
enum { HOURS = 1400, LOOK_BACK = 21 * 24, COMPANIES = 10 };

typedef struct {
    const char *name;
    int64_t count[HOURS];
    bool odd[HOURS]; // within a window
    size_t windows, first[8], last[8], n;
} stream;

static int64_t hour_of(const char *x) {
    int64_t at;
    return time_parse(str_c(x), NULL, 0, &at) ? floor_div(at, HOUR_US) : -1;
}

static bool read_stream(arena a, const char *dir, stream *s) {
    FILE *f = fopen(str_z(&a, str_fmt(&a, "%s/text/nab_tweets/Twitter_volume_%s.csv", dir, s->name)), "r");
    char row[100];
    int64_t first = -1;
    if (!f || !fgets(row, sizeof row, f)) return false;
    while (fgets(row, sizeof row, f)) {
        char *comma = strchr(row, ',');
        if (!comma) continue;
        *comma = 0;
        int64_t hour = hour_of(row);
        if (first < 0) first = hour;
        size_t at = (size_t)(hour - first);
        if (at < HOURS) s->count[at] += strtol(comma + 1, NULL, 10), s->n = at + 1;
    }
    fclose(f);
    json_t *all = json_load_file(str_z(&a, str_fmt(&a, "%s/text/nab_tweets/combined_windows.json", dir)), 0, NULL),
           *pair;
    const json_t *of = json_object_get(all, str_z(&a, str_fmt(&a, "realTweets/Twitter_volume_%s.csv", s->name)));
    size_t i;
    json_array_foreach(of, i, pair) {
        for (int k = 0; k < 2; k++) {
            char when[20] = {0};
            memcpy(when, json_string_value(json_array_get(pair, (size_t)k)), 19);
            (k ? s->last : s->first)[s->windows] = (size_t)(hour_of(when) - first);
        }
        for (size_t t = s->first[s->windows]; t <= s->last[s->windows] && t < HOURS; t++) s->odd[t] = true;
        s->windows++;
    }
    json_decref(all);
    return true;
}

static void streams(arena a, const char *dir) {
    static const char *const names[] = {"AAPL", "AMZN", "CRM", "CVS", "FB", "GOOG", "IBM", "KO", "PFE", "UPS"};
    stream *s = make(&a, stream, COMPANIES);
    size_t hours = HOURS, found = 0, windows = 0, outside = 0, looked = 0, odd = 0, bare[2] = {0};
    for (size_t i = 0; i < COMPANIES; i++) {
        s[i].name = names[i];
        if (!read_stream(a, dir, &s[i])) return (void)printf("no data in %s\n", dir);
        hours = MIN(hours, s[i].n);
    }
    bool hit[COMPANIES][8] = {{0}};
    size_t quiet[COMPANIES] = {0};
    for (size_t t = LOOK_BACK; t <= hours; t++) {
        arena in = a;
        burst b[COMPANIES];
        for (size_t i = 0; i < COMPANIES; i++)
            b[i] = burst_of(
                &in, &(burst_series){
                         .people = s[i].count + t - LOOK_BACK, .n = LOOK_BACK, .season = 24, .windows = {1, 3, 6, 24}});
        burst_alarms(in, b, COMPANIES, 0, 1000);
        for (size_t i = 0; i < COMPANIES; i++) {
            size_t now = t - 1;
            looked++, odd += s[i].odd[now];
            bare[s[i].odd[now]] += b[i].alarm;
            for (size_t k = 0; k < s[i].windows; k++)
                hit[i][k] |= b[i].alarm && now >= s[i].first[k] && now <= s[i].last[k];
            if (b[i].alarm && !s[i].odd[now] && quiet[i] + 24 <= now) outside++;
            if (b[i].alarm) quiet[i] = now;
        }
    }
    for (size_t i = 0; i < COMPANIES; i++) {
        for (size_t k = 0; k < s[i].windows; k++) {
            if (s[i].last[k] < LOOK_BACK) continue;
            windows++, found += hit[i][k];
        }
    }
    printf("%zu of %zu windows found; %zu of %zu hours are in windows; hours in alarm: %zu inside, %zu outside; %zu "
           "other alarms\n",
           found, windows, odd, looked, bare[1], bare[0], outside);
}

int main(int n, char **v) {
    arena a = arena_open((size_t)2 << 30);
    for (int i = 1; i < n; i++) {
        if (!strcmp(v[i], "speed")) speed(a);
        if (!strcmp(v[i], "null")) null(a);
        if (!strcmp(v[i], "watch")) watch(a);
        if (!strcmp(v[i], "power")) power(a);
        if (!strcmp(v[i], "others")) others(a);
        if (!strcmp(v[i], "streams")) streams(a, i + 1 < n ? v[i + 1] : "../shared/data");
    }
    arena_close(&a);
    return 0;
}
