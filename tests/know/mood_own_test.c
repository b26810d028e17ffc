// How customers of a company sound, learned from what came with a score: in a language that no lexicon knows.
#include "know/mood_own.h"

#include "know/erase.h"
#include "know/rig.h"
#include "sql/know.h"
#include "sql/know_meaning.h"

static const char *const fillers[] = {"tonibo", "resalu", "kifato", "menupi", "dolaga", "sirone", "bafumi", "gutela"};
static const char *const good[] = {"wolipa", "zarendi", "huvoma"}, *const bad[] = {"knurzo", "grelpik", "skravu"};

// Words nobody knows, of which one says how it is.
static const char *words_of(arena *a, rng *g, int is) {
    buf b = buf_new(a, 400);
    const int n = (int)rng_range(g, 5, 9), at = (int)rng_range(g, 0, n - 1);
    for (int i = 0; i < n; i++) {
        const char *word = fillers[rng_range(g, 0, COUNT(fillers) - 1)];
        if (i == at && is) word = is > 0 ? good[rng_range(g, 0, 2)] : bad[rng_range(g, 0, 2)];
        buf_fmt(&b, "%s%s", i ? " " : "", word);
    }
    return str_z(a, buf_str(&b));
}

static event review(arena *a, rng *g, int i, int is) {
    event ev = event_of(KIND_review, (20000 + i % 300) * DAY_US + i, str_z(a, str_fmt(a, "r%d", i)));
    ev.unit = INSTRUMENT_stars5, ev.has_value = true, ev.value = is > 0 ? 500 : is < 0 ? 100 : 300;
    ev.text = str_c(words_of(a, g, is));
    return from(ev, IDENT_user_id, str_z(a, str_fmt(a, "u%d", i)));
}

static event remark(arena *a, rng *g, int i, int is) {
    event ev = event_of(KIND_comment, 20400 * DAY_US + i, str_z(a, str_fmt(a, "c%d", i)));
    ev.text = str_c(words_of(a, g, is));
    return from(ev, IDENT_user_id, str_z(a, str_fmt(a, "v%d", i)));
}

static void put_reviews(rig *r, arena *a, rng *g, int n) {
    event *evs = make(a, event, n);
    for (int i = 0; i < n; i++) evs[i] = review(a, g, i, (int)rng_range(g, -1, 1));
    rig_put(r, evs, (size_t)n);
    rig_flush(r);
}

static void understand(rig *r, reader *x) {
    err e = {0};
    for (size_t n = 1; n;) {
        arena a = arena_open((size_t)1 << 30);
        meaning_batch *b;
        assert_ok(meaning_read(&a, r->s, x, &b, &n, &e), e);
        assert_ok(store_begin(r->s, &e), e);
        assert_true(!n || meaning_store(r->s, b, &e));
        assert_ok(store_commit(r->s, &e), e);
        arena_close(&a);
    }
}

static mood_learnt learn(rig *r, arena *a, const reader *x) {
    err e = {0};
    mood_learnt l;
    assert_ok(mood_own_learn(a, r->s, x, &l, &e), e);
    assert_ok(store_begin(r->s, &e) && mood_own_take(r->s, r->now, &l, &e) && store_commit(r->s, &e), e);
    for (int64_t at = INT64_MAX, left = l.better ? MOOD_AGAIN : 0; left > 0 && at > INT64_MIN;)
        assert_ok(store_begin(r->s, &e) && mood_own_again(r->s, &at, &left, &e) && store_commit(r->s, &e), e);
    return l;
}

// Of remarks: how many sound as they are meant, and how many the other way round.
typedef struct {
    int told, right, opposite;
} tally_of;

static bool count_one(void *ctx, const meaning *m, str text, err *e) {
    tally_of *t = ctx;
    (void)e;
    int is = 0;
    for (int i = 0; i < 3; i++) is += str_has(text, str_c(good[i])) ? 1 : str_has(text, str_c(bad[i])) ? -1 : 0;
    if (m->at_us < 20400 * DAY_US || !is || meaning_class(m) == MOOD_UNKNOWN) return true;
    t->told++, t->right += meaning_class(m) == is, t->opposite += meaning_class(m) == -is;
    return true;
}

static tally_of remarks(rig *r) {
    err e = {0};
    tally_of t = {0};
    assert_ok(meaning_each(r->s, &(meaning_ask){.words = true}, count_one, &t, &e), e);
    return t;
}

// Is what was learned still there after somebody is erased?
static bool stands_without(rig *r, const char *user) {
    err e = {0};
    int64_t *list;
    size_t n;
    erased out;
    mood_standing now;
    arena a = arena_open(1 << 20);
    assert_ok(erase_find(&a, r->s, IDENT_user_id, str_c(user), &list, &n, &e), e);
    assert_int_equal(n, 1);
    assert_ok(know_erase(r->k, &(erase_ask){.customer = list[0]}, &out, &e), e);
    assert_ok(mood_own_stands(r->s, &now, &e), e);
    arena_close(&a);
    return now.made_us != 0;
}

