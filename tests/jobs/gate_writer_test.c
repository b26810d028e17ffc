// Many who want to send at once: no order in which they come lets one person get more than their budget, nor the same
// words twice.
#include <pthread.h>
#include <stdatomic.h>

#include "know/rig.h"

#include "act/gate_settings.h"
#include "jobs/writer.h"
#include "ledger/ident.h"
#include "sql/act_gate.h"
#include "sql/know.h"

enum { THREADS = 8, TRIES = 40, PEOPLE = 3 };

typedef struct {
    fixture *f;
    writer *w;
    world world;
    int64_t now, people[PEOPLE];
    _Atomic int allowed[PEOPLE], asked;
} crowd;

typedef struct {
    crowd *c;
    int number, person;
    gate_ask ask;
    gate_answer answer;
    char occasion[32];
} one_ask;

static bool make_person(void *ctx, desk *d, err *e) {
    crowd *c = ctx;
    ledger *l = know_ledger(d->k);
    int64_t source, import;
    tally t;
    event evs[PEOPLE];
    int32_t rows[PEOPLE];
    char names[PEOPLE][16];
    if (!ledger_source(l, S("shop"), S("test"), CHANNEL_shop, false, &source, e) ||
        !ledger_import_begin(l, source, S("t"), S("{}"), &import, e))
        return false;
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(names[i], sizeof names[i], "u%d", i);
        evs[i] = from(event_of(KIND_identify, 20000 * DAY_US, names[i]), IDENT_user_id, names[i]);
        rows[i] = i;
    }
    intake in = {.events = evs, .row_of = rows, .n = PEOPLE, .rows = PEOPLE};
    if (!ledger_write(l, import, &in, &t, e)) return false;
    for (int i = 0; i < PEOPLE; i++)
        for (row q = store_query(d->s, Q_identifier_find, e, "i", (int64_t)ident_hash(IDENT_user_id, str_c(names[i])));
             row_next(&q);)
            c->people[i] = row_int(&q, 1);
    return err_ok(e);
}

static bool ask_one(void *ctx, desk *d, err *e) {
    one_ask *x = ctx;
    return gate_pass(know_ledger(d->k), d->a, &x->ask, &x->answer, e);
}

static void *ask_many(void *arg) {
    one_ask *x = arg;
    for (int i = 0; i < TRIES; i++) {
        err e = {0};
        x->person = (i + x->number) % PEOPLE;
        // Half of them want to send the same.
        snprintf(x->occasion, sizeof x->occasion, i % 2 ? "same:%d" : "own:%d:%d", i, x->number);
        x->ask = (gate_ask){.kind = GATE_welcome,
                            .customer = x->c->people[x->person],
                            .channel = CHANNEL_email,
                            .template = S("hello"),
                            .occasion = str_c(x->occasion),
                            .by = S("test")};
        if (!writer_do(x->c->w, ask_one, x, &e)) {
            fprintf(stderr, "%s\n", e.msg);
            return NULL;
        }
        x->c->allowed[x->person] += x->answer.verdict == GATE_ALLOW;
        x->c->asked++;
    }
    return x;
}

static void no_order_of_coming_exceeds_a_budget(void **state) {
    err e = {0};
    void *f = NULL;
    crowd c = {.now = INT64_C(1767268800000000)}; // noon
    pthread_t threads[THREADS];
    one_ask asks[THREADS];
    assert_int_equal(fixture_open(&f, lasting_place(state)), 0);
    c.f = f, c.world = world_fixed(&c.now);
    store_close(c.f->s);
    assert_ok(writer_open(&c.w, (writer_opts){.where = c.f->where, .w = &c.world}, &e), e);
    assert_ok(writer_alone(c.w, make_person, &c, &e), e);
    for (int i = 0; i < THREADS; i++) {
        asks[i] = (one_ask){.c = &c, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_many, &asks[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *fine = NULL;
        pthread_join(threads[i], &fine);
        assert_non_null(fine);
    }
    writer_close(c.w);
    assert_int_equal(c.asked, THREADS * TRIES);
    for (int i = 0; i < PEOPLE; i++) assert_int_equal(c.allowed[i], 4); // two asks, and a welcome is half of one
    assert_ok(store_open(&c.f->s, str_c(c.f->where), (store_opts){0}, &e), e);
    int64_t records = 0;
    for (row q = store_query(c.f->s, Q_gate_counts, &e, "iii", INT64_C(0), INT64_MAX, INT64_C(0)); row_next(&q);)
        records += row_int(&q, 4);
    assert_int_equal(records, THREADS * TRIES); // every answer is kept
    f = c.f;
    fixture_close(&f);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(no_order_of_coming_exceeds_a_budget)};
    return rig_run(tests, COUNT(tests));
}
