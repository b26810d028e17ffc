#include <gmime/gmime.h>
// GLib has its own.
#undef MIN
#undef MAX

#include "act/bounce.h"

#include "act/mail.h"

enum { DEPTH = 20, PARTS = 200, TEXT_MOST = 256 << 10, WORDS_MOST = 400, TOKEN = 16 };

typedef struct {
    arena *a;
    bounce_report *out;
    int parts;
    buf text;     // of people, from the parts that are text
    str status;   // message/delivery-status
    str report;   // message/feedback-report
    str original; // fields of what came back
} reading;

// ---- small things ----

static bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool token_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

// A field of a block of fields, unfolded; empty when it is not there. at: where to begin; moved behind it.
static str field_of(arena *a, str block, const char *name) {
    buf b = buf_new(a, 4096);
    bool inside = false;
    for (str rest = block; rest.s && rest.len;) {
        str line = str_cut(&rest, '\n');
        if (str_ends(line, S("\r"))) line.len--;
        bool folded = line.len && (line.s[0] == ' ' || line.s[0] == '\t');
        if (inside && folded) {
            buf_addc(&b, ' ');
            buf_add(&b, str_trim(line));
            continue;
        }
        if (inside) break;
        ptrdiff_t colon = str_find(line, ':');
        inside = !folded && colon > 0 && str_eq_ci(str_trim(str_sub(line, 0, (size_t)colon)), str_c(name));
        if (inside) buf_add(&b, str_trim(str_sub(line, (size_t)colon + 1, line.len)));
    }
    return str_trim(buf_str(&b));
}

// What stands after "rfc822;" or "smtp;".
static str after_type(str x) {
    ptrdiff_t semicolon = str_find(x, ';');
    return str_trim(semicolon >= 0 && semicolon < 30 ? str_sub(x, (size_t)semicolon + 1, x.len) : x);
}

static str one_line(arena *a, str x) {
    buf b = buf_new(a, WORDS_MOST + 8);
    for (size_t i = 0; i < x.len && b.len < WORDS_MOST;) {
        size_t n = str_utf8_1(str_sub(x, i, 4));
        unsigned char c = (unsigned char)x.s[i];
        bool blank = !n || c <= ' ' || c == 0x7F;
        if (!blank)
            buf_add(&b, str_sub(x, i, n));
        else if (b.len && b.s[b.len - 1] != ' ')
            buf_addc(&b, ' ');
        i += n ? n : 1;
    }
    return str_trim(buf_str(&b));
}

// The first address in a text, without brackets.
static str address_in(str x) {
    for (size_t i = 0; i < x.len; i++) {
        if (x.s[i] != '@' || !i || i + 1 == x.len) continue;
        size_t from = i, to = i + 1;
        while (from && ((unsigned char)x.s[from - 1] >= 0x80 || letter(x.s[from - 1]) ||
                        strchr("!#$%&'*+-/=?^_`{|}~.", x.s[from - 1])))
            from--;
        while (to < x.len && ((unsigned char)x.s[to] >= 0x80 || letter(x.s[to]) || strchr("-.", x.s[to]))) to++;
        while (to > i + 1 && x.s[to - 1] == '.') to--;
        if (from < i && to > i + 1) return str_sub(x, from, to - from);
    }
    return S("");
}

// "5.1.1" anywhere in a text, of class 4 or 5.
static str status_in(str x) {
    for (size_t i = 0; i + 4 < x.len; i++) {
        if ((x.s[i] != '4' && x.s[i] != '5') || x.s[i + 1] != '.' || (i && (letter(x.s[i - 1]) || x.s[i - 1] == '.')))
            continue;
        size_t at = i + 2, numbers = 0;
        for (; numbers < 2; numbers++) {
            size_t digits = 0;
            while (at < x.len && x.s[at] >= '0' && x.s[at] <= '9' && digits < 4) at++, digits++;
            if (!digits || digits > 3) break;
            if (!numbers && (at == x.len || x.s[at++] != '.')) break;
        }
        if (numbers == 2 &&
            (at == x.len || (!letter(x.s[at]) && !(x.s[at] == '.' && at + 1 < x.len && letter(x.s[at + 1])))))
            return str_sub(x, i, at - i);
    }
    return S("");
}

