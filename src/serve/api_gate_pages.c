// The page of preferences: opened from a message, without an account and without scripts.
#include "act/preference.h"
#include "base/civil.h"
#include "know/fold.h"
#include "serve/handlers.h"
#include "serve/page.h"

enum words {
#define WORDS(name, en, de, es) WORDS_##name,
#include "serve/preference_words.def"
    ALL_WORDS,
};
enum { LANGS = 3, PAGE_MOST = 1 << 18 };
static const char *const langs[LANGS] = {"en", "de", "es"};
static const char *const texts[ALL_WORDS][LANGS] = {
#define WORDS(name, en, de, es) {en, de, es},
#include "serve/preference_words.def"
};

typedef struct {
    call *c;
    buf *b;
    int lang;
    str token;
    int64_t profile;
    enum purpose purpose;
    preferences now;
} page;

static str word(const page *p, enum words w) {
    return str_c(texts[w][p->lang]);
}

static int lang_of(str x) {
    for (int i = 0; i < LANGS; i++)
        if (str_starts_ci(x, str_c(langs[i]))) return i;
    return -1;
}

// The person's own language, else the first of the browser's that the page speaks.
static void choose_lang(page *p) {
    p->lang = lang_of(p->now.lang);
    for (str rest = request_header(p->c->q, "accept-language"); p->lang < 0 && rest.s && rest.len;)
        p->lang = lang_of(str_trim(str_cut(&rest, ',')));
    if (p->lang < 0) p->lang = 0;
}

// ---- the frame: nothing of ours leads away from here, and nothing says who it is ----

static void begin(page *p, enum words title) {
    p->b = make(p->c->a, buf, 1);
    *p->b = buf_new(p->c->a, PAGE_MOST);
    str lang = str_c(langs[p->lang]), style = page_style_path(p->c->a);
    html_fmt(p->b,
             "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
             "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
             "<meta name=\"color-scheme\" content=\"light dark\"><title>%s</title>"
             "<link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"%s\"></head>\n"
             "<body><main id=\"main\" class=\"card\">\n<h1>%s</h1>\n",
             (str[]){lang, word(p, title), style, word(p, title)});
}

static bool end(page *p, int status) {
    page_end(p->c, p->b, status);
    return true;
}

static bool say(page *p, int status, enum words title, enum words text) {
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
    return row_of ? str_c(row_of->words[p->lang]) : S("");
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
    button(p, "save", word(p, WORDS_save), false);
    page_form_end(p->b);
}

static void peace(page *p) {
    html_fmt(p->b, "<h2>%s</h2>", (str[]){word(p, WORDS_peace)});
    open_form(p);
    button(p, "pause30", word(p, WORDS_pause30), false);
    button(p, "pause90", word(p, WORDS_pause90), false);
    button(p, "all_off", word(p, WORDS_all_off), true);
    page_form_end(p->b);
}

static bool paused(page *p, err *e) {
    zone *z;
    int64_t until = p->now.paused_until_us;
    if (!until) return true;
    if (!store_zone(p->c->s, p->c->a, &z, e)) return false;
    if (until == INT64_MAX)
        page_good(p->b, word(p, WORDS_for_ever));
    else
        page_good(p->b, str_cat(p->c->a, word(p, WORDS_paused), date_str(p->c->a, zone_days(z, until))));
    open_form(p);
    button(p, "wake", word(p, WORDS_wake), false);
    page_form_end(p->b);
    return true;
}

// One button for what the message was about: what most come for.
static void stop_this(page *p) {
    if (!p->now.of[p->purpose].given) return;
    open_form(p);
    buf_add(p->b, S("<input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">"));
    html_fmt(p->b, "<p><button class=\"danger\">%s</button></p>",
             (str[]){str_cat(p->c->a, word(p, WORDS_stop), purpose_words(p, p->purpose))});
    page_form_end(p->b);
}

static bool whole(page *p, int status, str good, bool undo, err *e) {
    begin(p, WORDS_title);
    page_good(p->b, good);
    if (undo) {
        open_form(p);
        button(p, "undo", word(p, WORDS_undo), false);
        page_form_end(p->b);
    }
    if (!paused(p, e)) return false;
    html_fmt(p->b, "<p>%s</p>\n", (str[]){word(p, WORDS_intro)});
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
    choose_lang(p);
    if (ok) return true;
    if (!err_ok(&why) && why.code != ERR_not_found) return *e = why, false;
    return say(p, 404, WORDS_unknown, WORDS_advice) && false;
}

bool preference_page(call *c, err *e) {
    page p;
    return open_page(c, &p, e) ? whole(&p, 200, S(""), false, e) : err_ok(e);
}

static str outcome(const page *p, enum preference_what what) {
    enum words w = what == PREFER_one_click ? WORDS_stopped : what == PREFER_undo ? WORDS_undone : WORDS_saved;
    return w == WORDS_saved ? word(p, w) : str_cat(p->c->a, word(p, w), purpose_words(p, p->purpose));
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
    if (!asked.what) return say(&p, 400, WORDS_title, WORDS_unclear);
    if (!preference_write(know_ledger(c->d->k), c->a, p.profile, p.purpose, &asked, e) || !note(c, &p, asked.what, e) ||
        !preferences_read(c->a, c->s, p.profile, c->now_us, &p.now, e))
        return false;
    return whole(&p, 200, outcome(&p, asked.what), asked.what == PREFER_one_click, e);
}
