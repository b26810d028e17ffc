#include <pthread.h>

#include "jobs/pump.h"

enum { MAX_EVENTS = 10000, MAX_BYTES = 8 << 20, MAX_OPEN = 8, SPARE = 2, ROW_MOST = 256, SOURCE_MOST = 1 << 14 };
static const size_t RESERVE = (size_t)1 << 34; // address space: a single row may be large

typedef struct {
    pump_batch b;
    arena a;
    str header, file; // of the last bad row, so that equal ones are copied once
} slot;

struct pump {
    pump_opts o;
    slot slots[MAX_OPEN + SPARE];
    int n_slots;
    slot *open[MAX_OPEN]; // the reader's own
    int n_open;
    int64_t done, total; // the reader's own

    pthread_mutex_t lock;
    pthread_cond_t more, room;
    slot *idle[MAX_OPEN + SPARE]; // a stack
    int n_idle;
    slot *full[MAX_OPEN + SPARE]; // a queue
    int n_full;
    int busy;     // full, or being written
    bool ended;   // the reader is done
    bool stopped; // the writer has failed
    bool read_ok;
    err read_err;
};

// ---- the ring ----

static slot *take_idle(pump *p) {
    slot *s = NULL;
    pthread_mutex_lock(&p->lock);
    while ((!p->n_idle || p->busy >= SPARE) && !p->stopped) pthread_cond_wait(&p->room, &p->lock);
    if (!p->stopped) s = p->idle[--p->n_idle];
    pthread_mutex_unlock(&p->lock);
    return s;
}

static bool push_full(pump *p, slot *s) {
    s->b.done = p->done, s->b.total = p->total;
    pthread_mutex_lock(&p->lock);
    bool stopped = p->stopped;
    p->full[p->n_full++] = s;
    p->busy++;
    pthread_cond_signal(&p->more);
    pthread_mutex_unlock(&p->lock);
    return !stopped;
}

static slot *take_full(pump *p) {
    slot *s = NULL;
    pthread_mutex_lock(&p->lock);
    while (!p->n_full && !p->ended) pthread_cond_wait(&p->more, &p->lock);
    if (p->n_full) {
        s = p->full[0];
        memmove(p->full, p->full + 1, (size_t)--p->n_full * sizeof *p->full);
    }
    pthread_mutex_unlock(&p->lock);
    return s;
}

static void give_idle(pump *p, slot *s, bool stop) {
    pthread_mutex_lock(&p->lock);
    p->idle[p->n_idle++] = s;
    p->busy--;
    p->stopped |= stop;
    pthread_cond_signal(&p->room);
    pthread_mutex_unlock(&p->lock);
}

static void end_reading(pump *p, bool ok, const err *e) {
    pthread_mutex_lock(&p->lock);
    p->ended = true, p->read_ok = ok, p->read_err = *e;
    pthread_cond_signal(&p->more);
    pthread_mutex_unlock(&p->lock);
}

// ---- the reader's side ----

static void start_batch(pump *p, slot *s, str source, enum channel channel) {
    arena_reset(&s->a);
    s->header = s->file = (str){0};
    s->b = (pump_batch){.channel = channel};
    s->b.source = str_dup(&s->a, source);
    s->b.events = make(&s->a, event, p->o.max_events + ROW_MOST);
    s->b.row_of = make(&s->a, int32_t, p->o.max_events + ROW_MOST);
    s->b.bad = make(&s->a, bad_row, p->o.max_events + 1);
}

static size_t bytes_of(const event *ev) {
    size_t n = ev->ext.len + ev->thread.len + ev->text.len + ev->lang.len + ev->topic.len + ev->name.len +
               ev->country.len + ev->address.len + ev->born.len + ev->segment.len + ev->staff.len + ev->extra.len;
    for (int i = 0; i < ev->n_ids; i++) n += ev->ids[i].value.len;
    return n;
}

static void move_text(char **to, str *x) {
    if (x->len) memcpy(*to, x->s, x->len);
    x->s = *to;
    *to += x->len;
}

void event_copy(arena *a, event *to, const event *from) {
    *to = *from;
    char *p = make(a, char, bytes_of(from) + 1);
    str *const texts[] = {&to->ext,     &to->thread,  &to->text, &to->lang,    &to->topic, &to->name,
                          &to->country, &to->address, &to->born, &to->segment, &to->staff, &to->extra};
    for (size_t i = 0; i < COUNT(texts); i++) move_text(&p, texts[i]);
    for (int i = 0; i < to->n_ids; i++) move_text(&p, &to->ids[i].value);
}

static str dup_once(arena *a, str *last, str x) {
    if (!last->s || !str_eq(*last, x)) *last = str_dup(a, x);
    return *last;
}

static void copy_bad(slot *s, str file, const heard *h) {
    s->b.bad[s->b.n_bad++] = (bad_row){.file = dup_once(&s->a, &s->file, file),
                                       .field = str_dup(&s->a, h->field),
                                       .reason = str_dup(&s->a, h->reason),
                                       .header = dup_once(&s->a, &s->header, h->header),
                                       .raw = str_dup(&s->a, h->raw),
                                       .line = h->line};
}

// A reason without what differs from row to row, so that equal ones are counted together: a word with a digit is a
// number of something.
static str without_numbers(char *room, size_t size, str why) {
    size_t n = 0;
    for (str rest = why; rest.s;) {
        str word = str_cut(&rest, ' ');
        for (size_t i = 0; i < word.len; i++)
            if (word.s[i] >= '0' && word.s[i] <= '9') word = S("…");
        if (n + word.len + 1 > size) break;
        if (n) room[n++] = ' ';
        if (word.len) memcpy(room + n, word.s, word.len);
        n += word.len;
    }
    return (str){room, n};
}

