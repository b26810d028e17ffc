// sheet_page: a sheet of cost and value as HTML, to be shown or printed.
#ifndef HEED_SHEET_PAGE_H
#define HEED_SHEET_PAGE_H

#include "decide/sheet.h"
#include "serve/html.h"

void sheet_html(buf *b, const sheet *x); // without head and body

#endif
