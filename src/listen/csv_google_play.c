#include "listen/sheet.h"

// Both generations of the monthly file that Play Console writes; the older one calls version and device differently.
// clang-format off
enum {
    PACKAGE, VERSION, LANGUAGE, DEVICE, SUBMITTED, SUBMITTED_MS, UPDATED, UPDATED_MS, STARS, TITLE, TEXT, REPLIED,
    REPLIED_MS, REPLY, LINK,
};
static const char *const columns[] = {
    [PACKAGE] = "Package Name", [VERSION] = "App Version Name|App Version Code|App Version",
    [LANGUAGE] = "Reviewer Language", [DEVICE] = "Device|Reviewer Hardware Model",
    [SUBMITTED] = "Review Submit Date and Time", [SUBMITTED_MS] = "Review Submit Millis Since Epoch",
    [UPDATED] = "Review Last Update Date and Time", [UPDATED_MS] = "Review Last Update Millis Since Epoch",
    [STARS] = "Star Rating", [TITLE] = "Review Title", [TEXT] = "Review Text",
    [REPLIED] = "Developer Reply Date and Time", [REPLIED_MS] = "Developer Reply Millis Since Epoch",
    [REPLY] = "Developer Reply Text", [LINK] = "Review Link",
};
// clang-format on

static double play_sure(const glance *g) {
    static const char *const need[] = {"Package Name", "Star Rating", "Review Link", "Reviewer Language"};
    return all_there(g, need, COUNT(need), 0.98);
}

static bool play_begin(reading *r, const glance *g, heard_as *as, err *e) {
    (void)g, (void)as, (void)e;
    sheet_begin(r, columns, COUNT(columns));
    return true;
}

static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static str url_decoded(reading *r, str x) {
    char *p = str_z(&r->row, x);
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) {
        bool coded = x.s[i] == '%' && i + 2 < x.len && hex(x.s[i + 1]) >= 0 && hex(x.s[i + 2]) >= 0;
        p[n++] = (char)(coded ? hex(x.s[i + 1]) << 4 | hex(x.s[i + 2]) : x.s[i]);
        i += coded ? 2 : 0;
    }
    return (str){p, n};
}

// The id inside the link survives edits; the link is "…?reviewId=ID&…", or "…&reviewid=ID" in older files.
static str review_id(reading *r) {
    static const str name = {"reviewid=", 9};
    str link = at(r, LINK);
    for (size_t i = 0; i + name.len <= link.len; i++) {
        if (!str_starts_ci(str_sub(link, i, link.len), name)) continue;
        str id = str_sub(link, i + name.len, link.len);
        size_t n = 0;
        while (n < id.len && id.s[n] != '&' && id.s[n] != '#') n++;
        return url_decoded(r, str_sub(id, 0, n));
    }
    return S("");
}

// A rating without words has no link: what never changes of it stands for it.
static str review_key(reading *r, str id) {
    if (id.len) return key_of(r, "review", id);
    str fixed = str_fmt(&r->row, "%.*s|%.*s|%.*s|%.*s", STR_ARG(at(r, PACKAGE)), STR_ARG(at(r, SUBMITTED_MS)),
                        STR_ARG(at(r, LANGUAGE)), STR_ARG(at(r, DEVICE)));
    return row_key(r, "review", fixed);
}

static bool time_of(reading *r, int ms, int text, int64_t *at_us) {
    return time_at_if(r, at(r, ms).len ? ms : text, at_us);
}

static void play_row(reading *r) {
    event like = sheet_template(r);
    int64_t replied_us = 0;
    str id = review_id(r);
    if (!time_of(r, SUBMITTED_MS, SUBMITTED, &like.at_us) || !time_of(r, UPDATED_MS, UPDATED, &like.edited_us) ||
        !time_of(r, REPLIED_MS, REPLIED, &replied_us))
        return;
    like.thread = review_key(r, id);
    like.lang = language_of(at(r, LANGUAGE));
    event *ev = say(r, &like, KIND_review, like.at_us, like.thread);
    if (!read_score(r, "Star Rating", at(r, STARS), INSTRUMENT_stars5, ev)) return;
    str title = at(r, TITLE), text = at(r, TEXT);
    ev->text = title.len && text.len ? str_fmt(&r->row, "%.*s\n%.*s", STR_ARG(title), STR_ARG(text))
               : title.len           ? title
                                     : text;
    add_extra(r, ev, "app", at(r, PACKAGE));
    add_extra(r, ev, "version", at(r, VERSION));
    add_extra(r, ev, "device", at(r, DEVICE));
    if (!at(r, REPLY).len || !replied_us) return;
    ptrdiff_t colon = str_find(like.thread, ':');
    ev = say(r, &like, KIND_message_out, replied_us,
             key_of(r, "reply", str_sub(like.thread, (size_t)colon + 1, like.thread.len)));
    ev->text = at(r, REPLY);
    ev->edited_us = replied_us;
}

const adapter ADAPTER_google_play = {
    .name = "google-play",
    .label = "Google Play reviews export (CSV)",
    .source = "google-play",
    .channel = CHANNEL_reviews,
    .format = FORMAT_CSV,
    .sure = play_sure,
    .begin = play_begin,
    .row = play_row,
};
