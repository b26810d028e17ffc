// Promises that are noticed in what we write become proposals, each once, and commitments by a person's step alone;
// what a customer writes after a fix, and is not thanks, proposes to open it again.
#include "know/rig.h"

#include "act/commitment_rates.h"
#include "act/proposal.h"
#include "know/erase.h"
#include "know/standard.h"
#include "sql/act.h"

static event written(rig *r, enum kind kind, int64_t ago_us, const char *ext, const char *text, const char *user) {
    event ev = event_of(kind, r->now - ago_us, ext);
    ev.thread = S("T"), ev.text = str_c(text), ev.staff = S("Olga");
    return from(ev, IDENT_user_id, user);
}

static proposal *listed(rig *r, arena *a, size_t *n) {
    err e = {0};
    proposal *list;
    assert_ok(proposal_list(a, r->s, &(proposal_ask){.state = -1, .most = 100}, &list, n, &e), e);
    return list;
}

static const char words[] = "I'm sorry for that. I will call you back tomorrow. We will refund the amount by Friday.";

static void what_we_promise_is_proposed_once(void **state) {
    rig r;
    err e = {0};
    size_t n;
    arena a = arena_open(1 << 24);
    rig_open(&r, place_of(state));
    event evs[] = {written(&r, KIND_message_out, DAY_US, "m1", words, "7"),
                   written(&r, KIND_message_in, DAY_US, "m2", "I will call you tomorrow.", "7"),
                   written(&r, KIND_message_out, 40 * DAY_US, "m3", words, "7"), // long ago
                   written(&r, KIND_message_auto, DAY_US, "m4", words, "7")};    // no person
    rig_put(&r, evs, COUNT(evs));
    rig_put(&r, evs, COUNT(evs));
    proposal *list = listed(&r, &a, &n);
    assert_int_equal(n, 2);
    const proposal *call = list[0].kind == COMMITMENT_callback ? &list[0] : &list[1];
    assert_int_equal(call->kind, COMMITMENT_callback);
    assert_true(str_eq(call->words, S("I will call you back tomorrow.")));
    assert_true(str_eq(call->staff, S("Olga")));
    assert_int_equal(rig_count(&r, Q_commitment_any), 0); // nothing is owed yet
    // Accepted: it was made where and when it was said.
    int64_t id = 0, again = 0;
    assert_ok(proposal_accept(know_ledger(r.k), &a, call->id, 0, S("account:1"), &id, &e), e);
    commitment c;
    assert_true(commitment_get(&a, r.s, id, &c, &e));
    assert_true(c.made_us == evs[0].at_us && c.due_us == call->due_us && c.kind == COMMITMENT_callback);
    assert_true(str_eq(c.what, call->words) && str_eq(c.owner, S("Olga")));
    assert_true(c.about == (int64_t)event_key(r.source, S("T")));
    assert_false(proposal_accept(know_ledger(r.k), &a, call->id, 0, S("account:1"), &again, &e));
    assert_int_equal(e.code, ERR_conflict);
    e = (err){0};
    proposal from_words;
    bool found;
    assert_ok(proposal_of(&a, r.s, id, &from_words, &found, &e), e);
    assert_true(found && from_words.key == (int64_t)event_key(r.source, S("m1")));
    // Dismissed stays dismissed, also when the message comes again as an edit.
    const proposal *other = call == &list[0] ? &list[1] : &list[0];
    assert_ok(proposal_dismiss(know_ledger(r.k), &a, other->id, S("account:1"), &e), e);
    event edit = evs[0];
    edit.edited_us = r.now;
    rig_put(&r, &edit, 1);
    list = listed(&r, &a, &n);
    assert_int_equal(n, 2);
    assert_true(list[0].state != PROPOSAL_OPEN && list[1].state != PROPOSAL_OPEN);
    proposal_counts counts;
    assert_ok(proposal_count(&a, r.s, r.now, &counts, &e), e);
    assert_int_equal(counts.accepted, 1);
    assert_int_equal(counts.dismissed, 1);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void a_message_that_goes_takes_its_proposals_along(void **state) {
    rig r;
    size_t n;
    arena a = arena_open(1 << 24);
    rig_open(&r, place_of(state));
    event ev = written(&r, KIND_message_out, DAY_US, "m1", words, "7");
    rig_put(&r, &ev, 1);
    event edit = ev;
    edit.text = S("Thank you, all is well."), edit.edited_us = r.now;
    rig_put(&r, &edit, 1);
    listed(&r, &a, &n);
    assert_int_equal(n, 0);
    event next = written(&r, KIND_message_out, DAY_US, "m5", words, "8");
    rig_put(&r, &next, 1);
    listed(&r, &a, &n);
    assert_int_equal(n, 2);
    rig_undo(&r, r.import, false);
    listed(&r, &a, &n);
    assert_int_equal(n, 0);
    rig_close(&r);
    arena_close(&a);
}

static void solved_means_the_customer_says_so(void **state) {
    rig r;
    err e = {0};
    size_t n;
    const char *field = "";
    arena a = arena_open(1 << 24);
    rig_open(&r, place_of(state));
    standard fix = {.name = S("Solved within two days"),
                    .kind = COMMITMENT_fix,
                    .starts = START_first_message,
                    .clock = CLOCK_ALWAYS,
                    .minutes = 2880,
                    .from_us = 1};
    assert_ok(store_begin(r.s, &e), e);
    assert_ok(standard_check(&fix, &field, &e), e);
    assert_ok(standard_put(know_ledger(r.k), &fix, &e), e);
    assert_ok(ledger_commit(know_ledger(r.k), &e), e);
    static const char *const after[] = {"Great, it works now. Thank you!", "Danke, super!", "It still does not work.",
                                        "Gracias, pero sigue igual"};
    for (int i = 0; i < 4; i++) {
        const char *thread = str_z(&a, str_fmt(&a, "T%d", i)), *user = str_z(&a, str_fmt(&a, "u%d", i));
        event evs[] = {
            written(&r, KIND_message_in, 9 * DAY_US, str_z(&a, str_fmt(&a, "in%d", i)), "It is broken.", user),
            written(&r, KIND_conversation_solved, 8 * DAY_US, str_z(&a, str_fmt(&a, "so%d", i)), "", user),
            written(&r, KIND_message_in, 7 * DAY_US, str_z(&a, str_fmt(&a, "af%d", i)), after[i], user)};
        for (int k = 0; k < 3; k++) evs[k].thread = str_c(thread);
        rig_put(&r, evs, 2);
        rig_put(&r, evs + 2, 1);
    }
    proposal *list = listed(&r, &a, &n);
    assert_int_equal(n, 2);
    int64_t id = 0;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(list[i].what, PROPOSAL_reopen);
        assert_true(str_eq(list[i].words, str_c(after[2])) || str_eq(list[i].words, str_c(after[3])));
        if (str_eq(list[i].words, str_c(after[2])))
            assert_ok(proposal_accept(know_ledger(r.k), &a, list[i].id, 0, S("account:1"), &id, &e), e);
    }
    commitment c;
    assert_true(commitment_get(&a, r.s, id, &c, &e));
    assert_int_equal(c.reopened, 1);
    assert_int_equal(commitment_status(&c, r.now), OWED_broken);
    // Of the others one is confirmed, by the customer.
    int64_t other = 0;
    for (row q = store_query(r.s, Q_commitment_scan, &e, ""); row_next(&q);)
        if (row_int(&q, 0) != id && row_int(&q, 9) < r.now - DAY_US) other = row_int(&q, 0);
    assert_ok(commitment_confirm(know_ledger(r.k), &a, other, true, S("yes"), S("customer"), &e), e);
    commitment_rate *rates;
    assert_ok(commitment_rates(&a, r.s, RATES_BY_STANDARD, 0, r.now, &rates, &n, &e), e);
    assert_int_equal(n, 1);
    assert_true(str_eq(rates[0].group, fix.name));
    assert_int_equal(rates[0].confirmed, 1);
    assert_int_equal(rates[0].reopened, 1);
    assert_int_equal(rates[0].confirmed + rates[0].silent + rates[0].waiting, 3);
    assert_true(rates[0].silent == 2 && rates[0].due == 6); // what was no thanks began a clock of its own
    rig_flush(&r);
    assert_verified(&r);
    rig_rebuild(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

// "First reply" for everybody and "First reply" for gold customers are two promises, each kept in its own way.
static void two_standards_of_one_name_have_a_rate_each(void **state) {
    rig r;
    err e = {0};
    size_t n;
    const char *field = "";
    arena a = arena_open(1 << 24);
    rig_open(&r, place_of(state));
    standard both[] = {{.minutes = 60}, {.minutes = 600}};
    assert_ok(store_begin(r.s, &e), e);
    for (int i = 0; i < 2; i++) {
        both[i].name = S("First reply"), both[i].kind = COMMITMENT_reply, both[i].starts = START_first_message;
        both[i].clock = CLOCK_ALWAYS, both[i].from_us = 1;
        assert_ok(standard_check(&both[i], &field, &e), e);
        assert_ok(standard_put(know_ledger(r.k), &both[i], &e), e);
    }
    assert_ok(ledger_commit(know_ledger(r.k), &e), e);
    event evs[] = {written(&r, KIND_message_in, 9 * DAY_US, "m1", "Hello?", "7"),
                   written(&r, KIND_message_out, 9 * DAY_US - 2 * HOUR_US, "m2", "Good morning.", "7")};
    rig_put(&r, evs, COUNT(evs));
    commitment_rate *rates;
    assert_ok(commitment_rates(&a, r.s, RATES_BY_STANDARD, 0, r.now, &rates, &n, &e), e);
    assert_int_equal(n, 2);
    for (size_t i = 0; i < n; i++) {
        assert_true(str_eq(rates[i].group, S("First reply")) && rates[i].due == 1);
        assert_int_equal(rates[i].standard, both[rates[i].kept ? 1 : 0].id);
        assert_int_equal(rates[i].late, !rates[i].kept);
    }
    assert_true(rates[0].standard != rates[1].standard);
    rig_close(&r);
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(what_we_promise_is_proposed_once),
        cmocka_unit_test(a_message_that_goes_takes_its_proposals_along),
        cmocka_unit_test(solved_means_the_customer_says_so),
        cmocka_unit_test(two_standards_of_one_name_have_a_rate_each),
    };
    return rig_run(tests, COUNT(tests));
}
