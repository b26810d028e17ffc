#include <math.h>

#include "text/features.h"

#include "base/unicode.h"

enum { LETTERS_LEAST = 2, LETTERS_MOST = 5, LEAST_SLOTS = 256 };

// ---- cutting ----

typedef struct {
    uint32_t *column;  // where each occurrence goes; NULL: they are only counted
    gram_place *place; // and of which pieces it is; NULL: nobody asks
    size_t n;
    uint64_t before;       // hash of the last word, 0: none
    uint32_t before_piece; // where it stood
    uint32_t piece;
} cutter;

static inline void gram(cutter *c, uint32_t column, uint32_t first) {
    if (c->column) c->column[c->n] = column;
    if (c->place) c->place[c->n] = (gram_place){column, first, c->piece};
    c->n++;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static uint64_t step(uint64_t h, char c) {
    return (h ^ (unsigned char)c) * 0x100000001b3u; // FNV-1a
}

// The last bits of FNV are poor; a multiplication carries all of them to the top.
static uint32_t column_of(uint64_t h, bool letters) {
    h ^= h >> 32;
    h *= 0x9E3779B97F4A7C15u;
    return (uint32_t)(h >> (64 - (GRAM_BITS - 1))) | (uint32_t)letters << (GRAM_BITS - 1);
}

static bool begins(char c) {
    return ((unsigned char)c & 0xC0) != 0x80;
}

// Runs of letters of a piece with a blank on either side, as scikit-learn's "char_wb".
static void cut_letters(cutter *c, arena scratch, str piece) {
    char *s = make(&scratch, char, piece.len + 2);
    s[0] = s[piece.len + 1] = ' ';
    memcpy(s + 1, piece.s, piece.len);
    const size_t len = piece.len + 2;
    for (size_t from = 0; from < len; from++) {
        if (!begins(s[from])) continue;
        uint64_t h = 0xcbf29ce484222325u;
        int letters = 0;
        for (size_t at = from; at < len; at++) {
            h = step(h, s[at]);
            if (at + 1 < len && !begins(s[at + 1])) continue;
            if (++letters >= LETTERS_LEAST) gram(c, column_of(h, true), c->piece);
            if (letters == LETTERS_MOST) break;
        }
    }
}

static bool in_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static void word_done(cutter *c, uint64_t h) {
    gram(c, column_of(h, false), c->piece);
    if (c->before) gram(c, column_of(c->before * 0x9E3779B97F4A7C15u + h, false), c->before_piece);
    c->before = h;
    c->before_piece = c->piece;
}

// Words of a piece; an apostrophe between letters does not part them ("don't" is "dont").
static void cut_words(cutter *c, str piece) {
    uint64_t h = 0;
    for (size_t i = 0; i < piece.len; i++) {
        if (in_word(piece.s[i]))
            h = step(h ? h : 0xcbf29ce484222325u, piece.s[i]);
        else if (h && piece.s[i] != '\'')
            word_done(c, h), h = 0;
    }
    if (h) word_done(c, h);
}

// Addresses and names of accounts say nothing by themselves.
static str plain(str piece) {
    if (str_starts(piece, S("http://")) || str_starts(piece, S("https://"))) return S("http");
    if (piece.len > 1 && piece.s[0] == '@') return S("@");
    return piece;
}

static str next_piece(str *rest) {
    size_t from = 0;
    while (from < rest->len && is_blank(rest->s[from])) from++;
    size_t to = from;
    while (to < rest->len && !is_blank(rest->s[to])) to++;
    const str piece = str_sub(*rest, from, to - from);
    *rest = str_sub(*rest, to, rest->len - to);
    return piece;
}

static void cut(cutter *c, arena a, str text, str *pieces) {
    str rest = str_sub(text, 0, GRAM_TEXT);
    for (str piece; (piece = next_piece(&rest)).len; c->piece++) {
        arena scratch = a;
        if (pieces) pieces[c->piece] = piece;
        const str folded = plain(text_fold(&scratch, piece));
        cut_words(c, folded);
        cut_letters(c, scratch, folded);
    }
}

// ---- counting ----

typedef struct {
    uint32_t *slots; // place in v, 1 the first
    size_t mask;
    grams g;
} counter;

static void count(counter *c, uint32_t column) {
    size_t at = (column * 0x9E3779B1u >> 7) & c->mask;
    while (c->slots[at] && GRAM_COLUMN(c->g.v[c->slots[at] - 1]) != column) at = (at + 1) & c->mask;
    if (!c->slots[at]) {
        c->g.v[c->g.n] = column << GRAM_COUNT_BITS;
        c->slots[at] = (uint32_t)++c->g.n;
    }
    uint32_t *g = &c->g.v[c->slots[at] - 1];
    if (GRAM_COUNT(*g) < (1u << GRAM_COUNT_BITS) - 1) ++*g;
}

// No text gives more grams than this: of each byte four runs of letters, of each piece one more byte of border, and of
// words two a byte. Folding may lengthen a text.
static size_t most_grams(str text) {
    return MIN(text.len, (size_t)GRAM_TEXT) * 9 + 16;
}

// Few texts hold a letter that grows by folding; for those the grams are counted first.
static size_t room_for(arena scratch, str text) {
    if (str_ascii(text) == text.len) return most_grams(text);
    cutter c = {0};
    cut(&c, scratch, text, NULL);
    return c.n;
}

gram_columns gram_columns_of(arena *a, str text) {
    text = str_sub(text, 0, GRAM_TEXT);
    cutter c = {.column = make(a, uint32_t, room_for(*a, text))};
    cut(&c, *a, text, NULL);
    a->at = (char *)(c.column + c.n);
    return (gram_columns){c.column, c.n};
}

grams grams_of(arena *a, str text) {
    const gram_columns all = gram_columns_of(a, text);
    counter c = {.g.v = all.v}; // no more of them than occurrences, and written after they were read
    arena scratch = *a;
    size_t slots = LEAST_SLOTS;
    while (slots < all.n + all.n / 2) slots *= 2;
    c.slots = make(&scratch, uint32_t, slots);
    c.mask = slots - 1;
    for (size_t i = 0; i < all.n; i++) count(&c, all.v[i]);
    a->at = (char *)(c.g.v + c.g.n);
    return c.g;
}

gram_places gram_places_of(arena *a, str text) {
    text = str_sub(text, 0, GRAM_TEXT);
    gram_places p = {.piece = make(a, str, text.len / 2 + 1), .v = make(a, gram_place, room_for(*a, text))};
    cutter c = {.place = p.v};
    cut(&c, *a, text, p.piece);
    p.n = c.n;
    p.pieces = c.piece;
    return p;
}

// ---- stored ----

static int by_number(const void *x, const void *y) {
    const uint32_t l = *(const uint32_t *)x, r = *(const uint32_t *)y;
    return (l > r) - (l < r);
}

// Ascending columns as differences, doubled; odd when a count follows.
void grams_pack(buf *b, grams g) {
    arena a = arena_open(g.n * sizeof *g.v + 64);
    uint32_t *v = make(&a, uint32_t, g.n + 1);
    if (g.n) memcpy(v, g.v, g.n * sizeof *v);
    if (g.n) qsort(v, g.n, sizeof *v, by_number);
    buf_varint(b, g.n);
    for (size_t i = 0, last = 0; i < g.n; last = GRAM_COLUMN(v[i]), i++) {
        const uint32_t times = GRAM_COUNT(v[i]);
        buf_varint(b, (uint64_t)(GRAM_COLUMN(v[i]) - last) << 1 | (times > 1));
        if (times > 1) buf_varint(b, times);
    }
    arena_close(&a);
}

bool grams_unpack(arena *a, str *rest, grams *g) {
    uint64_t n, gap, times;
    *g = (grams){0};
    if (!buf_read_varint(rest, &n) || n > rest->len) return false;
    g->v = make(a, uint32_t, n + 1);
    for (uint64_t column = 0; g->n < n; g->n++) {
        if (!buf_read_varint(rest, &gap) || gap >> 1 >= GRAM_COLUMNS - column || (g->n && !(gap >> 1))) return false;
        column += gap >> 1;
        times = 1;
        if (gap & 1 && (!buf_read_varint(rest, &times) || times < 2 || times >> GRAM_COUNT_BITS)) return false;
        g->v[g->n] = (uint32_t)(column << GRAM_COUNT_BITS | times);
    }
    return true;
}

// ---- rarity ----

gram_counts gram_counts_new(arena *a) {
    return (gram_counts){.of = make(a, uint32_t, GRAM_COLUMNS)};
}

void gram_counts_add(gram_counts *c, grams g, int sign) {
    c->messages += (uint32_t)sign;
    for (size_t i = 0; i < g.n; i++) c->of[GRAM_COLUMN(g.v[i])] += (uint32_t)sign;
}

enum { WORDS = GRAM_COLUMNS / 64 };

static void fill_ranks(gram_index *x) {
    x->n = 0;
    for (size_t i = 0; i < WORDS; i++) {
        x->rank[i] = x->n;
        x->n += (uint32_t)__builtin_popcountll(x->bits[i]);
    }
}

static gram_index index_new(arena *a) {
    return (gram_index){.bits = make(a, uint64_t, WORDS), .rank = make(a, uint32_t, WORDS)};
}

gram_index gram_index_new(arena *a, const gram_counts *c, uint32_t least) {
    gram_index x = index_new(a);
    for (size_t i = 0; i < GRAM_COLUMNS; i++)
        if (c->of[i] && c->of[i] >= least) x.bits[i / 64] |= UINT64_C(1) << i % 64;
    fill_ranks(&x);
    x.rarity = make(a, float, x.n + 1);
    for (size_t i = 0, k = 0; i < GRAM_COLUMNS; i++)
        if (x.bits[i / 64] >> i % 64 & 1) x.rarity[k++] = (float)(1 + log((1.0 + c->messages) / (1.0 + c->of[i])));
    return x;
}

uint32_t gram_index_words(const gram_index *x) {
    return x->rank[WORDS / 2];
}

void gram_index_write(buf *b, const gram_index *x) {
    buf_varint(b, x->n);
    uint64_t last = 0;
    for (uint64_t i = 0; i < GRAM_COLUMNS; i++)
        if (x->bits[i / 64] >> i % 64 & 1) buf_varint(b, i - last), last = i;
    buf_bytes(b, x->rarity, x->n * sizeof *x->rarity);
}

bool gram_index_read(arena *a, str *rest, gram_index *x) {
    uint64_t n, gap, at = 0;
    *x = index_new(a);
    if (!buf_read_varint(rest, &n) || n > GRAM_COLUMNS) return false;
    for (uint64_t i = 0; i < n; i++) {
        if (!buf_read_varint(rest, &gap) || gap >= GRAM_COLUMNS - at || (i && !gap)) return false;
        at += gap;
        x->bits[at / 64] |= UINT64_C(1) << at % 64;
    }
    fill_ranks(x);
    const size_t bytes = n * sizeof *x->rarity;
    if (rest->len < bytes) return false;
    x->rarity = make(a, float, n + 1);
    if (bytes) memcpy(x->rarity, rest->s, bytes);
    *rest = str_sub(*rest, bytes, rest->len - bytes);
    for (uint64_t i = 0; i < n; i++)
        if (!(x->rarity[i] >= 0 && x->rarity[i] < 64)) return false;
    return true;
}

static float sublinear(uint32_t times) {
    return times == 1 ? 1 : 1 + logf((float)times);
}

size_t grams_weigh(const gram_index *x, grams g, gram_weight *out) {
    size_t n = 0;
    double square[2] = {0, 0};
    for (size_t i = 0; i < g.n; i++) {
        const uint32_t column = GRAM_COLUMN(g.v[i]), at = gram_index_of(x, column);
        if (at == GRAM_UNKNOWN) continue;
        out[n] = (gram_weight){at, sublinear(GRAM_COUNT(g.v[i])) * x->rarity[at]};
        square[GRAM_LETTERS(column)] += (double)out[n].weight * out[n].weight;
        n++;
    }
    const uint32_t words = gram_index_words(x);
    const float scale[2] = {square[0] > 0 ? (float)(1 / sqrt(square[0])) : 0,
                            square[1] > 0 ? (float)(1 / sqrt(square[1])) : 0};
    for (size_t i = 0; i < n; i++) out[i].weight *= scale[out[i].column >= words];
    return n;
}
