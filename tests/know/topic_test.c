// Topics in the store: that nothing people made is lost by a change, that changes are taken back exactly, that what is
// learned does not depend on the order of answers, that a correction says what looking at everything anew says, and
// that who is erased leaves nothing.
#include <math.h>

#include "know/topic_audit.h"
#include "know/topic_check.h"
#include "know/topic_learn.h"

#include "know/erase.h"
#include "know/rig.h"
#include "sql/cli.h"
#include "sql/know_meaning.h"
#include "sql/know_topic.h"

enum { SAID_MOST = 4000 };

typedef struct {
    rig r;
    arena a;
    reader *words;
    topic_mind *mind;
} scene;

// ---- a scene ----

static void scene_open(scene *x, enum place place) {
    err e = {0};
    rig_open(&x->r, place);
    x->a = arena_open((size_t)1 << 34);
    x->mind = topic_mind_open();
    assert_ok(reader_open(&x->a, &x->words, S(""), &e), e);
}

static void scene_close(scene *x) {
    topic_mind_close(x->mind);
    reader_close(x->words);
    arena_close(&x->a);
    rig_close(&x->r);
}

static event said_by(scene *x, int i, const char *topic_name, str text) {
    event ev = event_of(KIND_comment, (200 + i / 40) * DAY_US + i * 1000, str_z(&x->a, str_fmt(&x->a, "c%d", i)));
    ev.text = text, ev.topic = str_c(topic_name);
    return from(ev, IDENT_user_id, str_z(&x->a, str_fmt(&x->a, "u%d", i / 2)));
}

static bool draw_audit(scene *x, int64_t at_us, int64_t *put, err *e) {
    topic_audit_drawn d;
    return topic_audit_draw(x->r.s, at_us, &d, e) && topic_audit_put(x->r.s, &d, put, e);
}

static void understand(scene *x) {
    err e = {0};
    for (size_t n = 1; n;) {
        arena a = arena_open((size_t)1 << 30);
        meaning_batch *b;
        assert_ok(meaning_read(&a, x->r.s, x->words, &b, &n, &e), e);
        assert_ok(store_begin(x->r.s, &e), e);
        assert_true(!n || meaning_store(x->r.s, b, &e));
        assert_ok(store_commit(x->r.s, &e), e);
        arena_close(&a);
    }
}

static topics *taxonomy(scene *x) {
    err e = {0};
    topics *t;
    assert_ok(topics_read(&x->a, x->r.s, &t, &e), e);
    return t;
}

static int64_t named(scene *x, const char *name) {
    return topics_named(taxonomy(x), str_c(name));
}

static bool try_change(scene *x, topic_change *c, int64_t *id, int64_t *made, err *e) {
    const char *field = NULL;
    c->by = S("account:1");
    if (!store_begin(x->r.s, e)) return false;
    if (topic_do(know_ledger(x->r.k), &x->a, c, id, made, &field, e) && ledger_commit(know_ledger(x->r.k), e))
        return true;
    store_rollback(x->r.s);
    return false;
}

static int64_t alter(scene *x, topic_change c, int64_t *id) {
    err e = {0};
    int64_t made, mine;
    assert_ok(try_change(x, &c, id ? id : &mine, &made, &e), e);
    return made;
}

static enum err_code refused(scene *x, topic_change c) {
    err e = {0};
    int64_t id, made;
    assert_false(try_change(x, &c, &id, &made, &e));
    return e.code;
}

static int64_t add(scene *x, const char *name, int64_t parent) {
    int64_t id;
    alter(x, (topic_change){.act = TOPIC_add, .t = {.axis = TOPIC_what, .name = str_c(name), .parent = parent}}, &id);
    return id;
}

static void take_back(scene *x, int64_t made) {
    err e = {0};
    int64_t undo;
    assert_ok(store_begin(x->r.s, &e), e);
    assert_ok(topic_undo(know_ledger(x->r.k), &x->a, made, S("account:2"), &undo, &e), e);
    assert_ok(ledger_commit(know_ledger(x->r.k), &e), e);
}

static void store_batch(scene *x, const topic_batch *b) {
    err e = {0};
    topic_labelled sum = {0};
    assert_ok(store_begin(x->r.s, &e), e);
    assert_ok(topic_batch_store(x->r.s, taxonomy(x), b, &sum, &e), e);
    assert_ok(store_commit(x->r.s, &e), e);
}

