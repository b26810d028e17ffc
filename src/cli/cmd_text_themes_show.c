#include <math.h>

#include "base/civil.h"
#include "base/unicode.h"
#include "cli/say.h"
#include "cli/text_themes.h"

enum {
    BAR = 24,
    SVG_THEMES = 24,
    SVG_WIDE = 920,
    ROW = 58,
    TOP = 74,
    QUOTE_COLUMNS = 104,
    SPARK_WIDE = 150,
    SPARK_HIGH = 24
};

static const char *const steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

static double highest(const double *span) {
    double top = 0;
    for (int i = 0; i < THEME_SPANS; i++) top = fmax(top, span[i]);
    return top;
}

// One sign for each span.
static str text_themes_spark(arena *a, const double *span) {
    const double top = highest(span);
    str out = S("");
    for (int i = 0; i < THEME_SPANS; i++) {
        const int at = top > 0 ? (int)fmin(7, floor(span[i] / top * 8)) : 0;
        out = str_fmt(a, "%.*s%s", STR_ARG(out), span[i] > 0 ? steps[at] : " ");
    }
    return out;
}

static size_t shown(const text_themes_found *f) {
    return f->j->o->limit ? MIN(f->t.n, (size_t)f->j->o->limit) : f->t.n;
}

static str share_of(arena *a, size_t part, size_t all) {
    return str_fmt(a, "%.0f %%", all ? 100 * (double)part / (double)all : 0);
}

// ---- on a terminal ----

static str bar_of(arena *a, size_t voices, size_t most) {
    char *s = make(a, char, BAR + 1);
    const size_t n = most ? MAX((voices * BAR + most / 2) / most, (size_t)(voices > 0)) : 0;
    memset(s, '=', n);
    return (str){s, n};
}

static void show_table(const text_themes_found *f) {
    const bool times = f->to_us > f->from_us;
    const table_col cols[] = {
        {"no.", true, false},   {"theme", false, true}, {f->by_people ? "people" : "texts", true, false},
        {"share", true, false}, {"", false, false},     {times ? "over time" : "known by", false, false}};
    arena *a = f->j->a;
    const size_t most = f->t.n ? f->t.v[0].voices : 0;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < shown(f); i++) {
        const theme_found *one = &f->t.v[i];
        const str words =
            str_fmt(a, "%.*s%s%.*s", STR_ARG(one->words[0]), one->words[1].len ? ", " : "", STR_ARG(one->words[1]));
        const str name = str_fmt(a, "%.*s%s", STR_ARG(one->name), f->kept && one->fresh ? " (new)" : "");
        table_add(t, STYLE_dim, str_fmt(a, "%" PRId64, one->id));
        table_add(t, STYLE_bold, term_clean(a, name, true));
        table_add(t, STYLE_plain, term_count(a, (int64_t)one->voices));
        table_add(t, STYLE_plain, share_of(a, one->voices, f->voices));
        table_add(t, STYLE_good, bar_of(a, one->voices, most));
        table_add(t, STYLE_dim, times ? text_themes_spark(a, f->of[i].span) : term_clean(a, words, true));
    }
    if (table_rows(t)) table_print(t, &f->j->c->t, 0);
}

static void show_quotes(const text_themes_found *f) {
    arena *a = f->j->a;
    const term *to = &f->j->c->t;
    for (size_t i = 0; i < shown(f); i++) {
        const text_theme *one = &f->of[i];
        if (!one->n_quotes) continue;
        term_say(to, "\n");
        term_put(to, STYLE_bold, term_clean(a, f->t.v[i].name, true));
        term_say(to, "\n");
        for (size_t q = 0; q < one->n_quotes; q++) {
            const theme_quote *x = &one->quotes[q];
            const str text = text_clip(a, term_clean(a, str_trim(f->j->rows[x->text].text), true), QUOTE_COLUMNS);
            term_say(to, "  “%.*s” ", STR_ARG(text));
            term_put(to, STYLE_dim, str_fmt(a, "line %" PRId64 ", for %zu", f->j->rows[x->text].line, x->stands_for));
            term_say(to, "\n");
        }
    }
}