// "550" as a word of its own, of class 4 or 5; where the line does not speak of anything else.
static int code_in(str x) {
    for (size_t i = 0; i + 3 <= x.len; i++) {
        bool digits = (x.s[i] == '4' || x.s[i] == '5') && x.s[i + 1] >= '0' && x.s[i + 1] <= '7' && x.s[i + 2] >= '0' &&
                      x.s[i + 2] <= '9';
        bool begins = !i || (!letter(x.s[i - 1]) && !strchr(".-_/@", x.s[i - 1]));
        bool ends = i + 3 == x.len || (!letter(x.s[i + 3]) && !strchr("./_@", x.s[i + 3]));
        if (digits && begins && ends) return (x.s[i] - '0') * 100 + (x.s[i + 1] - '0') * 10 + x.s[i + 2] - '0';
    }
    return 0;
}

// ---- tokens ----

// One of ours looks like "bounce+TOKEN@" or "out.TOKEN@"; wherever it stands in what came back, it names a message.
static void find_token(bounce_report *out, str x) {
    for (size_t i = 0; i + TOKEN + 2 < x.len; i++) {
        bool path = x.s[i] == '+', id = x.s[i] == '.' && i >= 3 && !memcmp(x.s + i - 3, "out", 3);
        if (!path && !id) continue;
        size_t n = 0;
        while (n < TOKEN && token_letter(x.s[i + 1 + n])) n++;
        if (n < TOKEN || x.s[i + 1 + n] != '@') continue;
        if (out->token.len && (out->by_path || !path)) continue;
        out->token = str_sub(x, i + 1, TOKEN);
        out->by_path = path;
    }
}

// ---- parts ----

static str content_of(reading *r, GMimePart *part) {
    GMimeDataWrapper *w = g_mime_part_get_content(part);
    if (!w) return S("");
    GMimeStream *mem = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(w, mem);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
    str x = S("");
    if (bytes->len) x = str_dup(r->a, (str){(const char *)bytes->data, MIN((size_t)bytes->len, (size_t)TEXT_MOST)});
    g_object_unref(mem);
    return x;
}

static str fields_of(reading *r, GMimeObject *o) {
    char *text = g_mime_object_get_headers(o, NULL);
    str x = str_dup(r->a, str_sub(str_c(text), 0, TEXT_MOST));
    g_free(text);
    return x;
}

static void read_leaf(reading *r, GMimeObject *o) {
    GMimeContentType *type = g_mime_object_get_content_type(o);
    const char *top = g_mime_content_type_get_media_type(type), *sub = g_mime_content_type_get_media_subtype(type);
    bool text = top && !strcasecmp(top, "text");
    if (!sub) return;
    str x = content_of(r, GMIME_PART(o));
    find_token(r->out, x);
    if (!strcasecmp(sub, "delivery-status") || !strcasecmp(sub, "global-delivery-status")) {
        if (!r->status.len) r->status = x;
    } else if (!strcasecmp(sub, "feedback-report")) {
        if (!r->report.len) r->report = x;
    } else if (!strcasecmp(sub, "rfc822-headers") || !strcasecmp(sub, "rfc822") || !strcasecmp(sub, "global-headers")) {
        if (!r->original.len) r->original = x;
    } else if (text) {
        buf_add(&r->text, str_sub(x, 0, TEXT_MOST - MIN(r->text.len, (size_t)TEXT_MOST)));
        buf_addc(&r->text, '\n');
    }
}

