// Whom we owe an apology: to whom a promise of ours was broken, until somebody says sorry or keeps it after all.
#include "know/rig.h"

#include "act/commitment_broken.h"

enum { BASE_DAY = 20000 };

static event made_of(arena *a, int64_t at_us, const char *name, const char *topic, int64_t due_us, const char *user) {
    event ev = event_of(KIND_commitment_made, at_us, str_z(a, str_fmt(a, "made-%s", name)));
    ev.thread = str_c(name), ev.topic = str_c(topic), ev.value = due_us, ev.has_value = due_us != 0;
    return from(ev, IDENT_user_id, user);
}

static event step_of(arena *a, enum kind what, int64_t at_us, const char *name) {
    event ev = event_of(what, at_us, str_z(a, str_fmt(a, "%d-%s-%" PRId64, (int)what, name, at_us)));
    ev.thread = str_c(name);
    return ev;
}

static bool broken(rig *r, const char *name, int64_t now_us) {
    err e = {0};
    bool of[2] = {true, true};
    arena a = arena_open(1 << 20);
    commitment c = {0};
    record key = {.has_thread = true, .thread = (int64_t)event_key(r->source, str_c(name))};
    assert_true(commitment_get(&a, r->s, commitment_id(&key), &c, &e));
    assert_ok(commitment_broken_of(r->s, (int64_t[]){c.profile_id, 999999}, 2, now_us, of, &e), e);
    assert_false(of[1]);
    arena_close(&a);
    return of[0];
}

static void an_apology_is_owed_until_it_is_made(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open(1 << 22);
    const int64_t t = BASE_DAY * DAY_US, due = t + 4 * DAY_US;
    rig_open(&r, place_of(state));
    event evs[] = {made_of(&a, t, "plain", "promise", due, "1"),
                   made_of(&a, t, "sorry", "promise", due, "2"),
                   step_of(&a, KIND_commitment_apologised, due + DAY_US, "sorry"),
                   made_of(&a, t, "again", "promise", due, "3"),
                   step_of(&a, KIND_commitment_apologised, due + DAY_US, "again"),
                   step_of(&a, KIND_commitment_reopened, due + 2 * DAY_US, "again"),
                   made_of(&a, t, "late", "promise", due, "4"),
                   step_of(&a, KIND_commitment_kept, due + DAY_US, "late"),
                   made_of(&a, t, "theirs", "instalment", due, "5"),
                   made_of(&a, t, "gone", "promise", due, "6"),
                   step_of(&a, KIND_commitment_withdrawn, t + 1, "gone")};
    rig_put(&r, evs, COUNT(evs));
    assert_false(broken(&r, "plain", due - 1));
    assert_true(broken(&r, "plain", due + 2 * DAY_US));
    assert_false(broken(&r, "plain", due + (BROKEN_DAYS + 1) * DAY_US));
    assert_false(broken(&r, "sorry", due + 2 * DAY_US));
    assert_true(broken(&r, "again", due + 2 * DAY_US));
    assert_false(broken(&r, "late", due + 2 * DAY_US));
    assert_false(broken(&r, "theirs", due + 2 * DAY_US));
    assert_false(broken(&r, "gone", due + 2 * DAY_US));
    commitment_broken *all;
    size_t n;
    assert_ok(commitment_broken_list(&a, r.s, due + 2 * DAY_US, 0, &all, &n, &e), e);
    assert_int_equal(n, 2);
    assert_true(all[0].customer && all[1].customer && all[0].customer != all[1].customer);
    assert_int_equal(all[0].judged_us, due);
    rig_flush(&r);
    assert_verified(&r);
    rig_rebuild(&r);
    assert_false(broken(&r, "sorry", due + 2 * DAY_US));
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(an_apology_is_owed_until_it_is_made)};
    return rig_run(tests, COUNT(tests));
}
