// Learns what src/text/mood_weights.def holds, and prints it: how the meaning of a text and the values of its words add
// up to bad, neither or good, and to feelings.
//
//   mood_weights DATA > src/text/mood_weights.def
//
// From the ratings of Hutto & Gilbert (2014; MIT licence), GoEmotions (Demszky et al. 2020; Apache-2.0), Banking77
// (Casanueva et al. 2020; CC BY 4.0), CLINC150 (Larson et al. 2019; CC BY 3.0) and MAMS (Jiang et al. 2019;
// Apache-2.0). Sums over tens of thousands of texts, rounded to a byte each: no text can be got back from them.
#include "text/mood.h"
#include "text_data.h"

static arena a;
static mood *m;

static void print(const char *name, const float *w, size_t n) {
    float most = 1e-9f;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, fabsf(w[i]));
    printf("WEIGHTS(\"%s\", %.6g,", name, most / 127);
    for (size_t i = 0; i < n; i++)
        printf("%s%02x",
               i % 50 ? ""
               : i    ? "\"\n        \""
                      : "\n        \"",
               (unsigned)(uint8_t)(int8_t)lrintf(w[i] / most * 127));
    printf("\")\n");
}

// Inputs weighted as mood_inputs gives them, so the weights need no scale.
static const float *input_of(const samples *s, size_t i, bool with) {
    float *x = make(&a, float, MOOD_INPUTS);
    mood_inputs(m, a, s->v[i].text, with ? s->embedding + i * EMBEDDING : NULL, LANG_en, x);
    for (int k = 0; k < EMBEDDING; k++) x[k] *= 2;
    return x;
}

static void unscale(float *w) {
    for (int k = 0; k < EMBEDDING; k++) w[k] *= 2;
}

// ---- bad, neither, good ----

typedef struct {
    samples s;
    int8_t *is; // enum mood_class; -1: both
    float *x;   // n × (MOOD_INPUTS + 1)
} rated;
enum { SETS = 7, INPUTS = MOOD_INPUTS + 1, PASSES = 12 };

// What goes wrong is bad, although nobody says so: of labels of what customers of a bank ask, those of trouble; the
// others ask for something, or want to know it.
static const char *const trouble =
    " balance_not_updated_after_bank_transfer balance_not_updated_after_cheque_or_cash_deposit beneficiary_not_allowed "
    "card_arrival card_not_working card_payment_fee_charged card_payment_not_recognised "
    "card_payment_wrong_exchange_rate card_swallowed cash_withdrawal_charge cash_withdrawal_not_recognised "
    "compromised_card contactless_not_working declined_card_payment declined_cash_withdrawal declined_transfer "
    "direct_debit_payment_not_recognised extra_charge_on_statement failed_transfer lost_or_stolen_card "
    "lost_or_stolen_phone pending_card_payment pending_cash_withdrawal pending_top_up pending_transfer pin_blocked "
    "Refund_not_showing_up reverted_card_payment? top_up_failed top_up_reverted transaction_charged_twice "
    "transfer_fee_charged transfer_not_received_by_recipient unable_to_verify_identity virtual_card_not_working "
    "wrong_amount_of_cash_received wrong_exchange_rate_for_cash_withdrawal lost_luggage card_declined report_fraud "
    "damaged_card report_lost_card account_blocked ";
static const char *const doubtful =
    " passcode_forgotten request_refund terminate_account why_verify_identity topping_up_by_card cancel_transfer ";

static bool among(const char *names, str name) {
    return strstr(names, str_z(&a, str_fmt(&a, " %.*s ", STR_ARG(name)))) != NULL;
}

static int asked(str name) {
    return among(doubtful, name)          ? -1
           : among(trouble, name)         ? MOOD_bad
           : str_eq(name, S("thank_you")) ? MOOD_good
                                          : MOOD_neither;
}

// Ratings go from -4 to 4; half a point is neither.
static int by_rating(str name) {
    double v = 0;
    (void)str_f64(name, &v);
    return v < -0.5 ? MOOD_bad : v > 0.5 ? MOOD_good : MOOD_neither;
}

static int by_feelings(str names) {
    bool any[3] = {false};
    int64_t k;
    for (str rest = names; rest.s;)
        if (str_i64(str_cut(&rest, ','), &k)) any[mood_feeling_sign((enum mood_feeling)k) + 1] = true;
    return any[MOOD_bad] && any[MOOD_good] ? -1 : any[MOOD_good] ? MOOD_good : any[MOOD_bad] ? MOOD_bad : MOOD_neither;
}

