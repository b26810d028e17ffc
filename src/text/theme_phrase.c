#include <math.h>

#include "base/map64.h"
#include "text/theme_phrase.h"
#include "text/token.h"

enum { READ_WORDS = 60, BELIEVED = 20 };
#define OTHERS 0.5

static const char small[] =
#define SMALL_WORDS(language, words) words
#define NOT_WORDS(words)
#define PARTICLES(words)
#include "text/theme_small.def"
    ;
static const char nots[] =
#define SMALL_WORDS(language, words)
#define NOT_WORDS(words) words
#define PARTICLES(words)
#include "text/theme_small.def"
    ;
static const char particles[] =
#define SMALL_WORDS(language, words)
#define NOT_WORDS(words)
#define PARTICLES(words) words
#include "text/theme_small.def"
    ;

struct phrases {
    arena *a;
    const theme_finder *f;
    pack_words common; // how often words are said; empty: not known
    map64 seen;        // phrases, to how many texts of all have them
    map64 smalls, nots, particles;
    uint32_t *texts; // compared, by theme and then by distance
    uint32_t *first; // of each theme; one more at the end
    uint32_t now;    // the theme of which `list` is
    phrase *list;
    size_t n, room;
    const theme_mark *marks;
};

// ---- words of a text ----

typedef struct {
    uint64_t hash;
    size_t from, to;
    str word;
    bool small, negates, particle;
    bool breaks; // a run of words ends before it
    bool inside; // it begins within a written word ("n't")
} unit;

typedef struct {
    unit *v;
    size_t n;
    str text;
} units;

static map64 set_of(arena *a, const char *words) {
    map64 m = map64_new(a, 600);
    for (str rest = str_c(words), word; (word = str_cut(&rest, ' ')).s;)
        if (word.len) map64_put(&m, (int64_t)str_hash(word), 1);
    return m;
}

static bool is_in(const map64 *m, uint64_t hash) {
    return map64_get(m, (int64_t)hash) >= 0;
}

// A hyphen within a word joins: "top-up" is "top up".
static bool joins(const tokens *t, size_t i, str text) {
    return t->v[i].to - t->v[i].from == 1 && text.s[t->v[i].from] == '-' && i && i + 1 < t->n &&
           t->v[i - 1].to == t->v[i].from && t->v[i + 1].from == t->v[i].to;
}

static bool is_at(const tokens *t, size_t i, str text) {
    return t->v[i].punct && text.s[t->v[i].from] == '@';
}

// A word beside an "@" is the name of an account, or part of an address.
static bool of_address(const tokens *t, size_t i, str text) {
    return (i && is_at(t, i - 1, text) && t->v[i - 1].to == t->v[i].from) ||
           (i + 1 < t->n && is_at(t, i + 1, text) && t->v[i].to == t->v[i + 1].from);
}

static units units_of(const phrases *p, arena *a, str text) {
    const tokens t = tokens_of(a, str_sub(text, 0, THEME_READ));
    units u = {make(a, unit, t.n + 1), 0, text};
    bool breaks = true;
    for (size_t i = 0; i < t.n && u.n < READ_WORDS; i++) {
        const token *k = &t.v[i];
        if (k->punct || k->number || of_address(&t, i, text)) {
            breaks |= !joins(&t, i, text);
            continue;
        }
        const uint64_t h = str_hash(k->word);
        u.v[u.n++] = (unit){.hash = h,
                            .from = k->from,
                            .to = k->to,
                            .word = k->word,
                            .small = k->word.len < 2 || is_in(&p->smalls, h),
                            .negates = is_in(&p->nots, h),
                            .particle = is_in(&p->particles, h),
                            .breaks = breaks,
                            .inside = i && !breaks && !t.v[i - 1].punct && k->from <= t.v[i - 1].to};
        breaks = false;
    }
    return u;
}

static bool negated_next(const units *u, size_t at) {
    return at + 1 < u->n && u->v[at + 1].inside && u->v[at + 1].negates;
}

static bool may_begin(const units *u, size_t at) {
    const unit *x = &u->v[at];
    if (x->inside) return false;
    return negated_next(u, at) || x->negates || !x->small;
}

static bool may_end(const units *u, size_t first, size_t last) {
    const unit *x = &u->v[last];
    if (last + 1 < u->n && u->v[last + 1].inside) return false;
    if (x->particle) return last > first && !u->v[last - 1].small;
    return !x->small && !x->negates;
}

static uint64_t key_of(const units *u, size_t first, size_t last) {
    uint64_t h = 0;
    for (size_t i = first; i <= last; i++) h = str_hash2(h + 1, u->v[i].word);
    return h;
}

// Calls back for each run of words that could say something.
typedef void run_fn(void *ctx, const units *u, size_t first, size_t last);
static void each_run(const units *u, run_fn *run, void *ctx) {
    for (size_t first = 0; first < u->n; first++) {
        if (!may_begin(u, first)) continue;
        for (size_t last = first; last < MIN(u->n, first + PHRASE_WORDS); last++) {
            if (last > first && u->v[last].breaks) break;
            if (may_end(u, first, last)) run(ctx, u, first, last);
        }
    }
}

