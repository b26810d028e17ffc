// Measures labels and moods (text/label.h, text/mood.h) on public sets, by the protocol of each set's SOURCE.md.
//
//   text_labels DATA [banking|clinc|mood|airline|emotions|aspects|speed …]
//
// DATA is the folder of the data (HEED_DATA); the data file of words is HEED_TEXT or build/heed-text.data. Times are
// those of the processor, of all threads.
#include "text/label_scan.h"
#include "text/mood.h"
#include "text_data.h"

typedef struct {
    arena a;
    const char *dir;
    pack *p;
    encoder *enc;
    mood *m;
} bench;

static void embed(void *ctx, const str *texts, size_t n, float *out) {
    arena scratch = arena_open(64 << 20);
    encoder_embed(((bench *)ctx)->enc, scratch, texts, n, out);
    arena_close(&scratch);
}

static label_options options_of(bench *b) {
    label_options o = {0};
    if (b->enc) o = (label_options){.embedding = EMBEDDING, .embed = embed, .ctx = b};
    return o;
}

static const float *row(const samples *s, size_t i) {
    return s->embedding ? s->embedding + i * EMBEDDING : NULL;
}

typedef struct {
    double accuracy, error, automatic, right;
} outcome;

static outcome judge(bench *b, const label_model *m, const samples *t) {
    size_t right = 0, given = 0, given_right = 0;
    double sure[15] = {0}, good[15] = {0};
    outcome o = {0};
    for (size_t i = 0; i < t->n; i++) {
        arena s = b->a;
        const label_choices c = label_decide(&s, m, t->v[i].text, row(t, i));
        const bool r = (int)c.v[0].label == t->v[i].label;
        const int bin = MIN((int)(c.v[0].sure * 15), 14);
        right += r, given += c.v[0].given, given_right += c.v[0].given && r;
        sure[bin] += c.v[0].sure, good[bin] += r;
    }
    for (int k = 0; k < 15; k++) o.error += fabs(sure[k] - good[k]) / (double)t->n;
    o.accuracy = (double)right / (double)t->n;
    o.automatic = (double)given / (double)t->n;
    o.right = given ? (double)given_right / (double)given : 0;
    return o;
}

// ---- Banking77 ----

static void shots_of(bench *b, const samples *train, const samples *test, const str *names, size_t K, int shots) {
    outcome sum = {0};
    double cpu = 0;
    const int draws = shots ? 5 : 1;
    for (int draw = 0; draw < draws; draw++) {
        arena kept = b->a;
        label_learner *l = label_learner_new(options_of(b));
        uint32_t *order = make(&b->a, uint32_t, train->n);
        int *have = make(&b->a, int, K);
        rng r = rng_seed(100 + (uint64_t)draw);
        for (size_t k = 0; k < K; k++) label_define(l, (label_text){.name = names[k]});
        for (size_t i = 0; i < train->n; i++) label_add(l, train->v[i].text, row(train, i)), order[i] = (uint32_t)i;
        rng_shuffle(&r, order, train->n, sizeof *order);
        for (size_t j = 0; j < train->n; j++) {
            const int k = train->v[order[j]].label;
            if (!shots || have[k]++ < shots) label_say(l, order[j], (size_t)k, ANSWER_yes);
        }
        const double began = cpu_s();
        const label_model *m = label_fit(l);
        cpu += cpu_s() - began;
        const outcome o = judge(b, m, test);
        sum.accuracy += o.accuracy, sum.error += o.error, sum.automatic += o.automatic;
        sum.right += o.right * o.automatic;
        label_learner_free(l);
        b->a.at = kept.at;
    }
    printf("  %-8s %.4f   calibration error %.4f   without asking %.3f, of which right %.4f   learning %.2f s\n",
           shots ? str_z(&b->a, str_fmt(&b->a, "%d-shot", shots)) : "full", sum.accuracy / draws, sum.error / draws,
           sum.automatic / draws, sum.automatic > 0 ? sum.right / sum.automatic : 0, cpu / draws);
    fflush(stdout);
}