// Words that wait (from: NULL) or all of them.
static void look(scene *x, bool all) {
    err e = {0};
    topic_judge *j;
    topic_cursor at = TOPIC_FROM_NOW;
    arena life = arena_open((size_t)1 << 32);
    assert_ok(topic_judge_open(&life, x->r.s, reader_mood(x->words), &j, &e), e);
    for (size_t n = 1; n;) {
        arena a = life;
        topic_batch *b;
        topic_cursor next = at;
        assert_ok(topic_batch_read(&a, x->r.s, j, all ? &at : NULL, TOPIC_PIECE, &b, &n, &next, &e), e);
        at = next;
        store_batch(x, b);
    }
    arena_close(&life);
}

static size_t learn(scene *x, enum topic_axis axis) {
    err e = {0};
    topic_learnt l;
    arena a = arena_open((size_t)1 << 34);
    assert_ok(topic_learn(&a, x->r.s, x->words, axis, &l, &e), e);
    if (l.topics) {
        assert_ok(store_begin(x->r.s, &e), e);
        assert_ok(topic_take(know_ledger(x->r.k), &l, &e), e);
        assert_ok(ledger_commit(know_ledger(x->r.k), &e), e);
    }
    const size_t n = l.examples;
    arena_close(&a);
    return n;
}

static topic_corrected correct(scene *x) {
    err e = {0};
    topic_corrected c;
    assert_ok(store_begin(x->r.s, &e), e);
    assert_ok(topic_correct(&x->a, know_ledger(x->r.k), x->mind, reader_mood(x->words), &c, &e), e);
    assert_ok(ledger_commit(know_ledger(x->r.k), &e), e);
    return c;
}

// ---- answers ----

typedef struct {
    int64_t profile, key, at_us;
} place;

static place place_of_words(scene *x, int i) {
    err e = {0};
    place p = {0};
    const int64_t key = (int64_t)event_key(x->r.source, str_fmt(&x->a, "c%d", i));
    for (row r = store_query(x->r.s, Q_topic_places, &e, "ii", INT64_MIN, INT64_MAX); row_next(&r);)
        if (row_int(&r, 1) == key) p = (place){row_int(&r, 0), key, row_int(&r, 2)};
    assert_true(p.profile);
    return p;
}

static void answer(scene *x, int i, const char *name, bool yes, int64_t when) {
    const place p = place_of_words(x, i);
    event ev = event_of(KIND_labelled, when, str_z(&x->a, str_fmt(&x->a, "l%d-%s-%" PRId64, i, name, when)));
    str more = str_fmt(&x->a,
                       "\"of\":\"%016" PRIx64 "\",\"at\":%" PRId64 ",\"item\":\"%016" PRIx64
                       "\",\"topics\":[%s%s%s],\"not\":[%s%s%s]",
                       (uint64_t)p.key, p.at_us, (uint64_t)p.key, yes ? "\"" : "", yes ? name : "", yes ? "\"" : "",
                       yes ? "" : "\"", yes ? "" : name, yes ? "" : "\"");
    ev.of_profile = p.profile, ev.staff = S("account:1"), ev.extra = more;
    rig_put(&x->r, &ev, 1);
    rig_flush(&x->r);
}

// ---- what stands ----

// All rows, by names and keys: whatever numbers were handed out.
static uint64_t picture(scene *x) {
    err e = {0};
    uint64_t sum = 0;
    size_t n;
    topics *t = taxonomy(x);
    const topic *all = topics_all(t, &n);
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(x->r.s, Q_meaning_topic_rows, &e, "iiii", all[i].id, INT64_MIN, INT64_MAX, INT64_MAX);
             row_next(&r);) {
            const int64_t v[] = {row_int(&r, 1), row_int(&r, 3), row_int(&r, 4)};
            sum += str_hash2(str_hash(all[i].name), (str){(const char *)v, sizeof v});
        }
    assert_true(err_ok(&e));
    return sum;
}

typedef struct {
    int64_t key, of, how, sure;
} stood;

static int by_place(const void *x, const void *y) {
    const stood *p = x, *q = y;
    if (p->key != q->key) return p->key < q->key ? -1 : 1;
    return (p->of > q->of) - (p->of < q->of);
}

static size_t all_rows(scene *x, stood **out) {
    err e = {0};
    size_t n = 0, m;
    topics *t = taxonomy(x);
    const topic *all = topics_all(t, &m);
    *out = make(&x->a, stood, SAID_MOST * 8);
    for (size_t i = 0; i < m; i++)
        for (row r = store_query(x->r.s, Q_meaning_topic_rows, &e, "iiii", all[i].id, INT64_MIN, INT64_MAX, INT64_MAX);
             row_next(&r);)
            (*out)[n++] = (stood){row_int(&r, 1), all[i].id, row_int(&r, 3), row_int(&r, 4)};
    assert_true(err_ok(&e));
    if (n) qsort(*out, n, sizeof **out, by_place);
    return n;
}

