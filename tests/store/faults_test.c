// What the world does to a folder: full disks, missing rights, damage, other programs, many at once; and backups.
// clang-format off
#include "fixture.h"
#include "sql/ledger.h"
#include "sql/store.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
// clang-format on

static void overwrite(const char *path, off_t from, size_t n) {
    int fd = open(path, O_WRONLY);
    for (size_t i = 0; i < n; i++) assert_int_equal(pwrite(fd, "\xa5", 1, from + (off_t)i), 1);
    close(fd);
}

static off_t size_of(const char *path) {
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

// --- a full disk

// Fills the store until it says so. Everything committed before is there, the failed step is not, and reading goes on.
static bool fill_up(store *s, int64_t *commits, err *e) {
    char text[4000];
    memset(text, 'x', sizeof text);
    for (*commits = 0; *commits < 10000; ++*commits) {
        if (!store_begin(s, e)) return false;
        bool ok = true;
        for (int64_t k = 0; ok && k < 5; k++)
            ok = store_run(s, Q_tail_put, NULL, e, "ib", *commits * 5 + k, (str){text, sizeof text});
        if (!ok) store_rollback(s);
        if (!ok || !store_commit(s, e)) return false;
    }
    return true;
}

// After the failure the transaction is gone, and an owner that did not notice cannot store its rest without its start.
static void a_lost_transaction_takes_nothing_more(void **state) {
    fixture *f = *state;
    char text[4000] = "";
    bool ok = true;
    err e = {0};
    assert_ok(f->s->ops->exec(f->s, "PRAGMA max_page_count = 200", &f->e), f->e);
    assert_ok(store_begin(f->s, &f->e), f->e);
    for (int64_t k = 0; ok; k++) ok = store_run(f->s, Q_tail_put, NULL, &e, "ib", k, (str){text, sizeof text});
    assert_int_equal(e.code, ERR_full);
    err_clear(&e);
    if (!store_run(f->s, Q_tail_put, NULL, &e, "ib", INT64_C(-1), S("x"))) assert_int_equal(e.code, ERR_conflict);
    err_clear(&e);
    if (!store_commit(f->s, &e)) {
        assert_int_equal(e.code, ERR_conflict);
        assert_int_equal(count(f->s, Q_tail_scan), 0);
    }
    assert_ok(put(f->s, "a", "1", &f->e), f->e);
}

static void a_full_disk_loses_nothing(void **state) {
    fixture *f = *state;
    int64_t commits = 0;
    str problem;
    assert_ok(f->s->ops->exec(f->s, "PRAGMA max_page_count = 400", &f->e), f->e);
    assert_false(fill_up(f->s, &commits, &f->e));
    assert_int_equal(f->e.code, ERR_full);
    assert_non_null(strstr(f->e.msg, "heed.db"));
    assert_non_null(strstr(f->e.msg, "free some"));
    err_clear(&f->e);
    assert_true(commits > 10);
    assert_int_equal(count(f->s, Q_tail_scan), commits * 5);
    assert_ok(store_check(f->s, &f->a, &problem, &f->e), f->e);
    assert_str(problem, S(""));
    assert_ok(f->s->ops->exec(f->s, "PRAGMA max_page_count = 100000", &f->e), f->e); // somebody freed some
    assert_ok(store_run(f->s, Q_tail_put, NULL, &f->e, "ib", commits * 5, S("x")), f->e);
}

// The same on a file system that really is full. Mounting needs rights, in a name space of the child's own.
static int in_a_small_disk(fixture *f) {
    enum { SKIP = 77 };
    store *s = NULL;
    int64_t commits = 0;
    char where[300];
    if (unshare(CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)) != 0) return SKIP;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return SKIP;
    if (mount("tmpfs", f->dir, "tmpfs", 0, "size=3m") != 0) return SKIP;
    snprintf(where, sizeof where, "%s/small", f->dir);
    if (!store_open(&s, str_c(where), (store_opts){.create = true}, &f->e)) return 1;
    if (fill_up(s, &commits, &f->e) || f->e.code != ERR_full || commits < 5) return 2;
    err_clear(&f->e);
    if (count(s, Q_tail_scan) != commits * 5) return 3;
    store_close(s); // may not be able to tidy up; the log is still there
    if (!store_open(&s, str_c(where), (store_opts){.read_only = true}, &f->e)) return 4;
    int status = count(s, Q_tail_scan) == commits * 5 ? 0 : 5;
    store_close(s);
    return status;
}

