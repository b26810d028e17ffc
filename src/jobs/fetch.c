#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <unistd.h>

#include "jobs/fetch.h"

enum { TIMEOUT_MS = 20000, MOST = 1 << 20, URL_MOST = 2048, HEADER_MOST = 8192 };

// The guard

// Not globally reachable by the IANA special-purpose registries of IPv4 (RFC 6890 and after), with multicast, the
// reserved block, the former 6to4 relays, and the one public address behind which a cloud keeps its metadata.
static const struct {
    uint32_t net;
    int bits;
} closed4[] = {
    {0x00000000, 8},  // 0.0.0.0/8 this network
    {0x0A000000, 8},  // 10.0.0.0/8 private
    {0x64400000, 10}, // 100.64.0.0/10 shared by carriers
    {0x7F000000, 8},  // 127.0.0.0/8 loopback
    {0xA9FE0000, 16}, // 169.254.0.0/16 link-local, metadata of clouds
    {0xAC100000, 12}, // 172.16.0.0/12 private
    {0xC0000000, 24}, // 192.0.0.0/24 protocol assignments
    {0xC0000200, 24}, // 192.0.2.0/24 documentation
    {0xC0586300, 24}, // 192.88.99.0/24 former 6to4 relays
    {0xC0A80000, 16}, // 192.168.0.0/16 private
    {0xC6120000, 15}, // 198.18.0.0/15 benchmarking
    {0xC6336400, 24}, // 198.51.100.0/24 documentation
    {0xCB007100, 24}, // 203.0.113.0/24 documentation
    {0xA83F8110, 32}, // 168.63.129.16 metadata of Azure
    {0xE0000000, 3},  // 224.0.0.0/4 multicast, 240.0.0.0/4 reserved
};

static bool public4(uint32_t x) {
    for (size_t i = 0; i < COUNT(closed4); i++)
        if ((x ^ closed4[i].net) >> (32 - closed4[i].bits) == 0) return false;
    return true;
}

static uint32_t word_of(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

// Within IPv6 only 2000::/3 is given out for use on the public network; of it, some blocks are for other ends. An
// address that carries one of IPv4 counts as that: mapped (RFC 4291) and translated (RFC 6052).
static bool public6(const unsigned char p[16]) {
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF}, translated[12] = {0x00, 0x64, 0xFF, 0x9B};
    uint32_t first = word_of(p);
    if (!memcmp(p, mapped, 12) || !memcmp(p, translated, 12)) return public4(word_of(p + 12));
    if (first >> 29 != 1) return false;
    bool assignments = first >> 9 == 0x20010000 >> 9; // 2001::/23, with Teredo and ORCHID
    bool papers = first == 0x20010DB8 || first >> 12 == 0x3FFF0000 >> 12;
    bool six_to_four = first >> 16 == 0x2002;
    return !assignments && !papers && !six_to_four;
}

bool address_public(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return public4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6) return false;
    struct sockaddr_in6 in;
    memcpy(&in, address, sizeof in);
    return public6(in.sin6_addr.s6_addr);
}

// One exchange

typedef struct {
    const fetch_ask *ask;
    fetch_reply *out;
    arena *a;
    buf body;
    size_t most;
    bool refused, too_large;
    char reason[CURL_ERROR_SIZE];
} session;

