// Changing the taxonomy: every change is kept with the rows before and after it, so that it can be taken back.
#include "base/json.h"
#include "know/topic_private.h"
#include "sql/know_topic.h"
#include "text/intent.h"

enum { DETAIL_MOST = 1 << 24, NAMES_MOST = 400 };

// A topic with its names, as it stood or shall stand.
typedef struct {
    topic t;
    str *names;
    size_t n_names;
    bool there; // else there is no such topic
} image;

typedef struct {
    ledger *l;
    store *s;
    arena *a;
    topics *all;
    image *before, *after; // of the same topics
    size_t n, room;
    str by;
    const char **field;
    bool trying; // nothing is written
} changing;

static bool refuse(const char **to, const char *field) {
    if (to) *to = field;
    return true;
}
#define REFUSE(c, name, code, ...) (refuse((c), (name)), fail(e, (code), __VA_ARGS__))

// ---- is it possible? ----

static bool text_ok(str x, size_t most) {
    return x.len <= most && str_utf8_ok(x) && !memchr(x.s ? x.s : "", '\0', x.len);
}

static bool check_phrases(str *phrases, const char **field, err *e) {
    json_t *v = NULL;
    size_t i;
    const json_t *one;
    err why = {0};
    if (!phrases->len) *phrases = S("[]");
    if (!json_read(*phrases, &v, &why) || !json_is_array(v)) {
        json_decref(v);
        return REFUSE(field, "phrases", ERR_invalid, "'phrases' is a list of texts");
    }
    bool ok = json_array_size(v) <= TOPIC_PHRASES_MOST ||
              REFUSE(field, "phrases", ERR_invalid, "%d phrases are enough", TOPIC_PHRASES_MOST);
    json_array_foreach(v, i, one) {
        const str x = str_trim(json_text(one));
        if (ok && (!x.len || !text_ok(x, TOPIC_PHRASE_MOST)))
            ok = REFUSE(field, "phrases", ERR_invalid, "a phrase has 1 to %d bytes", TOPIC_PHRASE_MOST);
    }
    json_decref(v);
    return ok;
}

// The name is free, or it is the topic's own.
static bool check_name(const topics *t, str *name, int64_t own, const char *where, const char **field, err *e) {
    *name = str_trim(*name);
    if (!name->len || !text_ok(*name, TOPIC_NAME_MOST))
        return REFUSE(field, where, ERR_invalid, "a topic's name has 1 to %d bytes", TOPIC_NAME_MOST);
    const int64_t has = topics_named(t, *name);
    const topic *x = has ? topics_by_id(t, has) : NULL;
    if (!x || has == own) return true;
    return REFUSE(field, where, ERR_conflict,
                  "'%.*s' leads to the topic '%.*s' (%" PRId64 "); merge them, or choose another name", STR_ARG(*name),
                  STR_ARG(x->name), has);
}

static bool check_row(const topics *t, topic *x, const char **field, err *e) {
    x->about = str_trim(x->about);
    if (!text_ok(x->about, TOPIC_ABOUT_MOST))
        return REFUSE(field, "about", ERR_invalid, "the sentence has at most %d bytes", TOPIC_ABOUT_MOST);
    if (x->least && (x->least < 50 || x->least > 1000))
        return REFUSE(field, "least", ERR_invalid, "'least' is a chance from 0.05 to 1, or 0: as learned");
    const topic *p = x->parent ? topics_by_id(t, x->parent) : NULL;
    if (x->parent && (!p || p->state != TOPIC_used))
        return REFUSE(field, "parent", ERR_invalid, "there is no topic %" PRId64 " in use", x->parent);
    if (p && p->axis != x->axis)
        return REFUSE(field, "parent", ERR_invalid, "'%.*s' is on another axis", STR_ARG(p->name));
    if (p && x->id && topics_under(t, p->id, x->id))
        return REFUSE(field, "parent", ERR_invalid, "'%.*s' stands below it", STR_ARG(p->name));
    return check_name(t, &x->name, x->id, "name", field, e) && check_phrases(&x->phrases, field, e);
}

