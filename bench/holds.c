// holds [N] [FOLDER]: how long the work of understanding holds the one writer, in a store of N generated words (300,000
// unless said): each job is run as a server runs it, while somebody else asks the writer for a trifle every two
// milliseconds. Told are the longest time of the processor that the writer's thread spent between two of them, and the
// longest that one waited by the clock. FOLDER: where the store is made (and left), so that it can be measured again.
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/rng.h"
#include "decide/priorities.h"
#include "jobs/runner.h"
#include "jobs/understand.h"
#include "know/meaning_private.h"
#include "know/mood_own.h"
#include "know/stages.h"
#include "know/topic_read.h"
#include "sql/know_meaning.h"

enum { SUBJECTS = 60, PARTS = 12, PEOPLE = 100000, DAYS = 360, BATCH = 20000, FIRST_DAY = 20000, NAMED = 20 };

static _Atomic int64_t now_us = (int64_t)(FIRST_DAY + DAYS) * 86400 * 1000000;

static int64_t now_of(const world *w) {
    (void)w;
    return atomic_load(&now_us);
}

static void die(const err *e) {
    fprintf(stderr, "holds: %s\n", e->msg);
    exit(1);
}

static double seconds(clockid_t of) {
    struct timespec t;
    clock_gettime(of, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// ---- the store ----

// Words of a subject: syllables that it shares with few others. One in twenty is said again and again.
static str words_of(arena *a, rng *g, int64_t subject) {
    rng same = rng_seed((uint64_t)subject + 1);
    rng *use = rng_chance(g, 0.05) ? &same : g;
    buf b = buf_new(a, 1024);
    buf_fmt(&b, "%s ", rng_chance(use, 0.5) ? "I think that the" : "Why is it that the");
    for (int i = 0; i < 6; i++) {
        uint64_t x = (uint64_t)(subject * PARTS + rng_range(use, 0, PARTS - 1)) * 0x9E3779B97F4A7C15u;
        for (int k = 0; k < 3; k++, x >>= 8) buf_fmt(&b, "%c%c", "bdfgklmnprst"[x % 12], "aeiou"[(x >> 4) % 5]);
        buf_addc(&b, i < 5 ? ' ' : '.');
    }
    return buf_str(&b);
}

static void put_events(knowing *k, int64_t from, int64_t n, int64_t import, rng *g) {
    arena a = arena_open((size_t)1 << 30);
    event *ev = make(&a, event, n);
    int32_t *rows = make(&a, int32_t, n);
    err e = {0};
    for (int64_t i = 0; i < n; i++) {
        const int64_t subject = rng_range(g, 0, SUBJECTS - 1);
        ev[i] = (event){.kind = KIND_comment, .channel = CHANNEL_survey, .mood = MOOD_UNKNOWN, .lang = S("en")};
        ev[i].at_us = (FIRST_DAY + rng_range(g, 0, DAYS - 1)) * DAY_US + rng_range(g, 0, DAY_US - 1);
        ev[i].ext = str_fmt(&a, "c%" PRId64, from + i);
        ev[i].text = words_of(&a, g, subject);
        if (rng_chance(g, 0.3)) {
            ev[i].kind = KIND_review, ev[i].has_value = true, ev[i].unit = INSTRUMENT_stars5;
            ev[i].value = 100 * (subject % 3 == 0 ? rng_range(g, 1, 2) : rng_range(g, 3, 5));
        }
        if (subject < NAMED && rng_chance(g, 0.3)) ev[i].topic = str_fmt(&a, "topic %d", (int)subject);
        ev[i].ids[ev[i].n_ids++] = (ident){IDENT_user_id, str_fmt(&a, "u%d", (int)rng_range(g, 0, PEOPLE - 1))};
        rows[i] = (int32_t)i;
    }
    tally t;
    intake in = {.events = ev, .row_of = rows, .n = (size_t)n, .rows = n};
    if (!ledger_write(know_ledger(k), import, &in, &t, &e)) die(&e);
    arena_close(&a);
}

static void put_topics(knowing *k) {
    arena a = arena_open(1 << 24);
    ledger *l = know_ledger(k);
    err e = {0};
    if (!store_begin(ledger_store(l), &e)) die(&e);
    for (int i = 0; i < NAMED - 5; i++) { // some are left to be suggested
        int64_t id, made;
        const char *field;
        topic_change c = {.act = TOPIC_add, .by = S("bench")};
        c.t = (topic){.axis = TOPIC_what, .name = str_fmt(&a, "topic %d", i), .phrases = S("[]")};
        if (!topic_do(l, &a, &c, &id, &made, &field, &e)) die(&e);
    }
    if (!ledger_commit(l, &e)) die(&e);
    arena_close(&a);
}

static void fill(const char *where, int64_t n, const world *w) {
    err e = {0};
    store *s;
    knowing *k;
    int64_t source, import;
    rng g = rng_seed(3);
    if (!store_open(&s, str_c(where), (store_opts){.create = true}, &e) || !store_lock(s, 0, &e) ||
        !know_open(&k, s, w, NULL, &e) ||
        !ledger_source(know_ledger(k), S("survey"), S("bench"), CHANNEL_survey, false, &source, &e) ||
        !ledger_import_begin(know_ledger(k), source, S("bench"), S("{}"), &import, &e))
        die(&e);
    for (int64_t at = 0; at < n; at += BATCH) put_events(k, at, MIN(n - at, (int64_t)BATCH), import, &g);
    if (!ledger_import_end(know_ledger(k), import, &e)) die(&e);
    put_topics(k);
    know_close(k);
    store_close(s);
}

// Places as an encoder would give them: each word near the middle of its subject.
typedef struct {
    arena a;
    rng g;
    store *s;
    float *centres;
    int64_t *v[6], n, place;
    str *codes, *vectors;
    unsigned char *code_room;
    int8_t *vector_room;
} placing;

static void put_placed(placing *p) {
    err e = {0};
    column c[8];
    for (int i = 0; i < 6; i++) c[i] = (column){'i', p->v[i], NULL};
    c[6] = (column){'b', p->codes, NULL}, c[7] = (column){'b', p->vectors, NULL};
    if (p->n && (!store_begin(p->s, &e) || !store_bulk(p->s, Q_meaning_vector_put, c, 8, (size_t)p->n, NULL, &e) ||
                 !store_commit(p->s, &e)))
        die(&e);
    p->n = 0;
}

static bool place_one(void *ctx, const meaning *m, str text, err *e) {
    placing *p = ctx;
    float v[EMBEDDING];
    double square = 0;
    (void)e, (void)text;
    const float *centre = p->centres + (uint64_t)m->key % SUBJECTS * EMBEDDING;
    for (int i = 0; i < EMBEDDING; i++) v[i] = centre[i] + (float)(rng_unit(&p->g) - 0.5) * 0.1f, square += v[i] * v[i];
    for (int i = 0; i < EMBEDDING; i++) v[i] = (float)(v[i] / sqrt(square));
    const int64_t i = p->n++;
    int8_t *packed = p->vector_room + i * EMBEDDING;
    unsigned char *code = p->code_room + i * MEANING_CODE;
    embedding_pack(v, packed), meaning_code(packed, code);
    p->v[0][i] = ++p->place, p->v[1][i] = m->profile, p->v[2][i] = m->key, p->v[3][i] = m->at_us, p->v[4][i] = 1;
    p->v[5][i] = 9, p->codes[i] = (str){(char *)code, MEANING_CODE}, p->vectors[i] = (str){(char *)packed, EMBEDDING};
    if (p->n == BATCH) put_placed(p);
    return true;
}

static void put_places(const char *where) {
    err e = {0};
    store *r;
    placing p = {.a = arena_open((size_t)1 << 30), .g = rng_seed(5)};
    if (!store_open(&p.s, str_c(where), (store_opts){0}, &e) || !store_lock(p.s, 0, &e) ||
        !store_open(&r, str_c(where), (store_opts){.read_only = true}, &e))
        die(&e);
    p.centres = make(&p.a, float, (size_t)SUBJECTS *EMBEDDING);
    for (size_t i = 0; i < (size_t)SUBJECTS * EMBEDDING; i++)
        p.centres[i] = (float)rng_normal(&p.g, 0, 1 / sqrt(EMBEDDING));
    for (int i = 0; i < 6; i++) p.v[i] = make(&p.a, int64_t, BATCH);
    p.codes = make(&p.a, str, BATCH), p.vectors = make(&p.a, str, BATCH);
    p.code_room = make(&p.a, unsigned char, BATCH *MEANING_CODE), p.vector_room = make(&p.a, int8_t, BATCH * EMBEDDING);
    if (!meaning_each(r, &(meaning_ask){0}, place_one, &p, &e)) die(&e);
    put_placed(&p);
    meaning_mark m;
    if (!store_begin(p.s, &e) || !meaning_mark_read(&p.a, p.s, &m, &e)) die(&e);
    m.make = S("bench"), m.weak = false, m.place = p.place;
    if (!meaning_mark_write(p.s, &m, &e) || !store_commit(p.s, &e)) die(&e);
    store_close(r);
    store_close(p.s);
    arena_close(&p.a);
}

// ---- holds ----

typedef struct {
    writer *w;
    pthread_t thread;
    atomic_bool stop;
    double last, held, waited, asked; // of the processor; longest; by the clock
} probe;

static bool trifle(void *ctx, desk *d, err *e) {
    probe *p = ctx;
    const double now = seconds(CLOCK_THREAD_CPUTIME_ID);
    (void)d, (void)e;
    if (p->last > 0) p->held = fmax(p->held, now - p->last);
    p->last = now;
    p->waited = fmax(p->waited, seconds(CLOCK_MONOTONIC) - p->asked);
    return true;
}

static void *ask_on(void *ctx) {
    probe *p = ctx;
    while (!atomic_load(&p->stop)) {
        err e = {0};
        p->asked = seconds(CLOCK_MONOTONIC);
        if (!writer_do(p->w, trifle, p, &e)) die(&e);
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    return NULL;
}

static void probe_on(probe *p, writer *w) {
    *p = (probe){.w = w};
    if (pthread_create(&p->thread, NULL, ask_on, p)) die(&(err){.msg = "no thread"});
    nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
}

static void probe_off(probe *p, const char *what, double began) {
    nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    atomic_store(&p->stop, true);
    pthread_join(p->thread, NULL);
    printf("%-34s longest hold %7.1f ms, longest wait %7.1f ms, %6.1f s of the processor\n", what, p->held * 1e3,
           p->waited * 1e3, seconds(CLOCK_PROCESS_CPUTIME_ID) - began);
    fflush(stdout);
}

static atomic_int ended;
static const char *_Atomic waits_for = "";
static void on_told(void *ctx, const job_row *j) {
    (void)ctx;
    if (j->state == JOB_RUNNING) return;
    if (j->error.len) printf("%.*s: %.*s\n", STR_ARG(j->kind), STR_ARG(j->error));
    if (str_eq(j->kind, str_c(atomic_load(&waits_for)))) atomic_fetch_add(&ended, 1);
}

// Nothing runs by itself.
static bool never(void *ctx, desk *d, err *e) {
    (void)ctx, (void)e;
    for (int64_t id = 1; id < 50; id++) {
        job_row j;
        err odd = {0};
        if (job_get(d->a, d->s, id, &j, &odd) && !job_schedule(d->s, id, j.every_s, INT64_MAX / 2, j.every_s > 0, &odd))
            continue;
    }
    return true;
}

static void do_job(writer *w, runner *r, const char *kind, const char *what) {
    probe p;
    const int was = atomic_load(&ended);
    atomic_store(&waits_for, kind);
    probe_on(&p, w);
    const double began = seconds(CLOCK_PROCESS_CPUTIME_ID);
    runner_soon(r, kind);
    while (atomic_load(&ended) == was) nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    probe_off(&p, what, began);
}

typedef struct {
    const reader *r;
    bool more;
} clearing;

static bool clear_some(void *ctx, desk *d, err *e) {
    clearing *x = ctx;
    return meaning_clear_some(d->s, x->r, &x->more, e);
}

static void another_encoder(writer *w) {
    probe p;
    err e = {0};
    reader *r;
    arena a = arena_open(1 << 24);
    setenv("HEED_ENCODER", "cat", 1);
    if (!reader_open(&a, &r, S(""), &e)) die(&e);
    clearing x = {r, true};
    probe_on(&p, w);
    const double began = seconds(CLOCK_PROCESS_CPUTIME_ID);
    while (x.more)
        if (!writer_do(w, clear_some, &x, &e)) die(&e);
    probe_off(&p, "another encoder", began);
    reader_close(r);
    unsetenv("HEED_ENCODER");
    arena_close(&a);
}

static bool learnt_moods(void *ctx, desk *d, err *e) {
    mood_learnt l = {.texts = 1, .right = 1, .better = true, .model = S("x")};
    (void)ctx;
    return mood_own_take(d->s, now_us, &l, e);
}

static bool forget_moods(void *ctx, desk *d, err *e) {
    (void)ctx;
    return mood_own_forget(d->s, e);
}

static void do_piece(writer *w, piece_fn fn, const char *what) {
    probe p;
    err e = {0};
    probe_on(&p, w);
    const double began = seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (!writer_do(w, fn, NULL, &e)) die(&e);
    probe_off(&p, what, began);
}

static void reads(const char *where) {
    arena a = arena_open((size_t)1 << 30);
    store *s;
    topics *t;
    topic_begin *b;
    topic_standing now;
    size_t n;
    err e = {0};
    if (!store_open(&s, str_c(where), (store_opts){.read_only = true}, &e) || !topics_read(&a, s, &t, &e)) die(&e);
    for (int i = 0; i < 2; i++) {
        double began = seconds(CLOCK_PROCESS_CPUTIME_ID);
        if (!topic_stands(&a, s, t, &now, &e)) die(&e);
        printf("how topics stand: %.1f ms; ", 1e3 * (seconds(CLOCK_PROCESS_CPUTIME_ID) - began));
        began = seconds(CLOCK_PROCESS_CPUTIME_ID);
        if (!topic_suggestions(&a, s, t, now_us, &b, &n, &e)) die(&e);
        printf("suggestions: %.1f ms (%zu)\n", 1e3 * (seconds(CLOCK_PROCESS_CPUTIME_ID) - began), n);
    }
    store_close(s);
    arena_close(&a);
}

int main(int argc, char **argv) {
    int64_t n = 300000;
    char place[300] = "/tmp/heed-holds-XXXXXX";
    if (argc > 1 && (!str_i64(str_c(argv[1]), &n) || n < 1)) return fprintf(stderr, "holds [N] [FOLDER]\n"), 2;
    world w = *world_real();
    w.now_us = now_of;
    err e = {0};
    writer *wr;
    runner *r;
    if (argc > 2)
        snprintf(place, sizeof place, "%s", argv[2]);
    else if (!mkdtemp(place))
        die(&(err){.msg = "no folder"});
    const bool there = argc > 2 && access(argv[2], F_OK) == 0;
    if (there)
        put_places(place); // as it was left
    else
        fill(place, n, &w);
    setenv("HEED_TEXT", "", 1);
    for (int with = there; with < 2; with++) {
        if (!writer_open(&wr, (writer_opts){.where = place, .w = &w}, &e)) die(&e);
        const runner_opts o = {.w = wr, .where = place, .world = &w, .told = on_told, .workers = 1};
        if (!runner_open(&r, o, &e) || !writer_do(wr, never, NULL, &e)) die(&e);
        if (!with) {
            do_job(wr, r, "meaning", "meaning: all words, by letters");
            do_job(wr, r, "topics", "topics: learning, all words, audit");
        } else {
            atomic_fetch_add(&now_us, (there ? 62 : 31) * DAY_US);
            do_job(wr, r, "topics", "topics: a month later");
            do_job(wr, r, "moods", "moods");
            do_job(wr, r, "meaning", "meaning: after moods");
        }
        do_job(wr, r, "themes", with ? "themes: with places" : "themes: by letters");
        reads(place);
        if (with) {
            do_piece(wr, learnt_moods, "moods are taken up");
            do_piece(wr, forget_moods, "moods are forgotten");
            another_encoder(wr);
        }
        runner_close(r);
        writer_close(wr);
        if (!with) put_places(place);
    }
    return 0;
}
