// What the files of the topics' API share.
#ifndef HEED_API_TOPICS_H
#define HEED_API_TOPICS_H

#include "know/figure.h"
#include "know/topic_read.h"
#include "serve/api_customers.h"
#include "serve/handlers.h"

must_use bool in_topic(call *c, const topics *t, const topic **out, err *e); // of the path
must_use bool in_axis(call *c, enum topic_axis otherwise, enum topic_axis *out, err *e);
must_use bool in_days(call *c, int64_t otherwise, int64_t *since_us, err *e);
void put_topic(call *c, const char *key, const topics *t, const topic *x, int64_t change); // change 0: none
void put_topic_figures(json_out *j, const char *key, const topic_figures *f);
void put_topic_quality(json_out *j, const char *key, const topic_quality *q);
void put_topic_felt(json_out *j, const char *key, bool has, int felt); // null when it cannot be told
must_use bool in_topic_proposal(call *c, const topics *t, topic_change *x, err *e);
void put_id_or_null(json_out *j, const char *key, int64_t id);
str words_cut(str words, size_t most); // at the border of a character

#endif
