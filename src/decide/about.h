// about: a theme or a topic, by which everything that is said is counted.
#ifndef HEED_ABOUT_H
#define HEED_ABOUT_H

#include "base/json.h"
#include "know/themes.h"
#include "know/topic.h"

enum about_kind { ABOUT_theme = 1, ABOUT_topic };
const char *about_kind_name(enum about_kind k); // "theme", "topic"
bool about_kind_of(str name, enum about_kind *out);

// What there is to be named, read once.
typedef struct {
    theme_row *themes;
    size_t n_themes;
    topics *topics;
} abouts;
must_use bool abouts_read(arena *a, store *s, abouts *out, err *e);
str about_name(const abouts *x, enum about_kind k, int64_t id); // of what is gone: empty
str about_evidence(arena *a, enum about_kind k, int64_t id);    // "theme:17", which evidence.h lists the rows by
void about_json(json_out *j, const char *key, const abouts *x, enum about_kind k, int64_t id);
// The newest words about it; empty: there are none.
must_use bool about_example(arena *a, store *s, const abouts *x, enum about_kind k, int64_t id, str *out, err *e);

#endif
