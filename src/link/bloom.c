#include <sodium.h>

#include "base/unicode.h"
#include "link/bloom.h"

enum { WORDS_PLAIN = BLOOM_BITS / 64, MOST_TEXT = 512 };

bool bloom_secret(bloom_rules *r, str agreed, err *e) {
    static const unsigned char salt[crypto_pwhash_SALTBYTES] = "heed linkage key"; // both parties must come to the same
    if (agreed.len < 16) return fail(e, ERR_invalid, "the secret has %zu bytes; take at least 16", agreed.len);
    if (sodium_init() < 0 ||
        crypto_pwhash(r->secret, sizeof r->secret, agreed.s, agreed.len, salt, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                      crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13))
        return fail(e, ERR_full, "no memory to stretch the secret with; free some 64 MiB");
    return true;
}

// ---- encoding ----

typedef struct {
    const bloom_rules *r;
    bloom_key *k;
    str salt;
    int field;
} encoder;

static void set_bit(bloom_key *k, unsigned at) {
    k->w[at / 64] |= 1ull << (at % 64);
}

// Sixteen bits of the hash for each bit of the key; 65536 is a multiple of 1024, so all places are as likely.
static void add_piece(encoder *x, const char *piece, size_t n) {
    unsigned char out[2 * BLOOM_MOST_HASHES], head[2] = {(unsigned char)x->field, (unsigned char)x->salt.len};
    crypto_generichash_state h;
    crypto_generichash_init(&h, x->r->secret, sizeof x->r->secret, sizeof out);
    crypto_generichash_update(&h, head, sizeof head);
    crypto_generichash_update(&h, (const unsigned char *)x->salt.s, x->salt.len);
    crypto_generichash_update(&h, (const unsigned char *)piece, n);
    crypto_generichash_final(&h, out, sizeof out);
    int hashes = MIN(MAX(x->r->field[x->field].hashes, 1), BLOOM_MOST_HASHES);
    for (int i = 0; i < hashes; i++) set_bit(x->k, ((unsigned)out[2 * i] | (unsigned)out[2 * i + 1] << 8) % BLOOM_BITS);
}

static void add_letters(encoder *x, str v) {
    char pair[3] = {0};
    for (size_t i = 0; i <= v.len; i++) {
        pair[0] = i ? v.s[i - 1] : '_', pair[1] = i < v.len ? v.s[i] : '_';
        add_piece(x, pair, 2);
    }
}

static void add_digits(encoder *x, str v) {
    unsigned char piece[2] = {0};
    for (size_t i = 0; i < v.len; i++) {
        if (v.s[i] < '0' || v.s[i] > '9') continue;
        piece[1] = (unsigned char)v.s[i];
        add_piece(x, (const char *)piece, sizeof piece);
        piece[0]++;
    }
}

static void add_field(encoder *x, arena scratch, str value) {
    str v = str_trim(text_ascii(&scratch, str_sub(value, 0, MOST_TEXT)));
    if (!v.len) return;
    switch ((enum bloom_as)x->r->field[x->field].as) {
    case BLOOM_LETTERS: add_letters(x, v); break;
    case BLOOM_DIGITS: add_digits(x, v); break;
    case BLOOM_WHOLE: add_piece(x, v.s, v.len); break;
    }
}

// Each place changes with one of those before it, as the secret says (Fisher & Yates; Knuth 3.4.2).
static void balance(const bloom_rules *r, bloom_key *k) {
    enum { ALL = 2 * BLOOM_BITS };
    uint32_t pick[ALL];
    bool bit[ALL];
    unsigned char seed[randombytes_SEEDBYTES];
    crypto_generichash(seed, sizeof seed, (const unsigned char *)"balance", 7, r->secret, sizeof r->secret);
    randombytes_buf_deterministic(pick, sizeof pick, seed);
    for (unsigned i = 0; i < BLOOM_BITS; i++) bit[i] = k->w[i / 64] >> (i % 64) & 1, bit[i + BLOOM_BITS] = !bit[i];
    for (unsigned i = ALL - 1; i; i--) {
        unsigned j = pick[i] % (i + 1);
        bool t = bit[i];
        bit[i] = bit[j], bit[j] = t;
    }
    memset(k->w, 0, sizeof k->w);
    for (unsigned i = 0; i < ALL; i++)
        if (bit[i]) set_bit(k, i);
    k->bits = ALL;
}

static void count_ones(bloom_key *k) {
    int n = 0;
    for (int i = 0; i < BLOOM_WORDS; i++) n += __builtin_popcountll(k->w[i]);
    k->ones = (uint16_t)n;
}

bloom_key bloom_encode(arena scratch, const bloom_rules *r, const str *value) {
    bloom_key k = {.bits = BLOOM_BITS};
    encoder x = {.r = r, .k = &k};
    if (r->salt_less_1) x.salt = str_sub(str_trim(value[r->salt_less_1 - 1]), 0, 64);
    for (x.field = 0; x.field < MIN(r->n, BLOOM_FIELDS); x.field++) add_field(&x, scratch, value[x.field]);
    if (r->balanced) balance(r, &k);
    count_ones(&k);
    return k;
}

// ---- comparing ----

double bloom_dice(const bloom_key *a, const bloom_key *b) {
    int both = 0, all = a->ones + b->ones;
    for (int i = 0; i < BLOOM_WORDS; i++) both += __builtin_popcountll(a->w[i] & b->w[i]);
    return all ? 2.0 * both / all : 0;
}

// ---- as text ----

void bloom_write(const bloom_key *k, buf *out) {
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < k->bits / 4u; i++) buf_addc(out, digits[k->w[i / 16] >> (i % 16 * 4) & 15]);
}

bool bloom_read(str text, bloom_key *k, err *e) {
    *k = (bloom_key){0};
    text = str_trim(text);
    if (text.len != BLOOM_BITS / 4 && text.len != BLOOM_BITS / 2)
        return fail(e, ERR_invalid, "a key has %d or %d hexadecimal digits, not %zu", BLOOM_BITS / 4, BLOOM_BITS / 2,
                    text.len);
    k->bits = (uint16_t)(text.len * 4);
    for (unsigned i = 0; i < text.len; i++) {
        char c = text.s[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return fail(e, ERR_invalid, "character %u of a key is no hexadecimal digit", i + 1);
        k->w[i / 16] |= (uint64_t)digit << (i % 16 * 4);
    }
    count_ones(k);
    return true;
}
