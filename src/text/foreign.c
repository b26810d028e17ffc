#include <poll.h>
#include <sys/socket.h>

#include "text/foreign.h"

#include <errno.h>
#include <math.h>

enum { LINE = 256 << 10 };

struct foreign {
    int socket;
    size_t numbers; // of a vector; 0: none was seen
    char *in;       // what came and is not read yet
    size_t n_in;
};

foreign *foreign_open(arena *a, int socket) {
    foreign *f = make(a, foreign, 1);
    *f = (foreign){.socket = socket, .in = make(a, char, LINE)};
    return f;
}

// ---- numbers ----

static bool parts(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == ',' || c == ';' || c == '[' || c == ']';
}

bool foreign_numbers(str line, float *v, size_t *n, err *e) {
    *n = 0;
    for (size_t i = 0; i < line.len;) {
        size_t end = i;
        if (parts(line.s[i])) {
            i++;
            continue;
        }
        while (end < line.len && !parts(line.s[end])) end++;
        const str one = str_sub(line, i, end - i);
        double x;
        if (!str_f64(one, &x) || fabs(x) > 1e30)
            return fail(e, ERR_invalid,
                        "the encoder answered \"%.*s\"; it must answer each text with a line of numbers",
                        (int)MIN(one.len, 60), one.s);
        if (*n == FOREIGN_MOST) return fail(e, ERR_invalid, "the encoder answered with over %d numbers", FOREIGN_MOST);
        v[(*n)++] = (float)x;
        i = end;
    }
    return *n > 0 ||
           fail(e, ERR_invalid, "the encoder answered with an empty line; it must answer each text with numbers");
}

// A sign for each place, always the same (the top bit of a Fibonacci hash, mixed).
static float sign_of(uint32_t i) {
    uint32_t h = (i + 1) * 0x9E3779B9U;
    h = (h ^ h >> 15) * 0x85EBCA6BU;
    h ^= h >> 13;
    return h >> 31 ? -1 : 1;
}

void foreign_reduce(const float *v, size_t n, float *out) {
    float x[FOREIGN_MOST] = {0};
    size_t size = EMBEDDING;
    assert(n <= FOREIGN_MOST);
    while (size < n) size *= 2;
    double square = 0;
    float most = 0;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, fabsf(v[i]));
    for (size_t i = 0; most > 0 && i < n; i++) x[i] = v[i] / most * sign_of((uint32_t)i);
    for (size_t half = 1; half < size; half *= 2)
        for (size_t i = 0; i < size; i += 2 * half)
            for (size_t k = i; k < i + half; k++) {
                const float low = x[k], high = x[k + half];
                x[k] = low + high;
                x[k + half] = low - high;
            }
    for (size_t i = 0; i < EMBEDDING; i++) square += (double)x[i] * x[i];
    for (size_t i = 0; i < EMBEDDING; i++) out[i] = square > 0 ? (float)(x[i] / sqrt(square)) : 0;
}

// ---- talking ----

typedef struct {
    foreign *f;
    str left;           // to be sent
    size_t answers, of; // received, expected
    const size_t *at;   // the text of each answer
    float *out;
} talk;

static bool gone(err *e) {
    return fail(e, ERR_unavailable, "the encoder ended; run it by itself to see why");
}

static bool send_some(talk *t, err *e) {
    const ssize_t n = send(t->f->socket, t->left.s, t->left.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN || errno == EINTR || gone(e);
    t->left = str_sub(t->left, (size_t)n, t->left.len);
    return true;
}

static bool take_line(talk *t, str line, err *e) {
    float v[FOREIGN_MOST];
    size_t n;
    if (!str_trim(line).len) return true; // it may answer empty lines with empty lines
    if (t->answers == t->of) return fail(e, ERR_invalid, "the encoder answers more lines than it was asked");
    if (!foreign_numbers(line, v, &n, e)) return false;
    if (t->f->numbers && n != t->f->numbers)
        return fail(e, ERR_invalid, "the encoder answered %zu numbers after %zu; they must always be as many", n,
                    t->f->numbers);
    t->f->numbers = n;
    foreign_reduce(v, n, t->out + t->at[t->answers++] * EMBEDDING);
    return true;
}

static bool take_some(talk *t, err *e) {
    foreign *f = t->f;
    const ssize_t n = recv(f->socket, f->in + f->n_in, LINE - f->n_in, MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN || errno == EINTR || gone(e);
    if (n == 0) return gone(e);
    f->n_in += (size_t)n;
    str rest = {f->in, f->n_in};
    for (ptrdiff_t end; (end = str_find(rest, '\n')) >= 0; rest = str_sub(rest, (size_t)end + 1, rest.len))
        if (!take_line(t, str_sub(rest, 0, (size_t)end), e)) return false;
    if (rest.len == LINE) return fail(e, ERR_too_large, "the encoder answered with a line of over %d bytes", LINE);
    if (rest.len) memmove(f->in, rest.s, rest.len);
    f->n_in = rest.len;
    return true;
}

static bool exchange(talk *t, err *e) {
    while (t->left.len || t->answers < t->of) {
        struct pollfd p = {t->f->socket, (short)(POLLIN | (t->left.len ? POLLOUT : 0)), 0};
        const int ready = poll(&p, 1, FOREIGN_WAIT_MS);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0)
            return fail(e, ERR_unavailable, "the encoder has not answered for %d seconds; does it flush every line?",
                        FOREIGN_WAIT_MS / 1000);
        if ((p.revents & (POLLIN | POLLHUP | POLLERR)) && !take_some(t, e)) return false;
        if ((p.revents & POLLOUT) && t->left.len && !send_some(t, e)) return false;
    }
    return true;
}

static bool put_line(buf *b, str text) {
    const size_t before = b->len;
    text = str_trim(str_sub(text, 0, FOREIGN_TEXT));
    for (size_t i = 0; i < text.len; i++) buf_addc(b, (unsigned char)text.s[i] < ' ' ? ' ' : text.s[i]);
    if (!text.len) return false;
    buf_addc(b, '\n');
    return b->len > before;
}

bool foreign_embed(foreign *f, arena scratch, const str *texts, size_t n, float *out, err *e) {
    for (size_t at = 0; at < n && err_ok(e); at += FOREIGN_BATCH) {
        arena brief = scratch;
        size_t places[FOREIGN_BATCH];
        talk t = {.f = f, .at = places, .out = out};
        buf b = buf_new(&brief, FOREIGN_BATCH * (FOREIGN_TEXT + 1) + 1);
        for (size_t i = at; i < n && i < at + FOREIGN_BATCH; i++) {
            memset(out + i * EMBEDDING, 0, EMBEDDING * sizeof *out);
            if (put_line(&b, texts[i])) places[t.of++] = i;
        }
        buf_addc(&b, '\n');
        t.left = buf_str(&b);
        if (t.of && !exchange(&t, e)) return false;
    }
    return err_ok(e);
}
