#include "serve/sheet_page.h"

void sheet_html(buf *b, const sheet *x) {
    html_fmt(b, "<h1>%s</h1>\n", &x->intro);
    for (int i = 0; i < SHEET_PARTS; i++) {
        const sheet_part *p = &x->parts[i];
        if (!p->n) continue;
        html_fmt(b, "<h2>%s</h2>\n", &p->title);
        for (size_t k = 0; k < p->n; k++) html_fmt(b, "<p>%s</p>\n", &p->lines[k]);
    }
}
