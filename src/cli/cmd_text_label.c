// heed text train, heed text label.
#include <math.h>

#include "base/csv.h"
#include "cli/picture.h"
#include "cli/say.h"
#include "cli/text_labels.h"

enum { QUESTIONS = 10, ALSO = 3, REASONS = 5, OUT_MOST = 1 << 30 };

static str percent(arena *a, double share) {
    return isfinite(share) ? str_fmt(a, "%.1f %%", 100 * share) : S("unknown");
}

// ---- train ----

static void count_said(const text_labels *t, int64_t *n) {
    for (size_t i = 0; i < t->j->n; i++)
        for (str rest = t->j->rows[i].who; rest.s;) {
            const str one = str_trim(str_cut(&rest, '|'));
            for (size_t k = 0; k < t->labels; k++) n[k] += str_eq(one, t->names[k]);
        }
}

static void train_json(text_labels *t, const int64_t *n, const size_t *ask, size_t asked) {
    const label_quality q = label_model_quality(t->model);
    reply r;
    reply_open(&r, t->j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "file", t->j->path);
    json_put_str(&r.j, "column", t->j->column);
    json_put_int(&r.j, "texts", (int64_t)t->j->n);
    json_put_int(&r.j, "answered", (int64_t)t->answered);
    json_put_int(&r.j, "known", (int64_t)t->before);
    json_put_num(&r.j, "accuracy", q.accuracy);
    json_put_num(&r.j, "calibration_error", q.error);
    json_put_num(&r.j, "automatic", q.automatic);
    json_put_num(&r.j, "automatic_right", q.right);
    labels_put_counts(&r.j, t->names, n, t->labels);
    json_open(&r.j, "ask", '[');
    for (size_t i = 0; i < asked; i++) {
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "line", t->j->rows[ask[i]].line);
        json_put_str(&r.j, "text", t->j->rows[ask[i]].text);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

static void train_show(text_labels *t, const int64_t *n, const size_t *ask, size_t asked) {
    static const table_col cols[] = {{"label", false, true}, {"answers", true, false}};
    static const table_col questions[] = {{"line", true, false}, {"text", false, true}};
    const term *to = &t->j->c->t;
    arena *a = t->j->a;
    const label_quality q = label_model_quality(t->model);
    term_say(to, "%zu labels, learned from %zu answers among %zu texts.\n", t->labels, t->answered, t->j->n);
    if (t->before) term_say(to, "%zu texts were known from before.\n", t->before);
    term_say(to, "On %zu texts held out %.*s are right; stated and seen certainty differ by %.*s.\n", q.messages,
             STR_ARG(percent(a, q.accuracy)), STR_ARG(percent(a, q.error)));
    if (!t->several && !(q.automatic > 0))
        term_say(to, "Nothing can be labelled without asking yet; answer more of them.\n");
    else if (!t->several)
        term_say(to, "%.*s can be labelled without asking, and %.*s of those are right.\n",
                 STR_ARG(percent(a, q.automatic)), STR_ARG(percent(a, q.right)));
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t k = 0; k < t->labels; k++) {
        table_add(out, STYLE_plain, term_clean(a, t->names[k], true));
        table_add(out, STYLE_plain, term_count(a, n[k]));
    }
    term_say(to, "\n");
    table_print(out, to, 0);
    if (!asked) return;
    term_say(to, "\nThese would teach most:\n");
    out = table_new(a, questions, COUNT(questions));
    for (size_t i = 0; i < asked; i++) {
        table_add(out, STYLE_plain, term_count(a, t->j->rows[ask[i]].line));
        table_add(out, STYLE_plain, term_clean(a, str_sub(t->j->rows[ask[i]].text, 0, 400), true));
    }
    table_print(out, to, 0);
}

// Questions about texts of this file: those of a learner that goes on are not at hand.
static size_t ask_here(const text_labels *t, size_t *ask) {
    size_t all[2 * QUESTIONS], n = 0;
    const size_t found = label_ask(t->learner, all, COUNT(all));
    for (size_t i = 0; i < found && n < QUESTIONS; i++)
        if (all[i] >= t->before) ask[n++] = all[i] - t->before;
    return n;
}

