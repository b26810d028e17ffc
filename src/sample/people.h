// people: who the customers are. A person is made anew from (seed, number) whenever it is needed, so ten million of
// them take no memory.
#ifndef HEED_SAMPLE_PEOPLE_H
#define HEED_SAMPLE_PEOPLE_H

#include "base/rng.h"
#include "ledger/event.h"
#include "sample/pen.h"

enum role { ROLE_shop, ROLE_cafe, ROLE_wholesale };
enum lang { LANG_en, LANG_de, LANG_es, LANGS };

typedef struct {
    uint8_t first, count;
} name_span;
enum name_kind { NAME_given, NAME_family, NAME_firm, NAME_KINDS };
enum { PLACES_MAX = 16 };

typedef struct {
    uint64_t seed;
    uint32_t count;                     // how many people there are
    name_span names[NAME_KINDS][LANGS]; // where a language's names stand in names.def
    int64_t phones[PLACES_MAX];         // how many numbers a place has
} people;

typedef struct {
    uint32_t number;
    uint8_t role, place, lang;
    uint8_t given, family, firm; // rows of names.def
    uint8_t address;             // which form and host the own e-mail has
    bool guest;                  // buys without an account
    bool app, cafe;              // a shop customer who also uses the app, who also has a loyalty card
    bool has_phone, never_top, abuser, office;
    bool other_mail;                // writes to the help desk from another address than the shop knows
    bool other_pay_mail;            // pays the subscription under another address
    bool shared_mail, shared_phone; // uses the one of the head of the household
    int64_t head;                   // the household's head, -1: none, or is one
    int64_t phone;                  // number in the pool of the place, -1: none
} person;

people people_new(uint64_t seed, uint32_t count);

enum {
    STREAM_PERSON,
    STREAM_CONTENT,
    STREAM_BIRTH,
    STREAM_CAFE,
    STREAM_WHOLESALE,
    STREAM_FIRST
}; // streams of one person; the rest is one per moment
rng person_rng(const people *all, uint32_t number, uint32_t stream);

person person_of(const people *all, uint32_t number);
double person_content(const people *all, uint32_t number); // how easily pleased, N(0, 1)

// What they are known by, written with the pen in canonical form. Empty when they have none.
str person_name(const person *p, pen *to); // a firm's name for wholesale
str person_given(const person *p);
str person_author(const person *p, pen *to);                        // "Anna W." as review platforms show it
str person_email(const person *p, pen *to);                         // the one the shop knows
str person_help_email(const people *all, const person *p, pen *to); // the one they write to the help desk from
str person_pay_email(const person *p, pen *to);
str person_phone(const people *all, const person *p, pen *to);
str person_user_id(const person *p, pen *to);
str person_stripe_id(const person *p, pen *to);
str person_card(const person *p, pen *to);
str person_hubspot_id(const person *p, pen *to);
str person_country(const person *p);
int32_t person_currency(const person *p);
str lang_letters(enum lang l);

#endif
