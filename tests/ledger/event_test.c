// The small lists that events refer to, months, keys, and the stored body.
#include "test.h"

#include "base/civil.h"
#include "base/json.h"
#include "base/rng.h"
#include "ledger/event.h"

// ---- the lists: numbers are stored for ever, so each stands here once more ----

typedef struct {
    int id;
    const char *name;
} stored_name;

static const stored_name kinds[] = {{1, "identify"},
                                    {2, "order"},
                                    {3, "cancel"},
                                    {4, "refund"},
                                    {5, "return"},
                                    {6, "payment"},
                                    {10, "contract_start"},
                                    {11, "contract_change"},
                                    {12, "contract_end"},
                                    {20, "message_in"},
                                    {21, "message_out"},
                                    {22, "message_auto"},
                                    {23, "note"},
                                    {24, "conversation_solved"},
                                    {25, "conversation_opened"},
                                    {26, "call"},
                                    {30, "ask"},
                                    {31, "answer"},
                                    {32, "review"},
                                    {33, "complaint"},
                                    {34, "comment"},
                                    {40, "usage"},
                                    {50, "commitment_made"},
                                    {51, "commitment_moved"},
                                    {52, "commitment_kept"},
                                    {53, "commitment_withdrawn"},
                                    {54, "commitment_reopened"},
                                    {55, "commitment_void"},
                                    {56, "delivered"},
                                    {57, "concession"},
                                    {58, "concession_back"},
                                    {59, "reward"},
                                    {60, "bounce"},
                                    {61, "referral"},
                                    {62, "commitment_confirmed"},
                                    {63, "commitment_apologised"},
                                    {45, "consent"},
                                    {46, "handled"},
                                    {47, "labelled"},
                                    {48, "judged"}};
static const stored_name channels[] = {{0, "unknown"},   {1, "shop"},    {2, "web"},    {3, "app"},      {4, "email"},
                                       {5, "chat"},      {6, "phone"},   {7, "sms"},    {8, "facebook"}, {9, "reviews"},
                                       {10, "forum"},    {11, "survey"}, {12, "store"}, {13, "social"},  {14, "import"},
                                       {15, "whatsapp"}, {16, "staff"}};
static const stored_name instruments[] = {{0, "none"},   {1, "nps"},      {2, "csat5"},    {3, "ces7"},
                                          {4, "stars5"}, {5, "csat3"},    {6, "csat7"},    {7, "thumbs"},
                                          {8, "ces5"},   {9, "scale100"}, {10, "likert5"}, {11, "csat4"}};
static const stored_name idents[] = {{0, "none"},
                                     {1, "user_id"},
                                     {2, "email"},
                                     {3, "phone"},
                                     {4, "shopify_id"},
                                     {5, "stripe_id"},
                                     {6, "woo_id"},
                                     {7, "zendesk_id"},
                                     {8, "intercom_id"},
                                     {9, "freshdesk_id"},
                                     {10, "hubspot_id"},
                                     {11, "salesforce_id"},
                                     {12, "anonymous_id"},
                                     {13, "author"},
                                     {14, "name"},
                                     {15, "social_id"},
                                     {16, "respondent"},
                                     {17, "card"},
                                     {18, "email_unverified"}};

typedef struct {
    const char *what;
    const stored_name *rows;
    int n;
    str (*name)(int id);
    int (*of)(str name);
    str (*label)(int id);
} list;

static str name_of_kind(int id) {
    return kind_name((enum kind)id);
}
static int kind_id(str name) {
    return kind_of(name);
}
static str text_of_kind(int id) {
    return kind_text((enum kind)id);
}
static str name_of_channel(int id) {
    return channel_name((enum channel)id);
}
static int channel_id(str name) {
    return channel_of(name);
}
static str label_of_channel(int id) {
    return channel_label((enum channel)id);
}
static str name_of_instrument(int id) {
    return instrument_name((enum instrument)id);
}
static int instrument_id(str name) {
    return instrument_of(name);
}
static str label_of_instrument(int id) {
    return instrument_label((enum instrument)id);
}
static str name_of_ident(int id) {
    return ident_name((enum ident_kind)id);
}
static int ident_id(str name) {
    return ident_of(name);
}
static str label_of_ident(int id) {
    return ident_label((enum ident_kind)id);
}

