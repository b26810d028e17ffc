// How scores become probabilities, and from which of them a label is given: learned from messages held out.
#include <math.h>

#include "text/label_inside.h"

// Fewer messages than these cannot show that so many are right, nor where a threshold belongs.
enum { BINS = 15, LEAST_FOR_CUT = 10, LEAST_TO_GIVE = 50 };

// The temperature before anything was seen, and how many messages' worth that belief is.
static const double USUAL_TEMPERATURE = 0.25, BELIEF = 10;

void label_softmax(float *v, size_t n, float temperature) {
    float most = -INFINITY;
    double sum = 0;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, v[i]);
    for (size_t i = 0; i < n; i++) sum += v[i] = expf((v[i] - most) / temperature);
    for (size_t i = 0; i < n; i++) v[i] = (float)(v[i] / sum);
}

static size_t best_of(const float *v, size_t n) {
    size_t best = 0;
    for (size_t k = 1; k < n; k++)
        if (v[k] > v[best]) best = k;
    return best;
}

// ---- one label at most ----

static int truth_of(const label_evidence *ev, size_t i) {
    for (size_t k = 0; k < ev->labels; k++)
        if (ev->truth[i * ev->labels + k] == 1) return (int)k;
    return -1;
}

static double loss(const label_evidence *ev, double temperature) {
    const double far = log(temperature / USUAL_TEMPERATURE);
    double sum = BELIEF * far * far;
    for (size_t i = 0; i < ev->n; i++) {
        const int t = truth_of(ev, i);
        const float *s = ev->scores + i * ev->stride;
        if (t < 0) continue;
        const float most = s[best_of(s, ev->labels)];
        double z = exp((s[0] - most) / temperature); // there is one label at least
        for (size_t k = 1; k < ev->labels; k++) z += exp((s[k] - most) / temperature);
        sum += log(z) - (s[t] - most) / temperature;
    }
    return sum;
}

// Golden section over the logarithm: the loss has one minimum.
static float temperature_of(const label_evidence *ev) {
    const double golden = 0.6180339887498949;
    double lo = log(0.02), hi = log(5);
    double x = hi - golden * (hi - lo), y = lo + golden * (hi - lo), fx = loss(ev, exp(x)), fy = loss(ev, exp(y));
    for (int i = 0; i < 24; i++)
        if (fx < fy) {
            hi = y, y = x, fy = fx;
            x = hi - golden * (hi - lo), fx = loss(ev, exp(x));
        } else {
            lo = x, x = y, fx = fy;
            y = lo + golden * (hi - lo), fy = loss(ev, exp(y));
        }
    return (float)exp((lo + hi) / 2);
}

typedef struct {
    float sure;
    bool right;
} verdict;

static int by_sure(const void *x, const void *y) {
    const float l = ((const verdict *)x)->sure, r = ((const verdict *)y)->sure;
    return (l < r) - (l > r);
}

// The lowest probability from which on at least `right` of what is given is right: by one standard error more than so
// many, as the lowest of many that look good would else be too low.
static float cut_of(const verdict *v, size_t n, double right) {
    float cut = 2;
    size_t good = 0;
    for (size_t i = 0; i < n; i++) {
        const double given = (double)(i + 1), wanted = right * given + sqrt(right * (1 - right) * given);
        good += v[i].right;
        const bool last = i + 1 == n || v[i + 1].sure < v[i].sure;
        if (last && i + 1 >= LEAST_TO_GIVE && (double)good >= wanted) cut = v[i].sure;
    }
    return cut;
}

static double calibration_error(const verdict *v, size_t n) {
    double sure[BINS] = {0}, good[BINS] = {0}, error = 0;
    for (size_t i = 0; i < n; i++) {
        const int b = MIN((int)(v[i].sure * BINS), BINS - 1);
        sure[b] += v[i].sure;
        good[b] += v[i].right;
    }
    for (int b = 0; b < BINS; b++) error += fabs(sure[b] - good[b]);
    return n ? error / (double)n : 0;
}

static void measure(label_model *m, const verdict *v, size_t n, double least) {
    size_t right = 0, given = 0, given_right = 0;
    for (size_t i = 0; i < n; i++) {
        const bool in = v[i].sure >= least;
        right += v[i].right;
        given += in;
        given_right += in && v[i].right;
    }
    m->quality = (label_quality){.messages = n,
                                 .accuracy = n ? (double)right / (double)n : NAN,
                                 .error = n ? calibration_error(v, n) : NAN,
                                 .automatic = n ? (double)given / (double)n : 0,
                                 .right = given ? (double)given_right / (double)given : NAN,
                                 .temperature = m->temperature};
}

// Logistic regression on one number by Newton's method, with the targets of Platt (1999) that keep it finite.
static void platt(const float *x, const int8_t *y, size_t n, size_t stride, size_t y_stride, label_cut *out) {
    double yes = 0, no = 0, a = 1, b = 0;
    for (size_t i = 0; i < n; i++) yes += y[i * y_stride] == 1, no += y[i * y_stride] == -1;
    const double high = (yes + 1) / (yes + 2), low = 1 / (no + 2);
    b = log((yes + 1) / (no + 1));
    for (int round = 0; round < 50; round++) {
        double ga = 1e-3 * (a - 1), gb = 1e-3 * b, haa = 1e-3, hab = 0, hbb = 1e-3;
        for (size_t i = 0; i < n; i++) {
            if (!y[i * y_stride]) continue;
            const double v = x[i * stride], p = 1 / (1 + exp(-(a * v + b)));
            const double g = p - (y[i * y_stride] == 1 ? high : low), h = fmax(p * (1 - p), 1e-9);
            ga += g * v, gb += g, haa += h * v * v, hab += h * v, hbb += h;
        }
        const double det = haa * hbb - hab * hab;
        double da = (ga * hbb - gb * hab) / det, db = (gb * haa - ga * hab) / det;
        const double far = fmax(fabs(da), fabs(db));
        if (far > 5) da *= 5 / far, db *= 5 / far;
        a -= da, b -= db;
        if (far < 1e-6) break;
    }
    *out = (label_cut){(float)a, (float)b, 0.5f};
}

