// Who is alike: what the store finds of people made twice by a generator that knows the truth, at once and one at a
// time; what a person says; and that taking pairs away gives back exactly the customers before.
#include <math.h>

#include "know/likeness.h"

#include "know/rig.h"
#include "know/twice.h"

#include "know/access.h"
#include "ledger/ident.h"
#include "sql/cli.h"
#include "sql/know.h"

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

// Every weight is what its parts, as they are shown, come to; each part is a whole number of 1/256 bits.
static void assert_parts(const likeness_learnt *l) {
    err e = {0};
    for (size_t i = 0; i < l->n; i++) {
        json_t *doc, *one;
        size_t k;
        double sum = 0;
        assert_ok(json_read(l->pairs[i].parts, &doc, &e), e);
        json_array_foreach(doc, k, one) {
            const double bits = json_number_value(json_object_get(one, "bits"));
            assert_true(bits * 256 == floor(bits * 256));
            sum += bits;
        }
        assert_int_equal(lrint(sum * 1000), l->pairs[i].milli);
        json_decref(doc);
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
    assert_parts(&l);
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
    come_later(&late); // other people under other numbers
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

// The report of a person says that they were compared, how sure it was and what was decided, and nothing of the others.
static void access_names_nobody_else(void **state) {
    static const struct {
        enum likeness_list list;
        const char *decision;
    } cases[] = {{LIKENESS_JOINED, "the same"},
                 {LIKENESS_ASKED, "not decided"},
                 {LIKENESS_SAID_TWO, "two people, as a person said"},
                 {LIKENESS_HOMES, "two people of one home"}};
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open((size_t)1 << 30);
    crowd c = crowd_of(3);
    err e = {0};
    rig_put(r, c.evs, c.n);
    likeness_learnt l = learn(r, &a);
    assert_ok(likeness_take(r->k, &l, S("ada"), &e), e);
    look_all(r);
    likeness *list, zero = {0};
    size_t n;
    assert_ok(likeness_pairs(&a, r->s, LIKENESS_JOINED, &zero, 2, &list, &n, &e), e);
    assert_ok(likeness_say(r->k, list[1].a, list[1].b, -1, 0, S("ada"), &e), e);
    int seen = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_ok(likeness_pairs(&a, r->s, cases[i].list, &zero, 1, &list, &n, &e), e);
        if (!n) continue;
        const likeness *p = &list[0];
        buf b = buf_new(&a, 1 << 20);
        access_count count;
        access_ask ask = {.customer = p->customers[0], .now_us = r->now};
        json_t *doc;
        assert_ok(access_write(&a, r->s, &ask, &b, &count, &e), e);
        assert_ok(json_read(buf_str(&b), &doc, &e), e);
        const json_t *alike = json_object_get(doc, "found_alike"), *one;
        size_t at, told = 0;
        json_array_foreach(alike, at, one) {
            told += str_eq(json_text(json_object_get(one, "decision")), str_c(cases[i].decision));
            assert_true(json_number_value(json_object_get(one, "chance")) >= 0 && json_object_get(one, "fields"));
        }
        assert_true(told > 0);
        char *words = json_dumps(alike, JSON_ENCODE_ANY); // no value, and no number that names somebody
        for (size_t k = 0; k < c.n; k++) {
            assert_false(str_has(str_c(words), c.evs[k].name));
            assert_false(c.evs[k].born.len && str_has(str_c(words), c.evs[k].born));
        }
        assert_null(strstr(words, "example.org"));
        assert_null(strstr(words, "street "));
        free(words);
        json_decref(doc), seen++;
    }
    assert_true(seen >= 3);
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
                                 cmocka_unit_test(a_persons_word_stands), cmocka_unit_test(access_names_nobody_else),
                                 cmocka_unit_test(too_few_teach_nothing)};
    return rig_run(tests, COUNT(tests));
}
