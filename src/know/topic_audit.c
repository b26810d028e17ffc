#include "know/topic_audit.h"

#include <math.h>

#include "base/civil.h"
#include "base/json.h"
#include "base/map64.h"
#include "sql/know_topic.h"
#include "stats/proportion.h"
#include "text/label_audit.h"

enum { MONTH_BACK_DAYS = 90, JUDGED_MOST = 1 << 16 };

// ---- months ----

int topic_month(int64_t at_us) {
    const ymd d = ymd_of((int32_t)floor_div(at_us, DAY_US));
    return d.year * 100 + d.month;
}

str topic_month_text(arena *a, int month) {
    return str_fmt(a, "%04d-%02d", month / 100, month % 100);
}

bool topic_month_of(str text, int *month) {
    int64_t year, m;
    if (text.len != sizeof "2026-11" - 1 || text.s[4] != '-' || !str_i64(str_sub(text, 0, 4), &year) ||
        !str_i64(str_sub(text, 5, 2), &m) || year < 1970 || m < 1 || m > 12)
        return false;
    *month = (int)(year * 100 + m);
    return true;
}

// ---- drawn ----

// Of the month before the one of now; of 90 days where that is little.
static bool span_of(store *s, int64_t now_us, int64_t *since, int64_t *until, err *e) {
    const int32_t month = event_period(now_us);
    int64_t n;
    *since = period_start_us(month - 1), *until = period_start_us(month);
    if (!store_int(s, Q_topic_understood_some, &n, 0, e, "iii", *since, *until, (int64_t)AUDIT_SAMPLE)) return false;
    if (n < AUDIT_SAMPLE) *since = now_us - MONTH_BACK_DAYS * DAY_US, *until = now_us + 1;
    return true;
}

bool topic_audit_newest(store *s, int *month, err *e) {
    int64_t last;
    if (!store_int(s, Q_topic_audit_last, &last, 0, e, "")) return false;
    *month = (int)last;
    return true;
}

bool topic_audit_months(store *s, int *out, size_t room, size_t *n, err *e) {
    *n = 0;
    for (row r = store_query(s, Q_topic_audit_months, e, ""); row_next(&r);)
        if (*n < room) out[(*n)++] = (int)row_int(&r, 0);
    return err_ok(e);
}

bool topic_audit_due(store *s, int64_t now_us, bool *due, err *e) {
    int last;
    int64_t used, since, until, n;
    *due = false;
    if (!topic_audit_newest(s, &last, e) || !store_int(s, Q_topic_what_count, &used, 0, e, "")) return false;
    if (last >= topic_month(now_us) || !used || !span_of(s, now_us, &since, &until, e)) return err_ok(e);
    if (!store_int(s, Q_topic_understood_some, &n, 0, e, "iii", since, until, (int64_t)AUDIT_LEAST)) return false;
    *due = n >= AUDIT_LEAST;
    return true;
}

typedef struct {
    uint64_t order;
    struct meaning_place at;
} drawn;

static bool comes_before(const drawn *x, const drawn *y) {
    if (x->order != y->order) return x->order < y->order;
    return x->at.profile < y->at.profile;
}

// The first so many by their order, of all that is shown to it.
typedef struct {
    drawn v[AUDIT_SAMPLE];
    size_t n;
} urn;

static void show(urn *u, const drawn *one) {
    size_t at = u->n;
    if (u->n == COUNT(u->v) && !comes_before(one, &u->v[u->n - 1])) return;
    u->n = MIN(u->n + 1, COUNT(u->v));
    for (at = MIN(at, COUNT(u->v) - 1); at && comes_before(one, &u->v[at - 1]); at--) u->v[at] = u->v[at - 1];
    u->v[at] = *one;
}

bool topic_audit_draw(store *s, int64_t now_us, topic_audit_drawn *out, err *e) {
    int64_t since, until;
    urn u = {.n = 0};
    *out = (topic_audit_drawn){.month = topic_month(now_us)};
    if (!span_of(s, now_us, &since, &until, e)) return false;
    for (row r = store_query(s, Q_topic_places, e, "ii", since, until); row_next(&r);) {
        const int64_t place[] = {row_int(&r, 0), row_int(&r, 1)};
        show(&u, &(drawn){str_hash2((uint64_t)out->month, (str){(const char *)place, sizeof place}),
                          {place[0], place[1], row_int(&r, 2)}});
    }
    for (size_t i = 0; i < u.n; i++) out->v[out->n++] = u.v[i].at;
    return err_ok(e);
}

