// The job that looks who may be the same person, after heed itself has changed: what an older version learnt is learnt
// again by itself, and where that cannot be, it is said and left for a day.
#include <math.h>

#include "know/rig.h"
#include "know/twice.h"

#include "jobs/runner.h"
#include "know/likeness.h"
#include "sql/know_likeness.h"

typedef struct {
    fixture *f;
    writer *w;
    world world;
    int64_t now;
    arena life;
    const event *evs;
    size_t n;
    const char *source, *kind;
    int64_t job;
} house;

static void house_open(house *h, void **state) {
    void *f = NULL;
    err e = {0};
    assert_int_equal(fixture_open(&f, lasting_place(state)), 0);
    *h = (house){.f = f, .now = INT64_C(1767225600000000), .life = arena_open((size_t)1 << 30)};
    h->world = world_fixed(&h->now);
    store_close(h->f->s);
    assert_ok(writer_open(&h->w, (writer_opts){.where = h->f->where, .w = &h->world}, &e), e);
}

static void house_close(house *h) {
    void *f = h->f;
    writer_close(h->w);
    arena_close(&h->life);
    h->f->s = open_again(h->f, (store_opts){0});
    fixture_close(&f);
}

static bool fill_piece(void *ctx, desk *d, err *e) {
    house *h = ctx;
    ledger *l = know_ledger(d->k);
    int64_t source, import;
    tally t;
    int32_t *rows = make(&h->life, int32_t, h->n);
    intake in = {.events = h->evs, .row_of = rows, .n = h->n, .rows = (int64_t)h->n};
    return ledger_source(l, str_c(h->source), S("test"), CHANNEL_shop, false, &source, e) &&
           ledger_import_begin(l, source, S("t"), S("{}"), &import, e) && ledger_write(l, import, &in, &t, e) &&
           ledger_flush(l, e);
}

static void fill(house *h, const char *source, const event *evs, size_t n) {
    err e = {0};
    h->source = source, h->evs = evs, h->n = n;
    assert_ok(writer_alone(h->w, fill_piece, h, &e), e);
}

static bool make_job(void *ctx, desk *d, err *e) {
    house *h = ctx;
    return job_make(d->s, d->w, &(new_job){.kind = h->kind, .by = S("test")}, &h->job, e);
}

// What it says when it is done.
static json_t *done(house *h, const char *kind) {
    err e = {0};
    runner *r;
    job_row j = {.state = JOB_WAITING};
    json_t *doc = NULL;
    h->kind = kind;
    assert_ok(writer_do(h->w, make_job, h, &e), e);
    runner_opts o = {.w = h->w, .where = h->f->where, .world = &h->world, .only = h->job};
    assert_ok(runner_open(&r, o, &e), e);
    for (int i = 0; i < 6000 && (j.state == JOB_WAITING || j.state == JOB_RUNNING); i++) {
        store *s = open_again(h->f, (store_opts){.read_only = true});
        usleep(10000);
        assert_ok(job_get(&h->life, s, h->job, &j, &e), e);
        store_close(s);
    }
    runner_close(r);
    if (j.state != JOB_DONE) fail_msg("%.*s", STR_ARG(j.error));
    assert_ok(json_read(j.result, &doc, &e), e);
    return doc;
}

// What is kept as an older version would have kept it.
static bool make_old(void *ctx, desk *d, err *e) {
    static const str is = S("\"version\":2"), was = S("\"version\":1");
    house *h = ctx;
    str model = {0};
    int64_t join = 0, ask = 0, id;
    for (row r = store_query(d->s, Q_likeness_model_newest, e, ""); row_next(&r);)
        model = str_dup(&h->life, row_str(&r, 2)), join = row_int(&r, 4), ask = row_int(&r, 5);
    char *at = model.len ? memmem(model.s, model.len, is.s, is.len) : NULL;
    if (at) memcpy(at, was.s, was.len);
    if (!model.len) model = S("{}"), join = 9000;
    return store_begin(d->s, e) && ledger_id(know_ledger(d->k), &id, e) &&
           store_run(d->s, Q_likeness_model_put, NULL, e, "iitiiit", id, h->now, model, h->n, join, ask, S("old")) &&
           ledger_commit(know_ledger(d->k), e);
}

static likeness_standing stands(house *h) {
    err e = {0};
    likeness_standing out;
    store *s = open_again(h->f, (store_opts){.read_only = true});
    assert_ok(likeness_stands(s, &out, &e), e);
    store_close(s);
    return out;
}

static void what_an_older_version_learnt_is_learnt_again(void **state) {
    house h;
    err e = {0};
    house_open(&h, state);
    crowd c = crowd_of(1), late = crowd_of(2);
    come_later(&late);
    fill(&h, "shop", c.evs, c.n);
    json_decref(done(&h, "likeness_learn"));
    const likeness_standing before = stands(&h);
    assert_true(before.learnt && before.joined > 50);
    assert_ok(writer_alone(h.w, make_old, &h, &e), e);
    h.now += DAY_US;
    fill(&h, "desk", late.evs, late.n);
    assert_true(stands(&h).waiting > 0);
    json_t *told = done(&h, "likeness");
    assert_true(json_is_true(json_object_get(told, "learnt_again")));
    assert_true(str_has(json_text(json_object_get(told, "because")), S("another version")));
    json_decref(told);
    const likeness_standing after = stands(&h);
    assert_true(after.made_us == h.now && !after.waiting);
    assert_true(after.profiles > before.profiles && after.joined > before.joined + 50);
    assert_true(fabs(after.join_milli - before.join_milli) < 8); // the same chance, to a grain
    fill(&h, "shop", c.evs, 1);
    told = done(&h, "likeness"); // and is in order from then on
    assert_null(json_object_get(told, "learnt_again"));
    json_decref(told);
    arena_close(&c.a), arena_close(&late.a);
    house_close(&h);
}

static void where_that_cannot_be_it_is_said_and_left_for_a_day(void **state) {
    house h;
    err e = {0};
    house_open(&h, state);
    crowd c = crowd_of(3);
    fill(&h, "shop", c.evs, 40);
    assert_ok(writer_alone(h.w, make_old, &h, &e), e);
    writer_close(h.w); // another program wrote it
    assert_ok(writer_open(&h.w, (writer_opts){.where = h.f->where, .w = &h.world}, &e), e);
    fill(&h, "shop", c.evs + 40, 10);
    assert_int_equal(stands(&h).waiting, 10);
    for (int day = 0; day < 2; day++)
        for (int turn = 0; turn < 2; turn++) {
            json_t *told = done(&h, "likeness");
            const json_t *again = json_object_get(told, "learnt_again");
            assert_true(turn ? !again : json_is_false(again));
            if (again) assert_true(str_has(json_text(json_object_get(told, "because")), S("50 profiles have a name")));
            assert_int_equal(stands(&h).waiting, 10);
            json_decref(told);
            h.now += turn ? DAY_US : HOUR_US;
        }
    arena_close(&c.a);
    house_close(&h);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(what_an_older_version_learnt_is_learnt_again),
                                 cmocka_unit_test(where_that_cannot_be_it_is_said_and_left_for_a_day)};
    return rig_run(tests, COUNT(tests));
}
