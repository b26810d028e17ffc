#include "serve/ask_page.h"

#include "base/civil.h"
#include "know/fold.h"
#include "know/settings.h"
#include "serve/page.h"

enum { PAGE_MOST = 1 << 17 };

// ---- the frame ----

// Contrast of every text to its ground is 4.5:1 or more in both; targets are 44 pixels high.
static const char STYLE[] =
    ":root{color-scheme:light dark;--g:#f3f5f7;--p:#fff;--i:#1b2530;--q:#55606c;--e:#7d8794;--a:#0a58a8;--o:#fff;"
    "--b:#a83a00}\n"
    "@media(prefers-color-scheme:dark){:root{--g:#0f151b;--p:#182029;--i:#f0f3f6;--q:#a9b4bf;--e:#6f7b88;--a:#7ab8ff;"
    "--o:#0b1a2b;--b:#ff9d66}}\n"
    "*{box-sizing:border-box}\n"
    "html{font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;background:var(--g);"
    "color:var(--i)}\n"
    "body{margin:0;overflow-wrap:break-word}\n"
    "main{max-width:560px;margin:5vh auto;padding:28px;background:var(--p);border-radius:12px}\n"
    "h1{font-size:1.4rem;line-height:1.3;margin:0 0 12px}p{margin:0 0 14px}\n"
    "a{color:var(--a)}.q{color:var(--q);font-size:.93rem}\n"
    ".e{padding:10px 12px;border:1px solid var(--b);border-radius:8px;color:var(--b);font-weight:600}\n"
    "label,legend{font-weight:600}fieldset{border:0;margin:0 0 18px;padding:0}legend{padding:0;margin:0 0 8px}\n"
    "textarea,.f{display:block;width:100%;margin:4px 0 18px;padding:10px 12px;font:inherit;color:inherit;"
    "background:var(--p);border:1px solid var(--e);border-radius:8px}\n"
    "textarea{min-height:7em;resize:vertical}.f{min-height:44px}\n"
    ".s{display:grid;grid-auto-flow:column;grid-auto-columns:1fr;gap:4px}\n"
    ".s label{position:relative;min-height:44px;font-weight:400}\n"
    ".s input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}\n"
    ".s span{display:flex;align-items:center;justify-content:center;min-height:44px;padding:4px 8px;border:1px solid "
    "var(--e);border-radius:8px}\n"
    ".s :checked+span{background:var(--a);border-color:var(--a);color:var(--o);font-weight:600}\n"
    ".s :focus-visible+span,:focus-visible{outline:2px solid var(--a);outline-offset:2px}\n"
    ".ends{display:flex;justify-content:space-between;gap:16px;color:var(--q);font-size:.93rem;margin:4px 0 0}\n"
    "button{min-height:44px;padding:9px 24px;font:inherit;font-weight:600;cursor:pointer;color:var(--o);"
    "background:var(--a);border:1px solid transparent;border-radius:8px}\n"
    "button.l{min-height:44px;padding:0;color:var(--a);background:none;font-weight:400;text-decoration:underline}\n"
    "footer{padding:0 16px 24px;text-align:center;color:var(--q)}footer span{margin:0 6px}"
    "footer a{display:inline-block;min-height:24px}\n"
    ".t{position:absolute;inset-inline-start:-9999px}\n"
    "@media(max-width:600px){main{margin:0;border-radius:0;padding:20px 16px}"
    ".m{grid-auto-flow:row;grid-template-columns:repeat(6,1fr)}}\n"
    "@media(forced-colors:active){.s :checked+span{outline:3px solid Highlight}button{border-color:ButtonBorder}}\n"
    "@media print{:root{color-scheme:light;--g:#fff;--p:#fff;--i:#000;--q:#444}button,footer{display:none}}\n";

str ask_style_text(void) {
    return S(STYLE);
}

static str ask_style_path(arena *a) {
    return str_fmt(a, "/ask.css?v=%08" PRIx32, (uint32_t)str_hash(S(STYLE)));
}

ask_page ask_page_of(call *c, const site *x, str lang) {
    page_speaks(c, x && x->lang.len ? x->lang : lang);
    return (ask_page){.c = c, .l = *page_locale(c), .x = x, .name = x ? x->name : S("")};
}

str ask_word(const ask_page *p, enum word w) {
    return word_with(p->c->a, &p->l, w, PLACES({"name", p->name}));
}