static rated rate(const encoder *enc, const char *name, samples s, int (*is)(str)) {
    rated r = {s, make(&a, int8_t, s.n), make(&a, float, s.n *INPUTS)};
    embed_samples(&a, enc, name, &r.s);
    for (size_t i = 0; i < s.n; i++) {
        arena kept = a;
        r.is[i] = (int8_t)is(s.v[i].name);
        memcpy(r.x + i * INPUTS, input_of(&r.s, i, true), MOOD_INPUTS * sizeof *r.x);
        r.x[i * INPUTS + MOOD_INPUTS] = 1;
        a.at = kept.at;
    }
    return r;
}

static samples clinc_train(void) {
    json_t *all, *v;
    err e = {0};
    size_t i;
    if (!json_read(read_whole(&a, getenv("DATA"), "text/clinc150/data_full.json"), &all, &e)) die(&e);
    const json_t *rows = json_object_get(all, "train");
    samples s = {.name = "clinc", .v = make(&a, sample, json_array_size(rows) + 1)};
    json_array_foreach(rows, i, v) {
        s.v[s.n++] = (sample){json_text(json_array_get(v, 0)), json_text(json_array_get(v, 1)), -1, 0};
    }
    return s;
}

static void read_sets(const encoder *enc, rated *out) {
    static const char *const names[] = {"tweets", "amazonReviewSnippets", "movieReviewSnippets",
                                        "nytEditorialSnippets"};
    const char *dir = getenv("DATA");
    for (size_t f = 0; f < COUNT(names); f++) {
        const char *path = str_z(&a, str_fmt(&a, "text/vader/%s_GroundTruth.txt", names[f]));
        out[f] = rate(enc, names[f], read_rows(&a, dir, path, '\t', 2, 1, false), by_rating);
    }
    out[4] =
        rate(enc, "goemotions-train", read_rows(&a, dir, "text/goemotions/train.tsv", '\t', 0, 1, false), by_feelings);
    out[5] = rate(enc, "banking77-train", read_rows(&a, dir, "text/banking77/train.csv", ',', 0, 1, true), asked);
    out[6] = rate(enc, "clinc-train", clinc_train(), asked);
}

static void step_of(float *w, const float *x, size_t n, int is, float rate) {
    float z[3] = {0}, sum = 0;
    for (int c = 0; c < 3; c++)
        for (size_t j = 0; j < n; j++) z[c] += w[(size_t)c * n + j] * x[j];
    const float most = fmaxf(z[0], fmaxf(z[1], z[2]));
    for (int c = 0; c < 3; c++) sum += z[c] = expf(z[c] - most);
    for (int c = 0; c < 3; c++) {
        const float g = rate * (z[c] / sum - (float)(is == c));
        for (size_t j = 0; j < n; j++) w[(size_t)c * n + j] -= g * x[j];
    }
}

// What the meaning of a text adds to each class on average: what one adds beyond that is why it is read as it is.
static void usual(const rated *sets, size_t rows, const float *w) {
    float mean[3] = {0};
    for (int s = 0; s < SETS; s++)
        for (size_t i = 0; i < sets[s].s.n; i++)
            for (int c = 0; c < 3; c++)
                for (size_t j = 0; j < EMBEDDING; j++)
                    mean[c] += w[(size_t)c * INPUTS + j] * sets[s].x[i * INPUTS + j] / (float)rows;
    print("usual", mean, 3);
}

// Multinomial logistic regression by stochastic gradient descent. How often a class comes here says nothing of where
// it is used: the constants are those for classes that come equally often.
static void classes(const rated *sets, size_t from, const char *prefix) {
    static const char *const names[] = {"bad", "neither", "good"};
    const size_t n = INPUTS - from;
    float *w = make(&a, float, 3 * n);
    double often[3] = {0};
    size_t rows = 0, step = 0;
    for (int s = 0; s < SETS; s++) rows += sets[s].s.n;
    uint32_t *order = make(&a, uint32_t, rows), *at = order;
    for (int s = 0; s < SETS; s++)
        for (size_t i = 0; i < sets[s].s.n; i++) *at++ = (uint32_t)s << 24 | (uint32_t)i;
    rng r = rng_seed(1);
    for (int pass = 0; pass < PASSES; pass++) {
        rng_shuffle(&r, order, rows, sizeof *order);
        for (size_t j = 0; j < rows; j++, step++) {
            const rated *s = &sets[order[j] >> 24];
            const size_t i = order[j] & 0xFFFFFF;
            if (s->is[i] < 0) continue;
            often[s->is[i]]++;
            step_of(w, s->x + i * INPUTS + from, n, s->is[i], 0.05f / (1 + (float)step / (float)(2 * rows)));
        }
    }
    if (!from) usual(sets, rows, w);
    for (int c = 0; c < 3; c++) {
        float *wc = w + (size_t)c * n;
        wc[n - 1] -= (float)log(often[c]);
        for (size_t j = 0; !from && j < EMBEDDING; j++) wc[j] *= 2;
    }
    const float middle = (w[n - 1] + w[2 * n - 1] + w[3 * n - 1]) / 3;
    for (int c = 0; c < 3; c++) w[(size_t)(c + 1) * n - 1] -= middle;
    for (int c = 0; c < 3; c++) print(str_z(&a, str_fmt(&a, "%s%s", prefix, names[c])), w + (size_t)c * n, n);
}

