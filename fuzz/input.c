// input: a file gives the same bytes, or fails at the same place, however it is read; bytes that no tool packed come
// out as they are, and packed bytes come out unpacked.
#include <zlib.h>

#include "base/input.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST = 1 << 20 };

typedef struct {
    str bytes;
    bool ok;
} result;

static result read_all(arena *a, str file, size_t step, size_t peek) {
    int fd = memfd_create("input", MFD_CLOEXEC);
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    input *in = NULL;
    err e = {0};
    bool ready = fd >= 0 && write(fd, file.s, file.len) == (ssize_t)file.len && input_open(&in, path, &e);
    assert(ready);
    buf b = buf_new(a, MOST);
    char *part = make(a, char, step);
    str seen = str_dup(a, input_peek(in, peek, &e));
    ptrdiff_t n = 0;
    while (!b.full && (n = input_read(in, part, MIN(step, b.max - b.len + 1), &e)) > 0) {
        buf_bytes(&b, part, (size_t)n);
        assert(input_done(in) <= input_total(in) && input_total(in) == (int64_t)file.len);
    }
    bool ok = n >= 0;
    assert(ok ? b.full || (err_ok(&e) && input_done(in) == (int64_t)file.len)
              : e.code == ERR_invalid || e.code == ERR_too_large);
    assert(b.full || str_starts(buf_str(&b), seen));
    input_close(in);
    close(fd);
    return (result){buf_str(&b), ok && !b.full};
}

static str gzip(arena *a, str x) {
    z_stream z = {0};
    size_t most = x.len + 1000;
    char *p = make(a, char, most);
    int ok = deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    assert(ok == Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)x.s;
    z.avail_in = (uInt)x.len;
    z.next_out = (unsigned char *)p;
    z.avail_out = (uInt)most;
    ok = deflate(&z, Z_FINISH);
    assert(ok == Z_STREAM_END);
    deflateEnd(&z);
    return (str){p, most - z.avail_out};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 1 << 16) return 0;
    arena a = arena_open(64 << 20);
    str file = {(const char *)data + 2, size - 2};
    result whole = read_all(&a, file, 1 << 16, 0), parts = read_all(&a, file, data[0] + 1u, data[1] * 300u);
    assert(whole.ok == parts.ok);
    if (whole.ok) assert(str_eq(whole.bytes, parts.bytes));
    bool packed = file.len > 2 && strchr("\x1F\x28\xFD", file.s[0]);
    bool skips = file.len > 3 && (file.s[0] & 0xF0) == 0x50;
    if (!packed && !skips) assert(whole.ok && str_eq(whole.bytes, file));
    result back = read_all(&a, gzip(&a, file), data[0] + 1u, 0);
    assert(back.ok && str_eq(back.bytes, file));
    arena_close(&a);
    return 0;
}
