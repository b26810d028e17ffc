#include <gmime/gmime.h>
#include <pthread.h>
// GLib has its own.
#undef MIN
#undef MAX
#include <sodium.h>

#include "act/mail.h"

#include "base/unicode.h"

enum { FIELD_MOST = 900 };

static pthread_once_t started = PTHREAD_ONCE_INIT;

void mail_ready(void) {
    pthread_once(&started, g_mime_init);
}

// ---- addresses ----

// What RFC 5321 calls a Dot-string, with RFC 6531's letters. Quoted ones are not sent to: hardly anybody has one.
static bool local_ok(str x) {
    static const char *const marks = "!#$%&'*+-/=?^_`{|}~.";
    if (!x.len || x.len > 64 || x.s[0] == '.' || x.s[x.len - 1] == '.' || !str_utf8_ok(x)) return false;
    for (size_t i = 0; i < x.len; i++) {
        unsigned char c = (unsigned char)x.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
        if (!letter && (!c || !strchr(marks, c))) return false;
        if (c == '.' && x.s[i - 1] == '.') return false;
        if (c == 0xC2 && (unsigned char)x.s[i + 1] < 0xA1) return false; // controls and the blank of Latin-1
    }
    return true;
}

bool mail_address(arena *a, str raw, str *out, err *e) {
    str x = str_trim(raw);
    size_t at = x.len;
    while (at && x.s[at - 1] != '@') at--;
    str local = str_sub(x, 0, at ? at - 1 : 0), host = idn_host(a, str_sub(x, at, x.len));
    if (!at || !local_ok(local) || !host.len || str_find(host, '.') < 0 || local.len + host.len + 1 > MAIL_ADDRESS_MOST)
        return fail(e, ERR_invalid, "\"%.*s\" is no e-mail address; write it as name@example.org",
                    (int)MIN(raw.len, 100), raw.s);
    *out = str_fmt(a, "%.*s@%.*s", STR_ARG(local), STR_ARG(host));
    return true;
}

str mail_domain(str address) {
    size_t at = address.len;
    while (at && address.s[at - 1] != '@') at--;
    return str_sub(address, at, address.len);
}

str mail_return_path(arena *a, str bounce_address, str token) {
    str host = mail_domain(bounce_address);
    str local = str_sub(bounce_address, 0, bounce_address.len - MIN(bounce_address.len, host.len + 1));
    return str_fmt(a, "%.*s+%.*s@%.*s", STR_ARG(local), STR_ARG(token), STR_ARG(host));
}

static bool token_ok(str x) {
    for (size_t i = 0; i < x.len; i++)
        if (!((x.s[i] >= 'a' && x.s[i] <= 'z') || (x.s[i] >= '2' && x.s[i] <= '7'))) return false;
    return x.len >= 16 && x.len <= 40;
}

str mail_token_of(str address) {
    str host = mail_domain(address), local = str_sub(address, 0, address.len - MIN(address.len, host.len + 1));
    ptrdiff_t plus = str_find(local, '+');
    str token = plus < 0 ? S("") : str_sub(local, (size_t)plus + 1, local.len);
    return token_ok(token) ? token : S("");
}

str mail_message_id(arena *a, str token, str from) {
    return str_fmt(a, "out.%.*s@%.*s", STR_ARG(token), STR_ARG(mail_domain(from)));
}

str mail_token_of_id(str id) {
    id = str_trim(id);
    if (str_starts(id, S("<"))) id = str_sub(id, 1, id.len);
    if (!str_starts(id, S("out."))) return S("");
    str rest = str_sub(id, 4, id.len), token = str_cut(&rest, '@');
    return token_ok(token) ? token : S("");
}

// ---- fields ----

// One line without controls: whatever stands in a field goes through here.
static char *clean(arena *a, str x, size_t most) {
    x = str_sub(x, 0, most);
    char *out = make(a, char, 3 * x.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < x.len;) {
        size_t k = str_utf8_1(str_sub(x, i, 4));
        unsigned char c = (unsigned char)x.s[i];
        // U+2028 and U+2029 end lines in some programs.
        bool line =
            k == 3 && c == 0xE2 && (unsigned char)x.s[i + 1] == 0x80 && ((unsigned char)x.s[i + 2] & 0xFE) == 0xA8;
        bool control = c < ' ' || c == 0x7F || (k == 2 && c == 0xC2 && (unsigned char)x.s[i + 1] < 0xA0) || line;
        bool space = !k || control || c == ' ';
        if (space && n && out[n - 1] != ' ') out[n++] = ' ';
        if (!space) memcpy(out + n, x.s + i, k), n += k;
        i += k ? k : 1;
    }
    return str_z(a, str_trim((str){out, n}));
}

