#include "act/story.h"
#include "sql/act_reward.h"
#include "sql/know.h"

enum { TITLE_MOST = 200, WORDS_MOST = 10000, HOW_MOST = 1000, FEED_LOOK = 500 };

static const char *const states[STORY_STATES] = {"draft", "asked", "approved", "declined", "withdrawn"};
static const char *const places[STORY_PLACES] = {"staff", "website", "newsletter", "social", "sales"};

const char *story_state_name(enum story_state s) {
    return s < STORY_STATES ? states[s] : "";
}

int story_state_of(str name) {
    for (int i = 0; i < STORY_STATES; i++)
        if (str_eq(name, str_c(states[i]))) return i;
    return -1;
}

const char *story_place_name(enum story_place p) {
    return p < STORY_PLACES ? places[p] : "";
}

int story_place_of(str name) {
    for (int i = 0; i < STORY_PLACES; i++)
        if (str_eq(name, str_c(places[i]))) return i;
    return -1;
}

bool story_shown(const story *x, enum story_place place, int64_t now_us) {
    return x->state == STORY_APPROVED && x->approved == x->wording && (!x->until_us || x->until_us > now_us) &&
           x->places >> place & 1;
}

// ---- rows ----

static str places_json(arena *a, uint32_t bits) {
    buf b = buf_new(a, 256);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (int i = 0; i < STORY_PLACES; i++)
        if (bits >> i & 1) json_put_str(&j, NULL, str_c(places[i]));
    json_close(&j, ']');
    return buf_str(&b);
}

static uint32_t places_read(str text) {
    json_t *doc = NULL;
    err quiet = {0};
    uint32_t bits = 0;
    if (!json_read(text, &doc, &quiet)) return 0;
    for (size_t i = 0; i < json_array_size(doc); i++) {
        int p = story_place_of(json_text(json_array_get(doc, i)));
        if (p >= 0) bits |= 1u << p;
    }
    json_decref(doc);
    return bits;
}

static story read_row(arena *a, const row *r) {
    return (story){.id = row_int(r, 0),
                   .profile_id = row_int(r, 1),
                   .title = str_dup(a, row_str(r, 2)),
                   .words = str_dup(a, row_str(r, 3)),
                   .wording = row_int(r, 4),
                   .state = (enum story_state)row_int(r, 5),
                   .approved = row_int(r, 6),
                   .approved_us = row_int(r, 7),
                   .until_us = row_int(r, 8),
                   .places = places_read(row_str(r, 9)),
                   .by = str_dup(a, row_str(r, 10)),
                   .made_us = row_int(r, 11),
                   .version = row_int(r, 12),
                   .sample = row_int(r, 13) != 0,
                   .customer = row_int(r, 14)};
}

static bool put(store *s, arena *a, story *x, err *e) {
    x->version++;
    return store_run(s, Q_story_put, NULL, e, "iittiiiiittiii", x->id, x->profile_id, x->title, x->words, x->wording,
                     (int64_t)x->state, x->approved, x->approved_us, x->until_us, places_json(a, x->places), x->by,
                     x->made_us, x->version, (int64_t)x->sample);
}

static bool note(ledger *l, const story *x, const char *what, str words, str by, err *e) {
    const world *w = ledger_world(l);
    int64_t last;
    return store_int(ledger_store(l), Q_story_step_last, &last, 0, e, "i", x->id) &&
           store_run(ledger_store(l), Q_story_step_put, NULL, e, "iiititt", x->id, last + 1, w->now_us(w), str_c(what),
                     x->wording, words, by);
}

bool story_get(arena *a, store *s, int64_t id, story *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_story_get, e, "i", id); row_next(&r);) *out = read_row(a, &r), found = true;
    if (err_ok(e) && !found) return fail(e, ERR_not_found, "there is no story %" PRId64, id);
    return err_ok(e);
}

bool story_steps(arena *a, store *s, int64_t id, story_step **out, size_t *n, err *e) {
    size_t room = 16;
    *out = make(a, story_step, room), *n = 0;
    for (row r = store_query(s, Q_story_steps, e, "i", id); row_next(&r);) {
        if (*n == room) {
            story_step *more = make(a, story_step, room *= 2);
            memcpy(more, *out, *n * sizeof *more);
            *out = more;
        }
        (*out)[(*n)++] = (story_step){.at_us = row_int(&r, 1),
                                      .what = str_dup(a, row_str(&r, 2)),
                                      .wording = row_int(&r, 3),
                                      .words = str_dup(a, row_str(&r, 4)),
                                      .by = str_dup(a, row_str(&r, 5))};
    }
    return err_ok(e);
}

bool story_list(arena *a, store *s, int64_t below, int64_t customer, int state, size_t most, story **out, size_t *n,
                err *e) {
    *out = make(a, story, most + 1), *n = 0;
    for (row r = store_query(s, Q_story_list, e, "iiii", below ? below : INT64_MAX, customer, (int64_t)state,
                             (int64_t)most);
         row_next(&r);)
        if (*n < most) (*out)[(*n)++] = read_row(a, &r);
    return err_ok(e);
}

bool story_feed(arena *a, store *s, enum story_place place, int64_t now_us, size_t most, story **out, size_t *n,
                err *e) {
    int64_t below = 0;
    *out = make(a, story, most + 1), *n = 0;
    for (size_t got = 1; got && *n < most;) {
        story *some;
        if (!story_list(a, s, below, 0, STORY_APPROVED, FEED_LOOK, &some, &got, e)) return false;
        for (size_t i = 0; i < got && *n < most; i++)
            if (story_shown(&some[i], place, now_us)) (*out)[(*n)++] = some[i];
        if (got) below = some[got - 1].id;
    }
    return true;
}

