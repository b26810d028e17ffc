#include "base/world.h"

#include "base/input.h"
#include "base/rng.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t real_now(const world *w) {
    (void)w;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void real_random(const world *w, void *p, size_t n) {
    (void)w;
    for (size_t got = 0; got < n;) {
        ssize_t more = getrandom((char *)p + got, n - got, 0);
        if (more < 0 && errno != EINTR) abort(); // a secret that can be guessed is worse than none
        got += (size_t)MAX(more, 0);
    }
}

static bool fail_file(const char *what, const char *path, err *e) {
    switch (errno) {
    case ENOENT:
    case ENOTDIR: return fail(e, ERR_not_found, "cannot %s \"%s\": no such file", what, path);
    case EACCES:
    case EPERM:
    case EROFS: return fail(e, ERR_denied, "cannot %s \"%s\": not permitted", what, path);
    case ENOSPC:
    case EDQUOT: return fail(e, ERR_full, "cannot %s \"%s\": no space left", what, path);
    default: return fail(e, ERR_unavailable, "cannot %s \"%s\": %s", what, path, strerror(errno));
    }
}

static bool real_read(const world *w, arena *a, const char *path, size_t max, str *out, err *e) {
    (void)w;
    *out = (str){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail_file("open", path, e);
    buf b = buf_new(a, max);
    char part[16 << 10];
    ssize_t n = 0;
    while (!b.full && ((n = read(fd, part, sizeof part)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0) buf_bytes(&b, part, (size_t)n);
    bool ok = true;
    if (n < 0) ok = fail_file("read", path, e);
    if (b.full) ok = fail(e, ERR_too_large, "\"%s\" is larger than %zu bytes", path, max);
    close(fd);
    if (ok) *out = buf_str(&b);
    return ok;
}

static bool write_all(int fd, str data) {
    while (data.len) {
        ssize_t n = write(fd, data.s, data.len);
        if (n < 0 && errno != EINTR) return false;
        data = str_sub(data, (size_t)MAX(n, 0), data.len);
    }
    return fsync(fd) == 0;
}

// After a rename only the folder's own fsync makes the new name survive a power cut.
static bool sync_folder(arena scratch, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *folder = !slash ? "." : slash == path ? "/" : str_z(&scratch, (str){path, (size_t)(slash - path)});
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    bool ok = fsync(fd) == 0 || errno == EINVAL; // some file systems have nothing to sync
    close(fd);
    return ok;
}

// Readable by its owner alone unless it stood there before with other rights: most of what is written so is settings.
static bool real_write(const world *w, const char *path, str data, err *e) {
    (void)w;
    arena a = arena_open(64 << 10);
    bool ok = strlen(path) < 4096 || fail(e, ERR_invalid, "the name of the file is too long");
    if (!ok) goto close_arena;
    str name = str_fmt(&a, "%s.XXXXXX", path);
    char *temporary = str_z(&a, name);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        ok = fail_file("write", path, e);
        goto close_arena;
    }
    struct stat old;
    if (!stat(path, &old)) (void)!fchmod(fd, old.st_mode & 0777); // keeping the rights is a courtesy
    ok = write_all(fd, data);
    ok = close(fd) == 0 && ok;
    ok = ok && !rename(temporary, path) && sync_folder(a, path);
    if (!ok) {
        fail_file("write", path, e);
        unlink(temporary);
    }
close_arena:
    arena_close(&a);
    return ok;
}

const world *world_real(void) {
    static const world real = {real_now, real_random, real_read, real_write, NULL, NULL, 0};
    return &real;
}

static int64_t fixed_now(const world *w) {
    return __atomic_load_n((const int64_t *)w->ctx, __ATOMIC_RELAXED);
}

static void fixed_random(const world *w, void *p, size_t n) {
    world *own = (world *)(uintptr_t)w;
    rng r = rng_fork(1, __atomic_fetch_add(&own->drawn, 1, __ATOMIC_RELAXED));
    for (size_t i = 0; i < n; i++) ((unsigned char *)p)[i] = (unsigned char)(rng_u64(&r) >> 56);
}

world world_fixed(int64_t *now_us) {
    return (world){fixed_now, fixed_random, real_read, real_write, NULL, now_us, 0};
}
