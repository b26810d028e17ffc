#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "test.h"

#include "base/input.h"
#include "base/rng.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = arena_open(256 << 20);
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

// A file in memory with a path; closing fd removes it.
static const char *file_of(str bytes, int *fd) {
    *fd = memfd_create("input", MFD_CLOEXEC);
    assert_true(*fd >= 0);
    for (size_t done = 0; done < bytes.len;) {
        ssize_t n = write(*fd, bytes.s + done, bytes.len - done);
        assert_true(n > 0);
        done += (size_t)n;
    }
    return str_fmt(&a, "/proc/self/fd/%d", *fd).s;
}

// The whole of a file in reads of `step`; *ok is false if reading failed.
static str read_all(str bytes, size_t step, bool *ok, err *e) {
    int fd = -1;
    input *in = NULL;
    assert_ok(input_open(&in, file_of(bytes, &fd), e), *e);
    assert_int_equal(input_total(in), bytes.len);
    buf b = buf_new(&a, 64 << 20);
    char *part = make(&a, char, step);
    ptrdiff_t n = 0;
    for (int64_t done = 0; (n = input_read(in, part, step, e)) > 0; done = input_done(in)) {
        buf_bytes(&b, part, (size_t)n);
        assert_true(input_done(in) >= done && input_done(in) <= input_total(in));
    }
    *ok = n == 0;
    if (*ok) {
        assert_int_equal(input_done(in), input_total(in));
        assert_int_equal(input_read(in, part, step, e), 0);
    }
    input_close(in);
    close(fd);
    return buf_str(&b);
}

// What `gzip -n9`, `xz -9 --check=crc32` and `zstd` make of "hello\n".
#define GZIP_HELLO                                                                                                     \
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a\x36\x06\x00\x00\x00"
#define XZ_HELLO                                                                                                       \
    "\xfd\x37\x7a\x58\x5a\x00\x00\x01\x69\x22\xde\x36\x02\x00\x21\x01\x1c\x00\x00\x00\x10\xcf\x58\xcc\x01\x00\x05\x68" \
    "\x65\x6c\x6c\x6f\x0a\x00\x00\x00\x20\x30\x3a\x36\x00\x01\x1a\x06\xc5\xea\xc8\x79\x90\x42\x99\x0d\x01\x00\x00\x00" \
    "\x00\x01\x59\x5a"
#define ZSTD_HELLO "\x28\xb5\x2f\xfd\x04\x58\x31\x00\x00\x68\x65\x6c\x6c\x6f\x0a\x53\x88\xbd\x91"

static void packed_files_are_unpacked(void **state) {
    (void)state;
    static const struct {
        const char *what;
        str bytes;
        const char *text;
    } rows[] = {
        {"empty", S(""), ""},
        {"short", S("h"), "h"},
        {"plain", S("hello\n"), "hello\n"},
        {"half a magic number", S("\x1f\x8b"), "\x1f\x8b"},
        {"gzip", S(GZIP_HELLO), "hello\n"},
        {"gzip twice", S(GZIP_HELLO GZIP_HELLO), "hello\nhello\n"},
        {"gzip, padded", S(GZIP_HELLO "\0\0\0\0\0\0\0\0"), "hello\n"},
        {"gzip, padded between", S(GZIP_HELLO "\0\0\0" GZIP_HELLO), "hello\nhello\n"},
        {"xz", S(XZ_HELLO), "hello\n"},
        {"xz twice, padded", S(XZ_HELLO "\0\0\0\0" XZ_HELLO), "hello\nhello\n"},
        {"zstd", S(ZSTD_HELLO), "hello\n"},
        {"zstd twice", S(ZSTD_HELLO ZSTD_HELLO), "hello\nhello\n"},
        {"zstd after a frame to skip", S("\x53\x2a\x4d\x18\x03\x00\x00\x00xyz" ZSTD_HELLO), "hello\n"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t step = 1; step < 50; step += 6) {
            err e = {0};
            bool ok = false;
            str got = read_all(rows[i].bytes, step, &ok, &e);
            if (!ok || !str_eq(got, str_c(rows[i].text)))
                fail_msg("%s: \"%.*s\" %s", rows[i].what, STR_ARG(got), e.msg);
            arena_reset(&a);
        }
}

static void damage_is_told_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *what;
        str bytes;
        const char *says;
    } rows[] = {
        {"gzip, cut", S("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48"), "at byte 12: it ends within"},
        {"gzip, header cut", S("\x1f\x8b\x08\x00"), "it ends within"},
        {"gzip, wrong sum",
         S("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x21\x30\x3a\x36\x06\x00\x00\x00"),
         "incorrect data check"},
        {"gzip, then something", S(GZIP_HELLO "garbage"), "at byte 26: what follows"},
        {"gzip, then a byte", S(GZIP_HELLO "\x1f"), "at byte 26: what follows"},
        {"xz, cut", S("\xfd\x37\x7a\x58\x5a\x00\x00\x01\x69\x22\xde\x36\x02\x00\x21"), "it ends within"},
        {"xz, then something", S(XZ_HELLO "garbage!garbage!"), "at byte 72: the compressed data is corrupt"},
        {"zstd, cut", S("\x28\xb5\x2f\xfd\x04\x58\x31\x00\x00\x68"), "at byte 10: it ends within"},
        {"zstd, wrong sum", S("\x28\xb5\x2f\xfd\x04\x58\x31\x00\x00\x68\x65\x6c\x6c\x6f\x0a\x53\x88\xbd\x92"),
         "checksum"},
        {"zstd, then something", S(ZSTD_HELLO "garbage"), "damaged"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t step = 1; step < 20; step += 6) {
            err e = {0};
            bool ok = true;
            read_all(rows[i].bytes, step, &ok, &e);
            if (ok || e.code != ERR_invalid || !strstr(e.msg, rows[i].says))
                fail_msg("%s: %s", rows[i].what, ok ? "was read" : e.msg);
            arena_reset(&a);
        }
}

