// What people of ours do in the inbox: an answer belongs to what it answers, today says the same as the inbox, what is
// taken back is as if it had never been, and nothing is sent twice or lost.
#include <unistd.h>

#include "know/rig.h"

#include "act/address.h"
#include "act/bounce.h"
#include "act/inbox_reply.h"
#include "act/mail_setup.h"
#include "act/outbox_tell.h"
#include "decide/today.h"
#include "know/told.h"
#include "ledger/ident.h"
#include "sql/act_outbox.h"
#include "sql/inbox.h"
#include "sql/know.h"

typedef struct {
    rig r;
    arena a;
    int64_t customer, talk, voice; // the customer, and what they have in the inbox
} room;

static const inbox_hand ADA = {.by = {"account:1", 9}, .name = {"Ada", 3}};

static int64_t days_ago(const room *m, double d) {
    return m->r.now - (int64_t)(d * (double)DAY_US);
}

static event by_ada(room *m, enum kind kind, double ago, const char *ext) {
    event ev = event_of(kind, days_ago(m, ago), ext);
    ev.channel = CHANNEL_email;
    return from(from(ev, IDENT_zendesk_id, "77"), IDENT_email, "ada@example.org");
}

static void room_open(room *m, void **state) {
    err e = {0};
    rig_open(&m->r, place_of(state));
    m->a = arena_open((size_t)1 << 28);
    m->r.now += 12 * HOUR_US;
    rig_source(&m->r, "zendesk");
    event evs[] = {by_ada(m, KIND_message_in, 3, "m1"), by_ada(m, KIND_review, 2, "r1")};
    evs[0].thread = S("T1"), evs[0].text = S("Where is my order?"), evs[0].extra = S("\"subject\":\"Order 1027\"");
    evs[1].value = 100, evs[1].has_value = true, evs[1].unit = INSTRUMENT_stars5, evs[1].text = S("late again");
    evs[1].thread = S("");
    rig_put(&m->r, evs, 2);
    rig_flush(&m->r);
    for (row q =
             store_query(m->r.s, Q_identifier_find, &e, "i", (int64_t)ident_hash(IDENT_email, S("ada@example.org")));
         row_next(&q);)
        m->customer = row_int(&q, 1);
    for (row q = store_query(m->r.s, Q_inbox_scan, &e, ""); row_next(&q);)
        *(row_int(&q, 1) == INBOX_talk ? &m->talk : &m->voice) = row_int(&q, 0);
    assert_true(m->customer > 0 && m->talk > 0 && m->voice > 0);
}

static void room_close(room *m) {
    assert_verified(&m->r);
    arena_close(&m->a);
    rig_close(&m->r);
}

static inbox_item item(room *m, int64_t id) {
    err e = {0};
    inbox_item x;
    rig_flush(&m->r);
    assert_ok(inbox_get(m->r.s, id, &x, &e), e);
    return x;
}

static enum inbox_state stands(room *m, int64_t id) {
    inbox_item x = item(m, id);
    return inbox_state_now(&x, m->r.now);
}

static ledger *the_ledger(room *m) {
    return know_ledger(m->r.k);
}

// How many heed today lists who need an answer.
static int64_t today_lists(room *m) {
    err e = {0};
    arena a = arena_open((size_t)1 << 28);
    today t;
    today_opts o = {.clock_us = m->r.now};
    rig_flush(&m->r);
    assert_ok(today_read(&a, m->r.s, &o, &t, &e), e);
    int64_t n = t.need_counts[NEED_UNHAPPY_WAITING] + t.need_counts[NEED_WAITING] + t.need_counts[NEED_COMPLAINT];
    arena_close(&a);
    return n;
}

static inbox_replied_by answers(room *m, int64_t id, const inbox_reply *r) {
    err e = {0};
    inbox_item x = item(m, id);
    inbox_replied_by out;
    assert_ok(inbox_answer(the_ledger(m), &m->a, &x, m->customer, r, &ADA, &out, &e), e);
    return out;
}

static void sent(room *m, int64_t message) { // what the sender does
    err e = {0};
    size_t n;
    outbox_row o;
    assert_ok(outbox_get(&m->a, m->r.s, message, &o, &e), e);
    int64_t lease = m->r.now + HOUR_US;
    assert_ok(store_run(m->r.s, Q_outbox_claim, NULL, &e, "iii", message, o.next_us, lease), e);
    assert_ok(store_run(m->r.s, Q_outbox_mark, NULL, &e, "iii", message, m->r.now, lease), e);
    assert_ok(store_run(m->r.s, Q_outbox_settled, NULL, &e, "iit", message, m->r.now, S("250 ok")), e);
    assert_ok(outbox_tell(the_ledger(m), &m->a, &n, &e), e);
    assert_int_equal(n, 1);
}