static const list lists[] = {
    {"kind", kinds, COUNT(kinds), name_of_kind, kind_id, text_of_kind},
    {"channel", channels, COUNT(channels), name_of_channel, channel_id, label_of_channel},
    {"instrument", instruments, COUNT(instruments), name_of_instrument, instrument_id, label_of_instrument},
    {"identifier", idents, COUNT(idents), name_of_ident, ident_id, label_of_ident},
};

static const stored_name *row_of(const list *l, int id) {
    for (int i = 0; i < l->n; i++)
        if (l->rows[i].id == id) return &l->rows[i];
    return NULL;
}

static void names_go_both_ways(void **state) {
    (void)state;
    char upper[64];
    for (const list *l = lists; l < lists + COUNT(lists); l++) {
        for (int id = -5; id < 300; id++) {
            const stored_name *r = row_of(l, id);
            if (!r) {
                if (l->name(id).len) fail_msg("%s %d is new: add it to this test", l->what, id);
                assert_int_equal(l->label(id).len, 0);
                continue;
            }
            assert_str(l->name(id), str_c(r->name));
            assert_int_equal(l->of(str_c(r->name)), id);
            assert_true(l->label(id).len > 0);
            for (size_t i = 0; i <= strlen(r->name); i++)
                upper[i] = (char)(r->name[i] >= 'a' && r->name[i] <= 'z' ? r->name[i] - 32 : r->name[i]);
            assert_int_equal(l->of(str_c(upper)), id);
        }
        assert_int_equal(l->of(S("")), 0);
        assert_int_equal(l->of(S("return_")), 0);
        assert_int_equal(l->of(S("no such name")), 0);
    }
}

static void numbers_are_given_once(void **state) {
    (void)state;
    static const int ids[][64] = {
        {
#define KIND(name, id, class, sign, text) id,
#include "ledger/kinds.def"
        },
        {
#define CHANNEL(name, id, label) id,
#include "ledger/tables.def"
        },
        {
#define INSTRUMENT(name, id, lo, hi, label) id,
#include "ledger/tables.def"
        },
        {
#define IDENT(name, id, strength, limit, label) id,
#include "ledger/tables.def"
        },
    };
    for (size_t l = 0; l < COUNT(lists); l++)
        for (int i = 0; i < lists[l].n; i++) {
            if (!row_of(&lists[l], ids[l][i])) fail_msg("%s %d is not in this test", lists[l].what, ids[l][i]);
            for (int j = 0; j < i; j++) assert_int_not_equal(ids[l][i], ids[l][j]);
        }
}

static void what_follows_from_a_row(void **state) {
    (void)state;
    int lo = -1, hi = -1;
    assert_int_equal(kind_class(KIND_order), CLASS_MONEY);
    assert_int_equal(kind_class(KIND_none), CLASS_NONE);
    assert_int_equal(kind_class((enum kind)99), CLASS_NONE);
    assert_int_equal(kind_sign(KIND_order), 1);
    assert_int_equal(kind_sign(KIND_refund), -1);
    assert_int_equal(kind_sign(KIND_return_), 0);
    assert_true(instrument_range(INSTRUMENT_nps, &lo, &hi));
    assert_int_equal(lo, 0);
    assert_int_equal(hi, 10);
    assert_false(instrument_range(INSTRUMENT_none, &lo, &hi));
    assert_false(instrument_range((enum instrument)77, &lo, &hi));
    assert_int_equal(ident_strength(IDENT_user_id), STRENGTH_UNIQUE);
    assert_int_equal(ident_strength(IDENT_email), STRENGTH_STRONG);
    assert_int_equal(ident_strength(IDENT_author), STRENGTH_WEAK);
    assert_int_equal(ident_strength((enum ident_kind)99), STRENGTH_WEAK);
    for (int id = 0; id < 30; id++) {
        enum ident_kind k = (enum ident_kind)id;
        assert_int_equal(ident_limit(k) > 1, ident_strength(k) != STRENGTH_WEAK); // what joins has a limit
        if (kind_class((enum kind)id) != CLASS_MONEY) assert_int_equal(kind_sign((enum kind)id), 0);
    }
}

// ---- months ----