static void show_each(const text_themes_found *f) {
    static const table_col cols[] = {{"line", true, false},
                                     {"no.", true, false},
                                     {"distance", true, false},
                                     {"theme", false, false},
                                     {"text", false, true}};
    arena *a = f->j->a;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < f->j->n; i++) {
        const theme_mark *m = &f->marks[i];
        const theme_found *one = m->theme == THEME_NONE ? NULL : &f->t.v[m->theme];
        table_add(t, STYLE_dim, term_count(a, f->j->rows[i].line));
        table_add(t, STYLE_dim, one ? str_fmt(a, "%" PRId64, one->id) : S(""));
        table_add(t, STYLE_plain, one ? str_fmt(a, "%.2f", (double)m->distance) : S(""));
        table_add(t, m->far ? STYLE_dim : STYLE_bold,
                  !one     ? S("")
                  : m->far ? S("other")
                           : term_clean(a, one->name, true));
        table_add(t, STYLE_plain, term_clean(a, str_sub(f->j->rows[i].text, 0, 400), true));
    }
    table_print(t, &f->j->c->t, 0);
}

static str list_gone(const text_themes_found *f) {
    str out = S("");
    for (size_t i = 0; i < MIN(f->t.n_gone, (size_t)20); i++)
        out = str_fmt(f->j->a, "%.*s%s%" PRId64, STR_ARG(out), i ? ", " : "", f->t.gone[i]);
    return out;
}

void text_themes_show(const text_themes_found *f) {
    const term *to = &f->j->c->t;
    arena *a = f->j->a;
    size_t fresh = 0;
    if (f->j->o->each) {
        show_each(f);
        term_say(to, "\n");
    }
    show_table(f);
    if (shown(f) < f->t.n)
        term_say(to, "and %.*s more; --limit 0 shows all\n",
                 STR_ARG(say_n(a, (int64_t)(f->t.n - shown(f)), "theme", "themes")));
    show_quotes(f);
    for (size_t i = 0; i < f->t.n; i++) fresh += f->t.v[i].fresh;
    if (f->t.n) term_say(to, "\n");
    term_say(to, "%.*s, %.*s", STR_ARG(say_n(a, (int64_t)f->j->n, "text", "texts")),
             STR_ARG(say_n(a, (int64_t)f->t.n, "theme", "themes")));
    if (f->by_people) term_say(to, "; everybody counts once in a theme");
    if (f->far) term_say(to, "; %.*s like none of them", STR_ARG(say_n(a, (int64_t)f->far, "text is", "texts are")));
    term_say(to, ".\n");
    if (f->t.silent)
        term_say(to, "%.*s nothing that can be read.\n",
                 STR_ARG(say_n(a, (int64_t)f->t.silent, "text says", "texts say")));
    if (f->kept)
        term_say(to, "%.*s new; gone: %.*s.\n", STR_ARG(say_n(a, (int64_t)fresh, "theme is", "themes are")),
                 STR_ARG(f->t.n_gone ? list_gone(f) : S("none")));
    if (f->t.weaker) term_say(to, "Without the file of words themes go by letters alone, and are weaker.\n");
}

// ---- for programs ----

static double rounded(double x, double unit) {
    return round(x * unit) / unit;
}

static void put_theme(reply *r, const text_themes_found *f, size_t i) {
    const theme_found *one = &f->t.v[i];
    const text_theme *more = &f->of[i];
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "id", one->id);
    json_put_str(&r->j, "name", one->name);
    json_open(&r->j, "words", '[');
    for (size_t k = 0; k < COUNT(one->words) && one->words[k].len; k++) json_put_str(&r->j, NULL, one->words[k]);
    json_close(&r->j, ']');
    json_put_bool(&r->j, "new", one->fresh);
    json_put_bool(&r->j, "leads_back", one->leads_back);
    json_put_int(&r->j, "voices", (int64_t)one->voices);
    json_put_int(&r->j, "texts", (int64_t)one->texts);
    json_put_int(&r->j, "other", (int64_t)one->far);
    json_put_num(&r->j, "spread", rounded(one->spread, 1000));
    json_open(&r->j, "quotes", '[');
    for (size_t q = 0; q < more->n_quotes; q++) {
        json_open(&r->j, NULL, '{');
        json_put_int(&r->j, "line", f->j->rows[more->quotes[q].text].line);
        json_put_int(&r->j, "stands_for", (int64_t)more->quotes[q].stands_for);
        json_put_str(&r->j, "text", f->j->rows[more->quotes[q].text].text);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
    if (f->to_us > f->from_us) {
        json_open(&r->j, "over_time", '[');
        for (int s = 0; s < THEME_SPANS; s++) json_put_int(&r->j, NULL, (int64_t)more->span[s]);
        json_close(&r->j, ']');
    }
    json_close(&r->j, '}');
    reply_some(r);
}

