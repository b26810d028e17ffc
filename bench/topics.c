// How long topics take in a store: learning, looking at everything, and a correction over all history. Prints a table.
// bench/topics DATA N: N texts of Banking77 (with a number each), half of them named by their source; the rest is
// found.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "jobs/tagging.h"
#include "jobs/understand.h"
#include "know/stages.h"
#include "know/topic_read.h"
#include "sql/know_topic.h"

static void must(bool ok, const err *e) {
    if (!ok) fprintf(stderr, "topics: %s\n", e->msg), exit(1);
}

static double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

typedef struct {
    arena a;
    store *s;
    knowing *k;
    int64_t now, source, import;
    world w;
    str *texts, *names;
    size_t n_texts;
} scene;

static void read_texts(scene *x, const char *dir) {
    err e = {0};
    str bytes;
    char path[500];
    snprintf(path, sizeof path, "%s/text/banking77/train.csv", dir);
    must(world_real()->read_file(world_real(), &x->a, path, 1 << 24, &bytes, &e), &e);
    x->texts = make(&x->a, str, 12000), x->names = make(&x->a, str, 12000);
    (void)str_cut(&bytes, '\n');
    while (bytes.len && x->n_texts < 12000) {
        str line = str_trim(str_cut(&bytes, '\n'));
        ptrdiff_t at = (ptrdiff_t)line.len - 1;
        while (at >= 0 && line.s[at] != ',') at--;
        if (at < 0 || line.s[0] == '"') continue;
        x->texts[x->n_texts] = str_sub(line, 0, (size_t)at),
        x->names[x->n_texts++] = str_sub(line, (size_t)at + 1, line.len);
    }
}

static void put_words(scene *x, size_t n) {
    enum { BATCH = 2000 };
    event *evs = make(&x->a, event, BATCH);
    int32_t *rows = make(&x->a, int32_t, BATCH);
    for (size_t from = 0; from < n; from += BATCH) {
        err e = {0};
        tally t;
        arena a = x->a;
        size_t m = 0;
        for (size_t i = from; i < n && m < BATCH; i++, m++) {
            const size_t of = i * 7919 % x->n_texts;
            evs[m] = (event){.kind = KIND_comment, .channel = CHANNEL_email, .mood = MOOD_UNKNOWN};
            evs[m].at_us = x->now - (int64_t)(n - i) * INT64_C(600000000);
            evs[m].ext = str_fmt(&a, "w%zu", i);
            evs[m].text = i < x->n_texts ? x->texts[of] : str_fmt(&a, "%.*s Number %zu.", STR_ARG(x->texts[of]), i);
            evs[m].topic = i % 2 ? S("") : x->names[of];
            evs[m].ids[evs[m].n_ids++] = (ident){IDENT_user_id, str_fmt(&a, "u%zu", i / 3)};
            rows[m] = (int32_t)m;
        }
        intake in = {.events = evs, .row_of = rows, .n = m, .rows = (int64_t)m};
        must(ledger_write(know_ledger(x->k), x->import, &in, &t, &e), &e);
    }
    err e = {0};
    must(ledger_flush(know_ledger(x->k), &e), &e);
}

static void take_names(scene *x) {
    err e = {0};
    topics *t;
    topic_begin *v;
    size_t n;
    must(topics_read(&x->a, x->s, &t, &e) && topic_suggestions(&x->a, x->s, t, x->now, &v, &n, &e), &e);
    must(store_begin(x->s, &e), &e);
    for (size_t i = 0; i < n; i++) {
        int64_t id, made;
        const char *field;
        topic_change c = {.act = TOPIC_add, .t = {.axis = TOPIC_what, .name = v[i].name}, .by = S("bench")};
        must(topic_do(know_ledger(x->k), &x->a, &c, &id, &made, &field, &e), &e);
    }
    must(ledger_commit(know_ledger(x->k), &e), &e);
}

static void answer(scene *x, int64_t profile, int64_t key, int64_t at_us, str yes, size_t i) {
    err e = {0};
    tally t;
    event ev = {.kind = KIND_labelled, .channel = CHANNEL_staff, .at_us = x->now + (int64_t)i, .mood = MOOD_UNKNOWN};
    int32_t row0 = 0;
    ev.ext = str_fmt(&x->a, "l%zu", i), ev.of_profile = profile, ev.staff = S("account:1");
    ev.extra = str_fmt(&x->a,
                       "\"of\":\"%016" PRIx64 "\",\"at\":%" PRId64 ",\"item\":\"%016" PRIx64
                       "\",\"topics\":[\"%.*s\"],\"not\":[]",
                       (uint64_t)key, at_us, (uint64_t)key, STR_ARG(yes));
    intake in = {.events = &ev, .row_of = &row0, .n = 1, .rows = 1};
    must(ledger_write(know_ledger(x->k), x->import, &in, &t, &e), &e);
}

