// json_rows: reads a file through the front door of the room and keeps what was heard, for the tests of the JSON
// formats.
#ifndef HEED_JSON_ROWS_H
#define HEED_JSON_ROWS_H

#include "test.h"

#include "base/civil.h"
#include "listen/listen.h"

enum { ROWS_MAX = 64, EVENTS_MAX = 1024 };

typedef struct {
    arena a;
    heard_as as;
    event events[EVENTS_MAX];
    int n, rows, skipped, rejected;
    heard kept[ROWS_MAX]; // skipped and rejected rows in order, with field and reason
    int n_kept;
} heard_rows;

static inline event keep_event(arena *a, const event *from) {
    event ev = *from;
    str *const texts[] = {&ev.ext,  &ev.thread,  &ev.text,    &ev.lang,  &ev.topic,
                          &ev.name, &ev.country, &ev.segment, &ev.staff, &ev.extra};
    for (size_t i = 0; i < COUNT(texts); i++) *texts[i] = str_dup(a, *texts[i]);
    for (int i = 0; i < ev.n_ids; i++) ev.ids[i].value = str_dup(a, ev.ids[i].value);
    return ev;
}

static inline bool keep_row(void *ctx, const heard *h, err *e) {
    heard_rows *const all = ctx;
    (void)e;
    all->rows++;
    all->skipped += h->skipped;
    all->rejected += h->rejected;
    assert_int_equal(h->skipped + h->rejected + (h->n > 0), 1); // exactly one of the three
    if (!h->n && all->n_kept < ROWS_MAX) {
        heard *const k = &all->kept[all->n_kept++];
        *k = *h;
        k->field = str_dup(&all->a, h->field);
        k->reason = str_dup(&all->a, h->reason);
    }
    for (int i = 0; i < h->n && all->n < EVENTS_MAX; i++) all->events[all->n++] = keep_event(&all->a, &h->events[i]);
    return true;
}

static inline void hear(heard_rows *all, const char *path, listen_opts opts) {
    err e = {0};
    *all = (heard_rows){.a = arena_open(64 << 20)};
    const sink to = {.row = keep_row, .ctx = all};
    if (!listen_file(&all->a, path, &opts, &all->as, &to, &e)) fail_msg("%s: %s", path, e.msg);
}

static inline void forget(heard_rows *all) {
    arena_close(&all->a);
}

// The event of this key, which must be there once.
static inline const event *said(const heard_rows *all, const char *ext) {
    const event *found = NULL;
    for (int i = 0; i < all->n; i++)
        if (str_eq(all->events[i].ext, str_c(ext))) {
            if (found) fail_msg("two events have the key %s", ext);
            found = &all->events[i];
        }
    if (!found) fail_msg("no event has the key %s", ext);
    return found;
}

static inline str id_of(const event *ev, enum ident_kind kind) {
    for (int i = 0; i < ev->n_ids; i++)
        if (ev->ids[i].kind == kind) return ev->ids[i].value;
    return S("");
}

#define assert_kind(ev, want) assert_int_equal((ev)->kind, KIND_##want)
#define assert_value(ev, want, of)                                                                                     \
    do {                                                                                                               \
        assert_true((ev)->has_value);                                                                                  \
        assert_int_equal((ev)->value, want);                                                                           \
        assert_int_equal((ev)->unit, of);                                                                              \
    } while (0)
#define assert_at(all, us, want) assert_str(iso_str(&(all)->a, us), S(want))

#endif