static void an_answer_goes_through_the_gate_and_belongs_to_its_conversation(void **state) {
    room m;
    err e = {0};
    outbox_row o;
    room_open(&m, state);
    inbox_reply r = {.words = S("It left us today."), .subject = S("Re: Order 1027"), .lang = S("en"), .once = S("a")};
    inbox_replied_by x = answers(&m, m.talk, &r);
    assert_int_equal(x.fate, REPLY_QUEUED);
    assert_int_equal(stands(&m, m.talk), INBOX_SENDING);
    assert_ok(outbox_get(&m.a, m.r.s, x.message, &o, &e), e);
    assert_true(o.gate_id > 0 && o.kind == GATE_reply);
    assert_str(o.from_name, S("Ada"));
    inbox_replied_by again = answers(&m, m.talk, &r); // the same name: nothing is done twice
    assert_int_equal(again.message, x.message);
    m.r.now += HOUR_US;
    sent(&m, x.message);
    assert_int_equal(stands(&m, m.talk), INBOX_THEIRS);
    record *v;
    size_t n;
    bool more;
    inbox_item it = item(&m, m.talk);
    assert_ok(inbox_messages(&m.a, m.r.s, &it, 10, &v, &n, &more, &e), e);
    assert_int_equal(n, 2);
    assert_int_equal(v[1].kind, KIND_message_out);
    assert_true(v[1].profile_id == it.profile && v[1].thread == it.thread);
    assert_int_equal(stands(&m, m.voice), INBOX_ANSWERED); // a person has answered them since
    m.r.now += SECOND_US;
    assert_int_equal(today_lists(&m), 0);
    room_close(&m);
}

static void an_answer_that_does_not_go_out_brings_it_back(void **state) {
    room m;
    err e = {0};
    room_open(&m, state);
    inbox_replied_by x = answers(&m, m.voice, &(inbox_reply){.words = S("Sorry."), .subject = S("s"), .once = S("a")});
    assert_int_equal(stands(&m, m.voice), INBOX_SENDING);
    assert_ok(inbox_settle(the_ledger(&m), &m.a, &e), e); // it is still on its way
    assert_int_equal(stands(&m, m.voice), INBOX_SENDING);
    assert_ok(store_begin(m.r.s, &e) && outbox_cancel(the_ledger(&m), x.message, S("test"), &e) &&
                  ledger_commit(the_ledger(&m), &e),
              e);
    assert_ok(inbox_settle(the_ledger(&m), &m.a, &e), e);
    assert_int_equal(stands(&m, m.voice), INBOX_UNANSWERED);
    assert_ok(inbox_settle(the_ledger(&m), &m.a, &e), e);
    x = answers(&m, m.voice, &(inbox_reply){.words = S("Sorry!"), .subject = S("s"), .once = S("b")});
    m.r.now += HOUR_US;
    sent(&m, x.message);
    assert_int_equal(stands(&m, m.voice), INBOX_ANSWERED);
    room_close(&m);
}

// A mail server says that nobody is there. How often the history was told of is a matter of crashes.
static void comes_back(room *m, int64_t message, const char *status, int times) {
    err e = {0};
    bounce_taken got;
    outbox_row o;
    size_t n;
    assert_ok(outbox_get(&m->a, m->r.s, message, &o, &e), e);
    str to = mail_return_path(&m->a, S("bounce@example.com"), o.token);
    str report = str_fmt(
        &m->a,
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: %.*s\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        "Final-Recipient: rfc822; ada@example.org\nAction: failed\nStatus: %s\nDiagnostic-Code: smtp; 550 "
        "no\n\n--b--\n",
        STR_ARG(to), status);
    assert_ok(store_begin(m->r.s, &e) && bounce_take(the_ledger(m), &m->a, report, &got, &e) &&
                  ledger_commit(the_ledger(m), &e),
              e);
    assert_int_equal(got.matched, 1);
    assert_ok(outbox_tell(the_ledger(m), &m->a, &n, &e), e);
    assert_int_equal(n, 1);
    assert_ok(outbox_get(&m->a, m->r.s, message, &o, &e), e);
    for (int i = 1; i < times; i++) assert_ok(inbox_came_back(the_ledger(m), &m->a, &o, S("550 no"), &e), e);
}

static int64_t steps_of(room *m, int64_t id, enum inbox_step_what what) {
    err e = {0};
    inbox_step *v;
    size_t n;
    int64_t k = 0;
    assert_ok(inbox_steps(&m->a, m->r.s, id, &v, &n, &e), e);
    for (size_t i = 0; i < n; i++) k += v[i].what == what;
    return k;
}

