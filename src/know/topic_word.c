// Words with all that their labels rest on.
#include "base/json.h"
#include "know/settings.h"
#include "know/topic_label.h"
#include "sql/know_meaning.h"
#include "sql/know_topic.h"

const topic_cursor TOPIC_FROM_NOW = {INT64_MAX, INT64_MAX, INT64_MAX};

// Columns of topic_word; what they are about stands in the event. False: that says nothing.
static bool read_row(arena *a, arena scratch, const row *r, topic_word *w) {
    said what;
    *w = (topic_word){.profile = row_int(r, 0),
                      .key = row_int(r, 1),
                      .at_us = row_int(r, 2),
                      .period = (int32_t)row_int(r, 3),
                      .lang = language_named(row_str(r, 4)),
                      .has_mood = !row_null(r, 5),
                      .mood = (int)row_int(r, 5)};
    if (row_null(r, 7)) return false;
    const record said_in = {.kind = (uint8_t)row_int(r, 7), .unit = -1, .body = row_str(r, 8)};
    if (!said_of(&scratch, &said_in, &what) || !what.text.len) return false;
    w->text = str_dup(a, what.text), w->source = str_dup(a, what.topic);
    if (!row_null(r, 6) && row_str(r, 6).len == EMBEDDING) w->vector = (const int8_t *)str_dup(a, row_str(r, 6)).s;
    return true;
}

bool topic_word_get(arena *a, store *s, int64_t profile, int64_t key, topic_word *out, bool *there, err *e) {
    arena scratch = arena_open(1 << 24);
    topic_word w;
    *there = false;
    for (row r = store_query(s, Q_topic_word, e, "ii", profile, key); row_next(&r);)
        if (read_row(a, scratch, &r, &w)) *out = w, *there = true;
    arena_close(&scratch);
    return err_ok(e);
}

bool topic_word_place(store *s, const topic_word *w, int64_t *feedback, enum channel *channel, err *e) {
    *feedback = 0, *channel = (enum channel)0;
    for (row r = store_query(s, Q_meaning_feedback, e, "iii", (int64_t)w->period, w->profile, w->key); row_next(&r);)
        *feedback = row_int(&r, 0), *channel = (enum channel)row_int(&r, 2);
    return err_ok(e);
}

bool topic_word_of(arena *a, store *s, int64_t feedback, topic_word *out, bool *there, err *e) {
    int64_t profile = 0, key = 0;
    *there = false;
    for (row r = store_query(s, Q_topic_feedback_key, e, "i", feedback); row_next(&r);)
        profile = row_int(&r, 0), key = row_int(&r, 1);
    return err_ok(e) && (!profile || topic_word_get(a, s, profile, key, out, there, e));
}

static bool read_words(arena *a, row r, size_t most, topic_word **out, size_t *n, topic_cursor *next, err *e) {
    arena scratch = arena_open(1 << 24);
    *out = make(a, topic_word, most + 1), *n = 0;
    while (row_next(&r)) {
        topic_word *w = &(*out)[*n];
        *n += read_row(a, scratch, &r, w);
        if (next) *next = (topic_cursor){w->at_us, w->profile, w->key};
    }
    arena_close(&scratch);
    return err_ok(e);
}

bool topic_words_before(arena *a, store *s, const topic_cursor *from, size_t most, topic_word **out, size_t *n,
                        topic_cursor *next, err *e) {
    row r = from ? store_query(s, Q_topic_words_before, e, "iiii", from->at_us, from->profile, from->key, (int64_t)most)
                 : store_query(s, Q_topic_todo, e, "i", (int64_t)most);
    return read_words(a, r, most, out, n, next, e);
}

bool topic_again_read(store *s, topic_again *out, err *e) {
    arena a = arena_open(1 << 16);
    str x;
    json_t *v = NULL;
    err quiet = {0};
    *out = (topic_again){0};
    bool ok = settings_get(&a, s, "topics_again", &x, e);
    if (ok && x.len && json_read(x, &v, &quiet)) {
        const char *const names[] = {"run", "at", "profile", "key", "done", "total"};
        int64_t *const to[] = {&out->run, &out->at.at_us, &out->at.profile, &out->at.key, &out->done, &out->total};
        for (size_t i = 0; i < COUNT(names); i++) *to[i] = json_integer_value(json_object_get(v, names[i]));
        out->under_way = json_is_true(json_object_get(v, "under_way"));
    }
    json_decref(v);
    arena_close(&a);
    return ok;
}

bool topic_again_write(store *s, const topic_again *x, err *e) {
    arena a = arena_open(1 << 16);
    buf b = buf_new(&a, 1024);
    buf_fmt(&b, "{\"run\":%" PRId64 ",\"at\":%" PRId64 ",\"profile\":%" PRId64 ",\"key\":%" PRId64, x->run, x->at.at_us,
            x->at.profile, x->at.key);
    buf_fmt(&b, ",\"done\":%" PRId64 ",\"total\":%" PRId64 ",\"under_way\":%s}", x->done, x->total,
            x->under_way ? "true" : "false");
    bool ok = settings_put(s, "topics_again", buf_str(&b), e);
    arena_close(&a);
    return ok;
}
