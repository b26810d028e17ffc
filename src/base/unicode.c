#include <pthread.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>
#include <unicode/utrans.h>

#include "base/unicode.h"

// ICU works in UTF-16 with 32-bit lengths; the limits where texts enter keep them far below.
typedef struct {
    UChar *s;
    int32_t len;
} wide;

static bool is_ascii(str x) {
    for (size_t i = 0; i < x.len; i++)
        if (x.s[i] & 0x80) return false;
    return true;
}

// ICU's macros mix signs freely.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
// The character at *i, and i past it; negative for a byte that is not UTF-8.
static UChar32 next_char(str x, size_t *i) {
    UChar32 c;
    U8_NEXT(x.s, *i, x.len, c);
    return c;
}

static UChar32 next_wide(wide w, int32_t *i) {
    UChar32 c;
    U16_NEXT(w.s, *i, w.len, c);
    return c;
}
#pragma GCC diagnostic pop

// Invalid bytes become U+FFFD.
static wide wide_of(arena *a, str x) {
    assert(x.len < INT32_MAX / 4);
    UErrorCode st = U_ZERO_ERROR;
    wide w = {make(a, UChar, x.len + 1), 0};
    u_strFromUTF8WithSub(w.s, (int32_t)x.len + 1, &w.len, x.len ? x.s : "", (int32_t)x.len, 0xFFFD, NULL, &st);
    assert(U_SUCCESS(st));
    return w;
}

// The text in UTF-8, in a. w lives in scratch, a copy of a, so a's next block would fall upon it: the text is made
// beyond that block before it is moved down.
static str settle(arena *a, arena scratch, wide w) {
    UErrorCode st = U_ZERO_ERROR;
    const int32_t room = w.len * 3 + 64;
    make(&scratch, char, room);
    str out = {make(&scratch, char, room), 0};
    int32_t len = 0;
    u_strToUTF8WithSub((char *)(uintptr_t)out.s, room, &len, w.s, w.len, 0xFFFD, NULL, &st);
    assert(U_SUCCESS(st));
    out.len = (size_t)len;
    return str_dup(a, out);
}

static wide form_of(arena *a, wide w, const UNormalizer2 *form) {
    UErrorCode st = U_ZERO_ERROR;
    const int32_t room = w.len * 2 + 16;
    wide out = {make(a, UChar, room), 0};
    out.len = unorm2_normalize(form, w.s, w.len, out.s, room, &st);
    if (st == U_BUFFER_OVERFLOW_ERROR) { // one character unfolds to eighteen at most
        st = U_ZERO_ERROR;
        out.s = make(a, UChar, out.len + 1);
        out.len = unorm2_normalize(form, w.s, w.len, out.s, out.len + 1, &st);
    }
    assert(U_SUCCESS(st));
    return out;
}

static wide fold_wide(arena *a, wide w) {
    UErrorCode st = U_ZERO_ERROR;
    return form_of(a, w, unorm2_getNFKCCasefoldInstance(&st));
}

str text_nfkc(arena *a, str x) {
    if (is_ascii(x)) return x;
    UErrorCode st = U_ZERO_ERROR;
    arena scratch = *a;
    const wide w = form_of(&scratch, wide_of(&scratch, x), unorm2_getNFKCInstance(&st));
    return settle(a, scratch, w);
}

str text_fold(arena *a, str x) {
    if (is_ascii(x)) return str_lower(a, x);
    arena scratch = *a;
    const wide w = fold_wide(&scratch, wide_of(&scratch, x));
    return settle(a, scratch, w);
}

static bool is_apostrophe(UChar32 c) {
    return c == '\'' || c == '`' || c == 0x2019;
}

static wide letters_of(arena *a, wide w) {
    wide out = {make(a, UChar, 2 * w.len + 1), 0};
    UChar32 gap = 0; // what stands since the last letter: nothing, one apostrophe, or a blank
    for (int32_t i = 0, from = 0; i < w.len; from = i) {
        const UChar32 c = next_wide(w, &i);
        if (!u_isalpha(c)) {
            gap = !gap && is_apostrophe(c) ? c : ' ';
            continue;
        }
        if (gap && out.len) out.s[out.len++] = (UChar)gap;
        gap = 0;
        for (int32_t k = from; k < i; k++) out.s[out.len++] = w.s[k];
    }
    return out;
}