// The same rows, but for those whose chance lies within a hundredth of where it would be said otherwise.
static void assert_alike(const stood *x, size_t n, const stood *y, size_t m) {
    size_t i = 0, j = 0, other = 0;
    while (i < n || j < m) {
        const int order = i == n ? 1 : j == m ? -1 : by_place(&x[i], &y[j]);
        if (order) { // who asks nobody below a quarter
            const stood *only = order < 0 ? &x[i++] : &y[j++];
            if (only->sure > TOPIC_DOUBT + 10)
                fail_msg("only %s has %d of %d: key %d topic %d (n %zu m %zu)", order < 0 ? "scan" : "look",
                         (int)only->sure, (int)only->how, (int)(only->key % 100000), (int)only->of, n, m);
            continue;
        }
        if (llabs(x[i].sure - y[j].sure) > 10) fail_msg("%d is not %d", (int)x[i].sure, (int)y[j].sure);
        other += x[i++].how != y[j++].how;
    }
    assert_true(other * 100 <= n);
}

static uint64_t taxonomy_picture(scene *x) {
    size_t n;
    uint64_t sum = 0;
    topics *t = taxonomy(x);
    const topic *all = topics_all(t, &n);
    for (size_t i = 0; i < n; i++) {
        str *names;
        const int64_t v[] = {all[i].id,   all[i].parent, all[i].into, (int64_t)all[i].state, (int64_t)all[i].axis,
                             all[i].least};
        uint64_t one = str_hash2(str_hash(all[i].name), (str){(const char *)v, sizeof v});
        one = str_hash2(str_hash2(one, all[i].about), all[i].phrases);
        const size_t m = topics_names(&x->a, t, all[i].id, &names);
        for (size_t k = 0; k < m; k++) one += str_hash(names[k]);
        sum += one;
    }
    return sum;
}

static int64_t given_count(scene *x, const char *name) {
    err e = {0};
    int64_t *ids, n = 0;
    topics *t = taxonomy(x);
    const size_t m = topics_family(&x->a, t, topics_named(t, str_c(name)), true, &ids);
    for (size_t i = 0; i < m; i++)
        for (row r = store_query(x->r.s, Q_meaning_topic_rows, &e, "iiii", ids[i], INT64_MIN, INT64_MAX, INT64_MAX);
             row_next(&r);)
            n += row_int(&r, 3) < TOPIC_unsure;
    return n;
}

// ---- the taxonomy ----

static void refusals(void **state) {
    scene x;
    scene_open(&x, place_of(state));
    const int64_t delivery = add(&x, "Delivery", 0), late = add(&x, "Late", delivery), price = add(&x, "Price", 0);
    int64_t why;
    alter(&x, (topic_change){.act = TOPIC_add, .t = {.axis = TOPIC_why, .name = S("Too dear")}}, &why);
    assert_int_equal(named(&x, "delivery"), delivery);
    assert_int_equal(named(&x, " DELIVERY_ "), delivery);
    assert_int_equal(refused(&x, (topic_change){.act = TOPIC_add, .t = {.axis = TOPIC_what, .name = S("too_dear")}}),
                     ERR_conflict);
    assert_int_equal(refused(&x, (topic_change){.act = TOPIC_add, .t = {.axis = TOPIC_what, .name = S(" ")}}),
                     ERR_invalid);
    assert_int_equal(
        refused(&x, (topic_change){.act = TOPIC_add, .t = {.axis = TOPIC_why, .name = S("x"), .parent = price}}),
        ERR_invalid);
    assert_int_equal(refused(&x, (topic_change){.act = TOPIC_merge, .t.id = price, .into = price}), ERR_invalid);
    assert_int_equal(refused(&x, (topic_change){.act = TOPIC_merge, .t.id = price, .into = why}), ERR_invalid);
    assert_int_equal(refused(&x, (topic_change){.act = TOPIC_merge, .t.id = delivery, .into = late}), ERR_invalid);
    assert_int_equal(refused(&x, (topic_change){.act = TOPIC_archive, .t.id = 12345}), ERR_not_found);
    assert_int_equal(refused(&x, (topic_change){.act = TOPIC_archive, .t.id = price, .version = 7}), ERR_changed);
    assert_int_equal(refused(&x, (topic_change){.act = TOPIC_restore, .t.id = price}), ERR_conflict);
    alter(&x, (topic_change){.act = TOPIC_archive, .t.id = delivery}, NULL);
    assert_int_equal(topics_by_id(taxonomy(&x), late)->state, TOPIC_archived);
    assert_int_equal(refused(&x, (topic_change){.act = TOPIC_restore, .t.id = late}), ERR_conflict);
    scene_close(&x);
}

