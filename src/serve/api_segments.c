// Segments: kept rules, what they find, and why.
#include "know/fold.h"
#include "know/segment.h"
#include "serve/api_customers.h"
#include "serve/kept.h"

enum { EXAMPLES = 20 };

// ---- how they are written, and read ----

static bool put_segment(call *c, const segment_row *x, err *e) {
    char field[SEGMENT_FIELD_LEN];
    segment_rule *r;
    err why = {0};
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "id", x->id);
    json_put_str(&c->out, "name", x->name);
    json_put_str(&c->out, "about", x->about);
    json_put_raw(&c->out, "rule", x->rule);
    // A rule that does not hold any more is shown with what is wrong with it.
    bool sound = segment_read_text(c->a, c->s, x->rule, x->id, &r, field, &why);
    json_put_str(&c->out, "words", sound ? segment_words(c->a, r) : str_dup(c->a, str_c(why.msg)));
    json_put_time(&c->out, "created", x->created_us);
    json_put_str(&c->out, "by", x->by);
    json_put_time(&c->out, "updated", x->updated_us);
    json_put_int(&c->out, "version", x->version);
    json_close(&c->out, '}');
    return sound || why.code == ERR_invalid || (*e = why, false);
}

// "rule" of the body: JSON, or words as text.
static bool in_rule(call *c, int64_t self, segment_rule **out, err *e) {
    char place[SEGMENT_FIELD_LEN] = "", field[SEGMENT_FIELD_LEN + 8];
    const json_t *v = json_object_get(c->in, "rule");
    err why = {0};
    bool ok = json_is_string(v) ? segment_read_text(c->a, c->s, json_text(v), self, out, place, &why)
                                : segment_read(c->a, c->s, v, self, out, place, &why);
    if (ok) return true;
    snprintf(field, sizeof field, "rule%s%s", place[0] ? "." : "", place);
    return why.code == ERR_invalid ? fail_field(c, e, field, "%s", why.msg) : (*e = why, false);
}

static bool segment_asked(call *c, segment_row *x, err *e) {
    int64_t id;
    if (!param_id(c, 0, &id, e)) return false;
    if (segment_get_id(c->a, c->s, id, x, e)) return true;
    return err_ok(e) ? fail(e, ERR_not_found, "there is no segment %" PRId64 "; /api/segments lists them", id) : false;
}

static bool rule_of(call *c, const segment_row *x, segment_rule **out, err *e) {
    char field[SEGMENT_FIELD_LEN];
    return segment_read_text(c->a, c->s, x->rule, x->id, out, field, e);
}

// The end of a day in the store's zone, or now.
typedef struct {
    bool past;
    int64_t now_us;
    str day;
} moment_asked;

static bool in_day(call *c, moment_asked *out, err *e) {
    zone *z;
    int64_t at;
    *out = (moment_asked){.now_us = c->now_us, .day = in_str(c, "as_of")};
    if (!out->day.len) return true;
    if (!store_zone(c->s, c->a, &z, e)) return false;
    if (!time_parse(out->day, z, 0, &at) || zone_days(z, at) >= zone_days(z, c->now_us))
        return fail_field(c, e, "as_of", "'as_of' must be a day that is over");
    *out = (moment_asked){.past = true, .now_us = at, .day = out->day};
    return true;
}

// What only some may see, and fields that cannot be asked of the past, have their place in the query.
static bool scan(call *c, const segment_ask *ask, err *e) {
    err why = {0};
    if (segment_scan(c->s, ask, &why)) return true;
    return ask->past && why.code == ERR_invalid ? fail_field(c, e, "as_of", "%s", why.msg) : (*e = why, false);
}

// ---- kept ones ----

static bool put_listed(void *ctx, const segment_row *x, err *e) {
    return put_segment(ctx, x, e);
}

