#include "know/topic_private.h"

#include "base/map64.h"
#include "base/unicode.h"
#include "sql/know_topic.h"

static const char *const axes[] = {"", "what", "why", "intent"};
static const char *const states[] = {"", "used", "archived", "merged"};
static const char *const hows[] = {"", "learned", "source", "person", "unsure", "denied"};
static const char *const acts[] = {"add", "edit", "merge", "split", "archive", "restore", "undo"};

const char *topic_axis_name(enum topic_axis x) {
    return x < TOPIC_AXES ? axes[x] : "";
}

bool topic_axis_of(str name, enum topic_axis *out) {
    for (int x = TOPIC_what; x < TOPIC_AXES; x++)
        if (str_eq(name, str_c(axes[x]))) return *out = (enum topic_axis)x, true;
    return false;
}

const char *topic_state_name(enum topic_state s) {
    return s <= TOPIC_merged ? states[s] : "";
}

const char *topic_how_name(enum topic_how h) {
    return h <= TOPIC_denied ? hows[h] : "";
}

const char *topic_act_name(enum topic_act x) {
    return x < TOPIC_ACTS ? acts[x] : "";
}

// ---- read ----

struct topics {
    topic *v;
    size_t n;
    map64 at;         // id → place
    map64 named;      // hash of the folded name → place
    str *names;       // all of them, by topic
    int64_t *name_of; // whose
    size_t n_names;
};

// Names are the same however they are written: "card_arrival" is "Card arrival".
int64_t topic_fold(arena scratch, str name) {
    str x = text_fold(&scratch, name);
    char *s = make(&scratch, char, x.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) {
        const bool blank = strchr(" _-/.:\t", x.s[i]) != NULL;
        if (!blank)
            s[n++] = x.s[i];
        else if (n && s[n - 1] != ' ')
            s[n++] = ' ';
    }
    while (n && s[n - 1] == ' ') n--;
    return (int64_t)str_hash((str){s, n});
}

static topic read_topic(arena *a, const row *r) {
    return (topic){.id = row_int(r, 0),
                   .axis = (enum topic_axis)row_int(r, 1),
                   .parent = row_int(r, 2),
                   .name = str_dup(a, row_str(r, 3)),
                   .about = str_dup(a, row_str(r, 4)),
                   .phrases = str_dup(a, row_str(r, 5)),
                   .state = (enum topic_state)row_int(r, 6),
                   .into = row_int(r, 7),
                   .least = (int)row_int(r, 8),
                   .sample = row_int(r, 9) != 0,
                   .made_us = row_int(r, 10),
                   .by = str_dup(a, row_str(r, 11)),
                   .version = row_int(r, 12)};
}

bool topic_list(arena *a, store *s, topic **out, size_t *n, err *e) {
    size_t room = 0;
    *out = NULL, *n = 0;
    for (row r = store_query(s, Q_topic_all, e, ""); row_next(&r);) {
        if (*n == room) {
            topic *more = make(a, topic, room = room ? room * 2 : 64);
            if (*n) memcpy(more, *out, *n * sizeof *more);
            *out = more;
        }
        (*out)[(*n)++] = read_topic(a, &r);
    }
    return err_ok(e);
}

bool topic_get(arena *a, store *s, int64_t id, topic *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_topic_get, e, "i", id); row_next(&r);) *out = read_topic(a, &r), found = true;
    if (err_ok(e) && !found) return fail(e, ERR_not_found, "there is no topic %" PRId64, id);
    return err_ok(e);
}

static bool read_names(arena *a, store *s, topics *t, err *e) {
    size_t room = 0;
    for (row r = store_query(s, Q_topic_names, e, ""); row_next(&r);) {
        const int32_t at = map64_get(&t->at, row_int(&r, 1));
        if (at < 0) continue;
        if (t->n_names == room) {
            const size_t more = room ? room * 2 : 256;
            str *names = make(a, str, more);
            int64_t *of = make(a, int64_t, more);
            if (room) memcpy(names, t->names, room * sizeof *names), memcpy(of, t->name_of, room * sizeof *of);
            t->names = names, t->name_of = of, room = more;
        }
        t->names[t->n_names] = str_dup(a, row_str(&r, 0));
        t->name_of[t->n_names] = row_int(&r, 1);
        t->n_names++;
    }
    return err_ok(e);
}

static void index_topics(arena *a, topics *t) {
    t->at = map64_new(a, t->n + 16);
    for (size_t i = 0; i < t->n; i++) map64_put(&t->at, t->v[i].id, (int32_t)i);
}

