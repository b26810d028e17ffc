// The outbox: in by the gate alone, once for each occasion, and no other way to a mail server.
#include <unistd.h>

#include "know/rig.h"

#include "act/mail_setup.h"
#include "act/outbox_tell.h"
#include "ledger/ident.h"
#include "sql/act_outbox.h"
#include "sql/know.h"
#include "sql/ledger.h"

typedef struct {
    rig r;
    arena a;
    int64_t customer;
} room;

static void room_open(room *m, void **state) {
    err e = {0};
    rig_open(&m->r, place_of(state));
    m->a = arena_open((size_t)1 << 27);
    m->r.now += 12 * HOUR_US;
    event ev = order("1", 20400, 1000, "1", "ada@example.org");
    rig_put(&m->r, &ev, 1);
    for (row q =
             store_query(m->r.s, Q_identifier_find, &e, "i", (int64_t)ident_hash(IDENT_email, S("ada@example.org")));
         row_next(&q);)
        m->customer = row_int(&q, 1);
    assert_true(m->customer > 0);
}
static void room_close(room *m) {
    arena_close(&m->a);
    rig_close(&m->r);
}

static outbox_new a_message(const room *m, enum gate_kind kind, const char *occasion) {
    return (outbox_new){.gate = {.kind = kind,
                                 .customer = m->customer,
                                 .template = S("t"),
                                 .occasion = str_c(occasion),
                                 .by = S("test")},
                        .subject = S("Hello"),
                        .text = S("Words.")};
}

static bool put_it(room *m, const outbox_new *n, outbox_put_answer *out, err *e) {
    ledger *l = know_ledger(m->r.k);
    if (store_begin(m->r.s, e) && outbox_put(l, &m->a, n, out, e) && ledger_commit(l, e)) return true;
    return store_rollback(m->r.s), false;
}

static outbox_put_answer put_well(room *m, enum gate_kind kind, const char *occasion) {
    err e = {0};
    outbox_put_answer out;
    outbox_new n = a_message(m, kind, occasion);
    assert_ok(put_it(m, &n, &out, &e), e);
    return out;
}

static outbox_row message(room *m, int64_t id) {
    err e = {0};
    outbox_row o;
    assert_ok(outbox_get(&m->a, m->r.s, id, &o, &e), e);
    return o;
}

typedef bool (*deed)(room *m, int64_t id, err *e);
static bool cancel_it(room *m, int64_t id, err *e) {
    return outbox_cancel(know_ledger(m->r.k), id, S("test"), e);
}
static bool retry_it(room *m, int64_t id, err *e) {
    return outbox_retry(know_ledger(m->r.k), &m->a, id, S("test"), e);
}
static bool arrived_it(room *m, int64_t id, err *e) {
    return outbox_settle(know_ledger(m->r.k), id, true, S("test"), e);
}
static bool lost_it(room *m, int64_t id, err *e) {
    return outbox_settle(know_ledger(m->r.k), id, false, S("test"), e);
}
static enum err_code doing(room *m, deed what, int64_t id) {
    err e = {0};
    if (store_begin(m->r.s, &e) && what(m, id, &e) && ledger_commit(know_ledger(m->r.k), &e)) return ERR_none;
    store_rollback(m->r.s);
    return e.code;
}

static void mark(room *m, int64_t id) { // as far as the sender gets before the end
    err e = {0};
    outbox_row o = message(m, id);
    int64_t lease = m->r.now + HOUR_US;
    assert_ok(store_run(m->r.s, Q_outbox_claim, NULL, &e, "iii", id, o.next_us, lease), e);
    assert_ok(store_run(m->r.s, Q_outbox_mark, NULL, &e, "iii", id, m->r.now, lease), e);
}

static void the_same_occasion_is_one_message(void **state) {
    room m;
    room_open(&m, state);
    outbox_put_answer first = put_well(&m, GATE_service, "order:1"), again = put_well(&m, GATE_service, "order:1");
    assert_true(first.id > 0 && !first.again && first.gate.verdict == GATE_ALLOW && first.gate.id > 0);
    assert_true(again.again && again.id == first.id);
    assert_int_not_equal(put_well(&m, GATE_service, "order:2").id, first.id);
    outbox_row o = message(&m, first.id);
    assert_int_equal(o.gate_id, first.gate.id);
    assert_str(o.address, S("ada@example.org"));
    assert_int_equal(o.token.len, 16);
    room_close(&m);
}