bool segments_page(call *c, err *e) {
    if (!store_begin_read(c->s, e)) return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    if (!segment_list(c->s, put_listed, c, e)) return false;
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

bool segments_show(call *c, err *e) {
    segment_row x;
    if (!store_begin_read(c->s, e) || !segment_asked(c, &x, e)) return false;
    call_etag(c, x.version);
    return put_segment(c, &x, e);
}

static bool note(call *c, const char *action, const segment_row *x, err *e) {
    buf b = buf_new(c->a, 4096);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "name", x->name);
    json_close(&j, '}');
    return audit(c, action, str_fmt(c->a, "segment:%" PRId64, x->id), buf_str(&b), e);
}

// As it stands now, with its tag.
static bool put_stored(call *c, int64_t id, err *e) {
    segment_row x;
    if (!segment_get_id(c->a, c->s, id, &x, e)) return false;
    call_etag(c, x.version);
    return put_segment(c, &x, e);
}

static bool put_named(call *c, segment_row *x, const segment_rule *r, err *e) {
    err why = {0};
    if (segment_put(know_ledger(c->d->k), x, r, c->now_us, &why)) return true;
    return why.code == ERR_invalid ? fail_field(c, e, "name", "%s", why.msg) : (*e = why, false);
}

bool segments_make(call *c, err *e) {
    segment_rule *r;
    segment_row x = {.name = in_str(c, "name"), .about = in_str(c, "about"), .by = who_text(c->a, &c->who)};
    if (!in_rule(c, 0, &r, e) || !put_named(c, &x, r, e) || !note(c, "segment.make", &x, e)) return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/segments/%" PRId64, x.id));
    return put_stored(c, x.id, e);
}

bool segments_change(call *c, err *e) {
    segment_rule *r;
    segment_row x;
    if (!segment_asked(c, &x, e) || !call_if_match(c, x.version, e)) return false;
    if (!(in_has(c, "rule") ? in_rule(c, x.id, &r, e) : rule_of(c, &x, &r, e))) return false;
    if (in_has(c, "name")) x.name = in_str(c, "name");
    if (in_has(c, "about")) x.about = in_str(c, "about");
    return put_named(c, &x, r, e) && note(c, "segment.change", &x, e) && put_stored(c, x.id, e);
}

bool segments_drop(call *c, err *e) {
    segment_row x;
    return segment_asked(c, &x, e) && call_if_match(c, x.version, e) && segment_remove(*c->a, c->s, x.id, e) &&
           note(c, "segment.drop", &x, e);
}

bool segments_fields(call *c, err *e) {
    const segment_field *f;
    (void)e;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; (f = segment_field_at(i)); i++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "name", str_c(f->name));
        json_put_str(&c->out, "type", str_c(f->type));
        json_put_bool(&c->out, "window", f->window);
        json_put_bool(&c->out, "past", f->past);
        json_put_str(&c->out, "text", str_c(f->text));
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
    return true;
}

// ---- what a rule finds ----

// Every so many of those found, twice as far apart whenever there are too many: they are spread over all.
typedef struct {
    int64_t ids[2 * EXAMPLES], seen, every;
    size_t n;
} spread;

static bool take_example(void *ctx, const summary *x, err *e) {
    spread *k = ctx;
    (void)e;
    if (k->seen++ % k->every) return true;
    k->ids[k->n++] = x->customer_id;
    if (k->n < COUNT(k->ids)) return true;
    for (size_t i = 0; i < EXAMPLES; i++) k->ids[i] = k->ids[2 * i];
    k->n = EXAMPLES, k->every *= 2;
    return true;
}

static bool put_examples(call *c, const spread *k, err *e) {
    size_t n = MIN(k->n, (size_t)EXAMPLES);
    people_card *cards = make(c->a, people_card, n + 1);
    for (size_t i = 0; i < n; i++) cards[i].id = k->ids[i * k->n / n];
    if (!people_fill(c->a, c->s, cards, n, e)) return false;
    json_open(&c->out, "examples", '[');
    for (size_t i = 0; i < n; i++) put_card(&c->out, &cards[i]);
    json_close(&c->out, ']');
    return true;
}

