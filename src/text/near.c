#include "text/near.h"

#include "base/map64.h"
#include "base/radix.h"
#include "base/unicode.h"
#include "text/encoder.h"

// READ: what lies beyond says no more about likeness; a repeated mail is known by its first page.
enum { SHINGLE = 5, READ = 8192, ROWS = NEAR_HASHES / NEAR_BANDS, HALF = COUNT(((near_sign *)0)->shingles) };
_Static_assert(ROWS *NEAR_BANDS == NEAR_HASHES, "bands take up all hashes");

// ---- shingles ----

// What a character of folded text does: it stands, it parts words, or it is passed over. Beyond ASCII only the blocks
// of punctuation part words (Latin-1, General, CJK); signs such as emoji stand.
enum part { STANDS, PARTS, PASSED };

static enum part part_of(str c) {
    const unsigned char *u = (const unsigned char *)c.s;
    if (c.len == 1) {
        if (u[0] == '\'') return PASSED;
        return (u[0] >= '0' && u[0] <= '9') || (u[0] >= 'a' && u[0] <= 'z') ? STANDS : PARTS;
    }
    if (str_eq(c, S("\xE2\x80\x99"))) return PASSED; // ’
    if (c.len == 2) return u[0] == 0xC2 ? PARTS : STANDS;
    return c.len == 3 && ((u[0] == 0xE2 && u[1] <= 0x81) || (u[0] == 0xE3 && u[1] == 0x80)) ? PARTS : STANDS;
}

static size_t step(str x, size_t at) {
    size_t i = at + 1;
    while (i < x.len && (x.s[i] & 0xC0) == 0x80) i++;
    return i;
}

// Letters and digits, folded, with one blank between words: capitals, accents' forms and punctuation are no difference.
static str plain(arena *a, str text) {
    size_t cut = MIN(text.len, (size_t)READ);
    while (cut && cut < text.len && (text.s[cut] & 0xC0) == 0x80) cut--;
    const str x = text_fold(a, str_sub(text, 0, cut));
    buf b = buf_new(a, x.len + 1);
    bool gap = false;
    for (size_t i = 0, next; i < x.len; i = next) {
        next = step(x, i);
        const str c = str_sub(x, i, next - i);
        const enum part p = part_of(c);
        gap |= p == PARTS;
        if (p != STANDS) continue;
        if (gap && b.len) buf_addc(&b, ' ');
        gap = false;
        buf_add(&b, c);
    }
    return buf_str(&b);
}

typedef struct {
    uint32_t *v; // hashes, rising, each once
    size_t n;
} shingle_set;

// Every five characters in a row; a shorter text is one shingle.
static shingle_set shingles_of(arena *a, str x) {
    shingle_set s = {make(a, uint32_t, x.len + 1), 0};
    arena scratch = *a;
    uint64_t *all = make(&scratch, uint64_t, x.len + 1);
    size_t n = 0, end = 0, characters = 0;
    for (size_t from = 0; from < x.len; from = step(x, from), characters--) {
        while (end < x.len && characters < SHINGLE) end = step(x, end), characters++;
        if (from == 0 || characters == SHINGLE) all[n++] = str_hash(str_sub(x, from, end - from)) >> 32;
    }
    radix_sort_u64(scratch, all, n);
    for (size_t i = 0; i < n; i++)
        if (!i || all[i] != all[i - 1]) s.v[s.n++] = (uint32_t)all[i];
    return s;
}

static double jaccard(shingle_set x, shingle_set y) {
    size_t both = 0;
    for (size_t i = 0, k = 0; i < x.n && k < y.n;)
        if (x.v[i] == y.v[k])
            both++, i++, k++;
        else if (x.v[i] < y.v[k])
            i++;
        else
            k++;
    const size_t either = x.n + y.n - both;
    return either ? (double)both / (double)either : 0;
}

double near_jaccard(arena scratch, str x, str y) {
    const shingle_set a = shingles_of(&scratch, plain(&scratch, x));
    const shingle_set b = shingles_of(&scratch, plain(&scratch, y));
    return jaccard(a, b);
}

// ---- signs ----

// A permutation of 32-bit numbers for each hash: odd multiples of the golden ratio, mixed (Steele, Lea & Flood 2014).
static uint32_t permuted(uint32_t x, uint32_t i) {
    x = (x ^ i * 0x9E3779B9U) * 0x85EBCA6BU;
    x = (x ^ x >> 15) * 0xC2B2AE35U;
    return x ^ x >> 16;
}

