// What people may ask of their data: nothing of an erased person stays anywhere, nothing brings them back, the others
// are as they were; consent follows the newest word whatever the order; access tells everything and nobody else's.
#include "base/json.h"

#include "know/rig.h"

#include "know/access.h"
#include "know/consent.h"
#include "know/erase.h"
#include "sql/know.h"
#include "sql/know_privacy.h"
#include "sql/ledger.h"

enum { N = 300 };

static int64_t customer_of(rig *r, enum ident_kind kind, const char *value) {
    err e = {0};
    arena a = arena_open(1 << 20);
    int64_t *list, found = 0;
    size_t n;
    assert_ok(erase_find(&a, r->s, kind, str_c(value), &list, &n, &e), e);
    if (n) found = list[0];
    arena_close(&a);
    return found;
}

static erased forget(rig *r, int64_t customer, enum suppress_mode mode) {
    err e = {0};
    erased out;
    assert_ok(know_erase(r->k, &(erase_ask){customer, mode, 1}, &out, &e), e);
    if (out.rebuild) rig_rebuild(r);
    return out;
}

// Everything in the files of the store, as bytes.
static bool store_holds(rig *r, const char *text) {
    char command[800];
    snprintf(command, sizeof command, "grep -raq -- '%s' '%s'", text, r->f->where);
    return system(command) == 0;
}

static event wrote(const char *ext, int64_t day, const char *user, const char *email, const char *text) {
    event ev = from(from(event_of(KIND_message_in, day * DAY_US, ext), IDENT_user_id, user), IDENT_email, email);
    ev.text = str_c(text), ev.name = S("Grete Waldmann"), ev.thread = str_c(ext);
    return ev;
}

static void nothing_of_an_erased_person_stays(void **state) {
    rig r;
    err e = {0};
    rig_open(&r, lasting_place(state));
    event evs[] = {order("o1", 20000, 500, "7", "grete@waldmann.example"), order("o2", 20010, 700, "8", "b@x.org"),
                   wrote("m1", 20011, "7", "grete@waldmann.example", "my quincunx parcel is late"),
                   wrote("m2", 20012, "8", "b@x.org", "thank you")};
    evs[3].name = S("Other");
    rig_put(&r, evs, 4);
    rig_flush(&r);
    assert_ok(store_run(r.s, Q_quarantine_put, NULL, &e, "iititttbi", (int64_t)900001, r.import, S("f"), (int64_t)1,
                        S("x"), S("y"), S(""), S("7;GRETE@waldmann.example;x"), (int64_t)1),
              e);
    erased out = forget(&r, customer_of(&r, IDENT_email, "grete@waldmann.example"), SUPPRESS_PAST);
    assert_int_equal(out.profiles, 1);
    assert_int_equal(out.quarantine, 1);
    assert_int_equal(rig_count(&r, Q_summary_count), 1);
    assert_int_equal(customer_of(&r, IDENT_user_id, "7"), 0);
    if (!on_server(state))
        for (size_t i = 0; i < 3; i++)
            if (store_holds(&r, ((const char *[]){"grete@waldmann", "Grete Waldmann", "quincunx"})[i]))
                fail_msg("something of them is still in the files (%zu)", i);
    assert_verified(&r);
    // Read again, the same file brings nothing back; what is new makes a new customer.
    tally t = rig_put(&r, evs, 4);
    assert_int_equal(t.added, 0);
    assert_int_equal(t.skipped, 2);
    rig_rebuild(&r);
    t = rig_put(&r, evs, 4);
    assert_int_equal(t.added, 0);
    rig_flush(&r);
    assert_int_equal(rig_count(&r, Q_summary_count), 1);
    event later = order("o3", 20500, 900, "7", "grete@waldmann.example");
    later.at_us = r.now + DAY_US;
    t = rig_put(&r, &later, 1);
    assert_int_equal(t.added, 1);
    rig_flush(&r);
    assert_int_equal(rig_count(&r, Q_summary_count), 2);
    assert_verified(&r);
    rig_close(&r);
}

