// Themes in the store: week by week they stay what they were, what people say binds every later look and can be taken
// back, new words are placed, what rises and what comes first follows, and what is erased is gone.
#include "know/rig.h"

#include "decide/evidence.h"
#include "decide/theme_view.h"
#include "jobs/theming.h"
#include "jobs/understand.h"
#include "know/erase.h"
#include "sql/know_theme.h"

#include <math.h>

enum { FIRST_DAY = 20000, SUBJECTS = 7, FORMS = 6, PEOPLE = 400, WEEKS = 40, TOLD = 4000, IDS = 400 };

// What may be said: each subject in forms that share words with one another and hardly any with other subjects.
static const char *const said_of_subject[SUBJECTS][FORMS] = {
    {"The parcel arrived three days late again.", "My parcel was late, it took nine days to arrive.",
     "Delivery of the parcel was late once more.", "Why is my parcel so late this time?",
     "The parcel came late, days after you promised.", "Late parcel again, it arrived a week after."},
    {"The invoice shows the wrong amount of tax.", "Please correct the tax on my invoice.",
     "There is a mistake in the invoice, the tax is wrong.", "My invoice lists the wrong tax rate.",
     "Wrong tax on the invoice again.", "The tax amount of the invoice does not add up."},
    {"The password reset mail never reaches me.", "I cannot sign in, the password reset fails.",
     "Password reset does not work for my account.", "No mail comes when I reset my password.",
     "Signing in fails although I reset the password.", "The reset of my password gives an error."},
    {"The coffee tastes of chocolate, wonderful.", "A wonderful taste of chocolate in this coffee.",
     "This coffee tastes wonderful, like chocolate.", "Chocolate and cherry, what a wonderful coffee taste.",
     "I love the chocolate taste of the coffee.", "Wonderful coffee, the taste reminds of chocolate."},
    {"The queue in the café is endless at noon.", "I waited twenty minutes in the café queue.",
     "The café queue is far too long at lunch.", "Endless queue in your café yesterday.",
     "Queue of half an hour in the café.", "At noon the queue reaches out of the café door."},
    {"Pausing the subscription is far too hard.", "I want to pause my subscription and find no button.",
     "How do I pause the subscription?", "The subscription cannot be paused online.",
     "Please pause my subscription, the page does not let me.", "No way to pause a subscription in the account."},
    // begins late
    {"The beans are ground far too coarse for espresso.", "My espresso beans were ground much too coarse.",
     "Ground too coarse, my machine cannot use it.", "The grind is coarse although I ordered espresso.",
     "Far too coarse a grind for my machine.", "You ground the espresso beans too coarse."},
};

typedef struct {
    rig r;
    rng g;
    arena a;
    int64_t n; // of events told
    event *told;
    size_t n_told;
} world_of;

static int subject_of_text(str text) {
    for (int s = 0; s < SUBJECTS; s++)
        for (int f = 0; f < FORMS; f++)
            if (str_starts(text, str_c(said_of_subject[s][f]))) return s;
    return -1;
}

static void tell(world_of *w, int subject, int64_t day, int person) {
    static const char *const tails[] = {"", " Please help.", " Thank you.", " This is the second time I write.",
                                        " Best regards."};
    event ev = event_of(KIND_comment, day * DAY_US + rng_range(&w->g, 6, 20) * HOUR_US + w->n, "");
    ev.ext = str_fmt(&w->a, "c%" PRId64, w->n++);
    ev.text = str_fmt(&w->a, "%s%s", said_of_subject[subject][rng_range(&w->g, 0, FORMS - 1)],
                      tails[rng_range(&w->g, 0, COUNT(tails) - 1)]);
    ev = from(ev, IDENT_user_id, str_z(&w->a, str_fmt(&w->a, "u%d", person)));
    w->told[w->n_told++] = ev;
}

// In one batch.
static void put_told(world_of *w) {
    if (w->n_told) rig_put(&w->r, w->told, w->n_told);
    w->n_told = 0;
    rig_flush(&w->r);
}