static bool check_room(const topics *t, size_t more, err *e) {
    return topics_used(t) + more <= TOPICS_MOST ||
           fail(e, ERR_conflict, "there are %zu topics, and %d is the most; archive or merge some first",
                topics_used(t), TOPICS_MOST);
}

static bool check_add(const topics *t, topic_change *c, const char **field, err *e) {
    if (c->t.axis < TOPIC_what || c->t.axis >= TOPIC_AXES)
        return REFUSE(field, "axis", ERR_invalid, "an axis is what, why or intent");
    if (!check_room(t, 1, e)) return false;
    if (!check_row(t, &c->t, field, e)) return false;
    for (size_t i = 0; i < c->n_names; i++) {
        str name = c->names[i];
        if (!check_name(t, &name, 0, "names", field, e)) return false;
    }
    return true;
}

static bool check_merge(const topics *t, const topic *x, const topic_change *c, const char **field, err *e) {
    const topic *into = topics_by_id(t, c->into);
    if (!into || into->state != TOPIC_used)
        return REFUSE(field, "into", ERR_invalid, "there is no topic %" PRId64 " in use", c->into);
    if (into->id == x->id) return REFUSE(field, "into", ERR_invalid, "a topic cannot be merged into itself");
    if (into->axis != x->axis)
        return REFUSE(field, "into", ERR_invalid, "'%.*s' is on another axis", STR_ARG(into->name));
    if (topics_under(t, into->id, x->id))
        return REFUSE(field, "into", ERR_invalid, "'%.*s' stands below it; merge that into this one",
                      STR_ARG(into->name));
    return true;
}

static bool check_split(const topics *t, const topic *x, topic_change *c, const char **field, err *e) {
    if (c->n_parts < 2 || c->n_parts > TOPIC_PARTS_MOST)
        return REFUSE(field, "parts", ERR_invalid, "write 2 to %d parts", TOPIC_PARTS_MOST);
    if (!check_room(t, c->n_parts, e)) return false;
    for (size_t i = 0; i < c->n_parts; i++) {
        topic part = c->parts[i];
        part.id = 0, part.axis = x->axis, part.parent = x->id;
        if (!check_row(t, &part, field, e)) return refuse(field, "parts"), false;
        for (size_t j = 0; j < i; j++)
            if (str_eq_ci(part.name, str_trim(c->parts[j].name)))
                return REFUSE(field, "parts", ERR_invalid, "'%.*s' stands twice", STR_ARG(part.name));
        if (!part.about.len && str_eq(part.phrases, S("[]")))
            return REFUSE(field, "parts", ERR_invalid, "'%.*s' needs a sentence or phrases to be told from the others",
                          STR_ARG(part.name));
    }
    return true;
}

static bool check_restore(const topics *t, const topic *x, err *e) {
    const topic *p = x->parent ? topics_by_id(t, x->parent) : NULL;
    if (x->state == TOPIC_used) return fail(e, ERR_conflict, "'%.*s' is in use", STR_ARG(x->name));
    if (!check_room(t, 1, e)) return false;
    if (x->parent && (!p || p->state != TOPIC_used))
        return fail(e, ERR_conflict, "'%.*s' stands below a topic that is not in use; restore that first",
                    STR_ARG(x->name));
    return true;
}

