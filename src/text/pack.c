#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/pack.h"

#include <errno.h>

enum { VERSION = 1, ALIGN = 64, HEADER = 64, MOST_SECTIONS = 256 };

// The file as it stands in memory; numbers are little-endian, like every machine that heed runs on.
typedef struct {
    char magic[8];
    uint32_t version, sections;
    uint64_t size, table_sum;
    char reserved[32];
} header;

typedef struct {
    char name[32], origin[104];
    uint64_t at, size, sum;
} entry;

_Static_assert(sizeof(header) == HEADER && sizeof(entry) == 160, "as assets/pack.mjs writes them");

struct pack {
    const char *bytes;
    const header *head;
    const entry *table;
    size_t mapped; // 0: the bytes are somebody else's
};

// ---- opening ----

// Fletcher 1982, over 32-bit words; the end is filled with zeros.
static uint64_t checksum(const char *p, size_t n) {
    uint32_t low = 0, high = 0, word;
    for (; n >= sizeof word; p += sizeof word, n -= sizeof word) {
        memcpy(&word, p, sizeof word);
        low += word;
        high += low;
    }
    if (n) {
        word = 0;
        memcpy(&word, p, n);
        low += word;
        high += low;
    }
    return (uint64_t)high << 32 | low;
}

static bool ends(const char *text, size_t room) {
    return memchr(text, 0, room) != NULL;
}

static bool entry_ok(const entry *x, uint64_t first, uint64_t size) {
    return ends(x->name, sizeof x->name) && ends(x->origin, sizeof x->origin) && x->at % ALIGN == 0 && x->at >= first &&
           x->at <= size && x->size <= size - x->at;
}

static bool whole(str bytes, const char **why) {
    const header *h = (const void *)bytes.s;
    *why = "is not a file of words (heed-text.data)";
    if (bytes.len < HEADER || memcmp(h->magic, "heedtext", 8) != 0) return false;
    *why = "is of another version";
    if (h->version != VERSION) return false;
    *why = "is damaged";
    if (h->size != bytes.len || h->sections > MOST_SECTIONS) return false;
    const uint64_t table = HEADER + h->sections * sizeof(entry);
    if (table > bytes.len || checksum(bytes.s + HEADER, table - HEADER) != h->table_sum) return false;
    const entry *x = (const void *)(bytes.s + HEADER);
    for (size_t i = 0; i < h->sections; i++)
        if (!entry_ok(&x[i], table, h->size) || checksum(bytes.s + x[i].at, x[i].size) != x[i].sum) return false;
    return true;
}

static bool take(arena *a, pack **p, str bytes, const char *path, err *e) {
    const char *why;
    assert((uintptr_t)bytes.s % ALIGN == 0);
    if (!whole(bytes, &why)) return fail(e, ERR_invalid, "\"%s\" %s; make it anew with `make text-data`", path, why);
    *p = make(a, pack, 1);
    **p = (pack){bytes.s, (const void *)bytes.s, (const void *)(bytes.s + HEADER), 0};
    return true;
}

bool pack_read(arena *a, pack **p, str bytes, err *e) {
    return take(a, p, bytes, "the file of words", e);
}

bool pack_open(arena *a, pack **p, const char *path, err *e) {
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0) close(fd);
        return fail(e, errno == ENOENT ? ERR_not_found : ERR_denied, "cannot open \"%s\": %s", path, strerror(errno));
    }
    void *at = st.st_size > 0 ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    close(fd);
    if (at == MAP_FAILED) return fail(e, ERR_invalid, "\"%s\" cannot be mapped; it must be a file", path);
    if (!take(a, p, (str){at, (size_t)st.st_size}, path, e)) return munmap(at, (size_t)st.st_size), false;
    (*p)->mapped = (size_t)st.st_size;
    return true;
}

void pack_close(pack *p) {
    if (p && p->mapped) munmap((void *)(uintptr_t)p->bytes, p->mapped);
}

// ---- where it is ----

static const char file[] = "heed-text.data";

static const char *there(arena *a, str folder, const char *below) {
    char *path = str_z(a, str_fmt(a, "%.*s%s/%s", STR_ARG(folder), below, file));
    return access(path, R_OK) == 0 ? path : NULL;
}