static void months_are_those_of_the_calendar(void **state) {
    (void)state;
    const int64_t seconds_of_day[] = {0, 1, 43200, 86399};
    for (int64_t day = days_of((ymd){1900, 1, 1}); day <= days_of((ymd){2100, 12, 31}); day++)
        for (size_t i = 0; i < COUNT(seconds_of_day); i++) {
            time_t t = day * 86400 + seconds_of_day[i];
            struct tm tm;
            assert_non_null(gmtime_r(&t, &tm)); // the C library's calendar
            int64_t at_us = (int64_t)t * SECOND_US + (i == 3 ? 999999 : 0);
            int32_t want = (tm.tm_year - 70) * 12 + tm.tm_mon, p = event_period(at_us);
            if (p != want) fail_msg("%" PRId64 " s is in month %d, not %d", (int64_t)t, want, p);
            ymd first = {.year = 1900 + tm.tm_year, .month = (int8_t)(tm.tm_mon + 1), .day = 1};
            if (tm.tm_mday == 1 && i == 0) {
                assert_int_equal(period_start_us(p), at_us);
                assert_int_equal(period_start_us(p), days_of(first) * DAY_US);
                assert_int_equal(event_period(at_us - 1), p - 1);
                assert_int_equal(event_period(at_us + 1), p);
            }
        }
}

static void months_reach_far(void **state) {
    (void)state;
    for (int32_t p = -12 * 1969; p <= 12 * 8029; p++) { // the years 1 to 9999
        assert_int_equal(event_period(period_start_us(p)), p);
        assert_int_equal(event_period(period_start_us(p + 1) - 1), p);
    }
}

// ---- keys ----

