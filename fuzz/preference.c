// preference: whatever comes to a person's page: a link opens only when it was made with our key, a body means what its
// fields say and nothing when it says nothing, and words that are refused stay refused with more words behind them. The
// first line is the link, the second the type of the body.
#include "act/preference.h"

static const unsigned char KEY[PREFERENCE_KEY] = {1, 2, 3};

static void check_link(arena *a, str token) {
    int64_t profile = 0;
    enum purpose p = PURPOSE_none;
    bool opens = preference_open(KEY, token, &profile, &p);
    assert(!opens || (profile > 0 && purpose_of(p) && str_eq(preference_token(a, KEY, profile, p), token)));
}

// Undone in any order of escapes, so that whatever the reader found must be in it.
static str loose(arena *a, str x) {
    char *out = make(a, char, x.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) {
        unsigned v = 0;
        char two[3] = {0};
        if (x.s[i] == '%' && i + 2 < x.len) memcpy(two, x.s + i + 1, 2);
        if (two[0] && two[1] && sscanf(two, "%2x", &v) == 1 && !strpbrk(two, " \t\r\n\v\f+-xX"))
            out[n++] = (char)v, i += 2;
        else
            out[n++] = x.s[i];
    }
    return (str){out, n};
}

static void check_body(arena *a, str type, str body) {
    preference_said x = preference_read(a, type, body), again = preference_read(a, type, body);
    uint32_t all = (UINT32_C(1) << PURPOSES) - 2;
    assert(x.what <= PREFER_undo && !((x.on | x.shown) & ~all));
    assert(x.what == again.what && x.on == again.on && x.shown == again.shown && x.days == again.days);
    assert((x.what == PREFER_pause) == (x.days > 0));
    assert(x.what == PREFER_save || !(x.on | x.shown));
    bool named = str_has_ci(loose(a, body), S("one-click")) || str_has_ci(body, S("one-click"));
    assert(x.what != PREFER_one_click || named);
}

static void check_words(arena *a, str text) {
    str why, more = str_cat(a, text, S("\n\nbye"));
    if (text.len > 20000) return;
    bool ok = gate_words_ok(text, &why);
    assert(ok == !why.len);
    assert(ok || !gate_words_ok(more, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    arena a = arena_open((size_t)1 << 26);
    str rest = {(const char *)data, size};
    if (size > 1 << 18) rest.len = 1 << 18;
    str token = str_cut(&rest, '\n'), type = rest.s ? str_cut(&rest, '\n') : S("");
    check_link(&a, token);
    check_body(&a, type, rest.s ? rest : S(""));
    check_words(&a, rest.s ? rest : token);
    arena_close(&a);
    return 0;
}