bool topic_check(const topics *t, topic_change *c, const char **field, err *e) {
    if (c->act == TOPIC_add) return check_add(t, c, field, e);
    const topic *x = topics_by_id(t, c->t.id);
    if (!x) return fail(e, ERR_not_found, "there is no topic %" PRId64, c->t.id);
    if (c->version && c->version != x->version)
        return fail(e, ERR_changed, "somebody changed '%.*s' meanwhile; read it again", STR_ARG(x->name));
    if (c->act == TOPIC_restore) return check_restore(t, x, e);
    if (x->state != TOPIC_used)
        return fail(e, ERR_conflict, "'%.*s' is not in use; restore it first", STR_ARG(x->name));
    switch (c->act) {
    case TOPIC_edit: return check_row(t, &c->t, field, e);
    case TOPIC_merge: return check_merge(t, x, c, field, e);
    case TOPIC_split: return check_split(t, x, c, field, e);
    case TOPIC_archive:
    case TOPIC_add:
    case TOPIC_restore:
    case TOPIC_undo:
    case TOPIC_ACTS: break;
    }
    return true;
}

// ---- images ----

static image image_of(const changing *k, int64_t id) {
    const topic *t = topics_by_id(k->all, id);
    image x = {.there = t != NULL};
    if (!t) return x;
    x.t = *t;
    x.n_names = topics_names(k->a, k->all, id, &x.names);
    return x;
}

static image *touch(changing *k, int64_t id) {
    for (size_t i = 0; i < k->n; i++)
        if (k->after[i].t.id == id) return &k->after[i];
    assert(k->n < k->room);
    k->before[k->n] = image_of(k, id);
    k->after[k->n] = k->before[k->n];
    image *x = &k->after[k->n++];
    x->there = true, x->t.id = id;
    return x;
}

static bool add_name(changing *k, image *x, str name, err *e) {
    for (size_t i = 0; i < x->n_names; i++)
        if (str_eq(x->names[i], name)) return true;
    if (x->n_names >= NAMES_MOST) return fail(e, ERR_conflict, "it has %d names already", NAMES_MOST);
    str *more = make(k->a, str, x->n_names + 1);
    if (x->n_names) memcpy(more, x->names, x->n_names * sizeof *more);
    more[x->n_names++] = name;
    x->names = more;
    return true;
}

static image *new_topic(changing *k, const topic *from, err *e) {
    int64_t id = -1 - (int64_t)k->n;
    if (!k->trying && !ledger_id(k->l, &id, e)) return NULL;
    image *x = touch(k, id);
    x->t = *from;
    x->t.id = id, x->t.state = TOPIC_used, x->t.into = 0, x->t.version = 0;
    if (!k->trying) x->t.made_us = ledger_world(k->l)->now_us(ledger_world(k->l));
    x->t.name = str_trim(x->t.name);
    if (!x->t.phrases.len) x->t.phrases = S("[]");
    return add_name(k, x, x->t.name, e) ? x : NULL;
}

static bool write_image(const changing *k, image *x, const image *before, err *e) {
    const topic *t = &x->t;
    if (!x->there)
        return store_run(k->s, Q_topic_name_drop, NULL, e, "i", t->id) &&
               store_run(k->s, Q_meaning_topic_of_topic, NULL, e, "i", t->id) &&
               store_run(k->s, Q_topic_drop, NULL, e, "i", t->id);
    x->t.version = (before->there ? before->t.version : 0) + 1, x->t.by = k->by;
    if (!store_run(k->s, Q_topic_put, NULL, e, "iiitttiiiiiti", t->id, (int64_t)t->axis, t->parent, t->name, t->about,
                   t->phrases, (int64_t)t->state, t->into, (int64_t)t->least, (int64_t)t->sample, t->made_us, t->by,
                   t->version) ||
        !store_run(k->s, Q_topic_name_drop, NULL, e, "i", t->id))
        return false;
    for (size_t i = 0; i < x->n_names; i++)
        if (!store_run(k->s, Q_topic_name_put, NULL, e, "ti", x->names[i], t->id)) return false;
    return true;
}

// ---- as JSON ----

