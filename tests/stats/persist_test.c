#include "stats/near.h"

#include "base/rng.h"
#include "stats/persist.h"

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = test_arena();
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

static persist of(const persist_said *said, size_t n, int64_t now, const int64_t *segment, size_t segments) {
    return persist_of(&a, &(persist_data){said, n, now, segment, segments});
}

// By hand: weeks 1, 2 and 4 of 1 to 5; five people of four voices (two of one account); three segments by 1, 1 and 2
// voices of customers 50, 30, 20.
static void by_hand(void **state) {
    (void)state;
    static const int64_t customers[] = {50, 30, 20};
    static const persist_said said[] = {{1, 1, 0, 0, 0},  {2, 1, 0, 0, 1}, {2, 2, 0, 0, 1}, {3, 4, 77, 0, 2},
                                        {4, 4, 77, 0, 2}, {5, 4, 0, 0, 2}, {5, 9, 0, 0, 2}};
    persist k = of(said, COUNT(said), 5, customers, 3);
    assert_int_equal(k.weeks, 3);
    assert_int_equal(k.weeks_since, 5);
    assert_int_equal(k.people, 5);
    assert_int_equal(k.voices, 4);
    assert_int_equal(k.segments, 3);
    double here = exp(-(0.5 * log(0.25) + 0.5 * log(0.5))), all = exp(-(.5 * log(.5) + .3 * log(.3) + .2 * log(.2)));
    assert_near(k.segments_effective, here, 1e-12);
    assert_near(k.persistence, 0.6, 1e-12);
    assert_near(k.breadth, MIN(here / all, 1), 1e-12);
    assert_near(k.independence, 1 - 2. / 5, 1e-12);
    assert_near(k.voices_effective, 1 / ((4 + 1 + 1 + 1) / 25.), 1e-12);
    assert_near(k.index.value, cbrt(0.6 * MIN(here / all, 1) * 0.6), 1e-12);
    assert_int_equal(k.index.state, ESTIMATE_THIN);
    assert_string_equal(k.index.why, "6 more voices are needed");
}

static void whims_have_no_weight(void **state) {
    (void)state;
    persist_said said[400];
    size_t n = 0;
    for (int64_t w = 1; w <= 20; w++) { // one person, ten times a week, for twenty weeks
        for (int i = 0; i < 10; i++) said[n++] = (persist_said){.person = 1, .week = w};
    }
    persist loud = of(said, n, 20, NULL, 2);
    assert_near(loud.index.value, 0, 0);
    assert_near(loud.persistence, 1, 0);
    assert_near(loud.index.lo, 0, 0);
    assert_near(loud.index.hi, 1, 0);
    n = 0;
    for (int64_t p = 1; p <= 100; p++)
        said[n++] = (persist_said){.person = p, .week = 1 + p % 4, .copy = 9, .segment = (uint32_t)(p % 2)};
    persist copied = of(said, n, 4, NULL, 2);
    assert_near(copied.index.value, 0, 0);
    assert_int_equal(copied.people, 100);
    assert_int_equal(copied.voices, 1);
    assert_near(copied.copied, 0.99, 1e-12);
    for (size_t i = 0; i < n; i++) said[i].copy = 0;
    persist own = of(said, n, 4, NULL, 2);
    assert_near(own.index.value, cbrt(0.99), 1e-9);
    assert_int_equal(own.voices, 100);
    assert_int_equal(own.index.state, ESTIMATE_OK);
    for (size_t i = 0; i < n; i++) said[i].account = i < 60 ? 5 : 0;
    assert_near(of(said, n, 4, NULL, 2).independence, 0.4, 1e-12);
    persist none = of(said, 0, 4, NULL, 2);
    assert_int_equal(none.index.state, ESTIMATE_NONE);
    assert_string_equal(none.index.why, "nobody has said it");
    for (size_t i = 0; i < n; i++) said[i].week = 100;
    assert_int_equal(of(said, n, 4, NULL, 2).index.state, ESTIMATE_NONE);
}

// A copy that one voice sends itself is nothing of others.
static void who_repeats_themself_is_no_campaign(void **state) {
    (void)state;
    static const persist_said said[] = {
        {1, 1, 0, 3, 0}, {1, 2, 0, 3, 0}, {2, 1, 0, 0, 0}, {3, 2, 0, 4, 1}, {4, 2, 8, 4, 1}};
    persist k = of(said, COUNT(said), 2, NULL, 2);
    assert_int_equal(k.voices, 3); // 1, 2, and what 3 and 4 sent
    assert_near(k.independence, 0.5, 1e-12);
    assert_near(k.copied, 0.4, 1e-12);
}

// ---- A slow twin ----

typedef struct {
    int kind;
    int64_t id;
} name;

static name name_of(const persist_said *s) {
    return s->account ? (name){0, s->account} : (name){1, s->person};
}

static bool same(name x, name y) {
    return x.kind == y.kind && x.id == y.id;
}

