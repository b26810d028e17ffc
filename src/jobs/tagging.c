#include "jobs/tagging.h"

#include "base/civil.h"
#include "know/topic_audit.h"
#include "sql/know_topic.h"

// ---- pieces of writing ----

typedef struct {
    bool (*fn)(void *ctx, store *s, ledger *l, err *e);
    void *ctx;
} piece;

static bool by_writer(void *ctx, desk *d, err *e) {
    const piece *p = ctx;
    return p->fn(p->ctx, d->s, know_ledger(d->k), e);
}

static bool put(const tagging *x, bool (*fn)(void *ctx, store *s, ledger *l, err *e), void *ctx, err *e) {
    piece p = {fn, ctx};
    if (x->w) return writer_do(x->w, by_writer, &p, e);
    ledger *l = x->k ? know_ledger(x->k) : NULL;
    store *s = l ? ledger_store(l) : x->s;
    if (!store_begin(s, e)) return false;
    if (fn(ctx, s, l, e) && (l ? ledger_commit(l, e) : store_commit(s, e))) return true;
    store_rollback(s);
    return false;
}

typedef struct {
    const topic_batch *b;
    const topic_again *again; // NULL: of what waits
    bool over;                // history is to be looked at from its beginning
    topic_labelled done;
} storing;

static bool store_batch(void *ctx, store *s, ledger *l, err *e) {
    storing *k = ctx;
    (void)l;
    topics *t;
    topic_again stands;
    arena a = arena_open((size_t)1 << 26);
    k->done = (topic_labelled){0};
    bool ok = topics_read(&a, s, &t, e) && topic_batch_store(s, t, k->b, &k->done, e);
    if (ok && k->again && topic_again_read(s, &stands, e)) {
        // Somebody learned meanwhile: it begins anew, and what this piece says of it holds no more.
        k->over = stands.run != k->again->run;
        ok = k->over || topic_again_write(s, k->again, e);
    }
    arena_close(&a);
    return ok && err_ok(e);
}

static bool add(tagged *sum, const topic_labelled *x) {
    sum->looked += x->looked, sum->gained += x->gained, sum->lost += x->lost;
    return true;
}

static bool go_on(const tagging *x, int64_t done, int64_t total, err *e) {
    return !x->goes_on || x->goes_on(x->ctx, done, MAX(done, total), e);
}

static bool any_topics(const tagging *x, bool *any, err *e) {
    int64_t n;
    if (!store_int(x->s, Q_topic_count, &n, 0, e, "")) return false;
    *any = n > 0;
    return true;
}

// ---- what is new ----

bool tag_new(const tagging *x, tagged *sum, err *e) {
    int64_t waiting = 0, done = 0;
    bool any;
    if (!any_topics(x, &any, e) || !store_int(x->s, Q_topic_todo_count, &waiting, 0, e, "")) return false;
    if (!any || !waiting) return true;
    arena life = arena_open((size_t)1 << 32), a = arena_open((size_t)1 << 28);
    topic_judge *j;
    bool ok = topic_judge_open(&life, x->s, x->r ? reader_mood(x->r) : NULL, &j, e);
    if (ok) topic_judge_hears(j, x->r);
    for (size_t n = 1; ok && n;) {
        storing k = {0};
        topic_batch *b;
        topic_cursor next;
        arena_reset(&a);
        ok = go_on(x, done, waiting, e) && topic_batch_read(&a, x->s, j, NULL, TOPIC_PIECE, &b, &n, &next, e);
        k.b = b;
        ok = ok && (!n || (put(x, store_batch, &k, e) && add(sum, &k.done)));
        done += (int64_t)n;
    }
    arena_close(&a);
    arena_close(&life);
    return ok;
}

// ---- history ----