static void min_hashes(shingle_set s, uint32_t *least) {
    for (uint32_t i = 0; i < NEAR_HASHES; i++) {
        uint32_t low = UINT32_MAX;
        for (size_t k = 0; k < s.n; k++) {
            const uint32_t h = permuted(s.v[k], i + 1);
            low = h < low ? h : low;
        }
        least[i] = low;
    }
}

static near_sign sign_of(str words, shingle_set s) {
    near_sign sign = {0};
    uint32_t least[NEAR_HASHES];
    if (!words.len) return sign;
    sign.exact = str_hash(words);
    sign.exact += sign.exact == 0;
    min_hashes(s, least);
    for (size_t b = 0; b < NEAR_BANDS; b++)
        sign.bands[b] = (uint32_t)str_hash((str){(const char *)(least + b * ROWS), ROWS * sizeof *least});
    for (size_t i = 0; i < HALF; i++) sign.shingles[i] = (uint16_t)least[i];
    return sign;
}

near_sign near_sign_of(arena scratch, str text) {
    const str words = plain(&scratch, text);
    return sign_of(words, shingles_of(&scratch, words));
}

double near_rough(const near_sign *x, const near_sign *y) {
    if (!x->exact || !y->exact) return 0;
    size_t same = 0;
    for (size_t i = 0; i < HALF; i++) same += x->shingles[i] == y->shingles[i];
    return (double)same / HALF;
}

// ---- groups ----

// ROUGH: a rough Jaccard of 32 hashes has a standard deviation of at most 0.09; three of them below, nothing is missed.
#define ROUGH 0.27
enum { WALKED = 512, COUNTED = 32 };
#define LOWER 0.1 // by how much less likeness is enough when the meaning is the same

typedef struct {
    const near_text *x;
    near_mark *out;
    double least, meaning;
    arena scratch;
    uint32_t *leaders; // texts that began a group
    near_sign *signs;  // of the leaders
    size_t n;
    map64 exact;
    uint32_t *slots, mask; // hash table of bands: the newest leader with a band, plus one
    int32_t *older;        // per leader and band: the next older one with it
    uint32_t *asked;       // per leader: the last text that looked at it
    bool brute;
} finder;

typedef struct {
    int32_t leader; // -1: none
    double jaccard;
} match;

static bool like(const finder *f, uint32_t leader, uint32_t i, double likeness) {
    if (likeness >= f->least) return true;
    const int8_t *x = f->x[leader].vector, *y = f->x[i].vector;
    return likeness >= f->least - LOWER && x && y && embedding_dot(x, y) >= f->meaning;
}

// Ties go to the older group.
static void try_leader(const finder *f, uint32_t i, shingle_set mine, int32_t k, match *best) {
    arena scratch = f->scratch;
    const uint32_t leader = f->leaders[k];
    const double is = jaccard(mine, shingles_of(&scratch, plain(&scratch, f->x[leader].text)));
    if (!like(f, leader, i, is) || is < best->jaccard) return;
    if (is > best->jaccard || k < best->leader) *best = (match){k, is};
}

// The slot of a band: where its newest leader stands, or where it would.
static uint32_t *slot_of(const finder *f, uint32_t b, uint32_t band) {
    uint32_t at = permuted(band, b + 1) & f->mask;
    while (f->slots[at] && f->signs[f->slots[at] - 1].bands[b] != band) at = (at + 1) & f->mask;
    return &f->slots[at];
}

typedef struct {
    int32_t leader;
    double rough;
} candidate;

// Keeps the COUNTED roughest likenesses, the best first; of equal ones the older.
static void keep_candidate(candidate *best, size_t *n, candidate x) {
    size_t at = *n < COUNTED ? (*n)++ : COUNTED;
    for (; at && (best[at - 1].rough < x.rough || (best[at - 1].rough <= x.rough && best[at - 1].leader > x.leader));
         at--)
        if (at < COUNTED) best[at] = best[at - 1];
    if (at < COUNTED) best[at] = x;
}

