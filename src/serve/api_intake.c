// What applications tell by the SDKs of Segment, RudderStack and PostHog: one handler reads it all; the address says
// what is in the body (listen/track.h).
#include "know/settings.h"
#include "listen/track.h"
#include "serve/auth.h"
#include "serve/handlers.h"
#include "serve/token.h"

// ---- who sends ----

// A key in the header was looked at before; else it stands in the body, or in the address.
static bool who_sends(call *c, str in_body, who *w, err *e) {
    static const char *const names[] = {"writeKey", "api_key", "token"};
    str key = in_body;
    *w = c->who;
    if (c->who.kind == WHO_KEY && c->who.source_id && c->who.needs & N(intake)) return true;
    for (size_t i = 0; i < COUNT(names) && !key.len; i++) key = form_value(c->a, c->q->query, names[i]);
    if (key.len) return auth_write_key(c, key, w, e);
    if (c->who.kind == WHO_KEY)
        return fail(e, ERR_signed_out, "this key sends no events; make a write key with 'heed key add --write'");
    return fail(e, ERR_signed_out,
                "send the write key as name of Basic authentication, or in the body as writeKey or api_key");
}

// ---- the body ----

// Older libraries of PostHog send a form with the calls as base64 in it, which may be packed again.
static bool body_of(call *c, str *body, err *e) {
    *body = c->q->body;
    if (!str_starts(*body, S("data="))) return true;
    str data = form_value(c->a, *body, "data"), bytes = data;
    if (!str_starts(data, S("{")) && !str_starts(data, S("[")) && !base64_bytes(c->a, data, &bytes))
        return fail(e, ERR_invalid, "'data' is neither JSON nor base64");
    request packed = {.body = bytes};
    return message_unpack(c->a, &packed, (size_t)c->route->most_kb << 10, body, e);
}

// ---- what it says ----

// "/v1/track" is of one kind; of a batch, and of PostHog, each call says it.
static enum track_call call_of(const route *r) {
    str path = str_c(r->path);
    return str_starts(path, S("/v1/")) ? track_call_of(str_sub(path, 4, path.len)) : TRACK_none;
}

static bad_row *bad_rows(call *c, const track_out *o) {
    str path = str_c(c->route->path);
    if (str_ends(path, S("/"))) path.len--;
    bad_row *rows = make(c->a, bad_row, o->n_bad);
    for (size_t i = 0; i < o->n_bad; i++)
        rows[i] = (bad_row){.file = path,
                            .field = o->bad[i].field,
                            .reason = o->bad[i].reason,
                            .raw = o->bad[i].raw,
                            .line = o->bad[i].line};
    return rows;
}

static void leave(call *c, const who *w, const track_out *o) {
    intake in = {.events = o->events, .row_of = o->row_of, .n = o->n, .rows = o->rows, .n_bad = o->n_bad};
    in.bad = bad_rows(c, o);
    c->give.events = (parcel){.source = w->source, .adapter = S("tracking"), .channel = CHANNEL_app, .in = in};
    c->give.bytes = arena_used(c->a); // all of it stays until it is written
}

static bool take(call *c, err *e) {
    track_body b;
    track_out o;
    settings set;
    str body;
    who w;
    if (!body_of(c, &body, e) || !track_open(c->a, body, &b, e) || !who_sends(c, b.key, &w, e)) return false;
    if (!settings_read(c->a, c->s, &set, e)) return false;
    const track_opts opts = {.now_us = c->now_us,
                             .call = call_of(c->route),
                             .ip = c->q->peer,
                             .sent_at = request_header(c->q, "sentat"),
                             .country = set.country,
                             .currency = set.currency};
    if (!track_read(c->a, &b, &opts, &o, e)) return false;
    leave(c, &w, &o);
    return true;
}

// ---- the addresses ----

static bool take_segment(call *c, err *e) {
    if (!take(c, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_bool(&c->out, "success", true);
    json_close(&c->out, '}');
    return true;
}

static bool take_posthog(call *c, err *e) {
    if (!take(c, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "status", 1);
    json_close(&c->out, '}');
    return true;
}

#define SEGMENT(name)                                                                                                  \
    bool name(call *c, err *e) {                                                                                       \
        return take_segment(c, e);                                                                                     \
    }
#define POSTHOG(name)                                                                                                  \
    bool name(call *c, err *e) {                                                                                       \
        return take_posthog(c, e);                                                                                     \
    }
SEGMENT(intake_identify)
SEGMENT(intake_track)
SEGMENT(intake_page)
SEGMENT(intake_screen)
SEGMENT(intake_group)
SEGMENT(intake_alias)
SEGMENT(intake_batch)
SEGMENT(intake_import)
SEGMENT(intake_i)
SEGMENT(intake_t)
SEGMENT(intake_p)
SEGMENT(intake_s)
SEGMENT(intake_g)
SEGMENT(intake_a)
SEGMENT(intake_b)
POSTHOG(posthog_batch)
POSTHOG(posthog_batch_bare)
POSTHOG(posthog_e)
POSTHOG(posthog_e_bare)
POSTHOG(posthog_capture)
POSTHOG(posthog_capture_bare)
POSTHOG(posthog_i)
POSTHOG(posthog_i_bare)
