// The inbox: what stands where by the events, whatever the order and the batches; lists and pages beside a brute-force
// twin; what people of ours did, taken back, erased, and never lost by a rebuild.
#include "know/rig.h"

#include "know/erase.h"
#include "know/inbox.h"
#include "ledger/ident.h"
#include "sql/inbox.h"
#include "sql/store.h"

enum { DAY0 = 20440 }; // 2025-12-18; the rig's clock stands at 20454

static int64_t day(double d) {
    return (int64_t)((DAY0 + d) * (double)DAY_US);
}

static event said_by(enum kind kind, double at, const char *ext, const char *thread, const char *user) {
    event ev = event_of(kind, day(at), ext);
    ev.thread = str_c(thread), ev.text = S("words of a customer"), ev.channel = CHANNEL_email;
    return user ? from(ev, IDENT_user_id, user) : ev;
}

static event rated(double at, const char *ext, int64_t score, const char *text, const char *user) {
    event ev = event_of(KIND_review, day(at), ext);
    ev.value = score * 100, ev.has_value = true, ev.unit = INSTRUMENT_stars5, ev.text = str_c(text);
    return from(ev, IDENT_user_id, user);
}

static inbox_ask everything(rig *r, enum inbox_tab tab) {
    return (inbox_ask){.tab = tab, .channel = -1, .assignee = INBOX_ANYBODY, .mood = MOOD_UNKNOWN, .now_us = r->now};
}

static size_t list(rig *r, arena *a, const inbox_ask *q, inbox_found **out) {
    err e = {0};
    sources *all;
    size_t n;
    bool more;
    assert_ok(sources_read(a, r->s, &all, &e), e);
    assert_ok(inbox_list(a, r->s, all, q, out, &n, &more, &e), e);
    return n;
}

static size_t in_tab(rig *r, enum inbox_tab tab) {
    arena a = arena_open(1 << 24);
    inbox_ask q = everything(r, tab);
    inbox_found *v;
    size_t n = list(r, &a, &q, &v);
    arena_close(&a);
    return n;
}

static void assert_tabs(rig *r, size_t open, size_t waiting, size_t done) {
    err e = {0};
    arena a = arena_open(1 << 24);
    inbox_ask q = everything(r, INBOX_OPEN);
    inbox_counts n;
    sources *all;
    rig_flush(r);
    assert_int_equal(in_tab(r, INBOX_OPEN), open);
    assert_int_equal(in_tab(r, INBOX_WAITING), waiting);
    assert_int_equal(in_tab(r, INBOX_DONE), done);
    assert_ok(sources_read(&a, r->s, &all, &e), e);
    assert_ok(inbox_count(&a, r->s, all, &q, &n, &e), e);
    assert_int_equal(n.n[INBOX_OPEN], open);
    assert_int_equal(n.n[INBOX_WAITING], waiting);
    assert_true(n.n[INBOX_DONE] <= (int64_t)done); // of the last month
    assert_verified(r);
    arena_close(&a);
}

// The only one there is in a tab.
static inbox_item the_one(rig *r, enum inbox_tab tab) {
    arena a = arena_open(1 << 24);
    inbox_ask q = everything(r, tab);
    inbox_found *v;
    assert_int_equal(list(r, &a, &q, &v), 1);
    inbox_item x = v[0].x;
    arena_close(&a);
    return x;
}

// As act/inbox_tell.c tells it.
static event step_of(const inbox_item *x, enum inbox_step_what what, int64_t at_us, int64_t value, const char *ext) {
    static char of[64];
    event ev = event_of(KIND_handled, at_us, ext);
    ev.of_profile = x->profile, ev.of_thread = x->what == INBOX_talk ? x->thread : 0;
    ev.topic = str_c(inbox_step_name(what)), ev.value = value, ev.has_value = value != 0, ev.staff = S("account:1");
    snprintf(of, sizeof of, "\"of\":\"%016" PRIx64 "\"", (uint64_t)x->key);
    if (x->what == INBOX_voice) ev.extra = str_c(of);
    return ev;
}

