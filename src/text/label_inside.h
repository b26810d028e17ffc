// label_inside: what the files of the label model share.
#ifndef HEED_LABEL_INSIDE_H
#define HEED_LABEL_INSIDE_H

#include "text/label.h"
#include "text/list.h"

typedef struct {
    float scale, shift; // several: probability = 1 / (1 + exp(-(scale score + shift)))
    float least;        // probability from which a label is given
} label_cut;

struct label_model {
    bool several;
    size_t labels;
    str *names;
    model m;
    float temperature;
    float known_scale, known_shift; // of the best score, to how likely any label fits
    float given;                    // one label: probability from which it is given
    label_cut *cuts;                // several: one for each label
    label_quality quality;
    char *memory;
};

typedef struct {
    uint32_t message;
    uint16_t label; // LABELS_MOST: all that got no yes
    uint8_t answer;
} label_record;

// What a row is taught as: scores of all labels for rows, and what people said of them.
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
