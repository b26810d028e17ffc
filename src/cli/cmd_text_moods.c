// heed text moods: how texts feel, clause by clause and about a thing, and the words that say so.
#include <math.h>

#include "base/unicode.h"
#include "cli/text_moods.h"

// ---- reading ----

static void read_text(text_moods_read *m, size_t i) {
    text_job *j = m->j;
    text_mood *t = &m->v[i];
    float v[EMBEDDING];
    bool meaning;
    const str text = j->rows[i].text;
    const mood *by = reader_mood(j->read);
    t->in = langid_of(j->lang, j->c->scratch, text);
    t->read = mood_language(&t->in, &t->by, &meaning);
    if (!t->read) return;
    meaning &= m->vectors != NULL;
    if (meaning) embedding_unpack(m->vectors + i * EMBEDDING, v);
    t->is = mood_read(by, j->c->scratch, text, meaning ? v : NULL, t->by);
    t->n = mood_why(j->a, by, text, meaning ? v : NULL, t->by, &t->words, &t->meaning);
    m->read++;
    m->guesses += t->is.guess;
    m->counts[t->is.is]++;
    m->mean += t->is.value;
    for (int f = 0; f < FEELINGS; f++) m->feeling[f] += t->is.feeling[f];
}

// ---- clauses ----

enum { BATCH = 64 };

static bool read_batch(text_moods_read *m, const size_t *rows, text_clause **to, const str *texts, size_t n, err *e) {
    arena scratch = m->j->c->scratch;
    float *v = make(&scratch, float, BATCH *EMBEDDING);
    if (n && !reader_embed(m->j->read, scratch, texts, n, v, e)) return false;
    for (size_t i = 0; i < n; i++)
        to[i]->is = mood_read(reader_mood(m->j->read), scratch, texts[i], v + i * EMBEDDING, m->v[rows[i]].by);
    return true;
}

static void cut_text(text_moods_read *m, size_t i) {
    text_job *j = m->j;
    text_mood *t = &m->v[i];
    mood_clause *c;
    arena scratch = j->c->scratch;
    t->n_clauses = mood_clauses(&scratch, reader_mood(j->read), j->rows[i].text, t->by, &c);
    t->clauses = make(j->a, text_clause, t->n_clauses + 1);
    for (size_t k = 0; k < t->n_clauses; k++) {
        const str text = str_sub(j->rows[i].text, c[k].from, c[k].to - c[k].from);
        t->clauses[k] = (text_clause){c[k].from, c[k].to, t->is};
        if (t->n_clauses > 1 && t->is.guess)
            t->clauses[k].is = mood_read(reader_mood(j->read), scratch, text, NULL, t->by);
    }
}

// Each clause as a text of its own.
static bool read_clauses(text_moods_read *m, err *e) {
    text_job *j = m->j;
    text_clause *to[BATCH];
    str texts[BATCH];
    size_t rows[BATCH], n = 0;
    for (size_t i = 0; i < j->n; i++) {
        text_mood *t = &m->v[i];
        if (!t->read) continue;
        cut_text(m, i);
        for (size_t k = 0; t->n_clauses > 1 && !t->is.guess && k < t->n_clauses; k++) {
            const text_clause *c = &t->clauses[k];
            to[n] = &t->clauses[k], rows[n] = i;
            texts[n++] = str_sub(j->rows[i].text, c->from, c->to - c->from);
            if (n < BATCH) continue;
            if (!read_batch(m, rows, to, texts, n, e)) return false;
            n = 0;
        }
    }
    return read_batch(m, rows, to, texts, n, e);
}

// ---- words ----

static bool is_sign(char c) {
    return (unsigned char)c < 0x80 && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z');
}

// Signs that are all there is, as ":-(", stay.
str moods_word(arena *a, str piece, bool turned) {
    str w = piece;
    while (w.len && is_sign(w.s[0])) w = str_sub(w, 1, w.len - 1);
    while (w.len && is_sign(w.s[w.len - 1])) w.len--;
    w = text_fold(a, w.len ? w : piece);
    return turned ? str_fmt(a, "not … %.*s", STR_ARG(w)) : w;
}

static int by_word(const void *x, const void *y) {
    const text_said *l = x, *r = y;
    const int c = str_cmp(l->word, r->word);
    if (c) return c;
    return l->row < r->row ? -1 : l->row > r->row;
}

static int by_texts(const void *x, const void *y) {
    const text_said *l = x, *r = y;
    if (l->texts != r->texts) return l->texts > r->texts ? -1 : 1;
    return str_cmp(l->word, r->word);
}

