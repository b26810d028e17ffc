// topic: what the team calls the things that customers speak of (what), why they speak of them (why), and what they
// want (intent): a taxonomy that people make, and that is learned from what they answer.
//
// Which words are about which topic is learned (text/label.h) from the topic's name, sentence and phrases, from what
// sources say, and from what people of ours say (events of kind labelled). What a person says stands; what is learned
// is given only from the chance on at which it was right often enough. Every change of the taxonomy is a version that
// can be looked at beforehand and taken back; a topic that is renamed or merged keeps its answers.
#ifndef HEED_TOPIC_H
#define HEED_TOPIC_H

#include "know/meaning.h"
#include "text/label.h"

enum topic_axis { TOPIC_what = 1, TOPIC_why, TOPIC_intent };
const char *topic_axis_name(enum topic_axis x);
bool topic_axis_of(str name, enum topic_axis *out);
enum topic_state { TOPIC_used = 1, TOPIC_archived, TOPIC_merged };
enum topic_how { TOPIC_learned = 1, TOPIC_source, TOPIC_said, TOPIC_unsure };

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

must_use bool topic_list(arena *a, store *s, topic **out, size_t *n, err *e); // by axis, parent and name
must_use bool topic_get(arena *a, store *s, int64_t id, topic *out, err *e);
must_use bool topic_named(store *s, str name, int64_t *id, err *e); // by any name it ever had; 0: none

// ---- changing the taxonomy: inside a transaction of the writer ----

enum topic_act { TOPIC_add, TOPIC_edit, TOPIC_merge, TOPIC_split, TOPIC_archive, TOPIC_restore };
typedef struct {
    enum topic_act act;
    topic t;            // add, edit: the whole row; else its id
    int64_t into;       // merge
    const topic *parts; // split: the new topics, learned from their phrases and from the answers of the old one
    size_t n_parts;
    int64_t version; // of the row as it was seen; 0: any
    str by;
} topic_change;
must_use bool topic_do(ledger *l, const topic_change *c, int64_t *change_id, err *e);
must_use bool topic_undo(ledger *l, int64_t change_id, str by, err *e); // ERR_conflict when later ones rest on it

#endif
