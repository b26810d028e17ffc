// What `heed text moods` says: on a terminal, as JSON, as CSV.
#include <math.h>

#include "base/csv.h"
#include "cli/picture.h"
#include "cli/say.h"
#include "cli/text_moods.h"

enum { WORDS_SHOWN = 10, WORDS_LISTED = 50, FEELINGS_SHOWN = 8, OUT_MOST = 1 << 30 };
static const double FELT = 0.25; // probability from which a feeling is named beside a text

static double rounded(double x) {
    return round(x * 1000) / 1000;
}

static const char *language_of(const text_mood *t) {
    return t->in.told ? t->in.code : "";
}

// ---- feelings ----

typedef struct {
    enum mood_feeling f;
    double n;
} felt;

static int by_count(const void *x, const void *y) {
    const felt *l = x, *r = y;
    if (l->n != r->n) return l->n > r->n ? -1 : 1;
    return (l->f > r->f) - (l->f < r->f);
}

// The feelings above `least`, the strongest first; "neutral" is none.
static size_t feelings_of(const double *p, double least, felt *out) {
    size_t n = 0;
    for (int f = 0; f < FEELINGS; f++)
        if (p[f] >= least && f != FEELING_neutral) out[n++] = (felt){(enum mood_feeling)f, p[f]};
    if (n) qsort(out, n, sizeof *out, by_count);
    return n;
}

static str feelings_said(arena *a, const mood_reading *r) {
    felt f[FEELINGS];
    buf b = buf_new(a, 400);
    const size_t n = feelings_of(r->feeling, FELT, f);
    for (size_t i = 0; i < MIN(n, (size_t)2); i++) buf_fmt(&b, "%s%s", i ? ", " : "", mood_feeling_name(f[i].f));
    return buf_str(&b);
}

// ---- terminal ----

static enum style style_of(enum mood_class c) {
    return c == MOOD_bad ? STYLE_bad : c == MOOD_good ? STYLE_good : STYLE_plain;
}

static str reasons_said(const text_moods_read *m, arena *a, size_t row, size_t most) {
    mood_reason why[MOOD_REASONS];
    buf b = buf_new(a, 600);
    const size_t n = MIN(moods_reasons(m, a, row, why), most);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&b, "%s%.*s %+.2f", i ? ", " : "", (int)MIN(why[i].words.len, 30), why[i].words.s, why[i].adds);
    return term_clean(a, buf_str(&b), true);
}

static str word_of(arena *a, str text, const mood_word *w) {
    return moods_word(a, str_sub(text, w->from, w->to - w->from), w->turned);
}

static str words_said(arena *a, str text, const mood_word *w, size_t n, size_t most) {
    buf b = buf_new(a, 600);
    for (size_t i = 0; i < MIN(n, most); i++) {
        const str word = word_of(a, text, &w[i]);
        buf_fmt(&b, "%s%.*s %+.2f", i ? ", " : "", (int)MIN(word.len, (size_t)30), word.s, w[i].value);
    }
    return term_clean(a, buf_str(&b), true);
}

static void show_words(const text_moods_read *m) {
    static const table_col cols[] = {{"bad words", false, true},
                                     {"texts", true, false},
                                     {"", false, false},
                                     {"good words", false, true},
                                     {"texts", true, false}};
    arena *a = m->j->a;
    const size_t most = MIN(MAX(m->n_bad, m->n_good), (size_t)WORDS_SHOWN);
    if (!most) return;
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < most; i++) {
        table_add(out, STYLE_bad, i < m->n_bad ? term_clean(a, m->bad[i].word, true) : S(""));
        table_add(out, STYLE_plain, i < m->n_bad ? term_count(a, m->bad[i].texts) : S(""));
        table_add(out, STYLE_plain, S(""));
        table_add(out, STYLE_good, i < m->n_good ? term_clean(a, m->good[i].word, true) : S(""));
        table_add(out, STYLE_plain, i < m->n_good ? term_count(a, m->good[i].texts) : S(""));
    }
    term_say(&m->j->c->t, "\n");
    table_print(out, &m->j->c->t, 0);
}

static void show_bars(const text_moods_read *m) {
    static const char *const names[] = {"bad", "neither", "good"};
    const double y[] = {(double)m->counts[0], (double)m->counts[1], (double)m->counts[2]};
    const picture p = {.title = "texts by mood",
                       .x_name = "mood",
                       .y_name = "texts",
                       .n = 3,
                       .lines = {{.name = "texts", .y = y}},
                       .n_lines = 1,
                       .labels = names};
    picture_text(m->j->c->scratch, &m->j->c->t, &p);
}

