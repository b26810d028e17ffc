#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 << 10, XZ_MEMORY = 512 << 20 };
enum packing { UNKNOWN, PLAIN, GZIP, ZSTD, XZ };

struct input {
    int fd;
    char *path;
    enum packing packing;
    bool eof;    // of the file as stored
    bool inside; // a member (gzip), frame (zstd) or stream (xz) was begun and has not ended
    bool ended;
    int64_t done, total;
    unsigned char *raw; // stored bytes that were read and not used: [at, len)
    size_t at, len;
    char *peek; // bytes that were looked at and not taken: [peek_at, peek_len)
    size_t peek_at, peek_len;
    z_stream z;
    ZSTD_DStream *zstd;
    lzma_stream xz;
};

static bool fail_open(const char *path, err *e) {
    switch (errno) {
    case ENOENT:
    case ENOTDIR: return fail(e, ERR_not_found, "cannot open \"%s\": no such file", path);
    case EACCES:
    case EPERM: return fail(e, ERR_denied, "cannot open \"%s\": not permitted", path);
    default: return fail(e, ERR_unavailable, "cannot open \"%s\": %s", path, strerror(errno));
    }
}

bool input_open(input **out, const char *path, err *e) {
    *out = NULL;
    bool standard = !strcmp(path, "-");
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail_open(path, e);
    struct stat st = {0};
    fstat(fd, &st);
    if (S_ISDIR(st.st_mode)) {
        if (!standard) close(fd);
        return fail(e, ERR_invalid, "\"%s\" is a directory; name a file in it", path);
    }
    input *in = calloc(1, sizeof *in);
    if (!in) abort();
    *in = (input){.fd = fd, .total = S_ISREG(st.st_mode) ? st.st_size : 0, .xz = LZMA_STREAM_INIT};
    in->path = strdup(standard ? "standard input" : path);
    in->raw = malloc(CHUNK);
    in->peek = malloc(CHUNK);
    if (!in->path || !in->raw || !in->peek) abort();
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    *out = in;
    return true;
}

void input_close(input *in) {
    if (!in) return;
    if (in->packing == GZIP) inflateEnd(&in->z);
    ZSTD_freeDStream(in->zstd);
    lzma_end(&in->xz);
    if (in->fd != STDIN_FILENO) close(in->fd);
    free(in->path);
    free(in->raw);
    free(in->peek);
    free(in);
}

int64_t input_done(const input *in) {
    return in->done - (int64_t)(in->len - in->at);
}

int64_t input_total(const input *in) {
    return in->total;
}

static ptrdiff_t read_fd(input *in, void *p, size_t n, err *e) {
    ssize_t got = 0;
    do got = read(in->fd, p, n);
    while (got < 0 && errno == EINTR);
    if (got < 0) fail(e, ERR_unavailable, "cannot read \"%s\": %s", in->path, strerror(errno));
    in->eof = !got;
    in->done += MAX(got, 0);
    return got;
}

// Reads stored bytes until `least` are there or the file ends.
static bool fill(input *in, size_t least, err *e) {
    if (in->at) memmove(in->raw, in->raw + in->at, in->len - in->at);
    in->len -= in->at;
    in->at = 0;
    while (!in->eof && in->len < least) {
        ptrdiff_t n = read_fd(in, in->raw + in->len, CHUNK - in->len, e);
        if (n < 0) return false;
        in->len += (size_t)n;
    }
    return true;
}

static bool damaged(const input *in, const char *why, err *e) {
    return fail(e, ERR_invalid, "\"%s\" is damaged at byte %" PRId64 ": %s", in->path, input_done(in), why);
}

static str head(const input *in) {
    return (str){(const char *)in->raw + in->at, in->len - in->at};
}

static enum packing packing_of(str x) {
    if (str_starts(x, S("\x1F\x8B\x08"))) return GZIP;
    if (str_starts(x, S("\x28\xB5\x2F\xFD"))) return ZSTD;
    // A frame that zstd skips may stand first: its magic number ends in any of sixteen digits.
    if (x.len >= 4 && (x.s[0] & 0xF0) == 0x50 && str_starts(str_sub(x, 1, 3), S("\x2A\x4D\x18"))) return ZSTD;
    if (str_starts(x, S("\xFD"
                        "7zXZ\0")))
        return XZ;
    return PLAIN;
}

static bool begin(input *in, err *e) {
    if (!fill(in, 6, e)) return false;
    in->packing = packing_of(head(in));
    bool ok = true;
    if (in->packing == GZIP) ok = inflateInit2(&in->z, 16 + MAX_WBITS) == Z_OK;
    if (in->packing == ZSTD) ok = (in->zstd = ZSTD_createDStream()) != NULL;
    if (in->packing == XZ) ok = lzma_stream_decoder(&in->xz, XZ_MEMORY, LZMA_CONCATENATED) == LZMA_OK;
    return ok ? true : fail(e, ERR_internal, "no memory to decompress \"%s\"", in->path);
}

