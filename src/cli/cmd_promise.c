#include "base/input.h"
#include "cli/cli.h"
#include "cli/say.h"
#include "stats/proportion.h"
#include "text/promise_measure.h"

typedef struct {
    str said, zone, language, country;
    bool month_first, self_test;
} promise_opts;

static const opt opts[] = {
    {"said", 0, OPT_TEXT, offsetof(promise_opts, said), "TIME", "detect: when it was said; now unless given"},
    {"zone", 'z', OPT_TEXT, offsetof(promise_opts, zone), "ZONE", "detect: where, as Europe/Berlin; UTC unless given"},
    {"country", 0, OPT_TEXT, offsetof(promise_opts, country), "CC", "detect: whose public holidays count, as DE"},
    {"language", 0, OPT_TEXT, offsetof(promise_opts, language), "en|de|es",
     "detect: when the words allow several; told from them unless given"},
    {"month-first", 0, OPT_FLAG, offsetof(promise_opts, month_first), NULL, "detect: 3/12 is the 12th of March"},
    {"self-test", 0, OPT_FLAG, offsetof(promise_opts, self_test), NULL,
     "detect: FILE is a labelled set; print how many are noticed rightly"},
};

enum { MOST_BYTES = 4 << 20, MOST_PROMISES = 10000, MOST_ROWS = 32, YEARS = 3, HOLIDAYS = 32 };

static bool read_all(cli *c, const char *path, str *out, err *e) {
    input *in = NULL;
    if (!input_open(&in, path, e)) return false;
    char *s = make(c->life, char, MOST_BYTES + 1);
    size_t n = 0;
    for (ptrdiff_t got = 1; got > 0 && n <= MOST_BYTES; n += (size_t)MAX(got, 0))
        got = input_read(in, s + n, MOST_BYTES + 1 - n, e);
    input_close(in);
    if (err_ok(e) && n > MOST_BYTES) fail(e, ERR_too_large, "the text is over 4 MB; give it in pieces");
    *out = (str){s, n};
    return err_ok(e);
}

// Where and when it was said, with the hours of most offices and the holidays of three years.
static bool context(cli *c, const promise_opts *o, calendar *cal, promise_context *ctx, err *e) {
    zone *z = NULL;
    if (!zone_open(c->life, o->zone, &z, e)) return false;
    ctx->when = (date_context){.said_us = c->w->now_us(c->w), .z = z, .calendar = cal, .month_first = o->month_first};
    if (o->said.len && !cli_time(c, z, "said", o->said, &ctx->when.said_us, e)) return false;
    ctx->language = language_named(o->language);
    if (o->language.len && !ctx->language) return fail(e, ERR_usage, "--language is en, de or es");
    int32_t *days = make(c->life, int32_t, YEARS * HOLIDAYS);
    *cal = calendar_weekdays(z, 9 * 3600, 17 * 3600);
    const int32_t year = ymd_of(zone_days(z, ctx->when.said_us)).year;
    for (int i = 0; o->country.len && i < YEARS; i++)
        cal->n_holidays += holidays_of(o->country, year + i, days + cal->n_holidays, HOLIDAYS);
    if (o->country.len && !cal->n_holidays)
        return fail(e, ERR_usage, "the holidays of \"%.*s\" are not known; leave --country out",
                    (int)MIN(o->country.len, 20), o->country.s);
    cal->holidays = days;
    return true;
}

// ---- detect ----

static void put_json(cli *c, const promise *p, size_t n) {
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "promises", '[');
    for (size_t i = 0; i < n; i++, p++) {
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "kind", str_c(promise_kind_name(p->kind)));
        json_put_str(&r.j, "words", p->words);
        json_put_int(&r.j, "from", (int64_t)p->from);
        json_put_int(&r.j, "to", (int64_t)p->to);
        json_put_str(&r.j, "language", str_c(language_name(p->language)));
        json_put_bool(&r.j, "conditional", p->conditional);
        reply_time(&r, "due", p->due_us);
        json_put_str(&r.j, "due_words", p->due_words);
        json_put_num(&r.j, "sure", p->sure);
        json_put_str(&r.j, "why", p->why);
        json_close(&r.j, '}');
        reply_some(&r);
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

