// The start, for whoever is signed in: the web app, or a page without scripts where heed was built without it.
#include "serve/api_auth.h"
#include "serve/assets.h"
#include "serve/page_style.h"
#include "serve/roles.h"
#include "serve/today_page.h"

bool page_style(call *c, err *e) {
    (void)e;
    call_text(c, "text/css; charset=utf-8", page_style_text());
    response_header(c->r, "Cache-Control", S("public, max-age=31536000, immutable"));
    response_header(c->r, "X-Content-Type-Options", S("nosniff"));
    return true;
}

bool page_home(call *c, err *e) {
    account me;
    if (web_there()) return web_answer(c, e);
    if (!own_account(c, &me, e)) return false;
    if (c->who.kind == WHO_NOBODY) {
        page_redirect(c, S("/signin"));
        return true;
    }
    buf *b = page_begin(c, page_word(c, WORD_server_today_title), PAGE_WIDE);
    str name = me.name.len ? me.name : c->who.name;
    const word_place you[] = {{"name", name}, {"role", role_word(page_locale(c), c->who.role)}, {0}};
    html_fmt(b, "<h1>%s</h1>\n<p>%s <a href=\"/docs/api\">%s</a></p>\n",
             (str[]){page_word(c, WORD_server_today_title), page_with(c, WORD_server_today_you, you),
                     page_word(c, WORD_server_today_api)});
    bool figures = c->who.needs & N(measures_read), names = c->who.needs & N(customers_read);
    if (figures && (!store_begin_read(c->s, e) || !today_page(b, c->a, c->s, page_locale(c), c->now_us, names, e)))
        return false;
    if (figures && names && !audit(c, "today.read", S("page:/"), S(""), e)) return false;
    if (!figures) html_fmt(b, "<p class=\"note\">%s</p>", (str[]){page_word(c, WORD_server_today_no_figures)});
    page_end(c, b, 200);
    return true;
}
