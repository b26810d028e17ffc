#include <pthread.h>

#include "test.h"

#include "base/phone.h"
#include "base/rng.h"

static int set_up(void **state) {
    static arena a;
    a = arena_open(64 << 20);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

// Numbers that the regulators set aside for fiction and examples where there are some: Ofcom's drama numbers, 555-01xx
// in North America, ACMA's, ARCEP's, the Bundesnetzagentur's; else the shape of the numbering plan.
static const struct {
    const char *in, *region, *want;
} numbers[] = {
    {"0151 55501234", "DE", "+4915155501234"},
    {"+49 (0)30 23125 000", "DE", "+493023125000"},
    {"0049 30 23125000", "DE", "+493023125000"},
    {"(0 30) 23125-000", "de", "+493023125000"},
    {"030/23125000", "DE", "+493023125000"},
    {"0664 1234567", "AT", "+436641234567"},
    {"079 123 45 67", "CH", "+41791234567"},
    {"06 39 98 12 34", "FR", "+33639981234"},
    {"01.99.00.12.34", "FR", "+33199001234"},
    {"612 34 56 78", "ES", "+34612345678"},
    {"06 698 12345", "IT", "+390669812345"}, // the nought stays in Italy
    {"020 7946 0018", "GB", "+442079460018"},
    {"+44 (0)20 7946 0018", "", "+442079460018"},
    {"07700 900123", "GB", "+447700900123"},
    {"(415) 555-0132", "US", "+14155550132"},
    {"1-415-555-0132", "US", "+14155550132"},
    {"415.555.0132 ext. 12", "US", "+14155550132"},
    {"415-555-0132 x12", "US", "+14155550132"},
    {"tel:+1-415-555-0132", "", "+14155550132"},
    {"011 49 30 23125000", "US", "+493023125000"},
    {"1-800-FLOWERS", "US", "+18003569377"},
    {"416-555-0132", "CA", "+14165550132"},
    {"0412 345 678", "AU", "+61412345678"},
    {"(02) 5550 1234", "AU", "+61255501234"},
    {"(11) 96123-4567", "BR", "+5511961234567"},
    {"011 15-2345-6789", "AR", "+5491123456789"},
    {"098765 43210", "IN", "+919876543210"},
    {"090-1234-5678", "JP", "+819012345678"},
    {"138 0013 8000", "CN", "+8613800138000"},
    {"010-1234-5678", "KR", "+821012345678"},
    {"06 12345678", "NL", "+31612345678"},
    {"8 (912) 345-67-89", "RU", "+79123456789"},
    {"+4915155501234", "", "+4915155501234"},
    {"+4915155501234", "US", "+4915155501234"},
    {"\xef\xbc\x8b"
     "4915155501234",
     "", "+4915155501234"}, // full-width plus
    {"+49\xc2\xa0"
     "151\xe2\x80\x93"
     "555\xe2\x80\x91"
     "01234",
     "", "+4915155501234"}, // blanks and dashes of typesetters
    {"\xd9\xa0\xd9\xa1\xd9\xa0\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6\xd9\xa7\xd9\xa8", "EG", "+201012345678"},
    // no numbers
    {"", "DE", ""},
    {"n/a", "DE", ""},
    {"-", "DE", ""},
    {"0", "DE", ""},
    {"12345", "DE", ""},
    {"unknown", "DE", ""},
    {"jane.doe2026@example.com", "US", ""},
    {"2026-01-02T03:04:05.000Z and more of it, for ever", "US", ""},
    {"order_4155550132", "US", ""},
    {"555-0132", "US", ""}, // possible inside a town only
    {"0151 55501234", "", ""},
    {"0151 55501234", "ZZ", ""},
    {"0151 55501234", "Germany", ""},
    {"+999 123456789", "DE", ""},
    {"+1555", "US", ""},
    {"++++++++", "DE", ""},
    {"00000000000000000000000000", "DE", ""},
    {"123456789012345678901234567890", "DE", ""},
    {"\xff\xfe\xff\xfe\xff\xfe", "DE", ""},
};

static void numbers_as_people_write_them(void **state) {
    arena *a = *state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        arena scratch = *a;
        const str got = phone_e164(&scratch, str_c(numbers[i].in), str_c(numbers[i].region));
        if (!str_eq(got, str_c(numbers[i].want)))
            fail_msg("\"%s\" in \"%s\" is \"%.*s\"", numbers[i].in, numbers[i].region, STR_ARG(got));
    }
    assert_str(phone_e164(a, (str){0}, (str){0}), S(""));
}

static void a_canonical_number_stays_as_it_is(void **state) {
    arena *a = *state;
    static const char *const regions[] = {"", "DE", "US", "IT", "AR", "MX", "CN"};
    for (size_t i = 0; i < COUNT(numbers); i++)
        for (size_t k = 0; k < COUNT(regions) && *numbers[i].want; k++) {
            arena scratch = *a;
            assert_str(phone_e164(&scratch, str_c(numbers[i].want), str_c(regions[k])), str_c(numbers[i].want));
        }
}

static void random_numbers_are_canonical_or_nothing(void **state) {
    arena *a = *state;
    static const char *const regions[] = {"DE", "US", "IT", "AR", "MX", "BR", "GB", "IN", "CR", "SM", "CI", ""};
    static const char letters[] = "0123456789012345678901234567890123456789 -()+/.x";
    rng r = rng_seed(11);
    int found = 0;
    for (int i = 0; i < 20000; i++) {
        arena scratch = *a;
        char text[24];
        const size_t len = (size_t)rng_range(&r, 6, sizeof text);
        for (size_t k = 0; k < len; k++) text[k] = letters[rng_range(&r, 0, sizeof letters - 2)];
        if (rng_chance(&r, 0.3)) text[0] = '+';
        const str out = phone_e164(&scratch, (str){text, len}, str_c(regions[rng_range(&r, 0, COUNT(regions) - 1)]));
        if (out.len == 0) continue;
        found++;
        assert_true(out.len >= 8 && out.len <= 16 && out.s[0] == '+' && out.s[1] != '0');
        for (size_t k = 1; k < out.len; k++) assert_in_range(out.s[k], '0', '9');
        const str again = phone_e164(&scratch, out, S(""));
        if (!str_eq(again, out))
            fail_msg("\"%.*s\" is %.*s, which is %.*s", (int)len, text, STR_ARG(out), STR_ARG(again));
    }
    assert_true(found > 1000);
}

static void *read_all(void *ok) {
    arena a = arena_open(1 << 20);
    for (int k = 0; k < 20; k++)
        for (size_t i = 0; i < COUNT(numbers); i++) {
            arena scratch = a;
            const str got = phone_e164(&scratch, str_c(numbers[i].in), str_c(numbers[i].region));
            if (!str_eq(got, str_c(numbers[i].want))) *(bool *)ok = false;
        }
    arena_close(&a);
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state) {
    (void)state;
    pthread_t threads[4];
    bool ok[4];
    for (int i = 0; i < 4; i++) {
        ok[i] = true;
        assert_int_equal(pthread_create(&threads[i], NULL, read_all, &ok[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(ok[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_do_not_disturb_each_other), // first, so that the library starts in a race
        cmocka_unit_test(numbers_as_people_write_them),
        cmocka_unit_test(a_canonical_number_stays_as_it_is),
        cmocka_unit_test(random_numbers_are_canonical_or_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
