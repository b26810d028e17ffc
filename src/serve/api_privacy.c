// What people ask of their data: requests, access, consent, retention.
#include "serve/api_privacy.h"

#include "base/civil.h"
#include "jobs/runner.h"
#include "know/access.h"
#include "know/consent.h"
#include "know/settings.h"
#include "know/told.h"
#include "ledger/ident.h"
#include "serve/handlers.h"
#include "serve/server.h"
#include "sql/know.h"
#include "sql/know_privacy.h"

enum { DOCUMENT_MOST = 48 << 20, MOST_DAYS = 36500 };

// ---- requests ----

static void put_subjects(json_out *j, str list) {
    json_put_raw(j, "subjects", list.len ? list : S("[]"));
}

static void request_json(json_out *j, const privacy_request *r) {
    json_open(j, NULL, '{');
    json_put_int(j, "id", r->id);
    json_put_str(j, "kind", r->kind);
    json_put_str(j, "state", str_c(privacy_state_name(r->state)));
    json_put_str(j, "regulation", r->regulation);
    json_put_str(j, "origin", r->origin);
    put_subjects(j, r->subjects);
    json_put_time(j, "received", r->received_us);
    json_put_time(j, "due", r->due_us);
    json_put_time(j, "ended", r->ended_us);
    json_put_raw(j, "result", r->result);
    json_put_str(j, "by", r->by);
    json_close(j, '}');
}

static int64_t state_of(str name) {
    for (int s = PRIVACY_ASKED; s <= PRIVACY_CANCELLED; s++)
        if (str_eq(name, str_c(privacy_state_name((enum privacy_state)s)))) return s;
    return -1;
}

bool privacy_list(call *c, err *e) {
    paging p;
    int64_t n = 0, last = 0, before;
    if (!page_open(c, &p, e)) return false;
    before = p.first ? INT64_MAX : p.after[0];
    for (row r = store_query(c->s, Q_request_list, e, "iii", before, state_of(in_str(c, "state")), p.limit + 1);
         row_next(&r); n++) {
        if (n == p.limit) continue;
        privacy_request x = privacy_row(c->a, &r);
        request_json(&c->out, &x);
        last = x.id;
    }
    page_close(c, &p, n > p.limit, last, 0);
    return err_ok(e);
}

bool privacy_one(call *c, err *e) {
    privacy_request r;
    int64_t id;
    if (!param_id(c, 0, &id, e) || !privacy_get(c->a, c->s, id, &r, e)) return false;
    call_etag(c, r.version);
    request_json(&c->out, &r);
    return true;
}

// Are these identities any? Better said now than by a job later.
bool privacy_subjects_ok(call *c, str subjects, err *e) {
    settings set;
    int64_t *customers;
    size_t n;
    return settings_read(c->a, c->s, &set, e) &&
           privacy_customers(c->a, c->s, subjects, set.country, &customers, &n, e);
}

str json_to_str(arena *a, const json_t *v) {
    char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
    str out = text ? str_dup(a, str_c(text)) : S("[]");
    free(text);
    return out;
}

bool privacy_begin(call *c, const new_privacy_request *n, privacy_request *out, err *e) {
    int64_t id;
    char subject[48], detail[200];
    if (!privacy_make(c->s, c->d->w, n, &id, e) || !privacy_get(c->a, c->s, id, out, e)) return false;
    snprintf(subject, sizeof subject, "privacy_request:%" PRId64, id);
    snprintf(detail, sizeof detail, "{\"kind\":\"%.*s\",\"origin\":\"%.*s\"}", STR_ARG(n->kind), STR_ARG(n->origin));
    runner_wake(server_jobs(c->sv));
    return audit(c, "privacy.ask", str_dup(c->a, str_c(subject)), str_dup(c->a, str_c(detail)), e);
}

// As they were given, each with its format.
static str subjects_given(call *c) {
    size_t i;
    json_t *v;
    json_array_foreach(json_object_get(c->in, "subjects"), i, v) if (!json_is_string(json_object_get(v, "format")))
        json_object_set_new(v, "format", json_string("raw"));
    return json_to_str(c->a, json_object_get(c->in, "subjects"));
}

