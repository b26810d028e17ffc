// Who is who in the loop: shared addresses, vetoes, verdicts, and what a person may take back.
#include "know/rig.h"

#include "know/group.h"
#include "sql/know.h"

static void profiles_join_by_email(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    event evs[] = {order("o1", 20000, 500, "7", "a@x.org"), order("o2", 20001, 500, NULL, "a@x.org"),
                   order("o3", 20002, 500, "8", "b@x.org"), order("o4", 20003, 500, "8", "a@x.org")};
    rig_put(&r, evs, 4);
    rig_flush(&r);
    // 7 and a@x.org are one; 8 carries a@x.org too, but two customer numbers are two people.
    assert_int_equal(rig_count(&r, Q_summary_count), 2);
    assert_int_equal(rig_count(&r, Q_profile_count), 3);
    assert_verified(&r);
    rig_close(&r);
}

// ---- who stands where ----

static int64_t profile_of(rig *r, enum ident_kind kind, const char *key) {
    err e = {0};
    int64_t found = 0;
    for (row p = store_query(r->s, Q_profile_scan, &e, ""); row_next(&p);)
        for (row i = store_query(r->s, Q_identifier_of_profile, &e, "i", row_int(&p, 0)); row_next(&i);)
            if (row_int(&i, 0) == (int64_t)kind && row_int(&i, 2) && str_eq(row_str(&i, 1), str_c(key)))
                found = row_int(&p, 0);
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    return found;
}

static int64_t customer_of(rig *r, int64_t profile) {
    err e = {0};
    int64_t found = 0;
    for (row p = store_query(r->s, Q_profile_scan, &e, ""); row_next(&p);)
        if (row_int(&p, 0) == profile) found = row_int(&p, 1);
    assert_true(err_ok(&e));
    return found;
}

static int64_t orders_of(rig *r, int64_t customer) {
    err e = {0};
    int64_t n = -1;
    for (row q = store_query(r->s, Q_summary_get, &e, "i", customer); row_next(&q);) n = row_int(&q, 4);
    assert_true(err_ok(&e));
    return n;
}

// ---- an address that many share ----

enum { EVENTS = 2000, SHARERS = 60 };

// Two thousand events of sixty people who are known by their numbers at the till, all with one address of their office.
static void office_events(arena *a, event *evs) {
    rng r = rng_seed(12);
    for (int i = 0; i < EVENTS; i++) {
        int64_t who = i < SHARERS ? i : rng_range(&r, 0, SHARERS - 1);
        const char *key = str_z(a, str_fmt(a, "c%d", (int)who));
        evs[i] = order(str_z(a, str_fmt(a, "o%d", i)), 20000 + rng_range(&r, 0, 300), 100, NULL, NULL);
        evs[i] = from(from(evs[i], IDENT_stripe_id, key), IDENT_email, "info@x.org");
    }
}

