// What heed theme and heed priority share: pictures of figures in a line, and who a command is about.
#ifndef HEED_THEME_CMD_H
#define HEED_THEME_CMD_H

#include "cli/care_cmd.h"
#include "decide/theme_view.h"

typedef struct {
    bool anew, far, all;
    int64_t limit;
    str state, topic, name, about, order, of, decided_by, why, dissent;
} theme_opts;

str theme_spark(arena *a, const int64_t *v, size_t n); // "▁▂▅█": the largest is the highest
// A range as a line with its value in it, on a scale from 0 to `most`: "  ├──●─────┤". Empty when there is no number.
str theme_range(arena *a, const estimate *x, double most, int width);
str theme_number(arena *a, const estimate *x, const char *unit); // "12", "34 %" for the unit "%", "1.6 ×"; "-": none
size_t theme_weeks(const priority_row *r, int64_t weeks[TALKED_DAYS / 7]);   // how many there are
bool theme_about(const care *k, enum about_kind *kind, int64_t *id, err *e); // "17", "theme:17", "topic:4"

must_use bool theme_show_run(care *k, err *e);
must_use bool theme_hints_run(care *k, err *e);
must_use bool theme_said_run(care *k, err *e);
must_use bool theme_say_run(care *k, err *e); // all verbs by which people say something
must_use bool theme_say_say(care *k, err *e);

#endif
