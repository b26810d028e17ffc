// text_themes: what the parts of `heed text themes` share.
#ifndef HEED_TEXT_THEMES_H
#define HEED_TEXT_THEMES_H

#include "cli/text_cmd.h"
#include "text/theme.h"

enum { THEME_SPANS = 12, THEME_QUOTES = 3 };

typedef struct {
    theme_quote quotes[THEME_QUOTES];
    size_t n_quotes;
    double span[THEME_SPANS]; // people in each span of time
} text_theme;

typedef struct {
    text_job *j;
    theme_text *x;
    theme_mark *marks;
    themes t;
    text_theme *of;
    bool kept;      // themes of before were there
    bool by_people; // --who: counts are people, else texts
    size_t voices, far;
    int64_t from_us, to_us; // of spans; equal: no times
} text_themes_found;

void text_themes_show(const text_themes_found *f);
void text_themes_json(const text_themes_found *f);
void text_themes_svg(const text_themes_found *f, buf *b);

#endif
