// What asks for words about something: filters and facets follow the taxonomy.
#include "know/topic_filter.h"

#include "base/map64.h"
#include "know/topic_read.h"
#include "sql/inbox.h"
#include "sql/know_topic.h"

struct topic_filter {
    str name;
    const topics *t;
    int64_t root; // 0: the name is no topic
    map64 words;  // hash of words that are about it, or, 2, that a person says are not
};

static int64_t hash_of(int64_t x, int64_t y) {
    const int64_t v[] = {x, y};
    return (int64_t)str_hash((str){(const char *)v, sizeof v});
}

static bool read_topic_words(arena *a, store *s, topic_filter *f, int64_t since, int64_t until, err *e) {
    int64_t *ids;
    const size_t n = topics_family(a, f->t, f->root, true, &ids);
    for (size_t i = 0; i < n; i++)
        for (row r = store_query(s, Q_meaning_topic_rows, e, "iiii", ids[i], since, until, INT64_MAX); row_next(&r);) {
            const int64_t at = hash_of(row_int(&r, 0), row_int(&r, 1));
            if (row_int(&r, 3) < TOPIC_unsure) map64_put(&f->words, at, 1);
            if (row_int(&r, 3) == TOPIC_denied && map64_get(&f->words, at) != 1) map64_put(&f->words, at, 2);
        }
    return err_ok(e);
}

bool topic_filter_new(arena *a, store *s, str name, int64_t since_us, int64_t until_us, topic_filter **out, err *e) {
    topics *t;
    topic_filter *f = *out = make(a, topic_filter, 1);
    if (!topics_read(a, s, &t, e)) return false;
    const topic *now = topics_now(t, topics_named(t, name));
    *f = (topic_filter){.name = str_dup(a, name), .t = t, .root = now ? now->id : 0, .words = map64_new(a, 1024)};
    return !f->root || read_topic_words(a, s, f, since_us ? since_us : INT64_MIN, until_us ? until_us : INT64_MAX, e);
}

bool topic_filter_has(const topic_filter *f, int64_t profile, int64_t key, str of_source) {
    if (!f->root) return str_eq(of_source, f->name);
    const int32_t at = map64_get(&f->words, hash_of(profile, key));
    if (at >= 0) return at == 1;
    // Words that were not looked at yet.
    const int64_t id = of_source.len ? topics_named(f->t, of_source) : 0;
    const topic *now = id ? topics_now(f->t, id) : NULL;
    return now && topics_under(f->t, now->id, f->root);
}

bool topic_filter_names(arena *a, store *s, str name, str **out, size_t *n, err *e) {
    topics *t;
    int64_t *ids;
    size_t room = 0;
    if (!topics_read(a, s, &t, e)) return false;
    const topic *now = topics_now(t, topics_named(t, name));
    const size_t n_ids = now ? topics_family(a, t, now->id, true, &ids) : 0;
    *out = make(a, str, 1), *n = 1;
    **out = name;
    for (size_t i = 0; i < n_ids; i++) {
        str *names;
        const size_t m = topics_names(a, t, ids[i], &names);
        if (*n + m > room) {
            str *more = make(a, str, room = 2 * (*n + m));
            memcpy(more, *out, *n * sizeof *more);
            *out = more;
        }
        for (size_t j = 0; j < m; j++)
            if (!str_eq(names[j], name)) (*out)[(*n)++] = names[j];
    }
    return true;
}

// ---- facets ----

struct topic_tags {
    const topics *t;
    map64 first;      // hash of words → place of the first
    int32_t *next;    // of the same words; -1: none
    const topic **of; //
    size_t n, room;
    arena *a;
};

static void add_tag(topic_tags *x, int64_t at, const topic *of) {
    bool made;
    if (x->n == x->room) {
        const size_t room = x->room ? x->room * 2 : 4096;
        int32_t *next = make(x->a, int32_t, room);
        const topic **all = make(x->a, const topic *, room);
        if (x->n) memcpy(next, x->next, x->n * sizeof *next), memcpy(all, x->of, x->n * sizeof *all);
        x->next = next, x->of = all, x->room = room;
    }
    int32_t *first = map64_at(&x->first, at, (int32_t)x->n, &made);
    x->next[x->n] = made ? -1 : *first, x->of[x->n] = of;
    *first = (int32_t)x->n++;
}

bool topic_tags_new(arena *a, store *s, int64_t since_us, int64_t until_us, topic_tags **out, err *e) {
    topics *t;
    *out = NULL;
    if (!topics_read(a, s, &t, e)) return false;
    if (!topics_used(t)) return true;
    topic_tags *x = *out = make(a, topic_tags, 1);
    *x = (topic_tags){.t = t, .first = map64_new(a, 4096), .a = a};
    for (row r = store_query(s, Q_meaning_topic_tags, e, "ii", since_us ? since_us : INT64_MIN,
                             until_us ? until_us : INT64_MAX);
         row_next(&r);) {
        const topic *now = topics_now(t, row_int(&r, 2));
        if (now) add_tag(x, hash_of(row_int(&r, 0), row_int(&r, 1)), now);
    }
    return err_ok(e);
}

static size_t add_name(str *names, size_t n, size_t most, str name) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], name)) return n;
    if (n < most) names[n++] = name;
    return n;
}

size_t topic_tags_of(const topic_tags *x, int64_t profile, int64_t key, str of_source, str *names, size_t most) {
    size_t n = 0;
    for (int32_t at = map64_get(&x->first, hash_of(profile, key)); at >= 0; at = x->next[at])
        n = add_name(names, n, most, x->of[at]->name);
    if (!of_source.len) return n;
    const int64_t id = topics_named(x->t, of_source);
    const topic *now = id ? topics_now(x->t, id) : NULL;
    // A name that is no topic stands for itself; one that is says nothing new of words that were looked at.
    if (!id || (now && !n)) n = add_name(names, n, most, now ? now->name : of_source);
    return n;
}
