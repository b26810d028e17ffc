// What is promised by rule, and in which hours we work for whom.
#include "serve/api_promises.h"

#include "know/fold.h"
#include "know/lists.h"
#include "know/people.h"
#include "know/standard.h"
#include "serve/handlers.h"
#include "serve/server.h"
#include "sql/act_promise.h"
#include "sql/know.h"

bool api_in_moment(call *c, const char *name, bool day_end, int64_t *at_us, err *e) {
    zone *z;
    str text = in_str(c, name);
    *at_us = 0;
    if (!text.len) return true;
    if (!store_zone(c->s, c->a, &z, e)) return false;
    if (!time_asked(text, z, c->now_us, at_us)) return fail_field(c, e, name, "'%s' is no day or time", name);
    if (day_end && text.len == sizeof "2026-11-06" - 1)
        *at_us = zone_day_start_us(z, zone_days(z, *at_us) + 1) - SECOND_US;
    return true;
}

// What a rule finds wrong belongs to a field of the body.
static bool of_field(call *c, const char *field, const err *why, err *e) {
    return why->code == ERR_invalid ? fail_field(c, e, field, "%s", why->msg) : (*e = *why, false);
}

static bool noted(call *c, const char *action, const char *what, int64_t id, str name, err *e) {
    buf b = buf_new(c->a, 1024);
    buf_add(&b, S("{\"name\":"));
    buf_json_str(&b, name);
    buf_addc(&b, '}');
    return audit(c, action, str_fmt(c->a, "%s:%" PRId64, what, id), buf_str(&b), e);
}

// ---- standards ----

// Of each standard from which promises follow that are open now: its number, how many, how many of them are due.
typedef struct {
    int64_t *v;
    size_t n;
} bounds;

static bool bounds_read(call *c, bounds *out, err *e) {
    size_t room = 0;
    *out = (bounds){0};
    for (row r = store_query(c->s, Q_standard_open_counts, e, "i", c->now_us); row_next(&r);)
        for (int i = 0; i < 3; i++) list_push(c->a, &out->v, &out->n, &room, row_int(&r, i));
    return err_ok(e);
}

static void put_standard(json_out *j, const standard *x, const bounds *b) {
    int64_t open = 0, late = 0;
    for (size_t i = 0; i < b->n; i += 3)
        if (b->v[i] == x->id) open = b->v[i + 1], late = b->v[i + 2];
    json_open(j, NULL, '{');
    json_put_int(j, "id", x->id);
    json_put_int(j, "version", x->version);
    json_put_str(j, "name", x->name);
    json_put_str(j, "kind", str_c(commitment_kind_row(x->kind)->name));
    json_put_str(j, "starts", str_c(standard_start_name(x->starts)));
    json_put_str(j, "segment", x->segment);
    if (x->channel)
        json_put_str(j, "channel", channel_name(x->channel));
    else
        json_put_null(j, "channel");
    json_put_str(j, "priority", x->priority);
    json_put_int(j, "minutes", x->minutes);
    json_put_str(j, "clock", x->clock == CLOCK_OPEN ? S("open") : S("always"));
    json_put_time(j, "from", x->from_us);
    json_put_time(j, "until", x->until_us);
    json_put_str(j, "by", x->by);
    json_put_int(j, "open", open);
    json_put_int(j, "late", late);
    json_close(j, '}');
}

bool standards_list(call *c, err *e) {
    standards *all;
    bounds open;
    paging p;
    size_t n;
    if (!standards_read(c->a, c->s, &all, e) || !bounds_read(c, &open, e) || !page_open(c, &p, e)) return false;
    const standard *x = standards_rows(all, &n);
    for (size_t i = 0; i < n; i++)
        if (in_bool(c, "all") || !x[i].until_us || x[i].until_us > c->now_us) put_standard(&c->out, &x[i], &open);
    page_close(c, &p, false, 0, 0);
    return true;
}

static bool in_standard(call *c, standard *x, err *e) {
    const char *field = "";
    err why = {0};
    x->name = in_str(c, "name"), x->segment = in_str(c, "segment"), x->priority = in_str(c, "priority");
    x->kind = commitment_kind_of(in_str(c, "kind")), x->starts = standard_start_of(in_str(c, "starts"));
    x->channel = channel_of(in_str(c, "channel"));
    x->clock = str_eq(in_str(c, "clock"), S("always")) ? CLOCK_ALWAYS : CLOCK_OPEN;
    x->by = who_text(c->a, &c->who), x->created_us = c->now_us, x->until_us = 0;
    if (in_str(c, "channel").len && !x->channel)
        return fail_field(c, e, "channel", "'channel' is none; email, chat, phone, shop and others are");
    if (!hours_length_read(in_str(c, "within"), &x->minutes, &why)) return of_field(c, "within", &why, e);
    if (!api_in_moment(c, "from", false, &x->from_us, e)) return false;
    if (!x->from_us) x->from_us = c->now_us;
    return standard_check(x, &field, &why) || of_field(c, field, &why, e);
}

