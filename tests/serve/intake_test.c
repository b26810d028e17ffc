// Tracking calls through the server without a socket: every recording, who may send, what browsers must read, what is
// stored before the answer, and what is told to come back.
#include <dirent.h>
#include <pthread.h>
#include <zlib.h>

#include "people.h"

#include "base/rng.h"
#include "know/stages.h"
#include "sql/know.h"
#include "sql/ledger.h"

// ---- asking ----

static who sender(void) {
    return (who){.kind = WHO_KEY, .id = 1, .name = S("web"), .needs = N(intake), .source_id = 1, .source = S("web")};
}

static const response *send_as(serve_rig *r, const char *path, str body) {
    who w = sender();
    return serve_ask_as(r, "POST", path, NULL, 0, body, &w);
}

static void stores(serve_rig *r, const char *path, str body) {
    const response *got = send_as(r, path, body);
    if (got->status != 200) fail_msg("%s answered %d %.*s", path, got->status, STR_ARG(got->body));
}

static store *reader(serve_rig *r) {
    err e = {0};
    store *s = server_reader_take(r->sv, &e);
    if (!s) fail_msg("%s", e.msg);
    return s;
}

static int64_t count_of(serve_rig *r, enum query q) {
    err e = {0};
    int64_t n = 0;
    store *s = reader(r);
    assert_ok(store_int(s, q, &n, 0, &e, ""), e);
    server_reader_give(r->sv, s);
    return n;
}

static int64_t waiting(serve_rig *r) {
    err e = {0};
    int64_t n = 0;
    store *s = reader(r);
    assert_ok(store_int(s, Q_quarantine_count, &n, 0, &e, "i", INT64_C(0)), e);
    server_reader_give(r->sv, s);
    return n;
}

// All that is stored, whatever the order and the numbers: events by what they say, and how many customers there are.
typedef struct {
    uint64_t sum;
    int64_t events;
} portrait;

static bool add_event(void *ctx, const record *r, err *e) {
    portrait *p = ctx;
    (void)e;
    if (r->kind == KIND_identify && str_starts(r->body, S("{\"ids\":[")))
        return true; // heed's own notes of identifiers
    const int64_t numbers[] = {r->at_us, r->key,     r->value, r->thread,   r->edited_us,
                               r->kind,  r->channel, r->unit,  r->has_value};
    p->sum += str_hash2(str_hash((str){(const char *)numbers, sizeof numbers}), r->body);
    p->events++;
    return true;
}

static portrait portrait_of(serve_rig *r) {
    err e = {0};
    portrait p = {0};
    serve_settle(r);
    store *s = reader(r);
    assert_ok(ledger_all_events(s, add_event, &p, &e), e);
    server_reader_give(r->sv, s);
    return p;
}

// ---- recordings ----

typedef struct {
    char path[200];
    str body;
} recorded;

enum { MOST = 400 };
typedef struct {
    recorded all[MOST];
    size_t n;
} reel;

static int is_recording(const struct dirent *d) {
    return strstr(d->d_name, ".http") != NULL;
}

// Bodies as they came, packed or not.
static void load(serve_rig *r, reel *to, const char *from) {
    struct dirent **names;
    err e = {0};
    int n = scandir(from, &names, is_recording, alphasort);
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        char file[6000];
        str bytes, rest;
        snprintf(file, sizeof file, "%s/%s", from, names[i]->d_name);
        free(names[i]);
        assert_ok(world_real()->read_file(world_real(), &r->life, file, 1 << 20, &bytes, &e), e);
        const char *end = memmem(bytes.s, bytes.len, "\r\n\r\n", 4);
        rest = bytes;
        str method = str_cut(&rest, ' '), path = str_cut(&rest, ' ');
        if (!str_eq(method, S("POST")) || str_starts(path, S("/flags"))) continue;
        assert_true(to->n < MOST);
        recorded *x = &to->all[to->n++];
        snprintf(x->path, sizeof x->path, "%.*s", STR_ARG(path));
        x->body = str_sub(bytes, (size_t)(end + 4 - bytes.s), bytes.len);
    }
    free(names);
}