// While at most twenty share it they are one customer; beyond that it identifies nobody, and each stands alone again.
static void an_address_beyond_its_limit_splits_again(void **state) {
    arena a = arena_open((size_t)1 << 24);
    event *evs = make(&a, event, EVENTS);
    rig r;
    office_events(&a, evs);
    rig_open(&r, place_of(state));
    int limit = ident_limit(IDENT_email);
    rig_put(&r, evs, (size_t)limit);
    rig_flush(&r);
    assert_int_equal(rig_count(&r, Q_summary_count), 1);
    assert_int_equal(orders_of(&r, profile_of(&r, IDENT_stripe_id, "c0")), limit);
    rig_put(&r, evs + limit, 1);
    rig_flush(&r);
    assert_int_equal(rig_count(&r, Q_summary_count), limit + 1);
    assert_verified(&r);
    for (int i = limit + 1; i < EVENTS; i += 300) rig_put(&r, evs + i, MIN(300, (size_t)(EVENTS - i)));
    rig_flush(&r);
    assert_int_equal(rig_count(&r, Q_summary_count), SHARERS);
    assert_int_equal(rig_count(&r, Q_profile_count), SHARERS);
    assert_verified(&r);
    uint64_t before = portrait(&r);
    rig_rebuild(&r);
    assert_true(portrait(&r) == before);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void any_order_gives_the_same_offices(void **state) {
    arena a = arena_open((size_t)1 << 24);
    event *evs = make(&a, event, EVENTS);
    rng g = rng_seed(3);
    uint64_t first = 0;
    office_events(&a, evs);
    for (int turn = 0; turn < (on_server(state) ? 2 : 5); turn++) {
        rig r;
        rig_open(&r, place_of(state));
        for (size_t i = 0, n; i < EVENTS; i += n) {
            n = (size_t)rng_range(&g, 1, turn % 2 ? 400 : 60), n = MIN(n, EVENTS - i);
            rig_put(&r, evs + i, n);
            if (rng_chance(&g, 0.2)) rig_flush(&r);
        }
        rig_flush(&r);
        assert_verified(&r);
        uint64_t p = portrait_of(&r, false);
        if (!turn) first = p;
        assert_true(p == first);
        rig_close(&r);
        rng_shuffle(&g, evs, EVENTS, sizeof *evs);
    }
    arena_close(&a);
}

// Answered in the same stretch in which two customers become one: nobody waits any more.
static void a_merge_forgets_no_answer(void **state) {
    rig r;
    err e = {0};
    rig_open(&r, place_of(state));
    event shop = order("o1", 20000, 100, "7", NULL), asked = event_of(KIND_message_in, 20001 * DAY_US, "m1"),
          reply = event_of(KIND_message_out, 20002 * DAY_US, "m2"), link = event_of(KIND_identify, 20002 * DAY_US, "l");
    asked = from(asked, IDENT_email, "a@x.org"), reply = from(reply, IDENT_email, "a@x.org");
    asked.thread = reply.thread = S("t");
    link = from(from(link, IDENT_user_id, "7"), IDENT_email, "a@x.org");
    event first[] = {shop, asked}, second[] = {reply, link};
    rig_put(&r, first, 2);
    rig_flush(&r);
    assert_int_equal(rig_count(&r, Q_summary_count), 2);
    rig_put(&r, second, 2);
    rig_flush(&r);
    assert_int_equal(rig_count(&r, Q_summary_count), 1);
    for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q);) assert_true(row_null(&q, 20));
    assert_true(err_ok(&e));
    assert_verified(&r);
    rig_close(&r);
}

// ---- vetoes and verdicts ----

// Mother and daughter shop from one address: two numbers, two people, until somebody says otherwise.
static void two_numbers_are_two_people(void **state) {
    rig r;
    err e = {0};
    rig_open(&r, place_of(state));
    event evs[] = {order("o1", 20000, 100, "7", "home@x.org"), order("o2", 20001, 100, "8", "home@x.org"),
                   order("o3", 20002, 100, NULL, "home@x.org")};
    rig_put(&r, evs, 3);
    rig_flush(&r);
    int64_t p7 = profile_of(&r, IDENT_user_id, "7"), p8 = profile_of(&r, IDENT_user_id, "8");
    assert_true(p7 && p8);
    assert_int_not_equal(customer_of(&r, p7), customer_of(&r, p8));
    assert_int_equal(rig_count(&r, Q_summary_count), 2);
    int64_t vetoed = 0;
    for (row q = store_query(r.s, Q_link_scan, &e, ""); row_next(&q);) vetoed += row_int(&q, 4) == LINK_VETOED;
    assert_int_equal(vetoed, 1);
    uint64_t before = portrait(&r);

    assert_ok(know_join(r.k, p7, p8, S("a person"), &e), e);
    assert_int_equal(customer_of(&r, p7), customer_of(&r, p8));
    assert_int_equal(rig_count(&r, Q_summary_count), 1);
    assert_int_equal(orders_of(&r, customer_of(&r, p7)), 3);
    assert_verified(&r);
    event more = order("o4", 20003, 100, "8", "other@x.org");
    rig_put(&r, &more, 1);
    rig_flush(&r);
    assert_int_equal(orders_of(&r, customer_of(&r, p7)), 4);
    rig_rebuild(&r);
    assert_int_equal(orders_of(&r, customer_of(&r, p7)), 4);

    assert_ok(know_verdict_undo(r.k, p7, p8, &e), e);
    assert_int_not_equal(customer_of(&r, p7), customer_of(&r, p8));
    assert_verified(&r);
    assert_true(portrait(&r) != before); // o4 is there
    rig_close(&r);
}

