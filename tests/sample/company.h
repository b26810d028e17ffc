// company: one run of the sample company, kept in memory for tests, with its truth parsed.
#ifndef HEED_TEST_COMPANY_H
#define HEED_TEST_COMPANY_H

#include "base/json.h"

#include "test.h"

#include "base/civil.h"
#include "base/map64.h"
#include "sample/sample.h"

#define COMPANY_NOW_US (20498 * DAY_US) // 2026-02-14

typedef struct {
    char role; // 's'hop, 'c'afé, 'w'holesale; 0 unknown
    char lang; // second letter of the code: 'e' German, 'n' English, 's' Spanish
    bool never_top, abuser, asked, top;
    int64_t since_us, left_us;
    char left_why;         // 'o'wn, 'l'ate, 'p'rice; 0 not
    int64_t head;          // household, -1 none
    int32_t orders;        // in the shop
    int32_t orders_before; // the carrier's breakdown
    int32_t returns, marks;
    int64_t first_value, last_order_us;
} one;

// What tests need of an event.
typedef struct {
    int64_t at_us, value, key;
    int32_t who, unit, text; // person or -1; what the truth says of the text, or -1
    uint8_t kind, channel;
    char source; // its first letter; reviews are 'r', helpdesk 'h', shop 's', survey 'v', …
} seen_event;

typedef struct {
    char topic[24];
    int mood;
    char lang;
    int32_t who;
} label;

typedef struct {
    arena a;
    sample_opts o;
    one *people;
    map64 by_id, texts; // identifier and text key to person and label
    seen_event *events;
    label *labels;
    int64_t n_events, n_labels, n_staff, n_models, doubled_labels, clashes;
    int64_t from_us[3], until_us[3];
    int n_episodes;
} company;

static inline int64_t id_key(str x) {
    return (int64_t)(str_hash(x) >> 1);
}
static inline int64_t text_key(char source, str ext) {
    return (int64_t)(str_hash2((uint64_t)source, ext) >> 1);
}

static inline char source_letter(str name) {
    return str_eq(name, S("survey")) ? 'v' : str_eq(name, S("subscriptions")) ? 'b' : name.s[0];
}

static inline bool keep_event(void *ctx, str source, enum channel channel, const event *ev, err *e) {
    (void)channel, (void)e;
    company *c = ctx;
    seen_event *s = &c->events[c->n_events++];
    *s = (seen_event){.at_us = ev->at_us,
                      .value = ev->value,
                      .unit = ev->unit,
                      .kind = (uint8_t)ev->kind,
                      .channel = (uint8_t)ev->channel,
                      .source = source_letter(source),
                      .who = -1,
                      .text = -1};
    s->key = ev->text.len ? text_key(s->source, ev->ext) : 0;
    if (ev->n_ids) s->who = map64_get(&c->by_id, id_key(ev->ids[0].value));
    return true;
}

static inline int64_t time_at(const json_t *v, const char *key) {
    int64_t at = 0;
    str x = json_at(v, key);
    if (x.len) assert_true(time_parse(x, NULL, 0, &at));
    return at;
}

// Two people of one identifier must be of one household.
static inline void claim(company *c, int32_t who, str id) {
    if (!id.len) return;
    bool made;
    int32_t owner = *map64_at(&c->by_id, id_key(id), who, &made);
    if (owner != who && c->people[who].head != owner && c->people[owner].head != c->people[who].head) c->clashes++;
}

static inline void keep_person(company *c, const json_t *v) {
    static const char *const ids[] = {"user_id", "stripe_id", "pay_email",  "hubspot_id",
                                      "card",    "email",     "help_email", "phone"};
    int32_t who = (int32_t)json_integer_value(json_object_get(v, "person"));
    one *p = &c->people[who];
    const json_t *head = json_object_get(v, "household_of");
    *p = (one){.role = json_at(v, "role").s[0],
               .lang = json_at(v, "lang").s[1],
               .since_us = time_at(v, "since"),
               .never_top = json_object_get(v, "never_top"),
               .abuser = json_object_get(v, "abuser"),
               .head = head ? json_integer_value(head) : -1};
    for (size_t i = 0; i < COUNT(ids); i++) claim(c, who, json_at(v, ids[i]));
}

static inline void keep_label(company *c, const json_t *v) {
    label *l = &c->labels[c->n_labels];
    str topic = json_at(v, "topic");
    *l = (label){.mood = (int)json_integer_value(json_object_get(v, "mood")),
                 .lang = json_at(v, "lang").s[1],
                 .who = (int32_t)json_integer_value(json_object_get(v, "person"))};
    memcpy(l->topic, topic.s, topic.len);
    bool made;
    map64_at(&c->texts, text_key(source_letter(json_at(v, "source")), json_at(v, "ext")), (int32_t)c->n_labels++,
             &made);
    c->doubled_labels += !made;
}

static inline void keep_left(company *c, const json_t *v) {
    one *p = &c->people[json_integer_value(json_object_get(v, "person"))];
    if (!str_eq(json_at(v, "process"), S("shop"))) return;
    p->left_us = time_at(v, "at");
    p->left_why = json_at(v, "cause").s[0];
}

static inline bool keep_truth(void *ctx, str line, err *e) {
    company *c = ctx;
    json_t *v;
    if (!json_read(line, &v, e)) return false;
    str what = json_at(v, "truth");
    if (str_eq(what, S("person"))) keep_person(c, v);
    if (str_eq(what, S("text"))) keep_label(c, v);
    if (str_eq(what, S("left"))) keep_left(c, v);
    if (str_eq(what, S("staff"))) c->n_staff++;
    if (str_eq(what, S("model"))) c->n_models++;
    if (str_eq(what, S("episode"))) {
        c->from_us[c->n_episodes] = time_at(v, "from");
        c->until_us[c->n_episodes++] = time_at(v, "until");
    }
    json_decref(v);
    return true;
}

static inline void fold(company *c, const seen_event *s) {
    if (s->who < 0) return;
    one *p = &c->people[s->who];
    if (s->source == 's' && s->kind == KIND_order) {
        if (!p->orders++) p->first_value = s->value;
        p->orders_before += s->at_us < c->from_us[0];
        p->last_order_us = s->at_us;
    }
    if (s->kind == KIND_return_) p->returns++;
    if (s->kind == KIND_answer) {
        int lo, hi;
        assert_true(instrument_range((enum instrument)s->unit, &lo, &hi));
        p->marks++;
        p->top = p->top || s->value == hi * 100;
    }
}

static inline company *company_run(int64_t customers, int years, uint64_t seed) {
    arena a = arena_open((size_t)4 << 30);
    company *c = make(&a, company, 1);
    c->o = (sample_opts){.customers = customers, .years = years, .seed = seed, .now_us = COMPANY_NOW_US};
    c->people = make(&a, one, customers);
    c->by_id = map64_new(&a, (size_t)customers * 4);
    c->texts = map64_new(&a, (size_t)customers * 2);
    c->events = make(&a, seen_event, customers * 40);
    c->labels = make(&a, label, customers * 4);
    c->a = a;
    arena scratch = arena_open(sample_memory(&c->o) + (1 << 20));
    sample_sink to = {.event = keep_event, .truth = keep_truth, .ctx = c};
    err e = {0};
    assert_ok(sample_run(scratch, &c->o, &to, &e), e);
    arena_close(&scratch);
    for (int64_t i = 0; i < c->n_events; i++) {
        if (c->events[i].key) c->events[i].text = map64_get(&c->texts, c->events[i].key);
        fold(c, &c->events[i]);
    }
    return c;
}

#endif