static const char *const folders[] = {"segment-node",
                                      "segment-next",
                                      "rudder-node",
                                      "rudder-js",
                                      "posthog-node",
                                      "posthog-js",
                                      "segment-node-legacy-burst",
                                      "segment-node-burst",
                                      "posthog-node-burst"};

static void start(serve_rig *r) {
    serve_open(r, NULL);
    r->now = INT64_C(1795285800000000); // the evening of the recordings
}

// Each SDK told the same: a person who was a browser first, one order, two answers to none. However they are sent,
// again and again and in any order, there is one person and one order, and the store is the same.
static void every_sdk_tells_of_one_person(void **state) {
    (void)state;
    test_need_data(dir);
    for (size_t k = 0; k < COUNT(folders); k++) {
        rng g = rng_seed(k + 1);
        portrait first = {0};
        for (int turn = 0; turn < 3; turn++) {
            serve_rig r;
            reel *all = calloc(1, sizeof *all);
            char place[4096];
            start(&r);
            snprintf(place, sizeof place, "%s/channels/segment/sdk/%s", dir, folders[k]);
            load(&r, all, place);
            if (turn) rng_shuffle(&g, all->all, all->n, sizeof *all->all);
            for (size_t i = 0; i < all->n; i++) stores(&r, all->all[i].path, all->all[i].body);
            portrait p = portrait_of(&r);
            if (!turn) first = p;
            if (p.sum != first.sum) fail_msg("%s: another order gives another store", folders[k]);
            for (size_t i = 0; i < all->n; i++) stores(&r, all->all[i].path, all->all[i].body); // retried
            p = portrait_of(&r);
            if (p.sum != first.sum || p.events != first.events) fail_msg("%s: a retry changes the store", folders[k]);
            assert_int_equal(waiting(&r), 0);
            assert_int_equal(count_of(&r, Q_summary_count), 1);
            free(all);
            serve_close(&r);
        }
    }
}

// ---- who may send ----

static str basic(serve_rig *r, str text) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    buf b = buf_new(&r->life, 400);
    buf_add(&b, S("Basic "));
    for (size_t i = 0; i < text.len; i += 3) {
        uint32_t v = 0;
        for (size_t k = 0; k < 3; k++) v = v << 8 | (i + k < text.len ? (unsigned char)text.s[i + k] : 0);
        for (size_t k = 0; k < 4; k++) buf_addc(&b, i + k > text.len ? '=' : letters[v >> (18 - 6 * k) & 63]);
    }
    return buf_str(&b);
}

