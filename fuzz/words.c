// The language of whoever reads, from what browsers and links say; and words with places.
#include "base/words.h"

static void same_again(arena *a, const locale *l) {
    locale again;
    str tag = locale_tag(a, l);
    if (!locale_of(tag, &again) || again.lang != l->lang || strcmp(again.country, l->country) != 0) abort();
    if (!locale_accepted(tag, &again) || again.lang != l->lang) abort();
}

// What is found has a tag that says the same again, and its words are words.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    arena a = arena_open(1 << 24);
    locale l = LOCALE_ENGLISH;
    str rest = {(const char *)data, size < 4096 ? size : 4096}, first = str_cut(&rest, '\n');
    if (locale_accepted(first, &l)) same_again(&a, &l);
    if (locale_of(first, &l)) same_again(&a, &l);
    if (locale_of_country(first, &l)) same_again(&a, &l);
    if (l.lang >= LANGS) abort();
    str text = rest.s ? rest : S("");
    str filled = word_with(&a, &l, WORD_verdict_was, PLACES({"value", text}));
    if (filled.len < text.len || !str_has(filled, text)) abort(); // it is not read again
    int64_t n = (int64_t)size * 7919 - 40000;
    str counted = word_count(&a, &l, WORD_server_wait, n, PLACES({"other", text}));
    if (!counted.len || str_has(counted, S("{n}"))) abort();
    if (!str_utf8_ok(local_money(&a, &l, n * 1000003, currency_of(S("EUR")))) || !local_day(&a, &l, (int32_t)n).len)
        abort();
    arena_close(&a);
    return 0;
}
