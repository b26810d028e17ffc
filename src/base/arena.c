#include "base/base.h"

#include <sys/mman.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#define ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASAN 1
#endif
#endif

// Under AddressSanitizer every block is followed by a zone that may not be touched, and a reset forbids what it forgot.
#ifdef ASAN
#include <sanitizer/asan_interface.h>
enum { ZONE = 16 };
#define FORBID(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define ALLOW(p, n)  ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
enum { ZONE = 0 };
#define FORBID(p, n) ((void)(p), (void)(n))
#define ALLOW(p, n)  ((void)(p), (void)(n))
#endif

enum { HEAD = 64, KEEP = 16 << 20 };

// The highest address that any copy of the arena handed out stands in front of the mapping, where all copies see it:
// what lies above is still zero, and only what lies below must be forgotten.
static char **high_of(const arena *a) {
    return (char **)(void *)(a->base - HEAD);
}

static size_t pages(size_t n) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (n + page - 1) / page * page;
}

static void stop(const char *what, size_t n) {
    fprintf(stderr, "arena: %s (%zu bytes)\n", what, n);
    abort();
}

arena arena_open(size_t reserve) {
    if (reserve > PTRDIFF_MAX / 2) stop("the reserve is too large", reserve);
    size_t size = pages(reserve + HEAD);
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) stop("the kernel refuses the reserve", size);
    arena a = {p + HEAD, p + HEAD, p + size};
    *high_of(&a) = a.base;
    return a;
}

void arena_close(arena *a) {
    if (!a->base) return;
    ALLOW(a->base, (size_t)(*high_of(a) - a->base));
    munmap(a->base - HEAD, (size_t)(a->end - a->base) + HEAD);
    *a = (arena){0};
}

// kept: whole pages
static void forget(arena *a, size_t kept) {
    if (!a->base) return;
    char **high = high_of(a), *keep = a->base - HEAD + kept;
    if (*high > keep) {
        ALLOW(keep, (size_t)(*high - keep));
        madvise(keep, (size_t)(a->end - keep), MADV_DONTNEED);
        *high = keep;
    }
    a->at = a->base;
    FORBID(a->base, (size_t)(*high - a->base));
}

void arena_reset(arena *a) {
    forget(a, KEEP);
}

void arena_trim(arena *a, size_t keep) {
    forget(a, pages(keep + HEAD));
}

size_t arena_used(const arena *a) {
    return (size_t)(a->at - a->base);
}

size_t arena_left(const arena *a) {
    return (size_t)(a->end - a->at);
}

void *arena_alloc(arena *a, size_t size, size_t align, size_t count) {
    size_t n = 0, gap = (size_t)(-(uintptr_t)a->at & (align - 1));
    if (__builtin_mul_overflow(size, count, &n)) stop("more than memory can hold was asked for", size);
    if (!a->base || gap > arena_left(a) || n > arena_left(a) - gap) stop("full", n);
    char *p = a->at + gap, **high = high_of(a);
    ALLOW(p, n);
    if (p < *high) memset(p, 0, MIN(n, (size_t)(*high - p)));
    a->at = p + n;
    if (ZONE) a->at += MIN((size_t)(-(uintptr_t)a->at & 7) + ZONE, arena_left(a));
    FORBID(p + n, (size_t)(a->at - p) - n);
    if (a->at > *high) *high = a->at;
    return p;
}
