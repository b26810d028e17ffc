// What the SDKs of browsers ask before they send: settings that say "everything to us, and nothing else".
#include "listen/track.h"
#include "serve/auth.h"
#include "serve/handlers.h"

// ---- for whom ----

static bool known(call *c, str key, err *e) {
    who w = c->who;
    if (!key.len && w.kind == WHO_KEY && w.source_id) return true;
    if (!key.len) return fail(e, ERR_signed_out, "name the write key");
    return auth_write_key(c, key, &w, e);
}

// ---- Segment ----

// The public address: as it was set, else as the browser called it.
static void our_address(call *c, str *protocol, str *host) {
    str origin = server_options(c->sv)->origin;
    ptrdiff_t colon = str_find(origin, ':');
    *protocol = colon > 0 ? str_sub(origin, 0, (size_t)colon) : c->q->secure ? S("https") : S("http");
    *host = colon > 0 ? str_sub(origin, (size_t)colon + 3, origin.len) : request_header(c->q, "host");
}

static void everything_on(json_out *j, const char *kind) {
    json_open(j, kind, '{');
    json_open(j, "__default", '{');
    json_put_bool(j, "enabled", true);
    json_open(j, "integrations", '{');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
}

static void empty(json_out *j, const char *name, char open, char close) {
    json_open(j, name, open);
    json_close(j, close);
}

// As https://cdn.segment.com/v1/projects/KEY/settings is formed. A sample rate of 0 keeps the library from telling
// Segment how it does.
bool segment_settings(call *c, err *e) {
    json_out *j = &c->out;
    str protocol, host;
    if (!known(c, c->params[0], e)) return false;
    our_address(c, &protocol, &host);
    json_open(j, NULL, '{');
    json_open(j, "integrations", '{');
    json_open(j, "Segment.io", '{');
    json_put_str(j, "apiKey", c->params[0]);
    json_put_str(j, "apiHost", str_fmt(c->a, "%.*s/v1", STR_ARG(host)));
    json_put_str(j, "protocol", protocol);
    empty(j, "unbundledIntegrations", '[', ']');
    json_put_bool(j, "addBundledMetadata", true);
    empty(j, "maybeBundledConfigIds", '{', '}');
    json_open(j, "versionSettings", '{');
    json_put_str(j, "version", S("4.4.7"));
    json_open(j, "componentTypes", '[');
    json_put_str(j, NULL, S("browser"));
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
    json_open(j, "plan", '{');
    everything_on(j, "track"), everything_on(j, "identify"), everything_on(j, "group");
    json_close(j, '}');
    empty(j, "edgeFunction", '{', '}');
    json_put_bool(j, "analyticsNextEnabled", true);
    empty(j, "middlewareSettings", '{', '}');
    empty(j, "enabledMiddleware", '{', '}');
    json_open(j, "metrics", '{');
    json_put_int(j, "sampleRate", 0);
    json_close(j, '}');
    json_put_bool(j, "legacyVideoPluginsEnabled", false);
    empty(j, "remotePlugins", '[', ']');
    json_close(j, '}');
    return true;
}

// ---- RudderStack ----

static void switched_off(json_out *j, const char *name) {
    json_open(j, name, '{');
    json_put_bool(j, "enabled", false);
    json_close(j, '}');
}

static bool source_config(call *c, err *e) {
    json_out *j = &c->out;
    str key = form_value(c->a, c->q->query, "writeKey");
    if (!known(c, key, e)) return false;
    json_open(j, NULL, '{');
    json_open(j, "source", '{');
    json_put_str(j, "id", S("heed"));
    json_put_str(j, "name", S("heed"));
    json_put_str(j, "writeKey", key);
    json_put_bool(j, "enabled", true);
    json_put_str(j, "workspaceId", S("heed"));
    json_open(j, "config", '{');
    json_open(j, "statsCollection", '{');
    switched_off(j, "errors"), switched_off(j, "metrics");
    json_close(j, '}');
    json_close(j, '}');
    empty(j, "destinations", '[', ']');
    empty(j, "connections", '[', ']');
    empty(j, "dataplanes", '{', '}');
    json_close(j, '}');
    json_put_str(j, "updatedAt", S("2026-01-01T00:00:00.000Z"));
    json_close(j, '}');
    return true;
}

