#include "know/voices.h"

#include "base/civil.h"
#include "base/map64.h"
#include "know/feedback.h"
#include "know/lists.h"
#include "know/topic_filter.h"
#include "sql/know.h"
#include "sql/serve_know.h"

// ---- the question ----

static bool has_letter(str w) {
    for (size_t i = 0; i < w.len; i++) {
        unsigned char c = (unsigned char)w.s[i];
        if (c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    }
    return false;
}

static str next_word(str *rest) {
    size_t i = 0, n = 0;
    while (i < rest->len && strchr(" \t\r\n", rest->s[i]) && rest->s[i]) i++;
    while (i + n < rest->len && (!strchr(" \t\r\n", rest->s[i + n]) || !rest->s[i + n])) n++;
    str w = str_sub(*rest, i, n);
    *rest = str_sub(*rest, i + n, rest->len);
    return w;
}

// Every word stands in quotes, so that nothing in it is taken for the search language of the back end; a star at its
// end asks for all words that begin so. All words must be there.
static str match_of(arena *a, str search, enum store_kind kind) {
    bool pg = kind == STORE_POSTGRES;
    char quote = pg ? '\'' : '"';
    buf b = buf_new(a, search.len * 4 + 64);
    while (search.len) {
        str w = next_word(&search);
        bool begins = w.len > 1 && w.s[w.len - 1] == '*';
        if (begins) w.len--;
        if (!has_letter(w)) continue;
        if (b.len) buf_add(&b, pg ? S(" & ") : S(" "));
        buf_addc(&b, quote);
        for (size_t i = 0; i < w.len; i++) {
            if (w.s[i] == quote || (pg && w.s[i] == '\\')) buf_addc(&b, w.s[i]);
            buf_addc(&b, w.s[i] ? w.s[i] : ' ');
        }
        buf_addc(&b, quote);
        if (begins) buf_add(&b, pg ? S(":*") : S("*"));
    }
    return buf_str(&b);
}

// ---- which of them ----

typedef struct {
    store *s;
    const sources *all;
    const voices_ask *ask;
    int64_t *profiles; // of the customer asked for
    size_t n_profiles;
    topic_filter *about; // NULL: anything
    voice_fn fn;
    void *ctx;
    arena scratch;         // of one row
    int64_t given, passed; // passed: best matches, those of the pages before among them
    bool stopped;
} telling;

static bool theirs(const telling *k, int64_t profile) {
    for (size_t i = 0; i < k->n_profiles; i++)
        if (k->profiles[i] == profile) return true;
    return !k->ask->customer;
}

static bool fits(const telling *t, const voice *v) {
    const voices_ask *k = t->ask;
    if (k->since_us && v->at_us < k->since_us) return false;
    if (k->until_us && v->at_us >= k->until_us) return false;
    if (k->channel >= 0 && v->channel != (enum channel)k->channel) return false;
    if (k->source_id && v->from->id != k->source_id) return false;
    if (k->kind && v->kind != k->kind) return false;
    if (k->instrument && v->instrument != k->instrument) return false;
    if (k->scored && (!v->has_score || v->score < k->score_lo || v->score > k->score_hi)) return false;
    if (k->mood != MOOD_UNKNOWN && (!v->has_mood || v->mood != k->mood)) return false;
    if (k->unhappy && !(v->has_mood && v->mood == -1) && v->kind != KIND_complaint) return false;
    if (t->about && !topic_filter_has(t->about, v->profile, v->key, v->topic)) return false;
    if (k->with_words && !v->has_words) return false;
    return theirs(t, v->profile);
}

// Whether the statement alone finds what is wanted, so that it may stop at the limit.
static bool is_plain(const voices_ask *k) {
    return k->channel < 0 && !k->source_id && !k->kind && !k->instrument && !k->scored && k->mood == MOOD_UNKNOWN &&
           !k->unhappy && !k->topic.len && !k->with_words && !k->since_us && !k->until_us && k->limit;
}

static bool take(telling *k, const voice *v, int64_t skip, err *e) {
    if (!fits(k, v) || k->passed++ < skip) return true;
    k->stopped = !k->fn(k->ctx, v, e) || (k->ask->limit && ++k->given >= k->ask->limit);
    return !k->stopped;
}

static bool take_rows(telling *k, row r, int64_t skip, err *e) {
    while (row_next(&r)) {
        arena a = k->scratch;
        voice v = voice_row(&a, k->all, &r);
        if (k->ask->read) voice_as_read(&v);
        if (!take(k, &v, skip, e)) row_end(&r);
    }
    return err_ok(e);
}

// ---- by time, month by month back ----

static bool months(const telling *k, int64_t *lo, int64_t *hi, err *e) {
    const voices_ask *q = k->ask;
    if (!store_int(k->s, Q_feedback_period_first, lo, 1, e, "") ||
        !store_int(k->s, Q_feedback_period_last, hi, 0, e, ""))
        return false;
    if (q->since_us) *lo = MAX(*lo, event_period(q->since_us));
    if (q->until_us) *hi = MIN(*hi, event_period(q->until_us));
    if (q->next) *hi = MIN(*hi, event_period(q->key));
    return true;
}

static int newest_first(const void *x, const void *y) {
    const voice *p = x, *q = y;
    if (p->at_us != q->at_us) return p->at_us < q->at_us ? 1 : -1;
    return (p->id < q->id) - (p->id > q->id);
}

// What one customer said in some months: little, so it is sorted here.
static bool of_customer(telling *k, arena a, int64_t lo, int64_t hi, err *e) {
    const voices_ask *q = k->ask;
    int64_t months[64];
    size_t n = 0, room = 0, n_months = 0;
    voice *v = NULL;
    for (int64_t m = hi; m >= lo; m--) months[n_months++] = m;
    str in = list_json(&a, months, n_months), of = list_json(&a, k->profiles, k->n_profiles);
    for (row r = store_query(k->s, Q_feedback_of_people, e, "tt", in, of); row_next(&r);) {
        voice x = voice_row(&a, k->all, &r);
        if (q->read) voice_as_read(&x);
        if (q->next && (x.at_us > q->key || (x.at_us == q->key && x.id >= q->id))) continue;
        if (n == room) {
            voice *more = make(&a, voice, room = room ? room * 2 : 16);
            if (n) memcpy(more, v, n * sizeof *more);
            v = more;
        }
        v[n++] = x;
    }
    if (n) qsort(v, n, sizeof *v, newest_first);
    for (size_t i = 0; i < n && err_ok(e); i++)
        if (!take(k, &v[i], 0, e)) break;
    return err_ok(e);
}

// The newest months first, more of them each time: most who are asked for said something lately, or nothing.
static bool by_customer(telling *k, err *e) {
    int64_t lo, hi, bunch = 4;
    if (!months(k, &lo, &hi, e)) return false;
    for (; hi >= lo && !k->stopped; hi -= bunch, bunch = MIN(bunch * 2, 64))
        if (!of_customer(k, k->scratch, MAX(lo, hi - bunch + 1), hi, e)) return false;
    return true;
}

static bool by_time(telling *k, err *e) {
    const voices_ask *q = k->ask;
    int64_t lo, hi, before = q->next ? q->key : INT64_MAX, id = q->next ? q->id : INT64_MAX;
    int64_t most = is_plain(q) ? q->limit : INT64_MAX;
    if (q->customer) return by_customer(k, e);
    if (!months(k, &lo, &hi, e)) return false;
    for (; hi >= lo && !k->stopped; hi--)
        if (!take_rows(k, store_query(k->s, Q_feedback_back, e, "iiii", hi, before, id, most), 0, e)) return false;
    return true;
}

// ---- by words ----

static bool by_words(telling *k, str match, err *e) {
    const voices_ask *q = k->ask;
    if (!q->newest) return take_rows(k, store_query(k->s, Q_feedback_best, e, "t", match), q->next ? q->key : 0, e);
    int64_t before = q->next ? q->key : INT64_MAX, id = q->next ? q->id : INT64_MAX;
    return take_rows(k, store_query(k->s, Q_feedback_match, e, "tii", match, before, id), 0, e);
}

static bool begin(telling *k, arena *a, str *match, err *e) {
    size_t room = 0;
    *match = match_of(a, k->ask->words, store_kind_of(k->s));
    if (k->ask->words.len && !match->len) return fail(e, ERR_invalid, "there is no word in the search");
    if (k->ask->topic.len &&
        !topic_filter_new(a, k->s, k->ask->topic, k->ask->since_us, k->ask->until_us, &k->about, e))
        return false;
    if (!k->ask->customer) return true;
    for (row r = store_query(k->s, Q_profile_of_customer, e, "i", k->ask->customer); row_next(&r);)
        list_push(a, &k->profiles, &k->n_profiles, &room, row_int(&r, 0));
    return err_ok(e);
}

bool voices_each(store *s, const sources *all, const voices_ask *ask, voice_fn fn, void *ctx, err *e) {
    arena a = arena_open((size_t)1 << 28);
    telling k = {.s = s, .all = all, .ask = ask, .fn = fn, .ctx = ctx, .scratch = arena_open((size_t)1 << 28)};
    str match;
    bool ok = begin(&k, &a, &match, e) && (match.len ? by_words(&k, match, e) : by_time(&k, e));
    arena_close(&k.scratch);
    arena_close(&a);
    return ok;
}

// ---- counted ----

const char *facet_name(enum facet f) {
    static const char *const names[] = {"channel", "source", "instrument", "mood",
                                        "kind",    "topic",  "language",   "month"};
    return names[f];
}

const char *mood_name(int mood) {
    static const char *const names[] = {"unhappy", "neither", "happy"};
    return mood >= -1 && mood <= 1 ? names[mood + 1] : NULL;
}

enum { TOPICS_OF = 16 };      // of one word, counted
enum { MOST_VALUES = 20000 }; // of topics: what is beyond is not counted apart

typedef struct {
    arena *a;
    facets *out;
    topic_tags *tags; // NULL: there is no taxonomy
    map64 at[FACETS]; // hash of the value → row
    size_t room[FACETS];
} counting;

static void count(counting *k, enum facet f, str value) {
    facets *out = k->out;
    if (!value.len || out->n[f] >= MOST_VALUES) return;
    bool made;
    int32_t i = *map64_at(&k->at[f], (int64_t)str_hash(value), (int32_t)out->n[f], &made);
    if (made && out->n[f] == k->room[f]) {
        facet_row *more = make(k->a, facet_row, k->room[f] = k->room[f] ? k->room[f] * 2 : 32);
        if (out->n[f]) memcpy(more, out->rows[f], out->n[f] * sizeof *more);
        out->rows[f] = more;
    }
    if (made) out->rows[f][out->n[f]++] = (facet_row){.value = str_dup(k->a, value)};
    out->rows[f][i].n++;
}

// By the taxonomy, where there is one; a word counts for each of its topics.
static void count_topics(counting *k, const voice *v) {
    str names[TOPICS_OF];
    if (!k->tags) return count(k, FACET_topic, v->topic);
    const size_t n = topic_tags_of(k->tags, v->profile, v->key, v->topic, names, COUNT(names));
    for (size_t i = 0; i < n; i++) count(k, FACET_topic, names[i]);
}

static bool count_voice(void *ctx, const voice *v, err *e) {
    counting *k = ctx;
    char month[16];
    ymd d = ymd_of((int32_t)floor_div(v->at_us, DAY_US));
    snprintf(month, sizeof month, "%04d-%02d", d.year, d.month);
    (void)e;
    k->out->total++;
    count(k, FACET_channel, channel_name(v->channel));
    count(k, FACET_source, v->from->name);
    if (v->instrument) count(k, FACET_instrument, instrument_name(v->instrument));
    if (v->has_mood) count(k, FACET_mood, str_c(mood_name(v->mood)));
    count(k, FACET_kind, kind_name(v->kind));
    count_topics(k, v);
    count(k, FACET_language, v->lang);
    count(k, FACET_month, str_c(month));
    return true;
}

static int most_first(const void *x, const void *y) {
    const facet_row *p = x, *q = y;
    return p->n != q->n ? (p->n < q->n ? 1 : -1) : str_cmp(p->value, q->value);
}
static int in_order(const void *x, const void *y) {
    return str_cmp(((const facet_row *)x)->value, ((const facet_row *)y)->value);
}

// All of a month, in the order it is stored, which costs least.
static bool count_months(telling *k, err *e) {
    int64_t lo, hi;
    if (!months(k, &lo, &hi, e)) return false;
    for (; lo <= hi; lo++)
        if (!take_rows(k, store_query(k->s, Q_feedback_scan, e, "i", lo), 0, e)) return false;
    return true;
}

bool voices_facets(arena *a, store *s, const sources *all, const voices_ask *ask, facets *out, err *e) {
    arena scratch = arena_open((size_t)1 << 28);
    voices_ask q = *ask;
    counting c = {.a = a, .out = out};
    telling k = {.s = s, .all = all, .ask = &q, .fn = count_voice, .ctx = &c, .scratch = arena_open((size_t)1 << 28)};
    str match;
    *out = (facets){0};
    q.limit = 0, q.next = false;
    for (int f = 0; f < FACETS; f++) c.at[f] = map64_new(a, 64);
    bool ok = begin(&k, &scratch, &match, e) && topic_tags_new(&scratch, s, ask->since_us, ask->until_us, &c.tags, e);
    if (ok) ok = match.len ? by_words(&k, match, e) : q.customer ? by_time(&k, e) : count_months(&k, e);
    for (int f = 0; ok && f < FACETS; f++) {
        if (!out->n[f]) continue;
        qsort(out->rows[f], out->n[f], sizeof *out->rows[f], f == FACET_month ? in_order : most_first);
        if (f != FACET_month) out->n[f] = MIN(out->n[f], (size_t)FACET_ROWS);
    }
    arena_close(&k.scratch);
    arena_close(&scratch);
    return ok;
}

// ---- one ----

bool voice_get(arena *a, store *s, const sources *all, int64_t id, voice *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_feedback_get, e, "i", id); row_next(&r);) *out = voice_row(a, all, &r), found = true;
    return found && voice_fill(a, s, out, e);
}
