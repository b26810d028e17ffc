// date_words: dates and times as people say them ("by Friday", "in drei Werktagen", "a finales de mes"), as instants.
//
// What is due on a day is due when that day closes by the calendar; on a day that is not open, at its midnight. A week,
// a month and a year end with their last business day. A weekday is the next one after today. `docs/promises.md` lists
// the conventions, and date_words.def the wordings.
#ifndef HEED_DATE_WORDS_H
#define HEED_DATE_WORDS_H

#include "base/civil.h"
#include "text/token.h"

typedef struct {
    int64_t said_us;
    const zone *z;            // NULL: UTC
    const calendar *calendar; // NULL: Monday to Friday, 9:00 to 17:00 there
    bool month_first;         // of English dates such as 3/12
} date_context;

typedef struct {
    size_t from, to; // tokens
    int64_t due_us;
    int32_t day;    // the civil date it falls on
    bool to_minute; // a time of day or a count of hours was said
} date_words;

// All dates of a sentence that lie ahead, in its order. Those that only say since when, or how often, are left out.
size_t date_words_find(tokens sentence, enum language l, const date_context *ctx, date_words *out, size_t max);

#endif
