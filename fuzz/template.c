// template: words that pass the check can be filled with facts, whatever the facts are: no hole, no brace of ours left,
// no line end or control character in the subject. The first byte says where the subject ends.
#include "act/template.h"

static void no_braces(str out, str given) {
    // A value may bring braces of its own; without any in the values none are left but single ones.
    if (memmem(given.s, given.len, "{{", 2) || memmem(given.s, given.len, "}}", 2)) return;
    assert(!memmem(out.s, out.len, "{{", 2));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static arena a;
    if (!a.base) a = arena_open((size_t)1 << 28);
    arena_reset(&a);
    if (!size) return 0;
    size_t cut = MIN((size_t)data[0], size - 1);
    str subject = {(const char *)data + 1, cut}, words = {(const char *)data + 1 + cut, size - 1 - cut};
    const char *field = NULL;
    err e = {0}, why = {0};
    if (!template_check(a, subject, words, &field, &e)) {
        assert(!err_ok(&e) && field);
        return 0;
    }
    template_row t = {.name = S("fuzz"), .lang = S("en"), .subject = subject, .words = words};
    facts none = {0}, all = {0};
    str value = str_sub(words, 0, 40), s, w;
    for (int f = 0; f < FACTS_ALL; f++) all.of[f] = value;
    assert(template_fill(&a, &t, &all, &s, &w, &why) || why.code == ERR_too_large);
    for (size_t i = 0; err_ok(&why) && i < s.len; i++) assert((unsigned char)s.s[i] >= 32);
    for (int f = 0; f < FACTS_ALL; f++) all.of[f] = S("x");
    err_clear(&why);
    if (template_fill(&a, &t, &all, &s, &w, &why)) no_braces(w, S(""));
    // Without any fact it is refused exactly when it needs one.
    err_clear(&why);
    bool needs = template_needs(&t) != 0, filled = template_fill(&a, &t, &none, &s, &w, &why);
    assert(filled != needs || why.code == ERR_too_large);
    robotic r = template_robotic(a, &t);
    assert(r.score >= 0 && r.score <= 100 && r.n <= ROBOTIC_REASONS);
    return 0;
}