static void banking(bench *b) {
    samples train = read_rows(&b->a, b->dir, "text/banking77/train.csv", ',', 0, 1, true);
    samples test = read_rows(&b->a, b->dir, "text/banking77/test.csv", ',', 0, 1, true);
    embed_samples(&b->a, b->enc, "banking77-train", &train);
    embed_samples(&b->a, b->enc, "banking77-test", &test);
    samples *sets[] = {&train, &test};
    str *names;
    const size_t K = number_labels(&b->a, sets, 2, &names);
    printf("Banking77: accuracy (names as examples, the rest of the training set as unlabelled messages)\n");
    static const int shots[] = {0, 10, 5, 1};
    for (size_t i = 0; i < COUNT(shots); i++) shots_of(b, &train, &test, names, K, shots[i]);
}

// ---- CLINC150 ----

static samples clinc_part(bench *b, const json_t *all, const char *part) {
    const json_t *rows = json_object_get(all, part);
    samples s = {.name = part, .v = make(&b->a, sample, json_array_size(rows) + 1)};
    size_t i;
    json_t *v;
    json_array_foreach(rows, i, v) {
        s.v[s.n++] = (sample){json_text(json_array_get(v, 0)), json_text(json_array_get(v, 1)), -1, 0};
    }
    embed_samples(&b->a, b->enc, str_z(&b->a, str_fmt(&b->a, "clinc-%s", part)), &s);
    return s;
}

static double known_cut(bench *b, const label_model *m, const samples *t, double share) {
    double *v = make(&b->a, double, t->n);
    for (size_t i = 0; i < t->n; i++) {
        arena s = b->a;
        const label_choices c = label_decide(&s, m, t->v[i].text, row(t, i));
        v[i] = c.known;
    }
    for (size_t i = 1; i < t->n; i++) {
        const double x = v[i];
        size_t j = i;
        for (; j && v[j - 1] > x; j--) v[j] = v[j - 1];
        v[j] = x;
    }
    return v[(size_t)(share * (double)t->n)];
}

static void clinc(bench *b) {
    json_t *all;
    err e = {0};
    if (!json_read(read_whole(&b->a, b->dir, "text/clinc150/data_full.json"), &all, &e)) die(&e);
    samples train = clinc_part(b, all, "train"), val = clinc_part(b, all, "val"), test = clinc_part(b, all, "test");
    samples out = clinc_part(b, all, "oos_test"), out_train = clinc_part(b, all, "oos_train");
    samples *sets[] = {&train, &val, &test};
    str *names;
    const size_t K = number_labels(&b->a, sets, 3, &names);
    for (int with = 0; with < 2; with++) {
        label_learner *l = label_learner_new(options_of(b));
        for (size_t k = 0; k < K; k++) label_define(l, (label_text){.name = names[k]});
        for (size_t i = 0; i < train.n; i++)
            label_say(l, label_add(l, train.v[i].text, row(&train, i)), (size_t)train.v[i].label, ANSWER_yes);
        for (size_t i = 0; with && i < out_train.n; i++)
            label_done(l, label_add(l, out_train.v[i].text, row(&out_train, i)));
        const double began = cpu_s();
        const label_model *m = label_fit(l);
        const double took = cpu_s() - began;
        const outcome o = judge(b, m, &test);
        printf("CLINC150%s: in scope %.4f   calibration error %.4f   learning %.1f s\n",
               with ? " with its 100 messages that have no label" : "", o.accuracy, o.error, took);
        for (int step = 0; step < 5; step++) {
            // The threshold comes from the validation set.
            const double share = 0.02 + 0.01 * step, cut = known_cut(b, m, &val, share);
            size_t in = 0, rejected = 0;
            for (size_t i = 0; i < test.n; i++) {
                arena s = b->a;
                const label_choices c = label_decide(&s, m, test.v[i].text, row(&test, i));
                in += c.known >= cut && (int)c.v[0].label == test.v[i].label;
            }
            for (size_t i = 0; i < out.n; i++) {
                arena s = b->a;
                rejected += label_decide(&s, m, out.v[i].text, row(&out, i)).known < cut;
            }
            printf("  %.0f %% of validation rejected: in scope %.4f   out of scope recall %.3f\n", share * 100,
                   (double)in / (double)test.n, (double)rejected / (double)out.n);
        }
        fflush(stdout);
        label_learner_free(l);
    }
    json_decref(all);
}