static void an_answer_that_comes_back_answered_nobody(void **state) {
    room m;
    err e = {0};
    room_open(&m, state);
    inbox_item was = item(&m, m.talk);
    inbox_replied_by x = answers(&m, m.talk, &(inbox_reply){.words = S("Today."), .subject = S("s"), .once = S("a")});
    m.r.now += HOUR_US;
    sent(&m, x.message);
    assert_int_equal(stands(&m, m.talk), INBOX_THEIRS);
    assert_int_equal(stands(&m, m.voice), INBOX_ANSWERED);
    m.r.now += HOUR_US;
    comes_back(&m, x.message, "5.1.1", 2); // told twice, as after a crash
    inbox_item now = item(&m, m.talk);
    assert_int_equal(inbox_state_now(&now, m.r.now), INBOX_UNANSWERED);
    assert_int_equal(now.since_us, was.since_us); // they wait since they wrote
    assert_int_equal(stands(&m, m.voice), INBOX_UNANSWERED);
    assert_int_equal(steps_of(&m, m.talk, INBOX_failed), 1);
    record *v;
    size_t n;
    bool more;
    assert_ok(inbox_messages(&m.a, m.r.s, &now, 10, &v, &n, &more, &e), e);
    assert_int_equal(n, 2);
    assert_int_equal(v[1].kind, KIND_message_auto); // the words stay, and stop no clock
    rig_rebuild(&m.r);
    assert_int_equal(stands(&m, m.talk), INBOX_UNANSWERED);
    m.r.now += HOUR_US; // it has another address: once more, and it arrives
    assert_ok(store_run(m.r.s, Q_outbox_again, NULL, &e, "iii", x.message, m.r.now, INT64_C(1)), e);
    sent(&m, x.message);
    assert_int_equal(stands(&m, m.talk), INBOX_THEIRS);
    assert_int_equal(stands(&m, m.voice), INBOX_ANSWERED);
    room_close(&m);
}

static void what_was_solved_by_an_answer_that_comes_back_is_not(void **state) {
    room m;
    room_open(&m, state);
    inbox_reply solves = {.words = S("Done."), .subject = S("s"), .once = S("a"), .done = true};
    inbox_replied_by x = answers(&m, m.talk, &solves);
    assert_int_equal(stands(&m, m.talk), INBOX_SOLVED);
    m.r.now += HOUR_US;
    sent(&m, x.message);
    comes_back(&m, x.message, "4.2.2", 1);
    assert_int_equal(stands(&m, m.talk), INBOX_UNANSWERED);
    room_close(&m);
}

static void who_was_answered_anew_does_not_wait_again(void **state) {
    room m;
    room_open(&m, state);
    inbox_replied_by x = answers(&m, m.talk, &(inbox_reply){.words = S("Today."), .subject = S("s"), .once = S("a")});
    m.r.now += HOUR_US;
    sent(&m, x.message);
    m.r.now += HOUR_US;
    answers(&m, m.talk, &(inbox_reply){.words = S("I called."), .elsewhere = true});
    m.r.now += HOUR_US;
    comes_back(&m, x.message, "5.1.1", 1);
    assert_int_equal(stands(&m, m.talk), INBOX_THEIRS);
    room_close(&m);
}

static void today_and_the_inbox_say_the_same(void **state) {
    room m;
    err e = {0};
    str undo;
    room_open(&m, state);
    assert_int_equal(today_lists(&m), 1); // one customer, who waits and has complained
    inbox_item x = item(&m, m.talk), y = item(&m, m.voice);
    assert_ok(inbox_finish(the_ledger(&m), &m.a, &y, &ADA, NULL, &e), e);
    assert_int_equal(today_lists(&m), 1); // they wait still
    assert_ok(inbox_put_aside(the_ledger(&m), &m.a, &x, m.r.now + 3 * DAY_US, &ADA, &undo, &e), e);
    assert_int_equal(today_lists(&m), 0);
    m.r.now += 3 * DAY_US + 1;
    assert_int_equal(today_lists(&m), 1); // the time has come
    x = item(&m, m.talk);
    assert_ok(inbox_finish(the_ledger(&m), &m.a, &x, &ADA, &undo, &e), e);
    assert_int_equal(today_lists(&m), 0);
    event ev = by_ada(&m, KIND_message_in, 0, "m2");
    ev.thread = S("T1"), ev.text = S("It is not solved");
    m.r.now += HOUR_US;
    ev.at_us = m.r.now - 1;
    rig_put(&m.r, &ev, 1);
    assert_int_equal(stands(&m, m.talk), INBOX_UNANSWERED); // who writes again is open again
    assert_int_equal(today_lists(&m), 1);
    room_close(&m);
}