static void put_image(json_out *j, const image *x) {
    const topic *t = &x->t;
    json_open(j, NULL, '{');
    json_put_int(j, "id", t->id);
    json_put_bool(j, "there", x->there);
    json_put_str(j, "axis", str_c(topic_axis_name(t->axis)));
    json_put_int(j, "parent", t->parent);
    json_put_str(j, "name", t->name);
    json_put_str(j, "about", t->about);
    json_put_raw(j, "phrases", t->phrases.len ? t->phrases : S("[]"));
    json_put_str(j, "state", str_c(topic_state_name(t->state)));
    json_put_int(j, "into", t->into);
    json_put_int(j, "least", t->least);
    json_put_bool(j, "sample", t->sample);
    json_put_int(j, "made_us", t->made_us);
    json_put_str(j, "by", t->by);
    json_put_int(j, "version", t->version);
    json_open(j, "names", '[');
    for (size_t i = 0; i < x->n_names; i++) json_put_str(j, NULL, x->names[i]);
    json_close(j, ']');
    json_close(j, '}');
}

static void put_images(json_out *j, const char *key, const image *v, size_t n) {
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) put_image(j, &v[i]);
    json_close(j, ']');
}

static image read_image(arena *a, const json_t *v) {
    image x = {.there = json_is_true(json_object_get(v, "there"))};
    const json_t *names = json_object_get(v, "names");
    char *phrases = json_dumps(json_object_get(v, "phrases"), JSON_COMPACT);
    x.t = (topic){.id = json_integer_value(json_object_get(v, "id")),
                  .parent = json_integer_value(json_object_get(v, "parent")),
                  .into = json_integer_value(json_object_get(v, "into")),
                  .least = (int)json_integer_value(json_object_get(v, "least")),
                  .sample = json_is_true(json_object_get(v, "sample")),
                  .made_us = json_integer_value(json_object_get(v, "made_us")),
                  .version = json_integer_value(json_object_get(v, "version")),
                  .name = str_dup(a, json_at(v, "name")),
                  .about = str_dup(a, json_at(v, "about")),
                  .phrases = phrases ? str_dup(a, str_c(phrases)) : S("[]"),
                  .by = str_dup(a, json_at(v, "by"))};
    free(phrases);
    (void)topic_axis_of(json_at(v, "axis"), &x.t.axis);
    for (int i = TOPIC_used; i <= TOPIC_merged; i++)
        if (str_eq(json_at(v, "state"), str_c(topic_state_name((enum topic_state)i)))) x.t.state = (enum topic_state)i;
    x.names = make(a, str, json_array_size(names) + 1);
    for (; x.n_names < json_array_size(names); x.n_names++)
        x.names[x.n_names] = str_dup(a, json_text(json_array_get(names, x.n_names)));
    return x;
}

// ---- doing it ----

static void make_room(changing *k) {
    size_t n;
    (void)topics_all(k->all, &n);
    k->room = n + TOPIC_PARTS_MOST + INTENTS + 8;
    k->before = make(k->a, image, k->room), k->after = make(k->a, image, k->room);
}

static bool begin(changing *k, ledger *l, arena *a, str by, const char **field, err *e) {
    *k = (changing){.l = l, .s = ledger_store(l), .a = a, .by = by, .field = field};
    if (!topics_read(a, k->s, &k->all, e)) return false;
    make_room(k);
    return true;
}

// What people called by names that lead elsewhere now is looked at again at once.
static bool look_again(const changing *k, err *e) {
    topics *now;
    str *names = NULL;
    size_t n = 0, room = 0;
    if (!topics_read(k->a, k->s, &now, e)) return false;
    for (row r = store_query(k->s, Q_label_called, e, ""); row_next(&r);) {
        if (topics_named(k->all, row_str(&r, 0)) == topics_named(now, row_str(&r, 0))) continue;
        if (n == room) {
            str *more = make(k->a, str, room = room ? room * 2 : 16);
            if (n) memcpy(more, names, n * sizeof *more);
            names = more;
        }
        names[n++] = str_dup(k->a, row_str(&r, 0));
    }
    for (size_t i = 0; i < n; i++)
        if (!store_run(k->s, Q_label_look_again, NULL, e, "t", names[i])) return false;
    return err_ok(e);
}

