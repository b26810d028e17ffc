// One topic from near: week by week, by channel and segment, with what, and the words themselves.
#include "base/civil.h"
#include "base/map64.h"
#include "know/lists.h"
#include "know/segment.h"
#include "know/topic_read.h"
#include "sql/know_topic.h"

enum { ROWS_MOST = 1 << 30, SEGMENTS_MOST = 40, WITH_MOST = 20, CHANNEL_NUMBERS = 256 };

// A mention, once.
typedef struct {
    int64_t profile, key, at_us, customer;
    int feeling; // -1, 0, 1; MOOD_UNKNOWN
    uint8_t channel;
} mention;

typedef struct {
    arena *a;
    store *s;
    const topics *t;
    mention *v;
    size_t n, room;
    map64 words; // hash of the words → place
} near;

static int64_t hash_of(int64_t x, int64_t y) {
    const int64_t v[] = {x, y};
    return (int64_t)str_hash((str){(const char *)v, sizeof v});
}

static int feeling_of(bool told, int64_t felt) {
    return !told ? MOOD_UNKNOWN : felt <= -TOPIC_FELT ? -1 : felt >= TOPIC_FELT;
}

static bool read_family(near *k, int64_t id, bool below, int64_t since, int64_t until, err *e) {
    int64_t *ids;
    const size_t n = topics_family(k->a, k->t, id, below, &ids);
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(k->s, Q_meaning_topic_rows, e, "iiii", ids[i], since, until, (int64_t)ROWS_MOST);
             row_next(&r);) {
            bool made;
            if (row_int(&r, 3) >= TOPIC_unsure) continue;
            (void)map64_at(&k->words, hash_of(row_int(&r, 0), row_int(&r, 1)), (int32_t)k->n, &made);
            if (!made) continue;
            if (k->n == k->room) {
                mention *more = make(k->a, mention, k->room = k->room ? k->room * 2 : 1024);
                if (k->n) memcpy(more, k->v, k->n * sizeof *more);
                k->v = more;
            }
            k->v[k->n++] = (mention){row_int(&r, 0),
                                     row_int(&r, 1),
                                     row_int(&r, 2),
                                     row_int(&r, 6),
                                     feeling_of(!row_null(&r, 5), row_int(&r, 5)),
                                     (uint8_t)row_int(&r, 9)};
        }
    return err_ok(e);
}

// ---- shares ----

typedef struct {
    topic_share *v;
    size_t n, room;
    map64 at, people; // id → place; hash of (id, person)
} shares;

static shares shares_new(arena *a, size_t room) {
    return (shares){
        .v = make(a, topic_share, room + 1), .room = room, .at = map64_new(a, 64), .people = map64_new(a, 1024)};
}

static void share_add(shares *s, int64_t id, const mention *m) {
    bool made;
    const int32_t at = *map64_at(&s->at, id, (int32_t)s->n, &made);
    if (made && s->n == s->room) return;
    if (made) s->v[s->n++] = (topic_share){.id = id};
    if ((size_t)at >= s->n) return;
    topic_share *x = &s->v[at];
    x->mentions++, x->negative += m->feeling == -1, x->positive += m->feeling == 1;
    (void)map64_at(&s->people, hash_of(id, m->customer), 1, &made);
    x->people += made;
}

static int most_people(const void *x, const void *y) {
    const topic_share *p = x, *q = y;
    if (p->people != q->people) return p->people > q->people ? -1 : 1;
    if (p->mentions != q->mentions) return p->mentions > q->mentions ? -1 : 1;
    return (p->id > q->id) - (p->id < q->id);
}

static size_t share_end(shares *s, size_t most, topic_share **out) {
    if (s->n) qsort(s->v, s->n, sizeof *s->v, most_people);
    *out = s->v;
    return MIN(s->n, most);
}

// ---- weeks ----

static int32_t monday_of(int64_t at_us) {
    const int32_t day = (int32_t)floor_div(at_us, DAY_US);
    return day - (int32_t)(((day + 3) % 7 + 7) % 7); // 1970-01-01 was a Thursday
}

static void tell_weeks(near *k, int64_t since, int64_t until, topic_near *out) {
    const int32_t first = monday_of(since), last = monday_of(until - 1);
    out->n_weeks = (size_t)((last - first) / 7 + 1);
    out->weeks = make(k->a, topic_week, out->n_weeks + 1);
    map64 people = map64_new(k->a, 1024);
    for (size_t i = 0; i < out->n_weeks; i++) out->weeks[i].day = first + (int32_t)i * 7;
    for (size_t i = 0; i < k->n; i++) {
        const mention *m = &k->v[i];
        topic_week *w = &out->weeks[(monday_of(m->at_us) - first) / 7];
        bool made;
        (void)map64_at(&people, hash_of(w->day, m->customer), 1, &made);
        w->people += made, w->mentions++, w->negative += m->feeling == -1, w->positive += m->feeling == 1;
    }
}

