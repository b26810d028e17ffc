// topic_filter: whatever asks for words about something follows the taxonomy: a merged or renamed topic finds all its
// words, and those of topics below it.
#ifndef HEED_TOPIC_FILTER_H
#define HEED_TOPIC_FILTER_H

#include "store/store.h"

// Which words are about a topic, by any of its names, what lies below it among them. A name that is no topic finds the
// words of which a source or a person of ours says exactly that.
typedef struct topic_filter topic_filter;
must_use bool topic_filter_new(arena *a, store *s, str name, int64_t since_us, int64_t until_us, topic_filter **out,
                               err *e);
bool topic_filter_has(const topic_filter *f, int64_t profile, int64_t key, str of_source);
// What words are about, by name, as facets count them. Names live as long as the filter.
typedef struct topic_tags topic_tags;
must_use bool topic_tags_new(arena *a, store *s, int64_t since_us, int64_t until_us, topic_tags **out,
                             err *e); // NULL: no topics
size_t topic_tags_of(const topic_tags *x, int64_t profile, int64_t key, str of_source, str *names, size_t most);
// All names by which words are called that are about a topic, or lie below it; the name itself when it is no topic.
must_use bool topic_filter_names(arena *a, store *s, str name, str **out, size_t *n, err *e);

#endif