bool rudder_config(call *c, err *e) {
    return source_config(c, e);
}
bool rudder_config_bare(call *c, err *e) {
    return source_config(c, e);
}

// ---- PostHog ----

static void remote_config(json_out *j, str key) {
    static const char *const off[] = {
        "surveys",           "heatmaps",           "hasFeatureFlags",       "sessionRecording",
        "captureDeadClicks", "capturePerformance", "autocaptureExceptions", "productTours"};
    json_open(j, NULL, '{');
    json_put_str(j, "token", key);
    json_open(j, "supportedCompression", '[');
    json_put_str(j, NULL, S("gzip"));
    json_put_str(j, NULL, S("gzip-js"));
    json_close(j, ']');
    json_open(j, "analytics", '{');
    json_put_str(j, "endpoint", S("/e/"));
    json_close(j, '}');
    for (size_t i = 0; i < COUNT(off); i++) json_put_bool(j, off[i], false);
    json_put_bool(j, "autocapture_opt_out", true);
    json_put_bool(j, "defaultIdentifiedOnly", false);
    empty(j, "siteApps", '[', ']');
    json_close(j, '}');
}

bool posthog_config(call *c, err *e) {
    if (!known(c, c->params[0], e)) return false;
    remote_config(&c->out, c->params[0]);
    return true;
}

// The same as a script that leaves it where the library looks for it.
bool posthog_config_script(call *c, err *e) {
    if (!known(c, c->params[0], e)) return false;
    buf b = buf_new(c->a, 16 << 10);
    buf_add(&b, S("(function(){window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{};"
                  "window._POSTHOG_REMOTE_CONFIG["));
    buf_json_str(&b, c->params[0]);
    buf_add(&b, S("]={config:"));
    json_out j = json_to(&b);
    remote_config(&j, c->params[0]);
    buf_add(&b, S(",siteApps:[]}})();\n"));
    call_text(c, "application/javascript; charset=utf-8", buf_str(&b));
    return true;
}

// There are no flags here: the answer says so in the form of /flags?v=2 and of the older /decide?v=3.
static bool no_flags(call *c, err *e) {
    json_out *j = &c->out;
    track_body b;
    if (!track_open(c->a, c->q->body, &b, e)) return false;
    str key = b.key.len ? b.key : form_value(c->a, c->q->query, "token");
    if (!known(c, key, e)) return false;
    json_open(j, NULL, '{');
    empty(j, "flags", '{', '}');
    empty(j, "featureFlags", '{', '}');
    empty(j, "featureFlagPayloads", '{', '}');
    json_put_bool(j, "errorsWhileComputingFlags", false);
    json_put_str(j, "requestId", S("00000000-0000-4000-8000-000000000000"));
    json_put_bool(j, "sessionRecording", false);
    json_put_bool(j, "surveys", false);
    json_put_bool(j, "autocapture_opt_out", true);
    json_open(j, "supportedCompression", '[');
    json_put_str(j, NULL, S("gzip"));
    json_put_str(j, NULL, S("gzip-js"));
    json_close(j, ']');
    empty(j, "siteApps", '[', ']');
    json_close(j, '}');
    return true;
}

bool posthog_flags(call *c, err *e) {
    return no_flags(c, e);
}
bool posthog_flags_bare(call *c, err *e) {
    return no_flags(c, e);
}
bool posthog_decide(call *c, err *e) {
    return no_flags(c, e);
}
bool posthog_decide_bare(call *c, err *e) {
    return no_flags(c, e);
}