static void corrections(scene *x, const reader *r, size_t times) {
    double first = 0, sum = 0;
    int64_t looked = 0, changed = 0;
    for (size_t i = 0; i < times; i++) {
        err e = {0};
        topic_corrected c;
        topic_word w = {0};
        bool there;
        arena a = x->a;
        struct {
            int64_t profile, key;
        } at = {0};
        size_t skip = 100 + i * 137;
        for (row q =
                 store_query(x->s, Q_topic_words_before, &e, "iiii", INT64_MAX, INT64_MAX, INT64_MAX, (int64_t)skip);
             row_next(&q);)
            at.profile = row_int(&q, 0), at.key = row_int(&q, 1);
        must(topic_word_get(&a, x->s, at.profile, at.key, &w, &there, &e) && there, &e);
        answer(x, w.profile, w.key, w.at_us, x->names[i * 611 % x->n_texts], i);
        const double began = cpu_s();
        must(store_begin(x->s, &e) && topic_correct(&a, know_ledger(x->k), know_topics(x->k), reader_mood(r), &c, &e) &&
                 ledger_commit(know_ledger(x->k), &e),
             &e);
        const double took = cpu_s() - began;
        if (i)
            sum += took;
        else
            first = took;
        looked = c.looked;
        for (size_t f = 0; f < c.n; f++) changed += c.effects[f].gained + c.effects[f].lost;
    }
    printf("a correction after a start          %7.2f s\n", first);
    printf("a correction (mean of %zu)           %7.2f s   %lld texts looked at, %lld labels changed in all\n",
           times - 1, sum / (double)(times - 1), (long long)looked, (long long)changed);
}

static double timed(double *from) {
    const double now = cpu_s(), took = now - *from;
    *from = now;
    return took;
}

int main(int argc, char **argv) {
    err e = {0};
    const size_t n = argc > 2 ? (size_t)atoll(argv[2]) : 50000;
    char dir[] = "/tmp/heed-bench-XXXXXX", command[300];
    scene x = {.a = arena_open((size_t)1 << 34), .now = INT64_C(1767225600000000)};
    if (argc < 2 || !mkdtemp(dir)) return fprintf(stderr, "bench/topics DATA [N]\n"), 1;
    x.w = world_fixed(&x.now);
    read_texts(&x, argv[1]);
    must(store_open(&x.s, str_c(dir), (store_opts){.create = true}, &e) && store_lock(x.s, 0, &e) &&
             know_open(&x.k, x.s, &x.w, NULL, &e),
         &e);
    must(ledger_source(know_ledger(x.k), S("desk"), S("test"), CHANNEL_email, false, &x.source, &e) &&
             ledger_import_begin(know_ledger(x.k), x.source, S("t"), S("{}"), &x.import, &e),
         &e);
    double at = cpu_s();
    put_words(&x, n);
    printf("%zu texts; CPU time of one thread\n", n);
    printf("taken in                            %7.2f s\n", timed(&at));
    understood read;
    const understanding u = {.s = x.s};
    must(understand(&u, &read, &e), &e);
    printf("understood                          %7.2f s\n", timed(&at));
    take_names(&x);
    reader *r;
    must(reader_open(&x.a, &r, S(""), &e), &e);
    tagged sum = {0};
    const tagging t = {.s = x.s, .k = x.k, .now_us = x.now, .r = r};
    (void)timed(&at);
    must(tag_learn(&t, true, &sum, &e), &e);
    printf("learned                             %7.2f s\n", timed(&at));
    must(tag_new(&t, &sum, &e), &e);
    printf("all looked at                       %7.2f s   %lld labels\n", timed(&at), (long long)sum.gained);
    fflush(stdout);
    corrections(&x, r, 8);
    timed(&at);
    topics *tax;
    topic_counts counts;
    must(topics_read(&x.a, x.s, &tax, &e) && topic_count(&x.a, x.s, tax, 0, INT64_MAX, &counts, &e), &e);
    printf("counted, all of it                  %7.2f s\n", timed(&at));
    reader_close(r);
    know_close(x.k);
    store_close(x.s);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}