bool privacy_add(call *c, err *e) {
    privacy_request r;
    new_privacy_request n = {.kind = in_str(c, "kind"),
                             .regulation = in_has(c, "regulation") ? in_str(c, "regulation") : S("gdpr"),
                             .origin = S("person"),
                             .subjects = subjects_given(c),
                             .by = who_text(c->a, &c->who)};
    if (!json_array_size(json_object_get(c->in, "subjects")))
        return fail_field(c, e, "subjects", "'subjects' is empty; name at least one identifier or customer");
    if (!privacy_subjects_ok(c, n.subjects, e) || !privacy_begin(c, &n, &r, e)) return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/privacy/requests/%" PRId64, r.id));
    call_etag(c, r.version);
    request_json(&c->out, &r);
    return true;
}

bool privacy_withdraw(call *c, err *e) {
    privacy_request r;
    int64_t id;
    if (!param_id(c, 0, &id, e) || !privacy_get(c->a, c->s, id, &r, e) || !call_if_match(c, r.version, e)) return false;
    return privacy_cancel(c->s, c->d->w, &r, e) &&
           audit(c, "privacy.cancel", str_fmt(c->a, "privacy_request:%" PRId64, id), S(""), e);
}

// ---- access ----

static bool recipients(call *c, const char ***list, size_t *n, err *e) {
    enum { MOST = 1000 };
    *list = make(c->a, const char *, MOST);
    *n = 0;
    for (row r = store_query(c->s, Q_endpoint_urls, e, ""); row_next(&r);)
        if (*n < MOST) (*list)[(*n)++] = str_z(c->a, row_str(&r, 0));
    return err_ok(e);
}

static bool document_of(call *c, const int64_t *customers, size_t n, bool notes, err *e) {
    buf b = buf_new(c->a, DOCUMENT_MOST);
    const char **to;
    access_ask ask = {.now_us = c->now_us, .notes = notes};
    if (!recipients(c, &to, &ask.n_recipients, e)) return false;
    ask.recipients = to;
    if (n > 1) buf_addc(&b, '[');
    for (size_t i = 0; i < n; i++) {
        access_count told;
        arena scratch = arena_open((size_t)1 << 30);
        ask.customer = customers[i];
        if (i) buf_addc(&b, ',');
        bool ok = access_write(&scratch, c->s, &ask, &b, &told, e) &&
                  audit(c, "customer.access", str_fmt(c->a, "customer:%" PRId64, customers[i]), S(""), e);
        arena_close(&scratch);
        if (!ok) return false;
    }
    if (n > 1) buf_addc(&b, ']');
    response_header(c->r, "Content-Disposition", S("attachment; filename=\"personal-data.json\""));
    call_text(c, "application/json", buf_str(&b));
    return true;
}

bool customer_access(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && document_of(c, &id, 1, in_bool(c, "notes"), e);
}

bool privacy_document(call *c, err *e) {
    privacy_request r;
    settings set;
    int64_t id, *customers;
    size_t n;
    if (!param_id(c, 0, &id, e) || !privacy_get(c->a, c->s, id, &r, e)) return false;
    if (!str_eq(r.kind, S("access")) && !str_eq(r.kind, S("portability")))
        return fail(e, ERR_conflict, "request %" PRId64 " asks for %.*s; there is no document", id, STR_ARG(r.kind));
    if (!settings_read(c->a, c->s, &set, e) ||
        !privacy_customers(c->a, c->s, r.subjects, set.country, &customers, &n, e))
        return false;
    if (!n) return fail(e, ERR_not_found, "nothing is known of the person who asked");
    return document_of(c, customers, n, false, e);
}

// ---- consent ----

static bool profiles_of(call *c, int64_t customer, int64_t **ids, size_t *n, err *e) {
    enum { MOST = 4096 };
    *ids = make(c->a, int64_t, MOST);
    *n = 0;
    for (row r = store_query(c->s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        if (*n < MOST) (*ids)[(*n)++] = row_int(&r, 0);
    if (err_ok(e) && !*n) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    return err_ok(e);
}

bool consent_list(call *c, err *e) {
    int64_t customer, *ids;
    size_t n, n_list;
    consent *list;
    if (!param_id(c, 0, &customer, e) || !profiles_of(c, customer, &ids, &n, e) ||
        !consent_read(c->a, c->s, ids, n, &list, &n_list, e))
        return false;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n_list; i++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "purpose", list[i].purpose);
        json_put_str(&c->out, "state", list[i].given ? S("given") : S("withdrawn"));
        json_put_time(&c->out, "since", list[i].at_us);
        json_close(&c->out, '}');
    }
    json_close(&c->out, ']');
    json_close(&c->out, '}');
    return true;
}