// ---- segments ----

typedef struct {
    near *k;
    shares *out;
    str names[SEGMENTS_MOST], rules[SEGMENTS_MOST];
    int64_t ids[SEGMENTS_MOST];
    size_t n;
} segmenting;

static bool take_segment(void *ctx, const segment_row *x, err *e) {
    segmenting *g = ctx;
    (void)e;
    if (g->n == SEGMENTS_MOST) return false;
    g->ids[g->n] = x->id;
    g->names[g->n] = str_dup(g->k->a, x->name), g->rules[g->n++] = str_dup(g->k->a, x->rule);
    return true;
}

static bool tell_segments(near *k, int64_t now_us, topic_near *out, err *e) {
    shares s = shares_new(k->a, SEGMENTS_MOST);
    segmenting g = {.k = k, .out = &s};
    int64_t *ids = make(k->a, int64_t, k->n + 1);
    for (size_t i = 0; i < k->n; i++) ids[i] = k->v[i].customer;
    const size_t n = list_unique(ids, k->n);
    bool *in = make(k->a, bool, n + 1);
    if (!segment_list(k->s, take_segment, &g, e) && !err_ok(e)) return false;
    for (size_t i = 0; i < g.n && n; i++) {
        segment_rule *rule;
        char field[SEGMENT_FIELD_LEN];
        err why = {0};
        map64 members = map64_new(k->a, n);
        // A rule that became impossible is its page's concern.
        if (!segment_read_text(k->a, k->s, g.rules[i], g.ids[i], &rule, field, &why)) continue;
        if (!segment_which(k->a, k->s, rule, now_us, ids, n, in, e)) return false;
        for (size_t j = 0; j < n; j++)
            if (in[j]) map64_put(&members, ids[j], 1);
        for (size_t j = 0; j < k->n; j++)
            if (map64_get(&members, k->v[j].customer) >= 0) share_add(&s, g.ids[i], &k->v[j]);
    }
    out->n_segments = share_end(&s, SEGMENTS_MOST, &out->segments);
    for (size_t i = 0; i < out->n_segments; i++)
        for (size_t j = 0; j < g.n; j++)
            if (g.ids[j] == out->segments[i].id) out->segments[i].name = g.names[j];
    return true;
}

// ---- with what ----

static bool tell_others(near *k, int64_t id, int64_t since, int64_t until, topic_near *out, err *e) {
    size_t n_all;
    const topic *all = topics_all(k->t, &n_all);
    shares with = shares_new(k->a, n_all), below = shares_new(k->a, n_all);
    for (size_t i = 0; i < n_all; i++) {
        const topic *now = topics_now(k->t, all[i].id);
        if (!now || now->id == id) continue;
        const bool under = topics_under(k->t, now->id, id);
        if (!under && topics_under(k->t, id, now->id)) continue; // what it stands under goes without saying
        for (row r = store_query(k->s, Q_meaning_topic_rows, e, "iiii", all[i].id, since, until, (int64_t)ROWS_MOST);
             row_next(&r);) {
            const int32_t at = map64_get(&k->words, hash_of(row_int(&r, 0), row_int(&r, 1)));
            if (at >= 0 && row_int(&r, 3) < TOPIC_unsure) share_add(under ? &below : &with, now->id, &k->v[at]);
        }
    }
    out->n_with = share_end(&with, WITH_MOST, &out->with);
    out->n_below = share_end(&below, n_all, &out->below);
    for (size_t i = 0; i < out->n_with; i++) out->with[i].name = topics_by_id(k->t, out->with[i].id)->name;
    for (size_t i = 0; i < out->n_below; i++) out->below[i].name = topics_by_id(k->t, out->below[i].id)->name;
    return err_ok(e);
}

