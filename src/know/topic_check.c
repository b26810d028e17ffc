#include "know/topic_check.h"

#include "know/topic_private.h"
#include "sql/know_topic.h"

typedef struct {
    int64_t profile, key;
} place;

typedef struct {
    arena *a;
    store *s;
    topics *t;
    int64_t *differences, expected;
    str *first;
} checking;

static void differs(checking *k, const place *p, const char *what) {
    if (!(*k->differences)++ && !k->first->len)
        *k->first = str_fmt(k->a, "words %016" PRIx64 " of profile %" PRId64 " %s", (uint64_t)p->key, p->profile, what);
}

static bool check_words(checking *k, const place *p, err *e) {
    topic_tag *said_so, has[64];
    size_t n, m, lacking = 0;
    int64_t looked = 0;
    arena a = *k->a;
    if (!store_int(k->s, Q_topic_is_looked, &looked, 0, e, "ii", p->profile, p->key)) return false;
    if (!looked) return true;
    if (!topic_said_of_words(&a, k->s, k->t, p->profile, p->key, &said_so, &n, e) ||
        !topic_tags_standing(k->s, p->profile, p->key, has, COUNT(has), &m, e))
        return false;
    k->expected += (int64_t)n;
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t j = 0; j < m; j++) found |= has[j].topic == said_so[i].topic && has[j].how == said_so[i].how;
        lacking += !found;
    }
    // What is told lives in the arena of which the tags are scratch.
    while (lacking--) differs(k, p, "lack a topic that a person gave them");
    return true;
}

bool topic_check_all(arena *a, store *s, int64_t *differences, str *first, err *e) {
    checking k = {.a = a, .s = s, .differences = differences, .first = first};
    place *v = NULL;
    size_t n = 0, room = 0;
    int64_t stands = 0;
    if (!topics_read(a, s, &k.t, e)) return false;
    if (!topics_used(k.t)) return true;
    for (row r = store_query(s, Q_label_by_message, e, ""); row_next(&r);) {
        const place p = {row_int(&r, 0), row_int(&r, 1)};
        if (n && v[n - 1].profile == p.profile && v[n - 1].key == p.key) continue;
        if (n == room) {
            place *more = make(a, place, room = room ? room * 2 : 256);
            if (n) memcpy(more, v, n * sizeof *more);
            v = more;
        }
        v[n++] = p;
    }
    for (size_t i = 0; i < n; i++)
        if (!err_ok(e) || !check_words(&k, &v[i], e)) return false;
    if (!err_ok(e) || !store_int(s, Q_topic_said_count, &stands, 0, e, "")) return false;
    if (stands != k.expected) differs(&k, &(place){0}, "have topics of which no person spoke");
    return true;
}