static bool finish(changing *k, enum topic_act act, int64_t *change_id, err *e) {
    const world *w = ledger_world(k->l);
    for (size_t i = 0; i < k->n; i++)
        if (!write_image(k, &k->after[i], &k->before[i], e)) return false;
    if (!look_again(k, e)) return false;
    buf b = buf_new(k->a, DETAIL_MOST);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    put_images(&j, "before", k->before, k->n);
    put_images(&j, "after", k->after, k->n);
    json_close(&j, '}');
    if (b.full) return fail(e, ERR_too_large, "too many topics are concerned at once");
    return ledger_id(k->l, change_id, e) && store_run(k->s, Q_topic_change_put, NULL, e, "iittt", *change_id,
                                                      w->now_us(w), k->by, str_c(topic_act_name(act)), buf_str(&b));
}

static bool do_add(changing *k, const topic_change *c, int64_t *id, err *e) {
    image *x = new_topic(k, &c->t, e);
    if (!x) return false;
    for (size_t i = 0; i < c->n_names; i++)
        if (!add_name(k, x, str_trim(c->names[i]), e)) return false;
    *id = x->t.id;
    return true;
}

static bool do_edit(changing *k, const topic_change *c, err *e) {
    image *x = touch(k, c->t.id);
    x->t.name = c->t.name, x->t.about = c->t.about, x->t.phrases = c->t.phrases;
    x->t.parent = c->t.parent, x->t.least = c->t.least;
    return add_name(k, x, c->t.name, e);
}

static void do_merge(changing *k, const topic_change *c) {
    size_t n;
    const topic *all = topics_all(k->all, &n);
    image *x = touch(k, c->t.id);
    x->t.state = TOPIC_merged, x->t.into = c->into;
    for (size_t i = 0; i < n; i++)
        if (all[i].parent == c->t.id && all[i].state == TOPIC_used) touch(k, all[i].id)->t.parent = c->into;
}

static bool do_split(changing *k, const topic_change *c, err *e) {
    const topic of = *topics_by_id(k->all, c->t.id);
    for (size_t i = 0; i < c->n_parts; i++) {
        topic part = c->parts[i];
        part.axis = of.axis, part.parent = of.id, part.sample = of.sample;
        if (!new_topic(k, &part, e)) return false;
    }
    return true;
}

static void do_archive(changing *k, const topic_change *c) {
    size_t n;
    const topic *all = topics_all(k->all, &n);
    for (size_t i = 0; i < n; i++)
        if (all[i].state == TOPIC_used && topics_under(k->all, all[i].id, c->t.id))
            touch(k, all[i].id)->t.state = TOPIC_archived;
}

// In one form, so that they can be compared.
static str compact(arena *a, str phrases) {
    json_t *v = NULL;
    err quiet = {0};
    char *text = json_read(phrases, &v, &quiet) ? json_dumps(v, JSON_COMPACT) : NULL;
    str out = text ? str_dup(a, str_c(text)) : S("[]");
    free(text);
    json_decref(v);
    return out;
}

static void compact_all(arena *a, topic_change *c) {
    topic *parts = make(a, topic, c->n_parts + 1);
    c->t.phrases = compact(a, c->t.phrases);
    for (size_t i = 0; i < c->n_parts; i++) parts[i] = c->parts[i], parts[i].phrases = compact(a, parts[i].phrases);
    c->parts = parts;
}

static bool apply(changing *k, topic_change *c, int64_t *id, err *e) {
    *id = c->t.id;
    compact_all(k->a, c);
    switch (c->act) {
    case TOPIC_add: return do_add(k, c, id, e);
    case TOPIC_edit: return do_edit(k, c, e);
    case TOPIC_merge: return do_merge(k, c), true;
    case TOPIC_split: return do_split(k, c, e);
    case TOPIC_archive: return do_archive(k, c), true;
    case TOPIC_restore: {
        image *x = touch(k, c->t.id);
        x->t.state = TOPIC_used, x->t.into = 0;
        return true;
    }
    case TOPIC_undo:
    case TOPIC_ACTS: break;
    }
    return fail(e, ERR_internal, "a change is taken back by its number");
}

