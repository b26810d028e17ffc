// What we owe: a commitment is what its steps and the customer's events say, whatever the order, the batches, a rebuild
// or an undo; where it stands is what F28 says, computed a second time here from the list of events.
#include "know/rig.h"

#include "know/commitment.h"
#include "know/erase.h"
#include "sql/act.h"
#include "sql/ledger.h"

enum { N = 260, NAMES = 24, BASE_DAY = 20000 };

static const char *const topics[] = {"promise", "reply", "callback", "refund", "delivery", "renewal", "", "instalment"};

static event step(arena *a, enum kind what, int64_t at_us, int name, int n) {
    event ev = event_of(what, at_us, str_z(a, str_fmt(a, "s%d", n)));
    ev.thread = str_fmt(a, "c%d", name);
    return ev;
}

static event made_of(arena *a, int64_t at_us, const char *name, const char *topic, int64_t due_us, const char *user) {
    event ev = event_of(KIND_commitment_made, at_us, str_z(a, str_fmt(a, "made-%s", name)));
    ev.thread = str_c(name), ev.topic = str_c(topic), ev.value = due_us, ev.has_value = due_us != 0;
    ev.text = S("you will have it"), ev.staff = S("Olga");
    return from(ev, IDENT_user_id, user);
}

static event said_of_it(arena *a, enum kind what, int64_t at_us, const char *name, int64_t due_us) {
    event ev = event_of(what, at_us, str_z(a, str_fmt(a, "%d-%s-%" PRId64, (int)what, name, at_us)));
    ev.thread = str_c(name), ev.value = due_us, ev.has_value = due_us != 0;
    return ev;
}

static commitment stored(rig *r, arena *a, const char *name) {
    err e = {0};
    commitment c = {0};
    record key = {.has_thread = true, .thread = (int64_t)event_key(r->source, str_c(name))};
    if (!commitment_get(a, r->s, commitment_id(&key), &c, &e) && !err_ok(&e)) fail_msg("%s", e.msg);
    return c;
}

static enum commitment_status status_of(rig *r, const char *name, int64_t now_us) {
    arena a = arena_open(1 << 20);
    commitment c = stored(r, &a, name);
    assert_true(c.made_us != 0);
    enum commitment_status s = commitment_status(&c, now_us);
    arena_close(&a);
    return s;
}

