// letter: what of a message is its matter. "Hello," and "Thanks, Grace" are said whatever the matter is, and would make
// a complaint sound friendly.
#ifndef HEED_TEXT_LETTER_H
#define HEED_TEXT_LETTER_H

#include "base/base.h"

// The text without the greeting that stands in a paragraph or line of its own before it, and without the few words that
// close it in paragraphs of their own. A part of the text given; all of it where nothing else would be left.
str letter_matter(str text);

#endif
