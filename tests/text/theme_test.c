#include <math.h>

#include "test.h"

#include "base/rng.h"
#include "theme_rig.h"

static int set_up(void **state) {
    static arena a;
    a = arena_open((size_t)1 << 34);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

static str bytes_of(arena *a, const theme_model *m) {
    buf b = buf_new(a, (size_t)1 << 28);
    theme_write(&b, m);
    return buf_str(&b);
}

// ---- nearly nothing ----

static void nothing_is_no_theme(void **state) {
    arena a = *(arena *)*state, scratch = arena_open((size_t)1 << 32);
    const theme_text x[] = {{.text = S("")}, {.text = S("  \n")}, {.text = S("?!")}};
    theme_mark m[3];
    themes t = theme_find(&a, scratch, NULL, 0, NULL, NULL);
    assert_true(t.n == 0 && t.silent == 0 && theme_count(t.model) == 0);
    assert_true(theme_assign(t.model, scratch, S("where is my card"), NULL).id == 0);
    t = theme_find(&a, scratch, x, 3, NULL, m);
    assert_true(t.n == 0 && t.silent == 3);
    for (int i = 0; i < 3; i++) assert_true(m[i].theme == THEME_NONE);
    theme_model *again;
    err e = {0};
    assert_true(theme_read(&a, bytes_of(&a, t.model), &again, &e));
    arena_close(&scratch);
}

static void one_text_and_equal_texts_are_one_theme(void **state) {
    arena a = *(arena *)*state, scratch = arena_open((size_t)1 << 32);
    theme_text x[20];
    theme_mark m[20];
    for (int i = 0; i < 20; i++)
        x[i] = (theme_text){i % 2 ? S("Where is my order?") : S("where is MY order"), NULL, i / 4};
    for (size_t n = 1; n <= 20; n += 19) {
        const themes t = theme_find(&a, scratch, x, n, NULL, m);
        assert_int_equal(t.n, 1);
        assert_int_equal(t.v[0].texts, n);
        assert_int_equal(t.v[0].voices, n == 1 ? 1 : 4 + 4); // four unknown, and four people
        assert_true(t.v[0].name.len && m[0].distance < 0.01f && !m[0].far && t.weaker);
    }
    arena_close(&scratch);
}

static void what_is_said_in_signs_alone_is_silent(void **state) {
    arena a = *(arena *)*state;
    assert_true(theme_key(a, S("👍👍")) == 0 && theme_key(a, S("...")) == 0);
    assert_true(theme_key(a, S("OK!")) == theme_key(a, S("ok")) && theme_key(a, S("ok")) != 0);
    assert_true(theme_key(a, S("a b")) != theme_key(a, S("ab")));
}

// ---- the same whatever the order ----

static void shuffled_and_repeated_it_is_the_same(void **state) {
    for (int kind = 0; kind < 4; kind++) {
        arena a = *(arena *)*state, scratch = arena_open((size_t)1 << 32);
        rig g = rig_new(&a, (rig_opts){.groups = 7, .each = 25, .people = 60, .no_vectors = kind == 1, .seed = 3});
        const theme_options o = {.k = kind == 2 ? 9 : 0, .sample = kind == 3 ? 90 : 0};
        theme_mark *first = make(&a, theme_mark, g.n), *again = make(&a, theme_mark, g.n);
        const themes t = theme_find(&a, scratch, g.x, g.n, &o, first);
        const str bytes = bytes_of(&a, t.model);
        rng r = rng_seed(9);
        for (int round = 0; round < 2; round++) {
            uint32_t *at = rig_shuffle(&a, &g, &r);
            const themes u = theme_find(&a, scratch, g.x, g.n, &o, again);
            assert_true(str_eq(bytes, bytes_of(&a, u.model)));
            assert_int_equal(u.n, t.n);
            for (size_t i = 0; i < g.n; i++) {
                assert_int_equal(again[i].theme, first[at[i]].theme);
                assert_memory_equal(&again[i].distance, &first[at[i]].distance, sizeof(float));
            }
            for (size_t i = 0; i < t.n; i++) {
                assert_str(u.v[i].name, t.v[i].name);
                assert_true(u.v[i].voices == t.v[i].voices && u.v[i].id == t.v[i].id && u.v[i].texts == t.v[i].texts);
                assert_memory_equal(&u.v[i].spread, &t.v[i].spread, sizeof(double));
            }
            rig_unshuffle(&g, at);
        }
        arena_close(&scratch);
    }
}

static void groups_are_found_and_counted_by_people(void **state) {
    arena a = *(arena *)*state, scratch = arena_open((size_t)1 << 32);
    rig g = rig_new(&a, (rig_opts){.groups = 8, .each = 40, .people = 30, .seed = 4});
    theme_mark *m = make(&a, theme_mark, g.n);
    const themes t = theme_find(&a, scratch, g.x, g.n, &(theme_options){.k = 8}, m);
    assert_int_equal(t.n, 8);
    assert_true(rig_agreement(&g, m, t.n) > 0.97);
    for (size_t k = 0; k < t.n; k++) {
        size_t voices = 0, texts = 0, far = 0;
        bool seen[64] = {0};
        for (size_t i = 0; i < g.n; i++) {
            if (m[i].theme != k) continue;
            far += m[i].far;
            if (m[i].far) continue;
            texts++;
            voices += !seen[g.x[i].who];
            assert_true(g.x[i].who > 0 && g.x[i].who < 64);
            seen[g.x[i].who] = true;
        }
        assert_true(t.v[k].voices == voices && t.v[k].texts == texts && t.v[k].far == far);
        assert_true(!k || t.v[k - 1].voices >= t.v[k].voices);
        for (size_t other = 0; other < k; other++) assert_false(str_eq(t.v[k].name, t.v[other].name));
    }
    arena_close(&scratch);
}

static void the_number_of_themes_is_near_what_is_there(void **state) {
    for (size_t groups = 2; groups <= 20; groups += 6) {
        arena a = *(arena *)*state, scratch = arena_open((size_t)1 << 32);
        rig g = rig_new(&a, (rig_opts){.groups = groups, .each = 40, .people = 50, .seed = groups});
        theme_mark *m = make(&a, theme_mark, g.n);
        const themes t = theme_find(&a, scratch, g.x, g.n, NULL, m);
        if (t.n < groups * 3 / 4 || t.n > groups * 2) fail_msg("%zu themes of %zu groups", t.n, groups);
        arena_close(&scratch);
    }
}

// ---- one text ----

static void a_text_is_assigned_as_it_was_marked(void **state) {
    arena a = *(arena *)*state, scratch = arena_open((size_t)1 << 32);
    rig g = rig_new(&a, (rig_opts){.groups = 6, .each = 30, .people = 50, .seed = 5});
    theme_mark *m = make(&a, theme_mark, g.n);
    const themes t = theme_find(&a, scratch, g.x, g.n, NULL, m);
    theme_model *again;
    err e = {0};
    const str bytes = bytes_of(&a, t.model);
    assert_true(theme_read(&a, bytes, &again, &e));
    assert_true(str_eq(bytes, bytes_of(&a, again)));
    for (size_t i = 0; i < g.n; i++) {
        const theme_choice c = theme_assign(again, scratch, g.x[i].text, g.x[i].vector);
        assert_true(c.id == t.v[m[i].theme].id && c.at == m[i].theme && c.far == m[i].far);
        assert_true(fabsf(c.distance - m[i].distance) < 1e-6f);
        assert_true(c.second && c.second != c.id && c.second_distance >= c.distance);
    }
    const theme_choice other = theme_assign(again, scratch, S("zzzyx qwyx vvvuq"), NULL);
    assert_true(other.id && other.far);
    arena_close(&scratch);
}

static void what_is_damaged_is_refused(void **state) {
    arena a = *(arena *)*state, scratch = arena_open((size_t)1 << 32);
    rig g = rig_new(&a, (rig_opts){.groups = 2, .each = 10, .people = 5, .seed = 6});
    theme_mark *m = make(&a, theme_mark, g.n);
    const str bytes = bytes_of(&a, theme_find(&a, scratch, g.x, g.n, NULL, m).model);
    rng r = rng_seed(6);
    theme_model *out;
    for (int round = 0; round < 200; round++) {
        arena brief = a;
        char *s = make(&brief, char, bytes.len);
        err e = {0};
        memcpy(s, bytes.s, bytes.len);
        const size_t at = (size_t)rng_range(&r, 0, (int64_t)bytes.len - 1);
        size_t length = bytes.len;
        if (round % 2)
            s[at] = (char)(s[at] ^ (1 << rng_range(&r, 0, 7)));
        else
            length = at;
        assert_false(theme_read(&brief, (str){s, length}, &out, &e));
        assert_true(out == NULL && !err_ok(&e));
    }
    arena_close(&scratch);
}

// ---- as texts keep coming ----

static double dice(const theme_mark *x, uint32_t theme_x, const theme_mark *y, uint32_t theme_y, size_t n) {
    double both = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        const bool in_x = x[i].theme == theme_x, in_y = y[i].theme == theme_y;
        both += in_x && in_y;
        all += in_x + in_y;
    }
    return all > 0 ? 2 * both / all : 0;
}