// ---- counting ----

typedef struct {
    phrases *p;
    map64 *index;
    uint32_t text;
} counting;

static void count_run(void *ctx, const units *u, size_t first, size_t last) {
    counting *c = ctx;
    bool made;
    const int64_t key = (int64_t)key_of(u, first, last), once = (int64_t)str_hash2((uint64_t)key, S("."));
    // A text counts once: the other number of a phrase is the last text that had it.
    int32_t *had = map64_at(&c->p->seen, once, 0, &made);
    if (!made && *had == (int32_t)c->text) return;
    *had = (int32_t)c->text;
    ++*map64_at(&c->p->seen, key, 0, &made);
}

static void by_theme(phrases *p, arena *a, const themes *t, const theme_mark *marks) {
    const theme_finder *f = p->f;
    p->first = make(a, uint32_t, t->n + 2);
    p->texts = make(a, uint32_t, f->m + 1);
    for (size_t i = 0; i < f->m; i++) {
        const theme_mark *mark = &marks[f->same[f->compared[i]].text];
        if (mark->theme != THEME_NONE && !mark->far) p->first[mark->theme + 1]++;
    }
    for (size_t k = 0; k < t->n; k++) p->first[k + 1] += p->first[k];
    uint32_t *at = make(a, uint32_t, t->n + 1);
    memcpy(at, p->first, t->n * sizeof *at);
    for (uint32_t i = 0; i < f->m; i++) {
        const theme_mark *mark = &marks[f->same[f->compared[i]].text];
        if (mark->theme != THEME_NONE && !mark->far) p->texts[at[mark->theme]++] = i;
    }
}

phrases *phrases_count(arena *a, arena scratch, const theme_finder *f, const themes *t, const theme_mark *marks) {
    phrases *p = make(a, phrases, 1);
    *p = (phrases){.a = a, .f = f, .now = THEME_NONE, .marks = marks};
    pack_words_of(f->o->words, S("frequency.en"), &p->common);
    p->smalls = set_of(a, small);
    p->nots = set_of(a, nots);
    p->particles = set_of(a, particles);
    p->seen = map64_new(a, f->m * 40);
    by_theme(p, a, t, marks);
    for (uint32_t i = 0; i < p->first[t->n]; i++) {
        arena brief = scratch;
        counting c = {.p = p, .text = i + 1};
        const units u = units_of(p, &brief, theme_compared(f, p->texts[i])->text);
        each_run(&u, count_run, &c);
    }
    return p;
}

// ---- one theme ----

// The way of writing that most have, as far as one pass can tell (Boyer & Moore 1991).
static void vote(phrase *x, str raw) {
    if (str_eq(x->raw, raw)) {
        x->votes++;
    } else if (x->votes <= 0) {
        x->raw = raw;
        x->votes = 1;
    } else {
        x->votes--;
    }
}

static void collect_run(void *ctx, const units *u, size_t first, size_t last) {
    counting *c = ctx;
    phrases *p = c->p;
    bool made;
    const uint64_t key = key_of(u, first, last);
    const int32_t at = *map64_at(c->index, (int64_t)key, (int32_t)p->n, &made);
    if (made && p->n == p->room) return;
    if (made) {
        phrase *x = &p->list[p->n++];
        *x = (phrase){.key = key};
        for (size_t i = first; i <= last; i++) x->words[x->n++] = u->v[i].hash;
    }
    if ((size_t)at >= p->n) return;
    phrase *x = &p->list[at];
    vote(x, str_sub(u->text, u->v[first].from, u->v[last].to - u->v[first].from));
    if (x->last == c->text) return;
    x->last = c->text;
    x->texts++;
}

// The share of texts that would have the rarest of its words, if they were all sorts of English: of ten words each.
static double common_share(const phrases *p, const units *u, size_t first, size_t last) {
    double least = 1;
    for (size_t i = first; i <= last; i++) {
        double columns[PACK_COLUMNS] = {0};
        if (!p->common.n) return 0;
        const double share = pack_word(&p->common, u->v[i].word, columns) ? pow(10, columns[0] - 6) * 10 : 1e-6;
        least = fmin(least, share);
    }
    return fmin(least, 0.5);
}

static void gain_run(void *ctx, const units *u, size_t first, size_t last) {
    static const float of_length[PHRASE_WORDS + 1] = {0, 0.4f, 1, 1.2f, 1.3f, 1.2f, 1};
    counting *c = ctx;
    phrases *p = c->p;
    const int32_t at = map64_get(c->index, (int64_t)key_of(u, first, last));
    if (at < 0 || p->list[at].gain > 0) return;
    phrase *x = &p->list[at];
    const uint32_t *span = &p->first[p->now];
    const double n = (double)(span[1] - span[0]), all = (double)p->f->m;
    const double seen = (double)map64_get(&p->seen, (int64_t)x->key);
    const double own = (double)x->texts / n, common = common_share(p, u, first, last);
    const double others = (seen - (double)x->texts + OTHERS + BELIEVED * common) / (all - n + 1 + BELIEVED);
    x->gain = own > others ? (float)(own * log(own / others)) * of_length[x->n] : 0;
    if (x->texts < 2 && n > 3) x->gain = 0; // what one person wrote may be a name
    if (!u->v[last].particle || last == first) return;
    // A particle belongs to a word that mostly has it.
    const int32_t without = map64_get(c->index, (int64_t)key_of(u, first, last - 1));
    if (without >= 0 && 2 * x->texts < p->list[without].texts) x->gain = 0;
}

