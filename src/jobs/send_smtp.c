#include <curl/curl.h>
#include <pthread.h>

#include "jobs/send_smtp.h"

enum { TIMEOUT_MS = 60000, WHOLE = 10, LEAVE_MS = 10000, REPLY_MOST = 1000, HELLO_MOST = 253 };

struct smtp {
    CURL *h;
};

typedef struct {
    const smtp_server *to;
    const smtp_ask *ask;
    smtp_answer *out;
    size_t given;
    bool refused;     // mark did not agree
    bool over;        // we have said goodbye: what follows is no answer to the message
    int64_t leave_us; // when it was told to stop
    buf reply;
    char reason[CURL_ERROR_SIZE];
} session;

const char *smtp_stage_name(enum smtp_stage s) {
    static const char *const names[] = {"connect", "mail", "rcpt", "data", "end"};
    return names[s];
}

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

// The end of the message follows only after this has returned 0, and so after the mark.
static size_t give(char *p, size_t size, size_t n, void *ctx) {
    session *s = ctx;
    str m = s->ask->message;
    size_t k = MIN(size * n, m.len - s->given);
    if (k) {
        memcpy(p, m.s + s->given, k);
        s->given += k;
        return k;
    }
    if (s->out->marked) return 0;
    if (!s->ask->mark(s->ask->ctx)) {
        s->refused = true;
        return CURL_READFUNC_ABORT;
    }
    s->out->marked = true;
    s->out->stage = SMTP_END;
    s->out->status = 0;
    buf_reset(&s->reply);
    return 0;
}

// Every line that the server answers: "550 5.1.1 no such user", "550-and" before more of it.
static size_t take(char *p, size_t size, size_t n, void *ctx) {
    session *s = ctx;
    str line = str_trim((str){p, size * n});
    int64_t code = 0;
    if (s->over) return size * n;
    if (str_i64(str_sub(line, 0, 3), &code) && code >= 100 && code < 600) s->out->status = (int)code;
    if (s->reply.len + line.len > REPLY_MOST) return size * n;
    if (s->reply.len) buf_addc(&s->reply, ' ');
    buf_add(&s->reply, line);
    return size * n;
}

// What we tell the server shows how far we are. Lines with secrets pass through here and are not looked at.
static int watch(CURL *h, curl_infotype type, char *p, size_t n, void *ctx) {
    session *s = ctx;
    str line = {p, n};
    (void)h;
    if (type != CURLINFO_HEADER_OUT) return 0;
    enum smtp_stage stage = str_starts(line, S("MAIL FROM")) ? SMTP_MAIL
                            : str_starts(line, S("RCPT TO")) ? SMTP_RCPT
                            : str_starts(line, S("DATA"))    ? SMTP_DATA
                                                             : SMTP_CONNECT;
    if (str_starts(line, S("QUIT"))) s->over = true;
    if (s->over) return 0;
    s->out->stage = stage;
    s->out->status = 0;
    buf_reset(&s->reply);
    return 0;
}

// Told to stop, it stops at once while nothing can have arrived; else the server has a moment for its answer.
static int go_on(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    session *s = ctx;
    (void)a, (void)b, (void)c, (void)d;
    if (!s->to->cancel || !__atomic_load_n(s->to->cancel, __ATOMIC_RELAXED)) return 0;
    if (!s->leave_us) s->leave_us = now_us();
    return !s->out->marked || now_us() - s->leave_us > LEAVE_MS * 1000;
}

static void set_server(CURL *h, arena *a, const smtp_server *to) {
    bool tls = str_eq(to->tls, S("tls")), start = str_eq(to->tls, S("starttls"));
    str hello = to->hello.len && to->hello.len <= HELLO_MOST ? to->hello : S("localhost");
    str url = str_fmt(a, "%s://%.*s:%d/%.*s", tls ? "smtps" : "smtp", STR_ARG(to->host), (int)to->port, STR_ARG(hello));
    long ms = to->timeout_ms ? to->timeout_ms : TIMEOUT_MS;
    curl_easy_setopt(h, CURLOPT_URL, str_z(a, url));
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(h, CURLOPT_USE_SSL, (long)(start ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, ms);
    curl_easy_setopt(h, CURLOPT_SERVER_RESPONSE_TIMEOUT, MAX(ms / 1000, 1L));
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, WHOLE * ms);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    if (!to->login.len) return;
    curl_easy_setopt(h, CURLOPT_USERNAME, str_z(a, to->login));
    curl_easy_setopt(h, CURLOPT_PASSWORD, str_z(a, to->password));
}

static void set_watches(CURL *h, session *s) {
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, s->reason);
    curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(h, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(h, CURLOPT_READDATA, s);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, s);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, s);
    curl_easy_setopt(h, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(h, CURLOPT_DEBUGFUNCTION, watch);
    curl_easy_setopt(h, CURLOPT_DEBUGDATA, s);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, go_on);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, s);
}

static str words(arena *a, const session *s, CURLcode code) {
    // What it said before all was well is no reason.
    if (s->reply.len && (s->out->taken || s->out->status >= 400)) return str_dup(a, buf_str(&s->reply));
    if (s->refused) return S("not sent after all");
    return str_dup(a, str_c(*s->reason ? s->reason : curl_easy_strerror(code)));
}

// One try over the connection that is there, or a new one. False when a kept connection turned out to be gone before
// anything was said on it.
static bool once(smtp *c, arena *a, session *s, bool fresh) {
    struct curl_slist *to = curl_slist_append(NULL, str_z(a, str_fmt(a, "<%.*s>", STR_ARG(s->ask->to))));
    long connects = 0;
    curl_easy_reset(c->h);
    set_server(c->h, a, s->to);
    set_watches(c->h, s);
    curl_easy_setopt(c->h, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    curl_easy_setopt(c->h, CURLOPT_MAIL_FROM, str_z(a, str_fmt(a, "<%.*s>", STR_ARG(s->ask->from))));
    curl_easy_setopt(c->h, CURLOPT_MAIL_RCPT, to);
    CURLcode code = curl_easy_perform(c->h);
    curl_easy_getinfo(c->h, CURLINFO_NUM_CONNECTS, &connects);
    curl_slist_free_all(to);
    curl_easy_reset(c->h); // the connection stays; what is said on it later does not concern this session
    s->out->taken = code == CURLE_OK && s->out->marked && s->out->status / 100 == 2;
    s->out->reply = words(a, s, code);
    return s->out->taken || connects || s->out->marked || s->out->stage > SMTP_MAIL || s->refused ||
           (s->out->status && s->out->status != 421);
}

void smtp_send(smtp *c, arena *a, const smtp_server *to, const smtp_ask *ask, smtp_answer *out) {
    int64_t began = now_us();
    for (int fresh = 0; fresh < 2; fresh++) {
        session s = {.to = to, .ask = ask, .out = out, .reply = buf_new(a, REPLY_MOST + 8)};
        *out = (smtp_answer){0};
        if (once(c, a, &s, fresh)) break;
    }
    out->took_us = now_us() - began;
}

static void start_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

smtp *smtp_open(arena *life) {
    static pthread_once_t ready = PTHREAD_ONCE_INIT;
    pthread_once(&ready, start_curl);
    smtp *c = make(life, smtp, 1);
    c->h = curl_easy_init();
    return c->h ? c : NULL;
}

void smtp_close(smtp *c) {
    if (c) curl_easy_cleanup(c->h);
}
