// survey: what survey exports share: which column asks what, and how one row of answers becomes events.
//
// A score gives an answer event; words that follow a score explain it and become its text; what was ticked goes into
// the extra of the row's first event.
#ifndef HEED_SURVEY_H
#define HEED_SURVEY_H

#include "listen/sheet.h"

typedef struct {
    int column;
    str asked;                  // as the header has it
    str title;                  // as the mapping and the events' topic name it
    str base;                   // of the boxes to tick of one question: what was asked
    str ref;                    // the column in event keys
    enum instrument instrument; // a score on this scale
    bool words;                 // free text; neither: something chosen
} question;

typedef struct {
    question *all;
    int n;
} survey;

// Adds a column that asks something; hint: what the export itself says of it ("Open-Ended Response"), or empty.
// Columns must be added in their order. first_row: the first row of the look that holds answers.
void survey_add(reading *r, const glance *g, survey *s, int column, str title, str base, str hint, int first_row);
// After the last: takes over what the mapping says ({"title": "nps" | "text" | "choice" | "skip"}), fills how->mapping.
// "customer" in the mapping is the title of the column with our own customer number; the adapter knows it.
must_use bool survey_ready(reading *r, survey *s, heard_as *how, err *e);
// The events of the row at hand. like has time and identity; id names the response ("118765432101").
void survey_say(reading *r, const survey *s, const event *like, str id);

#endif
