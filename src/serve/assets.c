#include "serve/assets.h"

#include "serve/accounts.h"
#include "serve/handlers.h"
#include "serve/page.h"
#include "serve/roles.h"

// Scripts and styles are our own files alone, and none of them writes HTML by text (Trusted Types).
static const char POLICY[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
    "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

bool web_there(void) {
    return heed_web != NULL;
}

const asset *asset_find(str path) {
    for (const asset *a = heed_web; a && a->path; a++)
        if (str_eq(str_c(a->path), path)) return a;
    return NULL;
}

// ---- files ----

static bool takes_gzip(const call *c) {
    return str_has(request_header(c->q, "accept-encoding"), S("gzip"));
}

// Names hold a hash of the content, so a name never gets another content; but the widget's script, which other
// websites load, and the licences have names that stay: they are asked for again each time.
bool web_asset(call *c, err *e) {
    const asset *a = asset_find(c->params[0]);
    if (!a || str_starts(c->params[0], S("index."))) return fail(e, ERR_not_found, "there is no such file");
    str body = {a->begin, (size_t)(a->end - a->begin)};
    request packed = {.body = body};
    bool gzip = takes_gzip(c);
    if (!gzip && !message_unpack(c->a, &packed, 4 << 20, &body, e)) return false;
    call_text(c, a->type, body);
    if (gzip) response_header(c->r, "Content-Encoding", S("gzip"));
    response_header(c->r, "Vary", S("Accept-Encoding"));
    bool stays = str_eq(c->params[0], S("w.js")) || str_eq(c->params[0], S("licences.txt"));
    response_header(c->r, "Cache-Control", stays ? S("no-cache") : S("public, max-age=31536000, immutable"));
    response_header(c->r, "ETag", str_c(a->etag));
    response_header(c->r, "X-Content-Type-Options", S("nosniff"));
    return true;
}

// ---- the page ----

static const asset *page_in(const call *c, str lang) {
    return lang.len >= 2 && lang.len < 4 ? asset_find(str_fmt(c->a, "index.%.*s.html", STR_ARG(lang))) : NULL;
}

// What was chosen, else the first language of the browser's that there is, else English.
static const asset *page_for(const call *c) {
    const asset *p = page_in(c, request_cookie(c->q, "heed_lang"));
    for (str rest = request_header(c->q, "accept-language"); !p && rest.s;) {
        str one = str_cut(&rest, ','), tag = str_trim(str_cut(&one, ';'));
        p = page_in(c, str_cut(&tag, '-'));
    }
    return p ? p : page_in(c, S("en"));
}

static str theme_of(const call *c) {
    str theme = request_cookie(c->q, "heed_theme");
    return str_eq(theme, S("light")) || str_eq(theme, S("dark")) ? theme : S("auto");
}

// Who is signed in and what they may, so that the page knows what to offer before it has asked for anything.
static str me_json(call *c) {
    buf b = buf_new(c->a, 8192);
    json_out j = json_to(&b);
    account mine = {0};
    err none = {0};
    bool named = account_get(c->a, c->s, c->who.id, &mine, &none) && mine.name.len;
    json_open(&j, NULL, '{');
    json_put_int(&j, "id", c->who.id);
    json_put_str(&j, "name", named ? mine.name : c->who.name);
    json_put_str(&j, "role", c->who.role);
    needs_json(&j, "needs", c->who.needs);
    json_close(&j, '}');
    return buf_str(&b);
}

// "…{{theme}}…": the three words that the build leaves open.
static void fill_in(call *c, buf *b, str page) {
    for (str rest = page; rest.len;) {
        size_t at = 0;
        while (at + 1 < rest.len && !(rest.s[at] == '{' && rest.s[at + 1] == '{')) at++;
        bool more = at + 1 < rest.len;
        buf_add(b, str_sub(rest, 0, more ? at : rest.len));
        if (!more) return;
        rest = str_sub(rest, at + 2, rest.len);
        str word = str_cut(&rest, '}');
        rest = str_sub(rest, 1, rest.len);
        html_put(b, str_eq(word, S("theme")) ? theme_of(c) : str_eq(word, S("csrf")) ? c->who.csrf : me_json(c));
    }
}

bool web_answer(call *c, err *e) {
    if (c->who.kind != WHO_ACCOUNT) {
        buf to = buf_new(c->a, 4096);
        buf_add(&to, S("/signin?next="));
        url_encode(&to, c->q->query.len ? str_cat(c->a, str_cat(c->a, c->q->path, S("?")), c->q->query) : c->q->path);
        page_redirect(c, buf_str(&to));
        return true;
    }
    const asset *p = page_for(c);
    if (!p) return fail(e, ERR_not_found, "this heed was built without its web app; see /docs/api");
    buf b = buf_new(c->a, 64 << 10);
    fill_in(c, &b, (str){p->begin, (size_t)(p->end - p->begin)});
    call_text(c, p->type, buf_str(&b));
    page_headers_of(c->r, str_c(POLICY));
    response_header(c->r, "Cache-Control", S("private, no-cache"));
    return true;
}

bool web_page(call *c, err *e) {
    return web_answer(c, e);
}

bool web_page_asked(const request *q) {
    bool reads = q->method == METHOD_GET || q->method == METHOD_HEAD;
    bool api = str_starts(q->path, S("/api/")) || str_starts(q->path, S("/assets/"));
    return web_there() && reads && !api && str_has(request_header(q, "accept"), S("text/html"));
}

const route *web_page_route(void) {
    size_t n;
    const route *all = routes_all(&n);
    for (size_t i = 0; i < n; i++)
        if (all[i].run == web_page) return &all[i];
    return NULL;
}
