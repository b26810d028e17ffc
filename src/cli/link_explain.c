#include <math.h>

#include "base/unicode.h"
#include "cli/link_cmd.h"

typedef struct {
    uint32_t a, b;
    float weight;
    double alone, chance; // by what stands here, and beside what speaks for others
    bool compared;        // some rule brought the two together
    link_part *part;
    size_t n;
} told;

static str name_of(const link_job *j, arena *a, const link_part *p) {
    switch (p->what) {
    case LINK_PART_PRIOR: return S("before anything is compared");
    case LINK_PART_HOME: return j->t.given >= 0 ? S("they may only share a home") : S("they may only be of one kind");
    case LINK_PART_BEST: return p->bits > 0 ? S("neither has anybody more alike") : S("another is more alike");
    case LINK_PART_RARE: return str_fmt(a, "%.*s: %u have it", STR_ARG(j->t.field[p->field].col.name), p->count);
    case LINK_PART_FIELD: return j->t.field[p->field].col.name;
    }
    return (str){0};
}

static str value_of(const link_job *j, arena *a, const link_part *p, uint32_t row) {
    if (p->what != LINK_PART_FIELD) return (str){0};
    const str x = str_dup(a, intern_text(&j->t.field[p->field].v, link_row(&j->t, row)[p->field]));
    for (size_t i = 0; i < x.len; i++)
        if (x.s[i] == STANDARD_SEP) ((char *)(uintptr_t)x.s)[i] = ' ';
    return term_clean(a, str_trim(x), true);
}

static str level_of(const link_job *j, const link_part *p) {
    return p->what == LINK_PART_FIELD ? str_c(link_level_text(j->t.field[p->field].col.kind, p->level)) : (str){0};
}

static void tell(const link_job *j, arena *a, told *t) {
    uint64_t pattern;
    t->weight = link_model_weight(&j->m, t->a, t->b, &pattern);
    const link_pair *kept = NULL;
    for (size_t i = 0; i < j->p.n; i++)
        if (j->p.p[i].a == t->a && j->p.p[i].b == t->b) kept = &j->p.p[i], t->weight = kept->weight;
    t->compared = kept != NULL, t->alone = t->chance = link_chance(&j->m.score.curve, (double)t->weight);
    if (kept) t->chance = link_chance_of(j, kept);
    t->n = link_explain(a, &j->m.score, &j->m.fit, pattern, link_row(&j->t, t->a), link_row(&j->t, t->b), t->weight,
                        &t->part);
}

static void show(const link_job *j, arena a, const told *t) {
    static const table_col cols[] = {
        {.head = "evidence"}, {.head = "", .fill = true},      {.head = "", .fill = true},
        {.head = "they"},     {.head = "bits", .right = true}, {.head = "sum", .right = true}};
    const term *to = &j->c->t;
    table *rows = table_new(&a, cols, COUNT(cols));
    double sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        const link_part *p = &t->part[i];
        sum += (double)p->bits;
        table_add(rows, STYLE_plain, term_clean(&a, name_of(j, &a, p), true));
        table_add(rows, STYLE_plain, value_of(j, &a, p, t->a));
        table_add(rows, STYLE_plain, value_of(j, &a, p, t->b));
        table_add(rows, STYLE_dim, level_of(j, p));
        table_add(rows, p->bits < 0 ? STYLE_bad : STYLE_good, str_fmt(&a, "%+.2f", (double)p->bits));
        table_add(rows, STYLE_plain, str_fmt(&a, "%+.2f", sum));
    }
    table_print(rows, to, 2);
    term_say(to, "\nTogether %+.2f bits: the chance that they are the same is %.4g %%\n", (double)t->weight,
             100 * t->alone);
    if (t->alone - t->chance > 0.001 * t->alone)
        term_say(to, "Other pairs of these two speak against it, as each file holds everybody once: %.4g %%\n",
                 100 * t->chance);
    term_say(to, "They are %s one cluster%s\n", j->cluster[t->a] == j->cluster[t->b] ? "in" : "not in",
             t->compared ? "" : "; no rule brought them together, or they weigh too little to be kept");
}

