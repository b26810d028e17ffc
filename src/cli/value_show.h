// value_show: what a fit of the value models says, in words, tables and pictures. It reads the report that value_report
// writes, so that a file and the store are told alike.
#ifndef HEED_VALUE_SHOW_H
#define HEED_VALUE_SHOW_H

#include "cli/cli.h"

typedef struct {
    const char *unit; // of time: "week", "opportunity"
    str until;        // "the next 52 weeks"
    int exponent;     // decimals of the money
} value_words;

void value_show_buyers(const cli *c, const json_t *buyers, const value_words *w);
void value_show_contracts(const cli *c, const json_t *report);
void value_show_risk(const cli *c, const json_t *risk);
void value_show_pictures(const cli *c, const json_t *buyers, const value_words *w);
// cumulative.svg, weekly.svg and repeats.svg in a folder, which is made; or FILE.svg, FILE-weekly.svg,
// FILE-repeats.svg.
must_use bool value_write_svg(const cli *c, const json_t *buyers, const value_words *w, str where, err *e);

// Shared by all that draws: one SVG into a file.
must_use bool show_write(const char *path, str text, err *e);
str show_money(arena *a, double minor, const char *code); // without decimals from 100 on
str show_num(arena *a, double v);                         // three digits: "0.425", "4.41", "1,234"

#endif
