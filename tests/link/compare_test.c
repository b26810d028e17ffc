// Levels of pairs of records where one field is made of another.
#include "test.h"

#include "link/compare.h"
#include "link/trait.h"

typedef struct {
    const char *what;
    const char *a[4], *b[4]; // given name, surname, full name, e-mail
    const char *full, *email;
} example;

static const example examples[] = {
    {"the same user with a number, of one name, at another place",
     {"james", "hill", "", "james481@one.example"},
     {"james", "marsh", "", "james481@two.example"},
     "missing",
     "same name and number at another place, made of their own names"},
    {"the same user with a number, of two names",
     {"james", "hill", "", "sunny481@one.example"},
     {"peter", "marsh", "", "sunny481@two.example"},
     "missing",
     "same name at another place"},
    {"the same user without a number, of one name",
     {"james", "hill", "", "james.hill@one.example"},
     {"james", "hill", "", "james.hill@other.example"},
     "missing",
     "differ"},
    {"a slip in the place",
     {"james", "hill", "", "james481@gmail.example"},
     {"james", "hill", "", "james481@gmal.example"},
     "missing",
     "a slip apart"},
    {"a full name of one word", {"james", "", "james", ""}, {"james", "hill", "james hill", ""}, "missing", "missing"},
    {"two full names of one word", {"james", "", "james", ""}, {"james", "", "james", ""}, "missing", "missing"},
    {"a full name where there is no given one", {"", "hill", "hill", ""}, {"", "hill", "hill", ""}, "same", "missing"},
    {"two full names", {"james", "hill", "james hill", ""}, {"james", "hill", "james hill", ""}, "same", "missing"},
};

static const str *row_of(arena *a, const char *const *cells) {
    str *row = make(a, str, 4);
    for (int i = 0; i < 4; i++) row[i] = str_c(cells[i]);
    return row;
}

static const char *level_of(const link_table *t, uint64_t p, enum link_kind kind) {
    for (int i = 0; i < t->n_fields; i++)
        if (t->field[i].col.kind == kind) return link_level_text(kind, link_level(p, i));
    return "no field";
}

static void what_one_field_says_another_does_not_say_again(void **state) {
    (void)state;
    const str names[4] = {S("first"), S("last"), S("whole"), S("mail")};
    for (size_t i = 0; i < COUNT(examples); i++) {
        const example *x = &examples[i];
        arena a = arena_open(1 << 24);
        err e = {0};
        link_table t;
        const str *rows[2] = {row_of(&a, x->a), row_of(&a, x->b)};
        assert_ok(link_table_of(&a, &t, &(link_head){names, 4, rows, 2},
                                S("given=first,family=last,full=whole,email=mail"), &e),
                  e);
        link_comparer c = link_comparer_open(&t);
        const uint64_t p = link_pattern(&c, link_row(&t, 0), link_row(&t, 1)),
                       q = link_pattern(&c, link_row(&t, 1), link_row(&t, 0));
        const char *full = level_of(&t, p, LINK_full), *email = level_of(&t, p, LINK_email);
        if (strcmp(full, x->full) || strcmp(email, x->email))
            fail_msg("%s: full name \"%s\", e-mail \"%s\"", x->what, full, email);
        assert_true(p == q);
        link_comparer_close(&c);
        link_table_close(&t);
        arena_close(&a);
    }
}

static void a_title_does_not_say_its_city_again(void **state) {
    (void)state;
    static const struct {
        const char *title, *city, *is;
    } cases[] = {{"Ritz-Carlton Cafe (Atlanta)", "atlanta", "ritz carlton cafe"},
                 {"Restaurant, Ritz-Carlton, Atlanta", "Atlanta", "restaurant ritz carlton"},
                 {"Las Vegas Grill of Las Vegas", "las vegas", "grill of"},
                 {"Spago (Los Angeles)", "w. hollywood", "spago los angeles"},
                 {"Chicago", "chicago", "chicago"},                    // nothing else would be left
                 {"Yorkshire Tea Room", "york", "yorkshire tea room"}, // a part of a word is not the city
                 {"New York Times", "york", "new times"},
                 {"Palm", "", "palm"}};
    arena a = arena_open(1 << 24);
    err e = {0};
    link_table t;
    const str names[2] = {S("title"), S("town")};
    const str *rows[COUNT(cases)];
    for (size_t i = 0; i < COUNT(cases); i++) {
        str *row = make(&a, str, 2);
        row[0] = str_c(cases[i].title), row[1] = str_c(cases[i].city), rows[i] = row;
    }
    assert_ok(link_table_of(&a, &t, &(link_head){names, 2, rows, COUNT(cases)}, S("text=title,city=town"), &e), e);
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int f = 0; f < t.n_fields; f++)
            if (t.field[f].col.kind == LINK_text)
                assert_str(intern_text(&t.field[f].v, link_row(&t, (uint32_t)i)[f]), str_c(cases[i].is));
    link_table_close(&t);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_field_says_another_does_not_say_again),
        cmocka_unit_test(a_title_does_not_say_its_city_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