static void does(rig *r, const inbox_item *x, enum inbox_step_what what, int64_t at_us, int64_t value,
                 const char *ext) {
    event ev = step_of(x, what, at_us, value, ext);
    rig_put(r, &ev, 1);
}

static void who_writes_is_open_until_somebody_answers(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    event ev = said_by(KIND_message_in, 1, "m1", "T", "7");
    rig_put(&r, &ev, 1);
    assert_tabs(&r, 1, 0, 0);
    assert_true(the_one(&r, INBOX_OPEN).since_us == day(1));
    ev = said_by(KIND_message_auto, 1.5, "m2", "T", "7");
    rig_put(&r, &ev, 1);
    assert_tabs(&r, 1, 0, 0); // a machine answers nobody
    ev = said_by(KIND_message_out, 2, "m3", "T", "7");
    rig_put(&r, &ev, 1);
    assert_tabs(&r, 0, 1, 0);
    assert_int_equal(inbox_state_now(&(inbox_item[]){the_one(&r, INBOX_WAITING)}[0], r.now), INBOX_THEIRS);
    ev = said_by(KIND_conversation_solved, 3, "m4", "T", "7");
    rig_put(&r, &ev, 1);
    assert_tabs(&r, 0, 0, 1);
    ev = said_by(KIND_message_in, 4, "m5", "T", "7");
    rig_put(&r, &ev, 1);
    assert_tabs(&r, 1, 0, 0);
    assert_true(the_one(&r, INBOX_OPEN).since_us == day(4));
    r.now = day(4 + INBOX_DAYS) + 1; // too long ago
    assert_tabs(&r, 0, 0, 1);
    rig_close(&r);
}

static void a_single_word_is_answered_in_any_conversation(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    event evs[] = {rated(1, "r1", 1, "late again", "7"), rated(2, "r2", 5, "", "8"), rated(3, "r3", 5, "lovely", "9")};
    rig_put(&r, evs, 3); // the second says nothing and is content
    assert_tabs(&r, 2, 0, 0);
    r.now = day(3 + INBOX_PRAISE_DAYS) + 1;
    assert_tabs(&r, 1, 0, 1); // praise gets old
    event ev = said_by(KIND_message_out, 5, "m1", "T", NULL);
    ev = from(from(ev, IDENT_email, "a@x.org"), IDENT_user_id, "7"); // another profile of the same customer
    rig_next_import(&r);
    rig_source(&r, "desk");
    rig_put(&r, &ev, 1);
    assert_tabs(&r, 0, 0, 2);
    rig_close(&r);
}

static void what_people_of_ours_do_counts_until_it_is_taken_back(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    event ev = rated(1, "r1", 1, "late again", "7");
    rig_put(&r, &ev, 1);
    rig_flush(&r);
    inbox_item x = the_one(&r, INBOX_OPEN);
    does(&r, &x, INBOX_done, day(2), 0, "s1");
    assert_tabs(&r, 0, 0, 1);
    event blank = step_of(&x, INBOX_undone, day(2), 0, "s1"); // the same event, saying nothing
    blank.edited_us = day(3);
    rig_put(&r, &blank, 1);
    assert_tabs(&r, 1, 0, 0);
    does(&r, &x, INBOX_assigned, day(4), 17, "s2");
    assert_int_equal(the_one(&r, INBOX_OPEN).assignee, 17);
    does(&r, &x, INBOX_later, day(4.5), r.now + DAY_US, "s3");
    assert_tabs(&r, 0, 1, 0);
    r.now += DAY_US + 1; // the time has come
    assert_tabs(&r, 1, 0, 0);
    rig_rebuild(&r);
    assert_tabs(&r, 1, 0, 0);
    assert_int_equal(the_one(&r, INBOX_OPEN).assignee, 17);
    rig_close(&r);
}