static void show_feelings(const text_moods_read *m) {
    felt f[FEELINGS];
    const char *names[FEELINGS_SHOWN];
    double y[FEELINGS_SHOWN];
    const size_t n = MIN(feelings_of(m->feeling, 0.5, f), (size_t)FEELINGS_SHOWN);
    for (size_t i = 0; i < n; i++) names[i] = mood_feeling_name(f[i].f), y[i] = round(f[i].n * 10) / 10;
    const picture p = {.title = "feelings, in how many texts they are to be expected",
                       .x_name = "feeling",
                       .y_name = "texts",
                       .n = n,
                       .lines = {{.name = "texts", .y = y}},
                       .n_lines = 1,
                       .labels = names};
    if (!n) return;
    term_say(&m->j->c->t, "\n");
    picture_text(m->j->c->scratch, &m->j->c->t, &p);
}

static void show_clauses(const text_moods_read *m, table *out, size_t i) {
    const text_mood *t = &m->v[i];
    const str text = m->j->rows[i].text;
    arena *a = m->j->a;
    for (size_t k = 0; t->n_clauses > 1 && k < t->n_clauses; k++) {
        const text_clause *c = &t->clauses[k];
        const enum style s = style_of(c->is.is);
        size_t first = 0, last = 0;
        while (first < t->n && t->words[first].from < c->from) first++;
        for (last = first; last < t->n && t->words[last].from < c->to;) last++;
        table_add(out, STYLE_plain, S(""));
        table_add(out, STYLE_plain, S(""));
        table_add(out, s, str_c(mood_class_name(c->is.is)));
        table_add(out, s, str_fmt(a, "%+.2f", c->is.value));
        table_add(out, STYLE_plain, feelings_said(a, &c->is));
        table_add(out, STYLE_dim, words_said(a, text, t->words + first, last - first, 3));
        const str clause = term_clean(a, str_sub(text, c->from, c->to - c->from), true);
        table_add(out, STYLE_dim, str_fmt(a, "  %.*s", STR_ARG(clause)));
    }
}

static void show_each(const text_moods_read *m) {
    static const table_col cols[] = {{"line", true, false},  {"in", false, false},    {"mood", false, false},
                                     {"value", true, false}, {"feels", false, false}, {"because", false, false},
                                     {"text", false, true}};
    arena *a = m->j->a;
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < m->j->n; i++) {
        const text_mood *t = &m->v[i];
        const enum style s = !t->read ? STYLE_dim : style_of(t->is.is);
        table_add(out, STYLE_plain, term_count(a, m->j->rows[i].line));
        table_add(out, STYLE_plain, t->in.told ? str_c(t->in.code) : S("?"));
        table_add(out, s, !t->read ? S("not read") : str_c(mood_class_name(t->is.is)));
        table_add(out, s, t->read ? str_fmt(a, "%+.2f", t->is.value) : S(""));
        table_add(out, STYLE_plain, feelings_said(a, &t->is));
        table_add(out, STYLE_plain, reasons_said(m, a, i, 3));
        table_add(out, STYLE_plain, term_clean(a, str_sub(m->j->rows[i].text, 0, 400), true));
        if (t->read) show_clauses(m, out, i);
    }
    table_print(out, &m->j->c->t, 0);
}

typedef struct {
    int64_t n, texts, of[3];
    double mean;
} about_sum;

static about_sum about_of(const text_moods_read *m, size_t about) {
    about_sum s = {0};
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < m->n_mentions; i++) {
        const text_mention *x = &m->mentions[i];
        if (x->about != about) continue;
        s.n++, s.texts += x->row != last, s.of[x->is.is]++, s.mean += x->is.value;
        last = x->row;
    }
    if (s.n) s.mean /= (double)s.n;
    return s;
}

static void show_abouts(const text_moods_read *m) {
    static const table_col cols[] = {{"about", false, true},   {"texts", true, false}, {"bad", true, false},
                                     {"neither", true, false}, {"good", true, false},  {"mean", true, false}};
    arena *a = m->j->a;
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t k = 0; k < m->n_abouts; k++) {
        const about_sum s = about_of(m, k);
        table_add(out, STYLE_plain, term_clean(a, m->abouts[k], true));
        table_add(out, STYLE_plain, term_count(a, s.texts));
        for (int c = 0; c < 3; c++) table_add(out, style_of((enum mood_class)c), term_count(a, s.of[c]));
        table_add(out, STYLE_plain, s.n ? str_fmt(a, "%+.2f", s.mean) : S(""));
    }
    term_say(&m->j->c->t, "\n");
    table_print(out, &m->j->c->t, 0);
}