// Each word once, in the order of how many texts say it.
static size_t count_words(text_said *v, size_t n) {
    size_t kept = 0;
    if (n) qsort(v, n, sizeof *v, by_word);
    for (size_t i = 0, to; i < n; i = to) {
        text_said w = v[i];
        w.texts = 0, w.value = 0;
        for (to = i; to < n && str_eq(v[to].word, w.word); to++) {
            w.texts += to == i || v[to].row != v[to - 1].row;
            w.value += v[to].value;
        }
        w.value /= (double)(to - i);
        v[kept++] = w;
    }
    if (kept) qsort(v, kept, sizeof *v, by_texts);
    return kept;
}

static void gather_words(text_moods_read *m) {
    text_job *j = m->j;
    size_t n = 0;
    for (size_t i = 0; i < j->n; i++) n += m->v[i].n;
    m->good = make(j->a, text_said, n + 1);
    m->bad = make(j->a, text_said, n + 1);
    for (size_t i = 0; i < j->n; i++)
        for (size_t k = 0; k < m->v[i].n; k++) {
            const mood_word *w = &m->v[i].words[k];
            const str word = moods_word(j->a, str_sub(j->rows[i].text, w->from, w->to - w->from), w->turned);
            const text_said s = {word, i, 1, w->value};
            if (w->value > 0)
                m->good[m->n_good++] = s;
            else
                m->bad[m->n_bad++] = s;
        }
    m->n_good = count_words(m->good, m->n_good);
    m->n_bad = count_words(m->bad, m->n_bad);
}

static int by_size(const void *x, const void *y) {
    const double l = fabs(((const mood_reason *)x)->adds), r = fabs(((const mood_reason *)y)->adds);
    return (l < r) - (l > r);
}

size_t moods_reasons(const text_moods_read *m, arena *a, size_t row, mood_reason *out) {
    const text_mood *t = &m->v[row];
    mood_reason *all = make(a, mood_reason, t->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        const str piece = str_sub(m->j->rows[row].text, t->words[i].from, t->words[i].to - t->words[i].from);
        all[n++] = (mood_reason){moods_word(a, piece, t->words[i].turned), t->words[i].adds};
    }
    if (t->read && !t->is.guess) all[n++] = (mood_reason){S("(meaning)"), t->meaning};
    if (n) qsort(all, n, sizeof *all, by_size);
    n = MIN(n, (size_t)MOOD_REASONS);
    if (n) memcpy(out, all, n * sizeof *all);
    return n;
}

// ---- things ----

static bool same_word(const token *t, str asked) {
    if (str_eq(t->word, asked)) return true;
    const str ends[] = {S("s"), S("es"), S("n"), S("en")};
    for (size_t i = 0; i < COUNT(ends); i++)
        if (t->word.len == asked.len + ends[i].len && str_starts(t->word, asked) && str_ends(t->word, ends[i]))
            return true;
    return false;
}

static void add_mention(text_moods_read *m, size_t *room, text_mention x) {
    if (m->n_mentions == *room) {
        *room = *room ? *room * 2 : 256;
        text_mention *more = make(m->j->a, text_mention, *room);
        if (m->n_mentions) memcpy(more, m->mentions, m->n_mentions * sizeof *more);
        m->mentions = more;
    }
    m->mentions[m->n_mentions++] = x;
}

static size_t find_about(const tokens *t, const tokens *asked, size_t from) {
    for (size_t i = from; asked->n && i + asked->n <= t->n; i++) {
        size_t k = 0;
        while (k < asked->n && same_word(&t->v[i + k], asked->v[k].word)) k++;
        if (k == asked->n) return i;
    }
    return SIZE_MAX;
}

// Words of the clause in which the thing stands, or all of the text when it is not in it.
static void near_words(const text_moods_read *m, arena scratch, text_mention *x) {
    const text_mood *t = &m->v[x->row];
    mood_clause *c;
    size_t from = 0, to = SIZE_MAX;
    const size_t n = mood_clauses(&scratch, reader_mood(m->j->read), m->j->rows[x->row].text, t->by, &c);
    for (size_t i = 0; x->to && i < n; i++)
        if (c[i].from <= x->from && x->from < c[i].to) from = c[i].from, to = c[i].to;
    while (x->n < t->n && t->words[x->n].from < from) x->n++;
    x->words = t->words + x->n;
    const size_t first = x->n;
    while (x->n < t->n && t->words[x->n].from < to) x->n++;
    x->n -= first;
}

