#include "decide/rising.h"

#include "base/json.h"
#include "base/map64.h"
#include "base/unicode.h"
#include "decide/bursts.h"
#include "know/feedback.h"
#include "sql/know.h"
#include "stats/many.h"

#include <math.h>

enum { WEEKS_NOW = 4, WEEKS_BEFORE = 13, MOST_TEXTS = 20000, MIN_MENTIONS = 5, MIN_WORD = 3 };

// Words that carry no topic, in the languages we read (the shortest lists of Snowball's stop words, abridged).
static const char *const stop_words[] = {
#define STOP(w) w,
#include "decide/stop_words.def"
};

typedef struct {
    str term;
    int64_t now, before; // texts that hold it
    int64_t last_text;   // the text counted last: a word counts once a text
    int64_t newest_us;
    str example;
    bool is_topic;
} term;

typedef struct {
    arena *a, scratch;
    store *s;
    map64 ids, stops;
    term *terms;
    size_t n, room;
    int64_t texts[2]; // before, now
    int64_t text_no, at_us;
    int side; // 1: now
    str text;
} counting;

static void mention(counting *c, str word, bool is_topic) {
    bool made;
    int64_t id = (int64_t)str_hash2(is_topic, word);
    int32_t i = *map64_at(&c->ids, id, (int32_t)c->n, &made);
    if (made) {
        if (c->n == c->room) {
            term *more = make(c->a, term, c->room = c->room ? c->room * 2 : 1024);
            if (c->n) memcpy(more, c->terms, c->n * sizeof *more);
            c->terms = more;
        }
        c->terms[c->n++] = (term){.term = str_dup(c->a, word), .last_text = -1, .is_topic = is_topic};
    }
    term *t = &c->terms[i];
    if (t->last_text == c->text_no) return;
    t->last_text = c->text_no;
    if (c->side)
        t->now++;
    else
        t->before++;
    if (c->side && c->at_us >= t->newest_us && c->text.len) t->newest_us = c->at_us, t->example = c->text;
}

static void take_word(void *ctx, str w) {
    counting *c = ctx;
    bool letter = false;
    for (size_t i = 0; i < w.len; i++) letter |= (unsigned char)w.s[i] > '9';
    if (w.len < MIN_WORD || w.len > 40 || !letter || map64_get(&c->stops, (int64_t)str_hash(w)) >= 0) return;
    mention(c, w, false);
}

// The words stand in the event: one point read a text.
static bool take_text(counting *c, const row *r, int32_t period, err *e) {
    arena a = c->scratch;
    record rec;
    said s;
    c->text_no++, c->at_us = row_int(r, 2), c->texts[c->side]++, c->text = S("");
    if (row_int(r, 12)) {
        if (!ledger_get(c->s, &a, period, row_int(r, 0), row_int(r, 2), row_int(r, 3), &rec, e)) return err_ok(e);
        if (said_of(&a, &rec, &s)) {
            c->text = c->side ? str_dup(c->a, s.text) : s.text;
            text_words(a, s.text, take_word, c);
        }
    }
    str label = row_str(r, 10);
    if (label.len) mention(c, label, true);
    return err_ok(e);
}

// The same share of both stretches is read when there are more texts than we read: chosen by a hash of their key.
static bool pass(counting *c, int64_t now_us, uint64_t keep_below, bool count_only, err *e) {
    int64_t since = now_us - (WEEKS_NOW + WEEKS_BEFORE) * 7 * DAY_US, turn = now_us - WEEKS_NOW * 7 * DAY_US;
    for (int32_t p = event_period(since); p <= event_period(now_us); p++)
        for (row r = store_query(c->s, Q_feedback_of_period, e, "i", (int64_t)p); row_next(&r);) {
            int64_t at_us = row_int(&r, 2);
            if (at_us < since || at_us >= now_us || row_int(&r, 4) == KIND_ask) continue;
            if (!row_int(&r, 12) && !row_str(&r, 10).len) continue;
            if ((uint64_t)row_int(&r, 3) * 0x9E3779B97F4A7C15u > keep_below) continue;
            c->side = at_us >= turn;
            if (count_only)
                c->texts[c->side]++;
            else if (!take_text(c, &r, p, e))
                row_end(&r);
        }
    return err_ok(e);
}

static int by_rise(const void *p, const void *q) {
    const today_rising *x = p, *y = q;
    if (x->is_topic != y->is_topic) return y->is_topic - x->is_topic;
    if (x->r.g != y->r.g) return x->r.g > y->r.g ? -1 : 1;
    return str_cmp(x->term, y->term);
}