bool topic_do(ledger *l, arena *a, topic_change *c, int64_t *id, int64_t *change_id, const char **field, err *e) {
    changing k;
    return begin(&k, l, a, c->by, field, e) && topic_check(k.all, c, field, e) && apply(&k, c, id, e) &&
           finish(&k, c->act, change_id, e);
}

// Every topic once, as it would be, with its names.
static topics *overlay(const changing *k) {
    size_t n, m = 0, n_names = 0, room = 0;
    const topic *all = topics_all(k->all, &n);
    image *v = make(k->a, image, n + k->n + 1);
    for (size_t i = 0; i < n; i++) v[m++] = image_of(k, all[i].id);
    for (size_t i = 0; i < k->n; i++) {
        size_t at = 0;
        while (at < m && v[at].t.id != k->after[i].t.id) at++;
        v[at] = k->after[i], m = MAX(m, at + 1);
    }
    for (size_t i = 0; i < m; i++) room += v[i].n_names;
    topic *list = make(k->a, topic, m + 1);
    str *names = make(k->a, str, room + 1);
    int64_t *of = make(k->a, int64_t, room + 1);
    for (size_t i = 0; i < m; i++) {
        list[i] = v[i].t;
        for (size_t j = 0; j < v[i].n_names; j++) names[n_names] = v[i].names[j], of[n_names++] = v[i].t.id;
    }
    return topics_of(k->a, list, m, names, of, n_names);
}

bool topics_after(arena *a, topics *t, topic_change *c, topics **out, const char **field, err *e) {
    int64_t id;
    changing k = {.a = a, .all = t, .by = S("nobody"), .field = field, .trying = true};
    make_room(&k);
    if (!topic_check(t, c, field, e) || !apply(&k, c, &id, e)) return false;
    *out = overlay(&k);
    return true;
}

bool topic_intents(ledger *l, arena *a, str by, bool sample, err *e) {
    changing k;
    size_t n;
    int64_t change;
    if (!begin(&k, l, a, by, NULL, e)) return false;
    const topic *all = topics_all(k.all, &n);
    for (size_t i = 0; i < n; i++)
        if (all[i].axis == TOPIC_intent) return true;
    for (int i = 0; i < INTENTS; i++) {
        str phrases[64], name = str_dup(a, str_c(intent_label_name((enum intent)i)));
        if (i == INTENT_other || topics_named(k.all, name)) continue;
        char *s = make(a, char, name.len + 1);
        for (size_t c = 0; c < name.len; c++) s[c] = name.s[c] == '_' ? ' ' : name.s[c];
        buf b = buf_new(a, 1 << 16);
        json_out j = json_to(&b);
        json_open(&j, NULL, '[');
        const size_t m = intent_label_phrases((enum intent)i, phrases, COUNT(phrases));
        for (size_t p = 0; p < m; p++) json_put_str(&j, NULL, phrases[p]);
        json_close(&j, ']');
        const topic t = {.axis = TOPIC_intent,
                         .name = {s, name.len},
                         .about = str_c(intent_label_about((enum intent)i)),
                         .phrases = buf_str(&b),
                         .sample = sample};
        if (!new_topic(&k, &t, e)) return false;
    }
    return finish(&k, TOPIC_add, &change, e);
}

// ---- taking back ----

static bool same(const image *x, const image *y) {
    const topic *p = &x->t, *q = &y->t;
    if (x->there != y->there || !x->there) return x->there == y->there;
    bool ok = p->parent == q->parent && p->into == q->into && p->axis == q->axis && p->state == q->state &&
              p->least == q->least && str_eq(p->name, q->name) && str_eq(p->about, q->about) &&
              str_eq(p->phrases, q->phrases) && x->n_names == y->n_names;
    for (size_t i = 0; ok && i < x->n_names; i++) {
        bool has = false;
        for (size_t j = 0; j < y->n_names; j++) has |= str_eq(x->names[i], y->names[j]);
        ok = has;
    }
    return ok;
}

