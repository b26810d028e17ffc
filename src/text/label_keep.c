// A learner as bytes: what it holds, and what it learned last.
#include <math.h>

#include "text/encoder.h"
#include "text/label_inside.h"

// "heedlrn" and the version, the checksum of what follows, and that.
static const char MAGIC[8] = {'h', 'e', 'e', 'd', 'l', 'r', 'n', 2};
enum { HEAD = 16, ROWS_MOST = 1 << 26 };
enum dense_form { DENSE_none, DENSE_bytes, DENSE_floats, DENSE_gone };

// ---- written ----

static enum dense_form form_of(const label_learner *l, size_t row, const float *x) {
    bool any = false;
    if (model_rows_dropped(l->rows, row)) return DENSE_gone;
    for (size_t i = 0; i < label_dense(l->o.embedding) && !any; i++) any = x[i] != 0;
    if (!any) return DENSE_none;
    return label_waves(l->o.embedding) ? DENSE_bytes : DENSE_floats;
}

static void write_rows(buf *b, const label_learner *l) {
    const size_t N = model_rows_count(l->rows);
    const int32_t *meaning = list_of(&l->meaning, int32_t);
    buf_varint(b, N);
    for (size_t i = 0; i < N; i++) {
        const model_input in = model_row(l->rows, i);
        const enum dense_form form = form_of(l, i, in.dense);
        buf_varint(b, (uint64_t)(meaning[i] + 1) << 2 | form);
        if (form == DENSE_gone) continue;
        grams_pack(b, in.g);
        if (form == DENSE_bytes) buf_bytes(b, list_of(&l->places, int8_t) + i * EMBEDDING, EMBEDDING);
        if (form == DENSE_floats) buf_bytes(b, in.dense, l->o.embedding * sizeof *in.dense);
    }
}

static void write_records(buf *b, const label_learner *l) {
    buf_varint(b, l->records.n);
    for (size_t i = 0; i < l->records.n; i++) {
        const label_record *r = &list_of(&l->records, label_record)[i];
        buf_varint(b, r->message);
        buf_varint(b, (uint64_t)r->label << 2 | r->answer);
    }
}

// Of the dual values of a label most are zeros.
static void write_duals(buf *b, const label_learner *l) {
    for (size_t k = 0; k < l->fit_labels; k++) {
        const float *dual = l->dual + k * l->fit_rows;
        size_t n = 0, last = 0;
        for (size_t i = 0; i < l->fit_rows; i++) n += dual[i] != 0;
        buf_varint(b, n);
        for (size_t i = 0; i < l->fit_rows; i++) {
            if (dual[i] == 0) continue;
            buf_varint(b, i - last);
            buf_bytes(b, &dual[i], sizeof dual[i]);
            last = i;
        }
    }
}

static size_t room_of(const label_learner *l) {
    const size_t N = model_rows_count(l->rows);
    size_t n = l->records.n * 2 + N * (l->o.embedding + 8) + l->fit_labels * (l->fit_rows + 1);
    for (size_t i = 0; i < N; i++) n += model_row(l->rows, i).g.n;
    if (l->fit_labels) n += (size_t)l->index.n * (l->stride + 8);
    return n * 16 + arena_used(&l->a) + (UINT64_C(64) << 20);
}

void label_learner_write(buf *b, const label_learner *l) {
    arena scratch = arena_open(room_of(l));
    buf body = buf_new(&scratch, SIZE_MAX / 2);
    const double terms[] = {l->o.right, l->o.cost, l->cost};
    buf_varint(&body, (uint64_t)l->o.several << 1 | l->o.alone);
    buf_varint(&body, l->o.embedding);
    buf_bytes(&body, terms, sizeof terms);
    buf_varint(&body, l->labels.n);
    for (size_t k = 0; k < l->labels.n; k++) {
        const defined *d = &list_of(&l->labels, defined)[k];
        buf_varint(&body, d->name.len);
        buf_add(&body, d->name);
        buf_varint(&body, d->first_row);
    }
    write_rows(&body, l);
    write_records(&body, l);
    buf_varint(&body, l->fit_labels);
    if (l->fit_labels) {
        buf_varint(&body, l->fit_rows);
        buf_varint(&body, l->fit_records);
        for (size_t i = 0; i < l->fit_rows; i++) buf_varint(&body, (uint64_t)(l->taught[i] + 1));
        write_duals(&body, l);
        label_write(&body, &l->model);
    }
    const uint64_t sum = str_hash(buf_str(&body));
    buf_bytes(b, MAGIC, sizeof MAGIC);
    buf_bytes(b, &sum, sizeof sum);
    buf_add(b, buf_str(&body));
    arena_close(&scratch);
}

