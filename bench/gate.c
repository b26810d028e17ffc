// How long the gate takes beside a bare read of one row, in one run. Usage: gate [CUSTOMERS [WHERE [ROUNDS]]]
//
// Prints checks per second for the dry run and for the one that is kept, and how many reads of one row by its key (the
// statement through the same door, and SQLite's own step without it is bench/bare_scan.c) each of them costs. Under
// `valgrind --tool=callgrind --toggle-collect=…` the parts have names: bare_reads, looks, passes.
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "act/gate_settings.h"
#include "base/rng.h"
#include "know/stages.h"
#include "sql/act_gate.h"
#include "sql/know.h"

enum { PART = 1000, SENT = 3 };
#define NOON INT64_C(1767268800000000) // 2026-01-01T12:00Z

typedef struct {
    store *s;
    knowing *k;
    int64_t n, rounds, now, first; // the customers are first .. first + n - 1
    arena a;
    int counter; // of instructions; -1: the kernel gives none
} place;

typedef struct {
    double seconds;
    int64_t instructions;
} cost;

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int open_counter(void) {
    struct perf_event_attr what = {.type = PERF_TYPE_HARDWARE,
                                   .size = sizeof what,
                                   .config = PERF_COUNT_HW_INSTRUCTIONS,
                                   .exclude_kernel = 1,
                                   .exclude_hv = 1};
    return (int)syscall(SYS_perf_event_open, &what, 0, -1, -1, 0);
}

static int64_t count_of(const place *p) {
    int64_t v = 0;
    return p->counter >= 0 && read(p->counter, &v, sizeof v) == sizeof v ? v : 0;
}

// ---- the company ----

static event person(arena *a, int64_t i) {
    event ev = {.kind = KIND_identify, .channel = CHANNEL_shop, .at_us = NOON - 400 * DAY_US, .mood = MOOD_UNKNOWN};
    ev.ext = str_fmt(a, "p%" PRId64, i);
    ev.ids[ev.n_ids++] = (ident){IDENT_user_id, str_fmt(a, "u%" PRId64, i)};
    ev.ids[ev.n_ids++] = (ident){IDENT_email, str_fmt(a, "u%" PRId64 "@example.org", i)};
    ev.country = S("DE");
    return ev;
}

static event allowed(arena *a, int64_t i) {
    event ev = person(a, i);
    ev.kind = KIND_consent, ev.ext = str_fmt(a, "c%" PRId64, i);
    ev.topic = S("marketing_email"), ev.value = 1, ev.has_value = true;
    return ev;
}

static bool fill_people(place *p, err *e) {
    int64_t source, import;
    tally t;
    ledger *l = know_ledger(p->k);
    arena a = arena_open((size_t)1 << 32);
    event *evs = make(&a, event, LEDGER_BATCH);
    int32_t *rows = make(&a, int32_t, LEDGER_BATCH);
    bool ok = ledger_source(l, S("shop"), S("bench"), CHANNEL_shop, false, &source, e) &&
              ledger_import_begin(l, source, S("people"), S("{}"), &import, e);
    for (int64_t i = 0; ok && i < p->n;) {
        arena text = a;
        int32_t n = 0;
        for (; i < p->n && n + 2 <= LEDGER_BATCH; i++) {
            evs[n] = person(&text, i), rows[n] = n, n++;
            evs[n] = allowed(&text, i), rows[n] = n, n++;
        }
        intake in = {.events = evs, .row_of = rows, .n = (size_t)n, .rows = n};
        ok = ledger_write(l, import, &in, &t, e);
    }
    arena_close(&a);
    return ok && ledger_flush(l, e);
}

// What went out to each of them in the last year: enough to be looked at, not enough to fill a budget.
static bool fill_records(place *p, err *e) {
    rng g = rng_seed(3);
    for (int64_t i = 0; i < p->n * SENT; i++) {
        if (i % 50000 == 0 && !store_begin(p->s, e)) return false;
        int64_t id, at = p->now - rng_range(&g, 40, 300) * DAY_US;
        if (!ledger_id(know_ledger(p->k), &id, e) ||
            !store_run(p->s, Q_gate_put, NULL, e, "iiiiittttiinttt", id, p->first + i % p->n, at, (int64_t)GATE_thanks,
                       (int64_t)CHANNEL_email, S("thanks"), S("order:1"), S(""), S(""), (int64_t)1, (int64_t)0, S(""),
                       S(""), S("bench")))
            return false;
        if ((i % 50000 == 49999 || i + 1 == p->n * SENT) && !ledger_commit(know_ledger(p->k), e)) return false;
    }
    return store_optimize(p->s, e);
}