static void read_part(reading *r, GMimeObject *o, int depth) {
    if (!o || depth > DEPTH || ++r->parts > PARTS) return;
    if (GMIME_IS_MULTIPART(o)) {
        GMimeMultipart *m = GMIME_MULTIPART(o);
        for (int i = 0, n = g_mime_multipart_get_count(m); i < n; i++)
            read_part(r, g_mime_multipart_get_part(m, i), depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(o)) {
        GMimeMessage *m = g_mime_message_part_get_message(GMIME_MESSAGE_PART(o));
        GMimeContentType *type = g_mime_object_get_content_type(o);
        const char *sub = g_mime_content_type_get_media_subtype(type);
        if (!m) return;
        str fields = fields_of(r, GMIME_OBJECT(m));
        find_token(r->out, fields);
        // GMime takes every message/… for a message; the fields of these are what was reported.
        if (sub && strcasestr(sub, "delivery-status") && !r->status.len)
            r->status = fields;
        else if (sub && strcasestr(sub, "feedback-report") && !r->report.len)
            r->report = fields;
        else if (!r->original.len)
            r->original = fields;
    } else if (GMIME_IS_PART(o)) {
        read_leaf(r, o);
    }
}

// ---- reports ----

static bounce_of *add(bounce_report *out) {
    if (out->n == BOUNCE_MOST) return NULL;
    out->of[out->n] = (bounce_of){0};
    return &out->of[out->n++];
}

static str first_of(str a, str b) {
    return a.len ? a : b;
}

// The words of people say more than a code often does; they decide together.
static void read_status(reading *r) {
    for (str rest = r->status; rest.s && rest.len;) {
        // a group of fields, up to an empty line
        str group = rest;
        size_t n = 0;
        for (str line; rest.s;) {
            line = str_cut(&rest, '\n');
            if (!str_trim(line).len) break;
            n = (size_t)(line.s + line.len - group.s);
        }
        group.len = n;
        if (!n) continue;
        str who = first_of(field_of(r->a, group, "Final-Recipient"), field_of(r->a, group, "Original-Recipient"));
        str action = field_of(r->a, group, "Action"), status = status_in(field_of(r->a, group, "Status"));
        str said = after_type(field_of(r->a, group, "Diagnostic-Code"));
        if (!who.len && !action.len) continue;
        str shown = status_in(said);
        // A status that says nothing gives way to one that the other server said.
        if (shown.len && (!status.len || str_ends(status, S(".0.0")))) status = shown;
        int code = code_in(said);
        enum bounce_kind kind = bounce_judge(action, status, code, said.len ? said : buf_str(&r->text));
        bounce_of *b = kind == BOUNCE_NONE ? NULL : add(r->out);
        if (!b) continue;
        *b = (bounce_of){kind, address_in(after_type(who)), str_dup(r->a, status), code, one_line(r->a, said)};
        if (!b->address.len) b->address = address_in(field_of(r->a, group, "Original-Recipient"));
    }
}

static void read_complaint(reading *r) {
    str type = field_of(r->a, r->report, "Feedback-Type");
    if (str_eq_ci(type, S("not-spam")) || str_eq_ci(type, S("auth-failure")) || str_eq_ci(type, S("dmarc"))) return;
    bounce_of *b = add(r->out);
    if (!b) return;
    str who = first_of(field_of(r->a, r->report, "Original-Rcpt-To"), field_of(r->a, r->report, "Removal-Recipient"));
    if (!who.len) who = field_of(r->a, r->original, "To");
    *b = (bounce_of){.kind = BOUNCE_COMPLAINT, .address = address_in(who), .words = one_line(r->a, type)};
}

// ---- those without a report ----

static bool is_automatic_answer(arena *a, str fields) {
    str x = field_of(a, fields, "Auto-Submitted");
    return str_starts_ci(x, S("auto-replied")) || field_of(a, fields, "X-Autoreply").len ||
           field_of(a, fields, "X-Autorespond").len;
}

static bool looks_like_bounce(arena *a, str fields) {
    static const char *const subjects[] = {"undeliver",
                                           "delivery status",
                                           "delivery fail",
                                           "delivery notification",
                                           "delivery report",
                                           "returned mail",
                                           "return mail",
                                           "failure notice",
                                           "mail system error",
                                           "mail delivery",
                                           "nondeliverable",
                                           "non-deliver",
                                           "could not be delivered",
                                           "not delivered",
                                           "delivery error",
                                           "delivery problem",
                                           "message delivery",
                                           "unzustellbar",
                                           "no se ha podido entregar",
                                           "delivery unsuccessful",
                                           "failed mail",
                                           "mail could not",
                                           "error mail",
                                           "message status"};
    static const char *const senders[] = {"mailer-daemon", "postmaster", "post_master", "mail-daemon", "mail delivery"};
    str from = field_of(a, fields, "From"), subject = field_of(a, fields, "Subject"),
        type = field_of(a, fields, "Content-Type");
    for (size_t i = 0; i < COUNT(senders); i++)
        if (str_has_ci(from, str_c(senders[i]))) return true;
    if (field_of(a, fields, "X-Failed-Recipients").len || str_has_ci(type, S("report-type=delivery-status")))
        return true;
    for (size_t i = 0; i < COUNT(subjects); i++)
        if (str_has_ci(subject, str_c(subjects[i]))) return true;
    return false;
}

// Where the words of the mail server end and what came back begins.
static size_t words_end(str text) {
    static const char *const marks[] = {"Below this line is a copy",
                                        "a copy of the original",
                                        "copy of the message",
                                        "Original message",
                                        "original message follows",
                                        "Received: from",
                                        "Return-Path:",
                                        "Original message follows",
                                        "Message header follows",
                                        "Undelivered message follows"};
    size_t end = text.len;
    for (size_t i = 0; end && i < COUNT(marks); i++) {
        const char *at = memmem(text.s, end, marks[i], strlen(marks[i]));
        // At the very beginning it introduces what is said, not what came back.
        if (at && at - text.s > 60) end = (size_t)(at - text.s);
    }
    return end;
}

// The line that says why: with a status or a code, else all of it.
static str telling_line(str said) {
    for (str rest = said; rest.s && rest.len;) {
        str one = str_cut(&rest, '\n');
        if (status_in(one).len || code_in(one)) return one;
    }
    return said;
}

// sure: a mail server wrote it. Else only what speaks of a failure is taken for one.
static void read_words(reading *r, str fields, bool sure) {
    str text = buf_str(&r->text), failed = field_of(r->a, fields, "X-Failed-Recipients");
    str said = str_sub(text, 0, words_end(text)), back = str_sub(text, said.len, text.len);
    str status = status_in(said), who = address_in(failed), line = telling_line(said);
    str subject = field_of(r->a, fields, "Subject");
    int code = code_in(said);
    if (!sure && !status.len && !code && !bounce_says(said)) return;
    if (!r->original.len) r->original = back;
    if (!who.len) who = address_in(field_of(r->a, r->original, "To"));
    if (!who.len) who = address_in(said);
    str all = bounce_says(line) ? line : str_fmt(r->a, "%.*s\n%.*s", STR_ARG(said), STR_ARG(subject));
    enum bounce_kind kind = bounce_judge(S(""), status, code, all);
    if (str_has_ci(subject, S("warning")) || str_has_ci(subject, S("delayed"))) kind = BOUNCE_DELAYED;
    bounce_of *b = add(r->out);
    if (b) *b = (bounce_of){kind, who, str_dup(r->a, status), code, one_line(r->a, line)};
}

static str inner_id(str x) {
    x = str_trim(x);
    if (str_starts(x, S("<"))) x = str_sub(x, 1, x.len);
    ptrdiff_t end = str_find(x, '>');
    return end >= 0 ? str_sub(x, 0, (size_t)end) : x;
}

static void understand(reading *r, str fields) {
    if (r->report.len)
        read_complaint(r);
    else if (r->status.len)
        read_status(r);
    else if (looks_like_bounce(r->a, fields))
        read_words(r, fields, true);
    else if (!is_automatic_answer(r->a, fields) && str_eq(field_of(r->a, fields, "Return-Path"), S("<>")))
        read_words(r, fields, false);
    r->out->message_id = inner_id(field_of(r->a, r->original, "Message-ID"));
}

static str body_of(str message) {
    for (size_t i = 0; i + 1 < message.len; i++)
        if (message.s[i] == '\n' && (message.s[i + 1] == '\n' || message.s[i + 1] == '\r'))
            return str_sub(message, i + 1, message.len);
    return S("");
}

void bounce_read(arena *a, str message, bounce_report *out) {
    *out = (bounce_report){0};
    reading r = {.a = a, .out = out, .text = buf_new(a, TEXT_MOST + 16)};
    if (!message.len || message.len > BOUNCE_BYTES) return;
    mail_ready();
    // An mbox's line in front is none of the message.
    if (str_starts(message, S("From "))) str_cut(&message, '\n');
    if (!message.len) return;
    GMimeStream *bytes = g_mime_stream_mem_new_with_buffer(message.s, message.len);
    GMimeParser *parser = g_mime_parser_new_with_stream(bytes);
    GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);
    if (m) {
        str fields = fields_of(&r, GMIME_OBJECT(m));
        // The text buffer grows while parts are read; it is the last to grow after this.
        read_part(&r, g_mime_message_get_mime_part(m), 0);
        find_token(out, field_of(a, fields, "To"));
        find_token(out, field_of(a, fields, "Delivered-To"));
        find_token(out, field_of(a, fields, "X-Original-To"));
        if (!r.text.len) buf_add(&r.text, str_sub(body_of(message), 0, TEXT_MOST)); // its parts are broken
        understand(&r, fields);
        g_object_unref(m);
    }
    g_object_unref(parser);
    g_object_unref(bytes);
}