// What heed gives them now, on the axes that people judge.
static bool put_drawn(store *s, const topics *t, int month, const struct meaning_place *x, err *e) {
    arena a = arena_open(1 << 20);
    buf b = buf_new(&a, JUDGED_MOST);
    json_out j = json_to(&b);
    bool doubted = false;
    json_open(&j, NULL, '{');
    json_open(&j, "given", '[');
    for (row r = store_query(s, Q_meaning_topic_of, e, "ii", x->profile, x->key); row_next(&r);) {
        const topic *now = topics_now(t, row_int(&r, 0));
        if (!now || now->axis == TOPIC_intent) continue;
        if (row_int(&r, 1) < TOPIC_unsure) json_put_int(&j, NULL, now->id);
        doubted |= row_int(&r, 1) == TOPIC_unsure;
    }
    json_close(&j, ']');
    json_put_bool(&j, "doubted", doubted);
    json_close(&j, '}');
    bool ok = err_ok(e) && store_run(s, Q_topic_audit_put, NULL, e, "iiiit", (int64_t)month, x->profile, x->key,
                                     x->at_us, buf_str(&b));
    arena_close(&a);
    return ok;
}

bool topic_audit_put(store *s, const topic_audit_drawn *x, int64_t *put, err *e) {
    arena a = arena_open((size_t)1 << 26);
    topics *t;
    int last;
    *put = 0;
    bool ok = topic_audit_newest(s, &last, e) && topics_read(&a, s, &t, e);
    for (size_t i = 0; ok && i < x->n && last < x->month; i++) {
        int64_t looked;
        ok = store_int(s, Q_topic_is_looked, &looked, -1, e, "ii", x->v[i].profile, x->v[i].key);
        if (ok && looked < 0) continue; // it is gone
        ok = ok && put_drawn(s, t, x->month, &x->v[i], e);
        *put += ok;
    }
    arena_close(&a);
    return ok;
}

// ---- judged ----

static size_t read_ids(const json_t *list, int64_t *out) {
    size_t i, n = 0;
    const json_t *v;
    json_array_foreach(list, i, v) {
        if (n < AUDIT_TOPICS) out[n++] = json_integer_value(v);
    }
    return n;
}

static bool read_audited(arena *a, const row *r, topic_audited *x, err *e) {
    json_t *given = NULL, *judged = NULL;
    size_t i;
    const json_t *v;
    *x = (topic_audited){.profile = row_int(r, 0), .key = row_int(r, 1), .at_us = row_int(r, 2)};
    bool ok = json_read(row_str(r, 3), &given, e) && (!row_str(r, 4).len || json_read(row_str(r, 4), &judged, e));
    x->n_given = read_ids(json_object_get(given, "given"), x->given);
    x->doubted = json_is_true(json_object_get(given, "doubted"));
    json_array_foreach(judged, i, v) {
        topic_judgement *to = &x->judged[x->n_judged];
        if (x->n_judged++ == AUDIT_JUDGES) return x->n_judged--, true;
        to->by = str_dup(a, json_at(v, "by"));
        to->n = read_ids(json_object_get(v, "topics"), to->topics);
    }
    json_decref(given);
    json_decref(judged);
    return ok;
}

bool topic_audit_read(arena *a, store *s, int month, topic_audited **out, size_t *n, err *e) {
    *out = make(a, topic_audited, AUDIT_SAMPLE + 1), *n = 0;
    for (row r = store_query(s, Q_topic_audit_list, e, "i", (int64_t)month); row_next(&r);)
        if (*n < AUDIT_SAMPLE && !read_audited(a, &r, &(*out)[(*n)++], e)) return row_end(&r), false;
    return err_ok(e);
}

static str judged_text(arena *a, const topic_audited *x) {
    buf b = buf_new(a, JUDGED_MOST);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < x->n_judged; i++) {
        json_open(&j, NULL, '{');
        json_put_str(&j, "by", x->judged[i].by);
        json_open(&j, "topics", '[');
        for (size_t k = 0; k < x->judged[i].n; k++) json_put_int(&j, NULL, x->judged[i].topics[k]);
        json_close(&j, ']');
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return buf_str(&b);
}

bool topic_audit_judge(store *s, int month, int64_t profile, int64_t key, const topic_judgement *said_now, err *e) {
    arena a = arena_open(1 << 20);
    topic_audited x = {0};
    bool ok = true;
    size_t i = 0;
    for (row r = store_query(s, Q_topic_audit_get, e, "iii", (int64_t)month, profile, key); row_next(&r);)
        ok = ok && read_audited(&a, &r, &x, e);
    if (ok && err_ok(e) && !x.profile) ok = fail(e, ERR_not_found, "these words are not in the month's sample");
    while (i < x.n_judged && !str_eq(x.judged[i].by, said_now->by)) i++;
    if (ok && i == AUDIT_JUDGES) ok = fail(e, ERR_conflict, "%d people have judged it already", AUDIT_JUDGES);
    if (ok && err_ok(e)) {
        x.judged[i] = *said_now, x.n_judged = MAX(x.n_judged, i + 1);
        ok = store_run(s, Q_topic_audit_judge, NULL, e, "iiit", (int64_t)month, profile, key, judged_text(&a, &x));
    }
    arena_close(&a);
    return ok && err_ok(e);
}

