// listen_csv: whatever the bytes and whoever reads them, every row is heard, skipped or rejected, exactly once and in
// order; what is heard has a key and a time; reading twice says the same; and no row is lost on the way. The first byte
// chooses the adapter (0: the one that recognises the file).
#include "listen/adapter.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
    arena a;
    str adapter;
    int64_t rows, line, again;
    uint64_t sum;
} count;

static void check_event(const event *ev) {
    assert(ev->ext.len && ev->at_us && kind_name(ev->kind).len);
    assert(ev->n_ids >= 0 && ev->n_ids <= EVENT_IDENTS);
    for (int i = 0; i < ev->n_ids; i++) assert(ev->ids[i].kind && ev->ids[i].value.len);
    assert(ev->mood == MOOD_UNKNOWN || (ev->mood >= -1 && ev->mood <= 1));
}

static bool ignore_row(void *ctx, const heard *h, err *e) {
    (void)e;
    ++*(int64_t *)ctx;
    assert(h->skipped + h->rejected + (h->n > 0) == 1);
    return true;
}

// A row in quarantine can be tried again; it stays one row.
static void try_again(count *c, const heard *h) {
    int64_t rows = 0;
    err e = {0};
    bool ok = listen_again(&c->a, c->adapter, h->header, h->raw, &(listen_opts){0},
                           &(sink){.row = ignore_row, .ctx = &rows}, &e);
    assert(ok ? rows == 1 : !err_ok(&e));
    c->again--;
}

static bool count_row(void *ctx, const heard *h, err *e) {
    count *c = ctx;
    arena scratch = c->a;
    (void)e;
    assert(h->skipped + h->rejected + (h->n > 0) == 1);
    assert(h->n >= 0 && h->n <= ROW_EVENTS);
    if (!h->n) assert(h->reason.len);
    if (h->rejected) assert(h->field.len);
    assert(h->line > c->line);
    c->line = h->line;
    c->rows++;
    for (int i = 0; i < h->n; i++) {
        check_event(&h->events[i]);
        c->sum += str_hash(h->events[i].ext) ^ str_hash2(h->events[i].ext.len, event_body(&scratch, &h->events[i]));
    }
    if (h->rejected && c->again > 0) try_again(c, h);
    return true;
}

static str csv_adapter(int which) {
    for (int i = 0; which && adapters[i]; i++)
        if (adapters[i]->format == FORMAT_CSV && !--which) return str_c(adapters[i]->name);
    return S("");
}

// The rows of the file without those above the data, counted by the reader alone. One or two may be the header.
static void check_rows(arena *a, str text, int64_t rows) {
    glance g;
    err e = {0};
    if (!glance_look(a, text, text.len < GLANCE_BYTES, &g, &e) || !g.header) {
        glance_close(&g);
        return;
    }
    memory m = {text};
    csv *c = csv_open(a, memory_read, &m, (csv_opts){.sep = g.sep});
    int64_t n = -g.preamble;
    for (csv_row row; csv_next(c, &row, NULL);) n++;
    assert(n - rows >= 0 && n - rows <= 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    if (!size || size > 1 << 18) return 0;
    str text = {(const char *)data + 1, size - 1};
    int fd = memfd_create("listen_csv", 0);
    assert(fd >= 0 && write(fd, text.s, text.len) == (ssize_t)text.len);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    listen_opts opts = {.adapter = csv_adapter(data[0] % 20), .country = S("DE")};
    count first = {.a = arena_open(64 << 20), .again = 4}, second = {.a = arena_open(64 << 20)};
    heard_as as = {0};
    err e = {0}, e2 = {0};
    arena a = arena_open(256 << 20);
    // The name is needed while rows come, so it is asked for first.
    bool known = listen_recognise(&a, str_sub(text, 0, GLANCE_BYTES), &opts, &as, &e);
    first.adapter = as.adapter;
    err_clear(&e);
    bool ok = listen_file(&a, path, &opts, NULL, &(sink){.row = count_row, .ctx = &first}, &e);
    assert(ok == listen_file(&a, path, &opts, NULL, &(sink){.row = count_row, .ctx = &second}, &e2));
    assert(first.rows == second.rows && first.sum == second.sum);
    assert(ok ? known : !err_ok(&e));
    if (ok) check_rows(&a, text, first.rows);
    arena_close(&first.a);
    arena_close(&second.a);
    arena_close(&a);
    close(fd);
    return 0;
}
