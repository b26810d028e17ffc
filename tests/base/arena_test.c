#include "test.h"

#include "base/rng.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void memory_is_zeroed_aligned_and_apart(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    rng r = rng_seed(1);
    struct {
        unsigned char *p;
        size_t n;
    } block[200];
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < COUNT(block); i++) {
            size_t align = (size_t)1 << rng_range(&r, 0, 6), n = (size_t)rng_range(&r, 0, 100);
            block[i].p = arena_alloc(&a, 1, align, n);
            block[i].n = n;
            assert_non_null(block[i].p);
            assert_int_equal((uintptr_t)block[i].p % align, 0);
            for (size_t k = 0; k < n; k++) assert_int_equal(block[i].p[k], 0);
            memset(block[i].p, (int)i + 1, n);
        }
        for (size_t i = 0; i < COUNT(block); i++)
            for (size_t k = 0; k < block[i].n; k++) assert_int_equal(block[i].p[k], (unsigned char)(i + 1));
        arena_reset(&a);
        assert_int_equal(arena_used(&a), 0);
    }
    arena_close(&a);
    arena_close(&a);
}

static char *scratch_work(arena scratch) {
    return memset(make(&scratch, char, 1000), 'x', 1000);
}

static void a_copy_forgets(void **state) {
    (void)state;
    arena a = arena_open(1 << 16);
    make(&a, char, 10);
    size_t used = arena_used(&a), left = arena_left(&a);
    char *gone = scratch_work(a);
    assert_int_equal(arena_used(&a), used);
    assert_int_equal(arena_left(&a), left);
    char *p = make(&a, char, 1000);
    assert_ptr_equal(p, gone);
    for (int i = 0; i < 1000; i++) assert_int_equal(p[i], 0);
    arena_close(&a);
}

static bool resident(const char *p) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char in = 0;
    assert_int_equal(mincore((char *)((uintptr_t)p / page * page), page, &in), 0);
    return in & 1;
}

static void pages_cost_nothing_until_touched_and_are_given_back(void **state) {
    (void)state;
    arena a = arena_open((size_t)64 << 30);
    char *p = make(&a, char, (size_t)1 << 30);
    assert_false(resident(p + (512 << 20)));
    arena scratch = a;
    char *q = make(&scratch, char, 8 << 20);
    memset(p + (512 << 20), 'x', 4 << 20);
    memset(q, 'x', 8 << 20);
    assert_true(resident(q));
    arena_reset(&a);
    assert_false(resident(p + (512 << 20)));
    assert_false(resident(q));
    assert_ptr_equal(make(&a, char, (size_t)1 << 30), p);
    assert_int_equal(p[512 << 20], 0);
    arena_close(&a);
}

static void what_waits_keeps_little(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    char *p = make(&a, char, 512 << 10);
    memset(p, 'x', 512 << 10);
    arena_trim(&a, 64 << 10);
    assert_true(resident(p));
    assert_false(resident(p + (128 << 10)));
    char *q = make(&a, char, 512 << 10);
    assert_ptr_equal(p, q);
    for (int i = 0; i < 512 << 10; i++) assert_int_equal(q[i], 0);
    arena_close(&a);
}

static void overflow(void) {
    arena a = arena_open(1 << 16);
    make(&a, char, 1 << 20);
}
static void product(void) {
    arena a = arena_open(1 << 16);
    make(&a, uint64_t, SIZE_MAX / 4);
}
static void unopened(void) {
    arena a = {0};
    make(&a, char, 1);
}
static void refused(void) {
    arena_open(SIZE_MAX / 2);
}

static void what_cannot_be_given_aborts(void **state) {
    (void)state;
    void (*const cases[])(void) = {overflow, product, unopened, refused};
    for (size_t i = 0; i < COUNT(cases); i++) {
        pid_t child = fork();
        if (!child) {
            signal(SIGABRT, SIG_DFL);
            if (!freopen("/dev/null", "w", stderr)) _exit(1);
            cases[i]();
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

static void an_arena_that_was_never_opened_may_be_closed(void **state) {
    (void)state;
    arena a = {0};
    arena_reset(&a);
    arena_close(&a);
    assert_int_equal(arena_left(&a), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(a_copy_forgets),
        cmocka_unit_test(pages_cost_nothing_until_touched_and_are_given_back),
        cmocka_unit_test(what_waits_keeps_little),
        cmocka_unit_test(what_cannot_be_given_aborts),
        cmocka_unit_test(an_arena_that_was_never_opened_may_be_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