static int by_key(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

static void keys_differ_by_source_and_text(void **state) {
    (void)state;
    enum { SOURCES = 20, TEXTS = 10000 };
    arena a = arena_open(64 << 20);
    uint64_t *keys = make(&a, uint64_t, SOURCES * TEXTS);
    size_t n = 0;
    for (int64_t s = 1; s <= SOURCES; s++)
        for (int i = 0; i < TEXTS; i++) {
            arena scratch = a;
            str ext = str_fmt(&scratch, "order:%d", i);
            keys[n] = event_key(s, ext);
            assert_true(keys[n] == event_key(s, ext));
            n++;
        }
    qsort(keys, n, sizeof *keys, by_key);
    for (size_t i = 1; i < n; i++) assert_true(keys[i] != keys[i - 1]);
    arena_close(&a);
}

// ---- bodies ----

static void nothing_to_keep_is_no_body(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    event ev = {.kind = KIND_order, .mood = MOOD_UNKNOWN, .value = 5, .has_value = true};
    assert_str(event_body(&a, &ev), S(""));
    ev.mood = 0;
    assert_str(event_body(&a, &ev), S("{\"mood\":0}"));
    ev.mood = MOOD_UNKNOWN, ev.extra = S("\"k\":1");
    assert_str(event_body(&a, &ev), S("{\"k\":1}"));
    arena_close(&a);
}

// Any bytes at all, with more of those that need care.
static str any_bytes(arena *a, rng *r) {
    static const char odd[] = "\"\\\n\r\t\b\f/{}[]:,\x7f\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xff\xc0\xed\xa0\x80";
    size_t n = (size_t)(rng_chance(r, 0.3) ? 0 : rng_range(r, 1, 60));
    char *p = make(a, char, n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = rng_chance(r, 0.5) ? odd[rng_range(r, 0, sizeof odd - 1)] : (char)rng_range(r, 1, 255);
    return (str){p, n};
}

static void bodies_are_json_that_says_the_same(void **state) {
    (void)state;
    rng r = rng_seed(11);
    static const char *const names[] = {"text",    "lang",  "topic",          "name", "country",
                                        "segment", "staff", "postal_address", "born"};
    for (int round = 0; round < 20000; round++) {
        arena a = arena_open(1 << 20);
        event ev = {.mood = (int)rng_range(&r, -1, 1), .quantity = rng_range(&r, -2, 2)};
        if (rng_chance(&r, 0.5)) ev.mood = MOOD_UNKNOWN;
        if (rng_chance(&r, 0.5)) ev.extra = S("\"k\":{\"a\":[1,null]},\"l\":\"x\"");
        str *texts[] = {&ev.text,    &ev.lang,  &ev.topic,   &ev.name, &ev.country,
                        &ev.segment, &ev.staff, &ev.address, &ev.born};
        for (size_t i = 0; i < COUNT(texts); i++) *texts[i] = any_bytes(&a, &r);
        str body = event_body(&a, &ev);
        json_t *doc = NULL;
        err e = {0};
        if (!body.len) continue;
        if (!json_read(body, &doc, &e)) fail_msg("round %d: %s: %.*s", round, e.msg, STR_ARG(body));
        for (size_t i = 0; i < COUNT(texts); i++) {
            json_t *v = json_object_get(doc, names[i]);
            assert_int_equal(v != NULL, texts[i]->len > 0);
            assert_true(!v || str_utf8_ok(json_text(v)));
            if (str_utf8_ok(*texts[i])) assert_str(json_text(v), *texts[i]);
        }
        assert_int_equal(json_integer_value(json_object_get(doc, "mood")), ev.mood == MOOD_UNKNOWN ? 0 : ev.mood);
        assert_int_equal(json_integer_value(json_object_get(doc, "quantity")), ev.quantity);
        assert_int_equal(json_object_get(doc, "k") != NULL, ev.extra.len > 0);
        json_decref(doc);
        arena_close(&a);
    }
}

// A door lets in elements of 16 MiB. Every byte of a text may need six in JSON; nothing may be cut.
static void long_words_are_kept_whole(void **state) {
    (void)state;
    const size_t lengths[] = {1 << 20, 5 << 20};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        arena a = arena_open((size_t)1 << 30);
        char *p = make(&a, char, lengths[i]);
        memset(p, 1, lengths[i]);
        event ev = {.mood = MOOD_UNKNOWN, .text = {p, lengths[i]}, .name = S("Ada"), .extra = S("\"k\":1")};
        json_t *doc = NULL;
        err e = {0};
        assert_ok(json_read(event_body(&a, &ev), &doc, &e), e);
        assert_true(str_eq(json_text(json_object_get(doc, "text")), ev.text));
        assert_str(json_text(json_object_get(doc, "name")), S("Ada"));
        assert_int_equal(json_integer_value(json_object_get(doc, "k")), 1);
        json_decref(doc);
        arena_close(&a);
    }
}

static void days_of_birth_are_read_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        const char *raw;
        int day_first;
        const char *is;
    } rows[] = {{"1990-05-04", 0, "1990-05-04"},
                {"1990-05-04T00:00:00Z", 0, "1990-05-04"},
                {" 4.5.1990 ", 0, "1990-05-04"},
                {"04/05/1990", 0, "1990-04-05"},
                {"04/05/1990", 1, "1990-05-04"},
                {"24/05/1990", 0, "1990-05-24"},
                {"29.2.2000", 0, "2000-02-29"},
                {"29.2.1900", 0, ""},
                {"1990-05", 0, ""},
                {"1990-05/04", 0, ""},
                {"--05-04", 0, ""},
                {"5.4.90", 0, ""},
                {"soon", 0, ""},
                {"", 0, ""}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        arena a = arena_open(1 << 16);
        assert_str(event_born(&a, str_c(rows[i].raw), rows[i].day_first), str_c(rows[i].is));
        arena_close(&a);
    }
}

static void an_address_is_three_lines(void **state) {
    (void)state;
    arena a = arena_open(1 << 16);
    assert_str(event_address(&a, S(" 12 High St\nFlat 2 "), S("'04109"), S("Leipzig")),
               S("12 High St, Flat 2\n04109\nLeipzig"));
    assert_str(event_address(&a, S(""), S("N1 9GU"), S("")), S("\nN1 9GU\n"));
    assert_str(event_address(&a, S(" "), S(""), S("Leipzig")), S(""));
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_both_ways),         cmocka_unit_test(numbers_are_given_once),
        cmocka_unit_test(what_follows_from_a_row),    cmocka_unit_test(months_are_those_of_the_calendar),
        cmocka_unit_test(months_reach_far),           cmocka_unit_test(keys_differ_by_source_and_text),
        cmocka_unit_test(nothing_to_keep_is_no_body), cmocka_unit_test(bodies_are_json_that_says_the_same),
        cmocka_unit_test(long_words_are_kept_whole),  cmocka_unit_test(days_of_birth_are_read_as_people_write_them),
        cmocka_unit_test(an_address_is_three_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
