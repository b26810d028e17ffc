#include "text/promise.h"
#include "text/pattern.h"

static const struct {
    const char *name, *about;
} kinds[] = {
#define PROMISE_KIND(name, about) {#name, about},
#include "text/promise_kinds.def"
};

const char *promise_kind_name(enum promise_kind k) {
    return kinds[k].name;
}

enum form { FORM_base, FORM_now, FORM_done, FORM_gift };

static const struct {
    enum language l;
    enum promise_kind kind;
    enum form form;
    const char *pattern;
} acts[] = {
#define ACT(l, kind, form, pattern) {LANG_##l, PROMISE_##kind, FORM_##form, pattern},
#include "text/promise_acts.def"
};

typedef struct {
    enum language l;
    int points;
    enum promise_kind kind;
    bool may_negate;
    const char *pattern;
} frame;

static const frame frames[] = {
#define FRAME(l, points, kind, may_negate, pattern) {LANG_##l, points, PROMISE_##kind, may_negate, pattern},
#include "text/promise_frames.def"
};

enum effect { EFFECT_counts, EFFECT_negates, EFFECT_condition, EFFECT_none, EFFECT_opening };

typedef struct {
    enum language l;
    enum effect effect;
    int points;
    const char *pattern;
} sign;

static const sign signs[] = {
#define SIGN(l, effect, points, pattern) {LANG_##l, EFFECT_##effect, points, pattern},
#include "text/promise_signs.def"
};

static const struct {
    enum language l;
    const char *name, *words;
} classes[] = {
#define CLASS(l, name, words) {LANG_##l, #name, words},
#include "text/promise_classes.def"
};
_Static_assert(COUNT(classes) <= 64, "a bit each");

// How sure so many points are: the share of promises among the sentences of the tuning part with them, smoothed by one
// of each (Laplace); docs/promises.md says from how many.
static const struct {
    int points;
    double sure;
} calibration[] = {
#define CALIBRATED(points, sure) {points, sure},
#include "text/promise_sure.def"
};

static double sure_of(int points) {
    double sure = calibration[0].sure;
    for (size_t i = 0; i < COUNT(calibration) && calibration[i].points <= points; i++) sure = calibration[i].sure;
    return sure;
}

// ---- words to classes ----

enum { SLOTS = 1024 };

typedef struct {
    str word[SLOTS];
    uint64_t in[SLOTS];
    uint32_t act_starts[COUNT(acts)], frame_starts[COUNT(frames)], sign_starts[COUNT(signs)]; // see pattern_starts
    uint64_t frame_class[COUNT(frames)]; // of the word it begins with; 0: any
} lexicon;

static size_t slot_of(const lexicon *x, str word) {
    size_t i = str_hash(word) % SLOTS;
    while (x->word[i].s && !str_eq(x->word[i], word)) i = (i + 1) % SLOTS;
    return i;
}

static uint64_t class_bit(enum language l, const char *name, size_t len) {
    for (size_t c = 0; c < COUNT(classes); c++)
        if (classes[c].l == l && strlen(classes[c].name) == len && memcmp(classes[c].name, name, len) == 0)
            return UINT64_C(1) << c;
    return 0;
}

static lexicon *lexicon_open(arena *a) {
    lexicon *x = make(a, lexicon, 1);
    size_t n = 0;
    for (size_t c = 0; c < COUNT(classes); c++)
        for (str rest = str_c(classes[c].words); rest.s;) {
            const str word = str_cut(&rest, ' ');
            const size_t i = slot_of(x, word);
            n += !x->word[i].s;
            x->word[i] = word;
            x->in[i] |= UINT64_C(1) << c;
            assert(n < SLOTS / 2);
        }
    for (size_t i = 0; i < COUNT(acts); i++) x->act_starts[i] = pattern_starts(acts[i].pattern);
    for (size_t i = 0; i < COUNT(signs); i++) x->sign_starts[i] = pattern_starts(signs[i].pattern);
    for (size_t i = 0; i < COUNT(frames); i++) {
        const char *p = frames[i].pattern;
        x->frame_starts[i] = pattern_starts(p);
        if (p[0] == '@') x->frame_class[i] = class_bit(frames[i].l, p + 1, strcspn(p + 1, " "));
    }
    return x;
}