// ---- moods ----

static const char *const rated[] = {"tweets", "amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets"};
enum { RATED = 4 };

static double correlation(const double *x, const double *y, size_t n) {
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) mx += x[i] / (double)n, my += y[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        xx += (x[i] - mx) * (x[i] - mx), yy += (y[i] - my) * (y[i] - my), xy += (x[i] - mx) * (y[i] - my);
    return xy / sqrt(xx * yy);
}

static void add_moods(bench *b, model_rows *r, const samples *s) {
    for (size_t i = 0; i < s->n; i++) {
        arena t = b->a;
        float in[MOOD_INPUTS];
        mood_inputs(b->m, t, s->v[i].text, row(s, i), LANG_en, in);
        for (int k = 0; k < EMBEDDING; k++) in[k] *= 2;
        model_rows_add(r, (model_input){grams_of(&t, s->v[i].text), in});
    }
}

static void ridge(bench *b, const linear_data *d, const float *y, const float *cost, float *w) {
    arena t = b->a;
    linear_task task = {y, cost, make(&t, float, d->rows), w, 1};
    linear_fit(d, &task, 1, (linear_terms){.ridge = true, .tolerance = 0.1, .passes = 60});
}

static samples read_rated(bench *b, int f) {
    samples s = read_rows(&b->a, b->dir, str_z(&b->a, str_fmt(&b->a, "text/vader/%s_GroundTruth.txt", rated[f])), '\t',
                          2, 1, false);
    embed_samples(&b->a, b->enc, rated[f], &s);
    for (size_t i = 0; i < s.n; i++) (void)str_f64(s.v[i].name, &s.v[i].value);
    return s;
}

static samples read_airline(bench *b) {
    samples s = read_rows(&b->a, b->dir, "text/airline/Tweets.csv", ',', 4, 1, true);
    embed_samples(&b->a, b->enc, "airline", &s);
    return s;
}

static void moods(bench *b) {
    samples s[RATED];
    size_t from[RATED + 1] = {0};
    model_rows *r = model_rows_new(MOOD_INPUTS);
    for (int f = 0; f < RATED; f++) {
        s[f] = read_rated(b, f);
        add_moods(b, r, &s[f]);
        from[f + 1] = from[f] + s[f].n;
    }
    const gram_index ix = gram_index_new(&b->a, model_rows_seen(r), 2);
    const linear_data *d = model_matrix(r, &ix, true);
    float *y = make(&b->a, float, d->rows), *cost = make(&b->a, float, d->rows);
    float *w = make(&b->a, float, d->columns + d->dense + 1);
    for (int f = 0; f < RATED; f++)
        for (size_t i = 0; i < s[f].n; i++) y[from[f] + i] = (float)s[f].v[i].value;
    printf("Ratings of Hutto & Gilbert: r (5-fold | learned from the other three sets)\n");
    for (int f = 0; f < RATED; f++) {
        double *p = make(&b->a, double, s[f].n), *truth = make(&b->a, double, s[f].n), r5;
        rng g = rng_seed(5);
        uint8_t *fold = make(&b->a, uint8_t, s[f].n);
        for (size_t i = 0; i < s[f].n; i++) fold[i] = (uint8_t)(rng_u64(&g) % 5), truth[i] = s[f].v[i].value;
        for (int k = 0; k < 5; k++) {
            memset(cost, 0, d->rows * sizeof *cost);
            for (size_t i = 0; i < s[f].n; i++) cost[from[f] + i] = fold[i] == k ? 0 : 0.5f;
            ridge(b, d, y, cost, w);
            for (size_t i = 0; i < s[f].n; i++)
                if (fold[i] == k) p[i] = linear_score(d, from[f] + i, w, 1);
        }
        r5 = correlation(p, truth, s[f].n);
        for (size_t i = 0; i < d->rows; i++) cost[i] = i >= from[f] && i < from[f + 1] ? 0 : 0.5f;
        ridge(b, d, y, cost, w);
        for (size_t i = 0; i < s[f].n; i++) p[i] = linear_score(d, from[f] + i, w, 1);
        printf("  %-22s %.4f | %.4f\n", rated[f], r5, correlation(p, truth, s[f].n));
        fflush(stdout);
    }
    model_rows_free(r);
}

