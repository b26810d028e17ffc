// Settings of the widget: the websites that carry it, and what is asked there.
#include "base/civil.h"
#include "serve/api_widget.h"

enum { COUNT_DAYS = 30, SHARE = 10 };

static bool of_field(call *c, const char *field, const err *why, err *e) {
    return why->code == ERR_invalid ? fail_field(c, e, field, "%s", why->msg) : (*e = *why, false);
}

static bool noted(call *c, const char *action, const char *what, int64_t id, str name, err *e) {
    buf b = buf_new(c->a, 4096);
    buf_add(&b, S("{\"name\":"));
    buf_json_str(&b, name);
    buf_addc(&b, '}');
    return audit(c, action, str_fmt(c->a, "%s:%" PRId64, what, id), buf_str(&b), e);
}

static void put_or_null(json_out *j, const char *name, str x) {
    if (x.len)
        json_put_str(j, name, x);
    else
        json_put_null(j, name);
}

// ---- sites ----

static void put_site(call *c, const char *key, const site *x) {
    json_out *j = &c->out;
    str origin = server_options(c->sv)->origin;
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_str(j, "name", x->name);
    json_put_str(j, "slug", x->slug);
    json_put_str(j, "key", x->key);
    json_open(j, "origins", '[');
    for (size_t i = 0; i < x->n_origins; i++) json_put_str(j, NULL, x->origins[i]);
    json_close(j, ']');
    json_put_bool(j, "button", x->button);
    json_put_bool(j, "page", x->page);
    json_put_str(j, "page_address", str_fmt(c->a, "%.*s/f/%.*s", STR_ARG(origin), STR_ARG(x->slug)));
    put_or_null(j, "privacy", x->privacy);
    put_or_null(j, "lang", x->lang);
    json_put_str(j, "source", site_source(c->a, x));
    json_put_str(j, "snippet", site_snippet(c->a, x, origin));
    json_put_str(j, "policy", site_policy(c->a, origin));
    json_put_str(j, "by", x->by);
    out_time(j, "at", x->at_us);
    json_put_int(j, "version", x->version);
    json_close(j, '}');
}

bool sites_list(call *c, err *e) {
    site *all;
    size_t n;
    paging p;
    if (!site_list(c->a, c->s, &all, &n, e) || !page_open(c, &p, e)) return false;
    for (size_t i = 0; i < n; i++) put_site(c, NULL, &all[i]);
    page_close(c, &p, false, 0, 0);
    return true;
}

static bool site_asked(call *c, site *x, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && site_get(c->a, c->s, id, x, e);
}

bool sites_show(call *c, err *e) {
    site x;
    if (!site_asked(c, &x, e)) return false;
    call_etag(c, x.version);
    put_site(c, NULL, &x);
    return true;
}

static void origins_in(call *c, site *x) {
    const json_t *list = json_object_get(c->in, "origins");
    if (!in_has(c, "origins")) return;
    x->n_origins = json_array_size(list), x->origins = make(c->a, str, x->n_origins + 1);
    for (size_t i = 0; i < x->n_origins; i++) x->origins[i] = json_text(json_array_get(list, i));
}

static void site_in(call *c, site *x) {
    if (in_has(c, "name")) x->name = in_str(c, "name");
    if (in_has(c, "privacy")) x->privacy = in_str(c, "privacy");
    if (in_has(c, "lang")) x->lang = in_str(c, "lang");
    if (in_has(c, "button")) x->button = in_bool(c, "button");
    if (in_has(c, "page")) x->page = in_bool(c, "page");
    x->by = who_text(c->a, &c->who);
    origins_in(c, x);
}

static bool put(call *c, site *x, const char *action, err *e) {
    const char *field = "";
    err why = {0};
    if (!site_put(know_ledger(c->d->k), c->a, x, &field, &why)) return of_field(c, field, &why, e);
    call_etag(c, x->version);
    return noted(c, action, "site", x->id, x->name, e);
}

static void put_made(call *c, const site *x) {
    json_open(&c->out, NULL, '{');
    put_site(c, "site", x);
    json_put_str(&c->out, "secret", x->secret);
    json_close(&c->out, '}');
    response_header(c->r, "Cache-Control", S("no-store"));
}

bool sites_make(call *c, err *e) {
    site x = {.slug = in_str(c, "slug"), .button = true, .page = true};
    site_in(c, &x);
    if (!put(c, &x, "site.make", e)) return false;
    put_made(c, &x);
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/sites/%" PRId64, x.id));
    return true;
}

bool sites_change(call *c, err *e) {
    site x;
    if (!site_asked(c, &x, e) || !call_if_match(c, x.version, e)) return false;
    site_in(c, &x);
    if (!put(c, &x, "site.change", e)) return false;
    put_site(c, NULL, &x);
    return true;
}