// Where thousands of texts are half alike, as those of one template are, only the newest of a band are looked at, and
// only the likeliest of them are counted.
static match among_bands(finder *f, uint32_t i, const near_sign *sign, shingle_set mine) {
    match best = {-1, 0};
    const double least = f->x[i].vector ? f->least - LOWER : f->least;
    candidate likely[COUNTED];
    size_t n = 0;
    for (uint32_t b = 0; b < NEAR_BANDS; b++) {
        int32_t k = (int32_t)*slot_of(f, b, sign->bands[b]) - 1;
        for (size_t walked = 0; k >= 0 && walked < WALKED; k = f->older[(size_t)k * NEAR_BANDS + b], walked++) {
            if (f->asked[k] == i + 1) continue;
            f->asked[k] = i + 1;
            const double rough = near_rough(&f->signs[k], sign);
            if (rough >= least - ROUGH) keep_candidate(likely, &n, (candidate){k, rough});
        }
    }
    for (size_t c = 0; c < n; c++) try_leader(f, i, mine, likely[c].leader, &best);
    return best;
}

static match among_all(finder *f, uint32_t i, shingle_set mine) {
    match best = {-1, 0};
    for (int32_t k = 0; k < (int32_t)f->n; k++) try_leader(f, i, mine, k, &best);
    return best;
}

static void lead(finder *f, uint32_t i, const near_sign *sign) {
    const int32_t k = (int32_t)f->n++;
    f->leaders[k] = i;
    f->signs[k] = *sign;
    map64_put(&f->exact, (int64_t)sign->exact, k);
    for (uint32_t b = 0; b < NEAR_BANDS; b++) {
        uint32_t *newest = slot_of(f, b, sign->bands[b]);
        f->older[(size_t)k * NEAR_BANDS + b] = (int32_t)*newest - 1;
        *newest = (uint32_t)k + 1;
    }
}

static void mark_one(finder *f, uint32_t i) {
    arena kept = f->scratch;
    const str words = plain(&f->scratch, f->x[i].text);
    const shingle_set mine = shingles_of(&f->scratch, words);
    const near_sign sign = sign_of(words, mine);
    f->out[i] = (near_mark){i, NEAR_alone, 1, false};
    if (sign.exact) {
        const int32_t same = map64_get(&f->exact, (int64_t)sign.exact);
        const match m = same >= 0  ? (match){same, 1}
                        : f->brute ? among_all(f, i, mine)
                                   : among_bands(f, i, &sign, mine);
        if (m.leader < 0) {
            lead(f, i, &sign);
        } else {
            const uint32_t first = f->leaders[m.leader];
            f->out[first].how = NEAR_first;
            f->out[i] = (near_mark){first, same >= 0 ? NEAR_exact : NEAR_near, (float)m.jaccard, false};
        }
    }
    f->scratch = kept;
}

// A person counts once in a group; somebody unknown is somebody else each time.
static void count_voices(arena scratch, const near_text *x, size_t n, near_mark *out, near_tally *t) {
    map64 heard = map64_new(&scratch, n);
    for (size_t i = 0; i < n; i++) {
        bool made = true;
        const uint64_t key[2] = {out[i].group, (uint64_t)x[i].who};
        if (x[i].who) map64_at(&heard, (int64_t)str_hash((str){(const char *)key, sizeof key}), 1, &made);
        out[i].again = !made;
        t->voices += made;
        t->groups += out[i].how == NEAR_first;
        t->exact += out[i].how == NEAR_exact;
        t->near += out[i].how == NEAR_near;
        t->distinct += out[i].group == i;
    }
}

static finder finder_new(arena *a, const near_text *x, size_t n, const near_opts *o, near_mark *out) {
    finder f = {.x = x, .out = out, .brute = o->brute};
    uint32_t slots = 64;
    assert(n < INT32_MAX / (2 * NEAR_BANDS));
    while (slots < n * NEAR_BANDS * 3 / 2) slots *= 2;
    f.least = o->least > 0 ? o->least : NEAR_LEAST;
    f.meaning = o->meaning > 0 ? o->meaning : NEAR_MEANING;
    f.leaders = make(a, uint32_t, n);
    f.signs = make(a, near_sign, n);
    f.older = make(a, int32_t, n * NEAR_BANDS);
    f.asked = make(a, uint32_t, n);
    f.slots = make(a, uint32_t, slots);
    f.mask = slots - 1;
    f.exact = map64_new(a, n);
    return f;
}

near_tally near_find(arena scratch, const near_text *x, size_t n, const near_opts *o, near_mark *out) {
    static const near_opts usual;
    near_tally t = {0};
    finder f = finder_new(&scratch, x, n, o ? o : &usual, out);
    f.scratch = scratch;
    for (size_t i = 0; i < n; i++) mark_one(&f, (uint32_t)i);
    count_voices(scratch, x, n, out, &t);
    return t;
}
