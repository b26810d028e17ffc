// text_labels: what `heed text train|label|audit` share: labels out of a column, a learner of them, a model in a file.
#ifndef HEED_TEXT_LABELS_H
#define HEED_TEXT_LABELS_H

#include "cli/text_cmd.h"
#include "text/label.h"

typedef struct {
    text_job *j;
    text_opts o; // the job's, with the label for its second column
    str *names;  // of the labels of the file, in the order of their names
    size_t labels;
    size_t answered;
    bool several;
    int8_t *vectors; // NULL: without an encoder
    label_learner *learner;
    size_t *at;    // of the file's labels in the learner
    size_t before; // messages that it had learned from already
    const label_model *model;
} text_labels;

must_use bool labels_read(text_labels *t, text_job *j, err *e); // texts, what people said, vectors
must_use bool labels_learn(text_labels *t, err *e);             // learner and model; goes on from the one of --model
must_use bool labels_model(text_labels *t, err *e); // the model of --model, or what a learner there has learned
void labels_close(text_labels *t);
int32_t labels_said(const text_labels *t, size_t row); // the first label a person gave, -1 none
label_choices labels_decide(const text_labels *t, arena *a, size_t row);
const float *labels_vector(const text_labels *t, arena *a, size_t row); // NULL without an encoder
void labels_put_counts(json_out *j, const str *names, const int64_t *n, size_t labels);

#endif