#define PAGE "{\"userId\":\"7\",\"messageId\":\"%s\"%s}"
static void the_key_comes_in_many_forms(void **state) {
    (void)state;
    serve_rig r;
    start(&r);
    str key = key_of(&r, "web", NULL, "web", 0, NULL), other = key_of(&r, "reports", "measures_read", "", 0, NULL);
    str in_body = str_fmt(&r.life, ",\"writeKey\":\"%.*s\"", STR_ARG(key));
    const char *in = str_z(&r.life, in_body);
    const struct {
        const char *path;
        str header, body;
        int status;
    } rows[] = {
        {"/v1/page", basic(&r, str_fmt(&r.life, "%.*s:", STR_ARG(key))), str_fmt(&r.life, PAGE, "1", ""), 200},
        {"/v1/page", basic(&r, key), str_fmt(&r.life, PAGE, "2", ""), 200},
        {"/v1/page", str_fmt(&r.life, "Bearer %.*s", STR_ARG(key)), str_fmt(&r.life, PAGE, "3", ""), 200},
        {"/v1/page", S(""), str_fmt(&r.life, PAGE, "4", in), 200},
        {"/v1/page", S("Bearer eyJhbGciOi"), str_fmt(&r.life, PAGE, "5", in), 200},
        {str_z(&r.life, str_fmt(&r.life, "/v1/page?writeKey=%.*s", STR_ARG(key))), S(""),
         str_fmt(&r.life, PAGE, "6", ""), 200},
        {"/e/", S(""),
         str_fmt(&r.life, "{\"api_key\":\"%.*s\",\"event\":\"x\",\"distinct_id\":\"7\",\"uuid\":\"7\"}", STR_ARG(key)),
         200},
        {"/e/", S(""),
         str_fmt(&r.life,
                 "[{\"event\":\"x\",\"uuid\":\"8\",\"properties\":{\"distinct_id\":\"7\",\"token\":\"%.*s\"}}]",
                 STR_ARG(key)),
         200},
        {"/v1/page", S(""), str_fmt(&r.life, PAGE, "9", ""), 401},
        {"/v1/page", S(""), str_fmt(&r.life, PAGE, "9", ",\"writeKey\":\"wk_wrong\""), 401},
        {"/v1/page", basic(&r, S("wk_wrong:")), str_fmt(&r.life, PAGE, "9", ""), 401},
        {"/v1/page", str_fmt(&r.life, "Bearer %.*s", STR_ARG(other)), str_fmt(&r.life, PAGE, "9", ""), 401},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        pair h = {S("Authorization"), rows[i].header};
        const response *got = serve_send(&r, "POST", rows[i].path, &h, rows[i].header.len > 0, rows[i].body);
        if (got->status != rows[i].status) fail_msg("row %zu: %d %.*s", i, got->status, STR_ARG(got->body));
    }
    assert_int_equal(portrait_of(&r).events, 8);
    serve_close(&r);
}

// ---- what browsers must read ----

static void every_answer_may_be_read_by_the_page_that_asked(void **state) {
    (void)state;
    serve_rig r;
    start(&r);
    str key = key_of(&r, "web", NULL, "web", 0, NULL);
    pair asks[] = {{S("Origin"), S("https://shop.example")},
                   {S("Access-Control-Request-Method"), S("POST")},
                   {S("Access-Control-Request-Headers"), S("authorization,x-retry-count,anonymousid,sentat")}};
    const char *const paths[] = {
        "/v1/t", "/v1/batch", "/e/", "/i/v0/e/", "/flags/", "/sourceConfig/", "/v1/projects/x/settings"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        const response *got = serve_send(&r, "OPTIONS", paths[i], asks, 3, S(""));
        assert_int_equal(got->status, 204);
        assert_str(response_get(got, "access-control-allow-origin"), S("https://shop.example"));
        assert_str(response_get(got, "access-control-allow-headers"),
                   S("authorization,x-retry-count,anonymousid,sentat"));
        assert_str(response_get(got, "vary"), S("Origin"));
        assert_true(response_get(got, "access-control-max-age").len > 0);
    }
    pair from[] = {{S("Origin"), S("https://shop.example")}, {S("Authorization"), basic(&r, key)}};
    const struct {
        const char *path;
        str body;
        size_t headers;
        int status;
    } rows[] = {{"/v1/t", S("{\"userId\":\"7\",\"event\":\"x\"}"), 2, 200},
                {"/v1/t", S("{\"userId\":\"7\",\"event\":\"x\"}"), 1, 401},
                {"/v1/t", S("{"), 2, 400},
                {"/v1/t", S(""), 2, 400},
                {"/e/", S("\x1f\x8b\x08 not gzip"), 2, 400}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const response *got = serve_send(&r, "POST", rows[i].path, from, rows[i].headers, rows[i].body);
        assert_int_equal(got->status, rows[i].status);
        assert_str(response_get(got, "access-control-allow-origin"), S("https://shop.example"));
        assert_str(response_get(got, "vary"), S("Origin"));
        assert_true(str_has(response_get(got, "access-control-expose-headers"), S("Retry-After")));
    }
    serve_close(&r);
}

