#include "know/topic_try.h"

#include <math.h>

#include "base/json.h"
#include "base/map64.h"
#include "know/topic_private.h"
#include "sql/cli.h"
#include "sql/know_topic.h"
#include "stats/proportion.h"

enum { PAGE = 1024, TAGS = 64, MOVES = 64 };

typedef struct {
    arena *a;
    store *s;
    topics *before, *after;
    const topic_change *c;
    enum topic_axis axis;
    topic_judge *old, *now; // NULL: told from the labels that stand
    topic_outlook *out;
    map64 people; // hash of (move, person)
} trying;

// ---- which topics are told of ----

static topic_move *move_at(trying *k, int64_t id, str name) {
    for (size_t i = 0; i < k->out->n; i++)
        if (k->out->moves[i].topic == id) return &k->out->moves[i];
    assert(k->out->n < MOVES);
    topic_move *m = &k->out->moves[k->out->n++];
    *m = (topic_move){.topic = id, .name = name};
    return m;
}

// Those whose rows the change touches, and what they become a part of.
static void name_moves(trying *k) {
    size_t n;
    const topic *all = topics_all(k->after, &n);
    for (size_t i = 0; i < n && k->out->n + 2 < MOVES; i++) {
        const topic *was = topics_by_id(k->before, all[i].id);
        const bool fresh = !was, other = was && (was->state != all[i].state || was->into != all[i].into);
        const bool own = all[i].id == k->c->t.id && k->c->act != TOPIC_add;
        if (fresh || other || own) (void)move_at(k, all[i].id, all[i].name);
    }
    const topic *into = k->c->act == TOPIC_merge ? topics_by_id(k->before, k->c->into) : NULL;
    if (into) (void)move_at(k, into->id, into->name);
}

// ---- one text ----

typedef struct {
    int64_t id; // as it stands in its taxonomy
    int sure;
    bool doubt; // not given, and waits for a person
} given;

static int least_of(const topic *x, int learned) {
    return x->least ? x->least : learned;
}

// The thresholds of what stands are not known by row: what is given was above its own, and a new one is compared.
static bool stands_given(const trying *k, const topics *t, const topic *now, enum topic_how how, int sure) {
    const topic *was = topics_by_id(k->before, now->id);
    if (how == TOPIC_said || how == TOPIC_source) return true;
    if (how == TOPIC_denied) return false;
    const bool moved = t == k->after && was && was->least != now->least && now->least;
    return moved ? sure >= least_of(now, 0) : how == TOPIC_learned;
}

static size_t put_given(given *v, size_t n, const topic *now, int sure, bool doubt) {
    for (size_t i = 0; i < n; i++)
        if (v[i].id == now->id) return v[i].sure = MAX(v[i].sure, sure), v[i].doubt &= doubt, n;
    if (n < TAGS) v[n++] = (given){now->id, sure, doubt};
    return n;
}

static size_t take_tags(const trying *k, const topics *t, const topic_tag *tags, size_t n_tags, given *v) {
    size_t n = 0;
    for (size_t i = 0; i < n_tags; i++) {
        const topic *now = topics_now(t, tags[i].topic);
        if (!now || now->axis != k->axis || tags[i].how == TOPIC_denied) continue;
        n = put_given(v, n, now, tags[i].sure, !stands_given(k, t, now, tags[i].how, tags[i].sure));
    }
    return n;
}

// What a judge gives, with people's word above it.
static bool judged(const trying *k, const topic_judge *j, const topics *t, const topic_word *w, given *v, size_t *n,
                   err *e) {
    topic_tag *tags, *spoken;
    size_t n_spoken;
    arena a = *k->a;
    const size_t n_tags = topic_judge_tags(&a, j, w, &tags);
    if (!topic_said_of_words(&a, k->s, t, w->profile, w->key, &spoken, &n_spoken, e)) return false;
    *n = 0;
    for (size_t i = 0; i < n_tags + n_spoken; i++) {
        const topic_tag *x = i < n_tags ? &tags[i] : &spoken[i - n_tags];
        const topic *now = topics_now(t, x->topic);
        if (!now || now->axis != k->axis) continue;
        if (x->how <= TOPIC_unsure) *n = put_given(v, *n, now, x->sure, x->how == TOPIC_unsure);
        for (size_t m = 0; x->how == TOPIC_denied && m < *n; m++)
            if (v[m].id == now->id) v[m] = v[--*n];
    }
    return true;
}