static void what_is_taken_back_was_never_done(void **state) {
    room m;
    err e = {0};
    str undo;
    room_open(&m, state);
    inbox_item was = item(&m, m.talk), x = was;
    assert_ok(inbox_finish(the_ledger(&m), &m.a, &x, &ADA, &undo, &e), e);
    assert_int_equal(stands(&m, m.talk), INBOX_SOLVED);
    assert_ok(inbox_undo(the_ledger(&m), &m.a, &x, undo, &ADA, &e), e);
    x = item(&m, m.talk);
    assert_true(x.since_us == was.since_us && !x.solved_us); // it waits since it waited
    assert_int_equal(inbox_version(&x), inbox_version(&was));
    assert_false(inbox_undo(the_ledger(&m), &m.a, &x, undo, &ADA, &e));
    assert_int_equal(e.code, ERR_not_found);
    e = (err){0};
    assert_ok(inbox_assign(the_ledger(&m), &m.a, &x, 17, &ADA, &undo, &e), e);
    assert_int_equal(item(&m, m.talk).assignee, 17);
    assert_ok(inbox_undo(the_ledger(&m), &m.a, &x, undo, &ADA, &e), e);
    assert_int_equal(item(&m, m.talk).assignee, 0);
    x = item(&m, m.talk);
    assert_ok(inbox_finish(the_ledger(&m), &m.a, &x, &ADA, NULL, &e), e);
    x = item(&m, m.talk);
    assert_ok(inbox_reopen(the_ledger(&m), &m.a, &x, &ADA, &undo, &e), e);
    assert_int_equal(stands(&m, m.talk), INBOX_UNANSWERED);
    assert_ok(inbox_undo(the_ledger(&m), &m.a, &x, undo, &ADA, &e), e); // both of its events
    assert_int_equal(stands(&m, m.talk), INBOX_SOLVED);
    room_close(&m);
}

static void what_the_gate_keeps_back_is_not_answered(void **state) {
    room m;
    err e = {0};
    room_open(&m, state);
    assert_ok(store_begin(m.r.s, &e) &&
                  address_note(the_ledger(&m), m.customer, S("ada@example.org"), ADDRESS_hard, &e) &&
                  ledger_commit(the_ledger(&m), &e),
              e);
    inbox_replied_by x = answers(&m, m.talk, &(inbox_reply){.words = S("Hello"), .subject = S("s"), .once = S("a")});
    assert_int_equal(x.fate, REPLY_KEPT_BACK);
    assert_string_equal(x.gate.rule, "address");
    assert_int_equal(x.message, 0);
    assert_int_equal(stands(&m, m.talk), INBOX_UNANSWERED);
    room_close(&m);
}

static void an_answer_needs_words_and_somebody(void **state) {
    room m;
    err e = {0};
    inbox_replied_by out;
    inbox_reply empty = {.words = S("  ")}, some = {.words = S("Hello")};
    room_open(&m, state);
    inbox_item x = item(&m, m.talk);
    assert_false(inbox_answer(the_ledger(&m), &m.a, &x, m.customer, &empty, &ADA, &out, &e));
    assert_int_equal(e.code, ERR_invalid);
    e = (err){0};
    assert_false(inbox_answer(the_ledger(&m), &m.a, &x, 0, &some, &ADA, &out, &e));
    assert_int_equal(e.code, ERR_conflict);
    assert_int_equal(stands(&m, m.talk), INBOX_UNANSWERED);
    room_close(&m);
}

static void an_answer_given_elsewhere_is_noted(void **state) {
    room m;
    room_open(&m, state);
    inbox_replied_by x = answers(&m, m.talk, &(inbox_reply){.words = S("I called."), .elsewhere = true, .done = true});
    assert_int_equal(x.fate, REPLY_NOTED);
    assert_int_equal(stands(&m, m.talk), INBOX_SOLVED);
    rig_rebuild(&m.r);
    assert_int_equal(stands(&m, m.talk), INBOX_SOLVED);
    room_close(&m);
}