static void split_and_join_give_back_exactly(void **state) {
    enum { N = 400 };
    arena a = arena_open((size_t)1 << 24);
    event *evs = make(&a, event, N);
    random_events(&a, 9, evs, N);
    rig r;
    rng g = rng_seed(5);
    rig_open(&r, place_of(state));
    put_batches(&r, evs, N, &g, 0.2);
    rig_flush(&r);
    uint64_t before = portrait(&r);
    err e = {0};
    int64_t customer = 0, profile = 0, n = 0, others[64] = {0};
    for (row q = store_query(r.s, Q_profile_scan, &e, ""); row_next(&q);)
        if (row_int(&q, 0) != row_int(&q, 1)) customer = row_int(&q, 1), profile = row_int(&q, 0);
    assert_true(customer > 0);
    for (row q = store_query(r.s, Q_profile_of_customer, &e, "i", customer); row_next(&q);)
        if (row_int(&q, 0) != profile && n < 64) others[n++] = row_int(&q, 0);
    int64_t customers = rig_count(&r, Q_summary_count);
    assert_ok(know_split(r.k, customer, profile, S("test"), &e), e);
    assert_true(portrait(&r) != before);
    assert_true(rig_count(&r, Q_summary_count) >= customers);
    assert_int_not_equal(customer_of(&r, profile), customer_of(&r, others[0]));
    assert_verified(&r);
    for (int i = 0; i < (int)n; i++) assert_ok(know_verdict_undo(r.k, profile, others[i], &e), e);
    assert_true(portrait(&r) == before);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void nonsense_is_refused_and_changes_nothing(void **state) {
    rig r;
    err e = {0};
    rig_open(&r, place_of(state));
    event evs[] = {order("o1", 20000, 100, "7", "a@x.org"), order("o2", 20001, 100, NULL, "a@x.org"),
                   order("o3", 20001, 100, "9", NULL)};
    rig_put(&r, evs, 3);
    rig_flush(&r);
    int64_t p7 = profile_of(&r, IDENT_user_id, "7"), p9 = profile_of(&r, IDENT_user_id, "9"), c = customer_of(&r, p7);
    uint64_t before = portrait(&r);
    assert_false(know_join(r.k, p7, p7, S("x"), &e));
    assert_int_equal(e.code, ERR_invalid);
    static const int64_t nobody[] = {0, -1, 1000000, INT64_MAX};
    for (size_t i = 0; i < COUNT(nobody); i++) {
        err_clear(&e);
        assert_false(know_join(r.k, p7, nobody[i], S("x"), &e));
        assert_int_equal(e.code, ERR_not_found);
        err_clear(&e);
        assert_false(know_join(r.k, nobody[i], p7, S("x"), &e));
        assert_int_equal(e.code, ERR_not_found);
        err_clear(&e);
        assert_false(know_split(r.k, nobody[i], p7, S("x"), &e));
        assert_int_equal(e.code, ERR_not_found);
        err_clear(&e);
        assert_false(know_split(r.k, c, nobody[i], S("x"), &e));
        assert_int_equal(e.code, ERR_invalid);
    }
    err_clear(&e);
    assert_false(know_split(r.k, p9, p9, S("x"), &e)); // nothing to split
    assert_int_equal(e.code, ERR_invalid);
    err_clear(&e);
    assert_false(know_verdict_undo(r.k, p7, p9, &e));
    assert_int_equal(e.code, ERR_not_found);
    err_clear(&e);
    assert_true(portrait(&r) == before);
    assert_verified(&r);
    rig_put(&r, evs, 3); // and the ledger goes on
    rig_flush(&r);
    assert_true(portrait(&r) == before);
    rig_close(&r);
}

// Random verdicts among random events, in a small crowd: whatever was decided, a rebuild finds the same customers.
static void verdicts_and_events_in_any_mixture(void **state) {
    enum { N = 300 };
    for (uint64_t seed = 1; seed <= (on_server(state) ? 1 : 8); seed++) {
        arena a = arena_open((size_t)1 << 24);
        event *evs = make(&a, event, N);
        random_events(&a, seed + 70, evs, N);
        rig r;
        rng g = rng_seed(seed);
        int64_t done = 0, pairs[400][2], n_pairs = 0;
        rig_open(&r, place_of(state));
        for (int i = 0; i < N; i += 15) {
            err e = {0};
            rig_put(&r, evs + i, 15);
            int64_t profiles = rig_count(&r, Q_profile_count), ids[200] = {0}, customers[200] = {0}, n = 0;
            for (row q = store_query(r.s, Q_profile_scan, &e, ""); row_next(&q);)
                if (n < 200) ids[n] = row_int(&q, 0), customers[n++] = row_int(&q, 1);
            assert_int_equal(n, profiles);
            int64_t x = rng_range(&g, 0, n - 1), y = rng_range(&g, 0, n - 1);
            bool ok = false;
            switch (rng_range(&g, 0, 3)) {
            case 0: ok = know_join(r.k, ids[x], ids[y], S("t"), &e); break;
            case 1:
            case 2: ok = know_split(r.k, customers[x], ids[x], S("t"), &e); break;
            case 3:
                if (!n_pairs) break;
                int64_t k = rng_range(&g, 0, n_pairs - 1);
                ok = know_verdict_undo(r.k, pairs[k][0], pairs[k][1], &e);
                break;
            }
            done += ok;
            n_pairs = 0;
            err_clear(&e);
            for (row q = store_query(r.s, Q_link_scan, &e, ""); row_next(&q);)
                if (row_int(&q, 4) >= LINK_SPLIT && n_pairs < 400)
                    pairs[n_pairs][0] = row_int(&q, 0), pairs[n_pairs++][1] = row_int(&q, 1);
            assert_true(err_ok(&e));
            if (i % 45 == 0) {
                rig_flush(&r);
                assert_verified(&r);
            }
        }
        assert_true(done > 5);
        rig_flush(&r);
        uint64_t p = portrait(&r);
        assert_verified(&r);
        rig_rebuild(&r);
        assert_true(portrait(&r) == p);
        rig_close(&r);
        arena_close(&a);
    }
}

// A source that names somebody by one number and tells of another says that they are one; two people who were both
// known by a third number before stay two, and so do numbers that share nothing but an address.
static void an_alias_joins_two_numbers(void **state) {
    event evs[] = {order("o1", 20000, 500, "old", NULL),
                   order("o2", 20001, 500, "new", "a@x.org"),
                   order("o3", 20002, 500, "other", "a@x.org"),
                   order("o4", 20003, 500, "kiosk", NULL),
                   from(order("alias1", 20004, 500, "new", NULL), IDENT_user_id, "old"),
                   from(order("alias2", 20005, 500, "new", NULL), IDENT_user_id, "kiosk"),
                   from(order("alias3", 20006, 500, "other", NULL), IDENT_user_id, "kiosk")};
    uint64_t first = 0;
    for (int turn = 0; turn < 8; turn++) {
        rig r;
        rng g = rng_seed((uint64_t)turn);
        rig_open(&r, place_of(state));
        for (size_t i = COUNT(evs); turn && i > 1; i--) {
            size_t k = (size_t)rng_range(&g, 0, (int64_t)i - 1);
            event x = evs[i - 1];
            evs[i - 1] = evs[k], evs[k] = x;
        }
        for (size_t i = 0; i < COUNT(evs); i++) rig_put(&r, &evs[i], 1);
        rig_flush(&r);
        int64_t new = customer_of(&r, profile_of(&r, IDENT_user_id, "new"));
        int64_t other = customer_of(&r, profile_of(&r, IDENT_user_id, "other"));
        int64_t kiosk = customer_of(&r, profile_of(&r, IDENT_user_id, "kiosk"));
        assert_int_equal(customer_of(&r, profile_of(&r, IDENT_user_id, "old")), new);
        assert_int_not_equal(new, other);
        assert_true(kiosk == new || kiosk == other);
        assert_int_equal(rig_count(&r, Q_summary_count), 2);
        assert_verified(&r);
        if (!turn) first = (uint64_t)(kiosk == new);
        assert_int_equal(first, kiosk == new);
        rig_rebuild(&r);
        assert_verified(&r);
        rig_close(&r);
    }
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alias_joins_two_numbers),
        cmocka_unit_test(profiles_join_by_email),
        cmocka_unit_test(an_address_beyond_its_limit_splits_again),
        cmocka_unit_test(any_order_gives_the_same_offices),
        cmocka_unit_test(a_merge_forgets_no_answer),
        cmocka_unit_test(two_numbers_are_two_people),
        cmocka_unit_test(split_and_join_give_back_exactly),
        cmocka_unit_test(nonsense_is_refused_and_changes_nothing),
        cmocka_unit_test(verdicts_and_events_in_any_mixture),
    };
    return rig_run(tests, COUNT(tests));
}