// ---- one part of a sentence ----

typedef struct {
    size_t from, to;
} span;

enum { CONDITIONS = 4, DATES = 8 };

typedef struct {
    enum language l;
    tokens t;
    const lexicon *lex;
    const uint64_t *in;     // the classes of each token
    const uint32_t *letter; // the first letter of each
    uint64_t we, you, not_, breaks;
    span conditions[CONDITIONS];
    size_t n_conditions;
    enum promise_kind kind; // of the act that fitted last
    size_t act;             // where it begins
} part;

static bool is(const part *p, size_t at, uint64_t class) {
    return at < p->t.n && (p->in[at] & class);
}

static bool in_the_way(void *ctx, const tokens *t, size_t at) {
    const part *p = ctx;
    if (is(p, at, p->not_)) return true;
    return t->v[at].punct && pattern_word(S(",|-|:|("), t->v[at].word, ENDING_bare) && is(p, at + 1, p->breaks);
}

static bool over_not(void *ctx, const tokens *t, size_t at) {
    return t->v[at].punct && is(ctx, at + 1, ((const part *)ctx)->breaks);
}

static size_t known(void *ctx, str name, const tokens *t, size_t at);

static size_t act_at(part *p, enum form form, enum ending ending, size_t at) {
    const pattern_hooks h = {.ctx = p, .known = known, .in_the_way = in_the_way, .ending = ending};
    for (size_t i = 0; at < p->t.n && i < COUNT(acts); i++) {
        if (acts[i].l != p->l || acts[i].form != form || !(p->lex->act_starts[i] & p->letter[at])) continue;
        const size_t end = pattern_at(acts[i].pattern, &p->t, at, &h);
        if (end == NO_MATCH) continue;
        p->kind = acts[i].kind;
        p->act = at;
        return end;
    }
    return NO_MATCH;
}

static bool ends_like(const tokens *t, size_t at, const char *first, const char *second) {
    return at < t->n && t->v[at].word.len > 2 &&
           (str_ends(t->v[at].word, str_c(first)) || str_ends(t->v[at].word, str_c(second)));
}

static size_t known(void *ctx, str name, const tokens *t, size_t at) {
    part *p = ctx;
    if (str_eq(name, S("base"))) return act_at(p, FORM_base, ENDING_bare, at);
    if (str_eq(name, S("now"))) return act_at(p, FORM_now, ENDING_bare, at);
    if (str_eq(name, S("done"))) return act_at(p, FORM_done, ENDING_bare, at);
    if (str_eq(name, S("gift"))) return act_at(p, FORM_gift, ENDING_bare, at);
    if (str_eq(name, S("inverted"))) return is(p, at + 1, p->we) ? act_at(p, FORM_now, ENDING_bare, at) : NO_MATCH;
    if (str_eq(name, S("first")))
        return ends_like(t, at, "re", "remos") ? act_at(p, FORM_base, ENDING_first, at) : NO_MATCH;
    if (str_eq(name, S("third")))
        return ends_like(t, at, "ra", "ran") ? act_at(p, FORM_base, ENDING_third, at) : NO_MATCH;
    return is(p, at, class_bit(p->l, name.s, name.len)) ? at + 1 : NO_MATCH;
}

static bool within(const span *spans, size_t n, size_t at) {
    for (size_t i = 0; i < n; i++)
        if (at >= spans[i].from && at < spans[i].to) return true;
    return false;
}

static bool conditional_at(const part *p, size_t at) {
    return within(p->conditions, p->n_conditions, at);
}

static void find_conditions(part *p) {
    const pattern_hooks h = {.ctx = p, .known = known, .in_the_way = in_the_way};
    size_t after_none = 0;
    for (size_t at = 0; at < p->t.n; at++) {
        for (size_t i = 0; i < COUNT(signs); i++) {
            const sign *s = &signs[i];
            if (s->l != p->l || s->effect < EFFECT_condition || (s->effect == EFFECT_opening && at > 0)) continue;
            if (!(p->lex->sign_starts[i] & p->letter[at])) continue;
            const size_t end = pattern_at(s->pattern, &p->t, at, &h);
            if (end == NO_MATCH) continue;
            if (s->effect == EFFECT_none) {
                after_none = MAX(after_none, end);
                continue;
            }
            if (p->n_conditions == CONDITIONS || conditional_at(p, at)) continue;
            size_t to = end;
            while (to < p->t.n && !str_eq(p->t.v[to].word, S(","))) to++;
            p->conditions[p->n_conditions++] = (span){at, to};
        }
        // What turned out to be none is taken back, for its row may stand after the condition's.
        if (p->n_conditions && p->conditions[p->n_conditions - 1].from < after_none) p->n_conditions--;
    }
}