// A week of words: some of each subject; of the last one only from `begins` on.
static void tell_week(world_of *w, int week, int begins) {
    for (int s = 0; s < SUBJECTS; s++) {
        int n = s < SUBJECTS - 1 ? (int)rng_range(&w->g, 3, 6) : week >= begins ? 12 : 0;
        for (int i = 0; i < n; i++)
            tell(w, s, FIRST_DAY + week * 7 + rng_range(&w->g, 0, 6), (int)rng_range(&w->g, 0, PEOPLE - 1));
    }
}

static void start(world_of *w, enum place place) {
    *w = (world_of){.a = arena_open((size_t)1 << 30), .g = rng_seed(8)};
    w->told = make(&w->a, event, TOLD);
    rig_open(&w->r, place);
}

static void end(world_of *w) {
    rig_close(&w->r);
    arena_close(&w->a);
}

static theming at_week(world_of *w, int week) {
    w->r.now = (FIRST_DAY + (week + 1) * 7) * DAY_US;
    return (theming){.s = w->r.s, .clock_us = w->r.now};
}

static void understand_all(world_of *w) {
    err e = {0};
    understood u;
    put_told(w);
    assert_ok(understand(&(understanding){.s = w->r.s, .where = S("")}, &u, &e), e);
}

static themed look(world_of *w, int week) {
    err e = {0};
    themed done;
    understand_all(w);
    theming x = at_week(w, week);
    assert_ok(theme_all(&x, &done, &e), e);
    return done;
}

// ---- what stands ----

typedef struct {
    int64_t id;
    int count[SUBJECTS], all;
} shown;

static size_t themes_shown(world_of *w, arena *a, shown **out) {
    err e = {0};
    theme_row *all;
    size_t n, m = 0;
    assert_ok(themes_list(a, w->r.s, &all, &n, &e), e);
    *out = make(a, shown, n + 1);
    for (size_t i = 0; i < n; i++) {
        theme_word *v;
        size_t k;
        const theme_ask ask = {.since_us = w->r.now - 26 * 7 * DAY_US, .words = true};
        if (all[i].state != THEME_lives) continue;
        assert_ok(themes_words(a, w->r.s, all[i].id, &ask, &v, &k, &e), e);
        shown x = {.id = all[i].id};
        for (size_t j = 0; j < k; j++) {
            int s = subject_of_text(v[j].text);
            if (s >= 0) x.count[s]++, x.all++;
        }
        (*out)[m++] = x;
    }
    return m;
}

static int mostly(const shown *x) {
    int best = 0;
    for (int s = 1; s < SUBJECTS; s++)
        if (x->count[s] > x->count[best]) best = s;
    return best;
}

static int64_t theme_of_subject(world_of *w, int subject) {
    arena a = arena_open((size_t)1 << 30);
    shown *v;
    size_t n = themes_shown(w, &a, &v);
    int64_t id = 0;
    int most = 0;
    for (size_t i = 0; i < n; i++)
        if (mostly(&v[i]) == subject && v[i].count[subject] > most) id = v[i].id, most = v[i].count[subject];
    arena_close(&a);
    return id;
}

// ---- cases ----

// Where words stood at the look before, and what became of each theme since.
typedef struct {
    map64 before;
    theme_row *rows;
    size_t n;
    int kept[IDS], lost[IDS], came[IDS];
} standing_words;

static bool compare_word(void *ctx, const meaning *m, str text, err *e) {
    standing_words *x = ctx;
    const int64_t place = (m->profile << 32) ^ m->key;
    const theme_row *t = themes_at(x->rows, x->n, m->theme);
    const int was = map64_get(&x->before, place), now = t && m->theme_far < t->reach ? (int)m->theme : 0; // of it
    (void)text, (void)e;
    assert_true(now < IDS && was < IDS);
    if (was > 0 && now > 0) {
        x->kept[now] += was == now;
        x->lost[was] += was != now, x->came[now] += was != now;
    }
    map64_put(&x->before, place, now);
    return true;
}