static void index_names(arena *a, topics *t) {
    t->named = map64_new(a, t->n_names + 16);
    arena scratch = arena_open(1 << 20);
    for (size_t i = 0; i < t->n_names; i++)
        map64_put(&t->named, topic_fold(scratch, t->names[i]), map64_get(&t->at, t->name_of[i]));
    arena_close(&scratch);
}

bool topics_read(arena *a, store *s, topics **out, err *e) {
    topics *t = *out = make(a, topics, 1);
    if (!topic_list(a, s, &t->v, &t->n, e)) return false;
    index_topics(a, t);
    if (!read_names(a, s, t, e)) return false;
    index_names(a, t);
    return true;
}

topics *topics_of(arena *a, topic *v, size_t n, str *names, int64_t *name_of, size_t n_names) {
    topics *t = make(a, topics, 1);
    *t = (topics){.v = v, .n = n, .names = names, .name_of = name_of, .n_names = n_names};
    index_topics(a, t);
    index_names(a, t);
    return t;
}

const topic *topics_all(const topics *t, size_t *n) {
    *n = t->n;
    return t->v;
}

const topic *topics_by_id(const topics *t, int64_t id) {
    const int32_t at = map64_get(&t->at, id);
    return at < 0 ? NULL : &t->v[at];
}

const topic *topics_now(const topics *t, int64_t id) {
    const topic *x = topics_by_id(t, id);
    for (size_t i = 0; x && x->state == TOPIC_merged && i <= t->n; i++) x = topics_by_id(t, x->into);
    return x && x->state == TOPIC_used ? x : NULL;
}

int64_t topics_named(const topics *t, str name) {
    if (!t->n || name.len > 4096) return 0;
    arena scratch = arena_open(1 << 17);
    const int32_t at = map64_get(&t->named, topic_fold(scratch, name));
    arena_close(&scratch);
    return at < 0 ? 0 : t->v[at].id;
}

bool topic_named(store *s, str name, int64_t *id, err *e) {
    arena a = arena_open((size_t)1 << 26);
    topics *t;
    *id = 0;
    bool ok = topics_read(&a, s, &t, e);
    if (ok) *id = topics_named(t, name);
    arena_close(&a);
    return ok;
}

size_t topics_names(arena *a, const topics *t, int64_t id, str **names) {
    size_t n = 0;
    *names = make(a, str, t->n_names + 1);
    for (size_t i = 0; i < t->n_names; i++)
        if (t->name_of[i] == id) (*names)[n++] = t->names[i];
    return n;
}

bool topics_under(const topics *t, int64_t id, int64_t root) {
    const topic *x = topics_by_id(t, id);
    for (size_t i = 0; x && i <= t->n; i++) {
        if (x->id == root) return true;
        x = topics_by_id(t, x->state == TOPIC_merged ? x->into : x->parent);
    }
    return false;
}

size_t topics_family(arena *a, const topics *t, int64_t id, bool below, int64_t **ids) {
    size_t n = 0;
    *ids = make(a, int64_t, t->n + 1);
    for (size_t i = 0; i < t->n; i++) {
        const topic *x = &t->v[i], *now = topics_now(t, x->id);
        const bool own = x->id == id || (now && now->id == id);
        const bool lower = below && now && topics_under(t, now->id, id);
        if (own || lower) (*ids)[n++] = x->id;
    }
    return n;
}

size_t topics_used(const topics *t) {
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) n += t->v[i].state == TOPIC_used;
    return n;
}

// ---- who is gone ----

// What was learned from somebody's words is learned anew without them.
static bool erase_learned(store *s, int64_t profile, err *e) {
    int64_t drop[64];
    size_t n = 0;
    for (row r = store_query(s, Q_topic_model_examples, e, ""); row_next(&r);) {
        const str x = row_str(&r, 1);
        bool has = false;
        for (size_t i = 0; i + 16 <= x.len && !has; i += 16) has = memcmp(x.s + i, &profile, sizeof profile) == 0;
        if (has && n < COUNT(drop)) drop[n++] = row_int(&r, 0);
    }
    for (size_t i = 0; i < n; i++)
        if (!store_run(s, Q_topic_model_drop, NULL, e, "i", drop[i])) return false;
    return err_ok(e);
}

bool topic_erase(store *s, int64_t profile, err *e) {
    return store_run(s, Q_topic_rows_erase, NULL, e, "i", profile) &&
           store_run(s, Q_topic_audit_erase, NULL, e, "i", profile) && erase_learned(s, profile, e);
}

bool topic_forget(store *s, int64_t profile, int64_t key, err *e) {
    return store_run(s, Q_topic_rows_forget, NULL, e, "ii", profile, key);
}