static void count_skipped(slot *s, str reason) {
    char room[200];
    pump_batch *b = &s->b;
    str why = without_numbers(room, sizeof room, reason);
    b->skipped++;
    int i = 0;
    while (i < b->n_whys && !str_eq(b->whys[i].why, why)) i++;
    if (i == b->n_whys && b->n_whys < PUMP_WHYS) b->whys[b->n_whys++].why = str_dup(&s->a, why);
    b->whys[MIN(i, PUMP_WHYS - 1)].n++;
}

static bool is_full(const pump *p, const slot *s) {
    const pump_batch *b = &s->b;
    return b->n >= p->o.max_events || b->n_bad >= p->o.max_events ||
           arena_used(&s->a) >= p->o.max_bytes + (p->o.max_events + ROW_MOST) * sizeof(event);
}

static void close_open(pump *p, int i) {
    p->open[i] = p->open[--p->n_open];
}

// Hands over the fullest of the open batches, so that another source gets one.
static bool make_way(pump *p) {
    int most = 0;
    for (int i = 1; i < p->n_open; i++)
        if (p->open[i]->b.n > p->open[most]->b.n) most = i;
    slot *s = p->open[most];
    close_open(p, most);
    return push_full(p, s);
}

static slot *batch_of(pump *p, str source, enum channel channel) {
    for (int i = 0; i < p->n_open; i++)
        if (str_eq(p->open[i]->b.source, source)) return p->open[i];
    if (p->n_open == p->o.open && !make_way(p)) return NULL;
    slot *s = take_idle(p);
    if (!s) return NULL;
    start_batch(p, s, source, channel);
    return p->open[p->n_open++] = s;
}

static bool hand_over(pump *p, const slot *s) {
    for (int i = 0; i < p->n_open; i++) {
        if (p->open[i] != s) continue;
        slot *mine = p->open[i];
        close_open(p, i);
        return push_full(p, mine);
    }
    return true;
}

bool pump_put(pump *p, str source, enum channel channel, str file, const heard *h, err *e) {
    if (h->n > ROW_MOST) return fail(e, ERR_internal, "a row says %d things", h->n);
    slot *s = batch_of(p, source, channel);
    if (!s) return false;
    if (h->rejected)
        copy_bad(s, file, h);
    else if (h->skipped)
        count_skipped(s, h->reason);
    else {
        for (int i = 0; i < h->n; i++) {
            event_copy(&s->a, &s->b.events[s->b.n], &h->events[i]);
            s->b.row_of[s->b.n++] = (int32_t)s->b.rows;
        }
        s->b.rows++;
    }
    return !is_full(p, s) || hand_over(p, s);
}

void pump_progress(pump *p, int64_t done, int64_t total) {
    p->done = done, p->total = total;
}

static void *read_all(void *ctx) {
    pump *p = ctx;
    err e = {0};
    bool ok = p->o.read(p->o.ctx, p, &e);
    bool more = true;
    while (more && p->n_open) {
        slot *s = p->open[--p->n_open];
        more = push_full(p, s);
    }
    end_reading(p, ok, &e);
    return NULL;
}

// ---- the writer's side ----

static bool write_all(pump *p, err *e) {
    bool ok = true;
    for (slot *s; (s = take_full(p));) {
        if (ok) ok = p->o.write(p->o.ctx, &s->b, e);
        give_idle(p, s, !ok);
    }
    return ok;
}

static void open_slots(pump *p) {
    p->n_slots = p->o.open + SPARE;
    for (int i = 0; i < p->n_slots; i++) {
        p->slots[i].a = arena_open(RESERVE);
        p->idle[p->n_idle++] = &p->slots[i];
    }
}

static bool outcome(const pump *p, bool written, enum pump_side *side, err *e) {
    *side = !written ? PUMP_WRITER : p->read_ok ? PUMP_NONE : PUMP_READER;
    if (*side == PUMP_READER) fail(e, p->read_err.code, "%s", p->read_err.msg);
    return *side == PUMP_NONE;
}

bool pump_run(const pump_opts *o, enum pump_side *side, err *e) {
    enum pump_side unused;
    arena life = arena_open(1 << 20);
    pump *p = make(&life, pump, 1);
    pthread_t reader;
    p->o = *o;
    if (!p->o.max_events) p->o.max_events = MAX_EVENTS;
    if (!p->o.max_bytes) p->o.max_bytes = MAX_BYTES;
    p->o.open = MAX(1, MIN(p->o.open, MAX_OPEN));
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->more, NULL);
    pthread_cond_init(&p->room, NULL);
    open_slots(p);
    bool ok = pthread_create(&reader, NULL, read_all, p) == 0;
    if (!ok)
        fail(e, ERR_unavailable, "no thread to read with");
    else {
        bool written = write_all(p, e);
        pthread_join(reader, NULL);
        ok = outcome(p, written, side ? side : &unused, e);
    }
    for (int i = 0; i < p->n_slots; i++) arena_close(&p->slots[i].a);
    pthread_cond_destroy(&p->room);
    pthread_cond_destroy(&p->more);
    pthread_mutex_destroy(&p->lock);
    arena_close(&life);
    return ok;
}