// Of the words that were in a theme most are still there, and of those that are there now and were looked at before
// most were there. A mixture whose parts take turns at being the larger is the same theme.
static void a_theme_never_becomes_another_over_weeks(void **state) {
    enum { ENOUGH_WORDS = 8 };
    world_of w;
    err e = {0};
    int looked = 0, kept = 0, moved = 0;
    start(&w, place_of(state));
    standing_words *x = make(&w.a, standing_words, 1);
    x->before = map64_new(&w.a, 4096);
    for (int week = 0; week < WEEKS; week++) {
        tell_week(&w, week, 30);
        if (week < 12 || week % 3) continue;
        look(&w, week);
        assert_ok(themes_list(&w.a, w.r.s, &x->rows, &x->n, &e), e);
        memset(x->kept, 0, sizeof x->kept), memset(x->lost, 0, sizeof x->lost), memset(x->came, 0, sizeof x->came);
        assert_ok(meaning_each(w.r.s, &(meaning_ask){.since_us = w.r.now - 26 * 7 * DAY_US}, compare_word, x, &e), e);
        for (int id = 1; id < IDS; id++) {
            kept += x->kept[id], moved += x->lost[id];
            if (x->kept[id] + x->lost[id] < ENOUGH_WORDS) continue; // new, or of hardly any words
            assert_true(x->kept[id] > x->lost[id] && x->kept[id] > x->came[id]);
            looked++;
        }
    }
    assert_true(looked > 20);
    assert_true(moved * 20 < kept); // one word in twenty at most
    assert_verified(&w.r);
    end(&w);
}

// ---- broken off ----

static bool until(void *ctx, int64_t done, int64_t all, err *e) {
    int *left = ctx;
    (void)done, (void)all;
    return (*left)-- > 0 || fail(e, ERR_conflict, "it was cancelled");
}

typedef struct {
    map64 theme_of; // of each word, in the one store
    int64_t words, same;
} comparing;

static bool note_word(void *ctx, const meaning *m, str text, err *e) {
    comparing *c = ctx;
    (void)text, (void)e;
    map64_put(&c->theme_of, m->key, (int32_t)(m->theme < 0 ? 0 : m->theme));
    return true;
}

static bool compare_same(void *ctx, const meaning *m, str text, err *e) {
    comparing *c = ctx;
    (void)text, (void)e;
    c->words++, c->same += map64_get(&c->theme_of, m->key) == (m->theme < 0 ? 0 : m->theme);
    return true;
}

// A look is broken off before each of its pieces in turn; the next one ends where an unbroken one does, and a number
// that was stored in between is of the same words ever after.
static void a_look_that_is_broken_off_is_made_up_for(void **state) {
    world_of w, twin;
    err e = {0};
    comparing c = {0};
    themed done;
    bool ok = false;
    int breaks = 0;
    start(&w, place_of(state)), start(&twin, place_of(state));
    for (int week = 0; week < 16; week++) tell_week(&w, week, 30), tell_week(&twin, week, 30);
    understand_all(&w), understand_all(&twin);
    for (; !ok; breaks++) {
        int left = breaks;
        theming x = at_week(&w, 15);
        x.goes_on = until, x.ctx = &left;
        ok = theme_all(&x, &done, &e);
        e = (err){0};
    }
    assert_true(breaks > 5);
    theming x = at_week(&twin, 15);
    assert_ok(theme_all(&x, &done, &e) && theme_all(&x, &done, &e), e);
    c.theme_of = map64_new(&twin.a, 4096);
    assert_ok(meaning_each(twin.r.s, &(meaning_ask){0}, note_word, &c, &e), e);
    assert_ok(meaning_each(w.r.s, &(meaning_ask){0}, compare_same, &c, &e), e);
    assert_true(c.words > 300);
    assert_int_equal(c.same, c.words);
    end(&w), end(&twin);
}

