#include "serve/page.h"

#include "serve/page_style.h"

enum { PAGE_MOST = 4 << 20 };

// Nothing is loaded but our own style sheet and what a form sends goes to us alone. These pages have no scripts.
static const char POLICY[] =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

void page_headers(response *r) {
    page_headers_of(r, str_c(POLICY));
}

void page_headers_of(response *r, str policy) {
    response_header(r, "Content-Security-Policy", policy);
    response_header(r, "X-Content-Type-Options", S("nosniff"));
    response_header(r, "X-Frame-Options", S("DENY"));
    response_header(r, "Referrer-Policy", S("same-origin")); // a form must say where it comes from; others hear nothing
    response_header(r, "Cross-Origin-Opener-Policy", S("same-origin"));
    response_header(r, "Cross-Origin-Resource-Policy", S("same-origin"));
    response_header(r, "Permissions-Policy", S("camera=(), geolocation=(), microphone=(), payment=()"));
    response_header(r, "X-Robots-Tag", S("noindex"));
}

str page_style_path(arena *a) {
    return str_fmt(a, "/style.css?v=%08" PRIx32, (uint32_t)str_hash(page_style_text()));
}

// ---- pages ----

static void head(const call *c, buf *b) {
    buf_add(b, S("<header><a class=\"mark\" href=\"/\">heed</a>"));
    if (c->who.kind == WHO_ACCOUNT) {
        html_fmt(b, "<a href=\"/account\">%s</a>", &c->who.name);
        page_form(b, c, S("/signout"));
        buf_add(b, S("<button class=\"link\">Sign out</button></form>"));
    }
    buf_add(b, S("</header>"));
}

buf *page_begin(call *c, str title, enum page_look look) {
    buf *b = make(c->a, buf, 1);
    *b = buf_new(c->a, PAGE_MOST);
    buf_add(b, S("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                 "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                 "<meta name=\"color-scheme\" content=\"light dark\">"));
    html_fmt(b, "<title>%s · heed</title><link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"%s\">",
             (str[]){title, page_style_path(c->a)});
    buf_add(b, S("</head>\n<body><a class=\"skip\" href=\"#main\">Skip to content</a>"));
    head(c, b);
    buf_add(b, look == PAGE_CARD ? S("\n<main id=\"main\" class=\"card\">\n") : S("\n<main id=\"main\">\n"));
    return b;
}

void page_end(call *c, buf *b, int status) {
    buf_add(b, S("\n</main></body></html>\n"));
    call_text(c, "text/html; charset=utf-8", buf_str(b));
    call_status(c, status);
    response_header(c->r, "Cache-Control", S("no-store"));
    page_headers(c->r);
}

void page_say(call *c, int status, str title, str text, str link, str link_text) {
    buf *b = page_begin(c, title, PAGE_CARD);
    html_fmt(b, "<h1>%s</h1><p>%s</p>", (str[]){title, text});
    if (link.len) html_fmt(b, "<p><a class=\"button\" href=\"%s\">%s</a></p>", (str[]){link, link_text});
    page_end(c, b, status);
}

str page_sentence(arena *a, const err *e) {
    char *z = str_z(a, str_c(e->msg));
    if (*z >= 'a' && *z <= 'z') *z = (char)(*z - 32);
    size_t n = strlen(z);
    return n && strchr(".!?", z[n - 1]) ? str_c(z) : str_fmt(a, "%s.", z);
}

void page_problem(call *c, const err *e) {
    bool out = e->code == ERR_signed_out;
    str title = out ? S("You are signed out") : e->code == ERR_denied ? S("Not permitted") : S("That did not work");
    page_say(c, err_http(e->code), title, page_sentence(c->a, e), out ? S("/signin") : S("/"),
             out ? S("Sign in") : S("To the start"));
}

void page_redirect(call *c, str path) {
    call_status(c, 303);
    call_location(c, path);
    response_header(c->r, "Cache-Control", S("no-store"));
}

// ---- forms ----

void page_form(buf *b, const call *c, str action) {
    html_fmt(b, "<form method=\"post\" action=\"%s\">", &action);
    if (c->who.csrf.len) html_fmt(b, "<input type=\"hidden\" name=\"csrf\" value=\"%s\">", &c->who.csrf);
}

void page_field(buf *b, page_field_opts f) {
    html_fmt(b, "<label>%s", (str[]){str_c(f.label)});
    if (f.hint.len) html_fmt(b, "<span class=\"quiet\">%s</span>", &f.hint);
    html_fmt(b, "<input name=\"%s\" type=\"%s\"", (str[]){str_c(f.name), str_c(f.type ? f.type : "text")});
    if (f.value.len) html_fmt(b, " value=\"%s\"", &f.value);
    if (f.autocomplete) html_fmt(b, " autocomplete=\"%s\"", (str[]){str_c(f.autocomplete)});
    buf_add(b, f.optional ? S("></label>") : S(" required></label>"));
}

void page_button(buf *b, const char *text, bool danger) {
    html_fmt(b, danger ? "<button class=\"danger\">%s</button>" : "<button>%s</button>", (str[]){str_c(text)});
}

void page_form_end(buf *b) {
    buf_add(b, S("</form>\n"));
}

static void note(buf *b, const char *kind, const char *role, str text) {
    if (!text.len) return;
    html_fmt(b, "<p class=\"note %s\" role=\"%s\">%s</p>\n", (str[]){str_c(kind), str_c(role), text});
}

void page_error(buf *b, str text) {
    note(b, "bad", "alert", text);
}

void page_good(buf *b, str text) {
    note(b, "good", "status", text);
}
