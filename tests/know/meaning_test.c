// What words mean, in the store: that every word is understood once, that copies are found whatever came first, and
// that what is gone leaves nothing.
#include <math.h>

#include "know/meaning.h"

#include "know/erase.h"
#include "know/rig.h"
#include "sql/cli.h"
#include "sql/know_meaning.h"
#include "text/near.h"

// ---- words ----

static event said_at(const char *ext, int64_t day, const char *who, const char *text) {
    event ev = event_of(KIND_comment, day * DAY_US + 1000, ext);
    ev.text = str_c(text);
    return from(ev, IDENT_user_id, who);
}

static reader *reader_for(arena *a) {
    reader *r;
    err e = {0};
    assert_ok(reader_open(a, &r, S(""), &e), e);
    return r;
}

static int64_t understand_with(rig *r, const reader *x) {
    err e = {0};
    int64_t looked = 0;
    for (size_t n = 1; n;) {
        arena a = arena_open((size_t)1 << 30);
        meaning_batch *b;
        assert_ok(meaning_read(&a, r->s, x, &b, &n, &e), e);
        assert_ok(store_begin(r->s, &e), e);
        assert_true(!n || meaning_store(r->s, b, &e));
        assert_ok(store_commit(r->s, &e), e);
        looked += (int64_t)n;
        assert_true(looked < 100000);
        arena_close(&a);
    }
    return looked;
}

static int64_t understand(rig *r) {
    arena a = arena_open(64 << 20);
    reader *x = reader_for(&a);
    int64_t n = understand_with(r, x);
    reader_close(x);
    arena_close(&a);
    return n;
}

// ---- everything that is known, in a form that does not depend on numbers handed out in order of arrival ----

typedef struct {
    arena a;
    meaning *v;
    str *text;
    size_t n;
} all_known;

static bool keep_one(void *ctx, const meaning *m, str text, err *e) {
    all_known *k = ctx;
    (void)e;
    k->v[k->n] = *m, k->v[k->n].lang = str_dup(&k->a, m->lang);
    if (m->vector) k->v[k->n].vector = (const int8_t *)str_dup(&k->a, (str){(const char *)m->vector, EMBEDDING}).s;
    k->text[k->n++] = str_dup(&k->a, text);
    return true;
}

static all_known known(rig *r) {
    all_known k = {.a = arena_open((size_t)1 << 30)};
    err e = {0};
    k.v = make(&k.a, meaning, 20000), k.text = make(&k.a, str, 20000);
    const meaning_ask ask = {.words = true, .vectors = true};
    assert_ok(meaning_each(r->s, &ask, keep_one, &k, &e), e);
    return k;
}

static uint64_t mix(uint64_t sum, int64_t v) {
    return str_hash2(sum, (str){(const char *)&v, sizeof v});
}

// Keys are hashes of what the source said, so they name words whoever came first.
static uint64_t picture(rig *r) {
    all_known k = known(r);
    uint64_t all = 0;
    for (size_t i = 0; i < k.n; i++) {
        const meaning *m = &k.v[i];
        uint64_t sum = str_hash2(mix(mix(mix(1, m->key), m->at_us), m->same_key), m->lang);
        sum = mix(mix(mix(mix(sum, m->has_mood), m->mood), m->bad), m->good);
        for (int f = 0; f < FEELINGS; f++) sum = mix(sum, m->feeling[f]);
        if (m->vector) sum = str_hash2(sum, (str){(const char *)m->vector, EMBEDDING});
        all += str_hash2(sum, k.text[i]);
    }
    arena_close(&k.a);
    return all + (uint64_t)rig_count(r, Q_meaning_count) * 31;
}

// What stands in the tables when nothing was ever said.
static int64_t rows_left(rig *r) {
    return rig_count(r, Q_meaning_count) + rig_count(r, Q_meaning_vector_count) + rig_count(r, Q_meaning_band_count);
}

static meaning find(rig *r, arena *a, const char *ext) {
    all_known k = known(r);
    meaning m = {0};
    err e = {0};
    const int64_t key = (int64_t)event_key(r->source, str_c(ext));
    for (size_t i = 0; i < k.n; i++)
        if (k.v[i].key == key) assert_ok(meaning_get(a, r->s, k.v[i].profile, key, &m, &e), e);
    arena_close(&k.a);
    assert_true(m.key == key);
    return m;
}