str text_letters(arena *a, str x) {
    arena scratch = *a;
    const wide w = letters_of(&scratch, wide_of(&scratch, x));
    UErrorCode st = U_ZERO_ERROR;
    const int32_t room = w.len * 3 + 1; // no letter becomes more than three
    wide lower = {make(&scratch, UChar, room), 0};
    lower.len = u_strToLower(lower.s, room, w.s, w.len, "", &st);
    assert(U_SUCCESS(st));
    return settle(a, scratch, lower);
}

// Opening takes milliseconds and the rules never change, so the process keeps one; ICU's transliterators may be used by
// many threads at once.
static UTransliterator *to_ascii;
static pthread_once_t to_ascii_once = PTHREAD_ONCE_INIT;

static void open_to_ascii(void) {
    static const UChar rules[] = u"Any-Latin; Latin-ASCII; Any-Lower; [^\\u0020-\\u007E] Remove";
    UErrorCode st = U_ZERO_ERROR;
    to_ascii = utrans_openU(rules, -1, UTRANS_FORWARD, NULL, -1, NULL, &st);
    assert(U_SUCCESS(st));
}

static wide transliterate(arena *a, wide w) {
    pthread_once(&to_ascii_once, open_to_ascii);
    for (int32_t room = w.len * 4 + 64;; room *= 4) {
        UErrorCode st = U_ZERO_ERROR;
        wide out = {make(a, UChar, room), w.len};
        int32_t limit = w.len;
        memcpy(out.s, w.s, (size_t)w.len * sizeof *w.s);
        utrans_transUChars(to_ascii, out.s, &out.len, room, 0, &limit, &st);
        if (st == U_BUFFER_OVERFLOW_ERROR) continue;
        assert(U_SUCCESS(st));
        return out;
    }
}

