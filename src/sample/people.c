#include "sample/people.h"
#include "sample/sample.h"

enum { SERIALS = 1 << 24, FAMILY_REACH = 60 };
#define SHARING 0.06 // of people live with an earlier customer

typedef struct {
    enum lang lang;
    str text, ascii;
} name_row;

static const name_row given_names[] = {
#define GIVEN(lang, text, ascii) {LANG_##lang, S(text), S(ascii)},
#include "sample/names.def"
};
static const name_row family_names[] = {
#define FAMILY(lang, text, ascii) {LANG_##lang, S(text), S(ascii)},
#include "sample/names.def"
};
static const name_row firms[] = {
#define FIRM(lang, text) {LANG_##lang, S(text), S("")},
#include "sample/names.def"
};
static const struct {
    str country;
    enum lang lang;
    int32_t currency;
} places[] = {
#define PLACE(country, lang, currency, share) {S(#country), LANG_##lang, currency},
#include "sample/places.def"
};
static const double place_shares[] = {
#define PLACE(country, lang, currency, share) share,
#include "sample/places.def"
};
static const struct {
    str country, prefix;
    int digits;
} dials[] = {
#define DIAL(country, prefix, digits) {S(#country), S(prefix), digits},
#include "sample/places.def"
};
static const str hosts[] = {S("mail.example.com"), S("post.example.org"), S("box.example.net"), S("home.example.org")};

rng person_rng(const people *all, uint32_t number, uint32_t stream) {
    return rng_fork(all->seed, (uint64_t)number * SERIALS + stream);
}

static int range_size(int digits) {
    return digits == 2 ? 100 : 1000;
}

static int64_t phones_in(str country) {
    int64_t n = 0;
    for (size_t i = 0; i < COUNT(dials); i++)
        if (str_eq(dials[i].country, country)) n += range_size(dials[i].digits);
    return n;
}

static name_span span_of(const name_row *rows, size_t n, enum lang lang) {
    name_span span = {0};
    for (size_t i = 0; i < n; i++) {
        if (rows[i].lang != lang) continue;
        if (!span.count++) span.first = (uint8_t)i;
    }
    return span;
}

people people_new(uint64_t seed, uint32_t count) {
    people all = {.seed = seed, .count = count};
    for (enum lang l = 0; l < LANGS; l++) {
        all.names[NAME_given][l] = span_of(given_names, COUNT(given_names), l);
        all.names[NAME_family][l] = span_of(family_names, COUNT(family_names), l);
        all.names[NAME_firm][l] = span_of(firms, COUNT(firms), l);
    }
    static_assert(COUNT(places) <= PLACES_MAX, "a phone pool per place");
    for (size_t i = 0; i < COUNT(places); i++) all.phones[i] = phones_in(places[i].country);
    return all;
}

static uint8_t pick_name(const people *all, rng *r, enum name_kind kind, enum lang lang) {
    name_span span = all->names[kind][lang];
    return (uint8_t)rng_range(r, span.first, span.first + span.count - 1);
}

// There are few numbers for fiction. When people outnumber them, only every stride-th person can have one.
static int64_t phone_slot(const people *all, uint32_t number, uint8_t place) {
    int64_t pool = all->phones[place];
    if (!pool) return -1;
    int64_t stride = (all->count + pool - 1) / pool;
    return number % stride ? -1 : number / stride;
}

// One in eight has a name from elsewhere.
static void pick_names(const people *all, person *p, rng *r) {
    enum lang l = rng_chance(r, 0.12) ? (enum lang)rng_range(r, 0, LANGS - 1) : (enum lang)p->lang;
    p->given = pick_name(all, r, NAME_given, l);
    p->family = pick_name(all, r, NAME_family, l);
    p->firm = pick_name(all, r, NAME_firm, (enum lang)p->lang);
}

// Everything but the household, which needs another person.
static person alone(const people *all, uint32_t number, rng *r) {
    person p = {.number = number, .head = -1};
    double u = rng_unit(r);
    p.role = u < 0.80 ? ROLE_shop : u < 0.975 ? ROLE_cafe : ROLE_wholesale;
    size_t place = rng_pick(r, place_shares, COUNT(place_shares));
    p.place = p.role == ROLE_cafe ? 0 : (uint8_t)place;
    p.lang = rng_chance(r, 0.06) ? LANG_en : (uint8_t)places[p.place].lang;
    pick_names(all, &p, r);
    p.address = (uint8_t)rng_range(r, 0, 255);
    p.never_top = rng_chance(r, SAMPLE_NEVER_TOP);
    bool shop = p.role == ROLE_shop;
    p.guest = rng_chance(r, 0.15) && shop;
    p.app = rng_chance(r, 0.45) && shop && !p.guest;
    p.cafe = rng_chance(r, 0.22) && shop && p.place == 0;
    p.abuser = rng_chance(r, SAMPLE_ABUSERS / 0.85) && shop && !p.guest;
    p.office = rng_chance(r, 0.10) && shop;
    p.other_mail = rng_chance(r, 0.18);
    p.other_pay_mail = rng_chance(r, 0.12);
    double wish = shop ? 0.35 : 0.75;
    p.phone = rng_chance(r, wish) ? phone_slot(all, number, p.place) : -1;
    p.has_phone = p.phone >= 0;
    return p;
}

