// picture: lines and bars, drawn with characters for a terminal and as SVG for everything else.
//
// Two things are told apart by their mark and their name, never by colour alone. The SVG stands alone: no script, no
// font, no address of others; it follows light and dark.
#ifndef HEED_PICTURE_H
#define HEED_PICTURE_H

#include "cli/term.h"

enum { PICTURE_LINES = 4 };

typedef struct {
    const char *name;
    const double *y;       // [n], NAN where there is nothing
    const double *lo, *hi; // a band around it, or NULL
} picture_line;

typedef struct {
    const char *title, *x_name, *y_name;
    double x0, step; // x of the first value, and from one to the next
    size_t n;
    picture_line lines[PICTURE_LINES];
    int n_lines;
    const char *const *labels; // of bars, n of them; NULL: lines
} picture;

void picture_text(arena scratch, const term *t, const picture *p);
void picture_svg(buf *b, const picture *p);

#endif