typedef struct {
    double hit[3], told[3], have[3];
} three;

static void count_three(three *t, size_t truth, size_t is) {
    t->have[truth]++, t->told[is]++, t->hit[is] += is == truth;
}

static void print_three(const char *what, const three *t) {
    double f1 = 0, n = 0, hit = 0;
    for (int c = 0; c < 3; c++) f1 += 2 * t->hit[c] / (t->told[c] + t->have[c]) / 3, n += t->have[c], hit += t->hit[c];
    printf("Airline, three classes, %s: accuracy %.4f macro-F1 %.4f\n", what, hit / n, f1);
}

// By what ships, which saw none of them.
static void airline_unseen(bench *b, const samples *s) {
    three with = {0}, words = {0};
    for (size_t i = 0; i < s->n; i++) {
        const size_t truth = (size_t)s->v[i].label; // negative, neutral, positive
        count_three(&with, truth, mood_read(b->m, b->a, s->v[i].text, row(s, i), LANG_en).is);
        count_three(&words, truth, mood_read(b->m, b->a, s->v[i].text, NULL, LANG_en).is);
    }
    print_three("never seen, what ships", &with);
    print_three("never seen, by words alone", &words);
}

static void airline(bench *b) {
    samples s = read_airline(b);
    samples *sets[] = {&s};
    str *names;
    const size_t K = number_labels(&b->a, sets, 1, &names);
    airline_unseen(b, &s);
    label_learner *l = label_learner_new((label_options){.embedding = MOOD_INPUTS, .alone = true});
    for (size_t k = 0; k < K; k++) label_define(l, (label_text){.name = names[k]});
    uint32_t *order = make(&b->a, uint32_t, s.n);
    float *x = make(&b->a, float, s.n *MOOD_INPUTS);
    rng r = rng_seed(1);
    for (size_t i = 0; i < s.n; i++) {
        order[i] = (uint32_t)i;
        mood_inputs(b->m, b->a, s.v[i].text, row(&s, i), LANG_en, x + i * MOOD_INPUTS);
    }
    rng_shuffle(&r, order, s.n, sizeof *order);
    const size_t cut = s.n * 4 / 5;
    for (size_t j = 0; j < cut; j++) {
        const size_t i = order[j];
        label_say(l, label_add(l, s.v[i].text, x + i * MOOD_INPUTS), (size_t)s.v[i].label, ANSWER_yes);
    }
    const label_model *m = label_fit(l);
    three t = {0};
    for (size_t j = cut; j < s.n; j++) {
        arena scratch = b->a;
        const size_t i = order[j];
        count_three(&t, (size_t)s.v[i].label, label_decide(&scratch, m, s.v[i].text, x + i * MOOD_INPUTS).v[0].label);
    }
    print_three("80/20", &t);
    label_learner_free(l);
}

