// The proof: what the inbox should hold by the events, beside what it holds.
#include "base/json.h"

#include "know/inbox_private.h"
#include "sql/inbox.h"

typedef struct {
    inbox_item *v;
    size_t n, room;
} items;

struct inbox_check {
    arena *a;
    int64_t since_us;
    items want;
    map64 at;          // id → index into want
    inbox_item *marks; // what people of ours did, by item
    map64 marks_at;
    size_t n_marks, room_marks;
    uint64_t steps, labels; // sums of hashes, in any order
};

bool inbox_check_new(arena *a, store *s, inbox_check **out, err *e) {
    inbox_check *c = make(a, inbox_check, 1);
    *c = (inbox_check){.a = a, .at = map64_new(a, 1024), .marks_at = map64_new(a, 64)};
    *out = c;
    return inbox_since(s, &c->since_us, e);
}

static void want(inbox_check *c, const inbox_item *x) {
    bool made;
    if (x->last_us < c->since_us) return;
    int32_t i = *map64_at(&c->at, x->id, (int32_t)c->want.n, &made);
    if (made && c->want.n == c->want.room) {
        inbox_item *more = make(c->a, inbox_item, c->want.room = c->want.room ? c->want.room * 2 : 1024);
        if (c->want.n) memcpy(more, c->want.v, c->want.n * sizeof *more);
        c->want.v = more;
    }
    c->want.n += made;
    c->want.v[i] = *x;
}

void inbox_check_talk(inbox_check *c, int64_t profile, int64_t thread, int64_t source_id, const talk *t) {
    inbox_item x = inbox_item_of_talk(profile, thread, source_id, t);
    if (t->n) want(c, &x);
}

void inbox_check_said(inbox_check *c, const record *r, const said *s, int64_t source_id) {
    inbox_item x = {.profile = r->profile_id,
                    .said_us = r->at_us,
                    .key = r->key,
                    .kind = (enum kind)r->kind,
                    .channel = (enum channel)r->channel,
                    .source_id = source_id,
                    .instrument = s->instrument,
                    .has_score = s->has_score,
                    .score = s->score,
                    .mood = s->mood};
    if (inbox_item_of_voice(&x, s->text.len > 0)) want(c, &x);
}

// ---- what people of ours did ----

static uint64_t hash_of(const int64_t *v, size_t n, str x, str y) {
    return str_hash2(str_hash2(str_hash((str){(const char *)v, n * sizeof *v}), x), y);
}

static uint64_t step_hash(const inbox_step *k) {
    const int64_t v[] = {k->id, k->at_us, k->key, k->profile, k->what, k->value};
    return hash_of(v, COUNT(v), k->who, k->words);
}

static inbox_item *mark_of(inbox_check *c, int64_t id) {
    bool made;
    int32_t i = *map64_at(&c->marks_at, id, (int32_t)c->n_marks, &made);
    if (made && c->n_marks == c->room_marks) {
        inbox_item *more = make(c->a, inbox_item, c->room_marks = c->room_marks ? c->room_marks * 2 : 64);
        if (c->n_marks) memcpy(more, c->marks, c->n_marks * sizeof *more);
        c->marks = more;
    }
    if (made) c->marks[c->n_marks++] = (inbox_item){.id = id};
    return &c->marks[i];
}

// Labels of an event, as they are stored.
static void add_labels(inbox_check *c, const record *r, const json_t *doc) {
    inbox_label one;
    for (size_t i = 0; inbox_label_of(r, doc, i, &one); i++) {
        const int64_t v[] = {r->profile_id, one.at_us, one.key, one.said, one.id, r->at_us, r->key};
        c->labels += hash_of(v, COUNT(v), one.topic, one.who);
    }
}

void inbox_check_event(inbox_check *c, const record *r) {
    json_t *doc = NULL;
    err quiet = {0};
    inbox_step k;
    if (!r->body.len || !json_read(r->body, &doc, &quiet)) return;
    if (r->kind == KIND_labelled) add_labels(c, r, doc);
    if (r->kind == KIND_handled) {
        inbox_step_of_event(r, doc, &k);
        c->steps += step_hash(&k);
        (void)mark_of(c, k.id); // its steps are read from the store, whose sum is compared
    }
    json_decref(doc);
}