static void settings_send_everything_to_us(void **state) {
    (void)state;
    serve_rig r;
    start(&r);
    str key = key_of(&r, "web", NULL, "web", 0, NULL);
    char path[300];
    snprintf(path, sizeof path, "/v1/projects/%.*s/settings", STR_ARG(key));
    assert_int_equal(serve_send(&r, "GET", path, NULL, 0, S(""))->status, 200);
    json_t *v = serve_json(&r);
    const json_t *io = json_object_get(json_object_get(v, "integrations"), "Segment.io");
    assert_str(json_at(io, "apiHost"), S("heed.example/v1"));
    assert_str(json_at(io, "protocol"), S("https"));
    assert_str(json_at(io, "apiKey"), key);
    assert_int_equal(json_integer_value(json_find(v, "metrics.sampleRate")), 0);
    json_decref(v);
    snprintf(path, sizeof path, "/sourceConfig/?p=npm&v=3.34.1&build=modern&writeKey=%.*s&lockIntegrationsVersion=true",
             STR_ARG(key));
    assert_int_equal(serve_send(&r, "GET", path, NULL, 0, S(""))->status, 200);
    v = serve_json(&r);
    assert_true(json_is_true(json_find(v, "source.enabled")));
    assert_int_equal(json_array_size(json_find(v, "source.destinations")), 0);
    json_decref(v);
    snprintf(path, sizeof path, "/array/%.*s/config", STR_ARG(key));
    assert_int_equal(serve_send(&r, "GET", path, NULL, 0, S(""))->status, 200);
    snprintf(path, sizeof path, "/array/%.*s/config.js", STR_ARG(key));
    const response *got = serve_send(&r, "GET", path, NULL, 0, S(""));
    assert_int_equal(got->status, 200);
    assert_true(str_starts(response_get(got, "content-type"), S("application/javascript")));
    assert_true(str_has(got->body, S("_POSTHOG_REMOTE_CONFIG")));
    assert_int_equal(serve_send(&r, "GET", "/array/wk_wrong/config", NULL, 0, S(""))->status, 401);
    str body = str_fmt(&r.life, "{\"token\":\"%.*s\",\"distinct_id\":\"7\"}", STR_ARG(key));
    assert_int_equal(serve_send(&r, "POST", "/flags/?v=2", NULL, 0, body)->status, 200);
    assert_int_equal(serve_send(&r, "POST", "/decide/?v=3", NULL, 0, body)->status, 200);
    serve_close(&r);
}

// ---- bodies ----

static str packed(serve_rig *r, str x) {
    char *out = make(&r->life, char, x.len + 1024);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)x.s, .avail_in = (uInt)x.len};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = (Bytef *)out, z.avail_out = (uInt)(x.len + 1024);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    str whole = {out, z.total_out};
    deflateEnd(&z);
    return whole;
}

static void bodies_come_in_many_wrappings(void **state) {
    (void)state;
    serve_rig r;
    start(&r);
    who w = sender();
    str one = S("{\"type\":\"track\",\"event\":\"x\",\"userId\":\"7\",\"messageId\":\"m1\"}");
    const char *const types[] = {"text/plain", "application/x-www-form-urlencoded", "application/json;charset=UTF-8",
                                 ""};
    for (size_t i = 0; i < COUNT(types); i++) {
        pair h = {S("Content-Type"), str_c(types[i])};
        assert_int_equal(serve_ask_as(&r, "POST", "/v1/track", &h, 1, i % 2 ? packed(&r, one) : one, &w)->status, 200);
    }
    // data=BASE64, as older libraries of PostHog send it.
    str base64 = basic(&r, S("{\"event\":\"x\",\"distinct_id\":\"7\",\"uuid\":\"m2\"}"));
    buf form = buf_new(&r.life, 4096);
    buf_add(&form, S("data="));
    url_encode(&form, str_sub(base64, 6, base64.len));
    buf_add(&form, S("&compression=base64"));
    assert_int_equal(serve_ask_as(&r, "POST", "/e/?ip=1&ver=1.0", NULL, 0, buf_str(&form), &w)->status, 200);
    assert_int_equal(serve_ask_as(&r, "POST", "/e/", NULL, 0, S("data=%21%21"), &w)->status, 400);
    assert_int_equal(portrait_of(&r).events, 2);
    // Large bodies, and small ones that unpack to large ones.
    char *large = make(&r.life, char, 5 << 20);
    memset(large, ' ', 5 << 20);
    memcpy(large, "[]", 2);
    assert_int_equal(send_as(&r, "/v1/batch", (str){large, 5 << 20})->status, 413);
    assert_int_equal(send_as(&r, "/v1/batch", packed(&r, (str){large, 5 << 20}))->status, 413);
    assert_int_equal(send_as(&r, "/v1/batch", (str){large, 4 << 20})->status, 200);
    serve_close(&r);
}