static void emotions(bench *b) {
    samples s[2] = {read_rows(&b->a, b->dir, "text/goemotions/train.tsv", '\t', 0, 1, false),
                    read_rows(&b->a, b->dir, "text/goemotions/test.tsv", '\t', 0, 1, false)};
    embed_samples(&b->a, b->enc, "goemotions-train", &s[0]);
    embed_samples(&b->a, b->enc, "goemotions-test", &s[1]);
    label_learner *l = label_learner_new((label_options){.embedding = MOOD_INPUTS, .several = true});
    for (int f = 0; f < FEELINGS; f++) label_define(l, (label_text){.name = str_c(mood_feeling_name(f))});
    for (size_t i = 0; i < s[0].n; i++) {
        float in[MOOD_INPUTS];
        mood_inputs(b->m, b->a, s[0].v[i].text, row(&s[0], i), LANG_en, in);
        const size_t at = label_add(l, s[0].v[i].text, in);
        int64_t k;
        for (str rest = s[0].v[i].name; rest.s;)
            if (str_i64(str_cut(&rest, ','), &k)) label_say(l, at, (size_t)k, ANSWER_yes);
        label_done(l, at);
    }
    const double began = cpu_s();
    const label_model *m = label_fit(l);
    const double took = cpu_s() - began;
    double hit[FEELINGS] = {0}, told[FEELINGS] = {0}, have[FEELINGS] = {0}, f1 = 0;
    for (size_t i = 0; i < s[1].n; i++) {
        bool is[FEELINGS] = {false};
        float in[MOOD_INPUTS];
        arena t = b->a;
        int64_t k;
        for (str rest = s[1].v[i].name; rest.s;)
            if (str_i64(str_cut(&rest, ','), &k)) is[k] = true, have[k]++;
        mood_inputs(b->m, t, s[1].v[i].text, row(&s[1], i), LANG_en, in);
        const label_choices c = label_decide(&t, m, s[1].v[i].text, in);
        for (size_t j = 0; j < c.n; j++)
            if (c.v[j].given) told[c.v[j].label]++, hit[c.v[j].label] += is[c.v[j].label];
    }
    for (int k = 0; k < FEELINGS; k++) f1 += hit[k] > 0 ? 2 * hit[k] / (told[k] + have[k]) / FEELINGS : 0;
    printf("GoEmotions: macro-F1 %.4f (held out %.4f)   learning %.1f s\n", f1, label_model_quality(m).accuracy, took);
    label_learner_free(l);
}

// ---- aspects ----

enum { ABOUT = MOOD_VIEWS * EMBEDDING + MOOD_NEAR };
static const float VIEWED = 0.7f; // chosen with the validation set, as the cost

static void add_aspects(bench *b, const aspect *v, size_t n, uint32_t *start, uint32_t *cells, float *unit, float *x,
                        size_t first) {
    for (size_t i = 0; i < n; i++) {
        arena t = b->a;
        const mood_near m = mood_near_of(&t, b->m, v[i].text, v[i].from, v[i].to, LANG_en);
        const size_t row = first + i;
        float most = 0, *out = x + row * ABOUT;
        for (size_t k = 0; k < m.n; k++) most = fmaxf(most, m.weight[k]);
        unit[row] = linear_unit(most);
        start[row + 1] = start[row];
        for (size_t k = 0; k < m.n; k++) cells[start[row + 1]++] = linear_cell(m.column[k], m.weight[k], unit[row]);
        if (b->enc) mood_views(b->m, b->enc, t, v[i].text, v[i].from, v[i].to, LANG_en, out);
        for (size_t k = 0; k < MOOD_VIEWS * EMBEDDING; k++) out[k] *= VIEWED;
        memcpy(out + MOOD_VIEWS * EMBEDDING, m.numbers, sizeof m.numbers);
    }
}

static size_t right_by_what_ships(bench *b, const aspect *v, size_t n, const float *x) {
    str *windows = make(&b->a, str, n);
    size_t right = 0;
    for (size_t i = 0; i < n; i++) windows[i] = mood_window(b->m, b->a, v[i].text, v[i].from, v[i].to, LANG_en);
    const float *e = embed_all(&b->a, b->enc, "mams-test", windows, n);
    for (size_t i = 0; e && i < n; i++) {
        float views[MOOD_VIEWS * EMBEDDING];
        for (size_t k = 0; k < COUNT(views); k++) views[k] = x[i * ABOUT + k] / VIEWED;
        const mood_reading clause = mood_read(b->m, b->a, windows[i], e + i * EMBEDDING, LANG_en);
        right += (int)mood_about_by(b->m, b->a, v[i].text, v[i].from, v[i].to, LANG_en, views, &clause).is == v[i].is;
    }
    return right;
}