static void a_new_subject_bursts_and_nothing_else_does(void **state) {
    world_of w;
    err e = {0};
    arena a = arena_open((size_t)1 << 30);
    start(&w, place_of(state));
    for (int week = 0; week < 30; week++) tell_week(&w, week, 28);
    themed d = look(&w, 29);
    assert_true(d.rising > 0);
    int64_t coarse = theme_of_subject(&w, SUBJECTS - 1);
    burst_row *b;
    size_t n, about = 0;
    assert_ok(bursts_list(&a, w.r.s, BURST_STANDING, ABOUT_theme, 0, &b, &n, &e), e);
    for (size_t i = 0; i < n; i++) {
        theme_word *v;
        size_t k, right = 0;
        const theme_ask ask = {.since_us = INT64_MIN, .words = true};
        assert_ok(themes_words(&a, w.r.s, b[i].what_id, &ask, &v, &k, &e), e);
        for (size_t j = 0; j < k; j++) right += subject_of_text(v[j].text) == SUBJECTS - 1;
        assert_true(right * 2 > k); // every alarm is about what is new
        about += b[i].what_id == coarse;
    }
    assert_int_equal(about, 1);
    rising_report r;
    assert_ok(rising_report_read(&a, w.r.s, &r, &e), e);
    assert_true(r.n_emerging > 0 && r.watched > 5);
    json_decref(r.root);
    // A burst alone does not raise the priority.
    priorities p = {0};
    assert_ok(priorities_read(&a, w.r.s, &(priorities_ask){.k = ABOUT_theme, .id = coarse}, &p, &e), e);
    assert_int_equal(p.n, 1);
    assert_true(p.v[0].bursting);
    priorities_close(&p);
    // Seen by a person it stands; quiet for weeks it is over.
    assert_ok(bursts_see(w.r.s, b[0].id, S("ada"), &e), e);
    for (int week = 30; week < 37; week++) tell_week(&w, week, 100);
    look(&w, 36);
    assert_ok(bursts_get(&a, w.r.s, b[0].id, &b[0], &e), e);
    assert_int_equal(b[0].state, BURST_OVER);
    arena_close(&a);
    end(&w);
}

static int64_t say(world_of *w, theme_saying x, int64_t *theme) {
    err e = {0};
    int64_t id, to;
    x.by = S("ada");
    assert_ok(store_begin(w->r.s, &e), e);
    assert_ok(themes_say(know_ledger(w->r.k), w->r.s, &x, &id, &to, &e), e);
    assert_ok(ledger_commit(know_ledger(w->r.k), &e), e);
    if (theme) *theme = to;
    return id;
}

static enum err_code say_no(world_of *w, theme_saying x) {
    err e = {0};
    int64_t id, to;
    x.by = S("ada");
    assert_ok(store_begin(w->r.s, &e), e);
    assert_false(themes_say(know_ledger(w->r.k), w->r.s, &x, &id, &to, &e));
    store_rollback(w->r.s);
    return e.code;
}

static void unsay(world_of *w, int64_t id) {
    err e = {0};
    assert_ok(store_begin(w->r.s, &e), e);
    assert_ok(themes_unsay(know_ledger(w->r.k), w->r.s, id, S("ada"), &e), e);
    assert_ok(ledger_commit(know_ledger(w->r.k), &e), e);
}

static int words_of_subject(world_of *w, int64_t theme, int subject) {
    arena a = arena_open((size_t)1 << 30);
    err e = {0};
    theme_word *v;
    size_t n;
    int count = 0;
    const theme_ask ask = {.since_us = INT64_MIN, .words = true};
    assert_ok(themes_words(&a, w->r.s, theme, &ask, &v, &n, &e), e);
    for (size_t i = 0; i < n; i++) count += subject_of_text(v[i].text) == subject;
    arena_close(&a);
    return count;
}