void story_json(json_out *j, const char *key, const story *x, int64_t now_us) {
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    if (x->customer)
        json_put_int(j, "customer", x->customer);
    else
        json_put_null(j, "customer");
    json_put_str(j, "title", x->title);
    json_put_str(j, "words", x->words);
    json_put_int(j, "wording", x->wording);
    json_put_str(j, "state", str_c(story_state_name(x->state)));
    json_put_int(j, "approved", x->approved);
    json_put_time(j, "approved_at", x->approved_us);
    json_put_time(j, "until", x->until_us);
    json_open(j, "places", '[');
    for (int i = 0; i < STORY_PLACES; i++)
        if (x->places >> i & 1) json_put_str(j, NULL, str_c(places[i]));
    json_close(j, ']');
    json_open(j, "shown", '[');
    for (int i = 0; i < STORY_PLACES; i++)
        if (story_shown(x, (enum story_place)i, now_us)) json_put_str(j, NULL, str_c(places[i]));
    json_close(j, ']');
    json_put_str(j, "by", x->by);
    json_put_time(j, "made", x->made_us);
    json_put_int(j, "version", x->version);
    json_close(j, '}');
}

// ---- writing ----

static bool wrong(err *e, const char **field, const char *name, const char *text) {
    *field = name;
    return fail(e, ERR_invalid, "'%s' %s", name, text);
}

static bool sound(store *s, const story *x, const char **field, err *e) {
    int64_t there = 0;
    if (!x->title.len || x->title.len > TITLE_MOST) return wrong(e, field, "title", "needs 1 to 200 letters");
    if (!x->words.len || x->words.len > WORDS_MOST) return wrong(e, field, "words", "need 1 to 10,000 letters");
    if (!x->places || x->places >> STORY_PLACES)
        return wrong(e, field, "places", "are staff, website, newsletter, social, sales; name at least one");
    for (row r = store_query(s, Q_profile_of_customer, e, "i", x->customer); row_next(&r);) there++;
    if (err_ok(e) && !there) *field = "customer", fail(e, ERR_not_found, "there is no customer %" PRId64, x->customer);
    return err_ok(e);
}

bool story_write(ledger *l, arena *a, story *x, str by, const char **field, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    story was = {0};
    *field = "";
    if (x->id && !story_get(a, s, x->id, &was, e)) return false;
    if (x->id) x->customer = was.customer;
    if (!sound(s, x, field, e)) return false;
    if (!x->id) {
        if (!ledger_id(l, &x->id, e)) return false;
        x->profile_id = x->customer, x->by = by, x->made_us = w->now_us(w), x->version = 0;
    } else {
        x->profile_id = was.profile_id, x->by = was.by, x->made_us = was.made_us, x->version = was.version;
        x->sample = was.sample;
    }
    x->wording = was.wording + 1, x->state = STORY_DRAFT, x->approved = x->approved_us = x->until_us = 0;
    return put(s, a, x, e) &&
           note(l, x, "written", str_fmt(a, "%.*s\n%.*s", STR_ARG(x->title), STR_ARG(x->words)), by, e);
}

bool story_ask(ledger *l, arena *a, int64_t id, str how, str by, story *out, err *e) {
    store *s = ledger_store(l);
    if (how.len > HOW_MOST) return fail(e, ERR_invalid, "'how' is longer than 1,000 letters");
    if (!story_get(a, s, id, out, e)) return false;
    if (out->state == STORY_APPROVED) return fail(e, ERR_conflict, "story %" PRId64 " is approved as it stands", id);
    if (out->state == STORY_WITHDRAWN || out->state == STORY_DECLINED)
        return fail(e, ERR_conflict, "story %" PRId64 " is %s; nobody is asked again for the same words", id,
                    story_state_name(out->state));
    out->state = STORY_ASKED;
    return put(s, a, out, e) && note(l, out, "asked", how, by, e);
}

bool story_answer(ledger *l, arena *a, int64_t id, int64_t wording, bool yes, int64_t until_us, str how, str by,
                  story *out, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    if (!how.len || how.len > HOW_MOST)
        return fail(e, ERR_invalid, "'how' says how the customer answered, such as 'mail of 3 May'");
    if (!story_get(a, s, id, out, e)) return false;
    if (out->state != STORY_ASKED)
        return fail(e, ERR_conflict, "story %" PRId64 " is %s; ask the customer first", id,
                    story_state_name(out->state));
    if (wording && wording != out->wording)
        return fail(e, ERR_conflict,
                    "the customer saw wording %" PRId64 ", story %" PRId64 " has wording %" PRId64 " by now", wording,
                    id, out->wording);
    if (until_us && until_us <= w->now_us(w)) return fail(e, ERR_invalid, "'until' must be later than now");
    out->state = yes ? STORY_APPROVED : STORY_DECLINED;
    out->approved = yes ? out->wording : 0, out->approved_us = yes ? w->now_us(w) : 0,
    out->until_us = yes ? until_us : 0;
    return put(s, a, out, e) && note(l, out, yes ? "approved" : "declined", how, by, e);
}

bool story_withdraw(ledger *l, arena *a, int64_t id, str how, str by, story *out, err *e) {
    store *s = ledger_store(l);
    if (how.len > HOW_MOST) return fail(e, ERR_invalid, "'how' is longer than 1,000 letters");
    if (!story_get(a, s, id, out, e)) return false;
    out->state = STORY_WITHDRAWN, out->approved = out->approved_us = out->until_us = 0;
    return put(s, a, out, e) && note(l, out, "withdrawn", how, by, e);
}