static void put_row(reply *r, const text_themes_found *f, size_t i) {
    const theme_mark *m = &f->marks[i];
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "line", f->j->rows[i].line);
    if (m->theme == THEME_NONE)
        json_put_null(&r->j, "theme");
    else
        json_put_int(&r->j, "theme", f->t.v[m->theme].id);
    json_put_num(&r->j, "distance", rounded((double)m->distance, 1000));
    json_put_bool(&r->j, "other", m->far);
    json_put_bool(&r->j, "again", m->again);
    json_close(&r->j, '}');
    reply_some(r);
}

void text_themes_json(const text_themes_found *f) {
    reply r;
    reply_open(&r, f->j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "file", f->j->path);
    json_put_str(&r.j, "column", f->j->column);
    json_put_int(&r.j, "texts", (int64_t)f->j->n);
    json_put_int(&r.j, "silent", (int64_t)f->t.silent);
    json_put_int(&r.j, "other", (int64_t)f->far);
    json_put_bool(&r.j, "meaning", !f->t.weaker);
    if (f->to_us > f->from_us) {
        json_put_str(&r.j, "from", iso_str(f->j->a, f->from_us));
        json_put_str(&r.j, "to", iso_str(f->j->a, f->to_us));
    }
    json_open(&r.j, "themes", '[');
    for (size_t i = 0; i < f->t.n; i++) put_theme(&r, f, i);
    json_close(&r.j, ']');
    json_open(&r.j, "gone", '[');
    for (size_t i = 0; i < f->t.n_gone; i++) json_put_int(&r.j, NULL, f->t.gone[i]);
    json_close(&r.j, ']');
    if (f->j->o->each) {
        json_open(&r.j, "rows", '[');
        for (size_t i = 0; i < f->j->n; i++) put_row(&r, f, i);
        json_close(&r.j, ']');
    }
    json_close(&r.j, '}');
    reply_close(&r);
}

// ---- as SVG ----

static void svg_escape(buf *b, str text) {
    for (size_t i = 0; i < text.len; i++) switch (text.s[i]) {
        case '<': buf_add(b, S("&lt;")); break;
        case '>': buf_add(b, S("&gt;")); break;
        case '&': buf_add(b, S("&amp;")); break;
        case '"': buf_add(b, S("&quot;")); break;
        default: buf_addc(b, text.s[i]);
        }
}