// ---- what is understood ----

static void one_by_one(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open(64 << 20);
    const event evs[] = {
        said_at("bad", 20000, "1", "This is terrible. The parcel was broken and nobody answers, I am really angry!"),
        said_at("good", 20001, "2", "I love this shop, the coffee is wonderful and it came the next day."),
        said_at("german", 20002, "3", "Die Lieferung kam zu spät und der Kaffee schmeckt furchtbar."),
        said_at("none", 20003, "4", "12:30"),
        order("o", 20004, 100, "5", NULL),
    };
    rig_put(r, evs, COUNT(evs));
    meaning_standing now;
    err e = {0};
    assert_ok(meaning_stands(&a, r->s, &now, &e), e);
    assert_int_equal(now.waiting, 4);
    assert_int_equal(understand(r), 4);
    assert_int_equal(understand(r), 0);
    assert_ok(meaning_stands(&a, r->s, &now, &e), e);
    assert_int_equal(now.waiting, 0);
    assert_int_equal(now.understood, 4);
    meaning bad = find(r, &a, "bad"), good = find(r, &a, "good"), none = find(r, &a, "none");
    assert_true(str_eq(find(r, &a, "german").lang, S("de")));
    assert_int_equal(none.lang.len, 0);
    assert_true(bad.same_key == bad.key && bad.same_profile == bad.profile);
    if (now.embeds) {
        assert_true(str_eq(bad.lang, S("en")) && str_eq(good.lang, S("en")));
        assert_true(bad.has_mood && bad.mood < -300 && meaning_class(&bad) == -1);
        assert_true(good.has_mood && good.mood > 300 && meaning_class(&good) == 1);
        assert_true(bad.feeling[FEELING_anger] + bad.feeling[FEELING_annoyance] > 300);
        assert_non_null(bad.vector);
        assert_int_equal(meaning_class(&(meaning){0}), MOOD_UNKNOWN);
    } else
        assert_null(bad.vector);
    assert_false(meaning_get(&a, r->s, 1, 2, &bad, &e));
    assert_int_equal(e.code, ERR_not_found);
    rig_flush(r);
    assert_verified(r);
    arena_close(&a);
    rig_close(r);
}

// ---- copies ----

static const char *const lines[] = {
    "The parcel came three days late and the box was open.",
    "Where is my order? I have been waiting for two weeks now.",
    "The new roast tastes bitter, please bring back the old one.",
    "Great service, thank you very much for the quick help!",
    "I would like to cancel my subscription before the next month.",
    "Ich möchte mein Abonnement kündigen, bitte bestätigen Sie es.",
    "Your app crashes whenever I open the list of my orders.",
    "thanks",
};

// Texts, copies of them, and copies with a letter or two changed.
static str some_text(arena *a, rng *g) {
    str x = str_c(lines[rng_range(g, 0, COUNT(lines) - 1)]);
    char *s = str_z(a, x);
    if (rng_chance(g, 0.3)) s = str_z(a, str_fmt(a, "%s Order %d.", s, (int)rng_range(g, 100, 130)));
    for (int i = 0; i < 2; i++)
        if (rng_chance(g, 0.4)) s[rng_range(g, 0, (int64_t)strlen(s) - 1)] = (char)('a' + rng_range(g, 0, 25));
    if (rng_chance(g, 0.2)) s[0] = (char)(s[0] | 32); // a capital is no difference
    return str_utf8_ok(str_c(s)) ? str_c(s) : x;
}

static event *some_events(arena *a, uint64_t seed, size_t n) {
    rng g = rng_seed(seed);
    event *evs = make(a, event, n);
    for (size_t i = 0; i < n; i++) {
        // Times repeat, so that the order among equals is asked for too.
        evs[i] = said_at(str_z(a, str_fmt(a, "c%zu", i)), 20000 + rng_range(&g, 0, 60), NULL, "");
        evs[i] = from(evs[i], IDENT_user_id, str_z(a, str_fmt(a, "u%d", (int)rng_range(&g, 0, 30))));
        evs[i].text = some_text(a, &g);
    }
    return evs;
}