static bool leaned_on(const changing *k, int64_t id) {
    size_t n;
    const topic *all = topics_all(k->all, &n);
    for (size_t i = 0; i < n; i++) {
        bool ours = false;
        for (size_t j = 0; j < k->n; j++) ours |= k->after[j].t.id == all[i].id;
        if (!ours && (all[i].parent == id || all[i].into == id)) return true;
    }
    return false;
}

static bool take_back(changing *k, const json_t *detail, err *e) {
    size_t i;
    const json_t *v, *before = json_object_get(detail, "before");
    json_array_foreach(json_object_get(detail, "after"), i, v) {
        const image then = read_image(k->a, v), now = image_of(k, then.t.id),
                    was = read_image(k->a, json_array_get(before, i));
        if (!same(&then, &now))
            return fail(e, ERR_conflict, "'%.*s' was changed since; take that back first", STR_ARG(then.t.name));
        image *x = touch(k, then.t.id);
        *x = was;
        x->t.id = then.t.id;
    }
    for (i = 0; i < k->n; i++)
        if (!k->after[i].there && leaned_on(k, k->after[i].t.id))
            return fail(e, ERR_conflict, "other topics stand below '%.*s' by now; move them first",
                        STR_ARG(k->before[i].t.name));
    return true;
}

// A topic that is gone leaves its name to whoever took it since.
static bool names_free(const changing *k, err *e) {
    for (size_t i = 0; i < k->n; i++)
        for (size_t j = 0; k->after[i].there && j < k->after[i].n_names; j++) {
            const int64_t has = topics_named(k->all, k->after[i].names[j]);
            if (has && has != k->after[i].t.id)
                return fail(e, ERR_conflict, "'%.*s' leads to another topic by now", STR_ARG(k->after[i].names[j]));
        }
    return true;
}

bool topic_undo(ledger *l, arena *a, int64_t change_id, str by, int64_t *undo_id, err *e) {
    changing k;
    json_t *detail = NULL;
    str text = S("");
    int64_t undone = -1;
    if (!begin(&k, l, a, by, NULL, e)) return false;
    for (row r = store_query(k.s, Q_topic_change_get, e, "i", change_id); row_next(&r);)
        text = str_dup(a, row_str(&r, 4)), undone = row_int(&r, 5);
    if (!err_ok(e)) return false;
    if (undone < 0)
        return fail(e, ERR_not_found, "there is no change %" PRId64 "; GET /api/topics/changes lists them", change_id);
    if (undone) return fail(e, ERR_conflict, "it was taken back already");
    if (!json_read(text, &detail, e)) return false;
    bool ok = take_back(&k, detail, e) && names_free(&k, e) && finish(&k, TOPIC_undo, undo_id, e) &&
              store_run(k.s, Q_topic_change_undo, NULL, e, "ii", change_id, *undo_id);
    json_decref(detail);
    return ok;
}

bool topic_changes(arena *a, store *s, int64_t below, size_t most, topic_changed **out, size_t *n, err *e) {
    *out = make(a, topic_changed, most + 1), *n = 0;
    for (row r = store_query(s, Q_topic_change_list, e, "ii", below, (int64_t)most); row_next(&r);)
        (*out)[(*n)++] = (topic_changed){.id = row_int(&r, 0),
                                         .at_us = row_int(&r, 1),
                                         .by = str_dup(a, row_str(&r, 2)),
                                         .act = str_dup(a, row_str(&r, 3)),
                                         .detail = str_dup(a, row_str(&r, 4)),
                                         .undone_id = row_int(&r, 5)};
    return err_ok(e);
}
