// Who is alike: what the store finds of people made twice by a generator that knows the truth, at once and one at a
// time; what a person says; and that taking pairs away gives back exactly the customers before.
#include "know/likeness.h"
#include "know/rig.h"
#include "ledger/ident.h"
#include "sql/cli.h"
#include "sql/know.h"

enum { PEOPLE = 500 };

static const char *const given[] = {"Anna",   "Jürgen", "María",  "Peter", "Paul",   "Ada",   "John",  "Elisabeth",
                                    "Tom",    "Sophie", "Miguel", "Lena",  "Karl",   "Ruth",  "Oskar", "Inés",
                                    "Frieda", "Georg",  "Clara",  "Hugo",  "Emilia", "Bruno", "Nora",  "Felix"};

typedef struct {
    arena a;
    event *evs; // identify events, two of some people, from two sources' ways of writing
    int *person;
    size_t n;
} crowd;

static str letters(crowd *c, rng *r, int n) {
    char *s = make(&c->a, char, n + 1);
    for (int i = 0; i < n; i++) s[i] = (char)("bdfgklmnprst"[rng_range(r, 0, 11)]);
    for (int i = 1; i < n; i += 2) s[i] = "aeiou"[rng_range(r, 0, 4)];
    s[0] = (char)(s[0] - 'a' + 'A');
    return (str){s, (size_t)n};
}

static event person_event(crowd *c, int who, bool again, str name, str born, str address, str email) {
    event ev =
        event_of(KIND_identify, (100 + who) * DAY_US + again, str_z(&c->a, str_fmt(&c->a, "i%d.%d", who, again)));
    ev = from(ev, IDENT_user_id, str_z(&c->a, str_fmt(&c->a, "%d", again ? 100000 + who : who + 1)));
    if (email.len) ev = from(ev, IDENT_email_unverified, str_z(&c->a, email));
    ev.name = name, ev.born = born, ev.address = address;
    return ev;
}

// The second time some write another e-mail, a short name, or have moved. The user ids differ, but the second ones are
// of no kind that is unique.
static crowd crowd_of(uint64_t seed) {
    crowd c = {.a = arena_open(64 << 20)};
    rng r = rng_seed(seed);
    c.evs = make(&c.a, event, 2 * PEOPLE), c.person = make(&c.a, int, 2 * PEOPLE);
    for (int i = 0; i < PEOPLE; i++) {
        str first = str_c(given[rng_range(&r, 0, 23)]), last = letters(&c, &r, (int)rng_range(&r, 5, 8));
        str born = str_fmt(&c.a, "%d-%02d-%02d", (int)rng_range(&r, 1940, 2004), (int)rng_range(&r, 1, 12),
                           (int)rng_range(&r, 1, 28));
        str address = str_fmt(&c.a, "%.*s street %d\n%05d\nLeipzig", STR_ARG(letters(&c, &r, 6)),
                              (int)rng_range(&r, 1, 90), (int)rng_range(&r, 10000, 10400));
        str email = str_fmt(&c.a, "%.*s.%.*s@example.org", STR_ARG(str_lower(&c.a, letters(&c, &r, 6))),
                            STR_ARG(str_lower(&c.a, last)));
        c.person[c.n] = i;
        c.evs[c.n++] =
            person_event(&c, i, false, str_fmt(&c.a, "%.*s %.*s", STR_ARG(first), STR_ARG(last)), born, address, email);
        if (!rng_chance(&r, 0.4)) continue;
        if (rng_chance(&r, 0.3)) email = S("");
        if (rng_chance(&r, 0.3)) born = S("");
        if (rng_chance(&r, 0.2))
            address = str_fmt(&c.a, "New road %d\n%05d\nLeipzig", (int)rng_range(&r, 1, 90),
                              (int)rng_range(&r, 10000, 10400));
        c.person[c.n] = i;
        c.evs[c.n] =
            person_event(&c, i, true, str_fmt(&c.a, "%.*s, %.*s", STR_ARG(last), STR_ARG(first)), born, address, email);
        c.evs[c.n].ids[0].kind = IDENT_freshdesk_id;
        c.n++;
    }
    return c;
}

static likeness_learnt learn(rig *r, arena *a) {
    likeness_learnt out;
    err e = {0};
    rig_flush(r);
    assert_ok(likeness_learn(a, r->s, &(likeness_opts){0}, &out, &e), e);
    return out;
}

static void look_all(rig *r) {
    likeness_looked done = {.waiting = 1};
    err e = {0};
    for (int i = 0; done.waiting; i++) {
        assert_true(i < 100);
        assert_ok(likeness_look(r->k, &done, &e), e);
    }
}

// How many pairs of profiles of one person are one customer, and how many of two are.
static void right_and_wrong(rig *r, const crowd *c, int *right, int *wrong, int *all) {
    int64_t *customer = make(&((crowd *)(uintptr_t)c)->a, int64_t, c->n);
    err e = {0};
    *right = *wrong = *all = 0;
    for (size_t i = 0; i < c->n; i++) {
        arena a = arena_open(1 << 20);
        bool again = c->evs[i].ids[0].kind == IDENT_freshdesk_id;
        str id = c->evs[i].ids[0].value;
        int64_t hash = (int64_t)ident_hash(again ? IDENT_freshdesk_id : IDENT_user_id, id);
        int64_t profile = 0;
        str list = str_fmt(&a, "[%" PRId64 "]", hash);
        for (row q = store_query(r->s, Q_identifier_some, &e, "t", list); row_next(&q);) profile = row_int(&q, 1);
        assert_ok(store_int(r->s, Q_people_by_profile, &customer[i], 0, &e, "i", profile), e);
        arena_close(&a);
    }
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = i + 1; j < c->n; j++) {
            *all += c->person[i] == c->person[j];
            if (customer[i] != customer[j]) continue;
            if (c->person[i] == c->person[j])
                ++*right;
            else
                ++*wrong;
        }
}

