// words: what people read of heed, in their language, and numbers, days and money as they write them.
//
//     locale l;
//     if (!locale_of(S("de-AT"), &l)) l = LOCALE_ENGLISH;
//     word_of(&l, WORD_server_signin_title);                                                    // "Anmelden"
//     word_with(a, &l, WORD_server_hello, PLACES({"name", name}));                            // "Guten Tag, {name}."
//     word_count(a, &l, WORD_server_codes_left, 3, NULL);                                     // "Noch {n} Codes."
//
// The one catalogue is web/i18n/LANG.json, a file for each language, which the web app reads too. The program carries
// what begins with one of the words of scripts/words2def.awk, such as "server." and "mail."; the key
// server.signin.title is WORD_server_signin_title. A key that a language lacks stops the build. A language is a file
// more.
#ifndef HEED_WORDS_H
#define HEED_WORDS_H

#include "base/civil.h"
#include "base/money.h"

enum lang {
#define LANG(code) LOCALE_##code,
#include "catalogue.def"
    LANGS,
};
enum word {
#define WORD(name) WORD_##name,
#include "catalogue.def"
    WORDS_ALL,
};
const char *lang_code(enum lang l); // "de", ISO 639-1
const char *word_name(enum word w); // "server_signin_title"

// A language, and how numbers and days are written in its country. Zero is English as it is written between countries:
// 1 January 2026.
typedef struct {
    enum lang lang;
    char country[3]; // "AT"; empty: none in particular
} locale;
#define LOCALE_ENGLISH ((locale){0})

bool locale_of(str tag, locale *out);             // of "de", "de-AT", "es_MX"; false: heed does not speak it
bool locale_accepted(str accept, locale *out);    // the best of an Accept-Language that heed speaks (RFC 9110, 12.5.4)
bool locale_of_country(str country, locale *out); // of the language most speak in "AT"; false: none that heed speaks
locale locale_in(locale l, str country);          // the same language as it is written in that country, if it says none
str locale_tag(arena *a, const locale *l);        // "de-AT", for lang="…"
str locale_dir(const locale *l);                  // "ltr" or "rtl", for dir="…"

str word_of(const locale *l, enum word w);
typedef struct {
    const char *name;
    str text;
} word_place;
#define PLACES(...) ((const word_place[]){__VA_ARGS__, {0}})
// With {name}s filled in; a place that is not given stays as it is.
str word_with(arena *a, const locale *l, enum word w, const word_place *places);
// In the form that the number asks for, with {n}; places may be NULL.
str word_count(arena *a, const locale *l, enum word w, int64_t n, const word_place *places);

// ---- as people write it ----

str local_count(arena *a, const locale *l, int64_t n);                        // "12.345"
str local_number(arena *a, const locale *l, double x, int digits);            // "3,97"
str local_percent(arena *a, const locale *l, double share, int digits);       // "51 %"
str local_money(arena *a, const locale *l, int64_t minor, const currency *c); // "1.234,50 €"; c NULL: without
str local_day(arena *a, const locale *l, int32_t days);                       // "3. November 2026"
str local_day_short(arena *a, const locale *l, int32_t days);                 // "03.11.2026"
str local_moment(arena *a, const locale *l, int64_t at_us, const zone *z);    // "3. November 2026 um 14:05"
str local_length(arena *a, const locale *l, double seconds);                  // "12,6 Std.", in the unit that fits
str local_span(arena *a, const locale *l,
               int64_t us); // "3 Tage": whole ones of the largest unit of which there are two

#endif
