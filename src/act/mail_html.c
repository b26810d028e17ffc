#include "act/mail.h"

#include "base/words.h"

// What stands under words that may be refused.
static str choose_in(str lang) {
    locale l = {0};
    (void)locale_of(lang, &l);
    return word_of(&l, WORD_mail_choose);
}

str mail_text(arena *a, const mail *m) {
    buf b = buf_new(a, m->text.len + m->postal.len + m->unsubscribe_url.len + 1024);
    buf_add(&b, m->text);
    if (b.len && b.s[b.len - 1] != '\n') buf_addc(&b, '\n');
    if (!m->postal.len && !m->unsubscribe_url.len) return buf_str(&b);
    buf_add(&b, S("\n-- \n")); // RFC 3676, 4.3
    if (m->postal.len) buf_add(&b, m->postal), buf_addc(&b, '\n');
    if (m->unsubscribe_url.len) {
        str choose = choose_in(m->lang);
        buf_fmt(&b, "%.*s: %.*s\n", STR_ARG(choose), STR_ARG(m->unsubscribe_url));
    }
    return buf_str(&b);
}

static void escape(buf *b, str x) {
    for (size_t i = 0; i < x.len; i++) {
        char c = x.s[i];
        const char *as = c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : NULL;
        if (as)
            buf_add(b, str_c(as));
        else
            buf_addc(b, c);
    }
}

// How many bytes at the beginning are a web address. What ends a sentence is not part of it.
static size_t link_at(str x) {
    if (!str_starts_ci(x, S("https://")) && !str_starts_ci(x, S("http://"))) return 0;
    size_t n = 0;
    while (n < x.len && (unsigned char)x.s[n] > ' ' && !strchr("<>\"'`", x.s[n])) n++;
    while (n && strchr(".,;:!?)]}", x.s[n - 1])) n--;
    return n > 10 ? n : 0;
}

static void put_link(buf *b, str url, str text) {
    buf_add(b, S("<a href=\""));
    escape(b, url);
    buf_add(b, S("\">"));
    escape(b, text);
    buf_add(b, S("</a>"));
}

static void put_line(buf *b, str line) {
    size_t from = 0;
    for (size_t i = 0; i < line.len;) {
        bool begins = !i || !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", line.s[i - 1]);
        size_t n = begins ? link_at(str_sub(line, i, line.len)) : 0;
        if (!n) {
            i++;
            continue;
        }
        escape(b, str_sub(line, from, i - from));
        put_link(b, str_sub(line, i, n), str_sub(line, i, n));
        i += n, from = i;
    }
    escape(b, str_sub(line, from, line.len));
}

// A blank line begins a paragraph.
static void put_words(buf *b, str text) {
    bool open = false;
    for (str rest = text; rest.s && rest.len;) {
        str line = str_cut(&rest, '\n');
        if (str_ends(line, S("\r"))) line.len--;
        if (!str_trim(line).len) {
            if (open) buf_add(b, S("</p>\n"));
            open = false;
            continue;
        }
        buf_add(b, open ? S("<br>\n") : S("<p style=\"margin:0 0 1em\">"));
        open = true;
        put_line(b, line);
    }
    if (open) buf_add(b, S("</p>\n"));
}

static void put_title(buf *b, str subject) {
    for (size_t i = 0; i < subject.len; i++) {
        if ((unsigned char)subject.s[i] < ' ')
            buf_addc(b, ' ');
        else
            escape(b, str_sub(subject, i, 1));
    }
}

static void put_under(buf *b, const mail *m) {
    if (!m->postal.len && !m->unsubscribe_url.len) return;
    buf_add(b, S("<div style=\"margin-top:2em;font-size:13px;opacity:.75\">\n"));
    if (m->postal.len) put_words(b, m->postal);
    if (m->unsubscribe_url.len) put_link(b, m->unsubscribe_url, choose_in(m->lang));
    buf_add(b, S("\n</div>\n"));
}

// No colours are named, so the reader's own hold, bright or dark.
str mail_html(arena *a, const mail *m) {
    buf b = buf_new(a, 8 * (m->text.len + m->html.len + m->postal.len) + 8192);
    if (m->html.len) {
        ptrdiff_t end = -1;
        for (size_t i = 0; i + 7 <= m->html.len; i++)
            if (str_starts_ci(str_sub(m->html, i, 7), S("</body>"))) end = (ptrdiff_t)i;
        size_t cut = end < 0 ? m->html.len : (size_t)end;
        buf_add(&b, str_sub(m->html, 0, cut));
        put_under(&b, m);
        buf_add(&b, str_sub(m->html, cut, m->html.len));
        return buf_str(&b);
    }
    buf_add(&b, S("<!DOCTYPE html>\n<html lang=\""));
    escape(&b, m->lang.len ? m->lang : S("en"));
    buf_add(&b, S("\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n<title>"));
    put_title(&b, m->subject);
    buf_add(&b, S("</title>\n<style>:root{color-scheme:light dark}</style>\n</head>\n"
                  "<body style=\"margin:0 auto;padding:24px 16px;max-width:36em;font:16px/1.5 sans-serif\">\n"));
    put_words(&b, m->text);
    put_under(&b, m);
    buf_add(&b, S("</body>\n</html>\n"));
    return buf_str(&b);
}

// What runs, asks for input, or would be fetched, which tells the sender that somebody reads.
bool mail_html_check(str html, err *e) {
    static const char *const not_allowed[] = {"<script",     "<iframe", "<object",   "<embed", "<form",   "<link",
                                              "<base",       "<frame",  "<video",    "<audio", "<svg",    "<img",
                                              "<input",      "src=",    "srcset=",   "url(",   "@import", "background=",
                                              "javascript:", "poster=", "http-equiv"};
    for (size_t i = 0; i < COUNT(not_allowed); i++)
        if (str_has_ci(html, str_c(not_allowed[i])))
            return fail(e, ERR_invalid,
                        "the HTML holds \"%s\", which does not go out: nothing in it may run or be fetched",
                        not_allowed[i]);
    // onclick=… in any tag
    for (size_t i = 0; i + 3 < html.len; i++) {
        if (html.s[i] != ' ' && html.s[i] != '\n' && html.s[i] != '"' && html.s[i] != '/') continue;
        str rest = str_sub(html, i + 1, 24);
        size_t n = 2;
        if (!str_starts_ci(rest, S("on"))) continue;
        while (n < rest.len && ((rest.s[n] | 32) >= 'a' && (rest.s[n] | 32) <= 'z')) n++;
        if (n > 2 && n < rest.len && rest.s[n] == '=')
            return fail(e, ERR_invalid, "the HTML holds \"%.*s=\", which does not go out: nothing in it may run",
                        (int)n, rest.s);
    }
    return true;
}
