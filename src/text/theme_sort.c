#include <math.h>

#include "base/map64.h"
#include "base/radix.h"
#include "base/unicode.h"
#include "text/near.h"
#include "text/theme_inside.h"

static void hash_word(void *ctx, str word) {
    uint64_t *h = ctx;
    *h = str_hash2(*h + 1, word);
}

uint64_t theme_key(arena scratch, str text) {
    uint64_t h = 0;
    text_words(scratch, text, hash_word, &h);
    return h;
}

// By its bytes, then by its vector, so that the order in which texts came is no matter.
static bool comes_first(const theme_text *x, const theme_text *y) {
    const int order = str_cmp(x->text, y->text);
    if (order || !x->vector || !y->vector) return order ? order < 0 : x->vector && !y->vector;
    return memcmp(x->vector, y->vector, EMBEDDING) < 0;
}

void theme_sort(theme_finder *f, arena *scratch) {
    f->order = make(scratch, uint32_t, f->n + 1);
    f->same = make(scratch, theme_same, f->n + 1);
    arena brief = *scratch;
    keyed *keys = make(&brief, keyed, f->n + 1);
    for (size_t i = 0; i < f->n; i++) keys[i] = (keyed){theme_key(brief, f->x[i].text), (uint32_t)i};
    if (f->n) radix_sort(brief, keys, f->n);
    for (size_t i = 0; i < f->n; i++) {
        f->order[i] = keys[i].at;
        if (!keys[i].key) {
            f->silent++;
        } else if (f->n_same && f->same[f->n_same - 1].key == keys[i].key) {
            theme_same *s = &f->same[f->n_same - 1];
            s->last = (uint32_t)i + 1;
            if (comes_first(&f->x[keys[i].at], &f->x[s->text])) s->text = keys[i].at;
        } else {
            f->same[f->n_same++] = (theme_same){keys[i].key, keys[i].at, (uint32_t)i, (uint32_t)i + 1};
        }
    }
}

// ---- which are compared ----

static uint32_t same_at(const theme_finder *f, uint64_t key) {
    size_t low = 0, high = f->n_same;
    while (low < high) {
        const size_t at = (low + high) / 2;
        if (f->same[at].key < key)
            low = at + 1;
        else
            high = at;
    }
    return low < f->n_same && f->same[low].key == key ? (uint32_t)low : THEME_NONE;
}

uint32_t theme_compared_at(const theme_finder *f, uint64_t key) {
    size_t low = 0, high = f->m;
    while (low < high) {
        const size_t at = (low + high) / 2;
        if (f->same[f->compared[at]].key < key)
            low = at + 1;
        else
            high = at;
    }
    return low < f->m && f->same[f->compared[low]].key == key ? (uint32_t)low : THEME_NONE;
}

// How many people say each of the compared in these words or nearly: one who repeats counts once.
static void count_people(theme_finder *f, arena scratch, const near_mark *marks, size_t lowest, const uint32_t *place) {
    map64 heard = map64_new(&scratch, lowest);
    for (size_t i = 0; i < f->n_same; i++) {
        const uint32_t first = i < lowest ? marks[i].group : (uint32_t)i, at = place[first];
        if (at == THEME_NONE) continue;
        for (uint32_t k = f->same[i].first; k < f->same[i].last; k++) {
            bool made = true;
            const uint64_t key[2] = {at, (uint64_t)f->x[f->order[k]].who};
            if (key[1]) map64_at(&heard, (int64_t)str_hash((str){(const char *)key, sizeof key}), 1, &made);
            f->people[at] += made;
        }
    }
}

// Keys are hashes, so the lowest of them are a fair sample that no order can change (a bottom-k sketch, Cohen & Kaplan
// 2007). Of near copies one is enough; it counts as many as said it, by the logarithm.
void theme_choose(theme_finder *f, arena *scratch) {
    const size_t sample = f->o->sample ? f->o->sample : THEME_SAMPLE, lowest = MIN(f->n_same, sample);
    const size_t most = lowest + 2 * f->o->n_rules + 1;
    f->compared = make(scratch, uint32_t, most);
    f->people = make(scratch, uint32_t, most);
    f->weight = make(scratch, float, most);
    arena brief = *scratch;
    bool *wanted = make(&brief, bool, f->n_same + 1);
    uint32_t *place = make(&brief, uint32_t, f->n_same + 1);
    near_text *texts = make(&brief, near_text, lowest + 1);
    near_mark *marks = make(&brief, near_mark, lowest + 1);
    for (size_t i = 0; i < lowest; i++) {
        const theme_text *x = &f->x[f->same[i].text];
        texts[i] = (near_text){x->text, 0, x->vector};
    }
    if (lowest) near_find(brief, texts, lowest, NULL, marks);
    for (size_t i = 0; i < lowest; i++) wanted[i] = marks[i].group == i;
    for (size_t r = 0; r < f->o->n_rules; r++) {
        const theme_rule *rule = &f->o->rules[r];
        const bool both = rule->kind == THEME_together || rule->kind == THEME_parted;
        const uint32_t x = both || rule->kind == THEME_pin ? same_at(f, rule->x) : THEME_NONE;
        const uint32_t y = both ? same_at(f, rule->y) : THEME_NONE;
        if (x != THEME_NONE) wanted[x] = true;
        if (y != THEME_NONE) wanted[y] = true;
    }
    for (size_t i = 0; i < f->n_same; i++) {
        place[i] = wanted[i] ? (uint32_t)f->m : THEME_NONE;
        if (wanted[i]) f->compared[f->m++] = (uint32_t)i;
    }
    count_people(f, brief, marks, lowest, place);
    for (size_t i = 0; i < f->m; i++) f->weight[i] = 1 + log2f((float)MAX(f->people[i], 1u));
}