// The newest version.
static bool standard_asked(call *c, standard *x, err *e) {
    standards *all;
    int64_t id;
    size_t n;
    bool found = false;
    if (!param_id(c, 0, &id, e) || !standards_read(c->a, c->s, &all, e)) return false;
    const standard *rows = standards_rows(all, &n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == id) *x = rows[i], found = true;
    return found || fail(e, ERR_not_found, "there is no standard %" PRId64, id);
}

static bool store_standard(call *c, standard *x, const char *action, err *e) {
    ledger *l = know_ledger(c->d->k);
    bounds open;
    if (!standard_put(l, x, e) || !bounds_read(c, &open, e) ||
        !commitment_by_rule_since(c->s, MIN(x->from_us, c->now_us), e) ||
        !noted(c, action, "standard", x->id, x->name, e))
        return false;
    call_etag(c, x->version);
    put_standard(&c->out, x, &open);
    return true;
}

bool standards_make(call *c, err *e) {
    standard x = {0};
    if (!in_standard(c, &x, e) || !store_standard(c, &x, "standard.make", e)) return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/promises/standards/%" PRId64, x.id));
    return true;
}

bool standards_change(call *c, err *e) {
    standard x;
    if (!standard_asked(c, &x, e) || !call_if_match(c, x.version, e)) return false;
    return in_standard(c, &x, e) && store_standard(c, &x, "standard.change", e);
}

bool standards_retire(call *c, err *e) {
    standard x;
    standards *all;
    size_t n;
    if (!standard_asked(c, &x, e) || !call_if_match(c, x.version, e) || !standards_read(c->a, c->s, &all, e))
        return false;
    const standard *rows = standards_rows(all, &n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == x.id && (!rows[i].until_us || rows[i].until_us > c->now_us) &&
            !standard_end(c->s, &rows[i], c->now_us, e))
            return false;
    return commitment_by_rule_since(c->s, c->now_us, e) && noted(c, "standard.retire", "standard", x.id, x.name, e);
}

// ---- agreements ----

static bool put_holder(call *c, const agreement_given *g, err *e) {
    json_out *j = &c->out;
    people_card to = {.id = g->profile_id};
    for (row r = store_query(c->s, Q_profile_some, e, "t", str_fmt(c->a, "[%" PRId64 "]", g->profile_id));
         row_next(&r);)
        to.id = row_int(&r, 1);
    if (to.id && !people_fill(c->a, c->s, &to, 1, e)) return false;
    json_open(j, NULL, '{');
    json_put_int(j, "id", g->id);
    if (to.id)
        json_put_int(j, "customer", to.id), json_put_str(j, "name", to.name);
    else
        json_put_null(j, "customer"), json_put_null(j, "name");
    if (g->segment.len)
        json_put_str(j, "segment", g->segment);
    else
        json_put_null(j, "segment");
    json_put_time(j, "from", g->from_us);
    json_put_time(j, "until", g->until_us);
    json_close(j, '}');
    return err_ok(e);
}

// What is stored was checked when it was written.
static void put_week_of(call *c, const agreement *x) {
    calendar cal = calendar_weekdays(NULL, 9 * 3600, 17 * 3600), own;
    err quiet = {0};
    if (x->hours.len && hours_read(x->hours, &own, &quiet)) cal = own;
    api_put_week(c, "week", &cal);
}

static bool put_agreement(call *c, const agreements *all, const agreement *x, err *e) {
    json_out *j = &c->out;
    size_t n;
    const agreement_given *g = agreements_given(all, &n);
    json_open(j, NULL, '{');
    json_put_int(j, "id", x->id);
    json_put_int(j, "version", x->version);
    json_put_str(j, "name", x->name);
    json_put_str(j, "zone", x->zone);
    json_put_str(j, "hours", x->hours);
    put_week_of(c, x);
    json_put_str(j, "country", x->country);
    json_put_str(j, "closed", x->closed);
    json_put_str(j, "promises", x->promises);
    json_put_time(j, "from", x->from_us);
    json_put_time(j, "until", x->until_us);
    json_put_str(j, "by", x->by);
    json_open(j, "given", '[');
    for (size_t i = 0; i < n; i++)
        if (g[i].agreement_id == x->id && (!g[i].until_us || g[i].until_us > c->now_us) && !put_holder(c, &g[i], e))
            return false;
    json_close(j, ']');
    json_close(j, '}');
    return true;
}

bool agreements_list(call *c, err *e) {
    agreements *all;
    paging p;
    size_t n;
    if (!agreements_read(c->a, c->s, &all, e) || !page_open(c, &p, e)) return false;
    const agreement *x = agreements_rows(all, &n);
    for (size_t i = 0; i < n; i++)
        if ((in_bool(c, "all") || !x[i].until_us || x[i].until_us > c->now_us) && !put_agreement(c, all, &x[i], e))
            return false;
    page_close(c, &p, false, 0, 0);
    return true;
}