static void thousands_of_calls_come_in_one_body(void **state) {
    (void)state;
    serve_rig r;
    start(&r);
    buf b = buf_new(&r.life, 4 << 20);
    buf_add(&b, S("{\"batch\":["));
    for (int i = 0; i < 10000; i++)
        buf_fmt(
            &b,
            "%s{\"type\":\"track\",\"event\":\"x\",\"userId\":\"u%d\",\"messageId\":\"m%d\",\"properties\":{\"n\":%d}}",
            i ? "," : "", i % 100, i, i);
    buf_add(&b, S("]}"));
    stores(&r, "/v1/batch", buf_str(&b));
    assert_int_equal(portrait_of(&r).events, 10000);
    assert_int_equal(count_of(&r, Q_summary_count), 100);
    serve_close(&r);
}

// ---- quarantine ----

static void one_bad_call_loses_no_neighbour(void **state) {
    (void)state;
    serve_rig r;
    start(&r);
    stores(
        &r, "/v1/batch",
        S("{\"batch\":[{\"type\":\"track\",\"event\":\"x\",\"userId\":\"7\",\"messageId\":\"a\"},{\"type\":\"track\","
          "\"userId\":\"7\"},17,"
          "{\"type\":\"page\"},{\"type\":\"page\",\"userId\":\"7\",\"messageId\":\"b\",\"timestamp\":\"never\"},"
          "{\"type\":\"page\",\"userId\":\"7\",\"messageId\":\"c\"}],\"writeKey\":\"wk_secret\"}"));
    assert_int_equal(portrait_of(&r).events, 2);
    assert_int_equal(waiting(&r), 4);
    err e = {0};
    store *s = reader(&r);
    int64_t line = 5;
    const char *const fields[] = {"timestamp", "userId", "call", "event"};
    int n = 0;
    for (row q = store_query(s, Q_quarantine_list, &e, "iii", INT64_C(0), INT64_MAX, INT64_C(10)); row_next(&q); n++) {
        assert_str(row_str(&q, 2), S("/v1/batch"));
        assert_int_equal(row_int(&q, 3), line--);
        assert_str(row_str(&q, 4), str_c(fields[n]));
        assert_true(row_str(&q, 5).len > 0);
        assert_false(str_has(row_str(&q, 7), S("wk_secret")));
    }
    server_reader_give(r.sv, s);
    assert_int_equal(n, 4);
    stores(&r, "/v1/batch", S("17"));
    stores(&r, "/v1/batch", S("{\"batch\":[]}"));
    assert_int_equal(waiting(&r), 5);
    serve_close(&r);
}

// ---- back-pressure ----

// A piece of work that holds the writer until it is told to go on.
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool began, go;
} gate;

static bool hold(void *ctx, desk *d, err *e) {
    gate *g = ctx;
    (void)d, (void)e;
    pthread_mutex_lock(&g->lock);
    g->began = true;
    pthread_cond_broadcast(&g->moved);
    while (!g->go) pthread_cond_wait(&g->moved, &g->lock);
    pthread_mutex_unlock(&g->lock);
    return true;
}

