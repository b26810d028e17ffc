// Calls that stand in a file, one a line or in a list, and calls that were refused and are read again.
#include "listen/adapter.h"
#include "listen/json_item.h"
#include "listen/track.h"

static double track_sure(const glance *g) {
    const json_t *const v = g->first;
    const str type = json_at(v, "type").len ? json_at(v, "type") : json_at(v, "action");
    const bool somebody = item_has(v, "userId") || item_has(v, "anonymousId") || item_has(v, "user_id");
    const bool dated = item_has(v, "messageId") || item_has(v, "timestamp") || item_has(v, "originalTimestamp");
    if (json_at(v, "event").len && item_has(v, "distinct_id") && item_has(v, "timestamp")) return 0.95;
    if (type.len > 1 && track_call_of(type) && somebody) return dated ? 0.98 : 0.8;
    return 0;
}

static void hand_over(reading *r, const track_out *o) {
    heard *const h = r->out;
    if (o->n > ROW_EVENTS) {
        reject(r, "call", "says more than %d things; split it", ROW_EVENTS);
        return;
    }
    for (size_t i = 0; i < o->n; i++) h->events[i] = o->events[i];
    h->n = (int)o->n;
}

// When it came is known of calls that were refused by the server, and of archives; else the call must say when it was.
static void track_row(reading *r) {
    track_body b;
    track_out o;
    err e = {0};
    track_opts opts = {.country = r->opts->country, .currency = str_c(r->money->code)};
    if (!track_open(&r->row, r->out->raw, &b, &e)) {
        reject(r, "call", "%s", e.msg);
        return;
    }
    if (doc_get(&b.d, DOC_ROOT, S("batch"))) {
        reject(r, "batch", "is a list of calls; give each a line of its own");
        return;
    }
    const str received = doc_scalar(&r->row, &b.d, doc_get(&b.d, DOC_ROOT, S("receivedAt")));
    if (!received.len || !time_parse(received, r->utc, 0, &opts.now_us)) opts.now_us = r->as_of_given ? r->as_of_us : 0;
    if (!track_read(&r->row, &b, &opts, &o, &e))
        reject(r, "call", "%s", e.msg);
    else if (o.n_bad)
        reject(r, str_z(&r->row, o.bad[0].field), "%.*s", STR_ARG(o.bad[0].reason));
    else
        hand_over(r, &o);
}

const adapter ADAPTER_tracking = {
    .name = "tracking",
    .label = "Tracking calls of Segment, RudderStack and PostHog (JSON)",
    .source = "app",
    .channel = CHANNEL_app,
    .format = FORMAT_JSON,
    .sure = track_sure,
    .row = track_row,
};