static void judge(counting *c, int most, today *out) {
    double *p = make(c->a, double, c->n + 1);
    rise *rs = make(c->a, rise, c->n + 1);
    size_t *which = make(c->a, size_t, c->n + 1), n = 0;
    for (size_t i = 0; i < c->n; i++) {
        const term *t = &c->terms[i];
        if (t->now + t->before < 2 * MIN_MENTIONS || t->now < MIN_MENTIONS) continue;
        rs[n] = rise_test((rise_counts){t->now, c->texts[1], t->before, c->texts[0]});
        p[n] = rs[n].p, which[n++] = i;
    }
    many_adjust(*c->a, p, p, n);
    today_rising *all = make(c->a, today_rising, n + 1);
    int found = 0;
    for (size_t k = 0; k < n; k++) {
        const term *t = &c->terms[which[k]];
        if (rs[k].direction <= 0 || !(p[k] < SIGNIFICANT) || rs[k].state != ESTIMATE_OK) continue;
        all[found++] = (today_rising){.term = t->term,
                                      .is_topic = t->is_topic,
                                      .r = rs[k],
                                      .p = p[k],
                                      .now = t->now,
                                      .before = t->before,
                                      .example = t->example,
                                      .ratio = rs[k].share_before > 0 ? rs[k].share / rs[k].share_before : INFINITY};
    }
    qsort(all, (size_t)found, sizeof *all, by_rise);
    out->rising = all, out->n_rising = MIN(found, most), out->terms_tested = (int64_t)n;
}

const char *today_rising_kind(const today_rising *x) {
    return x->is_theme ? "theme" : x->of_people ? "topic" : x->is_topic ? "label" : "word";
}

// ---- themes and topics, where somebody has looked for them lately ----

enum { FRESH_DAYS = 8 };

static bool take_emerging(arena *a, store *s, const rising_report *r, int most, today *out, err *e) {
    abouts names;
    if (!abouts_read(a, s, &names, e)) return false;
    out->rising = make(a, today_rising, r->n_emerging + 1);
    for (size_t i = 0; i < r->n_emerging && out->n_rising < most; i++) {
        const emerging *x = &r->emerging[i];
        str name = about_name(&names, x->kind, x->id), example;
        if (!name.len) continue;
        if (!about_example(a, s, &names, x->kind, x->id, &example, e)) return false;
        out->rising[out->n_rising++] =
            (today_rising){.term = name,
                           .is_topic = x->kind == ABOUT_topic,
                           .is_theme = x->kind == ABOUT_theme,
                           .of_people = true,
                           .r = {.share = x->share, .share_before = x->before, .direction = 1, .state = ESTIMATE_OK},
                           .p = x->p,
                           .now = x->people,
                           .before = x->people_before,
                           .example = example,
                           .ratio = x->before > 0 ? x->share / x->before : INFINITY,
                           .evidence = str_fmt(a, "%.*s:28d", STR_ARG(about_evidence(a, x->kind, x->id)))};
    }
    out->terms_tested = r->tested;
    return true;
}

// *found: themes or topics are rising; else words are looked at.
static bool themes_rising(arena *a, store *s, int64_t now_us, int most, today *out, bool *found, err *e) {
    rising_report r;
    burst_row *b;
    size_t n;
    *found = false;
    if (!rising_report_read(a, s, &r, e)) return false;
    bool ok = true, fresh = r.made_us && r.now_us > now_us - FRESH_DAYS * DAY_US;
    if (fresh) ok = bursts_list(a, s, BURST_STANDING, ABOUT_theme, 0, &b, &n, e) && (out->alarms = (int64_t)n, true);
    if (fresh && ok) ok = take_emerging(a, s, &r, most, out, e);
    *found = out->n_rising > 0 || out->alarms;
    json_decref(r.root);
    return ok;
}

bool rising_find(arena *a, store *s, int64_t now_us, int most, today *out, err *e) {
    counting c = {
        .a = a, .scratch = arena_open((size_t)1 << 30), .s = s, .ids = map64_new(a, 4096), .stops = map64_new(a, 1024)};
    for (size_t i = 0; i < COUNT(stop_words); i++) map64_put(&c.stops, (int64_t)str_hash(str_c(stop_words[i])), 1);
    uint64_t keep = UINT64_MAX;
    bool themes_rise = false;
    bool ok = pass(&c, now_us, keep, true, e) && themes_rising(a, s, now_us, most, out, &themes_rise, e);
    out->texts_now = c.texts[1], out->texts_before = c.texts[0];
    if (!ok || themes_rise) return arena_close(&c.scratch), ok;
    int64_t all = c.texts[0] + c.texts[1];
    if (all > MOST_TEXTS) keep = (uint64_t)((double)UINT64_MAX * MOST_TEXTS / (double)all), out->texts_sampled = true;
    c.texts[0] = c.texts[1] = 0;
    ok = ok && pass(&c, now_us, keep, false, e);
    if (ok) judge(&c, most, out);
    out->texts_now = c.texts[1], out->texts_before = c.texts[0];
    for (int i = 0; ok && i < out->n_rising; i++)
        out->rising[i].evidence =
            str_fmt(a, "%s:%.*s", out->rising[i].is_topic ? "topic" : "word", STR_ARG(out->rising[i].term));
    arena_close(&c.scratch);
    return ok;
}
