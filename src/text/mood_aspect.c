// How a text feels about one thing in it: by the words near it.
#include <math.h>

#include "text/mood_inside.h"

typedef struct {
    size_t first, last; // pieces that the place covers
} span;

static span span_of(const mood_pieces *p, str text, size_t from, size_t to) {
    span s = {0, p->n ? p->n - 1 : 0};
    for (size_t i = 0; i < p->n; i++) {
        const size_t at = (size_t)(p->v[i].piece.s - text.s);
        if (at <= from) s.first = i;
        if (at < MAX(to, from + 1)) s.last = i;
    }
    if (s.last < s.first) s.last = s.first;
    return s;
}

// Words between a piece and the place, and clauses; 0 within it.
static double nearness(const mood_pieces *p, span s, size_t i) {
    const size_t d = i < s.first ? s.first - i : i > s.last ? i - s.last : 0;
    const int from = i < s.first ? p->v[i].clause : p->v[s.last].clause;
    const int to = i < s.first ? p->v[s.first].clause : p->v[i].clause;
    return 1 / (1 + 0.25 * (double)d) / (1 + MAX(to - from, 0));
}

static bool negated(const mood_pieces *p, size_t i) {
    for (size_t d = 1; d <= 3 && d <= i; d++) {
        if (p->v[i - d].clause != p->v[i].clause) return false;
        if (p->v[i - d].negation) return true;
    }
    return false;
}

typedef struct {
    mood_near *n;
    double square;
} sink;