static bool in_agreement(call *c, agreement *x, err *e) {
    const char *field = "";
    err why = {0};
    x->name = in_str(c, "name"), x->zone = in_str(c, "zone"), x->hours = in_str(c, "hours");
    x->country = in_str(c, "country"), x->closed = in_str(c, "closed"), x->promises = in_str(c, "promises");
    x->by = who_text(c->a, &c->who), x->created_us = c->now_us, x->until_us = 0;
    if (!api_in_moment(c, "from", false, &x->from_us, e)) return false;
    if (!x->from_us) x->from_us = c->now_us;
    return agreement_check(c->a, x, &field, &why) || of_field(c, field, &why, e);
}

static bool agreement_asked(call *c, agreements **all, agreement *x, err *e) {
    int64_t id;
    size_t n;
    bool found = false;
    if (!param_id(c, 0, &id, e) || !agreements_read(c->a, c->s, all, e)) return false;
    const agreement *rows = agreements_rows(*all, &n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == id) *x = rows[i], found = true;
    return found || fail(e, ERR_not_found, "there is no agreement %" PRId64, id);
}

// Answers with the agreement as it stands after the change.
static bool answer(call *c, int64_t id, const char *action, int64_t since_us, err *e) {
    agreements *all;
    agreement x = {0};
    size_t n;
    if (!commitment_by_rule_since(c->s, MIN(since_us, c->now_us), e) || !agreements_read(c->a, c->s, &all, e))
        return false;
    const agreement *rows = agreements_rows(all, &n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == id) x = rows[i];
    call_etag(c, x.version);
    return noted(c, action, "agreement", id, x.name, e) && put_agreement(c, all, &x, e);
}

bool agreements_make(call *c, err *e) {
    agreement x = {0};
    if (!in_agreement(c, &x, e) || !agreement_put(know_ledger(c->d->k), &x, e)) return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/promises/agreements/%" PRId64, x.id));
    return answer(c, x.id, "agreement.make", x.from_us, e);
}

bool agreements_change(call *c, err *e) {
    agreements *all;
    agreement x;
    if (!agreement_asked(c, &all, &x, e) || !call_if_match(c, x.version, e)) return false;
    return in_agreement(c, &x, e) && agreement_put(know_ledger(c->d->k), &x, e) &&
           answer(c, x.id, "agreement.change", x.from_us, e);
}

bool agreements_retire(call *c, err *e) {
    agreements *all;
    agreement x;
    size_t n;
    if (!agreement_asked(c, &all, &x, e) || !call_if_match(c, x.version, e)) return false;
    const agreement *rows = agreements_rows(all, &n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == x.id && (!rows[i].until_us || rows[i].until_us > c->now_us) &&
            !agreement_end(c->s, &rows[i], c->now_us, e))
            return false;
    return commitment_by_rule_since(c->s, c->now_us, e) && noted(c, "agreement.retire", "agreement", x.id, x.name, e);
}

bool agreements_give(call *c, err *e) {
    agreements *all;
    agreement x;
    agreement_given g = {.profile_id = in_int(c, "customer", 0),
                         .segment = str_trim(in_str(c, "segment")),
                         .by = who_text(c->a, &c->who)};
    if (!agreement_asked(c, &all, &x, e) || !api_in_moment(c, "from", false, &g.from_us, e)) return false;
    if (g.profile_id && g.segment.len) return fail_field(c, e, "segment", "name a customer or a segment, not both");
    bool there = !g.profile_id;
    row r = store_query(c->s, Q_profile_of_customer, e, "i", g.profile_id);
    while (g.profile_id && row_next(&r)) there = true;
    row_end(&r);
    if (!there) return err_ok(e) ? fail(e, ERR_not_found, "there is no customer %" PRId64, g.profile_id) : false;
    if (!g.from_us) g.from_us = c->now_us;
    g.agreement_id = x.id;
    return agreement_give(know_ledger(c->d->k), &g, e) && answer(c, x.id, "agreement.give", g.from_us, e);
}

bool agreements_take(call *c, err *e) {
    agreements *all;
    int64_t id;
    size_t n;
    if (!param_id(c, 0, &id, e) || !agreements_read(c->a, c->s, &all, e)) return false;
    const agreement_given *g = agreements_given(all, &n);
    for (size_t i = 0; i < n; i++)
        if (g[i].id == id && !g[i].until_us)
            return agreement_take(c->s, id, c->now_us, e) && commitment_by_rule_since(c->s, c->now_us, e) &&
                   audit(c, "agreement.take", str_fmt(c->a, "agreement:%" PRId64, g[i].agreement_id), S(""), e);
    return fail(e, ERR_not_found, "nobody has an agreement by number %" PRId64, id);
}
