// Measures what texts mean, their languages and their copies: text_meaning langid|near DATA, encoder DATA, seek [ROWS].
// DATA is the folder of the public sets; the file of words is that of HEED_TEXT or the one beside the programs.
#include <sys/resource.h>

#include "text/langid.h"
#include "text/near.h"
#include "text/seek.h"
#include "text_data.h"

static double wall_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak_mb(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss / 1024;
}

static pack *words(arena *a) {
    err e = {0};
    pack *p;
    const char *path = pack_place(a, S("build"));
    if (!path) fail(&e, ERR_not_found, "there is no file of words; make text-data");
    if (!path || !pack_open(a, &p, path, &e)) die(&e);
    return p;
}

// ---- languages ----

enum { KINDS = 3, MOST = 40 };

typedef struct {
    str code;
    double n[KINDS], right[KINDS];
} by_language;

typedef struct {
    double n, right, told, told_right, off;
} by_kind;

static by_language *of_language(by_language *t, str code) {
    while (t->code.len && !str_eq(t->code, code)) t++;
    t->code = code;
    return t;
}

static void languages(arena *a, const char *data) {
    static const char *const kinds[KINDS] = {"sentences", "word-pairs", "single-words"};
    const langid *l = langid_open(a, words(a));
    by_language t[MOST] = {0};
    by_kind k[KINDS] = {0};
    double sure[10] = {0}, right[10] = {0}, bytes = 0, all = 0, used = 0;
    for (str rest = read_whole(a, data, "text/langid/langid.tsv"), line; (line = str_cut(&rest, '\n')).s;) {
        const str code = str_cut(&line, '\t'), kind = str_cut(&line, '\t');
        if (!line.len) continue;
        const double began = cpu_s();
        const language_guess g = langid_of(l, *a, line);
        used += cpu_s() - began;
        const bool is = str_eq(code, str_c(g.code));
        by_language *one = of_language(t, code);
        for (int i = 0; i < KINDS; i++)
            if (str_eq(kind, str_c(kinds[i]))) {
                one->n[i]++, one->right[i] += is;
                k[i].n++, k[i].right += is, k[i].told += g.told, k[i].told_right += g.told && is;
            }
        const int bin = (int)fmin(g.sure * 10, 9);
        sure[bin] += g.sure, right[bin] += is, all++, bytes += (double)line.len;
    }
    double off = 0;
    for (int i = 0; i < 10; i++) off += fabs(sure[i] - right[i]) / all;
    printf("%-14s %8s %8s %10s\n", "", "right", "told", "of these");
    for (int i = 0; i < KINDS; i++) {
        double mean = 0, n = 0;
        for (by_language *one = t; one->code.len; one++) mean += one->right[i] / one->n[i], n++;
        printf("%-14s %8.4f %8.4f %10.4f\n", kinds[i], mean / n, k[i].told / k[i].n, k[i].told_right / k[i].told);
    }
    printf("calibration error %.4f; %.0f texts a second, %.1f bytes each\n", off, all / used, bytes / all);
    for (by_language *one = t; one->code.len; one++)
        printf("%.*s %.3f/%.3f/%.3f  ", STR_ARG(one->code), one->right[0] / one->n[0], one->right[1] / one->n[1],
               one->right[2] / one->n[2]);
    printf("\n");
}

// ---- the encoder ----

static void encoder_speed(arena *a, const char *data) {
    const double began = cpu_s();
    const encoder *enc = encoder_open(a, words(a));
    printf("opened in %.1f ms\n", 1000 * (cpu_s() - began));
    const samples s = read_rows(a, data, "text/banking77/test.csv", ',', 0, 1, true);
    str *texts = make(a, str, s.n);
    float *out = make(a, float, s.n *EMBEDDING);
    double pieces = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint16_t ids[128];
        texts[i] = s.v[i].text;
        pieces += (double)encoder_pieces(enc, *a, texts[i], ids, COUNT(ids));
    }
    printf("Banking77 test: %zu texts of %.1f pieces\n%8s %12s %12s\n", s.n, pieces / (double)s.n, "batch", "ms a text",
           "texts/s");
    for (size_t batch = 1; batch <= 256; batch *= 4) {
        const size_t n = batch == 1 ? MIN(s.n, (size_t)600) : s.n;
        const double from = cpu_s();
        for (size_t i = 0; i < n; i += batch) encoder_embed(enc, *a, texts + i, MIN(batch, n - i), out + i * EMBEDDING);
        const double took = (cpu_s() - from) / (double)n;
        printf("%8zu %12.3f %12.0f\n", batch, 1000 * took, 1 / took);
    }
    printf("peak memory %ld MB\n", peak_mb());
}

// ---- duplicates ----

static str with_typos(arena *a, rng *r, str x, double rate) {
    buf b = buf_new(a, x.len * 2 + 16);
    for (size_t i = 0; i < x.len; i++) {
        const bool wrong = !(x.s[i] & 0x80) && rng_chance(r, rate);
        const int64_t how = wrong ? rng_range(r, 0, 2) : 3; // lost, doubled, another letter
        if (how == 1 || how == 3) buf_addc(&b, x.s[i]);
        if (how == 1) buf_addc(&b, x.s[i]);
        if (how == 2) buf_addc(&b, (char)('a' + rng_range(r, 0, 25)));
    }
    return buf_str(&b);
}