// ---- about a thing ----

// From MAMS, where every sentence holds different opinions. Classes come as often as they do there.
static void about(const encoder *enc) {
    enum { VIEWED = MOOD_VIEWS * EMBEDDING, ABOUT = VIEWED + MOOD_NEAR + 1, ROUNDS = 8 };
    aspect *v;
    const size_t n = read_aspects(&a, getenv("DATA"), "text/mams/ATSA/train.xml", &v);
    float *x = make(&a, float, n *ABOUT), *w = make(&a, float, 3 * ABOUT);
    uint32_t *order = make(&a, uint32_t, n);
    rng r = rng_seed(2);
    for (size_t i = 0; i < n; i++) {
        arena scratch = a;
        float *to = x + i * ABOUT;
        const mood_near near = mood_near_of(&scratch, m, v[i].text, v[i].from, v[i].to, LANG_en);
        mood_views(m, enc, scratch, v[i].text, v[i].from, v[i].to, LANG_en, to);
        for (int k = 0; k < VIEWED; k++) to[k] *= 2;
        memcpy(to + VIEWED, near.numbers, sizeof near.numbers);
        to[ABOUT - 1] = 1;
        order[i] = (uint32_t)i;
    }
    for (size_t step = 0; step < ROUNDS * n; step++) {
        if (step % n == 0) rng_shuffle(&r, order, n, sizeof *order);
        const size_t i = order[step % n];
        step_of(w, x + i * ABOUT, ABOUT, v[i].is, 0.03f / (1 + (float)step / (float)(2 * n)));
    }
    for (int c = 0; c < 3; c++) {
        float *wc = w + (size_t)c * ABOUT;
        for (int k = 0; k < VIEWED; k++) wc[k] *= 2;
        print(str_z(&a, str_fmt(&a, "about %s", mood_class_name((enum mood_class)c))), wc, ABOUT);
    }
}

// Logistic regression by gradient descent with momentum over all labels; probabilities need no threshold then.
static void feelings(const rated *from) {
    const samples s = from->s;
    const float *x = from->x;
    const size_t in = INPUTS;
    float *w = make(&a, float, FEELINGS *in);
    int64_t k;
    rng r = rng_seed(3);
    for (int step = 0; step < 14 * (int)s.n; step++) {
        const size_t i = (size_t)rng_range(&r, 0, (int64_t)s.n - 1);
        const float rate = 0.05f / (1 + (float)step / (float)(10 * s.n));
        float y[FEELINGS] = {0};
        for (str rest = s.v[i].name; rest.s;)
            if (str_i64(str_cut(&rest, ','), &k)) y[k] = 1;
        for (int f = 0; f < FEELINGS; f++) {
            float *wf = w + (size_t)f * in, z = 0;
            const float *xi = x + i * in;
            for (size_t j = 0; j < in; j++) z += wf[j] * xi[j];
            const float g = 1 / (1 + expf(-z)) - y[f];
            if (fabsf(g) < 1e-3f) continue;
            for (size_t j = 0; j < in; j++) wf[j] -= rate * g * xi[j];
        }
    }
    for (int f = 0; f < FEELINGS; f++) {
        unscale(w + (size_t)f * in);
        print(mood_feeling_name((enum mood_feeling)f), w + (size_t)f * in, in);
    }
}

int main(int argc, char **argv) {
    pack *p;
    a = arena_open(UINT64_C(4) << 30);
    setenv("DATA", argc > 1 ? argv[1] : "../shared/data", 1);
    const encoder *enc = bench_encoder(&a, &p);
    m = mood_open(&a, p);
    if (!enc) return 1;
    printf(
        "// What bench/mood_weights.c learned: WEIGHTS(name, what a step of a byte stands for, bytes).\n"
        "// From the ratings of Hutto & Gilbert 2014 (MIT licence, C.J. Hutto), GoEmotions, Demszky et al. 2020\n"
        "// (Apache-2.0, Google), Banking77, Casanueva et al. 2020 (CC BY 4.0, PolyAI), CLINC150, Larson et al. 2019\n"
        "// (CC BY 3.0, Clinc), and MAMS, Jiang et al. 2019 (Apache-2.0); inputs are those of mood_inputs and a "
        "constant;\n"
        "// \"words\" has those of lexicons only, \"about\" those of mood_about_by.\n"
        "// clang-format off\n");
    rated sets[SETS];
    read_sets(enc, sets);
    classes(sets, 0, "");
    classes(sets, EMBEDDING, "words ");
    about(enc);
    feelings(&sets[4]);
    printf("// clang-format on\n#undef WEIGHTS\n");
}
