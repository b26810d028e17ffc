// Lists of customers: pages that follow one another give every customer once, in the order of a plain sort.
#include "test.h"

#include "know/rig.h"

#include "base/unicode.h"
#include "know/people.h"
#include "sql/know.h"

enum { MOST = 4096 };

typedef struct {
    int64_t id, key;
    str text;
} plain;

static bool falling;
static int by_order(const void *x, const void *y) {
    const plain *p = x, *q = y;
    int c = p->text.s ? str_cmp(p->text, q->text) : (p->key > q->key) - (p->key < q->key);
    if (falling) c = -c;
    return c ? c : (p->id > q->id) - (p->id < q->id);
}

static int64_t key_of(const summary *x, enum people_sort s) {
    const int64_t keys[] = {x->last_us,    x->first_us,   0, x->orders, x->order_value, x->monthly_value, x->complaints,
                            x->waiting_us, x->customer_id};
    return keys[s];
}

static size_t sorted(rig *r, arena *a, enum people_sort s, int64_t since, int64_t until, plain *out) {
    err e = {0};
    size_t n = 0;
    sources *all;
    assert_ok(sources_read(a, r->s, &all, &e), e);
    for (row q = store_query(r->s, Q_summary_scan, &e, ""); row_next(&q);) {
        summary x = summary_row(&q);
        person p;
        if ((since && x.last_us < since) || (until && x.last_us >= until) || (s == PEOPLE_waiting && !x.waiting_us))
            continue;
        assert_ok(person_read(a, r->s, all, x.customer_id, &p, &e), e);
        if (s == PEOPLE_name && !p.named) continue;
        out[n++] = (plain){
            .id = x.customer_id, .key = key_of(&x, s), .text = s == PEOPLE_name ? text_ascii(a, p.name) : (str){0}};
    }
    assert_ok(err_ok(&e), e);
    if (n) qsort(out, n, sizeof *out, by_order);
    return n;
}

static void check_pages(rig *r, people_ask ask, arena a) {
    err e = {0};
    plain *want = make(&a, plain, MOST);
    falling = ask.falling;
    size_t n = sorted(r, &a, ask.sort, ask.since_us, ask.until_us, want), seen = 0;
    bool more = true;
    while (more) {
        people_card *cards;
        size_t got;
        assert_ok(people_list(&a, r->s, &ask, &cards, &got, &more, &e), e);
        for (size_t i = 0; i < got; i++, seen++)
            if (seen >= n || cards[i].id != want[seen].id)
                fail_msg("by %s%s: customer %d stands at %d", ask.falling ? "-" : "", people_sort_name(ask.sort),
                         (int)cards[i].id, (int)seen);
        if (got) ask.next = true, ask.key = cards[got - 1].key, ask.id = cards[got - 1].id;
        assert_true(got || !more);
    }
    assert_int_equal(seen, n);
}

static void pages_give_everybody_once(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    arena a = arena_open((size_t)1 << 30);
    event *evs = make(&a, event, 1500);
    random_events(&a, 3, evs, 1500);
    for (int i = 0; i < 1500; i += 7) evs[i].name = i % 2 ? S("Ängel") : S("angela"), evs[i].kind = KIND_identify;
    rig_put(&r, evs, 1500);
    rig_flush(&r);
    for (int prepared = 0; prepared < 2; prepared++) {
        err e = {0};
        if (prepared) assert_ok(people_prepare(r.s, &e) && people_prepare(r.s, &e), e);
        for (int s = 0; s < PEOPLE_SORTS; s++)
            for (int64_t limit = 3; limit <= 40; limit += 37) {
                people_ask ask = {.sort = (enum people_sort)s, .limit = limit, .now_us = r.now};
                check_pages(&r, ask, a);
                ask.falling = true;
                check_pages(&r, ask, a);
                ask.since_us = 20050 * DAY_US, ask.until_us = 20190 * DAY_US;
                check_pages(&r, ask, a);
            }
    }
    arena_close(&a);
    rig_close(&r);
}

static void words_and_rules_narrow_a_list(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    event evs[] = {order("1", 20180, 5000, "a1", "ada@example.org"), order("2", 20190, 6000, "b1", NULL),
                   order("3", 20100, 1000, "c1", NULL), order("4", 20101, 1000, "d1", NULL)};
    evs[0].name = S("Ada Okafor"), evs[1].name = S("Adam Smith"), evs[2].name = S("Zoe Ada");
    rig_put(&r, evs, COUNT(evs));
    rig_flush(&r);
    err e = {0};
    arena a = arena_open((size_t)1 << 28);
    people_card *cards;
    size_t n;
    bool more;
    char field[SEGMENT_FIELD_LEN];
    people_ask ask = {.words = S("ada"), .sort = PEOPLE_last_seen, .falling = true, .limit = 10, .now_us = r.now};
    assert_ok(people_list(&a, r.s, &ask, &cards, &n, &more, &e), e);
    assert_int_equal(n, 3);
    assert_str(cards[0].name, S("Adam Smith"));
    segment_rule *rule;
    assert_ok(segment_read_text(&a, r.s, S("order_value < 60.00 EUR"), 0, &rule, field, &e), e);
    ask.rule = rule;
    assert_ok(people_list(&a, r.s, &ask, &cards, &n, &more, &e), e);
    assert_int_equal(n, 2);
    assert_str(cards[0].name, S("Ada Okafor"));
    ask.words = S("");
    assert_ok(people_list(&a, r.s, &ask, &cards, &n, &more, &e), e);
    assert_int_equal(n, 3);
    assert_str(cards[1].name, S("d1")); // what they are known by
    assert_false(cards[1].named);
    arena_close(&a);
    rig_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(pages_give_everybody_once),
                                 cmocka_unit_test(words_and_rules_narrow_a_list)};
    return rig_run(tests, COUNT(tests));
}
