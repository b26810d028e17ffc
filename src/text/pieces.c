#include "text/pieces.h"

#include "base/map64.h"
#include "base/unicode.h"

enum { LONGEST = 64 };

typedef struct {
    uint32_t n, text;
    char reserved[8];
} pieces_head;
_Static_assert(sizeof(pieces_head) == 16, "as assets/pack.mjs writes it");

struct pieces {
    uint32_t n;
    const float *scores;
    const uint32_t *ends;
    const char *text;
    float unknown;    // what a character costs that no piece holds
    map64 next;       // a trie: node and byte to node; node 0 is its root
    uint16_t *ending; // the piece that ends at a node, or PIECE_NONE
};

str pieces_text(const pieces *p, uint16_t id) {
    assert(id < p->n);
    const uint32_t from = id ? p->ends[id - 1] : 0;
    return (str){p->text + from, p->ends[id] - from};
}

size_t pieces_count(const pieces *p) {
    return p->n;
}

static bool ends_rise(const pieces *p, uint32_t text) {
    uint32_t last = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->ends[i] < last || p->ends[i] > text || p->ends[i] - last > LONGEST) return false;
        if (!(p->scores[i] <= 0 && p->scores[i] > -1000)) return false;
        last = p->ends[i];
    }
    return true;
}

static int64_t edge(int32_t node, char byte) {
    return (int64_t)node << 8 | (unsigned char)byte;
}

static void grow_trie(arena *a, pieces *p, uint32_t text) {
    int32_t nodes = 1;
    p->next = map64_new(a, text);
    p->ending = make(a, uint16_t, (size_t)text + 1);
    for (uint16_t id = PIECES_FIRST; id < p->n; id++) {
        const str piece = pieces_text(p, id);
        int32_t node = 0;
        bool made;
        for (size_t i = 0; i < piece.len; i++) {
            node = *map64_at(&p->next, edge(node, piece.s[i]), nodes, &made);
            nodes += made;
        }
        if (piece.len) p->ending[node] = id;
        p->unknown = MIN(p->unknown, p->scores[id]);
    }
    p->unknown -= 10; // as SentencePiece does it
}

pieces *pieces_open(arena *a, const pack *pk) {
    str bytes;
    const pieces_head *h;
    if (!pack_section(pk, S("pieces"), &bytes) || bytes.len < sizeof *h) return NULL;
    h = (const void *)bytes.s;
    if (h->n <= PIECES_FIRST || h->n > PIECES_MOST || sizeof *h + 8ULL * h->n + h->text != bytes.len) return NULL;
    pieces *p = make(a, pieces, 1);
    p->n = h->n;
    p->scores = (const void *)(bytes.s + sizeof *h);
    p->ends = (const void *)(p->scores + h->n);
    p->text = (const void *)(p->ends + h->n);
    if (!ends_rise(p, h->text)) return NULL;
    grow_trie(a, p, h->text);
    return p;
}

// ---- cutting ----

static const char BLANK[] = "\xE2\x96\x81"; // ▁, which stands for the blank before a word

// Blanks at the ends go, runs of them become one, and one stands before the first word.
static str with_blanks(arena *a, str x) {
    buf b = buf_new(a, x.len * 3 + 16);
    bool blank = true;
    for (size_t i = 0; i < x.len; i++) {
        const bool is = (unsigned char)x.s[i] <= ' ';
        if (!is && blank) buf_bytes(&b, BLANK, 3);
        if (!is) buf_addc(&b, x.s[i]);
        blank = is;
    }
    return buf_str(&b);
}

typedef struct {
    float score; // of the best cut of everything before; 0 at the beginning
    uint16_t id, length;
} cut;

static void better(cut *to, const cut *from, float score, uint16_t id, size_t length) {
    score += from->score;
    if (to->length && to->score >= score) return;
    *to = (cut){score, id, (uint16_t)length};
}

// Viterbi: the best cut that ends at each byte.
static cut *best_cuts(const pieces *p, arena *a, str x) {
    cut *best = make(a, cut, x.len + LONGEST + 1);
    for (size_t i = 0, step; i < x.len; i += step) {
        step = MAX(str_utf8_1(str_sub(x, i, 4)), (size_t)1);
        const bool reached = !i || best[i].length;
        int32_t node = 0;
        for (size_t k = i; reached && k < x.len && (node = map64_get(&p->next, edge(node, x.s[k]))) >= 0; k++)
            if (p->ending[node] != PIECE_NONE)
                better(&best[k + 1], &best[i], p->scores[p->ending[node]], p->ending[node], k + 1 - i);
        if (reached) better(&best[i + step], &best[i], p->unknown, PIECE_NONE, step);
    }
    return best;
}

size_t pieces_of(const pieces *p, arena scratch, str text, uint16_t *ids, size_t max) {
    text = str_sub(text, 0, PIECES_READ);
    const str x = with_blanks(&scratch, text_nfkc(&scratch, text));
    const cut *best = best_cuts(p, &scratch, x);
    uint16_t *back = make(&scratch, uint16_t, x.len + 1);
    size_t n = 0, out = 0;
    for (size_t at = x.len; at; at -= best[at].length) back[n++] = best[at].id;
    while (n && out < max) {
        const uint16_t id = back[--n];
        if (id != PIECE_NONE || !out || ids[out - 1] != PIECE_NONE) ids[out++] = id; // unknown ones in a row are one
    }
    return out;
}
