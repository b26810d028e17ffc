// heed text themes: what many speak of, named, quoted, counted by people, and kept from one time to the next.
#include "base/civil.h"
#include "base/csv.h"
#include "base/map64.h"
#include "cli/say.h"
#include "cli/text_themes.h"

enum { FILE_MOST = 1 << 28, OUT_MOST = 1 << 30, EMBEDDED_AT_ONCE = 64, DAYS_LOOKED_AT = 200 };

// ---- texts ----

static bool gather(text_themes_found *f, err *e) {
    text_job *j = f->j;
    int8_t *vectors;
    if (!text_vectors(j, &vectors, e)) return false;
    f->by_people = j->o->who.len > 0;
    f->x = make(j->a, theme_text, j->n);
    f->marks = make(j->a, theme_mark, j->n);
    for (size_t i = 0; i < j->n; i++) {
        const text_row *r = &j->rows[i];
        f->x[i] = (theme_text){r->text, vectors ? vectors + i * EMBEDDING : NULL,
                               r->who.len ? (int64_t)(str_hash(r->who) >> 1 | 1) : 0};
    }
    return true;
}

static bool read_kept(text_job *j, theme_model **before, err *e) {
    const world *w = j->c->w;
    str bytes;
    err why = {0};
    *before = NULL;
    if (!j->o->keep.len) return true;
    if (!w->read_file(w, j->a, str_z(j->a, j->o->keep), FILE_MOST, &bytes, &why))
        return why.code == ERR_not_found || (*e = why, false);
    return theme_read(j->a, bytes, before, e);
}

typedef struct {
    text_job *j;
    bool failed;
    err why;
} embedder;

static void embed(void *ctx, const str *texts, size_t n, float *out) {
    embedder *m = ctx;
    memset(out, 0, n * EMBEDDING * sizeof *out);
    if (m->failed) return;
    m->failed = !reader_embed(m->j->read, *m->j->a, texts, n, out, &m->why);
}

static void seen_so_far(void *ctx, size_t done, size_t all) {
    progress_at(ctx, (int64_t)done, (int64_t)done, (int64_t)all);
}

static bool find(text_themes_found *f, err *e) {
    text_job *j = f->j;
    embedder m = {.j = j};
    theme_model *before;
    if (!read_kept(j, &before, e)) return false;
    f->kept = before != NULL;
    progress bar = progress_begin(&j->c->t, S("comparing texts"), "steps");
    const bool embeds = reader_embeds(j->read);
    const theme_options o = {.k = (size_t)j->o->k,
                             .before = before,
                             .anew = j->o->anew,
                             .make = embeds ? str_c(reader_make(j->read)) : S(""),
                             .words = reader_words(j->read),
                             .embed = embeds ? embed : NULL,
                             .ctx = &m,
                             .progress = seen_so_far,
                             .progress_ctx = &bar};
    arena scratch = arena_open((size_t)1 << 38);
    f->t = theme_find(j->a, scratch, f->x, j->n, &o, f->marks);
    arena_close(&scratch);
    progress_end(&bar);
    return !m.failed || (*e = m.why, false);
}

// ---- quotes and times ----

static void quote(text_themes_found *f) {
    text_job *j = f->j;
    uint32_t *of = make(j->a, uint32_t, j->n + 1);
    for (uint32_t t = 0; t < f->t.n; t++) {
        size_t n = 0;
        for (size_t i = 0; i < j->n; i++)
            if (f->marks[i].theme == t && !f->marks[i].far) of[n++] = (uint32_t)i;
        f->of[t].n_quotes = theme_quotes(*j->a, f->x, of, n, THEME_QUOTES, f->of[t].quotes);
    }
}

static bool read_times(text_themes_found *f, int64_t *at_us) {
    text_job *j = f->j;
    str *some = make(j->a, str, DAYS_LOOKED_AT);
    size_t n = 0, read = 0;
    for (size_t i = 0; i < j->n && n < DAYS_LOOKED_AT; i++)
        if (j->rows[i].when.len) some[n++] = j->rows[i].when;
    const int day_first = n ? time_day_first(some, n) : 0;
    for (size_t i = 0; i < j->n; i++) {
        at_us[i] = INT64_MIN;
        if (!j->rows[i].when.len || !time_parse(j->rows[i].when, NULL, day_first, &at_us[i])) continue;
        f->from_us = read ? MIN(f->from_us, at_us[i]) : at_us[i];
        f->to_us = read ? MAX(f->to_us, at_us[i]) : at_us[i];
        read++;
    }
    if (2 * read < j->n) f->from_us = f->to_us = 0; // a column of something else
    return f->to_us > f->from_us;
}