// Any run of changes, taken back from the last to the first, leaves the taxonomy as it was before each.
static void every_change_is_taken_back_exactly(void **state) {
    scene x;
    rng r = rng_seed(11);
    scene_open(&x, place_of(state));
    int64_t ids[40], made[200];
    uint64_t before[200];
    size_t n = 0, m = 0;
    for (int i = 0; i < 6; i++) ids[n++] = add(&x, str_z(&x.a, str_fmt(&x.a, "topic %d", i)), 0);
    for (int i = 0; i < 300 && m < 60; i++) {
        err e = {0};
        const topic *t = topics_by_id(taxonomy(&x), ids[rng_range(&r, 0, (int64_t)n - 1)]);
        const topic parts[] = {{.name = str_fmt(&x.a, "a%d", i), .about = S("a")},
                               {.name = str_fmt(&x.a, "b%d", i), .about = S("b")}};
        topic_change c = {.act = (enum topic_act)rng_range(&r, 0, (int64_t)TOPIC_undo - 1),
                          .t = *t,
                          .into = ids[rng_range(&r, 0, (int64_t)n - 1)],
                          .parts = parts,
                          .n_parts = 2};
        if (c.act == TOPIC_add) c.t = (topic){.axis = TOPIC_what, .name = str_fmt(&x.a, "n%d", i), .parent = t->id};
        if (c.act == TOPIC_edit) c.t.name = str_fmt(&x.a, "e%d", i), c.t.parent = ids[rng_range(&r, 0, (int64_t)n - 1)];
        before[m] = taxonomy_picture(&x);
        int64_t id;
        if (!try_change(&x, &c, &id, &made[m], &e)) continue;
        if (c.act == TOPIC_add && n < COUNT(ids)) ids[n++] = id;
        m++;
    }
    assert_true(m > 40);
    while (m--) {
        take_back(&x, made[m]);
        if (taxonomy_picture(&x) != before[m]) fail_msg("change %zu is not taken back exactly", m);
    }
    scene_close(&x);
}

static void what_rests_on_a_change_keeps_it(void **state) {
    scene x;
    err e = {0};
    int64_t id, undo;
    scene_open(&x, place_of(state));
    const int64_t made = alter(&x, (topic_change){.act = TOPIC_add, .t = {.axis = TOPIC_what, .name = S("a")}}, &id);
    add(&x, "b", id);
    assert_ok(store_begin(x.r.s, &e), e);
    assert_false(topic_undo(know_ledger(x.r.k), &x.a, made, S("t"), &undo, &e));
    assert_int_equal(e.code, ERR_conflict);
    store_rollback(x.r.s);
    scene_close(&x);
}

// ---- with words ----

typedef struct {
    str text, category;
} banked;

static size_t bank_words(scene *x, const char *dir, size_t categories, size_t of_each, banked *out) {
    str bytes;
    err e = {0};
    const world *w = world_real();
    size_t n = 0, kinds = 0, taken = 0;
    str last = S("");
    assert_ok(
        w->read_file(w, &x->a, str_z(&x->a, str_fmt(&x->a, "%s/text/banking77/train.csv", dir)), 1 << 24, &bytes, &e),
        e);
    str rest = bytes;
    (void)str_cut(&rest, '\n');
    while (rest.len && n < SAID_MOST) {
        str line = str_trim(str_cut(&rest, '\n'));
        ptrdiff_t at = -1;
        for (size_t i = 0; i < line.len; i++)
            if (line.s[i] == ',') at = (ptrdiff_t)i;
        if (at < 0 || line.s[0] == '"') continue; // those with commas are left out
        str category = str_sub(line, (size_t)at + 1, line.len);
        if (!str_eq(category, last)) last = category, taken = 0, kinds++;
        if (kinds > categories) break;
        if (taken++ < of_each) out[n++] = (banked){str_sub(line, 0, (size_t)at), category};
    }
    return n;
}

// Half of the words have a source's name for them.
static size_t bank_scene(scene *x, const char *dir, size_t categories, size_t of_each, banked *v) {
    const size_t n = bank_words(x, dir, categories, of_each, v);
    for (size_t i = 0; i < n; i++) {
        event ev = said_by(x, (int)i, i % 2 ? "" : str_z(&x->a, v[i].category), v[i].text);
        rig_put(&x->r, &ev, 1);
    }
    rig_flush(&x->r);
    understand(x);
    return n;
}