// By words alone where the encoder does not know the language; else from the place and the clause around it.
static mood_reading read_about(const text_moods_read *m, arena scratch, size_t row, size_t from, size_t to) {
    const mood *by = reader_mood(m->j->read);
    const text_mood *t = &m->v[row];
    const str text = m->j->rows[row].text;
    float views[MOOD_VIEWS * EMBEDDING], v[EMBEDDING];
    if (!m->enc || t->is.guess) return mood_about(by, scratch, text, from, to, t->by);
    const str clause = mood_window(by, scratch, text, from, to, t->by);
    if (clause.len >= str_trim(text).len) return t->is;
    mood_views(by, m->enc, scratch, text, from, to, t->by, views);
    encoder_embed(m->enc, scratch, &clause, 1, v);
    const mood_reading r = mood_read(by, scratch, clause, v, t->by);
    return mood_about_by(by, scratch, text, from, to, t->by, views, &r);
}

static void read_mentions(text_moods_read *m, size_t row, size_t about, str asked, bool whole, size_t *room) {
    text_job *j = m->j;
    const text_mood *t = &m->v[row];
    const str text = j->rows[row].text;
    arena scratch = j->c->scratch;
    const tokens all = tokens_of(&scratch, text), a = tokens_of(&scratch, asked);
    bool any = false;
    for (size_t at = 0; (at = find_about(&all, &a, at)) != SIZE_MAX; at += a.n, any = true) {
        text_mention x = {.row = row, .about = about, .from = all.v[at].from, .to = all.v[at + a.n - 1].to};
        x.is = read_about(m, scratch, row, x.from, x.to);
        near_words(m, scratch, &x);
        add_mention(m, room, x);
    }
    if (any || !whole) return;
    text_mention x = {.row = row, .about = about, .is = t->is};
    near_words(m, scratch, &x);
    add_mention(m, room, x);
}

static int by_text(const void *x, const void *y) {
    return str_cmp(*(const str *)x, *(const str *)y);
}

// What the column names: each thing once.
static void gather_abouts(text_moods_read *m) {
    text_job *j = m->j;
    size_t n = 0;
    m->abouts = make(j->a, str, j->n + 1);
    for (size_t i = 0; i < j->n; i++)
        if (j->rows[i].who.len) m->abouts[n++] = j->rows[i].who;
    if (n) qsort(m->abouts, n, sizeof *m->abouts, by_text);
    for (size_t i = 0; i < n; i++)
        if (!m->n_abouts || !str_eq(m->abouts[m->n_abouts - 1], m->abouts[i])) m->abouts[m->n_abouts++] = m->abouts[i];
}

static void gather_mentions(text_moods_read *m) {
    text_job *j = m->j;
    size_t room = 0;
    bool column = false;
    for (size_t i = 0; i < j->n && !column; i++) column = j->rows[i].who.len > 0;
    if (column)
        gather_abouts(m);
    else
        m->abouts = j->o->about.v, m->n_abouts = j->o->about.n;
    for (size_t i = 0; i < j->n; i++) {
        m->v[i].first = m->n_mentions;
        for (size_t k = 0; m->v[i].read && k < m->n_abouts; k++)
            if (!column || str_eq(m->abouts[k], j->rows[i].who)) read_mentions(m, i, k, m->abouts[k], column, &room);
        m->v[i].count = m->n_mentions - m->v[i].first;
    }
}

bool text_moods(text_job *j, err *e) {
    text_moods_read *m = make(j->a, text_moods_read, 1);
    *m = (text_moods_read){.j = j, .o = *j->o};
    if (j->rest.n) return fail(e, ERR_usage, "heed text moods takes one file");
    // One thing asked for may be a column that names things.
    m->o.who = j->o->about.n == 1 ? j->o->about.v[0] : S("");
    m->o.who_may = true;
    j->o = &m->o;
    if (!text_open(j, e) || !text_read(j, e)) return false;
    if (reader_own(j->read) && !text_vectors(j, &m->vectors, e)) return false;
    if (m->vectors) m->enc = encoder_open(j->a, reader_words(j->read));
    m->v = make(j->a, text_mood, j->n + 1);
    for (size_t i = 0; i < j->n; i++) read_text(m, i);
    if (m->read) m->mean /= (double)m->read;
    gather_words(m);
    if (m->o.each && !read_clauses(m, e)) return false;
    gather_mentions(m);
    if (j->c->g.json)
        moods_json(m);
    else
        moods_show(m);
    return !m->o.out.len || moods_csv(m, e);
}