static bool first_customer(place *p, err *e) {
    p->first = 0;
    for (row r = store_query(p->s, Q_profile_scan, e, ""); row_next(&r);)
        if (!p->first) p->first = row_int(&r, 0);
    return err_ok(e);
}

// ---- what is measured ----

static bool bare_reads(place *p, err *e) {
    rng g = rng_seed(11);
    int64_t got = 0;
    for (int64_t i = 0; i < p->rounds; i++)
        if (!store_int(p->s, Q_gate_customer_of, &got, 0, e, "i", p->first + rng_range(&g, 0, p->n - 1))) return false;
    return true;
}

static gate_ask ask_of(place *p, rng *g, arena *a) {
    static const enum gate_kind kinds[] = {GATE_marketing, GATE_survey, GATE_thanks, GATE_service};
    return (gate_ask){.kind = kinds[rng_range(g, 0, COUNT(kinds) - 1)],
                      .customer = p->first + rng_range(g, 0, p->n - 1),
                      .channel = CHANNEL_email,
                      .template = S("words"),
                      .occasion = str_fmt(a, "o:%d", (int)rng_range(g, 1, 1000000)),
                      .by = S("bench")};
}

static bool looks(place *p, err *e) {
    rng g = rng_seed(12);
    gate_answer x;
    for (int64_t i = 0; i < p->rounds; i++) {
        arena a = p->a;
        gate_ask ask = ask_of(p, &g, &a);
        if (!gate_look(&a, p->s, &ask, p->now, &x, e)) return false;
    }
    return true;
}

static bool passes(place *p, err *e) {
    rng g = rng_seed(13);
    gate_answer x;
    for (int64_t i = 0; i < p->rounds; i++) {
        arena a = p->a;
        gate_ask ask = ask_of(p, &g, &a);
        if (i % PART == 0 && !store_begin(p->s, e)) return false;
        p->now += SECOND_US / 100;
        if (!gate_pass(know_ledger(p->k), &a, &ask, &x, e)) return false;
        if ((i % PART == PART - 1 || i + 1 == p->rounds) && !ledger_commit(know_ledger(p->k), e)) return false;
    }
    return true;
}

// What the first message of a day leaves behind for the others: the offset of the zone, the key of the links.
static bool warm(place *p, err *e) {
    place few = *p;
    few.rounds = 20;
    return passes(&few, e);
}

static bool measure(place *p, bool (*fn)(place *p, err *e), cost *out, err *e) {
    *out = (cost){.seconds = 1e9};
    for (int i = 0; i < 3; i++) {
        int64_t before = count_of(p);
        double start = seconds();
        if (!fn(p, e)) return false;
        double took = seconds() - start;
        if (took < out->seconds) *out = (cost){took, count_of(p) - before};
    }
    return true;
}

static void tell(const place *p, const char *what, const cost *x, const cost *bare) {
    printf("%-14s %9.0f /s  %6.2f us", what, (double)p->rounds / x->seconds, x->seconds / (double)p->rounds * 1e6);
    if (x->instructions) printf("  %8.0f instructions", (double)x->instructions / (double)p->rounds);
    printf("  %5.1f reads\n", x->seconds / bare->seconds);
}

static bool run(place *p, const char *where, err *e) {
    world w = world_fixed(&p->now);
    cost bare, look, pass;
    bool ok = store_open(&p->s, str_c(where), (store_opts){.create = true, .cache_mb = 256}, e) &&
              store_lock(p->s, 0, e) && know_open(&p->k, p->s, &w, NULL, e) && fill_people(p, e) &&
              first_customer(p, e) && fill_records(p, e) && warm(p, e) && measure(p, bare_reads, &bare, e) &&
              measure(p, looks, &look, e) && measure(p, passes, &pass, e);
    if (ok) {
        printf("%" PRId64 " customers, %" PRId64 " answers kept before, %" PRId64 " rounds\n", p->n, p->n * SENT,
               p->rounds);
        tell(p, "one row", &bare, &bare);
        tell(p, "look", &look, &bare);
        tell(p, "pass and keep", &pass, &bare);
    }
    know_close(p->k);
    store_close(p->s);
    return ok;
}

int main(int argc, char **argv) {
    err e = {0};
    place p = {.n = 100000, .rounds = 20000, .now = NOON, .a = arena_open((size_t)1 << 28), .counter = open_counter()};
    if (argc > 1 && !str_i64(str_c(argv[1]), &p.n)) return 2;
    if (argc > 3 && !str_i64(str_c(argv[3]), &p.rounds)) return 2;
    if (run(&p, argc > 2 ? argv[2] : ":memory:", &e)) return 0;
    fprintf(stderr, "%s\n", e.msg);
    return 1;
}