static theme_row theme_there(world_of *w, int64_t id) {
    err e = {0};
    theme_row t;
    assert_ok(themes_get(&w->a, w->r.s, id, &t, &e), e);
    return t;
}

static void a_merge_binds_and_can_be_taken_back_after_later_looks(void **state) {
    world_of w;
    start(&w, place_of(state));
    for (int week = 0; week < 14; week++) tell_week(&w, week, 100);
    look(&w, 13);
    int64_t late = theme_of_subject(&w, 0), tax = theme_of_subject(&w, 1);
    assert_true(late && tax && late != tax);
    int before = words_of_subject(&w, tax, 1);
    int64_t id = say(&w, (theme_saying){.act = THEME_ACT_merge, .theme = tax, .other = late}, NULL);
    assert_int_equal(theme_there(&w, tax).state, THEME_merged);
    assert_true(words_of_subject(&w, late, 1) >= before); // at once
    assert_int_equal(say_no(&w, (theme_saying){.act = THEME_ACT_merge, .theme = tax, .other = late}), ERR_conflict);
    for (int week = 14; week < 18; week++) tell_week(&w, week, 100);
    look(&w, 17);
    assert_int_equal(theme_there(&w, tax).state, THEME_merged); // and for ever
    assert_true(words_of_subject(&w, late, 1) > before);
    unsay(&w, id);
    assert_int_equal(theme_there(&w, tax).state, THEME_lives);
    look(&w, 17);
    assert_int_equal(theme_there(&w, tax).state, THEME_lives);
    assert_true(words_of_subject(&w, tax, 1) * 2 > before); // its words are its own again
    assert_true(words_of_subject(&w, late, 1) * 2 < before);
    end(&w);
}

static void words_that_a_person_split_off_draw_their_like(void **state) {
    world_of w;
    err e = {0};
    arena a = arena_open((size_t)1 << 30);
    start(&w, place_of(state));
    for (int week = 0; week < 14; week++) tell_week(&w, week, 100);
    look(&w, 13);
    int64_t late = theme_of_subject(&w, 0), tax = theme_of_subject(&w, 1), part;
    say(&w, (theme_saying){.act = THEME_ACT_merge, .theme = tax, .other = late}, NULL);
    theme_word *v;
    size_t n, m = 0;
    theme_spot spots[8];
    const theme_ask ask = {.since_us = INT64_MIN, .words = true};
    assert_ok(themes_words(&a, w.r.s, late, &ask, &v, &n, &e), e);
    for (size_t i = 0; i < n && m < COUNT(spots); i++)
        if (subject_of_text(v[i].text) == 1) spots[m++] = (theme_spot){v[i].profile, v[i].key};
    int64_t id = say(
        &w, (theme_saying){.act = THEME_ACT_split, .theme = late, .words = spots, .n = m, .title = S("tax")}, &part);
    assert_true(part > late && part > tax);
    assert_int_equal(words_of_subject(&w, part, 1), m);
    look(&w, 13);
    theme_row t = theme_there(&w, part);
    assert_int_equal(t.state, THEME_lives);
    assert_true(str_eq(theme_called(&t), S("tax")));
    assert_true(words_of_subject(&w, part, 1) >= (int)m);
    unsay(&w, id);
    assert_int_equal(theme_there(&w, part).state, THEME_merged);
    assert_true(words_of_subject(&w, late, 1) >= (int)m); // and its words stand where they came from
    arena_close(&a);
    end(&w);
}

