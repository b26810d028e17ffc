// What concerns the server itself: is it well, what does it offer, what happens.
#include <sys/resource.h>
#include <unistd.h>

#include "serve/handlers.h"
#include "serve/kept.h"
#include "serve/page.h"
#include "serve/server.h"
#include "serve/shape.h"
#include "sql/ledger.h"

enum { ANSWER_MOST = 8 << 20 };

bool healthz(call *c, err *e) {
    (void)e;
    json_open(&c->out, NULL, '{');
    json_put_bool(&c->out, "ok", true);
    json_close(&c->out, '}');
    return true;
}

bool readyz(call *c, err *e) {
    int64_t tail = 0;
    writer_state w = writer_look(server_writer(c->sv));
    if (!writer_ok(server_writer(c->sv), e) || !store_int(c->s, Q_tail_any, &tail, 0, e, "")) return false;
    json_open(&c->out, NULL, '{');
    json_put_bool(&c->out, "ready", true);
    json_put_int(&c->out, "waiting", w.waiting);
    json_put_num(&c->out, "summaries_behind_s", (double)w.oldest_us / 1e6);
    json_close(&c->out, '}');
    return true;
}

// ---- metrics (Prometheus text format 0.0.4) ----

typedef struct {
    buf *b;
    str only; // names that begin so
} sheet_out;