static int points_of_signs(part *p, bool may_negate) {
    const pattern_hooks h = {.ctx = p, .known = known, .in_the_way = in_the_way};
    int points = 0;
    for (size_t i = 0; i < COUNT(signs); i++) {
        const sign *s = &signs[i];
        if (s->l != p->l || s->effect > EFFECT_negates || (s->effect == EFFECT_negates && may_negate)) continue;
        for (size_t at = 0; at < p->t.n; at++) {
            if (!(p->lex->sign_starts[i] & p->letter[at]) || conditional_at(p, at)) continue;
            if (pattern_at(s->pattern, &p->t, at, &h) == NO_MATCH) continue;
            points += s->points;
            break;
        }
    }
    for (size_t at = 0; at < p->t.n; at++)
        if (is(p, at, p->you)) return points + 1;
    return points;
}

typedef struct {
    const frame *f;
    size_t from, to;
    enum promise_kind kind;
} found;

static bool better(const found *x, const found *y) {
    if (!y->f || x->f->points != y->f->points) return !y->f || x->f->points > y->f->points;
    return x->kind < y->kind;
}

static bool find_frame(part *p, found *best) {
    const pattern_hooks h = {.ctx = p, .known = known, .in_the_way = in_the_way, .ending = ENDING_future};
    for (size_t i = 0; i < COUNT(frames); i++) {
        if (frames[i].l != p->l) continue;
        pattern_hooks use = h;
        if (frames[i].may_negate) use.in_the_way = over_not;
        for (size_t at = 0; at < p->t.n; at++) {
            if (!(p->lex->frame_starts[i] & p->letter[at]) || conditional_at(p, at)) continue;
            if (p->lex->frame_class[i] && !is(p, at, p->lex->frame_class[i])) continue;
            p->kind = frames[i].kind;
            const size_t end = pattern_at(frames[i].pattern, &p->t, at, &use);
            if (end == NO_MATCH) continue;
            const found x = {&frames[i], at, end, p->kind};
            if (better(&x, best)) *best = x;
        }
    }
    return best->f;
}

static str spoken(arena *a, const part *p, size_t from, size_t to) {
    buf b = buf_new(a, 1 << 16);
    for (size_t i = from; i < to; i++) {
        if (p->t.v[i].punct) continue;
        if (b.len) buf_addc(&b, ' ');
        buf_add(&b, p->t.v[i].word);
    }
    return buf_str(&b);
}

static const date_words *due_of(const part *p, const date_words *dates, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!conditional_at(p, dates[i].from)) return &dates[i];
    return NULL;
}

static bool promise_of(arena *a, part *p, const promise_context *ctx, str words, promise *out) {
    found best = {0};
    date_words dates[DATES];
    find_conditions(p);
    if (!find_frame(p, &best)) return false;
    const size_t n = date_words_find(p->t, p->l, &ctx->when, dates, DATES);
    const date_words *due = due_of(p, dates, n);
    const int points = best.f->points + points_of_signs(p, best.f->may_negate) + (due ? 2 : 0) + (p->n_conditions > 0);
    if (points < (ctx->least ? ctx->least : PROMISE_LEAST)) return false;
    *out = (promise){.kind = best.kind, .language = p->l, .conditional = p->n_conditions > 0, .points = points};
    out->sure = sure_of(points);
    out->why = spoken(a, p, best.from, best.to);
    if (due) {
        const size_t from = p->t.v[due->from].from;
        out->due_us = due->due_us;
        out->due_day = due->day;
        out->to_minute = due->to_minute;
        out->due_words = str_sub(words, from, p->t.v[due->to - 1].to - from);
    }
    return true;
}

// ---- a sentence ----