// Texts of bitext, and each once more with typos: how many copies are found, and how many texts stand in a group that
// another intention began.
static void duplicates(arena *a, const char *data) {
    const samples s =
        read_rows(a, data, "text/bitext_intents/Bitext_Sample_Customer_Service_Training_Dataset.csv", ',', 0, 1, true);
    static const double rates[] = {0, 0.01, 0.02, 0.04, 0.08}, leasts[] = {0.6, 0.7, 0.8};
    near_text *x = make(a, near_text, 2 * s.n);
    near_mark *m = make(a, near_mark, 2 * s.n);
    printf("bitext: %zu texts and %zu copies with typos\n%8s %8s %10s %10s %12s %12s\n", s.n, s.n, "typos", "least",
           "found", "exact", "other intent", "texts/s");
    for (size_t r = 0; r < COUNT(rates); r++)
        for (size_t l = 0; l < COUNT(leasts); l++) {
            arena scratch = *a;
            rng dice = rng_seed(11);
            for (size_t i = 0; i < s.n; i++) {
                x[i].text = s.v[i].text;
                x[s.n + i].text = with_typos(&scratch, &dice, s.v[i].text, rates[r]);
            }
            const double began = cpu_s();
            const near_tally t = near_find(scratch, x, 2 * s.n, &(near_opts){.least = leasts[l]}, m);
            const double took = cpu_s() - began;
            size_t found = 0, wrong = 0;
            for (size_t i = 0; i < 2 * s.n; i++) {
                const size_t first = m[i].group % s.n;
                if (i >= s.n) found += m[i].group == m[i - s.n].group;
                wrong += !str_eq(s.v[i % s.n].name, s.v[first].name);
            }
            printf("%7.0f%% %8.1f %10.4f %10zu %12.4f %12.0f\n", 100 * rates[r], leasts[l], (double)found / (double)s.n,
                   t.exact, (double)wrong / (double)(2 * s.n), (double)(2 * s.n) / took);
        }
    arena scratch = *a;
    const size_t n = MIN(s.n, (size_t)2000);
    near_mark *slow = make(&scratch, near_mark, n);
    near_find(scratch, x, n, NULL, m);
    near_find(scratch, x, n, &(near_opts){.brute = true}, slow);
    size_t same = 0;
    for (size_t i = 0; i < n; i++) same += m[i].group == slow[i].group;
    printf("comparing all %zu with all marks %zu alike\n", n, same);
}

static void many_duplicates(size_t n) {
    arena a = arena_open((size_t)1 << 34);
    rng r = rng_seed(4);
    near_text *x = make(&a, near_text, n);
    for (size_t i = 0; i < n; i++) {
        buf b = buf_new(&a, 200);
        if (i && rng_chance(&r, 0.2)) {
            x[i].text = x[rng_range(&r, 0, (int64_t)i - 1)].text;
            continue;
        }
        for (int k = 0; k < 70; k++) buf_addc(&b, (char)('a' + rng_range(&r, 0, 25)));
        x[i].text = buf_str(&b);
    }
    near_mark *m = make(&a, near_mark, n);
    const long before = peak_mb();
    const double began = cpu_s();
    const near_tally t = near_find(a, x, n, NULL, m);
    printf("%zu texts of 70 letters, a fifth copies: %.1f s, %ld MB more; %zu exact\n", n, cpu_s() - began,
           peak_mb() - before, t.exact);
    arena_close(&a);
}

// ---- search ----

static void search_speed(size_t n) {
    rng r = rng_seed(1);
    int8_t *rows = malloc(n * EMBEDDING), query[EMBEDDING];
    if (!rows) return;
    for (size_t i = 0; i < n * EMBEDDING; i++) rows[i] = (int8_t)(rng_u64(&r) % 91) - 45;
    memcpy(query, rows + (n / 2) * EMBEDDING, EMBEDDING);
    arena a = arena_open(1 << 20);
    const seek_rows all = {rows, n, NULL};
    seek_hit hits[20];
    for (int k = 0; k < 3; k++) {
        const double cpu = cpu_s(), wall = wall_s();
        seek_top(a, &all, query, -1, COUNT(hits), hits);
        printf("%zu rows: the best 20 in %.3f s of processor time, %.3f s by the clock; first is %u\n", n,
               cpu_s() - cpu, wall_s() - wall, hits[0].at);
    }
    arena_close(&a);
    free(rows);
}

int main(int argc, char **argv) {
    if (argc < 3) return fprintf(stderr, "text_meaning langid|encoder|near DATA, text_meaning seek|many ROWS\n"), 2;
    arena a = arena_open((size_t)1 << 34);
    const str what = str_c(argv[1]);
    if (str_eq(what, S("langid"))) languages(&a, argv[2]);
    if (str_eq(what, S("encoder"))) encoder_speed(&a, argv[2]);
    if (str_eq(what, S("near"))) duplicates(&a, argv[2]);
    if (str_eq(what, S("many"))) many_duplicates((size_t)strtoul(argv[2], NULL, 10));
    if (str_eq(what, S("seek"))) search_speed((size_t)strtoul(argv[2], NULL, 10));
    arena_close(&a);
    return 0;
}