typedef struct {
    exchange x;
    bool done;
    gate *g;
} post;

static void answered(exchange *x) {
    post *p = x->ctx;
    pthread_mutex_lock(&p->g->lock);
    p->done = true;
    pthread_cond_broadcast(&p->g->moved);
    pthread_mutex_unlock(&p->g->lock);
}

static void post_page(serve_rig *r, post *p, gate *g, int i, str header) {
    *p = (post){.g = g};
    p->x.a = arena_open((size_t)1 << 26);
    p->x.done = answered, p->x.ctx = p;
    pair *h = make(&p->x.a, pair, 1);
    *h = (pair){S("Authorization"), header};
    p->x.q = (request){
        .method = METHOD_POST,
        .path = S("/v1/page"),
        .headers = h,
        .n_headers = 1,
        .body = str_fmt(&p->x.a, "{\"userId\":\"7\",\"messageId\":\"m%d\",\"properties\":{\"a\":\"%0900d\"}}", i, i)};
    p->x.q.length = (int64_t)p->x.q.body.len;
    server_find(r->sv, &p->x);
    server_handle(r->sv, &p->x);
}

// When the line is full the sender is told when to come back; nothing that was taken is lost, nothing that was refused
// is stored, and what is sent again goes in.
static void a_full_line_sends_back_and_loses_nothing(void **state) {
    (void)state;
    enum { POSTS = 40 };
    serve_rig r;
    err e = {0};
    start(&r);
    server_close(r.sv);
    server_opts o = {.where = r.where, .w = &r.w, .queue_bytes = 64 << 10};
    o.log.least = LOG_ERROR;
    assert_ok(server_open(&r.sv, o, &e), e);
    str header = basic(&r, key_of(&r, "web", NULL, "web", 0, NULL));
    gate g = {.began = false};
    pthread_mutex_init(&g.lock, NULL);
    pthread_cond_init(&g.moved, NULL);
    assert_ok(writer_post(server_writer(r.sv), 1, hold, NULL, &g, &e), e);
    pthread_mutex_lock(&g.lock);
    while (!g.began) pthread_cond_wait(&g.moved, &g.lock);
    pthread_mutex_unlock(&g.lock);
    post *posts = calloc(POSTS, sizeof *posts);
    int refused = 0;
    for (int i = 0; i < POSTS; i++) post_page(&r, &posts[i], &g, i, header);
    pthread_mutex_lock(&g.lock);
    for (int i = 0; i < POSTS; i++) {
        if (!posts[i].done) continue; // it waits for the writer
        refused++;
        assert_int_equal(posts[i].x.r.status, 429);
        assert_true(response_get(&posts[i].x.r, "retry-after").len > 0);
        assert_true(response_get(&posts[i].x.r, "x-ratelimit-reset").len > 0);
        assert_str(response_get(&posts[i].x.r, "vary"), S("Origin"));
    }
    g.go = true;
    pthread_cond_broadcast(&g.moved);
    for (int i = 0; i < POSTS; i++)
        while (!posts[i].done) pthread_cond_wait(&g.moved, &g.lock);
    pthread_mutex_unlock(&g.lock);
    assert_true(refused > 0 && refused < POSTS);
    assert_int_equal(portrait_of(&r).events, POSTS - refused);
    for (int i = 0; i < POSTS; i++) {
        int status = posts[i].x.r.status;
        if (status == 429) {
            arena_close(&posts[i].x.a);
            post_page(&r, &posts[i], &g, i, header);
            pthread_mutex_lock(&g.lock);
            while (!posts[i].done) pthread_cond_wait(&g.moved, &g.lock);
            pthread_mutex_unlock(&g.lock);
        }
        assert_int_equal(posts[i].x.r.status, 200);
        arena_close(&posts[i].x.a);
    }
    assert_int_equal(portrait_of(&r).events, POSTS);
    free(posts);
    pthread_mutex_destroy(&g.lock);
    pthread_cond_destroy(&g.moved);
    serve_close(&r);
}