// Between members: another one, zeros up to the end (as tar and tapes leave them), or damage.
static bool next_gzip(input *in, err *e) {
    for (;;) {
        while (in->at < in->len && !in->raw[in->at]) in->at++;
        if (!fill(in, 3, e)) return false;
        if (!in->len) return true;
        if (in->raw[0]) break;
    }
    if (packing_of(head(in)) != GZIP) return damaged(in, "what follows the compressed data is not gzip", e);
    inflateReset(&in->z);
    return true;
}

// Each of the three takes bytes from raw, gives some to p, and says how many; it moves on or fails if none are given.

static ptrdiff_t unpack_gzip(input *in, char *p, size_t n, err *e) {
    if (!in->inside && !next_gzip(in, e)) return -1;
    if (!in->inside && in->at == in->len) {
        in->ended = true;
        return 0;
    }
    in->z.next_in = in->raw + in->at;
    in->z.avail_in = (uInt)(in->len - in->at);
    in->z.next_out = (unsigned char *)p;
    in->z.avail_out = (uInt)n;
    int got = inflate(&in->z, Z_NO_FLUSH);
    in->at = in->len - in->z.avail_in;
    in->inside = got != Z_STREAM_END;
    if (got != Z_OK && got != Z_STREAM_END && got != Z_BUF_ERROR) {
        damaged(in, in->z.msg ? in->z.msg : "not gzip", e);
        return -1;
    }
    return (ptrdiff_t)(n - in->z.avail_out);
}

static ptrdiff_t unpack_zstd(input *in, char *p, size_t n, err *e) {
    if (!in->inside && in->at == in->len && in->eof) {
        in->ended = true;
        return 0;
    }
    ZSTD_inBuffer from = {in->raw, in->len, in->at};
    ZSTD_outBuffer to = {p, n, 0};
    size_t got = ZSTD_decompressStream(in->zstd, &to, &from);
    in->at = from.pos;
    in->inside = got != 0;
    if (ZSTD_isError(got)) {
        damaged(in, ZSTD_getErrorName(got), e);
        return -1;
    }
    return (ptrdiff_t)to.pos;
}

static const char *xz_why(lzma_ret got) {
    switch (got) {
    case LZMA_OPTIONS_ERROR: return "its compression options are not supported";
    case LZMA_BUF_ERROR: return "it ends within the compressed data";
    default: return "the compressed data is corrupt";
    }
}

static ptrdiff_t unpack_xz(input *in, char *p, size_t n, err *e) {
    in->xz.next_in = in->raw + in->at;
    in->xz.avail_in = in->len - in->at;
    in->xz.next_out = (unsigned char *)p;
    in->xz.avail_out = n;
    lzma_ret got = lzma_code(&in->xz, in->eof ? LZMA_FINISH : LZMA_RUN);
    in->at = in->len - in->xz.avail_in;
    in->ended = got == LZMA_STREAM_END;
    if (got == LZMA_MEMLIMIT_ERROR) {
        fail(e, ERR_too_large, "\"%s\" needs more than %d MiB to decompress", in->path, XZ_MEMORY >> 20);
        return -1;
    }
    if (got != LZMA_OK && got != LZMA_STREAM_END && (got != LZMA_BUF_ERROR || in->eof)) {
        damaged(in, xz_why(got), e);
        return -1;
    }
    return (ptrdiff_t)(n - in->xz.avail_out);
}

static ptrdiff_t unpack(input *in, char *p, size_t n, err *e) {
    while (!in->ended) {
        if (!fill(in, 1, e)) return -1;
        size_t before = in->len - in->at;
        ptrdiff_t got = in->packing == GZIP   ? unpack_gzip(in, p, n, e)
                        : in->packing == ZSTD ? unpack_zstd(in, p, n, e)
                                              : unpack_xz(in, p, n, e);
        if (got) return got;
        bool stuck = in->inside && in->eof && !before;
        if (stuck) {
            damaged(in, "it ends within the compressed data", e);
            return -1;
        }
    }
    return 0;
}

static ptrdiff_t take(input *in, char *p, size_t n, err *e) {
    if (!in->packing && !begin(in, e)) return -1;
    if (in->packing != PLAIN) return unpack(in, p, MIN(n, UINT32_MAX), e);
    if (in->at == in->len) return in->eof ? 0 : read_fd(in, p, n, e);
    n = MIN(n, in->len - in->at);
    memcpy(p, in->raw + in->at, n);
    in->at += n;
    return (ptrdiff_t)n;
}

ptrdiff_t input_read(void *ctx, char *p, size_t n, err *e) {
    input *in = ctx;
    if (in->peek_at == in->peek_len) return n ? take(in, p, n, e) : 0;
    n = MIN(n, in->peek_len - in->peek_at);
    memcpy(p, in->peek + in->peek_at, n);
    in->peek_at += n;
    return (ptrdiff_t)n;
}

str input_peek(input *in, size_t n, err *e) {
    n = MIN(n, CHUNK);
    memmove(in->peek, in->peek + in->peek_at, in->peek_len - in->peek_at);
    in->peek_len -= in->peek_at;
    in->peek_at = 0;
    while (in->peek_len < n) {
        ptrdiff_t got = take(in, in->peek + in->peek_len, CHUNK - in->peek_len, e);
        if (got <= 0) break;
        in->peek_len += (size_t)got;
    }
    return (str){in->peek, MIN(n, in->peek_len)};
}