static double twin(const persist_said *s, size_t n, int64_t now, const int64_t *segment, size_t segments) {
    name *v = make(&a, name, n), *voice = make(&a, name, n);
    size_t voices = 0;
    for (size_t i = 0; i < n; i++) {
        v[i] = name_of(&s[i]);
        for (size_t j = 0; j < n; j++) {
            if (s[i].copy && s[j].copy == s[i].copy && s[j].week <= now && !same(name_of(&s[j]), name_of(&s[i])))
                v[i] = (name){2, s[i].copy};
        }
    }
    double weight[8] = {0}, sum = 0, most = 0, h = 0, all = 0, customers = 0;
    for (size_t i = 0; i < n; i++) {
        bool known = s[i].week > now;
        for (size_t j = 0; j < voices; j++) known |= same(voice[j], v[i]);
        if (!known) voice[voices++] = v[i];
    }
    for (size_t k = 0; k < voices; k++) {
        double people = 0, of[8] = {0};
        for (size_t i = 0; i < n; i++) {
            bool first = same(v[i], voice[k]) && s[i].week <= now;
            for (size_t j = 0; j < n && first; j++)
                first = !(same(v[j], voice[k]) && s[j].person == s[i].person && s[j].week <= now &&
                          (s[j].week < s[i].week || (s[j].week == s[i].week && j < i)));
            if (first) people++, of[s[i].segment]++;
        }
        for (size_t g = 0; g < segments; g++) weight[g] += of[g] / people;
        sum += people, most = MAX(most, people);
    }
    int64_t first = now + 1, weeks = 0;
    for (int64_t w = now - 500; w <= now; w++) {
        bool any = false;
        for (size_t i = 0; i < n; i++) any |= s[i].week == w;
        if (any && first > now) first = w;
        weeks += any;
    }
    for (size_t g = 0; g < segments; g++) customers += (double)segment[g];
    for (size_t g = 0; g < segments; g++) {
        double p = weight[g] / (double)voices, q = (double)segment[g] / customers;
        if (p > 0) h -= p * log(p);
        if (q > 0) all -= q * log(q);
    }
    if (!voices) return 0;
    return cbrt((double)weeks / (double)(now - first + 1) * MIN(exp(h - all), 1) * (1 - most / sum));
}

// In a row the person's segment does not change; so the twin may take any row of a person for its first.
static void a_slow_twin_agrees(void **state) {
    (void)state;
    rng r = rng_seed(7);
    for (int round = 0; round < 400; round++) {
        arena was = a;
        persist_said said[60];
        size_t n = (size_t)rng_range(&r, 1, 60), segments = (size_t)rng_range(&r, 1, 5);
        int64_t customers[5], people = rng_range(&r, 1, 25);
        for (size_t g = 0; g < 5; g++) customers[g] = rng_range(&r, 1, 40);
        for (size_t i = 0; i < n; i++) {
            int64_t p = rng_range(&r, 1, people);
            said[i] = (persist_said){.person = p,
                                     .week = rng_range(&r, 1, 16),
                                     .account = p % 3 ? 0 : 1 + p % 4,
                                     .copy = rng_chance(&r, 0.2) ? rng_range(&r, 1, 3) : 0,
                                     .segment = (uint32_t)(p % (int64_t)segments)};
        }
        persist k = of(said, n, 14, customers, segments);
        assert_near(k.index.value, twin(said, n, 14, customers, segments), 1e-9);
        assert_true(k.index.lo <= k.index.value && k.index.value <= k.index.hi);
        rng_shuffle(&r, said, n, sizeof *said);
        assert_near(of(said, n, 14, customers, segments).index.lo, k.index.lo, 1e-12);
        a = was;
    }
}

// Voices and weeks drawn again and again: the interval holds the average index about 19 times in 20.
static void intervals_hold_what_is_usual(void **state) {
    (void)state;
    enum { ROUNDS = 600, VOICES = 25, LONG = 26 };
    static const double chance[] = {0.5, 0.3, 0.15, 0.05};
    static const int64_t customers[] = {25, 25, 25, 25};
    rng r = rng_seed(8);
    double lo[ROUNDS], hi[ROUNDS], mean = 0;
    for (int round = 0; round < ROUNDS; round++) {
        arena was = a;
        persist_said said[VOICES * LONG];
        size_t n = 0;
        bool busy[LONG];
        for (size_t w = 0; w < LONG; w++) busy[w] = rng_chance(&r, 0.6);
        for (int64_t v = 1; v <= VOICES; v++) {
            uint32_t segment = (uint32_t)rng_pick(&r, chance, 4);
            int64_t account = rng_chance(&r, 0.2) ? 1000 : 0;
            for (int64_t w = 0; w < LONG; w++) {
                if (busy[w] && rng_chance(&r, 0.08)) said[n++] = (persist_said){v, w, account, 0, segment};
            }
        }
        persist k = of(said, n, LONG - 1, customers, 4);
        lo[round] = k.index.lo, hi[round] = k.index.hi, mean += k.index.value / ROUNDS;
        a = was;
    }
    int held = 0;
    for (int i = 0; i < ROUNDS; i++) held += lo[i] <= mean && mean <= hi[i];
    assert_true(held > ROUNDS * 92 / 100);
    assert_true(held < ROUNDS);
}

static void a_burst_alone_raises_nothing(void **state) {
    (void)state;
    static const struct {
        persist_claim c;
        double value;
        bool held;
    } rows[] = {
        {{.before = 10, .now = 90}, 90, false},
        {{.before = 10, .now = 90, .burst = true, .days = 0}, 10, true},
        {{.before = 10, .now = 90, .burst = true, .days = 13}, 10, true},
        {{.before = 10, .now = 90, .burst = true, .days = 14}, 90, false},
        {{.before = 10, .now = 90, .burst = true, .grave = true}, 90, false},
        {{.before = 10, .now = 4, .burst = true}, 4, false},
        {{.before = NAN, .now = 90, .floor = 2, .burst = true}, 2, true},
        {{.before = NAN, .now = 90, .floor = 2}, 90, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        persist_standing s = persist_stand(rows[i].c);
        assert_near(s.value, rows[i].value, 0);
        assert_int_equal(s.held, rows[i].held);
        assert_true(!s.held || s.why);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(whims_have_no_weight),
        cmocka_unit_test(who_repeats_themself_is_no_campaign),
        cmocka_unit_test(a_slow_twin_agrees),
        cmocka_unit_test(intervals_hold_what_is_usual),
        cmocka_unit_test(a_burst_alone_raises_nothing),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
