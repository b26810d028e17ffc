#include "base/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { MAX_RUNS = 4096, PIECE = 64 << 10 };

typedef struct {
    int64_t at, end; // bytes of the file still to read
    char *buf;
    size_t pos, len; // bytes of buf
} stream;

struct runs {
    arena life, work;
    int fd;
    size_t size, count;
    int64_t end;
    int n;
    int64_t starts[MAX_RUNS + 1];
    char piece[PIECE];
    stream *streams;
    int *heap, n_heap;
    int current; // the stream whose head was given out last, -1 none
};

bool runs_open(runs **out, str dir, size_t record_size, err *e) {
    assert(record_size >= 16 && record_size % 8 == 0 && record_size <= PIECE);
    arena life = arena_open(sizeof(runs) + (1 << 16));
    runs *r = make(&life, runs, 1);
    const char *tmp = getenv("TMPDIR");
    const char *where = dir.len ? str_z(&life, dir) : tmp && *tmp ? tmp : "/tmp";
    *r = (runs){.size = record_size, .work = arena_open((size_t)MAX_RUNS * (PIECE + 256)), .current = -1};
    r->fd = open(where, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    r->life = life;
    if (r->fd >= 0) return *out = r, true;
    bool ok = fail(e, errno == ENOSPC ? ERR_full : ERR_unavailable, "cannot make a temporary file in \"%s\": %s", where,
                   strerror(errno));
    runs_close(r);
    return ok;
}

void runs_close(runs *r) {
    if (!r) return;
    if (r->fd >= 0) close(r->fd);
    arena_close(&r->work);
    arena life = r->life;
    arena_close(&life);
}

size_t runs_count(const runs *r) {
    return r->count;
}

static bool put(runs *r, const char *p, size_t left, err *e) {
    while (left) {
        ssize_t w = pwrite(r->fd, p, left, r->end);
        if (w < 0 && errno == EINTR) continue;
        if (w <= 0)
            return fail(e, errno == ENOSPC ? ERR_full : ERR_unavailable, "cannot write a temporary file: %s",
                        strerror(errno));
        p += w, r->end += w, left -= (size_t)w;
    }
    return true;
}

bool runs_add(runs *r, const void *records, const keyed *order, size_t n, err *e) {
    if (!n) return true;
    if (r->n == MAX_RUNS) return fail(e, ERR_too_large, "more than %d runs wait to be merged", MAX_RUNS);
    size_t per = PIECE / r->size;
    int64_t start = r->end;
    for (size_t i = 0; i < n; i += per) {
        size_t m = MIN(per, n - i);
        for (size_t k = 0; k < m; k++)
            memcpy(r->piece + k * r->size, (const char *)records + (size_t)order[i + k].at * r->size, r->size);
        if (!put(r, r->piece, m * r->size, e)) return r->end = start, false;
    }
    r->starts[r->n++] = start;
    r->starts[r->n] = r->end;
    r->count += n;
    return true;
}

void runs_reset(runs *r) {
    if (r->end && ftruncate(r->fd, 0)) r->end = 0; // the space comes back at the close at the latest
    r->end = 0, r->n = 0, r->count = 0, r->n_heap = 0, r->current = -1;
    arena_reset(&r->work);
}

// ---- merging ----

static bool fill(runs *r, stream *s, err *e) {
    size_t want = PIECE / r->size * r->size;
    s->pos = s->len = 0;
    if ((int64_t)want > s->end - s->at) want = (size_t)(s->end - s->at);
    while (s->len < want) {
        ssize_t n = pread(r->fd, s->buf + s->len, want - s->len, s->at + (int64_t)s->len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail(e, ERR_unavailable, "cannot read a temporary file: %s", strerror(errno));
        s->len += (size_t)n;
    }
    s->at += (int64_t)s->len;
    return true;
}

static bool before(const runs *r, int x, int y) {
    uint64_t a[2], b[2];
    memcpy(a, r->streams[x].buf + r->streams[x].pos, sizeof a);
    memcpy(b, r->streams[y].buf + r->streams[y].pos, sizeof b);
    if (a[0] != b[0]) return a[0] < b[0];
    if (a[1] != b[1]) return a[1] < b[1];
    return x < y;
}

static void sift(runs *r, int i) {
    for (;;) {
        int c = 2 * i + 1;
        if (c >= r->n_heap) return;
        if (c + 1 < r->n_heap && before(r, r->heap[c + 1], r->heap[c])) c++;
        if (!before(r, r->heap[c], r->heap[i])) return;
        int t = r->heap[c];
        r->heap[c] = r->heap[i], r->heap[i] = t, i = c;
    }
}

bool runs_begin(runs *r, err *e) {
    arena_reset(&r->work);
    r->streams = make(&r->work, stream, r->n + 1);
    r->heap = make(&r->work, int, r->n + 1);
    r->n_heap = 0, r->current = -1;
    for (int i = 0; i < r->n; i++) {
        r->streams[i] = (stream){.at = r->starts[i], .end = r->starts[i + 1], .buf = make(&r->work, char, PIECE)};
        if (!fill(r, &r->streams[i], e)) return false;
        r->heap[r->n_heap++] = i;
    }
    for (int i = r->n_heap / 2; i-- > 0;) sift(r, i);
    return true;
}

// Moves past the record given out last, which stands on top of the heap.
static bool advance(runs *r, err *e) {
    stream *s = &r->streams[r->heap[0]];
    s->pos += r->size;
    if (s->pos == s->len) {
        if (s->at == s->end)
            r->heap[0] = r->heap[--r->n_heap];
        else if (!fill(r, s, e))
            return false;
    }
    sift(r, 0);
    return true;
}

bool runs_next(runs *r, const void **record, err *e) {
    if (r->current >= 0 && !advance(r, e)) return false;
    r->current = -1;
    if (!r->n_heap) return false;
    r->current = r->heap[0];
    *record = r->streams[r->current].buf + r->streams[r->current].pos;
    return true;
}