// The slow twin: the first of all before it that is equal or nearly so, everything compared with everything.
static void assert_firsts(rig *r) {
    all_known k = known(r);
    int64_t copies = 0;
    for (size_t i = 0; i < k.n; i++) {
        size_t first = i;
        for (size_t j = 0; j < i && first == i; j++) {
            const near_sign x = near_sign_of(k.a, k.text[i]), y = near_sign_of(k.a, k.text[j]);
            bool band = x.exact == y.exact;
            for (int b = 0; b < NEAR_BANDS; b++) band |= x.bands[b] == y.bands[b];
            if (band && (x.exact == y.exact || near_jaccard(k.a, k.text[i], k.text[j]) >= NEAR_LEAST)) first = j;
        }
        copies += first != i;
        if (k.v[i].same_key != k.v[first].key)
            fail_msg("\"%.*s\" is a copy of another than \"%.*s\"", STR_ARG(k.text[i]), STR_ARG(k.text[first]));
    }
    assert_true(copies > 5);
    arena_close(&k.a);
}

static void shuffle(event *evs, size_t n, uint64_t seed) {
    rng g = rng_seed(seed);
    for (size_t i = n; i > 1; i--) {
        const size_t j = (size_t)rng_range(&g, 0, (int64_t)i - 1);
        const event x = evs[i - 1];
        evs[i - 1] = evs[j], evs[j] = x;
    }
}

static uint64_t understood_in(void **state, uint64_t seed, uint64_t order, size_t piece, size_t n) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open(64 << 20);
    event *evs = some_events(&a, seed, n);
    if (order) shuffle(evs, n, order);
    for (size_t i = 0; i < n; i += piece) {
        rig_put(r, evs + i, MIN(piece, n - i));
        understand(r);
    }
    assert_firsts(r);
    const uint64_t all = picture(r);
    arena_close(&a);
    rig_close(r);
    return all;
}

// Copies are told by letters, so all but a small round goes without places.
static void order_is_no_matter(void **state) {
    arena a = arena_open(1 << 20);
    const char *file = getenv("HEED_TEXT");
    const char *words = file ? str_z(&a, str_c(file)) : NULL;
    const uint64_t whole = understood_in(state, 3, 0, 60, 60);
    assert_true(understood_in(state, 3, 5, 9, 60) == whole);
    unsetenv("HEED_TEXT");
    const uint64_t all = understood_in(state, 1, 0, 270, 270);
    assert_true(understood_in(state, 1, 0, 23, 270) == all);
    assert_true(understood_in(state, 1, 11, 40, 270) == all);
    assert_true(understood_in(state, 1, 12, 270, 270) == all);
    if (words) setenv("HEED_TEXT", words, 1);
    arena_close(&a);
}

// ---- what changes and what goes ----

static void edits(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open(64 << 20);
    event evs[] = {said_at("a", 20000, "1", lines[0]), said_at("b", 20001, "2", lines[0]),
                   said_at("c", 20002, "3", "The parcel came three days late and the box was open!!")};
    rig_put(r, evs, 3);
    understand(r);
    assert_true(find(r, &a, "b").same_key == find(r, &a, "a").key);
    event now = said_at("a", 20000, "1", "I love the new roast.");
    now.edited_us = 20003 * DAY_US;
    rig_put(r, &now, 1);
    assert_int_equal(rig_count(r, Q_meaning_count), 2);
    assert_true(understand(r) > 0);
    assert_true(find(r, &a, "a").same_key == find(r, &a, "a").key);
    assert_true(find(r, &a, "b").same_key == find(r, &a, "b").key);
    assert_true(find(r, &a, "c").same_key == find(r, &a, "b").key);
    rig_flush(r);
    assert_verified(r);
    // The same as if it had always been so.
    const uint64_t all = picture(r);
    rig_rebuild(r);
    assert_true(picture(r) == all);
    assert_true(understand(r) > 0); // they are looked at, and stand
    assert_true(picture(r) == all);
    arena_close(&a);
    rig_close(r);
}

// Killed between two pieces, it goes on with the next.
static void a_crash_loses_nothing(void **state) {
    rig of, *r = &of;
    rig_open(r, lasting_place(state));
    arena a = arena_open((size_t)1 << 30);
    event *evs = some_events(&a, 21, 300);
    rig_put(r, evs, 300);
    reader *x = reader_for(&a);
    meaning_batch *b;
    size_t n;
    err e = {0};
    assert_ok(meaning_read(&a, r->s, x, &b, &n, &e), e);
    assert_ok(store_begin(r->s, &e) && meaning_store(r->s, b, &e) && store_commit(r->s, &e), e);
    assert_true(n > 0 && n < 300);
    assert_ok(meaning_read(&a, r->s, x, &b, &n, &e), e); // read and understood, but never stored
    rig_crash(r);
    assert_int_equal(understand_with(r, x), n);
    assert_int_equal(rig_count(r, Q_meaning_count), 300);
    assert_firsts(r);
    reader_close(x);
    arena_close(&a);
    rig_close(r);
}