static void take_suggestions(scene *x) {
    err e = {0};
    topic_begin *v;
    size_t n;
    assert_ok(topic_suggestions(&x->a, x->r.s, taxonomy(x), 220 * DAY_US, &v, &n, &e), e);
    for (size_t i = 0; i < n; i++) add(x, str_z(&x->a, v[i].name), 0);
}

// What was counted and kept says the same as counting, without what became a topic since, and is not believed for ever.
static void suggestions_are_kept(void **state) {
    scene x;
    topic_begin *v, *w;
    size_t n, m;
    str counted;
    err e = {0};
    scene_open(&x, place_of(state));
    event evs[40];
    for (int i = 0; i < 40; i++) evs[i] = said_by(&x, i, i % 3 ? "parcel" : i % 2 ? "tax" : "sound", S("It is late."));
    rig_put(&x.r, evs, 40);
    rig_flush(&x.r);
    const int64_t now = 220 * DAY_US;
    assert_ok(topic_suggestions(&x.a, x.r.s, taxonomy(&x), now, &v, &n, &e), e);
    assert_int_equal(n, 3);
    assert_ok(topic_suggestions_count(&x.a, x.r.s, now, &counted, &e), e);
    assert_ok(store_begin(x.r.s, &e) && topic_suggestions_keep(x.r.s, counted, &e) && store_commit(x.r.s, &e), e);
    event later = said_by(&x, 99, "late name", S("It came."));
    rig_put(&x.r, &later, 1);
    rig_flush(&x.r);
    assert_ok(topic_suggestions(&x.a, x.r.s, taxonomy(&x), now + HOUR_US, &w, &m, &e), e);
    assert_int_equal(m, n);
    for (size_t i = 0; i < n; i++) {
        assert_str(w[i].name, v[i].name);
        assert_true(w[i].people == v[i].people && w[i].messages == v[i].messages);
    }
    add(&x, "Parcel", 0);
    assert_ok(topic_suggestions(&x.a, x.r.s, taxonomy(&x), now + HOUR_US, &w, &m, &e), e);
    assert_int_equal(m, n - 1);
    assert_ok(topic_suggestions(&x.a, x.r.s, taxonomy(&x), now + 2 * DAY_US, &w, &m, &e), e);
    assert_int_equal(m, n); // counted: without the topic, with the later name
    scene_close(&x);
}

static void real_words_get_their_topics(void **state) {
    test_need_data(dir);
    test_need_words(words);
    scene x;
    static banked v[SAID_MOST];
    (void)words;
    scene_open(&x, place_of(state));
    const size_t n = bank_scene(&x, dir, 8, 60, v);
    take_suggestions(&x);
    assert_int_equal(topics_used(taxonomy(&x)), 8);
    assert_true(learn(&x, TOPIC_what) == n);
    look(&x, true);
    int64_t given = 0, right = 0, of_source = 0;
    err e = {0};
    topics *t = taxonomy(&x);
    for (size_t i = 0; i < n; i++) {
        const place p = place_of_words(&x, (int)i);
        for (row r = store_query(x.r.s, Q_meaning_topic_of, &e, "ii", p.profile, p.key); row_next(&r);) {
            const bool same = topics_named(t, v[i].category) == row_int(&r, 0);
            if (row_int(&r, 1) == TOPIC_source) of_source += same;
            if (row_int(&r, 1) == TOPIC_learned && i % 2) given++, right += same;
        }
    }
    print_message("%zu words, %d learned labels on those without, %d right\n", n, (int)given, (int)right);
    assert_int_equal(of_source, (int64_t)(n + 1) / 2);
    assert_true(right >= (int64_t)n / 2 * 7 / 10 && right * 100 >= given * 88);
    scene_close(&x);
}

static void merged_and_taken_back_is_as_before(void **state) {
    test_need_data(dir);
    scene x;
    static banked v[SAID_MOST];
    scene_open(&x, place_of(state));
    bank_scene(&x, dir, 4, 30, v);
    take_suggestions(&x);
    learn(&x, TOPIC_what);
    look(&x, true);
    answer(&x, 1, "card linking", true, 300 * DAY_US);
    look(&x, false);
    const int64_t a = named(&x, "card_arrival"), b = named(&x, "card_linking");
    const int64_t n_a = given_count(&x, "card_arrival"), n_b = given_count(&x, "card_linking");
    assert_true(n_a > 10 && n_b > 10);
    const uint64_t rows = picture(&x), tax = taxonomy_picture(&x);
    const int64_t made = alter(&x, (topic_change){.act = TOPIC_merge, .t.id = a, .into = b}, NULL);
    assert_int_equal(picture(&x), rows);
    assert_true(given_count(&x, "card_linking") >= MAX(n_a, n_b) && given_count(&x, "card_linking") <= n_a + n_b);
    look(&x, true); // what people and sources say of the old name counts for the new one
    take_back(&x, made);
    assert_int_equal(taxonomy_picture(&x), tax);
    look(&x, true);
    assert_int_equal(picture(&x), rows);
    assert_int_equal(given_count(&x, "card_arrival"), n_a);
    scene_close(&x);
}

