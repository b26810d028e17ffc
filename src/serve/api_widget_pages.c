// The public pages: a form to tell us anything, and a question that was sent by mail.
#include "base/civil.h"
#include "know/told.h"
#include "serve/api_widget.h"
#include "serve/ask_page.h"
#include "serve/page.h"
#include "serve/token.h"
#include "sql/act_gate.h"
#include "sql/know.h"

enum { PAGES_PER_MINUTE = 20 };

bool ask_style(call *c, err *e) {
    (void)e;
    call_text(c, "text/css; charset=utf-8", ask_style_text());
    response_header(c->r, "Cache-Control", S("public, max-age=31536000, immutable"));
    response_header(c->r, "X-Content-Type-Options", S("nosniff"));
    return true;
}

// ---- feedback ----

// False with e clear when the page said that there is none.
static bool open_site(call *c, site *x, err *e) {
    if (!site_of_slug(c->a, c->s, c->params[0], x, e)) return false;
    if (x->id && x->page) return true;
    ask_page p = ask_page_of(c, NULL, S(""));
    ask_page_say(&p, 404, WORD_server_feedback_closed, WORD_server_feedback_closed_text);
    return false;
}

static str fresh_id(call *c) {
    unsigned char raw[16];
    const world *w = server_world(c->sv);
    w->random(w, raw, sizeof raw);
    return hex_of(c->a, (str){(const char *)raw, sizeof raw});
}

bool tell_page(call *c, err *e) {
    site x;
    if (!open_site(c, &x, e)) return err_ok(e);
    ask_page p = ask_page_of(c, &x, S(""));
    feedback_form_put(&p, &(feedback_form){.id = fresh_id(c), .error = WORDS_ALL});
    return true;
}

static str field(call *c, const char *name) {
    return form_value(c->a, c->q->body, name);
}

static enum word error_of(const char *of, bool empty) {
    if (!strcmp(of, "mail")) return WORD_server_feedback_mail_wrong;
    return empty ? WORD_server_feedback_empty : WORD_server_feedback_too_long;
}

static int mood_of(str x) {
    return str_eq(x, S("-1")) ? -1 : str_eq(x, S("0")) ? 0 : str_eq(x, S("1")) ? 1 : MOOD_UNKNOWN;
}

// In which language they read, and so likely write.
static str lang_of(call *c, const site *x, str theirs) {
    ask_page p = ask_page_of(c, x, theirs);
    return str_sub(locale_tag(c->a, &p.l), 0, 2);
}

static bool again(call *c, const site *x, feedback_form f, enum word error) {
    ask_page p = ask_page_of(c, x, S(""));
    f.error = error;
    if (!f.id.len) f.id = fresh_id(c);
    feedback_form_put(&p, &f);
    return true;
}

// The words of who sends too fast are not lost, and the browser is told when to come back.
static bool too_fast(call *c, const char *what) {
    err wait = {0};
    return !widget_pace(c, what, PAGES_PER_MINUTE, &wait);
}

static void to_thanks(call *c, const char *path, str name, bool reachable) {
    locale l;
    str chosen = form_value(c->a, c->q->query, "lang"), to = str_fmt(c->a, "%s%.*s/thanks", path, STR_ARG(name));
    if (reachable) to = str_cat(c->a, to, S("?answer=1"));
    if (locale_of(chosen, &l)) to = str_fmt(c->a, "%.*s%clang=%.*s", STR_ARG(to), reachable ? '&' : '?', 2, chosen.s);
    page_redirect(c, to);
}