// Members are counted among the texts that were there before.
static void more_texts_rename_no_theme_whose_members_stay(void **state) {
    for (int round = 0; round < 4; round++) {
        arena a = *(arena *)*state, scratch = arena_open((size_t)1 << 32);
        rig g =
            rig_new(&a, (rig_opts){.groups = 8, .each = 22, .people = 40, .loose = true, .seed = 10 + (uint64_t)round});
        rng r = rng_seed((uint64_t)round);
        rig_shuffle(&a, &g, &r);
        const size_t before = g.n * 10 / 11;
        theme_mark *then = make(&a, theme_mark, g.n), *now = make(&a, theme_mark, g.n);
        const themes t = theme_find(&a, scratch, g.x, before, NULL, then);
        for (int anew = 0; anew < 2; anew++) {
            const theme_options o = {.before = t.model, .anew = anew};
            const themes u = theme_find(&a, scratch, g.x, g.n, &o, now);
            for (uint32_t i = 0; i < t.n; i++)
                for (uint32_t k = 0; k < u.n; k++) {
                    if (dice(then, i, now, k, before) <= 0.75) continue;
                    assert_int_equal(u.v[k].id, t.v[i].id);
                    assert_str(u.v[k].name, t.v[i].name);
                    assert_false(u.v[k].fresh);
                }
            // No id goes to a theme that has hardly anything of the old one.
            for (uint32_t k = 0; k < u.n; k++)
                for (uint32_t i = 0; i < t.n; i++)
                    if (u.v[k].id == t.v[i].id) assert_true(dice(then, i, now, k, before) > 0.4);
            for (uint32_t k = 0; k < u.n; k++) assert_true(u.v[k].fresh == (u.v[k].id >= theme_next_id(t.model)));
        }
        arena_close(&scratch);
    }
}