static void say_promise(cli *c, const zone *z, const promise *p) {
    arena a = c->scratch;
    term_put(&c->t, STYLE_bold, str_c(promise_kind_name(p->kind)));
    if (p->conditional) term_say(&c->t, ", on a condition");
    if (p->due_us)
        term_say(&c->t, ", due %.*s (%.*s)", STR_ARG(say_time(&a, z, p->due_us)),
                 STR_ARG(term_clean(&a, p->due_words, true)));
    term_say(&c->t, "\n  %.*s\n", STR_ARG(term_clean(&a, p->words, true)));
    term_say(&c->t, "  because of: %.*s\n", STR_ARG(term_clean(&a, p->why, true)));
}

static bool detect(cli *c, const promise_context *ctx, str text) {
    promise *found = make(c->life, promise, MOST_PROMISES);
    const size_t n = promise_find(c->life, text, ctx, found, MOST_PROMISES);
    if (c->g.json) return put_json(c, found, n), true;
    for (size_t i = 0; i < n; i++) say_promise(c, ctx->when.z, &found[i]);
    if (!n) term_say(&c->t, "Nothing is promised here.\n");
    return true;
}

// ---- self-test ----

static str share(arena *a, int64_t hits, int64_t n) {
    double lo = 0, hi = 1;
    if (!n) return S("none");
    proportion_wilson((double)hits / (double)n, (double)n, 1.959964, &lo, &hi);
    return str_fmt(a, "%.3f (%.3f to %.3f)", (double)hits / (double)n, lo, hi);
}

static void say_tally(table *t, arena *a, const promise_tally *x) {
    table_add(t, STYLE_plain, x->part);
    table_add(t, STYLE_plain, str_c(x->language ? language_name(x->language) : "all"));
    table_add(t, STYLE_plain, term_count(a, x->sentences));
    table_add(t, STYLE_plain, term_count(a, x->promises));
    table_add(t, STYLE_plain, share(a, x->right, x->noticed));
    table_add(t, STYLE_plain, share(a, x->right, x->promises));
    table_add(t, STYLE_plain, share(a, x->kind_right, x->right));
    table_add(t, STYLE_plain, share(a, x->due_right, x->right));
}

static void put_tallies(cli *c, const promise_tally *x, size_t n) {
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "rows", '[');
    for (size_t i = 0; i < n; i++, x++) {
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "part", x->part);
        json_put_str(&r.j, "language", str_c(x->language ? language_name(x->language) : "all"));
        json_put_int(&r.j, "sentences", x->sentences);
        json_put_int(&r.j, "promises", x->promises);
        json_put_int(&r.j, "noticed", x->noticed);
        json_put_int(&r.j, "right", x->right);
        json_put_int(&r.j, "kind_right", x->kind_right);
        json_put_int(&r.j, "due_right", x->due_right);
        json_put_int(&r.j, "condition_right", x->condition_right);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

// A row for all languages of each part, after the others.
static size_t add_sums(promise_tally *rows, size_t n) {
    size_t all = n;
    for (size_t i = 0; i < n; i++) {
        size_t k = n;
        while (k < all && !str_eq(rows[k].part, rows[i].part)) k++;
        if (k == all) rows[all++] = (promise_tally){.part = rows[i].part};
        rows[k].sentences += rows[i].sentences, rows[k].promises += rows[i].promises;
        rows[k].noticed += rows[i].noticed, rows[k].right += rows[i].right;
        rows[k].kind_right += rows[i].kind_right, rows[k].due_right += rows[i].due_right;
        rows[k].condition_right += rows[i].condition_right;
    }
    return all;
}

