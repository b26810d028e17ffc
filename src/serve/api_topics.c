// The taxonomy: what it is, what is said about it, what was learned, and how it is changed.
#include "serve/api_topics.h"

#include <math.h>

#include "base/civil.h"
#include "know/topic_learn.h"
#include "serve/api_themes.h"
#include "serve/kept.h"
#include "serve/live.h"
#include "serve/work.h"

enum { DAYS_MOST = 3650 };

// ---- put out ----

void put_id_or_null(json_out *j, const char *key, int64_t id) {
    if (id > 0)
        json_put_int(j, key, id);
    else
        json_put_null(j, key);
}

str words_cut(str words, size_t most) {
    size_t n = MIN(words.len, most);
    while (n && n < words.len && ((unsigned char)words.s[n] & 0xC0) == 0x80) n--;
    return str_trim(str_sub(words, 0, n));
}

void put_topic_felt(json_out *j, const char *key, bool has, int felt) {
    if (has)
        json_put_num(j, key, felt / 1000.0);
    else
        json_put_null(j, key);
}

void put_topic(call *c, const char *key, const topics *t, const topic *x, int64_t made) {
    json_out *j = &c->out;
    str *names;
    int64_t *ids;
    const size_t n = topics_family(c->a, t, x->id, false, &ids);
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_str(j, "axis", str_c(topic_axis_name(x->axis)));
    put_id_or_null(j, "parent", x->parent);
    json_put_str(j, "name", x->name);
    json_put_str(j, "about", x->about);
    json_put_raw(j, "phrases", may_read_words(c) ? x->phrases : S("[]")); // of a theme: what customers said
    json_open(j, "names", '[');
    for (size_t i = 0; i < n; i++)
        for (size_t k = topics_names(c->a, t, ids[i], &names); k--;) json_put_str(j, NULL, names[k]);
    json_close(j, ']');
    json_put_str(j, "state", str_c(topic_state_name(x->state)));
    put_id_or_null(j, "into", x->into);
    if (x->least)
        json_put_num(j, "least", x->least / 1000.0);
    else
        json_put_null(j, "least");
    json_put_bool(j, "sample", x->sample);
    json_put_time(j, "made", x->made_us);
    json_put_str(j, "by", x->by);
    json_put_int(j, "version", x->version);
    put_id_or_null(j, "change", made);
    json_close(j, '}');
}

static void put_trend(json_out *j, const topic_trend *t) {
    static const char *const words[] = {[VERDICT_NONE] = "too_few",
                                        [VERDICT_TOO_FEW] = "too_few",
                                        [VERDICT_NO_CHANGE] = "no_change",
                                        [VERDICT_BETTER] = "rises",
                                        [VERDICT_WORSE] = "falls"};
    json_open(j, "trend", '{');
    json_put_int(j, "now", t->now);
    json_put_int(j, "before", t->before);
    json_put_num(j, "ratio", t->ratio);
    json_put_num(j, "low", t->lo);
    json_put_num(j, "high", t->hi);
    json_put_str(j, "verdict", str_c(words[t->verdict]));
    json_close(j, '}');
}

void put_topic_figures(json_out *j, const char *key, const topic_figures *f) {
    json_open(j, key, '{');
    json_put_int(j, "people", f->people);
    json_put_int(j, "mentions", f->mentions);
    json_put_int(j, "negative", f->negative);
    json_put_int(j, "neutral", f->neutral);
    json_put_int(j, "positive", f->positive);
    json_put_int(j, "untold", f->untold);
    figure_json(j, "balance", &f->balance);
    json_put_int(j, "unsure", f->unsure);
    json_put_int(j, "said", f->said);
    put_trend(j, &f->trend);
    json_close(j, '}');
}

static void put_share_figure(json_out *j, const char *key, const estimate *x) {
    if (estimate_shown(x))
        figure_json(j, key, x);
    else
        json_put_null(j, key);
}

void put_topic_quality(json_out *j, const char *key, const topic_quality *q) {
    json_open(j, key, '{');
    json_put_int(j, "answers", q->answers);
    json_put_num(j, "given_from", q->give);
    put_share_figure(j, "precision", &q->precision);
    put_share_figure(j, "recall", &q->recall);
    json_close(j, '}');
}

// ---- what is asked ----

bool in_topic(call *c, const topics *t, const topic **out, err *e) {
    int64_t id;
    if (!param_id(c, 0, &id, e)) return false;
    *out = topics_by_id(t, id);
    return *out || fail(e, ERR_not_found, "there is no topic %" PRId64 "; GET /api/topics lists them", id);
}

bool in_axis(call *c, enum topic_axis otherwise, enum topic_axis *out, err *e) {
    *out = otherwise;
    if (!in_has(c, "axis")) return true;
    return topic_axis_of(in_str(c, "axis"), out) || fail_field(c, e, "axis", "an axis is what, why or intent");
}

