// log_file: whatever the bytes, a log is refused with a reason, or every row of it is kept, bad or of another kind;
// what is kept is within bounds; and reading twice says the same.
#include "listen/log_file.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static bool read_once(arena *a, const char *path, uint64_t *sum) {
    log_file f;
    err e = {0};
    if (!log_read(a, path, &(log_opts){0}, &f, &e)) {
        assert(!err_ok(&e) && !f.own);
        return false;
    }
    assert(f.n && f.customers && f.customers <= f.n && (int64_t)f.n + f.bad + f.others == f.rows);
    assert(f.n_first == (f.bad < LOG_SHOWN ? f.bad : LOG_SHOWN));
    *sum = (uint64_t)f.rows;
    for (size_t i = 0; i < f.n; i++) {
        assert(f.who[i] < f.customers);
        *sum = *sum * 31 + str_hash(log_name(&f, f.who[i])) + (uint64_t)f.day[i];
        if (f.amount) *sum += (uint64_t)f.amount[i];
    }
    for (uint32_t i = 0; i < f.customers; i++) assert(log_name(&f, i).len && str_utf8_ok(log_name(&f, i)));
    log_close(&f);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    uint64_t first = 0, second = 0;
    if (!size || size > 1 << 18) return 0;
    int fd = memfd_create("log_file", 0);
    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    arena a = arena_open(256 << 20);
    bool ok = read_once(&a, path, &first);
    assert(ok == read_once(&a, path, &second) && first == second);
    arena_close(&a);
    close(fd);
    return 0;
}