static void who_writes_again_is_not_put_aside(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    event ev = said_by(KIND_message_in, 1, "m1", "T", "7");
    rig_put(&r, &ev, 1);
    rig_flush(&r);
    inbox_item x = the_one(&r, INBOX_OPEN);
    does(&r, &x, INBOX_later, day(2), r.now + 9 * DAY_US, "s1");
    assert_tabs(&r, 0, 1, 0);
    ev = said_by(KIND_message_in, 3, "m2", "T", "7");
    rig_put(&r, &ev, 1);
    assert_tabs(&r, 1, 0, 0);
    does(&r, &x, INBOX_replied, day(4), 5, "s2"); // an answer is on its way
    assert_tabs(&r, 0, 1, 0);
    does(&r, &x, INBOX_failed, day(5), 0, "s3");
    assert_tabs(&r, 1, 0, 0);
    rig_close(&r);
}

static size_t labels_of(rig *r, int64_t id, bool *said_first) {
    err e = {0};
    arena a = arena_open(1 << 20);
    inbox_label *v;
    size_t n;
    assert_ok(inbox_labels(&a, r->s, id, &v, &n, &e), e);
    if (n) *said_first = v[0].said;
    arena_close(&a);
    return n;
}

static event label_event(const inbox_item *x, int64_t at_us, const char *ext, bool yes) {
    static char more[200];
    event ev = event_of(KIND_labelled, at_us, ext);
    snprintf(more, sizeof more,
             "\"of\":\"%016" PRIx64 "\",\"at\":%" PRId64 ",\"item\":\"%016" PRIx64 "\",\"topics\":[%s],\"not\":[%s]",
             (uint64_t)x->key, x->said_us, (uint64_t)x->key, yes ? "\"delay\"" : "", yes ? "" : "\"delay\"");
    ev.of_profile = x->profile, ev.staff = S("account:1"), ev.extra = str_c(more);
    return ev;
}

static void the_newest_word_about_a_topic_stands(void **state) {
    rig r;
    bool yes = false;
    rig_open(&r, place_of(state));
    event ev = rated(1, "r1", 1, "late again", "7");
    rig_put(&r, &ev, 1);
    rig_flush(&r);
    inbox_item x = the_one(&r, INBOX_OPEN);
    ev = label_event(&x, day(3), "l2", false); // comes first, is said last
    rig_put(&r, &ev, 1);
    ev = label_event(&x, day(2), "l1", true);
    rig_put(&r, &ev, 1);
    assert_int_equal(labels_of(&r, x.id, &yes), 1);
    assert_false(yes);
    ev = event_of(KIND_handled, day(3), "l2"); // taken back: the word before it stands again
    ev.of_profile = x.profile, ev.edited_us = day(4), ev.topic = S("undone");
    rig_put(&r, &ev, 1);
    assert_int_equal(labels_of(&r, x.id, &yes), 1);
    assert_true(yes);
    assert_tabs(&r, 1, 0, 0);
    arena a = arena_open(1 << 24);
    inbox_ask q = everything(&r, INBOX_OPEN);
    inbox_found *v;
    q.topic = S("delay");
    assert_int_equal(list(&r, &a, &q, &v), 1);
    q.topic = S("price");
    assert_int_equal(list(&r, &a, &q, &v), 0);
    arena_close(&a);
    rig_close(&r);
}

static void who_is_erased_leaves_nothing(void **state) {
    rig r;
    err e = {0};
    erased out;
    rig_open(&r, place_of(state));
    event ev = rated(1, "r1", 1, "late again", "7");
    rig_put(&r, &ev, 1);
    rig_flush(&r);
    inbox_item x = the_one(&r, INBOX_OPEN);
    does(&r, &x, INBOX_assigned, day(2), 17, "s1");
    ev = label_event(&x, day(2), "l1", true);
    rig_put(&r, &ev, 1);
    erase_ask ask = {.customer = x.profile, .mode = SUPPRESS_ALL};
    assert_ok(know_erase(r.k, &ask, &out, &e), e);
    for (row q = store_query(r.s, Q_inbox_scan, &e, ""); row_next(&q);) fail_msg("a row is left");
    for (row q = store_query(r.s, Q_inbox_step_scan, &e, ""); row_next(&q);) fail_msg("a step is left");
    for (row q = store_query(r.s, Q_label_scan, &e, ""); row_next(&q);) fail_msg("a label is left");
    assert_ok(err_ok(&e), e);
    assert_verified(&r);
    rig_close(&r);
}