static void a_full_file_system_loses_nothing(void **state) {
    pid_t child = fork();
    if (!child) _exit(in_a_small_disk(*state));
    int status = child_status(child);
    if (status == 77) {
        print_message("skipped: no file system may be mounted here\n");
        skip();
    }
    assert_int_equal(status, 0);
}

// --- missing rights

static int without_rights(fixture *f) {
    store *s = NULL;
    char *file = at(f, "acme/heed.db"), *dir = at(f, "acme");
    if (geteuid() == 0 && (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)) return 1;
    if (store_open(&s, str_c(dir), (store_opts){0}, &f->e) || f->e.code != ERR_denied) return 2;
    if (!strstr(f->e.msg, file)) return 3;
    err_clear(&f->e);
    // Reading alone works, although nothing can be made beside the file.
    if (!store_open(&s, str_c(dir), (store_opts){.read_only = true}, &f->e)) return 4;
    if (get(s, "a") != 1) return 5;
    store_close(s);
    if (store_open(&s, S("/proc/heed"), (store_opts){.create = true}, &f->e)) return 6;
    return 0;
}

static void a_read_only_file_is_denied(void **state) {
    fixture *f = *state;
    assert_ok(put(f->s, "a", "1", &f->e), f->e);
    store_close(f->s);
    f->s = NULL;
    chmod(at(f, "acme/heed.db"), 0444);
    chmod(at(f, "acme"), 0555);
    pid_t child = fork();
    if (!child) _exit(without_rights(f));
    assert_int_equal(child_status(child), 0);
    chmod(at(f, "acme"), 0755);
}

static int without_any_rights(fixture *f) {
    store *s = NULL;
    if (geteuid() == 0 && (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)) return 1;
    if (store_open(&s, str_c(f->where), (store_opts){0}, &f->e) || f->e.code != ERR_denied) return 2;
    return 0;
}

