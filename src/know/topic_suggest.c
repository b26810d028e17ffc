// Names that sources and people of ours use and that are no topic yet.
//
// What sources call things stands in a year of feedback, and reading it takes a second in a store of a million words.
// So a job counts it there now and then and keeps it; whoever asks leaves out what became a topic since.
#include "base/civil.h"
#include "base/json.h"
#include "know/settings.h"
#include "know/topic_private.h"
#include "sql/know_topic.h"

enum { SUGGESTED_MOST = 500, SUGGESTED_MONTHS = 12, SMALL = 20000, KEPT_MOST = 1 << 18 };
static const int64_t KEPT_US = HOUR_US, OLD_US = DAY_US; // counted again; believed
static const char kept_name[] = "topics_suggested";      // of the setting

typedef struct {
    arena *a;
    const topics *t;
    map64 seen;
    topic_begin *v;
    size_t n;
} suggesting;

static topic_begin *suggestion_at(suggesting *k, str name) {
    bool made;
    arena scratch = arena_open(1 << 17);
    const int32_t at = *map64_at(&k->seen, topic_fold(scratch, name), (int32_t)k->n, &made);
    arena_close(&scratch);
    if (made) k->v[k->n++] = (topic_begin){.name = str_dup(k->a, name)};
    return &k->v[at];
}

static int most_people(const void *x, const void *y) {
    const topic_begin *p = x, *q = y;
    if (p->people != q->people) return p->people > q->people ? -1 : 1;
    return str_cmp(p->name, q->name);
}

static void add(suggesting *k, str name, int64_t people, int64_t messages) {
    if (name.len > TOPIC_NAME_MOST || topics_named(k->t, name)) return;
    topic_begin *x = suggestion_at(k, name);
    x->people += people, x->messages += messages;
}

// ---- counted, and kept ----

static int64_t since_month(int64_t now_us) {
    return event_period(now_us) - SUGGESTED_MONTHS;
}

bool topic_suggestions_due(arena *a, store *s, int64_t now_us, bool *due, err *e) {
    int64_t words, at = 0;
    str was;
    json_t *v = NULL;
    err odd = {0};
    *due = false;
    if (!store_int(s, Q_topic_understood_some, &words, 0, e, "iii", INT64_MIN, INT64_MAX, (int64_t)SMALL) ||
        !settings_get(a, s, kept_name, &was, e))
        return false;
    if (was.len && json_read(was, &v, &odd)) at = json_integer_value(json_object_get(v, "at"));
    json_decref(v);
    *due = words >= SMALL && (now_us - at >= KEPT_US || at > now_us);
    return true;
}

bool topic_suggestions_count(arena *a, store *s, int64_t now_us, str *out, err *e) {
    buf b = buf_new(a, KEPT_MOST);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_int(&j, "at", now_us);
    json_open(&j, "names", '[');
    for (row r = store_query(s, Q_topic_source_names, e, "ii", since_month(now_us), (int64_t)SUGGESTED_MOST);
         row_next(&r);) {
        if (row_str(&r, 0).len > TOPIC_NAME_MOST) continue;
        json_open(&j, NULL, '[');
        json_put_str(&j, NULL, row_str(&r, 0));
        json_put_int(&j, NULL, row_int(&r, 1));
        json_put_int(&j, NULL, row_int(&r, 2));
        json_close(&j, ']');
    }
    json_close(&j, ']');
    json_close(&j, '}');
    *out = buf_str(&b);
    return err_ok(e);
}

bool topic_suggestions_keep(store *s, str counted, err *e) {
    return settings_put(s, kept_name, counted, e);
}

// ---- asked ----

static bool from_kept(suggesting *k, store *s, int64_t now_us, bool *there, err *e) {
    str text;
    json_t *v = NULL, *one;
    size_t i;
    err odd = {0};
    *there = false;
    if (!settings_get(k->a, s, kept_name, &text, e)) return false;
    if (!text.len || !json_read(text, &v, &odd)) return true;
    const int64_t age = now_us - json_integer_value(json_object_get(v, "at"));
    *there = age >= 0 && age < OLD_US;
    json_array_foreach(json_object_get(v, "names"), i, one) {
        if (*there && i < SUGGESTED_MOST)
            add(k, json_text(json_array_get(one, 0)), json_integer_value(json_array_get(one, 1)),
                json_integer_value(json_array_get(one, 2)));
    }
    json_decref(v);
    return true;
}

static bool from_sources(suggesting *k, store *s, int64_t now_us, err *e) {
    bool there;
    if (!from_kept(k, s, now_us, &there, e) || there) return err_ok(e);
    for (row r = store_query(s, Q_topic_source_names, e, "ii", since_month(now_us), (int64_t)SUGGESTED_MOST);
         row_next(&r);)
        add(k, row_str(&r, 0), row_int(&r, 1), row_int(&r, 2));
    return err_ok(e);
}

bool topic_suggestions(arena *a, store *s, const topics *t, int64_t now_us, topic_begin **out, size_t *n, err *e) {
    suggesting k = {.a = a, .t = t, .seen = map64_new(a, 2 * SUGGESTED_MOST)};
    k.v = *out = make(a, topic_begin, 2 * SUGGESTED_MOST + 1);
    if (!from_sources(&k, s, now_us, e)) return false;
    for (row r = store_query(s, Q_label_names, e, "i", (int64_t)SUGGESTED_MOST); row_next(&r);) {
        if (topics_named(t, row_str(&r, 0))) continue;
        topic_begin *x = suggestion_at(&k, row_str(&r, 0));
        x->people = MAX(x->people, row_int(&r, 1)), x->messages = MAX(x->messages, row_int(&r, 2));
        x->said = true;
    }
    *n = k.n;
    if (*n) qsort(k.v, *n, sizeof *k.v, most_people);
    return err_ok(e);
}
