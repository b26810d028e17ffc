// assets: the files of the web app, which the program carries within itself (web/build.mjs makes the list).
#ifndef HEED_ASSETS_H
#define HEED_ASSETS_H

#include "serve/route.h"

typedef struct {
    const char *path; // "main-4f2a.js"; pages are "index.en.html", one for each language
    const char *type, *etag;
    const char *begin, *end; // packed with gzip, but for pages, which are filled in when they are asked for
} asset;

// Ends with a row without a path. Programs that are linked without the web app (tests, WEB=none) have none.
extern const asset heed_web[] __attribute__((weak));

bool web_there(void);
const asset *asset_find(str path); // NULL: there is none
// The page of the app in the language and look of whoever asks; to /signin when nobody is signed in.
must_use bool web_answer(call *c, err *e);
// Whether a browser asks for a page that no route knows: the app has it, or says that it is not there.
bool web_page_asked(const request *q);
const route *web_page_route(void);

#endif
