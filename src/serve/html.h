// html: text into HTML, so that no word of anybody becomes a tag.
#ifndef HEED_HTML_H
#define HEED_HTML_H

#include "base/base.h"

// Escaped for text and for attributes in quotes; control characters and marks that turn the direction of writing are
// left out, bytes that are not UTF-8 become U+FFFD.
void html_put(buf *b, str x);
// "…%s…" where every %s takes a str that is escaped: html_fmt(b, "<p>%s</p>", (str[]){name}).
void html_fmt(buf *b, const char *fmt, const str *texts);

#endif