static void renamed_topics_keep_their_answers(void **state) {
    test_need_data(dir);
    scene x;
    static banked v[SAID_MOST];
    scene_open(&x, place_of(state));
    bank_scene(&x, dir, 3, 20, v);
    take_suggestions(&x);
    answer(&x, 1, "card_linking", true, 300 * DAY_US);
    look(&x, false);
    const int64_t n = given_count(&x, "card_linking");
    topic t = *topics_by_id(taxonomy(&x), named(&x, "card_linking"));
    t.name = S("Linking a card");
    alter(&x, (topic_change){.act = TOPIC_edit, .t = t}, NULL);
    look(&x, true);
    assert_int_equal(given_count(&x, "Linking a card"), n);
    (void)assert_verified(&x.r);
    // What people called it before there was such a topic counts from the moment that there is.
    answer(&x, 5, "lost in the post", true, 301 * DAY_US);
    look(&x, false);
    add(&x, "Lost in the post", 0);
    look(&x, false);
    assert_int_equal(given_count(&x, "Lost in the post"), 1);
    (void)assert_verified(&x.r);
    assert_int_equal(named(&x, "card_linking"), t.id);
    scene_close(&x);
}

static void the_order_of_answers_does_not_matter(void **state) {
    test_need_data(dir);
    uint64_t first = 0;
    for (int turn = 0; turn < 3; turn++) {
        scene x;
        static banked v[SAID_MOST];
        rng r = rng_seed((uint64_t)turn);
        int order[24];
        scene_open(&x, place_of(state));
        bank_scene(&x, dir, 4, 20, v);
        take_suggestions(&x);
        for (int i = 0; i < (int)COUNT(order); i++) order[i] = i;
        if (turn) rng_shuffle(&r, order, COUNT(order), sizeof *order);
        for (size_t i = 0; i < COUNT(order); i++) {
            const int of = order[i] / 2 * 2 + 1;
            answer(&x, of, str_z(&x.a, v[of].category), order[i] % 2, (300 + order[i]) * DAY_US);
        }
        learn(&x, TOPIC_what);
        look(&x, true);
        const uint64_t now = picture(&x);
        if (!turn) first = now;
        assert_int_equal(now, first);
        scene_close(&x);
    }
}

static void a_correction_says_what_looking_again_says(void **state) {
    test_need_data(dir);
    scene x;
    static banked v[SAID_MOST];
    scene_open(&x, place_of(state));
    bank_scene(&x, dir, 6, 40, v);
    take_suggestions(&x);
    learn(&x, TOPIC_what);
    look(&x, true);
    x.r.now += 1000 * DAY_US;
    for (int i = 0; i < 10; i++) {
        const int of = 2 * i * 9 + 1;
        answer(&x, of, "card_arrival", false, (20600 + i) * DAY_US);
        answer(&x, of, i % 3 ? str_z(&x.a, v[of].category) : "card_linking", true, (20600 + i) * DAY_US + 1);
        look(&x, false);
        const topic_corrected c = correct(&x);
        assert_true(c.learned && c.looked > 200 && !c.later);
    }
    stood *before, *after;
    size_t n = all_rows(&x, &before), m;
    look(&x, true);
    m = all_rows(&x, &after);
    assert_true(n > 130);
    assert_alike(before, n, after, m);
    topic_mind_forget(x.mind); // a program that starts again learns from where it was
    answer(&x, 3, "card_linking", true, 20700 * DAY_US);
    look(&x, false);
    assert_true(correct(&x).learned);
    n = all_rows(&x, &before);
    look(&x, true);
    m = all_rows(&x, &after);
    assert_alike(before, n, after, m);
    scene_close(&x);
}