bool tell_send(call *c, err *e) {
    site x;
    event ev;
    err why = {0};
    const char *of = "";
    if (!open_site(c, &x, e)) return err_ok(e);
    feedback_form f = {
        .id = field(c, "id"), .text = field(c, "text"), .mail = field(c, "mail"), .mood = field(c, "mood")};
    ask_said given = {
        .id = f.id, .text = f.text, .mail = f.mail, .mood = mood_of(f.mood), .lang = lang_of(c, &x, S(""))};
    ask_about about = {.x = &x, .channel = CHANNEL_web, .now_us = c->now_us};
    if (field(c, "website").len) return to_thanks(c, "/f/", x.slug, false), true; // a program
    bool empty = !str_trim(f.text).len;
    if (too_fast(c, "page")) return again(c, &x, f, WORD_server_feedback_too_many);
    if (!ask_event(c->a, &about, &given, &ev, &of, &why)) {
        if (!strcmp(of, "id")) f.id = S("");
        return again(c, &x, f, error_of(of, empty));
    }
    if (empty) return again(c, &x, f, WORD_server_feedback_empty);
    widget_leave(c, &x, &ev, NULL);
    to_thanks(c, "/f/", x.slug, given.mail.len > 0);
    return true;
}

bool tell_thanks(call *c, err *e) {
    site x;
    ask_promise promise;
    if (!open_site(c, &x, e)) return err_ok(e);
    bool reachable = form_value(c->a, c->q->query, "answer").len > 0;
    if (!ask_promised(c->a, c->s, KIND_message_in, CHANNEL_web, c->now_us, &promise, e)) return false;
    ask_page p = ask_page_of(c, &x, S(""));
    ask_page_begin(&p, WORD_server_feedback_thanks);
    ask_page_words(&p, WORD_server_feedback_stored);
    if (!reachable)
        ask_page_words(&p, WORD_server_feedback_no_reply);
    else if (promise.due_us)
        ask_page_when(&p, WORD_server_feedback_reply, promise.due_us);
    else
        ask_page_words(&p, WORD_server_feedback_reply_some);
    html_fmt(p.b, "<p><a href=\"/f/%s\">%s</a></p>\n", (str[]){x.slug, ask_word(&p, WORD_server_feedback_more)});
    ask_page_end(&p, 200);
    return true;
}

// ---- a question by mail ----

typedef struct {
    ask_link link;
    question q;
    site x;
    int64_t customer;
    str lang; // theirs
} asked_page;

static bool read_reader(call *c, asked_page *o, err *e) {
    if (!o->link.profile) return true;
    if (!store_int(c->s, Q_gate_customer_of, &o->customer, 0, e, "i", o->link.profile)) return false;
    if (!o->customer) return true;
    for (row r = store_query(c->s, Q_profile_of_customer, e, "i", o->customer); row_next(&r);)
        if (!o->lang.len) o->lang = str_dup(c->a, row_str(&r, 5));
    return err_ok(e);
}

static bool say_no(call *c, bool known) {
    ask_page p = ask_page_of(c, NULL, S(""));
    if (known)
        ask_page_say(&p, 410, WORD_server_ask_over, WORD_server_ask_over_text);
    else
        ask_page_say(&p, 404, WORD_server_ask_unknown, WORD_server_ask_unknown_text);
    return false;
}

// False with e clear when the page said that the link is not valid, or its time is over.
static bool open_question(call *c, asked_page *o, err *e) {
    unsigned char key[PREFERENCE_KEY];
    err why = {0};
    *o = (asked_page){0};
    if (!preference_key(c->s, key, &why)) return why.code == ERR_not_found ? say_no(c, false) : (*e = why, false);
    if (!ask_open(key, c->params[0], &o->link) || o->link.asked) return say_no(c, false);
    if (!read_reader(c, o, e) || !question_find(c->a, c->s, o->link.question, &o->q, e)) return false;
    bool preview = !o->link.profile;
    if (!o->customer && !preview) return say_no(c, false);
    int64_t age = c->now_us - o->link.minute * 60 * SECOND_US;
    bool over = !preview && (age > ASK_LINK_DAYS * DAY_US || age < -DAY_US);
    if (!o->q.id || over) return say_no(c, true);
    return site_get(c->a, c->s, o->q.site_id, &o->x, e);
}

