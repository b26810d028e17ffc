#include "test.h"

#include "base/world.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static arena a;
static char folder[1000];

static int open_folder(void **state) {
    (void)state;
    a = arena_open(16 << 20);
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/heed-world-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static int close_folder(void **state) {
    (void)state;
    arena_close(&a);
    return rmdir(folder); // fails if a test left a file
}

static const char *in_folder(const char *name) {
    return str_fmt(&a, "%s/%s", folder, name).s;
}

static int entries(void) {
    DIR *d = opendir(folder);
    int n = 0;
    for (const struct dirent *x; (x = readdir(d));) n += x->d_name[0] != '.';
    closedir(d);
    return n;
}

static void files_are_written_whole(void **state) {
    (void)state;
    const world *w = world_real();
    err e = {0};
    const char *path = in_folder("settings");
    assert_ok(w->write_file(w, path, S("one"), &e), e);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(chmod(path, 0640), 0);
    assert_ok(w->write_file(w, path, S("two\0and more"), &e), e);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    str got = {0};
    assert_ok(w->read_file(w, &a, path, 100, &got, &e), e);
    assert_str(got, S("two\0and more"));
    assert_int_equal(entries(), 1);
    assert_ok(w->write_file(w, path, S(""), &e), e);
    assert_ok(w->read_file(w, &a, path, 100, &got, &e), e);
    assert_int_equal(got.len, 0);
    unlink(path);
}

static void what_cannot_be_done_is_said(void **state) {
    (void)state;
    const world *w = world_real();
    str got = {0};
    err e = {0};
    assert_false(w->read_file(w, &a, in_folder("none"), 100, &got, &e));
    assert_int_equal(e.code, ERR_not_found);
    err_clear(&e);
    assert_false(w->write_file(w, in_folder("none/file"), S("x"), &e));
    assert_int_equal(e.code, ERR_not_found);
    err_clear(&e);
    const char *path = in_folder("five");
    assert_true(w->write_file(w, path, S("12345"), &e));
    assert_true(w->read_file(w, &a, path, 5, &got, &e));
    assert_false(w->read_file(w, &a, path, 4, &got, &e));
    assert_int_equal(e.code, ERR_too_large);
    assert_int_equal(got.len, 0);
    err_clear(&e);
    unlink(path);
    // A folder cannot be replaced by a file; the temporary file goes away again.
    assert_int_equal(mkdir(in_folder("folder"), 0700), 0);
    assert_false(w->write_file(w, in_folder("folder"), S("x"), &e));
    assert_int_equal(entries(), 1);
    rmdir(in_folder("folder"));
    if (geteuid()) {
        chmod(folder, 0500);
        err_clear(&e);
        assert_false(w->write_file(w, in_folder("file"), S("x"), &e));
        assert_int_equal(e.code, ERR_denied);
        chmod(folder, 0700);
    }
}

static void the_real_world_moves(void **state) {
    (void)state;
    const world *w = world_real();
    int64_t now = w->now_us(w);
    assert_true(llabs(now / 1000000 - (int64_t)time(NULL)) < 5);
    unsigned char x[300] = {0}, y[300] = {0};
    w->random(w, x, sizeof x);
    w->random(w, y, sizeof y);
    assert_memory_not_equal(x, y, sizeof x);
    assert_null(w->http);
}

static void a_fixed_world_stands_still(void **state) {
    (void)state;
    int64_t now = 1000;
    world w = world_fixed(&now), same = world_fixed(&now);
    assert_int_equal(w.now_us(&w), 1000);
    now = 2000;
    assert_int_equal(w.now_us(&w), 2000);
    char x[2][40], y[2][40];
    for (int i = 0; i < 2; i++) {
        w.random(&w, x[i], sizeof x[i]);
        same.random(&same, y[i], sizeof y[i]);
    }
    assert_memory_equal(x, y, sizeof x);
    assert_memory_not_equal(x[0], x[1], sizeof x[0]);
    assert_null(w.http);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_written_whole),
        cmocka_unit_test(what_cannot_be_done_is_said),
        cmocka_unit_test(the_real_world_moves),
        cmocka_unit_test(a_fixed_world_stands_still),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
