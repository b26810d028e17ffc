#include <math.h>

#include "text/mood_inside.h"

static const char *const feelings[] = {
#define FEELING(name, sign, about) #name,
#include "text/mood_feelings.def"
};
static const int signs[] = {
#define FEELING(name, sign, about) sign,
#include "text/mood_feelings.def"
};

const char *mood_feeling_name(enum mood_feeling f) {
    return feelings[f];
}

int mood_feeling_sign(enum mood_feeling f) {
    return signs[f];
}

const char *mood_class_name(enum mood_class c) {
    static const char *const names[] = {"bad", "neither", "good"};
    return names[c];
}

mood *mood_open(arena *a, const pack *p) {
    mood *m = make(a, mood, 1);
    (void)pack_words_of(p, S("lexicon.vader"), &m->vader);
    (void)pack_words_of(p, S("lexicon.en"), &m->other[LANG_en]);
    (void)pack_words_of(p, S("lexicon.de"), &m->other[LANG_de]);
    (void)pack_words_of(p, S("lexicon.es"), &m->other[LANG_es]);
    return m;
}

void mood_inputs(const mood *m, arena scratch, str text, const float *embedding, enum language l, float *out) {
    const mood_pieces p = mood_cut(&scratch, m, text, l);
    memset(out, 0, MOOD_INPUTS * sizeof *out);
    if (embedding) memcpy(out, embedding, EMBEDDING * sizeof *out);
    mood_words_numbers(&p, out + EMBEDDING);
}
