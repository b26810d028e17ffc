// page_style: the style sheet of the server's own pages.
#ifndef HEED_PAGE_STYLE_H
#define HEED_PAGE_STYLE_H

#include "base/base.h"

str page_style_text(void);

#endif
