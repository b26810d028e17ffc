// What the widget in a company's own pages asks and sends.
#include "serve/api_widget.h"

#include "serve/assets.h"
#include "serve/later.h"
#include "serve/throttle.h"

// An office is one address. What is asked is noted, so that a program that pretends to be many visitors must not fill
// the store.
enum { NEXT_PER_MINUTE = 600, ASKS_PER_MINUTE = 30, ANSWERS_PER_MINUTE = 60 };

// ---- the script ----

// Its name stays, so that pages need not change with it: it is asked for again after an hour.
bool widget_script(call *c, err *e) {
    const asset *x = asset_find(S("w.js"));
    if (!x) return fail(e, ERR_not_found, "this heed was built without its web app");
    str body = {x->begin, (size_t)(x->end - x->begin)};
    request packed = {.body = body};
    bool gzip = str_has(request_header(c->q, "accept-encoding"), S("gzip"));
    if (!gzip && !message_unpack(c->a, &packed, 1 << 20, &body, e)) return false;
    call_text(c, x->type, body);
    if (gzip) response_header(c->r, "Content-Encoding", S("gzip"));
    response_header(c->r, "Vary", S("Accept-Encoding"));
    response_header(c->r, "Cache-Control", S("public, max-age=3600"));
    response_header(c->r, "ETag", str_c(x->etag));
    response_header(c->r, "X-Content-Type-Options", S("nosniff"));
    response_header(c->r, "Access-Control-Allow-Origin", S("*"));
    response_header(c->r, "Cross-Origin-Resource-Policy", S("cross-origin"));
    return true;
}

// ---- who asks ----

static int64_t wait_of(call *c, const char *what, int64_t per_minute) {
    int64_t key = (int64_t)(str_hash2(str_hash(str_c(what)), c->q->peer) | 1);
    return throttle_key(server_throttle(c->sv), key, per_minute, c->now_us);
}

bool widget_pace(call *c, const char *what, int64_t per_minute, err *e) {
    int64_t wait = wait_of(c, what, per_minute);
    if (!wait) return true;
    response_header(c->r, "Retry-After", str_fmt(c->a, "%" PRId64, wait / 1000000 + 1));
    return fail(e, ERR_too_many, "too much comes from this address; wait as Retry-After says");
}

typedef struct {
    site x;
    ask_person who;
} here;

// The key says which site; the origin, which no page can forge for its visitors, that the site wants it.
static bool where(call *c, const char *what, int64_t per_minute, here *h, err *e) {
    str origin = request_header(c->q, "origin");
    if (!widget_pace(c, what, per_minute, e) || !site_of_key(c->a, c->s, in_str(c, "key"), &h->x, e)) return false;
    if (!h->x.id) return fail_field(c, e, "key", "'key' is of no site; copy the line from the settings once more");
    if (!site_allows(&h->x, origin))
        return fail(e, ERR_denied, "'%.*s' is not among the websites of \"%.*s\"; add it in the settings",
                    (int)MIN(origin.len, 80), origin.s, (int)MIN(h->x.name.len, 60), h->x.name.s);
    return ask_person_read(c->a, c->s, &h->x, in_str(c, "visitor"), in_str(c, "user"), in_str(c, "hash"), &h->who, e);
}

// ---- what to show ----

static void put_or_null(json_out *j, const char *name, str x) {
    if (x.len)
        json_put_str(j, name, x);
    else
        json_put_null(j, name);
}

static void put_question(json_out *j, const question *q, str token) {
    int lo = 0, hi = 0;
    if (!instrument_range(q->instrument, &lo, &hi)) lo = hi = 0;
    json_open(j, "ask", '{');
    json_put_str(j, "ask", token);
    json_put_str(j, "scale", str_c(question_scale_name(q->instrument)));
    json_put_int(j, "lo", lo);
    json_put_int(j, "hi", hi);
    put_or_null(j, "words", q->words);
    put_or_null(j, "lang", q->lang);
    json_close(j, '}');
}

static void put_now(call *c, const here *h, const question *q, str token, int64_t again_s) {
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    json_put_str(j, "name", h->x.name);
    json_put_bool(j, "button", h->x.button);
    if (token.len)
        put_question(j, q, token);
    else
        json_put_null(j, "ask");
    json_put_int(j, "again", again_s);
    json_put_bool(j, "signed", h->who.user.len > 0);
    put_or_null(j, "privacy", h->x.privacy);
    json_close(j, '}');
}

typedef struct {
    call *c;
    here h;
} claiming;

// On the writer's thread, so that nobody is asked twice: it may run a second time, and then begins its answer anew.
static bool claim(void *ctx, desk *d, err *e) {
    claiming *k = ctx;
    call *c = k->c;
    question q;
    int64_t asked;
    str token = S("");
    unsigned char key[PREFERENCE_KEY];
    buf_reset(&c->b), c->out = json_to(&c->b);
    if (!ask_claim(know_ledger(d->k), d->a, &k->h.x, &k->h.who, &asked, &q, e)) return false;
    if (asked) {
        if (!preference_key(d->s, key, e)) return false;
        token = ask_token(d->a, key, &(ask_link){.question = q.id, .asked = asked});
    }
    put_now(c, &k->h, &q, token, ASK_AGAIN_MOST_S);
    return true;
}