static int by_gain(const void *x, const void *y) {
    const phrase *a = x, *b = y;
    if (a->gain < b->gain || a->gain > b->gain) return a->gain > b->gain ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

static void tell_run(void *ctx, const units *u, size_t first, size_t last) {
    (void)u, (void)first, (void)last;
    counting *c = ctx;
    c->p->room++;
}

static void pass(phrases *p, arena scratch, run_fn *run, map64 *index) {
    for (uint32_t i = p->first[p->now]; i < p->first[p->now + 1]; i++) {
        arena brief = scratch;
        counting c = {.p = p, .index = index, .text = i + 1};
        const units u = units_of(p, &brief, theme_compared(p->f, p->texts[i])->text);
        each_run(&u, run, &c);
    }
}

static void look_at(phrases *p, arena scratch, uint32_t of) {
    if (p->now == of) return;
    p->now = of;
    p->n = p->room = 0;
    pass(p, scratch, tell_run, NULL);
    p->list = make(p->a, phrase, p->room + 1);
    map64 index = map64_new(p->a, p->room);
    pass(p, scratch, collect_run, &index);
    pass(p, scratch, gain_run, &index);
    if (p->n) qsort(p->list, p->n, sizeof *p->list, by_gain);
}

// ---- the best ----

static size_t shared(const phrase *x, const phrase *y) {
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++)
        for (size_t k = 0; k < y->n; k++) n += x->words[i] == y->words[k];
    return n;
}

bool phrase_shares(const phrase *x, const phrase *y) {
    return shared(x, y) > 0;
}

size_t phrases_best(phrases *p, arena scratch, uint32_t of, const phrase **out, size_t most) {
    size_t n = 0;
    look_at(p, scratch, of);
    for (size_t i = 0; i < p->n && n < most && p->list[i].gain > 0; i++) {
        bool said = false;
        for (size_t k = 0; k < n; k++) said |= 2 * shared(&p->list[i], out[k]) >= MIN(p->list[i].n, out[k]->n);
        if (!said) out[n++] = &p->list[i];
    }
    return n;
}

size_t phrases_names(phrases *p, arena scratch, uint32_t of, const phrase **out, size_t most) {
    size_t n = 0;
    look_at(p, scratch, of);
    while (n < p->n && n < most && p->list[n].gain > 0) out[n] = &p->list[n], n++;
    return n;
}

// ---- pieces of texts ----

// Words that a few texts have are nobody's name.
static bool is_usual(const phrases *p, const units *u, size_t at) {
    return u->v[at].small || u->v[at].negates || u->v[at].particle ||
           map64_get(&p->seen, (int64_t)key_of(u, at, at)) >= MIN((int32_t)3, (int32_t)p->f->m / 2);
}

// The run with the most words that say something; the first of equal ones. Whole: it may begin with any word.
static str best_run(const phrases *p, const units *u, bool whole) {
    size_t most = 0;
    str best = {0};
    for (size_t first = 0; first < u->n; first++) {
        if (!(whole ? !u->v[first].inside && u->v[first].breaks : may_begin(u, first))) continue;
        size_t telling = 0;
        for (size_t last = first; last < MIN(u->n, first + PHRASE_WORDS + whole); last++) {
            if ((last > first && u->v[last].breaks) || !is_usual(p, u, last)) break;
            telling += !u->v[last].small;
            if (!may_end(u, first, last) || telling <= most) continue;
            most = telling;
            best = str_sub(u->text, u->v[first].from, u->v[last].to - u->v[first].from);
        }
    }
    return best;
}

str phrases_piece(phrases *p, arena scratch, uint32_t of, size_t i, bool whole) {
    float beyond = -1, least = 3;
    uint32_t at = THEME_NONE, before = THEME_NONE;
    for (size_t step = 0; step <= i; step++) {
        least = 3;
        at = THEME_NONE;
        for (uint32_t k = p->first[of]; k < p->first[of + 1]; k++) {
            const float is = p->marks[p->f->same[p->f->compared[p->texts[k]]].text].distance;
            const bool after = is > beyond || (is >= beyond && before != THEME_NONE && k > before);
            if (after && is < least) least = is, at = k;
        }
        if (at == THEME_NONE) return (str){0};
        beyond = least;
        before = at;
    }
    const units u = units_of(p, &scratch, theme_compared(p->f, p->texts[at])->text);
    return best_run(p, &u, whole);
}
