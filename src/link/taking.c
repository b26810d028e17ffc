#include <pthread.h>

#include "link/taking.h"

enum { BATCH = 8192 };

typedef struct {
    uint32_t at, len; // in the bytes of the batch
} slice;

typedef struct {
    char *bytes;
    size_t n_bytes, cap_bytes;
    slice *cell, *house; // [BATCH][fields]
    uint32_t n;          // rows
} batch;

struct taking {
    link_table *t;
    const link_plan *plan;
    int city;             // the field of the city, -1
    standard own, theirs; // of this thread and the other
    batch b[2];
    int filling;
    uint32_t *out; // [fields][BATCH] numbers of the values of the batch at work
    pthread_t helper;
    bool helped;
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    const batch *work; // what is being numbered; NULL: nothing
    int next, left;    // field to be taken on, fields not done
    bool stop;
};

static str text_of(const batch *b, slice x) {
    return (str){x.len ? b->bytes + x.at : NULL, x.len};
}

// Forms wait until there are some of them, so that memory is asked for ahead of its use.
enum { WAITING = 32, ROOM = 1 << 16 };

typedef struct {
    str form[WAITING];
    uint64_t hash[WAITING];
    uint32_t *to[WAITING];
    int n;
    size_t used;
    char room[ROOM];
} waiting;

static void put_waiting(intern *v, waiting *w) {
    for (int step = 1; step < 3; step++)
        for (int i = 0; i < w->n; i++) intern_ask(v, w->hash[i], step);
    for (int i = 0; i < w->n; i++) *w->to[i] = intern_put_hashed(v, w->form[i], w->hash[i]);
    w->n = 0, w->used = 0;
}

static void wait_form(intern *v, waiting *w, str form, uint32_t *to) {
    if (w->n == WAITING || w->used + form.len > ROOM) put_waiting(v, w);
    if (form.len) memcpy(w->room + w->used, form.s, form.len);
    w->form[w->n] = (str){w->room + w->used, form.len};
    w->hash[w->n] = form.len ? intern_hash(form) : 0;
    w->to[w->n] = to;
    w->used += form.len;
    intern_ask(v, w->hash[w->n++], 0);
}

// A title that repeats the city of its record says nothing that the city has not said. What is left, if there is any.
static str without_city(str text, str city, char *out) {
    size_t n = 0;
    if (!city.len || city.len >= text.len) return text;
    for (size_t i = 0; i < text.len;) {
        const str rest = str_sub(text, i, text.len);
        const bool begins = !i || text.s[i - 1] == ' ';
        if (begins && str_starts(rest, city) && (rest.len == city.len || rest.s[city.len] == ' ')) {
            i += city.len + (rest.len > city.len);
            continue;
        }
        out[n++] = text.s[i++];
    }
    while (n && out[n - 1] == ' ') n--;
    return n ? (str){out, n} : text;
}

static void number(taking *k, standard *s, const batch *b, int field) {
    const link_column *c = &k->plan->field[field];
    intern *v = &k->t->field[field].v;
    const int width = k->t->n_fields;
    char city[STANDARD_MOST + 64], left[STANDARD_MOST + 64];
    waiting w = {.n = 0};
    for (uint32_t i = 0; i < b->n; i++) {
        const size_t at = (size_t)i * (size_t)width + (size_t)field;
        str of = {0};
        if (c->kind == LINK_text && k->city >= 0) {
            const size_t there = (size_t)i * (size_t)width + (size_t)k->city;
            of = standard_form(s, LINK_city, LINK_WHOLE, text_of(b, b->cell[there]), (str){0});
            if (of.len) memcpy(city, of.s, of.len);
            of.s = city;
        }
        str form = standard_form(s, c->kind, c->part, text_of(b, b->cell[at]), text_of(b, b->house[at]));
        form = without_city(form, of, left);
        wait_form(v, &w, form, &k->out[(size_t)field * BATCH + i]);
    }
    put_waiting(v, &w);
}

// Takes on fields until there are none left. The lock is held when it is called and when it returns.
static void help(taking *k, standard *s) {
    while (k->work && k->next < k->t->n_fields) {
        const int field = k->next++;
        const batch *b = k->work;
        pthread_mutex_unlock(&k->lock);
        number(k, s, b, field);
        pthread_mutex_lock(&k->lock);
        if (!--k->left) pthread_cond_broadcast(&k->done);
    }
}