static bool stood(const trying *k, const topics *t, const topic_word *w, given *v, size_t *n, err *e) {
    topic_tag tags[TAGS];
    size_t m = 0;
    for (row r = store_query(k->s, Q_meaning_topic_of, e, "ii", w->profile, w->key); row_next(&r);)
        if (m < TAGS)
            tags[m++] = (topic_tag){row_int(&r, 0), (enum topic_how)row_int(&r, 1), (int)row_int(&r, 2), false, 0};
    *n = take_tags(k, t, tags, m, v);
    return err_ok(e);
}

static const given *has(const given *v, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++)
        if (v[i].id == id) return &v[i];
    return NULL;
}

static bool add_example(trying *k, topic_move *m, const topic_word *w, int sure, bool moves, err *e) {
    int64_t customer;
    bool made = false;
    if (!store_int(k->s, Q_people_by_profile, &customer, w->profile, e, "i", w->profile)) return false;
    const int64_t of[] = {m->topic, customer};
    if (moves) (void)map64_at(&k->people, (int64_t)str_hash((str){(const char *)of, sizeof of}), 1, &made);
    m->people += made && moves;
    size_t at = m->n < TOPIC_TRY_EXAMPLES ? m->n : 0;
    for (size_t i = 0; m->n == TOPIC_TRY_EXAMPLES && i < m->n; i++)
        if (m->examples[i].sure < m->examples[at].sure) at = i;
    if (m->n == TOPIC_TRY_EXAMPLES && m->examples[at].sure >= sure) return true;
    topic_word kept = *w;
    kept.text = str_dup(k->a, w->text), kept.source = S(""), kept.vector = NULL;
    m->examples[at] = (topic_example){kept, customer, sure};
    m->n = MAX(m->n, at + 1);
    return true;
}

static bool compare(trying *k, const topic_word *w, err *e) {
    given was[TAGS], is[TAGS];
    size_t n, m;
    bool moved = false;
    if (k->old ? !judged(k, k->old, k->before, w, was, &n, e) : !stood(k, k->before, w, was, &n, e)) return false;
    if (k->now ? !judged(k, k->now, k->after, w, is, &m, e) : !stood(k, k->after, w, is, &m, e)) return false;
    for (size_t i = 0; i < k->out->n; i++) {
        topic_move *x = &k->out->moves[i];
        const given *p = has(was, n, x->topic), *q = has(is, m, x->topic);
        const bool asked = q && q->doubt;
        x->doubts += asked;
        if (asked && !x->gains && !x->loses && !add_example(k, x, w, q->sure, false, e)) return false;
        if (p && p->doubt) p = NULL;
        if (asked) q = NULL;
        x->stays += p && q, x->gains += !p && q, x->loses += p && !q;
        if (!p == !q) continue;
        moved = true;
        if (x->gains + x->loses == 1) x->n = 0; // what moves is shown before what is doubted
        if (!add_example(k, x, w, p ? p->sure : q->sure, true, e)) return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < m; i++) kept += !is[i].doubt;
    k->out->without += moved && !kept;
    return true;
}

// ---- all of them ----

static bool compare_all(trying *k, err *e) {
    topic_cursor at = TOPIC_FROM_NOW;
    arena *life = k->a;
    for (size_t n = 1; n && k->out->looked < TOPIC_TRY_WORDS;) {
        topic_word *w;
        arena page = arena_open((size_t)1 << 28);
        bool ok = topic_words_before(&page, k->s, &at, PAGE, &w, &n, &at, e);
        for (size_t i = 0; ok && i < n; i++) ok = compare(k, &w[i], e);
        arena_close(&page);
        if (!ok) return false;
        k->out->looked += (int64_t)n;
        k->out->all = n == 0;
    }
    k->a = life;
    return true;
}