bool sites_drop(call *c, err *e) {
    site x;
    return site_asked(c, &x, e) && call_if_match(c, x.version, e) && site_drop(c->s, x.id, e) &&
           noted(c, "site.drop", "site", x.id, x.name, e);
}

bool sites_secret(call *c, err *e) {
    site x;
    if (!site_asked(c, &x, e) || !call_if_match(c, x.version, e)) return false;
    x.by = who_text(c->a, &c->who);
    if (!site_secret_new(know_ledger(c->d->k), c->a, &x, e)) return false;
    put_made(c, &x);
    call_etag(c, x.version);
    return noted(c, "site.secret", "site", x.id, x.name, e);
}

// ---- questions ----

static bool put_question(call *c, const question *q, err *e) {
    json_out *j = &c->out;
    int64_t asked, answered;
    unsigned char key[PREFERENCE_KEY];
    if (!ask_counts(c->s, q->id, c->now_us - COUNT_DAYS * DAY_US, &asked, &answered, e) ||
        !preference_key(c->s, key, e))
        return false;
    str origin = server_options(c->sv)->origin, token = ask_token(c->a, key, &(ask_link){.question = q->id});
    str preview = str_fmt(c->a, "%.*s/s/%.*s", STR_ARG(origin), STR_ARG(token));
    json_open(j, NULL, '{');
    json_put_int(j, "id", q->id);
    json_put_int(j, "site", q->site_id);
    json_put_str(j, "name", q->name);
    json_put_str(j, "way", str_c(question_way_name(q->way)));
    json_put_str(j, "scale", str_c(question_scale_name(q->instrument)));
    put_or_null(j, "words", q->words);
    put_or_null(j, "lang", q->lang);
    json_put_int(j, "share", q->share);
    json_put_int(j, "days", q->days);
    json_put_bool(j, "active", q->active);
    json_put_int(j, "asked", asked);
    json_put_int(j, "answered", answered);
    json_put_str(j, "preview", preview);
    json_put_str(j, "by", q->by);
    out_time(j, "at", q->at_us);
    json_put_int(j, "version", q->version);
    json_close(j, '}');
    return true;
}

bool questions_list(call *c, err *e) {
    question *all;
    size_t n;
    paging p;
    if (!question_list(c->a, c->s, in_int(c, "site", 0), &all, &n, e) || !page_open(c, &p, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (!put_question(c, &all[i], e)) return false;
    page_close(c, &p, false, 0, 0);
    return true;
}

static bool question_asked(call *c, question *q, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && question_get(c->a, c->s, id, q, e);
}

bool questions_show(call *c, err *e) {
    question q;
    if (!question_asked(c, &q, e)) return false;
    call_etag(c, q.version);
    return put_question(c, &q, e);
}

static void question_in(call *c, question *q) {
    if (in_has(c, "name")) q->name = in_str(c, "name");
    if (in_has(c, "words")) q->words = in_str(c, "words");
    if (in_has(c, "lang")) q->lang = in_str(c, "lang");
    if (in_has(c, "share")) q->share = (int)MIN(MAX(in_int(c, "share", 0), 0), 1000);
    if (in_has(c, "days")) q->days = in_int(c, "days", 0);
    if (in_has(c, "active")) q->active = in_bool(c, "active");
    q->by = who_text(c->a, &c->who);
}

static bool keep(call *c, question *q, const char *action, err *e) {
    const char *field = "";
    err why = {0};
    question_in(c, q);
    if (!question_put(know_ledger(c->d->k), c->a, q, &field, &why))
        return why.code == ERR_not_found ? fail_field(c, e, "site", "%s", why.msg) : of_field(c, field, &why, e);
    call_etag(c, q->version);
    return put_question(c, q, e) && noted(c, action, "question", q->id, q->name, e);
}

bool questions_make(call *c, err *e) {
    question q = {.site_id = in_int(c, "site", 0),
                  .way = question_way_of(in_str(c, "way")),
                  .share = SHARE,
                  .days = QUESTION_DAYS,
                  .active = true};
    if (!question_scale_of(in_str(c, "scale"), &q.instrument)) return fail_field(c, e, "scale", "'scale' is none");
    if (!keep(c, &q, "question.make", e)) return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/questions/%" PRId64, q.id));
    return true;
}

bool questions_change(call *c, err *e) {
    question q;
    return question_asked(c, &q, e) && call_if_match(c, q.version, e) && keep(c, &q, "question.change", e);
}

bool questions_drop(call *c, err *e) {
    question q;
    return question_asked(c, &q, e) && call_if_match(c, q.version, e) && question_drop(c->s, q.id, e) &&
           noted(c, "question.drop", "question", q.id, q.name, e);
}