static void who_wants_nothing_kept_stays_out(void **state) {
    rig r;
    err e = {0};
    int64_t lifted;
    rig_open(&r, place_of(state));
    event ev = order("o1", 20000, 500, "7", "a@x.org"), later = order("o2", 21000, 500, "7", NULL);
    later.at_us = r.now + 40 * DAY_US;
    rig_put(&r, &ev, 1);
    rig_flush(&r);
    forget(&r, customer_of(&r, IDENT_user_id, "7"), SUPPRESS_ALL);
    assert_int_equal(rig_put(&r, &later, 1).skipped, 1);
    assert_ok(suppress_lift(r.s, IDENT_user_id, S("7"), &lifted, &e) && know_people_gone(r.k, &e), e);
    assert_int_equal(lifted, 1);
    assert_int_equal(rig_put(&r, &ev, 1).added, 0);
    assert_int_equal(rig_put(&r, &later, 1).added, 1);
    rig_close(&r);
}

// Whom an event belongs to, as the store has it; 0: nobody known.
static int64_t customer_behind(rig *r, const event *ev) {
    err e = {0};
    char key[40], list[40];
    int64_t profile = 0, customer = 0;
    snprintf(key, sizeof key, "[%" PRId64 "]", (int64_t)event_key(r->source, ev->ext));
    for (row q = store_query(r->s, Q_event_by_keys, &e, "t", str_c(key)); row_next(&q);) profile = row_int(&q, 1);
    snprintf(list, sizeof list, "[%" PRId64 "]", profile);
    for (row q = store_query(r->s, Q_profile_some, &e, "t", str_c(list)); row_next(&q);) customer = row_int(&q, 1);
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    return customer;
}

// Whoever is erased from a crowd leaves the others exactly as if they had never been there.
static void the_others_are_as_they_were(void **state) {
    for (uint64_t seed = 1; seed <= 6; seed++) {
        rig x, y;
        arena a = arena_open(64 << 20);
        event *evs = make(&a, event, N), *rest = make(&a, event, N);
        rig_open(&x, place_of(state));
        random_events(&a, seed, evs, N);
        for (int i = 0; i < N; i++) evs[i].ext = str_fmt(&a, "e%d", i); // no versions of one event by two people
        rig_put(&x, evs, N);
        rig_flush(&x);
        // somebody with events; who belongs to them is asked of the store before they go
        int64_t gone = 0;
        size_t n_rest = 0;
        for (int i = 0; i < N && !gone; i++) gone = customer_behind(&x, &evs[i]);
        for (int i = 0; i < N; i++)
            if (customer_behind(&x, &evs[i]) != gone) rest[n_rest++] = evs[i];
        forget(&x, gone, SUPPRESS_PAST);
        assert_verified(&x);
        rig_open(&y, place_of(state));
        rig_put(&y, rest, n_rest);
        rig_flush(&y);
        if (portrait_of(&x, false) != portrait_of(&y, false)) fail_msg("seed %d", (int)seed);
        rig_close(&x);
        rig_close(&y);
        arena_close(&a);
    }
}

static event consent_event(const char *ext, int64_t day, const char *user, const char *purpose, bool given) {
    event ev = from(event_of(KIND_consent, day * DAY_US, ext), IDENT_user_id, user);
    ev.topic = str_c(purpose), ev.value = given, ev.has_value = true;
    return ev;
}

static uint64_t consent_sum(rig *r) {
    err e = {0};
    uint64_t sum = 0;
    for (row q = store_query(r->s, Q_consent_sum, &e, ""); row_next(&q);)
        sum += str_hash2((uint64_t)(row_int(&q, 2) * 7 + row_int(&q, 3)), row_str(&q, 1));
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    return sum;
}

