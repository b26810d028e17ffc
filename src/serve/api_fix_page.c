// The page on which a customer says whether something that we repaired is: opened from a message, without an account
// and without scripts. Opening it changes nothing.
#include "act/commitment_note.h"
#include "act/preference.h"
#include "know/fold.h"
#include "serve/handlers.h"
#include "serve/page.h"
#include "sql/know.h"

static bool say(call *c, int status, enum word title, enum word text) {
    buf *b = page_begin_bare(c, page_word(c, title));
    html_fmt(b, "<h1>%s</h1>\n<p>%s</p>", (str[]){page_word(c, title), page_word(c, text)});
    page_end(c, b, status);
    return true;
}

// False with e clear when the page said that there is nothing to be said.
static bool open_fix(call *c, commitment *x, err *e) {
    int64_t id = 0;
    err why = {0};
    bool ok = fix_open(c->s, c->params[0], &id, &why);
    if (!ok && why.code != ERR_not_found) return *e = why, false;
    if (ok && !commitment_get(c->a, c->s, id, x, e)) ok = false;
    if (!err_ok(e)) return false;
    if (!ok) return say(c, 404, WORD_server_fix_gone, WORD_server_fix_gone_text) && false;
    if (x->kind == COMMITMENT_fix && !x->withdrawn_us && !x->void_us) return true;
    return say(c, 410, WORD_server_fix_over, WORD_server_fix_over_text) && false;
}

static void speak_as(call *c, const commitment *x, err *e) {
    str lang = S("");
    for (row r = store_query(c->s, Q_profile_of_customer, e, "i", x->profile_id); row_next(&r);)
        if (!lang.len) lang = str_dup(c->a, row_str(&r, 5));
    page_speaks(c, lang);
}

static void ask(call *c, const commitment *x) {
    static const struct {
        const char *act;
        enum word word;
    } answers[] = {{"solved", WORD_server_fix_yes}, {"not", WORD_server_fix_no}};
    buf *b = page_begin_bare(c, page_word(c, WORD_server_fix_title));
    html_fmt(b, "<h1>%s</h1>\n", (str[]){page_word(c, WORD_server_fix_title)});
    html_fmt(b, "<p>%s</p>\n<blockquote>%s</blockquote>\n",
             (str[]){page_word(c, WORD_server_fix_said), x->what.len ? x->what : page_word(c, WORD_promise_kind_fix)});
    page_form(b, c, str_fmt(c->a, "/fix/%.*s", STR_ARG(c->params[0])));
    page_field(b, (page_field_opts){.name = "words", .label = page_word(c, WORD_server_fix_words), .optional = true});
    for (size_t i = 0; i < COUNT(answers); i++)
        html_fmt(b, "<p><button name=\"do\" value=\"%s\">%s</button></p>",
                 (str[]){str_c(answers[i].act), page_word(c, answers[i].word)});
    page_form_end(b);
    page_end(c, b, 200);
}

bool fix_page(call *c, err *e) {
    commitment x = {0};
    if (!open_fix(c, &x, e)) return err_ok(e);
    speak_as(c, &x, e);
    if (!err_ok(e)) return false;
    ask(c, &x);
    return true;
}

// Saying the same twice is no second word; what was solved can be said not to be, and the other way round.
bool fix_say(call *c, err *e) {
    enum { WORDS_MOST = 2000 };
    commitment x = {0};
    str act = form_value(c->a, c->q->body, "do"), words = str_sub(form_value(c->a, c->q->body, "words"), 0, WORDS_MOST);
    bool solved = str_eq(act, S("solved"));
    if (!open_fix(c, &x, e)) return err_ok(e);
    speak_as(c, &x, e);
    if (!err_ok(e)) return false;
    if (!solved && !str_eq(act, S("not"))) return say(c, 400, WORD_server_fix_title, WORD_server_preferences_unclear);
    if (!str_utf8_ok(words)) words = S("");
    bool open = !commitment_closed(&x), known = solved ? x.confirmed_us != 0 : open;
    if (!known && !commitment_confirm(know_ledger(c->d->k), c->a, x.id, solved, words, S("customer"), e)) return false;
    return say(c, 200, WORD_server_fix_title, solved ? WORD_server_fix_thanks : WORD_server_fix_sorry);
}