static void show_mentions(const text_moods_read *m) {
    static const table_col cols[] = {{"line", true, false},  {"about", false, false},   {"mood", false, false},
                                     {"value", true, false}, {"because", false, false}, {"text", false, true}};
    arena *a = m->j->a;
    table *out = table_new(a, cols, COUNT(cols));
    const size_t most = m->o.each || !m->o.limit ? m->n_mentions : MIN(m->n_mentions, (size_t)m->o.limit);
    for (size_t i = 0; i < most; i++) {
        const text_mention *x = &m->mentions[i];
        const str text = m->j->rows[x->row].text;
        table_add(out, STYLE_plain, term_count(a, m->j->rows[x->row].line));
        table_add(out, STYLE_plain, term_clean(a, m->abouts[x->about], true));
        table_add(out, style_of(x->is.is), str_c(mood_class_name(x->is.is)));
        table_add(out, style_of(x->is.is), str_fmt(a, "%+.2f", x->is.value));
        table_add(out, STYLE_plain, words_said(a, text, x->words, x->n, 3));
        table_add(out, STYLE_plain, term_clean(a, str_sub(text, 0, 400), true));
    }
    if (!most) return;
    term_say(&m->j->c->t, "\n");
    table_print(out, &m->j->c->t, 0);
}

void moods_show(text_moods_read *m) {
    const term *to = &m->j->c->t;
    arena *a = m->j->a;
    const int64_t unread = (int64_t)m->j->n - m->read;
    term_say(to, "%.*s; %+.2f on average, from -1 to 1.\n", STR_ARG(say_n(a, (int64_t)m->j->n, "text", "texts")),
             m->mean);
    if (m->guesses)
        term_say(to, "%.*s read by words alone, which says less.\n",
                 STR_ARG(say_n(a, m->guesses, "text was", "texts were")));
    if (unread)
        term_say(to, "%.*s not read: heed has no words of their language.\n",
                 STR_ARG(say_n(a, unread, "text was", "texts were")));
    term_say(to, "\n");
    if (m->o.each) {
        show_each(m);
    } else {
        show_bars(m);
        show_feelings(m);
        show_words(m);
    }
    if (!m->n_abouts) return;
    show_abouts(m);
    show_mentions(m);
}

// ---- JSON ----

static void put_reading(json_out *j, const mood_reading *r) {
    json_put_str(j, "mood", str_c(mood_class_name(r->is)));
    json_put_num(j, "value", rounded(r->value));
    json_put_num(j, "sure", rounded(r->sure[r->is]));
    json_put_bool(j, "guess", r->guess);
}

