#include "base/json.h"

#include "know/feedback.h"

#include "know/inbox.h"
#include "know/meaning.h"
#include "sql/know.h"

int score_mood(enum instrument i, int64_t score) {
    int lo, hi;
    if (!instrument_range(i, &lo, &hi)) return MOOD_UNKNOWN;
    if (i == INSTRUMENT_nps) return score >= 900 ? 1 : score >= 700 ? 0 : -1;
    if (i == INSTRUMENT_ces7) return score >= 500 ? 1 : score >= 400 ? 0 : -1; // 5-7 agree, F06
    if (i == INSTRUMENT_thumbs) return score > 0 ? 1 : -1;
    double at = ((double)score / 100 - lo) / (hi - lo);
    return at >= 0.7 ? 1 : at > 0.4 ? 0 : -1; // of five steps: 4 and 5, 3, 1 and 2
}

static void read_body(arena *a, str body, said *s) {
    json_t *doc = NULL;
    err quiet = {0};
    if (!body.len || !json_read(body, &doc, &quiet)) return;
    s->text = str_dup(a, json_text(json_object_get(doc, "text")));
    s->topic = str_dup(a, json_text(json_object_get(doc, "topic")));
    s->lang = str_dup(a, json_text(json_object_get(doc, "lang")));
    const json_t *felt = json_object_get(doc, "mood");
    if (json_is_integer(felt)) s->mood = (int)json_integer_value(felt);
    json_decref(doc);
}

bool said_by_kind(enum kind k) {
    return kind_class(k) == CLASS_SAID || k == KIND_message_in || k == KIND_call;
}

bool said_of(arena *a, const record *r, said *out) {
    enum kind k = r->kind;
    *out = (said){.mood = MOOD_UNKNOWN};
    if (!said_by_kind(k)) return false;
    read_body(a, r->body, out);
    if (kind_class(k) == CLASS_SAID)
        out->instrument = r->unit >= 0 && r->unit < 256 ? (enum instrument)r->unit : INSTRUMENT_none;
    out->has_score = r->has_value && out->instrument != INSTRUMENT_none && k != KIND_ask;
    out->score = out->has_score ? r->value : 0;
    if (out->mood == MOOD_UNKNOWN && out->has_score) out->mood = score_mood(out->instrument, out->score);
    bool bad_review = k == KIND_review && out->mood == -1, said_so = out->mood == -1 && !out->has_score;
    out->complaint = k == KIND_complaint || bad_review || (said_so && k != KIND_ask);
    return kind_class(k) == CLASS_SAID || out->text.len > 0;
}

// ---- rows on their way in ----

enum { MAX_ROWS = 1 << 16, COLS = 14 };

struct feedback_rows {
    arena text; // words of the batch
    int64_t *num[COLS];
    unsigned char *none[COLS];
    str *topic, *lang, *words;
    size_t n;
};

feedback_rows *feedback_new(arena *life) {
    feedback_rows *f = make(life, feedback_rows, 1);
    for (int c = 0; c < COLS; c++)
        f->num[c] = make(life, int64_t, MAX_ROWS), f->none[c] = make(life, unsigned char, MAX_ROWS);
    f->topic = make(life, str, MAX_ROWS), f->lang = make(life, str, MAX_ROWS), f->words = make(life, str, MAX_ROWS);
    f->text = arena_open((size_t)1 << 32);
    return f;
}

void feedback_close(feedback_rows *f) {
    if (f) arena_close(&f->text);
}

void feedback_forget(feedback_rows *f) {
    f->n = 0;
    arena_reset(&f->text);
}

bool feedback_take(feedback_rows *f, const record *r, const said *s, int64_t source_id) {
    if (f->n == MAX_ROWS) return false;
    size_t i = f->n++;
    const int64_t v[] = {r->period, r->profile_id, 0,        r->at_us, r->key, r->kind, r->channel,
                         source_id, s->instrument, s->score, s->mood,  0,      0,       s->text.len > 0};
    for (int c = 0; c < COLS; c++) f->num[c][i] = v[c], f->none[c][i] = 0;
    f->none[9][i] = !s->has_score, f->none[10][i] = s->mood == MOOD_UNKNOWN;
    f->none[11][i] = !s->topic.len, f->none[12][i] = !s->lang.len;
    f->topic[i] = str_dup(&f->text, s->topic), f->lang[i] = str_dup(&f->text, s->lang),
    f->words[i] = str_dup(&f->text, s->text);
    return true;
}

static bool write_words(const feedback_rows *f, store *s, err *e) {
    arena a = arena_open((size_t)1 << 24);
    int64_t *id = make(&a, int64_t, f->n);
    str *words = make(&a, str, f->n);
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        if (f->words[i].len) id[n] = f->num[2][i], words[n++] = f->words[i];
    column cols[] = {{'i', id, NULL}, {'t', words, NULL}};
    bool ok = !n || store_bulk(s, Q_feedback_words_put, cols, 2, n, NULL, e);
    arena_close(&a);
    return ok;
}

static bool write_inbox(const feedback_rows *f, store *s, err *e) {
    arena a = arena_open((size_t)1 << 22);
    inbox_rows *w = inbox_rows_new(&a, s);
    bool ok = true;
    for (size_t i = 0; ok && i < f->n; i++) {
        inbox_item x = {.profile = f->num[1][i],
                        .said_us = f->num[3][i],
                        .key = f->num[4][i],
                        .kind = (enum kind)f->num[5][i],
                        .channel = (enum channel)f->num[6][i],
                        .source_id = f->num[7][i],
                        .instrument = (enum instrument)f->num[8][i],
                        .has_score = !f->none[9][i],
                        .score = f->num[9][i],
                        .mood = (int)f->num[10][i]};
        ok = inbox_rows_said(w, &x, f->num[13][i] != 0, e);
    }
    ok = ok && inbox_rows_send(w, e);
    arena_close(&a);
    return ok;
}

bool feedback_write(feedback_rows *f, ledger *l, err *e) {
    if (!f->n) return true;
    for (size_t i = 0; i < f->n; i++)
        if (!ledger_id(l, &f->num[2][i], e)) return false;
    column cols[COLS];
    for (int c = 0; c < COLS; c++) cols[c] = (column){'i', f->num[c], f->none[c]};
    cols[11] = (column){'t', f->topic, f->none[11]}, cols[12] = (column){'t', f->lang, f->none[12]};
    bool ok = store_bulk(ledger_store(l), Q_feedback_put, cols, COLS, f->n, NULL, e) &&
              write_words(f, ledger_store(l), e) && write_inbox(f, ledger_store(l), e);
    feedback_forget(f);
    return ok;
}

bool feedback_remove(store *s, const record *r, err *e) {
    int64_t id = 0;
    bool words = false;
    for (row q = store_query(s, Q_feedback_id_of, e, "iiii", (int64_t)r->period, r->profile_id, r->at_us, r->key);
         row_next(&q);)
        id = row_int(&q, 0), words = row_int(&q, 1) != 0;
    if (!id || !err_ok(e)) return err_ok(e);
    if (!inbox_forget_voice(s, r, e) ||
        !store_run(s, Q_feedback_delete, NULL, e, "iiii", (int64_t)r->period, r->profile_id, r->at_us, r->key))
        return false;
    arena a = arena_open((size_t)1 << 32);
    said x;
    bool ok = !words || (said_of(&a, r, &x) && store_run(s, Q_feedback_words_delete, NULL, e, "it", id, x.text) &&
                         meaning_forget(s, r->profile_id, r->key, x.text, e));
    arena_close(&a);
    return ok && err_ok(e);
}