static void nobody_known_is_answered_where_they_wrote(void **state) {
    room m;
    err e = {0};
    room_open(&m, state);
    event ev = event_of(KIND_review, days_ago(&m, 1), "anonymous");
    ev.value = 200, ev.has_value = true, ev.unit = INSTRUMENT_stars5, ev.text = S("never again");
    rig_put(&m.r, &ev, 1);
    int64_t id = inbox_id_of(INBOX_voice, 0, (int64_t)event_key(m.r.source, S("anonymous")));
    assert_int_equal(stands(&m, id), INBOX_UNANSWERED);
    inbox_item x = item(&m, id);
    inbox_replied_by out;
    inbox_reply r = {.words = S("We are sorry."), .elsewhere = true};
    assert_ok(inbox_answer(the_ledger(&m), &m.a, &x, 0, &r, &ADA, &out, &e), e);
    assert_int_equal(stands(&m, id), INBOX_SOLVED);
    record *v;
    size_t n;
    bool more;
    assert_ok(inbox_messages(&m.a, m.r.s, &x, 10, &v, &n, &more, &e), e);
    assert_int_equal(n, 2);
    room_close(&m);
}

static void topics_and_notes_stand_with_the_item(void **state) {
    room m;
    err e = {0};
    inbox_label *v;
    size_t n;
    str add[] = {S("delay"), S("parcel")}, drop[] = {S("price")}, none[] = {S("")};
    room_open(&m, state);
    inbox_item x = item(&m, m.talk);
    inbox_relabel r = {.add = add, .n_add = 2, .drop = drop, .n_drop = 1};
    assert_ok(inbox_say_topics(the_ledger(&m), &m.a, &x, &r, &ADA, NULL, &e), e);
    assert_ok(inbox_labels(&m.a, m.r.s, x.id, &v, &n, &e), e);
    assert_int_equal(n, 3);
    r = (inbox_relabel){.drop = add, .n_drop = 1};
    assert_ok(inbox_say_topics(the_ledger(&m), &m.a, &x, &r, &ADA, NULL, &e), e);
    assert_ok(inbox_labels(&m.a, m.r.s, x.id, &v, &n, &e), e);
    for (size_t i = 0; i < n; i++) assert_int_equal(v[i].said, str_eq(v[i].topic, S("parcel")));
    r = (inbox_relabel){.add = none, .n_add = 1};
    assert_false(inbox_say_topics(the_ledger(&m), &m.a, &x, &r, &ADA, NULL, &e));
    assert_int_equal(e.code, ERR_invalid);
    e = (err){0};
    assert_ok(inbox_take_note(the_ledger(&m), &m.a, &x, S("asked Bo"), &ADA, &e), e);
    assert_int_equal(stands(&m, m.talk), INBOX_UNANSWERED); // a note answers nobody
    room_close(&m);
}

static void times_are_read_as_people_write_them(void **state) {
    arena a = arena_open(1 << 22);
    zone *z;
    err e = {0};
    int64_t at, now = INT64_C(1767268800000000); // 2026-01-01T12:00Z
    static const char *const bad[] = {"", "yesterday", "2025-12-24", "0h", "2028-01-01", "9999999d", "h"};
    (void)state;
    assert_ok(zone_open(&a, S("Europe/Berlin"), &z, &e), e);
    assert_ok(inbox_until(S("3h"), z, now, &at, &e), e);
    assert_true(at == now + 3 * HOUR_US);
    assert_ok(inbox_until(S("2w"), z, now, &at, &e), e);
    assert_true(at == now + 14 * DAY_US);
    assert_ok(inbox_until(S("2026-01-05"), z, now, &at, &e), e);
    assert_true(at == INT64_C(1767596400000000)); // 08:00 in Berlin is 07:00 UTC
    for (size_t i = 0; i < COUNT(bad); i++) {
        e = (err){0};
        if (inbox_until(str_c(bad[i]), z, now, &at, &e)) fail_msg("'%s' was taken", bad[i]);
        assert_int_equal(e.code, ERR_invalid);
    }
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_goes_through_the_gate_and_belongs_to_its_conversation),
        cmocka_unit_test(an_answer_that_does_not_go_out_brings_it_back),
        cmocka_unit_test(an_answer_that_comes_back_answered_nobody),
        cmocka_unit_test(what_was_solved_by_an_answer_that_comes_back_is_not),
        cmocka_unit_test(who_was_answered_anew_does_not_wait_again),
        cmocka_unit_test(today_and_the_inbox_say_the_same),
        cmocka_unit_test(what_is_taken_back_was_never_done),
        cmocka_unit_test(what_the_gate_keeps_back_is_not_answered),
        cmocka_unit_test(an_answer_needs_words_and_somebody),
        cmocka_unit_test(an_answer_given_elsewhere_is_noted),
        cmocka_unit_test(nobody_known_is_answered_where_they_wrote),
        cmocka_unit_test(topics_and_notes_stand_with_the_item),
        cmocka_unit_test(times_are_read_as_people_write_them),
    };
    return rig_run(tests, COUNT(tests));
}
