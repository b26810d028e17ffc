// label: the labels of a team, learned from few examples: which of them a message gets, how sure that is, and which
// words caused it.
//
// A label begins with its name, a sentence about it and phrases; that is enough for a first guess. Answers of people
// count more with each one. Messages without an answer help too: the learner teaches itself with those of which it is
// sure (self-training, Scudder 1965). What it says of itself is measured on messages held out from it: probabilities
// are scaled (temperature, Guo et al. 2017; for several labels Platt 1999), and a label is given without asking only
// where it was right often enough.
//
// A learner holds messages and answers, and is what people correct. A model is what it has learned: plain bytes that
// decide.
#ifndef HEED_LABEL_H
#define HEED_LABEL_H

#include "text/model.h"

enum { LABELS_MOST = MODEL_MOST };

typedef struct {
    bool several;     // a message may get several labels; else one at most
    size_t embedding; // numbers of an embedding; 0: there are none
    // Embeds the texts of labels. NULL: labels are known by their words only.
    void (*embed)(void *ctx, const str *texts, size_t n, float *out);
    void *ctx;
    bool alone;   // no self-training
    double right; // how often a label that is given without asking should be right; 0: 0.98
    double cost;  // of an answer: larger fits the answers more closely; 0: what serves messages held out best
    int threads;  // 0: 1
} label_options;

typedef struct {
    str name; // "card_arrival": signs count as blanks
    str about;
    const str *phrases; // what people say who mean it
    size_t n_phrases;
} label_text;

// ---- learning ----

typedef struct label_learner label_learner;
typedef struct label_model label_model;

enum label_answer { ANSWER_unknown, ANSWER_yes, ANSWER_no };

label_learner *label_learner_new(label_options o);
void label_learner_free(label_learner *l);
size_t label_define(label_learner *l, label_text t); // returns the label's number, from 0
size_t label_count(const label_learner *l);
str label_defined(const label_learner *l, size_t label); // its name
bool label_several(const label_learner *l);
// A message, with or without answers; embedding NULL: not known. Returns its number, from 0.
size_t label_add(label_learner *l, str text, const float *embedding);
size_t label_messages(const label_learner *l);
// What a person says; the last word counts. Where a message has one label at most, a yes is a no to all others.
// label_done says that nothing but the labels that got a yes fits; without any, that none does. Effective with the next
// label_fit or label_correct.
void label_say(label_learner *l, size_t message, size_t label, enum label_answer answer);
void label_done(label_learner *l, size_t message);
void label_forget(label_learner *l, size_t message); // its words are erased from what is learned with the next fit

// Learns from everything there is. The model belongs to the learner and lives until the next label_fit.
const label_model *label_fit(label_learner *l);
// Learns from what changed since: only the labels concerned, from where they stood. The model changes in place; its
// probabilities keep the scale of the last fit.
const label_model *label_correct(label_learner *l);
// What was learned last; NULL before the first label_fit.
const label_model *label_learned(const label_learner *l);
// The labels that the last label_correct learned anew; all of them after a label_fit. Messages decided before are
// looked at again by label_scan.h.
const uint32_t *label_changed(const label_learner *l, size_t *n);

// The messages without an answer whose answers would teach most: those between two labels, no two alike (Settles 2009,
// margin sampling). Returns how many it found.
size_t label_ask(const label_learner *l, size_t *messages, size_t most);

// ---- deciding ----

typedef struct {
    size_t label;
    float score;
    double sure; // probability
    bool given;  // sure enough to be given without asking
} label_choice;

typedef struct {
    label_choice *v; // labels by falling probability: all that are above 1 %, one at least
    size_t n;
    double known; // how much like messages that have a label, from 0 to 1: below 0.5 none fits
} label_choices;

size_t label_model_count(const label_model *m);
str label_name(const label_model *m, size_t label);
label_choices label_decide(arena *a, const label_model *m, str text, const float *embedding);

// Which words caused a label: parts that sum to its score.
model_reasons label_reasons(arena *a, const label_model *m, size_t label, str text, const float *embedding);

// How good the model is on messages held out from it.
typedef struct {
    size_t messages;    // that had an answer
    double accuracy;    // share right; several: macro-F1
    double error;       // expected calibration error, fifteen bins (Naeini et al. 2015)
    double automatic;   // share given without asking
    double right;       // share of those that is right
    double temperature; // by which scores are divided
} label_quality;
label_quality label_model_quality(const label_model *m);

// Where a message may have several labels: what the messages held out say of one of them. Known after label_fit, and
// not kept with the model.
enum { LABEL_BINS = 20, LABEL_HELD_LEAST = 10 };
typedef struct {
    size_t yes;  // messages held out that have it
    double give; // the lowest probability from which on `right` were right; 2: none is known
    uint32_t at[LABEL_BINS], right_at[LABEL_BINS]; // by probability: how many were decided so, and how many have it
} label_held;
bool label_held_out(const label_model *m, size_t label, label_held *out); // false: not known

void label_write(buf *b, const label_model *m);
must_use bool label_read(arena *a, str bytes, label_model **m, err *e); // ERR_corrupt, ERR_invalid (another version)

// A learner with all it holds: labels, answers, messages as columns and numbers (their texts cannot be read out of
// them), and what it learned last, so that it goes on after a restart without learning anew. What label_forget took
// away is not among it. Some 1 KiB a message. Of the options only embed, ctx and threads are taken from o; the others
// are those of the learner that was written, of which o.embedding must be the same (ERR_invalid).
void label_learner_write(buf *b, const label_learner *l);
bool label_is_learner(str bytes);                                                        // and no model
must_use bool label_learner_read(str bytes, label_options o, label_learner **l, err *e); // as label_read

#endif
