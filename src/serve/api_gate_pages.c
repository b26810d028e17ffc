// The page of preferences: opened from a message, without an account and without scripts.
#include "act/preference.h"
#include "know/fold.h"
#include "serve/handlers.h"
#include "serve/page.h"

typedef struct {
    call *c;
    buf *b;
    str token;
    int64_t profile;
    enum purpose purpose;
    preferences now;
} page;

static str word(const page *p, enum word w) {
    return page_word(p->c, w);
}

static str what(const page *p, enum word w, str thing) {
    return page_with(p->c, w, PLACES({"what", thing}));
}

// ---- the frame: nothing of ours leads away from here, and nothing says who it is ----

static void begin(page *p, enum word title) {
    p->b = page_begin_bare(p->c, word(p, title));
    html_fmt(p->b, "<h1>%s</h1>\n", (str[]){word(p, title)});
}

static bool end(page *p, int status) {
    page_end(p->c, p->b, status);
    return true;
}

static bool say(page *p, int status, enum word title, enum word text) {
    begin(p, title);
    html_fmt(p->b, "<p>%s</p>", (str[]){word(p, text)});
    return end(p, status);
}

// ---- forms ----

static void open_form(page *p) {
    page_form(p->b, p->c, str_fmt(p->c->a, "/u/%.*s", STR_ARG(p->token)));
}

static void button(page *p, const char *act, str text, bool danger) {
    html_fmt(p->b,
             danger ? "<p><button class=\"danger\" name=\"do\" value=\"%s\">%s</button></p>"
                    : "<p><button name=\"do\" value=\"%s\">%s</button></p>",
             (str[]){str_c(act), text});
}

static str purpose_words(const page *p, enum purpose x) {
    const purpose_row *row_of = purpose_of(x);
    return row_of ? word(p, row_of->word) : S("");
}

// Channels by which nothing was ever allowed or refused are no question on everybody's page.
static bool is_shown(const page *p, enum purpose x) {
    bool rare = x == PURPOSE_marketing_sms || x == PURPOSE_marketing_phone || x == PURPOSE_marketing_whatsapp;
    return purpose_of(x) && (!rare || p->now.of[x].said || p->purpose == x);
}

static void choices(page *p) {
    open_form(p);
    for (int i = PURPOSE_none + 1; i < PURPOSES; i++) {
        enum purpose x = (enum purpose)i;
        if (!is_shown(p, x)) continue;
        str name = str_c(purpose_of(x)->name);
        html_fmt(p->b,
                 p->now.of[x].given
                     ? "<label class=\"check\"><input type=\"checkbox\" name=\"on\" value=\"%s\" checked>%s</label>"
                     : "<label class=\"check\"><input type=\"checkbox\" name=\"on\" value=\"%s\">%s</label>",
                 (str[]){name, purpose_words(p, x)});
        html_fmt(p->b, "<input type=\"hidden\" name=\"shown\" value=\"%s\">", &name);
    }
    button(p, "save", word(p, WORD_server_preferences_save), false);
    page_form_end(p->b);
}

static void peace(page *p) {
    html_fmt(p->b, "<h2>%s</h2>", (str[]){word(p, WORD_server_preferences_peace)});
    open_form(p);
    button(p, "pause30", word(p, WORD_server_preferences_pause30), false);
    button(p, "pause90", word(p, WORD_server_preferences_pause90), false);
    button(p, "all_off", word(p, WORD_server_preferences_all_off), true);
    page_form_end(p->b);
}

static bool paused(page *p, err *e) {
    zone *z;
    int64_t until = p->now.paused_until_us;
    if (!until) return true;
    if (!store_zone(p->c->s, p->c->a, &z, e)) return false;
    if (until == INT64_MAX)
        page_good(p->b, word(p, WORD_server_preferences_for_ever));
    else
        page_good(p->b, page_with(p->c, WORD_server_preferences_paused,
                                  PLACES({"day", local_day(p->c->a, page_locale(p->c), zone_days(z, until))})));
    open_form(p);
    button(p, "wake", word(p, WORD_server_preferences_wake), false);
    page_form_end(p->b);
    return true;
}

// One button for what the message was about: what most come for.
static void stop_this(page *p) {
    if (!p->now.of[p->purpose].given) return;
    open_form(p);
    buf_add(p->b, S("<input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">"));
    html_fmt(p->b, "<p><button class=\"danger\">%s</button></p>",
             (str[]){what(p, WORD_server_preferences_stop, purpose_words(p, p->purpose))});
    page_form_end(p->b);
}

static bool whole(page *p, int status, str good, bool undo, err *e) {
    begin(p, WORD_server_preferences_title);
    page_good(p->b, good);
    if (undo) {
        open_form(p);
        button(p, "undo", word(p, WORD_server_preferences_undo), false);
        page_form_end(p->b);
    }
    if (!paused(p, e)) return false;
    html_fmt(p->b, "<p>%s</p>\n", (str[]){word(p, WORD_server_preferences_intro)});
    if (!undo) stop_this(p);
    choices(p);
    peace(p);
    return end(p, status);
}

// ---- routes ----

// False with e clear when the page said that the link is not valid.
static bool open_page(call *c, page *p, err *e) {
    unsigned char key[PREFERENCE_KEY];
    err why = {0};
    *p = (page){.c = c, .token = c->params[0]};
    bool ok = preference_key(c->s, key, &why) && preference_open(key, p->token, &p->profile, &p->purpose) &&
              preferences_read(c->a, c->s, p->profile, c->now_us, &p->now, &why);
    page_speaks(c, p->now.lang);
    if (ok) return true;
    if (!err_ok(&why) && why.code != ERR_not_found) return *e = why, false;
    return say(p, 404, WORD_server_preferences_unknown, WORD_server_preferences_advice) && false;
}

bool preference_page(call *c, err *e) {
    page p;
    return open_page(c, &p, e) ? whole(&p, 200, S(""), false, e) : err_ok(e);
}

static str outcome(const page *p, enum preference_what did) {
    if (did != PREFER_one_click && did != PREFER_undo) return word(p, WORD_server_preferences_saved);
    enum word w = did == PREFER_one_click ? WORD_server_preferences_stopped : WORD_server_preferences_undone;
    return what(p, w, purpose_words(p, p->purpose));
}

static bool note(call *c, const page *p, enum preference_what what, err *e) {
    static const char *const names[] = {"", "one_click", "save", "all_off", "pause", "wake", "undo"};
    str detail = str_fmt(c->a, "{\"by\":\"customer\",\"what\":\"%s\",\"purpose\":\"%s\"}", names[what],
                         purpose_of(p->purpose)->name);
    return store_begin(c->s, e) &&
           audit(c, "customer.preference", str_fmt(c->a, "customer:%" PRId64, p->now.customer), detail, e) &&
           ledger_commit(know_ledger(c->d->k), e);
}

bool preference_say(call *c, err *e) {
    page p;
    if (!open_page(c, &p, e)) return err_ok(e);
    preference_said asked = preference_read(c->a, request_header(c->q, "content-type"), c->q->body);
    if (!asked.what) return say(&p, 400, WORD_server_preferences_title, WORD_server_preferences_unclear);
    if (!preference_write(know_ledger(c->d->k), c->a, p.profile, p.purpose, &asked, e) || !note(c, &p, asked.what, e) ||
        !preferences_read(c->a, c->s, p.profile, c->now_us, &p.now, e))
        return false;
    return whole(&p, 200, outcome(&p, asked.what), asked.what == PREFER_one_click, e);
}