static void aspects(bench *b) {
    aspect *v[2];
    const size_t n[2] = {read_aspects(&b->a, b->dir, "text/mams/ATSA/train.xml", &v[0]),
                         read_aspects(&b->a, b->dir, "text/mams/ATSA/test.xml", &v[1])};
    const size_t rows = n[0] + n[1], dense = ABOUT;
    linear_data d = {.rows = rows, .columns = 1 << MOOD_NEAR_BITS, .dense = dense, .bias = 1};
    uint32_t *start = make(&b->a, uint32_t, rows + 1), *cells = make(&b->a, uint32_t, rows * 600);
    float *unit = make(&b->a, float, rows), *x = arena_alloc(&b->a, sizeof(float), 64, rows * dense);
    add_aspects(b, v[0], n[0], start, cells, unit, x, 0);
    add_aspects(b, v[1], n[1], start, cells, unit, x, n[0]);
    d.start = start, d.cells = cells, d.unit = unit, d.x = x;
    float *y = make(&b->a, float, 3 * rows), *cost = make(&b->a, float, rows);
    float *w = make(&b->a, float, 3 * (d.columns + dense + 1));
    linear_task t[3];
    for (size_t i = 0; i < n[0]; i++) cost[i] = 0.5f;
    for (int k = 0; k < 3; k++) {
        for (size_t i = 0; i < n[0]; i++) y[(size_t)k * rows + i] = v[0][i].is == k ? 1 : -1;
        t[k] = (linear_task){y + (size_t)k * rows, cost, make(&b->a, float, rows),
                             w + (size_t)k * (d.columns + dense + 1), 1};
    }
    linear_fit(&d, t, 3, (linear_terms){0});
    size_t right = 0, rule = 0;
    for (size_t i = 0; i < n[1]; i++) {
        double s[3];
        for (int k = 0; k < 3; k++) s[k] = linear_score(&d, n[0] + i, t[k].w, 1);
        right += (s[0] > s[1] && s[0] > s[2] ? 0 : s[1] > s[2] ? 1 : 2) == v[1][i].is;
        rule += (int)mood_about(b->m, b->a, v[1][i].text, v[1][i].from, v[1][i].to, LANG_en).is == v[1][i].is;
    }
    printf("MAMS terms: accuracy %.4f of %zu; by what ships %.4f; by words alone, without learning, %.4f\n",
           (double)right / (double)n[1], n[1],
           (double)right_by_what_ships(b, v[1], n[1], x + n[0] * ABOUT) / (double)n[1], (double)rule / (double)n[1]);
}

// ---- speed ----

