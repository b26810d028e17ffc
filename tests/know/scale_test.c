// More people than the caches hold: what is remembered may be forgotten between batches, and nothing may come out
// wrong.
#include "test.h"

#include "know/rig.h"

enum { PEOPLE = 90000, BATCH = 30000 };

// Two events a person: one by customer number and e-mail, one by the e-mail alone. Each second profile joins the first,
// which makes as many moves as there are people.
static void a_person_each(rig *r, int turn, arena a) {
    event *evs = make(&a, event, BATCH);
    int32_t *rows = make(&a, int32_t, BATCH);
    err e = {0};
    tally t;
    for (int from = 0; from < PEOPLE; from += BATCH) {
        arena scratch = a;
        for (int i = 0; i < BATCH; i++) {
            int who = from + i;
            evs[i] = (event){.kind = turn % 2 ? KIND_order : KIND_usage,
                             .channel = turn % 2 ? CHANNEL_shop : CHANNEL_app,
                             .at_us = (20000 + turn) * DAY_US + who,
                             .mood = MOOD_UNKNOWN,
                             .value = 100,
                             .has_value = true,
                             .unit = 978};
            evs[i].ext = str_fmt(&scratch, "%d:%d", turn, who);
            if (turn % 2) evs[i].ids[evs[i].n_ids++] = (ident){IDENT_user_id, str_fmt(&scratch, "%d", who)};
            evs[i].ids[evs[i].n_ids++] = (ident){IDENT_email, str_fmt(&scratch, "p%d@x.org", who)};
            rows[i] = i;
        }
        intake in = {.events = evs, .row_of = rows, .n = BATCH, .rows = BATCH};
        assert_ok(ledger_write(know_ledger(r->k), r->import, &in, &t, &e), e);
        assert_int_equal(t.added, BATCH);
    }
}

static void more_joins_than_are_remembered(void **state) {
    (void)state;
    rig r;
    rig_open(&r, FOLDER);
    arena a = arena_open((size_t)1 << 30);
    err e = {0};
    for (int turn = 0; turn < 4; turn++) a_person_each(&r, turn, a);
    assert_ok(ledger_flush(know_ledger(r.k), &e), e);
    rebuilt_report out;
    assert_ok(know_verify(&a, r.s, NULL, NULL, &out, &e), e);
    if (out.differences) fail_msg("%d differences: %.*s", (int)out.differences, STR_ARG(out.first));
    assert_int_equal(out.customers, PEOPLE);
    assert_int_equal(out.profiles, 2 * PEOPLE);
    arena_close(&a);
    rig_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(more_joins_than_are_remembered)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
