// promise_page: what we promise everybody and how it is kept, as HTML for whoever asks (ISO 10001: a code of conduct
// says how it is measured). Standards for a segment or a priority are not for everybody and are left out.
#ifndef HEED_PROMISE_PAGE_H
#define HEED_PROMISE_PAGE_H

#include "base/words.h"
#include "serve/html.h"
#include "store/store.h"

must_use bool promise_page(buf *b, arena *a, store *s, const locale *l, int64_t now_us, err *e);

#endif