static str ascii_lower(arena *a, str x) {
    char *s = make(a, char, x.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) {
        const char c = x.s[i];
        if (c >= ' ' && c <= '~') s[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
    }
    return (str){s, n};
}

str text_ascii(arena *a, str x) {
    if (is_ascii(x)) return ascii_lower(a, x);
    arena scratch = *a;
    const wide w = transliterate(&scratch, wide_of(&scratch, x));
    return settle(a, scratch, w);
}

enum { LONGEST_HOST = 253, LONGEST_LABEL = 63 };

// Letters, digits and hyphens in labels of 1 to 63; a label with "xn--" is left to ICU, which checks what it encodes.
static bool is_plain_host(str host) {
    if (!is_ascii(host) || host.len > LONGEST_HOST) return false;
    for (str label; host.s;) {
        label = str_cut(&host, '.');
        if (label.len < 1 || label.len > LONGEST_LABEL || str_starts_ci(label, S("xn--"))) return false;
        if (label.s[0] == '-' || label.s[label.len - 1] == '-') return false;
        for (size_t i = 0; i < label.len; i++) {
            const char c = label.s[i], low = (char)(c | 32);
            if (!(low >= 'a' && low <= 'z') && !(c >= '0' && c <= '9') && c != '-') return false;
        }
    }
    return true;
}

str idn_host(arena *a, str host) {
    if (str_ends(host, S("."))) host.len--;
    if (host.len == 0 || host.len > 4 * LONGEST_HOST) return (str){0};
    if (is_plain_host(host)) return str_lower(a, host);
    char out[LONGEST_HOST + 1];
    UErrorCode st = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UIDNA *idna = uidna_openUTS46(
        UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_USE_STD3_RULES, &st);
    const int32_t len = uidna_nameToASCII_UTF8(idna, host.s, (int32_t)host.len, out, sizeof out, &info, &st);
    uidna_close(idna);
    if (U_FAILURE(st) || info.errors || len < 1 || len > LONGEST_HOST) return (str){0};
    return str_dup(a, (str){out, (size_t)len});
}

// Scripts that put no blanks between words: where they end, only a dictionary knows.
static bool needs_dictionary(UChar32 c) {
    if (c < 0x0E00 || (c >= 0xAC00 && c <= 0xD7A3)) return false;
    UErrorCode st = U_ZERO_ERROR;
    switch ((int)uscript_getScript(c, &st)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR: return true;
    default: return false;
    }
}

enum { IN_WORD = U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK };

static bool in_word(UChar32 c) {
    if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    return (U_GET_GC_MASK(c) & IN_WORD) != 0;
}

typedef struct {
    wide text;
    int32_t at;
    bool dictionary; // the run taken last needs one
} runs;

// The next run of letters and digits with the apostrophes inside; false at the end.
static bool next_run(runs *r, wide *run) {
    UChar32 c;
    int32_t from;
    do {
        from = r->at;
        if (from >= r->text.len) return false;
        c = next_wide(r->text, &r->at);
    } while (!in_word(c));
    r->dictionary = needs_dictionary(c);
    int32_t end = r->at;
    while (r->at < r->text.len) {
        c = next_wide(r->text, &r->at);
        if (in_word(c)) {
            end = r->at;
            r->dictionary |= needs_dictionary(c);
        } else if ((c != '\'' && c != 0x2019) || r->at - end > 1) {
            break;
        }
    }
    *run = (wide){r->text.s + from, end - from};
    return true;
}

typedef void word_fn(void *ctx, str w);

static void one_word(arena scratch, wide w, word_fn *word, void *ctx) {
    UErrorCode st = U_ZERO_ERROR;
    char *s = make(&scratch, char, w.len * 3 + 1);
    int32_t len = 0;
    for (int32_t i = 0; i < w.len; i++)
        if (w.s[i] == 0x2019) w.s[i] = '\''; // "don’t" is "don't"
    u_strToUTF8WithSub(s, w.len * 3 + 1, &len, w.s, w.len, 0xFFFD, NULL, &st);
    assert(U_SUCCESS(st));
    word(ctx, (str){s, (size_t)len});
}

static void dictionary_words(arena scratch, UBreakIterator *it, wide run, word_fn *word, void *ctx) {
    UErrorCode st = U_ZERO_ERROR;
    ubrk_setText(it, run.s, run.len, &st);
    assert(U_SUCCESS(st));
    for (int32_t from = ubrk_first(it), to = ubrk_next(it); to != UBRK_DONE; from = to, to = ubrk_next(it))
        one_word(scratch, (wide){run.s + from, to - from}, word, ctx);
}

void text_words(arena scratch, str x, word_fn *word, void *ctx) {
    const wide folded = fold_wide(&scratch, wide_of(&scratch, x));
    UBreakIterator *it = NULL;
    UErrorCode st = U_ZERO_ERROR;
    runs r = {.text = folded};
    for (wide run; next_run(&r, &run);) {
        if (r.dictionary && !it) it = ubrk_open(UBRK_WORD, "", NULL, 0, &st);
        if (r.dictionary && it)
            dictionary_words(scratch, it, run, word, ctx);
        else
            one_word(scratch, run, word, ctx);
    }
    if (it) ubrk_close(it);
}

// Columns of one character on a terminal, as wcwidth counts them.
static int columns_of(UChar32 c) {
    if (c >= ' ' && c < 0x7F) return 1;
    if (c < 0) return 1; // an invalid byte is shown as one mark
    if (c < 0xA0 || (c >= 0x1160 && c <= 0x11FF)) return 0;
    if (c == 0xAD) return 1;
    if (U_GET_GC_MASK(c) & (U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK)) return 0;
    const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
    return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

int text_width(str x) {
    int columns = 0;
    for (size_t i = 0; i < x.len;) {
        columns += columns_of(next_char(x, &i));
    }
    return columns;
}

str text_clip(arena *a, str x, int columns) {
    if (columns <= 0) return (str){0};
    if (text_width(x) <= columns) return x;
    size_t kept = 0;
    for (size_t i = 0; i < x.len;) {
        columns -= columns_of(next_char(x, &i));
        if (columns < 1) break; // the last column is for the mark of the cut
        kept = i;
    }
    return str_cat(a, str_sub(x, 0, kept), S("…"));
}
