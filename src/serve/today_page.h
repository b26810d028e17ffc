// today_page: what `heed today` prints, as HTML for the start.
#ifndef HEED_TODAY_PAGE_H
#define HEED_TODAY_PAGE_H

#include "base/words.h"
#include "serve/html.h"
#include "store/store.h"

// names: also who they are and what they said; else figures alone.
must_use bool today_page(buf *b, arena *a, store *s, const locale *l, int64_t now_us, bool names, err *e);

#endif