static void found_at_once(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open((size_t)1 << 30);
    crowd c = crowd_of(1);
    int right, wrong, all;
    err e = {0};
    rig_put(r, c.evs, c.n);
    likeness_learnt l = learn(r, &a);
    assert_true(l.n > 0 && l.n_keys > c.n);
    right_and_wrong(r, &c, &right, &wrong, &all);
    assert_int_equal(right, 0);
    assert_ok(likeness_take(r->k, &l, S("ada"), &e), e);
    look_all(r);
    right_and_wrong(r, &c, &right, &wrong, &all);
    print_message("# of %d pairs %d are one, %d others too\n", all, right, wrong);
    assert_true(right >= all * 8 / 10);
    assert_int_equal(wrong, 0);
    assert_verified(r);
    rig_rebuild(r);
    int again;
    right_and_wrong(r, &c, &again, &wrong, &all);
    assert_int_equal(again, right);
    arena_close(&a);
    arena_close(&c.a);
    rig_close(r);
}

// The second profiles come one after the other to a store that has learnt already.
static void found_on_arrival(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open((size_t)1 << 30);
    crowd c = crowd_of(1), late = crowd_of(2);
    int right, wrong, all;
    err e = {0};
    rig_put(r, c.evs, c.n);
    likeness_learnt l = learn(r, &a);
    assert_ok(likeness_take(r->k, &l, S("ada"), &e), e);
    look_all(r);
    for (size_t i = 0; i < late.n; i++) { // other people under other numbers
        bool again = late.evs[i].ids[0].kind == IDENT_freshdesk_id;
        late.evs[i].ids[0].value = str_fmt(&late.a, "%s%.*s", again ? "9" : "7777", STR_ARG(late.evs[i].ids[0].value));
        late.evs[i].ext = str_fmt(&late.a, "late:%.*s", STR_ARG(late.evs[i].ext));
        late.evs[i].at_us += 1000 * DAY_US;
    }
    for (size_t i = 0; i < late.n; i += 37) rig_put(r, late.evs + i, MIN((size_t)37, late.n - i));
    rig_flush(r);
    look_all(r);
    right_and_wrong(r, &late, &right, &wrong, &all);
    print_message("# of %d pairs that came later %d are one, %d others too\n", all, right, wrong);
    assert_true(right >= all * 8 / 10);
    assert_int_equal(wrong, 0);
    assert_verified(r);
    arena_close(&a);
    arena_close(&c.a);
    arena_close(&late.a);
    rig_close(r);
}

static int64_t customers(rig *r) {
    return rig_count(r, Q_summary_count);
}

static void a_persons_word_stands(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open((size_t)1 << 30);
    crowd c = crowd_of(3);
    likeness *list, zero = {0}, now;
    size_t n;
    err e = {0};
    likeness_standing st;
    rig_put(r, c.evs, c.n);
    likeness_learnt l = learn(r, &a);
    assert_ok(likeness_take(r->k, &l, S("ada"), &e), e);
    look_all(r);
    assert_ok(likeness_pairs(&a, r->s, LIKENESS_JOINED, &zero, 10, &list, &n, &e), e);
    assert_true(n > 0);
    assert_int_equal(list[0].customers[0], list[0].customers[1]);
    likeness p = list[0];
    assert_ok(likeness_say(r->k, p.a, p.b, -1, p.version, S("ada"), &e), e);
    assert_ok(likeness_get(&a, r->s, p.b, p.a, &now, &e), e);
    assert_int_equal(now.state, LIKENESS_TWO);
    assert_true(now.customers[0] != now.customers[1]);
    assert_false(likeness_say(r->k, p.a, p.b, 1, p.version, S("bo"), &e)); // they saw an older version
    assert_int_equal(e.code, ERR_changed);
    e = (err){0};
    l = learn(r, &a); // learning again does not overrule it
    assert_ok(likeness_take(r->k, &l, S("ada"), &e), e);
    look_all(r);
    assert_ok(likeness_get(&a, r->s, p.a, p.b, &now, &e), e);
    assert_true(now.state == LIKENESS_TWO && now.customers[0] != now.customers[1]);
    assert_verified(r);
    assert_ok(likeness_say(r->k, p.a, p.b, 0, 0, S("ada"), &e), e); // taken back: the evidence counts again
    assert_ok(likeness_get(&a, r->s, p.a, p.b, &now, &e), e);
    assert_true(now.state == LIKENESS_OPEN && now.customers[0] == now.customers[1]);
    assert_false(likeness_say(r->k, p.a, p.b, 0, 0, S("ada"), &e));
    e = (err){0};
    assert_ok(likeness_stands(r->s, &st, &e), e);
    assert_true(st.learnt && st.joined > 0 && !st.waiting);
    assert_verified(r);
    arena_close(&a);
    arena_close(&c.a);
    rig_close(r);
}

static void too_few_teach_nothing(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open((size_t)1 << 28);
    crowd c = crowd_of(4);
    likeness_learnt l;
    err e = {0};
    rig_put(r, c.evs, 50);
    rig_flush(r);
    int64_t before = customers(r);
    assert_false(likeness_learn(&a, r->s, &(likeness_opts){0}, &l, &e));
    assert_int_equal(e.code, ERR_conflict);
    look_all(r);
    assert_int_equal(customers(r), before);
    arena_close(&a);
    arena_close(&c.a);
    rig_close(r);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(found_at_once), cmocka_unit_test(found_on_arrival),
                                 cmocka_unit_test(a_persons_word_stands), cmocka_unit_test(too_few_teach_nothing)};
    return rig_run(tests, COUNT(tests));
}