static void others_may_not_read(void **state) {
    fixture *f = *state;
    struct stat st;
    assert_int_equal(stat(at(f, "acme"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(at(f, "acme/heed.db"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    if (geteuid() != 0) return;
    pid_t child = fork();
    if (!child) _exit(without_any_rights(f));
    assert_int_equal(child_status(child), 0);
}

// --- damage

static void a_damaged_header_is_named(void **state) {
    fixture *f = *state;
    err e = {0};
    store_close(f->s);
    f->s = NULL;
    overwrite(at(f, "acme/heed.db"), 0, 100);
    for (int read_only = 0; read_only < 2; read_only++) {
        assert_int_equal(open_fails(f->where, (store_opts){.read_only = read_only}, &e), ERR_corrupt);
        assert_non_null(strstr(e.msg, "acme/heed.db"));
        assert_non_null(strstr(e.msg, "heed restore"));
    }
}

static void damage_in_the_middle_is_found(void **state) {
    fixture *f = *state;
    str problem;
    err e = {0};
    put_many(f, 20000, 50);
    store_close(f->s);
    char *file = at(f, "acme/heed.db");
    overwrite(file, size_of(file) / 2 / 4096 * 4096, 3 * 4096);
    f->s = open_again(f, (store_opts){0});
    for (row r = store_query(f->s, Q_meta_list, &e, ""); row_next(&r);) {
    }
    assert_ok(store_check(f->s, &f->a, &problem, &f->e), f->e);
    assert_true(problem.len > 0);
    if (!err_ok(&e)) assert_int_equal(e.code, ERR_corrupt);
    if (!err_ok(&e)) assert_non_null(strstr(e.msg, "heed restore"));
}

static void a_file_cut_short_is_found(void **state) {
    fixture *f = *state;
    err e = {0};
    str problem = S("");
    put_many(f, 20000, 50);
    store_close(f->s);
    f->s = NULL;
    char *file = at(f, "acme/heed.db");
    assert_int_equal(truncate(file, size_of(file) / 2 / 4096 * 4096), 0);
    store *s = NULL;
    bool sound =
        store_open(&s, str_c(f->where), (store_opts){0}, &e) && store_check(s, &f->a, &problem, &e) && !problem.len;
    assert_false(sound);
    if (!err_ok(&e)) assert_int_equal(e.code, ERR_corrupt);
    store_close(s);
}

static void other_things_are_not_taken_for_stores(void **state) {
    fixture *f = *state;
    err e = {0};
    char command[700];
    snprintf(command, sizeof command, "%s/plain", f->dir);
    FILE *out = fopen(command, "w");
    fclose(out);
    assert_int_equal(open_fails(command, (store_opts){.create = true}, &e), ERR_invalid);
    snprintf(command, sizeof command, "%s/no/such/folder", f->dir);
    assert_int_equal(open_fails(command, (store_opts){.create = true}, &e), ERR_not_found);
    // A database of another program under our name.
    assert_ok(f->s->ops->exec(f->s, "PRAGMA application_id = 1", &f->e), f->e);
    assert_int_equal(open_fails(f->where, (store_opts){0}, &e), ERR_conflict);
    assert_non_null(strstr(e.msg, "another program"));
}

// --- several at once

static void a_waiting_writer_gets_its_turn(void **state) {
    fixture *f = *state;
    int ready[2];
    char c = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (!child) {
        store *s = NULL;
        bool ok = store_open(&s, str_c(f->where), (store_opts){0}, &f->e) && store_lock(s, 0, &f->e);
        if (write(ready[1], "x", 1) != 1) ok = false;
        usleep(200000);
        store_close(s);
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_ok(store_lock(f->s, 10000, &f->e), f->e);
    assert_int_equal(child_status(child), 0);
    close(ready[0]);
    close(ready[1]);
}

static void waiting_ends(void **state) {
    fixture *f = *state;
    err e = {0};
    store *other = open_again(f, (store_opts){0});
    assert_ok(store_begin(f->s, &f->e), f->e);
    assert_ok(other->ops->exec(other, "PRAGMA busy_timeout = 30", &f->e), f->e);
    assert_false(store_begin(other, &e));
    assert_int_equal(e.code, ERR_busy);
    err_clear(&e);
    assert_false(put(other, "a", "1", &e));
    assert_int_equal(e.code, ERR_busy);
    assert_int_equal(get(other, "a"), -1); // reading never waits
    store_rollback(f->s);
    assert_ok(put(other, "a", "1", &f->e), f->e);
    store_close(other);
}

// --- backups

typedef struct {
    int calls;
    int64_t done, total;
} seen_progress;

static void note(void *ctx, int64_t done, int64_t total) {
    seen_progress *p = ctx;
    if (done < p->done || done > total) fail_msg("progress goes back or beyond");
    *p = (seen_progress){p->calls + 1, done, total};
}

static bool same_rows(fixture *f, store *a, store *b, enum query q, int cols) {
    row x = store_query(a, q, &f->e, ""), y = store_query(b, q, &f->e, "");
    bool same = true, more = true;
    while (same && more) {
        more = row_next(&x);
        same = row_next(&y) == more;
        for (int c = 0; same && more && c < cols; c++) {
            str v = row_str(&x, c);
            same = str_eq(v, row_str(&y, c)) && row_null(&x, c) == row_null(&y, c);
        }
    }
    row_end(&x);
    row_end(&y);
    return same && err_ok(&f->e);
}

static void a_backup_equals_its_source(void **state) {
    fixture *f = *state;
    seen_progress p = {0};
    store *copy = NULL;
    str problem;
    put_many(f, 30000, 200);
    assert_ok(store_run(f->s, Q_event_append, NULL, &f->e, "iiiiiiinnnnt", (int64_t)1, (int64_t)2, (int64_t)3,
                        (int64_t)4, (int64_t)5, (int64_t)6, (int64_t)7, S("{}")),
              f->e);
    assert_ok(store_backup(f->s, str_c(at(f, "copy/")), note, &p, &f->e), f->e);
    assert_true(p.calls > 1);
    assert_int_equal(p.done, p.total);
    assert_ok(store_open(&copy, str_c(at(f, "copy")), (store_opts){0}, &f->e), f->e);
    assert_true(same_rows(f, f->s, copy, Q_meta_list, 2));
    assert_true(same_rows(f, f->s, copy, Q_store_events, 12));
    assert_ok(store_check(copy, &f->a, &problem, &f->e), f->e);
    assert_str(problem, S(""));
    assert_ok(put(copy, "k0000000", "1", &f->e), f->e); // a store of its own
    assert_false(same_rows(f, f->s, copy, Q_meta_list, 2));
    store_close(copy);
    // To a place that is taken: refused, and what is there stays.
    assert_false(store_backup(f->s, str_c(at(f, "copy")), NULL, NULL, &f->e));
    assert_int_equal(f->e.code, ERR_conflict);
    err_clear(&f->e);
    assert_false(store_backup(f->s, str_c(at(f, "no/such/folder")), NULL, NULL, &f->e));
    assert_int_equal(f->e.code, ERR_denied);
    err_clear(&f->e);
    assert_ok(store_begin(f->s, &f->e), f->e);
    assert_false(store_backup(f->s, str_c(at(f, "copy2")), NULL, NULL, &f->e));
    assert_int_equal(f->e.code, ERR_busy);
    err_clear(&f->e);
    store_rollback(f->s);
    assert_ok(store_backup(f->s, str_c(at(f, "one.db")), NULL, NULL, &f->e), f->e); // as a single file
    assert_true(size_of(at(f, "one.db")) > 30000 * 200);
    assert_int_equal(access(at(f, "one.db.part"), F_OK), -1);
}

static void backup_of_memory(void **state) {
    fixture *f = *state;
    store *copy = NULL;
    put_many(f, 100, 5);
    assert_ok(store_backup(f->s, str_c(at(f, "copy")), NULL, NULL, &f->e), f->e);
    assert_ok(store_open(&copy, str_c(at(f, "copy")), (store_opts){0}, &f->e), f->e);
    assert_true(same_rows(f, f->s, copy, Q_meta_list, 2));
    store_close(copy);
}

// Pairs of rows are written all the while: a backup holds both of a pair or none, in one unbroken series.
static void a_backup_is_one_moment(void **state) {
    fixture *f = *state;
    put_many(f, 60000, 200);
    int ready[2];
    char c = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (!child) {
        store *s = NULL;
        if (!store_open(&s, str_c(f->where), (store_opts){0}, &f->e)) _exit(1);
        for (int64_t i = 0;; i += 2) {
            if (!store_begin(s, &f->e) || !store_run(s, Q_tail_put, NULL, &f->e, "ib", i, S("x")) ||
                !store_run(s, Q_tail_put, NULL, &f->e, "ib", i + 1, S("x")) || !store_commit(s, &f->e))
                _exit(1);
            if (i == 20 && write(ready[1], "x", 1) != 1) _exit(1);
        }
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_ok(store_backup(f->s, str_c(at(f, "copy")), NULL, NULL, &f->e), f->e);
    kill(child, SIGKILL);
    child_status(child);
    close(ready[0]);
    close(ready[1]);
    store *copy = NULL;
    int64_t n = 0;
    assert_ok(store_open(&copy, str_c(at(f, "copy")), (store_opts){0}, &f->e), f->e);
    for (row r = store_query(copy, Q_tail_scan, &f->e, ""); row_next(&r); n++) assert_int_equal(row_int(&r, 0), n);
    assert_true(n > 20 && n % 2 == 0);
    store_close(copy);
}

static int in_folder(void **state) {
    return fixture_open(state, FOLDER);
}

static int in_memory(void **state) {
    return fixture_open(state, MEMORY);
}

int main(void) {
#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, in_folder, fixture_close)
    static const struct CMUnitTest tests[] = {
        IN_FOLDER(a_full_disk_loses_nothing),
        IN_FOLDER(a_full_file_system_loses_nothing),
        IN_FOLDER(a_lost_transaction_takes_nothing_more),
        IN_FOLDER(a_read_only_file_is_denied),
        IN_FOLDER(others_may_not_read),
        IN_FOLDER(a_damaged_header_is_named),
        IN_FOLDER(damage_in_the_middle_is_found),
        IN_FOLDER(a_file_cut_short_is_found),
        IN_FOLDER(other_things_are_not_taken_for_stores),
        IN_FOLDER(a_waiting_writer_gets_its_turn),
        IN_FOLDER(waiting_ends),
        IN_FOLDER(a_backup_equals_its_source),
        IN_FOLDER(a_backup_is_one_moment),
        cmocka_unit_test_setup_teardown(backup_of_memory, in_memory, fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
