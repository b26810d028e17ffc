#include <unicode/uloc.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "base/words.h"

enum form { FORM_other, FORM_zero, FORM_one, FORM_two, FORM_few, FORM_many, FORMS };

static const char *const codes[LANGS] = {
#define LANG(code) #code,
#include "catalogue.def"
};
static const char *const names[WORDS_ALL] = {
#define WORD(name) #name,
#include "catalogue.def"
};
static const char *const texts[LANGS][WORDS_ALL] = {
#define WORD_TEXT(lang, name, text) [LOCALE_##lang][WORD_##name] = text,
#include "catalogue_text.h"
};
// In the order of languages and words; what another form says stands among the texts.
static const struct {
    enum lang lang;
    enum word word;
    enum form form;
    const char *text;
} forms[] = {
#define WORD_FORM(lang, name, form, text) {LOCALE_##lang, WORD_##name, FORM_##form, text},
#include "catalogue_text.h"
};

const char *lang_code(enum lang l) {
    return codes[l];
}

const char *word_name(enum word w) {
    return names[w];
}

// ---- which language ----

static bool lang_named(str code, enum lang *out) {
    for (int i = 0; i < LANGS; i++)
        if (str_eq_ci(code, str_c(codes[i]))) return *out = (enum lang)i, true;
    return false;
}

static bool is_country(str x) {
    bool ok = x.len == 2;
    for (size_t i = 0; ok && i < 2; i++) ok = (x.s[i] | 32) >= 'a' && (x.s[i] | 32) <= 'z';
    return ok;
}

// What most people of a country speak, as CLDR's likely subtags have it.
bool locale_of_country(str country, locale *out) {
    char und[8], full[64], code[12];
    UErrorCode st = U_ZERO_ERROR;
    locale l = {0};
    if (!is_country(country)) return false;
    (void)snprintf(und, sizeof und, "und_%c%c", country.s[0] & ~32, country.s[1] & ~32);
    (void)uloc_addLikelySubtags(und, full, sizeof full, &st);
    (void)uloc_getLanguage(full, code, sizeof code, &st);
    (void)uloc_getCountry(full, l.country, sizeof l.country, &st); // another one when ICU does not know it
    bool ok = U_SUCCESS(st) && str_eq(str_c(l.country), str_c(und + 4)) && lang_named(str_c(code), &l.lang);
    if (ok) *out = l;
    return ok;
}

locale locale_in(locale l, str country) {
    locale there;
    if (!l.country[0] && locale_of_country(country, &there) && there.lang == l.lang) return there;
    return l;
}

// A country counts where the language is its own: English of somebody in Germany is no dialect of ours.
bool locale_of(str tag, locale *out) {
    locale l = {0};
    size_t at = 0;
    while (at < tag.len && tag.s[at] != '-' && tag.s[at] != '_') at++;
    if (!lang_named(str_sub(tag, 0, at), &l.lang)) return false;
    *out = locale_in(l, str_sub(tag, at + 1, tag.len));
    return true;
}

bool locale_accepted(str accept, locale *out) {
    double best = 0;
    locale l;
    for (str rest = accept; rest.s && rest.len;) {
        double q = 1;
        str one = str_cut(&rest, ','), tag = str_trim(str_cut(&one, ';'));
        str weight = str_trim(one);
        if (str_starts_ci(weight, S("q=")) && !str_f64(str_sub(weight, 2, weight.len), &q)) q = 0;
        if (q > best && q <= 1 && locale_of(tag, &l)) *out = l, best = q;
    }
    return best > 0;
}

str locale_tag(arena *a, const locale *l) {
    if (!l->country[0]) return str_c(codes[l->lang]);
    return str_fmt(a, "%s-%s", codes[l->lang], l->country);
}

str locale_dir(const locale *l) {
    return uloc_isRightToLeft(codes[l->lang]) ? S("rtl") : S("ltr");
}

// ---- words ----

str word_of(const locale *l, enum word w) {
    return str_c(texts[l->lang][w]);
}

static const word_place *place_named(const word_place *p, str name) {
    for (; p && p->name; p++)
        if (str_eq(str_c(p->name), name)) return p;
    return NULL;
}

enum { FILLED_MOST = 1 << 20 };

static str fill(arena *a, str text, const word_place *places) {
    buf b = buf_new(a, FILLED_MOST);
    for (str rest = text; rest.len;) {
        ptrdiff_t open = str_find(rest, '{'), close = str_find(rest, '}');
        if (open < 0 || close < open) return buf_add(&b, rest), buf_str(&b);
        const word_place *p = place_named(places, str_sub(rest, (size_t)open + 1, (size_t)(close - open) - 1));
        buf_add(&b, str_sub(rest, 0, (size_t)(p ? open : close + 1)));
        if (p) buf_add(&b, p->text);
        rest = str_sub(rest, (size_t)close + 1, rest.len);
    }
    return buf_str(&b);
}

str word_with(arena *a, const locale *l, enum word w, const word_place *places) {
    return fill(a, word_of(l, w), places);
}

static enum form form_of(const locale *l, int64_t n) {
    static const char *const form_names[FORMS] = {"other", "zero", "one", "two", "few", "many"};
    UErrorCode st = U_ZERO_ERROR;
    UChar name[16];
    char text[16] = "";
    UPluralRules *rules = uplrules_open(codes[l->lang], &st);
    int32_t len = uplrules_select(rules, (double)n, name, (int32_t)COUNT(name), &st);
    if (U_SUCCESS(st) && len < (int32_t)sizeof text) u_UCharsToChars(name, text, len), text[len] = 0;
    uplrules_close(rules);
    for (int i = 0; i < FORMS; i++)
        if (strcmp(text, form_names[i]) == 0) return (enum form)i;
    return FORM_other;
}

str word_count(arena *a, const locale *l, enum word w, int64_t n, const word_place *places) {
    enum form f = form_of(l, n);
    str text = word_of(l, w);
    for (size_t i = 0; f != FORM_other && i < COUNT(forms); i++)
        if (forms[i].lang == l->lang && forms[i].word == w && forms[i].form == f) text = str_c(forms[i].text);
    return fill(a, fill(a, text, places), PLACES({"n", local_count(a, l, n)}));
}