static void show_json(const link_job *j, const told *t) {
    reply r;
    reply_open(&r, j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "a", link_id(j, t->a));
    json_put_str(&r.j, "b", link_id(j, t->b));
    json_put_num(&r.j, "weight", (double)t->weight);
    json_put_num(&r.j, "chance", t->chance);
    json_put_bool(&r.j, "cluster", j->cluster[t->a] == j->cluster[t->b]);
    json_open(&r.j, "parts", '[');
    for (size_t i = 0; i < t->n; i++) {
        const link_part *p = &t->part[i];
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "what", name_of(j, &r.small, p));
        if (p->field >= 0) json_put_str(&r.j, "field", j->t.field[p->field].col.name);
        if (p->what == LINK_PART_FIELD) {
            json_put_str(&r.j, "a", value_of(j, &r.small, p, t->a));
            json_put_str(&r.j, "b", value_of(j, &r.small, p, t->b));
            json_put_str(&r.j, "level", level_of(j, p));
            json_put_num(&r.j, "m", p->m);
            json_put_num(&r.j, "u", p->u);
        }
        json_put_num(&r.j, "bits", (double)p->bits);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

// ---- as SVG ----

enum { WIDE = 860, ROW = 26, TOP = 64, LABELS = 400, RIGHT = 70 };

static void add_text(buf *b, str x) {
    for (size_t i = 0; i < x.len; i++) {
        if (x.s[i] == '<')
            buf_add(b, S("&lt;"));
        else if (x.s[i] == '&')
            buf_add(b, S("&amp;"));
        else
            buf_addc(b, x.s[i]);
    }
}

static str label_of(const link_job *j, arena *a, const told *t, const link_part *p) {
    const str name = name_of(j, a, p), x = value_of(j, a, p, t->a), y = value_of(j, a, p, t->b);
    if (p->what != LINK_PART_FIELD) return text_clip(a, name, 60);
    return text_clip(a,
                     str_eq(x, y) ? str_fmt(a, "%.*s: %.*s", STR_ARG(name), STR_ARG(x))
                                  : str_fmt(a, "%.*s: %.*s / %.*s", STR_ARG(name), STR_ARG(x), STR_ARG(y)),
                     60);
}

static void bar(buf *b, double from, double to, double y, bool good) {
    buf_fmt(b, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>",
            good ? "good" : "bad", fmin(from, to), y + 4, fmax(fabs(to - from), 1), ROW - 8);
}

// Each bar begins where the one above it ended.
static void waterfall(const link_job *j, arena *a, buf *b, const told *t) {
    double lo = 0, hi = 0, sum = 0;
    for (size_t i = 0; i < t->n; i++) sum += (double)t->part[i].bits, lo = fmin(lo, sum), hi = fmax(hi, sum);
    const double scale = (WIDE - LABELS - RIGHT) / fmax(hi - lo, 1), zero = LABELS - lo * scale;
    const int high = TOP + ROW * ((int)t->n + 1) + 20;
    buf_fmt(b,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">",
            WIDE, high, WIDE, high);
    buf_add(b, S("<style>svg{color-scheme:light dark;font:13px "
                 "system-ui,sans-serif}text{fill:#1b2733}.good{fill:#2b6cb0}.bad{fill:#c05621}"
                 ".sum{fill:#4a5568}line{stroke:#8895a7}@media(prefers-color-scheme:dark){text{fill:#e2e8f0}.good{fill:"
                 "#63a4e8}.bad{fill:#ed8936}.sum{fill:#a0aec0}}</style>"));
    buf_fmt(b, "<text x=\"12\" y=\"24\" font-weight=\"600\">");
    add_text(b, str_fmt(a, "%.*s and %.*s: %+.2f bits", STR_ARG(link_id(j, t->a)), STR_ARG(link_id(j, t->b)),
                        (double)t->weight));
    buf_fmt(b, "</text><text x=\"12\" y=\"44\">log2 of the odds that they are the same</text>");
    buf_fmt(b, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>", zero, TOP - 6, zero, high - 12);
    sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        const double y = TOP + ROW * (double)i, next = sum + (double)t->part[i].bits;
        buf_fmt(b, "<text x=\"12\" y=\"%.1f\">", y + 17);
        add_text(b, label_of(j, a, t, &t->part[i]));
        buf_add(b, S("</text>"));
        bar(b, zero + sum * scale, zero + next * scale, y, next >= sum);
        buf_fmt(b, "<text x=\"%.1f\" y=\"%.1f\">%+.2f</text>", zero + fmax(sum, next) * scale + 6, y + 17,
                (double)t->part[i].bits);
        sum = next;
    }
    const double y = TOP + ROW * (double)t->n;
    buf_fmt(b, "<text x=\"12\" y=\"%.1f\" font-weight=\"600\">together</text>", y + 17);
    buf_fmt(b, "<rect class=\"sum\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>",
            zero + fmin(sum, 0) * scale, y + 4, fmax(fabs(sum) * scale, 1), ROW - 8);
    buf_fmt(b, "<text x=\"%.1f\" y=\"%.1f\" font-weight=\"600\">%+.2f</text></svg>\n", zero + fmax(sum, 0) * scale + 6,
            y + 17, sum);
}

static bool draw(const link_job *j, arena scratch, const told *t, err *e) {
    buf b = buf_new(&scratch, 1 << 20);
    arena words = arena_open((size_t)1 << 20);
    waterfall(j, &words, &b, t);
    arena_close(&words);
    const char *path = str_z(j->a, j->o->svg);
    FILE *f = fopen(path, "wb");
    if (!f) return fail(e, ERR_denied, "\"%s\" cannot be written; name a file in a folder that is yours", path);
    const bool ok = fwrite(b.s, 1, b.len, f) == b.len;
    if (fclose(f) != 0 || !ok) return fail(e, ERR_full, "\"%s\" could not be written; is its disk full?", path);
    return true;
}

bool link_show_pair(link_job *j, err *e) {
    str rest = j->o->explain;
    const str x = str_trim(str_cut(&rest, ',')), y = str_trim(rest);
    told t = {0};
    if (!x.len || !y.len) return fail(e, ERR_usage, "--explain takes two ids with a comma between them");
    if (!link_row_of(j, x, "--explain", &t.a, e) || !link_row_of(j, y, "--explain", &t.b, e)) return false;
    if (t.a == t.b) return fail(e, ERR_usage, "--explain takes two records, not one twice");
    if (t.a > t.b) {
        const uint32_t z = t.a;
        t.a = t.b, t.b = z;
    }
    arena a = arena_open((size_t)8 << 20);
    tell(j, &a, &t);
    bool ok = true;
    if (j->o->svg.len) ok = draw(j, a, &t, e);
    if (ok && j->c->g.json)
        show_json(j, &t);
    else if (ok)
        show(j, a, &t);
    arena_close(&a);
    return ok;
}