static void svg_text(buf *b, const char *class, double x, double y, const char *anchor, str text) {
    buf_fmt(b, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", class, x, y, anchor);
    svg_escape(b, text);
    buf_add(b, S("</text>\n"));
}

static void svg_spark(buf *b, const double *span, double x, double y) {
    const double top = highest(span), wide = (double)SPARK_WIDE / THEME_SPANS;
    buf_fmt(b, "<rect class=\"g\" x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"1\"/>\n", x, y, SPARK_WIDE - 2);
    for (int i = 0; i < THEME_SPANS && top > 0; i++) {
        const double high = fmax(span[i] > 0 ? 1 : 0, span[i] / top * SPARK_HIGH);
        buf_fmt(b, "<rect class=\"s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", x + i * wide, y - high,
                wide - 2, high);
    }
}

static void svg_theme(const text_themes_found *f, buf *b, size_t i, double y) {
    arena *a = f->j->a;
    const theme_found *one = &f->t.v[i];
    const bool times = f->to_us > f->from_us;
    const double left = 96, right = SVG_WIDE - 24 - (times ? SPARK_WIDE + 24 : 0);
    const size_t most = f->t.v[0].voices;
    svg_text(b, "n", left - 14, y + 2, "end", term_count(a, (int64_t)one->voices));
    svg_text(b, "p", left - 14, y + 18, "end", share_of(a, one->voices, f->voices));
    svg_text(b, "h", left, y + 2, "start", term_clean(a, one->name, true));
    buf_fmt(b, "<rect class=\"g\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"6\" rx=\"3\"/>\n", left, y + 9,
            right - left);
    buf_fmt(b, "<rect class=\"b\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"6\" rx=\"3\"/>\n", left, y + 9,
            most ? fmax(6, (right - left) * (double)one->voices / (double)most) : 0);
    if (f->of[i].n_quotes) {
        const theme_quote *q = &f->of[i].quotes[0];
        const str text = text_clip(a, term_clean(a, str_trim(f->j->rows[q->text].text), true), times ? 92 : 116);
        svg_text(b, "q", left, y + 30, "start", str_fmt(a, "“%.*s”", STR_ARG(text)));
    }
    if (times) svg_spark(b, f->of[i].span, SVG_WIDE - 24 - SPARK_WIDE, y + 15);
}

static void svg_head(const text_themes_found *f, buf *b, size_t n) {
    arena *a = f->j->a;
    const int high = TOP + (int)n * ROW + 34;
    buf_fmt(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">\n", SVG_WIDE, high);
    buf_fmt(b, "<title>What %zu texts speak of</title>\n", f->j->n);
    buf_add(
        b,
        S("<style>svg{color-scheme:light dark;font:13px system-ui,sans-serif;background:#fff}text{fill:#1b2733}"
          ".t{font-size:20px;font-weight:600}.h{font-size:14.5px;font-weight:600}.n{font-size:14.5px;font-weight:600}"
          ".p,.q,.f,.d{fill:#52606d;font-size:12px}.d{font-size:11px}.q{font-style:italic}.g{fill:#8a97a5;fill-opacity:"
          ".2}.b{fill:#0b5cad}"
          ".s{fill:#2b6e3f}@media(prefers-color-scheme:dark){svg{background:#14191f}text{fill:#e6edf3}"
          ".p,.q,.f,.d{fill:#a9b6c3}.b{fill:#6cb6ff}.s{fill:#7bd88f}}</style>\n"));
    svg_text(b, "t", 24, 34, "start",
             str_fmt(a, "What %.*s speak of", STR_ARG(say_n(a, (int64_t)f->j->n, "text", "texts"))));
    svg_text(b, "f", 82, 58, "end", f->by_people ? S("people") : S("texts"));
    if (f->to_us <= f->from_us) return;
    svg_text(b, "d", SVG_WIDE - 24 - SPARK_WIDE, 58, "start", say_day(a, NULL, f->from_us));
    svg_text(b, "d", SVG_WIDE - 26, 58, "end", say_day(a, NULL, f->to_us));
}

void text_themes_svg(const text_themes_found *f, buf *b) {
    arena *a = f->j->a;
    const size_t asked = f->j->o->limit > 10 ? (size_t)f->j->o->limit : SVG_THEMES, n = MIN(f->t.n, asked);
    svg_head(f, b, n);
    for (size_t i = 0; i < n; i++) svg_theme(f, b, i, TOP + 16 + (double)i * ROW);
    str foot = f->by_people ? S("Everybody counts once in a theme. ") : S("");
    if (n < f->t.n) foot = str_fmt(a, "%.*sThe %zu largest of %zu themes. ", STR_ARG(foot), n, f->t.n);
    if (f->far)
        foot = str_fmt(a, "%.*s%.*s like none of them.", STR_ARG(foot),
                       STR_ARG(say_n(a, (int64_t)f->far, "text is", "texts are")));
    svg_text(b, "f", 24, TOP + (double)n * ROW + 20, "start", foot);
    buf_add(b, S("</svg>\n"));
}