bool in_days(call *c, int64_t otherwise, int64_t *since_us, err *e) {
    const int64_t days = in_int(c, "days", otherwise);
    if (days < 1 || days > DAYS_MOST) return fail_field(c, e, "days", "'days' must be from 1 to %d", DAYS_MOST);
    *since_us = (floor_div(c->now_us, DAY_US) - days + 1) * DAY_US;
    return true;
}

// ---- the tree ----

typedef struct {
    call *c;
    int64_t since;
    enum topic_axis axis; // 0: all
    bool archived;
} tree;

static bool tell_tree(void *ctx, buf *b, err *e) {
    const tree *k = ctx;
    call *c = k->c;
    topics *t;
    topic_counts counts;
    topic_quality *q;
    size_t n;
    if (!topics_read(c->a, c->s, &t, e) || !topic_count(c->a, c->s, t, k->since, c->now_us + 1, &counts, e) ||
        !topic_qualities(c->a, c->s, t, &q, e))
        return false;
    const json_out kept = c->out;
    const topic *all = topics_all(t, &n);
    c->out = json_to(b);
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++) {
        if ((k->axis && all[i].axis != k->axis) || (!k->archived && all[i].state != TOPIC_used)) continue;
        json_open(&c->out, NULL, '{');
        put_topic(c, "topic", t, &all[i], 0);
        put_topic_figures(&c->out, "figures", &counts.of[i]);
        put_topic_quality(&c->out, "quality", &q[i]);
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    json_put_time(&c->out, "since", k->since);
    json_put_int(&c->out, "people", counts.people);
    json_put_int(&c->out, "words", counts.words);
    json_put_int(&c->out, "unassigned", counts.unassigned);
    json_close(&c->out, '}');
    c->out = kept;
    return true;
}

bool topics_tree(call *c, err *e) {
    tree k = {.c = c, .archived = in_bool(c, "archived")};
    if (!in_axis(c, (enum topic_axis)0, &k.axis, e) || !in_days(c, 90, &k.since, e) || !store_begin_read(c->s, e))
        return false;
    str question =
        str_fmt(c->a, "topics %d %d %d %" PRId64, (int)k.axis, k.archived, may_read_words(c), in_int(c, "days", 90));
    return kept_put(c, question, tell_tree, &k, e);
}

// ---- what is there without it ----

// They read a year of words.
static bool put_suggestions(call *c, err *e) {
    paging p;
    topics *t;
    topic_begin *v;
    size_t n, from;
    if (!page_open(c, &p, e) || !topics_read(c->a, c->s, &t, e) ||
        !topic_suggestions(c->a, c->s, t, c->now_us, &v, &n, e))
        return false;
    from = p.first ? 0 : (size_t)MAX(p.after[0], 0);
    const size_t to = MIN(n, from + (size_t)p.limit);
    for (size_t i = from; i < to; i++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "name", v[i].name);
        json_put_int(&c->out, "people", v[i].people);
        json_put_int(&c->out, "messages", v[i].messages);
        json_put_str(&c->out, "by", v[i].said ? S("person") : S("source"));
        json_close(&c->out, '}');
    }
    page_close(c, &p, to < n, (int64_t)to, 0);
    return true;
}

bool topics_suggest(call *c, err *e) {
    return store_begin_read(c->s, e) && kept_whole(c, S(""), put_suggestions, e);
}

