// What people say of who is who: split, join, and taking it back; each can be looked at before it is said.
#include "serve/api_customers.h"

#include "know/foresee.h"
#include "sql/cli.h"

// What is asked: a word about customer x (in the path) and y, or of two profiles.
typedef struct {
    enum saying w;
    int64_t customer, x, y;
} asked_word;

static bool read_word(call *c, enum saying w, asked_word *out, err *e) {
    int64_t id;
    if (!param_id(c, 0, &id, e)) return false;
    *out = (asked_word){.w = w, .customer = id, .x = id};
    if (w == SAYING_SPLIT) out->y = in_int(c, "profile", 0);
    if (w == SAYING_JOIN) out->y = in_int(c, "customer", 0);
    if (w == SAYING_UNDO) out->x = in_int(c, "a", 0), out->y = in_int(c, "b", 0);
    if (w != SAYING_UNDO) return true;
    int64_t of_x, of_y;
    if (!store_int(c->s, Q_people_by_profile, &of_x, 0, e, "i", out->x) ||
        !store_int(c->s, Q_people_by_profile, &of_y, 0, e, "i", out->y))
        return false;
    return of_x == id || of_y == id ||
           fail_field(c, e, "a", "neither profile belongs to customer %" PRId64 "; take a and b from its links", id);
}

// ---- before it is said ----

static void put_foreseen(json_out *j, const char *key, const foreseen_customer *list, size_t n) {
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_int(j, "id", list[i].id);
        json_put_str(j, "name", list[i].name);
        json_open(j, "profiles", '[');
        for (size_t k = 0; k < list[i].n_profiles; k++) json_put_int(j, NULL, list[i].profiles[k]);
        json_close(j, ']');
        put_figures(j, "figures", &list[i].sum, list[i].has_summary);
        json_put_int(j, "conversations", list[i].conversations);
        json_put_int(j, "waiting", list[i].waiting);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void put_foresight(json_out *j, const char *key, const foresight *f) {
    json_open(j, key, '{');
    put_foreseen(j, "before", f->now, f->n_now);
    put_foreseen(j, "after", f->then, f->n_then);
    json_close(j, '}');
}

static bool preview(call *c, enum saying w, err *e) {
    asked_word q;
    foresight f;
    customer_view v;
    if (!store_begin_read(c->s, e) || !read_word(c, w, &q, e)) return false;
    if (!foresee(c->a, c->s, w, q.x, q.y, &f, e) || !customer_view_read(c, q.customer, &v, e)) return false;
    call_etag(c, v.version); // of the customer as it is: what the word itself is said with
    put_foresight(&c->out, NULL, &f);
    return true;
}

bool customer_split_preview(call *c, err *e) {
    return preview(c, SAYING_SPLIT, e);
}
bool customer_join_preview(call *c, err *e) {
    return preview(c, SAYING_JOIN, e);
}
bool customer_undo_preview(call *c, err *e) {
    return preview(c, SAYING_UNDO, e);
}

// ---- said ----

static bool answer(call *c, const asked_word *q, err *e) {
    people_card cards[2] = {{0}};
    size_t n = 1;
    if (!store_int(c->s, Q_people_by_profile, &cards[0].id, 0, e, "i", q->x) ||
        !store_int(c->s, Q_people_by_profile, &cards[1].id, 0, e, "i", q->y))
        return false;
    if (cards[1].id != cards[0].id) n = 2;
    if (!people_fill(c->a, c->s, cards, n, e)) return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "customers", '[');
    for (size_t i = 0; i < n; i++) put_card(&c->out, &cards[i]);
    json_close(&c->out, ']');
    json_close(&c->out, '}');
    return true;
}

static bool say(call *c, enum saying w, const char *action, err *e) {
    asked_word q;
    customer_view v;
    if (!read_word(c, w, &q, e) || !customer_view_read(c, q.customer, &v, e) || !call_if_match(c, v.version, e))
        return false;
    str by = who_text(c->a, &c->who);
    bool ok = w == SAYING_SPLIT  ? know_split(c->d->k, q.x, q.y, by, e)
              : w == SAYING_JOIN ? know_join(c->d->k, q.x, q.y, by, e)
                                 : know_verdict_undo(c->d->k, q.x, q.y, e);
    str detail = str_fmt(c->a, "{\"profiles\":[%" PRId64 ",%" PRId64 "]}", q.x, q.y);
    // The word is stored by now; its note follows in a transaction of its own.
    return ok && store_begin(c->s, e) && audit(c, action, str_fmt(c->a, "customer:%" PRId64, q.customer), detail, e) &&
           ledger_commit(know_ledger(c->d->k), e) && answer(c, &q, e);
}

bool customer_split(call *c, err *e) {
    return say(c, SAYING_SPLIT, "customer.split", e);
}
bool customer_join(call *c, err *e) {
    return say(c, SAYING_JOIN, "customer.join", e);
}
bool customer_undo(call *c, err *e) {
    return say(c, SAYING_UNDO, "customer.undo", e);
}
