// Stories of customers' success: written, approved, shown.
#include "serve/api_rewards.h"

#include "act/story.h"

enum { FEED_MOST = 100 };

bool stories_page(call *c, err *e) {
    paging p;
    story *list;
    size_t n;
    if (!page_open(c, &p, e) || !story_list(c->a, c->s, p.first ? 0 : p.after[0], in_int(c, "customer", 0),
                                            story_state_of(in_str(c, "state")), (size_t)p.limit + 1, &list, &n, e))
        return false;
    size_t put = MIN(n, (size_t)p.limit);
    for (size_t i = 0; i < put; i++) story_json(&c->out, NULL, &list[i], c->now_us);
    page_close(c, &p, n > put, put ? list[put - 1].id : 0, 0);
    return true;
}

bool stories_feed(call *c, err *e) {
    paging p;
    story *list;
    size_t n;
    int place = in_has(c, "place") ? story_place_of(in_str(c, "place")) : PLACE_staff;
    if (!page_open(c, &p, e) ||
        !story_feed(c->a, c->s, (enum story_place)MAX(place, 0), c->now_us, FEED_MOST, &list, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        json_open(&c->out, NULL, '{');
        json_put_int(&c->out, "id", list[i].id);
        json_put_str(&c->out, "title", list[i].title);
        json_put_str(&c->out, "words", list[i].words);
        json_put_time(&c->out, "approved_at", list[i].approved_us);
        json_put_time(&c->out, "until", list[i].until_us);
        json_close(&c->out, '}');
    }
    page_close(c, &p, false, 0, 0);
    return true;
}

bool stories_show(call *c, err *e) {
    int64_t id;
    story x;
    story_step *steps;
    size_t n;
    if (!param_id(c, 0, &id, e) || !story_get(c->a, c->s, id, &x, e) || !story_steps(c->a, c->s, id, &steps, &n, e))
        return false;
    call_etag(c, x.version);
    json_open(&c->out, NULL, '{');
    story_json(&c->out, "story", &x, c->now_us);
    json_open(&c->out, "steps", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&c->out, NULL, '{');
        json_put_time(&c->out, "at", steps[i].at_us);
        json_put_str(&c->out, "what", steps[i].what);
        json_put_int(&c->out, "wording", steps[i].wording);
        json_put_str(&c->out, "words", steps[i].words);
        json_put_str(&c->out, "by", steps[i].by);
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    json_close(&c->out, '}');
    return true;
}

// ---- writing ----

static bool note(call *c, const char *action, const story *x, err *e) {
    str detail = str_fmt(c->a, "{\"wording\":%" PRId64 "}", x->wording);
    if (!audit(c, action, str_fmt(c->a, "story:%" PRId64, x->id), detail, e)) return false;
    call_etag(c, x->version);
    story_json(&c->out, NULL, x, c->now_us);
    return true;
}

static bool places_in(call *c, uint32_t *bits, err *e) {
    const json_t *list = json_object_get(c->in, "places");
    if (!in_has(c, "places")) return true;
    *bits = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int p = story_place_of(json_text(json_array_get(list, i)));
        if (p < 0) return fail_field(c, e, "places", "'places' are staff, website, newsletter, social, sales");
        *bits |= 1u << p;
    }
    return true;
}

static bool put(call *c, const char *action, story *x, err *e) {
    const char *field;
    err why = {0};
    if (!story_write(know_ledger(c->d->k), c->a, x, who_text(c->a, &c->who), &field, &why))
        return fail_about(c, e, *field ? field : NULL, &why);
    return note(c, action, x, e);
}

bool stories_write(call *c, err *e) {
    story x = {.customer = in_int(c, "customer", 0),
               .title = str_trim(in_str(c, "title")),
               .words = str_trim(in_str(c, "words"))};
    if (!places_in(c, &x.places, e) || !put(c, "story.write", &x, e)) return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/stories/%" PRId64, x.id));
    return true;
}

bool stories_change(call *c, err *e) {
    int64_t id;
    story x;
    if (!param_id(c, 0, &id, e) || !story_get(c->a, c->s, id, &x, e) || !call_if_match(c, x.version, e)) return false;
    if (in_has(c, "title")) x.title = str_trim(in_str(c, "title"));
    if (in_has(c, "words")) x.words = str_trim(in_str(c, "words"));
    return places_in(c, &x.places, e) && put(c, "story.change", &x, e);
}

bool stories_ask(call *c, err *e) {
    int64_t id;
    story x;
    return param_id(c, 0, &id, e) &&
           story_ask(know_ledger(c->d->k), c->a, id, in_str(c, "how"), who_text(c->a, &c->who), &x, e) &&
           note(c, "story.ask", &x, e);
}

bool stories_answer(call *c, err *e) {
    int64_t id, until;
    story x;
    if (!param_id(c, 0, &id, e) || !reward_end_in(c, "until", &until, e)) return false;
    if (until && until <= c->now_us) return fail_field(c, e, "until", "'until' must be later than now");
    return story_answer(know_ledger(c->d->k), c->a, id, in_int(c, "wording", 0), in_bool(c, "yes"), until,
                        str_trim(in_str(c, "how")), who_text(c->a, &c->who), &x, e) &&
           note(c, in_bool(c, "yes") ? "story.approve" : "story.decline", &x, e);
}

bool stories_withdraw(call *c, err *e) {
    int64_t id;
    story x;
    return param_id(c, 0, &id, e) &&
           story_withdraw(know_ledger(c->d->k), c->a, id, in_str(c, "how"), who_text(c->a, &c->who), &x, e) &&
           note(c, "story.withdraw", &x, e);
}
