// page: the few pages that the server writes itself, without scripts: signing in, one's account, the start.
//
//     buf *b = page_begin(c, page_word(c, WORD_server_signin), PAGE_CARD);
//     html_fmt(b, "<p>%s</p>", (str[]){page_with(c, WORD_server_welcome_name, PLACES({"name", c->who.name}))});
//     page_end(c, b, 200);
//
// Words come from the catalogue (base/words.h), in the language of whoever reads. What is written goes between <main>
// and </main>. Nothing on a page comes from another place, and the browser is told
// so: no script, no frame, no form that goes elsewhere.
#ifndef HEED_SERVE_PAGE_H
#define HEED_SERVE_PAGE_H

#include "serve/html.h"
#include "serve/route.h"

// What they chose (?lang=de), else what was said to be theirs, else what they chose before (a cookie that the web app
// has, too), else the browser's, else that of most in the company's country, else English.
const locale *page_locale(call *c);
void page_speaks(call *c, str lang); // says what is theirs, such as a customer's "de"; before the first word
void page_in_english(call *c);       // what it says there is in no other language
str page_word(call *c, enum word w);
str page_with(call *c, enum word w, const word_place *places);
str page_count(call *c, enum word w, int64_t n);

enum page_look { PAGE_WIDE, PAGE_CARD }; // a card: one form in the middle

buf *page_begin(call *c, str title, enum page_look look);
buf *page_begin_bare(call *c, str title); // a card without anything of ours around it, for customers
void page_end(call *c, buf *b, int status);
// A page that says one thing; link: where to go on, or empty.
void page_say(call *c, int status, str title, str text, str link, str link_text);
// What is wrong, for whoever sent a form: in their language, and beside it what was the matter in ours.
void page_problem(call *c, const err *e);
void page_wrong(call *c, const err *e, str link, str link_text); // the same, and where to go on
void page_redirect(call *c, str path);                           // 303: the answer to a form

// Forms. The session's token is in every one of somebody who is signed in.
void page_form(buf *b, const call *c, str action);
typedef struct {
    const char *name, *type; // type: NULL is text
    str label, value, hint;
    const char *autocomplete;
    bool optional;
} page_field_opts;
void page_field(buf *b, page_field_opts f);
void page_button(buf *b, str text, bool danger);
void page_form_end(buf *b);
void page_error(buf *b, str text); // nothing when empty
void page_good(buf *b, str text);

// The headers that keep a page to itself, as page_end sets them, under another Content-Security-Policy.
void page_headers_of(response *r, str policy);

#endif