static void names_pins_and_putting_away_are_taken_back_in_their_order(void **state) {
    world_of w;
    err e = {0};
    start(&w, place_of(state));
    for (int week = 0; week < 14; week++) tell_week(&w, week, 100);
    look(&w, 13);
    int64_t late = theme_of_subject(&w, 0);
    int64_t first = say(&w, (theme_saying){.act = THEME_ACT_name, .theme = late, .title = S("late parcels")}, NULL);
    int64_t second = say(&w, (theme_saying){.act = THEME_ACT_name, .theme = late, .title = S("parcels")}, NULL);
    assert_ok(store_begin(w.r.s, &e), e);
    assert_false(themes_unsay(know_ledger(w.r.k), w.r.s, first, S("ada"), &e));
    assert_int_equal(e.code, ERR_conflict);
    store_rollback(w.r.s);
    unsay(&w, second);
    assert_true(str_eq(theme_there(&w, late).title, S("late parcels")));
    int64_t away = say(&w, (theme_saying){.act = THEME_ACT_away, .theme = late, .on = true}, NULL);
    look(&w, 13);
    assert_int_equal(theme_there(&w, late).state, THEME_put_away);
    unsay(&w, away);
    say(&w, (theme_saying){.act = THEME_ACT_keep, .theme = late, .on = true}, NULL);
    assert_true(theme_there(&w, late).pinned);
    assert_int_equal(say_no(&w, (theme_saying){.act = THEME_ACT_name, .theme = late, .version = 1}), ERR_changed);
    assert_int_equal(say_no(&w, (theme_saying){.act = THEME_ACT_merge, .theme = late, .other = late}), ERR_invalid);
    assert_int_equal(say_no(&w, (theme_saying){.act = THEME_ACT_name, .theme = 99999}), ERR_not_found);
    end(&w);
}

static void new_words_are_placed_as_they_come(void **state) {
    world_of w;
    err e = {0};
    int right = 0;
    int64_t waiting = 1;
    start(&w, place_of(state));
    for (int week = 0; week < 14; week++) tell_week(&w, week, 100);
    look(&w, 13);
    for (int i = 0; i < 10; i++) tell(&w, 0, FIRST_DAY + 14 * 7, 300 + i);
    arena a = arena_open((size_t)1 << 30);
    shown *v;
    const size_t n = themes_shown(&w, &a, &v); // as they were found
    understand_all(&w);
    for (row r = store_query(w.r.s, Q_theme_voices, &e, "ii", (FIRST_DAY + 14 * 7) * DAY_US, INT64_MAX); row_next(&r);)
        for (size_t i = 0; i < n; i++) right += v[i].id == row_int(&r, 3) && mostly(&v[i]) == 0;
    assert_true(right >= 9);
    assert_ok(store_int(w.r.s, Q_theme_waiting, &waiting, -1, &e, "i", INT64_MIN + 1), e);
    assert_int_equal(waiting, 0);
    arena_close(&a);
    end(&w);
}

typedef struct {
    int rows;
} counting;

static bool count_row(void *ctx, const evidence_row *x, err *e) {
    (void)e;
    assert_true(x->words.len > 0);
    return ((counting *)ctx)->rows++, true;
}

static void figures_open_their_words_and_the_board_keeps_every_word(void **state) {
    world_of w;
    err e = {0};
    arena a = arena_open((size_t)1 << 30);
    start(&w, place_of(state));
    for (int week = 0; week < 20; week++) tell_week(&w, week, 100);
    look(&w, 19);
    priorities p = {0};
    assert_ok(priorities_read(&a, w.r.s, &(priorities_ask){0}, &p, &e), e);
    assert_true(p.n >= 5);
    for (size_t i = 0; i < p.n; i++) {
        estimate people = priority_figure(&p.v[i], "people");
        counting c = {0};
        int64_t total = 0;
        str id = about_evidence(&a, p.v[i].kind, p.v[i].id);
        assert_ok(
            evidence_list(w.r.s, id, &(evidence_part){.now_us = w.r.now, .most = 1000}, count_row, &c, &total, &e), e);
        assert_int_equal(c.rows, total);
        assert_true((double)total >= people.value); // whoever said it once or more
        assert_true(people.lo <= people.value && people.value <= people.hi);
    }
    int64_t id = p.v[0].id;
    priorities_close(&p);
    stand x = {.state = STAND_DOING, .at_us = w.r.now, .by = S("ada")};
    assert_false(stand_move(w.r.s, ABOUT_theme, id, &x, -1, &e)); // without a why
    assert_int_equal(e.code, ERR_invalid);
    err_clear(&e);
    x.why = S("it costs us most"), x.dissent = S("Dieter: too dear"), x.decided_by = S("Marta");
    assert_ok(stand_move(w.r.s, ABOUT_theme, id, &x, 0, &e), e);
    assert_false(stand_move(w.r.s, ABOUT_theme, id, &x, 0, &e)); // somebody was quicker
    assert_int_equal(e.code, ERR_changed);
    err_clear(&e);
    stand *v;
    size_t n;
    assert_ok(stand_history(&a, w.r.s, ABOUT_theme, id, &v, &n, &e), e);
    assert_int_equal(n, 1);
    assert_true(str_eq(v[0].dissent, S("Dieter: too dear")));
    arena_close(&a);
    end(&w);
}