bool text_train(text_job *j, err *e) {
    text_labels t;
    if (!j->o->label.len) return fail(e, ERR_usage, "name the column that holds labels with --label COLUMN");
    bool ok = labels_read(&t, j, e) && labels_learn(&t, e);
    if (ok) {
        size_t ask[QUESTIONS];
        const size_t asked = ask_here(&t, ask);
        int64_t *n = make(j->a, int64_t, t.labels + 1);
        count_said(&t, n);
        if (j->c->g.json)
            train_json(&t, n, ask, asked);
        else
            train_show(&t, n, ask, asked);
        if (t.o.out.len) {
            buf b = buf_new(j->a, OUT_MOST);
            label_learner_write(&b, t.learner);
            ok = j->c->w->write_file(j->c->w, str_z(j->a, t.o.out), buf_str(&b), e);
        }
    }
    labels_close(&t);
    return ok;
}

// ---- label ----

typedef struct {
    text_labels t;
    int64_t *counts, given, none;
    str *names;
    size_t labels;
} labelling;

typedef struct {
    str words;
    double adds;
} reason;

static int by_weight(const void *x, const void *y) {
    const double l = fabs(((const reason *)x)->adds), r = fabs(((const reason *)y)->adds);
    return (l < r) - (l > r);
}

// The words that add or take most, and what the meaning of the whole adds.
static size_t reasons_of(const labelling *l, arena *a, size_t row, size_t label, reason *out) {
    const text_labels *t = &l->t;
    const model_reasons r = label_reasons(a, t->model, label, t->j->rows[row].text, labels_vector(t, a, row));
    reason *all = make(a, reason, r.pieces + 1);
    size_t n = 0;
    for (size_t i = 0; i < r.pieces; i++) all[n++] = (reason){r.piece[i], r.part[i]};
    if (t->vectors) all[n++] = (reason){S("(meaning)"), r.dense};
    if (n) qsort(all, n, sizeof *all, by_weight);
    n = MIN(n, (size_t)REASONS);
    if (n) memcpy(out, all, n * sizeof *all);
    return n;
}

static void row_json(reply *r, const labelling *l, size_t i) {
    arena a = *l->t.j->a;
    const label_choices c = labels_decide(&l->t, &a, i);
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "line", l->t.j->rows[i].line);
    json_put_str(&r->j, "label", l->names[c.v[0].label]);
    json_put_num(&r->j, "sure", round(c.v[0].sure * 1000) / 1000);
    json_put_bool(&r->j, "given", c.v[0].given);
    json_put_num(&r->j, "known", round(c.known * 1000) / 1000);
    json_open(&r->j, "also", '[');
    for (size_t k = 1; k < c.n && k <= ALSO; k++) json_put_str(&r->j, NULL, l->names[c.v[k].label]);
    json_close(&r->j, ']');
    if (l->t.o.why) {
        reason why[REASONS];
        const size_t n = reasons_of(l, &a, i, c.v[0].label, why);
        json_open(&r->j, "why", '[');
        for (size_t k = 0; k < n; k++) {
            json_open(&r->j, NULL, '{');
            json_put_str(&r->j, "words", why[k].words);
            json_put_num(&r->j, "adds", round(why[k].adds * 1000) / 1000);
            json_close(&r->j, '}');
        }
        json_close(&r->j, ']');
    }
    json_close(&r->j, '}');
    reply_some(r);
}

static void label_json(labelling *l) {
    reply r;
    reply_open(&r, l->t.j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "file", l->t.j->path);
    json_put_str(&r.j, "column", l->t.j->column);
    json_put_int(&r.j, "texts", (int64_t)l->t.j->n);
    json_put_int(&r.j, "given", l->given);
    labels_put_counts(&r.j, l->names, l->counts, l->labels);
    if (l->t.o.each || l->t.o.why) {
        json_open(&r.j, "rows", '[');
        for (size_t i = 0; i < l->t.j->n; i++) row_json(&r, l, i);
        json_close(&r.j, ']');
    }
    json_close(&r.j, '}');
    reply_close(&r);
}

