#include "cli/text_labels.h"

#include "cli/say.h"
#include "text/intent.h"

enum { MODEL_MOST_BYTES = 1 << 30 };

static int by_name(const void *x, const void *y) {
    return str_cmp(*(const str *)x, *(const str *)y);
}

static size_t find(const text_labels *t, str name) {
    const str *at = t->labels ? bsearch(&name, t->names, t->labels, sizeof name, by_name) : NULL;
    return at ? (size_t)(at - t->names) : SIZE_MAX;
}

// The names of all labels in the column, once each.
static bool number(text_labels *t, err *e) {
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < t->j->n; i++)
        for (str rest = t->j->rows[i].who; rest.s; n++)
            if (!str_cut(&rest, '|').s) break;
    str *v = make(t->j->a, str, n + 1);
    n = 0;
    for (size_t i = 0; i < t->j->n; i++) {
        bool any = false;
        for (str rest = t->j->rows[i].who; rest.s;) {
            const str one = str_trim(str_cut(&rest, '|'));
            if (!one.len) continue;
            t->several |= any;
            any = true;
            v[n++] = one;
        }
        t->answered += any;
    }
    if (n) qsort(v, n, sizeof *v, by_name);
    for (size_t i = 0; i < n; i++)
        if (!kept || !str_eq(v[kept - 1], v[i])) v[kept++] = v[i];
    t->names = v;
    t->labels = kept;
    if (kept <= LABELS_MOST) return true;
    return fail(e, ERR_invalid, "the column \"%.*s\" has %zu labels, more than %d; is it the right one?",
                (int)MIN(t->o.label.len, 60), t->o.label.s, kept, LABELS_MOST);
}

bool labels_read(text_labels *t, text_job *j, err *e) {
    *t = (text_labels){.j = j, .o = *j->o};
    t->o.who = t->o.label;
    j->o = &t->o;
    if (j->rest.n) return fail(e, ERR_usage, "heed text %.*s takes one file", STR_ARG(j->c->args.v[0]));
    if (!text_open(j, e) || !text_read(j, e) || !number(t, e)) return false;
    return !reader_embeds(j->read) || text_vectors(j, &t->vectors, e);
}

const float *labels_vector(const text_labels *t, arena *a, size_t row) {
    if (!t->vectors) return NULL;
    float *v = make(a, float, EMBEDDING);
    embedding_unpack(t->vectors + row * EMBEDDING, v);
    return v;
}

static void embed(void *ctx, const str *texts, size_t n, float *out) {
    const text_labels *t = ctx;
    err e = {0};
    // A foreign encoder may fail; then the names of labels say nothing, and their words still do.
    if (!reader_embed(t->j->read, t->j->c->scratch, texts, n, out, &e)) memset(out, 0, n * EMBEDDING * sizeof *out);
}

static void answer(text_labels *t, size_t row, size_t message) {
    bool any = false;
    for (str rest = t->j->rows[row].who; rest.s;) {
        const size_t k = find(t, str_trim(str_cut(&rest, '|')));
        if (k != SIZE_MAX) label_say(t->learner, message, t->at[k], ANSWER_yes), any = true;
    }
    if (any && label_several(t->learner)) label_done(t->learner, message);
}

static label_options options_of(text_labels *t) {
    label_options o = {.several = t->several || t->o.intents, .threads = 2, .ctx = t};
    if (t->vectors) o.embedding = EMBEDDING, o.embed = embed;
    return o;
}

static bool read_learner(text_labels *t, str bytes, err *e) {
    if (!label_learner_read(bytes, options_of(t), &t->learner, e)) return false;
    t->before = label_messages(t->learner);
    if (!t->several || label_several(t->learner)) return true;
    return fail(e, ERR_invalid, "--model: it gives one label to a text, and here are texts with several; train anew");
}

// The learner's number of each label of the file; those that are new to it are defined.
static bool number_in_learner(text_labels *t, err *e) {
    if (label_count(t->learner) + t->labels > LABELS_MOST)
        return fail(e, ERR_invalid, "with those of --model there are more than %d labels", LABELS_MOST);
    t->at = make(t->j->a, size_t, t->labels + 1);
    for (size_t k = 0; k < t->labels; k++) {
        size_t i = 0;
        while (i < label_count(t->learner) && !str_eq(label_defined(t->learner, i), t->names[k])) i++;
        t->at[k] = i < label_count(t->learner) ? i : label_define(t->learner, (label_text){.name = t->names[k]});
    }
    return true;
}

static bool begin_learner(text_labels *t, err *e) {
    str bytes;
    const world *w = t->j->c->w;
    if (t->o.intents || !t->o.model.len) {
        t->learner = label_learner_new(options_of(t));
        if (t->o.intents) intent_define(t->learner);
        return true;
    }
    if (!w->read_file(w, t->j->a, str_z(t->j->a, t->o.model), MODEL_MOST_BYTES, &bytes, e)) return false;
    return read_learner(t, bytes, e);
}

bool labels_learn(text_labels *t, err *e) {
    text_job *j = t->j;
    if (!t->o.intents && !t->labels)
        return fail(e, ERR_usage, "nobody gave a label yet; name the column that holds labels with --label COLUMN");
    if (!begin_learner(t, e)) return false;
    if (!t->o.intents && !number_in_learner(t, e)) return false;
    progress bar = progress_begin(&j->c->t, S("learning"), "texts");
    for (size_t i = 0; i < j->n; i++) {
        arena a = *j->a;
        const size_t m = label_add(t->learner, j->rows[i].text, labels_vector(t, &a, i));
        if (!t->o.intents) answer(t, i, m);
        if (i % 256 == 0) progress_at(&bar, (int64_t)i, (int64_t)i, (int64_t)j->n);
    }
    t->model = label_fit(t->learner);
    progress_end(&bar);
    return true;
}

bool labels_model(text_labels *t, err *e) {
    str bytes;
    label_model *m;
    const world *w = t->j->c->w;
    if (!w->read_file(w, t->j->a, str_z(t->j->a, t->o.model), MODEL_MOST_BYTES, &bytes, e)) return false;
    if (label_is_learner(bytes)) {
        if (!read_learner(t, bytes, e)) return false;
        t->model = label_learned(t->learner);
        return t->model || fail(e, ERR_invalid, "--model: nothing was learned there yet");
    }
    if (!label_read(t->j->a, bytes, &m, e)) return false;
    t->model = m;
    return true;
}

void labels_close(text_labels *t) {
    label_learner_free(t->learner);
    t->learner = NULL;
}

int32_t labels_said(const text_labels *t, size_t row) {
    str rest = t->j->rows[row].who;
    const str one = rest.s ? str_trim(str_cut(&rest, '|')) : (str){0};
    for (size_t k = 0; one.len && k < label_model_count(t->model); k++)
        if (str_eq(label_name(t->model, k), one)) return (int32_t)k;
    return -1;
}

label_choices labels_decide(const text_labels *t, arena *a, size_t row) {
    arena scratch = t->j->c->scratch;
    return label_decide(a, t->model, t->j->rows[row].text, labels_vector(t, &scratch, row));
}

void labels_put_counts(json_out *j, const str *names, const int64_t *n, size_t labels) {
    json_open(j, "labels", '[');
    for (size_t k = 0; k < labels; k++) {
        json_open(j, NULL, '{');
        json_put_str(j, "label", names[k]);
        json_put_int(j, "texts", n[k]);
        json_close(j, '}');
    }
    json_close(j, ']');
}
