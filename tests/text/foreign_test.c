#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

#include "base/rng.h"
#include "text/foreign.h"

static int set_up(void **state) {
    static arena a;
    a = arena_open(256 << 20);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

static double cosine(const float *x, const float *y, size_t n) {
    double xy = 0, xx = 0, yy = 0;
    for (size_t i = 0; i < n; i++) xy += (double)x[i] * y[i], xx += (double)x[i] * x[i], yy += (double)y[i] * y[i];
    return xy / sqrt(xx * yy);
}

// An orthogonal transform keeps every angle; a part of it keeps them but for a standard error of about sqrt(1/512).
static void angles_stay_when_numbers_are_brought_to_512(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 3, 100, 384, 512, 513, 768, 1024, 4096};
    rng r = rng_seed(2);
    for (size_t s = 0; s < COUNT(sizes); s++)
        for (int round = 0; round < 50; round++) {
            static float x[FOREIGN_MOST], y[FOREIGN_MOST];
            float u[EMBEDDING], v[EMBEDDING];
            int8_t p[EMBEDDING], q[EMBEDDING];
            const double mix = rng_unit(&r);
            for (size_t i = 0; i < sizes[s]; i++) {
                x[i] = (float)rng_normal(&r, 0, i % 50 ? 1 : 9); // some places are far larger than others
                y[i] = (float)(mix * (double)x[i] + (1 - mix) * rng_normal(&r, 0, 3));
            }
            foreign_reduce(x, sizes[s], u);
            foreign_reduce(y, sizes[s], v);
            embedding_pack(u, p);
            embedding_pack(v, q);
            const double want = cosine(x, y, sizes[s]), got = cosine(u, v, EMBEDDING);
            const bool whole = sizes[s] <= EMBEDDING;
            if (fabs(got - want) > (whole ? 1e-5 : 0.2)) fail_msg("%zu numbers: %g is %g", sizes[s], want, got);
            if (whole && sizes[s] > 99 && fabs((double)embedding_dot(p, q) - want) > 0.01)
                fail_msg("%zu numbers: %g is stored as %g", sizes[s], want, (double)embedding_dot(p, q));
        }
}

static void lines_of_numbers_are_read(void **state) {
    (void)state;
    float v[FOREIGN_MOST];
    size_t n;
    err e = {0};
    assert_ok(foreign_numbers(S("[0.5, -1e-3,2]\r"), v, &n, &e), e);
    assert_true(n == 3 && v[0] == 0.5F && v[1] == -1e-3F && v[2] == 2);
    assert_ok(foreign_numbers(S("1 2\t3 ;4"), v, &n, &e), e);
    assert_int_equal(n, 4);
    static const char *const bad[] = {"", "[]", "1 two 3", "nan 1", "1e99", "{\"a\":1}"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        err_clear(&e);
        if (foreign_numbers(str_c(bad[i]), v, &n, &e)) fail_msg("\"%s\" is read", bad[i]);
        assert_int_equal(e.code, ERR_invalid);
    }
}

// ---- a program at the other end ----

enum behaviour { LINE_BY_LINE, IN_BATCHES, ENDS, TALKS, CHANGES };

typedef struct {
    int socket;
    enum behaviour how;
} program;

// Its numbers are the text's length and its first byte, so that order shows.
static void answer(FILE *out, const char *line, size_t n, size_t length) {
    for (size_t i = 0; i < n; i++) fprintf(out, "%s%d", i ? " " : "", i == 0 ? (int)length : i == 1 ? line[0] : 1);
    fputc('\n', out);
}

static void *run_program(void *ctx) {
    const program *p = ctx;
    FILE *in = fdopen(p->socket, "r"), *out = fdopen(dup(p->socket), "w");
    static char kept[FOREIGN_BATCH][FOREIGN_TEXT + 2];
    char *line = NULL;
    size_t cap = 0, n = 0, more = 0;
    for (ssize_t got; (got = getline(&line, &cap, in)) > 0 && p->how != ENDS;) {
        if (p->how == TALKS) fputs("Loading the model …\n", out), fflush(out);
        if (p->how == IN_BATCHES && got > 1) {
            memcpy(kept[n++], line, (size_t)got + 1);
            continue;
        }
        for (size_t i = 0; i < n; i++) answer(out, kept[i], 700, strlen(kept[i]) - 1);
        if (p->how != IN_BATCHES && got > 1) answer(out, line, p->how == CHANGES ? 3 + more++ : 3, (size_t)got - 1);
        if (p->how == IN_BATCHES) n = 0;
        fflush(out);
    }
    free(line);
    fclose(in);
    fclose(out);
    return NULL;
}

static bool ask(arena a, enum behaviour how, const str *texts, size_t n, float *out, err *e) {
    int ends[2];
    pthread_t id;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    program p = {ends[1], how};
    assert_int_equal(pthread_create(&id, NULL, run_program, &p), 0);
    const bool ok = foreign_embed(foreign_open(&a, ends[0]), a, texts, n, out, e);
    close(ends[0]);
    pthread_join(id, NULL);
    return ok;
}

static void programs_are_asked_line_by_line_and_in_batches(void **state) {
    arena a = *(arena *)*state;
    enum { N = 300 };
    str texts[N];
    float *out = make(&a, float, N *EMBEDDING), want[EMBEDDING];
    for (size_t i = 0; i < N; i++)
        texts[i] = i % 7 ? str_fmt(&a, "%c%*zu\n x", (char)('a' + i % 26), (int)i + 1, i) : S(" \n ");
    for (int how = LINE_BY_LINE; how <= IN_BATCHES; how++) {
        err e = {0};
        assert_ok(ask(a, (enum behaviour)how, texts, N, out, &e), e);
        for (size_t i = 0; i < N; i++) {
            float v[700];
            for (size_t k = 0; k < COUNT(v); k++) v[k] = 1;
            v[0] = (float)texts[i].len, v[1] = (float)texts[i].s[0];
            foreign_reduce(v, how == IN_BATCHES ? 700 : 3, want);
            if (i % 7 == 0) memset(want, 0, sizeof want);
            assert_memory_equal(out + i * EMBEDDING, want, sizeof want);
        }
    }
}

static void programs_that_misbehave_are_told(void **state) {
    arena a = *(arena *)*state;
    static const struct {
        enum behaviour how;
        const char *says;
    } rows[] = {{ENDS, "ended"}, {TALKS, "\"Loading\""}, {CHANGES, "as many"}};
    const str texts[] = {S("one"), S("two"), S("three")};
    float out[3 * EMBEDDING];
    for (size_t i = 0; i < COUNT(rows); i++) {
        err e = {0};
        assert_false(ask(a, rows[i].how, texts, 3, out, &e));
        if (!strstr(e.msg, rows[i].says)) fail_msg("%s", e.msg);
    }
}

int main(void) {
    signal(SIGPIPE, SIG_IGN); // of the programs here, whose end is closed while they write
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(angles_stay_when_numbers_are_brought_to_512),
        cmocka_unit_test(lines_of_numbers_are_read),
        cmocka_unit_test(programs_are_asked_line_by_line_and_in_batches),
        cmocka_unit_test(programs_that_misbehave_are_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