static void label_rows(labelling *l) {
    static const table_col cols[] = {{"line", true, false},
                                     {"label", false, false},
                                     {"sure", true, false},
                                     {"why", false, false},
                                     {"text", false, true}};
    arena *a = l->t.j->a;
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < l->t.j->n; i++) {
        const label_choices c = labels_decide(&l->t, a, i);
        const enum style s = c.v[0].given ? STYLE_plain : STYLE_dim;
        buf why = buf_new(a, 400);
        reason r[REASONS];
        const size_t n = l->t.o.why ? reasons_of(l, a, i, c.v[0].label, r) : 0;
        for (size_t k = 0; k < n; k++)
            buf_fmt(&why, "%s%.*s %+.2f", k ? ", " : "", (int)MIN(r[k].words.len, 24), r[k].words.s, r[k].adds);
        table_add(out, s, term_count(a, l->t.j->rows[i].line));
        table_add(out, s, str_fmt(a, "%.*s%s", STR_ARG(l->names[c.v[0].label]), c.v[0].given ? "" : "?"));
        table_add(out, s, str_fmt(a, "%.2f", c.v[0].sure));
        table_add(out, s, term_clean(a, buf_str(&why), true));
        table_add(out, s, term_clean(a, str_sub(l->t.j->rows[i].text, 0, 400), true));
    }
    table_print(out, &l->t.j->c->t, 0);
}

static void label_show(labelling *l) {
    const term *to = &l->t.j->c->t;
    arena *a = l->t.j->a;
    const char **names = make(a, const char *, l->labels + 1);
    double *y = make(a, double, l->labels + 1);
    size_t n = 0;
    for (size_t k = 0; k < l->labels; k++)
        if (l->counts[k]) names[n] = str_z(a, term_clean(a, l->names[k], true)), y[n++] = (double)l->counts[k];
    term_say(to, "%zu texts; %.*s got their label without asking; for %.*s none fits.\n\n", l->t.j->n,
             STR_ARG(percent(a, (double)l->given / (double)l->t.j->n)),
             STR_ARG(percent(a, (double)l->none / (double)l->t.j->n)));
    if (l->t.o.each || l->t.o.why) {
        label_rows(l);
        return;
    }
    const picture p = {.title = "texts by label",
                       .x_name = "label",
                       .y_name = "texts",
                       .n = n,
                       .lines = {{.name = "texts", .y = y}},
                       .n_lines = 1,
                       .labels = names};
    if (n) picture_text(l->t.j->c->scratch, to, &p);
}

static bool label_csv(labelling *l, err *e) {
    text_job *j = l->t.j;
    buf b = buf_new(j->a, OUT_MOST);
    buf_add(&b, S("line,label,sure,given,known\n"));
    for (size_t i = 0; i < j->n; i++) {
        arena a = j->c->scratch;
        const label_choices c = label_decide(&a, l->t.model, j->rows[i].text, labels_vector(&l->t, &a, i));
        buf_fmt(&b, "%" PRId64 ",", j->rows[i].line);
        csv_write_cell(&b, l->names[c.v[0].label], ',');
        buf_fmt(&b, ",%.3f,%s,%.3f\n", c.v[0].sure, c.v[0].given ? "yes" : "no", c.known);
    }
    if (b.full)
        return fail(e, ERR_too_large, "the labels are more than a file of 1 GiB holds; label fewer texts at once");
    return j->c->w->write_file(j->c->w, str_z(j->a, l->t.o.out), buf_str(&b), e);
}

static void count_labels(labelling *l) {
    text_job *j = l->t.j;
    l->labels = label_model_count(l->t.model);
    l->names = make(j->a, str, l->labels + 1);
    l->counts = make(j->a, int64_t, l->labels + 1);
    for (size_t k = 0; k < l->labels; k++) l->names[k] = label_name(l->t.model, k);
    for (size_t i = 0; i < j->n; i++) {
        arena a = *j->a;
        const label_choices c = labels_decide(&l->t, &a, i);
        l->given += c.v[0].given;
        l->none += c.known < 0.5;
        l->counts[c.v[0].label]++;
    }
}

bool text_label(text_job *j, err *e) {
    labelling l = {0};
    if (!j->o->model.len && !j->o->label.len && !j->o->intents)
        return fail(e, ERR_usage, "say by what: --model FILE (of heed text train), --label COLUMN, or --intents");
    bool ok = labels_read(&l.t, j, e) && (l.t.o.model.len ? labels_model(&l.t, e) : labels_learn(&l.t, e));
    if (ok && j->n) {
        count_labels(&l);
        if (j->c->g.json)
            label_json(&l);
        else
            label_show(&l);
        ok = !l.t.o.out.len || label_csv(&l, e);
    }
    labels_close(&l.t);
    return ok;
}
