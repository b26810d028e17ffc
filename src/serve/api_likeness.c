// Profiles that may be one person: the evidence, what it would change, and what people say of it.
#include "know/likeness.h"

#include "serve/api_customers.h"
#include "serve/kept.h"
#include "serve/work.h"
#include "sql/know.h"

// ---- put out ----

typedef struct {
    int64_t profile, customer;
    str source, name;
} side;

static bool side_of(call *c, const sources *all, int64_t profile, int64_t customer, side *out, err *e) {
    *out = (side){.profile = profile, .customer = customer};
    for (row r = store_query(c->s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        if (row_int(&r, 0) == profile)
            out->source = source_by_id(all, row_int(&r, 1))->name, out->name = str_dup(c->a, row_str(&r, 2));
    return err_ok(e);
}

static void put_side(json_out *j, const char *key, const side *x) {
    json_open(j, key, '{');
    json_put_int(j, "profile", x->profile);
    json_put_int(j, "customer", x->customer);
    json_put_str(j, "source", x->source);
    if (x->name.len)
        json_put_str(j, "name", x->name);
    else
        json_put_null(j, "name");
    json_close(j, '}');
}

static bool put_pair(call *c, const sources *all, const char *key, const likeness *p, err *e) {
    side x, y;
    json_out *j = &c->out;
    if (!side_of(c, all, p->a, p->customers[0], &x, e) || !side_of(c, all, p->b, p->customers[1], &y, e)) return false;
    json_open(j, key, '{');
    put_side(j, "a", &x);
    put_side(j, "b", &y);
    json_put_num(j, "chance", (double)p->ppm / 1e6);
    json_put_num(j, "bits", (double)p->milli / 1000);
    json_put_raw(j, "parts", p->parts);
    json_put_str(j, "state", str_c(likeness_state_name((enum likeness_state)p->state)));
    json_put_bool(j, "joined", p->customers[0] == p->customers[1]);
    json_put_time(j, "at", p->at_us);
    if (p->by.len)
        json_put_str(j, "by", p->by);
    else
        json_put_null(j, "by");
    json_put_int(j, "version", p->version);
    json_close(j, '}');
    return true;
}

// ---- looked at ----

static enum likeness_list which_of(str x) {
    static const str names[] = {[LIKENESS_ASKED] = S("asked"),
                                [LIKENESS_JOINED] = S("joined"),
                                [LIKENESS_SAID_SAME] = S("same"),
                                [LIKENESS_SAID_TWO] = S("two"),
                                [LIKENESS_HOMES] = S("homes")};
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(x, names[i])) return (enum likeness_list)i;
    return LIKENESS_ASKED;
}

// A page's key: weight and first profile in one number, the second profile in the other.
enum { PROFILE_BITS = 40 };

bool alike_page(call *c, err *e) {
    paging p;
    sources *all;
    likeness *list, after = {0};
    size_t n;
    if (!page_open(c, &p, e) || !sources_read(c->a, c->s, &all, e)) return false;
    if (!p.first) {
        after.milli = p.after[0] >> PROFILE_BITS, after.b = p.after[1];
        after.a = p.after[0] & ((INT64_C(1) << PROFILE_BITS) - 1);
    }
    if (!likeness_pairs(c->a, c->s, which_of(in_str(c, "which")), &after, (size_t)p.limit + 1, &list, &n, e))
        return false;
    size_t put = MIN(n, (size_t)p.limit);
    for (size_t i = 0; i < put; i++)
        if (!put_pair(c, all, NULL, &list[i], e)) return false;
    const likeness *last = put ? &list[put - 1] : NULL;
    page_close(c, &p, n > put, last ? last->milli * (INT64_C(1) << PROFILE_BITS) + last->a : 0, last ? last->b : 0);
    return true;
}

static bool put_stand(call *c, err *e) {
    likeness_standing x;
    json_out *j = &c->out;
    if (!likeness_stands(c->s, &x, e)) return false;
    json_open(j, NULL, '{');
    json_put_time(j, "learnt", x.made_us);
    json_put_int(j, "profiles", x.profiles);
    json_put_int(j, "waiting", x.waiting);
    json_put_int(j, "asked", x.asked);
    json_put_int(j, "joined", x.joined);
    json_put_int(j, "same", x.same);
    json_put_int(j, "two", x.two);
    json_put_int(j, "homes", x.homes);
    json_close(j, '}');
    return true;
}

bool alike_stands(call *c, err *e) {
    return store_begin_read(c->s, e) && kept_whole(c, S(""), put_stand, e);
}

static bool read_pair(call *c, likeness *p, err *e) {
    int64_t x, y;
    return param_id(c, 0, &x, e) && param_id(c, 1, &y, e) && likeness_get(c->a, c->s, x, y, p, e);
}

bool alike_show(call *c, err *e) {
    likeness p;
    sources *all;
    foresight f;
    if (!store_begin_read(c->s, e) || !read_pair(c, &p, e) || !sources_read(c->a, c->s, &all, e)) return false;
    bool two = p.customers[0] != p.customers[1];
    if (two && !foresee(c->a, c->s, SAYING_JOIN, p.a, p.b, &f, e)) return false;
    call_etag(c, p.version);
    json_open(&c->out, NULL, '{');
    if (!put_pair(c, all, "pair", &p, e)) return false;
    if (two)
        put_foresight(&c->out, "foresight", &f);
    else
        json_put_null(&c->out, "foresight");
    json_close(&c->out, '}');
    return audit(c, "alike.look", str_fmt(c->a, "profile:%" PRId64, p.a), S("{}"), e);
}

// ---- said ----

bool alike_say(call *c, err *e) {
    likeness p;
    sources *all;
    if (!read_pair(c, &p, e) || !call_if_match(c, p.version, e)) return false;
    const json_t *word = json_object_get(c->in, "same");
    int same = json_is_true(word) ? 1 : json_is_false(word) ? -1 : 0;
    str detail = str_fmt(c->a, "{\"with\":%" PRId64 ",\"same\":%s}", p.b, same > 0 ? "true" : same ? "false" : "null");
    if (!likeness_say(c->d->k, p.a, p.b, same, p.version, who_text(c->a, &c->who), e) ||
        !audit(c, "alike.say", str_fmt(c->a, "profile:%" PRId64, p.a), detail, e))
        return false;
    if (!likeness_get(c->a, c->s, p.a, p.b, &p, e) || !sources_read(c->a, c->s, &all, e)) return false;
    call_etag(c, p.version);
    return put_pair(c, all, NULL, &p, e);
}

bool alike_learn(call *c, err *e) {
    double join = json_number_value(json_object_get(c->in, "join")),
           ask = json_number_value(json_object_get(c->in, "ask"));
    int64_t id;
    if (in_has(c, "join") && !(join >= 0.5 && join < 1))
        return fail_field(c, e, "join", "'join' is a chance from 0.5 to below 1, such as 0.995");
    if (in_has(c, "ask") && !(ask > 0 && ask < 1))
        return fail_field(c, e, "ask", "'ask' is a chance above 0 and below 1, such as 0.3");
    str args = str_fmt(c->a, "{\"join\":%.9g,\"ask\":%.9g}", join, ask);
    return job_none(c, "likeness_learn", e) && job_begin(c, "likeness_learn", args, &id, e) &&
           audit(c, "alike.learn", S("alike"), args, e);
}