static int score_of(str x) {
    int64_t v;
    return str_i64(x, &v) && v >= -1 && v <= 1000 ? (int)v : -1;
}

static bool show_question(call *c, asked_page *o, question_form f, err *e) {
    ask_promise promise;
    if (!ask_promised(c->a, c->s, KIND_answer, CHANNEL_survey, c->now_us, &promise, e)) return false;
    ask_page p = ask_page_of(c, &o->x, o->lang);
    f.q = &o->q, f.token = c->params[0], f.reply_us = promise.due_us, f.preview = !o->link.profile;
    question_form_put(&p, &f);
    return true;
}

// What stands behind ?v= in the mail is chosen already, and no more than that: programs that look at mails open every
// link in them.
bool question_page(call *c, err *e) {
    asked_page o;
    if (!open_question(c, &o, e)) return err_ok(e);
    str v = form_value(c->a, c->q->query, "v");
    return show_question(c, &o, (question_form){.score = score_of(v), .error = WORDS_ALL}, e);
}

bool question_send(call *c, err *e) {
    asked_page o;
    event ev;
    err why = {0};
    const char *of = "";
    if (!open_question(c, &o, e)) return err_ok(e);
    str score = field(c, "score");
    question_form f = {.score = score_of(score), .text = field(c, "text"), .error = WORDS_ALL};
    ask_said given = {.text = f.text,
                      .score = f.score,
                      .has_score = score.len > 0 && o.q.instrument,
                      .mood = MOOD_UNKNOWN,
                      .lang = lang_of(c, &o.x, o.lang)};
    ask_about about = {.x = &o.x, .q = &o.q, .link = c->params[0], .channel = CHANNEL_survey, .now_us = c->now_us};
    if (too_fast(c, "page")) f.error = WORD_server_feedback_too_many;
    if (o.q.instrument && !given.has_score) f.error = WORD_server_ask_choose;
    if (f.error != WORDS_ALL) return show_question(c, &o, f, e);
    if (!told_ident(c->a, c->s, o.customer, &about.of, NULL, e)) return false;
    if (!ask_event(c->a, &about, &given, &ev, &of, &why)) {
        bool long_ = !strcmp(of, "text") && str_trim(f.text).len;
        f.error = long_            ? WORD_server_feedback_too_long
                  : o.q.instrument ? WORD_server_ask_choose
                                   : WORD_server_feedback_empty;
        return show_question(c, &o, f, e);
    }
    if (o.link.profile) widget_leave(c, &o.x, &ev, NULL);
    to_thanks(c, "/s/", c->params[0], false);
    return true;
}

bool question_thanks(call *c, err *e) {
    asked_page o;
    ask_promise promise;
    if (!open_question(c, &o, e)) return err_ok(e);
    if (!ask_promised(c->a, c->s, KIND_answer, CHANNEL_survey, c->now_us, &promise, e)) return false;
    ask_page p = ask_page_of(c, &o.x, o.lang);
    ask_page_begin(&p, WORD_server_feedback_thanks);
    ask_page_words(&p, WORD_server_ask_stored);
    if (promise.due_us) ask_page_when(&p, WORD_server_ask_reply, promise.due_us);
    html_fmt(p.b, "<p><a href=\"/s/%s\">%s</a></p>\n", (str[]){c->params[0], ask_word(&p, WORD_server_ask_change)});
    ask_page_end(&p, 200);
    return true;
}

bool question_never(call *c, err *e) {
    asked_page o;
    preference_said refused = {.what = PREFER_one_click};
    if (!open_question(c, &o, e)) return err_ok(e);
    if (o.link.profile && !preference_write(know_ledger(c->d->k), c->a, o.link.profile, PURPOSE_surveys, &refused, e))
        return false;
    ask_page p = ask_page_of(c, &o.x, o.lang);
    ask_page_say(&p, 200, WORD_server_ask_never_done, WORD_server_ask_never_text);
    return true;
}
