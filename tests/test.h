// test: what every test file begins with: cmocka, and where the real data stands.
#ifndef HEED_TEST_H
#define HEED_TEST_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>
#include <unistd.h>
// clang-format on
// cmocka's fail is a macro; ours is a function of err.h. Tests say fail_msg.
#undef fail
#undef fail_msg
#define fail_msg(msg, ...)                                                                                             \
    do {                                                                                                               \
        print_error("ERROR: " msg "\n", ##__VA_ARGS__);                                                                \
        _fail(__FILE__, __LINE__);                                                                                     \
    } while (0)

#include "base/base.h"

// Waits until something is so. A slow machine is only slow: what is not so after two minutes never will be.
#define await(so)                                                                                                      \
    do {                                                                                                               \
        for (time_t end_ = time(NULL) + 120; !(so); usleep(3000))                                                      \
            if (time(NULL) > end_) fail_msg("after two minutes this is not so: %s", #so);                              \
    } while (0)

// The real data folder, or NULL. Tests that need it call test_need_data and are skipped, by name, without it.
static inline const char *test_data(void) {
    const char *dir = getenv("HEED_DATA");
    if (!dir || !*dir) dir = "../shared/data";
    FILE *f = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s/README.md", dir);
    f = fopen(path, "r");
    if (f) fclose(f);
    return f ? dir : NULL;
}
#define test_need_data(dir)                                                                                            \
    const char *dir = test_data();                                                                                     \
    if (!dir) {                                                                                                        \
        print_message("skipped: no real data in HEED_DATA (default ../shared/data)\n");                                \
        skip();                                                                                                        \
    }

// The file of words, or NULL: HEED_TEXT, else build/heed-text.data.
static inline const char *test_words(void) {
    const char *path = getenv("HEED_TEXT");
    if (!path || !*path) path = "build/heed-text.data";
    FILE *f = fopen(path, "r");
    if (f) fclose(f);
    return f ? path : NULL;
}
#define test_need_words(path)                                                                                          \
    const char *path = test_words();                                                                                   \
    if (!path) {                                                                                                       \
        print_message("skipped: no file of words in HEED_TEXT (make text-data)\n");                                    \
        skip();                                                                                                        \
    }

#define assert_str(got, want)                                                                                          \
    do {                                                                                                               \
        str got_ = (got), want_ = (want);                                                                              \
        if (!str_eq(got_, want_)) fail_msg("got \"%.*s\", want \"%.*s\"", STR_ARG(got_), STR_ARG(want_));              \
    } while (0)
#define assert_ok(call, e)                                                                                             \
    do {                                                                                                               \
        if (!(call)) fail_msg("%s: %s", #call, (e).msg);                                                               \
    } while (0)

#endif