// A person counts once in a theme and a span.
static void spread(text_themes_found *f) {
    text_job *j = f->j;
    int64_t *at_us = make(j->a, int64_t, j->n + 1);
    if (!read_times(f, at_us)) return;
    arena scratch = *j->a;
    map64 heard = map64_new(&scratch, j->n);
    for (size_t i = 0; i < j->n; i++) {
        const theme_mark *m = &f->marks[i];
        if (at_us[i] == INT64_MIN || m->theme == THEME_NONE || m->far) continue;
        const double share = (double)(at_us[i] - f->from_us) / (double)(f->to_us - f->from_us);
        const uint64_t span = (uint64_t)MIN((int)(share * THEME_SPANS), THEME_SPANS - 1);
        const uint64_t key[2] = {(uint64_t)m->theme * THEME_SPANS + span, (uint64_t)f->x[i].who};
        bool made = true;
        if (f->x[i].who) map64_at(&heard, (int64_t)str_hash((str){(const char *)key, sizeof key}), 1, &made);
        f->of[m->theme].span[span] += made;
    }
}

// ---- files ----

static bool write_rows(const text_themes_found *f, err *e) {
    text_job *j = f->j;
    arena scratch = arena_open((size_t)OUT_MOST + (1 << 20));
    buf b = buf_new(&scratch, OUT_MOST);
    buf_add(&b, S("line,theme,name,distance,other,again,text\n"));
    for (size_t i = 0; i < j->n; i++) {
        const theme_mark *m = &f->marks[i];
        buf_fmt(&b, "%" PRId64 ",", j->rows[i].line);
        if (m->theme == THEME_NONE) {
            buf_add(&b, S(",,,,,"));
        } else {
            buf_fmt(&b, "%" PRId64 ",", f->t.v[m->theme].id);
            csv_write_cell(&b, f->t.v[m->theme].name, ',');
            buf_fmt(&b, ",%.3f,%d,%d,", (double)m->distance, m->far, m->again);
        }
        csv_write_cell(&b, j->rows[i].text, ',');
        buf_addc(&b, '\n');
    }
    bool ok = !b.full || fail(e, ERR_too_large, "the file of rows would be over 1 GB; give the texts in pieces");
    ok = ok && j->c->w->write_file(j->c->w, str_z(j->a, j->o->out), buf_str(&b), e);
    arena_close(&scratch);
    return ok;
}

static bool write_files(const text_themes_found *f, err *e) {
    text_job *j = f->j;
    const world *w = j->c->w;
    const text_opts *o = j->o;
    if (o->out.len && !write_rows(f, e)) return false;
    if (o->svg.len) {
        buf b = buf_new(j->a, 1 << 24);
        text_themes_svg(f, &b);
        if (!w->write_file(w, str_z(j->a, o->svg), buf_str(&b), e)) return false;
    }
    if (o->keep.len) {
        buf b = buf_new(j->a, FILE_MOST);
        theme_write(&b, f->t.model);
        if (!w->write_file(w, str_z(j->a, o->keep), buf_str(&b), e)) return false;
    }
    return true;
}

bool text_themes(text_job *j, err *e) {
    text_themes_found f = {.j = j};
    if (j->rest.n) return fail(e, ERR_usage, "heed text themes takes one file");
    if (j->o->k > THEMES_MOST) return fail(e, ERR_usage, "--k is at most %d", THEMES_MOST);
    if (j->o->anew && !j->o->keep.len) return fail(e, ERR_usage, "--anew goes with --keep FILE");
    if (!text_open(j, e) || !text_read(j, e) || !gather(&f, e) || !find(&f, e)) return false;
    f.of = make(j->a, text_theme, f.t.n + 1);
    for (size_t t = 0; t < f.t.n; t++) f.voices += f.t.v[t].voices, f.far += f.t.v[t].far;
    quote(&f);
    spread(&f);
    if (!write_files(&f, e)) return false;
    if (j->c->g.json)
        text_themes_json(&f);
    else
        text_themes_show(&f);
    return true;
}
