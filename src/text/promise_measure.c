#include "text/promise_measure.h"

typedef struct {
    str line, part, label, kind, due, words;
    enum language language;
} labelled;

static bool read_line(str line, labelled *x) {
    str rest = line, language = str_cut(&rest, '\t');
    x->line = line;
    x->language = language_named(language);
    x->part = str_cut(&rest, '\t');
    x->label = str_cut(&rest, '\t');
    x->kind = str_cut(&rest, '\t');
    x->due = str_cut(&rest, '\t');
    x->words = rest;
    const bool known =
        str_eq(x->label, S("promise")) || str_eq(x->label, S("conditional")) || str_eq(x->label, S("no"));
    return x->language && known && x->words.len;
}

static promise_tally *row_of(const labelled *x, promise_tally *rows, size_t max, size_t *n) {
    for (size_t i = 0; i < *n; i++)
        if (rows[i].language == x->language && str_eq(rows[i].part, x->part)) return &rows[i];
    if (*n == max) return NULL;
    rows[*n] = (promise_tally){.part = x->part, .language = x->language};
    return &rows[(*n)++];
}

static bool due_right(const labelled *x, const promise_context *ctx, const promise *got) {
    int64_t want = 0;
    if (str_eq(x->due, S("-"))) return got->due_us == 0;
    return time_parse(x->due, ctx->when.z, 0, &want) && want == got->due_us;
}

static bool count(arena *scratch, const labelled *x, const promise_context *ctx, promise_tally *row, promise *got) {
    const bool is = !str_eq(x->label, S("no"));
    const bool noticed = promise_find(scratch, x->words, ctx, got, 1) == 1;
    row->sentences++;
    row->promises += is;
    row->noticed += noticed;
    if (!is || !noticed) return is == noticed;
    const bool kind = str_eq(x->kind, str_c(promise_kind_name(got->kind))), due = due_right(x, ctx, got);
    const bool condition = got->conditional == str_eq(x->label, S("conditional"));
    row->right++;
    row->kind_right += kind;
    row->due_right += due;
    row->condition_right += condition;
    return kind && due && condition;
}

bool promise_measure(arena *a, str set, const promise_context *ctx, promise_tally *rows, size_t max, size_t *n,
                     promise_miss *miss, void *miss_ctx, err *e) {
    int64_t at = 0;
    *n = 0;
    while (set.s) {
        const str line = str_trim(str_cut(&set, '\n'));
        labelled x;
        at++;
        if (!line.len || line.s[0] == '#') continue;
        promise_tally *row = read_line(line, &x) ? row_of(&x, rows, max, n) : NULL;
        if (!row)
            return fail(e, ERR_invalid,
                        "line %" PRId64
                        " is no labelled sentence; write language, part, label (promise, conditional or "
                        "no), kind, due and words, with tabs between",
                        at);
        promise got = {0};
        arena scratch = *a;
        if (!count(&scratch, &x, ctx, row, &got) && miss) miss(miss_ctx, line, got.words.len ? &got : NULL);
    }
    return true;
}
