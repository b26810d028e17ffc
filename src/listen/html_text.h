// html_text: what a person would read in a piece of HTML, as plain text.
//
// Blocks and <br> become line ends, table cells a blank apart, images their alt text; scripts, styles, comments and the
// head are left out; entities of HTML 4 and numbers are decoded; white space is folded except in <pre> and <textarea>.
// Markup that is not markup ("a < b") stays text. The result is never longer than the input, is well-formed UTF-8 when
// the input is, has no more than one empty line in a row, and has no white space at its ends.
#ifndef HEED_HTML_TEXT_H
#define HEED_HTML_TEXT_H

#include "base/base.h"

str html_text(arena *a, str html);

// True when text holds a tag or an entity, for fields that may be either.
bool html_looks(str text);

#endif
