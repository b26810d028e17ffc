// Who events are from: each rule by a small story, and on random streams that order, questions in between, what is
// taken back and rules tried out leave no trace.
#include "test.h"

#include "base/rng.h"
#include "link/stream.h"

enum { USER, CARD, MAIL, PHONE, COOKIE, DEVICE, DAY = 86400, MOST = 400 };

// An event in short: "u1 m2 d3" at a second.
static stream_event event_of(int64_t at_s, const char *ids) {
    static const char letters[] = "ulmpcd";
    stream_event e = {.at_s = at_s};
    for (str rest = str_c(ids); rest.s && rest.len;) {
        str id = str_cut(&rest, ' ');
        e.kind[e.n] = (uint8_t)(strchr(letters, id.s[0]) - letters);
        e.hash[e.n++] = str_hash(id);
    }
    return e;
}

static uint32_t see(stream *s, int64_t at_s, const char *ids) {
    stream_event e = event_of(at_s, ids);
    err why = {0};
    assert_ok(stream_see(s, &e, 1, &why), why);
    return stream_seen(s) - 1;
}

static stream *open_usual(void) {
    stream_rules r = stream_usual();
    return stream_open(&r, 4 * MOST);
}

static stream_value look(stream *s, const char *id) {
    stream_event e = event_of(0, id);
    stream_value v = {0};
    assert_true(stream_look(s, e.kind[0], e.hash[0], &v));
    return v;
}

#define same(s, a, b)  assert_true(stream_who(s, a) == stream_who(s, b))
#define apart(s, a, b) assert_true(stream_who(s, a) != stream_who(s, b))

// ---- the rules ----

static void what_is_seen_together_is_one_person(void **state) {
    (void)state;
    stream *s = open_usual();
    uint32_t a = see(s, 0, "c1 d1"), b = see(s, 20, "c1 d1 u1"), c = see(s, 900, "m1 u1"), d = see(s, 5000, "m1 l1"),
             e = see(s, 9000, "l1 p1"), f = see(s, 9999, "p1"), g = see(s, 0, "c9 d9"), h = see(s, 1, "");
    same(s, a, b), same(s, b, c), same(s, c, d), same(s, d, e), same(s, e, f), apart(s, f, g), apart(s, h, g);
    stream_close(s);
}

static void the_login_that_ends_a_session_owns_a_shared_device(void **state) {
    (void)state;
    stream *s = open_usual();
    uint32_t a = see(s, 0, "c1 d1"), b = see(s, 20, "c1 d1 u1"), c = see(s, 5000, "c1 d1"),
             d = see(s, 5020, "c1 d1 u2"), e = see(s, 5900, "c1 d1"), f = see(s, 90000, "c1 d1"),
             g = see(s, 90020, "c1 d1");
    same(s, a, b), same(s, c, d), same(s, d, e), apart(s, b, d);
    apart(s, f, b), apart(s, f, d), same(s, f, g); // nobody knows whose, but it is one session
    assert_int_equal(look(s, "d1").state, STREAM_CONTESTED);
    stream_close(s);
}

static void a_hub_connects_nobody(void **state) {
    (void)state;
    stream *s = open_usual();
    uint32_t first = 0, last = 0;
    for (int i = 0; i < 6; i++) {
        char ids[32];
        snprintf(ids, sizeof ids, "u%d m0", i);
        last = see(s, i, ids);
        if (!i) first = last;
    }
    apart(s, first, last);
    stream_value v = look(s, "m0");
    assert_int_equal(v.state, STREAM_HUB);
    assert_int_equal(v.people, 6);
    assert_int_equal(v.sightings, 6);
    stream_close(s);
}

static void a_limit_within_a_window_forgets_what_is_long_ago(void **state) {
    (void)state;
    stream_rules r = stream_usual();
    r.kind[PHONE].most_people = 2, r.kind[PHONE].people_s = 30 * DAY;
    stream *s = stream_open(&r, MOST);
    see(s, 0, "u1 p1"), see(s, 100LL * DAY, "u2 p1"), see(s, 200LL * DAY, "u3 p1");
    assert_int_equal(look(s, "p1").state, STREAM_CONTESTED);
    r.kind[PHONE].people_s = 0;
    stream_rules_set(s, &r);
    assert_int_equal(look(s, "p1").state, STREAM_HUB);
    stream_close(s);
}

