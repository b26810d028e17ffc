#include "serve/page.h"

#include "know/settings.h"
#include "serve/page_style.h"

enum { PAGE_MOST = 4 << 20 };

// Nothing is loaded but our own style sheet and what a form sends goes to us alone. These pages have no scripts.
static const char POLICY[] =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

static void page_headers(response *r) {
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

// The address of the style sheet, which changes with it.
static str page_style_path(arena *a) {
    return str_fmt(a, "/style.css?v=%08" PRIx32, (uint32_t)str_hash(page_style_text()));
}

// ---- the language ----

static bool company_locale(call *c, locale *out) {
    settings set;
    err quiet = {0};
    return c->s && settings_read(c->a, c->s, &set, &quiet) && locale_of_country(set.country, out);
}

static void choose(call *c, str own) {
    locale l = {0};
    bool known = locale_of(form_value(c->a, c->q->query, "lang"), &l) || locale_of(own, &l) ||
                 locale_of(request_cookie(c->q, "heed_lang"), &l) ||
                 locale_accepted(request_header(c->q, "accept-language"), &l) || company_locale(c, &l);
    c->lang = known ? l : LOCALE_ENGLISH;
    c->lang_chosen = true;
}

const locale *page_locale(call *c) {
    if (!c->lang_chosen) choose(c, S(""));
    return &c->lang;
}

void page_in_english(call *c) {
    c->lang = LOCALE_ENGLISH;
    c->lang_chosen = c->english = true;
}

void page_speaks(call *c, str lang) {
    c->for_another = c->who.kind != WHO_NOBODY;
    choose(c, lang);
}

str page_word(call *c, enum word w) {
    return word_of(page_locale(c), w);
}

str page_with(call *c, enum word w, const word_place *places) {
    return word_with(c->a, page_locale(c), w, places);
}

str page_count(call *c, enum word w, int64_t n) {
    return word_count(c->a, page_locale(c), w, n, NULL);
}

// The same address in other languages, for who is shown the wrong one. A form that was sent has no address to go back
// to.
static void languages(call *c, buf *b) {
    buf to = buf_new(c->a, 4096);
    if (c->q->method != METHOD_GET || c->english) return;
    for (str rest = c->q->query; rest.len;) {
        str one = str_cut(&rest, '&');
        if (!one.len || str_starts(one, S("lang="))) continue;
        buf_add(&to, one), buf_addc(&to, '&');
    }
    html_fmt(b, "\n<footer><nav aria-label=\"%s\">", (str[]){page_word(c, WORD_server_languages)});
    for (int i = 0; i < LANGS; i++) {
        str code = str_c(lang_code((enum lang)i)),
            name = word_of(&(locale){.lang = (enum lang)i}, WORD_server_language);
        html_fmt(b, (enum lang)i == c->lang.lang ? "<span lang=\"%s\" aria-current=\"true\">" : "<span lang=\"%s\">",
                 &code);
        if ((enum lang)i == c->lang.lang)
            html_put(b, name);
        else
            html_fmt(b, "<a href=\"?%slang=%s\" hreflang=\"%s\">%s</a>", (str[]){buf_str(&to), code, code, name});
        buf_add(b, S("</span> "));
    }
    buf_add(b, S("</nav></footer>"));
}

// A choice holds from then on, as one made in the web app does; but not what one of us chose for a customer.
static void keep_choice(call *c) {
    locale l;
    if (c->q->method != METHOD_GET || c->for_another || !locale_of(form_value(c->a, c->q->query, "lang"), &l)) return;
    response_header(c->r, "Set-Cookie",
                    str_fmt(c->a, "heed_lang=%s; Path=/; SameSite=Lax; Max-Age=31536000", lang_code(l.lang)));
}

// ---- pages ----

static void head(call *c, buf *b) {
    buf_add(b, S("<header><a class=\"mark\" href=\"/\">heed</a>"));
    if (c->who.kind == WHO_ACCOUNT) {
        html_fmt(b, "<a href=\"/account\">%s</a>", &c->who.name);
        page_form(b, c, S("/signout"));
        html_fmt(b, "<button class=\"link\">%s</button></form>", (str[]){page_word(c, WORD_server_signout)});
    }
    buf_add(b, S("</header>"));
}

static buf *open_page(call *c, str title, str site) {
    buf *b = make(c->a, buf, 1);
    const locale *l = page_locale(c);
    *b = buf_new(c->a, PAGE_MOST);
    html_fmt(b, "<!doctype html>\n<html lang=\"%s\" dir=\"%s\"><head><meta charset=\"utf-8\">",
             (str[]){locale_tag(c->a, l), locale_dir(l)});
    html_fmt(b,
             "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
             "<meta name=\"color-scheme\" content=\"light dark\"><title>%s%s</title>"
             "<link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"%s\"></head>\n<body>",
             (str[]){title, site, page_style_path(c->a)});
    return b;
}

buf *page_begin(call *c, str title, enum page_look look) {
    buf *b = open_page(c, title, S(" · heed"));
    html_fmt(b, "<a class=\"skip\" href=\"#main\">%s</a>", (str[]){page_word(c, WORD_server_skip)});
    head(c, b);
    buf_add(b, look == PAGE_CARD ? S("\n<main id=\"main\" class=\"card\">\n") : S("\n<main id=\"main\">\n"));
    return b;
}

buf *page_begin_bare(call *c, str title) {
    buf *b = open_page(c, title, S(""));
    buf_add(b, S("<main id=\"main\" class=\"card\">\n"));
    return b;
}

void page_end(call *c, buf *b, int status) {
    buf_add(b, S("\n</main>"));
    languages(c, b);
    keep_choice(c);
    buf_add(b, S("</body></html>\n"));
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

// What an err says, as a sentence.
static str page_sentence(arena *a, const err *e) {
    char *z = str_z(a, str_c(e->msg));
    if (*z >= 'a' && *z <= 'z') *z = (char)(*z - 32);
    size_t n = strlen(z);
    return n && strchr(".!?", z[n - 1]) ? str_c(z) : str_fmt(a, "%s.", z);
}

static enum word problem_text(enum err_code code) {
    static const struct {
        enum err_code code;
        enum word text;
    } rows[] = {
        {ERR_denied, WORD_server_problem_text_denied},       {ERR_signed_out, WORD_server_problem_text_signed_out},
        {ERR_not_found, WORD_server_problem_text_not_found}, {ERR_invalid, WORD_server_problem_text_invalid},
        {ERR_conflict, WORD_server_problem_text_conflict},   {ERR_changed, WORD_server_problem_text_conflict},
        {ERR_too_many, WORD_server_problem_text_busy},       {ERR_busy, WORD_server_problem_text_busy},
        {ERR_unavailable, WORD_server_problem_text_busy},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].code == code) return rows[i].text;
    return WORD_server_problem_text_rest;
}

void page_wrong(call *c, const err *e, str link, str link_text) {
    bool out = e->code == ERR_signed_out;
    str title = page_word(c, out                     ? WORD_server_problem_signed_out
                             : e->code == ERR_denied ? WORD_server_problem_denied
                                                     : WORD_server_problem_other);
    buf *b = page_begin(c, title, PAGE_CARD);
    html_fmt(b, "<h1>%s</h1>", &title);
    if (page_locale(c)->lang != LOCALE_en) html_fmt(b, "<p>%s</p>", (str[]){page_word(c, problem_text(e->code))});
    html_fmt(b, page_locale(c)->lang == LOCALE_en ? "<p>%s</p>" : "<p class=\"quiet\" lang=\"en\" dir=\"ltr\">%s</p>",
             (str[]){page_sentence(c->a, e)});
    html_fmt(b, "<p><a class=\"button\" href=\"%s\">%s</a></p>", (str[]){link, link_text});
    page_end(c, b, err_http(e->code));
}

void page_problem(call *c, const err *e) {
    bool out = e->code == ERR_signed_out;
    page_wrong(c, e, out ? S("/signin") : S("/"), page_word(c, out ? WORD_server_signin : WORD_server_to_start));
}

void page_redirect(call *c, str path) {
    call_status(c, 303);
    call_location(c, path);
    response_header(c->r, "Cache-Control", S("no-store"));
}

// ---- forms ----

void page_form(buf *b, const call *c, str action) {
    locale l;
    bool chosen = locale_of(form_value(c->a, c->q->query, "lang"), &l);
    html_fmt(b, "<form method=\"post\" action=\"%s%s%s\">",
             (str[]){action, chosen ? S("?lang=") : S(""), chosen ? str_c(lang_code(l.lang)) : S("")});
    if (c->who.csrf.len) html_fmt(b, "<input type=\"hidden\" name=\"csrf\" value=\"%s\">", &c->who.csrf);
}

void page_field(buf *b, page_field_opts f) {
    html_fmt(b, "<label>%s", &f.label);
    if (f.hint.len) html_fmt(b, "<span class=\"quiet\">%s</span>", &f.hint);
    html_fmt(b, "<input name=\"%s\" type=\"%s\"", (str[]){str_c(f.name), str_c(f.type ? f.type : "text")});
    if (f.value.len) html_fmt(b, " value=\"%s\"", &f.value);
    if (f.autocomplete) html_fmt(b, " autocomplete=\"%s\"", (str[]){str_c(f.autocomplete)});
    buf_add(b, f.optional ? S("></label>") : S(" required></label>"));
}

void page_button(buf *b, str text, bool danger) {
    html_fmt(b, danger ? "<button class=\"danger\">%s</button>" : "<button>%s</button>", &text);
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