static void put(sink *s, uint64_t kind, uint64_t h, double weight) {
    h = (h ^ kind * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
    s->n->column[s->n->n] = (uint32_t)(h & ((1u << MOOD_NEAR_BITS) - 1));
    s->n->weight[s->n->n++] = (float)weight;
    s->square += weight * weight;
}

static void put_piece(sink *s, const mood_pieces *p, span at, size_t i) {
    const mood_piece *w = &p->v[i];
    const double near = nearness(p, at, i);
    const uint64_t h = str_hash(w->word);
    if (i >= at.first && i <= at.last) {
        put(s, 1, h, 0.5);
        return;
    }
    const bool not = negated(p, i), left = i < at.first, same = w->clause == p->v[at.first].clause;
    put(s, not ? 3 : 2, h, near);
    put(s, 4 + (uint64_t)left, h, near);
    const size_t d = left ? at.first - i : i - at.last;
    if (d <= 3) put(s, 12 + 2 * d + left, h, near);
    put(s, 6 + (uint64_t) not, h + (uint64_t)same, near * 0.7);
    if (i + 1 < p->n && i + 1 != at.first) put(s, 8, h * 31 + str_hash(p->v[i + 1].word), near * 0.7);
    if (w->word.len > 5) put(s, 9, str_hash(str_sub(w->word, 0, 5)), near * 0.5);
    const size_t end = w->word.len > 3 ? w->word.len - 3 : 0;
    if (end) put(s, 10, str_hash(str_sub(w->word, end, 3)), near * 0.3);
}

static void near_numbers(const mood_pieces *p, span s, float *out) {
    double all = 0, good = 0, bad = 0, same = 0, left = 0, right = 0, closest = 0, closest_near = 0, sum = 0;
    bool negation = false;
    for (size_t i = 0; i < p->n; i++) {
        const mood_piece *w = &p->v[i];
        const double near = nearness(p, s, i), v = w->value * near;
        all += v, good += fmax(v, 0), bad += fmax(-v, 0), sum += w->value;
        if (w->clause == p->v[s.first].clause) same += w->value, negation |= w->negation;
        if (i < s.first) left += v;
        if (i > s.last) right += v;
        if (w->value != 0 && near > closest_near) closest = w->value, closest_near = near;
    }
    const double numbers[MOOD_NEAR] = {
        mood_squash(2 * all),   good / (good + 1),          bad / (bad + 1),  mood_squash(same), mood_squash(2 * left),
        mood_squash(2 * right), closest * closest_near / 2, mood_squash(sum), negation,          same == 0};
    for (int i = 0; i < MOOD_NEAR; i++) out[i] = (float)numbers[i];
}

mood_near mood_near_of(arena *a, const mood *m, str text, size_t from, size_t to, enum language l) {
    const size_t room = str_sub(text, 0, GRAM_TEXT).len * 4 + 8;
    mood_near n = {.column = make(a, uint32_t, room), .weight = make(a, float, room)};
    arena scratch = *a;
    const mood_pieces p = mood_cut(&scratch, m, text, l);
    sink s = {&n, 0};
    if (!p.n) return n;
    const span at = span_of(&p, text, from, to);
    for (size_t i = 0; i < p.n; i++) put_piece(&s, &p, at, i);
    for (size_t i = 0; i < n.n; i++) n.weight[i] /= (float)sqrt(s.square);
    near_numbers(&p, at, n.numbers);
    return n;
}

str mood_window(const mood *m, arena scratch, str text, size_t from, size_t to, enum language l) {
    const mood_pieces p = mood_cut(&scratch, m, text, l);
    if (!p.n) return text;
    const span at = span_of(&p, text, from, to);
    size_t first = at.first, last = at.last;
    while (first && p.v[first - 1].clause == p.v[at.first].clause) first--;
    while (last + 1 < p.n && p.v[last + 1].clause == p.v[at.last].clause) last++;
    const size_t begin = (size_t)(p.v[first].piece.s - text.s);
    return str_sub(text, begin, (size_t)(p.v[last].piece.s - text.s) + p.v[last].piece.len - begin);
}

mood_reading mood_about(const mood *m, arena scratch, str text, size_t from, size_t to, enum language l) {
    const mood_near n = mood_near_of(&scratch, m, text, from, to, l);
    // The numbers of lexicons, so weighted that the clause around the place counts most.
    const double v = 0.5 * n.numbers[0] + 0.3 * n.numbers[3] + 0.2 * n.numbers[6];
    return mood_of_scores((double[3]){-4 * v, 0.6, 4 * v}, true);
}

void mood_views(const mood *m, const encoder *enc, arena scratch, str text, size_t from, size_t to, enum language l,
                float *out) {
    const mood_pieces p = mood_cut(&scratch, m, text, l);
    memset(out, 0, (size_t)MOOD_VIEWS * EMBEDDING * sizeof *out);
    if (!p.n) return;
    const span at = span_of(&p, text, from, to);
    str *words = make(&scratch, str, p.n);
    float *weights = make(&scratch, float, p.n *MOOD_VIEWS);
    for (size_t i = 0; i < p.n; i++) {
        words[i] = p.v[i].piece;
        weights[i] = i >= at.first && i <= at.last;
        weights[p.n + i] = (float)nearness(&p, at, i);
    }
    encoder_views(enc, scratch, words, p.n, weights, MOOD_VIEWS, out);
}

mood_reading mood_about_by(const mood *m, arena scratch, str text, size_t from, size_t to, enum language l,
                           const float *views, const mood_reading *clause) {
    const mood_near n = mood_near_of(&scratch, m, text, from, to, l);
    double score[3];
    for (int c = 0; c < 3; c++) {
        const float *w = m->about[c];
        score[c] = w[MOOD_ABOUT];
        for (int i = 0; i < MOOD_VIEWS * EMBEDDING; i++) score[c] += (double)w[i] * views[i];
        for (int i = 0; i < MOOD_NEAR; i++) score[c] += (double)w[MOOD_VIEWS * EMBEDDING + i] * n.numbers[i];
    }
    mood_reading r = mood_of_scores(score, false);
    for (int c = 0; c < 3; c++) score[c] = log((r.sure[c] + clause->sure[c]) / 2 + 1e-9);
    r = mood_of_scores(score, false);
    memcpy(r.feeling, clause->feeling, sizeof r.feeling);
    return r;
}
