#include "know/page.h"
#include "sql/know.h"
#include "sql/ledger.h"

enum { MOMENTS = 1 << 20 };

static int longest_first(const void *x, const void *y) {
    const page_wait *p = x, *q = y;
    if (p->since_us != q->since_us) return p->since_us < q->since_us ? -1 : 1;
    return (p->profile > q->profile) - (p->profile < q->profile);
}

bool page_waits(arena *a, store *s, const sources *all, const person *p, page_wait **out, size_t *n, err *e) {
    size_t room = 0;
    *out = NULL, *n = 0;
    if (p->has_summary && !p->sum.waiting_us) return true; // it is written together with the conversations
    for (row r = store_query(s, Q_conversation_waiting, e, "t", person_profiles(a, p)); row_next(&r);) {
        if (*n == room) {
            page_wait *more = make(a, page_wait, room = room ? room * 2 : 8);
            if (*n) memcpy(more, *out, *n * sizeof *more);
            *out = more;
        }
        (*out)[(*n)++] = (page_wait){.profile = row_int(&r, 0),
                                     .opened_us = row_int(&r, 1),
                                     .since_us = row_int(&r, 2),
                                     .channel = (enum channel)row_int(&r, 3),
                                     .from = source_by_id(all, row_int(&r, 4))};
    }
    if (*n) qsort(*out, *n, sizeof **out, longest_first);
    return err_ok(e);
}

// ---- the timeline ----

typedef struct {
    arena *a;
    store *s;
    const moments_ask *ask;
    int64_t most; // and one more, to know whether there are
    record *v;
    size_t n, room;
} moments;

static int newest_first(const void *x, const void *y) {
    const record *p = x, *q = y;
    if (p->at_us != q->at_us) return p->at_us < q->at_us ? 1 : -1;
    return (p->key < q->key) - (p->key > q->key);
}

static void keep(moments *m, const row *q) {
    if (m->n == m->room) {
        record *more = make(m->a, record, m->room = m->room ? m->room * 2 : 64);
        if (m->n) memcpy(more, m->v, m->n * sizeof *more);
        m->v = more;
    }
    m->v[m->n++] = (record){.period = (int32_t)row_int(q, 0),
                            .profile_id = row_int(q, 1),
                            .at_us = row_int(q, 2),
                            .key = row_int(q, 3),
                            .kind = (uint8_t)row_int(q, 4),
                            .channel = (uint8_t)row_int(q, 5),
                            .import_id = row_int(q, 6),
                            .value = row_int(q, 7),
                            .has_value = !row_null(q, 7),
                            .unit = (int32_t)row_int(q, 8),
                            .thread = row_int(q, 9),
                            .has_thread = !row_null(q, 9),
                            .body = str_dup(m->a, row_str(q, 10))};
}

// The moments of one profile in the months lo..hi, newest first.
static bool take(moments *m, int64_t lo, int64_t hi, int64_t profile, err *e) {
    const moments_ask *k = m->ask;
    int64_t before = k->before_us || k->before_key ? k->before_us : INT64_MAX;
    int64_t since = k->since_us ? k->since_us : INT64_MIN, until = k->until_us ? k->until_us : INT64_MAX;
    size_t from = m->n;
    for (row q = store_query(m->s, Q_event_back, e, "iiiiiiiiiiii", lo, hi, profile, before, k->before_key, since,
                             until, (int64_t)k->kinds, (int64_t)k->channels, m->most, (int64_t)k->in_thread, k->thread);
         row_next(&q);)
        if (m->n - from < MOMENTS) keep(m, &q);
    return err_ok(e);
}

static bool take_all(moments *m, const person *p, int64_t lo, int64_t hi, err *e) {
    size_t from = m->n;
    for (size_t i = 0; i < p->n_profiles; i++)
        if (!take(m, lo, hi, p->profiles[i].id, e)) return false;
    if (p->n_profiles > 1 && m->n > from) qsort(m->v + from, m->n - from, sizeof *m->v, newest_first);
    return true;
}

// The months that may hold what is asked for.
static bool bounds(store *s, const moments_ask *k, int64_t *lo, int64_t *hi, err *e) {
    if (!store_int(s, Q_event_period_first, lo, 1, e, "") || !store_int(s, Q_event_period_last, hi, 0, e, ""))
        return false;
    if (k->since_us) *lo = MAX(*lo, event_period(k->since_us));
    if (k->until_us) *hi = MIN(*hi, event_period(k->until_us));
    if (k->before_us || k->before_key) *hi = MIN(*hi, event_period(k->before_us));
    return true;
}

bool page_moments(arena *a, store *s, const person *p, const moments_ask *ask, record **out, size_t *n, bool *more,
                  err *e) {
    moments m = {.a = a, .s = s, .ask = ask, .most = ask->most ? ask->most + 1 : INT64_MAX};
    int64_t lo = INT32_MIN, hi = INT32_MAX;
    // PostgreSQL's key leads with the profile; SQLite's with the month, so it is asked month by month.
    bool by_month = store_kind_of(s) == STORE_SQLITE, ok = true;
    if (by_month && !bounds(s, ask, &lo, &hi, e)) return false;
    if (!by_month) ok = take_all(&m, p, lo, hi, e);
    for (; by_month && ok && hi >= lo && (int64_t)m.n < m.most; hi--) ok = take_all(&m, p, hi, hi, e);
    *more = ok && ask->most && (int64_t)m.n > ask->most;
    *out = m.v, *n = *more ? (size_t)ask->most : m.n;
    return ok;
}