static void whoever_is_erased_leaves_no_word_of_theirs(void **state) {
    world_of w;
    err e = {0};
    arena a = arena_open((size_t)1 << 30);
    start(&w, place_of(state));
    for (int week = 0; week < 14; week++) tell_week(&w, week, 100);
    look(&w, 13);
    int64_t late = theme_of_subject(&w, 0), left = 0;
    theme_word *v;
    size_t n;
    assert_ok(themes_words(&a, w.r.s, late, &(theme_ask){.since_us = INT64_MIN}, &v, &n, &e), e);
    theme_spot spot = {v[0].profile, v[0].key};
    say(&w, (theme_saying){.act = THEME_ACT_pin, .theme = late, .words = &spot, .n = 1}, NULL);
    erased out;
    assert_ok(know_erase(w.r.k, &(erase_ask){.customer = v[0].customer}, &out, &e), e);
    for (row r = store_query(w.r.s, Q_theme_said_of_profile, &e, "i", spot.profile); row_next(&r);) left++;
    assert_int_equal(left, 0);
    look(&w, 13);
    assert_true(theme_of_subject(&w, 0) == late);
    arena_close(&a);
    end(&w);
}

// Nothing is left, and the next theme gets a number that nobody had.
static void a_number_that_is_gone_is_never_given_again(void **state) {
    world_of w;
    err e = {0};
    start(&w, place_of(state));
    for (int week = 0; week < 14; week++) tell_week(&w, week, 100);
    look(&w, 13);
    const int64_t last = rig_count(&w.r, Q_theme_last);
    assert_true(last > 0);
    assert_ok(store_begin(w.r.s, &e), e);
    for (row p = store_query(w.r.s, Q_profile_scan, &e, ""); row_next(&p);)
        assert_ok(meaning_erase(w.r.s, row_int(&p, 0), &e), e);
    assert_ok(themes_tidy(w.r.s, &e) && themes_tidy(w.r.s, &e) && store_commit(w.r.s, &e), e);
    assert_int_equal(rig_count(&w.r, Q_theme_lives), 0);
    assert_int_equal(rig_count(&w.r, Q_theme_last), last);
    end(&w);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(a_look_that_is_broken_off_is_made_up_for),
        cmocka_unit_test(a_theme_never_becomes_another_over_weeks),
        cmocka_unit_test(a_new_subject_bursts_and_nothing_else_does),
        cmocka_unit_test(a_merge_binds_and_can_be_taken_back_after_later_looks),
        cmocka_unit_test(words_that_a_person_split_off_draw_their_like),
        cmocka_unit_test(names_pins_and_putting_away_are_taken_back_in_their_order),
        cmocka_unit_test(new_words_are_placed_as_they_come),
        cmocka_unit_test(figures_open_their_words_and_the_board_keeps_every_word),
        cmocka_unit_test(whoever_is_erased_leaves_no_word_of_theirs),
        cmocka_unit_test(a_number_that_is_gone_is_never_given_again),
    };
    return rig_run(tests, COUNT(tests));
}
