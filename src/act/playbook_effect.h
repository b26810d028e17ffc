// playbook_effect: what a playbook changed: the outcome of those who went through it beside that of those who were left
// alone by chance.
//
// Everybody counts in the arm that the draw gave them, whether or not the gate let a message out (intention to treat),
// and only once their whole time has passed. Because people look every day, the interval of the difference is one that
// holds however often they look (stats/confseq.h).
#ifndef HEED_PLAYBOOK_EFFECT_H
#define HEED_PLAYBOOK_EFFECT_H

#include "act/playbook.h"
#include "stats/estimate.h"
#include "stats/uplift.h"

enum { EFFECT_POINTS = 5, EFFECT_MOST = 200000 }; // hundredths of a difference worth knowing; runs looked at

typedef struct {
    int64_t runs, ripe, hits; // ripe: their time has passed
    estimate share;           // of hits among the ripe, Wilson
} effect_arm;

typedef struct {
    enum play_outcome outcome;
    int32_t days;
    effect_arm treated, held;
    change effect;   // treated less held out, to be looked at any time; method NULL: it cannot be told
    change planned;  // the same by Newcombe's interval: right for one look at a size that was fixed before
    bool sure;       // the interval that holds at all times leaves 0 out
    int64_t needed;  // so many ripe ones in all to tell EFFECT_POINTS apart with 80 %; 0: they are there
    const char *why; // NULL, or why it cannot be told
    uplift who;      // whom it helps; its state says whether there is enough
} playbook_effect;

must_use bool playbook_effect_read(arena *a, store *s, const playbook_row *p, const play *d, int64_t now_us,
                                   playbook_effect *out, err *e);
// Of a million so many held out, one arm's share, a difference worth knowing: how many in all.
int64_t effect_needs(double hold, double share, double difference);
void playbook_effect_json(json_out *j, const char *key, const playbook_effect *x);

#endif