// Adds a bit for each language that has most of the words; the usual one wins a tie alone.
static unsigned told_by(const tokens *t, const uint64_t *in, enum language usual) {
    int votes[LANGUAGES] = {0}, most = 0;
    uint64_t of[LANGUAGES] = {0};
    unsigned languages = 0;
    for (size_t c = 0; c < COUNT(classes); c++) of[classes[c].l] |= UINT64_C(1) << c;
    for (size_t i = 0; i < t->n; i++)
        for (int l = LANG_en; l < LANGUAGES; l++) votes[l] += (in[i] & of[l]) != 0;
    for (int l = LANG_en; l < LANGUAGES; l++) most = MAX(most, votes[l]);
    if (usual && votes[usual] == most) return 1U << usual;
    for (int l = LANG_en; l < LANGUAGES; l++) languages |= (votes[l] == most ? 1U : 0U) << l;
    return languages;
}

// Leaves out what stands in quotation marks: that somebody else said.
static tokens unquoted(arena *a, tokens t) {
    tokens out = {make(a, token, t.n + 1), 0};
    bool inside = false;
    for (size_t i = 0; i < t.n; i++) {
        const str w = t.v[i].word;
        if (str_eq(w, S("\""))) {
            inside = !inside;
        } else if (pattern_word(S("\xE2\x80\x9E|\xC2\xAB|\xE2\x80\x9C|\xC2\xBB|\xE2\x80\x9D"), w, ENDING_bare)) {
            // „ and “ begin, “ and ” end; « begins and » ends, or the other way round
            inside = !inside;
        } else if (!inside) {
            out.v[out.n++] = t.v[i];
        }
    }
    return out;
}

static bool is_but(enum language l, str word) {
    return pattern_word(l == LANG_en ? S("but") : l == LANG_de ? S("aber|sondern") : S("pero|sino"), word, ENDING_bare);
}

typedef struct {
    tokens t;
    const lexicon *lex;
    uint64_t *in;
    uint32_t *letter;
} looked_up;

static bool in_language(arena *a, const looked_up *x, enum language l, const promise_context *ctx, str words,
                        promise *out) {
    part p = {.l = l,
              .lex = x->lex,
              .we = class_bit(l, "we", 2),
              .you = class_bit(l, "you", 3),
              .not_ = class_bit(l, "not", 3),
              .breaks = class_bit(l, "breaks", 6)};
    for (size_t from = 0, to; from < x->t.n; from = to + 1) {
        for (to = from; to < x->t.n && !is_but(l, x->t.v[to].word);) to++;
        p.t = (tokens){x->t.v + from, to - from};
        p.in = x->in + from;
        p.letter = x->letter + from;
        p.n_conditions = 0;
        if (promise_of(a, &p, ctx, words, out)) return true;
    }
    return false;
}

enum { LONGEST_SENTENCE = 400 }; // tokens; what is longer is a table or a log

static bool sentence(arena *a, tokens t, const lexicon *lex, const promise_context *ctx, str words, promise *out) {
    t = unquoted(a, t);
    if (t.n < 2 || t.n > LONGEST_SENTENCE || str_eq(t.v[t.n - 1].word, S("?"))) return false;
    const looked_up x = {t, lex, make(a, uint64_t, t.n), make(a, uint32_t, t.n)};
    for (size_t i = 0; i < t.n; i++) {
        x.in[i] = lex->in[slot_of(lex, t.v[i].word)];
        x.letter[i] = pattern_letter(t.v[i].word);
    }
    const unsigned languages = told_by(&t, x.in, ctx->language);
    for (int l = LANG_en; l < LANGUAGES; l++)
        if ((languages >> l & 1) && in_language(a, &x, (enum language)l, ctx, words, out)) return true;
    return false;
}

size_t promise_find(arena *a, str words, const promise_context *ctx, promise *out, size_t max) {
    const lexicon *lex = lexicon_open(a);
    tokens rest = tokens_of(a, words), t;
    size_t n = 0;
    while (n < max && tokens_sentence(&rest, &t, words)) {
        if (!sentence(a, t, lex, ctx, words, &out[n])) continue;
        promise *p = &out[n++];
        p->from = t.v[0].from;
        p->to = t.v[t.n - 1].to;
        p->words = str_sub(words, p->from, p->to - p->from);
    }
    return n;
}