bool topic_audit_waits(store *s, int64_t now_us, int64_t *waiting, err *e) {
    return store_int(s, Q_topic_audit_waiting, waiting, 0, e, "i", (int64_t)topic_month(now_us));
}

// ---- told ----

typedef struct {
    arena *a;
    const topics *t;
    map64 line;
    topic_audit_report *out;
    size_t *seen;            // by people, of each topic
    int32_t *x, *y, *h, *hp; // pairs of (words, topic): two people; heed and a person
    size_t n_pairs, n_heed;
} telling;

static bool has(const int64_t *v, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++)
        if (v[i] == id) return true;
    return false;
}

// Topics as they stand today, each once.
static size_t today(const topics *t, int64_t *v, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const topic *now = topics_now(t, v[i]);
        if (now && !has(v, kept, now->id)) v[kept++] = now->id;
    }
    return kept;
}

static bool meant(const topic_audited *x, int64_t id) {
    size_t yes = 0;
    for (size_t i = 0; i < x->n_judged; i++) yes += has(x->judged[i].topics, x->judged[i].n, id);
    return 2 * yes > x->n_judged || (2 * yes == x->n_judged && has(x->judged[0].topics, x->judged[0].n, id));
}

static void tell_words(telling *k, topic_audited *x) {
    x->n_given = today(k->t, x->given, x->n_given);
    for (size_t i = 0; i < x->n_judged; i++) x->judged[i].n = today(k->t, x->judged[i].topics, x->judged[i].n);
    k->out->judged += x->n_judged > 0, k->out->twice += x->n_judged > 1;
    if (!x->n_judged) return;
    for (size_t i = 0; i < k->out->n; i++) {
        topic_audit_line *l = &k->out->lines[i];
        const bool g = has(x->given, x->n_given, l->topic), m = meant(x, l->topic);
        l->given += g, l->meant += m, l->both += g && m;
        k->seen[i] += m;
        k->h[k->n_heed] = g, k->hp[k->n_heed++] = m;
        if (x->n_judged < 2) continue;
        k->x[k->n_pairs] = has(x->judged[0].topics, x->judged[0].n, l->topic);
        k->y[k->n_pairs++] = has(x->judged[1].topics, x->judged[1].n, l->topic);
    }
}

static int most_meant(const void *x, const void *y) {
    const topic_audit_line *p = x, *q = y;
    if (p->meant != q->meant) return p->meant > q->meant ? -1 : 1;
    if (p->given != q->given) return p->given > q->given ? -1 : 1;
    return (p->topic > q->topic) - (p->topic < q->topic);
}

static void tell_lines(telling *k) {
    topic_audit_report *out = k->out;
    int64_t given = 0, meant_all = 0, both = 0;
    size_t kept = 0;
    const sampling how = {.of = "word"};
    for (size_t i = 0; i < out->n; i++) {
        topic_audit_line *l = &out->lines[i];
        given += l->given, meant_all += l->meant, both += l->both;
        l->precision = proportion(k->a, l->both, l->given, how), l->recall = proportion(k->a, l->both, l->meant, how);
        if (l->given || l->meant) out->lines[kept++] = *l;
    }
    out->n = kept;
    if (kept) qsort(out->lines, kept, sizeof *out->lines, most_meant);
    out->precision = proportion(k->a, both, given, how), out->recall = proportion(k->a, both, meant_all, how);
}

bool topic_audit_tell(arena *a, store *s, const topics *t, int month, topic_audit_report *out, err *e) {
    topic_audited *v;
    size_t n, all_topics;
    int64_t abstained = 0, unassigned = 0;
    const topic *all = topics_all(t, &all_topics);
    *out = (topic_audit_report){.lines = make(a, topic_audit_line, all_topics + 1)};
    if (!topic_audit_read(a, s, month, &v, &n, e)) return false;
    for (size_t i = 0; i < all_topics; i++)
        if (all[i].state == TOPIC_used && all[i].axis != TOPIC_intent) out->lines[out->n++].topic = all[i].id;
    const size_t pairs = n * out->n + 1, lines = out->n;
    telling k = {.a = a, .t = t, .out = out, .seen = make(a, size_t, lines + 1)};
    k.x = make(a, int32_t, pairs), k.y = make(a, int32_t, pairs), k.h = make(a, int32_t, pairs),
    k.hp = make(a, int32_t, pairs);
    for (size_t i = 0; i < n; i++) {
        tell_words(&k, &v[i]);
        abstained += !v[i].n_given && v[i].doubted, unassigned += !v[i].n_given;
    }
    out->sample = (int64_t)n;
    out->alpha = audit_alpha(k.x, k.y, k.n_pairs, 2), out->alpha_heed = audit_alpha(k.h, k.hp, k.n_heed, 2);
    out->coverage = audit_coverage(k.seen, lines);
    tell_lines(&k);
    const sampling how = {.of = "word"};
    out->abstained = proportion(a, abstained, (int64_t)n, how),
    out->unassigned = proportion(a, unassigned, (int64_t)n, how);
    return true;
}
