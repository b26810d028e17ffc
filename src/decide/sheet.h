// sheet: what a thing costs and what a customer has had from us, in plain words that can be shown to them. It explains
// a no, or a smaller yes, by the same figures that decided it, and says what is possible instead.
#ifndef HEED_SHEET_H
#define HEED_SHEET_H

#include "base/words.h"
#include "decide/redline.h"

typedef struct {
    str title;
    str *lines; // a sentence each
    size_t n;
} sheet_part;

enum { SHEET_PARTS = 3 };
typedef struct {
    int64_t customer;
    str name;
    str intro;
    sheet_part parts[SHEET_PARTS]; // what it costs, what they have had, what is possible; without lines: nothing to say
    redline_answer says;           // of the ask
    bool asked;
} sheet;

// ask->customer names whom it is for; without an amount it explains a price or, without that, their usual order.
// l: the language it is told in.
must_use bool sheet_read(arena *a, store *s, const concession_ask *ask, const locale *l, int64_t now_us, sheet *out,
                         err *e);
str sheet_text(arena *a, const sheet *x); // for a terminal or a mail

#endif