static void what_is_new_gets_a_new_id_and_what_is_gone_stays_gone(void **state) {
    arena a = *(arena *)*state, scratch = arena_open((size_t)1 << 32);
    rig all = rig_new(&a, (rig_opts){.groups = 7, .each = 30, .people = 40, .seed = 20}), some = all;
    theme_mark *m = make(&a, theme_mark, all.n);
    some.n = 6 * 30; // without the last
    const themes first = theme_find(&a, scratch, some.x, some.n, &(theme_options){.k = 6}, m);
    const themes grown = theme_find(&a, scratch, all.x, all.n, &(theme_options){.before = first.model}, m);
    assert_true(grown.n > 6 && grown.n_gone == 0);
    const int64_t new_id = grown.v[m[6 * 30].theme].id;
    assert_true(new_id >= theme_next_id(first.model) && grown.v[m[6 * 30].theme].fresh);
    const themes shrunk = theme_find(&a, scratch, some.x, some.n, &(theme_options){.before = grown.model}, m);
    assert_true(shrunk.n == 6 && shrunk.n_gone >= 1);
    bool gone = false;
    for (size_t i = 0; i < shrunk.n_gone; i++) gone |= shrunk.gone[i] == new_id;
    assert_true(gone);
    const themes back = theme_find(&a, scratch, all.x, all.n, &(theme_options){.before = shrunk.model}, m);
    for (size_t i = 0; i < back.n; i++) assert_true(back.v[i].id != new_id);
    assert_true(back.next_id > grown.next_id);
    arena_close(&scratch);
}

static void vectors_of_another_make_say_nothing_of_old_themes(void **state) {
    arena a = *(arena *)*state, scratch = arena_open((size_t)1 << 32);
    rig g = rig_new(&a, (rig_opts){.groups = 5, .each = 30, .people = 40, .seed = 21});
    theme_mark *m = make(&a, theme_mark, g.n);
    const themes t = theme_find(&a, scratch, g.x, g.n, &(theme_options){.k = 5, .make = S("one 1")}, m);
    assert_str(theme_make(t.model), S("one 1"));
    int8_t *other = make(&a, int8_t, g.n * EMBEDDING);
    for (size_t i = 0; i < g.n; i++) {
        for (size_t k = 0; k < EMBEDDING; k++) other[i * EMBEDDING + k] = g.x[i].vector[EMBEDDING - 1 - k];
        g.x[i].vector = other + i * EMBEDDING;
    }
    const themes u = theme_find(&a, scratch, g.x, g.n, &(theme_options){.before = t.model, .make = S("two 1")}, m);
    size_t kept = 0;
    for (size_t i = 0; i < u.n; i++) kept += !u.v[i].fresh;
    assert_int_equal(kept, 5); // by their letters
    assert_str(theme_make(u.model), S("two 1"));
    arena_close(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_no_theme),
        cmocka_unit_test(one_text_and_equal_texts_are_one_theme),
        cmocka_unit_test(what_is_said_in_signs_alone_is_silent),
        cmocka_unit_test(shuffled_and_repeated_it_is_the_same),
        cmocka_unit_test(groups_are_found_and_counted_by_people),
        cmocka_unit_test(the_number_of_themes_is_near_what_is_there),
        cmocka_unit_test(a_text_is_assigned_as_it_was_marked),
        cmocka_unit_test(what_is_damaged_is_refused),
        cmocka_unit_test(more_texts_rename_no_theme_whose_members_stay),
        cmocka_unit_test(what_is_new_gets_a_new_id_and_what_is_gone_stays_gone),
        cmocka_unit_test(vectors_of_another_make_say_nothing_of_old_themes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