static void a_phone_handed_on_belongs_to_each_in_turn(void **state) {
    (void)state;
    stream *s = open_usual();
    uint32_t a = see(s, 0, "u1 p1"), b = see(s, DAY, "p1"), c = see(s, 2 * DAY, "u1 p1"), d = see(s, 9 * DAY, "u2 p1"),
             e = see(s, 10 * DAY, "p1"), f = see(s, 11 * DAY, "u2 p1"), g = see(s, 5 * DAY, "p1");
    same(s, a, b), same(s, b, c), same(s, d, e), same(s, e, f), apart(s, g, a), apart(s, g, f);
    stream_close(s);
}

static void two_accounts_with_the_same_mail_are_one_person_and_a_family_mail_is_not(void **state) {
    (void)state;
    stream *s = open_usual();
    uint32_t a = see(s, 0, "u1 m1"), b = see(s, 1, "u2 m1"), c = see(s, 2, "u3 m3"), d = see(s, 3, "u4 m4");
    see(s, 4, "u3 m5"), see(s, 5, "u4 m5"), see(s, 6, "u3 m3"), see(s, 7, "u4 m4");
    same(s, a, b), apart(s, c, d);
    assert_int_equal(look(s, "m5").state, STREAM_CONTESTED);
    stream_close(s);
}

static void what_comes_past_a_persons_limit_is_demoted(void **state) {
    (void)state;
    stream_rules r = stream_usual();
    r.kind[MAIL].most_values = 2, r.kind[MAIL].values_s = 7 * DAY;
    stream *s = stream_open(&r, MOST);
    see(s, 0, "u1 m1"), see(s, DAY, "u1 m2");
    uint32_t third = see(s, 2 * DAY, "u1 m3"), alone = see(s, 3 * DAY, "m3"), later = see(s, 9 * DAY, "u1 m4");
    assert_int_equal(look(s, "m3").state, STREAM_DEMOTED);
    assert_int_equal(look(s, "m4").state, STREAM_OWNED);
    apart(s, third, alone), same(s, third, later);
    uint32_t next = 0;
    stream_value v;
    assert_true(stream_audit(s, &next, &v));
    assert_int_equal(v.state, STREAM_DEMOTED);
    assert_false(stream_audit(s, &next, &v));
    stream_close(s);
}

static void a_blocked_value_is_nobodys_and_may_become_somebodys(void **state) {
    (void)state;
    stream *s = open_usual();
    uint32_t a = see(s, 0, "u1 m1"), b = see(s, 1, "m1 p1");
    same(s, a, b);
    stream_block(s, MAIL, str_hash(S("m1")), true);
    apart(s, a, b);
    assert_int_equal(look(s, "m1").state, STREAM_BLOCKED);
    stream_block(s, MAIL, str_hash(S("m1")), false);
    same(s, a, b);
    stream_close(s);
}

static void a_persons_word_holds_until_it_is_taken_back(void **state) {
    (void)state;
    stream *s = open_usual();
    uint32_t a = see(s, 0, "u1 m1"), b = see(s, 1, "u2 m1"), c = see(s, 2, "u9 m9"), d = see(s, 3, "m1");
    uint64_t u1 = str_hash(S("u1")), u2 = str_hash(S("u2")), u9 = str_hash(S("u9")), m1 = str_hash(S("m1"));
    same(s, a, b);
    stream_say(s, USER, u1, USER, u2, STREAM_APART);
    apart(s, a, b);
    stream_say(s, MAIL, m1, USER, u2, STREAM_APART);
    apart(s, a, b), same(s, a, d);
    stream_say(s, USER, u2, USER, u9, STREAM_SAME);
    same(s, b, c), apart(s, a, c);
    stream_say(s, USER, u2, USER, u9, STREAM_UNSAID), stream_say(s, USER, u2, USER, u1, STREAM_UNSAID);
    stream_say(s, MAIL, m1, USER, u2, STREAM_UNSAID);
    same(s, a, b), apart(s, b, c), same(s, a, d);
    stream_close(s);
}

