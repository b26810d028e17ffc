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

size_t intent_label_phrases(enum intent i, str *out, size_t most) {
    size_t n = 0;
    for (const row *p = row_of(i) + 1; p < rows + COUNT(rows) && !p->name && n < most; p++) out[n++] = str_c(p->phrase);
    return n;
}

size_t intent_define(label_learner *l) {
    const size_t first = label_count(l);
    for (int i = 0; i < INTENTS; i++) {
        str phrases[64];
        const size_t n = intent_label_phrases((enum intent)i, phrases, COUNT(phrases));
        label_define(l, (label_text){str_c(intent_label_name((enum intent)i)),
                                     str_c(intent_label_about((enum intent)i)), phrases, n});
    }
    return first;
}