// ---- read ----

static bool take(str *rest, void *out, size_t n) {
    if (rest->len < n) return false;
    if (n) memcpy(out, rest->s, n);
    *rest = str_sub(*rest, n, rest->len - n);
    return true;
}

static bool number(str *rest, uint64_t below, uint64_t *v) {
    return buf_read_varint(rest, v) && *v < below;
}

static bool all_finite(const float *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(x[i]) < 1e6f)) return false;
    return true;
}

static bool read_labels(label_learner *l, str *rest) {
    uint64_t n, len, row;
    if (!number(rest, LABELS_MOST + 1, &n)) return false;
    for (uint64_t k = 0; k < n; k++) {
        if (!number(rest, rest->len + 1, &len) || len > rest->len) return false;
        const str name = str_dup(&l->a, str_sub(*rest, 0, len));
        *rest = str_sub(*rest, len, rest->len - len);
        if (!number(rest, ROWS_MOST, &row)) return false;
        *list_add(&l->labels, defined, 1) = (defined){name, row};
    }
    return true;
}

static bool read_dense(const label_learner *l, str *rest, enum dense_form form, int8_t *bytes, float *x) {
    if (form == DENSE_floats)
        return !label_waves(l->o.embedding) && take(rest, x, l->o.embedding * sizeof *x) &&
               all_finite(x, l->o.embedding);
    if (form != DENSE_bytes) return true;
    if (!label_waves(l->o.embedding) || !take(rest, bytes, EMBEDDING)) return false;
    label_waves_of(bytes, x);
    return true;
}

static bool read_rows(label_learner *l, str *rest) {
    uint64_t n, head;
    if (!number(rest, rest->len + 1, &n)) return false;
    for (uint64_t i = 0; i < n; i++) {
        arena scratch = l->a;
        model_input in = {0};
        int8_t bytes[EMBEDDING] = {0};
        float *x = make(&scratch, float, label_dense(l->o.embedding) + 1);
        if (!number(rest, (uint64_t)(l->labels.n + 1) << 2, &head)) return false;
        const enum dense_form form = head & 3;
        if (form != DENSE_gone && (!grams_unpack(&scratch, rest, &in.g) || !read_dense(l, rest, form, bytes, x)))
            return false;
        in.dense = x;
        const int32_t meaning = (int32_t)(head >> 2) - 1;
        const size_t row = label_add_row(l, in, bytes, meaning);
        if (form == DENSE_gone) model_rows_drop(l->rows, row);
        if (meaning < 0) *list_add(&l->message, uint32_t, 1) = (uint32_t)row;
    }
    return true;
}

static bool read_records(label_learner *l, str *rest) {
    uint64_t n, message, what;
    if (!number(rest, rest->len + 1, &n)) return false;
    for (uint64_t i = 0; i < n; i++) {
        if (!number(rest, l->message.n, &message) || !number(rest, (LABELS_MOST + 1) << 2, &what)) return false;
        const uint64_t label = what >> 2, answer = what & 3;
        if ((label >= l->labels.n && label != LABELS_MOST) || answer > ANSWER_no) return false;
        *list_add(&l->records, label_record, 1) = (label_record){(uint32_t)message, (uint16_t)label, (uint8_t)answer};
    }
    return true;
}