void ask_page_begin(ask_page *p, enum word title) {
    arena *a = p->c->a;
    p->b = make(a, buf, 1);
    *p->b = buf_new(a, PAGE_MOST);
    html_fmt(
        p->b,
        "<!doctype html>\n<html lang=\"%s\" dir=\"%s\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        "<meta name=\"color-scheme\" content=\"light dark\"><title>%s</title>"
        "<link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"%s\"></head>\n<body><main>\n"
        "<h1>%s</h1>\n",
        (str[]){locale_tag(a, &p->l), locale_dir(&p->l), ask_word(p, title), ask_style_path(a), ask_word(p, title)});
}

void ask_page_end(ask_page *p, int status) {
    if (p->x && p->x->privacy.len)
        html_fmt(p->b, "<p class=\"q\"><a href=\"%s\" rel=\"noreferrer\">%s</a></p>\n",
                 (str[]){p->x->privacy, word_of(&p->l, WORD_server_feedback_privacy)});
    page_end(p->c, p->b, status);
}

void ask_page_words(ask_page *p, enum word w) {
    html_fmt(p->b, "<p>%s</p>\n", (str[]){ask_word(p, w)});
}

void ask_page_when(ask_page *p, enum word w, int64_t at_us) {
    zone *z;
    err quiet = {0};
    str when = store_zone(p->c->s, p->c->a, &z, &quiet) ? local_moment(p->c->a, &p->l, at_us, z) : S("");
    if (when.len) html_fmt(p->b, "<p>%s</p>\n", (str[]){word_with(p->c->a, &p->l, w, PLACES({"when", when}))});
}

// Nothing for WORDS_ALL.
static void ask_page_error(ask_page *p, enum word w) {
    if (w != WORDS_ALL) html_fmt(p->b, "<p class=\"e\" role=\"alert\">%s</p>\n", (str[]){ask_word(p, w)});
}

void ask_page_say(ask_page *p, int status, enum word title, enum word text) {
    ask_page_begin(p, title);
    ask_page_words(p, text);
    ask_page_end(p, status);
}

// ---- forms ----

// "de" of "de-AT".
static str two(const ask_page *p) {
    return str_sub(locale_tag(p->c->a, &p->l), 0, 2);
}

static void put_choice(ask_page *p, str value, str label, bool chosen, const char *name) {
    html_fmt(p->b,
             chosen ? "<label><input type=\"radio\" name=\"%s\" value=\"%s\" checked><span>%s</span></label>"
                    : "<label><input type=\"radio\" name=\"%s\" value=\"%s\"><span>%s</span></label>",
             (str[]){str_c(name), value, label});
}

static void put_text(ask_page *p, str label, str text, bool needed) {
    html_fmt(p->b,
             needed ? "<label for=\"text\">%s</label><textarea id=\"text\" name=\"text\" maxlength=\"2000\" "
                      "required>\n%s</textarea>\n"
                    : "<label for=\"text\">%s</label><textarea id=\"text\" name=\"text\" maxlength=\"2000\">\n%s"
                      "</textarea>\n",
             (str[]){label, text});
}

static void put_moods(ask_page *p, str chosen) {
    static const struct {
        const char *value;
        enum word w;
    } moods[] = {{"-1", WORD_server_feedback_mood_bad},
                 {"0", WORD_server_feedback_mood_mid},
                 {"1", WORD_server_feedback_mood_good}};
    html_fmt(p->b, "<fieldset><legend>%s</legend><div class=\"s\">",
             (str[]){word_of(&p->l, WORD_server_feedback_mood)});
    for (size_t i = 0; i < COUNT(moods); i++)
        put_choice(p, str_c(moods[i].value), word_of(&p->l, moods[i].w), str_eq(chosen, str_c(moods[i].value)), "mood");
    buf_add(p->b, S("</div></fieldset>\n"));
}

