// The pump: everything that goes in comes out once and whole, whichever side is slower and whichever fails.
#include "test.h"

#include <unistd.h>

#include "base/rng.h"
#include "jobs/pump.h"

typedef struct {
    uint64_t seed;
    int64_t rows;          // to be read
    int sources;           // among which they are dealt
    int64_t read_fails_at; // row; 0: never
    int64_t write_fails_at;
    bool slow_reader, slow_writer;
    // what the writer saw
    int64_t events, wrote_rows, skipped, bad, batches, biggest;
    uint64_t sum;
    int64_t last_row[16];
    int64_t put; // what the reader got rid of, for after the run
    uint64_t put_sum;
} rig;

static uint64_t hash_event(const event *ev) {
    uint64_t h = str_hash2((uint64_t)ev->at_us, ev->ext);
    const str texts[] = {ev->thread,  ev->text,    ev->lang,  ev->topic, ev->name,
                         ev->country, ev->segment, ev->staff, ev->extra};
    for (size_t i = 0; i < COUNT(texts); i++) h = str_hash2(h, texts[i]);
    for (int i = 0; i < ev->n_ids; i++) h = str_hash2(h + (uint64_t)ev->ids[i].kind, ev->ids[i].value);
    return h;
}

static str random_text(arena *a, rng *r, int64_t most) {
    int64_t n = rng_range(r, 0, most);
    char *p = make(a, char, n + 1);
    for (int64_t i = 0; i < n; i++) p[i] = (char)rng_range(r, 'a', 'z');
    return (str){p, (size_t)n};
}

static event random_event(arena *a, rng *r, int64_t line, int k) {
    event ev = {.at_us = line + 1, .ext = str_fmt(a, "%" PRId64 ".%d", line, k), .n_ids = (int)rng_range(r, 0, 3)};
    str *const texts[] = {&ev.thread, &ev.lang, &ev.topic, &ev.name, &ev.country, &ev.segment, &ev.staff, &ev.extra};
    for (size_t i = 0; i < COUNT(texts); i++) *texts[i] = random_text(a, r, 8);
    ev.text = random_text(a, r, rng_chance(r, 0.01) ? 20000 : 60);
    for (int i = 0; i < ev.n_ids; i++) ev.ids[i] = (ident){IDENT_email, random_text(a, r, 12)};
    return ev;
}

// The row lives only as long as the call: what the pump keeps must be its own.
static bool put_row(rig *g, pump *p, rng *r, arena *a, int64_t i, err *e) {
    event evs[20];
    heard h = {.line = i + 1, .events = evs, .raw = S("raw"), .header = S("header")};
    char source[8];
    arena_reset(a);
    snprintf(source, sizeof source, "s%d", (int)rng_range(r, 0, g->sources - 1));
    double what = rng_unit(r);
    h.skipped = what<0.1, h.rejected = what> 0.9;
    h.reason = h.skipped ? S("blank 7") : S("bad"), h.field = S("date");
    if (!h.skipped && !h.rejected) h.n = (int)rng_range(r, 1, COUNT(evs));
    for (int k = 0; k < h.n; k++) evs[k] = random_event(a, r, i, k);
    if (!pump_put(p, str_c(source), CHANNEL_shop, S("file"), &h, e)) return false;
    for (int k = 0; k < h.n; k++) g->put_sum += hash_event(&evs[k]);
    memset(evs, 0xEE, sizeof evs);
    g->put++;
    return true;
}

static bool read_rows(void *ctx, pump *p, err *e) {
    rig *g = ctx;
    rng r = rng_seed(g->seed);
    arena a = arena_open(1 << 22);
    bool ok = true;
    for (int64_t i = 0; ok && i < g->rows; i++) {
        if (i + 1 == g->read_fails_at) ok = fail(e, ERR_invalid, "damaged at row %" PRId64, i);
        ok = ok && (put_row(g, p, &r, &a, i, e) || fail(e, ERR_internal, "stopped"));
        pump_progress(p, i, g->rows);
        if (g->slow_reader && i % 100 == 0) usleep(1000);
    }
    arena_close(&a);
    return ok;
}

