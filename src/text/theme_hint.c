#include <math.h>

#include "text/floats.h"
#include "text/theme_inside.h"

enum {
    LEAST = 5,
    MOST = 20,
    PARTS = 4,     // into which a topic is split at most
    SMALLEST = 10, // percent of a topic that a part of it holds
    LOOKED_AT = 4000,
    MEANT = 1000,
};
#define SHARE      0.02
#define USUAL_LIKE 0.5 // likeness of topics, where there are not two of them to see it by
#define LENIENT    0.1

typedef struct {
    arena *a;
    const theme_text *x;
    const int32_t *topic;
    size_t n;
    const theme_hint_options *o;
    size_t least, most;
    double share;
    theme_hint *v;
    size_t n_hints, room;
    float mean[EMBEDDING]; // of all texts
    double usual;          // how like the nearest other topic a topic is
    bool meaning;
} hinter;

static void add_hint(hinter *h, theme_hint hint) {
    if (h->n_hints < h->room) h->v[h->n_hints++] = hint;
}

typedef struct {
    uint32_t at;
    float distance;
} member;

static int by_distance(const void *x, const void *y) {
    const member *a = x, *b = y;
    if (a->distance < b->distance || a->distance > b->distance) return a->distance < b->distance ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static theme_hint hint_of(hinter *h, arena scratch, const uint32_t *of, size_t n, const theme_mark *marks,
                          const theme_found *t, uint32_t number) {
    member *m = make(&scratch, member, n + 1);
    theme_hint hint = {.name = t->name, .voices = t->voices};
    for (size_t i = 0; i < n; i++)
        if (marks[i].theme == number && !marks[i].far) m[hint.n++] = (member){of[i], marks[i].distance};
    if (hint.n) qsort(m, hint.n, sizeof *m, by_distance);
    hint.texts = make(h->a, uint32_t, hint.n + 1);
    for (size_t i = 0; i < hint.n; i++) hint.texts[i] = m[i].at;
    return hint;
}

typedef struct {
    themes t;
    theme_mark *marks;
    size_t voices; // of all
} found;

static found find_among(hinter *h, arena *scratch, const uint32_t *of, size_t n, size_t k) {
    theme_text *x = make(scratch, theme_text, n + 1);
    theme_options o = h->o->find;
    found f = {.marks = make(scratch, theme_mark, n + 1)};
    for (size_t i = 0; i < n; i++) x[i] = h->x[of[i]];
    o.k = k;
    o.before = NULL;
    o.rules = NULL;
    o.n_rules = 0;
    if (!o.sample) o.sample = LOOKED_AT;
    f.t = theme_find(h->a, *scratch, x, n, &o, f.marks);
    for (size_t i = 0; i < f.t.n; i++) f.voices += f.t.v[i].voices;
    return f;
}

// ---- what no topic covers ----

static void missing(hinter *h, arena scratch) {
    uint32_t *of = make(&scratch, uint32_t, h->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < h->n; i++)
        if (h->topic[i] < 0) of[n++] = (uint32_t)i;
    if (n < h->least) return;
    const found f = find_among(h, &scratch, of, n, 0);
    for (uint32_t t = 0; t < f.t.n; t++) {
        const theme_found *one = &f.t.v[t];
        if (one->voices < h->least || (double)one->voices < h->share * (double)f.voices) continue;
        theme_hint hint = hint_of(h, scratch, of, n, f.marks, one, t);
        hint.kind = THEME_new_topic;
        hint.topic = -1;
        hint.share = (double)one->voices / (double)f.voices;
        add_hint(h, hint);
    }
}

// ---- topics that are several things ----

// The mean of so many different texts at most, in an order of their own; of NULL: of all.
static void mean_of(const hinter *h, arena scratch, const uint32_t *of, size_t n, float *mean) {
    uint32_t *some = make(&scratch, uint32_t, MEANT + 1);
    const size_t distinct = theme_distinct(scratch, h->x, of, n, MEANT, some);
    const float *rows = theme_plain_rows(&scratch, h->x, some, distinct, h->meaning);
    memset(mean, 0, EMBEDDING * sizeof *mean);
    for (size_t i = 0; i < distinct; i++) floats_add(mean, 1 / (float)distinct, rows + i * EMBEDDING, EMBEDDING);
}

static void centre_of(const hinter *h, arena scratch, const uint32_t *of, size_t n, float *centre) {
    mean_of(h, scratch, of, n, centre);
    floats_add(centre, -1, h->mean, EMBEDDING);
    numbers_unit(centre, EMBEDDING);
}

static size_t texts_of(const hinter *h, int32_t topic, uint32_t *of) {
    size_t n = 0;
    for (size_t i = 0; i < h->n; i++)
        if (h->topic[i] == topic) of[n++] = (uint32_t)i;
    return n;
}

static int by_value(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

// The median of how like the nearest other topic each topic is.
static double usual_likeness(const hinter *h, arena scratch, int32_t topics) {
    float *centres = make(&scratch, float, (size_t)topics *EMBEDDING + 1);
    uint32_t *of = make(&scratch, uint32_t, h->n + 1);
    bool *there = make(&scratch, bool, (size_t)topics + 1);
    double *like = make(&scratch, double, (size_t)topics + 1);
    size_t n = 0;
    for (int32_t t = 0; t < topics; t++) {
        const size_t texts = texts_of(h, t, of);
        there[t] = texts >= h->least;
        if (there[t]) centre_of(h, scratch, of, texts, centres + (size_t)t * EMBEDDING);
    }
    for (int32_t t = 0; t < topics; t++) {
        double most = -2;
        for (int32_t u = 0; u < topics; u++)
            if (u != t && there[t] && there[u])
                most = fmax(most, (double)floats_dot(centres + (size_t)t * EMBEDDING, centres + (size_t)u * EMBEDDING,
                                                     EMBEDDING));
        if (most > -2) like[n++] = most;
    }
    if (n < 2) return USUAL_LIKE;
    qsort(like, n, sizeof *like, by_value);
    return like[n / 2];
}

// Parts that are as different from one another as topics are, each of some weight.
static bool is_split(const hinter *h, arena scratch, const uint32_t *of, size_t n, const found *f) {
    float *centres = make(&scratch, float, f->t.n *EMBEDDING + 1);
    uint32_t *part = make(&scratch, uint32_t, n + 1);
    if (f->t.n < 2) return false;
    for (uint32_t t = 0; t < f->t.n; t++) {
        const size_t voices = f->t.v[t].voices;
        size_t texts = 0;
        if (voices < h->least || 100 * voices < SMALLEST * f->voices) return false;
        for (size_t i = 0; i < n; i++)
            if (f->marks[i].theme == t) part[texts++] = of[i];
        centre_of(h, scratch, part, texts, centres + (size_t)t * EMBEDDING);
        for (uint32_t u = 0; u < t; u++)
            if ((double)floats_dot(centres + (size_t)t * EMBEDDING, centres + (size_t)u * EMBEDDING, EMBEDDING) >
                h->usual + LENIENT)
                return false;
    }
    return true;
}

static void split(hinter *h, arena scratch, int32_t topic) {
    uint32_t *of = make(&scratch, uint32_t, h->n + 1);
    const size_t n = texts_of(h, topic, of);
    if (n < 4 * h->least) return;
    for (size_t k = PARTS; k >= 2; k--) {
        arena brief = scratch;
        const found f = find_among(h, &brief, of, n, k);
        if (!is_split(h, brief, of, n, &f)) continue;
        for (uint32_t t = 0; t < f.t.n; t++) {
            theme_hint hint = hint_of(h, brief, of, n, f.marks, &f.t.v[t], t);
            hint.kind = THEME_split_topic;
            hint.topic = topic;
            hint.share = (double)f.t.v[t].voices / (double)f.voices;
            add_hint(h, hint);
        }
        return;
    }
}

static int by_voices(const void *x, const void *y) {
    const theme_hint *a = x, *b = y;
    if (a->voices != b->voices) return a->voices > b->voices ? -1 : 1;
    if (a->topic != b->topic) return a->topic < b->topic ? -1 : 1;
    return str_cmp(a->name, b->name);
}

size_t theme_hints(arena *a, arena scratch, const theme_text *x, const int32_t *topic, size_t n,
                   const theme_hint_options *o, theme_hint **hints) {
    static const theme_hint_options usual;
    hinter h = {.a = a, .x = x, .topic = topic, .n = n, .o = o ? o : &usual};
    int32_t topics = 0;
    h.least = h.o->least ? h.o->least : LEAST;
    h.most = h.o->most ? h.o->most : MOST;
    h.share = h.o->share > 0 ? h.o->share : SHARE;
    for (size_t i = 0; i < n; i++) topics = MAX(topics, topic[i] + 1);
    h.room = (size_t)topics * PARTS + THEMES_MOST;
    h.v = *hints = make(a, theme_hint, h.room + 1);
    if (!n) return 0;
    h.meaning = theme_all_meant(x, NULL, n);
    mean_of(&h, scratch, NULL, n, h.mean);
    h.usual = usual_likeness(&h, scratch, topics);
    missing(&h, scratch);
    for (int32_t t = 0; t < topics; t++) split(&h, scratch, t);
    if (h.n_hints) qsort(h.v, h.n_hints, sizeof *h.v, by_voices);
    return MIN(h.n_hints, h.most);
}