// Killed between two parts of a batch: the next look stores what is lacking, and ends where an unbroken one does.
static void a_part_is_no_whole(void **state) {
    rig of, *r = &of, twin, *whole = &twin;
    rig_open(r, lasting_place(state)), rig_open(whole, lasting_place(state));
    arena a = arena_open((size_t)1 << 30);
    event *evs = some_events(&a, 22, 300);
    rig_put(r, evs, 300), rig_put(whole, evs, 300);
    reader *x = reader_for(&a);
    meaning_batch *b;
    size_t n, next;
    err e = {0};
    assert_ok(meaning_read(&a, r->s, x, &b, &n, &e), e);
    assert_ok(store_begin(r->s, &e) && meaning_store_part(r->s, b, 0, &next, &e) && store_commit(r->s, &e), e);
    assert_true(next > 0);
    rig_crash(r);
    assert_true(rig_count(r, Q_meaning_count) > 0 && rig_count(r, Q_meaning_count) < (int64_t)n);
    understand_with(r, x), understand_with(whole, x);
    assert_int_equal(rig_count(r, Q_meaning_count), 300);
    assert_firsts(r);
    assert_true(picture(r) == picture(whole));
    reader_close(x);
    arena_close(&a);
    rig_close(r), rig_close(whole);
}

static void undone(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open(64 << 20);
    event first = said_at("a", 20001, "1", lines[0]);
    rig_put(r, &first, 1);
    understand(r);
    const uint64_t all = picture(r);
    rig_next_import(r);
    event evs[] = {said_at("b", 20000, "2", lines[0]), said_at("c", 20000, "2", lines[1]),
                   said_at("a", 20001, "1", lines[2])};
    evs[2].edited_us = 20003 * DAY_US;
    rig_put(r, evs, 3);
    understand(r);
    assert_int_equal(rig_count(r, Q_meaning_count), 3);
    rig_undo(r, r->import, false);
    understand(r);
    assert_true(picture(r) == all);
    assert_int_equal(rig_count(r, Q_meaning_band_count), NEAR_BANDS);
    arena_close(&a);
    rig_close(r);
}

static void erased_leaves_nothing(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open(64 << 20);
    event evs[] = {said_at("a", 20000, "1", lines[0]), said_at("b", 20001, "2", lines[0]),
                   said_at("c", 20002, "1", "Nobody else says what I say here.")};
    rig_put(r, evs, 3);
    rig_flush(r);
    understand(r);
    err e = {0};
    erased out;
    int64_t customer = 0;
    assert_ok(store_int(r->s, Q_people_by_profile, &customer, 0, &e, "i", find(r, &a, "a").profile), e);
    assert_ok(know_erase(r->k, &(erase_ask){customer, SUPPRESS_PAST, 1}, &out, &e), e);
    assert_int_equal(rig_count(r, Q_meaning_count), 1);
    understand(r);
    assert_true(find(r, &a, "b").same_key == find(r, &a, "b").key);
    const int64_t vectors = rig_count(r, Q_meaning_vector_count);
    assert_int_equal(rows_left(r), 1 + vectors + NEAR_BANDS);
    assert_true(vectors <= 1);
    assert_ok(store_int(r->s, Q_people_by_profile, &customer, 0, &e, "i", find(r, &a, "b").profile), e);
    assert_ok(know_erase(r->k, &(erase_ask){customer, SUPPRESS_PAST, 2}, &out, &e), e);
    assert_int_equal(rows_left(r), 0);
    arena_close(&a);
    rig_close(r);
}