static void a_key_that_asks_too_often_is_told_when(void **state) {
    (void)state;
    serve_rig r;
    start(&r);
    str key = key_of(&r, "web", NULL, "web", 3, NULL);
    pair from[] = {{S("Origin"), S("https://shop.example")}, {S("Authorization"), basic(&r, key)}};
    for (int i = 0; i < 4; i++) {
        const response *got = serve_send(&r, "POST", "/v1/page", from, 2,
                                         str_fmt(&r.life, "{\"userId\":\"7\",\"messageId\":\"m%d\"}", i));
        assert_int_equal(got->status, i < 3 ? 200 : 429);
        if (i < 3) continue;
        int64_t seconds;
        assert_true(str_i64(response_get(got, "retry-after"), &seconds) && seconds > 0 && seconds <= 60);
        assert_str(response_get(got, "x-ratelimit-reset"), response_get(got, "retry-after"));
        assert_str(response_get(got, "access-control-allow-origin"), S("https://shop.example"));
    }
    assert_int_equal(portrait_of(&r).events, 3);
    serve_close(&r);
}

// ---- who is who ----

static void aliases_and_browsers_are_one_person(void **state) {
    (void)state;
    serve_rig r;
    start(&r);
    // A browser, then its owner; an older number of theirs; another owner of the same browser is somebody else.
    stores(&r, "/v1/p", S("{\"anonymousId\":\"b1\",\"messageId\":\"1\"}"));
    stores(&r, "/v1/t",
           S("{\"userId\":\"old\",\"event\":\"Order Completed\",\"messageId\":\"2\",\"properties\":{\"total\":5}}"));
    stores(&r, "/v1/i",
           S("{\"userId\":\"new\",\"anonymousId\":\"b1\",\"messageId\":\"3\",\"traits\":{\"name\":\"Ann\"}}"));
    stores(&r, "/v1/t", S("{\"userId\":\"new\",\"event\":\"x\",\"messageId\":\"4\"}"));
    serve_settle(&r);
    assert_int_equal(count_of(&r, Q_summary_count), 2);
    stores(&r, "/v1/a", S("{\"userId\":\"new\",\"previousId\":\"old\",\"messageId\":\"5\"}"));
    serve_settle(&r);
    assert_int_equal(count_of(&r, Q_summary_count), 1);
    stores(&r, "/v1/i", S("{\"userId\":\"third\",\"anonymousId\":\"b1\",\"messageId\":\"6\"}"));
    stores(&r, "/v1/t", S("{\"userId\":\"third\",\"event\":\"x\",\"messageId\":\"7\"}"));
    serve_settle(&r);
    assert_int_equal(count_of(&r, Q_summary_count), 2);
    // Names join nobody.
    stores(&r, "/v1/i", S("{\"userId\":\"fourth\",\"messageId\":\"8\",\"traits\":{\"name\":\"Ann\"}}"));
    stores(&r, "/v1/t", S("{\"userId\":\"fourth\",\"event\":\"x\",\"messageId\":\"9\"}"));
    serve_settle(&r);
    assert_int_equal(count_of(&r, Q_summary_count), 3);
    serve_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sdk_tells_of_one_person),
        cmocka_unit_test(the_key_comes_in_many_forms),
        cmocka_unit_test(every_answer_may_be_read_by_the_page_that_asked),
        cmocka_unit_test(settings_send_everything_to_us),
        cmocka_unit_test(bodies_come_in_many_wrappings),
        cmocka_unit_test(thousands_of_calls_come_in_one_body),
        cmocka_unit_test(one_bad_call_loses_no_neighbour),
        cmocka_unit_test(a_full_line_sends_back_and_loses_nothing),
        cmocka_unit_test(a_key_that_asks_too_often_is_told_when),
        cmocka_unit_test(aliases_and_browsers_are_one_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