static void put_feelings(json_out *j, const double *p, double least, const char *number) {
    felt f[FEELINGS];
    const size_t n = feelings_of(p, least, f);
    json_open(j, "feelings", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "feeling", str_c(mood_feeling_name(f[i].f)));
        json_put_num(j, number, rounded(f[i].n));
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_said(json_out *j, const char *name, const text_said *v, size_t n) {
    json_open(j, name, '[');
    for (size_t i = 0; i < MIN(n, (size_t)WORDS_LISTED); i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "word", v[i].word);
        json_put_int(j, "texts", v[i].texts);
        json_put_num(j, "value", rounded(v[i].value));
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_clauses(const text_moods_read *m, json_out *j, size_t i) {
    const text_mood *t = &m->v[i];
    json_open(j, "clauses", '[');
    for (size_t k = 0; k < t->n_clauses; k++) {
        json_open(j, NULL, '{');
        json_put_str(j, "text", str_sub(m->j->rows[i].text, t->clauses[k].from, t->clauses[k].to - t->clauses[k].from));
        put_reading(j, &t->clauses[k].is);
        put_feelings(j, t->clauses[k].is.feeling, FELT, "sure");
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_mention(const text_moods_read *m, json_out *j, const text_mention *x) {
    const str text = m->j->rows[x->row].text;
    json_open(j, NULL, '{');
    json_put_str(j, "about", m->abouts[x->about]);
    json_put_str(j, "mention", str_sub(text, x->from, x->to - x->from));
    put_reading(j, &x->is);
    json_open(j, "why", '[');
    for (size_t i = 0; i < x->n; i++) {
        json_open(j, NULL, '{');
        arena scratch = *m->j->a;
        json_put_str(j, "words", word_of(&scratch, text, &x->words[i]));
        json_put_num(j, "value", rounded(x->words[i].value));
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

static void put_row(const text_moods_read *m, reply *r, size_t i) {
    const text_mood *t = &m->v[i];
    mood_reason why[MOOD_REASONS];
    arena scratch = *m->j->a;
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "line", m->j->rows[i].line);
    if (t->in.told)
        json_put_str(&r->j, "language", str_c(t->in.code));
    else
        json_put_null(&r->j, "language");
    json_put_bool(&r->j, "read", t->read);
    if (t->read) {
        put_reading(&r->j, &t->is);
        put_feelings(&r->j, t->is.feeling, FELT, "sure");
        const size_t n = moods_reasons(m, &scratch, i, why);
        json_open(&r->j, "why", '[');
        for (size_t k = 0; k < n; k++) {
            json_open(&r->j, NULL, '{');
            json_put_str(&r->j, "words", why[k].words);
            json_put_num(&r->j, "adds", rounded(why[k].adds));
            json_close(&r->j, '}');
        }
        json_close(&r->j, ']');
        put_clauses(m, &r->j, i);
        json_open(&r->j, "about", '[');
        for (size_t k = 0; k < t->count; k++) put_mention(m, &r->j, &m->mentions[t->first + k]);
        json_close(&r->j, ']');
    }
    json_close(&r->j, '}');
    reply_some(r);
}

static void put_abouts(const text_moods_read *m, json_out *j) {
    json_open(j, "about", '[');
    for (size_t k = 0; k < m->n_abouts; k++) {
        const about_sum s = about_of(m, k);
        json_open(j, NULL, '{');
        json_put_str(j, "about", m->abouts[k]);
        json_put_int(j, "texts", s.texts);
        json_put_int(j, "mentions", s.n);
        for (int c = 0; c < 3; c++) json_put_int(j, mood_class_name((enum mood_class)c), s.of[c]);
        json_put_num(j, "mean", rounded(s.mean));
        json_close(j, '}');
    }
    json_close(j, ']');
}

void moods_json(text_moods_read *m) {
    reply r;
    reply_open(&r, m->j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "file", m->j->path);
    json_put_str(&r.j, "column", m->j->column);
    json_put_int(&r.j, "texts", (int64_t)m->j->n);
    json_put_int(&r.j, "read", m->read);
    json_put_int(&r.j, "guesses", m->guesses);
    json_put_num(&r.j, "mean", rounded(m->mean));
    for (int c = 0; c < 3; c++) json_put_int(&r.j, mood_class_name((enum mood_class)c), m->counts[c]);
    put_feelings(&r.j, m->feeling, 0.05, "texts");
    put_said(&r.j, "bad_words", m->bad, m->n_bad);
    put_said(&r.j, "good_words", m->good, m->n_good);
    if (m->n_abouts) put_abouts(m, &r.j);
    if (m->o.each || m->n_abouts) {
        json_open(&r.j, "rows", '[');
        for (size_t i = 0; i < m->j->n; i++)
            if (m->o.each || m->v[i].count) put_row(m, &r, i);
        json_close(&r.j, ']');
    }
    json_close(&r.j, '}');
    reply_close(&r);
}

// ---- CSV ----

static void csv_line(const text_moods_read *m, buf *b, arena scratch, size_t i, const text_mention *x) {
    const text_mood *t = &m->v[i];
    const mood_reading *r = x ? &x->is : &t->is;
    buf_fmt(b, "%" PRId64 ",%s,", m->j->rows[i].line, language_of(t));
    if (m->n_abouts) {
        if (x) csv_write_cell(b, m->abouts[x->about], ',');
        buf_addc(b, ',');
    }
    if (t->read)
        buf_fmt(b, "%s,%.3f,%.3f,%.3f,%.3f,", mood_class_name(r->is), r->value, r->sure[0], r->sure[1], r->sure[2]);
    else
        buf_add(b, S(",,,,,"));
    csv_write_cell(b, x ? S("") : feelings_said(&scratch, &t->is), ',');
    buf_addc(b, ',');
    const str text = m->j->rows[i].text;
    csv_write_cell(
        b, x ? words_said(&scratch, text, x->words, x->n, MOOD_REASONS) : reasons_said(m, &scratch, i, MOOD_REASONS),
        ',');
    buf_addc(b, '\n');
}

bool moods_csv(text_moods_read *m, err *e) {
    text_job *j = m->j;
    buf b = buf_new(j->a, OUT_MOST);
    buf_fmt(&b, "line,language,%smood,value,bad,neither,good,feelings,why\n", m->n_abouts ? "about," : "");
    for (size_t i = 0; i < j->n; i++) {
        csv_line(m, &b, j->c->scratch, i, NULL);
        for (size_t k = 0; k < m->v[i].count; k++) csv_line(m, &b, j->c->scratch, i, &m->mentions[m->v[i].first + k]);
    }
    if (b.full)
        return fail(e, ERR_too_large, "the moods are more than a file of 1 GiB holds; read fewer texts at once");
    return j->c->w->write_file(j->c->w, str_z(j->a, m->o.out), buf_str(&b), e);
}