// How likely any label fits, from the best score: those that were told to have none against those that have one. Where
// nobody told of any, the best score of one in twenty messages that have a label is taken for doubtful.
static void tune_known(arena scratch, label_model *m, const label_evidence *ev) {
    float *best = make(&scratch, float, ev->n + 1);
    int8_t *has = make(&scratch, int8_t, ev->n + 1);
    verdict *v = make(&scratch, verdict, ev->n + 1);
    size_t none = 0;
    for (size_t i = 0; i < ev->n; i++) {
        const float *s = ev->scores + i * ev->stride;
        best[i] = s[best_of(s, ev->labels)];
        has[i] = truth_of(ev, i) >= 0 ? 1 : -1;
        none += has[i] < 0;
        v[i].sure = best[i];
    }
    if (none >= LEAST_FOR_CUT) {
        label_cut c;
        platt(best, has, ev->n, 1, 1, &c);
        m->known_scale = c.scale, m->known_shift = c.shift;
        return;
    }
    if (ev->n) qsort(v, ev->n, sizeof *v, by_sure);
    const float middle = ev->n ? v[ev->n - 1 - ev->n / 20].sure : -1;
    m->known_scale = 6;
    m->known_shift = -6 * middle;
}

static void tune_one(arena scratch, label_model *m, const label_evidence *ev) {
    m->temperature = ev->n ? temperature_of(ev) : (float)USUAL_TEMPERATURE;
    tune_known(scratch, m, ev);
    verdict *v = make(&scratch, verdict, ev->n + 1);
    float *p = make(&scratch, float, ev->labels + 1);
    size_t n = 0;
    for (size_t i = 0; i < ev->n; i++) {
        const int t = truth_of(ev, i);
        memcpy(p, ev->scores + i * ev->stride, ev->labels * sizeof *p);
        label_softmax(p, ev->labels, m->temperature);
        const size_t b = best_of(p, ev->labels);
        v[n++] = (verdict){p[b], t == (int)b};
    }
    if (n) qsort(v, n, sizeof *v, by_sure);
    m->given = n ? cut_of(v, n, ev->right) : 2;
    measure(m, v, n, m->given);
}

// ---- several labels ----

typedef struct {
    double f1, precision;
    float cut;
} split;

// The threshold with the best F1.
static split best_split(const verdict *v, size_t n) {
    size_t yes = 0, hit = 0;
    split best = {.cut = 2};
    for (size_t i = 0; i < n; i++) yes += v[i].right;
    for (size_t i = 0; i < n; i++) {
        hit += v[i].right;
        if (i + 1 < n && v[i + 1].sure == v[i].sure) continue;
        const double f1 = 2 * (double)hit / (double)(i + 1 + yes);
        if (f1 > best.f1)
            best = (split){f1, (double)hit / (double)(i + 1), i + 1 < n ? (v[i].sure + v[i + 1].sure) / 2 : v[i].sure};
    }
    return best;
}

// What is given from a probability on, and how much of it is right; sorted by falling probability.
static void hold(const verdict *v, size_t n, double right, label_held *out) {
    size_t good = 0;
    out->give = 2;
    for (size_t i = 0; i < n; i++) {
        const int b = MIN((int)(v[i].sure * LABEL_BINS), LABEL_BINS - 1);
        out->at[b]++;
        out->right_at[b] += v[i].right;
        out->yes += v[i].right;
        good += v[i].right;
        const bool last = i + 1 == n || v[i + 1].sure < v[i].sure;
        const bool enough = i + 1 >= LABEL_HELD_LEAST && (double)good >= right * (double)(i + 1);
        if (last && enough) out->give = (double)v[i].sure;
    }
}

static void tune_several(arena scratch, label_model *m, const label_evidence *ev) {
    verdict *v = make(&scratch, verdict, ev->n + 1);
    double f1 = 0, error = 0;
    size_t counted = 0;
    for (size_t k = 0; k < ev->labels; k++) {
        size_t n = 0, yes = 0;
        label_cut *c = &m->cuts[k];
        platt(ev->scores + k, ev->truth + k, ev->n, ev->stride, ev->labels, c);
        for (size_t i = 0; i < ev->n; i++) {
            const int8_t t = ev->truth[i * ev->labels + k];
            if (!t) continue;
            const double z = c->scale * ev->scores[i * ev->stride + k] + c->shift;
            v[n++] = (verdict){(float)(1 / (1 + exp(-z))), t == 1};
            yes += t == 1;
        }
        if (m->held) m->held[k].give = 2;
        if (!yes) continue;
        qsort(v, n, sizeof *v, by_sure);
        const split s = best_split(v, n);
        if (m->held) hold(v, n, ev->right, &m->held[k]);
        if (yes >= LEAST_FOR_CUT) c->least = s.cut;
        f1 += s.f1;
        error += calibration_error(v, n);
        counted++;
    }
    m->temperature = 1;
    m->quality = (label_quality){.messages = ev->n,
                                 .accuracy = counted ? f1 / (double)counted : NAN,
                                 .error = counted ? error / (double)counted : NAN,
                                 .temperature = 1};
}

void label_tune(arena scratch, label_model *m, const label_evidence *ev) {
    if (m->several)
        tune_several(scratch, m, ev);
    else
        tune_one(scratch, m, ev);
}
