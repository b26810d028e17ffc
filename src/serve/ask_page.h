// ask_page: pages for a company's customers: a form to tell us anything, and a question that was sent by mail. Without
// scripts, without cookies, with nothing of ours on them that leads away; what is opened and not sent changes nothing.
#ifndef HEED_ASK_PAGE_H
#define HEED_ASK_PAGE_H

#include "act/ask.h"
#include "base/words.h"
#include "serve/route.h"

typedef struct {
    call *c;
    buf *b;
    locale l;
    const site *x; // NULL: of no site
    str name;      // the site's, for "{name}"
} ask_page;

// In the site's language, else in theirs if they are known (lang), else as page_locale finds it.
ask_page ask_page_of(call *c, const site *x, str lang);
str ask_word(const ask_page *p, enum word w); // with {name} filled in
void ask_page_begin(ask_page *p, enum word title);
void ask_page_end(ask_page *p, int status);
void ask_page_say(ask_page *p, int status, enum word title, enum word text);
void ask_page_words(ask_page *p, enum word w);               // a paragraph
void ask_page_when(ask_page *p, enum word w, int64_t at_us); // the same with {when}

// "I was mistaken" must not cost anybody their words: what was sent stands in the form again.
typedef struct {
    str id, text, mail, mood;
    enum word error; // WORDS_ALL: none
} feedback_form;
void feedback_form_put(ask_page *p, const feedback_form *f);

typedef struct {
    const question *q;
    str token, text;
    int score; // chosen; below the lowest step: none
    enum word error;
    int64_t reply_us; // 0: nothing is promised
    bool preview;     // nothing of it is stored
} question_form;
void question_form_put(ask_page *p, const question_form *f);

str ask_style_text(void);

#endif
