#include "jobs/understand.h"

#include "jobs/tagging.h"
#include "jobs/theming.h"
#include "know/mood_own.h"
#include "know/stage.h"

typedef struct {
    const understanding *x;
    understood *out;
    arena a; // of one piece
    reader *r;
    int64_t total;
    bool more;
    meaning_batch *batch;
    size_t from, next;
} thinking;

// ---- a piece of writing ----

typedef struct {
    bool (*fn)(void *ctx, store *s, err *e);
    void *ctx;
} piece;

static bool by_writer(void *ctx, desk *d, err *e) {
    const piece *p = ctx;
    return p->fn(p->ctx, d->s, e);
}

static bool by_store(store *s, const piece *p, err *e) {
    if (!store_begin(s, e)) return false;
    if (p->fn(p->ctx, s, e) && store_commit(s, e)) return true;
    store_rollback(s);
    return false;
}

static bool put(const thinking *t, bool (*fn)(void *ctx, store *s, err *e), void *ctx, err *e) {
    piece p = {fn, ctx};
    return t->x->w ? writer_do(t->x->w, by_writer, &p, e) : by_store(t->x->s, &p, e);
}

// ---- what is done of them, one after the other ----

static bool keep_meaning(void *ctx, store *s, err *e) {
    thinking *t = ctx;
    return meaning_store_part(s, t->batch, t->from, &t->next, e);
}

static bool go_on(const thinking *t, err *e) {
    const understanding *x = t->x;
    return !x->goes_on || x->goes_on(x->ctx, t->out->words, MAX(t->total, t->out->words), e);
}

static bool clear_some(void *ctx, store *s, err *e) {
    thinking *t = ctx;
    return meaning_clear_some(s, t->r, &t->more, e);
}

static bool clear_places(thinking *t, err *e) {
    if (!meaning_clears(&t->a, t->x->s, t->r, &t->more, e)) return false;
    while (t->more)
        if (!go_on(t, e) || !put(t, clear_some, t, e)) return false;
    return true;
}

static bool read_meaning(thinking *t, err *e) {
    for (;;) {
        size_t n;
        arena_reset(&t->a);
        if (!go_on(t, e) || !meaning_read(&t->a, t->x->s, t->r, &t->batch, &n, e)) return false;
        if (!n) return true;
        for (t->from = 0, t->next = 1; t->next; t->from = t->next)
            if (!put(t, keep_meaning, t, e)) return false;
        t->out->words += (int64_t)n;
    }
}

static bool label_topics(thinking *t, err *e) {
    tagged sum = {0};
    const tagging x = {.s = t->x->s, .w = t->x->w, .r = t->r, .goes_on = t->x->goes_on, .ctx = t->x->ctx};
    return tag_new(&x, &sum, e);
}

static bool place_themes(thinking *t, err *e) {
    int64_t placed;
    const theming x = {.s = t->x->s, .w = t->x->w, .where = t->x->where};
    return go_on(t, e) && theme_new_words(&x, &placed, e);
}

static bool keep_stages(void *ctx, store *s, err *e) {
    return stage_store(s, ctx, e);
}

static bool tell_stages(thinking *t, err *e) {
    while (t->x->now_us) {
        stage_batch *b;
        size_t n;
        arena_reset(&t->a);
        // One snapshot: there are some thirty small statements to a customer.
        if (!go_on(t, e) || !store_begin_read(t->x->s, e)) return false;
        const bool read = stage_read(&t->a, t->x->s, t->x->now_us, &b, &n, e);
        store_rollback(t->x->s);
        if (!read) return false;
        if (!n) return true;
        if (!put(t, keep_stages, b, e)) return false;
        t->out->staged += (int64_t)n;
    }
    return true;
}

static bool (*const steps[])(thinking *t, err *e) = {clear_places, read_meaning, label_topics, place_themes,
                                                     tell_stages};

// ---- all ----

static bool is_left(thinking *t, bool *left, err *e) {
    meaning_standing now;
    if (!meaning_stands(&t->a, t->x->s, &now, e)) return false;
    t->total = now.waiting;
    *left = t->x->as_before && now.embeds && !meaning_as_before(&t->a, now.make, t->r);
    return true;
}

static bool think(thinking *t, err *e) {
    if (!is_left(t, &t->out->left, e)) return false;
    t->out->embeds = reader_embeds(t->r), t->out->file = reader_words(t->r) != NULL;
    for (size_t i = 0; i < COUNT(steps) && !t->out->left; i++)
        if (!steps[i](t, e)) return false;
    return true;
}

static double clock_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool understand(const understanding *x, understood *out, err *e) {
    arena life = arena_open((size_t)1 << 30);
    const double began = clock_s();
    thinking t = {.x = x, .out = out, .a = arena_open((size_t)1 << 30)};
    *out = (understood){0};
    label_model *own;
    bool ok = reader_open(&life, &t.r, x->where, e) && mood_own_open(&life, x->s, &own, e);
    if (ok) reader_take_moods(t.r, own);
    ok = ok && think(&t, e);
    reader_close(t.r);
    out->seconds = clock_s() - began;
    arena_close(&t.a);
    arena_close(&life);
    return ok;
}