static void who_is_erased_leaves_nothing(void **state) {
    test_need_data(dir);
    scene x;
    static banked v[SAID_MOST];
    err e = {0};
    int64_t drawn, left = 0;
    scene_open(&x, place_of(state));
    bank_scene(&x, dir, 4, 20, v);
    take_suggestions(&x);
    answer(&x, 1, "card_linking", true, 300 * DAY_US);
    learn(&x, TOPIC_what);
    look(&x, true);
    assert_ok(store_begin(x.r.s, &e), e);
    assert_ok(draw_audit(&x, 203 * DAY_US, &drawn, &e), e);
    assert_ok(store_commit(x.r.s, &e), e);
    assert_true(drawn > 30);
    const place p = place_of_words(&x, 1);
    int64_t customer;
    erased out;
    assert_ok(store_int(x.r.s, Q_people_by_profile, &customer, 0, &e, "i", p.profile), e);
    assert_ok(know_erase(x.r.k, &(erase_ask){.customer = customer}, &out, &e), e);
    for (row r = store_query(x.r.s, Q_meaning_topic_of_profile, &e, "i", p.profile); row_next(&r);) left++;
    for (row r = store_query(x.r.s, Q_topic_audit_of_profile, &e, "i", p.profile); row_next(&r);) left++;
    for (row r = store_query(x.r.s, Q_topic_model_examples, &e, ""); row_next(&r);) left++;
    assert_true(err_ok(&e));
    assert_int_equal(left, 0);
    learn(&x, TOPIC_what); // and is learned without them
    for (row r = store_query(x.r.s, Q_topic_model_examples, &e, ""); row_next(&r);) {
        const str places = row_str(&r, 1);
        for (size_t i = 0; i + 16 <= places.len; i += 16) left += !memcmp(places.s + i, &p.profile, sizeof p.profile);
    }
    assert_int_equal(left, 0);
    scene_close(&x);
}

// What a theme gave to its topic are customers' own words.
static void phrases_go_with_who_said_them(void **state) {
    scene x;
    err e = {0};
    erased out;
    char long_text[400];
    int64_t id, customer, made;
    scene_open(&x, place_of(state));
    memset(long_text, 'a', sizeof long_text);
    memcpy(long_text + 199, "\xC3\xA4", 2); // a letter at the cut
    const str mine = S("my parcel was torn \"twice\""), other = S("the box was wet"),
              much = {long_text, sizeof long_text};
    const event evs[] = {said_by(&x, 0, "", mine), said_by(&x, 1, "", much), said_by(&x, 2, "", other)};
    rig_put(&x.r, evs, COUNT(evs));
    rig_flush(&x.r);
    understand(&x);
    assert_int_equal(topic_phrase_of(much).len, 199);
    const str phrases =
        str_fmt(&x.a, "[\"my parcel was torn \\\"twice\\\"\",\"%.199s\",\"the box was wet\",\"torn\"]", long_text);
    made = alter(
        &x, (topic_change){.act = TOPIC_add, .t = {.axis = TOPIC_what, .name = S("Boxes"), .phrases = phrases}}, &id);
    assert_ok(store_int(x.r.s, Q_people_by_profile, &customer, 0, &e, "i", place_of_words(&x, 0).profile), e);
    assert_ok(know_erase(x.r.k, &(erase_ask){.customer = customer}, &out, &e), e);
    topic t;
    topic_changed *v;
    size_t n;
    assert_ok(topic_get(&x.a, x.r.s, id, &t, &e), e);
    assert_string_equal(str_z(&x.a, t.phrases), "[\"the box was wet\",\"torn\"]");
    assert_ok(topic_changes(&x.a, x.r.s, INT64_MAX, 10, &v, &n, &e), e);
    for (size_t i = 0; i < n; i++) {
        assert_null(strstr(str_z(&x.a, v[i].detail), "parcel"));
        assert_null(strstr(str_z(&x.a, v[i].detail), "aaaa"));
    }
    take_back(&x, made); // it rests on nothing that is gone
    assert_int_equal(named(&x, "Boxes"), 0);
    scene_close(&x);
}

static void a_proof_counts_what_is_lacking(void **state) {
    static const char *const names[] = {"Boxes", "Shops", "Mails"};
    scene x;
    err e = {0};
    int64_t differences = 0;
    str first = S("");
    scene_open(&x, place_of(state));
    const event ev = said_by(&x, 0, "", S("everything was torn"));
    rig_put(&x.r, &ev, 1);
    rig_flush(&x.r);
    understand(&x);
    for (size_t i = 0; i < COUNT(names); i++)
        add(&x, names[i], 0), answer(&x, 0, names[i], true, (300 + (int)i) * DAY_US);
    look(&x, true);
    assert_ok(topic_check_all(&x.a, x.r.s, &differences, &first, &e), e);
    assert_int_equal(differences, 0);
    const place p = place_of_words(&x, 0);
    assert_ok(store_run(x.r.s, Q_meaning_topic_untag, NULL, &e, "iii", p.profile, p.key, named(&x, "Boxes")), e);
    assert_ok(topic_check_all(&x.a, x.r.s, &differences, &first, &e), e);
    assert_int_equal(differences, 2); // the words lack one, and fewer stand than people gave
    assert_non_null(strstr(str_z(&x.a, first), "lack a topic"));
    scene_close(&x);
}