// What a correction of one label asks of very many messages.
static void history(bench *b, const label_learner *l, const samples *train) {
    enum { TIMES = 10 };
    const label_model *m = label_learned(l);
    label_stored *rows = make(&b->a, label_stored, train->n);
    const uint32_t labels[] = {3, 4, 5, 6, 7};
    float *out = make(&b->a, float, train->n *COUNT(labels));
    size_t changed;
    label_changed(l, &changed);
    printf("the correction changed %zu labels\n", changed);
    for (int screened = 0; screened < 2; screened++) {
        for (size_t i = 0; i < train->n; i++) {
            arena s = b->a;
            int8_t *bytes = NULL;
            if (!screened) {
                bytes = make(&b->a, int8_t, EMBEDDING);
                if (train->embedding) embedding_pack(row(train, i), bytes);
                rows[i] = (label_stored){train->v[i].text, train->embedding ? bytes : NULL, -INFINITY};
                continue;
            }
            const label_choices c = label_decide(&s, m, train->v[i].text, row(train, i));
            rows[i].least = label_scan_least(m, 0, c.v[0].score);
        }
        for (size_t n = 1; n <= COUNT(labels); n += 4) {
            arena s = b->a;
            double began = cpu_s();
            label_scan *scan = label_scan_new(&s, m, labels, n);
            const double ready = cpu_s() - began;
            size_t reached = 0;
            began = cpu_s();
            for (int i = 0; i < TIMES; i++) reached += label_scan_rows(scan, s, rows, train->n, out);
            const double took = cpu_s() - began;
            printf("all history, %zu labels%s: %.0f messages/s, %.1f %% of them to be decided anew; made ready in %.4f "
                   "s\n",
                   n, screened ? ", those that may change" : "", TIMES * (double)train->n / took,
                   100.0 * (double)reached / (double)(TIMES * train->n), ready);
        }
    }
    double began = cpu_s();
    buf kept = buf_new(&b->a, 1 << 30);
    label_learner *back;
    err e = {0};
    label_learner_write(&kept, l);
    printf("a learner of %zu messages: %zu bytes, written in %.2f s", train->n, kept.len, cpu_s() - began);
    began = cpu_s();
    if (!label_learner_read(buf_str(&kept), options_of(b), &back, &e)) die(&e);
    printf(", read in %.2f s\n", cpu_s() - began);
    label_learner_free(back);
}

static void speed(bench *b) {
    samples train = read_rows(&b->a, b->dir, "text/banking77/train.csv", ',', 0, 1, true);
    embed_samples(&b->a, b->enc, "banking77-train", &train);
    samples *sets[] = {&train};
    str *names;
    const size_t K = number_labels(&b->a, sets, 1, &names);
    label_options o = options_of(b);
    o.alone = true;
    label_learner *l = label_learner_new(o);
    for (size_t k = 0; k < K; k++) label_define(l, (label_text){.name = names[k]});
    double began = cpu_s();
    for (size_t i = 0; i < train.n; i++) {
        label_add(l, train.v[i].text, row(&train, i));
        label_say(l, i, (size_t)train.v[i].label, ANSWER_yes);
    }
    printf("n-grams of a message: %.4f ms\n", (cpu_s() - began) * 1e3 / (double)train.n);
    began = cpu_s();
    label_fit(l);
    printf("learning %zu labels of %zu messages, with probabilities and thresholds: %.2f s\n", K, train.n,
           cpu_s() - began);
    const size_t wrong = 17, other = ((size_t)train.v[wrong].label + 1) % K;
    label_say(l, wrong, other, ANSWER_yes);
    began = cpu_s();
    const label_model *m = label_correct(l);
    printf("a correction: %.3f s\n", cpu_s() - began);
    began = cpu_s();
    for (size_t i = 0; i < train.n; i++) {
        arena s = b->a;
        label_decide(&s, m, train.v[i].text, row(&train, i));
    }
    printf("deciding a message, n-grams to probabilities: %.4f ms\n", (cpu_s() - began) * 1e3 / (double)train.n);
    buf blob = buf_new(&b->a, 1 << 30);
    label_write(&blob, m);
    printf("the model in bytes: %zu\n", blob.len);
    history(b, l, &train);
    label_learner_free(l);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(bench *);
    } parts[] = {{"banking", banking},   {"clinc", clinc},     {"mood", moods}, {"airline", airline},
                 {"emotions", emotions}, {"aspects", aspects}, {"speed", speed}};
    bench b = {.a = arena_open(UINT64_C(16) << 30), .dir = argc > 1 ? argv[1] : "../shared/data"};
    b.enc = bench_encoder(&b.a, &b.p);
    b.m = mood_open(&b.a, b.p);
    for (size_t k = 0; k < COUNT(parts); k++) {
        bool wanted = argc <= 2;
        for (int i = 2; i < argc; i++) wanted |= strcmp(argv[i], parts[k].name) == 0;
        if (wanted) parts[k].run(&b);
    }
}