static void the_newest_word_about_consent_stands(void **state) {
    event evs[] = {consent_event("c1", 20000, "7", "Marketing e-mail", true),
                   consent_event("c2", 20010, "7", "marketing_e_mail", false),
                   consent_event("c3", 20005, "7", "marketing_e_mail", true),
                   consent_event("c4", 20005, "7", "surveys", true), consent_event("c5", 20007, "8", "surveys", false)};
    uint64_t first = 0;
    for (uint64_t seed = 0; seed < 8; seed++) {
        rig r;
        rng dice = rng_seed(seed);
        rig_open(&r, place_of(state));
        for (int i = 4; seed && i > 0; i--) {
            int k = (int)(rng_u64(&dice) % (uint64_t)(i + 1));
            event t = evs[i];
            evs[i] = evs[k], evs[k] = t;
        }
        for (int i = 0; i < 5; i++) rig_put(&r, &evs[i], 1);
        rig_flush(&r);
        if (!seed) first = consent_sum(&r);
        assert_true(consent_sum(&r) == first);
        rig_rebuild(&r);
        assert_true(consent_sum(&r) == first);
        assert_verified(&r);
        // an edit takes back what was said
        event edit = consent_event("c2", 20010, "7", "marketing_e_mail", true);
        edit.edited_us = 20011 * DAY_US;
        rig_put(&r, &edit, 1);
        uint64_t edited = consent_sum(&r);
        assert_true(edited != first);
        rig_rebuild(&r);
        assert_true(consent_sum(&r) == edited);
        rig_close(&r);
    }
}

static void access_tells_all_of_one_and_nothing_of_others(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open(64 << 20);
    rig_open(&r, place_of(state));
    event note = from(event_of(KIND_note, 20013 * DAY_US, "n1"), IDENT_user_id, "7");
    note.text = S("grumpy, beware"), note.thread = S("m1");
    event evs[] = {order("o1", 20000, 500, "7", "a@x.org"), order("o2", 20010, 700, "8", "b@x.org"),
                   wrote("m1", 20011, "7", "a@x.org", "late"), note, consent_event("c1", 20000, "7", "surveys", true)};
    evs[2].staff = S("Olga");
    rig_put(&r, evs, 5);
    rig_flush(&r);
    access_count n;
    buf b = buf_new(&a, 1 << 20);
    access_ask ask = {.customer = customer_of(&r, IDENT_user_id, "7"), .now_us = r.now};
    assert_ok(access_write(&a, r.s, &ask, &b, &n, &e), e);
    assert_int_equal(n.events, 3);
    json_t *doc;
    assert_ok(json_read(buf_str(&b), &doc, &e), e);
    assert_int_equal(json_array_size(json_object_get(doc, "events")), 3);
    assert_str(json_at(doc, "consent.0.purpose"), S("surveys"));
    assert_str(json_at(doc, "identities.0.identifiers.0.value"), S("7"));
    json_decref(doc);
    static const char *const others[] = {"b@x.org", "Olga", "grumpy"};
    for (size_t i = 0; i < COUNT(others); i++) assert_false(str_has(buf_str(&b), str_c(others[i])));
    ask.customer = 999999;
    assert_false(access_write(&a, r.s, &ask, &b, &n, &e));
    assert_int_equal(e.code, ERR_not_found);
    arena_close(&a);
    rig_close(&r);
}

static void identifiers_are_found_where_they_stand_alone(void **state) {
    (void)state;
    assert_true(erase_mentions(S("{\"email\":\"A@X.org\"}"), IDENT_email, S("a@x.org")));
    assert_false(erase_mentions(S("\"aa@x.org\""), IDENT_email, S("a@x.org")));
    assert_false(erase_mentions(S("a@x.organic"), IDENT_email, S("a@x.org")));
    assert_true(erase_mentions(S("id: 1007, x"), IDENT_user_id, S("1007")));
    assert_false(erase_mentions(S("id: 10071"), IDENT_user_id, S("1007")));
    assert_true(erase_mentions(S("call 030 / 123 45 67 now"), IDENT_phone, S("+49301234567")));
    assert_false(erase_mentions(S("call 030 / 123 45 68 now"), IDENT_phone, S("+49301234567")));
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_are_found_where_they_stand_alone),
        cmocka_unit_test(nothing_of_an_erased_person_stays),
        cmocka_unit_test(who_wants_nothing_kept_stays_out),
        cmocka_unit_test(the_others_are_as_they_were),
        cmocka_unit_test(the_newest_word_about_consent_stands),
        cmocka_unit_test(access_tells_all_of_one_and_nothing_of_others),
    };
    return rig_run(tests, COUNT(tests));
}
