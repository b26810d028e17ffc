#include "text/intent.h"

typedef struct {
    const char *name, *about; // of an intent; NULL: a phrase of the one before
    const char *phrase;
} row;

static const row rows[] = {
#define INTENT(name, about)     {#name, about, NULL},
#define PHRASE(language, words) {NULL, NULL, words},
#include "text/intents.def"
};

static const row *row_of(enum intent i) {
    const row *r = rows;
    for (int n = -1; r < rows + COUNT(rows); r++)
        if (r->name && ++n == (int)i) break;
    return r;
}

const char *intent_label_name(enum intent i) {
    return row_of(i)->name;
}

const char *intent_label_about(enum intent i) {
    return row_of(i)->about;
}

size_t intent_define(label_learner *l) {
    const size_t first = label_count(l);
    for (int i = 0; i < INTENTS; i++) {
        const row *r = row_of((enum intent)i);
        str phrases[64];
        size_t n = 0;
        for (const row *p = r + 1; p < rows + COUNT(rows) && !p->name && n < COUNT(phrases); p++)
            phrases[n++] = str_c(p->phrase);
        label_define(l, (label_text){str_c(r->name), str_c(r->about), phrases, n});
    }
    return first;
}