// Some live with an earlier customer and use that one's address or phone. A head of a household uses nobody else's.
static void find_household(const people *all, person *p, rng *r) {
    bool wish = rng_chance(r, SHARING);
    int64_t back = rng_range(r, 1, FAMILY_REACH);
    bool mail = rng_chance(r, 0.5);
    if (!wish || p->role == ROLE_wholesale || back > p->number) return;
    rng other = person_rng(all, p->number - (uint32_t)back, STREAM_PERSON);
    person head = alone(all, p->number - (uint32_t)back, &other);
    bool shares_too = rng_chance(&other, SHARING);
    if (head.role != ROLE_shop || shares_too) return;
    p->head = head.number;
    p->family = head.family;
    p->place = p->role == ROLE_cafe ? 0 : head.place;
    p->lang = head.lang;
    p->cafe = p->cafe && p->place == 0;
    p->shared_phone = head.has_phone;
    p->shared_mail = p->role == ROLE_shop && (mail || !head.has_phone);
    p->has_phone = head.has_phone;
    p->phone = -1;
}

person person_of(const people *all, uint32_t number) {
    rng r = person_rng(all, number, STREAM_PERSON);
    person p = alone(all, number, &r);
    find_household(all, &p, &r);
    return p;
}

double person_content(const people *all, uint32_t number) {
    rng r = person_rng(all, number, STREAM_CONTENT);
    return rng_normal(&r, 0, 1);
}

str person_name(const person *p, pen *to) {
    const char *mark = pen_mark(to);
    pen_put(to, p->role == ROLE_wholesale ? firms[p->firm].text : given_names[p->given].text);
    pen_putc(to, ' ');
    pen_put(to, family_names[p->family].text);
    return pen_since(to, mark);
}

str person_given(const person *p) {
    return given_names[p->given].text;
}

str person_author(const person *p, pen *to) {
    const char *mark = pen_mark(to);
    str family = family_names[p->family].text;
    size_t initial = 1;
    while (initial < family.len && ((unsigned char)family.s[initial] & 0xC0) == 0x80) initial++;
    pen_put(to, given_names[p->given].text);
    pen_putc(to, ' ');
    pen_put(to, str_sub(family, 0, initial));
    pen_putc(to, '.');
    return pen_since(to, mark);
}

// The number at the end keeps addresses apart; nobody shares one by accident, only by household.
static str address(const person *p, pen *to, unsigned form, str host) {
    const char *mark = pen_mark(to);
    str given = given_names[p->given].ascii, family = family_names[p->family].ascii;
    if (form % 3 == 0) pen_put(to, given), pen_putc(to, '.');
    if (form % 3 == 1) pen_putc(to, given.s[0]), pen_putc(to, '.');
    pen_put(to, form % 3 == 2 ? given : family);
    pen_num(to, (uint64_t)p->number + 1);
    pen_putc(to, '@');
    pen_put(to, host);
    return pen_since(to, mark);
}

str person_email(const person *p, pen *to) {
    if (p->role == ROLE_wholesale) return address(p, to, 1, S("orders.example.com"));
    if (p->role == ROLE_cafe) return address(p, to, p->address, S("inbox.example.com"));
    return address(p, to, p->address, hosts[p->address / 3u % COUNT(hosts)]);
}

static str person_other_email(const person *p, pen *to) {
    return address(p, to, p->address + 1u, S("work.example.net"));
}

str person_help_email(const people *all, const person *p, pen *to) {
    if (p->shared_mail) {
        person head = person_of(all, (uint32_t)p->head);
        return person_email(&head, to);
    }
    return p->other_mail ? person_other_email(p, to) : person_email(p, to);
}

str person_pay_email(const person *p, pen *to) {
    return p->other_pay_mail ? person_other_email(p, to) : person_email(p, to);
}

str person_phone(const people *all, const person *p, pen *to) {
    if (!p->has_phone) return S("");
    if (p->shared_phone) {
        person head = person_of(all, (uint32_t)p->head);
        return person_phone(all, &head, to);
    }
    int64_t slot = p->phone;
    for (size_t i = 0; i < COUNT(dials); i++) {
        if (!str_eq(dials[i].country, places[p->place].country)) continue;
        int size = range_size(dials[i].digits);
        if (slot < size) {
            const char *mark = pen_mark(to);
            pen_put(to, dials[i].prefix);
            pen_digits(to, (uint64_t)slot, dials[i].digits);
            return pen_since(to, mark);
        }
        slot -= size;
    }
    return S("");
}

str person_user_id(const person *p, pen *to) {
    return pen_word(to, S(""), (uint64_t)p->number + 100001);
}
str person_card(const person *p, pen *to) {
    return pen_word(to, S("kc"), (uint64_t)p->number + 50000001);
}
str person_hubspot_id(const person *p, pen *to) {
    return pen_word(to, S(""), (uint64_t)p->number + 7000001);
}

// The finaliser of MurmurHash3 (Appleby, public domain) maps 64 bits one to one, so scattered ids stay unique.
str person_stripe_id(const person *p, pen *to) {
    uint64_t x = (uint64_t)p->number + 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCDu;
    x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53u;
    const char *mark = pen_mark(to);
    pen_put(to, S("cus_"));
    pen_base36(to, x ^ (x >> 33));
    return pen_since(to, mark);
}

str person_country(const person *p) {
    return places[p->place].country;
}
int32_t person_currency(const person *p) {
    return p->role == ROLE_wholesale ? 978 : places[p->place].currency;
}

str lang_letters(enum lang l) {
    static const str codes[LANGS] = {[LANG_en] = S("en"), [LANG_de] = S("de"), [LANG_es] = S("es")};
    return codes[l];
}