static bool put_stand(call *c, err *e) {
    json_out *j = &c->out;
    topics *t;
    topic_standing x;
    topic_begin *v;
    size_t n;
    if (!topics_read(c->a, c->s, &t, e) || !topic_stands(c->a, c->s, t, &x, e) ||
        !topic_suggestions(c->a, c->s, t, c->now_us, &v, &n, e))
        return false;
    json_open(j, NULL, '{');
    json_open(j, "axes", '[');
    for (int i = TOPIC_what; i < TOPIC_AXES; i++) {
        const topic_axis_standing *o = &x.axes[i];
        json_open(j, NULL, '{');
        json_put_str(j, "axis", str_c(topic_axis_name(o->axis)));
        json_put_int(j, "topics", o->topics);
        json_put_time(j, "learned", o->learned_us);
        json_put_int(j, "examples", o->examples);
        json_put_int(j, "answers", o->answers);
        json_put_int(j, "later", o->later);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_put_int(j, "understood", x.understood);
    json_put_int(j, "waiting", x.waiting);
    json_put_num(j, "again", x.again.under_way ? (double)x.again.done / (double)MAX(x.again.total, 1) : NAN);
    json_put_int(j, "suggestions", (int64_t)n);
    json_close(j, '}');
    return true;
}

bool topics_stand(call *c, err *e) {
    return store_begin_read(c->s, e) && kept_whole(c, S(""), put_stand, e);
}

bool topics_learn(call *c, err *e) {
    int64_t id;
    return job_none(c, "topics_learn", e) && job_begin(c, "topics_learn", S("{\"anyway\":true}"), &id, e) &&
           audit(c, "topics.learn", S("topics"), S("{}"), e);
}

// ---- changed ----

// The number in c->params[0], or none for a new one.
static bool change_with(call *c, topic_change *x, const char *action, err *e) {
    const char *field = NULL;
    int64_t id, made;
    topics *t;
    ledger *l = know_ledger(c->d->k);
    err why = {0};
    x->by = who_text(c->a, &c->who);
    if (!store_begin(c->s, e)) return false;
    if (!topic_do(l, c->a, x, &id, &made, &field, &why)) {
        if (field && why.code == ERR_invalid) return fail_field(c, e, field, "%s", why.msg);
        return *e = why, false;
    }
    if ((x->act == TOPIC_add && !topic_intents(l, c->a, x->by, false, e)) ||
        !audit(c, action, str_fmt(c->a, "topic:%" PRId64, id), str_fmt(c->a, "{\"change\":%" PRId64 "}", made), e) ||
        !ledger_commit(l, e) || !topics_read(c->a, c->s, &t, e))
        return false;
    live_tell(server_live(c->sv), S("topics"),
              str_fmt(c->a, "{\"topic\":%" PRId64 ",\"change\":%" PRId64 "}", id, made));
    const topic *now = topics_by_id(t, id);
    call_etag(c, now->version);
    if (x->act == TOPIC_add) {
        call_status(c, 201);
        call_location(c, str_fmt(c->a, "/api/topics/%" PRId64, id));
    }
    put_topic(c, NULL, t, now, made);
    return true;
}

static str in_phrases(call *c, const json_t *from) {
    const json_t *list = json_object_get(from, "phrases");
    char *text = json_is_array(list) ? json_dumps(list, JSON_COMPACT) : NULL;
    str out = text ? str_dup(c->a, str_c(text)) : S("");
    free(text);
    return out;
}

static bool in_least(call *c, int *least, err *e) {
    const double x = json_number_value(json_object_get(c->in, "least"));
    if (!in_has(c, "least")) return true;
    if (x != 0 && !(x >= 0.05 && x <= 1))
        return fail_field(c, e, "least", "'least' is a chance from 0.05 to 1, or 0: as learned");
    *least = (int)lrint(x * 1000);
    return true;
}

static size_t in_names(call *c, const char *name, str **out) {
    const json_t *list = json_object_get(c->in, name);
    *out = make(c->a, str, json_array_size(list) + 1);
    for (size_t i = 0; i < json_array_size(list); i++) (*out)[i] = json_text(json_array_get(list, i));
    return json_array_size(list);
}

static void in_parts(call *c, topic_change *x) {
    const json_t *list = json_object_get(c->in, "parts");
    const size_t n = MIN(json_array_size(list), (size_t)TOPIC_PARTS_MOST + 1);
    topic *parts = make(c->a, topic, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_array_get(list, i);
        parts[i] = (topic){.name = json_at(v, "name"), .about = json_at(v, "about"), .phrases = in_phrases(c, v)};
    }
    x->parts = parts, x->n_parts = n;
}

static bool in_new(call *c, topic_change *x, err *e) {
    str *names;
    x->act = TOPIC_add;
    x->t = (topic){.parent = in_int(c, "parent", 0),
                   .name = in_str(c, "name"),
                   .about = in_str(c, "about"),
                   .phrases = in_phrases(c, c->in)};
    x->n_names = in_names(c, "names", &names), x->names = names;
    return in_axis(c, TOPIC_what, &x->t.axis, e) && in_least(c, &x->t.least, e);
}

static bool in_edit(call *c, const topic *now, topic_change *x, err *e) {
    x->act = TOPIC_edit, x->t = *now;
    if (in_has(c, "name")) x->t.name = in_str(c, "name");
    if (in_has(c, "about")) x->t.about = in_str(c, "about");
    if (in_has(c, "phrases")) x->t.phrases = in_phrases(c, c->in);
    if (in_has(c, "parent")) x->t.parent = in_int(c, "parent", 0);
    if (in_bool(c, "top")) x->t.parent = 0;
    return in_least(c, &x->t.least, e);
}

bool in_topic_proposal(call *c, const topics *t, topic_change *x, err *e) {
    const topic *now = topics_by_id(t, in_int(c, "topic", 0));
    const str act = in_str(c, "act");
    *x = (topic_change){.into = in_int(c, "into", 0)};
    for (int i = 0; i < TOPIC_undo; i++)
        if (str_eq(act, str_c(topic_act_name((enum topic_act)i)))) x->act = (enum topic_act)i;
    if (x->act == TOPIC_add) return in_new(c, x, e);
    if (!now)
        return fail_field(c, e, "topic", "there is no topic %" PRId64 "; say which it is about", in_int(c, "topic", 0));
    if (x->act == TOPIC_edit) return in_edit(c, now, x, e);
    in_parts(c, x);
    x->t = *now;
    return true;
}

bool topics_add(call *c, err *e) {
    topic_change x = {0};
    return in_new(c, &x, e) && change_with(c, &x, "topic.add", e);
}

// With the version that was seen.
static bool seen(call *c, topic_change *x, const topic **now, err *e) {
    topics *t;
    if (!topics_read(c->a, c->s, &t, e) || !in_topic(c, t, now, e) || !call_if_match(c, (*now)->version, e))
        return false;
    x->t = **now;
    return true;
}

bool topics_change(call *c, err *e) {
    topic_change x = {0};
    const topic *now;
    return seen(c, &x, &now, e) && in_edit(c, now, &x, e) && change_with(c, &x, "topic.edit", e);
}

bool topics_merge(call *c, err *e) {
    topic_change x = {.act = TOPIC_merge, .into = in_int(c, "into", 0)};
    const topic *now;
    return seen(c, &x, &now, e) && change_with(c, &x, "topic.merge", e);
}

bool topics_split(call *c, err *e) {
    topic_change x = {.act = TOPIC_split};
    const topic *now;
    in_parts(c, &x);
    return seen(c, &x, &now, e) && change_with(c, &x, "topic.split", e);
}

bool topics_archive(call *c, err *e) {
    topic_change x = {.act = TOPIC_archive};
    const topic *now;
    return seen(c, &x, &now, e) && change_with(c, &x, "topic.archive", e);
}

bool topics_restore(call *c, err *e) {
    topic_change x = {.act = TOPIC_restore};
    const topic *now;
    return seen(c, &x, &now, e) && change_with(c, &x, "topic.restore", e);
}

// ---- history ----

static bool put_change(call *c, const topic_changed *x, err *e) {
    json_out *j = &c->out;
    json_t *detail = NULL;
    size_t i;
    const json_t *v;
    if (!json_read(x->detail, &detail, e)) return false;
    json_open(j, NULL, '{');
    json_put_int(j, "id", x->id);
    json_put_time(j, "at", x->at_us);
    json_put_str(j, "by", x->by);
    json_put_str(j, "act", x->act);
    json_open(j, "topics", '[');
    json_array_foreach(json_object_get(detail, "after"), i, v) {
        json_put_str(j, NULL, json_at(v, "name"));
    }
    json_close(j, ']');
    static const char *const sides[] = {"before", "after"};
    for (size_t side = 0; side < COUNT(sides); side++) {
        json_open(j, sides[side], '[');
        json_array_foreach(json_object_get(detail, sides[side]), i, v) {
            char *text = json_dumps(v, JSON_COMPACT);
            if (json_is_true(json_object_get(v, "there"))) json_put_raw(j, NULL, str_dup(c->a, str_c(text)));
            free(text);
        }
        json_close(j, ']');
    }
    put_id_or_null(j, "undone", x->undone_id);
    json_close(j, '}');
    json_decref(detail);
    return true;
}

bool topics_history(call *c, err *e) {
    paging p;
    topic_changed *v;
    size_t n;
    if (!page_open(c, &p, e) ||
        !topic_changes(c->a, c->s, p.first ? INT64_MAX : p.after[0], (size_t)p.limit + 1, &v, &n, e))
        return false;
    const size_t put = MIN(n, (size_t)p.limit);
    for (size_t i = 0; i < put; i++)
        if (!put_change(c, &v[i], e)) return false;
    page_close(c, &p, n > put, put ? v[put - 1].id : 0, 0);
    return true;
}

bool topics_undo(call *c, err *e) {
    int64_t id, undo;
    topic_changed *v;
    size_t n;
    ledger *l = know_ledger(c->d->k);
    if (!param_id(c, 0, &id, e) || !store_begin(c->s, e) ||
        !topic_undo(l, c->a, id, who_text(c->a, &c->who), &undo, e) ||
        !audit(c, "topic.undo", str_fmt(c->a, "topic_change:%" PRId64, id), S("{}"), e) || !ledger_commit(l, e))
        return false;
    live_tell(server_live(c->sv), S("topics"), str_fmt(c->a, "{\"change\":%" PRId64 "}", undo));
    return topic_changes(c->a, c->s, undo + 1, 1, &v, &n, e) && n && put_change(c, &v[0], e);
}