static void after_two_customers_became_one_nobody_gets_it_twice(void **state) {
    room m;
    err e = {0};
    room_open(&m, state);
    event other = order("2", 20401, 1000, "2", "bob@example.org");
    rig_put(&m.r, &other, 1);
    int64_t first = m.customer, second = 0;
    for (row q = store_query(m.r.s, Q_identifier_find, &e, "i", (int64_t)ident_hash(IDENT_email, S("bob@example.org")));
         row_next(&q);)
        second = row_int(&q, 1);
    m.customer = second;
    outbox_put_answer x = put_well(&m, GATE_service, "order:1");
    assert_ok(know_join(m.r.k, first, second, S("test"), &e), e);
    m.customer = first;
    outbox_put_answer y = put_well(&m, GATE_service, "order:1");
    assert_true(y.again && y.id == x.id);
    room_close(&m);
}

static void what_the_gate_keeps_back_is_not_there(void **state) {
    room m;
    err e = {0};
    room_open(&m, state);
    outbox_put_answer x = put_well(&m, GATE_referral, "2026"); // nobody allowed it
    assert_int_equal(x.gate.verdict, GATE_SKIP);
    assert_int_equal(x.id, 0);
    assert_true(x.gate.id > 0);
    outbox_counts n;
    assert_ok(outbox_count(m.r.s, &n, &e), e);
    for (int i = 0; i < OUTBOX_STATES; i++) assert_int_equal(n.of[i], 0);
    room_close(&m);
}

static void input_that_is_wrong_names_the_remedy(void **state) {
    room m;
    room_open(&m, state);
    outbox_new good = a_message(&m, GATE_service, "o"), bad[8];
    for (int i = 0; i < 8; i++) bad[i] = good;
    bad[0].gate.customer = 0, bad[1].gate.template = S(""), bad[2].subject = S(" "), bad[3].to_name = S("a\r\nb");
    bad[4].gate.address = S("nobody"), bad[5].html = S("<script>"), bad[6].in_reply_to = S("a b"),
    bad[7].gate.kind = GATE_none;
    for (int i = 0; i < 8; i++) {
        err e = {0};
        outbox_put_answer out;
        if (put_it(&m, &bad[i], &out, &e)) fail_msg("case %d was taken", i);
        assert_int_equal(e.code, ERR_invalid);
    }
    err e = {0};
    outbox_put_answer out;
    good.gate.customer = 999999;
    assert_false(put_it(&m, &good, &out, &e));
    assert_int_equal(e.code, ERR_not_found);
    room_close(&m);
}

static void states_go_where_they_may(void **state) {
    room m;
    room_open(&m, state);
    int64_t a = put_well(&m, GATE_service, "a").id;
    assert_int_equal(doing(&m, arrived_it, a), ERR_conflict);
    assert_int_equal(doing(&m, cancel_it, a), ERR_none);
    assert_int_equal(message(&m, a).state, OUTBOX_CANCELLED);
    assert_int_equal(doing(&m, cancel_it, a), ERR_conflict);
    int64_t gate = message(&m, a).gate_id;
    assert_int_equal(doing(&m, retry_it, a), ERR_none);
    assert_int_equal(message(&m, a).state, OUTBOX_WAITING);
    assert_int_not_equal(message(&m, a).gate_id, gate); // it passed anew
    mark(&m, a);
    assert_int_equal(message(&m, a).state, OUTBOX_UNSURE);
    assert_int_equal(doing(&m, cancel_it, a), ERR_conflict);
    assert_int_equal(doing(&m, retry_it, a), ERR_conflict);
    assert_int_equal(doing(&m, lost_it, a), ERR_conflict); // its answer may still be on the way
    m.r.now += HOUR_US;
    assert_int_equal(doing(&m, lost_it, a), ERR_none);
    assert_int_equal(message(&m, a).state, OUTBOX_WAITING);
    mark(&m, a);
    assert_int_equal(doing(&m, arrived_it, a), ERR_none);
    assert_int_equal(message(&m, a).state, OUTBOX_SENT);
    assert_int_equal(doing(&m, retry_it, a), ERR_conflict);
    assert_int_equal(doing(&m, cancel_it, 999999), ERR_not_found);
    room_close(&m);
}

static void what_was_cancelled_takes_nothing_of_their_patience(void **state) {
    room m;
    room_open(&m, state);
    m.r.now += 30 * DAY_US;
    outbox_put_answer x = put_well(&m, GATE_thanks, "a");
    if (x.gate.verdict != GATE_ALLOW) fail_msg("%.*s", STR_ARG(x.gate.reason));
    assert_int_not_equal(put_well(&m, GATE_thanks, "b").gate.verdict, GATE_ALLOW); // its clock runs
    assert_int_equal(doing(&m, cancel_it, x.id), ERR_none);
    assert_int_equal(put_well(&m, GATE_thanks, "c").gate.verdict, GATE_ALLOW);
    room_close(&m);
}