const char *pack_place(arena *a, str store) {
    const char *named = getenv("HEED_TEXT"), *found = NULL;
    if (named && *named) return named;
    if (store.len) found = there(a, store, "");
    char self[4096];
    const ssize_t n = found ? 0 : readlink("/proc/self/exe", self, sizeof self);
    ssize_t slash = n;
    while (slash > 0 && self[slash - 1] != '/') slash--;
    if (slash <= 0) return found;
    const str folder = {self, (size_t)slash - 1};
    found = there(a, folder, "");
    return found ? found : there(a, folder, "/../share/heed");
}

const char *pack_missing(void) {
    return "without heed-text.data (`make text-data`) only English, German and Spanish are told apart, search and "
           "duplicates go by letters and not by meaning, and labels and sentiment are learned from your own examples "
           "alone";
}

// ---- sections ----

bool pack_section(const pack *p, str name, str *bytes) {
    *bytes = (str){0};
    for (size_t i = 0; p && i < p->head->sections; i++)
        if (str_eq(str_c(p->table[i].name), name)) {
            *bytes = (str){p->bytes + p->table[i].at, p->table[i].size};
            return true;
        }
    return false;
}

bool pack_about(const pack *p, size_t i, str *name, str *origin, size_t *bytes) {
    if (!p || i >= p->head->sections) return false;
    *name = str_c(p->table[i].name);
    *origin = str_c(p->table[i].origin);
    *bytes = p->table[i].size;
    return true;
}

// ---- words ----

typedef struct {
    uint32_t n, columns, slots, text;
    double unit;
    char reserved[8];
} words_head;
_Static_assert(sizeof(words_head) == 32, "as assets/pack.mjs writes it");

// A checksum says that the bytes are as they were written, not that they make sense: whoever reads them looks.
static bool words_ok(const pack_words *t, const words_head *h) {
    uint32_t last = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (t->ends[i] < last || t->ends[i] > h->text) return false;
        last = t->ends[i];
    }
    size_t used = 0;
    for (size_t i = 0; i <= t->mask; i++) {
        if (t->slots[i] > t->n) return false;
        used += t->slots[i] != 0;
    }
    return used <= t->mask; // a free slot ends every search
}

bool pack_words_of(const pack *p, str name, pack_words *out) {
    str bytes;
    *out = (pack_words){0};
    const words_head *h;
    if (!pack_section(p, name, &bytes) || bytes.len < sizeof *h) return false;
    h = (const void *)bytes.s;
    const uint64_t need = sizeof *h + 4ULL * h->slots + 4ULL * h->n + 2ULL * h->n * h->columns + h->text;
    if (h->columns > PACK_COLUMNS || !h->slots || (h->slots & (h->slots - 1)) || need != bytes.len) return false;
    pack_words t = {.n = h->n, .columns = h->columns, .mask = h->slots - 1, .unit = h->unit};
    t.slots = (const void *)(bytes.s + sizeof *h);
    t.ends = t.slots + h->slots;
    t.values = (const void *)(t.ends + h->n);
    t.text = (const void *)(t.values + (size_t)h->n * h->columns);
    if (!words_ok(&t, h)) return false;
    *out = t;
    return true;
}

// Fowler, Noll & Vo, FNV-1a.
static uint32_t fnv1a(str x) {
    uint32_t h = 0x811c9dc5;
    for (size_t i = 0; i < x.len; i++) h = (h ^ (unsigned char)x.s[i]) * 0x01000193;
    return h;
}

str pack_word_at(const pack_words *t, size_t i, double *columns) {
    assert(i < t->n);
    for (size_t c = 0; columns && c < t->columns; c++) columns[c] = t->values[i * t->columns + c] * t->unit;
    const uint32_t from = i ? t->ends[i - 1] : 0;
    return (str){t->text + from, t->ends[i] - from};
}

bool pack_word(const pack_words *t, str word, double *columns) {
    if (!t->n) return false;
    for (size_t at = fnv1a(word);; at++) {
        const uint32_t i = t->slots[at & t->mask];
        if (!i) return false;
        if (!str_eq(pack_word_at(t, i - 1, NULL), word)) continue;
        pack_word_at(t, i - 1, columns);
        return true;
    }
}