// value: from after the colon to before the line end, folded where it should be.
static void put_raw(GMimeObject *o, arena *a, const char *name, str value) {
    g_mime_object_set_header(o, name, "x", "utf-8");
    GMimeHeader *h = g_mime_header_list_get_header(g_mime_object_get_header_list(o), name);
    g_mime_header_set_raw_value(h, str_z(a, str_fmt(a, " %.*s\n", STR_ARG(value))));
}

// What must stand on one line.
static void put_plain(GMimeObject *o, arena *a, const char *name, str value) {
    put_raw(o, a, name, str_c(clean(a, value, FIELD_MOST)));
}

// RFC 2047: at most 75 bytes a word and no character cut, so 45 bytes of text in each.
static void put_encoded(buf *b, str x) {
    char word[80];
    for (bool first = true; x.len; first = false) {
        size_t n = 0;
        for (size_t k = 1; n < x.len && k && n + (k = str_utf8_1(str_sub(x, n, 4))) <= 45;) n += k;
        sodium_bin2base64(word, sizeof word, (const unsigned char *)x.s, n, sodium_base64_VARIANT_ORIGINAL);
        buf_fmt(b, "%s=?UTF-8?B?%s?=", first ? "" : "\n ", word);
        x = str_sub(x, n, x.len);
    }
}

// Text for a field that begins at `column`, folded at blanks; whatever a reader might take for more than text, or
// lines that would grow too long, as encoded words.
static str unstructured(arena *a, str x, size_t column) {
    bool plain = str_ascii(x) == x.len && !str_has(x, S("=?"));
    buf b = buf_new(a, 8192);
    for (str rest = x; plain && rest.s;) {
        str word = str_cut(&rest, ' ');
        if (word.len > 70) plain = false;
        if (b.len && column + word.len + 1 > 76)
            buf_add(&b, S("\n ")), column = 1;
        else if (b.len)
            buf_addc(&b, ' '), column++;
        buf_add(&b, word);
        column += word.len;
    }
    if (plain) return buf_str(&b);
    buf_reset(&b);
    put_encoded(&b, x);
    return buf_str(&b);
}

static str phrase(arena *a, str x) {
    bool atoms = true, ascii = str_ascii(x) == x.len && x.len <= 60 && !str_has(x, S("=?"));
    for (size_t i = 0; i < x.len; i++)
        if (strchr("()<>[]:;@\\,.\"", x.s[i])) atoms = false;
    buf b = buf_new(a, 8192);
    if (!ascii) {
        put_encoded(&b, x);
        return buf_str(&b);
    }
    if (atoms) return x;
    buf_addc(&b, '"');
    for (size_t i = 0; i < x.len; i++) {
        if (x.s[i] == '"' || x.s[i] == '\\') buf_addc(&b, '\\');
        buf_addc(&b, x.s[i]);
    }
    buf_addc(&b, '"');
    return buf_str(&b);
}

// The name is encoded where it must be; the address stands as it is, also when it is not ASCII (RFC 6532).
static void put_person(GMimeObject *o, arena *a, const char *name, str who, str address) {
    str shown = phrase(a, str_c(clean(a, who, MAIL_NAME_MOST))), where = str_c(clean(a, address, MAIL_ADDRESS_MOST));
    bool fits = strlen(name) + shown.len + where.len < 70;
    put_raw(o, a, name,
            !shown.len ? where : str_fmt(a, "%.*s%s<%.*s>", STR_ARG(shown), fits ? " " : "\n ", STR_ARG(where)));
}

// "Sun, 22 Nov 2026 04:06:47 +0100" (RFC 5322, 3.3).
static str date_text(arena *a, int64_t at_us, const zone *z) {
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    ymd d;
    int32_t s = zone_second(z, at_us, &d), off = zone_offset_s(z, at_us) / 60, size = off < 0 ? -off : off;
    return str_fmt(a, "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", days[weekday(days_of(d))], d.day, months[d.month - 1],
                   d.year, s / 3600, s / 60 % 60, s % 60, off < 0 ? '-' : '+', size / 60, size % 60);
}

// ---- parts ----