// Called for every address that a connection is about to be made to, after all look-ups.
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *at) {
    session *s = ctx;
    if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
    if (!s->ask->allow_private && !address_public(&at->addr)) {
        s->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

static size_t take_body(char *p, size_t size, size_t n, void *ctx) {
    session *s = ctx;
    size_t room = s->most - s->body.len, bytes = size * n;
    buf_bytes(&s->body, p, MIN(room, bytes));
    if (bytes <= room) return bytes;
    s->out->cut = true;
    s->too_large = !s->ask->cut;
    return 0;
}

static size_t take_header(char *p, size_t size, size_t n, void *ctx) {
    session *s = ctx;
    fetch_reply *out = s->out;
    str rest = {p, size * n}, name = str_cut(&rest, ':');
    if (str_starts(name, S("HTTP/"))) out->n_headers = 0; // of an interim answer
    if (!rest.s || name.len + rest.len > HEADER_MOST || out->n_headers == FETCH_HEADERS) return size * n;
    out->headers[out->n_headers++] = (fetch_header){str_dup(s->a, str_trim(name)), str_dup(s->a, str_trim(rest))};
    return size * n;
}

static int cancelled(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    (void)a, (void)b, (void)c, (void)d;
    const session *s = ctx;
    return s->ask->cancel && __atomic_load_n(s->ask->cancel, __ATOMIC_RELAXED);
}

static bool header_ok(str name, str value) {
    if (name.len + value.len > HEADER_MOST) return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.s[i] <= ' ' || name.s[i] == ':' || name.s[i] >= 0x7F) return false;
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.s[i] < ' ' && value.s[i] != '\t') return false;
    return name.len > 0;
}

static struct curl_slist *headers_of(const fetch_ask *ask, arena scratch) {
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; i < ask->n_headers; i++) {
        const fetch_header *h = &ask->headers[i];
        arena line = scratch;
        list = curl_slist_append(list, str_z(&line, str_fmt(&line, "%.*s: %.*s", STR_ARG(h->name), STR_ARG(h->value))));
    }
    return list;
}

static void set_limits(CURL *h, session *s) {
    long ms = s->ask->timeout_ms ? s->ask->timeout_ms : TIMEOUT_MS;
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, ms);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, ms);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, s->ask->allow_private ? "http,https" : "https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, s->reason);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, s);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, s);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, s);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, cancelled);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, s);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "heed");
}

static void set_request(CURL *h, const fetch_ask *ask, const char *url, const char *method) {
    bool plain = !strcmp(method, "GET"), head = !strcmp(method, "HEAD");
    curl_easy_setopt(h, CURLOPT_URL, url);
    if (head) curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
    if (plain || head) return;
    curl_easy_setopt(h, CURLOPT_POST, 1L);
    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(h, CURLOPT_POSTFIELDS, ask->body.len ? ask->body.s : "");
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body.len);
}

static bool outcome(const session *s, CURLcode code, err *e) {
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && s->out->cut && !s->too_large)) return true;
    if (s->too_large) return fail(e, ERR_too_large, "the reply is longer than %zu bytes", s->most);
    if (s->refused)
        return fail(e, ERR_denied, "this address leads into a private network; use one that is reachable from outside");
    return fail(e, ERR_unavailable, "%s", s->reason[0] ? s->reason : curl_easy_strerror(code));
}

static bool exchange(session *s, CURL *h, arena scratch, err *e) {
    const fetch_ask *ask = s->ask;
    struct curl_slist *headers = headers_of(ask, scratch), *pin = ask->pin ? curl_slist_append(NULL, ask->pin) : NULL;
    curl_off_t took = 0;
    long status = 0;
    set_limits(h, s);
    set_request(h, ask, str_z(&scratch, ask->url), ask->method ? ask->method : "GET");
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    if (pin) curl_easy_setopt(h, CURLOPT_RESOLVE, pin);
    CURLcode code = curl_easy_perform(h);
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(h, CURLINFO_TOTAL_TIME_T, &took);
    curl_slist_free_all(headers);
    curl_slist_free_all(pin);
    s->out->status = (int)status;
    s->out->took_us = (int64_t)took;
    s->out->body = buf_str(&s->body);
    return outcome(s, code, e);
}

// Checking an address