// Another encoder makes everything anew; without any, nothing that was understood is lost.
static void other_make(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open((size_t)256 << 20);
    event *evs = some_events(&a, 5, 30);
    rig_put(r, evs, 20);
    understand(r);
    const uint64_t all = picture(r);
    err e = {0};
    meaning_standing now;
    assert_ok(meaning_stands(&a, r->s, &now, &e), e);
    if (!now.embeds) print_message("without the file of words\n");
    // A program that answers two numbers: the length of a text and one.
    setenv("HEED_ENCODER", "while read -r l; do [ -n \"$l\" ] && echo \"${#l} 9\"; done", 1);
    assert_int_equal(understand(r), 20);
    assert_true(picture(r) != all);
    rig_put(r, evs + 20, 10);
    assert_int_equal(understand(r), 10);
    unsetenv("HEED_ENCODER");
    const int64_t again = understand(r);
    assert_int_equal(again, now.embeds ? 30 : 0);
    arena_close(&a);
    rig_close(r);
}

// Letting go of the places of another encoder is broken off after its first piece, and the old encoder is back:
// everything is made anew, because nobody can know what is gone.
static void clearing_is_broken_off(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open((size_t)256 << 20);
    reader *other;
    err e = {0};
    bool more;
    int64_t vectors;
    meaning_standing now;
    rig_put(r, some_events(&a, 5, 20), 20);
    setenv("HEED_ENCODER", "while read -r l; do [ -n \"$l\" ] && echo \"${#l} 9\"; done", 1);
    assert_int_equal(understand(r), 20);
    const uint64_t all = picture(r);
    setenv("HEED_ENCODER", "while read -r l; do [ -n \"$l\" ] && echo \"9 ${#l}\"; done", 1);
    assert_ok(reader_open(&a, &other, S(""), &e), e);
    assert_ok(meaning_clears(&a, r->s, other, &more, &e), e);
    assert_true(more);
    assert_ok(store_begin(r->s, &e) && meaning_clear_some(r->s, other, &more, &e) && store_commit(r->s, &e), e);
    assert_false(more);
    assert_ok(meaning_stands(&a, r->s, &now, &e), e);
    assert_false(now.embeds);
    assert_ok(store_int(r->s, Q_meaning_vector_count, &vectors, -1, &e, ""), e);
    assert_int_equal(vectors, 0);
    assert_ok(meaning_clears(&a, r->s, other, &more, &e), e);
    assert_false(more);
    setenv("HEED_ENCODER", "while read -r l; do [ -n \"$l\" ] && echo \"${#l} 9\"; done", 1);
    assert_int_equal(understand(r), 20);
    assert_true(picture(r) == all);
    unsetenv("HEED_ENCODER");
    reader_close(other);
    arena_close(&a);
    rig_close(r);
}

// ---- search ----

static meaning_question question(const char *words) {
    return (meaning_question){.words = str_c(words), .channel = -1, .mood = MOOD_UNKNOWN, .most = 10};
}

static size_t ask(rig *r, arena *a, meaning_index *x, const reader *with, const meaning_question *q, meaning_hit **v) {
    err e = {0};
    size_t n;
    assert_ok(meaning_find(a, r->s, x, with, q, v, &n, &e), e);
    return n;
}

static bool among(rig *r, const meaning_hit *v, size_t n, const char *ext) {
    for (size_t i = 0; i < n; i++)
        if (v[i].key == (int64_t)event_key(r->source, str_c(ext))) return true;
    return false;
}

