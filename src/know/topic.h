// topic: what the team calls the things that customers speak of (what), why they speak of them (why), and what they
// want (intent): a taxonomy that people make, and that is learned from what they answer.
//
// Which words are about which topic is learned (text/label.h) from the topic's name, sentence and phrases, from what
// sources say, and from what people of ours say (events of kind labelled). What a person says stands; what is learned
// is given only from the chance on at which it was right often enough. Every change of the taxonomy can be looked at
// beforehand (topic_try.h) and taken back; a topic that is renamed or merged keeps its answers.
//
// Rows of meaning_topic are never rewritten when topics are merged: who reads them asks topics_now for which topic a
// row stands today. So taking a merge back is nothing but taking the change of the topic back.
#ifndef HEED_TOPIC_H
#define HEED_TOPIC_H

#include "base/map64.h"
#include "know/meaning.h"
#include "text/label.h"

enum topic_axis { TOPIC_what = 1, TOPIC_why, TOPIC_intent, TOPIC_AXES };
const char *topic_axis_name(enum topic_axis x);
bool topic_axis_of(str name, enum topic_axis *out);
enum topic_state { TOPIC_used = 1, TOPIC_archived, TOPIC_merged };
const char *topic_state_name(enum topic_state s);
// Below TOPIC_unsure: the topic is given. unsure: a person should look. denied: a person said that it is not about it.
enum topic_how { TOPIC_learned = 1, TOPIC_source, TOPIC_said, TOPIC_unsure, TOPIC_denied };
const char *topic_how_name(enum topic_how h);

typedef struct {
    int64_t id, parent, into;
    enum topic_axis axis;
    enum topic_state state;
    str name, about;
    str phrases; // JSON list
    int least;   // thousandths; 0: as learned
    bool sample;
    int64_t made_us, version;
    str by;
} topic;

// ---- the whole taxonomy, in memory ----

typedef struct topics topics;
must_use bool topics_read(arena *a, store *s, topics **out, err *e);
const topic *topics_all(const topics *t, size_t *n);    // by axis, parent, name; archived and merged ones too
const topic *topics_by_id(const topics *t, int64_t id); // NULL: none
const topic *topics_now(const topics *t, int64_t id);   // what it stands for today; NULL: archived, or none
int64_t topics_named(const topics *t, str name);        // by any name it ever had, however written; 0: none
size_t topics_names(arena *a, const topics *t, int64_t id, str **names); // every name that leads to it
bool topics_under(const topics *t, int64_t id, int64_t root); // it is root, or lies below it, or was merged into such
// Everything whose rows count for it: itself, what was merged into it, and with `below` what lies below.
size_t topics_family(arena *a, const topics *t, int64_t id, bool below, int64_t **ids);
size_t topics_used(const topics *t); // how many are in use

must_use bool topic_list(arena *a, store *s, topic **out, size_t *n, err *e); // by axis, parent and name
must_use bool topic_get(arena *a, store *s, int64_t id, topic *out, err *e);  // ERR_not_found
must_use bool topic_named(store *s, str name, int64_t *id, err *e);           // by any name it ever had; 0: none

// ---- changing the taxonomy: inside a transaction of the writer ----

enum {
    TOPIC_NAME_MOST = 60,
    TOPIC_ABOUT_MOST = 300,
    TOPIC_PHRASES_MOST = 100,
    TOPIC_PHRASE_MOST = 300,
    TOPICS_MOST = 600,
    TOPIC_PARTS_MOST = 20
};
enum topic_act {
    TOPIC_add,
    TOPIC_edit,
    TOPIC_merge,
    TOPIC_split,
    TOPIC_archive,
    TOPIC_restore,
    TOPIC_undo,
    TOPIC_ACTS
};
const char *topic_act_name(enum topic_act x);
typedef struct {
    enum topic_act act;
    topic t;          // add, edit: the whole row; else its id
    const str *names; // add: what sources and people called it until now
    size_t n_names;
    int64_t into;       // merge
    const topic *parts; // split: the new topics, which come below it: learned from their phrases, and from answers
    size_t n_parts;
    int64_t version; // of the row as it was seen; 0: any
    str by;
} topic_change;
// Is it possible? field, where not NULL: what is wrong with it. The row's missing texts are filled in.
must_use bool topic_check(const topics *t, topic_change *c, const char **field, err *e);
// *id: of the topic that was made or changed.
must_use bool topic_do(ledger *l, arena *a, topic_change *c, int64_t *id, int64_t *change_id, const char **field,
                       err *e);
must_use bool topic_undo(ledger *l, arena *a, int64_t change_id, str by, int64_t *undo_id,
                         err *e); // ERR_conflict when later ones rest on it

// The first topics: those of intents (text/intent.h) come with the first that a person makes.
must_use bool topic_intents(ledger *l, arena *a, str by, bool sample, err *e);

// What was changed, the newest first.
typedef struct {
    int64_t id, at_us, undone_id;
    str by, act, detail; // detail: {"before":[…],"after":[…]}
} topic_changed;
must_use bool topic_changes(arena *a, store *s, int64_t below, size_t most, topic_changed **out, size_t *n, err *e);

// Names that sources and people of ours use and that are no topic yet, with how many customers and messages.
typedef struct {
    str name;
    int64_t people, messages;
    bool said; // by people of ours, else by sources
} topic_begin;
must_use bool topic_suggestions(arena *a, store *s, const topics *t, int64_t now_us, topic_begin **out, size_t *n,
                                err *e);
// Where much was said, what sources call things is counted once an hour and kept (in a transaction).
must_use bool topic_suggestions_due(arena *a, store *s, int64_t now_us, bool *due, err *e);
must_use bool topic_suggestions_count(arena *a, store *s, int64_t now_us, str *out, err *e);
must_use bool topic_suggestions_keep(store *s, str counted, err *e); // empty: it is forgotten

must_use bool topic_erase(store *s, int64_t profile, err *e);
// Phrases may be what customers said: as much of their words as a topic that was a theme is given. gone: hashes of the
// words of somebody who is erased; they leave the topics and the history of their changes.
str topic_phrase_of(str words);
int64_t topic_phrase_hash(str words);
must_use bool topic_unsay(store *s, const map64 *gone, err *e);
must_use bool topic_forget(store *s, int64_t profile, int64_t key, err *e); // the words are gone

#endif
