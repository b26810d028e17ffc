// members: the members of a JSON object as they stand in its text. Values are passed on as they were written, so that
// nothing changes on their way: no number is rounded, no character escaped in another manner.
#ifndef HEED_MEMBERS_H
#define HEED_MEMBERS_H

#include "base/base.h"

typedef struct {
    str name;  // without its quotes, escapes as they stand
    str value; // as it stands
} member;

str members_of(str object);               // what stands between the braces; x itself when there are none
bool member_next(str *rest, member *m);   // takes the next member off; false at the end, or where the text is broken
bool element_next(str *rest, str *value); // the same of a list's inside
str member_text(arena *a, str value);     // of a string; empty for anything else

#endif