// The labels of a set rest on the moment and the place that its head names.
static bool self_test(cli *c, const promise_opts *o, str set, err *e) {
    promise_opts fixed = *o;
    if (!o->said.len) fixed.said = S("2026-03-11T10:00");
    if (!o->zone.len) fixed.zone = S("Europe/Berlin");
    if (!o->country.len) fixed.country = S("DE");
    calendar cal;
    promise_context ctx = {0};
    promise_tally *rows = make(c->life, promise_tally, 2 * MOST_ROWS);
    size_t n;
    if (!context(c, &fixed, &cal, &ctx, e)) return false;
    if (!promise_measure(c->life, set, &ctx, rows, MOST_ROWS, &n, NULL, NULL, e)) return false;
    n = add_sums(rows, n);
    if (c->g.json) return put_tallies(c, rows, n), true;
    table *t = table_new(c->life,
                         (table_col[]){{"part", false, false},
                                       {"language", false, false},
                                       {"sentences", true, false},
                                       {"promises", true, false},
                                       {"precision", false, false},
                                       {"recall", false, false},
                                       {"kind right", false, false},
                                       {"time right", false, false}},
                         8);
    for (size_t i = 0; i < n; i++) say_tally(t, c->life, &rows[i]);
    table_print(t, &c->t, 0);
    return true;
}

// ---- what follows 'heed promise' ----

static bool run_detect(cli *c, const promise_opts *o, err *e) {
    const char *path = c->args.n > 1 ? str_z(c->life, c->args.v[1]) : "-";
    calendar cal;
    promise_context ctx = {0};
    str text;
    if (o->self_test && c->args.n < 2)
        return fail(e, ERR_usage, "name a labelled set: heed promise detect --self-test FILE");
    if (!read_all(c, path, &text, e)) return false;
    if (o->self_test) return self_test(c, o, text, e);
    return context(c, o, &cal, &ctx, e) && detect(c, &ctx, text);
}

static const struct {
    const char *verb;
    bool (*run)(cli *c, const promise_opts *o, err *e);
    size_t most_args; // the verb is one
} verbs[] = {
    {"detect", run_detect, 2},
};

static bool run(cli *c, const void *options, err *e) {
    for (size_t i = 0; c->args.n && i < COUNT(verbs); i++)
        if (str_eq(c->args.v[0], str_c(verbs[i].verb)) && c->args.n <= verbs[i].most_args)
            return verbs[i].run(c, options, e);
    return fail(e, ERR_usage, "heed promise detect [FILE]");
}

const cmd cmd_promise = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(promise_opts),
    .max_args = -1,
    .run = run,
    .more =
        "'detect' reads what somebody of ours wrote or said to a customer, from a file or from standard input, and "
        "shows what they promised: of what kind, until when, on which condition, and because of which words. English, "
        "German and Spanish. Days end at 17:00 from Monday to Friday; --country takes its public holidays out. "
        "Nothing is stored.\n\n"
        "With --self-test the file is a set of labelled sentences, and what is printed is how many of those noticed "
        "are promises (precision) and how many of the promises are noticed (recall), each with its 95 % range, and "
        "for how many of these the kind and the time are right. docs/promises.md says how such a file looks.",
    .examples = "heed promise detect mail.txt --zone Europe/Berlin --country DE\n"
                "echo \"I'll call you back tomorrow.\" | heed promise detect\n"
                "heed promise detect --self-test tests/text/data/promises.tsv",
    .json =
        "detect: {\"promises\":[{\"kind\",\"words\",\"from\",\"to\",\"language\",\"conditional\",\"due\",\"due_words\","
        "\"sure\",\"why\"}]}; --self-test: {\"rows\":[{\"part\",\"language\",\"sentences\",\"promises\",\"noticed\","
        "\"right\",\"kind_right\",\"due_right\",\"condition_right\"}]}",
};