static void the_most_topics_are_the_most_also_by_splitting(void **state) {
    scene x;
    int64_t of = 0, last = 0;
    scene_open(&x, place_of(state));
    for (int i = 0; i < TOPICS_MOST - 1; i++) {
        last = add(&x, str_z(&x.a, str_fmt(&x.a, "topic %d", i)), 0);
        if (!of) of = last;
    }
    const topic parts[] = {{.name = S("one"), .about = S("the first")}, {.name = S("two"), .about = S("the second")}};
    const topic_change split = {.act = TOPIC_split, .t = {.id = of}, .parts = parts, .n_parts = COUNT(parts)};
    assert_int_equal(refused(&x, split), ERR_conflict);
    alter(&x, (topic_change){.act = TOPIC_archive, .t = {.id = last}}, NULL);
    alter(&x, split, NULL);
    assert_int_equal(refused(&x, (topic_change){.act = TOPIC_restore, .t = {.id = last}}), ERR_conflict);
    scene_close(&x);
}

static void audits_agree_with_counting(void **state) {
    test_need_data(dir);
    scene x;
    static banked v[SAID_MOST];
    err e = {0};
    int64_t drawn;
    bool due;
    scene_open(&x, place_of(state));
    const size_t n = bank_scene(&x, dir, 4, 20, v);
    take_suggestions(&x);
    look(&x, true); // sources alone: every second one has its topic
    assert_ok(topic_audit_due(x.r.s, 203 * DAY_US, &due, &e) && due, e);
    assert_ok(store_begin(x.r.s, &e), e);
    assert_ok(draw_audit(&x, 203 * DAY_US, &drawn, &e), e);
    assert_ok(store_commit(x.r.s, &e), e);
    assert_ok(topic_audit_due(x.r.s, 203 * DAY_US, &due, &e), e);
    assert_false(due);
    assert_int_equal(drawn, n);
    int64_t again = -1; // somebody who is slower puts nothing
    assert_ok(draw_audit(&x, 203 * DAY_US, &again, &e), e);
    assert_int_equal(again, 0);
    topics *t = taxonomy(&x);
    const int month = topic_month(203 * DAY_US);
    for (size_t i = 0; i < n; i++) {
        const place p = place_of_words(&x, (int)i);
        topic_judgement j = {.by = S("account:1"), .topics = {topics_named(t, v[i].category)}, .n = 1};
        assert_ok(topic_audit_judge(x.r.s, month, p.profile, p.key, &j, &e), e);
        j.by = S("account:2"), j.n = i % 8 ? 1 : 0;
        assert_ok(topic_audit_judge(x.r.s, month, p.profile, p.key, &j, &e), e);
    }
    topic_audit_report out;
    assert_ok(topic_audit_tell(&x.a, x.r.s, t, month, &out, &e), e);
    assert_int_equal(out.judged, n);
    assert_int_equal(out.twice, n);
    assert_true(out.precision.value == 1 && fabs(out.recall.value - 0.5) < 0.02);
    assert_true(fabs(out.unassigned.value - 0.5) < 0.02 && out.coverage == 1);
    assert_true(out.alpha > 0.8 && out.alpha < 1 && out.alpha_heed < 0.8);
    assert_int_equal(out.n, 4);
    scene_close(&x);
}

int main(void) {
    static struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(every_change_is_taken_back_exactly),
        cmocka_unit_test(what_rests_on_a_change_keeps_it),
        cmocka_unit_test(suggestions_are_kept),
        cmocka_unit_test(real_words_get_their_topics),
        cmocka_unit_test(merged_and_taken_back_is_as_before),
        cmocka_unit_test(renamed_topics_keep_their_answers),
        cmocka_unit_test(the_order_of_answers_does_not_matter),
        cmocka_unit_test(a_correction_says_what_looking_again_says),
        cmocka_unit_test(who_is_erased_leaves_nothing),
        cmocka_unit_test(phrases_go_with_who_said_them),
        cmocka_unit_test(a_proof_counts_what_is_lacking),
        cmocka_unit_test(the_most_topics_are_the_most_also_by_splitting),
        cmocka_unit_test(audits_agree_with_counting),
    };
    return rig_run(tests, COUNT(tests));
}