static void *helper(void *p) {
    taking *k = p;
    pthread_mutex_lock(&k->lock);
    while (!k->stop) {
        help(k, &k->theirs);
        if (!k->stop) pthread_cond_wait(&k->wake, &k->lock);
    }
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

static standard standard_of(const link_plan *p) {
    standard s = standard_open();
    s.month_first = p->month_first;
    memcpy(s.country, p->country, sizeof s.country);
    return s;
}

taking *taking_open(link_table *t, const link_plan *plan) {
    taking *k = calloc(1, sizeof *k);
    if (!k) abort();
    *k = (taking){.t = t, .plan = plan, .city = -1, .own = standard_of(plan), .theirs = standard_of(plan)};
    for (int i = t->n_fields - 1; i >= 0; i--)
        if (plan->field[i].kind == LINK_city) k->city = i;
    const size_t n = (size_t)BATCH * (size_t)t->n_fields;
    for (int i = 0; i < 2; i++) {
        size_t had = 0, had_house = 0;
        k->b[i].cell = room_for(NULL, &had, n, sizeof(slice));
        k->b[i].house = room_for(NULL, &had_house, n, sizeof(slice));
    }
    size_t had = 0;
    k->out = room_for(NULL, &had, n, sizeof *k->out);
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->wake, NULL);
    pthread_cond_init(&k->done, NULL);
    k->helped = !pthread_create(&k->helper, NULL, helper, k);
    return k;
}

// Numbers of a finished batch, field by field, into the rows of the table.
static void settle(taking *k) {
    link_table *t = k->t;
    const size_t width = (size_t)t->n_fields, n = k->work->n;
    ROOM_FOR(t->cell, &t->cap_cell, ((size_t)t->rows + n) * width);
    uint32_t *to = t->cell + (size_t)t->rows * width;
    for (size_t i = 0; i < n; i++)
        for (size_t f = 0; f < width; f++) to[i * width + f] = k->out[f * BATCH + i];
    t->rows += (uint32_t)n;
    k->work = NULL;
}

// The batch at work is brought to its end, then the one that was filled is put to work.
static void turn(taking *k) {
    pthread_mutex_lock(&k->lock);
    help(k, &k->own);
    while (k->left) pthread_cond_wait(&k->done, &k->lock);
    if (k->work) settle(k);
    if (k->b[k->filling].n) {
        k->work = &k->b[k->filling], k->next = 0, k->left = k->t->n_fields;
        pthread_cond_signal(&k->wake);
    }
    pthread_mutex_unlock(&k->lock);
    k->filling = !k->filling;
    k->b[k->filling].n = 0, k->b[k->filling].n_bytes = 0;
}

static slice keep(batch *b, const str *cells, int n, int col) {
    if (col < 0 || col >= n || !cells[col].len) return (slice){0};
    const size_t len = MIN(cells[col].len, (size_t)STANDARD_MOST * 4);
    ROOM_FOR(b->bytes, &b->cap_bytes, b->n_bytes + len);
    memcpy(b->bytes + b->n_bytes, cells[col].s, len);
    b->n_bytes += len;
    return (slice){(uint32_t)(b->n_bytes - len), (uint32_t)len};
}

void taking_row(taking *k, const str *cells, int n) {
    batch *b = &k->b[k->filling];
    const int width = k->t->n_fields;
    const size_t at = (size_t)b->n * (size_t)width;
    for (int i = 0; i < width; i++) {
        const link_column *c = &k->plan->field[i];
        b->cell[at + (size_t)i] = keep(b, cells, n, c->col);
        b->house[at + (size_t)i] = keep(b, cells, n, c->house);
    }
    if (++b->n == BATCH) turn(k);
}

void taking_close(taking *k) {
    turn(k);
    turn(k);
    pthread_mutex_lock(&k->lock);
    k->stop = true;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->lock);
    if (k->helped) pthread_join(k->helper, NULL);
    pthread_mutex_destroy(&k->lock);
    pthread_cond_destroy(&k->wake);
    pthread_cond_destroy(&k->done);
    for (int i = 0; i < 2; i++) {
        free(k->b[i].bytes);
        free(k->b[i].cell);
        free(k->b[i].house);
    }
    standard_close(&k->own);
    standard_close(&k->theirs);
    free(k->out);
    free(k);
}
