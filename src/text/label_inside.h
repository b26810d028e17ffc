// label_inside: what the files of the label model share.
#ifndef HEED_LABEL_INSIDE_H
#define HEED_LABEL_INSIDE_H

#include "text/label.h"
#include "text/list.h"
#include "text/waves.h"

// Numbers that are no embedding of heed's count so much more than the words or the letters do (measured,
// docs/text-labels.md). An embedding of heed's is learned from as waves.
#define LABEL_EMBEDDING 1.5f

typedef struct {
    float scale, shift; // several: probability = 1 / (1 + exp(-(scale score + shift)))
    float least;        // probability from which a label is given
} label_cut;

struct label_model {
    bool several;
    bool waves; // what is dense are waves of an embedding
    size_t labels;
    str *names;
    model m;
    float temperature;
    float known_scale, known_shift; // of the best score, to how likely any label fits
    float given;                    // one label: probability from which it is given
    label_cut *cuts;                // several: one for each label
    label_held *held;               // several: the same; NULL once it was kept
    label_quality quality;
    char *memory;
};

typedef struct {
    uint32_t message;
    uint16_t label; // LABELS_MOST: all that got no yes
    uint8_t answer;
} label_record;

typedef struct {
    str name;
    size_t first_row; // of its definition
} defined;

struct label_learner {
    label_options o;
    double cost; // of an answer, as the last fit chose it
    arena a;     // names
    model_rows *rows;
    list labels;  // defined
    list meaning; // int32_t for each row: the label it defines, or -1 for a message
    list places;  // with waves, for each row: the bytes of its embedding
    list message; // uint32_t: the row of each message
    list records; // label_record
    // What was learned last.
    arena fit, duals;
    size_t fit_rows, fit_labels, fit_records, stride;
    gram_index index;
    float *dual; // fit_labels × fit_rows
    float *w;
    int32_t *taught; // for each row what it was taught as by the learner itself, -1 nothing
    label_model model;
    list changed; // uint32_t: labels that were learned anew last
};

size_t label_room(const label_learner *l, size_t more); // bytes for a fit
// Weights as the dual values of the last fit leave them.
void label_learn_weights(label_learner *l);

// An embedding of so many numbers is learned from as waves.
static inline bool label_waves(size_t embedding) {
    return embedding == EMBEDDING;
}
static inline size_t label_dense(size_t embedding) {
    return label_waves(embedding) ? WAVES : embedding;
}
// A row with its dense numbers; with waves they follow from the bytes of its embedding (zeros: it has none). Returns
// its number.
size_t label_add_row(label_learner *l, model_input in, const int8_t *bytes, int32_t meaning);
void label_waves_of(const int8_t *bytes, float *out);
// What a model is asked by.
const float *label_scaled(arena *a, const label_model *m, const float *embedding);

// Scores of all labels for messages held out, and what people said of them.
typedef struct {
    size_t n, labels, stride;
    const float *scores; // n × stride
    const int8_t *truth; // n × labels: 1, -1, 0 not known
    double right;        // how often what is given without asking should be right
} label_evidence;

// Scales, thresholds and the quality, from scores of messages held out.
void label_tune(arena scratch, label_model *m, const label_evidence *ev);

// Probabilities of one label at most, in place.
void label_softmax(float *scores, size_t n, float temperature);

#endif
