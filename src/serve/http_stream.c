// Live pages: answers that go on for as long as the page is open.
//
// A stream with nothing to send is suspended. Whoever tells something only rings; the watch wakes the streams, a few
// times a second at most, so that telling costs the writer nothing however many pages are open.
#include "serve/http_private.h"

enum { PIECE = 32 << 10, PACE_MS = 50 };

static void list_remove(streams *all, stream *s) {
    s->before->after = s->after, s->after->before = s->before;
    s->joined = false, all->n--;
}

static void wake(stream *s) {
    if (!s->asleep) return;
    s->asleep = false;
    MHD_resume_connection(s->mc);
}

// Fills `out` anew; false at the end.
static bool fill(stream *s) {
    int64_t now = http_now_ms();
    s->n = s->sent = 0;
    if (s->first.len) {
        s->n = MIN(s->first.len, PIECE);
        memcpy(s->out, s->first.s, s->n);
        s->first = str_sub(s->first, s->n, s->first.len);
    } else if (s->over || now >= s->ends_ms)
        return false;
    else
        s->n = live_read(server_live(s->h->o.sv), &s->at, s->out, PIECE);
    if (!s->n && s->beat) {
        memcpy(s->out, ":\n\n", 3);
        s->n = 3;
    }
    s->beat = false;
    if (s->n) s->last_ms = now;
    return true;
}

static ssize_t on_piece(void *ctx, uint64_t at, char *into, size_t most) {
    stream *s = ctx;
    streams *all = &s->h->streams;
    ssize_t n = 0;
    (void)at;
    pthread_mutex_lock(&all->lock);
    if (s->sent == s->n && !fill(s))
        n = MHD_CONTENT_READER_END_OF_STREAM;
    else if (s->sent == s->n) {
        s->asleep = true;
        MHD_suspend_connection(s->mc);
    } else {
        size_t some = MIN(most, s->n - s->sent);
        memcpy(into, s->out + s->sent, some);
        s->sent += some, n = (ssize_t)some;
    }
    pthread_mutex_unlock(&all->lock);
    return n;
}

struct MHD_Response *stream_begin(http *h, stream *s, struct MHD_Connection *mc, arena *a, live_at at, str first) {
    streams *all = &h->streams;
    int64_t now = http_now_ms();
    struct MHD_Response *r = NULL;
    *s = (stream){.mc = mc, .h = h, .at = at, .first = first, .last_ms = now, .ends_ms = now + h->o.stream_ms};
    s->out = make(a, char, PIECE);
    pthread_mutex_lock(&all->lock);
    if (all->n < h->o.most_streams && !all->over)
        r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, on_piece, s, NULL);
    if (r) {
        s->after = &all->all, s->before = all->all.before;
        s->before->after = s, all->all.before = s;
        s->joined = true, all->n++;
    }
    pthread_mutex_unlock(&all->lock);
    return r;
}

void stream_end(http *h, stream *s) {
    pthread_mutex_lock(&h->streams.lock);
    if (s->joined) list_remove(&h->streams, s);
    pthread_mutex_unlock(&h->streams.lock);
}

void streams_wake(void *ctx) {
    http *h = ctx;
    if (!atomic_exchange(&h->streams.told, true)) door_ring(h);
}

void streams_tend(http *h, int64_t now_ms) {
    streams *all = &h->streams;
    bool told = now_ms - all->woken_ms >= PACE_MS && atomic_exchange(&all->told, false);
    if (told) all->woken_ms = now_ms;
    pthread_mutex_lock(&all->lock);
    for (stream *s = all->all.after; s != &all->all; s = s->after) {
        s->beat = now_ms - s->last_ms >= h->o.beat_ms;
        if (told || s->beat || now_ms >= s->ends_ms) wake(s);
    }
    pthread_mutex_unlock(&all->lock);
}

void streams_stop(http *h) {
    streams *all = &h->streams;
    pthread_mutex_lock(&all->lock);
    all->over = true;
    for (stream *s = all->all.after; s != &all->all; s = s->after) {
        s->over = true;
        wake(s);
    }
    pthread_mutex_unlock(&all->lock);
}