bool topic_look(arena *a, store *s, const topics *t, int64_t id, int64_t since_us, int64_t until_us, int64_t now_us,
                topic_near *out, err *e) {
    near k = {.a = a, .s = s, .t = t, .words = map64_new(a, 4096)};
    *out = (topic_near){0};
    if (!read_family(&k, id, true, since_us, until_us, e)) return false;
    tell_weeks(&k, since_us, until_us, out);
    shares channels = shares_new(a, CHANNEL_NUMBERS);
    for (size_t i = 0; i < k.n; i++) share_add(&channels, k.v[i].channel, &k.v[i]);
    out->n_channels = share_end(&channels, CHANNEL_NUMBERS, &out->channels);
    for (size_t i = 0; i < out->n_channels; i++)
        out->channels[i].name = channel_name((enum channel)out->channels[i].id);
    return tell_segments(&k, now_us, out, e) && tell_others(&k, id, since_us, until_us, out, e);
}

// ---- mentions ----

typedef struct {
    int64_t profile, key, at_us, customer;
    topic_tag tag;
    bool copy;
} listed;

static bool wanted(const topic_mentions_ask *q, enum topic_how how, int feeling) {
    if (q->feeling != MOOD_UNKNOWN && feeling != q->feeling) return false;
    switch (q->which) {
    case TOPIC_given_all: return how < TOPIC_unsure;
    case TOPIC_which_unsure: return how == TOPIC_unsure;
    case TOPIC_which_person: return how == TOPIC_said;
    case TOPIC_which_source: return how == TOPIC_source;
    case TOPIC_which_learned: return how == TOPIC_learned;
    }
    return false;
}

static int newest(const void *x, const void *y) {
    const listed *p = x, *q = y;
    if (p->at_us != q->at_us) return p->at_us > q->at_us ? -1 : 1;
    if (p->key != q->key) return p->key > q->key ? -1 : 1;
    return (q->tag.sure > p->tag.sure) - (q->tag.sure < p->tag.sure);
}

// Some of one topic after the place that was reached; more than are asked for, since others stand among them.
static bool list_one(arena *a, store *s, const topic_mentions_ask *q, int64_t id, listed **v, size_t *n, size_t *room,
                     err *e) {
    size_t taken = 0;
    const int64_t until = q->next ? q->at_us + 1 : INT64_MAX;
    for (row r = store_query(s, Q_meaning_topic_rows, e, "iiii", id, q->since_us, until, (int64_t)ROWS_MOST);
         row_next(&r);) {
        const listed x = {
            .profile = row_int(&r, 0),
            .key = row_int(&r, 1),
            .at_us = row_int(&r, 2),
            .customer = row_int(&r, 6),
            .tag = {id, (enum topic_how)row_int(&r, 3), (int)row_int(&r, 4), !row_null(&r, 5), (int)row_int(&r, 5)},
            .copy = row_int(&r, 8) && (row_int(&r, 8) != row_int(&r, 1) || row_int(&r, 7) != row_int(&r, 0))};
        if (!wanted(q, x.tag.how, feeling_of(x.tag.has_mood, x.tag.mood))) continue;
        if (q->next && (x.at_us > q->at_us || (x.at_us == q->at_us && x.key >= q->key))) continue;
        if (*n == *room) {
            listed *more = make(a, listed, *room = *room ? *room * 2 : 256);
            if (*n) memcpy(more, *v, *n * sizeof *more);
            *v = more;
        }
        (*v)[(*n)++] = x;
        // Rows of one moment are not in the order of the list.
        if (++taken > 2 * q->most + 2 && (*v)[*n - 2].at_us != x.at_us) {
            row_end(&r);
            break;
        }
    }
    return err_ok(e);
}

bool topic_mentions(arena *a, store *s, const topics *t, const topic_mentions_ask *q, topic_mention **out, size_t *n,
                    bool *more, err *e) {
    int64_t *ids;
    const size_t n_ids = topics_family(a, t, q->id, q->below, &ids);
    listed *v = NULL;
    size_t m = 0, room = 0;
    *out = make(a, topic_mention, q->most + 1), *n = 0, *more = false;
    for (size_t i = 0; i < n_ids; i++)
        if (!list_one(a, s, q, ids[i], &v, &m, &room, e)) return false;
    if (m) qsort(v, m, sizeof *v, newest);
    for (size_t i = 0; i < m; i++) {
        bool there;
        if (i && v[i].key == v[i - 1].key && v[i].profile == v[i - 1].profile) continue; // by several of its topics
        if (*n == q->most) return *more = true;
        topic_mention *x = &(*out)[*n];
        if (!topic_word_get(a, s, v[i].profile, v[i].key, &x->w, &there, e)) return false;
        if (!there) continue;
        x->tag = v[i].tag, x->customer = v[i].customer, x->copy = v[i].copy;
        ++*n;
    }
    return true;
}