static void put_hidden(ask_page *p, const char *name, str value) {
    html_fmt(p->b, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", (str[]){str_c(name), value});
}

void feedback_form_put(ask_page *p, const feedback_form *f) {
    const locale *l = &p->l;
    ask_page_begin(p, WORD_server_feedback_title);
    ask_page_error(p, f->error);
    ask_page_words(p, WORD_server_feedback_intro);
    page_form(p->b, p->c, str_fmt(p->c->a, "/f/%.*s", STR_ARG(p->x->slug)));
    put_hidden(p, "id", f->id);
    put_text(p, word_of(l, WORD_server_feedback_text), f->text, true);
    put_moods(p, f->mood);
    html_fmt(p->b,
             "<label for=\"mail\">%s</label><input class=\"f\" id=\"mail\" name=\"mail\" type=\"email\" "
             "autocomplete=\"email\" value=\"%s\">\n",
             (str[]){word_of(l, WORD_server_feedback_mail), f->mail});
    // People do not see it, and programs that fill in every field do.
    html_fmt(p->b,
             "<div class=\"t\" aria-hidden=\"true\"><label>%s<input name=\"website\" tabindex=\"-1\" "
             "autocomplete=\"off\"></label></div>\n",
             (str[]){word_of(l, WORD_server_feedback_trap)});
    html_fmt(p->b, "<p><button>%s</button></p></form>\n", (str[]){word_of(l, WORD_server_feedback_send)});
    ask_page_end(p, f->error == WORDS_ALL ? 200 : 400);
}

// ---- the question ----

typedef struct {
    enum word asks, low, high;
} scale_words;

static scale_words words_of(enum instrument i) {
    if (i == INSTRUMENT_nps)
        return (scale_words){WORD_server_ask_nps, WORD_server_ask_nps_low, WORD_server_ask_nps_high};
    if (i == INSTRUMENT_csat5)
        return (scale_words){WORD_server_ask_csat5, WORD_server_ask_csat5_low, WORD_server_ask_csat5_high};
    if (i == INSTRUMENT_ces7)
        return (scale_words){WORD_server_ask_ces7, WORD_server_ask_ces7_low, WORD_server_ask_ces7_high};
    return (scale_words){WORD_server_ask_open, WORDS_ALL, WORDS_ALL};
}

static str asks_of(const ask_page *p, const question *q) {
    return q->words.len ? q->words : ask_word(p, words_of(q->instrument).asks);
}

static void put_scale(ask_page *p, const question_form *f) {
    int lo, hi;
    scale_words w = words_of(f->q->instrument);
    str lang = f->q->words.len && f->q->lang.len ? f->q->lang : two(p);
    if (!instrument_range(f->q->instrument, &lo, &hi)) return;
    html_fmt(p->b, "<fieldset><legend lang=\"%s\">%s</legend><div class=\"%s\">",
             (str[]){lang, asks_of(p, f->q), hi - lo > 6 ? S("s m") : S("s")});
    for (int i = lo; i <= hi; i++) {
        str value = str_fmt(p->c->a, "%d", i);
        put_choice(p, value, value, i == f->score, "score");
    }
    html_fmt(p->b, "</div><div class=\"ends\"><span>%s</span><span>%s</span></div></fieldset>\n",
             (str[]){str_fmt(p->c->a, "%d = %.*s", lo, STR_ARG(word_of(&p->l, w.low))),
                     str_fmt(p->c->a, "%d = %.*s", hi, STR_ARG(word_of(&p->l, w.high)))});
}

void question_form_put(ask_page *p, const question_form *f) {
    bool scored = f->q->instrument != INSTRUMENT_none;
    str action = str_fmt(p->c->a, "/s/%.*s", STR_ARG(f->token));
    ask_page_begin(p, WORD_server_ask_title);
    ask_page_error(p, f->error);
    if (f->preview) ask_page_words(p, WORD_server_ask_preview);
    ask_page_words(p, WORD_server_ask_long);
    page_form(p->b, p->c, action);
    if (scored) put_scale(p, f);
    put_text(p, scored ? word_of(&p->l, WORD_server_ask_why) : asks_of(p, f->q), f->text, !scored);
    html_fmt(p->b, "<p><button>%s</button></p></form>\n", (str[]){word_of(&p->l, WORD_server_feedback_send)});
    html_fmt(p->b, "<p class=\"q\">%s</p>\n", (str[]){word_of(&p->l, WORD_server_ask_nothing_yet)});
    if (f->reply_us) ask_page_when(p, WORD_server_ask_reply, f->reply_us);
    page_form(p->b, p->c, str_cat(p->c->a, action, S("/never")));
    html_fmt(p->b, "<button class=\"l\">%s</button></form>\n", (str[]){word_of(&p->l, WORD_server_ask_never)});
    ask_page_end(p, f->error == WORDS_ALL ? 200 : 400);
}