// Consent is an event of the customer, told under the identifier that names them best.
bool consent_add(call *c, err *e) {
    int64_t customer, at_us = c->now_us;
    event *ev = make(c->a, event, 1);
    bool given = str_eq(in_str(c, "state"), S("given"));
    str purpose = consent_purpose(c->a, in_str(c, "purpose")), evidence = in_str(c, "evidence");
    if (!param_id(c, 0, &customer, e)) return false;
    if (!purpose.len) return fail_field(c, e, "purpose", "'purpose' needs letters, like marketing_email");
    if (in_has(c, "at") && !time_parse(in_str(c, "at"), NULL, 0, &at_us))
        return fail_field(c, e, "at", "'at' is no time");
    *ev = (event){.kind = KIND_consent, .channel = CHANNEL_staff, .at_us = at_us, .mood = MOOD_UNKNOWN, .n_ids = 1};
    if (!told_named(c->a, c->s, customer, &ev->ids[0], e)) return false;
    ev->topic = purpose, ev->value = given, ev->has_value = true;
    buf extra = buf_new(c->a, 1 << 16);
    buf_add(&extra, S("\"by\":"));
    buf_json_str(&extra, who_text(c->a, &c->who));
    if (evidence.len) buf_add(&extra, S(",\"evidence\":")), buf_json_str(&extra, evidence);
    ev->extra = buf_str(&extra);
    ev->ext = str_fmt(c->a, "consent:%.*s:%.*s:%d:%" PRId64, STR_ARG(ev->ids[0].value), STR_ARG(purpose), given, at_us);
    intake in = {.events = ev, .row_of = make(c->a, int32_t, 1), .n = 1, .rows = 1};
    int64_t source, import;
    tally t;
    ledger *l = know_ledger(c->d->k);
    if (!told_place(l, S("consent"), customer, &source, &import, e) || !ledger_write(l, import, &in, &t, e))
        return false;
    return store_begin(c->s, e) &&
           audit(c, "customer.consent", str_fmt(c->a, "customer:%" PRId64, customer), S(""), e) && ledger_commit(l, e);
}

// ---- retention ----

static void keep_json(json_out *j, const keeping *k, int64_t days) {
    if (!days) days = keeping_otherwise(k->what);
    json_open(j, NULL, '{');
    json_put_str(j, "what", str_c(k->what));
    json_put_str(j, "text", str_c(k->text));
    if (days)
        json_put_int(j, "days", days);
    else
        json_put_null(j, "days");
    json_close(j, '}');
}

bool retention_list(call *c, err *e) {
    size_t n;
    const keeping *all = keepings(&n);
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    for (size_t i = 0; i < n; i++) {
        int64_t days = 0;
        if (!store_int(c->s, Q_retention_get, &days, 0, e, "t", str_c(all[i].what))) return false;
        keep_json(&c->out, &all[i], days);
    }
    json_close(&c->out, ']');
    json_close(&c->out, '}');
    return true;
}

bool retention_change(call *c, err *e) {
    size_t n, i = 0;
    const keeping *all = keepings(&n);
    int64_t days = in_int(c, "days", 0), version = 0;
    while (i < n && !str_eq(c->params[0], str_c(all[i].what))) i++;
    if (i == n)
        return fail(e, ERR_not_found, "'%.*s' is not kept apart; GET /api/privacy/retention lists what is",
                    (int)MIN(c->params[0].len, 40), c->params[0].s);
    if (in_has(c, "days") && (days < 1 || days > MOST_DAYS))
        return fail_field(c, e, "days", "'days' must be from 1 to %d, or null for ever", MOST_DAYS);
    for (row r = store_query(c->s, Q_retention_get, e, "t", c->params[0]); row_next(&r);) version = row_int(&r, 1);
    bool ok = days ? store_run(c->s, Q_retention_put, NULL, e, "ti", c->params[0], days)
                   : store_run(c->s, Q_retention_delete, NULL, e, "t", c->params[0]);
    if (!ok) return false;
    call_etag(c, version + 1);
    keep_json(&c->out, &all[i], days);
    return audit(c, "privacy.retention", str_fmt(c->a, "retention:%.*s", STR_ARG(c->params[0])),
                 str_fmt(c->a, "{\"days\":%" PRId64 "}", days), e);
}