static void told_once_whatever_crashes(void **state) {
    room m;
    err e = {0};
    room_open(&m, state);
    int64_t a = put_well(&m, GATE_service, "a").id;
    mark(&m, a);
    assert_int_equal(doing(&m, arrived_it, a), ERR_none);
    size_t n;
    assert_ok(outbox_tell(know_ledger(m.r.k), &m.a, &n, &e), e);
    assert_int_equal(n, 1);
    assert_true(message(&m, a).told);
    int64_t events = rig_count(&m.r, Q_event_count);
    // The crash between the event and the mark: it is told again, and is the same event.
    assert_ok(store_run(m.r.s, Q_outbox_settled, NULL, &e, "iit", a, m.r.now, S("")), e);
    mark(&m, put_well(&m, GATE_service, "b").id);
    assert_ok(outbox_tell(know_ledger(m.r.k), &m.a, &n, &e), e);
    assert_int_equal(rig_count(&m.r, Q_event_count), events);
    rig_flush(&m.r);
    assert_verified(&m.r);
    room_close(&m);
}

static void it_is_asked_again_before_it_goes(void **state) {
    room m;
    err e = {0};
    outbox_leave may;
    room_open(&m, state);
    int64_t a = put_well(&m, GATE_service, "a").id;
    outbox_row o = message(&m, a);
    assert_ok(outbox_ask(&m.a, m.r.s, &o, m.r.now, &may, &e), e);
    assert_int_equal(may.may, OUTBOX_GO);
    outbox_row forged = o; // a row that the gate never saw
    forged.gate_id = o.gate_id + 100000;
    assert_ok(outbox_ask(&m.a, m.r.s, &forged, m.r.now, &may, &e), e);
    assert_int_equal(may.may, OUTBOX_STOP);
    forged = o, forged.kind = GATE_marketing; // allowed something else
    assert_ok(outbox_ask(&m.a, m.r.s, &forged, m.r.now, &may, &e), e);
    assert_int_equal(may.may, OUTBOX_STOP);
    forged = o, forged.occasion = S("b");
    assert_ok(outbox_ask(&m.a, m.r.s, &forged, m.r.now, &may, &e), e);
    assert_int_equal(may.may, OUTBOX_STOP);
    room_close(&m);
}

// ---- the only way ----

static int holds(const char *command) {
    return system(command);
}

static void no_other_way_leads_to_a_mail_server(void **state) {
    (void)state;
    if (access("src/jobs/send_smtp.c", R_OK)) {
        print_message("skipped: not run from the folder of the sources\n");
        skip();
    }
    // libcurl's options for mail stand in one file, and so do the words of the protocol.
    assert_int_equal(holds("! grep -rlE 'CURLOPT_MAIL_|\"%s://%.\\*s:%d/|smtps?://' src --include='*.c' "
                           "--include='*.h' | grep -v '^src/jobs/send_smtp.c$' | grep -q ."),
                     0);
    // Only the sender asks it, and only outbox.c writes rows, after gate_pass.
    assert_int_equal(
        holds("! grep -rl 'smtp_send(' src | grep -v -e '^src/jobs/send_smtp\\.' -e '^src/jobs/send.c$' | grep -q ."),
        0);
    assert_int_equal(holds("! grep -rl 'Q_outbox_put,' src | grep -v '^src/act/outbox.c$' | grep -q ."), 0);
    assert_int_equal(
        holds("[ $(grep -c 'INSERT INTO outbox ' src/store/sql/*.sql | awk -F: '{ n += $2 } END { print n }') = 1 ]"),
        0);
    assert_int_equal(holds("grep -q 'gate_id BIGINT NOT NULL' src/store/migrations/0009_outbox.sql"), 0);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(the_same_occasion_is_one_message),
                                 cmocka_unit_test(after_two_customers_became_one_nobody_gets_it_twice),
                                 cmocka_unit_test(what_the_gate_keeps_back_is_not_there),
                                 cmocka_unit_test(input_that_is_wrong_names_the_remedy),
                                 cmocka_unit_test(states_go_where_they_may),
                                 cmocka_unit_test(what_was_cancelled_takes_nothing_of_their_patience),
                                 cmocka_unit_test(told_once_whatever_crashes),
                                 cmocka_unit_test(it_is_asked_again_before_it_goes),
                                 cmocka_unit_test(no_other_way_leads_to_a_mail_server)};
    return rig_run(tests, COUNT(tests));
}