static bool check_parts(CURLU *u, bool allow_private, err *e) {
    char *scheme = NULL, *user = NULL;
    bool http = !curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) && !strcmp(scheme, "http");
    bool https = scheme && !strcmp(scheme, "https");
    bool named = !curl_url_get(u, CURLUPART_USER, &user, 0);
    curl_free(scheme);
    curl_free(user);
    if (!https && !(http && allow_private)) return fail(e, ERR_invalid, "the address must begin with https://");
    return !named || fail(e, ERR_invalid, "the address must not hold a name or a password before its host");
}

// An address written as numbers is known to be private without asking anybody.
static bool check_literal(CURLU *u, err *e) {
    char *host = NULL;
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (curl_url_get(u, CURLUPART_HOST, &host, 0)) return fail(e, ERR_invalid, "the address names no host");
    size_t n = strlen(host);
    bool bracket = host[0] == '[' && n > 2;
    if (bracket) host[n - 1] = 0;
    bool closed = bracket
                      ? inet_pton(AF_INET6, host + 1, &six.sin6_addr) != 1 || !address_public((struct sockaddr *)&six)
                      : inet_pton(AF_INET, host, &four.sin_addr) == 1 && !address_public((struct sockaddr *)&four);
    curl_free(host);
    return !closed ||
           fail(e, ERR_denied, "this address leads into a private network; use one that is reachable from outside");
}

static void start_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void once(void) {
    static pthread_once_t ready = PTHREAD_ONCE_INIT;
    pthread_once(&ready, start_curl);
}

bool fetch_check(str url, bool allow_private, err *e) {
    char z[URL_MOST + 1];
    once();
    if (url.len > URL_MOST || !url.len)
        return fail(e, ERR_invalid, "the address must have 1 to %d characters", URL_MOST);
    for (size_t i = 0; i < url.len; i++)
        if ((unsigned char)url.s[i] <= ' ' || url.s[i] == 0x7F)
            return fail(e, ERR_invalid, "the address holds a blank or a control character");
    memcpy(z, url.s, url.len);
    z[url.len] = 0;
    CURLU *u = curl_url();
    CURLUcode code = u ? curl_url_set(u, CURLUPART_URL, z, 0) : CURLUE_OUT_OF_MEMORY;
    bool ok = code == CURLUE_OK || code == CURLUE_UNSUPPORTED_SCHEME
                  ? true
                  : fail(e, ERR_invalid, "this is no address; write it as https://example.org/hook");
    if (code == CURLUE_UNSUPPORTED_SCHEME) ok = fail(e, ERR_invalid, "the address must begin with https://");
    ok = ok && check_parts(u, allow_private, e) && (allow_private || check_literal(u, e));
    curl_url_cleanup(u);
    return ok;
}

bool fetch(arena *a, const fetch_ask *ask, fetch_reply *out, err *e) {
    size_t most = ask->most ? ask->most : MOST;
    *out = (fetch_reply){0};
    if (!fetch_check(ask->url, ask->allow_private, e)) return false;
    for (size_t i = 0; i < ask->n_headers; i++)
        if (!header_ok(ask->headers[i].name, ask->headers[i].value))
            return fail(e, ERR_invalid, "the header \"%.*s\" cannot be sent", STR_ARG(ask->headers[i].name));
    CURL *h = curl_easy_init();
    if (!h) return fail(e, ERR_unavailable, "no memory for a request");
    arena scratch = arena_open(URL_MOST + 4 * HEADER_MOST + (1 << 16));
    arena bytes = arena_open(2 * most + (1 << 16));
    session s = {.ask = ask, .out = out, .a = a, .body = buf_new(&bytes, most), .most = most};
    bool ok = exchange(&s, h, scratch, e);
    out->body = str_dup(a, out->body);
    curl_easy_cleanup(h);
    arena_close(&bytes);
    arena_close(&scratch);
    return ok;
}

str fetch_header_of(const fetch_reply *r, const char *name) {
    for (int i = r->n_headers; i-- > 0;)
        if (str_eq_ci(r->headers[i].name, str_c(name))) return r->headers[i].value;
    return S("");
}
