#include "cli/place.h"
#include "cli/serving.h"

typedef struct {
    strs listen;
    str origin;
    bool trust_proxy, allow_private;
    int64_t most, most_of_one, stop_s;
} serve_opts;

static const opt opts[] = {
    {"listen", 'l', OPT_LIST, offsetof(serve_opts, listen), "ADDRESS:PORT",
     "where to listen; 127.0.0.1:8080 unless given, port 0 picks a free one; may be given several times"},
    {"origin", 0, OPT_TEXT, offsetof(serve_opts, origin), "URL",
     "the address by which people reach it, such as https://heed.example.org; for links and signatures"},
    {"trust-proxy", 0, OPT_FLAG, offsetof(serve_opts, trust_proxy), NULL,
     "believe a proxy in front about addresses and TLS (X-Forwarded-For, X-Forwarded-Proto)"},
    {"allow-private", 0, OPT_FLAG, offsetof(serve_opts, allow_private), NULL,
     "let messages to others go by http and into private networks: within a company, and to try things out"},
    {"connections", 0, OPT_NUMBER, offsetof(serve_opts, most), "N",
     "how many may be open; 16384, or what the limit of open files leaves, unless given"},
    {"per-address", 0, OPT_NUMBER, offsetof(serve_opts, most_of_one), "N",
     "how many of them from one address; any number unless given"},
    {"stop-after", 0, OPT_NUMBER, offsetof(serve_opts, stop_s), "SECONDS",
     "how long a stop waits for slow clients; 20 unless given"},
};

static bool check_origin(str given, err *e) {
    bool web = str_starts(given, S("https://")) || str_starts(given, S("http://"));
    str host = str_sub(given, (size_t)MAX(str_find(given, '/'), 0) + 2, given.len);
    if (!given.len || (web && host.len && str_find(host, '/') < 0 && str_find(host, ' ') < 0)) return true;
    return fail(e, ERR_usage,
                "'--origin' takes an address without a path, such as https://heed.example.org, not '%.*s'",
                (int)MIN(given.len, 100), given.s);
}

static bool run(cli *c, const void *options, err *e) {
    const serve_opts *o = options;
    serving how = {.where = place_of(c),
                   .listen = o->listen,
                   .origin = o->origin,
                   .trust_proxy = o->trust_proxy,
                   .allow_private = o->allow_private,
                   .most = o->most,
                   .most_of_one = o->most_of_one,
                   .stop_s = o->stop_s,
                   .link = "welcome"};
    return check_origin(o->origin, e) && serving_run(c, &how, e);
}

const cmd cmd_serve = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(serve_opts),
    .run = run,
    .more = "Serves the store by HTTP until it is stopped: events of websites and apps (the addresses of Segment's "
            "libraries), webhooks, pages for people, and an API, which is described at /docs/api. Commands that "
            "change something are run by it while it runs; imports and the like wait until it stops. The store is made "
            "if there is none.\n\n"
            "Where nobody can sign in yet, it prints a link that works once and makes whoever opens it the owner. "
            "Ctrl-C or SIGTERM stops it: answers under way are finished, and what was taken is written.\n\n"
            "It speaks plain HTTP; for other machines, put a proxy with TLS in front and give --trust-proxy and "
            "--origin (docs/serving.md). Started by a socket of systemd, it listens on that.",
    .examples = "heed serve\n"
                "heed serve --listen 127.0.0.1:9000 --listen '[::1]:9000'\n"
                "heed serve --trust-proxy --origin https://heed.example.org",
    .json =
        "{\"store\",\"addresses\":[],\"origin\",\"link\"} when it is ready; link is empty when somebody can sign in",
};
