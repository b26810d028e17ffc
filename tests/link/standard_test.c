// What people write, in its standard form, and what columns are taken for.
#include "test.h"

#include "link/columns.h"

static void one_form_for_what_is_written_in_many(void **state) {
    (void)state;
    static const struct {
        enum link_kind kind;
        const char *written, *house, *form;
    } rows[] = {
        {LINK_given, " Mr. José ", "", "jose"},
        {LINK_given, "Søren", "", "soren"},
        {LINK_given, "N/A", "", ""},
        {LINK_given, "TEST", "", ""},
        {LINK_family, "O'Brien-Smith Jr.", "", "obrien smith"},
        {LINK_birth, "1977-09-18", "", "19770918"},
        {LINK_birth, "19770918", "", "19770918"},
        {LINK_birth, "18.09.1977", "", "19770918"},
        {LINK_birth, "18/09/1977", "", "19770918"},
        {LINK_birth, "1977-13-40", "", ""},
        {LINK_birth, "soon", "", ""},
        {LINK_address, "12980 Fox Rd., Apt 4B", "", "12980\tfox\trd\t4b"},
        {LINK_address, "12980 FOX ROAD #4B", "", "12980\tfox\trd\t4b"},
        {LINK_address, "747 9th Ave., between 50th and 51st Sts.", "", "747\t9th\tave\t"},
        {LINK_address, "Off Street 5", "", "5\toff\tst\t"},
        {LINK_address, "Hauptstraße 12", "", "12\thauptstrasse\t\t"},
        {LINK_address, "stanley street", "8", "8\tstanley\tst\t"},
        {LINK_postcode, "SW1A 1AA", "", "sw1a1aa"},
        {LINK_postcode, "76121-4561", "", "76121"},
        {LINK_email, "Ann.Lee+news@GMAIL.com", "", "annlee@gmail.com"},
        {LINK_email, "ann.lee+news@mail.example", "", "ann.lee@mail.example"},
        {LINK_email, "noreply@mail.example", "", ""},
        {LINK_email, "ann.lee", "", ""},
        {LINK_phone, "(906) 960-5883", "", "9069605883"},
        {LINK_phone, "1-906-960-5883", "", "9069605883"},
        {LINK_phone, "0906 960 5883", "", "9069605883"},
        {LINK_phone, "000-000-0000", "", ""},
        {LINK_phone, "1234567890", "", ""},
        {LINK_sex, "Female", "", "f"},
        {LINK_text, "Sony DCR-SR45 Handycam, 30GB", "", "sony dcr sr45 handycam 30gb"},
        {LINK_word, "Acme Inc.", "", "acme"},
        {LINK_amount, "$1,299.00", "", "1299"},
        {LINK_amount, "0", "", ""},
        {LINK_year, "(1993).", "", "1993"},
    };
    standard s = standard_open();
    for (size_t i = 0; i < COUNT(rows); i++) {
        const str got = standard_form(&s, rows[i].kind, LINK_WHOLE, str_c(rows[i].written), str_c(rows[i].house));
        if (!str_eq(got, str_c(rows[i].form)))
            fail_msg("\"%s\": got \"%.*s\", want \"%s\"", rows[i].written, STR_ARG(got), rows[i].form);
    }
    standard_close(&s);
}

static void a_full_name_has_parts(void **state) {
    (void)state;
    static const struct {
        const char *written, *first, *last;
    } rows[] = {{"Ann Marie Lee", "ann", "lee"},
                {"Lee, Ann", "ann", "lee"},
                {"Dr. Bo Li", "bo", "li"},
                {"Prince", "prince", ""}};
    standard s = standard_open();
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_str(standard_form(&s, LINK_given, LINK_FIRST, str_c(rows[i].written), (str){0}), str_c(rows[i].first));
        assert_str(standard_form(&s, LINK_family, LINK_LAST, str_c(rows[i].written), (str){0}), str_c(rows[i].last));
    }
    standard_close(&s);
}

static void a_form_is_its_own_form(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    standard s = standard_open();
    static const char *const texts[] = {"ann",        "obrien smith",         "19770918", "annlee@gmail.com",
                                        "9069605883", "sony dcrsr45 handycam"};
    static const enum link_kind kinds[] = {LINK_given, LINK_family, LINK_birth, LINK_email, LINK_phone, LINK_text};
    for (size_t i = 0; i < COUNT(texts); i++) {
        const str once = str_dup(&a, standard_form(&s, kinds[i], LINK_WHOLE, str_c(texts[i]), (str){0}));
        assert_str(once, str_c(texts[i]));
        assert_str(standard_form(&s, kinds[i], LINK_WHOLE, once, (str){0}), once);
    }
    standard_close(&s);
    arena_close(&a);
}

static enum link_kind taken_for(const char *name, const char *const *cells, size_t n) {
    arena a = arena_open(1 << 22);
    const str names[2] = {S("surname"), str_c(name)};
    const str **rows = make(&a, const str *, n);
    for (size_t i = 0; i < n; i++) {
        str *row = make(&a, str, 2);
        row[0] = S("lee"), row[1] = str_c(cells[i]), rows[i] = row;
    }
    link_plan p;
    err e = {0};
    assert_ok(link_plan_make(&a, &(link_head){names, 2, rows, n}, (str){0}, &p, &e), e);
    const enum link_kind k = p.kind_of[1];
    arena_close(&a);
    return k;
}

static void columns_are_taken_for_what_they_hold(void **state) {
    (void)state;
    static const char *const mails[] = {"a.b@mail.example", "c@d.example", ""}, *const sexes[] = {"M", "f", "female"};
    static const char *const days[] = {"2020-01-02", "2021-12-31", "1999-05-05"}, *const years[] = {"1999", "2001",
                                                                                                    "1987"};
    static const char *const texts[] = {"a long title of a book", "another title of another book",
                                        "the third of these titles"};
    assert_int_equal(taken_for("x", mails, 3), LINK_email);
    assert_int_equal(taken_for("x", sexes, 3), LINK_sex);
    assert_int_equal(taken_for("x", days, 3), LINK_date);
    assert_int_equal(taken_for("Date of Birth", days, 3), LINK_birth);
    assert_int_equal(taken_for("x", years, 3), LINK_year);
    assert_int_equal(taken_for("x", texts, 3), LINK_text);
    assert_int_equal(taken_for("cluster", years, 3), LINK_ignore);
    assert_int_equal(taken_for("ground_truth", years, 3), LINK_ignore);
    assert_int_equal(taken_for("date of birth", texts, 3), LINK_text); // what stands there speaks against it
}

static void what_is_asked_for_is_compared(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    const str names[3] = {S("who"), S("when"), S("what")},
              row[3] = {S("lee"), S("2001-02-03"), S("x")}, *const rows[1] = {row};
    const link_head h = {names, 3, rows, 1};
    link_plan p;
    err e = {0};
    assert_ok(link_plan_make(&a, &h, S("family=who, birth=when"), &p, &e), e);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.field[0].kind, LINK_family);
    assert_int_equal(p.field[1].kind, LINK_birth);
    assert_false(link_plan_make(&a, &h, S("family=nobody"), &p, &e));
    assert_int_equal(e.code, ERR_usage);
    err_clear(&e);
    assert_false(link_plan_make(&a, &h, S("colour=who"), &p, &e));
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_form_for_what_is_written_in_many),
        cmocka_unit_test(a_full_name_has_parts),
        cmocka_unit_test(a_form_is_its_own_form),
        cmocka_unit_test(columns_are_taken_for_what_they_hold),
        cmocka_unit_test(what_is_asked_for_is_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