bool segments_preview(call *c, err *e) {
    segment_rule *r;
    moment_asked when;
    int64_t members, of;
    spread found = {.every = 1};
    bool names = (c->who.needs & N(customers_read)) != 0;
    if (!store_begin_read(c->s, e) || !in_day(c, &when, e) || !in_rule(c, 0, &r, e)) return false;
    segment_ask ask = {
        .rule = r, .now_us = when.now_us, .past = when.past, .members = &members, .seen = &of, .ctx = &found};
    if (names) ask.take = take_example;
    if (!scan(c, &ask, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "members", members);
    json_put_int(&c->out, "of", of);
    segment_json(&c->out, "rule", r);
    json_put_str(&c->out, "words", segment_words(c->a, r));
    if (!put_examples(c, &found, e)) return false;
    json_close(&c->out, '}');
    return true;
}

typedef struct {
    call *c;
    segment_ask ask;
    str day;
} counting;

static bool tell_count(void *ctx, buf *b, err *e) {
    counting *k = ctx;
    int64_t members = 0, of = 0;
    k->ask.members = &members, k->ask.seen = &of;
    if (!scan(k->c, &k->ask, e)) return false;
    json_out j = json_to(b);
    json_open(&j, NULL, '{');
    json_put_int(&j, "members", members);
    json_put_int(&j, "of", of);
    if (k->day.len)
        json_put_str(&j, "as_of", k->day);
    else
        json_put_null(&j, "as_of");
    json_close(&j, '}');
    return true;
}

bool segments_count(call *c, err *e) {
    segment_row x;
    segment_rule *r;
    moment_asked when;
    if (!store_begin_read(c->s, e) || !segment_asked(c, &x, e) || !rule_of(c, &x, &r, e) || !in_day(c, &when, e))
        return false;
    counting k = {.c = c, .ask = {.rule = r, .now_us = when.now_us, .past = when.past}, .day = when.day};
    str question = str_fmt(c->a, "count %" PRIu64 " %.*s", segment_print(r), STR_ARG(when.day));
    return kept_put(c, question, tell_count, &k, e);
}

typedef struct {
    people_card *cards;
    size_t n, most;
} members;

static bool take_member(void *ctx, const summary *x, err *e) {
    members *k = ctx;
    (void)e;
    k->cards[k->n++].id = x->customer_id;
    return k->n < k->most;
}

bool segments_members(call *c, err *e) {
    paging p;
    segment_row x;
    segment_rule *r;
    moment_asked when;
    if (!page_open(c, &p, e) || !store_begin_read(c->s, e) || !segment_asked(c, &x, e) || !rule_of(c, &x, &r, e) ||
        !in_day(c, &when, e))
        return false;
    members m = {.cards = make(c->a, people_card, p.limit + 1), .most = (size_t)p.limit + 1};
    segment_ask ask = {.rule = r,
                       .now_us = when.now_us,
                       .past = when.past,
                       .after = p.first ? 0 : p.after[0],
                       .take = take_member,
                       .ctx = &m};
    if (!scan(c, &ask, e)) return false;
    bool more = m.n > (size_t)p.limit;
    size_t n = MIN(m.n, (size_t)p.limit);
    if (!people_fill(c->a, c->s, m.cards, n, e)) return false;
    for (size_t i = 0; i < n; i++) put_card(&c->out, &m.cards[i]);
    page_close(c, &p, more, n ? m.cards[n - 1].id : 0, 0);
    return true;
}

bool segments_why(call *c, err *e) {
    segment_row x;
    segment_rule *r;
    int64_t customer;
    bool member;
    if (!param_id(c, 1, &customer, e) || !store_begin_read(c->s, e) || !segment_asked(c, &x, e) ||
        !rule_of(c, &x, &r, e))
        return false;
    if (segment_why(c->a, c->s, r, c->now_us, customer, &c->out, &member, e)) return look(c, customer, e);
    return err_ok(e) ? fail(e, ERR_not_found, "there is no customer %" PRId64, customer) : false;
}