static GMimeObject *part_of(const char *subtype, str words) {
    GMimePart *p = g_mime_part_new_with_type("text", subtype);
    GMimeStream *bytes = g_mime_stream_mem_new_with_buffer(words.s, words.len);
    GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(bytes, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(p), "charset", "utf-8");
    g_mime_part_set_content(p, content);
    g_mime_part_set_content_encoding(p, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_object_unref(content);
    g_object_unref(bytes);
    return GMIME_OBJECT(p);
}

// Text without what no mail may hold: zeros, controls, line ends of other kinds.
static str tidy(arena *a, str x) {
    buf b = buf_new(a, 3 * x.len + 16);
    for (size_t i = 0; i < x.len;) {
        size_t n = str_utf8_1(str_sub(x, i, 4));
        unsigned char c = (unsigned char)x.s[i];
        if (c == '\r') {
            if (i + 1 == x.len || x.s[i + 1] != '\n') buf_addc(&b, '\n');
        } else if (!n) {
            buf_add(&b, S("\xEF\xBF\xBD"));
        } else if (c >= ' ' || c == '\n' || c == '\t') {
            buf_add(&b, str_sub(x, i, n));
        }
        i += n ? n : 1;
    }
    return buf_str(&b);
}

static str token_in(str message_id) {
    str token = mail_token_of_id(message_id);
    return token.len ? token : S("heed");
}

// The same row gives the same bytes, so the boundary is no dice; the words cannot hold it, being quoted-printable
// ('=').
static GMimeMultipart *body_of(arena *a, const mail *m) {
    GMimeMultipart *both = g_mime_multipart_new_with_subtype("alternative");
    g_mime_multipart_set_boundary(both, str_z(a, str_fmt(a, "=_%.*s", STR_ARG(token_in(m->message_id)))));
    GMimeObject *text = part_of("plain", tidy(a, mail_text(a, m)));
    GMimeObject *html = part_of("html", tidy(a, mail_html(a, m)));
    g_mime_multipart_add(both, text);
    g_mime_multipart_add(both, html);
    g_object_unref(text);
    g_object_unref(html);
    return both;
}

static void put_fields(GMimeObject *o, arena *a, const mail *m) {
    put_person(o, a, "From", m->from_name, m->from_address);
    put_person(o, a, "To", m->to_name, m->to_address);
    if (m->reply_to.len) put_person(o, a, "Reply-To", S(""), m->reply_to);
    put_raw(o, a, "Subject", unstructured(a, str_c(clean(a, m->subject, MAIL_SUBJECT_MOST)), 9));
    put_plain(o, a, "Date", date_text(a, m->date_us, m->z));
    put_plain(o, a, "Message-ID", str_fmt(a, "<%.*s>", STR_ARG(m->message_id)));
    if (m->in_reply_to.len) {
        str parent = str_fmt(a, "<%.*s>", STR_ARG(m->in_reply_to));
        put_plain(o, a, "In-Reply-To", parent);
        put_plain(o, a, "References", parent);
    }
    if (m->automatic) put_plain(o, a, "Auto-Submitted", S("auto-generated"));
    if (m->feedback_id.len) put_plain(o, a, "Feedback-ID", m->feedback_id);
    // On one line: some relays break the signature of a folded one.
    if (m->list_unsubscribe.len) put_plain(o, a, "List-Unsubscribe", m->list_unsubscribe);
    if (m->list_unsubscribe_post.len) put_plain(o, a, "List-Unsubscribe-Post", m->list_unsubscribe_post);
    if (m->lang.len) put_plain(o, a, "Content-Language", m->lang);
}

static bool written(GMimeMessage *msg, arena *a, str *out, err *e) {
    char *text = g_mime_object_to_string(GMIME_OBJECT(msg), NULL);
    size_t n = text ? strlen(text) : 0;
    buf b = buf_new(a, MAIL_MOST);
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n' && (!i || text[i - 1] != '\r')) buf_addc(&b, '\r');
        buf_addc(&b, text[i]);
    }
    g_free(text);
    *out = buf_str(&b);
    return !b.full || fail(e, ERR_too_large, "a message must stay below %d bytes; leave something out", MAIL_MOST);
}

bool mail_compose(arena *a, const mail *m, str *out, err *e) {
    str checked;
    if (!mail_address(a, m->from_address, &checked, e) || !mail_address(a, m->to_address, &checked, e) ||
        (m->reply_to.len && !mail_address(a, m->reply_to, &checked, e)))
        return false;
    if (m->text.len + m->html.len > MAIL_MOST / 8)
        return fail(e, ERR_too_large, "the words of a message must stay below %d bytes; leave something out",
                    MAIL_MOST / 8);
    mail_ready();
    GMimeMessage *msg = g_mime_message_new(FALSE);
    put_fields(GMIME_OBJECT(msg), a, m);
    GMimeMultipart *body = body_of(a, m);
    g_mime_message_set_mime_part(msg, GMIME_OBJECT(body));
    bool ok = written(msg, a, out, e);
    g_object_unref(body);
    g_object_unref(msg);
    return ok;
}