bool tag_again(const tagging *x, tagged *sum, err *e) {
    topic_again at;
    if (!topic_again_read(x->s, &at, e)) return false;
    if (!at.under_way) return true;
    // Counting takes a while, so it is done here and not where it was begun.
    if (!at.total && !store_int(x->s, Q_topic_understood, &at.total, 0, e, "i", INT64_MIN)) return false;
    arena life = arena_open((size_t)1 << 32), a = arena_open((size_t)1 << 28);
    topic_judge *j;
    bool ok = topic_judge_open(&life, x->s, x->r ? reader_mood(x->r) : NULL, &j, e);
    if (ok) topic_judge_hears(j, x->r);
    while (ok && at.under_way) {
        storing k = {.again = &at};
        topic_batch *b;
        size_t n;
        const topic_cursor from = at.at;
        arena_reset(&a);
        ok = go_on(x, at.done, at.total, e) && topic_batch_read(&a, x->s, j, &from, TOPIC_PIECE, &b, &n, &at.at, e);
        k.b = b;
        at.done += ok ? (int64_t)n : 0;
        at.under_way = ok && n > 0;
        ok = ok && put(x, store_batch, &k, e) && add(sum, &k.done);
        if (k.over) break;
    }
    arena_close(&a);
    arena_close(&life);
    return ok;
}

// ---- learning ----

static bool take_learnt(void *ctx, store *s, ledger *l, err *e) {
    (void)s;
    return topic_take(l, ctx, e);
}

bool tag_learn(const tagging *x, bool anyway, tagged *sum, err *e) {
    bool any, due = anyway;
    if (!any_topics(x, &any, e) || !any) return err_ok(e);
    if (!anyway && !topic_learn_due(x->s, x->now_us, &due, e)) return false;
    for (int axis = TOPIC_what; due && axis < TOPIC_AXES; axis++) {
        topic_learnt l;
        arena a = arena_open((size_t)1 << 34);
        bool ok = go_on(x, axis, TOPIC_AXES, e) && topic_learn(&a, x->s, x->r, (enum topic_axis)axis, &l, e) &&
                  (!l.topics || put(x, take_learnt, &l, e));
        sum->learned += ok && l.topics;
        arena_close(&a);
        if (!ok) return false;
    }
    return true;
}

// ---- corrections ----

typedef struct {
    const tagging *x;
    tagged *sum;
} correction;

static bool correct_with(arena *a, ledger *l, topic_mind *mind, const tagging *x, tagged *sum, err *e) {
    topic_corrected c;
    if (!topic_correct(a, l, mind, x->r ? reader_mood(x->r) : NULL, &c, e)) return false;
    for (size_t i = 0; i < c.n; i++) sum->gained += c.effects[i].gained, sum->lost += c.effects[i].lost;
    return true;
}

static bool correct_by_writer(void *ctx, desk *d, err *e) {
    const correction *k = ctx;
    return correct_with(d->a, know_ledger(d->k), know_topics(d->k), k->x, k->sum, e);
}

static bool correct_here(const tagging *x, tagged *sum, err *e) {
    ledger *l = know_ledger(x->k);
    arena a = arena_open((size_t)1 << 26);
    bool ok =
        store_begin(ledger_store(l), e) && correct_with(&a, l, know_topics(x->k), x, sum, e) && ledger_commit(l, e);
    if (!ok) store_rollback(ledger_store(l));
    arena_close(&a);
    return ok;
}

bool tag_corrections(const tagging *x, tagged *sum, err *e) {
    int64_t later = 0;
    if (!store_int(x->s, Q_topic_answers_waiting, &later, 0, e, "")) return false;
    if (!later) return true;
    correction k = {x, sum};
    return x->w ? writer_do(x->w, correct_by_writer, &k, e) : correct_here(x, sum, e);
}

// ---- the month's sample ----

static bool put_drawn(void *ctx, store *s, ledger *l, err *e) {
    int64_t n;
    (void)l;
    return topic_audit_put(s, ctx, &n, e);
}

bool tag_audit(const tagging *x, err *e) {
    topic_audit_drawn d;
    bool due;
    if (!topic_audit_due(x->s, x->now_us, &due, e) || !due) return err_ok(e);
    return topic_audit_draw(x->s, x->now_us, &d, e) && put(x, put_drawn, &d, e);
}