static bool says_something_new(const topics *t, const topic_change *c) {
    const topic *was = topics_by_id(t, c->t.id);
    if (c->act == TOPIC_add || c->act == TOPIC_split) return true;
    return c->act == TOPIC_edit && was && (!str_eq(was->about, c->t.about) || !str_eq(was->phrases, c->t.phrases));
}

static bool learn_twice(trying *k, const reader *r, topic_learnt *now, err *e) {
    const topic_limits most = {TOPIC_TRY_LEARNING, 80, 600};
    topic_learnt old;
    return topic_learn_some(k->a, k->s, r, k->before, k->axis, most, &old, e) &&
           topic_learn_some(k->a, k->s, r, k->after, k->axis, most, now, e) &&
           topic_judge_with(k->a, k->before, &old, &k->old, e) && topic_judge_with(k->a, k->after, now, &k->now, e);
}

// ---- how much of it will be right ----

static void held_out(const json_t *label, double least, int64_t *all, int64_t *right) {
    const json_t *at = json_object_get(label, "at"), *hit = json_object_get(label, "right"),
                 *give = json_find(label, "give");
    const double from = least > 0 ? least : give ? json_number_value(give) : 2;
    for (size_t b = 0; b < LABEL_BINS; b++) {
        if (((double)b + 1) / LABEL_BINS <= from) continue;
        *all += json_integer_value(json_array_get(at, b)), *right += json_integer_value(json_array_get(hit, b));
    }
}

static bool expect(trying *k, str quality, err *e) {
    json_t *q = NULL;
    size_t i;
    const json_t *label;
    int64_t all = 0, right = 0;
    if (!quality.len) return true;
    if (!json_read(quality, &q, e)) return false;
    json_array_foreach(json_object_get(q, "labels"), i, label) {
        const topic *now = topics_now(k->after, json_integer_value(json_object_get(label, "topic")));
        bool told = false;
        for (size_t m = 0; now && m < k->out->n; m++) told |= k->out->moves[m].topic == now->id;
        if (told) held_out(label, now->least / 1000.0, &all, &right);
    }
    json_decref(q);
    const sampling how = {.of = "answer"};
    k->out->precision = proportion(k->a, right, all, how);
    return true;
}

static void note(topic_outlook *out, const char *text) {
    if (out->n_notes < TOPIC_TRY_NOTES) out->notes[out->n_notes++] = text;
}

static void tell_notes(trying *k, bool learned, bool reads) {
    topic_outlook *o = k->out;
    int64_t moves = 0;
    for (size_t i = 0; i < o->n; i++) moves += o->moves[i].gains + o->moves[i].loses;
    if (!moves) note(o, "no words move");
    if (learned && !estimate_shown(&o->precision))
        note(o, "nobody has answered yet: what is learned from phrases alone waits for a person, and is not given");
    if (learned) note(o, "told from a quick look at few words; learning it all brings more");
    if (learned && !reads) note(o, "without the file of words, phrases are known by their letters alone");
    if (!o->all) note(o, "only the newest words were looked at");
}

bool topic_try(arena *a, store *s, topics *t, const reader *r, topic_change *c, topic_outlook *out, const char **field,
               err *e) {
    const topic *of = c->act == TOPIC_add ? &c->t : topics_by_id(t, c->t.id);
    trying k = {.a = a, .s = s, .before = t, .c = c, .out = out, .people = map64_new(a, 1024)};
    topic_learnt now = {0};
    *out = (topic_outlook){.moves = make(a, topic_move, MOVES),
                           .precision = estimate_none("Wilson", "nobody has answered yet")};
    if (!topics_after(a, t, c, &k.after, field, e)) return false;
    k.axis = of ? of->axis : TOPIC_what;
    name_moves(&k);
    const bool learned = says_something_new(t, c);
    if (learned && !learn_twice(&k, r, &now, e)) return false;
    if (!compare_all(&k, e)) return false;
    str quality = now.quality;
    for (row q = store_query(s, Q_topic_model_about, e, "i", learned ? -1 : (int64_t)k.axis); row_next(&q);)
        quality = str_dup(a, row_str(&q, 3));
    if (!err_ok(e) || !expect(&k, quality, e)) return false;
    tell_notes(&k, learned, r && reader_embeds(r));
    return true;
}