static void it_stands_where_f28_says(void **state) {
    rig r;
    arena a = arena_open(1 << 22);
    const int64_t t = BASE_DAY * DAY_US, due = t + 4 * DAY_US;
    rig_open(&r, place_of(state));
    event evs[] = {made_of(&a, t, "open", "promise", due, "7"),
                   made_of(&a, t, "kept", "promise", due, "7"),
                   said_of_it(&a, KIND_commitment_kept, due, "kept", 0),
                   made_of(&a, t, "late", "promise", due, "7"),
                   said_of_it(&a, KIND_commitment_kept, due + 1, "late", 0),
                   made_of(&a, t, "moved", "promise", due, "7"),
                   said_of_it(&a, KIND_commitment_moved, due, "moved", due + 2 * DAY_US),
                   said_of_it(&a, KIND_commitment_kept, due + DAY_US, "moved", 0),
                   made_of(&a, t, "too-late-moved", "promise", due, "7"),
                   said_of_it(&a, KIND_commitment_moved, due + 1, "too-late-moved", due + 2 * DAY_US),
                   said_of_it(&a, KIND_commitment_kept, due + DAY_US, "too-late-moved", 0),
                   made_of(&a, t, "twice", "promise", due, "7"),
                   said_of_it(&a, KIND_commitment_moved, t + 1, "twice", due + DAY_US),
                   said_of_it(&a, KIND_commitment_moved, t + 2, "twice", due + 2 * DAY_US),
                   said_of_it(&a, KIND_commitment_kept, due + 1, "twice", 0),
                   made_of(&a, t, "gone", "promise", due, "7"),
                   said_of_it(&a, KIND_commitment_withdrawn, t + DAY_US, "gone", 0),
                   made_of(&a, t, "again", "promise", due, "7"),
                   said_of_it(&a, KIND_commitment_kept, t + DAY_US, "again", 0),
                   said_of_it(&a, KIND_commitment_reopened, t + 2 * DAY_US, "again", 0),
                   made_of(&a, t, "mistake", "promise", due, "7"),
                   said_of_it(&a, KIND_commitment_void, t + 5, "mistake", 0),
                   made_of(&a, t, "undated", "promise", 0, "7"),
                   said_of_it(&a, KIND_commitment_kept, t + 5, "never-made", 0)};
    rig_put(&r, evs, COUNT(evs));
    assert_int_equal(status_of(&r, "open", due - 1), OWED_open);
    assert_int_equal(status_of(&r, "open", due), OWED_broken);
    assert_int_equal(status_of(&r, "kept", due + DAY_US), OWED_kept);
    assert_int_equal(status_of(&r, "late", due + DAY_US), OWED_kept_late);
    assert_int_equal(status_of(&r, "moved", due + 9 * DAY_US), OWED_renegotiated);
    assert_int_equal(status_of(&r, "too-late-moved", due + 9 * DAY_US), OWED_kept_late);
    assert_int_equal(status_of(&r, "twice", due + 9 * DAY_US), OWED_kept_late);
    assert_int_equal(status_of(&r, "gone", due + 9 * DAY_US), OWED_withdrawn);
    assert_int_equal(status_of(&r, "again", due - 1), OWED_open);
    assert_int_equal(status_of(&r, "mistake", due), OWED_void);
    assert_int_equal(status_of(&r, "undated", due + 900 * DAY_US), OWED_open);
    assert_true(stored(&r, &a, "never-made").made_us == 0);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

// By events of the customer, whichever of its profiles they belong to, and not by what came before.
static void events_keep_it(void **state) {
    rig r;
    arena a = arena_open(1 << 22);
    err e = {0};
    const int64_t t = BASE_DAY * DAY_US, due = t + 4 * DAY_US;
    rig_open(&r, place_of(state));
    event early = from(event_of(KIND_message_out, t - 5, "m0"), IDENT_user_id, "7"),
          other = from(event_of(KIND_message_out, t + 5, "m1"), IDENT_user_id, "8"),
          elsewhere = from(event_of(KIND_message_out, t + 6, "m2"), IDENT_user_id, "7"),
          answer = from(event_of(KIND_message_out, t + DAY_US, "m3"), IDENT_user_id, "7"),
          refund = from(from(event_of(KIND_refund, t + 2 * DAY_US, "r1"), IDENT_user_id, "99"), IDENT_email, "a@x.org");
    early.thread = answer.thread = S("talk"), other.thread = elsewhere.thread = S("another");
    refund.value = 100, refund.has_value = true, refund.unit = 978;
    event evs[] = {made_of(&a, t, "reply", "reply", due, "7"), made_of(&a, t, "back", "refund", due, "7"), early, other,
                   elsewhere};
    evs[0].extra = S("\"conversation\":\"talk\"");
    rig_put(&r, evs, COUNT(evs));
    assert_int_equal(status_of(&r, "reply", due), OWED_broken);
    rig_put(&r, &answer, 1);
    assert_int_equal(status_of(&r, "reply", due), OWED_kept);
    assert_true(stored(&r, &a, "reply").done_us == t + DAY_US);
    // the refund belongs to a profile of which nothing is known yet
    rig_put(&r, &refund, 1);
    assert_int_equal(status_of(&r, "back", due), OWED_broken);
    event meets = from(from(event_of(KIND_identify, t, "i1"), IDENT_user_id, "7"), IDENT_email, "a@x.org");
    meets.name = S("Grete");
    rig_put(&r, &meets, 1);
    rig_flush(&r);
    // user ids are unique, so one e-mail does not join 7 and 99 by itself: a person says so
    int64_t p7 = stored(&r, &a, "reply").profile_id, p99 = 0;
    char key[40];
    snprintf(key, sizeof key, "[%" PRId64 "]", (int64_t)event_key(r.source, S("r1")));
    for (row q = store_query(r.s, Q_event_by_keys, &e, "t", str_c(key)); row_next(&q);) p99 = row_int(&q, 1);
    assert_ok(know_join(r.k, p7, p99, S("test"), &e), e);
    assert_int_equal(status_of(&r, "back", due), OWED_kept);
    rig_flush(&r);
    assert_verified(&r);
    assert_ok(know_verdict_undo(r.k, p7, p99, &e), e);
    assert_int_equal(status_of(&r, "back", due), OWED_broken);
    rig_flush(&r);
    assert_verified(&r);
    rig_rebuild(&r);
    assert_int_equal(status_of(&r, "reply", due), OWED_kept);
    // the answer turns out to have been later: an edit
    event edit = answer;
    edit.at_us = due + DAY_US, edit.edited_us = due + 2 * DAY_US;
    rig_put(&r, &edit, 1);
    assert_int_equal(status_of(&r, "reply", due + 2 * DAY_US), OWED_kept_late);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

// ---- in any order ----

static void random_owed(arena *a, uint64_t seed, event *evs, int n) {
    static const enum kind steps[] = {KIND_commitment_made,      KIND_commitment_made,     KIND_commitment_made,
                                      KIND_commitment_moved,     KIND_commitment_kept,     KIND_commitment_kept,
                                      KIND_commitment_withdrawn, KIND_commitment_reopened, KIND_commitment_void};
    static const enum kind acts[] = {KIND_message_out, KIND_call,           KIND_refund,         KIND_delivered,
                                     KIND_payment,     KIND_contract_start, KIND_contract_change};
    rng g = rng_seed(seed);
    for (int i = 0; i < n; i++) {
        int64_t at = (BASE_DAY + rng_range(&g, 0, 30)) * DAY_US + rng_range(&g, 0, 3) * HOUR_US;
        int name = (int)rng_range(&g, 0, NAMES - 1), person = name % 7;
        bool is_step = rng_chance(&g, 0.7);
        evs[i] = step(a, is_step ? steps[rng_range(&g, 0, COUNT(steps) - 1)] : acts[rng_range(&g, 0, COUNT(acts) - 1)],
                      at, name, i);
        event *ev = &evs[i];
        if (!is_step || rng_chance(&g, 0.7)) *ev = from(*ev, IDENT_user_id, str_z(a, str_fmt(a, "u%d", person)));
        if (rng_chance(&g, 0.2)) *ev = from(*ev, IDENT_email, str_z(a, str_fmt(a, "m%d@x.org", person)));
        if (!is_step) {
            ev->thread = str_fmt(a, "t%d", (int)rng_range(&g, 0, 3));
            ev->value = 500, ev->has_value = kind_class(ev->kind) != CLASS_TALK, ev->unit = ev->has_value ? 978 : 0;
            continue;
        }
        ev->topic = str_c(topics[name % (int)COUNT(topics)]);
        if (name % 3 == 0) ev->extra = str_fmt(a, "\"conversation\":\"t%d\"", name % 4);
        if (ev->kind <= KIND_commitment_moved && rng_chance(&g, 0.9))
            ev->value = at + rng_range(&g, -1, 8) * DAY_US, ev->has_value = true;
    }
}

static void shuffle(event *evs, int n, uint64_t seed) {
    rng g = rng_seed(seed);
    for (int i = n - 1; i > 0; i--) {
        int k = (int)rng_range(&g, 0, i);
        event t = evs[i];
        evs[i] = evs[k], evs[k] = t;
    }
}

// Numbers of profiles are handed out in order of arrival; all else is the same.
static uint64_t owed_sum(rig *r) {
    err e = {0};
    uint64_t sum = 0;
    arena a = arena_open(1 << 24);
    for (row q = store_query(r->s, Q_commitment_scan, &e, ""); row_next(&q);) {
        commitment c = commitment_read(&a, &q);
        const int64_t v[] = {
            c.id,      c.profile_id != 0,   c.kind,         c.about,   c.made_us,  c.due_us,  c.judged_us,
            c.moves,   c.open_us,           c.said_kept_us, c.done_us, c.done_key, c.kept_us, c.withdrawn_us,
            c.void_us, c.agreed_before_due, c.first_due_us};
        sum += str_hash2(str_hash((str){(const char *)v, sizeof v}), c.what);
    }
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    arena_close(&a);
    return sum;
}

// The second computation: one commitment straight from the list of events, step by step in order of time.
typedef struct {
    bool made;
    int64_t done_us;
    enum commitment_status at[3];
} twin;

static bool twin_before(const event *x, const event *y, int64_t source) {
    if (x->at_us != y->at_us) return x->at_us < y->at_us;
    if (x->kind != y->kind) return x->kind < y->kind;
    return (int64_t)event_key(source, x->ext) < (int64_t)event_key(source, y->ext);
}

static bool twin_keeps(const char *topic, const event *ev, str conversation) {
    if (!strcmp(topic, "reply"))
        return (ev->kind == KIND_message_out || ev->kind == KIND_call) &&
               (!conversation.len || str_eq(ev->thread, conversation));
    if (!strcmp(topic, "callback")) return ev->kind == KIND_call;
    if (!strcmp(topic, "refund")) return ev->kind == KIND_refund;
    if (!strcmp(topic, "delivery")) return ev->kind == KIND_delivered;
    if (!strcmp(topic, "instalment")) return ev->kind == KIND_payment;
    if (!strcmp(topic, "renewal")) return ev->kind == KIND_contract_start || ev->kind == KIND_contract_change;
    return false;
}

static twin twin_of(arena a, const event *evs, int n, int name, int64_t source, const int64_t nows[3]) {
    const event **mine = make(&a, const event *, (size_t)n);
    int k = 0;
    str thread = str_fmt(&a, "c%d", name);
    for (int i = 0; i < n; i++)
        if (evs[i].kind >= KIND_commitment_made && evs[i].kind <= KIND_commitment_void && str_eq(evs[i].thread, thread))
            mine[k++] = &evs[i];
    for (int i = 0; i < k; i++)
        for (int j = i + 1; j < k; j++)
            if (twin_before(mine[j], mine[i], source)) {
                const event *t = mine[i];
                mine[i] = mine[j], mine[j] = t;
            }
    twin out = {0};
    int64_t dues[N], n_dues = 0, kept = 0, withdrawn = 0, voided = 0, from_us = 0, reopened = 0;
    bool in_time = true, known = false;
    str conversation = name % 3 == 0 ? str_fmt(&a, "t%d", name % 4) : S("");
    for (int i = 0; i < k; i++) {
        const event *s = mine[i];
        known |= s->n_ids > 0;
        if (s->kind == KIND_commitment_made && !out.made) out.made = true, from_us = s->at_us;
        if (out.made && s->kind <= KIND_commitment_moved && s->has_value && (!n_dues || dues[n_dues - 1] != s->value)) {
            if (n_dues && s->at_us > dues[n_dues - 1]) in_time = false;
            dues[n_dues++] = s->value;
        }
        if (s->kind == KIND_commitment_kept && !kept) kept = s->at_us;
        if (s->kind == KIND_commitment_withdrawn && !withdrawn) withdrawn = s->at_us;
        if (s->kind == KIND_commitment_void && !voided) voided = s->at_us;
        if (s->kind == KIND_commitment_reopened) kept = withdrawn = voided = 0, reopened = s->at_us;
    }
    if (reopened > from_us) from_us = reopened;
    for (int i = 0; known && i < n; i++) {
        bool theirs = false;
        for (int j = 0; j < evs[i].n_ids; j++)
            theirs |= evs[i].ids[j].kind == IDENT_user_id && str_eq(evs[i].ids[j].value, str_fmt(&a, "u%d", name % 7));
        if (theirs && evs[i].at_us > from_us && twin_keeps(topics[name % (int)COUNT(topics)], &evs[i], conversation) &&
            (!out.done_us || evs[i].at_us < out.done_us))
            out.done_us = evs[i].at_us;
    }
    int64_t first = kept && out.done_us ? (kept < out.done_us ? kept : out.done_us) : kept + out.done_us;
    for (int i = 0; i < 3; i++) {
        bool fair = n_dues == 2 && in_time;
        int64_t judged = !n_dues ? 0 : fair ? dues[1] : dues[0];
        out.at[i] = voided                       ? OWED_void
                    : withdrawn                  ? OWED_withdrawn
                    : !first                     ? (judged && judged <= nows[i] ? OWED_broken : OWED_open)
                    : !judged || first <= judged ? (judged && fair && first > dues[0] ? OWED_renegotiated : OWED_kept)
                                                 : OWED_kept_late;
    }
    return out;
}

static void a_replay_says_the_same(void **state) {
    const int64_t nows[3] = {(BASE_DAY + 5) * DAY_US, (BASE_DAY + 20) * DAY_US, (BASE_DAY + 60) * DAY_US};
    int live = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        arena a = arena_open(64 << 20);
        event *evs = make(&a, event, N);
        uint64_t first = 0;
        random_owed(&a, seed, evs, N);
        for (int round = 0; round < 3; round++) {
            rig r;
            rng g = rng_seed(seed * 7 + (uint64_t)round);
            if (round) shuffle(evs, N, seed * 31 + (uint64_t)round);
            rig_open(&r, place_of(state));
            put_batches(&r, evs, N, &g, 0.2);
            rig_flush(&r);
            if (!round) first = owed_sum(&r);
            if (owed_sum(&r) != first) fail_msg("seed %d, order %d", (int)seed, round);
            rig_flush(&r);
            assert_verified(&r);
            for (int name = 0; name < NAMES; name++) {
                char c[16];
                snprintf(c, sizeof c, "c%d", name);
                commitment got = stored(&r, &a, c);
                twin want = twin_of(a, evs, N, name, r.source, nows);
                if ((got.made_us != 0) != want.made) fail_msg("seed %d: c%d is there or not", (int)seed, name);
                if (!want.made) continue;
                live++;
                if (got.done_us != want.done_us) fail_msg("seed %d: c%d is kept by another event", (int)seed, name);
                for (int i = 0; i < 3; i++)
                    if (commitment_status(&got, nows[i]) != want.at[i])
                        fail_msg("seed %d: c%d stands at %s, not %s", (int)seed, name,
                                 commitment_status_name(commitment_status(&got, nows[i])),
                                 commitment_status_name(want.at[i]));
            }
            rig_rebuild(&r);
            if (owed_sum(&r) != first) fail_msg("seed %d: rebuilt otherwise", (int)seed);
            rig_close(&r);
        }
        arena_close(&a);
    }
    assert_true(live > 500);
}

static void an_undone_import_takes_its_steps_along(void **state) {
    rig r;
    arena a = arena_open(1 << 22);
    const int64_t t = BASE_DAY * DAY_US, due = t + 4 * DAY_US;
    rig_open(&r, place_of(state));
    event made = made_of(&a, t, "x", "promise", due, "7"), kept = said_of_it(&a, KIND_commitment_kept, t + 1, "x", 0);
    rig_put(&r, &made, 1);
    rig_next_import(&r);
    rig_put(&r, &kept, 1);
    assert_int_equal(status_of(&r, "x", due), OWED_kept);
    rig_undo(&r, r.import, false);
    assert_int_equal(status_of(&r, "x", due), OWED_broken);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void nothing_is_owed_to_an_erased_person(void **state) {
    rig r;
    err e = {0};
    erased out;
    arena a = arena_open(1 << 22);
    const int64_t t = BASE_DAY * DAY_US, due = t + 4 * DAY_US;
    rig_open(&r, place_of(state));
    event evs[] = {made_of(&a, t, "x", "promise", due, "7"), said_of_it(&a, KIND_commitment_kept, t + 1, "x", 0),
                   made_of(&a, t, "y", "promise", due, "8")};
    rig_put(&r, evs, 3);
    rig_flush(&r);
    assert_ok(know_erase(r.k, &(erase_ask){stored(&r, &a, "x").profile_id, SUPPRESS_PAST, 1}, &out, &e), e);
    assert_true(stored(&r, &a, "x").made_us == 0);
    assert_true(stored(&r, &a, "y").made_us != 0);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void what_is_tampered_with_is_found(void **state) {
    rig r;
    err e = {0};
    rebuilt_report out;
    arena a = arena_open(1 << 22);
    rig_open(&r, place_of(state));
    event made = made_of(&a, BASE_DAY * DAY_US, "x", "promise", (BASE_DAY + 1) * DAY_US, "7");
    rig_put(&r, &made, 1);
    rig_flush(&r);
    assert_ok(store_run(r.s, Q_commitment_drop, NULL, &e, "i", stored(&r, &a, "x").id), e);
    assert_ok(know_verify(&a, r.s, NULL, NULL, &out, &e), e);
    assert_true(out.differences > 0);
    assert_true(str_has(out.first, S("commitment")));
    rig_rebuild(&r);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stands_where_f28_says),
        cmocka_unit_test(events_keep_it),
        cmocka_unit_test(a_replay_says_the_same),
        cmocka_unit_test(an_undone_import_takes_its_steps_along),
        cmocka_unit_test(nothing_is_owed_to_an_erased_person),
        cmocka_unit_test(what_is_tampered_with_is_found),
    };
    return rig_run(tests, COUNT(tests));
}