static str pack_gzip(str x) {
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t most = deflateBound(&z, x.len);
    char *p = make(&a, char, most);
    z.next_in = (unsigned char *)(uintptr_t)x.s;
    z.avail_in = (uInt)x.len;
    z.next_out = (unsigned char *)p;
    z.avail_out = (uInt)most;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return (str){p, most - z.avail_out};
}

static str pack_zstd(str x) {
    size_t most = ZSTD_compressBound(x.len);
    char *p = make(&a, char, most);
    return (str){p, ZSTD_compress(p, most, x.s, x.len, 3)};
}

static str pack_xz(str x) {
    size_t most = lzma_stream_buffer_bound(x.len), n = 0;
    char *p = make(&a, char, most);
    assert_int_equal(
        lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, (const uint8_t *)x.s, x.len, (uint8_t *)p, &n, most),
        LZMA_OK);
    return (str){p, n};
}

// Half noise, half repetition, larger than every buffer on the way.
static str long_text(rng *r, size_t n) {
    char *p = make(&a, char, n);
    for (size_t i = 0; i < n; i++) p[i] = i % 1000 < 500 ? (char)rng_u64(r) : (char)('a' + i % 26);
    return (str){p, n};
}

static void long_files_come_back(void **state) {
    (void)state;
    str (*const packs[])(str) = {pack_gzip, pack_zstd, pack_xz};
    rng r = rng_seed(1);
    for (size_t i = 0; i < COUNT(packs); i++) {
        str x = long_text(&r, 700000), y = long_text(&r, 70001);
        str packed = str_cat(&a, packs[i](x), packs[i](y)), want = str_cat(&a, x, y);
        static const size_t steps[] = {1000, 65536, 1 << 20};
        for (size_t k = 0; k < COUNT(steps); k++) {
            err e = {0};
            bool ok = false;
            str got = read_all(packed, steps[k], &ok, &e);
            assert_ok(ok, e);
            assert_true(str_eq(got, want));
        }
        for (int cut = 0; cut < 30; cut++) {
            err e = {0};
            bool ok = true;
            size_t n = (size_t)rng_range(&r, 20, (int64_t)packed.len - 1);
            if (n == packs[i](x).len) continue;
            str got = read_all(str_sub(packed, 0, n), 65536, &ok, &e);
            if (ok || e.code != ERR_invalid) fail_msg("cut at %zu it was read to the end", n);
            assert_true(str_starts(want, got));
        }
        arena_reset(&a);
    }
}

static void peeking_takes_nothing(void **state) {
    (void)state;
    rng r = rng_seed(2);
    str x = long_text(&r, 300000), files[] = {x, pack_gzip(x)};
    for (size_t i = 0; i < COUNT(files); i++) {
        int fd = -1;
        err e = {0};
        input *in = NULL;
        assert_ok(input_open(&in, file_of(files[i], &fd), &e), e);
        char part[5000];
        for (size_t at = 0; at < x.len;) {
            size_t most = (size_t)rng_range(&r, 0, 70000);
            str seen = input_peek(in, most, &e);
            assert_int_equal(seen.len, MIN(MIN(most, 64 << 10), x.len - at));
            assert_true(str_eq(seen, str_sub(x, at, seen.len)));
            ptrdiff_t n = input_read(in, part, (size_t)rng_range(&r, 1, sizeof part), &e);
            assert_true(n > 0 && str_eq((str){part, (size_t)n}, str_sub(x, at, (size_t)n)));
            at += (size_t)n;
        }
        assert_int_equal(input_peek(in, 10, &e).len, 0);
        assert_ok(err_ok(&e), e);
        input_close(in);
        close(fd);
    }
    arena_reset(&a);
}

static void what_cannot_be_opened_is_said(void **state) {
    (void)state;
    input *in = NULL;
    err e = {0};
    assert_false(input_open(&in, "/nonexistent/file", &e));
    assert_int_equal(e.code, ERR_not_found);
    assert_null(in);
    err_clear(&e);
    assert_false(input_open(&in, "/", &e));
    assert_int_equal(e.code, ERR_invalid);
    input_close(NULL);
    if (!geteuid()) return;
    int fd = -1;
    err_clear(&e);
    const char *path = file_of(S("x"), &fd);
    fchmod(fd, 0);
    assert_false(input_open(&in, path, &e));
    assert_int_equal(e.code, ERR_denied);
    close(fd);
}

// A pipe has no size, and may hand over a byte at a time.
static void standard_input_is_a_dash(void **state) {
    (void)state;
    static const char packed[] = GZIP_HELLO GZIP_HELLO;
    int ends[2], saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], packed, sizeof packed - 1), sizeof packed - 1);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    input *in = NULL;
    err e = {0};
    assert_ok(input_open(&in, "-", &e), e);
    assert_int_equal(input_total(in), 0);
    assert_str(input_peek(in, 3, &e), S("hel"));
    assert_str(input_peek(in, 100, &e), S("hello\nhello\n"));
    input_close(in);
    dup2(saved, STDIN_FILENO);
    close(saved);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_files_are_unpacked),     cmocka_unit_test(damage_is_told_with_its_place),
        cmocka_unit_test(long_files_come_back),          cmocka_unit_test(peeking_takes_nothing),
        cmocka_unit_test(what_cannot_be_opened_is_said), cmocka_unit_test(standard_input_is_a_dash),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
