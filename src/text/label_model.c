#include <math.h>

#include "text/label_inside.h"

size_t label_model_count(const label_model *m) {
    return m->labels;
}

str label_name(const label_model *m, size_t label) {
    assert(label < m->labels);
    return m->names[label];
}

label_quality label_model_quality(const label_model *m) {
    return m->quality;
}

bool label_held_out(const label_model *m, size_t label, label_held *out) {
    if (!m->held || label >= m->labels) return false;
    *out = m->held[label];
    return true;
}

const float *label_scaled(arena *a, const label_model *m, const float *embedding) {
    if (!embedding) return NULL;
    float *x = make(a, float, m->m.dense + 1);
    if (m->waves) {
        waves_of(embedding, x);
        return x;
    }
    for (size_t i = 0; i < m->m.dense; i++) x[i] = embedding[i] * LABEL_EMBEDDING;
    return x;
}

static double logistic(double z) {
    return 1 / (1 + exp(-z));
}

static int by_sure(const void *x, const void *y) {
    const label_choice *l = x, *r = y;
    if (l->sure != r->sure) return l->sure > r->sure ? -1 : 1;
    return l->label < r->label ? -1 : l->label > r->label;
}

label_choices label_decide(arena *a, const label_model *m, str text, const float *embedding) {
    label_choices c = {.v = make(a, label_choice, m->labels + 1)};
    arena scratch = *a;
    float *s = make(&scratch, float, m->m.width + 1), *p = make(&scratch, float, m->m.width + 1);
    model_score(&m->m, scratch, (model_input){grams_of(&scratch, text), label_scaled(&scratch, m, embedding)}, s);
    float best = -INFINITY;
    memcpy(p, s, m->m.width * sizeof *p);
    for (size_t k = 0; k < m->labels; k++) best = fmaxf(best, s[k]);
    if (!m->several) label_softmax(p, m->labels, m->temperature);
    for (size_t k = 0; k < m->labels; k++) {
        const double sure = m->several ? logistic(m->cuts[k].scale * s[k] + m->cuts[k].shift) : p[k];
        c.v[c.n++] = (label_choice){k, s[k], sure, sure >= (m->several ? m->cuts[k].least : m->given)};
    }
    c.known = m->several ? 1 : logistic(m->known_scale * best + m->known_shift);
    if (c.n) qsort(c.v, c.n, sizeof *c.v, by_sure);
    while (c.n > 1 && c.v[c.n - 1].sure < 0.01 && !c.v[c.n - 1].given) c.n--;
    for (size_t i = 0; i < c.n && !m->several; i++) c.v[i].given &= i == 0 && c.known >= 0.5;
    return c;
}

model_reasons label_reasons(arena *a, const label_model *m, size_t label, str text, const float *embedding) {
    return model_explain(a, &m->m, label, text, label_scaled(a, m, embedding));
}

// ---- stored ----

// "heedlab" and the version, the checksum of what follows, and that.
static const char MAGIC[8] = {'h', 'e', 'e', 'd', 'l', 'a', 'b', 1};
enum { HEAD = 16 };

void label_write(buf *b, const label_model *m) {
    arena scratch = arena_open((m->m.index.n + m->m.dense + 1024) * (m->m.width + 8) * sizeof(float) + (64 << 20));
    buf body = buf_new(&scratch, SIZE_MAX / 2);
    buf_varint(&body, (uint64_t)m->waves << 1 | m->several);
    buf_varint(&body, m->labels);
    for (size_t k = 0; k < m->labels; k++) {
        buf_varint(&body, m->names[k].len);
        buf_add(&body, m->names[k]);
    }
    buf_bytes(&body, m->cuts, m->labels * sizeof *m->cuts);
    const float scales[] = {m->temperature, m->known_scale, m->known_shift, m->given};
    buf_bytes(&body, scales, sizeof scales);
    buf_bytes(&body, &m->quality, sizeof m->quality);
    model_write(&body, &m->m);
    const uint64_t sum = str_hash(buf_str(&body));
    buf_bytes(b, MAGIC, sizeof MAGIC);
    buf_bytes(b, &sum, sizeof sum);
    buf_add(b, buf_str(&body));
    arena_close(&scratch);
}

static bool take(str *rest, void *out, size_t n) {
    if (rest->len < n) return false;
    if (n) memcpy(out, rest->s, n);
    *rest = str_sub(*rest, n, rest->len - n);
    return true;
}

static bool read_names(arena *a, str *rest, label_model *m) {
    uint64_t kind, n, len;
    if (!buf_read_varint(rest, &kind) || kind > 3 || !buf_read_varint(rest, &n) || n > LABELS_MOST) return false;
    m->several = kind & 1, m->waves = kind >> 1;
    m->labels = n;
    m->names = make(a, str, n + 1);
    m->cuts = make(a, label_cut, n + 1);
    for (size_t k = 0; k < n; k++) {
        if (!buf_read_varint(rest, &len) || len > rest->len) return false;
        m->names[k] = str_dup(a, str_sub(*rest, 0, len));
        *rest = str_sub(*rest, len, rest->len - len);
    }
    return true;
}

static bool sound(const label_model *m, const float *scales) {
    for (int i = 0; i < 4; i++)
        if (!isfinite(scales[i])) return false;
    for (size_t k = 0; k < m->labels; k++)
        if (!isfinite(m->cuts[k].scale) || !isfinite(m->cuts[k].shift) || !isfinite(m->cuts[k].least)) return false;
    return m->m.outputs == m->labels && (!m->waves || m->m.dense == WAVES) && scales[0] > 0;
}

bool label_read(arena *a, str bytes, label_model **out, err *e) {
    uint64_t sum;
    float scales[4];
    label_model *m = make(a, label_model, 1);
    *out = NULL;
    if (bytes.len < HEAD || memcmp(bytes.s, MAGIC, sizeof MAGIC - 1) != 0)
        return fail(e, ERR_corrupt, "this is no model of labels; learn it anew");
    if (bytes.s[7] != MAGIC[7])
        return fail(e, ERR_invalid, "the model of labels is of version %d, not %d; learn it anew", bytes.s[7],
                    MAGIC[7]);
    memcpy(&sum, bytes.s + 8, sizeof sum);
    str rest = str_sub(bytes, HEAD, bytes.len - HEAD);
    if (str_hash(rest) != sum) return fail(e, ERR_corrupt, "the model of labels is damaged; learn it anew");
    if (!read_names(a, &rest, m) || !take(&rest, m->cuts, m->labels * sizeof *m->cuts) ||
        !take(&rest, scales, sizeof scales) || !take(&rest, &m->quality, sizeof m->quality) ||
        !model_read(a, &rest, &m->m) || rest.len || !sound(m, scales))
        return fail(e, ERR_corrupt, "the model of labels is not sound; learn it anew");
    m->temperature = scales[0], m->known_scale = scales[1], m->known_shift = scales[2], m->given = scales[3];
    *out = m;
    return true;
}
