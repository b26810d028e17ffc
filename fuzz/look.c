// A look at any file: what is said of it is what reading it will do, and other formats are the less sure the later they
// are named.
#include <sys/mman.h>
#include <unistd.h>

#include "jobs/uploads.h"

static bool count_row(void *ctx, const heard *h, err *e) {
    (void)e;
    ++*(int64_t *)ctx;
    assert(h->rejected || h->skipped || h->n > 0);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static arena a;
    char path[40];
    if (!a.base) a = arena_open((size_t)1 << 30);
    arena_reset(&a);
    int fd = memfd_create("look", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    look *l = make(&a, look, 1);
    listen_opts how = {.limit = 20};
    err e = {0};
    if (look_at(&a, path, &how, l, &e)) {
        bool ok = err_ok(&l->problem), there = false;
        for (size_t i = 0; i < l->n_others; i++) {
            assert(!i || l->others[i].sure <= l->others[i - 1].sure);
            there |= str_eq(l->as.adapter, str_c(l->others[i].name));
        }
        assert(!ok || (there && l->as.adapter.len));
        for (size_t i = 0; i < l->n_columns; i++) assert(ok || !l->columns[i].field.len);
        heard_as as = {0};
        int64_t rows = 0;
        sink to = {.row = count_row, .ctx = &rows};
        if (listen_file(&a, path, &how, &as, &to, &e)) assert(ok && str_eq(as.adapter, l->as.adapter));
        assert(rows <= 20);
    }
    close(fd);
    return 0;
}