static void changes_are_in_the_ledger(void **state) {
    (void)state;
    stream *s = open_usual();
    uint32_t a = see(s, 10, "u2 m2"), b = see(s, 0, "m1 l1");
    apart(s, a, b);
    see(s, 20, "u2 l1");
    same(s, a, b);
    const stream_change *c;
    size_t n = stream_changes(s, &c);
    assert_true(n >= 2);
    for (size_t i = 0; i < n; i++) assert_int_equal(c[i].seen, 3);
    stream_close(s);
}

// ---- properties on random streams ----

static size_t random_events(rng *r, stream_event *ev) {
    size_t n = (size_t)rng_range(r, 20, MOST);
    int64_t people = rng_range(r, 2, 30);
    for (size_t i = 0; i < n; i++) {
        int64_t p = rng_range(r, 0, people - 1);
        ev[i] = (stream_event){.at_s = rng_range(r, 0, 20 * DAY)};
        for (uint8_t k = 0; k < 6; k++) {
            if (!rng_chance(r, k >= COOKIE ? 0.7 : 0.25)) continue;
            int64_t of = rng_chance(r, 0.85) ? p : rng_chance(r, 0.7) ? p / 3 : rng_range(r, 0, people / 5);
            ev[i].kind[ev[i].n] = k, ev[i].hash[ev[i].n++] = (uint64_t)(of * 7 + k);
        }
        if (!ev[i].n) ev[i].n = 1, ev[i].kind[0] = DEVICE, ev[i].hash[0] = (uint64_t)(p * 7 + DEVICE);
    }
    return n;
}

static void take(stream *s, const stream_event *ev, size_t n) {
    err e = {0};
    assert_ok(stream_see(s, ev, n, &e), e);
}

static void neither_order_nor_questions_matter(void **state) {
    (void)state;
    rng r = rng_seed(1);
    for (int k = 0; k < 200; k++) {
        static stream_event ev[MOST], turned[MOST];
        size_t n = random_events(&r, ev), at[MOST];
        for (size_t i = 0; i < n; i++) at[i] = i;
        rng_shuffle(&r, at, n, sizeof *at);
        stream *one = open_usual(), *two = open_usual(), *three = open_usual();
        for (size_t i = 0; i < n; i++) turned[i] = ev[at[i]];
        take(one, ev, n), take(two, turned, n);
        for (size_t i = 0; i < n; i++) {
            take(three, &ev[i], 1);
            if (rng_chance(&r, 0.5)) (void)stream_who(three, (uint32_t)rng_range(&r, 0, (int64_t)i));
        }
        for (size_t i = 0; i < n; i++) {
            uint64_t want = stream_who(one, (uint32_t)at[i]);
            if (stream_who(two, (uint32_t)i) != want) fail_msg("stream %d: event %zu depends on the order", k, at[i]);
            if (stream_who(three, (uint32_t)at[i]) != want) fail_msg("stream %d: event %zu on questions", k, at[i]);
        }
        stream_close(one), stream_close(two), stream_close(three);
    }
}

static void what_is_taken_back_was_never_there(void **state) {
    (void)state;
    rng r = rng_seed(2);
    for (int k = 0; k < 200; k++) {
        static stream_event ev[MOST], kept[MOST];
        size_t n = random_events(&r, ev), m = 0;
        bool gone[MOST] = {0};
        stream *one = open_usual(), *two = open_usual();
        take(one, ev, n);
        if (k % 2) stream_settle(one);
        for (size_t i = 0; i < n; i++)
            if (rng_chance(&r, 0.2)) {
                stream_drop(one, (uint32_t)i), gone[i] = true;
                if (rng_chance(&r, 0.3)) (void)stream_who(one, (uint32_t)rng_range(&r, 0, (int64_t)n - 1));
            } else
                kept[m++] = ev[i];
        take(two, kept, m);
        m = 0;
        for (size_t i = 0; i < n; i++)
            if (!gone[i] && stream_who(one, (uint32_t)i) != stream_who(two, (uint32_t)m++))
                fail_msg("stream %d: event %zu remembers what was taken back", k, i);
        stream_close(one), stream_close(two);
    }
}