static void ratings_say_what_unknown_words_mean(void **state) {
    rig r;
    err e = {0};
    rng g = rng_seed(8);
    reader *x;
    label_model *own;
    arena a = arena_open((size_t)1 << 34);
    rig_open(&r, place_of(state));
    put_reviews(&r, &a, &g, 400);
    event more[100];
    for (int i = 0; i < 100; i++) more[i] = remark(&a, &g, i, i % 2 ? 1 : -1);
    rig_put(&r, more, 100);
    rig_flush(&r);
    assert_ok(reader_open(&a, &x, S(""), &e), e);
    understand(&r, x);
    const tally_of before = remarks(&r);
    const mood_learnt l = learn(&r, &a, x);
    assert_true(l.better && l.texts == 400);
    assert_true(l.right > 0.9 && l.lexicon < 0.5);
    assert_ok(mood_own_open(&a, r.s, &own, &e), e);
    assert_non_null(own);
    reader_take_moods(x, own);
    understand(&r, x); // the remarks are looked at again by themselves
    const tally_of after = remarks(&r);
    assert_true(after.right >= 80 && after.right > before.right + 50);
    assert_true(after.opposite <= 2);
    mood_standing now;
    assert_ok(mood_own_stands(r.s, &now, &e), e);
    assert_true(now.made_us == r.now && now.texts == 400 && now.right > 0.9);
    assert_verified(&r);
    assert_true(stands_without(&r, "v3")); // who gave no score taught nothing
    bool due;
    assert_ok(mood_own_due(r.s, &due, &e), e);
    assert_false(due);
    assert_false(stands_without(&r, "u7")); // who did is forgotten with what was learned
    assert_ok(mood_own_due(r.s, &due, &e), e);
    assert_true(due); // and it is learned anew at once
    assert_true(learn(&r, &a, x).texts < 400);
    assert_ok(store_begin(r.s, &e) && mood_own_done(r.s, &e) && store_commit(r.s, &e), e);
    assert_ok(mood_own_due(r.s, &due, &e), e);
    assert_false(due);
    reader_close(x);
    rig_close(&r);
    arena_close(&a);
}

static void few_ratings_teach_nothing(void **state) {
    rig r;
    err e = {0};
    rng g = rng_seed(9);
    reader *x;
    label_model *own;
    arena a = arena_open((size_t)1 << 34);
    rig_open(&r, place_of(state));
    assert_ok(reader_open(&a, &x, S(""), &e), e);
    assert_true(!learn(&r, &a, x).better); // an empty store, too
    put_reviews(&r, &a, &g, MOOD_LEAST - 1);
    understand(&r, x);
    const mood_learnt l = learn(&r, &a, x);
    assert_true(!l.better && l.texts == MOOD_LEAST - 1);
    assert_ok(mood_own_open(&a, r.s, &own, &e), e);
    assert_null(own);
    reader_close(x);
    rig_close(&r);
    arena_close(&a);
}

// Scores that have nothing to do with the words teach nothing that would be worse than the lexicons.
static void scores_by_chance_are_not_heard(void **state) {
    rig r;
    err e = {0};
    rng g = rng_seed(10);
    reader *x;
    label_model *own;
    arena a = arena_open((size_t)1 << 34);
    rig_open(&r, place_of(state));
    event *evs = make(&a, event, 300);
    for (int i = 0; i < 300; i++) {
        evs[i] = review(&a, &g, i, (int)rng_range(&g, -1, 1));
        evs[i].text = str_c(words_of(&a, &g, 0));
    }
    rig_put(&r, evs, 300);
    rig_flush(&r);
    for (int i = 0; i < 40; i++) evs[i] = remark(&a, &g, i, 0);
    rig_put(&r, evs, 40);
    rig_flush(&r);
    assert_ok(reader_open(&a, &x, S(""), &e), e);
    understand(&r, x);
    (void)learn(&r, &a, x);
    assert_ok(mood_own_open(&a, r.s, &own, &e), e);
    reader_take_moods(x, own);
    for (int i = 0; own && i < 40; i++) {
        mood_reading m = {0};
        assert_false(mood_own_says(own, a, evs[i].text, NULL, false, &m)); // nothing is sure
    }
    reader_close(x);
    rig_close(&r);
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(ratings_say_what_unknown_words_mean),
        cmocka_unit_test(few_ratings_teach_nothing),
        cmocka_unit_test(scores_by_chance_are_not_heard),
    };
    return rig_run(tests, COUNT(tests));
}
