// Phrases that are the words of somebody who is erased: a theme that becomes a topic gives it what customers said.
#include "base/json.h"
#include "know/topic.h"
#include "sql/know_topic.h"

enum { PHRASE_CUT = 200 };

str topic_phrase_of(str words) {
    while (words.len > PHRASE_CUT || (words.len && !str_utf8_ok(words))) words.len--;
    return words;
}

int64_t topic_phrase_hash(str words) {
    return (int64_t)str_hash(topic_phrase_of(words));
}

static bool drop(json_t *list, const map64 *gone) {
    bool any = false;
    for (size_t i = json_array_size(list); i-- > 0;) {
        if (map64_get(gone, (int64_t)str_hash(json_text(json_array_get(list, i)))) < 0) continue;
        json_array_remove(list, i);
        any = true;
    }
    return any;
}

static bool drop_phrases(json_t *v, const map64 *gone) {
    return drop(v, gone);
}

// A change holds the topics before and after it.
static bool drop_images(json_t *v, const map64 *gone) {
    static const char *const sides[] = {"before", "after"};
    bool any = false;
    size_t i;
    json_t *image;
    for (size_t side = 0; side < COUNT(sides); side++) {
        json_array_foreach(json_object_get(v, sides[side]), i, image) {
            any |= drop(json_object_get(image, "phrases"), gone);
        }
    }
    return any;
}

typedef struct {
    int64_t id;
    str text;
} altered;

typedef struct {
    enum query all, set; // number and JSON of each; sets it
    bool (*drop)(json_t *v, const map64 *gone);
} place;

static bool unsay_in(arena *a, store *s, const place *p, const map64 *gone, err *e) {
    altered *v = NULL; // written after all are read
    size_t n = 0, room = 0;
    for (row r = store_query(s, p->all, e, ""); row_next(&r);) {
        json_t *doc = NULL;
        err odd = {0};
        if (!json_read(row_str(&r, 1), &doc, &odd)) continue;
        if (p->drop(doc, gone)) {
            char *text = json_dumps(doc, JSON_COMPACT);
            if (n == room) {
                altered *more = make(a, altered, room = room ? room * 2 : 16);
                if (n) memcpy(more, v, n * sizeof *more);
                v = more;
            }
            v[n++] = (altered){row_int(&r, 0), str_dup(a, str_c(text))};
            free(text);
        }
        json_decref(doc);
    }
    for (size_t i = 0; i < n && err_ok(e); i++)
        if (!store_run(s, p->set, NULL, e, "it", v[i].id, v[i].text)) return false;
    return err_ok(e);
}

bool topic_unsay(store *s, const map64 *gone, err *e) {
    static const place places[] = {{Q_topic_phrases_all, Q_topic_phrases_set, drop_phrases},
                                   {Q_topic_change_all, Q_topic_change_detail_set, drop_images}};
    arena a = arena_open((size_t)1 << 30);
    bool ok = true;
    for (size_t i = 0; ok && gone->n && i < COUNT(places); i++) ok = unsay_in(&a, s, &places[i], gone, e);
    arena_close(&a);
    return ok;
}