static void other_rules_are_as_if_they_had_always_held(void **state) {
    (void)state;
    rng r = rng_seed(3);
    for (int k = 0; k < 100; k++) {
        static stream_event ev[MOST];
        size_t n = random_events(&r, ev);
        stream_rules strict = stream_usual(), usual = strict;
        strict.kind[MAIL].most_people = 1, strict.kind[DEVICE].most_people = 2, strict.kind[PHONE].people_s = 5 * DAY;
        strict.kind[COOKIE].most_values = 2, strict.kind[COOKIE].values_s = 3 * DAY, strict.twins = 0;
        stream *one = stream_open(&usual, MOST), *two = stream_open(&strict, MOST), *three = stream_open(&usual, MOST);
        take(one, ev, n), take(two, ev, n), take(three, ev, n);
        stream_settle(one);
        stream_rules_set(one, &strict);
        for (size_t i = 0; i < n; i++) assert_true(stream_who(one, (uint32_t)i) == stream_who(two, (uint32_t)i));
        stream_rules_set(one, &usual);
        for (size_t i = 0; i < n; i++) assert_true(stream_who(one, (uint32_t)i) == stream_who(three, (uint32_t)i));
        stream_close(one), stream_close(two), stream_close(three);
    }
}

static void said_apart_is_never_one_person(void **state) {
    (void)state;
    rng r = rng_seed(4);
    for (int k = 0; k < 200; k++) {
        static stream_event ev[MOST];
        size_t n = random_events(&r, ev);
        stream *s = open_usual(), *never = open_usual();
        take(s, ev, n), take(never, ev, n);
        uint64_t a[8], b[8];
        for (int i = 0; i < 8; i++) {
            a[i] = (uint64_t)rng_range(&r, 0, 9) * 7, b[i] = a[i] + (uint64_t)rng_range(&r, 1, 5) * 7;
            stream_say(s, USER, a[i], USER, b[i], STREAM_APART);
        }
        for (int i = 0; i < 8; i++) {
            stream_value x, y;
            if (!stream_look(s, USER, a[i], &x) || !stream_look(s, USER, b[i], &y) || !x.sightings || !y.sightings)
                continue;
            assert_true(x.profile != y.profile);
        }
        for (int i = 0; i < 8; i++) stream_say(s, USER, a[i], USER, b[i], STREAM_UNSAID);
        for (size_t i = 0; i < n; i++) assert_true(stream_who(s, (uint32_t)i) == stream_who(never, (uint32_t)i));
        stream_close(s), stream_close(never);
    }
}

static void a_full_stream_says_so(void **state) {
    (void)state;
    stream_rules r = stream_usual();
    stream *s = stream_open(&r, 16);
    stream_event e = {.at_s = 1, .n = 1, .kind = {STREAM_KINDS}};
    err why = {0};
    assert_false(stream_see(s, &e, 1, &why));
    assert_int_equal(why.code, ERR_invalid);
    why = (err){0};
    for (int i = 0; i < 16; i++) see(s, i, "u1");
    e.kind[0] = 0;
    assert_false(stream_see(s, &e, 1, &why));
    assert_int_equal(why.code, ERR_full);
    stream_close(s);
    stream_close(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_seen_together_is_one_person),
        cmocka_unit_test(the_login_that_ends_a_session_owns_a_shared_device),
        cmocka_unit_test(a_hub_connects_nobody),
        cmocka_unit_test(a_limit_within_a_window_forgets_what_is_long_ago),
        cmocka_unit_test(a_phone_handed_on_belongs_to_each_in_turn),
        cmocka_unit_test(two_accounts_with_the_same_mail_are_one_person_and_a_family_mail_is_not),
        cmocka_unit_test(what_comes_past_a_persons_limit_is_demoted),
        cmocka_unit_test(a_blocked_value_is_nobodys_and_may_become_somebodys),
        cmocka_unit_test(a_persons_word_holds_until_it_is_taken_back),
        cmocka_unit_test(changes_are_in_the_ledger),
        cmocka_unit_test(neither_order_nor_questions_matter),
        cmocka_unit_test(what_is_taken_back_was_never_there),
        cmocka_unit_test(other_rules_are_as_if_they_had_always_held),
        cmocka_unit_test(said_apart_is_never_one_person),
        cmocka_unit_test(a_full_stream_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