// ---- beside what is stored ----

typedef struct {
    inbox_check *c;
    arena *a;
    int64_t *differences;
    str *first;
} comparing;

static void differs(comparing *k, const char *what, int64_t id) {
    if (!(*k->differences)++) *k->first = str_fmt(k->a, "item %" PRId64 " of the inbox %s", id, what);
}

static bool read_sums(store *s, uint64_t *steps, uint64_t *labels, err *e) {
    arena a = arena_open((size_t)1 << 28);
    *steps = *labels = 0;
    for (row r = store_query(s, Q_inbox_step_scan, e, ""); row_next(&r);) {
        arena scratch = a;
        inbox_step k = inbox_step_read(&scratch, &r);
        *steps += step_hash(&k);
    }
    for (row r = store_query(s, Q_label_scan, e, ""); row_next(&r);) {
        const int64_t v[] = {row_int(&r, 0), row_int(&r, 1), row_int(&r, 2), row_int(&r, 4),
                             row_int(&r, 5), row_int(&r, 6), row_int(&r, 7)};
        *labels += hash_of(v, COUNT(v), row_str(&r, 3), row_str(&r, 8));
    }
    arena_close(&a);
    return err_ok(e);
}

static bool fold_marks(inbox_check *c, store *s, err *e) {
    for (size_t i = 0; i < c->n_marks; i++) {
        arena scratch = *c->a;
        int64_t id = c->marks[i].id;
        if (!inbox_fold_steps(&scratch, s, id, &c->marks[i], e)) return false;
        c->marks[i].id = id;
    }
    return true;
}

static bool same(const inbox_item *x, const inbox_item *y) {
    return x->what == y->what && x->profile == y->profile && x->thread == y->thread && x->key == y->key &&
           x->kind == y->kind && x->channel == y->channel && x->source_id == y->source_id &&
           x->instrument == y->instrument && x->has_score == y->has_score && x->score == y->score &&
           x->mood == y->mood && x->opened_us == y->opened_us && x->last_us == y->last_us && x->said_us == y->said_us &&
           x->since_us == y->since_us && x->answered_us == y->answered_us && x->solved_us == y->solved_us &&
           x->done_us == y->done_us && x->replied_us == y->replied_us && x->later_us == y->later_us &&
           x->later_at_us == y->later_at_us && x->assignee == y->assignee;
}

static void compare(comparing *k, inbox_item *got) {
    inbox_check *c = k->c;
    int32_t i = map64_get(&c->at, got->id), m = map64_get(&c->marks_at, got->id);
    if (got->what == INBOX_voice) got->answered_us = 0; // comes from conversations
    if (i < 0) {
        if (got->last_us >= c->since_us && got->said_us >= c->since_us)
            differs(k, "is stored without an event", got->id);
        return;
    }
    inbox_item x = c->want.v[i];
    if (m >= 0) inbox_put_marks(&x, &c->marks[m]);
    if (!same(&x, got)) differs(k, "differs", got->id);
    c->want.v[i].id = 0; // found
}

bool inbox_check_all(inbox_check *c, arena *a, store *s, int64_t *differences, str *first, err *e) {
    comparing k = {c, a, differences, first};
    uint64_t steps, labels;
    if (c->since_us == INT64_MAX) return true; // there is no inbox yet
    if (!read_sums(s, &steps, &labels, e) || !fold_marks(c, s, e)) return false;
    if (steps != c->steps) differs(&k, "has other steps than the events say; or another", 0);
    if (labels != c->labels) differs(&k, "has other topics than the events say; or another", 0);
    for (row r = store_query(s, Q_inbox_scan, e, ""); row_next(&r);) {
        inbox_item got = inbox_row_read(&r);
        compare(&k, &got);
    }
    for (size_t i = 0; err_ok(e) && i < c->want.n; i++)
        if (c->want.v[i].id) differs(&k, "is missing", c->want.v[i].id);
    return err_ok(e);
}
