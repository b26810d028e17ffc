// What of a message is its matter: greetings and goodbyes in lines of their own are not.
#include "test.h"

#include "text/letter.h"

static void greetings_and_goodbyes_are_left_out(void **state) {
    (void)state;
    static const struct {
        const char *text, *matter;
    } all[] = {
        {"Hello,\n\nThe parcel took 11 days.\n\nKind regards\nChloe", "The parcel took 11 days."},
        {"Hi there,\n\nIt is late.\n\nRegards, Rebecca", "It is late."},
        {"Guten Tag Frau Weber,\ndie Bohnen waren alt.\n\nMit freundlichen Grüßen\n\nJan Vogel",
         "die Bohnen waren alt."},
        {"Buenas tardes:\n\nEl paquete tardó.\n\nGracias y un saludo\nRaúl", "El paquete tardó."},
        {"The parcel took 11 days.", "The parcel took 11 days."},
        {"Great, thanks!", "Great, thanks!"},
        {"Late again!\n\nThis is the second parcel.", "This is the second parcel."}, // short and loud: as a greeting
        {"Late again.\n\nI want my money back.", "Late again.\n\nI want my money back."},
        {"Is it late?\n\nThanks", "Is it late?"},
        {"Hello,\n\nThanks", "Hello,"},
        {"\n\n", ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(all); i++) assert_str(letter_matter(str_c(all[i].text)), str_c(all[i].matter));
}

static void it_is_a_part_of_the_text(void **state) {
    (void)state;
    const char text[] = "Hello,\n\na\n\n\nb c\n\n\n\nBye\n\nMax\n";
    for (size_t n = 0; n < sizeof text; n++) {
        const str x = letter_matter((str){text, n});
        assert_true(!x.len || (x.s >= text && x.s + x.len <= text + n));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(greetings_and_goodbyes_are_left_out),
                                       cmocka_unit_test(it_is_a_part_of_the_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