static bool write_rows(void *ctx, const pump_batch *b, err *e) {
    rig *g = ctx;
    int which = b->source.s[1] - '0';
    if (g->slow_writer) usleep(500);
    g->batches++;
    g->biggest = MAX(g->biggest, (int64_t)b->n);
    for (size_t i = 0; i < b->n; i++) {
        const event *ev = &b->events[i];
        g->sum += hash_event(ev);
        // In order within a source, and never a row in two batches.
        if (!i || b->row_of[i] != b->row_of[i - 1]) assert_true(ev->at_us > g->last_row[which]);
        if (i) assert_true(b->row_of[i] == b->row_of[i - 1] || b->row_of[i] == b->row_of[i - 1] + 1);
        g->last_row[which] = ev->at_us;
    }
    for (size_t i = 0; i < b->n_bad; i++)
        assert_true(str_eq(b->bad[i].raw, S("raw")) && str_eq(b->bad[i].file, S("file")));
    int64_t whys = 0;
    for (int i = 0; i < b->n_whys; i++) {
        assert_str(b->whys[i].why, S("blank …"));
        whys += b->whys[i].n;
    }
    assert_int_equal(whys, b->skipped);
    g->events += (int64_t)b->n, g->wrote_rows += b->rows, g->skipped += b->skipped, g->bad += (int64_t)b->n_bad;
    if (g->write_fails_at && g->batches >= g->write_fails_at) return fail(e, ERR_full, "the disk is full");
    return true;
}

static enum pump_side run(rig *g, size_t max_events, err *e) {
    enum pump_side side;
    pump_opts o = {.max_events = max_events,
                   .max_bytes = 1 << 20,
                   .open = g->sources,
                   .read = read_rows,
                   .write = write_rows,
                   .ctx = g};
    bool ok = pump_run(&o, &side, e);
    assert_true(ok == (side == PUMP_NONE) && ok == err_ok(e));
    return side;
}

static void everything_arrives_once(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        rng r = rng_seed(seed);
        rig g = {.seed = seed,
                 .rows = rng_range(&r, 0, 3000),
                 .sources = (int)rng_range(&r, 1, 10),
                 .slow_reader = seed % 5 == 1,
                 .slow_writer = seed % 5 == 2};
        err e = {0};
        size_t max = (size_t)rng_range(&r, 1, 700);
        assert_int_equal(run(&g, max, &e), PUMP_NONE);
        assert_int_equal(g.wrote_rows + g.skipped + g.bad, g.rows);
        assert_true(g.sum == g.put_sum);
        assert_true(g.biggest < (int64_t)max + 20);
    }
}

// What was read before the damage is written; the damage is told.
static void a_reader_that_fails_loses_nothing_it_read(void **state) {
    (void)state;
    for (int64_t at = 1; at < 2000; at += 133) {
        rig g = {.seed = (uint64_t)at, .rows = 2000, .sources = 3, .read_fails_at = at, .slow_writer = at % 2};
        err e = {0};
        assert_int_equal(run(&g, 200, &e), PUMP_READER);
        assert_int_equal(e.code, ERR_invalid);
        assert_int_equal(g.wrote_rows + g.skipped + g.bad, at - 1);
        assert_true(g.sum == g.put_sum);
    }
}

static void a_writer_that_fails_stops_the_reader(void **state) {
    (void)state;
    for (int64_t at = 1; at <= 12; at++) {
        rig g = {.seed = (uint64_t)at, .rows = 1000000, .sources = 1 + (int)at % 4, .write_fails_at = at};
        err e = {0};
        assert_int_equal(run(&g, 100, &e), PUMP_WRITER);
        assert_int_equal(e.code, ERR_full);
        assert_int_equal(g.batches, at);
        assert_true(g.put < 10000); // the ring holds few
    }
}

static void both_may_fail(void **state) {
    (void)state;
    rig g = {.seed = 7, .rows = 3000, .sources = 2, .read_fails_at = 3000, .write_fails_at = 1};
    err e = {0};
    assert_int_equal(run(&g, 100, &e), PUMP_WRITER);
    assert_int_equal(e.code, ERR_full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_arrives_once),
        cmocka_unit_test(a_reader_that_fails_loses_nothing_it_read),
        cmocka_unit_test(a_writer_that_fails_stops_the_reader),
        cmocka_unit_test(both_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