static bool family(sheet_out *m, const char *name, const char *type, const char *help) {
    if (!str_starts(str_c(name), m->only)) return false;
    buf_fmt(m->b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
    return true;
}

static void one(sheet_out *m, const char *name, const char *type, const char *help, double v) {
    if (!family(m, name, type, help)) return;
    buf_fmt(m->b, "%s ", name);
    buf_f64(m->b, v);
    buf_addc(m->b, '\n');
}

static void of_writer(sheet_out *m, server *sv) {
    err e = {0};
    writer_state w = writer_look(server_writer(sv));
    one(m, "heed_writer_ok", "gauge", "1 while the store can be written.", writer_ok(server_writer(sv), &e));
    one(m, "heed_writer_waiting", "gauge", "Pieces of work in line.", (double)w.waiting);
    one(m, "heed_writer_waiting_bytes", "gauge", "What they hold.", (double)w.waiting_bytes);
    one(m, "heed_writer_commits_total", "counter", "Transactions.", (double)w.commits);
    one(m, "heed_writer_commit_seconds_total", "counter", "Time spent in them.", (double)w.commit_us / 1e6);
    one(m, "heed_writer_pieces_total", "counter", "Pieces of work done.", (double)w.pieces);
    one(m, "heed_writer_failed_total", "counter", "Pieces of work that failed.", (double)w.failed);
    one(m, "heed_events_stored_total", "counter", "Events stored since the start.", (double)w.events);
    one(m, "heed_summaries_behind_seconds", "gauge", "How long the oldest event waits for its summary.",
        (double)w.oldest_us / 1e6);
}

static void of_kept(sheet_out *m, server *sv) {
    const kept_counts k = kept_look(server_kept(sv));
    one(m, "heed_kept_given_total", "counter", "Answers over everybody that were there.", (double)k.given);
    one(m, "heed_kept_given_old_total", "counter", "Of these, those older than what was true.", (double)k.given_old);
    one(m, "heed_kept_made_total", "counter", "Those made while somebody waited.", (double)k.made);
    one(m, "heed_kept_renewed_total", "counter", "Those made anew in the background.", (double)k.renewed);
    one(m, "heed_kept_oldest_seconds", "gauge", "The oldest that was given since the start.", (double)k.oldest_s);
    one(m, "heed_kept_bytes", "gauge", "What they hold.", (double)k.bytes);
}

// While one writes the others wait.
static void of_holds(sheet_out *m, server *sv) {
    hold_row x[HOLDERS];
    static const struct {
        const char *name, *type, *help;
    } families[] = {
        {"heed_writer_holds_total", "counter", "How often somebody held the writer, by who."},
        {"heed_writer_hold_seconds_total", "counter", "How long they held it, all together."},
        {"heed_writer_hold_long_total", "counter", "How often for more than a tenth of a second."},
        {"heed_writer_hold_seconds_most", "gauge", "The longest since the start."},
    };
    size_t n = writer_holds(server_writer(sv), x, COUNT(x));
    for (size_t f = 0; f < COUNT(families); f++) {
        if (!family(m, families[f].name, families[f].type, families[f].help)) continue;
        for (size_t i = 0; i < n; i++) {
            const double v[] = {(double)x[i].n, (double)x[i].total_us / 1e6, (double)x[i].n_long,
                                (double)x[i].longest_us / 1e6};
            buf_fmt(m->b, "%s{by=\"%s\"} ", families[f].name, x[i].by);
            buf_f64(m->b, v[f]);
            buf_addc(m->b, '\n');
        }
    }
}

static void of_requests(sheet_out *m, server *sv) {
    static const char *const classes[] = {"", "1xx", "2xx", "3xx", "4xx", "5xx"};
    size_t n;
    const route *all = routes_all(&n);
    const route_count *counts = server_counts(sv, &n);
    if (!family(m, "heed_requests_total", "counter", "Requests, by route and class of the answer.")) return;
    for (size_t i = 0; i <= n; i++)
        for (int k = 1; k <= 5; k++) {
            int64_t some = __atomic_load_n(&counts[i].by_class[k], __ATOMIC_RELAXED);
            if (!some) continue;
            buf_fmt(m->b, "heed_requests_total{route=\"%s\",method=\"%s\",class=\"%s\"} %" PRId64 "\n",
                    i < n ? all[i].path : "", i < n ? method_name(all[i].method) : "", classes[k], some);
        }
}

// From the body being there to the answer being ready.
static void of_times(sheet_out *m, server *sv) {
    enum { STEPS = 16 };
    size_t n;
    const route *all = routes_all(&n);
    const route_count *counts = server_counts(sv, &n);
    if (!family(m, "heed_request_seconds", "histogram", "How long answers took, by route.")) return;
    for (size_t i = 0; i < n; i++) {
        int64_t sum = 0;
        if (!__atomic_load_n(&counts[i].asked, __ATOMIC_RELAXED)) continue;
        for (int k = 0; k < STEPS; k++) {
            sum += __atomic_load_n(&counts[i].took[k], __ATOMIC_RELAXED);
            buf_fmt(m->b, "heed_request_seconds_bucket{route=\"%s\",method=\"%s\",le=\"", all[i].path,
                    method_name(all[i].method));
            if (k < STEPS - 1)
                buf_f64(m->b, (double)(1 << k) / 1000);
            else
                buf_add(m->b, S("+Inf"));
            buf_fmt(m->b, "\"} %" PRId64 "\n", sum);
        }
        buf_fmt(m->b, "heed_request_seconds_sum{route=\"%s\",method=\"%s\"} ", all[i].path, method_name(all[i].method));
        buf_f64(m->b, (double)__atomic_load_n(&counts[i].took_us, __ATOMIC_RELAXED) / 1e6);
        buf_fmt(m->b, "\nheed_request_seconds_count{route=\"%s\",method=\"%s\"} %" PRId64 "\n", all[i].path,
                method_name(all[i].method), sum);
    }
}

static void of_process(sheet_out *m) {
    struct rusage u = {0};
    int64_t pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%*d %" SCNd64, &pages) != 1) pages = 0;
    if (f) fclose(f);
    getrusage(RUSAGE_SELF, &u);
    one(m, "process_cpu_seconds_total", "counter", "Time of the processor.",
        (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
    one(m, "process_resident_memory_bytes", "gauge", "Memory in use.", (double)pages * (double)sysconf(_SC_PAGESIZE));
}

bool metrics(call *c, err *e) {
    buf b = buf_new(c->a, ANSWER_MOST);
    sheet_out m = {&b, in_str(c, "name")};
    of_writer(&m, c->sv);
    of_holds(&m, c->sv);
    of_kept(&m, c->sv);
    of_requests(&m, c->sv);
    of_times(&m, c->sv);
    of_process(&m);
    if (!m.only.len || str_starts(m.only, S("heed_http"))) server_more_metrics(c->sv, &b);
    if (b.full) return fail(e, ERR_too_large, "there is more to tell than fits; ask with 'name'");
    call_text(c, "text/plain; version=0.0.4; charset=utf-8", buf_str(&b));
    return true;
}

// ---- the description ----

bool openapi_file(call *c, err *e) {
    buf b = buf_new(c->a, ANSWER_MOST);
    openapi_write(&b, server_options(c->sv)->origin);
    if (b.full) return fail(e, ERR_internal, "the description is too long");
    call_text(c, "application/json", buf_str(&b));
    return true;
}

bool reference_page(call *c, err *e) {
    (void)e;
    page_in_english(c);
    buf *b = page_begin(c, S("The API"), PAGE_WIDE);
    reference_write(b);
    page_end(c, b, 200);
    return true;
}

// ---- live ----

// The socket goes on from here (serve/http_stream.c). The browser comes back after 3 seconds when it is cut off.
bool live_stream(call *c, err *e) {
    (void)e;
    c->r->live = true;
    response_header(c->r, "Cache-Control", S("no-store"));
    response_header(c->r, "X-Accel-Buffering", S("no"));
    call_text(c, "text/event-stream", S("retry: 3000\n\n"));
    return true;
}