static bool read_duals(label_learner *l, str *rest) {
    uint64_t n, gap;
    for (size_t k = 0; k < l->fit_labels; k++) {
        if (!number(rest, l->fit_rows + 1, &n)) return false;
        for (uint64_t i = 0, at = 0; i < n; i++) {
            float *dual = l->dual + k * l->fit_rows;
            if (!number(rest, l->fit_rows - at, &gap) || (i && !gap)) return false;
            at += gap;
            if (!take(rest, &dual[at], sizeof *dual) || !all_finite(&dual[at], 1)) return false;
        }
    }
    return true;
}

static bool read_learned(label_learner *l, str *rest) {
    uint64_t labels, rows, records, taught;
    label_model *m;
    err e = {0};
    if (!number(rest, l->labels.n + 1, &labels)) return false;
    if (!labels) return rest->len == 0;
    if (!number(rest, model_rows_count(l->rows) + 1, &rows) || !number(rest, l->records.n + 1, &records) ||
        rows * labels > PTRDIFF_MAX / 64)
        return false;
    l->duals = arena_open((rows * labels + rows) * sizeof(float) + (1 << 16));
    l->dual = make(&l->duals, float, rows *labels + 1);
    l->taught = make(&l->duals, int32_t, rows + 1);
    l->fit_labels = labels, l->fit_rows = rows, l->fit_records = records;
    for (size_t i = 0; i < rows; i++) {
        if (!number(rest, labels + 1, &taught)) return false;
        l->taught[i] = (int32_t)taught - 1;
    }
    if (!read_duals(l, rest)) return false;
    l->fit = arena_open(label_room(l, rest->len));
    if (!label_read(&l->fit, *rest, &m, &e) || m->labels != labels || m->m.dense != label_dense(l->o.embedding) ||
        m->waves != label_waves(l->o.embedding) || m->several != l->o.several)
        return false;
    l->model = *m;
    l->index = m->m.index;
    label_learn_weights(l);
    return true;
}

static bool read_body(label_learner *l, str *rest) {
    return read_labels(l, rest) && read_rows(l, rest) && read_records(l, rest) && read_learned(l, rest);
}

static label_learner *begin(str *rest, label_options o, err *e) {
    uint64_t flags, embedding;
    double terms[3];
    if (!number(rest, 4, &flags) || !number(rest, 1 << 14, &embedding) || !take(rest, terms, sizeof terms) ||
        !(terms[0] > 0 && terms[0] <= 1) || !(terms[1] >= 0 && terms[1] < 1e6) || !(terms[2] > 0 && terms[2] < 1e6)) {
        fail(e, ERR_corrupt, "the learner of labels is not sound; learn anew");
        return NULL;
    }
    if (embedding != o.embedding) {
        fail(e, ERR_invalid, "the learner of labels has embeddings of %u numbers, not %zu; learn anew",
             (unsigned)embedding, o.embedding);
        return NULL;
    }
    o.several = flags >> 1;
    o.alone = flags & 1;
    o.right = terms[0], o.cost = terms[1];
    label_learner *l = label_learner_new(o);
    l->cost = terms[2];
    return l;
}

bool label_is_learner(str bytes) {
    return bytes.len >= HEAD && memcmp(bytes.s, MAGIC, sizeof MAGIC - 1) == 0;
}

bool label_learner_read(str bytes, label_options o, label_learner **out, err *e) {
    uint64_t sum;
    *out = NULL;
    if (!label_is_learner(bytes)) return fail(e, ERR_corrupt, "this is no learner of labels; learn anew");
    if (bytes.s[7] != MAGIC[7])
        return fail(e, ERR_invalid, "the learner of labels is of version %d, not %d; learn anew", bytes.s[7], MAGIC[7]);
    memcpy(&sum, bytes.s + 8, sizeof sum);
    str rest = str_sub(bytes, HEAD, bytes.len - HEAD);
    if (str_hash(rest) != sum) return fail(e, ERR_corrupt, "the learner of labels is damaged; learn anew");
    label_learner *l = begin(&rest, o, e);
    if (!l) return false;
    if (!read_body(l, &rest)) {
        label_learner_free(l);
        return fail(e, ERR_corrupt, "the learner of labels is not sound; learn anew");
    }
    *out = l;
    return true;
}
