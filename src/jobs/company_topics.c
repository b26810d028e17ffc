#include "jobs/company_topics.h"

#include "act/inbox_reply.h"
#include "know/mood_own.h"
#include "know/settings.h"
#include "know/topic_read.h"
#include "know/voices.h"
#include "sql/know.h"
#include "sql/know_topic.h"

enum { OF_EACH = 3, AT_ONCE = 8, SMALL = 20000 }; // a larger company is for measuring

typedef struct {
    ledger *l;
    store *s;
    arena a;
} making;

// ---- topics ----

static str phrases_of(arena *a, const char *const *v) {
    buf b = buf_new(a, 1 << 16);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (; *v; v++) json_put_str(&j, NULL, str_c(*v));
    json_close(&j, ']');
    return buf_str(&b);
}

typedef struct {
    enum topic_axis axis;
    const char *parent, *name, *called, *about;
    const char *const *phrases;
} topic_row;

static bool add_topic(making *k, const topic_row *x, err *e) {
    int64_t parent = 0, id, made;
    const char *field;
    str called = str_c(x->called);
    if (*x->parent && !topic_named(k->s, str_c(x->parent), &parent, e)) return false;
    topic_change c = {.act = TOPIC_add,
                      .t = {.axis = x->axis,
                            .parent = parent,
                            .name = str_c(x->name),
                            .about = str_c(x->about),
                            .phrases = phrases_of(&k->a, x->phrases),
                            .sample = true},
                      .names = &called,
                      .n_names = called.len > 0,
                      .by = S("sample")};
    err why = {0};
    if (topic_do(k->l, &k->a, &c, &id, &made, &field, &why)) return true;
    if (why.code == ERR_conflict) return true; // somebody has a topic of this name already
    return *e = why, false;
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
static bool add_topics(making *k, err *e) {
    const topic_row rows[] = {
#define TOPIC(axis, parent, name, called, about, ...) {TOPIC_##axis, parent, name, called, about, LIST(__VA_ARGS__)},
#include "jobs/company_topics.def"
    };
    if (!store_begin(k->s, e)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < COUNT(rows); i++) ok = add_topic(k, &rows[i], e);
    ok = ok && topic_intents(k->l, &k->a, S("sample"), true, e) && ledger_commit(k->l, e);
    if (!ok) store_rollback(k->s);
    return ok;
}

// ---- what its people said ----

typedef struct {
    making *k;
    inbox_item v[AT_ONCE];
    size_t n;
} found;

// Single words of the inbox, which are what a person would look at.
static bool take_voice(void *ctx, const voice *v, err *e) {
    found *f = ctx;
    err none = {0};
    (void)e;
    if (f->n < OF_EACH && inbox_get(f->k->s, inbox_id_of(INBOX_voice, v->profile, v->key), &f->v[f->n], &none)) f->n++;
    return f->n < OF_EACH;
}

static bool say(making *k, const sources *all, str name, str words, err *e) {
    found f = {.k = k};
    const inbox_hand h = {.by = S("sample"), .name = S("Kastanie")};
    const inbox_relabel r = {.add = &name, .n_add = 1};
    const voices_ask q = {
        .words = words, .channel = -1, .mood = MOOD_UNKNOWN, .with_words = true, .newest = true, .limit = 40};
    if (!voices_each(k->s, all, &q, take_voice, &f, e) && !err_ok(e)) return false;
    for (size_t i = 0; i < f.n; i++)
        if (!inbox_say_topics(k->l, &k->a, &f.v[i], &r, &h, NULL, e)) return false;
    return true;
}

static bool say_all(making *k, err *e) {
    static const struct {
        str name, words;
    } rows[] = {
#define SAID(topic, words) {S(topic), S(words)},
#include "jobs/company_topics.def"
    };
    sources *all;
    int64_t customers;
    if (!sources_read(&k->a, k->s, &all, e) || !store_int(k->s, Q_summary_count, &customers, 0, e, "")) return false;
    for (size_t i = 0; i < COUNT(rows) && customers <= SMALL; i++)
        if (!say(k, all, rows[i].name, rows[i].words, e)) return false;
    return true;
}

static bool made(making *k, err *e) {
    if (!store_begin(k->s, e)) return false;
    if (settings_put(k->s, "sample_topics", S("made"), e) && ledger_commit(k->l, e)) return true;
    store_rollback(k->s);
    return false;
}

bool company_topics(ledger *l, err *e) {
    making k = {.l = l, .s = ledger_store(l), .a = arena_open((size_t)1 << 30)};
    str was;
    bool ok = settings_get(&k.a, k.s, "sample_topics", &was, e);
    if (ok && !was.len) ok = add_topics(&k, e) && say_all(&k, e) && made(&k, e);
    arena_close(&k.a);
    return ok && ledger_flush(l, e);
}

bool company_topics_forget(store *s, err *e) {
    static const enum query steps[] = {Q_topic_sample_above,        Q_topic_sample_into,      Q_topic_sample_name_drop,
                                       Q_topic_sample_meaning_drop, Q_topic_sample_drop,      Q_topic_sample_model_drop,
                                       Q_topic_sample_change_drop,  Q_topic_sample_audit_drop};
    for (size_t i = 0; i < COUNT(steps); i++)
        if (!store_run(s, steps[i], NULL, e, "")) return false;
    return mood_own_forget(s, e) && topic_suggestions_keep(s, S(""), e) && settings_put(s, "sample_topics", S(""), e) &&
           settings_put(s, "topics_again", S(""), e);
}