static void searches(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open((size_t)256 << 20);
    const char *const texts[] = {"My parcel never arrived, where is it?",
                                 "The package has still not been delivered.",
                                 "I want my money back for the last order.",
                                 "Please refund what I paid.",
                                 "The coffee tastes wonderful!",
                                 "How do I change my password?",
                                 "La cafetera no funciona.",
                                 "Die Größe stimmt nicht, ich möchte umtauschen."};
    event evs[12];
    for (int i = 0; i < 8; i++)
        evs[i] = said_at(str_z(&a, str_fmt(&a, "s%d", i)), 20000 + i, str_z(&a, str_fmt(&a, "%d", i)), texts[i]);
    evs[8] = said_at("again", 20010, "0", texts[0]);
    evs[9] = said_at("other", 20011, "9", texts[0]);
    evs[9].channel = CHANNEL_email;
    rig_put(r, evs, 10);
    reader *with = reader_for(&a);
    meaning_index *x = meaning_index_open();
    meaning_hit *v;
    meaning_question q = question("parcel");
    assert_int_equal(ask(r, &a, x, with, &q, &v), 3); // by words alone, before anything is understood
    assert_true(isnan(v[0].meaning) && v[0].words == 1 && v[0].feedback > 0);
    understand_with(r, with);
    size_t n = ask(r, &a, x, with, &q, &v);
    assert_true(among(r, v, n, "s0") != among(r, v, n, "again") && among(r, v, n, "other")); // one person once
    q = question("delivery problem, where is my parcel");
    q.channel = CHANNEL_email;
    assert_int_equal(ask(r, &a, x, with, &q, &v), 1);
    assert_true(among(r, v, 1, "other"));
    q = question("parcel"), q.since_us = 20005 * DAY_US, q.until_us = 20011 * DAY_US;
    assert_int_equal(ask(r, &a, x, with, &q, &v), 1);
    q = question("cafetera 'no\" OR NEAR(");
    assert_true(ask(r, &a, x, with, &q, &v) > 0 && among(r, v, 1, "s6"));
    q = question("GRÖßE umtauschen");
    assert_true(ask(r, &a, x, with, &q, &v) > 0 && among(r, v, 1, "s7") && v[0].words == 1);
    q = question(""), q.like = &(struct meaning_place){v[0].profile, v[0].key, 0}, q.n_like = 1;
    n = ask(r, &a, x, with, &q, &v);
    assert_false(among(r, v, n, "s7"));
    if (reader_embeds(with)) {
        q = question("shipment missing");
        n = ask(r, &a, x, with, &q, &v);
        assert_true(among(r, v, n, "s1") && !v[0].words && v[0].meaning > 0.4);
        q.mood = 1;
        n = ask(r, &a, x, with, &q, &v);
        assert_false(among(r, v, n, "s1"));
        meaning like = find(r, &a, "s2");
        q = question(""), q.like = &(struct meaning_place){like.profile, like.key, 0}, q.n_like = 1;
        n = ask(r, &a, x, with, &q, &v);
        assert_true(among(r, v, n, "s3") && !among(r, v, n, "s2"));
    }
    err e = {0};
    q = question("");
    assert_false(meaning_find(&a, r->s, x, with, &q, &v, &n, &e));
    assert_int_equal(e.code, ERR_invalid);
    meaning_index_close(x);
    reader_close(with);
    arena_close(&a);
    rig_close(r);
}

// The slow twin of search by meaning: everything compared whole. The index follows what comes and what goes.
static void index_is_exact(void **state) {
    rig of, *r = &of;
    rig_open(r, place_of(state));
    arena a = arena_open((size_t)256 << 20);
    event *evs = some_events(&a, 9, 200);
    reader *with = reader_for(&a);
    meaning_index *x = meaning_index_open();
    for (int round = 0; round < 3 && reader_embeds(with); round++) {
        rig_put(r, evs + round * 60, 60);
        understand_with(r, with);
        if (round == 2) rig_undo(r, r->import, false), understand_with(r, with);
        all_known k = known(r);
        for (size_t i = 0; i < k.n; i += 7) {
            meaning_question q = question("");
            const struct meaning_place self = {k.v[i].profile, k.v[i].key, 0};
            q.like = &self, q.n_like = 1, q.most = 1000;
            meaning_hit *v;
            const size_t n = ask(r, &a, x, with, &q, &v);
            for (size_t j = 0; j < k.n; j++) {
                if (j == i || !k.v[j].vector || (double)embedding_dot(k.v[i].vector, k.v[j].vector) < 0.41) continue;
                bool there = false; // itself, or one of the same person that says the same
                for (size_t h = 0; h < n && !there; h++)
                    there = v[h].profile == k.v[j].profile && v[h].known.same_key == k.v[j].same_key;
                assert_true(there);
            }
        }
        assert_true(k.n > 0);
        arena_close(&k.a);
        rig_next_import(r);
    }
    meaning_index_close(x);
    reader_close(with);
    arena_close(&a);
    rig_close(r);
}

int main(void) {
    static struct CMUnitTest tests[] = {cmocka_unit_test(one_by_one),
                                        cmocka_unit_test(order_is_no_matter),
                                        cmocka_unit_test(edits),
                                        cmocka_unit_test(undone),
                                        cmocka_unit_test(a_crash_loses_nothing),
                                        cmocka_unit_test(a_part_is_no_whole),
                                        cmocka_unit_test(erased_leaves_nothing),
                                        cmocka_unit_test(other_make),
                                        cmocka_unit_test(clearing_is_broken_off),
                                        cmocka_unit_test(searches),
                                        cmocka_unit_test(index_is_exact)};
    return rig_run(tests, COUNT(tests));
}