bool widget_next(call *c, err *e) {
    claiming *k = make(c->a, claiming, 1);
    question q;
    int64_t again_s;
    k->c = c;
    if (!where(c, "next", NEXT_PER_MINUTE, &k->h, e) ||
        !ask_next(c->a, c->s, &k->h.x, &k->h.who, c->now_us, &q, &again_s, e))
        return false;
    if (q.id && !wait_of(c, "ask", ASKS_PER_MINUTE))
        c->give.piece = claim, c->give.ctx = k, c->give.bytes = 4096;
    else
        put_now(c, &k->h, &q, S(""), again_s);
    return true;
}

// ---- what is said ----

static bool note_answered(void *ctx, desk *d, err *e) {
    return ask_answered(d->s, *(const int64_t *)ctx, e);
}

void widget_leave(call *c, const site *x, const event *ev, const ask_link *link) {
    event *mine = make(c->a, event, 1);
    *mine = *ev;
    intake in = {.events = mine, .row_of = make(c->a, int32_t, 1), .n = 1, .rows = 1};
    c->give.events = (parcel){.source = site_source(c->a, x), .adapter = S("widget"), .channel = CHANNEL_web, .in = in};
    c->give.bytes = arena_used(c->a); // all of it stays until it is written
    err ignored = {0};                // should this be lost, the browser counts as asked and not as answered
    bool noted = !link || !link->asked || later_post(c->sv, note_answered, &link->asked, sizeof link->asked, &ignored);
    (void)noted;
}

// What is answered, when something is: a question of this site that a widget asked.
static bool answered_in(call *c, const site *x, question *q, ask_link *link, err *e) {
    unsigned char key[PREFERENCE_KEY];
    str token = in_str(c, "ask");
    *q = (question){0}, *link = (ask_link){0};
    if (!token.len) return true;
    if (!preference_key(c->s, key, e)) return false;
    if (!ask_open(key, token, link) || !link->asked) return fail_field(c, e, "ask", "'ask' is nothing that was asked");
    if (!question_find(c->a, c->s, link->question, q, e)) return false;
    return q->site_id == x->id || fail_field(c, e, "ask", "what it answers is asked no more");
}

static ask_said said_in(call *c) {
    str lang = in_str(c, "lang");
    return (ask_said){.id = in_str(c, "id"),
                      .text = in_str(c, "text"),
                      .mail = in_str(c, "mail"),
                      .page = in_str(c, "page"),
                      .lang = str_lower(c->a, str_sub(lang, 0, MIN(lang.len, 2))),
                      .score = (int)MIN(MAX(in_int(c, "score", 0), -1000), 1000),
                      .has_score = in_has(c, "score"),
                      .mood = in_has(c, "mood") ? (int)MIN(MAX(in_int(c, "mood", 0), -5), 5) : MOOD_UNKNOWN,
                      .at_us = MIN(MAX(in_int(c, "at", 0), 0), INT64_MAX / 1000) * 1000};
}

bool widget_answer(call *c, err *e) {
    here h;
    question q;
    ask_link link;
    event ev;
    ask_promise promise;
    const char *field = "";
    err why = {0};
    if (!where(c, "answer", ANSWERS_PER_MINUTE, &h, e) || !answered_in(c, &h.x, &q, &link, e)) return false;
    ask_said given = said_in(c);
    ask_about about = {.x = &h.x,
                       .q = q.id ? &q : NULL,
                       .of = ask_ident(&h.who),
                       .link = in_str(c, "ask"),
                       .channel = CHANNEL_web,
                       .now_us = c->now_us};
    if (!ask_event(c->a, &about, &given, &ev, &field, &why)) return fail_field(c, e, field, "%s", why.msg);
    bool reachable = h.who.user.len || given.mail.len;
    if (!ask_promised(c->a, c->s, reachable ? ev.kind : KIND_none, ev.channel, c->now_us, &promise, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_str(&c->out, "id", given.id);
    out_time(&c->out, "reply", promise.due_us);
    json_close(&c->out, '}');
    widget_leave(c, &h.x, &ev, &link);
    return true;
}

// ---- what is not said ----

static bool decline(call *c, const here *h, int64_t asked, bool for_ever, err *e) {
    ledger *l = know_ledger(c->d->k);
    bool ok = store_begin(c->s, e) && ask_declined(l, &h->who, asked, for_ever, e) && ledger_commit(l, e);
    if (!ok) return store_rollback(c->s), false;
    preference_said refused = {.what = PREFER_one_click};
    // Whom we know is asked by nothing else either.
    return !for_ever || !h->who.customer || preference_write(l, c->a, h->who.customer, PURPOSE_surveys, &refused, e);
}

bool widget_no(call *c, err *e) {
    here h;
    question q;
    ask_link link;
    return where(c, "answer", ANSWERS_PER_MINUTE, &h, e) && answered_in(c, &h.x, &q, &link, e) &&
           decline(c, &h, link.asked, in_bool(c, "for_ever"), e);
}