// ---- a brute-force twin over random worlds ----

static int by_twin(const void *a, const void *b) {
    const inbox_item *x = a, *y = b;
    if (x->since_us != y->since_us) return x->since_us < y->since_us ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

// Every row of the table, judged one by one.
static size_t twin(rig *r, arena *a, enum inbox_tab tab, inbox_item **out) {
    err e = {0};
    size_t n = 0;
    *out = make(a, inbox_item, 4096);
    for (row q = store_query(r->s, Q_inbox_scan, &e, ""); row_next(&q);) {
        inbox_item x;
        assert_ok(inbox_get(r->s, row_int(&q, 0), &x, &e), e);
        if (x.said_us && inbox_tab_now(&x, r->now) == tab) (*out)[n++] = x;
    }
    assert_ok(err_ok(&e), e);
    if (n) qsort(*out, n, sizeof **out, by_twin);
    return n;
}

// A list read in pages is the list read at once.
static void assert_pages(rig *r, const inbox_ask *whole, size_t limit) {
    err e = {0};
    arena a = arena_open(1 << 26);
    inbox_found *all, *v;
    inbox_ask q = *whole;
    sources *from_all;
    size_t n = list(r, &a, whole, &all), at = 0, k;
    bool more = true;
    assert_ok(sources_read(&a, r->s, &from_all, &e), e);
    for (q.limit = (int64_t)limit; more; at += k) {
        assert_ok(inbox_list(&a, r->s, from_all, &q, &v, &k, &more, &e), e);
        for (size_t i = 0; i < k; i++) assert_int_equal(v[i].x.id, all[at + i].x.id);
        if (k) q.next = true, q.key = v[k - 1].key, q.id = v[k - 1].x.id;
    }
    assert_int_equal(at, n);
    arena_close(&a);
}

static void move_closer(event *evs, int n) {
    for (int i = 0; i < n; i++) evs[i].at_us += 240 * DAY_US, evs[i].edited_us += evs[i].edited_us ? 240 * DAY_US : 0;
}

static void assert_twin(rig *r) {
    arena a = arena_open(1 << 26);
    inbox_found *v;
    inbox_item *want;
    inbox_ask q = everything(r, INBOX_OPEN);
    size_t n = twin(r, &a, INBOX_OPEN, &want);
    assert_int_equal(list(r, &a, &q, &v), n);
    for (size_t i = 0; i < n; i++) assert_int_equal(v[i].x.id, want[i].id);
    for (int tab = 0; tab < INBOX_TABS; tab++) {
        assert_int_equal(in_tab(r, (enum inbox_tab)tab), twin(r, &a, (enum inbox_tab)tab, &want));
        for (int sort = 0; sort < INBOX_SORTS; sort++) {
            q = everything(r, (enum inbox_tab)tab);
            q.sort = (enum inbox_sort)sort;
            assert_pages(r, &q, 1 + (size_t)sort * 3);
        }
    }
    arena_close(&a);
}

static void any_order_gives_the_same_inbox(void **state) {
    enum { EVENTS = 500 };
    for (uint64_t seed = 1; seed <= 4; seed++) {
        uint64_t portraits[2];
        for (int turn = 0; turn < 2; turn++) {
            rig r;
            err e = {0};
            rng g = rng_seed(seed * 10 + (uint64_t)turn);
            arena a = arena_open(1 << 24);
            event *evs = make(&a, event, EVENTS);
            rig_open(&r, place_of(state));
            random_events(&a, seed, evs, EVENTS);
            move_closer(evs, EVENTS);
            for (int i = EVENTS - 1; turn && i > 0; i--) {
                int k = (int)rng_range(&g, 0, i);
                event t = evs[i];
                evs[i] = evs[k], evs[k] = t;
            }
            put_batches(&r, evs, EVENTS, &g, 0.3);
            rig_flush(&r);
            assert_verified(&r);
            assert_twin(&r);
            // Ids of profiles depend on the order; what stands there does not.
            portraits[turn] = 0;
            for (row q = store_query(r.s, Q_inbox_scan, &e, ""); row_next(&q);) {
                int64_t v[14];
                for (int c = 0; c < 14; c++) v[c] = row_int(&q, c + 4);
                v[0] = 0, v[3] = 0;
                portraits[turn] += str_hash((str){(const char *)v, sizeof v});
            }
            rig_rebuild(&r);
            assert_verified(&r);
            assert_twin(&r);
            rig_close(&r);
            arena_close(&a);
        }
        assert_true(portraits[0] == portraits[1]);
    }
}

static void a_store_from_before_gets_its_inbox(void **state) {
    enum { EVENTS = 300 };
    rig r;
    err e = {0};
    rng g = rng_seed(5);
    arena a = arena_open(1 << 24);
    event *evs = make(&a, event, EVENTS);
    rig_open(&r, place_of(state));
    random_events(&a, 5, evs, EVENTS);
    move_closer(evs, EVENTS);
    put_batches(&r, evs, EVENTS, &g, 0.3);
    rig_flush(&r);
    size_t open = in_tab(&r, INBOX_OPEN), done = in_tab(&r, INBOX_DONE);
    assert_true(open > 3 && done > 3);
    know_close(r.k);
    assert_ok(store_run(r.s, Q_inbox_clear, NULL, &e, ""), e);
    assert_ok(store_run(r.s, Q_meta_delete, NULL, &e, "t", S("inbox_since")), e);
    assert_ok(know_open(&r.k, r.s, &r.w, NULL, &e), e);
    assert_int_equal(in_tab(&r, INBOX_OPEN), open);
    assert_int_equal(in_tab(&r, INBOX_DONE), done);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void what_has_not_moved_for_a_year_goes(void **state) {
    rig r;
    err e = {0};
    rig_open(&r, place_of(state));
    event evs[] = {said_by(KIND_message_in, -400, "m0", "O", "6"), said_by(KIND_message_in, 1, "m1", "T", "7")};
    rig_put(&r, evs, 2); // the first is too old already
    assert_tabs(&r, 1, 0, 0);
    r.now += 370 * DAY_US;
    assert_ok(store_begin(r.s, &e) && inbox_tidy(r.s, r.now, &e) && store_commit(r.s, &e), e);
    assert_tabs(&r, 0, 0, 0);
    rig_close(&r);
}

static void what_is_tampered_with_is_found(void **state) {
    rig r;
    err e = {0};
    rebuilt_report out;
    arena a = arena_open(1 << 20);
    rig_open(&r, place_of(state));
    event ev = said_by(KIND_message_in, 1, "m1", "T", "7");
    rig_put(&r, &ev, 1);
    rig_flush(&r);
    inbox_item x = the_one(&r, INBOX_OPEN);
    assert_ok(
        store_run(r.s, Q_inbox_mark, NULL, &e, "iiiiii", x.id, day(1), INT64_C(0), INT64_C(0), INT64_C(0), INT64_C(3)),
        e);
    assert_ok(know_verify(&a, r.s, NULL, NULL, &out, &e), e);
    assert_int_equal(out.differences, 1);
    rig_rebuild(&r);
    assert_tabs(&r, 1, 0, 0);
    assert_ok(store_run(r.s, Q_inbox_drop, NULL, &e, "i", x.id), e);
    assert_ok(know_verify(&a, r.s, NULL, NULL, &out, &e), e);
    assert_int_equal(out.differences, 1);
    rig_close(&r);
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(who_writes_is_open_until_somebody_answers),
        cmocka_unit_test(a_single_word_is_answered_in_any_conversation),
        cmocka_unit_test(what_people_of_ours_do_counts_until_it_is_taken_back),
        cmocka_unit_test(who_writes_again_is_not_put_aside),
        cmocka_unit_test(the_newest_word_about_a_topic_stands),
        cmocka_unit_test(who_is_erased_leaves_nothing),
        cmocka_unit_test(any_order_gives_the_same_inbox),
        cmocka_unit_test(a_store_from_before_gets_its_inbox),
        cmocka_unit_test(what_has_not_moved_for_a_year_goes),
        cmocka_unit_test(what_is_tampered_with_is_found),
    };
    return rig_run(tests, COUNT(tests));
}
